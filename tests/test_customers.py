"""Who a customer is: looked up by an effect when a conversation opens or asked for by people."""

from __future__ import annotations

import asyncio
from typing import Any

import attrs
import pytest

from chatcore import AsyncDesk, AsyncPorts, Delivery
from chatcore.br import parse_phone, parse_tax_id
from chatcore.commands import (
    Close,
    Configure,
    LinkCustomer,
    SendMessage,
    StartConversation,
    Take,
)
from chatcore.entities import ContractsCapabilities, Customer, Effect
from chatcore.errors import (
    AgentInactive,
    ChatcoreError,
    InvalidValue,
    NotContracted,
    NotFound,
    NotOffered,
    NotPermitted,
    Temporary,
)
from chatcore.limits import CUSTOMERS
from chatcore.memory import AsyncMemoryContracts, AsyncMemoryMessaging, AsyncMemoryStorage
from chatcore.ports import CustomerQuery
from chatcore.search import ConversationQuery, EffectQuery
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    ContactId,
    CustomerId,
    CustomerKey,
    EffectKind,
    EffectState,
    Private,
    ReasonId,
)
from tests.fickle import (
    AUDITOR,
    JOAO,
    RAISED,
    ROBO,
    STAFFED,
    FickleContracts,
    contact_of,
    customer,
    known,
    shop,
)
from tests.office import ADMIN, ANA, MARIA, NOON, SUE, WA, WHATSAPP
from tests.shop import MARIA_ID, REPEATS, Shop


def look_ups(shop: Shop) -> list[Effect]:
    states = shop.contents.states.values()
    return [e for e in states if isinstance(e, Effect) and e.kind is EffectKind.FIND_CUSTOMER]


# --- by an effect, when a conversation opens -----------------------------------------------------------------


@pytest.mark.parametrize("opens", ["arriving", "starting"])
def test_a_number_is_looked_up_by_an_effect(opens: str) -> None:
    """Opening asks nothing of the outside; the look-up is done when effects are, and links. Rule: B2."""
    office = shop(delivery=Delivery.LATER)
    if opens == "arriving":
        conversation = office.waiting()
    else:
        command = StartConversation(WA, address=Private(MARIA), template=None)
        conversation = office.desk.handle(command, by=ANA).conversation
    assert office.contracts.asked == []
    assert contact_of(office, conversation).customer is None
    assert [effect.state for effect in look_ups(office)] == [EffectState.INTENDED]
    office.desk.run_due()
    assert office.contracts.asked == [("find", CustomerQuery(phone=parse_phone(MARIA)))]
    assert contact_of(office, conversation).customer == MARIA_ID
    assert [effect.state for effect in look_ups(office)] == [EffectState.SUCCEEDED]


def test_what_arrives_is_kept_before_anybody_is_asked() -> None:
    """Delivered at once, the look-up still comes after the commit: a failure is its own. Rule: B2."""
    office = shop()
    seen: list[int] = []

    def asked(_: object) -> tuple[Customer, ...]:
        seen.append(len(office.desk.conversations(ConversationQuery(), by=SYSTEM).rows))
        raise RuntimeError("no line")

    office.contracts.moods["find"] = asked
    outcome = office.arrive()
    assert seen == [1]
    assert outcome.conversation is not None
    assert office.state(outcome.conversation).unread == 1


@pytest.mark.parametrize("how_many", [0, 1, 2, CUSTOMERS, CUSTOMERS + 5])
def test_one_links_several_are_suggested(how_many: int) -> None:
    """Exactly one links by itself; several become suggestions, twenty at most; nobody changes nothing."""
    office = shop()
    customers = [customer(n) for n in range(how_many)]
    known(office, *customers)
    contact = contact_of(office, office.waiting(JOAO))
    assert contact.customer == (customers[0].id if how_many == 1 else None)
    assert contact.suggestions == (tuple(customers[:CUSTOMERS]) if how_many > 1 else ())
    assert [effect.state for effect in look_ups(office)] == [EffectState.SUCCEEDED]


def test_one_customer_told_twice_is_one() -> None:
    """Whom the contracts side names more than once is one customer all the same, and links. Rule: B2."""
    office = shop()
    office.contracts.moods["find"] = lambda _: (customer(1), customer(1))
    assert contact_of(office, office.waiting(JOAO)).customer == "cu-1"


