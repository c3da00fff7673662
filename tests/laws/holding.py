"""What holds over everything a storage keeps, whatever was done: the laws, as one check for the tests here.

The check looks at stored states and streams only, and works out anew what must follow from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from chatcore.entities import BonusDemand, Contact, Conversation, Effect, Message, Workspace
from chatcore.events import (
    ActionRequested,
    ContactReplaced,
    ContractPinned,
    DepartmentChanged,
    Envelope,
    EvidenceKept,
    FieldsSet,
    Intended,
    MarkedRead,
    MessageAdded,
    MessageResent,
    MessageWritten,
    ReasonSet,
    Reopened,
    Started,
    StatusKept,
    Tagged,
    Untagged,
)
from chatcore.evolve import evolve, fold
from chatcore.limits import TAGS
from chatcore.memory import Contents
from chatcore.rules.invariants import claims_of, seals_of, tallies_of
from chatcore.transitions import CONVERSATION, EFFECT
from chatcore.vocabulary import Direction, EffectKind, EffectState, Ref, Situation, message_id

__all__ = ["Laws", "assert_laws"]


def assert_laws(contents: Contents) -> None:
    """Hold everything a storage keeps against the laws."""
    Laws().check(contents)


class Laws:
    """The same, again and again over one growing storage: what is still the same is not folded again."""

    def __init__(self) -> None:
        self._checked: dict[Ref, Any] = {}

    def check(self, contents: Contents) -> None:
        assert contents.states.keys() == contents.streams.keys()
        for ref, state in contents.states.items():
            if self._checked.get(ref) is not state:
                _check_entity(ref, state, contents.streams[ref])
                self._checked[ref] = state
        _check_receipts(contents)
        _check_conversations(contents)
        _check_messages(contents)
        _check_contacts(contents)
        _check_inner_work(contents)
        _check_actions(contents)
        _check_across(contents)


def _check_entity(ref: Ref, state: Any, stream: tuple[Envelope, ...]) -> None:
    """Law: a stored state is the fold of its stream; versions have no gap; time never goes back (L12)."""
    assert fold(stream) == state, f"{ref} is not the fold of its events"
    assert [envelope.version for envelope in stream] == list(range(1, len(stream) + 1))
    assert (state.id, state.version) == (ref, len(stream))
    assert {envelope.ref for envelope in stream} == {ref}
    if isinstance(state, Conversation | Message) or (isinstance(state, Effect) and state.conversation):
        times = [envelope.recorded_at for envelope in stream]
        assert times == sorted(times), f"time goes back in {ref}"
    if isinstance(state, Conversation):
        _check_edges(stream, "situation", CONVERSATION)
        _check_talk(stream)
        assert len({*state.tags}) == len(state.tags) <= TAGS, "C5"
        added = [envelope.event.seq for envelope in stream if isinstance(envelope.event, MessageAdded)]
        assert added == list(range(1, state.seq + 1)), "seq has gaps (M4)"
        assert (state.situation is Situation.OPEN) is (state.assignee is not None), "L1"
        if state.situation is Situation.CLOSED:
            assert None not in (state.reason, state.closed_by, state.closed_at), "L2"
        protocols = {envelope.event.protocol for envelope in stream if isinstance(envelope.event, Started)}
        assert protocols == {state.protocol}, "L11"
    elif isinstance(state, Effect):
        _check_edges(stream, "state", EFFECT)


def _check_talk(stream: Iterable[Envelope]) -> None:
    """Law: only the customer's messages open the window and begin the waiting (M5, M12, L15), here or in a
    conversation that closes for this one; only a person's answer ends it; what was said by itself is listed
    once per opening (L20)."""
    state: Any = None
    for envelope in stream:
        before, event = state, envelope.event
        state = evolve(state, envelope)
        if before is None:
            continue
        if isinstance(event, Reopened):
            assert state.talk.robot.said == ()
        said = state.talk.robot.said
        assert len({*said}) == len(said), "L20"
        inbound = isinstance(event, MessageAdded) and event.direction is Direction.INBOUND
        if isinstance(event, Reopened | ContactReplaced):
            windows = {event.window_until, before.window_until} - {None}
            assert state.window_until == max(windows, default=None), "M5"
        elif not inbound:
            assert state.window_until == before.window_until, "M5"
        if isinstance(event, ContactReplaced):
            waits = {event.waiting_since, before.waiting_since} - {None}
            assert state.waiting_since == min(waits, default=None), "L15"
            assert state.unread == before.unread + event.unread, "L23"
        elif not inbound:
            answered = isinstance(event, MessageAdded) and event.human
            assert state.waiting_since == (None if answered else before.waiting_since), "L15"
        else:
            assert state.waiting_since == (before.waiting_since or envelope.recorded_at), "L15"


_STILL = (
    ActionRequested,
    ContractPinned,
    MessageAdded,
    DepartmentChanged,
    ReasonSet,
    MarkedRead,
    Tagged,
    Untagged,
    FieldsSet,
    ContactReplaced,
    EvidenceKept,
    StatusKept,
)
"""Events that leave an entity where it stands."""


def _check_edges(stream: Iterable[Envelope], attribute: str, table: Any) -> None:
    """Law: every edge is in its table; what an assignee or a bot makes of a start is its own footnote."""
    state: Any = None
    for envelope in stream:
        event = envelope.event
        before = None if state is None else getattr(state, attribute)
        state = evolve(state, envelope)
        after = getattr(state, attribute)
        if isinstance(event, _STILL):
            assert after is before
            continue
        expected = table[before, type(event)]
        if isinstance(event, Started | Reopened) and event.assignee is not None:
            expected = Situation.OPEN
        elif isinstance(event, Started) and event.bot:
            expected = Situation.BOT
        assert after is expected, (before, event, after)


def _check_receipts(contents: Contents) -> None:
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


def _check_conversations(contents: Contents) -> None:
    """Law: one live conversation per contact and channel (L3); just its messages are there (M4)."""
    conversations = [s for s in contents.states.values() if isinstance(s, Conversation)]
    live = Counter((c.contact, c.channel) for c in conversations if c.situation is not Situation.CLOSED)
    assert not live or max(live.values()) == 1, "L3"
    expected = {message_id(c.id, seq) for c in conversations for seq in range(1, c.seq + 1)}
    messages = {s.id: s for s in contents.states.values() if isinstance(s, Message)}
    assert messages.keys() == expected
    for conversation in conversations:
        assert isinstance(contents.states[conversation.contact], Contact)


def _check_messages(contents: Contents) -> None:
    """Law: each message that was written has one effect, and one more for each time it was sent again; a file
    that was fetched is on its message, one that was not is lost (M17); nothing carries an echo or a note."""
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


def _check_contacts(contents: Contents) -> None:
    """Law: a contact that turned out to be another has nothing of its own any more, the other knows of it, and
    no live conversation is with it (M11)."""
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


def _check_inner_work(contents: Contents) -> None:
    """Law: one sweep goes on for each policy that asks for it (L16, L22), and who was deactivated has nothing
    OPEN but what is on its way back to the queue (L13)."""
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


def _check_actions(contents: Contents) -> None:
    """Law: what a conversation noted as asked for has one effect, and each such effect was noted once (B11);
    only what is money-like goes to a second person, and nothing of it is left unconfirmed; of a contract and a
    period there is one bonus that has not been given up, and one beside it at most, known to be unguarded."""
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


def _check_across(contents: Contents) -> None:
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
    loads = Counter(f"open:{s.assignee}" for s in contents.states.values() if getattr(s, "assignee", None))
    assert tallies == loads, "the tallies count OPEN conversations per agent"
    assert seals == {
        f"open:{agent.id}"
        for state in contents.states.values()
        if isinstance(state, Workspace)
        for agent in state.agents
        if not agent.active
    }
