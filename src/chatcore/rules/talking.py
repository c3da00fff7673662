"""Saying something to the customer: what may be sent, and what sending it leads to. Rule: M5, M6, M20, L15.

1. Nothing goes to a blocked contact (L21), nor outside the channel's window, but for the kinds that pass there:
   approved templates (M5). A marketing template goes to nobody who opted out (M16).
2. What the channel cannot carry is refused before anything is recorded, with the limit and the actual size
   (M6). The same is asked again at the claim, in `carrying`.
3. What is said counts in the conversation, is a message of its own, and an effect in the conversation's lane
   carries it out.
4. The messages of a bot are its turns: after as many as the policy allows it hands over to the queue (L14).
"""

from __future__ import annotations

from datetime import datetime

from chatcore.commands import Dismiss, Resend, SendMedia, SendMessage, SendQuickReply, SendTemplate
from chatcore.entities import (
    Attachment,
    ChannelCapabilities,
    Contact,
    Media,
    MediaCapability,
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
    NotInDoubt,
    OptedOut,
    Problem,
    TextTooLong,
    WindowClosed,
    WrongParameters,
)
from chatcore.events import (
    Dismissed,
    DoubtDismissed,
    Event,
    Intended,
    MessageAdded,
    MessageResent,
    MessageWritten,
    Queued,
)
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules.facts import Decision, OnMessage, OnStart, OnTalk
from chatcore.rules.variables import Setting, filled
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    Actor,
    ActorKind,
    ChannelId,
    ContactId,
    ConversationId,
    Direction,
    EffectId,
    EffectKind,
    EffectState,
    MessageId,
    MessageKind,
    Private,
    Ref,
    Situation,
    TemplateCategory,
    TemplateId,
    Trigger,
    message_id,
)

__all__ = [
    "check_caption",
    "check_passes",
    "check_sendable",
    "check_template",
    "check_text",
    "check_wanted",
    "dismiss",
    "media_capability",
    "resend",
    "send",
    "send_media",
    "send_quick_reply",
    "send_template",
    "sending",
    "window_open",
    "written",
]

_GAP = " " * 5
"""More blanks in a row than providers of templates take."""

_TEXT, _TEMPLATE = MessageKind.TEXT, MessageKind.TEMPLATE


def send(command: SendMessage, facts: OnTalk) -> Decision:
    """Write a text; its delivery is an effect in the conversation's lane.

    Raises:
        ContactBlocked, WindowClosed, TextTooLong: the message cannot go. Rule: L21, M5, M6.
    """
    conversation = facts.conversation
    check_sendable(command.text, facts.contact, facts.capabilities, conversation.window_until, facts.now)
    said = written(
        command.text,
        facts.now,
        facts.root,
        conversation.id,
        conversation.seq + 1,
        facts.contact.id,
        conversation.channel,
        author=facts.actor,
    )
    return said if facts.actor.kind is _PERSON else said + _handed_over(facts, 1)


def send_template(command: SendTemplate, facts: OnTalk) -> Decision:
    """Send an approved template with its parameters.

    Raises:
        NotFound, InvalidValue: it is not there, is archived, or belongs to another channel.
        ContactBlocked, OptedOut, KindNotCarried, WrongParameters: it cannot go. Rule: L21, M16, M6.
    """
    conversation = facts.conversation
    body = check_template(
        command.template,
        command.parameters,
        conversation.channel,
        facts.contact,
        conversation.window_until,
        facts,
    )
    said = written(
        body,
        facts.now,
        facts.root,
        conversation.id,
        conversation.seq + 1,
        facts.contact.id,
        conversation.channel,
        author=facts.actor,
        kind=_TEMPLATE,
        template=command.template,
        parameters=command.parameters,
    )
    return said if facts.actor.kind is _PERSON else said + _handed_over(facts, 1)


