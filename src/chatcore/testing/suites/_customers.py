"""Tests of who is known: customers are found by what is declared, and their contracts are whole and theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
import pytest

from chatcore.br import TaxId, parse_phone, parse_tax_id
from chatcore.entities import Contract, Customer
from chatcore.errors import Permanent
from chatcore.ports import (
    CustomerQuery,
)
from chatcore.testing.suites._base import settled
from chatcore.testing.suites._natures import NatureSuite
from chatcore.testing.suites._writes import READS, D, Failing, told
from chatcore.vocabulary import (
    ContractId,
    ContractStatus,
    CustomerId,
    CustomerKey,
    Private,
)

__all__ = ["CustomerSuite"]

_SPELLINGS: Final = {
    "national": "11987654321",
    "written": "(11) 98765-4321",
    "international": "+55 11 98765-4321",
    "digits": "5511987654321",
    "eight-digits": "1187654321",
}
"""One mobile number as an outside may hold it. Rule: M11."""
_NUMBER: Final = parse_phone("11987654321")
_OTHERS: Final = (parse_phone("11987654322"), parse_phone("21987654321"), parse_phone("1137654321"))
_CPF: Final = "529.982.247-25"
_CNPJ: Final = "12.ABC.345/01DE-35"


class CustomerSuite(NatureSuite[D]):
    """The part of the contracts suite that is about customers and their contracts."""

    # --- what an author writes --------------------------------------------------------------------------------

    def stock(
        self,
        adapter: Any,
        customer: Customer,
        /,
        *,
        phones: Sequence[str],
        document: TaxId | None,
        contracts: Sequence[Contract],
    ) -> Any:
        """Let the outside know a customer, with these ids, numbers as spelled, and these contracts.

        Said again of the same customer, it is like this from now on. `Contract.as_of` is not the outside's.
        """
        self._unwritten("stock", "let the outside know a customer, with numbers, a document and contracts")

    # --- a test's tools ---------------------------------------------------------------------------------------

    def _customer(
        self,
        name: str = "Maria Souza",
        *,
        phones: Sequence[str] = (),
        document: str | None = None,
        contracts: Sequence[ContractStatus] = (),
        id: CustomerId | None = None,
    ) -> tuple[Customer, tuple[Contract, ...]]:
        """Somebody the outside knows, and their contracts."""
        customer = Customer(id=id or CustomerId(self._number()), name=Private(name))
        theirs = tuple(
            Contract(id=ContractId(self._number()), customer=customer.id, status=status, as_of=self.now())
            for status in contracts
        )
        self._stock(customer, phones, document, theirs)
        return customer, theirs

    def _stock(
        self, customer: Customer, phones: Sequence[str], document: str | None, contracts: Sequence[Contract]
    ) -> None:
        held = None if document is None else parse_tax_id(document)
        settled(self.stock(self._raw, customer, phones=phones, document=held, contracts=contracts))

    def _find(self, port: Any, *, limit: int = 20, **query: Any) -> list[str]:
        asked = CustomerQuery(**query)
        found = self._read(lambda: port.find(asked, limit=limit, deadline=self._soon()))
        assert type(found) is tuple, f"find answers a tuple of Customer, not {type(found).__name__}"
        for each in found:
            assert type(each) is Customer, f"find answers Customer values, not {type(each).__name__}"
        ids = [each.id for each in found]
        assert len(ids) <= limit, f"asked for {limit} customers at most, find answered {len(ids)}"
        assert len(set(ids)) == len(ids), f"find answers each customer once, not {ids}"
        return [str(id) for id in ids]

    def _only_finding_by(self, port: Any, key: CustomerKey) -> None:
        if key not in self._capabilities(port).finds_by:
            pytest.skip(f"capabilities.finds_by has no {key}")

    def _contracts(self, port: Any, *customers: str) -> dict[str, tuple[Contract, ...]]:
        """What is told of these customers' contracts, whole."""
        asked: Collection[CustomerId] = tuple(map(CustomerId, customers))
        answer = self._read(lambda: port.contracts(asked, deadline=self._soon()))
        assert isinstance(answer, Mapping), f"contracts answers a mapping, not {type(answer).__name__}"
        told_of: dict[str, tuple[Contract, ...]] = {}
        for customer in asked:
            theirs = self._read(lambda customer=customer: answer.get(customer, ()))  # type: ignore[misc]
            assert type(theirs) is tuple, f"each customer has a tuple of Contract, not {type(theirs).__name__}"
            for each in theirs:
                assert type(each) is Contract, f"contracts answers Contract values, not {type(each).__name__}"
                assert each.customer == customer, f"under customer {customer!r} stands one of {each.customer!r}"
                assert each.as_of <= self.now() + timedelta(minutes=5), (
                    f"as_of is when it was read, in UTC; {each.as_of} is still to come"
                )
            told_of[customer] = theirs
        return told_of

    def _soon(self) -> datetime:
        return self.now() + timedelta(minutes=1)

    # --- finding customers ------------------------------------------------------------------------------------

    @pytest.mark.parametrize("key", CustomerKey)
    def test_customers_are_found_by_what_is_declared(self, key: CustomerKey) -> None:
        """By each key of `finds_by` exactly who fits is found; by another `find` is refused. Rule: B2.

        When this fails: `limit` is how many at most, not a hint. Nobody found is an empty tuple. A key that is
        not declared is `Permanent("not_offered")`: an empty tuple would say that nobody has it.
        """
        port = self._sample()
        queries: dict[CustomerKey, dict[str, Any]] = {
            CustomerKey.DOCUMENT: {"document": parse_tax_id(_CPF)},
            CustomerKey.PHONE: {"phone": _NUMBER},
            CustomerKey.NAME: {"name": "Zulmira"},
        }
        query = queries[key]
        wanted, _ = self._customer("Zulmira Quaresma", phones=["11987654321"], document=_CPF)
        self._customer("Beto Amaral", phones=["11987654322"], document=_CNPJ)
        if key in self._capabilities(port).finds_by:
            found = self._find(port, **query)
            assert found == [wanted.id], f"by {key} {wanted.id!r} is to be found, and was {found}"
            return
        asked = CustomerQuery(**query)
        answer = self._patiently(lambda: port.find(asked, limit=20, deadline=self._soon()), self.now())
        assert isinstance(answer, Permanent), f"capabilities.finds_by has no {key}: it gave {told(answer)}"
        self._check_error(answer)

    @pytest.mark.parametrize("held", _SPELLINGS.values(), ids=_SPELLINGS)
    def test_a_number_is_found_in_any_spelling(self, held: str) -> None:
        """However the outside holds a number, with or without country and ninth digit. Rule: B2, M11.

        When this fails: an outside that compares texts must be asked for each spelling of the number, or keep
        one beside it that is made by `chatcore.br.parse_phone`. A number that differs in a digit is another.
        """
        port = self._sample()
        self._only_finding_by(port, CustomerKey.PHONE)
        wanted, _ = self._customer(phones=[held])
        assert self._find(port, phone=_NUMBER) == [wanted.id], f"held as {held!r}, the number was not found"
        for n, other in enumerate(_OTHERS, 1):
            assert self._find(port, phone=other) == [], f"held as {held!r}, it was found by another number, {n}"

    def test_who_shares_a_number_is_found_once_each(self) -> None:
        """All customers with a number, each once though it stands with them twice, `limit` at most. Rule: B2.

        When this fails: look for a row per number, not per customer; for a limit that counts pages; and for an
        answer cut to the first. Who is hidden here cannot be chosen, and a wrong one links by itself.
        """
        port = self._sample()
        self._only_finding_by(port, CustomerKey.PHONE)
        numbers = ["11987654321", "(11) 98765-4321"]
        ids = {self._customer(f"Maria {n}", phones=numbers)[0].id for n in range(5)}
        assert set(self._find(port, phone=_NUMBER)) == ids, "all who share the number are to be found"
        few = self._find(port, phone=_NUMBER, limit=3)
        assert len(few) == 3, f"of five, three were asked for: {len(few)} were found"
        assert set(few) <= ids, "found by a number, and does not have it"

    def test_documents_of_people_and_companies_are_found(self) -> None:
        """CPF and CNPJ, also one with letters; of others nobody. Rule: B2, R5.

        When this fails: `TaxId.reveal()` gives digits and letters alone; your outside may want dots and dashes.
        """
        port = self._sample()
        self._only_finding_by(port, CustomerKey.DOCUMENT)
        person, _ = self._customer(document=_CPF)
        company, _ = self._customer("ACME", document=_CNPJ)
        for document, id in ((_CPF, person.id), (_CNPJ, company.id)):
            found = self._find(port, document=parse_tax_id(document))
            assert found == [id], f"by {document} {id!r} is to be found, and was {found}"
        assert self._find(port, document=parse_tax_id("111.444.777-35")) == [], "nobody has this document"

    @pytest.mark.parametrize("how", READS)
    def test_who_cannot_search_now_says_so(self, how: Failing) -> None:
        """While the outside fails, a search is `Temporary`, never "nobody". Rule: B2.

        When this fails: look for an `except` that answers an empty tuple, for an error page read as an empty
        list, and, for SILENT, for a wait not bounded by `deadline`.
        """
        port = self._sample()
        if not self._capabilities(port).finds_by:
            pytest.skip("capabilities.finds_by is empty")
        query = {
            CustomerKey.DOCUMENT: CustomerQuery(document=parse_tax_id(_CPF)),
            CustomerKey.PHONE: CustomerQuery(phone=_NUMBER),
            CustomerKey.NAME: CustomerQuery(name=Private("Maria")),
        }[self._capabilities(port).finds_by[0]]
        self._cannot_tell(how, lambda deadline: port.find(query, limit=20, deadline=deadline))

    # --- contracts --------------------------------------------------------------------------------------------

    def test_contracts_are_each_customers_own(self) -> None:
        """Of each customer asked for all contracts with their status, cancelled ones too. Rule: S9, B1.

        When this fails: a person must see the cancelled ones; map each status of the outside's, and what you do
        not know to UNKNOWN. Never one customer's contracts under another.
        """
        port = self._sample()
        statuses = [ContractStatus.ACTIVE, ContractStatus.BLOCKED, ContractStatus.CANCELLED]
        maria, hers = self._customer(contracts=statuses)
        joao, his = self._customer("João Lima", contracts=[ContractStatus.BLOCKED])
        other, _ = self._customer("Ana Reis", contracts=[ContractStatus.ACTIVE])
        answer = self._contracts(port, maria.id, joao.id)
        told_of = {id: {each.id: each.status for each in theirs} for id, theirs in answer.items()}
        wanted = {id: {each.id: each.status for each in c} for id, c in ((maria.id, hers), (joao.id, his))}
        assert told_of == wanted, f"the outside has {wanted}, contracts told {told_of}"
        assert all(len(told_of[id]) == len(answer[id]) for id in answer), "a contract was told twice"
        alone = self._contracts(port, other.id)[other.id]
        assert len(alone) == 1, f"one contract of one customer, told were {len(alone)}"

    def test_who_has_none_has_none(self) -> None:
        """A customer without contracts, one nobody knows, and nobody at all: no error, no contract. Rule: S9.

        When this fails: leave out who has none, or give an empty tuple. A number that is not linked right must
        not grey the lights of a whole page.
        """
        port = self._sample()
        maria, hers = self._customer(contracts=[ContractStatus.ACTIVE])
        bare, _ = self._customer("Beto Amaral")
        nobody = self._number()
        told_of = self._contracts(port, nobody, maria.id, bare.id)
        counts = {id: len(theirs) for id, theirs in told_of.items()}
        wanted = {nobody: 0, maria.id: len(hers), bare.id: 0}
        assert counts == wanted, f"contracts by customer are {wanted}, told were {counts}"
        assert self._contracts(port) == {}, "asked for nobody, it told of somebody"

    def test_many_contracts_all_come(self) -> None:
        """Forty contracts of one customer, and forty customers at once, are told whole. Rule: S5, S9.

        When this fails: read on past the first page of the outside's answer, and do not cut what is asked for.
        """
        port = self._sample()
        rich, theirs = self._customer("Prefeitura", contracts=[ContractStatus.ACTIVE] * 40)
        told_of = self._contracts(port, rich.id)[rich.id]
        assert {each.id for each in told_of} == {each.id for each in theirs}, (
            f"of {len(theirs)} contracts {len(told_of)} were told"
        )
        people = [self._customer(f"Rua {n}", contracts=[ContractStatus.ACTIVE]) for n in range(40)]
        answer = self._contracts(port, *(customer.id for customer, _ in people))
        missing = [c.id for c, theirs in people if [x.id for x in answer[c.id]] != [x.id for x in theirs]]
        assert not missing, f"of 40 customers the contracts of {len(missing)} are missing or others"

    def test_an_answer_stays_as_it_was(self) -> None:
        """What was answered does not change when the outside does; asked again, it is as it is now. Rule: B1.

        When this fails: answer values and a mapping of the answer's own, not what the adapter goes on writing
        into. A cache says in `as_of` when it was read.
        """
        port = self._sample()
        customer, [contract] = self._customer(contracts=[ContractStatus.ACTIVE])
        asked = (customer.id,)
        answer = self._read(lambda: port.contracts(asked, deadline=self._soon()))
        was = {id: tuple(theirs) for id, theirs in answer.items()}
        blocked = attrs.evolve(contract, status=ContractStatus.BLOCKED)
        read_at = self.now()
        self._stock(customer, (), None, [blocked])
        later = self._contracts(port, customer.id)[customer.id]
        assert {id: tuple(theirs) for id, theirs in answer.items()} == was, (
            "an answer changed after it was given"
        )
        fresh = [each for each in later if each.as_of >= read_at]
        assert all(each.status is ContractStatus.BLOCKED for each in fresh), (
            "as_of says it was read after the change, and it shows what was before"
        )

    @pytest.mark.parametrize("how", READS)
    def test_who_cannot_tell_contracts_now_says_so(self, how: Failing) -> None:
        """While the outside fails, contracts are `Temporary`, never "none": that cancels bonuses. Rule: B1.

        When this fails: look for an `except` that answers an empty mapping, for an error page read as an empty
        list, and, for SILENT, for a wait not bounded by `deadline`.
        """
        port = self._sample()
        customer, _ = self._customer(contracts=[ContractStatus.ACTIVE])
        asked = (customer.id,)
        self._cannot_tell(how, lambda deadline: port.contracts(asked, deadline=deadline))
