"""The outside: what an adapter raises, and what is wrong with one."""

from __future__ import annotations

from datetime import timedelta

from chatcore.errors.base import ChatcoreError, ErrorKind
from chatcore.vocabulary import (
    CommandId,
)

__all__ = [
    "ContractViolation",
    "OutcomeUnknown",
    "Permanent",
    "PortFailure",
    "PortMissing",
    "RuleFailed",
    "Temporary",
]


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


class RuleFailed(ChatcoreError):
    """A company's own rule raised something, or answered neither None nor a `CompanyRefusal`."""

    code = "rule_failed"
    kind = ErrorKind.DEFECT
    sentence = "the company's rule {function} failed"

    def __init__(self, function: str) -> None:
        self.function = function


class PortMissing(PortFailure):
    """The desk was given no adapter for this."""

    code = "port_missing"
    kind = ErrorKind.DEFECT
    sentence = "no adapter for {port}"

    def __init__(self, port: str) -> None:
        self.port = port
