"""The command table: one row each, one check for all, in one order; and which situation admits what."""

from __future__ import annotations

import typing
from typing import Any

import attrs
import pytest

from chatcore.commands import (
    Assign,
    BlockContact,
    ChangeDepartment,
    ClaimEffect,
    Close,
    Command,
    Configure,
    Finding,
    FindingKind,
    MarkRead,
    ReceiveMessage,
    RecordStatus,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    SettleEffect,
    StartConversation,
    Take,
    Transfer,
    UnblockContact,
)
from chatcore.entities import Policies
from chatcore.errors import (
    AgentInactive,
    AlreadyTaken,
    ChatcoreError,
    NoBot,
    NotAdmitted,
    NotContracted,
    NotFound,
    NotPermitted,
    ReasonRequired,
)
from chatcore.rules import decide
from chatcore.rules.table import TABLE, Row, check_contracted
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    AgentsRead,
    DeliveryStatus,
    EffectState,
    Module,
    Role,
    Situation,
)
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CT,
    CV,
    EF,
    NOW,
    PHONE,
    ROBO,
    SARA,
    agent,
    contact,
    conversation,
    effect,
    granted,
    on_arrival,
    on_contact,
    on_conversation,
    on_effect,
    on_reopening,
    on_start,
    on_status,
    on_talk,
    on_workspace,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED

RECEIVE = ReceiveMessage(channel="wa", address=PHONE, provider_id="w", sent_at=NOW, text="Oi")
RECORD = RecordStatus(channel="wa", provider_id="w", status=DeliveryStatus.SENT, occurred_at=NOW)
SETTLE = SettleEffect(EF, 4, Finding(kind=FindingKind.DONE, reference="w"))


_STEPS = (Take, Assign, Transfer, ChangeDepartment, ReturnToQueue, ReturnToBot, SetReason, MarkRead)


def asked(command: Any, by: Actor, conversation_: Any = None, **changes: Any) -> Any:
    """The decision on a command, on the facts of its shape; about this conversation where it is about one."""
    if isinstance(command, Reopen):
        facts: Any = on_reopening(conversation_, by, **changes)
    elif isinstance(command, _STEPS):
        facts = on_conversation(conversation_, by, **changes)
    elif isinstance(command, SendMessage | Close):
        facts = on_talk(conversation_, by, **changes)
    elif isinstance(command, StartConversation):
        facts = on_start(by, **changes)
    elif isinstance(command, BlockContact | UnblockContact):
        facts = on_contact(contact(), by, **changes)
    elif isinstance(command, Configure):
        facts = on_workspace(by, **changes)
    elif isinstance(command, ReceiveMessage):
        facts = on_arrival(by, **changes)
    elif isinstance(command, RecordStatus):
        facts = on_status(by, **changes)
    else:
        state = EffectState.INTENDED if isinstance(command, ClaimEffect) else EffectState.IN_FLIGHT
        facts = on_effect(effect(state), by, **changes)
    return decide(command, facts)


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
    MarkRead(CV),
    SendMessage(CV, "Oi"),
    Close(CV, "moved"),
    BlockContact(CT),
    UnblockContact(CT),
    Configure(workspace()),
    RECEIVE,
    RECORD,
    ClaimEffect(EF),
    SETTLE,
]
EACH = pytest.mark.parametrize("command", ALL, ids=lambda c: type(c).__name__)
ABOUT_ONE = [c for c in ALL if isinstance(c, (*_STEPS, Reopen, SendMessage, Close))]


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
    MarkRead: Ability.MARK_READ,
    SendMessage: Ability.SEND,
    Close: Ability.CLOSE,
    BlockContact: Ability.BLOCK,
    UnblockContact: Ability.BLOCK,
    Configure: Ability.CONFIGURE,
    ReceiveMessage: Ability.RECORD,
    RecordStatus: Ability.RECORD,
    ClaimEffect: Ability.DELIVER,
    SettleEffect: Ability.DELIVER,
}


