"""WhatsApp Cloud: webhook payloads in, request bodies out. No I/O; the service owns the HTTP.

1. The signature is checked first, over the bytes as they came. A body that is parsed and written again has
   another signature: the provider escapes non-ASCII text its own way.
2. A body that is not the provider's at all (no JSON, another object, too large) is refused as a whole.
3. Inside a good body each item stands alone: one that cannot be read becomes `Unhandled`, and its neighbours
   pass. Rule: M8.
4. The same payload may come many times, for 7 days, in any order; reading it is deterministic and refuses
   nothing it accepted before. Rule: M1, M2.

Source: WhatsApp Business Platform, webhook reference (messages, status, group, smb_message_echoes), message
API, and business-scoped user ids; as of August 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from chatcore.channels._json import SURROGATE, compact, document_of, raw_of
from chatcore.channels.items import Batch, Inbound, Item, Status, Unhandled
from chatcore.entities import ChannelCapabilities, ReportsByKey
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import ADDRESS_LENGTH, CALLBACK_LENGTH, ID_LENGTH, JSON_DIGITS
from chatcore.moments import from_epoch
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private

__all__ = [
    "CAPABILITIES",
    "check_signature",
    "read_send_response",
    "read_webhook",
    "signature_of",
    "text_request",
]

CAPABILITIES: Final = ChannelCapabilities(text_limit=4096, window=timedelta(hours=24), nature=ReportsByKey())
"""What the provider carries, and that it reports each send with our key. Rule: M5, M7."""


# --- the signature -------------------------------------------------------------------------------------------

_HEADER: Final = "X-Hub-Signature-256"
_SIGNATURE: Final = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


def signature_of(body: bytes, app_secret: bytes) -> str:
    """The value of ``X-Hub-Signature-256`` for these bytes: ``sha256=`` and 64 lowercase hex digits.

    Raises:
        InvalidValue: the secret is empty, so that anyone could sign.
    """
    if not app_secret:
        raise InvalidValue.of("app_secret", "empty")
    return "sha256=" + hmac.new(app_secret, body, hashlib.sha256).hexdigest()


def check_signature(body: bytes, header: str | None, app_secret: bytes) -> None:
    """Refuse a body that its header does not sign. The comparison takes the same time wherever they differ.

    Upper and lower case are the same in the header, and blanks around it do not count.

    Raises:
        InvalidValue: at ``X-Hub-Signature-256``: ``missing_signature``, ``malformed_signature`` or
            ``wrong_signature``. It tells nothing of the signature that was expected.
    """
    if header is None or not (header := header.strip(" \t")):
        raise InvalidValue.of(_HEADER, "missing_signature")
    if _SIGNATURE.fullmatch(header) is None:
        raise InvalidValue.of(_HEADER, "malformed_signature")
    if not hmac.compare_digest(header.lower(), signature_of(body, app_secret)):
        raise InvalidValue.of(_HEADER, "wrong_signature")


# --- the webhook ---------------------------------------------------------------------------------------------


def read_webhook(body: bytes, *, signature: str | None, app_secret: bytes) -> Batch:
    """Read one webhook call; `signature` is its ``X-Hub-Signature-256`` header.

    Items keep the payload's order. What is not a customer's message or a known status comes as `Unhandled`,
    as does any item or part that cannot be read. Rule: M1, M2, M8, M19.

    Raises:
        InvalidValue: a bad signature (see `check_signature`); at ``body``: ``too_long``, ``not_utf8``,
            ``too_deep``, ``not_json``, ``duplicate_key``, ``number_out_of_range``, ``not_an_object``; at
            ``object``: ``wrong_object``; at ``entry``: ``not_a_list``.
    """
    check_signature(body, signature, app_secret)
    document = document_of(body)
    entries = document.get("entry")
    bad: list[Problem] = []
    if document.get("object") != "whatsapp_business_account":
        bad.append(Problem("object", "wrong_object"))
    if not isinstance(entries, list):
        bad.append(Problem("entry", "not_a_list"))
        entries = []
    if bad:
        raise InvalidValue(*bad)
    return Batch(ChannelKind.WHATSAPP_CLOUD, tuple(item for entry in entries for item in _entry(entry)))


def _entry(entry: Any) -> Iterator[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unhandled(None, "malformed_entry", raw_of(entry))
        return
    for change in changes:
        yield from _change(change)


def _change(change: Any) -> Iterator[Item]:
    field, value = (change.get("field"), change.get("value")) if isinstance(change, dict) else (None, None)
    account = _account(value)
    if isinstance(field, str) and field != "messages":
        yield Unhandled(account, _what("change", field), raw_of(change))
    elif field != "messages" or account is None or not isinstance(value, dict):
        yield Unhandled(account, "malformed_change", raw_of(change))
    else:
        items = list(_parts(account, value))
        yield from items or [Unhandled(account, "change:messages", raw_of(change))]


def _parts(account: str, value: dict[str, Any]) -> Iterator[Item]:
    """Read the lists of one change; what is not a list describes the change and tells nothing by itself."""
    people = _people(value.get("contacts"))
    for name, part in value.items():
        if name in _READERS and isinstance(part, list):
            what, read = _READERS[name]
            for item in part:
                known = read(account, item, people) if isinstance(item, dict) else None
                yield known or Unhandled(account, what, raw_of(item))
        elif name in _READERS and part is not None:
            yield Unhandled(account, f"malformed_{name}", raw_of(part))
        elif isinstance(part, list) and part and name != "contacts":
            yield Unhandled(account, _what("part", name), raw_of(part))


@attrs.frozen(slots=True)
class _People:
    """The contacts of one change: names by address, and the address when there is only one contact."""

    names: dict[str, Private]
    only: str | None


def _people(contacts: Any) -> _People:
    """Read the contacts leniently: a message counts more than its sender's name."""
    names: dict[str, Private] = {}
    found: list[str | None] = []
    for contact in contacts if isinstance(contacts, list) else ():
        if not isinstance(contact, dict):
            continue
        addresses = [a for a in map(_address, (contact.get("wa_id"), contact.get("user_id"))) if a is not None]
        found.append(addresses[0] if addresses else None)
        profile = contact.get("profile")
        name = profile.get("name") if isinstance(profile, dict) else None
        if isinstance(name, str) and name:
            names.update((address, Private(name)) for address in addresses)
    return _People(names, found[0] if len(found) == 1 else None)


