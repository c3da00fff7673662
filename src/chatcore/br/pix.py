r"""Pix codes to copy and paste ("copia e cola"): the BR Code, which is an EMV QR code of a merchant. Rule: B6.

1. A code is a row of fields: two digits of id, two of length (01 to 99), and as many characters of value. Some
   values, called templates, are such rows again. No row has one id twice.
2. The first field is 00 and the last is 63, the checksum; the others come in any order, and unknown ones pass.
3. Exactly one template from 26 to 51 has the GUI ``br.gov.bcb.pix``, in any case of letters. It holds the key
   of who is paid (01, a static code) or the address of the charge (25, a dynamic code), never both.
4. Lengths count characters, as EMV has it, also outside ASCII; the checksum is that of the UTF-8 bytes. A code
   whose lengths count bytes is refused, as the apps that pay go by the characters.
5. The checksum is CRC-16/CCITT-FALSE over all before its own value, the ``6304`` included, as four hexadecimal
   digits of either case: some providers write small letters, and apps take them.
6. The code is sent as its maker wrote it, so the text is never changed, but for white space around it.

The checksum notices every mistake within two bytes next to each other, and so every ASCII character that was
changed to another one. Only the case of its own letters means nothing.

Source: Banco Central, "Manual do BR Code" and "Manual de Padrões para Iniciação do Pix"; EMVCo, "QR Code
Specification for Payment Systems: Merchant-Presented Mode".

    >>> head = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    >>> code = parse_pix(head + "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D")
    >>> code, code.merchant_city, code.amount, code.txid, code.dynamic
    (PixCode(<redacted>), 'BRASILIA', None, None, False)
    >>> parse_pix(head + "5204000053039865802BR5913Fulano de Fal6008BRASILIA62070503***63041D3D")
    Traceback (most recent call last):
    ...
    chatcore.errors.InvalidValue: pix.63: checksum at 133..137
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from typing import Final

import attrs

from chatcore.br.money import Money
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import PIX_LENGTH
from chatcore.vocabulary import Private

__all__ = ["PixCode", "crc16", "parse_pix"]

_GUI: Final = "br.gov.bcb.pix"
_NO_TXID: Final = "***"
_SPACE: Final = " \t\r\n"

_REQUIRED: Final = {"00": "01", "52": None, "53": "986", "58": "BR", "59": None, "60": None, "63": None}
"""Fields that every code has, and what each must say if that is fixed: the format, reais (ISO 4217), Brazil."""


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, from 0xFFFF, nothing reflected, nothing added. Rule: B6.

    >>> f"{crc16(b'123456789'):04X}"
    '29B1'
    """
    return crc_hqx(data, 0xFFFF)


@attrs.frozen(slots=True, repr=False)
class PixCode:
    """A Pix code that is whole, with what it says. Rule: B6.

    It is made of its `text` alone, and equal where that is. A key may be a person's document, phone or e-mail,
    and the text holds it: both are private, and the code prints as ``PixCode(<redacted>)``.

    Raises:
        InvalidValue: as `parse_pix` does; white space around the text is not taken off here.
    """

    text: Private
    amount: Money | None = attrs.field(init=False, eq=False)
    """What is to be paid; None where the code leaves that open, or says zero, or the charge itself tells."""
    merchant_name: str = attrs.field(init=False, eq=False)
    merchant_city: str = attrs.field(init=False, eq=False)
    txid: str | None = attrs.field(init=False, eq=False)
    """The receiver's name for the payment; None where there is none, which is written ``***``."""
    key: Private | None = attrs.field(init=False, eq=False)
    """The Pix key of who is paid, in a static code."""
    url: str | None = attrs.field(init=False, eq=False)
    """Where the charge is looked up, without a scheme, in a dynamic code."""

    def __attrs_post_init__(self) -> None:
        if type(self.text) is not Private:
            raise InvalidValue.of("pix", "not_a_code", rule="B6")
        text = self.text.reveal()
        bad = _text_problems(text)
        if bad:
            raise InvalidValue(*bad)
        row = _row(text, (0, len(text)), "pix", bad)
        _check_sum(text, row, bad)
        if row.broken:
            raise InvalidValue(*bad)
        _check_fields(text, row, bad)
        account = _account(text, row, bad)
        amount = _amount(text, row.get("54"), bad)
        more = _row(text, row["62"], "pix.62", bad) if "62" in row else _Row()
        if bad:
            raise InvalidValue(*bad)
        key, txid = _value(text, account, "01"), _value(text, more, "05")
        keep = object.__setattr__
        keep(self, "amount", amount)
        keep(self, "merchant_name", _value(text, row, "59"))
        keep(self, "merchant_city", _value(text, row, "60"))
        keep(self, "txid", None if txid == _NO_TXID else txid)
        keep(self, "key", None if key is None else Private(key))
        keep(self, "url", _value(text, account, "25"))

    @property
    def dynamic(self) -> bool:
        """Whether the charge is looked up at `url` when it is paid; a static code says all by itself."""
        return self.url is not None

    def __repr__(self) -> str:
        return "PixCode(<redacted>)"


