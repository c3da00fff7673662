"""A provider that misbehaves on demand, and keeps the books: what it was asked, and what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    ChannelCapabilities,
    ContractsCapabilities,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.memory import MemoryBilling, MemoryContracts
from chatcore.ports import SendRequest
from chatcore.vocabulary import BoletoForm, EffectId
from tests.worlds import capabilities

__all__ = ["MOODS", "NATURES", "MoodyBilling", "MoodyContracts", "Provider", "doubtful"]

NATURES: tuple[Nature, ...] = (
    RepeatsByKey(timedelta(hours=12)),
    LooksUpByKey(timedelta(seconds=10)),
    ReportsByKey(),
    AtMostOnce(),
)

MOODS = (
    "well",
    "temporary",
    "temporary later",
    "permanent",
    "unknown, done",
    "unknown, not done",
    "raises, done",
    "raises, not done",
    "answers nonsense, done",
)
"""How a provider takes a call: what it raises or answers, and whether it did what was asked."""


def doubtful(mood: str) -> bool:
    """Whether nobody can tell, from what came back, what was done."""
    return mood.startswith(("unknown", "raises", "answers"))


class Provider:
    """A provider of one nature.

    `asked` holds every send that reached it; `applied` counts what each key did at the customer's end. One
    that repeats by key does a key once, for as long as it promises; the others do whatever they are asked.
    """

    def __init__(self, nature: Nature, moods: Iterable[str] = ()) -> None:
        self.capabilities: ChannelCapabilities = capabilities(nature)
        self.moods = list(moods)
        self.asked: list[SendRequest] = []
        self.applied = Counter[EffectId]()
        self.ids: dict[EffectId, str] = {}

    @property
    def outbox(self) -> list[SendRequest]:
        """What it was asked, under the name that the adapter in memory gives it."""
        return self.asked

    def _mood(self) -> str:
        return self.moods.pop(0) if self.moods else "well"

    def _apply(self, key: EffectId) -> str:
        if not (isinstance(self.capabilities.nature, RepeatsByKey) and self.applied[key]):
            self.applied[key] += 1
        return self.ids.setdefault(key, f"out-{key}")

    def send(self, request: SendRequest, /) -> Any:
        """Take a message, in the next mood."""
        mood = self._mood()
        self.asked.append(request)
        if mood == "temporary":
            raise Temporary
        if mood == "temporary later":
            raise Temporary(timedelta(minutes=5))
        if mood == "permanent":
            raise Permanent("131026")
        done = None if mood.endswith("not done") else self._apply(request.key)
        if mood.startswith("unknown"):
            raise OutcomeUnknown
        if mood.startswith("raises"):
            raise ConnectionResetError("the line is down")
        return {"id": done} if mood.startswith("answers") else done

    def look_up(self, key: EffectId, /) -> Any:
        """Tell what became of a key, in the next mood."""
        mood = self._mood()
        if mood.startswith("temporary"):
            raise Temporary
        if mood.startswith("raises"):
            raise TimeoutError
        return 0 if mood.startswith("answers") else self.ids.get(key)


def _taken(call: Callable[[], Any], mood: str) -> Any:
    """What comes of a call in a mood; whether it is made, the mood says."""
    if mood.startswith("temporary"):
        raise Temporary(timedelta(minutes=5) if mood.endswith("later") else None)
    if mood == "permanent":
        raise Permanent("no_funds")
    done = None if mood.endswith("not done") else call()
    if mood.startswith("unknown"):
        raise OutcomeUnknown
    if mood.startswith("raises"):
        raise ConnectionResetError("the line is down")
    return {"answer": done} if mood.startswith("answers") else done


class _Moody:
    """Takes each call, reads too, in the next mood."""

    moods: list[str]

    def _take(self, name: str, *args: Any, **options: Any) -> Any:
        call = getattr(super(), name)
        return _taken(lambda: call(*args, **options), self.moods.pop(0) if self.moods else "well")

    def look_up(self, key: EffectId, /) -> Any:
        return self._take("look_up", key)


class MoodyContracts(_Moody, MemoryContracts):
    """Contracts in memory whose writes are of one nature, and that misbehave on demand."""

    def __init__(self, nature: Nature) -> None:
        super().__init__(ContractsCapabilities(orders=nature, transcripts=True))
        self.moods = []

    def find(self, query: Any, /, **options: Any) -> Any:
        return self._take("find", query, **options)

    def contracts(self, customers: Any, /, **options: Any) -> Any:
        return self._take("contracts", customers, **options)

    def open_order(self, request: Any, /) -> Any:
        return self._take("open_order", request)


class MoodyBilling(_Moody, MemoryBilling):
    """Billing in memory whose writes are of one nature, and that misbehaves on demand."""

    def __init__(self, nature: Nature) -> None:
        super().__init__(BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=nature))
        self.moods = []

    def boletos(self, customer: Any, /, **options: Any) -> Any:
        return self._take("boletos", customer, **options)

    def invoices(self, customer: Any, /, **options: Any) -> Any:
        return self._take("invoices", customer, **options)

    def issue_boleto(self, request: Any, /) -> Any:
        return self._take("issue_boleto", request)

    def issue_invoice(self, request: Any, /) -> Any:
        return self._take("issue_invoice", request)

    def grant_bonus(self, request: Any, /) -> Any:
        return self._take("grant_bonus", request)
