"""Access keys of fiscal documents. Rule: B7."""

from __future__ import annotations

import copy
import pickle
import string
import subprocess
import sys

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.br.access_key import AccessKey, parse_access_key
from chatcore.br.tax_id import TaxIdKind
from chatcore.errors import InvalidValue, Problem
from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import Private

DIGITS = string.digits
CAPITALS = string.digits + string.ascii_uppercase
STATES = "11 12 13 14 15 16 17 21 22 23 24 25 26 27 28 29 31 32 33 35 41 42 43 50 51 52 53".split()
MODELS = "55 57 58 62 63 64 65 66 67 75 76".split()
COMPANIES = ("58716523000119", "12ABC34501DE35", "00000000E08G12", "00000000000191")

NFCOM = "35170458716523000119620010000000121000123450"
NFE = "35170458716523000119550010000000121000123458"
LETTERS = "35260712ABC34501DE35550010000001231102030403"


def value(character: str) -> int:
    return ord(character) - 48


def weight(place: int) -> int:
    """The weight of a place of the 43, as the manual counts: 2 at the right end, up to 9, and 2 again."""
    return 2 + (42 - place) % 8


def remainder(key: str) -> int:
    return sum(weight(place) * value(character) for place, character in enumerate(key[:43])) % 11


def completed(body: str) -> str:
    """The 43 characters with their check digit."""
    left = remainder(body)
    return body + ("0" if left < 2 else str(11 - left))


def key(
    uf: str = "35",
    issued: str = "2607",
    issuer: str = "58716523000119",
    model: str = "62",
    series: int = 1,
    number: int = 12,
    rest: str = "100012345",
) -> str:
    """A key with its check digit, of fields right or wrong."""
    return completed(f"{uf}{issued}{issuer}{model}{series:03d}{number:09d}{rest}")


@st.composite
def keys(draw: st.DrawFn) -> str:
    return key(
        draw(st.sampled_from(STATES)),
        f"{draw(st.integers(6, 99)):02d}{draw(st.integers(1, 12)):02d}",
        draw(st.sampled_from(COMPANIES)),
        draw(st.sampled_from(MODELS)),
        draw(st.integers(0, 909)),
        draw(st.integers(1, 999_999_999)),
        draw(st.text(DIGITS, min_size=9, max_size=9)),
    )


def problems(text: object, path: str = "invoice.key") -> tuple[Problem, ...]:
    """What a text is refused for; the error must not show it."""
    with pytest.raises(InvalidValue) as error:
        parse_access_key(text, path)  # type: ignore[arg-type]
    if isinstance(text, str) and len(text) > 3:
        assert text not in f"{error.value} {error.value!r} {error.value.document()}"
    assert error.value.__cause__ is None
    assert error.value.__context__ is None
    assert all(each.rule == "B7" for each in error.value.problems)
    return error.value.problems


def refused(text: object) -> list[tuple[str, str, tuple[int, int] | None]]:
    """The same in short: field, code and place."""
    return [(each.path.removeprefix("invoice.key"), each.code, each.span) for each in problems(text)]


def test_importing_loads_no_library() -> None:
    """Importing is light: what checks the issuer comes when first needed."""
    code = "import sys, chatcore.br.access_key; sys.exit('validate_docbr' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "uf", "issued", "issuer", "model", "series", "number"),
    [
        (NFCOM, "35", (2017, 4), "58716523000119", "62", 1, 12),
        (NFE, "35", (2017, 4), "58716523000119", "55", 1, 12),
        (LETTERS, "35", (2026, 7), "12ABC34501DE35", "55", 1, 123),
        (
            "33-1503-08.370.779/0001-49-55-001-000.110.093-100.241.077-5",
            "33",
            (2015, 3),
            "08370779000149",
            "55",
            1,
            110_093,
        ),
    ],
)
def test_published_keys_say_what_they_are_for(
    text: str, uf: str, issued: tuple[int, int], issuer: str, model: str, series: int, number: int
) -> None:
    """State, month, issuer, model, series and number. Rule: B7."""
    found = parse_access_key(text)
    assert (found.uf, found.issued, found.model) == (uf, issued, model)
    assert (found.series, found.number) == (series, number)
    assert found.issuer.reveal() == issuer
    assert found.issuer.kind is TaxIdKind.CNPJ


