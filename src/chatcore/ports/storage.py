"""The storage port: keep states, events, claims, tallies and receipts of one tenant.

A handle is bound to one tenant. The port needs an atomic `apply` over a few keys, and nothing else: no
sequences, global locks, notifications or open transactions, so SQL on one machine or a distributed SQL store
can carry it. No value that crosses it is ever changed afterwards.

What `apply` must keep, all or nothing:

1. Each write's entity is at its `expected` version (0: it does not exist yet), and so is each of `reads`,
   which are only compared, never locked: no invariant rests on them. Else `VersionConflict`.
2. No claim added has another owner, before or within the set; a claim released in the set is free for it.
   Adding one the same owner has, or releasing one nobody has, does nothing; releasing another's does not pass.
   `claims` and `expiring` share their keys; what its owner has for good stays so when it is claimed for a while
   as well. Else `ClaimTaken`.
3. No tally passes its `at_most`, and none that is sealed grows; seals of the set hold from then on. Else
   `TallyFull`.
4. The command was not applied before, and its idempotency key has no receipt yet. Else `ClaimTaken`, with a key
   that begins with ``command:`` or ``key:``.

Where several fail any one may be raised, and nothing has changed. No set names a ref, a claim or a tally twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from chatcore.commands import Outcome
from chatcore.entities import Contact, Conversation, Effect, Entity, Message, Workspace
from chatcore.events import Envelope
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Page
from chatcore.vocabulary import CommandId, Ref

__all__ = [
    "AsyncStorage",
    "ChangeSet",
    "Due",
    "ReadSet",
    "Receipt",
    "Snapshot",
    "Storage",
    "TallyChange",
    "Write",
]


@attrs.frozen(slots=True)
class Receipt:
    """That a command was committed: its answer, and what it was asked as, if it had an idempotency key."""

    command: CommandId
    recorded_at: datetime
    outcome: Outcome
    key: str | None = None
    fingerprint: str | None = None


@attrs.frozen(slots=True)
class ReadSet:
    """What to read, in one go and at one moment.

    * `refs`: states.
    * `owners`: who owns these claims, with their states.
    * `tallies`: counts.
    * `lanes`: the first effect of each lane, by position, that is INTENDED or IN_FLIGHT.
    * `key`, `command`: the receipt of an idempotency key, of a command.
    * `workspace_after`: the workspace, if its version is above this one; None: not wanted.
    """

    refs: tuple[Ref, ...] = ()
    owners: tuple[str, ...] = ()
    tallies: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    key: str | None = None
    command: CommandId | None = None
    workspace_after: int | None = None


@attrs.frozen(slots=True)
class Snapshot:
    """What was read; what is not there is left out, and a count that was never made is 0."""

    states: Mapping[Ref, Entity] = attrs.field(factory=dict)
    owners: Mapping[str, Ref] = attrs.field(factory=dict)
    tallies: Mapping[str, int] = attrs.field(factory=dict)
    heads: Mapping[str, Effect] = attrs.field(factory=dict)
    receipt: Receipt | None = None
    committed: Receipt | None = None
    workspace: Workspace | None = None


@attrs.frozen(slots=True)
class Write:
    """One entity's step: from `expected` to its new state, by these events."""

    ref: Ref
    expected: int
    state: Entity
    events: tuple[Envelope, ...]


@attrs.frozen(slots=True)
class TallyChange:
    """A count moves by `delta`; when it grows, it may not pass `at_most` (None: no bound)."""

    key: str
    delta: int
    at_most: int | None = None


@attrs.frozen(slots=True)
class ChangeSet:
    """All that one command changes, as one value. See the module for what `apply` must keep.

    `expiring` are claims no state holds: kept until `forget`. `seals` close (true) or reopen (false) a tally.
    """

    receipt: Receipt
    writes: tuple[Write, ...] = ()
    reads: tuple[tuple[Ref, int], ...] = ()
    claims: tuple[tuple[str, Ref], ...] = ()
    releases: tuple[tuple[str, Ref], ...] = ()
    expiring: tuple[tuple[str, Ref], ...] = ()
    tallies: tuple[TallyChange, ...] = ()
    seals: tuple[tuple[str, bool], ...] = ()


