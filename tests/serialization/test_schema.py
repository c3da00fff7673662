"""The JSON Schema says what is read: every golden document fits it, and what does not fit is not read."""

from __future__ import annotations

import copy
import inspect
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from chatcore import errors
from chatcore.errors import ChatcoreError, Problem
from chatcore.serialization import json_schema, to_json
from chatcore.serialization._tables import COMMANDS, EVENTS, KINDS
from chatcore.testing import strategies
from tests.serialization.fuzz import GOLDEN, agreed, compact, places
from tests.test_errors import TREE

SCHEMA = json_schema()


def validator(name: str) -> Any:
    """What holds documents against one definition."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{name}"}
    return jsonschema.Draft202012Validator(schema)


DOCUMENT = validator("Document")


def fits(tree: Any) -> bool:
    """Whether a document fits: told by its type, for `oneOf` asks all of them and is slow."""
    if isinstance(tree, dict) and set(tree) == {"chatcore", "type", "value"} and tree["chatcore"] == 1:
        known = OF_TYPE.get(tree["type"]) if isinstance(tree["type"], str) else None
        return known is not None and bool(known.is_valid(tree["value"]))
    return False


OF_TYPE = {tag: validator(tag) for tag in KINDS}


def test_it_is_a_schema() -> None:
    """By the definition of JSON Schema 2020-12; every reference leads somewhere."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    text = json.dumps(SCHEMA)
    names = {part.partition('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert names <= set(SCHEMA["$defs"])


def test_it_is_the_same_every_time_and_nobodys_to_share() -> None:
    """A service may change what it was given."""
    again = json_schema()
    assert again == SCHEMA
    again["$defs"].clear()
    assert json_schema() == SCHEMA


def test_every_type_and_every_union_is_defined() -> None:
    """Commands, events, outcomes, errors; nothing stands for two things."""
    defined = set(SCHEMA["$defs"])
    assert (
        set(KINDS) | {"Command", "Event", "Query", "Outcome", "Error", "CommandDocument", "Document"} <= defined
    )
    branches = SCHEMA["$defs"]["CommandDocument"]["oneOf"]
    assert [each["properties"]["type"]["const"] for each in branches] == [cls.__name__ for cls in COMMANDS]
    assert len(SCHEMA["$defs"]["Event"]["oneOf"]) == len(EVENTS)


def test_every_object_is_closed_and_whole() -> None:
    """All keys are required and no others allowed, as in reading; but a problem leaves out what it lacks."""
    for name, definition in SCHEMA["$defs"].items():
        for each in objects(definition):
            assert each["additionalProperties"] is False, name
            assert name == "Problem" or each["required"] == list(each["properties"]), name


def objects(schema: Any) -> list[Any]:
    """Every schema of an object inside a schema."""
    if isinstance(schema, list):
        return [each for part in schema for each in objects(part)]
    if not isinstance(schema, dict):
        return []
    here = [schema] if schema.get("type") == "object" else []
    return here + [each for part in schema.values() for each in objects(part)]


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_documents_fit(name: str) -> None:
    """But for texts that no schema can tell: with halves of characters side by side. Rule: M14."""
    tree = json.loads(GOLDEN[name])
    assert fits(tree) is not in_pieces(tree)


def in_pieces(tree: Any) -> bool:
    """Whether a text in it was written in pieces."""
    if isinstance(tree, dict):
        return any(map(in_pieces, tree.values()))
    if isinstance(tree, list):
        return any("\ud800" <= str(each)[-1:] <= "\udbff" for each in tree) or any(map(in_pieces, tree))
    return False


def test_a_document_fits_just_one_branch() -> None:
    """The types tell the branches apart."""
    for name in ("Take", "SetFields", "Taken"):
        DOCUMENT.validate(json.loads(GOLDEN[name]))
    validator("CommandDocument").validate(json.loads(GOLDEN["Take"]))
    validator("EventDocument").validate(json.loads(GOLDEN["Taken"]))
    validator("OutcomeDocument").validate(json.loads(GOLDEN["Outcome"]))
    validator("EnvelopeDocument").validate(json.loads(GOLDEN["Envelope"]))
    validator("QueryDocument").validate(json.loads(GOLDEN["MessageQuery"]))
    assert not validator("EventDocument").is_valid(json.loads(GOLDEN["Take"]))
    assert not DOCUMENT.is_valid({"chatcore": 2, "type": "Take", "value": {}})


WRONG: tuple[Any, ...] = ([], {}, 1.5, {"no": "such"}, [[[]]])
"""What fits nowhere in the documents below."""


@pytest.mark.parametrize(
    "name", ["Take", "SendMessage", "GrantBonus", "Outcome", "Started", "Contact", "Has", "Row"]
)
def test_what_does_not_fit_is_refused(name: str) -> None:
    """A wrong thing, a missing key or a strange one, at each place: by the schema as by the reader."""
    tree = json.loads(GOLDEN[name])
    for path in [path for path in places(tree) if path]:
        for odd in WRONG:
            changed = copy.deepcopy(tree)
            within = changed
            for step in path[:-1]:
                within = within[step]
            within[path[-1]] = copy.deepcopy(odd)
            if not fits(changed):
                assert agreed(compact(changed))[0] == "problems"
            elif odd != []:  # An empty list may stand where one with something in it stood.
                pytest.fail(f"{path} may be {odd}")
            if isinstance(within, dict):
                within.pop(path[-1])
                assert not fits(changed)
                within.update({path[-1]: None, "extra": 1})
                assert not fits(changed)


@pytest.mark.parametrize(
    ("tag", "change"),
    [
        ("Take", {"conversation": ""}),
        ("Take", {"conversation": "x" * 256}),
        ("AddTags", {"tags": []}),
        ("AddNote", {"text": ""}),
        ("AddNote", {"text": "x" * 10_001}),
        ("SendBoletos", {"boletos": [str(n) for n in range(21)]}),
        ("GrantBonus", {"period": "2026-13"}),
        ("SettleEffect", {"fence": 0}),
        ("Close", {"reason": ""}),
        ("OpenServiceOrder", {"type": ""}),
    ],
)
def test_known_bounds_stand_in_it(tag: str, change: dict[str, Any]) -> None:
    """What a person can be told before they ask: ids and texts of commands that are too short or too long."""
    tree = json.loads(GOLDEN[tag])
    tree["value"].update(change)
    assert not fits(tree)
    assert agreed(compact(tree))[0] == "problems"


@pytest.mark.parametrize("tag", [cls.__name__ for cls in COMMANDS])
def test_its_bounds_refuse_nothing_that_is_read(tag: str) -> None:
    """A command at the edge of what it takes fits: the golden ones, and those that a strategy makes."""

    @settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategies.values(KINDS[tag]))
    def check(command: Any) -> None:
        tree = to_json(command)
        assert fits(tree) is not in_pieces(tree)

    check()


def test_references_can_begin_otherwise() -> None:
    """For OpenAPI, the definitions stand among its components."""
    prefix = "#/components/schemas/"
    text = json.dumps(json_schema(prefix=prefix))
    assert '"#/$defs/' not in text
    page = {"components": {"schemas": json_schema(prefix=prefix)["$defs"]}, "$ref": f"{prefix}CommandDocument"}
    jsonschema.Draft202012Validator(page).validate(json.loads(GOLDEN["Take"]))


# --- errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [row[0] for row in TREE], ids=lambda error: error.code)
def test_the_document_of_an_error_fits(error: ChatcoreError) -> None:
    """Its own definition, and that of errors in general."""
    tree = json.loads(json.dumps(error.document()))
    validator(f"{type(error).__name__}Error").validate(tree)
    validator("Error").validate(tree)
    for change in ({"code": "other"}, {"details": {"what": [1]}}, {"message": None}, {"more": 1}):
        assert not validator(f"{type(error).__name__}Error").is_valid({**tree, **change})


def test_every_error_has_a_definition() -> None:
    """And each code is told apart by it."""
    every = [
        error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, ChatcoreError)
    ]
    for error in every:
        assert SCHEMA["$defs"][f"{error.__name__}Error"]["properties"]["code"] == {"const": error.code}
    assert len(SCHEMA["$defs"]["Error"]["oneOf"]) == len(every)


def test_a_problem_may_say_everything_or_little() -> None:
    """What it has nothing to say about is left out."""
    for problem in (Problem("a", "b"), Problem("a", "b", "M6", 1, 2, (3, 4))):
        validator("Problem").validate(problem.document())
    assert not validator("Problem").is_valid({"path": "a"})
