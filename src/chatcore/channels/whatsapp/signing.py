"""The signature of a webhook call: that a body is the provider's, as it was sent."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from chatcore.errors import InvalidValue

__all__ = ["check_signature", "signature_of"]

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
