"""From a decision to a change set: events in envelopes, states folded, and what must hold across entities.

Claims, tallies and seals are the difference between what the states before and after ask for, so that no rule
can forget one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from chatcore._engine.gathering import Asked
from chatcore.commands import Outcome
from chatcore.entities import Contact, Entity, Workspace
from chatcore.events import SCHEMA, Envelope
from chatcore.evolve import evolve
from chatcore.ports import ChangeSet, Receipt, TallyChange, Write
from chatcore.rules.facts import Decision, Facts
from chatcore.rules.invariants import bound_of, claims_moved, expiring_claim_of, seals_of, tallies_of
from chatcore.vocabulary import CommandId, EventId, Ref

__all__ = ["Prepared", "prepare"]


@attrs.define(eq=False, repr=False)
class Prepared:
    """A change set ready to be committed, with the states it leads to."""

    change: ChangeSet
    states: Mapping[Ref, Entity]

    @property
    def outcome(self) -> Outcome:
        """The answer, once it is committed."""
        return self.change.receipt.outcome


def prepare(
    asked: Asked,
    facts: Facts,
    known: Mapping[Ref, Entity],
    decision: Decision,
    *,
    fingerprint: str | None,
    correlation: str | None,
    causation: EventId | None,
) -> Prepared:
    """Fold a decision over the states known and derive all that has to be committed with it."""
    root, actor = asked.root, facts.actor
    at = _recorded_at(facts.now, known)
    command_id = CommandId(f"cm_{root}")
    states: dict[Ref, Entity] = {}
    events: dict[Ref, list[Envelope]] = {}
    expiring: list[tuple[str, Ref]] = []
    for n, (ref, event) in enumerate(decision):
        state = states.get(ref) or known.get(ref)
        version = 1 if state is None else state.version + 1
        id = EventId(f"ev_{root}.{n}")
        envelope = Envelope(id, ref, version, at, actor, command_id, correlation, causation, SCHEMA, event)
        states[ref] = evolve(state, envelope)
        if ref in events:
            events[ref].append(envelope)
        else:
            events[ref] = [envelope]
        if (claim := expiring_claim_of(event)) is not None:
            expiring.append((claim, ref))
    writes: list[Write] = []
    changed: list[tuple[Ref, int]] = []
    claims: list[tuple[str, Ref]] = []
    releases: list[tuple[str, Ref]] = []
    deltas: dict[str, int] = {}
    seals: list[tuple[str, bool]] = []
    for ref, state in states.items():
        before = known.get(ref)
        writes.append(Write(ref, 0 if before is None else before.version, state, tuple(events[ref])))
        changed.append((ref, state.version))
        taken, released = claims_moved(before, state)
        if taken or released:
            claims += [(key, ref) for key in taken]
            releases += [(key, ref) for key in released]
        counted, counts = tallies_of(before), tallies_of(state)
        if counted != counts:
            for key in counted:
                deltas[key] = deltas.get(key, 0) - 1
            for key in counts:
                deltas[key] = deltas.get(key, 0) + 1
        if isinstance(state, Workspace):
            sealed, seal = seals_of(before), seals_of(state)
            seals += [(key, True) for key in sorted(seal - sealed)]
            seals += [(key, False) for key in sorted(sealed - seal)]
    workspace = facts.workspace
    tallies: list[TallyChange] = []
    for key, delta in deltas.items():
        if delta:
            bounded = delta > 0 and not getattr(asked.command, "over_capacity", False)
            tallies.append(TallyChange(key, delta, bound_of(key, workspace) if bounded else None))
    outcome = Outcome(command_id, tuple(changed))
    change = ChangeSet(
        Receipt(command_id, facts.now, outcome, asked.key, fingerprint),
        tuple(writes),
        _reads(workspace, known, states),
        tuple(claims),
        tuple(releases),
        tuple(expiring),
        tuple(tallies),
        tuple(seals),
    )
    return Prepared(change, states)


def _recorded_at(now: datetime, known: Mapping[Ref, Entity]) -> datetime:
    """The moment all is recorded at: now, unless the clock went back behind what it follows on. Rule: L12.

    Only what is recorded is held back by that; what is decided goes by the clock.
    """
    at = now
    for state in known.values():
        if state.recorded_at is not None and state.recorded_at > at:
            at = state.recorded_at
    return at


def _reads(
    workspace: Workspace, known: Mapping[Ref, Entity], states: Mapping[Ref, Entity]
) -> tuple[tuple[Ref, int], ...]:
    """What the decision rests on besides what it writes: the configuration, and a contact's block."""
    read: list[tuple[Ref, int]] = []
    if workspace.id not in states:
        read.append((workspace.id, workspace.version))
    for ref, state in known.items():
        if isinstance(state, Contact) and ref not in states:
            read.append((ref, state.version))
    return tuple(read)
