"""Bad input: each is one typed error of the tree, and nothing changes; only inbound text is repaired."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from chatcore import (
    SYSTEM,
    Actor,
    Assign,
    BlockContact,
    ChatcoreError,
    Close,
    Configure,
    ConversationQuery,
    Desk,
    InvalidValue,
    MessageQuery,
    NotFound,
    Ports,
    SendMessage,
    StartConversation,
    Take,
    UnblockContact,
)
from chatcore.channels.items import Batch, Inbound, Unhandled
from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.commands import ClaimEffect, Finding, FindingKind, RecordStatus, SettleEffect
from chatcore.errors import (
    ContactBlocked,
    ErrorKind,
    NotAdmitted,
    NotPermitted,
    TextTooLong,
)
from chatcore.memory import MemoryStorage
from chatcore.search import ContactQuery, EffectQuery
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    MessageKind,
    Private,
    ReasonId,
)
from tests.office import (
    ADMIN,
    ANA,
    NOON,
    PROVIDER,
    SUE,
    WA,
    WHATSAPP,
    MoodyMessaging,
    Office,
    Scene,
    scripts,
)

PAYLOADS = Path(__file__).parent.parent / "docs" / "examples" / "payloads"
SECRET = b"not-a-real-app-secret"
MOVED = ReasonId("moved")
JOAO = "5511912345678"


@pytest.fixture
def office() -> Office:
    return Office()


# --- bad input -----------------------------------------------------------------------------------------------

CV = ConversationId("cv_00000002")
GHOST = ConversationId("cv_ghost")


@pytest.mark.parametrize(
    ("command", "by", "what", "id"),
    [
        (Take(GHOST), ANA, "conversation", GHOST),
        (Take(ConversationId("ws")), ANA, "conversation", "ws"),
        (Take(ConversationId(f"{CV}.1")), ANA, "conversation", f"{CV}.1"),
        (SendMessage(GHOST, "Oi"), ANA, "conversation", GHOST),
        (Close(GHOST, MOVED), ANA, "conversation", GHOST),
        (Take(CV), Actor.agent("nobody"), "conversation", CV),
        (Assign(CV, AgentId("nobody")), SUE, "agent", "nobody"),
        (Close(CV, ReasonId("nope")), SUE, "reason", "nope"),
        (StartConversation(WA, address=JOAO, department=DepartmentId("nope")), ANA, "department", "nope"),
        (StartConversation(ChannelId("nope"), address=JOAO), ANA, "channel", "nope"),
        (StartConversation(WA, contact=ContactId("ct_ghost")), ANA, "contact", "ct_ghost"),
        (StartConversation(WA, address=JOAO), Actor.agent("nobody"), "agent", "nobody"),
        (BlockContact(ContactId("ct_ghost")), ANA, "contact", "ct_ghost"),
        (UnblockContact(ContactId(CV)), ANA, "contact", CV),
        (ClaimEffect(EffectId("ef_ghost")), SYSTEM, "effect", "ef_ghost"),
        (
            SettleEffect(EffectId("ef_ghost"), 1, Finding(kind=FindingKind.DOUBT)),
            SYSTEM,
            "effect",
            "ef_ghost",
        ),
        (
            RecordStatus(
                channel=ChannelId("nope"), provider_id="x", status=DeliveryStatus.SENT, occurred_at=NOON
            ),
            SYSTEM,
            "channel",
            "nope",
        ),
    ],
)
def test_what_is_not_there_is_one_typed_error(
    office: Office, command: Any, by: Actor, what: str, id: str
) -> None:
    """An unknown conversation, agent, reason, department, channel, contact or effect; nothing changes."""
    assert office.waiting() == CV
    with office.nothing_changes(), pytest.raises(NotFound) as caught:
        office.desk.handle(command, by=by)
    assert (caught.value.what, caught.value.id) == (what, id)
    assert (caught.value.code, caught.value.kind) == ("not_found", ErrorKind.NOT_FOUND)


@pytest.mark.parametrize("reason", ["old", "sale"])
def test_a_reason_that_does_not_fit_is_refused(office: Office, reason: str) -> None:
    """An archived reason, and one of another department, cannot be chosen. Rule: C3, C4."""
    cv = office.taken()
    with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
        office.desk.handle(Close(cv, ReasonId(reason)), by=ANA)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("reason", "archived" if reason == "old" else "other_department")


@pytest.mark.parametrize(
    "phone",
    ["abc", "+55", "119876", "(11) 0000-0000", "987654321", "11 98765-4321 ramal 2", "１１９８７６５４３２１"],
)
def test_a_malformed_phone_is_refused(office: Office, phone: str) -> None:
    """A person's wrong number opens nothing, and is not repeated in the error. Rule: M11."""
    with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
        office.desk.handle(StartConversation(WA, address=phone), by=ANA)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("address", "not_a_phone")
    assert phone not in repr(caught.value.document())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("\u200d", "empty"),
        ("a\0b", "control_character"),
        ("a\rb", "control_character"),
        ("a\x1b[0m", "control_character"),
        ("a\ud83d", "surrogate"),
        (7, "not_a_text"),
        (b"a", "not_a_text"),
        (None, "not_a_text"),
    ],
)
def test_an_empty_or_unprintable_text_is_refused(office: Office, text: Any, code: str) -> None:
    """What cannot be sent cannot even be asked: the command is refused as it is made. Rule: M14."""
    cv = office.taken()
    with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
        office.desk.handle(SendMessage(cv, text), by=ANA)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("text", code)


