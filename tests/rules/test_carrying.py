"""Carrying out effects: the complete table of the design, cell by cell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import ClaimEffect, Finding, FindingKind, SettleEffect
from chatcore.entities import Extras, LooksUpByKey, Media, MediaCapability, Nature, Policies, RepeatsByKey
from chatcore.errors import EffectPending, LeaseLost
from chatcore.events import (
    Cancelled,
    Claimed,
    Doubted,
    EvidenceKept,
    Failed,
    LeftUnconfirmed,
    LookedUp,
    MediaLost,
    MediaStored,
    MessageAccepted,
    MessageDoubted,
    MessageNotSent,
    Postponed,
    StatusReported,
    Succeeded,
)
from chatcore.limits import CLAIM_LEASE, DELIVERY_ATTEMPTS, DOUBT_DEADLINE, FIRST_RETRY, LONGEST_RETRY
from chatcore.rules import decide
from chatcore.rules.steps import Step, next_step
from chatcore.transitions import MONEY_LIKE
from chatcore.vocabulary import DeliveryStatus, EffectKind, EffectState, MessageKind, Private, Situation
from tests.given import (
    BOLETO,
    CT,
    DAY,
    EF,
    HOUR,
    LOOKS_UP,
    MSG,
    NATURES,
    NOW,
    ONCE,
    PICTURE,
    REPEATS,
    REPORTS,
    SECOND,
    TICK,
    action,
    after,
    blocked_contact,
    capabilities,
    changed,
    contact,
    conversation,
    customer_contact,
    effect,
    fetching,
    inbound,
    inner,
    keeper,
    kept,
    on_effect,
    outbound,
    picture,
    stocked,
    workspace,
)

E, F = EffectState, FindingKind
NAMES = {REPEATS: "repeats", LOOKS_UP: "looks up", REPORTS: "reports", ONCE: "once"}
NATURE = pytest.mark.parametrize("nature", NATURES, ids=NAMES.get)


def claimed(effect_: Any, nature: Nature = REPORTS, **facts: Any) -> Any:
    return decide(ClaimEffect(EF), on_effect(effect_, nature=nature, **facts))


def settled(
    effect_: Any, finding: Finding | FindingKind, nature: Nature = REPORTS, fence: int = 4, **facts: Any
) -> Any:
    found = finding if isinstance(finding, Finding) else Finding(kind=finding, detail="why")
    return decide(SettleEffect(EF, fence, found), on_effect(effect_, nature=nature, **facts))


def kinds(decision: Any) -> str:
    return " ".join(type(event).__name__ for _, event in decision)


def state_after(effect_: Any, decision: Any) -> EffectState:
    state: EffectState = after(effect_, *[event for ref, event in decision if ref == EF]).state
    return state


# --- the claim -----------------------------------------------------------------------------------------------

# What claiming leads to, by state and nature, when it is due and nothing hinders; "-" is EffectPending.
CLAIMS = """
state       | repeats | looks up | reports | once
intended    | Claimed | Claimed  | Claimed | Claimed
in_flight   | -       | -        | -       | -
unknown     | Claimed | -        | -       | -
succeeded   | -       | -        | -       | -
failed      | -       | -        | -       | -
cancelled   | -       | -        | -       | -
unconfirmed | -       | -        | -       | -
dismissed   | -       | -        | -       | -
review      | -       | -        | -       | -
"""


def table(text: str) -> list[tuple[str, str, str]]:
    head, *rows = [[c.strip() for c in line.split("|")] for line in text.strip().splitlines()]
    return [(row[0], name, cell) for row in rows for name, cell in zip(head[1:], row[1:], strict=True)]


BY_NAME = {name: nature for nature, name in NAMES.items()}


@pytest.mark.parametrize(("state", "nature", "cell"), table(CLAIMS))
def test_each_state_at_the_claim(state: str, nature: str, cell: str) -> None:
    """Only what is intended, or repeats safely by key, is taken in hand; the lease begins. Rule: the design."""
    before = effect(E(state))
    if cell == "-":
        with pytest.raises(EffectPending) as pending:
            claimed(before, BY_NAME[nature])
        assert pending.value.effect == EF
        return
    decision = claimed(before, BY_NAME[nature])
    assert decision == ((EF, Claimed(lease_until=NOW + CLAIM_LEASE)),)
    assert state_after(before, decision) is E.IN_FLIGHT


def test_the_claim_table_names_every_state() -> None:
    """None is left out."""
    assert {state for state, _, _ in table(CLAIMS)} == {*E}


@NATURE
@pytest.mark.parametrize("state", [E.INTENDED, E.UNKNOWN])
def test_nothing_is_claimed_before_it_is_due(state: EffectState, nature: Nature) -> None:
    """Due exactly at its moment."""
    with pytest.raises(EffectPending):
        claimed(effect(state, due_at=NOW + TICK), nature)


def test_a_lane_is_kept_by_its_head() -> None:
    """A later one waits while an earlier one is intended or in flight; alone or laneless it goes. Rule: M20."""
    mine = effect(position=5)
    for earlier in (effect(id="ef_0", position=4), effect(E.IN_FLIGHT, id="ef_0", position=4)):
        with pytest.raises(EffectPending):
            claimed(mine, head=earlier)
        with pytest.raises(EffectPending):
            claimed(effect(E.UNKNOWN, position=5), RepeatsByKey(DAY), head=earlier)
    assert claimed(mine, head=mine)
    assert claimed(mine, head=effect(id="ef_9", position=6))
    assert claimed(mine, head=None)
    assert claimed(effect(lane=None), head=None)


HINDRANCES = [
    pytest.param({"expires_at": NOW}, {}, "expired", id="expired"),
    pytest.param({}, {"contact": blocked_contact()}, "contact_blocked", id="blocked"),
    pytest.param({}, {"conversation": conversation(window_until=NOW)}, "window_closed", id="window shut"),
    pytest.param({}, {"conversation": None}, "window_closed", id="no window known"),
    pytest.param({"expires_at": NOW}, {"contact": blocked_contact()}, "expired", id="two at once"),
]


@NATURE
@pytest.mark.parametrize(("changes", "facts", "code"), HINDRANCES)
def test_what_must_not_go_is_cancelled_at_its_claim(
    changes: Any, facts: Any, code: str, nature: Nature
) -> None:
    """Expired, blocked, window shut: it ends, and its message says why. Rule: M5, M13, L21."""
    before = effect(**changes)
    decision = claimed(before, nature, **facts)
    assert decision == ((EF, Cancelled(detail=code)), (MSG, MessageNotSent(detail=code)))
    assert state_after(before, decision) is E.CANCELLED


@pytest.mark.parametrize(("changes", "facts", "code"), HINDRANCES)
def test_a_doubt_that_must_not_go_again_is_left_to_a_person(changes: Any, facts: Any, code: str) -> None:
    """It may have gone already, so it is not cancelled. Rule: M2, the design."""
    before = effect(E.UNKNOWN, **changes)
    decision = claimed(before, REPEATS, **facts)
    assert decision == ((EF, LeftUnconfirmed()), (MSG, MessageDoubted()))
    assert state_after(before, decision) is E.UNCONFIRMED


def postponed(**changes: Any) -> Any:
    """An effect whose earlier attempt is still in doubt, and that a later one could not resolve."""
    return effect(unresolved=True, **{"attempts": 2, "dispatched_at": NOW - 60 * SECOND, **changes})


@pytest.mark.parametrize(("changes", "facts", "code"), HINDRANCES)
def test_an_unresolved_attempt_is_not_cancelled(changes: Any, facts: Any, code: str) -> None:
    """An earlier attempt may have gone, so it goes back in doubt, due at once."""
    before = postponed(**changes)
    decision = claimed(before, REPEATS, **facts)
    assert decision == ((EF, Claimed(lease_until=NOW)), (EF, Doubted(due_at=NOW, detail=code)))
    assert state_after(before, decision) is E.UNKNOWN


FORGOTTEN = {"dispatched_at": NOW - REPEATS.retention + CLAIM_LEASE - TICK}


@pytest.mark.parametrize(
    ("changes", "nature"),
    [
        (FORGOTTEN, REPEATS),
        ({"attempts": DELIVERY_ATTEMPTS}, REPEATS),
        ({}, LOOKS_UP),
        ({}, REPORTS),
        ({}, ONCE),
    ],
    ids=["forgotten", "exhausted", "looks up", "reports", "once"],
)
def test_an_unresolved_attempt_is_not_repeated_where_that_is_not_safe(changes: Any, nature: Nature) -> None:
    """Postponed past the retention, or to a port that does not repeat: back in doubt, due at once.

    Rule: M2, B11, the design
    """
    before = postponed(**changes)
    decision = claimed(before, nature)
    assert decision == (
        (EF, Claimed(lease_until=NOW)),
        (EF, Doubted(due_at=NOW, detail="not_repeatable")),
    )
    doubt = after(before, *[event for _, event in decision])
    assert (doubt.state, doubt.unresolved) == (E.UNKNOWN, True)
    assert next_step(doubt, nature, NOW) is not Step.CLAIM
    assert claimed(changed(before, unresolved=False), nature)[0] == (EF, Claimed(lease_until=NOW + CLAIM_LEASE))


def test_an_unresolved_attempt_is_repeated_by_key() -> None:
    """As long as a whole lease fits into what is left of the retention; its wait changed nothing about that."""
    claims = ((EF, Claimed(lease_until=NOW + CLAIM_LEASE)),)
    assert claimed(postponed(), REPEATS) == claims
    assert claimed(postponed(dispatched_at=FORGOTTEN["dispatched_at"] + TICK), REPEATS) == claims
    assert claimed(fetching(unresolved=True, attempts=1, dispatched_at=NOW - HOUR), OURS) == claims


@pytest.mark.parametrize(
    "who", [None, contact(), contact(customer="c2")], ids=["nobody", "unlinked", "another"]
)
def test_what_was_issued_goes_to_its_customer_only(who: Any) -> None:
    """Asked again at the claim: a contact that is linked to somebody else meanwhile gets nothing. Rule: B2."""
    issued = outbound(kind=MessageKind.DOCUMENT, extras=Extras(media=Media(attachment=BOLETO), customer="c1"))
    assert kinds(claimed(effect(), message=issued, contact=customer_contact())) == "Claimed"
    decision = claimed(effect(), message=issued, contact=who)
    assert decision == ((EF, Cancelled(detail="unlinked")), (MSG, MessageNotSent(detail="unlinked")))
    doubt = claimed(effect(E.UNKNOWN), REPEATS, message=issued, contact=who)
    assert doubt == ((EF, LeftUnconfirmed()), (MSG, MessageDoubted()))


def test_a_channel_without_a_window_hinders_nothing() -> None:
    """Rule: M5."""
    facts = {"conversation": conversation(window_until=None), "capabilities": capabilities(window=None)}
    assert kinds(claimed(effect(), **facts)) == "Claimed"


def test_a_message_that_is_gone_is_no_obstacle() -> None:
    """Contact and message may be missing from the facts; what is decided is about the effect alone."""
    assert claimed(effect(expires_at=NOW), message=None, contact=None) == ((EF, Cancelled(detail="expired")),)
    assert claimed(effect(E.UNKNOWN, expires_at=NOW), REPEATS, message=None) == ((EF, LeftUnconfirmed()),)
    assert kinds(claimed(effect(), contact=None)) == "Claimed"


def test_a_kept_status_ends_when_its_time_is_over() -> None:
    """It waits for its message, and is cancelled at its expiry. Rule: M3."""
    waiting = keeper(kept(DeliveryStatus.SENT))
    command = ClaimEffect(waiting.id)
    with pytest.raises(EffectPending):
        decide(command, on_effect(waiting))
    over = changed(waiting, expires_at=NOW, due_at=NOW)
    assert decide(command, on_effect(over)) == ((over.id, Cancelled(detail="expired")),)
    early = changed(waiting, due_at=NOW)
    assert kinds(decide(command, on_effect(early))) == "Claimed"


# --- repeating by key ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "nature", "repeats"),
    [
        ({}, REPEATS, True),
        ({"attempts": DELIVERY_ATTEMPTS - 1}, REPEATS, True),
        ({"attempts": DELIVERY_ATTEMPTS}, REPEATS, False),
        ({"dispatched_at": NOW - REPEATS.retention + CLAIM_LEASE}, REPEATS, True),
        ({"dispatched_at": NOW - REPEATS.retention + CLAIM_LEASE - TICK}, REPEATS, False),
        ({"dispatched_at": None}, REPEATS, False),
        ({}, RepeatsByKey(timedelta.max), True),
    ],
    ids=["fresh", "last but one", "exhausted", "just retained", "forgotten", "never tried", "kept for ever"],
)
def test_a_doubt_repeats_by_key_while_the_key_is_known(changes: Any, nature: Nature, repeats: bool) -> None:
    """For the port's retention after the first try, and a bounded number of times; then a person sees it.

    The call may come as late as the lease ends, so that has to lie within the retention.
    """
    doubt = effect(E.UNKNOWN, **changes)
    assert next_step(doubt, nature, NOW) is (Step.CLAIM if repeats else Step.GIVE_UP)
    if repeats:
        assert kinds(claimed(doubt, nature)) == "Claimed"
        return
    with pytest.raises(EffectPending):
        claimed(doubt, nature)


# --- what is to be done now ----------------------------------------------------------------------------------

STEPS = """
state       | repeats | looks up | reports | once
intended    | claim   | claim    | claim   | claim
in_flight   | expire  | expire   | expire  | expire
unknown     | claim   | look_up  | give_up | give_up
succeeded   | wait    | wait     | wait    | wait
failed      | wait    | wait     | wait    | wait
cancelled   | wait    | wait     | wait    | wait
unconfirmed | wait    | wait     | wait    | wait
dismissed   | wait    | wait     | wait    | wait
review      | wait    | wait     | wait    | wait
"""


@pytest.mark.parametrize(("state", "nature", "step"), table(STEPS))
def test_each_state_has_its_next_step(state: str, nature: str, step: str) -> None:
    """What a worker does about an effect that is due; before that, and after its end, nothing."""
    due = effect(E(state), due_at=NOW)
    assert next_step(due, BY_NAME[nature], NOW) is Step(step)
    assert next_step(due, BY_NAME[nature], NOW - TICK) is Step.WAIT
    assert next_step(changed(due, due_at=None), BY_NAME[nature], NOW) is Step.WAIT


@pytest.mark.parametrize(
    ("since", "asks", "step"),
    [
        (timedelta(0), True, Step.LOOK_UP),
        (LOOKS_UP.horizon + DOUBT_DEADLINE - TICK, True, Step.LOOK_UP),
        (LOOKS_UP.horizon + DOUBT_DEADLINE, True, Step.GIVE_UP),
        (timedelta(0), False, Step.GIVE_UP),
    ],
)
def test_looking_up_ends_some_time_after_the_horizon(since: timedelta, asks: bool, step: Step) -> None:
    """And is not begun where the adapter offers none; then a person sees the doubt."""
    assert next_step(effect(E.UNKNOWN, doubted_at=NOW - since), LOOKS_UP, NOW, asks=asks) is step


def test_a_doubt_of_unknown_age_is_as_old_as_its_last_event() -> None:
    """Its horizon runs from there."""
    old = effect(E.UNKNOWN, doubted_at=None, recorded_at=NOW - HOUR)
    assert next_step(old, LOOKS_UP, NOW) is Step.GIVE_UP
    assert next_step(changed(old, recorded_at=NOW), LOOKS_UP, NOW) is Step.LOOK_UP


def test_a_horizon_may_be_endless() -> None:
    """A port that never says "absent for good" is asked again and again."""
    assert next_step(effect(E.UNKNOWN), LooksUpByKey(timedelta.max), NOW) is Step.LOOK_UP


# --- the settlement ------------------------------------------------------------------------------------------

# At the fence: what each finding leads to in each state; "-" is LeaseLost, "." nothing at all. Where the nature
# or the moment makes a difference there is a test of its own below.
SETTLEMENTS = """
state       | done         | refused      | not_done     | doubt    | absent   | overdue
intended    | Succeeded    | EvidenceKept | EvidenceKept | -        | -        | -
in_flight   | Succeeded    | Failed       | Postponed    | Doubted  | Doubted  | Doubted
unknown     | Succeeded    | Failed       | LookedUp     | LookedUp | LookedUp | LeftUnconfirmed
succeeded   | EvidenceKept | EvidenceKept | EvidenceKept | -        | -        | -
failed      | Succeeded    | EvidenceKept | EvidenceKept | -        | -        | -
cancelled   | Succeeded    | EvidenceKept | EvidenceKept | -        | -        | -
unconfirmed | Succeeded    | EvidenceKept | EvidenceKept | -        | -        | -
dismissed   | Succeeded    | EvidenceKept | EvidenceKept | -        | -        | -
review      | EvidenceKept | EvidenceKept | EvidenceKept | -        | -        | -
"""
# Behind the fence: the state does not matter, but for a success, which is a fact whoever brings it.
STALE = {"refused": "EvidenceKept", "not_done": "EvidenceKept", "doubt": "-", "absent": "-", "overdue": "-"}
LEADS_TO = {
    "Succeeded": E.SUCCEEDED,
    "Failed": E.FAILED,
    "Postponed": E.INTENDED,
    "Doubted": E.UNKNOWN,
    "LookedUp": E.UNKNOWN,
    "LeftUnconfirmed": E.UNCONFIRMED,
}


def test_the_settlement_table_names_every_state_and_finding() -> None:
    """No pair is left out."""
    cells = {(state, finding) for state, finding, _ in table(SETTLEMENTS)}
    assert cells == {(state, finding) for state in E for finding in F}


@NATURE
@pytest.mark.parametrize("stale", [False, True], ids=["at the fence", "stale"])
@pytest.mark.parametrize(("state", "finding", "cell"), table(SETTLEMENTS))
def test_each_finding_in_each_state(state: str, finding: str, cell: str, stale: bool, nature: Nature) -> None:
    """For every nature, at the fence and behind it. A look-up that is absent stays inside the horizon here."""
    before = effect(E(state))
    found = Finding(kind=F(finding), reference="wamid.new" if finding == "done" else None, detail="why")
    cell = STALE.get(finding, cell) if stale else cell
    fence = 3 if stale else 4
    if cell == "-":
        with pytest.raises(LeaseLost) as lost:
            settled(before, found, nature, fence)
        assert lost.value.effect == EF
        return
    decision = settled(before, found, nature, fence)
    ref, first = decision[0]
    assert (ref, type(first).__name__) == (EF, cell)
    assert state_after(before, decision) is LEADS_TO.get(cell, E(state))
    if isinstance(first, EvidenceKept):
        assert len(decision) == 1
        assert after(before, first).fence == before.fence


# What is money-like ends in REVIEW where a success comes late, comes a second time, or never comes for certain.
MONEY_SETTLEMENTS = """
state     | done                      | refused      | not_done     | doubt    | absent   | overdue
intended  | Succeeded                 | EvidenceKept | EvidenceKept | -        | -        | -
in_flight | Succeeded                 | Failed       | Postponed    | Doubted  | Doubted  | Doubted
unknown   | Succeeded                 | Failed       | LookedUp     | LookedUp | LookedUp | SentToReview
succeeded | EvidenceKept SentToReview | EvidenceKept | EvidenceKept | -        | -        | -
failed    | EvidenceKept SentToReview | EvidenceKept | EvidenceKept | -        | -        | -
cancelled | EvidenceKept SentToReview | EvidenceKept | EvidenceKept | -        | -        | -
review    | EvidenceKept              | EvidenceKept | EvidenceKept | -        | -        | -
"""
MONEY_STATES = tuple(state for state in E if state not in (E.UNCONFIRMED, E.DISMISSED))
"""What is money-like gets into these; a person sees its doubts in REVIEW."""


def test_the_table_for_money_names_every_state_it_gets_into() -> None:
    """No pair is left out, and nothing money-like is ever left unconfirmed. Rule: B11."""
    cells = {(state, finding) for state, finding, _ in table(MONEY_SETTLEMENTS)}
    assert cells == {(state, finding) for state in MONEY_STATES for finding in F}


@NATURE
@pytest.mark.parametrize("kind", sorted(MONEY_LIKE))
@pytest.mark.parametrize("stale", [False, True], ids=["at the fence", "stale"])
@pytest.mark.parametrize(("state", "finding", "cell"), table(MONEY_SETTLEMENTS))
def test_each_finding_about_money_in_each_state(
    state: str, finding: str, cell: str, stale: bool, kind: EffectKind, nature: Nature
) -> None:
    """Like a message's, with more care: a claim overtaken while another is at it settles nothing. Rule: B11."""
    before = action(kind, E(state))
    found = Finding(kind=F(finding), reference="done.2" if finding == "done" else None, detail="why")
    if stale:
        cell = "EvidenceKept" if (state, finding) == ("in_flight", "done") else STALE.get(finding, cell)
    if cell == "-":
        with pytest.raises(LeaseLost):
            settled(before, found, nature, fence=3 if stale else 4)
        return
    decision = settled(before, found, nature, fence=3 if stale else 4)
    assert kinds(decision) == cell
    assert {ref for ref, _ in decision} == {EF}
    leads_to = E.REVIEW if cell.endswith("SentToReview") else LEADS_TO.get(cell, E(state))
    assert state_after(before, decision) is leads_to


