"""A scenario says what holds, and fails with what happened instead: wrong events, wrong order, not refused,
something changed.
"""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from chatcore import (
    SYSTEM,
    Actor,
    AddTags,
    Agent,
    ArchiveItem,
    AutomaticMessages,
    BlockContact,
    ChannelKind,
    Close,
    CompanyRefusal,
    Configure,
    Delivery,
    Department,
    Desk,
    EditConversation,
    Part,
    Reason,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetReason,
    Situation,
    Tag,
    Take,
    Workspace,
    errors,
    events,
)
from chatcore.entities import Channel
from chatcore.errors import (
    AlreadyTaken,
    AtCapacity,
    InvalidValue,
    NotContracted,
    NotFound,
    NotPermitted,
    ReasonRequired,
    RuleFailed,
    Temporary,
    VersionConflict,
    WindowClosed,
)
from chatcore.events import (
    Closed,
    Intended,
    ItemArchived,
    MessageAdded,
    MessageReceived,
    MessageWritten,
    Started,
    Taken,
)
from chatcore.memory import MemoryBilling, MemoryMessaging
from chatcore.moments import local_day
from chatcore.ports import SendRequest
from chatcore.testing import PROVIDER, Clock, World, like
from chatcore.vocabulary import AgentsRead, Trigger


@pytest.fixture
def world() -> World:
    return World()


def fails(act: Callable[[], Any]) -> str:
    """The words of the failure."""
    with pytest.raises(AssertionError) as caught:
        act()
    return str(caught.value)


def no_close_on_sunday(command: Any, facts: Any, decision: Any) -> CompanyRefusal | None:
    """Acme closes nothing on Sundays."""
    closes = any(isinstance(event, Closed) for _, event in decision)
    sunday = local_day(facts.now, facts.workspace.time_zone).weekday() == 6
    return CompanyRefusal("acme:no_sunday") if closes and sunday else None


SUNDAY = "2026-03-08T10:00:00-03:00"


# --- what holds passes ---------------------------------------------------------------------------------------


def test_a_scenario_reads_as_given_when_then(world: World) -> None:
    """Events are expected by value, by kind or by some fields; a refusal by class, code or attributes."""
    ana, beto = world.agent("ana"), world.agent("beto")
    conversation = world.customer("Maria").writes("Minha internet caiu")
    world.when(Take(conversation), by=ana).then(Taken(assignee="ana"))
    error = world.when(Take(conversation), by=beto).refused(AlreadyTaken, assignee="ana")
    assert isinstance(error, AlreadyTaken)
    world.when(Close(conversation), by=ana).refused("reason_required")
    world.when(SendMessage(conversation, "Já volto"), by=ana).then(
        like(MessageAdded, seq=2, human=True), like(MessageWritten, body="Já volto"), Intended
    )
    outcome = world.when(Close(conversation, "slow"), by=ana).includes(Closed(reason="slow"))
    assert outcome.conversation == conversation
    assert world.conversation(conversation).situation is Situation.CLOSED


def test_what_already_is_leads_to_nothing(world: World) -> None:
    """`then()` without events expects none. Rule: L19."""
    ana = world.agent("ana")
    conversation = world.customer("Maria").writes()
    world.given(Take(conversation), SetReason(conversation, "slow"), by=ana)
    world.when(SetReason(conversation, "slow"), by=ana).then()


def test_a_whole_event_may_give_its_personal_texts_plainly(world: World) -> None:
    """An event's personal text is expected as a plain one, and another one is caught."""
    conversation = world.customer("Maria").writes()
    done = world.when(SendMessage(conversation, "Olá"), by=world.agent("sofia"))
    written = done.events[1]
    assert isinstance(written, MessageWritten)
    done.includes(written)
    done.includes(attrs.evolve(written, body="Olá"))
    assert "body is another" in fails(
        lambda: done.then(MessageAdded, attrs.evolve(written, body="Olé"), Intended)
    )


