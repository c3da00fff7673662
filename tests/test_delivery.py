"""Delivery: what goes outside, when, in which order, how often, and what becomes of it when it does not go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from chatcore import (
    SYSTEM,
    Answer,
    BlockContact,
    Close,
    Delivery,
    Desk,
    InvalidValue,
    Ports,
    Report,
    SendMessage,
)
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    AddItem,
    ArchiveItem,
    ClaimEffect,
    Dismiss,
    MarkRead,
    RecordStatus,
    Resend,
    ReturnToQueue,
    SendTemplate,
    SetPolicies,
)
from chatcore.entities import (
    AtMostOnce,
    ChannelCapabilities,
    LooksUpByKey,
    MessageTemplate,
    Policies,
    RepeatsByKey,
)
from chatcore.errors import (
    ContactBlocked,
    EffectPending,
    NotAdmitted,
    NotInDoubt,
    NotPermitted,
    Permanent,
    PortMissing,
    Temporary,
    WindowClosed,
)
from chatcore.limits import DELIVERY_ATTEMPTS, DELIVERY_DEADLINE
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.ports import Due, ReadSet, SendRequest, Snapshot
from chatcore.testing.laws import assert_laws
from chatcore.vocabulary import (
    ConversationId,
    DeliveryStatus,
    EffectId,
    EffectState,
    Part,
    ReasonId,
    TemplateId,
)
from tests.office import (
    ADMIN,
    ANA,
    BETO,
    NOON,
    SUE,
    WA,
    MoodyMessaging,
    Office,
)

MOVED = ReasonId("moved")
JOAO = "5511912345678"


@pytest.fixture
def office() -> Office:
    return Office()


# --- delivery, at once or later ------------------------------------------------------------------------------


def test_delivery_later_sends_nothing_until_due_work_runs(office: Office) -> None:
    """The outcome is fixed at the commit: it is equal whether the message leaves at once or later."""
    late = Office(delivery=Delivery.LATER)
    outcomes = []
    for each in (office, late):
        cv = each.taken()
        outcomes.append(each.desk.handle(SendMessage(cv, "Olá"), by=ANA))
    assert [o.changed[0][1] for o in outcomes] == [outcomes[0].changed[0][1]] * 2
    assert outcomes[0] == outcomes[1]
    assert (office.sent, late.sent) == (["Olá"], [])
    assert late.desk.run_due() == Report(done=1, more=False, next_at=None)
    assert late.sent == ["Olá"]


def test_delivery_can_be_said_for_one_command(office: Office) -> None:
    """The argument wins over the desk's own setting, either way."""
    cv = office.taken()
    office.desk.handle(SendMessage(cv, "Depois"), by=ANA, delivery=Delivery.LATER)
    assert office.sent == []
    late = office.another_desk(delivery=Delivery.LATER)
    office.desk.run_due()
    late.handle(SendMessage(cv, "Já"), by=ANA, delivery=Delivery.INLINE)
    assert office.sent == ["Depois", "Já"]


def test_a_replay_does_not_send_again(office: Office) -> None:
    """Repeating a command with its key delivers nothing a second time, even where the first did not deliver."""
    cv = office.taken()
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA, key="k", delivery=Delivery.LATER)
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA, key="k", delivery=Delivery.INLINE)
    office.desk.run_due()
    office.desk.run_due()
    assert office.sent == ["Olá"]


def test_the_request_says_where_to_and_with_which_key(office: Office) -> None:
    """A reply goes to the exact address the channel gave, with the effect's id as its key. Rule: M10."""
    cv = office.taken(address="551187654321")
    (effect,) = office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    (request,) = office.messaging.outbox
    assert (request.key, request.to.reveal(), request.account) == (effect, "551187654321", "106540352242922")
    assert request.deadline > office.now


def test_a_desk_that_only_carries_out_due_work_needs_nothing_before(office: Office) -> None:
    """A worker's desk, just opened, delivers what the service's desk left to it."""
    office.written("Olá")
    assert office.another_desk().run_due() == Report(done=1, more=False, next_at=None)
    assert office.sent == ["Olá"]