def test_evidence_says_what_was_found() -> None:
    """The finding with its code, and the reference if it came with one."""
    late = Finding(kind=F.REFUSED, detail="131026", reference="w")
    assert settled(effect(), late) == ((EF, EvidenceKept(finding="refused:131026", reference="w")),)
    bare = Finding(kind=F.NOT_DONE)
    assert settled(effect(E.FAILED), bare) == ((EF, EvidenceKept(finding="not_done:unspecified")),)


# --- success -------------------------------------------------------------------------------------------------

DONE = Finding(kind=F.DONE, reference="wamid.out")


@pytest.mark.parametrize(
    "state", [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN, E.FAILED, E.CANCELLED, E.UNCONFIRMED, E.DISMISSED]
)
@pytest.mark.parametrize("fence", [4, 1])
def test_a_success_is_taken_in_from_every_state(state: EffectState, fence: int) -> None:
    """At the fence or behind it, it is a fact; the message is accepted with it. Rule: M2, the design."""
    decision = settled(effect(state), DONE, fence=fence)
    assert decision == ((EF, Succeeded(reference="wamid.out")), (MSG, MessageAccepted(provider_id="wamid.out")))
    done = after(effect(state), decision[0][1])
    assert (done.state, done.reference, done.due_at, done.unresolved) == (E.SUCCEEDED, "wamid.out", None, False)


