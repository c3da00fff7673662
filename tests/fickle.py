"""Contracts and billing that do as a test says: raise, answer wrongly, or let something happen meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from chatcore import Agent, Role
from chatcore.commands import GrantBonus
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Boleto,
    Bonus,
    Contract,
    ContractsCapabilities,
    Customer,
    Invoice,
    IssuedBoleto,
    IssuedInvoice,
    Nature,
)
from chatcore.errors import (
    ContractViolation,
    InvalidValue,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    Permanent,
    Temporary,
    VersionConflict,
)
from chatcore.memory import MemoryBilling, MemoryContracts
from chatcore.ports import BoletoRequest, BonusRequest, CustomerQuery, InvoiceRequest, ServiceOrderRequest
from chatcore.vocabulary import (
    Ability,
    Actor,
    AgentId,
    BoletoForm,
    ConversationId,
    CustomerId,
    EffectId,
    EffectState,
    Private,
)
from tests.office import ANA
from tests.shop import HOME, REPEATS, SHOP, Shop

__all__ = [
    "AUDITOR",
    "JOAO",
    "RAISED",
    "ROBO",
    "STAFFED",
    "TEN",
    "FickleBilling",
    "FickleContracts",
    "bonus",
    "contact_of",
    "customer",
    "in_review",
    "known",
    "of_nature",
    "shop",
]

TEN = Bonus.amount("10")
JOAO = "5511912345678"
AUDITOR = Actor.agent("otto")
ROBO = Actor.bot("robo")
STAFFED = attrs.evolve(
    SHOP,
    agents=(
        *SHOP.agents,
        Agent(id=AgentId("otto"), name="Otto", roles=(Role.AUDITOR,)),
        Agent(
            id=AgentId("wanda"),
            name="Wanda",
            departments=SHOP.agents[0].departments,
            withdrawn=(Ability.LINK,),
        ),
    ),
)

RAISED: tuple[tuple[BaseException, str], ...] = (
    (Temporary(timedelta(seconds=30)), "temporary"),
    (OutcomeUnknown(), "outcome_unknown"),
    (Permanent("not_today"), "permanent"),
    (ContractViolation("contracts", "contracts"), "contract_violation"),
    (RuntimeError("the line broke"), "contract_violation"),
    (KeyError("cu-maria"), "contract_violation"),
    (StopIteration(), "contract_violation"),
    (RecursionError(), "contract_violation"),
    (ExceptionGroup("both", [OSError(), ValueError()]), "contract_violation"),
    (NotFound("contract", "c-home"), "contract_violation"),
    (NotPermitted(Ability.READ), "contract_violation"),
    (VersionConflict("cv_1", 1), "contract_violation"),
    (InvalidValue.of("contract", "not_an_id"), "contract_violation"),
)
"""What an adapter may raise, with the code of what becomes of it when a read raises it.

Three are a port's own to raise. Whatever else comes broke its contract, an error of the core's own included: a
port does not say who may do what.
"""


class _Fickle:
    """`asked` tells each call; `moods` says of a method what it raises, or what it does instead."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.moods: dict[str, BaseException | Callable[..., Any]] = {}
        super().__init__(*args, **options)

    def times(self, name: str) -> int:
        return sum(asked == name for asked, _ in self.asked)

    def _told(self, name: str, given: Any, answer: Callable[[], Any]) -> Any:
        if name != "capabilities":
            self.asked.append((name, given))
        mood = self.moods.get(name)
        if isinstance(mood, BaseException):
            raise mood
        return answer() if mood is None else mood(given)


