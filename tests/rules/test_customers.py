"""Who the contact is to the contracts side, which contract counts, and what a look-up of a number leads to."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from chatcore.commands import (
    ClaimEffect,
    Finding,
    FindingKind,
    LinkCustomer,
    PinContract,
    ReceiveMessage,
    SettleEffect,
    StartConversation,
)
from chatcore.entities import Customer, Found
from chatcore.errors import LeaseLost, NotFound, NotLinked, NotPermitted, NotTheirs
from chatcore.events import (
    Cancelled,
    Claimed,
    ContractPinned,
    CustomerLinked,
    CustomersSuggested,
    Doubted,
    Failed,
    Intended,
    Postponed,
    Succeeded,
)
from chatcore.limits import DELIVERY_ATTEMPTS, DELIVERY_DEADLINE
from chatcore.rules import decide
from chatcore.rules.customers import counting
from chatcore.rules.steps import Step, nature_of, next_step
from chatcore.vocabulary import (
    Actor,
    ContractStatus,
    EffectKind,
    EffectState,
    Light,
    Private,
    Situation,
)
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CONTRACT,
    CT,
    CT2,
    CUSTOMER,
    CV,
    EF,
    NATURES,
    NOW,
    PHONE,
    ROBO,
    ROOT,
    SARA,
    SECOND,
    after,
    blocked_contact,
    born,
    contact,
    contract,
    conversation,
    customer_contact,
    looking_up,
    on_arrival,
    on_contact,
    on_customer,
    on_effect,
    on_start,
    other_contact,
)

E, S = EffectState, ContractStatus
OPEN, CLOSED = Situation.OPEN, Situation.CLOSED


def customer(id: str = CUSTOMER, name: str = "Maria Souza") -> Customer:
    return Customer(id=id, name=Private(name))


# --- the light: every pair, once more as the contract that counts shows it ------------------------------------

LIGHT_OF = {
    (S.ACTIVE, None): Light.GREEN,
    (S.ACTIVE, S.ACTIVE): Light.GREEN,
    (S.ACTIVE, S.SUSPENDED): Light.RED,
    (S.ACTIVE, S.BLOCKED): Light.RED,
    (S.ACTIVE, S.CANCELLED): Light.GREY,
    (S.ACTIVE, S.PENDING): Light.GREY,
    (S.ACTIVE, S.UNKNOWN): Light.GREY,
    (S.SUSPENDED, None): Light.RED,
    (S.SUSPENDED, S.ACTIVE): Light.RED,
    (S.SUSPENDED, S.SUSPENDED): Light.RED,
    (S.SUSPENDED, S.BLOCKED): Light.RED,
    (S.SUSPENDED, S.CANCELLED): Light.RED,
    (S.SUSPENDED, S.PENDING): Light.RED,
    (S.SUSPENDED, S.UNKNOWN): Light.RED,
    (S.BLOCKED, None): Light.RED,
    (S.BLOCKED, S.ACTIVE): Light.RED,
    (S.BLOCKED, S.SUSPENDED): Light.RED,
    (S.BLOCKED, S.BLOCKED): Light.RED,
    (S.BLOCKED, S.CANCELLED): Light.RED,
    (S.BLOCKED, S.PENDING): Light.RED,
    (S.BLOCKED, S.UNKNOWN): Light.RED,
    (S.CANCELLED, None): Light.GREY,
    (S.CANCELLED, S.ACTIVE): Light.GREY,
    (S.CANCELLED, S.SUSPENDED): Light.GREY,
    (S.CANCELLED, S.BLOCKED): Light.GREY,
    (S.CANCELLED, S.CANCELLED): Light.GREY,
    (S.CANCELLED, S.PENDING): Light.GREY,
    (S.CANCELLED, S.UNKNOWN): Light.GREY,
    (S.PENDING, None): Light.GREY,
    (S.PENDING, S.ACTIVE): Light.GREY,
    (S.PENDING, S.SUSPENDED): Light.RED,
    (S.PENDING, S.BLOCKED): Light.RED,
    (S.PENDING, S.CANCELLED): Light.GREY,
    (S.PENDING, S.PENDING): Light.GREY,
    (S.PENDING, S.UNKNOWN): Light.GREY,
    (S.UNKNOWN, None): Light.GREY,
    (S.UNKNOWN, S.ACTIVE): Light.GREY,
    (S.UNKNOWN, S.SUSPENDED): Light.RED,
    (S.UNKNOWN, S.BLOCKED): Light.RED,
    (S.UNKNOWN, S.CANCELLED): Light.GREY,
    (S.UNKNOWN, S.PENDING): Light.GREY,
    (S.UNKNOWN, S.UNKNOWN): Light.GREY,
}


def test_every_pair_of_statuses_has_a_light() -> None:
    """None is left out. Rule: B1."""
    assert LIGHT_OF.keys() == set(itertools.product(S, (None, *S)))


@pytest.mark.parametrize(("pair", "light"), LIGHT_OF.items(), ids=str)
def test_the_light_is_that_of_the_one_contract_that_is_pinned(pair: Any, light: Light) -> None:
    """Green, red or grey by status and access together; a cancelled one shows too once it is pinned.

    Rule: S5, B1.
    """
    pinned = counting((contract(status=pair[0], access=pair[1]),), CONTRACT)
    assert pinned is not None
    assert pinned.light is light


# --- which contract counts -----------------------------------------------------------------------------------

GREEN = contract("k-green")
GREY = contract("k-grey", status=S.PENDING, access=None)
RED = contract("k-red", access=S.BLOCKED)
GONE = contract("k-gone", status=S.CANCELLED, access=S.BLOCKED)
ALL = (GREEN, GREY, RED, GONE)


@pytest.mark.parametrize("pinned", ALL, ids=lambda each: each.id)
def test_the_pinned_contract_counts(pinned: Any) -> None:
    """Whatever its light, whatever the others': also where it is cancelled. Rule: S5."""
    for order in itertools.permutations(ALL):
        assert counting(order, pinned.id) is pinned


