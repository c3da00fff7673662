"""Templates: a text with named places, as quick replies and automatic messages have. Rule: C7.

The templates of WhatsApp, which its provider approves and keeps, are another thing and not treated here.

1. `{{name}}` stands for the value of a variable. Names come from a closed registry, which the caller gives, and
   match exactly; white space around a name does not count.
2. `{{name|fallback text}}` has a text for when there is no value. It begins after the first bar and ends before
   the first `}}`; every character of it counts, and it may be empty.
3. Everything else is plain text: single braces, a `}}` that ends nothing, `%(x)s`, `${x}`.
4. Two braces that open always begin a variable, also within a longer run of braces. There is no escape: a
   literal `{{` comes in as a value. A fallback holds no variable.
5. A value goes in as it is and is never read as a template. A variable that is not among the values has no
   value. An empty value gives way to a fallback; without one it stands, and leaves its place empty.

Grammar only: what else a text may hold is for `outbound_problems` to say, before and after rendering.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Final

import attrs

from chatcore.errors import InvalidValue, MissingVariable, Problem
from chatcore.limits import TEMPLATE_LENGTH, TEMPLATE_VARIABLES

__all__ = ["Template", "parse_template", "render"]

# A use reaches to its end, or to where the next one begins. What follows the opening braces can be nothing at
# all, so no match fails half-way and none is tried twice: the scan is linear.
_USE: Final = (
    r"\{\{(?P<name>(?:[^{}|]+|\{(?!\{)|\}(?!\}))*)"
    r"(?:\|(?P<fallback>(?:[^{}]+|\{(?!\{)|\}(?!\}))*))?"
    r"(?P<end>\}\})?"
)


@attrs.frozen(slots=True)
class Template:
    """A text that was found well-formed, taken apart once to be rendered many times; see `parse_template`."""

    source: str
    """The text as it was written."""

    _uses: tuple[tuple[str, str, str | None], ...] = attrs.field(repr=False)
    """The plain text before each use, its variable, and its fallback."""

    _rest: str = attrs.field(repr=False)
    """The plain text after the last use."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables used, in the order of their first use, without repeats."""
        return tuple(dict.fromkeys(name for _, name, _ in self._uses))

    @property
    def bare_variables(self) -> tuple[str, ...]:
        """Those that some use has no fallback for."""
        return tuple(dict.fromkeys(name for _, name, fallback in self._uses if fallback is None))


def parse_template(text: object, variables: Collection[str], path: str = "text") -> Template:
    """Take a text apart, with the names of all the variables it may use. Rule: C7.

    Raises `InvalidValue` with every problem, each with its span:

    * ``too_long`` and ``too_many_variables`` (uses, repeats counted): what is over the limit;
    * ``unknown_variable``: the name;
    * ``empty_name``: from the opening braces to what should have come after the name;
    * ``unterminated_variable``: the opening braces that no `}}` follows, before the next `{{`;
    * ``nested_variable``: the opening braces inside a fallback;

    or with ``not_a_text`` alone. In a text with too many variables only the first so many are looked at.

        >>> parse_template("Olá, {{contact|cliente}}!", {"contact", "agent"}).variables
        ('contact',)
        >>> parse_template("Olá, {{nome}}! Aqui é {{agent.", {"contact", "agent"})
        Traceback (most recent call last):
        ...
        chatcore.errors.InvalidValue: text: unknown_variable at 7..11; text: unterminated_variable at 22..24
    """
    if not isinstance(text, str):
        raise InvalidValue.of(path, "not_a_text", rule="C7")
    bad: list[Problem] = []
    size = len(text)
    if size > TEMPLATE_LENGTH:
        bad.append(Problem(path, "too_long", "C7", TEMPLATE_LENGTH, size, (TEMPLATE_LENGTH, size)))
    known = frozenset(variables)
    uses: list[tuple[str, str, str | None]] = []
    done = 0
    found = re.finditer(_USE, text)
    for use in islice(found, TEMPLATE_VARIABLES):
        bad += _use_problems(use, known, path)
        uses.append((text[done : use.start()], use["name"].strip(), use["fallback"]))
        done = use.end()
    for use in islice(found, 1):
        count, span = text.count("{{"), (use.start(), size)
        bad.append(Problem(path, "too_many_variables", "C7", TEMPLATE_VARIABLES, count, span))
    if bad:
        raise InvalidValue(*bad)
    return Template(text, tuple(uses), text[done:])


def render(template: Template, values: Mapping[str, str]) -> str:
    """Put values in their places; those the template does not use are ignored. Rule: C7.

    Raises `MissingVariable` for the first variable with neither value nor fallback.

        >>> greeting = parse_template("Olá, {{contact|cliente}}! Aqui é {{agent}}.", {"contact", "agent"})
        >>> render(greeting, {"contact": "", "agent": "Ana {{contact}}"})
        'Olá, cliente! Aqui é Ana {{contact}}.'
        >>> render(greeting, {"contact": "Rui"})
        Traceback (most recent call last):
        ...
        chatcore.errors.MissingVariable: the variable 'agent' has neither a value nor a fallback
    """
    pieces: list[str] = []
    for before, name, fallback in template._uses:
        value = values.get(name)
        if not value:
            if fallback is not None:
                value = fallback
            elif value is None:
                raise MissingVariable(name)
        pieces += before, value
    pieces.append(template._rest)
    return "".join(pieces)


def _use_problems(use: re.Match[str], known: frozenset[str], path: str) -> list[Problem]:
    """What is wrong with one use, in the order of the text."""
    start, end = use.span()
    bare = use["fallback"] is None
    nested = not (bare or use["end"] or end == len(use.string))
    bad: list[Problem] = []
    if not (use["end"] or nested):
        bad.append(Problem(path, "unterminated_variable", "C7", span=(start, start + 2)))
        if bare:
            return bad
    name = use["name"].strip()
    if not name:
        bad.append(Problem(path, "empty_name", "C7", span=(start, end if bare else use.start("fallback"))))
    elif name not in known:
        first = use.start("name") + use["name"].index(name)
        bad.append(Problem(path, "unknown_variable", "C7", span=(first, first + len(name))))
    if nested:
        bad.append(Problem(path, "nested_variable", "C7", span=(end, end + 2)))
    return bad
