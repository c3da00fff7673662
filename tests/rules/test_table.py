"""The command table: one row each, one check for all, in one order; and which situation admits what."""

from __future__ import annotations

import typing
from typing import Any

import attrs
import pytest

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
from chatcore.entities import Block, Bonus, Policies, Tag
from chatcore.errors import (
    AgentInactive,
    AlreadyTaken,
    ChatcoreError,
    NoBot,
    NotAdmitted,
    NotContracted,
    NotFound,
    NotLinked,
    NotPermitted,
    ReasonRequired,
    SecondPersonRequired,
    VersionConflict,
)
from chatcore.rules import decide
from chatcore.rules.facts import (
    OnArrival,
    OnBoletos,
    OnBonus,
    OnContact,
    OnConversation,
    OnCustomer,
    OnEdit,
    OnEffect,
    OnInvoices,
    OnMark,
    OnMerge,
    OnMessage,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)
from chatcore.rules.table import TABLE, Row, check_contracted
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    AgentsRead,
    DeliveryStatus,
    EffectKind,
    EffectState,
    Module,
    Part,
    Role,
    Situation,
)
from tests import given
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    BILLING,
    CARLA,
    CONTRACT,
    CT,
    CT2,
    CV,
    EF,
    HOUR,
    MSG,
    NOW,
    PHONE,
    PICTURE,
    ROBO,
    SARA,
    TAGS,
    action,
    agent,
    contact,
    conversation,
    effect,
    facts_of,
    granted,
    on_arrival,
    on_contact,
    on_effect,
    stocked,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED

ARRIVED: Any = {"channel": "wa", "address": PHONE, "provider_id": "w", "sent_at": NOW}
RECEIVE = ReceiveMessage(**ARRIVED, text="Oi")
ECHO = RecordEcho(**ARRIVED, text="Já vou")
REACTION = RecordReaction(**ARRIVED, target="wamid.in", emoji="👍")
EDIT = RecordEdit(**ARRIVED, target="wamid.in", text="Oi!")
REVOCATION = RecordRevocation(**ARRIVED, target="wamid.in")
RECORD = RecordStatus(channel="wa", provider_id="w", status=DeliveryStatus.SENT, occurred_at=NOW)
CLAIM = ClaimEffect(EF)
SETTLE = SettleEffect(EF, 4, Finding(kind=FindingKind.DONE, reference="w"))
RESULT = RecordResult(effect=EF, applied=True, reference="w")

PATIENT = Policies(
    default_reason="moved",
    close_after_idle=HOUR,
    idle_spares_waiting=False,
    bot_timeout=HOUR,
    billing=BILLING,
)
STOCKED = stocked(policies=PATIENT)
"""What is decided here is decided in this workspace: idle conversations close, bots time out, agents grant."""


def asked(command: Any, by: Actor, conversation_: Any = None, **changes: Any) -> Any:
    """The decision on a command, on the facts of its shape; about this conversation where it is about one."""
    return decide(command, told(command, by, conversation_, **changes))


def told(command: Any, by: Actor, conversation_: Any = None, **changes: Any) -> Any:
    """The facts that a command is decided on."""
    changes = {"workspace": STOCKED, **changes}
    kind = type(command)
    shape = SHAPES[kind]
    if shape is OnContact:
        blocked = Block(SARA, NOW) if kind is UnblockContact else None
        return on_contact(contact(customer="c1", blocked=blocked), by, **changes)
    if shape is OnArrival:
        return on_arrival(by, **{"live": conversation(OPEN), **changes})
    if kind in (ClaimEffect, SettleEffect):
        return on_effect(effect(EffectState.INTENDED if kind is ClaimEffect else FLYING), by, **changes)
    if kind is RecordResult:
        return on_effect(action(EffectKind.GRANT_BONUS, FLYING), by, **changes)
    return facts_of(kind, by, conversation_, **changes)


FLYING = EffectState.IN_FLIGHT

SHAPES: dict[type, type] = {
    StartConversation: OnStart,
    Take: OnConversation,
    Assign: OnConversation,
    Transfer: OnConversation,
    ChangeDepartment: OnConversation,
    ReturnToQueue: OnTalk,
    ReturnToBot: OnConversation,
    Reopen: OnReopening,
    SetReason: OnConversation,
    AddTags: OnConversation,
    RemoveTags: OnConversation,
    SetFields: OnConversation,
    AddNote: OnConversation,
    MarkRead: OnConversation,
    SendMessage: OnTalk,
    SendTemplate: OnTalk,
    SendQuickReply: OnTalk,
    SendMedia: OnTalk,
    Resend: OnMessage,
    Dismiss: OnMessage,
    PinContract: OnCustomer,
    SendBoletos: OnBoletos,
    SendInvoices: OnInvoices,
    GrantBonus: OnBonus,
    OpenServiceOrder: OnCustomer,
    Withdraw: OnEffect,
    SettleReview: OnEffect,
    EditConversation: OnEdit,
    Close: OnTalk,
    EditContact: OnContact,
    LinkCustomer: OnContact,
    UnlinkCustomer: OnContact,
    MergeContacts: OnMerge,
    BlockContact: OnContact,
    UnblockContact: OnContact,
    Configure: OnWorkspace,
    AddItem: OnWorkspace,
    ChangeItem: OnWorkspace,
    ArchiveItem: OnWorkspace,
    RestoreItem: OnWorkspace,
    OrderItems: OnWorkspace,
    SetPolicies: OnWorkspace,
    ReceiveMessage: OnArrival,
    RecordEcho: OnArrival,
    RecordReaction: OnMark,
    RecordEdit: OnMark,
    RecordRevocation: OnMark,
    RecordStatus: OnStatus,
    ClaimEffect: OnEffect,
    SettleEffect: OnEffect,
    RecordResult: OnEffect,
    ReleaseConversation: OnConversation,
    CloseIdle: OnTalk,
    TimeOutBot: OnTalk,
}

