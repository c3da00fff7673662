"""Hypothesis strategies for chatcore's values, one per kind of value."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from chatcore import events as e
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
    Command,
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
    Address,
    Agent,
    AtMostOnce,
    Attachment,
    AutomaticMessages,
    BillingCapabilities,
    BillingPolicies,
    Block,
    Boleto,
    BoletoDemand,
    Bonus,
    BonusDemand,
    BusinessHours,
    Channel,
    Contract,
    ContractsCapabilities,
    Conversation,
    Customer,
    Demand,
    Department,
    Details,
    Field,
    Found,
    Interval,
    Invoice,
    InvoiceDemand,
    IssuedBoleto,
    IssuedInvoice,
    Item,
    KeptStatus,
    LooksUpByKey,
    Media,
    MediaPointer,
    MessageTemplate,
    Nature,
    OrderDemand,
    Origin,
    Policies,
    QuickReply,
    Reason,
    RepeatsByKey,
    ReportsByKey,
    Robot,
    Tag,
    Talk,
    Workspace,
)
from chatcore.entities.capabilities import MEDIA
from chatcore.entities.demands import DEMANDS
from chatcore.entities.fields import FieldValue, FieldValues, as_values
from chatcore.entities.replies import ALWAYS_KNOWN, BOLETO_VARIABLES, INVOICE_VARIABLES, VARIABLES
from chatcore.limits import ATTACHMENT_BYTES, BOLETOS, BONUS_DAYS, ID_LENGTH, MONEY_CENTS
from chatcore.text import look_key
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    AgentId,
    AgentsRead,
    BoletoForm,
    BoletoState,
    BonusKind,
    ChannelId,
    ChannelKind,
    ContactId,
    ContractStatus,
    ConversationId,
    CustomerKey,
    DeliveryStatus,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    FieldOn,
    FieldType,
    InvoiceModel,
    Locale,
    MessageId,
    MessageKind,
    Part,
    Priority,
    Private,
    ReasonId,
    Role,
    Situation,
    TemplateCategory,
    Trigger,
)

__all__ = [
    "AREA_CODES",
    "Step",
    "actors",
    "attachments",
    "automatic_messages",
    "billing_capabilities",
    "billing_policies",
    "boletos",
    "bonuses",
    "brazilian_mobiles",
    "business_hours",
    "code_points",
    "command_sequences",
    "commands",
    "contracts",
    "contracts_capabilities",
    "conversations",
    "customers",
    "demands",
    "entity_ids",
    "events",
    "field_values",
    "fields",
    "hostile_text",
    "invoices",
    "items",
    "media_pointers",
    "message_templates",
    "moments",
    "money",
    "natures",
    "one_line_text",
    "outside_ids",
    "policies",
    "prepared_text",
    "quick_replies",
    "steps",
    "tags",
    "workspaces",
]

AREA_CODES = tuple(
    f"{a}{b}"
    for a, ends in {
        1: "123456789",
        2: "12478",
        3: "1234578",
        4: "123456789",
        5: "1345",
        6: "123456789",
        7: "134579",
        8: "123456789",
        9: "123456789",
    }.items()
    for b in ends
)
"""The area codes of Brazil (DDD)."""

_TROUBLE = (
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\x1b",
    "\x85",
    "\ud83d",
    "\ude00",
    "\ud83d\ude00",
    "\u0301",
    "\u0316",
    "\u0345",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
    "\ufe0f",
    "\u20e3",
    "\U0001f1e7",
    "\U0001f1f7",
    "\U0001f3fd",
    "👩",
    "👩‍👩‍👧‍👦",
    "❤️‍🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "©",
    "\u1112",
    "\u1161",
    "\u11ab",
    "한",
    "하",
    "\u0915",
    "\u094d",
    "\u0bcd",
    "\u09c7",
    "\u09be",
    "\u0e33",
    "\u0600",
    "\U0001d165",
    "\U0001d16d",
    "ß",
    "İ",
    "ı",
    "ﬁ",
    "½",
    "é",
    "e\u0301",
    "Ⅷ",
    "\xa0",
    "\xad",
    "\u3164",
)


def code_points() -> st.SearchStrategy[str]:
    """Any code point at all, lone surrogates included."""
    return st.integers(0, 0x10FFFF).map(chr)


def hostile_text(max_pieces: int = 40) -> st.SearchStrategy[str]:
    """Any str: NUL, lone surrogates, controls, marks, joiners, half flags, jamo, and some plain words."""
    pieces = st.one_of(st.sampled_from(_TROUBLE), st.text(max_size=5), code_points())
    return st.lists(pieces, max_size=max_pieces).map("".join)


def one_line_text(min_size: int = 1, max_size: int = 80) -> st.SearchStrategy[str]:
    """A plain line as a Brazilian customer or agent writes it, with something visible in it."""
    letters = (
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?-áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ😀👍"
    )
    return st.text(letters, min_size=min_size, max_size=max_size).filter(lambda line: not line.isspace())


def brazilian_mobiles() -> st.SearchStrategy[str]:
    """A Brazilian mobile in E.164, with its ninth digit."""
    subscriber = st.integers(60_000_000, 99_999_999)
    return st.builds("+55{}9{}".format, st.sampled_from(AREA_CODES), subscriber)


def moments() -> st.SearchStrategy[datetime]:
    """A moment as the core holds it: aware, in UTC, from 1970 to 2199."""
    return st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


# --- ids and configuration -----------------------------------------------------------------------------------


def outside_ids() -> st.SearchStrategy[str]:
    """An id that a service or a provider chose: one printable line."""
    plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_:.=/", min_size=1, max_size=20)
    seen = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
    return st.one_of(plain, plain, plain, st.text(seen, min_size=1, max_size=ID_LENGTH))


def entity_ids(kind: str) -> st.SearchStrategy[str]:
    """The id of an entity; `kind` is its prefix: cv, ct or ef."""
    return st.integers(1, 999_999).map(lambda n: f"{kind}_r{n:06d}")


def _ids(max_size: int = 3, min_size: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Ids of things, none of them twice."""
    return st.lists(outside_ids(), min_size=min_size, max_size=max_size, unique=True).map(tuple)


