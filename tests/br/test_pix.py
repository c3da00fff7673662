"""Pix codes to copy and paste. Rule: B6."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.br.money import Money
from chatcore.br.pix import PixCode, crc16, parse_pix
from chatcore.errors import InvalidValue
from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import Private
from tests.bench import pix_code

GUI = "br.gov.bcb.pix"
KEY = "123e4567-e12b-12d1-a456-426655440000"
URL = "pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"

STATIC = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
"""The example of the manual of Pix."""

FULL = (
    "00020104141234567890123426580014BR.GOV.BCB.PIX0136123e4567-e12b-12d1-a456-426655440000"
    "27300012BR.COM.OUTRO011001234567895204000053039865406123.455802BR5917NOME DO RECEBEDOR6008BRASILIA"
    "61087007490062190515RP12345678-201980390012BR.COM.OUTRO01190123.ABCD.3456.WXYZ6304AD38"
)
"""The example of the manual of the BR Code, with an account and a template of another scheme."""

REORDERED = (
    "00020104141234567890123426580014BR.GOV.BCB.PIX0136123e4567-e12b-12d1-a456-426655440000"
    "27300012BR.COM.OUTRO0110012345678953039865406123.45520400005802BR6008BRASILIA5917NOME DO RECEBEDOR"
    "62190515RP12345678-201961087007490080390012BR.COM.OUTRO01190123.ABCD.3456.WXYZ63045110"
)
"""The same with its fields in another order."""

DYNAMIC = (
    "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
    "5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB"
)
"""A published example, with the address of a charge."""

PHONE = (
    "00020126360014BR.GOV.BCB.PIX0114+5511900000000520400005303986540566.665802BR5907EMPRESA6008BRASILIA"
    "62070503***63044B26"
)
"""A made one, with a phone for a key."""


def crc_by_bits(data: bytes) -> int:
    """The same checksum, bit by bit as its definition has it."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def field(id: str, value: str) -> str:
    return f"{id}{len(value):02}{value}"


def signed(text: str) -> str:
    """With its checksum at the end."""
    return f"{text}6304{crc_by_bits((text + '6304').encode('utf-8', 'surrogatepass')):04X}"


def code(**fields: str | None) -> str:
    """A static code, its fields changed, added, or (None) left out: ``f54="1.00"``."""
    row: dict[str, str | None] = {
        "00": "01",
        "26": field("00", GUI) + field("01", KEY),
        "52": "0000",
        "53": "986",
        "58": "BR",
        "59": "Fulano de Tal",
        "60": "BRASILIA",
    }
    row.update({name[1:]: value for name, value in fields.items()})
    return signed("".join(field(id, value) for id, value in row.items() if value is not None))


def refused(text: object, path: str = "boleto.pix") -> list[str]:
    """What a code is refused for; the error must not show it."""
    with pytest.raises(InvalidValue) as error:
        parse_pix(text, path)  # type: ignore[arg-type]
    assert all(problem.rule == "B6" for problem in error.value.problems)
    shown = f"{error.value} {error.value!r} {error.value.document()}"
    if isinstance(text, str) and len(text) > 3:
        assert text not in shown
    assert KEY not in shown
    assert error.value.__cause__ is error.value.__context__ is None
    return [str(problem) for problem in error.value.problems]


# --- the checksum --------------------------------------------------------------------------------------------


def test_the_checksum_of_the_standard_example() -> None:
    """CRC-16/CCITT-FALSE of ``123456789`` is 29B1. Rule: B6."""
    assert crc16(b"123456789") == 0x29B1
    assert crc16(b"") == 0xFFFF


@given(st.binary(max_size=200))
def test_the_checksum_is_the_one_of_its_definition(data: bytes) -> None:
    """Law: it is polynomial 0x1021 from 0xFFFF, bit by bit. Rule: B6."""
    assert crc16(data) == crc_by_bits(data)


@pytest.mark.parametrize("text", [STATIC, PHONE])
def test_any_one_changed_character_is_noticed(text: str) -> None:
    """Law: every place, every other ASCII character; only the case of the checksum means nothing. Rule: B6."""
    taken = [
        (place, other)
        for place in range(len(text))
        for other in map(chr, range(128))
        if other != text[place] and accepted(text[:place] + other + text[place + 1 :])
    ]
    letters = [i for i in range(len(text) - 4, len(text)) if text[i].isalpha()]
    assert taken == [(i, text[i].lower()) for i in letters]


