"""What a query means: which things match, and in which order they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.entities import Scope
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Order,
    matches,
    sort_key,
)
from chatcore.vocabulary import EffectState, Situation
from tests.given import (
    CV,
    HOUR,
    NOW,
    blocked_contact,
    contact,
    conversation,
    effect,
    inbound,
    keeper,
    outbound,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
THINGS: dict[str, Any] = {
    "conversation": conversation(OPEN),
    "message": inbound(),
    "contact": contact(),
    "effect": effect(),
}
QUERIES: dict[str, Any] = {
    "conversation": ConversationQuery(),
    "message": MessageQuery(conversation=CV),
    "contact": ContactQuery(),
    "effect": EffectQuery(),
}


@pytest.mark.parametrize("asked", QUERIES)
@pytest.mark.parametrize("thing", THINGS)
def test_a_query_is_about_one_kind_of_thing(asked: str, thing: str) -> None:
    """What is not asked for does not restrict, but another kind never matches."""
    assert matches(QUERIES[asked], THINGS[thing]) is (asked == thing)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, True),
        ({"situation": OPEN}, True),
        ({"situation": QUEUE}, False),
        ({"assignee": "ana"}, True),
        ({"assignee": "beto"}, False),
        ({"department": "sup"}, True),
        ({"department": "fin"}, False),
        ({"contact": "ct_1"}, True),
        ({"contact": "ct_2"}, False),
        ({"channel": "wa"}, True),
        ({"channel": "other"}, False),
        ({"situation": OPEN, "assignee": "ana", "department": "sup", "contact": "ct_1", "channel": "wa"}, True),
        ({"situation": OPEN, "assignee": "beto"}, False),
        ({"scope": Scope()}, False),
        ({"scope": Scope(assignee="ana")}, True),
        ({"scope": Scope(departments=("fin",))}, False),
        ({"order": Order.CLOSED}, True),
        ({"contact": "ct_2", "also": ("ct_1",)}, True),
        ({"contact": "ct_2", "also": ("ct_3", "ct_1")}, True),
        ({"contact": "ct_1", "also": ("ct_2",)}, True),
        ({"contact": "ct_2", "also": ("ct_3",)}, False),
        ({"contact": "ct_2", "also": ()}, False),
        ({"also": ("ct_2",)}, True),
        ({"waiting": True}, True),
        ({"waiting": False}, False),
    ],
)
def test_conversations_match_on_all_that_is_asked(query: dict[str, Any], expected: bool) -> None:
    """The views, by agent and the rest, within what one may see. Rule: S1, S2, P."""
    assert matches(ConversationQuery(**query), conversation(OPEN)) is expected


@pytest.mark.parametrize("situation", Situation)
def test_who_waits_is_asked_for_in_every_view(situation: Situation) -> None:
    """Waiting is for an answer, whoever has it; None asks for either. Rule: L15, L16."""
    waits, answered = conversation(situation), conversation(situation, waiting_since=None)
    for wanted, found in ((True, (True, False)), (False, (False, True)), (None, (True, True))):
        query = ConversationQuery(situation=situation, waiting=wanted)
        assert (matches(query, waits), matches(query, answered)) == found


@pytest.mark.parametrize("situation", Situation)
def test_each_conversation_is_in_one_view(situation: Situation) -> None:
    """Queue, open, closed, and those with the bot; none is hidden. Rule: S1."""
    views = [s for s in Situation if matches(ConversationQuery(situation=s), conversation(situation))]
    assert views == [situation]


def test_what_has_no_assignee_is_not_asked_for_by_one() -> None:
    """An agent's list holds what is theirs now. Rule: S2."""
    assert not matches(ConversationQuery(assignee="ana"), conversation(QUEUE))
    assert not matches(ConversationQuery(assignee="ana"), conversation(CLOSED))


def test_messages_match_by_their_conversation() -> None:
    """Both directions. Rule: M4."""
    for message in (inbound(), outbound()):
        assert matches(MessageQuery(conversation=CV), message)
        assert matches(MessageQuery(conversation=CV, newest_first=True), message)
        assert not matches(MessageQuery(conversation="cv_2"), message)


@pytest.mark.parametrize(
    ("start", "newest_first", "found"),
    [
        (None, False, [1, 2, 3, 4]),
        (1, False, [1, 2, 3, 4]),
        (3, False, [3, 4]),
        (5, False, []),
        (None, True, [1, 2, 3, 4]),
        (1, True, [1]),
        (3, True, [1, 2, 3]),
        (5, True, [1, 2, 3, 4]),
    ],
)
def test_messages_match_from_a_start_in_their_direction(
    start: int | None, newest_first: bool, found: list[int]
) -> None:
    """So a screen that shows one message pages both ways from it. Rule: M4."""
    query = MessageQuery(conversation=CV, start=start, newest_first=newest_first)
    messages = [inbound(seq=seq, id=f"{CV}.{seq}") for seq in range(1, 5)]
    assert [message.seq for message in messages if matches(query, message)] == found
    assert not matches(query, inbound(conversation="cv_2", id="cv_2.1"))


@pytest.mark.parametrize(
    ("blocked", "free_one", "blocked_one"), [(None, True, True), (True, False, True), (False, True, False)]
)
def test_contacts_match_by_their_block(blocked: bool | None, free_one: bool, blocked_one: bool) -> None:
    """A list shows the blocked ones. Rule: S20."""
    query = ContactQuery(blocked=blocked)
    assert (matches(query, contact()), matches(query, blocked_contact())) == (free_one, blocked_one)


