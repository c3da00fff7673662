"""Two contacts that are one: what the one who stays takes over, and what becomes of live conversations."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import MergeContacts
from chatcore.entities import AutomaticMessages, Block, Contact, Conversation, Policies, Robot
from chatcore.errors import ContactMerged, InvalidValue, NoDefaultReason, NotFound, NotPermitted
from chatcore.events import (
    Closed,
    ContactAbsorbed,
    ContactReplaced,
    Intended,
    MessageAdded,
    MessageWritten,
)
from chatcore.events import ContactMerged as Merged
from chatcore.rules import decide
from chatcore.rules.invariants import claims_of, live_claim
from chatcore.vocabulary import SYSTEM, Ability, Actor, Private, Situation, Trigger
from tests.given import (
    ADA,
    ADDRESS,
    ADDRESS2,
    ANA,
    AURO,
    CT,
    CT2,
    CV,
    CV2,
    DAY,
    HOUR,
    NOW,
    PHONE,
    PHONE2,
    ROBO,
    SARA,
    SECOND,
    after,
    capabilities,
    contact,
    conversation,
    granted,
    on_merge,
    other_contact,
    stocked,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
MERGE = MergeContacts(CT, CT2)
DEFAULT = stocked(policies=Policies(default_reason="slow"))
GOODBYE = stocked(policies=Policies(default_reason="slow", automatic=AutomaticMessages(closing="Até logo!")))

CHANNELS = tuple(channel.id for channel in DEFAULT.channels)

MARIA, ANTONIA = Private("Maria"), Private("Antônia")
EARLY, LATE = Block(SARA, NOW - DAY, "spam"), Block(ADA, NOW - HOUR, "golpe")


def told(*lives: Conversation, by: Actor = SARA, **facts: Any) -> Any:
    return decide(MERGE, on_merge(by, *lives, **{"workspace": DEFAULT, **facts}))


def absorbed(gone: Contact, kept: Contact) -> ContactAbsorbed:
    """What the one who stays takes over."""
    (one, merged), (two, event) = told(contact=gone, into=kept)
    assert (one, merged) == (gone.id, Merged(into=kept.id, channels=CHANNELS))
    assert two == kept.id
    assert isinstance(event, ContactAbsorbed)
    assert event.contact == gone.id
    return event


def gones(situation: Situation = QUEUE, **changes: Any) -> Conversation:
    """A live conversation of the contact who turned out to be the other."""
    return conversation(situation, **changes)


def keeps(situation: Situation = QUEUE, **changes: Any) -> Conversation:
    """A live conversation of the contact who stays; younger by half an hour."""
    started = NOW - HOUR / 2
    other = {"id": CV2, "contact": CT2, "address": PHONE2, "protocol": "202603107654321098"}
    return conversation(situation, **{"started_at": started, **other, **changes})


# --- the two contacts ----------------------------------------------------------------------------------------


def test_the_one_who_stays_has_all_addresses() -> None:
    """Their own first; who is gone has none left, so each address is one contact's. Rule: M11."""
    decision = told()
    assert [ref for ref, _ in decision] == [CT, CT2]
    gone, kept = after(contact(), decision[0][1]), after(other_contact(), decision[1][1])
    assert kept.addresses == (ADDRESS2, ADDRESS)
    assert gone.addresses == ()
    assert claims_of(kept) == (*claims_of(other_contact()), *claims_of(contact()))
    assert (gone.merged_into, kept.merged_into) == (CT2, None)
    assert (gone.merged, kept.merged) == ((), (CT,))


def test_no_live_conversation_can_come_about_with_who_is_gone() -> None:
    """On every channel there is, they own what a live conversation with them would need. Rule: M11, L3."""
    ((_, event), *_) = told()
    gone = after(contact(), event)
    assert gone.silent_on == CHANNELS
    assert claims_of(gone) == tuple(live_claim(CT, channel) for channel in CHANNELS)
    assert {"wa", "bot"} <= {*CHANNELS}


