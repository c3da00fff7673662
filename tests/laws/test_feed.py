"""Law: whoever follows the feed from any cursor has exactly the rows that the views show.

A follower is a screen: it keeps rows by conversation, begins with the pages of the views and the cursor they
reflect, and from then on does what a page of the feed says, and nothing else. Meanwhile others work: they move,
merge, rename, block, close and reopen conversations, deactivate agents, and change who may see what.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import (
    SYSTEM,
    Actor,
    Close,
    ConversationQuery,
    SendMessage,
    Situation,
    Take,
)
from chatcore import commands as c
from chatcore.entities import Conversation, Effect, Policies, Workspace
from chatcore.errors import InvalidValue, NotFound, RuleViolation
from chatcore.events import Envelope
from chatcore.memory import Contents, MemoryStorage
from chatcore.ports import ReadSet, Snapshot
from chatcore.screen import FeedPage, Row
from chatcore.search import Order, matches
from chatcore.vocabulary import Ability, AgentId, AgentsRead, ConversationId, Part, Role
from tests import given as g
from tests.office import Office

ANA, BETO, CARLA, SARA, ADA, AURO, ROBO = g.ANA, g.BETO, g.CARLA, g.SARA, g.ADA, g.AURO, g.ROBO
BOTH = Actor.agent("both")
FOLLOWERS = (ANA, ANA, BETO, CARLA, SARA, AURO, BOTH, ROBO, SYSTEM)
TAKERS = (ANA, BETO, CARLA, SARA)
NUMBERS = ("5511987654321", "5511912345678", "5511933334444", "5511955556666")
EVERYONE = (g.agent("ana"), g.agent("both", Role.AUDITOR, Role.SUPERVISOR, departments=()))


def workspace(policy: AgentsRead) -> Workspace:
    return g.stocked(*EVERYONE, policies=Policies(agents_read=policy, default_reason=g.REASONS[0].id))


# --- what others do ------------------------------------------------------------------------------------------

Step: TypeAlias = tuple[Any, ...]


def steps() -> st.SearchStrategy[Step]:
    one = st.integers(0, 5)
    who = st.sampled_from(TAKERS)
    agent = st.sampled_from(("ana", "beto", "carla", "sara"))
    department = st.sampled_from(("sup", "fin"))
    return st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 3), st.sampled_from(("wa", "wa", "bot"))),
        st.tuples(st.just("take"), one, who),
        st.tuples(st.just("give"), one, agent),
        st.tuples(st.just("move"), one, department),
        st.tuples(st.just("queue"), one),
        st.tuples(st.just("bot"), one),
        st.tuples(st.just("close"), one),
        st.tuples(st.just("reopen"), one, st.none() | agent),
        st.tuples(st.just("say"), one),
        st.tuples(st.just("note"), one),
        st.tuples(st.just("tag"), one),
        st.tuples(st.just("change"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("rename"), one, st.sampled_from(("Maria", "João", "Clara"))),
        st.tuples(st.just("block"), one, st.booleans()),
        st.tuples(st.just("merge"), one, one),
        st.tuples(st.just("activate"), agent, st.booleans()),
        st.tuples(
            st.just("assign_departments"), agent, st.sampled_from(((), ("sup",), ("fin",), ("sup", "fin")))
        ),
        st.tuples(st.just("withdraw"), agent, st.booleans()),
        st.tuples(st.just("promote"), agent, st.sampled_from((Role.AGENT, Role.SUPERVISOR, Role.AUDITOR))),
        st.tuples(st.just("read"), st.sampled_from(AgentsRead)),
        st.tuples(st.just("wait"), st.integers(1, 90)),
        st.tuples(st.just("run_due")),
    )


class Busy(MemoryStorage):
    """A storage in which others may commit in the middle of somebody's call: before its n-th answer."""

    def __init__(self) -> None:
        super().__init__()
        self.until = 0
        self.others: Callable[[], None] = lambda: None

    def read(self, wanted: ReadSet, /) -> Snapshot:
        self._others_first()
        return super().read(wanted)

    def conversations(self, *args: Any, **asked: Any) -> Any:
        self._others_first()
        return super().conversations(*args, **asked)

    def changes(self, *args: Any, **asked: Any) -> Any:
        self._others_first()
        return super().changes(*args, **asked)

    def head(self) -> str:
        self._others_first()
        return super().head()

    def _others_first(self) -> None:
        if self.until:
            self.until -= 1
            if not self.until:
                self.others()


