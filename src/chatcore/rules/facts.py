"""What a rule may know, in a shape that fits its command. Gathered from the ports, then frozen.

Every shape has the workspace, who asks (with the agent behind them, if they are a person of the workspace),
the present moment, and a fresh id root: whatever a command creates takes its id from that root, so deciding
twice creates the same things. Facts are not compared or printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from chatcore.entities import (
    Address,
    Agent,
    BillingCapabilities,
    Boleto,
    Channel,
    ChannelCapabilities,
    Contact,
    Contract,
    ContractsCapabilities,
    Conversation,
    Effect,
    Invoice,
    Message,
    Nature,
    Workspace,
)
from chatcore.events import Event
from chatcore.vocabulary import Actor, AgentId, DepartmentId, EffectKind, Ref

__all__ = [
    "Decision",
    "Facts",
    "OnArrival",
    "OnBoletos",
    "OnBonus",
    "OnContact",
    "OnConversation",
    "OnCustomer",
    "OnEdit",
    "OnEffect",
    "OnInvoices",
    "OnMark",
    "OnMerge",
    "OnMessage",
    "OnPanel",
    "OnReopening",
    "OnStart",
    "OnStatus",
    "OnTalk",
    "OnWorkspace",
    "reshaped",
]

Decision: TypeAlias = tuple[tuple[Ref, Event], ...]
"""What is to happen, in order: each event with the entity it happens to."""


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class _Common:
    workspace: Workspace
    actor: Actor
    agent: Agent | None
    now: datetime
    root: str


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnConversation(_Common):
    """For a step of the life cycle. `loads` counts the OPEN conversations of each agent it may go to."""

    conversation: Conversation
    loads: Mapping[AgentId, int]


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnReopening(_Common):
    """For going on with a closed conversation; `contact`: whom it is with now, `live`: what stands in the way.

    `loads` as above.
    """

    conversation: Conversation
    contact: Contact
    live: Conversation | None
    window_until: datetime | None
    quiet_until: datetime | None
    loads: Mapping[AgentId, int]


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnTalk(_Common):
    """For saying something in a conversation."""

    conversation: Conversation
    contact: Contact
    capabilities: ChannelCapabilities


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnMessage(OnTalk):
    """For a message that was sent, and the effect that carried it."""

    message: Message
    effect: Effect


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnCustomer(OnTalk):
    """For what is asked of contracts for the customer: their `contracts`, and what the port `offers`."""

    contracts: tuple[Contract, ...]
    offers: ContractsCapabilities


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnBonus(OnTalk):
    """For a bonus: the customer's `contracts`, what billing `offers`, and `rival`, which has the guard."""

    contracts: tuple[Contract, ...]
    offers: BillingCapabilities
    rival: Effect | None


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnBoletos(OnTalk):
    """For sending boletos: those of the customer, and what billing `offers`."""

    boletos: tuple[Boleto, ...]
    offers: BillingCapabilities


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnInvoices(OnTalk):
    """For sending fiscal invoices: those of the customer, and what billing `offers`."""

    invoices: tuple[Invoice, ...]
    offers: BillingCapabilities


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnEdit(OnTalk):
    """For several things at once: all that the commands it stands for would be told."""

    live: Conversation | None
    window_until: datetime | None
    quiet_until: datetime | None
    loads: Mapping[AgentId, int]


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnPanel(OnEdit):
    """For a screen: what an edit would be told, and what contracts and billing offer, where they are there."""

    offers: ContractsCapabilities | None
    billing: BillingCapabilities | None


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnStart(_Common):
    """For a new conversation, to `address`; `contact` is whom it belongs to.

    `live` is what stands in the way. What closed conversations leave to the next: `window_until`, the end of
    the service window, and `quiet_until`, of the closed period that the customer was told of. `finds` says
    whether customers are found by their number.
    """

    channel: Channel
    department: DepartmentId
    capabilities: ChannelCapabilities
    contact: Contact | None
    address: Address
    live: Conversation | None
    window_until: datetime | None
    quiet_until: datetime | None
    loads: Mapping[AgentId, int]
    finds: bool


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnArrival(_Common):
    """For a customer's message.

    `seen` is what its provider id already stands for: the message, or the blocked contact it was refused
    from. `last` is the last closed conversation. `answered` is the message it replies to, `keeper` what keeps
    early reports of an echo. `fetches` says whether the adapter fetches files, `finds` whether customers are
    found by their number.
    """

    channel: Channel
    capabilities: ChannelCapabilities
    address: Address
    seen: Message | Contact | None
    contact: Contact | None
    live: Conversation | None
    window_until: datetime | None
    quiet_until: datetime | None
    last: Conversation | None
    loads: Mapping[AgentId, int]
    available: bool
    answered: Message | None
    keeper: Effect | None
    fetches: bool
    finds: bool


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnMark(_Common):
    """For what a customer did to a message: `seen` says that it was taken in before.

    `theirs` says whether the message belongs to a conversation with this contact.
    """

    message: Message | None
    contact: Contact | None
    seen: bool
    theirs: bool


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnStatus(_Common):
    """For a delivery report: the message it is about with its effect, or the effect that keeps early ones."""

    message: Message | None
    effect: Effect | None
    keeper: Effect | None


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnEffect(_Common):
    """For an effect: claiming it, settling it, or what a person does about it.

    `head` is the first of its lane that holds the lane; `keeper` has the statuses that
    came early for the reference just found; `namesake` is another message that has it already.

    `rival` is another effect that has its business guard, `beside` one that came back for review beside that.
    `contracts` are those of the customer it is for, read again for a claim; None where none were asked for, or
    where `untold` is the code of why they cannot be told.
    """

    effect: Effect
    message: Message | None
    conversation: Conversation | None
    contact: Contact | None
    capabilities: ChannelCapabilities | None
    nature: Nature
    head: Effect | None
    keeper: Effect | None
    namesake: Message | None
    rival: Effect | None = None
    beside: Effect | None = None
    contracts: tuple[Contract, ...] | None = None
    untold: str | None = None


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnContact(_Common):
    """For a contact, or for an `address` that nobody has yet. `visible` says whether the actor may see them."""

    contact: Contact | None
    address: Address | None
    visible: bool


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnMerge(_Common):
    """For two contacts that are one. `lives`: their live conversations, each with what its channel carries."""

    contact: Contact
    into: Contact
    visible: bool
    lives: tuple[tuple[Conversation, ChannelCapabilities], ...]


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class OnWorkspace(_Common):
    """For the configuration; version 0 before the first. `sweeps` are those that go on."""

    sweeps: Mapping[EffectKind, Effect]


Facts: TypeAlias = (
    OnConversation
    | OnMessage
    | OnCustomer
    | OnBonus
    | OnBoletos
    | OnInvoices
    | OnEdit
    | OnMark
    | OnMerge
    | OnReopening
    | OnTalk
    | OnStart
    | OnArrival
    | OnStatus
    | OnEffect
    | OnContact
    | OnWorkspace
)
"""Facts of any shape."""


def reshaped(facts: OnEdit, shape: type[Facts], conversation: Conversation, contact: Contact) -> Facts:
    """The facts of another shape about the same conversation and contact, as they stand by now."""
    known: dict[str, Any] = {
        "conversation": conversation,
        "contact": contact,
        "capabilities": facts.capabilities,
        "live": facts.live,
        "window_until": facts.window_until,
        "quiet_until": facts.quiet_until,
        "loads": facts.loads,
        "visible": True,
        "address": None,
        "into": contact,
        "lives": (),
        "workspace": facts.workspace,
        "actor": facts.actor,
        "agent": facts.agent,
        "now": facts.now,
        "root": facts.root,
    }
    told: Facts = shape(**{field.name: known[field.name] for field in attrs.fields(shape)})
    return told
