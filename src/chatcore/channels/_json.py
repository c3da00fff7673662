"""JSON as it comes from outside, read strictly: the same bytes are refused on every Python."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NoReturn

from chatcore.errors import InvalidValue
from chatcore.limits import JSON_DEPTH, JSON_DIGITS, PAYLOAD_BYTES
from chatcore.vocabulary import Private

__all__ = ["SURROGATE", "compact", "document_of", "raw_of"]

SURROGATE: Final = re.compile("[\ud800-\udfff]")
_QUOTED: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A string and its quotes; one without an end runs to the end of the text, so that a search stays linear."""
_BRACKET: Final = re.compile(r"[\[\]{}]")


def document_of(body: bytes) -> dict[str, Any]:
    """Parse one JSON object. The same bytes are refused on every Python, with the same code.

    Problems are raised outside the handlers, so that no parser's error, which holds the text, hangs on ours.
    """
    if len(body) > PAYLOAD_BYTES:
        raise InvalidValue.of("body", "too_long", limit=PAYLOAD_BYTES, actual=len(body))
    text = _decoded(body)
    if text is None:
        raise InvalidValue.of("body", "not_utf8")
    _check_depth(text)
    document = _parsed(text)
    if document is _NOT_JSON:
        raise InvalidValue.of("body", "not_json")
    if not isinstance(document, dict):
        raise InvalidValue.of("body", "not_an_object")
    return document


def _decoded(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        return _NOT_JSON


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser recurses, whose own bound differs between Pythons."""
    depth = 0
    for bracket in _BRACKET.findall(_QUOTED.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > JSON_DEPTH:
            raise InvalidValue.of("body", "too_deep", limit=JSON_DEPTH, actual=depth)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) != len(members):
        raise InvalidValue.of("body", "duplicate_key")
    return unique


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > JSON_DIGITS:
        raise InvalidValue.of("body", "number_out_of_range")
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidValue.of("body", "number_out_of_range")
    return number


def _constant(word: str) -> NoReturn:
    raise InvalidValue.of("body", "not_json")


_NOT_JSON: Final = object()
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=_constant
)


def compact(value: Any) -> str:
    """The JSON of a value, in as few characters as it takes, its members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def raw_of(value: Any) -> Private:
    """The JSON of what was read, compact, its members in their order; lone surrogates stay escaped (M14)."""
    return Private(SURROGATE.sub(lambda lone: f"\\u{ord(lone.group()):04x}", compact(value)))
