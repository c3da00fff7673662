"""Steps that sets are built of: what happens to contacts, conversations, effects and the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from chatcore.entities import Address, Agent, Bonus, BonusDemand, Department, Workspace
from chatcore.events import (
    Cancelled,
    Claimed,
    ContactCreated,
    ContactEdited,
    Dismissed,
    Doubted,
    Event,
    Failed,
    Intended,
    LeftUnconfirmed,
    SentToReview,
    Started,
    Succeeded,
    WorkspaceConfigured,
)
from chatcore.testing.suites.storage._ledger import NOON, Step
from chatcore.vocabulary import (
    WORKSPACE,
    AgentId,
    ChannelId,
    ContactId,
    ContractId,
    ConversationId,
    CustomerId,
    DepartmentId,
    EffectId,
    EffectKind,
    EffectState,
    MessageId,
    Private,
    Ref,
)

__all__ = ["WAYS", "configured", "contact", "conversation", "effect", "named", "renamed", "told"]


def contact(id: str, *, name: str | None = None, reached: tuple[str, ...] = ()) -> Step:
    """A contact becomes known; `reached` are the keys of their addresses."""
    addresses = tuple(Address(key, Private(f"at {key}")) for key in reached)
    event = ContactCreated(addresses=addresses, name=None if name is None else Private(name))
    return Step(ContactId(id), (event,))


def renamed(id: str, *names: str | None) -> Step:
    """A contact is renamed, once for each name, or their name is taken away."""
    events = [ContactEdited(name=None if name is None else Private(name), opted_out=False) for name in names]
    return Step(ContactId(id), tuple(events))


def named(*ids: str) -> tuple[Step, ...]:
    """Contacts without an address, so that they claim nothing."""
    return tuple(contact(id) for id in ids)


def conversation(
    id: str,
    *,
    contact: str = "ct_a",
    channel: str = "wa",
    department: str = "support",
    assignee: str | None = None,
    bot: bool = False,
) -> Step:
    """A conversation begins: in the queue, with an agent, or with the bot."""
    event = Started(
        contact=ContactId(contact),
        channel=ChannelId(channel),
        address=Private("5511987654321"),
        protocol=f"p-{id}",
        department=DepartmentId(department),
        assignee=None if assignee is None else AgentId(assignee),
        bot=bot,
    )
    return Step(ConversationId(id), (event,))


def told(ref: str, *events: Event) -> Step:
    """Any events of an entity."""
    return Step(_ref(ref), events)


def _ref(text: str) -> Ref:
    return ConversationId(text)


def configured(*, version_of: int = 1, idle: str | None = None) -> Step:
    """A workspace; `idle` is an agent who is deactivated, `version_of` tells one workspace from another."""
    agents = tuple(
        Agent(id=AgentId(id), name=id.title(), departments=(DepartmentId("support"),), active=id != idle)
        for id in ("ana", "beto")
    )
    workspace = Workspace(
        name=f"Provedor {version_of}",
        departments=(Department(id=DepartmentId("support"), name="Suporte"),),
        agents=agents,
    )
    return Step(WORKSPACE, (WorkspaceConfigured(workspace=workspace),))


_AWAY: Final = timedelta(hours=1)


def _claimed(due: datetime) -> Event:
    return Claimed(lease_until=due)


def _doubted(due: datetime) -> tuple[Event, ...]:
    return Claimed(lease_until=NOON + _AWAY), Doubted(due_at=due, detail="timeout")


WAYS: Final[Mapping[EffectState, tuple[Event, ...] | None]] = MappingProxyType(
    {
        EffectState.INTENDED: (),
        EffectState.IN_FLIGHT: None,
        EffectState.SUCCEEDED: (_claimed(NOON + _AWAY), Succeeded(reference="out-1")),
        EffectState.FAILED: (_claimed(NOON + _AWAY), Failed(detail="131026")),
        EffectState.CANCELLED: (Cancelled(detail="blocked"),),
        EffectState.UNKNOWN: None,
        EffectState.REVIEW: (*_doubted(NOON), SentToReview()),
        EffectState.UNCONFIRMED: (*_doubted(NOON), LeftUnconfirmed()),
        EffectState.DISMISSED: (*_doubted(NOON), LeftUnconfirmed(), Dismissed()),
    }
)
"""How an effect comes to each state from its intent; None where it depends on when it is due."""


def effect(
    id: str,
    *,
    due: datetime = NOON,
    state: EffectState = EffectState.INTENDED,
    lane: str | None = None,
    position: int = 0,
    conversation: str | None = None,
) -> Step:
    """An effect is intended, and brought to a state; `due` is when something is next to be done about it.

    In states about which nothing more is to be done, it is due at no time. What is in review is a bonus, each
    other one carries a message.
    """
    bonus = state is EffectState.REVIEW
    demand = BonusDemand(
        customer=CustomerId("cu-1"),
        contract=ContractId(f"k-{id}"),
        bonus=Bonus.amount("10.00"),
        period="2026-03",
        justification=Private("Ficou sem sinal"),
    )
    intended = Intended(
        kind=EffectKind.GRANT_BONUS if bonus else EffectKind.SEND_MESSAGE,
        expires_at=NOON + timedelta(days=1),
        due_at=due if state is EffectState.INTENDED else NOON,
        channel=None if bonus else ChannelId("wa"),
        conversation=None if conversation is None else ConversationId(conversation),
        message=None if bonus else MessageId("cv_elsewhere.1"),
        lane=lane,
        position=position,
        demand=demand if bonus else None,
    )
    way = WAYS[state]
    if way is None:
        way = (_claimed(due),) if state is EffectState.IN_FLIGHT else _doubted(due)
    return Step(EffectId(id), (intended, *way))
