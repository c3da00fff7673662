"""Phone numbers and their canonical key. Rules: M10, M11."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import attrs
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.br import Phone, parse_phone
from chatcore.errors import InvalidValue
from chatcore.testing.strategies import AREA_CODES, brazilian_mobiles, hostile_text
from chatcore.vocabulary import Private


def refused(text: object, **options: object) -> str:
    """The code with which a text is refused; the error must not show it."""
    with pytest.raises(InvalidValue) as error:
        parse_phone(text, "contact.phone", **options)  # type: ignore[arg-type]
    (problem,) = error.value.problems
    if isinstance(text, str) and len(text) > 3:
        assert text not in f"{error.value} {error.value!r} {error.value.document()}"
        assert error.value.__cause__ is None
    return f"{problem.path}: {problem.code}"


def test_importing_loads_no_phonenumbers() -> None:
    """Importing is light: phonenumbers comes when first needed."""
    code = "import sys, chatcore.br.phone; sys.exit('phonenumbers' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "text",
    [
        "(11) 98765-4321",
        "+55 11 98765 4321",
        "(+55) 11 98765.4321",
        "5511987654321",
        "011 98765-4321",
        "0 15 11 98765-4321",
        "  11987654321  ",
        "(11) 8765-4321",
        "+55 11 8765-4321",
        "551187654321",
    ],
)
def test_every_spelling_of_a_mobile_has_one_key(text: str) -> None:
    """With and without country code, trunk zero, carrier, punctuation and ninth digit. Rule: M11."""
    phone = parse_phone(text)
    assert phone.reveal() == "+5511987654321"
    assert phone.is_mobile
    assert phone == parse_phone("+5511987654321")
    assert hash(phone) == hash(parse_phone("+5511987654321"))


@given(brazilian_mobiles())
def test_the_ninth_digit_does_not_count(mobile: str) -> None:
    """Law: a mobile with and without its ninth digit is one phone, however spelled. Rule: M11."""
    without = mobile[:5] + mobile[6:]
    for text in (mobile, without):
        for spelling in (text, text[1:], f"({text[3:5]}) {text[5:-4]}-{text[-4:]}", f"0{text[3:]}"):
            assert parse_phone(spelling).reveal() == mobile
            assert parse_phone(spelling).is_mobile
        assert parse_phone(text[1:], region=None).reveal() == mobile


@given(st.sampled_from(AREA_CODES), st.integers(20_000_000, 59_999_999))
def test_a_landline_never_gains_a_ninth_digit(area: str, subscriber: int) -> None:
    """Law: an 8-digit subscriber number that starts with 2 to 5 keeps its 8 digits. Rule: M11."""
    phone = parse_phone(f"+55{area}{subscriber}", region=None)
    assert phone.reveal() == f"+55{area}{subscriber}"
    assert not phone.is_mobile


def test_the_area_codes_are_those_of_the_numbering_plan() -> None:
    """A mobile of an area code that does not exist is refused, in either length. Rule: M11."""
    valid = {
        f"{ddd}"
        for ddd in range(10, 100)
        if phonenumbers.is_valid_number(phonenumbers.parse(f"+55{ddd}987654321"))
    }
    assert valid == set(AREA_CODES)
    for area in sorted({str(ddd) for ddd in range(10, 100)} - valid):
        assert refused(f"+55 {area} 98765-4321") == "contact.phone: not_a_phone"
        assert refused(f"+55 {area} 8765-4321") == "contact.phone: not_a_phone"


@pytest.mark.parametrize(
    ("text", "e164", "mobile"),
    [
        ("(11) 3333-4444", "+551133334444", False),
        ("1133334444", "+551133334444", False),
        ("551133334444", "+551133334444", False),
        ("0800 123 4567", "+558001234567", False),
        ("+1 415 555 2671", "+14155552671", True),
        ("14155552671", "+14155552671", True),
        ("+351 912 345 678", "+351912345678", True),
        ("351912345678", "+351912345678", True),
        ("+44 20 7946 0958", "+442079460958", False),
        ("5491123456789", "+5491123456789", True),
    ],
)
def test_landlines_and_foreign_numbers_keep_what_they_have(text: str, e164: str, mobile: bool) -> None:
    """Rule: M11."""
    assert parse_phone(text).reveal() == e164
    assert parse_phone(text).is_mobile is mobile


@pytest.mark.parametrize(
    ("digits", "in_brazil", "vouched"),
    [
        ("4791234567", "+5547991234567", "+4791234567"),
        ("55999998888", "+5555999998888", "+55999998888"),
        ("5599998888", "+5555999998888", "+5599998888"),
        ("5555999998888", "+5555999998888", "+5555999998888"),
    ],
)
def test_bare_digits_are_national_first_unless_a_provider_vouches(
    digits: str, in_brazil: str, vouched: str
) -> None:
    """A person in Brazil writes area and number; a `wa_id` begins with its country code. Rule: M10, M11."""
    assert parse_phone(digits).reveal() == in_brazil
    assert parse_phone(digits, region=None).reveal() == vouched


def test_a_provider_s_number_passes_where_the_plan_is_behind() -> None:
    """A `wa_id` with a known country code and E.164's length is a phone. Rule: M10, M14."""
    assert parse_phone("5215512345678", region=None).reveal() == "+5215512345678"
    assert parse_phone("+5520987654321", region=None).reveal() == "+5520987654321"
    for text in ("999123456789", "0055119876543", "5511", "1234567890123456", "()", ""):
        assert refused(text, region=None) == "contact.phone: not_a_phone"


