"""What must hold across entities, derived from their states alone: claims, tallies, seals, bounds."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.entities import Address
from chatcore.events import (
    AnomalyRecorded,
    Cancelled,
    Closed,
    ContactAbsorbed,
    ContactCreated,
    ContactMerged,
    ContactReplaced,
    Doubted,
    Failed,
    InboundRefused,
    MessageAdded,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageRevoked,
    NoteAdded,
    Queued,
    Reacted,
    Reopened,
    SentToReview,
    Succeeded,
    Tagged,
    Taken,
)
from chatcore.rules.invariants import (
    SWEEPS,
    address_claim,
    bonus_claim,
    bound_of,
    claims_moved,
    claims_of,
    expiring_claim_of,
    guard_claim,
    inbound_claim,
    live_claim,
    load_tally,
    provider_claim,
    seals_of,
    sweep_claim,
    tallies_of,
)
from chatcore.vocabulary import Direction, EffectKind, EffectState, MessageKind, Private, Situation
from tests.given import (
    ADDRESS,
    ADDRESS2,
    ASKED,
    CONTRACT,
    CT,
    CT2,
    CV,
    MSG,
    NOW,
    action,
    after,
    blocked_contact,
    born,
    contact,
    conversation,
    effect,
    fetching,
    inbound,
    inner,
    keeper,
    note,
    other_contact,
    outbound,
    picture,
    workspace,
)

PROTOCOL = "protocol:202603101234567890"
SECOND = Address("key-2", Private("x"))


BONUS = bonus_claim(CONTRACT, "2026-03")
GIVEN_UP = (EffectState.FAILED, EffectState.CANCELLED)
UNGUARDED = tuple(kind for kind in ASKED if kind is not EffectKind.GRANT_BONUS)


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
        (contact(addresses=(), merged_into=CT2), set()),
        (
            contact(addresses=(), merged_into=CT2, silent_on=("wa", "bot")),
            {live_claim(CT, "wa"), live_claim(CT, "bot")},
        ),
        (contact(merged=(CT2,)), {address_claim("key-1")}),
        (note(), set()),
        (picture(), set()),
        (fetching(), set()),
        (inner(EffectKind.RELEASE_AGENT), set()),
        (inner(EffectKind.CLOSE_IDLE), {"sweep:close_idle"}),
        (inner(EffectKind.CLOSE_IDLE, EffectState.IN_FLIGHT), {"sweep:close_idle"}),
        (inner(EffectKind.CLOSE_IDLE, EffectState.UNKNOWN), {"sweep:close_idle"}),
        (inner(EffectKind.TIME_OUT_BOT), {"sweep:time_out_bot"}),
        (inner(EffectKind.TIME_OUT_BOT, EffectState.SUCCEEDED), set()),
        *(
            (action(EffectKind.GRANT_BONUS, state), set() if state in GIVEN_UP else {BONUS})
            for state in EffectState
        ),
        *(
            (
                action(EffectKind.GRANT_BONUS, state, guarded=False),
                set() if state in GIVEN_UP else {f"{BONUS}:beside"},
            )
            for state in EffectState
        ),
        *((action(kind, state), set()) for kind in UNGUARDED for state in EffectState),
    ],
)
def test_what_each_state_must_own(state: Any, claims: set[str]) -> None:
    """Live conversation (L3), addresses (M11), protocol (L11), provider ids (M1, M3), one bonus for a contract
    and period (B8) until it was given up (B11), and nothing else.
    """
    assert {*claims_of(state)} == claims
    assert len(claims_of(state)) == len(claims)


def test_only_a_bonus_has_a_guard() -> None:
    """One per contract and period; two pairs never make one key. Rule: B8, B11."""
    assert [kind for kind in ASKED if guard_claim(ASKED[kind]) is not None] == [EffectKind.GRANT_BONUS]
    assert guard_claim(None) is None
    pairs = (("k1", "2026-03"), ("k1", "2026-04"), ("k2", "2026-03"), ("k1:2026-03", ""), ("", "k1:2026-03"))
    assert len({bonus_claim(*pair) for pair in pairs}) == len(pairs)
    assert bonus_claim("k1", "2026-03") == bonus_claim("k1", "2026-03")


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
    "event",
    [
        Reacted(channel="wa", provider_id="w", direction=Direction.INBOUND, emoji=Private("👍"), sent_at=NOW),
        MessageEdited(channel="wa", provider_id="w", body=Private("x"), sent_at=NOW),
        MessageRevoked(channel="wa", provider_id="w", sent_at=NOW),
    ],
    ids=lambda e: type(e).__name__,
)
def test_what_is_done_to_a_message_is_recognised_too(event: Any) -> None:
    """Each comes under an id of its own, and is taken in once. Rule: M1, M9, M18."""
    assert expiring_claim_of(event) == inbound_claim("wa", "w")


def test_what_we_said_is_claimed_by_its_message() -> None:
    """An echo has its provider's id for good, so reports of it find it; a note has none. Rule: M3, M12, M15."""
    echoed = MessageEchoed(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.TEXT,
        body=Private("x"),
        provider_id="w",
        sent_at=NOW,
    )
    left = NoteAdded(conversation=CV, seq=1, channel="wa", body=Private("x"))
    assert expiring_claim_of(echoed) is expiring_claim_of(left) is None
    assert claims_of(born(MSG, echoed)) == (provider_claim("wa", "w"),)
    assert claims_of(born(MSG, left)) == ()


