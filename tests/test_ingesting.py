"""What channels bring, through the desk: items are answered in order; none blocks another, none counts twice.

Rule: M1, M3, M8, M9, M12, M18, M19
"""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery, Desk, Ports
from chatcore.answers import Ingested, Observation
from chatcore.channels.items import (
    Batch,
    Echo,
    Edited,
    Ignored,
    Inbound,
    Item,
    Reaction,
    Revoked,
    Status,
    Unhandled,
)
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import BlockContact, Configure, MergeContacts
from chatcore.entities import (
    AutomaticMessages,
    Contact,
    Conversation,
    Effect,
    MediaPointer,
    Message,
    Policies,
)
from chatcore.entities.effect import KeptStatus
from chatcore.errors import InvalidValue, NotFound, PortMissing, Temporary
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.ports import ChangeSet
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    SYSTEM,
    ChannelKind,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    MessageKind,
    Private,
    Situation,
)
from tests.worlds import BETO, MARIA, NOON, SUPERVISOR, WORKSPACE, World, changed

ACCOUNT = "106540352242922"
JOAO = "5511912345678"
SHA = "0" * 64
SPEAKING = changed(
    WORKSPACE,
    policies=Policies(automatic=AutomaticMessages(greeting="Olá! Protocolo {{protocol}}.", queued="Aguarde.")),
)
POINTER = MediaPointer(reference="MEDIA-1", mime="image/jpeg", sha256=SHA)

_ids = itertools.count(1)


def inbound(text: str | None = "Oi", id: str | None = None, **fields: Any) -> Inbound:
    said = Inbound(
        account=ACCOUNT,
        address=Private(MARIA),
        provider_id=id or f"in-{next(_ids)}",
        sent_at=NOON,
        kind=MessageKind.TEXT,
        text=None if text is None else Private(text),
        name=Private("Maria"),
        raw=None,
        reply_to=None,
    )
    return attrs.evolve(said, **fields)


def echo(text: str | None = "Já estou vendo", id: str | None = None, **fields: Any) -> Echo:
    said = Echo(
        account=ACCOUNT,
        address=Private(MARIA),
        provider_id=id or f"echo-{next(_ids)}",
        sent_at=NOON,
        kind=MessageKind.TEXT,
        text=None if text is None else Private(text),
        media=None,
        raw=None,
    )
    return attrs.evolve(said, **fields)


def marked(kind: type[Any], target: str, id: str | None = None, **fields: Any) -> Any:
    """A reaction, an edit or a revocation of the message with this id at the provider."""
    return kind(
        account=ACCOUNT,
        address=Private(MARIA),
        provider_id=id or f"mark-{next(_ids)}",
        sent_at=NOON,
        target=target,
        **fields,
    )


def reaction(target: str, emoji: str | None = "👍", **fields: Any) -> Reaction:
    return marked(Reaction, target, emoji=None if emoji is None else Private(emoji), **fields)  # type: ignore[no-any-return]


def edited(target: str, text: str = "Corrigido", **fields: Any) -> Edited:
    return marked(Edited, target, text=Private(text), **fields)  # type: ignore[no-any-return]


def revoked(target: str, **fields: Any) -> Revoked:
    return marked(Revoked, target, **fields)  # type: ignore[no-any-return]


def status(provider_id: str, status: DeliveryStatus = DeliveryStatus.READ, **fields: Any) -> Status:
    report = Status(
        account=ACCOUNT, provider_id=provider_id, status=status, occurred_at=NOON, key=None, failure=None
    )
    return attrs.evolve(report, **fields)


IGNORED = Ignored(account=ACCOUNT, what="group_message")
UNHANDLED = Unhandled(account=ACCOUNT, what="change:something", raw=Private("{}"))


def ingest(world: World, *items: Item, desk: Desk | None = None) -> tuple[Ingested, ...]:
    answers = (desk or world.desk).ingest(Batch(ChannelKind.WHATSAPP_CLOUD, items))
    assert [answer.item for answer in answers] == list(items)
    return answers


def messages(world: World) -> list[Message]:
    return world.of(Message)


def by_provider(world: World, id: str) -> Message:
    [message] = [m for m in messages(world) if m.provider_id == id]
    return message


# --- in order ------------------------------------------------------------------------------------------------


