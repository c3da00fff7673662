"""Money in reais, exactly: whole cents, never a float. Rule: B10.

>>> Money(123456)
Money(cents=123456)
>>> parse_money("1234.56") == Money(123456)
True
>>> print(Money(123456), Money(123456).written())
1234.56 R$ 1.234,56
>>> parse_money("12.345")
Traceback (most recent call last):
...
chatcore.errors.InvalidValue: amount: not_whole_cents
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Final

import attrs

from chatcore.errors import InvalidValue
from chatcore.limits import MONEY_CENTS

__all__ = ["Money", "parse_money"]

_EXACT: Final = Context(prec=40, traps=[])
"""Room for every amount, whatever precision and traps the caller's own context has."""

_MOST: Final = Decimal(MONEY_CENTS).scaleb(-2, _EXACT)


@attrs.frozen(slots=True, order=True)
class Money:
    """An amount in reais (BRL) as whole `cents`, 0 to 9,999,999,999,999. Rule: B10.

    Raises:
        InvalidValue: ``not_cents`` for anything but an int (a bool or a float is none), ``negative``,
            ``too_much``.
    """

    cents: int

    def __attrs_post_init__(self) -> None:
        if type(self.cents) is not int:
            raise InvalidValue.of("amount", "not_cents", rule="B10")
        if self.cents < 0:
            raise InvalidValue.of("amount", "negative", rule="B10")
        if self.cents > MONEY_CENTS:
            raise InvalidValue.of("amount", "too_much", rule="B10", limit=MONEY_CENTS)

    @property
    def amount(self) -> Decimal:
        """The amount in reais, with two places."""
        return Decimal(self.cents).scaleb(-2, _EXACT)

    def written(self) -> str:
        """The amount as Brazilians write it, like ``R$ 1.234,56``."""
        reais, cents = divmod(self.cents, 100)
        return f"R$ {reais:,}".replace(",", ".") + f",{cents:02d}"

    def __str__(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02d}"


_WRITTEN: Final = r"-?[0-9]{1,12}(?:\.[0-9]{1,20})?"


def parse_money(value: str | Decimal | int, path: str = "amount") -> Money:
    """Read an amount in reais: a text like ``"1234.56"``, a `Decimal`, or an int of whole reais.

    Raises:
        InvalidValue: ``not_an_amount`` for another type (a float, a bool), for NaN and infinity, and for any
            other spelling; ``negative``, ``too_much``, ``not_whole_cents``. Rule: B10.
    """
    exact: Decimal | None = None
    if type(value) is str and re.fullmatch(_WRITTEN, value):
        exact = Decimal(value)
    elif type(value) is Decimal and value.is_finite():
        exact = value
    elif type(value) is int:
        exact = Decimal(min(max(value, -1), MONEY_CENTS))  # As wrong as before, but quickly read.
    if exact is None:
        raise InvalidValue.of(path, "not_an_amount", rule="B10")
    if exact < 0:
        raise InvalidValue.of(path, "negative", rule="B10")
    if exact > _MOST:
        raise InvalidValue.of(path, "too_much", rule="B10", limit=MONEY_CENTS)
    money = Money(int(exact.scaleb(2, _EXACT)))
    if money.amount != exact:  # Compared, not computed: arithmetic on decimals rounds.
        raise InvalidValue.of(path, "not_whole_cents", rule="B10")
    return money
