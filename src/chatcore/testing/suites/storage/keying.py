"""Names: receipts are found by command and by key, and every name is compared as it is written."""

from __future__ import annotations

import pytest

from chatcore.errors import ClaimTaken
from chatcore.limits import KEY_LENGTH
from chatcore.ports import ReadSet, TallyChange
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import contact
from chatcore.vocabulary import CommandId, ContactId

__all__ = ["KeyingTests"]


class KeyingTests(StorageTests):
    """`Storage.apply` and `Storage.read`: receipts, and the names of everything."""

    def test_a_set_that_only_has_a_receipt_is_kept(self) -> None:
        """A command with nothing to change leaves its receipt, by key and by command.

        When this fails: write the receipt of a set without writes as well.
        """
        ledger = Ledger(self.storage())
        change = ledger.commit(key="nothing")
        snapshot = ledger.storage.read(ReadSet(key="nothing", command=change.receipt.command))
        assert snapshot.receipt == snapshot.committed == change.receipt
        with pytest.raises(ClaimTaken) as caught:
            ledger.storage.apply(ledger.change(key="nothing"))
        assert caught.value.claim == "key"
        with pytest.raises(ClaimTaken) as caught:
            ledger.storage.apply(ledger.change(command=change.receipt.command))
        assert caught.value.claim == "command"

    def test_commands_without_a_key_do_not_meet(self) -> None:
        """Any number of receipts has no key; none of them is found by another's.

        When this fails: a missing key is stored as a value that must be unique. Store it as NULL.
        """
        ledger = Ledger(self.storage())
        changes = [ledger.commit() for _ in range(3)] + [ledger.commit(key="None"), ledger.commit(key="-")]
        for change in changes:
            found = ledger.storage.read(ReadSet(command=change.receipt.command))
            assert (found.committed, found.receipt) == (change.receipt, None)
        assert ledger.storage.read(ReadSet(key="None")).receipt == changes[3].receipt

    def test_names_are_compared_exactly(self) -> None:
        """Keys, claims, tallies, commands and refs that differ in case, accents, width or blanks are others.

        When this fails: compare text by its code points (a binary collation), never by a language's rules, and
        neither trim nor pad it.
        """
        alike = (
            "a",
            "A",
            "\u00e1",
            "a\u0301",
            "\uff41",
            " a",
            "a ",
            "a%",
            "a_",
            "a'",
            'a"',
            "a\\",
            "ß",
            "ss",
            "😀",
        )
        long = ("x" * KEY_LENGTH, "x" * (KEY_LENGTH - 1) + "y", "é" * KEY_LENGTH, "😀" * KEY_LENGTH)
        names = (*alike, *long)
        ledger = Ledger(self.storage())
        storage = ledger.storage
        for n, name in enumerate(names):
            ref = ContactId(f"ct_{name[-64:]}")
            ledger.commit(
                contact(ref),
                command=f"cm_{name}",
                key=name,
                claims=((f"c:{name}:{name}", ref),),
                expiring=((f"e:{name}", ref),),
                tallies=(TallyChange(f"t:{name}", n + 1),),
            )
        for n, name in enumerate(names):
            ref = ContactId(f"ct_{name[-64:]}")
            found = storage.read(
                ReadSet(
                    refs=(ref,),
                    owners=(f"c:{name}:{name}", f"e:{name}"),
                    tallies=(f"t:{name}",),
                    key=name,
                    command=CommandId(f"cm_{name}"),
                )
            )
            assert dict(found.states) == {ref: ledger.states[ref]}
            assert dict(found.owners) == {f"c:{name}:{name}": ref, f"e:{name}": ref}
            assert dict(found.tallies) == {f"t:{name}": n + 1}
            assert found.receipt is not None
            assert (found.receipt.key, found.receipt.command) == (name, f"cm_{name}")
            assert found.committed == found.receipt
            with pytest.raises(ClaimTaken):
                storage.apply(ledger.change(key=name))
            with pytest.raises(ClaimTaken):
                storage.apply(ledger.change(claims=((f"c:{name}:{name}", ContactId("ct_nobody_s")),)))
