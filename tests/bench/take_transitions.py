"""Deciding and evolving Take, against like work in the `transitions` library: conditions and a callback.

The machine has the four situations and the edges of `Taken`. Its conditions ask what our Take asks (contracted,
an active agent, a member of the department, room for one more); its callback writes what the fold writes and
notes the same event in the same envelope. The peer has the lighter load where the two differ: its model is an
ordinary object that is changed in place, and nothing of it is frozen or checked. What the library offers and
the work does not need is off: automatic transitions, event objects, queues.

A taken model is put back in the queue between batches, untimed. Ours decides again on the same facts.
"""

from __future__ import annotations

from itertools import repeat

from transitions import Machine

from chatcore.events import SCHEMA, Envelope, Taken
from chatcore.rules.facts import OnConversation
from chatcore.vocabulary import ActorKind, Module
from tests.bench import take
from tests.bench.measuring import Figure, Side, batch, compare
from tests.bench.scene import queued

BATCH, ROUNDS = 300, 150


class Model:
    """A conversation as the library would have it."""

    def __init__(self, n: int) -> None:
        born = queued(n)
        self.id = born.id
        self.department = born.department
        self.situation = born.situation.value
        self.version = born.version
        self.recorded_at = born.recorded_at
        self.assignee: str | None = None
        self.last_assignee: str | None = None
        self.taken_at = born.taken_at
        self.events: list[Envelope] = []

    def contracted(self, facts: OnConversation) -> bool:
        return Module.CHAT in facts.workspace.modules

    def active(self, facts: OnConversation) -> bool:
        agent = facts.workspace.agent(facts.actor.id)
        return facts.actor.kind is ActorKind.AGENT and agent is not None and agent.active

    def member(self, facts: OnConversation) -> bool:
        agent = facts.workspace.agent(facts.actor.id)
        return agent is not None and self.department in agent.departments

    def has_room(self, facts: OnConversation) -> bool:
        agent = facts.workspace.agent(facts.actor.id)
        return agent is not None and (agent.max_open == 0 or facts.loads[agent.id] < agent.max_open)

    def taken(self, facts: OnConversation) -> None:
        self.version += 1
        self.recorded_at = self.taken_at = facts.now
        self.assignee = self.last_assignee = facts.actor.id
        self.events.append(
            Envelope(
                f"ev_{facts.root}.0",
                self.id,
                self.version,
                facts.now,
                facts.actor,
                f"cm_{facts.root}",
                None,
                None,
                SCHEMA,
                Taken(assignee=facts.actor.id),
            )
        )


def machine(models: list[Model]) -> Machine:
    """One machine for all models."""
    return Machine(
        model=models,
        model_attribute="situation",
        states=["bot", "queue", "open", "closed"],
        initial="queue",
        transitions=[
            {
                "trigger": "take",
                "source": ["bot", "queue"],
                "dest": "open",
                "conditions": ["contracted", "active", "member", "has_room"],
                "after": "taken",
            }
        ],
        auto_transitions=False,
    )


def peer() -> Side:
    """The side of the library."""
    models = [Model(n) for n in range(BATCH)]
    machine(models)
    _, facts = take.waiting()

    def ready() -> list[Model]:
        for n, model in enumerate(models):
            Model.__init__(model, n)
        return models

    return batch(lambda model: model.take(facts), ready)


def measure() -> Figure:
    """Ours against the library."""
    asked = take.waiting()
    return compare(batch(take.ours, lambda: repeat(asked, BATCH)), peer(), rounds=ROUNDS)
