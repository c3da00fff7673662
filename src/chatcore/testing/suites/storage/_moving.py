"""Moves: what may happen next to a few contacts, conversations, messages and effects, as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.events import (
    Claimed,
    Closed,
    ContactAbsorbed,
    ContactBlocked,
    ContactMerged,
    ContactReplaced,
    ContactUnblocked,
    DepartmentChanged,
    Doubted,
    Event,
    Failed,
    FieldsSet,
    LookedUp,
    MarkedRead,
    MessageEdited,
    MessageRevoked,
    Postponed,
    Queued,
    Reopened,
    ReturnedToBot,
    Succeeded,
    Tagged,
    Taken,
    Transferred,
    Untagged,
)
from chatcore.testing.suites.storage._ledger import Ledger, Step
from chatcore.testing.suites.storage._steps import (
    configured,
    contact,
    conversation,
    effect,
    renamed,
    told,
)
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    EffectId,
    EffectState,
    FieldId,
    Private,
    ReasonId,
    Situation,
    TagId,
    message_id,
)

__all__ = ["MOVES", "merged", "moved"]

NAMES: Final = ("João da Silva", "Joana", "silva", "Maria", None, "JOÃO", "D'Ávila", "ana")
TEXTS: Final = ("O BOLETO!", "boletos", "segunda via", "2ª via", "bol via", "😀 BolÉto", "", "não é o boleto")
AGENTS: Final = (AgentId("ana"), AgentId("beto"))


def merged(ledger: Ledger, gone: str, into: str, *moved: str) -> tuple[Step, ...]:
    """A contact turns out to be another one, which takes over its addresses and these conversations."""
    old, new = ledger.states[ContactId(gone)], ledger.states[ContactId(into)]
    assert isinstance(old, Contact)
    assert isinstance(new, Contact)
    absorbed = ContactAbsorbed(
        contact=old.id,
        addresses=(*new.addresses, *old.addresses),
        name=new.name,
        customer=new.customer,
        fields=new.fields,
        opted_out=False,
        blocked=None,
        refused=0,
        merged=(*new.merged, old.id, *old.merged),
    )
    return (
        told(into, absorbed),
        told(gone, ContactMerged(into=new.id)),
        *(told(each, ContactReplaced(contact=new.id)) for each in moved),
    )


def _person(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    id = ContactId(f"ct_{n % 4}")
    state = ledger.states.get(id)
    if not isinstance(state, Contact):
        return (contact(id, name=NAMES[choice], reached=(f"key-{n % 4}",)),)
    if state.merged_into is not None:
        return ()
    if choice < 2:
        return (told(id, ContactBlocked(why="spam") if state.blocked is None else ContactUnblocked()),)
    return (renamed(id, NAMES[choice]),)


def _merge(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    gone, into = ContactId(f"ct_{n % 4}"), ContactId(f"ct_{choice % 4}")
    both = [ledger.states.get(id) for id in (gone, into)]
    if gone == into or not all(isinstance(each, Contact) and each.merged_into is None for each in both):
        return ()
    live = [
        state.id
        for state in ledger.states.values()
        if isinstance(state, Conversation) and state.contact == gone and state.situation is not Situation.CLOSED
    ]
    return merged(ledger, gone, into, *live)


_NEXT: Final[Mapping[Situation, tuple[Callable[[int], Event], ...]]] = MappingProxyType(
    {
        Situation.BOT: (
            lambda n: Queued(department=DepartmentId("sales")),
            lambda n: Taken(assignee=AGENTS[n % 2]),
        ),
        Situation.QUEUE: (
            lambda n: Taken(assignee=AGENTS[n % 2]),
            lambda n: ReturnedToBot(),
            lambda n: Closed(reason=ReasonId("done")),
        ),
        Situation.OPEN: (
            lambda n: Queued(department=DepartmentId("support")),
            lambda n: Transferred(assignee=AGENTS[n % 2]),
            lambda n: Closed(reason=ReasonId("done")),
        ),
        Situation.CLOSED: (lambda n: Reopened(), lambda n: Reopened(assignee=AGENTS[n % 2])),
    }
)


def _talk(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    id = ConversationId(f"cv_{n % 4}")
    state = ledger.states.get(id)
    if not isinstance(state, Conversation):
        with_whom = f"ct_{choice % 4}"
        return (conversation(id, contact=with_whom, channel=f"w{n % 4}", bot=choice > 5),)
    ways = _NEXT[state.situation]
    return (told(id, ways[choice % len(ways)](n)),)


def _describe(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    id = ConversationId(f"cv_{n % 4}")
    state = ledger.states.get(id)
    if not isinstance(state, Conversation):
        return ()
    vip = (TagId("vip"),)
    values: tuple[Event, ...] = (
        Untagged(tags=vip) if "vip" in state.tags else Tagged(tags=vip),
        FieldsSet(values=((FieldId("plan"), Private("100M") if choice % 2 else None),)),
        MarkedRead(),
        DepartmentChanged(department=DepartmentId("sales")),
    )
    return (told(id, values[choice // 2]),)


def _say(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    id = ConversationId(f"cv_{n % 4}")
    if id not in ledger.states:
        return ()
    say = ledger.noted if n > 5 else ledger.heard
    return say(id, *TEXTS[choice : choice + 1 + n % 2])


def _unsay(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    ref = message_id(ConversationId(f"cv_{n % 4}"), 1 + choice % 3)
    if not isinstance(ledger.states.get(ref), Message):
        return ()
    channel, id = ChannelId(f"w{n % 4}"), "in-later"
    if choice > 5:
        return (told(ref, MessageRevoked(channel=channel, provider_id=id, sent_at=ledger.now)),)
    body = Private(TEXTS[choice])
    return (told(ref, MessageEdited(channel=channel, provider_id=id, body=body, sent_at=ledger.now)),)


_STEPS: Final = MappingProxyType(
    {
        EffectState.INTENDED: ("claim",),
        EffectState.IN_FLIGHT: ("postpone", "doubt", "succeed", "fail"),
        EffectState.UNKNOWN: ("look up", "postpone", "claim", "succeed"),
    }
)


def _do(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    id = EffectId(f"ef_{n}")
    due = ledger.now + timedelta(seconds=choice - 2)
    state = ledger.states.get(id)
    if not isinstance(state, Effect):
        lane = None if n > 5 else f"l{n % 2}"
        return (effect(id, due=due, lane=lane, position=choice % 3, conversation=f"cv_{n % 4}"),)
    ways = _STEPS.get(state.state, ())
    events: dict[str, Event] = {
        "claim": Claimed(lease_until=due),
        "postpone": Postponed(due_at=due),
        "doubt": Doubted(due_at=due, detail="timeout"),
        "look up": LookedUp(due_at=due),
        "succeed": Succeeded(),
        "fail": Failed(detail="131026"),
    }
    return (told(id, events[ways[choice % len(ways)]]),) if ways else ()


def _configure(ledger: Ledger, n: int, choice: int) -> tuple[Step, ...]:
    return (configured(version_of=n, idle=(None, None, "ana", "beto")[choice % 4]),)


MOVES: Final[Mapping[str, Callable[[Ledger, int, int], tuple[Step, ...]]]] = MappingProxyType(
    {
        "configure": _configure,
        "describe": _describe,
        "do": _do,
        "merge": _merge,
        "person": _person,
        "say": _say,
        "talk": _talk,
        "unsay": _unsay,
    }
)
"""What may happen, by name."""


def moved(ledger: Ledger, name: str, n: int, choice: int) -> tuple[Step, ...]:
    """What this move is, by somebody who knows what the ledger knows; nothing, where it cannot be made."""
    return MOVES[name](ledger, n, choice)
