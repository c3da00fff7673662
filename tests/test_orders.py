"""Service orders: what they ask of the contracts side, what goes along, and how often one is opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from chatcore import Delivery
from chatcore.commands import (
    AddNote,
    OpenServiceOrder,
    Outcome,
    SendMessage,
)
from chatcore.entities import (
    ContractsCapabilities,
    OrderDemand,
)
from chatcore.errors import (
    InvalidValue,
    NotOffered,
    NotPermitted,
)
from chatcore.limits import (
    ORDER_DESCRIPTION,
    ORDER_SUBJECT,
    TRANSCRIPT_MESSAGES,
)
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, Receipt, Write
from chatcore.vocabulary import (
    CommandId,
    ConversationId,
    Direction,
    EffectState,
    Priority,
    Private,
)
from tests import given as g
from tests.fickle import JOAO, FickleContracts, shop
from tests.office import ADMIN, ANA, NOON
from tests.shop import HOME, MARIA_ID, REPEATS


def order(conversation: ConversationId, **options: Any) -> OpenServiceOrder:
    return OpenServiceOrder(conversation, "visit", Private("Sem sinal"), Private("Visitar"), **options)


@pytest.mark.parametrize("delivery", list(Delivery))
def test_an_order_is_opened_with_the_protocol(delivery: Delivery) -> None:
    """With all that was said of it; without a transcript none goes along. Rule: S17, B12, L11."""
    office = shop()
    conversation = office.opened()
    when = NOON + timedelta(days=1)
    command = order(conversation, priority=Priority.URGENT, contract=HOME, schedule=when)
    outcome = office.desk.handle(command, by=ANA, delivery=delivery)
    office.desk.run_due()
    (request,) = office.contracts.orders
    assert request.key == outcome.effects[0]
    assert (request.customer, request.contract, request.type) == (MARIA_ID, HOME, "visit")
    assert (request.subject.reveal(), request.description.reveal()) == ("Sem sinal", "Visitar")
    assert (request.priority, request.schedule, request.transcript) == (Priority.URGENT, when, None)
    assert (request.protocol, request.requested_by) == (office.state(conversation).protocol, ANA)
    (effect,) = office.effects()
    assert (effect.state, effect.reference) == (EffectState.SUCCEEDED, "so-1")


def test_an_order_needs_no_customer() -> None:
    """Somebody who is to become one may need a visit too. Rule: S17."""
    office = shop()
    conversation = office.taken(ANA, JOAO)
    office.desk.handle(order(conversation), by=ANA)
    assert [request.customer for request in office.contracts.orders] == [None]


def test_two_orders_are_two() -> None:
    """There is no guard: a second visit is a second order; one key is one. Rule: B12."""
    office = shop()
    conversation = office.opened()
    for key in (None, None, "k", "k"):
        office.desk.handle(order(conversation), by=ANA, key=key)
    assert len(office.contracts.orders) == 3


def test_a_transcript_tells_what_was_said_so_far() -> None:
    """In order, both ways; private notes and what comes later are left out. Rule: B12, M15."""
    office = shop()
    conversation = office.opened()
    office.desk.handle(AddNote(conversation, Private("Cliente nervoso")), by=ANA)
    office.pass_time(minutes=1)
    office.desk.handle(SendMessage(conversation, Private("Qual o endereço?")), by=ANA)
    office.desk.handle(order(conversation, transcript=True), by=ANA, delivery=Delivery.LATER)
    office.arrive(text="Rua A")
    office.desk.run_due()
    transcript = office.contracts.orders[0].transcript
    assert [(line.direction, line.author, line.at, line.text.reveal()) for line in transcript.lines] == [
        (Direction.INBOUND, None, NOON, "Oi"),
        (Direction.OUTBOUND, ANA, NOON + timedelta(minutes=1), "Qual o endereço?"),
    ]
    assert not transcript.cut
    (effect,) = office.effects()
    assert isinstance(effect.demand, OrderDemand)
    assert "Qual" not in repr(effect)


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_transcript_is_cut_at_its_start(beyond: int) -> None:
    """Of a long conversation the last thousand messages go along, and it is said that there were more."""
    office = shop()
    last = TRANSCRIPT_MESSAGES + beyond
    conversation = office.opened()
    talk = g.changed(office.state(conversation), seq=last)
    office.storage.apply(_put(talk, *(_said(conversation, n) for n in range(2, last + 1))))
    office.desk.handle(order(conversation, transcript=True), by=ANA)
    transcript = office.contracts.orders[0].transcript
    assert len(transcript.lines) == TRANSCRIPT_MESSAGES
    assert transcript.lines[-1].text.reveal() == f"n. {last}"
    assert transcript.lines[0].text.reveal() == ("n. 2" if beyond else "Oi")
    assert transcript.cut is bool(beyond)


def _said(conversation: ConversationId, n: int) -> Any:
    return g.inbound(id=f"{conversation}.{n}", conversation=conversation, seq=n, body=Private(f"n. {n}"))


def _put(conversation: Any, *messages: Any) -> ChangeSet:
    root = CommandId("cm_placed")
    version = conversation.version
    moved = attrs.evolve(conversation, version=version + 1)
    writes = (Write(moved.id, version, moved, ()), *(Write(m.id, 0, m, ()) for m in messages))
    return ChangeSet(Receipt(root, NOON, Outcome(root)), writes=writes)


class Broken(MemoryStorage):
    """A storage that loses its messages' index while `down`."""

    down = False

    def messages(self, *args: Any, **asked: Any) -> Any:
        if self.down:
            raise OSError("no disk")
        return super().messages(*args, **asked)