def test_what_both_say_the_one_who_stays_says() -> None:
    """Name and customer; each alone is enough. Rule: M11."""
    knows, nobody = {"name": MARIA, "customer": "17"}, {"name": None, "customer": None}
    other = {"name": ANTONIA, "customer": "9"}
    for gone, kept, expected in (
        (knows, nobody, knows),
        (nobody, knows, knows),
        (other, knows, knows),
        (knows, other, other),
        (nobody, nobody, nobody),
        ({**knows, "name": None}, {**other, "customer": None}, {"name": ANTONIA, "customer": "17"}),
    ):
        event = absorbed(contact(**gone), other_contact(**kept))
        assert {"name": event.name, "customer": event.customer} == expected


def test_fields_come_together() -> None:
    """Of a field that both have, the value of the one who stays. Rule: M11, C9."""
    gone = contact(fields=(("cpf", Private("1")), ("since", NOW.date())))
    kept = other_contact(fields=(("cpf", Private("2")), ("zip", Private("3"))))
    assert absorbed(gone, kept).fields == (
        ("cpf", Private("2")),
        ("since", NOW.date()),
        ("zip", Private("3")),
    )


@pytest.mark.parametrize(("gone", "kept"), [(True, False), (False, True), (True, True), (False, False)])
def test_an_opt_out_of_either_counts(gone: bool, kept: bool) -> None:
    """Whoever asked not to get marketing, the person did. Rule: M11, M16."""
    assert absorbed(contact(opted_out=gone), other_contact(opted_out=kept)).opted_out is (gone or kept)


@pytest.mark.parametrize(
    ("gone", "kept", "expected"),
    [(None, None, None), (LATE, None, LATE), (None, EARLY, EARLY), (LATE, EARLY, EARLY)],
)
def test_a_block_of_either_counts(gone: Block | None, kept: Block | None, expected: Block | None) -> None:
    """Who did it, when and why stays; what was refused adds up. Rule: M11, M13, S20."""
    event = absorbed(contact(blocked=gone, refused=2), other_contact(blocked=kept, refused=3))
    assert (event.blocked, event.refused) == (expected, 5)


def test_the_state_is_what_the_event_says() -> None:
    """And nothing that the one who stays had is lost. Rule: M11."""
    kept = other_contact(name=ANTONIA, opted_out=True, blocked=EARLY, refused=1, merged=("ct_9",))
    gone = contact(customer="17", fields=(("cpf", Private("1")),), merged=("ct_7", "ct_8"))
    now = after(kept, absorbed(gone, kept))
    assert now == other_contact(
        version=2,
        recorded_at=NOW,
        addresses=(ADDRESS2, ADDRESS),
        name=ANTONIA,
        customer="17",
        fields=(("cpf", Private("1")),),
        opted_out=True,
        blocked=EARLY,
        refused=1,
        merged=("ct_9", CT, "ct_7", "ct_8"),
    )


# --- again, and further --------------------------------------------------------------------------------------

CT3 = "ct_3"


def merged(gone: Contact, kept: Contact) -> tuple[Contact, Contact]:
    """Both contacts after they were merged."""
    facts = on_merge(SARA, workspace=DEFAULT, contact=gone, into=kept)
    (_, one), (_, two) = decide(MergeContacts(gone.id, kept.id), facts)
    return after(gone, one), after(kept, two)


def test_merging_again_changes_nothing() -> None:
    """Also with conversations that are live by now. Rule: M11, L19."""
    gone, kept = merged(contact(), other_contact())
    assert told(contact=gone, into=kept) == ()
    assert told(keeps(), contact=gone, into=kept) == ()


def test_a_chain_ends_in_one_contact() -> None:
    """One into another, and that one into a third: the last one has it all, and knows both. Rule: M11."""
    third = contact(id=CT3, addresses=())
    one, two = merged(contact(name=MARIA), other_contact())
    two, three = merged(two, third)
    assert (one.merged_into, two.merged_into, three.merged_into) == (CT2, CT3, None)
    assert three.merged == (CT2, CT)
    assert three.addresses == (ADDRESS2, ADDRESS)
    assert three.name == MARIA
    assert told(contact=one, into=two) == told(contact=two, into=three) == told(contact=one, into=three) == ()