# --- due work ------------------------------------------------------------------------------------------------


def test_due_work_reports_what_it_did(office: Office) -> None:
    """The report counts what was carried a step on, and says whether more is due, and when."""
    assert office.desk.run_due() == Report(done=0, more=False, next_at=None)
    for n in range(5):
        office.written("Olá", address=f"55119123456{n:02d}")
    first = office.desk.run_due(limit=2)
    assert (first.done, first.more, len(office.sent)) == (2, True, 2)
    second = office.desk.run_due(limit=3)
    assert (second.done, second.more, len(office.sent)) == (3, False, 5)


def test_due_work_stops_at_its_limit_within_a_lane(office: Office) -> None:
    """The limit counts each message, also where one only becomes due once the one before it has gone."""
    office.written("1", "2", "3")
    report = office.desk.run_due(limit=2)
    assert (report.done, report.more, office.sent) == (2, True, ["1", "2"])


@pytest.mark.parametrize("limit", [0, -1, True, "5", None, 1.5])
def test_a_limit_that_is_none_is_malformed(office: Office, limit: Any) -> None:
    """A limit is a positive whole number; anything else is one typed error, and nothing is sent."""
    office.written("Olá")
    with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
        office.desk.run_due(limit=limit)
    assert caught.value.problems[0].path == "limit"


def test_a_large_limit_does_all_there_is(office: Office) -> None:
    """A limit above the length of one page still does as much as it says."""
    for n in range(230):
        office.written("Olá", address=f"5511912345{n:03d}")
    report = office.desk.run_due(limit=1000)
    assert (report.done, report.more, len(office.sent)) == (230, False, 230)


def test_messages_of_a_conversation_leave_in_order(office: Office) -> None:
    """However they are written, the messages of one conversation leave in `seq` order. Rule: M20."""
    office.written("1", "2", "3")
    office.desk.run_due()
    assert office.sent == ["1", "2", "3"]


def test_a_later_message_waits_while_an_earlier_one_is_not_sent() -> None:
    """A message certainly not sent holds its lane; another conversation is not held. Rule: M20."""
    office = Office(messaging=MoodyMessaging())
    first, second = office.written("later", "2")
    office.written("Outra conversa", address=JOAO)
    office.desk.run_due()
    assert office.sent == ["Outra conversa"]
    assert office.state(second).state is EffectState.INTENDED
    with office.nothing_changes(), pytest.raises(EffectPending):
        office.desk.handle(ClaimEffect(second), by=SYSTEM)
    office.desk.handle(SendMessage(office.state(first).conversation, "3"), by=ANA, delivery=Delivery.INLINE)
    assert office.sent == ["Outra conversa"]


def test_a_doubt_does_not_hold_the_lane() -> None:
    """A message nobody can tell about lets the next one pass. Rule: M20."""
    office = Office(messaging=MoodyMessaging())
    first, _ = office.written("boom", "2")
    office.desk.run_due()
    assert office.sent == ["2"]
    assert office.state(first).state is EffectState.UNKNOWN


def test_an_ended_message_does_not_hold_the_lane() -> None:
    """A message the provider refused lets the next one pass. Rule: M20."""
    office = Office(messaging=MoodyMessaging())
    first, _ = office.written("never", "2")
    office.desk.run_due()
    assert office.sent == ["2"]
    assert office.state(first).state is EffectState.FAILED


def test_a_message_certainly_not_sent_is_tried_again_with_the_same_key() -> None:
    """Tries wait at least as long as the provider asks, then double, up to the last; then it has failed."""
    messaging = MoodyMessaging()
    office = Office(messaging=messaging)
    (effect,) = office.written("later")
    waits = []
    while office.state(effect).state is EffectState.INTENDED:
        report = office.desk.run_due()
        if report.next_at is None:
            break
        waits.append(report.next_at - office.now)
        with office.nothing_changes():
            assert office.desk.run_due().done == 0
        office.now = report.next_at
    assert messaging.tries == [effect] * DELIVERY_ATTEMPTS
    assert waits == [timedelta(seconds=s) for s in (30, 30, 30, 30, 32, 64, 128)]
    assert office.state(effect).state is EffectState.FAILED
    assert office.message_of(effect).status is DeliveryStatus.FAILED
    assert office.sent == []


