"""Storage in memory. One lock makes `apply` one step and `read` one moment; states are shared, being frozen.

What must be found without looking at everything has an index: claims by key, conversations by contact, what
is due by time, lanes by position; views and words when they are first searched. The indexes are made of
nothing but the writes.
"""

from __future__ import annotations

import heapq
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

import attrs

from chatcore.entities import Contact, Conversation, Effect, Entity, Message, Workspace
from chatcore.errors import ClaimTaken, InvalidValue, TallyFull, VersionConflict
from chatcore.events import Envelope
from chatcore.memory._effects import EffectIndex
from chatcore.memory._searching import Searches
from chatcore.ports import ChangeSet, Due, ReadSet, Receipt, Snapshot
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Page,
    Query,
    matches,
    sort_key,
)
from chatcore.search.pages import check_limit, cursor_after, position_of
from chatcore.vocabulary import (
    WORKSPACE,
    CommandId,
    ContactId,
    ConversationId,
    Ref,
    message_id,
)

__all__ = ["Contents", "MemoryStorage"]

_Thing = TypeVar("_Thing", Conversation, Message, Contact, Effect)


@attrs.frozen(slots=True)
class Contents:
    """Everything a storage keeps, at one moment: to compare, and to hold the laws against."""

    states: Mapping[Ref, Entity]
    streams: Mapping[Ref, tuple[Envelope, ...]]
    claims: Mapping[str, Ref]
    expiring: Mapping[str, Ref]
    tallies: Mapping[str, int]
    sealed: frozenset[str]
    receipts: Mapping[CommandId, Receipt]


