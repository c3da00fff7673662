"""Races: of many who want one thing at one moment, exactly as many get it as may."""

from __future__ import annotations

import random
from functools import partial

import attrs

from chatcore.errors import ClaimTaken, Conflict, TallyFull, VersionConflict
from chatcore.ports import ChangeSet, ReadSet, Storage, TallyChange
from chatcore.testing.suites.storage._asking import read
from chatcore.testing.suites.storage._base import StorageTests, new_tenant
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._rivals import RIVALS, at_once, outcome_of
from chatcore.testing.suites.storage._steps import contact, named, renamed
from chatcore.vocabulary import CommandId, ContactId

__all__ = ["RacingTests"]

ROUNDS = 12
"""How often each race is run."""

REFS = [ContactId(f"ct_{n}") for n in range(RIVALS)]


def _raced(storages: list[Storage], changes: list[ChangeSet]) -> list[Conflict | None]:
    """What came of these sets, all applied at one moment, in turn over these handles."""
    acts = [partial(outcome_of, storages[n % len(storages)], change) for n, change in enumerate(changes)]
    return at_once(*acts)


class RacingTests(StorageTests):
    """`Storage.apply` under threads, over two handles of one tenant."""

    def _opened(self) -> tuple[list[Storage], Ledger]:
        tenant = new_tenant()
        storages = [self.storage(tenant), self.storage(tenant)]
        return storages, Ledger(storages[0])

    def test_one_rival_moves_an_entity_on(self) -> None:
        """Of rivals who saw the same version one goes on from it; the others hear VersionConflict.

        When this fails: the version is read first and written later. Compare it in the statement that writes
        (`UPDATE ... WHERE version = :expected`) and look at the row count.
        """
        storages, ledger = self._opened()
        ledger.commit(contact("ct_a"))
        for turn in range(ROUNDS):
            changes = [ledger.change(renamed("ct_a", f"{turn} {n}")) for n in range(RIVALS)]
            results = _raced(storages, changes)
            won = [change for change, result in zip(changes, results, strict=True) if result is None]
            assert len(won) == 1, f"{len(won)} of {RIVALS} rivals moved one version on"
            assert {type(each) for each in results if each is not None} == {VersionConflict}
            ledger.take_in(won[0])
            assert dict(read(storages[1], "ct_a").states) == {
                ContactId("ct_a"): ledger.states[ContactId("ct_a")]
            }
        events = [e for e in ledger.events if e.ref == "ct_a"]
        assert storages[0].stream(ContactId("ct_a"), after=0, limit=200) == tuple(events)

    def test_one_rival_makes_an_entity(self) -> None:
        """Of rivals who make the same entity one does; the others hear VersionConflict.

        When this fails: a second INSERT overwrites the first, or its unique violation comes out as it is.
        """
        storages, ledger = self._opened()
        for turn in range(ROUNDS):
            changes = [ledger.change(contact(f"ct_{turn}", name=str(n))) for n in range(RIVALS)]
            results = _raced(storages, changes)
            won = [change for change, result in zip(changes, results, strict=True) if result is None]
            assert len(won) == 1, f"{len(won)} of {RIVALS} rivals made one entity"
            assert {type(each) for each in results if each is not None} == {VersionConflict}
            ledger.take_in(won[0])
        assert dict(read(storages[1], *ledger.states).states) == ledger.states

    def test_one_rival_gets_a_claim(self) -> None:
        """Of rivals who claim one key, for good or for a while, one owns it. Rule: L3, M1, M11.

        When this fails: look whether the key is free in the statement that claims it (a unique key, `INSERT ...
        ON CONFLICT DO NOTHING`), in one table for both kinds of claims.
        """
        storages, ledger = self._opened()
        ledger.commit(*named(*REFS))
        for turn in range(ROUNDS):
            key = f"k{turn}"
            changes = [
                ledger.change(claims=((key, ref),)) if n % 2 else ledger.change(expiring=((key, ref),))
                for n, ref in enumerate(REFS)
            ]
            results = _raced(storages, changes)
            won = [ref for ref, result in zip(REFS, results, strict=True) if result is None]
            assert len(won) == 1, f"{len(won)} of {RIVALS} rivals own one key"
            assert {type(each) for each in results if each is not None} == {ClaimTaken}
            assert dict(read(storages[1], owners=(key,)).owners) == {key: won[0]}

    def test_one_rival_gets_a_claim_that_is_let_go(self) -> None:
        """Of rivals who each take over a key from its owner one does, and the key is never two people's.

        When this fails: a release that deleted nothing must look again whether somebody else has the key now.
        """
        storages, ledger = self._opened()
        ledger.commit(*named(*REFS), claims=(("k", REFS[0]),))
        owner = REFS[0]
        for _ in range(ROUNDS):
            rivals = [ref for ref in REFS if ref != owner]
            changes = [ledger.change(releases=(("k", owner),), claims=(("k", ref),)) for ref in rivals]
            results = _raced(storages, changes)
            won = [ref for ref, result in zip(rivals, results, strict=True) if result is None]
            assert len(won) == 1, f"{len(won)} of {len(rivals)} rivals took one key over"
            assert {type(each) for each in results if each is not None} == {ClaimTaken}
            [owner] = won
            assert dict(read(storages[1], owners=("k",)).owners) == {"k": owner}

    def test_as_many_rivals_are_counted_as_there_is_room_for(self) -> None:
        """Of rivals who raise one count just as many do as its bound lets in. Rule: L7.

        When this fails: the count is read first and written later. Put the bound into the statement that
        counts, also where it makes the count's first row.
        """
        storages, ledger = self._opened()
        for turn in range(ROUNDS):
            key, room = f"t{turn}", 1 + turn % 4
            if turn % 2:
                ledger.commit(tallies=(TallyChange(key, 1),))
            free = room - turn % 2
            changes = [ledger.change(tallies=(TallyChange(key, 1, room),)) for _ in range(RIVALS)]
            results = _raced(storages, changes)
            assert results.count(None) == free, (
                f"{results.count(None)} rivals were counted, with room for {free}"
            )
            assert {type(each) for each in results if each is not None} == {TallyFull}
            assert read(storages[1], tallies=(key,)).tallies[key] == room

    def test_a_count_loses_nothing(self) -> None:
        """What rivals add to and take from one count without a bound adds up.

        When this fails: write `count = count + :delta`, not a number worked out before.
        """
        storages, ledger = self._opened()
        total = 0
        for turn in range(ROUNDS // 2):
            deltas = [n + 1 if n % 3 else -n for n in range(RIVALS)]
            changes = [ledger.change(tallies=(TallyChange("t", delta),)) for delta in deltas]
            assert _raced(storages, changes) == [None] * RIVALS, turn
            total += sum(deltas)
            assert read(storages[1], tallies=("t",)).tallies["t"] == total

    def test_nothing_is_counted_behind_a_seal(self) -> None:
        """Where a seal and what grows come at once, the count stands still once the seal is there. Rule: L13.

        When this fails: the seal is looked at in another statement than the one that counts.
        """
        storages, ledger = self._opened()
        for turn in range(ROUNDS):
            key = f"t{turn}"
            changes = [ledger.change(tallies=(TallyChange(key, 1),)) for _ in range(RIVALS - 1)]
            changes.insert(turn % RIVALS, ledger.change(seals=((key, True),)))
            results = _raced(storages, changes)
            assert results[turn % RIVALS] is None, "a seal always goes in"
            grown = results.count(None) - 1
            assert read(storages[1], tallies=(key,)).tallies[key] == grown
            assert type(outcome_of(storages[1], ledger.change(tallies=(TallyChange(key, 1),)))) is TallyFull
            assert {type(each) for each in results if each is not None} <= {TallyFull}

    def test_one_rival_uses_a_key(self) -> None:
        """Of commands with one idempotency key one is committed; the others hear ClaimTaken, changing nothing.

        When this fails: make the key unique in the database, per tenant.
        """
        storages, ledger = self._opened()
        for turn in range(ROUNDS):
            changes = [ledger.change(contact(f"ct_{turn}_{n}"), key=f"k{turn}") for n in range(RIVALS)]
            results = _raced(storages, changes)
            won = [change for change, result in zip(changes, results, strict=True) if result is None]
            assert len(won) == 1, f"{len(won)} of {RIVALS} rivals used one key"
            told = {(type(each), getattr(each, "claim", None)) for each in results if each is not None}
            assert told == {(ClaimTaken, "key")}
            refs = tuple(write.ref for change in changes for write in change.writes)
            found = storages[1].read(ReadSet(refs=refs, key=f"k{turn}"))
            assert (found.receipt, set(found.states)) == (won[0].receipt, {won[0].writes[0].ref})

    def test_a_command_is_applied_once(self) -> None:
        """The very same set, applied by all of them, goes in once: who retries a doubt does no harm.

        When this fails: make the command unique in the database, per tenant.
        """
        storages, ledger = self._opened()
        ledger.commit(contact("ct_a"))
        for turn in range(ROUNDS):
            change = ledger.change(renamed("ct_a", f"n{turn}"), tallies=(TallyChange("t", 1),))
            results = _raced(storages, [change] * RIVALS)
            assert results.count(None) == 1, f"one set went in {results.count(None)} times"
            assert {type(each) for each in results if each is not None} <= {ClaimTaken, VersionConflict}
            ledger.take_in(change)
        snapshot = read(storages[1], "ct_a", tallies=("t",))
        assert (dict(snapshot.states), dict(snapshot.tallies)) == (ledger.states, {"t": ROUNDS})
        for turn in range(ROUNDS):
            alike = ledger.change(command=f"cm_same_{turn}", tallies=(TallyChange("u", 1),))
            others = [attrs.evolve(alike, tallies=(TallyChange("u", n + 1),)) for n in range(RIVALS)]
            results = _raced(storages, others)
            assert results.count(None) == 1, f"one command went in {results.count(None)} times"
            told = {(type(each), getattr(each, "claim", None)) for each in results if each is not None}
            assert told == {(ClaimTaken, "command")}

    def test_sets_that_cross_neither_hang_nor_mix(self) -> None:
        """Sets over the same things in opposite orders end, each whole or not at all.

        When this fails: two transactions lock rows in another order each and wait for one another. Lock in one
        order; and where the database breaks a deadlock or finds a serialization failure, begin the set again
        (it is only data) or raise Temporary.
        """
        storages, ledger = self._opened()
        ledger.commit(*named(*REFS), claims=tuple((f"k{n}", REFS[0]) for n in range(4)))
        dice = random.Random(5)
        counted = 0
        for _ in range(ROUNDS):
            changes = []
            for n in range(RIVALS):
                refs, tallies = REFS[:5], [f"t{m}" for m in range(5)]
                dice.shuffle(refs)
                dice.shuffle(tallies)
                changes.append(
                    ledger.change(
                        *(renamed(ref, f"by {n}") for ref in refs[:3]),
                        claims=tuple((f"k{m}", REFS[0]) for m in dice.sample(range(4), 4)),
                        tallies=tuple(TallyChange(tally, 1) for tally in tallies),
                    )
                )
            results = _raced(storages, changes)
            won = [change for change, result in zip(changes, results, strict=True) if result is None]
            assert {type(each) for each in results if each is not None} <= {VersionConflict}
            assert won, "no set went in, although one at least saw what is there"
            written = [write.ref for change in won for write in change.writes]
            assert len(written) == len(set(written)), "two sets went on from one version"
            for change in won:
                ledger.take_in(change)
            counted += len(won)
        snapshot = read(storages[1], *REFS, tallies=tuple(f"t{m}" for m in range(5)))
        assert dict(snapshot.states) == {ref: ledger.states[ref] for ref in REFS}
        assert dict(snapshot.tallies) == {f"t{m}": counted for m in range(5)}
        for ref in REFS:
            assert [e.id for e in storages[0].stream(ref, after=0, limit=200)] == [
                e.id for e in ledger.events if e.ref == ref
            ]
        receipts = [
            storages[0].read(ReadSet(command=CommandId(e.command))).committed for e in ledger.events[-3:]
        ]
        assert None not in receipts
