"""Closing with its message, interrupted everywhere: nothing is lost, nothing goes out twice, doubts are seen.

The way of one close is listed by running it once undisturbed. Then it is run again for every call it makes to a
port and every way that call can go wrong; a new process takes over, the caller asks again with the same key,
and everything comes to rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery
from chatcore.commands import Close
from chatcore.entities import (
    AtMostOnce,
    Attachment,
    Conversation,
    Effect,
    LooksUpByKey,
    MediaPointer,
    Message,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import ContractViolation, OutcomeUnknown, Permanent, PortFailure, Temporary
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    ConversationId,
    DeliveryStatus,
    EffectState,
    MessageId,
    MessageKind,
    Situation,
)
from tests.laws.pacing import paced_desk
from tests.laws.providers import MOODS, NATURES, Provider, doubtful
from tests.worlds import BETO, World

CLOSE_KEY = "close-1"


class Crash(BaseException):
    """The process dies here."""


ERRORS: dict[str, Callable[[], BaseException]] = {
    "crash": Crash,
    "temporary": Temporary,
    "unknown": OutcomeUnknown,
    "permanent": lambda: Permanent("131026"),
    "violation": lambda: ContractViolation("storage", "read"),
    "any error": lambda: RuntimeError("the disk is full"),
    "cancelled": asyncio.CancelledError,
}
"""What a call may raise."""

HONEST_AFTER = frozenset({"crash", "unknown", "any error", "cancelled"})
"""What an adapter that keeps its contract may raise after it carried a call out: what leaves that open."""


class Faulty:
    """A port that fails at call `at` (from 0), before or after carrying it out; `trail` lists its calls."""

    def __init__(self, inner: Any, trail: list[str], at: int | None, error: str, *, after: bool) -> None:
        self._inner = inner
        self._trail = trail
        self._at = at
        self._error = error
        self._after = after

    @property
    def capabilities(self) -> Any:
        return self._inner.capabilities

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            here = len(self._trail) == self._at
            self._trail.append(name)
            if here and not self._after:
                raise ERRORS[self._error]()
            result = method(*args, **kwargs)
            if here:
                raise ERRORS[self._error]()
            return result

        return call


def taken(provider: Provider) -> tuple[World, ConversationId]:
    """A world with a conversation to close."""
    world = World(messaging=provider, delivery=Delivery.INLINE)
    conversation = world.arrive()
    world.take(conversation)
    return world, conversation


def closing(
    world: World,
    conversation: ConversationId,
    at: int | None,
    error: str = "crash",
    *,
    after: bool = False,
    key: str | None = CLOSE_KEY,
) -> tuple[list[str], BaseException | None]:
    """Close, with the fault at one call: the calls made, and what the caller met."""
    trail: list[str] = []
    desk = world.another_desk(
        storage=Faulty(world.storage, trail, at, error, after=after),
        messaging=Faulty(world.messaging, trail, at, error, after=after),
    )
    try:
        desk.handle(Close(conversation, "slip"), by=BETO, key=key)
    except (PortFailure, Crash, asyncio.CancelledError) as met:
        return trail, met
    return trail, None


def way() -> list[str]:
    """The calls of one undisturbed close with its message, in order."""
    world, conversation = taken(Provider(ReportsByKey()))
    return closing(world, conversation, None)[0]


WAY = way()


FAULTS = [(error, False) for error in ERRORS] + [(error, True) for error in sorted(HONEST_AFTER)]
"""How one call can go wrong: what it raises, and whether it was carried out."""


def test_the_way_of_a_close_is_what_it_should_be() -> None:
    """Intent, claim and settlement are commits of their own, and the call comes between the last two."""
    commits_and_calls = [name for name in WAY if name != "read"]
    assert commits_and_calls == ["apply", "apply", "send", "apply"]
    assert len(WAY) >= 8
    assert ("crash", False) in FAULTS
    assert ("crash", True) in FAULTS


def restarted(world: World) -> None:
    """A new process takes over: it holds nothing but its ports."""
    world.desk = world.another_desk()


def check_visible(world: World, conversation: ConversationId) -> None:
    """What is there after any interruption: no close, or a close with exactly one closing message."""
    assert_laws(world.contents())
    closed = world.state(conversation).situation is Situation.CLOSED
    written = [m for m in world.of(Message) if m.automatic == "closing"]
    assert len(written) == len(world.of(Effect)) == (1 if closed else 0)


def check_end(world: World, provider: Provider, conversation: ConversationId) -> None:
    """What is there when all has come to rest: one close, one message, one effect, ended or in sight."""
    check_visible(world, conversation)
    [closed] = world.of(Conversation)
    assert closed.situation is Situation.CLOSED
    [effect] = world.of(Effect)
    [message] = [m for m in world.of(Message) if m.automatic == "closing"]
    assert provider.applied.total() <= 1, "it went out twice"
    done = provider.applied.total() == 1
    if effect.state is EffectState.SUCCEEDED:
        assert done
        assert message.status is DeliveryStatus.SENT
        assert message.provider_id == provider.ids[effect.id]
    elif effect.state is EffectState.UNCONFIRMED:
        assert isinstance(provider.capabilities.nature, ReportsByKey | AtMostOnce), (
            "its doubt could be resolved"
        )
        assert message.status is DeliveryStatus.UNCONFIRMED
    else:
        assert effect.state is EffectState.FAILED
        assert not done
        assert message.status is DeliveryStatus.FAILED


NATURE = pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)


@NATURE
@pytest.mark.parametrize(
    ("error", "after"), FAULTS, ids=[f"{e} {'after' if a else 'before'}" for e, a in FAULTS]
)
def test_a_close_interrupted_anywhere_loses_and_repeats_nothing(
    nature: Nature, error: str, after: bool
) -> None:
    """Law: wherever a close is interrupted, it is committed with one closing message or not at all; the message
    goes out at most once, exactly once where the provider repeats or looks up by key, and every doubt shows.

    Rule: L10, M2, B11
    """
    points = 0
    for at, name in enumerate(WAY):
        provider = Provider(nature)
        world, conversation = taken(provider)
        trail, met = closing(world, conversation, at, error, after=after)
        assert trail[: at + 1] == WAY[: at + 1], "the fault was not reached"
        assert met is not None or error not in ("crash", "cancelled")
        check_visible(world, conversation)
        assert met is not None or world.of(Effect), "the caller was told of a close that is not there"

        restarted(world)
        outcome = world.do(Close(conversation, "slip"), BETO, key=CLOSE_KEY)
        assert outcome.version_of(conversation) == world.state(conversation).version
        check_visible(world, conversation)
        world.pass_time(timedelta(minutes=2))
        world.until_quiet()

        check_end(world, provider, conversation)
        if not isinstance(nature, RepeatsByKey):
            assert len(provider.asked) <= 1, "it was dispatched twice"
        if isinstance(nature, LooksUpByKey | RepeatsByKey) and (name, error) != ("send", "permanent"):
            assert provider.applied.total() == 1, "it never went out"
        points += 1
    assert points == len(WAY)


@pytest.mark.parametrize("at", [at for at, name in enumerate(WAY) if name == "apply"])
@pytest.mark.parametrize("error", ["unknown", "any error"])
@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
def test_a_commit_whose_outcome_is_unknown_once_is_found_out(at: int, error: str, after: bool) -> None:
    """Where storage cannot say whether it committed, its receipt does: even without a key the caller hears of
    the close that was made, and is never told that it had been closed already.
    """
    provider = Provider(ReportsByKey())
    world, conversation = taken(provider)
    _, met = closing(world, conversation, at, error, after=after, key=None)
    assert met is None
    check_end(world, provider, conversation)
    [effect] = world.of(Effect)
    assert effect.state is EffectState.SUCCEEDED


@NATURE
@pytest.mark.parametrize("mood", MOODS)
def test_whatever_the_provider_answers_the_close_stands(nature: Nature, mood: str) -> None:
    """Law: a close never waits for its message; what the provider made of it shows on the message alone.

    Rule: L10, M2
    """
    provider = Provider(nature, [mood])
    world, conversation = taken(provider)
    outcome = world.do(Close(conversation, "slip"), BETO, key=CLOSE_KEY)
    assert outcome.version_of(conversation) == world.state(conversation).version
    [effect] = world.of(Effect)
    [message] = [m for m in world.of(Message) if m.automatic == "closing"]
    if doubtful(mood):
        assert effect.state is EffectState.UNKNOWN
        assert message.status is DeliveryStatus.PENDING
    elif mood == "permanent":
        assert (effect.state, message.status) == (EffectState.FAILED, DeliveryStatus.FAILED)
    elif mood == "well":
        assert (effect.state, message.status) == (EffectState.SUCCEEDED, DeliveryStatus.SENT)
    else:
        assert (effect.state, message.status) == (EffectState.INTENDED, DeliveryStatus.PENDING)

    restarted(world)
    world.until_quiet()
    check_end(world, provider, conversation)
    if not isinstance(nature, RepeatsByKey | LooksUpByKey) and doubtful(mood):
        assert world.state(effect.id).state is EffectState.UNCONFIRMED
        assert len(provider.asked) == 1


@pytest.mark.parametrize("mood", ["unknown, done", "raises, done", "answers nonsense, done"])
@pytest.mark.parametrize("late", [False, True], ids=["in time", "late"])
def test_a_report_with_our_key_resolves_a_doubt(mood: str, late: bool) -> None:
    """A provider that reports by key ends the doubt, also after a person saw it. Rule: M2, M7"""
    provider = Provider(ReportsByKey(), [mood])
    world, conversation = taken(provider)
    world.close(conversation)
    [effect] = world.of(Effect)
    if late:
        world.until_quiet()
        assert world.state(effect.id).state is EffectState.UNCONFIRMED
        assert world.state(effect.message).status is DeliveryStatus.UNCONFIRMED
    world.do(world.report(DeliveryStatus.DELIVERED, provider.ids[effect.id], key=effect.id))
    assert world.state(effect.id).state is EffectState.SUCCEEDED
    assert world.state(effect.message).status is DeliveryStatus.DELIVERED
    world.until_quiet()
    assert len(provider.asked) == 1
    assert_laws(world.contents())


@NATURE
def test_a_crash_on_the_way_back_from_a_crash(nature: Nature) -> None:
    """Law: a second crash, anywhere while a first one is being put right, changes none of this."""
    for first in range(len(WAY)):
        second = 0
        while True:
            provider = Provider(nature)
            world, conversation = taken(provider)
            closing(world, conversation, first, after=True)
            restarted(world)
            world.do(Close(conversation, "slip"), BETO, key=CLOSE_KEY, delivery=Delivery.LATER)
            world.pass_time(timedelta(minutes=2))
            trail: list[str] = []
            world.desk = world.another_desk(
                storage=Faulty(world.storage, trail, second, "crash", after=True),
                messaging=Faulty(world.messaging, trail, second, "crash", after=True),
            )
            crashed = False
            try:
                world.until_quiet()
            except Crash:
                crashed = True
                restarted(world)
                world.pass_time(timedelta(minutes=2))
                world.until_quiet()
            check_end(world, provider, conversation)
            if not crashed:
                break
            second += 1
        assert second >= 1


# --- a caller cancelled in the middle ------------------------------------------------------------------------


def waits(world: World, conversation: ConversationId, most: int | None) -> tuple[int, bool]:
    """Close asynchronously, cancelled at the `most`-th wait: how many waits passed, and whether it ended."""
    desk = paced_desk(world, delivery=Delivery.INLINE, twice=True)
    caller = desk.handle(Close(conversation, "slip"), by=BETO, key=CLOSE_KEY)
    passed = 0
    try:
        caller.send(None)
        while passed != most:
            passed += 1
            caller.send(None)
        caller.throw(asyncio.CancelledError())
    except StopIteration:
        return passed, True
    except asyncio.CancelledError:
        return passed, False
    raise AssertionError("it waits after it was cancelled")


@NATURE
def test_a_caller_cancelled_at_any_wait_leaves_nothing_open(nature: Nature) -> None:
    """Law: cancelled at any await, the caller gets its cancellation at once; storage stays usable, the close is
    whole or not there, its effect claimable or in doubt, and no coroutine is left behind.

    Rule: L10
    """
    world, conversation = taken(Provider(nature))
    total, ended = waits(world, conversation, None)
    assert ended
    assert total == 2 * len(WAY), "each call waits before and after it is carried out"
    for most in range(total):
        provider = Provider(nature)
        world, conversation = taken(provider)
        assert waits(world, conversation, most) == (most, False)
        check_visible(world, conversation)
        for effect in world.of(Effect):
            assert effect.state in (EffectState.INTENDED, EffectState.IN_FLIGHT, EffectState.SUCCEEDED)
            assert (effect.due_at is None) is (effect.state is EffectState.SUCCEEDED), "nobody would look at it"
        restarted(world)
        world.do(Close(conversation, "slip"), BETO, key=CLOSE_KEY)
        world.pass_time(timedelta(minutes=2))
        world.until_quiet()
        check_end(world, provider, conversation)
        if isinstance(nature, RepeatsByKey | LooksUpByKey):
            assert provider.applied.total() == 1
    # A coroutine nobody awaited warns when it is collected, and every warning is an error here.
    gc.collect()


def test_a_task_cancelled_in_an_event_loop_ends_as_cancelled() -> None:
    """The same through a real event loop, where a wait is a wait of the loop's."""

    async def cancelled_after(turns: int) -> tuple[World, ConversationId, Provider, bool]:
        provider = Provider(ReportsByKey())
        world, conversation = taken(provider)
        desk = paced_desk(world, delivery=Delivery.INLINE, twice=True)
        task = asyncio.ensure_future(desk.handle(Close(conversation, "slip"), by=BETO, key=CLOSE_KEY))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled = task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled() is cancelled
        return world, conversation, provider, cancelled

    async def all_of_them() -> list[tuple[World, ConversationId, Provider, bool]]:
        return [await cancelled_after(turns) for turns in range(1, 2 * len(WAY) + 3)]

    ends = asyncio.run(all_of_them())
    assert {cancelled for *_, cancelled in ends} == {True, False}
    for world, conversation, provider, _ in ends:
        check_visible(world, conversation)
        restarted(world)
        world.do(Close(conversation, "slip"), BETO, key=CLOSE_KEY)
        world.pass_time(timedelta(minutes=2))
        world.until_quiet()
        check_end(world, provider, conversation)