def test_a_message_that_could_not_leave_in_time_is_cancelled() -> None:
    """A day after it was written a message does not go out any more."""
    office = Office(messaging=MemoryMessaging(attrs.evolve(CAPABILITIES, window=None)))
    in_time, too_late = office.written("1"), office.written("2", address=JOAO)
    office.now = NOON + DELIVERY_DEADLINE - timedelta(microseconds=1)
    office.desk.handle(ClaimEffect(in_time[0]), by=SYSTEM)
    office.now = NOON + DELIVERY_DEADLINE
    office.desk.run_due()
    cancelled = office.state(too_late[0])
    assert (cancelled.state, cancelled.detail) == (EffectState.CANCELLED, "expired")
    message = office.message_of(too_late[0])
    assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, "expired")
    assert office.sent == []


def test_a_message_to_a_contact_blocked_meanwhile_is_cancelled(office: Office) -> None:
    """The block is checked again at the claim; the message shows that it did not leave. Rule: M13, L21."""
    effects = office.written("1", "2")
    office.desk.handle(BlockContact(office.state(effects[0]).contact), by=ANA)
    office.desk.run_due()
    assert office.sent == []
    for id in effects:
        assert (office.state(id).state, office.state(id).detail) == (
            EffectState.CANCELLED,
            "contact_blocked",
        )
        message = office.message_of(id)
        assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, "contact_blocked")


def test_a_message_whose_window_shut_meanwhile_is_cancelled(office: Office) -> None:
    """The service window is checked again at the claim. Rule: M5."""
    office.arrive()
    office.pass_time(hours=12)
    (effect,) = office.written("Olá", address=JOAO)
    cv = office.state(effect).conversation
    late = office.contents.states[cv].window_until
    office.now = late - timedelta(minutes=1)
    (other,) = office.desk.handle(SendMessage(cv, "Ainda"), by=ANA, delivery=Delivery.LATER).effects
    office.now = late
    office.desk.run_due()
    assert office.state(other).detail == "window_closed"
    assert office.message_of(other).status is DeliveryStatus.FAILED
    assert office.sent == []


NOTICE = MessageTemplate(id=TemplateId("notice"), channel=WA, name="aviso", language="pt_BR", body="Aviso.")


def test_a_template_archived_meanwhile_is_cancelled(office: Office) -> None:
    """It is asked again at the claim, and the message shows that it did not leave. Rule: C3."""
    office.desk.handle(AddItem(NOTICE), by=ADMIN)
    command = SendTemplate(office.taken(), NOTICE.id)
    (effect,) = office.desk.handle(command, by=ANA, delivery=Delivery.LATER).effects
    office.desk.handle(ArchiveItem(Part.TEMPLATE, NOTICE.id), by=ADMIN)
    office.desk.run_due()
    assert office.sent == []
    assert (office.state(effect).state, office.state(effect).detail) == (
        EffectState.CANCELLED,
        "template_archived",
    )
    assert office.message_of(effect).not_sent == "template_archived"
    assert_laws(office.contents)


def receipt_of(office: Office) -> tuple[ConversationId, Any]:
    """Ana has read what a customer wrote, and they are to be told so later."""
    policies = office.desk.workspace(by=ADMIN).policies
    office.desk.handle(SetPolicies(attrs.evolve(policies, read_receipts=True)), by=ADMIN)
    cv = office.taken()
    (effect,) = office.desk.handle(MarkRead(cv), by=ANA, delivery=Delivery.LATER).effects
    return cv, effect


