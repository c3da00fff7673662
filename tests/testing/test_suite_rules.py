"""What a suite of any port holds its subclasses to: no test is left out in silence, sync and async are one."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from typing import Any, Protocol

import pytest

from chatcore.errors import InvalidValue
from chatcore.testing.suites._base import Suite, lifted, settled

pytest_plugins = ("pytester",)


class Clock(Protocol):
    def ask(self, zone: str, /, *, limit: int) -> int: ...


class AsyncClock(Protocol):
    async def ask(self, zone: str, /, *, limit: int) -> int: ...


class ClockSuite(Suite):
    """A suite as small as can be, taken for one of the package's own."""

    __module__ = f"{Suite.__module__.rpartition('.')[0]}.clock"
    ports = (Clock, AsyncClock)

    def make(self) -> Any:
        raise NotImplementedError

    def _sample(self) -> Any:
        return self._keep(self.make())

    def test_it_answers(self) -> None:
        assert self._sample().ask("utc", limit=3) == 3

    @pytest.mark.parametrize("zone", ["utc", "gmt"])
    def test_it_takes_any_zone(self, zone: str) -> None:
        assert self._sample().ask(zone, limit=1) == 1


class GoodClock:
    def ask(self, zone: str, /, *, limit: int) -> int:
        return limit


def subclass(**names: Any) -> type[ClockSuite]:
    return type("TestMine", (ClockSuite,), {"make": lambda _: GoodClock(), "__module__": __name__, **names})


# --- making a subclass ---------------------------------------------------------------------------------------


def test_a_subclass_adds_tests_of_its_own() -> None:
    """What an author adds is no matter of the suite's."""
    made = subclass(test_of_mine=lambda _: None)
    assert made.known_failures == {}


def test_a_test_is_not_replaced_in_silence() -> None:
    """Who overrides a test hears which one, and what to do."""
    with pytest.raises(TypeError, match=r"TestMine replaces test_it_answers.*known_failures"):
        subclass(test_it_answers=lambda _: None)


@pytest.mark.parametrize("nothing", [None, False, 0, ...])
def test_a_test_is_not_deleted_in_silence(nothing: object) -> None:
    """Neither is it put aside by giving its name to something else."""
    with pytest.raises(TypeError, match="test_it_answers"):
        subclass(test_it_answers=nothing)


def test_what_every_port_is_asked_is_not_replaced_either() -> None:
    """The tests that the suites share count like a suite's own."""
    with pytest.raises(TypeError, match="test_the_adapter_has_the_methods_of_its_port"):
        subclass(test_the_adapter_has_the_methods_of_its_port=None)


def test_a_mixin_does_not_replace_a_test() -> None:
    """It does not matter where an override comes from."""
    mixin = type("Mixin", (), {"test_it_answers": lambda _: None})
    with pytest.raises(TypeError, match="test_it_answers"):
        type("TestMine", (mixin, ClockSuite), {"__module__": __name__})


def test_a_known_failure_may_be_replaced() -> None:
    """What is declared is seen, whether the test is the suite's or another one."""
    made = subclass(test_it_answers=lambda _: None, known_failures={"test_it_answers": "no clock yet"})
    assert made.known_failures == {"test_it_answers": "no clock yet"}


def test_what_one_class_declared_the_next_declares_again() -> None:
    """A subclass with failures of its own does not inherit what replaced a test."""
    first = subclass(test_it_answers=lambda _: None, known_failures={"test_it_answers": "no clock yet"})
    assert type("TestNext", (first,), {"__module__": __name__})
    with pytest.raises(TypeError, match="TestNext replaces test_it_answers"):
        type("TestNext", (first,), {"known_failures": {}, "__module__": __name__})


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_known_failure_has_a_reason(reason: str) -> None:
    """A name alone says nothing to who reads it next year."""
    with pytest.raises(TypeError, match="no reason for test_it_answers"):
        subclass(known_failures={"test_it_answers": reason})


