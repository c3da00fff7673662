"""A PostgreSQL of the tests' own: in a temporary folder, on a socket and a port of its own, and thrown away.

It never runs as root: who is root hands it to another user. Commits reach the disk as they do in service.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["NotInstalled", "Postgres"]

_USERS: Final = ("postgres", "nobody")
_STARTS_WITHIN: Final = 30.0


class NotInstalled(Exception):
    """There is no PostgreSQL on this machine."""


def _programs() -> Path:
    """Where `initdb` and `postgres` are, of the newest version there is."""

    def version(place: Path) -> float:
        with contextlib.suppress(ValueError):
            return float(place.parent.name)
        return 0.0

    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    if (found := shutil.which("initdb")) is not None:
        places.append(Path(found).resolve().parent)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise NotInstalled("no initdb in /usr/lib/postgresql/*/bin, none on PATH: install the package postgresql")


def _user() -> dict[str, Any]:
    """Who it runs as, for `subprocess`: ourselves, or, if we are root, somebody else."""
    if os.geteuid() != 0:
        return {}
    for name in _USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise NotInstalled("root may not run it, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


class Postgres:
    """One server. `with Postgres() as server:` starts it, and removes all of it in the end.

    Raises:
        NotInstalled: there is no PostgreSQL on this machine.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._programs = _programs()
        self._user = _user()
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "max_connections": "100",
            "shared_buffers": "64MB",
            **(settings or {}),
        }
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Postgres:
        # Sockets have short names; the folder of a test run may be deep down.
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        try:
            if self._user:
                os.chown(self._folder, self._user["user"], self._user["group"])
            self._port = _free_port()
            self._run(
                "initdb", "--pgdata", str(self._data), "--username", "chat", "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
            )  # fmt: skip
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **self._user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout.decode(errors='replace')}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self._port),
                    "-k", str(self._folder), *options,
                ],
                cwd=self._folder, stdout=log, stderr=log, start_new_session=True, **self._user,
            )  # fmt: skip
        waited_until = time.monotonic() + _STARTS_WITHIN
        # The last line of this file says that it takes connections.
        while not (self._status().startswith("ready")):
            if self._server.poll() is not None or time.monotonic() > waited_until:
                raise RuntimeError(f"PostgreSQL does not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.02)

    def _status(self) -> str:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return ""
        mine = self._server is not None and lines[:1] == [str(self._server.pid)]
        return lines[7] if mine and len(lines) > 7 else ""

    def stop(self) -> None:
        """Stop it in order; whoever is connected is thrown out."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """Stop it as a power cut would: at once, and without any clearing up."""
        self._end(signal.SIGQUIT)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(with_signal)
            self._server.wait(_STARTS_WITHIN)
            self._server = None

    def url(self, database: str = "postgres") -> str:
        """The address of a database, for SQLAlchemy with psycopg."""
        return f"postgresql+psycopg://chat@/{database}?host={self._folder}&port={self._port}"

    def run(self, program: str, *arguments: str, given: bytes = b"") -> bytes:
        """What a program of PostgreSQL's says, connected to this server."""
        done = subprocess.run(
            [
                str(self._programs / program), "--host", str(self._folder), "--port", str(self._port),
                "--username", "chat", *arguments,
            ],
            input=given, cwd=self._folder, capture_output=True, check=False, **self._user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")
        said: bytes = done.stdout
        return said

    def new(self, database: str, *, encoding: str = "UTF8") -> str:
        """Make a database, and give its address."""
        how = "" if encoding == "UTF8" else f" TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
        made = f'CREATE DATABASE "{database}"{how}'
        self.run("psql", "--quiet", "--dbname", "postgres", "--command", made)
        return self.url(database)
