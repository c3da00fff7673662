"""What is prepared to be said: quick replies with their variables, and templates that a provider approved."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities import Attachment, MessageTemplate, QuickReply
from chatcore.entities.replies import ALWAYS_KNOWN, VARIABLES, message_text_problems
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ID_LENGTH, TAG_LENGTH, TEMPLATE_LENGTH, TEMPLATE_PARAMETERS, TEMPLATE_VARIABLES
from chatcore.testing.strategies import message_templates, prepared_text, quick_replies
from chatcore.vocabulary import TemplateCategory

FILE = Attachment(key="f1", mime="image/jpeg", size=10, sha256="0" * 64)
VALID: dict[type, dict[str, Any]] = {
    QuickReply: {
        "id": "hi",
        "shortcut": "ola",
        "text": "Olá, {{contact|cliente}}!",
        "attachment": FILE,
        "departments": ("sup",),
        "agents": ("ana",),
        "archived": True,
    },
    MessageTemplate: {
        "id": "late",
        "channel": "wa",
        "name": "fatura_em_atraso",
        "language": "pt_BR",
        "body": "Olá {{1}}, sua fatura venceu em {{2}}.",
        "category": TemplateCategory.MARKETING,
        "archived": True,
    },
}
BOTH = pytest.mark.parametrize("cls", VALID)
LONG = "x" * (ID_LENGTH + 1)


def made(cls: Any, **changes: Any) -> Any:
    return cls(**{**VALID[cls], **changes})


def problems(cls: Any, **changes: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a value is refused with."""
    with pytest.raises(InvalidValue) as caught:
        made(cls, **changes)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


