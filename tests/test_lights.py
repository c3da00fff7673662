"""The contract beside the name: its light, the one that counts, and what a failing side does to a screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Desk, Ports
from chatcore.answers import Observation
from chatcore.commands import (
    ChangeDepartment,
    Close,
    LinkCustomer,
    MergeContacts,
    PinContract,
    ReturnToQueue,
    UnlinkCustomer,
)
from chatcore.entities import Contract, ContractsCapabilities
from chatcore.errors import (
    ChatcoreError,
    ContractViolation,
    NotFound,
    NotLinked,
    NotOffered,
    NotPermitted,
    NotTheirs,
)
from chatcore.events import ContractPinned
from chatcore.limits import CONTRACTS, SCREEN_READ
from chatcore.memory import AsyncMemoryContracts, AsyncMemoryMessaging, AsyncMemoryStorage, MemoryContracts
from chatcore.screen import ContractLight
from chatcore.search import ConversationQuery
from chatcore.vocabulary import (
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    Light,
    ReasonId,
    Situation,
)
from tests.fickle import AUDITOR, JOAO, RAISED, ROBO, STAFFED, contact_of, customer, known, shop
from tests.office import ANA, BETO, NOON, SALES, SUE, WHATSAPP, FixedRoots
from tests.shop import HOME, MARIA_ID, Shop, contract

S = ContractStatus
BARN = ContractId("c-barn")


def lights(office: Shop, id: ConversationId, **read: Any) -> ContractLight | None:
    """The light of one conversation, which every read of a screen must show alike."""
    by = read.get("by", ANA)
    desk = read.get("desk", office.desk)
    view = {row.id: row.light for row in desk.view(ConversationQuery(), by=by).rows}
    fed: dict[ConversationId, ContractLight | None] = {}
    after: str | None = None
    while page := desk.feed(by=by, after=after):
        fed |= {row.id: row.light for row in page.rows}
        if page.next == after or not page.events:
            break
        after = page.next
    shown = [view[id], fed[id], desk.panel(id, by=by).light, desk.contracts(id, by=by).light]
    assert all(light == shown[0] for light in shown)
    return view[id]


def put(office: Shop, *contracts: Contract) -> None:
    for each in contracts:
        office.contracts.put(each)


# --- what it shows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "access", "light"),
    [
        (S.ACTIVE, S.ACTIVE, Light.GREEN),
        (S.ACTIVE, None, Light.GREEN),
        (S.ACTIVE, S.BLOCKED, Light.RED),
        (S.ACTIVE, S.SUSPENDED, Light.RED),
        (S.ACTIVE, S.UNKNOWN, Light.GREY),
        (S.BLOCKED, S.ACTIVE, Light.RED),
        (S.SUSPENDED, None, Light.RED),
        (S.PENDING, None, Light.GREY),
        (S.UNKNOWN, S.ACTIVE, Light.GREY),
    ],
)
def test_the_light_shows_contract_and_access(status: S, access: S | None, light: Light) -> None:
    """Alike in rows, feed and panel, with when it was read and where to find it; red has an alert. Rule: B1."""
    office = shop()
    conversation = office.opened()
    read = NOON - timedelta(minutes=5)
    put(office, contract(status=status, access=access, as_of=read, link="https://erp.example/c/home"))
    shown = lights(office, conversation)
    assert shown == ContractLight(light=light, contract=HOME, as_of=read, link="https://erp.example/c/home")
    assert shown.alert is (light is Light.RED)


@pytest.mark.parametrize(
    ("statuses", "counts"),
    [
        ((S.ACTIVE, S.BLOCKED, S.PENDING), 1),
        ((S.ACTIVE, S.PENDING, S.CANCELLED), 1),
        ((S.CANCELLED, S.ACTIVE, S.CANCELLED), 1),
        ((S.SUSPENDED, S.ACTIVE, S.BLOCKED), 0),
        ((S.CANCELLED, S.CANCELLED, S.CANCELLED), None),
    ],
)
def test_of_several_the_worst_that_is_not_cancelled_counts(statuses: tuple[S, ...], counts: int | None) -> None:
    """All of them are listed; where only cancelled ones are left, it is grey for none. Rule: S5, S9."""
    office = shop()
    office.contracts.moods["contracts"] = lambda customers: {
        id: tuple(contract(f"c{n}", id, status=status, access=None) for n, status in enumerate(statuses))
        for id in customers
    }
    conversation = office.opened()
    shown = lights(office, conversation)
    assert shown is not None
    assert shown.contract == (None if counts is None else f"c{counts}")
    listed = office.desk.panel(conversation, by=ANA).contracts
    assert [each.status for each in listed] == list(statuses)
    assert office.desk.contracts(conversation, by=ANA).contracts == listed


def test_who_is_linked_to_nobody_has_no_light() -> None:
    """Nor has anybody where there is no contracts side; a customer without contracts is grey. Rule: S5, B1."""
    office = shop()
    unlinked = office.waiting(JOAO)
    assert lights(office, unlinked) is None
    assert office.contracts.times("contracts") == 0
    office.desk.handle(LinkCustomer(contact_of(office, unlinked).id, CustomerId("cu-new")), by=ANA)
    assert lights(office, unlinked) == ContractLight(light=Light.GREY)
    office.contracts = None
    bare = office.another_desk()
    assert lights(office, unlinked, desk=bare) is None
    assert bare.panel(unlinked, by=ANA).contracts == ()


def test_a_merged_contact_shows_whom_it_turned_out_to_be() -> None:
    """Their contracts, and their light. Rule: M11, S5."""
    policies = attrs.evolve(STAFFED.policies, default_reason=ReasonId("moved"))
    office = shop(workspace=attrs.evolve(STAFFED, policies=policies))
    maria = office.opened()
    other = office.waiting(JOAO)
    put(office, contract(status=S.BLOCKED))
    merge = MergeContacts(contact_of(office, other).id, into=contact_of(office, maria).id)
    office.desk.handle(merge, by=SUE)
    for conversation in (maria, other):
        shown = lights(office, conversation)
        assert shown is not None
        assert (shown.light, shown.contract) == (Light.RED, HOME)
        assert [each.id for each in office.desk.panel(conversation, by=ANA).contracts] == [HOME]


def test_a_page_costs_one_call() -> None:
    """With each customer in it once, and a bounded time to answer; none where nobody is linked. Rule: B1."""
    office = shop()
    for n in range(6):
        known(office, customer(n // 2), address=f"551190000000{n}")
        office.waiting(f"551190000000{n}")
    office.waiting("5511900000009")
    deadlines: list[Any] = []
    answer = office.contracts.contracts
    office.contracts.contracts = lambda ids, *, deadline: (
        deadlines.append(deadline) or answer(ids, deadline=deadline)
    )
    desk = office.another_desk()
    for read in (lambda: desk.view(ConversationQuery(), by=ANA), lambda: desk.feed(by=ANA)):
        office.contracts.asked.clear()
        assert len(read().rows) == 7
        assert [(name, sorted(ids)) for name, ids in office.contracts.asked] == [
            ("contracts", ["cu-0", "cu-1", "cu-2"])
        ]
    office.contracts.asked.clear()
    assert desk.view(ConversationQuery(situation=Situation.CLOSED), by=ANA).rows == ()
    assert office.contracts.asked == []
    assert deadlines == [NOON + SCREEN_READ] * 2


def test_an_auditor_sees_the_light_and_not_whose_it_is() -> None:
    """Status, time and plan stay; who the customer is and the link that leads to them do not. Rule: P, B1."""
    office = shop()
    conversation = office.opened()
    put(office, contract(status=S.BLOCKED, plan="Fibra 500", link="https://erp.example/maria"))
    for shown in (
        office.desk.panel(conversation, by=AUDITOR).light,
        office.desk.contracts(conversation, by=AUDITOR).light,
        office.desk.view(ConversationQuery(), by=AUDITOR).rows[0].light,
        office.desk.feed(by=AUDITOR).rows[0].light,
    ):
        assert shown is not None
        assert (shown.light, shown.contract, shown.as_of, shown.alert) == (Light.RED, HOME, NOON, True)
        assert "maria" not in repr(attrs.asdict(shown))
    (listed,) = office.desk.panel(conversation, by=AUDITOR).contracts
    assert (listed.id, listed.status, listed.plan) == (HOME, S.BLOCKED, "Fibra 500")
    assert "maria" not in repr(attrs.asdict(listed))


def test_what_one_may_not_see_has_no_contracts() -> None:
    """Nor has what is not there; the outside is not asked. Rule: P."""
    office = shop()
    conversation = office.opened()
    for by, id in ((ROBO, conversation), (ANA, ConversationId("cv_nope"))):
        for read in (office.desk.contracts, office.desk.boletos, office.desk.invoices, office.desk.panel):
            with pytest.raises(NotFound):
                read(id, by=by)
    assert office.contracts.times("contracts") == 0


# --- a side that fails ---------------------------------------------------------------------------------------


def grey_for(office: Shop, conversation: ConversationId, code: str) -> None:
    assert lights(office, conversation) == ContractLight(light=Light.GREY, failure=code)
    panel = office.desk.panel(conversation, by=ANA)
    assert (panel.contracts, panel.contact.customer) == ((), MARIA_ID)
    assert panel.actions[Close].needs == ("reason",)
    assert office.desk.contracts(conversation, by=ANA).contracts == ()


@pytest.mark.parametrize(("raised", "code"), RAISED, ids=lambda value: type(value).__name__)
def test_a_side_that_fails_makes_it_grey(raised: BaseException, code: str) -> None:
    """Whatever it raises: the failure is named, to the observer too, and the rest is there. Rule: B1."""
    office = shop()
    conversation = office.opened()
    office.contracts.moods["contracts"] = raised
    grey_for(office, conversation, code)
    told: list[Observation] = []
    office.another_desk(observe=told.append).panel(conversation, by=ANA)
    assert Observation("port_failed", "contracts", code) in told


class Lazy(Mapping[CustomerId, tuple[Contract, ...]]):
    """A mapping that loads what it is asked for, and cannot."""

    def __getitem__(self, _: CustomerId) -> tuple[Contract, ...]:
        raise OSError("no line")

    def __iter__(self) -> Iterator[CustomerId]:
        raise OSError("no line")

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        (contract(),),
        {MARIA_ID: None},
        {MARIA_ID: [contract()]},
        {MARIA_ID: contract()},
        {MARIA_ID: ("c-home",)},
        {MARIA_ID: (contract(), None)},
        {MARIA_ID: (contract("c1", "cu-joao"),)},
        {MARIA_ID: (contract(), contract("c1", "cu-joao"))},
        {MARIA_ID: (contract(), contract())},
        {MARIA_ID: tuple(contract(f"c{n}") for n in range(CONTRACTS + 1))},
        Lazy(),
    ],
    ids=[
        "nothing",
        "list",
        "tuple",
        "none",
        "list-of",
        "one",
        "ids",
        "with-none",
        "anothers",
        "with-anothers",
        "twice",
        "too-many",
        "lazy",
    ],
)
def test_a_side_that_answers_wrongly_makes_it_grey(answer: object) -> None:
    """Nothing of a wrong answer is shown, and nothing is chosen by it. Rule: B1, B2."""
    office = shop()
    conversation = office.opened()
    office.contracts.moods["contracts"] = lambda _: answer
    grey_for(office, conversation, "contract_violation")
    with office.nothing_changes(), pytest.raises(ContractViolation):
        office.desk.handle(PinContract(conversation, HOME), by=ANA)


def test_as_many_as_are_taken_in_are_shown() -> None:
    """At the bound all is well. Rule: S9."""
    office = shop()
    conversation = office.opened()
    many = tuple(contract(f"c{n}") for n in range(CONTRACTS))
    office.contracts.moods["contracts"] = lambda _: {MARIA_ID: many}
    assert office.desk.contracts(conversation, by=ANA).contracts == many


@pytest.mark.parametrize("mood", [RuntimeError("no"), lambda _: None, lambda _: ContractsCapabilities])
def test_a_side_that_cannot_say_what_it_offers_breaks_no_screen(mood: Any) -> None:
    """What asks it is refused; the conversation can be seen and served. Rule: B1."""
    office = shop()
    conversation = office.opened()
    office.contracts.moods["capabilities"] = mood
    panel = office.desk.panel(conversation, by=ANA)
    assert panel.actions[Close].needs == ("reason",)
    assert panel.light is not None
    with office.nothing_changes(), pytest.raises(ContractViolation):
        office.desk.handle(PinContract(conversation, HOME), by=ANA)


# --- the contract it is about --------------------------------------------------------------------------------


def test_the_pinned_one_counts() -> None:
    """However the others stand, until none is pinned; again is no event. Rule: S5, L19."""
    office = shop()
    conversation = office.opened()
    put(office, contract(status=S.BLOCKED), contract(BARN))
    for pinned, counts, events in ((BARN, BARN, 1), (BARN, BARN, 0), (None, HOME, 1), (None, HOME, 0)):
        version = office.state(conversation).version
        outcome = office.desk.handle(PinContract(conversation, pinned), by=ANA)
        assert len(outcome.changed) == events
        assert office.state(conversation).contract == pinned
        assert lights(office, conversation).contract == counts
        if events:
            (told,) = office.desk.timeline(conversation, by=ANA, after=version)
            assert (told.event, told.actor) == (ContractPinned(contract=pinned), ANA)


def test_a_pin_that_is_none_of_theirs_any_more_does_not_count() -> None:
    """The worst does, as if none were pinned: the contract is gone, or the contact is another customer."""
    office = shop()
    conversation = office.opened()
    put(office, contract(status=S.PENDING), contract(BARN))
    office.desk.handle(PinContract(conversation, BARN), by=ANA)
    office.contracts.moods["contracts"] = lambda ids: {id: (contract(customer=id),) for id in ids}
    assert lights(office, conversation).contract == HOME
    office.desk.handle(LinkCustomer(contact_of(office, conversation).id, CustomerId("cu-joao")), by=ANA)
    assert lights(office, conversation).contract == HOME
    office.desk.handle(UnlinkCustomer(contact_of(office, conversation).id), by=ANA)
    assert lights(office, conversation) is None


def test_a_stale_pin_can_be_taken_away() -> None:
    """Also from who is linked to nobody any more; the panel says so. Rule: S5, B2."""
    office = shop()
    conversation = office.opened()
    office.desk.handle(PinContract(conversation, HOME), by=ANA)
    office.desk.handle(UnlinkCustomer(contact_of(office, conversation).id), by=ANA)
    assert office.desk.panel(conversation, by=ANA).actions[PinContract].needs == ("contract",)
    with office.nothing_changes(), pytest.raises(NotLinked):
        office.desk.handle(PinContract(conversation, HOME), by=ANA)
    office.desk.handle(PinContract(conversation, None), by=ANA)
    assert office.state(conversation).contract is None
    assert isinstance(office.desk.panel(conversation, by=ANA).actions[PinContract].refusal, NotLinked)


def test_only_the_customers_own_are_pinned() -> None:
    """Nothing changes by what is refused. Rule: B2, P."""
    office = shop()
    conversation, unlinked = office.opened(), office.waiting(JOAO)
    put(office, contract("c-joao", "cu-joao"))
    for id, pinned, by, refusal in (
        (conversation, "c-joao", ANA, NotTheirs),
        (conversation, "c-nope", ANA, NotTheirs),
        (unlinked, HOME, SUE, NotLinked),
        (conversation, HOME, BETO, NotPermitted),
        (conversation, HOME, AUDITOR, NotPermitted),
        (conversation, HOME, ROBO, NotFound),
        (ConversationId("cv_nope"), HOME, ANA, NotFound),
    ):
        with office.nothing_changes(), pytest.raises(refusal):
            office.desk.handle(PinContract(id, ContractId(pinned)), by=by)
        assert isinstance(office.desk.can(PinContract(id, ContractId(pinned)), by=by).refusal, refusal)


def test_a_closed_conversation_is_still_about_a_contract() -> None:
    """Like its reason and its tags, this may still be set right; the pin outlasts queue and department."""
    office = shop()
    conversation = office.opened()
    put(office, contract(BARN))
    office.desk.handle(PinContract(conversation, BARN), by=ANA)
    office.desk.handle(ReturnToQueue(conversation), by=ANA)
    office.desk.handle(ChangeDepartment(conversation, SALES), by=SUE)
    office.desk.handle(Close(conversation, ReasonId("moved")), by=SUE)
    assert office.state(conversation).contract == BARN
    office.desk.handle(PinContract(conversation, HOME), by=SUE)
    assert office.state(conversation).contract == HOME


def test_without_a_contracts_side_nothing_is_pinned() -> None:
    """It is not offered here, says panel and command. Rule: S5."""
    office = shop()
    conversation = office.opened()
    office.contracts = None
    desk = office.another_desk()
    assert isinstance(desk.panel(conversation, by=ANA).actions[PinContract].refusal, NotOffered)
    with office.nothing_changes(), pytest.raises(NotOffered):
        desk.handle(PinContract(conversation, HOME), by=ANA)


@pytest.mark.parametrize(("raised", "code"), RAISED, ids=lambda value: type(value).__name__)
def test_where_it_cannot_tell_nothing_is_pinned(raised: BaseException, code: str) -> None:
    """As a port's failure, whatever was raised; with nothing changed. Rule: B2."""
    office = shop()
    conversation = office.opened()
    office.contracts.moods["contracts"] = raised
    with office.nothing_changes(), pytest.raises(ChatcoreError) as failed:
        office.desk.handle(PinContract(conversation, HOME), by=ANA)
    assert failed.value.code == code


# --- adapters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["find", "contracts", "open_order"])
def test_an_adapter_without_a_method_is_refused_at_once(method: str) -> None:
    """By both desks, when they are opened; the error says which method of which port."""
    for twin, desk, ports, storage, messaging in (
        (MemoryContracts, Desk, Ports, Shop().storage, Shop().messaging),
        (AsyncMemoryContracts, AsyncDesk, AsyncPorts, AsyncMemoryStorage(), AsyncMemoryMessaging()),
    ):
        side = type("Lacking", (twin,), {method: None})()
        given: Any = ports(storage=storage, messaging={WHATSAPP: messaging}, contracts=side)
        with pytest.raises(ContractViolation) as refused:
            desk(given, new_root=FixedRoots())
        assert (refused.value.port, refused.value.method) == ("contracts", method)


def test_an_async_adapter_is_refused_by_the_sync_desk() -> None:
    """At once, one method enough; the power to look up as well."""
    for side in (
        AsyncMemoryContracts(),
        type("Mixed", (MemoryContracts,), {"look_up": AsyncMemoryContracts.look_up})(),
    ):
        given: Any = Ports(storage=Shop().storage, contracts=side)  # type: ignore[arg-type]
        with pytest.raises(ContractViolation):
            Desk(given)
