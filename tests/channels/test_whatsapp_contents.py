"""What a message says: words, and files with their captions, as WhatsApp Cloud tells them."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.channels.items import Inbound
from chatcore.entities.attachment import MediaPointer
from chatcore.limits import ID_LENGTH, NAME_LENGTH
from chatcore.text import label_problems
from chatcore.vocabulary import MessageKind, Private
from tests.channels.webhooks import FILE, MARIA, only, read_file, said, sent

SHA = "49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942"


def file(word: str = "document", **members: object) -> Any:
    """The item of a file's message; an ellipsis leaves a member out."""
    body = {name: value for name, value in {**FILE, **members}.items() if value is not ...}
    return only(said(sent(word, body)))


def pointer(**members: object) -> MediaPointer:
    media = file(**members).media
    assert isinstance(media, MediaPointer)
    return media


# --- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("button", {"payload": "conf-1", "text": "Confirmar"}),
        ("interactive", {"type": "button_reply", "button_reply": {"id": "sim", "title": "Confirmar"}}),
        (
            "interactive",
            {"type": "list_reply", "list_reply": {"id": "1", "title": "Confirmar", "description": "Hoje"}},
        ),
    ],
)
def test_chosen_answer_is_a_text(word: str, body: object) -> None:
    """What a customer taps reads as what stood on it, in answer to our message. Rule: M8, M9."""
    item = only(said(sent(word, body, context={"from": "551130000000", "id": "wamid.Q"})))
    assert (type(item), item.kind, item.text) == (Inbound, MessageKind.TEXT, Private("Confirmar"))
    assert (item.media, item.raw, item.reply_to) == (None, None, "wamid.Q")


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("button", {"payload": "conf-1"}),
        ("button", {"text": 5}),
        ("button", "Confirmar"),
        ("interactive", {}),
        ("interactive", {"type": ["button_reply"]}),
        ("interactive", {"type": "button_reply"}),
        ("interactive", {"type": "button_reply", "button_reply": "Confirmar"}),
        ("interactive", {"type": "button_reply", "list_reply": {"title": "Confirmar"}}),
        (
            "interactive",
            {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}", "title": "x"}},
        ),
        ("location", {"": "x", "latitude": 1, "longitude": 2}),
        ("contacts", [{"name": {"formatted_name": "João"}}]),
        ("order", {"catalog_id": "1", "product_items": []}),
        ("unsupported", {"type": "poll_creation"}),
    ],
)
def test_what_is_not_words_is_kept_as_it_came(word: str, body: object) -> None:
    """Forms, places, cards and what cannot be read stay whole. Rule: M8."""
    item = only(said(sent(word, body)))
    assert (item.kind, item.text, item.media) == (MessageKind.UNKNOWN, None, None)
    assert json.loads(item.raw.reveal()) == sent(word, body)


# --- files ---------------------------------------------------------------------------------------------------


def test_image_is_read_with_its_caption_and_pointer() -> None:
    """A file is a pointer first: its id, type and hash; the caption is its text. Rule: M17."""
    (item,) = read_file("unknown-image").items
    assert isinstance(item, Inbound)
    assert (item.kind, item.text, item.raw) == (MessageKind.IMAGE, Private("Comprovante"), None)
    assert item.media == MediaPointer(reference="1003383421387256", mime="image/jpeg", sha256=SHA)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("image", MessageKind.IMAGE),
        ("video", MessageKind.VIDEO),
        ("audio", MessageKind.AUDIO),
        ("document", MessageKind.DOCUMENT),
        ("sticker", MessageKind.STICKER),
    ],
)
def test_each_kind_of_file_is_read(word: str, kind: MessageKind) -> None:
    """Image, video, audio, document and sticker are kinds of their own. Rule: M17, S21."""
    item = file(word)
    assert (item.kind, item.text, item.raw) == (kind, Private("Comprovante"), None)
    assert item.media == MediaPointer(
        reference="1003383421387256", mime="audio/ogg", sha256=SHA, name="boleto.pdf"
    )


@pytest.mark.parametrize("caption", [..., None, ""])
def test_file_without_a_caption_says_nothing(caption: object) -> None:
    """No caption and an empty one are the same. Rule: M17."""
    assert file(caption=caption).text is None


