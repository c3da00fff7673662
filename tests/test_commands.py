"""Commands: plain values with a checked shape, all misfits at once; and the outcome that answers them."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore import commands
from chatcore.br import Money
from chatcore.commands import (
    AddItem,
    AddNote,
    AddTags,
    ArchiveItem,
    Assign,
    BlockContact,
    ChangeDepartment,
    ChangeItem,
    ClaimEffect,
    Close,
    CloseIdle,
    Configure,
    Dismiss,
    EditContact,
    EditConversation,
    Finding,
    FindingKind,
    GrantBonus,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OpenServiceOrder,
    OrderItems,
    Outcome,
    PinContract,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordResult,
    RecordRevocation,
    RecordStatus,
    ReleaseConversation,
    RemoveTags,
    Reopen,
    Resend,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendBoletos,
    SendInvoices,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetPolicies,
    SetReason,
    SettleEffect,
    SettleReview,
    StartConversation,
    Take,
    TimeOutBot,
    Transfer,
    UnblockContact,
    UnlinkCustomer,
    Withdraw,
)
from chatcore.entities import (
    Attachment,
    Bonus,
    Customer,
    Found,
    IssuedBoleto,
    IssuedInvoice,
    MediaPointer,
    Policies,
    Tag,
)
from chatcore.entities.capabilities import MEDIA
from chatcore.errors import InvalidValue
from chatcore.limits import (
    BOLETOS,
    FIELD_DIGITS,
    FIELD_TEXT,
    ID_LENGTH,
    JUSTIFICATION_LENGTH,
    NAME_LENGTH,
    NOTE_TEXT,
    ORDER_DESCRIPTION,
    ORDER_SUBJECT,
    WHY_LENGTH,
)
from chatcore.rules.table import TABLE
from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import (
    BoletoForm,
    BonusKind,
    DeliveryStatus,
    MessageKind,
    Part,
    Priority,
    Private,
    Situation,
)
from tests.given import NOW, boleto, invoice, workspace

LONG = "x" * (ID_LENGTH + 1)
NAIVE = datetime(2026, 3, 10, 12, 0)
ELSEWHERE = NOW.astimezone(timezone(timedelta(hours=-3)))
RECEIVED: dict[str, Any] = {
    "channel": "wa",
    "address": "5511987654321",
    "provider_id": "wamid.1",
    "sent_at": NOW,
    "text": "Oi",
}
REPORTED: dict[str, Any] = {
    "channel": "wa",
    "provider_id": "wamid.1",
    "status": DeliveryStatus.SENT,
    "occurred_at": NOW,
}
DONE = Finding(kind=FindingKind.DONE, reference="wamid.1")
FILE = Attachment(key="f1", mime="image/jpeg", size=10, sha256="0" * 64, name="fatura.jpg")
POINTER = MediaPointer(reference="m1", mime="image/jpeg")
ARRIVED: dict[str, Any] = {k: v for k, v in RECEIVED.items() if k != "text"}
MARKED: dict[str, Any] = {**ARRIVED, "target": "wamid.0"}
VIP = Tag(id="vip", name="VIP")
TEXT_TOO_LONG = "x" * (NOTE_TEXT + 1)

GRANTED: dict[str, Any] = {
    "conversation": "cv_1",
    "contract": "k1",
    "bonus": Bonus.amount("20"),
    "justification": "Ficou sem sinal",
    "period": "2026-03",
}
ORDERED: dict[str, Any] = {
    "conversation": "cv_1",
    "type": "visit",
    "subject": "Sem sinal",
    "description": "Sem sinal desde ontem",
    "priority": Priority.HIGH,
    "contract": "k1",
    "schedule": NOW,
    "transcript": True,
}
REVIEWED: dict[str, Any] = {
    "effect": "ef_1",
    "applied": True,
    "evidence": "Está no extrato",
    "reference": "1",
}
MANY = [f"b{n}" for n in range(BOLETOS + 1)]

# A valid one of each, with every field that has a default given as well.
VALID: list[tuple[type, dict[str, Any]]] = [
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "department": "sup", "text": "Oi", "over_capacity": True},
    ),
    (StartConversation, {"channel": "wa", "address": "5511987654321"}),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "template": "late", "parameters": ("Maria",)}),
    (Take, {"conversation": "cv_1", "over_capacity": True}),
    (Assign, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (Transfer, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (ChangeDepartment, {"conversation": "cv_1", "department": "fin"}),
    (ReturnToQueue, {"conversation": "cv_1"}),
    (ReturnToBot, {"conversation": "cv_1"}),
    (Reopen, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (SetReason, {"conversation": "cv_1", "reason": "moved"}),
    (MarkRead, {"conversation": "cv_1"}),
    (SendMessage, {"conversation": "cv_1", "text": "Oi"}),
    (Close, {"conversation": "cv_1", "reason": "moved"}),
    (SendTemplate, {"conversation": "cv_1", "template": "late", "parameters": ("Maria", "12/03")}),
    (SendQuickReply, {"conversation": "cv_1", "reply": "hi"}),
    (
        SendMedia,
        {"conversation": "cv_1", "attachment": FILE, "caption": "Fatura", "kind": MessageKind.DOCUMENT},
    ),
    (AddNote, {"conversation": "cv_1", "text": "Ligar amanhã"}),
    (AddTags, {"conversation": "cv_1", "tags": ("vip", "late")}),
    (RemoveTags, {"conversation": "cv_1", "tags": ("vip",)}),
    (SetFields, {"conversation": "cv_1", "values": {"plan": "500 Mega", "since": None}}),
    (Resend, {"message": "cv_1.2"}),
    (Dismiss, {"message": "cv_1.2"}),
    (PinContract, {"conversation": "cv_1", "contract": "k1"}),
    (
        SendBoletos,
        {"conversation": "cv_1", "boletos": ("b1", "b2"), "forms": (BoletoForm.PIX, BoletoForm.DOCUMENT)},
    ),
    (SendInvoices, {"conversation": "cv_1", "invoices": ("n1",)}),
    (GrantBonus, GRANTED),
    (OpenServiceOrder, ORDERED),
    (Withdraw, {"effect": "ef_1"}),
    (SettleReview, REVIEWED),
    (
        EditConversation,
        {
            "conversation": "cv_1",
            "customer": "c1",
            "department": "fin",
            "reason": "moved",
            "to": "ana",
            "situation": Situation.OPEN,
            "over_capacity": True,
        },
    ),
    (BlockContact, {"contact": "ct_1", "why": "spam"}),
    (BlockContact, {"address": "+55 11 98765-4321", "why": "spam"}),
    (UnblockContact, {"contact": "ct_1"}),
    (EditContact, {"contact": "ct_1", "name": "Maria", "opted_out": True, "fields": {"plan": "500"}}),
    (LinkCustomer, {"contact": "ct_1", "customer": "c1"}),
    (UnlinkCustomer, {"contact": "ct_1"}),
    (MergeContacts, {"contact": "ct_1", "into": "ct_2"}),
    (Configure, {"workspace": workspace()}),
    (AddItem, {"item": VIP}),
    (ChangeItem, {"item": VIP}),
    (ArchiveItem, {"part": Part.TAG, "id": "vip"}),
    (RestoreItem, {"part": Part.AGENT, "id": "ana"}),
    (OrderItems, {"part": Part.TAG, "ids": ("late", "vip")}),
    (SetPolicies, {"policies": Policies()}),
    (
        ReceiveMessage,
        {**RECEIVED, "kind": MessageKind.TEXT, "name": "Maria", "raw": "{}", "reply_to": "wamid.0"},
    ),
    (ReceiveMessage, {**RECEIVED, "kind": MessageKind.IMAGE, "media": POINTER}),
    (RecordEcho, {**RECEIVED, "kind": MessageKind.IMAGE, "raw": "{}", "media": POINTER}),
    (RecordReaction, {**MARKED, "emoji": "👍"}),
    (RecordEdit, {**MARKED, "text": "Oi!"}),
    (RecordRevocation, MARKED),
    (RecordStatus, {**REPORTED, "key": "ef_1", "failure": "131026"}),
    (ClaimEffect, {"effect": "ef_1"}),
    (SettleEffect, {"effect": "ef_1", "fence": 1, "finding": DONE}),
    (RecordResult, {"effect": "ef_1", "applied": False, "reference": "1", "failure": "no_funds"}),
    (ReleaseConversation, {"conversation": "cv_1", "agent": "ana"}),
    (CloseIdle, {"conversation": "cv_1"}),
    (TimeOutBot, {"conversation": "cv_1"}),
    (
        Finding,
        {
            "kind": FindingKind.NOT_DONE,
            "reference": "r",
            "detail": "d",
            "retry_after": timedelta(seconds=1),
            "brought": FILE,
        },
    ),
    *(
        (Finding, {"kind": FindingKind.DONE, "brought": brought})
        for brought in (IssuedBoleto(boleto(), FILE), IssuedInvoice(invoice(), FILE), Found(()))
    ),
]


def problems(make: Any, /, *args: Any, **values: Any) -> list[tuple[str, str]]:
    """The paths and codes a construction is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_every_command_is_in_these_tests() -> None:
    """The table has a row for each command there is, and so have these tests."""
    assert {cls for cls, _ in VALID} - {Finding} == {*TABLE}
    named = {getattr(commands, name) for name in commands.__all__}
    assert {*TABLE} < named


