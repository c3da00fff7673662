"""Nothing is taken for something else: what is refused, with what code, where; and never what stood there."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.commands import Command, Take
from chatcore.entities import Conversation, Message
from chatcore.errors import InvalidValue, NotDecodable, Problem
from chatcore.serialization import decode, encode, from_json
from chatcore.serialization._tables import KINDS
from tests.serialization.fuzz import GOLDEN, ODD, PARSERS, agreed, changed_tree, compact, parser, places

TAKE = {"conversation": "cv_1", "over_capacity": False}


def document(tag: str, value: Any) -> bytes:
    """A document of this version."""
    return compact({"chatcore": 1, "type": tag, "value": value})


def told(data: bytes) -> list[tuple[str, str]]:
    """What is wrong with a document, as places and codes; the same by every way of reading."""
    kind, problems = agreed(data)
    assert kind == "problems"
    return [(problem.path, problem.code) for problem in problems]


def golden(name: str) -> Any:
    """The tree of a golden document."""
    return json.loads(GOLDEN[name])


# --- the document --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[]", [("document", "not_an_object")]),
        ("null", [("document", "not_an_object")]),
        ('"Take"', [("document", "not_an_object")]),
        ("{}", [("chatcore", "missing"), ("type", "missing"), ("value", "missing")]),
        ('{"chatcore":1,"type":"Take"}', [("value", "missing")]),
        ('{"chatcore":1,"type":"Took","value":{}}', [("type", "unknown_type")]),
        ('{"chatcore":1,"type":"take","value":{}}', [("type", "unknown_type")]),
        ('{"chatcore":1,"type":["Take"],"value":{}}', [("type", "unknown_type")]),
        ('{"chatcore":1,"type":"Private","value":{}}', [("type", "unknown_type")]),
        ('{"chatcore":1,"type":"Take","value":[]}', [("value", "not_an_object")]),
        ('{"chatcore":1,"type":"Take","value":{},"x":1,"y":2}', [("x", "unknown_key"), ("y", "unknown_key")]),
        ('{"chatcore":1,"chatcore":1,"type":"Take","value":{}}', [("chatcore", "duplicate_key")]),
        ('{"chatcore":2,"type":"Nobody","value":3,"more":4}', [("chatcore", "unknown_version")]),
        ('{"chatcore":true,"type":"Take","value":{}}', [("chatcore", "unknown_version")]),
        ('{"chatcore":1.0,"type":"Take","value":{}}', [("chatcore", "unknown_version")]),
        ('{"chatcore":"1","type":"Take","value":{}}', [("chatcore", "unknown_version")]),
        ('{"chatcore":0,"type":"Take","value":{}}', [("chatcore", "unknown_version")]),
        ('{"chatcore":99999999999999999999,"type":"Take","value":{}}', [("chatcore", "unknown_version")]),
    ],
)
def test_what_stands_around_a_value_is_closed(text: str, problems: list[tuple[str, str]]) -> None:
    """A type or a version that is not known is refused; of another version nothing else is said."""
    assert told(text.encode()) == problems


def test_a_reader_says_what_it_wants() -> None:
    """Another type is refused, whatever it holds; unions stand for their members."""
    take, state = encode(Take("cv_1")), GOLDEN["Conversation"]
    assert isinstance(decode(state, Conversation), Conversation)
    assert isinstance(decode(state, Message, Conversation), Conversation)
    assert isinstance(decode(take, Command), Take)
    for data, kinds in ((take, (Conversation,)), (state, (Command,)), (state, (Message, Take))):
        for which in PARSERS:
            with parser(which), pytest.raises(NotDecodable) as caught:
                decode(data, *kinds)
            assert caught.value.problems == (Problem("type", "wrong_object"),)
        with pytest.raises(NotDecodable):
            from_json(json.loads(data), *kinds)


# --- no coercion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "place", "odd", "code"),
    [
        ("TallyChange", "delta", "12", "not_a_whole_number"),
        ("TallyChange", "delta", 1.0, "not_a_whole_number"),
        ("TallyChange", "delta", 1.9, "not_a_whole_number"),
        ("TallyChange", "delta", True, "not_a_whole_number"),
        ("TallyChange", "delta", None, "not_a_whole_number"),
        ("TallyChange", "delta", [1], "not_a_whole_number"),
        ("TallyChange", "delta", 1 << 64, "number_out_of_range"),
        ("TallyChange", "delta", -(1 << 63) - 1, "number_out_of_range"),
        ("TallyChange", "at_most", False, "not_a_whole_number"),
        ("Take", "over_capacity", "false", "not_a_bool"),
        ("Take", "over_capacity", 0, "not_a_bool"),
        ("Take", "over_capacity", None, "not_a_bool"),
        ("Take", "conversation", 7, "not_a_text"),
        ("Take", "conversation", None, "not_a_text"),
        ("Take", "conversation", ["cv_1"], "not_a_text"),
        ("Take", "conversation", ["cv", "_1"], "not_a_text"),
        ("AddTags", "tags", "abc", "not_a_list"),
        ("AddTags", "tags", {"a": 1}, "not_a_list"),
        ("AddTags", "tags", None, "not_a_list"),
        ("SendMessage", "text", 5, "not_a_text"),
        ("SendMessage", "text", {"text": "x"}, "not_a_text"),
        ("Conversation", "situation", "OPEN", "unknown_value"),
        ("Conversation", "situation", "opened", "unknown_value"),
        ("Conversation", "situation", 1, "not_a_text"),
        ("Conversation", "origin", None, "not_an_object"),
        ("Conversation", "origin", [], "not_an_object"),
        ("Claimed", "lease_until", 1_773_144_000, "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00:00", "naive_moment"),
        ("Claimed", "lease_until", "2026-03-10 12:00:00Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00:60Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T24:00:00Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-02-29T12:00:00Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-W11-2T12:00:00.000000Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00:00.0000000Z", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00:00,000000Z", "not_a_moment"),
        ("Claimed", "lease_until", "20260310T120000Z", "not_a_moment"),
        ("Claimed", "lease_until", "0001-01-01T00:00:00+00:01", "not_a_moment"),
        ("Claimed", "lease_until", "2026-03-10T12:00:00.000000Z\n", "not_a_moment"),
        ("Claimed", "lease_until", "٢٠٢٦-03-10T12:00:00.000000Z", "not_a_moment"),
        ("Boleto", "due", "2026-03-10T00:00:00Z", "not_a_day"),
        ("Boleto", "due", "20260310", "not_a_day"),
        ("Boleto", "due", "2026-W11-2", "not_a_day"),
        ("Boleto", "due", "2026-02-30", "not_a_day"),
        ("Boleto", "amount", 2000, "not_money"),
        ("Boleto", "amount", "20", "not_money"),
        ("Boleto", "amount", "020.00", "not_money"),
        ("Boleto", "amount", "-1.00", "not_money"),
        ("Boleto", "amount", "20.000", "not_money"),
        ("Boleto", "amount", "R$ 20,00", "not_money"),
        ("RepeatsByKey", "retention", 60, "not_a_span"),
        ("RepeatsByKey", "retention", "PT1M", "not_a_span"),
        ("RepeatsByKey", "retention", "PT01S", "not_a_span"),
        ("RepeatsByKey", "retention", "PT1.5S", "not_a_span"),
        ("RepeatsByKey", "retention", "PT1.000000S", "not_a_span"),
        ("RepeatsByKey", "retention", "-PT0S", "not_a_span"),
        ("RepeatsByKey", "retention", "PT99999999999999S", "not_a_span"),
        ("Documented", "document", "529.982.247-25", "not_a_tax_id"),
        ("Documented", "document", "52998224724", "not_a_tax_id"),
        ("Envelope", "event", None, "not_an_object"),
    ],
)
def test_nothing_is_taken_for_something_else(tag: str, place: str, odd: Any, code: str) -> None:
    """A text is no number, 1.9 no whole one, "abc" no list, 0 not false; a moment is RFC 3339, no more."""
    tree = golden(tag)
    tree["value"][place] = odd
    assert told(compact(tree)) == [(f"value.{place}", code)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-10T12:00:00Z", "2026-03-10T12:00:00.000000Z"),
        ("2026-03-10T09:00:00-03:00", "2026-03-10T12:00:00.000000Z"),
        ("2026-03-11T01:29:59.5+13:30", "2026-03-10T11:59:59.500000Z"),
        ("2026-03-10t12:00:00.000001z", "2026-03-10T12:00:00.000001Z"),
        ("2026-03-10T12:00:00-00:00", "2026-03-10T12:00:00.000000Z"),
    ],
)
def test_any_offset_is_read_and_written_in_utc(text: str, moment: str) -> None:
    """What RFC 3339 allows is read; what is written is always UTC, with six digits of a second. Rule: L12."""
    tree = golden("Claimed")
    tree["value"]["lease_until"] = text
    kind, value = agreed(compact(tree))
    assert kind == "value"
    assert f'"lease_until":"{moment}"'.encode() in encode(value)


@pytest.mark.parametrize("tag", KINDS)
def test_every_key_must_be_there_once_and_no_other(tag: str) -> None:
    """Defaults too: what a default is may change, and what was written must not change with it."""
    tree = golden(tag)
    for path in [path for path in places(tree) if isinstance(path[-1:] and path[-1], str)][:40]:
        less, more = copy.deepcopy(tree), copy.deepcopy(tree)
        within_less, within_more = less, more
        for step in path[:-1]:
            within_less, within_more = within_less[step], within_more[step]
        del within_less[path[-1]]
        within_more[f"{path[-1]}_"] = None
        for changed, code in ((less, "missing"), (more, "unknown_key")):
            with pytest.raises(NotDecodable) as caught:
                decode(compact(changed))
            assert code in {problem.code for problem in caught.value.problems} or path[-1] in LEAVES


TAG = '{"id":"t","name":"VIP","colour":"#000000","departments":[],"archived":false}'
LEAVES = {"text", "number", "day", "money"}
"""What a value without fields stands under, where it is one of several: it is not missing, but no value."""


@pytest.mark.parametrize(
    ("tag", "value", "problems"),
    [
        (
            "SetFields",
            '{"conversation":"cv_1","values":[["a",3],["b",{"number":"1e3"}],["c",{"text":"x","day":null}],["d"],'
            '["e",{"money":"1.00"}],["f",{"day":"2026-13-01"}]]}',
            [
                ("value.values[0][1]", "not_a_value"),
                ("value.values[1][1].number", "not_a_number"),
                ("value.values[2][1]", "not_a_value"),
                ("value.values[3]", "wrong_length"),
                ("value.values[4][1].money", "unknown_key"),
                ("value.values[5][1].day", "not_a_day"),
            ],
        ),
        (
            "AllOf",
            '{"parts":[{"type":"Says","value":{"words":[],"prefix":true}},{"type":"Take","value":{}},'
            '{"type":"Not","value":{"part":{"type":"Is","value":{"mark":"tall"}}}},{"type":"Is"},null]}',
            [
                ("value.parts[0].value.words", "no_words"),
                ("value.parts[1].type", "unknown_type"),
                ("value.parts[2].value.part.value.mark", "unknown_value"),
                ("value.parts[3].value", "missing"),
                ("value.parts[4]", "not_an_object"),
            ],
        ),
        (
            "Snapshot",
            '{"states":[["ws"]],"owners":[["b","ws"],["a","ws"]],"tallies":[["a",1],["a",1]],"heads":{},'
            '"receipt":null,"committed":null,"workspace":null}',
            [
                ("value.states[0]", "wrong_length"),
                ("value.owners", "not_in_order"),
                ("value.tallies", "not_in_order"),
                ("value.heads", "not_a_list"),
            ],
        ),
        (
            "Take",
            '{"conversation":"cv_1","conversation":"cv_2","over_capacity":false}',
            [("value.conversation", "duplicate_key")],
        ),
        (
            "Outcome",
            '{"command":"c","changed":[["ws",1,2],["ws","1"],7]}',
            [
                ("value.changed[0]", "wrong_length"),
                ("value.changed[1][1]", "not_a_whole_number"),
                ("value.changed[2]", "not_a_list"),
            ],
        ),
        ("Actor", '{"kind":"agent","id":""}', [("value", "malformed")]),
        (
            "Robot",
            '{"said":[],"quiet_until":null,"turns":false,"moved_at":null}',
            [("value.turns", "not_a_whole_number")],
        ),
        ("Robot", '{"said":[],"quiet_until":null,"turns":0}', [("value.moved_at", "missing")]),
        ("Found", '{"customers":[],"more":[]}', [("value.more", "unknown_key")]),
        (
            "Interval",
            '{"start":60,"end":60,"more":[]}',
            [("value.more", "unknown_key"), ("value.end", "ends_before_start")],
        ),
        ("ItemAdded", f'{{"item":{{"type":"Tag","value":{TAG},"x":0}}}}', [("value.item.x", "unknown_key")]),
        (
            "Snapshot",
            '{"states":[],"owners":[["b","ws"],["a","ws"]],"tallies":[],"heads":[],"receipt":null,'
            '"committed":null,"workspace":null}',
            [("value.owners", "not_in_order")],
        ),
    ],
)
def test_everything_wrong_is_told_at_once(tag: str, value: str, problems: list[tuple[str, str]]) -> None:
    """Each with the way to it."""
    assert told(f'{{"chatcore":1,"type":"{tag}","value":{value}}}'.encode()) == problems


@pytest.mark.parametrize(
    ("tag", "change", "problem"),
    [
        (
            "Conversation",
            {"situation": "open", "assignee": None},
            Problem("assignee", "open_means_assignee", "L1"),
        ),
        ("Take", {"conversation": ""}, Problem("conversation", "not_an_id")),
        ("AddTags", {"tags": ["a", "a"]}, Problem("tags", "repeated")),
        ("AddNote", {"text": "a\0b"}, Problem("text", "control_character", "M14", span=(1, 2))),
        ("GrantBonus", {"bonus": {"kind": "days", "value": 0}}, Problem("bonus.value", "not_a_bonus", "B8")),
        ("Bonus", {"kind": "days", "value": {"money": "1.00"}}, Problem("value", "not_a_bonus", "B8")),
        ("Interval", {"start": 60, "end": 60}, Problem("end", "ends_before_start", "H1")),
    ],
)
def test_what_a_class_demands_is_demanded_again(tag: str, change: dict[str, Any], problem: Problem) -> None:
    """With its own code, rule, limits and span, at its place in the document."""
    tree = golden(tag)
    tree["value"].update(change)
    kind, problems = agreed(compact(tree))
    assert kind == "problems"
    assert attrs.evolve(problem, path=f"value.{problem.path}") in problems


def test_a_workspace_is_checked_as_a_whole_where_it_lies() -> None:
    """The way to what is wrong goes on into the document, however deep it lies. Rule: C1."""
    tree = golden("Configure")
    tag = json.loads(TAG)
    tree["value"]["workspace"]["tags"] = [tag, {**tag, "name": "Vip "}]
    assert ("value.workspace.tags[1].name", "repeated") in told(compact(tree))


# --- never what stands there ---------------------------------------------------------------------------------

SECRET = "segredo"


def marked(tree: Any) -> Any:
    """A tree with a secret in every text and every strange key."""
    if isinstance(tree, dict):
        return {key: marked(value) if key != "type" else value for key, value in tree.items()}
    if isinstance(tree, list):
        return [marked(value) for value in tree]
    return f"{SECRET} {tree}" if isinstance(tree, str) else tree


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(GOLDEN)), st.randoms(use_true_random=False))
def test_an_error_never_tells_what_stood_there(name: str, lots: Any) -> None:
    """Neither in words nor in attributes, nor by the error that led to it."""
    tree = marked(golden(name))
    tree = changed_tree(tree, lots)
    tree[f"{SECRET} 11 98765-4321"] = SECRET
    with pytest.raises(NotDecodable) as caught:
        decode(compact(tree))
    error = caught.value
    assert SECRET not in str(error) + repr(error) + repr(error.document()) + repr(vars(error))
    assert error.__cause__ is None
    assert error.__context__ is None


def test_the_error_is_an_invalid_value_that_pickles() -> None:
    """A service maps it as it maps any malformed input."""
    with pytest.raises(NotDecodable) as caught:
        decode(document("Take", {"conversation": 7}))
    error = caught.value
    assert isinstance(error, InvalidValue)
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    assert str(error) == "value.conversation: not_a_text; value.over_capacity: missing"
    assert error.code == "not_decodable"


# --- documents that were parsed already ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"conversation": "cv_1", "over_capacity": 0}, [("value.over_capacity", "not_a_bool")]),
        ({"conversation": ("a", "b"), "over_capacity": False}, [("value.conversation", "not_a_text")]),
        ({"conversation": b"cv_1", "over_capacity": False}, [("value.conversation", "not_a_text")]),
        ({**TAKE, 5: 6}, [("value.?", "unknown_key")]),
        ({**TAKE, None: 6}, [("value.?", "unknown_key")]),
        ([], [("value", "not_an_object")]),
    ],
)
def test_parsed_documents_are_read_as_strictly(value: Any, problems: list[tuple[str, str]]) -> None:
    """Python has more types than JSON; none of them passes for one of JSON's."""
    with pytest.raises(NotDecodable) as caught:
        from_json({"chatcore": 1, "type": "Take", "value": value})
    assert [(problem.path, problem.code) for problem in caught.value.problems] == problems