def test_a_receipt_goes_out_once_it_is_due(office: Office) -> None:
    """While ana has it, and the policy says so. Rule: L23."""
    _, effect = receipt_of(office)
    office.desk.run_due()
    assert office.state(effect).state is EffectState.SUCCEEDED


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda office, cv: office.desk.handle(ReturnToQueue(cv), by=ANA),
        lambda office, cv: office.desk.handle(Close(cv, MOVED), by=ANA),
        lambda office, cv: office.desk.handle(SetPolicies(Policies()), by=ADMIN),
    ],
    ids=["queued", "closed", "policy off"],
)
def test_a_receipt_that_nobody_wants_any_more_is_cancelled(office: Office, meanwhile: Any) -> None:
    """Nobody is told that it was read from the queue, nor against the policy. Rule: L23."""
    cv, effect = receipt_of(office)
    before = office.state(f"{cv}.1")
    meanwhile(office, cv)
    office.desk.run_due()
    assert (office.state(effect).state, office.state(effect).detail) == (EffectState.CANCELLED, "not_wanted")
    assert office.messaging.receipts == []
    assert office.state(f"{cv}.1") == before


def test_a_message_the_provider_refuses_has_failed_with_its_code() -> None:
    """A refusal is final: the provider's code shows on the message, and it is not tried again."""
    messaging = MoodyMessaging()
    office = Office(messaging=messaging)
    (effect,) = office.written("never")
    office.desk.run_due()
    office.pass_time(hours=1)
    office.desk.run_due()
    message = office.message_of(effect)
    assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, "131026")
    assert messaging.tries == [effect]


class Lost(MemoryMessaging):
    """A provider that takes what it is given while the answer is lost, the first `times` times."""

    def __init__(self, capabilities: ChannelCapabilities, times: int = 1, *, keeps: bool = True) -> None:
        super().__init__(capabilities)
        self.times, self.keeps, self.calls = times, keeps, 0

    def send(self, request: SendRequest, /) -> str:
        self.calls += 1
        if self.calls > self.times:
            return super().send(request)
        if self.keeps:
            super().send(request)
        raise ConnectionResetError


def in_doubt(nature: Any, **lost: Any) -> tuple[Office, EffectId]:
    office = Office(messaging=Lost(attrs.evolve(CAPABILITIES, nature=nature), **lost))
    (effect,) = office.written("Olá")
    office.desk.handle(ClaimEffect(effect), by=SYSTEM)
    return office, effect


@pytest.mark.parametrize(
    ("nature", "kept", "end", "calls"),
    [
        (RepeatsByKey(timedelta(hours=1)), True, EffectState.SUCCEEDED, 2),
        (RepeatsByKey(timedelta(hours=1)), False, EffectState.SUCCEEDED, 2),
        (LooksUpByKey(timedelta(minutes=1)), True, EffectState.SUCCEEDED, 1),
        (LooksUpByKey(timedelta(minutes=1)), False, EffectState.SUCCEEDED, 2),
        (CAPABILITIES.nature, True, EffectState.UNCONFIRMED, 1),
        (AtMostOnce(), True, EffectState.UNCONFIRMED, 1),
        (AtMostOnce(), False, EffectState.UNCONFIRMED, 1),
    ],
    ids=["repeats, done", "repeats, lost", "looks up, done", "looks up, lost", "reports", "none", "none, lost"],
)
def test_a_send_that_raises_ends_as_the_port_promises(
    nature: Any, kept: bool, end: EffectState, calls: int
) -> None:
    """In doubt, a message is repeated, looked up or left to a person, never sent twice. Rule: M2.

    A port that repeats by key, or looks up by key, brings it to an end; one that only reports, or has
    nothing, ends in sight of a person. At no nature does a second one leave.
    """
    messaging = Lost(attrs.evolve(CAPABILITIES, nature=nature), keeps=kept)
    office = Office(messaging=messaging)
    (effect,) = office.written("Olá")
    office.desk.run_due(limit=1)
    for _ in range(60):
        report = office.desk.run_due()
        if report.next_at is None:
            break
        office.now = max(office.now, report.next_at)
    assert office.state(effect).state is end
    assert messaging.calls == calls
    assert len(messaging.outbox) == (1 if kept or end is EffectState.SUCCEEDED else 0)
    expected = DeliveryStatus.SENT if end is EffectState.SUCCEEDED else DeliveryStatus.UNCONFIRMED
    assert office.message_of(effect).status is expected


