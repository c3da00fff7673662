"""Media and templates through the desk: a file comes as a pointer and is fetched; what is sent has its file.

Rule: M17, S21, M6
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    BlockContact,
    ChangeItem,
    ClaimEffect,
    EditContact,
    ReceiveMessage,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    StartConversation,
)
from chatcore.entities import (
    Attachment,
    ChannelCapabilities,
    Effect,
    MediaCapability,
    MediaPointer,
    Message,
    MessageTemplate,
    QuickReply,
)
from chatcore.errors import Permanent, Temporary
from chatcore.limits import CLAIM_LEASE, DELIVERY_ATTEMPTS, DELIVERY_DEADLINE
from chatcore.memory import MemoryMessaging
from chatcore.ports import FetchRequest, SendRequest, TemplateUse
from chatcore.search import MessageQuery
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    ChannelId,
    ChannelKind,
    ConversationId,
    DeliveryStatus,
    EffectKind,
    EffectState,
    MessageKind,
    QuickReplyId,
    TemplateCategory,
    TemplateId,
)
from tests.worlds import ADMIN, BETO, MARIA, WORKSPACE, World, changed

SHA = "0" * 64
PHOTO = Attachment(key="media/1", mime="image/jpeg", size=40_000, sha256=SHA, name="modem.jpg")
BILL = Attachment(key="media/2", mime="application/pdf", size=90_000, sha256=SHA, name="fatura.pdf")
VOICE = Attachment(key="media/3", mime="audio/ogg", size=9_000, sha256=SHA)
NOTICE, OFFER = TemplateId("notice"), TemplateId("offer")
DOUBLE, LONG = QuickReplyId("photo"), QuickReplyId("long")

STOCKED = changed(
    WORKSPACE,
    templates=(
        MessageTemplate(
            id=NOTICE,
            channel=ChannelId("wa"),
            name="aviso_visita",
            language="pt_BR",
            body="Olá {{1}}, visita em {{2}}.",
        ),
        MessageTemplate(
            id=OFFER,
            channel=ChannelId("wa"),
            name="oferta",
            language="pt_BR",
            body="Oferta!",
            category=TemplateCategory.MARKETING,
        ),
    ),
    quick_replies=(
        QuickReply(
            id=DOUBLE, shortcut="modem", text="Olhe as luzes, {{first_name|cliente}}.", attachment=PHOTO
        ),
        QuickReply(id=LONG, shortcut="manual", text="x" * 2_000, attachment=PHOTO),
    ),
)


class Provider(MemoryMessaging):
    """A provider with files, that does what a test says at each fetch: raises it, answers it, or fetches."""

    def __init__(self, capabilities: ChannelCapabilities = CAPABILITIES) -> None:
        super().__init__(capabilities)
        self.files = {"MEDIA-1": PHOTO, "MEDIA-2": BILL}
        self.moods: list[Any] = []
        self.fetched: list[FetchRequest] = []

    @property
    def capabilities(self) -> ChannelCapabilities:
        return self._capabilities

    @capabilities.setter
    def capabilities(self, other: ChannelCapabilities) -> None:
        self._capabilities = other

    def fetch(self, request: FetchRequest, /) -> Attachment:
        self.fetched.append(request)
        mood = self.moods.pop(0) if self.moods else super().fetch
        if isinstance(mood, BaseException):
            raise mood
        return mood(request) if callable(mood) else mood  # type: ignore[no-any-return]


class FetchesNothing:
    """A provider's adapter without the power to fetch."""

    def __init__(self) -> None:
        self.capabilities = CAPABILITIES
        self.outbox: list[SendRequest] = []

    def send(self, request: SendRequest, /) -> str:
        self.outbox.append(request)
        return f"out-{len(self.outbox)}"


def desk_of(**options: Any) -> tuple[World, Provider]:
    provider = Provider()
    return World(STOCKED, messaging=provider, **options), provider