@pytest.mark.parametrize("odd", [None, 5, "Take", b"{}", [], object(), {"chatcore": 1, 2: 3}])
def test_what_is_no_document_at_all_is_refused(odd: object) -> None:
    """By its own error."""
    with pytest.raises(NotDecodable):
        from_json(odd)


def test_a_document_that_holds_itself_is_refused() -> None:
    """Which JSON cannot, but a dict can."""
    inner: dict[str, Any] = {"type": "Not", "value": {}}
    inner["value"]["part"] = inner
    with pytest.raises(NotDecodable):
        from_json({"chatcore": 1, "type": "Not", "value": {"part": inner}})


def test_a_document_is_not_changed_by_reading() -> None:
    """Whoever gave it may read it again."""
    for data in GOLDEN.values():
        tree = json.loads(data)
        from_json(tree)
        assert tree == json.loads(data)


def test_odd_things_are_read_alike_wherever_they_stand() -> None:
    """Each of them in place of each thing of one rich document, one at a time, by every way of reading."""
    data = GOLDEN["SetFields-each"]
    for path in [path for path in places(json.loads(data)) if path]:
        for odd in ODD:
            tree = json.loads(data)
            within = tree
            for step in path[:-1]:
                within = within[step]
            within[path[-1]] = copy.deepcopy(odd)
            agreed(compact(tree))