def test_a_report_ends_a_doubt() -> None:
    """A provider that reports by key settles the doubt, also after a person has seen it. Rule: M2, M7."""
    for minutes in (1, 60):
        office = Office(messaging=Lost(CAPABILITIES))
        (effect,) = office.written("Olá")
        office.desk.run_due(limit=1)
        office.pass_time(minutes=minutes)
        office.desk.run_due()
        status = RecordStatus(
            channel=WA,
            provider_id="wamid.OUT",
            status=DeliveryStatus.DELIVERED,
            occurred_at=office.now,
            key=effect,
        )
        office.desk.handle(status, by=SYSTEM)
        assert office.state(effect).state is EffectState.SUCCEEDED
        assert office.message_of(effect).status is DeliveryStatus.DELIVERED
        assert office.desk.run_due().done == 0


def test_a_claim_whose_holder_died_is_in_doubt_after_its_lease(office: Office) -> None:
    """An effect claimed and never settled is not lost: past its lease it is in doubt, in sight of a person."""
    (effect,) = office.written("Olá")
    office.desk.handle(ClaimEffect(effect), by=SYSTEM)
    with office.nothing_changes():
        report = office.desk.run_due()
    assert report.done == 0
    assert report.next_at == office.now + timedelta(seconds=60)
    office.now = report.next_at
    office.desk.run_due()
    assert office.state(effect).state is EffectState.UNKNOWN
    office.pass_time(minutes=16)
    office.desk.run_due()
    assert office.message_of(effect).status is DeliveryStatus.UNCONFIRMED
    assert office.sent == []


class Overtaken(MemoryStorage):
    """A storage where somebody else is faster, just after it said what is due."""

    meanwhile: Callable[[], object] | None = None

    def due(self, *, now: datetime, limit: int) -> Due:
        due = super().due(now=now, limit=limit)
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        return due


def test_what_another_worker_did_meanwhile_is_not_counted_nor_sent_again() -> None:
    """Of two workers that see the same message due, one sends it, and only that one reports it."""
    storage, heard = Overtaken(), list[Any]()
    office = Office(storage=storage)
    office.written("Olá")
    storage.meanwhile = office.another_desk().run_due
    slow = office.another_desk(observe=heard.append)
    assert slow.run_due() == Report(done=0, more=False, next_at=None)
    assert office.sent == ["Olá"]
    assert "effect_failed" not in {o.what for o in heard}


class Stuck(MemoryStorage):
    """A storage that cannot read some things for now."""

    stuck: frozenset[str] = frozenset()

    def read(self, wanted: ReadSet, /) -> Snapshot:
        if self.stuck.intersection(wanted.refs):
            raise Temporary
        return super().read(wanted)


@pytest.mark.parametrize("bad", [1, 5, 201])
def test_effects_that_fail_do_not_block_the_others(bad: int) -> None:
    """However many effects cannot be worked on now, the one behind them still is, in the same call."""
    storage = Stuck()
    office = Office(storage=storage)
    stuck = [office.written("x", address=f"5511912345{n:03d}")[0] for n in range(bad)]
    office.pass_time(seconds=1)
    office.written("Olá")
    storage.stuck = frozenset(stuck)
    report = office.desk.run_due(limit=1000)
    assert (report.done, office.sent) == (1, ["Olá"])
    storage.stuck = frozenset()
    assert office.desk.run_due(limit=1000).done == bad


def test_a_desk_without_the_channels_adapter_says_so_and_sends_nothing(office: Office) -> None:
    """Sending needs an adapter; due work that has none is passed over, and left for a desk that has."""
    office.written("Olá")
    cv = office.waiting(JOAO)
    bare = Desk(Ports(storage=office.storage), clock=lambda: office.now)
    with office.nothing_changes():
        assert bare.run_due().done == 0
        with pytest.raises(PortMissing):
            bare.handle(Close(cv, MOVED), by=SUE)
    assert office.desk.run_due().done == 1


