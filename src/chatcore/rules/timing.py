"""Timed work: what happens to a conversation when its time has come. Rule: L13, L16, L22.

Inner work finds the conversations, some time before; here each is looked at once more, and where nothing has to
be done any longer nothing happens.
"""

from __future__ import annotations

from datetime import datetime

from chatcore.commands import CloseIdle, ReleaseConversation, TimeOutBot
from chatcore.entities import Conversation
from chatcore.events import Queued
from chatcore.rules.closing import ended
from chatcore.rules.facts import Decision, OnConversation, OnTalk
from chatcore.rules.moving import handed_over
from chatcore.vocabulary import Situation

__all__ = ["bot_still_since", "close_idle", "release", "time_out_bot"]


def release(command: ReleaseConversation, facts: OnConversation) -> Decision:
    """Back to the queue with what a deactivated agent still has. Rule: L13."""
    conversation, agent = facts.conversation, facts.workspace.agent(command.agent)
    if conversation.assignee != command.agent or (agent is not None and agent.active):
        return ()
    return ((conversation.id, Queued(department=conversation.department)),)


def close_idle(_: CloseIdle, facts: OnTalk) -> Decision:
    """Close what has been still for as long as the policy says, if it does; fields are not asked for."""
    conversation, policies = facts.conversation, facts.workspace.policies
    patience, default = policies.close_after_idle, policies.default_reason
    if patience is None or default is None or conversation.situation not in (Situation.QUEUE, Situation.OPEN):
        return ()
    if facts.now - conversation.recorded_at < patience:
        return ()
    if policies.idle_spares_waiting and conversation.waiting_since is not None:
        return ()
    reason = conversation.reason or default
    return ended(conversation, facts.contact, reason, facts.capabilities, facts, facts.root)


def time_out_bot(_: TimeOutBot, facts: OnTalk) -> Decision:
    """Hand over what a bot has left still for as long as the policy says, if it does. Rule: L22."""
    conversation, patience = facts.conversation, facts.workspace.policies.bot_timeout
    if patience is None or conversation.situation is not Situation.BOT:
        return ()
    if facts.now - bot_still_since(conversation) < patience:
        return ()
    return handed_over(conversation, facts, conversation.seq)


def bot_still_since(conversation: Conversation) -> datetime:
    """Since when the bot has done nothing, whatever the customer wrote: since it got it, or last answered."""
    return conversation.talk.robot.moved_at or conversation.recorded_at