# --- fetching a file -----------------------------------------------------------------------------------------

FILE = Attachment(key="media/1", mime="image/jpeg", size=40_000, sha256="0" * 64)


def picture(world: World) -> MessageId:
    """A customer's picture has come, and is to be fetched."""
    pointer = MediaPointer(reference="MEDIA-1", mime="image/jpeg")
    world.messaging.files["MEDIA-1"] = FILE
    arrival = attrs.evolve(world.arrival(), kind=MessageKind.IMAGE, media=pointer)
    message = world.do(arrival).message
    assert message is not None
    return message


def fetching(world: World, at: int | None, error: str = "crash", *, after: bool = False) -> list[str]:
    """Do what is due, with the fault at one call: the calls made."""
    trail: list[str] = []
    desk = world.another_desk(
        storage=Faulty(world.storage, trail, at, error, after=after),
        messaging=Faulty(world.messaging, trail, at, error, after=after),
    )
    with contextlib.suppress(PortFailure, Crash, asyncio.CancelledError):
        desk.run_due()
    return trail


def fetching_way() -> list[str]:
    """The calls of one undisturbed fetch, in order."""
    world = World()
    picture(world)
    return fetching(world, None)


FETCHING = fetching_way()


def test_the_way_of_a_fetch_is_what_it_should_be() -> None:
    """The call comes between a claim and a settlement that are commits of their own. Rule: M17"""
    assert [name for name in FETCHING if name not in ("read", "due")] == ["apply", "fetch", "apply"]


@pytest.mark.parametrize(
    ("error", "after"), FAULTS, ids=[f"{e} {'after' if a else 'before'}" for e, a in FAULTS]
)
def test_a_fetch_interrupted_anywhere_ends_with_the_file(error: str, after: bool) -> None:
    """Law: wherever fetching is interrupted, another worker takes it up, and the file is stored once; only a
    refusal by the provider loses it. Rule: M17
    """
    for at in range(len(FETCHING)):
        world = World()
        message = picture(world)
        trail = fetching(world, at, error, after=after)
        assert trail[: at + 1] == FETCHING[: at + 1], "the fault was not reached"
        refused = error == "permanent" and trail[at : at + 1] == ["fetch"]
        assert_laws(world.contents())
        world.pass_time(timedelta(minutes=2))
        world.until_quiet()
        media = world.state(message).media
        assert (media.attachment, media.lost) == ((None, "131026") if refused else (FILE, None))
        events = [type(event) for event in world.events(message)]
        assert len(events) == 2, "it came, and then the file did, or was lost"
        assert_laws(world.contents())
