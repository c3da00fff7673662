"""A right storage, made to be broken: every promise of the storage port is kept in a place of its own.

1. A database holds the tables of each tenant; storages of one tenant share them, and one lock.
2. `apply` is `check` and then `write`, each in the parts that are named in `CHECKS` and `WRITES`.
3. A page is what `found` finds, from behind a cursor on; a row is chosen by `chosen` and `holds`.
4. Everything is looked at one by one, so that there is no index that could be wrong as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final

import attrs

from chatcore.entities import Contact, Conversation, Effect, Entity, Message
from chatcore.errors import ClaimTaken, InvalidValue, TallyFull, VersionConflict
from chatcore.events import Envelope
from chatcore.ports import ChangeSet, Due, ReadSet, Receipt, Snapshot
from chatcore.search import (
    AllOf,
    AnyOf,
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Named,
    Not,
    Page,
    Query,
    Says,
    matches,
    sort_key,
)
from chatcore.search.matching import holds
from chatcore.search.pages import check_limit, cursor_after, position_of
from chatcore.text import canonical, needle
from chatcore.vocabulary import WORKSPACE, ContactId, EffectState, Ref
from tests.kit.tables import Database

__all__ = ["PlainStorage"]

KINDS: Final[dict[type, type]] = {
    ConversationQuery: Conversation,
    MessageQuery: Message,
    ContactQuery: Contact,
    EffectQuery: Effect,
}
"""What each query asks for."""

HOLDING: Final = (EffectState.INTENDED, EffectState.IN_FLIGHT)
"""The states in which an effect holds up its lane."""

ENDLESS: Final = 10**9
"""More rows than there are."""


class PlainStorage:
    """Everything of one tenant, and nothing of it wrong."""

    CHECKS = ("command", "key", "versions", "reads", "claims", "releases", "tallies")
    WRITES = ("claims", "tallies", "seals", "states", "receipt")

    def __init__(self, tenant: str, database: Database) -> None:
        self.tenant = tenant
        self.database = database
        self.tables = database.tenants[tenant]

    def step(self) -> AbstractContextManager[Any]:
        """One step: nobody else does anything meanwhile."""
        lock: AbstractContextManager[Any] = self.tables.lock
        return lock

    def moment(self) -> AbstractContextManager[Any]:
        """One moment: nothing changes meanwhile."""
        return self.step()

    # --- reading ---------------------------------------------------------------------------------------------

    def read(self, wanted: ReadSet, /) -> Snapshot:
        states: dict[Ref, Entity] = {}
        owners: dict[str, Ref] = {}
        heads: dict[str, Effect] = {}
        with self.moment():
            for ref in wanted.refs:
                if (state := self.state(ref)) is not None:
                    states[ref] = state
            for key in wanted.owners:
                if (owner := self.owner(key)) is not None:
                    owners[key] = owner
                    if (state := self.state(owner)) is not None:
                        states[owner] = state
            for lane in wanted.lanes:
                if (head := self.head_of(lane)) is not None:
                    heads[lane] = head
            return Snapshot(
                states,
                owners,
                self.counts(wanted.tallies),
                heads,
                None if wanted.key is None else self.receipt_of_key(wanted.key),
                None if wanted.command is None else self.receipt_of(wanted.command),
                None if wanted.workspace_after is None else self.workspace(wanted.workspace_after),
            )

    def state(self, ref: Ref) -> Entity | None:
        return self.tables.states.get(ref)

    def owner(self, key: str) -> Ref | None:
        expiring = self.tables.expiring.get(key)
        return self.tables.claims.get(key, None if expiring is None else expiring[0])

    def counts(self, keys: Iterable[str]) -> dict[str, int]:
        return {key: self.tables.tallies.get(key, 0) for key in keys}

    def receipt_of(self, command: str) -> Receipt | None:
        return self.tables.receipts.get(command)

    def receipt_of_key(self, key: str) -> Receipt | None:
        return self.tables.keys.get(key)

    def workspace(self, after: int) -> Any:
        held = self.state(WORKSPACE)
        return held if held is not None and held.version > after else None

    def head_of(self, lane: str) -> Effect | None:
        held = [each for each in self.effects_kept() if each.lane == lane and self.holds_up(each)]
        return min(held, key=self.place, default=None)

    def holds_up(self, effect: Effect) -> bool:
        return effect.state in HOLDING

    def place(self, effect: Effect) -> Any:
        return effect.position, effect.id

    def effects_kept(self) -> list[Effect]:
        return [each for each in self.things() if isinstance(each, Effect)]

    def things(self) -> list[Entity]:
        return list(self.tables.states.values())

    # --- committing ------------------------------------------------------------------------------------------

    def apply(self, change: ChangeSet, /) -> None:
        with self.step():
            self.check(change)
            self.write(change)

    def check(self, change: ChangeSet) -> None:
        for part in self.CHECKS:
            getattr(self, f"check_{part}")(change)

    def write(self, change: ChangeSet) -> None:
        for part in self.WRITES:
            getattr(self, f"write_{part}")(change)

    def check_command(self, change: ChangeSet) -> None:
        if change.receipt.command in self.tables.receipts:
            raise ClaimTaken(f"command:{change.receipt.command}")

    def check_key(self, change: ChangeSet) -> None:
        if change.receipt.key is not None and change.receipt.key in self.tables.keys:
            raise ClaimTaken(f"key:{change.receipt.key}")

    def version(self, ref: Ref) -> int:
        state = self.tables.states.get(ref)
        return 0 if state is None else state.version

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if self.version(write.ref) != write.expected:
                raise VersionConflict(write.ref, write.expected)

    def check_reads(self, change: ChangeSet) -> None:
        for ref, expected in change.reads:
            if self.version(ref) != expected:
                raise VersionConflict(ref, expected)

    def check_claims(self, change: ChangeSet) -> None:
        claimed: dict[str, Ref] = {}
        for key, owner in (*change.claims, *change.expiring):
            held = self.owner(key)
            free = held in (None, owner) or (key, held) in change.releases
            if not free or claimed.setdefault(key, owner) != owner:
                raise ClaimTaken(key)

    def check_releases(self, change: ChangeSet) -> None:
        for key, owner in change.releases:
            if self.tables.claims.get(key, owner) != owner:
                raise ClaimTaken(key)

    def check_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key, 0) + tally.delta
            full = tally.at_most is not None and count > tally.at_most
            if tally.delta > 0 and (full or tally.key in self.tables.sealed):
                raise TallyFull(tally.key)

    def write_claims(self, change: ChangeSet) -> None:
        for key, _ in change.releases:
            self.tables.claims.pop(key, None)
        for key, owner in change.claims:
            self.tables.claims[key] = owner
        for key, owner in change.expiring:
            self.tables.expiring[key] = owner, change.receipt.recorded_at

    def write_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            self.tables.tallies[tally.key] = self.tables.tallies.get(tally.key, 0) + tally.delta

    def write_seals(self, change: ChangeSet) -> None:
        for key, sealed in change.seals:
            (self.tables.sealed.add if sealed else self.tables.sealed.discard)(key)

    def write_states(self, change: ChangeSet) -> None:
        for write in change.writes:
            self.tables.states[write.ref] = self.kept(write.state)
            events = [self.kept(event) for event in write.events]
            self.tables.streams[write.ref] += events
            self.tables.log += events

    def write_receipt(self, change: ChangeSet) -> None:
        receipt = self.kept(change.receipt)
        self.tables.receipts[change.receipt.command] = receipt
        if change.receipt.key is not None:
            self.tables.keys[change.receipt.key] = receipt

    def kept(self, value: Any) -> Any:
        """A state, an event or a receipt, as it comes back."""
        return value

    # --- what is due -----------------------------------------------------------------------------------------

    def due(self, *, now: datetime, limit: int) -> Due:
        with self.moment():
            waiting = sorted(filter(self.waits, self.effects_kept()), key=self.turn)
        rows = [each for each in waiting if self.is_due(each, now)][:limit]
        return Due(tuple(rows), self.next_at(waiting[len(rows) :], now))

    def waits(self, effect: Effect) -> bool:
        if effect.due_at is None:
            return False
        return (
            effect.state is not EffectState.INTENDED
            or effect.lane is None
            or self.head_of(effect.lane) is effect
        )

    def turn(self, effect: Effect) -> Any:
        return effect.due_at, effect.id

    def is_due(self, effect: Effect, now: datetime) -> bool:
        return effect.due_at is not None and effect.due_at <= now

    def next_at(self, left_out: list[Effect], now: datetime) -> datetime | None:
        return left_out[0].due_at if left_out else None

    # --- pages -----------------------------------------------------------------------------------------------

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        return self.page(query, limit, cursor)

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        return self.page(query, limit, cursor)

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        return self.page(query, limit, cursor)

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        return self.page(query, limit, cursor)

    def page(self, query: Query, limit: int, cursor: str | None) -> Page[Any]:
        self.check_limit(limit)
        after = None if cursor is None else self.position(query, cursor)
        with self.moment():
            found = self.found(query)
        rows = [row for row in found if after is None or self.beyond(self.key(query, row), after)]
        return self.cut(query, rows, limit)

    def check_limit(self, limit: int) -> None:
        check_limit(limit)

    def cut(self, query: Query, rows: list[Any], limit: int) -> Page[Any]:
        more = len(rows) > limit
        return Page(tuple(rows[:limit]), self.cursor(query, rows[limit - 1]) if more else None)

    def beyond(self, key: tuple[int, str], after: tuple[int, str]) -> bool:
        return key > after

    def key(self, query: Query, row: Any) -> tuple[int, str]:
        return sort_key(query, row)

    def cursor(self, query: Query, row: Any) -> str:
        return cursor_after(query, self.key(query, row), self.tenant)

    def position(self, query: Query, cursor: str) -> tuple[int, str]:
        return position_of(query, cursor, self.tenant)

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        with self.moment():
            return min(len(self.found(query)), at_most)

    def found(self, query: Query) -> list[Any]:
        """What a query asks for, in its order."""
        where = None if isinstance(query, EffectQuery) else query.where
        bare: Any = query if where is None else attrs.evolve(query, where=None)
        kind = KINDS[type(query)]
        rows = [
            thing
            for thing in self.things()
            if isinstance(thing, kind)
            and self.chosen(bare, thing)
            and (where is None or self.holds(where, *self.about(thing)))
        ]
        return sorted(rows, key=lambda row: self.key(query, row))

    def chosen(self, query: Any, thing: Any) -> bool:
        """Whether a thing is among those asked for, apart from the condition."""
        return matches(query, thing, self.home(thing))

    def home(self, thing: Any) -> Any:
        return self.state(thing.conversation) if isinstance(thing, Message) else None

    def about(self, thing: Any) -> tuple[Any, Any, Any]:
        """The message, the conversation and the contact that a condition is asked of."""
        if isinstance(thing, Contact):
            return None, None, thing
        message = thing if isinstance(thing, Message) else None
        conversation = thing if isinstance(thing, Conversation) else self.home(thing)
        return message, conversation, None if conversation is None else self.person(conversation.contact)

    def person(self, id: ContactId | None) -> Contact | None:
        """A contact as who they are by now."""
        found = None if id is None else self.state(id)
        while isinstance(found, Contact) and found.merged_into is not None:
            found = self.state(found.merged_into)
        return found if isinstance(found, Contact) else None

    def holds(self, where: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(where, AllOf):
            return all(self.holds(part, message, conversation, contact) for part in where.parts)
        if isinstance(where, AnyOf):
            return any(self.holds(part, message, conversation, contact) for part in where.parts)
        if isinstance(where, Not):
            return not self.holds(where.part, message, conversation, contact)
        if isinstance(where, Says):
            return message is not None and self.said(where, self.text(message))
        if isinstance(where, Named):
            return contact is not None and contact.name is not None and self.said(where, self.name(contact))
        return self.so(where, message, conversation, contact)

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        return holds(leaf, message, conversation, contact)

    def text(self, message: Message) -> str:
        return message.shown.reveal()

    def name(self, contact: Contact) -> str:
        return "" if contact.name is None else contact.name.reveal()

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words, prefix=asked.prefix) in canonical(text)

    # --- events ----------------------------------------------------------------------------------------------

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        self.check_limit(limit)
        with self.moment():
            events = list(self.tables.streams.get(ref, ()))
        return tuple([event for event in events if event.version > after][:limit])

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        self.check_limit(limit)
        with self.moment():
            start = 0 if after is None else self.place_of(after)
            rows = tuple(self.tables.log[start : start + limit])
        return Page(rows, str(start + len(rows)))

    def place_of(self, after: str) -> int:
        if not (after.isascii() and after.isdecimal() and len(after) < 20):
            raise InvalidValue.of("after", "not_a_cursor")
        if int(after) > len(self.tables.log):
            raise InvalidValue.of("after", "not_a_cursor")
        return int(after)

    def head(self) -> str:
        with self.moment():
            return str(len(self.tables.log))

    # --- forgetting ------------------------------------------------------------------------------------------

    def forget(self, *, before: datetime) -> int:
        with self.step():
            claims = [key for key, (_, since) in self.tables.expiring.items() if self.old(since, before)]
            receipts = [r for r in self.tables.receipts.values() if self.old(r.recorded_at, before)]
            for key in claims:
                del self.tables.expiring[key]
            for receipt in receipts:
                del self.tables.receipts[receipt.command]
                if receipt.key is not None:
                    self.tables.keys.pop(receipt.key, None)
        return len(claims) + len(receipts)

    def old(self, at: datetime, before: datetime) -> bool:
        return at < before
