"""Conversation, contact, message, effect and their values: every check, frozen all through, and redacted."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from chatcore.entities import (
    Address,
    AtMostOnce,
    Attachment,
    BillingCapabilities,
    Block,
    Bonus,
    ChannelCapabilities,
    Contact,
    ContractsCapabilities,
    Customer,
    Details,
    Edit,
    Evidence,
    Extras,
    Found,
    IssuedBoleto,
    IssuedInvoice,
    KeptStatus,
    LooksUpByKey,
    Media,
    MediaCapability,
    MediaPointer,
    Origin,
    Reaction,
    RepeatsByKey,
    ReportsByKey,
    Robot,
    Scope,
    Talk,
)
from chatcore.entities.capabilities import MEDIA
from chatcore.entities.effect import INNER, PORT_OF, REPEATABLE
from chatcore.entities.scope import EVERYTHING, NOTHING
from chatcore.errors import InvalidValue
from chatcore.limits import CUSTOMERS, ID_LENGTH, LONGEST_WINDOW, NAME_LENGTH
from chatcore.vocabulary import (
    BoletoForm,
    BonusKind,
    CustomerKey,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    MessageKind,
    PortKind,
    Private,
    Situation,
    Trigger,
)
from tests.given import (
    ADDRESS,
    ANA,
    ASKED,
    NOW,
    REPEATS,
    ROBO,
    action,
    billing_offers,
    blocked_contact,
    boleto,
    capabilities,
    contact,
    contract,
    contracts_offers,
    conversation,
    effect,
    inbound,
    invoice,
    keeper,
    kept,
    outbound,
)

NAIVE = datetime(2026, 3, 10, 12, 0)
ELSEWHERE = NOW.astimezone(timezone(timedelta(hours=-3)))


def problems(make: Callable[..., Any], /, *args: Any, **values: Any) -> list[tuple[str, str]]:
    """The paths and codes a construction is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def cases(make: Callable[..., Any], *rows: tuple[dict[str, Any], list[tuple[str, str]]]) -> list[Any]:
    names = ["-".join(f"{k}={v!r}"[:40] for k, v in values.items()) for values, _ in rows]
    return [pytest.param(make, *row, id=name) for name, row in zip(names, rows, strict=True)]


FILE = Attachment(key="f1", mime="image/jpeg", size=10, sha256="0" * 64)
POINTER = MediaPointer(reference="m1")


def images(**changes: Any) -> MediaCapability:
    """Images as WhatsApp carries them."""
    values: dict[str, Any] = {"kind": MessageKind.IMAGE, "types": ("image/jpeg", "image/png"), "max_bytes": 5}
    return MediaCapability(**{**values, **changes})


IMAGES = images()
CLOSED, OPEN, QUEUE = Situation.CLOSED, Situation.OPEN, Situation.QUEUE

CONVERSATIONS = cases(
    conversation,
    ({"id": "ct_1"}, [("id", "not_a_conversation")]),
    ({"id": "cv_1.1"}, [("id", "not_a_conversation")]),
    ({"id": None}, [("id", "not_a_conversation")]),
    ({"version": 0}, [("version", "not_positive")]),
    ({"version": True}, [("version", "not_positive")]),
    ({"situation": OPEN, "assignee": None}, [("assignee", "open_means_assignee")]),
    ({"situation": QUEUE, "assignee": "ana"}, [("assignee", "open_means_assignee")]),
    ({"situation": Situation.BOT, "assignee": "ana"}, [("assignee", "open_means_assignee")]),
    ({"situation": CLOSED, "reason": None}, [("reason", "closed_means_reason")]),
    ({"situation": CLOSED, "closed_by": None}, [("reason", "closed_means_reason")]),
    ({"situation": CLOSED, "closed_at": None}, [("reason", "closed_means_reason")]),
    (
        {"situation": CLOSED, "assignee": "ana", "reason": None},
        [("assignee", "open_means_assignee"), ("reason", "closed_means_reason")],
    ),
    ({"origin": None}, [("origin", "not_an_origin")]),
    ({"talk": None}, [("talk", "not_a_talk")]),
    ({"contact": "cv_1"}, [("contact", "not_a_contact")]),
    ({"contact": None}, [("contact", "not_a_contact")]),
    ({"channel": ""}, [("channel", "not_an_id")]),
    ({"address": "5511987654321"}, [("address", "not_private")]),
    ({"seq": -1}, [("seq", "negative")]),
    ({"seq": 1.0}, [("seq", "negative")]),
    ({"unread": -1}, [("unread", "negative")]),
    ({"transfers": -1}, [("transfers", "negative")]),
    ({"protocol": ""}, [("protocol", "empty")]),
    ({"recorded_at": NAIVE}, [("recorded_at", "not_utc")]),
    ({"recorded_at": None}, [("recorded_at", "not_utc")]),
    ({"started_at": ELSEWHERE}, [("started_at", "not_utc")]),
    ({"opened_at": NAIVE}, [("opened_at", "not_utc")]),
    ({"queued_at": NAIVE}, [("queued_at", "not_utc")]),
    ({"taken_at": NAIVE}, [("taken_at", "not_utc")]),
    ({"closed_at": NAIVE}, [("closed_at", "not_utc")]),
    ({"waiting_since": NAIVE}, [("waiting_since", "not_utc")]),
    ({"window_until": ELSEWHERE}, [("window_until", "not_utc")]),
    ({"details": None}, [("details", "not_details")]),
    ({"robot": None}, [("robot", "not_a_robot")]),
    ({"heard": -1}, [("heard", "not_a_message")]),
    ({"heard": 2}, [("heard", "not_a_message")]),
    ({"heard": None}, [("heard", "not_a_message")]),
    ({"tags": ["vip"]}, [("tags", "not_tags")]),
    ({"tags": ("vip", "vip")}, [("tags", "not_tags")]),
    ({"tags": (5,)}, [("tags", "not_tags")]),
    ({"tags": None}, [("tags", "not_tags")]),
    ({"fields": {"plan": Private("x")}}, [("fields", "not_values")]),
    ({"fields": (Private("x"),)}, [("fields", "not_values")]),
    ({"contract": ""}, [("contract", "not_an_id")]),
    ({"contract": 5}, [("contract", "not_an_id")]),
    ({"contract": "x" * (ID_LENGTH + 1)}, [("contract", "too_long")]),
)

