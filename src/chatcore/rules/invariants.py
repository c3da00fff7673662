"""What must hold across entities, derived from their states alone: claims, tallies, seals.

* A claim is a key with one owner at most: one live conversation per contact and channel (L3), one contact per
  address (M11), unique protocols (L11), one message per provider id (M1). A contact that turned out to be
  another one owns the keys of the live conversations that it can have no more. A business guard is claimed
  with the intent, and free only when that has FAILED or is CANCELLED (B11). What comes back for review while
  another one has its guard claims a place beside it, so that no third one is let in.
* A tally is a count with a bound: the OPEN conversations of an agent (L7). A deactivated agent's is
  sealed (L13).

The engine commits the difference between before and after, so that no rule can forget one. The law, over any
storage: its claims are the union over its states, its tallies the sum. The one exception is the id of an
inbound message, which no state holds: it comes from the event and expires by `forget`.
"""

from __future__ import annotations

import hashlib

from chatcore.entities import BonusDemand, Contact, Conversation, Demand, Effect, Entity, Message, Workspace
from chatcore.events import Event, InboundRefused, MessageEdited, MessageReceived, MessageRevoked, Reacted
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ContractId,
    Direction,
    EffectKind,
    EffectState,
    Situation,
)

__all__ = [
    "SWEEPS",
    "address_claim",
    "beside",
    "bonus_claim",
    "bound_of",
    "claims_moved",
    "claims_of",
    "expiring_claim_of",
    "guard_claim",
    "inbound_claim",
    "live_claim",
    "load_tally",
    "provider_claim",
    "seals_of",
    "sweep_claim",
    "tallies_of",
]


_CLOSED = Situation.CLOSED
_ARRIVALS = frozenset({MessageReceived, InboundRefused, Reacted, MessageEdited, MessageRevoked})
_GIVEN_UP = (EffectState.FAILED, EffectState.CANCELLED)
_ENDED = (EffectState.SUCCEEDED, EffectState.FAILED, EffectState.CANCELLED)

SWEEPS = (EffectKind.CLOSE_IDLE, EffectKind.TIME_OUT_BOT)
"""The kinds of inner work that never end while their policy stands."""


def address_claim(key: str) -> str:
    """The claim of a contact on an address; `key` is its keyed hash."""
    return f"address:{key}"


def live_claim(contact: ContactId, channel: ChannelId) -> str:
    """The claim of the one live conversation of a contact on a channel. Rule: L3."""
    return f"live:{contact}:{channel}"


def provider_claim(channel: ChannelId, provider_id: str) -> str:
    """The claim on a provider's id for one of our messages, by it or by what keeps its early reports."""
    return f"provider:{_digest(channel, provider_id)}"


def inbound_claim(channel: ChannelId, provider_id: str) -> str:
    """The claim of an inbound message on its provider's id. Rule: M1."""
    return f"inbound:{_digest(channel, provider_id)}"


def _digest(first: str, second: str) -> str:
    """A pair of outside ids as part of a key: some hold the customer's number. The length keeps pairs apart."""
    named = f"{len(first)}:{first}:{second}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(named, digest_size=16).hexdigest()


def sweep_claim(kind: EffectKind) -> str:
    """The claim of the one sweep of its kind that goes on and on. Rule: L16, L22."""
    return f"sweep:{kind}"


def guard_claim(demand: Demand | None) -> str | None:
    """The business guard of what is asked for: one bonus per contract and period. Rule: B8, B11."""
    return bonus_claim(demand.contract, demand.period) if isinstance(demand, BonusDemand) else None


def beside(guard: str) -> str:
    """The claim of an effect that came back for review while another one has its guard. Rule: B11."""
    return f"{guard}:beside"


def bonus_claim(contract: ContractId, period: str) -> str:
    """The claim of the one bonus for a contract and a period."""
    return f"bonus:{_digest(contract, period)}"


def load_tally(agent: AgentId) -> str:
    """The count of an agent's OPEN conversations. Rule: L7."""
    return f"open:{agent}"


def claims_of(state: Entity | None) -> tuple[str, ...]:
    """The keys that an entity, as it stands, must own."""
    if isinstance(state, Conversation):
        protocol = f"protocol:{state.protocol}"
        if state.situation is _CLOSED:
            return (protocol,)
        return (protocol, live_claim(state.contact, state.channel))
    if isinstance(state, Message):
        if state.direction is Direction.OUTBOUND and state.provider_id is not None:
            return (provider_claim(state.channel, state.provider_id),)
    elif isinstance(state, Contact):
        if state.merged_into is not None:
            return tuple(live_claim(state.id, channel) for channel in state.silent_on)
        return tuple(address_claim(address.key) for address in state.addresses)
    elif (
        isinstance(state, Effect)
        and state.kind is EffectKind.KEEP_STATUS
        and state.state is EffectState.INTENDED
        and state.reference is not None
        and state.channel is not None
    ):
        return (provider_claim(state.channel, state.reference),)
    elif isinstance(state, Effect) and state.kind in SWEEPS and state.state not in _ENDED:
        return (sweep_claim(state.kind),)
    elif (
        isinstance(state, Effect)
        and state.state not in _GIVEN_UP
        and (guard := guard_claim(state.demand)) is not None
    ):
        return (guard if state.guarded else beside(guard),)
    return ()


def expiring_claim_of(event: Event) -> str | None:
    """The key an event owns for as long as repeats of it may come. Rule: M1."""
    if type(event) not in _ARRIVALS:
        return None
    assert isinstance(event, MessageReceived | InboundRefused | Reacted | MessageEdited | MessageRevoked)
    return inbound_claim(event.channel, event.provider_id)


def tallies_of(state: Entity | None) -> tuple[str, ...]:
    """The counts that an entity, as it stands, adds one to."""
    if isinstance(state, Conversation) and state.assignee is not None:
        return (load_tally(state.assignee),)
    return ()


def seals_of(state: Entity | None) -> frozenset[str]:
    """The counts that may not grow while an entity stands as it does. Rule: L13."""
    if isinstance(state, Workspace):
        return frozenset(load_tally(agent.id) for agent in state.agents if not agent.active)
    return frozenset()


def claims_moved(before: Entity | None, after: Entity) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys that a step makes an entity own, and those it gives up."""
    if (
        isinstance(before, Conversation)
        and isinstance(after, Conversation)
        and (before.situation is _CLOSED) is (after.situation is _CLOSED)
        and before.origin is after.origin
    ):
        return (), ()  # What it claims is its origin, which stays, and being live.
    had, has = claims_of(before), claims_of(after)
    if had == has:
        return (), ()
    return tuple(key for key in has if key not in had), tuple(key for key in had if key not in has)


def bound_of(tally: str, workspace: Workspace) -> int | None:
    """The most a count may reach; None is no bound."""
    agent = workspace.agent(AgentId(tally.removeprefix("open:")))
    return None if agent is None or agent.max_open == 0 else agent.max_open
