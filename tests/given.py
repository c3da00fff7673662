"""What rule tests start from: a workspace, conversations, contacts, messages and effects as they may stand.

Everything is built by hand, field by field, with no port and no engine; what a test is about, it says itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from chatcore.br import Money
from chatcore.commands import SettleReview, Withdraw
from chatcore.entities import (
    Address,
    Agent,
    AtMostOnce,
    Attachment,
    BillingCapabilities,
    BillingPolicies,
    Block,
    Boleto,
    BoletoDemand,
    Bonus,
    BonusDemand,
    Channel,
    ChannelCapabilities,
    Contact,
    Contract,
    ContractsCapabilities,
    Conversation,
    Demand,
    Department,
    Details,
    Effect,
    Extras,
    Field,
    Invoice,
    InvoiceDemand,
    KeptStatus,
    LooksUpByKey,
    Media,
    MediaCapability,
    MediaPointer,
    Message,
    MessageTemplate,
    Nature,
    OrderDemand,
    Origin,
    Policies,
    QuickReply,
    Reason,
    RepeatsByKey,
    ReportsByKey,
    Tag,
    Talk,
    Workspace,
)
from chatcore.entities.effect import PORT_OF
from chatcore.events import Envelope, Event
from chatcore.evolve import evolve
from chatcore.rules.facts import (
    OnArrival,
    OnBoletos,
    OnBonus,
    OnContact,
    OnConversation,
    OnCustomer,
    OnEdit,
    OnEffect,
    OnInvoices,
    OnMark,
    OnMerge,
    OnMessage,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)
from chatcore.rules.permissions import agent_behind
from chatcore.rules.table import TABLE
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    BoletoForm,
    ChannelKind,
    ContractStatus,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    FieldOn,
    FieldType,
    InvoiceModel,
    MessageKind,
    Priority,
    Private,
    Role,
    Situation,
    TemplateCategory,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
ROOT = "0190c0ffee"

ANA, BETO, CARLA = Actor.agent("ana"), Actor.agent("beto"), Actor.agent("carla")
SARA, ADA, AURO = Actor.agent("sara"), Actor.agent("ada"), Actor.agent("auro")
ROBO = Actor.bot("robo")

CV, CT, EF, MSG = "cv_1", "ct_1", "ef_1", "cv_1.1"
PHONE = Private("5511987654321")
ADDRESS = Address("key-1", PHONE)

CV2, CT2 = "cv_2", "ct_2"
"""Another conversation, and another contact: who two contacts are, where they are one."""
PHONE2 = Private("551187654321")
ADDRESS2 = Address("key-2", PHONE2)

REPEATS = RepeatsByKey(timedelta(hours=6))
LOOKS_UP = LooksUpByKey(timedelta(minutes=5))
REPORTS = ReportsByKey()
ONCE = AtMostOnce()
NATURES: tuple[Nature, ...] = (REPEATS, LOOKS_UP, REPORTS, ONCE)


# --- the workspace -------------------------------------------------------------------------------------------


def agent(id: str, *roles: Role, departments: tuple[str, ...] = ("sup",), **changes: Any) -> Agent:
    """An agent of Support, unless said otherwise."""
    return Agent(id=id, name=id.title(), roles=roles or (Role.AGENT,), departments=departments, **changes)


AGENTS = (
    agent("ana", max_open=2),
    agent("beto"),
    agent("carla", departments=("fin",)),
    agent("davi", active=False),
    agent("sara", Role.SUPERVISOR, departments=()),
    agent("ada", Role.ADMIN, departments=()),
    agent("auro", Role.AUDITOR, departments=()),
)

REASONS = (
    Reason(id="moved", name="Mudança de endereço"),
    Reason(id="slow", name="Lentidão"),
    Reason(id="old", name="Antigo", archived=True),
    Reason(id="fin", name="Segunda via", departments=("fin",)),
    Reason(id="sup", name="Sem sinal", departments=("fin", "sup")),
    Reason(id="worst", name="Antigo do financeiro", departments=("fin",), archived=True),
)

TAGS = (
    Tag(id="vip", name="VIP", colour="#ffaa00"),
    Tag(id="debt", name="Inadimplente", departments=("fin",)),
    Tag(id="fibre", name="Fibra β", departments=("sup",)),
    Tag(id="adsl", name="ADSL", archived=True),
    Tag(id="paper", name="Carnê", departments=("fin",), archived=True),
)

FIELDS = (
    Field(id="plan", name="Plano", on=FieldOn.CONVERSATION, type=FieldType.CHOICE, choices=("100M", "500M")),
    Field(id="visit", name="Visita", on=FieldOn.CONVERSATION, type=FieldType.DATE),
    Field(id="speed", name="Velocidade", on=FieldOn.CONVERSATION, type=FieldType.NUMBER),
    Field(id="solved", name="Resolvido", on=FieldOn.CONVERSATION, type=FieldType.YES_NO),
    Field(id="notes", name="Observação", on=FieldOn.CONVERSATION),
    Field(id="modem", name="Modem", on=FieldOn.CONVERSATION, archived=True),
    Field(id="cpf", name="CPF", on=FieldOn.CONTACT),
    Field(id="since", name="Cliente desde", on=FieldOn.CONTACT, type=FieldType.DATE),
)
"""Custom fields of every type; none is required at the close. `required_field` makes one that is."""

VALUES: dict[str, Any] = {
    "plan": Private("500M"),
    "visit": date(2026, 3, 12),
    "speed": Decimal(300),
    "solved": True,
    "notes": Private("Ligar antes"),
}
"""A value that fits each of the fields of a conversation, as it is kept."""

SHA = "0" * 63 + "a"


def attachment(mime: str = "image/jpeg", size: int = 20_000, **changes: Any) -> Attachment:
    """A file that the service keeps: a small picture, unless said otherwise."""
    values = {"key": "files/1", "mime": mime, "size": size, "sha256": SHA, **changes}
    return Attachment(**values)


PICTURE = attachment()
BOLETO = attachment("application/pdf", key="files/2", name="boleto.pdf")
VOICE = attachment("audio/ogg", key="files/3")

QUICK_REPLIES = (
    QuickReply(id="hello", shortcut="ola", text="Olá, {{first_name|tudo bem}}! Aqui é {{agent|a equipe}}."),
    QuickReply(id="number", shortcut="protocolo", text="Seu protocolo é {{protocol}}."),
    QuickReply(id="name", shortcut="nome", text="Sr(a). {{contact}},"),
    QuickReply(id="map", shortcut="mapa", attachment=PICTURE),
    QuickReply(id="slip", shortcut="boleto", text="Segue o boleto.", attachment=BOLETO),
    QuickReply(id="voice", shortcut="audio", text="Ouça, por favor.", attachment=VOICE),
    QuickReply(id="fin", shortcut="pix", text="Nossa chave Pix.", departments=("fin",)),
    QuickReply(id="anas", shortcut="ana", text="Fala com a Ana.", agents=("ana",)),
    QuickReply(id="old", shortcut="antiga", text="Não se usa mais.", archived=True),
)

TEMPLATES = (
    MessageTemplate(id="notice", channel="wa", name="aviso", language="pt_BR", body="Olá {{1}}, dia {{2}}."),
    MessageTemplate(
        id="offer",
        channel="wa",
        name="oferta",
        language="pt_BR",
        body="Oferta!",
        category=TemplateCategory.MARKETING,
    ),
    MessageTemplate(
        id="gone", channel="wa", name="antigo", language="pt_BR", body="Não se usa mais.", archived=True
    ),
    MessageTemplate(id="other", channel="bot", name="outro", language="pt_BR", body="De outro canal."),
)
"""`notice` takes two parameters, the others none; `other` is of another channel."""

CHANNEL = Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="106540352242922", department="sup")
BOT_CHANNEL = Channel(
    id="bot", kind=ChannelKind.WHATSAPP_CLOUD, account="106540352242923", department="sup", bot=True
)


def workspace(*agents: Agent, policies: Policies | None = None, **changes: Any) -> Workspace:
    """Two departments, an agent of each kind, some reasons, one channel. Agents given stand in by their id."""
    instead = {a.id: a for a in agents}
    everyone = tuple(instead.pop(a.id, a) for a in AGENTS) + tuple(instead.values())
    values: dict[str, Any] = {
        "name": "Provedor",
        "departments": (Department(id="sup", name="Suporte"), Department(id="fin", name="Financeiro")),
        "agents": everyone,
        "reasons": REASONS,
        "channels": (CHANNEL,),
        "policies": policies or Policies(),
        "version": 1,
        "recorded_at": NOW - 30 * DAY,
    }
    return Workspace(**{**values, **changes})


def stocked(*agents: Agent, **changes: Any) -> Workspace:
    """The workspace with a catalogue: tags, quick replies, templates, fields; and a channel with a bot."""
    values: dict[str, Any] = {
        "tags": TAGS,
        "quick_replies": QUICK_REPLIES,
        "templates": TEMPLATES,
        "fields": FIELDS,
        "channels": (CHANNEL, BOT_CHANNEL),
        **changes,
    }
    return workspace(*agents, **values)


BILLING = BillingPolicies(
    boleto_text="Boleto de {{amount}}, vence em {{due_date|breve}}.",
    invoice_text="Nota {{number}}, de {{amount}}.",
    bonus_limits=(Bonus.amount("20"), Bonus.days(5)),
)
"""What is said with a boleto and an invoice; agents grant up to R$ 20 or five days, and no percentage."""


def granted(id: str, *abilities: Ability, **changes: Any) -> Agent:
    """An agent who was given more than their role has."""
    return agent(id, granted=abilities, **changes)


def required_field(id: str = "cause", on: FieldOn = FieldOn.CONVERSATION, **changes: Any) -> Field:
    """A custom field without which nothing closes. Rule: C9."""
    return Field(**{"id": id, "name": id.title(), "on": on, "required_at_close": True, **changes})


def with_fields(*fields: Field, **changes: Any) -> Workspace:
    """The stocked workspace with further custom fields."""
    return stocked(fields=(*FIELDS, *fields), **changes)


# --- the things ----------------------------------------------------------------------------------------------


def conversation(situation: Situation = Situation.QUEUE, **changes: Any) -> Conversation:
    """A conversation of one message, in any situation; OPEN with ana, CLOSED by her."""
    opened = NOW - HOUR
    is_open, closed = situation is Situation.OPEN, situation is Situation.CLOSED
    values: dict[str, Any] = {
        "id": CV,
        "version": 2,
        "recorded_at": opened,
        "contact": CT,
        "channel": "wa",
        "address": PHONE,
        "protocol": "202603101234567890",
        "situation": situation,
        "department": "sup",
        "assignee": "ana" if is_open else None,
        "last_assignee": "ana" if is_open or closed else None,
        "reason": "moved" if closed else None,
        "started_at": opened,
        "opened_at": opened,
        "queued_at": None if situation is Situation.BOT else opened,
        "taken_at": opened if is_open or closed else None,
        "closed_at": opened if closed else None,
        "closed_by": ANA if closed else None,
        "seq": 1,
        "unread": 1,
        "waiting_since": opened,
        "window_until": opened + DAY,
        "transfers": 0,
    }
    values |= changes
    values.setdefault("heard", min(1, values["seq"]))
    return Conversation(**_grouped(values))


_PARTS = {"origin": Origin, "talk": Talk, "details": Details}


def _grouped(values: dict[str, Any]) -> dict[str, Any]:
    """Flat fields of a conversation, put into the parts they belong to."""
    values = dict(values)
    for part, cls in _PARTS.items():
        inside = {f.name: values.pop(f.name) for f in attrs.fields(cls) if f.name in values}
        if part not in values:
            values[part] = cls(**inside)
    return values


def contact(**changes: Any) -> Contact:
    """A contact with one address."""
    values: dict[str, Any] = {"id": CT, "version": 1, "recorded_at": NOW - DAY, "addresses": (ADDRESS,)}
    return Contact(**{**values, **changes})


def other_contact(**changes: Any) -> Contact:
    """Another contact, with an address of its own; older by a day."""
    return contact(**{"id": CT2, "recorded_at": NOW - 2 * DAY, "addresses": (ADDRESS2,), **changes})


def blocked_contact(**changes: Any) -> Contact:
    """A contact who was blocked an hour ago."""
    return contact(blocked=Block(SARA, NOW - HOUR), **{"version": 2, **changes})


def inbound(**changes: Any) -> Message:
    """A customer's message."""
    values: dict[str, Any] = {
        "id": MSG,
        "version": 1,
        "recorded_at": NOW - HOUR,
        "conversation": CV,
        "seq": 1,
        "channel": "wa",
        "direction": Direction.INBOUND,
        "kind": MessageKind.TEXT,
        "body": Private("Oi"),
        "provider_id": "wamid.in",
        "sent_at": NOW - HOUR,
    }
    return Message(**{**values, **changes})


