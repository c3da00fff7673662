"""A customer's message arrives: once, never refused, in the conversation it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from chatcore.commands import ReceiveMessage
from chatcore.entities import Address, AutomaticMessages, Media, MediaPointer, Policies
from chatcore.entities.conversation import Robot
from chatcore.entities.hours import BusinessHours
from chatcore.events import (
    AnomalyRecorded,
    ContactCreated,
    ContactReplaced,
    InboundRefused,
    Intended,
    MessageAdded,
    MessageReceived,
    MessageWritten,
    Reopened,
    Started,
)
from chatcore.limits import DELIVERY_DEADLINE, INBOUND_TEXT, NAME_LENGTH, RAW_LENGTH
from chatcore.rules import decide
from chatcore.rules.protocols import protocol_number
from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import Ability, Direction, EffectKind, MessageKind, Private, Situation, Trigger
from tests.given import (
    ADDRESS,
    CHANNEL,
    CT,
    CV,
    DAY,
    HOUR,
    MSG,
    NOW,
    PHONE,
    ROOT,
    TICK,
    after,
    agent,
    blocked_contact,
    born,
    capabilities,
    changed,
    contact,
    conversation,
    granted,
    inbound,
    on_arrival,
    outbound,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
NEW = f"cv_{ROOT}"
SENT_AT = NOW - timedelta(seconds=3)


def message(**changes: Any) -> ReceiveMessage:
    values = {"channel": "wa", "address": PHONE, "provider_id": "wamid.in", "sent_at": SENT_AT, "text": "Oi"}
    return ReceiveMessage(**{**values, **changes})


def arrived(command: ReceiveMessage | None = None, **facts: Any) -> Any:
    return decide(command or message(), on_arrival(**facts))


def received(**changes: Any) -> MessageReceived:
    values: dict[str, Any] = {
        "conversation": NEW,
        "seq": 1,
        "channel": "wa",
        "kind": MessageKind.TEXT,
        "body": Private("Oi"),
        "provider_id": "wamid.in",
        "sent_at": SENT_AT,
    }
    return MessageReceived(**{**values, **changes})


def added(**changes: Any) -> MessageAdded:
    values: dict[str, Any] = {
        "message": f"{NEW}.1",
        "seq": 1,
        "direction": Direction.INBOUND,
        "window_until": SENT_AT + DAY,
    }
    return MessageAdded(**{**values, **changes})


def started(**changes: Any) -> Started:
    protocol = protocol_number(ROOT, NOW, "America/Sao_Paulo")
    values: dict[str, Any] = {
        "contact": CT,
        "channel": "wa",
        "address": PHONE,
        "protocol": protocol,
        "department": "sup",
    }
    return Started(**{**values, **changes})


# --- where it belongs ----------------------------------------------------------------------------------------


def test_a_stranger_becomes_a_contact_with_a_conversation() -> None:
    """All in one decision: contact, conversation, count, message. Rule: L5, L11, M4, M10."""
    assert arrived(message(name="Maria"), contact=None) == (
        (f"ct_{ROOT}", ContactCreated(addresses=(ADDRESS,), name=Private("Maria"))),
        (NEW, started(contact=f"ct_{ROOT}")),
        (NEW, added()),
        (f"{NEW}.1", received()),
    )


@pytest.mark.parametrize(("bot", "situation"), [(False, QUEUE), (True, BOT)])
def test_a_new_conversation_goes_to_the_bot_or_the_queue(bot: bool, situation: Situation) -> None:
    """In the channel's department. Rule: L5."""
    decision = arrived(channel=changed(CHANNEL, bot=bot))
    assert decision[0] == (NEW, started(bot=bot))
    assert born(NEW, decision[0][1]).situation is situation


@pytest.mark.parametrize("situation", [BOT, QUEUE, OPEN])
def test_it_joins_the_live_conversation(situation: Situation) -> None:
    """With the next seq, in whatever situation, also where an older one could be reopened. Rule: L4, M4, L3."""
    live = conversation(situation, seq=6)
    older = conversation(CLOSED, id="cv_0")
    assert arrived(live=live, last=older, workspace=reopening()) == (
        (CV, added(message="cv_1.7", seq=7)),
        ("cv_1.7", received(conversation=CV, seq=7)),
    )


# --- reopening -----------------------------------------------------------------------------------------------


def reopening(*agents: Any, to_assignee: bool = False) -> Any:
    return workspace(*agents, policies=Policies(reopen_within=HOUR, reopen_to_assignee=to_assignee))


