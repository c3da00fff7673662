"""Texts with variables, as quick replies and automatic messages have. Rule: C7."""

from __future__ import annotations

import pickle
import time
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.errors import InvalidValue, MissingVariable, Problem
from chatcore.limits import TEMPLATE_LENGTH, TEMPLATE_VARIABLES
from chatcore.testing.strategies import hostile_text
from chatcore.text import Template, parse_template, render

NAMES = ("contact", "agent", "department", "protocol", "greeting")
VALUES = {
    "contact": "Maria",
    "agent": "Ana",
    "department": "Suporte",
    "protocol": "2026112212345",
    "greeting": "Bom dia",
}


def parse(text: object) -> Template:
    return parse_template(text, NAMES)


def problems(text: object) -> tuple[Problem, ...]:
    with pytest.raises(InvalidValue) as caught:
        parse(text)
    return caught.value.problems


def pointed_at(text: str) -> list[tuple[str, str]]:
    """Each problem's code with the piece of the text that its span covers."""
    return [(each.code, text[slice(*each.span)]) for each in problems(text) if each.span is not None]


# --- what is written and what comes out ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{{contact}}", "Maria"),
        ("{{greeting}}, {{contact}}!\nAqui é {{agent}}.", "Bom dia, Maria!\nAqui é Ana."),
        ("{{contact}}{{agent}}", "MariaAna"),
        ("{{contact}}, {{contact}}", "Maria, Maria"),
        ("{{ contact }}", "Maria"),
        ("{{\tcontact\u00a0\n}}", "Maria"),
        ("{{contact|cliente}}", "Maria"),
        ("{{ contact |cliente}}", "Maria"),
        ("{{contact|}}", "Maria"),
        ("{{contact}}}", "Maria}"),
        ("{{contact|x}}}}", "Maria}}"),
        ("{ {{contact}} }", "{ Maria }"),
    ],
)
def test_a_variable_gives_its_place_to_its_value(text: str, rendered: str) -> None:
    """White space around a name does not count, and a place ends at the first two closing braces. Rule: C7."""
    assert render(parse(text), VALUES) == rendered


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Olá, tudo bem?",
        "{contact}",
        "{ {contact} }",
        "%(contact)s %s %",
        "${contact} $contact",
        "}} contact }}",
        "a|b",
        '{"a": {"b": 1}}',
        "{",
        "ends with {",
        "\0\ud83d",
    ],
)
def test_everything_else_is_plain_text(text: str) -> None:
    """Single braces, `%(x)s`, `${x}`, bars and braces that close nothing stay as they are. Rule: C7."""
    template = parse(text)
    assert render(template, VALUES) == render(template, {}) == text
    assert template.variables == ()


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Olá, {{contact|cliente}}!", "Olá, cliente!"),
        ("Olá{{contact| amigo }}!", "Olá amigo !"),
        ("Olá{{contact|}}!", "Olá!"),
        ("{{contact|um|dois}}", "um|dois"),
        ("{{contact|{x} $ %(y)s}}", "{x} $ %(y)s"),
        ("{{contact|a}b{c}}", "a}b{c"),
        ("{{contact|linha\noutra}}", "linha\noutra"),
        ("{{contact|{}}", "{"),
    ],
)
@pytest.mark.parametrize("values", [{}, {"contact": ""}, {"agent": "Ana"}])
def test_a_fallback_stands_where_there_is_no_value(text: str, rendered: str, values: dict[str, str]) -> None:
    """It goes in character by character as written; an empty value gives way to it too. Rule: C7."""
    assert render(parse(text), values) == rendered


def test_a_missing_value_without_fallback_is_named() -> None:
    """The first in the text, also where another place of the same variable has a fallback. Rule: C7."""
    template = parse("{{contact}}: {{agent|alguém}}, {{agent}}, {{protocol}}")
    with pytest.raises(MissingVariable) as caught:
        render(template, {"contact": "Maria"})
    assert caught.value.variable == "agent"
    assert caught.value.rule == "C7"
    assert "Maria" not in f"{caught.value} {caught.value!r}"


def test_an_empty_value_without_fallback_leaves_its_place_empty() -> None:
    """Who gave an empty value has given one; only a fallback replaces it. Rule: C7."""
    assert render(parse("[{{contact}}]"), {"contact": ""}) == "[]"
    assert render(parse("[{{contact|x}}]"), {"contact": " "}) == "[ ]"


def test_values_nobody_asked_for_are_ignored() -> None:
    """A caller hands over all it knows. Rule: C7."""
    assert render(parse("Olá, {{contact}}"), VALUES | {"Olá": "x", "": "y"}) == "Olá, Maria"


