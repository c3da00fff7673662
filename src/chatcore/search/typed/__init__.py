"""A search as people type it: ``boleto agente:ana etiqueta:"2ª via" -pago antes:2026-01-01 "segunda via"``.

1. A bare word is found where words begin with it: ``bole`` finds boleto and boletos. In quotes it is found as
   it stands, and words in a row in a row; ``~"segunda vi"`` lets the last one go on.
2. What stands side by side must all be so. ``OU`` or ``OR`` in capitals asks for either, ``-``, ``NÃO`` or
   ``NOT`` for what is not so, and brackets group.
3. ``key:value`` asks for what something is; keys are in Portuguese and English. Agents, tags and the like go by
   their id or their name. Days are those of the workspace's calendar.
4. There are no patterns: ``*``, ``%`` and ``_`` are only what stands between words.
5. What cannot be read is refused with its place, and with what may have been meant.
"""

from __future__ import annotations

from chatcore.errors import NotASearch
from chatcore.search.typed.reading import parse_search, underlined
from chatcore.search.typed.writing import format_search

__all__ = ["NotASearch", "format_search", "parse_search", "underlined"]