def outbound(**changes: Any) -> Message:
    """A message that ana wrote, carried by the effect of `effect()`."""
    values: dict[str, Any] = {
        "id": MSG,
        "version": 1,
        "recorded_at": NOW - HOUR,
        "conversation": CV,
        "seq": 1,
        "channel": "wa",
        "direction": Direction.OUTBOUND,
        "kind": MessageKind.TEXT,
        "body": Private("Bom dia"),
        "author": ANA,
        "effect": EF,
    }
    return Message(**{**values, **changes})


def picture(**changes: Any) -> Message:
    """A customer's picture, whose file is still to be fetched."""
    pointer = MediaPointer(reference="media.1", mime="image/jpeg")
    extras = Extras(media=Media(pointer=pointer))
    return inbound(**{"kind": MessageKind.IMAGE, "body": Private(""), "extras": extras, **changes})


def doubtful(**changes: Any) -> Message:
    """The message of `outbound()`, of which nobody can tell whether it left."""
    return outbound(**{"version": 2, "unconfirmed": True, **changes})


def note(**changes: Any) -> Message:
    """A note that ana left for her colleagues."""
    values = {"direction": Direction.INTERNAL, "kind": MessageKind.NOTE, "effect": None, **changes}
    return outbound(**values)


def fetching(state: EffectState = EffectState.INTENDED, **changes: Any) -> Effect:
    """The effect that fetches the file of `picture()`."""
    values = {
        "kind": EffectKind.FETCH_MEDIA,
        "contact": None,
        "requested_by": SYSTEM,
        "lane": None,
        "position": 0,
        "reference": None,
        **changes,
    }
    return effect(state, **values)