def test_a_template_tells_its_variables_and_its_source() -> None:
    """Variables in the order of their first use, each once; the source to the letter. Rule: C7."""
    text = "{{ agent|x}} {{contact}} {{agent}} {{greeting}} {{contact|}}"
    template = parse(text)
    assert template.variables == ("agent", "contact", "greeting")
    assert template.source == text


def test_a_template_is_a_value() -> None:
    """Equal when its text is, hashable, frozen, and whole after a pickle. Rule: C7."""
    template = parse("{{contact|x}} y")
    twin = pickle.loads(pickle.dumps(template))
    assert twin == template == parse("{{contact|x}} y") != parse("{{contact|x}} z")
    assert hash(twin) == hash(template)
    assert render(twin, {}) == "x y"
    with pytest.raises(AttributeError):
        template.source = ""  # type: ignore[misc]


def test_the_registry_is_the_callers() -> None:
    """The same text is good or bad by the names it is given; any collection of names will do. Rule: C7."""
    for names in (["nome"], {"nome"}, ("x", "nome"), {"nome": 1}, frozenset({"nome"})):
        assert render(parse_template("{{nome}}", names), {"nome": "Rui"}) == "Rui"
    for none in ([], ["name"], ["NOME"], ["nome "]):
        with pytest.raises(InvalidValue):
            parse_template("{{nome}}", none)


# --- what is wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Olá, {{nome}}!", [("unknown_variable", "nome")]),
        ("{{ nome |x}}", [("unknown_variable", "nome")]),
        ("{{Contact}}", [("unknown_variable", "Contact")]),
        ("{{contact name}}", [("unknown_variable", "contact name")]),
        ("{{contact\u200b}}", [("unknown_variable", "contact\u200b")]),
        ("{{{contact}}}", [("unknown_variable", "{contact")]),
        ("{{contact}|x}}", [("unknown_variable", "contact}")]),
        ("😀{{x}}", [("unknown_variable", "x")]),
        ("a{{}}b", [("empty_name", "{{}}")]),
        ("a{{ \n}}b", [("empty_name", "{{ \n}}")]),
        ("a{{ |x}}b", [("empty_name", "{{ |")]),
        ("a{{contact", [("unterminated_variable", "{{")]),
        ("a{{contact}", [("unterminated_variable", "{{")]),
        ("a{{", [("unterminated_variable", "{{")]),
        ("a{{contact|x}", [("unterminated_variable", "{{")]),
        ("a{{x|y", [("unterminated_variable", "{{"), ("unknown_variable", "x")]),
        ("a{{contact {{agent}}", [("unterminated_variable", "{{")]),
        ("{{{{contact}}}}", [("unterminated_variable", "{{")]),
        ("{{contact|{{agent}}}}", [("nested_variable", "{{")]),
        ("{{x|a {{y}} b}}", [("unknown_variable", "x"), ("nested_variable", "{{"), ("unknown_variable", "y")]),
        ("{{contact|{{{x}}", [("nested_variable", "{{"), ("unknown_variable", "{x")]),
        (
            "{{x}} {{}} {{contact}} {{agent|{{y}} {{z",
            [
                ("unknown_variable", "x"),
                ("empty_name", "{{}}"),
                ("nested_variable", "{{"),
                ("unknown_variable", "y"),
                ("unterminated_variable", "{{"),
            ],
        ),
    ],
)
def test_all_mistakes_are_told_at_once_with_their_places(text: str, found: list[tuple[str, str]]) -> None:
    """Each has its code, and a span that covers the very piece, in code points. Rule: C7."""
    assert pointed_at(text) == found


def test_a_span_points_at_one_of_several_like_pieces() -> None:
    """Where a piece stands more than once, the span is that of the bad one. Rule: C7."""
    assert [each.span for each in problems("x {{contact|x}} {{ x }} {{contact|{{agent}}")] == [
        (19, 20),
        (34, 36),
    ]
    assert [each.span for each in problems("{{contact {{agent}} {{")] == [(0, 2), (20, 22)]


def test_a_problem_has_the_callers_path_and_holds_no_text() -> None:
    """The path is the field's, the rule C7, and what was written does not show. Rule: C7."""
    with pytest.raises(InvalidValue) as caught:
        parse_template("{{Eulália}}", NAMES, "quick_replies[2].text")
    assert caught.value.problems == (Problem("quick_replies[2].text", "unknown_variable", "C7", span=(2, 9)),)
    assert "Eul" not in f"{caught.value} {caught.value!r} {caught.value.document()}"