def test_every_kind_of_item_is_taken_in_in_order() -> None:
    """A batch of all there is: each builds on what came before it in the batch. Rule: M4, M9, M12, M18, M19"""
    world = World()
    answers = ingest(
        world,
        inbound("Minha internet caiu", "in-a"),
        edited("in-a", "Minha internet não funciona"),
        echo("Já estou vendo", "echo-a"),
        reaction("echo-a"),
        status("echo-a"),
        IGNORED,
        UNHANDLED,
        inbound(None, "in-b", kind=MessageKind.IMAGE, media=POINTER),
        inbound("Era esta", "in-c", reply_to="echo-a"),
        revoked("in-b"),
        reaction("in-a", "❤️"),
    )
    assert [answer.error for answer in answers] == [None] * 11
    assert [answer.outcome is None for answer in answers].count(True) == 2  # What is ignored or unhandled.
    [conversation] = world.of(Conversation)
    said = sorted(messages(world), key=lambda message: message.seq)
    assert [m.provider_id for m in said] == ["in-a", "echo-a", "in-b", "in-c"]
    asked, answered, picture, last = said
    assert asked.text.reveal() == "Minha internet não funciona"
    assert asked.body.reveal() == "Minha internet caiu"
    assert [r.emoji.reveal() for r in answered.extras.reactions] == ["👍"]
    assert [r.emoji.reveal() for r in asked.extras.reactions] == ["❤️"]
    assert (answered.direction, answered.status) == (Direction.OUTBOUND, DeliveryStatus.READ)
    assert picture.extras.revoked_at == NOON
    assert last.extras.reply_to == answered.id
    assert conversation.situation is Situation.QUEUE
    assert_laws(world.contents())


def test_a_mark_before_its_message_changes_nothing() -> None:
    """About a message nobody knows there is nothing to say. Rule: M9, M18"""
    world = World()
    ingest(world, inbound("Oi"))
    before = world.contents()
    answers = ingest(world, reaction("in-later"), edited("in-later"), revoked("in-later"))
    assert [(answer.error, answer.outcome and answer.outcome.changed) for answer in answers] == [(None, ())] * 3
    assert world.contents() == before
    ingest(world, inbound("Depois", "in-later"))
    message = by_provider(world, "in-later")
    assert (message.text.reveal(), message.extras.reactions, message.extras.revoked_at) == ("Depois", (), None)


def test_a_reaction_gives_way_to_the_next_and_to_none() -> None:
    """One each way at most; without an emoji it is taken away, which is the last that is known. Rule: M9"""
    world = World()
    ingest(world, inbound("Oi", "in-a"))
    world.take(world.of(Conversation)[0].id)
    world.send(world.of(Conversation)[0].id, "Olá!")
    world.desk.run_due()
    seen = []
    for emoji in ("👍", "🎉", None):
        ingest(world, reaction("out-1", emoji))
        seen.append([r.emoji and r.emoji.reveal() for r in by_provider(world, "out-1").extras.reactions])
    assert seen == [["👍"], ["🎉"], [None]]


def test_a_reaction_that_comes_late_is_not_the_last() -> None:
    """The provider's clock says which was, in whatever order they are told, also of one taken away. Rule: M9"""
    world = World()
    ingest(world, inbound("Oi", "in-a"))
    seen = []
    for emoji, seconds in (("🎉", 5), ("👍", 0), (None, 9), ("❤️", 7)):
        ingest(world, attrs.evolve(reaction("in-a", emoji), sent_at=NOON + timedelta(seconds=seconds)))
        seen.append([r.emoji and r.emoji.reveal() for r in by_provider(world, "in-a").extras.reactions])
    assert seen == [["🎉"], ["🎉"], [None], [None]]


def test_nobody_marks_what_was_said_with_somebody_else() -> None:
    """Neither who is known by another number nor who is not known: nothing changes. Rule: M9, M18"""
    world = World()
    ingest(world, inbound("Oi", "in-a"), inbound("Oi", "in-b", address=Private(JOAO)))
    before = by_provider(world, "in-a")
    for address in (JOAO, "5511900000000"):
        marks = (reaction("in-a"), edited("in-a"), revoked("in-a"))
        ingest(world, *(attrs.evolve(mark, address=Private(address)) for mark in marks))
        assert by_provider(world, "in-a") == before


