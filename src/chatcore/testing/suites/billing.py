"""The suite for billing adapters: boletos and invoices are whole, exact and theirs, a bonus is granted once.

    class TestMyBilling(BillingSuite):
        def make(self):
            self.erp = FakeErp()
            return MyBilling(self.erp.url)

        def stock(self, adapter, thing, document):
            self.erp.put(thing, document)

        def granted(self, adapter):
            return [Granted(reference=b["id"], customer=b["client"], ...) for b in self.erp.bonuses]

        def fail(self, adapter, how):
            self.erp.failing = how

`BillingSuite` says what each hook is for, and each test what to look for when it fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
import pytest

from chatcore.entities import (
    BillingCapabilities,
    Bonus,
)
from chatcore.ports import AsyncBilling, Billing, BonusRequest
from chatcore.testing.suites._bills import BillSuite
from chatcore.vocabulary import (
    Actor,
    BonusKind,
    EffectId,
    Private,
)

__all__ = ["BillingSuite", "Granted"]

_BONUSES: Final = {
    BonusKind.AMOUNT: (Bonus.amount("1.13"), Bonus.amount("19.99"), Bonus.amount("0.01")),
    BonusKind.PERCENT: (Bonus.percent("12.50"), Bonus.percent("0.07"), Bonus.percent("100")),
    BonusKind.DAYS: (Bonus.days(1), Bonus.days(366)),
}


@attrs.frozen(slots=True, kw_only=True)
class Granted:
    """One bonus as the outside has it.

    `reference` is its id there; `text` all that is written with it: the justification at least. `text` is None
    where the outside takes none.
    """

    reference: str
    customer: str
    contract: str
    bonus: Bonus
    period: str
    text: str | None


class BillingSuite(BillSuite[Granted]):
    """Tests for an adapter of `Billing` or `AsyncBilling`, over a fake of its outside.

    Write `make`, `stock`, `granted` and `fail`; and, where the nature of bonuses asks for them, `pass_time` and
    `reports`.
    """

    ports = (Billing, AsyncBilling)

    _does = "grant_bonus"
    _did = "granted"
    _tells = Granted
    _offers = BillingCapabilities
    _name = "bonus"

    # --- what an author writes --------------------------------------------------------------------------------

    def granted(self, adapter: Any, /) -> Sequence[Granted] | Awaitable[Sequence[Granted]]:
        """All bonuses really granted, in order, each as often as it was; none for a side that grants none."""
        self._unwritten("granted", "tell what bonuses were really granted, as `Granted` values, in order")

    # --- a test's tools ---------------------------------------------------------------------------------------

    def _request(self, key: EffectId, deadline: datetime, mark: str) -> BonusRequest:
        kinds = self._raw.capabilities.bonus_kinds or (BonusKind.AMOUNT,)
        year, month = divmod(int(mark.rpartition(".")[2]), 12)
        return BonusRequest(
            key=key,
            customer=self.customer,
            contract=self.contract,
            bonus=_BONUSES[kinds[0]][0],
            period=f"{2026 + year}-{month + 1:02d}",
            justification=Private(f"Esperou dois dias {mark}"),
            granted_by=Actor.agent("ana"),
            deadline=deadline,
        )

    def _misfits(self, request: BonusRequest, done: Granted) -> Iterator[str]:
        for name in ("customer", "contract", "bonus", "period"):
            is_, was = getattr(request, name), getattr(done, name)
            if is_ != was:
                yield f"{name} is {was!r}, not {is_!r}"
        if done.text is not None and (why := request.justification.reveal()) not in done.text:
            yield f"the justification, {why!r}, is not with it"

    # --- bonuses ----------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("kind", BonusKind)
    def test_a_bonus_is_what_was_promised(self, kind: BonusKind) -> None:
        """Of each kind in `bonus_kinds`, to the cent and to the day; another is refused. Rule: B8, B10.

        When this fails: give the outside amounts as whole cents or as text, never through a float. A kind it
        does not know is `Permanent("not_offered")`: R$ 5 are not 5 days.
        """
        port = self._sample()
        self._only_writing(port)
        for bonus in _BONUSES[kind]:
            request = attrs.evolve(self._asked(), bonus=bonus)
            if kind in self._capabilities(port).bonus_kinds:
                self._succeed(port, request)
            else:
                self._refused(port, request, f"capabilities.bonus_kinds has no {kind}")

    def test_a_bonus_is_for_its_period(self) -> None:
        """This month's, next month's, next year's: each arrives as asked for. Rule: B8, B11.

        When this fails: give the outside the period that was asked for, not the month in which it is granted.
        """
        port = self._sample()
        self._only_writing(port)
        for period in ("2026-03", "2026-12", "2027-01"):
            self._succeed(port, attrs.evolve(self._asked(), period=period))
