"""A whole service desk in memory, to write given / when / then for."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Final, TypeVar, get_args

import attrs

from chatcore._engine.addressing import Addresses
from chatcore.answers import Delivery, Report, Verdict
from chatcore.commands import AddItem, ChangeItem, Command, Configure, Outcome, SetPolicies
from chatcore.desk import Desk
from chatcore.entities import Contact, Conversation, Item, Message, Workspace
from chatcore.entities.workspace import PLACES
from chatcore.errors import ChatcoreError
from chatcore.events import Event
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.ports import Ports, SendRequest
from chatcore.rules.table import CompanyRule
from chatcore.search import ConversationQuery
from chatcore.testing._expecting import show, who
from chatcore.testing._seen import Seen
from chatcore.testing.clock import Clock
from chatcore.testing.customer import Customer
from chatcore.testing.provider import PROVIDER
from chatcore.testing.when import When, refused_set_up
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    ContactId,
    ConversationId,
    Private,
    Ref,
    message_id,
)

__all__ = ["World"]

_COMMANDS: Final = frozenset(get_args(Command))
_TUESDAY: Final = "2026-03-10T09:00:00-03:00"
_SECRET: Final = b"only for tests"
_STEPS: Final = 100_000
"""Steps of workers after which there is no end to them."""

_Entity = TypeVar("_Entity", Conversation, Contact, Message, Workspace)


def _there(_: AgentId) -> bool:
    return True


class World:
    """One provider's desk, with its people, its customers, its channel and its clock.

    A scenario sets up by commands (`given`), does one thing (`when`), and says what is expected of it:

        >>> from chatcore import Close, Take
        >>> from chatcore.errors import ReasonRequired
        >>> from chatcore.events import Closed, Taken
        >>> world = World()
        >>> ana, maria = world.agent("ana"), world.customer("Maria")
        >>> conversation = maria.writes("Minha internet caiu")
        >>> done = world.when(Take(conversation), by=ana).then(Taken(assignee="ana"))
        >>> world.when(Close(conversation), by=ana).refused(ReasonRequired).code
        'reason_required'
        >>> done = world.when(Close(conversation, "slow"), by=ana).then(Closed)

    1. State is never poked: whatever stands in a world came about by commands, so no scenario rests on what
       cannot be.
    2. Nothing passes unseen. A refusal in the set-up fails; a refused `when` that nobody asks about fails at
       the world's next step, or at the end of ``with World() as world``.
    3. The same scenario runs the same each time: the clock stands until it is moved, ids are counted.

    `workspace` is the provider's configuration; without one it is the small provider of `PROVIDER`. `rules` are
    a company's own. `messaging` stands in for the channel; one that fails is a subclass of `MemoryMessaging`.
    `delivery` is the desk's: with LATER nothing leaves but by `run_workers`. `available` says who is present
    (L24). `now` is when the world begins: without it, on a Tuesday at nine in São Paulo.
    """

    def __init__(
        self,
        workspace: Workspace = PROVIDER,
        *,
        rules: Iterable[CompanyRule] = (),
        messaging: MemoryMessaging | None = None,
        delivery: Delivery = Delivery.INLINE,
        available: Callable[[AgentId], bool] = _there,
        now: datetime | str = _TUESDAY,
    ) -> None:
        if not isinstance(messaging, MemoryMessaging | None):
            raise TypeError("messaging is a MemoryMessaging, or of a subclass of it")
        self._last: When | None = None
        self.clock: Final = Clock(now)
        self.storage: Final = MemoryStorage()
        self.messaging: Final = MemoryMessaging() if messaging is None else messaging
        self._rules = tuple(rules)
        self._delivery = delivery
        self._available = available
        self._roots = itertools.count(1)
        self._arrivals = itertools.count(1)
        self._phones = itertools.count(1)
        self.desk: Final = self.another_desk()
        self.given(Configure(workspace), by=SYSTEM)

    def another_desk(self) -> Desk:
        """A further desk over the same storage, channel and clock, as another process has one."""
        roots = self._roots  # A desk must not hold its world: an abandoned one is to be noticed at once.
        return Desk(
            Ports(storage=self.storage, messaging=dict.fromkeys(ChannelKind, self.messaging)),
            delivery=self._delivery,
            clock=self.clock,
            new_root=lambda: f"{next(roots):06d}",
            secret=_SECRET,
            available=self._available,
            rules=self._rules,
        )

    # --- who and what is there -------------------------------------------------------------------------------

    def agent(self, id: str, /) -> Actor:
        """The person of the workspace with this id, to act by.

        Raises:
            AssertionError: there is none; a new one comes by `add`.
        """
        self._settled()
        return Actor.agent(_known(self.workspace.agents, id, "agent").id)

    def customer(self, name: str, *, phone: str | None = None, channel: str | None = None) -> Customer:
        """A person who writes, each time another; on the workspace's first channel, by a number of their own.

        Raises:
            AssertionError: the workspace has no such channel.
        """
        self._settled()
        channels = self.workspace.channels
        wanted = channel if channel is not None else next((c.id for c in channels), "")
        number = f"55119{87654320 + next(self._phones)}" if phone is None else phone
        return Customer(Private(name), Private(number), _known(channels, wanted, "channel").id, self)

    def add(self, *items: Item) -> None:
        """Add parts to the workspace: `Agent`, `Department`, `Reason`, `Tag`, `QuickReply`, `Field`, `Channel`.

        Raises:
            AssertionError: one does not fit, or its id is there already with other contents.
        """
        for item in items:
            self.given(AddItem(item), by=SYSTEM)

    def change(self, kind: type[Item], id: str, /, **fields: Any) -> None:
        """Change fields of a part: ``world.change(Agent, "ana", max_open=1)``; also ``archived`` or ``active``.

        Raises:
            AssertionError: there is no such part, or it does not fit any more.
            TypeError: it has no such field.
        """
        self._settled()
        place = next((name for name, cls in PLACES.values() if cls is kind), None)
        if place is None:
            raise TypeError(f"{kind!r} is no part of a workspace")
        item = _known(getattr(self.workspace, place), id, kind.__name__.lower())
        self.given(ChangeItem(attrs.evolve(item, **fields)), by=SYSTEM)

    def policies(self, **fields: Any) -> None:
        """Change policies: ``world.policies(close_after_idle=timedelta(hours=2), default_reason="slow")``.

        Raises:
            AssertionError: they do not fit the workspace.
            TypeError: there is no such policy.
        """
        self._settled()
        self.given(SetPolicies(attrs.evolve(self.workspace.policies, **fields)), by=SYSTEM)

    def configure(self, **fields: Any) -> None:
        """Change the workspace's own fields: ``world.configure(modules=())``, ``time_zone``, ``locale``.

        Raises:
            AssertionError: it may not be like that.
            TypeError: there is no such field.
        """
        self._settled()
        self.given(Configure(attrs.evolve(self.workspace, **fields)), by=SYSTEM)

    # --- given, when -----------------------------------------------------------------------------------------

    def given(self, *commands: Command, by: Actor) -> Outcome:
        """Set up: have these commands handled, one after another. Gives the outcome of the last.

        Raises:
            AssertionError: one was refused.
            TypeError: one is no command, or `by` no actor.
        """
        __tracebackhide__ = True
        self._settled()
        if not commands:
            raise TypeError("given() takes a command at least")
        outcome: Outcome | None = None
        for command in commands:
            what = _check(command, by)
            try:
                outcome = self.desk.handle(command, by=by)
            except ChatcoreError as error:
                raise refused_set_up(what, error) from error.with_traceback(None)
        assert outcome is not None
        return outcome

    def when(
        self, command: Command, /, *, by: Actor, key: str | None = None, expected: int | None = None
    ) -> When:
        """Have one command handled, now, and give what came of it, to ask. `key` and `expected` as in `Desk`.

        Raises:
            TypeError: it is no command, or `by` no actor.
        """
        __tracebackhide__ = True
        self._settled()
        what = _check(command, by)
        before = self._seen()
        try:
            outcome = self.desk.handle(command, by=by, key=key, expected=expected)
        except ChatcoreError as error:
            told = error.with_traceback(None)  # The core's own frames are no matter here, and hold this world.
            self._last = When(what, error=told, changes=self._seen().changes_since(before))
        else:
            self._last = When(what, self._seen().events_of(outcome.command, before), outcome)
        return self._last

    def can(self, command: Command, /, *, by: Actor) -> Verdict:
        """As `Desk.can`: allowed, needing fields, or refused; with the company's rules."""
        self._settled()
        _check(command, by)
        return self.desk.can(command, by=by)

    def run_workers(self, workers: int = 1) -> Report:
        """Have so many workers do what is due now, a step each in turn, until nothing more is.

        They carry out deliveries, repeats, doubts and timed work. Gives how many steps were done, and when the
        next thing falls due: advance the clock to get there.

        Raises:
            AssertionError: there is no end to it.
            ValueError: there is no worker.
        """
        self._settled()
        if workers < 1:
            raise ValueError("it takes a worker at least")
        desks = [self.another_desk() for _ in range(workers)]
        done = 0
        while done < _STEPS:
            reports = [desk.run_due(limit=1) for desk in desks]
            steps = sum(report.done for report in reports)
            done += steps
            if not steps:
                return Report(done, reports[-1].more, reports[-1].next_at)
        raise AssertionError(f"the workers did {done} steps, and more is due at the same moment")

    @contextlib.contextmanager
    def nothing_changed(self) -> Iterator[None]:
        """Hold that what is done in a block leaves everything kept, and everything sent, as it was.

        Raises:
            AssertionError: something changed; it says what.
        """
        __tracebackhide__ = True
        self._settled()
        before = self._seen()
        yield
        self._settled()
        if changes := self._seen().changes_since(before):
            raise AssertionError("\n    ".join(("something changed:", *changes)))

    # --- what stands -----------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """The configuration as it stands."""
        return self._state(WORKSPACE, Workspace)

    def conversation(self, id: ConversationId, /) -> Conversation:
        """A conversation as it stands, whoever may see it.

        Raises:
            AssertionError: there is none with this id.
        """
        return self._state(id, Conversation)

    def contact(self, id: ContactId, /) -> Contact:
        """A contact as it stands.

        Raises:
            AssertionError: there is none with this id.
        """
        return self._state(id, Contact)

    def messages(self, id: ConversationId, /) -> tuple[Message, ...]:
        """All messages of a conversation, notes among them, in order.

        Raises:
            AssertionError: there is no conversation with this id.
        """
        count = self.conversation(id).seq
        return tuple(self._state(message_id(id, seq), Message) for seq in range(1, count + 1))

    def events(self, ref: Ref, /) -> tuple[Event, ...]:
        """All that happened to an entity, from its beginning.

        Raises:
            AssertionError: nothing did.
        """
        self._settled()
        stream = self.storage.contents().streams.get(ref)
        if stream is None:
            raise AssertionError(f"nothing happened to {ref!r} in this world")
        return tuple(envelope.event for envelope in stream)

    @property
    def outbox(self) -> tuple[SendRequest, ...]:
        """What was sent to customers, in order; the texts are redacted."""
        self._settled()
        return tuple(self.messaging.outbox)

    @property
    def sent(self) -> tuple[str, ...]:
        """The texts that were sent to customers, in order and in the clear."""
        return tuple(request.text.reveal() for request in self.outbox)

    def sees(self, by: Actor, /, **query: Any) -> tuple[ConversationId, ...]:
        """The conversations that a person sees, in the order of the screen.

        The query's fields are those of `ConversationQuery`: ``world.sees(ana, situation=Situation.QUEUE)``.

        Raises:
            NotPermitted, NotContracted: they may see none.
        """
        self._settled()
        wanted, found = ConversationQuery(**query), list[ConversationId]()
        cursor: str | None = None
        while True:
            page = self.desk.conversations(wanted, by=by, cursor=cursor)
            found += [row.id for row in page.rows]
            cursor = page.next
            if cursor is None:
                return tuple(found)

    def contact_at(self, channel: ChannelId, address: Private) -> ContactId:
        """The contact that an address belongs to, in any of its spellings.

        Raises:
            AssertionError: it belongs to nobody yet.
        """
        self._settled()
        key = Addresses(_SECRET).inbound_key(channel, address)
        for state in self.storage.contents().states.values():
            if isinstance(state, Contact) and any(each.key == key for each in state.addresses):
                return state.id
        raise AssertionError("the service does not know this customer yet: they have not written")

    def new_provider_id(self) -> str:
        """A provider's id for a message that arrives, each time another."""
        return f"in-{next(self._arrivals)}"

    def _state(self, id: Ref, kind: type[_Entity]) -> _Entity:
        self._settled()
        state = self.storage.contents().states.get(id)
        if not isinstance(state, kind):
            raise AssertionError(f"there is no {kind.__name__.lower()} {id!r} in this world")
        return state

    # --- nothing passes unseen -------------------------------------------------------------------------------

    def _seen(self) -> Seen:
        return Seen(self.storage.contents(), tuple(self.messaging.outbox))

    def _settled(self) -> None:
        """Hold that somebody asked what came of the last command, if it was refused."""
        __tracebackhide__ = True
        if self._last is not None:
            self._last.check_asked()

    def __enter__(self) -> World:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._settled()

    def __del__(self) -> None:
        last = getattr(self, "_last", None)
        if last is not None and not last.asked:
            warnings.warn(f"nobody asked what came of it: {last!r}", RuntimeWarning, stacklevel=1)


def _check(command: object, by: object) -> str:
    """A command and its actor in words.

    Raises:
        TypeError: they are not what they should be.
    """
    if type(command) not in _COMMANDS:
        raise TypeError(
            f"{command!r} is no command: a world is set up and asked by values from chatcore.commands only"
        )
    if type(by) is not Actor:
        raise TypeError(f'by={by!r} is no actor: use world.agent("ana"), Actor.bot("robo") or SYSTEM')
    return f"{show(command)} by {who(by)}"


def _known(items: tuple[Any, ...], id: str, what: str) -> Any:
    """The part with this id.

    Raises:
        AssertionError: there is none.
    """
    found = next((item for item in items if item.id == id), None)
    if found is None:
        there = ", ".join(repr(item.id) for item in items) or "none"
        raise AssertionError(f"there is no {what} {id!r} in this world; there is {there}")
    return found