def test_who_is_another_already_is_not_merged() -> None:
    """Into nobody else, and nobody into them; the error says who they are. Rule: M11."""
    one, two = merged(contact(), other_contact())
    third = contact(id=CT3, addresses=())
    for gone, kept in ((one, third), (third, one), (one, contact(id=CT3, addresses=(), merged_into="ct_4"))):
        with pytest.raises(ContactMerged) as error:
            told(contact=gone, into=kept)
        assert error.value.into == two.id


def test_there_is_no_circle() -> None:
    """Nobody is merged into whoever was merged into them, directly or through a third, nor into themselves.

    Rule: M11
    """
    one, two = merged(contact(), other_contact())
    with pytest.raises(ContactMerged):
        told(contact=two, into=one)
    two, three = merged(two, contact(id=CT3, addresses=()))
    for into in (one, two):
        with pytest.raises(ContactMerged):
            told(contact=three, into=into)
    with pytest.raises(InvalidValue) as error:
        MergeContacts(CT, CT)
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [("into", "same_contact", "M11")]


def test_both_have_to_be_named() -> None:
    """All that is wrong is told when it is made. Rule: M11."""
    with pytest.raises(InvalidValue) as error:
        MergeContacts("", 5)  # type: ignore[arg-type]
    assert [(p.path, p.code) for p in error.value.problems] == [("contact", "not_an_id"), ("into", "not_an_id")]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_whatever_is_merged_everybody_is_one_person_at_last(pairs: list[tuple[int, int]]) -> None:
    """Law: after any merges each address is exactly one contact's, following `merged_into` ends, and whoever
    stands at the end lists in `merged` just those that lead to them. Rule: M11
    """
    people = {
        f"ct_{n}": contact(id=f"ct_{n}", addresses=(attrs.evolve(ADDRESS, key=f"key-{n}"),)) for n in range(5)
    }
    for a, b in pairs:
        gone, kept = people[f"ct_{a}"], people[f"ct_{b}"]
        if gone is kept:
            continue
        facts = on_merge(SARA, workspace=DEFAULT, contact=gone, into=kept)
        before = dict(people)
        try:
            happened = decide(MergeContacts(gone.id, kept.id), facts)
        except ContactMerged:
            assert gone.merged_into or kept.merged_into
            happened = ()
        for ref, event in happened:
            people[ref] = after(people[ref], event)
        if not happened:
            assert people == before
    ends = {}
    for id in people:
        end = id
        for _ in people:
            end = people[end].merged_into or end
        assert people[end].merged_into is None
        ends[id] = end
    for id, who in people.items():
        led = {other for other, end in ends.items() if end == id and other != id}
        assert set(who.merged) == led
        assert len(who.merged) == len(led)
    assert sorted(a.key for who in people.values() for a in who.addresses) == [f"key-{n}" for n in range(5)]


# --- live conversations --------------------------------------------------------------------------------------


@pytest.mark.parametrize("situation", [BOT, QUEUE, OPEN])
def test_a_live_conversation_goes_along(situation: Situation) -> None:
    """With whoever has it, and to the address it always went to. Rule: M11, M10."""
    live = gones(situation)
    *_, (ref, event) = told(live)
    assert (ref, event) == (CV, ContactReplaced(contact=CT2))
    now = after(live, event)
    assert now.contact == CT2
    assert (now.situation, now.assignee, now.talk) == (live.situation, live.assignee, live.talk)
    assert now.origin == attrs.evolve(live.origin, contact=CT2)


def left(contact: str = CT2, *newer: Conversation) -> ContactReplaced:
    """That one goes on with this contact, and with what the newer ones, made by default, leave open."""
    closed = newer or (keeps(),)
    return ContactReplaced(
        contact=contact,
        waiting_since=min(one.waiting_since for one in closed if one.waiting_since),
        unread=sum(one.unread for one in closed),
    )


def test_the_conversation_of_the_one_who_stays_stays() -> None:
    """Rule: M11."""
    assert [ref for ref, _ in told(keeps(OPEN))] == [CT, CT2]


