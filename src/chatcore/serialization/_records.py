"""The shapes of classes: how their values are written and read, as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import attrgetter
from types import NoneType
from typing import Any, Final, TypeAlias

import attrs

from chatcore.errors import InvalidValue
from chatcore.serialization._forms import Maybe, Misfit, Read, Record, Shape, Tally, Tree, Write

__all__ = ["record"]

Fields: TypeAlias = Callable[[type[Any]], Mapping[str, Shape]]

_SIGNATURES: Final = 4096
"""Signatures kept for a class, each way; past that they are worked out each time."""


def record(cls: type[Any], fields: Fields, blank: Any) -> Record:
    """The shape of a class, whose fields are looked at when they are first needed.

    `blank` is the value that most have, where there is one: what others hold by default.
    """
    names = tuple(field.name for field in attrs.fields(cls) if field.init)
    write, read = _writer(cls, names, fields), _reader(cls, names, fields)
    if blank is not None and _is_flat(blank):
        write, read = _with_blank(blank, write, read)
    return Record(frozenset((cls,)), frozenset((dict,)), write, read, cls)


def _is_flat(thing: Any) -> bool:
    """Whether nothing lies inside."""
    values = attrs.astuple(thing, recurse=False)
    return all(value == () or type(value) in (NoneType, bool, int, str) for value in values)


def _with_blank(blank: Any, write: Write, read: Read) -> tuple[Write, Read]:
    """The same two ways, which know the value that most have."""
    text = write(blank)
    empty: dict[str, Tree] = json.loads(text)
    signature = (*empty, *map(type, empty.values()))
    count = len(empty)

    def write_blank(thing: Any) -> str:
        return text if thing is blank else write(thing)

    def read_blank(tree: Tree, tally: Tally) -> Any:
        # To Python 0 is equal to False, which it is not here.
        if tree != empty or (*tree, *map(type, tree.values())) != signature:
            return read(tree, tally)
        tally.append(count)
        return blank

    return write_blank, read_blank


def _values_of(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda thing: tuple([getattr(thing, name) for name in names])


def _writer(cls: type[Any], names: tuple[str, ...], fields: Fields) -> Write:
    Plan: TypeAlias = tuple[str, tuple[tuple[int, Write], ...]]
    values_of = _values_of(names)
    plans: dict[tuple[type, ...], Plan] = {}

    def learn(signature: tuple[type, ...]) -> Plan:
        members: list[str] = []
        steps: list[tuple[int, Write]] = []
        for i, ((name, shape), kind) in enumerate(zip(fields(cls).items(), signature, strict=True)):
            if kind not in shape.kinds:
                raise InvalidValue.of(f"{cls.__name__}.{name}", "not_encodable")
            members.append(f'"{name}":{"null" if kind is NoneType else "%s"}')
            if kind is not NoneType:
                steps.append((i, shape.some.write if isinstance(shape, Maybe) else shape.write))
        plan = f"{{{','.join(members)}}}", tuple(steps)
        if len(plans) < _SIGNATURES:
            plans[signature] = plan
        return plan

    def write(thing: Any) -> str:
        values = values_of(thing)
        signature = tuple(map(type, values))
        text, steps = plans.get(signature) or learn(signature)
        return text % tuple([step(values[i]) for i, step in steps])

    return write


def _reader(cls: type[Any], names: tuple[str, ...], fields: Fields) -> Read:
    Plan: TypeAlias = tuple[tuple[str, Read], ...]
    count = len(names)
    places: dict[str, Tree] = dict.fromkeys(names)
    plans: dict[tuple[type, ...], Plan] = {}

    def learn(signature: tuple[type, ...]) -> Plan:
        steps: list[tuple[str, Read]] = []
        for (name, shape), kind in zip(fields(cls).items(), signature, strict=True):
            if kind not in shape.trees:
                raise Misfit
            read = shape.some.read if isinstance(shape, Maybe) else shape.read
            if kind is not NoneType and read is not None:
                steps.append((name, read))
        plan = tuple(steps)
        if len(plans) < _SIGNATURES:
            plans[signature] = plan
        return plan

    def read(tree: Tree, tally: Tally) -> Any:
        # The keys of `places` are the very names of the parameters, and stay: a call finds those much faster.
        values = places.copy()
        values.update(tree)
        if len(values) != count or len(tree) != count:
            raise Misfit
        signature = tuple(map(type, values.values()))
        plan = plans.get(signature)
        if plan is None:
            plan = learn(signature)
        tally.append(count)
        for name, read_field in plan:
            values[name] = read_field(values[name], tally)
        return cls(**values)

    return read
