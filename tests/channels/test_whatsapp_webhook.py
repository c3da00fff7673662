"""WhatsApp Cloud payloads: what is read, what is refused, and that nothing is lost between the two."""

from __future__ import annotations

import base64
import contextlib
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.channels.items import Echo, Edited, Ignored, Inbound, Reaction, Revoked, Status, Unhandled
from chatcore.channels.whatsapp import read_send_response
from chatcore.errors import InvalidValue
from chatcore.limits import ADDRESS_LENGTH, CALLBACK_LENGTH, ID_LENGTH, JSON_DEPTH, JSON_DIGITS, PAYLOAD_BYTES
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private
from tests.channels.webhooks import (
    ACCOUNT,
    ECHOES,
    EXAMPLES,
    KINDS,
    MARIA,
    PAYLOADS,
    SCOPED,
    WEBHOOKS,
    bent_bodies,
    bent_changes,
    change,
    dumped,
    echo,
    echoed,
    hook,
    message,
    near,
    only,
    read,
    read_file,
    said,
    sent,
)


def refusal(body: bytes) -> tuple[str, str]:
    with pytest.raises(InvalidValue) as caught:
        read(body)
    (problem,) = caught.value.problems
    return problem.path, problem.code


# --- what is read --------------------------------------------------------------------------------------------


def test_text_is_read_with_its_sender_and_moment() -> None:
    """A text becomes an inbound item, emoji and all. Rule: M4, M10, S22."""
    batch = read_file("text")
    assert batch.channel_kind is ChannelKind.WHATSAPP_CLOUD
    (item,) = batch.items
    assert isinstance(item, Inbound)
    assert item.account == ACCOUNT
    assert item.address == Private(MARIA)
    assert item.provider_id.startswith("wamid.")
    assert item.sent_at == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert item.kind is MessageKind.TEXT
    assert item.text == Private("Olá! Meu boleto não chegou 😕")
    assert item.name == Private("Maria Silva")
    assert item.raw is None
    assert item.reply_to is None


def test_reply_points_at_the_message_it_answers() -> None:
    """A reply carries the provider's id of the message it answers; a forwarded one carries none. Rule: M9."""
    (reply,) = read_file("text-reply").items
    (forwarded,) = read_file("text-forwarded").items
    assert isinstance(reply, Inbound)
    assert isinstance(forwarded, Inbound)
    assert reply.reply_to is not None
    assert reply.reply_to.startswith("wamid.")
    assert forwarded.reply_to is None


def test_sender_without_a_number_is_known_by_the_channels_own_user_id() -> None:
    """A customer who hides the number still has an address and a name. Rule: M11."""
    (item,) = read_file("text-no-number").items
    assert isinstance(item, Inbound)
    assert item.address == Private(SCOPED)
    assert item.name == Private("Maria Silva")


def test_number_comes_before_the_user_id() -> None:
    """With both, the address is the number. Rule: M10."""
    (item,) = read_file("text-number-and-user-id").items
    assert isinstance(item, Inbound)
    assert item.address == Private(MARIA)


def test_message_without_a_sender_belongs_to_the_only_contact() -> None:
    """Some messages name their sender in the contact only; with two contacts nobody can tell. Rule: M8, M11."""
    contacts = [{"user_id": SCOPED, "profile": {"name": "Maria"}}, {"wa_id": "555198765432"}]
    anonymous = message(**{"from": ...})
    known = only(hook(change({"contacts": contacts[:1], "messages": [anonymous]})))
    assert (known.address, known.name) == (Private(SCOPED), Private("Maria"))
    lost = only(hook(change({"contacts": contacts, "messages": [anonymous]})))
    assert (type(lost), lost.what) == (Unhandled, "malformed_message")


def test_name_belongs_to_the_contact_with_the_senders_address() -> None:
    """Nobody gets another contact's name. Rule: M10."""
    contacts = [{"wa_id": "555198765432", "profile": {"name": "João"}}]
    assert only(hook(change({"contacts": contacts, "messages": [message()]}))).name is None


