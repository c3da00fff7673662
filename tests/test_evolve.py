"""The fold: what each event does to its entity, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import (
    Address,
    Agent,
    Attachment,
    Block,
    Customer,
    Edit,
    Evidence,
    Extras,
    Field,
    Media,
    MediaPointer,
    MessageTemplate,
    Policies,
    QuickReply,
    Reaction,
    Robot,
    Tag,
    Workspace,
)
from chatcore.entities.workspace import PLACES
from chatcore.errors import InvalidValue, TransitionNotAllowed
from chatcore.events import (
    ActionRequested,
    AnomalyRecorded,
    Cancelled,
    Claimed,
    Closed,
    ContactAbsorbed,
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContactMerged,
    ContactReplaced,
    ContactUnblocked,
    ContractPinned,
    CustomerLinked,
    CustomersSuggested,
    CustomerUnlinked,
    DepartmentChanged,
    Dismissed,
    DoubtDismissed,
    Doubted,
    EvidenceKept,
    Failed,
    FieldsSet,
    InboundRefused,
    Intended,
    ItemAdded,
    ItemArchived,
    ItemChanged,
    ItemRestored,
    ItemsOrdered,
    LeftUnconfirmed,
    LookedUp,
    MarkedRead,
    MediaLost,
    MediaStored,
    MessageAccepted,
    MessageAdded,
    MessageDoubted,
    MessageEchoed,
    MessageEdited,
    MessageNotSent,
    MessageReceived,
    MessageResent,
    MessageRevoked,
    MessageWritten,
    NoteAdded,
    PoliciesChanged,
    Postponed,
    Queued,
    Reacted,
    ReasonSet,
    Reopened,
    ReturnedToBot,
    SentToReview,
    Started,
    StatusKept,
    StatusReported,
    Succeeded,
    Tagged,
    Taken,
    Transferred,
    Untagged,
    WorkspaceConfigured,
)
from chatcore.evolve import evolve, fold
from chatcore.vocabulary import (
    SYSTEM,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    FieldOn,
    MessageKind,
    Part,
    Private,
    Situation,
    Trigger,
)
from tests.given import (
    ADDRESS,
    ANA,
    ASKED,
    CT,
    CV,
    DAY,
    EF,
    HOUR,
    MSG,
    NOW,
    PHONE,
    SARA,
    SECOND,
    action,
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

FILE = Attachment(key="f1", mime="image/jpeg", size=10, sha256="0" * 64, name="foto.jpg")
POINTER = MediaPointer(reference="m1", mime="image/jpeg")

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED


def differences(before: Any, now: Any) -> dict[str, Any]:
    """What changed, besides the version and the time, which always do; when it was first recorded stays."""
    assert now.version == before.version + 1
    assert now.recorded_at == NOW
    old, new = flat(before), flat(now)
    first = new.pop("first_recorded", None)
    assert first in (None, old.pop("first_recorded", None) or before.recorded_at)
    return {k: v for k, v in new.items() if v != old[k] and k not in ("version", "recorded_at")}


def flat(thing: Any) -> dict[str, Any]:
    """The fields of a thing; those of the parts of a conversation or a message stand among them."""
    fields = {field.name: getattr(thing, field.name) for field in attrs.fields(type(thing)) if field.init}
    for part in ("origin", "talk", "robot", "details", "extras"):
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
    moved = NOW if situation is BOT else None
    assert (new.tags, new.fields, new.talk.robot) == ((), (), Robot(moved_at=moved))


def test_a_conversation_begins_with_what_went_before() -> None:
    """A window still open, and until when they know that it is closed. Rule: M5, L20."""
    started = Started(
        contact="ct_1",
        channel="wa",
        address=PHONE,
        protocol="7",
        department="sup",
        window_until=NOW + HOUR,
        quiet_until=NOW + DAY,
    )
    new = born("cv_9", started)
    assert (new.window_until, new.talk.robot) == (NOW + HOUR, Robot(quiet_until=NOW + DAY))


TOLD = Robot(said=(Trigger.GREETING, Trigger.QUEUED), quiet_until=NOW + DAY, turns=2)
PUT_ON: dict[str, Any] = {
    "tags": ("vip", "late"),
    "fields": (("plan", Private("500")),),
    "contract": "k1",
    "robot": TOLD,
}
"""What no step of the life cycle may lose."""

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
    (QUEUE, ReturnedToBot(), {"situation": BOT, "queued_at": None, "turns": 0, "moved_at": NOW}),
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
    (
        OPEN,
        ReturnedToBot(),
        {
            "situation": BOT,
            "assignee": None,
            "queued_at": None,
            "taken_at": None,
            "turns": 0,
            "moved_at": NOW,
        },
    ),
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
            "said": (),
            "turns": 0,
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
            "said": (),
            "turns": 0,
        },
    ),
]


@pytest.mark.parametrize(
    ("situation", "event", "expected"), LIFE, ids=[f"{s}-{type(e).__name__}" for s, e, _ in LIFE]
)
def test_each_step_of_the_life_cycle(situation: Situation, event: Any, expected: dict[str, Any]) -> None:
    """Exactly these fields change; what was said and put on stays, and the last assignee.

    Rule: section L, L1, L2, L9; L14 (the bot's turns count anew when it has it again), L20 (what was said by
    itself is said again at the next opening, but not what is said once a closed period), C5, C9.
    """
    before = conversation(situation, **PUT_ON)
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


STAYS: list[tuple[Any, dict[str, Any]]] = [
    (DepartmentChanged(department="fin"), {"department": "fin"}),
    (ReasonSet(reason="slow"), {"reason": "slow"}),
    (MarkedRead(), {"unread": 0}),
    (Tagged(tags=("new", "newer")), {"tags": ("vip", "late", "new", "newer")}),
    (Untagged(tags=("vip",)), {"tags": ("late",)}),
    (Untagged(tags=("late", "vip")), {"tags": ()}),
    (FieldsSet(values=(("plan", Private("700")),)), {"fields": (("plan", Private("700")),)}),
    (
        FieldsSet(values=(("age", Decimal(30)), ("since", date(2026, 3, 10)), ("zip", True))),
        {
            "fields": (
                ("age", Decimal(30)),
                ("plan", Private("500")),
                ("since", date(2026, 3, 10)),
                ("zip", True),
            )
        },
    ),
    (FieldsSet(values=(("plan", None), ("never", None))), {"fields": ()}),
    (ContactReplaced(contact="ct_2"), {"contact": "ct_2"}),
    (ContractPinned(contract="k2"), {"contract": "k2"}),
    (ContractPinned(contract=None), {"contract": None}),
    (ActionRequested(effect=EF, kind=EffectKind.GRANT_BONUS), {}),
]


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize(
    ("event", "expected"), STAYS, ids=[f"{n}-{type(e).__name__}" for n, (e, _) in enumerate(STAYS)]
)
def test_what_is_put_on_moves_no_conversation(
    situation: Situation, event: Any, expected: dict[str, Any]
) -> None:
    """In any situation exactly this changes: tags keep the order they came in, a field given as None is taken
    away; what is asked of contracts or billing is the effect's. Rule: S5, S7, S11, C5, C9, L8, L18, L23, M11.
    """
    before = conversation(situation, **PUT_ON)
    assert differences(before, after(before, event)) == expected


def added(direction: Direction, **changes: Any) -> MessageAdded:
    return MessageAdded(**{"message": "cv_1.2", "seq": 2, "direction": direction, **changes})


IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def test_a_customers_message_counts_and_waits() -> None:
    """Unread rises; the first unanswered one says since when they wait. Rule: L15, L23, M4."""
    quiet = conversation(unread=0, waiting_since=None)
    expected = {"seq": 2, "heard": 2, "unread": 1, "waiting_since": NOW}
    assert differences(quiet, after(quiet, added(IN))) == expected
    waiting = conversation(unread=3)
    assert differences(waiting, after(waiting, added(IN))) == {"seq": 2, "heard": 2, "unread": 4}


def test_the_last_that_was_heard_is_the_customers() -> None:
    """Ours and notes come after it and do not move it, nor does reading. Rule: L23."""
    heard = after(conversation(OPEN), added(IN))
    spoken = after(
        heard,
        added(OUT, seq=3, human=True),
        added(Direction.INTERNAL, seq=4),
        added(OUT, seq=5, trigger=Trigger.QUEUED),
        MarkedRead(),
        Queued(department="sup"),
        ReturnedToBot(),
        Closed(reason="slow"),
        Reopened(),
    )
    assert (heard.talk.heard, spoken.talk.heard, spoken.seq) == (2, 2, 5)


def test_a_persons_answer_clears_both() -> None:
    """Answering reads and answers. Rule: L15, L23."""
    before = conversation(OPEN, unread=3)
    expected = {"seq": 2, "unread": 0, "waiting_since": None}
    assert differences(before, after(before, added(OUT, human=True))) == expected


def test_an_automatic_message_answers_nobody() -> None:
    """Neither the count nor the waiting changes. Rule: L15."""
    before = conversation(OPEN, unread=3)
    assert differences(before, after(before, added(OUT))) == {"seq": 2}


@pytest.mark.parametrize("situation", Situation)
def test_a_note_counts_and_touches_nothing(situation: Situation) -> None:
    """It takes the next number; nobody was answered by it, and no window opened. Rule: M15, M4, L15, L23."""
    before = conversation(situation, unread=3, **PUT_ON)
    assert differences(before, after(before, added(Direction.INTERNAL))) == {"seq": 2}


def test_what_is_said_by_itself_is_counted() -> None:
    """Each trigger once it was said, and until when the customer knows that it is closed. Rule: L20, H1."""
    before = conversation()
    greeted = after(before, added(OUT, trigger=Trigger.GREETING))
    assert differences(before, greeted) == {"seq": 2, "said": (Trigger.GREETING,)}
    late = after(greeted, added(OUT, seq=3, trigger=Trigger.AFTER_HOURS, quiet_until=NOW + DAY))
    assert late.talk.robot == Robot(said=(Trigger.GREETING, Trigger.AFTER_HOURS), quiet_until=NOW + DAY)
    more = after(late, added(OUT, seq=4, trigger=Trigger.QUEUED))
    assert more.talk.robot.quiet_until == NOW + DAY


def test_a_bots_messages_are_its_turns() -> None:
    """They answer nobody; messages of people and customers are no turns. Rule: L14, L15."""
    before = conversation(BOT, unread=1, robot=TOLD)
    said = {"seq": 2, "turns": 3, "moved_at": NOW}
    assert differences(before, after(before, added(OUT, bot=True))) == said
    for other in (added(IN), added(OUT, human=True), added(OUT, trigger=Trigger.CLOSING)):
        assert after(before, other).talk.robot.turns == 2


def test_turns_count_anew_when_the_bot_has_it_again() -> None:
    """Not while somebody else has it; what was said by itself in this opening stays said. Rule: L14, L20."""
    before = conversation(BOT, robot=TOLD)
    queued = after(before, Queued(department="sup"))
    assert queued.talk.robot == TOLD
    assert after(queued, Taken(assignee="ana")).talk.robot == TOLD
    again = after(queued, ReturnedToBot())
    assert again.talk.robot == Robot(said=TOLD.said, quiet_until=TOLD.quiet_until, moved_at=NOW)


def test_a_bot_moves_when_it_gets_it_and_when_it_speaks() -> None:
    """Whatever anybody else does leaves that time where it was. Rule: L22."""
    given = Robot(moved_at=NOW - HOUR)
    before = conversation(BOT, robot=given)
    assert after(before, added(OUT, bot=True)).talk.robot.moved_at == NOW
    for other in (
        added(IN),
        added(OUT, human=True),
        added(OUT, trigger=Trigger.GREETING),
        added(Direction.INTERNAL),
        ReasonSet(reason="slow"),
        ContactReplaced(contact="ct_2"),
        Queued(department="sup"),
    ):
        assert after(before, other).talk.robot.moved_at == NOW - HOUR
    started = {"contact": CT, "channel": "bot", "address": PHONE, "protocol": "1", "department": "sup"}
    assert born(CV, Started(**started, bot=True)).talk.robot == Robot(moved_at=NOW)
    assert born(CV, Started(**started)).talk.robot == Robot()


def test_what_was_said_by_itself_again_is_listed_once() -> None:
    """Each trigger, however often it was said. Rule: L20, H1."""
    robot = Robot(said=(Trigger.AFTER_HOURS, Trigger.QUEUED), quiet_until=NOW)
    told = after(conversation(robot=robot), added(OUT, trigger=Trigger.AFTER_HOURS, quiet_until=NOW + DAY))
    assert told.talk.robot == Robot(said=robot.said, quiet_until=NOW + DAY)


LEFT = {"window_until": NOW, "waiting_since": NOW - HOUR, "unread": 3, "robot": TOLD}
"""What stands in a conversation that goes on."""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {}),
        ({"window_until": NOW - SECOND, "waiting_since": NOW, "quiet_until": NOW}, {}),
        ({"window_until": NOW + SECOND}, {"window_until": NOW + SECOND}),
        ({"waiting_since": NOW - DAY}, {"waiting_since": NOW - DAY}),
        ({"quiet_until": NOW + 2 * DAY}, {"quiet_until": NOW + 2 * DAY}),
        ({"unread": 2}, {"unread": 5}),
    ],
)
def test_what_another_leaves_open_is_taken_over(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The wider window, the longer wait, the later end of the closed period, all that nobody read; and nothing
    that was here is lost. Rule: M11, M5, L15, L20, L23."""
    before = conversation(OPEN, **LEFT)
    replaced = after(before, ContactReplaced(contact="ct_2", **given))
    assert differences(before, replaced) == {"contact": "ct_2", **expected}