def test_events_are_those_of_the_command_in_the_order_it_was_decided_in() -> None:
    """What is delivered at once is no event of the command; the closing message stands first. Rule: L10."""
    world = World()
    world.policies(automatic=AutomaticMessages(closing="Até logo!"))
    ana = world.agent("ana")
    conversation = world.customer("Maria").writes()
    world.given(Take(conversation), by=ana)
    world.when(Close(conversation, "slow"), by=ana).then(
        MessageAdded, like(MessageWritten, automatic=Trigger.CLOSING), Intended, Closed
    )
    assert world.sent == ("Até logo!",)


def test_a_repeat_with_its_key_happens_once(world: World) -> None:
    ana = world.agent("ana")
    conversation = world.customer("Maria").writes()
    world.when(Take(conversation), by=ana, key="k").then(Taken)
    with world.nothing_changed():
        world.when(Take(conversation), by=ana, key="k").then()


def test_a_stale_caller_is_refused(world: World) -> None:
    conversation = world.customer("Maria").writes()
    world.when(Take(conversation), by=world.agent("ana"), expected=1).refused(VersionConflict)


# --- a company's own rules -----------------------------------------------------------------------------------


def test_a_company_tests_its_own_rule() -> None:
    """Their refusal is expected by its code; the rule holds in `can` and behind an edit too. Rule: S18."""
    world = World(rules=[no_close_on_sunday], now=SUNDAY)
    ana, maria = world.agent("ana"), world.customer("Maria")
    conversation = maria.writes()
    world.given(Take(conversation), by=ana)
    close = Close(conversation, "slow")
    world.when(close, by=ana).refused("acme:no_sunday")
    world.when(close, by=ana).refused(CompanyRefusal, company_code="acme:no_sunday")
    refusal = world.can(close, by=ana).refusal
    assert isinstance(refusal, CompanyRefusal)
    edit = EditConversation(conversation, reason="slow", situation=Situation.CLOSED)
    world.when(edit, by=ana).refused("acme:no_sunday")
    world.clock.advance(hours=14)
    world.when(close, by=ana).then(Closed)


def test_the_wrong_code_is_caught() -> None:
    world = World(rules=[no_close_on_sunday], now=SUNDAY)
    conversation = world.customer("Maria").writes()
    done = world.when(Close(conversation, "slow"), by=world.agent("sofia"))
    said = fails(lambda: done.refused("acme:no_saturday"))
    assert "expected: acme:no_saturday\n" in said
    assert "refused:  CompanyRefusal (acme:no_sunday)" in said


def test_a_rule_that_breaks_is_told_by_name() -> None:
    def broken(command: Any, facts: Any, decision: Any) -> None:
        raise KeyError("5511987654321")

    world = World(rules=[broken])
    conversation = world.customer("Maria").writes()
    done = world.when(Take(conversation), by=world.agent("ana"))
    said = fails(lambda: done.then(Taken))
    assert "broken failed (KeyError)" in said
    assert "5511987654321" not in said
    assert isinstance(done.refused(RuleFailed).__cause__, KeyError)


# --- what does not hold is caught ----------------------------------------------------------------------------