def test_the_same_success_again_changes_nothing() -> None:
    """Another reference for the same effect is kept as evidence: it was done twice."""
    assert settled(effect(E.SUCCEEDED), DONE) == ()
    twice = Finding(kind=F.DONE, reference="wamid.two")
    assert settled(effect(E.SUCCEEDED), twice) == (
        (EF, EvidenceKept(finding="done_again", reference="wamid.two")),
    )


def test_the_same_evidence_again_changes_nothing() -> None:
    """A second success that is told again and again is kept once. Rule: M2 (repeat harmlessly)."""
    twice = Finding(kind=F.DONE, reference="wamid.two")
    known = after(effect(E.SUCCEEDED), EvidenceKept(finding="done_again", reference="wamid.two"))
    assert settled(known, twice) == ()


def test_a_success_in_review_is_evidence_for_the_second_person() -> None:
    """It settles nothing by itself. Rule: section P, B11."""
    assert settled(effect(E.REVIEW), DONE) == ((EF, EvidenceKept(finding="done", reference="wamid.out")),)


def test_a_success_without_a_reference_names_no_message() -> None:
    """The effect ends; the message waits for a report that names it."""
    assert settled(effect(E.IN_FLIGHT), Finding(kind=F.DONE)) == ((EF, Succeeded()),)
    known = outbound(provider_id="wamid.first")
    assert settled(effect(E.IN_FLIGHT), DONE, message=known) == ((EF, Succeeded(reference="wamid.out")),)
    assert settled(effect(E.IN_FLIGHT), DONE, message=None) == ((EF, Succeeded(reference="wamid.out")),)


