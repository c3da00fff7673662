"""Bad input: each is one typed error of the tree, and nothing changes; only inbound text is repaired."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
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
from chatcore.commands import (
    AddItem,
    AddNote,
    AddTags,
    ArchiveItem,
    ChangeDepartment,
    ChangeItem,
    ClaimEffect,
    CloseIdle,
    Dismiss,
    EditContact,
    EditConversation,
    Finding,
    FindingKind,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OrderItems,
    RecordStatus,
    ReleaseConversation,
    RemoveTags,
    Reopen,
    Resend,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendMedia,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetPolicies,
    SetReason,
    SettleEffect,
    TimeOutBot,
    Transfer,
    UnlinkCustomer,
)
from chatcore.entities import (
    Agent,
    Attachment,
    AutomaticMessages,
    Channel,
    Department,
    Field,
    MessageTemplate,
    Policies,
    QuickReply,
    Tag,
)
from chatcore.errors import (
    AgentInactive,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    CaptionNotCarried,
    ContactBlocked,
    ContactMerged,
    ErrorKind,
    MediaNotCarried,
    MediaTooLarge,
    MissingVariable,
    NoBot,
    NoDefaultReason,
    NotAdmitted,
    NotAMember,
    NotInDoubt,
    NotPermitted,
    TextTooLong,
    TooManyTags,
    WindowClosed,
    WrongParameters,
)
from chatcore.limits import FIELD_TEXT, NAME_LENGTH, NOTE_TEXT, WHY_LENGTH
from chatcore.memory import MemoryStorage
from chatcore.search import ContactQuery, EffectQuery
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    FieldId,
    FieldOn,
    FieldType,
    MessageId,
    MessageKind,
    Part,
    Private,
    QuickReplyId,
    ReasonId,
    Role,
    TagId,
    TemplateCategory,
    TemplateId,
)
from tests.office import (
    ADMIN,
    ANA,
    BETO,
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


# --- every new command ---------------------------------------------------------------------------------------

CT = ContactId("ct_00000002")
SUPPORT, SALES, OLD = DepartmentId("support"), DepartmentId("sales"), DepartmentId("old")
SHA = "0" * 64
PHOTO = Attachment(key="media/1", mime="image/jpeg", size=5 * 1024 * 1024, sha256=SHA, name="modem.jpg")
VIP, LATE, SOLD = TagId("vip"), TagId("late"), TagId("sold")
SELLER, LOST, AWAY, FREE = AgentId("vera"), AgentId("lost"), AgentId("gone"), AgentId("beto")
PLAN, SPEED, SINCE, GONE_FIELD, NICK = (FieldId(id) for id in ("plan", "speed", "since", "gone", "nick"))

STOCKED = attrs.evolve(
    PROVIDER,
    departments=(*PROVIDER.departments, Department(id=OLD, name="Antigo", archived=True)),
    agents=(
        *PROVIDER.agents,
        Agent(id=SELLER, name="Vera", departments=(SALES,)),
        Agent(id=LOST, name="Auditor", roles=(Role.AUDITOR,)),
    ),
    tags=(
        Tag(id=VIP, name="VIP"),
        Tag(id=LATE, name="Atraso", archived=True),
        Tag(id=SOLD, name="Vendido", departments=(SALES,)),
        *(Tag(id=TagId(f"t{n}"), name=f"Etiqueta {n}") for n in range(21)),
    ),
    quick_replies=(
        QuickReply(id=QuickReplyId("hi"), shortcut="oi", text="Olá, {{contact}}!"),
        QuickReply(id=QuickReplyId("gone"), shortcut="antiga", text="Nunca mais", archived=True),
        QuickReply(id=QuickReplyId("sell"), shortcut="vender", text="Compre!", departments=(SALES,)),
        QuickReply(
            id=QuickReplyId("both"), shortcut="as duas", text="Compre!", departments=(SALES,), archived=True
        ),
        QuickReply(id=QuickReplyId("long"), shortcut="longa", text="{{contact}}" * 30),
        QuickReply(
            id=QuickReplyId("heavy"), shortcut="pesada", attachment=attrs.evolve(PHOTO, size=PHOTO.size + 1)
        ),
        QuickReply(
            id=QuickReplyId("odd"), shortcut="estranha", attachment=attrs.evolve(PHOTO, mime="image/tiff")
        ),
    ),
    templates=(
        MessageTemplate(
            id=TemplateId("notice"), channel=WA, name="aviso", language="pt_BR", body="Olá {{1}}, dia {{2}}."
        ),
        MessageTemplate(
            id=TemplateId("gone"), channel=WA, name="antigo", language="pt_BR", body="Fim.", archived=True
        ),
        MessageTemplate(
            id=TemplateId("other"),
            channel=ChannelId("wa2"),
            name="outro",
            language="pt_BR",
            body="Fim.",
            archived=True,
        ),
        MessageTemplate(
            id=TemplateId("offer"),
            channel=WA,
            name="oferta",
            language="pt_BR",
            body="Oferta!",
            category=TemplateCategory.MARKETING,
        ),
    ),
    fields=(
        Field(id=PLAN, name="Plano", on=FieldOn.CONVERSATION, type=FieldType.CHOICE, choices=("100", "500")),
        Field(id=SPEED, name="Velocidade", on=FieldOn.CONVERSATION, type=FieldType.NUMBER),
        Field(id=SINCE, name="Desde", on=FieldOn.CONVERSATION, type=FieldType.DATE),
        Field(id=GONE_FIELD, name="Antigo", on=FieldOn.CONVERSATION, archived=True),
        Field(id=NICK, name="Apelido", on=FieldOn.CONTACT),
    ),
    channels=(
        *PROVIDER.channels,
        Channel(id=ChannelId("wa2"), kind=WHATSAPP, account="777", department=SUPPORT),
        Channel(id=ChannelId("shut"), kind=WHATSAPP, account="888", department=SUPPORT, archived=True),
    ),
)


@pytest.fixture
def stocked() -> Office:
    """A provider with something of everything; ANA has the conversation CV with the contact CT."""
    office = Office(STOCKED)
    assert office.taken() == CV
    return office


def problems_of(office: Office, command: Any, by: Actor) -> list[tuple[str, str]]:
    """What is wrong with a command, by path and code; nothing changed, in `can` neither."""
    with office.nothing_changes():
        with pytest.raises(InvalidValue) as caught:
            office.desk.handle(command, by=by)
        assert office.desk.can(command, by=by).refusal.problems == caught.value.problems  # type: ignore[union-attr]
    return [(problem.path, problem.code) for problem in caught.value.problems]


def refusal_of(office: Office, command: Any, by: Actor) -> ChatcoreError:
    """The one typed error that a command meets; nothing changed, and `can` said so."""
    with office.nothing_changes():
        with pytest.raises(ChatcoreError) as caught:
            office.desk.handle(command, by=by)
        assert type(office.desk.can(command, by=by).refusal) is type(caught.value)
    return caught.value


ABOUT_A_CONVERSATION: tuple[Any, ...] = (
    lambda cv: Transfer(cv, FREE),
    lambda cv: ChangeDepartment(cv, SALES),
    ReturnToQueue,
    ReturnToBot,
    Reopen,
    lambda cv: SetReason(cv, MOVED),
    lambda cv: AddTags(cv, (VIP,)),
    lambda cv: RemoveTags(cv, (VIP,)),
    lambda cv: SetFields(cv, {"speed": 500}),
    lambda cv: AddNote(cv, "Cliente antigo"),
    MarkRead,
    lambda cv: SendTemplate(cv, TemplateId("offer")),
    lambda cv: SendQuickReply(cv, QuickReplyId("hi")),
    lambda cv: SendMedia(cv, PHOTO),
    lambda cv: EditConversation(cv, reason=MOVED),
)
FOREIGN = ("cv_ghost", "ct_00000002", "ef_00000002.1", "cv_00000002.1", "ws", "ana", "x" * 255)


@pytest.mark.parametrize("id", FOREIGN)
def test_no_command_takes_another_things_id_for_a_conversations(stocked: Office, id: str) -> None:
    """Unknown, or of a contact, an effect, a message, the workspace: there is no such conversation."""
    for make in ABOUT_A_CONVERSATION:
        for by in (ANA, ADMIN):
            error = refusal_of(stocked, make(ConversationId(id)), by)
            assert isinstance(error, NotFound)
            assert (error.what, error.id) == ("conversation", id)


ABOUT_A_CONTACT: tuple[Any, ...] = (
    BlockContact,
    UnblockContact,
    lambda ct: EditContact(ct, name="Maria"),
    lambda ct: LinkCustomer(ct, CustomerId("c1")),
    UnlinkCustomer,
    lambda ct: MergeContacts(ct, CT),
    lambda ct: MergeContacts(CT, ct),
)


@pytest.mark.parametrize("id", ["ct_ghost", "cv_00000002", "ef_00000002.1", "cv_00000002.1", "ws", "ana"])
def test_no_command_takes_another_things_id_for_a_contacts(stocked: Office, id: str) -> None:
    """Likewise, on either side of a merge."""
    for make in ABOUT_A_CONTACT:
        error = refusal_of(stocked, make(ContactId(id)), ADMIN)
        assert isinstance(error, NotFound)
        assert (error.what, error.id) == ("contact", id)


@pytest.mark.parametrize("command", [Resend, Dismiss])
def test_a_message_that_is_none_or_not_in_doubt(stocked: Office, command: Any) -> None:
    """Malformed, unknown, in an unknown conversation, the customer's own, or well on its way. Rule: M2, M4."""
    for id in ("cv_00000002", "ct_00000002", "cv_00000002.0", "cv_00000002.x", "", "cv_00000002.1.1"):
        with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
            stocked.desk.handle(command(MessageId(id)), by=ANA)
        assert [problem.path for problem in caught.value.problems] == ["message"]
    for id in ("cv_00000002.99", "cv_ghost.1"):
        error = refusal_of(stocked, command(MessageId(id)), ANA)
        assert isinstance(error, NotFound)
        assert (error.what, error.id) == ("message", id)
    stocked.desk.handle(SendMessage(CV, "Oi"), by=ANA)
    for n in (1, 2):
        assert isinstance(refusal_of(stocked, command(MessageId(f"{CV}.{n}")), ANA), NotInDoubt)


