"""Reading: everything that is asked for, at one moment, and nothing else."""

from __future__ import annotations

import threading

from chatcore.events import MessageRevoked
from chatcore.limits import PAGE_ROWS
from chatcore.ports import ChangeSet, ReadSet, Snapshot, TallyChange
from chatcore.testing.suites.storage._asking import pause, read
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._rivals import at_once
from chatcore.testing.suites.storage._steps import (
    configured,
    contact,
    conversation,
    effect,
    named,
    renamed,
    told,
)
from chatcore.vocabulary import WORKSPACE, ChannelId, CommandId, ContactId, EffectState

__all__ = ["ReadingTests"]

A, B = ContactId("ct_a"), ContactId("ct_b")

STRANGE = ("", "ct_", "ws2", "'; DROP TABLE states; --", "ct_\0", "ct_\ud800", "%", "ct_" + "x" * 5000)
"""Refs that nothing can have; who asks a desk for one is to hear that it is not there."""


class ReadingTests(StorageTests):
    """`Storage.read`."""

    def test_nothing_wanted_is_nothing_read(self) -> None:
        """An empty `ReadSet` gives an empty `Snapshot`, whatever is stored.

        When this fails: something is read that was not asked for, or an empty list of names is read as "all".
        """
        ledger = Ledger(self.storage())
        assert ledger.storage.read(ReadSet()) == Snapshot()
        ledger.commit(configured(), contact(A), key="k", claims=(("a", A),), tallies=(TallyChange("t", 1),))
        assert ledger.storage.read(ReadSet()) == Snapshot()

    def test_everything_wanted_is_read_in_one_go(self) -> None:
        """States, owners with their states, counts, heads, both receipts and the workspace, of one call.

        When this fails: one part of a `ReadSet` is left out when others are asked for as well.
        """
        ledger = Ledger(self.storage())
        first = ledger.commit(configured(), contact(A), contact(B), key="k")
        second = ledger.commit(
            conversation("cv_1"),
            effect("ef_2", lane="l", position=2),
            effect("ef_1", lane="l", position=1),
            claims=(("a", A),),
            expiring=(("b", B),),
            tallies=(TallyChange("t", 2),),
        )
        snapshot = ledger.storage.read(
            ReadSet(
                refs=(A, ContactId("ct_no"), conversation("cv_1").ref),
                owners=("b", "nobody's"),
                tallies=("t", "none"),
                lanes=("l", "empty"),
                key="k",
                command=second.receipt.command,
                workspace_after=0,
            )
        )
        states = ledger.states
        assert snapshot == Snapshot(
            states={ref: states[ref] for ref in (A, conversation("cv_1").ref, B)},
            owners={"b": B},
            tallies={"t": 2, "none": 0},
            heads={"l": states[effect("ef_1").ref]},  # type: ignore[dict-item]
            receipt=first.receipt,
            committed=second.receipt,
            workspace=states[WORKSPACE],  # type: ignore[arg-type]
        )

    def test_what_is_not_there_is_left_out(self) -> None:
        """Of an empty storage nothing is read, and nothing of names that cannot be; none of it is an error.

        When this fails: a name that nothing can have reaches the database as it is (a NUL, half a surrogate, a
        quote), or a missing row is a KeyError. Bind values as parameters, and know beforehand which text your
        database cannot hold: what cannot be stored is not there.
        """
        storage = self.storage()
        wanted = ReadSet(
            refs=tuple(map(ContactId, STRANGE)),
            owners=("a",),
            lanes=("l",),
            key="k",
            command=CommandId("cm_no"),
        )
        assert storage.read(wanted) == Snapshot()
        ledger = Ledger(storage)
        ledger.commit(contact(A))
        assert storage.read(wanted) == Snapshot()
        for ref in STRANGE:
            assert storage.stream(ContactId(ref), after=0, limit=1) == ()

    def test_asking_twice_is_asking_once(self) -> None:
        """A name that a `ReadSet` holds twice is answered like one that it holds once.

        When this fails: a row came back twice where one was expected.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), effect("ef_1", lane="l"), claims=(("a", A),), tallies=(TallyChange("t", 1),))
        once = ReadSet(refs=(A,), owners=("a",), tallies=("t", "u"), lanes=("l", "m"))
        twice = ReadSet(refs=(A, A), owners=("a", "a"), tallies=("t", "u", "t", "u"), lanes=("l", "m", "l"))
        assert ledger.storage.read(twice) == ledger.storage.read(once)

    def test_many_things_are_read_in_one_go(self) -> None:
        """As many refs, owners, counts and lanes as a page has rows are read in one call.

        When this fails: a statement names more values than the database takes; ask in parts, within one moment.
        """
        ledger = Ledger(self.storage())
        refs = [ContactId(f"ct_{n}") for n in range(PAGE_ROWS)]
        ledger.commit(
            *(contact(ref) for ref in refs),
            claims=tuple((f"c{n}", ref) for n, ref in enumerate(refs)),
            tallies=tuple(TallyChange(f"t{n}", n) for n in range(PAGE_ROWS)),
        )
        ledger.commit(*(effect(f"ef_{n}", lane=f"l{n}") for n in range(PAGE_ROWS)))
        numbers = range(PAGE_ROWS)
        wanted = ReadSet(
            refs=tuple(refs),
            owners=tuple(f"c{n}" for n in numbers),
            tallies=tuple(f"t{n}" for n in numbers),
            lanes=tuple(f"l{n}" for n in numbers),
        )
        snapshot = ledger.storage.read(wanted)
        assert dict(snapshot.states) == {ref: ledger.states[ref] for ref in refs}
        assert ledger.storage.read(ReadSet(refs=tuple(refs))).states == snapshot.states
        assert dict(snapshot.owners) == {f"c{n}": ref for n, ref in enumerate(refs)}
        assert dict(snapshot.tallies) == {f"t{n}": n for n in numbers}
        assert {lane: head.id for lane, head in snapshot.heads.items()} == {f"l{n}": f"ef_{n}" for n in numbers}

    def test_the_workspace_is_read_only_when_newer(self) -> None:
        """A version at or above the one held brings nothing; None does not ask; it is no state asked for.

        When this fails: compare the stored version with `workspace_after`, and answer where it is above.
        """
        ledger = Ledger(self.storage())
        for after in (None, 0, 5):
            assert ledger.storage.read(ReadSet(workspace_after=after)) == Snapshot()
        ledger.commit(configured())
        ledger.commit(configured(version_of=2))
        ledger.commit(configured(version_of=3))
        for after, newer in ((None, False), (0, True), (1, True), (2, True), (3, False), (4, False)):
            snapshot = ledger.storage.read(ReadSet(workspace_after=after))
            assert snapshot.workspace == (ledger.states[WORKSPACE] if newer else None), f"after {after}"
            assert dict(snapshot.states) == {}
        both = ledger.storage.read(ReadSet(refs=(WORKSPACE,), workspace_after=9))
        assert (dict(both.states), both.workspace) == ({WORKSPACE: ledger.states[WORKSPACE]}, None)

    def test_a_message_is_read_by_its_own_ref(self) -> None:
        """A conversation and its messages are told apart by their refs, and each is read as it stands.

        When this fails: ``cv_1`` is a conversation, ``cv_1.1`` its first message, ``cv_1.11`` another one.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), conversation("cv_1"), conversation("cv_11", channel="wb"))
        ledger.commit(*ledger.heard("cv_1", *(f"texto {n}" for n in range(12))))
        ledger.commit(*ledger.heard("cv_11", "outro"))
        revoked = MessageRevoked(channel=ChannelId("wa"), provider_id="in-x", sent_at=NOON)
        ledger.commit(told("cv_1.1", revoked))
        for ref in ledger.states:
            assert dict(read(ledger.storage, ref).states) == {ref: ledger.states[ref]}

    def test_heads_are_first_by_position_and_then_by_id(self) -> None:
        """The head of a lane is its first effect that is INTENDED or IN_FLIGHT. Rule: M20.

        When this fails: order by position, then by id; count neither doubts nor ends.
        """
        ledger = Ledger(self.storage())
        ledger.commit(
            effect("ef_c", lane="l", position=2),
            effect("ef_b", lane="l", position=1),
            effect("ef_a", lane="m", position=1),
            effect("ef_B", lane="m", position=1),
            effect("ef_z", lane="n", position=10),
            effect("ef_y", lane="n", position=9, state=EffectState.IN_FLIGHT),
        )
        wanted = ReadSet(lanes=("l", "m", "n"))
        heads = {lane: head.id for lane, head in ledger.storage.read(wanted).heads.items()}
        assert heads == {"l": "ef_b", "m": "ef_B", "n": "ef_y"}
        for n, state in enumerate(EffectState):
            ledger.commit(
                effect(f"ef_1st_{n}", lane=f"s{n}", position=1, state=state),
                effect(f"ef_2nd_{n}", lane=f"s{n}", position=2),
            )
            holds = state in (EffectState.INTENDED, EffectState.IN_FLIGHT)
            [head] = ledger.storage.read(ReadSet(lanes=(f"s{n}",))).heads.values()
            assert head.id == (f"ef_1st_{n}" if holds else f"ef_2nd_{n}"), state

    def test_a_snapshot_stays_what_it_was(self) -> None:
        """What was read does not change when things are committed afterwards.

        When this fails: the snapshot shares its mappings with what is stored. Give copies.
        """
        ledger = Ledger(self.storage())
        ledger.commit(contact(A), claims=(("a", A),), tallies=(TallyChange("t", 1),))
        wanted = ReadSet(refs=(A, B), owners=("a", "b"), tallies=("t",))
        first = ledger.storage.read(wanted)
        copy = Snapshot(dict(first.states), dict(first.owners), dict(first.tallies))
        ledger.commit(
            renamed(A, "Ana"),
            contact(B),
            releases=(("a", A),),
            claims=(("b", B),),
            tallies=(TallyChange("t", 1),),
        )
        assert first == copy
        assert ledger.storage.read(wanted) != copy

    def test_what_is_read_is_of_one_moment(self) -> None:
        """While sets are committed, each read shows states, owners, counts and receipts of one moment.

        When this fails: read everything in one statement, or in a transaction that sees one snapshot
        (REPEATABLE READ); at READ COMMITTED each statement sees a moment of its own.
        """
        ledger = Ledger(self.storage())
        ledger.commit(*named(A, B), claims=(("turn", A),), tallies=(TallyChange("t", 1),), key="k1")
        rounds, changes = 60, list[ChangeSet]()
        for n in range(2, rounds + 2):
            now, then = (A, B) if n % 2 else (B, A)
            change = ledger.change(
                renamed(A, f"n{n}"),
                renamed(B, f"n{n}"),
                releases=(("turn", then),),
                claims=(("turn", now),),
                tallies=(TallyChange("t", 1),),
                key=f"k{n}",
            )
            ledger.take_in(change)
            changes.append(change)
        done = threading.Event()

        def write() -> None:
            try:
                for change in changes:
                    ledger.storage.apply(change)
                    pause(0.001)
            finally:
                done.set()

        def look() -> None:
            version = 1
            while not done.is_set():
                wanted = ReadSet(
                    refs=(A, B),
                    owners=("turn",),
                    tallies=("t",),
                    key=f"k{version + 1}",
                    command=CommandId(f"cm_{version + 1:06d}"),
                )
                found = ledger.storage.read(wanted)
                states, asked = found.states, version + 1
                version = states[A].version
                told = f"torn: one part of a read is older than another, near version {version}"
                assert states[B].version == version, told
                assert found.tallies["t"] == version, told
                assert found.owners["turn"] == (A if version % 2 else B), told
                assert (found.receipt is not None) is (version >= asked), told
                assert (found.committed is not None) is (version >= asked), told

        at_once(write, look, look)
        assert read(ledger.storage, A, B).states == ledger.states
