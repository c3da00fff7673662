"""The signature of a webhook call: what passes, and what is refused before anything is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.channels.whatsapp import check_signature, read_webhook, signature_of
from chatcore.errors import InvalidValue
from tests.channels.webhooks import PAYLOADS, SECRET, change, hook, message


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