MAYBE = (Customer(id="c1", name=Private("Maria")), Customer(id="c2", name=Private("Maria")))
"""Whom a contact may be."""

ROBOTS = cases(
    Robot,
    ({"said": ["greeting"]}, [("said", "not_triggers")]),
    ({"said": ("greeting",)}, [("said", "not_triggers")]),
    ({"said": Trigger.GREETING}, [("said", "not_triggers")]),
    ({"quiet_until": NAIVE}, [("quiet_until", "not_utc")]),
    ({"quiet_until": ELSEWHERE}, [("quiet_until", "not_utc")]),
    ({"turns": -1}, [("turns", "negative")]),
    ({"turns": True}, [("turns", "negative")]),
    (
        {"said": None, "quiet_until": 5, "turns": None},
        [("said", "not_triggers"), ("quiet_until", "not_utc"), ("turns", "negative")],
    ),
)

EXTRAS = cases(
    Extras,
    ({"media": POINTER}, [("media", "not_media")]),
    ({"parameters": [Private("x")]}, [("parameters", "not_parameters")]),
    ({"parameters": ("x",)}, [("parameters", "not_parameters")]),
    ({"reactions": (Private("👍"),)}, [("reactions", "not_reactions")]),
    ({"edits": (Private("x"),)}, [("edits", "not_edits")]),
    ({"revoked_at": NAIVE}, [("revoked_at", "not_utc")]),
    (
        {"media": 5, "parameters": 5, "reactions": 5, "edits": 5, "revoked_at": 5},
        [
            ("media", "not_media"),
            ("parameters", "not_parameters"),
            ("reactions", "not_reactions"),
            ("edits", "not_edits"),
            ("revoked_at", "not_utc"),
        ],
    ),
)

CONTACTS = cases(
    contact,
    ({"id": "cv_1"}, [("id", "not_a_contact")]),
    ({"id": 5}, [("id", "not_a_contact")]),
    ({"version": 0}, [("version", "not_positive")]),
    ({"recorded_at": NAIVE}, [("recorded_at", "not_utc")]),
    ({"addresses": [ADDRESS]}, [("addresses", "not_addresses")]),
    ({"addresses": ("5511",)}, [("addresses", "not_addresses")]),
    ({"addresses": (ADDRESS, Address("key-1", Private("x")))}, [("addresses", "repeated")]),
    ({"name": "Maria"}, [("name", "not_private")]),
    ({"name": Private("")}, [("name", "wrong_length")]),
    ({"name": Private("x" * (NAME_LENGTH + 1))}, [("name", "wrong_length")]),
    ({"blocked": True}, [("blocked", "not_a_block")]),
    ({"refused": -1}, [("refused", "negative")]),
    ({"refused": None}, [("refused", "negative")]),
    ({"customer": ""}, [("customer", "not_an_id")]),
    ({"customer": "x" * (ID_LENGTH + 1)}, [("customer", "too_long")]),
    ({"fields": {"plan": Private("x")}}, [("fields", "not_values")]),
    ({"fields": ("plan",)}, [("fields", "not_values")]),
    ({"opted_out": 1}, [("opted_out", "not_a_bool")]),
    ({"merged": ["ct_2"]}, [("merged", "not_contacts")]),
    ({"merged": (5,)}, [("merged", "not_contacts")]),
    ({"merged_into": "ct_2"}, [("merged_into", "merged_means_no_address")]),
    ({"merged_into": "", "addresses": ()}, [("merged_into", "merged_means_no_address")]),
    ({"suggestions": list(MAYBE)}, [("suggestions", "not_customers")]),
    ({"suggestions": ("c1",)}, [("suggestions", "not_customers")]),
    ({"suggestions": None}, [("suggestions", "not_customers")]),
    ({"suggestions": MAYBE, "customer": "c1"}, [("suggestions", "not_customers")]),
    ({"silent_on": ("wa",)}, [("silent_on", "not_channels")]),
    ({"silent_on": ["wa"], "merged_into": "ct_2", "addresses": ()}, [("silent_on", "not_channels")]),
    ({"silent_on": (5,), "merged_into": "ct_2", "addresses": ()}, [("silent_on", "not_channels")]),
)