@pytest.mark.parametrize("thing", [None, 7, b"{{contact}}", ["{{contact}}"]])
def test_what_is_no_text_is_refused(thing: object) -> None:
    """There is nothing to point at, but a typed error all the same. Rule: C7."""
    assert problems(thing) == (Problem("text", "not_a_text", "C7"),)


def test_a_text_may_be_as_long_as_the_limit() -> None:
    """One code point more is too long, however far over it renders. Rule: C7."""
    text = "{{contact}}".ljust(TEMPLATE_LENGTH, "é")
    assert len(render(parse(text), {"contact": "x" * 100})) > TEMPLATE_LENGTH
    over = (TEMPLATE_LENGTH, TEMPLATE_LENGTH + 1)
    assert problems(text + "!") == (Problem("text", "too_long", "C7", *over, over),)


def test_a_text_may_use_as_many_variables_as_the_limit() -> None:
    """Uses are counted, not names; the span is all from the first that is too many. Rule: C7."""
    most = "{{contact}}" * TEMPLATE_VARIABLES
    assert render(parse(most + " fim"), VALUES) == "Maria" * TEMPLATE_VARIABLES + " fim"
    actual = TEMPLATE_VARIABLES + 2
    text = most + "{{agent}}{{x}}"
    assert problems(text) == (
        Problem("text", "too_many_variables", "C7", TEMPLATE_VARIABLES, actual, (len(most), len(text))),
    )


def test_size_and_grammar_are_told_together() -> None:
    """A text that is too long and has too many variables hears of its mistakes as well. Rule: C7."""
    text = "{{x}}" + "{{contact}}" * TEMPLATE_VARIABLES + "." * TEMPLATE_LENGTH
    assert [each.code for each in problems(text)] == ["too_long", "unknown_variable", "too_many_variables"]


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 100_000,
        "{{{" * 100_000,
        "{{|" * 100_000,
        "{{contact" * 100_000,
        "{{contact|" * 100_000,
        "{{contact}}" * 100_000,
        "{{contact|" + "{ " * 100_000,
        "{{contact|" + "} " * 100_000,
        "{{contact|" + "|" * 100_000,
        "{{" + " " * 100_000,
        "{{" + "x" * 100_000,
        "{ " * 100_000,
        "}}" * 100_000,
    ],
    ids=lambda text: f"{text[:12]!r}",
)
def test_a_monster_is_refused_in_proportion(text: str) -> None:
    """100,000 of anything are read within seconds, and answered with a bounded list of problems. Rule: C7."""
    began = time.process_time()
    found = problems(text)
    assert time.process_time() - began < 5
    assert found[0] == Problem(
        "text", "too_long", "C7", TEMPLATE_LENGTH, len(text), (TEMPLATE_LENGTH, len(text))
    )
    assert len(found) <= 2 + 2 * TEMPLATE_VARIABLES


# --- laws ----------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """A well-formed use of a variable, as somebody may write it."""

    name: str
    padding: str
    fallback: str | None

    def __str__(self) -> str:
        tail = "" if self.fallback is None else f"|{self.fallback}"
        return f"{{{{{self.padding}{self.name}{self.padding}{tail}}}}}"

    def expected(self, values: dict[str, str]) -> str:
        if self.fallback is not None and not values.get(self.name):
            return self.fallback
        return values[self.name]


SHREDS = st.lists(
    st.sampled_from(
        ["{", "}", "{{", "}}", "|", " ", "contact", "agent", "nome", "%(contact)s", "${x}", "é", "\n"]
    ),
    max_size=16,
).map("".join)
"""Anything that is hard to read as a template."""

PLAIN = st.one_of(SHREDS, hostile_text(4)).map(lambda text: text.replace("{{", ""))
FALLBACKS = PLAIN.map(lambda text: text.replace("}}", "").rstrip("}")).filter(lambda text: "{{" not in text)
USES = st.builds(
    Use, st.sampled_from(NAMES), st.sampled_from(["", " ", "\n\t"]), st.one_of(st.none(), FALLBACKS)
)
PIECES = st.lists(st.one_of(PLAIN, USES), max_size=8)
ANY_VALUES = st.fixed_dictionaries(
    dict.fromkeys(NAMES, st.one_of(SHREDS, hostile_text(4), st.just("{{contact}}")))
)


def joined(pieces: list[str | Use]) -> str:
    """The source of the pieces, kept apart lest two of them make a pair of braces."""
    return "\n".join(map(str, pieces))


