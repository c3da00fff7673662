"""Media: the core never holds the bytes, only where they are and what they are. Rule: M17."""

from __future__ import annotations

import re

import attrs

from chatcore._shape import id_problem, not_id
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ATTACHMENT_BYTES, NAME_LENGTH
from chatcore.text import label_problems
from chatcore.vocabulary import redacted

__all__ = ["Attachment", "Media", "MediaPointer"]

_TYPE = r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,99}"
_SHA_256 = r"[0-9a-f]{64}"


def _type_problems(mime: object) -> list[Problem]:
    fits = type(mime) is str and re.fullmatch(_TYPE, mime)
    return [] if fits else [Problem("mime", "not_a_mime_type", "M17")]


def _size_problems(size: object) -> list[Problem]:
    if type(size) is not int or size < 1:
        return [Problem("size", "not_positive", "M17")]
    if size > ATTACHMENT_BYTES:
        return [Problem("size", "too_long", "M17", ATTACHMENT_BYTES, size)]
    return []


def _hash_problems(sha256: object) -> list[Problem]:
    fits = type(sha256) is str and re.fullmatch(_SHA_256, sha256)
    return [] if fits else [Problem("sha256", "not_a_sha256", "M17")]


def _name_problems(name: object) -> list[Problem]:
    return [] if name is None else list(label_problems(name, "name", NAME_LENGTH))


@attrs.frozen(slots=True, kw_only=True)
class Attachment:
    """A file that the service keeps. Rule: M17.

    `key` is the service's own, opaque here; `mime` the type in lower case, without parameters; `size` in bytes;
    `sha256` in 64 lower-case hex digits; `name` what the customer sees, where the channel shows one.
    """

    key: str = attrs.field(repr=redacted)
    mime: str
    size: int
    sha256: str
    name: str | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = [id_problem("key", self.key)] if not_id(self.key) else []
        bad += _type_problems(self.mime) + _size_problems(self.size)
        bad += _hash_problems(self.sha256) + _name_problems(self.name)
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class MediaPointer:
    """A file that the provider keeps, for a while. What it says of itself may be missing. Rule: M17.

    `reference` is the provider's id for it, by which it is fetched.
    """

    reference: str = attrs.field(repr=redacted)
    mime: str | None = None
    sha256: str | None = None
    name: str | None = attrs.field(default=None, repr=redacted)

    def __attrs_post_init__(self) -> None:
        bad = [id_problem("reference", self.reference)] if not_id(self.reference) else []
        if self.mime is not None:
            bad += _type_problems(self.mime)
        if self.sha256 is not None:
            bad += _hash_problems(self.sha256)
        bad += _name_problems(self.name)
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True, kw_only=True)
class Media:
    """The file of a message: to be fetched (`pointer` alone), stored, or lost (the code of why). Rule: M17."""

    pointer: MediaPointer | None = None
    attachment: Attachment | None = None
    lost: str | None = None

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if self.pointer is None and self.attachment is None:
            bad.append(Problem("attachment", "missing", "M17"))
        if self.pointer is not None and type(self.pointer) is not MediaPointer:
            bad.append(Problem("pointer", "not_media", "M17"))
        if self.attachment is not None and type(self.attachment) is not Attachment:
            bad.append(Problem("attachment", "not_an_attachment", "M17"))
        if self.lost is not None and not_id(self.lost):
            bad.append(id_problem("lost", self.lost))
        if bad:
            raise InvalidValue(*bad)