@pytest.mark.parametrize(
    ("command", "by", "what", "id"),
    [
        (Transfer(CV, AgentId("nobody")), ANA, "agent", "nobody"),
        (ChangeDepartment(CV, DepartmentId("nope")), ANA, "department", "nope"),
        (SetReason(CV, ReasonId("nope")), ANA, "reason", "nope"),
        (SendTemplate(CV, TemplateId("nope")), ANA, "template", "nope"),
        (SendQuickReply(CV, QuickReplyId("nope")), ANA, "quick_reply", "nope"),
        (EditConversation(CV, to=AgentId("nobody")), SUE, "agent", "nobody"),
        (EditConversation(CV, department=DepartmentId("nope")), ANA, "department", "nope"),
        (EditConversation(CV, reason=ReasonId("nope")), ANA, "reason", "nope"),
        (StartConversation(WA, address=JOAO, template=TemplateId("nope")), ANA, "template", "nope"),
        (ArchiveItem(Part.TAG, "nope"), ADMIN, "tag", "nope"),
        (ArchiveItem(Part.REASON, "vip"), ADMIN, "reason", "vip"),
        (RestoreItem(Part.AGENT, "nope"), ADMIN, "agent", "nope"),
        (ChangeItem(Tag(id=TagId("nope"), name="Nova")), ADMIN, "tag", "nope"),
        (ReleaseConversation(GHOST, AgentId("ana")), SYSTEM, "conversation", GHOST),
        (CloseIdle(GHOST), SYSTEM, "conversation", GHOST),
        (TimeOutBot(GHOST), SYSTEM, "conversation", GHOST),
    ],
)
def test_what_a_command_names_and_nobody_knows(
    stocked: Office, command: Any, by: Actor, what: str, id: str
) -> None:
    """Each is named by what it should have been, and by its id."""
    error = refusal_of(stocked, command, by)
    assert isinstance(error, NotFound)
    assert (error.what, error.id) == (what, id)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (SetReason(CV, ReasonId("old")), [("reason", "archived")]),
        (SetReason(CV, ReasonId("sale")), [("reason", "other_department")]),
        (ChangeDepartment(CV, OLD), [("department", "archived")]),
        (AddTags(CV, (LATE,)), [("tags[0]", "archived")]),
        (AddTags(CV, (SOLD,)), [("tags[0]", "other_department")]),
        (
            AddTags(CV, (VIP, LATE, TagId("nope"), SOLD)),
            [("tags[1]", "archived"), ("tags[2]", "unknown_tag"), ("tags[3]", "other_department")],
        ),
        (SendQuickReply(CV, QuickReplyId("gone")), [("reply", "archived")]),
        (SendQuickReply(CV, QuickReplyId("sell")), [("reply", "not_for_you")]),
        (SendQuickReply(CV, QuickReplyId("both")), [("reply", "archived"), ("reply", "not_for_you")]),
        (SendTemplate(CV, TemplateId("gone")), [("template", "archived")]),
        (SendTemplate(CV, TemplateId("other")), [("template", "archived"), ("template", "other_channel")]),
        (StartConversation(WA, address=JOAO, template=TemplateId("gone")), [("template", "archived")]),
        (StartConversation(ChannelId("shut"), address=JOAO), [("channel", "archived")]),
        (
            StartConversation(ChannelId("shut"), address=JOAO, department=OLD),
            [("channel", "archived"), ("department", "archived")],
        ),
        (
            SetFields(
                CV, {"plan": "300", "speed": "fast", "since": True, "gone": "x", "nick": "Mari", "no": 1}
            ),
            [
                ("values.gone", "archived"),
                ("values.nick", "unknown_field"),
                ("values.no", "unknown_field"),
                ("values.plan", "not_a_choice"),
                ("values.since", "not_a_day"),
                ("values.speed", "not_a_number"),
            ],
        ),
        (
            EditContact(CT, fields={"nick": 7, "plan": "100"}),
            [("fields.nick", "not_a_text"), ("fields.plan", "unknown_field")],
        ),
        (EditConversation(CV, reason=ReasonId("old")), [("reason", "archived")]),
        (EditConversation(CV, department=OLD), [("department", "archived")]),
        (EditConversation(CV, reason=ReasonId("sale")), [("reason", "other_department")]),
    ],
)
def test_what_cannot_be_chosen_is_named_all_at_once(
    stocked: Office, command: Any, expected: list[tuple[str, str]]
) -> None:
    """Archived, for other departments, of another type, unknown: every misfit, each with its path.

    Rule: C3, C4, C6, C9, M6
    """
    assert sorted(problems_of(stocked, command, SUE)) == expected


