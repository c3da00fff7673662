"""Measure chatcore's speed against its goals: `python tests/bench/run.py [--json PATH] [--only NAME]`.

Every figure is a ratio taken within one run, or a slope, so that goals hold on any machine. How it is measured
stands in `measuring`; what is compared with what, and why that is fair, in the module of each subject. Each
benchmark runs in a fresh process of its own, so that none meets another's heap. Exits with 1 if a goal is
missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
if sys.path[0] != ROOT:
    sys.path.insert(0, ROOT)

from tests.bench.measuring import Figure  # noqa: E402


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One subject, what it may cost at most, what measures it (``module:function``), and what it is held to.

    A function that measures several subjects at once tells each figure by the benchmark's name.
    """

    name: str
    goal: float
    where: str
    against: str


BENCHMARKS = (
    Benchmark("take", 1.3, "take:measure", "the same values built by hand"),
    Benchmark("take-refused", 0.75, "take:measure_refused", "the same floor, of a Take that passes"),
    Benchmark("take-transitions", 0.45, "take_transitions:measure", "a machine of the transitions library"),
    Benchmark("take-eventsourcing", 0.6, "take_eventsourcing:measure", "an aggregate of eventsourcing"),
    Benchmark("message", 1.3, "message:measure", "the same class without checks"),
    Benchmark("desk-take", 0.6, "desk_take:measure", "the same by hand on SQLite in memory"),
    Benchmark("tags", 2.0, "tagging:measure", "the same look-ups by hand on a dict"),
    Benchmark("render", 3.0, "rendering:measure", "str.format_map"),
    Benchmark("boleto-line", 3.0, "boleto_line:measure", "the same by hand, without saying what is wrong"),
    Benchmark("pix-code", 3.0, "pix_code:measure", "the same by hand, without saying what is wrong"),
    Benchmark("workspace", 1.1, "workspace:measure", "the same with a small configuration"),
    Benchmark("growth-panel", 0.05, "growth_panel:measure", "its length, 10 to 100,000 (slope)"),
    Benchmark("growth-message", 0.05, "growth_message:measure", "its length, 10 to 100,000 (slope)"),
    Benchmark("growth-take", 0.15, "growth_take:measure", "the inbox, 1,000 to 1,000,000 (slope)"),
    Benchmark("fold", 0.15, "folding:measure", "the same in the plain way"),
    Benchmark("search-p99-10k", 1.5, "search_words:measure_middling", "FTS5: newest 50 of 10,000"),
    Benchmark("search-p99-100k", 1.5, "search_words:measure_large", "FTS5: newest 50 of 100,000"),
    Benchmark("search-add", 0.2, "search_words:measure_large", "FTS5: one message more"),
    Benchmark("search-median", 0.15, "search_words:measure_huge", "FTS5: newest 50 of a million"),
    Benchmark("search-p99", 1.0, "search_words:measure_huge", "FTS5: newest 50 of a million"),
    Benchmark("search-inside-20", 0.05, "search_words:measure_huge", "FTS5: one conversation of 20"),
    Benchmark("search-inside-5000", 0.3, "search_words:measure_huge", "FTS5: one conversation of 5,000"),
    Benchmark("search-build", 1.3, "search_words:measure_huge", "FTS5: taking a million messages in"),
    Benchmark("search-bytes", 1.3, "search_words:measure_huge", "FTS5: bytes a message"),
    Benchmark("views", 0.03, "views:measure", "SQLite: a page of 50 of a million, by its index"),
    Benchmark("growth-search", 0.1, "search_words:measure_growth", "messages, 1,000 to 1,000,000 (slope)"),
    Benchmark("growth-views", 0.05, "views:measure_growth", "conversations, 1,000 to 1,000,000 (slope)"),
    Benchmark("growth-move", 0.15, "views:measure_move", "conversations, 1,000 to 1,000,000 (slope)"),
    Benchmark("growth-effect", 0.1, "growth_effect:measure", "effects recorded, 100 to 1,000,000 (slope)"),
    Benchmark("json-page", 1.4, "json_page:measure", "the same by hand, with the standard library's json"),
    Benchmark(
        "json-page-orjson", 0.9, "json_page:measure_orjson", "the same; ours with orjson, theirs without"
    ),
    Benchmark("import", 3.0, "importing:measure", "import attrs"),
)


def measure(where: str) -> Figure | Mapping[str, Figure]:
    """Run one benchmark, or several that are measured at once."""
    module, _, function = where.partition(":")
    found: Figure | Mapping[str, Figure] = getattr(importlib.import_module(f"tests.bench.{module}"), function)()
    return found


def measured(benchmarks: Sequence[Benchmark]) -> Iterator[tuple[Benchmark, Figure]]:
    """Run benchmarks one after the other, each function that measures in a fresh process."""
    found: dict[str, Figure | Mapping[str, Figure]] = {}
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=1, mp_context=fresh) as processes:
        for benchmark in benchmarks:
            where = benchmark.where
            if where not in found:
                found[where] = processes.submit(measure, where).result()
            figure = found[where]
            yield benchmark, figure if isinstance(figure, Figure) else figure[benchmark.name]


def chosen(only: str | None) -> Sequence[Benchmark]:
    """The benchmarks to run.

    Raises:
        ValueError: there is none of that name; the message lists those there are.
    """
    found = [b for b in BENCHMARKS if only in (None, b.name)]
    if not found:
        raise ValueError(f"no benchmark {only!r}; there are: {', '.join(b.name for b in BENCHMARKS)}")
    return found


HEAD = f"{'benchmark':<18} {'ratio':>7} {'quartiles':>15} {'goal':<14} {'A/A':>7} {'quartiles':>15} against"


def line(benchmark: Benchmark, figure: Figure) -> str:
    """A row of the table."""
    found, noise = figure.found, figure.noise
    verdict = "met" if passed(benchmark, figure) else "MISSED"
    return (
        f"{benchmark.name:<18} {found.median:>7.3f} {found.low:>7.3f}..{found.high:<6.3f} "
        f"<= {benchmark.goal:<5}"
        f"{verdict:<6} {noise.median:>7.3f} {noise.low:>7.3f}..{noise.high:<6.3f} {benchmark.against}"
    )


def passed(benchmark: Benchmark, figure: Figure) -> bool:
    """Whether a figure meets its goal."""
    return figure.found.median <= benchmark.goal


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; 0 if every goal is met."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition(":")[0] + ".",
        epilog="\n".join(f"{b.name:<18} <= {b.goal:<5} against {b.against}" for b in BENCHMARKS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", metavar="PATH", type=Path, help="write the figures there as well")
    parser.add_argument("--only", metavar="NAME", help="run one of those below")
    asked = parser.parse_args(arguments)
    try:
        benchmarks = chosen(asked.only)
    except ValueError as error:
        parser.error(str(error))
    begun = time.monotonic()
    print(f"{platform.python_implementation()} {platform.python_version()}, thread CPU time, medians of ratios")
    print(HEAD, flush=True)
    figures: list[tuple[Benchmark, Figure]] = []
    for benchmark, figure in measured(benchmarks):
        figures.append((benchmark, figure))
        print(line(benchmark, figure), flush=True)
    print(f"{time.monotonic() - begun:.0f} s")
    if asked.json is not None:
        rows = [
            {"name": b.name, "ratio": round(f.found.median, 4), "goal": b.goal, "passed": passed(b, f)}
            for b, f in figures
        ]
        asked.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(passed(b, f) for b, f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