ALL: list[Any] = [
    StartConversation("wa", contact=CT),
    Take(CV),
    Assign(CV, "beto"),
    Transfer(CV, "beto"),
    ChangeDepartment(CV, "fin"),
    ReturnToQueue(CV),
    ReturnToBot(CV),
    Reopen(CV),
    SetReason(CV, "slow"),
    AddTags(CV, ("vip",)),
    RemoveTags(CV, ("fibre",)),
    SetFields(CV, {"notes": "Ligar antes"}),
    AddNote(CV, "Ligar antes"),
    MarkRead(CV),
    SendMessage(CV, "Oi"),
    SendTemplate(CV, "notice", ("Maria", "10")),
    SendQuickReply(CV, "hello"),
    SendMedia(CV, PICTURE),
    Resend(MSG),
    Dismiss(MSG),
    PinContract(CV, CONTRACT),
    SendBoletos(CV, ("b1",)),
    SendInvoices(CV, ("n1",)),
    GrantBonus(CV, CONTRACT, Bonus.amount("20"), "Ficou sem sinal"),
    OpenServiceOrder(CV, "visit", "Sem sinal", "Sem sinal desde ontem", contract=CONTRACT),
    Withdraw(EF),
    SettleReview(EF, True, "Está no extrato"),
    EditConversation(CV, reason="slow"),
    Close(CV, "moved"),
    EditContact(CT, name="Maria"),
    LinkCustomer(CT, "c2"),
    UnlinkCustomer(CT),
    MergeContacts(CT, CT2),
    BlockContact(CT),
    UnblockContact(CT),
    Configure(stocked()),
    AddItem(Tag(id="new", name="Nova")),
    ChangeItem(Tag(id="vip", name="Ouro")),
    ArchiveItem(Part.TAG, "vip"),
    RestoreItem(Part.TAG, "adsl"),
    OrderItems(Part.TAG, tuple(tag.id for tag in reversed(TAGS))),
    SetPolicies(Policies()),
    RECEIVE,
    ECHO,
    REACTION,
    EDIT,
    REVOCATION,
    RECORD,
    CLAIM,
    SETTLE,
    RESULT,
    ReleaseConversation(CV, "davi"),
    CloseIdle(CV),
    TimeOutBot(CV),
]
EACH = pytest.mark.parametrize("command", ALL, ids=lambda c: type(c).__name__)
ABOUT_ONE = [c for c in ALL if given.about_one(type(c))]
TIMED = (ReleaseConversation, CloseIdle, TimeOutBot)
EACH_ABOUT_ONE = pytest.mark.parametrize("command", ABOUT_ONE, ids=lambda c: type(c).__name__)


def standing(situation: Situation, **changes: Any) -> Any:
    """A conversation that has a tag already."""
    return conversation(situation, **{"tags": ("fibre",), **changes})


# --- the table -----------------------------------------------------------------------------------------------


def test_every_command_has_one_row() -> None:
    """None can be given that the table does not know."""
    assert {*TABLE} == {*typing.get_args(Command)} == {type(command) for command in ALL}
    assert all(type(row) is Row for row in TABLE.values())


def test_the_table_cannot_be_changed() -> None:
    """It is data, and read-only."""
    with pytest.raises(TypeError):
        TABLE[Take] = TABLE[Assign]  # type: ignore[index]


ABILITIES = {
    StartConversation: Ability.START,
    Take: Ability.TAKE,
    Assign: Ability.ASSIGN,
    Transfer: Ability.TRANSFER,
    ChangeDepartment: Ability.TRANSFER,
    ReturnToQueue: Ability.QUEUE,
    ReturnToBot: Ability.TRANSFER,
    Reopen: Ability.REOPEN,
    SetReason: Ability.REASON,
    AddTags: Ability.TAG,
    RemoveTags: Ability.TAG,
    SetFields: Ability.FILL,
    AddNote: Ability.NOTE,
    MarkRead: Ability.MARK_READ,
    SendMessage: Ability.SEND,
    SendTemplate: Ability.SEND,
    SendQuickReply: Ability.SEND,
    SendMedia: Ability.SEND,
    Resend: Ability.RESOLVE_DOUBT,
    Dismiss: Ability.RESOLVE_DOUBT,
    PinContract: Ability.PIN,
    SendBoletos: Ability.SEND_BOLETO,
    SendInvoices: Ability.SEND_INVOICE,
    GrantBonus: Ability.GRANT_BONUS,
    OpenServiceOrder: Ability.OPEN_ORDER,
    Withdraw: Ability.WITHDRAW,
    SettleReview: Ability.SETTLE_REVIEW,
    EditConversation: Ability.READ,
    Close: Ability.CLOSE,
    EditContact: Ability.EDIT_CONTACT,
    LinkCustomer: Ability.LINK,
    UnlinkCustomer: Ability.LINK,
    MergeContacts: Ability.MERGE,
    BlockContact: Ability.BLOCK,
    UnblockContact: Ability.BLOCK,
    Configure: Ability.CONFIGURE,
    AddItem: Ability.CONFIGURE,
    ChangeItem: Ability.CONFIGURE,
    ArchiveItem: Ability.CONFIGURE,
    RestoreItem: Ability.CONFIGURE,
    OrderItems: Ability.CONFIGURE,
    SetPolicies: Ability.CONFIGURE,
    ReceiveMessage: Ability.RECORD,
    RecordEcho: Ability.RECORD,
    RecordReaction: Ability.RECORD,
    RecordEdit: Ability.RECORD,
    RecordRevocation: Ability.RECORD,
    RecordStatus: Ability.RECORD,
    ClaimEffect: Ability.DELIVER,
    SettleEffect: Ability.DELIVER,
    RecordResult: Ability.RECORD,
    ReleaseConversation: Ability.TIMED_WORK,
    CloseIdle: Ability.TIMED_WORK,
    TimeOutBot: Ability.TIMED_WORK,
}


