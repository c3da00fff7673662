"""Digitable lines and bar codes of boletos and collection slips. Rule: B5."""

from __future__ import annotations

import copy
import itertools
import pickle
import random
from datetime import date, datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.br.boleto import DigitableLine, LineKind, parse_barcode, parse_line
from chatcore.br.money import Money
from chatcore.errors import InvalidValue
from chatcore.testing.strategies import hostile_text
from tests.bench import boleto_line

# --- the same rules, written a second time as the manuals put them -------------------------------------------


def mod10(digits: str) -> str:
    """Weights 2 and 1 in turn from the right, the digits of each product added up."""
    total, weight = 0, 2
    for digit in reversed(digits):
        total += sum(divmod(int(digit) * weight, 10))
        weight = 3 - weight
    return str((10 - total % 10) % 10)


def remainder11(digits: str) -> int:
    """Weights 2 to 9 over and over from the right."""
    return sum(int(d) * w for d, w in zip(reversed(digits), itertools.cycle(range(2, 10)), strict=False)) % 11


def mod11_bank(digits: str) -> str:
    digit = 11 - remainder11(digits)
    return "1" if digit in (0, 10, 11) else str(digit)


def mod11_collection(digits: str) -> str:
    remainder = remainder11(digits)
    return "0" if remainder in (0, 1) else "1" if remainder == 10 else str(11 - remainder)


def bank_line(body: str) -> str:
    """The line of a bar code given without its check digit: 43 digits."""
    start, value, free = body[:4], body[4:18], body[18:]
    parts = (start + free[:5], free[5:15], free[15:])
    return "".join(part + mod10(part) for part in parts) + mod11_bank(body) + value


def collection_line(body: str) -> str:
    over = mod10 if body[2] in "67" else mod11_collection
    code = body[:3] + over(body) + body[3:]
    return "".join(code[i : i + 11] + over(code[i : i + 11]) for i in range(0, 44, 11))


def digits(size: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=size, max_size=size)


def bank_lines() -> st.SearchStrategy[str]:
    starts = st.sampled_from("012345679").flatmap(lambda first: digits(2).map(lambda rest: first + rest))
    currency = st.sampled_from("99990")
    return st.builds("{}{}{}".format, starts, currency, digits(39)).map(bank_line)


def collection_lines(kinds: str = "6789") -> st.SearchStrategy[str]:
    return st.builds("8{}{}{}".format, digits(1), st.sampled_from(kinds), digits(40)).map(collection_line)


def with_value(text: str) -> str:
    """A bank's line with these 14 digits of factor and value."""
    return bank_line("2379" + text + "3381260007827139500006330")


def refused(text: object, path: str = "boleto.line") -> list[str]:
    """What a line is refused for; the error must not show it."""
    with pytest.raises(InvalidValue) as error:
        parse_line(text, path)  # type: ignore[arg-type]
    assert all(problem.rule == "B5" for problem in error.value.problems)
    if isinstance(text, str) and len(text) > 3:
        assert text not in f"{error.value} {error.value!r} {error.value.document()}"
        assert error.value.__cause__ is error.value.__context__ is None
    return [str(problem) for problem in error.value.problems]


def fits(text: str) -> bool:
    try:
        parse_line(text)
    except InvalidValue:
        return False
    return True


# --- what is published ---------------------------------------------------------------------------------------


def test_the_layout_s_own_examples_of_check_digits() -> None:
    """A block and a whole code, by both moduli, as FEBRABAN's layout works them out. Rule: B5."""
    block, whole = "01230067896", "8220000215048200974123220154098290108605940"
    assert (mod10(block), mod11_collection(block)) == ("3", "0")
    assert (mod10(whole), mod11_collection(whole)) == ("1", "0")