def test_any_one_changed_letter_outside_ascii_is_noticed() -> None:
    """A letter of two bytes and every other of two bytes; so two bytes in a row. Rule: B6."""
    text = code(f59="Provedor Sertão")
    for other in map(chr, range(0x80, 0x800)):
        assert accepted(text.replace("ã", other)) is (other == "ã")


def accepted(text: str) -> bool:
    try:
        parse_pix(text)
    except InvalidValue:
        return False
    return True


# --- what is read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [FULL, REORDERED])
def test_the_manual_s_full_example(text: str) -> None:
    """In any order of its fields, with other schemes beside Pix. Rule: B6."""
    found = parse_pix(text)
    assert (found.merchant_name, found.merchant_city) == ("NOME DO RECEBEDOR", "BRASILIA")
    assert (found.amount, found.txid, found.url) == (Money(12345), "RP12345678-2019", None)
    assert (found.key, found.text, found.dynamic) == (Private(KEY), Private(text), False)


def test_a_key_a_phone_and_a_charge() -> None:
    """A static code has a key, which may be a phone; a dynamic one the address of a charge. Rule: B6."""
    static, phone, dynamic = parse_pix(STATIC), parse_pix(PHONE), parse_pix(DYNAMIC)
    assert (static.amount, static.txid, static.key, static.url) == (None, None, Private(KEY), None)
    assert (phone.amount, phone.key, phone.dynamic) == (Money(6666), Private("+5511900000000"), False)
    assert (dynamic.amount, dynamic.key, dynamic.url, dynamic.dynamic) == (None, None, URL, True)
    assert (dynamic.merchant_name, dynamic.merchant_city) == ("EMPRESA", "SAO PAULO")


def printable(most: int) -> st.SearchStrategy[str]:
    letters = st.characters(min_codepoint=32, max_codepoint=0x1F600, exclude_categories=["C", "Z"])
    return st.text(letters | st.just(" "), min_size=1, max_size=most)


@settings(max_examples=150)
@given(
    name=printable(25),
    city=printable(15),
    key=printable(36),
    dynamic=st.booleans(),
    txid=st.none() | st.from_regex(r"[A-Za-z0-9]{1,25}", fullmatch=True),
    cents=st.none() | st.integers(0, 10**12 - 1),
    account=st.integers(26, 51),
    gui=st.sampled_from([GUI, GUI.upper(), "Br.Gov.Bcb.Pix"]),
    others=st.dictionaries(st.integers(64, 99).map(str), printable(20), max_size=3),
    data=st.data(),
)
def test_a_code_says_what_was_put_into_it(
    name: str,
    city: str,
    key: str,
    dynamic: bool,
    txid: str | None,
    cents: int | None,
    account: int,
    gui: str,
    others: Mapping[str, str],
    data: st.DataObject,
) -> None:
    """Law: any fields in any order, in any letters, with lengths in characters. Rule: B6."""
    inner = data.draw(st.permutations([field("00", gui), field("25" if dynamic else "01", key)]))
    row = [
        field(str(account), "".join(inner)),
        field("52", "0000"),
        field("53", "986"),
        field("58", "BR"),
        field("59", name),
        field("60", city),
        *(field(id, value) for id, value in others.items()),
    ]
    if txid is not None:
        row.append(field("62", field("05", txid)))
    if cents is not None:
        row.append(field("54", str(Money(cents))))
    text = signed("000201" + "".join(data.draw(st.permutations(row))))
    found = parse_pix(data.draw(st.sampled_from(["", " ", "\n", "\r\n\t"])) + text + "\n")
    assert found.text == Private(text)
    assert (found.merchant_name, found.merchant_city, found.txid) == (name, city, txid)
    assert found.amount == (Money(cents) if cents else None)
    assert (found.key, found.url) == ((None, key) if dynamic else (Private(key), None))
    assert found.dynamic is dynamic
    assert parse_pix(found.text.reveal()) == found


@pytest.mark.parametrize(
    ("said", "cents"),
    [
        ("10", 1000),
        ("10.", 1000),
        ("10.5", 1050),
        ("10.50", 1050),
        ("0.01", 1),
        ("9999999999.99", 999999999999),
    ],
)
def test_amounts_are_exact(said: str, cents: int) -> None:
    """With no, one or two digits of cents, as EMV allows. Rule: B6, B10."""
    assert parse_pix(code(f54=said)).amount == Money(cents)


@pytest.mark.parametrize("said", ["0", "0.00", "0.", "000"])
def test_an_amount_of_zero_is_none(said: str) -> None:
    """The payer, or the charge itself, says how much. Rule: B6."""
    assert parse_pix(code(f54=said)).amount is None


