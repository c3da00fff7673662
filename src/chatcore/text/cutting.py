"""Cutting: where a text may end without tearing what a reader sees as one character. Rule: S22.

Unicode's extended grapheme clusters (UAX #29), from what the standard library knows. Where it cannot tell
precisely (which symbols are emoji, which letters a virama ties) two neighbours are kept together, so a cut
never falls inside a cluster; at worst it falls one early. Code points younger than the interpreter's Unicode
data stand alone.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from unicodedata import category, combining

__all__ = ["clusters", "cut", "pictured"]


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that a reader sees as one character each; joined, they are the text. Rule: S22."""
    start = 0
    for i in range(1, len(text)):
        if not _joined(text, i, start):
            yield text[start:i]
            start = i
    if text:
        yield text[start:]


def cut(text: str, limit: int) -> str:
    """The longest beginning of whole clusters within `limit` code points; a short text comes back itself.

    A first cluster that is longer than the limit by itself is cut inside. The work depends on the limit, not on
    the length. Rule: S22.

        >>> cut("Olá 👨‍👩‍👧", 6)
        'Olá '
    """
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = limit
    while end and _joined(text, end, 0):
        end -= 1
    return text[: end or limit]


class _Kind(enum.Enum):
    """What decides whether a code point clings to its neighbour."""

    OTHER = enum.auto()
    CONTROL = enum.auto()
    EXTENDING = enum.auto()
    PREPENDED = enum.auto()
    REGIONAL = enum.auto()
    PICTURE = enum.auto()
    LETTER = enum.auto()
    LEADING_JAMO = enum.auto()
    VOWEL_JAMO = enum.auto()
    TRAILING_JAMO = enum.auto()
    OPEN_SYLLABLE = enum.auto()
    CLOSED_SYLLABLE = enum.auto()


_RANGES: Final = (
    ("\u200c", "\u200d", _Kind.EXTENDING),
    ("\U0001f3fb", "\U0001f3ff", _Kind.EXTENDING),
    ("\U000e0020", "\U000e007f", _Kind.EXTENDING),
    ("\u0e33", "\u0e33", _Kind.EXTENDING),
    ("\u0eb3", "\u0eb3", _Kind.EXTENDING),
    ("\uff9e", "\uff9f", _Kind.EXTENDING),
    ("\U0001f1e6", "\U0001f1ff", _Kind.REGIONAL),
    ("\U0001f000", "\U0001ffff", _Kind.PICTURE),
    ("\u2190", "\u2bff", _Kind.PICTURE),
    ("\uac00", "\ud7a3", _Kind.CLOSED_SYLLABLE),
    ("\u1100", "\u115f", _Kind.LEADING_JAMO),
    ("\ua960", "\ua97c", _Kind.LEADING_JAMO),
    ("\u1160", "\u11a7", _Kind.VOWEL_JAMO),
    ("\ud7b0", "\ud7c6", _Kind.VOWEL_JAMO),
    ("\u11a8", "\u11ff", _Kind.TRAILING_JAMO),
    ("\ud7cb", "\ud7fb", _Kind.TRAILING_JAMO),
    ("\u0600", "\u0605", _Kind.PREPENDED),
    ("\u0890", "\u0891", _Kind.PREPENDED),
    ("\U000111c2", "\U000111c3", _Kind.PREPENDED),
    ("\U00011a84", "\U00011a89", _Kind.PREPENDED),
)
"""The first range that holds a code point tells its kind."""

_SINGLES: Final = {
    **dict.fromkeys("\xa9\xae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299", _Kind.PICTURE),
    **dict.fromkeys("\u06dd\u070f\u08e2\u0d4e\U000110bd\U000110cd", _Kind.PREPENDED),
    **dict.fromkeys("\U0001193f\U00011941\U00011d46\U00011f02", _Kind.PREPENDED),
    **dict.fromkeys(map(chr, range(0xAC00, 0xD7A4, 28)), _Kind.OPEN_SYLLABLE),
}

_CATEGORIES: Final = {
    **dict.fromkeys(("Mn", "Me", "Mc"), _Kind.EXTENDING),
    **dict.fromkeys(("Cc", "Cf", "Cs", "Zl", "Zp"), _Kind.CONTROL),
    **dict.fromkeys(("Lu", "Ll", "Lt", "Lm", "Lo"), _Kind.LETTER),
}

_SYLLABLES: Final = {
    _Kind.LEADING_JAMO: {
        _Kind.LEADING_JAMO,
        _Kind.VOWEL_JAMO,
        _Kind.OPEN_SYLLABLE,
        _Kind.CLOSED_SYLLABLE,
    },
    _Kind.OPEN_SYLLABLE: {_Kind.VOWEL_JAMO, _Kind.TRAILING_JAMO},
    _Kind.VOWEL_JAMO: {_Kind.VOWEL_JAMO, _Kind.TRAILING_JAMO},
    _Kind.CLOSED_SYLLABLE: {_Kind.TRAILING_JAMO},
    _Kind.TRAILING_JAMO: {_Kind.TRAILING_JAMO},
}

_JOINER: Final = "\u200d"
_VIRAMA: Final = 9


@lru_cache(maxsize=2048)
def _kind(c: str) -> _Kind:
    if c in _SINGLES:
        return _SINGLES[c]
    for first, last, kind in _RANGES:
        if first <= c <= last:
            return kind
    return _CATEGORIES.get(category(c), _Kind.OTHER)


def pictured(c: str) -> bool:
    """Whether a code point may be an emoji, or another symbol of the emoji blocks."""
    return _kind(c) is _Kind.PICTURE


def _joined(text: str, i: int, start: int) -> bool:
    """Whether the code points before and at `i` belong to one cluster, `start` being a known boundary."""
    before, after = text[i - 1], text[i]
    if before < "\x7f" and after < "\x7f":
        return before == "\r" and after == "\n"
    left, right = _kind(before), _kind(after)
    if left is _Kind.CONTROL or right is _Kind.CONTROL:
        return False
    if right is _Kind.EXTENDING or left is _Kind.PREPENDED:
        return True
    if left is _Kind.REGIONAL and right is _Kind.REGIONAL:
        return (i - _run_start(text, i, start, _Kind.REGIONAL)) % 2 == 1
    if left is _Kind.EXTENDING:
        return _bridged(text, i, start, right)
    return right in _SYLLABLES.get(left, ())


def _bridged(text: str, i: int, start: int, right: _Kind) -> bool:
    """Whether the extenders before `i` tie two emoji (by a joiner) or two letters (by a virama) together."""
    first = _run_start(text, i, start, _Kind.EXTENDING)
    if first == start or _kind(text[first - 1]) is not right:
        return False
    if right is _Kind.PICTURE:
        return text.find(_JOINER, first, i) == i - 1
    return right is _Kind.LETTER and any(combining(c) == _VIRAMA for c in text[first:i])


def _run_start(text: str, end: int, start: int, kind: _Kind) -> int:
    first = end
    while first > start and _kind(text[first - 1]) is kind:
        first -= 1
    return first