# --- a doubt in the hands of a person ------------------------------------------------------------------------


def unconfirmed(office: Office, *texts: str) -> list[EffectId]:
    """Messages whose answers were lost, and about which the provider has not reported in time."""
    effects = office.written(*(texts or ("Olá",)))
    office.desk.run_due()
    office.pass_time(minutes=16)
    office.desk.run_due()
    for effect in effects:
        assert office.state(effect).state is EffectState.UNCONFIRMED
        assert office.message_of(effect).status is DeliveryStatus.UNCONFIRMED
    return effects


def reported(office: Office, key: EffectId, provider_id: str, status: DeliveryStatus) -> None:
    """The provider reports on an attempt, by its key."""
    failure = "131026" if status is DeliveryStatus.FAILED else None
    report = RecordStatus(
        channel=WA, provider_id=provider_id, status=status, occurred_at=office.now, key=key, failure=failure
    )
    office.desk.handle(report, by=SYSTEM)


def resent(office: Office, effect: EffectId, **options: Any) -> EffectId:
    """The same message once more; its new effect."""
    message = office.message_of(effect).id
    outcome = office.desk.handle(Resend(message), by=ANA, **options)
    (new,) = (id for id in outcome.effects if id != effect)
    return new


def test_a_doubtful_message_is_sent_once_more_by_a_new_effect() -> None:
    """With a key of its own, and a warning beforehand; the first attempt's doubt is closed. Rule: M2."""
    office = Office(messaging=Lost(CAPABILITIES))
    (first,) = unconfirmed(office)
    message = office.message_of(first)
    verdict = office.desk.can(Resend(message.id), by=ANA)
    assert (verdict.answer, verdict.warnings) == (Answer.ALLOWED, ("may_arrive_twice",))
    second = resent(office, first)
    assert [request.key for request in office.messaging.outbox] == [first, second]
    assert office.state(first).state is EffectState.DISMISSED
    assert office.state(second).state is EffectState.SUCCEEDED
    now = office.state(message.id)
    assert (now.status, now.effect, now.seq, now.body) == (
        DeliveryStatus.SENT,
        second,
        message.seq,
        message.body,
    )
    assert office.desk.run_due() == Report(done=0, more=False, next_at=None)


def test_a_doubt_can_be_dismissed() -> None:
    """As if it was said: nothing goes out again, and evidence that comes later still counts. Rule: M2."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = unconfirmed(office)
    message = office.message_of(effect).id
    office.desk.handle(Dismiss(message), by=ANA)
    assert office.state(effect).state is EffectState.DISMISSED
    assert office.state(message).status is DeliveryStatus.SENT
    assert office.desk.run_due().done == 0
    assert len(office.messaging.outbox) == 1
    reported(office, effect, "wamid.1", DeliveryStatus.READ)
    assert office.state(message).status is DeliveryStatus.READ
    assert office.state(effect).state is EffectState.SUCCEEDED


@pytest.mark.parametrize("command", [Resend, Dismiss])
def test_only_a_doubt_is_a_persons_to_settle(command: Any) -> None:
    """Not what is on its way, has arrived, has failed, or was settled already. Rule: M2."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = office.written("Olá")
    message = office.message_of(effect).id

    def refused() -> None:
        with office.nothing_changes(), pytest.raises(NotInDoubt):
            office.desk.handle(command(message), by=ANA)

    refused()
    office.desk.run_due()
    refused()  # In doubt, but the provider may report yet.
    office.pass_time(minutes=16)
    office.desk.run_due()
    office.desk.handle(Dismiss(message), by=ANA)
    refused()
    reported(office, effect, "wamid.1", DeliveryStatus.DELIVERED)
    refused()