@pytest.mark.parametrize(
    ("since", "policy", "reopens"),
    [
        (timedelta(0), HOUR, True),
        (HOUR - TICK, HOUR, True),
        (HOUR, HOUR, False),
        (HOUR + TICK, HOUR, False),
        (timedelta(0), None, False),
        (365 * DAY, timedelta.max, True),
    ],
)
def test_it_reopens_what_closed_a_short_while_ago(
    since: timedelta, policy: timedelta | None, reopens: bool
) -> None:
    """Less than `reopen_within` ago; never by default. Rule: L4."""
    last = conversation(CLOSED, closed_at=NOW - since, seq=3)
    ws = workspace(policies=Policies(reopen_within=policy))
    decision = arrived(last=last, workspace=ws)
    if not reopens:
        assert decision[0] == (NEW, started(window_until=last.window_until))
        return
    assert decision == (
        (CV, Reopened()),
        (CV, added(message="cv_1.4", seq=4)),
        ("cv_1.4", received(conversation=CV, seq=4)),
    )
    again = after(last, *[event for ref, event in decision if ref == CV])
    assert (again.situation, again.assignee, again.seq) == (QUEUE, None, 4)


def test_what_is_reopened_goes_on_with_who_the_contact_is_now() -> None:
    """The one it was with turned out to be another before it closed for good. Rule: L4, M11."""
    last = conversation(CLOSED, closed_at=NOW, contact="ct_0")
    decision = arrived(last=last, workspace=reopening())
    assert [event for ref, event in decision if ref == CV][:2] == [ContactReplaced(contact=CT), Reopened()]
    again = after(last, *[event for ref, event in decision if ref == CV])
    assert (again.contact, again.situation) == (CT, QUEUE)


JUST_NOW = conversation(CLOSED, closed_at=NOW - TICK)


def reopened(ws: Any, last: Any = JUST_NOW, **facts: Any) -> Any:
    first = arrived(last=last, workspace=ws, **facts)[0]
    assert first[0] == CV
    return first[1].assignee


@pytest.mark.parametrize(
    ("agents", "facts", "to"),
    [
        ((), {}, "ana"),
        ((), {"loads": {"ana": 1}}, "ana"),
        ((), {"loads": {"ana": 2}}, None),
        ((), {"available": False}, None),
        ((agent("ana", active=False),), {}, None),
        ((agent("ana", departments=("fin",)),), {}, None),
        ((granted("ana", Ability.TAKE_ANYWHERE, departments=("fin",)),), {}, "ana"),
        ((agent("ana", max_open=0),), {"loads": {"ana": 99}}, "ana"),
    ],
    ids=["free", "room for one", "full", "away", "inactive", "moved", "may take anywhere", "unlimited"],
)
def test_it_goes_back_to_whom_it_was_with(agents: Any, facts: Any, to: str | None) -> None:
    """If the policy says so and they can have it; else to the queue. Rule: L4, L7."""
    assert reopened(reopening(*agents, to_assignee=True), **facts) == to
    assert reopened(reopening(*agents), **facts) is None


def test_it_goes_back_to_nobody_where_nobody_was() -> None:
    """Closed from the queue, or by an agent who is not there any more. Rule: L4."""
    ws = reopening(to_assignee=True)
    assert reopened(ws, conversation(CLOSED, closed_at=NOW, last_assignee=None)) is None
    assert reopened(ws, conversation(CLOSED, closed_at=NOW, last_assignee="nobody")) is None


# --- once ----------------------------------------------------------------------------------------------------


def test_a_repeat_changes_nothing() -> None:
    """However late, wherever its conversation stands. Rule: M1."""
    seen = inbound()
    assert arrived(seen=seen) == ()
    assert arrived(seen=seen, contact=blocked_contact()) == ()
    assert arrived(message(sent_at=NOW - 20 * DAY), seen=seen, live=conversation()) == ()


@pytest.mark.parametrize(
    "changes", [{"text": "Outro"}, {"raw": "{}"}, {"kind": MessageKind.UNKNOWN, "text": None, "raw": "{}"}]
)
def test_another_body_is_an_anomaly_and_the_first_stays(changes: dict[str, Any]) -> None:
    """It is told once; a repeat of the anomaly changes nothing. Rule: M1."""
    seen = inbound()
    assert arrived(message(**changes), seen=seen) == ((MSG, AnomalyRecorded()),)
    told = after(seen, AnomalyRecorded())
    assert (told.body, told.anomalies) == (seen.body, 1)
    assert arrived(message(**changes), seen=told) == ()
    assert arrived(seen=told) == ()


