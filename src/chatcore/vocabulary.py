"""The words of the trade: ids, enumerations, and the wrapper that keeps personal text out of logs.

Everything else is written in these words; this module knows nothing of what is done with them.

An entity's id is also its reference: it carries its kind (``cv_…``, ``ct_…``, ``cv_….12``, ``ef_…``,
``ws``), so a reference is one string, costs nothing to build and hashes at the speed of a string.
Ids of configured things (an agent, a department, a reason, a channel) are whatever the service calls them.
"""

from __future__ import annotations

import enum
from typing import Final, NewType, TypeAlias

import attrs

__all__ = [
    "SYSTEM",
    "WORKSPACE",
    "Ability",
    "Actor",
    "ActorKind",
    "AgentId",
    "AgentsRead",
    "ChannelId",
    "ChannelKind",
    "CommandId",
    "ContactId",
    "ConversationId",
    "CustomerId",
    "DeliveryStatus",
    "DepartmentId",
    "Direction",
    "EffectId",
    "EffectKind",
    "EffectState",
    "EntityKind",
    "EventId",
    "FieldId",
    "FieldOn",
    "FieldType",
    "Light",
    "Locale",
    "MessageId",
    "MessageKind",
    "Module",
    "Part",
    "Private",
    "QuickReplyId",
    "ReasonId",
    "Ref",
    "Role",
    "Situation",
    "TagId",
    "TemplateCategory",
    "TemplateId",
    "Trigger",
    "WorkspaceId",
    "kind_of",
    "message_id",
    "redacted",
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


class Situation(enum.StrEnum):
    """Where a conversation stands. Exactly four. Rule: S1, section L."""

    BOT = "bot"
    QUEUE = "queue"
    OPEN = "open"
    CLOSED = "closed"


class Role(enum.StrEnum):
    """What a person is in the workspace; one person may hold several. Rule: section P."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Ability(enum.StrEnum):
    """What a command or a read needs; who has it, and where, is the table in `rules.permissions`."""

    READ = "read"
    TAKE = "take"
    TAKE_ANYWHERE = "take_anywhere"
    START = "start"
    SEND = "send"
    NOTE = "note"
    TAG = "tag"
    FILL = "fill"
    REASON = "reason"
    MARK_READ = "mark_read"
    ASSIGN = "assign"
    TRANSFER = "transfer"
    QUEUE = "queue"
    REOPEN = "reopen"
    OVER_CAPACITY = "over_capacity"
    CLOSE = "close"
    RESOLVE_DOUBT = "resolve_doubt"
    LINK = "link"
    EDIT_CONTACT = "edit_contact"
    MERGE = "merge"
    BLOCK = "block"
    CONFIGURE = "configure"
    RECORD = "record"
    DELIVER = "deliver"
    TIMED_WORK = "timed_work"


class AgentsRead(enum.StrEnum):
    """Which conversations agents may read: a policy of the workspace. Rule: section P."""

    ALL = "all"
    DEPARTMENTS = "departments"
    OWN = "own"


class Part(enum.StrEnum):
    """The kinds of thing a workspace is made of. Rule: section C."""

    DEPARTMENT = "department"
    AGENT = "agent"
    REASON = "reason"
    TAG = "tag"
    QUICK_REPLY = "quick_reply"
    TEMPLATE = "template"
    FIELD = "field"
    CHANNEL = "channel"


class FieldType(enum.StrEnum):
    """What a custom field holds. Rule: C9."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


class FieldOn(enum.StrEnum):
    """What a custom field is about. Rule: C9."""

    CONTACT = "contact"
    CONVERSATION = "conversation"


class Light(enum.StrEnum):
    """The state of a contract, as a screen shows it. Rule: S5, B1."""

    GREEN = "green"
    RED = "red"
    GREY = "grey"


class TemplateCategory(enum.StrEnum):
    """What an approved template is for; an opt-out stops the marketing ones only. Rule: M16."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"


class Trigger(enum.StrEnum):
    """What an automatic message is sent at. Rule: L20."""

    GREETING = "greeting"
    QUEUED = "queued"
    AFTER_HOURS = "after_hours"
    CLOSING = "closing"


class Locale(enum.StrEnum):
    """The languages that chatcore has words in."""

    PT_BR = "pt_BR"
    EN = "en"


class Module(enum.StrEnum):
    """What a tenant may have contracted. Rule: S23."""

    CHAT = "chat"


class ActorKind(enum.StrEnum):
    """Who may be behind a command."""

    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class ChannelKind(enum.StrEnum):
    """The kinds of channel; a channel is one configured account of a kind."""

    WHATSAPP_CLOUD = "whatsapp_cloud"


class Direction(enum.StrEnum):
    """Which way a message travels; INTERNAL is a note, which travels nowhere. Rule: M15."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class MessageKind(enum.StrEnum):
    """What a message carries. UNKNOWN is kept as it came and shown as such. Rule: M8."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    TEMPLATE = "template"
    NOTE = "note"
    UNKNOWN = "unknown"


class DeliveryStatus(enum.StrEnum):
    """How far a message is known to have come. Rule: M2.

    PENDING < SENT < DELIVERED < READ < PLAYED; FAILED and UNCONFIRMED stand beside that order.
    """

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


class EffectKind(enum.StrEnum):
    """What an effect does outside, or which long inner work it is."""

    SEND_MESSAGE = "send_message"
    KEEP_STATUS = "keep_status"
    FETCH_MEDIA = "fetch_media"
    SEND_RECEIPT = "send_receipt"
    RELEASE_AGENT = "release_agent"
    CLOSE_IDLE = "close_idle"
    TIME_OUT_BOT = "time_out_bot"


class EffectState(enum.StrEnum):
    """Where an effect stands; the edges between them are the table in `transitions`."""

    INTENDED = "intended"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNCONFIRMED = "unconfirmed"
    DISMISSED = "dismissed"
    REVIEW = "review"


@attrs.frozen(slots=True)
class Actor:
    """Who is behind a command; what they may do is looked up in the workspace, never carried here."""

    kind: ActorKind
    id: AgentId

    def __attrs_post_init__(self) -> None:
        if type(self.kind) is not ActorKind or type(self.id) is not str or not self.id:
            raise ValueError("an actor is a kind and an id")

    @classmethod
    def agent(cls, id: str) -> Actor:
        """A person of the workspace, whatever their roles."""
        return cls(ActorKind.AGENT, AgentId(id))

    @classmethod
    def bot(cls, id: str) -> Actor:
        """An automatic attendant; it acts on conversations in BOT only. Rule: L22."""
        return cls(ActorKind.BOT, AgentId(id))


SYSTEM: Final = Actor(ActorKind.SYSTEM, AgentId("system"))
"""Records what happened outside and runs timed work; does nothing that no rule gives it."""


class Private:
    """A personal text (a phone, a document, a name, a message body) that prints as ``<redacted>``.

    Equality and hashing are those of the text. Reading it is explicit::

        >>> body = Private("meu CPF é 123")
        >>> body
        <redacted>
        >>> f"{body}"
        '<redacted>'
        >>> body.reveal()
        'meu CPF é 123'
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str, /) -> None:
        if type(text) is not str:
            raise TypeError("a Private wraps a str")
        _keep(self, "_text", text)

    def reveal(self) -> str:
        """The text itself. The caller answers for where it goes."""
        return self._text

    def __repr__(self) -> str:
        return "<redacted>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<redacted>"

    def __eq__(self, other: object) -> bool:
        if type(other) is Private:
            return self._text == other._text
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __reduce__(self) -> tuple[type[Private], tuple[str]]:
        return Private, (self._text,)


_keep = object.__setattr__


def redacted(value: object) -> str:
    """How an id that holds personal data prints: some providers' message ids contain the customer's number."""
    return "None" if value is None else "<redacted>"