# --- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cls", "values"), VALID, ids=lambda v: getattr(v, "__name__", ""))
def test_commands_are_plain_values(cls: Any, values: dict[str, Any]) -> None:
    """Equal when the same is asked, frozen, hashable, and they pickle."""
    command = cls(**values)
    assert command == cls(**values)
    assert hash(command) == hash(cls(**values))
    assert pickle.loads(pickle.dumps(command)) == command
    assert not hasattr(command, "__dict__")
    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(command, field.name, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Take("cv_1"), Take("cv_2")),
        (Take("cv_1"), Take("cv_1", over_capacity=True)),
        (Close("cv_1"), Close("cv_1", "moved")),
        (SendMessage("cv_1", "Oi"), SendMessage("cv_1", "oi")),
        (ClaimEffect("ef_1"), Take("ef_1")),
        (SettleEffect("ef_1", 1, DONE), SettleEffect("ef_1", 2, DONE)),
        (AddTags("cv_1", ["vip"]), RemoveTags("cv_1", ["vip"])),
        (AddTags("cv_1", ["vip", "late"]), AddTags("cv_1", ["late", "vip"])),
        (SetFields("cv_1", {"a": "1"}), SetFields("cv_1", {"a": 1})),
        (SetFields("cv_1", {"a": None}), SetFields("cv_1", {})),
        (AddItem(VIP), ChangeItem(VIP)),
        (ArchiveItem(Part.TAG, "x"), ArchiveItem(Part.REASON, "x")),
        (MergeContacts("ct_1", "ct_2"), MergeContacts("ct_2", "ct_1")),
        (PinContract("cv_1", "k1"), PinContract("cv_1", None)),
        (SendBoletos("cv_1", ["x"]), SendInvoices("cv_1", ["x"])),
        (SendBoletos("cv_1", ["b1", "b2"]), SendBoletos("cv_1", ["b2", "b1"])),
        (SendBoletos("cv_1", ["b1"]), SendBoletos("cv_1", ["b1"], forms=(BoletoForm.PIX,))),
        (GrantBonus(**GRANTED), GrantBonus(**{**GRANTED, "bonus": Bonus.amount("20.01")})),
        (GrantBonus(**GRANTED), GrantBonus(**{**GRANTED, "period": None})),
        (OpenServiceOrder(**ORDERED), OpenServiceOrder(**{**ORDERED, "transcript": False})),
        (SettleReview(**REVIEWED), SettleReview(**{**REVIEWED, "applied": False})),
        (Withdraw("ef_1"), ClaimEffect("ef_1")),
    ],
)
def test_commands_differ_when_they_ask_for_something_else(one: object, other: object) -> None:
    """Any field counts, and so does the class."""
    assert one != other


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (SendMessage("cv_1", "segredo"), "text"),
        (StartConversation("wa", address="segredo"), "address"),
        (StartConversation("wa", contact="ct_1", text="segredo"), "text"),
        (ReceiveMessage(**{**RECEIVED, "text": "segredo"}), "text"),
        (ReceiveMessage(**{**RECEIVED, "address": "segredo"}), "address"),
        (ReceiveMessage(**{**RECEIVED, "name": "segredo"}), "name"),
        (ReceiveMessage(**{**RECEIVED, "raw": "segredo"}), "raw"),
        (RecordEcho(**{**RECEIVED, "text": "segredo"}), "text"),
        (RecordEcho(**{**RECEIVED, "address": "segredo"}), "address"),
        (RecordEcho(**{**RECEIVED, "raw": "segredo"}), "raw"),
        (RecordReaction(**{**MARKED, "emoji": "segredo"}), "emoji"),
        (RecordReaction(**{**MARKED, "address": "segredo"}), "address"),
        (RecordEdit(**{**MARKED, "text": "segredo"}), "text"),
        (RecordRevocation(**{**MARKED, "address": "segredo"}), "address"),
        (SendMedia("cv_1", FILE, "segredo"), "caption"),
        (AddNote("cv_1", "segredo"), "text"),
        (BlockContact(address="segredo"), "address"),
        (EditContact("ct_1", name="segredo"), "name"),
        (GrantBonus(**{**GRANTED, "justification": "segredo"}), "justification"),
        (OpenServiceOrder(**{**ORDERED, "subject": "segredo"}), "subject"),
        (OpenServiceOrder(**{**ORDERED, "description": "segredo"}), "description"),
        (SettleReview("ef_1", True, "segredo"), "evidence"),
    ],
)
def test_personal_text_is_wrapped_on_the_way_in(command: Any, field: str) -> None:
    """A str becomes Private, a Private stays itself, and neither prints."""
    assert getattr(command, field) == Private("segredo")
    assert "segredo" not in repr(command)
    assert getattr(attrs.evolve(command, **{field: Private("segredo")}), field) == Private("segredo")


