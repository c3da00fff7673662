"""The fold: what each event does to its entity, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Evidence
from chatcore.errors import TransitionNotAllowed
from chatcore.events import (
    AnomalyRecorded,
    Cancelled,
    Claimed,
    Closed,
    ContactBlocked,
    ContactCreated,
    ContactUnblocked,
    Dismissed,
    Doubted,
    EvidenceKept,
    Failed,
    InboundRefused,
    Intended,
    LeftUnconfirmed,
    LookedUp,
    MessageAccepted,
    MessageAdded,
    MessageDoubted,
    MessageNotSent,
    MessageReceived,
    MessageWritten,
    Postponed,
    Queued,
    Reopened,
    ReturnedToBot,
    Started,
    StatusKept,
    StatusReported,
    Succeeded,
    Taken,
    Transferred,
    WorkspaceConfigured,
)
from chatcore.evolve import evolve, fold
from chatcore.vocabulary import (
    SYSTEM,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    MessageKind,
    Private,
    Situation,
)
from tests.given import (
    ADDRESS,
    ANA,
    CV,
    DAY,
    EF,
    HOUR,
    MSG,
    NOW,
    PHONE,
    SARA,
    SECOND,
    after,
    born,
    contact,
    conversation,
    effect,
    envelope,
    inbound,
    keeper,
    kept,
    outbound,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED


def differences(before: Any, now: Any) -> dict[str, Any]:
    """What changed, besides the version and the time, which always do."""
    assert now.version == before.version + 1
    assert now.recorded_at == NOW
    old, new = flat(before), flat(now)
    return {k: v for k, v in new.items() if v != old[k] and k not in ("version", "recorded_at")}


def flat(thing: Any) -> dict[str, Any]:
    """The fields of a thing; those of a conversation's origin and talk stand among them."""
    fields = {field.name: getattr(thing, field.name) for field in attrs.fields(type(thing))}
    for part in ("origin", "talk"):
        if part in fields:
            fields |= flat(fields.pop(part))
    return fields


# --- the conversation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "situation", "queued", "taken"),
    [({}, QUEUE, NOW, None), ({"bot": True}, BOT, None, None), ({"assignee": "ana"}, OPEN, None, NOW)],
)
def test_a_conversation_begins(changes: dict[str, Any], situation: Situation, queued: Any, taken: Any) -> None:
    """With nothing said yet, and its protocol. Rule: L5, L11, L1."""
    started = Started(contact="ct_1", channel="wa", address=PHONE, protocol="7", department="sup", **changes)
    new = born("cv_9", started)
    assert (new.id, new.version, new.situation, new.protocol) == ("cv_9", 1, situation, "7")
    assert (new.started_at, new.opened_at, new.queued_at, new.taken_at) == (NOW, NOW, queued, taken)
    assert new.assignee == new.last_assignee == changes.get("assignee")
    assert (new.seq, new.unread, new.transfers, new.waiting_since, new.window_until) == (0, 0, 0, None, None)
    assert (new.contact, new.channel, new.address, new.department) == ("ct_1", "wa", PHONE, "sup")
    assert new.reason is new.closed_at is new.closed_by is None


