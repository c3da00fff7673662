"""Ids: of entities, of what happened to them, of what others name; and who is behind a command."""

from __future__ import annotations

from hypothesis import strategies as st

from chatcore.limits import ID_LENGTH
from chatcore.vocabulary import SYSTEM, WORKSPACE, Actor, CommandId, EventId, MessageId, Ref

__all__ = [
    "actors",
    "command_ids",
    "entity_ids",
    "event_ids",
    "id_tuples",
    "message_ids",
    "outside_ids",
    "refs",
]


def outside_ids() -> st.SearchStrategy[str]:
    """An id that a service or a provider chose: one printable line."""
    plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_:.=/", min_size=1, max_size=20)
    seen = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
    return st.one_of(plain, plain, plain, st.text(seen, min_size=1, max_size=ID_LENGTH))


def entity_ids(kind: str) -> st.SearchStrategy[str]:
    """The id of an entity; `kind` is its prefix: cv, ct or ef."""
    return st.integers(1, 999_999).map(lambda n: f"{kind}_r{n:06d}")


def message_ids() -> st.SearchStrategy[MessageId]:
    """The id of a message: its conversation and its number there. Rule: M4."""
    numbers = st.tuples(entity_ids("cv"), st.integers(1, 10_000))
    return numbers.map(lambda pair: MessageId(f"{pair[0]}.{pair[1]}"))


def refs() -> st.SearchStrategy[Ref]:
    """The id of an entity of any kind."""
    whole: st.SearchStrategy[str] = st.one_of(
        entity_ids("cv"), entity_ids("ct"), entity_ids("ef"), message_ids(), st.just(WORKSPACE)
    )
    return whole  # type: ignore[return-value]


def command_ids() -> st.SearchStrategy[CommandId]:
    """The id of a command that was committed."""
    return entity_ids("cm").map(CommandId)


def event_ids() -> st.SearchStrategy[EventId]:
    """The id of an event: its command's root, and its number there."""
    return st.builds("ev_r{:06d}.{}".format, st.integers(1, 999_999), st.integers(0, 20)).map(EventId)


def id_tuples(max_size: int = 3, min_size: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Ids of things, none of them twice."""
    return st.lists(outside_ids(), min_size=min_size, max_size=max_size, unique=True).map(tuple)


def actors() -> st.SearchStrategy[Actor]:
    """Anybody who can be behind a command."""
    ids = outside_ids()
    return st.one_of(st.just(SYSTEM), ids.map(Actor.agent), ids.map(Actor.bot))