def test_each_command_needs_its_ability() -> None:
    """Rule: section P."""
    assert {command: row.ability for command, row in TABLE.items()} == ABILITIES


def test_machines_try_much_longer_than_people() -> None:
    """What arrives and what was found out is not lost to others who were faster."""
    machines = {ReceiveMessage, RecordStatus, SettleEffect}
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
    MarkRead: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    SendMessage: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
    Close: {BOT: True, QUEUE: True, OPEN: True, CLOSED: False},
}


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("command", ABOUT_ONE, ids=lambda c: type(c).__name__)
def test_each_command_in_each_situation(command: Any, situation: Situation) -> None:
    """Admitted, or refused with both names; on OPEN, assigning is told who has it. Rule: L18."""
    if not ADMISSION[type(command)][situation]:
        with pytest.raises(NotAdmitted) as refused:
            asked(command, SARA, conversation(situation))
        assert (refused.value.command, refused.value.situation) == (type(command).__name__, situation)
    elif situation is OPEN and isinstance(command, Take | Assign):
        with pytest.raises(AlreadyTaken) as taken:
            asked(command, SARA, conversation(situation))
        assert taken.value.assignee == "ana"
    elif (type(command), situation) in ((ReturnToQueue, QUEUE), (ReturnToBot, BOT)):
        assert asked(command, SARA, conversation(situation)) == ()  # What already is. Rule: L19.
    elif isinstance(command, ReturnToBot):
        with pytest.raises(NoBot):
            asked(command, SARA, conversation(situation))
    else:
        assert asked(command, SARA, conversation(situation))


@EACH
def test_only_commands_about_a_conversation_are_admitted_by_one(command: Any) -> None:
    """The others have no situation to ask."""
    admits = TABLE[type(command)].admits
    assert (admits is not None) is (command in ABOUT_ONE)


# --- the order of the check ----------------------------------------------------------------------------------

NOT_CONTRACTED = workspace(modules=())


@EACH
@pytest.mark.parametrize("by", [ANA, SARA, ADA, AURO, ROBO, Actor.agent("nobody")], ids=lambda a: a.id)
def test_without_the_module_people_and_bots_hear_just_that(command: Any, by: Actor) -> None:
    """Whatever else would stop them, or nothing would. Rule: S23."""
    with pytest.raises(NotContracted) as refused:
        asked(command, by, conversation(CLOSED), workspace=NOT_CONTRACTED)
    assert refused.value.module == Module.CHAT


@pytest.mark.parametrize("command", [RECEIVE, RECORD, ClaimEffect(EF), SETTLE, Configure(workspace())])
def test_without_the_module_nothing_that_comes_is_lost(command: Any) -> None:
    """What arrives is recorded, effects are settled, and the module can be contracted. Rule: S23."""
    assert asked(command, SYSTEM, workspace=NOT_CONTRACTED)


def test_contracted_or_not_is_asked_of_people_only() -> None:
    """Rule: S23."""
    check_contracted(SYSTEM, NOT_CONTRACTED)
    check_contracted(ANA, workspace())
    with pytest.raises(NotContracted):
        check_contracted(ROBO, NOT_CONTRACTED)


OWN_ONLY = {"policies": Policies(agents_read=AgentsRead.OWN)}


def test_contracted_comes_before_visible() -> None:
    """An unseen conversation in a tenant without the module: the module is what is said. Rule: S23."""
    with pytest.raises(NotContracted):
        asked(Take(CV), ANA, conversation(QUEUE), workspace=workspace(modules=(), **OWN_ONLY))


