"""How a command says what is wrong with its shape: all misfits at once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatcore._shape import code_or, id_problem, not_id
from chatcore.errors import Problem
from chatcore.text import outbound_problems
from chatcore.vocabulary import Private, TagId


def private(value: str | Private) -> Private:
    """Wrap a personal text; what is neither is left for the shape check to name."""
    return Private(value) if type(value) is str else value  # type: ignore[return-value]


def private_or_none(value: str | Private | None) -> Private | None:
    return None if value is None else private(value)


def failure_code(value: str | None) -> str | None:
    """A provider's failure code; what is none becomes "unspecified", for the failure itself still counts."""
    return code_or(value, "unspecified") if type(value) is str else value


def ids(**ids: object) -> list[Problem]:
    """The problems of the ids among a command's fields; None stands for one not given."""
    return [id_problem(name, id) for name, id in ids.items() if id is not None and not_id(id)]


def required(command: object, *names: str) -> list[Problem]:
    return [id_problem(name, value) for name in names if not_id(value := getattr(command, name))]


def text_problems(text: object, path: str) -> list[Problem]:
    if type(text) is not Private:
        return [Problem(path, "not_a_text")]
    return list(outbound_problems(text.reveal(), path))


def switch(value: object, path: str) -> list[Problem]:
    return [] if type(value) is bool else [Problem(path, "not_a_bool")]


def texts(values: Iterable[str | Private]) -> tuple[Private, ...]:
    """Wrap personal texts, given as any list; what is none is left for the shape check to name."""
    if isinstance(values, (list, tuple)):
        return tuple(private(value) for value in values)
    return values  # type: ignore[return-value]


def text_tuple_problems(values: object, path: str) -> list[Problem]:
    if type(values) is not tuple:
        return [Problem(path, "not_a_tuple")]
    return [problem for i, text in enumerate(values) for problem in text_problems(text, f"{path}[{i}]")]


def tag_tuple(values: Iterable[TagId]) -> tuple[TagId, ...]:
    """Tags given as any list, as a tuple; what is none is left for the shape check to name."""
    return tuple(values) if isinstance(values, list) else values  # type: ignore[return-value]


def id_tuple(values: Iterable[str]) -> tuple[str, ...]:
    """Ids given as any list, as a tuple; what is none is left for the shape check to name."""
    return tuple(values) if isinstance(values, list) else values  # type: ignore[return-value]


def id_tuple_problems(values: object, path: str) -> list[Problem]:
    """At least one id, none twice."""
    if type(values) is not tuple:
        return [Problem(path, "not_a_tuple")]
    if not values:
        return [Problem(path, "empty")]
    bad = [id_problem(f"{path}[{i}]", id) for i, id in enumerate(values) if not_id(id)]
    return bad if bad or len(set(values)) == len(values) else [Problem(path, "repeated")]


def message_problems(command: object) -> list[Problem]:
    """What is wrong with the message that a command names: its id has its conversation's in it. Rule: M4."""
    bad = required(command, "message")
    named: str = getattr(command, "message")  # noqa: B009
    return bad or ([] if re.fullmatch(MESSAGE_ID, named) else [Problem("message", "not_a_message", "M4")])


MESSAGE_ID = r"cv_[^.]+\.[1-9][0-9]*"