@pytest.mark.parametrize(
    "contacts",
    [
        None,
        7,
        "x",
        [None],
        [7],
        [{}],
        [{"wa_id": 5}],
        [{"wa_id": MARIA, "profile": {"name": 5}}],
        [{"wa_id": MARIA}],
    ],
)
def test_unreadable_contact_costs_the_name_only(contacts: object) -> None:
    """A message counts more than its sender's name. Rule: M8."""
    item = only(hook(change({"contacts": contacts, "messages": [message()]})))
    assert (item.address, item.text, item.name) == (Private(MARIA), Private("Oi"), None)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("sent", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("played", DeliveryStatus.PLAYED),
    ],
)
def test_status_is_read_with_the_key_we_gave(name: str, status: DeliveryStatus) -> None:
    """A status names the message, how far it came, and the key that was sent with it. Rule: M2, M7."""
    (item,) = read_file(f"status-{name}").items
    assert isinstance(item, Status)
    assert item.account == ACCOUNT
    assert item.status is status
    assert item.provider_id.startswith("wamid.")
    assert item.occurred_at.tzinfo is UTC
    assert item.key == "ef_01JP0000000000000000000001"
    assert item.failure is None


def test_failed_status_carries_the_code_and_no_words() -> None:
    """The provider's words about a failure may hold a number; its code cannot. Rule: M2."""
    (item,) = read_file("status-failed").items
    assert isinstance(item, Status)
    assert (item.status, item.failure) == (DeliveryStatus.FAILED, "131047")
    assert MARIA not in repr(item)


@pytest.mark.parametrize(
    ("errors", "failure"),
    [
        (None, "unknown"),
        ([], "unknown"),
        ([{}], "unknown"),
        ([{"code": True}], "unknown"),
        ([{"code": "Maria 5511987654321"}], "unknown"),
        ([{"code": -1}], "unknown"),
        ([{"code": "131026"}], "131026"),
        ([{"code": 131026}, {"code": 1}], "131026"),
    ],
)
def test_failure_always_has_a_code(errors: object, failure: str) -> None:
    """A failure is never taken for none because its code is missing. Rule: M2."""
    report = {"id": "wamid.A", "status": "failed", "timestamp": "1", "errors": errors}
    assert only(hook(change({"statuses": [report]}))).failure == failure


@pytest.mark.parametrize("key", [None, 5, {"a": 1}, "", "k" * (CALLBACK_LENGTH + 1), "\ud800"])
def test_status_with_a_foreign_key_has_none(key: object) -> None:
    """A key that cannot be ours does not cost the status. Rule: M7."""
    report = {"id": "wamid.A", "status": "sent", "timestamp": "1", "biz_opaque_callback_data": key}
    item = only(hook(change({"statuses": [report]})))
    assert (item.status, item.key) == (DeliveryStatus.SENT, None)


@pytest.mark.parametrize("name", ["location", "unsupported", "system"])
def test_kind_that_is_not_read_is_kept_as_it_came(name: str) -> None:
    """A message of another kind arrives as UNKNOWN, with its own JSON. Rule: M8."""
    body = (PAYLOADS / f"unknown-{name}.json").read_bytes()
    (item,) = read(body).items
    assert isinstance(item, Inbound)
    assert (item.kind, item.text) == (MessageKind.UNKNOWN, None)
    assert item.raw is not None
    came = json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]
    assert json.loads(item.raw.reveal()) == came
    assert list(json.loads(item.raw.reveal())) == list(came)
    assert ": " not in item.raw.reveal().split('"body"')[0]


@pytest.mark.parametrize("text", [..., None, "Oi", {}, {"body": None}, {"body": 5}, {"body": ["Oi"]}])
def test_text_that_cannot_be_read_is_an_unknown_message(text: object) -> None:
    """A message we can place but not read is shown as unknown instead of lost. Rule: M8."""
    item = only(hook(change({"messages": [message(text=text)]})))
    assert (item.kind, item.text) == (MessageKind.UNKNOWN, None)
    assert json.loads(item.raw.reveal()) == message(text=text)


