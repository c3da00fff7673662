"""Webhook calls: bytes in, a batch of items out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs

from chatcore.channels._json import document_of, raw_of
from chatcore.channels.items import (
    Batch,
    Echo,
    Edited,
    Ignored,
    Inbound,
    Item,
    Reaction,
    Revoked,
    Status,
    Unhandled,
)
from chatcore.channels.whatsapp._contents import Content, content_of
from chatcore.channels.whatsapp._values import (
    account_of,
    address_of,
    code_of,
    error_code,
    id_of,
    key_problems,
    moment_of,
)
from chatcore.channels.whatsapp.signing import check_signature
from chatcore.errors import InvalidValue, Problem
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private

__all__ = ["read_webhook"]


def read_webhook(body: bytes, *, signature: str | None, app_secret: bytes) -> Batch:
    """Read one webhook call; `signature` is its ``X-Hub-Signature-256`` header.

    Items keep the payload's order. What is none of the kinds of item comes as `Unhandled`, as does any item or
    part that cannot be read. Rule: M1, M2, M8, M9, M12, M18, M19.

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


# --- the envelope --------------------------------------------------------------------------------------------


def _entry(entry: Any) -> Iterator[Item]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list):
        yield Unhandled(None, "malformed_entry", raw_of(entry))
        return
    for change in changes:
        yield from _change(change)


def _change(change: Any) -> Iterator[Item]:
    field, value = (change.get("field"), change.get("value")) if isinstance(change, dict) else (None, None)
    account = account_of(value)
    readers = _FIELDS.get(field) if isinstance(field, str) else None
    if isinstance(field, str) and readers is None:
        yield Unhandled(account, code_of("change", field), raw_of(change))
    elif readers is None or account is None or not isinstance(value, dict):
        yield Unhandled(account, "malformed_change", raw_of(change))
    else:
        items = list(_parts(readers, account, value))
        yield from items or [Unhandled(account, f"change:{field}", raw_of(change))]


def _parts(readers: _Readers, account: str, value: dict[str, Any]) -> Iterator[Item]:
    """Read the lists of one change; what is not a list describes the change and tells nothing by itself."""
    people = _people(value.get("contacts"))
    for name, part in value.items():
        if name in readers and isinstance(part, list):
            what, read = readers[name]
            for item in part:
                known = read(account, item, people) if isinstance(item, dict) else None
                yield known or Unhandled(account, what, raw_of(item))
        elif name in readers and part is not None:
            yield Unhandled(account, f"malformed_{name}", raw_of(part))
        elif isinstance(part, list) and part and name != "contacts":
            yield Unhandled(account, code_of("part", name), raw_of(part))


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
        both = map(address_of, (contact.get("wa_id"), contact.get("user_id")))
        addresses = [address for address in both if address is not None]
        found.append(addresses[0] if addresses else None)
        profile = contact.get("profile")
        name = profile.get("name") if isinstance(profile, dict) else None
        if isinstance(name, str) and name:
            names.update((address, Private(name)) for address in addresses)
    return _People(names, found[0] if len(found) == 1 else None)


# --- messages, ways to change one, and echoes ----------------------------------------------------------------


@attrs.frozen(slots=True)
class _Head:
    """What tells one message: whose, with whom, which and when; and the names it knows the customer by."""

    account: str
    address: Private
    provider_id: str
    sent_at: datetime
    known_as: tuple[str, ...]


def _head(account: str, message: dict[str, Any], people: _People, *members: str) -> _Head | None:
    """Read the head of a message; the customer's address stands in the first of `members` that is there."""
    known_as = [told for told in map(message.get, members) if told not in (None, "")]
    address = address_of(known_as[0] if known_as else people.only)
    provider_id = id_of(message.get("id"))
    sent_at = moment_of(message.get("timestamp"))
    if address is None or provider_id is None or sent_at is None or message.get("group_id") not in (None, ""):
        return None
    words = tuple(told for told in (*known_as, address) if isinstance(told, str))
    return _Head(account, Private(address), provider_id, sent_at, words)


def _message(account: str, message: dict[str, Any], people: _People) -> Item | None:
    if elsewhere := _elsewhere(message, "from"):
        return Ignored(account, f"{elsewhere}_message")
    head = _head(account, message, people, "from", "from_user_id")
    if head is None:
        return None
    word = message.get("type")
    if isinstance(word, str) and word in _ACTS:
        body = message.get(word)
        act = _ACTS[word](head, body) if isinstance(body, dict) else None
        return act or Unhandled(account, f"malformed_{word}", raw_of(message))
    content = content_of(message) or _UNKNOWN
    context = message.get("context")
    return Inbound(
        account=account,
        address=head.address,
        provider_id=head.provider_id,
        sent_at=head.sent_at,
        kind=content.kind,
        text=content.text,
        name=next((people.names[told] for told in head.known_as if told in people.names), None),
        raw=raw_of(message) if content is _UNKNOWN else None,
        reply_to=id_of(context.get("id")) if isinstance(context, dict) else None,
        media=content.media,
    )


