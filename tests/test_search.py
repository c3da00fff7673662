"""Searching at a desk: what is found and where, how people type it, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chatcore import SYSTEM, AsyncDesk, AsyncPorts, Delivery
from chatcore.br import parse_tax_id
from chatcore.commands import BlockContact, EditContact, ReceiveMessage, RecordEdit, RecordRevocation, Take
from chatcore.entities import ContractsCapabilities, Customer
from chatcore.errors import ChatcoreError, InvalidValue, NotFound, NotOffered, PortFailure, Temporary
from chatcore.limits import OCCURRENCES, PAGE_ROWS, QUERY_TEXT
from chatcore.memory import MemoryContracts
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    Documented,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    NotASearch,
    Nothing,
    Numbered,
    Occurrence,
    Reached,
    Says,
    Trait,
)
from chatcore.vocabulary import ConversationId, CustomerId, CustomerKey, MessageId, Private, message_id
from tests.office import ANA, MARIA, NOON, SUE, WA, WHATSAPP, Office
from tests.shop import MARIA_ID, REPEATS, Shop
from tests.test_async_desk import AsyncMemoryStorage

JOAO = "5521912345678"
CPF = "529.982.247-25"


def said(office: Office, *texts: str, address: str = MARIA, name: str = "Maria Conceição") -> ConversationId:
    """Messages that one customer sends; the conversation they are in."""
    found = None
    for text in texts:
        office.pass_time(seconds=1)
        command = ReceiveMessage(
            channel=WA,
            address=address,
            provider_id=f"wamid.{next(office.arrivals)}",
            sent_at=office.now,
            text=text,
            name=name,
        )
        found = office.desk.handle(command, by=SYSTEM).conversation
    assert found is not None
    return found


@pytest.fixture
def office() -> Office:
    """Two customers who ask for things; maria's messages are wamid.1 to wamid.4."""
    office = Office()
    said(office, "Não recebi o BOLETO", "Oi?", "boleto, boleto: 2ª via do boleto!", "Obrigada 😀")
    said(office, "O boleto de março, por favor", address=JOAO, name="João Ramón")
    return office


def home(office: Office, address: str = MARIA) -> ConversationId:
    [row] = office.desk.conversations(ConversationQuery(where=Numbered(address)), by=SUE).rows
    return row.id


def found(office: Office, query: Any, **options: Any) -> list[str]:
    """The texts of the messages found."""
    return [hit.message.shown.reveal() for hit in office.desk.search(query, by=ANA, **options).rows]


# --- search --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            "boleto",
            ["O boleto de março, por favor", "boleto, boleto: 2ª via do boleto!", "Não recebi o BOLETO"],
        ),
        ("nao bol", ["Não recebi o BOLETO"]),
        ('"bol"', []),
        ('"via do boleto"', ["boleto, boleto: 2ª via do boleto!"]),
        ("boleto -via -recebi", ["O boleto de março, por favor"]),
        ("oi OU obrigada", ["Obrigada 😀", "Oi?"]),
        ("😀", ["Obrigada 😀"]),
        ("boleto nome:joao", ["O boleto de março, por favor"]),
        ("boleto número:21912345678", ["O boleto de março, por favor"]),
        ("boleto setor:Vendas", []),
        ("oi setor:Suporte status:fila lado:cliente", ["Oi?"]),
    ],
)
def test_a_typed_search_finds_messages_newest_first(office: Office, typed: str, expected: list[str]) -> None:
    """Words without case or accents, phrases, what must not be said, and what things are. Rule: S6."""
    assert found(office, typed) == expected


def test_hits_say_where_in_the_written_text_the_words_stand(office: Office) -> None:
    """Every place is highlighted, in order, in the text as it was written. Rule: S6."""
    hits = office.desk.search("boleto", by=ANA).rows
    shown = [[hit.message.shown.reveal()[a:b] for a, b in hit.spans] for hit in hits]
    assert shown == [["boleto"], ["boleto"] * 3, ["BOLETO"]]
    plain = office.desk.search(MessageQuery(where=Has(Trait.DIRECTION, "inbound")), by=ANA).rows
    assert [hit.spans for hit in plain] == [()] * 5


def test_a_query_searches_one_conversation_in_its_order(office: Office) -> None:
    """Inside a conversation messages come in their order, or the other way round. Rule: S6, M4."""
    cv = home(office)
    query = MessageQuery(conversation=cv, where=Says("boleto"))
    assert [hit.message.seq for hit in office.desk.search(query, by=ANA).rows] == [1, 3]
    query = MessageQuery(conversation=cv, where=Says("boleto"), newest_first=True)
    assert [hit.message.seq for hit in office.desk.search(query, by=ANA).rows] == [3, 1]