@pytest.mark.parametrize("body", ["", "\x00", "\ud83d", "a" * 100_000, "\u202e", "{{name}}"])
def test_text_is_never_refused_for_what_it_says(body: str) -> None:
    """Strange text passes as it came; it is repaired where the repair can be flagged. Rule: M14."""
    assert only(hook(change({"messages": [message(text={"body": body})]}))).text == Private(body)


def test_what_is_kept_can_be_stored() -> None:
    """What is kept of an unknown message is valid JSON and UTF-8, whatever it holds. Rule: M8, M14."""
    odd = message(
        type="odd", text=..., odd={"a": "\ud83d", "b": "\x00\n", "c": "ção 😊", "d": [1.5, -0.25, 10**19]}
    )
    raw = only(hook(change({"messages": [odd]}))).raw.reveal()
    assert json.loads(raw.encode()) == odd
    assert "ção 😊" in raw
    assert "\x00" not in raw


# --- what changes a message ----------------------------------------------------------------------------------


def test_reaction_names_the_message_it_is_put_on() -> None:
    """A reaction is no message of its own: it tells which message, and which emoji. Rule: M9, S22."""
    (item,) = read_file("unknown-reaction").items
    assert isinstance(item, Reaction)
    assert (item.account, item.address, item.emoji) == (ACCOUNT, Private(MARIA), Private("👍"))
    assert item.target.startswith("wamid.")
    assert item.target != item.provider_id
    assert item.sent_at == datetime(2026, 3, 10, 12, 8, tzinfo=UTC)


@pytest.mark.parametrize("emoji", [{}, {"emoji": ""}, {"emoji": None}])
def test_reaction_without_an_emoji_takes_it_off(emoji: dict[str, object]) -> None:
    """An emoji that is absent or empty removes the reaction. Rule: M9."""
    item = only(said(sent("reaction", {"message_id": "wamid.B", **emoji})))
    assert (type(item), item.target, item.emoji) == (Reaction, "wamid.B", None)


def test_edit_carries_the_new_text() -> None:
    """A customer's edit names the message and what it says from now on. Rule: M18."""
    (item,) = read_file("unknown-edit").items
    assert isinstance(item, Edited)
    assert (item.address, item.text) == (Private(MARIA), Private("Meu boleto de abril não chegou"))
    assert item.target.startswith("wamid.")
    assert item.target != item.provider_id


@pytest.mark.parametrize(("caption", "text"), [({"caption": "Agora sim"}, "Agora sim"), ({}, "")])
def test_edit_of_a_file_changes_its_caption(caption: dict[str, str], text: str) -> None:
    """Of a file its caption may be changed, or taken away. Rule: M18."""
    image = {"type": "image", "image": {"id": "1003", "mime_type": "image/jpeg", **caption}}
    item = only(said(sent("edit", {"original_message_id": "wamid.B", "message": image})))
    assert (type(item), item.target, item.text) == (Edited, "wamid.B", Private(text))


def test_revocation_names_what_is_taken_back() -> None:
    """A customer's deletion names the message. Rule: M18."""
    item = only(said(sent("revoke", {"original_message_id": "wamid.B"}, id="wamid.C")))
    assert (type(item), item.target, item.provider_id) == (Revoked, "wamid.B", "wamid.C")
    assert item.address == Private(MARIA)


