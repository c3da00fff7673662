"""What a desk answers with, besides outcomes: verdicts, reports, what came of each item, and observations."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from chatcore.channels.items import Item
    from chatcore.commands import Outcome
    from chatcore.errors import ChatcoreError

__all__ = ["Answer", "Delivery", "Ingested", "Observation", "Report", "Verdict"]


class Delivery(enum.StrEnum):
    """When a command's effects are carried out: right after its commit, or by `run_due`.

    INLINE needs `run_due` too: for what could not go out at once, for leases that ran out, and for doubts.
    """

    INLINE = "inline"
    LATER = "later"


class Answer(enum.StrEnum):
    """What `can` answers."""

    ALLOWED = "allowed"
    NEEDS = "needs"
    REFUSED = "refused"


@attrs.frozen(slots=True)
class Verdict:
    """Whether a command would pass now: yes, with these fields filled in, or refused with this error.

    `warnings` are codes of what a person should know before going on: ``may_arrive_twice``. `changes` is false
    where what is asked for is so already: it would pass, and nothing would happen (L19).
    """

    answer: Answer
    needs: tuple[str, ...] = ()
    refusal: ChatcoreError | None = None
    warnings: tuple[str, ...] = ()
    changes: bool = True

    def __bool__(self) -> bool:
        return self.answer is Answer.ALLOWED


@attrs.frozen(slots=True)
class Report:
    """What `run_due` did: effects carried a step on, whether more is due now, and when the next falls due."""

    done: int
    more: bool
    next_at: datetime | None


@attrs.frozen(slots=True)
class Ingested:
    """What came of an item: its outcome, or the error it met; `Unhandled` and `Ignored` have neither."""

    item: Item
    outcome: Outcome | None = None
    error: ChatcoreError | None = None


@attrs.frozen(slots=True)
class Observation:
    """Something an operator may want to know; never holds personal data.

    `what` is ``committed``, ``refused``, ``conflict``, ``port_failed``, ``effect_failed`` or ``ignored``;
    `name` is the command, the port, the effect's kind, or what is counted and ignored (M19);
    `code` that of the error, or the provider's.
    """

    what: str
    name: str
    code: str | None = None
