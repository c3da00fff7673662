"""Brazilian formats, each with its check digits right: phones, CPF and CNPJ, boletos, Pix codes, access keys.

A check digit is found by trying: of the ten there are, one makes a value that `chatcore.br` takes. So what
counts as right is said there and nowhere else.
"""

from __future__ import annotations

import string
from typing import Final

from hypothesis import assume
from hypothesis import strategies as st

from chatcore.br import AccessKey, DigitableLine, Money, Phone, PixCode, TaxId, parse_barcode, parse_phone
from chatcore.br.pix import crc16
from chatcore.errors import InvalidValue
from chatcore.limits import MONEY_CENTS
from chatcore.testing.strategies._texts import labels
from chatcore.vocabulary import Private

__all__ = [
    "AREA_CODES",
    "access_keys",
    "brazilian_mobiles",
    "digitable_lines",
    "money",
    "phones",
    "pix_codes",
    "tax_ids",
]

AREA_CODES = tuple(
    f"{a}{b}"
    for a, ends in {
        1: "123456789",
        2: "12478",
        3: "1234578",
        4: "123456789",
        5: "1345",
        6: "123456789",
        7: "134579",
        8: "123456789",
        9: "123456789",
    }.items()
    for b in ends
)
"""The area codes of Brazil (DDD)."""

_STATES: Final = ("11", "21", "26", "29", "31", "33", "35", "41", "43", "50", "53")
_MODELS: Final = ("55", "57", "62", "65", "66")


def brazilian_mobiles() -> st.SearchStrategy[str]:
    """A Brazilian mobile in E.164, with its ninth digit."""
    subscriber = st.integers(60_000_000, 99_999_999)
    return st.builds("+55{}9{}".format, st.sampled_from(AREA_CODES), subscriber)


def phones() -> st.SearchStrategy[Phone]:
    """A phone number, most often a Brazilian mobile. Rule: M11."""
    others = st.sampled_from(("+551133334444", "+12025550123", "+351912345678"))
    return st.one_of(brazilian_mobiles(), brazilian_mobiles(), others).map(parse_phone)


def money() -> st.SearchStrategy[Money]:
    """An amount, from nothing up to the most there is. Rule: B10."""
    return st.builds(Money, st.integers(0, 100_000) | st.integers(0, MONEY_CENTS))


def _digits(count: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**count - 1).map(lambda number: f"{number:0{count}d}")


def _checked(body: str, weights: tuple[int, ...]) -> str:
    """The check digit modulo 11 of what stands before it."""
    values = [ord(each) - 48 for each in body]
    remainder = sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11
    return str(11 - remainder) if remainder > 1 else "0"


def _cpf(body: str) -> str:
    first = body + _checked(body, tuple(range(10, 1, -1)))
    return first + _checked(first, tuple(range(11, 1, -1)))


def _cnpj(body: str) -> str:
    first = body + _checked(body, (5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))
    return first + _checked(first, (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2))


def tax_ids() -> st.SearchStrategy[TaxId]:
    """A CPF or a CNPJ, the latter with letters too. Rule: R5."""
    people = _digits(9).filter(lambda body: len(set(body)) > 1).map(_cpf)
    signs = st.text(string.digits + string.ascii_uppercase, min_size=12, max_size=12)
    companies = st.one_of(_digits(12), signs).filter(lambda body: len(set(body)) > 1).map(_cnpj)
    return st.one_of(people, companies).map(Private).map(TaxId)


@st.composite
def digitable_lines(draw: st.DrawFn) -> DigitableLine:
    """The digitable line of a bank's boleto or of a collection's slip. Rule: B5."""
    bank = draw(st.booleans())
    before = (
        draw(st.sampled_from(("001", "104", "237", "341"))) + "9"
        if bank
        else "8" + draw(_digits(1)) + draw(st.sampled_from("6789"))
    )
    factor = draw(st.just("0000") | st.integers(1000, 9999).map(str)) if bank else ""
    after = factor + draw(_digits(43 - len(before) - len(factor)))
    for digit in string.digits:
        try:
            return parse_barcode(before + digit + after)
        except InvalidValue:
            continue
    assume(False)
    raise AssertionError


def _field(id: str, value: str) -> str:
    return f"{id}{len(value):02d}{value}"


@st.composite
def pix_codes(draw: st.DrawFn) -> PixCode:
    """A Pix code to copy and paste, static or dynamic. Rule: B6."""
    owner = (
        _field("01", draw(brazilian_mobiles()))
        if draw(st.booleans())
        else _field("25", f"pix.example/{draw(_digits(12))}")
    )
    amount = draw(st.none() | st.integers(1, 10**8).map(lambda cents: f"{cents // 100}.{cents % 100:02d}"))
    txid = draw(st.just("***") | labels())
    text = (
        _field("00", "01")
        + _field("26", _field("00", "br.gov.bcb.pix") + owner)
        + _field("52", "0000")
        + _field("53", "986")
        + ("" if amount is None else _field("54", amount))
        + _field("58", "BR")
        + _field("59", draw(labels()))
        + _field("60", draw(labels()))
        + _field("62", _field("05", txid))
        + "6304"
    )
    return PixCode(Private(f"{text}{crc16(text.encode()):04X}"))


@st.composite
def access_keys(draw: st.DrawFn) -> AccessKey:
    """The access key of an electronic fiscal document, issued by a company. Rule: B7."""
    issuer = _cnpj(draw(_digits(12).filter(lambda body: len(set(body)) > 1 and body[:3] != "000")))
    body = (
        draw(st.sampled_from(_STATES))
        + f"{draw(st.integers(6, 99)):02d}{draw(st.integers(1, 12)):02d}"
        + issuer
        + draw(st.sampled_from(_MODELS))
        + f"{draw(st.integers(0, 909)):03d}"
        + f"{draw(st.integers(1, 999_999_999)):09d}"
        + draw(_digits(9))
    )
    weights = tuple(2 + place % 8 for place in range(43))
    return AccessKey(Private(body + _checked(body, tuple(reversed(weights)))))