def test_who_was_merged_still_marks_what_they_said() -> None:
    """By either number, and what was said with either: it is one person. Rule: M11, M9"""
    world = World()
    ingest(world, inbound("Oi", "in-a"))
    world.close(world.of(Conversation)[0].id, SUPERVISOR)
    ingest(world, inbound("Oi", "in-b", address=Private(JOAO)))
    gone, kept = (c.id for c in sorted(world.of(Contact), key=lambda c: c.addresses[0].exact.reveal() != MARIA))
    world.do(MergeContacts(gone, kept), SUPERVISOR)
    for target in ("in-a", "in-b"):
        for address, emoji in ((MARIA, "👍"), (JOAO, "🎉")):
            ingest(world, attrs.evolve(reaction(target, emoji), address=Private(address)))
            assert [r.emoji.reveal() for r in by_provider(world, target).extras.reactions] == [emoji]


def test_only_who_wrote_it_can_change_it() -> None:
    """An edit or a revocation of what we said changes nothing; a reaction does. Rule: M18, M9"""
    world = World()
    ingest(world, inbound("Oi"), echo("Olá", "echo-a"))
    before = by_provider(world, "echo-a")
    ingest(world, edited("echo-a"), revoked("echo-a"))
    assert by_provider(world, "echo-a") == before


def test_what_was_taken_back_stays_as_it_was_for_who_may_see_it() -> None:
    """The original stands on the message, and an edit that comes late beside it. Rule: M18"""
    world = World()
    ingest(world, inbound("Segredo", "in-a"), revoked("in-a"), edited("in-a", "Outro"))
    message = by_provider(world, "in-a")
    assert message.body.reveal() == "Segredo"
    assert [edit.body.reveal() for edit in message.extras.edits] == ["Outro"]
    assert message.extras.revoked_at == NOON


# --- echoes --------------------------------------------------------------------------------------------------


def test_an_echo_answers_opens_no_window_and_reopens_nothing() -> None:
    """It counts as said by a person; with nothing live it joins the last closed one. Rule: M12, L15, M5"""
    world = World()
    ingest(world, inbound("Oi"))
    [waiting] = world.of(Conversation)
    assert waiting.waiting_since is not None
    world.pass_time(timedelta(hours=1))
    ingest(world, echo())
    [answered] = world.of(Conversation)
    assert (answered.waiting_since, answered.unread) == (None, 0)
    assert answered.window_until == waiting.window_until
    assert answered.situation is Situation.QUEUE
    world.take(answered.id)
    world.close(answered.id)
    ingest(world, echo("Mais uma coisa", "echo-z"))
    [closed] = world.of(Conversation)
    assert closed.situation is Situation.CLOSED
    assert by_provider(world, "echo-z").conversation == closed.id
    assert_laws(world.contents())


def test_an_echo_to_somebody_unknown_begins_nothing() -> None:
    """No conversation begins by what nobody here said. Rule: M12"""
    world = World()
    before = world.seen()
    [answer] = ingest(world, echo())
    assert (answer.error, answer.outcome is not None) == (None, True)
    assert world.seen() == before


def test_an_echo_with_a_file_is_a_pointer_that_nobody_fetches_yet_or_somebody_does() -> None:
    """Its pointer is kept, as with any file. Rule: M12, M17"""
    world = World()
    ingest(world, inbound("Oi"), echo(None, "echo-a", kind=MessageKind.IMAGE, media=POINTER))
    message = by_provider(world, "echo-a")
    assert message.media is not None
    assert message.media.pointer == POINTER


def test_a_report_on_an_echo_may_come_before_it() -> None:
    """It is kept under the claim the echo needs, and taken in when that comes. Rule: M3, M12"""
    world = World()
    ingest(world, inbound("Oi"))
    ingest(
        world,
        status("echo-a", DeliveryStatus.DELIVERED),
        status("echo-a", DeliveryStatus.READ),
        status("echo-b", DeliveryStatus.FAILED, failure="131047"),
    )
    keepers = [e for e in world.of(Effect) if e.kind is EffectKind.KEEP_STATUS]
    assert [[kept.status for kept in e.kept] for e in keepers] == [
        [DeliveryStatus.DELIVERED, DeliveryStatus.READ],
        [DeliveryStatus.FAILED],
    ]
    assert type(keepers[0].kept[0]) is KeptStatus
    ingest(world, echo("Olá", "echo-a"), echo("Alô", "echo-b"))
    assert by_provider(world, "echo-a").status is DeliveryStatus.READ
    failed = by_provider(world, "echo-b")
    assert (failed.status, failed.failure) == (DeliveryStatus.FAILED, "131047")
    assert {world.state(e.id).state for e in keepers} == {EffectState.SUCCEEDED}
    ingest(world, status("echo-a", DeliveryStatus.PLAYED))
    assert by_provider(world, "echo-a").status is DeliveryStatus.PLAYED
    assert_laws(world.contents())


