"""A database that is away, slow, full, locked, restarted, or not as it should be: only errors of the port.

Nothing is half-written, and the same storage goes on as soon as the database does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage, migrate, sqlite_engine
from postgres import Postgres
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from waiting import lifted, wait_for

from chatcore.errors import ChatcoreError, InvalidValue, OutcomeUnknown, Permanent, TallyFull, Temporary
from chatcore.ports import ReadSet, TallyChange
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import contact, renamed
from chatcore.vocabulary import ContactId

ANA, BIA = ContactId("ct_ana"), ContactId("ct_bia")
READ = ReadSet(refs=(ANA, BIA), owners=("k",), tallies=("t",))

CALLS: dict[str, Callable[[Any], object]] = {
    "read": lambda storage: storage.read(READ),
    "apply": lambda storage: storage.apply(Ledger(storage).change(contact(ANA))),
    "due": lambda storage: storage.due(now=NOON, limit=1),
    "conversations": lambda storage: storage.conversations(ConversationQuery(), limit=1, cursor=None),
    "count": lambda storage: storage.count(EffectQuery(), at_most=1),
    "messages": lambda storage: storage.messages(MessageQuery(), limit=1, cursor=None),
    "contacts": lambda storage: storage.contacts(ContactQuery(), limit=1, cursor=None),
    "effects": lambda storage: storage.effects(EffectQuery(), limit=1, cursor=None),
    "stream": lambda storage: storage.stream(ANA, after=0, limit=1),
    "changes": lambda storage: storage.changes(after=None, limit=1),
    "head": lambda storage: storage.head(),
    "forget": lambda storage: storage.forget(before=NOON),
}


def told_by(storage: Any) -> dict[str, object]:
    """What each method raises; an error of a port's, or the test fails with it."""
    told: dict[str, object] = {}
    for name, call in CALLS.items():
        try:
            call(storage)
        except ChatcoreError as error:
            told[name] = error.reason if isinstance(error, Permanent) else type(error)
    return told


def assert_untouched(ledger: Ledger) -> None:
    """The storage holds what was committed, and nothing of what failed."""
    read = ledger.storage.read(READ)
    assert read.states == {ref: state for ref, state in ledger.states.items() if ref in READ.refs}
    assert (read.owners, read.tallies["t"]) == ({}, 0)
    events = [each for ref in READ.refs for each in ledger.storage.stream(ref, after=0, limit=200)]
    assert sorted(events, key=lambda each: each.id) == sorted(ledger.events, key=lambda each: each.id)


def wide(ledger: Ledger) -> Any:
    """A set that touches every table it can."""
    return ledger.change(
        renamed(ANA, "Ana"), contact(BIA), claims=(("k", ANA),), tallies=(TallyChange("t", 1, 5),)
    )


# --- away ----------------------------------------------------------------------------------------------------


def test_a_database_that_is_away_is_told_as_temporary(tmp_path: Path) -> None:
    """Nobody listens, or there is no such folder: every method says that it was certainly not done."""
    nobody = "postgresql+psycopg://chat@127.0.0.1:1/chat"
    engines = [
        create_async_engine(nobody),
        create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder.db"),
    ]
    away = [
        SqlStorage(create_engine(nobody), "t"),
        lifted(AsyncSqlStorage(engines[0], "t")),
        SqlStorage(create_engine(f"sqlite:///{tmp_path}/no/such/folder.db"), "t"),
        lifted(AsyncSqlStorage(engines[1], "t")),
    ]
    for storage in away:
        assert told_by(storage) == dict.fromkeys(CALLS, Temporary)


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[Postgres]:
    """A server of these tests' own, to be killed; there is one if there is `postgres`."""
    with Postgres() as server:
        yield server


