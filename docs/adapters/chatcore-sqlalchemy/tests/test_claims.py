"""Claims that are held and expire besides, and sets that have read much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage
from sqlalchemy import Engine, event
from waiting import lifted

from chatcore.errors import Permanent, VersionConflict
from chatcore.ports import ReadSet
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import contact, renamed
from chatcore.vocabulary import ContactId

ANA, BIA = ContactId("ct_ana"), ContactId("ct_bia")
LATER = NOON + timedelta(days=9)


@pytest.mark.parametrize("between", ["UPDATE claims SET expiring", "UPDATE claims SET owner = NULL"])
def test_a_claim_released_while_it_is_forgotten_is_free(
    between: str, read_committed: Engine, tenant: str
) -> None:
    """Whichever comes between the statements of the other: in the end nobody has it, and anybody may."""
    storage = SqlStorage(read_committed, tenant)
    ledger = Ledger(storage)
    ledger.commit(contact(ANA), contact(BIA))
    ledger.commit(claims=(("k", ANA),), expiring=(("k", ANA),))
    release = ledger.change(releases=(("k", ANA),))
    met: list[str] = []

    def meet(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(between) and not met:
            met.append(statement)
            if "expiring" in between:
                storage.apply(release)
            else:
                storage.forget(before=LATER)

    event.listen(read_committed, "before_cursor_execute", meet)
    try:
        if "expiring" in between:
            storage.forget(before=LATER)
        else:
            storage.apply(release)
    finally:
        event.remove(read_committed, "before_cursor_execute", meet)
    assert met
    storage.forget(before=LATER)
    assert storage.read(ReadSet(owners=("k",))).owners == {}
    ledger.take_in(release)
    ledger.commit(claims=(("k", BIA),))
    assert storage.read(ReadSet(owners=("k",))).owners == {"k": BIA}


@pytest.mark.parametrize("name", ["sqlite", "read_committed"])
def test_a_set_may_have_read_much(name: str, tenant: str, request: pytest.FixtureRequest) -> None:
    """Thousands of things, some of which are not there: each is compared, and the one that moved is named."""
    storage = SqlStorage(request.getfixturevalue(name), tenant)
    ledger = Ledger(storage)
    ledger.commit(contact(ANA), contact(BIA))
    absent = [(ContactId(f"ct_{n}"), 0) for n in range(3_000)]
    ledger.commit(reads=(*absent, (ANA, 1), (BIA, 1)))
    with pytest.raises(VersionConflict) as told:
        storage.apply(ledger.change(reads=(*absent, (ANA, 1), (BIA, 2))))
    assert told.value.ref == BIA
    with pytest.raises(VersionConflict) as told:
        storage.apply(ledger.change(reads=((ANA, 0), *absent)))
    assert told.value.ref == ANA


@pytest.mark.parametrize("name", ["sqlite", "read_committed", "read_committed_async"])
def test_what_failed_first_is_told(name: str, tenant: str, request: pytest.FixtureRequest) -> None:
    """A set that comes too late is in conflict, whatever else no database could take of it."""
    engine = request.getfixturevalue(name)
    face: Any = SqlStorage if isinstance(engine, Engine) else AsyncSqlStorage
    storage = lifted(face(engine, tenant))
    ledger = Ledger(storage)
    ledger.commit(contact(ANA))
    late = ledger.fork()
    ledger.commit(renamed(ANA, "Ana"))
    with pytest.raises(VersionConflict):
        storage.apply(late.change(renamed(ANA, "Bia"), claims=(("\ud800", ANA),)))
    with pytest.raises(Permanent):
        storage.apply(ledger.change(renamed(ANA, "Bia"), claims=(("\ud800", ANA),)))
    assert storage.read(ReadSet(refs=(ANA,))).states == ledger.states