def test_what_was_changed_or_taken_back_is_searched_as_it_is_shown(office: Office) -> None:
    """An edit is found by what it says now; what was taken back by nothing it said. Rule: S6, M18."""
    assert len(found(office, "boleto")) == 3
    office.pass_time(seconds=30)
    about: dict[str, Any] = {"channel": WA, "address": MARIA, "sent_at": office.now}
    office.desk.handle(RecordEdit(**about, provider_id="e", target="wamid.1", text="A fatura"), by=SYSTEM)
    office.desk.handle(RecordRevocation(**about, provider_id="r", target="wamid.3"), by=SYSTEM)
    assert found(office, "boleto") == ["O boleto de março, por favor"]
    assert found(office, "fatura") == ["A fatura"]
    assert len(office.desk.occurrences(home(office), "boleto", by=ANA)) == 0


def test_pages_of_a_search_go_on_where_they_stopped(office: Office) -> None:
    """Each message found comes on one page, whatever arrives meanwhile. Rule: S6."""
    first = office.desk.search("boleto", by=ANA, limit=1)
    said(office, "mais um boleto")
    second = office.desk.search("boleto", by=ANA, limit=5, cursor=first.next)
    texts = [hit.message.shown.reveal() for hit in (*first.rows, *second.rows)]
    assert texts == [
        "O boleto de março, por favor",
        "boleto, boleto: 2ª via do boleto!",
        "Não recebi o BOLETO",
    ]
    assert second.next is None


# --- inside a conversation -----------------------------------------------------------------------------------


def test_every_place_in_a_conversation_is_told_in_order(office: Office) -> None:
    """How many, which is next, which came before; places in one text each count. Rule: S6."""
    cv = home(office)
    places = office.desk.occurrences(cv, "boleto", by=ANA)
    assert [(place.seq, place.span) for place in places] == [
        (1, (13, 19)),
        (3, (0, 6)),
        (3, (8, 14)),
        (3, (26, 32)),
    ]
    assert (len(places), places.cut) == (4, False)
    first, *_, last = places
    assert first == Occurrence(message_id(cv, 1), 1, (13, 19))
    assert (places.next(0), places.next(1), places.next(3)) == (first, places.places[1], None)
    assert (places.previous(1), places.previous(3), places.previous(9)) == (None, first, last)
    assert office.desk.occurrences(cv, Says("boleto"), by=ANA) == places
    assert len(office.desk.occurrences(cv, "nunca", by=ANA)) == 0


def test_places_are_told_up_to_a_bound() -> None:
    """A conversation that says a word more often than anybody reads is told as far as the bound. Rule: S6."""
    office = Office()
    text, texts = "a " * 2_000, OCCURRENCES // 2_000
    cv = said(office, *[text] * texts)
    places = office.desk.occurrences(cv, '"a"', by=ANA)
    assert (len(places), places.cut) == (OCCURRENCES, False)
    said(office, "e mais a")
    places = office.desk.occurrences(cv, '"a"', by=ANA)
    assert (len(places), places.cut) == (OCCURRENCES, True)


def test_a_message_is_shown_with_those_around_it(office: Office) -> None:
    """As many before and after as there are, in order. Rule: S6."""
    cv = home(office)

    def around(seq: int, **sizes: int) -> list[int]:
        return [row.seq for row in office.desk.around(message_id(cv, seq), by=ANA, **sizes)]

    assert around(2) == [1, 2, 3, 4]
    assert around(3, before=1, after=0) == [2, 3]
    assert around(1, before=5, after=1) == [1, 2]
    assert around(4, before=0, after=0) == [4]
    assert around(2, before=PAGE_ROWS - 1, after=PAGE_ROWS - 1) == [1, 2, 3, 4]


@pytest.mark.parametrize("id", ["cv_no.1", "{cv}.99", "{cv}", "{cv}.", "{cv}.1.2", "ct_1", ".1"])
def test_what_is_around_no_message_is_not_found(office: Office, id: str) -> None:
    """An id of no message has nothing around it. Rule: S6."""
    with pytest.raises(NotFound):
        office.desk.around(MessageId(id.format(cv=home(office))), by=ANA)


# --- views and contacts --------------------------------------------------------------------------------------


