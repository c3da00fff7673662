"""What WhatsApp Cloud carries, as a value."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities.attachment import MediaPointer
from chatcore.entities.capabilities import MEDIA, ReportsByKey
from chatcore.vocabulary import DeliveryStatus, MessageKind

MB = 1024 * 1024


def test_limits_of_text_and_the_window_are_the_channels() -> None:
    """Text, captions and the window are WhatsApp's, and only templates pass outside it. Rule: M5, M6, M7."""
    assert (CAPABILITIES.text_limit, CAPABILITIES.caption_limit) == (4096, 1024)
    assert CAPABILITIES.window == timedelta(hours=24)
    assert CAPABILITIES.outside_window == (MessageKind.TEMPLATE,)
    assert CAPABILITIES.templates


def test_what_becomes_of_a_send_is_reported_by_key() -> None:
    """Each status of M2 may be reported, with the key that was sent. Rule: M2, M7."""
    assert CAPABILITIES.nature == ReportsByKey()
    assert set(CAPABILITIES.reports) == {
        DeliveryStatus.SENT,
        DeliveryStatus.DELIVERED,
        DeliveryStatus.READ,
        DeliveryStatus.PLAYED,
    }


@pytest.mark.parametrize(
    ("kind", "types", "max_bytes", "captions"),
    [
        (MessageKind.IMAGE, {"image/jpeg", "image/png"}, 5 * MB, True),
        (MessageKind.VIDEO, {"video/mp4", "video/3gpp"}, 16 * MB, True),
        (
            MessageKind.AUDIO,
            {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
            16 * MB,
            False,
        ),
        (MessageKind.DOCUMENT, {"application/pdf", "text/plain"}, 100 * MB, True),
        (MessageKind.STICKER, {"image/webp"}, 500 * 1024, False),
    ],
)
def test_each_kind_of_file_has_its_types_and_size(
    kind: MessageKind, types: set[str], max_bytes: int, captions: bool
) -> None:
    """The kinds of file, their types, sizes and captions are WhatsApp's. Rule: M6, M7, S21."""
    (carried,) = [each for each in CAPABILITIES.media if each.kind is kind]
    assert types <= set(carried.types)
    assert (carried.max_bytes, carried.captions) == (max_bytes, captions)


def test_every_kind_of_file_is_carried_once_by_types_that_are_types() -> None:
    """No kind is left out or told twice, and no type is one that no file could have. Rule: M6, M17."""
    assert sorted(each.kind for each in CAPABILITIES.media) == sorted(MEDIA)
    for each in CAPABILITIES.media:
        assert len(set(each.types)) == len(each.types)
        for mime in each.types:
            assert MediaPointer(reference="1", mime=mime).mime == mime
