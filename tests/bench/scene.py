"""What all subjects share: one workspace of a middling service, and conversations that wait in its queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chatcore import Actor, Agent, Channel, ChannelKind, Conversation, Department, Reason, Situation, Workspace
from chatcore.commands import Outcome, Take
from chatcore.entities import Address
from chatcore.events import SCHEMA, ContactCreated, Envelope, Started, WorkspaceConfigured
from chatcore.evolve import evolve
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet, Receipt, Write
from chatcore.rules.facts import OnConversation
from chatcore.rules.invariants import claims_of
from chatcore.vocabulary import (
    SYSTEM,
    ChannelId,
    CommandId,
    ContactId,
    ConversationId,
    DepartmentId,
    EventId,
    Private,
    ReasonId,
)

BEGUN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = BEGUN + timedelta(minutes=5)
CHANNEL = ChannelId("wa")
DEPARTMENT = DepartmentId("suporte")
AGENTS = tuple(Actor.agent(f"atendente-{n:02}") for n in range(20))
ROWS_AT_ONCE = 1_000
"""Conversations per change set, where many are put into a storage."""
MAX_OPEN = 1_000_000
"""So high that nobody is ever full, and yet each Take has a bound to keep to."""

WORKSPACE = Workspace(
    name="Provedor",
    departments=(
        Department(id=DEPARTMENT, name="Suporte"),
        Department(id=DepartmentId("financeiro"), name="Financeiro"),
    ),
    agents=tuple(
        Agent(id=actor.id, name=f"Atendente {actor.id}", departments=(DEPARTMENT,), max_open=MAX_OPEN)
        for actor in AGENTS
    ),
    reasons=(Reason(id=ReasonId("boleto"), name="Segunda via de boleto"),),
    channels=(
        Channel(id=CHANNEL, kind=ChannelKind.WHATSAPP_CLOUD, account="106540352242922", department=DEPARTMENT),
    ),
    version=1,
    recorded_at=BEGUN,
)


def root(n: int) -> str:
    """The nth id root: 32 hexadecimal digits, as the desk's own are."""
    return f"{n:032x}"


def phone(n: int) -> Private:
    """The address of the nth customer, as WhatsApp writes it."""
    return Private(f"55619{80_000_000 + n}")


def address(n: int) -> Address:
    """The same with a key; any key does where nothing is looked up by it."""
    return Address(f"{n:032x}", phone(n))


def started(n: int) -> Envelope:
    """The event that began the nth conversation, in the queue."""
    event = Started(
        contact=ContactId(f"ct_{root(n)}"),
        channel=CHANNEL,
        address=phone(n),
        protocol=f"20260302{n:010}",
        department=DEPARTMENT,
    )
    ref, command = ConversationId(f"cv_{root(n)}"), CommandId(f"cm_{root(n)}")
    return Envelope(EventId(f"ev_{root(n)}.0"), ref, 1, BEGUN, SYSTEM, command, None, None, SCHEMA, event)


def queued(n: int) -> Conversation:
    """The nth conversation, waiting in the queue."""
    state = evolve(None, started(n))
    assert isinstance(state, Conversation)
    assert state.situation is Situation.QUEUE
    return state


def take_facts(conversation: Conversation, actor: Actor) -> tuple[Take, OnConversation]:
    """A Take of a conversation with all that its rule may know."""
    return Take(conversation.id), OnConversation(
        workspace=WORKSPACE,
        actor=actor,
        agent=WORKSPACE.agent(actor.id),
        now=NOW,
        root=root(9_999),
        conversation=conversation,
        loads={actor.id: 3},
    )


def begun(n: int) -> tuple[Write, Write]:
    """The nth contact and their conversation, as two writes to a storage."""
    conversation = started(n)
    ref, command = ContactId(f"ct_{root(n)}"), conversation.command
    created = Envelope(
        EventId(f"ev_{root(n)}.1"),
        ref,
        1,
        BEGUN,
        SYSTEM,
        command,
        None,
        None,
        SCHEMA,
        ContactCreated(addresses=(address(n),)),
    )
    return tuple(Write(e.ref, 0, evolve(None, e), (e,)) for e in (created, conversation))


def fill(storage: MemoryStorage, rows: int) -> None:
    """Put the workspace and so many contacts with a conversation in the queue into a storage.

    States are the fold of their events and claims those of the states, as if a desk had done it.
    """
    born = Envelope(
        EventId("ev_0.0"),
        WORKSPACE.id,
        1,
        BEGUN,
        SYSTEM,
        CommandId("cm_0"),
        None,
        None,
        SCHEMA,
        WorkspaceConfigured(workspace=WORKSPACE),
    )
    apply(storage, 0, (Write(WORKSPACE.id, 0, evolve(None, born), (born,)),))
    for first in range(0, rows, ROWS_AT_ONCE):
        writes = (write for n in range(first, min(first + ROWS_AT_ONCE, rows)) for write in begun(n))
        apply(storage, first + 1, tuple(writes))


def apply(storage: MemoryStorage, n: int, writes: tuple[Write, ...]) -> None:
    command = CommandId(f"cm_{n}")
    storage.apply(
        ChangeSet(
            receipt=Receipt(command=command, recorded_at=BEGUN, outcome=Outcome(command)),
            writes=writes,
            claims=tuple((claim, write.ref) for write in writes for claim in claims_of(write.state)),
        )
    )
