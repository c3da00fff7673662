"""Queries as values, and what they mean: `matches` is the reference that every storage is held against.

1. A query says which things are wanted and in which order; its `where` is a condition, and conditions combine
   with ``&``, ``|`` and ``~``.
2. Words are searched folded: case, accents and width do not count. Hits say where in the written text they are.
3. People type a search as a text: `parse_search` reads it, `format_search` writes it.
4. `search.index` has what makes it fast in memory; what it answers is what `matches` says.
"""

from __future__ import annotations

from chatcore.search.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Documented,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Not,
    Nothing,
    Numbered,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.search.hits import Hit, Occurrence, Occurrences
from chatcore.search.matching import matches
from chatcore.search.pages import Page
from chatcore.search.query import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Order,
    Query,
    sort_key,
)
from chatcore.search.typed import NotASearch, format_search, parse_search

__all__ = [
    "AllOf",
    "AnyOf",
    "Between",
    "Condition",
    "ContactQuery",
    "ConversationQuery",
    "Documented",
    "EffectQuery",
    "Filled",
    "Has",
    "Hit",
    "Is",
    "Mark",
    "MessageQuery",
    "Named",
    "Not",
    "NotASearch",
    "Nothing",
    "Numbered",
    "Occurrence",
    "Occurrences",
    "Order",
    "Page",
    "Query",
    "Reached",
    "Says",
    "Trait",
    "When",
    "format_search",
    "matches",
    "parse_search",
    "sort_key",
]