def test_early_statuses_are_taken_in_with_the_success() -> None:
    """In the order they came; their keeper is done. Rule: M3."""
    early = keeper(kept(DeliveryStatus.READ), kept(DeliveryStatus.FAILED, "131026"))
    decision = settled(effect(E.IN_FLIGHT), DONE, keeper=early)
    reports = [
        StatusReported(status=k.status, occurred_at=k.occurred_at, failure=k.failure) for k in early.kept
    ]
    assert decision == (
        (EF, Succeeded(reference="wamid.out")),
        (MSG, MessageAccepted(provider_id="wamid.out")),
        (MSG, reports[0]),
        (MSG, reports[1]),
        ("ef_keeper", Succeeded(reference="wamid.out")),
    )
    message = after(outbound(), *[event for ref, event in decision if ref == MSG])
    assert (message.status, message.failure) == (DeliveryStatus.READ, "131026")


@pytest.mark.parametrize("state", [E.CANCELLED, E.SUCCEEDED])
def test_a_keeper_that_has_ended_is_left_alone(state: EffectState) -> None:
    """What it kept was taken in, or is too old. Rule: M3."""
    ended = keeper(kept(DeliveryStatus.READ), state=state, due_at=None)
    assert kinds(settled(effect(E.IN_FLIGHT), DONE, keeper=ended)) == "Succeeded MessageAccepted"