MESSAGES = cases(
    outbound,
    ({"seq": 0}, [("seq", "not_positive")]),
    ({"seq": True}, [("seq", "not_positive")]),
    ({"seq": 2}, [("id", "not_this_message")]),
    ({"id": "cv_2.1"}, [("id", "not_this_message")]),
    ({"version": 0}, [("version", "not_positive")]),
    ({"body": "oi"}, [("body", "not_private")]),
    ({"reached": DeliveryStatus.FAILED}, [("reached", "not_a_rank")]),
    ({"reached": DeliveryStatus.UNCONFIRMED}, [("reached", "not_a_rank")]),
    ({"author": None}, [("author", "outbound_means_author")]),
    ({"direction": Direction.INBOUND}, [("author", "outbound_means_author")]),
    ({"recorded_at": NAIVE}, [("recorded_at", "not_utc")]),
    ({"sent_at": NAIVE}, [("sent_at", "not_utc")]),
    ({"extras": None}, [("extras", "not_extras")]),
    ({"direction": Direction.INTERNAL, "author": None}, [("author", "outbound_means_author")]),
)

EFFECTS = cases(
    effect,
    ({"id": "cv_1"}, [("id", "not_an_effect")]),
    ({"version": 0}, [("version", "not_positive")]),
    ({"state": "intended"}, [("state", "not_a_state")]),
    ({"state": EffectState.IN_FLIGHT, "lease_until": None}, [("lease_until", "in_flight_means_lease")]),
    ({"lease_until": NOW}, [("lease_until", "in_flight_means_lease")]),
    ({"attempts": -1}, [("attempts", "negative")]),
    ({"message": None}, [("message", "send_means_message")]),
    ({"kind": "send_message"}, [("kind", "not_a_kind")]),
    ({"kind": None}, [("kind", "not_a_kind")]),
    ({"kind": EffectKind.FETCH_MEDIA, "message": None}, [("message", "send_means_message")]),
    ({"kind": EffectKind.KEEP_STATUS}, [("message", "send_means_message")]),
    ({"channel": None}, [("channel", "messaging_means_channel")]),
    *(
        ({"kind": kind, "message": None, "demand": ASKED.get(kind)}, [("channel", "messaging_means_channel")])
        for kind in sorted(EffectKind)
        if PORT_OF.get(kind) is not PortKind.MESSAGING
    ),
    (
        {"kind": EffectKind.RELEASE_AGENT},
        [("message", "send_means_message"), ("channel", "messaging_means_channel")],
    ),
    *(
        ({"kind": kind, "message": None, "channel": None, "demand": demand}, [("demand", "not_its_demand")])
        for kind in ASKED
        for demand in (None, "b1", *(ASKED[other] for other in ASKED if other is not kind))
    ),
    *(({"demand": demand}, [("demand", "not_its_demand")]) for demand in ASKED.values()),
    ({"recorded_at": NAIVE}, [("recorded_at", "not_utc")]),
    ({"expires_at": NAIVE}, [("expires_at", "not_utc")]),
    ({"due_at": NAIVE}, [("due_at", "not_utc")]),
    ({"state": EffectState.IN_FLIGHT, "lease_until": NAIVE}, [("lease_until", "not_utc")]),
    ({"dispatched_at": NAIVE}, [("dispatched_at", "not_utc")]),
    ({"doubted_at": NAIVE}, [("doubted_at", "not_utc")]),
)