@pytest.fixture
def said(world: World) -> Any:
    """What came of a message that an agent wrote."""
    conversation = world.customer("Maria").writes()
    world.given(Take(conversation), by=world.agent("ana"))
    return world.when(SendMessage(conversation, "Bom dia!"), by=world.agent("ana"))


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ((), "3. Intended(kind=SEND_MESSAGE, "),
        ((MessageAdded, MessageWritten), "<- not expected"),
        ((MessageAdded, MessageWritten, Intended, Closed), "missing at the end:\n    1. Closed"),
        ((MessageWritten, MessageAdded, Intended), "the events expected, in another order"),
        ((MessageAdded, MessageAdded, Intended), "<- not MessageAdded"),
        ((MessageAdded, like(MessageWritten, seq=7), Intended), "<- seq is 2, not 7"),
        ((MessageAdded, like(MessageWritten, body="Boa tarde!"), Intended), "not <redacted: 10 characters>"),
        ((MessageAdded, like(MessageWritten, body="Bom-dia!"), Intended), "<- body is another"),
        ((like(MessageAdded, human=False), MessageWritten, Intended), "<- human is True, not False"),
    ],
)
def test_other_events_than_expected_are_caught(said: Any, expected: tuple[Any, ...], told: str) -> None:
    """The failure lists what was expected and what happened, and marks what is not as it should be."""
    words = fails(lambda: said.then(*expected))
    assert told in words
    assert "happened:\n    1. MessageAdded(" in words
    assert "by agent ana led to " in words


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ((Closed,), "Closed did not happen\n"),
        ((MessageWritten, MessageAdded), "MessageAdded happened too early"),
        ((Intended, Intended), "Intended happened too early, or not often enough"),
        ((like(MessageWritten, seq=7),), "only one whose seq is 2, not 7"),
    ],
)
def test_what_is_not_among_the_events_is_caught(said: Any, expected: tuple[Any, ...], told: str) -> None:
    words = fails(lambda: said.includes(*expected))
    assert told in words
    assert "happened:\n    1. MessageAdded(" in words


def test_no_more_than_events_that_are_there_are_included(said: Any) -> None:
    said.includes(MessageAdded, Intended)
    said.includes(MessageWritten)


def test_a_failure_never_shows_personal_texts(world: World, said: Any) -> None:
    """A text is told by its length, and other personal values not at all."""
    words = fails(lambda: said.then(like(MessageWritten, body="Maria da Silva")))
    assert "Bom dia!" not in words
    assert "Maria" not in words
    assert "body=<redacted: 8 characters>" in words
    arrival = world.customer("João", phone="5511912345678").message(
        "segredo", provider_id="wamid.5511912345678"
    )
    words = fails(lambda: world.when(arrival, by=SYSTEM).then())
    assert "Started(" in words
    assert "MessageReceived(" in words
    for personal in ("segredo", "5511912345678", "João"):
        assert personal not in words


def test_a_command_that_was_not_refused_is_caught(world: World) -> None:
    conversation = world.customer("Maria").writes()
    done = world.when(Take(conversation), by=world.agent("ana"))
    words = fails(lambda: done.refused(AlreadyTaken))
    assert "was not refused" in words
    assert "expected: AlreadyTaken (already_taken)" in words
    assert "Taken(assignee='ana')  on cv_" in words
    again = world.when(Take(conversation), by=world.agent("ana"))
    assert fails(lambda: again.refused("already_taken")).endswith("happened:\n    nothing")
    assert fails(lambda: again.then(Taken)).endswith("happened:\n    nothing")
    assert fails(lambda: again.includes(Taken)).endswith("happened:\n    nothing")


@pytest.mark.parametrize(
    ("expected", "details"),
    [
        (AlreadyTaken, {}),
        ("already_taken", {}),
        ("", {}),
        (AtCapacity, {"limit": 2}),
        (AtCapacity, {"agent": "ana", "nothing": None}),
    ],
)
def test_another_refusal_than_expected_is_caught(world: World, expected: Any, details: dict[str, Any]) -> None:
    """By class, by code, and by attribute, also one that the error has not. Rule: L7."""
    world.change(Agent, "ana", max_open=1)
    ana = world.agent("ana")
    world.given(Take(world.customer("Maria").writes()), by=ana)
    done = world.when(Take(world.customer("João").writes()), by=ana)
    words = fails(lambda: done.refused(expected, **details))
    assert "refused otherwise" in words
    assert "refused:  AtCapacity (at_capacity, rule L7): agent 'ana' has 1 open" in words
    done.refused(AtCapacity, agent="ana", limit=1)


def test_a_refusal_where_events_are_expected_is_caught(world: World) -> None:
    """The error is the failure's cause."""
    done = world.when(Close(world.customer("Maria").writes()), by=world.agent("sofia"))
    for ask in (done.then, lambda: done.then(Closed), lambda: done.includes(Closed), lambda: done.outcome):
        with pytest.raises(AssertionError, match="was refused: ReasonRequired") as caught:
            ask()
        assert isinstance(caught.value.__cause__, ReasonRequired)
    assert "was refused: ReasonRequired" in fails(lambda: done.events)


