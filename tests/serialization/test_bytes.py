"""Whatever the bytes: a value or `NotDecodable`, the same with either parser, within bounds that are ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatcore import serialization
from chatcore.commands import Take
from chatcore.errors import InvalidValue, NotDecodable, Problem
from chatcore.limits import DOCUMENT_BYTES, DOCUMENT_DEPTH, DOCUMENT_ITEMS, DOCUMENT_PROBLEMS, QUERY_DEPTH
from chatcore.search import AllOf, Condition, Has, Page, Trait
from chatcore.serialization import _json, decode, encode
from tests.serialization.fuzz import GOLDEN, PARSERS, agreed, answer, nearly_right, parser

TAKE = encode(Take("cv_1"))


@pytest.fixture(params=PARSERS, ids=lambda which: "stdlib" if which is None else "orjson")
def which(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each parser there is."""
    with parser(request.param):
        yield request.param


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 40))
def test_documents_that_are_nearly_right_are_read_alike(seed: int) -> None:
    """The fast way, the exact way, with orjson and without: one answer, and never another error."""
    agreed(nearly_right(seed))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(TAKE + b"\0")
@example(TAKE + TAKE)
@example(b"\x80\x04]")
def test_bytes_of_any_kind_are_refused_by_the_one_error(data: bytes) -> None:
    """Garbage, other formats, two documents in a row."""
    assert agreed(data)[0] == "problems"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b" ", "not_json"),
        (b"\xef\xbb\xbf" + TAKE, "not_json"),
        (TAKE.decode().encode("utf-16"), "not_utf8"),
        (TAKE.decode().encode("utf-16-le"), "not_json"),
        (TAKE.decode().encode("utf-32-be"), "not_json"),
        (TAKE.replace(b"cv_1", b"cv_\xff"), "not_utf8"),
        (TAKE.replace(b"cv_1", b"cv_\xed\xa0\xbd"), "not_utf8"),
        (TAKE.replace(b"cv_1", b"cv_\xc0\x80"), "not_utf8"),
        (TAKE.replace(b"cv_1", b"cv_\n"), "not_json"),
        (TAKE.replace(b"cv_1", b"cv_\0"), "not_json"),
        (TAKE.replace(b"cv_1", b"cv_\\x"), "not_json"),
        (TAKE.replace(b"cv_1", b"cv_\\u00"), "not_json"),
        (TAKE.replace(b'"', b"'"), "not_json"),
        (TAKE.replace(b"false", b"False"), "not_json"),
        (TAKE.replace(b"false", b"NaN"), "not_json"),
        (TAKE.replace(b"false", b"Infinity"), "not_json"),
        (TAKE.replace(b"false", b"-Infinity"), "not_json"),
        (TAKE.replace(b"false", b"01"), "not_json"),
        (TAKE.replace(b"false", b"+1"), "not_json"),
        (TAKE.replace(b"false", b"1."), "not_json"),
        (TAKE.replace(b"false", b"false,"), "not_json"),
        (TAKE.replace(b"false", b"false/**/"), "not_json"),
        (TAKE[:-1], "not_json"),
        (TAKE + b"}", "not_json"),
        (TAKE + TAKE, "not_json"),
        (b"[" * DOCUMENT_DEPTH, "not_json"),
        (b"]" * 500, "not_json"),
        (b"[}" * 500, "not_json"),
        (b"[" * (DOCUMENT_DEPTH + 1), "too_deep"),
        (b"[" * 200_000, "too_deep"),
        (b'{"a":' * 200_000, "too_deep"),
        (b"[{}" * 200, "too_deep"),
        (b'["\\"[' * 200, "too_deep"),
    ],
)
def test_what_is_no_json_is_refused_as_such(data: bytes, code: str) -> None:
    """Strictly: one encoding, no mark before it, no comments, no spellings of Python's or JavaScript's."""
    kind, problems = agreed(data)
    assert kind == "problems"
    assert [(problem.path, problem.code) for problem in problems] == [("document", code)]


