"""Making the tables, and bringing them to this version."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.util import CommandError
from chatcore_sqlalchemy import (
    AsyncSqlStorage,
    SqlStorage,
    migrate,
    migrate_async,
    schema_version,
    sqlite_engine,
)
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from waiting import wait_for

TABLES = {
    *("claims", "contacts", "conversations", "effects", "events", "messages", "receipts", "tallies"),
    *("workspaces", "chatcore_schema"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, tenant: str) -> Iterator[Engine]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        engine = sqlite_engine(tmp_path / "empty.db")
    else:
        engine = create_engine(request.getfixturevalue("postgres").new(tenant))
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    """What there is, but for what an index of words keeps of its own."""
    return {name for name in inspect(engine).get_table_names() if "_words" not in name}


def test_tables_are_made_once(empty: Engine) -> None:
    """An empty database has no version; then it has this one, and migrating again changes nothing."""
    assert schema_version(empty) is None
    migrate(empty)
    assert schema_version(empty) == "0001"
    assert tables(empty) == TABLES
    migrate(empty)
    assert schema_version(empty) == "0001"


@pytest.mark.parametrize("isolation", [None, "SERIALIZABLE", "AUTOCOMMIT"])
def test_several_may_migrate_at_once(empty: Engine, isolation: str | None) -> None:
    """As when the processes of a service start together, whatever the isolation of their engine."""
    if isolation is not None:
        empty = create_engine(empty.url, isolation_level=isolation)
    failures: list[BaseException] = []

    def go() -> None:
        try:
            migrate(empty)
            SqlStorage(empty, "t").head()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert schema_version(empty) == "0001"
    empty.dispose()


def test_a_migration_that_fails_leaves_nothing(empty: Engine) -> None:
    """Something is in the way in the middle: no table is made; without it all of them are."""
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE tallies (n integer)"))
    with pytest.raises(DBAPIError):
        migrate(empty)
    assert schema_version(empty) is None
    assert tables(empty) == {"tallies"}
    with empty.begin() as connection:
        connection.execute(text("DROP TABLE tallies"))
    migrate(empty)
    assert tables(empty) == TABLES


def test_tables_of_a_later_version_are_left_alone(empty: Engine) -> None:
    """An old process that starts over new tables says so, and touches nothing."""
    migrate(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE chatcore_schema SET version_num = '9999'"))
    with pytest.raises(CommandError):
        migrate(empty)
    assert schema_version(empty) == "9999"


def test_an_async_engine_migrates_too(empty: Engine) -> None:
    """The same, for a service that has no sync driver."""
    driver = "sqlite+aiosqlite" if empty.dialect.name == "sqlite" else "postgresql+psycopg"
    engine = create_async_engine(empty.url.set(drivername=driver))

    async def go() -> str:
        await asyncio.gather(migrate_async(engine), migrate_async(engine))
        cursor = await AsyncSqlStorage(engine, "t").head()
        await engine.dispose()
        return cursor

    assert wait_for(go())
    assert schema_version(empty) == "0001"


def test_another_database_is_refused() -> None:
    """It is said at once that only two are known."""
    engine = create_engine("sqlite://")
    engine.dialect.name = "oracle"
    with pytest.raises(ValueError, match="neither"):
        migrate(engine)
    engine.dispose()