def _few(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to so many things with ids and names that nothing else of the list has, nor looks like."""
    keys = (lambda x: x.id, lambda x: look_key(x.name))
    return st.lists(strategy, max_size=most, unique_by=keys).map(tuple)


def _names() -> st.SearchStrategy[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return st.text(letters, min_size=1, max_size=8)


_MIMES = ("image/jpeg", "image/webp", "video/mp4", "audio/ogg", "application/pdf", "application/zip")


def _hashes() -> st.SearchStrategy[str]:
    return st.integers(0, 2**256 - 1).map("{:064x}".format)


def attachments() -> st.SearchStrategy[Attachment]:
    """A file that the service keeps. Rule: M17."""
    return st.builds(
        Attachment,
        key=outside_ids(),
        mime=st.sampled_from(_MIMES),
        size=st.integers(1, ATTACHMENT_BYTES),
        sha256=_hashes(),
        name=st.none() | _names().map("{}.bin".format),
    )


def media_pointers() -> st.SearchStrategy[MediaPointer]:
    """A file that a provider keeps; what it says of itself may be missing. Rule: M17."""
    return st.builds(
        MediaPointer,
        reference=outside_ids(),
        mime=st.none() | st.sampled_from(_MIMES),
        sha256=st.none() | _hashes(),
        name=st.none() | _names(),
    )


def prepared_text(*, without_agent: bool = False, also: frozenset[str] = frozenset()) -> st.SearchStrategy[str]:
    """A text that variables are filled into, those of `also` too; with `without_agent`, one nobody has to mend.

    Rule: C7
    """
    bare = sorted((ALWAYS_KNOWN if without_agent else VARIABLES) | (also - {"due_date"}))
    use = st.one_of(
        st.sampled_from(bare).map("{{{{{}}}}}".format),
        st.builds("{{{{{}|{}}}}}".format, st.sampled_from(sorted(VARIABLES | also)), one_line_text(max_size=8)),
    )
    return st.lists(st.one_of(one_line_text(max_size=12), use), min_size=1, max_size=4).map("".join)


def automatic_messages() -> st.SearchStrategy[AutomaticMessages]:
    """What is said by itself, at some of the triggers. Rule: L20."""
    text = st.none() | prepared_text(without_agent=True)
    return st.builds(AutomaticMessages, greeting=text, queued=text, after_hours=text, closing=text)


def business_hours() -> st.SearchStrategy[BusinessHours]:
    """When people serve: up to two intervals a weekday, and some holidays. Rule: H1."""
    minutes = st.lists(st.integers(0, 1440), max_size=4, unique=True).map(sorted)
    day = minutes.map(lambda m: tuple(map(Interval, m[0 : len(m) // 2 * 2 : 2], m[1::2])))
    holidays = st.lists(st.dates(date(2025, 1, 1), date(2029, 12, 31)), max_size=3, unique=True)
    return st.builds(
        BusinessHours, week=st.tuples(*[day] * 7), holidays=holidays.map(lambda days: tuple(sorted(days)))
    )


def billing_policies() -> st.SearchStrategy[BillingPolicies]:
    """What is decided about boletos, invoices and bonuses. Rule: B4, B8, C7."""
    limits = st.lists(bonuses(), max_size=3, unique_by=lambda bonus: bonus.kind).map(tuple)
    return st.builds(
        BillingPolicies,
        boleto_forms=_forms(),
        boleto_text=st.none() | prepared_text(without_agent=True, also=BOLETO_VARIABLES),
        invoice_text=st.none() | prepared_text(without_agent=True, also=INVOICE_VARIABLES),
        bonus_limits=limits,
    )


def policies(reasons: tuple[Reason, ...] = ()) -> st.SearchStrategy[Policies]:
    """Policies that fit a workspace with these reasons."""
    usable = [reason.id for reason in reasons if not (reason.archived or reason.departments)]
    span = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=30))
    values: dict[str, st.SearchStrategy[Any]] = {
        "reopen_within": span,
        "reopen_to_assignee": st.booleans(),
        "read_receipts": st.booleans(),
        "automatic": automatic_messages(),
        "hours": st.none() | business_hours(),
        "idle_spares_waiting": st.booleans(),
        "bot_timeout": span,
        "max_bot_turns": st.none() | st.integers(1, 10),
        "bot_granted": _abilities(),
        "billing": billing_policies(),
        "agents_read": st.sampled_from(AgentsRead),
    }
    plain = st.builds(Policies, **values)
    if not usable:
        return plain
    return plain | st.builds(Policies, default_reason=st.sampled_from(usable), close_after_idle=span, **values)


def _abilities() -> st.SearchStrategy[tuple[Ability, ...]]:
    return st.lists(st.sampled_from(Ability), max_size=3, unique=True).map(tuple)


def tags(departments: st.SearchStrategy[tuple[str, ...]] | None = None) -> st.SearchStrategy[Tag]:
    """A mark on conversations. Rule: S7."""
    return st.builds(
        Tag,
        id=outside_ids(),
        name=_names(),
        colour=st.integers(0, 0xFFFFFF).map("#{:06x}".format),
        departments=_ids() if departments is None else departments,
        archived=st.booleans(),
    )


def quick_replies(
    departments: st.SearchStrategy[tuple[str, ...]] | None = None,
    agents: st.SearchStrategy[tuple[str, ...]] | None = None,
) -> st.SearchStrategy[QuickReply]:
    """A reply prepared beforehand: a text, a file, or both. Rule: C6."""
    contents = st.one_of(
        st.tuples(prepared_text(), st.none() | attachments()), st.tuples(st.none(), attachments())
    )
    return st.builds(
        lambda content, **values: QuickReply(text=content[0], attachment=content[1], **values),
        contents,
        id=outside_ids(),
        shortcut=_names(),
        departments=_ids() if departments is None else departments,
        agents=_ids() if agents is None else agents,
        archived=st.booleans(),
    )


def message_templates(channels: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[MessageTemplate]:
    """A message that a provider approved, with up to three places. Rule: M5, M6."""
    return st.builds(
        MessageTemplate,
        id=outside_ids(),
        channel=outside_ids() if channels is None else channels,
        name=st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=8),
        language=st.sampled_from(("pt_BR", "en", "es_AR")),
        body=st.builds(
            lambda words, count: words + "".join(f" {{{{{n}}}}}" for n in range(1, count + 1)),
            one_line_text(max_size=20),
            st.integers(0, 3),
        ),
        category=st.sampled_from(TemplateCategory),
        archived=st.booleans(),
    )


def fields(
    departments: st.SearchStrategy[tuple[str, ...]] | None = None,
    reasons: st.SearchStrategy[tuple[str, ...]] | None = None,
) -> st.SearchStrategy[Field]:
    """What a workspace asks of contacts or conversations. Rule: C9."""
    choices = st.lists(_names(), min_size=1, max_size=4, unique=True).map(tuple)
    kinds = st.one_of(
        st.tuples(st.sampled_from([t for t in FieldType if t is not FieldType.CHOICE]), st.just(())),
        st.tuples(st.just(FieldType.CHOICE), choices),
    )
    return st.builds(
        lambda kind, **values: Field(type=kind[0], choices=kind[1], **values),
        kinds,
        id=outside_ids(),
        name=_names(),
        on=st.sampled_from(FieldOn),
        required_at_close=st.booleans(),
        reasons=_ids() if reasons is None else reasons,
        departments=_ids() if departments is None else departments,
        archived=st.booleans(),
    )


def field_values() -> st.SearchStrategy[FieldValue]:
    """The value of a custom field of any type. Rule: C9.

    Numbers are from 2 on: to Python the number 1 is equal to yes, which is another value.
    """
    return st.one_of(
        one_line_text().map(Private),
        st.decimals(2, 10**12, places=2),
        st.integers(2, 10**12).map(Decimal),
        st.dates(),
        st.booleans(),
    )


def _values_given() -> st.SearchStrategy[dict[str, Any]]:
    """Values by field, as a service gives them; None takes one away."""
    given = st.one_of(field_values(), one_line_text(), st.integers(2, 10**12), st.none())
    return st.dictionaries(outside_ids(), given, max_size=3)


def _values_kept() -> st.SearchStrategy[FieldValues]:
    return st.dictionaries(outside_ids(), field_values(), max_size=3).map(as_values)  # type: ignore[arg-type]


def _departments() -> st.SearchStrategy[Department]:
    return st.builds(Department, id=outside_ids(), name=_names(), archived=st.booleans())


def _agents(departments: st.SearchStrategy[tuple[str, ...]]) -> st.SearchStrategy[Agent]:
    return st.builds(
        Agent,
        id=outside_ids(),
        name=_names(),
        roles=st.lists(st.sampled_from(Role), min_size=1, max_size=4, unique=True).map(tuple),
        departments=departments,
        granted=_abilities(),
        withdrawn=_abilities(),
        max_open=st.integers(0, 5),
        active=st.booleans(),
    )


def _reasons(departments: st.SearchStrategy[tuple[str, ...]]) -> st.SearchStrategy[Reason]:
    return st.builds(Reason, id=outside_ids(), name=_names(), departments=departments, archived=st.booleans())


def _channels(department: st.SearchStrategy[str], archived: bool) -> st.SearchStrategy[Channel]:
    return st.builds(
        Channel,
        id=outside_ids(),
        kind=st.just(ChannelKind.WHATSAPP_CLOUD),
        account=outside_ids(),
        department=department,
        bot=st.booleans(),
        archived=st.just(archived),
    )


def items() -> st.SearchStrategy[Item]:
    """One part of a workspace, of any kind; what it refers to need not be there."""
    return st.one_of(
        _departments(),
        _agents(_ids()),
        _reasons(_ids()),
        tags(),
        quick_replies(),
        message_templates(),
        fields(),
        _channels(outside_ids(), archived=False),
        _channels(outside_ids(), archived=True),
    )


def _some(things: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """The ids of some of these things."""
    ids = [thing.id for thing in things]
    return st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(())


@st.composite
def workspaces(draw: st.DrawFn) -> Workspace:
    """A valid configuration with parts of every kind, not committed yet."""
    departments = draw(_few(_departments()))
    within = _some(departments)
    agents, reasons = draw(_few(_agents(within))), draw(_few(_reasons(within)))
    live = [department.id for department in departments if not department.archived]
    gone = [department.id for department in departments if department.archived]
    channel = st.nothing()
    if live:
        channel |= _channels(st.sampled_from(live), archived=False)
    if gone:
        channel |= _channels(st.sampled_from(gone), archived=True)
    channels = ()
    if departments:
        listed = st.lists(channel, max_size=3, unique_by=(lambda c: c.id, lambda c: c.account))
        channels = draw(listed.map(tuple))
    templates = ()
    if channels:
        template = message_templates(st.sampled_from([channel.id for channel in channels]))
        templates = draw(
            st.lists(template, max_size=2, unique_by=(lambda t: t.id, lambda t: t.name)).map(tuple)
        )
    return Workspace(
        name=draw(_names()),
        time_zone=draw(st.sampled_from(("America/Sao_Paulo", "America/Manaus", "UTC"))),
        locale=draw(st.sampled_from(Locale)),
        departments=departments,
        agents=agents,
        reasons=reasons,
        tags=draw(_few(tags(within))),
        quick_replies=draw(_few(quick_replies(within, _some(agents)), 2)),
        templates=templates,
        fields=draw(_few(fields(within, _some(reasons)), 2)),
        channels=channels,
        policies=draw(policies(reasons)),
    )


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """A valid conversation in any situation."""
    situation = draw(st.sampled_from(Situation))
    at = draw(moments())
    agent = draw(outside_ids().map(AgentId))
    closed = situation is Situation.CLOSED
    seq = draw(st.integers(0, 10_000))
    return Conversation(
        id=ConversationId(draw(entity_ids("cv"))),
        version=draw(st.integers(1, 10_000)),
        recorded_at=at,
        origin=Origin(
            contact=ContactId(draw(entity_ids("ct"))),
            channel=ChannelId(draw(outside_ids())),
            protocol=draw(st.integers(10**17, 10**18 - 1).map(str)),
            started_at=at,
        ),
        talk=Talk(
            address=Private(draw(brazilian_mobiles())),
            seq=seq,
            heard=draw(st.integers(0, seq)),
            unread=draw(st.integers(0, 50)),
            waiting_since=draw(st.none() | st.just(at)),
            window_until=draw(st.none() | st.just(at)),
            robot=draw(_robots()),
        ),
        situation=situation,
        department=DepartmentId(draw(outside_ids())),
        assignee=agent if situation is Situation.OPEN else None,
        last_assignee=draw(st.sampled_from((None, agent))),
        reason=ReasonId(draw(outside_ids())) if closed or draw(st.booleans()) else None,
        opened_at=at,
        queued_at=at if situation is Situation.QUEUE else None,
        taken_at=at if situation is Situation.OPEN else None,
        closed_at=at if closed else None,
        closed_by=SYSTEM if closed else None,
        transfers=draw(st.integers(0, 50)),
        details=draw(
            st.builds(Details, tags=_ids(), fields=_values_kept(), contract=st.none() | outside_ids())
        ),
    )


def _details() -> st.SearchStrategy[Details]:
    return st.builds(Details, tags=_ids(), fields=_values_kept(), contract=st.none() | outside_ids())


def _robots() -> st.SearchStrategy[Robot]:
    return st.builds(
        Robot,
        said=st.lists(st.sampled_from(Trigger), max_size=4, unique=True).map(tuple),
        quiet_until=st.none() | moments(),
        turns=st.integers(0, 20),
        moved_at=st.none() | moments(),
    )


# --- contracts and billing -----------------------------------------------------------------------------------


def money() -> st.SearchStrategy[Money]:
    """An amount, from nothing up to the most there is. Rule: B10."""
    return st.builds(Money, st.integers(0, 100_000) | st.integers(0, MONEY_CENTS))


def natures() -> st.SearchStrategy[Nature]:
    """What a port may promise about a write."""
    span = st.timedeltas(timedelta(0), timedelta(days=30))
    return st.one_of(
        st.builds(RepeatsByKey, span),
        st.builds(LooksUpByKey, span),
        st.builds(ReportsByKey),
        st.builds(AtMostOnce),
    )


def contracts_capabilities() -> st.SearchStrategy[ContractsCapabilities]:
    """What a contracts side may offer. Rule: B2, B12."""
    return st.builds(
        ContractsCapabilities,
        finds_by=st.lists(st.sampled_from(CustomerKey), unique=True).map(tuple),
        orders=st.none() | natures(),
        transcripts=st.booleans(),
    )


def billing_capabilities() -> st.SearchStrategy[BillingCapabilities]:
    """What a billing side may offer. Rule: B4, B7, B8."""
    return st.builds(
        BillingCapabilities,
        boletos=st.just(()) | _forms(),
        invoices=st.booleans(),
        bonus=st.none() | natures(),
        bonus_kinds=st.lists(st.sampled_from(BonusKind), unique=True).map(tuple),
    )


def customers() -> st.SearchStrategy[Customer]:
    """Someone the contracts side knows. Rule: B2."""
    some_line = st.none() | one_line_text().map(Private)
    return st.builds(Customer, id=outside_ids(), name=one_line_text().map(Private), document=some_line)


def contracts() -> st.SearchStrategy[Contract]:
    """A contract in any state, told so or not. Rule: B1, S5."""
    return st.builds(
        Contract,
        id=outside_ids(),
        customer=outside_ids(),
        status=st.sampled_from(ContractStatus),
        as_of=moments(),
        access=st.none() | st.sampled_from(ContractStatus),
        plan=st.none() | _names(),
        link=st.none() | st.integers(1, 10**6).map("https://erp.example/contracts/{}".format),
    )


_LINES = ("00190.50095 40144.816069 06809.350314 3 37370000000100", "836200000005 667800481000", "")
_PIX_CODES = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D",
    "00020126",
)


def boletos() -> st.SearchStrategy[Boleto]:
    """A boleto as billing sides have them: with a line or a code that holds, one that does not, or none."""
    return st.builds(
        Boleto,
        id=outside_ids(),
        customer=outside_ids(),
        amount=money(),
        due=st.none() | st.dates(),
        label=st.sampled_from(BoletoState),
        contract=st.none() | outside_ids(),
        paid_on=st.none() | st.dates(),
        paid=st.none() | money(),
        line=st.none() | st.sampled_from(_LINES) | hostile_text(4),
        pix=st.none() | (st.sampled_from(_PIX_CODES) | hostile_text(4)).map(Private),
        document=st.booleans(),
    )


def invoices() -> st.SearchStrategy[Invoice]:
    """A fiscal invoice of any model. Rule: B7."""
    return st.builds(
        Invoice,
        id=outside_ids(),
        customer=outside_ids(),
        model=st.sampled_from(InvoiceModel),
        number=outside_ids(),
        issued_on=st.dates(),
        amount=money(),
        series=st.none() | outside_ids(),
        contract=st.none() | outside_ids(),
        access_key=st.none() | hostile_text(4),
        cancelled=st.booleans(),
    )


def bonuses() -> st.SearchStrategy[Bonus]:
    """A bonus of any kind, up to the most there is of it. Rule: B8."""
    return st.one_of(
        st.integers(1, MONEY_CENTS).map(lambda cents: Bonus(BonusKind.AMOUNT, Money(cents))),
        st.integers(1, 10_000).map(lambda part: Bonus(BonusKind.PERCENT, Decimal(part) / 100)),
        st.integers(1, BONUS_DAYS).map(Bonus.days),
    )


def demands() -> st.SearchStrategy[Demand]:
    """What may be asked of contracts or billing. Rule: B11."""
    ids, some_id, line = outside_ids(), st.none() | outside_ids(), one_line_text().map(Private)
    return st.one_of(
        st.builds(BoletoDemand, customer=ids, boleto=ids, forms=_forms(), contract=some_id),
        st.builds(InvoiceDemand, customer=ids, invoice=ids, contract=some_id),
        st.builds(
            BonusDemand, customer=ids, contract=ids, bonus=bonuses(), period=_periods(), justification=line
        ),
        st.builds(
            OrderDemand,
            customer=some_id,
            contract=some_id,
            **_orders(),
            protocol=ids,
            transcript=st.integers(0, 99),
        ),
    )


def _orders() -> dict[str, st.SearchStrategy[Any]]:
    """What a service order says."""
    line = one_line_text().map(Private)
    return {
        "type": outside_ids(),
        "subject": line,
        "description": line,
        "priority": st.sampled_from(Priority),
        "schedule": st.none() | moments(),
    }


def _forms() -> st.SearchStrategy[tuple[BoletoForm, ...]]:
    return st.lists(st.sampled_from(BoletoForm), min_size=1, unique=True).map(tuple)


def _periods() -> st.SearchStrategy[str]:
    return st.builds("{:04d}-{:02d}".format, st.integers(2000, 2199), st.integers(1, 12))


def _brought() -> st.SearchStrategy[Any]:
    """What an effect may bring from outside."""
    return st.one_of(
        attachments(),
        st.builds(IssuedBoleto, boletos(), st.none() | attachments()),
        st.builds(IssuedInvoice, invoices(), attachments()),
        st.lists(customers(), max_size=3).map(tuple).map(Found),
    )


# --- commands ------------------------------------------------------------------------------------------------

_REPORTS = (
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
    DeliveryStatus.PLAYED,
    DeliveryStatus.FAILED,
)


def actors() -> st.SearchStrategy[Actor]:
    """Anybody who can be behind a command."""
    ids = outside_ids()
    return st.one_of(st.just(SYSTEM), ids.map(Actor.agent), ids.map(Actor.bot))


def _arriving(kind: type[Any], **content: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What a channel brings, about one customer and under a provider's id."""
    return st.builds(
        kind,
        channel=outside_ids(),
        address=brazilian_mobiles(),
        provider_id=outside_ids(),
        sent_at=moments(),
        **content,
    )


_WITHOUT_FILE = tuple(
    kind for kind in MessageKind if kind not in MEDIA and kind not in (MessageKind.NOTE, MessageKind.TEMPLATE)
)


def _said() -> st.SearchStrategy[tuple[MessageKind, str | None, MediaPointer | None]]:
    """What a message from outside may be: words, something unknown, or a file with or without a caption."""
    return st.one_of(
        st.tuples(st.sampled_from(_WITHOUT_FILE), hostile_text(), st.none()),
        st.tuples(st.sampled_from(sorted(MEDIA)), st.none() | hostile_text(8), media_pointers()),
    )


def _saying(kind: type[Any]) -> Any:
    def make(said: tuple[MessageKind, str | None, MediaPointer | None], **values: Any) -> Any:
        return kind(kind=said[0], text=said[1], media=said[2], **values)

    return make


def commands() -> st.SearchStrategy[Command]:
    """A well-formed command of any type; what it names need not be there."""
    ids, line = outside_ids(), one_line_text()
    conversation = entity_ids("cv").map(ConversationId)
    contact, effect = entity_ids("ct").map(ContactId), entity_ids("ef").map(EffectId)
    message = _message_ids()
    over, part = st.booleans(), st.sampled_from(Part)
    parameters = st.lists(line, max_size=3)
    finding = st.builds(
        Finding,
        kind=st.sampled_from(FindingKind),
        reference=st.none() | ids,
        detail=st.none() | ids,
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)),
        brought=st.none() | _brought(),
    )
    about_conversation = (ReturnToQueue, ReturnToBot, MarkRead, CloseIdle, TimeOutBot)
    raw = st.none() | hostile_text()
    return st.one_of(
        st.builds(StartConversation, ids, contact=contact, text=st.none() | line, over_capacity=over),
        st.builds(StartConversation, ids, address=brazilian_mobiles(), department=st.none() | ids),
        st.builds(StartConversation, ids, contact=contact, template=ids, parameters=parameters),
        st.builds(Take, conversation, over_capacity=over),
        st.builds(Assign, conversation, ids, over_capacity=over),
        st.builds(Transfer, conversation, ids, over_capacity=over),
        st.builds(ChangeDepartment, conversation, ids),
        st.sampled_from(about_conversation).flatmap(lambda c: st.builds(c, conversation)),
        st.builds(Reopen, conversation, st.none() | ids, over_capacity=over),
        st.builds(SetReason, conversation, ids),
        st.builds(SendMessage, conversation, line),
        st.builds(SendTemplate, conversation, ids, parameters),
        st.builds(SendQuickReply, conversation, ids),
        st.builds(
            SendMedia,
            conversation,
            attachments(),
            st.none() | line,
            kind=st.none() | st.sampled_from(sorted(MEDIA)),
        ),
        st.builds(AddNote, conversation, line),
        st.sampled_from((AddTags, RemoveTags)).flatmap(lambda c: st.builds(c, conversation, _ids(min_size=1))),
        st.builds(SetFields, conversation, _values_given()),
        st.sampled_from((Resend, Dismiss)).flatmap(lambda c: st.builds(c, message)),
        st.builds(PinContract, conversation, st.none() | ids),
        st.builds(SendBoletos, conversation, _ids(BOLETOS, 1), forms=st.none() | _forms()),
        st.builds(SendInvoices, conversation, _ids(BOLETOS, 1)),
        st.builds(GrantBonus, conversation, ids, bonuses(), line, period=st.none() | _periods()),
        st.builds(
            OpenServiceOrder, conversation, **_orders(), contract=st.none() | ids, transcript=st.booleans()
        ),
        st.builds(Withdraw, effect),
        st.builds(SettleReview, effect, st.booleans(), line, reference=st.none() | ids),
        st.builds(
            EditConversation,
            conversation,
            customer=st.none() | ids,
            department=st.none() | ids,
            reason=st.none() | ids,
            situation=st.none() | st.sampled_from(Situation),
            over_capacity=over,
        ),
        st.builds(EditConversation, conversation, to=ids, situation=st.sampled_from((None, Situation.OPEN))),
        st.builds(Close, conversation, st.none() | ids),
        st.builds(BlockContact, contact, st.none() | line),
        st.builds(BlockContact, address=brazilian_mobiles(), why=st.none() | line),
        st.sampled_from((UnblockContact, UnlinkCustomer)).flatmap(lambda c: st.builds(c, contact)),
        st.builds(
            EditContact,
            contact,
            name=st.none() | _names(),
            opted_out=st.none() | st.booleans(),
            fields=_values_given(),
        ),
        st.builds(LinkCustomer, contact, ids),
        st.lists(contact, min_size=2, max_size=2, unique=True).map(lambda pair: MergeContacts(*pair)),
        st.builds(Configure, workspaces()),
        st.sampled_from((AddItem, ChangeItem)).flatmap(lambda c: st.builds(c, items())),
        st.sampled_from((ArchiveItem, RestoreItem)).flatmap(lambda c: st.builds(c, part, ids)),
        st.builds(OrderItems, part, _ids(min_size=1)),
        st.builds(SetPolicies, policies()),
        _arriving(
            _saying(ReceiveMessage),
            said=_said(),
            name=st.none() | hostile_text(4),
            raw=raw,
            reply_to=st.none() | ids,
        ),
        _arriving(_saying(RecordEcho), said=_said(), raw=raw),
        _arriving(RecordReaction, target=ids, emoji=st.none() | hostile_text(2)),
        _arriving(RecordEdit, target=ids, text=hostile_text()),
        _arriving(RecordRevocation, target=ids),
        st.builds(
            RecordStatus,
            channel=ids,
            provider_id=ids,
            status=st.sampled_from(_REPORTS),
            occurred_at=moments(),
            key=st.none() | effect,
            failure=st.none() | ids,
        ),
        st.builds(ClaimEffect, effect),
        st.builds(SettleEffect, effect, st.integers(1, 100), finding),
        st.builds(
            RecordResult,
            effect=effect,
            applied=st.just(False),
            reference=st.none() | ids,
            failure=st.none() | ids,
        ),
        st.builds(RecordResult, effect=effect, applied=st.just(True), reference=st.none() | ids),
        st.builds(ReleaseConversation, conversation, ids),
    )