def test_an_oversized_text_is_refused(office: Office) -> None:
    """The channel's limit holds to the character, before anything is recorded. Rule: M6, M7."""
    cv = office.taken()
    with office.nothing_changes(), pytest.raises(TextTooLong) as caught:
        office.desk.handle(SendMessage(cv, "x" * 4097), by=ANA)
    assert (caught.value.limit, caught.value.actual) == (4096, 4097)
    office.desk.handle(SendMessage(cv, "x" * 4096), by=ANA)


@pytest.mark.parametrize("text", ["", "a\0b", "a\ud83d", "x" * 70_000, "\x1b"])
def test_the_same_from_a_customer_is_repaired_and_kept(office: Office, text: str) -> None:
    """Inbound text is never refused. Rule: M14."""
    message = office.arrive(text=text).message
    assert message is not None
    kept: Any = office.contents.states[message]
    kept.body.reveal().encode()  # It has no half characters left.
    assert "\0" not in kept.body.reveal()
    assert (kept.body.reveal() == text) is (kept.flags == ())


SIGNED = (PAYLOADS / "01-maria-asks.json").read_bytes()


@pytest.mark.parametrize(
    ("body", "signature", "path", "code"),
    [
        (SIGNED, "sha256=" + "0" * 64, "X-Hub-Signature-256", "wrong_signature"),
        (SIGNED, "sha1=0", "X-Hub-Signature-256", "malformed_signature"),
        (SIGNED, None, "X-Hub-Signature-256", "missing_signature"),
        (SIGNED + b" ", signature_of(SIGNED, SECRET), "X-Hub-Signature-256", "wrong_signature"),
        (b"no json", ..., "body", "not_json"),
        (b"", ..., "body", "not_json"),
        (b"\xff", ..., "body", "not_utf8"),
        (b"[]", ..., "body", "not_an_object"),
        (b'{"object": "page", "entry": []}', ..., "object", "wrong_object"),
        (b'{"object": "whatsapp_business_account", "entry": {}}', ..., "entry", "not_a_list"),
    ],
)
def test_a_payload_that_is_not_the_providers_is_refused(
    office: Office, body: bytes, signature: Any, path: str, code: str
) -> None:
    """No JSON, another object, a wrong signature: one typed error, and nothing reaches the desk."""
    header = signature_of(body, SECRET) if signature is ... else signature
    with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
        office.desk.ingest(read_webhook(body, signature=header, app_secret=SECRET))
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (path, code)


