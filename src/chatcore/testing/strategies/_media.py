"""Files: those that a service keeps, and those that a provider does."""

from __future__ import annotations

from hypothesis import strategies as st

from chatcore.entities import Attachment, Media, MediaPointer
from chatcore.limits import ATTACHMENT_BYTES
from chatcore.testing.strategies._ids import outside_ids
from chatcore.testing.strategies._texts import labels

__all__ = ["attachments", "media", "media_pointers"]

_MIMES = ("image/jpeg", "image/webp", "video/mp4", "audio/ogg", "application/pdf", "application/zip")


def _hashes() -> st.SearchStrategy[str]:
    return st.integers(0, 2**256 - 1).map("{:064x}".format)


def attachments() -> st.SearchStrategy[Attachment]:
    """A file that the service keeps. Rule: M17."""
    return st.builds(
        Attachment,
        key=outside_ids(),
        mime=st.sampled_from(_MIMES),
        size=st.integers(1, ATTACHMENT_BYTES),
        sha256=_hashes(),
        name=st.none() | labels().map("{}.bin".format),
    )


def media_pointers() -> st.SearchStrategy[MediaPointer]:
    """A file that a provider keeps; what it says of itself may be missing. Rule: M17."""
    return st.builds(
        MediaPointer,
        reference=outside_ids(),
        mime=st.none() | st.sampled_from(_MIMES),
        sha256=st.none() | _hashes(),
        name=st.none() | labels(),
    )


def media() -> st.SearchStrategy[Media]:
    """What a message holds of its file: a pointer, found again or lost, or the file itself. Rule: M17."""
    return st.one_of(
        st.builds(Media, pointer=media_pointers(), lost=st.none() | outside_ids()),
        st.builds(Media, attachment=attachments()),
    )
