"""Contracts in memory: customers are found as people ask for them, contracts stand as told, orders count."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.br import parse_phone, parse_tax_id
from chatcore.entities import ContractsCapabilities, Customer
from chatcore.errors import InvalidValue, Permanent
from chatcore.memory import AsyncMemoryContracts, MemoryContracts
from chatcore.ports import AsyncContracts, Contracts, CustomerQuery, ServiceOrderRequest, SupportsLookUp
from chatcore.text import fold
from chatcore.vocabulary import Actor, ContractId, ContractStatus, CustomerId, EffectId, Priority, Private
from tests.office import NOON
from tests.shop import contract

SOON = NOON + timedelta(seconds=2)
CPF, CNPJ = parse_tax_id("529.982.247-25"), parse_tax_id("12.ABC.345/01DE-35")


def customer(id: str, name: str = "Maria Souza") -> Customer:
    return Customer(id=CustomerId(id), name=Private(name))


MARIA, JOAO, ACME = customer("m"), customer("j", "João d'Ávila Côrtes"), customer("a", "ACME Telecom S/A")


@pytest.fixture
def side() -> MemoryContracts:
    side = MemoryContracts()
    side.add(MARIA, phones=["(11) 98765-4321"], document=CPF)
    side.add(JOAO, phones=["5511987654321", "+55 11 3333-4444"])
    side.add(ACME, phones=["+1 212 555 0100"], document=CNPJ)
    return side


def find(side: MemoryContracts, limit: int = 20, **query: object) -> list[str]:
    return [each.id for each in side.find(CustomerQuery(**query), limit=limit, deadline=SOON)]  # type: ignore[arg-type]


def order(key: str = "ef_1.1") -> ServiceOrderRequest:
    return ServiceOrderRequest(
        key=EffectId(key),
        customer=MARIA.id,
        contract=None,
        type="visit",
        subject=Private("Sem sinal"),
        description=Private("Visitar"),
        priority=Priority.NORMAL,
        protocol="1",
        requested_by=Actor.agent("ana"),
        deadline=SOON,
    )


def test_it_is_an_adapter() -> None:
    """It has all that the port asks for, and can look orders up; so has its async twin."""
    port: Contracts = MemoryContracts()
    looks: SupportsLookUp = MemoryContracts()
    twin: AsyncContracts = AsyncMemoryContracts()
    assert port.capabilities == twin.capabilities
    assert looks.look_up(EffectId("ef_1.1")) is None


@pytest.mark.parametrize(
    "spelling",
    [
        "11987654321",
        "+55 (11) 98765-4321",
        "5511987654321",
        "551187654321",
        "11 8765-4321",
        "011 98765 4321",
    ],
)
def test_a_number_is_found_in_any_spelling(side: MemoryContracts, spelling: str) -> None:
    """With or without the country, the ninth digit or what stands between: all who have it. Rule: B2, M11."""
    assert find(side, phone=parse_phone(spelling)) == ["m", "j"]


def test_a_number_is_found_whole_or_not_at_all(side: MemoryContracts) -> None:
    """A second number counts as the first does, and one that is only alike does not."""
    assert find(side, phone=parse_phone("1133334444")) == ["j"]
    assert find(side, phone=parse_phone("+1 (212) 555-0100")) == ["a"]
    assert find(side, phone=parse_phone("11987654322")) == []
    assert find(side, phone=parse_phone("21987654321")) == []


@pytest.mark.parametrize(
    ("spelling", "found"),
    [
        ("52998224725", ["m"]),
        ("529.982.247-25", ["m"]),
        ("12.abc.345/01de-35", ["a"]),
        ("111.444.777-35", []),
    ],
)
def test_a_document_is_found_in_any_spelling(side: MemoryContracts, spelling: str, found: list[str]) -> None:
    """By the document itself, however it is written; who has none told is not found so. Rule: B2, R5."""
    assert find(side, document=parse_tax_id(spelling)) == found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("joao", ["j"]),
        ("JOÃO", ["j"]),
        ("Jo\u0061\u0303o cortes", ["j"]),
        ("cortes jo", ["j"]),
        ("d'avila", ["j"]),
        ("sou mar", ["m"]),
        ("aria", []),
        ("joao souza", []),
        ("acme s/a", ["a"]),
        ("\uff41\uff43\uff4d\uff45", ["a"]),
    ],
)
def test_a_name_is_found_by_how_its_words_begin(side: MemoryContracts, name: str, found: list[str]) -> None:
    """In any order, without accents, case or width; every word must begin one of theirs. Rule: B2."""
    assert find(side, name=name) == found


@example("\u0301")
@given(st.text(alphabet="m\u0301\u0327 \u200d-", min_size=1, max_size=4))
def test_a_name_with_no_letter_left_finds_nobody(name: str) -> None:
    """Words that fold away say nothing of whom is meant: that is nobody, and never everybody. Rule: B2."""
    try:
        query = CustomerQuery(name=Private(name))
    except InvalidValue:
        return
    side = MemoryContracts()
    side.add(MARIA)
    found = side.find(query, limit=20, deadline=SOON)
    assert not found or fold(name).strip()


def test_no_more_are_found_than_asked_for(side: MemoryContracts) -> None:
    """The first so many, in the order they were told; who is told again is there once."""
    for n in range(30):
        side.add(customer(f"s{n}", f"Silva {n}"))
    side.add(customer("s1", "Silva Primeira"))
    assert find(side, limit=3, name="silva") == ["s0", "s1", "s2"]
    assert len(find(side, limit=20, name="silva")) == 20
    assert find(side, name="primeira") == ["s1"]


def test_contracts_stand_as_they_were_told_last(side: MemoryContracts) -> None:
    """Of each customer asked for, all of them, cancelled ones too; and of nobody else. Rule: S9."""
    side.put(contract("c1", MARIA.id))
    side.put(contract("c2", MARIA.id, status=ContractStatus.CANCELLED))
    side.put(contract("c1", JOAO.id))
    side.put(contract("c1", MARIA.id, status=ContractStatus.BLOCKED))
    told = side.contracts([MARIA.id, ACME.id, CustomerId("nobody")], deadline=SOON)
    assert dict(told) == {
        MARIA.id: (
            contract("c1", MARIA.id, status=ContractStatus.BLOCKED),
            contract("c2", MARIA.id, status=ContractStatus.CANCELLED),
        ),
        ACME.id: (),
        CustomerId("nobody"): (),
    }
    assert told[MARIA.id][0].id == ContractId("c1")


def test_orders_are_numbered_and_kept(side: MemoryContracts) -> None:
    """Each is kept as it came, and has a number of its own. Rule: S17."""
    assert [side.open_order(order(key)) for key in ("ef_1.1", "ef_2.1", "ef_1.1")] == ["so-1", "so-2", "so-1"]
    assert side.orders == [order("ef_1.1"), order("ef_2.1")]


def test_what_is_not_offered_is_refused() -> None:
    """A side that opens no orders says so with a code, and opens none. Rule: B12."""
    side = MemoryContracts(ContractsCapabilities())
    with pytest.raises(Permanent) as refused:
        side.open_order(order())
    assert refused.value.reason == "not_offered"
    assert (side.orders, side.reports()) == ([], ())


def test_a_query_has_one_key() -> None:
    """None, two, or something else than a key is no query; the problems never hold what was given."""
    phone = parse_phone("11987654321")
    for bad in (
        {},
        {"phone": phone, "name": "Maria"},
        {"document": CPF, "phone": phone},
        {"phone": "11987654321"},
        {"document": "529.982.247-25"},
        {"name": 5},
        {"name": " "},
        {"name": "Ma\x00ria"},
        {"name": "x" * 201},
    ):
        with pytest.raises(InvalidValue) as refused:
            CustomerQuery(**bad)  # type: ignore[arg-type]
        assert "98765" not in str(refused.value)
        assert "Maria" not in str(refused.value)


def test_the_async_twin_answers_alike(side: MemoryContracts) -> None:
    """Every call gives what the side it stands before gives."""
    twin = AsyncMemoryContracts(side)
    side.put(contract("c1", MARIA.id))

    async def asked() -> tuple[object, ...]:
        return (
            await twin.find(CustomerQuery(name=Private("maria")), limit=1, deadline=SOON),
            await twin.contracts([MARIA.id], deadline=SOON),
            await twin.open_order(order()),
            await twin.look_up(EffectId("ef_1.1")),
        )

    found, contracts, number, seen = asyncio.run(asked())
    assert found == (MARIA,)
    assert contracts == {MARIA.id: (contract("c1", MARIA.id),)}
    assert (number, seen) == ("so-1", None)
    assert side.orders == [order()]


def test_capabilities_say_nothing_wrong() -> None:
    """What is declared is of its kind, or refused at once: a promise nobody meant is worse than none."""
    for bad in (
        {"orders": "often"},
        {"orders": timedelta(1)},
        {"transcripts": 1},
        {"finds_by": ["name"]},
        {"finds_by": ("name",)},
    ):
        with pytest.raises(InvalidValue):
            ContractsCapabilities(**bad)  # type: ignore[arg-type]