def test_views_and_counts_are_filtered_by_a_condition(office: Office) -> None:
    """A view by half a name and by who has it, both at once; the counts say the same. Rule: S1, S2."""
    cv = home(office)
    office.desk.handle(Take(cv), by=ANA)

    def view(**asked: Any) -> list[ConversationId]:
        return [row.id for row in office.desk.view(ConversationQuery(**asked), by=ANA).rows]

    assert view(where=Named("conceic")) == [cv]
    assert view(where=Named("conceic"), assignee="ana") == [cv]
    assert view(where=Named("joao"), assignee="ana") == []
    assert view(where=~Has(Trait.AGENT, "ana")) == [home(office, JOAO)]
    counts = office.desk.counts(ConversationQuery(where=Named("maria")), by=ANA)
    assert (counts.open, counts.queue, counts.closed, counts.bot) == (1, 0, 0, 0)


def test_contacts_are_found_by_name_and_follow_it(office: Office) -> None:
    """Half a last word will do; a name that was changed is found by the new one only. Rule: S2, S20."""
    joao = office.state(home(office, JOAO)).contact

    def called(text: str, **asked: Any) -> list[str]:
        query = ContactQuery(where=Named(text), **asked)
        return [row.id for row in office.desk.contacts(query, by=SUE).rows]

    assert called("joão ram") == called("RAMON") == [joao]
    assert called("ramon joao") == called("mon") == []
    office.desk.handle(EditContact(joao, name=Private("Zoé")), by=SUE)
    assert (called("ramon"), called("zoe")) == ([], [joao])
    office.desk.handle(BlockContact(joao), by=SUE)
    assert (called("zoe", blocked=True), called("zoe", blocked=False)) == ([joao], [])


@pytest.mark.parametrize("written", [MARIA, "551187654321"])
@pytest.mark.parametrize(
    "number", ["5511987654321", "+55 (11) 98765-4321", "11 98765-4321", "551187654321", "(11) 8765-4321"]
)
def test_a_number_is_found_in_any_spelling(written: str, number: str) -> None:
    """With or without the country, with or without the ninth digit, on either side. Rule: M11."""
    office = Office()
    said(office, "Oi", address=JOAO)
    said(office, "O boleto de março, por favor", address=written, name="Maria")
    for where in (Numbered(number), Says("boleto") & Numbered(number), Numbered(number) | Nothing()):
        assert found(office, MessageQuery(where=where)) == ["O boleto de março, por favor"]
    assert found(office, MessageQuery(where=~Numbered(number))) == ["Oi"]
    [row] = office.desk.contacts(ContactQuery(where=Numbered(number)), by=SUE).rows
    assert row.name == Private("Maria")


def test_a_number_that_nobody_has_finds_nothing(office: Office) -> None:
    """A number nobody wrote from is nobody's; what is not so of it is so of all. Rule: M11."""
    assert found(office, MessageQuery(where=Numbered("5541999998888"))) == []
    assert len(found(office, MessageQuery(where=~Numbered("5541999998888")))) == 5


# --- documents -----------------------------------------------------------------------------------------------


class Register(MemoryContracts):
    """Contracts in memory that say what a test wants of a document."""

    def __init__(self, answer: Callable[[], tuple[Customer, ...]], finds_by: tuple[CustomerKey, ...]) -> None:
        super().__init__(ContractsCapabilities(orders=REPEATS, finds_by=finds_by), clock=lambda: NOON)
        self.answer = answer

    def find(self, query: Any, /, *, limit: int, deadline: Any) -> tuple[Customer, ...]:
        if query.document is not None:
            return self.answer()
        return super().find(query, limit=limit, deadline=deadline)


def shop_with(
    answer: Callable[[], tuple[Customer, ...]], finds_by: tuple[CustomerKey, ...] = tuple(CustomerKey)
) -> Shop:
    """A shop where maria wrote about a boleto and is linked."""
    shop = Shop(contracts=Register(answer, finds_by))
    shop.opened()
    said(shop, "o boleto")
    return shop


def customers(*ids: str) -> tuple[Customer, ...]:
    return tuple(Customer(id=CustomerId(id), name=Private("Alguém")) for id in ids)


