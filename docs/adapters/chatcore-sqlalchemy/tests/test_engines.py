"""Which engines a storage takes, and what it makes of what they cannot hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage, migrate, sqlite_engine
from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from chatcore.commands import Outcome
from chatcore.errors import InvalidValue, Permanent
from chatcore.ports import ChangeSet, Receipt
from chatcore.vocabulary import CommandId, ContactId


@pytest.mark.parametrize(
    ("storage", "engine", "code"),
    [
        (SqlStorage, "sqlite:///chat.db", "not_an_engine"),
        (SqlStorage, create_async_engine("sqlite+aiosqlite:///chat.db"), "not_an_engine"),
        (AsyncSqlStorage, create_engine("sqlite:///chat.db"), "not_an_engine"),
        (SqlStorage, create_engine("sqlite://", poolclass=StaticPool), "shared_connection"),
        (AsyncSqlStorage, create_async_engine("sqlite+aiosqlite://"), "shared_connection"),
    ],
    ids=["text", "async", "sync", "static", "memory"],
)
def test_an_engine_that_is_not_sound_is_refused(storage: Any, engine: Any, code: str) -> None:
    """At once, and not when the first commit of one caller is rolled back by another."""
    with pytest.raises(InvalidValue) as refused:
        storage(engine, "acme")
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [("engine", code)]


def test_a_driver_nobody_has_tried_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another driver has other types and other errors."""
    engine = create_engine("sqlite:///chat.db")
    monkeypatch.setattr(engine.dialect, "driver", "another")
    with pytest.raises(InvalidValue, match="not_a_driver"):
        SqlStorage(engine, "acme")


def test_options_of_the_driver_go_along(tmp_path: Path) -> None:
    """What is given besides does not replace how long it waits."""
    engine = sqlite_engine(tmp_path / "chat.db", connect_args={"cached_statements": 7})
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 5_000
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_no_column_holds_is_refused_for_good(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """It is no trouble of the moment: tried again, it would be refused again."""
    engine: Engine
    if database == "sqlite":
        engine = sqlite_engine(tmp_path / "chat.db")
        migrate(engine)
    else:
        engine = create_engine(request.getfixturevalue("postgres_url"))
    storage = SqlStorage(engine, "acme-engines")
    command = CommandId("cm_nul")
    receipt = Receipt(command, datetime(2026, 3, 10, tzinfo=UTC), Outcome(command))
    owner = ContactId("ct_1")
    if database == "postgresql":
        with pytest.raises(Permanent):
            storage.apply(ChangeSet(receipt, claims=(("a\0b", owner),)))
    else:
        with pytest.raises(Permanent):
            storage.stream(owner, after=-(10**30), limit=1)
    engine.dispose()