def test_a_repeat_is_recognised_after_its_repair() -> None:
    """What was kept is compared with what would be kept. Rule: M1, M14."""
    first = arrived(message(text="a\0b", raw="x\0"))
    seen = born(f"{NEW}.1", first[-1][1])
    assert arrived(message(text="a\0b", raw="x\0"), seen=seen) == ()
    assert arrived(message(text="ab", raw="x"), seen=seen) == ()
    assert arrived(message(text="a", raw="x"), seen=seen) == ((f"{NEW}.1", AnomalyRecorded()),)


# --- the block -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("live", [None, conversation(OPEN)])
def test_a_blocked_contacts_message_counts_in_the_ledger(live: Any) -> None:
    """No conversation, no message, no notice: one count. Rule: M13, S20."""
    decision = arrived(contact=blocked_contact(), live=live, last=JUST_NOW, workspace=reopening())
    assert decision == ((CT, InboundRefused(channel="wa", provider_id="wamid.in")),)
    assert after(blocked_contact(), decision[0][1]).refused == 1


def test_its_repeats_count_no_more() -> None:
    """Neither while blocked nor after. Rule: M13, M1."""
    refused = blocked_contact(refused=1)
    assert arrived(seen=refused, contact=refused) == ()
    free = contact(refused=1)
    assert arrived(seen=free, contact=free) == ()


# --- repair --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept", "flags"),
    [
        ("Oi", "Oi", ()),
        ("", "", ()),
        ("a\0b", "ab", ("nul_removed",)),
        ("\ud83d", "\ufffd", ("surrogate_replaced",)),
        ("\ud83d\ude00", "😀", ("surrogate_joined",)),
        ("x" * (INBOUND_TEXT + 1), "x" * INBOUND_TEXT, ("cut",)),
    ],
    ids=["clean", "empty", "nul", "half", "halves", "long"],
)
def test_text_is_repaired_and_flagged(text: str, kept: str, flags: tuple[str, ...]) -> None:
    """Never refused. Rule: M14."""
    event = arrived(message(text=text))[-1][1]
    assert (event.body, event.flags) == (Private(kept), flags)


def test_names_and_raw_payloads_are_repaired_too() -> None:
    """A name is cut at its limit, and one with nothing left is none. Rule: M14, M8."""
    decision = arrived(message(name="M\0" + "x" * 300, raw="{\0" + "x" * RAW_LENGTH), contact=None)
    assert len(decision[0][1].name.reveal()) == NAME_LENGTH
    assert born(f"ct_{ROOT}", decision[0][1]).name == decision[0][1].name
    assert len(decision[-1][1].raw.reveal()) == RAW_LENGTH
    for nothing in ("", "\0"):
        assert arrived(message(name=nothing), contact=None)[0][1].name is None


@given(hostile_text(max_pieces=10), hostile_text(max_pieces=10))
def test_no_text_is_ever_refused(text: str, name: str) -> None:
    """Law: any str is kept, can be stored as UTF-8, and its repeat is one. Rule: M14, M1."""
    command = message(text=text, name=name, raw=text)
    decision = arrived(command, contact=None)
    born(decision[0][0], decision[0][1])
    kept = born(*decision[-1])
    kept.body.reveal().encode("utf-8")
    kept.raw.reveal().encode("utf-8")
    assert "\0" not in kept.body.reveal()
    assert arrived(command, seen=kept) == ()


def test_an_unknown_kind_is_kept_as_it_came() -> None:
    """Without a text, in its own words, and it counts like any. Rule: M8."""
    event = arrived(message(kind=MessageKind.UNKNOWN, text=None, raw='{"type":"poll"}'))[-1][1]
    assert event == received(kind=MessageKind.UNKNOWN, body=Private(""), raw=Private('{"type":"poll"}'))


# --- the window ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_at", "until"),
    [
        (NOW - HOUR, NOW - HOUR + DAY),
        (NOW, NOW + DAY),
        (NOW + TICK, NOW + DAY),
        (NOW + 365 * DAY, NOW + DAY),
        (datetime.max.replace(tzinfo=NOW.tzinfo), NOW + DAY),
        (NOW - 3 * DAY, NOW - 2 * DAY),
    ],
)
def test_the_window_runs_from_the_customers_clock_never_from_the_future(
    sent_at: datetime, until: datetime
) -> None:
    """Rule: M5."""
    assert arrived(message(sent_at=sent_at))[1][1].window_until == until