def test_of_two_who_settle_a_doubt_one_does() -> None:
    """The second is told that there is none any more; it goes out once more at most. Rule: M2."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = unconfirmed(office)
    message = office.message_of(effect).id
    office.desk.handle(Resend(message), by=ANA, delivery=Delivery.LATER)
    with office.nothing_changes(), pytest.raises(NotInDoubt):
        office.desk.handle(Resend(message), by=SUE)
    office.desk.run_due()
    assert len(office.messaging.outbox) == 2


@pytest.mark.parametrize("sent", [False, True], ids=["before it went again", "after"])
@pytest.mark.parametrize("status", [DeliveryStatus.SENT, DeliveryStatus.READ, DeliveryStatus.FAILED])
def test_a_late_report_on_the_first_attempt(sent: bool, status: DeliveryStatus) -> None:
    """Evidence counts whenever it comes: what is known to have gone out does not go again; a failure of the
    first attempt is that attempt's alone, and the message follows the second. Rule: M2.
    """
    office = Office(messaging=Lost(CAPABILITIES))
    (first,) = unconfirmed(office)
    second = resent(office, first, delivery=Delivery.INLINE if sent else Delivery.LATER)
    failed = status is DeliveryStatus.FAILED
    reported(office, first, "wamid.FIRST", status)
    office.desk.run_due()
    message = office.message_of(second)
    assert office.state(first).state is (EffectState.DISMISSED if failed else EffectState.SUCCEEDED)
    assert len(office.messaging.outbox) == (2 if sent or failed else 1)
    if sent or failed:
        assert office.state(second).state is EffectState.SUCCEEDED
        assert (message.status, message.provider_id) == (DeliveryStatus.SENT, "out-2")
        reported(office, second, "out-2", DeliveryStatus.DELIVERED)
        assert office.message_of(second).status is DeliveryStatus.DELIVERED
    else:
        assert (office.state(second).state, office.state(second).detail) == (
            EffectState.CANCELLED,
            "already_sent",
        )
        assert (message.status, message.provider_id, message.not_sent) == (status, "wamid.FIRST", None)
    with office.nothing_changes():
        assert office.desk.run_due().done == 0
    assert_laws(office.contents)


def test_a_second_attempt_in_doubt_is_a_doubt_again() -> None:
    """Which can be settled again; evidence about either attempt ends it. Rule: M2."""
    office = Office(messaging=Lost(CAPABILITIES, times=2))
    (first,) = unconfirmed(office)
    second = resent(office, first)
    office.pass_time(minutes=16)
    office.desk.run_due()
    assert office.message_of(second).status is DeliveryStatus.UNCONFIRMED
    reported(office, first, "wamid.FIRST", DeliveryStatus.DELIVERED)
    message = office.message_of(second)
    assert message.status is DeliveryStatus.DELIVERED
    with office.nothing_changes(), pytest.raises(NotInDoubt):
        office.desk.handle(Resend(message.id), by=ANA)


def test_a_second_attempt_that_is_refused_has_failed() -> None:
    """Until evidence about the first one comes: then that wins. Rule: M2."""

    class LostThenRefused(Lost):
        def send(self, request: SendRequest, /) -> str:
            if self.calls == 1:
                raise Permanent("131026")
            return super().send(request)

    office = Office(messaging=LostThenRefused(CAPABILITIES))
    (first,) = unconfirmed(office)
    second = resent(office, first)
    message = office.message_of(second)
    assert (message.status, message.not_sent) == (DeliveryStatus.FAILED, "131026")
    reported(office, first, "wamid.FIRST", DeliveryStatus.DELIVERED)
    assert office.message_of(second).status is DeliveryStatus.DELIVERED
    assert_laws(office.contents)


def test_a_message_sent_once_more_keeps_its_place() -> None:
    """It stands where it stood; those written since have left already, and are not held. Rule: M20, M4."""
    office = Office(messaging=Lost(CAPABILITIES))
    first, second = office.written("1", "2")
    office.desk.run_due()
    office.pass_time(minutes=16)
    office.desk.run_due()
    assert office.message_of(second).status is DeliveryStatus.SENT
    again = resent(office, first, delivery=Delivery.LATER)
    office.desk.handle(SendMessage(office.state(again).conversation, "3"), by=ANA, delivery=Delivery.LATER)
    office.desk.run_due()
    assert office.sent == ["1", "2", "1", "3"]


@pytest.mark.parametrize(
    ("meanwhile", "error"),
    [
        (lambda office, cv: office.desk.handle(BlockContact(office.state(cv).contact), by=ANA), ContactBlocked),
        (lambda office, cv: office.pass_time(hours=24), WindowClosed),
        (lambda office, cv: office.desk.handle(Close(cv, MOVED), by=ANA), NotAdmitted),
    ],
    ids=["blocked", "window shut", "closed"],
)
def test_sending_once_more_is_sending(meanwhile: Any, error: type[Exception]) -> None:
    """The same guards as for any message; dismissing needs none of them. Rule: M2, M5, L18, L21."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = unconfirmed(office)
    message = office.message_of(effect)
    meanwhile(office, message.conversation)
    with office.nothing_changes(), pytest.raises(error):
        office.desk.handle(Resend(message.id), by=ANA)
    office.desk.handle(Dismiss(message.id), by=ANA)
    assert office.state(effect).state is EffectState.DISMISSED