@pytest.mark.slow
def test_a_server_that_was_killed_and_comes_back_is_used_again(server: Postgres, tenant: str) -> None:
    """While it is away all is Temporary. Once it is back the storage goes on; what was committed is there."""
    engine = create_engine(server.url())
    migrate(engine)
    asynchronous = create_async_engine(server.url())
    storages: list[Any] = [SqlStorage(engine, tenant), lifted(AsyncSqlStorage(asynchronous, tenant))]
    ledger = Ledger(storages[0])
    ledger.commit(contact(ANA))
    for end in (server.crash, server.stop):
        for storage in storages:
            assert told_by(storage).get("read") is None
        end()
        for storage in storages:
            assert told_by(storage) == dict.fromkeys(CALLS, Temporary)
        server.start()
        for storage in storages:
            assert storage.read(READ).states == ledger.states
        ledger.commit(renamed(ANA, end.__name__))
    wait_for(asynchronous.dispose())
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("done", [False, True])
def test_a_server_that_dies_at_the_commit_leaves_a_doubt(server: Postgres, tenant: str, done: bool) -> None:
    """Nobody can say whether it was committed. A read by the command tells: all of it is there, or nothing."""
    engine = create_engine(server.url())
    migrate(engine)
    ledger = Ledger(SqlStorage(engine, tenant))
    ledger.commit(contact(ANA))
    change = wide(ledger)
    commit = engine.dialect.do_commit

    def die(connection: Any) -> None:
        if done:
            commit(connection)
        server.crash()
        if done:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        commit(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", die)
        with pytest.raises(OutcomeUnknown):
            ledger.storage.apply(change)
    server.start()
    receipt = ledger.storage.read(ReadSet(command=change.receipt.command)).committed
    assert receipt == (change.receipt if done else None)
    if not done:
        assert_untouched(ledger)
        ledger.storage.apply(change)
    ledger.take_in(change)
    assert ledger.storage.read(READ).states == ledger.states
    engine.dispose()


# --- slow, full, closed to writing ---------------------------------------------------------------------------


@pytest.fixture
def told_at(read_committed: Engine, tenant: str) -> Iterator[Callable[[str, str], None]]:
    """Lets PostgreSQL raise an error at a table whenever this tenant writes there."""
    made: list[str] = []

    def tell(table: str, code: str, *, deferred: bool = False) -> None:
        name = f"t_{tenant}_{code}".lower()
        made.append(name)
        with read_committed.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.exec_driver_sql(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'as asked: %%', NEW USING ERRCODE = '{code}'; END $$"
            )
            what = "CONSTRAINT TRIGGER" if deferred else "TRIGGER"
            when = "DEFERRABLE INITIALLY DEFERRED " if deferred else ""
            connection.exec_driver_sql(
                f"CREATE {what} {name} AFTER INSERT ON {table} {when}FOR EACH ROW "
                f"WHEN (NEW.tenant = '{tenant}') EXECUTE FUNCTION {name}()"
            )

    yield tell
    with read_committed.begin() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP FUNCTION {name} CASCADE")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("53100", Temporary),
        ("53300", Temporary),
        ("57014", Temporary),
        ("25006", Temporary),
        ("40001", Temporary),
        ("40P01", Temporary),
        ("42P01", "schema_version"),
        ("P0001", "database_P0001"),
    ],
)
def test_what_the_server_raises_is_told_by_its_code(
    code: str, told: object, read_committed: Engine, tenant: str, told_at: Any
) -> None:
    """Full, out of connections, too slow, read-only, always in each other's way: not now. Others: not ever.

    Nothing of the set is left, nor does any of its texts leave by the error.
    """
    ledger = Ledger(SqlStorage(read_committed, tenant))
    ledger.commit(contact(ANA))
    told_at("tallies", code)
    with pytest.raises((Temporary, Permanent)) as raised:
        ledger.storage.apply(wide(ledger))
    assert told in (type(raised.value), getattr(raised.value, "reason", None))
    assert raised.value.__cause__ is None
    assert_untouched(ledger)


