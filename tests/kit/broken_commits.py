"""Broken storages: what `apply` has to keep, all or nothing, and how it says that it did not."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from chatcore.entities import Effect
from chatcore.errors import ClaimTaken, TallyFull, Temporary, VersionConflict
from chatcore.ports import ChangeSet, Receipt
from chatcore.vocabulary import WORKSPACE
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class VersionNotCompared(PlainStorage):
    """A write goes through whatever version its entity is at."""

    def check_versions(self, change: ChangeSet) -> None:
        pass


class NewIsUpserted(PlainStorage):
    """A new entity is written by an upsert, so that one of the same id is overwritten."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if write.expected and self.version(write.ref) != write.expected:
                raise VersionConflict(write.ref, write.expected)


class MissingIsInserted(PlainStorage):
    """A step of an entity that is not there is taken as its first."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if self.version(write.ref) not in (write.expected, 0):
                raise VersionConflict(write.ref, write.expected)


class VersionMayBeAhead(PlainStorage):
    """The version is compared with `>=`, so that an old decision goes through."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if self.version(write.ref) < write.expected or (not write.expected and self.version(write.ref)):
                raise VersionConflict(write.ref, write.expected)


class OnlyFirstWriteCompared(PlainStorage):
    """The rows that a batch of updates touched are not counted: only the first write's version is compared."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes[:1]:
            if self.version(write.ref) != write.expected:
                raise VersionConflict(write.ref, write.expected)


class ReadsNotCompared(PlainStorage):
    """What a decision only rests on is not compared."""

    def check_reads(self, change: ChangeSet) -> None:
        pass


class AbsentReadsPass(PlainStorage):
    """A read of what is not there is compared with nothing, as the join has no row for it."""

    def check_reads(self, change: ChangeSet) -> None:
        for ref, expected in change.reads:
            if self.version(ref) not in (0, expected):
                raise VersionConflict(ref, expected)


class ReadsOfNothingRefused(PlainStorage):
    """A read that expects nothing to be there is refused, since no row has version 0."""

    def check_reads(self, change: ChangeSet) -> None:
        for ref, expected in change.reads:
            if not self.version(ref) or self.version(ref) != expected:
                raise VersionConflict(ref, expected)


class ConflictTellsFoundVersion(PlainStorage):
    """The conflict tells the version found and not the one expected."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if self.version(write.ref) != write.expected:
                raise VersionConflict(write.ref, self.version(write.ref))


