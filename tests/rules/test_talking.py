"""Saying something: what may be sent, and what sending it leads to."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    AddNote,
    Close,
    Dismiss,
    Resend,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
)
from chatcore.entities import (
    Attachment,
    AutomaticMessages,
    Extras,
    Media,
    MediaCapability,
    MessageTemplate,
    Policies,
    QuickReply,
)
from chatcore.entities.conversation import Robot
from chatcore.errors import (
    CaptionNotCarried,
    ChatcoreError,
    ContactBlocked,
    InvalidValue,
    KindNotCarried,
    MediaNotCarried,
    MediaTooLarge,
    MissingVariable,
    NotAdmitted,
    NotFound,
    NotInDoubt,
    NotPermitted,
    OptedOut,
    TextTooLong,
    WindowClosed,
    WrongParameters,
)
from chatcore.events import (
    Closed,
    Dismissed,
    DoubtDismissed,
    Intended,
    MessageAdded,
    MessageResent,
    MessageWritten,
    Queued,
    Reopened,
    ReturnedToBot,
    Succeeded,
)
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules import decide
from chatcore.rules.passing import check_sendable, window_open
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    Direction,
    EffectKind,
    EffectState,
    MessageKind,
    Private,
    Role,
    Situation,
    TemplateCategory,
    Trigger,
)
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    BOLETO,
    CV,
    DAY,
    EF,
    MSG,
    NOW,
    PICTURE,
    ROBO,
    ROOT,
    SARA,
    TICK,
    VOICE,
    after,
    agent,
    attachment,
    blocked_contact,
    born,
    capabilities,
    changed,
    contact,
    conversation,
    doubtful,
    effect,
    on_conversation,
    on_message,
    on_talk,
    stocked,
    workspace,
)

OPEN = Situation.OPEN
TEXT = SendMessage(CV, "Olá!")


def sent(
    by: Actor = ANA, situation: Situation = OPEN, text: str = "Olá!", changes: Any = None, **facts: Any
) -> Any:
    return decide(SendMessage(CV, text), on_talk(conversation(situation, **(changes or {})), by, **facts))


def test_a_text_is_counted_written_and_sent_by_an_effect() -> None:
    """The next seq, the message, and an effect in the conversation's lane, due at once. Rule: M4, M20."""
    assert sent(changes={"seq": 7}) == (
        (CV, MessageAdded(message="cv_1.8", seq=8, direction=Direction.OUTBOUND, human=True)),
        (
            "cv_1.8",
            MessageWritten(
                conversation=CV,
                seq=8,
                channel="wa",
                kind=MessageKind.TEXT,
                body=Private("Olá!"),
                effect=f"ef_{ROOT}.8",
                author=ANA,
            ),
        ),
        (
            f"ef_{ROOT}.8",
            Intended(
                kind=EffectKind.SEND_MESSAGE,
                channel="wa",
                conversation=CV,
                contact="ct_1",
                message="cv_1.8",
                lane=f"{CV}:messaging",
                position=8,
                due_at=NOW,
                expires_at=NOW + DELIVERY_DEADLINE,
            ),
        ),
    )


def test_what_it_leads_to_can_be_folded() -> None:
    """Each event is one its stream can take."""
    (_, added), (message, written), (effect, intended) = sent()
    assert after(conversation(OPEN), added).seq == 2
    assert born(message, written).effect == effect
    assert born(effect, intended).message == message


@pytest.mark.parametrize(
    ("by", "situation", "human"),
    [(ANA, OPEN, True), (SARA, Situation.QUEUE, True), (ROBO, Situation.BOT, False)],
)
def test_only_a_person_answers(by: Actor, situation: Situation, human: bool) -> None:
    """A supervisor's message answers the customer; a bot's does not. Rule: L15, L23."""
    added = sent(by, situation)[0][1]
    assert added.human is human
    told = after(conversation(situation, unread=2), added)
    assert (told.unread, told.waiting_since is None) == ((0, True) if human else (2, False))


def test_an_effect_never_copies_the_body() -> None:
    """It refers to the message. Rule: the design, effects."""
    assert "segredo" not in repr(sent(text="segredo"))
    intended = sent(text="segredo")[2][1]
    assert not any(isinstance(getattr(intended, f), Private) for f in intended.__slots__ if f != "__weakref__")


def test_nothing_goes_to_a_blocked_contact() -> None:
    """Whatever else is wrong. Rule: L21."""
    with pytest.raises(ContactBlocked):
        sent(contact=blocked_contact(), text="x" * 5000, changes={"window_until": None})


