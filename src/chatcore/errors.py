"""The error tree. One root; the caller's fault, the moment's fault and the outside's fault branch apart.

Every error has a stable `code`, a `kind` from a small closed list (so that a service maps it to HTTP in one
line), typed attributes, and `document()`. Every error pickles. None ever holds a phone, a document or a
message body: attributes are ids, limits and counts.

A refused or failed command leaves state, events and ports exactly as they were.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs

from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    CommandId,
    ConversationId,
    DepartmentId,
    EffectId,
    Ref,
    Situation,
)

__all__ = [
    "AgentInactive",
    "AlreadyLive",
    "AlreadyTaken",
    "AtCapacity",
    "ChatcoreError",
    "ClaimTaken",
    "Conflict",
    "ContactBlocked",
    "ContractViolation",
    "EffectPending",
    "ErrorKind",
    "IdempotencyMismatch",
    "InvalidValue",
    "LeaseLost",
    "MissingVariable",
    "NoBot",
    "NotAMember",
    "NotAdmitted",
    "NotContracted",
    "NotFound",
    "NotPermitted",
    "OutcomeUnknown",
    "Permanent",
    "PortFailure",
    "PortMissing",
    "Problem",
    "ReasonRequired",
    "RuleViolation",
    "TallyFull",
    "Temporary",
    "TextTooLong",
    "TooManyTransfers",
    "TransitionNotAllowed",
    "VersionConflict",
    "WindowClosed",
]


class ErrorKind(enum.StrEnum):
    """What a caller can do about an error; closed, so a service can map each to one HTTP status."""

    INVALID = "invalid"
    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    NOT_CONTRACTED = "not_contracted"
    UNAVAILABLE = "unavailable"
    IN_DOUBT = "in_doubt"
    DEFECT = "defect"


class ChatcoreError(Exception):
    """The root of every error chatcore raises on purpose."""

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind] = ErrorKind.DEFECT
    rule: ClassVar[str | None] = None
    sentence: ClassVar[str] = "something is wrong"

    def __str__(self) -> str:
        return self.sentence.format_map(vars(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._attributes())})"

    def _attributes(self) -> list[tuple[str, Any]]:
        """What the error says in its own words, without what others noted on it."""
        return [(name, value) for name, value in vars(self).items() if not name.startswith("_")]

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), dict(vars(self)))

    def document(self) -> dict[str, Any]:
        """A JSON-ready account of the error for an HTTP answer: code, kind, rule, message, details."""
        return {
            "code": self.code,
            "kind": self.kind.value,
            "rule": self.rule,
            "message": str(self),
            "details": {name: _plain(value) for name, value in self._attributes()},
        }


def _shown(id: str) -> str:
    """An id as an error may show it: one that reads like a phone or a document does not belong there."""
    digits = sum(character.isdigit() for character in id)
    return "<redacted>" if digits >= _NUMBER and not id.strip("+0123456789 ()./-") else id


_NUMBER = 8
"""Digits from which on an id of nothing else could be somebody's number."""


def _restore(cls: type[ChatcoreError], state: dict[str, Any]) -> ChatcoreError:
    error = cls.__new__(cls)
    vars(error).update(state)
    return error


def _plain(value: object) -> object:
    """Turn an attribute into what JSON can hold."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Problem):
        return value.document()
    return value


# --- malformed input -----------------------------------------------------------------------------------------


@attrs.frozen(slots=True)
class Problem:
    """One thing wrong with one field: where, what, and how much was allowed. Never the value itself."""

    path: str
    code: str
    rule: str | None = None
    limit: int | None = None
    actual: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        size = f" ({self.actual}, at most {self.limit})" if self.limit is not None else ""
        place = f" at {self.span[0]}..{self.span[1]}" if self.span is not None else ""
        return f"{self.path}: {self.code}{size}{place}"

    def document(self) -> dict[str, Any]:
        """The problem with only what it has to say."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in attrs.asdict(self, recurse=False).items()
            if value is not None
        }


class InvalidValue(ChatcoreError, ValueError):
    """Malformed input: every bad field at once, each with its path and a code of its own."""

    code = "invalid_value"
    kind = ErrorKind.INVALID

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems

    @classmethod
    def of(
        cls,
        path: str,
        code: str,
        *,
        rule: str | None = None,
        limit: int | None = None,
        actual: int | None = None,
        span: tuple[int, int] | None = None,
    ) -> InvalidValue:
        """The error for one problem."""
        return cls(Problem(path, code, rule, limit, actual, span))

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


class NotFound(ChatcoreError):
    """There is no such thing, or this person may not see it: the two look the same. Rule: section P."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND
    sentence = "no {what} with this id"

    def __init__(self, what: str, id: str) -> None:
        self.what = what
        self.id = _shown(id)


# --- the rules refuse ----------------------------------------------------------------------------------------


class RuleViolation(ChatcoreError):
    """A rule of the domain refuses a well-formed command."""

    code = "rule_violation"
    kind = ErrorKind.REFUSED
    sentence = "a rule refuses this"


class NotPermitted(RuleViolation):
    """This person has not the ability, here."""

    code = "not_permitted"
    kind = ErrorKind.NOT_ALLOWED
    rule = "P"
    sentence = "this needs the ability to {ability} here"

    def __init__(self, ability: str) -> None:
        self.ability = ability


class NotContracted(RuleViolation):
    """The module is not contracted: people's and bots' commands wait, what arrives is still recorded."""

    code = "not_contracted"
    kind = ErrorKind.NOT_CONTRACTED
    rule = "S23"
    sentence = "the module {module!r} is not contracted"

    def __init__(self, module: str) -> None:
        self.module = module


class NotAdmitted(RuleViolation):
    """The conversation's situation does not admit this command at all."""

    code = "not_admitted"
    rule = "L18"
    sentence = "a conversation that is {situation} does not admit {command}"

    def __init__(self, command: str, situation: Situation) -> None:
        self.command = command
        self.situation = situation


