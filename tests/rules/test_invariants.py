"""What must hold across entities, derived from their states alone: claims, tallies, seals, bounds."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.entities import Address
from chatcore.events import AnomalyRecorded, InboundRefused, MessageReceived
from chatcore.rules.invariants import (
    address_claim,
    bound_of,
    claims_of,
    expiring_claim_of,
    inbound_claim,
    live_claim,
    load_tally,
    provider_claim,
    seals_of,
    tallies_of,
)
from chatcore.vocabulary import EffectState, MessageKind, Private, Situation
from tests.given import (
    ADDRESS,
    CT,
    CV,
    NOW,
    blocked_contact,
    contact,
    conversation,
    effect,
    inbound,
    keeper,
    outbound,
    workspace,
)

PROTOCOL = "protocol:202603101234567890"
SECOND = Address("key-2", Private("x"))


@pytest.mark.parametrize(
    ("state", "claims"),
    [
        (None, set()),
        (conversation(Situation.BOT), {PROTOCOL, live_claim(CT, "wa")}),
        (conversation(Situation.QUEUE), {PROTOCOL, live_claim(CT, "wa")}),
        (conversation(Situation.OPEN), {PROTOCOL, live_claim(CT, "wa")}),
        (conversation(Situation.CLOSED), {PROTOCOL}),
        (contact(), {address_claim("key-1")}),
        (blocked_contact(), {address_claim("key-1")}),
        (contact(addresses=(ADDRESS, SECOND)), {address_claim("key-1"), address_claim("key-2")}),
        (contact(addresses=()), set()),
        (outbound(), set()),
        (outbound(provider_id="w"), {provider_claim("wa", "w")}),
        (inbound(), set()),
        (keeper(), {provider_claim("wa", "wamid.out")}),
        (keeper(state=EffectState.SUCCEEDED), set()),
        (keeper(state=EffectState.CANCELLED), set()),
        (keeper(reference=None), set()),
        (effect(EffectState.INTENDED, reference="w"), set()),
        (effect(EffectState.SUCCEEDED), set()),
        (workspace(), set()),
    ],
)
def test_what_each_state_must_own(state: Any, claims: set[str]) -> None:
    """Live conversation (L3), addresses (M11), protocol (L11), provider ids (M1, M3), and nothing else."""
    assert {*claims_of(state)} == claims
    assert len(claims_of(state)) == len(claims)


def test_a_keeper_and_its_message_want_the_same_key() -> None:
    """So that whichever comes second finds the first. Rule: M3."""
    assert claims_of(keeper()) == claims_of(outbound(provider_id="wamid.out"))


def test_keys_of_different_things_never_meet() -> None:
    """Each kind has a space of its own, whatever the ids are."""
    names = ("x", "x:y", "")
    made = [address_claim(n) for n in names] + [load_tally(n) for n in names]
    made += [f(a, b) for f in (live_claim, provider_claim, inbound_claim) for a, b in (("x", "y"), ("y", "x"))]
    assert len({*made}) == len(made)


def test_two_pairs_never_make_one_key() -> None:
    """An id with a colon in it is no way into somebody else's claim. Rule: M1, L3."""
    assert inbound_claim("wa", "b:c") != inbound_claim("wa:b", "c")
    assert provider_claim("wa", "b:c") != provider_claim("wa:b", "c")


def test_a_repeat_is_recognised_by_channel_and_id() -> None:
    """Received or refused: the id is owned for as long as repeats may come. Rule: M1, M13."""
    received = MessageReceived(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.TEXT,
        body=Private("x"),
        provider_id="w",
        sent_at=NOW,
    )
    refused = InboundRefused(channel="wa", provider_id="w")
    assert expiring_claim_of(received) == expiring_claim_of(refused) == inbound_claim("wa", "w")
    assert expiring_claim_of(AnomalyRecorded()) is None


@pytest.mark.parametrize(
    ("state", "tallies"),
    [
        (None, ()),
        (conversation(Situation.OPEN), (load_tally("ana"),)),
        (conversation(Situation.QUEUE), ()),
        (conversation(Situation.BOT), ()),
        (conversation(Situation.CLOSED), ()),
        (contact(), ()),
        (workspace(), ()),
    ],
)
def test_an_open_conversation_counts_for_its_assignee(state: Any, tallies: tuple[str, ...]) -> None:
    """And nothing else counts. Rule: L7, L1."""
    assert tallies_of(state) == tallies


def test_the_inactive_are_sealed() -> None:
    """Nothing can be added to them while they are. Rule: L13."""
    assert seals_of(workspace()) == {load_tally("davi")}
    assert seals_of(conversation()) == seals_of(None) == frozenset()


@pytest.mark.parametrize(("agent", "bound"), [("ana", 2), ("beto", None), ("nobody", None)])
def test_a_count_is_bounded_by_the_agents_limit(agent: str, bound: int | None) -> None:
    """0 is no bound. Rule: L7."""
    assert bound_of(load_tally(agent), workspace()) == bound
