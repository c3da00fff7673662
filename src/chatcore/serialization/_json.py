"""JSON as bytes: written one way, and read strictly, by orjson where it is installed or without it.

1. The bytes are UTF-8 without spaces, members in the order of their fields, nothing escaped that need not be.
2. A text may hold halves of surrogate pairs (M14): they are written as escapes. Where two stand side by side
   without being one character, the text is written in pieces, as a list of texts, for JSON would join them.
3. `loaded` is the fast way: it leaves it to the shapes to refuse what they do not know, and tells how many
   members the objects in the text have, for a parser keeps but one of two with the same key.
4. `parsed` is the exact way: it refuses by itself, and says what and where. Whatever is taken the fast way it
   takes likewise, and what is refused there comes here; so the answer is the same with either parser and on
   every Python.
5. Size, items and depth are looked at before anything is parsed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Final, NoReturn, TypeAlias

from chatcore.errors import InvalidValue, NotDecodable, Problem
from chatcore.limits import DOCUMENT_BYTES, DOCUMENT_DEPTH, DOCUMENT_ITEMS

orjson: Any
try:
    import orjson  # type: ignore[import-not-found, no-redef, unused-ignore]
except ImportError:  # It is not required.
    orjson = None

__all__ = [
    "DUPLICATES",
    "HIGHEST",
    "HUGE",
    "LOWEST",
    "Odd",
    "loaded",
    "parsed",
    "quoted",
    "rejoined",
    "written",
]

Tree: TypeAlias = Any

LOWEST: Final = -(1 << 63)
HIGHEST: Final = (1 << 64) - 1
"""The whole numbers that are read, of 64 bits with or without a sign."""

# --- writing -------------------------------------------------------------------------------------------------

quoted = json.encoder.encode_basestring
"""A text in quotes, as JSON has it; nothing is escaped that need not be."""

_QUOTED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_APART: Final = re.compile("(?<=[\ud800-\udbff])(?=[\udc00-\udfff])")
"""Between two halves that are not one character."""


def written(text: str) -> bytes:
    """The bytes of a document.

    Raises:
        InvalidValue: ``too_long``, ``too_many``: they would not be read again.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = _with_halves(text).encode()
    if len(data) > DOCUMENT_ITEMS and (problems := _outline_problems(data, _outside(data))):
        raise InvalidValue(*problems)
    return data


def _with_halves(text: str) -> str:
    """A document with its halves of surrogate pairs as they can be read again."""
    text = _QUOTED.sub(lambda found: _in_pieces(found.group()), text)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", text)


def _in_pieces(text: str) -> str:
    pieces = _APART.split(text)
    return f"[{_BETWEEN.join(pieces)}]" if len(pieces) > 1 else text


_BETWEEN: Final = '","'


def rejoined(pieces: list[Any]) -> str | None:
    """The text that was written in these pieces; None if none is written so."""
    if not all(type(piece) is str for piece in pieces):
        return None
    text = "".join(pieces)
    return text if len(pieces) > 1 and _APART.split(text) == pieces else None


# --- before parsing ------------------------------------------------------------------------------------------

_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEPS: Final = tuple({91: 1, 123: 1, 93: -1, 125: -1}.get(byte, 0) for byte in range(256))
_PEELS: Final = 12


def _outside(data: bytes) -> bytes:
    """What stands outside of texts; up to the first mistake, if there is one."""
    if b"\\" in data:
        data = data.replace(rb"\\", b"").replace(rb"\"", b"")
    if data.count(b'"') > 4 * DOCUMENT_ITEMS + 4:  # Two texts for each member would be as many.
        return b"," * (DOCUMENT_ITEMS + 1)
    return b"".join(data.split(b'"')[::2])


def _depth(outside: bytes) -> int:
    """How many objects and lists lie inside one another; 0 stands for few enough."""
    brackets = left = outside.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(_PEELS):  # Level by level from inside: quick, as what is written is flat.
        if not left:
            return 0
        left = left.replace(b"{}", b"").replace(b"[]", b"")
    # Past twice as many as may be opened, one closes what nothing has opened.
    return max(accumulate(map(_STEPS.__getitem__, brackets[: 2 * DOCUMENT_ITEMS + 2])))