@given(keys())
def test_every_spelling_of_a_key_is_that_key(text: str) -> None:
    """Law: what is written of a key reads as that key again. Rule: B7."""
    found = parse_access_key(text)
    assert found.reveal() == text
    assert found == AccessKey(Private(text))
    assert hash(found) == hash(AccessKey(Private(text)))
    printed = found.reveal_formatted()
    assert [len(group) for group in printed.split(" ")] == [4] * 11
    for spelling in (printed, printed.replace(" ", "."), f"  {text.lower()} ", "-".join(text)):
        assert parse_access_key(spelling) == found


@given(st.sampled_from(STATES), st.integers(6, 99), st.integers(1, 12), st.integers(1, 999_999_999))
def test_a_key_says_what_its_fields_say(uf: str, year: int, month: int, number: int) -> None:
    """Law: fields that are put together come apart again. Rule: B7."""
    found = parse_access_key(key(uf=uf, issued=f"{year:02d}{month:02d}", number=number))
    assert (found.uf, found.issued, found.number) == (uf, (2000 + year, month), number)


@pytest.mark.parametrize("model", MODELS)
def test_the_models_that_put_a_key_together_this_way(model: str) -> None:
    """NFCom and the other documents of the same layout. Rule: B7."""
    assert parse_access_key(key(model=model)).model == model


@pytest.mark.parametrize(
    ("fourteen", "series", "kind"),
    [
        ("00052998224725", 920, TaxIdKind.CPF),
        ("00052998224725", 910, TaxIdKind.CPF),
        ("00052998224725", 1, TaxIdKind.CPF),
        ("00000000000191", 1, TaxIdKind.CNPJ),
        ("00000000000191", 909, TaxIdKind.CNPJ),
        ("00000000000191", 910, TaxIdKind.CPF),
        ("00000000000191", 969, TaxIdKind.CPF),
        ("00000000000191", 970, TaxIdKind.CNPJ),
        ("58716523000119", 920, TaxIdKind.CNPJ),
    ],
)
def test_an_issuer_may_be_a_person(fourteen: str, series: int, kind: TaxIdKind) -> None:
    """A CPF stands after three zeros; what reads as both goes by the series. Rule: B7."""
    issuer = parse_access_key(key(issuer=fourteen, series=series, model="55")).issuer
    assert issuer.kind is kind
    assert issuer.reveal() == (fourteen if kind is TaxIdKind.CNPJ else fourteen[3:])


@pytest.mark.parametrize(
    ("text", "field", "code", "span"),
    [
        *((key(uf=f"{n:02d}"), "uf", "unknown_state", (0, 2)) for n in range(100) if f"{n:02d}" not in STATES),
        *(
            (key(model=f"{n}"), "model", "unknown_model", (20, 22))
            for n in (21, 22, 56, 59, 60, 61, 68, 74, 77)
        ),
        (key(issued="2600"), "issued", "not_a_month", (2, 6)),
        (key(issued="2613"), "issued", "not_a_month", (2, 6)),
        (key(issued="0512"), "issued", "too_early", (2, 6)),
        (key(issuer="0" * 14), "issuer", "not_an_issuer", (6, 20)),
        (key(issuer="00011111111111"), "issuer", "not_an_issuer", (6, 20)),
        (key(issuer="58716523000118"), "issuer", "not_an_issuer", (6, 20)),
        (key(issuer="12ABC34501DEA5"), "issuer", "not_an_issuer", (6, 20)),
        (key(number=0), "number", "no_number", (25, 34)),
        (key(uf="3A"), "uf", "not_a_digit", (0, 2)),
        (key(issued="26A7"), "issued", "not_a_digit", (2, 6)),
        (key(model="6B"), "model", "not_a_digit", (20, 22)),
        (key(rest="1000A2345"), "rest", "not_a_digit", (34, 43)),
        (NFCOM[:-1] + "1", "check_digit", "check_digit", (43, 44)),
        (NFCOM[:-1] + "A", "check_digit", "not_a_digit", (43, 44)),
    ],
)
def test_a_wrong_field_is_named_with_its_place(text: str, field: str, code: str, span: tuple[int, int]) -> None:
    """A key that agrees with its check digit still has to make sense. Rule: B7."""
    assert refused(text) == [(f".{field}", code, span)]


