"""Forgetting: receipts and expiring claims go when they are old, and nothing else ever does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatcore.errors import ClaimTaken, TallyFull
from chatcore.ports import ReadSet, TallyChange
from chatcore.testing.suites.storage._asking import followed, read, seen
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.testing.suites.storage._steps import configured, contact, conversation, effect, named
from chatcore.vocabulary import CommandId, ContactId

__all__ = ["ForgettingTests"]

A, B = ContactId("ct_a"), ContactId("ct_b")


class ForgettingTests(StorageTests):
    """`Storage.forget`. Rule: M1."""

    def test_only_what_is_older_is_forgotten(self) -> None:
        """What was recorded before the moment goes, what was recorded at it stays, to the microsecond.

        When this fails: compare with `<`, in full microseconds; answer how many receipts and expiring claims
        went.
        """
        ledger = Ledger(self.storage())
        ledger.commit(*named(A, B), key="first", expiring=(("in-a", A), ("in-b", B)))
        ledger.now = NOON + timedelta(microseconds=1)
        ledger.commit(key="second", expiring=(("in-c", A),))
        storage = ledger.storage
        wanted = ReadSet(owners=("in-a", "in-b", "in-c"), key="first")
        before = storage.read(wanted)
        assert storage.forget(before=NOON) == 0
        assert storage.read(wanted) == before
        assert storage.forget(before=ledger.now) == 3
        after = storage.read(wanted)
        assert (dict(after.owners), after.receipt) == ({"in-c": A}, None)
        assert storage.read(ReadSet(key="second")).receipt is not None
        assert storage.forget(before=ledger.now) == 0
        assert storage.forget(before=ledger.now + timedelta(microseconds=1)) == 2
        assert storage.read(ReadSet(owners=("in-c",), key="second")).receipt is None
        assert storage.forget(before=NOON + timedelta(days=9)) == 0

    def test_nothing_else_is_forgotten(self) -> None:
        """Entities, events, lasting claims, counts, seals and cursors stay, however old they are.

        When this fails: `forget` deletes more than receipts and claims that were added as expiring.
        """
        ledger = Ledger(self.storage())
        head = ledger.storage.head()
        ledger.commit(
            configured(idle="beto"),
            contact(A, reached=("key-1",)),
            conversation("cv_1"),
            effect("ef_1", lane="l"),
            key="k",
            claims=(("mine", A),),
            expiring=(("in", A),),
            tallies=(TallyChange("t", 2),),
            seals=(("t", True),),
        )
        ledger.commit(*ledger.heard("cv_1", "boleto"))
        names = {
            "refs": tuple(ledger.states),
            "owners": ("mine", "address:key-1", "protocol:p-cv_1", "live:ct_a:wa"),
            "tallies": ("t",),
            "lanes": ("l",),
        }
        before = seen(ledger.storage, **names)
        assert ledger.storage.forget(before=NOON + timedelta(days=3650)) == 3
        assert seen(ledger.storage, **names) == before
        assert dict(read(ledger.storage, owners=("in",)).owners) == {}
        followed(ledger.storage, [envelope.id for envelope in ledger.events], after=head)
        with pytest.raises(TallyFull):
            ledger.storage.apply(ledger.change(tallies=(TallyChange("t", 1),)))
        with pytest.raises(ClaimTaken):
            ledger.storage.apply(ledger.change(contact(B), claims=(("mine", B),)))

    def test_what_was_forgotten_is_free_again(self) -> None:
        """A command, a key and an expiring claim may be used anew, by others as well.

        When this fails: something of a forgotten receipt or claim stays behind, in an index of its own.
        """
        ledger = Ledger(self.storage())
        ledger.commit(*named(A, B), command="cm_first", key="first", expiring=(("in", A),))
        assert ledger.storage.forget(before=NOON + timedelta(seconds=1)) == 2
        ledger.now += timedelta(hours=1)
        change = ledger.commit(command="cm_first", key="first", expiring=(("in", B),))
        found = ledger.storage.read(ReadSet(owners=("in",), key="first", command=CommandId("cm_first")))
        assert (dict(found.owners), found.receipt, found.committed) == (
            {"in": B},
            change.receipt,
            change.receipt,
        )
        assert ledger.storage.forget(before=NOON + timedelta(seconds=1)) == 0
        with pytest.raises(ClaimTaken):
            ledger.storage.apply(ledger.change(key="first"))

    def test_a_lasting_claim_is_kept_although_it_was_claimed_for_a_while_too(self) -> None:
        """Claiming for a while what one has for good does nothing: it is not forgotten.

        When this fails: an expiring claim overwrites the lasting one of the same owner.
        """
        ledger = Ledger(self.storage())
        ledger.commit(*named(A, B), claims=(("mine", A),))
        ledger.commit(expiring=(("mine", A),))
        ledger.storage.forget(before=NOON + timedelta(days=9))
        assert dict(read(ledger.storage, owners=("mine",)).owners) == {"mine": A}
        with pytest.raises(ClaimTaken):
            ledger.storage.apply(ledger.change(claims=(("mine", B),)))

    def test_receipts_go_by_their_own_clock(self) -> None:
        """What was recorded earlier goes first, whenever it was committed: clocks go back.

        When this fails: age is judged by the order of commits or by the database's clock, instead of by
        `Receipt.recorded_at`.
        """
        ledger = Ledger(self.storage())
        ledger.commit(*named(A), key="noon", expiring=(("in-noon", A),))
        ledger.now = NOON - timedelta(days=2)
        ledger.commit(key="old", expiring=(("in-old", A),))
        assert ledger.storage.forget(before=NOON - timedelta(days=1)) == 2
        assert dict(read(ledger.storage, owners=("in-noon", "in-old")).owners) == {"in-noon": A}
        assert ledger.storage.read(ReadSet(key="noon")).receipt is not None
        assert ledger.storage.read(ReadSet(key="old")).receipt is None
