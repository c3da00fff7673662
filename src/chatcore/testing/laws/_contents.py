"""What any storage keeps, as far as its port tells: by asking for everything that ever changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from chatcore.entities import Entity
from chatcore.events import Envelope
from chatcore.limits import PAGE_ROWS
from chatcore.memory import Contents
from chatcore.ports import ReadSet, Receipt, Storage
from chatcore.rules.invariants import claims_of, seals_of, tallies_of
from chatcore.vocabulary import CommandId, Ref

__all__ = ["contents_of"]

T = TypeVar("T")


def contents_of(storage: Storage) -> Contents:
    """Everything a storage keeps, while nobody writes to it, and once `changes` tells of all that was written.

    The port does not list claims, tallies, seals or receipts. Those that the states and the events call for are
    asked for; ones that should not be there are not seen. Seals and expiring claims cannot be asked for at all:
    the seals are those that follow from the states, and no expiring claim is named.
    """
    streams: defaultdict[Ref, dict[int, Envelope]] = defaultdict(dict)
    for envelope in _changes(storage):
        streams[envelope.ref][envelope.version] = envelope
    states: dict[Ref, Entity] = {}
    for refs in _in_parts(streams):
        states.update(storage.read(ReadSet(refs=refs)).states)
    claims: dict[str, Ref] = {}
    for keys in _in_parts(dict.fromkeys(key for state in states.values() for key in claims_of(state))):
        claims.update(storage.read(ReadSet(owners=keys)).owners)
    tallies: dict[str, int] = {}
    for keys in _in_parts(dict.fromkeys(key for state in states.values() for key in tallies_of(state))):
        tallies.update(storage.read(ReadSet(tallies=keys)).tallies)
    receipts: dict[CommandId, Receipt] = {}
    for command in dict.fromkeys(each.command for stream in streams.values() for each in stream.values()):
        if (receipt := storage.read(ReadSet(command=command)).committed) is not None:
            receipts[command] = receipt
    return Contents(
        states=states,
        streams={ref: tuple(stream[version] for version in sorted(stream)) for ref, stream in streams.items()},
        claims=claims,
        expiring={},
        tallies={key: count for key, count in tallies.items() if count},
        sealed=frozenset(seal for state in states.values() for seal in seals_of(state)),
        receipts=receipts,
    )


def _changes(storage: Storage) -> Iterator[Envelope]:
    cursor: str | None = None
    while (page := storage.changes(after=cursor, limit=PAGE_ROWS)).rows:
        yield from page.rows
        cursor = page.next


def _in_parts(things: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """The things, as many at a time as a storage is asked for."""
    every = tuple(things)
    return (every[start : start + PAGE_ROWS] for start in range(0, len(every), PAGE_ROWS))