def test_each_command_needs_its_ability() -> None:
    """Rule: section P."""
    assert {command: row.ability for command, row in TABLE.items()} == ABILITIES


def test_each_rule_is_told_what_its_command_is_about() -> None:
    """The shape of its facts: of a conversation, a message, a contact, two, the workspace, …"""
    assert {command: row.shape for command, row in TABLE.items()} == SHAPES


def test_machines_try_much_longer_than_people() -> None:
    """What arrives, was found out, or has come due is not lost to others who were faster.

    A claim is different: who comes second has nothing left to do.
    """
    machines = {
        ReceiveMessage,
        RecordEcho,
        RecordReaction,
        RecordEdit,
        RecordRevocation,
        RecordStatus,
        SettleEffect,
        RecordResult,
        *TIMED,
    }
    people = [row.tries for command, row in TABLE.items() if command not in machines]
    assert min(people) >= 1
    assert min(TABLE[command].tries for command in machines) >= 5 * max(people)


# --- what a situation admits ---------------------------------------------------------------------------------

ADMISSION: dict[type, dict[Situation, bool]] = {
    Take: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Assign: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Transfer: {BOT: False, QUEUE: False, OPEN: True, CLOSED: False},
    ChangeDepartment: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    ReturnToQueue: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    ReturnToBot: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Reopen: {BOT: False, QUEUE: False, OPEN: False, CLOSED: True},
    SetReason: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    AddTags: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    RemoveTags: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    SetFields: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    AddNote: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    MarkRead: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendMessage: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendTemplate: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendQuickReply: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendMedia: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Resend: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Dismiss: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    PinContract: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    SendBoletos: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendInvoices: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    GrantBonus: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    OpenServiceOrder: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Withdraw: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    SettleReview: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    EditConversation: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    Close: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    ReleaseConversation: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    CloseIdle: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
    TimeOutBot: {BOT: True, QUEUE: True, OPEN: True, CLOSED: True},
}
"""Timed work looks again, and does nothing where nothing is to be done any longer."""

NOTHING_TO_DO = {
    (ReturnToQueue, QUEUE),
    (ReturnToBot, BOT),
    (ReleaseConversation, BOT),
    (ReleaseConversation, QUEUE),
    (ReleaseConversation, CLOSED),
    (CloseIdle, BOT),
    (CloseIdle, CLOSED),
    (TimeOutBot, QUEUE),
    (TimeOutBot, OPEN),
    (TimeOutBot, CLOSED),
}
"""Where what is asked for already is, or is not asked for any more. Rule: L19."""


@pytest.mark.parametrize("situation", Situation)
@EACH_ABOUT_ONE
def test_each_command_in_each_situation(command: Any, situation: Situation) -> None:
    """Admitted, or refused with both names; on OPEN, assigning is told who has it. Rule: L18."""
    by, assignee = (SYSTEM, "davi") if isinstance(command, TIMED) else (SARA, "ana")
    where = standing(situation, **({"assignee": assignee} if situation is OPEN else {}))
    if not ADMISSION[type(command)][situation]:
        with pytest.raises(NotAdmitted) as refused:
            asked(command, by, where)
        assert (refused.value.command, refused.value.situation) == (type(command).__name__, situation)
    elif situation is OPEN and isinstance(command, Take | Assign):
        with pytest.raises(AlreadyTaken) as taken:
            asked(command, by, where)
        assert taken.value.assignee == "ana"
    elif (type(command), situation) in NOTHING_TO_DO:
        assert asked(command, by, where) == ()
    elif isinstance(command, ReturnToBot):
        with pytest.raises(NoBot):
            asked(command, by, where)
    else:
        assert asked(command, by, where)


@EACH
def test_only_commands_about_a_conversation_are_admitted_by_one(command: Any) -> None:
    """The others have no situation to ask."""
    admits = TABLE[type(command)].admits
    assert (admits is not None) is (command in ABOUT_ONE)


# --- the order of the check ----------------------------------------------------------------------------------

NOT_CONTRACTED = stocked(modules=(), policies=PATIENT)


@EACH
@pytest.mark.parametrize("by", [ANA, SARA, ADA, AURO, ROBO, Actor.agent("nobody")], ids=lambda a: a.id)
def test_without_the_module_people_and_bots_hear_just_that(command: Any, by: Actor) -> None:
    """Whatever else would stop them, or nothing would. Rule: S23."""
    with pytest.raises(NotContracted) as refused:
        asked(command, by, standing(CLOSED), workspace=NOT_CONTRACTED)
    assert refused.value.module == Module.CHAT


