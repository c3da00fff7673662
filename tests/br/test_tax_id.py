"""CPF and CNPJ. Rule: R5."""

from __future__ import annotations

import copy
import itertools
import pickle
import re
import string
import subprocess
import sys

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.br.tax_id import TaxId, TaxIdKind, parse_tax_id
from chatcore.errors import InvalidValue
from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import Private

DIGITS = string.digits
CAPITALS = string.digits + string.ascii_uppercase

CPF_WEIGHTS = ([10, 9, 8, 7, 6, 5, 4, 3, 2], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
CNPJ_WEIGHTS = ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])


def value(character: str) -> int:
    return ord(character) - 48


def remainders(payload: str) -> tuple[int, int]:
    """What is left over of the two sums of nine digits (CPF) or twelve characters (CNPJ)."""
    first, second = CPF_WEIGHTS if len(payload) == 9 else CNPJ_WEIGHTS
    one = sum(w * value(c) for w, c in zip(first, payload, strict=True)) % 11
    digit = "0" if one < 2 else str(11 - one)
    return one, sum(w * value(c) for w, c in zip(second, payload + digit, strict=True)) % 11


def completed(payload: str) -> str:
    """A payload with its two check digits."""
    return payload + "".join("0" if each < 2 else str(11 - each) for each in remainders(payload))


def cpfs() -> st.SearchStrategy[str]:
    payloads = st.text(DIGITS, min_size=9, max_size=9).filter(lambda each: len(set(each)) > 1)
    return payloads.map(completed)


def cnpjs() -> st.SearchStrategy[str]:
    payloads = st.text(CAPITALS, min_size=12, max_size=12) | st.text(DIGITS, min_size=12, max_size=12)
    return payloads.filter(lambda each: each != "0" * 12).map(completed)


def refused(text: object) -> str:
    """The code with which a text is refused; the error must not show it."""
    with pytest.raises(InvalidValue) as error:
        parse_tax_id(text, "customer.document")  # type: ignore[arg-type]
    (problem,) = error.value.problems
    assert (problem.path, problem.rule) == ("customer.document", "R5")
    if isinstance(text, str) and len(text) > 3:
        assert text not in f"{error.value} {error.value!r} {error.value.document()}"
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
    return problem.code


def accepted(text: str) -> bool:
    try:
        parse_tax_id(text)
    except InvalidValue:
        return False
    return True


def test_importing_loads_no_library() -> None:
    """Importing is light: what checks the digits comes when first needed."""
    code = "import sys, chatcore.br.tax_id; sys.exit('validate_docbr' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "key", "kind"),
    [
        ("529.982.247-25", "52998224725", TaxIdKind.CPF),
        ("52998224725", "52998224725", TaxIdKind.CPF),
        (" 529 982 247 25 ", "52998224725", TaxIdKind.CPF),
        ("000.000.001-91", "00000000191", TaxIdKind.CPF),
        ("11.222.333/0001-81", "11222333000181", TaxIdKind.CNPJ),
        ("11222333000181", "11222333000181", TaxIdKind.CNPJ),
        ("00.000.000/0001-91", "00000000000191", TaxIdKind.CNPJ),
        ("12.ABC.345/01DE-35", "12ABC34501DE35", TaxIdKind.CNPJ),
        ("12.abc.345/01de-35", "12ABC34501DE35", TaxIdKind.CNPJ),
        ("00.000.000/E08G-12", "00000000E08G12", TaxIdKind.CNPJ),
        ("93.ZB0.VRY/V6KA-67", "93ZB0VRYV6KA67", TaxIdKind.CNPJ),
    ],
)
def test_published_ids_are_read_as_they_are_printed(text: str, key: str, kind: TaxIdKind) -> None:
    """Numbers and letters, with what stands between them or without. Rule: R5."""
    tax_id = parse_tax_id(text)
    assert (tax_id.reveal(), tax_id.kind) == (key, kind)
    assert tax_id == parse_tax_id(key) == TaxId(Private(key))
    assert hash(tax_id) == hash(parse_tax_id(key))


def test_an_id_is_written_as_it_is_printed() -> None:
    """Dots, hyphen and slash where the Receita Federal puts them."""
    assert parse_tax_id("52998224725").reveal_formatted() == "529.982.247-25"
    assert parse_tax_id("12ABC34501DE35").reveal_formatted() == "12.ABC.345/01DE-35"