@pytest.mark.parametrize(
    ("text", "barcode", "cents", "due"),
    [
        (
            "00190.50095 40144.816069 06809.350314 3 37370000000100",
            "00193373700000001000500940144816060680935031",
            100,
            date(2007, 12, 31),
        ),
        (
            "23793.38128 60007.827136 95000.063305 9 75520000370000",
            "23799755200003700003381260007827139500006330",
            370000,
            date(2018, 6, 11),
        ),
        (
            "03399.63290 64000.000006 00125.201020 4 56140000017832",
            "03394561400000178329632964000000000012520102",
            17832,
            date(2013, 2, 19),
        ),
        (
            "42297.11504 00001.954411 60020.034520 2 68610000054659",
            "42292686100000546597115000001954416002003452",
            54659,
            date(2016, 7, 20),
        ),
    ],
)
def test_published_lines_of_banks(text: str, barcode: str, cents: int, due: date) -> None:
    """Lines from a bank's manual and from public examples say what stands beside them. Rule: B5."""
    line = parse_line(text)
    assert (line.kind, line.bank, line.barcode) == (LineKind.BANK, text[:3], barcode)
    assert line.amount == Money(cents)
    assert line.due(due + timedelta(days=30)) == due
    assert line.formatted() == text
    assert parse_barcode(barcode) == line == parse_line(line.digits)


@pytest.mark.parametrize(
    ("text", "barcode", "cents"),
    [
        (
            "836200000005 667800481000 180975657313 001589636081",
            "83620000000667800481001809756573100158963608",
            6678,
        ),
        (
            "848200000000 599004020007 002868026006 073377503180",
            "84820000000599004020000028680260007337750318",
            5990,
        ),
        (
            "83640000001-1 33120138000-2 81288462711-6 08013618155-1",
            "83640000001331201380008128846271108013618155",
            13312,
        ),
        (
            "85890000460-9 52460179160-5 60759305086-5 83148300001-0",
            "85890000460524601791606075930508683148300001",
            4605246,
        ),
        (
            "85800000007 0 43840328192 2 63072019252 8 30472960052 3",
            "85800000007438403281926307201925230472960052",
            74384,
        ),
    ],
)
def test_published_lines_of_collections(text: str, barcode: str, cents: int) -> None:
    """Public examples of both moduli, with and without hyphens. Rule: B5."""
    line = parse_line(text)
    assert (line.kind, line.barcode, line.amount) == (LineKind.COLLECTION, barcode, Money(cents))
    assert (line.bank, line.due_factor, line.due(date(2026, 1, 1))) == (None, None, None)
    assert parse_barcode(barcode) == line == parse_line(line.formatted())


# --- round trips ---------------------------------------------------------------------------------------------


@given(bank_lines() | collection_lines(), st.data())
def test_a_line_is_the_same_however_it_is_written(written: str, data: st.DataObject) -> None:
    """Law: the digits, the printed form, any other spacing and the bar code give one line. Rule: B5."""
    line = parse_line(written)
    between = data.draw(st.lists(st.sampled_from(["", "", " ", ".", "-"]), min_size=48, max_size=48))
    spelled = "".join(a + b for a, b in zip(written, between, strict=False))
    assert line.digits == written
    assert len(line.barcode) == 44
    for again in (parse_line(line.formatted()), parse_line(spelled), parse_barcode(line.barcode)):
        assert again == line
        assert hash(again) == hash(line)
    assert parse_barcode(f" {line.barcode[:11]}-{line.barcode[11:]} ") == line


@given(st.integers(0, 9999), st.integers(0, 10**10 - 1))
def test_a_bank_s_line_says_its_factor_and_its_value(factor: int, cents: int) -> None:
    """Where the first digit is 0 there is no factor, and the value has 14 digits. Rule: B5."""
    line = parse_line(with_value(f"{factor:04}{cents:010}"))
    if factor >= 1000:
        assert (line.due_factor, line.amount) == (factor, Money(cents) if cents else None)
    else:
        whole = factor * 10**10 + cents
        assert (line.due_factor, line.amount) == (None, Money(whole) if whole else None)


@given(collection_lines())
def test_a_collection_s_amount_is_in_reais_only_where_the_third_digit_says_so(written: str) -> None:
    """6 and 8 stand before a value, 7 and 9 before a quantity or a reference. Rule: B5."""
    line = parse_line(written)
    cents = int(line.barcode[4:15])
    assert line.amount == (Money(cents) if cents and written[2] in "68" else None)