def test_a_refusal_that_changed_something_is_caught() -> None:
    """A refused command leaves everything kept and sent as it was; a rule that acts beside itself is found."""

    def meddles(command: Any, facts: Any, decision: Any) -> CompanyRefusal | None:
        if isinstance(command, Close) and command.reason == "slow":
            world.desk.handle(SetReason(command.conversation, "moved"), by=facts.actor)
            return CompanyRefusal("acme:meddles")
        return None

    world = World(rules=[meddles])
    conversation = world.customer("Maria").writes()
    done = world.when(Close(conversation, "slow"), by=world.agent("sofia"))
    words = fails(lambda: done.refused("acme:meddles"))
    assert "was refused, and yet something changed:" in words
    assert f"{conversation}: ReasonSet(reason='moved')" in words


def test_a_refusal_that_sent_something_is_caught() -> None:
    world = World()

    def sends(command: Any, facts: Any, decision: Any) -> CompanyRefusal:
        world.messaging.outbox.append(world.outbox[0])
        return CompanyRefusal("acme:sends")

    conversation = world.customer("Maria").writes()
    world.given(SendMessage(conversation, "Oi"), by=world.agent("sofia"))
    other = World(rules=[sends], messaging=world.messaging)
    done = other.when(Take(other.customer("Maria").writes()), by=other.agent("ana"))
    assert "sent: a message of kind TEXT, for ef_" in fails(lambda: done.refused("acme:sends"))


def test_a_block_in_which_something_changes_is_caught(world: World) -> None:
    conversation = world.customer("Maria").writes()
    with world.nothing_changed():
        world.when(Close(conversation), by=world.agent("sofia")).refused(ReasonRequired)
        world.clock.advance(hours=1)

    def change() -> None:
        with world.nothing_changed():
            world.given(SendMessage(conversation, "Oi"), by=world.agent("sofia"))

    words = fails(change)
    assert f"{conversation}: MessageAdded(" in words
    assert "receipts: " in words
    assert "sent: a message of kind TEXT, for ef_" in words

    def take_back() -> None:
        with world.nothing_changed():
            world.messaging.outbox.clear()

    assert fails(take_back) == "something changed:\n    outbox: 1 sent before, 0 now"


def test_a_refusal_nobody_asked_about_fails_at_the_end_of_such_a_block(world: World) -> None:
    conversation = world.customer("Maria").writes()

    def scenario() -> None:
        with world.nothing_changed():
            world.when(Close(conversation), by=world.agent("sofia"))

    assert "nobody asked" in fails(scenario)


def test_what_fails_inside_such_a_block_is_told_itself(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.nothing_changed():
        1 / 0  # noqa: B018


# --- nothing passes unseen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        lambda world: world.when(Close("cv_1"), by=SYSTEM),
        lambda world: world.given(Close("cv_1"), by=SYSTEM),
        lambda world: world.can(Close("cv_1"), by=world.agent("ana")),
        lambda world: world.conversation("cv_1"),
        lambda world: world.workspace,
        lambda world: world.sent,
        lambda world: world.sees(Actor.agent("ana")),
        lambda world: world.run_workers(),
        lambda world: world.agent("ana"),
        lambda world: world.customer("João"),
        lambda world: world.add(Tag(id="new", name="Nova")),
        lambda world: world.change(Tag, "vip", name="Nova"),
        lambda world: world.policies(reopen_to_assignee=True),
        lambda world: world.nothing_changed().__enter__(),
        lambda world: world.__exit__(None, None, None),
    ],
)
def test_a_refusal_nobody_asked_about_fails_at_the_next_step(
    world: World, step: Callable[[World], Any]
) -> None:
    world.when(Close(world.customer("Maria").writes()), by=world.agent("sofia"))
    assert "nobody asked" in fails(lambda: step(world))