def test_a_late_message_does_not_shut_an_open_window() -> None:
    """Rule: M5, M4."""
    live = conversation(OPEN, window_until=NOW + DAY)
    late = arrived(message(sent_at=NOW - 3 * DAY), live=live)[0][1]
    assert after(live, late).window_until == NOW + DAY


def test_the_widest_window_of_those_that_closed_is_still_open() -> None:
    """Not only the last one's: the window is the customer's. Rule: M5."""
    last = conversation(CLOSED, closed_at=NOW - TICK, window_until=None)
    late = message(sent_at=NOW - 3 * DAY)
    for until, answers in ((NOW + HOUR, True), (NOW, False)):
        facts = {"last": last, "window_until": until, "workspace": speaking()}
        decision = arrived(late, **facts)
        assert decision[0] == (NEW, started(window_until=until))
        assert bool(words(decision)) is answers
        facts["workspace"] = speaking(reopen_within=HOUR)
        decision = arrived(late, **facts)
        assert decision[0] == (CV, Reopened(window_until=until))
        assert bool(words(decision)) is answers
        again = after(last, *[event for ref, event in decision if ref == CV])
        assert again.window_until == until


def test_a_channel_without_a_window_opens_none() -> None:
    """Rule: M5, M6."""
    assert arrived(capabilities=capabilities(window=None))[1][1].window_until is None


# --- the address ---------------------------------------------------------------------------------------------


def test_replies_go_where_this_message_came_from() -> None:
    """Another spelling of the same number is pinned anew; the same one is not repeated. Rule: M10, M11."""
    short = Address("key-1", Private("551187654321"))
    live = conversation(OPEN)
    moved = arrived(live=live, address=short)[0][1]
    assert moved.address == Private("551187654321")
    assert after(live, moved).address == Private("551187654321")
    assert arrived(live=live)[0][1].address is None
    assert arrived(address=short)[0][1].address == Private("551187654321")
    assert arrived(address=short)[1][1].address is None


def test_a_reopened_conversation_is_answered_at_the_new_address() -> None:
    """Rule: M10, L4."""
    short = Address("key-1", Private("551187654321"))
    decision = arrived(last=JUST_NOW, workspace=reopening(), address=short)
    assert decision[1][1].address == Private("551187654321")


# --- the counters --------------------------------------------------------------------------------------------


def test_each_message_counts_as_unread_and_the_first_starts_the_wait() -> None:
    """Rule: L15, L23."""
    live = conversation(OPEN, unread=0, waiting_since=None)
    one = after(live, arrived(live=live)[0][1], at=NOW)
    two = after(one, arrived(live=one, now=NOW + HOUR)[0][1], at=NOW + HOUR)
    assert (one.unread, one.waiting_since) == (1, NOW)
    assert (two.unread, two.waiting_since) == (2, NOW)


# --- what is said by itself ----------------------------------------------------------------------------------

WORDS = AutomaticMessages(
    greeting="{{greeting}}, {{first_name|cliente}}! Protocolo {{protocol}}.",
    queued="Já vamos atender.",
    after_hours="Estamos fechados.",
)
HOURS = BusinessHours.of(weekdays="09:00-18:00")
OPENING, EVENING = NOW, NOW + 9 * HOUR
"""Nine in the morning and six in the evening in São Paulo: the moments at which it opens and closes."""


def speaking(**policies: Any) -> Any:
    return workspace(policies=Policies(**{"automatic": WORDS, "hours": HOURS, **policies}))


def words(decision: Any) -> list[tuple[Any, str]]:
    written = [event for _, event in decision if isinstance(event, MessageWritten)]
    return [(w.automatic, w.body.reveal()) for w in written]


