"""What `apply` must say of a set, as a plain reading of the port: which of its checks fail, on what there is.

A set is committed when none fails, and refused with one of those that do otherwise. Sets that were applied at
one moment must have come one after another: `order_of` looks for the order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import attrs

from chatcore.errors import ClaimTaken, Conflict, TallyFull, VersionConflict
from chatcore.memory import Contents
from chatcore.ports import ChangeSet
from chatcore.vocabulary import Ref

__all__ = ["Facts", "alike", "order_of"]


def alike(one: Conflict, other: Conflict) -> bool:
    """Whether two refusals say the same."""
    return type(one) is type(other) and vars(one) == vars(other)


@attrs.frozen
class Facts:
    """What the checks of a set look at."""

    versions: dict[Ref, int]
    claims: dict[str, Ref]
    expiring: dict[str, Ref]
    tallies: dict[str, int]
    sealed: frozenset[str]
    commands: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, contents: Contents) -> Facts:
        """The facts of everything that a storage keeps."""
        receipts = contents.receipts.values()
        return cls(
            {ref: state.version for ref, state in contents.states.items()},
            dict(contents.claims),
            dict(contents.expiring),
            dict(contents.tallies),
            contents.sealed,
            frozenset(receipt.command for receipt in receipts),
            frozenset(receipt.key for receipt in receipts if receipt.key is not None),
        )

    def faults(self, change: ChangeSet) -> list[Conflict]:
        """Every check of a set that fails, as what it is refused with."""
        return [
            *self._of_receipt(change),
            *self._of_versions(change),
            *self._of_claims(change),
            *self._of_tallies(change),
        ]

    def _of_receipt(self, change: ChangeSet) -> Iterable[Conflict]:
        receipt = change.receipt
        if receipt.command in self.commands:
            yield ClaimTaken(f"command:{receipt.command}")
        if receipt.key is not None and receipt.key in self.keys:
            yield ClaimTaken(f"key:{receipt.key}")

    def _of_versions(self, change: ChangeSet) -> Iterable[Conflict]:
        asked = [*((write.ref, write.expected) for write in change.writes), *change.reads]
        for ref, expected in asked:
            if self.versions.get(ref, 0) != expected:
                yield VersionConflict(ref, expected)

    def _of_claims(self, change: ChangeSet) -> Iterable[Conflict]:
        released = set(change.releases)
        wanted: dict[str, Ref] = {}
        for key, owner in (*change.claims, *change.expiring):
            holders = {held[key] for held in (self.claims, self.expiring) if key in held}
            taken = any(holder != owner and (key, holder) not in released for holder in holders)
            if taken or wanted.setdefault(key, owner) != owner:
                yield ClaimTaken(key)
        for key, owner in change.releases:
            if self.claims.get(key, owner) != owner:
                yield ClaimTaken(key)

    def _of_tallies(self, change: ChangeSet) -> Iterable[Conflict]:
        for tally in change.tallies:
            count = self.tallies.get(tally.key, 0) + tally.delta
            beyond = tally.at_most is not None and count > tally.at_most
            if tally.delta > 0 and (beyond or tally.key in self.sealed):
                yield TallyFull(tally.key)

    def after(self, change: ChangeSet) -> Facts:
        """The facts once a set is committed that nothing speaks against."""
        claims = {key: owner for key, owner in self.claims.items() if (key, owner) not in change.releases}
        tallies = dict(self.tallies)
        for tally in change.tallies:
            tallies[tally.key] = tallies.get(tally.key, 0) + tally.delta
        opened = {key for key, sealed in change.seals if not sealed}
        shut = {key for key, sealed in change.seals if sealed}
        receipt = change.receipt
        return Facts(
            {**self.versions, **{write.ref: write.state.version for write in change.writes}},
            {**claims, **dict(change.claims)},
            {**self.expiring, **dict(change.expiring)},
            tallies,
            (self.sealed - opened) | shut,
            self.commands | {receipt.command},
            self.keys if receipt.key is None else self.keys | {receipt.key},
        )


def order_of(
    facts: Facts,
    changes: Sequence[ChangeSet],
    results: Sequence[Conflict | None],
    owners: Mapping[str, Ref],
) -> list[ChangeSet] | None:
    """An order in which these sets, one after another, come to these ends; None where there is no such order.

    After it, keys have these owners. Gives the sets that were committed, in that order.
    """
    for order in itertools.permutations(range(len(changes))):
        now, committed = facts, list[ChangeSet]()
        for n in order:
            faults, result = now.faults(changes[n]), results[n]
            if result is None:
                if faults:
                    break
                now = now.after(changes[n])
                committed.append(changes[n])
            elif not any(alike(result, fault) for fault in faults):
                break
        else:
            if {**now.expiring, **now.claims} == owners:
                return committed
    return None
