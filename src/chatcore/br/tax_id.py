"""CPF and CNPJ, the tax ids of people and companies. Rule: R5.

1. A CPF has 11 digits. A CNPJ has 14 characters; since July 2026 the first twelve may be capital letters too.
2. The last two are check digits, each modulo 11 over all before it; remainders 0 and 1 both give the digit 0.
   A letter counts as its ASCII code less 48: A is 17, Z is 42.
3. One character all through is refused, although the check digits of such a CPF agree.
4. A change of one digit is found, but for these, as 0 stands for two remainders. In a CPF whose first check
   digit is 0: the first digit one more, or one less (one of the two, never both). In a CPF or CNPJ whose
   check digits are both 0, and of different remainders: the sixth digit of a CPF two away; the first or
   ninth of a CNPJ two away, its fifth five away; counted round through 11, so nine and six away as well.
5. Characters of a CNPJ whose values are 11 or 22 apart are never told apart: ``0FQ``, ``1GR``, ``2HS``,
   ``3IT``, ``4JU``, ``5KV``, ``6ALW``, ``7BMX``, ``8CNY``, ``9DOZ``, ``EP``.

Source: Receita Federal, Instrução Normativa RFB 2.229/2024 and its manual on the check digits of the CNPJ.

    >>> parse_tax_id("12.ABC.345/01DE-35").kind
    <TaxIdKind.CNPJ: 'cnpj'>
    >>> parse_tax_id("111.111.111-11")
    Traceback (most recent call last):
    ...
    chatcore.errors.InvalidValue: document: repeated_digits
"""

from __future__ import annotations

import enum
import re
from typing import Final

import attrs

from chatcore.errors import InvalidValue
from chatcore.limits import TAX_ID_LENGTH
from chatcore.vocabulary import Private

__all__ = ["TaxId", "TaxIdKind", "parse_tax_id"]

_CPF: Final = r"[0-9]{11}"
_CNPJ: Final = r"[0-9A-Z]{12}[0-9]{2}"

_BETWEEN: Final = "[ ./-]*"
_SPELLINGS: Final = tuple(
    " *" + _BETWEEN.join(f"({group})" for group in groups) + " *"
    for groups in (
        ("[0-9]{3}", "[0-9]{3}", "[0-9]{3}", "[0-9]{2}"),
        ("[0-9A-Za-z]{2}", "[0-9A-Za-z]{3}", "[0-9A-Za-z]{3}", "[0-9A-Za-z]{4}", "[0-9]{2}"),
    )
)


class TaxIdKind(enum.StrEnum):
    """Whose tax id it is."""

    CPF = "cpf"
    """A person's."""
    CNPJ = "cnpj"
    """A company's."""


@attrs.frozen(slots=True, repr=False)
class TaxId:
    """A CPF or CNPJ by its canonical key: 11 or 14 characters, capitals, nothing between. Rule: R5.

    Made by `parse_tax_id`. It prints as ``TaxId(<redacted>)``, a company's like a person's.

    Raises:
        InvalidValue: ``not_canonical``, ``repeated_digits``, ``check_digits``.
    """

    key: Private

    def __attrs_post_init__(self) -> None:
        wrong = _wrong(self.key.reveal()) if type(self.key) is Private else "not_canonical"
        if wrong:
            raise InvalidValue.of("document", wrong, rule="R5")

    @property
    def kind(self) -> TaxIdKind:
        """Whether it is a person's or a company's."""
        return TaxIdKind.CPF if len(self.key.reveal()) == 11 else TaxIdKind.CNPJ

    def reveal(self) -> str:
        """The key, like ``52998224725``. The caller answers for where it goes."""
        return self.key.reveal()

    def reveal_formatted(self) -> str:
        """The id as it is printed, like ``529.982.247-25``. The caller answers for where it goes."""
        key = self.key.reveal()
        if self.kind is TaxIdKind.CPF:
            return f"{key[:3]}.{key[3:6]}.{key[6:9]}-{key[9:]}"
        return f"{key[:2]}.{key[2:5]}.{key[5:8]}/{key[8:12]}-{key[12:]}"

    def __repr__(self) -> str:
        return "TaxId(<redacted>)"


def parse_tax_id(text: str, path: str = "document") -> TaxId:
    """Read a CPF or CNPJ as people write it: spaces and ``. / -`` between groups, small letters for capitals.

    Leading zeros must be there. Which of the two is meant follows from the length, so what stands between may
    only stand where it is printed: ``CPF 529.982.247-25`` has the 14 characters of a CNPJ, and is none.

        >>> parse_tax_id("529.982.247-25") == parse_tax_id("52998224725")
        True

    Raises:
        InvalidValue: ``too_long`` above 40 code points; ``not_a_tax_id`` for another type, other characters
            (other scripts' digits and line breaks too) and another length; ``repeated_digits``;
            ``check_digits``. The text is never shown. Rule: R5.
    """
    if type(text) is not str:
        raise InvalidValue.of(path, "not_a_tax_id", rule="R5")
    if len(text) > TAX_ID_LENGTH:
        raise InvalidValue.of(path, "too_long", rule="R5", limit=TAX_ID_LENGTH, actual=len(text))
    written = next(filter(None, (re.fullmatch(spelling, text) for spelling in _SPELLINGS)), None)
    if not written:
        raise InvalidValue.of(path, "not_a_tax_id", rule="R5")
    try:
        return TaxId(Private("".join(written.groups()).upper()))
    except InvalidValue as error:
        code = error.problems[0].code
    raise InvalidValue.of(path, code, rule="R5")


def _wrong(key: str) -> str | None:
    """What is wrong with a key; None if nothing is."""
    is_cpf = re.fullmatch(_CPF, key) is not None
    if not is_cpf and not re.fullmatch(_CNPJ, key):
        return "not_canonical"
    if len(set(key)) == 1:
        return "repeated_digits"
    # The library gets canonical texts only: by itself it fills up short ones and lets a line break pass.
    from validate_docbr import CNPJ, CPF

    sound = CPF().validate(key) if is_cpf else CNPJ().validate(key)
    return None if sound else "check_digits"
