"""Tenants and handles: two tenants share nothing, two handles of one tenant share everything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatcore.errors import ClaimTaken, InvalidValue, TallyFull, VersionConflict
from chatcore.ports import ReadSet, Snapshot, Storage, TallyChange
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Named, Query, Says
from chatcore.testing.suites.storage._asking import followed, read, turn, walked
from chatcore.testing.suites.storage._base import StorageTests, new_tenant
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import (
    configured,
    contact,
    conversation,
    effect,
    named,
    renamed,
)
from chatcore.vocabulary import WORKSPACE, CommandId, ContactId

__all__ = ["PartingTests"]

A, B = ContactId("ct_a"), ContactId("ct_b")

QUERIES: tuple[Query, ...] = (
    ConversationQuery(),
    ConversationQuery(where=Named("maria")),
    ConversationQuery(contact=A),
    MessageQuery(),
    MessageQuery(where=Says("boleto")),
    MessageQuery(conversation=conversation("cv_1").ref),  # type: ignore[arg-type]
    ContactQuery(),
    ContactQuery(where=Named("maria")),
    EffectQuery(),
)


def _filled(storage: Storage, name: str) -> Ledger:
    """Something of everything; only what `name` goes into tells it from another tenant's."""
    ledger = Ledger(storage)
    ledger.commit(
        configured(),
        contact(A, name=f"Maria {name}", reached=("key-1",)),
        command="cm_one",
        key="k",
        fingerprint=name,
        claims=(("mine", A),),
        expiring=(("in", A),),
        tallies=(TallyChange("t", 1, 1),),
        seals=(("shut", True),),
    )
    ledger.commit(conversation("cv_1"), effect("ef_1", lane="l"), effect("ef_2", lane="l", position=1))
    ledger.commit(*ledger.heard("cv_1", f"boleto {name}", f"boleto pago {name}"))
    ledger.commit(conversation("cv_2", channel="wb"), contact(B, name=f"Maria B {name}"))
    return ledger


_WANTED = ReadSet(
    refs=(A, WORKSPACE),
    owners=("mine", "in", "address:key-1"),
    tallies=("t", "shut"),
    lanes=("l",),
    key="k",
    command=CommandId("cm_one"),
    workspace_after=0,
)


def _held(ledger: Ledger) -> None:
    """What is found is this tenant's, and all of it."""
    storage, states = ledger.storage, ledger.states
    snapshot = storage.read(_WANTED)
    assert dict(snapshot.states) == {A: states[A], WORKSPACE: states[WORKSPACE]}
    assert dict(snapshot.owners) == {"mine": A, "in": A, "address:key-1": A}
    assert dict(snapshot.tallies) == {"t": 1, "shut": 0}
    assert snapshot.workspace == states[WORKSPACE]
    assert snapshot.receipt == snapshot.committed
    assert dict(snapshot.heads) == {"l": states[effect("ef_1").ref]}
    for query in QUERIES:
        rows = walked(storage, query)
        assert rows, query
        assert all(states[row.id] == row for row in rows), query
        assert len({row.id for row in rows}) == len(rows), query
    assert [each.id for each in storage.due(now=NOON, limit=9).effects] == ["ef_1"]
    found, _ = followed(storage, [envelope.id for envelope in ledger.events])
    assert {envelope.id: envelope for envelope in found} == {e.id: e for e in ledger.events}
    assert storage.stream(A, after=0, limit=9) == tuple(e for e in ledger.events if e.ref == A)