def test_an_archived_template_is_not_sent_once_more() -> None:
    """Its doubt can only be dismissed. Rule: C3, M2."""
    office = Office(messaging=Lost(CAPABILITIES))
    office.desk.handle(AddItem(NOTICE), by=ADMIN)
    (effect,) = office.desk.handle(SendTemplate(office.taken(), NOTICE.id), by=ANA).effects
    office.pass_time(minutes=16)
    office.desk.run_due()
    message = office.message_of(effect)
    assert message.status is DeliveryStatus.UNCONFIRMED
    office.desk.handle(ArchiveItem(Part.TEMPLATE, NOTICE.id), by=ADMIN)
    with office.nothing_changes(), pytest.raises(InvalidValue, match="archived"):
        office.desk.handle(Resend(message.id), by=ANA)
    office.desk.handle(Dismiss(message.id), by=ANA)
    assert office.state(effect).state is EffectState.DISMISSED


def test_a_doubt_is_settled_by_who_has_the_conversation() -> None:
    """Or by a supervisor; another agent may not, and sees why. Rule: P."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = unconfirmed(office)
    message = office.message_of(effect).id
    for command in (Resend(message), Dismiss(message)):
        with office.nothing_changes(), pytest.raises(NotPermitted):
            office.desk.handle(command, by=BETO)
    office.desk.handle(Dismiss(message), by=SUE)


def test_a_lane_of_a_message_sent_once_more_is_drained_at_once() -> None:
    """Inline, what was resent leaves within the call, and what waits behind it too. Rule: M20."""
    office = Office(messaging=Lost(CAPABILITIES))
    (effect,) = unconfirmed(office)
    cv = office.state(effect).conversation
    office.desk.handle(SendMessage(cv, "2"), by=ANA, delivery=Delivery.LATER)
    resent(office, effect)
    assert office.sent == ["Olá", "Olá", "2"]


# --- how much at once ----------------------------------------------------------------------------------------


class Counting(MemoryStorage):
    """A storage that remembers how much due work it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int] = []

    def due(self, *, now: datetime, limit: int) -> Due:
        self.limits.append(limit)
        return super().due(now=now, limit=limit)


def test_storage_is_never_asked_for_less_than_one() -> None:
    """However much one step did: a limit of none or less has no meaning for an adapter."""
    storage = Counting()
    office = Office(storage=storage)
    cvs = [office.taken(SUE, f"5511912345{n:03d}") for n in range(5)]
    office.desk.handle(ArchiveItem(Part.AGENT, "sue"), by=ADMIN)
    report = office.desk.run_due(limit=1)
    assert report.done == len(cvs)
    assert report.more
    assert min(storage.limits) == 1