TEXT = {"type": "text", "text": {"body": "Oi"}}


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("reaction", ...),
        ("reaction", "👍"),
        ("reaction", {"emoji": "👍"}),
        ("reaction", {"message_id": 5, "emoji": "👍"}),
        ("reaction", {"message_id": "wamid.B", "emoji": 5}),
        ("edit", ...),
        ("edit", {"message": TEXT}),
        ("edit", {"original_message_id": "wamid.B"}),
        ("edit", {"original_message_id": "wamid.B", "message": "Oi"}),
        ("edit", {"original_message_id": "wamid.B", "message": {"type": "text"}}),
        ("edit", {"original_message_id": "wamid.B", "message": {"type": "location", "location": {}}}),
        ("revoke", ...),
        ("revoke", {}),
        ("revoke", {"original_message_id": ""}),
    ],
)
def test_change_that_cannot_be_read_is_kept(word: str, body: object) -> None:
    """What changes a message, and does not tell which or how, is kept as it came. Rule: M8, M9, M18."""
    came = sent(word, body)
    item = only(said(came))
    assert (type(item), item.account, item.what) == (Unhandled, ACCOUNT, f"malformed_{word}")
    assert json.loads(item.raw.reveal()) == came


@pytest.mark.parametrize("word", ["reaction", "edit", "revoke"])
def test_change_that_cannot_be_placed_is_kept(word: str) -> None:
    """A reaction, an edit or a revocation of nobody's is kept as it came. Rule: M8."""
    item = only(said(sent(word, {"original_message_id": "wamid.B", "message_id": "wamid.B"}, timestamp=...)))
    assert (type(item), item.what) == (Unhandled, "malformed_message")


# --- echoes --------------------------------------------------------------------------------------------------


def test_echo_belongs_to_the_customer_it_went_to() -> None:
    """A message sent from the phone beside the API is ours; its address is the customer's. Rule: M10, M12."""
    (item,) = read_file("echo").items
    assert isinstance(item, Echo)
    assert (item.account, item.address) == (ACCOUNT, Private(MARIA))
    assert (item.kind, item.text) == (MessageKind.TEXT, Private("Respondido pelo celular"))
    assert (item.media, item.raw) == (None, None)
    assert item.sent_at == datetime(2026, 3, 10, 12, 13, tzinfo=UTC)
    assert item.provider_id.startswith("wamid.")


def test_echo_to_a_customer_without_a_number_has_the_scoped_id() -> None:
    """Where the number is hidden, the customer is known by the channel's own user id. Rule: M11, M12."""
    assert only(echoed(echo(to=..., to_user_id=SCOPED))).address == Private(SCOPED)
    assert only(echoed(echo(to_user_id=SCOPED))).address == Private(MARIA)


def test_echo_carries_what_any_message_may() -> None:
    """A file is read in an echo as in a message; another kind is kept whole. Rule: M8, M12, M17."""
    image = {"id": "1003", "mime_type": "image/jpeg", "caption": "A fatura"}
    item = only(echoed(echo(type="image", text=..., image=image)))
    assert (item.kind, item.text, item.media.reference) == (MessageKind.IMAGE, Private("A fatura"), "1003")
    place = echo(type="location", text=..., location={"latitude": -30, "longitude": -51})
    item = only(echoed(place))
    assert (type(item), item.kind, item.text, item.media) == (Echo, MessageKind.UNKNOWN, None, None)
    assert json.loads(item.raw.reveal()) == place


@pytest.mark.parametrize("word", ["reaction", "edit", "revoke"])
def test_change_made_from_the_phone_is_kept_unhandled(word: str) -> None:
    """What the phone does to a message is no message, and is kept as it came. Rule: M8, M12."""
    came = echo(type=word, text=..., **{word: {"original_message_id": "wamid.B", "message_id": "wamid.B"}})
    item = only(echoed(came))
    assert (type(item), item.what) == (Unhandled, f"echo:{word}")
    assert json.loads(item.raw.reveal()) == came