@pytest.mark.parametrize("command", ABOUT_ONE, ids=lambda c: type(c).__name__)
def test_visible_comes_before_permitted_and_admitted(command: Any) -> None:
    """What one may not see is not there, whatever the command or the situation. Rule: section P."""
    elsewhere = conversation(QUEUE, department="fin")
    for unseen in (
        elsewhere,
        conversation(CLOSED, last_assignee="beto"),
        conversation(OPEN, assignee="beto", last_assignee="beto"),
    ):
        with pytest.raises(NotFound) as refused:
            asked(command, ANA, unseen, workspace=workspace(**OWN_ONLY))
        assert (refused.value.what, refused.value.id) == ("conversation", CV)


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
command          | actor          | own | another's | queue | bot | closed
Take             | bot            | -   | -         | -     | P   | -
Take             | agent          | +   | !         | +     | +   | A
Take             | supervisor     | +   | !         | +     | +   | A
Take             | admin          | +   | !         | +     | +   | A
Take             | auditor        | P   | P         | P     | P   | P
Take             | system         | P   | P         | P     | P   | P
Assign           | bot            | -   | -         | -     | P   | -
Assign           | agent          | P   | P         | P     | P   | P
Assign           | agent, granted | !   | !         | +     | +   | A
Assign           | supervisor     | !   | !         | +     | +   | A
Assign           | admin          | !   | !         | +     | +   | A
Assign           | auditor        | P   | P         | P     | P   | P
Assign           | system         | P   | P         | P     | P   | P
SendMessage      | bot            | -   | -         | -     | +   | -
SendMessage      | agent          | +   | P         | P     | P   | A
SendMessage      | supervisor     | +   | +         | +     | +   | A
SendMessage      | admin          | +   | +         | +     | +   | A
SendMessage      | auditor        | P   | P         | P     | P   | P
SendMessage      | system         | P   | P         | P     | P   | P
Close            | bot            | -   | -         | -     | +   | -
Close            | agent          | +   | P         | P     | P   | A
Close            | supervisor     | +   | +         | +     | +   | A
Close            | admin          | +   | +         | +     | +   | A
Close            | auditor        | P   | P         | P     | P   | P
Close            | system         | +   | +         | +     | +   | A
Transfer         | bot            | -   | -         | -     | P   | -
Transfer         | agent          | +   | P         | P     | P   | A
Transfer         | supervisor     | +   | +         | A     | A   | A
Transfer         | admin          | +   | +         | A     | A   | A
Transfer         | auditor        | P   | P         | P     | P   | P
Transfer         | system         | P   | P         | P     | P   | P
ChangeDepartment | bot            | -   | -         | -     | P   | -
ChangeDepartment | agent          | +   | P         | P     | P   | A
ChangeDepartment | supervisor     | +   | +         | +     | +   | A
ChangeDepartment | admin          | +   | +         | +     | +   | A
ChangeDepartment | auditor        | P   | P         | P     | P   | P
ChangeDepartment | system         | P   | P         | P     | P   | P
ReturnToQueue    | bot            | -   | -         | -     | +   | -
ReturnToQueue    | agent          | +   | P         | P     | P   | A
ReturnToQueue    | supervisor     | +   | +         | +     | +   | A
ReturnToQueue    | admin          | +   | +         | +     | +   | A
ReturnToQueue    | auditor        | P   | P         | P     | P   | P
ReturnToQueue    | system         | P   | P         | P     | P   | P
ReturnToBot      | bot            | -   | -         | -     | P   | -
ReturnToBot      | agent          | +   | P         | P     | P   | A
ReturnToBot      | supervisor     | +   | +         | +     | +   | A
ReturnToBot      | admin          | +   | +         | +     | +   | A
ReturnToBot      | auditor        | P   | P         | P     | P   | P
ReturnToBot      | system         | P   | P         | P     | P   | P
Reopen           | bot            | -   | -         | -     | P   | -
Reopen           | agent          | A   | P         | P     | P   | +
Reopen           | supervisor     | A   | A         | A     | A   | +
Reopen           | admin          | A   | A         | A     | A   | +
Reopen           | auditor        | P   | P         | P     | P   | P
Reopen           | system         | P   | P         | P     | P   | P
SetReason        | bot            | -   | -         | -     | +   | -
SetReason        | agent          | +   | P         | P     | P   | +
SetReason        | supervisor     | +   | +         | +     | +   | +
SetReason        | admin          | +   | +         | +     | +   | +
SetReason        | auditor        | P   | P         | P     | P   | P
SetReason        | system         | P   | P         | P     | P   | P
MarkRead         | bot            | -   | -         | -     | P   | -
MarkRead         | agent          | +   | +         | +     | +   | A
MarkRead         | supervisor     | +   | +         | +     | +   | A
MarkRead         | admin          | +   | +         | +     | +   | A
MarkRead         | auditor        | P   | P         | P     | P   | P
MarkRead         | system         | P   | P         | P     | P   | P
"""
WITH_BOT = workspace(channels=tuple(attrs.evolve(c, bot=True) for c in workspace().channels))
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
    ws = workspace(granted("beto", Ability.ASSIGN)) if role == "agent, granted" else WITH_BOT
    where = {
        "own": conversation(OPEN, assignee=by.id, last_assignee=by.id),
        "another's": conversation(OPEN, assignee="carla", last_assignee="carla"),
        "queue": conversation(QUEUE),
        "bot": conversation(BOT),
        "closed": conversation(CLOSED, last_assignee=by.id),
    }[column]
    if cell == "+":
        asked(command, by, where, workspace=ws)
        return
    with pytest.raises(REFUSALS[cell]) as refused:
        asked(command, by, where, workspace=ws)
    if isinstance(refused.value, NotPermitted):
        assert refused.value.ability == ABILITIES[type(command)]
    if isinstance(refused.value, AlreadyTaken):
        assert refused.value.assignee == where.assignee


SECTION_P_ELSEWHERE = """
command           | bot | agent | supervisor | admin | auditor | system
StartConversation | P   | +     | +          | +     | P       | P
BlockContact      | P   | +     | +          | +     | P       | P
UnblockContact    | P   | +     | +          | +     | P       | P
Configure         | P   | P     | P          | +     | P       | +
ReceiveMessage    | P   | P     | P          | P     | P       | +
RecordStatus      | P   | P     | P          | P     | P       | +
ClaimEffect       | P   | P     | P          | P     | P       | +
SettleEffect      | P   | P     | P          | P     | P       | +
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
        asked(command, ACTORS[role])
        return
    with pytest.raises(NotPermitted) as refused:
        asked(command, ACTORS[role])
    assert refused.value.ability == ABILITIES[type(command)]