def _message(account: str, message: dict[str, Any], people: _People) -> Item | None:
    if message.get("group_id") not in (None, ""):
        return Unhandled(account, "group_message", raw_of(message))
    senders = [s for s in (message.get("from"), message.get("from_user_id")) if s not in (None, "")]
    address = _address(senders[0] if senders else people.only)
    provider_id = _id(message.get("id"))
    sent_at = _moment(message.get("timestamp"))
    if address is None or provider_id is None or sent_at is None:
        return None
    content = message.get("text")
    text = content.get("body") if message.get("type") == "text" and isinstance(content, dict) else None
    is_text = isinstance(text, str)
    context = message.get("context")
    names = (people.names.get(s) for s in (*senders, address) if isinstance(s, str))
    return Inbound(
        account=account,
        address=Private(address),
        provider_id=provider_id,
        sent_at=sent_at,
        kind=MessageKind.TEXT if is_text else MessageKind.UNKNOWN,
        text=Private(text) if isinstance(text, str) else None,
        name=next((name for name in names if name is not None), None),
        raw=None if is_text else raw_of(message),
        reply_to=_id(context.get("id")) if isinstance(context, dict) else None,
    )


_STATUSES: Final = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.PLAYED,
    "failed": DeliveryStatus.FAILED,
}


def _status(account: str, report: dict[str, Any], people: _People) -> Item | None:
    if report.get("recipient_type") == "group":
        return Unhandled(account, "group_status", raw_of(report))
    word = report.get("status")
    if not isinstance(word, str):
        return None
    status = _STATUSES.get(word)
    if status is None:
        return Unhandled(account, _what("status", word), raw_of(report))
    provider_id = _id(report.get("id"))
    occurred_at = _moment(report.get("timestamp"))
    if provider_id is None or occurred_at is None:
        return None
    key = report.get("biz_opaque_callback_data")
    errors = report.get("errors")
    return Status(
        account=account,
        provider_id=provider_id,
        status=status,
        occurred_at=occurred_at,
        key=key if isinstance(key, str) and not _key_problems(key) else None,
        failure=_error_code(errors[0] if isinstance(errors, list) and errors else None)
        if status is DeliveryStatus.FAILED
        else None,
    )