def test_effects_match_by_state_and_conversation() -> None:
    """Also those of no conversation."""
    unknown = effect(EffectState.UNKNOWN)
    assert matches(EffectQuery(state=EffectState.UNKNOWN, conversation=CV), unknown)
    assert not matches(EffectQuery(state=EffectState.REVIEW), unknown)
    assert not matches(EffectQuery(conversation="cv_2"), unknown)
    assert matches(EffectQuery(), keeper())
    assert not matches(EffectQuery(conversation=CV), keeper())


# --- order ---------------------------------------------------------------------------------------------------


def ordered(order: Order, *things: Any) -> list[str]:
    query = ConversationQuery(order=order)
    return [thing.id for thing in sorted(things, key=lambda thing: sort_key(query, thing))]


EARLY, LATE = NOW - 5 * HOUR, NOW - HOUR


def test_who_waits_longest_comes_first() -> None:
    """Since the first unanswered message; else since it was queued; else since it opened. Rule: S1, L15."""
    waits = conversation(id="cv_a", waiting_since=NOW - 2 * HOUR, queued_at=EARLY, opened_at=EARLY)
    queued = conversation(id="cv_b", waiting_since=None, queued_at=NOW - 3 * HOUR, opened_at=EARLY)
    opened = conversation(BOT, id="cv_c", waiting_since=None, queued_at=None, opened_at=NOW - 4 * HOUR)
    assert ordered(Order.WAITING, waits, queued, opened) == ["cv_c", "cv_b", "cv_a"]


def test_the_longest_open_comes_first() -> None:
    """By its opening, which a reopening sets anew."""
    one, two = conversation(id="cv_a", opened_at=LATE), conversation(id="cv_b", opened_at=EARLY)
    assert ordered(Order.OPENED, one, two) == ["cv_b", "cv_a"]


def test_the_last_closed_comes_first() -> None:
    """What is not closed stands by its opening. Rule: S1, L4."""
    one = conversation(CLOSED, id="cv_a", closed_at=EARLY)
    two = conversation(CLOSED, id="cv_b", closed_at=LATE)
    live = conversation(id="cv_c", opened_at=NOW)
    assert ordered(Order.CLOSED, one, two, live) == ["cv_c", "cv_b", "cv_a"]


def test_the_last_changed_comes_first() -> None:
    """The order when none is asked for."""
    one, two = conversation(id="cv_a", recorded_at=EARLY), conversation(id="cv_b", recorded_at=LATE)
    assert ordered(Order.ACTIVITY, one, two) == ["cv_b", "cv_a"]
    assert ConversationQuery().order is Order.ACTIVITY


def test_the_longest_still_comes_first() -> None:
    """What happened last in it counts, not when it began: the other way round than by activity. Rule: L16."""
    still = conversation(id="cv_z", recorded_at=EARLY, opened_at=EARLY)
    stirred = conversation(id="cv_a", recorded_at=LATE, opened_at=EARLY - HOUR)
    assert ordered(Order.IDLE, stirred, still) == ["cv_z", "cv_a"]
    assert ordered(Order.ACTIVITY, stirred, still) == ["cv_a", "cv_z"]


@pytest.mark.parametrize("order", Order)
def test_ties_go_by_id(order: Order) -> None:
    """No two rows tie."""
    one, two = conversation(CLOSED, id="cv_a"), conversation(CLOSED, id="cv_b")
    assert ordered(order, two, one) == ["cv_a", "cv_b"]


def test_messages_stand_by_their_seq() -> None:
    """Not by the provider's clock, nor by the digits of their id. Rule: M4."""
    two = inbound(seq=2, id="cv_1.2", sent_at=NOW)
    ten = inbound(seq=10, id="cv_1.10", sent_at=EARLY)
    for newest, expected in ((False, [two, ten]), (True, [ten, two])):
        query = MessageQuery(conversation=CV, newest_first=newest)
        assert sorted([ten, two], key=lambda m: sort_key(query, m)) == expected


def test_messages_of_all_conversations_stand_newest_first() -> None:
    """By when they were recorded, ties by id; the way asked for does not count. Rule: S6."""
    old = inbound(id="cv_9.9", conversation="cv_9", seq=9, recorded_at=EARLY)
    one, two = (
        inbound(id="cv_1.2", seq=2, recorded_at=LATE),
        inbound(id="cv_2.1", conversation="cv_2", recorded_at=LATE),
    )
    for newest in (False, True):
        query = MessageQuery(newest_first=newest)
        assert sorted([old, two, one], key=lambda m: sort_key(query, m)) == [one, two, old]
        assert all(matches(query, message) for message in (old, one, two))


def test_contacts_and_effects_stand_by_their_id() -> None:
    """Ids sort by age."""
    assert sort_key(ContactQuery(), contact()) == (0, "ct_1")
    assert sort_key(EffectQuery(), effect()) == (0, "ef_1")


any_moments = st.datetimes(
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), timezones=st.just(UTC)
)


@given(any_moments, any_moments)
@example(datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC), datetime(1970, 1, 1, 0, 0, 0, 100_000, UTC))
@example(datetime(9999, 12, 31, 0, 0, 0, 999_999, UTC), datetime(9999, 12, 31, 0, 0, 1, 500_000, UTC))
def test_the_order_of_keys_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    """Law: keys compare as the moments do, to the microsecond, in every year there is."""
    query = ConversationQuery(order=Order.OPENED)
    keys = [sort_key(query, conversation(opened_at=moment))[0] for moment in (one, other)]
    assert (keys[0] < keys[1]) is (one < other)
    assert (keys[0] == keys[1]) is (one == other)