REPLIES: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    ({"id": ""}, [("id", "not_an_id", None)]),
    ({"id": LONG}, [("id", "too_long", None)]),
    ({"shortcut": ""}, [("shortcut", "empty", "C2")]),
    ({"shortcut": None}, [("shortcut", "not_a_text", "C2")]),
    ({"shortcut": "x" * (TAG_LENGTH + 1)}, [("shortcut", "too_long", "C2")]),
    ({"shortcut": "a\u200bb"}, [("shortcut", "zero_width_character", "C2")]),
    ({"archived": 1}, [("archived", "not_a_bool", None)]),
    ({"text": None, "attachment": None}, [("text", "text_or_attachment", "C6")]),
    ({"text": ""}, [("text", "empty", "M14")]),
    ({"text": " \n"}, [("text", "empty", "M14")]),
    ({"text": 5}, [("text", "not_a_text", "M14")]),
    ({"text": "a\0"}, [("text", "control_character", "M14")]),
    ({"text": "Olá, {{nome}}!"}, [("text", "unknown_variable", "C7")]),
    ({"text": "Olá, {{contact"}, [("text", "unterminated_variable", "C7")]),
    ({"text": "{{}}"}, [("text", "empty_name", "C7")]),
    ({"text": "{{contact|{{agent}}}}"}, [("text", "nested_variable", "C7")]),
    ({"text": "x" * (TEMPLATE_LENGTH + 1)}, [("text", "too_long", "C7")]),
    ({"text": "{{agent}}" * (TEMPLATE_VARIABLES + 1)}, [("text", "too_many_variables", "C7")]),
    ({"attachment": "f1"}, [("attachment", "not_an_attachment", "M17")]),
    ({"departments": ["sup"]}, [("departments", "not_a_tuple", "C6")]),
    ({"departments": ("sup", "sup")}, [("departments", "repeated", "C6")]),
    ({"departments": ("",)}, [("departments[0]", "not_an_id", None)]),
    ({"agents": "ana"}, [("agents", "not_a_tuple", "C6")]),
    ({"agents": ("ana", "ana")}, [("agents", "repeated", "C6")]),
    ({"agents": ("ana", LONG)}, [("agents[1]", "too_long", None)]),
    (
        {
            "id": "",
            "shortcut": "",
            "text": "\0{{nome}}",
            "attachment": 5,
            "departments": None,
            "agents": [],
            "archived": None,
        },
        [
            ("id", "not_an_id", None),
            ("shortcut", "empty", "C2"),
            ("archived", "not_a_bool", None),
            ("departments", "not_a_tuple", "C6"),
            ("agents", "not_a_tuple", "C6"),
            ("text", "control_character", "M14"),
            ("text", "unknown_variable", "C7"),
            ("attachment", "not_an_attachment", "M17"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), REPLIES, ids=range(len(REPLIES)))
def test_each_misfit_of_a_quick_reply_is_refused(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """All of them at once, each with its path, code and rule. Rule: C2, C6, C7, M14."""
    assert problems(QuickReply, **values) == expected


def test_what_is_wrong_with_a_text_is_shown_in_its_place() -> None:
    """By its offset, when the reply is saved and not when it is sent. Rule: C7."""
    with pytest.raises(InvalidValue) as caught:
        made(QuickReply, text="Olá, {{nome}}! Aqui é {{agent.")
    assert [problem.span for problem in caught.value.problems] == [(7, 11), (22, 24)]


@pytest.mark.parametrize(
    "values",
    [
        {"attachment": None},
        {"text": None},
        {"shortcut": "x" * TAG_LENGTH},
        {"text": "x" * TEMPLATE_LENGTH},
        {"text": "{{agent}}" * TEMPLATE_VARIABLES},
        {"text": "Preço: {x}, %(x)s, ${x}, }}"},
        {"text": "Duas\nlinhas 👩‍🔧"},
    ],
)
def test_what_just_fits_is_taken(values: dict[str, Any]) -> None:
    """A text, a file, or both; single braces are plain text. Rule: C6, C7, S22."""
    reply = made(QuickReply, **values)
    assert {name: getattr(reply, name) for name in values} == values
    assert reply.name == reply.shortcut


@pytest.mark.parametrize(
    ("departments", "agents", "department", "agent", "allowed"),
    [
        ((), (), "sup", "ana", True),
        ((), (), "sup", None, True),
        (("sup",), (), "sup", "ana", True),
        (("sup",), (), "fin", "ana", False),
        ((), ("ana",), "fin", "ana", True),
        ((), ("ana",), "fin", "beto", False),
        ((), ("ana",), "fin", None, False),
        (("sup",), ("ana",), "fin", "ana", True),
        (("sup",), ("ana",), "sup", "beto", True),
        (("sup",), ("ana",), "sup", None, True),
        (("sup",), ("ana",), "fin", "beto", False),
    ],
)
def test_who_may_use_a_quick_reply(
    departments: Any, agents: Any, department: str, agent: str | None, allowed: bool
) -> None:
    """Everybody, or those of its departments and its agents. Rule: C6."""
    reply = made(QuickReply, departments=departments, agents=agents)
    assert reply.allows(department, agent) is allowed


# --- the variables -------------------------------------------------------------------------------------------


def test_the_registry_is_closed() -> None:
    """These variables and no others; most have a value in every conversation. Rule: C7."""
    assert {"contact", "first_name", "agent"} == VARIABLES - ALWAYS_KNOWN
    assert {"protocol", "conversation", "department", "workspace", "date", "greeting"} == ALWAYS_KNOWN


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_may_be_used(name: str) -> None:
    """With a fallback or without; what may have no value needs one where nobody is there. Rule: C7, L20."""
    bare, safe = f"{{{{{name}}}}}", f"{{{{{name}|x}}}}"
    assert message_text_problems(bare, "text") == message_text_problems(safe, "text") == []
    assert message_text_problems(safe, "text", without_agent=True) == []
    known = name in ALWAYS_KNOWN
    expected = [] if known else [Problem("text", "fallback_required", "C7", span=(2, 2 + len(name)))]
    assert message_text_problems(bare, "text", without_agent=True) == expected


def test_each_use_without_a_fallback_is_told_with_its_place() -> None:
    """Rule: C7, L20."""
    text = "{{agent}} {{contact}} {{agent}} {{first_name|x}} {{protocol}}"
    found = message_text_problems(text, "greeting", without_agent=True)
    assert sorted(problem.span for problem in found) == [(2, 7), (12, 19), (24, 29)]
    assert {(problem.path, problem.code, problem.rule) for problem in found} == {
        ("greeting", "fallback_required", "C7")
    }


@given(prepared_text(), prepared_text(without_agent=True))
def test_prepared_texts_are_taken(text: str, automatic: str) -> None:
    """Law: what uses only these variables, with fallbacks where it needs them, has no problem. Rule: C7."""
    assert message_text_problems(text, "text") == []
    assert message_text_problems(automatic, "text", without_agent=True) == []


# --- approved templates --------------------------------------------------------------------------------------

TEMPLATES: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    ({"id": ""}, [("id", "not_an_id", None)]),
    ({"channel": None}, [("channel", "not_an_id", None)]),
    ({"archived": "no"}, [("archived", "not_a_bool", None)]),
    ({"name": "Fatura"}, [("name", "not_a_template_name", "M6")]),
    ({"name": "fatura-1"}, [("name", "not_a_template_name", "M6")]),
    ({"name": "fatura 1"}, [("name", "not_a_template_name", "M6")]),
    ({"name": "x" * 513}, [("name", "not_a_template_name", "M6")]),
    ({"name": None}, [("name", "not_a_text", "C2")]),
    ({"language": "PT"}, [("language", "not_a_language", "M6")]),
    ({"language": "pt-BR"}, [("language", "not_a_language", "M6")]),
    ({"language": "pt_br"}, [("language", "not_a_language", "M6")]),
    ({"language": "pt_BR\n"}, [("language", "not_a_language", "M6")]),
    ({"language": None}, [("language", "not_a_language", "M6")]),
    ({"category": "marketing"}, [("category", "not_a_category", "M16")]),
    ({"body": ""}, [("body", "empty", "M14")]),
    ({"body": None}, [("body", "not_a_text", "M14")]),
    ({"body": "a\0"}, [("body", "control_character", "M14")]),
    ({"body": "x" * (TEMPLATE_LENGTH + 1)}, [("body", "too_long", "M6")]),
    ({"body": "{{2}}"}, [("body", "places_not_counted", "M6")]),
    ({"body": "{{1}} {{3}}"}, [("body", "places_not_counted", "M6")]),
    ({"body": "{{0}} {{1}}"}, [("body", "places_not_counted", "M6")]),
    (
        {"body": " ".join(f"{{{{{n}}}}}" for n in range(1, TEMPLATE_PARAMETERS + 2))},
        [("body", "places_not_counted", "M6")],
    ),
    (
        {
            "id": "",
            "channel": "",
            "name": "A",
            "language": "",
            "body": "\0{{7}}",
            "category": None,
            "archived": None,
        },
        [
            ("channel", "not_an_id", None),
            ("id", "not_an_id", None),
            ("archived", "not_a_bool", None),
            ("name", "not_a_template_name", "M6"),
            ("language", "not_a_language", "M6"),
            ("category", "not_a_category", "M16"),
            ("body", "control_character", "M14"),
            ("body", "places_not_counted", "M6"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), TEMPLATES, ids=range(len(TEMPLATES)))
def test_each_misfit_of_a_template_is_refused(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """All of them at once, each with its path, code and rule. Rule: M6, M14, M16."""
    assert problems(MessageTemplate, **values) == expected


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("Sem parâmetros", 0),
        ("{{1}}", 1),
        ("{{2}} antes de {{1}}, e {{2}} de novo", 2),
        (" ".join(f"{{{{{n}}}}}" for n in range(1, TEMPLATE_PARAMETERS + 1)), TEMPLATE_PARAMETERS),
        ("x" * TEMPLATE_LENGTH, 0),
    ],
)
def test_a_template_counts_its_places(body: str, count: int) -> None:
    """From 1, without gaps, in any order and as often as it likes. Rule: M6."""
    template = made(MessageTemplate, body=body)
    assert template.parameters == count
    filled = template.filled(tuple(f"<{n}>" for n in range(1, count + 1)))
    assert "{{" not in filled
    assert all(f"<{n}>" in filled for n in range(1, count + 1))


@pytest.mark.parametrize("language", ["pt_BR", "en", "fil", "es_AR", "pt"])
@pytest.mark.parametrize("name", ["a", "fatura_2", "x" * 512])
def test_providers_names_and_languages_are_taken(language: str, name: str) -> None:
    """As the provider writes them, up to its limit. Rule: M6."""
    template = made(MessageTemplate, language=language, name=name)
    assert (template.language, template.name) == (language, name)


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_parameter_goes_in_unread(first: str, second: str) -> None:
    r"""Law: whatever a parameter holds, places and group references among it, stands as it is. Rule: M6, C7."""
    template = made(MessageTemplate, body="a {{1}} b {{2}} c {{1}}")
    assert template.filled((first, second)) == f"a {first} b {second} c {first}"
    assert template.filled(("{{2}}", r"\1\g<0>")) == r"a {{2}} b \1\g<0> c {{2}}"


def test_what_is_left_out_is_the_plain_case() -> None:
    """A reply for everybody; a template of use to the customer. Rule: C6, M16."""
    reply = QuickReply(id="hi", shortcut="ola", text="Olá")
    assert (reply.attachment, reply.departments, reply.agents, reply.archived) == (None, (), (), False)
    template = MessageTemplate(id="t", channel="wa", name="t", language="en", body="Hi")
    assert (template.category, template.archived) == (TemplateCategory.UTILITY, False)


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


@BOTH
def test_values_of_wrong_types_meet_one_error_only(cls: Any) -> None:
    """Whatever stands in a field, the only error is InvalidValue, and nothing mutable is let in."""
    for field in attrs.fields(cls):
        for hostile in HOSTILE:
            with contextlib.suppress(InvalidValue):
                hash(made(cls, **{field.name: hostile}))


@given(quick_replies() | message_templates())
def test_they_are_values(thing: Any) -> None:
    """Law: frozen, slotted, hashable, equal to their like, and they pickle."""
    twin = pickle.loads(pickle.dumps(thing))
    assert twin == thing
    assert hash(twin) == hash(thing)
    assert not hasattr(thing, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        thing.id = "x"
