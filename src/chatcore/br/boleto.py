r"""The digitable line of a boleto or of a collection slip (arrecadação), and its bar code. Rule: B5.

1. A bar code has 44 digits. It is a collection's when it starts with 8, a bank's otherwise. The line holds the
   same digits in another order, with check digits of its own: 47 for a bank, 48 for a collection.
2. A bank's line is three fields, each with a mod-10 digit, then the general mod-11 digit of the bar code
   (0, 10 and 11 are written 1), then 14 digits of due-date factor and value.
3. A collection's line is four blocks of 11 digits and a check digit; its fourth digit is the general one. All
   five go by the modulus that the third digit names: 6 and 7 mod 10, 8 and 9 mod 11 (0 and 1 over: written 0).
   6 and 8 stand before a value in reais, 7 and 9 before a quantity or a reference.
4. The due-date factor counts days: 1000 is 2000-07-03, 9999 is 2025-02-21, and the next day is 1000 again. A
   factor never starts with 0. Where one does, the code names no due date, and the value has all 14 digits.
5. A line is checked wherever it is made, so none that fails its digits exists.

What one wrong digit can hide behind, exactly:

- A bank's line misses it only among the last 14 digits, which one mod-11 digit covers, and only where that
  digit is 1, as the remainders 0, 1 and 10 share it: 1.6 % of all such mistakes.
- A collection's line by mod 10 misses none, save as below. By mod 11 it misses it only where the remainders of
  both the block and the whole go from 0 to 1 or back: 0.07 % of all such mistakes.
- A third digit that names the other modulus has all five digits judged by it: one line in 100,000 fits both.

Source: FEBRABAN, "Layout Padrão de Arrecadação/Recebimento com Utilização do Código de Barras" and "Manual
Operacional do Fator de Vencimento da Cobrança Bancária" with the notice FB-009/2023; Banco Central,
Carta-Circular 2.926/2000.

    >>> line = parse_line("23793.38128 60007.827136 95000.063305 9 75520000370000")
    >>> line.bank, line.amount, line.due(date(2018, 6, 1))
    ('237', Money(cents=370000), datetime.date(2018, 6, 11))
    >>> parse_line("23793.38128 60007.827163 95000.063305 9 75520000370000")
    Traceback (most recent call last):
    ...
    chatcore.errors.InvalidValue: line.field2: check_digit at 12..24; line.general: check_digit at 38..39
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from datetime import date, timedelta
from operator import mul
from typing import Final

import attrs

from chatcore.br.money import Money
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LINE_LENGTH

__all__ = ["DigitableLine", "LineKind", "parse_barcode", "parse_line"]


class LineKind(enum.StrEnum):
    """Who issued a line: a BANK a boleto (47 digits), or a COLLECTION goes by its own slip (48 digits)."""

    BANK = "bank"
    COLLECTION = "collection"


_BANK, _COLLECTION, _BARCODE = 47, 48, 44

_CHECKED: Final = {
    _BANK: (("field1", 0, 9), ("field2", 10, 20), ("field3", 21, 31)),
    _COLLECTION: (("block1", 0, 11), ("block2", 12, 23), ("block3", 24, 35), ("block4", 36, 47)),
}
"""The parts of a line that have a check digit of their own: name, start, and the place of that digit."""

_FIRST_DAY: Final = date(2000, 7, 3)
_FIRST_FACTOR: Final = 1_000
_CYCLE: Final = 9_000
"""Days of a cycle: factors 1000 to 9999."""


@attrs.frozen(slots=True, repr=False)
class DigitableLine:
    """A digitable line whose check digits fit, as its 47 (bank) or 48 (collection) `digits`. Rule: B5.

    `parse_line` and `parse_barcode` read it from what people and providers write.

    Raises:
        InvalidValue: as `parse_line` does, for anything but digits ``not_a_line``.
    """

    digits: str

    def __attrs_post_init__(self) -> None:
        bad = _problems(self.digits)
        if bad:
            raise InvalidValue(*bad)

    @property
    def kind(self) -> LineKind:
        """A bank's boleto or a collection's slip."""
        return LineKind.BANK if len(self.digits) == _BANK else LineKind.COLLECTION

    @property
    def barcode(self) -> str:
        """The 44 digits of the bar code."""
        d = self.digits
        if len(d) == _BANK:
            return d[:4] + d[32:] + d[4:9] + d[10:20] + d[21:31]
        return d[:11] + d[12:23] + d[24:35] + d[36:47]

    @property
    def amount(self) -> Money | None:
        """The amount to pay; None where the code says none in reais: zero, a quantity, another currency."""
        d = self.digits
        if len(d) == _COLLECTION:
            cents = int(d[4:11] + d[12:16]) if d[2] in "68" else 0
        else:
            cents = int(d[37:] if d[33] != "0" else d[33:]) if d[3] == "9" else 0
        return Money(cents) if cents else None

    @property
    def bank(self) -> str | None:
        """The three digits of the bank that issued a boleto."""
        return self.digits[:3] if len(self.digits) == _BANK else None

    @property
    def due_factor(self) -> int | None:
        """The due-date factor, 1000 to 9999; None where the code names no due date."""
        if len(self.digits) != _BANK or self.digits[33] == "0":
            return None
        return int(self.digits[33:37])

    def due(self, reference: date) -> date | None:
        """The due date that is nearest to `reference`, of those that the factor stands for. Rule: B5.

        They lie 9,000 days (24 years and 8 months) apart, the first no earlier than 2000-07-03; of two that are
        equally near, it is the later. A good reference is the day on which the boleto was issued, or today.
        None where the code names no due date; no collection's does.

            >>> line = parse_line("23793.38128 60007.827136 95000.063305 9 75520000370000")
            >>> line.due_factor, line.due(date(2030, 10, 5)), line.due(date(2030, 10, 6))
            (7552, datetime.date(2018, 6, 11), datetime.date(2043, 1, 31))

        Raises:
            InvalidValue: ``not_a_date``, path ``reference``, for anything but a date (a datetime is none).
        """
        if type(reference) is not date:
            raise InvalidValue.of("reference", "not_a_date", rule="B5")
        factor = self.due_factor
        if factor is None:
            return None
        first = _FIRST_DAY + timedelta(days=factor - _FIRST_FACTOR)
        nearest = ((reference - first).days + _CYCLE // 2) // _CYCLE
        last = (date.max - first).days // _CYCLE
        return first + timedelta(days=_CYCLE * min(max(nearest, 0), last))

    def formatted(self) -> str:
        """The line as it is printed.

        >>> parse_line("23793381286000782713695000063305975520000370000").formatted()
        '23793.38128 60007.827136 95000.063305 9 75520000370000'
        >>> parse_barcode("85890000460524601791606075930508683148300001").formatted()
        '85890000460-9 52460179160-5 60759305086-5 83148300001-0'
        """
        d = self.digits
        if len(d) == _BANK:
            return f"{d[:5]}.{d[5:10]} {d[10:15]}.{d[15:21]} {d[21:26]}.{d[26:32]} {d[32]} {d[33:]}"
        return f"{d[:11]}-{d[11]} {d[12:23]}-{d[23]} {d[24:35]}-{d[35]} {d[36:47]}-{d[47]}"

    def __repr__(self) -> str:
        return f"DigitableLine({self.digits[:5]}…{self.digits[-5:]})"


def parse_line(text: str, path: str = "line") -> DigitableLine:
    """Read a digitable line: 47 or 48 digits, with spaces, dots and hyphens anywhere between. Rule: B5.

    Raises:
        InvalidValue: every part that does not fit, with its place in the text: ``check_digit`` at `path` and
            ``.field1`` to ``.field3`` (bank), ``.block1`` to ``.block4`` (collection) or ``.general``. Or what
            keeps from looking closer: ``not_a_line`` for no text, ``too_long`` above 128 code points,
            ``not_a_digit`` for letters, other scripts' digits and the like, ``wrong_length`` (with the `actual`
            number of digits), ``wrong_start`` where 48 digits do not start with 8, or 47 do,
            ``unknown_value_kind`` where a collection's third digit is none of 6 to 9. The text is never shown.
    """
    digits = _digits(text, path)
    try:
        return DigitableLine(digits)
    except InvalidValue as error:
        bad = error.problems
    raise InvalidValue(*(_placed(problem, text, path) for problem in bad))


def parse_barcode(text: str, path: str = "barcode") -> DigitableLine:
    """Read the 44 digits of a bar code, with spaces, dots and hyphens anywhere between. Rule: B5.

    Raises:
        InvalidValue: ``check_digit`` at ``.general``; ``unknown_value_kind``, ``not_a_line``, ``too_long``,
            ``not_a_digit`` and ``wrong_length`` as `parse_line`.
    """
    d = _digits(text, path)
    if len(d) != _BARCODE:
        raise InvalidValue.of(path, "wrong_length", rule="B5", actual=len(d))
    collection = d[0] == "8"
    if collection and d[2] not in "6789":
        raise InvalidValue(_placed(_UNKNOWN_KIND, text, path))
    parts = (d[:11], d[11:22], d[22:33], d[33:]) if collection else (d[:4] + d[19:24], d[24:34], d[34:])
    over = _MOD11_COLLECTION if collection and d[2] in "89" else _MOD10
    line = "".join(part + _check_digit(part.encode().translate(_VALUES), over) for part in parts)
    try:
        return DigitableLine(line if collection else line + d[4:19])
    except InvalidValue:
        # The digits of the parts fit, as they were just made: it can only be the general one.
        place = 3 if collection else 4
    raise InvalidValue(
        _placed(Problem("line.general", "check_digit", "B5", span=(place, place + 1)), text, path)
    )


# --- check digits --------------------------------------------------------------------------------------------

_MOD10: Final = "0987654321"
_MOD11_BANK: Final = "11987654321"
_MOD11_COLLECTION: Final = "00987654321"
"""The check digit for each remainder, from 0 on; its length is the modulus."""

_VALUES: Final = bytes(48) + bytes(range(10)) + bytes(198)
_DOUBLED: Final = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)) + bytes(246)
"""Translations: a digit's character to its value; that value to the digit sum of its double."""

