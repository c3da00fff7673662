"""The closed lists of the trade: situations, roles, abilities, kinds and states."""

from __future__ import annotations

import enum

__all__ = [
    "Ability",
    "AgentsRead",
    "BoletoForm",
    "BoletoState",
    "BonusKind",
    "ChannelKind",
    "ContractStatus",
    "CustomerKey",
    "DeliveryStatus",
    "Direction",
    "EffectKind",
    "EffectState",
    "FieldOn",
    "FieldType",
    "InvoiceModel",
    "Light",
    "Locale",
    "MessageKind",
    "Module",
    "Part",
    "PortKind",
    "Priority",
    "Role",
    "Situation",
    "TemplateCategory",
    "Trigger",
]


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
    PIN = "pin"
    SEND_BOLETO = "send_boleto"
    SEND_INVOICE = "send_invoice"
    GRANT_BONUS = "grant_bonus"
    OPEN_ORDER = "open_order"
    WITHDRAW = "withdraw"
    SETTLE_REVIEW = "settle_review"
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
    FIND_CUSTOMER = "find_customer"
    ISSUE_BOLETO = "issue_boleto"
    ISSUE_INVOICE = "issue_invoice"
    GRANT_BONUS = "grant_bonus"
    OPEN_ORDER = "open_order"
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


class PortKind(enum.StrEnum):
    """The ports that effects go out through."""

    MESSAGING = "messaging"
    CONTRACTS = "contracts"
    BILLING = "billing"


class CustomerKey(enum.StrEnum):
    """What a customer can be found by on the contracts side. Rule: B2."""

    DOCUMENT = "document"
    PHONE = "phone"
    NAME = "name"


class ContractStatus(enum.StrEnum):
    """How a contract stands, and how the access that it gives stands: two things. Rule: B1."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    PENDING = "pending"
    UNKNOWN = "unknown"


class BoletoState(enum.StrEnum):
    """How a boleto stands; OVERDUE is derived from its due date. Rule: B3."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    CANCELLED = "cancelled"


class BoletoForm(enum.StrEnum):
    """What a boleto is sent as: a document, its digitable line, its Pix code. Rule: B4."""

    DOCUMENT = "document"
    LINE = "line"
    PIX = "pix"


class InvoiceModel(enum.StrEnum):
    """The models of a fiscal invoice. Rule: B7."""

    NFCOM = "62"
    NF_21 = "21"
    NF_22 = "22"
    NFSE = "nfse"


class BonusKind(enum.StrEnum):
    """What a bonus is counted in. Rule: B8."""

    AMOUNT = "amount"
    PERCENT = "percent"
    DAYS = "days"


class Priority(enum.StrEnum):
    """How urgent a service order is. Rule: B12."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"