def test_more_tags_than_a_conversation_has_room_for_are_refused_whole(stocked: Office) -> None:
    """None of them is put on. Rule: C5."""
    some = tuple(TagId(f"t{n}") for n in range(19))
    stocked.desk.handle(AddTags(CV, some), by=ANA)
    error = refusal_of(stocked, AddTags(CV, (TagId("t19"), TagId("t20"))), ANA)
    assert isinstance(error, TooManyTags)
    assert (error.limit, error.actual) == (20, 21)


@pytest.mark.parametrize(
    ("command", "by", "error"),
    [
        (Transfer(CV, AgentId("ana")), ANA, AlreadyTaken),
        (Transfer(CV, AgentId("ana")), SUE, AlreadyTaken),
        (Transfer(CV, AWAY), ANA, AgentInactive),
        (Transfer(CV, SELLER), ANA, NotAMember),
        (Transfer(CV, LOST), ANA, NotAMember),
        (Transfer(CV, FREE), BETO, NotPermitted),
        (Transfer(CV, FREE, over_capacity=True), ANA, NotPermitted),
        (EditConversation(CV, to=AWAY), SUE, AgentInactive),
        (EditConversation(CV, to=SELLER), SUE, NotAMember),
        (ReturnToBot(CV), ANA, NoBot),
        (Reopen(CV), ANA, NotAdmitted),
        (ReturnToQueue(CV), BETO, NotPermitted),
        (SetReason(CV, MOVED), BETO, NotPermitted),
        (AddTags(CV, (VIP,)), Actor.agent("lost"), NotPermitted),
        (MergeContacts(CT, CT_OTHER := ContactId("ct_00000004")), ANA, NotPermitted),
        (AddItem(Tag(id=TagId("new"), name="Nova")), ANA, NotPermitted),
        (SetPolicies(Policies()), SUE, NotPermitted),
        (CloseIdle(CV), ADMIN, NotPermitted),
        (ReleaseConversation(CV, AgentId("ana")), ADMIN, NotPermitted),
        (TimeOutBot(CV), Actor.bot("robo"), NotFound),
    ],
)
def test_what_cannot_be_done_now_or_by_them(
    stocked: Office, command: Any, by: Actor, error: type[ChatcoreError]
) -> None:
    """A transfer to oneself, to who is away or has no access; and what is not theirs to ask. Rule: L9, P."""
    assert stocked.waiting(JOAO) == "cv_00000004"
    assert CT_OTHER in stocked.contents.states
    assert type(refusal_of(stocked, command, by)) is error