class TransitionNotAllowed(RuleViolation):
    """The table of section L has no such edge."""

    code = "transition_not_allowed"
    rule = "L"
    sentence = "nothing leads from {origin} by {event}"

    def __init__(self, origin: str | None, event: str) -> None:
        self.origin = origin
        self.event = event


class ReasonRequired(RuleViolation):
    """Closing needs a reason, and none is set."""

    code = "reason_required"
    rule = "S19"
    sentence = "closing needs a reason"


class AlreadyLive(RuleViolation):
    """This contact already has a live conversation on this channel."""

    code = "already_live"
    kind = ErrorKind.CONFLICT
    rule = "L3"
    sentence = "conversation {conversation} is live with this contact on this channel"

    def __init__(self, conversation: ConversationId) -> None:
        self.conversation = conversation


class AlreadyTaken(RuleViolation):
    """Somebody has the conversation already; the error says who."""

    code = "already_taken"
    kind = ErrorKind.CONFLICT
    rule = "L6"
    sentence = "agent {assignee!r} has this conversation"

    def __init__(self, conversation: ConversationId, assignee: AgentId) -> None:
        self.conversation = conversation
        self.assignee = assignee


class AtCapacity(RuleViolation):
    """The agent has as many open conversations as they may have."""

    code = "at_capacity"
    rule = "L7"
    sentence = "agent {agent!r} has {open} open conversations, at most {limit} are allowed"

    def __init__(self, agent: AgentId, open: int, limit: int) -> None:
        self.agent = agent
        self.open = open
        self.limit = limit


class AgentInactive(RuleViolation):
    """The agent is deactivated, so nothing can be given to them."""

    code = "agent_inactive"
    rule = "L9"
    sentence = "agent {agent!r} is inactive"

    def __init__(self, agent: AgentId) -> None:
        self.agent = agent


class NotAMember(RuleViolation):
    """The agent has no access to the conversation's department."""

    code = "not_a_member"
    rule = "L7"
    sentence = "agent {agent!r} is not a member of department {department!r}"

    def __init__(self, agent: AgentId, department: DepartmentId) -> None:
        self.agent = agent
        self.department = department


class TooManyTransfers(RuleViolation):
    """The conversation was transferred as often as one may be."""

    code = "too_many_transfers"
    rule = "L9"
    sentence = "a conversation is transferred at most {limit} times"

    def __init__(self, limit: int) -> None:
        self.limit = limit


class NoBot(RuleViolation):
    """The conversation's channel has no bot to return it to."""

    code = "no_bot"
    rule = "L5"
    sentence = "channel {channel!r} has no bot"

    def __init__(self, channel: ChannelId) -> None:
        self.channel = channel


class ContactBlocked(RuleViolation):
    """The contact is blocked, so nothing is sent to them."""

    code = "contact_blocked"
    rule = "L21"
    sentence = "the contact is blocked"


class WindowClosed(RuleViolation):
    """The channel's service window is shut: free-form messages do not pass."""

    code = "window_closed"
    rule = "M5"
    sentence = "the service window is shut since {closed_at}"

    def __init__(self, closed_at: datetime | None) -> None:
        self.closed_at = closed_at


class TextTooLong(RuleViolation):
    """The channel cannot carry a text of this length."""

    code = "text_too_long"
    rule = "M6"
    sentence = "the text has {actual} characters, the channel carries {limit}"

    def __init__(self, limit: int, actual: int) -> None:
        self.limit = limit
        self.actual = actual


class MissingVariable(RuleViolation):
    """A text to be rendered uses a variable that has neither a value nor a fallback."""

    code = "missing_variable"
    rule = "C7"
    sentence = "the variable {variable!r} has neither a value nor a fallback"

    def __init__(self, variable: str) -> None:
        self.variable = variable


# --- somebody else was there first ---------------------------------------------------------------------------


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
        self.key = _shown(key)


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


# --- the outside ---------------------------------------------------------------------------------------------


class PortFailure(ChatcoreError):
    """A port could not do what it was asked. Adapters raise its subclasses."""

    code = "port_failure"
    kind = ErrorKind.UNAVAILABLE
    sentence = "a port failed"


class Temporary(PortFailure):
    """Certainly not done; trying again later makes sense."""

    code = "temporary"
    sentence = "certainly not done; try again later"

    def __init__(self, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after


class OutcomeUnknown(PortFailure):
    """May have been done, may not; only a look-up or a report can tell."""

    code = "outcome_unknown"
    kind = ErrorKind.IN_DOUBT
    sentence = "may have been done"

    def __init__(self, command: CommandId | None = None) -> None:
        self.command = command


class Permanent(PortFailure):
    """Refused by the outside; asking again would be refused again. `reason` is the provider's code."""

    code = "permanent"
    kind = ErrorKind.REFUSED
    sentence = "refused by the provider: {reason}"

    def __init__(self, reason: str) -> None:
        self.reason = reason


class ContractViolation(PortFailure):
    """An adapter broke its port's contract: it raised something else, or answered another type."""

    code = "contract_violation"
    kind = ErrorKind.DEFECT
    sentence = "the adapter for {port} broke its contract in {method}"

    def __init__(self, port: str, method: str) -> None:
        self.port = port
        self.method = method


class PortMissing(PortFailure):
    """The desk was given no adapter for this."""

    code = "port_missing"
    kind = ErrorKind.DEFECT
    sentence = "no adapter for {port}"

    def __init__(self, port: str) -> None:
        self.port = port