class Service:
    """An office in which others work, step by step; what is refused is refused."""

    def __init__(self, policy: AgentsRead) -> None:
        self.storage = Busy()
        self.office = Office(workspace(policy), storage=self.storage)
        self.theirs = self.office.another_desk()
        self.inbound: list[tuple[str, str]] = []
        for n, (number, channel) in enumerate((*((each, "wa") for each in NUMBERS[:3]), (NUMBERS[3], "bot"))):
            self._arrive(n, channel, number)

    def of(self, kind: type, n: int) -> Any:
        states = self.office.contents.states
        found = sorted(ref for ref, state in states.items() if isinstance(state, kind))
        return found[n % len(found)]

    def do(self, step: Step) -> None:
        """What others do; rules refuse much of what comes up."""
        name, *args = step
        with contextlib.suppress(RuleViolation, InvalidValue, NotFound):
            getattr(self, f"_{name}")(*args)

    def _cv(self, n: int) -> ConversationId:
        id: ConversationId = self.of(Conversation, n)
        return id

    def _ct(self, n: int) -> Any:
        return self.office.state(self._cv(n)).contact

    def _handle(self, command: Any, by: Actor = SARA) -> None:
        self.theirs.handle(command, by=by)

    def _arrive(self, n: int, channel: str, number: str | None = None) -> None:
        id = f"wamid.{len(self.inbound)}"
        arrival = attrs.evolve(self.office.arrival(number or NUMBERS[n], f"Oi {id}", id), channel=channel)
        self._handle(arrival, SYSTEM)
        self.inbound.append((channel, id))

    def _take(self, n: int, by: Actor) -> None:
        self._handle(Take(self._cv(n)), by)

    def _give(self, n: int, to: AgentId) -> None:
        cv = self._cv(n)
        is_open = self.office.state(cv).situation is Situation.OPEN
        self._handle(c.Transfer(cv, to) if is_open else c.Assign(cv, to), ADA)

    def _move(self, n: int, department: Any) -> None:
        self._handle(c.ChangeDepartment(self._cv(n), department), ADA)

    def _queue(self, n: int) -> None:
        self._handle(c.ReturnToQueue(self._cv(n)), ADA)

    def _bot(self, n: int) -> None:
        self._handle(c.ReturnToBot(self._cv(n)), ADA)

    def _close(self, n: int) -> None:
        self._handle(Close(self._cv(n), g.REASONS[0].id), ADA)

    def _reopen(self, n: int, to: AgentId | None) -> None:
        self._handle(c.Reopen(self._cv(n), to), ADA)

    def _say(self, n: int) -> None:
        self._handle(SendMessage(self._cv(n), "Olá"), ADA)

    def _note(self, n: int) -> None:
        self._handle(c.AddNote(self._cv(n), f"Nota {n}"), ADA)

    def _tag(self, n: int) -> None:
        cv = self._cv(n)
        has = "vip" in self.office.state(cv).tags
        self._handle(c.RemoveTags(cv, ("vip",)) if has else c.AddTags(cv, ("vip",)), ADA)

    def _change(self, n: int, taken_back: bool) -> None:
        """The customer changes, or takes back, one of the last messages that came in."""
        channel, id = self.inbound[-1 - n % len(self.inbound)]
        kind: Callable[..., Any] = c.RecordRevocation if taken_back else c.RecordEdit
        text = {} if taken_back else {"text": f"Melhor: {len(self.inbound)}"}
        mark = f"mark.{next(self.office.arrivals)}"
        self._handle(
            kind(
                channel=channel,
                address=NUMBERS[0],
                provider_id=mark,
                sent_at=self.office.now,
                target=id,
                **text,
            ),
            SYSTEM,
        )

    def _rename(self, n: int, name: str) -> None:
        self._handle(c.EditContact(self._ct(n), name=name), ADA)

    def _block(self, n: int, on: bool) -> None:
        self._handle(c.BlockContact(self._ct(n)) if on else c.UnblockContact(self._ct(n)), ADA)

    def _merge(self, n: int, into: int) -> None:
        if self._ct(n) != self._ct(into):
            self._handle(c.MergeContacts(self._ct(n), self._ct(into)), ADA)

    def _activate(self, agent: str, on: bool) -> None:
        kind: Callable[..., Any] = c.RestoreItem if on else c.ArchiveItem
        self._handle(kind(Part.AGENT, agent), ADA)

    def _agent(self, id: str, **changes: Any) -> None:
        old = self.office.state("ws").agent(id)
        self._handle(c.ChangeItem(attrs.evolve(old, **changes)), ADA)

    def _assign_departments(self, agent: str, departments: tuple[str, ...]) -> None:
        self._agent(agent, departments=departments)

    def _withdraw(self, agent: str, on: bool) -> None:
        self._agent(agent, withdrawn=(Ability.READ,) if on else ())

    def _promote(self, agent: str, role: Role) -> None:
        self._agent(agent, roles=(role,))

    def _read(self, policy: AgentsRead) -> None:
        policies = attrs.evolve(self.office.state("ws").policies, agents_read=policy)
        self._handle(c.SetPolicies(policies), ADA)

    def _wait(self, minutes: int) -> None:
        self.office.pass_time(minutes=minutes)

    def _run_due(self) -> None:
        self.theirs.run_due()