def test_who_waited_for_nothing_waits_with_the_other() -> None:
    """What only the other had, the one that goes on has from now on. Rule: M11, M5, L15."""
    before = conversation(OPEN, window_until=None, waiting_since=None, unread=0)
    event = ContactReplaced(contact=CT, window_until=NOW, quiet_until=NOW, waiting_since=NOW, unread=1)
    expected = {"window_until": NOW, "quiet_until": NOW, "waiting_since": NOW, "unread": 1}
    assert differences(before, after(before, event)) == expected


def test_a_reopened_one_goes_on_with_what_a_later_one_leaves() -> None:
    """The wider window, and the later end of the closed period the customer knows of. Rule: L4, M5, L20."""
    closed = conversation(CLOSED, window_until=NOW, robot=TOLD)
    for window, quiet in ((NOW + DAY, NOW + 2 * DAY), (NOW - DAY, NOW), (None, None)):
        again = after(closed, Reopened(window_until=window, quiet_until=quiet))
        assert again.window_until == max(NOW, window or NOW)
        assert again.talk.robot == Robot(quiet_until=max(NOW + DAY, quiet or NOW))


def test_a_new_opening_may_be_greeted_again() -> None:
    """But is not told twice that it is closed in one closed period. Rule: L20."""
    closed = conversation(CLOSED, robot=TOLD)
    for reopened in (Reopened(), Reopened(assignee="ana")):
        assert after(closed, reopened).talk.robot == Robot(quiet_until=TOLD.quiet_until)


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
    assert {*differences(before, after(before, added(IN)))} == {"seq", "heard", "unread"}


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


