"""Run the suites against every broken adapter: `python tests/kit/run.py [--write] [NAME ...]`.

It fails when one survives, when a right one does not pass, and when `docs/kit.md` is stale. Only the tests that
the page names are run on the broken ones; where these do not catch one, all the others are, too. With `--write`
the tests are found anew and the page is written; with names, every test that catches these is told.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from tests.kit.catching import Asked, Found, look  # noqa: E402
from tests.kit.page import PAGE, SHOWN, named_on_page, written  # noqa: E402


def looked_at(names: list[str], *, named: bool = False, enough: int = 1) -> Found:
    """What the suites catch of these adapters, on two processes or more."""
    processes = min(max(2, os.cpu_count() or 1), len(names))
    shares = [Asked(tuple(names[n::processes]), named, enough) for n in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        parts = pool.map(look, shares, chunksize=1)
    all_found = Found()
    for found in parts:
        if found.trouble:
            sys.exit(found.trouble)
        all_found.failed.update((name, tests) for name, tests in found.failed.items() if tests)
        all_found.passed.update(found.passed)
    return all_found


def main() -> int:
    from tests.kit.cases import BROKEN, PARTS, RIGHT

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="find the tests anew and write the page")
    parser.add_argument("names", nargs="*", help="only these, with every test that catches them")
    asked = parser.parse_args()
    told = {each.name: each.breakage for each in BROKEN}
    right = [each.name for each in RIGHT]
    bad: list[str] = []
    if asked.names:
        wanted = [name for name in (*right, *told) if name in asked.names]
        found = looked_at(wanted, enough=1_000)
        for name in wanted:
            print(f"{name}: {told.get(name, 'right')}", *found.failed.get(name, ()), sep="\n    ")
    else:
        wanted = [*right, *told]
        found = looked_at(wanted, named=not asked.write, enough=SHOWN if asked.write else 1)
        slipped = [name for name in told if name not in found.failed]
        if slipped and not asked.write:
            rest, page = looked_at(slipped), named_on_page()
            found.failed.update(rest.failed)
            bad += [
                f"docs/kit.md is stale about {name}: {min(tests)}"
                for name, tests in rest.failed.items()
                if not set(tests) & set(page.get(name, ()))  # Threads may have missed each other at first.
            ]
    for name in wanted:
        if name in told and name not in found.failed:
            bad.append(f"{name} survives: {told[name]}")
        elif name in right and (name in found.failed or not found.passed.get(name)):
            bad += [f"{name} is right, and fails:", *found.failed.get(name, {}).values()]
    if asked.write and not asked.names:
        PAGE.write_text(written(PARTS, found.failed), encoding="utf-8")
    print(*bad, f"{len(wanted)} adapters looked at, {len(bad)} complaints", sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