def test_on_different_channels_nothing_closes() -> None:
    """All of them go on with the one who stays; no reason is needed. Rule: M11, L3."""
    plain = stocked()
    assert told(gones(), keeps(channel="bot"), workspace=plain)[2:] == ((CV, ContactReplaced(contact=CT2)),)
    both = gones(), gones(id=CV2, channel="bot")
    assert told(*both, workspace=plain)[2:] == (
        (CV, ContactReplaced(contact=CT2)),
        (CV2, ContactReplaced(contact=CT2)),
    )


def test_on_one_channel_the_newer_closes() -> None:
    """With the default reason; the older goes on with who stays, whosever it was. Rule: M11, L3, L10."""
    assert told(gones(OPEN), keeps(OPEN))[2:] == (
        (CV2, Closed(reason="slow")),
        (CV, left()),
    )
    older = keeps(OPEN, started_at=NOW - 2 * HOUR)
    assert told(gones(OPEN), older)[2:] == ((CV, Closed(reason="slow")), (CV2, left(CT2, gones())))
    closed = after(gones(OPEN), told(gones(OPEN), older)[2][1], by=SARA)
    assert (closed.situation, closed.assignee, closed.last_assignee) == (CLOSED, None, "ana")
    assert (closed.contact, closed.closed_by) == (CT, SARA)


def test_of_two_that_began_at_once_the_same_one_closes_always() -> None:
    """In whatever order they are read. Rule: M11."""
    one, two = gones(), keeps(started_at=gones().started_at)
    assert told(one, two) == told(two, one)
    assert told(one, two)[2:] == ((CV2, Closed(reason="slow")), (CV, left()))


def test_a_reason_that_was_set_counts_before_the_default() -> None:
    """Somebody said why; and then no default is needed. Rule: M11, L10."""
    for ws in (DEFAULT, stocked()):
        happened = told(gones(), keeps(reason="moved"), workspace=ws)
        assert (CV2, Closed(reason="moved")) in happened


def carried(*lives: Conversation) -> Conversation:
    """The one that goes on, after all that happened to it."""
    [one] = [one for one in lives if one.id == CV]
    events = [event for ref, event in told(*lives) if ref == CV]
    return after(one, *events, by=SARA)


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ({"window_until": NOW - HOUR}, {"window_until": NOW + HOUR}, {"window_until": NOW + HOUR}),
        ({"window_until": NOW + HOUR}, {"window_until": NOW - HOUR}, {"window_until": NOW + HOUR}),
        ({"window_until": None}, {"window_until": NOW}, {"window_until": NOW}),
        ({"window_until": NOW}, {"window_until": None}, {"window_until": NOW}),
        ({"waiting_since": NOW}, {"waiting_since": NOW - HOUR}, {"waiting_since": NOW - HOUR}),
        ({"waiting_since": NOW - HOUR}, {"waiting_since": NOW}, {"waiting_since": NOW - HOUR}),
        ({"waiting_since": None}, {"waiting_since": NOW}, {"waiting_since": NOW}),
        ({"waiting_since": NOW}, {"waiting_since": None}, {"waiting_since": NOW}),
        ({"waiting_since": None}, {"waiting_since": None}, {"waiting_since": None}),
        ({"unread": 2}, {"unread": 3}, {"unread": 5}),
        ({"robot": Robot(quiet_until=NOW)}, {"robot": Robot(quiet_until=NOW + HOUR)}, {"quiet": NOW + HOUR}),
        ({"robot": Robot(quiet_until=NOW)}, {}, {"quiet": NOW}),
        ({}, {"robot": Robot(quiet_until=NOW)}, {"quiet": NOW}),
        ({"robot": Robot(said=(Trigger.GREETING,), turns=2, moved_at=NOW)}, {}, {}),
    ],
)
def test_what_goes_on_has_what_the_other_leaves_open(
    here: dict[str, Any], there: dict[str, Any], expected: dict[str, Any]
) -> None:
    """The wider window, the longer wait, all that nobody read, the closed period the customer was told of; what
    else was said and done here stays. Rule: M11, M5, L15, L20, L23."""
    for one, other in (
        (gones(**here), keeps(**there)),
        (gones(contact=CT2, **here), keeps(contact=CT, **there)),
    ):
        now = carried(one, other)
        robot = attrs.evolve(one.talk.robot, quiet_until=expected.get("quiet", one.talk.robot.quiet_until))
        both = {name: value for name, value in expected.items() if name != "quiet"}
        if both.get("window_until") not in (None, one.window_until):
            both["address"] = other.address
        assert now.contact == CT2
        assert now.talk == attrs.evolve(one.talk, **{"unread": 2, **both}, robot=robot)


