"""The rules refuse what is asked of contracts and billing, or of an effect."""

from __future__ import annotations

from chatcore.errors.base import ErrorKind
from chatcore.errors.refusals import RuleViolation
from chatcore.vocabulary import BonusKind, ContractId, EffectId, EffectState

__all__ = [
    "AlreadyAsked",
    "BonusOverLimit",
    "NotInReview",
    "NotLinked",
    "NotOffered",
    "NotSendable",
    "NotTheirs",
    "NotWithdrawable",
    "NothingToSend",
    "SecondPersonRequired",
]


class NotLinked(RuleViolation):
    """Nobody has said which customer the contact is."""

    code = "not_linked"
    rule = "B2"
    sentence = "the contact is linked to no customer"


class NotTheirs(RuleViolation):
    """The contract is none of the customer's that the contact is linked to."""

    code = "not_theirs"
    rule = "B2"
    sentence = "contract {contract!r} is not this customer's"

    def __init__(self, contract: ContractId) -> None:
        self.contract = contract


class NotOffered(RuleViolation):
    """The contracts or billing side does not offer this; the error says what."""

    code = "not_offered"
    rule = "B4"
    sentence = "{what} is not offered here"

    def __init__(self, what: str) -> None:
        self.what = what


class NotSendable(RuleViolation):
    """Only open and overdue boletos are sent, and invoices that stand; the error names all that are not."""

    code = "not_sendable"
    rule = "B3"
    sentence = "cannot be sent as they stand: {ids}"

    def __init__(self, ids: tuple[str, ...]) -> None:
        self.ids = ids


class NothingToSend(RuleViolation):
    """In none of the wanted forms can these be had; a line or code that does not hold is none."""

    code = "nothing_to_send"
    rule = "B4"
    sentence = "nothing to send can be had of {ids}"

    def __init__(self, ids: tuple[str, ...]) -> None:
        self.ids = ids


class BonusOverLimit(RuleViolation):
    """An agent may not grant as much; `limit` is None where they may grant none of this kind."""

    code = "bonus_over_limit"
    kind = ErrorKind.NOT_ALLOWED
    rule = "B8"
    sentence = "an agent may grant a bonus of kind {bonus_kind} up to {limit}"

    def __init__(self, bonus_kind: BonusKind, limit: str | None) -> None:
        self.bonus_kind = bonus_kind
        self.limit = limit


class AlreadyAsked(RuleViolation):
    """The same was asked for before, and has not failed; the error names that effect."""

    code = "already_asked"
    kind = ErrorKind.CONFLICT
    rule = "B11"
    sentence = "asked for already by {effect}, which is {state}"

    def __init__(self, effect: EffectId, state: EffectState) -> None:
        self.effect = effect
        self.state = state


class NotWithdrawable(RuleViolation):
    """Only what certainly has not gone out yet can be withdrawn."""

    code = "not_withdrawable"
    kind = ErrorKind.CONFLICT
    rule = "B11"
    sentence = "{effect} is {state} and may have gone out"

    def __init__(self, effect: EffectId, state: EffectState) -> None:
        self.effect = effect
        self.state = state


class NotInReview(RuleViolation):
    """Only what waits for a second person can be settled by one."""

    code = "not_in_review"
    kind = ErrorKind.CONFLICT
    rule = "B11"
    sentence = "{effect} is {state} and not in review"

    def __init__(self, effect: EffectId, state: EffectState) -> None:
        self.effect = effect
        self.state = state


class SecondPersonRequired(RuleViolation):
    """Who asked for something does not settle its review; another person must."""

    code = "second_person_required"
    kind = ErrorKind.NOT_ALLOWED
    rule = "B11"
    sentence = "a second person must settle this"
