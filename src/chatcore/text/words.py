"""Words: what a text is searched by. Rule: S6.

A word is a run of letters and digits, folded; a symbol like an emoji is a word of its own. What stands
between words does not count. The canonical text of a text is its words with one blank before, between and
after them, so
that a word, a beginning of a word and words in a row are all found as plain text in it:

    >>> canonical("2ª via do Boleto!")
    ' 2a via do boleto '
    >>> needle(("boleto",)), needle(("segunda", "vi"), prefix=True)
    (' boleto ', ' segunda vi')
"""

from __future__ import annotations

import re
from typing import Final

from chatcore.text.folding import fold

__all__ = [
    "canonical",
    "needle",
    "word_spans",
    "words_of",
]

_PLAIN: Final = re.compile(r"[a-z0-9]+")
_BLANKED: Final = bytes(code if _PLAIN.fullmatch(chr(code)) else 32 for code in range(128)).ljust(256)
_BETWEEN: Final = (
    r"\s\w!-/:-@\[-`{-~\x00-\x1f\x7f-\xbf\u200b-\u206f\u3001-\u303f\ufe00-\ufe0f"
    r"\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
"""Blanks, punctuation, and what nobody sees: controls, joiners, marks of direction, variation and tags."""
_ANY: Final = re.compile(rf"[^\W_]+|[^{_BETWEEN}]")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in order, folded."""
    folded = fold(text)
    return tuple(_plain_words(folded) if folded.isascii() else _ANY.findall(folded))


def canonical(text: str) -> str:
    """The text as it is searched: its words, with one blank before, between and after them."""
    folded = fold(text)
    words = _plain_words(folded) if folded.isascii() else _ANY.findall(folded)
    return f" {' '.join(words)} " if words else " "


def _plain_words(folded: str) -> list[str]:
    """What `_PLAIN` finds, in a third of the time."""
    return folded.encode("ascii").translate(_BLANKED).decode("ascii").split()


def word_spans(folded: str) -> list[tuple[int, int]]:
    """Where the words of a folded text stand in it."""
    return [found.span() for found in (_PLAIN if folded.isascii() else _ANY).finditer(folded)]


def needle(words: tuple[str, ...], *, prefix: bool = False) -> str:
    """What the canonical text holds of a text that says these words; with `prefix` the last may go on."""
    return f" {' '.join(words)}" if prefix else f" {' '.join(words)} "