class MemoryStorage:
    """Everything of one tenant, in memory."""

    def __init__(self, tenant: str = "") -> None:
        """`tenant` names whose storage it is: a cursor of another one's is refused."""
        self._tenant = tenant
        self._lock = threading.Lock()
        self._states: dict[Ref, Entity] = {}
        self._streams: dict[Ref, list[Envelope]] = {}
        self._log: list[Envelope] = []
        self._claims: dict[str, Ref] = {}
        self._expiring: dict[str, tuple[Ref, datetime]] = {}
        self._tallies: dict[str, int] = {}
        self._sealed: set[str] = set()
        self._receipts: dict[CommandId, Receipt] = {}
        self._keys: dict[str, Receipt] = {}
        self._conversations: dict[ConversationId, None] = {}
        self._of_contact: defaultdict[ContactId, list[ConversationId]] = defaultdict(list)
        self._contacts: dict[ContactId, None] = {}
        self._effects = EffectIndex()
        self._searches = Searches(
            self._states,
            lambda: self._conversations,
            lambda contact: self._of_contact.get(contact, ()),
            self._reached,
        )

    def _reached(self, key: str) -> ContactId | None:
        """Who is reached at an address, by its key."""
        owner = self._owner(f"address:{key}")
        return None if owner is None else ContactId(owner)

    # --- reading ---------------------------------------------------------------------------------------------

    def read(self, wanted: ReadSet, /) -> Snapshot:
        """Read states, owners, counts and receipts at one moment."""
        states: dict[Ref, Entity] = {}
        owners: dict[str, Ref] = {}
        workspace: Workspace | None = None
        with self._lock:
            known = self._states
            for ref in wanted.refs:
                if (state := known.get(ref)) is not None:
                    states[ref] = state
            for key in wanted.owners:
                if (owner := self._owner(key)) is not None:
                    owners[key] = owner
                    states[owner] = known[owner]
            if wanted.workspace_after is not None:
                held = known.get(WORKSPACE)
                if isinstance(held, Workspace) and held.version > wanted.workspace_after:
                    workspace = held
            heads: dict[str, Effect] = {}
            for lane in wanted.lanes:
                if (head := self._effects.head(lane)) is not None:
                    heads[lane] = head
            return Snapshot(
                states,
                owners,
                {key: self._tallies.get(key, 0) for key in wanted.tallies},
                heads,
                None if wanted.key is None else self._keys.get(wanted.key),
                None if wanted.command is None else self._receipts.get(wanted.command),
                workspace,
            )

    def _owner(self, key: str) -> Ref | None:
        owner = self._claims.get(key)
        if owner is None and key in self._expiring:
            return self._expiring[key][0]
        return owner

    # --- committing ------------------------------------------------------------------------------------------

    def apply(self, change: ChangeSet, /) -> None:
        """Commit a change set, all or nothing: everything is checked before anything is changed."""
        with self._lock:
            self._check(change)
            receipt = change.receipt
            for key, _ in change.releases:
                self._claims.pop(key, None)
            for key, owner in change.claims:
                self._claims[key] = owner
            for key, owner in change.expiring:
                self._expiring[key] = owner, receipt.recorded_at
            for tally in change.tallies:
                self._tallies[tally.key] = self._tallies.get(tally.key, 0) + tally.delta
            for key, sealed in change.seals:
                (self._sealed.add if sealed else self._sealed.discard)(key)
            for write in change.writes:
                old = self._states.get(write.ref)
                self._states[write.ref] = write.state
                stream = self._streams.get(write.ref)
                if stream is None:
                    self._streams[write.ref] = list(write.events)
                else:
                    stream.extend(write.events)
                self._log.extend(write.events)
                self._index(old, write.state)
            self._receipts[receipt.command] = receipt
            if receipt.key is not None:
                self._keys[receipt.key] = receipt

    def _check(self, change: ChangeSet) -> None:
        receipt = change.receipt
        if receipt.command in self._receipts:
            raise ClaimTaken(f"command:{receipt.command}")
        if receipt.key is not None and receipt.key in self._keys:
            raise ClaimTaken(f"key:{receipt.key}")
        states = self._states
        for write in change.writes:
            state = states.get(write.ref)
            if (0 if state is None else state.version) != write.expected:
                raise VersionConflict(write.ref, write.expected)
        for ref, version in change.reads:
            state = states.get(ref)
            if (0 if state is None else state.version) != version:
                raise VersionConflict(ref, version)
        if change.claims or change.expiring or change.releases:
            released = set(change.releases)
            claimed: dict[str, Ref] = {}
            for key, owner in (*change.claims, *change.expiring):
                held = self._owner(key)
                free = held is None or held == owner or (key, held) in released
                if not free or claimed.setdefault(key, owner) != owner:
                    raise ClaimTaken(key)
            for key, owner in change.releases:
                if self._claims.get(key, owner) != owner:
                    raise ClaimTaken(key)
        counts: dict[str, int] = {}
        for tally in change.tallies:
            count = counts.get(tally.key, self._tallies.get(tally.key, 0)) + tally.delta
            counts[tally.key] = count
            if tally.delta > 0 and (
                tally.key in self._sealed or (tally.at_most is not None and count > tally.at_most)
            ):
                raise TallyFull(tally.key)

    def _index(self, old: Entity | None, new: Entity) -> None:
        if isinstance(new, Effect):
            self._effects.put(old if isinstance(old, Effect) else None, new)
            return
        if isinstance(new, Conversation):
            if not isinstance(old, Conversation):
                self._conversations[new.id] = None
                self._of_contact[new.contact].append(new.id)
            elif old.origin is not new.origin and old.contact != new.contact:
                self._of_contact[old.contact].remove(new.id)
                self._of_contact[new.contact].append(new.id)
        elif isinstance(new, Contact):
            self._contacts[new.id] = None
        self._searches.moved(old, new)

    # --- asking ----------------------------------------------------------------------------------------------

    def due(self, *, now: datetime, limit: int) -> Due:
        """The effects about which something is to be done now."""
        with self._lock:
            return self._effects.due(now, limit)

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """A page of conversations: of an ordered view, or of a few contacts' own."""
        after = self._position(query, limit, cursor)
        with self._lock:
            rows = self._searches.conversations(query, limit + 1, after)
        return self._cut(query, rows, limit)

    def _position(self, query: Query, limit: int, cursor: str | None) -> tuple[int, str] | None:
        check_limit(limit)
        return None if cursor is None else position_of(query, cursor, self._tenant)

    def _cut(self, query: Query, rows: list[_Thing], limit: int) -> Page[_Thing]:
        """A page of rows, of which there is one more if there is another page."""
        if len(rows) <= limit:
            return Page(tuple(rows))
        last = sort_key(query, rows[limit - 1])
        return Page(tuple(rows[:limit]), cursor_after(query, last, self._tenant))

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """How many match, counted up to `at_most`."""
        with self._lock:
            if isinstance(query, ConversationQuery):
                return self._searches.count(query, at_most)
            things = self._effects.of(query.state)
            return sum(islice((1 for thing in things if matches(query, thing)), at_most))

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """A page of messages: of one conversation, by their numbers; or those that the index of words finds."""
        after = self._position(query, limit, cursor)
        if query.conversation is None or query.where is not None:
            with self._lock:
                rows = self._searches.messages(query, limit + 1, after)
            return self._cut(query, rows, limit)
        with self._lock:
            conversation = self._states.get(query.conversation)
            last = 0
            if isinstance(conversation, Conversation) and query.scope.admits(conversation):
                last = conversation.seq
            if after is None:
                seq = min(query.start or last, last) if query.newest_first else query.start or 1
            else:
                position = after[0]
                seq = -position - 1 if query.newest_first else position + 1
            step = -1 if query.newest_first else 1
            found: list[Message] = []
            while len(found) < limit and 1 <= seq <= last:
                message = self._states[message_id(query.conversation, seq)]
                if isinstance(message, Message):
                    found.append(message)
                seq += step
        more = bool(found) and 1 <= seq <= last
        next_ = cursor_after(query, sort_key(query, found[-1]), self._tenant) if more else None
        return Page(tuple(found), next_)

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """A page of contacts: of those that the index of names finds, or of all."""
        after = self._position(query, limit, cursor)
        with self._lock:
            found = self._searches.contacts(query, tuple(self._contacts))
            return self._cut(query, _smallest(query, found, limit + 1, after), limit)

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """A page of effects; looks at those of the state asked for."""
        after = self._position(query, limit, cursor)
        with self._lock:
            found = (effect for effect in self._effects.of(query.state) if matches(query, effect))
            return self._cut(query, _smallest(query, found, limit + 1, after), limit)

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """The events of one entity; the event of version n stands at n - 1."""
        check_limit(limit)
        with self._lock:
            return tuple(self._streams.get(ref, ())[max(after, 0) : max(after, 0) + limit])

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """What was committed since a cursor; there is always a next one, to ask again with."""
        check_limit(limit)
        if after is None:
            start = 0
        elif after.isascii() and after.isdecimal() and len(after) < 20:
            start = int(after)
        else:
            raise InvalidValue.of("after", "not_a_cursor")
        with self._lock:
            if start > len(self._log):
                raise InvalidValue.of("after", "not_a_cursor")
            rows = tuple(self._log[start : start + limit])
        return Page(rows, str(start + len(rows)))

    def head(self) -> str:
        """The cursor behind everything committed by now."""
        with self._lock:
            return str(len(self._log))

    def forget(self, *, before: datetime) -> int:
        """Drop expiring claims and receipts recorded before a moment, and say how many."""
        with self._lock:
            claims = [key for key, (_, at) in self._expiring.items() if at < before]
            receipts = [r for r in self._receipts.values() if r.recorded_at < before]
            for key in claims:
                del self._expiring[key]
            for receipt in receipts:
                del self._receipts[receipt.command]
                if receipt.key is not None:
                    self._keys.pop(receipt.key, None)
        return len(claims) + len(receipts)

    def contents(self) -> Contents:
        """A copy of everything kept."""
        with self._lock:
            return Contents(
                states=dict(self._states),
                streams={ref: tuple(stream) for ref, stream in self._streams.items()},
                claims=dict(self._claims),
                expiring={key: owner for key, (owner, _) in self._expiring.items()},
                tallies={key: count for key, count in self._tallies.items() if count},
                sealed=frozenset(self._sealed),
                receipts=dict(self._receipts),
            )


def _smallest(query: Query, things: Iterable[_Thing], most: int, after: tuple[int, str] | None) -> list[_Thing]:
    """The next few of these, in order: one pass over them, keeping the smallest."""
    keyed = ((sort_key(query, thing), thing) for thing in things)
    wanted = (pair for pair in keyed if after is None or pair[0] > after)
    return [thing for _, thing in heapq.nsmallest(most, wanted, key=lambda pair: pair[0])]
