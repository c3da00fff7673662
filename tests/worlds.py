"""A small world to test in: one tenant, a clock that only the test moves, ids that count, ports in memory.

The workspace has three departments, agents of every role, a catalogue of each kind, and two channels: ``wa``,
whose messages go to the queue, and ``bot``, where a bot comes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from chatcore import Delivery, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    Close,
    Command,
    Configure,
    Outcome,
    ReceiveMessage,
    RecordStatus,
    SendMessage,
    Take,
)
from chatcore.entities import (
    Agent,
    Attachment,
    AutomaticMessages,
    Channel,
    ChannelCapabilities,
    Department,
    Field,
    MessageTemplate,
    Nature,
    Policies,
    QuickReply,
    Reason,
    Tag,
    Workspace,
)
from chatcore.events import Envelope
from chatcore.memory import Contents, MemoryMessaging, MemoryStorage
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    FieldId,
    FieldOn,
    FieldType,
    QuickReplyId,
    ReasonId,
    Ref,
    Role,
    TagId,
    TemplateCategory,
    TemplateId,
)

__all__ = [
    "ADMIN",
    "ANA",
    "AUDITOR",
    "BETO",
    "BOT",
    "CARLA",
    "DIEGO",
    "MARIA",
    "NOON",
    "PEOPLE",
    "PICTURE",
    "SECRET",
    "SUPERVISOR",
    "WORKSPACE",
    "World",
    "capabilities",
    "changed",
    "counting_roots",
]

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""When a world begins: a Tuesday, nine in the morning in São Paulo."""

MARIA = "5511987654321"
"""The number of a customer, as the channel gives it."""

SECRET = b"a secret of the tests"

ANA = Actor.agent("ana")
"""Serves in support, and has room for one conversation."""
BETO = Actor.agent("beto")
"""Serves in support, without a bound."""
CARLA = Actor.agent("carla")
"""Serves in billing, and has room for two conversations."""
DIEGO = Actor.agent("diego")
"""Was deactivated."""
SUPERVISOR = Actor.agent("sofia")
ADMIN = Actor.agent("alba")
AUDITOR = Actor.agent("otto")
BOT = Actor.bot("robo")

PEOPLE = (ANA, BETO, CARLA, DIEGO, SUPERVISOR, ADMIN, AUDITOR)

SUPPORT, BILLING, SALES = DepartmentId("support"), DepartmentId("billing"), DepartmentId("sales")

PICTURE = Attachment(key="files/map", mime="image/jpeg", size=20_000, sha256="0" * 64)