def test_the_two_tables_name_every_command() -> None:
    """None is left out of section P."""
    named = {line.split("|")[0].strip() for line in (SECTION_P + SECTION_P_ELSEWHERE).splitlines() if line}
    assert named - {"command"} == {type(command).__name__ for command in ALL}


def test_configuring_may_be_granted_to_a_supervisor() -> None:
    """And to nobody below. Rule: section P."""
    both = workspace(
        agent("sara", Role.SUPERVISOR, granted=(Ability.CONFIGURE,)),
        granted("ana", Ability.CONFIGURE),
    )
    other = attrs.evolve(both, name="Outro")
    assert asked(Configure(other), SARA, workspace=both)
    with pytest.raises(NotPermitted):
        asked(Configure(other), ANA, workspace=both)


def test_blocking_may_be_taken_away() -> None:
    """ "Yes, unless taken away". Rule: section P."""
    ws = workspace(agent("ana", withdrawn=(Ability.BLOCK,)))
    for command in (BlockContact(CT), UnblockContact(CT)):
        with pytest.raises(NotPermitted):
            asked(command, ANA, workspace=ws)


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
    by = SYSTEM if TABLE[type(command)].ability in (Ability.RECORD, Ability.DELIVER) else ADA
    where = {Transfer: OPEN, Reopen: CLOSED}.get(type(command), QUEUE)
    once = asked(command, by, conversation(where), **({"workspace": WITH_BOT} if by is ADA else {}))
    assert once == asked(command, by, conversation(where), **({"workspace": WITH_BOT} if by is ADA else {}))