def test_all_wrong_fields_are_named_at_once() -> None:
    """Each with its place in the text as it was written. Rule: B7."""
    body = "99" + "0513" + "58716523000118" + "59" + "0A1" + "000000000" + "10001234A"
    text = " " + completed(body)[:-1] + "X"
    assert refused(text) == [
        (".uf", "unknown_state", (1, 3)),
        (".issued", "not_a_month", (3, 7)),
        (".issuer", "not_an_issuer", (7, 21)),
        (".model", "unknown_model", (21, 23)),
        (".series", "not_a_digit", (23, 26)),
        (".number", "no_number", (26, 35)),
        (".rest", "not_a_digit", (35, 44)),
        (".check_digit", "not_a_digit", (44, 45)),
    ]
    printed = parse_access_key(NFCOM).reveal_formatted().replace(" 6200 ", " 6100 ")
    assert refused(printed) == [
        (".model", "unknown_model", (25, 27)),
        (".check_digit", "check_digit", (53, 54)),
    ]


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        (NFCOM[:-1] + "\n", "unknown_character", (43, 44)),
        (NFCOM + "\n", "unknown_character", (44, 45)),
        ("\t" + NFCOM, "unknown_character", (0, 1)),
        (NFCOM[:20] + "６" + NFCOM[21:], "unknown_character", (20, 21)),
        (NFCOM[:20] + "٦" + NFCOM[21:], "unknown_character", (20, 21)),
        (NFCOM[:7] + "ß" + NFCOM[8:], "unknown_character", (7, 8)),
        (NFCOM[:7] + "\ud800" + NFCOM[8:], "unknown_character", (7, 8)),
        (NFCOM.replace("6", "_", 1), "unknown_character", (10, 11)),
        ("", "wrong_length", None),
        (" ./-", "wrong_length", None),
        (NFCOM[:-1], "wrong_length", None),
        (NFCOM + "0", "wrong_length", None),
        ("NFCom" + NFCOM, "wrong_length", None),
        ("0" * 50, "wrong_length", None),
        (" " * 129, "too_long", None),
        pytest.param("3" * 1_000_000, "too_long", None, id="a million digits"),
        (None, "not_an_access_key", None),
        (int(NFCOM), "not_an_access_key", None),
        (NFCOM.encode(), "not_an_access_key", None),
        ([NFCOM], "not_an_access_key", None),
        (True, "not_an_access_key", None),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(
    text: object, code: str, span: tuple[int, int] | None
) -> None:
    """Other lengths, characters and types: one typed error. Rule: B7."""
    assert refused(text) == [("", code, span)]


def test_the_length_that_is_wrong_is_told() -> None:
    """How many characters count, and how many code points there are."""
    (short,) = problems(NFCOM[:40])
    assert short.actual == 40
    (long,) = problems(" " * 200)
    assert (long.limit, long.actual) == (128, 200)
    assert parse_access_key(NFCOM.rjust(128)).reveal() == NFCOM


@given(hostile_text() | st.text(CAPITALS + "ab ./-\n", max_size=60) | st.text(DIGITS, min_size=44, max_size=44))
def test_any_text_is_a_key_or_refused(text: str) -> None:
    """Law: a text is read, and its key reads the same, or refused with InvalidValue."""
    try:
        found = parse_access_key(text)
    except InvalidValue:
        return
    assert parse_access_key(found.reveal()) == found


def missed(text: str) -> set[tuple[int, str]]:
    """Changes of one character that the check digit agrees with, as the module states them."""
    left = remainder(text)
    steps = {0} if left > 1 else {0, 1} if left == 0 else {0, -1}
    agreeing = {step % 11 for step in steps}
    return {
        (place, c)
        for place in range(43)
        for c in (CAPITALS if 6 <= place < 18 else DIGITS)
        if c != text[place] and weight(place) * (value(c) - value(text[place])) % 11 in agreeing
    }