CAPABILITIES = cases(
    capabilities,
    ({"text_limit": 0}, [("text_limit", "not_positive")]),
    ({"text_limit": 1.5}, [("text_limit", "not_positive")]),
    ({"window": timedelta(0)}, [("window", "not_positive")]),
    ({"window": 24}, [("window", "not_positive")]),
    ({"nature": "reports"}, [("nature", "not_a_nature")]),
    ({"nature": ReportsByKey}, [("nature", "not_a_nature")]),
    ({"window": LONGEST_WINDOW + timedelta(1)}, [("window", "too_long")]),
    ({"caption_limit": 0}, [("caption_limit", "not_positive")]),
    ({"outside_window": [MessageKind.TEMPLATE]}, [("outside_window", "not_kinds")]),
    ({"outside_window": ("template",)}, [("outside_window", "not_kinds")]),
    ({"media": [IMAGES]}, [("media", "not_media")]),
    ({"media": (MessageKind.IMAGE,)}, [("media", "not_media")]),
    ({"templates": 1}, [("templates", "not_a_bool")]),
    ({"reports": ("sent",)}, [("reports", "not_statuses")]),
    ({"reports": None}, [("reports", "not_statuses")]),
)

MEDIA_CAPABILITIES = cases(
    images,
    *(({"kind": kind}, [("kind", "not_a_kind")]) for kind in MessageKind if kind not in MEDIA),
    ({"kind": "image"}, [("kind", "not_a_kind")]),
    ({"types": ()}, [("types", "not_a_tuple")]),
    ({"types": ["image/jpeg"]}, [("types", "not_a_tuple")]),
    ({"types": (5,)}, [("types", "not_a_tuple")]),
    ({"max_bytes": 0}, [("max_bytes", "not_positive")]),
    ({"max_bytes": True}, [("max_bytes", "not_positive")]),
    ({"captions": None}, [("captions", "not_a_bool")]),
    (
        {"kind": None, "types": None, "max_bytes": None, "captions": 1},
        [
            ("kind", "not_a_kind"),
            ("types", "not_a_tuple"),
            ("max_bytes", "not_positive"),
            ("captions", "not_a_bool"),
        ],
    ),
)

CONTRACTS_CAPABILITIES = cases(
    contracts_offers,
    ({"finds_by": ["phone"]}, [("finds_by", "not_keys")]),
    ({"finds_by": ("phone",)}, [("finds_by", "not_keys")]),
    ({"orders": "once"}, [("orders", "not_a_nature")]),
    ({"orders": ReportsByKey}, [("orders", "not_a_nature")]),
    ({"transcripts": 1}, [("transcripts", "not_a_bool")]),
    (
        {"finds_by": None, "orders": 5, "transcripts": None},
        [("orders", "not_a_nature"), ("transcripts", "not_a_bool"), ("finds_by", "not_keys")],
    ),
)

BILLING_CAPABILITIES = cases(
    billing_offers,
    ({"boletos": BoletoForm.PIX}, [("boletos", "not_forms")]),
    ({"boletos": ("pix",)}, [("boletos", "not_forms")]),
    ({"invoices": "yes"}, [("invoices", "not_a_bool")]),
    ({"bonus": "once"}, [("bonus", "not_a_nature")]),
    ({"bonus_kinds": ("days",)}, [("bonus_kinds", "not_kinds")]),
    ({"bonus_kinds": [BonusKind.DAYS]}, [("bonus_kinds", "not_kinds")]),
    (
        {"boletos": None, "invoices": 1, "bonus": 5, "bonus_kinds": None},
        [
            ("bonus", "not_a_nature"),
            ("invoices", "not_a_bool"),
            ("boletos", "not_forms"),
            ("bonus_kinds", "not_kinds"),
        ],
    ),
)

NATURES = [
    *cases(
        RepeatsByKey, *(({"retention": v}, [("retention", "not_a_span")]) for v in (-timedelta(1), 5, None))
    ),
    *cases(LooksUpByKey, *(({"horizon": v}, [("horizon", "not_a_span")]) for v in (-timedelta(1), 5, None))),
]


