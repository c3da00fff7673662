"""Closing: the reason it demands, and the closing message. Rule: S19, L2, L10."""

from __future__ import annotations

from chatcore.commands import Close
from chatcore.entities import Conversation, Workspace
from chatcore.errors import ReasonRequired
from chatcore.events import Closed
from chatcore.rules.facts import Decision, OnTalk
from chatcore.rules.reasons import check_reason
from chatcore.rules.talking import window_open, written
from chatcore.vocabulary import ActorKind, Private, ReasonId

__all__ = ["close"]

CLOSING: str = "closing"
"""The trigger named by a closing message. Rule: L20."""


def close(command: Close, facts: OnTalk) -> Decision:
    """Finish the conversation; the closing message, if one goes, stands before the close.

    Raises:
        ReasonRequired: none is set, none is given. Rule: S19.
        NotFound, InvalidValue: the reason given is not there, is archived, or is for other departments.
    """
    conversation, workspace = facts.conversation, facts.workspace
    reason = _reason(command, conversation, workspace, system=facts.actor.kind is ActorKind.SYSTEM)
    closed = (conversation.id, Closed(reason=reason))
    text = workspace.policies.closing_message
    if (
        text is None
        or len(text) > facts.capabilities.text_limit
        or facts.contact.blocked is not None
        or not window_open(facts.capabilities, conversation.window_until, facts.now)
    ):
        return (closed,)
    message = written(
        Private(text),
        facts.now,
        facts.root,
        conversation.id,
        conversation.seq + 1,
        facts.contact.id,
        conversation.channel,
        automatic=CLOSING,
    )
    return (*message, closed)


def _reason(command: Close, conversation: Conversation, workspace: Workspace, *, system: bool) -> ReasonId:
    if command.reason is not None and command.reason != conversation.reason:
        check_reason(command.reason, conversation, workspace)
        return command.reason
    reason = conversation.reason
    if reason is not None:
        return reason
    default = workspace.policies.default_reason if system else None
    if default is None:
        raise ReasonRequired
    check_reason(default, conversation, workspace)
    return default