def test_a_transfer_to_who_has_no_room_is_refused(stocked: Office) -> None:
    """With their count and their limit. Rule: L7, L9."""
    stocked.taken(BETO, JOAO)
    error = refusal_of(stocked, Transfer(CV, FREE), ANA)
    assert isinstance(error, AtCapacity)
    assert (error.agent, error.open, error.limit) == (FREE, 1, 1)


@pytest.mark.parametrize(
    ("command", "error", "attributes"),
    [
        (
            SendMedia(CV, attrs.evolve(PHOTO, size=PHOTO.size + 1)),
            MediaTooLarge,
            {"limit": 5 * 1024 * 1024, "actual": 5 * 1024 * 1024 + 1},
        ),
        (SendMedia(CV, attrs.evolve(PHOTO, mime="image/tiff")), MediaNotCarried, {"mime": "image/tiff"}),
        (
            SendMedia(CV, attrs.evolve(PHOTO, mime="application/x-msdownload"), "Instale"),
            MediaNotCarried,
            {"mime": "application/x-msdownload"},
        ),
        (SendMedia(CV, PHOTO, kind=MessageKind.DOCUMENT), MediaNotCarried, {"mime": "image/jpeg"}),
        (
            SendMedia(CV, attrs.evolve(PHOTO, mime="audio/ogg"), "Escute"),
            CaptionNotCarried,
            {"message_kind": MessageKind.AUDIO},
        ),
        (SendMedia(CV, PHOTO, "x" * 1025), TextTooLong, {"limit": 1024, "actual": 1025}),
        (SendTemplate(CV, TemplateId("notice"), ("Maria",)), WrongParameters, {"expected": 2, "actual": 1}),
        (
            SendTemplate(CV, TemplateId("notice"), ("a", "b", "c")),
            WrongParameters,
            {"expected": 2, "actual": 3},
        ),
        (SendTemplate(CV, TemplateId("offer"), ("a",)), WrongParameters, {"expected": 0, "actual": 1}),
        (
            StartConversation(WA, address=JOAO, template=TemplateId("notice"), department=SUPPORT),
            WrongParameters,
            {"expected": 2, "actual": 0},
        ),
        (SendQuickReply(CV, QuickReplyId("hi")), MissingVariable, {"variable": "contact"}),
        (
            SendQuickReply(CV, QuickReplyId("heavy")),
            MediaTooLarge,
            {"limit": 5 * 1024 * 1024, "actual": 5 * 1024 * 1024 + 1},
        ),
        (SendQuickReply(CV, QuickReplyId("odd")), MediaNotCarried, {"mime": "image/tiff"}),
        (StartConversation(WA, address=JOAO, text="Oi"), WindowClosed, {"closed_at": None}),
        (StartConversation(WA, contact=CT), AlreadyLive, {"conversation": CV}),
    ],
)
def test_what_the_channel_does_not_carry_is_refused_with_limit_and_size(
    stocked: Office, command: Any, error: type[ChatcoreError], attributes: dict[str, Any]
) -> None:
    """A file of a wrong type or size, a caption, a template, a variable: before anything is recorded.

    Rule: M5, M6, M7, C7, L3
    """
    met = refusal_of(stocked, command, ANA)
    assert type(met) is error
    assert {name: getattr(met, name) for name in attributes} == attributes


