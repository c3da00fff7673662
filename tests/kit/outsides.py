"""Fake outsides behind a door that fails as it is told, and what adapters before them have in common.

The adapters are as one writes them for an HTTP API: JSON goes out and comes back, the client raises what
clients raise, and each answer may be missing, late, refused or unreadable. They are right, to be made broken.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from chatcore.entities import Nature, RepeatsByKey, ReportsByKey
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.testing import Clock
from chatcore.testing.suites import Failing, Reported
from tests.kit.breakage import Broken

__all__ = ["Adapter", "Line", "Outside", "OverHttp", "Refusal", "Waiting", "broken"]

ROWS = 50
"""Rows of one page of a fake outside."""


class Refusal(Exception):
    """The outside refuses, with a code."""


class Outside:
    """A fake outside: writes by key as its nature has them, and one door, `ask`, which may fail."""

    def __init__(self, nature: Nature | None, prefix: str) -> None:
        self.clock = Clock("2026-03-08T12:00:00Z")
        self.nature = nature
        self.prefix = prefix
        self.failing: Failing | None = None
        self.nonsense = (200, "<html>")
        self.well = threading.Event()
        self.done: list[dict[str, Any]] = []
        self.callbacks: list[Reported] = []
        self._lock = threading.Lock()

    def ask(self, what: str, body: Mapping[str, Any], timeout: float | None) -> tuple[int, str]:
        """Status and text of an answer. Raises what a client would; without a time-out it waits for ever."""
        if timeout is not None and timeout <= 0:
            raise ValueError("a time-out is above zero")
        how, sent = self.failing, json.loads(json.dumps(body))
        if how is Failing.UNREACHABLE:
            raise ConnectionRefusedError("10.0.0.7:443")
        if how is Failing.BUSY:
            return 429, '{"wait": 3}'
        if how is Failing.REFUSED:
            return 422, '{"code": "131026", "message": "+55 11 98765-4321 não recebe mensagens"}'
        if how is Failing.SILENT:
            if timeout is None:
                self.well.wait()
            raise TimeoutError("timed out")
        try:
            answer = getattr(self, f"on_{what}")(sent)
        except Refusal as refusal:
            return 422, json.dumps({"code": str(refusal), "message": "não encontrado"})
        if how is Failing.LOST_REPLY and what in ("send", "order", "bonus"):
            raise ConnectionResetError("connection reset by peer")
        return self.nonsense if how is Failing.NONSENSE else (200, json.dumps(answer))

    def fail(self, how: Failing | None) -> None:
        """Fail like this from now on."""
        self.failing = how
        (self.well.set if how is None else self.well.clear)()

    def write(self, body: dict[str, Any]) -> dict[str, Any]:
        """Do it; a key that is remembered is answered as the first time."""
        with self._lock:
            now = self.clock.now
            if isinstance(self.nature, RepeatsByKey):
                for each in self.done:
                    if each["key"] == body["key"] and now - each["at"] <= self.nature.retention:
                        return {"id": each["id"]}
            entry = {**body, "id": f"{self.prefix}-{len(self.done) + 1}", "at": now}
            self.done.append(entry)
            if isinstance(self.nature, ReportsByKey):
                self.callbacks.append(Reported(key=entry["key"], reference=entry["id"]))
            return {"id": entry["id"]}

    def on_search(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """What was written with keys that begin like this, latest first, a page; once the horizon is over."""
        horizon = getattr(self.nature, "horizon", timedelta(0))
        with self._lock:
            seen = [
                {"id": each["id"], "key": each["key"]}
                for each in reversed(self.done)
                if each["key"].startswith(body["begins"]) and self.clock.now - each["at"] >= horizon
            ]
        return seen[body["page"] * ROWS : (body["page"] + 1) * ROWS]


class Line:
    """The client of an adapter: asks, and says in the port's words what went wrong."""

    def __init__(self, outside: Any) -> None:
        self.outside = outside

    def now(self) -> datetime:
        """The present moment."""
        return self.outside.clock.now

    def read(self, what: str, body: Mapping[str, Any], deadline: datetime | None = None) -> Any:
        """Ask for something: what fails may be asked for again."""
        return self.asked(what, body, deadline, Temporary)

    def write(self, what: str, body: Mapping[str, Any], deadline: datetime) -> Any:
        """Ask to do something: once it may have left, what fails is a doubt."""
        return self.asked(what, body, deadline, OutcomeUnknown)

    def asked(
        self, what: str, body: Mapping[str, Any], deadline: datetime | None, doubt: type[Exception]
    ) -> Any:
        """The answer to a request."""
        left = 10.0 if deadline is None else (deadline - self.now()).total_seconds()
        if left <= 0:
            raise Temporary
        try:
            status, text = self.outside.ask(what, body, left)
        except ConnectionRefusedError:
            raise Temporary from None
        except OSError:
            raise doubt from None
        try:
            answer = json.loads(text, parse_float=Decimal)
        except ValueError:
            raise doubt from None
        if status == 429:
            raise Temporary(timedelta(seconds=answer["wait"]))
        if status == 422:
            raise Permanent(answer["code"])
        if status != 200:
            raise doubt
        return answer


