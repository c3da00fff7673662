"""Asking a storage through its port alone, and the reference its answers are held against."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from chatcore.entities import Contact, Conversation, Effect, Message
from chatcore.events import Envelope
from chatcore.limits import PAGE_ROWS
from chatcore.ports import ReadSet, Snapshot, Storage
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    MessageQuery,
    Query,
    matches,
    sort_key,
)
from chatcore.testing.suites.storage._ledger import NOON, Ledger
from chatcore.vocabulary import CommandId, ContactId, EventId

__all__ = [
    "PATIENCE",
    "caught_up",
    "expected_of",
    "followed",
    "key_of",
    "pause",
    "read",
    "seen",
    "turn",
    "walked",
]

T = TypeVar("T")

PATIENCE: Final = 200
"""How often it is asked again, 25 ms apart, before something that must show some time counts as lost."""


def pause(seconds: float = 0.025) -> None:
    """Let others go on."""
    threading.Event().wait(seconds)


def read(storage: Storage, *refs: str, **wanted: Any) -> Snapshot:
    """Read these refs, and what else is wanted."""
    return storage.read(ReadSet(refs=tuple(ContactId(ref) for ref in refs), **wanted))


# --- queries -------------------------------------------------------------------------------------------------


def turn(storage: Storage, query: Query) -> Callable[..., Any]:
    """The method that answers such a query with a page."""
    if isinstance(query, ConversationQuery):
        return storage.conversations
    if isinstance(query, MessageQuery):
        return storage.messages
    return storage.contacts if isinstance(query, ContactQuery) else storage.effects


def key_of(query: Query) -> Callable[[Any], tuple[int, str]]:
    """Where a row stands in the order of a query."""
    return lambda row: sort_key(query, row)


def walked(storage: Storage, query: Query, limit: int = PAGE_ROWS) -> list[Any]:
    """All rows of a query, page after page, held to what pages must be."""
    ask, rows, cursor = turn(storage, query), list[Any](), None
    while True:
        page = ask(query, limit=limit, cursor=cursor)
        assert len(page.rows) <= limit, f"a page of {limit} has {len(page.rows)} rows: {query}"
        rows += page.rows
        if page.next is None:
            return rows
        assert len(page.rows) == limit, (
            f"a page of {limit} has {len(page.rows)} rows and a next cursor: only the last page may be short, "
            f"so filter first and cut to the limit afterwards: {query}"
        )
        assert page.next != cursor, f"the next cursor is the one just used: the pages of {query} have no end"
        cursor = page.next
        assert len(rows) <= 20_000, f"the pages of {query} have no end"


def expected_of(ledger: Ledger, query: Query) -> list[Any]:
    """What a query finds when everything is looked at, as `search.matches` and `search.sort_key` mean it."""
    found = []
    for thing in ledger.states.values():
        if not isinstance(thing, Conversation | Message | Contact | Effect):
            continue
        home = ledger.states.get(thing.conversation) if isinstance(thing, Message) else thing
        conversation = home if isinstance(home, Conversation) else None
        who = None if conversation is None else ledger.person(conversation.contact)
        if matches(query, thing, conversation if isinstance(thing, Message) else None, who):
            found.append(thing)
    return sorted(found, key=key_of(query))


# --- changes -------------------------------------------------------------------------------------------------


def followed(
    storage: Storage, expected: Iterable[EventId], *, after: str | None = None, limit: int = PAGE_ROWS
) -> tuple[list[Envelope], str | None]:
    """What is found after a cursor until all that is expected was seen, and the cursor then; duplicates stay.

    A storage may show a set a little after its commit: it is asked again for some seconds.
    """
    left, found, cursor = set(expected), list[Envelope](), after
    for _ in range(PATIENCE):
        while (page := storage.changes(after=cursor, limit=limit)).rows:
            assert len(page.rows) <= limit, f"`changes` answered {len(page.rows)} rows for a limit of {limit}"
            assert page.next is not None, "each page of `changes` has a next cursor, the last one as well"
            assert page.next != cursor, "the next cursor of `changes` does not move on"
            found += page.rows
            left.difference_update(envelope.id for envelope in page.rows)
            cursor = page.next
        assert page.next is not None, "each page of `changes` has a next cursor, the last one as well"
        cursor = page.next
        if not left:
            return found, cursor
        pause()
    raise AssertionError(
        f"{len(left)} events never came out of `changes`, among them {sorted(left)[:3]}: what is committed "
        "must appear behind every cursor given out before. Numbers drawn before the commit are no such order"
    )


def caught_up(storage: Storage) -> str:
    """A cursor behind everything, once the storage says that nothing more comes."""
    for _ in range(PATIENCE):
        head = storage.head()
        if not storage.changes(after=head, limit=1).rows:
            return head
        pause()
    raise AssertionError(
        "`head` never comes to stand behind everything committed: nobody writes, and `changes(after=head())` "
        "still finds events that were committed before"
    )


# --- everything a test knows of ------------------------------------------------------------------------------


def seen(
    storage: Storage,
    *,
    refs: Iterable[str] = (),
    owners: Iterable[str] = (),
    tallies: Iterable[str] = (),
    keys: Iterable[str] = (),
    commands: Iterable[str] = (),
    lanes: Iterable[str] = (),
) -> dict[str, object]:
    """All that these names show, to compare what was before with what is after."""
    names = tuple(ContactId(ref) for ref in refs)
    snapshot = storage.read(
        ReadSet(refs=names, owners=tuple(owners), tallies=tuple(tallies), lanes=tuple(lanes), workspace_after=0)
    )
    return {
        "states": dict(snapshot.states),
        "owners": dict(snapshot.owners),
        "tallies": dict(snapshot.tallies),
        "heads": dict(snapshot.heads),
        "workspace": snapshot.workspace,
        "receipts by key": {key: storage.read(ReadSet(key=key)).receipt for key in keys},
        "receipts by command": {
            command: storage.read(ReadSet(command=CommandId(command))).committed for command in commands
        },
        "streams": {ref: storage.stream(ref, after=0, limit=PAGE_ROWS) for ref in names},
        "due": storage.due(now=NOON, limit=PAGE_ROWS),
        "conversations": walked(storage, ConversationQuery()),
        "messages": walked(storage, MessageQuery()),
        "contacts": walked(storage, ContactQuery()),
        "effects": walked(storage, EffectQuery()),
    }
