"""Webhook calls to test with: samples from files, bodies built here, and strategies for bent ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from chatcore.channels.items import Batch
from chatcore.channels.whatsapp import read_webhook, signature_of

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
ECHOES = "smb_message_echoes"


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
    """A text message with other members; an ellipsis leaves one out."""
    base = {"from": MARIA, "id": "wamid.A", "timestamp": "1773144000", "type": "text", "text": {"body": "Oi"}}
    merged: dict[str, Any] = base | members
    return {name: value for name, value in merged.items() if value is not ...}


def sent(type: str, body: object, **members: object) -> dict[str, Any]:
    """A message of another type, with what it says."""
    return message(**{"text": ..., "type": type, type: body, **members})


def echo(**members: object) -> dict[str, Any]:
    return message(**{"from": "551130000000", "to": MARIA, **members})


def only(body: bytes) -> Any:
    (item,) = read(body).items
    return item


def said(*messages: object) -> bytes:
    return hook(change({"messages": list(messages)}))


def echoed(*messages: object) -> bytes:
    return hook(change({"message_echoes": list(messages)}, ECHOES))


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
        items = st.lists(st.one_of([near(part) for part in shape]), max_size=3)
        return json_values | items | items
    return st.just(shape) | st.just(shape) | json_values


FILE = {
    "id": "1003383421387256",
    "mime_type": "audio/ogg; codecs=opus",
    "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
    "caption": "Comprovante",
    "filename": "boleto.pdf",
}
KINDS = [
    message(from_user_id=SCOPED, group_id="g", context={"id": "wamid.B"}),
    *(sent(word, FILE) for word in ("image", "video", "audio", "document", "sticker")),
    sent("button", {"payload": "sim", "text": "Sim"}),
    sent("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}}),
    sent("interactive", {"type": "list_reply", "list_reply": {"id": "1", "title": "Sim", "description": ""}}),
    sent("reaction", {"message_id": "wamid.B", "emoji": "👍"}),
    sent("edit", {"original_message_id": "wamid.B", "message": {"type": "text", "text": {"body": "Oi"}}}),
    sent("revoke", {"original_message_id": "wamid.B"}),
]
"""A message of each type that is read."""

_REPORT = {
    "id": "wamid.A",
    "status": "failed",
    "timestamp": 1,
    "recipient_type": "group",
    "errors": [{"code": 1}],
    "biz_opaque_callback_data": "k",
}
_ABOUT = {
    "metadata": {"phone_number_id": ACCOUNT},
    "contacts": [{"wa_id": MARIA, "user_id": SCOPED, "profile": {"name": "Maria"}}],
    "errors": [{"code": 1}],
}
CHANGES = [
    {"field": "messages", "value": {**_ABOUT, "messages": KINDS, "statuses": [_REPORT]}},
    {"field": ECHOES, "value": {**_ABOUT, "message_echoes": [{**kind, "to": MARIA} for kind in KINDS]}},
]
bent_changes = st.one_of([near(each) for each in CHANGES])
bent_bodies = near({"object": "whatsapp_business_account", "entry": [{"changes": CHANGES}]})