def test_the_checksum_may_be_in_small_letters_and_the_text_stays_as_it_is() -> None:
    """Nothing is changed in what goes to the customer. Rule: B6."""
    small = STATIC[:-4] + "1d3d"
    assert parse_pix(f"  {small}\r\n").text == Private(small)


def test_lengths_count_characters() -> None:
    """A length in bytes of UTF-8 leads astray, and is refused. Rule: B6."""
    text = code(f59="Provedor Sertão")
    assert parse_pix(text).merchant_name == "Provedor Sertão"
    assert refused(signed(text[:-8].replace("5915", "5916")))


# --- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (STATIC[:-1] + "E", [".63: checksum at 133..137"]),
        (f" {STATIC[:-1]}E", [".63: checksum at 134..138"]),
        (STATIC.replace("Tal", "tal"), [".63: checksum at 133..137"]),
        (STATIC[:-4] + "1D3 ", [".63: cut_off at 129..136"]),
        (STATIC[:-4] + "+1D3", [".63: checksum at 133..137"]),
        (STATIC[:-8], [".63: missing"]),
        (STATIC[:-8] + "63051D3D0", [".63: checksum at 133..138"]),
        (STATIC + "640201", [".63: not_last at 133..137"]),
        (STATIC[:-7], [": malformed at 129..130"]),
        (STATIC[:98], [".59: cut_off at 89..98"]),
        (STATIC + "9", [": malformed at 137..138"]),
        (STATIC.replace("5303", "5３03"), [": malformed at 76..80"]),
        (code(f00="02"), [".00: wrong_value at 4..6"]),
        (code(f00=None), [".00: missing"]),
        (signed(field("52", "0000") + code(f52=None)[:-8]), [".00: not_first at 12..14"]),
        (code(f53="840"), [".53: wrong_value at 80..83"]),
        (code(f53=None), [".53: missing"]),
        (code(f58="PT"), [".58: wrong_value at 87..89"]),
        (code(f58="br"), [".58: wrong_value at 87..89"]),
        (code(f52=None, f59=None, f60=None), [".52: missing", ".59: missing", ".60: missing"]),
        (code(f60=""), [".60: empty at 106..110"]),
        (signed(code()[:-8] + field("59", "Outro")), [".59: repeated at 118..127"]),
        (code(f53="840", f54="1,00"), [".53: wrong_value at 80..83", ".54: not_an_amount at 122..126"]),
        (code(f62="05"), [".62: malformed at 122..124"]),
        (code(f62="0510abc"), [".62.05: cut_off at 122..129"]),
        (code(f62="0501a0501b"), [".62.05: repeated at 127..132"]),
        (code(f26=None), [": no_pix_account"]),
        (code(f26=field("00", "br.com.outro")), [": no_pix_account"]),
        (code(f26=None, f25=field("00", GUI) + field("01", KEY)), [": no_pix_account"]),
        (code(f51=field("00", GUI) + field("01", "a@b.br")), [": many_pix_accounts"]),
        (code(f26=field("00", GUI)), [".26: key_or_url at 10..28"]),
        (code(f26=field("00", GUI) + field("01", "a") + field("25", "b")), [".26: key_or_url at 10..38"]),
        (code(f26=field("00", GUI) + "01"), [".26: malformed at 28..30"]),
        (code(f26=field("00", GUI) + "0199a"), [".26.01: cut_off at 28..33"]),
        (code(f26=field("00", GUI) + "0100"), [".26.01: empty at 28..32"]),
        (code(f27="x"), [".27: malformed at 122..123"]),
        ("", [": not_a_code"]),
        (" \r\n", [": not_a_code"]),
        ("not a code", [": malformed at 0..4"]),
        (code(f59="Ful\x00ano"), [": control_character at 96..97"]),
        (code(f59="Ful\nano"), [": control_character at 96..97"]),
        (code(f59="Ful\u2028ano"), [": control_character at 96..97"]),
        ("\n" + code(f59="Ful\ud800ano"), [": surrogate at 97..98"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, problems: list[str]) -> None:
    """Every bad field, at once, by its id and where it stands in the text as it was given. Rule: B6."""
    assert refused(text) == [f"boleto.pix{problem}" for problem in problems]


@pytest.mark.parametrize(
    "said", ["", ".", ".50", "1.234", "1,00", "-1", "+1", "1e3", " 1", "1.0.0", "12345678901", "١", "1²", "NaN"]
)
def test_what_is_no_amount_is_refused(said: str) -> None:
    """Digits, a point, no sign, no exponent, no other script. Rule: B6, B10."""
    (problem,) = refused(code(f54=said))[:1]
    assert problem.startswith("boleto.pix.54: empty" if not said else "boleto.pix.54: not_an_amount")


@pytest.mark.parametrize("wrong", [None, True, 2101, STATIC.encode(), Private(STATIC), [STATIC]])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    """One typed error. Rule: B6."""
    assert refused(wrong) == ["boleto.pix: not_a_code"]


def test_a_text_of_any_length_is_refused_at_once() -> None:
    """Above 512 code points nothing is read, not even white space. Rule: B6."""
    assert refused("0" * 513) == ["boleto.pix: too_long (513, at most 512)"]
    assert refused(STATIC + " " * 1_000_000) == ["boleto.pix: too_long (1000137, at most 512)"]
    longest = STATIC[:-8]
    while len(longest) + 8 < 512:
        longest += field(f"{64 + len(longest) // 104}", "x" * min(99, 512 - 8 - 4 - len(longest)))
    assert len(signed(longest)) == 512
    assert accepted(signed(longest))
    with pytest.raises(InvalidValue, match="too_long"):
        PixCode(Private(signed(longest + field("99", "x"))))


@given(hostile_text() | st.text("0123456789BR. ", max_size=60), st.booleans())
def test_any_text_is_a_code_or_refused(text: str, whole: bool) -> None:
    """Law: parse(x) is a code that gives itself again, or InvalidValue with places inside x. Rule: B6."""
    holds(signed(text) if whole else text)


@given(st.sampled_from([STATIC, FULL, DYNAMIC]), st.data())
def test_any_damage_is_a_code_or_refused(text: str, data: st.DataObject) -> None:
    """Law: the same of codes with a piece taken out, doubled or put in, and signed anew. Rule: B6."""
    row = text[:-8]
    start = data.draw(st.integers(0, len(row)))
    stop = data.draw(st.integers(start, min(start + 8, len(row))))
    piece = data.draw(st.sampled_from(["", row[start:stop] * 2]) | st.text(max_size=4))
    holds(signed(row[:start] + piece + row[stop:]))


def holds(text: str) -> None:
    try:
        found = parse_pix(text)
    except InvalidValue as error:
        for problem in error.problems:
            assert problem.span is None or 0 <= problem.span[0] <= problem.span[1] <= len(text)
        return
    assert parse_pix(found.text.reveal()) == found
    assert (found.key is None) is found.dynamic is (found.url is not None)


# --- the value -----------------------------------------------------------------------------------------------


def test_a_code_that_is_not_whole_cannot_be_made() -> None:
    """Made directly it is checked too, and takes the text alone. Rule: B6."""
    assert PixCode(Private(STATIC)) == parse_pix(STATIC)
    for text in (STATIC[:-1] + "E", STATIC + "\n", "", "0" * 513):
        with pytest.raises(InvalidValue):
            PixCode(Private(text))
    with pytest.raises(InvalidValue):
        PixCode(STATIC)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        PixCode(Private(STATIC), amount=Money(1))  # type: ignore[call-arg]


def test_a_code_never_shows_itself() -> None:
    """A key may be a person's, and a name is. Rule: DESIGN, privacy."""
    found = parse_pix(PHONE)
    assert repr(found) == str(found) == f"{found}" == "PixCode(<redacted>)"
    assert repr(found.key) == repr(found.text) == "<redacted>"


def test_a_code_is_a_frozen_value() -> None:
    """It pickles, copies, is equal by its text, and cannot be changed."""
    found = parse_pix(FULL)
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), parse_pix(FULL)):
        assert again == found
        assert hash(again) == hash(found)
        assert (again.amount, again.key, again.txid) == (found.amount, found.key, found.txid)
    assert found != parse_pix(REORDERED)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.amount = None  # type: ignore[misc]


def test_the_benchmark_compares_equal_work() -> None:
    """Both sides say the same of a code, and both refuse every change of a character that can be noticed."""
    for text in (*pix_code.CODES, STATIC, FULL, REORDERED, PHONE):
        assert pix_code.ours(text) == pix_code.by_hand(text)
        for i in range(len(text)):
            wrong = text[:i] + ("1" if text[i] != "1" else "2") + text[i + 1 :]
            assert not accepted(wrong)
            with pytest.raises(ValueError, match=r"."):
                pix_code.by_hand(wrong)
