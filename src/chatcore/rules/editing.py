"""Editing a conversation: several things at once, each by the rules of its own command. Rule: S18.

There is no back door: an edit is the commands it stands for, one after another, each decided by the same table
on what the one before it left. All of them pass, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

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
from chatcore.errors import NotAdmitted
from chatcore.events import SCHEMA, Envelope
from chatcore.evolve import evolve
from chatcore.rules.facts import (
    Decision,
    Facts,
    OnContact,
    OnConversation,
    OnEdit,
    OnReopening,
    OnTalk,
)
from chatcore.vocabulary import AgentId, CommandId, EventId, Ref, Situation

__all__ = ["edit"]

_Decide = Callable[[Command, Facts], Decision]


def edit(
    command: EditConversation, facts: OnEdit, shape_of: Callable[[Command], type[Facts]], decide: _Decide
) -> Decision:
    """What the commands that an edit stands for lead to, one after another. Raises what each of them raises."""
    decision: Decision = ()
    states: dict[Ref, Conversation | Contact] = {
        facts.conversation.id: facts.conversation,
        facts.contact.id: facts.contact,
    }
    for step in _steps(command, facts, states):
        told = _told(step, facts, states, shape_of(step))
        happened = decide(step, told)
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


def _steps(
    command: EditConversation, facts: OnEdit, states: dict[Ref, Conversation | Contact]
) -> Iterator[Command]:
    """The commands an edit stands for, each chosen by where the ones before it led."""
    id = command.conversation
    if command.customer is not None:
        yield LinkCustomer(facts.contact.id, command.customer)
    if command.department is not None:
        yield ChangeDepartment(id, command.department)
    if command.reason is not None and command.situation is not Situation.CLOSED:
        yield SetReason(id, command.reason)
    now = states[id]
    assert isinstance(now, Conversation)
    if command.to is not None:
        yield from _given(command, command.to, now, facts)
    elif command.situation is not None:
        yield from _moved(command, command.situation, now, facts)


def _given(command: EditConversation, to: AgentId, now: Conversation, facts: OnEdit) -> Iterator[Command]:
    """The command that makes an agent the assignee; asking for who has it already is asking for nothing."""
    over = command.over_capacity
    if now.assignee == to:
        return
    if now.situation is Situation.CLOSED:
        yield Reopen(now.id, to, over_capacity=over)
    elif now.situation is Situation.OPEN:
        yield Transfer(now.id, to, over_capacity=over)
    elif facts.agent is not None and to == facts.agent.id:
        yield Take(now.id, over_capacity=over)
    else:
        yield Assign(now.id, to, over_capacity=over)


def _moved(command: EditConversation, wanted: Situation, now: Conversation, facts: OnEdit) -> Iterator[Command]:
    """The command that leads to a situation from where the conversation stands."""
    if now.situation is wanted:
        if wanted is Situation.CLOSED and command.reason is not None:
            yield SetReason(now.id, command.reason)
        return
    if wanted is Situation.CLOSED:
        yield Close(now.id, command.reason)
    elif now.situation is Situation.CLOSED:
        if wanted is Situation.BOT:
            raise NotAdmitted("EditConversation", now.situation)
        yield Reopen(now.id, None if wanted is Situation.QUEUE or facts.agent is None else facts.agent.id)
    elif wanted is Situation.QUEUE:
        yield ReturnToQueue(now.id)
    elif wanted is Situation.BOT:
        yield ReturnToBot(now.id)
    else:
        yield Take(now.id, over_capacity=command.over_capacity)


def _told(step: Command, facts: OnEdit, states: dict[Ref, Conversation | Contact], shape: type[Facts]) -> Facts:
    """What the rule of one step is told: the facts of its own shape, as the steps before it left them."""
    known: dict[str, Any] = {
        "conversation": states[facts.conversation.id],
        "contact": states[facts.contact.id],
        "capabilities": facts.capabilities,
        "live": facts.live,
        "loads": facts.loads,
        "visible": True,
        "address": None,
        "workspace": facts.workspace,
        "actor": facts.actor,
        "agent": facts.agent,
        "now": facts.now,
        "root": facts.root,
    }
    assert shape in (OnConversation, OnReopening, OnTalk, OnContact)
    told: Facts = shape(**{field.name: known[field.name] for field in attrs.fields(shape)})
    return told
