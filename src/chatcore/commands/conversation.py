"""What people ask about a conversation."""

from __future__ import annotations

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import (
    id_tuple_problems,
    ids,
    message_problems,
    private,
    private_or_none,
    required,
    switch,
    tag_tuple,
    text_problems,
    text_tuple_problems,
    texts,
)
from chatcore.entities import Attachment, FieldValue
from chatcore.entities.capabilities import MEDIA
from chatcore.entities.fields import as_values, value_problems
from chatcore.errors import Problem
from chatcore.limits import NOTE_TEXT
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    CustomerId,
    DepartmentId,
    FieldId,
    MessageId,
    MessageKind,
    Private,
    QuickReplyId,
    ReasonId,
    Situation,
    TagId,
    TemplateId,
    redacted,
)

__all__ = [
    "AddNote",
    "AddTags",
    "Assign",
    "ChangeDepartment",
    "Close",
    "Dismiss",
    "EditConversation",
    "MarkRead",
    "RemoveTags",
    "Reopen",
    "Resend",
    "ReturnToBot",
    "ReturnToQueue",
    "SendMedia",
    "SendMessage",
    "SendQuickReply",
    "SendTemplate",
    "SetFields",
    "SetReason",
    "StartConversation",
    "Take",
    "Transfer",
]


@attrs.frozen(slots=True)
class StartConversation:
    """Open a conversation with a known contact or with an address, optionally with a first message.

    The first message is a `text`, or an approved `template` with its `parameters`, which passes outside the
    channel's window too. The agent who starts it becomes its assignee. Without `department`, it belongs to the
    channel's. Rule: S3, L3, L5, M5.
    """

    channel: ChannelId
    contact: ContactId | None = attrs.field(default=None, kw_only=True)
    address: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)
    department: DepartmentId | None = attrs.field(default=None, kw_only=True)
    text: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)
    template: TemplateId | None = attrs.field(default=None, kw_only=True)
    parameters: tuple[Private, ...] = attrs.field(default=(), kw_only=True, converter=texts)
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "channel") + ids(
            contact=self.contact, department=self.department, template=self.template
        )
        if (self.contact is None) is (self.address is None):
            bad.append(Problem("contact", "contact_or_address", "S3"))
        if self.address is not None and type(self.address) is not Private:
            bad.append(Problem("address", "not_a_text"))
        if self.text is not None:
            bad += text_problems(self.text, "text")
            if self.template is not None:
                bad.append(Problem("template", "text_or_template", "M5"))
        bad += text_tuple_problems(self.parameters, "parameters")
        if self.template is None and self.parameters:
            bad.append(Problem("parameters", "template_required", "M5"))
        refuse(bad + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Take:
    """Become the assignee of a conversation that waits. Rule: S4, L6, L7."""

    conversation: ConversationId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Assign:
    """Give a conversation that waits to another agent. Rule: L17."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "to") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class Transfer:
    """Give an open conversation to another agent; its whole history goes along. Rule: S12, L9."""

    conversation: ConversationId
    to: AgentId
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "to") + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class ChangeDepartment:
    """Move a conversation to another department; who is no member there gives it up. Rule: S18, L8."""

    conversation: ConversationId
    department: DepartmentId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "department"))


@attrs.frozen(slots=True)
class ReturnToQueue:
    """Let a conversation wait for service again, or for the first time after the bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class ReturnToBot:
    """Give a conversation to the channel's bot. Rule: S18, L14."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class Reopen:
    """Go on with a closed conversation: with agent `to`, or without one in the queue. Rule: L3, L7, L18."""

    conversation: ConversationId
    to: AgentId | None = None
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + ids(to=self.to)
        refuse(bad + switch(self.over_capacity, "over_capacity"))


@attrs.frozen(slots=True)
class SetReason:
    """Say why a conversation is, or was, held. Rule: S11, C3, C4."""

    conversation: ConversationId
    reason: ReasonId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "reason"))


@attrs.frozen(slots=True)
class MarkRead:
    """Say that the customer's messages were read; they may still wait for an answer. Rule: L23."""

    conversation: ConversationId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation"))


@attrs.frozen(slots=True)
class SendMessage:
    """Write a text to the customer; it leaves through the conversation's channel. Rule: M5, M6."""

    conversation: ConversationId
    text: Private = attrs.field(converter=private)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + text_problems(self.text, "text"))


@attrs.frozen(slots=True)
class Close:
    """Finish a conversation. Without a reason set or given it is refused. Rule: S19, L2, L10."""

    conversation: ConversationId
    reason: ReasonId | None = None

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + ids(reason=self.reason))