KNOWN: dict[str, Any] = {
    "name": Private("Maria"),
    "fields": (("plan", Private("500")),),
    "customer": "c1",
    "blocked": Block(SARA, NOW - HOUR, "spam"),
    "refused": 2,
    "merged": ("ct_7",),
}
"""What a contact may have; no event but its own may lose any of it."""

CONTACT: list[tuple[Any, dict[str, Any]]] = [
    (ContactEdited(name=Private("Eva"), opted_out=False), {"name": Private("Eva")}),
    (ContactEdited(name=Private("Maria"), opted_out=True), {"opted_out": True}),
    (ContactEdited(name=None, opted_out=False), {"name": None}),
    (
        ContactEdited(name=Private("Maria"), opted_out=False, values=(("age", Decimal(30)), ("plan", None))),
        {"fields": (("age", Decimal(30)),)},
    ),
    (CustomerLinked(customer="c2"), {"customer": "c2"}),
    (CustomerUnlinked(), {"customer": None}),
    (ContactUnblocked(), {"blocked": None}),
    (InboundRefused(channel="wa", provider_id="w"), {"refused": 3}),
    (ContactBlocked(why="again"), {"blocked": Block(SARA, NOW, "again")}),
    (ContactMerged(into="ct_2"), {"addresses": (), "merged": (), "merged_into": "ct_2"}),
    (
        ContactMerged(into="ct_2", channels=("wa", "bot")),
        {"addresses": (), "merged": (), "merged_into": "ct_2", "silent_on": ("wa", "bot")},
    ),
]