class OvertakenClaimSettles(PlainStorage):
    """Effects are written without their version, so that a claim that was overtaken still settles."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if self.version(write.ref) != write.expected and not isinstance(write.state, Effect):
                raise VersionConflict(write.ref, write.expected)


class StatesBeforeClaims(PlainStorage):
    """States are committed before the claims are looked at."""

    CHECKS = ("command", "key", "versions", "reads")
    WRITES = ("states", "claimed", "tallies", "seals", "receipt")

    def write_claimed(self, change: ChangeSet) -> None:
        self.check_claims(change)
        self.check_releases(change)
        self.check_tallies(change)
        self.write_claims(change)


class CountsBeforeVersions(PlainStorage):
    """Counts move in a transaction of their own, and stay when the rest is refused."""

    CHECKS = ("command", "key", "tallies", "counted", "versions", "reads", "claims", "releases")
    WRITES = ("claims", "seals", "states", "receipt")

    def check_counted(self, change: ChangeSet) -> None:
        self.write_tallies(change)


class ReceiptBeforeAll(PlainStorage):
    """The receipt is committed first, so that a command that was refused counts as done."""

    CHECKS = ("command", "key", "received", "versions", "reads", "claims", "releases", "tallies")
    WRITES = ("claims", "tallies", "seals", "states")

    def check_received(self, change: ChangeSet) -> None:
        self.write_receipt(change)


class ReleasesStay(PlainStorage):
    """Claims are released although the set is refused."""

    CHECKS = ("command", "key", "versions", "releases", "released", "reads", "claims", "tallies")

    def check_released(self, change: ChangeSet) -> None:
        for key, _ in change.releases:
            self.tables.claims.pop(key, None)


class SealsStay(PlainStorage):
    """Tallies are sealed although the set is refused."""

    CHECKS = ("command", "key", "tallies", "sealed", "versions", "reads", "claims", "releases")
    WRITES = ("claims", "tallies", "states", "receipt")

    def check_sealed(self, change: ChangeSet) -> None:
        self.write_seals(change)


class EventsOfRefusedSets(PlainStorage):
    """Events go to their table although the set is refused."""

    CHECKS = ("command", "key", "versions", "told", "reads", "claims", "releases", "tallies")

    def check_told(self, change: ChangeSet) -> None:
        for write in change.writes:
            if len(self.tables.streams[write.ref]) < write.events[-1].version:
                self.tables.streams[write.ref] += write.events
                self.tables.log += write.events

    def write_states(self, change: ChangeSet) -> None:
        for write in change.writes:
            self.tables.states[write.ref] = write.state


class LastWriteLost(PlainStorage):
    """Of many writes in one set the last is lost: the batch is cut one row short."""

    def write_states(self, change: ChangeSet) -> None:
        kept = change.writes[:-1] if len(change.writes) > 1 else change.writes
        super().write_states(ChangeSet(change.receipt, writes=kept))


class LargeSetsSplit(PlainStorage):
    """A set of more than a hundred writes is committed in two halves."""

    def apply(self, change: ChangeSet, /) -> None:
        if len(change.writes) <= 100:
            super().apply(change)
            return
        with self.step():
            self.check_versions(ChangeSet(change.receipt, writes=change.writes[:100]))
            self.write_states(ChangeSet(change.receipt, writes=change.writes[:100]))
            super().apply(
                ChangeSet(
                    change.receipt,
                    change.writes[100:],
                    change.reads,
                    change.claims,
                    change.releases,
                    change.expiring,
                    change.tallies,
                    change.seals,
                )
            )


class LostReceipt(PlainStorage):
    """A command without an idempotency key leaves no receipt."""

    def write_receipt(self, change: ChangeSet) -> None:
        if change.receipt.key is not None:
            super().write_receipt(change)


class ReceiptWithoutKey(PlainStorage):
    """The idempotency key is not kept, so that a second click is a second command."""

    def write_receipt(self, change: ChangeSet) -> None:
        self.tables.receipts[change.receipt.command] = change.receipt


class ReceiptWithoutFingerprint(PlainStorage):
    """What a command was asked as is not kept with its receipt."""

    def kept(self, value: Any) -> Any:
        if not isinstance(value, Receipt):
            return value
        return Receipt(value.command, value.recorded_at, value.outcome, value.key)


class CommandNotUnique(PlainStorage):
    """One command can be applied twice."""

    def check_command(self, change: ChangeSet) -> None:
        pass


class KeyNotUnique(PlainStorage):
    """A second receipt of one idempotency key takes the place of the first."""

    def check_key(self, change: ChangeSet) -> None:
        pass


class IdempotencyKeysCut(PlainStorage):
    """The column of idempotency keys holds 128 characters, and longer keys are cut."""

    def check_key(self, change: ChangeSet) -> None:
        key = change.receipt.key
        if key is not None and any(other[:128] == key[:128] for other in self.tables.keys):
            raise ClaimTaken(f"key:{key}")


class ReceiptConflictUnprefixed(PlainStorage):
    """The conflict of an idempotency key names the bare key, as if it were a claim."""

    def check_key(self, change: ChangeSet) -> None:
        if change.receipt.key is not None and change.receipt.key in self.tables.keys:
            raise ClaimTaken(change.receipt.key)


class ReceiptFromOldCommand(PlainStorage):
    """A read by a command finds the receipt of its key only, and none of a command without one."""

    def receipt_of(self, command: str) -> Receipt | None:
        return next((each for each in self.tables.keys.values() if each.command == command), None)


class DriverErrorLeaks(PlainStorage):
    """The driver's own error comes out where a new entity is there already."""

    def check_versions(self, change: ChangeSet) -> None:
        for write in change.writes:
            if not write.expected and self.version(write.ref):
                raise sqlite3.IntegrityError("UNIQUE constraint failed: states.ref")
        super().check_versions(change)


class DriverErrorOfClaims(PlainStorage):
    """The driver's own error comes out where a claim has another owner."""

    def check_claims(self, change: ChangeSet) -> None:
        try:
            super().check_claims(change)
        except ClaimTaken:
            raise sqlite3.IntegrityError("UNIQUE constraint failed: claims.key") from None


class DriverErrorOfReceipts(PlainStorage):
    """The driver's own error comes out where an idempotency key has a receipt."""

    def check_key(self, change: ChangeSet) -> None:
        try:
            super().check_key(change)
        except ClaimTaken:
            raise sqlite3.IntegrityError("UNIQUE constraint failed: receipts.key") from None


class DriverErrorOfTallies(PlainStorage):
    """The driver's own error comes out where a check constraint keeps a count in its bound."""

    def check_tallies(self, change: ChangeSet) -> None:
        try:
            super().check_tallies(change)
        except TallyFull:
            raise sqlite3.IntegrityError("CHECK constraint failed: tallies") from None


class ConflictAsTemporary(PlainStorage):
    """A conflict is raised as a fault that passes, and whoever asked tries the same again for ever."""

    def check_versions(self, change: ChangeSet) -> None:
        try:
            super().check_versions(change)
        except VersionConflict:
            raise Temporary from None


class FullAsConflict(PlainStorage):
    """A full tally is raised as a conflict of versions."""

    def check_tallies(self, change: ChangeSet) -> None:
        try:
            super().check_tallies(change)
        except TallyFull:
            raise VersionConflict(WORKSPACE, 0) from None


class RefusedInSilence(PlainStorage):
    """A set that is refused changes nothing, and nobody is told."""

    def apply(self, change: ChangeSet, /) -> None:
        with contextlib.suppress(VersionConflict, ClaimTaken, TallyFull):
            super().apply(change)


BROKEN = storages(vars())
