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

from chatcore.channels.items import Batch, Inbound, Status, Unhandled
from chatcore.channels.whatsapp import (
    check_signature,
    read_send_response,
    read_webhook,
    signature_of,
    text_request,
)
from chatcore.errors import InvalidValue
from chatcore.limits import ADDRESS_LENGTH, CALLBACK_LENGTH, ID_LENGTH, JSON_DEPTH, JSON_DIGITS, PAYLOAD_BYTES
from chatcore.vocabulary import ChannelKind, DeliveryStatus, MessageKind, Private

SECRET = b"not-a-real-app-secret"
ACCOUNT = "106540352242922"
MARIA = "5511987654321"
SCOPED = "BR.13491208655302741918"
ROOT = Path(__file__).parents[2]
PAYLOADS = ROOT / "tests" / "payloads"
EXAMPLES = ROOT / "docs" / "examples" / "payloads"
WEBHOOKS = sorted(
    [p for p in PAYLOADS.glob("*.json") if not p.name.startswith("send-")] + [*EXAMPLES.glob("*.json")]
)


def read(body: bytes) -> Batch:
    return read_webhook(body, signature=signature_of(body, SECRET), app_secret=SECRET)


def read_file(name: str) -> Batch:
    return read((PAYLOADS / f"{name}.json").read_bytes())


def dumped(document: object) -> bytes:
    return json.dumps(document).encode()


def change(value: object, field: object = "messages") -> dict[str, Any]:
    frame = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": ACCOUNT}}
    return {"field": field, "value": frame | value if isinstance(value, dict) else value}


def hook(*changes: object) -> bytes:
    return dumped({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": list(changes)}]})


def message(**members: object) -> dict[str, Any]:
    base = {"from": MARIA, "id": "wamid.A", "timestamp": "1773144000", "type": "text", "text": {"body": "Oi"}}
    merged: dict[str, Any] = base | members
    return {name: value for name, value in merged.items() if value is not ...}


def only(body: bytes) -> Any:
    (item,) = read(body).items
    return item


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


@pytest.mark.parametrize("name", ["image", "location", "reaction", "unsupported", "system", "edit"])
def test_kind_not_yet_read_is_kept_as_it_came(name: str) -> None:
    """Every kind of message but text arrives as UNKNOWN, with its own JSON. Rule: M8."""
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


# --- what is kept unhandled ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("group", "group_message"),
        ("status-group", "group_status"),
        ("echo", "change:smb_message_echoes"),
        ("account-update", "change:account_update"),
        ("errors", "error:130429"),
    ],
)
def test_everything_else_is_kept_with_a_code(name: str, what: str) -> None:
    """Groups, echoes, account news and errors are kept as they came. Rule: M8, M12, M19."""
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
    ],
)
def test_message_that_cannot_be_placed_is_kept(members: dict[str, object]) -> None:
    """Without a sender, an id or a moment a message is kept as it came. Rule: M8."""
    item = only(hook(change({"messages": [message(**members)]})))
    assert isinstance(item, Unhandled)
    assert item.what == "malformed_message"
    assert json.loads(item.raw.reveal()) == message(**members)


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


# --- the signature -------------------------------------------------------------------------------------------


def test_signature_is_the_documented_one() -> None:
    """HMAC-SHA256 of the bytes under the app secret; the value is the published RFC 4231 test case 2."""
    expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature_of(b"what do ya want for nothing?", b"Jefe") == expected


@pytest.mark.parametrize(
    "change_header",
    [str.upper, str.title, lambda h: f" {h}\t", lambda h: "SHA256=" + h[7:]],
)
def test_signature_ignores_case_and_blanks_around(change_header: Any) -> None:
    """The same signature may be spelled with capitals or blanks around it."""
    check_signature(b"{}", change_header(signature_of(b"{}", SECRET)), SECRET)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_signature"),
        ("", "missing_signature"),
        (" \t", "missing_signature"),
        ("sha256=", "malformed_signature"),
        ("sha1=" + "0" * 40, "malformed_signature"),
        ("0" * 64, "malformed_signature"),
        ("sha256=" + "g" * 64, "malformed_signature"),
        ("sha256=" + "0" * 63, "malformed_signature"),
        ("sha256=" + "0" * 65, "malformed_signature"),
        ("sha256= " + "0" * 64, "malformed_signature"),
        ("sha256=" + "0" * 64 + "\n", "malformed_signature"),
        ("sha256=" + "٠" * 64, "malformed_signature"),
        ("sha256=" + "é" * 64, "malformed_signature"),
        ("ſha256=" + "0" * 64, "malformed_signature"),
        ("\ud800", "malformed_signature"),
        ("sha256=" + "0" * 64, "wrong_signature"),
    ],
)
def test_bad_signature_is_refused_before_anything_is_read(header: str | None, code: str) -> None:
    """A missing, malformed or wrong signature has its own code, whatever the body is."""
    for body in (b"no json", hook(change({"messages": [message()]})), b"[" * 1_000_000):
        with pytest.raises(InvalidValue) as caught:
            read_webhook(body, signature=header, app_secret=SECRET)
        (problem,) = caught.value.problems
        assert (problem.path, problem.code) == ("X-Hub-Signature-256", code)
        assert signature_of(body, SECRET)[7:] not in repr(caught.value)


