"""Reasons: which may be chosen for a conversation, and setting one. Rule: S11, C3, C4, L19."""

from __future__ import annotations

from chatcore.commands import SetReason
from chatcore.entities import Conversation, Workspace
from chatcore.errors import InvalidValue, NotFound, Problem
from chatcore.events import ReasonSet
from chatcore.rules.facts import Decision, OnConversation
from chatcore.vocabulary import ReasonId

__all__ = ["check_reason", "set_reason"]


def check_reason(id: ReasonId, conversation: Conversation, workspace: Workspace) -> None:
    """Refuse a reason that cannot be chosen here, with all its misfits.

    Raises:
        NotFound: there is no such reason.
        InvalidValue: it is archived (C3), or for other departments (C4).
    """
    reason = workspace.reason(id)
    if reason is None:
        raise NotFound("reason", id)
    bad: list[Problem] = []
    if reason.archived:
        bad.append(Problem("reason", "archived", "C3"))
    if not reason.serves(conversation.department):
        bad.append(Problem("reason", "other_department", "C4"))
    if bad:
        raise InvalidValue(*bad)


def set_reason(command: SetReason, facts: OnConversation) -> Decision:
    """Set the reason, also of a closed conversation (L18); setting the one it has changes nothing (L19).

    Raises:
        NotFound, InvalidValue: as `check_reason`.
    """
    conversation = facts.conversation
    if command.reason == conversation.reason:
        return ()
    check_reason(command.reason, conversation, facts.workspace)
    return ((conversation.id, ReasonSet(reason=command.reason)),)
