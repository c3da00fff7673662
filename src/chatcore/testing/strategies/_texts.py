"""Texts: what people write, and what nobody should have to expect but must."""

from __future__ import annotations

from hypothesis import strategies as st

from chatcore.vocabulary import Private

__all__ = ["code_points", "hostile_text", "labels", "one_line_text", "private_lines"]

_TROUBLE = (
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\x1b",
    "\x85",
    "\ud83d",
    "\ude00",
    "\ud83d\ude00",
    "\u0301",
    "\u0316",
    "\u0345",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u202e",
    "\u2066",
    "\u2028",
    "\ufeff",
    "\ufe0f",
    "\u20e3",
    "\U0001f1e7",
    "\U0001f1f7",
    "\U0001f3fd",
    "👩",
    "👩‍👩‍👧‍👦",
    "❤️‍🔥",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "©",
    "\u1112",
    "\u1161",
    "\u11ab",
    "한",
    "하",
    "\u0915",
    "\u094d",
    "\u0bcd",
    "\u09c7",
    "\u09be",
    "\u0e33",
    "\u0600",
    "\U0001d165",
    "\U0001d16d",
    "ß",
    "İ",
    "\u0131",
    "ﬁ",
    "½",
    "é",
    "e\u0301",
    "\u2167",
    "\xa0",
    "\xad",
    "\u3164",
)


def code_points() -> st.SearchStrategy[str]:
    """Any code point at all, lone surrogates included."""
    return st.integers(0, 0x10FFFF).map(chr)


def hostile_text(max_pieces: int = 40) -> st.SearchStrategy[str]:
    """Any str: NUL, lone surrogates, controls, marks, joiners, half flags, jamo, and some plain words."""
    pieces = st.one_of(st.sampled_from(_TROUBLE), st.text(max_size=5), code_points())
    return st.lists(pieces, max_size=max_pieces).map("".join)


def one_line_text(min_size: int = 1, max_size: int = 80) -> st.SearchStrategy[str]:
    """A plain line as a Brazilian customer or agent writes it, with something visible in it."""
    letters = (
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,!?-áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇ😀👍"
    )
    return st.text(letters, min_size=min_size, max_size=max_size).filter(lambda line: not line.isspace())


def private_lines() -> st.SearchStrategy[Private]:
    """A plain line that is somebody's."""
    return one_line_text().map(Private)


def labels() -> st.SearchStrategy[str]:
    """The name of a part of a workspace: up to eight capitals."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return st.text(letters, min_size=1, max_size=8)
