"""What a message says: words, or a file with a caption; the same in a message, an echo and an edit."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Final
from unicodedata import category

import attrs

from chatcore.channels.whatsapp._values import id_of
from chatcore.entities.attachment import MediaPointer
from chatcore.errors import InvalidValue
from chatcore.limits import NAME_LENGTH
from chatcore.text import cut, label_problems
from chatcore.vocabulary import MessageKind, Private

__all__ = ["Content", "content_of"]


@attrs.frozen(slots=True)
class Content:
    """What a message of a known kind says."""

    kind: MessageKind
    text: Private | None
    media: MediaPointer | None


_MEDIA: Final = {
    "image": MessageKind.IMAGE,
    "video": MessageKind.VIDEO,
    "audio": MessageKind.AUDIO,
    "document": MessageKind.DOCUMENT,
    "sticker": MessageKind.STICKER,
}
_WORDS: Final = {"text": "body", "button": "text"}
"""The member that holds the words of a message; a button's are what stood on it."""
_CHOICES: Final = ("button_reply", "list_reply")
"""The interactive replies that are words: the title of what was chosen. A filled-in form is not."""


def content_of(message: dict[str, Any]) -> Content | None:
    """Read what a message says; None for another kind, or where it cannot be read. Rule: M8."""
    word = message.get("type")
    body = message.get(word) if isinstance(word, str) else None
    if not isinstance(body, dict):
        return None
    if word in _MEDIA:
        return _file(_MEDIA[word], body)
    words = _words(word, body)
    return Content(MessageKind.TEXT, Private(words), None) if isinstance(words, str) else None


def _words(word: Any, body: dict[str, Any]) -> Any:
    if word != "interactive":
        return body.get(_WORDS[word]) if word in _WORDS else None
    chosen = body.get(body["type"]) if body.get("type") in _CHOICES else None
    return chosen.get("title") if isinstance(chosen, dict) else None


def _file(kind: MessageKind, file: dict[str, Any]) -> Content | None:
    """Read a file's message: without its id there is nothing to fetch, and a caption must not get lost."""
    reference, caption = id_of(file.get("id")), file.get("caption")
    if reference is None or not (caption is None or isinstance(caption, str)):
        return None
    said = {"mime": _mime(file.get("mime_type")), "sha256": _digest(file.get("sha256"))}
    pointer = _pointer(reference, said | {"name": _name(file.get("filename"))})
    return Content(kind, Private(caption) if caption else None, pointer)


def _pointer(reference: str, said: dict[str, str | None]) -> MediaPointer:
    """Point at a file, leaving out what does not fit of what is said about it. Rule: M17."""
    try:
        return MediaPointer(reference=reference, **said)
    except InvalidValue as error:
        unfit = {problem.path for problem in error.problems}
    return MediaPointer(
        reference=reference, **{name: value for name, value in said.items() if name not in unfit}
    )


def _mime(value: Any) -> str | None:
    """A type in lower case, without its parameters."""
    return value.partition(";")[0].strip(" \t").lower() if isinstance(value, str) else None


def _digest(value: Any) -> str | None:
    """A hash in hex digits; it comes in base64."""
    try:
        return b64decode(value, validate=True).hex() if isinstance(value, str) else None
    except ValueError:
        return None


_UNSEEN: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_ENDING: Final = 16
"""Code points of a file name's ending at most, its dot included; what is longer is no ending."""


def _name(value: Any) -> str | None:
    """A file's name as a label: where it does not fit, without what nobody sees, and short with its ending."""
    if not isinstance(value, str) or not label_problems(value, "name", NAME_LENGTH):
        return value if isinstance(value, str) else None
    seen = "".join(c for c in value if category(c) not in _UNSEEN).strip()
    if len(seen) <= NAME_LENGTH:
        return seen
    at = seen.rfind(".", len(seen) - _ENDING)
    ending = "" if at < 0 else seen[at:]
    return cut(seen, NAME_LENGTH - len(ending)) + ending
