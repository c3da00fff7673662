"""The desk: the one way in. `Desk` over sync ports, `AsyncDesk` over async ones; the same body behind both.

A command goes gather, decide, evolve, commit; then what it set going outside is delivered, at once or by
whoever calls `run_due`. The outcome is fixed at the commit and never waits for delivery.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chatcore import _defaults
from chatcore.answers import Answer, Delivery, Ingested, Observation, Report, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Iterable
    from datetime import datetime

    from chatcore._engine.way import Way
    from chatcore.channels.items import Batch
    from chatcore.commands import Command, Outcome
    from chatcore.entities import Contact, Conversation, Customer, Effect, Invoice, Message, Workspace
    from chatcore.events import Envelope
    from chatcore.ports import AsyncPorts, CustomerQuery, Ports
    from chatcore.rules.table import CompanyRule
    from chatcore.screen import (
        BoletoRow,
        ContractsPage,
        Counts,
        EffectCounts,
        FeedPage,
        Panel,
        Review,
        ViewPage,
    )
    from chatcore.search import (
        Condition,
        ContactQuery,
        ConversationQuery,
        EffectQuery,
        Hit,
        MessageQuery,
        Occurrences,
        Page,
    )
    from chatcore.vocabulary import Actor, AgentId, ContactId, ConversationId, EventId, MessageId

__all__ = [
    "Answer",
    "AsyncDesk",
    "Delivery",
    "Desk",
    "Ingested",
    "Observation",
    "Report",
    "Verdict",
]

T = TypeVar("T")


def _everybody(_: AgentId) -> bool:
    """Presence, when the service supplies none: every active agent is available. Rule: L24."""
    return True


def _finish(step: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        step.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    step.close()
    raise RuntimeError("a sync port waited")


def _all_of_them() -> ConversationQuery:
    from chatcore.search import ConversationQuery

    return ConversationQuery()


def _way(ports: Ports | AsyncPorts, **settings: Any) -> Way:
    """The body of a desk. The engine is loaded with the first desk that is made, so importing one is light."""
    from chatcore._engine.way import open_way

    return open_way(ports, **settings)


class Desk:
    """One tenant's desk over sync ports. Safe to share between threads if its ports are."""

    __slots__ = ("_way",)

    def __init__(
        self,
        ports: Ports,
        *,
        delivery: Delivery = Delivery.INLINE,
        clock: Callable[[], datetime] = _defaults.now,
        new_root: Callable[[], str] = _defaults.new_root,
        secret: bytes = b"",
        available: Callable[[AgentId], bool] = _everybody,
        observe: Callable[[Observation], None] | None = None,
        rules: Iterable[CompanyRule] = (),
    ) -> None:
        """Open a desk over these ports.

        `clock` gives aware moments; `new_root` a fresh printable id root each time; `available` says who is
        present (L24); `observe` is told what happened, without personal data. `rules` are a company's own: pure
        functions of command, facts and decision, asked after the core's, that answer None or `CompanyRefusal`.

        `secret`, at most 64 bytes, keys the hashes that addresses are found by. Give one, keep it, and never
        change it: with another, no contact is found again.

        Raises:
            ContractViolation: an adapter lacks a method, or has an async one.
        """
        self._way = _way(
            ports,
            sync=True,
            delivery=delivery,
            clock=clock,
            new_root=new_root,
            secret=secret,
            available=available,
            observe=observe,
            rules=rules,
        )

    def handle(
        self,
        command: Command,
        *,
        by: Actor,
        key: str | None = None,
        expected: int | None = None,
        correlation: str | None = None,
        causation: EventId | None = None,
        delivery: Delivery | None = None,
    ) -> Outcome:
        """Carry out a command, and answer with what it committed.

        `key` makes repeating it harmless: the same key, actor and content give the first outcome again.
        `expected` is the version of the conversation the caller saw. `correlation` is the caller's own mark,
        `causation` the event this reacts to; both reach every event. `delivery` overrides the desk's.

        Raises:
            RuleViolation: the rules refuse it.
            InvalidValue, NotFound: it does not fit what is there.
            Conflict: others were faster, `expected` is not met, or `key` stands for another command.
            PortFailure: storage failed; after `OutcomeUnknown`, repeat it with its key.
        """
        return _finish(self._way.handle(command, by, key, expected, correlation, causation, delivery))

    def can(self, command: Command, *, by: Actor) -> Verdict:
        """Whether a command would pass now: allowed, needing fields, or refused. Nothing is committed.

        Raises:
            PortFailure, RuleFailed: it cannot be told: storage failed, or a company's own rule did.
        """
        return _finish(self._way.engine.can(command, by))

    def run_due(self, *, limit: int = 100) -> Report:
        """Do what is due: deliveries, leases that ran out, doubts to look into. Any number of processes may."""
        return _finish(self._way.carrier.run_due(limit))

    def ingest(self, batch: Batch) -> tuple[Ingested, ...]:
        """Record what a channel brought, in order, with an answer per item; none blocks the others."""
        return _finish(self._way.ingest(batch))

    def workspace(self, *, by: Actor) -> Workspace:
        """The configuration as it stands."""
        return _finish(self._way.reader.workspace(by))

    def conversation(self, id: ConversationId, *, by: Actor) -> Conversation:
        """One conversation; `NotFound` also where this person may not see it."""
        return _finish(self._way.reader.conversation(id, by))

    def contact(self, id: ContactId, *, by: Actor) -> Contact:
        """One contact; for who may not see everything, one with a conversation they see."""
        return _finish(self._way.reader.contact(id, by))

    def conversations(
        self, query: ConversationQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Conversation]:
        """A page of the conversations asked for, of those this person may see."""
        return _finish(self._way.reader.conversations(query, by, limit, cursor))

    def messages(
        self, query: MessageQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Message]:
        """A page of one conversation's messages."""
        return _finish(self._way.reader.messages(query, by, limit, cursor))

    def search(
        self, query: MessageQuery | str, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Hit]:
        """A page of messages found, with the places to highlight; of what this person may see.

        A text is read as people type a search: `search.typed` tells how. Without a conversation the newest come
        first. Rule: S6.

        Raises:
            NotASearch: the text cannot be read; says where, and what may have been meant.
            NotOffered, PortFailure: a document cannot be looked up.
        """
        return _finish(self._way.reader.search(query, by, limit, cursor))

    def occurrences(self, id: ConversationId, where: Condition | str, *, by: Actor) -> Occurrences:
        """Every place in one conversation where words stand, in order: how many, next, previous. Rule: S6.

        `where` is a condition, or a text as in `search`.
        """
        return _finish(self._way.reader.occurrences(id, where, by))

    def around(self, id: MessageId, *, by: Actor, before: int = 25, after: int = 25) -> tuple[Message, ...]:
        """A message with some before it and some after it, in order. Rule: S6."""
        return _finish(self._way.reader.around(id, by, before, after))

    def contacts(
        self, query: ContactQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Contact]:
        """A page of contacts, for who may see everything."""
        return _finish(self._way.reader.contacts(query, by, limit, cursor))

    def effects(
        self, query: EffectQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Effect]:
        """A page of effects: what is on its way, in doubt, or failed."""
        return _finish(self._way.reader.effects(query, by, limit, cursor))

    def timeline(
        self, id: ConversationId, *, by: Actor, after: int = 0, limit: int = 50
    ) -> tuple[Envelope, ...]:
        """Who did what when, in one conversation: its events above version `after`."""
        return _finish(self._way.reader.timeline(id, by, after, limit))

    def view(
        self, query: ConversationQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> ViewPage:
        """A page of a view as a screen shows it: rows with names and previews, of what this person may see."""
        return _finish(self._way.reader.view(query, by, limit, cursor))

    def counts(self, query: ConversationQuery | None = None, *, by: Actor) -> Counts:
        """How many conversations each view has, filtered by `query`; its situation does not count."""
        return _finish(self._way.reader.counts(query or _all_of_them(), by))

    def panel(self, id: ConversationId, *, by: Actor) -> Panel:
        """One conversation opened: whom it is with, what this person may do, and what they may choose."""
        return _finish(self._way.reader.panel(id, by))

    def contracts(self, id: ConversationId, *, by: Actor) -> ContractsPage:
        """The contracts of whom a conversation is with, and the light they make; grey where a port fails."""
        return _finish(self._way.reader.contracts(id, by))

    def boletos(self, id: ConversationId, *, by: Actor) -> tuple[BoletoRow, ...]:
        """The boletos of whom a conversation is with, as they stand today; soonest due first.

        Raises:
            NotOffered: there is no billing side.
            PortFailure: it cannot tell.
        """
        return _finish(self._way.reader.boletos(id, by))

    def invoices(self, id: ConversationId, *, by: Actor) -> tuple[Invoice, ...]:
        """The fiscal invoices of whom a conversation is with, latest first. Raises as `boletos`."""
        return _finish(self._way.reader.invoices(id, by))

    def customers(self, query: CustomerQuery, *, by: Actor, limit: int = 20) -> tuple[Customer, ...]:
        """The customers with a document, a phone or a name, to link a contact to; 20 at most.

        Raises:
            NotOffered: the contracts side does not find by that.
            PortFailure: it cannot tell.
        """
        return _finish(self._way.reader.customers(query, by, limit))

    def overview(self, *, by: Actor) -> EffectCounts:
        """How many effects stand in each state, for an operator; for who may see everything."""
        return _finish(self._way.reader.overview(by))

    def reviews(self, *, by: Actor, limit: int = 50, cursor: str | None = None) -> Page[Review]:
        """A page of what waits for a second person: what is known, and what they must find out."""
        return _finish(self._way.reader.reviews(by, limit, cursor))

    def feed(
        self,
        *,
        by: Actor,
        after: str | None = None,
        limit: int = 100,
        holding: Collection[ConversationId] = (),
    ) -> FeedPage:
        """What was committed since a cursor, of what this person may see; at least once, in order for each.

        Begin with the `feed` of a view's page, or with None at the very beginning, and go on with `next`. A
        page may be empty and still have a next. `holding` names the rows that the caller shows, at most
        1,000: the page says which of them left their sight.
        """
        return _finish(self._way.reader.feed(by, after, limit, holding))

    def forget(self, *, before: datetime) -> int:
        """Drop receipts, and what tells repeats apart, from before a moment; at least 30 days ago. Rule: M1."""
        return _finish(self._way.engine.forget(before))


class AsyncDesk:
    """One tenant's desk over async ports. Each method as in `Desk`."""

    __slots__ = ("_way",)

    def __init__(
        self,
        ports: AsyncPorts,
        *,
        delivery: Delivery = Delivery.INLINE,
        clock: Callable[[], datetime] = _defaults.now,
        new_root: Callable[[], str] = _defaults.new_root,
        secret: bytes = b"",
        available: Callable[[AgentId], bool] = _everybody,
        observe: Callable[[Observation], None] | None = None,
        rules: Iterable[CompanyRule] = (),
    ) -> None:
        """Open a desk over these ports.

        `clock` gives aware moments; `new_root` a fresh printable id root each time; `available` says who is
        present (L24); `observe` is told what happened, without personal data. `rules` are a company's own: pure
        functions of command, facts and decision, asked after the core's, that answer None or `CompanyRefusal`.

        `secret`, at most 64 bytes, keys the hashes that addresses are found by. Give one, keep it, and never
        change it: with another, no contact is found again.

        Raises:
            ContractViolation: an adapter lacks a method.
        """
        self._way = _way(
            ports,
            sync=False,
            delivery=delivery,
            clock=clock,
            new_root=new_root,
            secret=secret,
            available=available,
            observe=observe,
            rules=rules,
        )

    async def handle(
        self,
        command: Command,
        *,
        by: Actor,
        key: str | None = None,
        expected: int | None = None,
        correlation: str | None = None,
        causation: EventId | None = None,
        delivery: Delivery | None = None,
    ) -> Outcome:
        """As `Desk.handle`."""
        return await self._way.handle(command, by, key, expected, correlation, causation, delivery)

    async def can(self, command: Command, *, by: Actor) -> Verdict:
        """As `Desk.can`."""
        return await self._way.engine.can(command, by)

    async def run_due(self, *, limit: int = 100) -> Report:
        """As `Desk.run_due`."""
        return await self._way.carrier.run_due(limit)

    async def ingest(self, batch: Batch) -> tuple[Ingested, ...]:
        """As `Desk.ingest`."""
        return await self._way.ingest(batch)

    async def workspace(self, *, by: Actor) -> Workspace:
        """As `Desk.workspace`."""
        return await self._way.reader.workspace(by)

    async def conversation(self, id: ConversationId, *, by: Actor) -> Conversation:
        """As `Desk.conversation`."""
        return await self._way.reader.conversation(id, by)

    async def contact(self, id: ContactId, *, by: Actor) -> Contact:
        """As `Desk.contact`."""
        return await self._way.reader.contact(id, by)

    async def conversations(
        self, query: ConversationQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Conversation]:
        """As `Desk.conversations`."""
        return await self._way.reader.conversations(query, by, limit, cursor)

    async def messages(
        self, query: MessageQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Message]:
        """As `Desk.messages`."""
        return await self._way.reader.messages(query, by, limit, cursor)

    async def search(
        self, query: MessageQuery | str, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Hit]:
        """As `Desk.search`."""
        return await self._way.reader.search(query, by, limit, cursor)

    async def occurrences(self, id: ConversationId, where: Condition | str, *, by: Actor) -> Occurrences:
        """As `Desk.occurrences`."""
        return await self._way.reader.occurrences(id, where, by)

    async def around(
        self, id: MessageId, *, by: Actor, before: int = 25, after: int = 25
    ) -> tuple[Message, ...]:
        """As `Desk.around`."""
        return await self._way.reader.around(id, by, before, after)

    async def contacts(
        self, query: ContactQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Contact]:
        """As `Desk.contacts`."""
        return await self._way.reader.contacts(query, by, limit, cursor)

    async def effects(
        self, query: EffectQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> Page[Effect]:
        """As `Desk.effects`."""
        return await self._way.reader.effects(query, by, limit, cursor)

    async def timeline(
        self, id: ConversationId, *, by: Actor, after: int = 0, limit: int = 50
    ) -> tuple[Envelope, ...]:
        """As `Desk.timeline`."""
        return await self._way.reader.timeline(id, by, after, limit)

    async def view(
        self, query: ConversationQuery, *, by: Actor, limit: int = 50, cursor: str | None = None
    ) -> ViewPage:
        """As `Desk.view`."""
        return await self._way.reader.view(query, by, limit, cursor)

    async def counts(self, query: ConversationQuery | None = None, *, by: Actor) -> Counts:
        """As `Desk.counts`."""
        return await self._way.reader.counts(query or _all_of_them(), by)

    async def panel(self, id: ConversationId, *, by: Actor) -> Panel:
        """As `Desk.panel`."""
        return await self._way.reader.panel(id, by)

    async def contracts(self, id: ConversationId, *, by: Actor) -> ContractsPage:
        """As `Desk.contracts`."""
        return await self._way.reader.contracts(id, by)

    async def boletos(self, id: ConversationId, *, by: Actor) -> tuple[BoletoRow, ...]:
        """As `Desk.boletos`."""
        return await self._way.reader.boletos(id, by)

    async def invoices(self, id: ConversationId, *, by: Actor) -> tuple[Invoice, ...]:
        """As `Desk.invoices`."""
        return await self._way.reader.invoices(id, by)

    async def customers(self, query: CustomerQuery, *, by: Actor, limit: int = 20) -> tuple[Customer, ...]:
        """As `Desk.customers`."""
        return await self._way.reader.customers(query, by, limit)

    async def overview(self, *, by: Actor) -> EffectCounts:
        """As `Desk.overview`."""
        return await self._way.reader.overview(by)

    async def reviews(self, *, by: Actor, limit: int = 50, cursor: str | None = None) -> Page[Review]:
        """As `Desk.reviews`."""
        return await self._way.reader.reviews(by, limit, cursor)

    async def feed(
        self,
        *,
        by: Actor,
        after: str | None = None,
        limit: int = 100,
        holding: Collection[ConversationId] = (),
    ) -> FeedPage:
        """As `Desk.feed`."""
        return await self._way.reader.feed(by, after, limit, holding)

    async def forget(self, *, before: datetime) -> int:
        """As `Desk.forget`."""
        return await self._way.engine.forget(before)