@pytest.mark.parametrize(("code", "told"), [("53100", OutcomeUnknown), ("40001", Temporary)])
def test_what_the_server_raises_at_the_commit_is_a_doubt(
    code: str, told: type[ChatcoreError], read_committed: Engine, tenant: str, told_at: Any
) -> None:
    """Unless it says that others were in the way: then it was undone for certain."""
    ledger = Ledger(SqlStorage(read_committed, tenant))
    ledger.commit(contact(ANA))
    told_at("tallies", code, deferred=True)
    with pytest.raises(told):
        ledger.storage.apply(wide(ledger))
    assert_untouched(ledger)


def test_a_server_that_is_too_slow_is_told_as_temporary(
    read_committed: Engine, postgres_url: str, tenant: str
) -> None:
    """A statement that waits longer than it may is given up, and so is the set."""
    ledger = Ledger(SqlStorage(read_committed, tenant))
    ledger.commit(contact(ANA))
    hasty = create_engine(postgres_url, connect_args={"options": "-c statement_timeout=100"})
    with read_committed.connect() as holder:
        holder.execute(text("SELECT 1 FROM contacts WHERE tenant = :tenant FOR UPDATE"), {"tenant": tenant})
        with pytest.raises(Temporary):
            SqlStorage(hasty, tenant).apply(wide(ledger))
    assert_untouched(ledger)
    SqlStorage(hasty, tenant).apply(wide(ledger))
    hasty.dispose()