@pytest.mark.parametrize(
    ("make", "values", "expected"),
    [
        *CONVERSATIONS,
        *ROBOTS,
        *CONTACTS,
        *MESSAGES,
        *EXTRAS,
        *EFFECTS,
        *CAPABILITIES,
        *MEDIA_CAPABILITIES,
        *CONTRACTS_CAPABILITIES,
        *BILLING_CAPABILITIES,
        *NATURES,
    ],
)
def test_each_misfit_is_refused_at_its_path(
    make: Callable[..., Any], values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """Rule: L1, L2, C5, C9, L14, L20, L23 (conversation), M10, M11, S20 (contact), M2, M4, M9, M17, M18
    (message), L12 (moments), M5, M6, B2, B4, B7, B8, B12 (capabilities), B2, S5 (who, and which contract), B11
    (what an effect asks).
    """
    assert problems(make, **values) == expected


def test_all_misfits_are_told_at_once() -> None:
    """One error names every bad field of a thing."""

    def paths(make: Callable[..., Any], **values: Any) -> set[str]:
        return {path for path, _ in problems(make, **values)}

    here = {"id": "x", "version": 0, "recorded_at": NAIVE}
    names = {*here}
    assert paths(contact, **here, refused=-1, name="x", blocked=5) == names | {"refused", "name", "blocked"}
    assert paths(conversation, **here, origin=None, talk=5, transfers=-1, closed_at=NAIVE) == names | {
        "origin",
        "talk",
        "transfers",
        "closed_at",
    }
    assert paths(Talk, address="x", seq=-1, unread=-1, window_until=NAIVE) == {
        "address",
        "seq",
        "unread",
        "window_until",
    }
    assert paths(Origin, contact="x", channel="", protocol="", started_at=NAIVE) == {
        "contact",
        "channel",
        "protocol",
        "started_at",
    }
    assert paths(effect, **here, state=None, attempts=-1, message=None, due_at=NAIVE) == names | {
        "state",
        "attempts",
        "message",
        "due_at",
    }
    assert paths(outbound, **here, body="x", author=None, sent_at=NAIVE) == names | {
        "body",
        "author",
        "sent_at",
    }
    wrong: dict[str, Any] = dict.fromkeys(f.name for f in attrs.fields(ChannelCapabilities))
    assert paths(ChannelCapabilities, **{**wrong, "window": 0}) == {*wrong}
    assert paths(Details, tags=5, fields=5, contract=5) == {"tags", "fields", "contract"}
    more = {"customer": "", "fields": 5, "opted_out": None, "merged": 5, "merged_into": 5, "suggestions": 5}
    assert paths(contact, **here, **more, addresses=5) == names | {*more, "addresses"}


@pytest.mark.parametrize("situation", ["queue", None, 5, EffectState.INTENDED])
def test_a_situation_is_one_of_the_four(situation: Any) -> None:
    """Its bare name is not one. Rule: S1."""
    assert problems(attrs.evolve, conversation(), situation=situation) == [("situation", "not_a_situation")]


@pytest.mark.parametrize("situation", Situation)
def test_every_situation_has_a_valid_conversation(situation: Situation) -> None:
    """Rule: L1, L2."""
    made = conversation(situation)
    assert made.situation is situation
    assert (made.assignee is not None) is (situation is OPEN)


@pytest.mark.parametrize("state", EffectState)
def test_every_state_has_a_valid_effect(state: EffectState) -> None:
    """An effect has a lease exactly while it is IN_FLIGHT."""
    assert (effect(state).lease_until is not None) is (state is EffectState.IN_FLIGHT)


# --- wrong types never raise anything else -------------------------------------------------------------------

HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, set(), (), (None,), object())
FULL = Extras(
    media=Media(pointer=POINTER, attachment=FILE),
    template="late",
    parameters=(Private("Maria"),),
    reply_to="cv_1.7",
    reactions=(Reaction(Direction.INBOUND, Private("👍"), NOW),),
    edits=(Edit(NOW, Private("Oi!")),),
    revoked_at=NOW,
    customer="c1",
)
THINGS = (
    conversation(),
    conversation(CLOSED),
    conversation().origin,
    conversation().talk,
    Details(tags=("vip",), fields=(("plan", Private("500")),), contract="k1"),
    Robot(said=(Trigger.GREETING,), quiet_until=NOW, turns=2, moved_at=NOW),
    FULL,
    contact(
        customer="c1", fields=(("plan", Private("500")),), opted_out=True, merged=("ct_7",), name=Private("Eva")
    ),
    contact(addresses=(), merged_into="ct_2", silent_on=("wa",)),
    inbound(extras=FULL),
    outbound(extras=FULL),
    effect(kind=EffectKind.RELEASE_AGENT, agent="davi", channel=None, message=None),
    IMAGES,
    capabilities(media=(IMAGES,), templates=True, reports=tuple(DeliveryStatus)[1:5]),
    contact(name=Private("Maria")),
    blocked_contact(),
    inbound(),
    outbound(),
    effect(),
    keeper(kept(DeliveryStatus.SENT)),
    capabilities(),
    contact(suggestions=MAYBE),
    *(action(kind, EffectState.REVIEW, guarded=False) for kind in ASKED),
    *ASKED.values(),
    *MAYBE,
    Found(MAYBE),
    contract(plan="500 Mega", link="https://erp.example/c/1"),
    boleto(),
    invoice(series="1", access_key="1"),
    IssuedBoleto(boleto(), FILE),
    IssuedInvoice(invoice(), FILE),
    Bonus.amount("20"),
    Bonus.percent("12.5"),
    Bonus.days(5),
    contracts_offers(),
    billing_offers(),
)


@pytest.mark.parametrize("thing", THINGS, ids=lambda t: type(t).__name__)
def test_values_of_wrong_types_meet_one_error_only(thing: Any) -> None:
    """Whatever stands in a field, the only error is InvalidValue."""
    for field in attrs.fields(type(thing)):
        for hostile in HOSTILE:
            with contextlib.suppress(InvalidValue):
                attrs.evolve(thing, **{field.name: hostile})


