"""Opening a service order: what it carries, for whom, and by whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chatcore.commands import OpenServiceOrder
from chatcore.entities import AtMostOnce, LooksUpByKey, OrderDemand, RepeatsByKey, ReportsByKey
from chatcore.errors import NotAdmitted, NotFound, NotLinked, NotOffered, NotPermitted, NotTheirs
from chatcore.events import ActionRequested, Intended
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules import decide
from chatcore.rules.invariants import claims_of, guard_claim
from chatcore.vocabulary import SYSTEM, Actor, EffectKind, Priority, Private, Situation
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CONTRACT,
    CT,
    CUSTOMER,
    CV,
    DAY,
    NOW,
    ROBO,
    ROOT,
    SARA,
    TICK,
    blocked_contact,
    born,
    contact,
    contract,
    contracts_offers,
    conversation,
    on_customer,
)

OPEN, CLOSED = Situation.OPEN, Situation.CLOSED
SUBJECT, DESCRIPTION = Private("Sem sinal"), Private("Sem sinal desde ontem,\nluz vermelha no modem.")
PROTOCOL = conversation().protocol


def command(**changes: Any) -> OpenServiceOrder:
    values: dict[str, Any] = {"type": "visit", "subject": SUBJECT, "description": DESCRIPTION, **changes}
    return OpenServiceOrder(CV, **values)


def opened(
    command_: OpenServiceOrder | None = None, by: Actor = ANA, situation: Situation = OPEN, **facts: Any
) -> Any:
    talk = conversation(situation, **facts.pop("talk", {}))
    return decide(command_ or command(), on_customer(talk, by, **facts))


def demand(decision: Any) -> OrderDemand:
    (_, _), (_, intended) = decision
    assert isinstance(intended, Intended)
    assert isinstance(intended.demand, OrderDemand)
    return intended.demand


def refused(kind: Any, *args: Any, **values: Any) -> Any:
    with pytest.raises(kind) as caught:
        opened(*args, **values)
    return caught.value


def test_an_order_is_asked_for_by_an_effect() -> None:
    """Type, subject, description, priority and the conversation's protocol. Rule: S17, B11, B12."""
    (cv, noted), (ref, intended) = opened(talk={"version": 7})
    assert (cv, noted) == (CV, ActionRequested(effect=ref, kind=EffectKind.OPEN_ORDER))
    assert intended == Intended(
        kind=EffectKind.OPEN_ORDER,
        conversation=CV,
        contact=CT,
        lane=f"{CV}:contracts",
        position=8,
        due_at=NOW,
        expires_at=NOW + DELIVERY_DEADLINE,
        demand=OrderDemand(
            customer=CUSTOMER,
            contract=None,
            type="visit",
            subject=SUBJECT,
            description=DESCRIPTION,
            priority=Priority.NORMAL,
            protocol=PROTOCOL,
        ),
    )
    assert ref.startswith(f"ef_{ROOT}")
    assert born(ref, intended, by=ANA).requested_by == ANA


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("schedule", [None, NOW + DAY, NOW - timedelta(days=400)])
def test_priority_and_schedule_go_along(priority: Priority, schedule: Any) -> None:
    """As they were said; whether a day suits is the contracts side's to say. Rule: B12."""
    there = demand(opened(command(priority=priority, schedule=schedule)))
    assert (there.priority, there.schedule) == (priority, schedule)


@pytest.mark.parametrize("protocol", ["202603101234567890", "P-1"])
def test_the_order_carries_the_protocol_of_its_conversation(protocol: str) -> None:
    """Whatever else is said. Rule: S17, L11, B12."""
    assert demand(opened(talk={"protocol": protocol})).protocol == protocol


@pytest.mark.parametrize("seq", [1, 2, 999])
def test_the_transcript_goes_along_on_request(seq: int) -> None:
    """Up to the last message there was, by its number: no body is copied; without the wish none. Rule: B12."""
    assert demand(opened(command(transcript=True), talk={"seq": seq})).transcript == seq
    assert demand(opened(talk={"seq": seq})).transcript == 0