def test_another_currency_is_no_amount() -> None:
    """The fourth digit of a bank's code is 9 for reais. Rule: B5."""
    assert parse_line(bank_line("2370" + "75520000370000" + "0" * 25)).amount is None
    assert parse_line(bank_line("2379" + "75520000370000" + "0" * 25)).amount == Money(370000)


# --- the due date --------------------------------------------------------------------------------------------

SECOND = date(2025, 2, 22)


@pytest.mark.parametrize(
    ("factor", "reference", "due"),
    [
        ("1000", date(2000, 7, 1), date(2000, 7, 3)),
        ("1000", date(1990, 1, 1), date(2000, 7, 3)),
        ("1000", date(2025, 2, 10), date(2025, 2, 22)),
        ("1001", date(2025, 2, 21), date(2025, 2, 23)),
        ("9998", date(2025, 2, 22), date(2025, 2, 20)),
        ("9999", date(2025, 2, 21), date(2025, 2, 21)),
        ("9999", date(2025, 6, 1), date(2025, 2, 21)),
        ("5316", date(2012, 4, 1), date(2012, 4, 27)),
        ("1400", date(2026, 3, 1), date(2026, 3, 29)),
        ("9999", date(2049, 10, 1), date(2049, 10, 13)),
        ("1000", date(2049, 10, 13), date(2049, 10, 14)),
        ("0000", date(2025, 2, 21), None),
        ("0999", date(2000, 7, 2), None),
    ],
)
def test_the_factor_counts_in_cycles(factor: str, reference: date, due: date | None) -> None:
    """1000 is 2000-07-03 and again 2025-02-22, the day after 9999; a leading 0 is no due date. Rule: B5."""
    assert parse_line(with_value(factor + "0000012345")).due(reference) == due


@given(st.integers(1000, 9999), st.dates())
def test_the_due_date_is_the_nearest_of_all_cycles(factor: int, reference: date) -> None:
    """Law: no date of that factor is nearer, and of two equally near it is the later. Rule: B5."""
    nearest(factor, reference)


@pytest.mark.parametrize("reference", [date.min, date.max])
def test_the_calendar_s_ends_are_references_too(reference: date) -> None:
    """Where the nearest date would be past the calendar, it is the last one in it. Rule: B5."""
    for factor in range(1000, 10000, 7):
        nearest(factor, reference)


def nearest(factor: int, reference: date) -> None:
    due = parse_line(with_value(f"{factor}0000012345")).due(reference)
    assert due is not None
    days = [date(2000, 7, 3).toordinal() + factor - 1000 + 9000 * n for n in range(330)]
    possible = [day for day in days if day <= date.max.toordinal()]
    assert due.toordinal() == min(possible, key=lambda day: (abs(day - reference.toordinal()), -day))


@given(st.dates(date(2000, 7, 3), date(2049, 10, 13)), st.integers(-4499, 4500))
def test_the_issuer_s_due_date_comes_back_within_twelve_years(due: date, away: int) -> None:
    """Law: a factor as banks write it gives its date for any reference less than 4,500 days away. Rule: B5."""
    factor = 1000 + ((due - SECOND).days % 9000)
    reference = due - timedelta(days=away)
    assert parse_line(with_value(f"{factor}0000012345")).due(reference) == due


@pytest.mark.parametrize("reference", [None, "2026-01-01", datetime(2026, 1, 1), 20260101])
def test_only_a_date_is_a_reference(reference: object) -> None:
    """A datetime has no place in a calendar without a time zone. Rule: B5."""
    for factor in ("7552", "0000"):
        with pytest.raises(InvalidValue) as error:
            parse_line(with_value(f"{factor}0000012345")).due(reference)  # type: ignore[arg-type]
        assert str(error.value) == "reference: not_a_date"


# --- one wrong digit -----------------------------------------------------------------------------------------


def changes(line: str, places: range | None = None) -> list[tuple[int, str]]:
    return [(i, d) for i in places or range(len(line)) for d in "0123456789" if d != line[i]]


