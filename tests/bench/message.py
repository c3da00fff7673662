"""Creating a Message of one line, against the same class without its checks.

The other class has the same fields in the same order with the same defaults, frozen, with slots and by keyword
only, made by attrs as ours is; it only lacks `__attrs_post_init__`. Both get what the fold gives for a
customer's text. So the ratio is what the checks cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import Any

import attrs

from chatcore import Message
from chatcore.vocabulary import Direction, MessageKind, Private
from tests.bench.measuring import Figure, batch, compare
from tests.bench.scene import BEGUN, CHANNEL, NOW, root

BATCH, ROUNDS = 1_000, 200


def without_checks(cls: type[Any]) -> type[Any]:
    """The same attrs class with nothing that checks."""
    fields = {
        field.name: attrs.field(
            default=field.default,
            kw_only=field.kw_only,
            eq=field.eq,
            order=field.order,
            hash=field.hash,
            init=field.init,
            repr=field.repr,
            converter=field.converter,
            alias=field.alias,
            type=field.type,
        )
        for field in attrs.fields(cls)
    }
    return attrs.make_class(f"Unchecked{cls.__name__}", fields, frozen=True, slots=True, order=False)


Unchecked = without_checks(Message)


def fields() -> Mapping[str, Any]:
    """A customer's message of one line."""
    conversation = f"cv_{root(1)}"
    return {
        "id": f"{conversation}.7",
        "version": 1,
        "recorded_at": NOW,
        "conversation": conversation,
        "seq": 7,
        "channel": CHANNEL,
        "direction": Direction.INBOUND,
        "kind": MessageKind.TEXT,
        "body": Private("Bom dia! Preciso da segunda via do boleto deste mês, por favor."),
        "provider_id": "wamid.HBgLNTU2MTk4MDAwMDAwMRUCABIYFDNBMDI",
        "sent_at": BEGUN,
        "flags": (),
        "raw": None,
    }


def checked(given: Mapping[str, Any]) -> Message:
    """As the fold makes it."""
    return Message(
        id=given["id"],
        version=given["version"],
        recorded_at=given["recorded_at"],
        conversation=given["conversation"],
        seq=given["seq"],
        channel=given["channel"],
        direction=given["direction"],
        kind=given["kind"],
        body=given["body"],
        provider_id=given["provider_id"],
        sent_at=given["sent_at"],
        flags=given["flags"],
        raw=given["raw"],
    )


def unchecked(given: Mapping[str, Any]) -> Any:
    """The same, spelled out again: an interpreter that adapts must not see two classes in one place."""
    return Unchecked(
        id=given["id"],
        version=given["version"],
        recorded_at=given["recorded_at"],
        conversation=given["conversation"],
        seq=given["seq"],
        channel=given["channel"],
        direction=given["direction"],
        kind=given["kind"],
        body=given["body"],
        provider_id=given["provider_id"],
        sent_at=given["sent_at"],
        flags=given["flags"],
        raw=given["raw"],
    )


def measure() -> Figure:
    """With checks against without."""
    given = fields()
    return compare(
        batch(checked, lambda: repeat(given, BATCH)),
        batch(unchecked, lambda: repeat(given, BATCH)),
        rounds=ROUNDS,
    )