@pytest.mark.parametrize(
    "command",
    [RECEIVE, ECHO, REACTION, EDIT, REVOCATION, RECORD, CLAIM, SETTLE, RESULT, Configure(stocked())],
    ids=lambda c: type(c).__name__,
)
def test_without_the_module_nothing_that_comes_is_lost(command: Any) -> None:
    """What arrives is recorded, effects are settled, and the module can be contracted. Rule: S23."""
    assert asked(command, SYSTEM, workspace=NOT_CONTRACTED)


@pytest.mark.parametrize(
    ("command", "situation"),
    [(ReleaseConversation(CV, "davi"), OPEN), (CloseIdle(CV), OPEN), (TimeOutBot(CV), BOT)],
    ids=lambda v: type(v).__name__,
)
def test_without_the_module_timed_work_goes_on(command: Any, situation: Situation) -> None:
    """It is people and bots who are refused; what the system has begun ends. Rule: S23."""
    where = standing(situation, assignee="davi" if situation is OPEN else None)
    assert asked(command, SYSTEM, where, workspace=NOT_CONTRACTED)


def test_contracted_or_not_is_asked_of_people_only() -> None:
    """Rule: S23."""
    check_contracted(SYSTEM, NOT_CONTRACTED)
    check_contracted(ANA, stocked())
    with pytest.raises(NotContracted):
        check_contracted(ROBO, NOT_CONTRACTED)


OWN_ONLY = {"policies": Policies(agents_read=AgentsRead.OWN)}


def test_contracted_comes_before_visible() -> None:
    """An unseen conversation in a tenant without the module: the module is what is said. Rule: S23."""
    with pytest.raises(NotContracted):
        asked(Take(CV), ANA, conversation(QUEUE), workspace=stocked(modules=(), **OWN_ONLY))


@EACH_ABOUT_ONE
def test_visible_comes_before_permitted_and_admitted(command: Any) -> None:
    """What one may not see is not there, whatever the command or the situation. Rule: section P."""
    elsewhere = conversation(QUEUE, department="fin")
    for unseen in (
        elsewhere,
        conversation(CLOSED, last_assignee="beto"),
        conversation(OPEN, assignee="beto", last_assignee="beto"),
    ):
        with pytest.raises(NotFound) as refused:
            asked(command, ANA, unseen, workspace=stocked(**OWN_ONLY))
        assert (refused.value.what, refused.value.id) == ("conversation", CV)


ABOUT_A_CONTACT = [c for c in ALL if SHAPES[type(c)] in (OnContact, OnMerge)]


@pytest.mark.parametrize("by", [ANA, CARLA, ROBO], ids=lambda a: a.id)
@pytest.mark.parametrize("command", ABOUT_A_CONTACT, ids=lambda c: type(c).__name__)
def test_a_contact_one_may_not_see_is_not_there(command: Any, by: Actor) -> None:
    """The same error as for a missing one, before anything is said of permission; the module comes first.

    Rule: section P, S23
    """
    with pytest.raises(NotFound) as refused:
        asked(command, by, visible=False)
    assert (refused.value.what, refused.value.id) == ("contact", CT)
    with pytest.raises(NotContracted):
        asked(command, by, visible=False, workspace=NOT_CONTRACTED)


def test_the_version_is_compared_once_it_may_be_seen() -> None:
    """Whoever may not, does not learn that it moved on; and it is compared before the situation is."""
    closed = standing(CLOSED, version=9)
    with pytest.raises(NotPermitted):
        decide(Close(CV, "moved"), told(Close(CV, "moved"), AURO, closed), expected=8)
    with pytest.raises(VersionConflict) as refused:
        decide(Close(CV, "moved"), told(Close(CV, "moved"), SARA, closed), expected=8)
    assert (refused.value.ref, refused.value.expected) == (CV, 8)
    with pytest.raises(NotAdmitted):
        decide(Close(CV, "moved"), told(Close(CV, "moved"), SARA, closed), expected=9)


def test_permitted_comes_before_admitted() -> None:
    """Who may not close at all is not told in which situation it stands. Rule: section P, L18."""
    with pytest.raises(NotPermitted) as refused:
        asked(Close(CV), AURO, conversation(CLOSED))
    assert refused.value.ability == Ability.CLOSE
    with pytest.raises(NotAdmitted):
        asked(Close(CV), SARA, conversation(CLOSED))


def test_admitted_comes_before_the_rule() -> None:
    """A closed conversation is no place to ask for a reason. Rule: L18, S19."""
    with pytest.raises(NotAdmitted):
        asked(Close(CV), SARA, conversation(CLOSED))
    with pytest.raises(ReasonRequired):
        asked(Close(CV), SARA, conversation(QUEUE))


# --- section P -----------------------------------------------------------------------------------------------