@pytest.mark.parametrize(
    ("contracts", "counts"),
    [
        ((), None),
        ((GONE,), None),
        ((GREEN,), GREEN),
        ((GREEN, GONE), GREEN),
        ((GREEN, GREY), GREY),
        ((GREEN, RED), RED),
        ((GREY, RED), RED),
        ((GREY, GONE), GREY),
        ((RED, GONE), RED),
        ((GREEN, GREY, RED), RED),
        (ALL, RED),
    ],
    ids=lambda case: None if not isinstance(case, tuple) else " ".join(each.id for each in case) or "none",
)
@pytest.mark.parametrize("pinned", [None, "k-of-somebody-else"])
def test_else_the_worst_that_is_not_cancelled_counts(contracts: Any, counts: Any, pinned: Any) -> None:
    """Red before grey before green, in whatever order they come; one pinned that is not theirs does not count.

    Rule: S5, B2.
    """
    for order in itertools.permutations(contracts):
        assert counting(order, pinned) == counts


def test_of_two_equally_bad_ones_always_the_same_counts() -> None:
    """So that the light does not change with the order in which a port tells. Rule: S5."""
    other = contract("k-another-red", status=S.SUSPENDED)
    assert counting((RED, other), None) == counting((other, RED), None)


# --- pinning -------------------------------------------------------------------------------------------------

HOME, SHOP = contract("k-home"), contract("k-shop", status=S.CANCELLED)


def pinned(to: str | None, by: Actor = ANA, situation: Situation = OPEN, **facts: Any) -> Any:
    talk = conversation(situation, contract=facts.pop("pinned", None))
    return decide(PinContract(CV, to), on_customer(talk, by, **{"contracts": (HOME, SHOP), **facts}))


@pytest.mark.parametrize("situation", Situation)
@pytest.mark.parametrize("to", [HOME.id, SHOP.id])
def test_a_contract_of_the_customers_is_pinned(situation: Situation, to: str) -> None:
    """In every situation, a cancelled one too; the conversation says so from then on. Rule: S5, B2, L18."""
    decision = pinned(to, SARA, situation)
    assert decision == ((CV, ContractPinned(contract=to)),)
    assert after(conversation(situation), decision[0][1]).contract == to