@pytest.mark.parametrize(
    "command",
    [
        SendTemplate("cv_1", "late", ["segredo"]),
        StartConversation("wa", contact="ct_1", template="late", parameters=["segredo"]),
        SetFields("cv_1", {"plan": "segredo"}),
        EditContact("ct_1", fields={"plan": "segredo"}),
        BlockContact("ct_1", "segredo"),
        LinkCustomer("ct_1", "segredo"),
        EditConversation("cv_1", customer="segredo"),
        ReceiveMessage(**{**RECEIVED, "provider_id": "segredo", "reply_to": "segredo"}),
        RecordEcho(**{**RECEIVED, "provider_id": "segredo"}),
        RecordReaction(**{**MARKED, "provider_id": "segredo", "target": "segredo"}),
        RecordEdit(**{**MARKED, "provider_id": "segredo", "target": "segredo", "text": "x"}),
        RecordRevocation(**{**MARKED, "provider_id": "segredo", "target": "segredo"}),
        SendMedia("cv_1", attrs.evolve(FILE, key="segredo", name="segredo")),
        Finding(kind=FindingKind.DONE, reference="segredo"),
        RecordResult(effect="ef_1", applied=True, reference="segredo"),
        SettleReview("ef_1", True, "x", reference="segredo"),
        Finding(
            kind=FindingKind.DONE,
            brought=IssuedBoleto(
                boleto(customer="segredo", line="segredo", pix=Private("segredo")),
                attrs.evolve(FILE, key="segredo", name="segredo"),
            ),
        ),
        Finding(
            kind=FindingKind.DONE,
            brought=IssuedInvoice(
                invoice(customer="segredo", access_key="segredo"), attrs.evolve(FILE, key="segredo")
            ),
        ),
        Finding(
            kind=FindingKind.DONE,
            brought=Found((Customer(id="segredo", name=Private("segredo"), document=Private("segredo")),)),
        ),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_may_be_personal_does_not_print(command: Any) -> None:
    """Also inside a list, a mapping or a file, and in the ids that outsiders give."""
    assert "segredo" not in repr(command)


@pytest.mark.parametrize("kind", [list, tuple])
def test_lists_are_kept_as_tuples(kind: Any) -> None:
    """So that a command hashes, and nobody changes it from outside."""
    assert AddTags("cv_1", kind(["b", "a"])).tags == ("b", "a")
    assert RemoveTags("cv_1", kind(["a"])).tags == ("a",)
    assert OrderItems(Part.TAG, kind(["b", "a"])).ids == ("b", "a")
    assert SendBoletos("cv_1", kind(["b2", "b1"])).boletos == ("b2", "b1")
    assert SendInvoices("cv_1", kind(["n1"])).invoices == ("n1",)
    said = (Private("x"), Private("y"))
    assert SendTemplate("cv_1", "late", kind(["x", Private("y")])).parameters == said
    started = StartConversation("wa", contact="ct_1", template="late", parameters=kind(["x", "y"]))
    assert started.parameters == said


def test_values_by_field_are_kept_in_one_form() -> None:
    """In the order of the fields, texts wrapped and whole numbers exact, however they were given. Rule: C9."""
    given: Mapping[str, Any] = {
        "b": "x",
        "a": 5,
        "d": date(2026, 3, 10),
        "c": True,
        "f": None,
        "e": Decimal("1.5"),
    }
    kept = (
        ("a", Decimal(5)),
        ("b", Private("x")),
        ("c", True),
        ("d", date(2026, 3, 10)),
        ("e", Decimal("1.5")),
        ("f", None),
    )
    assert SetFields("cv_1", given).values == kept
    assert SetFields("cv_1", dict(reversed(given.items()))) == SetFields("cv_1", given)
    assert EditContact("ct_1", fields=given).fields == kept
    assert SetFields("cv_1", kept).values == kept
    assert type(dict(SetFields("cv_1", {"c": True}).values)["c"]) is bool


def test_what_is_asked_is_imperative_and_short_to_write() -> None:
    """The positional forms a service writes all day."""
    assert Take("cv_1") == Take(conversation="cv_1", over_capacity=False)
    assert Assign("cv_1", "ana") == Assign(conversation="cv_1", to="ana")
    assert Close("cv_1", "moved") == Close(conversation="cv_1", reason="moved")
    assert SendMessage("cv_1", "Oi") == SendMessage(conversation="cv_1", text=Private("Oi"))
    assert BlockContact("ct_1", "spam") == BlockContact(contact="ct_1", why="spam")
    assert AddTags("cv_1", ["vip"]) == AddTags(conversation="cv_1", tags=("vip",))
    assert SendMedia("cv_1", FILE, "x") == SendMedia(conversation="cv_1", attachment=FILE, caption=Private("x"))
    assert SendTemplate("cv_1", "late") == SendTemplate(conversation="cv_1", template="late", parameters=())
    assert MergeContacts("ct_1", "ct_2") == MergeContacts(contact="ct_1", into="ct_2")
    assert PinContract("cv_1", "k1") == PinContract(conversation="cv_1", contract="k1")
    assert SendBoletos("cv_1", ["b1"]) == SendBoletos(conversation="cv_1", boletos=("b1",), forms=None)
    ten = Bonus.amount("10")
    assert GrantBonus("cv_1", "k1", ten, "x") == GrantBonus(
        conversation="cv_1", contract="k1", bonus=ten, justification=Private("x"), period=None
    )
    assert OpenServiceOrder("cv_1", "visit", "x", "y") == OpenServiceOrder(
        conversation="cv_1", type="visit", subject=Private("x"), description=Private("y")
    )
    assert SettleReview("ef_1", False, "x") == SettleReview(
        effect="ef_1", applied=False, evidence=Private("x"), reference=None
    )


# --- shapes --------------------------------------------------------------------------------------------------

SHAPES: list[tuple[Any, dict[str, Any], list[tuple[str, str]]]] = [
    (StartConversation, {"channel": "", "contact": "ct_1"}, [("channel", "not_an_id")]),
    (StartConversation, {"channel": "wa"}, [("contact", "contact_or_address")]),
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "address": "1"},
        [("contact", "contact_or_address")],
    ),
    (StartConversation, {"channel": "wa", "contact": LONG}, [("contact", "too_long")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "department": ""}, [("department", "not_an_id")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "text": ""}, [("text", "empty")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "text": 5}, [("text", "not_a_text")]),
    (StartConversation, {"channel": "wa", "address": 5}, [("address", "not_a_text")]),
    (
        StartConversation,
        {"channel": "\n", "department": LONG, "text": "a\0"},
        [
            ("channel", "not_an_id"),
            ("department", "too_long"),
            ("contact", "contact_or_address"),
            ("text", "control_character"),
        ],
    ),
    (Take, {"conversation": ""}, [("conversation", "not_an_id")]),
    (Take, {"conversation": LONG}, [("conversation", "too_long")]),
    (Take, {"conversation": "cv\0"}, [("conversation", "not_an_id")]),
    (Assign, {"conversation": None, "to": None}, [("conversation", "not_an_id"), ("to", "not_an_id")]),
    (SendMessage, {"conversation": "cv_1", "text": ""}, [("text", "empty")]),
    (SendMessage, {"conversation": "cv_1", "text": " \u200b\n"}, [("text", "empty")]),
    (
        SendMessage,
        {"conversation": "cv_1", "text": "a\rb\ud800"},
        [("text", "control_character"), ("text", "surrogate")],
    ),
    (SendMessage, {"conversation": "", "text": None}, [("conversation", "not_an_id"), ("text", "not_a_text")]),
    (Close, {"conversation": "cv_1", "reason": ""}, [("reason", "not_an_id")]),
    (Close, {"conversation": "", "reason": 5}, [("conversation", "not_an_id"), ("reason", "not_an_id")]),
    (BlockContact, {"contact": ""}, [("contact", "not_an_id")]),
    (BlockContact, {"contact": "ct_1", "why": ""}, [("why", "empty")]),
    (BlockContact, {"contact": "", "why": 5}, [("contact", "not_an_id"), ("why", "not_a_text")]),
    (UnblockContact, {"contact": LONG}, [("contact", "too_long")]),
    (Configure, {"workspace": {"name": "x"}}, [("workspace", "not_a_workspace")]),
    (ReceiveMessage, {**RECEIVED, "channel": ""}, [("channel", "not_an_id")]),
    (ReceiveMessage, {**RECEIVED, "provider_id": LONG}, [("provider_id", "too_long")]),
    (ReceiveMessage, {**RECEIVED, "address": ""}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "address": LONG}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "address": 5}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": NAIVE}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": ELSEWHERE}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": 1772000000}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "kind": "text"}, [("kind", "not_a_kind")]),
    (ReceiveMessage, {**RECEIVED, "text": None}, [("text", "missing")]),
    (ReceiveMessage, {**RECEIVED, "text": 5}, [("text", "not_a_text")]),
    (ReceiveMessage, {**RECEIVED, "name": 5, "raw": 5}, [("raw", "not_a_text"), ("name", "not_a_text")]),
    (ReceiveMessage, {**RECEIVED, "kind": MessageKind.NOTE}, [("kind", "not_a_kind")]),
    (ReceiveMessage, {**RECEIVED, "kind": MessageKind.TEMPLATE}, [("kind", "not_a_kind")]),
    (ReceiveMessage, {**RECEIVED, "reply_to": ""}, [("reply_to", "not_an_id")]),
    (ReceiveMessage, {**RECEIVED, "media": "m1"}, [("media", "not_media")]),
    (ReceiveMessage, {**RECEIVED, "media": POINTER}, [("media", "media_means_pointer")]),
    *(
        (cls, {**RECEIVED, "kind": kind}, [("media", "media_means_pointer")])
        for cls in (ReceiveMessage, RecordEcho)
        for kind in sorted(MEDIA)
    ),
    (RecordEcho, {**RECEIVED, "channel": ""}, [("channel", "not_an_id")]),
    (RecordEcho, {**RECEIVED, "sent_at": NAIVE}, [("sent_at", "not_utc")]),
    (RecordEcho, {**RECEIVED, "kind": "image"}, [("kind", "not_a_kind")]),
    (RecordEcho, {**RECEIVED, "text": None}, [("text", "missing")]),
    (
        RecordEcho,
        {**RECEIVED, "address": "", "kind": None, "raw": 5, "media": 5},
        [
            ("address", "not_an_address"),
            ("kind", "not_a_kind"),
            ("raw", "not_a_text"),
            ("media", "not_media"),
        ],
    ),
    (RecordReaction, {**MARKED, "target": ""}, [("target", "not_an_id")]),
    (RecordReaction, {**MARKED, "emoji": 5}, [("emoji", "not_a_text")]),
    (
        RecordReaction,
        {**MARKED, "channel": "", "sent_at": ELSEWHERE, "target": LONG, "emoji": b"x"},
        [("channel", "not_an_id"), ("sent_at", "not_utc"), ("target", "too_long"), ("emoji", "not_a_text")],
    ),
    (RecordEdit, {**MARKED, "text": None}, [("text", "not_a_text")]),
    (
        RecordEdit,
        {**MARKED, "provider_id": "", "target": None, "text": 5},
        [("provider_id", "not_an_id"), ("target", "not_an_id"), ("text", "not_a_text")],
    ),
    (RecordRevocation, {**MARKED, "target": "a\nb"}, [("target", "not_an_id")]),
    (
        RecordRevocation,
        {**MARKED, "address": "\n", "target": ""},
        [("address", "not_an_address"), ("target", "not_an_id")],
    ),
    (
        RecordStatus,
        {**REPORTED, "channel": "", "provider_id": ""},
        [("channel", "not_an_id"), ("provider_id", "not_an_id")],
    ),
    (RecordStatus, {**REPORTED, "status": DeliveryStatus.PENDING}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "status": DeliveryStatus.UNCONFIRMED}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "status": "sent"}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "occurred_at": NAIVE}, [("occurred_at", "not_utc")]),
    (RecordStatus, {**REPORTED, "key": ""}, [("key", "not_an_id")]),
    (ClaimEffect, {"effect": ""}, [("effect", "not_an_id")]),
    (SettleEffect, {"effect": "ef_1", "fence": 0, "finding": DONE}, [("fence", "not_positive")]),
    (SettleEffect, {"effect": "ef_1", "fence": True, "finding": DONE}, [("fence", "not_positive")]),
    (
        SettleEffect,
        {"effect": "", "fence": -1, "finding": "done"},
        [("effect", "not_an_id"), ("fence", "not_positive"), ("finding", "not_a_finding")],
    ),
    (Finding, {"kind": "done"}, [("kind", "not_a_kind")]),
    (
        Finding,
        {"kind": None, "reference": "", "detail": LONG, "retry_after": 5, "brought": "f1"},
        [
            ("reference", "not_an_id"),
            ("detail", "too_long"),
            ("kind", "not_a_kind"),
            ("retry_after", "not_a_span"),
            ("brought", "not_brought"),
        ],
    ),
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "text": "Oi", "template": "late"},
        [("template", "text_or_template")],
    ),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "template": ""}, [("template", "not_an_id")]),
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "parameters": ("Maria",)},
        [("parameters", "template_required")],
    ),
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "template": "late", "parameters": ("Maria", "", 5, "a\0")},
        [
            ("parameters[1]", "empty"),
            ("parameters[2]", "not_a_text"),
            ("parameters[3]", "control_character"),
        ],
    ),
    (SendTemplate, {"conversation": "cv_1", "template": ""}, [("template", "not_an_id")]),
    (
        SendTemplate,
        {"conversation": "", "template": None, "parameters": ["", None]},
        [
            ("conversation", "not_an_id"),
            ("template", "not_an_id"),
            ("parameters[0]", "empty"),
            ("parameters[1]", "not_a_text"),
        ],
    ),
    (
        SendTemplate,
        {"conversation": "cv_1", "template": "t", "parameters": "x"},
        [("parameters", "not_a_tuple")],
    ),
    (
        SendQuickReply,
        {"conversation": "", "reply": LONG},
        [("conversation", "not_an_id"), ("reply", "too_long")],
    ),
    (SendMedia, {"conversation": "cv_1", "attachment": "f1"}, [("attachment", "not_an_attachment")]),
    (SendMedia, {"conversation": "cv_1", "attachment": POINTER}, [("attachment", "not_an_attachment")]),
    (SendMedia, {"conversation": "cv_1", "attachment": FILE, "caption": ""}, [("caption", "empty")]),
    *(
        (SendMedia, {"conversation": "cv_1", "attachment": FILE, "kind": kind}, [("kind", "not_a_kind")])
        for kind in ("image", *(each for each in MessageKind if each not in MEDIA))
    ),
    (
        SendMedia,
        {"conversation": "", "attachment": None, "caption": "\0x", "kind": MessageKind.TEXT},
        [
            ("conversation", "not_an_id"),
            ("attachment", "not_an_attachment"),
            ("caption", "control_character"),
            ("kind", "not_a_kind"),
        ],
    ),
    (AddNote, {"conversation": "cv_1", "text": TEXT_TOO_LONG}, [("text", "too_long")]),
    (AddNote, {"conversation": "", "text": " "}, [("conversation", "not_an_id"), ("text", "empty")]),
    *(
        (cls, {"conversation": "cv_1", "tags": tags}, [expected])
        for cls in (AddTags, RemoveTags)
        for tags, expected in (
            ("vip", ("tags", "not_a_tuple")),
            (None, ("tags", "not_a_tuple")),
            ({"vip": 1}, ("tags", "not_a_tuple")),
            ((), ("tags", "empty")),
            (["vip", "vip"], ("tags", "repeated")),
            (["vip", ""], ("tags[1]", "not_an_id")),
            ([LONG], ("tags[0]", "too_long")),
        )
    ),
    (
        AddTags,
        {"conversation": "", "tags": ["", 5]},
        [("conversation", "not_an_id"), ("tags[0]", "not_an_id"), ("tags[1]", "not_an_id")],
    ),
    *(
        (cls, {**about, name: values}, [(path.format(name), code)])
        for cls, about, name in (
            (SetFields, {"conversation": "cv_1"}, "values"),
            (EditContact, {"contact": "ct_1"}, "fields"),
        )
        for values, path, code in (
            ("x", "{}", "not_values"),
            ([("a", "x")], "{}", "not_values"),
            ((("a",),), "{}", "not_an_id"),
            (((),), "{}", "not_an_id"),
            ({"": "x"}, "{}", "not_an_id"),
            ({5: "x"}, "{}", "not_an_id"),
            ({LONG: "x"}, "{}", "too_long"),
            ((("a", Private("x")), ("a", None)), "{}", "repeated"),
            ({"a": 1.5}, "{}.a", "not_a_value"),
            ({"a": datetime(2026, 3, 10)}, "{}.a", "not_a_value"),
            ({"a": b"x"}, "{}.a", "not_a_value"),
            ({"a": ("x",)}, "{}.a", "not_a_value"),
            ({"a": Decimal("NaN")}, "{}.a", "not_a_number"),
            ({"a": Decimal("-Infinity")}, "{}.a", "not_a_number"),
            ({"a": 10**FIELD_DIGITS}, "{}.a", "too_long"),
            ({"a": Decimal("1e-31")}, "{}.a", "too_long"),
            ({"a": Decimal("1e999999")}, "{}.a", "too_long"),
            ({"a": "x" * (FIELD_TEXT + 1)}, "{}.a", "too_long"),
            ({"a": ""}, "{}.a", "empty"),
            ({"a": "x\0"}, "{}.a", "control_character"),
        )
    ),
    (
        SetFields,
        {"conversation": "", "values": {"a": "", "b": 1.5, "c": "ok"}},
        [("conversation", "not_an_id"), ("values.a", "empty"), ("values.b", "not_a_value")],
    ),
    *(
        (cls, {"message": message}, [("message", code)])
        for cls in (Resend, Dismiss)
        for message, code in (
            ("", "not_an_id"),
            (None, "not_an_id"),
            (LONG, "too_long"),
            ("cv_1", "not_a_message"),
            ("cv_1.0", "not_a_message"),
            ("cv_1.01", "not_a_message"),
            ("cv_1.1.2", "not_a_message"),
            ("ef_1.1", "not_a_message"),
            ("cv_.1", "not_a_message"),
        )
    ),
    (EditConversation, {"conversation": "cv_1", "situation": "open"}, [("situation", "not_a_situation")]),
    *(
        (
            EditConversation,
            {"conversation": "cv_1", "to": "ana", "situation": situation},
            [("to", "assignee_means_open")],
        )
        for situation in Situation
        if situation is not Situation.OPEN
    ),
    (
        EditConversation,
        {"conversation": "", "customer": "", "department": 5, "reason": LONG, "to": "\0", "situation": 5}
        | {"over_capacity": None},
        [
            ("conversation", "not_an_id"),
            ("over_capacity", "not_a_bool"),
            ("customer", "not_an_id"),
            ("department", "not_an_id"),
            ("reason", "too_long"),
            ("to", "not_an_id"),
            ("situation", "not_a_situation"),
        ],
    ),
    (BlockContact, {}, [("contact", "contact_or_address")]),
    (BlockContact, {"contact": "ct_1", "address": "1"}, [("contact", "contact_or_address")]),
    (BlockContact, {"address": 5}, [("address", "not_a_text")]),
    (BlockContact, {"contact": "ct_1", "why": "x" * (WHY_LENGTH + 1)}, [("why", "too_long")]),
    (EditContact, {"contact": "", "name": ""}, [("contact", "not_an_id"), ("name", "empty")]),
    (EditContact, {"contact": "ct_1", "name": "a\u202eb"}, [("name", "bidi_character")]),
    (EditContact, {"contact": "ct_1", "name": "x" * (NAME_LENGTH + 1)}, [("name", "too_long")]),
    (
        EditContact,
        {"contact": None, "name": 5, "opted_out": 1, "fields": None},
        [
            ("contact", "not_an_id"),
            ("fields", "not_values"),
            ("name", "not_a_text"),
            ("opted_out", "not_a_bool"),
        ],
    ),
    (LinkCustomer, {"contact": "", "customer": ""}, [("contact", "not_an_id"), ("customer", "not_an_id")]),
    (UnlinkCustomer, {"contact": ""}, [("contact", "not_an_id")]),
    (MergeContacts, {"contact": "ct_1", "into": "ct_1"}, [("into", "same_contact")]),
    (MergeContacts, {"contact": "", "into": ""}, [("contact", "not_an_id"), ("into", "not_an_id")]),
    *(
        (cls, {"item": item}, [("item", "not_an_item")])
        for cls in (AddItem, ChangeItem)
        for item in ("vip", Tag)
    ),
    (AddItem, {"item": Policies()}, [("item", "not_an_item")]),
    (AddItem, {"item": workspace()}, [("item", "not_an_item")]),
    *(
        (cls, {"part": part, "id": ""}, [("part", "not_a_part"), ("id", "not_an_id")])
        for cls in (ArchiveItem, RestoreItem)
        for part in ("tag", Part, None)
    ),
    (OrderItems, {"part": "tag", "ids": []}, [("part", "not_a_part"), ("ids", "empty")]),
    (OrderItems, {"part": Part.TAG, "ids": ["a", "a"]}, [("ids", "repeated")]),
    (SetPolicies, {"policies": None}, [("policies", "not_policies")]),
    (
        ReleaseConversation,
        {"conversation": "", "agent": ""},
        [("conversation", "not_an_id"), ("agent", "not_an_id")],
    ),
    *(
        (Finding, {"kind": FindingKind.DONE, "brought": brought}, [("brought", "not_brought")])
        for brought in (boleto(), invoice(), (), {"customers": ()}, POINTER, Found)
    ),
    (
        PinContract,
        {"conversation": "", "contract": LONG},
        [("conversation", "not_an_id"), ("contract", "too_long")],
    ),
    *(
        (cls, {"conversation": "cv_1", name: values}, [(path.format(name), code)])
        for cls, name in ((SendBoletos, "boletos"), (SendInvoices, "invoices"))
        for values, path, code in (
            ([], "{}", "empty"),
            ("b1", "{}", "not_a_tuple"),
            (["b1", "b1"], "{}", "repeated"),
            (["b1", ""], "{}[1]", "not_an_id"),
            ([LONG], "{}[0]", "too_long"),
            (MANY, "{}", "too_many"),
        )
    ),
    *(
        (SendBoletos, {"conversation": "cv_1", "boletos": ["b1"], "forms": forms}, [("forms", "not_forms")])
        for forms in ((), ("pix",), BoletoForm.PIX, (BoletoForm.PIX, BoletoForm.PIX), (BoletoForm.PIX, None))
    ),
    (
        SendBoletos,
        {"conversation": "", "boletos": (), "forms": ()},
        [("conversation", "not_an_id"), ("boletos", "empty"), ("forms", "not_forms")],
    ),
    *(
        (GrantBonus, {**GRANTED, "bonus": bonus}, [("bonus", "not_a_bonus")])
        for bonus in (20, Money(2000), "20", Decimal(20), BonusKind.AMOUNT)
    ),
    *(
        (GrantBonus, {**GRANTED, "period": period}, [("period", "not_a_period")])
        for period in (
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-3",
            "2026-03-10",
            "03/2026",
            "2026-03\n",
            "２026-03",
        )
    ),
    *(
        (cls, {**values, name: text}, [(name, code)])
        for cls, values, name, limit in (
            (GrantBonus, GRANTED, "justification", JUSTIFICATION_LENGTH),
            (OpenServiceOrder, ORDERED, "subject", ORDER_SUBJECT),
            (OpenServiceOrder, ORDERED, "description", ORDER_DESCRIPTION),
            (SettleReview, REVIEWED, "evidence", JUSTIFICATION_LENGTH),
        )
        for text, code in (
            ("", "empty"),
            (" \u200b\n", "empty"),
            ("a\0", "control_character"),
            ("a\ud800", "surrogate"),
            ("x" * (limit + 1), "too_long"),
            (None, "not_a_text"),
        )
    ),
    (
        GrantBonus,
        {"conversation": "", "contract": "", "bonus": None, "justification": 5, "period": 202603},
        [
            ("conversation", "not_an_id"),
            ("contract", "not_an_id"),
            ("bonus", "not_a_bonus"),
            ("justification", "not_a_text"),
            ("period", "not_a_period"),
        ],
    ),
    *(
        (OpenServiceOrder, {**ORDERED, "schedule": moment}, [("schedule", "not_utc")])
        for moment in (NAIVE, ELSEWHERE, date(2026, 3, 10), "2026-03-10")
    ),
    (OpenServiceOrder, {**ORDERED, "priority": "high"}, [("priority", "not_a_priority")]),
    (
        OpenServiceOrder,
        {"conversation": "", "type": "", "subject": 5, "description": " ", "priority": None, "contract": LONG}
        | {"schedule": NAIVE, "transcript": 1},
        [
            ("conversation", "not_an_id"),
            ("contract", "too_long"),
            ("type", "not_an_id"),
            ("subject", "not_a_text"),
            ("description", "empty"),
            ("priority", "not_a_priority"),
            ("schedule", "not_utc"),
            ("transcript", "not_a_bool"),
        ],
    ),
    (Withdraw, {"effect": ""}, [("effect", "not_an_id")]),
    (
        SettleReview,
        {"effect": LONG, "applied": None, "evidence": "", "reference": ""},
        [("effect", "too_long"), ("applied", "not_a_bool"), ("reference", "not_an_id"), ("evidence", "empty")],
    ),
    (
        RecordResult,
        {"effect": None, "applied": "yes", "reference": "\n", "failure": 5},
        [
            ("effect", "not_an_id"),
            ("reference", "not_an_id"),
            ("failure", "not_an_id"),
            ("applied", "not_a_bool"),
        ],
    ),
    (CloseIdle, {"conversation": None}, [("conversation", "not_an_id")]),
    (TimeOutBot, {"conversation": LONG}, [("conversation", "too_long")]),
]


