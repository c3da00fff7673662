"""Claims: a key has one owner at most, lasting or expiring."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.errors import ClaimTaken
from chatcore.ports import ReadSet, Storage
from chatcore.testing.suites.storage._asking import read
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import named, renamed
from chatcore.vocabulary import ContactId

__all__ = ["ClaimingTests"]

A, B = ContactId("ct_a"), ContactId("ct_b")


def _claimed(storage: Storage) -> Ledger:
    """Two contacts, each with a claim, and one that expires."""
    ledger = Ledger(storage)
    ledger.commit(*named(A, B), claims=(("a", A), ("b", B)), expiring=(("in-a", A), ("in-b", B)))
    return ledger


def _owners(storage: Storage, *keys: str) -> dict[str, str]:
    return dict(read(storage, owners=keys).owners)


class ClaimingTests(StorageTests):
    """`Storage.apply`: claims, releases, what expires."""

    @pytest.mark.parametrize("held", ["a", "in-a"])
    @pytest.mark.parametrize("as_what", ["claims", "expiring"])
    def test_a_key_has_one_owner(self, held: str, as_what: str) -> None:
        """A key that somebody owns, for good or for a while, is nobody else's, for good or for a while.

        When this fails: claims that last and claims that expire share one name space. Keep both in one table,
        with the key (of the tenant) as its primary key.
        """
        ledger = _claimed(self.storage())
        parts: dict[str, Any] = {as_what: (("free", B), (held, B))}
        with pytest.raises(ClaimTaken) as caught:
            ledger.storage.apply(ledger.change(**parts))
        assert caught.value.claim == held
        assert _owners(ledger.storage, "free", held) == {held: A}

    @pytest.mark.parametrize("held", ["a", "in-a"])
    @pytest.mark.parametrize("as_what", ["claims", "expiring"])
    def test_claiming_again_what_one_has_does_nothing(self, held: str, as_what: str) -> None:
        """Who owns a key may claim it again.

        When this fails: a key that is there already is refused without looking whose it is.
        """
        ledger = _claimed(self.storage())
        ledger.commit(renamed(A, "Ana"), **{as_what: ((held, A),)})
        assert _owners(ledger.storage, "a", "b", "in-a", "in-b") == {"a": A, "b": B, "in-a": A, "in-b": B}

    @pytest.mark.parametrize(
        "parts",
        [
            {"claims": (("k", A), ("k", B))},
            {"expiring": (("k", A), ("k", B))},
            {"claims": (("k", A),), "expiring": (("k", B),)},
        ],
        ids=["lasting", "expiring", "one of each"],
    )
    def test_one_set_does_not_claim_a_key_for_two(self, parts: dict[str, Any]) -> None:
        """Two owners for one key within a set are refused, and neither gets it.

        When this fails: the claims of a set are compared with what is stored, and not with one another; or the
        database refuses to write one row twice in a statement, and its own error comes out.
        """
        ledger = _claimed(self.storage())
        with pytest.raises(ClaimTaken) as caught:
            ledger.storage.apply(ledger.change(**parts))
        assert caught.value.claim == "k"
        assert _owners(ledger.storage, "k") == {}

    def test_a_claim_that_was_released_is_free(self) -> None:
        """What its owner released anybody may claim; until then it shows no owner.

        When this fails: releases are not carried out.
        """
        ledger = _claimed(self.storage())
        ledger.commit(releases=(("a", A),))
        assert _owners(ledger.storage, "a", "b") == {"b": B}
        ledger.commit(claims=(("a", B),))
        assert _owners(ledger.storage, "a") == {"a": B}

    def test_a_claim_released_in_the_set_is_free_for_it(self) -> None:
        """What one owner releases another may claim in the same set: an address that moves between contacts.

        When this fails: carry out the releases of a set before its claims.
        """
        ledger = _claimed(self.storage())
        ledger.commit(releases=(("a", A),), claims=(("a", B),))
        assert _owners(ledger.storage, "a") == {"a": B}
        ledger.commit(releases=(("b", B),), expiring=(("b", A),))
        assert _owners(ledger.storage, "b") == {"b": A}

    def test_two_claims_change_places_in_one_set(self) -> None:
        """Each of two owners releases a key and claims the other's.

        When this fails: carry out all releases of a set before any of its claims.
        """
        ledger = _claimed(self.storage())
        ledger.commit(releases=(("a", A), ("b", B)), claims=(("a", B), ("b", A)))
        assert _owners(ledger.storage, "a", "b") == {"a": B, "b": A}

    def test_nobody_releases_anothers_claim(self) -> None:
        """A release by another than the owner is refused, and the claim stays where it is.

        When this fails: delete a claim where key and owner are those of the release; where that deletes
        nothing, look whether somebody has it.
        """
        ledger = _claimed(self.storage())
        tries: tuple[dict[str, Any], ...] = ({}, {"claims": (("a", B),)}, {"expiring": (("a", B),)})
        for parts in tries:
            with pytest.raises(ClaimTaken) as caught:
                ledger.storage.apply(ledger.change(releases=(("a", B),), **parts))
            assert caught.value.claim == "a"
            assert _owners(ledger.storage, "a") == {"a": A}

    def test_releasing_what_nobody_has_does_nothing(self) -> None:
        """A release of a free key passes.

        When this fails: a release that deletes nothing is refused without looking whether anybody has the key.
        """
        ledger = _claimed(self.storage())
        ledger.commit(releases=(("free", A), ("a", A)))
        ledger.commit(releases=(("a", A),), claims=(("free", B),))
        assert _owners(ledger.storage, "a", "free") == {"free": B}

    def test_owners_are_read_with_their_states(self) -> None:
        """Who owns a key is read as it stands now, whether the claim lasts or expires; a free one is left out.

        When this fails: `ReadSet.owners` asks for the states of the owners too, in the same moment.
        """
        ledger = _claimed(self.storage())
        ledger.commit(renamed(A, "Ana"))
        snapshot = ledger.storage.read(ReadSet(owners=("a", "in-a", "in-b", "nobody")))
        assert dict(snapshot.owners) == {"a": A, "in-a": A, "in-b": B}
        assert dict(snapshot.states) == ledger.states

    def test_a_claim_says_no_more_than_its_kind(self) -> None:
        """The error of a claim shows what its key begins with; the rest may be personal.

        When this fails: raise `ClaimTaken(key)` with the whole key, which keeps the part before the colon.
        """
        ledger = _claimed(self.storage())
        ledger.commit(claims=(("address:5511987654321", A),))
        with pytest.raises(ClaimTaken) as caught:
            ledger.storage.apply(ledger.change(claims=(("address:5511987654321", B),)))
        assert caught.value.claim == "address"
        assert "5511987654321" not in str(caught.value)
