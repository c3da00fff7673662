"""Which tests catch which broken adapter: a pytest session over some of them, in a process of its own.

1. The adapters of one session are looked at one after another. One that was caught by as many tests as are
   asked for is left at that.
2. What is not asked for is never made: not its class, nor the tests that the page does not name.
3. The tests of the subject that an adapter is wrong in go first.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from tests.kit.page import name_of, named_on_page

__all__ = ["Asked", "Found", "look"]

ROOT: Final = Path(__file__).parents[2]


@attrs.frozen
class Asked:
    """What to look at: the adapters; if only the tests that the page names; how many are enough for one."""

    names: tuple[str, ...]
    named: bool = False
    enough: int = 1


@attrs.frozen
class Found:
    """What came of it: the tests that failed, with what they said, and those that passed, by adapter."""

    failed: dict[str, dict[str, str]] = attrs.field(factory=dict)
    passed: dict[str, set[str]] = attrs.field(factory=dict)
    trouble: str = ""


def look(asked: Asked) -> Found:
    """Look at some broken adapters. Only once in a process: pytest rewrites what it is first to import."""
    looking, said = _Looking(asked), io.StringIO()
    arguments = ["tests/kit/cases.py", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", "-q"]
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said):
        code = pytest.main(arguments, plugins=[looking])
    trouble = "" if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else said.getvalue()
    return Found(dict(looking.failed), dict(looking.passed), trouble)


class _Looking:
    """The pytest plugin."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.page = named_on_page()
        self.subjects: dict[str, str] = {}
        self.failed: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.passed: defaultdict[str, set[str]] = defaultdict(set)

    def pytest_collection(self) -> None:
        """No failure is made smaller: it is enough that there is one, and it is the same at every run."""
        from hypothesis import Phase, settings  # Imported before pytest begins, it makes pytest warn.

        quick = settings(
            deadline=None, phases=(Phase.explicit, Phase.generate), database=None, derandomize=True
        )
        settings.register_profile("kit", quick)
        settings.load_profile("kit")

    def pytest_pycollect_makeitem(self, collector: Any, name: str) -> list[pytest.Item] | None:
        if name.startswith("Test_"):
            return None if name.removeprefix("Test_") in self.asked.names else []
        if self.asked.named and name.startswith("test_") and isinstance(collector, pytest.Class):
            tests = self.page.get(collector.name.removeprefix("Test_"))
            return None if tests is None or name in tests else []
        return None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from tests.kit.cases import PARTS

        self.subjects = {each.name: part.subject for part in PARTS for each in part.broken}
        tests: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            tests[name_of(item.nodeid)[0]].append(item)
        for name, items in tests.items():
            for item in sorted(items, key=self.place):
                if name in self.subjects and len(self.failed[name]) >= self.asked.enough:
                    break
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.asked.enough > 1:
                print(f"{name}: {', '.join(self.failed[name]) or 'passes'}", file=sys.__stderr__, flush=True)
        return True

    def place(self, item: pytest.Item) -> tuple[bool, int]:
        """Where a test stands among those of its adapter."""
        name, test = name_of(item.nodeid)
        named = self.page.get(name, ())
        subject = item.function.__module__.rpartition(".")[2]  # type: ignore[attr-defined]
        return subject != self.subjects.get(name), named.index(test) if test in named else len(named)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name, test = name_of(report.nodeid)
        if report.failed:
            self.failed[name].setdefault(test, report.longreprtext)
        elif report.when == "call":
            self.passed[name].add(test)
