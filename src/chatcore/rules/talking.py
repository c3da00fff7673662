"""Saying something to the customer: a text, a file, a prepared reply, an approved template.

Rule: S16, S21, L14, L15. What may go is `passing`'s to say, what it leads to `writing`'s. The messages of a
bot are its turns: after as many as the policy allows it hands over to the queue (L14).
"""

from __future__ import annotations

from typing import TypeAlias

from chatcore.commands import SendMedia, SendMessage, SendQuickReply, SendTemplate
from chatcore.entities import (
    Media,
    QuickReply,
)
from chatcore.errors import (
    InvalidValue,
    NotFound,
    Problem,
)
from chatcore.rules.facts import Decision, OnTalk
from chatcore.rules.moving import handed_over
from chatcore.rules.passing import (
    check_caption,
    check_passes,
    check_sendable,
    check_template,
    check_text,
    media_capability,
)
from chatcore.rules.variables import Setting, filled
from chatcore.rules.writing import written
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    ActorKind,
    MessageKind,
    Private,
    Situation,
)

__all__ = ["send", "send_media", "send_quick_reply", "send_template"]

_TEXT = MessageKind.TEXT

_Piece: TypeAlias = tuple[Private, MessageKind, Media | None]
"""One message of several that are said in one go."""


def send(command: SendMessage, facts: OnTalk) -> Decision:
    """Write a text; its delivery is an effect in the conversation's lane.

    Raises:
        ContactBlocked, WindowClosed, TextTooLong: the message cannot go. Rule: L21, M5, M6.
    """
    until = facts.conversation.window_until
    check_sendable(command.text, facts.contact, facts.capabilities, until, facts.now)
    return _said(facts, ((command.text, _TEXT, None),))


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
        kind=MessageKind.TEMPLATE,
        template=command.template,
        parameters=command.parameters,
    )
    return said + _handed_over(facts, 1)


def send_media(command: SendMedia, facts: OnTalk) -> Decision:
    """Send a file, with a caption if the channel carries one.

    Raises:
        ContactBlocked, WindowClosed: nothing goes now. Rule: L21, M5.
        MediaNotCarried, MediaTooLarge, CaptionNotCarried, TextTooLong: the channel cannot carry it. Rule: M6.
    """
    capabilities = facts.capabilities
    _check_goes(facts, command.kind or MessageKind.DOCUMENT)
    carried = media_capability(command.attachment, command.kind, capabilities)
    caption = command.caption or Private("")
    check_caption(caption, carried, capabilities)
    return _said(facts, ((caption, carried.kind, Media(attachment=command.attachment)),))


def send_quick_reply(command: SendQuickReply, facts: OnTalk) -> Decision:
    """Send a prepared reply: its text filled in, its file with the text as caption, or both one after another.

    Raises:
        NotFound, InvalidValue: it is not there, is archived (C3), or is for others (C6).
        MissingVariable: one has neither a value nor a fallback. Rule: C7.
        InvalidValue: nothing is left of the text, or what a name brought along cannot go out. Rule: M14.
        And whatever `send` and `send_media` raise.
    """
    reply = _reply(command, facts)
    _check_goes(facts, _TEXT)
    text = None
    if reply.text is not None:
        text = Private(filled(reply.text, _setting(facts)))
        if bad := outbound_problems(text.reveal(), "text"):
            raise InvalidValue(*bad)
    capabilities = facts.capabilities
    pieces: list[_Piece] = []
    if reply.attachment is not None:
        carried = media_capability(reply.attachment, None, capabilities)
        media = Media(attachment=reply.attachment)
        if text is not None and carried.captions and len(text.reveal()) <= capabilities.caption_limit:
            return _said(facts, ((text, carried.kind, media),))
        pieces.append((Private(""), carried.kind, media))
    if text is not None:
        check_text(text, capabilities)
        pieces.append((text, _TEXT, None))
    return _said(facts, tuple(pieces))


def _reply(command: SendQuickReply, facts: OnTalk) -> QuickReply:
    reply = facts.workspace.quick_reply(command.reply)
    if reply is None:
        raise NotFound("quick_reply", command.reply)
    bad: list[Problem] = []
    if reply.archived:
        bad.append(Problem("reply", "archived", "C3"))
    if not reply.allows(facts.conversation.department, None if facts.agent is None else facts.agent.id):
        bad.append(Problem("reply", "not_for_you", "C6"))
    if bad:
        raise InvalidValue(*bad)
    return reply


def _check_goes(facts: OnTalk, kind: MessageKind) -> None:
    until = facts.conversation.window_until
    check_passes(kind, facts.contact, facts.capabilities, until, facts.now)


def _said(facts: OnTalk, pieces: tuple[_Piece, ...]) -> Decision:
    """What is said in one go, piece by piece."""
    conversation = facts.conversation
    decision: Decision = ()
    for n, (body, kind, media) in enumerate(pieces, 1):
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
            media=media,
        )
    return decision + _handed_over(facts, len(pieces))


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
    """A bot that got nowhere lets the conversation wait for people, after so many turns. Rule: L14."""
    conversation, most = facts.conversation, facts.workspace.policies.max_bot_turns
    if facts.actor.kind is not ActorKind.BOT or most is None:
        return ()
    if conversation.situation is not Situation.BOT or conversation.talk.robot.turns + turns < most:
        return ()
    return handed_over(conversation, facts, conversation.seq + turns)
