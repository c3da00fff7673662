"""Deciding and evolving Take, against like work in an aggregate of the `eventsourcing` library.

The aggregate checks in a method and records in one under the library's `@event` decorator, as its manual has
it: that makes a frozen event with the aggregate's id, version and a time stamp, runs the method's body over the
aggregate, and keeps the event as pending. The checks are those of our Take (contracted, an active agent, a
member of the department, room for one more, nobody has it); the event holds what our envelope holds; the body
writes what the fold writes. The peer has the lighter load where the two differ: the aggregate is changed in
place, and nothing of it is frozen or checked.

A taken aggregate is put back in the queue between batches, untimed. Ours decides again on the same facts.
"""

from __future__ import annotations

from datetime import datetime
from itertools import repeat

from eventsourcing.domain import Aggregate, event

from chatcore import Actor
from chatcore.events import SCHEMA
from chatcore.rules.facts import OnConversation
from chatcore.vocabulary import ActorKind, Module
from tests.bench import take
from tests.bench.measuring import Figure, Side, batch, compare
from tests.bench.scene import queued

BATCH, ROUNDS = 300, 150


class RefusedError(Exception):
    """The aggregate does not allow it."""


class Conversation(Aggregate):
    """A conversation as the library would have it."""

    def __init__(self, department: str) -> None:
        self.department = department
        self.situation = "queue"
        self.assignee: str | None = None
        self.last_assignee: str | None = None
        self.taken_at: datetime | None = None

    def take(self, facts: OnConversation) -> None:
        agent = facts.workspace.agent(facts.actor.id)
        if Module.CHAT not in facts.workspace.modules:
            raise RefusedError
        if facts.actor.kind is not ActorKind.AGENT or agent is None or not agent.active:
            raise RefusedError
        if self.department not in agent.departments:
            raise RefusedError
        if self.situation not in ("bot", "queue") or self.assignee is not None:
            raise RefusedError
        if agent.max_open and facts.loads[agent.id] >= agent.max_open:
            raise RefusedError
        self.taken(
            assignee=agent.id,
            recorded_at=facts.now,
            actor=facts.actor,
            command=f"cm_{facts.root}",
            correlation=None,
            causation=None,
            schema=SCHEMA,
        )

    @event("Taken")
    def taken(
        self,
        assignee: str,
        recorded_at: datetime,
        actor: Actor,
        command: str,
        correlation: str | None,
        causation: str | None,
        schema: int,
    ) -> None:
        self.situation = "open"
        self.assignee = self.last_assignee = assignee
        self.taken_at = recorded_at


def peer() -> Side:
    """The side of the library."""
    _, facts = take.waiting()
    aggregates = [Conversation(department=queued(n).department) for n in range(BATCH)]
    version = aggregates[0].version

    def ready() -> list[Conversation]:
        for aggregate in aggregates:
            aggregate.collect_events()
            aggregate._version = version
            aggregate.situation = "queue"
            aggregate.assignee = aggregate.last_assignee = aggregate.taken_at = None
        return aggregates

    return batch(lambda aggregate: aggregate.take(facts), ready)


def measure() -> Figure:
    """Ours against the library."""
    asked = take.waiting()
    return compare(batch(take.ours, lambda: repeat(asked, BATCH)), peer(), rounds=ROUNDS)
