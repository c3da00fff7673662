"""What may go out, and what the channel carries: asked when deciding, and at the claim once more. Rule: M5, M6.

1. Nothing goes to a blocked contact (L21), nor outside the channel's window, but for the kinds that pass there:
   approved templates (M5). A marketing template goes to nobody who opted out (M16).
2. What the channel cannot carry is refused before anything is recorded, with the limit and the actual size
   (M6).
"""

from __future__ import annotations

import re
from datetime import datetime

from chatcore.entities import (
    Attachment,
    ChannelCapabilities,
    Contact,
    MediaCapability,
    Message,
    MessageTemplate,
    Workspace,
)
from chatcore.errors import (
    CaptionNotCarried,
    ContactBlocked,
    InvalidValue,
    KindNotCarried,
    MediaNotCarried,
    MediaTooLarge,
    NotFound,
    OptedOut,
    Problem,
    TextTooLong,
    WindowClosed,
    WrongParameters,
)
from chatcore.rules.facts import OnStart, OnTalk
from chatcore.vocabulary import (
    ChannelId,
    MessageKind,
    Private,
    TemplateCategory,
    TemplateId,
)

__all__ = [
    "check_caption",
    "check_carried",
    "check_passes",
    "check_sendable",
    "check_template",
    "check_text",
    "check_wanted",
    "media_capability",
    "passes",
    "window_open",
]

_MANY_LINES = r"[\n\t\u2028\u2029]| {5}"
"""What providers take in no parameter of a template: line breaks, tabs, five blanks in a row."""

_TEXT, _TEMPLATE = MessageKind.TEXT, MessageKind.TEMPLATE


def window_open(capabilities: ChannelCapabilities, window_until: datetime | None, now: datetime) -> bool:
    """Whether free-form messages pass now: always where there is no window, else before its end. Rule: M5."""
    return capabilities.window is None or (window_until is not None and now < window_until)


def passes(
    kind: MessageKind, capabilities: ChannelCapabilities, window_until: datetime | None, now: datetime
) -> bool:
    """Whether the channel takes messages of this kind now, inside its window or out of it. Rule: M5, M6."""
    return kind in capabilities.outside_window or window_open(capabilities, window_until, now)


def check_sendable(
    text: Private,
    contact: Contact | None,
    capabilities: ChannelCapabilities,
    window_until: datetime | None,
    now: datetime,
) -> None:
    """Refuse a text that cannot go out, before anything is recorded; `contact` None is one not known yet."""
    check_passes(_TEXT, contact, capabilities, window_until, now)
    check_text(text, capabilities)


def check_passes(
    kind: MessageKind,
    contact: Contact | None,
    capabilities: ChannelCapabilities,
    window_until: datetime | None,
    now: datetime,
) -> None:
    """Refuse a message of any kind while nothing of its kind may go. Rule: L21, M5, M6."""
    if contact is not None and contact.blocked is not None:
        raise ContactBlocked
    if not passes(kind, capabilities, window_until, now):
        raise WindowClosed(window_until)


def check_text(text: Private, capabilities: ChannelCapabilities) -> None:
    """Refuse a text that is too long for the channel. Rule: M6."""
    size = len(text.reveal())
    if size > capabilities.text_limit:
        raise TextTooLong(capabilities.text_limit, size)


def media_capability(
    attachment: Attachment, kind: MessageKind | None, capabilities: ChannelCapabilities
) -> MediaCapability:
    """What the channel carries this file as: `kind`, or else the first kind of media with its type.

    Raises:
        MediaNotCarried, MediaTooLarge: it carries none such. Rule: M6, M7.
    """
    found = [each for each in capabilities.media if attachment.mime in each.types]
    fitting = [each for each in found if kind in (None, each.kind)]
    if not fitting:
        raise MediaNotCarried(attachment.mime)
    if attachment.size > fitting[0].max_bytes:
        raise MediaTooLarge(fitting[0].max_bytes, attachment.size)
    return fitting[0]


def check_caption(caption: Private, carried: MediaCapability, capabilities: ChannelCapabilities) -> None:
    """Refuse a caption that the channel does not carry with this kind of media, or not this long. Rule: M6."""
    size = len(caption.reveal())
    if size and not carried.captions:
        raise CaptionNotCarried(carried.kind)
    if size > capabilities.caption_limit:
        raise TextTooLong(capabilities.caption_limit, size)


def check_template(
    id: TemplateId,
    parameters: tuple[Private, ...],
    channel: ChannelId,
    contact: Contact | None,
    window_until: datetime | None,
    facts: OnTalk | OnStart,
) -> Private:
    """The text of an approved template, filled in; refused where it cannot go. Raises as `send_template`."""
    template, capabilities = _template(id, channel, facts.workspace), facts.capabilities
    if not capabilities.templates:
        raise KindNotCarried(_TEMPLATE)
    check_passes(_TEMPLATE, contact, capabilities, window_until, facts.now)
    check_wanted(template, contact)
    if len(parameters) != template.parameters:
        raise WrongParameters(template.parameters, len(parameters))
    bad = [
        Problem(f"parameters[{i}]", "not_one_line", "M6")
        for i, parameter in enumerate(parameters)
        if re.search(_MANY_LINES, parameter.reveal())
    ]
    if bad:
        raise InvalidValue(*bad)
    return Private(template.filled(tuple(each.reveal() for each in parameters)))


def check_wanted(template: MessageTemplate | None, contact: Contact | None) -> None:
    """Refuse a marketing template to who wants none; no other template. Rule: M16."""
    marketing = template is not None and template.category is TemplateCategory.MARKETING
    if marketing and contact is not None and contact.opted_out:
        raise OptedOut


def _template(id: TemplateId, channel: ChannelId, workspace: Workspace) -> MessageTemplate:
    template = workspace.template(id)
    if template is None:
        raise NotFound("template", id)
    bad: list[Problem] = []
    if template.archived:
        bad.append(Problem("template", "archived", "C3"))
    if template.channel != channel:
        bad.append(Problem("template", "other_channel", "M6"))
    if bad:
        raise InvalidValue(*bad)
    return template


def check_carried(
    message: Message, contact: Contact | None, capabilities: ChannelCapabilities, workspace: Workspace
) -> None:
    """Refuse a message, said before, that the channel or the contact does not take any more. Rule: M6, M16.

    Raises:
        KindNotCarried, OptedOut, WrongParameters, MediaNotCarried, MediaTooLarge, CaptionNotCarried,
        TextTooLong:
            as they say.
        InvalidValue: its template is archived. Rule: C3.
    """
    if message.kind is _TEXT:
        check_text(message.body, capabilities)
    elif message.extras.template is not None:
        template, given = workspace.template(message.extras.template), len(message.extras.parameters)
        if not capabilities.templates:
            raise KindNotCarried(message.kind)
        check_wanted(template, contact)
        if template is not None and template.archived:
            raise InvalidValue.of("template", "archived", rule="C3")
        if template is not None and template.parameters != given:
            raise WrongParameters(template.parameters, given)
    elif message.media is not None and message.media.attachment is not None:
        carried = media_capability(message.media.attachment, message.kind, capabilities)
        check_caption(message.body, carried, capabilities)