@pytest.mark.parametrize(("cls", "values", "expected"), SHAPES)
def test_each_misfit_is_refused_at_its_path(
    cls: Any, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """All of a command's bad fields at once, each with its path and its code.

    Rule: M2, M4, M8, M10, M11, M14, M15, M17 (what arrives, files, notes), S1, S3, S20, C9, L1, B4, B8, B12.
    """
    assert problems(cls, **values) == expected


def rules(make: Any, /, *args: Any, **values: Any) -> list[str | None]:
    """The rules a construction is refused under."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [problem.rule for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("cls", "values", "rule"),
    [
        (StartConversation, {"channel": "wa"}, "S3"),
        (StartConversation, {"channel": "wa", "contact": "ct_1", "text": "x", "template": "t"}, "M5"),
        (BlockContact, {}, "S20"),
        (SendMedia, {"conversation": "cv_1", "attachment": None}, "M17"),
        (SendMedia, {"conversation": "cv_1", "attachment": FILE, "kind": MessageKind.TEXT}, "M17"),
        (AddNote, {"conversation": "cv_1", "text": TEXT_TOO_LONG}, "M15"),
        (SetFields, {"conversation": "cv_1", "values": None}, "C9"),
        (SetFields, {"conversation": "cv_1", "values": {"a": 1.5}}, "C9"),
        (SetFields, {"conversation": "cv_1", "values": {"a": 10**FIELD_DIGITS}}, "C9"),
        (Resend, {"message": "cv_1"}, "M4"),
        (EditConversation, {"conversation": "cv_1", "situation": 5}, "S1"),
        (EditConversation, {"conversation": "cv_1", "to": "ana", "situation": Situation.BOT}, "L1"),
        (MergeContacts, {"contact": "ct_1", "into": "ct_1"}, "M11"),
        (ReceiveMessage, {**RECEIVED, "media": POINTER}, "M17"),
        (ReceiveMessage, {**RECEIVED, "kind": "text"}, "M8"),
        (RecordReaction, {**MARKED, "sent_at": NAIVE}, "L12"),
        (SendBoletos, {"conversation": "cv_1", "boletos": MANY}, "S13"),
        (SendBoletos, {"conversation": "cv_1", "boletos": ("b1",), "forms": ()}, "B4"),
        (SendInvoices, {"conversation": "cv_1", "invoices": MANY}, "S14"),
        (GrantBonus, {**GRANTED, "bonus": 20}, "B8"),
        (GrantBonus, {**GRANTED, "period": "2026"}, "B8"),
        (GrantBonus, {**GRANTED, "justification": "\0x"}, "M14"),
        (OpenServiceOrder, {**ORDERED, "priority": None}, "B12"),
        (OpenServiceOrder, {**ORDERED, "schedule": NAIVE}, "B12"),
    ],
)
def test_a_misfit_names_its_rule(cls: Any, values: dict[str, Any], rule: str) -> None:
    """Where a rule stands behind a check, the problem says which.

    Rule: S3, S20, C9, M4, M11, M15, M17, B4, B8, B12.
    """
    assert rules(cls, **values) == [rule]


@pytest.mark.parametrize(
    ("cls", "values"),
    [
        (AddNote, {"conversation": "cv_1", "text": "x" * NOTE_TEXT}),
        (BlockContact, {"contact": "ct_1", "why": "x" * WHY_LENGTH}),
        (EditContact, {"contact": "ct_1", "name": "x" * NAME_LENGTH}),
        (SetFields, {"conversation": "cv_1", "values": {"a": "x" * FIELD_TEXT}}),
        (SetFields, {"conversation": "cv_1", "values": {"a": 10**FIELD_DIGITS - 1}}),
        (SetFields, {"conversation": "cv_1", "values": {"a": Decimal("-" + "1" * 20 + "." + "1" * 10)}}),
        (SetFields, {"conversation": "cv_1", "values": {"a": Decimal("1e-30")}}),
        (SetFields, {"conversation": "cv_1", "values": {"a": Decimal("1e29")}}),
        (SetFields, {"conversation": "cv_1", "values": {}}),
        (SendTemplate, {"conversation": "cv_1", "template": "t", "parameters": ()}),
        (EditConversation, {"conversation": "cv_1"}),
        (EditContact, {"contact": "ct_1"}),
        (RecordReaction, {**MARKED, "emoji": None}),
        (RecordReaction, {**MARKED, "emoji": ""}),
        (RecordEdit, {**MARKED, "text": ""}),
        (ReceiveMessage, {**RECEIVED, "kind": MessageKind.AUDIO, "text": None, "media": POINTER}),
        (Dismiss, {"message": "cv_1.10"}),
        (PinContract, {"conversation": "cv_1", "contract": None}),
        (SendBoletos, {"conversation": "cv_1", "boletos": MANY[:-1]}),
        (SendInvoices, {"conversation": "cv_1", "invoices": MANY[:-1]}),
        (GrantBonus, {**GRANTED, "justification": "x" * JUSTIFICATION_LENGTH}),
        (OpenServiceOrder, {**ORDERED, "subject": "x" * ORDER_SUBJECT}),
        (OpenServiceOrder, {**ORDERED, "description": "x\n" * (ORDER_DESCRIPTION // 2)}),
        (SettleReview, {**REVIEWED, "evidence": "x" * JUSTIFICATION_LENGTH}),
        (RecordResult, {"effect": "ef_1", "applied": False}),
    ],
)
def test_what_just_fits_is_taken(cls: Any, values: dict[str, Any]) -> None:
    """Limits are exact, and what may be left out may. Rule: C9, M9, M15, M18."""
    cls(**values)


@given(hostile_text(max_pieces=8))
def test_a_customers_text_is_never_refused(text: str) -> None:
    """Law: ReceiveMessage takes any str as text, name and raw, and keeps it as it came. Rule: M14."""
    command = ReceiveMessage(**{**RECEIVED, "text": text, "name": text, "raw": text})
    assert (command.text, command.name, command.raw) == (Private(text),) * 3
    assert RecordEdit(**{**MARKED, "text": text}).text == Private(text)
    assert RecordReaction(**{**MARKED, "emoji": text}).emoji == Private(text)
    echo = RecordEcho(**{**RECEIVED, "text": text, "raw": text})
    assert (echo.text, echo.raw) == (Private(text),) * 2


def test_an_unknown_kind_needs_no_text() -> None:
    """Rule: M8."""
    command = ReceiveMessage(**{**RECEIVED, "kind": MessageKind.UNKNOWN, "text": None, "raw": "{}"})
    assert command.text is None


# --- wrong types ---------------------------------------------------------------------------------------------

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    b"x",
    [],
    ["x"],
    {},
    set(),
    ("x",),
    object(),
)
TAKES: dict[str, tuple[type, ...]] = {"bool": (bool,), "None": (type(None),)}


def slots() -> list[Any]:
    """Each field of each command, with a valid command around it."""
    return [
        pytest.param(cls, values, field, id=f"{cls.__name__}-{field.name}-{n}")
        for n, (cls, values) in enumerate(VALID)
        for field in attrs.fields(cls)
    ]


def fits(cls: Any, field: Any, value: Any) -> bool:
    """Whether a hostile value happens to be of the type its field declares, as the source has it."""
    declared = cls.__annotations__[field.name]
    if field.name == "fence":
        return type(value) is int and value > 0
    if field.name == "forms":
        return value is None
    if "tuple[tuple" in declared:
        return type(value) is dict
    if "tuple[" in declared:
        least = 0 if field.name == "parameters" else 1
        return type(value) in (list, tuple) and len(value) >= least
    return any(type(value) in TAKES.get(part.strip(), ()) for part in declared.split("|"))


@pytest.mark.parametrize(("cls", "values", "field"), slots())
def test_a_value_of_a_wrong_type_is_refused_by_name(cls: Any, values: dict[str, Any], field: Any) -> None:
    """In every field of every command, it meets InvalidValue, which names that field."""
    if field.name in ("contact", "address") and field.name not in values:
        values = {k: v for k, v in values.items() if k not in ("contact", "address")}
    for value in HOSTILE:
        if fits(cls, field, value):
            continue
        paths = {path for path, _ in problems(cls, **{**values, field.name: value})}
        assert field.name in paths, value


@pytest.mark.parametrize(("cls", "values"), VALID, ids=lambda v: getattr(v, "__name__", ""))
def test_a_field_too_many_or_too_few_is_a_programming_error(cls: Any, values: dict[str, Any]) -> None:
    """Python's own TypeError, as for any call."""
    with pytest.raises(TypeError):
        cls(**values, novelty=1)
    for field in attrs.fields(cls):
        if field.default is attrs.NOTHING:
            with pytest.raises(TypeError):
                cls(**{k: v for k, v in values.items() if k != field.name})


# --- the outcome ---------------------------------------------------------------------------------------------


def test_an_outcome_says_what_was_changed() -> None:
    """Each entity with its version after, and short names for what is asked most."""
    outcome = Outcome(
        "cm_1", (("ct_1", 1), ("cv_1", 2), ("cv_1.1", 1), ("cv_1.2", 1), ("ef_1", 1), ("ef_2", 3))
    )
    assert outcome.contact == "ct_1"
    assert outcome.conversation == "cv_1"
    assert outcome.message == "cv_1.1"
    assert outcome.effects == ("ef_1", "ef_2")
    assert outcome.version_of("ef_2") == 3
    assert outcome.version_of("ef_3") is None


def test_an_outcome_that_changed_nothing_is_empty() -> None:
    """Asking for what already is succeeds with nothing. Rule: L19."""
    outcome = Outcome("cm_1")
    assert (outcome.changed, outcome.effects) == ((), ())
    assert outcome.contact is outcome.conversation is outcome.message is None
    assert outcome == Outcome("cm_1", ()) != Outcome("cm_2")


@given(st.text(max_size=300))
def test_ids_are_one_printable_line_of_bounded_length(id: str) -> None:
    """Law: an id is taken exactly when it is 1 to 255 printable code points."""
    if 0 < len(id) <= ID_LENGTH and id.isprintable():
        assert Take(id).conversation == id
    else:
        assert [path for path, _ in problems(Take, id)] == ["conversation"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("131026", "131026"),
        ("rate_limit", "rate_limit"),
        (LONG, "unspecified"),
        ("Recipient 5511987654321 is not on WhatsApp", "unspecified"),
        ("5511987654321", "unspecified"),
        ("", "unspecified"),
        (None, None),
    ],
)
def test_a_failure_keeps_a_code_and_no_sentence(given: Any, kept: str | None) -> None:
    """The failure counts, whatever the provider says of it; a sentence could hold a phone. Rule: M2."""
    assert RecordStatus(**{**REPORTED, "failure": given}).failure == kept