@given(cpfs() | cnpjs())
def test_every_spelling_of_an_id_is_that_id(key: str) -> None:
    """Law: what is written of an id reads as that id again. Rule: R5."""
    tax_id = parse_tax_id(key)
    assert tax_id.reveal() == key
    written = tax_id.reveal_formatted()
    for spelling in (written, key.lower(), re.sub("[./-]", " - ", written), f" {key} "):
        assert parse_tax_id(spelling) == tax_id


@pytest.mark.parametrize("size", [11, 14])
@pytest.mark.parametrize("digit", DIGITS)
def test_one_digit_all_through_is_no_id(digit: str, size: int) -> None:
    """The check digits of such a CPF agree, and it is refused nevertheless. Rule: R5."""
    assert refused(digit * size) == "repeated_digits"
    if size == 11:
        assert completed(digit * 9) == digit * 11


@pytest.mark.parametrize(
    "text", ["529.982.247-24", "529.982.247-35", "11.222.333/0001-82", "12.ABC.345/01DE-53", "00000000E08G21"]
)
def test_wrong_check_digits_are_refused(text: str) -> None:
    """Either of the two, for numbers and letters. Rule: R5."""
    assert refused(text) == "check_digits"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "191",
        "5299822472",
        "529982247255",
        "1122233300018",
        "112223330001811",
        "5299822472A",
        "12ABC34501DEA5",
        "12ABC34501DE3A",
        "529.982.247-25\n",
        "\n52998224725",
        "529.982.247-25\r",
        "529\t982.247-25",
        "529.982.247-25\0",
        "529.982.247–25",
        "529.982.247\u00a025",
        "529,982,247-25",
        "529_982_247_25",
        "٥٢٩٩٨٢٢٤٧٢٥",
        "５２９９８２２４７２５",
        "𝟓𝟐𝟗𝟗𝟖𝟐𝟐𝟒𝟕𝟐𝟓",
        "5299822472⁵",
        "12ABC34501D\u0415" + "35",
        "ß2ABC34501DE3",
        "529982247\ud80025",
        "CPF 529.982.247-25",
        "CNPJ 11.222.333/0001-81",
        "5.29982247-25",
        "-52998224725",
        None,
        True,
        52998224725,
        b"52998224725",
        ["5"] * 11,
    ],
)
def test_what_is_no_id_is_refused_without_being_shown(text: object) -> None:
    """Other lengths, letters, digits, types, controls: one typed error. Rule: R5."""
    assert refused(text) == "not_a_tax_id"


def test_a_text_of_any_length_is_refused_at_once() -> None:
    """Above 40 code points nothing is read."""
    assert refused("1" * 41) == "too_long"
    assert refused("0" * 1_000_000) == "too_long"
    assert accepted("52998224725".rjust(40))


@given(hostile_text() | st.text(CAPITALS + "abz ./-\n", max_size=20))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    """Law: a text is read, and its key reads the same, or refused with InvalidValue."""
    try:
        tax_id = parse_tax_id(text)
    except InvalidValue:
        return
    assert parse_tax_id(tax_id.reveal()) == tax_id


def examples(payloads: list[str]) -> dict[tuple[int, int], str]:
    """One id for each pair of remainders out of 0, 1 and 5, by which they stand for every id."""
    found = {remainders(payload): completed(payload) for payload in payloads}
    return {pair: found[pair] for pair in itertools.product((0, 1, 5), repeat=2)}


def missed_of_a_cpf(key: str) -> set[tuple[int, str]]:
    """Changes of one digit that both check digits agree with, as the module states them."""
    one, two = remainders(key[:9])
    by: dict[int, set[int]] = {}
    if one < 2:
        by[0] = {-1} if one == 0 else {1}
        if two < 2 and two != one:
            by[5] = {-2, 9} if one == 0 else {2, -9}
    return {(at, c) for at, steps in by.items() for c in DIGITS if value(c) - value(key[at]) in steps}


def missed_of_a_cnpj(key: str) -> set[tuple[int, str]]:
    """The same for a CNPJ, and characters that are 11 or 22 apart."""
    one, two = remainders(key[:12])
    by = {at: {0} for at in range(12)}
    if {one, two} == {0, 1}:
        for at in (0, 8):
            by[at] |= {9} if one == 0 else {2}
        by[4] |= {5} if one == 0 else {6}
    return {
        (at, c)
        for at, steps in by.items()
        for c in CAPITALS
        if c != key[at] and (value(c) - value(key[at])) % 11 in steps
    }