def send_media(command: SendMedia, facts: OnTalk) -> Decision:
    """Send a file, with a caption if the channel carries one.

    Raises:
        ContactBlocked, WindowClosed: nothing goes now. Rule: L21, M5.
        MediaNotCarried, MediaTooLarge, CaptionNotCarried, TextTooLong: the channel cannot carry it. Rule: M6.
    """
    conversation, capabilities = facts.conversation, facts.capabilities
    carried = media_capability(command.attachment, command.kind, capabilities)
    check_passes(carried.kind, facts.contact, capabilities, conversation.window_until, facts.now)
    caption = command.caption or Private("")
    check_caption(caption, carried, capabilities)
    said = written(
        caption,
        facts.now,
        facts.root,
        conversation.id,
        conversation.seq + 1,
        facts.contact.id,
        conversation.channel,
        author=facts.actor,
        kind=carried.kind,
        media=Media(attachment=command.attachment),
    )
    return said if facts.actor.kind is _PERSON else said + _handed_over(facts, 1)


def send_quick_reply(command: SendQuickReply, facts: OnTalk) -> Decision:
    """Send a prepared reply: its text filled in, its file with the text as caption, or both one after another.

    Raises:
        NotFound, InvalidValue: it is not there, is archived (C3), or is for others (C6).
        MissingVariable: one has neither a value nor a fallback. Rule: C7.
        InvalidValue: nothing is left of the text, or what a name brought along cannot go out. Rule: M14.
        And whatever `send` and `send_media` raise.
    """
    conversation, capabilities = facts.conversation, facts.capabilities
    reply = facts.workspace.quick_reply(command.reply)
    if reply is None:
        raise NotFound("quick_reply", command.reply)
    agent = None if facts.agent is None else facts.agent.id
    bad: list[Problem] = []
    if reply.archived:
        bad.append(Problem("reply", "archived", "C3"))
    if not reply.allows(conversation.department, agent):
        bad.append(Problem("reply", "not_for_you", "C6"))
    if bad:
        raise InvalidValue(*bad)
    text = None
    if reply.text is not None:
        text = Private(filled(reply.text, _setting(facts)))
        bad += outbound_problems(text.reveal(), "text")
        if bad:
            raise InvalidValue(*bad)
    pieces: list[tuple[Private, MessageKind, Media | None]] = []
    if reply.attachment is None:
        assert text is not None
        pieces.append((text, _TEXT, None))
    else:
        carried = media_capability(reply.attachment, None, capabilities)
        media = Media(attachment=reply.attachment)
        fits = carried.captions and text is not None and len(text.reveal()) <= capabilities.caption_limit
        pieces.append((text if fits and text is not None else Private(""), carried.kind, media))
        if text is not None and not fits:
            pieces.append((text, _TEXT, None))
    decision: Decision = ()
    for n, (body, kind, file) in enumerate(pieces, 1):
        check_passes(kind, facts.contact, capabilities, conversation.window_until, facts.now)
        if kind is _TEXT:
            check_text(body, capabilities)
        decision += written(
            body,
            facts.now,
            facts.root,
            conversation.id,
            conversation.seq + n,
            facts.contact.id,
            conversation.channel,
            author=facts.actor,
            kind=kind,
            media=file,
        )
    return decision if facts.actor.kind is _PERSON else decision + _handed_over(facts, len(pieces))


def _setting(facts: OnTalk) -> Setting:
    conversation = facts.conversation
    sender = None if facts.agent is None else facts.agent.id
    return Setting(
        workspace=facts.workspace,
        now=facts.now,
        contact=facts.contact,
        conversation=conversation.id,
        protocol=conversation.protocol,
        department=conversation.department,
        agent=conversation.assignee or sender,
    )


def _handed_over(facts: OnTalk, turns: int) -> Decision:
    """A bot that got nowhere lets the conversation wait for people. Rule: L14."""
    conversation, most = facts.conversation, facts.workspace.policies.max_bot_turns
    if facts.actor.kind is not ActorKind.BOT or most is None:
        return ()
    if conversation.situation is not Situation.BOT or conversation.talk.robot.turns + turns < most:
        return ()
    return ((conversation.id, Queued(department=conversation.department)),)


# --- a message in doubt --------------------------------------------------------------------------------------


