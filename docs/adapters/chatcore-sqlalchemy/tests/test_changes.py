"""Following what is committed on PostgreSQL, while transactions end in another order than they began."""

from __future__ import annotations

from typing import Any

import pytest
from chatcore_sqlalchemy import SqlStorage
from sqlalchemy import Engine, event, text

from chatcore.errors import InvalidValue
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import contact, renamed
from chatcore.vocabulary import ContactId

ANA = ContactId("ct_ana")


@pytest.fixture
def ledger(read_committed: Engine, tenant: str) -> Ledger:
    return Ledger(SqlStorage(read_committed, tenant))


def versions(storage: Any, after: str | None) -> list[tuple[str, int]]:
    return [(each.ref, each.version) for each in storage.changes(after=after, limit=200).rows]


def test_what_is_committed_behind_an_older_transaction_waits_for_it(
    ledger: Ledger, read_committed: Engine
) -> None:
    """While an older transaction may still commit, nothing younger is shown; then everything is, once."""
    storage = ledger.storage
    start = storage.head()
    with read_committed.connect() as older:
        older.execute(text("SELECT pg_current_xact_id()"))
        ledger.commit(contact(ANA))
        assert versions(storage, start) == []
        assert versions(storage, storage.head()) == []
        head = storage.head()
    assert versions(storage, start) == [(ANA, 1)]
    assert versions(storage, head) == [(ANA, 1)], "the head stands before what was not shown yet"


def test_a_transaction_that_was_overtaken_begins_anew(
    ledger: Ledger, read_committed: Engine, tenant: str
) -> None:
    """A younger transaction wrote the entity first, and was seen: the older one does not write after it.

    Else the entity's last event would stand before the one that it follows on.
    """
    ledger.commit(contact(ANA))
    before = ledger.storage.head()
    rival = SqlStorage(read_committed, tenant)
    first = ledger.change(renamed(ANA, "first"))
    ledger.take_in(first)
    second = ledger.change(renamed(ANA, "second"))
    meant: list[str] = []

    def overtake(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE contacts") and not meant:
            meant.append(statement)
            rival.apply(first)

    event.listen(read_committed, "before_cursor_execute", overtake)
    try:
        ledger.storage.apply(second)
    finally:
        event.remove(read_committed, "before_cursor_execute", overtake)
    assert meant
    assert versions(ledger.storage, before) == [(ANA, 2), (ANA, 3)]


@pytest.mark.parametrize("name", ["sqlite", "read_committed"])
def test_a_cursor_is_good_for_its_tenant_and_its_database(
    name: str, tenant: str, request: pytest.FixtureRequest
) -> None:
    """Another tenant's cursor is refused, and so is one from beyond the end, from before a restore."""
    engine = request.getfixturevalue(name)
    storage = SqlStorage(engine, tenant)
    cursor = storage.head()
    with pytest.raises(InvalidValue) as told:
        SqlStorage(engine, f"{tenant}-other").changes(after=cursor, limit=1)
    assert told.value.problems[0].code == "foreign_cursor"
    tx, n, mark = cursor.split(".")
    beyond = f"{tx}.{int(n) + 1}.{mark}" if name == "sqlite" else f"{int(tx) + 10**12}.{n}.{mark}"
    with pytest.raises(InvalidValue) as told:
        storage.changes(after=beyond, limit=1)
    assert told.value.problems[0].code == "not_a_cursor"
