"""An office with its contracts and billing sides in memory: maria is a customer, linked, with a contract."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import attrs

from chatcore import Agent, Desk, Ports, Role
from chatcore.br import Money
from chatcore.entities import (
    Attachment,
    BillingCapabilities,
    BillingPolicies,
    Boleto,
    Bonus,
    Contract,
    ContractsCapabilities,
    Customer,
    Effect,
    Invoice,
    Nature,
    Policies,
    RepeatsByKey,
    Workspace,
)
from chatcore.memory import MemoryBilling, MemoryContracts
from chatcore.vocabulary import (
    AgentId,
    BoletoForm,
    BoletoId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    EffectId,
    InvoiceId,
    InvoiceModel,
    Private,
)
from tests.office import MARIA, NOON, PROVIDER, WHATSAPP, Office

__all__ = ["HOME", "LINE", "MARIA_ID", "PDF", "PIX", "SHOP", "Shop", "boleto", "contract", "invoice"]

MARIA_ID = CustomerId("cu-maria")
HOME = ContractId("c-home")
PDF = Attachment(key="boleto-1", mime="application/pdf", size=20_000, sha256="0" * 64, name="boleto.pdf")
LINE = "00190.50095 40144.816069 06809.350314 3 37370000000100"
PIX = Private(
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)

REPEATS = RepeatsByKey(timedelta(days=1))

SHOP: Workspace = attrs.evolve(
    PROVIDER,
    agents=(*PROVIDER.agents, Agent(id=AgentId("sam"), name="Sam", roles=(Role.SUPERVISOR,))),
    policies=Policies(
        billing=BillingPolicies(
            boleto_text="Boleto de {{amount}}, vence em {{due_date|breve}}.",
            bonus_limits=(Bonus.amount("20"), Bonus.days(5)),
        )
    ),
)


def contract(id: str = HOME, customer: str = MARIA_ID, **changes: Any) -> Contract:
    values: dict[str, Any] = {"status": ContractStatus.ACTIVE, "access": ContractStatus.ACTIVE, "as_of": NOON}
    return Contract(id=ContractId(id), customer=CustomerId(customer), **{**values, **changes})


def boleto(id: str = "b1", customer: str = MARIA_ID, **changes: Any) -> Boleto:
    values: dict[str, Any] = {
        "amount": Money(10000),
        "due": date(2026, 3, 20),
        "contract": HOME,
        "line": LINE,
        "pix": PIX,
    }
    return Boleto(id=BoletoId(id), customer=CustomerId(customer), **{**values, **changes})


def invoice(id: str = "n1", customer: str = MARIA_ID, **changes: Any) -> Invoice:
    values: dict[str, Any] = {
        "model": InvoiceModel.NF_21,
        "number": "1234",
        "issued_on": date(2026, 3, 1),
        "amount": Money(10000),
    }
    return Invoice(id=InvoiceId(id), customer=CustomerId(customer), **{**values, **changes})


class Shop(Office):
    """An office whose customers have contracts; `opened` is maria's conversation, which ana has."""

    def __init__(
        self,
        *,
        orders: Nature = REPEATS,
        bonus: Nature = REPEATS,
        contracts: Any = None,
        billing: Any = None,
        workspace: Workspace = SHOP,
        **options: Any,
    ) -> None:
        self.now = NOON
        self.contracts = contracts or MemoryContracts(
            ContractsCapabilities(orders=orders, transcripts=True), clock=lambda: self.now
        )
        self.billing = billing or MemoryBilling(
            BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=bonus), clock=lambda: self.now
        )
        super().__init__(workspace, **options)
        self.contracts.add(Customer(id=MARIA_ID, name=Private("Maria Souza")), phones=[MARIA])
        self.contracts.put(contract())
        self.billing.put(boleto(), PDF)
        self.billing.put(invoice(), PDF)

    def another_desk(self, **options: Any) -> Desk:
        defaults: dict[str, Any] = {"clock": lambda: self.now, "new_root": self.new_root}
        ports = Ports(
            storage=self.storage,
            messaging={WHATSAPP: self.messaging},
            contracts=self.contracts,
            billing=self.billing,
        )
        return Desk(ports, **(defaults | options))

    def opened(self) -> ConversationId:
        """Maria's conversation, taken by ana; who she is was found by her number."""
        conversation = self.taken()
        assert self.state(self.state(conversation).contact).customer == MARIA_ID
        return conversation

    def effects(self, *ids: EffectId) -> list[Effect]:
        """The effects as they stand: those named, or all that ask contracts or billing."""
        states = self.contents.states.values()
        found = [state for state in states if isinstance(state, Effect)]
        return [e for e in found if (e.id in ids if ids else e.demand is not None)]
