"""Processes that go wrong at one call, over an outside that keeps the books.

A `Till` is a shop whose ports all have one nature. `process` opens a desk over it, as a process of the service
would; its calls to storage and to the outside are counted through, and the one at `at` goes wrong by a `Fault`:
it raises, answers nonsense, or is held up while another process works.
"""

from __future__ import annotations

import asyncio
import functools
import types
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from datetime import timedelta
from typing import Any, Self

import attrs

from chatcore import AsyncDesk, AsyncPorts, Delivery, Desk, Ports
from chatcore.commands import Command, Outcome, RecordResult, RecordStatus
from chatcore.entities import Customer, LooksUpByKey, Nature, RepeatsByKey, ReportsByKey
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.memory import MemoryStorage
from chatcore.ports import ChangeSet
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    EffectId,
    Private,
    Ref,
)
from tests.laws.providers import Provider
from tests.office import WA, WHATSAPP
from tests.shop import Shop
from tests.worlds import counting_roots

__all__ = [
    "DEATHS",
    "FAULTS",
    "HORIZON",
    "JOAO",
    "JOAO_ID",
    "REFUSAL",
    "Crash",
    "Fault",
    "Line",
    "Process",
    "Till",
    "finished",
]

HORIZON = LooksUpByKey(timedelta(minutes=5))
"""Longer than a call can be on its way: a held-up call comes back some two minutes after its claim."""

REFUSAL = "refused-here"
JOAO = "5511912345678"
JOAO_ID = CustomerId("cu-joao")


class Crash(BaseException):
    """The process dies here."""


DEATHS = (Crash, KeyboardInterrupt, asyncio.CancelledError)
"""What ends a process, or whoever waits for it, in the middle of a call."""


@attrs.frozen
class Fault:
    """One way for a call to go wrong: it `raises`, or is `held` up, or else answers nonsense.

    `done` says whether it is carried out before it goes wrong.
    """

    name: str
    done: bool
    raises: Callable[[], BaseException] | None = None
    held: bool = False

    @property
    def is_certain(self) -> bool:
        """Whether who called knows that it was not done."""
        return self.name.startswith("temporary")

    @property
    def is_refusal(self) -> bool:
        """Whether the outside says no, once and for all."""
        return self.name == "refused"

    def __str__(self) -> str:
        return f"{self.name}, {'done' if self.done else 'not done'}"


def _later() -> Temporary:
    return Temporary(timedelta(minutes=5))


def _refused() -> Permanent:
    return Permanent(REFUSAL)


_OPEN: dict[str, Callable[[], BaseException] | None] = {
    "crash": Crash,
    "unknown": OutcomeUnknown,
    "timeout": TimeoutError,
    "any error": ValueError,
    "nonsense": None,
}

FAULTS = (
    *(Fault(name, done, raises) for done in (False, True) for name, raises in _OPEN.items()),
    Fault("interrupt", done=True, raises=KeyboardInterrupt),
    Fault("cancelled", done=False, raises=asyncio.CancelledError),
    Fault("temporary", done=False, raises=Temporary),
    Fault("temporary, later", done=False, raises=_later),
    Fault("refused", done=False, raises=_refused),
    Fault("held up", done=False, held=True),
    Fault("held up", done=True, held=True),
)
"""How a call can go wrong at a port that keeps its word: done before it goes wrong where that leaves it open.

"unknown", not done, is the lost request; "unknown", done, the lost reply.
"""

_WRITES = frozenset({"send", "open_order", "grant_bonus", "issue_boleto", "issue_invoice"})


class _Recording(MemoryStorage):
    """A storage that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[ChangeSet] = []

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(change)
        self.applied.append(change)


@functools.cache
def _opening() -> tuple[tuple[ChangeSet, ...], ConversationId]:
    """What is committed until maria's conversation is open."""
    storage = _Recording()
    conversation = Shop(storage=storage).opened()
    return tuple(storage.applied), conversation


@attrs.define
class Line:
    """The calls of one process, in order, of which the one at `at` goes wrong. None: none does."""

    till: Till
    at: int | None = None
    fault: Fault | None = None
    trail: list[str] = attrs.Factory(list)
    struck: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the outside refused what it was asked to do, or says that it had."""
        writes = self.struck in _WRITES or self.struck == "look_up"
        return writes and self.fault is not None and self.fault.is_refusal

    def call(self, name: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make one call."""
        fault = self.fault if len(self.trail) == self.at else None
        self.trail.append(name)
        if fault is not None and fault.is_refusal and self._is_done(name, args):
            fault = None
        if name in _WRITES and not (fault is not None and fault.is_certain):
            self.till.dispatched[args[0].key] += 1
        if fault is None:
            return method(*args, **kwargs)
        self.struck = name
        if fault.held:
            if not fault.done:
                self.till.meanwhile(on_its_way=name in _WRITES)
            result = method(*args, **kwargs)
            if fault.done:
                self.till.meanwhile()
            return result
        if fault.done:
            method(*args, **kwargs)
        if fault.raises is not None:
            raise fault.raises()
        return object()

    def _is_done(self, name: str, args: tuple[Any, ...]) -> bool:
        """Whether the outside has done this already: then one that keeps its word does not refuse it."""
        key = args[0].key if name in _WRITES else args[0] if name == "look_up" else None
        return key is not None and self.till.applied(key) > 0


