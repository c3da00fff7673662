"""A whole service desk in memory, to write given / when / then for."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Final

import attrs

from chatcore.answers import Delivery, Report, Verdict
from chatcore.commands import AddItem, ChangeItem, Command, Configure, Outcome, SetPolicies
from chatcore.desk import Desk
from chatcore.entities import Item, Nature, Workspace
from chatcore.entities.workspace import PLACES
from chatcore.errors import ChatcoreError
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging
from chatcore.rules.table import CompanyRule
from chatcore.search import ConversationQuery
from chatcore.testing._asking import check_command, known
from chatcore.testing._outside import Outside
from chatcore.testing._standing import SECRET, Standing
from chatcore.testing.clock import Clock
from chatcore.testing.customer import Customer
from chatcore.testing.provider import PROVIDER
from chatcore.testing.when import When, refused_set_up
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    ConversationId,
    CustomerId,
    Private,
)

__all__ = ["World"]

_TUESDAY: Final = "2026-03-10T09:00:00-03:00"
_STEPS: Final = 100_000
"""Steps of workers after which there is no end to them."""


def _there(_: AgentId) -> bool:
    return True


class World(Standing):
    """One provider's desk, with its people, its customers, what stands around it, and its clock.

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
    `contracts` and `billing` stand in for those sides: each is the nature of its writes, or a subclass of
    `MemoryContracts`, `MemoryBilling`; without it they repeat by key, for a day. `delivery` is the desk's: with
    LATER nothing leaves but by `run_workers`. `available` says who is present (L24). `now` is when the world
    begins, or the clock it goes by: without it, on a Tuesday at nine in São Paulo.
    """

    def __init__(
        self,
        workspace: Workspace = PROVIDER,
        *,
        rules: Iterable[CompanyRule] = (),
        messaging: MemoryMessaging | None = None,
        contracts: MemoryContracts | Nature | None = None,
        billing: MemoryBilling | Nature | None = None,
        delivery: Delivery = Delivery.INLINE,
        available: Callable[[AgentId], bool] = _there,
        now: datetime | str | Clock = _TUESDAY,
    ) -> None:
        clock = now if isinstance(now, Clock) else Clock(now)
        super().__init__(clock, Outside(messaging, contracts, billing, clock))
        self._rules = tuple(rules)
        self._delivery = delivery
        self._available = available
        self._roots = itertools.count(1)
        self._arrivals = itertools.count(1)
        self._people = itertools.count(1)
        self._phones = itertools.count(1)
        self.desk: Final = self.another_desk()
        self.given(Configure(workspace), by=SYSTEM)

    def another_desk(self) -> Desk:
        """A further desk over the same storage, the same outside and clock, as another process has one."""
        roots = self._roots  # A desk must not hold its world: an abandoned one is to be noticed at once.
        return Desk(
            self._outside.ports(self.storage),
            delivery=self._delivery,
            clock=self.clock,
            new_root=lambda: f"{next(roots):06d}",
            secret=SECRET,
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
        return Actor.agent(known(self.workspace.agents, id, "agent").id)

    def customer(
        self,
        name: str,
        *,
        phone: str | None = None,
        channel: str | None = None,
        contract: str | None = None,
        boletos: Iterable[str] = (),
    ) -> Customer:
        """A person who writes, each time another; on the workspace's first channel, by a number of their own.

        With a `contract` or `boletos`, by id, the contracts side knows them by that number; what else these
        may be is for `Customer.signs` and `Customer.owes` to say.

        Raises:
            AssertionError: the workspace has no such channel.
        """
        self._settled()
        channels = self.workspace.channels
        wanted = channel if channel is not None else next((c.id for c in channels), "")
        number = f"55119{87654320 + next(self._phones)}" if phone is None else phone
        id = CustomerId(f"cu-{next(self._people)}")
        person = Customer(Private(name), Private(number), known(channels, wanted, "channel").id, id, self)
        if contract is not None:
            person.signs(contract)
        for boleto in boletos:
            person.owes(boleto, contract=contract)
        return person

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
        item = known(getattr(self.workspace, place), id, kind.__name__.lower())
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
            what = check_command(command, by)
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
        what = check_command(command, by)
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
        check_command(command, by)
        return self.desk.can(command, by=by)

    def run_workers(self, workers: int = 1) -> Report:
        """Have so many workers do what is due now, a step each in turn, until nothing more is.

        They carry out deliveries, what is asked of contracts and billing, repeats, doubts and timed work. Gives
        how many steps were done, and when the next thing falls due: advance the clock to get there.

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

    def reports_come(self) -> int:
        """Have the sides that report by key call back about what they did since the last time; gives how much.

        Raises:
            AssertionError: a report was refused.
        """
        reports = self._outside.reports()
        if reports:
            self.given(*reports, by=SYSTEM)
        return len(reports)

    @contextlib.contextmanager
    def nothing_changed(self) -> Iterator[None]:
        """Hold that what is done in a block leaves everything kept, and everything done outside, as it was.

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

    # --- what people see -------------------------------------------------------------------------------------

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

    def new_provider_id(self) -> str:
        """A provider's id for a message that arrives, each time another."""
        return f"in-{next(self._arrivals)}"

    # --- nothing passes unseen -------------------------------------------------------------------------------

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