def test_a_refusal_nobody_asked_about_fails_at_the_end(world: World) -> None:
    def scenario() -> None:
        with world:
            world.when(Close(world.customer("Maria").writes()), by=world.agent("sofia"))

    assert "ReasonRequired" in fails(scenario)


def raise_with_a_refusal_open(world: World) -> None:
    world.when(Close(world.customer("Maria").writes()), by=world.agent("sofia"))
    raise ZeroDivisionError


def test_the_end_of_a_world_hides_no_other_failure(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world:
        raise_with_a_refusal_open(world)
    world.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    with pytest.raises(AssertionError, match="nobody asked"):
        world.__exit__(None, None, None)


def drop_with_a_refusal_open() -> None:
    world = World()
    world.when(Close(world.customer("Maria").writes()), by=world.agent("sofia"))
    del world
    gc.collect()


def test_a_world_that_is_dropped_unasked_warns() -> None:
    with pytest.warns(RuntimeWarning, match="nobody asked what came of it: <When Close.*ReasonRequired"):
        drop_with_a_refusal_open()


def test_a_command_that_went_through_need_not_be_asked(world: World) -> None:
    """Its state may be looked at instead."""
    conversation = world.customer("Maria").writes()
    world.when(Take(conversation), by=world.agent("ana"))
    assert world.conversation(conversation).assignee == "ana"


def test_a_refused_set_up_is_a_failure(world: World) -> None:
    """It is no refusal of the scenario's own, and what came before it stands."""
    conversation = world.customer("Maria").writes()
    ana = world.agent("ana")
    words = fails(lambda: world.given(Take(conversation), Close(conversation), by=ana))
    assert words.startswith("given Close(")
    assert "ReasonRequired" in words
    assert world.conversation(conversation).assignee == "ana"


@pytest.mark.parametrize(
    ("misuse", "told"),
    [
        (lambda world, done: bool(done), "then"),
        (lambda world, done: done.includes(), "an event at least"),
        (lambda world, done: done.then(Take("cv_1")), r"takes events, .*commands.*Take is none"),
        (lambda world, done: done.then(errors.ContactBlocked), "chatcore.errors.*ContactBlocked is none"),
        (lambda world, done: done.then("Taken"), "str is none"),
        (lambda world, done: done.refused(events.ContactBlocked), "chatcore.errors, or a code"),
        (lambda world, done: done.refused(ReasonRequired()), "neither"),
        (lambda world, done: world.given(by=SYSTEM), "a command at least"),
        (lambda world, done: world.given(Taken(assignee="ana"), by=SYSTEM), "is no command"),
        (lambda world, done: world.when(Taken(assignee="ana"), by=SYSTEM), "is no command"),
        (lambda world, done: world.can(Taken, by=SYSTEM), "is no command"),
        (lambda world, done: world.given(Take("cv_1"), by="ana"), r'world\.agent\("ana"\)'),
        (lambda world, done: world.change(Workspace, "ws", name="x"), "no part of a workspace"),
        (lambda world, done: world.change(Tag, "vip", nome="x"), "nome"),
        (lambda world, done: world.policies(nothing=1), "nothing"),
        (lambda world, done: World(messaging=object()), "messaging is a MemoryMessaging"),
        (lambda world, done: World(contracts=MemoryBilling()), "contracts is a MemoryContracts.*nature"),
        (lambda world, done: World(billing=timedelta(days=1)), "billing is a MemoryBilling.*nature"),
        (lambda world, done: like(Take, conversation="cv_1"), "takes a kind of event"),
        (lambda world, done: like(Taken(assignee="ana")), "takes a kind of event"),
        (lambda world, done: like(Taken, asignee="ana"), "has no asignee; its fields are assignee"),
    ],
)
def test_misuse_is_told_at_once(world: World, misuse: Callable[[World, Any], Any], told: str) -> None:
    """What could pass for a check without being one is a TypeError, and nothing is done."""
    done = world.when(Take(world.customer("Maria").writes()), by=world.agent("ana"))
    with world.nothing_changed(), pytest.raises(TypeError, match=told):
        misuse(world, done)


def test_who_and_what_is_not_there_is_told_with_what_is(world: World) -> None:
    assert fails(lambda: world.agent("anna")).endswith(
        "there is 'ana', 'beto', 'carla', 'sofia', 'alba', 'otto'"
    )
    assert "there is 'wa'" in fails(lambda: world.customer("Maria", channel="telegram"))
    assert "there is 'vip', 'complaint'" in fails(lambda: world.change(Tag, "vp", name="x"))
    assert "no conversation 'cv_9'" in fails(lambda: world.conversation("cv_9"))
    assert "no contact 'cv_9'" in fails(lambda: world.contact("cv_9"))
    assert "no effect 'ef_9'" in fails(lambda: world.effect("ef_9"))
    assert "no conversation 'cv_9'" in fails(lambda: world.messages("cv_9"))
    assert "nothing happened to 'cv_9'" in fails(lambda: world.events("cv_9"))
    assert "have not written" in fails(lambda: world.customer("Maria").contact)


# --- the provider --------------------------------------------------------------------------------------------


def test_the_workspace_is_altered_before_and_during(world: World) -> None:
    """Parts come and change by commands, so what does not fit is refused as anywhere. Rule: C1, C3."""
    world.add(Department(id="sales", name="Vendas"), Agent(id="davi", name="Davi", departments=("sales",)))
    world.change(Channel, "wa", department="sales")
    conversation = world.customer("Maria").writes()
    world.when(Take(conversation), by=world.agent("davi")).then(Taken(assignee="davi"))
    world.change(Reason, "slow", archived=True)
    world.when(Close(conversation, "slow"), by=world.agent("davi")).refused(InvalidValue)
    assert "name: repeated" in fails(lambda: world.add(Tag(id="other", name="vip")))
    assert "repeated" in fails(lambda: world.add(Tag(id="vip", name="Outra")))
    world.configure(modules=())
    world.when(Take(conversation), by=world.agent("ana")).refused(NotContracted)


def test_a_world_serves_a_workspace_of_ones_own() -> None:
    own = Workspace(
        name="Acme",
        departments=(Department(id="d", name="D"),),
        agents=(Agent(id="eva", name="Eva", departments=("d",)),),
        channels=(Channel(id="site", kind=ChannelKind.WHATSAPP_CLOUD, account="1", department="d"),),
    )
    world = World(own)
    assert world.workspace.name == "Acme"
    conversation = world.customer("Maria").writes()
    world.when(Take(conversation), by=world.agent("eva")).then(Taken)
    assert World().workspace.agents == PROVIDER.agents


def test_the_ready_provider_offers_what_scenarios_need(world: World) -> None:
    """Its template passes outside the window; supervisor and admin act, the auditor does not. Rule: M5, P."""
    sofia = world.agent("sofia")
    conversation = world.customer("Maria").writes()
    world.clock.advance(hours=24)
    world.when(SendMessage(conversation, "Oi"), by=sofia).refused(WindowClosed)
    world.when(SendTemplate(conversation, "back", ("Maria",)), by=sofia).includes(MessageWritten)
    world.when(SendQuickReply(conversation, "hello"), by=sofia).refused(WindowClosed)
    world.when(AddTags(conversation, ["vip"]), by=world.agent("otto")).refused(NotPermitted)
    archived = ItemArchived(part=Part.TAG, id="vip")
    world.when(ArchiveItem(Part.TAG, "vip"), by=world.agent("alba")).then(archived)


# --- customers -----------------------------------------------------------------------------------------------


def test_customers_are_told_apart_and_known_again(world: World) -> None:
    """Each has a number of their own; another spelling of one is the same person. Rule: M11, L3."""
    maria, joao = world.customer("Maria", phone="5511987654399"), world.customer("João")
    conversation = maria.writes()
    assert joao.writes() != conversation
    assert maria.writes("Alguém?") == conversation
    assert world.customer("Maria", phone="551187654399").writes() == conversation
    assert world.customer("Maria", phone="551187654399").contact == maria.contact != joao.contact
    assert world.contact(maria.contact).name.reveal() == "Maria"
    assert [message.seq for message in world.messages(conversation)] == [1, 2, 3]
    assert repr(maria).count("<redacted>") == 2


def test_a_message_may_come_as_a_when(world: World) -> None:
    maria = world.customer("Maria")
    message = maria.message("Oi")
    world.when(message, by=SYSTEM).includes(Started, like(MessageReceived, body="Oi"))
    world.when(message, by=SYSTEM).then()
    assert "came before" in fails(lambda: maria.writes("Oi", provider_id=message.provider_id))


def test_a_blocked_customer_does_not_write_unnoticed(world: World) -> None:
    """Rule: M13."""
    maria = world.customer("Maria")
    maria.writes()
    world.given(BlockContact(maria.contact), by=world.agent("sofia"))
    assert "was not received" in fails(maria.writes)
    world.when(maria.message(), by=SYSTEM).then(events.InboundRefused)


# --- time and workers ----------------------------------------------------------------------------------------


def test_time_stands_still_until_it_is_moved(world: World) -> None:
    assert world.clock.now == datetime(2026, 3, 10, 12, tzinfo=UTC)
    world.clock.advance(hours=2, minutes=30)
    world.clock.advance(timedelta(minutes=30))
    assert world.clock.now == datetime(2026, 3, 10, 15, tzinfo=UTC)
    world.clock.set(SUNDAY)
    assert (
        world.conversation(world.customer("Maria").writes()).started_at.isoformat()
        == "2026-03-08T13:00:00+00:00"
    )
    assert repr(world.clock) == "<Clock at 2026-03-08T13:00:00+00:00>"


def test_a_clock_takes_no_moment_without_an_offset_and_no_step_back(world: World) -> None:
    before = world.clock.now
    for bad in ("2026-03-08T10:00:00", datetime(2026, 3, 8)):
        with pytest.raises(InvalidValue):
            world.clock.set(bad)
    for span in (timedelta(0), timedelta(seconds=-1)):
        with pytest.raises(ValueError, match="set it"):
            world.clock.advance(span)
    assert world.clock.now == before
    assert Clock(before)() == before


def test_workers_do_what_is_due_and_say_when_there_is_more() -> None:
    """With LATER nothing leaves before a worker sends it, each message once and in order. Rule: M20."""
    world = World(delivery=Delivery.LATER)
    sofia = world.agent("sofia")
    for n in range(4):
        conversation = world.customer(f"Maria {n}").writes()
        world.given(SendMessage(conversation, f"a{n}"), SendMessage(conversation, f"b{n}"), by=sofia)
    assert world.sent == ()
    report = world.run_workers(3)
    assert report.done == 8 + 4, "each number that is not known yet is looked up as well"
    assert not report.more
    assert sorted(world.sent) == ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]
    assert all(world.sent.index(f"a{n}") < world.sent.index(f"b{n}") for n in range(4))
    with world.nothing_changed():
        assert world.run_workers(2).done == 0


