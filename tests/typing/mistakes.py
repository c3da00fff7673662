"""What type checkers must reject: each line here is a mistake, and the check fails if it stops being told.

A ``type: ignore`` that is not needed is an error under mypy --strict, so each one proves its line.
"""

from __future__ import annotations

from datetime import datetime

from chatcore import (
    Actor,
    Assign,
    AsyncDesk,
    AsyncPorts,
    BoletoId,
    Bonus,
    ChannelKind,
    Close,
    Contact,
    ContractId,
    Conversation,
    ConversationQuery,
    Desk,
    Effect,
    GrantBonus,
    Message,
    MessageQuery,
    Outcome,
    PinContract,
    Ports,
    Report,
    SendBoletos,
    SendMessage,
    SettleReview,
    StartConversation,
    Take,
    Withdraw,
    Workspace,
)
from chatcore.entities import ChannelCapabilities
from chatcore.events import Envelope
from chatcore.memory import AsyncMemoryContracts, MemoryBilling, MemoryMessaging, MemoryStorage
from chatcore.ports import AsyncMessaging, AsyncStorage, ChangeSet, Due, ReadSet, SendRequest, Snapshot, Storage
from chatcore.search import ContactQuery, EffectQuery, Page
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    EffectId,
    MessageId,
    ReasonId,
    Ref,
)

CV, CT, ANA = ConversationId("cv_1"), ContactId("ct_1"), Actor.agent("ana")
WHATSAPP = ChannelKind.WHATSAPP_CLOUD


def ports_of_the_other_kind(
    storage: AsyncStorage, messaging: AsyncMessaging, ports: Ports, twin: AsyncPorts
) -> None:
    """An async adapter is not for `Desk`, nor a sync one for `AsyncDesk`."""
    Ports(storage=storage)  # type: ignore[arg-type]
    Ports(storage=MemoryStorage(), messaging={WHATSAPP: messaging})  # type: ignore[dict-item]
    AsyncPorts(storage=MemoryStorage())  # type: ignore[arg-type]
    AsyncPorts(storage=storage, messaging={WHATSAPP: MemoryMessaging()})  # type: ignore[dict-item]
    Ports(storage=MemoryStorage(), contracts=AsyncMemoryContracts())  # type: ignore[arg-type]
    Ports(storage=MemoryStorage(), contracts=MemoryBilling())  # type: ignore[arg-type]
    AsyncPorts(storage=storage, billing=MemoryBilling())  # type: ignore[arg-type]
    Desk(twin)  # type: ignore[arg-type]
    AsyncDesk(ports)  # type: ignore[arg-type]