def missed_of_bank(line: str) -> set[tuple[int, str]]:
    """What a bank's line misses, by the module: among the last 14 digits, remainders that share the digit 1."""
    body = line[:4] + line[33:] + line[4:9] + line[10:20] + line[21:31]
    remainder, shared = remainder11(body), {0, 1, 10}
    missed = set()
    for i, d in changes(line, range(33, 47)):
        weight = 2 + (42 - (i - 29)) % 8
        if remainder in shared and (remainder + weight * (int(d) - int(line[i]))) % 11 in shared:
            missed.add((i, d))
    return missed


def missed_of_collection(line: str) -> set[tuple[int, str]]:
    """What a collection's misses: both remainders go between 0 and 1, or the other modulus fits by chance."""
    code = line[:11] + line[12:23] + line[24:35] + line[36:47]
    whole = remainder11(code[:3] + code[4:])
    missed = set()
    for i, d in changes(line):
        block, place = divmod(i, 12)
        at = block * 11 + place
        if i in (0, 3) or place == 11:
            continue
        if i == 2 and (d not in "6789" or (d in "67") != (line[2] in "67")):
            if d in "6789" and collection_line(code[:2] + d + code[4:]) == line[:2] + d + line[3:]:
                missed.add((i, d))
            continue
        if line[2] in "67":
            continue
        part = remainder11(code[block * 11 : block * 11 + 11])
        by = int(d) - int(line[i])
        part_after = (part + by * (2 + (10 - place) % 8)) % 11
        whole_after = (whole + by * (2 + (43 - at - (at < 3)) % 8)) % 11
        if {part, part_after} == {whole, whole_after} == {0, 1}:
            missed.add((i, d))
    return missed


def missed(line: str) -> set[tuple[int, str]]:
    """The single changes with which the line still parses."""
    return {(i, d) for i, d in changes(line) if fits(line[:i] + d + line[i + 1 :])}


@settings(max_examples=25)
@given(bank_lines())
def test_a_bank_s_line_misses_exactly_the_mistakes_it_must(line: str) -> None:
    """Law: any one wrong digit is found, but those that remainders with the same digit hide. Rule: B5."""
    assert missed(line) == missed_of_bank(line)


@settings(max_examples=25)
@given(collection_lines())
def test_a_collection_s_line_misses_exactly_the_mistakes_it_must(line: str) -> None:
    """Law: by mod 10 none, by mod 11 those that hide in both digits. Rule: B5."""
    assert missed(line) == missed_of_collection(line)


def test_what_hides_does_hide() -> None:
    """The exceptions are real: a line of each kind with a mistake that nothing can find. Rule: B5."""
    bank = next(line for line in (with_value(f"7552{n:010}") for n in range(100)) if missed_of_bank(line))
    assert bank[32] == "1"
    assert missed(bank) == missed_of_bank(bank)
    slips = (collection_line(f"848{n:040}") for n in itertools.count())
    slip = next(line for line in slips if missed_of_collection(line))
    assert missed(slip) == missed_of_collection(slip)


def test_another_modulus_may_fit_by_chance() -> None:
    """A third digit of the other modulus is found, save where all five check digits fit both. Rule: B5."""
    draw = random.Random(5)

    def block(start: str, other: str) -> str:
        while True:
            part = start + "".join(draw.choices("0123456789", k=11 - len(start)))
            if mod10(part) == mod11_collection(other + part[len(other) :]):
                return part

    while True:
        code = block("846", "848") + block("", "") + block("", "") + block("", "")
        body = code[:3] + code[4:]
        if mod10(body) == mod11_collection("848" + body[3:]) == code[3]:
            break
    line = collection_line(body)
    assert (2, "8") in missed(line)
    assert parse_line(line[:2] + "8" + line[3:]).amount == parse_line(line).amount


