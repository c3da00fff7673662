"""Repair of inbound text: never refused, made fit to keep, and flagged. Rule: M14."""

from __future__ import annotations

import re
from typing import Final

import attrs

from chatcore.text.cutting import cut

__all__ = ["Repaired", "repair"]

_SURROGATE: Final = "[\ud800-\udfff]"
_HALVES: Final = "[\ud800-\udbff][\udc00-\udfff]"


@attrs.frozen(slots=True)
class Repaired:
    """An inbound text fit to keep, and what was done to it. Rule: M14.

    `flags`, in this order: ``nul_removed``; ``surrogate_joined`` (two halves became the one character they
    stand for); ``surrogate_replaced`` (a lone half became U+FFFD); ``cut``.
    """

    text: str = attrs.field(repr=lambda text: "<redacted>")
    flags: tuple[str, ...] = ()


def repair(text: str, limit: int) -> Repaired:
    r"""Make an inbound text fit to keep in at most `limit` code points; never refuses. Rule: M14, S22.

    A clean text comes back as the same object, with no flags; so does a repaired one when repaired again.

        >>> repair("oi\0 \ud83d", 100).flags
        ('nul_removed', 'surrogate_replaced')
    """
    if len(text) <= limit and text.isprintable():
        return Repaired(text)
    flags: list[str] = []
    if "\0" in text:
        text = text.replace("\0", "")
        flags.append("nul_removed")
    if re.search(_SURROGATE, text):
        text, joined = re.subn(_HALVES, _whole, text)
        text, replaced = re.subn(_SURROGATE, "\ufffd", text)
        if joined:
            flags.append("surrogate_joined")
        if replaced:
            flags.append("surrogate_replaced")
    if len(text) > limit:
        text = cut(text, limit)
        flags.append("cut")
    return Repaired(text, tuple(flags))


def _whole(halves: re.Match[str]) -> str:
    return halves[0].encode("utf-16", "surrogatepass").decode("utf-16")
