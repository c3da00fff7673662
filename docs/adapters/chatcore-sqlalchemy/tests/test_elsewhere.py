"""Numbers of transactions when a server crashes, and when a database is restored on another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chatcore_sqlalchemy import SqlStorage, migrate
from postgres import Postgres
from sqlalchemy import Engine, create_engine, text

from chatcore.errors import Permanent, VersionConflict
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import contact, renamed
from chatcore.vocabulary import ContactId

ANA, BIA = ContactId("ct_ana"), ContactId("ct_bia")

pytestmark = pytest.mark.slow


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Postgres]:
    """A server of this test's own; there is one if there is `postgres`."""
    with Postgres() as server:
        yield server


def followed(storage: SqlStorage, after: str | None) -> list[tuple[str, int]]:
    return [(each.ref, each.version) for each in storage.changes(after=after, limit=200).rows]


def test_the_head_holds_through_a_crash(server: Postgres, tenant: str) -> None:
    """What rolled back before it leaves its numbers to what is committed after it; nothing is passed by."""
    engine = create_engine(server.url())
    migrate(engine)
    storage = SqlStorage(engine, tenant)
    ledger = Ledger(storage)
    ledger.commit(contact(ANA))
    stale = ledger.fork()
    ledger.commit(renamed(ANA, "first"))
    for _ in range(20):
        with pytest.raises(VersionConflict):
            storage.apply(stale.change(renamed(ANA, "too late")))
    head = storage.head()
    server.crash()
    server.start()
    ledger.commit(renamed(ANA, "second"))
    ledger.commit(contact(BIA))
    assert followed(storage, head) == [(ANA, 3), (BIA, 1)]
    engine.dispose()


def test_a_database_goes_on_where_it_was_restored(postgres: Postgres, server: Postgres, tenant: str) -> None:
    """The new server's numbers are lower. After `migrate` states are written, and all events are shown."""
    old = create_engine(postgres.new(tenant))
    migrate(old)
    ledger, other = Ledger(SqlStorage(old, tenant)), Ledger(SqlStorage(old, f"{tenant}-other"))
    spend(old, 3_000)
    for each in (ledger, other):
        each.commit(contact(ANA))
        each.commit(renamed(ANA, "there"), contact(BIA))
    old.dispose()
    dump = postgres.run("pg_dump", "--dbname", tenant)
    server.run("psql", "--quiet", "--dbname", "postgres", given=dump)
    new = create_engine(server.url())
    migrate(new)
    for each, name in ((ledger, tenant), (other, f"{tenant}-other")):
        storage = SqlStorage(new, name)
        each.storage = storage
        head = storage.head()
        each.commit(renamed(ANA, "here"))
        assert followed(storage, None) == [(ANA, 1), (ANA, 2), (BIA, 1), (ANA, 3)]
        assert followed(storage, head) == [(ANA, 3)]
    migrate(new)
    assert followed(SqlStorage(new, tenant), None) == [(ANA, 1), (ANA, 2), (BIA, 1), (ANA, 3)]
    new.dispose()


def spend(engine: Engine, transactions: int) -> None:
    """Let so many transactions pass."""
    with engine.connect() as connection:
        for _ in range(transactions):
            connection.execute(text("SELECT pg_current_xact_id()"))
            connection.rollback()


def test_a_database_that_cannot_hold_any_text_is_refused(postgres: Postgres, tenant: str) -> None:
    """What somebody writes has any characters: said before the tables are made, and not with the first text."""
    url = postgres.new(tenant, encoding="LATIN1")
    engine = create_engine(url)
    with pytest.raises(Permanent) as told:
        migrate(engine)
    assert told.value.reason == "not_utf8"
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE chatcore_schema AS SELECT CAST('0001' AS text) AS version_num"))
    with pytest.raises(Permanent) as told:
        SqlStorage(engine, tenant).head()
    assert told.value.reason == "not_utf8"
    engine.dispose()
