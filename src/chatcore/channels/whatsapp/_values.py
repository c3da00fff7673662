"""Single values of the provider's: each is what it should be, or None."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from chatcore.channels._json import SURROGATE
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ADDRESS_LENGTH, CALLBACK_LENGTH, ID_LENGTH, JSON_DIGITS
from chatcore.moments import from_epoch

__all__ = [
    "account_of",
    "address_of",
    "code_of",
    "error_code",
    "id_of",
    "key_problems",
    "moment_of",
]

_PRINTABLE: Final = re.compile(r"[!-~]+")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DIGITS: Final = re.compile(rf"[0-9]{{1,{JSON_DIGITS}}}")


def id_of(value: Any, longest: int = ID_LENGTH) -> str | None:
    """A provider's id: printable ASCII without blanks, at most `longest` code points."""
    return value if isinstance(value, str) and len(value) <= longest and _PRINTABLE.fullmatch(value) else None


def address_of(value: Any) -> str | None:
    """A customer's address, exactly as it came. Rule: M10."""
    return id_of(value, ADDRESS_LENGTH)


def account_of(value: Any) -> str | None:
    """The account that a change is about."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return id_of(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None


def moment_of(value: Any) -> datetime | None:
    """A moment from seconds since 1970, which come as a string of digits and sometimes as a number."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        return None
    try:
        return from_epoch(value, "timestamp")
    except InvalidValue:
        return None


def error_code(error: Any) -> str:
    """The provider's number of an error; never its words, which may hold personal data."""
    code = error.get("code") if isinstance(error, dict) else None
    if type(code) is int and code >= 0:
        return str(code)
    return code if isinstance(code, str) and _DIGITS.fullmatch(code) else "unknown"


def code_of(family: str, word: str) -> str:
    """A stable code from a provider's word; a word that is none of its usual ones stays out of it."""
    return f"{family}:{word}" if _WORD.fullmatch(word) else f"{family}:other"


def key_problems(key: str) -> list[Problem]:
    """What is wrong with a key that the provider is to report back. Rule: M7."""
    if not key:
        return [Problem("key", "empty", "M7")]
    if len(key) > CALLBACK_LENGTH:
        return [Problem("key", "too_long", "M7", limit=CALLBACK_LENGTH, actual=len(key))]
    return [Problem("key", "lone_surrogate", "M7")] if SURROGATE.search(key) else []
