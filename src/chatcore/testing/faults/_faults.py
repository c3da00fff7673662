"""Adapters that go wrong as planned.

Each call is written once, as a coroutine. Over a sync adapter it never waits, and is finished in one step.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

import attrs

from chatcore.entities import LooksUpByKey, RepeatsByKey
from chatcore.errors import OutcomeUnknown, Temporary, VersionConflict
from chatcore.limits import CLAIM_LEASE
from chatcore.ports import AsyncPorts, Ports
from chatcore.testing.clock import Clock
from chatcore.testing.faults._plans import (
    ARRIVING,
    CALLS,
    CAN_BEFALL,
    WRITES,
    Call,
    Fault,
    Plan,
    Scripted,
    Strike,
    replay,
)

__all__ = ["Faults"]

T = TypeVar("T")
_P = TypeVar("_P", Ports, AsyncPorts)

_KNOWN_BY: Final = {
    "apply": "storage",
    "send": "messaging",
    "open_order": "contracts",
    "grant_bonus": "billing",
}
"""The method by which an adapter's port is told."""

_NATURE_OF: Final = {
    "messaging.send": "nature",
    "contracts.open_order": "orders",
    "billing.grant_bonus": "bonus",
}
"""Where an adapter's capabilities tell the nature of a write."""

RETRY_AFTER: Final = timedelta(seconds=30)
"""How long an outside that is asked too much asks to wait."""


@attrs.define(eq=False)
class _Held:
    """A write on its way: what does it, where, and until when at most."""

    port: str
    work: Callable[[], Awaitable[object]]
    deadline: datetime | None