def inner(kind: EffectKind, state: EffectState = EffectState.INTENDED, **changes: Any) -> Effect:
    """An effect that is inner work; releasing is of davi's conversations, who is deactivated."""
    values = {
        "kind": kind,
        "channel": None,
        "conversation": None,
        "contact": None,
        "message": None,
        "requested_by": ADA,
        "lane": None,
        "position": 0,
        "agent": "davi" if kind is EffectKind.RELEASE_AGENT else None,
        "reference": None,
        **changes,
    }
    return effect(state, **values)


def looking_up(state: EffectState = EffectState.INTENDED, **changes: Any) -> Effect:
    """The effect that looks up who the contact is."""
    values = {
        "kind": EffectKind.FIND_CUSTOMER,
        "channel": None,
        "message": None,
        "requested_by": SYSTEM,
        "lane": None,
        "position": 0,
        "reference": None,
        **changes,
    }
    return effect(state, **values)


def action(kind: EffectKind, state: EffectState = EffectState.INTENDED, **changes: Any) -> Effect:
    """An effect that ana asked of contracts or billing, for the customer `CUSTOMER`."""
    values = {
        "kind": kind,
        "channel": None,
        "message": None,
        "lane": f"{CV}:{PORT_OF[kind]}",
        "position": 3,
        "reference": "done.1" if state is EffectState.SUCCEEDED else None,
        "demand": ASKED[kind],
        **changes,
    }
    return effect(state, **values)


