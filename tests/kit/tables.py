"""What the plain storages of one database keep, tenant by tenant."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime
from typing import Any

import attrs

from chatcore.entities import Entity
from chatcore.events import Envelope
from chatcore.ports import Receipt
from chatcore.vocabulary import Ref

__all__ = ["Database", "Tables"]


@attrs.define
class Tables:
    """What is kept for one tenant."""

    lock: Any = attrs.field(factory=threading.RLock)
    states: dict[Ref, Entity] = attrs.field(factory=dict)
    streams: defaultdict[Ref, list[Envelope]] = attrs.field(factory=lambda: defaultdict(list))
    log: list[Envelope] = attrs.field(factory=list)
    claims: dict[str, Ref] = attrs.field(factory=dict)
    expiring: dict[str, tuple[Ref, datetime]] = attrs.field(factory=dict)
    tallies: dict[str, int] = attrs.field(factory=dict)
    sealed: set[str] = attrs.field(factory=set)
    receipts: dict[str, Receipt] = attrs.field(factory=dict)
    keys: dict[str, Receipt] = attrs.field(factory=dict)


class Database:
    """The tables of every tenant."""

    def __init__(self) -> None:
        self.tenants: defaultdict[str, Tables] = defaultdict(Tables)