class PartingTests(StorageTests):
    """Handles of `Storage`: what they share, and what they do not."""

    def test_an_empty_tenant_sees_nothing_of_another(self) -> None:
        """While one tenant has something of everything, another one finds, counts and forgets nothing.

        When this fails: a query, a count, an index or a statement leaves the tenant out.
        """
        ledger = _filled(self.storage(), "one")
        other = self.storage()
        assert other.read(_WANTED) == Snapshot(tallies={"t": 0, "shut": 0})
        for query in QUERIES:
            assert walked(other, query) == [], query
        assert other.count(ConversationQuery(), at_most=9) == other.count(EffectQuery(), at_most=9) == 0
        due = other.due(now=NOON, limit=9)
        assert (due.effects, due.next_at) == ((), None)
        assert other.stream(A, after=0, limit=9) == ()
        assert other.changes(after=None, limit=9).rows == ()
        assert other.changes(after=other.head(), limit=9).rows == ()
        assert other.forget(before=NOON + timedelta(days=9)) == 0
        _held(ledger)

    def test_tenants_of_alike_names_are_others(self) -> None:
        """Names that differ in case, or where one begins with the other, are of different tenants.

        When this fails: compare tenants by their code points, whole.
        """
        name = new_tenant()
        ledgers = [
            _filled(self.storage(tenant), str(n))
            for n, tenant in enumerate((name, name.upper(), f"{name}_", f"{name}0", f"x{name}"))
        ]
        for ledger in ledgers:
            _held(ledger)

    def test_two_tenants_use_the_same_names_apart(self) -> None:
        """The same refs, claims, counts, commands and keys stand in both, each moved and refused by itself.

        When this fails: a key is unique over all tenants. Put the tenant into every primary key and every
        unique index, first.
        """
        one, two = _filled(self.storage(), "one"), _filled(self.storage(), "two")
        _held(one)
        _held(two)
        one.commit(
            renamed(A, "Ana"),
            releases=(("mine", A),),
            tallies=(TallyChange("t", -1), TallyChange("u", 3)),
            seals=(("shut", False), ("t", True)),
        )
        _held(two)
        with pytest.raises(VersionConflict):
            two.storage.apply(two.change(reads=((A, 2),)))
        with pytest.raises(ClaimTaken):
            two.storage.apply(two.change(claims=(("mine", B),)))
        with pytest.raises(TallyFull):
            two.storage.apply(two.change(tallies=(TallyChange("shut", 1),)))
        with pytest.raises(TallyFull):
            two.storage.apply(two.change(tallies=(TallyChange("t", 1, 1),)))
        two.commit(tallies=(TallyChange("t", 1, 2),))
        two.commit(tallies=(TallyChange("t", -1),))
        one.commit(claims=(("mine", B),))
        assert one.storage.forget(before=NOON + timedelta(days=9)) == 7
        _held(two)

    def test_a_cursor_of_another_tenant_is_refused(self) -> None:
        """A page cursor is good for the tenant that it was given to, and for nobody else.

        When this fails: put the tenant into the cursor's mark; `search.pages` takes it as `tenant`.
        """
        one, two = _filled(self.storage(), "one"), _filled(self.storage(), "two")
        for query in (
            ConversationQuery(),
            MessageQuery(),
            MessageQuery(where=Says("boleto")),
            ContactQuery(),
            EffectQuery(),
        ):
            cursor = turn(one.storage, query)(query, limit=1, cursor=None).next
            assert cursor is not None
            with pytest.raises(InvalidValue):
                turn(two.storage, query)(query, limit=1, cursor=cursor)

    def test_two_handles_see_each_others_commits_at_once(self) -> None:
        """What one handle committed another one of the same tenant reads, searches and is held to.

        When this fails: a handle keeps states, indexes or an open transaction between calls.
        """
        tenant = new_tenant()
        one, two = self.storage(tenant), self.storage(tenant)
        assert two.read(ReadSet(refs=(A,))) == Snapshot()
        assert walked(two, ContactQuery(where=Named("maria"))) == []
        ledger = _filled(one, "one")
        there = Ledger(two)
        there.states, there.events = ledger.states, ledger.events
        _held(there)
        for n in range(3):
            writer, reader = (one, two) if n % 2 else (two, one)
            ledger.storage = writer
            ledger.commit(renamed(A, f"Outra{n}"), tallies=(TallyChange("n", 1),))
            assert dict(read(reader, A, tallies=("n",)).states) == {A: ledger.states[A]}
            assert [row.id for row in walked(reader, ContactQuery(where=Named(f"outra{n}")))] == [A]
            with pytest.raises(VersionConflict):
                reader.apply(ledger.change(reads=((A, n + 1),)))
        assert dict(read(one, tallies=("n",)).tallies) == {"n": 3}

    def test_a_handle_made_later_finds_everything(self) -> None:
        """A handle that is made when everything is there already answers like the first.

        When this fails: something is kept in the handle, or in the process, and not in the database.
        """
        tenant = new_tenant()
        first = _filled(self.storage(tenant), "one")
        again = Ledger(self.storage(tenant))
        again.states, again.events = first.states, first.events
        _held(again)
        with pytest.raises(ClaimTaken):
            again.storage.apply(again.change(*named("ct_new"), key="k", command="cm_two"))