def test_each_worker_is_a_desk_of_its_own() -> None:
    """As processes of a service are: they share what is kept, and nothing else."""
    desks = []

    class Watched(World):
        def another_desk(self) -> Desk:
            desks.append(super().another_desk())
            return desks[-1]

    world = Watched()
    world.run_workers(3)
    assert len(set(map(id, desks))) == 1 + 3


def test_timed_work_waits_for_the_clock_and_the_workers(world: World) -> None:
    """Rule: L16."""
    world.policies(default_reason="slow", close_after_idle=timedelta(hours=2), idle_spares_waiting=False)
    conversation = world.customer("Maria").writes()
    world.run_workers()
    world.clock.advance(hours=1, minutes=59)
    world.run_workers()
    assert world.conversation(conversation).situation is Situation.QUEUE
    next_at = world.run_workers().next_at
    assert next_at is not None
    world.clock.set(next_at)
    world.run_workers(2)
    assert world.events(conversation)[-1] == Closed(reason="slow")


def test_a_channel_that_fails_is_repeated_by_the_workers() -> None:
    class Moody(MemoryMessaging):
        moody = True

        def send(self, request: SendRequest, /) -> str:
            if self.moody:
                raise Temporary
            return super().send(request)

    world = World(messaging=(channel := Moody()))
    conversation = world.customer("Maria").writes()
    world.when(SendMessage(conversation, "Oi"), by=world.agent("sofia")).includes(MessageWritten)
    assert world.outbox == ()
    next_at = world.run_workers(2).next_at
    assert next_at is not None
    channel.moody = False
    world.clock.set(next_at)
    world.run_workers(2)
    assert world.sent == ("Oi",)


