"""What ports declare: the natures of their writes, and what they can do."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    ChannelCapabilities,
    ContractsCapabilities,
    LooksUpByKey,
    MediaCapability,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.entities.capabilities import MEDIA
from chatcore.testing.strategies._times import spans
from chatcore.vocabulary import BoletoForm, BonusKind, CustomerKey, DeliveryStatus, MessageKind

__all__ = [
    "REPORTED",
    "billing_capabilities",
    "boleto_forms",
    "channel_capabilities",
    "contracts_capabilities",
    "media_capabilities",
    "natures",
]

REPORTED = (
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
    DeliveryStatus.PLAYED,
    DeliveryStatus.FAILED,
)
"""What providers report of a message. Rule: M2."""


def natures(*kinds: type[Nature]) -> st.SearchStrategy[Nature]:
    """What a port may promise about a write: one of these kinds, or any."""
    of_each: dict[type[Nature], st.SearchStrategy[Nature]] = {
        RepeatsByKey: st.builds(RepeatsByKey, spans()),
        LooksUpByKey: st.builds(LooksUpByKey, spans()),
        ReportsByKey: st.builds(ReportsByKey),
        AtMostOnce: st.builds(AtMostOnce),
    }
    return st.one_of(*(of_each[kind] for kind in kinds or of_each))


def media_capabilities() -> st.SearchStrategy[MediaCapability]:
    """What a channel may carry of one kind of media. Rule: M6."""
    mimes = st.sampled_from(("image/jpeg", "image/png", "video/mp4", "audio/ogg", "application/pdf"))
    return st.builds(
        MediaCapability,
        kind=st.sampled_from(sorted(MEDIA)),
        types=st.lists(mimes, min_size=1, max_size=3, unique=True).map(tuple),
        max_bytes=st.integers(1, 10**8),
        captions=st.booleans(),
    )


def channel_capabilities() -> st.SearchStrategy[ChannelCapabilities]:
    """What a channel may carry. Rule: M5, M6."""
    return st.builds(
        ChannelCapabilities,
        text_limit=st.integers(1, 10_000),
        nature=natures(),
        window=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=7)),
        outside_window=st.lists(st.sampled_from(MessageKind), max_size=3, unique=True).map(tuple),
        caption_limit=st.integers(1, 10_000),
        media=st.lists(media_capabilities(), max_size=3).map(tuple),
        templates=st.booleans(),
        reports=st.lists(st.sampled_from(REPORTED), max_size=4, unique=True).map(tuple),
    )


def contracts_capabilities() -> st.SearchStrategy[ContractsCapabilities]:
    """What a contracts side may offer. Rule: B2, B12."""
    return st.builds(
        ContractsCapabilities,
        finds_by=st.lists(st.sampled_from(CustomerKey), unique=True).map(tuple),
        orders=st.none() | natures(),
        transcripts=st.booleans(),
    )


def boleto_forms() -> st.SearchStrategy[tuple[BoletoForm, ...]]:
    """Some of the forms in which a boleto is sent, one at least. Rule: B4."""
    return st.lists(st.sampled_from(BoletoForm), min_size=1, unique=True).map(tuple)


def billing_capabilities() -> st.SearchStrategy[BillingCapabilities]:
    """What a billing side may offer. Rule: B4, B7, B8."""
    return st.builds(
        BillingCapabilities,
        boletos=st.just(()) | boleto_forms(),
        invoices=st.booleans(),
        bonus=st.none() | natures(),
        bonus_kinds=st.lists(st.sampled_from(BonusKind), unique=True).map(tuple),
    )
