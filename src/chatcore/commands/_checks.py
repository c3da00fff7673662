"""How a command says what is wrong with its shape: all misfits at once."""

from __future__ import annotations

from chatcore._shape import code_or, id_problem, not_id
from chatcore.errors import InvalidValue, Problem
from chatcore.text import outbound_problems
from chatcore.vocabulary import (
    Private,
)


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


def refuse(bad: list[Problem]) -> None:
    if bad:
        raise InvalidValue(*bad)