@pytest.mark.parametrize(
    ("until", "is_open"),
    [(NOW + TICK, True), (NOW, False), (NOW - TICK, False), (None, False), (NOW + DAY, True)],
)
def test_the_window_is_open_before_its_end(until: Any, is_open: bool) -> None:
    """Strictly; and never where the customer has not written. Rule: M5."""
    assert window_open(capabilities(), until, NOW) is is_open
    assert window_open(capabilities(window=None), until, NOW) is True
    if is_open:
        assert sent(changes={"window_until": until})
        return
    with pytest.raises(WindowClosed) as shut:
        sent(changes={"window_until": until})
    assert shut.value.closed_at == until
    assert sent(changes={"window_until": until}, capabilities=capabilities(window=None))


@pytest.mark.parametrize(("length", "fits"), [(10, True), (11, False)])
def test_the_channel_says_how_long_a_text_may_be(length: int, fits: bool) -> None:
    """In code points, checked before anything is recorded. Rule: M6."""
    short = capabilities(text_limit=10)
    if fits:
        assert sent(text="😀" * length, capabilities=short)
        return
    with pytest.raises(TextTooLong) as long:
        sent(text="😀" * length, capabilities=short)
    assert (long.value.limit, long.value.actual) == (10, 11)


def test_a_shut_window_is_told_before_the_length() -> None:
    """One refusal at a time, the one that no other text would pass first. Rule: M5, M6."""
    with pytest.raises(WindowClosed):
        sent(text="x" * 5000, changes={"window_until": None})


def test_who_is_not_known_yet_is_not_blocked() -> None:
    """A first message to a number. Rule: S3."""
    check_sendable(Private("x"), None, capabilities(window=None), None, NOW)


# --- every way to say something ------------------------------------------------------------------------------

BOT, QUEUE, CLOSED = Situation.BOT, Situation.QUEUE, Situation.CLOSED
SENDS: list[Any] = [
    SendMessage(CV, "Olá!"),
    SendMedia(CV, PICTURE),
    SendTemplate(CV, "notice", ("Maria", "12/03")),
    SendQuickReply(CV, "number"),
]
EVERY_SEND = pytest.mark.parametrize("command", SENDS, ids=lambda command: type(command).__name__)


def said(command: Any, by: Actor = ANA, situation: Situation = OPEN, changes: Any = None, **facts: Any) -> Any:
    told = on_talk(conversation(situation, **(changes or {})), by, **{"workspace": stocked(), **facts})
    return decide(command, told)


