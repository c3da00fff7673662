"""Hypothesis strategies for chatcore's values, one per kind of value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from chatcore.commands import (
    Assign,
    BlockContact,
    ChangeDepartment,
    ClaimEffect,
    Close,
    Command,
    Configure,
    Finding,
    FindingKind,
    MarkRead,
    ReceiveMessage,
    RecordStatus,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    SettleEffect,
    StartConversation,
    Take,
    Transfer,
    UnblockContact,
)
from chatcore.entities import (
    Agent,
    Channel,
    Conversation,
    Department,
    Origin,
    Policies,
    Reason,
    Talk,
    Workspace,
)
from chatcore.limits import ID_LENGTH
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    AgentId,
    AgentsRead,
    ChannelId,
    ChannelKind,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    MessageKind,
    Private,
    ReasonId,
    Role,
    Situation,
)

__all__ = [
    "AREA_CODES",
    "Step",
    "actors",
    "brazilian_mobiles",
    "code_points",
    "command_sequences",
    "commands",
    "conversations",
    "entity_ids",
    "hostile_text",
    "moments",
    "one_line_text",
    "outside_ids",
    "policies",
    "steps",
    "workspaces",
]

AREA_CODES = tuple(
    f"{a}{b}"
    for a, ends in {
        1: "123456789",
        2: "12478",
        3: "1234578",
        4: "123456789",
        5: "1345",
        6: "123456789",
        7: "134579",
        8: "123456789",
        9: "123456789",
    }.items()
    for b in ends
)
"""The area codes of Brazil (DDD)."""

_TROUBLE = (
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\x1b",
    "\x85",
    "\ud83d",
    "\ude00",
    "\ud83d\ude00",
    "\u0301",
    "\u0316",
    "\u0345",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
    "\ufe0f",
    "\u20e3",
    "\U0001f1e7",
    "\U0001f1f7",
    "\U0001f3fd",
    "👩",
    "👩‍👩‍👧‍👦",
    "❤️‍🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "©",
    "\u1112",
    "\u1161",
    "\u11ab",
    "한",
    "하",
    "\u0915",
    "\u094d",
    "\u0bcd",
    "\u09c7",
    "\u09be",
    "\u0e33",
    "\u0600",
    "\U0001d165",
    "\U0001d16d",
    "ß",
    "İ",
    "ı",
    "ﬁ",
    "½",
    "é",
    "e\u0301",
    "Ⅷ",
    "\xa0",
    "\xad",
    "\u3164",
)


def code_points() -> st.SearchStrategy[str]:
    """Any code point at all, lone surrogates included."""
    return st.integers(0, 0x10FFFF).map(chr)


def hostile_text(max_pieces: int = 40) -> st.SearchStrategy[str]:
    """Any str: NUL, lone surrogates, controls, marks, joiners, half flags, jamo, and some plain words."""
    pieces = st.one_of(st.sampled_from(_TROUBLE), st.text(max_size=5), code_points())
    return st.lists(pieces, max_size=max_pieces).map("".join)


def one_line_text(min_size: int = 1, max_size: int = 80) -> st.SearchStrategy[str]:
    """A plain line as a Brazilian customer or agent writes it, with something visible in it."""
    letters = (
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?-áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ😀👍"
    )
    return st.text(letters, min_size=min_size, max_size=max_size).filter(lambda line: not line.isspace())


def brazilian_mobiles() -> st.SearchStrategy[str]:
    """A Brazilian mobile in E.164, with its ninth digit."""
    subscriber = st.integers(60_000_000, 99_999_999)
    return st.builds("+55{}9{}".format, st.sampled_from(AREA_CODES), subscriber)


def moments() -> st.SearchStrategy[datetime]:
    """A moment as the core holds it: aware, in UTC, from 1970 to 2199."""
    return st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


# --- ids and configuration -----------------------------------------------------------------------------------


def outside_ids() -> st.SearchStrategy[str]:
    """An id that a service or a provider chose: one printable line."""
    plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_:.=/", min_size=1, max_size=20)
    return st.one_of(plain, st.text(min_size=1, max_size=ID_LENGTH).filter(str.isprintable))


def entity_ids(kind: str) -> st.SearchStrategy[str]:
    """The id of an entity; `kind` is its prefix: cv, ct or ef."""
    return st.integers(1, 999_999).map(lambda n: f"{kind}_r{n:06d}")


def _few(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to four things with ids and names that nothing else of the list has."""
    return st.lists(strategy, max_size=4, unique_by=(lambda x: x.id, lambda x: x.name.casefold())).map(tuple)