def test_work_without_an_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatcore.testing.world._STEPS", 2)
    later = World(delivery=Delivery.LATER)
    conversation = later.customer("Maria").writes()
    later.given(*(SendMessage(conversation, "Oi") for _ in range(3)), by=later.agent("sofia"))
    assert fails(later.run_workers) == "the workers did 2 steps, and more is due at the same moment"


def test_it_takes_a_worker(world: World) -> None:
    with pytest.raises(ValueError, match="worker"):
        world.run_workers(0)


# --- what stands ---------------------------------------------------------------------------------------------


def test_people_see_what_they_may(world: World) -> None:
    """The views go by permission, over all pages; one's own reads go by nobody's. Rule: S1, P."""
    world.policies(agents_read=AgentsRead.OWN)
    ids = {world.customer(f"Maria {n}").writes() for n in range(60)}
    taken = min(ids)
    world.given(Take(taken), by=world.agent("beto"))
    ana, carla = world.agent("ana"), world.agent("carla")
    assert set(world.sees(world.agent("sofia"))) == ids
    assert set(world.sees(ana, situation=Situation.QUEUE)) == ids - {taken}
    assert taken not in world.sees(ana)
    assert world.sees(carla) == ()
    assert world.conversation(taken).assignee == "beto"
    with pytest.raises(NotFound):
        world.sees(Actor.agent("nobody"))