def test_the_region_decides_what_is_national() -> None:
    """Without a country code the number belongs to the region; an unknown region is refused."""
    assert parse_phone("912 345 678", region="PT").reveal() == "+351912345678"
    assert refused("912 345 678", region="ZZ") == "region: unknown_region"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "()",
        "190",
        "98765-4321",
        "(11) 98765-43210",
        "(11) 1234-5678",
        "0055 11 98765-4321",
        "+55 11",
        "+0 11 98765-4321",
        "+999 1234 5678",
        "++5511987654321",
        "11+987654321",
        "(11) 98765-4321 ramal 5",
        "(11) 98765-4321 x5",
        "+5511987654321;ext=5",
        "tel:+5511987654321",
        "11987654321abc",
        "1-800-FLOWERS",
        "11 98765-4321\n",
        "11\t98765-4321",
        "11 98765-4321\0",
        "\u202a+55 11 98765-4321\u202c",
        "１１９８７６５４３２１",
        "١١٩٨٧٦٥٤٣٢١",
        "+55 11 9 8765\ud8004321",
        "11 98765-4321, 11 98765-4322",
        None,
        5511987654321,
        b"5511987654321",
    ],
)
def test_what_is_no_phone_is_refused_without_being_shown(text: object) -> None:
    """Letters, controls, other digits, extensions, impossible numbers: one typed error. Rule: M11."""
    assert refused(text) == "contact.phone: not_a_phone"


def test_a_text_of_any_length_is_refused_at_once() -> None:
    """Above 64 code points nothing is read."""
    assert refused("1" * 65) == "contact.phone: too_long"
    assert refused("1" * 1_000_000) == "contact.phone: too_long"


@given(
    st.one_of(hostile_text(), st.text("0123456789+-(). ", max_size=20)),
    st.sampled_from(["BR", "PT", "US", None]),
)
def test_any_text_is_a_phone_or_refused_and_the_key_is_stable(text: str, region: str | None) -> None:
    """Law: parse(x) is a Phone with parse(key) == it, or InvalidValue. Rule: M11."""
    try:
        phone = parse_phone(text, region=region)
    except InvalidValue:
        return
    assert parse_phone(phone.reveal(), region=region) == phone
    assert parse_phone(phone.reveal(), region=None) == phone


def test_a_phone_never_shows_itself() -> None:
    """Only `reveal` tells. Rule: DESIGN, privacy."""
    phone = parse_phone("11987654321")
    assert repr(phone) == str(phone) == f"{phone}" == "Phone(<redacted>)"
    assert "98765" not in repr([phone])


def test_a_phone_is_a_frozen_value() -> None:
    """It pickles, copies, and cannot be changed."""
    phone = parse_phone("11987654321")
    assert pickle.loads(pickle.dumps(phone)) == phone
    assert copy.deepcopy(phone) == phone
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        phone.is_mobile = False  # type: ignore[misc]


@pytest.mark.parametrize(
    "key", ["", "5511987654321", "+551187654321", "+55 11 987654321", "+0123456789", "+1" * 20]
)
def test_a_phone_holds_a_canonical_key_only(key: str) -> None:
    """A mobile without its ninth digit cannot be a key. Rule: M11."""
    with pytest.raises(InvalidValue):
        Phone(Private(key), is_mobile=True)
    with pytest.raises(InvalidValue):
        Phone(key, is_mobile=True)  # type: ignore[arg-type]