def undetected(key: str, payload: int, alphabet: str) -> set[tuple[int, str]]:
    """Every change of one character that leaves what looks like an id, and is one."""
    changes = ((at, c) for at in range(len(key)) for c in (alphabet if at < payload else DIGITS))
    return {(at, c) for at, c in changes if c != key[at] and accepted(key[:at] + c + key[at + 1 :])}


CPF_EXAMPLES = examples([f"{n * 7919:09d}" for n in range(1, 3_000)])
CNPJ_EXAMPLES = examples([f"{n * 7919:08d}{suffix}" for n in range(1, 2_000) for suffix in ("0001", "A1F9")])


@pytest.mark.parametrize("pair", CPF_EXAMPLES)
def test_a_cpf_s_check_digits_miss_what_is_stated_and_nothing_else(pair: tuple[int, int]) -> None:
    """Law: every change of one digit of a CPF is found, but for the module's fourth point. Rule: R5."""
    key = CPF_EXAMPLES[pair]
    assert undetected(key, 9, DIGITS) == missed_of_a_cpf(key)


@pytest.mark.parametrize("pair", CNPJ_EXAMPLES)
def test_a_cnpj_s_check_digits_miss_what_is_stated_and_nothing_else(pair: tuple[int, int]) -> None:
    """Law: so is every change of one character of a CNPJ, but for the fourth and fifth point. Rule: R5."""
    key = CNPJ_EXAMPLES[pair]
    assert undetected(key, 12, CAPITALS) == missed_of_a_cnpj(key)


@settings(max_examples=10)
@given(cpfs(), cnpjs())
def test_any_id_s_check_digits_miss_what_is_stated_and_nothing_else(cpf: str, cnpj: str) -> None:
    """Law: as above, for any id; what is missed never leads to one digit all through. Rule: R5."""
    repeated = {(at, "0") for at in range(12) if cnpj[:at] + "0" + cnpj[at + 1 :] == "0" * 14}
    assert undetected(cpf, 9, DIGITS) == missed_of_a_cpf(cpf)
    assert undetected(cnpj, 12, CAPITALS) == missed_of_a_cnpj(cnpj) - repeated


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12345678909", "22345678909"),
        ("00000232300", "00000432300"),
        ("00000009000100", "20000009000100"),
        ("00000009000100", "00006009000100"),
        ("00000009000100", "00000009200100"),
        ("12ABC34501DE35", "126BC34501DE35"),
    ],
)
def test_ids_that_differ_in_one_character(one: str, other: str) -> None:
    """What the module says is missed is missed: a first, a sixth digit; a first, fifth, ninth, a letter."""
    assert accepted(one)
    assert accepted(other)


def test_characters_that_no_check_digit_tells_apart() -> None:
    """Capitals and digits whose values are 11 or 22 apart, in the order the module lists them. Rule: R5."""
    groups = ["".join(c for c in CAPITALS if value(c) % 11 == rest) for rest in range(11)]
    assert groups == ["0FQ", "1GR", "2HS", "3IT", "4JU", "5KV", "6ALW", "7BMX", "8CNY", "9DOZ", "EP"]


def test_an_id_never_shows_itself() -> None:
    """Only the reveals tell. Rule: DESIGN, privacy."""
    tax_id = parse_tax_id("529.982.247-25")
    assert repr(tax_id) == str(tax_id) == f"{tax_id}" == "TaxId(<redacted>)"
    assert "529" not in repr([tax_id])


def test_an_id_is_a_frozen_value() -> None:
    """It pickles, copies, and cannot be changed."""
    tax_id = parse_tax_id("52998224725")
    assert pickle.loads(pickle.dumps(tax_id)) == tax_id
    assert copy.deepcopy(tax_id) == tax_id
    assert tax_id != parse_tax_id("11222333000181")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        tax_id.key = Private("11222333000181")  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (Private("529.982.247-25"), "not_canonical"),
        (Private("12abc34501de35"), "not_canonical"),
        (Private("52998224725\n"), "not_canonical"),
        (Private(""), "not_canonical"),
        (Private("11111111111"), "repeated_digits"),
        (Private("52998224724"), "check_digits"),
        ("52998224725", "not_canonical"),
        (None, "not_canonical"),
    ],
)
def test_an_id_holds_a_canonical_key_only(key: object, code: str) -> None:
    """However it is made, it is checked. Rule: R5."""
    with pytest.raises(InvalidValue) as error:
        TaxId(key)  # type: ignore[arg-type]
    assert [(each.path, each.code) for each in error.value.problems] == [("document", code)]