def test_presence_is_what_the_service_says() -> None:
    """A conversation comes back to its last assignee only while they are there. Rule: L4, L24."""
    for options, situation in (({}, Situation.OPEN), ({"available": lambda agent: False}, Situation.QUEUE)):
        world = World(**options)
        world.policies(reopen_within=timedelta(hours=1), reopen_to_assignee=True)
        maria, ana = world.customer("Maria"), world.agent("ana")
        conversation = maria.writes()
        world.given(Take(conversation), Close(conversation, "slow"), by=ana)
        assert maria.writes() == conversation
        assert world.conversation(conversation).situation is situation


def test_the_same_scenario_runs_the_same_each_time() -> None:
    def play() -> tuple[Any, ...]:
        world = World(delivery=Delivery.LATER)
        conversation = world.customer("Maria").writes()
        world.given(Take(conversation), SendMessage(conversation, "Oi"), by=world.agent("ana"))
        world.run_workers(3)
        return world.storage.contents(), world.outbox

    assert play() == play()


# --- for any test runner -------------------------------------------------------------------------------------


def test_no_test_framework_is_needed() -> None:
    """Neither pytest nor hypothesis is loaded by using a world."""
    source = (
        "import sys; from chatcore.testing import World; World().customer('Maria').writes(); "
        "assert not {'pytest', 'hypothesis', '_pytest'} & set(sys.modules)"
    )
    child = subprocess.run([sys.executable, "-c", source], capture_output=True, check=False, text=True)
    assert child.returncode == 0, child.stderr


def test_what_came_of_a_command_prints_on_one_line(world: World) -> None:
    conversation = world.customer("Maria").writes()
    done = world.when(Take(conversation), by=world.agent("ana"))
    assert repr(done) == (
        f"<When Take(conversation={conversation!r}) by agent ana: Taken(assignee='ana')  on {conversation}>"
    )
    again = repr(world.when(Configure(world.workspace), by=SYSTEM))
    assert re.fullmatch(
        r"<When Configure\(workspace=Workspace\(name='Provedor'.*…\) by system: nothing>", again
    )