@pytest.mark.parametrize(
    "number", ["1e400", "1E5", "-0.0", "1" * 5_000, "-" + "9" * 20, "1.0", "0e0", "2" * 20]
)
def test_odd_numbers_are_refused_where_they_stand(number: str) -> None:
    """Fractions, powers of ten, more than 64 bits: on every Python, however many digits. Rule: B10."""
    data = b'{"chatcore":1,"type":"TallyChange","value":{"key":"k","delta":%s,"at_most":null}}'
    kind, problems = agreed(data % number.encode())
    assert kind == "problems"
    [problem] = problems
    assert problem.path == "value.delta"
    assert problem.code in ("not_a_whole_number", "number_out_of_range")


@pytest.mark.parametrize("number", [0, -1, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, -(1 << 63)])
def test_whole_numbers_of_64_bits_are_read(number: int) -> None:
    """With a sign or without; minus nothing is nothing."""
    data = '{"chatcore":1,"type":"TallyChange","value":{"key":"k","delta":%s,"at_most":null}}'
    assert agreed((data % number).encode())[1].delta == number
    assert agreed((data % "-0").encode())[1].delta == 0


@pytest.mark.parametrize(
    "twice",
    [
        b'{"conversation":"cv_1","conversation":"cv_1","over_capacity":false}',
        b'{"conversation":"cv_1","conversation" :"cv_2","over_capacity":false}',
        b'{"conversation":":","conversation" :"cv_2","over_capacity":false}',
        b'{"conversation":"cv_1","over_capacity":false,"over_capacit\\u0079":true}',
        b'{"conversation":"\\\\","conversation":"\\":\\"","over_capacity":false}',
    ],
)
def test_a_key_that_stands_twice_is_always_noticed(twice: bytes) -> None:
    """However it is spelled, and whatever colons and quotes stand in the texts around it."""
    data = b'{"chatcore":1,"type":"Take","value":%s}' % twice
    kind, problems = agreed(data)
    assert kind == "problems"
    assert "duplicate_key" in {problem.code for problem in problems}
    inside = (
        b'{"chatcore":1,"type":"Not","value":{"part":{"type":"Is","type":"Is","value":{"mark":"waiting"}}}}'
    )
    assert ("value.part.type", "duplicate_key") in [(p.path, p.code) for p in agreed(inside)[1]]


def test_documents_may_be_spelled_otherwise(which: Any) -> None:
    """White space, another order of members, needless escapes: what JSON allows of what is meant."""
    loose = (
        b' {\t"value" : {"over_capacity":false ,\r\n"conversation":"c\\u0076_1"}, "type":"Take","chatcore":1}\n'
    )
    assert decode(loose) == Take("cv_1")
    assert decode(loose.decode()) == Take("cv_1")
    assert agreed(loose)[0] == "value"


def test_texts_are_read_like_bytes(which: Any) -> None:
    """A text is what its UTF-8 says; one that has none is refused, and so is everything else."""
    assert decode(TAKE.decode(), Take) == Take("cv_1")
    others: tuple[Any, ...] = ("\ud800", None, 5, [], {}, bytearray(TAKE), memoryview(TAKE), Take("cv_1"))
    for odd in others:
        with pytest.raises(NotDecodable):
            decode(odd)


# --- bounds --------------------------------------------------------------------------------------------------


def nested(depth: int) -> Condition:
    """Combinations inside one another, that deep."""
    condition: Condition = Has(Trait.TAG, "vip")
    for _ in range(depth):
        condition = AllOf((condition,))
    return condition


def test_the_deepest_value_there_is_fits_in(which: Any) -> None:
    """So that the bound of documents never refuses what a class allows."""
    page = Page((nested(QUERY_DEPTH), nested(1)))
    data = encode(page)
    assert decode(data) == page
    assert agreed(data)[0] == "value"
    deepest = max(
        data[:i].count(b"{") + data[:i].count(b"[") - data[:i].count(b"}") - data[:i].count(b"]")
        for i in range(len(data))
    )
    assert 60 < deepest < DOCUMENT_DEPTH