def effect(state: EffectState = EffectState.INTENDED, **changes: Any) -> Effect:
    """The effect of `outbound()`, in any state, due now where anything is due about it."""
    tried = state not in (EffectState.INTENDED, EffectState.CANCELLED)
    flying, unknown = state is EffectState.IN_FLIGHT, state is EffectState.UNKNOWN
    values: dict[str, Any] = {
        "id": EF,
        "version": 4,
        "recorded_at": NOW - 10 * SECOND,
        "kind": EffectKind.SEND_MESSAGE,
        "state": state,
        "channel": "wa",
        "conversation": CV,
        "contact": CT,
        "message": MSG,
        "requested_by": ANA,
        "expires_at": NOW + DAY,
        "lane": f"{CV}:messaging",
        "position": 1,
        "attempts": 1 if tried else 0,
        "due_at": NOW if flying or unknown or state is EffectState.INTENDED else None,
        "fence": 4,
        "lease_until": NOW if flying else None,
        "dispatched_at": NOW - 60 * SECOND if tried else None,
        "doubted_at": NOW - 10 * SECOND if unknown else None,
        "unresolved": unknown,
        "reference": "wamid.out" if state is EffectState.SUCCEEDED else None,
    }
    return Effect(**{**values, **changes})


# --- contracts and billing -----------------------------------------------------------------------------------