# --- an attempt ends -----------------------------------------------------------------------------------------


def test_a_refusal_fails_the_effect_and_says_so_on_the_message() -> None:
    """With the provider's code, or without one. Rule: M2."""
    for state in (E.IN_FLIGHT, E.UNKNOWN):
        assert settled(effect(state), Finding(kind=F.REFUSED, detail="131026")) == (
            (EF, Failed(detail="131026")),
            (MSG, MessageNotSent(detail="131026")),
        )
    assert settled(effect(E.IN_FLIGHT), Finding(kind=F.REFUSED), message=None) == (
        (EF, Failed(detail="refused")),
    )


def backoff(attempts: int) -> timedelta:
    return min([FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY])


@NATURE
@pytest.mark.parametrize("attempts", range(1, DELIVERY_ATTEMPTS))
def test_what_was_certainly_not_sent_is_tried_again(attempts: int, nature: Nature) -> None:
    """Later each time, with the same key, also with an earlier attempt unresolved."""
    for unresolved in (False, True):
        before = effect(E.IN_FLIGHT, attempts=attempts, unresolved=unresolved)
        decision = settled(before, F.NOT_DONE, nature)
        assert decision == ((EF, Postponed(due_at=NOW + backoff(attempts), detail="why")),)
        assert after(before, decision[0][1]).unresolved is unresolved


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        (None, FIRST_RETRY),
        (SECOND, FIRST_RETRY),
        (HOUR, HOUR),
        (-HOUR, FIRST_RETRY),
        (timedelta(0), FIRST_RETRY),
    ],
)
def test_the_provider_may_ask_for_more_patience(retry_after: timedelta | None, wait: timedelta) -> None:
    """But never for less than ours."""
    found = Finding(kind=F.NOT_DONE, retry_after=retry_after)
    assert settled(effect(E.IN_FLIGHT), found) == ((EF, Postponed(due_at=NOW + wait, detail="not_done")),)


GAVE_UP = [
    pytest.param({"attempts": DELIVERY_ATTEMPTS}, None, id="last attempt"),
    pytest.param({"expires_at": NOW + FIRST_RETRY}, None, id="expires before the next"),
    pytest.param({}, 2 * DAY, id="asked to wait past its expiry"),
    pytest.param({}, timedelta.max, id="asked to wait for ever"),
]


@NATURE
@pytest.mark.parametrize(("changes", "retry_after"), GAVE_UP)
def test_at_the_last_attempt_what_was_not_sent_failed(changes: Any, retry_after: Any, nature: Nature) -> None:
    """No attempt is left, or it would come too late. Rule: the design, FAILED at the last attempt."""
    found = Finding(kind=F.NOT_DONE, detail="why", retry_after=retry_after)
    decision = settled(effect(E.IN_FLIGHT, **changes), found, nature)
    assert decision == ((EF, Failed(detail="why")), (MSG, MessageNotSent(detail="why")))


@NATURE
@pytest.mark.parametrize(("changes", "retry_after"), GAVE_UP)
def test_at_the_last_attempt_an_unresolved_one_leaves_a_doubt(
    changes: Any, retry_after: Any, nature: Nature
) -> None:
    """An earlier attempt may have gone. Rule: the design, UNKNOWN if an earlier attempt is unresolved."""
    before = effect(E.IN_FLIGHT, unresolved=True, **changes)
    found = Finding(kind=F.NOT_DONE, detail="why", retry_after=retry_after)
    decision = settled(before, found, nature)
    assert kinds(decision) == "Doubted"
    assert state_after(before, decision) is E.UNKNOWN


@pytest.mark.parametrize(
    ("nature", "wait"),
    [(REPEATS, FIRST_RETRY), (LOOKS_UP, FIRST_RETRY), (REPORTS, DOUBT_DEADLINE), (ONCE, timedelta(0))],
    ids=[NAMES[n] for n in NATURES],
)
@pytest.mark.parametrize("finding", [F.DOUBT, F.ABSENT, F.OVERDUE])
def test_a_doubt_is_left_alone_for_as_long_as_its_nature_asks(
    nature: Nature, wait: timedelta, finding: FindingKind
) -> None:
    """A moment before repeating or looking up, the deadline for a report, nothing where nothing will come."""
    assert settled(effect(E.IN_FLIGHT), finding, nature) == ((EF, Doubted(due_at=NOW + wait, detail="why")),)
    bare = Finding(kind=finding)
    assert settled(effect(E.IN_FLIGHT), bare, nature)[0][1].detail == finding.value


@pytest.mark.parametrize("attempts", [0, 1, 9, 10, 11, 60, 200, 10_000])
@pytest.mark.parametrize("nature", [REPEATS, LOOKS_UP], ids=["repeats", "looks up"])
def test_the_wait_grows_up_to_its_longest(attempts: int, nature: Nature) -> None:
    """However many attempts there were: look-ups that find nothing may lead to many."""
    wait = settled(effect(E.IN_FLIGHT, attempts=attempts), F.DOUBT, nature)[0][1].due_at - NOW
    assert FIRST_RETRY <= wait <= LONGEST_RETRY
    if attempts > 9:
        assert wait == LONGEST_RETRY