MANY = b"[" + b"0," * DOCUMENT_ITEMS + b"0]"
LONG = b" " * (DOCUMENT_BYTES + 1)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (MANY, Problem("document", "too_many", None, DOCUMENT_ITEMS, DOCUMENT_ITEMS + 1)),
        (LONG, Problem("document", "too_long", None, DOCUMENT_BYTES, DOCUMENT_BYTES + 1)),
        (b'"' + b"," * (DOCUMENT_ITEMS + 5) + b'"', Problem("document", "not_an_object")),
        (
            b'"' * (5 * DOCUMENT_ITEMS),
            Problem("document", "too_many", None, DOCUMENT_ITEMS, DOCUMENT_ITEMS + 1),
        ),
        (b"[" * 200 + b"]" * (5 * DOCUMENT_ITEMS), Problem("document", "too_deep", None, DOCUMENT_DEPTH, 200)),
    ],
    ids=["items", "bytes", "a-text", "quotes", "closers"],
)
def test_bounds_are_looked_at_before_anything_is_parsed(data: bytes, problem: Problem, which: Any) -> None:
    """Size and items, what stands in texts not counted; the same on every Python."""
    assert answer(decode, data) == ("problems", (problem,))


def test_a_document_with_much_wrong_tells_the_first_of_it(which: Any) -> None:
    """So that no answer is larger than what was asked."""
    keys = {f"k{n}": n for n in range(5 * DOCUMENT_PROBLEMS)}
    for value in ({"conversation": "cv_1", "tags": [1] * 5 * DOCUMENT_PROBLEMS}, keys):
        data = json.dumps({"chatcore": 1, "type": "AddTags", "value": value}).encode()
        assert len(agreed(data)[1]) == DOCUMENT_PROBLEMS
    twice = b",".join(b'"k%d":1,"k%d":2' % (n, n) for n in range(5 * DOCUMENT_PROBLEMS))
    assert len(agreed(b'{"chatcore":1,"type":"AddTags","value":{%s}}' % twice)[1]) == DOCUMENT_PROBLEMS


def test_nothing_is_written_that_would_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value above the bounds is refused where it is written."""
    page = Page(tuple(Has(Trait.TAG, str(n)) for n in range(50)))
    monkeypatch.setattr(_json, "DOCUMENT_ITEMS", 100)
    with pytest.raises(InvalidValue) as caught:
        encode(page)
    assert [problem.code for problem in caught.value.problems] == ["too_many"]
    monkeypatch.setattr(_json, "DOCUMENT_BYTES", 1_000)
    with pytest.raises(InvalidValue) as caught:
        encode(page)
    assert [problem.code for problem in caught.value.problems] == ["too_long"]


def broken(error: type[Exception]) -> Any:
    def read(*_: Any) -> Any:
        raise error

    return read


@pytest.mark.parametrize("error", [MemoryError, RecursionError, KeyError, ValueError, TypeError])
def test_when_the_fast_way_breaks_the_exact_one_reads(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the last word, whatever went wrong before."""
    monkeypatch.setattr(serialization, "loaded", broken(error))
    assert decode(TAKE) == Take("cv_1")


@pytest.mark.parametrize(("error", "code"), [(MemoryError, "too_long"), (RecursionError, "too_deep")])
def test_a_machine_without_room_is_no_other_error(
    error: type[Exception], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of memory or of stack."""
    monkeypatch.setattr(serialization, "parsed", broken(error))
    assert answer(decode, TAKE + b"!") == ("problems", (Problem("document", code),))


def test_a_reader_deep_in_the_stack_is_refused_and_not_broken(which: Any) -> None:
    """Where there is no room left to read in, the one error says so, and the next read is fine."""
    data = encode(nested(QUERY_DEPTH))

    def down(frames: int) -> Any:
        return down(frames - 1) if frames else answer(decode, data)

    limit = sys.getrecursionlimit()
    told = []
    for left in range(10, 120, 10):
        try:
            told.append(down(limit - depth_here() - left)[0])
        except RecursionError:  # Not even room to ask.
            continue
    assert set(told) <= {"problems", "value"}
    assert decode(data) == nested(QUERY_DEPTH)


def depth_here() -> int:
    """How many frames there are above."""
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def test_json_of_the_standard_library_reads_what_is_written() -> None:
    """Every golden document is plain JSON, without spaces, and stays so."""
    for data in GOLDEN.values():
        assert json.loads(data)["chatcore"] == 1
        assert b"\n" not in data
