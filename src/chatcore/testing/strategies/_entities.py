"""Conversations, contacts, messages and effects as they may stand, and the values they are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from chatcore.entities import (
    Address,
    Block,
    Contact,
    Conversation,
    Details,
    Edit,
    Effect,
    Evidence,
    Extras,
    KeptStatus,
    Message,
    Origin,
    Reaction,
    Robot,
    Scope,
    Talk,
)
from chatcore.entities.demands import DEMANDS
from chatcore.entities.effect import PORT_OF
from chatcore.entities.message import RANKS
from chatcore.testing.strategies._billing import customers, demands
from chatcore.testing.strategies._brazil import brazilian_mobiles
from chatcore.testing.strategies._capabilities import REPORTED
from chatcore.testing.strategies._fields import values_kept
from chatcore.testing.strategies._ids import actors, entity_ids, id_tuples, message_ids, outside_ids
from chatcore.testing.strategies._media import media
from chatcore.testing.strategies._texts import labels, one_line_text, private_lines
from chatcore.testing.strategies._times import moments
from chatcore.vocabulary import (
    SYSTEM,
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    EffectState,
    MessageKind,
    PortKind,
    Private,
    ReasonId,
    Situation,
    Trigger,
    message_id,
)

__all__ = [
    "address_tuples",
    "addresses",
    "blocks",
    "contacts",
    "conversations",
    "details",
    "edits",
    "effects",
    "evidence",
    "extras",
    "kept_statuses",
    "messages",
    "origins",
    "reactions",
    "robots",
    "scopes",
    "talks",
]

_ABOUT_MESSAGES = frozenset({EffectKind.SEND_MESSAGE, EffectKind.FETCH_MEDIA, EffectKind.SEND_RECEIPT})


# --- conversations -------------------------------------------------------------------------------------------


def origins(at: st.SearchStrategy[datetime] | None = None) -> st.SearchStrategy[Origin]:
    """How a conversation began. Rule: L11."""
    return st.builds(
        Origin,
        contact=entity_ids("ct"),
        channel=outside_ids().map(ChannelId),
        protocol=st.integers(10**17, 10**18 - 1).map(str),
        started_at=moments() if at is None else at,
    )


def robots() -> st.SearchStrategy[Robot]:
    """What was done by itself. Rule: L14, L20."""
    return st.builds(
        Robot,
        said=st.lists(st.sampled_from(Trigger), max_size=4, unique=True).map(tuple),
        quiet_until=st.none() | moments(),
        turns=st.integers(0, 20),
        moved_at=st.none() | moments(),
    )


def talks(at: st.SearchStrategy[datetime] | None = None) -> st.SearchStrategy[Talk]:
    """What was said so far, as counts. Rule: M4, L15, L23."""
    moment = st.none() | (moments() if at is None else at)
    counts = st.lists(st.integers(0, 10_000), min_size=2, max_size=2).map(sorted)
    return st.builds(
        lambda heard_and_seq, **values: Talk(heard=heard_and_seq[0], seq=heard_and_seq[1], **values),
        counts,
        address=brazilian_mobiles().map(Private),
        unread=st.integers(0, 50),
        waiting_since=moment,
        window_until=moment,
        robot=robots(),
    )


def details() -> st.SearchStrategy[Details]:
    """What was put on a conversation. Rule: C5, C9, S5."""
    return st.builds(Details, tags=id_tuples(), fields=values_kept(), contract=st.none() | outside_ids())


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """A valid conversation in any situation."""
    situation = draw(st.sampled_from(Situation))
    at = draw(moments())
    agent = draw(outside_ids().map(AgentId))
    closed = situation is Situation.CLOSED
    return Conversation(
        id=ConversationId(draw(entity_ids("cv"))),
        version=draw(st.integers(1, 10_000)),
        recorded_at=at,
        origin=draw(origins(st.just(at))),
        talk=draw(talks(st.just(at))),
        situation=situation,
        department=DepartmentId(draw(outside_ids())),
        assignee=agent if situation is Situation.OPEN else None,
        last_assignee=draw(st.sampled_from((None, agent))),
        reason=ReasonId(draw(outside_ids())) if closed or draw(st.booleans()) else None,
        opened_at=at,
        queued_at=at if situation is Situation.QUEUE else None,
        taken_at=at if situation is Situation.OPEN else None,
        closed_at=at if closed else None,
        closed_by=SYSTEM if closed else None,
        transfers=draw(st.integers(0, 50)),
        details=draw(details()),
    )


def scopes() -> st.SearchStrategy[Scope]:
    """What a person may see: everything, or the union of what is named. Rule: P."""
    named = st.builds(
        Scope,
        assignee=st.none() | outside_ids(),
        departments=id_tuples(),
        waiting=id_tuples(),
        bot=st.booleans(),
    )
    return named | st.just(Scope(everything=True))


# --- contacts ------------------------------------------------------------------------------------------------


def addresses() -> st.SearchStrategy[Address]:
    """One way to reach a contact. Rule: M10, M11."""
    return st.builds(Address, outside_ids(), brazilian_mobiles().map(Private))


def address_tuples() -> st.SearchStrategy[tuple[Address, ...]]:
    """Up to two ways to reach a contact, none of them twice. Rule: M11."""
    return st.lists(addresses(), max_size=2, unique_by=lambda address: address.key).map(tuple)


def blocks() -> st.SearchStrategy[Block]:
    """Who blocked a contact, when, and why. Rule: S20."""
    return st.builds(Block, actors(), moments(), st.none() | one_line_text())


def contacts() -> st.SearchStrategy[Contact]:
    """A contact: known to the billing side or not, blocked or not, or turned out to be another one."""
    values: dict[str, Any] = {
        "id": entity_ids("ct"),
        "version": st.integers(1, 10_000),
        "recorded_at": moments(),
        "name": st.none() | labels().map(Private),
        "blocked": st.none() | blocks(),
        "refused": st.integers(0, 50),
        "fields": values_kept(),
        "opted_out": st.booleans(),
        "merged": st.lists(entity_ids("ct"), max_size=2, unique=True).map(tuple),
    }
    some = st.lists(customers(), max_size=2).map(tuple)
    return st.one_of(
        st.builds(Contact, addresses=address_tuples(), customer=st.none() | outside_ids(), **values),
        st.builds(Contact, addresses=address_tuples(), suggestions=some, **values),
        st.builds(
            Contact, addresses=st.just(()), merged_into=entity_ids("ct"), silent_on=id_tuples(), **values
        ),
    )


# --- messages ------------------------------------------------------------------------------------------------


def reactions() -> st.SearchStrategy[Reaction]:
    """An emoji put on a message, or taken off it. Rule: M9."""
    emoji = st.sampled_from(("👍", "❤️", "😂")).map(Private)
    return st.builds(Reaction, st.sampled_from(Direction), st.none() | emoji, moments())


def edits() -> st.SearchStrategy[Edit]:
    """What a customer changed a message to. Rule: M18."""
    return st.builds(Edit, moments(), private_lines())


def extras() -> st.SearchStrategy[Extras]:
    """What few messages have. Rule: M5, M9, M17, M18."""
    return st.builds(
        Extras,
        media=st.none() | media(),
        template=st.none() | outside_ids(),
        parameters=st.lists(private_lines(), max_size=2).map(tuple),
        reply_to=st.none() | message_ids(),
        reactions=st.lists(reactions(), max_size=2).map(tuple),
        edits=st.lists(edits(), max_size=2).map(tuple),
        revoked_at=st.none() | moments(),
        customer=st.none() | outside_ids(),
    )


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """A message of any kind, from the customer, from us, or by itself, however far it came. Rule: M2, M4."""
    conversation, seq = ConversationId(draw(entity_ids("cv"))), draw(st.integers(1, 10_000))
    direction = draw(st.sampled_from(Direction))
    inbound = direction is Direction.INBOUND
    author = None if inbound else draw(st.none() | actors())
    automatic = None if inbound or author is not None else draw(st.sampled_from(Trigger))
    some_id = st.none() | outside_ids()
    return Message(
        id=message_id(conversation, seq),
        version=draw(st.integers(1, 10_000)),
        recorded_at=draw(moments()),
        conversation=conversation,
        seq=seq,
        channel=ChannelId(draw(outside_ids())),
        direction=direction,
        kind=draw(st.sampled_from(MessageKind)),
        body=draw(private_lines()),
        author=author,
        automatic=automatic,
        effect=draw(st.none() | entity_ids("ef").map(EffectId)),
        provider_id=draw(some_id),
        sent_at=draw(st.none() | moments()),
        reached=draw(st.sampled_from(sorted(RANKS))),
        failure=draw(some_id),
        not_sent=draw(some_id),
        unconfirmed=draw(st.booleans()),
        flags=draw(id_tuples(2)),
        raw=draw(st.none() | private_lines()),
        anomalies=draw(st.integers(0, 3)),
        extras=draw(extras()),
        first_recorded=draw(st.none() | moments()),
    )


# --- effects -------------------------------------------------------------------------------------------------


def kept_statuses() -> st.SearchStrategy[KeptStatus]:
    """A delivery status whose message is not known yet. Rule: M3."""
    return st.builds(
        KeptStatus, status=st.sampled_from(REPORTED), occurred_at=moments(), failure=st.none() | outside_ids()
    )


def evidence() -> st.SearchStrategy[Evidence]:
    """Something learnt about an effect, by a machine or by a person. Rule: B11."""
    return st.builds(
        Evidence,
        moments(),
        outside_ids(),
        st.none() | outside_ids(),
        st.none() | private_lines(),
        st.none() | actors(),
    )


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    """An effect of any kind, in any state."""
    kind, state = draw(st.sampled_from(EffectKind)), draw(st.sampled_from(EffectState))
    demand = DEMANDS.get(kind)
    some_id, some_moment = st.none() | outside_ids(), st.none() | moments()
    in_flight = state is EffectState.IN_FLIGHT
    goes_by_channel = PORT_OF.get(kind) is PortKind.MESSAGING
    version = draw(st.integers(1, 10_000))
    return Effect(
        id=EffectId(draw(entity_ids("ef"))),
        version=version,
        recorded_at=draw(moments()),
        kind=kind,
        state=state,
        channel=ChannelId(draw(outside_ids())) if goes_by_channel else None,
        conversation=draw(st.none() | entity_ids("cv").map(ConversationId)),
        contact=draw(st.none() | entity_ids("ct").map(ContactId)),
        message=draw(message_ids()) if kind in _ABOUT_MESSAGES else None,
        requested_by=draw(actors()),
        expires_at=draw(moments()),
        correlation=draw(some_id),
        agent=draw(st.none() | outside_ids().map(AgentId)),
        lane=draw(some_id),
        position=draw(st.integers(0, 10_000)),
        attempts=draw(st.integers(0, 20)),
        due_at=draw(some_moment),
        fence=draw(st.integers(1, version)),
        lease_until=draw(moments()) if in_flight else None,
        dispatched_at=draw(some_moment),
        doubted_at=draw(some_moment),
        unresolved=draw(st.booleans()),
        reference=draw(some_id),
        detail=draw(some_id),
        evidence=draw(st.lists(evidence(), max_size=2).map(tuple)),
        kept=draw(st.lists(kept_statuses(), max_size=2).map(tuple)),
        demand=None if demand is None else draw(demands(demand)),
        guarded=draw(st.booleans()),
    )
