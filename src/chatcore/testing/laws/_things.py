"""What holds between things: one check for each law, over everything a storage keeps."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chatcore.entities import BonusDemand, Contact, Conversation, Effect, Message, Workspace
from chatcore.events import ActionRequested, Intended, MessageResent, MessageWritten
from chatcore.memory import Contents
from chatcore.rules.invariants import claims_of, seals_of, tallies_of
from chatcore.vocabulary import EffectKind, EffectState, Ref, Situation, message_id

__all__ = [
    "check_across",
    "check_actions",
    "check_contacts",
    "check_conversations",
    "check_inner_work",
    "check_messages",
    "check_receipts",
]


def check_receipts(contents: Contents) -> None:
    """Law: what a command committed is exactly what its receipt says; every event names its command."""
    committed: dict[Any, dict[Ref, int]] = {}
    ids = Counter[str]()
    for ref, stream in contents.streams.items():
        for envelope in stream:
            ids[envelope.id] += 1
            changed = committed.setdefault(envelope.command, {})
            changed[ref] = max(changed.get(ref, 0), envelope.version)
    assert not [id for id, count in ids.items() if count > 1]
    assert {
        id: dict(receipt.outcome.changed)
        for id, receipt in contents.receipts.items()
        if receipt.outcome.changed
    } == committed


def check_conversations(contents: Contents) -> None:
    """Law: one live conversation per contact and channel (L3); just its messages are there (M4)."""
    conversations = [s for s in contents.states.values() if isinstance(s, Conversation)]
    live = Counter((c.contact, c.channel) for c in conversations if c.situation is not Situation.CLOSED)
    assert not live or max(live.values()) == 1, "L3"
    expected = {message_id(c.id, seq) for c in conversations for seq in range(1, c.seq + 1)}
    messages = {s.id: s for s in contents.states.values() if isinstance(s, Message)}
    assert messages.keys() == expected
    for conversation in conversations:
        assert isinstance(contents.states[conversation.contact], Contact)


def check_messages(contents: Contents) -> None:
    """Law: each message that was written has one effect, and one more for each time it was sent again.

    A file that was fetched is on its message, one that was not is lost; nothing carries an echo or a note.
    Rule: M17.
    """
    carriers, fetches = Counter[Ref](), dict[Ref, Effect]()
    for state in contents.states.values():
        if not isinstance(state, Effect) or state.message is None:
            continue
        if state.kind is EffectKind.SEND_MESSAGE:
            carriers[state.message] += 1
        elif state.kind is EffectKind.FETCH_MEDIA:
            assert state.message not in fetches, "a file is fetched by one effect"
            fetches[state.message] = state
    expected = Counter[Ref]()
    for ref, stream in contents.streams.items():
        for envelope in stream:
            if isinstance(envelope.event, MessageWritten | MessageResent):
                expected[ref] += 1
                assert isinstance(contents.streams[envelope.event.effect][0].event, Intended)
    assert carriers == expected, "each message that was written has its effects"
    for message in contents.states.values():
        if not isinstance(message, Message):
            continue
        directions = [reaction.direction for reaction in message.extras.reactions]
        assert len({*directions}) == len(directions), "M9"
        fetch = fetches.get(message.id)
        if fetch is None:
            continue
        assert message.media is not None
        stored, lost = message.media.attachment is not None, message.media.lost is not None
        assert stored is (fetch.state is EffectState.SUCCEEDED), "M17"
        assert lost is (fetch.state in (EffectState.FAILED, EffectState.CANCELLED)), "M17"


def check_contacts(contents: Contents) -> None:
    """Law: a contact that turned out to be another has nothing of its own any more, and the other knows of it.

    No live conversation is with it. Rule: M11.
    """
    contacts = {s.id: s for s in contents.states.values() if isinstance(s, Contact)}
    for contact in contacts.values():
        for gone in contact.merged:
            assert contacts[gone].merged_into is not None
        if contact.merged_into is None:
            continue
        assert contact.addresses == ()
        final = contacts[contact.merged_into]
        while final.merged_into is not None:
            final = contacts[final.merged_into]
        assert contact.id in final.merged
    for state in contents.states.values():
        if isinstance(state, Conversation) and state.situation is not Situation.CLOSED:
            assert contacts[state.contact].merged_into is None


def check_inner_work(contents: Contents) -> None:
    """Law: one sweep goes on for each policy that asks for it. Rule: L16, L22.

    Who was deactivated has nothing OPEN but what is on its way back to the queue. Rule: L13.
    """
    ended = (EffectState.SUCCEEDED, EffectState.FAILED, EffectState.CANCELLED)
    going = [s for s in contents.states.values() if isinstance(s, Effect) and s.state not in ended]
    kinds = Counter(effect.kind for effect in going)
    for workspace in contents.states.values():
        if not isinstance(workspace, Workspace):
            continue
        wanted = (
            (EffectKind.CLOSE_IDLE, workspace.policies.close_after_idle),
            (EffectKind.TIME_OUT_BOT, workspace.policies.bot_timeout),
        )
        for kind, span in wanted:
            assert kinds[kind] == 1 or (span is None and kinds[kind] == 0), f"sweeps of {kind}: {kinds[kind]}"
        releasing = {effect.agent for effect in going if effect.kind is EffectKind.RELEASE_AGENT}
        for agent in workspace.agents:
            if not agent.active and contents.tallies.get(f"open:{agent.id}"):
                assert agent.id in releasing, "L13"


def check_actions(contents: Contents) -> None:
    """Law: what a conversation noted as asked for has one effect, and each such effect was noted once.

    Only what is money-like goes to a second person, and nothing of it is left unconfirmed; of a contract and a
    period there is one bonus that has not been given up, and one beside it at most, known to be unguarded.
    Rule: B8, B11.
    """
    asked = Counter[tuple[Ref, Ref, EffectKind]]()
    for ref, stream in contents.streams.items():
        for envelope in stream:
            if isinstance(envelope.event, ActionRequested):
                asked[ref, envelope.event.effect, envelope.event.kind] += 1
    effects = [state for state in contents.states.values() if isinstance(state, Effect)]
    noted = Counter((e.conversation, e.id, e.kind) for e in effects if e.demand is not None)
    assert asked == noted, "each thing asked for has its effect"
    guards = Counter[tuple[str, str, bool]]()
    for effect in effects:
        money = effect.kind in (EffectKind.GRANT_BONUS, EffectKind.OPEN_ORDER)
        assert money or effect.state is not EffectState.REVIEW
        assert not money or effect.state not in (EffectState.UNCONFIRMED, EffectState.DISMISSED), "B11"
        assert effect.guarded or money
        given_up = effect.state in (EffectState.FAILED, EffectState.CANCELLED)
        if isinstance(effect.demand, BonusDemand) and not given_up:
            guards[effect.demand.contract, effect.demand.period, effect.guarded] += 1
    assert max(guards.values(), default=0) <= 1, "two bonuses for one contract and period"
    assert len(guards) == sum(key.startswith("bonus:") for key in contents.claims), "B8"


def check_across(contents: Contents) -> None:
    """Law: claims are the union over states, each with one owner; tallies the sum; seals the union.

    A business guard is a claim like any other.
    """
    claims: dict[str, Ref] = {}
    tallies = Counter[str]()
    seals: set[str] = set()
    for ref, state in contents.states.items():
        for key in claims_of(state):
            assert key not in claims, f"{key} is claimed twice"
            claims[key] = ref
        tallies.update(tallies_of(state))
        seals |= seals_of(state)
    assert dict(contents.claims) == claims
    assert dict(contents.tallies) == dict(tallies)
    assert contents.sealed == seals
    loads = Counter(
        f"open:{s.assignee}" for s in contents.states.values() if isinstance(s, Conversation) and s.assignee
    )
    assert tallies == loads, "the tallies count OPEN conversations per agent"
    assert seals == {
        f"open:{agent.id}"
        for state in contents.states.values()
        if isinstance(state, Workspace)
        for agent in state.agents
        if not agent.active
    }