def resend(command: Resend, facts: OnMessage) -> Decision:
    """Send a message in doubt once more, by a new effect; it may arrive twice, and a person takes that on.

    Raises:
        NotInDoubt: it is not. Rule: M2.
        ContactBlocked, WindowClosed, OptedOut, …: it cannot go now. Rule: L21, M5, M6, M16.
    """
    message, conversation, now = facts.message, facts.conversation, facts.now
    _check_in_doubt(facts)
    check_passes(message.kind, facts.contact, facts.capabilities, conversation.window_until, now)
    if message.extras.template is not None:
        check_wanted(facts.workspace.template(message.extras.template), facts.contact)
    if message.media is not None and message.media.attachment is not None:
        media_capability(message.media.attachment, message.kind, facts.capabilities)
    effect = EffectId(f"ef_{facts.root}.{message.seq}")
    return (
        (facts.effect.id, Dismissed()),
        (message.id, MessageResent(effect=effect)),
        (
            effect,
            sending(conversation.id, facts.contact.id, conversation.channel, message.id, message.seq, now),
        ),
    )


def dismiss(_: Dismiss, facts: OnMessage) -> Decision:
    """Close the doubt about a message; evidence that comes later still counts.

    Raises:
        NotInDoubt: it is not. Rule: M2.
    """
    _check_in_doubt(facts)
    return ((facts.effect.id, Dismissed()), (facts.message.id, DoubtDismissed()))


def _check_in_doubt(facts: OnMessage) -> None:
    if facts.effect.state is not EffectState.UNCONFIRMED or not facts.message.unconfirmed:
        raise NotInDoubt(facts.message.id)


# --- what may go ---------------------------------------------------------------------------------------------


def window_open(capabilities: ChannelCapabilities, window_until: datetime | None, now: datetime) -> bool:
    """Whether free-form messages pass now: always where there is no window, else before its end. Rule: M5."""
    return capabilities.window is None or (window_until is not None and now < window_until)


def check_sendable(
    text: Private,
    contact: Contact | None,
    capabilities: ChannelCapabilities,
    window_until: datetime | None,
    now: datetime,
) -> None:
    """Refuse a text that cannot go out, before anything is recorded; `contact` None is one not known yet."""
    if contact is not None and contact.blocked is not None:
        raise ContactBlocked
    if not window_open(capabilities, window_until, now):
        raise WindowClosed(window_until)
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
    if kind not in capabilities.outside_window and not window_open(capabilities, window_until, now):
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
        if not parameter.reveal().isprintable() or _GAP in parameter.reveal()
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


# --- what it leads to ----------------------------------------------------------------------------------------

_PERSON = ActorKind.AGENT


def sending(
    conversation: ConversationId,
    contact: ContactId,
    channel: ChannelId,
    message: MessageId,
    seq: int,
    now: datetime,
) -> Intended:
    """The effect that carries a message out, in the conversation's lane. Rule: M20."""
    return Intended(
        kind=EffectKind.SEND_MESSAGE,
        channel=channel,
        conversation=conversation,
        contact=contact,
        message=message,
        lane=f"{conversation}:messaging",
        position=seq,
        due_at=now,
        expires_at=now + DELIVERY_DEADLINE,
    )


def written(
    text: Private,
    now: datetime,
    root: str,
    conversation: ConversationId,
    seq: int,
    contact: ContactId,
    channel: ChannelId,
    *,
    author: Actor | None = None,
    automatic: Trigger | None = None,
    quiet_until: datetime | None = None,
    kind: MessageKind = _TEXT,
    media: Media | None = None,
    template: TemplateId | None = None,
    parameters: tuple[Private, ...] = (),
) -> tuple[tuple[Ref, Event], ...]:
    """What writing a message leads to: the conversation counts it, the message says it, an effect sends it."""
    message = message_id(conversation, seq)
    effect = EffectId(f"ef_{root}.{seq}")
    if author is not None and author.kind is _PERSON:
        added = MessageAdded(message=message, seq=seq, direction=Direction.OUTBOUND, human=True)
    else:
        added = MessageAdded(
            message=message,
            seq=seq,
            direction=Direction.OUTBOUND,
            bot=author is not None and author.kind is ActorKind.BOT,
            trigger=automatic,
            quiet_until=quiet_until,
        )
    said = MessageWritten(
        conversation=conversation,
        seq=seq,
        channel=channel,
        kind=kind,
        body=text,
        effect=effect,
        author=author,
        automatic=automatic,
        media=media,
        template=template,
        parameters=parameters,
    )
    intended = sending(conversation, contact, channel, message, seq, now)
    return ((conversation, added), (message, said), (effect, intended))
