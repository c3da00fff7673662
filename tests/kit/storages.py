"""How broken storages are told apart: a class each, whose name and docstring say what is wrong with it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Mapping
from typing import Any

from chatcore.ports import ChangeSet
from chatcore.testing.suites import StorageSuite
from tests.kit.breakage import Broken
from tests.kit.plain import PlainStorage
from tests.kit.tables import Database

__all__ = ["AsyncFace", "others_come_in", "storages", "suite_of"]


class AsyncFace:
    """A storage as an async adapter; it waits nowhere."""

    def __init__(self, storage: PlainStorage) -> None:
        self.storage = storage

    async def read(self, wanted: Any, /) -> Any:
        return self.storage.read(wanted)

    async def apply(self, change: Any, /) -> None:
        self.storage.apply(change)

    async def due(self, *, now: Any, limit: int) -> Any:
        return self.storage.due(now=now, limit=limit)

    async def conversations(self, query: Any, /, *, limit: int, cursor: str | None) -> Any:
        return self.storage.conversations(query, limit=limit, cursor=cursor)

    async def count(self, query: Any, /, *, at_most: int) -> int:
        return self.storage.count(query, at_most=at_most)

    async def messages(self, query: Any, /, *, limit: int, cursor: str | None) -> Any:
        return self.storage.messages(query, limit=limit, cursor=cursor)

    async def contacts(self, query: Any, /, *, limit: int, cursor: str | None) -> Any:
        return self.storage.contacts(query, limit=limit, cursor=cursor)

    async def effects(self, query: Any, /, *, limit: int, cursor: str | None) -> Any:
        return self.storage.effects(query, limit=limit, cursor=cursor)

    async def stream(self, ref: Any, /, *, after: int, limit: int) -> Any:
        return self.storage.stream(ref, after=after, limit=limit)

    async def changes(self, *, after: str | None, limit: int) -> Any:
        return self.storage.changes(after=after, limit=limit)

    async def head(self) -> str:
        return self.storage.head()

    async def forget(self, *, before: Any) -> int:
        return self.storage.forget(before=before)


def others_come_in() -> None:
    """Let other threads do something: where a lock is missing, they will, sooner or later."""
    time.sleep(0.0005)


class Early(PlainStorage):
    """Looks at one thing in a step of its own, and at the rest when it writes."""

    early: str

    def apply(self, change: ChangeSet, /) -> None:
        with self.step():
            getattr(self, f"check_{self.early}")(change)
        others_come_in()
        with self.step():
            for part in self.CHECKS:
                if part != self.early:
                    getattr(self, f"check_{part}")(change)
            self.write(change)


def suite_of(name: str, storage: type[PlainStorage] | type[AsyncFace]) -> type[StorageSuite]:
    """The storage suite over a database of its own."""
    database = Database()

    def make(_: StorageSuite, tenant: str) -> Any:
        if issubclass(storage, AsyncFace):
            return storage(PlainStorage(tenant, database))
        return storage(tenant, database)

    def unmake(_: StorageSuite, adapter: Any) -> None:
        database.tenants.clear()

    return type(f"Test{name}", (StorageSuite,), {"make": make, "unmake": unmake, "__module__": __name__})


def storages(names: Mapping[str, Any]) -> tuple[Broken, ...]:
    """The broken storages of a module, in the order they stand there."""
    found = []
    for name, kind in list(names.items()):
        if not inspect.isclass(kind) or kind.__module__ != names["__name__"] or name.startswith("_"):
            continue
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        assert kind.__doc__ is not None
        found.append(Broken(words, " ".join(kind.__doc__.split()), suite_of(name, kind)))
    return tuple(found)
