"""Moving a conversation on: to another agent, department, the queue, the bot, or out of its close.

Asking for what already is changes nothing (L19), but for a transfer to the present assignee: a person meant
something by that, so it is refused. Rule: S12, S18, L8, L9, L14.
"""

from __future__ import annotations

from datetime import datetime

from chatcore.commands import ChangeDepartment, MarkRead, Reopen, ReturnToBot, ReturnToQueue, Transfer
from chatcore.entities import Conversation
from chatcore.errors import AlreadyLive, AlreadyTaken, InvalidValue, NoBot, NotFound, TooManyTransfers
from chatcore.events import (
    ContactReplaced,
    DepartmentChanged,
    Intended,
    MarkedRead,
    Queued,
    Reopened,
    ReturnedToBot,
    Transferred,
)
from chatcore.limits import DELIVERY_DEADLINE, TRANSFERS
from chatcore.rules.automatic import said, waiting_triggers
from chatcore.rules.capacity import check_over_capacity, check_recipient
from chatcore.rules.facts import Decision, OnArrival, OnConversation, OnReopening, OnTalk
from chatcore.rules.permissions import check_permitted, has_access
from chatcore.rules.places import check_places
from chatcore.rules.variables import Setting
from chatcore.vocabulary import Ability, AgentId, EffectId, EffectKind, Situation, message_id

__all__ = [
    "change_department",
    "handed_over",
    "mark_read",
    "reopen",
    "reopened",
    "return_to_bot",
    "return_to_queue",
    "transfer",
]


def transfer(command: Transfer, facts: OnConversation) -> Decision:
    """Give an open conversation to another agent; the customer is not told.

    Raises:
        AlreadyTaken: they have it already. Rule: L19.
        TooManyTransfers: it was transferred as often as one may be. Rule: L9.
        NotFound, AgentInactive, NotAMember, AtCapacity: the other cannot have it. Rule: L7, L9.
    """
    conversation = facts.conversation
    if conversation.assignee == command.to:
        raise AlreadyTaken(conversation.id, command.to)
    if conversation.transfers >= TRANSFERS:
        raise TooManyTransfers(TRANSFERS)
    over = command.over_capacity
    if over:
        check_over_capacity(facts.workspace, facts.actor)
    check_recipient(facts.workspace, command.to, conversation.department, facts.loads, over=over)
    return ((conversation.id, Transferred(assignee=command.to)),)


def change_department(command: ChangeDepartment, facts: OnConversation) -> Decision:
    """Move a conversation; an assignee with access there keeps it, any other gives it to the queue. Rule: L8.

    Raises:
        NotFound: there is no such department.
        InvalidValue: it is archived. Rule: C3.
    """
    conversation, department = facts.conversation, command.department
    known = facts.workspace.department(department)
    if known is None:
        raise NotFound("department", department)
    if department == conversation.department:
        return ()
    if known.archived:
        raise InvalidValue.of("department", "archived", rule="C3")
    if conversation.assignee is not None:
        assignee = facts.workspace.agent(conversation.assignee)
        if assignee is None or not assignee.active or not has_access(assignee, department):
            return ((conversation.id, Queued(department=department)),)
    return ((conversation.id, DepartmentChanged(department=department)),)


def return_to_queue(_: ReturnToQueue, facts: OnTalk) -> Decision:
    """Let it wait for service, in its department. A customer who comes from the bot is told so (L20)."""
    conversation = facts.conversation
    if conversation.situation is Situation.QUEUE:
        return ()
    if conversation.situation is Situation.BOT:
        return handed_over(conversation, facts, conversation.seq)
    return ((conversation.id, Queued(department=conversation.department)),)


