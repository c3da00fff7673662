"""The error tree. One root; the caller's fault, the moment's fault and the outside's fault branch apart.

Every error has a stable `code`, a `kind` from a small closed list (so that a service maps it to HTTP in one
line), typed attributes, and `document()`. Every error pickles. None ever holds a phone, a document or a
message body: attributes are ids, limits and counts.

A refused or failed command leaves state, events and ports exactly as they were.
"""

from __future__ import annotations

from chatcore.errors.actions import (
    AlreadyAsked,
    BonusOverLimit,
    NothingToSend,
    NotInReview,
    NotLinked,
    NotOffered,
    NotSendable,
    NotTheirs,
    NotWithdrawable,
    SecondPersonRequired,
)
from chatcore.errors.base import (
    ChatcoreError,
    ErrorKind,
    InvalidValue,
    NotASearch,
    NotDecodable,
    NotFound,
    Problem,
)
from chatcore.errors.conflicts import (
    ClaimTaken,
    Conflict,
    EffectPending,
    IdempotencyMismatch,
    LeaseLost,
    TallyFull,
    VersionConflict,
)
from chatcore.errors.outside import (
    ContractViolation,
    OutcomeUnknown,
    Permanent,
    PortFailure,
    PortMissing,
    RuleFailed,
    Temporary,
)
from chatcore.errors.refusals import (
    AgentInactive,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    CaptionNotCarried,
    CompanyRefusal,
    ContactBlocked,
    ContactMerged,
    FieldsRequired,
    KindNotCarried,
    MediaNotCarried,
    MediaTooLarge,
    MissingVariable,
    NoBot,
    NoDefaultReason,
    NotAdmitted,
    NotAMember,
    NotContracted,
    NotInDoubt,
    NotPermitted,
    OptedOut,
    ReasonRequired,
    RuleViolation,
    TextTooLong,
    TooManyTags,
    TooManyTransfers,
    TransitionNotAllowed,
    WindowClosed,
    WrongParameters,
)

__all__ = [
    "AgentInactive",
    "AlreadyAsked",
    "AlreadyLive",
    "AlreadyTaken",
    "AtCapacity",
    "BonusOverLimit",
    "CaptionNotCarried",
    "ChatcoreError",
    "ClaimTaken",
    "CompanyRefusal",
    "Conflict",
    "ContactBlocked",
    "ContactMerged",
    "ContractViolation",
    "EffectPending",
    "ErrorKind",
    "FieldsRequired",
    "IdempotencyMismatch",
    "InvalidValue",
    "KindNotCarried",
    "LeaseLost",
    "MediaNotCarried",
    "MediaTooLarge",
    "MissingVariable",
    "NoBot",
    "NoDefaultReason",
    "NotAMember",
    "NotASearch",
    "NotAdmitted",
    "NotContracted",
    "NotDecodable",
    "NotFound",
    "NotInDoubt",
    "NotInReview",
    "NotLinked",
    "NotOffered",
    "NotPermitted",
    "NotSendable",
    "NotTheirs",
    "NotWithdrawable",
    "NothingToSend",
    "OptedOut",
    "OutcomeUnknown",
    "Permanent",
    "PortFailure",
    "PortMissing",
    "Problem",
    "ReasonRequired",
    "RuleFailed",
    "RuleViolation",
    "SecondPersonRequired",
    "TallyFull",
    "Temporary",
    "TextTooLong",
    "TooManyTags",
    "TooManyTransfers",
    "TransitionNotAllowed",
    "VersionConflict",
    "WindowClosed",
    "WrongParameters",
]

# A reader of a traceback looks for an error where everybody imports it from.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