def test_how_much_hides() -> None:
    """The shares that the module names, over a sample: 1.6 %, none, 0.07 %. Rule: B5."""
    draw = random.Random(7)

    def some(size: int) -> str:
        return "".join(draw.choices("0123456789", k=size))

    banks = [bank_line("2379" + some(39)) for _ in range(400)]
    share = sum(len(missed_of_bank(line)) for line in banks) / (400 * 47 * 9)
    assert 0.014 < share < 0.018
    for kind, low, high in (("6", 0, 0), ("8", 0.0005, 0.0010)):
        slips = [collection_line(f"84{kind}" + some(40)) for _ in range(200)]
        share = sum(len(missed_of_collection(line)) for line in slips) / (200 * 48 * 9)
        assert low <= share <= high


# --- what is refused -----------------------------------------------------------------------------------------

LINE = "23793.38128 60007.827136 95000.063305 9 75520000370000"
SLIP = "85890000460-9 52460179160-5 60759305086-5 83148300001-0"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("23793.38127 60007.827136 95000.063305 9 75520000370000", [".field1: check_digit at 0..11"]),
        ("23793.38128 60007.827137 95000.063305 9 75520000370000", [".field2: check_digit at 12..24"]),
        ("23793.38128 60007.827136 95000.063306 9 75520000370000", [".field3: check_digit at 25..37"]),
        ("23793.38128 60007.827136 95000.063305 8 75520000370000", [".general: check_digit at 38..39"]),
        ("23793.38128 60007.827136 95000.063305 9 75520000370001", [".general: check_digit at 38..39"]),
        (
            "  23793.38120 60007.827130 95000.063300 0 75520000370000",
            [
                ".field1: check_digit at 2..13",
                ".field2: check_digit at 14..26",
                ".field3: check_digit at 27..39",
                ".general: check_digit at 40..41",
            ],
        ),
        ("85890000460-8 52460179160-5 60759305086-5 83148300001-0", [".block1: check_digit at 0..13"]),
        ("85890000460-9 52460179160-6 60759305086-5 83148300001-0", [".block2: check_digit at 14..27"]),
        ("85890000460-9 52460179160-5 60759305086-6 83148300001-1", [
            ".block3: check_digit at 28..41",
            ".block4: check_digit at 42..55",
        ]),
        ("858 8 0000460-9 52460179160-5 60759305086-5 83148300001-0", [
            ".block1: check_digit at 0..15",
            ".general: check_digit at 4..5",
        ]),
        ("85090000460-9 52460179160-5 60759305086-5 83148300001-0", [": unknown_value_kind at 2..3"]),
        ("75890000460-9 52460179160-5 60759305086-5 83148300001-0", [": wrong_start at 0..1"]),
        (" 8 3793.38128 60007.827136 95000.063305 9 75520000370000", [": wrong_start at 1..2"]),
        (LINE[:-1], [": wrong_length (46)"]),
        (SLIP + "0", [": wrong_length (49)"]),
        ("", [": wrong_length (0)"]),
        (" .- ", [": wrong_length (0)"]),
        (LINE.replace("9 ", "O ", 1), [": not_a_digit at 38..39"]),
        (LINE + "\n", [": not_a_digit at 54..55"]),
        ("\t" + LINE, [": not_a_digit at 0..1"]),
        (LINE.replace("2", "２"), [": not_a_digit at 0..1"]),
        (LINE.replace("0", "٠"), [": not_a_digit at 13..14"]),
        (LINE.replace("2", "²"), [": not_a_digit at 0..1"]),
        (LINE.replace(" ", "\xa0"), [": not_a_digit at 11..12"]),
        ("\ud800" + LINE, [": not_a_digit at 0..1"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(text: str, problems: list[str]) -> None:
    """Every part that does not fit, at once, where it stands in the text as it was given. Rule: B5."""
    assert refused(text) == [f"boleto.line{problem}" for problem in problems]


def test_a_wrong_length_is_told() -> None:
    """The number of digits found; the separators do not count. Rule: B5."""
    for text, size in ((LINE[:-1], 46), (SLIP + "0", 49), ("", 0)):
        with pytest.raises(InvalidValue) as error:
            parse_line(text)
        assert error.value.problems[0].actual == size


@pytest.mark.parametrize(
    "wrong", [None, True, 23793381286000782713695000063305975520000370000, b"2" * 47, ["2"]]
)
def test_what_is_no_text_is_refused(wrong: object) -> None:
    """One typed error, whichever way in. Rule: B5."""
    assert refused(wrong) == ["boleto.line: not_a_line"]
    with pytest.raises(InvalidValue, match="code: not_a_line"):
        parse_barcode(wrong, "code")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="line: not_a_line"):
        DigitableLine(wrong)  # type: ignore[arg-type]


def test_a_text_of_any_length_is_refused_at_once() -> None:
    """Above 128 code points nothing is read. Rule: B5."""
    assert refused("2" * 129) == ["boleto.line: too_long (129, at most 128)"]
    assert refused("2" * 1_000_000) == ["boleto.line: too_long (1000000, at most 128)"]
    assert parse_line(LINE.ljust(128)) == parse_line(LINE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("23798755200003700003381260007827139500006330", ".general: check_digit at 4..5"),
        (" 2379.9.755200003700003381260007827139500006331", ".general: check_digit at 6..7"),
        ("85880000460524601791606075930508683148300001", ".general: check_digit at 3..4"),
        ("8500 0000460524601791606075930508683148300001", ": unknown_value_kind at 2..3"),
        ("2379975520000370000338126000782713950000633", ": wrong_length (43)"),
        ("237997552000037000033812600078271395000063300", ": wrong_length (45)"),
        ("23799755200003700003381260007827139500006330x", ": not_a_digit at 44..45"),
        ("2" * 129, ": too_long (129, at most 128)"),
    ],
)
def test_a_bar_code_is_checked_as_well(text: str, problem: str) -> None:
    """It has the general digit only. Rule: B5."""
    with pytest.raises(InvalidValue) as error:
        parse_barcode(text, "code")
    assert str(error.value) == f"code{problem}"
    assert error.value.__context__ is None