@pytest.mark.parametrize(
    "members",
    [
        {"id": ...},
        {"id": None},
        {"id": 5},
        {"id": ""},
        {"id": "a b"},
        {"id": "1" * (ID_LENGTH + 1)},
        {"caption": 5},
    ],
)
def test_file_that_cannot_be_fetched_is_kept_as_it_came(members: dict[str, object]) -> None:
    """Without an id there is nothing to fetch, and a strange caption must not get lost. Rule: M8."""
    item = file(**members)
    assert (item.kind, item.text, item.media) == (MessageKind.UNKNOWN, None, None)
    assert MARIA in item.raw.reveal()


@pytest.mark.parametrize("body", [..., None, "1003", ["1003"]])
def test_file_that_is_none_is_kept_as_it_came(body: object) -> None:
    """A file's message without its file stays whole. Rule: M8."""
    item = only(said(sent("audio", body)))
    assert (item.kind, item.media) == (MessageKind.UNKNOWN, None)
    assert json.loads(item.raw.reveal()) == sent("audio", body)


@pytest.mark.parametrize(
    ("told", "mime"),
    [
        ("audio/ogg; codecs=opus", "audio/ogg"),
        ("Image/JPEG ", "image/jpeg"),
        ("application/vnd.ms-excel;charset=utf-8;x", "application/vnd.ms-excel"),
        ("image", None),
        ("image/", None),
        ("image/png/x", None),
        ("imágem/png", None),
        ("a" * 500 + "/png", None),
        ("", None),
        (5, None),
        (..., None),
    ],
)
def test_type_is_told_without_its_parameters(told: object, mime: str | None) -> None:
    """A MIME type is lower case and bare; one that is none is left out. Rule: M17."""
    assert pointer(mime_type=told).mime == mime


@pytest.mark.parametrize(
    "told",
    [
        ...,
        None,
        5,
        "",
        "not base64!",
        "SfInY0gGKTsJlUWbwxC1k+FAD0FZ HvzwfpvO0zX0GUI=",
        "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI",
        "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GU==",
        "çfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
        SHA,
        base64.b64encode(bytes(31)).decode(),
        base64.b64encode(bytes(33)).decode(),
    ],
)
def test_hash_that_is_none_is_left_out(told: object) -> None:
    """A hash that cannot be one does not cost the file. Rule: M17."""
    assert pointer(sha256=told).sha256 is None


@given(st.binary())
def test_hash_comes_out_in_hex(content: bytes) -> None:
    """The provider's base64 becomes the 64 digits that any tool prints. Rule: M17."""
    digest = hashlib.sha256(content)
    assert pointer(sha256=base64.b64encode(digest.digest()).decode()).sha256 == digest.hexdigest()


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("boleto março 😊.pdf", "boleto março 😊.pdf"),
        ("fatura\u202efdp.exe", "faturafdp.exe"),
        ("duas\nlinhas\x00.txt", "duaslinhas.txt"),
        ("meia\ud83d.png", "meia.png"),
        (" \u200b ", None),
        ("", None),
        (5, None),
        (..., None),
        ("a" * 500 + ".pdf", "a" * (NAME_LENGTH - 4) + ".pdf"),
        ("a" * 500, "a" * NAME_LENGTH),
        ("a." + "b" * 500, "a." + "b" * (NAME_LENGTH - 2)),
        ("\ufdfa" * NAME_LENGTH, None),
    ],
)
def test_file_name_is_a_label_or_none(told: object, name: str | None) -> None:
    """A name is cleaned of what nobody sees and cut before its ending, or left out. Rule: C2, M17."""
    assert pointer(filename=told).name == name


@given(st.text(st.characters(), max_size=2 * NAME_LENGTH))
@example("\u3164" * 3)
@example("😊" * 300 + ".pdf")
def test_no_file_name_costs_the_file(told: str) -> None:
    """Whatever a file is called, it has a pointer, and its name reads as one line. Rule: M8, M17."""
    name = pointer(filename=told).name
    assert name is None or not label_problems(name, "name", NAME_LENGTH)


def test_pointer_shows_nothing_personal() -> None:
    """A file's id, name and caption are not printed. Rule: M17."""
    shown = repr(file())
    for personal in ("1003383421387256", "boleto", "Comprovante", MARIA):
        assert personal not in shown
    assert "audio/ogg" in shown