def test_a_conversation_without_a_message_has_no_transcript() -> None:
    """Nothing was said yet, so nothing goes along. Rule: B12."""
    silent = {"seq": 0, "unread": 0, "waiting_since": None}
    assert demand(opened(command(transcript=True), talk=silent)).transcript == 0


def test_an_order_of_a_contract_is_of_the_customers() -> None:
    """One of theirs; another's is refused, and nothing is asked for. Rule: S17, B2."""
    there = demand(opened(command(contract=CONTRACT)))
    assert (there.customer, there.contract) == (CUSTOMER, CONTRACT)
    several = (contract("k1"), contract("k2"))
    assert demand(opened(command(contract="k2"), contracts=several)).contract == "k2"
    assert refused(NotTheirs, command(contract="k9")).contract == "k9"
    refused(NotTheirs, command(contract=CONTRACT), contracts=())


def test_who_is_no_customer_yet_may_need_a_visit_too() -> None:
    """Without a contract it needs no customer; with one it does. Rule: S17, B2."""
    there = demand(opened(contact=contact(), contracts=()))
    assert (there.customer, there.contract) == (None, None)
    refused(NotLinked, command(contract=CONTRACT), contact=contact(), contracts=())


def test_what_the_contracts_side_does_not_offer_is_refused() -> None:
    """No orders, or none with a transcript; the error says which. Rule: B12."""
    assert refused(NotOffered, offers=contracts_offers(orders=None)).what == "service_order"
    without = contracts_offers(transcripts=False)
    assert refused(NotOffered, command(transcript=True), offers=without).what == "transcript"
    assert demand(opened(offers=without)).transcript == 0


@pytest.mark.parametrize(
    "nature", [RepeatsByKey(DAY), LooksUpByKey(DAY), ReportsByKey(), AtMostOnce()], ids=str
)
def test_an_order_is_asked_for_whatever_the_port_promises(nature: Any) -> None:
    """What differs is how a doubt ends. Rule: B11."""
    assert opened(offers=contracts_offers(nature)) == opened()


def test_an_order_says_nothing_to_the_customer() -> None:
    """So neither the window nor a block stands in its way. Rule: S17, M5."""
    assert demand(opened(talk={"window_until": NOW - TICK})).type == "visit"
    assert demand(opened(contact=blocked_contact(customer=CUSTOMER))).type == "visit"


def test_several_orders_may_be_open_at_once() -> None:
    """No guard stands between them: two faults are two visits. Rule: S17, B11."""
    _, (ref, intended) = opened()
    assert guard_claim(intended.demand) is None
    assert claims_of(born(ref, intended, by=ANA)) == ()


@pytest.mark.parametrize(
    ("by", "error"),
    [
        (BETO, NotPermitted),
        (ADA, NotPermitted),
        (AURO, NotPermitted),
        (SYSTEM, NotPermitted),
        (ROBO, NotFound),
        (Actor.agent("nobody"), NotFound),
    ],
    ids=lambda v: getattr(v, "id", None),
)
def test_agents_open_orders_in_their_own_conversations_and_supervisors_in_all(by: Actor, error: Any) -> None:
    """No admin, auditor, bot or machine does. Rule: S17, P."""
    refused(error, by=by)
    refused(NotPermitted, by=ROBO, situation=Situation.BOT)
    for who in (ANA, SARA):
        assert demand(opened(by=who)).type == "visit"


def test_an_order_is_opened_in_live_conversations_only() -> None:
    """In a closed one it is refused. Rule: L18."""
    refused(NotAdmitted, by=SARA, situation=CLOSED)
    for situation in (Situation.BOT, Situation.QUEUE, OPEN):
        assert demand(opened(by=SARA, situation=situation)).type == "visit"


def test_deciding_twice_asks_for_the_same() -> None:
    """So that a retry with fresh facts never asks for two. Rule: B11."""
    assert opened(command(transcript=True)) == opened(command(transcript=True))