def test_what_does_not_close_leaves_nothing_to_another() -> None:
    """Each goes on as it was: windows and waits are a channel's own. Rule: M11, M5."""
    happened = told(gones(), keeps(channel="bot", window_until=NOW + 9 * DAY, unread=7))
    assert happened[2:] == ((CV, ContactReplaced(contact=CT2)),)


def test_without_a_default_reason_nothing_happens() -> None:
    """Two that are live on one channel cannot become one: not even the contacts are merged. Rule: M11, L10."""
    with pytest.raises(NoDefaultReason):
        told(gones(), keeps(), workspace=stocked())
    with pytest.raises(NoDefaultReason):
        told(gones(reason="moved"), keeps(), gones(id="cv_3", channel="bot"), workspace=stocked())


def test_fields_that_a_close_needs_are_not_asked_for() -> None:
    """It closes as the system closes. Rule: M11, C9."""
    asked = tuple(attrs.evolve(field, required_at_close=True) for field in DEFAULT.fields)
    ws = attrs.evolve(DEFAULT, fields=asked)
    assert told(gones(), keeps(), workspace=ws) == told(gones(), keeps())


def test_the_customer_is_told_of_the_close() -> None:
    """Where that can be said: one closing message, before the close. Rule: M11, L10, L20."""
    happened = told(gones(), keeps(seq=4), workspace=GOODBYE)
    (one, added), (message, written), (_, intended), closed, moved = happened[2:]
    assert (one, message) == (CV2, "cv_2.5")
    assert isinstance(added, MessageAdded)
    assert isinstance(written, MessageWritten)
    assert written.body == Private("Até logo!")
    assert isinstance(intended, Intended)
    assert (intended.conversation, intended.message) == (CV2, "cv_2.5")
    assert (closed, moved) == ((CV2, Closed(reason="slow")), (CV, left()))


@pytest.mark.parametrize(
    ("lives", "facts"),
    [
        ((gones(), keeps(window_until=NOW)), {}),
        ((gones(), keeps(window_until=None)), {}),
        ((gones(), keeps()), {"into": other_contact(blocked=EARLY)}),
        ((gones(), keeps()), {"contact": contact(blocked=EARLY)}),
        ((gones(started_at=NOW - SECOND), keeps()), {"into": other_contact(blocked=EARLY)}),
        ((gones(started_at=NOW - SECOND), keeps()), {"contact": contact(blocked=EARLY)}),
    ],
    ids=["window shut", "no window", "theirs", "the other's", "the other's, too", "theirs, too"],
)
def test_it_closes_without_its_message(lives: Any, facts: Any) -> None:
    """The window is shut; or the person is blocked, by whichever of their addresses. Rule: M11, L10, M13."""
    happened = told(*lives, workspace=GOODBYE, **facts)
    assert [event for _, event in happened if type(event) in (MessageAdded, MessageWritten, Intended)] == []
    assert sum(type(event) is Closed for _, event in happened) == 1


def test_several_close_at_once() -> None:
    """One on each channel, each with a message of its own that leaves on its own. Rule: M11, L10."""
    lives = [
        gones(),
        keeps(),
        gones(id="cv_3", channel="bot", started_at=NOW - SECOND),
        keeps(id="cv_4", channel="bot"),
    ]
    happened = told(*lives, workspace=GOODBYE)
    refs = [ref for ref, event in happened if type(event) in (MessageWritten, Intended)]
    assert len(set(refs)) == len(refs) == 4
    written = {event.effect: event.conversation for _, event in happened if type(event) is MessageWritten}
    carried = {ref: event.conversation for ref, event in happened if type(event) is Intended}
    assert written == carried
    assert sorted(carried.values()) == [CV2, "cv_3"]
    assert {ref: event for ref, event in happened if type(event) in (Closed, ContactReplaced)} == {
        CV2: Closed(reason="slow"),
        "cv_3": Closed(reason="slow"),
        CV: left(),
        "cv_4": left(CT2, gones()),
    }