@pytest.mark.parametrize(
    ("event", "expected"), CONTACT, ids=[f"{n}-{type(e).__name__}" for n, (e, _) in enumerate(CONTACT)]
)
def test_each_step_of_a_contact(event: Any, expected: dict[str, Any]) -> None:
    """Exactly these fields change. Rule: S8, S18, S20, C9, M11, M13, M16."""
    before = contact(**KNOWN)
    assert differences(before, after(before, event, by=SARA)) == expected


MAYBE = (Customer(id="c1", name=Private("Maria")), Customer(id="c2", name=Private("Maria")))
UNLINKED: dict[str, Any] = {**KNOWN, "customer": None, "suggestions": MAYBE}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        *((event, expected) for event, expected in CONTACT if not isinstance(event, CustomerUnlinked)),
        (CustomersSuggested(customers=MAYBE[:1]), {"suggestions": MAYBE[:1]}),
        (CustomersSuggested(customers=()), {"suggestions": ()}),
    ],
    ids=lambda v: type(v).__name__,
)
def test_who_a_contact_may_be_is_known_until_it_is_linked(event: Any, expected: dict[str, Any]) -> None:
    """Suggestions stay through every other step, and take the place of those before. Rule: B2."""
    before = contact(**UNLINKED)
    linked = {"suggestions": ()} if isinstance(event, CustomerLinked) else {}
    assert differences(before, after(before, event, by=SARA)) == expected | linked


def test_a_contact_that_takes_one_in_is_linked_or_still_looked_for() -> None:
    """Suggestions go once a customer came with the other. Rule: B2, M11."""
    one = ContactAbsorbed(
        contact="ct_2",
        addresses=(ADDRESS,),
        name=None,
        customer=None,
        fields=(),
        opted_out=False,
        blocked=None,
        refused=0,
        merged=("ct_2",),
        suggestions=MAYBE,
    )
    assert after(contact(), one).suggestions == MAYBE
    linked = after(contact(**UNLINKED), attrs.evolve(one, customer="c2", suggestions=()))
    assert (linked.customer, linked.suggestions) == ("c2", ())


