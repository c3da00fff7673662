"""What came of one command, and what a test expects of it."""

from __future__ import annotations

from typing import Any, NoReturn

from chatcore.commands import Outcome
from chatcore.errors import ChatcoreError, CompanyRefusal
from chatcore.events import Event
from chatcore.testing._expecting import Expected, Happened, lines, why_not_among, why_not_these

__all__ = ["When", "refused_set_up"]


class When:
    """One command that was handled: ask it with `then`, `includes` or `refused`.

    A command that was refused must be asked; if none of these was, the world fails at its next step.
    """

    __slots__ = ("_changes", "_error", "_happened", "_outcome", "_what", "asked")

    def __init__(
        self,
        what: str,
        happened: Happened = (),
        outcome: Outcome | None = None,
        error: ChatcoreError | None = None,
        changes: tuple[str, ...] = (),
    ) -> None:
        self._what = what
        self._happened = happened
        self._outcome = outcome
        self._error = error
        self._changes = changes
        self.asked = error is None

    def then(self, *expected: Expected) -> Outcome:
        """The command went through and led to exactly these events, in this order; without any, to none.

        An event is expected by its value, by its kind alone, or by some fields: see `like`. What is carried
        out later, a delivery for instance, is no event of the command.

        Raises:
            AssertionError: it was refused, or led to others.
            TypeError: what is expected is not an event.
        """
        __tracebackhide__ = True
        return self._checked(why_not_these(expected, self._happened))

    def includes(self, *expected: Expected) -> Outcome:
        """The command went through and led to these events in this order, and perhaps to others among them.

        Raises:
            AssertionError: it was refused, or one of them is not there.
            TypeError: what is expected is not an event, or nothing is.
        """
        __tracebackhide__ = True
        if not expected:
            raise TypeError(
                "includes() takes an event at least; then() without any means that nothing happened"
            )
        return self._checked(why_not_among(expected, self._happened))

    def refused(self, expected: type[ChatcoreError] | str, /, **details: Any) -> ChatcoreError:
        """The command was refused with this error and changed nothing kept and sent nothing; gives the error.

        `expected` is the class of the error, or a code: ``"reason_required"``, or one of a company's own rules,
        ``"acme:no_sunday"``. `details` are attributes that the error must have.

        Raises:
            AssertionError: it was not refused, or otherwise, or something changed.
            TypeError: what is expected is neither an error nor a code.
        """
        __tracebackhide__ = True
        self.asked = True
        by_class = isinstance(expected, type) and issubclass(expected, ChatcoreError)
        if not by_class and not isinstance(expected, str):
            raise TypeError(f"refused() takes a class from chatcore.errors, or a code; {expected!r} is neither")
        wanted = expected if isinstance(expected, str) else f"{expected.__name__} ({expected.code})"
        wanted += "".join(f", {name} {value!r}" for name, value in details.items())
        error = self._error
        if error is None:
            self._fail(f"was not refused\n  expected: {wanted}\n  happened:{_rows(self._lines())}")
        fits = isinstance(error, expected) if isinstance(expected, type) else expected in _codes(error)
        absent = object()
        if not fits or any(getattr(error, name, absent) != value for name, value in details.items()):
            self._fail(f"was refused otherwise\n  expected: {wanted}\n  refused:  {_told(error)}")
        if self._changes:
            self._fail(f"was refused, and yet something changed:{_rows(self._changes)}")
        return error

    @property
    def outcome(self) -> Outcome:
        """What it committed.

        Raises:
            AssertionError: it was refused.
        """
        return self._checked(None)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events it led to, in order.

        Raises:
            AssertionError: it was refused.
        """
        self._checked(None)
        return tuple(event for _, event in self._happened)

    def _checked(self, why_not: str | None) -> Outcome:
        __tracebackhide__ = True
        self.asked = True
        if self._error is not None:
            self._fail(f"was refused: {_told(self._error)}")
        if why_not is not None:
            self._fail(why_not)
        assert self._outcome is not None
        return self._outcome

    def check_asked(self) -> None:
        """A refusal that nobody asked about is a failure.

        Raises:
            AssertionError: it was refused, and nobody asked.
        """
        __tracebackhide__ = True
        if not self.asked and self._error is not None:
            self.asked = True
            self._fail(f"was refused, and nobody asked; if that is right, say refused(…): {_told(self._error)}")

    def _lines(self) -> list[str]:
        return lines(self._happened) or ["nothing"]

    def _fail(self, message: str) -> NoReturn:
        __tracebackhide__ = True
        raise AssertionError(f"{self._what} {message}") from self._error

    def __bool__(self) -> NoReturn:
        raise TypeError("ask what came of a command with then(), includes() or refused()")

    def __repr__(self) -> str:
        came = _told(self._error) if self._error is not None else "; ".join(self._lines())
        return f"<When {self._what}: {came}>"


def _rows(rows: tuple[str, ...] | list[str]) -> str:
    return "".join(f"\n    {row}" for row in rows)


def _codes(error: ChatcoreError) -> tuple[str, ...]:
    own = (error.company_code,) if isinstance(error, CompanyRefusal) else ()
    return (*own, error.code)


def _told(error: ChatcoreError) -> str:
    """An error in a line: its class, its code and rule, and its sentence."""
    rule = "" if error.rule is None else f", rule {error.rule}"
    cause = "" if error.__cause__ is None else f" ({type(error.__cause__).__name__})"
    return f"{type(error).__name__} ({_codes(error)[0]}{rule}): {error}{cause}"


def refused_set_up(what: str, error: ChatcoreError) -> AssertionError:
    """The failure of a scenario whose set-up was refused."""
    return AssertionError(f"given {what}: it was refused: {_told(error)}")