def test_a_quick_reply_that_grows_too_long_is_refused(stocked: Office) -> None:
    """What it says is measured once it is filled in. Rule: C7, M6."""
    stocked.desk.handle(EditContact(CT, name="M" * 200), by=ANA)
    error = refusal_of(stocked, SendQuickReply(CV, QuickReplyId("long")), ANA)
    assert isinstance(error, TextTooLong)
    assert (error.limit, error.actual) == (4096, 6000)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\0", "a\0b", "a\x1b[31mb", "a\ud800", "\u200b\u200d", "a\x85b", 7, b"a", None, ["a"]],
)
def test_hostile_text_is_refused_wherever_it_is_given(stocked: Office, text: Any) -> None:
    """Notes, captions, parameters, names, the why of a block, values: each at its path, and never repeated."""
    asked: tuple[tuple[str, Any], ...] = (
        ("text", lambda: AddNote(CV, text)),
        ("caption", lambda: SendMedia(CV, PHOTO, text)),
        ("parameters[1]", lambda: SendTemplate(CV, TemplateId("notice"), ("a", text))),
        ("name", lambda: EditContact(CT, name=text)),
        ("why", lambda: BlockContact(CT, why=text)),
        ("values.plan", lambda: SetFields(CV, {"plan": text})),
        ("text", lambda: StartConversation(WA, address=JOAO, text=text)),
    )
    leaves_out = {"caption", "name", "why", "values.plan"} if text is None else set()
    for path, make in asked:
        if path in leaves_out or (path == "text" and text is None and make is asked[-1][1]):
            continue
        if path == "values.plan" and text == 7:
            continue  # A number is a value, of another field.
        with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
            stocked.desk.handle(make(), by=ANA)
        assert {problem.path for problem in caught.value.problems} == {path}
        if isinstance(text, str) and text.strip():
            assert text not in json.dumps(caught.value.document(), ensure_ascii=False)


