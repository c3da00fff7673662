"""Contracts and billing: the light beside the name, boletos, a bonus that survives a death, a service order.

The provider of this example can look a bonus up by its key. Then follows one that promises nothing: there a
doubt ends with a second person.
"""

from datetime import date, timedelta
from itertools import count

from rich.console import Console

from chatcore import (
    SYSTEM,
    Actor,
    Agent,
    AgentId,
    BillingPolicies,
    Boleto,
    BoletoId,
    Bonus,
    Channel,
    ChannelId,
    ChannelKind,
    Configure,
    Contract,
    ContractId,
    ConversationId,
    ConversationQuery,
    Customer,
    CustomerId,
    Department,
    DepartmentId,
    Desk,
    EffectId,
    EffectQuery,
    GrantBonus,
    Invoice,
    InvoiceId,
    Money,
    OpenServiceOrder,
    Policies,
    Ports,
    ReceiveMessage,
    Role,
    SendBoletos,
    SendInvoices,
    SettleReview,
    Take,
    Workspace,
)
from chatcore.entities import AtMostOnce, Attachment, BillingCapabilities, LooksUpByKey
from chatcore.errors import AlreadyAsked, SecondPersonRequired
from chatcore.i18n import explain, label
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.moments import parse_moment
from chatcore.ports import BonusRequest
from chatcore.vocabulary import BoletoForm, ContractStatus, InvoiceModel, Private

ZAP, SUPPORT, WHATSAPP = ChannelId("zap"), DepartmentId("suporte"), ChannelKind.WHATSAPP_CLOUD
ANA, SUE, SAM = AgentId("ana"), AgentId("sue"), AgentId("sam")
MARIA, HOME, SHOP = CustomerId("4711"), ContractId("casa"), ContractId("loja")
PROVIDER = Workspace(
    name="Provedor Exemplo",
    departments=(Department(id=SUPPORT, name="Suporte"),),
    agents=(
        Agent(id=ANA, name="Ana", departments=(SUPPORT,)),
        Agent(id=SUE, name="Sue", roles=(Role.SUPERVISOR,)),
        Agent(id=SAM, name="Sam", roles=(Role.SUPERVISOR,)),
    ),
    channels=(Channel(id=ZAP, kind=WHATSAPP, account="106540352", department=SUPPORT),),
    policies=Policies(
        billing=BillingPolicies(
            boleto_text="Olá, {{first_name|cliente}}! Boleto de {{amount}}, vence em {{due_date|breve}}.",
            bonus_limits=(Bonus.amount("20"),),
        )
    ),
)
PIX = Private(
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
SLIP = Attachment(key="boletos/1", mime="application/pdf", size=40_960, sha256="0" * 64, name="boleto.pdf")

now, numbers = parse_moment("2026-03-10T10:00:00-03:00"), count(1)
ana, sue, sam = Actor.agent(ANA), Actor.agent(SUE), Actor.agent(SAM)
console = Console(width=108, highlight=False)


class DyingBilling(MemoryBilling):
    """A billing side that does what it is asked, and dies before it can say so, as often as it is told to."""

    deaths = 0

    def grant_bonus(self, request: BonusRequest, /) -> str:
        reference = super().grant_bonus(request)
        if self.deaths:
            self.deaths -= 1
            raise ConnectionError("the provider died in the middle of the call")
        return reference


def item(numbers: str, story: str) -> None:
    console.print(f"[bold cyan]{numbers:<9}[/] {story}")


def tell(*things: object) -> None:
    console.print("         ", *map(str, things))


def state_of(effect: EffectId) -> str:
    """How an effect stands, in words."""
    for each in desk.effects(of_this, by=sue).rows:
        if each.id == effect:
            return label(each.state, "pt_BR")
    raise LookupError(effect)


contracts, storage, messaging = MemoryContracts(), MemoryStorage(), MemoryMessaging()
billing = DyingBilling(
    BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=LooksUpByKey(timedelta(minutes=1))),
    clock=lambda: now,
)
contracts.add(Customer(id=MARIA, name=Private("Maria Silva")), phones=["(11) 98765-4321"])
for id, status in ((HOME, ContractStatus.ACTIVE), (SHOP, ContractStatus.BLOCKED)):
    contracts.put(Contract(id=id, customer=MARIA, status=status, as_of=now, link=f"https://erp.example/{id}"))
slip = Boleto(
    id=BoletoId("b1"), customer=MARIA, contract=HOME, amount=Money(9990), due=date(2026, 3, 5), pix=PIX
)
billing.put(slip, SLIP)
billing.put(
    Invoice(
        id=InvoiceId("n1"),
        customer=MARIA,
        model=InvoiceModel.NF_21,
        number="8812",
        issued_on=date(2026, 3, 1),
        amount=Money(9990),
    ),
    SLIP,
)