CUSTOMER, CONTRACT = "c1", "k1"
LINE = "00190.50095 40144.816069 06809.350314 3 37370000000100"
PIX = Private(
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)


def customer_contact(**changes: Any) -> Contact:
    """A contact that is linked to the customer `CUSTOMER`."""
    return contact(**{"customer": CUSTOMER, **changes})


def contract(id: str = CONTRACT, **changes: Any) -> Contract:
    """A contract of the customer: active, and so is its access."""
    values: dict[str, Any] = {
        "customer": CUSTOMER,
        "status": ContractStatus.ACTIVE,
        "access": ContractStatus.ACTIVE,
        "as_of": NOW,
    }
    return Contract(id=id, **{**values, **changes})


def boleto(id: str = "b1", **changes: Any) -> Boleto:
    """A boleto of the customer that is not due yet, to be had in every form."""
    values: dict[str, Any] = {
        "customer": CUSTOMER,
        "amount": Money(10_000),
        "due": date(2026, 3, 20),
        "contract": CONTRACT,
        "line": LINE,
        "pix": PIX,
    }
    return Boleto(id=id, **{**values, **changes})


def invoice(id: str = "n1", **changes: Any) -> Invoice:
    """A fiscal invoice of the customer; one of its model has no access key."""
    values: dict[str, Any] = {
        "customer": CUSTOMER,
        "model": InvoiceModel.NF_21,
        "number": "1234",
        "issued_on": date(2026, 3, 1),
        "amount": Money(10_000),
    }
    return Invoice(id=id, **{**values, **changes})


def contracts_offers(orders: Nature | None = REPEATS, **changes: Any) -> ContractsCapabilities:
    """A contracts side that opens service orders, with their transcripts."""
    return ContractsCapabilities(orders=orders, **{"transcripts": True, **changes})


def billing_offers(bonus: Nature | None = REPEATS, **changes: Any) -> BillingCapabilities:
    """A billing side that has boletos in every form and invoices, and grants every kind of bonus."""
    return BillingCapabilities(bonus=bonus, **{"boletos": tuple(BoletoForm), "invoices": True, **changes})


