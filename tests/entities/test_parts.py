"""Departments, agents, tags, reasons, channels: every check, and values all through."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given

from chatcore.entities import Agent, Channel, Department, Reason, Tag
from chatcore.errors import InvalidValue
from chatcore.limits import ID_LENGTH, LABEL_LENGTH, TAG_LENGTH
from chatcore.testing.strategies import hostile_text, items
from chatcore.text import label_problems
from chatcore.vocabulary import Ability, ChannelKind, Role

VALID: dict[type, dict[str, Any]] = {
    Department: {"id": "sup", "name": "Suporte", "archived": True},
    Agent: {
        "id": "ana",
        "name": "Ana",
        "roles": (Role.AGENT, Role.SUPERVISOR),
        "departments": ("sup", "fin"),
        "granted": (Ability.ASSIGN,),
        "withdrawn": (Ability.BLOCK,),
        "max_open": 3,
        "active": False,
    },
    Tag: {"id": "vip", "name": "VIP", "colour": "#1e90ff", "departments": ("sup",), "archived": True},
    Reason: {"id": "moved", "name": "Mudança", "departments": ("sup",), "archived": True},
    Channel: {
        "id": "wa",
        "kind": ChannelKind.WHATSAPP_CLOUD,
        "account": "106540352242922",
        "department": "sup",
        "bot": True,
        "archived": True,
    },
}
EACH = pytest.mark.parametrize("cls", VALID)


def made(cls: Any, **changes: Any) -> Any:
    return cls(**{**VALID[cls], **changes})


def problems(cls: Any, **changes: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a part is refused with."""
    with pytest.raises(InvalidValue) as caught:
        made(cls, **changes)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


LONG = "x" * (ID_LENGTH + 1)

REFUSALS: list[tuple[Any, dict[str, Any], list[tuple[str, str, str | None]]]] = [
    *(
        (cls, {"id": id}, [("id", code, None)])
        for cls in VALID
        for id, code in (
            ("", "not_an_id"),
            ("a\nb", "not_an_id"),
            (" \n", "not_an_id"),
            (None, "not_an_id"),
            (5, "not_an_id"),
            (LONG, "too_long"),
        )
    ),
    *(
        (cls, {"name": name}, [("name", code, "C2")])
        for cls in VALID
        if cls is not Channel
        for name, code in (
            ("", "empty"),
            (" ", "empty"),
            (None, "not_a_text"),
            (5, "not_a_text"),
            ("a\0b", "control_character"),
            ("a\nb", "control_character"),
            ("a\u202eb", "bidi_character"),
            ("a\u200bb", "zero_width_character"),
            ("a\ud800b", "surrogate"),
        )
    ),
    *(
        (cls, {"name": "x" * (limit + 1)}, [("name", "too_long", "C2")])
        for cls, limit in ((Department, LABEL_LENGTH), (Agent, LABEL_LENGTH), (Reason, LABEL_LENGTH))
    ),
    (Tag, {"name": "x" * (TAG_LENGTH + 1)}, [("name", "too_long", "C2")]),
    (Tag, {"name": "\ufdfa" * 3}, [("name", "too_long", "C2")]),
    *(
        (cls, {"archived": value}, [("archived", "not_a_bool", None)])
        for cls in (Department, Tag, Reason, Channel)
        for value in (None, 1, "yes")
    ),
    *(
        (cls, {"departments": value}, [("departments", code, rule)])
        for cls, rule in ((Agent, "P"), (Tag, "C4"), (Reason, "C4"))
        for value, code in (
            (["sup"], "not_a_tuple"),
            ("sup", "not_a_tuple"),
            ((5,), "not_a_tuple"),
            (None, "not_a_tuple"),
            (("sup", "sup"), "repeated"),
        )
    ),
    *(
        (cls, {"departments": ("sup", "", LONG)}, expected)
        for cls in (Agent, Tag, Reason)
        for expected in ([("departments[1]", "not_an_id", None), ("departments[2]", "too_long", None)],)
    ),
    (Agent, {"active": 1}, [("active", "not_a_bool", None)]),
    (Agent, {"roles": ()}, [("roles", "not_roles", "P")]),
    (Agent, {"roles": [Role.AGENT]}, [("roles", "not_a_tuple", "P")]),
    (Agent, {"roles": ("agent",)}, [("roles", "not_roles", "P")]),
    (Agent, {"roles": None}, [("roles", "not_a_tuple", "P")]),
    (Agent, {"granted": ["assign"]}, [("granted", "not_a_tuple", "P")]),
    (Agent, {"granted": ("assign",)}, [("granted", "not_abilities", "P")]),
    (Agent, {"withdrawn": ("block",)}, [("withdrawn", "not_abilities", "P")]),
    (Agent, {"max_open": -1}, [("max_open", "negative", "L7")]),
    (Agent, {"max_open": 1.5}, [("max_open", "negative", "L7")]),
    (Agent, {"max_open": True}, [("max_open", "negative", "L7")]),
    (
        Agent,
        {"departments": [], "roles": (), "granted": [], "withdrawn": 5, "max_open": None, "active": None},
        [
            ("active", "not_a_bool", None),
            ("departments", "not_a_tuple", "P"),
            ("granted", "not_a_tuple", "P"),
            ("withdrawn", "not_a_tuple", "P"),
            ("roles", "not_roles", "P"),
            ("max_open", "negative", "L7"),
        ],
    ),
    *(
        (Tag, {"colour": colour}, [("colour", "not_a_colour", "C8")])
        for colour in (
            "",
            "red",
            "1e90ff",
            "#1e90f",
            "#1e90ff0",
            "#1E90FF",
            "#1e90fg",
            "#1e90ff\n",
            "#\u0661e90ff",
            None,
            0x1E90FF,
        )
    ),
    (
        Tag,
        {"id": "", "name": "", "colour": "", "departments": None, "archived": None},
        [
            ("id", "not_an_id", None),
            ("name", "empty", "C2"),
            ("archived", "not_a_bool", None),
            ("departments", "not_a_tuple", "C4"),
            ("colour", "not_a_colour", "C8"),
        ],
    ),
    (Channel, {"account": ""}, [("account", "not_an_id", None)]),
    (Channel, {"department": None}, [("department", "not_an_id", None)]),
    (Channel, {"kind": "whatsapp_cloud"}, [("kind", "not_a_kind", None)]),
    (Channel, {"bot": "yes"}, [("bot", "not_a_bool", None)]),
    (
        Channel,
        {"id": "", "account": LONG, "department": "", "kind": None, "bot": 1, "archived": 0},
        [
            ("id", "not_an_id", None),
            ("account", "too_long", None),
            ("department", "not_an_id", None),
            ("bot", "not_a_bool", None),
            ("archived", "not_a_bool", None),
            ("kind", "not_a_kind", None),
        ],
    ),
]