# --- events --------------------------------------------------------------------------------------------------


def _message_ids() -> st.SearchStrategy[MessageId]:
    numbers = st.tuples(entity_ids("cv"), st.integers(1, 10_000))
    return numbers.map(lambda pair: MessageId(f"{pair[0]}.{pair[1]}"))


def _addresses() -> st.SearchStrategy[tuple[Address, ...]]:
    one = st.builds(Address, outside_ids(), brazilian_mobiles().map(Private))
    return st.lists(one, max_size=2, unique_by=lambda address: address.key).map(tuple)


def _media() -> st.SearchStrategy[Media]:
    return st.one_of(
        st.builds(Media, pointer=media_pointers(), lost=st.none() | outside_ids()),
        st.builds(Media, attachment=attachments()),
    )


def events() -> st.SearchStrategy[e.Event]:
    """A well-formed event of any type; what it names need not be there."""
    ids, at, line = outside_ids(), moments(), one_line_text().map(Private)
    some_id, some_line, some_moment = st.none() | ids, st.none() | line, st.none() | at
    contact, effect = entity_ids("ct").map(ContactId), entity_ids("ef").map(EffectId)
    conversation = entity_ids("cv").map(ConversationId)
    name, flags = st.none() | _names().map(Private), _ids(2)
    given = _values_given().map(as_values)
    reported = {
        "status": st.sampled_from(_REPORTS),
        "occurred_at": at,
        "failure": some_id,
    }
    kept = st.builds(KeptStatus, **reported)
    mark = {"channel": ids, "provider_id": ids}
    placed = {"conversation": conversation, "seq": st.integers(1, 10_000), "channel": ids}
    told = {**placed, "provider_id": ids, "sent_at": at, "flags": flags, "raw": some_line}
    media = st.none() | _media()
    kinds = st.sampled_from([kind for kind in MessageKind if kind is not MessageKind.NOTE])
    empty = (
        e.ReturnedToBot,
        e.MarkedRead,
        e.ContactUnblocked,
        e.CustomerUnlinked,
        e.MessageDoubted,
        e.AnomalyRecorded,
        e.DoubtDismissed,
        e.LeftUnconfirmed,
        e.Dismissed,
    )
    part = st.sampled_from(Part)
    b = st.builds
    return st.one_of(
        st.sampled_from(empty).map(lambda kind: kind()),
        b(
            e.Started,
            contact=contact,
            channel=ids,
            address=brazilian_mobiles().map(Private),
            protocol=st.integers(10**17, 10**18 - 1).map(str),
            department=ids,
            bot=st.booleans(),
            assignee=some_id,
            window_until=some_moment,
            quiet_until=some_moment,
        ),
        b(e.Queued, department=ids),
        b(e.Taken, assignee=ids),
        b(e.Transferred, assignee=ids),
        b(e.Closed, reason=ids),
        b(e.Reopened, assignee=some_id, window_until=some_moment, quiet_until=some_moment),
        b(e.DepartmentChanged, department=ids),
        b(e.ReasonSet, reason=ids),
        b(
            e.MessageAdded,
            message=_message_ids(),
            seq=st.integers(1, 10_000),
            direction=st.sampled_from(Direction),
            human=st.booleans(),
            window_until=some_moment,
            address=st.none() | brazilian_mobiles().map(Private),
            bot=st.booleans(),
            trigger=st.none() | st.sampled_from(Trigger),
            quiet_until=some_moment,
        ),
        st.sampled_from((e.Tagged, e.Untagged)).flatmap(lambda kind: b(kind, tags=_ids(min_size=1))),
        b(e.FieldsSet, values=given),
        b(
            e.ContactReplaced,
            contact=contact,
            window_until=some_moment,
            quiet_until=some_moment,
            waiting_since=some_moment,
            unread=st.integers(0, 100),
        ),
        b(e.ContactCreated, addresses=_addresses(), name=name),
        b(e.ContactBlocked, why=st.none() | one_line_text()),
        b(e.InboundRefused, **mark),
        b(e.ContactEdited, name=name, opted_out=st.booleans(), values=given),
        b(e.CustomerLinked, customer=ids),
        b(e.CustomersSuggested, customers=st.lists(customers(), max_size=3).map(tuple)),
        b(e.ContractPinned, contract=some_id),
        b(e.ActionRequested, effect=effect, kind=st.sampled_from(sorted(DEMANDS))),
        b(
            e.ContactAbsorbed,
            contact=contact,
            addresses=_addresses(),
            name=name,
            customer=some_id,
            fields=_values_kept(),
            opted_out=st.booleans(),
            blocked=st.none() | b(Block, actors(), at, st.none() | one_line_text()),
            refused=st.integers(0, 10),
            merged=st.lists(contact, max_size=2, unique=True).map(tuple),
            suggestions=st.lists(customers(), max_size=2).map(tuple),
        ),
        b(e.ContactMerged, into=contact, channels=_ids()),
        b(e.MessageReceived, **told, kind=kinds, body=line, media=media, reply_to=st.none() | _message_ids()),
        b(e.MessageEchoed, **told, kind=kinds, body=line, media=media),
        b(
            e.MessageWritten,
            **placed,
            kind=kinds,
            body=line,
            effect=effect,
            author=st.none() | actors(),
            automatic=st.none() | st.sampled_from(Trigger),
            media=media,
            template=some_id,
            parameters=st.lists(line, max_size=2).map(tuple),
            customer=some_id,
        ),
        b(e.NoteAdded, **placed, body=line),
        b(e.MessageAccepted, provider_id=some_id),
        b(e.MessageNotSent, detail=ids),
        b(e.MessageResent, effect=effect),
        b(e.StatusReported, **reported),
        b(e.MediaStored, attachment=attachments()),
        b(e.MediaLost, detail=ids),
        b(e.Reacted, **mark, direction=st.sampled_from(Direction), emoji=some_line, sent_at=at),
        b(e.MessageEdited, **mark, body=line, sent_at=at),
        b(e.MessageRevoked, **mark, sent_at=at),
        b(e.WorkspaceConfigured, workspace=workspaces()),
        st.sampled_from((e.ItemAdded, e.ItemChanged)).flatmap(lambda kind: b(kind, item=items())),
        st.sampled_from((e.ItemArchived, e.ItemRestored)).flatmap(lambda kind: b(kind, part=part, id=ids)),
        b(e.ItemsOrdered, part=part, ids=_ids(min_size=1)),
        b(e.PoliciesChanged, policies=policies()),
        b(
            e.Intended,
            kind=st.sampled_from(EffectKind),
            expires_at=at,
            due_at=at,
            channel=some_id,
            agent=some_id,
            conversation=st.none() | conversation,
            contact=st.none() | contact,
            message=st.none() | _message_ids(),
            lane=some_id,
            position=st.integers(0, 10_000),
            reference=some_id,
            kept=st.lists(kept, max_size=2).map(tuple),
            demand=st.none() | demands(),
        ),
        b(e.Claimed, lease_until=at, at=some_moment),
        b(e.Postponed, due_at=at, detail=some_id),
        b(e.Succeeded, reference=some_id),
        b(e.Failed, detail=ids),
        b(e.Cancelled, detail=ids),
        b(e.Doubted, due_at=at, detail=ids, at=some_moment),
        b(e.LookedUp, due_at=at),
        b(e.StatusKept, report=kept),
        b(e.EvidenceKept, finding=ids, reference=some_id, note=some_line),
        b(e.SentToReview, guarded=st.booleans()),
    )