@attrs.frozen(slots=True)
class SendTemplate:
    """Send a message that the channel's provider approved; it passes outside the window too. Rule: M5, M6, M16.

    `parameters` fill its places in order.
    """

    conversation: ConversationId
    template: TemplateId
    parameters: tuple[Private, ...] = attrs.field(default=(), converter=texts)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation", "template")
        refuse(bad + text_tuple_problems(self.parameters, "parameters"))


@attrs.frozen(slots=True)
class SendQuickReply:
    """Send a reply prepared beforehand, with its variables filled in. Rule: S16, C6, C7."""

    conversation: ConversationId
    reply: QuickReplyId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation", "reply"))


@attrs.frozen(slots=True)
class SendMedia:
    """Send an image, a video, an audio, a sticker or a document, optionally with a caption. Rule: S21, M6, M17.

    Without `kind` it goes as the first kind of media that the channel carries its type as.
    """

    conversation: ConversationId
    attachment: Attachment
    caption: Private | None = attrs.field(default=None, converter=private_or_none)
    kind: MessageKind | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation")
        if type(self.attachment) is not Attachment:
            bad.append(Problem("attachment", "not_an_attachment", "M17"))
        if self.caption is not None:
            bad += text_problems(self.caption, "caption")
        if self.kind is not None and (type(self.kind) is not MessageKind or self.kind not in MEDIA):
            bad.append(Problem("kind", "not_a_kind", "M17"))
        refuse(bad)


@attrs.frozen(slots=True)
class AddNote:
    """Leave a note for colleagues; the customer never sees it. Rule: M15, L18."""

    conversation: ConversationId
    text: Private = attrs.field(converter=private)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + text_problems(self.text, "text")
        if type(self.text) is Private and (size := len(self.text.reveal())) > NOTE_TEXT:
            bad.append(Problem("text", "too_long", "M15", NOTE_TEXT, size))
        refuse(bad)


@attrs.frozen(slots=True)
class AddTags:
    """Put tags on a conversation; those it has already stay as they are. Rule: S7, C3, C4, C5."""

    conversation: ConversationId
    tags: tuple[TagId, ...] = attrs.field(converter=tag_tuple)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + id_tuple_problems(self.tags, "tags"))


@attrs.frozen(slots=True)
class RemoveTags:
    """Take tags off a conversation; those it has not are no matter. Rule: S7, L19."""

    conversation: ConversationId
    tags: tuple[TagId, ...] = attrs.field(converter=tag_tuple)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + id_tuple_problems(self.tags, "tags"))


@attrs.frozen(slots=True)
class SetFields:
    """Fill in custom fields of a conversation; None takes a value away. Rule: C9.

    `values` is given as a mapping from field id to `str`, `int`, `Decimal`, `date`, `bool` or None.
    """

    conversation: ConversationId
    values: tuple[tuple[FieldId, FieldValue | None], ...] = attrs.field(converter=as_values, repr=redacted)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "conversation") + value_problems(self.values, "values"))


@attrs.frozen(slots=True)
class Resend:
    """Send a message in doubt once more: it may arrive twice. Rule: M2."""

    message: MessageId

    def __attrs_post_init__(self) -> None:
        refuse(message_problems(self))


@attrs.frozen(slots=True)
class Dismiss:
    """Close the doubt about a message, as if it was said. Rule: M2."""

    message: MessageId

    def __attrs_post_init__(self) -> None:
        refuse(message_problems(self))


@attrs.frozen(slots=True)
class EditConversation:
    """Change several things about a conversation at once, each by the rules of its own command. Rule: S18.

    `customer` links the contact, `to` makes an agent the assignee, `situation` moves it: to the queue, to the
    bot, to its end (which needs a reason, here or before), or OPEN with whoever asks. What is left out stays.
    All of it happens, or none.
    """

    conversation: ConversationId
    customer: CustomerId | None = attrs.field(default=None, kw_only=True, repr=redacted)
    department: DepartmentId | None = attrs.field(default=None, kw_only=True)
    reason: ReasonId | None = attrs.field(default=None, kw_only=True)
    to: AgentId | None = attrs.field(default=None, kw_only=True)
    situation: Situation | None = attrs.field(default=None, kw_only=True)
    over_capacity: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        bad = required(self, "conversation") + switch(self.over_capacity, "over_capacity")
        bad += ids(customer=self.customer, department=self.department, reason=self.reason, to=self.to)
        if self.situation is not None and type(self.situation) is not Situation:
            bad.append(Problem("situation", "not_a_situation", "S1"))
        elif self.to is not None and self.situation not in (None, Situation.OPEN):
            bad.append(Problem("to", "assignee_means_open", "L1"))
        refuse(bad)
