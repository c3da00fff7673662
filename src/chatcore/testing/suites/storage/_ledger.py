"""What a test commits, built as the desk builds it, and what the storage must hold afterwards.

1. A state is always the fold of its events, so an adapter that keeps events alone is held to the same.
2. Claims, tallies and seals that follow from states are part of each set, as the engine makes them; what a test
   is about comes on top.
3. A ledger takes a set in when it was committed, never before. A fork goes its own way from there: so a test
   has sets of rivals who saw the same, or of somebody who saw what is not there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from chatcore.commands import Outcome
from chatcore.entities import Contact, Conversation, Entity, Workspace
from chatcore.events import SCHEMA, Envelope, Event, MessageAdded, MessageReceived, NoteAdded
from chatcore.evolve import evolve
from chatcore.ports import ChangeSet, Receipt, Storage, TallyChange, Write
from chatcore.rules.invariants import claims_moved, seals_of, tallies_of
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    CommandId,
    ContactId,
    ConversationId,
    Direction,
    EventId,
    MessageKind,
    Private,
    Ref,
    message_id,
)

__all__ = ["NOON", "Ledger", "Step"]

NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When everything begins, unless a test says otherwise."""


@attrs.frozen(slots=True)
class Step:
    """What happens to one entity in a set."""

    ref: Ref
    events: tuple[Event, ...]
    by: Actor = SYSTEM


class Ledger:
    """What was committed to a storage so far. `now` is when the next set is recorded."""

    def __init__(self, storage: Storage, *, now: datetime = NOON) -> None:
        self.storage = storage
        self.now = now
        self.states: dict[Ref, Entity] = {}
        self.events: list[Envelope] = []
        self._numbers = itertools.count(1)

    def fork(self) -> Ledger:
        """Another one that knows the same so far; their commands never have the same id."""
        other = Ledger(self.storage, now=self.now)
        other.states = dict(self.states)
        other.events = list(self.events)
        other._numbers = self._numbers
        return other

    def change(
        self,
        *steps: Step,
        command: str | None = None,
        key: str | None = None,
        fingerprint: str | None = None,
        reads: Iterable[tuple[Ref, int]] = (),
        claims: Iterable[tuple[str, Ref]] = (),
        releases: Iterable[tuple[str, Ref]] = (),
        expiring: Iterable[tuple[str, Ref]] = (),
        tallies: Iterable[TallyChange] = (),
        seals: Iterable[tuple[str, bool]] = (),
    ) -> ChangeSet:
        """A set that makes these steps from what is known, and what else is asked for."""
        id = CommandId(command if command is not None else f"cm_{next(self._numbers):06d}")
        numbers = itertools.count()
        writes, taken, released = [], list(claims), list(releases)
        deltas: dict[str, int] = {}
        sealed = list(seals)
        for step in steps:
            before = self.states.get(step.ref)
            write = self._write(step, before, id, numbers)
            writes.append(write)
            more, less = claims_moved(before, write.state)
            taken += [(key, step.ref) for key in more]
            released += [(key, step.ref) for key in less]
            for state, delta in ((before, -1), (write.state, 1)):
                for tally in tallies_of(state):
                    deltas[tally] = deltas.get(tally, 0) + delta
            if isinstance(write.state, Workspace):
                was, are = seals_of(before), seals_of(write.state)
                sealed += [(key, key in are) for key in sorted(was ^ are)]
        counted = [TallyChange(key, delta) for key, delta in deltas.items() if delta]
        outcome = Outcome(id, tuple((write.ref, write.state.version) for write in writes))
        return ChangeSet(
            receipt=Receipt(id, self.now, outcome, key, fingerprint),
            writes=tuple(writes),
            reads=tuple(reads),
            claims=tuple(taken),
            releases=tuple(released),
            expiring=tuple(expiring),
            tallies=(*counted, *tallies),
            seals=tuple(sealed),
        )

    def _write(self, step: Step, before: Entity | None, command: CommandId, numbers: Iterable[int]) -> Write:
        state, envelopes = before, []
        for event, n in zip(step.events, numbers, strict=False):
            version = 1 if state is None else state.version + 1
            id = EventId(f"ev_{command}.{n}")
            envelope = Envelope(id, step.ref, version, self.now, step.by, command, None, None, SCHEMA, event)
            state = evolve(state, envelope)
            envelopes.append(envelope)
        assert state is not None, "a step has an event"
        return Write(step.ref, 0 if before is None else before.version, state, tuple(envelopes))

    def commit(self, *steps: Step, **parts: Any) -> ChangeSet:
        """Have a set committed, and take it in."""
        change = self.change(*steps, **parts)
        self.storage.apply(change)
        self.take_in(change)
        return change

    def take_in(self, change: ChangeSet) -> None:
        """Know of a set that was committed."""
        for write in change.writes:
            self.states[write.ref] = write.state
            self.events += write.events

    def version(self, ref: Ref) -> int:
        """The version an entity is at; 0 if it does not exist."""
        state = self.states.get(ref)
        return 0 if state is None else state.version

    def person(self, id: ContactId) -> Contact | None:
        """A contact as who they are by now. Rule: M11."""
        state = self.states.get(id)
        while isinstance(state, Contact) and state.merged_into is not None:
            state = self.states.get(state.merged_into)
        return state if isinstance(state, Contact) else None

    # --- what is said ----------------------------------------------------------------------------------------

    def heard(self, conversation: str, *texts: str) -> tuple[Step, ...]:
        """A customer says these texts, each a message of its own."""
        return self._said(conversation, texts, note=False)

    def noted(self, conversation: str, *texts: str) -> tuple[Step, ...]:
        """Somebody leaves these notes."""
        return self._said(conversation, texts, note=True)

    def _said(self, id: str, texts: tuple[str, ...], *, note: bool) -> tuple[Step, ...]:
        home = ConversationId(id)
        state = self.states[home]
        assert isinstance(state, Conversation)
        direction = Direction.INTERNAL if note else Direction.INBOUND
        added: list[Event] = []
        said: list[Step] = []
        for n, text in enumerate(texts):
            seq = state.seq + n + 1
            ref, body = message_id(home, seq), Private(text)
            added.append(MessageAdded(message=ref, seq=seq, direction=direction, human=note))
            what: Event
            if note:
                what = NoteAdded(conversation=home, seq=seq, channel=state.channel, body=body)
            else:
                what = MessageReceived(
                    conversation=home,
                    seq=seq,
                    channel=state.channel,
                    kind=MessageKind.TEXT,
                    body=body,
                    provider_id=f"in-{ref}",
                    sent_at=self.now,
                )
            said.append(Step(ref, (what,), Actor.agent("ana") if note else SYSTEM))
        return Step(home, tuple(added)), *said
