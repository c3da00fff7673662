"""Once: a provider repeats itself for days, in any order, and each thing it tells counts one time."""

from __future__ import annotations

import itertools
import json
import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.commands import BlockContact, ClaimEffect, Finding, FindingKind, SettleEffect, UnblockContact
from chatcore.entities import Contact, Conversation, Effect, Message, ReportsByKey
from chatcore.events import AnomalyRecorded
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import DeliveryStatus, Direction, EffectId, EffectKind, EffectState
from tests.laws.providers import Provider
from tests.worlds import SUPERVISOR, World

PAYLOADS = Path(__file__).parents[1] / "payloads"
DELIVERED, FAILED, READ, SENT = (
    DeliveryStatus.DELIVERED,
    DeliveryStatus.FAILED,
    DeliveryStatus.READ,
    DeliveryStatus.SENT,
)


def webhook(**changes: str) -> Any:
    """The documented text webhook as a batch, its message changed in these fields."""
    document = json.loads((PAYLOADS / "text.json").read_bytes())
    value = document["entry"][0]["changes"][0]["value"]
    value["metadata"]["phone_number_id"] = "106540352242922"
    message = value["messages"][0]
    message["id"] = changes.get("id", message["id"])
    message["text"]["body"] = changes.get("body", message["text"]["body"])
    body = json.dumps(document).encode()
    return read_webhook(body, signature=signature_of(body, b"s"), app_secret=b"s")


# --- messages ------------------------------------------------------------------------------------------------


def test_a_webhook_delivered_a_thousand_times_is_one_message() -> None:
    """Among other messages, over three weeks and across a close, a repeat changes nothing. Rule: M1"""
    world = World()
    batch = webhook()
    [first] = world.desk.ingest(batch)
    assert first.outcome is not None
    [conversation] = world.of(Conversation)
    others = 0
    for n in range(1, 1000):
        if n % 100 == 50:
            others += 1
            [other] = world.desk.ingest(webhook(id=f"wamid.other{n}"))
            assert other.error is None
        if n == 500:
            world.take(conversation.id)
            world.close(conversation.id)
        world.pass_time(timedelta(minutes=30))
        before = world.contents()
        [again] = world.desk.ingest(batch)
        assert again.error is None
        assert again.outcome is not None
        assert again.outcome.changed == ()
        assert world.contents() == before
    assert len([m for m in world.of(Message) if m.direction is Direction.INBOUND]) == 1 + others
    assert_laws(world.contents())


def test_a_webhook_delivered_a_thousand_times_by_threads_is_one_message() -> None:
    """Eight threads that bring the same webhook a thousand times in all record it once. Rule: M1"""
    world = World()
    batch, other = webhook(), webhook(id="wamid.other")
    errors: list[Any] = []
    gate = threading.Barrier(8)

    def deliver(n: int) -> None:
        gate.wait()
        for i in range(125):
            given = (other if (i + n) % 50 == 0 else batch,)
            errors.extend(answer.error for b in given for answer in world.desk.ingest(b) if answer.error)

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(world.of(Message)) == 2
    assert len(world.of(Conversation)) == len(world.of(Contact)) == 1
    assert_laws(world.contents())


def test_a_repeat_is_known_for_thirty_days_whatever_is_forgotten() -> None:
    """What tells repeats apart cannot be dropped within 30 days of its arrival. Rule: M1"""
    world = World()
    arrival = world.arrival()
    world.do(arrival)
    world.pass_time(timedelta(days=30, seconds=-1))
    world.desk.forget(before=world.now - timedelta(days=30))
    assert world.do(arrival).changed == ()
    assert len(world.of(Message)) == 1


@settings(max_examples=50)
@given(bodies=st.lists(st.sampled_from(["primeiro", "outro", "terceiro"]), min_size=1, max_size=12))
def test_the_same_id_with_another_body_keeps_the_first_and_counts_one_anomaly(bodies: list[str]) -> None:
    """Law: whatever comes under a known id, the first body stays, and one anomaly is on record. Rule: M1"""
    world = World()
    for body in bodies:
        [answer] = world.desk.ingest(webhook(body=body))
        assert answer.error is None
    [message] = world.of(Message)
    assert message.body.reveal() == bodies[0]
    assert message.anomalies == (1 if set(bodies) - {bodies[0]} else 0)
    assert [type(e) for e in world.events(message.id)].count(AnomalyRecorded) == message.anomalies
    assert_laws(world.contents())