def test_a_pin_is_taken_off() -> None:
    """Then none in particular counts; it needs neither customer nor contract. Rule: S5."""
    assert pinned(None, pinned=HOME.id) == ((CV, ContractPinned(contract=None)),)
    gone = pinned(None, pinned=HOME.id, contact=contact(), contracts=())
    assert gone == ((CV, ContractPinned(contract=None)),)
    assert after(conversation(OPEN, contract=HOME.id), gone[0][1]).contract is None


@pytest.mark.parametrize("to", [HOME.id, None])
def test_pinning_what_is_pinned_changes_nothing(to: str | None) -> None:
    """Asking for what already is succeeds without events. Rule: L19."""
    assert pinned(to, pinned=to) == ()


@pytest.mark.parametrize("before", [None, HOME.id])
def test_only_a_linked_customers_contract_is_pinned(before: str | None) -> None:
    """Nobody linked, or a contract of somebody else's: refused, and the pin stays. Rule: B2."""
    with pytest.raises(NotLinked):
        pinned(HOME.id, pinned=before, contact=contact())
    with pytest.raises(NotTheirs) as theirs:
        pinned("k-9", pinned=before)
    assert theirs.value.contract == "k-9"
    with pytest.raises(NotTheirs):
        pinned(HOME.id, pinned=before, contracts=())


@pytest.mark.parametrize(("by", "error"), [(BETO, NotPermitted), (AURO, NotPermitted), (ROBO, NotFound)])
def test_who_may_not_touch_the_conversation_does_not_pin(by: Actor, error: type[Exception]) -> None:
    """Agents in their own, supervisors and admins in all, nobody else. Rule: P."""
    with pytest.raises(error):
        pinned(HOME.id, by)
    assert [len(pinned(HOME.id, who)) for who in (ANA, SARA, ADA)] == [1, 1, 1]


# --- looking up: when ----------------------------------------------------------------------------------------

INTENDED = Intended(
    kind=EffectKind.FIND_CUSTOMER,
    conversation=f"cv_{ROOT}",
    contact=CT,
    due_at=NOW,
    expires_at=NOW + DELIVERY_DEADLINE,
)


def finds(decision: Any) -> list[Any]:
    return [
        (ref, event)
        for ref, event in decision
        if isinstance(event, Intended) and event.kind is EffectKind.FIND_CUSTOMER
    ]


def arrived(**facts: Any) -> Any:
    command = ReceiveMessage(channel="wa", address=PHONE, provider_id="wamid.in", sent_at=NOW, text="Oi")
    return decide(command, on_arrival(**{"finds": True, **facts}))


def started(**facts: Any) -> Any:
    command = StartConversation(channel="wa", contact=CT)
    return decide(command, on_start(ANA, **{"finds": True, **facts}))


@pytest.mark.parametrize("open_", [arrived, started], ids=["arrives", "started"])
def test_a_number_nobody_linked_is_looked_up_by_an_effect(open_: Any) -> None:
    """The conversation opens unlinked; the look-up is intended with it, and asked later. Rule: B2."""
    decision = open_()
    ((ref, intended),) = finds(decision)
    assert intended == INTENDED
    assert ref.startswith(f"ef_{ROOT}")
    assert not any(isinstance(event, CustomerLinked) for _, event in decision)
    assert born(ref, intended).state is E.INTENDED


def test_an_unknown_number_is_looked_up_for_the_contact_it_becomes() -> None:
    """Contact, conversation and look-up are born together. Rule: B2, L4."""
    decision = arrived(contact=None)
    ((_, intended),) = finds(decision)
    assert {intended.contact, intended.conversation} <= {ref for ref, _ in decision}


@pytest.mark.parametrize("open_", [arrived, started], ids=["arrives", "started"])
@pytest.mark.parametrize(
    "facts", [{"contact": customer_contact()}, {"finds": False}], ids=["linked", "no port"]
)
def test_who_is_known_already_is_not_looked_up(open_: Any, facts: dict[str, Any]) -> None:
    """Nor anybody, where customers are not found by their number. Rule: B2."""
    assert finds(open_(**facts)) == []


def test_a_message_in_a_live_conversation_asks_nothing_again() -> None:
    """A look-up belongs to the opening. Rule: B2, L4."""
    assert finds(arrived(live=conversation(OPEN))) == []


