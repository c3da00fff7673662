"""`from chatcore import Desk`, against `import attrs`, on which it rests, in the CPU time of child processes.

Each side starts this same interpreter with one statement and counts the user and system time of the child from
its start to its end. So both begin with what an interpreter needs to start, and chatcore's includes importing
attrs. The modules are compiled already: the rounds that warm up see to it. What is loaded only when a desk is
opened is not in it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.bench.measuring import Figure, Side, compare

ROUNDS = 60


def child(statement: str) -> Side:
    """The side that runs a statement in a fresh interpreter."""

    def run() -> int:
        process = subprocess.Popen([sys.executable, "-c", statement])
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{statement!r} failed in a child process")
        return round((used.ru_utime + used.ru_stime) * 1e9)

    return run


def measure() -> Figure:
    """The desk against attrs."""
    return compare(child("from chatcore import Desk"), child("import attrs"), rounds=ROUNDS)
