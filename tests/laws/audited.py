"""Run a script under an audit hook that watches what the core causes. Run as ``audited.py SCRIPT``.

An event counts as caused by the core when a frame of the chatcore package stands below it on the stack, and
nothing nearer to the event explains it. Two things do:

1. The import machinery. Importing reads files, and the core may import pendulum, phonenumbers or a module of
   its own when it first needs them. What a module of chatcore does while it is imported has a frame of chatcore
   nearer than that of the machinery, so it does count.
2. Reading the time-zone database: opening for reading, inside a directory of `zoneinfo.TZPATH` or of the
   packages tzdata and pendulum. That is where a zone comes from, when one is first asked for.

What is found is printed as JSON on standard error: the events the core caused, and how many events of the same
kinds there were in all.
"""

from __future__ import annotations

import importlib.util
import json
import os
import runpy
import sys
import zoneinfo
from types import FrameType
from typing import Any

WATCHED = (
    "ctypes.",
    "ftplib.",
    "http.",
    "imaplib.",
    "mmap.",
    "open",
    "os.",
    "pty.",
    "shutil.",
    "smtplib.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "syslog.",
    "tempfile.",
    "urllib.",
    "webbrowser.",
)
"""The audit events, by their beginnings, that mean files, processes or the network."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def folder_of(package: str) -> str | None:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    return None if spec is None or spec.origin is None else os.path.dirname(os.path.realpath(spec.origin))


CORE = folder_of("chatcore")
ZONES = tuple(filter(None, (*map(os.path.realpath, zoneinfo.TZPATH), *map(folder_of, ("tzdata", "pendulum")))))

caused: list[tuple[str, str, str]] = []
seen = 0


def inside(path: str, folder: str | None) -> bool:
    return folder is not None and path.startswith(folder + os.sep)


def reads_a_zone(event: str, args: tuple[Any, ...]) -> bool:
    if event != "open" or not isinstance(args[0], str) or not isinstance(args[2], int):
        return False
    path = os.path.abspath(args[0])
    return not args[2] & WRITING and any(inside(path, folder) for folder in ZONES)


def culprit(frame: FrameType | None) -> str | None:
    """The place in chatcore that caused an event, as ``file:line``."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return None
        if inside(file, CORE):
            return f"{os.path.relpath(file, CORE)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def hook(event: str, args: tuple[Any, ...]) -> None:
    global seen
    if not event.startswith(WATCHED):
        return
    seen += 1
    place = culprit(sys._getframe(1))
    if place is not None and not reads_a_zone(event, args):
        caused.append((event, place, repr(args[:1])))


if __name__ == "__main__":
    assert CORE is not None
    sys.argv = sys.argv[1:]
    sys.addaudithook(hook)
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        found = list(caused)
        sys.stdout.flush()
        print(json.dumps({"caused": found, "seen": seen}), file=sys.stderr)