def handed_over(conversation: Conversation, facts: OnTalk, seq: int) -> Decision:
    """From the bot to the queue, with what is said to who waits there, after message `seq`."""
    setting = Setting(
        workspace=facts.workspace,
        now=facts.now,
        contact=facts.contact,
        conversation=conversation.id,
        protocol=conversation.protocol,
        department=conversation.department,
        agent=None,
    )
    message = said(
        (waiting_triggers(facts.workspace, facts.now),),
        setting,
        conversation.talk.robot,
        root=facts.root,
        seq=seq,
        to=facts.contact.id,
        channel=conversation.channel,
        capabilities=facts.capabilities,
        window_until=conversation.window_until,
    )
    return ((conversation.id, Queued(department=conversation.department)), *message)


def return_to_bot(_: ReturnToBot, facts: OnConversation) -> Decision:
    """Give it to the bot, as a person decides; by itself the bot does not come back. Rule: L14.

    Raises:
        NoBot: its channel has none. Rule: L5.
    """
    conversation = facts.conversation
    if conversation.situation is Situation.BOT:
        return ()
    channel = facts.workspace.channel(conversation.channel)
    if channel is None or not channel.bot:
        raise NoBot(conversation.channel)
    return ((conversation.id, ReturnedToBot()),)


def reopen(command: Reopen, facts: OnReopening) -> Decision:
    """Go on with a closed conversation, with an agent or in the queue; and with whom its contact is by now.

    Raises:
        AlreadyLive: names the conversation that is live with this contact here. Rule: L3.
        InvalidValue: its channel or its department is archived. Rule: C3.
        NotPermitted: it is given to another agent by somebody who may not assign. Rule: L17.
        NotFound, AgentInactive, NotAMember, AtCapacity: the agent cannot have it. Rule: L7.
    """
    conversation = facts.conversation
    if facts.live is not None:
        raise AlreadyLive(facts.live.id)
    check_places(facts.workspace, facts.workspace.channel(conversation.channel), conversation.department)
    moved: Decision = ()
    if facts.contact.id != conversation.contact:
        moved = ((conversation.id, ContactReplaced(contact=facts.contact.id)),)
    if command.to is None:
        return (*moved, (conversation.id, reopened(conversation, None, facts)))
    if facts.agent is None or command.to != facts.agent.id:
        check_permitted(Ability.ASSIGN, facts.actor, facts.workspace, conversation.department)
    over = command.over_capacity
    if over:
        check_over_capacity(facts.workspace, facts.actor)
    check_recipient(facts.workspace, command.to, conversation.department, facts.loads, over=over)
    return (*moved, (conversation.id, reopened(conversation, command.to, facts)))


def reopened(conversation: Conversation, to: AgentId | None, facts: OnReopening | OnArrival) -> Reopened:
    """It goes on, with what later conversations with the same person leave to it. Rule: M5, L20."""
    talk = conversation.talk
    return Reopened(
        assignee=to,
        window_until=_if_later(facts.window_until, talk.window_until),
        quiet_until=_if_later(facts.quiet_until, talk.robot.quiet_until),
    )


def _if_later(new: datetime | None, old: datetime | None) -> datetime | None:
    return None if new is None or (old is not None and new <= old) else new


def mark_read(_: MarkRead, facts: OnConversation) -> Decision:
    """Clear the unread count; the customer may still wait for an answer.

    Where the policy says so the customer is told, when their assignee read it, and never from the queue.
    Rule: L23.
    """
    conversation = facts.conversation
    if conversation.unread == 0:
        return ()
    read: Decision = ((conversation.id, MarkedRead()),)
    if not facts.workspace.policies.read_receipts or conversation.assignee != facts.actor.id:
        return read
    receipt = Intended(
        kind=EffectKind.SEND_RECEIPT,
        channel=conversation.channel,
        conversation=conversation.id,
        contact=conversation.contact,
        message=message_id(conversation.id, conversation.talk.heard),
        due_at=facts.now,
        expires_at=facts.now + DELIVERY_DEADLINE,
    )
    return (*read, (EffectId(f"ef_{facts.root}.receipt"), receipt))
