"""Broken storages: what is forgotten, and what stays."""

from __future__ import annotations

from datetime import datetime

from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class ForgetsTheMoment(PlainStorage):
    """What was recorded at the very moment is forgotten, too."""

    def old(self, at: datetime, before: datetime) -> bool:
        return at <= before


class ForgetsByTheDay(PlainStorage):
    """What is forgotten is compared by the day."""

    def old(self, at: datetime, before: datetime) -> bool:
        return at.date() < before.date()


class ForgetsLastingClaims(PlainStorage):
    """Claims that a state holds are forgotten with those that expire."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            old = {r.command for r in self.tables.receipts.values() if self.old(r.recorded_at, before)}
            if old:
                self.tables.claims.clear()
        return super().forget(before=before)


class ForgetsEverything(PlainStorage):
    """What expires is forgotten, however young it is."""

    def old(self, at: datetime, before: datetime) -> bool:
        return True


class ForgetsNothing(PlainStorage):
    """What expires is kept for ever."""

    def old(self, at: datetime, before: datetime) -> bool:
        return False


class ForgetsClaimsOnly(PlainStorage):
    """Receipts are kept for ever."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            kept, keys = dict(self.tables.receipts), dict(self.tables.keys)
            super().forget(before=before)
            forgotten = len(kept) - len(self.tables.receipts)
            self.tables.receipts.update(kept)
            self.tables.keys.update(keys)
        return max(forgotten, 0)


class ForgetsReceiptsOnly(PlainStorage):
    """Expiring claims are kept for ever."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            kept = dict(self.tables.expiring)
            count = super().forget(before=before)
            self.tables.expiring.update(kept)
        return count


class KeysStayTaken(PlainStorage):
    """A receipt is forgotten, and its idempotency key stays taken."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            kept = dict(self.tables.keys)
            count = super().forget(before=before)
            self.tables.keys.update(kept)
        return count


class ForgottenUncounted(PlainStorage):
    """How many were forgotten counts receipts only."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            held = len(self.tables.receipts)
            super().forget(before=before)
            return held - len(self.tables.receipts)


class ForgetsEvents(PlainStorage):
    """Events go with the receipts of their commands."""

    def forget(self, *, before: datetime) -> int:
        with self.step():
            count = super().forget(before=before)
            if count:
                self.tables.streams.clear()
        return count


BROKEN = storages(vars())
