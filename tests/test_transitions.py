"""The two tables, edge by edge, typed out again from the domain and the design."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatcore.errors import TransitionNotAllowed
from chatcore.events import (
    Cancelled,
    Claimed,
    Closed,
    Dismissed,
    Doubted,
    EvidenceKept,
    Failed,
    Intended,
    LeftUnconfirmed,
    LookedUp,
    MessageAdded,
    Postponed,
    Queued,
    Reopened,
    ReturnedToBot,
    SentToReview,
    Started,
    StatusKept,
    Succeeded,
    Taken,
    Transferred,
)
from chatcore.transitions import CONVERSATION, EFFECT, MONEY_LIKE, effect_state_after, situation_after
from chatcore.vocabulary import DeliveryStatus, Direction, EffectKind, EffectState, Private, Situation
from tests.given import MSG, NOW, kept

# --- section L -----------------------------------------------------------------------------------------------

STEPS: dict[str, Any] = {
    "Queued": Queued(department="sup"),
    "Taken": Taken(assignee="ana"),
    "Transferred": Transferred(assignee="ana"),
    "ReturnedToBot": ReturnedToBot(),
    "Closed": Closed(reason="moved"),
    "Reopened": Reopened(),
}

SECTION_L = """
from    | Queued | Taken | Transferred | ReturnedToBot | Closed | Reopened
bot     | queue  | open  | -           | -             | closed | -
queue   | -      | open  | -           | bot           | closed | -
open    | queue  | -     | open        | bot           | closed | -
closed  | -      | -     | -           | -             | -      | queue
(none)  | -      | -     | -           | -             | -      | -
"""


def edges() -> list[tuple[Situation | None, str, Situation | None]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in SECTION_L.strip().splitlines()]
    return [
        (None if row[0] == "(none)" else Situation(row[0]), name, None if to == "-" else Situation(to))
        for row in rows
        for name, to in zip(head[1:], row[1:], strict=True)
    ]


@pytest.mark.parametrize(("origin", "name", "to"), edges())
def test_each_edge_of_section_l(origin: Situation | None, name: str, to: Situation | None) -> None:
    """Every situation with every event: where it leads, or that it is refused, naming both. Rule: section L."""
    if to is not None:
        assert situation_after(origin, STEPS[name]) is to
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        situation_after(origin, STEPS[name])
    assert (refused.value.origin, refused.value.event) == (origin, name)


START: dict[str, Any] = {
    "contact": "ct_1",
    "channel": "wa",
    "address": Private("1"),
    "protocol": "1",
    "department": "sup",
}


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({}, Situation.QUEUE),
        ({"bot": True}, Situation.BOT),
        ({"assignee": "ana"}, Situation.OPEN),
        ({"bot": True, "assignee": "ana"}, Situation.OPEN),
    ],
)
def test_a_start_leads_to_bot_queue_or_open(changes: dict[str, Any], to: Situation) -> None:
    """OPEN when it names an assignee, BOT when the bot has it, else QUEUE. Rule: section L, L5."""
    started = Started(**START, **changes)
    assert situation_after(None, started) is to
    for origin in Situation:
        with pytest.raises(TransitionNotAllowed):
            situation_after(origin, started)


def test_a_reopening_that_names_an_assignee_opens() -> None:
    """From CLOSED only. Rule: section L, L4."""
    assert situation_after(Situation.CLOSED, Reopened(assignee="ana")) is Situation.OPEN
    for origin in (None, Situation.BOT, Situation.QUEUE, Situation.OPEN):
        with pytest.raises(TransitionNotAllowed):
            situation_after(origin, Reopened(assignee="ana"))


def test_only_the_events_of_the_table_move_a_conversation() -> None:
    """Any other event leads nowhere, whatever the situation. Rule: section L."""
    assert {event.__name__ for _, event in CONVERSATION} == {*STEPS, "Started"}
    added = MessageAdded(message=MSG, seq=1, direction=Direction.INBOUND)
    for origin in (None, *Situation):
        for event in (added, Claimed(lease_until=NOW)):
            with pytest.raises(TransitionNotAllowed):
                situation_after(origin, event)


# --- effects -------------------------------------------------------------------------------------------------

HAPPENINGS: dict[str, Any] = {
    "Intended": Intended(kind=EffectKind.SEND_MESSAGE, channel="wa", expires_at=NOW, due_at=NOW),
    "Claimed": Claimed(lease_until=NOW),
    "Postponed": Postponed(due_at=NOW),
    "Succeeded": Succeeded(),
    "Failed": Failed(detail="x"),
    "Cancelled": Cancelled(detail="x"),
    "Doubted": Doubted(due_at=NOW, detail="x"),
    "LookedUp": LookedUp(due_at=NOW),
    "LeftUnconfirmed": LeftUnconfirmed(),
    "SentToReview": SentToReview(),
    "Dismissed": Dismissed(),
    "StatusKept": StatusKept(report=kept(DeliveryStatus.SENT)),
    "EvidenceKept": EvidenceKept(finding="x"),
}

# Where an effect about a message goes; then, in MONEY, where one about money goes otherwise.
MESSAGE = {
    ("none", "Intended"): "intended",
    ("intended", "Claimed"): "in_flight",
    ("intended", "Cancelled"): "cancelled",
    ("intended", "Succeeded"): "succeeded",
    ("in_flight", "Succeeded"): "succeeded",
    ("in_flight", "Failed"): "failed",
    ("in_flight", "Postponed"): "intended",
    ("in_flight", "Doubted"): "unknown",
    ("unknown", "Succeeded"): "succeeded",
    ("unknown", "Failed"): "failed",
    ("unknown", "LookedUp"): "unknown",
    ("unknown", "Postponed"): "intended",
    ("unknown", "Claimed"): "in_flight",
    ("unknown", "LeftUnconfirmed"): "unconfirmed",
    ("review", "Succeeded"): "succeeded",
    ("review", "Failed"): "failed",
    ("unconfirmed", "Succeeded"): "succeeded",
    ("unconfirmed", "Dismissed"): "dismissed",
    ("dismissed", "Succeeded"): "succeeded",
    ("failed", "Succeeded"): "succeeded",
    ("cancelled", "Succeeded"): "succeeded",
}
MONEY = {
    ("unknown", "LeftUnconfirmed"): None,
    ("unknown", "SentToReview"): "review",
    ("failed", "Succeeded"): None,
    ("failed", "SentToReview"): "review",
    ("cancelled", "Succeeded"): None,
    ("cancelled", "SentToReview"): "review",
    ("succeeded", "SentToReview"): "review",
}
PAIRS = [(state, name) for state in ("none", *EffectState) for name in HAPPENINGS]


def check_edge(state: str, name: str, to: str | None, kind: EffectKind) -> None:
    origin = None if state == "none" else EffectState(state)
    if origin is not None and name in ("StatusKept", "EvidenceKept"):
        to = state
    if to is not None:
        assert effect_state_after(kind, origin, HAPPENINGS[name]) is EffectState(to)
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        effect_state_after(kind, origin, HAPPENINGS[name])
    assert (refused.value.origin, refused.value.event) == (origin, name)


MONEY_KINDS = (EffectKind.GRANT_BONUS, EffectKind.OPEN_ORDER)
OTHER_KINDS = tuple(kind for kind in EffectKind if kind not in MONEY_KINDS)


@pytest.mark.parametrize(("state", "name"), PAIRS)
def test_each_edge_of_an_effect_about_a_message(state: str, name: str) -> None:
    """Every state with every event, by the design's table; what is learnt besides changes no state.

    So it is with whatever else is not about money.
    """
    for kind in OTHER_KINDS:
        check_edge(state, name, MESSAGE.get((state, name)), kind)


@pytest.mark.parametrize(("state", "name"), PAIRS)
def test_each_edge_of_an_effect_about_money(state: str, name: str) -> None:
    """A doubt, a late success, and a second one end in REVIEW instead. Rule: B11."""
    for kind in MONEY_KINDS:
        check_edge(state, name, MONEY.get((state, name), MESSAGE.get((state, name))), kind)


def test_nothing_is_left_out() -> None:
    """The code's table has exactly the edges of the two above."""
    both = {**MESSAGE, **{edge: to for edge, to in MONEY.items() if to}}
    table = {("none" if a is None else a.value, event.__name__): to.value for (a, event), to in EFFECT.items()}
    assert table == both
    assert {event.__name__ for _, event in EFFECT} | {"StatusKept", "EvidenceKept"} == {*HAPPENINGS}


def test_bonuses_and_service_orders_are_money_like() -> None:
    """Nothing else is. Rule: B11."""
    assert frozenset(MONEY_KINDS) == MONEY_LIKE


@pytest.mark.parametrize("table", [CONVERSATION, EFFECT])
def test_the_tables_cannot_be_changed(table: Any) -> None:
    """They are data, and read-only."""
    edge, to = next(iter(table.items()))
    with pytest.raises(TypeError):
        table[edge] = to
    with pytest.raises(TypeError):
        del table[edge]
    assert not hasattr(table, "clear")


def test_a_span_is_no_event() -> None:
    """Anything that is not an event of the tables is refused like an event that is not."""
    with pytest.raises(TransitionNotAllowed):
        situation_after(Situation.BOT, timedelta(0))  # type: ignore[arg-type]