@pytest.mark.parametrize("name", ["test_it_anwsers", "make", "test_of_mine", ""])
def test_a_known_failure_is_a_test_of_the_suite(name: str) -> None:
    """One that was renamed, or never was, is not kept."""
    with pytest.raises(TypeError, match="no test of its suite"):
        subclass(known_failures={name: "it hurts"}, test_of_mine=lambda _: None)


# --- running one ---------------------------------------------------------------------------------------------

HEAD = """
import asyncio
from tests.testing.test_suite_rules import ClockSuite, GoodClock

LOG = []


class BadClock:
    def ask(self, zone, /, *, limit):
        return limit + 1


class LateClock:
    async def ask(self, zone, /, *, limit):
        await asyncio.sleep(0)
        LOG.append(("asked", asyncio.get_running_loop()))
        return limit


class TestMine(ClockSuite):
    def make(self):
        return {made}

"""


def outcomes(pytester: pytest.Pytester, made: str, *lines: str) -> Any:
    body = "\n".join(f"    {line}" for line in lines)
    pytester.makepyfile(HEAD.replace("{made}", made) + body)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly")


def test_a_right_adapter_passes(pytester: pytest.Pytester) -> None:
    """Each of the suite's tests runs once, and passes."""
    outcomes(pytester, "GoodClock()").assert_outcomes(passed=4)


def test_an_async_adapter_passes_the_same_tests(pytester: pytest.Pytester) -> None:
    """Nothing is to be marked, and no plugin is needed."""
    outcomes(pytester, "LateClock()").assert_outcomes(passed=4)


def test_a_wrong_adapter_fails(pytester: pytest.Pytester) -> None:
    """Without a word about it a failure is one."""
    outcomes(pytester, "BadClock()").assert_outcomes(passed=1, failed=3)


def test_a_known_failure_is_expected_to_fail(pytester: pytest.Pytester) -> None:
    """What is declared fails without making the run fail, and its reason is told."""
    declared = 'known_failures = {"test_it_answers": "off by one", "test_it_takes_any_zone": "off by one"}'
    result = outcomes(pytester, "BadClock()", declared)
    result.assert_outcomes(passed=1, xfailed=3)
    assert result.ret == pytest.ExitCode.OK


def test_some_of_a_tests_parameters_may_be_known_to_fail(pytester: pytest.Pytester) -> None:
    """They are named as pytest shows them; the others have to pass."""
    declared = 'known_failures = {"test_it_answers": "off by one", "test_it_takes_any_zone[gmt]": "off by one"}'
    outcomes(pytester, "BadClock()", declared).assert_outcomes(passed=1, xfailed=2, failed=1)


def test_a_known_failure_that_passes_fails(pytester: pytest.Pytester) -> None:
    """Who has mended an adapter takes the declaration away."""
    result = outcomes(pytester, "GoodClock()", 'known_failures = {"test_it_answers": "off by one"}')
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*XPASS(strict)*off by one*"])


def test_a_replaced_test_has_to_fail(pytester: pytest.Pytester) -> None:
    """A known failure is no door for a test that shows nothing."""
    lines = ('known_failures = {"test_it_answers": "off by one"}', "def test_it_answers(self): pass")
    outcomes(pytester, "GoodClock()", *lines).assert_outcomes(passed=3, failed=1)


def test_a_silent_override_stops_the_run(pytester: pytest.Pytester) -> None:
    """The class cannot be made, so nothing of it runs as if all were well."""
    result = outcomes(pytester, "GoodClock()", "def test_it_answers(self): pass")
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize("made", ["GoodClock()", "LateClock()"])
@pytest.mark.parametrize("way", ["def", "async def"])
def test_what_was_made_is_given_up(pytester: pytest.Pytester, made: str, way: str) -> None:
    """`unmake` gets each adapter back, as `make` gave it, the last one first, also when a test fails."""
    lines = (
        f"{way} unmake(self, adapter): LOG.append(adapter)",
        "def test_z(self):",
        "    LOG.clear()",
        "    self.kept = [self._sample() and self._made[-1] for _ in range(3)]",
        "    TestMine.first = self.kept",
        "    assert False",
        "def test_zz(self):",
        "    assert LOG == TestMine.first[::-1] and len(LOG) == 3",
    )
    outcomes(pytester, made, *lines).assert_outcomes(passed=5, failed=1)