@pytest.mark.parametrize(("raised", "_"), RAISED, ids=lambda value: type(value).__name__)
def test_a_failing_look_up_is_tried_again(raised: BaseException, _: str) -> None:
    """The conversation is unlinked meanwhile; when the side is back, the customer is found. Rule: B2."""
    office = shop()
    office.contracts.moods["find"] = raised
    conversation = office.waiting()
    assert contact_of(office, conversation).customer is None
    del office.contracts.moods["find"]
    office.desk.run_due()
    office.pass_time(minutes=15)
    office.desk.run_due()
    refused_for_good = type(raised).__name__ == "Permanent"
    assert contact_of(office, conversation).customer == (None if refused_for_good else MARIA_ID)
    state = EffectState.FAILED if refused_for_good else EffectState.SUCCEEDED
    assert [effect.state for effect in look_ups(office)] == [state]


@pytest.mark.parametrize("mood", [None, [], "Maria", (None,), ("Maria",), {"cu-maria": 1}, object()])
def test_a_look_up_that_brings_nonsense_links_nobody(mood: object) -> None:
    """However wrong the answer, nothing of it is taken in, and asking goes on, but not for ever. Rule: B2."""
    office = shop()
    office.contracts.moods["find"] = lambda _: mood
    conversation = office.waiting()
    for _ in range(40):
        office.pass_time(minutes=15)
        office.desk.run_due()
    contact = contact_of(office, conversation)
    assert (contact.customer, contact.suggestions) == (None, ())
    assert [effect.state for effect in look_ups(office)] == [EffectState.FAILED]
    assert 1 < office.contracts.times("find") <= 8


def test_whom_a_person_has_linked_stays() -> None:
    """Before the look-up: it is not asked any more. Rule: B2."""
    office = shop(delivery=Delivery.LATER)
    early = office.waiting()
    office.desk.handle(LinkCustomer(contact_of(office, early).id, CustomerId("cu-other")), by=ANA)
    office.desk.run_due()
    assert office.contracts.asked == []
    assert [(e.state, e.detail) for e in look_ups(office)] == [(EffectState.CANCELLED, "linked")]
    assert contact_of(office, early).customer == "cu-other"


@pytest.mark.parametrize("brought", [(customer(1),), (customer(1), customer(2))], ids=["one", "two"])
def test_who_is_linked_during_the_look_up_stays(brought: tuple[Customer, ...]) -> None:
    """What it brings too late is left, and it is done all the same. Rule: B2."""
    office = shop()

    def meanwhile(_: object) -> tuple[Customer, ...]:
        (row,) = office.desk.conversations(ConversationQuery(), by=ANA).rows
        office.desk.handle(LinkCustomer(row.contact, CustomerId("cu-hers")), by=ANA)
        return brought

    office.contracts.moods["find"] = meanwhile
    contact = contact_of(office, office.waiting(JOAO))
    assert (contact.customer, contact.suggestions) == ("cu-hers", ())
    assert [effect.state for effect in look_ups(office)] == [EffectState.SUCCEEDED]


def test_a_number_is_looked_up_once_an_opening() -> None:
    """Not with each message; with the next conversation again, until somebody is linked. Rule: B2, L4."""
    office = shop()
    first = office.taken(ANA, JOAO)
    office.arrive(JOAO)
    assert office.contracts.times("find") == 1
    office.desk.handle(Close(first, ReasonId("moved")), by=ANA)
    known(office, customer(1))
    second = office.waiting(JOAO)
    assert second != first
    assert office.contracts.times("find") == 2
    assert contact_of(office, second).customer == "cu-1"
    office.desk.handle(Take(second), by=ANA)
    office.desk.handle(Close(second, ReasonId("moved")), by=ANA)
    office.waiting(JOAO)
    assert office.contracts.times("find") == 2


def test_suggestions_are_of_the_last_look_up() -> None:
    """A later one says who it may be by then. Rule: B2."""
    office = shop()
    known(office, customer(1), customer(2))
    first = office.taken(ANA, JOAO)
    office.desk.handle(Close(first, ReasonId("moved")), by=ANA)
    office.contracts.moods["find"] = lambda _: ()
    assert contact_of(office, office.waiting(JOAO)).suggestions == ()


def test_who_has_no_number_is_not_asked_for() -> None:
    """A channel's own user id is no number: nothing is asked, and nobody is linked. Rule: M11."""
    office = shop()
    conversation = office.waiting("BR.13491208655302741918")
    assert office.contracts.asked == []
    assert contact_of(office, conversation).customer is None
    assert [effect.state for effect in look_ups(office)] == [EffectState.SUCCEEDED]