def test_there_is_one_sweep_of_a_kind() -> None:
    """Of those that never end; releasing an agent's conversations ends, and there may be several. Rule: L16."""
    assert (EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT) == SWEEPS
    assert len({sweep_claim(kind) for kind in SWEEPS}) == 2


GRANTING = action(EffectKind.GRANT_BONUS, EffectState.IN_FLIGHT)
DENIED = after(GRANTING, Failed(detail="no_funds"))
BACK = after(conversation(Situation.OPEN), Closed(reason="moved"))
STEPS = [
    pytest.param(None, conversation(), id="started"),
    pytest.param(conversation(), after(conversation(), Taken(assignee="ana")), id="taken"),
    pytest.param(conversation(), after(conversation(), Tagged(tags=("vip",))), id="tagged"),
    pytest.param(
        conversation(),
        after(conversation(), MessageAdded(message="cv_1.2", seq=2, direction=Direction.INBOUND)),
        id="said",
    ),
    pytest.param(
        conversation(Situation.OPEN),
        after(conversation(Situation.OPEN), Queued(department="fin")),
        id="queued",
    ),
    pytest.param(conversation(Situation.OPEN), BACK, id="closed"),
    pytest.param(BACK, after(BACK, Reopened()), id="reopened"),
    pytest.param(conversation(), after(conversation(), ContactReplaced(contact=CT2)), id="of another contact"),
    pytest.param(BACK, after(BACK, ContactReplaced(contact=CT2)), id="of another contact, closed"),
    pytest.param(
        conversation(),
        after(conversation(), ContactReplaced(contact=CT2), Closed(reason="moved")),
        id="of another contact, and closed",
    ),
    pytest.param(None, born(CT, ContactCreated(addresses=(ADDRESS,))), id="known"),
    pytest.param(contact(), after(contact(), ContactMerged(into=CT2)), id="merged"),
    pytest.param(
        contact(), after(contact(), ContactMerged(into=CT2, channels=("wa",))), id="merged, and silent"
    ),
    pytest.param(
        other_contact(),
        after(
            other_contact(),
            ContactAbsorbed(
                contact=CT,
                addresses=(ADDRESS2, ADDRESS),
                name=None,
                customer=None,
                fields=(),
                opted_out=False,
                blocked=None,
                refused=0,
                merged=(CT,),
            ),
        ),
        id="absorbed",
    ),
    pytest.param(outbound(), outbound(provider_id="w", version=2), id="accepted"),
    pytest.param(keeper(), keeper(state=EffectState.SUCCEEDED, due_at=None), id="kept no more"),
    pytest.param(
        inner(EffectKind.CLOSE_IDLE), inner(EffectKind.CLOSE_IDLE, EffectState.IN_FLIGHT), id="swept on"
    ),
    pytest.param(
        inner(EffectKind.CLOSE_IDLE, EffectState.IN_FLIGHT),
        inner(EffectKind.CLOSE_IDLE, EffectState.SUCCEEDED),
        id="swept at last",
    ),
    pytest.param(None, action(EffectKind.GRANT_BONUS, version=1), id="asked for"),
    pytest.param(GRANTING, after(GRANTING, Doubted(due_at=NOW, detail="x")), id="in doubt"),
    pytest.param(GRANTING, DENIED, id="refused"),
    pytest.param(GRANTING, after(GRANTING, Succeeded(reference="r")), id="granted"),
    pytest.param(DENIED, after(DENIED, SentToReview()), id="granted after all"),
    pytest.param(DENIED, after(DENIED, SentToReview(guarded=False)), id="granted beside another"),
    pytest.param(
        action(EffectKind.GRANT_BONUS),
        after(action(EffectKind.GRANT_BONUS), Cancelled(detail="withdrawn")),
        id="withdrawn",
    ),
]


@pytest.mark.parametrize(("before", "state"), STEPS)
def test_a_step_moves_just_the_difference(before: Any, state: Any) -> None:
    """Law: what is taken and given up is the difference of what is owned before and after; nothing else."""
    taken, released = claims_moved(before, state)
    had, has = {*claims_of(before)}, {*claims_of(state)}
    assert ({*taken}, {*released}) == (has - had, had - has)
    assert len(taken) + len(released) == len(has ^ had)


def test_an_address_changes_hands_when_contacts_are_merged() -> None:
    """What the one gives up the other takes, so no address is without its owner; and what could make a live
    conversation with who is gone, they own themselves. Rule: M11, L3."""
    gone = claims_moved(contact(), after(contact(), ContactMerged(into=CT2, channels=("wa", "bot"))))
    assert gone == ((live_claim(CT, "wa"), live_claim(CT, "bot")), (address_claim("key-1"),))
    moved = claims_moved(conversation(), after(conversation(), ContactReplaced(contact=CT2)))
    assert moved == ((live_claim(CT2, "wa"),), (live_claim(CT, "wa"),))


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