@pytest.mark.parametrize(
    ("ids", "finds"), [((), False), ((MARIA_ID,), True), (("cu-1", MARIA_ID), True), (("cu-1",), False)]
)
def test_a_document_finds_who_is_linked_to_a_customer_with_it(ids: tuple[str, ...], finds: bool) -> None:
    """The contracts side says whose a document is: nobody's, one's or several people's. Rule: R5, B2, S6."""
    shop = shop_with(lambda: customers(*ids))
    texts = ["o boleto"] if finds else []
    assert found(shop, f"boleto cpf:{CPF}") == texts
    assert found(shop, MessageQuery(where=Documented(CPF) & Says("boleto"))) == texts
    rows = shop.desk.contacts(ContactQuery(where=Documented(parse_tax_id(CPF))), by=SUE).rows
    assert len(rows) == finds
    assert shop.desk.counts(ConversationQuery(where=Documented(CPF)), by=ANA).open == finds
    assert len(shop.desk.view(ConversationQuery(where=~Documented(CPF)), by=ANA).rows) == (not finds)


def test_a_document_that_cannot_be_looked_up_is_no_empty_answer() -> None:
    """Where contracts fail, or find nobody by document, or there are none, an error says so. Rule: R5, S6."""

    def fail() -> tuple[Customer, ...]:
        raise Temporary(timedelta(seconds=1))

    cases: list[tuple[Office, type[ChatcoreError]]] = [
        (shop_with(fail), PortFailure),
        (shop_with(tuple, (CustomerKey.PHONE,)), NotOffered),
        (Office(), NotOffered),
    ]
    for office, error in cases:
        for query in (f"cpf:{CPF}", MessageQuery(where=~Documented(CPF))):
            with pytest.raises(error):
                office.desk.search(query, by=ANA)


# --- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "...", "*%_", "()", "x" * (QUERY_TEXT + 1), "(a", "a)", 'a "b', "a OU", "xyz:1", "-", "NÃO"],
)
def test_a_search_that_says_nothing_is_refused(office: Office, typed: str) -> None:
    """Empty, enormous, only marks, or broken: refused by one error that says what is wrong. Rule: S6."""
    for ask in (
        lambda: office.desk.search(typed, by=ANA),
        lambda: office.desk.occurrences(home(office), typed, by=ANA),
    ):
        with office.nothing_changes(), pytest.raises(NotASearch) as caught:
            ask()
        assert caught.value.problems


