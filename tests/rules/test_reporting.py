"""Delivery reports: any order, any number of times, also before their message is known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import RecordStatus
from chatcore.entities import Effect, Message
from chatcore.events import (
    Cancelled,
    EvidenceKept,
    Failed,
    Intended,
    MessageAccepted,
    StatusKept,
    StatusReported,
    Succeeded,
)
from chatcore.limits import STATUS_KEPT
from chatcore.rules import decide
from chatcore.vocabulary import DeliveryStatus, EffectKind, EffectState
from tests.given import (
    EF,
    HOUR,
    MSG,
    NOW,
    ROOT,
    after,
    born,
    effect,
    keeper,
    kept,
    on_status,
    outbound,
)

S, E = DeliveryStatus, EffectState
OCCURRED = NOW - HOUR
SENT = outbound(provider_id="wamid.out", reached=S.SENT)


def command(status: DeliveryStatus, failure: str | None = None, provider_id: str = "wamid.out") -> RecordStatus:
    return RecordStatus(
        channel="wa", provider_id=provider_id, status=status, occurred_at=OCCURRED, failure=failure
    )


def recorded(
    status: DeliveryStatus, failure: str | None = None, provider_id: str = "wamid.out", **facts: Any
) -> Any:
    return decide(command(status, failure, provider_id), on_status(**facts))


def report(status: DeliveryStatus, failure: str | None = None) -> StatusReported:
    return StatusReported(status=status, occurred_at=OCCURRED, failure=failure)


# --- the message is known ------------------------------------------------------------------------------------

LADDER = [S.PENDING, S.SENT, S.DELIVERED, S.READ, S.PLAYED]


@pytest.mark.parametrize("had", LADDER[1:])
@pytest.mark.parametrize("comes", LADDER[1:])
def test_only_what_says_more_is_recorded(had: DeliveryStatus, comes: DeliveryStatus) -> None:
    """A report moves its message up, or changes nothing. Rule: M2."""
    message = outbound(provider_id="wamid.out", reached=had)
    further = LADDER.index(comes) > LADDER.index(had)
    decision = recorded(comes, message=message, effect=effect(E.SUCCEEDED))
    assert decision == (((MSG, report(comes)),) if further else ())


def test_a_failure_is_recorded_once() -> None:
    """With the provider's code; a repeat changes nothing. Rule: M2."""
    first = recorded(S.FAILED, "131026", message=SENT, effect=effect(E.SUCCEEDED))
    assert first == ((MSG, report(S.FAILED, "131026")),)
    failed = after(SENT, first[0][1])
    assert failed.status is S.FAILED
    assert recorded(S.FAILED, "131026", message=failed, effect=effect(E.SUCCEEDED)) == ()


def test_delivery_wins_over_a_failure_in_either_order() -> None:
    """Rule: M2."""
    delivered = after(SENT, report(S.FAILED, "1"), report(S.DELIVERED))
    other = after(SENT, report(S.DELIVERED), report(S.FAILED, "1"))
    assert delivered.status is other.status is S.DELIVERED


def test_a_report_alone_needs_no_effect() -> None:
    """The message is found by its provider's id. Rule: M2."""
    assert recorded(S.READ, message=SENT) == ((MSG, report(S.READ)),)


# --- the report is the callback ------------------------------------------------------------------------------

UNSETTLED = [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN, E.FAILED, E.CANCELLED, E.UNCONFIRMED, E.DISMISSED]


@pytest.mark.parametrize("state", UNSETTLED)
@pytest.mark.parametrize("status", LADDER[1:])
def test_a_report_with_our_key_proves_the_effect(state: EffectState, status: DeliveryStatus) -> None:
    """From every state; the message is named, and moved as far as the report says. Rule: M7, the design."""
    decision = recorded(status, message=outbound(), effect=effect(state))
    assert decision[:2] == (
        (EF, Succeeded(reference="wamid.out")),
        (MSG, MessageAccepted(provider_id="wamid.out")),
    )
    done = after(effect(state), decision[0][1])
    message = after(outbound(), *[event for ref, event in decision if ref == MSG])
    assert (done.state, message.provider_id, message.status) == (E.SUCCEEDED, "wamid.out", status)


@pytest.mark.parametrize("state", [E.IN_FLIGHT, E.UNKNOWN])
def test_a_failure_with_our_key_refuses_the_effect(state: EffectState) -> None:
    """While it is open; the provider's code is kept on both. Rule: M2, the design."""
    decision = recorded(S.FAILED, "131026", message=outbound(), effect=effect(state))
    assert decision == (
        (EF, Failed(detail="131026")),
        (MSG, MessageAccepted(provider_id="wamid.out")),
        (MSG, report(S.FAILED, "131026")),
    )
    assert recorded(S.FAILED, message=outbound(), effect=effect(state))[0] == (EF, Failed(detail="unspecified"))
    message = after(outbound(), *[event for ref, event in decision if ref == MSG])
    assert message.status is S.FAILED


@pytest.mark.parametrize("state", [E.FAILED, E.CANCELLED, E.UNCONFIRMED, E.DISMISSED, E.REVIEW])
def test_a_failure_that_comes_elsewhere_is_evidence_once(state: EffectState) -> None:
    """The state cannot take it in; a repeat adds nothing. Rule: M2."""
    evidence = EvidenceKept(finding="refused:131026", reference="wamid.out")
    before = effect(state)
    decision = recorded(S.FAILED, "131026", message=SENT, effect=before)
    assert decision[0] == (EF, evidence)
    assert recorded(S.FAILED, "131026", message=SENT, effect=after(before, evidence))[1:] == ()
    known = after(SENT, report(S.FAILED, "131026"))
    assert recorded(S.FAILED, "131026", message=known, effect=after(before, evidence)) == ()
    bare = recorded(S.FAILED, message=known, effect=before)
    assert bare == ((EF, EvidenceKept(finding="refused:unspecified", reference="wamid.out")),)