# --- repeats -------------------------------------------------------------------------------------------------


def everything() -> list[Item]:
    """Items of every kind; those about a message come once it is known."""
    return [
        inbound("Oi", "in-1a"),
        echo("Olá", "echo-1a"),
        inbound(None, "in-1b", kind=MessageKind.IMAGE, media=POINTER),
        inbound(None, "in-1c", kind=MessageKind.UNKNOWN, raw=Private('{"type":"poll"}')),
        reaction("echo-1a", id="mark-1a"),
        reaction("in-1a", None, id="mark-1b"),
        edited("in-1a", id="mark-1c"),
        revoked("in-1b", id="mark-1d"),
        status("echo-1a"),
        status("echo-1z"),
        IGNORED,
        UNHANDLED,
    ]


def test_the_same_again_changes_nothing() -> None:
    """However late, in the same order or another, item by item or in one batch. Rule: M1"""
    world = World(SPEAKING, delivery=Delivery.INLINE)
    items = everything()
    ingest(world, *items)
    world.pass_time(timedelta(days=25))
    world.desk.run_due()
    before = world.seen()
    ingest(world, *items)
    ingest(world, *reversed(items))
    for item in items:
        ingest(world, item)
    states, sent = world.seen()
    assert sent == before[1]
    assert {ref for ref, state in states.states.items() if state != before[0].states.get(ref)} == set()
    assert states == before[0]


@pytest.mark.parametrize("n", range(12))
def test_each_item_twice_in_one_batch_counts_once(n: int) -> None:
    """A provider may repeat itself within a payload. Rule: M1"""
    items = everything()
    once, twice = World(), World()
    ingest(once, *items)
    ingest(twice, *(item for i, item in enumerate(items) for _ in range(1 + (i == n))))
    counts = [
        (len(world.of(Message)), [m.extras for m in messages(world)], [m.status for m in messages(world)])
        for world in (once, twice)
    ]
    assert counts[0] == counts[1]


def test_an_edit_that_comes_again_after_another_one_does_not_undo_it() -> None:
    """The late repeat of the first edit is no new one. Rule: M1, M18"""
    world = World()
    first, second = edited("in-a", "Um", id="mark-1"), edited("in-a", "Dois", id="mark-2")
    ingest(world, inbound("Oi", "in-a"), first, second, first)
    message = by_provider(world, "in-a")
    assert [edit.body.reveal() for edit in message.extras.edits] == ["Um", "Dois"]


def test_a_reaction_that_comes_again_after_another_one_does_not_undo_it() -> None:
    """Likewise. Rule: M1, M9"""
    world = World()
    first, second = reaction("in-a", "👍", id="mark-1"), reaction("in-a", "🎉", id="mark-2")
    ingest(world, inbound("Oi", "in-a"), first, second, first)
    assert [r.emoji.reveal() for r in by_provider(world, "in-a").extras.reactions] == ["🎉"]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((("👍", "m0"), ("👍", "m1"), ("🎉", "m2"), ("👍", "m1")), ["🎉"]),
        (((None, "m0"), ("🎉", "m1"), (None, "m0")), ["🎉"]),
    ],
    ids=["the same again", "none where none was"],
)
def test_one_that_changed_nothing_is_known_again_too(items: Any, expected: list[str]) -> None:
    """A reaction that said what was there already was accepted all the same: its repeat is no news. Rule: M1"""
    world = World()
    ingest(world, inbound("Oi", "in-a"), *(reaction("in-a", emoji, id=id) for emoji, id in items))
    assert [r.emoji.reveal() for r in by_provider(world, "in-a").extras.reactions] == expected


