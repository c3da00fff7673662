"""What type checkers know of the public API: each answer has the type a service works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import assert_type

from chatcore import (
    SYSTEM,
    Actor,
    Answer,
    AsyncDesk,
    AsyncPorts,
    BoletoForm,
    BoletoId,
    Bonus,
    ChannelKind,
    ChatcoreError,
    Close,
    Contact,
    Contract,
    ContractId,
    Conversation,
    ConversationQuery,
    Customer,
    CustomerQuery,
    Delivery,
    Desk,
    Effect,
    GrantBonus,
    Invoice,
    Message,
    MessageQuery,
    OpenServiceOrder,
    Outcome,
    PinContract,
    Ports,
    ReceiveMessage,
    Report,
    SendBoletos,
    SendMessage,
    SettleReview,
    StartConversation,
    Take,
    Verdict,
    Withdraw,
    Workspace,
)
from chatcore.channels.items import Batch, Item
from chatcore.channels.whatsapp import CAPABILITIES, read_webhook
from chatcore.commands import AddTags, Command, EditConversation, SendTemplate, SetFields
from chatcore.desk import Ingested, Observation
from chatcore.entities import ChannelCapabilities, FieldValue, RepeatsByKey, Tag
from chatcore.errors import AlreadyTaken, InvalidValue, Problem, VersionConflict
from chatcore.events import Envelope, Taken
from chatcore.memory import (
    AsyncMemoryBilling,
    AsyncMemoryContracts,
    AsyncMemoryStorage,
    Contents,
    MemoryBilling,
    MemoryContracts,
    MemoryMessaging,
    MemoryStorage,
)
from chatcore.ports import (
    AsyncBilling,
    AsyncContracts,
    AsyncMessaging,
    AsyncStorage,
    Billing,
    ChangeSet,
    Contracts,
    Due,
    Messaging,
    ReadSet,
    SendRequest,
    Snapshot,
    Storage,
    SupportsFetch,
    SupportsLookUp,
    SupportsReceipts,
)
from chatcore.screen import (
    BoletoRow,
    ContractLight,
    ContractsPage,
    Counts,
    EffectCounts,
    FeedPage,
    Panel,
    Review,
    Row,
    ViewPage,
)
from chatcore.search import ContactQuery, EffectQuery, Hit, Named, Occurrence, Occurrences, Page, Says
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    EffectId,
    EffectState,
    EventId,
    FieldId,
    MessageId,
    Private,
    ReasonId,
    Ref,
    Situation,
    TagId,
    TemplateId,
)

CV = ConversationId("cv_1")
CT = ContactId("ct_1")
ANA = Actor.agent("ana")


def opening(seen: Callable[[Observation], None]) -> None:
    """A desk is opened with ports; everything else has a default."""
    memory = Ports(storage=MemoryStorage(), messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()})
    assert_type(Desk(memory), Desk)
    assert_type(
        Desk(
            memory,
            delivery=Delivery.LATER,
            clock=datetime.now,
            new_root=str,
            secret=b"key",
            available=lambda agent: agent == AgentId("ana"),
            observe=seen,
        ),
        Desk,
    )


def the_sync_desk(desk: Desk, batch: Batch) -> None:
    """Each method of `Desk`."""
    outcome = desk.handle(Take(CV), by=ANA)
    assert_type(outcome, Outcome)
    assert_type(outcome.conversation, ConversationId | None)
    assert_type(outcome.contact, ContactId | None)
    assert_type(outcome.message, MessageId | None)
    assert_type(outcome.effects, tuple[EffectId, ...])
    assert_type(outcome.version_of(CV), int | None)
    assert_type(outcome.changed, tuple[tuple[Ref, int], ...])
    desk.handle(
        Close(CV, ReasonId("moved")),
        by=ANA,
        key="k",
        expected=3,
        correlation="req-7",
        causation=EventId("ev_1"),
        delivery=Delivery.LATER,
    )

    verdict = desk.can(Close(CV), by=ANA)
    assert_type(verdict, Verdict)
    assert_type(verdict.answer, Answer)
    assert_type(verdict.needs, tuple[str, ...])
    assert_type(verdict.refusal, ChatcoreError | None)

    report = desk.run_due(limit=10)
    assert_type(report, Report)
    assert_type(report.next_at, datetime | None)

    (ingested,) = desk.ingest(batch)
    assert_type(ingested, Ingested)
    assert_type(ingested.item, Item)
    assert_type(ingested.outcome, Outcome | None)

    assert_type(desk.workspace(by=ANA), Workspace)
    assert_type(desk.conversation(CV, by=ANA), Conversation)
    assert_type(desk.contact(CT, by=ANA), Contact)
    page = desk.conversations(ConversationQuery(situation=Situation.QUEUE), by=ANA, limit=10, cursor=None)
    assert_type(page, Page[Conversation])
    assert_type(page.rows, tuple[Conversation, ...])
    assert_type(page.next, str | None)
    assert_type(desk.messages(MessageQuery(conversation=CV), by=ANA), Page[Message])
    assert_type(desk.search("boleto -pago", by=ANA, limit=5, cursor=None), Page[Hit])
    assert_type(desk.search(MessageQuery(where=Says("boleto") & ~Named("ana")), by=ANA).rows, tuple[Hit, ...])
    assert_type(desk.occurrences(CV, "boleto", by=ANA), Occurrences)
    assert_type(desk.occurrences(CV, Says("boleto") | Says("pix"), by=ANA).next(3), Occurrence | None)
    assert_type(desk.around(MessageId("cv.1"), by=ANA, before=1, after=1), tuple[Message, ...])
    assert_type(desk.contacts(ContactQuery(blocked=True), by=ANA), Page[Contact])
    assert_type(desk.effects(EffectQuery(), by=ANA), Page[Effect])
    feed = desk.feed(by=ANA, after="7", limit=10, holding=[CV])
    assert_type(feed, FeedPage)
    assert_type(feed.events, tuple[Envelope, ...])
    assert_type(feed.gone, tuple[ConversationId, ...])
    view = desk.view(ConversationQuery(situation=Situation.QUEUE), by=ANA, limit=10)
    assert_type(view, ViewPage)
    assert_type(view.rows, tuple[Row, ...])
    assert_type(view.rows[0].name, Private | None)
    assert_type(desk.counts(by=ANA).queue, int)
    panel = desk.panel(CV, by=ANA)
    assert_type(panel, Panel)
    assert_type(panel.actions[Take], Verdict)
    assert_type(panel.choices.tags, tuple[Tag, ...])
    assert_type(panel.contracts, tuple[Contract, ...])
    assert_type(panel.light, ContractLight | None)
    assert_type(panel.choices.boleto_forms, tuple[BoletoForm, ...])
    assert_type(panel.choices.bonus_limits, tuple[Bonus, ...] | None)
    assert_type(desk.contracts(CV, by=ANA), ContractsPage)
    assert_type(desk.boletos(CV, by=ANA), tuple[BoletoRow, ...])
    assert_type(desk.invoices(CV, by=ANA), tuple[Invoice, ...])
    assert_type(desk.customers(CustomerQuery(name="Maria"), by=ANA, limit=5), tuple[Customer, ...])
    assert_type(desk.overview(by=ANA), EffectCounts)
    assert_type(desk.overview(by=ANA).of(EffectState.REVIEW), int)
    assert_type(desk.reviews(by=ANA, limit=5), Page[Review])
    assert_type(desk.forget(before=datetime.now()), int)
    (event,) = desk.timeline(CV, by=ANA, after=1, limit=1)
    assert_type(event, Envelope)
    if isinstance(event.event, Taken):
        assert_type(event.event.assignee, AgentId)


async def the_async_desk(desk: AsyncDesk, batch: Batch) -> None:
    """Each method of `AsyncDesk` gives, awaited, what its twin gives."""
    assert_type(await desk.handle(Take(CV), by=ANA, key="k", expected=2), Outcome)
    assert_type(await desk.can(Take(CV), by=ANA), Verdict)
    assert_type(await desk.run_due(limit=1), Report)
    assert_type(await desk.ingest(batch), tuple[Ingested, ...])
    assert_type(await desk.workspace(by=ANA), Workspace)
    assert_type(await desk.conversation(CV, by=ANA), Conversation)
    assert_type(await desk.contact(CT, by=ANA), Contact)
    assert_type(await desk.conversations(ConversationQuery(), by=ANA), Page[Conversation])
    assert_type(await desk.messages(MessageQuery(conversation=CV), by=ANA), Page[Message])
    assert_type(await desk.search("boleto", by=ANA), Page[Hit])
    assert_type(await desk.occurrences(CV, "boleto", by=ANA), Occurrences)
    assert_type(await desk.around(MessageId("cv.1"), by=ANA), tuple[Message, ...])
    assert_type(await desk.contacts(ContactQuery(), by=ANA), Page[Contact])
    assert_type(await desk.effects(EffectQuery(), by=ANA), Page[Effect])
    assert_type(await desk.timeline(CV, by=ANA), tuple[Envelope, ...])
    assert_type(await desk.feed(by=ANA), FeedPage)
    assert_type(await desk.view(ConversationQuery(), by=ANA), ViewPage)
    assert_type(await desk.counts(by=ANA), Counts)
    assert_type(await desk.panel(CV, by=ANA), Panel)
    assert_type(await desk.contracts(CV, by=ANA), ContractsPage)
    assert_type(await desk.boletos(CV, by=ANA), tuple[BoletoRow, ...])
    assert_type(await desk.invoices(CV, by=ANA), tuple[Invoice, ...])
    assert_type(await desk.customers(CustomerQuery(name="Maria"), by=ANA), tuple[Customer, ...])
    assert_type(await desk.overview(by=ANA), EffectCounts)
    assert_type(await desk.reviews(by=ANA), Page[Review])
    assert_type(await desk.forget(before=datetime.now()), int)
    waiting: Awaitable[Outcome] = desk.handle(Take(CV), by=ANA)
    assert_type(await waiting, Outcome)


def commands() -> tuple[Command, ...]:
    """Texts may be given plain; they are held as personal data."""
    written = SendMessage(CV, "Olá")
    assert_type(written.text, Private)
    assert_type(written.text.reveal(), str)
    received = ReceiveMessage(
        channel=ChannelId("wa"),
        address="5511987654321",
        provider_id="wamid.1",
        sent_at=datetime.now(),
        text="Oi",
    )
    assert_type(received.address, Private)
    assert_type(received.text, Private | None)
    started = StartConversation(ChannelId("wa"), address="+55 11 98765-4321", text="Bom dia!")
    assert_type(started.contact, ContactId | None)
    tagged = AddTags(CV, (TagId("vip"),))
    assert_type(tagged.tags, tuple[TagId, ...])
    filled = SetFields(CV, {FieldId("plan"): "500M", FieldId("speed"): 300, FieldId("visit"): None})
    assert_type(filled.values, tuple[tuple[FieldId, FieldValue | None], ...])
    templated = SendTemplate(CV, TemplateId("notice"), ("Maria", "10/03"))
    assert_type(templated.parameters, tuple[Private, ...])
    edited = EditConversation(CV, reason=ReasonId("moved"), situation=Situation.CLOSED)
    assert_type(edited.situation, Situation | None)
    boletos = SendBoletos(CV, (BoletoId("b1"),), forms=(BoletoForm.PIX,))
    assert_type(boletos.forms, tuple[BoletoForm, ...] | None)
    bonus = GrantBonus(CV, ContractId("k1"), Bonus.amount("20"), "Ficou sem sinal", period="2026-03")
    assert_type(bonus.justification, Private)
    order = OpenServiceOrder(CV, "visit", "Sem sinal", "Desde ontem", transcript=True)
    assert_type(order.contract, ContractId | None)
    return (
        boletos,
        bonus,
        order,
        PinContract(CV, None),
        Withdraw(EffectId("ef_1")),
        SettleReview(EffectId("ef_1"), True, "Está no extrato"),
        Take(CV),
        Take(CV, over_capacity=True),
        Close(CV),
        written,
        received,
        started,
        tagged,
        filled,
        templated,
        edited,
    )


def errors(error: ChatcoreError) -> None:
    """Errors carry typed attributes."""
    assert_type(error.code, str)
    if isinstance(error, AlreadyTaken):
        assert_type(error.assignee, AgentId)
    elif isinstance(error, VersionConflict):
        assert_type(error.ref, Ref)
    elif isinstance(error, InvalidValue):
        assert_type(error.problems, tuple[Problem, ...])


def webhooks(body: bytes, header: str | None) -> None:
    """A codec turns bytes into a batch."""
    assert_type(read_webhook(body, signature=header, app_secret=b"s"), Batch)


def memory() -> None:
    """The adapters in memory are whole adapters, and a system actor may configure."""
    storage: Storage = MemoryStorage()
    messaging: Messaging = MemoryMessaging(CAPABILITIES)
    asked: SupportsLookUp = MemoryMessaging()
    assert_type(asked.look_up(EffectId("ef_1")), str | None)
    fetches: SupportsFetch = MemoryMessaging()
    receipts: SupportsReceipts = MemoryMessaging()
    assert_type((fetches, receipts), tuple[SupportsFetch, SupportsReceipts])
    assert_type(storage.count(ConversationQuery(), at_most=1), int)
    assert_type(storage.head(), str)
    assert_type(storage.read(ReadSet(refs=(CV, CT))), Snapshot)
    assert_type(MemoryStorage().contents(), Contents)
    assert_type(SYSTEM, Actor)
    Ports(storage=storage, messaging={ChannelKind.WHATSAPP_CLOUD: messaging})
    contracts: Contracts = MemoryContracts()
    billing: Billing = MemoryBilling()
    looked_up: tuple[SupportsLookUp, SupportsLookUp] = (MemoryContracts(), MemoryBilling())
    assert_type(MemoryContracts().reports(), tuple[tuple[EffectId, str], ...])
    assert_type(looked_up, tuple[SupportsLookUp, SupportsLookUp])
    assert_type(storage.count(EffectQuery(), at_most=1), int)
    Ports(storage=storage, contracts=contracts, billing=billing)
    waiting: tuple[AsyncContracts, AsyncBilling] = (
        AsyncMemoryContracts(MemoryContracts()),
        AsyncMemoryBilling(MemoryBilling()),
    )
    own = AsyncMemoryStorage(MemoryStorage())
    pair = AsyncPorts(storage=own, contracts=waiting[0], billing=waiting[1])
    assert_type(AsyncDesk(pair), AsyncDesk)


class OwnMessaging:
    """An adapter needs no base class, and names its own positional parameters as it likes."""

    @property
    def capabilities(self) -> ChannelCapabilities:
        return ChannelCapabilities(text_limit=100, nature=RepeatsByKey(timedelta(hours=1)))

    def send(self, message: SendRequest, /, retries: int = 3) -> str:
        return message.key


class OwnAsyncMessaging:
    """Its async twin."""

    @property
    def capabilities(self) -> ChannelCapabilities:
        return CAPABILITIES

    async def send(self, message: SendRequest, /) -> str:
        return message.key


class OwnAsyncStorage:
    """An async storage, every method of it."""

    async def read(self, what: ReadSet, /) -> Snapshot:
        return Snapshot()

    async def apply(self, change: ChangeSet, /) -> None:
        return None

    async def due(self, *, now: datetime, limit: int) -> Due:
        return Due()

    async def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return Page(())

    async def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        return 0

    async def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        return Page(())

    async def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        return Page(())

    async def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        return Page(())

    async def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        return ()

    async def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        return Page(())

    async def head(self) -> str:
        return "0"

    async def forget(self, *, before: datetime) -> int:
        return 0


def own_adapters() -> None:
    """Adapters of one's own fit by their shape alone."""
    storage: AsyncStorage = OwnAsyncStorage()
    messaging: AsyncMessaging = OwnAsyncMessaging()
    ports = AsyncPorts(storage=storage, messaging={ChannelKind.WHATSAPP_CLOUD: messaging})
    assert_type(AsyncDesk(ports), AsyncDesk)
    Desk(Ports(storage=MemoryStorage(), messaging={ChannelKind.WHATSAPP_CLOUD: OwnMessaging()}))