def test_signature_holds_for_the_bytes_not_for_what_they_mean() -> None:
    """The same JSON written another way needs another signature."""
    body = (PAYLOADS / "text.json").read_bytes()
    again = json.dumps(json.loads(body), ensure_ascii=False).encode()
    with pytest.raises(InvalidValue, match="wrong_signature"):
        read_webhook(again, signature=signature_of(body, SECRET), app_secret=SECRET)


def test_empty_secret_signs_nothing() -> None:
    """A secret that was never configured does not open the door to everyone."""
    with pytest.raises(InvalidValue, match="app_secret: empty"):
        signature_of(b"{}", b"")
    with pytest.raises(InvalidValue, match="app_secret: empty"):
        check_signature(b"{}", "sha256=" + "0" * 64, b"")


@given(body=st.binary(max_size=64), flipped=st.integers(0, 511))
def test_one_bit_changes_the_signature(body: bytes, flipped: int) -> None:
    """No body passes with another body's signature."""
    header = signature_of(body, SECRET)
    check_signature(body, header, SECRET)
    other = bytearray(body or b"\x00")
    other[flipped // 8 % len(other)] ^= 1 << flipped % 8
    with pytest.raises(InvalidValue, match="wrong_signature"):
        check_signature(bytes(other), header, SECRET)


# --- requests and answers ------------------------------------------------------------------------------------


def test_text_request_is_the_documented_body() -> None:
    """A text goes out as compact UTF-8 with its key, and equal arguments give equal bytes. Rule: M7."""
    body = text_request(to=Private(MARIA), text=Private("Olá 😊"), key="ef_1")
    assert body == (
        b'{"messaging_product":"whatsapp","recipient_type":"individual","to":"5511987654321","type":"text",'
        b'"text":{"preview_url":false,"body":"Ol\xc3\xa1 \xf0\x9f\x98\x8a"},"biz_opaque_callback_data":"ef_1"}'
    )
    assert body == text_request(to=Private(MARIA), text=Private("Olá 😊"), key="ef_1")


def test_text_request_names_the_message_it_answers() -> None:
    """A reply carries the provider's id of the message it answers. Rule: M9."""
    body = text_request(to=Private(MARIA), text=Private("Oi"), key="ef_1", reply_to="wamid.A")
    assert json.loads(body)["context"] == {"message_id": "wamid.A"}


@pytest.mark.parametrize("address", [SCOPED, "BR.ENT.11815799212886844830"])
def test_text_to_a_scoped_user_id_has_a_member_of_its_own(address: str) -> None:
    """A user id never goes out as a number: the provider would take it and deliver nothing. Rule: M10, M11."""
    request = json.loads(text_request(to=Private(address), text=Private("Oi"), key="ef_1"))
    assert request["recipient"] == address
    assert request["recipient_type"] == "individual"
    assert "to" not in request


def test_text_request_goes_to_the_address_as_it_came() -> None:
    """Nothing is added to the address, no ninth digit and no plus sign. Rule: M10."""
    (item,) = read((EXAMPLES / "03-joao-asks.json").read_bytes()).items
    assert isinstance(item, Inbound)
    request = json.loads(text_request(to=item.address, text=Private("Oi"), key="ef_1"))
    assert request["to"] == "555198765432"


def test_text_request_tells_all_that_is_wrong() -> None:
    """Every bad argument is told at once, and none is shown. Rule: M14."""
    with pytest.raises(InvalidValue) as caught:
        text_request(to=Private(""), text=Private(""), key="", reply_to="")
    assert [str(p) for p in caught.value.problems] == [
        "key: empty",
        "to: malformed",
        "text: empty",
        "reply_to: malformed",
    ]


@pytest.mark.parametrize(
    ("arguments", "path", "code"),
    [
        ({"key": "k" * (CALLBACK_LENGTH + 1)}, "key", "too_long"),
        ({"key": "\ud800"}, "key", "lone_surrogate"),
        ({"text": Private("oi \ud83d")}, "text", "lone_surrogate"),
        ({"to": Private("+55 11")}, "to", "malformed"),
        ({"to": Private("1" * (ADDRESS_LENGTH + 1))}, "to", "malformed"),
        ({"reply_to": "a b"}, "reply_to", "malformed"),
    ],
)
def test_text_request_refuses_what_the_provider_cannot_take(
    arguments: dict[str, Any], path: str, code: str
) -> None:
    """Outbound values are refused with the exact reason, never repaired. Rule: M7, M14."""
    with pytest.raises(InvalidValue) as caught:
        text_request(**{"to": Private(MARIA), "text": Private("Oi"), "key": "ef_1", **arguments})
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == (path, code)
    assert text_request(to=Private(MARIA), text=Private("Oi"), key="k" * CALLBACK_LENGTH)


def test_send_response_gives_the_provider_id() -> None:
    """The documented answer names the message. Rule: M1."""
    assert read_send_response((PAYLOADS / "send-response.json").read_bytes()).startswith("wamid.")


@pytest.mark.parametrize(
    "body",
    [
        (PAYLOADS / "send-error.json").read_bytes(),
        b"{}",
        b'{"messages": []}',
        b'{"messages": {}}',
        b'{"messages": [7]}',
        b'{"messages": [{}]}',
        b'{"messages": [{"id": 7}]}',
        b'{"messages": [{"id": ""}]}',
        b'{"messages": [{"id": "a"}, {"id": "b"}]}',
        b"",
        b"<html>",
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_any_other_answer_is_refused(body: bytes) -> None:
    """An answer that does not name one message is no proof that anything was sent."""
    with pytest.raises(InvalidValue):
        read_send_response(body)


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


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    # Any code point, lone surrogates included.
    | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def near(shape: Any) -> st.SearchStrategy[Any]:
    """Values of the given shape in which any part may be missing or be any other JSON value."""
    if isinstance(shape, dict):
        fixed = st.fixed_dictionaries({}, optional={name: near(part) for name, part in shape.items()})
        return json_values | fixed | fixed
    if isinstance(shape, list):
        items = st.lists(near(shape[0]), max_size=3)
        return json_values | items | items
    return st.just(shape) | st.just(shape) | json_values


PERSON = {"wa_id": MARIA, "user_id": SCOPED, "profile": {"name": "Maria"}}
MESSAGE = message(from_user_id=SCOPED, group_id="g", context={"id": "wamid.B"})
REPORT = {
    "id": "wamid.A",
    "status": "failed",
    "timestamp": 1,
    "recipient_type": "group",
    "errors": [{"code": 1}],
    "biz_opaque_callback_data": "k",
}
VALUE = {
    "metadata": {"phone_number_id": ACCOUNT},
    "contacts": [PERSON],
    "messages": [MESSAGE],
    "statuses": [REPORT],
    "errors": [{"code": 1}],
}
CHANGE = near({"field": "messages", "value": VALUE})


@given(
    near(
        {"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": VALUE}]}]}
    )
)
def test_anything_near_a_payload_is_read_or_refused(document: Any) -> None:
    """A payload bent anywhere gives a batch or InvalidValue, twice alike, and can be stored. Rule: M8, M14."""
    body = dumped(document)
    try:
        batch = read(body)
    except InvalidValue:
        return
    assert batch == read(body)
    for item in batch.items:
        raw = None if isinstance(item, Status) else item.raw
        if raw is not None:
            json.loads(raw.reveal().encode())


@given(st.lists(CHANGE, max_size=3), st.lists(CHANGE, max_size=3))
def test_neighbours_do_not_change_how_a_message_is_read(before: list[Any], after: list[Any]) -> None:
    """A good message reads the same whatever stands around it, and every change tells something. Rule: M8."""
    good = change({"messages": [message(id="wamid.good")]})
    batch = read(hook(*before, good, *after))
    (alone,) = read(hook(good)).items
    assert alone in batch.items
    assert len(batch.items) > len(before) + len(after)


@given(
    address=st.from_regex(r"[0-9]{8,15}", fullmatch=True),
    words=st.text(min_size=1),
    key=st.text(min_size=1, max_size=CALLBACK_LENGTH),
)
def test_what_is_sent_can_be_read_back(address: str, words: str, key: str) -> None:
    """The request holds exactly the address, the text and the key. Rule: M7, M10, S22."""
    request = json.loads(text_request(to=Private(address), text=Private(words), key=key))
    assert (request["to"], request["text"]["body"], request["biz_opaque_callback_data"]) == (
        address,
        words,
        key,
    )