@given(PIECES, ANY_VALUES)
@example([Use("agent", "", None), Use("contact", "", "{x")], {**VALUES, "agent": "{{contact}}"})
@example(["{", Use("agent", "", None)], {**VALUES, "agent": "{contact}}"})
def test_values_come_out_unscanned(pieces: list[str | Use], values: dict[str, str]) -> None:
    """Law: for any values, the output holds them as they are, between the plain text as it is. Rule: C7."""
    template = parse(joined(pieces))
    expected = [piece.expected(values) if isinstance(piece, Use) else piece for piece in pieces]
    assert render(template, values) == "\n".join(expected)
    used = [piece.name for piece in pieces if isinstance(piece, Use)]
    assert template.variables == tuple(dict.fromkeys(used))


@given(PIECES, st.sets(st.sampled_from(NAMES)))
def test_exactly_what_is_missing_is_refused(pieces: list[str | Use], given_names: set[str]) -> None:
    """Law: rendering fails if and only if a use has neither value nor fallback, naming the first. Rule: C7."""
    template = parse(joined(pieces))
    values = {name: VALUES[name] for name in given_names}
    bare = [piece.name for piece in pieces if isinstance(piece, Use) and piece.fallback is None]
    missing = [name for name in bare if name not in values]
    if missing:
        with pytest.raises(MissingVariable) as caught:
            render(template, values)
        assert caught.value.variable == missing[0]
    else:
        render(template, values)


@given(PLAIN)
def test_plain_text_renders_to_itself(text: str) -> None:
    """Law: render(parse(x)) == x for every x without two opening braces. Rule: C7."""
    assert render(parse(text), VALUES) == text


def reference(text: str) -> tuple[list[tuple[str, tuple[int, int]]], str]:
    """The mistakes in a text, and what it renders to if there are none: one character after the other."""
    mistakes: list[tuple[str, tuple[int, int]]] = []
    out = ""
    opened = bar = None
    i = 0

    def check_name(start: int, end: int, after: int) -> None:
        name = text[start:end].strip()
        if not name:
            mistakes.append(("empty_name", (start - 2, after)))
        elif name not in NAMES:
            while text[start].isspace():
                start += 1
            mistakes.append(("unknown_variable", (start, start + len(name))))

    while i < len(text):
        pair = text[i : i + 2]
        if pair == "{{":
            if opened is not None and bar is None:
                mistakes.append(("unterminated_variable", (opened, opened + 2)))
            elif opened is not None:
                mistakes.append(("nested_variable", (i, i + 2)))
            opened, bar = i, None
            i += 2
        elif opened is None:
            out += text[i]
            i += 1
        elif pair == "}}":
            if bar is None:
                check_name(opened + 2, i, i + 2)
            out += VALUES.get(text[opened + 2 : bar or i].strip(), "")
            opened = bar = None
            i += 2
        elif text[i] == "|" and bar is None:
            bar = i
            check_name(opened + 2, i, i + 1)
            i += 1
        else:
            i += 1
    if opened is not None:
        mistakes.append(("unterminated_variable", (opened, opened + 2)))
    return mistakes, out


def outcome(text: str) -> Template | tuple[Problem, ...]:
    try:
        return parse(text)
    except InvalidValue as error:
        return error.problems


@given(st.one_of(hostile_text(), st.lists(st.one_of(SHREDS, USES.map(str)), max_size=3).map("".join)))
@example("{{{{{contact|{{{x}}}}}")
@example("{{}{}}{{|}}")
@example("{{x|")
def test_any_text_is_a_template_or_an_invalid_value(text: str) -> None:
    """Law: parse is total, and finds what a reader going character by character finds; what it takes it
    gives back as its source. Rule: C7.
    """
    mistakes, rendered = reference(text)
    result = outcome(text)
    if isinstance(result, Template):
        assert mistakes == []
        assert result.source == text
        assert render(result, VALUES) == rendered
    else:
        in_order = sorted(mistakes, key=lambda mistake: mistake[1])
        assert result == tuple(Problem("text", code, "C7", span=span) for code, span in in_order) != ()


def test_rendering_reads_each_place_once() -> None:
    """Law: rendering asks for one value per use, however long the text and the values. Rule: C7."""

    class Counting(dict[str, str]):
        asked = 0

        def get(self, *args: str) -> str:  # type: ignore[override]
            self.asked += 1
            return "{{contact}}" * 1_000

    for uses in (0, 1, 10, TEMPLATE_VARIABLES):
        values = Counting()
        rendered = render(parse("{{contact}}" * uses + "x" * 1_000), values)
        assert (values.asked, len(rendered)) == (uses, uses * 11_000 + 1_000)