def test_where_nobody_is_found_by_number_nobody_is_looked_up() -> None:
    """Without a contracts side, or with one that finds by other things, no effect is born. Rule: B2."""
    names_only = shop(ContractsCapabilities(finds_by=(CustomerKey.NAME, CustomerKey.DOCUMENT)))
    bare = shop()
    bare.contracts = None
    bare.desk = bare.another_desk()
    for office in (names_only, bare):
        contact = contact_of(office, office.waiting(JOAO))
        assert look_ups(office) == []
        assert contact.customer is None


@pytest.mark.parametrize("mood", [RuntimeError("no"), lambda _: None, lambda _: "everything"])
def test_a_side_that_cannot_say_what_it_offers_holds_up_no_message(mood: Any) -> None:
    """What customers say is kept, whatever is wrong with the contracts side. Rule: B2, S23, M14."""
    office = shop()
    office.contracts.moods["capabilities"] = mood
    conversation = office.arrive(JOAO).conversation
    assert conversation is not None
    assert office.state(conversation).unread == 1


def test_recording_goes_on_where_chat_is_not_contracted() -> None:
    """Nothing is lost: the customer is known when it is contracted again. Rule: S23."""
    office = shop(workspace=attrs.evolve(STAFFED, modules=()))
    conversation = office.arrive().conversation
    assert conversation is not None
    assert contact_of(office, conversation).customer == MARIA_ID


def test_suggestions_are_shown_until_somebody_is_linked() -> None:
    """With name and document, to tell them apart; masked for an auditor; gone with the link. Rule: B2, P."""
    office = shop()
    known(office, customer(1), customer(2, "José"))
    conversation = office.waiting(JOAO)
    id = contact_of(office, conversation).id
    assert office.desk.contact(id, by=ANA).suggestions == (customer(1), customer(2, "José"))
    assert office.desk.panel(conversation, by=ANA).contact.suggestions == (customer(1), customer(2, "José"))
    for masked in (office.desk.contact(id, by=AUDITOR), office.desk.panel(conversation, by=AUDITOR).contact):
        shown = [(each.id, each.name.reveal(), each.document) for each in masked.suggestions]
        assert shown == [("***", "***", Private("***"))] * 2
    events = office.desk.feed(by=AUDITOR).events
    assert "cu-1" not in repr(attrs.asdict(office.desk.feed(by=AUDITOR)))
    assert events
    office.desk.handle(LinkCustomer(id, CustomerId("cu-2")), by=ANA)
    contact = office.desk.contact(id, by=ANA)
    assert (contact.customer, contact.suggestions) == ("cu-2", ())


def test_the_effect_is_seen_by_who_sees_everything() -> None:
    """A look-up is an effect as others are: asked for by the system, in the conversation. Rule: B2, L12."""
    office = shop(delivery=Delivery.LATER)
    conversation = office.waiting()
    (effect,) = office.desk.effects(EffectQuery(conversation=conversation), by=SUE).rows
    assert (effect.kind, effect.requested_by, effect.lane) == (EffectKind.FIND_CUSTOMER, SYSTEM, None)


# --- asked for by people -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        CustomerQuery(name=Private("mária")),
        CustomerQuery(phone=parse_phone("(11) 8765-4321")),
        CustomerQuery(document=parse_tax_id("529.982.247-25")),
    ],
    ids=["name", "phone", "document"],
)
def test_people_find_customers_to_link(query: CustomerQuery) -> None:
    """By name, phone or document, whoever may link: agents, supervisors, admins. Rule: S18, B2."""
    office = shop()
    maria = Customer(id=MARIA_ID, name=Private("Maria Souza"))
    office.contracts.add(maria, phones=[MARIA], document=parse_tax_id("52998224725"))
    for by in (ANA, SUE, ADMIN):
        assert office.desk.customers(query, by=by) == (maria,)


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (AUDITOR, NotPermitted),
        (Actor.agent("wanda"), NotPermitted),
        (ROBO, NotPermitted),
        (SYSTEM, NotPermitted),
        (Actor.agent("nobody"), NotFound),
        (Actor.agent("gone"), AgentInactive),
    ],
)
def test_who_may_not_link_finds_nobody(by: Actor, refusal: type[ChatcoreError]) -> None:
    """The outside is not asked for who may not know. Rule: P."""
    office = shop()
    with pytest.raises(refusal):
        office.desk.customers(CustomerQuery(name=Private("maria")), by=by)
    assert office.contracts.asked == []


def test_who_has_no_contract_for_chat_finds_nobody() -> None:
    """It is one of the reads of the module. Rule: S23."""
    office = shop(workspace=attrs.evolve(STAFFED, modules=()))
    with pytest.raises(NotContracted):
        office.desk.customers(CustomerQuery(name=Private("maria")), by=ANA)
    assert office.contracts.asked == []


