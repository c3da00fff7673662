"""What is money-like is never applied twice and never lost silently: its settlement, cell by cell.

The tables are those of the design, typed out; what they say is compared for every nature of a port, and for
the business guard being free or in other hands.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.commands import ClaimEffect, Finding, FindingKind, RecordResult, SettleEffect, Withdraw
from chatcore.entities import Effect, Evidence, Nature
from chatcore.errors import EffectPending, LeaseLost, NotWithdrawable
from chatcore.events import Event, EvidenceKept, SentToReview
from chatcore.limits import DELIVERY_ATTEMPTS
from chatcore.rules import decide
from chatcore.rules.invariants import beside, claims_of, guard_claim
from chatcore.rules.reviewing import to_find_out
from chatcore.transitions import EFFECT, MONEY_LIKE, effect_state_after
from chatcore.vocabulary import EffectKind, EffectState
from tests.given import (
    ANA,
    EF,
    HOUR,
    LOOKS_UP,
    NATURES,
    NOW,
    REPEATS,
    REPORTS,
    SECOND,
    TICK,
    action,
    after,
    on_effect,
)

E, F, K = EffectState, FindingKind, EffectKind
KINDS = (K.GRANT_BONUS, K.OPEN_ORDER)
STATES = (E.INTENDED, E.IN_FLIGHT, E.UNKNOWN, E.SUCCEEDED, E.FAILED, E.CANCELLED, E.REVIEW)
FENCES = {"at the fence": 4, "overtaken": 3}
NAMES = {"known": "done.1", "other": "done.2", "unnamed": None}
RIVALS = {"free": None, "taken": action(K.GRANT_BONUS, E.SUCCEEDED, id="ef_2")}
ENDS = (E.FAILED, E.CANCELLED)

# A success, by the state it finds (where it succeeded it did as "done.1"), by whether the claim that brings it
# was overtaken, and by its name. "+": kept as evidence; ".": nothing at all.
SUCCESSES = """
          | at the fence                        | overtaken
