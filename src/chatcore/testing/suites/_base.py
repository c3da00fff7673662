"""What the suites of all ports share.

1. A suite is a class to subclass: the subclass says how an adapter is made, the suite has the tests.
2. Sync and async adapters go through the same tests. What an async adapter returns is run to its end on one
   event loop in a thread of its own, so a test sees a sync adapter, and a test with threads means the same for
   both. The loop is one for the whole process: an engine or a pool may be kept between tests.
3. No test is left out in silence: who overrides or deletes one must say in `known_failures` why. Such a test is
   then expected to fail, and its passing is a failure, too.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeVar, cast

import pytest

__all__ = ["Suite", "lifted", "settled"]

T = TypeVar("T")

ANSWER_WITHIN: Final = 60.0
"""Seconds after which an async call that has not answered fails its test."""

_HOME: Final = __name__.rpartition(".")[0]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="chatcore-suite", daemon=True).start()
    return loop


def settled(result: T | Awaitable[T]) -> T:
    """A result as it is, or, of something to await, what comes of it."""
    if not inspect.isawaitable(result):
        return result

    async def wait() -> T:
        return await result

    future = asyncio.run_coroutine_threadsafe(wait(), _loop())
    try:
        return future.result(ANSWER_WITHIN)
    except TimeoutError:
        if future.done():
            raise
        future.cancel()
        raise AssertionError(
            f"no answer within {ANSWER_WITHIN:.0f} s: something is awaited that never comes"
        ) from None


class _Lifted:
    """An adapter with each of its methods made sync; everything else as it is."""

    __slots__ = ("_adapter",)

    def __init__(self, adapter: object) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if not callable(found):
            return found

        def call(*args: Any, **options: Any) -> Any:
            return settled(found(*args, **options))

        return call

    def __repr__(self) -> str:
        return repr(self._adapter)


def lifted(adapter: T) -> T:
    """A sync face of an adapter, sync or async."""
    return cast(T, _Lifted(adapter))


def _tests_of(cls: type) -> Iterator[tuple[str, object]]:
    """The tests that the suites bring along."""
    for base in cls.__mro__:
        if base.__module__.startswith(_HOME):
            yield from ((name, test) for name, test in vars(base).items() if name.startswith("test_"))


class Suite:
    """Tests for the adapters of one port. Subclass the suite of your port, not this.

    `known_failures` says of tests why this adapter does not pass them: by name, or, of some of a test's
    parameters, as pytest shows it: ``test_x[a]``.

    Raises:
        TypeError: when a subclass is made that overrides or deletes a test it does not name there, that names
            one that is none, or that gives no reason.
    """

    known_failures: ClassVar[Mapping[str, str]] = MappingProxyType({})
    ports: ClassVar[tuple[type, type]]
    """The port's protocol, sync and async."""

    _made: list[object]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith(_HOME):
            return
        tests = dict(_tests_of(cls))
        for name, test in tests.items():
            if inspect.getattr_static(cls, name) is not test and name not in cls.known_failures:
                raise TypeError(
                    f"{cls.__name__} replaces {name}: what it shows would go unseen. Mend the adapter, or say "
                    f"in known_failures why it does not pass"
                )
        for name, reason in cls.known_failures.items():
            if name.partition("[")[0] not in tests:
                raise TypeError(f"{cls.__name__}.known_failures names {name!r}, which is no test of its suite")
            if not reason.strip():
                raise TypeError(f"{cls.__name__}.known_failures gives no reason for {name}")

    @pytest.fixture(autouse=True)
    def _declared(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Expect what is known to fail to do so; in the end give up what was made."""
        known, name = self.known_failures, request.node.name
        if (reason := known.get(name, known.get(name.partition("[")[0]))) is not None:
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
        self._made = []
        yield
        for adapter in reversed(self._made):
            settled(self.unmake(adapter))

    def unmake(self, adapter: Any) -> Any:
        """Close what `make` gave; may be a coroutine. Does nothing unless you say what."""

    def _keep(self, made: T | Awaitable[T]) -> T:
        """Take in what `make` gave, to be given up after the test, and give its sync face."""
        adapter = settled(made)
        self._made.append(adapter)
        return lifted(adapter)

    def test_the_adapter_has_the_methods_of_its_port(self) -> None:
        """Each method of the port is there, takes what it is called with, and all are sync or all async.

        When this fails: compare the method named with its port's protocol. Parameters are positional-only or
        keyword-only there; extra ones need defaults. An adapter is for `Desk` or for `AsyncDesk`, never half.
        """
        self._sample()
        adapter = self._made[-1]
        port = self.ports[0]
        waiting: dict[str, bool] = {}
        for name, asked in _methods(port):
            method = getattr(adapter, name, None)
            assert callable(method), f"{type(adapter).__name__} has no method {name}: {port.__name__} needs one"
            given, named = _call_of(asked)
            try:
                inspect.signature(method).bind(*given, **named)
            except TypeError as error:
                pytest.fail(f"{type(adapter).__name__}.{name} cannot be called as the port calls it: {error}")
            waiting[name] = inspect.iscoroutinefunction(method)
        sync = sorted(name for name, waits in waiting.items() if not waits)
        assert not sync or len(sync) == len(waiting), f"these are not `async def`, the others are: {sync}"

    def _sample(self) -> Any:
        """Any adapter that `make` gives."""
        raise NotImplementedError


def _methods(port: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, method in vars(port).items():
        if not name.startswith("_") and inspect.isfunction(method):
            yield name, method


def _call_of(method: Callable[..., Any]) -> tuple[list[None], dict[str, None]]:
    """How a method is called, with nothing in its places."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return (
        [None for each in parameters if each.kind is not each.KEYWORD_ONLY],
        {each.name: None for each in parameters if each.kind is each.KEYWORD_ONLY},
    )