# Each cell: "+" passes; "P" the ability is missing; "-" it does not exist for them; "!" it is somebody's.
# Columns: own (OPEN with the actor), another's (OPEN with carla), waiting in the queue, with the bot.
SECTION_P = """
command             | actor          | own | another's | queue | bot | closed
Take                | bot            | -   | -         | -     | P   | -
Take                | agent          | +   | !         | +     | +   | A
Take                | supervisor     | +   | !         | +     | +   | A
Take                | admin          | +   | !         | +     | +   | A
Take                | auditor        | P   | P         | P     | P   | P
Take                | system         | P   | P         | P     | P   | P
Assign              | bot            | -   | -         | -     | P   | -
Assign              | agent          | P   | P         | P     | P   | P
Assign              | agent, granted | !   | !         | +     | +   | A
Assign              | supervisor     | !   | !         | +     | +   | A
Assign              | admin          | !   | !         | +     | +   | A
Assign              | auditor        | P   | P         | P     | P   | P
Assign              | system         | P   | P         | P     | P   | P
SendMessage         | bot            | -   | -         | -     | +   | -
SendMessage         | agent          | +   | P         | P     | P   | A
SendMessage         | supervisor     | +   | +         | +     | +   | A
SendMessage         | admin          | +   | +         | +     | +   | A
SendMessage         | auditor        | P   | P         | P     | P   | P
SendMessage         | system         | P   | P         | P     | P   | P
Close               | bot            | -   | -         | -     | +   | -
Close               | agent          | +   | P         | P     | P   | A
Close               | supervisor     | +   | +         | +     | +   | A
Close               | admin          | +   | +         | +     | +   | A
Close               | auditor        | P   | P         | P     | P   | P
Close               | system         | +   | +         | +     | +   | A
Transfer            | bot            | -   | -         | -     | P   | -
Transfer            | agent          | +   | P         | P     | P   | A
Transfer            | supervisor     | +   | +         | A     | A   | A
Transfer            | admin          | +   | +         | A     | A   | A
Transfer            | auditor        | P   | P         | P     | P   | P
Transfer            | system         | P   | P         | P     | P   | P
ChangeDepartment    | bot            | -   | -         | -     | P   | -
ChangeDepartment    | agent          | +   | P         | P     | P   | A
ChangeDepartment    | supervisor     | +   | +         | +     | +   | A
ChangeDepartment    | admin          | +   | +         | +     | +   | A
ChangeDepartment    | auditor        | P   | P         | P     | P   | P
ChangeDepartment    | system         | P   | P         | P     | P   | P
ReturnToQueue       | bot            | -   | -         | -     | +   | -
ReturnToQueue       | agent          | +   | P         | P     | P   | A
ReturnToQueue       | supervisor     | +   | +         | +     | +   | A
ReturnToQueue       | admin          | +   | +         | +     | +   | A
ReturnToQueue       | auditor        | P   | P         | P     | P   | P
ReturnToQueue       | system         | P   | P         | P     | P   | P
ReturnToBot         | bot            | -   | -         | -     | P   | -
ReturnToBot         | agent          | +   | P         | P     | P   | A
ReturnToBot         | supervisor     | +   | +         | +     | +   | A
ReturnToBot         | admin          | +   | +         | +     | +   | A
ReturnToBot         | auditor        | P   | P         | P     | P   | P
ReturnToBot         | system         | P   | P         | P     | P   | P
Reopen              | bot            | -   | -         | -     | P   | -
Reopen              | agent          | A   | P         | P     | P   | +
Reopen              | supervisor     | A   | A         | A     | A   | +
Reopen              | admin          | A   | A         | A     | A   | +
Reopen              | auditor        | P   | P         | P     | P   | P
Reopen              | system         | P   | P         | P     | P   | P
SetReason           | bot            | -   | -         | -     | +   | -
SetReason           | agent          | +   | P         | P     | P   | +
SetReason           | supervisor     | +   | +         | +     | +   | +
SetReason           | admin          | +   | +         | +     | +   | +
SetReason           | auditor        | P   | P         | P     | P   | P
SetReason           | system         | P   | P         | P     | P   | P
MarkRead            | bot            | -   | -         | -     | P   | -
MarkRead            | agent          | +   | +         | +     | +   | A
MarkRead            | supervisor     | +   | +         | +     | +   | A
MarkRead            | admin          | +   | +         | +     | +   | A
MarkRead            | auditor        | P   | P         | P     | P   | P
MarkRead            | system         | P   | P         | P     | P   | P
AddTags             | bot            | -   | -         | -     | +   | -
AddTags             | agent          | +   | P         | P     | P   | +
AddTags             | supervisor     | +   | +         | +     | +   | +
AddTags             | admin          | +   | +         | +     | +   | +
AddTags             | auditor        | P   | P         | P     | P   | P
AddTags             | system         | P   | P         | P     | P   | P
RemoveTags          | bot            | -   | -         | -     | +   | -
RemoveTags          | agent          | +   | P         | P     | P   | +
RemoveTags          | supervisor     | +   | +         | +     | +   | +
RemoveTags          | admin          | +   | +         | +     | +   | +
RemoveTags          | auditor        | P   | P         | P     | P   | P
RemoveTags          | system         | P   | P         | P     | P   | P
SetFields           | bot            | -   | -         | -     | P   | -
SetFields           | agent          | +   | P         | P     | P   | +
SetFields           | supervisor     | +   | +         | +     | +   | +
SetFields           | admin          | +   | +         | +     | +   | +
SetFields           | auditor        | P   | P         | P     | P   | P
SetFields           | system         | P   | P         | P     | P   | P
AddNote             | bot            | -   | -         | -     | P   | -
AddNote             | agent          | +   | P         | P     | P   | +
AddNote             | supervisor     | +   | +         | +     | +   | +
AddNote             | admin          | +   | +         | +     | +   | +
AddNote             | auditor        | P   | P         | P     | P   | P
AddNote             | system         | P   | P         | P     | P   | P
SendTemplate        | bot            | -   | -         | -     | +   | -
SendTemplate        | agent          | +   | P         | P     | P   | A
SendTemplate        | supervisor     | +   | +         | +     | +   | A
SendTemplate        | admin          | +   | +         | +     | +   | A
SendTemplate        | auditor        | P   | P         | P     | P   | P
SendTemplate        | system         | P   | P         | P     | P   | P
SendQuickReply      | bot            | -   | -         | -     | +   | -
SendQuickReply      | agent          | +   | P         | P     | P   | A
SendQuickReply      | supervisor     | +   | +         | +     | +   | A
SendQuickReply      | admin          | +   | +         | +     | +   | A
SendQuickReply      | auditor        | P   | P         | P     | P   | P
SendQuickReply      | system         | P   | P         | P     | P   | P
SendMedia           | bot            | -   | -         | -     | +   | -
SendMedia           | agent          | +   | P         | P     | P   | A
SendMedia           | supervisor     | +   | +         | +     | +   | A
SendMedia           | admin          | +   | +         | +     | +   | A
SendMedia           | auditor        | P   | P         | P     | P   | P
SendMedia           | system         | P   | P         | P     | P   | P
Resend              | bot            | -   | -         | -     | P   | -
Resend              | agent          | +   | P         | P     | P   | A
Resend              | supervisor     | +   | +         | +     | +   | A
Resend              | admin          | +   | +         | +     | +   | A
Resend              | auditor        | P   | P         | P     | P   | P
Resend              | system         | P   | P         | P     | P   | P
Dismiss             | bot            | -   | -         | -     | P   | -
Dismiss             | agent          | +   | P         | P     | P   | +
Dismiss             | supervisor     | +   | +         | +     | +   | +
Dismiss             | admin          | +   | +         | +     | +   | +
Dismiss             | auditor        | P   | P         | P     | P   | P
Dismiss             | system         | P   | P         | P     | P   | P
PinContract         | bot            | -   | -         | -     | P   | -
PinContract         | agent          | +   | P         | P     | P   | +
PinContract         | supervisor     | +   | +         | +     | +   | +
PinContract         | admin          | +   | +         | +     | +   | +
PinContract         | auditor        | P   | P         | P     | P   | P
PinContract         | system         | P   | P         | P     | P   | P
SendBoletos         | bot            | -   | -         | -     | P   | -
SendBoletos         | agent          | +   | P         | P     | P   | A
SendBoletos         | supervisor     | +   | +         | +     | +   | A
SendBoletos         | admin          | P   | P         | P     | P   | P
SendBoletos         | auditor        | P   | P         | P     | P   | P
SendBoletos         | system         | P   | P         | P     | P   | P
SendInvoices        | bot            | -   | -         | -     | P   | -
SendInvoices        | agent          | +   | P         | P     | P   | A
SendInvoices        | supervisor     | +   | +         | +     | +   | A
SendInvoices        | admin          | P   | P         | P     | P   | P
SendInvoices        | auditor        | P   | P         | P     | P   | P
SendInvoices        | system         | P   | P         | P     | P   | P
GrantBonus          | bot            | -   | -         | -     | P   | -
GrantBonus          | agent          | +   | P         | P     | P   | A
GrantBonus          | supervisor     | +   | +         | +     | +   | A
GrantBonus          | admin          | P   | P         | P     | P   | P
GrantBonus          | auditor        | P   | P         | P     | P   | P
GrantBonus          | system         | P   | P         | P     | P   | P
OpenServiceOrder    | bot            | -   | -         | -     | P   | -
OpenServiceOrder    | agent          | +   | P         | P     | P   | A
OpenServiceOrder    | supervisor     | +   | +         | +     | +   | A
OpenServiceOrder    | admin          | P   | P         | P     | P   | P
OpenServiceOrder    | auditor        | P   | P         | P     | P   | P
OpenServiceOrder    | system         | P   | P         | P     | P   | P
Withdraw            | bot            | -   | -         | -     | P   | -
Withdraw            | agent          | +   | P         | P     | P   | +
Withdraw            | supervisor     | +   | +         | +     | +   | +
Withdraw            | admin          | +   | +         | +     | +   | +
Withdraw            | auditor        | P   | P         | P     | P   | P
Withdraw            | system         | P   | P         | P     | P   | P
SettleReview        | bot            | -   | -         | -     | P   | -
SettleReview        | agent          | P   | P         | P     | P   | P
SettleReview        | supervisor     | +   | +         | +     | +   | +
SettleReview        | admin          | +   | +         | +     | +   | +
SettleReview        | auditor        | P   | P         | P     | P   | P
SettleReview        | system         | P   | P         | P     | P   | P
EditConversation    | bot            | -   | -         | -     | +   | -
EditConversation    | agent          | +   | P         | P     | P   | +
EditConversation    | supervisor     | +   | +         | +     | +   | +
EditConversation    | admin          | +   | +         | +     | +   | +
EditConversation    | auditor        | P   | P         | P     | P   | P
EditConversation    | system         | P   | P         | P     | P   | P
ReleaseConversation | bot            | -   | -         | -     | P   | -
ReleaseConversation | agent          | P   | P         | P     | P   | P
ReleaseConversation | supervisor     | P   | P         | P     | P   | P
ReleaseConversation | admin          | P   | P         | P     | P   | P
ReleaseConversation | auditor        | P   | P         | P     | P   | P
ReleaseConversation | system         | +   | +         | +     | +   | +
CloseIdle           | bot            | -   | -         | -     | P   | -
CloseIdle           | agent          | P   | P         | P     | P   | P
CloseIdle           | supervisor     | P   | P         | P     | P   | P
CloseIdle           | admin          | P   | P         | P     | P   | P
CloseIdle           | auditor        | P   | P         | P     | P   | P
CloseIdle           | system         | +   | +         | +     | +   | +
TimeOutBot          | bot            | -   | -         | -     | P   | -
TimeOutBot          | agent          | P   | P         | P     | P   | P
TimeOutBot          | supervisor     | P   | P         | P     | P   | P
TimeOutBot          | admin          | P   | P         | P     | P   | P
TimeOutBot          | auditor        | P   | P         | P     | P   | P
TimeOutBot          | system         | +   | +         | +     | +   | +
"""
WITH_BOT = stocked(channels=tuple(attrs.evolve(c, bot=True) for c in stocked().channels), policies=PATIENT)
ACTORS: dict[str, Actor] = {
    "bot": ROBO,
    "agent": BETO,
    "agent, granted": BETO,
    "supervisor": SARA,
    "admin": ADA,
    "auditor": AURO,
    "system": SYSTEM,
}
REFUSALS: dict[str, type[ChatcoreError]] = {
    "P": NotPermitted,
    "-": NotFound,
    "!": AlreadyTaken,
    "A": NotAdmitted,
}