def test_each_channel_says_what_it_can() -> None:
    """A channel without a window says goodbye at any time. Rule: M5, M11."""
    facts = on_merge(SARA, workspace=GOODBYE)
    free = capabilities(window=None)
    lives = ((gones(), capabilities()), (keeps(window_until=None), free))
    happened = decide(MERGE, attrs.evolve(facts, lives=lives))
    assert sum(type(event) is MessageWritten for _, event in happened) == 1


situations = st.sampled_from([BOT, QUEUE, OPEN])
minutes = st.integers(0, 3)


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["wa", "bot"]), situations, minutes),
        max_size=4,
        unique_by=lambda live: live[:2],
    )
)
def test_one_live_conversation_is_left_on_each_channel(live: list[Any]) -> None:
    """Law: after a merge the one who stays has exactly one live conversation on each channel that had any, the
    oldest; all others are closed with a reason, and who is gone has none. Rule: M11, L3, L2
    """
    lives: dict[str, Conversation] = {}
    for n, (is_gones, channel, situation, minute) in enumerate(live):
        make = gones if is_gones else keeps
        started = NOW - HOUR + minute * SECOND
        one = make(situation, id=f"cv_{n}", channel=channel, started_at=started, protocol=f"{n}", address=PHONE)
        lives[one.id] = one
    now = dict(lives)
    for ref, event in told(*lives.values(), workspace=GOODBYE):
        if ref in now:
            now[ref] = after(now[ref], event, by=SARA)
    still = [one for one in now.values() if one.situation is not CLOSED]
    assert sorted(one.channel for one in still) == sorted({one.channel for one in lives.values()})
    assert all(one.contact == CT2 for one in still)
    for one in still:
        rivals = [other for other in lives.values() if other.channel == one.channel]
        assert one.started_at == min(other.started_at for other in rivals)
        assert (one.situation, one.assignee) == (lives[one.id].situation, lives[one.id].assignee)
    for one in now.values():
        if one.situation is CLOSED:
            assert (one.reason, one.contact) == ("slow", lives[one.id].contact)


# --- who may -------------------------------------------------------------------------------------------------


def test_who_merges() -> None:
    """Who leads, and an agent to whom it was given. Rule: section P."""
    trusted = stocked(granted("ana", Ability.MERGE), policies=Policies(default_reason="slow"))
    for by in (SARA, ADA):
        assert told(by=by)
    assert told(by=ANA, workspace=trusted)
    for by in (ANA, AURO, ROBO, SYSTEM):
        with pytest.raises(NotPermitted):
            told(by=by)


def test_who_merges_may_close_what_has_to_close() -> None:
    """Else nothing happens, and the error names closing only; who need not close anything needs no right to.
    Rule: section P, M11."""
    ws = stocked(granted("ana", Ability.MERGE), policies=Policies(default_reason="slow"))
    elsewhere = {"department": "fin"}
    mine = keeps(OPEN)
    assert (CV2, Closed(reason="slow")) in told(gones(), mine, by=ANA, workspace=ws)
    assert (CV2, Closed(reason="slow")) in told(gones(**elsewhere), mine, by=ANA, workspace=ws)
    for theirs in (keeps(OPEN, assignee="beto", last_assignee="beto"), keeps(**elsewhere)):
        with pytest.raises(NotPermitted) as refused:
            told(gones(), theirs, by=ANA, workspace=ws)
        assert refused.value.ability is Ability.CLOSE
        assert told(theirs, by=ANA, workspace=ws)
        assert (CV2, Closed(reason="slow")) in told(gones(), theirs, by=SARA, workspace=ws)


def test_who_may_not_see_both_finds_none() -> None:
    """Rule: section P."""
    with pytest.raises(NotFound) as missing:
        told(by=ANA, visible=False)
    assert missing.value.what == "contact"