# --- what is counted and ignored -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "what"), [("group", "group_message"), ("status-group", "group_status")])
def test_group_is_counted_and_ignored(name: str, what: str) -> None:
    """Of a group's message or status nothing is kept but that there was one. Rule: M19."""
    assert read_file(name).items == (Ignored(ACCOUNT, what),)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (said(message(**{"from": "status@broadcast"})), "broadcast_message"),
        (said(message(**{"from": "120363144038483540@newsletter"})), "newsletter_message"),
        (said(message(**{"from": "120363144038483540@g.us"})), "group_message"),
        (said(sent("reaction", {"message_id": "wamid.B", "emoji": "👍"}, group_id="Y2Fw")), "group_message"),
        (echoed(echo(group_id="Y2Fw")), "group_echo"),
        (echoed(echo(to="Y2Fw", recipient_type="group")), "group_echo"),
        (echoed(echo(to="status@broadcast")), "broadcast_echo"),
        (hook(change({"statuses": [{"recipient_id": "1@newsletter", "status": "sent"}]})), "newsletter_status"),
    ],
)
def test_what_no_single_customer_said_is_counted_and_ignored(body: bytes, what: str) -> None:
    """Groups, status broadcasts and newsletters make no item that could open a conversation. Rule: M19."""
    assert only(body) == Ignored(ACCOUNT, what)


@pytest.mark.parametrize("address", ["broadcast", "newsletter", "maria@g.us.example"])
def test_address_that_only_looks_like_a_group_is_a_customers(address: str) -> None:
    """Only the end after the at sign tells a group, a broadcast or a newsletter. Rule: M10, M19."""
    assert only(said(message(**{"from": address}))).address == Private(address)


# --- what is kept unhandled ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("account-update", "change:account_update"),
        ("errors", "error:130429"),
    ],
)
def test_everything_else_is_kept_with_a_code(name: str, what: str) -> None:
    """Account news and errors are kept as they came. Rule: M8."""
    (item,) = read_file(name).items
    assert isinstance(item, Unhandled)
    assert item.what == what
    assert item.account == (None if name == "account-update" else ACCOUNT)
    assert json.loads(item.raw.reveal())


def test_status_word_nobody_knows_is_kept() -> None:
    """An unknown status is kept beside a known one, in order. Rule: M2, M8."""
    warning, sent = read_file("status-other").items
    assert isinstance(warning, Unhandled)
    assert warning.what == "status:warning"
    assert isinstance(sent, Status)


@pytest.mark.parametrize("word", ["", "Maria Silva", "x" * 41, "5511987654321", "é", "A", "a\n"])
def test_code_never_holds_a_strange_word(word: str) -> None:
    """A code stays short and free of personal data, whatever word the payload uses. Rule: M8."""
    assert only(hook(change({}, word))).what == "change:other"
    report = {"id": "wamid.A", "status": word, "timestamp": "1"}
    assert only(hook(change({"statuses": [report]}))).what == "status:other"
    assert only(hook(change({word: [1]}))).what == "part:other"


def test_list_nobody_knows_is_kept_beside_the_messages() -> None:
    """A new list in a change is kept; what only describes the change is not an item. Rule: M8."""
    items = read(hook(change({"version": 2, "later": [], "news": [1], "messages": [message()]}))).items
    assert [getattr(item, "what", "message") for item in items] == ["part:news", "message"]


