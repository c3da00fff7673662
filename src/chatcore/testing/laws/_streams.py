"""What holds of the stream of one entity, whatever was done to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatcore.entities import Conversation, Effect, Message
from chatcore.events import (
    ActionRequested,
    ContactReplaced,
    ContractPinned,
    DepartmentChanged,
    Envelope,
    EvidenceKept,
    FieldsSet,
    MarkedRead,
    MessageAdded,
    ReasonSet,
    Reopened,
    Started,
    StatusKept,
    Tagged,
    Untagged,
)
from chatcore.evolve import evolve, fold
from chatcore.limits import TAGS
from chatcore.transitions import CONVERSATION, EFFECT
from chatcore.vocabulary import Direction, Ref, Situation

__all__ = ["check_stream"]


def check_stream(ref: Ref, state: Any, stream: tuple[Envelope, ...]) -> None:
    """Law: a stored state is the fold of its stream; versions have no gap; time never goes back (L12)."""
    versions = [envelope.version for envelope in stream]
    assert versions == list(range(1, len(stream) + 1)), f"the versions of {ref} have gaps, or repeat"
    assert fold(stream) == state, f"{ref} is not the fold of its events"
    assert (state.id, state.version) == (ref, len(stream))
    assert {envelope.ref for envelope in stream} == {ref}
    if isinstance(state, Conversation | Message) or (isinstance(state, Effect) and state.conversation):
        times = [envelope.recorded_at for envelope in stream]
        assert times == sorted(times), f"time goes back in {ref}"
    if isinstance(state, Conversation):
        _check_edges(stream, "situation", CONVERSATION)
        _check_talk(stream)
        assert len({*state.tags}) == len(state.tags) <= TAGS, "C5"
        added = [envelope.event.seq for envelope in stream if isinstance(envelope.event, MessageAdded)]
        assert added == list(range(1, state.seq + 1)), "seq has gaps (M4)"
        assert (state.situation is Situation.OPEN) is (state.assignee is not None), "L1"
        if state.situation is Situation.CLOSED:
            assert None not in (state.reason, state.closed_by, state.closed_at), "L2"
        protocols = {envelope.event.protocol for envelope in stream if isinstance(envelope.event, Started)}
        assert protocols == {state.protocol}, "L11"
    elif isinstance(state, Effect):
        _check_edges(stream, "state", EFFECT)


def _check_talk(stream: Iterable[Envelope]) -> None:
    """Law: only the customer's messages open the window and begin the waiting. Rule: M5, M12, L15.

    Here or in a conversation that closes for this one; only a person's answer ends the waiting. What was said
    by itself is listed once per opening. Rule: L20.
    """
    state: Any = None
    for envelope in stream:
        before, event = state, envelope.event
        state = evolve(state, envelope)
        if before is None:
            continue
        if isinstance(event, Reopened):
            assert state.talk.robot.said == ()
        said = state.talk.robot.said
        assert len({*said}) == len(said), "L20"
        inbound = isinstance(event, MessageAdded) and event.direction is Direction.INBOUND
        if isinstance(event, Reopened | ContactReplaced):
            windows = {event.window_until, before.window_until} - {None}
            assert state.window_until == max(windows, default=None), "M5"
        elif not inbound:
            assert state.window_until == before.window_until, "M5"
        if isinstance(event, ContactReplaced):
            waits = {event.waiting_since, before.waiting_since} - {None}
            assert state.waiting_since == min(waits, default=None), "L15"
            assert state.unread == before.unread + event.unread, "L23"
        elif not inbound:
            answered = isinstance(event, MessageAdded) and event.human
            assert state.waiting_since == (None if answered else before.waiting_since), "L15"
        else:
            assert state.waiting_since == (before.waiting_since or envelope.recorded_at), "L15"


_STILL = (
    ActionRequested,
    ContractPinned,
    MessageAdded,
    DepartmentChanged,
    ReasonSet,
    MarkedRead,
    Tagged,
    Untagged,
    FieldsSet,
    ContactReplaced,
    EvidenceKept,
    StatusKept,
)
"""Events that leave an entity where it stands."""


def _check_edges(stream: Iterable[Envelope], attribute: str, table: Any) -> None:
    """Law: every edge is in its table; what an assignee or a bot makes of a start is its own footnote."""
    state: Any = None
    for envelope in stream:
        event = envelope.event
        before = None if state is None else getattr(state, attribute)
        state = evolve(state, envelope)
        after = getattr(state, attribute)
        if isinstance(event, _STILL):
            assert after is before
            continue
        expected = table[before, type(event)]
        if isinstance(event, Started | Reopened) and event.assignee is not None:
            expected = Situation.OPEN
        elif isinstance(event, Started) and event.bot:
            expected = Situation.BOT
        assert after is expected, (before, event, after)