class FickleContracts(_Fickle, MemoryContracts):
    """Contracts that open orders, repeated by key."""

    def __init__(self, offers: ContractsCapabilities | None = None, **options: Any) -> None:
        super().__init__(offers or ContractsCapabilities(orders=REPEATS, transcripts=True), **options)

    @property
    def capabilities(self) -> ContractsCapabilities:
        return self._told("capabilities", None, lambda: self._capabilities)

    def find(self, query: CustomerQuery, /, *, limit: int, deadline: datetime) -> tuple[Customer, ...]:
        found = super().find
        return self._told("find", query, lambda: found(query, limit=limit, deadline=deadline))

    def contracts(
        self, customers: Collection[CustomerId], /, *, deadline: datetime
    ) -> Mapping[CustomerId, tuple[Contract, ...]]:
        found = super().contracts
        return self._told("contracts", customers, lambda: found(customers, deadline=deadline))

    def open_order(self, request: ServiceOrderRequest, /) -> str:
        done = super().open_order
        return self._told("open_order", request, lambda: done(request))


class FickleBilling(_Fickle, MemoryBilling):
    """Billing that offers everything, repeated by key."""

    def __init__(self, offers: BillingCapabilities | None = None, **options: Any) -> None:
        all_of_it = BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=REPEATS)
        super().__init__(offers or all_of_it, **options)

    @property
    def capabilities(self) -> BillingCapabilities:
        return self._told("capabilities", None, lambda: self._capabilities)

    def boletos(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Boleto, ...]:
        found = super().boletos
        return self._told("boletos", customer, lambda: found(customer, deadline=deadline))

    def invoices(self, customer: CustomerId, /, *, deadline: datetime) -> tuple[Invoice, ...]:
        found = super().invoices
        return self._told("invoices", customer, lambda: found(customer, deadline=deadline))

    def issue_boleto(self, request: BoletoRequest, /) -> IssuedBoleto:
        done = super().issue_boleto
        return self._told("issue_boleto", request, lambda: done(request))

    def issue_invoice(self, request: InvoiceRequest, /) -> IssuedInvoice:
        done = super().issue_invoice
        return self._told("issue_invoice", request, lambda: done(request))

    def grant_bonus(self, request: BonusRequest, /) -> str:
        done = super().grant_bonus
        return self._told("grant_bonus", request, lambda: done(request))


# --- the shop they are in -------------------------------------------------------------------------------------


def customer(n: int, name: str = "João") -> Customer:
    return Customer(id=CustomerId(f"cu-{n}"), name=Private(f"{name} {n}"), document=Private(f"***{n}"))


def shop(offers: ContractsCapabilities | None = None, **options: Any) -> Shop:
    """A shop with two fickle sides, and people of every role."""
    return Shop(
        **{"workspace": STAFFED, "contracts": FickleContracts(offers), "billing": FickleBilling(), **options}
    )


def contact_of(shop: Shop, conversation: ConversationId) -> Any:
    return shop.state(shop.state(conversation).contact)


def known(shop: Shop, *customers: Customer, address: str = JOAO) -> None:
    for each in customers:
        shop.contracts.add(each, phones=[address])


def bonus(conversation: ConversationId, bonus: Bonus = TEN, **options: Any) -> GrantBonus:
    """Ten reais for the contract at home, or as told."""
    return GrantBonus(conversation, options.pop("contract", HOME), bonus, Private("Esperou"), **options)


def of_nature(nature: Nature, **options: Any) -> Shop:
    """A shop whose bonuses and orders are of a nature."""
    billing = FickleBilling(
        BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=nature), clock=None
    )
    contracts = FickleContracts(ContractsCapabilities(orders=nature))
    return shop(contracts=contracts, billing=billing, **options)


def in_review(by: Actor = ANA, **options: Any) -> tuple[Shop, ConversationId, EffectId]:
    """A bonus that may have been granted, and that nothing can tell."""
    office = of_nature(AtMostOnce(), **options)
    conversation = office.opened()
    office.billing.moods["grant_bonus"] = OutcomeUnknown()
    effect = office.desk.handle(bonus(conversation), by=by).effects[0]
    office.desk.run_due()
    assert office.state(effect).state is EffectState.REVIEW
    del office.billing.moods["grant_bonus"]
    return office, conversation, effect
