"""What people and callbacks say of an effect: taking it back, settling its review, reporting by key."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import RecordResult, SettleReview, Withdraw
from chatcore.entities import Effect, Evidence, Policies
from chatcore.errors import (
    ErrorKind,
    InvalidValue,
    NotFound,
    NotInReview,
    NotPermitted,
    NotWithdrawable,
    SecondPersonRequired,
)
from chatcore.events import Cancelled, EvidenceKept, Failed, MessageNotSent, SentToReview, Succeeded
from chatcore.rules import decide
from chatcore.rules.invariants import beside, claims_of, guard_claim
from chatcore.rules.reviewing import to_find_out
from chatcore.transitions import MONEY_LIKE
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentsRead,
    EffectKind,
    EffectState,
    Private,
    Role,
    Situation,
)
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    EF,
    HOUR,
    MSG,
    NOW,
    ROBO,
    SARA,
    action,
    after,
    agent,
    changed,
    conversation,
    effect,
    on_effect,
    workspace,
)

E, K = EffectState, EffectKind
OPEN, CLOSED, QUEUE = Situation.OPEN, Situation.CLOSED, Situation.QUEUE
WHY = Private("Vi no extrato do cliente")
ASKED_OF_OTHERS = (K.ISSUE_BOLETO, K.ISSUE_INVOICE, K.GRANT_BONUS, K.OPEN_ORDER)
MONEY = sorted(MONEY_LIKE)
REACHED = tuple(state for state in E if state not in (E.UNCONFIRMED, E.DISMISSED))
"""What is money-like gets into these: its doubts end in review."""

SIMONE = Actor.agent("simone")
OFFICE = workspace(agent("simone", Role.SUPERVISOR, departments=()))


def before(kind: EffectKind, state: EffectState, **changes: Any) -> Effect:
    return action(kind, state, **changes)


def done_before(reference: str | None) -> Evidence:
    return Evidence(NOW - HOUR, "done", reference)


def told(effect_: Effect, by: Actor, **facts: Any) -> Any:
    return on_effect(effect_, by, **{"workspace": OFFICE, **facts})


# --- taking it back ------------------------------------------------------------------------------------------


def withdrawn(effect_: Effect, by: Actor = ANA, **facts: Any) -> Any:
    return decide(Withdraw(EF), told(effect_, by, **facts))


@pytest.mark.parametrize("kind", ASKED_OF_OTHERS)
@pytest.mark.parametrize("attempts", [0, 3])
def test_what_has_not_gone_out_is_withdrawn(kind: EffectKind, attempts: int) -> None:
    """Intended, and no attempt at it in doubt: cancelled, and its guard is free. Rule: B11."""
    there = before(kind, E.INTENDED, attempts=attempts)
    decision = withdrawn(there)
    assert decision == ((EF, Cancelled(detail="withdrawn")),)
    then = after(there, decision[0][1], by=ANA)
    assert (then.state, then.due_at, claims_of(then)) == (E.CANCELLED, None, ())


@pytest.mark.parametrize("kind", ASKED_OF_OTHERS)
@pytest.mark.parametrize("state", [state for state in E if state is not E.INTENDED])
def test_what_may_have_gone_out_is_not_withdrawn(kind: EffectKind, state: EffectState) -> None:
    """On its way, in doubt, ended: refused with its state. Rule: B11."""
    with pytest.raises(NotWithdrawable) as refusal:
        withdrawn(before(kind, state))
    assert vars(refusal.value) == {"effect": EF, "state": state}
    assert refusal.value.kind is ErrorKind.CONFLICT


@pytest.mark.parametrize("kind", MONEY)
def test_what_waits_with_an_earlier_attempt_in_doubt_is_not_withdrawn(kind: EffectKind) -> None:
    """That attempt may have been applied, and withdrawing would lose it silently. Rule: B11."""
    with pytest.raises(NotWithdrawable):
        withdrawn(before(kind, E.INTENDED, attempts=1, unresolved=True))


def test_a_message_is_withdrawn_with_its_effect() -> None:
    """What was said, and has not left, shows as not sent. Rule: B11, M2."""
    there = effect(E.INTENDED)
    assert withdrawn(there) == ((EF, Cancelled(detail="withdrawn")), (MSG, MessageNotSent(detail="withdrawn")))


@pytest.mark.parametrize(
    ("by", "talk", "error"),
    [
        (BETO, conversation(OPEN), NotPermitted),
        (ANA, conversation(QUEUE), NotPermitted),
        (AURO, conversation(OPEN), NotPermitted),
        (SYSTEM, conversation(OPEN), NotPermitted),
        (ROBO, conversation(OPEN), NotFound),
        (Actor.agent("nobody"), conversation(OPEN), NotFound),
    ],
    ids=lambda v: getattr(v, "id", None),
)
def test_who_may_not_touch_the_conversation_withdraws_nothing(by: Actor, talk: Any, error: Any) -> None:
    """An agent in their own, supervisors and admins in all, also after it closed. Rule: P, L18."""
    there = before(K.GRANT_BONUS, E.INTENDED)
    with pytest.raises(error):
        withdrawn(there, by, conversation=talk)
    for who in (ANA, SARA, ADA):
        assert len(withdrawn(there, who)) == 1
        assert len(withdrawn(there, who, conversation=conversation(CLOSED))) == 1


# --- settling a review ---------------------------------------------------------------------------------------


def settled(
    effect_: Effect, by: Actor = SARA, applied: bool = True, reference: str | None = None, **facts: Any
) -> Any:
    return decide(SettleReview(EF, applied, WHY, reference=reference), told(effect_, by, **facts))


@pytest.mark.parametrize("kind", MONEY)
@pytest.mark.parametrize("by", [SARA, SIMONE, ADA], ids=lambda v: v.id)
@pytest.mark.parametrize("reference", [None, "done.7"])
def test_a_second_person_settles_it(kind: EffectKind, by: Actor, reference: str | None) -> None:
    """Applied: it succeeded; not: it failed. What they say is kept, and who they are. Rule: B11, P, L12."""
    there = before(kind, E.REVIEW, evidence=(done_before("done.1"),))
    for applied, said, end in (
        (True, "reviewed:applied", Succeeded(reference=reference)),
        (False, "reviewed:not_applied", Failed(detail="reviewed")),
    ):
        decision = settled(there, by, applied, reference)
        assert decision == ((EF, EvidenceKept(finding=said, reference=reference, note=WHY)), (EF, end))
        then = after(there, *[event for _, event in decision], by=by)
        assert then.state is (E.SUCCEEDED if applied else E.FAILED)
        assert then.evidence == (done_before("done.1"), Evidence(NOW, said, reference, WHY, by))


@pytest.mark.parametrize("requester", [ANA, SARA, SIMONE], ids=lambda v: v.id)
def test_who_asked_for_it_never_settles_it(requester: Actor) -> None:
    """A supervisor neither: another one must. An agent settles nothing at all. Rule: B11, P."""
    there = before(K.GRANT_BONUS, E.REVIEW, requested_by=requester)
    for applied in (True, False):
        with pytest.raises(NotPermitted if requester == ANA else SecondPersonRequired):
            settled(there, requester, applied)
    for another in {SARA, SIMONE, ADA} - {requester}:
        assert len(settled(there, another)) == 2


def test_a_second_person_is_required_of_a_supervisor() -> None:
    """The error is of what one may do, not of a mistake. Rule: B11."""
    with pytest.raises(SecondPersonRequired) as refusal:
        settled(before(K.GRANT_BONUS, E.REVIEW, requested_by=SARA), SARA)
    assert refusal.value.kind is ErrorKind.NOT_ALLOWED


def test_an_agent_who_asked_and_became_a_supervisor_is_still_the_one_who_asked() -> None:
    """Being allowed to settle reviews does not make them a second person. Rule: B11."""
    risen = workspace(agent("ana", Role.AGENT, Role.SUPERVISOR))
    with pytest.raises(SecondPersonRequired):
        settled(before(K.GRANT_BONUS, E.REVIEW), ANA, workspace=risen)
    assert len(settled(before(K.GRANT_BONUS, E.REVIEW, requested_by=SARA), ANA, workspace=risen)) == 2


@pytest.mark.parametrize(
    ("by", "error"),
    [
        (ANA, NotPermitted),
        (BETO, NotPermitted),
        (AURO, NotPermitted),
        (SYSTEM, NotPermitted),
        (ROBO, NotFound),
        (Actor.agent("nobody"), NotFound),
    ],
    ids=lambda v: v.id if isinstance(v, Actor) else None,
)
@pytest.mark.parametrize("applied", [True, False])
def test_only_supervisors_and_admins_settle_reviews(by: Actor, error: Any, applied: bool) -> None:
    """No agent, auditor, bot or machine, whoever asked for it. Rule: B11, P."""
    for requester in (ANA, SARA):
        with pytest.raises(error):
            settled(before(K.GRANT_BONUS, E.REVIEW, requested_by=requester), by, applied)


def test_what_a_person_may_not_see_does_not_exist_for_them() -> None:
    """Its review neither. Rule: P."""
    own = workspace(policies=Policies(agents_read=AgentsRead.OWN))
    for command in (SettleReview(EF, True, WHY), Withdraw(EF)):
        with pytest.raises(NotFound):
            decide(command, on_effect(before(K.GRANT_BONUS, E.REVIEW), BETO, workspace=own))


@pytest.mark.parametrize("kind", MONEY)
@pytest.mark.parametrize("state", [state for state in E if state is not E.REVIEW])
def test_what_is_not_in_review_is_not_settled_by_a_person(kind: EffectKind, state: EffectState) -> None:
    """It has ended, or something else will tell. Rule: B11."""
    for applied in (True, False):
        with pytest.raises(NotInReview) as refusal:
            settled(before(kind, state), SARA, applied)
        assert vars(refusal.value) == {"effect": EF, "state": state}


@pytest.mark.parametrize("situation", Situation)
def test_a_review_is_settled_whatever_became_of_the_conversation(situation: Situation) -> None:
    """Money does not wait for a conversation to be open. Rule: B11, L18."""
    assert len(settled(before(K.GRANT_BONUS, E.REVIEW), conversation=conversation(situation))) == 2


def test_the_guard_is_free_just_where_it_was_not_applied() -> None:
    """And one that lost it to another keeps its place beside it. Rule: B11."""
    there = before(K.GRANT_BONUS, E.REVIEW)
    guard = guard_claim(there.demand)
    assert guard is not None
    for guarded in (True, False):
        held = changed(there, guarded=guarded)
        ends = {
            applied: after(held, *[event for _, event in settled(held, applied=applied)], by=SARA)
            for applied in (True, False)
        }
        assert claims_of(held) == claims_of(ends[True]) == (guard if guarded else beside(guard),)
        assert claims_of(ends[False]) == ()


@pytest.mark.parametrize(
    ("evidence", "reference", "guarded", "asks"),
    [
        ((), None, True, ("was_it_applied",)),
        ((None,), None, True, ("was_it_applied",)),
        (("done.1",), None, True, ("was_it_applied",)),
        (("done.1",), "done.1", True, ("was_it_applied",)),
        (("done.2",), "done.1", True, ("was_it_applied_twice",)),
        (("done.1", "done.2"), None, True, ("was_it_applied_twice",)),
        (("done.1",), None, False, ("was_it_applied", "which_one_counts")),
        (("done.2",), "done.1", False, ("was_it_applied_twice", "which_one_counts")),
    ],
)
def test_a_review_says_what_a_person_must_find_out(
    evidence: Any, reference: str | None, guarded: bool, asks: tuple[str, ...]
) -> None:
    """Applied at all, or twice under two names; which counts, where another has the guard. Rule: B11."""
    kept = tuple(done_before(each) for each in evidence)
    there = before(K.GRANT_BONUS, E.REVIEW, evidence=kept, reference=reference, guarded=guarded)
    assert to_find_out(there) == asks
    for state in REACHED:
        if state is not E.REVIEW:
            assert to_find_out(before(K.GRANT_BONUS, state, evidence=kept)) == ()


# --- what is reported by key ---------------------------------------------------------------------------------


def reported(effect_: Effect, by: Actor = SYSTEM, **command: Any) -> Any:
    facts = {"rival": command.pop("rival", None)}
    return decide(RecordResult(**{"effect": EF, **command}), told(effect_, by, **facts))


# What a callback leads to: applied under the name that is known ("done.1" where it succeeded), under another,
# under none, and refused with a code; "." is nothing at all, + what is kept as evidence.
REPORTS = """
state     | applied known  | applied other  | applied unnamed | refused
intended  | succeeded      | succeeded      | succeeded       | intended +
in_flight | succeeded      | succeeded      | succeeded       | failed
unknown   | succeeded      | succeeded      | succeeded       | failed
succeeded | .              | review +       | .               | succeeded +
failed    | review +       | review +       | review +        | failed +
cancelled | review +       | review +       | review +        | cancelled +
review    | review +       | review +       | review +        | review +
"""
SAYS: dict[str, dict[str, Any]] = {
    "applied known": {"applied": True, "reference": "done.1"},
    "applied other": {"applied": True, "reference": "done.2"},
    "applied unnamed": {"applied": True},
    "refused": {"applied": False, "failure": "no_such_contract"},
}


def reports() -> list[tuple[EffectState, str, str]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in REPORTS.strip().splitlines()]
    return [(E(row[0]), says, cell) for row in rows for says, cell in zip(head[1:], row[1:], strict=True)]


def test_the_table_of_reports_is_complete() -> None:
    """Every state that is reached, every thing that may be said: 28 cells, for each kind. Rule: B11."""
    assert {(state, says) for state, says, _ in reports()} == {(s, says) for s in REACHED for says in SAYS}
    assert len(reports()) * len(MONEY) == 56


@pytest.mark.parametrize("kind", MONEY)
@pytest.mark.parametrize(("state", "says", "cell"), reports())
def test_a_callback_in_each_state(kind: EffectKind, state: EffectState, says: str, cell: str) -> None:
    """A success is a fact whenever it comes; after another end a second person must see it. Rule: B11."""
    there = before(kind, state)
    decision = reported(there, **SAYS[says])
    assert {ref for ref, _ in decision} <= {EF}
    then = after(there, *[event for _, event in decision])
    if cell == ".":
        assert decision == ()
        return
    to, *kept = cell.split()
    assert then.state is E(to)
    assert len(then.evidence) == len(kept)
    if kept:
        applied = SAYS[says]["applied"]
        assert then.evidence[0].finding == ("done" if applied else "refused:no_such_contract")
        assert then.evidence[0].reference == SAYS[says].get("reference")
    if to == "succeeded" and state is not E.SUCCEEDED:
        assert then.reference == SAYS[says].get("reference")
    if to == "failed" and state is not E.FAILED:
        assert then.detail == "no_such_contract"


@pytest.mark.parametrize("kind", MONEY)
@pytest.mark.parametrize(("state", "says", "_"), reports())
def test_a_callback_may_come_any_number_of_times(
    kind: EffectKind, state: EffectState, says: str, _: str
) -> None:
    """Told again, the same is nothing new. Rule: B11, M2."""
    there = before(kind, state)
    once = after(there, *[event for _, event in reported(there, **SAYS[says])])
    assert reported(once, **SAYS[says]) == ()


@pytest.mark.parametrize("rival", [None, before(K.GRANT_BONUS, E.SUCCEEDED, id="ef_2")], ids=["free", "taken"])
@pytest.mark.parametrize("state", [E.FAILED, E.CANCELLED])
def test_a_late_success_takes_its_guard_again_where_it_is_free(state: EffectState, rival: Any) -> None:
    """Where another has it by now, it goes to review beside it. Rule: B11."""
    there = before(K.GRANT_BONUS, state)
    decision = reported(there, applied=True, reference="done.1", rival=rival)
    assert decision == (
        (EF, EvidenceKept(finding="done", reference="done.1")),
        (EF, SentToReview(guarded=rival is None)),
    )
    then = after(there, *[event for _, event in decision])
    guard = guard_claim(there.demand)
    assert guard is not None
    assert claims_of(then) == (guard if rival is None else beside(guard),)


def test_a_refusal_without_a_code_has_one_all_the_same() -> None:
    """And a sentence is none: it could hold anything. Rule: B11."""
    there = before(K.GRANT_BONUS, E.UNKNOWN)
    ((_, plain),) = reported(there, applied=False)
    assert isinstance(plain, Failed)
    assert plain.detail
    ((_, odd),) = reported(there, applied=False, failure="Maria não paga desde maio")
    assert isinstance(odd, Failed)
    assert "Maria" not in odd.detail


@pytest.mark.parametrize("kind", [K.SEND_MESSAGE, K.ISSUE_BOLETO, K.ISSUE_INVOICE])
@pytest.mark.parametrize("applied", [True, False])
def test_nothing_else_is_reported_so(kind: EffectKind, applied: bool) -> None:
    """A message has its statuses, and what brings something must bring it. Rule: B11, M2."""
    there = effect(E.UNKNOWN) if kind is K.SEND_MESSAGE else before(kind, E.UNKNOWN)
    with pytest.raises(InvalidValue) as refusal:
        reported(there, applied=applied)
    assert [(p.path, p.rule) for p in refusal.value.problems] == [("effect", "B11")]


@pytest.mark.parametrize("by", [ANA, SARA, ADA, AURO, ROBO], ids=lambda v: v.id)
def test_only_the_system_records_what_a_port_reports(by: Actor) -> None:
    """A person says what they know in a review. Rule: B11, P."""
    with pytest.raises(NotPermitted):
        reported(before(K.GRANT_BONUS, E.UNKNOWN), by, applied=True)