def test_a_contact_takes_another_one_in() -> None:
    """As the event says: its addresses, what is known of it, a block, and what was refused. Rule: M11."""
    absorbed = ContactAbsorbed(
        contact="ct_2",
        addresses=(ADDRESS, Address("key-2", Private("551187654321"))),
        name=Private("Eva"),
        customer="c2",
        fields=(("age", Decimal(30)),),
        opted_out=True,
        blocked=Block(ANA, NOW - DAY),
        refused=5,
        merged=("ct_7", "ct_2"),
    )
    before = contact(**KNOWN)
    expected = {f.name: getattr(absorbed, f.name) for f in attrs.fields(ContactAbsorbed) if f.name != "contact"}
    assert differences(before, after(before, absorbed)) == {k: v for k, v in expected.items() if v != ()}


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
        media=Media(pointer=POINTER),
        reply_to="cv_1.7",
    )
    new = born(MSG, received)
    assert new.direction is IN
    for field in attrs.fields(MessageReceived):
        assert flat(new)[field.name] == getattr(received, field.name)
    assert (new.author, new.effect, new.reached, new.anomalies) == (None, None, DeliveryStatus.PENDING, 0)


def test_a_message_to_the_customer_is_pending_until_it_leaves() -> None:
    """With its author or its trigger, and the effect that carries it. Rule: M2, L12, L20."""
    written = MessageWritten(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.TEMPLATE,
        body=Private("x"),
        effect=EF,
        author=ANA,
        template="late",
        parameters=(Private("Maria"),),
        media=Media(attachment=FILE),
        customer="c1",
    )
    new = born(MSG, written)
    assert new.direction is OUT
    for field in attrs.fields(MessageWritten):
        assert flat(new)[field.name] == getattr(written, field.name)
    assert (new.status, new.provider_id, new.sent_at) == (DeliveryStatus.PENDING, None, None)
    plain = attrs.evolve(written, template=None, parameters=(), media=None)
    assert born(MSG, plain).extras == Extras(customer="c1")
    assert born(MSG, attrs.evolve(plain, customer=None)).extras == Extras()


def test_a_message_from_the_phone_is_sent_already() -> None:
    """With its provider's id and clock; the system stands for whoever held the phone. Rule: M12, M2."""
    echoed = MessageEchoed(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.IMAGE,
        body=Private("x"),
        provider_id="w",
        sent_at=NOW - HOUR,
        flags=("cut",),
        raw=Private("{}"),
        media=Media(pointer=POINTER),
    )
    new = born(MSG, echoed)
    for field in attrs.fields(MessageEchoed):
        assert flat(new)[field.name] == getattr(echoed, field.name)
    assert (new.direction, new.author, new.status, new.effect) == (OUT, SYSTEM, DeliveryStatus.SENT, None)


def test_a_note_is_nobodys_message() -> None:
    """Internal, by whoever left it, with nothing to carry it anywhere. Rule: M15, L12."""
    new = born(MSG, NoteAdded(conversation=CV, seq=1, channel="wa", body=Private("Ligar")), by=ANA)
    assert (new.direction, new.kind, new.body) == (Direction.INTERNAL, MessageKind.NOTE, Private("Ligar"))
    assert (new.author, new.effect, new.provider_id, new.recorded_at) == (ANA, None, None, NOW)


def changes(before: Any, event: Any) -> dict[str, Any]:
    """What an event changes of a message that has everything a message may have."""
    return differences(before, after(before, event, by=SARA))


FULL: dict[str, Any] = {
    "extras": attrs.evolve(
        inbound().extras,
        media=Media(pointer=POINTER),
        reply_to="cv_1.7",
        reactions=(Reaction(IN, Private("👍"), NOW - HOUR),),
        edits=(Edit(NOW - SECOND, Private("Oi!")),),
    ),
    "flags": ("cut",),
    "raw": Private("{}"),
}
MARKS: dict[str, Any] = {"channel": "wa", "provider_id": "w2"}


def test_a_file_is_fetched_or_lost() -> None:
    """Either way the message shows, and where the file was stays known. Rule: M17."""
    before = inbound(**FULL)
    stored = Media(pointer=POINTER, attachment=FILE)
    assert changes(before, MediaStored(attachment=FILE)) == {"media": stored}
    assert changes(before, MediaLost(detail="expired")) == {"media": Media(pointer=POINTER, lost="expired")}
    assert after(before, MediaLost(detail="expired"), MediaStored(attachment=FILE)).media == stored


def test_a_reaction_takes_the_place_of_the_one_before() -> None:
    """One each way; taking it away leaves the time of that, so that what was before it stays gone. Rule: M9."""
    before = inbound(**FULL)
    [thumb] = before.extras.reactions
    heart = Private("❤️")
    for emoji in (heart, None):
        theirs = changes(before, Reacted(**MARKS, direction=IN, emoji=emoji, sent_at=NOW))
        assert theirs == {"reactions": (Reaction(IN, emoji, NOW),)}
        ours = changes(before, Reacted(**MARKS, direction=OUT, emoji=emoji, sent_at=NOW))
        assert ours == {"reactions": (thumb, Reaction(OUT, emoji, NOW))}


