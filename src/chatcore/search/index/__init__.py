"""What makes searching fast in memory: ordered views, an index of words, an index of names.

For whoever keeps conversations in memory, or writes a storage. What they answer is what `matches` says.
"""

from __future__ import annotations

from chatcore.search.index.names import NameIndex
from chatcore.search.index.views import OrderedViews
from chatcore.search.index.words import WordIndex

__all__ = ["NameIndex", "OrderedViews", "WordIndex"]