@pytest.mark.parametrize("limit", [0, -1, CUSTOMERS + 1, 10**30, True, 1.0, "5", None])
def test_a_bad_limit_is_refused(limit: Any) -> None:
    """One to twenty customers are asked for, as a whole number."""
    office = shop()
    with pytest.raises(InvalidValue):
        office.desk.customers(CustomerQuery(name=Private("maria")), by=ANA, limit=limit)
    assert office.contracts.asked == []


@pytest.mark.parametrize("query", [None, "maria", 5, {"name": "maria"}, ConversationQuery(), object()])
def test_another_query_is_refused(query: Any) -> None:
    """Only a query for customers asks for customers."""
    office = shop()
    with pytest.raises(InvalidValue):
        office.desk.customers(query, by=ANA)
    assert office.contracts.asked == []


def test_no_more_come_than_asked_for() -> None:
    """Each once, whatever the adapter answers. Rule: B2."""
    office = shop()
    office.contracts.moods["find"] = lambda _: (customer(1), *map(customer, range(30)))
    query = CustomerQuery(name=Private("joão"))
    assert [each.id for each in office.desk.customers(query, by=ANA, limit=3)] == ["cu-1", "cu-0", "cu-2"]
    assert len(office.desk.customers(query, by=ANA)) == CUSTOMERS


def test_what_is_not_found_by_is_told() -> None:
    """By which key; without a contracts side by none. Rule: B2."""
    office = shop(ContractsCapabilities(orders=REPEATS, finds_by=(CustomerKey.PHONE,)))
    with pytest.raises(NotOffered) as refused:
        office.desk.customers(CustomerQuery(name=Private("maria")), by=ANA)
    assert refused.value.what == "find_by:name"
    office.contracts = None
    with pytest.raises(NotOffered):
        office.another_desk().customers(CustomerQuery(phone=parse_phone(MARIA)), by=ANA)


@pytest.mark.parametrize(("raised", "code"), RAISED, ids=lambda value: type(value).__name__)
def test_a_side_that_fails_says_so(raised: BaseException, code: str) -> None:
    """As a port's failure, and as nothing else: never as a refusal by the core's own rules."""
    office = shop()
    office.contracts.moods["find"] = raised
    with pytest.raises(ChatcoreError) as failed:
        office.desk.customers(CustomerQuery(name=Private("maria")), by=ANA)
    assert failed.value.code == code


@pytest.mark.parametrize("answer", [None, [customer(1)], "Maria", (customer(1), None), object()])
def test_a_wrong_answer_is_a_broken_contract(answer: object) -> None:
    """Nothing of it is shown."""
    office = shop()
    office.contracts.moods["find"] = lambda _: answer
    with pytest.raises(ChatcoreError) as failed:
        office.desk.customers(CustomerQuery(name=Private("maria")), by=ANA)
    assert failed.value.code == "contract_violation"


def test_the_async_desk_does_the_same() -> None:
    """It looks up, links and finds as the other does; and asks as often. Rule: B2."""
    side = FickleContracts()
    side.add(Customer(id=MARIA_ID, name=Private("Maria Souza")), phones=[MARIA])
    ports = AsyncPorts(
        storage=AsyncMemoryStorage(),
        messaging={WHATSAPP: AsyncMemoryMessaging()},
        contracts=AsyncMemoryContracts(side),
    )
    desk = AsyncDesk(ports, clock=lambda: NOON)
    office = shop()

    async def day() -> tuple[ContactId | None, CustomerId | None, tuple[Customer, ...]]:
        await desk.handle(Configure(STAFFED), by=SYSTEM)
        outcome = await desk.handle(office.arrival(), by=SYSTEM)
        assert outcome.contact is not None
        contact = await desk.contact(outcome.contact, by=ANA)
        found = await desk.customers(CustomerQuery(name=Private("souza")), by=ANA)
        return contact.id, contact.customer, found

    _, linked, found = asyncio.run(day())
    assert (linked, [each.id for each in found]) == (MARIA_ID, [MARIA_ID])
    assert [name for name, _ in side.asked] == ["find", "find"]


def test_a_slow_look_up_holds_up_nobody_else() -> None:
    """What waits for the contracts side stands in no lane, so that messages go on. Rule: M20, B2."""
    office = shop()
    office.contracts.moods["find"] = Temporary()
    conversation = office.taken(ANA, JOAO)
    office.desk.handle(SendMessage(conversation, Private("Um momento")), by=ANA)
    assert office.sent == ["Um momento"]
    assert [effect.state for effect in look_ups(office)] == [EffectState.INTENDED]
