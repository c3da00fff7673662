"""A customer's message arrives: once, never refused, in the conversation it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from chatcore.commands import ReceiveMessage
from chatcore.entities import Address, Policies
from chatcore.events import (
    AnomalyRecorded,
    ContactCreated,
    InboundRefused,
    MessageAdded,
    MessageReceived,
    Reopened,
    Started,
)
from chatcore.limits import INBOUND_TEXT, NAME_LENGTH, RAW_LENGTH
from chatcore.rules import decide
from chatcore.rules.protocols import protocol_number
from chatcore.vocabulary import Ability, Direction, MessageKind, Private, Situation
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
    workspace,
)
from tests.strategies import hostile_text

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
