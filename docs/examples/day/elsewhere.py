"""A desk in a process of its own, over a database. The process can be killed; another one goes on.

Everything outside of it stays here: the people, who repeat a click that got no answer, and the provider, who
brings a webhook again, keeps what it was given to send, and reports on it. The two processes talk in pickles
over a pipe, and one of them at a time does something.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from chatcore.ports import Messaging

__all__ = ["ElsewhereDesk"]

SERVICE = Path(__file__).parent / "service.py"
IDS_OF_A_LIFE = 1_000
"""A process that is killed says no more how many ids it used: the next one begins so much further on."""


class ElsewhereDesk:
    """Looks like a `Desk`; what is called is done by another process.

    `dies_after` is the moment at which that is killed next: ``"commit"``, when the database has what was asked
    for and nobody has heard so; ``"send"``, when the provider has the message and nobody has heard so.
    `deaths` are those moments, as they came; `sends` counts how often the provider was asked to send.
    """

    def __init__(self, url: str, tenant: str, messaging: Messaging, clock: Callable[[], datetime]) -> None:
        self._place = (url, tenant)
        self._messaging = messaging
        self._clock = clock
        self._root = 1
        self._process = self._start()
        self.dies_after: str | None = None
        self.deaths: list[str] = []
        self.sends = 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(SERVICE), *self._place]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._call, name)

    def _call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call, and call the same again if the process dies over it."""
        while True:
            self._tell(self._root, self._clock(), name, args, options)
            answer = self._answer()
            if answer is not None:
                self._root, result, error = answer
                if error is not None:
                    raise error
                return result
            self.close()
            self._root += IDS_OF_A_LIFE
            self._process = self._start()

    def _answer(self) -> tuple[int, Any, Exception | None] | None:
        """Do what the process asks of the outside until it has the answer; None: it is to die first."""
        while True:
            what, *told = self._heard()
            if what == "answer":
                root, result, error = told
                return root, result, error
            done = None
            if what == "send":
                self.sends += 1
                done = self._messaging.send(told[0])
            if what == self.dies_after:
                self.dies_after = None
                self.deaths.append(what)
                return None
            self._tell(done)

    def _tell(self, *what: object) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # It ended by itself, as is heard next.
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()

    def _heard(self) -> tuple[Any, ...]:
        assert self._process.stdout is not None
        try:
            heard: tuple[Any, ...] = pickle.load(self._process.stdout)
        except EOFError:
            raise SystemExit("The service ended by itself; above it says why.") from None
        return heard

    def close(self) -> None:
        """Kill the process, by SIGKILL: nothing in there gets to tidy up."""
        self._process.kill()
        self._process.communicate()
