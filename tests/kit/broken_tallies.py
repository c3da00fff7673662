"""Broken storages: counts, their bounds and their seals."""

from __future__ import annotations

from typing import Any

from chatcore.errors import TallyFull
from chatcore.ports import ChangeSet
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class TallyNotBounded(PlainStorage):
    """A count grows past its bound."""

    def check_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            if tally.delta > 0 and tally.key in self.tables.sealed:
                raise TallyFull(tally.key)


class FirstCountNotBounded(PlainStorage):
    """The bound is compared when a count is updated, and not when its row is made."""

    def check_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key)
            full = count is not None and tally.at_most is not None and count + tally.delta > tally.at_most
            if tally.delta > 0 and (full or tally.key in self.tables.sealed):
                raise TallyFull(tally.key)


class BoundReachedIsFull(PlainStorage):
    """The bound itself counts as too many."""

    def check_tallies(self, change: ChangeSet) -> None:
        super().check_tallies(change)
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key, 0) + tally.delta
            if tally.delta > 0 and tally.at_most is not None and count >= tally.at_most:
                raise TallyFull(tally.key)


class BoundBeforeDelta(PlainStorage):
    """The bound is compared with the count before it moves, so that a large step passes it."""

    def check_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key, 0)
            full = tally.at_most is not None and count >= tally.at_most
            if tally.delta > 0 and (full or tally.key in self.tables.sealed):
                raise TallyFull(tally.key)


class BoundAlsoForShrinking(PlainStorage):
    """A count above its bound cannot shrink."""

    def check_tallies(self, change: ChangeSet) -> None:
        super().check_tallies(change)
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key, 0) + tally.delta
            if tally.at_most is not None and count > tally.at_most:
                raise TallyFull(tally.key)


class TallySetNotMoved(PlainStorage):
    """A count is set to its delta and not moved by it."""

    def write_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            self.tables.tallies[tally.key] = tally.delta


class SealIgnored(PlainStorage):
    """A sealed tally grows on."""

    def write_seals(self, change: ChangeSet) -> None:
        pass


class SealBlocksShrinking(PlainStorage):
    """A sealed tally cannot shrink either."""

    def check_tallies(self, change: ChangeSet) -> None:
        super().check_tallies(change)
        for tally in change.tallies:
            if tally.key in self.tables.sealed:
                raise TallyFull(tally.key)


class SealNeedsBound(PlainStorage):
    """A seal is looked at only where a bound is given."""

    def check_tallies(self, change: ChangeSet) -> None:
        for tally in change.tallies:
            count = self.tables.tallies.get(tally.key, 0) + tally.delta
            if tally.delta <= 0 or tally.at_most is None:
                continue
            if count > tally.at_most or tally.key in self.tables.sealed:
                raise TallyFull(tally.key)


class SealOfNothingLost(PlainStorage):
    """Sealing a tally that never counted does nothing: the update found no row."""

    def write_seals(self, change: ChangeSet) -> None:
        known = tuple(seal for seal in change.seals if seal[0] in self.tables.tallies)
        super().write_seals(ChangeSet(change.receipt, seals=known))


class SealForGood(PlainStorage):
    """A tally once sealed is never opened again."""

    def write_seals(self, change: ChangeSet) -> None:
        super().write_seals(ChangeSet(change.receipt, seals=tuple(s for s in change.seals if s[1])))


class SealBeforeCount(PlainStorage):
    """A seal holds for the counts of its own set already."""

    def check_tallies(self, change: ChangeSet) -> None:
        super().check_tallies(change)
        for tally in change.tallies:
            if tally.delta > 0 and (tally.key, True) in change.seals:
                raise TallyFull(tally.key)


class UncountedLeftOut(PlainStorage):
    """A count that was never made is left out of what is read, and not 0."""

    def counts(self, keys: Any) -> dict[str, int]:
        return {key: self.tables.tallies[key] for key in keys if key in self.tables.tallies}


BROKEN = storages(vars())