def _error(account: str, error: dict[str, Any], people: _People) -> Item | None:
    return Unhandled(account, f"error:{_error_code(error)}", raw_of(error))


_Reader: TypeAlias = Callable[[str, dict[str, Any], _People], Item | None]
_READERS: Final[dict[str, tuple[str, _Reader]]] = {
    "messages": ("malformed_message", _message),
    "statuses": ("malformed_status", _status),
    "errors": ("malformed_error", _error),
}
"""The lists of a change that are read: what an unreadable item is called, and who reads one."""


# --- requests and their answers ------------------------------------------------------------------------------

_SCOPED: Final = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9.]+", re.ASCII)
"""A business-scoped user id: a country's two letters, a dot, and what follows."""


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
    address, words = to.reveal(), text.reveal()
    bad = list(_key_problems(key))
    if _address(address) is None:
        bad.append(Problem("to", "malformed", "M10"))
    if not words:
        bad.append(Problem("text", "empty", "M14"))
    elif SURROGATE.search(words):
        bad.append(Problem("text", "lone_surrogate", "M14"))
    if reply_to is not None and _id(reply_to) is None:
        bad.append(Problem("reply_to", "malformed", "M9"))
    if bad:
        raise InvalidValue(*bad)
    request = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient" if _SCOPED.fullmatch(address) else "to": address,
        **({} if reply_to is None else {"context": {"message_id": reply_to}}),
        "type": "text",
        "text": {"preview_url": False, "body": words},
        "biz_opaque_callback_data": key,
    }
    return compact(request).encode()


def _key_problems(key: str) -> list[Problem]:
    if not key:
        return [Problem("key", "empty", "M7")]
    if len(key) > CALLBACK_LENGTH:
        return [Problem("key", "too_long", "M7", limit=CALLBACK_LENGTH, actual=len(key))]
    return [Problem("key", "lone_surrogate", "M7")] if SURROGATE.search(key) else []


def read_send_response(body: bytes) -> str:
    """The provider's id of the message that a request sent: ``messages[0].id`` of its answer.

    Accepted is not delivered: statuses tell the rest. Rule: M2.

    Raises:
        InvalidValue: at ``messages[0].id``: ``missing``, when the answer names not exactly one message (an
            error's answer names none); at ``body``, as in `read_webhook`.
    """
    messages = document_of(body).get("messages")
    message = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    provider_id = _id(message.get("id")) if isinstance(message, dict) else None
    if provider_id is None:
        raise InvalidValue.of("messages[0].id", "missing")
    return provider_id


# --- single values -------------------------------------------------------------------------------------------

_PRINTABLE: Final = re.compile(r"[!-~]+")
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DIGITS: Final = re.compile(rf"[0-9]{{1,{JSON_DIGITS}}}")


def _id(value: Any, longest: int = ID_LENGTH) -> str | None:
    """A provider's id: printable ASCII without blanks, at most `longest` code points."""
    return value if isinstance(value, str) and len(value) <= longest and _PRINTABLE.fullmatch(value) else None


def _address(value: Any) -> str | None:
    return _id(value, ADDRESS_LENGTH)


def _account(value: Any) -> str | None:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    return _id(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None


def _moment(value: Any) -> datetime | None:
    """A moment from seconds since 1970, which come as a string of digits and sometimes as a number."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        return None
    try:
        return from_epoch(value, "timestamp")
    except InvalidValue:
        return None


def _error_code(error: Any) -> str:
    """The provider's number of an error; never its words, which may hold personal data."""
    code = error.get("code") if isinstance(error, dict) else None
    if type(code) is int and code >= 0:
        return str(code)
    return code if isinstance(code, str) and _DIGITS.fullmatch(code) else "unknown"


def _what(family: str, word: str) -> str:
    """A stable code from a provider's word; a word that is none of its usual ones stays out of it."""
    return f"{family}:{word}" if _WORD.fullmatch(word) else f"{family}:other"
