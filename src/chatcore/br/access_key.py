"""Access keys (chaves de acesso) of electronic fiscal documents: 44 characters, one check digit. Rule: B7.

1. A key is made of fields, at these places, counted from 0, and the end left out:

   =============== ====== ==================================================================================
   ``uf``          0, 2   the state, by its IBGE code
   ``issued``      2, 6   two digits of the year, 2006 to 2099, and the month
   ``issuer``      6, 20  a CNPJ, or a CPF after three zeros
   ``model``       20, 22 62 is a NFCom, 55 a NF-e, 65 a NFC-e, and so on
   ``series``      22, 25 0 to 999
   ``number``      25, 34 1 to 999,999,999
   ``rest``        34, 43 how it was issued; of NFCom, NF3e, NFAg, NFGas the site (35, 36); a random code
   ``check_digit`` 43, 44 modulo 11 over all before it, with weights 2 to 9 from the right, over and over
   =============== ====== ==================================================================================

   The rest is digits, and not looked into.
2. Since July 2026 the first twelve characters of the issuer may be capital letters. In the check digit a letter
   counts as its ASCII code less 48: A is 17, Z is 42.
3. The issuer's own check digits count too. Where the fourteen read both as a CNPJ and as a CPF, it is a CPF in
   series 910 to 969 and a CNPJ in all others.
4. The check digit finds every change of one character but these. It is 0 for the remainders 0 and 1, so in a
   key that ends in 0 each place but the last has at most one other digit that fits as well. And characters of
   values 11 or 22 apart (`chatcore.br.tax_id` lists them) are never told apart, not by the issuer's own check
   digits either. A change that it misses is still found where the field cannot say that.

A CF-e of SAT equipment (model 59) puts its key together in another way, and a national NFS-e has 50 digits:
neither is read here.

Source: Manual de Orientação do Contribuinte, of the NF-e 7.0 (rejections 236, 614 to 617, 619) and of the
NFCom; Nota Técnica 2018.001 (CPF); Nota Técnica Conjunta 2025.001 (letters).

    >>> key = parse_access_key("3315 0308 3707 7900 0149 5500 1000 1100 9310 0241 0775")
    >>> key.uf, key.issued, key.model, key.series, key.number
    ('33', (2015, 3), '55', 1, 110093)
    >>> parse_access_key("3315 1308 3707 7900 0149 5500 1000 1100 9310 0241 0775", "key")
    Traceback (most recent call last):
    ...
    chatcore.errors.InvalidValue: key.issued: not_a_month at 2..7; key.check_digit: check_digit at 53..54
"""

from __future__ import annotations

import re
from operator import mul
from typing import Final

import attrs

from chatcore.br.tax_id import TaxId
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ACCESS_KEY_LENGTH
from chatcore.vocabulary import Private

__all__ = ["AccessKey", "parse_access_key"]

_LENGTH: Final = 44
_FOREIGN: Final = "[^0-9A-Za-z ./-]"

_UF: Final = slice(0, 2)
_ISSUED: Final = slice(2, 6)
_ISSUER: Final = slice(6, 20)
_MODEL: Final = slice(20, 22)
_SERIES: Final = slice(22, 25)
_NUMBER: Final = slice(25, 34)
_REST: Final = slice(34, 43)
_CHECK_DIGIT: Final = slice(43, 44)

_STATES: Final = r"1[1-7]|2[1-9]|3[1235]|4[123]|5[0-3]"
"""Codes of the 26 states and the Federal District. Source: IBGE."""

_MONTH: Final = r"[0-9]{2}(?:0[1-9]|1[0-2])"
_FIRST_YEAR: Final = "06"

_MODELS: Final = r"5[578]|6[2-7]|7[56]"
"""NF-e, CT-e, MDF-e; NFCom, BP-e, GTV-e, NFC-e, NF3e, CT-e OS; NFAg, NFGas."""

_PEOPLE: Final = range(910, 970)
"""Series of issuers with a CPF."""

_WEIGHTS: Final = tuple(2 + place % 8 for place in range(_LENGTH - 1))
"""From the right."""


