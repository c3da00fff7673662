"""A town: contacts, conversations, messages and effects of every sort, drawn by lot, to write and to ask for.

What is found is held against `reference`, which looks at everything by `matches` and `sort_key`. Moments are
few, so that many things tie.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from chatcore.commands import Outcome
from chatcore.entities import (
    Address,
    Block,
    Contact,
    Conversation,
    Details,
    Edit,
    Effect,
    Entity,
    Extras,
    FieldValues,
    Message,
    Origin,
    Scope,
    Talk,
    Workspace,
)
from chatcore.ports import ChangeSet, Receipt, Storage, Write
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Order,
    Page,
    Query,
    Reached,
    Says,
    Trait,
    When,
    matches,
    sort_key,
)
from chatcore.vocabulary import (
    SYSTEM,
    AgentId,
    ChannelId,
    CommandId,
    ContactId,
    ConversationId,
    CustomerId,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    EffectState,
    FieldId,
    MessageId,
    MessageKind,
    Private,
    ReasonId,
    Ref,
    Situation,
    TagId,
)

__all__ = ["MOMENTS", "States", "conditions", "everyone", "leaves", "questions", "reference", "write"]

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MOMENTS = tuple(NOON + timedelta(microseconds=n) for n in (-86_400_000_000, -1, 0, 1, 5_000_000))
AGENTS = tuple(map(AgentId, ("ana", "beto", "Zoé")))
DEPARTMENTS = tuple(map(DepartmentId, ("support", "billing", "sales")))
CHANNELS = tuple(map(ChannelId, ("wa", "site")))
TAGS = tuple(map(TagId, ("vip", "VIP", "2ª via", "vi")))
REASONS = tuple(map(ReasonId, ("solved", "moved")))
CUSTOMERS = tuple(map(CustomerId, ("cu-1", "cu 2")))
KEYS = tuple(f"Key {n}" for n in range(12))
PLAN, LIMIT, SINCE, PAPER = map(FieldId, ("plan", "limit", "since", "paper"))
FILLED: tuple[tuple[FieldId, Any], ...] = (
    (PLAN, Private("100M")),
    (PLAN, Private("100m")),
    (LIMIT, Decimal("1.50")),
    (LIMIT, Decimal(1)),
    (SINCE, date(2026, 3, 10)),
    (PAPER, True),
    (PAPER, False),
)
ASKED: tuple[tuple[FieldId, Any], ...] = (
    *FILLED,
    (LIMIT, Decimal("1.5")),
    (LIMIT, Decimal("0.15e1")),
    (LIMIT, Decimal("-1.5")),
    (LIMIT, Decimal(0)),
    (PAPER, Decimal(1)),
    (PAPER, Decimal("-0.0")),
    (PLAN, Private("2026-03-10")),
)
"""Values that equal one another, and values that only look as if they did."""

NAMES = (
    "João da Silva",
    "Joana",
    "Maria João",
    "\uff2a\uff2f Silva",
    "silva",
    "Łukasz",
    "😀 Ana",
    "李雷",
    None,
)
TEXTS = (
    "Não recebi o boleto",
    "segunda via do BOLETO, por favor",
    "boleto boleto pago",
    "Bom dia! 😀😀",
    "a via",
    "...",
    "",
    "Já paguei a 2ª via",
    "boletos_e%contas",
    "Łódź 日本語 straße",
    "boleto\x00pago",
    "and OR not NEAR(boleto)",
)
WORDS = ("boleto", "bol", "via", "2a", "segunda via", "boleto boleto", "😀", "😀 😀", "pago", "never", "or not")
STRANGE_WORDS = ("łódź", "łó", "日", "日本語", "strasse", "a", "e contas", "% boleto", "boleto*", "near")
NAME_WORDS = ("jo", "joao", "silva", "da silva", "silva da", "m", "lukasz", "łuk", "😀", "李", "ana")

States = dict[Ref, Entity]


# --- who lives there -----------------------------------------------------------------------------------------


def _fields(lot: random.Random) -> FieldValues:
    return tuple(
        sorted({id: (id, value) for id, value in lot.sample(FILLED, lot.randrange(4))}.values(), key=_first)
    )


def _first(pair: tuple[FieldId, Any]) -> str:
    return pair[0]


def _contacts(lot: random.Random) -> Iterator[Contact]:
    """Some of them turned out to be another one, who turned out to be another one too."""
    into: dict[int, int] = {3: 4, 4: 5, 6: 7, 8: 5}
    merged: dict[int, tuple[int, ...]] = {5: (4, 3, 8), 7: (6,)}
    for n in range(20):
        gone = n in into
        name = lot.choice(NAMES)
        yield Contact(
            id=ContactId(f"ct_{n}"),
            version=1,
            recorded_at=NOON,
            addresses=() if gone or n >= len(KEYS) else (Address(KEYS[n], Private(str(n))),),
            name=None if name is None else Private(name),
            blocked=Block(SYSTEM, NOON) if lot.random() < 0.3 else None,
            customer=lot.choice((None, *CUSTOMERS)),
            fields=_fields(lot),
            merged=tuple(ContactId(f"ct_{each}") for each in merged.get(n, ())),
            merged_into=ContactId(f"ct_{into[n]}") if gone else None,
        )


def _conversation(lot: random.Random, n: int) -> Conversation:
    situation = lot.choice(tuple(Situation))
    is_open, closed = situation is Situation.OPEN, situation is Situation.CLOSED
    agent, opened = lot.choice(AGENTS), lot.choice(MOMENTS)
    return Conversation(
        id=ConversationId(f"cv_{n}"),
        version=1,
        recorded_at=lot.choice(MOMENTS),
        origin=Origin(
            contact=ContactId(f"ct_{lot.randrange(22)}"),  # Two of them nobody knows.
            channel=lot.choice(CHANNELS),
            protocol=f"P{n % 30}",
            started_at=lot.choice(MOMENTS),
        ),
        talk=Talk(
            address=Private("5511987654321"),
            unread=lot.randrange(2),
            waiting_since=lot.choice((None, *MOMENTS)),
        ),
        situation=situation,
        department=lot.choice(DEPARTMENTS),
        assignee=agent if is_open else None,
        last_assignee=lot.choice((None, agent, *AGENTS)),
        reason=lot.choice(REASONS) if closed else None,
        opened_at=opened,
        queued_at=lot.choice((None, *MOMENTS)),
        taken_at=None,
        closed_at=lot.choice(MOMENTS) if closed else None,
        closed_by=SYSTEM if closed else None,
        transfers=0,
        details=Details(tags=tuple(lot.sample(TAGS, lot.randrange(3))), fields=_fields(lot)),
    )


def _message(lot: random.Random, home: ConversationId, seq: int) -> Message:
    direction = lot.choice(tuple(Direction))
    changed = lot.random()
    edits = (Edit(NOON, Private(lot.choice(TEXTS))),) if changed < 0.2 else ()
    return Message(
        id=MessageId(f"{home}.{seq}"),
        version=1,
        recorded_at=lot.choice(MOMENTS),
        first_recorded=lot.choice((None, *MOMENTS)),
        conversation=home,
        seq=seq,
        channel=CHANNELS[0],
        direction=direction,
        kind=lot.choice((MessageKind.TEXT, MessageKind.IMAGE)),
        body=Private(lot.choice(TEXTS)),
        author=None if direction is Direction.INBOUND else SYSTEM,
        extras=Extras(edits=edits, revoked_at=NOON if changed > 0.9 else None),
    )


def _effect(lot: random.Random, n: int, home: ConversationId | None) -> Effect:
    state = lot.choice(tuple(EffectState))
    return Effect(
        id=EffectId(f"ef_{n}"),
        version=1,
        recorded_at=NOON,
        kind=EffectKind.FIND_CUSTOMER,
        state=state,
        channel=None,
        conversation=home,
        contact=None,
        message=None,
        requested_by=SYSTEM,
        expires_at=NOON,
        lease_until=NOON if state is EffectState.IN_FLIGHT else None,
    )


def everyone(seed: int) -> States:
    """All who live in a town, by their ids."""
    lot = random.Random(seed)
    conversations = [_conversation(lot, n) for n in range(60)]
    talks = [(each.id, seq) for each in conversations[:30] for seq in range(1, lot.randrange(2, 13))]
    found: list[Entity] = [*_contacts(lot), *conversations]
    found += [_message(lot, home, seq) for home, seq in talks]
    found += [_effect(lot, n, lot.choice((None, *(each.id for each in conversations[:3])))) for n in range(40)]
    return {each.id: each for each in found}


def write(storage: Storage, states: Iterable[Entity]) -> None:
    """Write states as they are, whatever led to them; each is one version beyond what is there."""
    writes = tuple(Write(state.id, state.version - 1, state, ()) for state in states)
    command = CommandId(f"co_{random.randrange(1 << 60)}")
    storage.apply(ChangeSet(Receipt(command, NOON, Outcome(command)), writes))


# --- what is asked -------------------------------------------------------------------------------------------


def leaves(about: type[Query]) -> list[Condition]:
    """Conditions of each sort that may be asked in such queries."""
    found: list[Condition] = [
        *(Named(words, prefix=prefix) for words in NAME_WORDS for prefix in (True, False)),
        *(Reached((key,)) for key in (*KEYS[:8], "key 1", "Key", "ey 1", "no-such")),
        Reached(KEYS[2:5]),
        *(Filled(id, value) for id, value in ASKED),
        Nothing(),
        *(Has(Trait.CUSTOMER, id) for id in (*CUSTOMERS, "cu")),
        Is(Mark.BLOCKED),
        Is(Mark.LINKED),
    ]
    if about is ContactQuery:
        return found
    values: dict[Trait, Sequence[str]] = {
        Trait.SITUATION: tuple(Situation),
        Trait.AGENT: AGENTS,
        Trait.DEPARTMENT: DEPARTMENTS,
        Trait.CHANNEL: CHANNELS,
        Trait.TAG: (*TAGS, "v", "ip"),
        Trait.REASON: REASONS,
        Trait.CONTACT: [f"ct_{n}" for n in (0, 3, 4, 5, 6, 7, 8, 20, 99)],
        Trait.PROTOCOL: ("P1", "P29", "P"),
    }
    whens = [when for when in When if when is not When.SENT or about is MessageQuery]
    found += [Is(mark) for mark in Mark]
    for when in whens:
        found += [Between(when, since=moment) for moment in MOMENTS[1:]]
        found += [Between(when, until=moment) for moment in MOMENTS[1:]]
        found += [Between(when, since=MOMENTS[1], until=MOMENTS[3])]
    if about is MessageQuery:
        values |= {Trait.DIRECTION: tuple(Direction), Trait.KIND: (MessageKind.TEXT, MessageKind.NOTE)}
        found += [Says(words, prefix=prefix) for words in (*WORDS, *STRANGE_WORDS) for prefix in (True, False)]
    return found + [Has(trait, value) for trait, some in values.items() for value in some]


def conditions(about: type[Query]) -> st.SearchStrategy[Condition]:
    """Conditions, and what they combine to."""

    def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)

    words = (
        [Says(word) for word in WORDS[:5]]
        if about is MessageQuery
        else [Named(word) for word in NAME_WORDS[:5]]
    )
    return st.recursive(st.sampled_from(leaves(about)) | st.sampled_from(words), combined, max_leaves=6)


def scopes() -> st.SearchStrategy[Scope]:
    """What somebody may see."""
    some = st.lists(st.sampled_from(DEPARTMENTS), max_size=2, unique=True).map(tuple)
    agent = st.sampled_from((None, *AGENTS))
    narrow = st.builds(Scope, assignee=agent, departments=some, waiting=some, bot=st.booleans())
    return st.just(Scope(everything=True)) | narrow


def questions() -> st.SearchStrategy[Any]:
    """Queries of each kind."""
    people = tuple(ContactId(f"ct_{n}") for n in range(9))
    homes = tuple(ConversationId(f"cv_{n}") for n in (0, 1, 2, 59, 99))

    def maybe(*values: Any) -> st.SearchStrategy[Any]:
        return st.sampled_from((None, None, *values))

    conversations = st.builds(
        ConversationQuery,
        situation=maybe(*Situation),
        assignee=maybe(*AGENTS),
        department=maybe(*DEPARTMENTS),
        contact=st.none() | maybe(*people),
        also=st.lists(st.sampled_from(people), max_size=2).map(tuple),
        waiting=maybe(True, False),
        channel=maybe(*CHANNELS),
        order=st.sampled_from(tuple(Order)),
        where=st.none() | conditions(ConversationQuery),
        scope=scopes(),
    )
    messages = st.builds(
        MessageQuery, newest_first=st.booleans(), where=st.none() | conditions(MessageQuery), scope=scopes()
    )
    inside = st.builds(
        MessageQuery,
        conversation=st.sampled_from(homes),
        newest_first=st.booleans(),
        start=maybe(1, 2, 5, 99, 1 << 70),
        where=st.none() | conditions(MessageQuery),
        scope=scopes(),
    )
    contacts = st.builds(ContactQuery, blocked=maybe(True, False), where=st.none() | conditions(ContactQuery))
    return st.one_of(conversations, conversations, messages, messages, inside, contacts)


# --- what is found -------------------------------------------------------------------------------------------


def reference(states: States, query: Query) -> list[Any]:
    """What a query finds when everything is looked at."""

    def person(id: Ref) -> Contact | None:
        found = states.get(id)
        while isinstance(found, Contact) and found.merged_into is not None:
            found = states.get(found.merged_into)
        return found if isinstance(found, Contact) else None

    rows = []
    for thing in states.values():
        home: Any = states.get(thing.conversation) if isinstance(thing, Message) else thing
        contact = person(home.contact) if isinstance(home, Conversation) else None
        if not isinstance(thing, Workspace) and matches(query, thing, home, contact):
            rows.append(thing)
    return sorted(rows, key=lambda row: sort_key(query, row))


def walked(storage: Storage, query: Query, limit: int) -> list[Any]:
    """All pages of a query, one after the other; each but the last one is full."""
    ask: Any = {
        ConversationQuery: storage.conversations,
        MessageQuery: storage.messages,
        ContactQuery: storage.contacts,
        EffectQuery: storage.effects,
    }[type(query)]
    rows: list[Any] = []
    cursor = None
    while True:
        page: Page[Any] = ask(query, limit=limit, cursor=cursor)
        rows += page.rows
        cursor = page.next
        if cursor is None:
            assert len(page.rows) <= limit
            return rows
        assert len(page.rows) == limit