def test_change_that_tells_nothing_is_kept() -> None:
    """Contacts alone are no item, and still are not dropped. Rule: M8."""
    item = only(hook(change({"contacts": [{"wa_id": MARIA}], "messages": [], "errors": None})))
    assert (item.account, item.what) == (ACCOUNT, "change:messages")
    assert MARIA in item.raw.reveal()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (dumped({"object": "whatsapp_business_account", "entry": [7]}), "malformed_entry"),
        (dumped({"object": "whatsapp_business_account", "entry": [{"changes": {}}]}), "malformed_entry"),
        (hook(7), "malformed_change"),
        (hook({}), "malformed_change"),
        (hook(change({}, 5)), "malformed_change"),
        (hook(change([])), "malformed_change"),
        (hook(change({"metadata": {"phone_number_id": 5}, "messages": [message()]})), "malformed_change"),
        (hook(change({"metadata": None, "messages": [message()]})), "malformed_change"),
        (hook(change({"messages": {}})), "malformed_messages"),
        (hook(change({"statuses": "sent"})), "malformed_statuses"),
        (hook(change({"errors": 5})), "malformed_errors"),
        (hook(change({"messages": [None]})), "malformed_message"),
        (hook(change({"messages": [{}]})), "malformed_message"),
        (hook(change({"statuses": [[]]})), "malformed_status"),
        (hook(change({"statuses": [{"status": 5}]})), "malformed_status"),
        (hook(change({"statuses": [{"status": "sent", "timestamp": "1"}]})), "malformed_status"),
        (hook(change({"statuses": [{"status": "sent", "id": "a"}]})), "malformed_status"),
        (hook(change({"errors": ["x"]})), "malformed_error"),
        (hook(change({"message_echoes": {}}, ECHOES)), "malformed_message_echoes"),
        (hook(change({"message_echoes": [None]}, ECHOES)), "malformed_echo"),
        (hook(change({"metadata": None, "message_echoes": [echo()]}, ECHOES)), "malformed_change"),
        (hook(change({}, ECHOES)), "change:smb_message_echoes"),
        (hook(change({"messages": [message()]}, ECHOES)), "part:messages"),
        (hook(change({"message_echoes": [echo()]})), "part:message_echoes"),
    ],
)
def test_part_with_the_wrong_type_is_kept(body: bytes, what: str) -> None:
    """Wrong types inside a good body cost that part only. Rule: M8."""
    item = only(body)
    assert isinstance(item, Unhandled)
    assert item.what == what


@pytest.mark.parametrize(
    "members",
    [
        {"from": 5511987654321},
        {"from": "tem espaço"},
        {"from": "9" * (ADDRESS_LENGTH + 1)},
        {"from": ...},
        {"id": ...},
        {"id": 5},
        {"id": ""},
        {"id": "wamid.\x00"},
        {"id": "w" * (ID_LENGTH + 1)},
        {"timestamp": ...},
        {"timestamp": "ontem"},
        {"timestamp": "-1"},
        {"timestamp": "٣"},
        {"timestamp": 1.5},
        {"timestamp": True},
        {"timestamp": "9" * JSON_DIGITS},
        {"group_id": 7},
    ],
)
def test_message_that_cannot_be_placed_is_kept(members: dict[str, object]) -> None:
    """Without a sender, an id or a moment a message is kept as it came. Rule: M8."""
    item = only(hook(change({"messages": [message(**members)]})))
    assert isinstance(item, Unhandled)
    assert item.what == "malformed_message"
    assert json.loads(item.raw.reveal()) == message(**members)
    strayed = echo(**({"to": members["from"]} if "from" in members else members))
    item = only(echoed(strayed))
    assert (type(item), item.what) == (Unhandled, "malformed_echo")
    assert json.loads(item.raw.reveal()) == strayed


def test_one_poison_item_never_blocks_the_others() -> None:
    """The neighbours of an item that cannot be read pass, in order. Rule: M8."""
    before, poison, after = read_file("poison").items
    assert isinstance(before, Inbound)
    assert isinstance(poison, Unhandled)
    assert isinstance(after, Inbound)
    assert (before.text, after.text) == (Private("Antes"), Private("Depois"))
    assert poison.what == "malformed_message"
    assert "ontem" in poison.raw.reveal()


def test_items_keep_the_payloads_order_across_entries_changes_and_accounts() -> None:
    """Several entries, changes and accounts in one call come out in the order they stand. Rule: M4."""
    first, second, status, third = read_file("many").items
    assert isinstance(first, Inbound)
    assert isinstance(second, Inbound)
    assert isinstance(status, Status)
    assert isinstance(third, Inbound)
    assert [i.text for i in (first, second, third)] == [
        Private("Primeira"),
        Private("Segunda"),
        Private("Terceira"),
    ]
    assert (first.account, third.account) == (ACCOUNT, "106540352242999")