def test_another_provider_id_for_the_same_key_is_evidence() -> None:
    """It was done twice; what is said of the second one is not said of our message. Rule: M1, M2."""
    decision = recorded(S.READ, provider_id="wamid.two", message=SENT, effect=effect(E.SUCCEEDED))
    assert decision == ((EF, EvidenceKept(finding="done_again", reference="wamid.two")),)


@pytest.mark.parametrize("state", [E.SUCCEEDED, E.REVIEW])
def test_the_same_again_and_again_adds_nothing(state: EffectState) -> None:
    """Webhooks repeat for days: evidence is kept once. Rule: M2, M7."""
    before = effect(state)
    first = recorded(S.READ, provider_id="wamid.two", message=SENT, effect=before)
    assert [type(event) for _, event in first] == [EvidenceKept]
    assert recorded(S.READ, provider_id="wamid.two", message=SENT, effect=after(before, first[0][1])) == ()


def test_a_message_whose_effect_ended_without_naming_it_is_named() -> None:
    """The effect has the same reference already. Rule: M3."""
    decision = recorded(S.DELIVERED, message=outbound(), effect=effect(E.SUCCEEDED))
    assert decision == ((MSG, MessageAccepted(provider_id="wamid.out")), (MSG, report(S.DELIVERED)))


def test_what_was_kept_is_taken_in_with_the_first_report_that_names_it() -> None:
    """And the keeper is done. Rule: M3."""
    early = keeper(kept(S.READ))
    decision = recorded(S.SENT, message=outbound(), effect=effect(E.IN_FLIGHT), keeper=early)
    assert (early.id, Succeeded(reference="wamid.out")) in decision
    message = after(outbound(), *[event for ref, event in decision if ref == MSG])
    assert message.status is S.READ


# --- the message is not known yet ----------------------------------------------------------------------------


def test_an_early_report_is_kept() -> None:
    """By an effect that waits for its message, for a bounded time. Rule: M3, M1."""
    until = NOW + STATUS_KEPT
    ((ref, intended),) = recorded(S.FAILED, "131026")
    assert (ref, intended) == (
        f"ef_{ROOT}",
        Intended(
            kind=EffectKind.KEEP_STATUS,
            channel="wa",
            expires_at=until,
            due_at=until,
            reference="wamid.out",
            kept=(kept(S.FAILED, "131026"),),
        ),
    )
    assert born(ref, intended).kept == (kept(S.FAILED, "131026"),)


def test_more_early_reports_are_kept_together() -> None:
    """Each that says something else, once. Rule: M3."""
    waiting = keeper(kept(S.SENT), kept(S.FAILED, "1"))
    assert recorded(S.READ, keeper=waiting) == ((waiting.id, StatusKept(report=kept(S.READ))),)
    assert recorded(S.FAILED, "2", keeper=waiting) == ((waiting.id, StatusKept(report=kept(S.FAILED, "2"))),)
    assert recorded(S.SENT, keeper=waiting) == ()
    assert recorded(S.FAILED, "1", keeper=waiting) == ()


# --- laws ----------------------------------------------------------------------------------------------------

reports = st.builds(command, st.sampled_from(LADDER[1:])) | st.builds(
    command, st.just(S.FAILED), st.sampled_from([None, "131026", "131047"])
)


class Town:
    """A message with its effect, and what keeps its early reports; as storage would hold them."""

    def __init__(self) -> None:
        self.things: dict[str, Any] = {EF: effect(E.IN_FLIGHT), MSG: outbound()}

    @property
    def message(self) -> Message:
        message: Message = self.things[MSG]
        return message

    def keeper(self) -> Effect | None:
        found = (t for ref, t in self.things.items() if ref not in (EF, MSG) and t.state is E.INTENDED)
        return next(found, None)

    def hear(self, told: RecordStatus) -> None:
        known = self.message.provider_id is not None
        facts = on_status(
            message=self.message if known else None,
            effect=self.things[EF] if known else None,
            keeper=self.keeper(),
        )
        self.take_in(decide(told, facts))

    def settle(self) -> None:
        from chatcore.rules.settling import succeeded

        self.take_in(succeeded(self.things[EF], "wamid.out", self.message, self.keeper()))

    def take_in(self, decision: Any) -> None:
        for ref, event in decision:
            self.things[ref] = after(self.things[ref], event) if ref in self.things else born(ref, event)


def shown(told: list[RecordStatus], settled_after: int) -> tuple[Any, ...]:
    town = Town()
    for n, one in enumerate(told):
        if n == settled_after:
            town.settle()
        town.hear(one)
    town.settle()
    message = town.message
    assert town.keeper() is None
    return message.status, message.reached, message.failure, message.provider_id, town.things[EF].state


@given(
    st.lists(reports, max_size=6).flatmap(lambda r: st.tuples(st.just(r), st.permutations(r))),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_reports_converge_in_any_order(told: Any, one: int, other: int) -> None:
    """Law: any order of the same reports, and the settlement among, before or after them, show the same.

    Rule: M2, M3.
    """
    first, shuffled = told
    assert shown(first, one) == shown([*shuffled, *shuffled], other)


def test_a_failure_of_one_that_waits_to_be_tried_again_ends_it() -> None:
    """It was tried and refused: it is not sent again, in whichever order that is told. Rule: M2."""
    decision = recorded(S.FAILED, "131026", message=outbound(), effect=effect(E.INTENDED))
    assert decision == (
        (EF, Cancelled(detail="131026")),
        (MSG, MessageAccepted(provider_id="wamid.out")),
        (MSG, report(S.FAILED, "131026")),
    )