def test_one_id_on_two_channels_is_two_messages() -> None:
    """A provider's id counts per channel. Rule: M1"""
    world = World()
    world.arrive(id="wamid.same", channel="wa")
    world.arrive(id="wamid.same", channel="bot")
    assert len(world.of(Message)) == 2


def test_a_blocked_contacts_message_counts_once_and_is_not_received_later() -> None:
    """A repeat adds nothing to the block ledger, nor does it slip in after the unblocking. Rule: M1, M13"""
    world = World()
    world.arrive()
    [contact] = world.of(Contact)
    world.do(BlockContact(contact.id), by=SUPERVISOR)
    arrival = world.arrival("oi?")
    for _ in range(3):
        world.do(arrival)
    assert world.state(contact.id).refused == 1
    world.do(UnblockContact(contact.id), by=SUPERVISOR)
    world.do(arrival)
    assert len(world.of(Message)) == 1


# --- statuses ------------------------------------------------------------------------------------------------

SETTLED = "settled"


def in_flight() -> tuple[World, Effect]:
    """A world with a message on its way: claimed, called, not settled."""
    world = World()
    conversation = world.arrive()
    world.take(conversation)
    effect = world.send(conversation)
    world.do(ClaimEffect(effect))
    return world, world.state(effect)


def happen(world: World, effect: Effect, what: Any, *, keyed: bool) -> None:
    if what is SETTLED:
        done = Finding(kind=FindingKind.DONE, reference="out-1")
        world.do(SettleEffect(effect.id, effect.fence, done))
    else:
        key = effect.id if keyed else None
        world.do(world.report(what, "out-1", key=key, failure="131026"))


def ending(world: World, effect: Effect) -> tuple[Any, ...]:
    """What is left when it is over, apart from how often and when things were heard."""
    message = world.state(effect.message)
    kept = tuple(e.state for e in world.of(Effect) if e.kind is EffectKind.KEEP_STATUS)
    return (
        message.status,
        message.reached,
        message.failure,
        message.not_sent,
        message.unconfirmed,
        message.provider_id,
        world.state(effect.id).state,
        world.state(effect.id).reference,
        set(kept) - {EffectState.SUCCEEDED},
    )


def best(statuses: tuple[DeliveryStatus, ...]) -> DeliveryStatus:
    """What a set of reports on an accepted message comes to: evidence of delivery beats a failure. Rule: M2"""
    if READ in statuses:
        return READ
    if DELIVERED in statuses:
        return DELIVERED
    return FAILED if FAILED in statuses else SENT


def subsets() -> Iterator[tuple[DeliveryStatus, ...]]:
    for size in range(5):
        yield from itertools.combinations((SENT, DELIVERED, READ, FAILED), size)


@pytest.mark.parametrize("statuses", list(subsets()), ids=lambda s: "+".join(s) or "nothing")
def test_reports_and_the_settlement_converge_in_every_order(statuses: tuple[DeliveryStatus, ...]) -> None:
    """Law: in every order of the settlement and any reports, with our key or without, the message, its
    provider's id and its effect end the same; reports that come before their message is known are kept for it.

    Rule: M2, M3
    """
    endings = set()
    for keyed in (True, False):
        for order in itertools.permutations((SETTLED, *statuses)):
            world, effect = in_flight()
            for what in order:
                happen(world, effect, what, keyed=keyed)
            assert_laws(world.contents())
            end = ending(world, effect)
            endings.add((*end[:-1], frozenset(end[-1])))
            world.until_quiet()
            assert ending(world, effect) == end
    [end] = endings
    assert end[0] is best(statuses)
    assert end[5:] == ("out-1", EffectState.SUCCEEDED, "out-1", frozenset())


@pytest.mark.parametrize("statuses", [s for s in subsets() if s], ids=lambda s: "+".join(s))
def test_reports_with_our_key_do_without_a_settlement(statuses: tuple[DeliveryStatus, ...]) -> None:
    """Law: in every order, reports with our key alone say what became of the message: a crash before the
    settlement loses nothing. Rule: M2, M7
    """
    endings = set()
    for order in itertools.permutations(statuses):
        world, effect = in_flight()
        for what in order:
            happen(world, effect, what, keyed=True)
        assert_laws(world.contents())
        world.until_quiet()
        endings.add((world.state(effect.message).status, world.state(effect.id).state))
    only_failed = statuses == (FAILED,)
    assert endings == {(best(statuses), EffectState.FAILED if only_failed else EffectState.SUCCEEDED)}