def test_from_a_blocked_contact_only_the_count_stays() -> None:
    """A message counts in the ledger; reactions, edits and revocations leave nothing. Rule: M13"""
    world = World()
    ingest(world, inbound("Oi", "in-a"))
    [conversation] = world.of(Conversation)
    world.do(BlockContact(conversation.contact), BETO)
    before = world.contents()
    ingest(world, reaction("in-a"), edited("in-a"), revoked("in-a"))
    assert world.contents() == before
    ingest(world, inbound("Ei", "in-b"), inbound("Ei", "in-b"))
    after = world.contents()
    changed_refs = {ref for ref, state in after.states.items() if state != before.states.get(ref)}
    assert changed_refs == {conversation.contact}
    assert after.states[conversation.contact].refused == 1  # type: ignore[union-attr]


# --- none blocks another -------------------------------------------------------------------------------------

POISONS: dict[str, tuple[Any, type[Exception]]] = {
    "inbound without an address": (inbound(address=Private("")), InvalidValue),
    "inbound without a time": (inbound(sent_at=NOON.replace(tzinfo=None)), InvalidValue),
    "inbound of no kind": (inbound(kind="image"), InvalidValue),
    "inbound file without a pointer": (inbound(None, kind=MessageKind.IMAGE), InvalidValue),
    "inbound with a number for an id": (attrs.evolve(inbound(), provider_id=7), InvalidValue),
    "inbound for a channel nobody has": (inbound(account="999"), NotFound),
    "inbound for no channel": (inbound(account=7), InvalidValue),
    "echo without an id": (attrs.evolve(echo(), provider_id=""), InvalidValue),
    "echo that says a number": (echo(text=None, kind=MessageKind.TEXT), InvalidValue),
    "reaction to nothing": (reaction(""), InvalidValue),
    "reaction by a number": (attrs.evolve(reaction("in-a"), emoji=7), InvalidValue),
    "edit to nothing": (attrs.evolve(edited("in-a"), text=None), InvalidValue),
    "revocation of a list": (attrs.evolve(revoked("in-a"), target=["in-a"]), InvalidValue),
    "status nobody reports": (status("out-1", DeliveryStatus.PENDING), InvalidValue),
    "status by a word": (attrs.evolve(status("out-1"), status="read"), InvalidValue),
    "status of a channel nobody has": (status("out-1", account="999"), NotFound),
}


@pytest.mark.parametrize("name", POISONS)
def test_a_poison_item_is_answered_by_an_error_of_its_own(name: str) -> None:
    """Whatever is in it, it changes nothing, and those before and behind it are taken in. Rule: M8"""
    poison, error = POISONS[name]
    world, clean = World(), World()
    for one in (world, clean):
        ingest(one, inbound("Oi", "in-a"))
    before, after = inbound("Um", "in-x"), inbound("Dois", "in-y")
    answers = ingest(world, before, poison, after)
    ingest(clean, before, after)
    assert type(answers[1].error) is error
    assert answers[1].outcome is None
    assert [answer.error for answer in (answers[0], answers[2])] == [None, None]
    said = [m.body.reveal() for m in messages(world)]
    assert said == [m.body.reveal() for m in messages(clean)] == ["Oi", "Um", "Dois"]
    assert len(world.contents().states) == len(clean.contents().states)


def test_what_is_no_item_at_all_changes_nothing() -> None:
    """It has neither an outcome nor an error, as anything unhandled. Rule: M8"""
    world = World()
    before = world.contents()
    for thing in (None, 7, "text", object()):
        [answer] = world.desk.ingest(Batch(ChannelKind.WHATSAPP_CLOUD, (thing,)))  # type: ignore[arg-type]
        assert (answer.outcome, answer.error) == (None, None)
    assert world.contents() == before


class Stuck(MemoryStorage):
    """Storage in memory that does not take messages of one text."""

    def apply(self, change: ChangeSet, /) -> None:
        for write in change.writes:
            if isinstance(write.state, Message) and write.state.body.reveal() == "poison":
                raise Temporary
        super().apply(change)


def test_one_that_storage_refuses_now_can_be_given_again() -> None:
    """Its error says so; the rest is taken in, and given again it is too. Rule: M1"""
    world = World(storage=Stuck())
    items = [inbound("Um"), inbound("poison"), inbound("Dois")]
    answers = ingest(world, *items)
    assert [type(answer.error) for answer in answers] == [type(None), Temporary, type(None)]
    assert [m.body.reveal() for m in messages(world)] == ["Um", "Dois"]