@pytest.mark.parametrize("text", ["\u202ecod.exe", "Maria\nSilva", "Ma\u200bria", "x" * 201])
def test_a_name_of_a_contact_is_one_line_that_reads_as_it_is(stocked: Office, text: str) -> None:
    """No bidi, zero-width or line break in it, and no more than the limit. Rule: C2."""
    with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
        stocked.desk.handle(EditContact(CT, name=text), by=ANA)
    assert {problem.path for problem in caught.value.problems} == {"name"}


@pytest.mark.parametrize(
    ("make", "path", "limit"),
    [
        (lambda n: AddNote(CV, "x" * n), "text", NOTE_TEXT),
        (lambda n: BlockContact(CT, why="x" * n), "why", WHY_LENGTH),
        (lambda n: SetFields(CV, {"nick": "x" * n}), "values.nick", FIELD_TEXT),
        (lambda n: EditContact(CT, name="x" * n), "name", NAME_LENGTH),
        (lambda n: SetReason(CV, ReasonId("x" * n)), "reason", 255),
        (lambda n: AddTags(CV, ("x" * n,)), "tags[0]", 255),
    ],
)
def test_what_is_too_long_is_refused_with_limit_and_size(
    stocked: Office, make: Any, path: str, limit: int
) -> None:
    """Above the limit by one, or by very much; told by how much."""
    make(limit)
    for actual in (limit + 1, 1_000_000):
        with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
            stocked.desk.handle(make(actual), by=ANA)
        (problem,) = caught.value.problems
        assert (problem.path, problem.code, problem.limit, problem.actual) == (path, "too_long", limit, actual)