def cells() -> list[Any]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in SECTION_P.strip().splitlines()]
    return [
        pytest.param(row[0], row[1], column, cell, id=f"{row[0]}-{row[1]}-{column}")
        for row in rows
        for column, cell in zip(head[2:], row[2:], strict=True)
    ]


@pytest.mark.parametrize(("name", "role", "column", "cell"), cells())
def test_section_p_about_a_conversation(name: str, role: str, column: str, cell: str) -> None:
    """Role, command, and own, another's, unassigned: passes, or is refused just so. Rule: P, L6, L22."""
    command = {
        "Take": Take(CV),
        "Assign": Assign(CV, "ana"),
        "SendMessage": SendMessage(CV, "Oi"),
        "Close": Close(CV, "moved"),
        "Transfer": Transfer(CV, "ana"),
    }.get(name) or next(c for c in ALL if type(c).__name__ == name)
    by = ACTORS[role]
    ws = stocked(granted("beto", Ability.ASSIGN)) if role == "agent, granted" else WITH_BOT
    where = {
        "own": standing(OPEN, assignee=by.id, last_assignee=by.id),
        "another's": standing(OPEN, assignee="carla", last_assignee="carla"),
        "queue": standing(QUEUE),
        "bot": standing(BOT),
        "closed": standing(CLOSED, last_assignee=by.id),
    }[column]
    if cell == "+":
        asked(command, by, where, workspace=ws)
        return
    with pytest.raises(REFUSALS[cell]) as refused:
        asked(command, by, where, workspace=ws)
    if isinstance(refused.value, NotPermitted):
        needed = SetReason if name == "EditConversation" else type(command)
        assert refused.value.ability == ABILITIES[needed]  # An edit needs what its steps need. Rule: S18.
    if isinstance(refused.value, AlreadyTaken):
        assert refused.value.assignee == where.assignee