def test_an_older_reaction_changes_nothing() -> None:
    """By the provider's clock; of two of one moment the one that comes later counts. Rule: M9."""
    before = inbound(**FULL)
    for emoji in (Private("❤️"), None):
        older = Reacted(**MARKS, direction=IN, emoji=emoji, sent_at=NOW - HOUR - SECOND)
        assert changes(before, older) == {}
        at_once = Reacted(**MARKS, direction=IN, emoji=emoji, sent_at=NOW - HOUR)
        assert changes(before, at_once) == {"reactions": (Reaction(IN, emoji, NOW - HOUR),)}


a_reaction = st.builds(
    lambda direction, emoji, seconds: Reacted(
        **MARKS,
        direction=direction,
        emoji=None if emoji is None else Private(emoji),
        sent_at=NOW + seconds * SECOND,
    ),
    st.sampled_from((IN, OUT)),
    st.sampled_from(("👍", "❤️", None)),
    st.integers(-3, 3),
)


@given(
    st.lists(a_reaction, max_size=6, unique_by=lambda r: (r.direction, r.sent_at)).flatmap(
        lambda told: st.tuples(
            st.just(told),
            st.permutations(told),
            st.lists(st.sampled_from(told), max_size=3) if told else st.just([]),
        )
    )
)
def test_reactions_commute_and_repeat_harmlessly(told: tuple[list[Any], list[Any], list[Any]]) -> None:
    """Law: any order, any repeats of the same reactions lead to the same message, which shows the last one each
    way by the provider's clock. Rule: M9."""
    first, shuffled, again = told
    one, other = after(inbound(), *first), after(inbound(), *shuffled, *again)
    assert other.extras == one.extras
    last = {r.direction: r for r in sorted(first, key=lambda r: r.sent_at)}
    expected = {(r.direction, r.emoji, r.sent_at) for r in last.values()}
    assert {(r.direction, r.emoji, r.at) for r in one.extras.reactions} == expected
    assert len(one.extras.reactions) == len(expected)


def test_an_edit_is_added_and_the_original_stays() -> None:
    """What the message says now is the last edit; what it said first and between is kept. Rule: M18."""
    before = inbound(**FULL)
    later = Edit(NOW, Private("Oi, tudo bem?"))
    event = MessageEdited(**MARKS, body=later.body, sent_at=NOW)
    assert changes(before, event) == {"edits": (*before.extras.edits, later)}
    now = after(before, event)
    assert (now.text, now.body, before.text) == (later.body, Private("Oi"), Private("Oi!"))
    assert inbound().text == inbound().body


def test_a_message_taken_back_stays() -> None:
    """Marked as taken back, with all that it was. Rule: M18."""
    before = inbound(**FULL)
    assert changes(before, MessageRevoked(**MARKS, sent_at=NOW)) == {"revoked_at": NOW}


def test_an_edit_that_comes_after_a_revocation_is_kept_too() -> None:
    """Whichever comes first, the message is the same. Rule: M18."""
    edit = MessageEdited(**MARKS, body=Private("Oi, tudo bem?"), sent_at=NOW - SECOND)
    revocation = MessageRevoked(**MARKS, sent_at=NOW)
    assert after(inbound(), edit, revocation) == after(inbound(), revocation, edit)


def test_a_message_in_doubt_is_sent_again_or_let_be() -> None:
    """Another effect carries it, or none does; either way the doubt is closed. Rule: M2."""
    doubted = outbound(unconfirmed=True, **FULL)
    assert changes(doubted, MessageResent(effect="ef_2")) == {"unconfirmed": False, "effect": "ef_2"}
    sent = {"unconfirmed": False, "reached": DeliveryStatus.SENT}
    assert changes(doubted, DoubtDismissed()) == sent | changes(doubted, DoubtDismissed())


@pytest.mark.parametrize(
    "event",
    [
        MessageAccepted(provider_id="w"),
        MessageNotSent(detail="expired"),
        MessageDoubted(),
        StatusReported(status=DeliveryStatus.READ, occurred_at=NOW),
        AnomalyRecorded(),
        MessageResent(effect="ef_2"),
        DoubtDismissed(),
    ],
    ids=lambda e: type(e).__name__,
)
def test_deliveries_lose_nothing_of_what_was_said(event: Any) -> None:
    """File, reactions, edits, repairs and raw form stay as they were. Rule: M2, M9, M17, M18."""
    before = outbound(**FULL)
    now = after(before, event)
    assert (now.extras, now.flags, now.raw, now.body) == (before.extras, before.flags, before.raw, before.body)


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