def test_everything_wrong_with_one_command_is_told_at_once(stocked: Office) -> None:
    """Not only the first: a person mends a form in one go."""
    asked: tuple[tuple[Any, set[str]], ...] = (
        (
            lambda: StartConversation("", address=7, text="\0", over_capacity=None),  # type: ignore[arg-type]
            {"channel", "address", "text", "over_capacity"},
        ),
        (
            lambda: EditConversation("", reason=7, to="", situation="open", over_capacity=1),  # type: ignore[arg-type]
            {"conversation", "reason", "to", "situation", "over_capacity"},
        ),
        (
            lambda: SendMedia("", "a file", "\0", kind="image"),  # type: ignore[arg-type]
            {"conversation", "attachment", "caption", "kind"},
        ),
        (
            lambda: SendTemplate("", "", ("", 7)),  # type: ignore[arg-type]
            {"conversation", "template", "parameters[0]", "parameters[1]"},
        ),
        (lambda: AddTags("", ("", 7)), {"conversation", "tags[0]", "tags[1]"}),  # type: ignore[arg-type]
        (
            lambda: EditContact("", name="\0", opted_out=1, fields={"a": "\0", "b": object()}),  # type: ignore[dict-item, arg-type]
            {"contact", "name", "opted_out", "fields.a", "fields.b"},
        ),
        (lambda: MergeContacts("", ""), {"contact", "into"}),  # type: ignore[arg-type]
        (lambda: BlockContact(7, why=7, address=7), {"contact", "why", "address"}),  # type: ignore[arg-type]
        (lambda: ArchiveItem("tag", ""), {"part", "id"}),  # type: ignore[arg-type]
    )
    for make, paths in asked:
        with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
            stocked.desk.handle(make(), by=SUE)
        assert {problem.path for problem in caught.value.problems} == paths


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (AddItem(Tag(id=TagId("v2"), name="vip")), [("name", "repeated")]),
        (AddItem(Tag(id=TagId("v2"), name="VIР")), [("name", "looks_like_another")]),
        (AddItem(Tag(id=TagId("v2"), name="ATRASO")), [("name", "repeated")]),
        (AddItem(Tag(id=VIP, name="Outra")), [("id", "repeated")]),
        (ChangeItem(Tag(id=VIP, name="atraso")), [("name", "repeated")]),
        (
            AddItem(Tag(id=TagId("v2"), name="Vip", departments=(DepartmentId("no"), SUPPORT))),
            [("departments[0]", "unknown_department"), ("name", "repeated")],
        ),
        (
            AddItem(QuickReply(id=QuickReplyId("q"), shortcut="OI", text="x", agents=(AgentId("nobody"),))),
            [("agents[0]", "unknown_agent"), ("shortcut", "repeated")],
        ),
        (
            AddItem(Channel(id=ChannelId("w3"), kind=WHATSAPP, account="106540352242922", department=SUPPORT)),
            [("account", "repeated")],
        ),
        (
            AddItem(Channel(id=ChannelId("w3"), kind=WHATSAPP, account="9", department=OLD)),
            [("department", "archived")],
        ),
        (
            AddItem(
                MessageTemplate(
                    id=TemplateId("t"), channel=ChannelId("no"), name="x", language="pt_BR", body="x"
                )
            ),
            [("channel", "unknown_channel")],
        ),
        (ArchiveItem(Part.DEPARTMENT, "support"), None),
        (
            SetPolicies(Policies(default_reason=ReasonId("nope"))),
            [("policies.default_reason", "unknown_reason")],
        ),
        (SetPolicies(Policies(default_reason=ReasonId("old"))), [("policies.default_reason", "archived")]),
        (
            SetPolicies(Policies(default_reason=ReasonId("sale"))),
            [("policies.default_reason", "other_department")],
        ),
        (OrderItems(Part.REASON, ("moved", "old")), [("ids", "not_all_of_them")]),
        (OrderItems(Part.REASON, ("moved", "old", "nope")), [("ids", "not_all_of_them")]),
        (Configure(PROVIDER), None),
    ],
)
def test_a_part_that_does_not_fit_is_refused_with_all_that_is_wrong(
    stocked: Office, command: Any, expected: list[tuple[str, str]] | None
) -> None:
    """Labels, looks, references, what stands and needs it; at the part's own fields.

    Rule: C1, C2, C3, C4, L10
    """
    found = sorted(problems_of(stocked, command, ADMIN))
    if expected is not None:
        assert found == expected
    else:
        assert {code for _, code in found} <= {"left_out", "archived", "in_use"}


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("{{nope}}", "unknown_variable", (2, 6)),
        ("{{Contact}}", "unknown_variable", (2, 9)),
        ("Olá {{", "unterminated_variable", (4, 6)),
        ("Olá {{contact", "unterminated_variable", (4, 6)),
        ("{{}}", "empty_name", (0, 4)),
        ("{{date|{{agent}}}}", "nested_variable", (7, 9)),
        ("{{date}}" * 51, "too_many_variables", (400, 408)),
        ("x" * 4097, "too_long", (4096, 4097)),
    ],
)
def test_a_text_with_a_template_error_is_never_saved(
    stocked: Office, text: str, code: str, span: tuple[int, int]
) -> None:
    """Neither as a quick reply nor as an automatic message; told with its offset. Rule: C7, L20."""
    for path, make in (
        ("text", lambda: AddItem(QuickReply(id=QuickReplyId("q"), shortcut="nova", text=text))),
        ("greeting", lambda: SetPolicies(Policies(automatic=AutomaticMessages(greeting=text)))),
    ):
        with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
            stocked.desk.handle(make(), by=ADMIN)  # type: ignore[no-untyped-call]
        (problem,) = caught.value.problems
        assert (problem.path, problem.code, problem.span) == (path, code, span)


