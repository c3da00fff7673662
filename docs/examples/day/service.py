"""The process of `elsewhere.py`: a desk over a database. Run as ``service.py URL TENANT``.

It keeps nothing of its own: whatever it knows, the database told it.
"""

from __future__ import annotations

import pickle
import sys
from datetime import datetime
from typing import Any

from chatcore_sqlalchemy import SqlStorage, migrate
from sqlalchemy import Engine, create_engine, make_url

from chatcore import ChannelKind, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import ChannelCapabilities
from chatcore.errors import ChatcoreError
from chatcore.ports import ChangeSet, SendRequest

now: datetime
root: int


def ask(*what: object) -> Any:
    """Tell the outside, and wait for what it says to it."""
    pickle.dump(what, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    return hear()[0]


def hear() -> Any:
    return pickle.load(sys.stdin.buffer)


class Provider:
    """The provider is outside: asked to send, it answers with its id."""

    capabilities: ChannelCapabilities = CAPABILITIES

    def send(self, request: SendRequest, /) -> str:
        id: str = ask("send", request)
        return id


class Storage(SqlStorage):
    """A storage that says when it has committed something, and waits to be let go on."""

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(change)
        ask("commit")


def new_root() -> str:
    global root
    root += 1
    return f"{root - 1:032x}"


def engine_of(url: str) -> Engine:
    """The engine for a URL; of the drivers for PostgreSQL, psycopg."""
    place = make_url(url)
    if place.drivername == "postgresql":
        place = place.set(drivername="postgresql+psycopg")
    return create_engine(place)


def serve(url: str, tenant: str) -> None:
    """Do what is asked, until nobody asks any more."""
    global now, root
    engine = engine_of(url)
    migrate(engine)
    ports = Ports(storage=Storage(engine, tenant), messaging={ChannelKind.WHATSAPP_CLOUD: Provider()})
    desk = Desk(ports, clock=lambda: now, new_root=new_root)
    while True:
        try:
            root, now, name, args, options = hear()
        except EOFError:
            return
        result, error = None, None
        try:
            result = getattr(desk, name)(*args, **options)
        except ChatcoreError as refusal:
            error = refusal
        pickle.dump(("answer", root, result, error), sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve(*sys.argv[1:])
