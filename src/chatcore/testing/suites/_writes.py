"""What the suites of messaging, contracts and billing share: one write each, and how it may fail.

1. A suite cannot look into a provider, so its author gives it a fake one, and a few hooks: what the provider
   really did, how to make it fail, how to let time pass there. What a fake cannot do is said in `not_faked`;
   what would need it is skipped with that reason, and nothing else is.
2. Whatever comes of a write is held against what was really done: a reference, that it was done once, under
   this reference and as asked; `Temporary` and `Permanent`, that it was not done; `OutcomeUnknown`, nothing.
   Each attempt of each test is checked like that, so a lie is found wherever it is told.
3. A doubt is no failure of the adapter's. Calling one a `Temporary` is: chatcore then does it again.
"""

from __future__ import annotations

import contextlib
import enum
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Final, Generic, NoReturn, Protocol, TypeVar

import attrs
import pytest

from chatcore._defaults import new_root, now
from chatcore._shape import code_or, not_id
from chatcore.entities import Nature
from chatcore.errors import OutcomeUnknown, Permanent, PortFailure, Temporary
from chatcore.testing.suites._base import Suite, settled
from chatcore.vocabulary import EffectId

__all__ = ["READS", "SHORTLY", "Done", "Failing", "Reported", "Tried", "WriteSuite", "told"]

T = TypeVar("T")

SHORTLY: Final = timedelta(seconds=1)
"""How long the outside is waited for where it fails."""


class Failing(enum.StrEnum):
    """How an outside can fail, each time it is called.

    * UNREACHABLE: there is no connection; the request never leaves.
    * BUSY: it takes no more now, as HTTP 429 and 503 say, and does nothing.
    * REFUSED: it refuses the request for what it is, with a code, and does nothing.
    * LOST_REPLY: it does what is written; then the connection breaks. What is only read goes well.
    * NONSENSE: it answers with what nobody can read, a broken page or HTTP 500; what is written may be done.
    * SILENT: it never answers; what is written may be done.
    """

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    REFUSED = "refused"
    LOST_REPLY = "lost_reply"
    NONSENSE = "nonsense"
    SILENT = "silent"


READS: Final = (Failing.UNREACHABLE, Failing.BUSY, Failing.NONSENSE, Failing.SILENT)
"""How what is only read can fail."""


@attrs.frozen(slots=True, kw_only=True)
class Reported:
    """What a callback of the outside says of one write: its `key`, the outside's id for it, whether applied."""

    key: str
    reference: str | None
    applied: bool = True


class Done(Protocol):
    """One thing that the outside did, as a suite wants to hear of it."""

    @property
    def reference(self) -> str:
        """The outside's own id for it."""


D = TypeVar("D", bound=Done)


def told(answer: object) -> str:
    """An answer or an error, for a message to its author."""
    if not isinstance(answer, BaseException):
        return repr(answer)
    named = f"{type(answer).__name__}: {answer}" if str(answer) else type(answer).__name__
    return named if len(named) < 200 else f"{named[:200]}…"


@attrs.frozen(slots=True)
class Tried(Generic[D]):
    """What came of one attempt: the answer or the error, and what the outside did besides what it had done."""

    answer: object
    new: tuple[D, ...]

    def __repr__(self) -> str:
        return f"{told(self.answer)}, with {len(self.new)} done outside"