# --- looking up: what it brings ------------------------------------------------------------------------------


def found(*customers: Customer, state: EffectState = E.IN_FLIGHT, fence: int = 4, **facts: Any) -> Any:
    finding = Finding(kind=FindingKind.DONE, brought=Found(customers))
    return decide(SettleEffect(EF, fence, finding), on_effect(looking_up(state), **facts))


TWO = (customer("c1"), customer("c2"))
DONE = (EF, Succeeded())


def test_exactly_one_customer_links_by_itself() -> None:
    """In one commit with the end of the look-up; earlier suggestions are gone. Rule: B2."""
    decision = found(customer("c7"), contact=contact(suggestions=TWO))
    assert decision == (DONE, (CT, CustomerLinked(customer="c7")))
    linked = after(contact(suggestions=TWO), decision[1][1])
    assert (linked.customer, linked.suggestions) == ("c7", ())


def test_several_customers_become_suggestions() -> None:
    """Nobody is linked by a guess; a person chooses, and then the suggestions are gone. Rule: B2."""
    decision = found(*TWO)
    assert decision == (DONE, (CT, CustomersSuggested(customers=TWO)))
    suggested = after(contact(), decision[1][1])
    assert (suggested.customer, suggested.suggestions) == (None, TWO)
    ((_, linked),) = decide(LinkCustomer(CT, "c2"), on_contact(suggested, ANA))
    chosen = after(suggested, linked)
    assert (chosen.customer, chosen.suggestions) == ("c2", ())


def test_nobody_found_leaves_the_contact_as_it_is() -> None:
    """The look-up has ended well; there is nothing to say of the contact. Rule: B2."""
    assert found() == (DONE,)


def test_a_fresh_look_up_replaces_what_an_earlier_one_suggested() -> None:
    """Also where it finds nobody any more; the same again says nothing. Rule: B2, L19."""
    told = contact(suggestions=TWO)
    assert found(*TWO, contact=told) == (DONE,)
    assert found(contact=told) == (DONE, (CT, CustomersSuggested(customers=())))
    other = (customer("c1"), customer("c3"))
    assert found(*other, contact=told) == (DONE, (CT, CustomersSuggested(customers=other)))


@pytest.mark.parametrize("customers", [(), (customer("c7"),), TWO], ids=["none", "one", "several"])
def test_whom_a_person_linked_meanwhile_stays_linked(customers: tuple[Customer, ...]) -> None:
    """The look-up ends, and takes nothing back. Rule: B2."""
    assert found(*customers, contact=customer_contact()) == (DONE,)


@pytest.mark.parametrize("customers", [(), (customer("c7"),), TWO], ids=["none", "one", "several"])
def test_a_contact_that_is_gone_is_no_obstacle(customers: tuple[Customer, ...]) -> None:
    """The look-up ends all the same. Rule: B2."""
    assert found(*customers, contact=None) == (DONE,)


def test_what_is_found_is_said_of_whom_the_contact_turned_out_to_be() -> None:
    """Merged meanwhile: the contact that stands is linked, or has the suggestions. Rule: B2, M11."""
    standing = other_contact(merged=(CT,))
    assert found(customer("c7"), contact=standing) == (DONE, (CT2, CustomerLinked(customer="c7")))
    assert found(*TWO, contact=standing) == (DONE, (CT2, CustomersSuggested(customers=TWO)))
    assert found(customer("c7"), contact=other_contact(merged=(CT,), customer="c2")) == (DONE,)


def test_a_blocked_contact_is_still_somebodys() -> None:
    """Who they are is about the contact, and nothing is said to them. Rule: B2, M13."""
    assert found(customer("c7"), contact=blocked_contact()) == (DONE, (CT, CustomerLinked(customer="c7")))


@pytest.mark.parametrize("fence", [3, 4])
@pytest.mark.parametrize("state", [E.INTENDED, E.IN_FLIGHT, E.UNKNOWN])
def test_what_was_found_is_taken_in_whoever_brings_it(state: EffectState, fence: int) -> None:
    """It brings something, and does nothing outside: late is as good as on time. Rule: B2."""
    decision = found(customer("c7"), state=state, fence=fence)
    assert decision == (DONE, (CT, CustomerLinked(customer="c7")))
    assert after(looking_up(state), decision[0][1]).state is E.SUCCEEDED


