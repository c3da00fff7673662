"""Broken storages: claims, which have one owner at most."""

from __future__ import annotations

from typing import Any

from chatcore.errors import ClaimTaken
from chatcore.ports import ChangeSet
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class ClaimNotExclusive(PlainStorage):
    """The last to claim a key has it."""

    def check_claims(self, change: ChangeSet) -> None:
        pass


class OwnClaimRefused(PlainStorage):
    """A claim that its owner has already is refused, as a plain insert would."""

    def check_claims(self, change: ChangeSet) -> None:
        super().check_claims(change)
        for key, owner in (*change.claims, *change.expiring):
            if self.owner(key) is not None and (key, owner) not in change.releases:
                raise ClaimTaken(key)


class ReleasedByAnother(PlainStorage):
    """A claim is released by whoever asks: the owner is not compared."""

    def check_releases(self, change: ChangeSet) -> None:
        pass


class ReleaseOfOthersIgnored(PlainStorage):
    """Releasing another's claim does nothing, and the set goes through."""

    def check_releases(self, change: ChangeSet) -> None:
        pass

    def write_claims(self, change: ChangeSet) -> None:
        held = tuple((key, owner) for key, owner in change.releases if self.tables.claims.get(key) == owner)
        super().write_claims(
            ChangeSet(change.receipt, claims=change.claims, releases=held, expiring=change.expiring)
        )


class ReleaseOfNothingRefused(PlainStorage):
    """Releasing a claim that nobody has is refused: no row was deleted."""

    def check_releases(self, change: ChangeSet) -> None:
        for key, owner in change.releases:
            if self.tables.claims.get(key) != owner:
                raise ClaimTaken(key)


class ReleaseForgotten(PlainStorage):
    """A claim that is released is kept all the same."""

    def write_claims(self, change: ChangeSet) -> None:
        super().write_claims(ChangeSet(change.receipt, claims=change.claims, expiring=change.expiring))


class ClaimBeforeRelease(PlainStorage):
    """Claims are added before others are released, so that a key cannot change hands in one set."""

    def check_claims(self, change: ChangeSet) -> None:
        super().check_claims(ChangeSet(change.receipt, claims=change.claims, expiring=change.expiring))


class ReleaseAfterClaim(PlainStorage):
    """What is released is deleted by its key at the end, and with it the claim that the set has added."""

    def write_claims(self, change: ChangeSet) -> None:
        super().write_claims(change)
        for key, _ in change.releases:
            self.tables.claims.pop(key, None)


class TwoOwnersInOneSet(PlainStorage):
    """Two owners may claim one key in the same set: the second one gets it."""

    def check_claims(self, change: ChangeSet) -> None:
        for key, owner in (*change.claims, *change.expiring):
            held = self.owner(key)
            if held not in (None, owner) and (key, held) not in change.releases:
                raise ClaimTaken(key)


class ExpiringKeptApart(PlainStorage):
    """Expiring claims have a table of their own, and do not exclude lasting ones."""

    def check_claims(self, change: ChangeSet) -> None:
        for key, owner in change.claims:
            held = self.tables.claims.get(key)
            if held not in (None, owner) and (key, held) not in change.releases:
                raise ClaimTaken(key)
        for key, owner in change.expiring:
            if self.tables.expiring.get(key, (owner,))[0] != owner:
                raise ClaimTaken(key)


class ExpiringNotExclusive(PlainStorage):
    """An expiring claim takes the place of another's."""

    def check_claims(self, change: ChangeSet) -> None:
        super().check_claims(ChangeSet(change.receipt, claims=change.claims, releases=change.releases))


class ExpiringOwnersUnread(PlainStorage):
    """Who has an expiring claim is not found when owners are read."""

    def read(self, wanted: Any, /) -> Any:
        self.owner = lambda key: self.tables.claims.get(key)  # type: ignore[method-assign]
        try:
            return super().read(wanted)
        finally:
            del self.owner


class ClaimKeysCaseInsensitive(PlainStorage):
    """The column of claims compares without case, as some databases do unless told otherwise."""

    def check_claims(self, change: ChangeSet) -> None:
        super().check_claims(change)
        for key, owner in (*change.claims, *change.expiring):
            for other in (*self.tables.claims, *self.tables.expiring):
                if other.lower() == key.lower() and other != key and self.owner(other) != owner:
                    raise ClaimTaken(key)


class ClaimKeysCut(PlainStorage):
    """The column of claims holds 255 characters, and longer keys are cut."""

    def check_claims(self, change: ChangeSet) -> None:
        super().check_claims(change)
        for key, owner in (*change.claims, *change.expiring):
            for other in (*self.tables.claims, *self.tables.expiring):
                if other[:255] == key[:255] and other != key and self.owner(other) != owner:
                    raise ClaimTaken(key)


BROKEN = storages(vars())