def parse_pix(text: str, path: str = "pix") -> PixCode:
    """Read a Pix code, white space around it set aside. Rule: B6.

    Raises:
        InvalidValue: every field that is wrong, as `path`, its id and, in a template, the id there
            (``pix.26.01``), with its place in the text: ``missing``, ``repeated``, ``empty``, ``wrong_value``,
            ``not_an_amount``, ``not_first`` (00), ``not_last`` and ``checksum`` (63), ``cut_off`` where the
            length goes past the end, ``malformed`` where no id and length stand, ``no_pix_account``,
            ``many_pix_accounts``, ``key_or_url`` where an account has neither or both. Where a row of fields
            breaks off, what might be missing is not told. Or, for the whole text, ``not_a_code`` for none,
            ``too_long`` above 512 code points, ``control_character`` (line breaks included), ``surrogate``. The
            text is never shown.
    """
    if type(text) is not str:
        raise InvalidValue.of(path, "not_a_code", rule="B6")
    if len(text) > PIX_LENGTH:
        raise InvalidValue.of(path, "too_long", rule="B6", limit=PIX_LENGTH, actual=len(text))
    code = text.strip(_SPACE)
    try:
        return PixCode(Private(code))
    except InvalidValue as error:
        bad = error.problems
    before = len(text) - len(text.lstrip(_SPACE))
    raise InvalidValue(*(_placed(problem, before, path) for problem in bad))


def _placed(problem: Problem, before: int, path: str) -> Problem:
    """The problem as one of `path`, in a text that has so many characters before the code."""
    span = problem.span and (problem.span[0] + before, problem.span[1] + before)
    return attrs.evolve(problem, path=path + problem.path.removeprefix("pix"), span=span)


def _text_problems(text: str) -> list[Problem]:
    """What keeps a text from being read at all."""
    if len(text) > PIX_LENGTH:
        return [Problem("pix", "too_long", "B6", PIX_LENGTH, len(text))]
    if not text:
        return [Problem("pix", "not_a_code", "B6")]
    if text.isprintable():
        return []
    hidden = (("control_character", "[\\0-\x1f\x7f-\x9f\u2028\u2029]"), ("surrogate", "[\ud800-\udfff]"))
    found = ((code, re.search(pattern, text)) for code, pattern in hidden)
    return [Problem("pix", code, "B6", span=match.span()) for code, match in found if match]


# --- the rows of fields --------------------------------------------------------------------------------------


class _Row(dict[str, tuple[int, int]]):
    """Where in the text the value of each field starts and ends, in the order of the fields."""

    __slots__ = ("broken",)

    def __init__(self) -> None:
        self.broken = False
        """Whether reading stopped before the end, so that nothing can be said of what is missing."""


def _row(text: str, place: tuple[int, int], path: str, bad: list[Problem]) -> _Row:
    """The fields in a part of the text, up to what cannot be one."""
    row = _Row()
    at, end = place
    while at < end:
        start = at + 4
        head = text[at:start]
        if start > end or not (head.isascii() and head.isdigit()):
            bad.append(Problem(path, "malformed", "B6", span=(at, min(start, end))))
            row.broken = True
            break
        id, stop = head[:2], start + int(head[2:])
        code = "cut_off" if stop > end else "empty" if stop == start else "repeated" if id in row else None
        if code:
            bad.append(Problem(f"{path}.{id}", code, "B6", span=(at, min(stop, end))))
            if stop > end:
                row.broken = True
                break
        row[id] = start, stop
        at = stop
    return row


def _value(text: str, row: _Row, id: str) -> str | None:
    """What a field says; None where there is none."""
    place = row.get(id)
    return text[place[0] : place[1]] if place else None


def _check_sum(text: str, row: _Row, bad: list[Problem]) -> None:
    """The checksum, where its field was found."""
    place = row.get("63")
    if place is not None:
        start, stop = place
        if f"{crc16(text[:start].encode()):04X}" != text[start:stop].upper():
            bad.append(Problem("pix.63", "checksum", "B6", span=place))


def _check_fields(text: str, row: _Row, bad: list[Problem]) -> None:
    """That every required field is there, says what it must, and stands where it must."""
    for id, fixed in _REQUIRED.items():
        place = row.get(id)
        if place is None:
            bad.append(Problem(f"pix.{id}", "missing", "B6"))
        elif fixed is not None and text[place[0] : place[1]] != fixed:
            bad.append(Problem(f"pix.{id}", "wrong_value", "B6", span=place))
    if "00" in row and next(iter(row)) != "00":
        bad.append(Problem("pix.00", "not_first", "B6", span=row["00"]))
    if "63" in row and next(reversed(row)) != "63":
        bad.append(Problem("pix.63", "not_last", "B6", span=row["63"]))


def _account(text: str, row: _Row, bad: list[Problem]) -> _Row:
    """The one account that is Pix's, with a key or the address of a charge."""
    found: list[tuple[str, _Row]] = []
    for id, place in row.items():
        if "26" <= id <= "51":
            account = _row(text, place, f"pix.{id}", bad)
            if (_value(text, account, "00") or "").lower() == _GUI:
                found.append((id, account))
    if len(found) != 1:
        code = "many_pix_accounts" if found else "no_pix_account"
        bad.append(Problem("pix", code, "B6"))
        return _Row()
    ((id, account),) = found
    if ("01" in account) == ("25" in account) and not account.broken:
        bad.append(Problem(f"pix.{id}", "key_or_url", "B6", span=row[id]))
    return account


def _amount(text: str, place: tuple[int, int] | None, bad: list[Problem]) -> Money | None:
    """What field 54 says: up to ten digits of reais, a point or none, up to two digits of cents."""
    if place is None:
        return None
    said = text[place[0] : place[1]]
    reais, _, cents = said.partition(".")
    if not (said.isascii() and f"{reais}{cents}".isdigit() and 1 <= len(reais) <= 10 and len(cents) <= 2):
        bad.append(Problem("pix.54", "not_an_amount", "B6", span=place))
        return None
    amount = int(reais) * 100 + int(cents.ljust(2, "0"))
    return Money(amount) if amount else None
