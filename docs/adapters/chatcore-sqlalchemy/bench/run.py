"""Measure the adapter on PostgreSQL: `python docs/adapters/chatcore-sqlalchemy/bench/run.py [--only PART]`.

Every figure is a median of ratios taken within one run; quartiles and what equal work shows (A/A) stand beside
it. What is compared with what, and why that is fair, is said in `taking` and `paging`. Exits with 1 if a goal
is missed.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ADAPTER = Path(__file__).resolve().parents[1]
ROOT = Path(__file__).resolve().parents[4]
for place in (ROOT, ADAPTER, ADAPTER / "tests"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))

from bench import counting, paging, taking  # noqa: E402
from postgres import NotInstalled  # noqa: E402

from tests.bench.measuring import Figure  # noqa: E402

TAKE_GOAL, PAGE_GOAL = 0.7, 1.5
TAKE_GOALS = {"take-1": TAKE_GOAL, "take-8": TAKE_GOAL}
"""At least so much of the throughput; and at most so much of the time of a page."""

PARTS = ("statements", "take", "page")


def row(name: str, figure: Figure, goal: str, met: bool | None, more: str) -> str:
    """A row of the table."""
    found, noise = figure.found, figure.noise
    verdict = "" if met is None else "met" if met else "MISSED"
    return (
        f"{name:<18} {found.median:>6.3f} {found.low:>6.3f}..{found.high:<6.3f} {goal:<7}{verdict:<7}"
        f"{noise.median:>6.3f} {noise.low:>6.3f}..{noise.high:<6.3f} {more}"
    )


def takes(fsync: str) -> Iterator[bool]:
    """Print how fast Take is; whether each goal is met."""
    print(f"Take: throughput of the desk over that of the same statements by hand (fsync {fsync})")
    for name, taken in taking.measure({"fsync": fsync}):
        goal = TAKE_GOALS.get(name)
        met = None if goal is None else taken.figure.found.median >= goal
        more = f"{taken.by_desk:,.0f} a second, by hand {taken.by_hand:,.0f}"
        print(row(name, taken.figure, "" if goal is None else f">= {goal}", met, more), flush=True)
        if met is not None:
            yield met


def pages(rows: int) -> Iterator[bool]:
    """Print how fast pages are; whether each goal is met."""
    print("Page of 50: time of the storage over that of the keyset query by hand, bodies decoded in both")
    for name, paged in paging.measure(rows, print):
        met = paged.figure.found.median <= PAGE_GOAL
        undecoded = f"{paged.undecoded.found.median:.1f} times the query that decodes nothing"
        more = f"{paged.microseconds:,.0f} us; {undecoded}"
        print(row(name, paged.figure, f"<= {PAGE_GOAL}", met, more), flush=True)
        yield met


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; 0 if every goal is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0] + ".")
    parser.add_argument("--rows", type=int, default=1_000_000, help="conversations that pages are of")
    parser.add_argument("--only", choices=PARTS, help="run one part")
    parser.add_argument("--fsync", choices=("on", "off"), default="on", help="whether commits reach the disk")
    asked = parser.parse_args(arguments)
    begun = time.monotonic()
    print(f"{platform.python_implementation()} {platform.python_version()}, wall time, medians of ratios")
    met: list[bool] = []
    try:
        if asked.only in (None, "statements"):
            print("Statements of a command; the transaction's BEGIN and COMMIT come on top")
            for name, sent in counting.measure():
                print(f"{name:<18} {sent}", flush=True)
        if asked.only in (None, "take"):
            met += takes(asked.fsync)
        if asked.only in (None, "page"):
            met += pages(asked.rows)
    except NotInstalled as missing:
        parser.error(str(missing))
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