class Base:
    """All of the storage port but `apply`, `due` and `forget`."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        return Snapshot()

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return Page(())

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        return 0

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        return Page(())

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        return Page(())

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        return Page(())

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return ()

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        return Page(())

    def head(self) -> str:
        return "0"


class Most(Base):
    """All of it but `due`."""

    def apply(self, change: ChangeSet, /) -> None:
        return None

    def forget(self, *, before: datetime) -> int:
        return 0


class Whole(Most):
    """All of it: nothing to complain about."""

    def due(self, *, now: datetime, limit: int) -> Due:
        return Due()


class Renamed(Most):
    """A keyword parameter has another name."""

    def due(self, *, at: datetime, limit: int) -> Due:
        return Due()


class Narrower(Most):
    """A parameter of the port is missing."""

    def due(self, *, now: datetime) -> Due:
        return Due()


class Demanding(Most):
    """A parameter of its own has no default."""

    def due(self, *, now: datetime, limit: int, shard: int) -> Due:
        return Due()


class OtherAnswer(Most):
    """The answer has another type."""

    def due(self, *, now: datetime, limit: int) -> list[Effect]:
        return []


class OneAsync(Most):
    """One method is async."""

    async def due(self, *, now: datetime, limit: int) -> Due:
        return Due()


def storages_that_do_not_fit() -> None:
    """Each misfit is told where it is given to the desk."""
    whole: Storage = Whole()
    Ports(storage=whole)
    Ports(storage=Most())  # type: ignore[arg-type]
    Ports(storage=Base())  # type: ignore[arg-type]
    Ports(storage=Renamed())  # type: ignore[arg-type]
    Ports(storage=Narrower())  # type: ignore[arg-type]
    Ports(storage=Demanding())  # type: ignore[arg-type]
    Ports(storage=OtherAnswer())  # type: ignore[arg-type]
    Ports(storage=OneAsync())  # type: ignore[arg-type]


class Incapable:
    """Lacks its capabilities."""

    def send(self, request: SendRequest, /) -> str:
        return request.key


class Silent:
    """Answers nothing."""

    @property
    def capabilities(self) -> ChannelCapabilities:
        return ChannelCapabilities(text_limit=1, nature="none")  # type: ignore[arg-type]

    def send(self, request: SendRequest, /) -> None:
        return None


def messagings_that_do_not_fit() -> None:
    """So it is for messaging."""
    Ports(storage=Whole(), messaging={WHATSAPP: Incapable()})  # type: ignore[dict-item]
    Ports(storage=Whole(), messaging={WHATSAPP: Silent()})  # type: ignore[dict-item]
    Ports(storage=Whole(), messaging={"whatsapp_cloud": MemoryMessaging()})  # type: ignore[dict-item]


async def forgotten_awaits(desk: AsyncDesk) -> None:
    """What was not awaited is no outcome, and is not silently dropped."""
    outcome: Outcome = desk.handle(Take(CV), by=ANA)  # type: ignore[assignment]
    report: Report = desk.run_due()  # type: ignore[assignment]
    desk.handle(Take(CV), by=ANA)  # type: ignore[unused-coroutine]
    assignee = desk.conversation(CV, by=ANA).assignee  # type: ignore[attr-defined]
    print(outcome, report, assignee)


async def needless_awaits(desk: Desk) -> None:
    """What a sync desk answers cannot be awaited."""
    await desk.handle(Take(CV), by=ANA)  # type: ignore[misc]


def one_id_for_another(desk: Desk, agent: AgentId, message: MessageId, effect: EffectId) -> None:
    """Ids of different things are different types."""
    Take(agent)  # type: ignore[arg-type]
    Take(message)  # type: ignore[arg-type]
    Take("cv_1")  # type: ignore[arg-type]
    Assign(CV, CV)  # type: ignore[arg-type]
    Close(CV, agent)  # type: ignore[arg-type]
    SendMessage(CT, "Oi")  # type: ignore[arg-type]
    StartConversation(ReasonId("r"), contact=CT)  # type: ignore[arg-type]
    StartConversation(ChannelId("wa"), contact=CV)  # type: ignore[arg-type]
    ConversationQuery(assignee=CV)  # type: ignore[arg-type]
    MessageQuery(conversation=agent)  # type: ignore[arg-type]
    desk.conversation(agent, by=ANA)  # type: ignore[arg-type]
    desk.conversation(CT, by=ANA)  # type: ignore[arg-type]
    desk.contact(CV, by=ANA)  # type: ignore[arg-type]
    desk.timeline(effect, by=ANA)  # type: ignore[arg-type]


def one_thing_asked_for_another(agent: AgentId, effect: EffectId) -> None:
    """What is asked of contracts and billing is typed too: no float is money, no word a form."""
    SendBoletos(CV, (BoletoId("b1"),), forms=("pix",))  # type: ignore[arg-type]
    GrantBonus(CV, BoletoId("b1"), Bonus.days(5), "x")  # type: ignore[arg-type]
    GrantBonus(CV, ContractId("k1"), 20.0, "x")  # type: ignore[arg-type]
    Bonus.amount(20.0)  # type: ignore[arg-type]
    PinContract(CV, agent)  # type: ignore[arg-type]
    Withdraw(CV)  # type: ignore[arg-type]
    SettleReview(effect, "applied", "x")  # type: ignore[arg-type]


def wrong_arguments(desk: Desk, workspace: Workspace) -> None:
    """Who acts is always said, by name; what is handled is a command; texts are texts."""
    desk.handle(Take(CV))  # type: ignore[call-arg]
    desk.handle(Take(CV), ANA, by=ANA)  # type: ignore[misc]
    desk.handle(Take(CV), by="ana")  # type: ignore[arg-type]
    desk.handle(Take(CV), by=ANA, delivery="later")  # type: ignore[arg-type]
    desk.handle(Take(CV), by=ANA, idempotency="k")  # type: ignore[call-arg]
    desk.handle(workspace, by=ANA)  # type: ignore[arg-type]
    SendMessage(CV, 7)  # type: ignore[arg-type]
    desk.can("take", by=ANA)  # type: ignore[arg-type]


def what_is_frozen(conversation: Conversation, command: Take) -> None:
    """Values do not change."""
    conversation.assignee = AgentId("ana")  # type: ignore[misc]
    command.conversation = CV  # type: ignore[misc]