ASKED: Mapping[EffectKind, Demand] = {
    EffectKind.ISSUE_BOLETO: BoletoDemand(
        customer=CUSTOMER, boleto="b1", forms=(BoletoForm.DOCUMENT, BoletoForm.PIX), contract=CONTRACT
    ),
    EffectKind.ISSUE_INVOICE: InvoiceDemand(customer=CUSTOMER, invoice="n1"),
    EffectKind.GRANT_BONUS: BonusDemand(
        customer=CUSTOMER,
        contract=CONTRACT,
        bonus=Bonus.amount("10"),
        period="2026-03",
        justification=Private("Ficou sem sinal"),
    ),
    EffectKind.OPEN_ORDER: OrderDemand(
        customer=CUSTOMER,
        contract=CONTRACT,
        type="visit",
        subject=Private("Sem sinal"),
        description=Private("Sem sinal desde ontem"),
        priority=Priority.NORMAL,
        protocol="202603101234567890",
    ),
}
"""What `action` asks for, by kind."""


def keeper(*kept: KeptStatus, **changes: Any) -> Effect:
    """The effect that keeps early statuses of ``wamid.out``."""
    values: dict[str, Any] = {
        "id": "ef_keeper",
        "version": 1,
        "recorded_at": NOW - HOUR,
        "kind": EffectKind.KEEP_STATUS,
        "state": EffectState.INTENDED,
        "channel": "wa",
        "conversation": None,
        "contact": None,
        "message": None,
        "requested_by": SYSTEM,
        "expires_at": NOW + DAY,
        "due_at": NOW + DAY,
        "reference": "wamid.out",
        "kept": kept,
    }
    return Effect(**{**values, **changes})


def kept(status: DeliveryStatus, failure: str | None = None) -> KeptStatus:
    """A report that came before its message."""
    return KeptStatus(status, NOW - HOUR, failure)


def capabilities(nature: Nature = REPORTS, **changes: Any) -> ChannelCapabilities:
    """A channel with the window and limits of WhatsApp, and a few of its media; audio takes no caption."""
    values = {"text_limit": 4096, "nature": nature, "window": DAY, "templates": True, "media": CARRIED}
    return ChannelCapabilities(**{**values, **changes})


CARRIED = (
    MediaCapability(MessageKind.IMAGE, ("image/jpeg", "image/png"), 5_000_000),
    MediaCapability(MessageKind.AUDIO, ("audio/ogg",), 16_000_000, captions=False),
    MediaCapability(MessageKind.DOCUMENT, ("application/pdf", "image/jpeg"), 100_000_000),
)


# --- the facts -----------------------------------------------------------------------------------------------


def common(by: Actor, changes: dict[str, Any]) -> dict[str, Any]:
    values = {"workspace": workspace(), "actor": by, "now": NOW, "root": ROOT, **changes}
    return {"agent": agent_behind(values["actor"], values["workspace"]), **values}


def on_conversation(
    conversation: Conversation, by: Actor, loads: Mapping[str, int] | None = None, **changes: Any
) -> OnConversation:
    return OnConversation(conversation=conversation, loads=dict(loads or {}), **common(by, changes))


def on_reopening(
    conversation: Conversation, by: Actor, loads: Mapping[str, int] | None = None, **changes: Any
) -> OnReopening:
    values = {"live": None, "contact": contact(), **_left_by(changes)}
    return OnReopening(conversation=conversation, loads=dict(loads or {}), **common(by, values))


def on_talk(conversation: Conversation, by: Actor, **changes: Any) -> OnTalk:
    values = {"contact": contact(), "capabilities": capabilities(), **changes}
    return OnTalk(conversation=conversation, **common(by, values))


def on_message(conversation: Conversation, by: Actor, **changes: Any) -> OnMessage:
    """About a message of this conversation: one in doubt, unless said otherwise."""
    values = {
        "contact": contact(),
        "capabilities": capabilities(),
        "message": doubtful(),
        "effect": effect(EffectState.UNCONFIRMED),
        **changes,
    }
    return OnMessage(conversation=conversation, **common(by, values))


def on_customer(conversation: Conversation, by: Actor, **changes: Any) -> OnCustomer:
    """With a customer of one contract, unless said otherwise."""
    values = {
        "contact": customer_contact(),
        "capabilities": capabilities(),
        "contracts": (contract(),),
        "offers": contracts_offers(),
        **changes,
    }
    return OnCustomer(conversation=conversation, **common(by, values))