# --- a doubt is looked into ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "over"),
    [
        (timedelta(0), False),
        (LOOKS_UP.horizon - TICK, False),
        (LOOKS_UP.horizon, True),
        (LOOKS_UP.horizon + TICK, True),
        (DAY, True),
    ],
)
def test_absent_counts_after_the_horizon_only(since: timedelta, over: bool) -> None:
    """Inside it the write may still be on its way; after it, it goes again with the same key."""
    before = effect(E.UNKNOWN, doubted_at=NOW - since)
    decision = settled(before, F.ABSENT, LOOKS_UP)
    if not over:
        assert kinds(decision) == "LookedUp"
        return
    assert decision == ((EF, Postponed(due_at=NOW, detail="absent")),)
    again = after(before, decision[0][1])
    assert (again.state, again.unresolved, again.id) == (E.INTENDED, False, EF)


@given(st.integers(0, 10**9), st.integers(0, 10**12))
def test_the_horizon_is_exact(past: int, horizon: int) -> None:
    """Law: absent counts from the very microsecond of doubted_at + horizon on, and not before."""
    span = timedelta(microseconds=horizon)
    doubted_at = NOW - DAY - past * TICK
    now = doubted_at + span
    for moment, expected in ((now, "Postponed"), (now - TICK, "LookedUp")):
        before = effect(E.UNKNOWN, doubted_at=doubted_at)
        facts = on_effect(before, nature=LooksUpByKey(span), now=moment)
        assert kinds(decide(SettleEffect(EF, 4, Finding(kind=F.ABSENT)), facts)) == expected


@pytest.mark.parametrize("nature", [REPEATS, REPORTS, ONCE, LooksUpByKey(timedelta.max)])
def test_absent_never_counts_where_no_look_up_is_final(nature: Nature) -> None:
    """Nothing found is no proof there."""
    assert kinds(settled(effect(E.UNKNOWN, doubted_at=NOW - 365 * DAY), F.ABSENT, nature)) == "LookedUp"


def test_absent_without_a_doubt_to_date_it_from_does_not_count() -> None:
    """No horizon can have run."""
    assert kinds(settled(effect(E.UNKNOWN, doubted_at=None), F.ABSENT, LOOKS_UP)) == "LookedUp"


@NATURE
def test_what_cannot_be_resolved_is_left_to_a_person(nature: Nature) -> None:
    """The message shows UNCONFIRMED. Rule: M2, the design."""
    decision = settled(effect(E.UNKNOWN), F.OVERDUE, nature)
    assert decision == ((EF, LeftUnconfirmed()), (MSG, MessageDoubted()))
    assert after(outbound(), decision[1][1]).status is DeliveryStatus.UNCONFIRMED
    assert settled(effect(E.UNKNOWN), F.OVERDUE, nature, message=None) == ((EF, LeftUnconfirmed()),)


@NATURE
@pytest.mark.parametrize("finding", [F.NOT_DONE, F.DOUBT])
def test_a_look_up_that_could_not_tell_is_tried_again(finding: FindingKind, nature: Nature) -> None:
    """After as long as the doubt has lasted, within bounds; the doubt itself is as old as it was."""
    before = effect(E.UNKNOWN, doubted_at=NOW - 5 * FIRST_RETRY)
    decision = settled(before, finding, nature)
    assert decision == ((EF, LookedUp(due_at=NOW + 5 * FIRST_RETRY)),)
    assert after(before, decision[0][1]).doubted_at == before.doubted_at
    for since, wait in ((NOW, FIRST_RETRY), (None, FIRST_RETRY), (NOW - DAY, LONGEST_RETRY)):
        decision = settled(effect(E.UNKNOWN, doubted_at=since), finding, nature)
        assert decision == ((EF, LookedUp(due_at=NOW + wait)),)


# --- what is no text -----------------------------------------------------------------------------------------

SHUT = {"conversation": conversation(window_until=NOW)}


def templated(template: str, *parameters: str) -> Any:
    if template == "notice" and not parameters:
        parameters = ("Maria", "10/03")
    extras = Extras(template=template, parameters=tuple(map(Private, parameters)))
    return outbound(kind=MessageKind.TEMPLATE, extras=extras)


def with_picture(**changes: Any) -> Any:
    return outbound(kind=MessageKind.IMAGE, extras=Extras(media=Media(attachment=PICTURE)), **changes)


def test_a_template_goes_with_the_window_shut() -> None:
    """As far as the channel lets its kind pass there. Rule: M5."""
    assert kinds(claimed(effect(), message=templated("notice"), **SHUT)) == "Claimed"
    closed = capabilities(outside_window=())
    decision = claimed(effect(), message=templated("notice"), capabilities=closed, **SHUT)
    assert decision[0] == (EF, Cancelled(detail="window_closed"))
    assert claimed(effect(), message=with_picture(), **SHUT)[0] == (EF, Cancelled(detail="window_closed"))


@pytest.mark.parametrize(
    ("template", "opted_out", "goes"),
    [("offer", True, False), ("offer", False, True), ("notice", True, True), ("nowhere", True, True)],
)
def test_who_opted_out_meanwhile_gets_no_marketing(template: str, opted_out: bool, goes: bool) -> None:
    """Asked again at the claim; other templates go. Rule: M16."""
    decision = claimed(
        effect(), message=templated(template), contact=contact(opted_out=opted_out), workspace=stocked()
    )
    if goes:
        assert kinds(decision) == "Claimed"
        return
    assert decision == ((EF, Cancelled(detail="opted_out")), (MSG, MessageNotSent(detail="opted_out")))


def test_a_template_that_changed_meanwhile_stays() -> None:
    """It takes other parameters than were given, or the channel carries none any more. Rule: M6."""
    for facts, code in (
        ({"message": templated("notice", "Maria"), "workspace": stocked()}, "wrong_parameters"),
        ({"message": templated("offer", "x"), "workspace": stocked()}, "wrong_parameters"),
        ({"message": templated("notice"), "capabilities": capabilities(templates=False)}, "kind_not_carried"),
    ):
        assert claimed(effect(), **facts)[0] == (EF, Cancelled(detail=code))
    assert kinds(claimed(effect(), message=templated("notice"), workspace=stocked())) == "Claimed"


