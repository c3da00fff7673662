"""Rendering a quick reply with five variables, against `str.format_map` on the same text and values.

The template was parsed when it was saved, as the workspace does; the format string is one literal. Both give
the same text.
"""

from __future__ import annotations

from itertools import repeat

from chatcore.text import parse_template, render
from tests.bench.measuring import Figure, batch, compare

BATCH, ROUNDS = 1_000, 300
NAMES = ("greeting", "first_name", "agent", "department", "protocol")
TEXT = "{}, {}! Aqui é {}, do {}. Seu protocolo é {}; guarde esse número, por favor."
TEMPLATE = parse_template(TEXT.format(*(f"{{{{{name}}}}}" for name in NAMES)), NAMES)
FORMAT = TEXT.format(*(f"{{{name}}}" for name in NAMES))
VALUES = {
    "greeting": "Bom dia",
    "first_name": "Maria",
    "agent": "Ana",
    "department": "Suporte",
    "protocol": "202603101234567890",
}


def ours(values: dict[str, str]) -> str:
    """Render the template."""
    return render(TEMPLATE, values)


def peer(values: dict[str, str]) -> str:
    """Format the string."""
    return FORMAT.format_map(values)


def measure() -> Figure:
    """How much more rendering costs."""

    def items() -> repeat[dict[str, str]]:
        return repeat(VALUES, BATCH)

    return compare(batch(ours, items), batch(peer, items), rounds=ROUNDS)
