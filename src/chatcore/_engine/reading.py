"""Reads: what a person may see, and nothing else. Here, and only here, permission meets a query."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from chatcore._engine.body import Engine, check_actor
from chatcore.entities import Contact, Conversation, Effect, Entity, Message, Scope, Workspace
from chatcore.entities.scope import EVERYTHING
from chatcore.errors import InvalidValue, NotFound, NotPermitted
from chatcore.events import Envelope
from chatcore.ports import ReadSet
from chatcore.rules.permissions import check_permitted, scope_of
from chatcore.rules.table import check_contracted
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.search.pages import check_limit
from chatcore.vocabulary import Ability, Actor, ActorKind, ContactId, ConversationId, EntityKind, Ref, kind_of

__all__ = ["Reader"]


class Reader:
    """The reads of one desk."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def workspace(self, by: Actor) -> Workspace:
        await self._scope(by)
        return self._engine.reads.held

    async def conversation(self, id: ConversationId, by: Actor) -> Conversation:
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
        if scope is not EVERYTHING:
            query = ConversationQuery(contact=id, scope=scope)
            if not (await self._engine.storage.conversations(query, 1, None)).rows:
                raise NotFound("contact", id)
        return contact

    async def conversations(
        self, query: ConversationQuery, by: Actor, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        _check_query(query, ConversationQuery)
        scope = await self._scope(by)
        if query.scope is not EVERYTHING:
            raise InvalidValue.of("scope", "not_yours_to_set", rule="P")
        return await self._engine.storage.conversations(
            attrs.evolve(query, scope=scope), check_limit(limit), cursor
        )

    async def messages(self, query: MessageQuery, by: Actor, limit: int, cursor: str | None) -> Page[Message]:
        _check_query(query, MessageQuery)
        await self.conversation(query.conversation, by)
        return await self._engine.storage.messages(query, check_limit(limit), cursor)

    async def contacts(self, query: ContactQuery, by: Actor, limit: int, cursor: str | None) -> Page[Contact]:
        _check_query(query, ContactQuery)
        if await self._scope(by, widest=True) is not EVERYTHING:
            raise NotPermitted(Ability.READ)
        return await self._engine.storage.contacts(query, check_limit(limit), cursor)

    async def effects(self, query: EffectQuery, by: Actor, limit: int, cursor: str | None) -> Page[Effect]:
        _check_query(query, EffectQuery)
        if query.conversation is not None:
            await self.conversation(query.conversation, by)
        elif await self._scope(by) is not EVERYTHING:
            raise NotPermitted(Ability.READ)
        return await self._engine.storage.effects(query, check_limit(limit), cursor)

    async def timeline(self, id: ConversationId, by: Actor, after: int, limit: int) -> tuple[Envelope, ...]:
        await self.conversation(id, by)
        if type(after) is not int or after < 0:
            raise InvalidValue.of("after", "not_a_version")
        return await self._engine.storage.stream(id, after=after, limit=check_limit(limit))

    async def feed(self, by: Actor, after: str | None, limit: int) -> Page[Envelope]:
        """What was committed since a cursor, of what lies in conversations this person may see now."""
        if after is not None and type(after) is not str:
            raise InvalidValue.of("after", "not_a_cursor")
        scope = await self._scope(by)
        page = await self._engine.storage.changes(after=after, limit=check_limit(limit))
        if scope is EVERYTHING:
            return page
        effects = {row.ref for row in page.rows if kind_of(row.ref) is EntityKind.EFFECT}
        carried = (await self._states(effects)).values()
        homes: dict[Ref, Ref | None] = {e.id: e.conversation for e in carried if isinstance(e, Effect)}
        for row in page.rows:
            if kind_of(row.ref) in (EntityKind.CONVERSATION, EntityKind.MESSAGE):
                homes[row.ref] = ConversationId(row.ref.partition(".")[0])
        seen = await self._states({home for home in homes.values() if home is not None})
        visible = {ref for ref, s in seen.items() if isinstance(s, Conversation) and scope.admits(s)}
        return Page(tuple(row for row in page.rows if homes.get(row.ref) in visible), page.next)

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


def _check_query(query: object, kind: type) -> None:
    """A read takes its own kind of query, and no other."""
    if type(query) is not kind:
        raise InvalidValue.of("query", "not_this_query")
