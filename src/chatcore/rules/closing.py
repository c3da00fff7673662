"""Closing: the reason it demands, and the closing message. Rule: S19, L2, L10."""

from __future__ import annotations

from chatcore.commands import Close
from chatcore.entities import Conversation, Workspace
from chatcore.errors import InvalidValue, NotFound, Problem, ReasonRequired
from chatcore.events import Closed
from chatcore.rules.facts import Decision, OnTalk
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
        _check_reason(command.reason, conversation, workspace)
        return command.reason
    reason = conversation.reason
    if reason is not None:
        return reason
    default = workspace.policies.default_reason if system else None
    if default is None:
        raise ReasonRequired
    _check_reason(default, conversation, workspace)
    return default


def _check_reason(id: ReasonId, conversation: Conversation, workspace: Workspace) -> None:
    """Refuse a reason that cannot be chosen here, with all its misfits. Rule: S11, C3, C4."""
    reason = workspace.reason(id)
    if reason is None:
        raise NotFound("reason", id)
    bad: list[Problem] = []
    if reason.archived:
        bad.append(Problem("reason", "archived", "C3"))
    if reason.departments and conversation.department not in reason.departments:
        bad.append(Problem("reason", "other_department", "C4"))
    if bad:
        raise InvalidValue(*bad)
