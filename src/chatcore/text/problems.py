"""What is wrong with a text that goes out, or with a label: every reason at once, each with its place.

Rule: C2, M14. The problems never hold the text itself.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category, normalize

from chatcore.errors import Problem
from chatcore.text.cutting import pictured
from chatcore.text.folding import label_key

__all__ = ["label_problems", "outbound_problems"]

# The patterns are compiled when first needed, as compiling them all would cost more than importing the rest.
_PLAIN: Final = "[ -~\xc0-\xff]+"
_UNSENDABLE: Final = "[\\0-\x08\x0b-\x1f\x7f-\x9f]"
_UNSEEMLY: Final = "[\\0-\x1f\x7f-\x9f\u2028\u2029]"
_SURROGATE: Final = "[\ud800-\udfff]"
_BIDI: Final = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_ZERO_WIDTH: Final = (
    "[\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)


def outbound_problems(text: object, path: str) -> tuple[Problem, ...]:
    r"""What is wrong with an outbound or administrative text of one or more lines. Rule: M14.

    Codes: ``not_a_text``; ``empty`` (nothing visible in it); ``control_character`` (any but line feed and tab,
    so a carriage return too) and ``surrogate``, each with the span of its first occurrence. Length is not
    checked here: it is the channel's.

        >>> outbound_problems("Bom dia!\nSegue o boleto.", "text")
        ()
        >>> print(*outbound_problems("Bom\x00dia", "text"))
        text: control_character at 3..4
    """
    if not isinstance(text, str):
        return (Problem(path, "not_a_text", "M14"),)
    if text.isprintable() and text and not text.isspace():
        return ()
    if _invisible(text):
        return (Problem(path, "empty", "M14"),)
    found = (("control_character", re.search(_UNSENDABLE, text)), ("surrogate", re.search(_SURROGATE, text)))
    return tuple(Problem(path, code, "M14", span=match.span()) for code, match in found if match)


def label_problems(text: object, path: str, limit: int) -> tuple[Problem, ...]:
    r"""Everything that is wrong with a label or name of one line, `limit` code points at most. Rule: C2.

    Codes: ``not_a_text``; ``empty`` (nothing visible, or nothing left of it in `label_key`); ``too_long`` (as
    it is or after NFKC, whichever is longer); ``control_character`` (line breaks included), ``bidi_character``,
    ``zero_width_character``, ``invisible_character`` (another one that shows nothing, or nothing that is agreed
    on) and ``surrogate``, each with the span of its first occurrence. The joiner and the
    variation selector inside an emoji are part of it and welcome. Rule: S22.

        >>> label_problems("Fibra β", "name", 40)
        ()
        >>> print(*label_problems("Mudança\u200b de plano", "name", 10), sep="; ")
        name: too_long (17, at most 10); name: zero_width_character at 7..8
    """
    if not isinstance(text, str):
        return (Problem(path, "not_a_text", "C2"),)
    size = len(text)
    if size <= limit:
        if re.fullmatch(_PLAIN, text) and not text.isspace():
            return ()
        size = max(size, len(normalize("NFKC", text)))
    bad: list[Problem] = []
    if _invisible(text) or (size <= limit and not label_key(text)):
        bad.append(Problem(path, "empty", "C2"))
    if size > limit:
        bad.append(Problem(path, "too_long", "C2", limit, size))
    hidden = (match for match in re.finditer(_ZERO_WIDTH, text) if not _in_emoji(text, match.start()))
    found = (
        ("control_character", re.search(_UNSEEMLY, text)),
        ("bidi_character", re.search(_BIDI, text)),
        ("zero_width_character", next(hidden, None)),
        ("surrogate", re.search(_SURROGATE, text)),
    )
    bad += [Problem(path, code, "C2", span=match.span()) for code, match in found if match]
    if not text.isprintable() or any(blank in text for blank in _BLANKS):
        unseen = next((i for i, c in enumerate(text) if _unseen(c) and not _in_emoji(text, i)), None)
        if unseen is not None:
            bad.append(Problem(path, "invisible_character", "C2", span=(unseen, unseen + 1)))
    return tuple(bad)


_BLANKS: Final = "\u2800\ufffc\U0001d159"
"""Symbols that show nothing, or a hole."""


def _unseen(c: str) -> bool:
    """Whether a character shows nothing, or nothing that is agreed on: unassigned, private, format, blank."""
    if c in _BLANKS:
        return True
    if re.match(_ZERO_WIDTH, c) or re.match(_BIDI, c):
        return False
    return category(c) in ("Cf", "Cn", "Co")


def _invisible(text: str) -> bool:
    """Whether a text has nothing a reader would see: it is empty, or spaces and format characters only."""
    return all(c.isspace() or c in _BLANKS or category(c) == "Cf" for c in text)


def _in_emoji(text: str, i: int) -> bool:
    """Whether the zero-width character at `i` belongs to an emoji: a selector on it, a joiner between two."""
    before, after = text[max(i - 2, 0) : i], text[i + 1 : i + 2]
    if not before:
        return False
    if text[i] in "\ufe0e\ufe0f":
        return before[-1] in "0123456789#*" or pictured(before[-1])
    if text[i] != "\u200d" or not after or not pictured(after):
        return False
    tinted = before[-1] in "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
    return pictured(before[0] if tinted else before[-1])