class _Port:
    """A port as one process calls it."""

    def __init__(self, line: Line, inner: Any) -> None:
        self._line = line
        self._inner = inner

    @property
    def capabilities(self) -> Any:
        return self._inner.capabilities

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._line.call(name, method, *args, **kwargs)

        return call


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


class _AsyncPort(_Port):
    """The same for an async desk; every call waits before and after."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            await _pause()
            result = self._line.call(name, method, *args, **kwargs)
            await _pause()
            return result

        return call


def finished(work: Any) -> Any:
    """What a desk answers; an async one is waited for here, without an event loop."""
    if not isinstance(work, Coroutine):
        return work
    while True:
        try:
            work.send(None)
        except StopIteration as stop:
            return stop.value


@attrs.frozen
class Process:
    """A process of the service: a desk, sync or async, and the line of its calls."""

    desk: Any
    line: Line

    def handle(self, command: Command, by: Actor, key: str | None = None) -> Outcome:
        outcome: Outcome = finished(self.desk.handle(command, by=by, key=key))
        return outcome

    def run_due(self) -> Any:
        return finished(self.desk.run_due())


class Till(Shop):
    """A shop whose outside has one nature, and counts: `dispatched` are the calls that reached it, by key.

    Left out of those are the ones that it answered with `Temporary`: they were certainly not done. `before` is
    what there was when it opened.
    """

    def __init__(self, nature: Nature, **options: Any) -> None:
        self.nature = nature
        self.dispatched = Counter[EffectId]()
        self.before: frozenset[Ref] = frozenset()
        self._told: set[EffectId] = set()
        self._callbacks: list[tuple[EffectId, str]] = []
        given: dict[str, Any] = {"orders": nature, "bonus": nature, "messaging": Provider(nature)}
        super().__init__(**(given | options))
        self.contracts.add(Customer(id=JOAO_ID, name=Private("João Lima")), phones=[JOAO])

    @classmethod
    def open(cls, nature: Nature) -> tuple[Self, ConversationId]:
        """A till with maria's conversation, which ana has: as after `opened`, but played only once."""
        changes, conversation = _opening()
        storage = MemoryStorage()
        for change in changes:
            storage.apply(change)
        till = cls(nature, storage=storage)
        till.before = frozenset(till.contents.states)
        till.new_root = counting_roots()
        till.desk = till.another_desk()
        return till, conversation

    def process(
        self,
        at: int | None = None,
        fault: Fault | None = None,
        *,
        delivery: Delivery = Delivery.INLINE,
        waits: bool = False,
    ) -> Process:
        """A new process; its call at `at` goes wrong. With `waits` its desk is an async one."""
        line = Line(self, at, fault)
        port = _AsyncPort if waits else _Port
        ports: dict[str, Any] = {
            "storage": port(line, self.storage),
            "messaging": {WHATSAPP: port(line, self.messaging)},
            "contracts": port(line, self.contracts),
            "billing": port(line, self.billing),
        }
        options: dict[str, Any] = {
            "clock": lambda: self.now,
            "new_root": self.new_root,
            "delivery": delivery,
        }
        if waits:
            return Process(AsyncDesk(AsyncPorts(**ports), **options), line)
        return Process(Desk(Ports(**ports), **options), line)

    def meanwhile(self, *, on_its_way: bool = False) -> None:
        """Somebody is held up past their lease, and another process works.

        Until all is quiet; or, where a request is `on_its_way`, for as long as one can be.
        """
        self.now += timedelta(minutes=2)
        other = self.process()
        if not on_its_way:
            self.until_quiet(other)
            return
        for _ in range(2):
            other.run_due()
            self.now += timedelta(seconds=5)

    def call_back(self, process: Process) -> None:
        """What the outside reports by key, if it does; it tells again what was not taken in."""
        if not isinstance(self.nature, ReportsByKey):
            return
        self._callbacks += [*self.contracts.reports(), *self.billing.reports()]
        for key, reference in tuple(self._callbacks):
            process.handle(RecordResult(effect=key, applied=True, reference=reference), SYSTEM)
            self._callbacks = [told for told in self._callbacks if told != (key, reference)]
        for effect in sorted(self.messaging.ids.keys() - self._told):
            status = RecordStatus(
                channel=WA,
                provider_id=self.messaging.ids[effect],
                status=DeliveryStatus.SENT,
                occurred_at=self.now,
                key=effect,
            )
            process.handle(status, SYSTEM)
            self._told.add(effect)

    def until_quiet(self, process: Process, most: int = 200) -> None:
        """Do what is due, moving the clock on, until nothing is left to do."""
        for _ in range(most):
            self.call_back(process)
            report = process.run_due()
            if report.more or report.done:
                continue
            if report.next_at is None:
                return
            self.now = max(self.now, report.next_at)
        raise AssertionError("never quiet")

    def applied(self, effect: EffectId) -> int:
        """How often an effect happened outside, in the end."""
        money = [request.key for request in (*self.contracts.orders, *self.billing.bonuses)]
        return money.count(effect) + int(self.messaging.applied[effect])

    @property
    def resolves(self) -> bool:
        """Whether this outside can tell, or take again, what is in doubt."""
        return isinstance(self.nature, RepeatsByKey | LooksUpByKey)