LIFE: list[tuple[Situation, Any, dict[str, Any]]] = [
    (BOT, Queued(department="fin"), {"situation": QUEUE, "department": "fin", "queued_at": NOW}),
    (
        BOT,
        Taken(assignee="beto"),
        {"situation": OPEN, "assignee": "beto", "last_assignee": "beto", "taken_at": NOW},
    ),
    (
        QUEUE,
        Taken(assignee="beto"),
        {"situation": OPEN, "assignee": "beto", "last_assignee": "beto", "taken_at": NOW},
    ),
    (QUEUE, ReturnedToBot(), {"situation": BOT, "queued_at": None}),
    (
        OPEN,
        Queued(department="sup"),
        {"situation": QUEUE, "assignee": None, "queued_at": NOW, "taken_at": None},
    ),
    (
        OPEN,
        Transferred(assignee="beto"),
        {"assignee": "beto", "last_assignee": "beto", "taken_at": NOW, "transfers": 1},
    ),
    (OPEN, ReturnedToBot(), {"situation": BOT, "assignee": None, "queued_at": None, "taken_at": None}),
    (BOT, Closed(reason="slow"), {"situation": CLOSED, "reason": "slow", "closed_at": NOW, "closed_by": SARA}),
    (
        QUEUE,
        Closed(reason="slow"),
        {"situation": CLOSED, "reason": "slow", "closed_at": NOW, "closed_by": SARA},
    ),
    (
        OPEN,
        Closed(reason="slow"),
        {"situation": CLOSED, "assignee": None, "reason": "slow", "closed_at": NOW, "closed_by": SARA},
    ),
    (
        CLOSED,
        Reopened(),
        {
            "situation": QUEUE,
            "opened_at": NOW,
            "queued_at": NOW,
            "taken_at": None,
            "closed_at": None,
            "closed_by": None,
            "reason": None,
        },
    ),
    (
        CLOSED,
        Reopened(assignee="ana"),
        {
            "situation": OPEN,
            "assignee": "ana",
            "opened_at": NOW,
            "queued_at": None,
            "taken_at": NOW,
            "closed_at": None,
            "closed_by": None,
            "reason": None,
        },
    ),
]


