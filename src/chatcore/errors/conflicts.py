"""Somebody else was there first."""

from __future__ import annotations

from chatcore.errors.base import ChatcoreError, ErrorKind, shown
from chatcore.vocabulary import (
    EffectId,
    Ref,
)

__all__ = [
    "ClaimTaken",
    "Conflict",
    "EffectPending",
    "IdempotencyMismatch",
    "LeaseLost",
    "TallyFull",
    "VersionConflict",
]


class Conflict(ChatcoreError):
    """The facts moved under the command; asking again with fresh facts may well succeed."""

    code = "conflict"
    kind = ErrorKind.CONFLICT
    sentence = "the facts have changed"


class VersionConflict(Conflict):
    """An entity is not at the version it was expected at."""

    code = "version_conflict"
    sentence = "{ref} is not at version {expected}"

    def __init__(self, ref: Ref, expected: int) -> None:
        self.ref = ref
        self.expected = expected


class ClaimTaken(Conflict):
    """A key that has one owner at most has another owner.

    `claim` is what the key begins with (``live``, ``address``, ``protocol``, …): the rest may be personal.
    """

    code = "claim_taken"
    sentence = "a claim on {claim!r} is taken"

    def __init__(self, key: str) -> None:
        self.claim = key.partition(":")[0]


class TallyFull(Conflict):
    """A count would pass its bound, or is sealed."""

    code = "tally_full"
    sentence = "the tally {key!r} is full or sealed"

    def __init__(self, key: str) -> None:
        self.key = key


class IdempotencyMismatch(Conflict):
    """This idempotency key was used for another command or by another actor."""

    code = "idempotency_mismatch"
    sentence = "this idempotency key stands for another command"

    def __init__(self, key: str) -> None:
        self.key = shown(key)


class EffectPending(Conflict):
    """The effect cannot be claimed now: it is not due, in other hands, or waits for its lane."""

    code = "effect_pending"
    sentence = "effect {effect} cannot be claimed now"

    def __init__(self, effect: EffectId) -> None:
        self.effect = effect


class LeaseLost(Conflict):
    """The claim was overtaken, so its holder cannot settle the effect any more."""

    code = "lease_lost"
    sentence = "the claim on effect {effect} was overtaken"

    def __init__(self, effect: EffectId) -> None:
        self.effect = effect