def picture(world: World, reference: str = "MEDIA-1", **changes: Any) -> ReceiveMessage:
    arrival = world.arrival(changes.pop("text", "O modem está assim"), **changes)
    pointer = MediaPointer(reference=reference, mime="image/jpeg", sha256=SHA)
    return attrs.evolve(arrival, kind=MessageKind.IMAGE, media=pointer)


def fetches(world: World) -> list[Effect]:
    return [effect for effect in world.of(Effect) if effect.kind is EffectKind.FETCH_MEDIA]


def arrived(world: World, **changes: Any) -> tuple[Message, Effect]:
    """A picture that came, and the effect that is to fetch it."""
    message = world.do(picture(world, **changes)).message
    assert message is not None
    [effect] = [effect for effect in fetches(world) if effect.message == message]
    return world.state(message), effect


def shown(world: World, message: Message) -> Any:
    """A message as a person of the service sees it."""
    rows = world.desk.messages(MessageQuery(conversation=message.conversation), by=BETO).rows
    return next(row for row in rows if row.id == message.id)


# --- what customers send -------------------------------------------------------------------------------------


def test_a_file_is_a_pointer_first() -> None:
    """Receiving asks nobody outside: the message stands, with its caption, and an effect fetches. Rule: M17"""
    world, provider = desk_of()
    message, effect = arrived(world)
    assert message.media is not None
    assert message.media.pointer is not None
    assert (message.media.pointer.reference, message.media.attachment, message.media.lost) == (
        "MEDIA-1",
        None,
        None,
    )
    assert (message.kind, message.body.reveal()) == (MessageKind.IMAGE, "O modem está assim")
    assert (effect.state, effect.due_at, effect.lane) == (EffectState.INTENDED, world.now, None)
    assert effect.expires_at == world.now + DELIVERY_DEADLINE
    assert provider.fetched == []


def test_fetched_it_is_stored_and_shown() -> None:
    """The effect asks with its key, the account and the pointer; the message has the file then. Rule: M17"""
    world, provider = desk_of()
    message, effect = arrived(world)
    world.desk.run_due()
    [request] = provider.fetched
    assert message.media is not None
    assert (request.key, request.account, request.pointer) == (
        effect.id,
        "106540352242922",
        message.media.pointer,
    )
    assert request.deadline == world.now + CLAIM_LEASE
    assert shown(world, message).media == attrs.evolve(message.media, attachment=PHOTO)
    assert world.state(effect.id).state is EffectState.SUCCEEDED
    assert world.desk.run_due().done == 0
    assert_laws(world.contents())


def test_at_once_where_that_is_said() -> None:
    """With INLINE the file is there when the desk has answered. Rule: M17"""
    world, _ = desk_of(delivery=Delivery.INLINE)
    message, effect = arrived(world)
    assert message.media is not None
    assert message.media.attachment == PHOTO
    assert effect.state is EffectState.SUCCEEDED


@pytest.mark.parametrize(
    "mood",
    [Temporary(), Temporary(timedelta(minutes=3)), TimeoutError("slow"), None, {"key": "x"}, "MEDIA-1"],
    ids=["temporary", "temporary later", "raises", "nothing", "a dict", "a text"],
)
def test_what_did_not_come_is_fetched_again(mood: Any) -> None:
    """Fetching may be repeated: after a failure, and after an answer that is none. Rule: M17"""
    world, provider = desk_of()
    provider.moods = [mood]
    message, effect = arrived(world)
    report = world.desk.run_due()
    assert shown(world, message).media == message.media
    assert report.next_at is not None
    if isinstance(mood, Temporary) and mood.retry_after is not None:
        assert report.next_at == world.now + mood.retry_after
    world.until_quiet()
    assert {request.key for request in provider.fetched} == {effect.id}
    assert len(provider.fetched) == 2
    assert shown(world, message).media.attachment == PHOTO
    assert_laws(world.contents())


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        (Permanent("gone"), "gone"),
        (Permanent("131052"), "131052"),
        (Permanent("The file of 5511987654321 is gone"), "refused"),
    ],
)
def test_what_cannot_be_had_is_lost_with_its_code(mood: Permanent, code: str) -> None:
    """A refusal is final; the message shows it, and never in the provider's words. Rule: M17"""
    world, provider = desk_of()
    provider.moods = [mood]
    message, effect = arrived(world)
    world.until_quiet()
    assert shown(world, message).media == attrs.evolve(message.media, lost=code)
    assert (world.state(effect.id).state, world.state(effect.id).detail) == (EffectState.FAILED, code)
    assert len(provider.fetched) == 1
    assert_laws(world.contents())