# --- steps of a world ----------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Step:
    """One thing that happens in a world, as a plain value.

    `pick` chooses among the things there are when it happens, so a sequence of steps fits whatever came before;
    `by` None is whoever may well do it then. `detail` belongs to the kind of step: a text, a status, a span of
    time, how a provider behaves.
    """

    what: str
    by: Actor | None = SYSTEM
    pick: int = 0
    detail: Any = None
    flag: bool = False


def steps(people: tuple[Actor, ...], moods: tuple[str, ...]) -> st.SearchStrategy[Step]:
    """One step, by one of these people, over a provider that may be in one of these moods."""
    anybody, pick, flag = st.sampled_from(people), st.integers(0, 7), st.booleans()
    who = st.none() | st.none() | anybody
    span = st.one_of(
        st.timedeltas(timedelta(0), timedelta(minutes=3)),
        st.sampled_from((timedelta(hours=1), timedelta(hours=25), timedelta(days=31))),
        st.timedeltas(timedelta(days=-2), timedelta(0)),
    )
    reason = st.sampled_from((None, "slip", "slip", "slow", "old", "nowhere"))
    return st.one_of(
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("take"), who, pick, flag=flag),
        st.builds(Step, st.just("take"), who, pick),
        st.builds(Step, st.just("assign"), who, pick, anybody, flag),
        st.builds(Step, st.just("transfer"), who, pick, anybody, flag),
        st.builds(Step, st.just("reopen"), who, pick, st.none() | anybody, flag),
        st.builds(Step, st.just("move"), who, pick, st.integers(0, 5)),
        st.builds(Step, st.just("say why"), who, pick, st.sampled_from(("slip", "slow", "old", "nowhere"))),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("close"), who, pick, reason, flag),
        st.builds(Step, st.just("close"), pick=pick, by=st.none(), detail=st.just("slip"), flag=flag),
        st.builds(Step, st.just("start"), who, pick, st.none() | one_line_text(max_size=8), flag),
        st.builds(Step, st.sampled_from(("block", "unblock")), who, pick),
        st.builds(Step, st.just("configure"), pick=pick),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("pass time"), detail=span),
        st.builds(
            Step, st.just("behave"), detail=st.lists(st.sampled_from(moods), min_size=2, max_size=4).map(tuple)
        ),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
    )


def command_sequences(
    people: tuple[Actor, ...], moods: tuple[str, ...], longest: int = 40
) -> st.SearchStrategy[list[Step]]:
    """A valid sequence of steps; one that the rules refuse is valid too, and changes nothing."""
    whole = st.lists(st.none() | steps(people, moods), min_size=longest // 2, max_size=longest)
    return whole.map(lambda some: [step for step in some if step is not None])  # None is for shrinking.