def _names() -> st.SearchStrategy[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return st.text(letters, min_size=1, max_size=8)


def policies(reasons: tuple[Reason, ...] = ()) -> st.SearchStrategy[Policies]:
    """Policies that fit a workspace with these reasons."""
    usable = [reason.id for reason in reasons if not reason.archived]
    return st.builds(
        Policies,
        reopen_within=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
        reopen_to_assignee=st.booleans(),
        closing_message=st.none() | one_line_text(),
        default_reason=st.none() | st.sampled_from(usable) if usable else st.none(),
        agents_read=st.sampled_from(AgentsRead),
    )


@st.composite
def workspaces(draw: st.DrawFn) -> Workspace:
    """A valid configuration, not committed yet."""
    departments = draw(_few(st.builds(Department, id=outside_ids(), name=_names())))
    ids = [department.id for department in departments]
    some = st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(())
    abilities = st.lists(st.sampled_from(Ability), max_size=3, unique=True).map(tuple)
    agent = st.builds(
        Agent,
        id=outside_ids(),
        name=_names(),
        roles=st.lists(st.sampled_from(Role), min_size=1, max_size=4, unique=True).map(tuple),
        departments=some,
        granted=abilities,
        withdrawn=abilities,
        max_open=st.integers(0, 5),
        active=st.booleans(),
    )
    reasons = draw(
        _few(st.builds(Reason, id=outside_ids(), name=_names(), departments=some, archived=st.booleans()))
    )
    channel = st.builds(
        Channel,
        id=outside_ids(),
        kind=st.just(ChannelKind.WHATSAPP_CLOUD),
        account=outside_ids(),
        department=st.sampled_from(ids) if ids else st.nothing(),
        bot=st.booleans(),
    )
    channels = st.lists(channel, max_size=3, unique_by=(lambda c: c.id, lambda c: c.account)).map(tuple)
    return Workspace(
        name=draw(_names()),
        time_zone=draw(st.sampled_from(("America/Sao_Paulo", "America/Manaus", "UTC"))),
        departments=departments,
        agents=draw(_few(agent)),
        reasons=reasons,
        channels=draw(channels) if ids else (),
        policies=draw(policies(reasons)),
    )


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
        origin=Origin(
            contact=ContactId(draw(entity_ids("ct"))),
            channel=ChannelId(draw(outside_ids())),
            protocol=draw(st.integers(10**17, 10**18 - 1).map(str)),
            started_at=at,
        ),
        talk=Talk(
            address=Private(draw(brazilian_mobiles())),
            seq=draw(st.integers(0, 10_000)),
            unread=draw(st.integers(0, 50)),
            waiting_since=draw(st.none() | st.just(at)),
            window_until=draw(st.none() | st.just(at)),
        ),
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
    )


# --- commands ------------------------------------------------------------------------------------------------

_REPORTS = (
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
    DeliveryStatus.PLAYED,
    DeliveryStatus.FAILED,
)


def actors() -> st.SearchStrategy[Actor]:
    """Anybody who can be behind a command."""
    ids = outside_ids()
    return st.one_of(st.just(SYSTEM), ids.map(Actor.agent), ids.map(Actor.bot))