@pytest.mark.parametrize(
    "member", [{"from": 7}, {"id": None}, {"timestamp": "soon"}, {"timestamp": -1}, {"from": ["x"]}, {"id": ""}]
)
def test_wrong_types_inside_a_payload_pass_their_neighbours_by(office: Office, member: Any) -> None:
    """An item of wrong types changes nothing and is shown as unhandled; the good one beside it is recorded."""
    document = json.loads(SIGNED)
    value = document["entry"][0]["changes"][0]["value"]
    good = value["messages"][0]
    value["messages"] = [{**good, "id": "wamid.BAD", **member}, good]
    value.pop("contacts")
    body = json.dumps(document).encode()
    bad, fine = office.desk.ingest(read_webhook(body, signature=signature_of(body, SECRET), app_secret=SECRET))
    assert isinstance(bad.item, Unhandled)
    assert (bad.outcome, bad.error) == (None, None)
    assert fine.error is None
    assert len([s for s in office.contents.states if s.endswith(".1")]) == 1


@pytest.mark.parametrize(
    ("command", "by", "error"),
    [
        (Take(CV), Actor.agent("gone"), NotFound),
        (Close(CV, MOVED), ANA, NotPermitted),
        (Assign(CV, AgentId("beto")), ANA, NotPermitted),
        (Configure(PROVIDER), ANA, NotPermitted),
        (Take(CV), SYSTEM, NotPermitted),
        (SendMessage(CV, "Oi"), Actor.bot("robo"), NotFound),
        (ClaimEffect(EffectId("ef_x")), ANA, NotFound),
    ],
)
def test_what_an_actor_may_not_do_changes_nothing(
    office: Office, command: Any, by: Actor, error: type[ChatcoreError]
) -> None:
    """Deny by default. Rule: P."""
    assert office.waiting() == CV
    with office.nothing_changes(), pytest.raises(error):
        office.desk.handle(command, by=by)


def test_a_closed_conversation_does_not_admit_what_is_for_live_ones(office: Office) -> None:
    """Sending, taking and closing are refused once it is closed. Rule: L18."""
    cv = office.taken()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    for command in (SendMessage(cv, "Oi"), Take(cv), Close(cv, MOVED), Assign(cv, AgentId("ana"))):
        with office.nothing_changes(), pytest.raises(NotAdmitted):
            office.desk.handle(command, by=SUE)


def test_a_blocked_contact_is_neither_received_nor_sent_to(office: Office) -> None:
    """A blocked contact's message leaves one count and nothing else; sending is refused. Rule: M13, L21."""
    cv = office.taken()
    contact = office.contents.states[cv].contact  # type: ignore[union-attr]
    office.desk.handle(BlockContact(contact), by=ANA)
    before = office.contents
    office.arrive(text="Ei!")
    after = office.contents
    assert {r for r in after.states if after.states[r] != before.states.get(r)} == {contact}
    assert office.desk.contact(contact, by=ANA).refused == 1
    with office.nothing_changes(), pytest.raises(ContactBlocked):
        office.desk.handle(SendMessage(cv, "Oi"), by=ANA)


class NotACommand:
    conversation = CV


def test_a_command_nobody_knows_is_malformed(office: Office) -> None:
    """What has no row in the table cannot be handled, nor asked about."""
    for call in (office.desk.handle, office.desk.can):
        with office.nothing_changes(), pytest.raises(InvalidValue, match="unknown_command"):
            call(NotACommand(), by=ANA)  # type: ignore[operator]