SECTION_P_ELSEWHERE = """
command           | bot | agent | supervisor | admin | auditor | system
StartConversation | P   | +     | +          | +     | P       | P
EditContact       | P   | +     | +          | +     | P       | P
LinkCustomer      | P   | +     | +          | +     | P       | P
UnlinkCustomer    | P   | +     | +          | +     | P       | P
MergeContacts     | P   | P     | +          | +     | P       | P
BlockContact      | P   | +     | +          | +     | P       | P
UnblockContact    | P   | +     | +          | +     | P       | P
Configure         | P   | P     | P          | +     | P       | +
AddItem           | P   | P     | P          | +     | P       | +
ChangeItem        | P   | P     | P          | +     | P       | +
ArchiveItem       | P   | P     | P          | +     | P       | +
RestoreItem       | P   | P     | P          | +     | P       | +
OrderItems        | P   | P     | P          | +     | P       | +
SetPolicies       | P   | P     | P          | +     | P       | +
ReceiveMessage    | P   | P     | P          | P     | P       | +
RecordEcho        | P   | P     | P          | P     | P       | +
RecordReaction    | P   | P     | P          | P     | P       | +
RecordEdit        | P   | P     | P          | P     | P       | +
RecordRevocation  | P   | P     | P          | P     | P       | +
RecordStatus      | P   | P     | P          | P     | P       | +
ClaimEffect       | P   | P     | P          | P     | P       | +
SettleEffect      | P   | P     | P          | P     | P       | +
RecordResult      | P   | P     | P          | P     | P       | +
"""


def other_cells() -> list[Any]:
    head, *rows = [[c.strip() for c in line.split("|")] for line in SECTION_P_ELSEWHERE.strip().splitlines()]
    return [
        pytest.param(row[0], role, cell, id=f"{row[0]}-{role}")
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    ]