def too_slow() -> BaseException:
    return TimeoutError("slow")


@pytest.mark.parametrize(("error", "code"), [(Temporary, "temporary"), (too_slow, "overdue")])
def test_tried_often_enough_it_is_lost(error: Callable[[], BaseException], code: str) -> None:
    """It ends one way or the other, after a bounded number of attempts. Rule: M17"""
    world, provider = desk_of()
    provider.moods = [error() for _ in range(50)]
    message, effect = arrived(world)
    world.until_quiet()
    assert len(provider.fetched) == DELIVERY_ATTEMPTS
    assert shown(world, message).media == attrs.evolve(message.media, lost=code)
    assert world.state(effect.id).state is EffectState.FAILED
    assert_laws(world.contents())


def test_after_a_day_it_is_lost() -> None:
    """Providers keep files for a while only: what could not be fetched in time is not asked for. Rule: M17"""
    world, provider = desk_of()
    message, effect = arrived(world)
    world.pass_time(DELIVERY_DEADLINE)
    world.desk.run_due()
    assert provider.fetched == []
    assert shown(world, message).media == attrs.evolve(message.media, lost="expired")
    assert world.state(effect.id).state is EffectState.CANCELLED


def test_without_the_power_to_fetch_it_stays_a_pointer() -> None:
    """No effect is born that nobody can carry out. Rule: M17"""
    world = World(STOCKED, messaging=FetchesNothing())
    message = world.do(picture(world)).message
    assert message is not None
    assert world.state(message).media.pointer.reference == "MEDIA-1"
    assert fetches(world) == []


def test_where_the_power_is_gone_since_it_is_lost() -> None:
    """Another adapter serves the channel now: due work goes on, and the message says so. Rule: M17"""
    world, _ = desk_of()
    message, effect = arrived(world)
    poor = FetchesNothing()
    desk = world.another_desk(messaging=poor)
    conversation = message.conversation
    world.take(conversation)
    world.send(conversation)
    desk.run_due()
    assert len(poor.outbox) == 1
    assert world.state(effect.id).state is EffectState.FAILED
    assert shown(world, message).media == attrs.evolve(message.media, lost="not_supported")


def test_where_there_is_no_adapter_it_waits() -> None:
    """Due work that has none is passed over, and left for a desk that has. Rule: M17"""
    world, _ = desk_of()
    message, _ = arrived(world)
    before = world.contents()
    assert Desk(Ports(storage=world.storage), clock=lambda: world.now).run_due().done == 0
    assert world.contents() == before
    world.desk.run_due()
    assert shown(world, message).media.attachment == PHOTO


def test_a_worker_that_died_fetching_is_followed_by_another() -> None:
    """Claimed and never settled: past its lease it is fetched again, and stored once. Rule: M17"""
    world, provider = desk_of()
    message, effect = arrived(world)
    world.do(ClaimEffect(effect.id))
    assert world.desk.run_due().done == 0
    world.until_quiet()
    assert len(provider.fetched) == 1
    assert shown(world, message).media.attachment == PHOTO
    assert_laws(world.contents())