def refused(kind: type[ChatcoreError], command: Any, *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        said(command, *args, **values)
    return vars(caught.value)


def misfits(command: Any, *args: Any, **values: Any) -> list[tuple[str, str, str | None]]:
    with pytest.raises(InvalidValue) as caught:
        said(command, *args, **values)
    return [(p.path, p.code, p.rule) for p in caught.value.problems]


@EVERY_SEND
def test_each_is_counted_written_and_sent_in_its_lane(command: Any) -> None:
    """The next number, and one effect that names the message and never what it says. Rule: M4, M20."""
    (cv, added), (message, written), (effect, intended) = said(command, changes={"seq": 6})
    assert (cv, added) == (
        CV,
        MessageAdded(message="cv_1.7", seq=7, direction=Direction.OUTBOUND, human=True),
    )
    assert isinstance(written, MessageWritten)
    assert (message, written.seq, written.author, written.effect) == ("cv_1.7", 7, ANA, effect)
    assert isinstance(intended, Intended)
    assert (intended.message, intended.position, intended.due_at) == (message, 7, NOW)
    assert intended.lane == f"{CV}:messaging"
    answered = after(conversation(OPEN, seq=6, unread=3), added)
    assert (answered.seq, answered.unread, answered.waiting_since) == (7, 0, None)
    assert answered.window_until == conversation(OPEN).window_until


@EVERY_SEND
def test_nothing_at_all_goes_to_a_blocked_contact(command: Any) -> None:
    """Closing still works, without a word. Rule: L21, S20."""
    assert refused(ContactBlocked, command, contact=blocked_contact()) == {}
    words = stocked(policies=Policies(automatic=AutomaticMessages(closing="Até logo!")))
    told = said(Close(CV, "moved"), contact=blocked_contact(), workspace=words)
    assert told == ((CV, Closed(reason="moved")),)


@EVERY_SEND
@pytest.mark.parametrize("by", [ANA, SARA, ADA])
def test_nothing_is_said_in_a_closed_conversation(command: Any, by: Actor) -> None:
    """But by starting or reopening it. Rule: L18."""
    assert refused(NotAdmitted, command, by, CLOSED) == {"command": type(command).__name__, "situation": CLOSED}


@EVERY_SEND
@pytest.mark.parametrize("until", [None, NOW, NOW - DAY])
def test_outside_the_window_only_templates_pass(command: Any, until: Any) -> None:
    """Strictly before its end everything does; where a channel has no window, always. Rule: M5, S3."""
    shut = {"window_until": until}
    if isinstance(command, SendTemplate):
        assert said(command, changes=shut)
    else:
        assert refused(WindowClosed, command, changes=shut) == {"closed_at": until}
    assert said(command, changes={"window_until": NOW + TICK})
    assert said(command, changes=shut, capabilities=capabilities(window=None))


@EVERY_SEND
@pytest.mark.parametrize(
    ("by", "situation", "may"),
    [
        (ANA, OPEN, True),
        (BETO, OPEN, False),
        (ANA, QUEUE, False),
        (ANA, BOT, False),
        *[(by, s, True) for by in (SARA, ADA) for s in (BOT, QUEUE, OPEN)],
        (AURO, OPEN, False),
        (SYSTEM, OPEN, False),
        (ROBO, BOT, True),
        (ROBO, QUEUE, None),
        (ROBO, OPEN, None),
    ],
)
def test_who_may_say_something(command: Any, by: Actor, situation: Situation, may: bool | None) -> None:
    """One's own conversations; the bot in its own flow, and it sees nothing else. Rule: P, L22."""
    if may:
        assert said(command, by, situation)
    elif may is None:
        refused(NotFound, command, by, situation)
    else:
        assert refused(NotPermitted, command, by, situation) == {"ability": "send"}


# --- media ---------------------------------------------------------------------------------------------------


def test_a_file_goes_with_its_caption() -> None:
    """As the kind the channel carries its type as, or the one asked for. Rule: S21, M17."""
    written = said(SendMedia(CV, PICTURE, "Veja"))[1][1]
    assert (written.kind, written.media, written.body) == (
        MessageKind.IMAGE,
        Media(attachment=PICTURE),
        Private("Veja"),
    )
    assert said(SendMedia(CV, PICTURE))[1][1].body == Private("")
    assert said(SendMedia(CV, PICTURE, kind=MessageKind.DOCUMENT))[1][1].kind is MessageKind.DOCUMENT
    kept = born("cv_1.2", written, by=ANA)
    assert kept.media == Media(attachment=PICTURE)


MB, KB = 1024 * 1024, 1024
WHATSAPP = [
    (MessageKind.IMAGE, ("image/jpeg", "image/png"), 5 * MB, True),
    (MessageKind.VIDEO, ("video/mp4", "video/3gpp"), 16 * MB, True),
    (
        MessageKind.AUDIO,
        ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        16 * MB,
        False,
    ),
    (MessageKind.DOCUMENT, ("application/pdf", "text/plain"), 100 * MB, True),
    (MessageKind.STICKER, ("image/webp",), 500 * KB, False),
]
"""What WhatsApp Cloud carries of each kind of media, as rule M7 has it."""
EACH_TYPE = [
    pytest.param(kind, mime, most, captions, id=f"{kind}-{mime}")
    for kind, types, most, captions in WHATSAPP
    for mime in types
]


@pytest.mark.parametrize(("kind", "mime", "most", "captions"), EACH_TYPE)
def test_whatsapp_carries_each_kind_up_to_its_limit(
    kind: MessageKind, mime: str, most: int, captions: bool
) -> None:
    """At the limit it goes, one byte above it is refused with both sizes. Rule: M6, M7, S21."""
    for asked in (None, kind):
        command = SendMedia(CV, attachment(mime, most), kind=asked)
        assert said(command, capabilities=CAPABILITIES)[1][1].kind is kind
        over = SendMedia(CV, attachment(mime, most + 1), kind=asked)
        assert refused(MediaTooLarge, over, capabilities=CAPABILITIES) == {"limit": most, "actual": most + 1}


@pytest.mark.parametrize(("kind", "mime", "most", "captions"), EACH_TYPE)
def test_whatsapp_carries_captions_up_to_their_limit(
    kind: MessageKind, mime: str, most: int, captions: bool
) -> None:
    """Where it carries any: with an audio or a sticker it does not. Rule: M6, M7, S22."""
    file = attachment(mime)
    if not captions:
        told = refused(CaptionNotCarried, SendMedia(CV, file, "x"), capabilities=CAPABILITIES)
        assert told == {"message_kind": kind}
        return
    assert said(SendMedia(CV, file, "😀" * 1024), capabilities=CAPABILITIES)
    over = SendMedia(CV, file, "😀" * 1025)
    assert refused(TextTooLong, over, capabilities=CAPABILITIES) == {"limit": 1024, "actual": 1025}


def test_whatsapp_carries_texts_up_to_their_limit() -> None:
    """In code points, at the limit and one above. Rule: M6, M7, S22."""
    assert said(SendMessage(CV, "😀" * 4096), capabilities=CAPABILITIES)
    over = SendMessage(CV, "😀" * 4097)
    assert refused(TextTooLong, over, capabilities=CAPABILITIES) == {"limit": 4096, "actual": 4097}


@pytest.mark.parametrize(
    ("mime", "kind"),
    [
        ("image/gif", None),
        ("image/bmp", MessageKind.IMAGE),
        ("application/zip", MessageKind.DOCUMENT),
        ("image/jpeg", MessageKind.STICKER),
        ("image/webp", MessageKind.IMAGE),
        ("video/mp4", MessageKind.AUDIO),
    ],
)
def test_what_the_channel_does_not_carry_is_refused(mime: str, kind: MessageKind | None) -> None:
    """No file of that type, or not as that kind; the error names the type. Rule: M6, M7."""
    command = SendMedia(CV, attachment(mime), kind=kind)
    assert refused(MediaNotCarried, command, capabilities=CAPABILITIES) == {"mime": mime}


def test_a_channel_without_media_carries_none() -> None:
    """Rule: M6."""
    told = refused(MediaNotCarried, SendMedia(CV, PICTURE), capabilities=capabilities(media=()))
    assert told == {"mime": "image/jpeg"}


# --- approved templates --------------------------------------------------------------------------------------


def test_a_template_goes_with_its_parameters() -> None:
    """The message shows its text filled in and keeps what the provider will fill in itself. Rule: M5, M6."""
    written = said(SendTemplate(CV, "notice", ("Maria {{2}}", "12/03")))[1][1]
    assert written.kind is MessageKind.TEMPLATE
    assert written.body == Private("Olá Maria {{2}}, dia 12/03.")
    assert written.template == "notice"
    assert written.parameters == (Private("Maria {{2}}"), Private("12/03"))
    extras = born("cv_1.2", written, by=ANA).extras
    assert (extras.template, extras.parameters) == ("notice", written.parameters)


@pytest.mark.parametrize(
    ("template", "problems"),
    [
        ("gone", [("template", "archived", "C3")]),
        ("other", [("template", "other_channel", "M6")]),
        ("worst", [("template", "archived", "C3"), ("template", "other_channel", "M6")]),
    ],
)
def test_a_template_that_does_not_fit_is_refused_with_all_misfits(template: str, problems: Any) -> None:
    """Rule: C3, M6."""
    worst = MessageTemplate(id="worst", channel="bot", name="pior", language="pt_BR", body="Oi", archived=True)
    ws = stocked()
    assert misfits(SendTemplate(CV, template), workspace=changed(ws, templates=(*ws.templates, worst))) == (
        problems
    )


def test_a_template_that_is_not_there_is_not_found() -> None:
    """Rule: M6."""
    assert refused(NotFound, SendTemplate(CV, "nothing")) == {"what": "template", "id": "nothing"}


@pytest.mark.parametrize("given", [(), ("Maria",), ("Maria", "12/03", "x")])
def test_a_template_takes_so_many_parameters(given: tuple[str, ...]) -> None:
    """No fewer and no more. Rule: M6."""
    told = refused(WrongParameters, SendTemplate(CV, "notice", given))
    assert told == {"expected": 2, "actual": len(given)}


@pytest.mark.parametrize("odd", ["a\nb", "a\tb", "a     b"], ids=["line", "tab", "gap"])
def test_a_parameter_is_one_line(odd: str) -> None:
    """As providers of templates have it; all that are not are told at once. Rule: M6."""
    assert misfits(SendTemplate(CV, "notice", (odd, "x"))) == [("parameters[0]", "not_one_line", "M6")]
    assert misfits(SendTemplate(CV, "notice", (odd, odd))) == [
        ("parameters[0]", "not_one_line", "M6"),
        ("parameters[1]", "not_one_line", "M6"),
    ]
    assert said(SendTemplate(CV, "notice", ("a    b", "x")))


def test_a_channel_may_carry_no_templates() -> None:
    """Rule: M6."""
    command = SendTemplate(CV, "notice", ("Maria", "12/03"))
    told = refused(KindNotCarried, command, capabilities=capabilities(templates=False))
    assert told == {"message_kind": MessageKind.TEMPLATE}


@pytest.mark.parametrize("category", TemplateCategory)
def test_an_opt_out_stops_marketing_only(category: TemplateCategory) -> None:
    """Other templates and all free-form messages pass. Rule: M16."""
    template = MessageTemplate(
        id="t", channel="wa", name="t", language="pt_BR", body="Oferta!", category=category
    )
    out, ws = contact(opted_out=True), stocked(templates=(template,))
    command = SendTemplate(CV, "t")
    assert said(command, workspace=ws)
    if category is TemplateCategory.MARKETING:
        assert refused(OptedOut, command, workspace=ws, contact=out) == {}
    else:
        assert said(command, workspace=ws, contact=out)
    assert said(SendMessage(CV, "Oferta!"), workspace=ws, contact=out)
    assert said(SendMedia(CV, PICTURE), workspace=ws, contact=out)


# --- quick replies -------------------------------------------------------------------------------------------


def pieces(decision: Any) -> list[tuple[MessageKind, str, Attachment | None]]:
    written = [event for _, event in decision if isinstance(event, MessageWritten)]
    return [(w.kind, w.body.reveal(), None if w.media is None else w.media.attachment) for w in written]


def test_a_quick_reply_is_filled_in() -> None:
    """With what is known of the contact, the agent and the conversation. Rule: S16, C7."""
    maria = contact(name=Private("Maria Silva"))
    assert pieces(said(SendQuickReply(CV, "hello"), contact=maria)) == [
        (MessageKind.TEXT, "Olá, Maria! Aqui é Ana.", None)
    ]
    assert pieces(said(SendQuickReply(CV, "hello"))) == [(MessageKind.TEXT, "Olá, tudo bem! Aqui é Ana.", None)]
    assert pieces(said(SendQuickReply(CV, "number"))) == [
        (MessageKind.TEXT, "Seu protocolo é 202603101234567890.", None)
    ]


def test_the_agent_is_who_has_it_or_else_who_sends() -> None:
    """A supervisor helps out in ana's conversation; and answers in the queue herself. Rule: C7."""
    hello = SendQuickReply(CV, "hello")
    assert "Aqui é Ana." in pieces(said(hello, SARA))[0][1]
    assert "Aqui é Sara." in pieces(said(hello, SARA, QUEUE))[0][1]
    assert "Aqui é a equipe." in pieces(said(hello, ROBO, BOT))[0][1]


def test_a_missing_value_is_named() -> None:
    """Where there is no fallback. Rule: C7."""
    assert refused(MissingVariable, SendQuickReply(CV, "name")) == {"variable": "contact"}
    maria = contact(name=Private("Maria {{protocol}}"))
    assert pieces(said(SendQuickReply(CV, "name"), contact=maria))[0][1] == "Sr(a). Maria {{protocol}},"


@pytest.mark.parametrize("name", [None, Private("\u200b"), Private("\x07")])
def test_what_is_filled_in_can_go_out(name: Any) -> None:
    """As with what a person writes: something is left. Rule: M14."""
    ws = stocked(quick_replies=(QuickReply(id="q", shortcut="q", text="{{contact|}}"),))
    command = SendQuickReply(CV, "q")
    assert misfits(command, workspace=ws, contact=contact(name=name)) == [("text", "empty", "M14")]


def test_a_name_is_no_hindrance_to_a_reply() -> None:
    """What no channel takes is left out of it. Rule: C7, M14."""
    bell = contact(name=Private("\x07Maria\x1bSilva"))
    assert pieces(said(SendQuickReply(CV, "name"), contact=bell))[0][1] == "Sr(a). Maria Silva,"


def test_a_file_takes_its_text_along_as_a_caption() -> None:
    """One message. Rule: C6, S16."""
    assert pieces(said(SendQuickReply(CV, "slip"))) == [(MessageKind.DOCUMENT, "Segue o boleto.", BOLETO)]
    assert pieces(said(SendQuickReply(CV, "map"))) == [(MessageKind.IMAGE, "", PICTURE)]


@pytest.mark.parametrize("reply", ["voice", "long"])
def test_a_text_that_cannot_be_a_caption_comes_after_the_file(reply: str) -> None:
    """Where the kind takes none, or it is too long for one: two messages, in order. Rule: C6, M6, M7, M20."""
    long = QuickReply(id="long", shortcut="longa", text="x" * 1025, attachment=BOLETO)
    ws = stocked()
    ws = changed(ws, quick_replies=(*ws.quick_replies, long))
    decision = said(SendQuickReply(CV, reply), workspace=ws)
    kind, file = (MessageKind.AUDIO, VOICE) if reply == "voice" else (MessageKind.DOCUMENT, BOLETO)
    text = "Ouça, por favor." if reply == "voice" else "x" * 1025
    assert pieces(decision) == [(kind, "", file), (MessageKind.TEXT, text, None)]
    assert [event.seq for _, event in decision if isinstance(event, MessageAdded)] == [2, 3]
    positions = [(event.message, event.position) for _, event in decision if isinstance(event, Intended)]
    assert positions == [("cv_1.2", 2), ("cv_1.3", 3)]
    assert len({ref for ref, event in decision if isinstance(event, Intended)}) == 2


def test_a_caption_fits_at_its_limit() -> None:
    """Rule: M6, M7."""
    full = QuickReply(id="full", shortcut="cheia", text="x" * 1024, attachment=BOLETO)
    ws = stocked(quick_replies=(full,))
    assert pieces(said(SendQuickReply(CV, "full"), workspace=ws)) == [
        (MessageKind.DOCUMENT, "x" * 1024, BOLETO)
    ]


def test_all_of_it_goes_or_nothing() -> None:
    """The file would pass; its text is too long for the channel once it is filled in. Rule: M6."""
    maria = contact(name=Private("x" * 200))
    ws = stocked(quick_replies=(QuickReply(id="q", shortcut="q", text="{{contact}}", attachment=VOICE),))
    short = capabilities(text_limit=199)
    told = refused(TextTooLong, SendQuickReply(CV, "q"), workspace=ws, contact=maria, capabilities=short)
    assert told == {"limit": 199, "actual": 200}
    assert len(said(SendQuickReply(CV, "q"), workspace=ws, contact=maria)) == 6


def test_a_file_the_channel_does_not_carry_is_refused() -> None:
    """Rule: M6."""
    told = refused(MediaNotCarried, SendQuickReply(CV, "map"), capabilities=capabilities(media=()))
    assert told == {"mime": "image/jpeg"}
    small = (MediaCapability(MessageKind.IMAGE, ("image/jpeg",), 19_999),)
    told = refused(MediaTooLarge, SendQuickReply(CV, "map"), capabilities=capabilities(media=small))
    assert told == {"limit": 19_999, "actual": 20_000}


def test_a_quick_reply_that_is_not_there_is_not_found() -> None:
    """Rule: S16."""
    assert refused(NotFound, SendQuickReply(CV, "nothing")) == {"what": "quick_reply", "id": "nothing"}


@pytest.mark.parametrize(
    ("departments", "agents", "by", "department", "fits"),
    [
        ((), (), ANA, "sup", True),
        (("sup",), (), ANA, "sup", True),
        (("fin",), (), ANA, "sup", False),
        (("fin", "sup"), (), ANA, "sup", True),
        ((), ("ana",), ANA, "sup", True),
        ((), ("beto",), ANA, "sup", False),
        (("fin",), ("ana",), ANA, "sup", True),
        (("fin",), ("beto",), ANA, "fin", True),
        (("fin",), ("beto",), ANA, "sup", False),
        ((), ("ana",), SARA, "sup", False),
        ((), ("ana",), ROBO, "sup", False),
        (("sup",), ("ana",), ROBO, "sup", True),
    ],
)
def test_a_quick_reply_is_for_some(
    departments: Any, agents: Any, by: Actor, department: str, fits: bool
) -> None:
    """For the conversation's department or for who sends it; either will do. Rule: C6."""
    reply = QuickReply(id="q", shortcut="q", text="Oi", departments=departments, agents=agents)
    values = {
        "workspace": stocked(agent("ana", departments=("sup", "fin")), quick_replies=(reply,)),
        "changes": {"department": department},
    }
    situation = BOT if by is ROBO else OPEN
    if fits:
        assert pieces(said(SendQuickReply(CV, "q"), by, situation, **values))
    else:
        problems = misfits(SendQuickReply(CV, "q"), by, situation, **values)
        assert problems == [("reply", "not_for_you", "C6")]


def test_an_archived_reply_is_refused_with_all_misfits() -> None:
    """Rule: C3, C6."""
    assert misfits(SendQuickReply(CV, "old")) == [("reply", "archived", "C3")]
    worst = QuickReply(id="q", shortcut="q", text="Oi", departments=("fin",), archived=True)
    assert misfits(SendQuickReply(CV, "q"), workspace=stocked(quick_replies=(worst,))) == [
        ("reply", "archived", "C3"),
        ("reply", "not_for_you", "C6"),
    ]


# --- the bot's turns -----------------------------------------------------------------------------------------


def bots(turns: int, most: int | None, command: Any = TEXT, by: Actor = ROBO, **policies: Any) -> Any:
    ws = stocked(policies=Policies(max_bot_turns=most, **policies))
    return said(command, by, BOT, {"robot": Robot(turns=turns)}, workspace=ws)


def hands_over(decision: Any) -> bool:
    return (CV, Queued(department="sup")) in decision


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_bot_that_gets_nowhere_hands_over(most: int) -> None:
    """With the last of so many messages, not one before; by itself it does not come back. Rule: L14."""
    having: Any = conversation(BOT)
    ws = stocked(policies=Policies(max_bot_turns=most))
    for turn in range(1, most + 1):
        assert having.situation is BOT
        decision = decide(TEXT, on_talk(having, ROBO, workspace=ws))
        assert hands_over(decision) is (turn == most)
        having = after(having, *[event for ref, event in decision if ref == CV], by=ROBO)
        assert having.talk.robot.turns == turn
    assert (having.situation, having.waiting_since) == (QUEUE, conversation(BOT).waiting_since)
    with pytest.raises(NotFound):
        decide(TEXT, on_talk(having, ROBO, workspace=ws))


@EVERY_SEND
def test_each_message_of_the_bot_is_a_turn(command: Any) -> None:
    """Of whatever kind; a reply in two pieces is two. Rule: L14."""
    assert not hands_over(bots(0, 2, command))
    assert hands_over(bots(1, 2, command))
    assert said(command, ROBO, BOT)[0][1].bot
    assert hands_over(bots(0, 2, SendQuickReply(CV, "voice")))
    assert not hands_over(bots(0, 3, SendQuickReply(CV, "voice")))


def test_without_a_policy_it_may_go_on() -> None:
    """Rule: L14."""
    assert not hands_over(bots(1000, None))


@EVERY_SEND
def test_a_person_takes_no_turns_of_the_bot(command: Any) -> None:
    """Nor does what is said by itself. Rule: L14, L20."""
    assert not hands_over(bots(5, 1, command, SARA))
    greeted = MessageAdded(message="cv_1.2", seq=2, direction=Direction.OUTBOUND, trigger=Trigger.GREETING)
    assert after(conversation(BOT), greeted).talk.robot.turns == 0


@pytest.mark.parametrize("back", [(ReturnedToBot(),), (Closed(reason="moved"), Reopened(), ReturnedToBot())])
def test_given_back_it_counts_from_the_start(back: Any) -> None:
    """A person wanted it to try again. Rule: L14."""
    spent = conversation(QUEUE, robot=Robot(turns=3, said=(Trigger.GREETING,)))
    assert after(spent, *back, by=SARA).talk.robot.turns == 0


def test_who_is_handed_over_is_told_that_they_wait() -> None:
    """As with any hand-over from the bot to the queue, after its last message. Rule: L14, L20, M4."""
    decision = bots(0, 1, automatic=AutomaticMessages(queued="Já vamos atender."))
    assert hands_over(decision)
    written = [event for _, event in decision if isinstance(event, MessageWritten)]
    assert [(w.seq, w.automatic) for w in written] == [(2, None), (3, Trigger.QUEUED)]


# --- a message in doubt --------------------------------------------------------------------------------------


def about(command: Any, by: Actor = ANA, situation: Situation = OPEN, changes: Any = None, **facts: Any) -> Any:
    told = on_message(conversation(situation, **(changes or {})), by, **{"workspace": stocked(), **facts})
    return decide(command, told)


def unsettled(kind: type[ChatcoreError], command: Any, *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        about(command, *args, **values)
    return vars(caught.value)


def test_a_message_in_doubt_is_sent_once_more() -> None:
    """A new attempt in its old place, under a new key; the old doubt is closed. Rule: M2, M20."""
    decision = about(Resend(MSG), changes={"seq": 9})
    new = f"ef_{ROOT}.1"
    assert decision == (
        (EF, Dismissed()),
        (MSG, MessageResent(effect=new)),
        (
            new,
            Intended(
                kind=EffectKind.SEND_MESSAGE,
                channel="wa",
                conversation=CV,
                contact="ct_1",
                message=MSG,
                lane=f"{CV}:messaging",
                position=1,
                due_at=NOW,
                expires_at=NOW + DELIVERY_DEADLINE,
            ),
        ),
    )
    again = after(doubtful(), decision[1][1], by=ANA)
    assert (again.unconfirmed, again.effect, again.status) == (False, new, "pending")


def test_a_doubt_is_dismissed() -> None:
    """As if it was said; evidence that comes later still counts. Rule: M2."""
    decision = about(Dismiss(MSG))
    assert decision == ((EF, Dismissed()), (MSG, DoubtDismissed()))
    settled = after(doubtful(), decision[1][1], by=ANA)
    assert (settled.unconfirmed, settled.effect) == (False, EF)
    closed = after(effect(EffectState.UNCONFIRMED), decision[0][1], by=ANA)
    assert closed.state is EffectState.DISMISSED
    assert after(closed, Succeeded(reference="wamid.out")).state is EffectState.SUCCEEDED


@pytest.mark.parametrize("command", [Resend(MSG), Dismiss(MSG)], ids=["resend", "dismiss"])
@pytest.mark.parametrize(
    ("state", "unconfirmed"),
    [
        *[(state, True) for state in EffectState if state is not EffectState.UNCONFIRMED],
        (EffectState.UNCONFIRMED, False),
    ],
)
def test_only_a_message_in_doubt(command: Any, state: EffectState, unconfirmed: bool) -> None:
    """Not one that is still on its way, ended, or settled since. Rule: M2."""
    facts = {"effect": effect(state), "message": doubtful(unconfirmed=unconfirmed)}
    assert unsettled(NotInDoubt, command, **facts) == {"message": MSG}


@pytest.mark.parametrize("command", [Resend(MSG), Dismiss(MSG)], ids=["resend", "dismiss"])
@pytest.mark.parametrize(
    ("by", "may"), [(ANA, True), (BETO, False), (SARA, True), (ADA, True), (AURO, False), (SYSTEM, False)]
)
def test_who_settles_a_doubt(command: Any, by: Actor, may: bool) -> None:
    """Its assignee, or who stands above; no machine takes it on. Rule: M2, P."""
    if may:
        assert about(command, by)
    else:
        assert unsettled(NotPermitted, command, by) == {"ability": "resolve_doubt"}


def test_after_the_close_a_doubt_can_only_be_dismissed() -> None:
    """Rule: L18, M2."""
    assert unsettled(NotAdmitted, Resend(MSG), situation=CLOSED) == {"command": "Resend", "situation": CLOSED}
    assert about(Dismiss(MSG), situation=CLOSED)


def template_in_doubt(id: str) -> Any:
    given = (Private("Rui"), Private("10")) if id == "notice" else ()
    return doubtful(kind=MessageKind.TEMPLATE, extras=Extras(template=id, parameters=given))


def picture_in_doubt() -> Any:
    return doubtful(kind=MessageKind.IMAGE, extras=Extras(media=Media(attachment=PICTURE)))


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (ContactBlocked, {"contact": blocked_contact()}),
        (WindowClosed, {"changes": {"window_until": NOW}}),
        (WindowClosed, {"changes": {"window_until": None}, "message": picture_in_doubt()}),
        (OptedOut, {"contact": contact(opted_out=True), "message": template_in_doubt("offer")}),
        (MediaNotCarried, {"capabilities": capabilities(media=()), "message": picture_in_doubt()}),
    ],
    ids=["blocked", "window", "media window", "opted out", "not carried"],
)
def test_what_cannot_go_now_is_not_sent_again(kind: type[ChatcoreError], facts: Any) -> None:
    """Refused as a new message would be; the doubt stays. Rule: L21, M5, M6, M16."""
    unsettled(kind, Resend(MSG), **facts)
    assert about(Dismiss(MSG), **facts)


