"""What the parts of a workspace share: how each says what is wrong with itself."""

from __future__ import annotations

from typing import Protocol

from chatcore._shape import id_problem, not_id, not_tuple_of, switch_problems
from chatcore.errors import Problem
from chatcore.text import label_problems


class Named(Protocol):
    """What has an id and a name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


def id_problems(part: object, *names: str) -> list[Problem]:
    return [id_problem(name, value) for name in names if not_id(value := getattr(part, name))]


def part_problems(part: Named, limit: int, *switches: str) -> list[Problem]:
    """What is wrong with the id, the name and the switches of one part."""
    return [
        *id_problems(part, "id"),
        *label_problems(part.name, "name", limit),
        *switch_problems(part, *switches),
    ]


def id_set_problems(part: object, rule: str, *names: str) -> list[Problem]:
    """What is wrong with fields that list ids: each is a tuple of distinct ids."""
    bad: list[Problem] = []
    for name in names:
        ids = getattr(part, name)
        if not_tuple_of(str, ids):
            bad.append(Problem(name, "not_a_tuple", rule))
        elif len(set(ids)) != len(ids):
            bad.append(Problem(name, "repeated", rule))
        else:
            bad += [id_problem(f"{name}[{i}]", id) for i, id in enumerate(ids) if not_id(id)]
    return bad