def test_an_order_waits_for_its_transcript() -> None:
    """When storage cannot bring it, nothing is asked of the outside yet; then the order goes with it whole."""
    storage = Broken()
    office = shop(storage=storage)
    conversation = office.opened()
    storage.down = True
    office.desk.handle(order(conversation, transcript=True), by=ANA)
    assert [effect.state for effect in office.effects()] == [EffectState.INTENDED]
    assert office.contracts.times("open_order") == 0
    storage.down = False
    office.pass_time(minutes=1)
    office.desk.run_due()
    assert [len(request.transcript.lines) for request in office.contracts.orders] == [1]


@pytest.mark.parametrize(
    ("offers", "options", "passes"),
    [
        (ContractsCapabilities(), {}, False),
        (ContractsCapabilities(orders=REPEATS), {"transcript": True}, False),
        (ContractsCapabilities(orders=REPEATS), {}, True),
    ],
)
def test_what_the_side_does_not_do_is_not_offered(
    offers: ContractsCapabilities, options: dict[str, Any], passes: bool
) -> None:
    """Orders at all, or transcripts with them. Rule: B12."""
    office = shop(contracts=FickleContracts(offers))
    conversation = office.opened()
    if passes:
        office.desk.handle(order(conversation, **options), by=ANA)
        return
    with office.nothing_changes(), pytest.raises(NotOffered):
        office.desk.handle(order(conversation, **options), by=ANA)


def test_an_admin_is_no_supervisor() -> None:
    """Orders are not an admin's to ask for. Rule: P."""
    office = shop()
    conversation = office.opened()
    with office.nothing_changes(), pytest.raises(NotPermitted):
        office.desk.handle(order(conversation), by=ADMIN)


def _order(**changes: Any) -> OpenServiceOrder:
    given: dict[str, Any] = {"type": "visit", "subject": "Sem sinal", "description": "Visitar"}
    return OpenServiceOrder(ConversationId("cv_1"), **(given | changes))


@pytest.mark.parametrize(
    "make",
    [
        lambda: _order(type=""),
        lambda: _order(subject=" "),
        lambda: _order(subject="x" * (ORDER_SUBJECT + 1)),
        lambda: _order(description="x" * (ORDER_DESCRIPTION + 1)),
        lambda: _order(description="a\0b"),
        lambda: _order(subject=None),
        lambda: _order(priority="urgent"),
        lambda: _order(schedule=datetime(2026, 3, 11)),
        lambda: _order(schedule="amanhã"),
        lambda: _order(transcript=1),
        lambda: _order(contract=""),
    ],
)
def test_what_is_no_order_cannot_be_asked(make: Any) -> None:
    """Refused where it is made, with what is wrong. Rule: B12."""
    with pytest.raises(InvalidValue):
        make()
