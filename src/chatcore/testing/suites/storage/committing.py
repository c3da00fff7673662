"""Committing: a set is applied whole or not at all, at the versions it was made for, and once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs
import pytest

from chatcore.errors import ClaimTaken, Conflict, TallyFull, VersionConflict
from chatcore.limits import PAGE_ROWS
from chatcore.ports import ChangeSet, ReadSet, Storage, TallyChange, Write
from chatcore.testing.suites.storage._asking import read, seen
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import configured, contact, conversation, effect, named, renamed
from chatcore.vocabulary import WORKSPACE, CommandId, ContactId, Ref

__all__ = ["CommittingTests"]

A, B, NEW, NOBODY = (ContactId(id) for id in ("ct_a", "ct_b", "ct_new", "ct_nobody"))

_WHOLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "key": "new",
        "reads": ((B, 1), (NOBODY, 0)),
        "claims": (("c", A),),
        "releases": (("a", A),),
        "expiring": (("other", A),),
        "tallies": (TallyChange("fresh", 1, 1), TallyChange("full", -1)),
        "seals": (("fresh", True), ("shut", False)),
    }
)
"""What a set changes besides its writes; on what `_begun` leaves all of it fits."""

_Writing = Callable[[Ledger], ChangeSet]


def _fits(ledger: Ledger, **other: Any) -> ChangeSet:
    return ledger.change(renamed(A, "Ana"), contact(NEW), **{**_WHOLE, **other})


def _write_at(ledger: Ledger, ref: Ref, expected: int) -> Write:
    """A write by somebody who believes that a contact is at this version."""
    other = ledger.fork()
    other.states.pop(ref, None)
    for version in range(expected):
        other.take_in(other.change(contact(ref) if version == 0 else renamed(ref, f"n{version}")))
    [write] = other.change(contact(ref) if expected == 0 else renamed(ref, "late")).writes
    return write


def _wrong_write(ledger: Ledger, ref: Ref, expected: int) -> ChangeSet:
    """The set that fits, but for one write that expects another version of an entity than it is at."""
    change = _fits(ledger)
    others = tuple(write for write in change.writes if write.ref != ref)
    return attrs.evolve(change, writes=(*others, _write_at(ledger, ref, expected)))


_MISFITS: Final[Mapping[str, tuple[_Writing, Conflict]]] = MappingProxyType(
    {
        "a write of what exists already": (lambda all: _wrong_write(all, B, 0), VersionConflict(B, 0)),
        "a write ahead of its entity": (lambda all: _wrong_write(all, B, 2), VersionConflict(B, 2)),
        "a write behind its entity": (lambda all: _wrong_write(all, A, 0), VersionConflict(A, 0)),
        "a write of what does not exist": (lambda all: _wrong_write(all, NEW, 3), VersionConflict(NEW, 3)),
        "a read behind": (lambda all: _fits(all, reads=((NOBODY, 0), (B, 0))), VersionConflict(B, 0)),
        "a read ahead": (lambda all: _fits(all, reads=((B, 2),)), VersionConflict(B, 2)),
        "a read of what is not there": (
            lambda all: _fits(all, reads=((NOBODY, 1),)),
            VersionConflict(NOBODY, 1),
        ),
        "a claim of another's": (lambda all: _fits(all, claims=(("c", A), ("b", A))), ClaimTaken("b")),
        "a claim of what another's expires": (
            lambda all: _fits(all, claims=(("inbound", B),)),
            ClaimTaken("inbound"),
        ),
        "an expiring claim of another's": (
            lambda all: _fits(all, expiring=(("other", A), ("b", A))),
            ClaimTaken("b"),
        ),
        "an expiring claim of what another's expires": (
            lambda all: _fits(all, expiring=(("inbound", B),)),
            ClaimTaken("inbound"),
        ),
        "a release of another's": (lambda all: _fits(all, releases=(("a", A), ("b", A))), ClaimTaken("b")),
        "a count that is full": (
            lambda all: _fits(all, tallies=(TallyChange("fresh", 1, 1), TallyChange("full", 1, 2))),
            TallyFull("full"),
        ),
        "a new count beyond its bound": (
            lambda all: _fits(all, tallies=(TallyChange("fresh", 2, 1),)),
            TallyFull("fresh"),
        ),
        "a count that is sealed": (
            lambda all: _fits(all, tallies=(TallyChange("shut", 1),), seals=()),
            TallyFull("shut"),
        ),
        "a command that was applied": (
            lambda all: _fits(all, command="cm_first"),
            ClaimTaken("command:cm_first"),
        ),
        "a key that has a receipt": (lambda all: _fits(all, key="first"), ClaimTaken("key:first")),
    }
)


def _begun(storage: Storage) -> Ledger:
    """Two contacts, claims of either, a count, a sealed one, and a receipt."""
    ledger = Ledger(storage)
    ledger.commit(
        *named(A, B),
        command="cm_first",
        key="first",
        claims=(("a", A), ("b", B)),
        expiring=(("inbound", A),),
        tallies=(TallyChange("full", 2), TallyChange("shut", 1)),
        seals=(("shut", True),),
    )
    return ledger


def _all_of(storage: Storage) -> dict[str, object]:
    return seen(
        storage,
        refs=(A, B, NEW, NOBODY),
        owners=("a", "b", "c", "inbound", "other"),
        tallies=("full", "shut", "fresh"),
        keys=("first", "new"),
        commands=("cm_first", "cm_000001"),
    )


class CommittingTests(StorageTests):
    """`Storage.apply`: all or nothing; versions, receipts."""

    def test_what_is_committed_is_read(self) -> None:
        """Entities of all five kinds, their events, claims, counts and the receipt stand as the set says.

        When this fails: something of a set is not written, or not read back as the value it was.
        """
        ledger = Ledger(self.storage())
        set_up = (configured(), contact(A, name="Maria"), conversation("cv_1"), effect("ef_1", lane="l"))
        first = ledger.commit(*set_up, key="k", fingerprint="print", tallies=(TallyChange("t", 3),))
        second = ledger.commit(*ledger.heard("cv_1", "Oi", "Tudo bem?"), claims=(("mine", A),))
        storage = ledger.storage
        snapshot = read(
            storage, *ledger.states, owners=("mine", "protocol:p-cv_1"), tallies=("t",), lanes=("l",), key="k"
        )
        assert dict(snapshot.states) == ledger.states
        assert dict(snapshot.owners) == {"mine": A, "protocol:p-cv_1": "cv_1"}
        assert (dict(snapshot.tallies), snapshot.receipt) == ({"t": 3}, first.receipt)
        assert {lane: head.id for lane, head in snapshot.heads.items()} == {"l": "ef_1"}
        for ref in ledger.states:
            expected = [envelope for envelope in ledger.events if envelope.ref == ref]
            assert list(storage.stream(ref, after=0, limit=PAGE_ROWS)) == expected
        assert storage.read(ReadSet(command=second.receipt.command)).committed == second.receipt

    def test_apply_answers_nothing(self) -> None:
        """`apply` answers None; anything else is taken for a doubt.

        When this fails: return nothing from `apply`.
        """
        ledger = Ledger(self.storage())
        apply: Callable[[ChangeSet], object] = ledger.storage.apply
        answer = apply(ledger.change(contact(A)))
        assert answer is None, f"`apply` answered {answer!r}"

    @pytest.mark.parametrize("misfit", _MISFITS)
    def test_a_set_that_fails_one_check_changes_nothing(self, misfit: str) -> None:
        """Whichever check fails, its Conflict says so with the names of the set, and all stays as it was.

        When this fails: write within one transaction that is rolled back when any check fails, and raise
        `VersionConflict(ref, expected)`, `ClaimTaken(key)` or `TallyFull(key)` with the values of the set.
        """
        ledger = _begun(self.storage())
        storage, before = ledger.storage, _all_of(ledger.storage)
        make, error = _MISFITS[misfit]
        change = make(ledger)
        with pytest.raises(type(error)) as caught:
            storage.apply(change)
        assert vars(caught.value) == vars(error), f"{misfit}: the error names something else than the set does"
        after = _all_of(storage)
        changed = [what for what, value in after.items() if value != before[what]]
        assert not changed, f"{misfit} was refused, and yet these changed: {changed}. Roll the whole set back"
        if change.receipt.command != "cm_first":
            receipt = storage.read(ReadSet(command=change.receipt.command)).committed
            assert receipt is None, f"{misfit} was refused, and yet its receipt was kept"
        storage.apply(ledger.change(tallies=(TallyChange("fresh", 1),)))
        with pytest.raises(TallyFull):
            storage.apply(ledger.change(tallies=(TallyChange("shut", 1),)))

    def test_the_same_set_passes_when_all_checks_hold(self) -> None:
        """What every failing one has besides its fault is committed, all of it.

        When this fails: a check refuses what fits. `reads` with version 0 are of what must not exist.
        """
        ledger = _begun(self.storage())
        change = _fits(ledger)
        storage = ledger.storage
        storage.apply(change)
        snapshot = read(
            storage,
            A,
            NEW,
            owners=("a", "b", "c", "inbound", "other"),
            tallies=("full", "shut", "fresh"),
            key="new",
            command=change.receipt.command,
        )
        assert [snapshot.states[ref].version for ref in (A, NEW)] == [2, 1]
        assert dict(snapshot.owners) == {"b": B, "c": A, "inbound": A, "other": A}
        assert dict(snapshot.tallies) == {"full": 1, "shut": 1, "fresh": 1}
        assert snapshot.receipt == snapshot.committed == change.receipt
        assert [envelope.version for envelope in storage.stream(A, after=0, limit=9)] == [1, 2]
        storage.apply(ledger.change(tallies=(TallyChange("shut", 1),)))
        with pytest.raises(TallyFull):
            storage.apply(ledger.change(tallies=(TallyChange("fresh", 1),)))

    def test_a_refusal_leaves_the_handle_as_good_as_new(self) -> None:
        """After a refused set the same handle reads, refuses and commits as before.

        When this fails: end the transaction (roll it back) before a Conflict leaves `apply`, and give the
        connection back.
        """
        ledger = _begun(self.storage())
        for _ in range(4):
            for make, error in _MISFITS.values():
                with pytest.raises(type(error)):
                    ledger.storage.apply(make(ledger))
        ledger.commit(renamed(A, "Ana"))
        assert read(ledger.storage, A).states == {A: ledger.states[A]}

    def test_of_several_faults_any_one_is_told(self) -> None:
        """A set that fits in nothing is refused by any of its faults, and changes nothing.

        When this fails: something else than a Conflict came out when two checks failed at once.
        """
        ledger = _begun(self.storage())
        before = _all_of(ledger.storage)
        change = _fits(
            ledger,
            command="cm_first",
            key="first",
            reads=((B, 9),),
            claims=(("b", A),),
            tallies=(TallyChange("full", 1, 2),),
        )
        with pytest.raises((VersionConflict, ClaimTaken, TallyFull)):
            ledger.storage.apply(change)
        assert _all_of(ledger.storage) == before

    def test_a_step_of_several_events_is_one_write(self) -> None:
        """A write goes from the version it expects by as many events as it has; the next one expects the last.

        When this fails: take the new version from the state written, not from the expected one plus one.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A))
        ledger.commit(renamed(A, "Ana", None, "Anna"))
        assert read(ledger.storage, A).states[A].version == 4
        for expected in (1, 2, 3):
            with pytest.raises(VersionConflict):
                ledger.storage.apply(attrs.evolve(ledger.change(), writes=(_write_at(ledger, A, expected),)))
        ledger.commit(renamed(A, "Ana"))
        assert [e.version for e in ledger.storage.stream(A, after=0, limit=9)] == [1, 2, 3, 4, 5]
        assert read(ledger.storage, A).states == {A: ledger.states[A]}

    def test_every_kind_of_entity_is_held_to_its_version(self) -> None:
        """A second first write, and a second second one, are refused for each kind of entity.

        When this fails: the version of one kind is not compared. Compare it in the very statement that writes
        (`UPDATE ... WHERE version = :expected`, `INSERT ... ON CONFLICT DO NOTHING`); look at its row count.
        """
        ledger = Ledger(self.storage())
        set_up = (configured(), contact(A), conversation("cv_1"), effect("ef_1"))
        ledger.commit(*set_up)
        ledger.commit(*ledger.heard("cv_1", "Oi"))
        empty = Ledger(ledger.storage)
        for n, step in enumerate(set_up):
            with pytest.raises(VersionConflict) as caught:
                ledger.storage.apply(empty.change(step, command=f"cm_again_{n}"))
            assert (caught.value.ref, caught.value.expected) == (step.ref, 0)
        old = attrs.evolve(ledger.change(*ledger.heard("cv_1", "Oi")), claims=(), releases=(), tallies=())
        ledger.storage.apply(old)
        again = attrs.evolve(old, receipt=attrs.evolve(old.receipt, command=CommandId("cm_once_more")))
        home, message = again.writes
        for write in (home, message):
            with pytest.raises(VersionConflict) as caught:
                ledger.storage.apply(attrs.evolve(again, writes=(write,)))
            assert (caught.value.ref, caught.value.expected) == (write.ref, write.expected)

    def test_a_large_set_is_one_step(self) -> None:
        """Two hundred writes, claims, counts and reads go in together; one misfit among them, and none does.

        When this fails: a statement holds more values than the database takes, so cut it up within one
        transaction.
        """
        size = PAGE_ROWS
        ledger = Ledger(self.storage())
        refs = [ContactId(f"ct_{n:04d}") for n in range(size)]
        ledger.commit(*(contact(ref) for ref in refs))
        parts: dict[str, Any] = {
            "reads": tuple((ContactId(f"ct_no_{n}"), 0) for n in range(size)),
            "claims": tuple((f"c{n}", ref) for n, ref in enumerate(refs)),
            "expiring": tuple((f"e{n}", ref) for n, ref in enumerate(refs)),
            "tallies": tuple(TallyChange(f"t{n}", 1, 1) for n in range(size)),
            "seals": tuple((f"t{n}", True) for n in range(size)),
        }
        steps = [renamed(ref, f"nome {n}") for n, ref in enumerate(refs)]
        owners = tuple(key for key, _ in (*parts["claims"], *parts["expiring"]))
        tallies = tuple(f"t{n}" for n in range(size))
        for what, last in (
            ("reads", (ContactId("ct_no"), 1)),
            ("tallies", TallyChange("more", 2, 1)),
        ):
            bad = ledger.change(*steps, **{**parts, what: (*parts[what], last)})
            with pytest.raises(Conflict):
                ledger.storage.apply(bad)
            snapshot = read(ledger.storage, *refs, owners=owners, tallies=tallies)
            assert {state.version for state in snapshot.states.values()} == {1}
            assert (dict(snapshot.owners), set(snapshot.tallies.values())) == ({}, {0})
        ledger.commit(*steps, **parts)
        snapshot = read(ledger.storage, *refs, owners=owners, tallies=tallies)
        assert dict(snapshot.states) == ledger.states
        assert dict(snapshot.owners) == dict((*parts["claims"], *parts["expiring"]))
        assert dict(snapshot.tallies) == dict.fromkeys(tallies, 1)
        releases = ledger.change(releases=parts["claims"])
        ledger.storage.apply(releases)
        assert len(read(ledger.storage, owners=owners).owners) == size

    def test_the_workspace_is_an_entity_like_any_other(self) -> None:
        """It is written at its version, found by its ref, and refused at another version.

        When this fails: the one workspace of a tenant is not compared, or not found by the ref ``ws``.
        """
        ledger = Ledger(self.storage())
        ledger.commit(configured())
        ledger.commit(configured(version_of=2))
        assert read(ledger.storage, WORKSPACE).states == {WORKSPACE: ledger.states[WORKSPACE]}
        with pytest.raises(VersionConflict):
            ledger.storage.apply(Ledger(ledger.storage).change(configured(), command="cm_late"))
        with pytest.raises(VersionConflict):
            ledger.storage.apply(ledger.change(reads=((WORKSPACE, 1),)))
        ledger.commit(reads=((WORKSPACE, 2),))
