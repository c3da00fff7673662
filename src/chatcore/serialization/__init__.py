"""Everything that chatcore keeps or answers, to bytes and back, exactly.

1. A document says which version it is written in and what it holds:
   ``{"chatcore":1,"type":"Taken","value":{"assignee":"ana"}}``. The types are a closed list.
2. Equal values give equal bytes, on every Python, with or without orjson.
3. Reading is strict: nothing is taken for something else, no key may be missing, be unknown or stand twice, and
   what a class demands of its values is demanded again. Whatever the bytes, nothing but `NotDecodable` is
   raised; it names every place that is wrong, and never what stands there.
4. What was written once is read for good: a later version reads the documents of those before it.

Documents hold personal texts revealed: treat them as personal data.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, get_args, overload

from chatcore.errors import InvalidValue, NotDecodable, Problem
from chatcore.limits import DOCUMENT_PROBLEMS
from chatcore.serialization._forms import Misfit, Tally, Tree
from chatcore.serialization._json import loaded, parsed, written
from chatcore.serialization._schema import json_schema
from chatcore.serialization._shapes import shape_of
from chatcore.serialization._tables import KINDS, VERSION

__all__ = ["decode", "encode", "from_json", "json_schema", "to_json"]

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def encode(value: object) -> bytes:
    """The document of a value: an entity, a command, an event, an envelope, a query, an outcome, a receipt, ….

    Raises:
        InvalidValue: ``not_encodable`` for what is none of these or holds something of another type than its
            class says; ``not_a_number``, ``number_out_of_range`` for what no document can hold; ``too_long``,
            ``too_many`` for one larger than `DOCUMENT_BYTES` or `DOCUMENT_ITEMS`.
    """
    kind = type(value)
    if KINDS.get(kind.__name__) is not kind:
        raise InvalidValue.of("value", "not_encodable")
    return written(f'{{"chatcore":{VERSION},"type":"{kind.__name__}","value":{shape_of(kind).write(value)}}}')


def to_json(value: object) -> dict[str, Any]:
    """The same document as JSON-ready dicts, lists, texts and numbers. Raises what `encode` does."""
    tree: dict[str, Any] = parsed(encode(value))
    return tree


@overload
def decode(data: bytes | str, /) -> Any: ...
@overload
def decode(data: bytes | str, kind: type[A], /) -> A: ...
@overload
def decode(data: bytes | str, kind: type[A], second: type[B], /) -> A | B: ...
@overload
def decode(data: bytes | str, kind: type[A], second: type[B], third: type[C], /) -> A | B | C: ...
@overload
def decode(data: bytes | str, /, *kinds: Any) -> Any: ...
def decode(data: bytes | str, /, *kinds: Any) -> Any:
    """The value of a document; of one of these classes or unions (``Command``), if any are given.

        >>> from chatcore import Take
        >>> decode(encode(Take("cv_1")), Take)
        Take(conversation='cv_1', over_capacity=False)
        >>> decode(b'{"chatcore":1,"type":"Take","value":{"conversation":7}}')
        Traceback (most recent call last):
        ...
        chatcore.errors.NotDecodable: value.conversation: not_a_text; value.over_capacity: missing

    Raises:
        NotDecodable: it cannot be read, or holds something else (``wrong_object``); with the first
            `DOCUMENT_PROBLEMS` problems.
    """
    problems: list[Problem] = []
    wanted = _classes(kinds) if kinds else None
    raw = _bytes_of(data)
    try:
        tree, members = loaded(raw)
        tally = [3]
        value = _read(tree, tally, wanted)
        if members is None or sum(tally) == members:
            return value
    except Exception:  # Whatever it is, the exact way finds out.
        pass
    try:
        return _read_exactly(parsed(raw), wanted)
    except InvalidValue as error:
        problems = list(error.problems)
    except RecursionError:
        problems = [Problem("document", "too_deep")]
    except MemoryError:
        problems = [Problem("document", "too_long")]
    raise NotDecodable(*problems[:DOCUMENT_PROBLEMS])


@overload
def from_json(document: object, /) -> Any: ...
@overload
def from_json(document: object, kind: type[A], /) -> A: ...
@overload
def from_json(document: object, kind: type[A], second: type[B], /) -> A | B: ...
@overload
def from_json(document: object, kind: type[A], second: type[B], third: type[C], /) -> A | B | C: ...
@overload
def from_json(document: object, /, *kinds: Any) -> Any: ...
def from_json(document: object, /, *kinds: Any) -> Any:
    """The value of a document that was parsed already; it is not changed. As `decode`.

    Whoever parsed it decided about duplicate keys, and about how large and deep it may be. Prefer `decode`.

    Raises:
        NotDecodable: as `decode`.
    """
    problems: list[Problem] = []
    try:
        return _read_exactly(document, _classes(kinds) if kinds else None)
    except InvalidValue as error:
        problems = list(error.problems)
    except RecursionError:
        problems = [Problem("document", "too_deep")]
    raise NotDecodable(*problems[:DOCUMENT_PROBLEMS])


def _bytes_of(data: object) -> bytes:
    if type(data) is bytes:
        return data
    if type(data) is not str:
        raise NotDecodable.of("document", "not_json")
    return data.encode("utf-8", "surrogatepass")  # Half a surrogate pair is no UTF-8, and is refused as such.


# --- by type -------------------------------------------------------------------------------------------------


@cache
def _classes(kinds: tuple[Any, ...]) -> frozenset[type]:
    """The classes that are wanted, those of unions one by one."""
    return frozenset(cls for kind in kinds for cls in get_args(kind) or (kind,))


def _read(tree: Tree, tally: Tally, wanted: frozenset[type] | None) -> Any:
    """Read a document the fast way."""
    version, tag, inner = tree["chatcore"], tree["type"], tree["value"]
    if len(tree) != 3 or type(version) is not int or version != VERSION or type(inner) is not dict:
        raise Misfit
    kind = KINDS[tag]
    if wanted is not None and kind not in wanted:
        raise Misfit
    read = shape_of(kind).read
    return inner if read is None else read(inner, tally)


def _read_exactly(tree: Tree, wanted: frozenset[type] | None) -> Any:
    """Read a document the exact way.

    Raises:
        InvalidValue: everything that is wrong with it.
    """
    from chatcore.serialization._exact import document_problems, read_exactly, rooted

    if bad := document_problems(tree, wanted):
        raise InvalidValue(*bad)
    try:
        return read_exactly(shape_of(KINDS[tree["type"]]), tree["value"])
    except InvalidValue as error:
        bad = rooted(error.problems, "value")
    raise InvalidValue(*bad)
