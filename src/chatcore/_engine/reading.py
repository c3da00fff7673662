"""Reads: what a person may see, and nothing else. Here, and only here, permission meets a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

import attrs

from chatcore._engine.body import Engine, check_actor
from chatcore._engine.customers import boletos_of, customers_like, invoices_of, told_of
from chatcore._engine.masking import masked
from chatcore._engine.screening import panel_of, rows_of
from chatcore._engine.searching import around, occurrences, resolved
from chatcore._shape import id_problem, not_id
from chatcore.entities import (
    Contact,
    Conversation,
    Customer,
    Effect,
    Entity,
    Invoice,
    Message,
    Scope,
    Workspace,
)
from chatcore.entities.scope import EVERYTHING
from chatcore.errors import InvalidValue, NotFound, NotPermitted
from chatcore.events import Envelope
from chatcore.limits import COUNT_ROWS, CUSTOMERS, HELD_ROWS, PAGE_ROWS
from chatcore.ports import CustomerQuery, ReadSet
from chatcore.rules.permissions import agent_behind, check_permitted, scope_of
from chatcore.rules.reviewing import to_find_out
from chatcore.rules.table import check_contracted
from chatcore.screen import BoletoRow, ContractsPage, Counts, EffectCounts, FeedPage, Panel, Review, ViewPage
from chatcore.search import (
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Hit,
    MessageQuery,
    Occurrence,
    Occurrences,
    Page,
    parse_search,
)
from chatcore.search.hits import hit_of
from chatcore.search.pages import check_limit
from chatcore.vocabulary import (
    WORKSPACE,
    Ability,
    Actor,
    ActorKind,
    ContactId,
    ConversationId,
    EffectState,
    EntityKind,
    MessageId,
    Ref,
    Role,
    Situation,
    kind_of,
)

__all__ = ["Reader"]

T = TypeVar("T")


class Reader:
    """The reads of one desk."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def workspace(self, by: Actor) -> Workspace:
        await self._scope(by)
        return self._engine.reads.held

    async def conversation(self, id: ConversationId, by: Actor) -> Conversation:
        return self._shown(await self._conversation(id, by), by)

    async def _conversation(self, id: ConversationId, by: Actor) -> Conversation:
        scope = await self._scope(by)
        conversation = await self._state(id)
        if not isinstance(conversation, Conversation) or not scope.admits(conversation):
            raise NotFound("conversation", id)
        return conversation

    async def contact(self, id: ContactId, by: Actor) -> Contact:
        scope = await self._scope(by, widest=True)
        contact = await self._state(id)
        if not isinstance(contact, Contact):
            raise NotFound("contact", id)
        if scope is not EVERYTHING and not await self._engine.reads.visible(
            contact, by, self._engine.reads.held
        ):
            raise NotFound("contact", id)
        return self._shown(contact, by)

    async def conversations(
        self, query: ConversationQuery, by: Actor, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return self._shown(await self._conversations(query, by, limit, cursor), by)

    async def _conversations(
        self, query: ConversationQuery, by: Actor, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        wanted = await self._scoped(query, by)
        return await self._engine.storage.conversations(wanted, check_limit(limit), cursor)

    async def _scoped(self, query: ConversationQuery, by: Actor) -> ConversationQuery:
        """A query as the desk means it: within what this person may see, and of one person all contacts."""
        _check_query(query, ConversationQuery)
        scope = await self._scope(by)
        for name, given in (("scope", query.scope != EVERYTHING), ("also", query.also != ())):
            if given:
                raise InvalidValue.of(name, "not_yours_to_set", rule="P")
        contact = None if query.contact is None else await self._state(query.contact)
        also = contact.merged if isinstance(contact, Contact) else ()
        return attrs.evolve(query, scope=scope, also=also, where=await resolved(self._engine, query.where))

    async def messages(self, query: MessageQuery, by: Actor, limit: int, cursor: str | None) -> Page[Message]:
        return self._shown(await self._messages(query, by, limit, cursor), by)

    async def _messages(self, query: MessageQuery, by: Actor, limit: int, cursor: str | None) -> Page[Message]:
        wanted = await self._within(query, by)
        return await self._engine.storage.messages(wanted, check_limit(limit), cursor)

    async def _within(self, query: MessageQuery, by: Actor) -> MessageQuery:
        """A query of messages as the desk means it: of one conversation they may see, or of all of those."""
        _check_query(query, MessageQuery)
        if query.scope != EVERYTHING:
            raise InvalidValue.of("scope", "not_yours_to_set", rule="P")
        if query.conversation is not None:
            await self._conversation(query.conversation, by)
            scope = EVERYTHING
        else:
            scope = await self._scope(by)
        return attrs.evolve(query, scope=scope, where=await resolved(self._engine, query.where))

    async def search(self, query: MessageQuery | str, by: Actor, limit: int, cursor: str | None) -> Page[Hit]:
        """Messages with the places where they say what is asked for."""
        if isinstance(query, str):
            await self._scope(by)
            query = MessageQuery(where=parse_search(query, self._engine.reads.held))
        page = await self._messages(query, by, limit, cursor)
        if self._masks(by):
            return Page(tuple(Hit(masked(row), ()) for row in page.rows), page.next)
        return Page(tuple(hit_of(row, query.where) for row in page.rows), page.next)

    async def occurrences(self, id: ConversationId, where: Condition | str, by: Actor) -> Occurrences:
        await self._conversation(id, by)
        asked = parse_search(where, self._engine.reads.held) if isinstance(where, str) else where
        if asked is None:
            raise InvalidValue.of("where", "not_a_condition", rule="S6")
        query = await self._within(MessageQuery(conversation=id, where=asked), by)
        found = await occurrences(self._engine, query)
        if not self._masks(by):
            return found
        hidden = {place.seq: Occurrence(place.message, place.seq, (0, 0)) for place in found.places}
        return Occurrences(tuple(hidden.values()), found.cut)

    async def around(self, id: MessageId, by: Actor, before: int, after: int) -> tuple[Message, ...]:
        for name, size in (("before", before), ("after", after)):
            if type(size) is not int or not 0 <= size < PAGE_ROWS:
                raise InvalidValue.of(name, "out_of_bounds", limit=PAGE_ROWS - 1)
        if not_id(id):
            raise InvalidValue(id_problem("message", id))
        home = ConversationId(id.partition(".")[0])
        await self._conversation(home, by)
        message = await self._state(id)
        if not isinstance(message, Message):
            raise NotFound("message", id)
        return self._shown(await around(self._engine, message, before, after), by)

    async def contacts(self, query: ContactQuery, by: Actor, limit: int, cursor: str | None) -> Page[Contact]:
        _check_query(query, ContactQuery)
        scope = await self._scope(by, widest=True)
        if query.blocked is True and by.kind is ActorKind.AGENT and not self._masks(by):
            check_permitted(Ability.BLOCK, by, self._engine.reads.held)
        elif scope is not EVERYTHING:
            raise NotPermitted(Ability.READ)
        wanted = attrs.evolve(query, where=await resolved(self._engine, query.where))
        return self._shown(await self._engine.storage.contacts(wanted, check_limit(limit), cursor), by)

    async def effects(self, query: EffectQuery, by: Actor, limit: int, cursor: str | None) -> Page[Effect]:
        _check_query(query, EffectQuery)
        if query.conversation is not None:
            await self._conversation(query.conversation, by)
        elif await self._scope(by) is not EVERYTHING:
            raise NotPermitted(Ability.READ)
        return self._shown(await self._engine.storage.effects(query, check_limit(limit), cursor), by)

    async def timeline(self, id: ConversationId, by: Actor, after: int, limit: int) -> tuple[Envelope, ...]:
        await self._conversation(id, by)
        if type(after) is not int or after < 0:
            raise InvalidValue.of("after", "not_a_version")
        return self._shown(await self._engine.storage.stream(id, after=after, limit=check_limit(limit)), by)

    async def view(self, query: ConversationQuery, by: Actor, limit: int, cursor: str | None) -> ViewPage:
        """A page of a view. The feed's cursor is read first: what changes meanwhile is told again."""
        feed = await self._engine.storage.head()
        page = await self._conversations(query, by, limit, cursor)
        rows = await rows_of(self._engine, page.rows)
        return ViewPage(self._shown(rows, by), page.next, feed)

    async def counts(self, query: ConversationQuery, by: Actor) -> Counts:
        scoped = await self._scoped(query, by)
        counted: dict[str, int] = {}
        for situation in Situation:
            wanted = attrs.evolve(scoped, situation=situation)
            counted[situation.value] = await self._engine.storage.count(wanted, COUNT_ROWS)
        return Counts(at_most=COUNT_ROWS, **counted)

    async def panel(self, id: ConversationId, by: Actor) -> Panel:
        feed = await self._engine.storage.head()
        panel = await panel_of(self._engine, await self._conversation(id, by), by, feed)
        if not self._masks(by):
            return panel
        return attrs.evolve(
            panel,
            contact=masked(panel.contact),
            conversation=masked(panel.conversation),
            contracts=masked(panel.contracts),
            light=masked(panel.light),
        )

    async def contracts(self, id: ConversationId, by: Actor) -> ContractsPage:
        contact, conversation = await self._whom(id, by)
        told = await told_of(self._engine, [contact])
        page = ContractsPage(told.contracts(contact), told.light(contact, conversation))
        return self._shown(page, by)

    async def boletos(self, id: ConversationId, by: Actor) -> tuple[BoletoRow, ...]:
        contact, _ = await self._whom(id, by)
        return self._shown(await boletos_of(self._engine, contact), by)

    async def invoices(self, id: ConversationId, by: Actor) -> tuple[Invoice, ...]:
        contact, _ = await self._whom(id, by)
        return self._shown(await invoices_of(self._engine, contact), by)

    async def _whom(self, id: ConversationId, by: Actor) -> tuple[Contact, Conversation]:
        """Whom a conversation is with, as who they are by now."""
        conversation = await self._conversation(id, by)
        contact = await self._state(conversation.contact)
        if not isinstance(contact, Contact):
            raise NotFound("contact", conversation.contact)
        return await self._engine.reads.standing(contact, {}), conversation

    async def customers(self, query: CustomerQuery, by: Actor, limit: int) -> tuple[Customer, ...]:
        _check_query(query, CustomerQuery)
        if type(limit) is not int or not 0 < limit <= CUSTOMERS:
            raise InvalidValue.of("limit", "out_of_bounds", limit=CUSTOMERS)
        await self._scope(by, widest=True)
        check_permitted(Ability.LINK, by, self._engine.reads.held)
        return await customers_like(self._engine, query, limit)

    async def overview(self, by: Actor) -> EffectCounts:
        if await self._scope(by) is not EVERYTHING:
            raise NotPermitted(Ability.READ)
        counts = [
            (state, await self._engine.storage.count(EffectQuery(state=state), COUNT_ROWS))
            for state in EffectState
        ]
        return EffectCounts(counts=tuple(counts), at_most=COUNT_ROWS)

    async def reviews(self, by: Actor, limit: int, cursor: str | None) -> Page[Review]:
        page = await self.effects(EffectQuery(state=EffectState.REVIEW), by, limit, cursor)
        return Page(tuple(_review(effect) for effect in page.rows), page.next)

    async def feed(
        self, by: Actor, after: str | None, limit: int, holding: Collection[ConversationId]
    ) -> FeedPage:
        """What was committed since a cursor, of what lies in conversations this person may see now."""
        if after is not None and type(after) is not str:
            raise InvalidValue.of("after", "not_a_cursor")
        held = _held(holding)
        scope = await self._scope(by)
        page = await self._engine.storage.changes(after=after, limit=check_limit(limit))
        homes = await self._homes(page.rows)
        changed = {home for home in homes.values() if home is not None}
        refresh = any(row.ref == WORKSPACE for row in page.rows)
        changed |= await self._of_contacts({row.ref for row in page.rows}, scope)
        states = await self._states({*changed, *(held if refresh else held & changed)})
        seen = {r: s for r, s in states.items() if isinstance(s, Conversation) and scope.admits(s)}
        events = tuple(row for row in page.rows if scope is EVERYTHING or homes.get(row.ref) in seen)
        rows = await rows_of(self._engine, [seen[ref] for ref in sorted(changed) if ref in seen])
        return FeedPage(
            events=self._shown(events, by),
            rows=self._shown(rows, by),
            gone=tuple(sorted(r for r in held if (refresh or r in states) and r not in seen)),
            refresh=refresh,
            next=page.next or "",
        )

    async def _homes(self, rows: tuple[Envelope, ...]) -> dict[Ref, ConversationId | None]:
        """The conversation that each thing changed lies in."""
        effects = {row.ref for row in rows if kind_of(row.ref) is EntityKind.EFFECT}
        carried = (await self._states(effects)).values()
        homes: dict[Ref, ConversationId | None] = {
            e.id: e.conversation for e in carried if isinstance(e, Effect)
        }
        for row in rows:
            if kind_of(row.ref) in (EntityKind.CONVERSATION, EntityKind.MESSAGE):
                homes[row.ref] = ConversationId(row.ref.partition(".")[0])
        return homes

    async def _of_contacts(self, refs: set[Ref], scope: Scope) -> set[ConversationId]:
        """The conversations whose rows show a contact that changed: the latest, as many as a page has."""
        found: set[ConversationId] = set()
        for ref in sorted(ref for ref in refs if kind_of(ref) is EntityKind.CONTACT):
            contact = await self._state(ref)
            also = contact.merged if isinstance(contact, Contact) else ()
            query = ConversationQuery(contact=ContactId(ref), also=also, scope=scope)
            page = await self._engine.storage.conversations(query, PAGE_ROWS, None)
            found |= {row.id for row in page.rows}
        return found

    def _masks(self, by: Actor) -> bool:
        """Whether this person reads personal data masked: who is an auditor, and nothing else. Rule: P."""
        agent = agent_behind(by, self._engine.reads.held)
        return agent is not None and all(role is Role.AUDITOR for role in agent.roles)

    def _shown(self, things: T, by: Actor) -> T:
        return masked(things) if self._masks(by) else things

    async def _states(self, refs: set[Ref]) -> Mapping[Ref, Entity]:
        if not refs:
            return {}
        return (await self._engine.storage.read(ReadSet(refs=tuple(sorted(refs))))).states

    async def _state(self, ref: Ref) -> object:
        return (await self._engine.storage.read(ReadSet(refs=(ref,)))).states.get(ref)

    async def _scope(self, by: Actor, *, widest: bool = False) -> Scope:
        """What they may see, if they may read; `widest` is for what lies in no conversation. Rule: S23, P."""
        check_actor(by)
        workspace = await self._engine.reads.workspace()
        check_contracted(by, workspace)
        if widest or by.kind is ActorKind.AGENT:
            check_permitted(Ability.READ, by, workspace)
        return scope_of(by, workspace)


def _review(effect: Effect) -> Review:
    known = () if effect.detail is None else (effect.detail,)
    return Review(effect, known + tuple(kept.finding for kept in effect.evidence), to_find_out(effect))


def _check_query(query: object, kind: type) -> None:
    """A read takes its own kind of query, and no other."""
    if type(query) is not kind:
        raise InvalidValue.of("query", "not_this_query")


def _held(holding: Collection[ConversationId]) -> set[ConversationId]:
    """The rows that a follower of the feed says it shows."""
    given: object = holding
    if isinstance(given, str) or not isinstance(given, Collection) or any(map(not_id, given)):
        raise InvalidValue.of("holding", "not_conversations")
    if len(holding) > HELD_ROWS:
        raise InvalidValue.of("holding", "too_many", limit=HELD_ROWS, actual=len(holding))
    return set(holding)
