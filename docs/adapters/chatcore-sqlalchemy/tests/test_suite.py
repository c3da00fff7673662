"""The suite of the storage port, on both databases, sync and async, in both isolations."""

from __future__ import annotations

from typing import ClassVar

import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from chatcore.testing.suites import StorageSuite


class Sync(StorageSuite):
    database: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _engine(self, request: pytest.FixtureRequest) -> None:
        self.engine: Engine = request.getfixturevalue(self.database)

    def make(self, tenant: str) -> SqlStorage:
        return SqlStorage(self.engine, tenant)


class Async(StorageSuite):
    database: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _engine(self, request: pytest.FixtureRequest) -> None:
        self.engine: AsyncEngine = request.getfixturevalue(self.database)

    async def make(self, tenant: str) -> AsyncSqlStorage:
        return AsyncSqlStorage(self.engine, tenant)


class TestSqlite(Sync):
    database = "sqlite"


class TestSqliteAsync(Async):
    database = "sqlite_async"


class TestPostgres(Sync):
    database = "read_committed"


class TestPostgresSerializable(Sync):
    database = "serializable"


@pytest.mark.every
class TestPostgresAsync(Async):
    database = "read_committed_async"


class TestPostgresAsyncSerializable(Async):
    database = "serializable_async"