def test_without_the_channels_adapter_nothing_is_taken_in() -> None:
    """What it carries must be known to receive; each item says what is missing. Rule: M6"""
    world = World()
    bare = Desk(Ports(storage=world.storage), clock=lambda: world.now)
    before = world.contents()
    answers = ingest(world, inbound(), echo(), desk=bare)
    assert {type(answer.error) for answer in answers} == {PortMissing}
    assert world.contents() == before


@pytest.mark.parametrize("batch", [None, (), [inbound()], inbound(), "x"])
def test_what_is_no_batch_is_malformed(batch: Any) -> None:
    """One typed error, and nothing changes."""
    world = World()
    before = world.contents()
    with pytest.raises(InvalidValue, match="not_a_batch"):
        world.desk.ingest(batch)
    assert world.contents() == before


def test_groups_and_broadcasts_are_counted_and_ignored() -> None:
    """The observer hears of each, by what it was; nothing is kept. Rule: M19"""
    world, heard = World(), list[Observation]()
    desk = world.another_desk(observe=heard.append)
    before = world.contents()
    ingest(
        world,
        IGNORED,
        attrs.evolve(IGNORED, what="broadcast_status"),
        UNHANDLED,
        attrs.evolve(UNHANDLED, account=None),
        desk=desk,
    )
    assert heard == [Observation("ignored", "group_message"), Observation("ignored", "broadcast_status")]
    assert world.contents() == before


# --- what is said by itself ----------------------------------------------------------------------------------


def sent(messaging: Any) -> list[str]:
    return [request.text.reveal() for request in messaging.outbox]


def test_inline_says_at_once_what_is_said_by_itself() -> None:
    """Greeting and place in the queue leave, in order, before `ingest` answers. Rule: L20, M20"""
    world = World(SPEAKING, delivery=Delivery.INLINE)
    answers = ingest(world, inbound("Oi"), inbound("Tudo bem?"), inbound("Alô", address=Private(JOAO)))
    protocols = [c.protocol for c in world.of(Conversation)]
    assert sent(world.messaging) == [
        f"Olá! Protocolo {protocols[0]}.",
        "Aguarde.",
        f"Olá! Protocolo {protocols[1]}.",
        "Aguarde.",
    ]
    assert [len(answer.outcome.effects) for answer in answers if answer.outcome] == [2, 0, 2]
    assert_laws(world.contents())


def test_later_says_nothing_until_due_work_runs() -> None:
    """The answers are the same; what is to be said waits. Rule: L20"""
    inline, later = World(SPEAKING, delivery=Delivery.INLINE), World(SPEAKING)
    item = inbound("Oi")
    assert ingest(inline, item) == ingest(later, item)
    assert sent(later.messaging) == []
    later.desk.run_due()
    assert sent(later.messaging) == sent(inline.messaging)


class Down(MemoryMessaging):
    """A provider that takes nothing now."""

    def __init__(self) -> None:
        super().__init__(CAPABILITIES)
        self.tries = 0

    def send(self, request: Any, /) -> str:
        self.tries += 1
        raise Temporary


def test_a_provider_that_is_down_does_not_stop_what_comes() -> None:
    """Inline, each item is recorded whatever becomes of its answers. Rule: L20"""
    messaging = Down()
    world = World(SPEAKING, messaging=messaging, delivery=Delivery.INLINE)
    answers = ingest(world, inbound("Oi"), inbound("Alô", address=Private(JOAO)))
    assert [answer.error for answer in answers] == [None, None]
    assert messaging.tries > 0
    assert len([m for m in messages(world) if m.direction is Direction.INBOUND]) == 2


def test_a_channel_that_came_meanwhile_is_known() -> None:
    """A newer configuration is read before an account is called unknown; only once for each. Rule: L5"""
    world = World()
    other = world.another_desk()
    ingest(world, inbound("Oi"), desk=other)
    channels = (*WORKSPACE.channels, attrs.evolve(WORKSPACE.channels[0], id="wa2", account="777"))
    world.do(Configure(changed(WORKSPACE, channels=channels)), SYSTEM)
    [answer] = ingest(world, inbound("Oi", account="777"), desk=other)
    assert answer.error is None
    assert {c.channel for c in world.of(Conversation)} == {"wa", "wa2"}