class Adapter:
    """What the adapters share: a line, what they offer, and the look-up."""

    offers: Any
    keeps: Any = None
    """How the outside really treats a key, where that is not what the adapter declares."""
    forgotten: Sequence[str] = ()
    """Methods that are not async in an async adapter."""
    patience = 10.0
    """Seconds after a deadline that its suite waits for an answer."""
    line_class: type[Line] = Line

    def __init__(self, outside: Any, offers: Any = None) -> None:
        self.outside = outside
        if offers is not None:
            self.offers = offers
        self.line = self.line_class(outside)

    @property
    def capabilities(self) -> Any:
        """What it offers."""
        return self.offers

    def look_up(self, key: str, /) -> str | None:
        """The outside's id for what was done with this key."""
        page = 0
        while rows := self.line.read("search", {"begins": key, "page": page}):
            for row in rows:
                if row["key"] == key:
                    return row["id"]
            page += 1
        return None


class Waiting:
    """An async adapter over a sync one: each method gives way to others once."""

    def __init__(self, adapter: Any, sync: Sequence[str] = ()) -> None:
        self.adapter = adapter
        for name in ("send", "fetch", "mark_read", "look_up", "find", "contracts", "open_order", "boletos"):
            self._take(name, sync)
        for name in ("invoices", "issue_boleto", "issue_invoice", "grant_bonus"):
            self._take(name, sync)

    def _take(self, name: str, sync: Sequence[str]) -> None:
        method = getattr(self.adapter, name, None)
        if method is None or name in sync:
            setattr(self, name, method)
            return

        async def waits(*args: Any, **options: Any) -> Any:
            await asyncio.sleep(0)
            return method(*args, **options)

        waits.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
        setattr(self, name, waits)

    @property
    def capabilities(self) -> Any:
        """What it offers."""
        return self.adapter.capabilities

    @property
    def outside(self) -> Any:
        """What it stands before."""
        return self.adapter.outside


class OverHttp:
    """The hooks of a suite over one of these adapters."""

    adapter: ClassVar[type[Adapter]]
    outside: ClassVar[type[Outside]]
    written: ClassVar[str]
    """The capability that holds the nature of the write."""
    waits: ClassVar[bool] = False
    """Whether it is the adapter's async twin."""

    def make(self) -> Any:
        """An adapter before an outside of its own."""
        kind = self.adapter
        nature = getattr(kind.offers, self.written)
        adapter = kind(self.outside(nature if kind.keeps is None else kind.keeps))
        self.clock = adapter.outside.clock
        return Waiting(adapter, kind.forgotten) if self.waits or kind.forgotten else adapter

    def fail(self, adapter: Any, how: Failing | None, /) -> None:
        """Let the outside fail."""
        adapter.outside.fail(how)

    def pass_time(self, adapter: Any, span: timedelta, /) -> None:
        """Let time pass outside."""
        adapter.outside.clock.advance(span)

    def reports(self, adapter: Any, /) -> Sequence[Reported]:
        """What the callbacks said."""
        return adapter.outside.callbacks

    def now(self) -> datetime:
        """The present moment, outside and inside."""
        return self.clock.now


def broken(names: Mapping[str, Any], suites: Mapping[type[Adapter], type]) -> tuple[Broken, ...]:
    """The broken adapters of a module, in the order they stand there, each under the suite of its kind."""
    found = []
    for name, kind in list(names.items()):
        if not inspect.isclass(kind) or kind.__module__ != names["__name__"] or name.startswith("_"):
            continue
        [suite] = [suite for right, suite in suites.items() if issubclass(kind, right)]
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        assert kind.__doc__ is not None
        made = type(
            f"Test{name}", (suite,), {"adapter": kind, "patience": kind.patience, "__module__": __name__}
        )
        found.append(Broken(words, " ".join(kind.__doc__.split()), made))
    return tuple(found)