@settings(max_examples=100)
@given(
    order=st.lists(
        st.tuples(st.sampled_from((SETTLED, SENT, DELIVERED, READ, FAILED)), st.booleans()), max_size=12
    )
)
def test_repeats_change_nothing_of_the_end(order: list[tuple[Any, bool]]) -> None:
    """Law: repeated, in any order, some with our key and some without, reports end as if each came once.

    Rule: M2, M3
    """
    world, effect = in_flight()
    for what, keyed in order:
        happen(world, effect, what, keyed=keyed)
        before = world.contents().states
        happen(world, effect, what, keyed=keyed)
        after = world.contents().states
        assert {r for r in after if after[r] != before.get(r)} == set(), "an immediate repeat changes nothing"
    happen(world, effect, SETTLED, keyed=True)
    assert_laws(world.contents())
    once = tuple(dict.fromkeys(what for what, _ in order if what is not SETTLED))
    assert world.state(effect.message).status is best(once)
    assert world.state(effect.message).provider_id == "out-1"
    assert world.state(effect.id).state is EffectState.SUCCEEDED


@pytest.mark.parametrize("keyed", [True, False])
def test_a_late_report_never_lowers_a_status(keyed: bool) -> None:
    """READ implies DELIVERED: what comes late says nothing new, and changes nothing. Rule: M2"""
    world, effect = in_flight()
    happen(world, effect, SETTLED, keyed=keyed)
    happen(world, effect, READ, keyed=keyed)
    before = world.contents()
    for late in (SENT, DELIVERED, READ):
        happen(world, effect, late, keyed=keyed)
    assert world.contents().states == before.states


def test_a_report_on_nobodys_message_waits_thirty_days_and_ends() -> None:
    """A report whose message never comes is kept, then given up, and holds nothing up meanwhile. Rule: M3"""
    world = World()
    world.do(world.report(READ, "out-nobody"))
    [keeper] = world.of(Effect)
    assert keeper.kind is EffectKind.KEEP_STATUS
    conversation = world.arrive()
    world.take(conversation)
    world.send(conversation)
    assert world.desk.run_due().done == 1
    assert world.state(keeper.id).state is EffectState.INTENDED
    world.pass_time(timedelta(days=31))
    world.until_quiet()
    assert world.state(keeper.id).state is EffectState.CANCELLED
    assert_laws(world.contents())


def test_a_foreign_key_settles_nothing() -> None:
    """A report whose key is no effect of ours, or of another channel, is kept like any other. Rule: M3"""
    world, effect = in_flight()
    for key, channel in ((EffectId("ef_another-app"), "wa"), (EffectId("anything"), "wa"), (effect.id, "bot")):
        world.do(world.report(READ, "out-9", key=key, channel=channel))
    assert world.state(effect.id) == effect
    assert world.state(effect.message).status is DeliveryStatus.PENDING
    assert_laws(world.contents())


def test_shuffled_days_of_many_messages_converge() -> None:
    """Law: ten messages' reports, each given three times and shuffled, end as reported. Rule: M2"""
    for seed in range(5):
        draw = random.Random(seed)
        world = World(messaging=Provider(ReportsByKey()))
        conversation = world.arrive()
        world.take(conversation)
        expected = {}
        reports = []
        for n in range(1, 11):
            effect = world.send(conversation, f"resposta {n}")
            statuses = tuple(draw.sample((SENT, DELIVERED, READ, FAILED), draw.randint(0, 4)))
            expected[world.state(effect).message] = best(statuses)
            keyed = draw.random() < 0.5
            reports += [(status, f"out-{effect}", effect if keyed else None) for status in statuses] * 3
        draw.shuffle(reports)
        for status, provider_id, key in reports[: len(reports) // 2]:
            world.do(world.report(status, provider_id, key=key, failure="131026"))
        world.until_quiet()
        for status, provider_id, key in reports[len(reports) // 2 :]:
            world.do(world.report(status, provider_id, key=key, failure="131026"))
        world.until_quiet()
        assert {m.id: m.status for m in world.of(Message) if m.author} == expected
        assert_laws(world.contents())