# --- who may see what ----------------------------------------------------------------------------------------


def may_see(held: Workspace, by: Actor, conversation: Conversation) -> bool:
    """Section P, said once more in plain words. Rule: P."""
    if by == ROBO:
        return conversation.situation is Situation.BOT
    if by == SYSTEM:
        return True
    agent = held.agent(by.id)
    assert agent is not None
    if not agent.active or Ability.READ in agent.withdrawn:
        return False
    policy = held.policies.agents_read
    if agent.roles != (Role.AGENT,) or policy is AgentsRead.ALL:
        return True
    if by.id in (conversation.assignee, conversation.last_assignee):
        return True
    if conversation.department not in agent.departments:
        return False
    waits = conversation.situation in (Situation.QUEUE, Situation.BOT)
    return policy is AgentsRead.DEPARTMENTS or waits


def named(value: object) -> Iterator[str]:
    """Every conversation that is named in a value, however deep; a message and an effect's lane name theirs."""
    if isinstance(value, str):
        if value.startswith("cv_"):
            yield value.partition(".")[0].partition(":")[0]
    elif isinstance(value, tuple):
        for each in value:
            yield from named(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from named(getattr(value, field.name))


def home(contents: Contents, envelope: Envelope) -> str | None:
    """The conversation that an event happened in."""
    if envelope.ref.startswith("cv_"):
        return envelope.ref.partition(".")[0]
    state = contents.states[envelope.ref]
    return state.conversation if isinstance(state, Effect) else None


# --- the follower --------------------------------------------------------------------------------------------

VIEWS = tuple(ConversationQuery(situation=situation) for situation in Situation)


@attrs.define
class Follower:
    """A screen with some views open, of one person; `meanwhile` sets up what others do during its calls."""

    service: Service
    by: Actor
    views: tuple[ConversationQuery, ...]
    limit: int
    meanwhile: Callable[[], None]
    rows: dict[ConversationId, Row] = attrs.Factory(dict)
    cursor: str | None = None
    cursors: list[str] = attrs.Factory(list)

    def wants(self, row: Row) -> bool:
        """Whether one of its views shows this row: by what the row itself says."""
        return any(
            query.situation in (None, row.situation)
            and query.assignee in (None, row.assignee)
            and query.department in (None, row.department)
            for query in self.views
        )

    def read_views(self) -> None:
        """Read all views anew, page by page; the first page's cursor is from where the feed goes on."""
        while not self._read_views():
            pass

    def _read_views(self) -> bool:
        first: str | None = None
        self.rows = {}
        for query in self.views:
            cursor: str | None = None
            while True:
                try:
                    page = self.ask(self.service.office.desk.view, query, cursor=cursor)
                except InvalidValue as error:
                    if error.problems[0].code != "foreign_cursor":
                        raise
                    return False  # What they may see changed between two pages: it is another question now.
                first = first or page.feed
                self.rows |= {row.id: row for row in page.rows}
                cursor = page.next
                if cursor is None:
                    break
        self.cursor = first
        return True

    def ask(self, read: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Read from the desk, while others may do something in the middle of it."""
        self.meanwhile()
        try:
            return read(*args, by=self.by, limit=self.limit, **kwargs)
        finally:
            self.service.storage.until = 0

    def step(self) -> bool:
        """Ask the feed once, and do what it says; whether there was anything."""
        if self.cursor is None:
            self.read_views()
        before, held = self.cursor, set(self.rows)
        was = self.service.office.contents
        page = self.ask(self.service.office.desk.feed, after=before, holding=held)
        self.check(page, held, before, was, self.service.office.contents)
        self.take_in(page)
        self.cursor = page.next
        self.cursors.append(page.next)
        if page.refresh:
            self.read_views()
        return self.cursor != before

    def take_in(self, page: FeedPage) -> None:
        for row in page.rows:
            if self.wants(row):
                self.rows[row.id] = row
            else:
                self.rows.pop(row.id, None)
        for id in page.gone:
            self.rows.pop(id, None)

    def check(
        self, page: FeedPage, held: set[ConversationId], after: str | None, was: Contents, now: Contents
    ) -> None:
        """Nothing of what they may not see, and did not hold, is in a page; and all of what they may. Rule: P.

        What others did in the middle of the call counts as before it or as after it. In memory a cursor counts.
        """
        moments = [
            {
                id
                for id, state in contents.states.items()
                if isinstance(state, Conversation)
                and may_see(cast("Workspace", held_by.states["ws"]), self.by, state)
            }
            for contents in (was, now)
            for held_by in (was, now)
        ]
        ever, always = set.union(*moments), set.intersection(*moments)
        shown = [row.id for row in page.rows]
        assert set(shown) <= ever
        assert len(set(shown)) == len(shown)
        assert set(page.gone) <= held - always
        assert set(named((page.rows, page.events))) <= ever
        brought = {event.id for event in page.events}
        covered = int(page.next) - int(after or "0")
        changes = self.service.storage.changes(after=after, limit=self.limit).rows[:covered]
        for event in changes:
            place = home(now, event)
            assert event.id in brought or place not in always
            assert (
                event.id not in brought or place in ever or (place is None and self.sees_everything(was, now))
            )
        assert brought <= {event.id for event in changes}

    def sees_everything(self, *moments: Contents) -> bool:
        """Whether they read what lies in no conversation too: the configuration, every contact."""
        if self.by == SYSTEM:
            return True
        for contents in moments:
            held = cast("Workspace", contents.states["ws"])
            agent = held.agent(self.by.id)
            if agent is not None and (
                agent.roles != (Role.AGENT,) or held.policies.agents_read is AgentsRead.ALL
            ):
                return True
        return False

    def may_read(self) -> bool:
        held = self.service.office.state("ws").agent(self.by.id)
        return held is None or (held.active and Ability.READ not in held.withdrawn)

    def follow(self, most: int) -> None:
        """Follow for a while; who may not read at all shows nothing, and begins anew once they may."""
        for _ in range(most):
            if not self.may_read():
                with pytest.raises(RuleViolation):
                    self.service.office.desk.feed(by=self.by, after=self.cursor, holding=set(self.rows))
                self.rows, self.cursor = {}, None
                return
            try:
                if not self.step():
                    return
            except RuleViolation:
                # They were stopped between two pages.
                assert not self.may_read()
                self.rows, self.cursor = {}, None

    def shown(self) -> dict[ConversationId, Row]:
        """What the views show now, in one page each."""
        desk = self.service.office.desk
        pages = [desk.view(query, by=self.by, limit=200) for query in self.views]
        assert all(page.next is None for page in pages)
        return {row.id: row for page in pages for row in page.rows}

    def is_right(self) -> None:
        """The law: its rows are those that the views show."""
        if not self.may_read():
            assert self.rows == {}
            with pytest.raises(RuleViolation):
                self.service.office.desk.view(self.views[0], by=self.by)
            return
        assert self.rows == self.shown()


def filters() -> st.SearchStrategy[tuple[ConversationQuery, ...]]:
    """Some of the views, each filtered or not."""
    narrowed = st.builds(
        ConversationQuery,
        situation=st.sampled_from((None, *Situation)),
        assignee=st.sampled_from((None, None, "ana", "beto")),
        department=st.sampled_from((None, None, "sup")),
        order=st.sampled_from(Order),
    )
    return st.just(VIEWS) | st.lists(narrowed, min_size=1, max_size=4).map(tuple)


@settings(max_examples=120)
@given(data=st.data(), policy=st.sampled_from(AgentsRead), script=st.lists(steps(), max_size=30))
def test_following_the_feed_gives_the_rows_of_the_views(
    data: st.DataObject, policy: AgentsRead, script: list[Step]
) -> None:
    """Law: from any cursor, however calls and others' work interleave, a follower ends with the views' rows.

    For every role and policy; also where they were let go and came back, or got another role. Rule: P, S1, S2.
    """
    service = Service(policy)
    todo = list(reversed(script))

    def meanwhile() -> None:
        if todo:
            service.storage.until = data.draw(st.integers(0, 6))
            service.storage.others = lambda: service.do(todo.pop())

    followers = [
        Follower(
            service,
            data.draw(st.sampled_from(FOLLOWERS)),
            data.draw(filters()),
            data.draw(st.integers(1, 7)),
            meanwhile,
        )
        for _ in range(2)
    ]
    while todo:
        service.do(todo.pop())
        for follower in followers:
            follower.follow(data.draw(st.integers(0, 2)))
    for follower in followers:
        follower.follow(10_000)
        follower.is_right()


@settings(max_examples=60)
@given(data=st.data(), policy=st.sampled_from(AgentsRead), script=st.lists(steps(), max_size=25))
def test_a_page_that_comes_again_changes_nothing(
    data: st.DataObject, policy: AgentsRead, script: list[Step]
) -> None:
    """Law: whoever goes on from any earlier cursor, or takes a page in twice, has the same rows in the end."""
    service = Service(policy)
    by = data.draw(st.sampled_from(FOLLOWERS))
    follower = Follower(service, by, data.draw(filters()), data.draw(st.integers(1, 9)), lambda: None)
    for step in script:
        service.do(step)
        follower.follow(1)
    follower.follow(10_000)
    follower.is_right()
    if not follower.may_read():
        return
    rows = dict(follower.rows)
    for after in (None, *follower.cursors[:: max(1, len(follower.cursors) // 5)]):
        page = service.office.desk.feed(by=by, after=after, limit=200, holding=set(rows))
        for _ in range(2):
            follower.take_in(page)
            assert follower.rows == rows


def test_the_feed_from_the_very_beginning_rebuilds_the_views() -> None:
    """Who never read a view has its rows too, once they followed from the beginning. Rule: S1."""
    service = Service(AgentsRead.ALL)
    for n in range(3):
        service.do(("take", n, BETO))
    service.do(("close", 1))
    rows: dict[ConversationId, Row] = {}
    cursor: str | None = None
    while True:
        page = service.office.desk.feed(by=SARA, after=cursor, limit=3)
        rows |= {row.id: row for row in page.rows}
        if page.next == cursor:
            break
        cursor = page.next
    assert rows == {row.id: row for row in service.office.desk.view(ConversationQuery(), by=SARA).rows}
    assert len(rows) == 4


def test_a_page_tells_what_left_their_sight() -> None:
    """A conversation that goes to another department is gone for who sees their own only; not for others."""
    service = Service(AgentsRead.DEPARTMENTS)
    desk, office = service.office.desk, service.office
    page = desk.view(ConversationQuery(situation=Situation.QUEUE), by=ANA)
    held = {row.id for row in page.rows}
    cv = min(held)
    desk.handle(c.ChangeDepartment(cv, "fin"), by=ADA)
    mine = desk.feed(by=ANA, after=page.feed, holding=held)
    assert (mine.rows, mine.events, mine.gone, mine.refresh) == ((), (), (cv,), False)
    theirs = desk.feed(by=CARLA, after=page.feed, holding=held)
    assert ([row.id for row in theirs.rows], theirs.gone) == ([cv], ())
    assert [row.id for row in desk.feed(by=SARA, after=page.feed, holding=held).rows] == [cv]
    not_held = desk.feed(by=ANA, after=page.feed)
    assert (not_held.rows, not_held.events, not_held.gone) == ((), (), ())
    assert mine.next == theirs.next == office.storage.head()


def test_a_new_configuration_says_to_read_again() -> None:
    """Whatever it changed: what they held and may not see any more is named at once. Rule: P."""
    service = Service(AgentsRead.ALL)
    desk = service.office.desk
    service.do(("take", 0, BETO))
    page = desk.view(ConversationQuery(), by=ANA)
    service.do(("read", AgentsRead.OWN))
    held = {row.id for row in page.rows}
    told = desk.feed(by=ANA, after=page.feed, holding=held)
    assert told.refresh
    assert set(told.gone) == held - {row.id for row in desk.view(ConversationQuery(), by=ANA).rows}
    assert told.gone
    later = desk.feed(by=ANA, after=told.next, holding=held)
    assert (later.events, later.rows, later.gone, later.refresh) == ((), (), (), False)


def test_a_contact_who_changes_changes_the_rows_of_all_their_conversations() -> None:
    """A name, a block, a merge shows in each row with that person, live or closed. Rule: M11, S20."""
    service = Service(AgentsRead.ALL)
    desk = service.office.desk
    service.do(("close", 0))
    service.do(("arrive", 0, "wa"))
    cv = service._cv(0)
    both = {row.id for row in desk.view(ConversationQuery(contact=service._ct(0)), by=ANA).rows}
    assert len(both) == 2
    page = desk.view(ConversationQuery(), by=ANA)
    service.do(("rename", 0, "Maria"))
    told = desk.feed(by=ANA, after=page.feed)
    assert {(row.id, row.name and row.name.reveal()) for row in told.rows} == {(id, "Maria") for id in both}
    desk.handle(c.MergeContacts(service.office.state(cv).contact, service._ct(1)), by=ADA)
    last = desk.feed(by=ANA, after=told.next, holding=both)
    assert both < {row.id for row in last.rows}
    shown = {row.id: row for row in desk.view(ConversationQuery(), by=ANA).rows}
    assert all(row == shown[row.id] for row in last.rows)
    desk.handle(c.EditContact(service._ct(1), name="Maria Silva"), by=ADA)
    renamed = desk.feed(by=ANA, after=last.next).rows
    assert {(row.id, row.name and row.name.reveal()) for row in renamed} == {
        (id, "Maria Silva") for id in (*both, service._cv(1))
    }


def test_what_the_customer_changed_shows_in_the_row() -> None:
    """A message that is edited changes nothing but itself, and the preview of its row. Rule: M18."""
    service = Service(AgentsRead.OWN)
    desk = service.office.desk
    service.do(("take", 0, ANA))
    page = desk.view(ConversationQuery(), by=ANA)
    service.do(("arrive", 0, "wa"))
    told = desk.feed(by=ANA, after=page.feed)
    service.do(("change", 0, False))
    edited = desk.feed(by=ANA, after=told.next)
    assert [type(each.event).__name__ for each in edited.events] == ["MessageEdited"]
    ((row,), (before,)) = edited.rows, told.rows
    assert row.preview is not None
    assert row.preview.text.reveal() == "Melhor: 5"
    assert attrs.evolve(row, preview=before.preview) == before


@pytest.mark.parametrize("nth", range(1, 8))
def test_what_is_committed_in_the_middle_of_a_read_is_told_by_its_cursor(nth: int) -> None:
    """Whenever it happens, it shows in the rows, or comes in the feed that goes on from them; so of a panel."""
    for read in ("view", "panel"):
        service = Service(AgentsRead.ALL)
        desk, cv = service.office.desk, service._cv(0)
        service.storage.others = lambda service=service: service.do(("arrive", 0, "wa"))  # type: ignore[misc]
        service.storage.until = nth
        if read == "view":
            page = desk.view(ConversationQuery(), by=SARA)
            (version,) = (row.version for row in page.rows if row.id == cv)
            feed = page.feed
        else:
            panel = desk.panel(cv, by=SARA)
            version, feed = panel.conversation.version, panel.feed
        happened = not service.storage.until
        service.storage.until = 0
        told = {row.id: row.version for row in desk.feed(by=SARA, after=feed).rows}
        assert told.get(cv, version) == service.office.state(cv).version == 2 + happened
        if nth == 1:
            assert happened


def test_rows_that_match_a_view_are_told_by_the_row_itself() -> None:
    """What a follower decides by the row is what the query means. Rule: S1, S2."""
    service = Service(AgentsRead.ALL)
    service.do(("take", 0, ANA))
    service.do(("move", 1, "fin"))
    service.do(("close", 2))
    for situation in (None, *Situation):
        for assignee in (None, "ana"):
            for department in (None, "fin"):
                query = ConversationQuery(situation=situation, assignee=assignee, department=department)
                follower = Follower(service, SARA, (query,), 10, lambda: None)
                for row in service.office.desk.view(ConversationQuery(), by=SARA).rows:
                    assert follower.wants(row) is matches(query, service.office.state(row.id))
