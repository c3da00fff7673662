"""What WhatsApp Cloud carries, as one value. Rule: M5, M6, M7."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chatcore.entities.capabilities import ChannelCapabilities, MediaCapability, ReportsByKey
from chatcore.vocabulary import DeliveryStatus, MessageKind

__all__ = ["CAPABILITIES"]

# The provider writes "KB" and "MB" and never says which. They are taken as 1024 and 1024 squared: a file
# between the two readings is then tried, and a refusal by the provider shows as FAILED.
_KB: Final = 1024
_MB: Final = 1024 * _KB

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"

_MEDIA: Final = (
    MediaCapability(MessageKind.IMAGE, ("image/jpeg", "image/png"), 5 * _MB),
    # The provider's pages spell the one as video/3gpp and video/3gp.
    MediaCapability(MessageKind.VIDEO, ("video/mp4", "video/3gpp", "video/3gp"), 16 * _MB),
    # Of OGG only Opus passes, which the type alone does not tell.
    MediaCapability(
        MessageKind.AUDIO,
        ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        16 * _MB,
        captions=False,
    ),
    # Other types pass the API, but the provider does not promise that they can be opened.
    MediaCapability(
        MessageKind.DOCUMENT,
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            f"{_OFFICE}.wordprocessingml.document",
            f"{_OFFICE}.spreadsheetml.sheet",
            f"{_OFFICE}.presentationml.presentation",
        ),
        100 * _MB,
    ),
    # An animated one may have 500 KB, a static one 100, and only the bytes tell them apart (the ANIM chunk of
    # the WEBP), which the core never sees. The larger bound stands, so that no good sticker is refused.
    MediaCapability(MessageKind.STICKER, ("image/webp",), 500 * _KB, captions=False),
)

CAPABILITIES: Final = ChannelCapabilities(
    text_limit=4096,
    caption_limit=1024,
    window=timedelta(hours=24),
    nature=ReportsByKey(),
    media=_MEDIA,
    templates=True,
    reports=(
        DeliveryStatus.SENT,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.READ,
        DeliveryStatus.PLAYED,
    ),
)
"""What the provider carries, and that it reports each send with our key. Rule: M5, M7.

PLAYED comes for voice messages only.
"""