def unseen_and_accepted(text: str) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Changes of one character that the check digit does not see, and those of them that no field sees."""
    unseen, passed = set(), set()
    for place in range(44):
        for c in CAPITALS if 6 <= place < 18 else DIGITS:
            if c == text[place]:
                continue
            try:
                parse_access_key(text[:place] + c + text[place + 1 :])
            except InvalidValue as error:
                if all(each.path != "access_key.check_digit" for each in error.problems):
                    unseen.add((place, c))
            else:
                unseen.add((place, c))
                passed.add((place, c))
    return unseen, passed


def with_remainder(left: int, **fields: str) -> str:
    """A key whose 43 characters leave this remainder."""
    found = (key(rest=f"{rest:09d}", **fields) for rest in range(1_000))
    return next(each for each in found if remainder(each) == left)


@pytest.mark.parametrize("issuer", COMPANIES[:2])
@pytest.mark.parametrize("left", range(11))
def test_the_check_digit_misses_what_is_stated_and_nothing_else(left: int, issuer: str) -> None:
    """Law: every change of one character is found, but for those of the module's fourth point. Rule: B7."""
    text = with_remainder(left, issuer=issuer)
    unseen, passed = unseen_and_accepted(text)
    assert unseen == missed(text)
    numbers = {place for place, c in unseen if (value(c) - value(text[place])) % 11}
    assert bool(numbers) == (text[-1] == "0")
    digits = [place for place, c in unseen if c in DIGITS and text[place] in DIGITS]
    assert len(digits) == len(set(digits))
    assert {(place, c) for place, c in passed if 6 <= place < 20} == {
        (place, c) for place, c in unseen if 6 <= place < 18 and (value(c) - value(text[place])) % 11 == 0
    }


@settings(max_examples=5)
@given(keys())
def test_any_key_s_check_digit_misses_what_is_stated_and_nothing_else(text: str) -> None:
    """Law: as above, for any key; what passes, the check digit misses. Rule: B7."""
    unseen, passed = unseen_and_accepted(text)
    assert unseen == missed(text)
    assert passed <= unseen


def test_keys_that_differ_in_one_character() -> None:
    """What the module says is missed is missed: a digit of the number, and a letter of the issuer."""
    for one in (with_remainder(0), with_remainder(1)):
        assert {25 <= place < 34 for place, _ in unseen_and_accepted(one)[1]} >= {True}
    assert parse_access_key(LETTERS.replace("2ABC", "26BC")) != parse_access_key(LETTERS)


def test_a_key_never_shows_itself() -> None:
    """Only the reveals tell, whoever issued it. Rule: DESIGN, privacy."""
    found = parse_access_key(NFCOM)
    assert repr(found) == str(found) == f"{found}" == "AccessKey(<redacted>)"
    assert "5871" not in repr([found, found.issuer, found.key])


def test_a_key_is_a_frozen_value() -> None:
    """It pickles, copies, and cannot be changed."""
    found = parse_access_key(NFCOM)
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert other == found
        assert other.issuer == found.issuer
    assert found != parse_access_key(NFE)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.key = Private(NFE)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (Private(parse_access_key(NFCOM).reveal_formatted()), [("access_key", "not_canonical", None)]),
        (Private(LETTERS.lower()), [("access_key", "not_canonical", None)]),
        (Private(NFCOM + "\n"), [("access_key", "not_canonical", None)]),
        (Private(""), [("access_key", "not_canonical", None)]),
        (NFCOM, [("access_key", "not_canonical", None)]),
        (None, [("access_key", "not_canonical", None)]),
        (
            Private(key(uf="99", number=0)),
            [
                ("access_key.uf", "unknown_state", (0, 2)),
                ("access_key.number", "no_number", (25, 34)),
            ],
        ),
        (Private(NFCOM[:-1] + "9"), [("access_key.check_digit", "check_digit", (43, 44))]),
    ],
)
def test_a_key_is_checked_however_it_is_made(text: object, expected: list[object]) -> None:
    """Only what is canonical, and holds together, is a key. Rule: B7."""
    with pytest.raises(InvalidValue) as error:
        AccessKey(text)  # type: ignore[arg-type]
    assert [(each.path, each.code, each.span) for each in error.value.problems] == expected
