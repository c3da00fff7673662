"""Shapes: what each type looks like in a document, and the fast ways from one to the other.

1. A shape is made of a type annotation, once: `shape_of` knows them all, and refuses what it does not.
2. A record is an object with every field of its class, in their order, defaults too: what a default is may
   change later, and what was written must not.
3. A member of a union says which one it is: ``{"type": …, "value": …}``. Among values without fields, yes or no
   and whole numbers stand plain and the others under what they are: ``{"number": "12.50"}``.
4. Lists keep their order; mappings are written sorted by key, so equal values give equal bytes.
5. Records are looked at as a whole. The exact types of all values make a signature; what has to be done about
   a signature is found out when it is first met, and kept. So exactness costs one look-up a record, and nothing
   is done about what goes as it is, or is not there.
6. Writing makes the text at once, without a tree in between. Reading takes a tree or gives up; what is wrong is
   then found by `_exact`. It notes how many members each object had, so that a key which stood twice in the
   text is noticed by their sum.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, NewType, TypeVar, Union, get_args, get_origin

import attrs

from chatcore.errors import InvalidValue
from chatcore.search import Condition
from chatcore.serialization._forms import (
    Fixed,
    Leaf,
    Many,
    Maybe,
    Misfit,
    OneOf,
    Read,
    Shape,
    Table,
    Tally,
    Tree,
    Write,
)
from chatcore.serialization._leaves import LEAVES, choice, either
from chatcore.serialization._records import record
from chatcore.serialization._tables import CONDITIONS, KINDS

__all__ = ["fields_of", "shape_of"]


def _maybe(some: Shape) -> Maybe:
    write, read = some.write, some.read
    return Maybe(
        some.kinds | {NoneType},
        some.trees | {NoneType},
        lambda value: "null" if value is None else write(value),
        read and (lambda tree, tally: None if tree is None else read(tree, tally)),
        some,
    )


def _many(item: Shape) -> Many:
    kinds, trees, write_item, read_item = item.kinds, item.trees, item.write, item.read

    def write(values: tuple[Any, ...]) -> str:
        if not values:
            return "[]"
        if not kinds.issuperset(map(type, values)):
            raise InvalidValue.of("items", "not_encodable")
        return f"[{','.join(map(write_item, values))}]"

    def read(tree: Tree, tally: Tally) -> tuple[Any, ...]:
        if not trees.issuperset(map(type, tree)):
            raise Misfit
        return tuple(tree) if read_item is None else tuple([read_item(each, tally) for each in tree])

    return Many(frozenset((tuple,)), frozenset((list,)), write, read, item)


def _fixed(items: tuple[Shape, ...]) -> Fixed:
    count = len(items)
    readers = [item.read or (lambda tree, _: tree) for item in items]

    def write(values: tuple[Any, ...]) -> str:
        if len(values) != count or any(
            type(value) not in item.kinds for value, item in zip(values, items, strict=True)
        ):
            raise InvalidValue.of("items", "not_encodable")
        return f"[{','.join([item.write(value) for item, value in zip(items, values, strict=True)])}]"

    def read(tree: Tree, tally: Tally) -> tuple[Any, ...]:
        if len(tree) != count or any(
            type(each) not in item.trees for each, item in zip(tree, items, strict=True)
        ):
            raise Misfit
        return tuple([each(part, tally) for each, part in zip(readers, tree, strict=True)])

    return Fixed(frozenset((tuple,)), frozenset((list,)), write, read, items)


def _table(pair: Fixed) -> Table:
    write_pair, read_pair = pair.write, pair.read
    assert read_pair is not None

    def write(values: Mapping[Any, Any]) -> str:
        pairs = sorted(values.items(), key=lambda each: each[0])
        return f"[{','.join(map(write_pair, pairs))}]"

    def read(tree: Tree, tally: Tally) -> dict[Any, Any]:
        if any(type(each) is not list for each in tree):
            raise Misfit
        keys = [each[0] for each in tree]
        if any(a >= b for a, b in pairwise(keys)):
            raise Misfit
        return dict([read_pair(each, tally) for each in tree])

    return Table(frozenset((dict, MappingProxyType)), frozenset((list,)), write, read, pair)


# --- one of several ------------------------------------------------------------------------------------------


def _one_of(members: Iterable[type[Any]]) -> OneOf:
    named = {kind.__name__: kind for kind in members}
    writers: dict[type, Write] = {}
    readers: dict[str, Read] = {}

    def learn(tag: str) -> None:
        # The shape of a member is made when it is first met: a condition has conditions in it.
        shape = shape_of(named[tag])
        assert shape.read is not None
        writers[named[tag]], readers[tag] = shape.write, shape.read

    def write(thing: Any) -> str:
        kind = type(thing)
        if kind not in writers:
            learn(kind.__name__)
        return f'{{"type":"{kind.__name__}","value":{writers[kind](thing)}}}'

    def read(tree: Tree, tally: Tally) -> Any:
        tag, inner = tree["type"], tree["value"]
        if len(tree) != 2 or type(tag) is not str or type(inner) is not dict:
            raise Misfit
        if tag not in readers:
            learn(tag)
        tally.append(2)
        return readers[tag](inner, tally)

    return OneOf(frozenset(named.values()), frozenset((dict,)), write, read, named)


_BLANKS: Final[Mapping[type, Any]] = {
    type(field.default): field.default
    for kind in KINDS.values()
    for field in attrs.fields(kind)
    if attrs.has(type(field.default))
}
"""What stands for each class where nothing was said, in those that hold it."""

_SHAPES: Final[dict[Any, Shape]] = {}


def shape_of(kind: Any) -> Shape:
    """The shape of a type.

    Raises:
        TypeError: it has none.
    """
    shape = _SHAPES.get(kind)
    if shape is None:
        shape = _SHAPES.setdefault(kind, _made_of(kind))
    return shape


def _made_of(kind: Any) -> Shape:
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    if kind in LEAVES:
        return LEAVES[kind]
    if kind is Condition:
        return _one_of(CONDITIONS)
    if isinstance(kind, TypeVar):
        return _one_of(KINDS.values())
    if isinstance(kind, type) and not get_args(kind):
        if issubclass(kind, enum.StrEnum):
            return choice(kind)
        if attrs.has(kind):
            return record(kind, fields_of, _BLANKS.get(kind))
    origin, parts = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _many(shape_of(parts[0])) if parts[1:] == (...,) else _fixed(tuple(map(shape_of, parts)))
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return _table(_fixed(tuple(map(shape_of, parts))))
    if origin in (Union, UnionType):
        return _union(parts)
    raise TypeError(f"no shape for {kind}")


def _union(parts: tuple[Any, ...]) -> Shape:
    some = [part for part in parts if part is not NoneType]
    if len(some) < len(parts):
        return _maybe(shape_of(some[0] if len(some) == 1 else Union[tuple(some)]))  # noqa: UP007
    shapes = [shape_of(part) for part in parts]
    if all(shape is shapes[0] for shape in shapes):
        return shapes[0]
    if all(isinstance(shape, Leaf) for shape in shapes):
        return either(parts)
    return _one_of(parts)


def fields_of(cls: type[Any]) -> Mapping[str, Shape]:
    """The fields of a record and their shapes."""
    # Some modules import what they name for type checkers only.
    attrs.resolve_types(cls, localns=dict(KINDS))
    return {field.name: shape_of(field.type) for field in attrs.fields(cls) if field.init}
