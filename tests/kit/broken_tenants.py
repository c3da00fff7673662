"""Broken storages: whose something is, and who sees it; the shape of an adapter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chatcore.entities import Entity
from chatcore.ports import ChangeSet, Due, Receipt
from chatcore.search import Page
from chatcore.search.pages import cursor_after, position_of
from chatcore.vocabulary import Ref
from tests.kit.plain import PlainStorage
from tests.kit.storages import AsyncFace, storages
from tests.kit.tables import Database, Tables

__all__ = ["BROKEN"]


class ReadsFromAReplica(PlainStorage):
    """Pages are read from a replica that is a commit behind."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.replica: dict[Ref, Entity] = {}

    def apply(self, change: ChangeSet, /) -> None:
        with self.step():
            before = dict(self.tables.states)
            super().apply(change)
            self.replica = before

    def things(self) -> list[Entity]:
        return list((self.replica or self.tables.states).values())


class CachedStates(PlainStorage):
    """A handle keeps what it has read, and does not see what another one commits."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.cache: dict[Ref, Entity] = {}

    def state(self, ref: Ref) -> Entity | None:
        if (found := super().state(ref)) is not None:
            return self.cache.setdefault(ref, found)
        return None

    def write_states(self, change: ChangeSet) -> None:
        super().write_states(change)
        self.cache.update((write.ref, write.state) for write in change.writes)


class OwnTables(PlainStorage):
    """Each handle has its own data, as every connection to a database in memory does."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.tables = Tables()


class _Shared(PlainStorage):
    """Some tables have no tenant in their keys."""

    shared: tuple[str, ...]

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        common = database.tenants["", "all"]  # type: ignore[index]
        self.tables.lock = common.lock
        for name in self.shared:
            setattr(self.tables, name, getattr(common, name))


class StatesOfAllTenants(_Shared):
    """A state is read by its id, whichever tenant's it is."""

    shared = ("states",)


class ClaimsOfAllTenants(_Shared):
    """Claims of all tenants share their keys."""

    shared = ("claims", "expiring")


class ExpiringClaimsOfAllTenants(_Shared):
    """Expiring claims of all tenants share their keys."""

    shared = ("expiring",)


class TalliesOfAllTenants(_Shared):
    """Counts of all tenants share their keys."""

    shared = ("tallies",)


class SealsOfAllTenants(_Shared):
    """A seal closes the count of that name for every tenant."""

    shared = ("sealed",)


class KeysOfAllTenants(_Shared):
    """Idempotency keys of all tenants are kept in one index."""

    shared = ("keys",)


class CommandsOfAllTenants(_Shared):
    """Receipts of all tenants are found by the command alone."""

    shared = ("receipts",)


class StreamsOfAllTenants(_Shared):
    """The events of an entity are found by its ref alone."""

    shared = ("streams",)


class ChangesOfAllTenants(_Shared):
    """`changes` reads what was committed by any tenant."""

    shared = ("log",)


class _Overlooking(PlainStorage):
    """Something is asked of all tenants at once."""

    def of_all(self) -> list[PlainStorage]:
        return [type(self)(tenant, self.database) for tenant in self.database.tenants]


class DueOfAllTenants(_Overlooking):
    """What is due is looked for in the effects of all tenants."""

    def due(self, *, now: datetime, limit: int) -> Due:
        found = [PlainStorage.due(each, now=now, limit=limit) for each in self.of_all()]
        rows = sorted((row for due in found for row in due.effects), key=self.turn)
        later = [due.next_at for due in found if due.next_at is not None]
        return Due(tuple(rows[:limit]), min(later, default=None))


class PagesOfAllTenants(_Overlooking):
    """Pages are looked for in the rows of all tenants."""

    def things(self) -> list[Entity]:
        return [thing for each in self.of_all() for thing in each.tables.states.values()]

    def effects_kept(self) -> Any:
        return [each for each in PlainStorage.things(self) if hasattr(each, "lane")]


class ForgetsForAllTenants(_Overlooking):
    """Forgetting for one tenant forgets for all of them."""

    def forget(self, *, before: datetime) -> int:
        return sum(PlainStorage.forget(each, before=before) for each in self.of_all())


class CursorOfAnyTenant(PlainStorage):
    """A cursor of another tenant's page is taken."""

    def cursor(self, query: Any, row: Any) -> str:
        return cursor_after(query, self.key(query, row))

    def position(self, query: Any, cursor: str) -> tuple[int, str]:
        return position_of(query, cursor)


class TenantsCaseInsensitive(PlainStorage):
    """Two tenants whose names differ in case are one."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant.lower(), database)


class OneMethodSync(AsyncFace):
    """One method of an async adapter is not async."""

    def head(self) -> str:  # type: ignore[override]
        return self.storage.head()


class AwaitForgotten(AsyncFace):
    """An async method gives the coroutine of another one and does not await it."""

    async def stream(self, ref: Any, /, *, after: int, limit: int) -> Any:
        return super().stream(ref, after=after, limit=limit)


class LimitIsPositional(PlainStorage):
    """`effects` does not take its limit by name."""

    def effects(self, query: Any, size: int = 50, cursor: str | None = None) -> Page[Any]:  # type: ignore[override]
        return super().effects(query, limit=size, cursor=cursor)


class CommitsAfterAnswering(PlainStorage):
    """`apply` answers before it has committed: what follows at once does not see it."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.waiting: list[ChangeSet] = []

    def apply(self, change: ChangeSet, /) -> None:
        with self.step():
            while self.waiting:
                self.write(self.waiting.pop())
            self.check(change)
            self.waiting.append(change)

    def receipt_of(self, command: str) -> Receipt | None:
        with self.step():
            while self.waiting:
                self.write(self.waiting.pop())
        return super().receipt_of(command)


BROKEN = storages(vars())