@attrs.frozen(slots=True)
class Due:
    """Effects about which something is to be done, soonest first; `next_at` is when the next falls due."""

    effects: tuple[Effect, ...] = ()
    next_at: datetime | None = None


class Storage(Protocol):
    """Keeps everything of one tenant; a desk shared by threads calls it from all of them.

    Pages: `search.pages` has what they need. A cursor belongs to its query; another one's, or none at all, is
    an `InvalidValue`, and so is a limit out of bounds.
    """

    def read(self, wanted: ReadSet, /) -> Snapshot:
        """Read states, owners, counts and receipts at one moment."""

    def apply(self, change: ChangeSet, /) -> None:
        """Commit a change set, all or nothing.

        Raises:
            VersionConflict, ClaimTaken, TallyFull: the facts have moved; nothing changed.
            Temporary: certainly not done.
            OutcomeUnknown: may have been done; a read by its command tells. So does anything else raised.
        """

    def due(self, *, now: datetime, limit: int) -> Due:
        """The effects whose `due_at` is at or before `now`; of those INTENDED, only heads of lanes.

        Soonest first, ties by id. `next_at` is the `due_at` of the first one left out, due or not.
        """

    def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """A page of conversations, as `search.matches` and `search.sort_key` mean it."""

    def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """How many conversations, or effects, match; at `at_most` it may stop counting."""

    def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """A page of messages, likewise."""

    def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """A page of contacts, likewise."""

    def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """A page of effects, likewise."""

    def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """The events of one entity with a version above `after`, in order."""

    def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """What was committed since a cursor: at least once, in order for each entity, and none left out.

        A set that is committed later must not appear before a cursor given out earlier: numbers drawn before
        the commit are no such order. The last page has a next cursor too, to ask again with.
        """

    def head(self) -> str:
        """The cursor of `changes` that stands behind everything committed by now."""

    def forget(self, *, before: datetime) -> int:
        """Drop expiring claims and receipts recorded before a moment, and say how many.

        An expiring claim was recorded when its set's receipt was.
        """


class AsyncStorage(Protocol):
    """Keeps everything of one tenant. Each method as in `Storage`."""

    async def read(self, wanted: ReadSet, /) -> Snapshot:
        """As `Storage.read`."""

    async def apply(self, change: ChangeSet, /) -> None:
        """As `Storage.apply`."""

    async def due(self, *, now: datetime, limit: int) -> Due:
        """As `Storage.due`."""

    async def conversations(
        self, query: ConversationQuery, /, *, limit: int, cursor: str | None
    ) -> Page[Conversation]:
        """As `Storage.conversations`."""

    async def count(self, query: ConversationQuery | EffectQuery, /, *, at_most: int) -> int:
        """As `Storage.count`."""

    async def messages(self, query: MessageQuery, /, *, limit: int, cursor: str | None) -> Page[Message]:
        """As `Storage.messages`."""

    async def contacts(self, query: ContactQuery, /, *, limit: int, cursor: str | None) -> Page[Contact]:
        """As `Storage.contacts`."""

    async def effects(self, query: EffectQuery, /, *, limit: int, cursor: str | None) -> Page[Effect]:
        """As `Storage.effects`."""

    async def stream(self, ref: Ref, /, *, after: int, limit: int) -> tuple[Envelope, ...]:
        """As `Storage.stream`."""

    async def changes(self, *, after: str | None, limit: int) -> Page[Envelope]:
        """As `Storage.changes`."""

    async def head(self) -> str:
        """As `Storage.head`."""

    async def forget(self, *, before: datetime) -> int:
        """As `Storage.forget`."""