def commands() -> st.SearchStrategy[Command]:
    """A well-formed command of any type; what it names need not be there."""
    ids, line = outside_ids(), one_line_text()
    conversation = entity_ids("cv").map(ConversationId)
    contact, effect = entity_ids("ct").map(ContactId), entity_ids("ef").map(EffectId)
    over = st.booleans()
    finding = st.builds(
        Finding,
        kind=st.sampled_from(FindingKind),
        reference=st.none() | ids,
        detail=st.none() | ids,
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)),
    )
    return st.one_of(
        st.builds(StartConversation, ids, contact=contact, text=st.none() | line, over_capacity=over),
        st.builds(StartConversation, ids, address=brazilian_mobiles(), department=st.none() | ids),
        st.builds(Take, conversation, over_capacity=over),
        st.builds(Assign, conversation, ids, over_capacity=over),
        st.builds(Transfer, conversation, ids, over_capacity=over),
        st.builds(ChangeDepartment, conversation, ids),
        st.sampled_from((ReturnToQueue, ReturnToBot, MarkRead)).flatmap(lambda c: st.builds(c, conversation)),
        st.builds(Reopen, conversation, st.none() | ids, over_capacity=over),
        st.builds(SetReason, conversation, ids),
        st.builds(SendMessage, conversation, line),
        st.builds(Close, conversation, st.none() | ids),
        st.builds(BlockContact, contact, st.none() | line),
        st.builds(UnblockContact, contact),
        st.builds(Configure, workspaces()),
        st.builds(
            ReceiveMessage,
            channel=ids,
            address=brazilian_mobiles(),
            provider_id=ids,
            sent_at=moments(),
            text=hostile_text(),
            kind=st.sampled_from(MessageKind),
            name=st.none() | hostile_text(4),
            raw=st.none() | hostile_text(),
        ),
        st.builds(
            RecordStatus,
            channel=ids,
            provider_id=ids,
            status=st.sampled_from(_REPORTS),
            occurred_at=moments(),
            key=st.none() | effect,
            failure=st.none() | ids,
        ),
        st.builds(ClaimEffect, effect),
        st.builds(SettleEffect, effect, st.integers(1, 100), finding),
    )


@attrs.frozen(slots=True)
class Step:
    """One thing that happens in a world, as a plain value.

    `pick` chooses among the things there are when it happens, so a sequence of steps fits whatever came before;
    `by` None is whoever may well do it then. `detail` belongs to the kind of step: a text, a status, a span of
    time, how a provider behaves.
    """

    what: str
    by: Actor | None = SYSTEM
    pick: int = 0
    detail: Any = None
    flag: bool = False


def steps(people: tuple[Actor, ...], moods: tuple[str, ...]) -> st.SearchStrategy[Step]:
    """One step, by one of these people, over a provider that may be in one of these moods."""
    anybody, pick, flag = st.sampled_from(people), st.integers(0, 7), st.booleans()
    who = st.none() | st.none() | anybody
    span = st.one_of(
        st.timedeltas(timedelta(0), timedelta(minutes=3)),
        st.sampled_from((timedelta(hours=1), timedelta(hours=25), timedelta(days=31))),
        st.timedeltas(timedelta(days=-2), timedelta(0)),
    )
    reason = st.sampled_from((None, "slip", "slip", "slow", "old", "nowhere"))
    return st.one_of(
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("take"), who, pick, flag=flag),
        st.builds(Step, st.just("take"), who, pick),
        st.builds(Step, st.just("assign"), who, pick, anybody, flag),
        st.builds(Step, st.just("transfer"), who, pick, anybody, flag),
        st.builds(Step, st.just("reopen"), who, pick, st.none() | anybody, flag),
        st.builds(Step, st.just("move"), who, pick, st.integers(0, 5)),
        st.builds(Step, st.just("say why"), who, pick, st.sampled_from(("slip", "slow", "old", "nowhere"))),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("close"), who, pick, reason, flag),
        st.builds(Step, st.just("close"), pick=pick, by=st.none(), detail=st.just("slip"), flag=flag),
        st.builds(Step, st.just("start"), who, pick, st.none() | one_line_text(max_size=8), flag),
        st.builds(Step, st.sampled_from(("block", "unblock")), who, pick),
        st.builds(Step, st.just("configure"), pick=pick),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("pass time"), detail=span),
        st.builds(
            Step, st.just("behave"), detail=st.lists(st.sampled_from(moods), min_size=2, max_size=4).map(tuple)
        ),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
    )


def command_sequences(
    people: tuple[Actor, ...], moods: tuple[str, ...], longest: int = 40
) -> st.SearchStrategy[list[Step]]:
    """A valid sequence of steps; one that the rules refuse is valid too, and changes nothing."""
    whole = st.lists(st.none() | steps(people, moods), min_size=longest // 2, max_size=longest)
    return whole.map(lambda some: [step for step in some if step is not None])  # None is for shrinking.