@given(st.one_of(hostile_text(), st.text("0123456789 .-", max_size=130), digits(44), digits(47), digits(48)))
def test_any_text_is_a_line_or_refused(text: str) -> None:
    """Law: parse(x) is a line whose digits give it again, or InvalidValue. Rule: B5."""
    for parse in (parse_line, parse_barcode):
        try:
            line = parse(text)
        except InvalidValue as error:
            for problem in error.problems:
                assert problem.span is None or 0 <= problem.span[0] < problem.span[1] <= len(text)
            continue
        assert parse_line(line.digits) == line == parse_barcode(line.barcode)
        assert isinstance(line.amount, Money | None)
        line.due(date(2026, 1, 1))


# --- the value -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [LINE, LINE.replace(".", "").replace(" ", "")[:-1] + "1", "", "2" * 47, "８" * 48]
)
def test_a_line_that_does_not_fit_cannot_be_made(text: str) -> None:
    """Made directly it is checked too, and takes nothing but digits. Rule: B5."""
    with pytest.raises(InvalidValue):
        DigitableLine(text)


def test_a_line_is_a_frozen_value() -> None:
    """It pickles, copies, cannot be changed, and prints short."""
    line = parse_line(LINE)
    assert pickle.loads(pickle.dumps(line)) == line == copy.deepcopy(line)
    assert repr(line) == "DigitableLine(23793…70000)"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        line.digits = ""  # type: ignore[misc]
    with pytest.raises(InvalidValue):
        attrs.evolve(line, digits="2" * 47)


@pytest.mark.parametrize(
    "text", [*boleto_line.LINES, with_value("00000000000000"), with_value("99990000000001")]
)
def test_the_benchmark_compares_equal_work(text: str) -> None:
    """Both sides say the same of a line, and both refuse every change of a digit that can be found."""
    assert boleto_line.ours(text) == boleto_line.by_hand(text)
    for i, d in changes("".join(c for c in text if c.isdigit())):
        plain = "".join(c for c in text if c.isdigit())
        wrong = plain[:i] + d + plain[i + 1 :]
        if fits(wrong):
            assert boleto_line.ours(wrong) == boleto_line.by_hand(wrong)
        else:
            with pytest.raises(ValueError, match=r"fit|line"):
                boleto_line.by_hand(wrong)