def _outline_problems(data: bytes, outside: bytes) -> list[Problem]:
    """What is wrong with the size of some bytes, their items and their depth; little is taken for granted."""
    if len(data) > DOCUMENT_BYTES:
        return [Problem("document", "too_long", limit=DOCUMENT_BYTES, actual=len(data))]
    items = outside.count(b",") + outside.count(b"[") + outside.count(b"{")
    if items > DOCUMENT_ITEMS:
        return [Problem("document", "too_many", limit=DOCUMENT_ITEMS, actual=items)]
    depth = _depth(outside) if items > DOCUMENT_DEPTH else 0
    return (
        [Problem("document", "too_deep", limit=DOCUMENT_DEPTH, actual=depth)] if depth > DOCUMENT_DEPTH else []
    )


# --- reading -------------------------------------------------------------------------------------------------


def _few_digits(digits: str) -> int:
    if len(digits) > _SURE:
        raise ValueError
    return int(digits)


_SURE: Final = 18
"""Digits that 64 bits hold for certain, a sign among them."""

_FAST: Final = json.JSONDecoder(parse_int=_few_digits)


def loaded(data: bytes) -> tuple[Tree, int | None]:
    """The tree of some bytes, read fast, and how many members the objects in the text have.

    None stands for as many as are in the tree: the bytes are those that orjson would make of it. It has bounds
    of its own for depth, the same everywhere, and stays within them without help.

    Raises:
        Exception: of whatever kind, if the bytes have to be read the exact way.
    """
    if orjson is not None and len(data) <= DOCUMENT_ITEMS:
        tree = orjson.loads(data)
        return tree, None if orjson.dumps(tree) == data else _outside(data).count(b":")
    outside = _outside(data)
    if _outline_problems(data, outside):
        raise ValueError
    return _FAST.decode(data.decode()) if orjson is None else orjson.loads(data), outside.count(b":")


DUPLICATES: Final = object()
"""Under this key stand those that an object had more than once."""


class Odd:
    """A number that is not read: out of range, or with a fraction or a power of ten."""


HUGE: Final = Odd()
FRACTION: Final = Odd()


def parsed(data: bytes) -> Tree:
    """The tree of some bytes, read exactly; what a shape has to refuse stands in it as `Odd` or `DUPLICATES`.

    Problems are raised outside the handlers, so that no parser's error, which holds the text, hangs on ours.

    Raises:
        NotDecodable: ``too_long``, ``too_many``, ``too_deep``, ``not_utf8``, ``not_json``.
    """
    if len(data) > DOCUMENT_BYTES:
        raise NotDecodable.of("document", "too_long", limit=DOCUMENT_BYTES, actual=len(data))
    text = _decoded(data)
    if text is None:
        raise NotDecodable.of("document", "not_utf8")
    if problems := _outline_problems(data, _outside(data)):
        raise NotDecodable(*problems)
    tree = _tree_of(text)
    if tree is _NOT_JSON:
        raise NotDecodable.of("document", "not_json")
    return tree


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _tree_of(text: str) -> Tree:
    try:
        return _EXACT.decode(text)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _object(members: list[tuple[str, Any]]) -> dict[Any, Any]:
    unique: dict[Any, Any] = dict(members)
    if len(unique) != len(members):
        counts = Counter(key for key, _ in members)
        unique[DUPLICATES] = sorted(key for key, count in counts.items() if count > 1)
    return unique


_DIGITS: Final = 20
"""Digits of the largest whole number of 64 bits."""


def _whole(digits: str) -> int | Odd:
    if len(digits) > _DIGITS + 1:
        return HUGE
    number = int(digits)
    return number if LOWEST <= number <= HIGHEST else HUGE


def _constant(word: str) -> NoReturn:
    raise ValueError


_NOT_JSON: Final = object()
_EXACT: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=lambda _: FRACTION, parse_constant=_constant
)