def test_a_pool_that_is_used_up_is_told_as_temporary(postgres_url: str, tenant: str) -> None:
    """No connection is free within the time that the pool waits."""
    engine = create_engine(postgres_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    storage = SqlStorage(engine, tenant)
    with engine.connect():
        assert told_by(storage) == dict.fromkeys(CALLS, Temporary)
    assert told_by(storage) == {}
    engine.dispose()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite file with the tables."""
    path = tmp_path / "chat.db"
    engine = sqlite_engine(path)
    migrate(engine)
    engine.dispose()
    return path


def test_a_file_that_another_one_writes_to_is_told_as_temporary(file: Path) -> None:
    """Reading goes on; writing waits as long as it is told to, and is then certainly not done."""
    engine = sqlite_engine(file, wait=0.05)
    ledger = Ledger(SqlStorage(engine, "t"))
    ledger.commit(contact(ANA))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Temporary):
        ledger.storage.apply(wide(ledger))
    assert_untouched(ledger)
    other.execute("ROLLBACK")
    ledger.storage.apply(wide(ledger))
    other.close()
    engine.dispose()


def test_a_full_disk_is_told_as_temporary(file: Path) -> None:
    """Sets are taken until there is no room; the one that does not fit leaves nothing, and later ones pass."""
    engine = sqlite_engine(file, pool_size=1, max_overflow=0)
    storage = SqlStorage(engine, "t")
    ledger = Ledger(storage)
    ledger.commit(contact(ANA))
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 6}")

    def fill() -> None:
        for n in range(200):
            ledger.commit(renamed(ANA, f"{n}" * 40))

    with pytest.raises(Temporary):
        fill()
    assert_untouched(ledger)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    ledger.commit(renamed(ANA, "at last"))
    engine.dispose()


def test_a_file_that_may_only_be_read_is_read(file: Path) -> None:
    """Whoever may only read gets answers; a set is not taken now."""
    ledger = Ledger(SqlStorage(sqlite_engine(file), "t"))
    ledger.commit(contact(ANA))
    engine = create_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    storage = SqlStorage(engine, "t")
    assert storage.read(READ).states == ledger.states
    assert told_by(storage) == {"apply": Temporary, "forget": Temporary}
    engine.dispose()


# --- not as it should be -------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, tenant: str) -> Iterator[Engine]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        engine = sqlite_engine(tmp_path / "empty.db")
    else:
        engine = create_engine(request.getfixturevalue("postgres").new(tenant))
    yield engine
    engine.dispose()


def test_tables_that_are_not_there_are_told_as_such(empty: Engine) -> None:
    """Before `migrate` every method says that the tables are of another version; after it all is well."""
    storage = SqlStorage(empty, "t")
    assert told_by(storage) == dict.fromkeys(CALLS, "schema_version")
    migrate(empty)
    assert told_by(storage) == {}


@pytest.mark.parametrize("version", ["0000", "9999", None])
def test_tables_of_another_version_are_told_as_such(empty: Engine, version: str | None) -> None:
    """Older, newer, or made by who did not come to the end: nothing is read or written with them."""
    migrate(empty)
    with empty.begin() as connection:
        connection.execute(text("DELETE FROM chatcore_schema"))
        if version is not None:
            connection.execute(text("INSERT INTO chatcore_schema VALUES (:version)"), {"version": version})
    assert told_by(SqlStorage(empty, "t")) == dict.fromkeys(CALLS, "schema_version")


def test_a_table_that_went_missing_is_told_as_such(empty: Engine) -> None:
    """Even while it is in use: who needs it is told, and nothing of a set is left."""
    migrate(empty)
    ledger = Ledger(SqlStorage(empty, "t"))
    ledger.commit(contact(ANA))
    with empty.begin() as connection:
        connection.execute(text("DROP TABLE tallies"))
    with pytest.raises(Permanent) as told:
        ledger.storage.apply(wide(ledger))
    assert told.value.reason == "schema_version"
    assert ledger.storage.read(ReadSet(refs=(ANA, BIA), owners=("k",))).owners == {}


def test_a_body_that_cannot_be_read_is_told_as_such(empty: Engine) -> None:
    """A state that somebody else changed by hand, or that a later version wrote."""
    migrate(empty)
    ledger = Ledger(SqlStorage(empty, "t"))
    ledger.commit(contact(ANA))
    with empty.begin() as connection:
        connection.execute(text("UPDATE contacts SET body = :body"), {"body": b'{"chatcore":1}'})
    with pytest.raises(Permanent) as told:
        ledger.storage.read(READ)
    assert told.value.reason == "not_decodable"


def test_what_is_no_engine_or_no_tenant_is_refused() -> None:
    """When a storage is made, not when it is first used."""
    engine = create_engine("sqlite://")
    for tenant in ("", "a\nb", "\ud800", "x" * 256, None):
        with pytest.raises(InvalidValue):
            SqlStorage(engine, tenant)  # type: ignore[arg-type]
    other = create_engine("sqlite://")
    other.dialect.name = "oracle"
    with pytest.raises(InvalidValue):
        SqlStorage(other, "t")


@pytest.mark.parametrize("name", ["sqlite", "read_committed"])
def test_an_engine_that_commits_by_itself_is_used_with_transactions(
    name: str, tenant: str, request: pytest.FixtureRequest
) -> None:
    """A set that does not fit leaves nothing there either, and the connection goes back as it came."""
    url = request.getfixturevalue(name).url
    driver = "sqlite+aiosqlite" if name == "sqlite" else url.drivername
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1)
    asynchronous = create_async_engine(url.set(drivername=driver), isolation_level="AUTOCOMMIT", pool_size=1)
    storages: list[Any] = [
        SqlStorage(engine, f"{tenant}-one"),
        lifted(AsyncSqlStorage(asynchronous, f"{tenant}-two")),
    ]
    for storage in storages:
        ledger = Ledger(storage)
        ledger.commit(contact(ANA))
        with pytest.raises(TallyFull):
            storage.apply(attrs.evolve(wide(ledger), tallies=(TallyChange("t", 9, 5),)))
        assert_untouched(ledger)
        storage.apply(wide(ledger))
    with engine.connect() as connection:
        bare: Any = connection.connection.driver_connection
        assert bare.isolation_level is None if name == "sqlite" else bare.autocommit
    engine.dispose()
    wait_for(asynchronous.dispose())