def test_a_template_is_sent_again_outside_the_window() -> None:
    """Rule: M5, M16."""
    shut = {"changes": {"window_until": None}}
    assert about(Resend(MSG), message=template_in_doubt("offer"), **shut)
    assert about(Resend(MSG), message=template_in_doubt("notice"), contact=contact(opted_out=True), **shut)
    with pytest.raises(InvalidValue) as bad:
        about(Resend(MSG), message=template_in_doubt("gone"), **shut)
    assert [(p.path, p.code, p.rule) for p in bad.value.problems] == [("template", "archived", "C3")]


# --- notes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("situation", Situation)
def test_a_note_goes_nowhere(situation: Situation) -> None:
    """No effect; window, waiting and unread stay; it takes the next number. Rule: M15, M4, L15, L18."""
    having = conversation(situation, unread=2)
    facts = on_conversation(having, SARA, workspace=workspace(agent("sara", Role.SUPERVISOR)))
    (cv, added), (message, note) = decide(AddNote(CV, "Cliente irritado"), facts)
    assert (cv, added) == (CV, MessageAdded(message="cv_1.2", seq=2, direction=Direction.INTERNAL))
    told = after(having, added, by=SARA)
    assert (told.seq, told.unread, told.waiting_since) == (2, 2, having.waiting_since)
    assert (told.window_until, told.talk.robot) == (having.window_until, having.talk.robot)
    kept = born(message, note, by=SARA)
    assert (kept.kind, kept.effect, kept.author) == (MessageKind.NOTE, None, SARA)