def test_a_template_that_was_archived_meanwhile_stays() -> None:
    """Asked again at the claim; one in doubt is not repeated, and stays in doubt. Rule: C3, M2."""
    decision = claimed(effect(), message=templated("gone"), workspace=stocked())
    code = "template_archived"
    assert decision == ((EF, Cancelled(detail=code)), (MSG, MessageNotSent(detail=code)))
    again = claimed(effect(E.UNKNOWN), REPEATS, message=templated("gone"), workspace=stocked())
    assert again == ((EF, LeftUnconfirmed()), (MSG, MessageDoubted()))


def test_a_text_that_became_too_long_for_the_channel_stays() -> None:
    """Its limit is asked again at the claim; a caption's too, and whether one goes at all. Rule: M6."""
    for facts, code in (
        ({"capabilities": capabilities(text_limit=6)}, "text_too_long"),
        ({"message": with_picture(), "capabilities": capabilities(caption_limit=6)}, "text_too_long"),
        ({"message": with_picture(), "capabilities": capabilities(media=NO_CAPTIONS)}, "caption_not_carried"),
    ):
        assert claimed(effect(), **facts)[0] == (EF, Cancelled(detail=code))
    assert kinds(claimed(effect(), capabilities=capabilities(text_limit=7))) == "Claimed"


NO_CAPTIONS = (MediaCapability(MessageKind.IMAGE, ("image/jpeg",), PICTURE.size, captions=False),)


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ((), "media_not_carried"),
        ((MediaCapability(MessageKind.DOCUMENT, ("image/jpeg",), 10**8),), "media_not_carried"),
        ((MediaCapability(MessageKind.IMAGE, ("image/png",), 10**8),), "media_not_carried"),
        ((MediaCapability(MessageKind.IMAGE, ("image/jpeg",), PICTURE.size - 1),), "media_too_large"),
        ((MediaCapability(MessageKind.IMAGE, ("image/jpeg",), PICTURE.size),), None),
    ],
)
def test_a_file_that_the_channel_carries_no_more_stays(media: Any, code: str | None) -> None:
    """Its kind, its type and its size are asked again at the claim. Rule: M6, M7."""
    decision = claimed(effect(), message=with_picture(), capabilities=capabilities(media=media))
    if code is None:
        assert kinds(decision) == "Claimed"
        return
    assert decision == ((EF, Cancelled(detail=code)), (MSG, MessageNotSent(detail=code)))


# --- fetching a file -----------------------------------------------------------------------------------------

OURS = RepeatsByKey(DAY)


def fetched(effect_: Any, finding: Finding | FindingKind, fence: int = 4, **facts: Any) -> Any:
    return settled(effect_, finding, OURS, fence, **{"message": picture(), **facts})


def test_a_file_is_fetched_whatever_became_of_its_conversation() -> None:
    """Neither window nor block stands in the way, and it is in no lane. Rule: M17."""
    for facts in ({}, SHUT, {"contact": blocked_contact()}, {"conversation": None, "contact": None}):
        decision = claimed(fetching(), OURS, message=picture(), **facts)
        assert decision == ((EF, Claimed(lease_until=NOW + CLAIM_LEASE)),)


@pytest.mark.parametrize("state", [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN])
@pytest.mark.parametrize("fence", [4, 1])
def test_a_fetched_file_is_stored_on_its_message(state: EffectState, fence: int) -> None:
    """Whoever brings it. Rule: M17."""
    found = Finding(kind=F.DONE, brought=PICTURE)
    decision = fetched(fetching(state), found, fence)
    assert decision == ((EF, Succeeded()), (MSG, MediaStored(attachment=PICTURE)))
    message = after(picture(), decision[1][1])
    assert (message.media.attachment, message.media.lost) == (PICTURE, None)
    assert message.media.pointer == picture().media.pointer


@pytest.mark.parametrize("state", [E.SUCCEEDED, E.FAILED, E.CANCELLED])
def test_a_file_fetched_again_is_there_once(state: EffectState) -> None:
    """What has ended stays as it ended. Rule: M17."""
    assert fetched(fetching(state), Finding(kind=F.DONE, brought=PICTURE)) == ()


def test_a_file_that_is_gone_is_lost_and_the_message_shows() -> None:
    """Refused by the provider, not had at the last attempt, or too late: LOST, with the code. Rule: M17, M8."""
    gone = fetched(fetching(E.IN_FLIGHT), Finding(kind=F.REFUSED, detail="404"))
    assert gone == ((EF, Failed(detail="404")), (MSG, MediaLost(detail="404")))
    last = fetched(fetching(E.IN_FLIGHT, attempts=DELIVERY_ATTEMPTS), F.NOT_DONE)
    assert last == ((EF, Failed(detail="why")), (MSG, MediaLost(detail="why")))
    late = claimed(fetching(expires_at=NOW), OURS, message=picture())
    assert late == ((EF, Cancelled(detail="expired")), (MSG, MediaLost(detail="expired")))
    message = after(picture(), gone[1][1])
    assert (message.media.lost, message.media.attachment, message.status) == ("404", None, "pending")


def test_a_file_not_had_now_is_asked_for_again() -> None:
    """Later each time, with the same key. Rule: M17."""
    for attempts in range(1, DELIVERY_ATTEMPTS):
        decision = fetched(fetching(E.IN_FLIGHT, attempts=attempts), F.NOT_DONE)
        assert decision == ((EF, Postponed(due_at=NOW + backoff(attempts), detail="why")),)
    assert fetched(fetching(E.IN_FLIGHT), F.DOUBT) == ((EF, Doubted(due_at=NOW + FIRST_RETRY, detail="why")),)


def test_a_doubt_about_a_file_ends_with_its_loss() -> None:
    """No person is asked whether it is there: it is not. Rule: M17."""
    assert fetched(fetching(E.UNKNOWN), F.OVERDUE) == (
        (EF, Failed(detail="overdue")),
        (MSG, MediaLost(detail="overdue")),
    )
    decision = claimed(fetching(E.UNKNOWN, expires_at=NOW), OURS, message=picture())
    assert decision == ((EF, Failed(detail="expired")), (MSG, MediaLost(detail="expired")))


