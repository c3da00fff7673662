"""Request bodies out, and the provider's answer to them in.

Equal arguments give equal bytes, and a bad argument is refused with the exact reason, never repaired (M14).
"""

from __future__ import annotations

import re
from typing import Any, Final

from chatcore.channels._json import SURROGATE, compact, document_of
from chatcore.channels.whatsapp._values import address_of, id_of, key_problems
from chatcore.channels.whatsapp.capabilities import CAPABILITIES
from chatcore.entities.capabilities import MEDIA
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import NAME_LENGTH, TEMPLATE_PARAMETERS
from chatcore.text import label_problems
from chatcore.vocabulary import MessageKind, Private

__all__ = ["media_request", "read_send_response", "template_request", "text_request"]

_SCOPED: Final = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9.]+", re.ASCII)
"""A business-scoped user id: a country's two letters, a dot, and what follows."""
_LINK: Final = re.compile(r"https?://[!-~]+", re.ASCII | re.IGNORECASE)
_TEMPLATE: Final = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_BREAK: Final = re.compile(r"[\t\n\r]")
_SPACES: Final = re.compile(r" {5,}")
_CAPTIONED: Final = frozenset(each.kind for each in CAPABILITIES.media if each.captions)


def text_request(*, to: Private, text: Private, key: str, reply_to: str | None = None) -> bytes:
    """The body of the request that sends a text, as compact UTF-8 JSON; equal arguments give equal bytes.

    `to` is the address as it came (M10): a number, or a business-scoped user id (M11), which must stand in a
    member of its own, since the provider takes one given as a number and never delivers. `key` has 1 to 512
    code points and comes back in every status of the message (M7). `reply_to` is a provider's message id (M9).
    The length of the text is the channel's capability and is not checked here (M6).

    Raises:
        InvalidValue: at ``to``, ``text``, ``key`` or ``reply_to``: ``empty``, ``too_long``, ``malformed``, or
            ``lone_surrogate`` in what no UTF-8 can hold (M14).
    """
    bad = _frame_problems(to, key) + _text_problems("text", text) + _reply_problems(reply_to)
    if bad:
        raise InvalidValue(*bad)
    return _request(to, key, reply_to, "text", {"preview_url": False, "body": text.reveal()})


def media_request(
    *,
    to: Private,
    kind: MessageKind,
    key: str,
    media_id: str | None = None,
    link: str | None = None,
    caption: Private | None = None,
    filename: str | None = None,
    reply_to: str | None = None,
) -> bytes:
    """The body of the request that sends a file: an image, a video, an audio, a document or a sticker (S21).

    The file is either uploaded before, `media_id`, or fetched by the provider from an HTTP `link`; exactly one
    of the two. `caption` goes with an image, a video or a document, `filename` with a document only; None is
    for none. `to`, `key` and `reply_to` are as in `text_request`. Types, sizes and the caption's length are the
    channel's capabilities and are not checked here (M6, M7).

    Raises:
        InvalidValue: as in `text_request`; at ``kind``: ``not_a_kind``; at ``media_id``: ``id_or_link`` or
            ``malformed``; at ``link``: ``malformed``; at ``caption`` or ``filename``: ``not_carried`` by this
            kind; at ``filename`` what `label_problems` tells of a label.
    """
    bad = _frame_problems(to, key) + _reply_problems(reply_to)
    if kind not in MEDIA:
        bad.append(Problem("kind", "not_a_kind", "M6"))
    bad += _source_problems(media_id, link) + _shown_problems(kind, caption, filename)
    if bad:
        raise InvalidValue(*bad)
    members = {
        "id": media_id,
        "link": link,
        "caption": None if caption is None else caption.reveal(),
        "filename": filename,
    }
    return _request(
        to, key, reply_to, kind.value, {n: value for n, value in members.items() if value is not None}
    )


