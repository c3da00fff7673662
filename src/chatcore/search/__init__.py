"""Queries as values, and what they mean: `matches` is the reference that every storage is held against."""

from __future__ import annotations

from chatcore.search.pages import Page
from chatcore.search.query import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Order,
    Query,
    matches,
    sort_key,
)

__all__ = [
    "ContactQuery",
    "ConversationQuery",
    "EffectQuery",
    "MessageQuery",
    "Order",
    "Page",
    "Query",
    "matches",
    "sort_key",
]