WORKSPACE = Workspace(
    name="Provedor",
    departments=(
        Department(id=SUPPORT, name="Suporte"),
        Department(id=BILLING, name="Financeiro"),
        Department(id=SALES, name="Vendas"),
    ),
    agents=(
        Agent(id=AgentId("ana"), name="Ana", departments=(SUPPORT,), max_open=1),
        Agent(id=AgentId("beto"), name="Beto", departments=(SUPPORT, SALES)),
        Agent(id=AgentId("carla"), name="Carla", departments=(BILLING,), max_open=2),
        Agent(id=AgentId("diego"), name="Diego", departments=(SUPPORT,), active=False),
        Agent(
            id=AgentId("sofia"),
            name="Sofia",
            roles=(Role.SUPERVISOR,),
            granted=(Ability.CONFIGURE,),
            departments=(SUPPORT,),
            max_open=2,
        ),
        Agent(id=AgentId("alba"), name="Alba", roles=(Role.ADMIN,)),
        Agent(id=AgentId("otto"), name="Otto", roles=(Role.AUDITOR,)),
    ),
    reasons=(
        Reason(id=ReasonId("slip"), name="Segunda via"),
        Reason(id=ReasonId("slow"), name="Internet lenta", departments=(SUPPORT,)),
        Reason(id=ReasonId("old"), name="Motivo antigo", archived=True),
    ),
    tags=(
        Tag(id=TagId("vip"), name="VIP", colour="#ffaa00"),
        Tag(id=TagId("fibre"), name="Fibra", departments=(SUPPORT,)),
        Tag(id=TagId("debt"), name="Inadimplente", departments=(BILLING,)),
        Tag(id=TagId("adsl"), name="ADSL", archived=True),
    ),
    quick_replies=(
        QuickReply(id=QuickReplyId("hello"), shortcut="ola", text="Olá, {{first_name|cliente}}! {{protocol}}"),
        QuickReply(id=QuickReplyId("map"), shortcut="mapa", text="Estamos aqui.", attachment=PICTURE),
        QuickReply(id=QuickReplyId("sale"), shortcut="venda", text="Quer mais?", departments=(SALES,)),
        QuickReply(id=QuickReplyId("old"), shortcut="antiga", text="Nada.", archived=True),
    ),
    templates=(
        MessageTemplate(
            id=TemplateId("notice"), channel=ChannelId("wa"), name="aviso", language="pt_BR", body="Dia {{1}}."
        ),
        MessageTemplate(
            id=TemplateId("offer"),
            channel=ChannelId("wa"),
            name="oferta",
            language="pt_BR",
            body="Oferta!",
            category=TemplateCategory.MARKETING,
        ),
    ),
    fields=(
        Field(
            id=FieldId("plan"),
            name="Plano",
            on=FieldOn.CONVERSATION,
            type=FieldType.CHOICE,
            choices=("100M", "500M"),
        ),
        Field(id=FieldId("cause"), name="Causa", on=FieldOn.CONVERSATION),
        Field(id=FieldId("cpf"), name="CPF", on=FieldOn.CONTACT),
        Field(id=FieldId("since"), name="Desde", on=FieldOn.CONTACT, type=FieldType.DATE, archived=True),
    ),
    channels=(
        Channel(
            id=ChannelId("wa"),
            kind=ChannelKind.WHATSAPP_CLOUD,
            account="106540352242922",
            department=SUPPORT,
        ),
        Channel(
            id=ChannelId("bot"),
            kind=ChannelKind.WHATSAPP_CLOUD,
            account="106540352242923",
            department=BILLING,
            bot=True,
        ),
    ),
    policies=Policies(automatic=AutomaticMessages(closing="Obrigado pelo contato, até logo!")),
)


def capabilities(nature: Nature, window: timedelta | None = CAPABILITIES.window) -> ChannelCapabilities:
    """What the tests' channel carries, with another nature."""
    return attrs.evolve(CAPABILITIES, nature=nature, window=window)


def counting_roots(prefix: str = "r") -> Callable[[], str]:
    """Id roots that count; safe under threads, as one step of a counter is."""
    counter = itertools.count(1)
    return lambda: f"{prefix}{next(counter):06d}"