def test_fetched_twice_it_is_stored_once() -> None:
    """Two workers that overlap leave one file: what came second changes nothing. Rule: M17"""
    world, provider = desk_of()
    message, effect = arrived(world)
    other = world.another_desk()

    def slowly(_: FetchRequest) -> Attachment:
        for _ in range(2):
            world.pass_time(timedelta(minutes=2))
            other.run_due()
        return BILL

    provider.moods = [slowly]
    world.desk.run_due()
    assert len(provider.fetched) == 2
    assert shown(world, message).media.attachment == PHOTO
    assert world.state(effect.id).state is EffectState.SUCCEEDED
    assert_laws(world.contents())


def test_a_file_that_does_not_come_holds_nothing_else() -> None:
    """Not what is sent in its conversation, and not another file. Rule: M17, M20"""
    world, provider = desk_of()
    provider.moods = [Temporary(timedelta(hours=1))]
    slow, _ = arrived(world)
    quick, _ = arrived(world, reference="MEDIA-2")
    world.take(slow.conversation)
    world.send(slow.conversation)
    world.desk.run_due()
    assert [request.text.reveal() for request in provider.outbox] == ["Olá!"]
    assert shown(world, quick).media.attachment == BILL
    assert shown(world, slow).media.attachment is None


def test_the_same_file_again_changes_nothing() -> None:
    """A provider repeats itself for days: no second message, and no second fetch. Rule: M1, M17"""
    world, provider = desk_of()
    again = picture(world)
    world.do(again)
    world.until_quiet()
    before = world.contents()
    world.do(again)
    assert {ref: s for ref, s in world.contents().states.items() if s != before.states.get(ref)} == {}
    world.until_quiet()
    assert len(provider.fetched) == 1


def test_of_a_blocked_contact_no_file_is_fetched() -> None:
    """What is not received has no file. Rule: M13"""
    world, provider = desk_of()
    message, _ = arrived(world)
    world.until_quiet()
    world.do(BlockContact(world.state(message.conversation).contact), BETO)
    world.do(picture(world, reference="MEDIA-2"))
    world.until_quiet()
    assert len(provider.fetched) == 1


# --- what is sent --------------------------------------------------------------------------------------------


def taken(world: World) -> ConversationId:
    conversation = world.arrive()
    world.take(conversation)
    return conversation


def test_a_file_goes_out_with_its_caption() -> None:
    """The request has the attachment, the kind and the caption; never any bytes. Rule: S21, M17"""
    world, provider = desk_of()
    conversation = taken(world)
    outcome = world.do(SendMedia(conversation, PHOTO, "Assim deve ficar"), BETO)
    world.desk.run_due()
    [request] = provider.outbox
    assert outcome.effects == (request.key,)
    assert (request.kind, request.attachment, request.text.reveal(), request.template) == (
        MessageKind.IMAGE,
        PHOTO,
        "Assim deve ficar",
        None,
    )
    [message] = [m for m in world.of(Message) if m.effect == request.key]
    assert (message.status, message.media.attachment) == (DeliveryStatus.SENT, PHOTO)
    assert fetches(world) == []
    assert_laws(world.contents())


@pytest.mark.parametrize(
    ("file", "kind", "goes_as"),
    [
        (BILL, None, MessageKind.DOCUMENT),
        (VOICE, None, MessageKind.AUDIO),
        (PHOTO, MessageKind.IMAGE, MessageKind.IMAGE),
        (attrs.evolve(PHOTO, mime="image/webp"), None, MessageKind.STICKER),
        (attrs.evolve(PHOTO, mime="video/mp4"), None, MessageKind.VIDEO),
    ],
)
def test_each_type_goes_as_what_the_channel_carries_it_as(
    file: Attachment, kind: MessageKind | None, goes_as: MessageKind
) -> None:
    """Images, videos, audio, documents and stickers; without a caption the text is empty. Rule: S21, M7"""
    world, provider = desk_of()
    world.do(SendMedia(taken(world), file, kind=kind), BETO)
    world.desk.run_due()
    [request] = provider.outbox
    assert (request.kind, request.attachment, request.text.reveal()) == (goes_as, file, "")