def open_desk() -> Desk:
    """A desk over the same storage and the same outside: what a restarted process opens."""
    ports = Ports(storage=storage, messaging={WHATSAPP: messaging}, contracts=contracts, billing=billing)
    return Desk(ports, clock=lambda: now, new_root=lambda: f"{next(numbers):032x}")


desk = open_desk()
desk.handle(Configure(PROVIDER), by=SYSTEM)
arrived = desk.handle(
    ReceiveMessage(
        channel=ZAP,
        address=Private("5511987654321"),
        name=Private("Maria"),
        provider_id="wamid.1",
        sent_at=now,
        text=Private("Minha internet caiu e não achei o boleto"),
    ),
    by=SYSTEM,
)
maria: ConversationId = arrived.conversation or ConversationId("")
desk.handle(Take(maria), by=ana)
of_this = EffectQuery(conversation=maria)

item("B2", "O número de Maria foi procurado: um só cliente, que se liga sozinho.")
tell("Cliente", desk.contact(desk.conversation(maria, by=ana).contact, by=ana).customer)

item("S5, S9", "A luz ao lado do nome: o pior contrato que não foi cancelado conta, com alerta e atalho.")
[row] = desk.view(ConversationQuery(assignee=ANA), by=ana).rows
assert row.light is not None
tell(
    "Luz:",
    label(row.light.light, "pt_BR"),
    "ALERTA" if row.light.alert else "",
    row.light.contract,
    row.light.link,
)
for contract in desk.panel(maria, by=ana).contracts:
    tell("Contrato", contract.id, "-", label(contract.status, "pt_BR"))

item("S13", "O boleto, que venceu: documento com texto, e o Pix sozinho, para copiar.")
[found] = desk.boletos(maria, by=ana)
tell(found.boleto.id, found.boleto.amount.written(), "-", label(found.state, "pt_BR"))
desk.handle(SendBoletos(maria, (found.boleto.id,)), by=ana)
for sent in messaging.outbox:
    tell(sent.kind, "-", sent.text.reveal()[:72])

item("S14", "A nota fiscal.")
[bill] = desk.invoices(maria, by=ana)
desk.handle(SendInvoices(maria, (bill.id,)), by=ana)
tell("Nota", bill.number, "-", messaging.outbox[-1].kind)

item("S15", "Um bônus; o provedor aplica, e morre antes de responder.")
billing.deaths = 1
asked = desk.handle(GrantBonus(maria, HOME, Bonus.amount("15"), "Ficou sem sinal"), by=ana, key="clique-1")
[bonus] = asked.effects
tell("O efeito está:", state_of(bonus))
item("B11", "O serviço reinicia; o relógio anda; o que ficou em dúvida é procurado pela chave.")
desk = open_desk()
for _ in range(5):
    now += timedelta(seconds=30)
    desk.run_due()
tell("O efeito está:", state_of(bonus), "- bônus aplicados no provedor:", len(billing.bonuses))
again = desk.handle(GrantBonus(maria, HOME, Bonus.amount("15"), "Ficou sem sinal"), by=ana, key="clique-1")
tell("O mesmo clique de novo dá a mesma resposta:", again == asked)
try:
    desk.handle(GrantBonus(maria, HOME, Bonus.amount("5"), "Mais um"), by=ana)
except AlreadyAsked as error:
    tell("Recusado:", explain(error, "pt_BR"))

item("S17", "Uma ordem de serviço, com o protocolo e o que foi dito.")
desk.handle(OpenServiceOrder(maria, "visita", "Sem sinal", "Luz vermelha no roteador", transcript=True), by=ana)
[order] = contracts.orders
assert order.transcript is not None
tell("Aberta com o protocolo", order.protocol, "e", len(order.transcript.lines), "mensagens")

item("B11", "Um provedor que nada promete: a dúvida vai para uma segunda pessoa.")
billing = DyingBilling(BillingCapabilities(bonus=AtMostOnce()))
billing.deaths = 1
desk = open_desk()
[doubtful] = desk.handle(GrantBonus(maria, SHOP, Bonus.amount("50"), "Loja parada"), by=sue).effects
desk.run_due()
[review] = desk.reviews(by=sue).rows
tell("Em revisão; sabe-se:", *(label(each, "pt_BR") for each in review.known))
tell("Falta saber:", *(label(each, "pt_BR") for each in review.find_out))
settle = SettleReview(doubtful, True, Private("Consta na fatura de março"), reference="ERP-77")
try:
    desk.handle(settle, by=sue)
except SecondPersonRequired as error:
    tell("Recusado:", explain(error, "pt_BR"))
desk.handle(settle, by=sam)
tell("O efeito está:", state_of(doubtful), "- aplicado", len(billing.bonuses), "vez")