# --- frozen, hashed, redacted --------------------------------------------------------------------------------

VALUES = (
    ADDRESS,
    Block(ANA, NOW, "spam"),
    Evidence(NOW, "done"),
    Evidence(NOW, "done", "r", Private("Está no extrato"), ANA),
    kept(DeliveryStatus.READ),
    RepeatsByKey(timedelta(1)),
    LooksUpByKey(timedelta(1)),
    ReportsByKey(),
    AtMostOnce(),
    Scope(assignee="ana"),
    Edit(NOW, Private("x")),
    Reaction(Direction.OUTBOUND, Private("👍"), NOW),
    Reaction(Direction.INBOUND, None, NOW),
)


@pytest.mark.parametrize("thing", [*THINGS, *VALUES], ids=lambda t: type(t).__name__)
def test_things_are_values(thing: Any) -> None:
    """Frozen, slotted, hashable, equal to their like, and they pickle."""
    assert not hasattr(thing, "__dict__")
    for field in attrs.fields(type(thing)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, field.name, None)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(thing, field.name)
    with pytest.raises((AttributeError, TypeError)):
        thing.novelty = 1
    twin = pickle.loads(pickle.dumps(thing))
    assert twin == thing
    assert hash(twin) == hash(thing)


PERSONAL = ("11987654321", "Maria", "meu CPF", "segredo")


@pytest.mark.parametrize(
    "thing",
    [
        conversation(),
        contact(name=Private("Maria"), addresses=(Address("k", Private("+5511987654321")),)),
        inbound(body=Private("meu CPF é 123"), raw=Private("segredo")),
        outbound(body=Private("segredo")),
        contact(name=Private("x"), customer="segredo", fields=(("plan", Private("segredo")),)),
        conversation(fields=(("plan", Private("segredo")),)),
        contact(name=Private("x"), blocked=Block(ANA, NOW, "segredo")),
        contact(suggestions=(Customer(id="segredo", name=Private("Maria"), document=Private("segredo")),)),
        Found((Customer(id="segredo", name=Private("Maria"), document=Private("segredo")),)),
        contract(customer="segredo", link="https://erp.example/segredo"),
        IssuedBoleto(boleto(customer="segredo", line="segredo", pix=Private("segredo"))),
        IssuedInvoice(invoice(customer="segredo", access_key="segredo"), attrs.evolve(FILE, name="Maria.jpg")),
        Evidence(NOW, "reviewed:applied", None, Private("segredo"), ANA),
        *(
            action(kind, demand=attrs.evolve(ASKED[kind], customer="segredo", **said))
            for kind, said in (
                (EffectKind.ISSUE_BOLETO, {}),
                (EffectKind.ISSUE_INVOICE, {}),
                (EffectKind.GRANT_BONUS, {"justification": Private("segredo")}),
                (EffectKind.OPEN_ORDER, {"subject": Private("segredo"), "description": Private("Maria")}),
            )
        ),
        inbound(
            extras=Extras(
                media=Media(pointer=MediaPointer(reference="segredo", name="Maria.jpg")),
                edits=(Edit(NOW, Private("segredo")),),
                reactions=(Reaction(Direction.INBOUND, Private("segredo"), NOW),),
            )
        ),
        outbound(
            extras=Extras(
                media=Media(attachment=attrs.evolve(FILE, key="segredo", name="Maria.jpg")),
                parameters=(Private("Maria"),),
                customer="segredo",
            )
        ),
    ],
    ids=lambda t: type(t).__name__,
)
def test_personal_data_does_not_print(thing: Any) -> None:
    """Phones, names and bodies show as ``<redacted>``."""
    shown = repr(thing)
    assert "<redacted>" in shown
    assert not [word for word in PERSONAL if word in shown]


WAMID = "wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjA2QjdGRjQ2AA=="


@pytest.mark.parametrize(
    "thing",
    [
        inbound(provider_id=WAMID),
        outbound(provider_id=WAMID),
        effect(reference=WAMID),
        Evidence(NOW, "done", WAMID),
    ],
    ids=["inbound", "outbound", "effect", "evidence"],
)
def test_a_providers_id_does_not_print(thing: Any) -> None:
    """WhatsApp's message ids hold the customer's number in base64, so they are as personal as the number."""
    assert WAMID not in repr(thing)


# --- the message's status ------------------------------------------------------------------------------------