def test_a_template_goes_by_its_providers_name() -> None:
    """With its language and parameters; the text is what it says, filled in. Rule: M5, M6"""
    world, provider = desk_of()
    conversation = taken(world)
    world.pass_time(timedelta(hours=30))
    world.do(SendTemplate(conversation, NOTICE, ("Maria", "{{1}} às 9h")), BETO)
    world.desk.run_due()
    [request] = provider.outbox
    assert request.template is not None
    assert (request.template.name, request.template.language) == ("aviso_visita", "pt_BR")
    assert [each.reveal() for each in request.template.parameters] == ["Maria", "{{1}} às 9h"]
    assert (request.kind, request.attachment) == (MessageKind.TEMPLATE, None)
    assert request.text.reveal() == "Olá Maria, visita em {{1}} às 9h."
    assert "Maria" not in repr(request)
    assert type(request.template) is TemplateUse


def test_a_conversation_started_with_a_template_sends_it() -> None:
    """To a number nobody has written from, outside any window. Rule: S3, M5"""
    world, provider = desk_of()
    start = StartConversation(
        ChannelId("wa"), address="+5511912345678", template=NOTICE, parameters=("João", "10/03")
    )
    world.do(start, BETO)
    world.desk.run_due()
    [request] = provider.outbox
    assert request.template is not None
    assert request.text.reveal() == "Olá João, visita em 10/03."


def test_a_quick_reply_with_a_file_is_one_message_or_two() -> None:
    """Its text is the caption where it fits; else it follows its file, in order. Rule: C6, M7, M20"""
    world, provider = desk_of()
    conversation = taken(world)
    world.do(SendQuickReply(conversation, DOUBLE), BETO)
    world.do(SendQuickReply(conversation, LONG), BETO)
    world.desk.run_due()
    sent = [(r.kind, r.attachment, r.text.reveal()) for r in provider.outbox]
    assert sent == [
        (MessageKind.IMAGE, PHOTO, "Olhe as luzes, Maria."),
        (MessageKind.IMAGE, PHOTO, ""),
        (MessageKind.TEXT, None, "x" * 2_000),
    ]


def image_up_to(size: int, **others: Any) -> ChannelCapabilities:
    media = (MediaCapability(MessageKind.IMAGE, ("image/jpeg",), size, captions=others.pop("captions", True)),)
    return attrs.evolve(CAPABILITIES, media=media, **others)


def send_photo(world: World, conversation: ConversationId) -> Any:
    return SendMedia(conversation, PHOTO, "Assim")


def send_notice(world: World, conversation: ConversationId) -> Any:
    return SendTemplate(conversation, NOTICE, ("Maria", "amanhã"))


def send_offer(world: World, conversation: ConversationId) -> Any:
    return SendTemplate(conversation, OFFER)


def send_text(world: World, conversation: ConversationId) -> Any:
    return SendMessage(conversation, "Olá, Maria!")


def carry(capabilities: ChannelCapabilities) -> Callable[[World, ConversationId], None]:
    def meanwhile(world: World, _: ConversationId) -> None:
        world.messaging.capabilities = capabilities

    return meanwhile


def block(world: World, conversation: ConversationId) -> None:
    world.do(BlockContact(world.state(conversation).contact), BETO)


def opt_out(world: World, conversation: ConversationId) -> None:
    world.do(EditContact(world.state(conversation).contact, opted_out=True), BETO)


def almost_a_day(world: World, _: ConversationId) -> None:
    world.pass_time(timedelta(hours=23, minutes=59))


def rewrite(world: World, _: ConversationId) -> None:
    template = world.desk.workspace(by=ADMIN).template(NOTICE)
    assert template is not None
    world.do(ChangeItem(attrs.evolve(template, body="Olá {{1}}.")), ADMIN)