def template_request(
    *, to: Private, name: str, language: str, parameters: tuple[Private, ...], key: str
) -> bytes:
    """The body of the request that sends an approved template, its body's parameters filled in in order (M5).

    `name` and `language` (``pt_BR``) are those it was approved under. A parameter is one line of text: the
    provider refuses a line break, a tab and more than four spaces in a row in it. `to` and `key` are as in
    `text_request`.

    Raises:
        InvalidValue: as in `text_request`; at ``name``: ``not_a_template_name``; at ``language``:
            ``not_a_language``; at ``parameters``: ``too_long``; at ``parameters[0]`` and so on: ``empty``,
            ``lone_surrogate``, ``control_character`` or ``too_many_spaces``, the last two with the span.
    """
    bad = _frame_problems(to, key)
    if not _TEMPLATE.fullmatch(name):
        bad.append(Problem("name", "not_a_template_name", "M6"))
    if not _LANGUAGE.fullmatch(language):
        bad.append(Problem("language", "not_a_language", "M6"))
    if len(parameters) > TEMPLATE_PARAMETERS:
        bad.append(Problem("parameters", "too_long", "M6", TEMPLATE_PARAMETERS, len(parameters)))
    for i, parameter in enumerate(parameters[:TEMPLATE_PARAMETERS]):
        bad += _text_problems(f"parameters[{i}]", parameter) + _line_problems(f"parameters[{i}]", parameter)
    if bad:
        raise InvalidValue(*bad)
    texts = [{"type": "text", "text": parameter.reveal()} for parameter in parameters]
    template: dict[str, Any] = {"name": name, "language": {"code": language}}
    if texts:
        template["components"] = [{"type": "body", "parameters": texts}]
    return _request(to, key, None, "template", template)


def read_send_response(body: bytes) -> str:
    """The provider's id of the message that a request sent: ``messages[0].id`` of its answer.

    Accepted is not delivered: statuses tell the rest. Rule: M2.

    Raises:
        InvalidValue: at ``messages[0].id``: ``missing``, when the answer names not exactly one message (an
            error's answer names none); at ``body``, as in `read_webhook`.
    """
    messages = document_of(body).get("messages")
    message = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    provider_id = id_of(message.get("id")) if isinstance(message, dict) else None
    if provider_id is None:
        raise InvalidValue.of("messages[0].id", "missing")
    return provider_id


def _request(to: Private, key: str, reply_to: str | None, type: str, content: dict[str, Any]) -> bytes:
    address = to.reveal()
    request = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient" if _SCOPED.fullmatch(address) else "to": address,
        **({} if reply_to is None else {"context": {"message_id": reply_to}}),
        "type": type,
        type: content,
        "biz_opaque_callback_data": key,
    }
    return compact(request).encode()


# --- what is wrong with an argument --------------------------------------------------------------------------


def _frame_problems(to: Private, key: str) -> list[Problem]:
    bad = key_problems(key)
    if address_of(to.reveal()) is None:
        bad.append(Problem("to", "malformed", "M10"))
    return bad


def _reply_problems(reply_to: str | None) -> list[Problem]:
    unfit = reply_to is not None and id_of(reply_to) is None
    return [Problem("reply_to", "malformed", "M9")] if unfit else []


def _text_problems(path: str, text: Private) -> list[Problem]:
    words = text.reveal()
    if not words:
        return [Problem(path, "empty", "M14")]
    return [Problem(path, "lone_surrogate", "M14")] if SURROGATE.search(words) else []


def _line_problems(path: str, text: Private) -> list[Problem]:
    words = text.reveal()
    found = (("control_character", _BREAK.search(words)), ("too_many_spaces", _SPACES.search(words)))
    return [Problem(path, code, "M14", span=match.span()) for code, match in found if match]


def _source_problems(media_id: str | None, link: str | None) -> list[Problem]:
    if (media_id is None) is (link is None):
        return [Problem("media_id", "id_or_link", "M17")]
    if link is None:
        return [] if id_of(media_id) else [Problem("media_id", "malformed", "M17")]
    return [] if _LINK.fullmatch(link) else [Problem("link", "malformed", "M17")]


def _shown_problems(kind: MessageKind, caption: Private | None, filename: str | None) -> list[Problem]:
    bad: list[Problem] = []
    if caption is not None and kind in MEDIA and kind not in _CAPTIONED:
        bad.append(Problem("caption", "not_carried", "M7"))
    elif caption is not None:
        bad += _text_problems("caption", caption)
    if filename is not None and kind in MEDIA and kind is not MessageKind.DOCUMENT:
        bad.append(Problem("filename", "not_carried", "M7"))
    elif filename is not None:
        bad += label_problems(filename, "filename", NAME_LENGTH)
    return bad
