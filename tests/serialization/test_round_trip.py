"""What is written is read again as it was: every kind of value, by every way of reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from chatcore.commands import Outcome, RecordEdit, Take
from chatcore.entities import Details
from chatcore.errors import InvalidValue
from chatcore.ports import Receipt, Snapshot, TallyChange
from chatcore.search import Page
from chatcore.serialization import decode, encode, from_json, to_json
from chatcore.serialization._tables import KINDS
from chatcore.testing import strategies
from chatcore.vocabulary import Private
from tests.serialization.fuzz import PARSERS, agreed, parser

FEW = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("tag", KINDS)
def test_every_value_comes_back_equal(tag: str) -> None:
    """decode(encode(x)) == x, of the same type, with orjson and without, the fast way and the exact one."""

    @FEW
    @given(strategies.values(KINDS[tag]))
    def check(value: Any) -> None:
        data = encode(value)
        kind, read = agreed(data)
        assert kind == "value"
        assert read == value
        assert type(read) is type(value)
        assert from_json(to_json(value)) == value
        assert encode(attrs.evolve(value)) == data  # Equal values give equal bytes, however they came about.

    check()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.histories())
def test_what_a_desk_makes_comes_back_equal(history: strategies.History) -> None:
    """Every change set, state and envelope of commands at a desk, not only what a strategy thinks of."""
    for thing in (*history.changes, *history.contents.states.values(), *history.envelopes):
        assert decode(encode(thing)) == thing


NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def saying(text: str) -> RecordEdit:
    """A command that takes any text."""
    return RecordEdit(
        channel="wa", address="5511987654321", provider_id="p", sent_at=NOON, target="t", text=text
    )


@settings(max_examples=60, deadline=None)
@given(strategies.hostile_text())
def test_any_text_comes_back(text: str) -> None:
    """NUL, controls, lone halves of surrogate pairs, two halves that stand apart. Rule: M14."""
    for which in PARSERS:
        with parser(which):
            assert decode(encode(saying(text)), RecordEdit).text == Private(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("é 👍", '"é 👍"'),
        ('"\\/\b\f\n\r\t', r'"\"\\/\b\f\n\r\t"'),
        ("\0\x1f\x7f\x85\u2028", '"\\u0000\\u001f\x7f\x85\u2028"'),
        ("\ud83d", '"\\ud83d"'),
        ("a\ude00\ud83d", '"a\\ude00\\ud83d"'),
        ("\ud83d\ude00", '["\\ud83d","\\ude00"]'),
        ('"\ud83d\ude00\ud83d\ude00"', '["\\"\\ud83d","\\ude00\\ud83d","\\ude00\\""]'),
        ("😀", '"😀"'),
    ],
)
def test_texts_are_written_one_way(text: str, written: str) -> None:
    """Nothing is escaped that need not be; two halves that JSON would join stand in pieces. Rule: M14."""
    assert f'"text":{written}}}}}'.encode() in encode(saying(text))


def test_mappings_are_written_sorted() -> None:
    """However they were filled, so that equal values give equal bytes."""
    forth, back = {"open:ana": 1, "open:beto": 2}, {"open:beto": 2, "open:ana": 1}
    assert Snapshot(tallies=forth) == Snapshot(tallies=MappingProxyType(back))
    assert encode(Snapshot(tallies=forth)) == encode(Snapshot(tallies=MappingProxyType(back)))
    assert b'"tallies":[["open:ana",1],["open:beto",2]]' in encode(Snapshot(tallies=back))


def test_a_document_is_plain_json() -> None:
    """Whoever has no chatcore can read it; `to_json` gives the same, parsed."""
    take = Take("cv_1", over_capacity=True)
    assert encode(take) == (
        b'{"chatcore":1,"type":"Take","value":{"conversation":"cv_1","over_capacity":true}}'
    )
    assert to_json(take) == json.loads(encode(take))


@pytest.mark.parametrize("value", [None, 1, "Take", object(), Take, [], {}, Private("x"), ValueError()])
def test_what_has_no_type_of_its_own_is_not_written(value: object) -> None:
    """Only what is in the closed list stands alone."""
    with pytest.raises(InvalidValue) as caught:
        encode(value)
    assert [problem.code for problem in caught.value.problems] == ["not_encodable"]


def test_a_subclass_of_a_listed_class_is_not_written() -> None:
    """It would come back as another type."""

    class Own(Take):
        pass

    with pytest.raises(InvalidValue):
        encode(Own("cv_1"))


@pytest.mark.parametrize(
    ("cls", "fields", "code"),
    [
        (Receipt, {"command": 5, "recorded_at": NOON, "outcome": Outcome("cm_1")}, "not_encodable"),
        (Receipt, {"command": "c", "recorded_at": "now", "outcome": None}, "not_encodable"),
        (TallyChange, {"key": "k", "delta": True}, "not_encodable"),
        (TallyChange, {"key": "k", "delta": 1 << 64}, "number_out_of_range"),
        (TallyChange, {"key": "k", "delta": 0.5}, "not_encodable"),
        (Outcome, {"command": "c", "changed": ((1, 1),)}, "not_encodable"),
        (Outcome, {"command": "c", "changed": (("ws", 1, 2),)}, "not_encodable"),
        (Outcome, {"command": "c", "changed": [("ws", 1)]}, "not_encodable"),
        (Page, {"rows": (1,)}, "not_encodable"),
        (Details, {"fields": (("a", Take("cv_1")),)}, "not_encodable"),
    ],
)
def test_what_would_not_be_read_is_not_written(cls: type[Any], fields: dict[str, Any], code: str) -> None:
    """A class that does not check its fields does not let another type through: with and without orjson."""
    for which in PARSERS:
        with parser(which), pytest.raises(InvalidValue) as caught:
            encode(cls(**fields))
        assert [problem.code for problem in caught.value.problems] == [code]


def test_a_number_that_is_none_is_not_written() -> None:
    """NaN and infinity are no values of a custom field, though a `Decimal` may be one. Rule: C9."""
    for text in ("NaN", "sNaN", "Infinity", "-Infinity"):
        with pytest.raises(InvalidValue) as caught:
            encode(Details(fields=(("a", Decimal(text)),)))
        assert [problem.code for problem in caught.value.problems] == ["not_a_number"]