class Faults:
    """Makes adapters go wrong as a plan says, and keeps a log of what it did.

    `around` gives ports to open a desk over; `wrap` one adapter, sync or async as it is. What the plan counts,
    it counts over everything wrapped by one `Faults`.

    With a `clock`, time-outs take their time, and leases can expire. `meanwhile` is what others do while a call
    that outlives its lease is out, or just before a commit that is to be stale; calls that it makes through
    these same faults go well, and are not counted. It is for tests in which one thread works at a time.

    Raises:
        ValueError: the plan has leases expire, and there is no clock.
    """

    def __init__(
        self, plan: Plan, *, clock: Clock | None = None, meanwhile: Callable[[], object] | None = None
    ) -> None:
        self.plan: Final = plan
        strikes = plan.strikes if isinstance(plan, Scripted) else ()
        if clock is None and any(strike.fault is Fault.EXPIRED_LEASE for strike in strikes):
            raise ValueError("a lease expires by a clock: give Faults(..., clock=...) the one of the desk")
        self._clock = clock
        self._meanwhile = meanwhile
        self._lock = threading.Lock()
        self._counts = Counter[str]()
        self._log: list[Call] = []
        self._held: list[_Held] = []
        self._quiet = False
        self._by_number = {strike.at: strike for strike in strikes if isinstance(strike.at, int)}
        self._by_call = {(strike.at, strike.nth): strike for strike in strikes if isinstance(strike.at, str)}

    # --- what was done ---------------------------------------------------------------------------------------

    @property
    def log(self) -> tuple[Call, ...]:
        """Every call, in order, with what befell it."""
        return tuple(self._log)

    @property
    def script(self) -> Scripted:
        """The plan that does all of this again; its repr is what belongs into a report of a failure."""
        return replay(self._log)

    @property
    def missed(self) -> tuple[Strike, ...]:
        """The strikes of a script that struck nothing: their call never came, or the fault cannot befall it."""
        struck = {each.number for each in self._log if each.fault is not None}
        done = {(each.call, each.nth) for each in self._log if each.fault is not None}
        return (
            *(strike for number, strike in self._by_number.items() if number not in struck),
            *(strike for where, strike in self._by_call.items() if where not in done),
        )

    # --- what is wrapped -------------------------------------------------------------------------------------

    def around(self, ports: _P) -> _P:
        """The same ports, with each adapter wrapped."""
        wrapped: dict[int, Any] = {}

        def once(adapter: Any) -> Any:
            if adapter is None:
                return None
            return wrapped.setdefault(id(adapter), self.wrap(adapter))

        return attrs.evolve(
            ports,
            storage=once(ports.storage),
            messaging={kind: once(adapter) for kind, adapter in ports.messaging.items()},
            contracts=once(ports.contracts),
            billing=once(ports.billing),
        )

    def wrap(self, adapter: T) -> T:
        """An adapter of any port, with each method of the port going wrong as planned; all else is as it was.

        Raises:
            TypeError: it is an adapter of none.
        """
        port = next((port for method, port in _KNOWN_BY.items() if hasattr(adapter, method)), None)
        if port is None:
            raise TypeError(f"{type(adapter).__name__} is an adapter of no port")
        return cast(T, _Faulty(self, adapter, port))

    def arriving(self, things: Iterable[T]) -> list[T]:
        """What comes in of what a provider sends: batches, reports, commands that record.

        A DUPLICATE comes twice, and REORDER makes it come after the next. A LOST_REPLY, which is ours to the
        provider, makes it come again in the end, and a LOST_REQUEST only then. Nothing is lost for good.
        """
        came: list[T] = []
        late: list[T] = []
        rest: list[T] = []
        for thing in things:
            fault = self._next(ARRIVING, CAN_BEFALL[ARRIVING])
            before, late = late, []
            if fault is Fault.REORDER:
                late.append(thing)
            elif fault is not Fault.LOST_REQUEST:
                came += [thing] * (2 if fault is Fault.DUPLICATE else 1)
            if fault in (Fault.LOST_REPLY, Fault.LOST_REQUEST):
                rest.append(thing)
            came += before
        return [*came, *late, *rest]

    def let_through(self) -> None:
        """Do what is still on its way to sync adapters."""
        _finished(self._let_through(self._taken(lambda _: True)))

    async def let_through_async(self) -> None:
        """Do what is still on its way to async adapters."""
        await self._let_through(self._taken(lambda _: True))

    # --- one call --------------------------------------------------------------------------------------------

    async def _call(self, port: str, adapter: Any, method: str, args: tuple[Any, ...], options: Any) -> Any:
        """Make one call to an adapter, as the plan has it."""
        name = f"{port}.{method}"

        async def done() -> Any:
            result = getattr(adapter, method)(*args, **options)
            return await result if inspect.isawaitable(result) else result

        if self._quiet:
            return await done()
        deadline = getattr(args[0], "deadline", None) if args else None
        await self._let_through(self._taken(self._overdue))
        if method == "look_up":  # What a look-up does not find must not be done after it.
            await self._let_through(self._taken(lambda held: held.port == port))
        fault = self._next(name, self._possible(name, adapter, args))
        before = self._taken(lambda held: held.port == port) if name in WRITES else []
        try:
            return await self._struck(fault, name, port, done, args, deadline, before)
        finally:
            await self._let_through(before)

    async def _struck(
        self,
        fault: Fault | None,
        name: str,
        port: str,
        done: Callable[[], Coroutine[Any, Any, Any]],
        args: tuple[Any, ...],
        deadline: datetime | None,
        before: list[_Held],
    ) -> Any:
        """What comes of a call that a fault befalls, or none."""
        if fault is None:
            return await done()
        if fault is Fault.UNREACHABLE:
            raise Temporary
        if fault is Fault.RATE_LIMIT:
            raise Temporary(RETRY_AFTER)
        if fault is Fault.DUPLICATE:
            return await _twice(done)
        if name not in WRITES:
            raise Temporary
        if fault is Fault.STALE_VERSION:
            await self._let_through(before)
            if self._meanwhile is None:
                write = args[0].writes[0]
                raise VersionConflict(write.ref, write.expected)
            self._others_work()
            return await done()
        if fault is Fault.REORDER:
            self._held.append(_Held(port, done, deadline))
        elif fault is not Fault.LOST_REQUEST:
            return await self._unheard(fault, done, deadline)
        raise OutcomeUnknown

    async def _unheard(
        self, fault: Fault, done: Callable[[], Coroutine[Any, Any, Any]], deadline: datetime | None
    ) -> Any:
        """Done, but the answer comes late, or not at all."""
        if fault is Fault.EXPIRED_LEASE:
            answer = await done()
            if self._clock is not None:
                self._clock.advance(CLAIM_LEASE + timedelta(seconds=1))
            self._others_work()
            return answer
        with contextlib.suppress(Exception):
            await done()
        if fault is Fault.LOST_REPLY:
            raise OutcomeUnknown
        if self._clock is not None and deadline is not None and deadline > self._clock.now:
            self._clock.set(deadline)
        raise TimeoutError

    def _others_work(self) -> None:
        if self._meanwhile is None:
            return
        self._quiet = True
        try:
            self._meanwhile()
        finally:
            self._quiet = False

    # --- what is next, and what is held back -----------------------------------------------------------------

    def _possible(self, name: str, adapter: Any, args: tuple[Any, ...]) -> frozenset[Fault]:
        """What can befall this call; for a seed, only what an outside that keeps its word may do."""
        possible = CAN_BEFALL[name]
        if name == "storage.apply" and not args[0].writes:
            possible -= {Fault.STALE_VERSION}
        if self._clock is None:
            possible -= {Fault.EXPIRED_LEASE}
        if isinstance(self.plan, Scripted) or name not in _NATURE_OF:
            return possible
        nature = getattr(adapter.capabilities, _NATURE_OF[name])
        if not isinstance(nature, RepeatsByKey):
            possible -= {Fault.DUPLICATE}
        if isinstance(nature, LooksUpByKey):
            possible -= {Fault.REORDER}
        return possible

    def _next(self, name: str, possible: frozenset[Fault]) -> Fault | None:
        with self._lock:
            self._counts[name] += 1
            number, nth = len(self._log) + 1, self._counts[name]
            if isinstance(self.plan, Scripted):
                strike = self._by_number.get(number) or self._by_call.get((name, nth))
                fault = None if strike is None or strike.fault not in possible else strike.fault
            else:
                fault = self.plan.drawn(name, nth, possible)
            self._log.append(Call(number, name, nth, fault))
        return fault

    def _overdue(self, held: _Held) -> bool:
        return held.deadline is not None and self._clock is not None and self._clock.now >= held.deadline

    def _taken(self, wanted: Callable[[_Held], bool]) -> list[_Held]:
        """Take some of what is held back, to be done now."""
        with self._lock:
            found = [held for held in self._held if wanted(held)]
            self._held = [held for held in self._held if held not in found]
        return found

    async def _let_through(self, some: list[_Held]) -> None:
        while some:
            with contextlib.suppress(Exception):
                await some.pop(0).work()


async def _twice(done: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return await done()
    finally:
        with contextlib.suppress(Exception):
            await done()


def _finished(step: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        step.send(None)
    except StopIteration as stop:
        return cast(T, stop.value)
    step.close()
    raise RuntimeError("a sync adapter waited")


class _Faulty:
    """One adapter, going wrong; what is no method of its port is as it was."""

    def __init__(self, faults: Faults, adapter: object, port: str) -> None:
        self._faults = faults
        self._adapter = adapter
        self._port = port
        methods = [getattr(adapter, name, None) for name in CALLS[port]]
        self._waits = any(map(inspect.iscoroutinefunction, methods))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if name not in CALLS[self._port]:
            return found
        faults, adapter, port = self._faults, self._adapter, self._port
        if not self._waits:
            return lambda *args, **options: _finished(faults._call(port, adapter, name, args, options))

        async def call(*args: Any, **options: Any) -> Any:
            return await faults._call(port, adapter, name, args, options)

        return call

    def __repr__(self) -> str:
        return f"<faulty {self._adapter!r}>"