def test_make_may_be_async(pytester: pytest.Pytester) -> None:
    """An adapter may be opened, used and closed on one event loop, which outlives the test."""
    lines = (
        "async def unmake(self, adapter): LOG.append(('closed', asyncio.get_running_loop()))",
        "def test_z(self):",
        "    assert {what for what, _ in LOG} == {'asked', 'closed'}",
        "    assert len({loop for _, loop in LOG}) == 1",
    )
    pytester.makepyfile(
        HEAD.replace("def make(self):", "async def make(self):").replace("{made}", "LateClock()")
        + "\n".join(f"    {line}" for line in lines)
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("object()", "*no method ask*Clock needs one*"),
        ("type('Clock', (), {'ask': 3})()", "*no method ask*"),
        (
            "type('Clock', (), {'ask': lambda self, zone: 1})()",
            "*ask cannot be called as*limit*",
        ),
        ("type('Clock', (), {'ask': lambda self, zone, limit, more: 1})()", "*ask cannot be called*more*"),
        ("type('Clock', (), {'ask': lambda self, *, zone, limit: 1})()", "*ask cannot be called*"),
    ],
)
def test_a_misfit_is_told_what_is_missing(pytester: pytest.Pytester, made: str, told: str) -> None:
    """A method that is not there, or is called otherwise, is named before anything else goes wrong."""
    result = outcomes(pytester, made)
    assert result.parseoutcomes()["failed"] >= 1
    result.stdout.fnmatch_lines([told])


# --- sync and async ------------------------------------------------------------------------------------------


def test_half_an_async_adapter_is_told_what_is_not_async() -> None:
    """An adapter is sync or async as a whole."""

    class Two(Protocol):
        def one(self) -> int: ...

        def two(self) -> int: ...

    class Half:
        def one(self) -> int:
            return 1

        async def two(self) -> int:
            return 2

    made = subclass(ports=(Two, Two), make=lambda _: Half())()
    made._made = []
    with pytest.raises(AssertionError, match=r"not `async def`.*\['one'\]"):
        made.test_the_adapter_has_the_methods_of_its_port()


def test_what_is_raised_comes_through() -> None:
    """An async adapter's errors are those of a sync one, its own timeouts as well."""

    async def fail(error: BaseException) -> None:
        await asyncio.sleep(0)
        raise error

    for error in (KeyError("mine"), TimeoutError("mine"), InvalidValue.of("mine", "empty")):
        with pytest.raises(type(error), match="mine"):
            settled(fail(error))
    with pytest.raises(CancelledError):
        settled(fail(asyncio.CancelledError()))


def test_what_is_not_awaited_stays_as_it_is() -> None:
    """A value is its own result; an attribute of an adapter stays an attribute."""
    assert settled(3) == 3
    adapter = lifted(type("Clock", (), {"zone": "utc", "ask": lambda _: 5})())
    assert adapter.zone == "utc"  # type: ignore[attr-defined]
    assert adapter.ask() == 5  # type: ignore[attr-defined]


def test_threads_meet_in_an_async_adapter() -> None:
    """Calls of several threads are under way at once, as they are in a service."""

    class Meeting:
        def __init__(self) -> None:
            self.here = 0
            self.all_here = asyncio.Event()

        async def come(self) -> int:
            self.here += 1
            if self.here == 4:
                self.all_here.set()
            await self.all_here.wait()
            return self.here

    meeting = lifted(Meeting())
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(meeting.come())) for _ in range(4)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [4, 4, 4, 4]