# --- telling that it was read --------------------------------------------------------------------------------


def receipt(state: EffectState = E.INTENDED, **changes: Any) -> Any:
    return fetching(state, **{"kind": EffectKind.SEND_RECEIPT, "contact": CT, **changes})


def told(effect_: Any, finding: Finding | FindingKind, **facts: Any) -> Any:
    return settled(effect_, finding, OURS, **{"message": inbound(), **facts})


TELLS = workspace(policies=Policies(read_receipts=True))


def telling(effect_: Any = None, **facts: Any) -> Any:
    """A receipt about a conversation that is OPEN, where the policy says so, at the claim."""
    open_ = {"conversation": conversation(Situation.OPEN), "contact": contact(), "workspace": TELLS}
    return claimed(effect_ or receipt(), OURS, message=inbound(), **{**open_, **facts})


def test_a_receipt_goes_with_the_window_shut_and_to_nobody_blocked() -> None:
    """It is no message, so no window is asked; it expires like one. Rule: L23, M13."""
    shut = conversation(Situation.OPEN, window_until=NOW)
    assert telling() == telling(conversation=shut) == ((EF, Claimed(lease_until=NOW + CLAIM_LEASE)),)
    assert telling(contact=blocked_contact()) == ((EF, Cancelled(detail="contact_blocked")),)
    assert telling(receipt(expires_at=NOW)) == ((EF, Cancelled(detail="expired")),)


@pytest.mark.parametrize(
    "facts",
    [
        {"conversation": conversation(Situation.QUEUE)},
        {"conversation": conversation(Situation.BOT)},
        {"conversation": conversation(Situation.CLOSED)},
        {"conversation": None},
        {"workspace": workspace()},
    ],
    ids=["queued", "with the bot", "closed", "gone", "policy off"],
)
def test_a_receipt_that_nobody_wants_any_more_stays(facts: dict[str, Any]) -> None:
    """Asked again at the claim: never from the queue, and only while the policy says so. Rule: L23."""
    assert telling(**facts) == ((EF, Cancelled(detail="not_wanted")),)


@pytest.mark.parametrize("nature", NATURES, ids=NAMES.get)
def test_a_receipt_never_touches_the_message_it_is_about(nature: Nature) -> None:
    """Done, refused, given up or in doubt: the customer's message stays as it is. Rule: L23, M2."""
    for state, finding in (
        (E.IN_FLIGHT, F.DONE),
        (E.IN_FLIGHT, F.REFUSED),
        (E.UNKNOWN, F.OVERDUE),
        (E.IN_FLIGHT, F.DOUBT),
        (E.IN_FLIGHT, F.NOT_DONE),
    ):
        decision = settled(receipt(state), finding, nature, message=inbound())
        assert [ref for ref, _ in decision] == [EF], finding
    given_up = told(receipt(E.UNKNOWN), F.OVERDUE)
    assert given_up == ((EF, Failed(detail="overdue")),)


# --- inner work ----------------------------------------------------------------------------------------------

INNER = (EffectKind.RELEASE_AGENT, EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT)
EVERY_WORK = pytest.mark.parametrize("kind", INNER)


def worked(effect_: Any, finding: Finding | FindingKind, fence: int = 4) -> Any:
    return settled(effect_, finding, OURS, fence, capabilities=None)


@EVERY_WORK
def test_inner_work_neither_expires_nor_is_hindered(kind: EffectKind) -> None:
    """It is claimed when due, again after a doubt, however often and however late. Rule: L13, L16, L22."""
    for state in (E.INTENDED, E.UNKNOWN):
        before = inner(kind, state, expires_at=NOW, attempts=10**6, dispatched_at=NOW - 900 * DAY)
        decision = claimed(before, OURS, capabilities=None)
        assert decision == ((EF, Claimed(lease_until=NOW + CLAIM_LEASE)),)
        with pytest.raises(EffectPending):
            claimed(changed(before, due_at=NOW + TICK), OURS, capabilities=None)
    with pytest.raises(EffectPending):
        claimed(inner(kind, E.IN_FLIGHT), OURS, capabilities=None)


@EVERY_WORK
def test_inner_work_goes_on_until_nothing_is_left(kind: EffectKind) -> None:
    """As long as there is more, the next step is due when it says; there is no last attempt. Rule: L13, L16."""
    tired = inner(kind, E.IN_FLIGHT, attempts=10**6)
    for wait in (None, timedelta(0), HOUR, 400 * DAY):
        decision = worked(tired, Finding(kind=F.NOT_DONE, retry_after=wait))
        assert decision == ((EF, Postponed(due_at=NOW + (wait or timedelta(0)))),)
        assert after(tired, decision[0][1]).state is E.INTENDED
    assert worked(tired, F.DONE) == ((EF, Succeeded()),)


@EVERY_WORK
def test_an_interrupted_step_is_taken_again_at_once(kind: EffectKind) -> None:
    """What it did is done, and each conversation is looked at once more. Rule: L13."""
    before = inner(kind, E.IN_FLIGHT)
    decision = worked(before, Finding(kind=F.DOUBT, detail="lease_expired"))
    assert decision == ((EF, Doubted(due_at=NOW, detail="lease_expired")),)
    doubt = after(before, decision[0][1])
    assert next_step(doubt, OURS, NOW) is Step.CLAIM
    assert kinds(claimed(doubt, OURS, capabilities=None)) == "Claimed"


@EVERY_WORK
def test_a_step_that_was_overtaken_says_nothing_of_the_next(kind: EffectKind) -> None:
    """Behind the fence "there is more" is kept as evidence, and a doubt is not even that."""
    overtaken = inner(kind, E.IN_FLIGHT)
    assert kinds(worked(overtaken, F.NOT_DONE, fence=3)) == "EvidenceKept"
    with pytest.raises(LeaseLost):
        worked(overtaken, F.DOUBT, fence=3)
    assert worked(inner(kind, E.SUCCEEDED), F.DONE) == ()