S = DeliveryStatus
STATUSES = [
    # reached, failure, not_sent, unconfirmed -> shown
    (S.PENDING, None, None, False, S.PENDING),
    (S.SENT, None, None, False, S.SENT),
    (S.DELIVERED, None, None, False, S.DELIVERED),
    (S.READ, None, None, False, S.READ),
    (S.PLAYED, None, None, False, S.PLAYED),
    (S.PENDING, "131026", None, False, S.FAILED),
    (S.SENT, "131026", None, False, S.FAILED),
    (S.DELIVERED, "131026", None, False, S.DELIVERED),
    (S.READ, "131026", None, False, S.READ),
    (S.PLAYED, "131026", None, False, S.PLAYED),
    (S.PENDING, None, "window_closed", False, S.FAILED),
    (S.PENDING, None, "window_closed", True, S.FAILED),
    (S.DELIVERED, None, "window_closed", False, S.DELIVERED),
    (S.PENDING, None, None, True, S.UNCONFIRMED),
    (S.PENDING, "131026", None, True, S.FAILED),
    (S.SENT, None, None, True, S.SENT),
    (S.READ, None, None, True, S.READ),
]


@pytest.mark.parametrize(("reached", "failure", "not_sent", "unconfirmed", "shown"), STATUSES)
def test_what_a_screen_shows(
    reached: DeliveryStatus, failure: str | None, not_sent: str | None, unconfirmed: bool, shown: DeliveryStatus
) -> None:
    """Evidence of delivery beats a failure, a failure beats a doubt, any evidence ends a doubt. Rule: M2."""
    message = outbound(reached=reached, failure=failure, not_sent=not_sent, unconfirmed=unconfirmed)
    assert message.status is shown


# --- the scope -----------------------------------------------------------------------------------------------

MINE = conversation(OPEN)
WAS_MINE = conversation(CLOSED)
OF_BETO = conversation(OPEN, assignee="beto", last_assignee="beto")
WAITING = conversation(QUEUE)
WITH_BOT = conversation(Situation.BOT)
ELSEWHERE_WAITING = conversation(QUEUE, department="fin")

SCOPES = [
    (EVERYTHING, [True] * 6),
    (NOTHING, [False] * 6),
    (Scope(assignee="ana"), [True, True, False, False, False, False]),
    (Scope(departments=("sup",)), [True, True, True, True, True, False]),
    (Scope(departments=("fin",)), [False, False, False, False, False, True]),
    (Scope(assignee="ana", departments=("fin",)), [True, True, False, False, False, True]),
    (Scope(waiting=("sup",)), [False, False, False, True, True, False]),
    (Scope(waiting=("fin", "sup")), [False, False, False, True, True, True]),
    (Scope(bot=True), [False, False, False, False, True, False]),
]


@pytest.mark.parametrize(("scope", "expected"), SCOPES)
def test_a_scope_is_the_union_of_what_it_names(scope: Scope, expected: list[bool]) -> None:
    """Own ones (now or last), those of departments, those with the bot. Rule: section P."""
    all_of_them = (MINE, WAS_MINE, OF_BETO, WAITING, WITH_BOT, ELSEWHERE_WAITING)
    assert [scope.admits(one) for one in all_of_them] == expected


def test_an_unassigned_conversation_is_nobodys() -> None:
    """A scope without an assignee does not take in those that have none."""
    assert not Scope(departments=()).admits(conversation(QUEUE, last_assignee=None))


def test_who_blocked_is_kept() -> None:
    """Who, when and why. Rule: S20."""
    block = Block(ROBO, NOW)
    assert contact(blocked=block).blocked == block
    assert block.why is None


def test_names_up_to_the_limit_are_kept() -> None:
    """The longest name fits, and no name is fine."""
    name = Private("x" * NAME_LENGTH)
    assert contact(name=name).name == name
    assert isinstance(contact(), Contact)
    assert contact().name is None


def test_a_report_is_kept_with_its_code() -> None:
    """Rule: M3."""
    assert kept(DeliveryStatus.FAILED, "131026") == KeptStatus(
        DeliveryStatus.FAILED, kept(DeliveryStatus.FAILED).occurred_at, "131026"
    )


def test_a_merged_contact_has_no_address_of_its_own() -> None:
    """They belong to whom it turned out to be; who took it in may have none either. Rule: M11."""
    assert contact(addresses=(), merged_into="ct_2").merged_into == "ct_2"
    assert contact(addresses=(), merged_into="ct_2", silent_on=("wa",)).silent_on == ("wa",)
    assert contact(addresses=()).addresses == ()


@pytest.mark.parametrize(
    ("edits", "now"),
    [
        ((), "Oi"),
        (((0, "a"),), "a"),
        (((0, "a"), (1, "b")), "b"),
        (((1, "b"), (0, "a")), "b"),
        (((0, "a"), (0, "b")), "b"),
        (((1, "b"), (1, "c"), (0, "a")), "c"),
    ],
)
def test_what_a_message_says_now(edits: tuple[tuple[int, str], ...], now: str) -> None:
    """As the customer last changed it, by the provider's clock; of two in one second, the later recorded.

    What it said first stays. Rule: M18.
    """
    changed = tuple(Edit(NOW + timedelta(seconds=at), Private(body)) for at, body in edits)
    message = inbound(extras=Extras(edits=changed))
    assert (message.text, message.body) == (Private(now), Private("Oi"))


