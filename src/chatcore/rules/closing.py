"""Closing: the reason and the fields it demands, and the closing message. Rule: S19, L2, L10, C9."""

from __future__ import annotations

from chatcore.commands import Close
from chatcore.entities import ChannelCapabilities, Contact, Conversation, Workspace
from chatcore.errors import FieldsRequired, ReasonRequired
from chatcore.events import Closed
from chatcore.rules.automatic import said
from chatcore.rules.facts import Decision, OnMerge, OnTalk
from chatcore.rules.reasons import check_reason
from chatcore.rules.variables import Setting
from chatcore.vocabulary import ActorKind, FieldId, FieldOn, ReasonId, Trigger

__all__ = ["close", "ended", "missing_fields"]


def close(command: Close, facts: OnTalk) -> Decision:
    """Finish the conversation; the closing message, if one goes, stands before the close.

    Raises:
        ReasonRequired: none is set, none is given. Rule: S19.
        FieldsRequired: custom fields that it needs have no value; the system closes without. Rule: C9.
        NotFound, InvalidValue: the reason given is not there, is archived, or is for other departments.
    """
    conversation, workspace = facts.conversation, facts.workspace
    system = facts.actor.kind is ActorKind.SYSTEM
    reason = _reason(command, conversation, workspace, system=system)
    if reason is None:
        raise ReasonRequired(missing_fields(conversation, facts.contact, None, workspace))
    missing = () if system else missing_fields(conversation, facts.contact, reason, workspace)
    if missing:
        raise FieldsRequired(missing)
    return ended(conversation, facts.contact, reason, facts.capabilities, facts, facts.root)


def ended(
    conversation: Conversation,
    contact: Contact,
    reason: ReasonId,
    capabilities: ChannelCapabilities,
    facts: OnTalk | OnMerge,
    root: str,
) -> Decision:
    """What the end of a conversation leads to: its closing message, where one can go, and the close.

    What it creates takes its ids from `root`: several may end by one command.
    """
    setting = Setting(
        workspace=facts.workspace,
        now=facts.now,
        contact=contact,
        conversation=conversation.id,
        protocol=conversation.protocol,
        department=conversation.department,
        agent=conversation.assignee,
    )
    message = said(
        ((Trigger.CLOSING, None),),
        setting,
        conversation.talk.robot,
        root=root,
        seq=conversation.seq,
        to=contact.id,
        channel=conversation.channel,
        capabilities=capabilities,
        window_until=conversation.window_until,
    )
    return (*message, (conversation.id, Closed(reason=reason)))


def missing_fields(
    conversation: Conversation, contact: Contact, reason: ReasonId | None, workspace: Workspace
) -> tuple[FieldId, ...]:
    """The custom fields that this close needs and that have no value. Rule: C9."""
    given = {FieldOn.CONVERSATION: dict(conversation.fields), FieldOn.CONTACT: dict(contact.fields)}
    return tuple(
        field.id
        for field in workspace.fields
        if field.required(conversation.department, reason) and field.id not in given[field.on]
    )


def _reason(
    command: Close, conversation: Conversation, workspace: Workspace, *, system: bool
) -> ReasonId | None:
    if command.reason is not None and command.reason != conversation.reason:
        check_reason(command.reason, conversation, workspace)
        return command.reason
    if conversation.reason is not None:
        return conversation.reason
    default = workspace.policies.default_reason if system else None
    if default is not None:
        check_reason(default, conversation, workspace)
    return default