def on_bonus(conversation: Conversation, by: Actor, **changes: Any) -> OnBonus:
    """With a customer of one contract, to whom no bonus was granted yet."""
    values = {
        "contact": customer_contact(),
        "capabilities": capabilities(),
        "contracts": (contract(),),
        "offers": billing_offers(),
        "rival": None,
        **changes,
    }
    return OnBonus(conversation=conversation, **common(by, values))


def on_boletos(conversation: Conversation, by: Actor, *boletos: Boleto, **changes: Any) -> OnBoletos:
    """With a customer who has these boletos: `boleto()`, where none is given."""
    values = {
        "contact": customer_contact(),
        "capabilities": capabilities(),
        "boletos": boletos or (boleto(),),
        "offers": billing_offers(),
        **changes,
    }
    return OnBoletos(conversation=conversation, **common(by, values))


def on_invoices(conversation: Conversation, by: Actor, *invoices: Invoice, **changes: Any) -> OnInvoices:
    """With a customer who has these fiscal invoices: `invoice()`, where none is given."""
    values = {
        "contact": customer_contact(),
        "capabilities": capabilities(),
        "invoices": invoices or (invoice(),),
        "offers": billing_offers(),
        **changes,
    }
    return OnInvoices(conversation=conversation, **common(by, values))


def on_edit(
    conversation: Conversation, by: Actor, loads: Mapping[str, int] | None = None, **changes: Any
) -> OnEdit:
    values = {"contact": contact(), "capabilities": capabilities(), "live": None, **_left_by(changes)}
    return OnEdit(conversation=conversation, loads=dict(loads or {}), **common(by, values))


def on_start(by: Actor, loads: Mapping[str, int] | None = None, **changes: Any) -> OnStart:
    values = {
        "channel": CHANNEL,
        "department": "sup",
        "capabilities": capabilities(),
        "contact": contact(),
        "address": ADDRESS,
        "live": None,
        "loads": dict(loads or {}),
        "finds": False,
        **_left_by(changes),
    }
    values.pop("last", None)
    return OnStart(**common(by, values))


def _left_by(changes: dict[str, Any]) -> dict[str, Any]:
    """What the last closed conversation, if one is given, leaves to the next."""
    last = changes.get("last")
    left = (None, None) if last is None else (last.window_until, last.talk.robot.quiet_until)
    return {"window_until": left[0], "quiet_until": left[1], **changes}


def on_arrival(by: Actor = SYSTEM, **changes: Any) -> OnArrival:
    values = {
        "channel": CHANNEL,
        "capabilities": capabilities(),
        "address": ADDRESS,
        "seen": None,
        "contact": contact(),
        "live": None,
        "last": None,
        "loads": {},
        "available": True,
        "answered": None,
        "keeper": None,
        "fetches": True,
        "finds": False,
        **_left_by(changes),
    }
    return OnArrival(**common(by, values))


def on_mark(by: Actor = SYSTEM, **changes: Any) -> OnMark:
    values = {"message": inbound(), "contact": contact(), "seen": False, "theirs": True, **changes}
    return OnMark(**common(by, values))


def on_status(by: Actor = SYSTEM, **changes: Any) -> OnStatus:
    return OnStatus(**common(by, {"message": None, "effect": None, "keeper": None, **changes}))


def on_effect(effect: Effect, by: Actor = SYSTEM, nature: Nature = REPORTS, **changes: Any) -> OnEffect:
    """With the message and whom it is for where it sends; for what is asked, the customer and a contract."""
    sends, asks = effect.kind is EffectKind.SEND_MESSAGE, effect.demand is not None
    who = customer_contact() if asks else contact()
    values = {
        "message": outbound() if sends else None,
        "conversation": conversation(Situation.OPEN) if sends or asks else None,
        "contact": who if sends or asks or effect.kind is EffectKind.FIND_CUSTOMER else None,
        "capabilities": capabilities(nature),
        "nature": nature,
        "head": effect if effect.lane is not None else None,
        "keeper": None,
        "namesake": None,
        "rival": None,
        "contracts": (contract(),) if asks else None,
        "untold": None,
        **changes,
    }
    return OnEffect(effect=effect, **common(by, values))