@pytest.mark.parametrize(
    ("situation", "event", "expected"), LIFE, ids=[f"{s}-{type(e).__name__}" for s, e, _ in LIFE]
)
def test_each_step_of_the_life_cycle(situation: Situation, event: Any, expected: dict[str, Any]) -> None:
    """Exactly these fields change; what was said stays, and the last assignee. Rule: section L, L1, L2, L9."""
    before = conversation(situation)
    assert differences(before, after(before, event, by=SARA)) == expected


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize(
    "event",
    [
        Queued(department="sup"),
        Taken(assignee="ana"),
        Transferred(assignee="ana"),
        ReturnedToBot(),
        Closed(reason="moved"),
        Reopened(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_no_other_step_can_follow(situation: Situation, event: Any) -> None:
    """An event without an edge from here is refused. Rule: section L."""
    if any(s is situation and type(e) is type(event) for s, e, _ in LIFE):
        return
    with pytest.raises(TransitionNotAllowed):
        after(conversation(situation), event)


def added(direction: Direction, **changes: Any) -> MessageAdded:
    return MessageAdded(**{"message": "cv_1.2", "seq": 2, "direction": direction, **changes})


IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def test_a_customers_message_counts_and_waits() -> None:
    """Unread rises; the first unanswered one says since when they wait. Rule: L15, L23, M4."""
    quiet = conversation(unread=0, waiting_since=None)
    assert differences(quiet, after(quiet, added(IN))) == {"seq": 2, "unread": 1, "waiting_since": NOW}
    waiting = conversation(unread=3)
    assert differences(waiting, after(waiting, added(IN))) == {"seq": 2, "unread": 4}


def test_a_persons_answer_clears_both() -> None:
    """Answering reads and answers. Rule: L15, L23."""
    before = conversation(OPEN, unread=3)
    expected = {"seq": 2, "unread": 0, "waiting_since": None}
    assert differences(before, after(before, added(OUT, human=True))) == expected


def test_an_automatic_message_answers_nobody() -> None:
    """Neither the count nor the waiting changes. Rule: L15."""
    before = conversation(OPEN, unread=3)
    assert differences(before, after(before, added(OUT))) == {"seq": 2}


@pytest.mark.parametrize(
    ("had", "comes", "has"),
    [
        (None, NOW, NOW),
        (NOW, NOW + SECOND, NOW + SECOND),
        (NOW, NOW - SECOND, NOW),
        (NOW, None, NOW),
        (None, None, None),
    ],
)
def test_the_window_only_moves_on(had: Any, comes: Any, has: Any) -> None:
    """An older message that comes late does not shut it earlier. Rule: M5."""
    assert after(conversation(window_until=had), added(IN, window_until=comes)).window_until == has


def test_our_messages_never_extend_the_window() -> None:
    """Whatever the event says. Rule: M5."""
    before = conversation(OPEN, window_until=NOW)
    assert after(before, added(OUT, human=True, window_until=NOW + DAY)).window_until == NOW


def test_replies_go_where_the_customer_wrote_from() -> None:
    """The address is pinned anew when the event says so, and stays otherwise. Rule: M10."""
    elsewhere = Private("551187654321")
    assert after(conversation(), added(IN, address=elsewhere)).address == elsewhere
    assert after(conversation(), added(IN)).address == PHONE


@pytest.mark.parametrize("situation", Situation)
def test_a_message_moves_no_conversation(situation: Situation) -> None:
    """In any situation, and its times stand still. Rule: section L, M12."""
    before = conversation(situation)
    assert {*differences(before, after(before, added(IN)))} == {"seq", "unread"}


# --- the contact ---------------------------------------------------------------------------------------------


def test_a_contact_becomes_known() -> None:
    """With its addresses, and its name if there is one."""
    new = born("ct_9", ContactCreated(addresses=(ADDRESS,), name=Private("Maria")))
    assert (new.id, new.version, new.addresses, new.name) == ("ct_9", 1, (ADDRESS,), Private("Maria"))
    assert (new.blocked, new.refused) == (None, 0)


def test_a_block_says_who_when_and_why_and_ends() -> None:
    """What was refused meanwhile stays counted. Rule: S20, M13."""
    before = contact(name=Private("Maria"))
    blocked = after(before, ContactBlocked(why="spam"), by=SARA)
    assert (blocked.blocked.by, blocked.blocked.at, blocked.blocked.why) == (SARA, NOW, "spam")
    assert {*differences(before, blocked)} == {"blocked"}
    refused = after(blocked, *[InboundRefused(channel="wa", provider_id="w")] * 2)
    assert (refused.refused, refused.blocked) == (2, blocked.blocked)
    free = after(refused, ContactUnblocked())
    assert (free.blocked, free.refused, free.name) == (None, 2, Private("Maria"))


# --- the message ---------------------------------------------------------------------------------------------


def test_a_customers_message_is_kept_as_it_came() -> None:
    """Its provider's id, clock, repairs and raw form included. Rule: M1, M8, M14."""
    received = MessageReceived(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.UNKNOWN,
        body=Private(""),
        provider_id="w",
        sent_at=NOW - HOUR,
        flags=("cut",),
        raw=Private("{}"),
    )
    new = born(MSG, received)
    assert new.direction is IN
    for field in attrs.fields(MessageReceived):
        assert getattr(new, field.name) == getattr(received, field.name)
    assert (new.author, new.effect, new.reached, new.anomalies) == (None, None, DeliveryStatus.PENDING, 0)


def test_a_message_to_the_customer_is_pending_until_it_leaves() -> None:
    """With its author or its trigger, and the effect that carries it. Rule: M2, L12, L20."""
    written = MessageWritten(
        conversation=CV, seq=1, channel="wa", kind=MessageKind.TEXT, body=Private("x"), effect=EF, author=ANA
    )
    new = born(MSG, written)
    assert new.direction is OUT
    for field in attrs.fields(MessageWritten):
        assert getattr(new, field.name) == getattr(written, field.name)
    assert (new.status, new.provider_id, new.sent_at) == (DeliveryStatus.PENDING, None, None)


S = DeliveryStatus


def test_the_providers_acceptance_ends_every_doubt_of_ours() -> None:
    """It names the message, which is SENT at least; what we thought of it before is gone. Rule: M2."""
    doubted = outbound(unconfirmed=True, not_sent="refused")
    expected = {"provider_id": "w", "reached": S.SENT, "unconfirmed": False, "not_sent": None}
    assert differences(doubted, after(doubted, MessageAccepted(provider_id="w"))) == expected
    read = outbound(reached=S.READ)
    assert differences(read, after(read, MessageAccepted(provider_id="w"))) == {"provider_id": "w"}


def test_what_became_of_our_own_attempt_is_told_apart() -> None:
    """Not sent, with the code of why; or in doubt. Rule: M2."""
    before = outbound()
    assert differences(before, after(before, MessageNotSent(detail="expired"))) == {"not_sent": "expired"}
    assert differences(before, after(before, MessageDoubted())) == {"unconfirmed": True}
    assert after(before, MessageDoubted()).status is S.UNCONFIRMED
    assert after(before, MessageNotSent(detail="expired")).status is S.FAILED


def test_a_repeat_with_another_body_counts_and_changes_nothing() -> None:
    """Rule: M1."""
    before = inbound()
    assert differences(before, after(before, AnomalyRecorded())) == {"anomalies": 1}


def report(status: DeliveryStatus, failure: str | None = None) -> StatusReported:
    return StatusReported(status=status, occurred_at=NOW, failure=failure)


@pytest.mark.parametrize("had", [S.PENDING, S.SENT, S.DELIVERED, S.READ, S.PLAYED])
@pytest.mark.parametrize("comes", [S.SENT, S.DELIVERED, S.READ, S.PLAYED])
def test_delivery_only_rises(had: DeliveryStatus, comes: DeliveryStatus) -> None:
    """PENDING < SENT < DELIVERED < READ < PLAYED. Rule: M2."""
    ladder = [S.PENDING, S.SENT, S.DELIVERED, S.READ, S.PLAYED]
    now = after(outbound(reached=had), report(comes))
    assert now.reached is ladder[max(ladder.index(had), ladder.index(comes))]


def test_a_failure_without_a_code_is_one_too() -> None:
    """Rule: M2."""
    assert after(outbound(), report(S.FAILED)).failure is not None
    assert after(outbound(), report(S.FAILED, "131026")).failure == "131026"
    assert after(outbound(), report(S.FAILED)).status is S.FAILED


reports = st.builds(report, st.sampled_from([S.SENT, S.DELIVERED, S.READ, S.PLAYED])) | st.builds(
    report, st.just(S.FAILED), st.sampled_from([None, "131026", "131047"])
)


@given(
    st.lists(reports, max_size=6).flatmap(
        lambda r: st.tuples(
            st.just(r), st.permutations(r), st.lists(st.sampled_from(r), max_size=3) if r else st.just([])
        )
    )
)
def test_reports_commute_and_repeat_harmlessly(told: tuple[list[Any], list[Any], list[Any]]) -> None:
    """Law: any order, any repeats of the same reports lead to the same message. Rule: M2."""
    first, shuffled, again = told
    one = after(outbound(), *first)
    other = after(outbound(), *shuffled, *again)
    assert attrs.evolve(other, version=one.version, recorded_at=one.recorded_at) == one
    assert other.status is one.status


@given(st.lists(reports, max_size=6))
def test_evidence_of_delivery_wins(told: list[Any]) -> None:
    """Law: FAILED is shown exactly when a failure was reported and nothing was delivered. Rule: M2."""
    kinds = {r.status for r in told}
    delivered = bool(kinds & {S.DELIVERED, S.READ, S.PLAYED})
    shown = after(outbound(), *told).status
    assert (shown is S.FAILED) is (S.FAILED in kinds and not delivered)


# --- the workspace -------------------------------------------------------------------------------------------


def test_a_configuration_replaces_the_one_before() -> None:
    """All of it, at the version and the moment of the event, whatever it carried itself."""
    new = workspace(name="Outro", version=9)
    first = born("ws", WorkspaceConfigured(workspace=new))
    assert (first.version, first.recorded_at) == (1, NOW)
    second = after(workspace(), WorkspaceConfigured(workspace=new))
    assert second == attrs.evolve(new, version=2, recorded_at=NOW)


# --- the effect ----------------------------------------------------------------------------------------------


def test_an_effect_is_born_due() -> None:
    """INTENDED, asked for by whoever gave the command, tried never."""
    intended = Intended(
        kind=EffectKind.SEND_MESSAGE,
        channel="wa",
        expires_at=NOW + DAY,
        due_at=NOW,
        conversation=CV,
        contact="ct_1",
        message=MSG,
        lane="lane",
        position=3,
    )
    new = born("ef_9", intended, by=ANA)
    for field in attrs.fields(Intended):
        assert getattr(new, field.name) == getattr(intended, field.name)
    assert (new.id, new.state, new.requested_by) == ("ef_9", EffectState.INTENDED, ANA)
    assert (new.version, new.fence, new.attempts, new.unresolved) == (1, 1, 0, False)


E = EffectState
LATER = NOW + HOUR


def step(state: EffectState, event: Any, expected: dict[str, Any], **changes: Any) -> Any:
    name = f"{state}-{type(event).__name__}-{'-'.join(changes)}"
    return pytest.param(effect(state, **changes), event, {"fence": 5, **expected}, id=name)


ENDS = {"due_at": None, "lease_until": None}
STEPS = [
    step(
        E.INTENDED,
        Claimed(lease_until=LATER),
        {"state": E.IN_FLIGHT, "attempts": 1, "due_at": LATER, "lease_until": LATER, "dispatched_at": NOW},
    ),
    step(E.INTENDED, Cancelled(detail="expired"), {"state": E.CANCELLED, "due_at": None, "detail": "expired"}),
    step(E.INTENDED, Succeeded(reference="w"), {"state": E.SUCCEEDED, "due_at": None, "reference": "w"}),
    step(E.IN_FLIGHT, Succeeded(reference="w"), {"state": E.SUCCEEDED, **ENDS, "reference": "w"}),
    step(E.IN_FLIGHT, Failed(detail="131026"), {"state": E.FAILED, **ENDS, "detail": "131026"}),
    step(
        E.IN_FLIGHT,
        Postponed(due_at=LATER, detail="t"),
        {"state": E.INTENDED, "due_at": LATER, "lease_until": None, "detail": "t"},
    ),
    step(
        E.IN_FLIGHT,
        Postponed(due_at=LATER),
        {"state": E.INTENDED, "due_at": LATER, "lease_until": None},
        unresolved=True,
    ),
    step(
        E.IN_FLIGHT,
        Doubted(due_at=LATER, detail="t"),
        {
            "state": E.UNKNOWN,
            "due_at": LATER,
            "lease_until": None,
            "detail": "t",
            "doubted_at": NOW,
            "unresolved": True,
        },
    ),
    step(E.UNKNOWN, Succeeded(), {"state": E.SUCCEEDED, "due_at": None, "unresolved": False}),
    step(
        E.UNKNOWN, Failed(detail="x"), {"state": E.FAILED, "due_at": None, "detail": "x", "unresolved": False}
    ),
    step(E.UNKNOWN, LookedUp(due_at=LATER), {"due_at": LATER}, detail="kept"),
    step(
        E.UNKNOWN,
        Postponed(due_at=LATER, detail="absent"),
        {"state": E.INTENDED, "due_at": LATER, "detail": "absent", "unresolved": False},
    ),
    step(
        E.UNKNOWN,
        Claimed(lease_until=LATER),
        {"state": E.IN_FLIGHT, "attempts": 2, "due_at": LATER, "lease_until": LATER},
    ),
    step(
        E.UNKNOWN,
        LeftUnconfirmed(),
        {"state": E.UNCONFIRMED, "due_at": None, "unresolved": False},
        detail="kept",
    ),
    step(E.REVIEW, Succeeded(reference="w"), {"state": E.SUCCEEDED, "reference": "w"}),
    step(E.REVIEW, Failed(detail="x"), {"state": E.FAILED, "detail": "x"}),
    step(E.UNCONFIRMED, Succeeded(reference="w"), {"state": E.SUCCEEDED, "reference": "w"}),
    step(E.UNCONFIRMED, Dismissed(), {"state": E.DISMISSED}, detail="kept"),
    step(E.DISMISSED, Succeeded(reference="w"), {"state": E.SUCCEEDED, "reference": "w"}),
    step(
        E.FAILED, Succeeded(reference="w"), {"state": E.SUCCEEDED, "reference": "w", "detail": None}, detail="x"
    ),
    step(E.CANCELLED, Succeeded(reference="w"), {"state": E.SUCCEEDED, "reference": "w"}),
]


@pytest.mark.parametrize(("before", "event", "expected"), STEPS)
def test_each_step_of_an_effect(before: Any, event: Any, expected: dict[str, Any]) -> None:
    """Exactly these fields change; the fence moves on with every step of the state."""
    assert differences(before, after(before, event)) == expected


def test_a_doubt_stays_open_until_something_resolves_it() -> None:
    """An attempt in doubt, then one that certainly did not go: the first may still have gone."""
    again = after(effect(E.UNKNOWN), Claimed(lease_until=LATER), Postponed(due_at=LATER))
    assert (again.state, again.unresolved) == (E.INTENDED, True)
    assert after(effect(E.UNKNOWN), Postponed(due_at=LATER)).unresolved is False


@pytest.mark.parametrize("state", EffectState)
def test_what_is_learnt_besides_moves_no_fence(state: EffectState) -> None:
    """Evidence and early statuses are added, in order; nothing else changes."""
    before = effect(state)
    noted = after(before, EvidenceKept(finding="a"), EvidenceKept(finding="b", reference="w"))
    assert noted.evidence == (Evidence(NOW, "a"), Evidence(NOW, "b", "w"))
    assert attrs.evolve(noted, version=before.version, recorded_at=before.recorded_at, evidence=()) == before
    more = after(keeper(kept(S.SENT)), StatusKept(report=kept(S.READ)))
    assert more.kept == (kept(S.SENT), kept(S.READ))


# --- the fold ------------------------------------------------------------------------------------------------


def test_a_state_is_the_fold_of_its_events() -> None:
    """Law: one after another, from nothing or from a state in between. Rule: L12."""
    story = [
        Started(contact="ct_1", channel="wa", address=PHONE, protocol="7", department="sup"),
        MessageAdded(message=MSG, seq=1, direction=IN, window_until=NOW + DAY),
        Taken(assignee="ana"),
        MessageAdded(message="cv_1.2", seq=2, direction=OUT, human=True),
        Closed(reason="moved"),
    ]
    envelopes = [envelope(CV, n, e, by=ANA, at=NOW + n * SECOND) for n, e in enumerate(story, 1)]
    whole = fold(envelopes)
    assert fold(envelopes[3:], fold(envelopes[:3])) == whole
    assert fold([]) is None
    assert fold([], whole) is whole
    assert isinstance(whole, type(conversation()))
    assert (whole.situation, whole.version, whole.seq, whole.closed_by) == (CLOSED, 5, 2, ANA)
    assert whole.closed_at == NOW + 5 * SECOND


def test_folding_twice_gives_equal_states() -> None:
    """Law: evolve is pure: the state it starts from is as it was."""
    before = conversation()
    twin = attrs.evolve(before)
    event = envelope(CV, 3, Taken(assignee="ana"), by=SYSTEM, at=NOW)
    assert evolve(before, event) == evolve(before, event)
    assert before == twin


def test_what_is_no_event_cannot_happen() -> None:
    """Anything but an event of the tables is refused."""
    for state in (None, conversation()):
        with pytest.raises(TransitionNotAllowed):
            evolve(state, envelope(CV, 3, timedelta(0)))  # type: ignore[arg-type]