def _echo(account: str, message: dict[str, Any], people: _People) -> Item | None:
    if elsewhere := _elsewhere(message, "to"):
        return Ignored(account, f"{elsewhere}_echo")
    head = _head(account, message, people, "to", "to_user_id")
    if head is None:
        return None
    word = message.get("type")
    if isinstance(word, str) and word in _ACTS:
        return Unhandled(account, f"echo:{word}", raw_of(message))
    content = content_of(message) or _UNKNOWN
    return Echo(
        account=account,
        address=head.address,
        provider_id=head.provider_id,
        sent_at=head.sent_at,
        kind=content.kind,
        text=content.text,
        media=content.media,
        raw=raw_of(message) if content is _UNKNOWN else None,
    )


_UNKNOWN: Final = Content(MessageKind.UNKNOWN, None, None)


def _reaction(head: _Head, reaction: dict[str, Any]) -> Item | None:
    target, emoji = id_of(reaction.get("message_id")), reaction.get("emoji")
    if target is None or not (emoji is None or isinstance(emoji, str)):
        return None
    put = Private(emoji) if emoji else None
    return Reaction(head.account, head.address, head.provider_id, head.sent_at, target, put)


def _edited(head: _Head, edit: dict[str, Any]) -> Item | None:
    target, message = id_of(edit.get("original_message_id")), edit.get("message")
    content = content_of(message) if isinstance(message, dict) else None
    if target is None or content is None:
        return None
    text = content.text or Private("")
    return Edited(head.account, head.address, head.provider_id, head.sent_at, target, text)


def _revoked(head: _Head, revocation: dict[str, Any]) -> Item | None:
    target = id_of(revocation.get("original_message_id"))
    if target is None:
        return None
    return Revoked(head.account, head.address, head.provider_id, head.sent_at, target)


_ACTS: Final[dict[str, Callable[[_Head, dict[str, Any]], Item | None]]] = {
    "reaction": _reaction,
    "edit": _edited,
    "revoke": _revoked,
}
"""The types of message that say nothing themselves and change another. Rule: M9, M18."""


_ELSEWHERE: Final = {"g.us": "group", "broadcast": "broadcast", "newsletter": "newsletter"}
"""The ends of WhatsApp's addresses, after the at sign, that are no single customer's."""


def _elsewhere(item: dict[str, Any], member: str) -> str | None:
    """Where an item belongs that is no part of a conversation with one customer. Rule: M19."""
    group, address = item.get("group_id"), item.get(member)
    if (isinstance(group, str) and group) or item.get("recipient_type") == "group":
        return "group"
    _, at, end = address.rpartition("@") if isinstance(address, str) else ("", "", "")
    return _ELSEWHERE.get(end) if at else None


# --- statuses and errors -------------------------------------------------------------------------------------

_STATUSES: Final = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.PLAYED,
    "failed": DeliveryStatus.FAILED,
}


def _status(account: str, report: dict[str, Any], people: _People) -> Item | None:
    if elsewhere := _elsewhere(report, "recipient_id"):
        return Ignored(account, f"{elsewhere}_status")
    word = report.get("status")
    if not isinstance(word, str):
        return None
    status = _STATUSES.get(word)
    if status is None:
        return Unhandled(account, code_of("status", word), raw_of(report))
    provider_id = id_of(report.get("id"))
    occurred_at = moment_of(report.get("timestamp"))
    if provider_id is None or occurred_at is None:
        return None
    key = report.get("biz_opaque_callback_data")
    errors = report.get("errors")
    return Status(
        account=account,
        provider_id=provider_id,
        status=status,
        occurred_at=occurred_at,
        key=key if isinstance(key, str) and not key_problems(key) else None,
        failure=error_code(errors[0] if isinstance(errors, list) and errors else None)
        if status is DeliveryStatus.FAILED
        else None,
    )


def _error(account: str, error: dict[str, Any], people: _People) -> Item | None:
    return Unhandled(account, f"error:{error_code(error)}", raw_of(error))


_Reader: TypeAlias = Callable[[str, dict[str, Any], _People], Item | None]
_Readers: TypeAlias = dict[str, tuple[str, _Reader]]
_FIELDS: Final[dict[str, _Readers]] = {
    "messages": {
        "messages": ("malformed_message", _message),
        "statuses": ("malformed_status", _status),
        "errors": ("malformed_error", _error),
    },
    "smb_message_echoes": {
        "message_echoes": ("malformed_echo", _echo),
        "errors": ("malformed_error", _error),
    },
}
"""The fields that are read, with the lists of each: what an unreadable item is called, and who reads one."""