def test_who_comes_is_greeted_and_told_that_they_wait() -> None:
    """After their own message, with the next numbers, each by an effect in the lane. Rule: L20, M4, M20."""
    decision = arrived(message(name="Maria Silva"), contact=None, workspace=speaking())
    protocol = protocol_number(ROOT, NOW, "America/Sao_Paulo")
    assert [type(event).__name__ for _, event in decision] == [
        "ContactCreated",
        "Started",
        *("MessageAdded", "MessageReceived"),
        *("MessageAdded", "MessageWritten", "Intended"),
        *("MessageAdded", "MessageWritten", "Intended"),
    ]
    assert words(decision) == [
        (Trigger.GREETING, f"Bom dia, Maria! Protocolo {protocol}."),
        (Trigger.QUEUED, "Já vamos atender."),
    ]
    assert [event.seq for _, event in decision if isinstance(event, MessageAdded)] == [1, 2, 3]
    sends = [(ref, event) for ref, event in decision if isinstance(event, Intended)]
    assert [(ref, e.position, e.lane, e.contact) for ref, e in sends] == [
        (f"ef_{ROOT}.2", 2, f"{NEW}:messaging", f"ct_{ROOT}"),
        (f"ef_{ROOT}.3", 3, f"{NEW}:messaging", f"ct_{ROOT}"),
    ]
    began = born(*decision[1])
    told = after(began, *[event for ref, event in decision[2:] if ref == NEW])
    assert (told.seq, told.unread, told.waiting_since) == (3, 1, NOW)
    assert told.talk.robot == Robot(said=(Trigger.GREETING, Trigger.QUEUED))


def test_who_comes_back_is_greeted_again() -> None:
    """By the protocol of the conversation that goes on. Rule: L20, L4, L11."""
    ws = speaking(reopen_within=HOUR)
    last = conversation(CLOSED, closed_at=NOW, seq=5, robot=Robot(said=(Trigger.GREETING, Trigger.CLOSING)))
    decision = arrived(last=last, workspace=ws)
    assert words(decision) == [
        (Trigger.GREETING, "Bom dia, cliente! Protocolo 202603101234567890."),
        (Trigger.QUEUED, "Já vamos atender."),
    ]
    assert [event.seq for _, event in decision if isinstance(event, MessageAdded)] == [6, 7, 8]


@pytest.mark.parametrize("situation", [BOT, QUEUE, OPEN])
def test_who_goes_on_writing_is_not_greeted(situation: Situation) -> None:
    """Nothing opens. Rule: L20."""
    assert words(arrived(live=conversation(situation), workspace=speaking())) == []


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [(OPENING - TICK, False), (OPENING, True), (EVENING - TICK, True), (EVENING, False)],
)
def test_at_night_the_queue_says_that_it_is_closed(moment: datetime, is_open: bool) -> None:
    """Instead of the place in it, at an opening and in a conversation that waits already. Rule: L20, H1."""
    command = message(sent_at=moment)
    began = arrived(command, workspace=speaking(), now=moment)
    said = [trigger for trigger, _ in words(began)]
    assert said == [Trigger.GREETING, Trigger.QUEUED if is_open else Trigger.AFTER_HOURS]
    waiting = arrived(command, live=conversation(QUEUE), workspace=speaking(), now=moment)
    assert [trigger for trigger, _ in words(waiting)] == ([] if is_open else [Trigger.AFTER_HOURS])
    for situation in (BOT, OPEN):
        assert words(arrived(command, live=conversation(situation), workspace=speaking(), now=moment)) == []


@pytest.mark.parametrize(("until", "told"), [(TICK, False), (timedelta(0), True), (-TICK, True)])
def test_of_one_night_one_is_told_once(until: timedelta, told: bool) -> None:
    """In this conversation or the one before it, until the doors open and no longer. Rule: L20, H1."""
    knows = Robot(quiet_until=EVENING + until)
    command = message(sent_at=EVENING)
    for facts in (
        {"live": conversation(QUEUE, robot=knows)},
        {"last": conversation(CLOSED, robot=knows, closed_at=NOW - 9 * DAY)},
        {"last": conversation(CLOSED, robot=knows, closed_at=EVENING)},
    ):
        decision = arrived(command, workspace=speaking(reopen_within=HOUR), now=EVENING, **facts)
        said = [trigger for trigger, _ in words(decision)]
        assert (Trigger.AFTER_HOURS in said) is told
        assert Trigger.QUEUED not in said


@pytest.mark.parametrize(("until", "told"), [(TICK, False), (timedelta(0), True)])
@pytest.mark.parametrize("within", [None, HOUR])
def test_of_one_night_one_is_told_once_in_whichever_conversation(
    until: timedelta, told: bool, within: timedelta | None
) -> None:
    """Also where a later one was closed without it, and whether or not that goes on. Rule: L20, H1."""
    last = conversation(CLOSED, closed_at=EVENING)
    facts = {"last": last, "quiet_until": EVENING + until, "workspace": speaking(reopen_within=within)}
    decision = arrived(message(sent_at=EVENING), now=EVENING, **facts)
    assert (Trigger.AFTER_HOURS in [trigger for trigger, _ in words(decision)]) is told
    opening = decision[0][1]
    assert type(opening) is (Started if within is None else Reopened)
    assert opening.quiet_until == EVENING + until


