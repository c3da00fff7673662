"""Plans: which call goes wrong, and how; by a seed, or by a list."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

__all__ = [
    "ARRIVING",
    "CALLS",
    "CAN_BEFALL",
    "WRITES",
    "Call",
    "Fault",
    "Plan",
    "Scripted",
    "Seeded",
    "Strike",
    "replay",
]


class Fault(enum.StrEnum):
    """One way for a call to go wrong.

    Of a read nothing is done, so what loses a request, an answer or the time makes it raise `Temporary`.
    """

    DUPLICATE = "duplicate"
    """It is done twice; the first answer is given."""
    EXPIRED_LEASE = "expired_lease"
    """It is done, but the clock passes the lease, and others work, before its answer comes."""
    LOST_REPLY = "lost_reply"
    """It is done; nobody hears of it: `OutcomeUnknown`."""
    LOST_REQUEST = "lost_request"
    """It is not done; nobody can tell: `OutcomeUnknown`."""
    RATE_LIMIT = "rate_limit"
    """It is refused for now: `Temporary`, with the time to wait."""
    REORDER = "reorder"
    """It is on its way for long: `OutcomeUnknown` now, and done right after the next write there."""
    STALE_VERSION = "stale_version"
    """Somebody was faster: `VersionConflict`."""
    TIME_OUT = "time_out"
    """It is done, and the answer does not come by the deadline: `TimeoutError`."""
    UNREACHABLE = "unreachable"
    """It certainly never left: `Temporary`."""

    def __repr__(self) -> str:
        return f"Fault.{self.name}"


CALLS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "storage": (
            "read",
            "apply",
            "due",
            "conversations",
            "count",
            "messages",
            "contacts",
            "effects",
            "stream",
            "changes",
            "head",
            "forget",
        ),
        "messaging": ("send", "fetch", "mark_read", "look_up"),
        "contracts": ("find", "contracts", "open_order", "look_up"),
        "billing": ("boletos", "invoices", "issue_boleto", "issue_invoice", "grant_bonus", "look_up"),
    }
)
"""The methods of each port."""

WRITES: Final = frozenset(
    {
        "storage.apply",
        "storage.forget",
        "messaging.send",
        "messaging.mark_read",
        "contracts.open_order",
        "billing.grant_bonus",
    }
)
"""The calls after which it matters whether they were done. All others are reads, or may be asked for again."""

ARRIVING: Final = "arriving"
"""Where things that come in are counted."""

_EITHER: Final = frozenset(
    {
        Fault.DUPLICATE,
        Fault.LOST_REPLY,
        Fault.LOST_REQUEST,
        Fault.RATE_LIMIT,
        Fault.TIME_OUT,
        Fault.UNREACHABLE,
    }
)
_OF_WRITES: Final = _EITHER | {Fault.EXPIRED_LEASE, Fault.REORDER}

CAN_BEFALL: Final[Mapping[str, frozenset[Fault]]] = MappingProxyType(
    {
        **{f"{port}.{method}": _EITHER for port, methods in CALLS.items() for method in methods},
        **dict.fromkeys(WRITES, _OF_WRITES),
        "storage.apply": _OF_WRITES | {Fault.STALE_VERSION},
        ARRIVING: frozenset({Fault.DUPLICATE, Fault.LOST_REPLY, Fault.LOST_REQUEST, Fault.REORDER}),
    }
)
"""Which faults can befall each call."""


def _strikes(given: Iterable[Strike]) -> tuple[Strike, ...]:
    return tuple(given)


def _faults(given: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(given)


def _calls(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen
class Strike:
    """One fault at one call: the `nth` (from 1) of a method, ``"messaging.send"``; or the call of that number.

    Raises:
        ValueError: there is no such call, or such a fault cannot befall it.
    """

    at: str | int
    fault: Fault
    nth: int = 1

    def __attrs_post_init__(self) -> None:
        if isinstance(self.at, int):
            return
        if self.at not in CAN_BEFALL:
            raise ValueError(f"there is no call {self.at!r}; there are {', '.join(sorted(CAN_BEFALL))}")
        if self.fault not in CAN_BEFALL[self.at]:
            raise ValueError(f"{self.fault!r} cannot befall {self.at}")


@attrs.frozen
class Scripted:
    """Exactly these faults. Its repr makes it again."""

    strikes: tuple[Strike, ...] = attrs.field(default=(), converter=_strikes)


@attrs.frozen
class Seeded:
    """Some of these `faults`, at a share `rate` of the calls, as a seed has it.

    A seed does only what an outside that keeps its word may do to a desk: it never repeats what the outside
    could not recognise, nor delays what was to be found by now. The same seed strikes the same calls: whether
    one goes wrong depends on the seed, on the method, and on how often that was called before, and on nothing
    else. `calls` are the methods that may be struck; without any, all may.

    Raises:
        ValueError: the rate is not between 0 and 1, or there is no such call.
    """

    seed: int
    rate: float = 0.1
    faults: tuple[Fault, ...] = attrs.field(default=tuple(Fault), converter=_faults)
    calls: tuple[str, ...] = attrs.field(default=(), converter=_calls)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError("a rate is between 0 and 1")
        if unknown := set(self.calls) - set(CAN_BEFALL):
            raise ValueError(f"there is no call {sorted(unknown)}; there are {', '.join(sorted(CAN_BEFALL))}")

    def drawn(self, call: str, nth: int, possible: frozenset[Fault]) -> Fault | None:
        """The fault for the `nth` call of a method, of those that are possible there."""
        ways = [fault for fault in self.faults if fault in possible]
        if not ways or (self.calls and call not in self.calls):
            return None
        lot = hashlib.blake2b(f"{self.seed}:{call}:{nth}".encode(), digest_size=16).digest()
        if int.from_bytes(lot[:8], "big") >= self.rate * 2**64:
            return None
        return ways[int.from_bytes(lot[8:], "big") % len(ways)]


Plan: TypeAlias = Seeded | Scripted
"""What is to go wrong."""


@attrs.frozen
class Call:
    """One call that was made: its number among all, the method, the how manieth of it, and what befell it."""

    number: int
    call: str
    nth: int
    fault: Fault | None = None


def replay(log: Iterable[Call]) -> Scripted:
    """The plan that does once more what a log says was done."""
    return Scripted(tuple(Strike(each.call, each.fault, each.nth) for each in log if each.fault is not None))