def on_contact(contact: Contact | None, by: Actor, **changes: Any) -> OnContact:
    return OnContact(contact=contact, **common(by, {"address": None, "visible": True, **changes}))


def on_merge(by: Actor, *lives: Conversation, **changes: Any) -> OnMerge:
    """For `contact()`, who turned out to be `other_contact()`; `lives` are the live conversations of either."""
    values = {"contact": contact(), "into": other_contact(), "visible": True, **changes}
    return OnMerge(lives=tuple((live, capabilities()) for live in lives), **common(by, values))


def on_workspace(by: Actor, **changes: Any) -> OnWorkspace:
    return OnWorkspace(**common(by, {"sweeps": {}, **changes}))


ABOUT_ONE: Mapping[type, Callable[..., Any]] = {
    OnConversation: on_conversation,
    OnReopening: on_reopening,
    OnTalk: on_talk,
    OnMessage: on_message,
    OnCustomer: on_customer,
    OnBonus: on_bonus,
    OnBoletos: on_boletos,
    OnInvoices: on_invoices,
    OnEdit: on_edit,
}
"""What builds the facts of a shape that is about one conversation."""

ABOUT_ELSE: Mapping[type, Callable[..., Any]] = {
    OnStart: on_start,
    OnArrival: on_arrival,
    OnMark: on_mark,
    OnMerge: on_merge,
    OnStatus: on_status,
    OnEffect: lambda by, **changes: on_effect(effect(), by, **changes),
    OnContact: lambda by, **changes: on_contact(contact(), by, **changes),
    OnWorkspace: on_workspace,
}
"""What builds the facts of every other shape."""


ON_ITS_EFFECT = (Withdraw, SettleReview)
"""Commands about a conversation that name one of its effects: what is not seen does not exist."""


def about_one(command: type) -> bool:
    """Whether a command is about one conversation."""
    return command in ON_ITS_EFFECT or TABLE[command].shape in ABOUT_ONE


def facts_of(command: type, by: Actor, conversation: Conversation, **changes: Any) -> Any:
    """Facts for a command; about this conversation where it is about one."""
    if command in ON_ITS_EFFECT:
        state = EffectState.INTENDED if command is Withdraw else EffectState.REVIEW
        asked = action(EffectKind.GRANT_BONUS, state)
        return on_effect(asked, by, **{"conversation": conversation, **changes})
    shape = TABLE[command].shape
    if shape in ABOUT_ONE:
        return ABOUT_ONE[shape](conversation, by, **changes)
    return ABOUT_ELSE[shape](by, **changes)


# --- what happens next ---------------------------------------------------------------------------------------


def envelope(ref: str, version: int, event: Event, *, by: Actor = SYSTEM, at: datetime = NOW) -> Envelope:
    """An event as it is recorded."""
    return Envelope(f"ev_{version}", ref, version, at, by, "cm_1", None, None, 1, event)


def after(state: Any, *events: Event, by: Actor = SYSTEM, at: datetime = NOW) -> Any:
    """The state after these events of its stream."""
    for event in events:
        state = evolve(state, envelope(state.id, state.version + 1, event, by=by, at=at))
    return state


def born(ref: str, event: Event, *, by: Actor = SYSTEM, at: datetime = NOW) -> Any:
    """The state after the first event of a stream."""
    return evolve(None, envelope(ref, 1, event, by=by, at=at))


def changed(state: Any, **changes: Any) -> Any:
    """The same thing with these fields changed, all its checks made anew."""
    if isinstance(state, Conversation):
        for part, cls in _PARTS.items():
            inner = {f.name: changes.pop(f.name) for f in attrs.fields(cls) if f.name in changes}
            if inner:
                changes[part] = attrs.evolve(getattr(state, part), **inner)
    return attrs.evolve(state, **changes)