def test_what_was_said_of_the_night_is_kept_to_its_end() -> None:
    """The next opening: Wednesday at nine. Rule: L20, H1."""
    live = conversation(QUEUE)
    decision = arrived(message(sent_at=EVENING), live=live, workspace=speaking(), now=EVENING)
    told = after(live, *[event for ref, event in decision if ref == CV])
    assert told.talk.robot == Robot(said=(Trigger.AFTER_HOURS,), quiet_until=OPENING + DAY)
    assert (told.unread, told.waiting_since) == (2, live.waiting_since)


def test_a_repeat_and_a_blocked_contact_hear_nothing() -> None:
    """Rule: M1, M13, L20."""
    assert arrived(seen=inbound(), workspace=speaking()) == ()
    assert len(arrived(contact=blocked_contact(), workspace=speaking())) == 1


def test_with_the_bot_one_is_greeted_only() -> None:
    """Day and night: the bot is there. Rule: L20, L5."""
    for moment in (OPENING, EVENING):
        command = message(sent_at=moment)
        decision = arrived(command, channel=changed(CHANNEL, bot=True), workspace=speaking(), now=moment)
        assert [trigger for trigger, _ in words(decision)] == [Trigger.GREETING]


# --- files ---------------------------------------------------------------------------------------------------

POINTER = MediaPointer(reference="media.1", mime="image/jpeg")
PICTURE = message(kind=MessageKind.IMAGE, text="Veja", media=POINTER)


def test_a_file_is_a_pointer_first_and_fetched_by_an_effect() -> None:
    """The message shows at once; the effect holds up no lane. Rule: M17."""
    decision = arrived(PICTURE)
    assert decision[:3] == (
        (NEW, started()),
        (NEW, added()),
        (f"{NEW}.1", received(kind=MessageKind.IMAGE, body=Private("Veja"), media=Media(pointer=POINTER))),
    )
    assert decision[3:] == (
        (
            f"ef_{ROOT}.1.media",
            Intended(
                kind=EffectKind.FETCH_MEDIA,
                channel="wa",
                conversation=NEW,
                message=f"{NEW}.1",
                due_at=NOW,
                expires_at=NOW + DELIVERY_DEADLINE,
            ),
        ),
    )
    fetching = born(*decision[3])
    assert (fetching.lane, fetching.contact) == (None, None)
    assert born(*decision[2]).media == Media(pointer=POINTER)


def test_where_nobody_fetches_the_pointer_stays() -> None:
    """Rule: M17."""
    assert arrived(PICTURE, fetches=False) == arrived(PICTURE)[:3]
    assert arrived(message()) == arrived(message(), fetches=False)


def test_a_file_of_a_live_conversation_is_fetched_too() -> None:
    """By an effect of its own name, beside what is said by itself. Rule: M17, L20."""
    live = conversation(QUEUE, seq=4)
    decision = arrived(PICTURE, live=live)
    assert [ref for ref, _ in decision] == [CV, "cv_1.5", f"ef_{ROOT}.5.media"]
    spoken = arrived(PICTURE, workspace=speaking())
    effects = [ref for ref, event in spoken if isinstance(event, Intended)]
    assert effects == [f"ef_{ROOT}.1.media", f"ef_{ROOT}.2", f"ef_{ROOT}.3"]


def test_a_blocked_contacts_file_is_not_fetched() -> None:
    """Rule: M13, M17."""
    assert len(arrived(PICTURE, contact=blocked_contact())) == 1


# --- replies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [inbound(), outbound()], ids=["theirs", "ours"])
def test_a_reply_points_at_what_it_answers(answered: Any) -> None:
    """Whoever said that. Rule: M9."""
    command = message(reply_to=answered.provider_id or "wamid.out", provider_id="wamid.2")
    event = arrived(command, live=conversation(OPEN, seq=3), answered=answered)[1][1]
    assert event.reply_to == MSG
    assert born("cv_1.4", event).extras.reply_to == MSG


def test_a_reply_to_what_nobody_knows_is_a_message_like_any() -> None:
    """Rule: M9."""
    event = arrived(message(reply_to="wamid.unknown"), live=conversation(OPEN))[1][1]
    assert event == received(conversation=CV, seq=2)