_WEIGHTS: Final = bytes(2 + place % 8 for place in range(_BARCODE - 1))
"""Weights of mod 11, from the right."""

_UNKNOWN_KIND: Final = Problem("line", "unknown_value_kind", "B5", span=(2, 3))


def _check_digit(values: bytes, over: str) -> str:
    """The check digit of digits given as values, by one of the three tables of remainders."""
    if over is _MOD10:
        total = sum(values[-1::-2].translate(_DOUBLED)) + sum(values[-2::-2])
    else:
        total = sum(map(mul, reversed(values), _WEIGHTS))
    return over[total % len(over)]


def _problems(digits: object) -> Sequence[Problem]:
    """Everything wrong with what should be a line's digits, with its place among them."""
    if type(digits) is not str or not (digits.isascii() and (digits.isdigit() or not digits)):
        return (Problem("line", "not_a_line", "B5"),)
    checked = _CHECKED.get(len(digits))
    if checked is None:
        return (Problem("line", "wrong_length", "B5", actual=len(digits)),)
    if (digits[0] == "8") != (len(digits) == _COLLECTION):
        return (Problem("line", "wrong_start", "B5", span=(0, 1)),)
    values = digits.encode().translate(_VALUES)
    part_over = over = _MOD10
    if len(digits) == _BANK:
        over, place = _MOD11_BANK, 32
        covered = values[:4] + values[33:] + values[4:9] + values[10:20] + values[21:31]
    else:
        if digits[2] in "89":
            part_over = over = _MOD11_COLLECTION
        elif digits[2] not in "67":
            return (_UNKNOWN_KIND,)
        place = 3
        covered = values[:3] + values[4:11] + values[12:23] + values[24:35] + values[36:47]
    bad = [
        Problem(f"line.{name}", "check_digit", "B5", span=(start, end + 1))
        for name, start, end in checked
        if _check_digit(values[start:end], part_over) != digits[end]
    ]
    if _check_digit(covered, over) != digits[place]:
        bad.append(Problem("line.general", "check_digit", "B5", span=(place, place + 1)))
    return bad


# --- as it is written ----------------------------------------------------------------------------------------


def _digits(text: object, path: str) -> str:
    """The digits of a text that holds nothing else but what is printed between them."""
    if type(text) is not str:
        raise InvalidValue.of(path, "not_a_line", rule="B5")
    if len(text) > LINE_LENGTH:
        raise InvalidValue.of(path, "too_long", rule="B5", limit=LINE_LENGTH, actual=len(text))
    digits = text.replace(" ", "").replace(".", "").replace("-", "")
    foreign = None if digits.isascii() and digits.isdigit() else re.search("[^0-9 .-]", text)
    if foreign:
        raise InvalidValue.of(path, "not_a_digit", rule="B5", span=foreign.span())
    return digits


def _placed(problem: Problem, text: str, path: str) -> Problem:
    """The problem as one of `path`, its place that in the text instead of among the digits."""
    span = problem.span
    if span is not None:
        places = [i for i, c in enumerate(text) if c not in " .-"]
        span = (places[span[0]], places[span[1] - 1] + 1)
    return attrs.evolve(problem, path=path + problem.path.removeprefix("line"), span=span)