@pytest.mark.parametrize(
    ("send", "meanwhile", "code"),
    [
        (send_photo, carry(image_up_to(39_999)), "media_too_large"),
        (send_photo, carry(attrs.evolve(CAPABILITIES, media=CAPABILITIES.media[1:])), "media_not_carried"),
        (send_photo, carry(image_up_to(40_000, captions=False)), "caption_not_carried"),
        (send_photo, carry(image_up_to(40_000, caption_limit=4)), "text_too_long"),
        (send_text, carry(attrs.evolve(CAPABILITIES, text_limit=10)), "text_too_long"),
        (send_photo, carry(attrs.evolve(CAPABILITIES, window=timedelta(microseconds=1))), None),
        (send_notice, carry(attrs.evolve(CAPABILITIES, templates=False)), "kind_not_carried"),
        (send_notice, rewrite, "wrong_parameters"),
        (send_photo, block, "contact_blocked"),
        (send_notice, block, "contact_blocked"),
        (send_offer, opt_out, "opted_out"),
        (send_notice, opt_out, None),
        (send_photo, opt_out, None),
        (send_photo, almost_a_day, None),
    ],
)
def test_what_changed_since_it_was_decided_is_seen_at_the_claim(
    send: Callable[[World, ConversationId], Any],
    meanwhile: Callable[[World, ConversationId], None],
    code: str | None,
) -> None:
    """What may not go any more is cancelled with its code, and its message says so; all else goes.

    Rule: M5, M6, M13, M16
    """
    world, provider = desk_of()
    conversation = taken(world)
    [effect] = world.do(send(world, conversation), BETO).effects
    meanwhile(world, conversation)
    world.desk.run_due()
    [message] = [m for m in world.of(Message) if m.effect == effect]
    state = world.state(effect)
    if code is None:
        assert (state.state, message.status, len(provider.outbox)) == (
            EffectState.SUCCEEDED,
            DeliveryStatus.SENT,
            1,
        )
    else:
        assert (state.state, state.detail) == (EffectState.CANCELLED, code)
        assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, code)
        assert provider.outbox == []
    assert world.desk.run_due().done == 0
    assert_laws(world.contents())


def test_a_window_that_shut_meanwhile_lets_templates_pass_only() -> None:
    """The file is cancelled, the template behind it leaves. Rule: M5, M20"""
    world, provider = desk_of()
    conversation = taken(world)
    world.pass_time(timedelta(hours=23))
    [photo] = world.do(send_photo(world, conversation), BETO).effects
    world.do(send_notice(world, conversation), BETO)
    world.pass_time(timedelta(hours=1))
    world.desk.run_due()
    assert (world.state(photo).state, world.state(photo).detail) == (EffectState.CANCELLED, "window_closed")
    assert [request.kind for request in provider.outbox] == [MessageKind.TEMPLATE]


def test_who_sent_it_may_read_on_what_they_sent() -> None:
    """The template's own words stand in the history, whatever it is changed to. Rule: C3, M5"""
    world, provider = desk_of()
    conversation = taken(world)
    world.do(send_notice(world, conversation), BETO)
    world.desk.run_due()
    rewrite(world, conversation)
    [message] = [m for m in world.of(Message) if m.kind is MessageKind.TEMPLATE]
    assert shown(world, message).body.reveal() == "Olá Maria, visita em amanhã."
    assert len(provider.outbox) == 1


def test_a_customers_number_in_another_spelling_has_the_same_files() -> None:
    """What is sent goes where the customer last wrote from. Rule: M10, M11"""
    world, provider = desk_of()
    conversation = taken(world)
    world.do(picture(world, phone=MARIA[:4] + MARIA[5:]), SYSTEM)
    world.do(SendMedia(conversation, BILL), BETO)
    world.desk.run_due()
    assert provider.outbox[-1].to.reveal() == MARIA[:4] + MARIA[5:]
    assert provider.outbox[-1].account == STOCKED.channels[0].account
    assert STOCKED.channels[0].kind is ChannelKind.WHATSAPP_CLOUD