class WriteSuite(Suite, Generic[D]):
    """The part of a suite that is about the port's one write, whatever it writes."""

    not_faked: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What the fake outside cannot do, a `Failing` or the name of a hook, and why."""
    patience: ClassVar[float] = 10.0
    """Seconds after its deadline that a call may take before its test fails."""
    reads_before: ClassVar[bool] = False
    """Whether the adapter asks the outside for something, as a token, in the call before it writes."""
    hooks: ClassVar[frozenset[str]] = frozenset({"pass_time", "reports"})
    """The hooks that may be named in `not_faked`."""

    _does: ClassVar[str]
    """The method that writes."""
    _did: ClassVar[str]
    """The hook that tells what was done."""
    _tells: ClassVar[type]
    """What that hook tells it in."""
    _offers: ClassVar[type]
    """What the adapter's capabilities are told in."""
    _name: ClassVar[str]
    """The capability that holds the write's nature."""

    _powers: ClassVar[tuple[str, ...]] = ("look_up",)
    """The methods an adapter may have besides those of its port."""

    _ids: int = 0
    _root: str = ""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        known = {*map(str, Failing), *cls.hooks}
        for name, reason in cls.not_faked.items():
            if name not in known:
                raise TypeError(
                    f"{cls.__name__}.not_faked names {name!r}; there are {', '.join(sorted(known))}"
                )
            if not reason.strip():
                raise TypeError(f"{cls.__name__}.not_faked gives no reason for {name}")

    # --- what an author writes --------------------------------------------------------------------------------

    def make(self) -> Any:
        """An adapter over a fresh fake of its outside; may be a coroutine."""
        self._unwritten("make", "give an adapter over a fresh fake of its outside")

    def fail(self, adapter: Any, how: Failing | None, /) -> Any:
        """Let the outside fail in this way at each call from now on; with None, be well again."""
        self._unwritten("fail", "let the outside fail as `how` says until it is called with None")

    def pass_time(self, adapter: Any, span: timedelta, /) -> Any:
        """Let so much time pass outside: what it forgets is forgotten, what takes its time is done."""
        self._unwritten("pass_time", "let so much time pass outside")

    def reports(self, adapter: Any, /) -> Sequence[Reported] | Awaitable[Sequence[Reported]]:
        """What the outside's callbacks said, as your service reads them: all so far, or since the last call."""
        self._unwritten("reports", "tell what the outside's callbacks said")

    def now(self) -> datetime:
        """The present moment as the adapter sees it, from which deadlines are counted."""
        return now()

    # --- what a suite says of its write -----------------------------------------------------------------------

    def _request(self, key: EffectId, deadline: datetime, mark: str) -> Any:
        """Something to write that bears a mark of its own, which ends in a number."""
        raise NotImplementedError

    def _misfits(self, request: Any, done: D) -> Iterator[str]:
        """In what something done is not what was asked for."""
        raise NotImplementedError

    # --- a test's tools ---------------------------------------------------------------------------------------

    def _unwritten(self, hook: str, what: str) -> NoReturn:
        said = f"{type(self).__name__} has no `{hook}`: {what}"
        if hook in self.hooks or hook == "fail":
            said += ". What a fake cannot do is named in `not_faked`, with the reason"
        pytest.fail(said)

    def _sample(self) -> Any:
        return self._keep(self.make())

    @property
    def _raw(self) -> Any:
        return self._made[-1]

    def _unique(self) -> str:
        """Words and ids never used before."""
        if not self._root:
            self._root = new_root()
        self._ids += 1
        return f"{self._root}.{self._ids}"

    def _key(self) -> EffectId:
        return EffectId(f"ef_{self._unique()}")

    def _number(self) -> str:
        """An id of digits alone, since many outsides have no others."""
        root, _, number = self._unique().partition(".")
        return f"{int(root[-8:], 16) % 900_000 + 100_000}{int(number):03d}"

    def _nature(self, port: Any) -> Nature | None:
        nature: Nature | None = getattr(self._capabilities(port), self._name)
        return nature

    def _capabilities(self, port: Any) -> Any:
        """What the adapter declares, of the port's type."""
        found = getattr(port, "capabilities", None)
        assert type(found) is self._offers, (
            f"capabilities is a property that gives {self._offers.__name__}, not {found!r}"
        )
        return found

    def _only_with(self, port: Any, kind: type[T]) -> T:
        """Go on only where the write is declared to be of this nature."""
        nature = self._nature(port)
        if not isinstance(nature, kind):
            pytest.skip(f"capabilities.{self._name} is {nature}, not {kind.__name__}")
        return nature

    def _only_writing(self, port: Any) -> None:
        if self._nature(port) is None:
            pytest.skip(f"capabilities.{self._name} is None: nothing is {self._did}")

    def _only_faked(self, *names: str) -> None:
        for name in names:
            if name in self.not_faked:
                pytest.skip(f"not faked: {name}: {self.not_faked[name]}")

    @contextlib.contextmanager
    def _failing(self, how: Failing) -> Iterator[None]:
        self._only_faked(how)
        settled(self.fail(self._raw, how))
        try:
            yield
        finally:
            settled(self.fail(self._raw, None))

    def _pass(self, span: timedelta) -> None:
        if span > timedelta(0):
            self._only_faked("pass_time")
            settled(self.pass_time(self._raw, span))

    def _asked(self, mark: str = "", *, key: EffectId | None = None, within: timedelta | None = None) -> Any:
        """A request with a key of its own."""
        deadline = self.now() + (timedelta(minutes=1) if within is None else within)
        return self._request(self._key() if key is None else key, deadline, mark or self._unique())

    def _all_done(self) -> tuple[D, ...]:
        done = tuple(settled(getattr(self, self._did)(self._raw)))
        for each in done:
            assert type(each) is self._tells, f"{self._did}() gives {self._tells.__name__} values, not {each!r}"
        return done

    def _try(self, port: Any, request: Any, *, again: D | None = None) -> Tried[D]:
        """Write once, and hold the answer against what was done. `again`: what its key has done before."""
        before = self._all_done()
        answer = self._answer(port, request)
        after = self._all_done()
        assert after[: len(before)] == before, f"{self._did}() lost or changed what it had told before"
        tried = Tried(answer, after[len(before) :])
        self._check_honest(tried, request, again)
        return tried

    def _answer(self, port: Any, request: Any) -> object:
        return self._patiently(lambda: getattr(port, self._does)(request), request.deadline)

    def _patiently(self, call: Callable[[], object], deadline: datetime) -> object:
        """What a call answers or raises; one that has not come to an end some time after its deadline fails."""
        answers: list[object] = []

        def work() -> None:
            try:
                answers.append(call())
            except BaseException as error:
                answers.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(max((deadline - self.now()).total_seconds(), 0.0) + self.patience)
        assert answers, (
            f"no answer {self.patience:g} s after the deadline: bound every wait by what is left until "
            f"`deadline`; most clients wait for ever unless they are told"
        )
        if isinstance(answers[0], AssertionError):
            raise answers[0]
        return answers[0]

    def _check_honest(self, tried: Tried[D], request: Any, again: D | None) -> None:
        answer, new, did = tried.answer, tried.new, self._did
        if isinstance(answer, BaseException):
            self._check_error(answer)
            if not isinstance(answer, OutcomeUnknown):
                assert not new, (
                    f"{type(answer).__name__} says that nothing was {did}, yet it was: after {told(answer)} "
                    f"chatcore {'tries again' if isinstance(answer, Temporary) else 'calls it failed'}. Raise "
                    f"OutcomeUnknown as soon as the request may have left"
                )
            assert len(new) <= 1, f"one call, {len(new)} {did}: never repeat a write inside the adapter"
            return
        assert not not_id(answer), (
            f"{self._does} answers the outside's id for what was {did}, 1 to 255 printable characters; this "
            f"gave {answer!r}"
        )
        if again is not None and not new:
            assert answer == again.reference, (
                f"the key was {did} before as {again.reference!r}; repeated, it was called {answer!r}"
            )
            return
        assert len(new) == 1, f"answered as {did}, but the outside did it {len(new)} times"
        assert answer == new[0].reference, (
            f"the outside calls it {new[0].reference!r}, the adapter {answer!r}: reports and look-ups could "
            f"never be matched"
        )
        wrong = list(self._misfits(request, new[0]))
        assert not wrong, f"not what was asked for was {did}: {'; '.join(wrong)}"

    def _check_error(self, error: BaseException) -> None:
        """An adapter raises what its port says, and nothing of its driver's."""
        if isinstance(error, Temporary):
            wait = error.retry_after
            assert wait is None or (type(wait) is timedelta and wait >= timedelta(0)), (
                f"Temporary.retry_after is a timedelta or None, not {wait!r}"
            )
        elif isinstance(error, Permanent):
            assert code_or(error.reason, "") == error.reason, (
                f"Permanent has the outside's code, a word or a few digits, never a sentence: {error.reason!r}"
            )
        else:
            assert isinstance(error, OutcomeUnknown), (
                f"the adapter let {told(error)} out. Catch what its driver raises, and raise Temporary when it "
                f"was certainly not done, Permanent when it was refused, else OutcomeUnknown"
            )

    def _succeed(self, port: Any, request: Any, *, again: D | None = None) -> D:
        """Write once, well."""
        tried = self._try(port, request, again=again)
        assert not isinstance(tried.answer, Exception), (
            f"{self._does} raised {told(tried.answer)} though nothing is wrong outside"
        )
        if tried.new:
            return tried.new[0]
        assert again is not None
        return again

    def _refused(self, port: Any, request: Any, why: str) -> None:
        """Write what is to be refused."""
        tried = self._try(port, request)
        assert isinstance(tried.answer, Permanent), f"{why}: raise Permanent with a code; it gave {tried}"

    def _read(self, call: Callable[[], T]) -> T:
        """Read where nothing is wrong; an error then is one of the adapter's."""
        try:
            return call()
        except Exception as error:
            if isinstance(error, AssertionError):
                raise
            raise AssertionError(f"the adapter raised {told(error)} though nothing is wrong outside") from error

    def _cannot_tell(
        self, how: Failing, call: Callable[[datetime], object], *or_else: type[PortFailure]
    ) -> None:
        """Read while the outside fails: that is Temporary, however it fails."""
        with self._failing(how):
            deadline = self.now() + SHORTLY
            answer = self._patiently(lambda: call(deadline), deadline)
        kinds: tuple[type[PortFailure], ...] = (Temporary, *or_else)
        assert isinstance(answer, PortFailure) and isinstance(answer, kinds), (  # noqa: PT018
            f"while the outside was {how}, it gave {told(answer)}; raise Temporary, so that nobody takes "
            f"what could not be read for what is not there"
        )
        self._check_error(answer)

    def _at_once(self, calls: Sequence[Callable[[], object]]) -> list[object]:
        """What calls by as many threads, all at once, answer or raise."""
        start = threading.Barrier(len(calls))
        answers: list[object] = [None] * len(calls)

        def work(n: int) -> None:
            start.wait()
            try:
                answers[n] = calls[n]()
            except BaseException as error:
                answers[n] = error

        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(len(calls))]
        pace = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)  # Threads that seldom take turns would hide what they do to one another.
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60 + self.patience)
        finally:
            sys.setswitchinterval(pace)
        assert not any(thread.is_alive() for thread in threads), "calls by several threads block one another"
        return answers

    def _same(self, request: Any) -> Any:
        """The same request once more, with time until a later deadline."""
        return attrs.evolve(request, deadline=self.now() + timedelta(minutes=1))

    def _applied(self) -> dict[str, str | None]:
        """What callbacks said was done, by key."""
        self._only_faked("reports")
        told_of = tuple(settled(self.reports(self._raw)))
        for each in told_of:
            assert type(each) is Reported, f"reports() gives Reported values, not {each!r}"
        return {each.key: each.reference for each in told_of if each.applied}
