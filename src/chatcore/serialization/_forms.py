"""What there is to a shape: its kinds, as frozen values that `_shapes` makes and everything else reads."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

__all__ = [
    "Choice",
    "Either",
    "Fixed",
    "Leaf",
    "Many",
    "Maybe",
    "Misfit",
    "OneOf",
    "Read",
    "Record",
    "Shape",
    "Table",
    "Tally",
    "Tree",
    "Write",
]

Tree: TypeAlias = Any
"""What JSON holds: dicts, lists, texts, whole numbers, True, False, None."""

Tally: TypeAlias = list[int]
"""How many members each object had that was read."""

Write: TypeAlias = Callable[[Any], str]
Read: TypeAlias = Callable[[Tree, Tally], Any]


class Misfit(ValueError):
    """The fast way gives up; it does not say why."""


@attrs.frozen(slots=True, eq=False)
class Shape:
    """What values of one type look like.

    `kinds` are the exact types it writes, `trees` those it reads; no `read` means that the tree is the value.
    """

    kinds: frozenset[type]
    trees: frozenset[type]
    write: Write
    read: Read | None


@attrs.frozen(slots=True, eq=False)
class Leaf(Shape):
    """A value without fields; `name` is what it stands under among others."""

    name: str


@attrs.frozen(slots=True, eq=False)
class Choice(Shape):
    """A member of a closed list, by its value."""

    members: type[enum.StrEnum]


@attrs.frozen(slots=True, eq=False)
class Maybe(Shape):
    """Something, or null."""

    some: Shape


@attrs.frozen(slots=True, eq=False)
class Many(Shape):
    """A list of things of one shape; a tuple in Python."""

    item: Shape


@attrs.frozen(slots=True, eq=False)
class Fixed(Shape):
    """A list of so many things, each of its own shape."""

    items: tuple[Shape, ...]


@attrs.frozen(slots=True, eq=False)
class Table(Shape):
    """A mapping: a list of keys and values, sorted by key."""

    pair: Fixed


@attrs.frozen(slots=True, eq=False)
class Either(Shape):
    """A value without fields of one of several types."""

    leaves: Mapping[str, Leaf]


@attrs.frozen(slots=True, eq=False)
class OneOf(Shape):
    """A record of one of several classes, by its tag."""

    members: Mapping[str, type[Any]]


@attrs.frozen(slots=True, eq=False)
class Record(Shape):
    """An object with the fields of a class."""

    cls: type[Any]