WRONG: list[Callable[[Office], object]] = [
    *(
        lambda office, n=n: office.desk.search("oi", by=ANA, limit=n)
        for n in (0, -1, 201, 10**30, True, "5", None)
    ),
    *(lambda office, q=q: office.desk.search(q, by=ANA) for q in (None, 5, b"oi", Says("oi"), ContactQuery())),
    *(
        lambda office, w=w: office.desk.occurrences(home(office), w, by=ANA)
        for w in (5, b"oi", MessageQuery(), object())
    ),
    *(
        lambda office, n=n: office.desk.around(message_id(home(office), 1), by=ANA, before=n)
        for n in (-1, PAGE_ROWS, 10**30, True, None, "1")
    ),
    *(
        lambda office, n=n: office.desk.around(message_id(home(office), 1), by=ANA, after=n)
        for n in (-1, PAGE_ROWS, 1.0)
    ),
    *(lambda office, id=id: office.desk.around(id, by=ANA) for id in (None, 5, "", b"cv.1", "x" * 10**5)),
    lambda office: MessageQuery(where="boleto"),  # type: ignore[arg-type]
    lambda office: ConversationQuery(where=Says("boleto")),
    lambda office: ContactQuery(where=Has(Trait.TAG, "vip")),
    lambda office: office.storage.messages(MessageQuery(where=Numbered(MARIA)), limit=5, cursor=None),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_of_another_type_or_size_is_refused(office: Office, wrong: Callable[[Office], object]) -> None:
    """A limit out of bounds, another type, a condition that cannot be asked there: all the same error."""
    with office.nothing_changes(), pytest.raises(InvalidValue):
        wrong(office)


def test_places_of_nothing_are_not_asked_for(office: Office) -> None:
    """Places are of words: a condition must be given. Rule: S6."""
    with pytest.raises(InvalidValue):
        office.desk.occurrences(home(office), None, by=ANA)  # type: ignore[arg-type]


def forged(cursor: str, *parts: object) -> str:
    """A cursor with its mark, and another place."""
    mark = json.loads(base64.urlsafe_b64decode(cursor))[0]
    text = json.dumps([mark, *parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def test_a_cursor_of_another_search_or_of_nobody_is_refused(office: Office) -> None:
    """Forged, foreign or no cursor at all: refused; nothing is answered from a wrong place."""
    cursor = office.desk.search("boleto", by=ANA, limit=1).next
    assert cursor is not None
    bad: list[Any] = [
        "",
        "x",
        "é",
        cursor[:-1],
        cursor + "=",
        cursor + "A",
        5,
        b"x",
        "\ud800",
        "W10=",
        "bnVsbA==",
    ]
    bad += [forged(cursor), forged(cursor, 1), forged(cursor, "1", "a"), forged(cursor, 1.5, "a")]
    bad += [
        forged(cursor, True, "a"),
        forged(cursor, 1, None),
        forged(cursor, [1], "a"),
        forged(cursor, 1, "a", 2),
    ]
    for each in bad:
        with pytest.raises(InvalidValue):
            office.desk.search("boleto", by=ANA, cursor=each)
    for other in ("boletos", '"boleto"', "oi", MessageQuery(), MessageQuery(where=~Says("boleto"))):
        with pytest.raises(InvalidValue) as caught:
            office.desk.search(other, by=ANA, cursor=cursor)
        assert caught.value.problems[0].code == "foreign_cursor"


@pytest.mark.parametrize("order", [0, -1, 1, 10**18, -(10**18), 10**40, -(10**40)])
@pytest.mark.parametrize("where", [None, Says("boleto")])
@pytest.mark.parametrize("inside", [False, True])
def test_a_cursor_of_a_place_where_nothing_is_breaks_nothing(
    office: Office, order: int, where: Any, inside: bool
) -> None:
    """A cursor made up for the right query goes on after that place, or is refused; that is all."""
    query = MessageQuery(conversation=home(office) if inside else None, where=where)
    cursor = office.desk.search(query, by=ANA, limit=1).next
    assert cursor is not None
    everything = {hit.message.id for hit in office.desk.search(query, by=ANA).rows}
    try:
        page = office.desk.search(query, by=ANA, cursor=forged(cursor, order, "zzz"))
    except InvalidValue:
        return
    assert {hit.message.id for hit in page.rows} <= everything


def test_a_cursor_of_what_is_no_longer_there_goes_on(office: Office) -> None:
    """A message that a page ended with may be taken back: the next page goes on from there. Rule: M18."""
    first = office.desk.search("boleto", by=ANA, limit=2)
    office.pass_time(seconds=30)
    about: dict[str, Any] = {"channel": WA, "address": MARIA, "sent_at": office.now}
    office.desk.handle(RecordRevocation(**about, provider_id="r", target="wamid.3"), by=SYSTEM)
    assert found(office, "boleto", cursor=first.next) == ["Não recebi o BOLETO"]


# --- both desks ----------------------------------------------------------------------------------------------


def test_the_async_desk_finds_the_same(office: Office) -> None:
    """Search, places, what is around, views and refusals are the same under the async desk. Rule: S2, S6."""
    desk = office.desk
    ports = AsyncPorts(storage=AsyncMemoryStorage(office.storage), messaging={WHATSAPP: office.messaging})  # type: ignore[arg-type,dict-item]
    twin = AsyncDesk(ports, clock=lambda: office.now, new_root=office.new_root, delivery=Delivery.LATER)
    cv = home(office)
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("search", ("boleto",), {"limit": 2}),
        ("search", (MessageQuery(where=Numbered(JOAO)),), {}),
        ("search", (MessageQuery(where=Nothing() | Is(Mark.WAITING)),), {}),
        ("search", ("((",), {}),
        ("search", (f"cpf:{CPF}",), {}),
        ("occurrences", (cv, "boleto"), {}),
        ("occurrences", (cv, Reached(("no",))), {}),
        ("around", (message_id(cv, 2),), {"before": 1, "after": 1}),
        ("around", (MessageId("cv_no.1"),), {}),
        ("view", (ConversationQuery(where=Named("joao")),), {}),
        ("counts", (ConversationQuery(where=Named("joao")),), {}),
        ("contacts", (ContactQuery(where=Named("joao")),), {}),
    ]

    def sync(method: str, args: Any, options: Any) -> object:
        try:
            return getattr(desk, method)(*args, by=ANA, **options)
        except ChatcoreError as error:
            return type(error), error.document()

    async def awaited(method: str, args: Any, options: Any) -> object:
        try:
            return await getattr(twin, method)(*args, by=ANA, **options)
        except ChatcoreError as error:
            return type(error), error.document()

    async def all_of_them() -> list[object]:
        return [await awaited(*call) for call in calls]

    assert asyncio.run(all_of_them()) == [sync(*call) for call in calls]