class World:
    """One tenant with its desk. Pass `storage` and `messaging` to stand others in for those in memory; without
    `contracts` and `billing` there are none.

    `clock` is when it is; move it with `pass_time`. `desk` is the process serving now; `restarted` gives a
    world with a new one over the same ports. Nothing is delivered but by `run_due` unless `delivery` says so.
    """

    def __init__(
        self,
        workspace: Workspace | None = WORKSPACE,
        *,
        storage: Any = None,
        messaging: Any = None,
        contracts: Any = None,
        billing: Any = None,
        delivery: Delivery = Delivery.LATER,
        new_root: Callable[[], str] | None = None,
        now: datetime = NOON,
    ) -> None:
        self.storage = MemoryStorage() if storage is None else storage
        self.messaging = MemoryMessaging() if messaging is None else messaging
        self.contracts, self.billing = contracts, billing
        self.now = now
        self.new_root = new_root or counting_roots()
        self.delivery = delivery
        self.desk = self.another_desk()
        self._provider_ids = itertools.count(1)
        if workspace is not None:
            self.desk.handle(Configure(workspace), by=SYSTEM)

    def another_desk(self, *, storage: Any = None, messaging: Any = None, **options: Any) -> Desk:
        """A further desk over the same ports (or over wrappers of them), as another process would have it."""
        port = messaging or self.messaging
        return Desk(
            Ports(
                storage=storage or self.storage,
                messaging={ChannelKind.WHATSAPP_CLOUD: port},
                contracts=self.contracts,
                billing=self.billing,
            ),
            delivery=self.delivery,
            clock=lambda: self.now,
            new_root=self.new_root,
            secret=SECRET,
            **options,
        )

    def pass_time(self, span: timedelta) -> None:
        """Move the clock, forward or back."""
        self.now += span

    # --- what people do --------------------------------------------------------------------------------------

    def do(self, command: Command, by: Actor = SYSTEM, **options: Any) -> Outcome:
        """Have the desk handle a command."""
        return self.desk.handle(command, by=by, **options)

    def arrival(
        self, text: str = "Bom dia!", *, phone: str = MARIA, channel: str = "wa", id: str | None = None
    ) -> ReceiveMessage:
        """A customer's message as the channel brings it now, under a new id unless one is given."""
        return ReceiveMessage(
            channel=ChannelId(channel),
            address=phone,
            provider_id=id or f"in-{next(self._provider_ids)}",
            sent_at=self.now,
            text=text,
            name="Maria Silva",
        )

    def arrive(self, text: str = "Bom dia!", **details: Any) -> ConversationId:
        """A customer writes; the conversation that their message is in."""
        conversation = self.do(self.arrival(text, **details)).conversation
        assert conversation is not None
        return conversation

    def take(self, conversation: ConversationId, by: Actor = BETO) -> Outcome:
        """An agent takes it."""
        return self.do(Take(conversation), by)

    def send(self, conversation: ConversationId, text: str = "Olá!", by: Actor = BETO) -> EffectId:
        """An agent writes; the effect that will carry the message out."""
        [effect] = self.do(SendMessage(conversation, text), by).effects
        return effect

    def close(self, conversation: ConversationId, by: Actor = BETO, reason: str | None = "slip") -> Outcome:
        """An agent closes it."""
        return self.do(Close(conversation, None if reason is None else ReasonId(reason)), by)

    def report(
        self,
        status: DeliveryStatus,
        provider_id: str,
        *,
        key: EffectId | None = None,
        failure: str | None = None,
        channel: str = "wa",
    ) -> RecordStatus:
        """A provider's report on a message."""
        return RecordStatus(
            channel=ChannelId(channel),
            provider_id=provider_id,
            status=status,
            occurred_at=self.now,
            key=key,
            failure=failure if status is DeliveryStatus.FAILED else None,
        )

    # --- what there is ---------------------------------------------------------------------------------------

    def contents(self) -> Contents:
        """Everything kept."""
        return self.storage.contents()

    def state(self, ref: Ref) -> Any:
        """An entity as it stands."""
        return self.contents().states[ref]

    def of(self, kind: type[Any]) -> list[Any]:
        """The entities of a kind, oldest first."""
        return [state for state in self.contents().states.values() if type(state) is kind]

    def events(self, ref: Ref) -> list[Any]:
        """What happened to an entity."""
        return [envelope.event for envelope in self.stream(ref)]

    def stream(self, ref: Ref) -> tuple[Envelope, ...]:
        """What happened to an entity, in its envelopes."""
        return self.contents().streams[ref]

    def seen(self) -> tuple[Contents, tuple[Any, ...]]:
        """Everything kept and everything done outside, to compare: a refused command changes neither."""
        done = () if self.contracts is None else tuple(self.contracts.orders)
        done += () if self.billing is None else (*self.billing.bonuses, *self.billing.issued)
        return self.contents(), (*self.messaging.outbox, *done)

    def until_quiet(self, most: int = 200) -> None:
        """Do what is due, moving the clock on to whatever falls due next, until nothing is left."""
        for _ in range(most):
            report = self.desk.run_due()
            if report.more or report.done:
                continue
            if report.next_at is None:
                return
            self.now = max(self.now, report.next_at)
        raise AssertionError("never quiet")


def changed(state: Workspace, **fields: Any) -> Workspace:
    """A configuration like another one, but for some fields."""
    return attrs.evolve(state, **fields)