@pytest.mark.parametrize(("name", "role", "cell"), other_cells())
def test_section_p_about_anything_else(name: str, role: str, cell: str) -> None:
    """Starting, blocking, configuring, and what only the system records. Rule: section P."""
    command = next(c for c in ALL if type(c).__name__ == name)
    if cell == "+":
        assert asked(command, ACTORS[role])
        return
    with pytest.raises(NotPermitted) as refused:
        asked(command, ACTORS[role])
    assert refused.value.ability == ABILITIES[type(command)]


def test_the_two_tables_name_every_command() -> None:
    """None is left out of section P."""
    named = {line.split("|")[0].strip() for line in (SECTION_P + SECTION_P_ELSEWHERE).splitlines() if line}
    assert named - {"command"} == {type(command).__name__ for command in ALL}


CONFIGURING = [c for c in ALL if ABILITIES[type(c)] is Ability.CONFIGURE]


@pytest.mark.parametrize("command", CONFIGURING, ids=lambda c: type(c).__name__)
def test_configuring_may_be_granted_to_a_supervisor(command: Any) -> None:
    """And to nobody below. Rule: section P."""
    both = stocked(
        agent("sara", Role.SUPERVISOR, granted=(Ability.CONFIGURE,)),
        granted("ana", Ability.CONFIGURE),
        policies=PATIENT,
    )
    if isinstance(command, Configure):
        command = Configure(attrs.evolve(both, name="Outro"))
    assert asked(command, SARA, workspace=both)
    with pytest.raises(NotPermitted):
        asked(command, ANA, workspace=both)


@pytest.mark.parametrize("command", ABOUT_A_CONTACT, ids=lambda c: type(c).__name__)
def test_contacts_are_for_agents_unless_taken_away(command: Any) -> None:
    """ "Yes, unless taken away"; merging, only if granted; bots link if granted, and do nothing else.

    Rule: section P
    """
    ability = ABILITIES[type(command)]
    assert asked(command, ANA, workspace=stocked(granted("ana", ability)))
    with pytest.raises(NotPermitted):
        asked(command, ANA, workspace=stocked(agent("ana", granted=(ability,), withdrawn=(ability,))))
    bots = stocked(policies=Policies(bot_granted=(ability,)))
    if ability is Ability.LINK:
        assert asked(command, ROBO, workspace=bots)
    else:
        with pytest.raises(NotPermitted):
            asked(command, ROBO, workspace=bots)


SERVING = (Ability.SEND_BOLETO, Ability.SEND_INVOICE, Ability.GRANT_BONUS, Ability.OPEN_ORDER)
"""What is for who serves, and no work of an admin's."""


@pytest.mark.parametrize(
    "command", [c for c in ALL if ABILITIES[type(c)] in SERVING], ids=lambda c: type(c).__name__
)
def test_bots_send_boletos_and_invoices_if_granted(command: Any) -> None:
    """In BOT, to a linked customer; they grant no bonus and open no order, whatever the policy says.

    Rule: section P, L22, B2
    """
    ability = ABILITIES[type(command)]
    bots = stocked(policies=attrs.evolve(PATIENT, bot_granted=(ability,)))
    if ability in (Ability.GRANT_BONUS, Ability.OPEN_ORDER):
        with pytest.raises(NotPermitted):
            asked(command, ROBO, standing(BOT), workspace=bots)
        return
    assert asked(command, ROBO, standing(BOT), workspace=bots)
    with pytest.raises(NotLinked):
        asked(command, ROBO, standing(BOT), workspace=bots, contact=contact())
    with pytest.raises(NotFound):
        asked(command, ROBO, standing(QUEUE), workspace=bots)
    with pytest.raises(NotPermitted):
        asked(command, ROBO, standing(BOT))


def test_who_asked_does_not_settle_the_review() -> None:
    """A second person does, of those who may. Rule: section P, B11."""
    review = next(c for c in ALL if isinstance(c, SettleReview))
    saras = action(EffectKind.GRANT_BONUS, EffectState.REVIEW, requested_by=SARA)
    facts = {"conversation": standing(OPEN), "workspace": STOCKED}
    with pytest.raises(SecondPersonRequired):
        decide(review, on_effect(saras, SARA, **facts))
    assert decide(review, on_effect(saras, ADA, **facts))


@EACH
def test_nobody_unknown_or_inactive_does_anything(command: Any) -> None:
    """A conversation does not exist for them; elsewhere they are told who they are not. Rule: section P."""
    about_one = command in ABOUT_ONE
    with pytest.raises(NotFound) as unknown:
        asked(command, Actor.agent("nobody"), conversation(QUEUE))
    assert unknown.value.what == ("conversation" if about_one else "agent")
    with pytest.raises(NotFound if about_one else AgentInactive):
        asked(command, Actor.agent("davi"), conversation(QUEUE))


@EACH
def test_deciding_twice_gives_the_same(command: Any) -> None:
    """Law: a decision is a pure function of the command and the facts."""
    machines = (Ability.RECORD, Ability.DELIVER, Ability.TIMED_WORK)
    by = SYSTEM if ABILITIES[type(command)] in machines else ADA
    by = SARA if ABILITIES[type(command)] in SERVING else by
    where = {Transfer: OPEN, Reopen: CLOSED}.get(type(command), QUEUE)
    once = asked(command, by, standing(where), workspace=WITH_BOT)
    assert once == asked(command, by, standing(where), workspace=WITH_BOT)