@pytest.mark.parametrize("state", [E.SUCCEEDED, E.FAILED, E.CANCELLED])
def test_what_is_found_after_the_end_says_nothing_any_more(state: EffectState) -> None:
    """A person may have undone what the first one led to. Rule: B2."""
    assert found(customer("c7"), state=state) == ()


# --- looking up: when it fails -------------------------------------------------------------------------------


def ended(kind: FindingKind, effect: Any, **finding: Any) -> Any:
    return decide(SettleEffect(EF, 4, Finding(kind=kind, **finding)), on_effect(effect))


@pytest.mark.parametrize(
    ("kind", "first", "state"),
    [
        (FindingKind.NOT_DONE, Postponed, E.INTENDED),
        (FindingKind.DOUBT, Doubted, E.UNKNOWN),
        (FindingKind.REFUSED, Failed, E.FAILED),
    ],
)
def test_a_failure_leaves_the_contact_unlinked(kind: FindingKind, first: type, state: EffectState) -> None:
    """Nothing is said of the contact; what may come right is tried again. Rule: B2."""
    before = looking_up(E.IN_FLIGHT)
    decision = ended(kind, before, detail="why")
    assert [(ref, type(event)) for ref, event in decision] == [(EF, first)]
    then = after(before, decision[0][1])
    assert then.state is state
    assert (then.due_at is None) is (state is E.FAILED)


@pytest.mark.parametrize("declared", [None, *NATURES], ids=str)
@pytest.mark.parametrize("state", [E.INTENDED, E.UNKNOWN])
def test_a_failure_is_retried_whatever_the_port_promises(state: EffectState, declared: Any) -> None:
    """Asking again does no harm, so it is asked again. Rule: B2."""
    nature = nature_of(EffectKind.FIND_CUSTOMER, declared)
    again = looking_up(state)
    assert next_step(again, nature, NOW) is Step.CLAIM
    ((ref, event),) = decide(ClaimEffect(EF), on_effect(again, nature=nature))
    assert (ref, type(event)) == (EF, Claimed)


def test_a_look_up_is_given_up_after_so_many_attempts() -> None:
    """It fails, the contact stays unlinked, and nobody is asked to find out. Rule: B2."""
    last = looking_up(E.IN_FLIGHT, attempts=DELIVERY_ATTEMPTS)
    assert ended(FindingKind.NOT_DONE, last, detail="away") == ((EF, Failed(detail="away")),)
    doubt = looking_up(E.UNKNOWN, attempts=DELIVERY_ATTEMPTS)
    assert next_step(doubt, nature_of(EffectKind.FIND_CUSTOMER, None), NOW) is Step.GIVE_UP
    assert ended(FindingKind.OVERDUE, doubt) == ((EF, Failed(detail="overdue")),)


def test_a_finding_of_nothing_by_who_was_overtaken_is_dropped() -> None:
    """A doubt of an earlier claim says nothing of the next. Rule: B2."""
    with pytest.raises(LeaseLost):
        decide(SettleEffect(EF, 3, Finding(kind=FindingKind.DOUBT)), on_effect(looking_up(E.IN_FLIGHT)))


@pytest.mark.parametrize(
    ("changes", "facts", "code"),
    [
        ({}, {"contact": customer_contact()}, "linked"),
        ({"expires_at": NOW}, {}, "expired"),
        ({"expires_at": NOW - timedelta(days=1)}, {}, "expired"),
    ],
)
def test_a_look_up_nobody_needs_any_more_is_not_asked(changes: Any, facts: Any, code: str) -> None:
    """Linked by a person before it went out, or too late: cancelled, and the port is not asked. Rule: B2."""
    told = on_effect(looking_up(**changes), **facts)
    assert decide(ClaimEffect(EF), told) == ((EF, Cancelled(detail=code)),)


def test_a_look_up_waits_for_its_time() -> None:
    """After a failure there is a pause. Rule: B2."""
    waiting = looking_up(due_at=NOW + SECOND)
    assert next_step(waiting, nature_of(EffectKind.FIND_CUSTOMER, None), NOW) is Step.WAIT