def test_pages_of_a_wrong_size_or_cursor_are_malformed(office: Office) -> None:
    """A page has 1 to 200 rows, and its cursor comes from a page before it."""
    cv = office.waiting()
    for limit in (0, -1, 201, True, "5", None):
        for read in (
            lambda n: office.desk.conversations(ConversationQuery(), by=ANA, limit=n),
            lambda n: office.desk.messages(MessageQuery(conversation=cv), by=ANA, limit=n),
            lambda n: office.desk.contacts(ContactQuery(), by=ANA, limit=n),
            lambda n: office.desk.effects(EffectQuery(), by=ADMIN, limit=n),
            lambda n: office.desk.timeline(cv, by=ANA, limit=n),
        ):
            with pytest.raises(InvalidValue):
                read(limit)
    for cursor in ("", "x", "é", "AAAA", 7):
        with pytest.raises(InvalidValue):
            office.desk.conversations(ConversationQuery(), by=ANA, cursor=cursor)  # type: ignore[arg-type]


# --- the clock -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime(2026, 3, 10, 12), "naive_moment"),
        ("2026-03-10T12:00:00Z", "not_a_moment"),
        (1_773_144_000, "not_a_moment"),
        (None, "not_a_moment"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-3))), "moment_out_of_range"),
    ],
)
def test_a_clock_that_gives_no_moment_is_one_typed_error(office: Office, moment: Any, code: str) -> None:
    """A naive clock, or one that gives another type, stops every command and changes nothing."""
    (effect,) = office.written("Olá")
    cv = office.state(effect).conversation
    desk = office.another_desk(clock=lambda: moment)
    arrival = Inbound(
        "106540352242922", Private(JOAO), "x", NOON, MessageKind.TEXT, Private("Oi"), None, None, None
    )
    with office.nothing_changes():
        for call in (
            lambda: desk.handle(Close(cv, MOVED), by=ANA),
            lambda: desk.can(Close(cv, MOVED), by=ANA),
            lambda: desk.run_due(),
            lambda: desk.forget(before=NOON),
        ):
            with pytest.raises(InvalidValue) as caught:
                call()
            (problem,) = caught.value.problems
            assert (problem.path, problem.code) == ("clock", code)
        (answer,) = desk.ingest(Batch(WHATSAPP, (arrival,)))
        assert isinstance(answer.error, InvalidValue)


def test_a_clock_in_any_zone_is_read_in_utc(office: Office) -> None:
    """What is recorded is the same moment in UTC."""
    there = timezone(timedelta(hours=-3))
    cv = office.waiting()
    office.another_desk(clock=lambda: NOON.astimezone(there)).handle(Take(cv), by=ANA)
    event = office.desk.timeline(cv, by=ANA)[-1]
    assert (event.recorded_at, event.recorded_at.tzinfo) == (NOON, UTC)


def test_time_stands_still_while_the_clock_goes_back(office: Office) -> None:
    """In one conversation `recorded_at` never goes back, whatever the clock does. Rule: L12."""
    cv = office.taken()
    for hours in (2, -5, 1, -24):
        office.pass_time(hours=hours)
        office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
        office.arrive()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    moments = [e.recorded_at for e in office.desk.timeline(cv, by=ANA, limit=50)]
    assert moments == sorted(moments)
    assert moments[-1] == NOON + timedelta(hours=2)


def test_time_stands_still_for_a_message_that_comes_again_with_another_body(office: Office) -> None:
    """The anomaly is recorded no earlier than the message it is about. Rule: L12, M1."""
    message = office.arrive(id="wamid.A").message
    assert message is not None
    office.pass_time(hours=-1)
    office.arrive(id="wamid.A", text="Outra")
    moments = [e.recorded_at for e in office.contents.streams[message]]
    assert moments == [NOON, NOON]


@given(script=scripts())
def test_no_stream_ever_goes_back_in_time(script: Any) -> None:
    """Law: in each stream versions have no gap and `recorded_at` never goes back. Rule: L12."""
    storage, scene = MemoryStorage(), Scene()
    ports = Ports(storage=storage, messaging={WHATSAPP: MoodyMessaging()})
    desk = Desk(ports, **scene.options())
    desk.handle(Configure(PROVIDER), by=SYSTEM)
    scene.play(desk, script)
    for stream in storage.contents().streams.values():
        moments = [e.recorded_at for e in stream]
        assert moments == sorted(moments)
        assert [e.version for e in stream] == list(range(1, len(stream) + 1))