VIP = Tag(id="vip", name="VIP")
LATE = Tag(id="late", name="Atrasado")


def catalogue(**changes: Any) -> Workspace:
    """A workspace with two parts of every kind at least."""
    first = workspace()
    fields = tuple(Field(id=id, name=id.title(), on=FieldOn.CONTACT) for id in ("plan", "router"))
    texts = (("late", "Atraso"), ("hi", "Bom dia"))
    values: dict[str, Any] = {
        "tags": (VIP, LATE),
        "quick_replies": tuple(QuickReply(id=id, shortcut=id, text=text) for id, text in texts),
        "templates": tuple(
            MessageTemplate(id=id, channel="wa", name=id, language="pt_BR", body=text) for id, text in texts
        ),
        "fields": fields,
        "channels": (*first.channels, attrs.evolve(first.channels[0], id="wa2", account="2")),
        **changes,
    }
    return workspace(**values)


def listed(ws: Workspace, part: Part) -> tuple[Any, ...]:
    items: tuple[Any, ...] = getattr(ws, PLACES[part][0])
    return items


@pytest.mark.parametrize("part", Part)
def test_a_part_comes_in_last(part: Part) -> None:
    """Nothing else changes. Rule: C1, C8."""
    whole = catalogue()
    *others, last = listed(whole, part)
    place = PLACES[part][0]
    if part is Part.DEPARTMENT:
        whole = attrs.evolve(whole, agents=(), reasons=())
    before = attrs.evolve(whole, **{place: tuple(others)})
    assert differences(before, after(before, ItemAdded(item=last))) == {place: (*others, last)}


@pytest.mark.parametrize("part", Part)
def test_a_part_changes_in_its_place(part: Part) -> None:
    """Found by its id among those of its kind. Rule: C1, C8."""
    before = catalogue()
    first, *others = listed(before, part)
    name = {Part.QUICK_REPLY: "shortcut", Part.TEMPLATE: "body", Part.CHANNEL: "account"}.get(part, "name")
    new = attrs.evolve(first, **{name: "outro"})
    assert differences(before, after(before, ItemChanged(item=new))) == {PLACES[part][0]: (new, *others)}


@pytest.mark.parametrize("part", Part)
def test_a_part_is_archived_and_restored(part: Part) -> None:
    """It stays where it is, as it was; an agent is deactivated and active again. Rule: C3, L13."""
    before = catalogue()
    if part is Part.DEPARTMENT:
        before = attrs.evolve(before, channels=(), templates=())
    first, *others = listed(before, part)
    flag = {"active": False} if part is Part.AGENT else {"archived": True}
    archived = after(before, ItemArchived(part=part, id=first.id))
    assert differences(before, archived) == {PLACES[part][0]: (attrs.evolve(first, **flag), *others)}
    restored = after(archived, ItemRestored(part=part, id=first.id))
    assert attrs.evolve(restored, version=before.version, recorded_at=before.recorded_at) == before


@pytest.mark.parametrize("part", Part)
def test_parts_list_in_a_new_order(part: Part) -> None:
    """The same parts, in the order of the event. Rule: C8."""
    before = catalogue()
    backwards = listed(before, part)[::-1]
    ordered = ItemsOrdered(part=part, ids=tuple(item.id for item in backwards))
    assert differences(before, after(before, ordered)) == {PLACES[part][0]: backwards}


def test_the_policies_change_as_a_whole() -> None:
    """And nothing else. Rule: L4, L10."""
    before = catalogue(policies=Policies(reopen_within=HOUR))
    new = Policies(default_reason="slow")
    assert differences(before, after(before, PoliciesChanged(policies=new))) == {"policies": new}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ItemAdded(item=Tag(id="x", name="vip ")), ("tags[2].name", "repeated", "C1")),
        (ItemAdded(item=Tag(id="vip", name="X")), ("tags[2].id", "repeated", "C1")),
        (ItemChanged(item=Tag(id="late", name="V1P")), ("tags[1].name", "looks_like_another", "C2")),
        (
            ItemAdded(item=Agent(id="x", name="X", departments=("nowhere",))),
            ("agents[7].departments[0]", "unknown_department", "C4"),
        ),
        (ItemArchived(part=Part.REASON, id="slow"), ("policies.default_reason", "archived", "C3")),
        (ItemArchived(part=Part.DEPARTMENT, id="sup"), ("channels[0].department", "archived", "C3")),
        (
            PoliciesChanged(policies=Policies(default_reason="nope")),
            ("policies.default_reason", "unknown_reason", "L10"),
        ),
    ],
)
def test_no_workspace_comes_about_that_may_not_be(event: Any, expected: tuple[str, str, str]) -> None:
    """Whichever way it changes, the whole is checked again. Rule: C1, C2, C3, C4, L10."""
    before = catalogue(policies=Policies(default_reason="slow"), channels=workspace().channels)
    with pytest.raises(InvalidValue) as caught:
        after(before, event)
    assert expected in [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


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
        reference="w",
    )
    new = born("ef_9", intended, by=ANA)
    for field in attrs.fields(Intended):
        assert getattr(new, field.name) == getattr(intended, field.name)
    assert (new.id, new.state, new.requested_by) == ("ef_9", EffectState.INTENDED, ANA)
    assert (new.version, new.fence, new.attempts, new.unresolved) == (1, 1, 0, False)


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_asked_is_born_with_its_demand_and_keeps_it(kind: EffectKind) -> None:
    """Through every step, and with its business guard. Rule: B11."""
    asked = Intended(kind=kind, conversation=CV, contact=CT, due_at=NOW, expires_at=LATER, demand=ASKED[kind])
    new = born("ef_9", asked, by=ANA)
    assert (new.demand, new.guarded, new.channel, new.requested_by) == (ASKED[kind], True, None, ANA)
    moved = after(new, Claimed(lease_until=LATER), EvidenceKept(finding="x"), Succeeded(reference="r"))
    assert (moved.demand, moved.guarded, moved.reference) == (ASKED[kind], True, "r")