def test_a_message_that_was_taken_back_shows_nothing() -> None:
    """Though it is kept. Rule: M18."""
    assert inbound().shown == inbound().text == Private("Oi")
    taken_back = inbound(extras=Extras(edits=(Edit(NOW, Private("Oi!")),), revoked_at=NOW))
    assert (taken_back.shown, taken_back.text, taken_back.body) == (Private(""), Private("Oi!"), Private("Oi"))


def test_a_message_shows_its_file() -> None:
    """If it has one. Rule: M17."""
    assert inbound().media is None
    assert inbound(extras=FULL).media == FULL.media


def test_a_conversation_shows_what_was_put_on_it() -> None:
    """Its tags in their order, its fields, and the contract it is about. Rule: S5, S7, C9."""
    made = conversation(tags=("vip", "late"), fields=(("plan", Private("500")),), contract="k1")
    assert (made.tags, made.fields) == (("vip", "late"), (("plan", Private("500")),))
    assert (made.contract, conversation().contract) == ("k1", None)


def test_several_customers_are_suggested_up_to_the_limit() -> None:
    """A look-up brings no more either. Rule: B2."""
    many = tuple(Customer(id=f"c{n}", name=Private("Maria")) for n in range(CUSTOMERS + 1))
    assert contact(suggestions=many[:-1]).suggestions == many[:-1] == Found(many[:-1]).customers
    assert problems(Found, many) == [("customers", "not_customers")]


@pytest.mark.parametrize("kind", EffectKind)
def test_every_kind_has_a_valid_effect(kind: EffectKind) -> None:
    """What is about a message names it; only what goes through messaging has a channel; each has its demand.

    Rule: L13, L16, L22, M3, M17, B11
    """
    about = kind in (EffectKind.SEND_MESSAGE, EffectKind.FETCH_MEDIA, EffectKind.SEND_RECEIPT)
    values: dict[str, Any] = {
        "message": effect().message if about else None,
        "channel": "wa" if PORT_OF.get(kind) is PortKind.MESSAGING else None,
        "demand": ASKED.get(kind),
    }
    made = effect(kind=kind, **values)
    assert (made.kind, made.demand) == (kind, ASKED.get(kind))


def test_every_kind_has_its_port_or_is_inner_work() -> None:
    """Each goes out through one port; what only brings something may be done again. Rule: B11."""
    ports = {
        PortKind.MESSAGING: {"send_message", "keep_status", "fetch_media", "send_receipt"},
        PortKind.CONTRACTS: {"find_customer", "open_order"},
        PortKind.BILLING: {"issue_boleto", "issue_invoice", "grant_bonus"},
    }
    assert {port: {kind for kind, of in PORT_OF.items() if of is port} for port in PortKind} == ports
    assert {"release_agent", "close_idle", "time_out_bot"} == INNER
    assert INNER | PORT_OF.keys() == {*EffectKind}
    assert {"fetch_media", "send_receipt", "find_customer", "issue_boleto", "issue_invoice"} == REPEATABLE


def test_the_longest_window_is_taken() -> None:
    """The limit is exact. Rule: M5."""
    assert capabilities(window=LONGEST_WINDOW).window == LONGEST_WINDOW


def test_a_channel_carries_only_what_it_says() -> None:
    """Left out, it carries texts, and tells when one was sent. Rule: M6."""
    plain = ChannelCapabilities(text_limit=1, nature=AtMostOnce())
    assert (plain.media, plain.templates, plain.caption_limit) == ((), False, 1024)
    assert (plain.outside_window, plain.reports) == ((MessageKind.TEMPLATE,), (DeliveryStatus.SENT,))


def test_a_side_offers_only_what_it_says() -> None:
    """Left out, nothing is written there; customers are found by whatever is known. Rule: B2, B4, B8."""
    contracts, billing = ContractsCapabilities(), BillingCapabilities()
    assert contracts.finds_by == (CustomerKey.DOCUMENT, CustomerKey.PHONE, CustomerKey.NAME)
    assert (contracts.orders, contracts.transcripts) == (None, False)
    assert (billing.boletos, billing.invoices, billing.bonus) == ((), False, None)
    assert billing.bonus_kinds == tuple(BonusKind)
    assert contracts_offers(REPEATS).orders is billing_offers(REPEATS).bonus is REPEATS


def test_a_channel_without_a_window_says_so() -> None:
    """None is always open. Rule: M5."""
    assert ChannelCapabilities(text_limit=1, nature=AtMostOnce()).window is None
