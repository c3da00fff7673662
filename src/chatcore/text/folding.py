"""Folding: the key under which two spellings of one text are the same. Rule: C1, S6."""

from __future__ import annotations

from typing import Final
from unicodedata import category, combining, normalize

__all__ = ["fold", "label_key"]


def fold(text: str) -> str:
    r"""Fold a text for searching and for identity: width, case and accents are gone. Rule: C1, S6.

    Compatibility decomposition, marks dropped, case folded, composed again. A mark is a code point of category
    Mn, or one with a combining class. Folding twice changes nothing, and decomposed text gives the same as
    composed text. A letter without decomposition keeps its identity: ``ß`` becomes ``ss`` and ``İ`` becomes
    ``i``, while ``ø``, ``đ``, ``ł`` and the dotless i stay. Spaces stay as many as they are, and the result
    may be longer than the text. Keys of code points younger than the interpreter's Unicode data may differ
    between Python versions.

        >>> fold("Situação da \uff26\uff29\uff22\uff32\uff21 2ª")
        'situacao da fibra 2a'
    """
    if text.isascii():
        return text.lower()
    try:
        narrow = text.encode("latin-1")
    except UnicodeEncodeError:
        return _fold_any(text)
    folded = narrow.translate(_LATIN)
    return _fold_any(text) if 0 in folded else folded.decode("latin-1")


def label_key(text: str) -> str:
    """The identity of a label within its kind: folded, ends stripped, inner spaces squeezed to one. Rule: C1.

    >>> label_key("  Troca de   ENDEREÇO ")
    'troca de endereco'
    """
    return " ".join(fold(text).split())


_MANY: Final = 256


def _fold_any(text: str) -> str:
    # Normalising sorts each run of marks in quadratic time, so the marks of a long text go first.
    if len(text) > _MANY:
        text = _without_marks(text)
    return normalize("NFKC", _without_marks(normalize("NFKD", text)).casefold())


def _without_marks(text: str) -> str:
    return "".join([c for c in text if c < "\u0300" or not (category(c) == "Mn" or combining(c))])


def _narrow_fold(code: int) -> int:
    """The folded Latin-1 byte, or 0 where folding leads out of one Latin-1 byte."""
    folded = _fold_any(chr(code))
    return ord(folded) if len(folded) == 1 and folded <= "\xff" else 0


_LATIN: Final = bytes(map(_narrow_fold, range(256)))
