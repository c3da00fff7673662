"""Deciding and evolving Take, against a floor: the same frozen values built by hand, with no rule in between.

Both sides are given the same facts and give the same decision, the same envelope and the same state after it,
of the very same classes, with the checks those classes make. Ours finds them through the command table, the
permissions, the rule and the fold; the floor knows what will come out and only builds it. So the ratio is what
all rules together cost over the least that could be done.

A refused Take builds nothing: it is held against the floor of one that passes.
"""

from __future__ import annotations

import contextlib
from itertools import repeat

from chatcore import Conversation, Situation, Take
from chatcore.errors import AlreadyTaken
from chatcore.events import SCHEMA, Envelope, Taken
from chatcore.evolve import evolve
from chatcore.rules.facts import Decision, OnConversation
from chatcore.rules.table import decide
from tests.bench.measuring import Figure, batch, compare
from tests.bench.scene import AGENTS, queued, take_facts

BATCH, ROUNDS = 1_000, 200

Asked = tuple[Take, OnConversation]
Answer = tuple[Decision, Conversation, Envelope]


def ours(asked: Asked) -> Answer:
    """Decide, put each event into an envelope as the engine does, and fold it over the state."""
    command, facts = asked
    decision = decide(command, facts)
    root, actor, now = facts.root, facts.actor, facts.now
    old, [(ref, event)] = facts.conversation, decision
    id, command_id, version = f"ev_{root}.0", f"cm_{root}", old.version + 1
    envelope = Envelope(id, ref, version, now, actor, command_id, None, None, SCHEMA, event)
    return decision, evolve(old, envelope), envelope


def floor(asked: Asked) -> Answer:
    """Build the same by hand."""
    _, facts = asked
    old, now, actor, root = facts.conversation, facts.now, facts.actor, facts.root
    agent, version = actor.id, old.version + 1
    event = Taken(assignee=agent)
    envelope = Envelope(f"ev_{root}.0", old.id, version, now, actor, f"cm_{root}", None, None, SCHEMA, event)
    state = Conversation(
        id=old.id,
        version=version,
        recorded_at=now,
        origin=old.origin,
        talk=old.talk,
        situation=Situation.OPEN,
        department=old.department,
        assignee=agent,
        last_assignee=agent,
        reason=old.reason,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=now,
        closed_at=None,
        closed_by=None,
        transfers=old.transfers,
    )
    return ((old.id, event),), state, envelope


def refused(asked: Asked) -> None:
    """Ask for what another agent has."""
    command, facts = asked
    with contextlib.suppress(AlreadyTaken):
        decide(command, facts)


def waiting() -> Asked:
    """A Take that passes."""
    return take_facts(queued(1), AGENTS[0])


def taken() -> Asked:
    """A Take of what another agent has."""
    _, state, _ = floor(waiting())
    return take_facts(state, AGENTS[1])


def measure() -> Figure:
    """Ours against the floor."""
    asked = waiting()
    return compare(
        batch(ours, lambda: repeat(asked, BATCH)), batch(floor, lambda: repeat(asked, BATCH)), rounds=ROUNDS
    )


def measure_refused() -> Figure:
    """A refused Take against the floor of one that passes."""
    asked, late = waiting(), taken()
    return compare(
        batch(refused, lambda: repeat(late, BATCH)), batch(floor, lambda: repeat(asked, BATCH)), rounds=ROUNDS
    )
