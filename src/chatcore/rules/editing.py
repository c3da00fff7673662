"""Editing a conversation: several things at once, each by the rules of its own command. Rule: S18.

1. There is no back door: an edit is the commands it stands for, one after another, each decided by the same
   table on what the one before it left. All of them pass, or none.
2. It says how the conversation is to be, not in which order. One command may allow the next or forbid it:
   taking it allows to say why, giving it away forbids that, reopening it forgets the reason. So the orders are
   tried, the usual one first; an edit is refused where every order is, with what refuses the usual one.
3. What one command undid of another is asked for once more at the end: an edit that passes ends as it says.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Final, TypeAlias

from chatcore.commands import (
    Assign,
    ChangeDepartment,
    Close,
    Command,
    EditConversation,
    LinkCustomer,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SetReason,
    Take,
    Transfer,
)
from chatcore.entities import Contact, Conversation
from chatcore.errors import (
    ChatcoreError,
    InvalidValue,
    NotAdmitted,
    NotAMember,
    NotFound,
    NotPermitted,
    Problem,
    RuleViolation,
)
from chatcore.events import SCHEMA, Envelope
from chatcore.evolve import evolve
from chatcore.rules.facts import Decision, Facts, OnEdit, reshaped
from chatcore.vocabulary import CommandId, EventId, Ref, Situation

__all__ = ["STANDS_FOR", "edit"]

STANDS_FOR: Final[tuple[type[Command], ...]] = (
    LinkCustomer,
    ChangeDepartment,
    SetReason,
    Take,
    Assign,
    Transfer,
    ReturnToQueue,
    ReturnToBot,
    Close,
    Reopen,
)
"""The commands that an edit may stand for."""


_Decide: TypeAlias = Callable[[Command, Facts], Decision]
_ShapeOf: TypeAlias = Callable[[Command], type[Facts]]
_Step: TypeAlias = Callable[[EditConversation, Conversation, OnEdit], Command | None]
"""The command that one field of an edit stands for, from where the conversation stands; None for none."""


def edit(command: EditConversation, facts: OnEdit, shape_of: _ShapeOf, decide: _Decide) -> Decision:
    """What the commands that an edit stands for lead to, one after another.

    Raises what one of them raises; where several things it names cannot be chosen, `InvalidValue` with all of
    them.
    """
    refusal: ChatcoreError | None = None
    for order in permutations(_steps(command, facts)):
        try:
            return _walked((_customer, *order, _place, _lost_reason), command, facts, shape_of, decide)
        except (RuleViolation, InvalidValue, NotFound) as error:
            refusal = refusal or error
    assert refusal is not None
    bad = _misnamed(command, facts)
    if len(bad) > 1 and not isinstance(refusal, NotPermitted | NotAMember | NotAdmitted):
        raise InvalidValue(*bad)
    raise refusal


def _misnamed(command: EditConversation, facts: OnEdit) -> list[Problem]:
    """What the edit names that is not there, or cannot be chosen by anybody."""
    workspace, bad = facts.workspace, list[Problem]()
    if command.department is not None:
        department = workspace.department(command.department)
        if department is None:
            bad.append(Problem("department", "unknown_department", "C4"))
        elif department.archived and department.id != facts.conversation.department:
            bad.append(Problem("department", "archived", "C3"))
    if command.reason is not None:
        reason = workspace.reason(command.reason)
        if reason is None:
            bad.append(Problem("reason", "unknown_reason", "C4"))
        elif reason.archived and reason.id != facts.conversation.reason:
            bad.append(Problem("reason", "archived", "C3"))
    if command.to is not None:
        agent = workspace.agent(command.to)
        if agent is None:
            bad.append(Problem("to", "unknown_agent", "L9"))
        elif not agent.active:
            bad.append(Problem("to", "inactive_agent", "L9"))
    return bad


def _walked(
    order: tuple[_Step, ...], command: EditConversation, facts: OnEdit, shape_of: _ShapeOf, decide: _Decide
) -> Decision:
    decision: Decision = ()
    states: dict[Ref, Conversation | Contact] = {
        facts.conversation.id: facts.conversation,
        facts.contact.id: facts.contact,
    }
    for step in order:
        now, contact = states[facts.conversation.id], states[facts.contact.id]
        assert isinstance(now, Conversation)
        assert isinstance(contact, Contact)
        wanted = step(command, now, facts)
        if wanted is None:
            continue
        happened = decide(wanted, reshaped(facts, shape_of(wanted), now, contact))
        for ref, event in happened:
            state = states.get(ref)
            if state is None:
                continue
            version = state.version + 1
            envelope = Envelope(
                _NO_ID,
                ref,
                version,
                max(facts.now, state.recorded_at),
                facts.actor,
                _NO_COMMAND,
                None,
                None,
                SCHEMA,
                event,
            )
            after = evolve(state, envelope)
            assert isinstance(after, Conversation | Contact)
            states[ref] = after
        decision += happened
    return decision


_NO_ID, _NO_COMMAND = EventId("ev_0"), CommandId("cm_0")


# --- what it stands for --------------------------------------------------------------------------------------


def _steps(command: EditConversation, facts: OnEdit) -> tuple[_Step, ...]:
    """What is asked for, in the usual order: a reason fits a department; what is closed goes on first."""
    moves = command.to is not None or command.situation is not None
    first = moves and facts.conversation.situation is Situation.CLOSED
    asked: tuple[tuple[bool, _Step], ...] = (
        (first, _place),
        (command.department is not None, _department),
        (command.reason is not None, _reason),
        (moves and not first, _place),
    )
    return tuple(step for is_asked, step in asked if is_asked)


def _customer(command: EditConversation, _: Conversation, facts: OnEdit) -> Command | None:
    return None if command.customer is None else LinkCustomer(facts.contact.id, command.customer)


def _department(command: EditConversation, now: Conversation, _: OnEdit) -> Command | None:
    return None if command.department is None else ChangeDepartment(now.id, command.department)


def _reason(command: EditConversation, now: Conversation, _: OnEdit) -> Command | None:
    """A conversation that is about to close gets its reason with the close."""
    closes = command.situation is Situation.CLOSED and now.situation is not Situation.CLOSED
    return None if command.reason is None or closes else SetReason(now.id, command.reason)


def _lost_reason(command: EditConversation, now: Conversation, facts: OnEdit) -> Command | None:
    return None if command.reason == now.reason else _reason(command, now, facts)


def _place(command: EditConversation, now: Conversation, facts: OnEdit) -> Command | None:
    """The command that leads to where it is to stand; to where it stands already, none does."""
    id, to, over, wanted = now.id, command.to, command.over_capacity, command.situation
    here = now.assignee == to if to is not None else wanted in (None, now.situation)
    if here:
        return None
    myself = None if facts.agent is None else facts.agent.id
    if to is None and wanted is Situation.CLOSED:
        return Close(id, command.reason)
    if to is None and wanted is Situation.BOT:
        return ReturnToBot(id)
    if now.situation is Situation.CLOSED:
        return Reopen(id, myself if to is None and wanted is Situation.OPEN else to, over_capacity=over)
    if to is None:
        return ReturnToQueue(id) if wanted is Situation.QUEUE else Take(id, over_capacity=over)
    if now.situation is Situation.OPEN:
        return Transfer(id, to, over_capacity=over)
    return Take(id, over_capacity=over) if to == myself else Assign(id, to, over_capacity=over)
