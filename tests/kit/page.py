"""The page of the kit: which breakage is caught by which test, written and read again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.kit.cases import Part

__all__ = ["PAGE", "name_of", "named_on_page", "rows_of", "written"]

PAGE: Final = Path(__file__).parents[2] / "docs" / "kit.md"

SHOWN: Final = 3
"""Tests that the page names for one breakage, at most."""

HEAD: Final = """\
# The kit is proven

A suite that passes proves nothing until it fails where it should. Each line below is an adapter that is right
but for one thing, as an author would get it wrong, and the tests of its suite that catch it: three at most,
those that tell the most about it. `nox -s kit` runs the suites against all {count} of them, and fails when one
survives or when this page is stale.

This page is written by `python tests/kit/run.py --write`; the adapters are in `tests/kit/`.
"""

_ROW: Final = re.compile(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.*?) \|$", re.MULTILINE)


def rows_of(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What a page says: the breakage of each broken adapter, and the tests that it names."""
    return {name: (told, tuple(re.findall(r"`(\w+)`", tests))) for name, told, tests in _ROW.findall(text)}


def name_of(node_id: str) -> tuple[str, str]:
    """The broken adapter that a test ran on, and the test's name."""
    _, cls, test = node_id.split("::", 2)
    return cls.removeprefix("Test_"), test.partition("[")[0]


def named_on_page() -> dict[str, tuple[str, ...]]:
    """The tests that the page names for each broken adapter."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {name: tests for name, (_, tests) in rows_of(text).items()}


def written(parts: Sequence[Part], failed: Mapping[str, Iterable[str]]) -> str:
    """The page, by the tests that failed for each broken adapter.

    A test that fails for few of them tells most, so it is named first.
    """
    spread = Counter(test for tests in failed.values() for test in tests)
    lines = [HEAD.format(count=sum(len(part.broken) for part in parts))]
    for part in parts:
        lines += [f"## {part.title}", "", "| breakage | what is wrong | caught by |", "|---|---|---|"]
        for broken in part.broken:
            tests = sorted(failed.get(broken.name, ()), key=spread.__getitem__)[:SHOWN]
            named = ", ".join(f"`{test}`" for test in tests) or "nothing"
            lines.append(f"| `{broken.name}` | {broken.breakage} | {named} |")
        lines.append("")
    return "\n".join(lines)