@pytest.mark.parametrize(("cls", "values", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_each_misfit_is_refused_at_its_path(
    cls: Any, values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """All of them at once, each with its code and rule. Rule: C2, C4, C8, L7, section P."""
    assert problems(cls, **values) == expected


@pytest.mark.parametrize(
    ("cls", "values"),
    [
        (Department, {"name": "x" * LABEL_LENGTH}),
        (Agent, {"name": "x" * LABEL_LENGTH, "max_open": 0, "departments": ()}),
        (Reason, {"name": "x" * LABEL_LENGTH}),
        (Tag, {"name": "x" * TAG_LENGTH, "colour": "#000000"}),
        (Tag, {"name": "Fibra β 👩‍🔧"}),
        (Channel, {"id": "x" * ID_LENGTH, "account": "x" * ID_LENGTH}),
    ],
)
def test_what_just_fits_is_taken(cls: Any, values: dict[str, Any]) -> None:
    """Limits are exact; mixed scripts and emoji are fine. Rule: C2, S22."""
    assert {name: getattr(made(cls, **values), name) for name in values} == values


@given(hostile_text(6))
def test_a_tag_accepted_is_a_label(name: str) -> None:
    """Law: a tag is made exactly with the names that are labels, and keeps its name as it was. Rule: C2."""
    if label_problems(name, "name", TAG_LENGTH):
        assert {rule for _, _, rule in problems(Tag, name=name)} == {"C2"}
    else:
        tag = made(Tag, name=name)
        assert tag.name == name
        assert "\n" not in tag.name


def test_what_is_left_out_is_the_plain_case() -> None:
    """An active agent of no department and without a bound; a grey tag of all departments. Rule: L7, C4, C8."""
    agent = Agent(id="ana", name="Ana")
    assert (agent.roles, agent.departments, agent.granted, agent.withdrawn) == ((Role.AGENT,), (), (), ())
    assert (agent.max_open, agent.active) == (0, True)
    tag = Tag(id="vip", name="VIP")
    assert (tag.colour, tag.departments, tag.archived) == ("#808080", (), False)
    channel = Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="1", department="sup")
    assert (channel.bot, channel.archived) == (False, False)


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


@EACH
def test_values_of_wrong_types_meet_one_error_only(cls: Any) -> None:
    """Whatever stands in a field, the only error is InvalidValue, and nothing mutable is let in."""
    for field in attrs.fields(cls):
        for hostile in HOSTILE:
            with contextlib.suppress(InvalidValue):
                hash(made(cls, **{field.name: hostile}))


@EACH
def test_parts_are_values(cls: Any) -> None:
    """Frozen, slotted, hashable, equal to their like, unequal when a field differs, and they pickle."""
    part = made(cls)
    assert pickle.loads(pickle.dumps(part)) == part == made(cls)
    assert hash(part) == hash(made(cls))
    assert part != made(cls, id="other")
    assert not hasattr(part, "__dict__")
    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(part, field.name, None)


@given(items())
def test_any_part_hashes_and_pickles(item: Any) -> None:
    """Law: also those of the other kinds, whatever they hold."""
    twin = pickle.loads(pickle.dumps(item))
    assert twin == item
    assert hash(twin) == hash(item)