@pytest.mark.parametrize("kind", [EffectKind.RELEASE_AGENT, EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT])
def test_inner_work_is_born_and_moves_like_any_effect(kind: EffectKind) -> None:
    """Without a channel; whose conversations it is about stays known at every step. Rule: L13, L16, L22."""
    new = born("ef_9", Intended(kind=kind, agent="davi", due_at=NOW, expires_at=NOW + DAY))
    assert (new.kind, new.agent, new.channel, new.message) == (kind, "davi", None, None)
    flying = after(new, Claimed(lease_until=NOW + HOUR))
    assert (flying.state, flying.agent) == (EffectState.IN_FLIGHT, "davi")
    again = after(flying, Postponed(due_at=NOW + DAY), EvidenceKept(finding="x"))
    assert (again.state, again.agent, again.due_at) == (EffectState.INTENDED, "davi", NOW + DAY)


def test_a_claim_and_a_doubt_may_name_the_clocks_own_moment() -> None:
    """Where the clock is behind the record, leases and horizons go by the clock. Rule: L12."""
    flying = after(effect(), Claimed(lease_until=NOW, at=NOW - HOUR))
    assert flying.dispatched_at == NOW - HOUR
    assert after(flying, Doubted(due_at=NOW, detail="t", at=NOW - SECOND)).doubted_at == NOW - SECOND


E = EffectState
LATER = NOW + HOUR


def step(state: EffectState, event: Any, expected: dict[str, Any], **changes: Any) -> Any:
    name = f"{state}-{type(event).__name__}-{'-'.join(changes)}"
    return pytest.param(effect(state, **changes), event, {"fence": 5, **expected}, id=name)


def money(state: EffectState, event: Any, expected: dict[str, Any], **changes: Any) -> Any:
    """A step of a bonus."""
    name = f"bonus-{state}-{type(event).__name__}-{'-'.join(changes)}"
    before = action(EffectKind.GRANT_BONUS, state, **changes)
    return pytest.param(before, event, {"fence": 5, **expected}, id=name)


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
    money(E.UNKNOWN, SentToReview(), {"state": E.REVIEW, "due_at": None, "unresolved": False}),
    money(E.FAILED, SentToReview(), {"state": E.REVIEW}),
    money(E.FAILED, SentToReview(guarded=False), {"state": E.REVIEW, "guarded": False}),
    money(E.CANCELLED, SentToReview(guarded=False), {"state": E.REVIEW, "guarded": False}),
    money(E.SUCCEEDED, SentToReview(), {"state": E.REVIEW}),
    money(E.REVIEW, Succeeded(), {"state": E.SUCCEEDED}, guarded=False, reference="r"),
    money(E.REVIEW, Failed(detail="reviewed"), {"state": E.FAILED, "detail": "reviewed"}, guarded=False),
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
    """Evidence and early statuses are added, in order; nothing else changes. What a person says has a name."""
    before = effect(state)
    noted = after(before, EvidenceKept(finding="a"), EvidenceKept(finding="b", reference="w"))
    assert noted.evidence == (Evidence(NOW, "a"), Evidence(NOW, "b", "w"))
    assert attrs.evolve(noted, version=before.version, recorded_at=before.recorded_at, evidence=()) == before
    found = EvidenceKept(finding="reviewed:applied", reference="w", note=Private("Está no extrato"))
    assert after(before, found, by=SARA).evidence == (
        Evidence(NOW, "reviewed:applied", "w", Private("Está no extrato"), SARA),
    )
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