state     | known     | other     | unnamed     | known       | other       | unnamed
intended  | succeeded | succeeded | succeeded   | succeeded   | succeeded   | succeeded
in_flight | succeeded | succeeded | succeeded   | in_flight + | in_flight + | in_flight +
unknown   | succeeded | succeeded | succeeded   | succeeded   | succeeded   | succeeded
succeeded | .         | review +  | .           | .           | review +    | .
failed    | review +  | review +  | review +    | review +    | review +    | review +
cancelled | review +  | review +  | review +    | review +    | review +    | review +
review    | review +  | review +  | review +    | review +    | review +    | review +
"""

# Every other finding, at the fence; "-" is LeaseLost. A look-up that finds nothing is inside the horizon here.
OTHERS = """
state     | refused     | not_done    | doubt   | absent  | overdue
intended  | intended +  | intended +  | -       | -       | -
in_flight | failed      | intended    | unknown | unknown | unknown
unknown   | failed      | unknown     | unknown | unknown | review
succeeded | succeeded + | succeeded + | -       | -       | -
failed    | failed +    | failed +    | -       | -       | -
cancelled | cancelled + | cancelled + | -       | -       | -
review    | review +    | review +    | -       | -       | -
"""


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]


def expected() -> dict[tuple[EffectState, FindingKind, str, str], str]:
    """What the tables say, by state, finding, fence and name."""
    cells: dict[tuple[EffectState, FindingKind, str, str], str] = {}
    _, names, *successes = rows(SUCCESSES)
    columns = list(itertools.product(FENCES, NAMES))
    assert names[1:] == [name for _, name in columns]
    for state, *row in successes:
        for (fence, name), cell in zip(columns, row, strict=True):
            cells[E(state), F.DONE, fence, name] = cell
    head, *others = rows(OTHERS)
    for state, *row in others:
        for finding, cell, name in (
            (F(column), cell, name) for (column, cell) in zip(head[1:], row, strict=True) for name in NAMES
        ):
            cells[E(state), finding, "at the fence", name] = cell
            # Who was overtaken settles nothing: what says something is kept, what says nothing is dropped.
            says = finding in (F.REFUSED, F.NOT_DONE)
            cells[E(state), finding, "overtaken", name] = f"{state} +" if says else "-"
    return cells


EXPECTED = expected()


def test_no_combination_is_left_out() -> None:
    """Kinds, states, findings, fences, names, guards and natures, each with each: 4,032 in all. Rule: B11."""
    assert set(KINDS) == MONEY_LIKE
    assert EXPECTED.keys() == set(itertools.product(STATES, F, FENCES, NAMES))
    assert len(EXPECTED) == 252
    assert len(KINDS) * len(EXPECTED) * len(RIVALS) * len(NATURES) == 4032


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_money_like_is_never_left_unconfirmed(kind: EffectKind) -> None:
    """No event leads there, so the tables name every state there is. Rule: B11, the design."""
    for origin, event in EFFECT:
        try:
            to = effect_state_after(kind, origin, blank(event))
        except Exception:
            continue
        assert to in STATES or origin not in (*STATES, None)


def blank(event: type[Event]) -> Event:
    """An event of this type; what it says does not matter to where it leads."""
    return event.__new__(event)


def asked(kind: EffectKind, state: EffectState, **changes: Any) -> Effect:
    return action(kind, state, **changes)


def settled(
    effect: Effect,
    kind: FindingKind,
    reference: str | None = None,
    nature: Nature = REPORTS,
    fence: int | None = None,
    **facts: Any,
) -> Any:
    """The decision that a finding leads to; at the fence, unless said otherwise."""
    finding = Finding(kind=kind, reference=reference, detail=None if kind is F.DONE else "why")
    told = on_effect(effect, nature=nature, **facts)
    return decide(SettleEffect(EF, effect.fence if fence is None else fence, finding), told)


def then(effect: Effect, decision: Any, **at: Any) -> Effect:
    """The effect after a decision, which is about nothing else."""
    assert {ref for ref, _ in decision} <= {EF}
    changed: Effect = after(effect, *[event for _, event in decision], **at)
    return changed


def guard_of(effect: Effect) -> tuple[str, ...]:
    guard = guard_claim(effect.demand)
    return () if guard is None else (guard,)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("finding", F)
@pytest.mark.parametrize("state", STATES)
def test_each_finding_in_each_state(kind: EffectKind, finding: FindingKind, state: EffectState) -> None:
    """At the fence and overtaken, under every name, with the guard free or taken, for every nature.

    Rule: B11, the design
    """
    for fence, name, guard, nature in itertools.product(FENCES, NAMES, RIVALS, NATURES):
        cell = EXPECTED[state, finding, fence, name]
        had = RIVALS[guard] is None or state not in (E.SUCCEEDED, E.REVIEW)
        before = asked(kind, state, guarded=had)
        facts = {"nature": nature, "fence": FENCES[fence], "rival": RIVALS[guard]}
        if cell == "-":
            with pytest.raises(LeaseLost):
                settled(before, finding, NAMES[name], **facts)
            continue
        decision = settled(before, finding, NAMES[name], **facts)
        if cell == ".":
            assert decision == ()
            continue
        to, *kept = cell.split()
        now = then(before, decision)
        assert now.state is E(to)
        assert [(e.finding, e.reference) for e in now.evidence] == (
            [("done" if finding is F.DONE else f"{finding}:why", NAMES[name])] if kept else []
        )
        if to == "succeeded" and state is not E.SUCCEEDED:
            assert now.reference == NAMES[name]
        # Free where it failed or is cancelled; where another has it by now, there is a place beside it.
        lost = not had or (state in ENDS and RIVALS[guard] is not None)
        held = tuple(map(beside, guard_of(before))) if lost else guard_of(before)
        assert claims_of(now) == (() if E(to) in ENDS else held)


@pytest.mark.parametrize("finding", [F.DONE, F.REFUSED, F.NOT_DONE])
@pytest.mark.parametrize("state", STATES)
def test_the_same_finding_again_says_nothing_new(state: EffectState, finding: FindingKind) -> None:
    """A reply that is delivered twice is one reply. Once it is behind the fence it is kept once. Rule: B11."""
    for kind, fence, name in itertools.product(KINDS, FENCES, NAMES):
        facts: dict[str, Any] = {"reference": NAMES[name], "fence": FENCES[fence]}
        there = asked(kind, state)
        there = then(there, settled(there, finding, **facts))
        again = settled(there, finding, **facts)
        if finding is F.DONE or there.evidence:
            assert again == ()
            continue
        assert [type(event) for _, event in again] == [EvidenceKept]
        assert settled(then(there, again), finding, **facts) == ()


# --- the attempts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nature", NATURES, ids=str)
@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"attempts": 1}, E.INTENDED),
        ({"attempts": DELIVERY_ATTEMPTS - 1}, E.INTENDED),
        ({"attempts": DELIVERY_ATTEMPTS}, E.FAILED),
        ({"expires_at": NOW + SECOND}, E.FAILED),
        ({"attempts": DELIVERY_ATTEMPTS, "unresolved": True}, E.UNKNOWN),
        ({"expires_at": NOW + SECOND, "unresolved": True}, E.UNKNOWN),
    ],
    ids=[
        "first",
        "last but one",
        "last",
        "too late",
        "last, an earlier in doubt",
        "too late, an earlier in doubt",
    ],
)
def test_what_was_certainly_not_done_is_tried_again(
    kind: EffectKind, nature: Nature, changes: dict[str, Any], state: EffectState
) -> None:
    """With the same key, until the last attempt: then it failed, or is in doubt if an earlier one is.

    Rule: B11, the design
    """
    before = asked(kind, E.IN_FLIGHT, **changes)
    now = then(before, settled(before, F.NOT_DONE, nature=nature))
    assert (now.state, now.id) == (state, EF)
    assert claims_of(now) == (() if state is E.FAILED else guard_of(before))
    assert (now.due_at is None) is (state is E.FAILED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nature", NATURES, ids=str)
@pytest.mark.parametrize(
    ("since", "attempts", "state"),
    [
        (timedelta(0), 1, E.UNKNOWN),
        (LOOKS_UP.horizon - TICK, 1, E.UNKNOWN),
        (LOOKS_UP.horizon, 1, E.INTENDED),
        (LOOKS_UP.horizon + HOUR, DELIVERY_ATTEMPTS - 1, E.INTENDED),
        (LOOKS_UP.horizon, DELIVERY_ATTEMPTS, E.FAILED),
    ],
)
def test_absent_too_early_settles_nothing(
    kind: EffectKind, nature: Nature, since: timedelta, attempts: int, state: EffectState
) -> None:
    """A call may still be on its way: until the horizon is over, absent leaves the doubt. Then it was not done.

    For a port that looks nothing up it is never final. Rule: B11, the design
    """
    before = asked(kind, E.UNKNOWN, doubted_at=NOW - since, attempts=attempts)
    now = then(before, settled(before, F.ABSENT, nature=nature))
    assert now.state is (state if nature == LOOKS_UP else E.UNKNOWN)
    assert now.id == EF
    assert claims_of(now) == (() if now.state is E.FAILED else guard_of(before))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nature", NATURES, ids=str)
def test_a_doubt_that_nothing_resolves_ends_in_review(kind: EffectKind, nature: Nature) -> None:
    """A second person must look; the guard is held until they have. Rule: B11, the design."""
    before = asked(kind, E.UNKNOWN)
    now = then(before, settled(before, F.OVERDUE, nature=nature))
    assert (now.state, now.due_at) == (E.REVIEW, None)
    assert claims_of(now) == guard_of(before)
    assert to_find_out(now) == ("was_it_applied",)


# --- several successes ---------------------------------------------------------------------------------------


def overtaken(kind: EffectKind, *names: str | None) -> Effect:
    """On its way, claimed for the second time, after the first claimer said it had been applied."""
    there = asked(kind, E.IN_FLIGHT, attempts=2)
    for name in names:
        there = then(there, settled(there, F.DONE, name, fence=3))
    assert there.state is E.IN_FLIGHT
    return there


@pytest.mark.parametrize("kind", KINDS)
def test_two_claims_that_name_the_same_are_one_success(kind: EffectKind) -> None:
    """The outside did it once and told both. Rule: B11."""
    there = overtaken(kind, "done.1")
    now = then(there, settled(there, F.DONE, "done.1"))
    assert (now.state, now.reference) == (E.SUCCEEDED, "done.1")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [("done.1", "done.2"), ("done.2", "done.1")])
@pytest.mark.parametrize("how", ["settled", "reported", "overtaken first"])
def test_two_successes_under_different_names_go_to_review(
    kind: EffectKind, names: tuple[str, str], how: str
) -> None:
    """Whoever brings which, in either order: both names are known to who looks. Rule: B11, the design."""
    first, second = names
    if how == "overtaken first":
        there = overtaken(kind, first)
    else:
        there = asked(kind, E.IN_FLIGHT)
        there = then(there, settled(there, F.DONE, first))
        assert there.state is E.SUCCEEDED
    told = (
        decide(RecordResult(effect=EF, applied=True, reference=second), on_effect(there))
        if how == "reported"
        else settled(there, F.DONE, second, fence=4)
    )
    now = then(there, told)
    assert now.state is E.REVIEW
    assert {now.reference, *(e.reference for e in now.evidence)} - {None} == {"done.1", "done.2"}
    assert to_find_out(now) == ("was_it_applied_twice",)
    assert claims_of(now) == guard_of(there)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [("done.1", None), (None, "done.1")], ids=["named first", "unnamed first"])
def test_a_success_without_a_name_is_no_second_one(
    kind: EffectKind, names: tuple[str | None, str | None]
) -> None:
    """A callback that names nothing and the reply that does tell of one thing, in either order. Rule: B11."""
    there = asked(kind, E.IN_FLIGHT)
    for name in names:
        there = then(there, settled(there, F.DONE, name, fence=4))
    assert there.state is E.SUCCEEDED
    assert "done.1" in {there.reference, *(e.reference for e in there.evidence)}
    another = then(there, settled(there, F.DONE, "done.2", fence=4))
    assert another.state is E.REVIEW


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_a_person_has_judged_is_not_asked_about_again(kind: EffectKind) -> None:
    """Settled as not applied, told the same again: nothing; another name is a new question. Rule: B11."""
    judged = asked(kind, E.FAILED, evidence=(Evidence(NOW - HOUR, "done", "done.1"),))
    assert settled(judged, F.DONE, "done.1") == ()
    assert then(judged, settled(judged, F.DONE, "done.2")).state is E.REVIEW


# --- what was applied is not lost ----------------------------------------------------------------------------

NOT_FOUND_OUT = [
    (finding, nature, attempts)
    for finding in (F.REFUSED, F.NOT_DONE, F.DOUBT, F.ABSENT, F.OVERDUE)
    for nature in NATURES
    for attempts in (2, DELIVERY_ATTEMPTS)
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("finding", "nature", "attempts"), NOT_FOUND_OUT, ids=str)
def test_what_an_overtaken_claim_applied_is_not_lost_by_the_next(
    kind: EffectKind, finding: FindingKind, nature: Nature, attempts: int
) -> None:
    """It never counts as failed, is never sent out anew or taken back, and its guard is never free.

    The claim that goes on was refused, did nothing or knows nothing: the other one's success is a fact all the
    same. Rule: B11, the design.
    """
    there = asked(kind, E.IN_FLIGHT, attempts=attempts)
    there = then(there, settled(there, F.DONE, "done.1", fence=3))
    now = then(there, settled(there, finding, nature=nature))
    assert now.state in (E.SUCCEEDED, E.REVIEW, E.UNKNOWN)
    assert "done.1" in {now.reference, *(e.reference for e in now.evidence)}
    assert claims_of(now) == guard_of(there)
    with pytest.raises(NotWithdrawable):
        decide(Withdraw(EF), on_effect(now, ANA))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nature", NATURES, ids=str)
@pytest.mark.parametrize("finding", [F.REFUSED, F.ABSENT])
def test_what_was_applied_and_is_in_doubt_is_not_lost_by_a_look_up(
    kind: EffectKind, nature: Nature, finding: FindingKind
) -> None:
    """A look-up that contradicts a success known already leaves it to a person. Rule: B11, the design."""
    there = asked(
        kind,
        E.UNKNOWN,
        attempts=2,
        doubted_at=NOW - LOOKS_UP.horizon - HOUR,
        evidence=(Evidence(NOW - HOUR, "done", "done.1"),),
    )
    now = then(there, settled(there, finding, nature=nature))
    assert now.state in (E.SUCCEEDED, E.REVIEW, E.UNKNOWN)
    assert claims_of(now) == guard_of(there)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", [E.IN_FLIGHT, E.UNKNOWN])
def test_what_was_applied_is_not_lost_by_a_callback_that_says_refused(
    kind: EffectKind, state: EffectState
) -> None:
    """Both were said, so a person must see. Rule: B11, the design."""
    there = asked(kind, state, attempts=2, evidence=(Evidence(NOW - HOUR, "done", "done.1"),))
    command = RecordResult(effect=EF, applied=False, failure="limit")
    now = then(there, decide(command, on_effect(there)))
    assert now.state in (E.SUCCEEDED, E.REVIEW)
    assert claims_of(now) == guard_of(there)


# What may be said of an effect: by who claims it, by who was overtaken, by the outside; or it is claimed.
SAID: tuple[tuple[str, Any, str | None], ...] = (
    *(("at the fence", F.DONE, name) for name in ("done.1", "done.2", None)),
    *(("at the fence", finding, None) for finding in F if finding is not F.DONE),
    *(("overtaken", F.DONE, name) for name in ("done.1", "done.2")),
    ("overtaken", F.REFUSED, None),
    *(("report", True, name) for name in ("done.1", "done.2")),
    ("report", False, None),
    ("claim", None, None),
)


class Story:
    """An effect, and what was told of it so far: what must hold of it is asked after each step."""

    def __init__(self, effect: Effect, nature: Nature) -> None:
        self.effect, self.nature, self.now = effect, nature, NOW
        self.names: frozenset[str | None] = frozenset()
        self.is_applied = False

    def told(self, what: str, finding: Any, name: str | None) -> Story:
        """The story one step on, some minutes later."""
        on = Story(self.effect, self.nature)
        on.now = self.now + timedelta(minutes=4)
        on.names, on.is_applied = self.names, self.is_applied
        try:
            decision = self._decision(what, finding, name, on.now)
        except (LeaseLost, EffectPending):
            return on
        if what == "claim" and self.is_applied:
            assert self.nature == REPEATS  # It is told again only to a port that does it once all the same.
        on.effect = then(self.effect, decision, at=on.now)
        if finding in (F.DONE, True):
            on.is_applied = True
            on.names |= {name} - {None}
        on.check()
        return on

    def _decision(self, what: str, finding: Any, name: str | None, now: datetime) -> Any:
        facts: dict[str, Any] = {"nature": self.nature, "now": now}
        if what == "claim":
            return decide(ClaimEffect(EF), on_effect(self.effect, **facts))
        if what == "report":
            command = RecordResult(effect=EF, applied=finding, reference=name)
            return decide(command, on_effect(self.effect, **facts))
        fence = self.effect.fence if what == "at the fence" else self.effect.fence - 1
        return settled(self.effect, finding, name, fence=fence, **facts)

    def check(self) -> None:
        """What must hold, whatever was told in whatever order."""
        effect = self.effect
        assert claims_of(effect) == (() if effect.state in ENDS else guard_of(effect))
        if self.is_applied:
            assert effect.state not in ENDS
            assert effect.state is not E.INTENDED or effect.unresolved
            assert self.names <= {effect.reference, *(e.reference for e in effect.evidence)}
        if len(self.names) > 1:
            assert effect.state in (E.REVIEW, E.IN_FLIGHT, E.UNKNOWN)


@pytest.mark.parametrize("nature", NATURES, ids=str)
def test_a_success_is_never_lost_in_any_story_of_three_steps(nature: Nature) -> None:
    """Once told, it stands or a person sees it; two names are always seen; the guard is held. All 3,375 ways.

    Rule: B11, the design
    """
    started = Story(asked(K.GRANT_BONUS, E.IN_FLIGHT, attempts=2), nature)
    stories = [started]
    for _ in range(3):
        stories = [story.told(*said) for story in stories for said in SAID]
    assert len(SAID) == 15
    assert len(stories) == 3375


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    state=st.sampled_from((E.INTENDED, E.IN_FLIGHT, E.UNKNOWN)),
    nature=st.sampled_from(NATURES),
    story=st.lists(st.sampled_from(SAID), min_size=4, max_size=20),
)
def test_a_success_is_never_lost_in_long_stories(
    kind: EffectKind, state: EffectState, nature: Nature, story: list[Any]
) -> None:
    """The same, from every beginning and for both kinds. Rule: B11, the design."""
    on = Story(asked(kind, state), nature)
    for said in story:
        on = on.told(*said)


def test_going_to_review_says_whether_the_guard_is_its_own() -> None:
    """Where another has the guard by now, there may be two bonuses, and a person is told so. Rule: B11."""
    for state in ENDS:
        before = asked(K.GRANT_BONUS, state)
        for rival in RIVALS.values():
            (_, kept), (_, sent) = settled(before, F.DONE, "done.1", rival=rival)
            assert isinstance(kept, EvidenceKept)
            assert sent == SentToReview(guarded=rival is None)
            asks = to_find_out(after(before, kept, sent))
            assert ("which_one_counts" in asks) is (rival is not None)