# --- what is refused as a whole ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (b"", "body", "not_json"),
        (b"oi", "body", "not_json"),
        (b'{"object": "whatsapp_business_account"', "body", "not_json"),
        (b"\xef\xbb\xbf{}", "body", "not_json"),
        (b'{"a": NaN}', "body", "not_json"),
        (b'{"a": -Infinity}', "body", "not_json"),
        (b'{"a": "\n"}', "body", "not_json"),
        (b'{"a": "\xed\xa0\x80"}', "body", "not_utf8"),
        (b"\xff\xfe{\x00}\x00", "body", "not_utf8"),
        (b'{"a": 1e400}', "body", "number_out_of_range"),
        (b'{"a": -%s}' % (b"9" * (JSON_DIGITS + 1)), "body", "number_out_of_range"),
        (b'{"a": %s}' % (b"9" * 10_000), "body", "number_out_of_range"),
        (b'{"a": 1, "a": 1}', "body", "duplicate_key"),
        (b'{"entry": [{"b": 1, "b": 2}]}', "body", "duplicate_key"),
        (b"[]", "body", "not_an_object"),
        (b"null", "body", "not_an_object"),
        (b"7", "body", "not_an_object"),
        (b'{"object": "page", "entry": []}', "object", "wrong_object"),
        (b'{"object": "whatsapp_business_account", "entry": {}}', "entry", "not_a_list"),
        (b'{"object": "whatsapp_business_account"}', "entry", "not_a_list"),
    ],
)
def test_body_that_is_not_the_providers_is_refused(body: bytes, path: str, code: str) -> None:
    """What is no webhook of this provider gets one typed error."""
    assert refusal(body) == (path, code)


def test_all_wrong_members_are_told_at_once() -> None:
    """The error names every bad member of the body, not only the first."""
    with pytest.raises(InvalidValue) as caught:
        read(b"{}")
    assert [p.path for p in caught.value.problems] == ["object", "entry"]