def test_an_automatic_message_that_might_lack_a_value_is_never_saved(stocked: Office) -> None:
    """Nobody is there to mend it: a name that may be missing needs a fallback. Rule: C7, L20."""
    with stocked.nothing_changes(), pytest.raises(InvalidValue) as caught:
        SetPolicies(Policies(automatic=AutomaticMessages(closing="Tchau, {{contact}}!")))
    assert [(p.path, p.code) for p in caught.value.problems] == [("closing", "fallback_required")]


@pytest.mark.parametrize(
    "fields",
    [
        {"mime": "image"},
        {"mime": "IMAGE/JPEG"},
        {"mime": "image/jpeg; charset=x"},
        {"mime": 7},
        {"size": 0},
        {"size": -1},
        {"size": 3 * 1024**3},
        {"size": "40"},
        {"size": True},
        {"sha256": "abc"},
        {"sha256": SHA.upper() + "0"},
        {"key": ""},
        {"key": "a\nb"},
        {"name": "a\u202ecod.exe"},
        {"name": "x" * 201},
    ],
)
def test_an_attachment_that_is_none_cannot_be_made(fields: dict[str, Any]) -> None:
    """Its type, size, hash, key and name are checked as it is made, each by itself. Rule: M17."""
    with pytest.raises(InvalidValue) as caught:
        attrs.evolve(PHOTO, **fields)
    assert {problem.path for problem in caught.value.problems} == set(fields)


def test_everything_wrong_with_an_attachment_is_told_at_once() -> None:
    """All fields together. Rule: M17."""
    with pytest.raises(InvalidValue) as caught:
        Attachment(key="", mime="x", size=0, sha256="x", name="\0")
    assert {problem.path for problem in caught.value.problems} == {"key", "mime", "size", "sha256", "name"}


def test_a_merged_contact_is_not_touched_any_more(stocked: Office) -> None:
    """Whoever names it is told which contact it is now. Rule: M11."""
    other = stocked.state(stocked.waiting(JOAO)).contact
    with stocked.nothing_changes(), pytest.raises(NoDefaultReason):
        stocked.desk.handle(MergeContacts(other, CT), by=SUE)
    policies = attrs.evolve(STOCKED.policies, default_reason=MOVED)
    stocked.desk.handle(SetPolicies(policies), by=ADMIN)
    stocked.desk.handle(MergeContacts(other, CT), by=SUE)
    for command in (
        BlockContact(other),
        EditContact(other, name="João"),
        LinkCustomer(other, CustomerId("c1")),
        StartConversation(WA, contact=other),
    ):
        error = refusal_of(stocked, command, SUE)
        assert isinstance(error, ContactMerged)
        assert error.into == CT
    with stocked.nothing_changes(), pytest.raises(InvalidValue, match="same_contact"):
        stocked.desk.handle(MergeContacts(CT, CT), by=SUE)


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
