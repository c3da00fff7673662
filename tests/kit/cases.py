"""Every adapter that the kit is proven with, as test classes: pytest collects the suites from here.

`RIGHT` are those that must pass all of their suites; what is made broken is made from them.
"""

from __future__ import annotations

from typing import Final

import attrs

from tests.kit import (
    broken_claims,
    broken_commits,
    broken_feeds,
    broken_filters,
    broken_forgetting,
    broken_lanes,
    broken_messaging,
    broken_pages,
    broken_races,
    broken_reads,
    broken_sides,
    broken_tallies,
    broken_tenants,
    broken_values,
    broken_words,
)
from tests.kit.breakage import Broken
from tests.kit.plain import PlainStorage
from tests.kit.storages import AsyncFace, suite_of

__all__ = ["BROKEN", "PARTS", "RIGHT"]

RIGHT: Final = (
    Broken("plain-storage", "Nothing is wrong with it.", suite_of("PlainStorage", PlainStorage)),
    Broken("async-face", "Nothing is wrong with it.", suite_of("AsyncFace", AsyncFace)),
)
"""The storages that are made broken, as they are before that."""


@attrs.frozen
class Part:
    """Some broken adapters: what they are about, and the module of the suite that is, too."""

    title: str
    subject: str
    broken: tuple[Broken, ...]


PARTS: Final = (
    Part("What `apply` keeps", "committing", broken_commits.BROKEN),
    Part("Claims", "claiming", broken_claims.BROKEN),
    Part("Tallies", "counting", broken_tallies.BROKEN),
    Part("Reading", "reading", broken_reads.BROKEN),
    Part("Tenants and handles", "parting", broken_tenants.BROKEN),
    Part("Values", "keeping", broken_values.BROKEN),
    Part("What is due, and lanes", "timing", broken_lanes.BROKEN),
    Part("Pages and cursors", "paging", broken_pages.BROKEN),
    Part("Filters, scopes and conditions", "searching", broken_filters.BROKEN),
    Part("Words", "searching", broken_words.BROKEN),
    Part("Events", "following", broken_feeds.BROKEN),
    Part("Forgetting", "forgetting", broken_forgetting.BROKEN),
    Part("Threads", "racing", broken_races.BROKEN),
    Part("Messaging", "messaging", broken_messaging.BROKEN),
    Part("Contracts and billing", "contracts", broken_sides.BROKEN),
)
"""All that are broken, as the page has them."""

BROKEN: Final = tuple(each for part in PARTS for each in part.broken)

for each in (*RIGHT, *BROKEN):
    globals()[f"Test_{each.name}"] = each.suite
