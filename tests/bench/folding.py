"""Folding a message, against the plain way to say it: decompose, take the marks out, fold case, compose.

The texts are those of the corpus: half of them have accents, a few an emoji.
"""

from __future__ import annotations

from unicodedata import category, combining, normalize

from chatcore.text import fold
from tests.bench.corpus import corpus
from tests.bench.measuring import Figure, batch, compare

SIZE, ROUNDS = 2_000, 100


def reference(text: str) -> str:
    """The plain way."""
    plain = "".join(c for c in normalize("NFKD", text) if category(c) != "Mn" and not combining(c))
    return normalize("NFKC", plain.casefold())


def measure() -> Figure:
    """How much of it folding costs."""
    texts = [message.text for message in corpus(SIZE)]
    return compare(batch(fold, lambda: texts), batch(reference, lambda: texts), rounds=ROUNDS)