def test_size_is_bounded() -> None:
    """A body of the largest size passes, one byte more does not."""
    frame = hook()
    assert read(frame + b" " * (PAYLOAD_BYTES - len(frame))).items == ()
    assert refusal(frame + b" " * (PAYLOAD_BYTES - len(frame) + 1)) == ("body", "too_long")


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"":'])
def test_depth_is_bounded_before_parsing(opening: bytes) -> None:
    """A megabyte of opening brackets is refused by its depth, on every Python alike."""
    assert refusal(opening * (1_000_000 // len(opening))) == ("body", "too_deep")


def test_depth_counts_brackets_outside_text_only() -> None:
    """The deepest allowed nesting passes; brackets that a customer types count for nothing. Rule: S22."""
    deep: Any = "[" * 1000 + '\\"{{{'
    for _ in range(JSON_DEPTH - 8):
        deep = [deep]
    body = hook(change({"messages": [message(type="odd", odd=deep)]}))
    assert only(body).kind is MessageKind.UNKNOWN
    assert refusal(hook(change({"messages": [message(type="odd", odd=[deep])]}))) == ("body", "too_deep")


@pytest.mark.parametrize("body", [b'"' + b'\\"' * 1_000_000, b'"a' * 1_000_000, b"[],{}" * 500_000])
def test_hostile_body_costs_linear_time(body: bytes) -> None:
    """Endless strings and endless small lists are refused without a long search."""
    assert refusal(body) == ("body", "not_json")


def test_error_tells_nothing_of_the_body() -> None:
    """A refused body shows in no part of its error. Rule: M14, and DESIGN's law on errors."""
    body = b'{"object": "whatsapp_business_account", "text": "5511987654321 \xff'
    for broken in (body, body[:-1], body[:-1] + b'", "text": 1, "entry": []}'):
        with pytest.raises(InvalidValue) as caught:
            read(broken)
        error = caught.value
        assert MARIA not in repr(error) + str(error) + repr(error.document())
        assert error.__cause__ is None
        assert error.__context__ is None
        assert pickle.loads(pickle.dumps(error)).problems == error.problems


# --- laws ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda p: p.stem)
def test_documented_payloads_are_read_and_show_nothing_personal(path: Path) -> None:
    """Every sample payload is read, twice alike, and its items' repr holds no number, name or word.

    Rule: M1, M8. WhatsApp's message ids hold the number in base64, so they are not shown either.
    """
    body = path.read_bytes()
    batch = read(body)
    assert batch.items
    assert batch == read(body)
    shown = repr(batch)
    for personal in ("5511987654321", "555198765432", "Maria", "João", "boleto", "internet", "wamid", SCOPED):
        assert personal not in shown
    assert base64.b64encode(MARIA.encode()).decode()[:16] not in shown


def test_the_demos_payloads_are_what_their_names_say() -> None:
    """The day of the demo: Maria twice, João once, Maria again, a location from João, and reports. Rule: M8."""
    read_all = [read(p.read_bytes()).items for p in sorted(EXAMPLES.glob("*.json"))]
    items: list[Any] = [item for (item,) in read_all[:5]]
    assert [i.name.reveal().split()[0] for i in items] == ["Maria", "Maria", "João", "Maria", "João"]
    assert [i.kind for i in items] == [MessageKind.TEXT] * 4 + [MessageKind.UNKNOWN]
    assert len({i.provider_id for i in items}) == 5
    assert [i.sent_at for i in items] == sorted(i.sent_at for i in items)
    reports: list[Any] = list(read_all[5])
    assert [r.status for r in reports] == [DeliveryStatus.READ, DeliveryStatus.DELIVERED]


@given(st.binary(max_size=300))
@example(b'{"a":"\\ud800"}')
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Whatever arrives, nothing but InvalidValue escapes."""
    for reader in (read, read_send_response):
        with contextlib.suppress(InvalidValue):
            reader(body)


@given(bent_bodies)
def test_anything_near_a_payload_is_read_or_refused(document: Any) -> None:
    """A payload bent anywhere gives a batch or InvalidValue, twice alike, and can be stored. Rule: M8, M14."""
    body = dumped(document)
    try:
        batch = read(body)
    except InvalidValue:
        return
    assert batch == read(body)
    for item in batch.items:
        raw = getattr(item, "raw", None)
        if raw is not None:
            json.loads(raw.reveal().encode())


@given(st.sampled_from(KINDS), st.data())
def test_each_message_makes_one_item_that_says_it_all_or_keeps_it(
    kind: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever a message or an echo is bent to, it is one item; one not understood is whole. Rule: M8, M12."""
    bent = [data.draw(st.one_of(near(kind), near({**kind, "to": MARIA}))) for _ in range(2)]
    for body in (said(*bent), echoed(*bent)):
        try:
            items = read(body).items
        except InvalidValue:  # Two halves of one character that become it can make two keys the same.
            continue
        assert len(items) == len(bent)
        for item, came in zip(items, bent, strict=True):
            understood = isinstance(item, Reaction | Edited | Revoked | Ignored) or (
                isinstance(item, Inbound | Echo) and item.kind is not MessageKind.UNKNOWN
            )
            raw = getattr(item, "raw", None)
            assert (raw is None) is understood
            assert raw is None or json.loads(raw.reveal()) == json.loads(json.dumps(came))


@given(st.lists(bent_changes, max_size=3), st.lists(bent_changes, max_size=3))
def test_neighbours_do_not_change_how_a_message_is_read(before: list[Any], after: list[Any]) -> None:
    """A good message reads the same whatever stands around it, and every change tells something. Rule: M8."""
    good = change({"messages": [message(id="wamid.good")]})
    batch = read(hook(*before, good, *after))
    (alone,) = read(hook(good)).items
    assert alone in batch.items
    assert len(batch.items) > len(before) + len(after)
