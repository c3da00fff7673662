"""Ids. An entity's id is also its reference, and says its kind.

Ids of configured things (an agent, a department, a reason, a channel) and of outside ones (a customer, a
contract, a boleto) are whatever the service or the outside calls them.
"""

from __future__ import annotations

import enum
from typing import Final, NewType, TypeAlias

__all__ = [
    "WORKSPACE",
    "AgentId",
    "BoletoId",
    "ChannelId",
    "CommandId",
    "ContactId",
    "ContractId",
    "ConversationId",
    "CustomerId",
    "DepartmentId",
    "EffectId",
    "EntityKind",
    "EventId",
    "FieldId",
    "InvoiceId",
    "MessageId",
    "QuickReplyId",
    "ReasonId",
    "Ref",
    "TagId",
    "TemplateId",
    "WorkspaceId",
    "kind_of",
    "message_id",
]

ConversationId = NewType("ConversationId", str)
ContactId = NewType("ContactId", str)
MessageId = NewType("MessageId", str)
EffectId = NewType("EffectId", str)
WorkspaceId = NewType("WorkspaceId", str)

Ref: TypeAlias = ConversationId | ContactId | MessageId | EffectId | WorkspaceId
"""The id of an entity of any kind; `kind_of` tells which."""

AgentId = NewType("AgentId", str)
ChannelId = NewType("ChannelId", str)
CommandId = NewType("CommandId", str)
DepartmentId = NewType("DepartmentId", str)
EventId = NewType("EventId", str)
CustomerId = NewType("CustomerId", str)
ContractId = NewType("ContractId", str)
BoletoId = NewType("BoletoId", str)
InvoiceId = NewType("InvoiceId", str)
FieldId = NewType("FieldId", str)
QuickReplyId = NewType("QuickReplyId", str)
ReasonId = NewType("ReasonId", str)
TagId = NewType("TagId", str)
TemplateId = NewType("TemplateId", str)

WORKSPACE: Final = WorkspaceId("ws")
"""The one workspace of a tenant: a storage handle is bound to a tenant, so one id is enough."""


class EntityKind(enum.StrEnum):
    """The five kinds of entity; each has its own stream of events and its own version."""

    CONVERSATION = "conversation"
    CONTACT = "contact"
    MESSAGE = "message"
    EFFECT = "effect"
    WORKSPACE = "workspace"


_KINDS: Final = {
    "cv_": EntityKind.CONVERSATION,
    "ct_": EntityKind.CONTACT,
    "ef_": EntityKind.EFFECT,
}


def kind_of(ref: Ref) -> EntityKind:
    """Tell which kind of entity a reference names.

    Raises:
        ValueError: it is not a reference of chatcore's making.
    """
    kind = _KINDS.get(ref[:3])
    if kind is EntityKind.CONVERSATION and "." in ref:
        return EntityKind.MESSAGE
    if kind is not None:
        return kind
    if ref == WORKSPACE:
        return EntityKind.WORKSPACE
    raise ValueError("not a reference to an entity")


def message_id(conversation: ConversationId, seq: int) -> MessageId:
    """Name the message that stands at `seq` (from 1) of a conversation. Rule: M4."""
    return MessageId(f"{conversation}.{seq}")