@attrs.frozen(slots=True, repr=False)
class AccessKey:
    """An access key that holds together, by its canonical `key`: 44 digits and capitals. Rule: B7.

    Made by `parse_access_key`. It prints as ``AccessKey(<redacted>)``, whoever the issuer: who has the key can
    look the document up, and some issuers are people with a CPF.

    Raises:
        InvalidValue: as `parse_access_key`, with places in the key; for other than 44 digits and capitals
            ``not_canonical``.
    """

    key: Private
    issuer: TaxId = attrs.field(init=False, eq=False)
    """The company, or the person, that issued the document."""

    def __attrs_post_init__(self) -> None:
        key = self.key.reveal() if type(self.key) is Private else ""
        if not re.fullmatch(f"[0-9A-Z]{{{_LENGTH}}}", key):
            raise InvalidValue.of("access_key", "not_canonical", rule="B7")
        issuer = _issuer(key)
        bad = _problems(key, issuer)
        if bad:
            raise InvalidValue(*bad)
        object.__setattr__(self, "issuer", issuer)

    @property
    def uf(self) -> str:
        """The state's IBGE code, like ``35`` for São Paulo."""
        return self.key.reveal()[_UF]

    @property
    def issued(self) -> tuple[int, int]:
        """Year and month of issue."""
        issued = self.key.reveal()[_ISSUED]
        return 2000 + int(issued[:2]), int(issued[2:])

    @property
    def model(self) -> str:
        """The document's model, like ``62`` for a NFCom."""
        return self.key.reveal()[_MODEL]

    @property
    def series(self) -> int:
        """The document's series, 0 to 999."""
        return int(self.key.reveal()[_SERIES])

    @property
    def number(self) -> int:
        """The document's number, 1 to 999,999,999."""
        return int(self.key.reveal()[_NUMBER])

    def reveal(self) -> str:
        """The 44 characters. The caller answers for where they go."""
        return self.key.reveal()

    def reveal_formatted(self) -> str:
        """The key as it is printed, in eleven groups of four. The caller answers for where it goes."""
        key = self.key.reveal()
        return " ".join(key[start : start + 4] for start in range(0, _LENGTH, 4))

    def __repr__(self) -> str:
        return "AccessKey(<redacted>)"


def parse_access_key(text: str, path: str = "access_key") -> AccessKey:
    """Read an access key as it is printed: spaces and ``. / -`` anywhere, small letters for capitals. Rule: B7.

    Raises:
        InvalidValue: every field that is wrong, as ``access_key.model``, with its place in the text (from 0,
            the end left out): ``not_a_digit`` where a letter may not stand, ``unknown_state``, ``not_a_month``,
            ``too_early`` before 2006, ``not_an_issuer``, ``unknown_model``, ``no_number`` for number zero,
            ``check_digit``. Or what keeps from looking closer: ``not_an_access_key`` for no text, ``too_long``
            above 128 code points, ``unknown_character`` for other scripts' digits, line breaks and the like,
            ``wrong_length`` (with `actual` characters). The text is never shown.
    """
    if type(text) is not str:
        raise InvalidValue.of(path, "not_an_access_key", rule="B7")
    if len(text) > ACCESS_KEY_LENGTH:
        raise InvalidValue.of(path, "too_long", rule="B7", limit=ACCESS_KEY_LENGTH, actual=len(text))
    foreign = re.search(_FOREIGN, text)
    if foreign:
        raise InvalidValue.of(path, "unknown_character", rule="B7", span=foreign.span())
    places = [place for place, character in enumerate(text) if character not in " ./-"]
    if len(places) != _LENGTH:
        raise InvalidValue.of(path, "wrong_length", rule="B7", actual=len(places))
    try:
        return AccessKey(Private("".join(text[place] for place in places).upper()))
    except InvalidValue as error:
        bad = error.problems
    raise InvalidValue(*(_placed(problem, places, path) for problem in bad))


def _placed(problem: Problem, places: list[int], path: str) -> Problem:
    """The problem as one of `path`, its place that in the text instead of in the key."""
    span = problem.span and (places[problem.span[0]], places[problem.span[1] - 1] + 1)
    return attrs.evolve(problem, path=path + problem.path.removeprefix("access_key"), span=span)


def _problems(key: str, issuer: TaxId | None) -> list[Problem]:
    """What is wrong with 44 digits and capitals, field by field."""
    month = re.fullmatch(_MONTH, key[_ISSUED])
    fields = (
        ("uf", _UF, None if re.fullmatch(_STATES, key[_UF]) else "unknown_state"),
        ("issued", _ISSUED, "not_a_month" if not month else "too_early" if month[0] < _FIRST_YEAR else None),
        ("issuer", _ISSUER, None if issuer else "not_an_issuer"),
        ("model", _MODEL, None if re.fullmatch(_MODELS, key[_MODEL]) else "unknown_model"),
        ("series", _SERIES, None),
        ("number", _NUMBER, None if key[_NUMBER].strip("0") else "no_number"),
        ("rest", _REST, None),
        ("check_digit", _CHECK_DIGIT, None if key[_CHECK_DIGIT] == _check_digit(key) else "check_digit"),
    )
    bad = []
    for field, where, wrong in fields:
        code = wrong if field == "issuer" or key[where].isdigit() else "not_a_digit"
        if code:
            bad.append(Problem(f"access_key.{field}", code, "B7", span=(where.start, where.stop)))
    return bad


def _issuer(key: str) -> TaxId | None:
    """Read the issuer; None when it is neither a CNPJ nor a CPF after three zeros."""
    fourteen, series = key[_ISSUER], key[_SERIES]
    readings = [fourteen, fourteen[3:]] if fourteen.startswith("000") else [fourteen]
    if series.isdigit() and int(series) in _PEOPLE:
        readings.reverse()
    for reading in readings:
        try:
            return TaxId(Private(reading))
        except InvalidValue:
            continue
    return None


def _check_digit(key: str) -> str:
    """The check digit that the first 43 characters call for."""
    values = (ord(character) - 48 for character in reversed(key[: _LENGTH - 1]))
    remainder = sum(map(mul, values, _WEIGHTS)) % 11
    return str(11 - remainder) if remainder > 1 else "0"
