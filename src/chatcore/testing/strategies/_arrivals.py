"""What the payloads of a channel tell, as its codec gives it."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from chatcore.channels.items import (
    Batch,
    Echo,
    Edited,
    Ignored,
    Inbound,
    Item,
    Reaction,
    Revoked,
    Status,
    Unhandled,
)
from chatcore.entities.capabilities import MEDIA
from chatcore.testing.strategies._brazil import brazilian_mobiles
from chatcore.testing.strategies._capabilities import REPORTED
from chatcore.testing.strategies._ids import entity_ids, outside_ids
from chatcore.testing.strategies._media import media_pointers
from chatcore.testing.strategies._texts import hostile_text, labels
from chatcore.testing.strategies._times import moments
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private

__all__ = ["batches", "channel_items"]


def channel_items(*kinds: type[Item]) -> st.SearchStrategy[Item]:
    """One thing that a payload tells, of one of these types, or of any; its texts are as they came. Rule: M8.

    Raises:
        KeyError: one of them is no such thing.
    """
    of_each = _of_each()
    return st.one_of(*(of_each[kind] for kind in kinds or of_each))


def batches() -> st.SearchStrategy[Batch]:
    """A few things that one payload tells, in any order. Rule: M4."""
    return st.builds(Batch, st.sampled_from(ChannelKind), st.lists(channel_items(), max_size=4).map(tuple))


@cache
def _of_each() -> dict[type[Any], st.SearchStrategy[Any]]:
    b, ids, line = st.builds, outside_ids(), hostile_text(8).map(Private)
    told = {
        "account": ids,
        "address": brazilian_mobiles().map(Private),
        "provider_id": ids,
        "sent_at": moments(),
    }
    raw = {"kind": st.just(MessageKind.UNKNOWN), "text": st.none(), "media": st.none(), "raw": line}
    text = {"kind": st.just(MessageKind.TEXT), "text": line, "media": st.none(), "raw": st.none()}
    file = {
        "kind": st.sampled_from(sorted(MEDIA)),
        "text": st.none() | line,
        "media": media_pointers(),
        "raw": st.none(),
    }
    more = {"name": st.none() | labels().map(Private), "reply_to": st.none() | ids}
    report = {
        "account": ids,
        "provider_id": ids,
        "occurred_at": moments(),
        "key": st.none() | entity_ids("ef"),
    }
    reached = st.sampled_from([status for status in REPORTED if status is not DeliveryStatus.FAILED])
    dropped = st.builds(
        "{}_{}".format,
        st.sampled_from(("group", "broadcast", "newsletter")),
        st.sampled_from(("message", "echo", "status")),
    )
    return {
        Inbound: st.one_of(*(b(Inbound, **told, **said, **more) for said in (text, file, raw))),
        Echo: st.one_of(*(b(Echo, **told, **said) for said in (text, file, raw))),
        Reaction: b(Reaction, **told, target=ids, emoji=st.none() | line),
        Edited: b(Edited, **told, target=ids, text=line),
        Revoked: b(Revoked, **told, target=ids),
        Status: st.one_of(
            b(Status, **report, status=reached, failure=st.none()),
            b(Status, **report, status=st.just(DeliveryStatus.FAILED), failure=ids),
        ),
        Ignored: b(Ignored, ids, dropped),
        Unhandled: b(Unhandled, st.none() | ids, st.sampled_from(("change:calls", "malformed_part")), line),
    }
