"""Phone numbers, with one canonical key for every spelling of one number. Rule: M10, M11.

The key is E.164. Brazilian mobiles match with and without the ninth digit: an 8-digit subscriber number that
starts with 6 to 9 gains it, one that starts with 2 to 5 (a landline) never does, and numbers of other countries
keep what they have. Replies still go to the exact address the channel gave (M10): the key is for matching only.

Source: Anatel, Resolução 749/2022 (numbering plan: area codes, 8-digit landlines, 9-digit mobiles); E.164.

    >>> parse_phone("(11) 8765-4321").reveal()
    '+5511987654321'
    >>> parse_phone("98765-4321")  # no area code
    Traceback (most recent call last):
    ...
    chatcore.errors.InvalidValue: phone: not_a_phone
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from chatcore.errors import InvalidValue
from chatcore.vocabulary import Private

__all__ = ["Phone", "parse_phone"]

_LONGEST: Final = 64
_E164: Final = r"\+[1-9][0-9]{6,14}"
_SPELLING: Final = r"\(?\+?[0-9 ().-]+"

_BRAZIL: Final = "+55"
_AREA: Final = r"(?:1[1-9]|2[12478]|3[1-578]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9])"
_EIGHT_DIGIT_MOBILE: Final = rf"\+55({_AREA})([6-9][0-9]{{7}})"
_MOBILE: Final = rf"\+55{_AREA}9[0-9]{{8}}"


@attrs.frozen(slots=True, repr=False)
class Phone:
    """A phone number by its canonical key: equal for every spelling of one number. Rule: M11.

    Made by `parse_phone`. It prints as ``Phone(<redacted>)``; `reveal` is explicit.

    Raises:
        InvalidValue: ``not_canonical`` when the key is not E.164 or lacks the ninth digit.
    """

    key: Private
    is_mobile: bool = attrs.field(eq=False)

    def __attrs_post_init__(self) -> None:
        e164 = self.key.reveal() if type(self.key) is Private else ""
        if not re.fullmatch(_E164, e164) or _with_ninth_digit(e164) != e164:
            raise InvalidValue.of("phone", "not_canonical", rule="M11")

    def reveal(self) -> str:
        """The number in E.164, like ``+5511987654321``. The caller answers for where it goes."""
        return self.key.reveal()

    def __repr__(self) -> str:
        return "Phone(<redacted>)"


def parse_phone(text: str, path: str = "phone", region: str | None = "BR") -> Phone:
    """Read a phone number as people and providers write it: digits, spaces, ``( ) . -`` and a leading ``+``.

    How digits are read: after ``+`` comes a country code. Without it, the number belongs to the plan of
    `region` (an ISO 3166 code; trunk ``0`` and carrier codes are understood) if it is valid there, with or
    without its country code; else bare digits are tried as an international number, which must be valid then.

    With `region` None a provider vouches for the number, and its digits begin with a country code whether or
    not a ``+`` says so: a known country code and E.164's length suffice. This is how a WhatsApp ``wa_id`` is
    read, so that a Norwegian ``4791234567`` is not taken for a mobile of Joinville. Rule: M10, M11.

        >>> parse_phone("5511987654321") == parse_phone("011 98765-4321")
        True
        >>> parse_phone("4791234567", region=None).reveal()
        '+4791234567'

    Raises:
        InvalidValue: ``too_long`` above 64 code points; ``not_a_phone`` for letters, control characters, other
            scripts' digits, extensions, and what no plan has; ``unknown_region``. The text is never shown.
    """
    if type(text) is not str:
        raise InvalidValue.of(path, "not_a_phone")
    if len(text) > _LONGEST:
        raise InvalidValue.of(path, "too_long", limit=_LONGEST, actual=len(text))
    spelled = text.strip(" ")
    if not re.fullmatch(_SPELLING, spelled):
        raise InvalidValue.of(path, "not_a_phone")
    phone = _vouched(spelled) if region is None else _spelled(spelled, region)
    if phone is None:
        raise InvalidValue.of(path, "not_a_phone", rule="M11")
    return phone


def _spelled(text: str, region: str) -> Phone | None:
    """Read what a person wrote; None when no plan has it."""
    import phonenumbers

    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidValue.of("region", "unknown_region")
    if "+" in text:
        return _planned(text, None, only_valid=False)
    phone = _planned(text, region, only_valid=True)
    if phone is None and text.isdigit() and not text.startswith("0"):
        phone = _planned(f"+{text}", None, only_valid=True)
    return phone


def _vouched(text: str) -> Phone | None:
    """Read what a provider gave, country code first; None when no country has that code."""
    written = "+" + re.sub("[^0-9]", "", text)
    if not re.fullmatch(_E164, written):
        return None
    e164 = _with_ninth_digit(written)
    if e164.startswith(_BRAZIL):
        return _brazilian(e164)
    # The digits stay as they are: what a library makes of them changes with its edition, and a key must not.
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    return Phone(Private(e164), is_mobile=phonenumbers.number_type(number) in _mobile_types())


def _planned(text: str, region: str | None, *, only_valid: bool) -> Phone | None:
    """Read a number by the plan of its country; None when the plan does not have it.

    A Brazilian number is always held to validity, as the ninth digit rests on it; for another country it is
    enough to be possible, unless `only_valid`.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, ValidationResult

    try:
        number = phonenumbers.parse(text, region)
        written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        e164 = _with_ninth_digit(written)
        if e164 != written:
            number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    if only_valid or e164.startswith(_BRAZIL):
        sound = phonenumbers.is_valid_number(number)
    else:
        sound = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    if not sound or not re.fullmatch(_E164, e164):
        return None
    if e164.startswith(_BRAZIL):
        return _brazilian(e164)
    return Phone(Private(e164), is_mobile=phonenumbers.number_type(number) in _mobile_types())


def _brazilian(e164: str) -> Phone:
    return Phone(Private(e164), is_mobile=re.fullmatch(_MOBILE, e164) is not None)


def _mobile_types() -> tuple[int, ...]:
    from phonenumbers import PhoneNumberType

    return (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _with_ninth_digit(e164: str) -> str:
    short = re.fullmatch(_EIGHT_DIGIT_MOBILE, e164)
    return f"+55{short[1]}9{short[2]}" if short else e164
