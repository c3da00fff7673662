"""Request bodies and their answers: what goes out, what is refused, and what an answer proves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.channels.items import Inbound
from chatcore.channels.whatsapp import media_request, read_send_response, template_request, text_request
from chatcore.errors import InvalidValue
from chatcore.limits import ADDRESS_LENGTH, CALLBACK_LENGTH, TEMPLATE_PARAMETERS
from chatcore.vocabulary import MessageKind, Private
from tests.channels.webhooks import EXAMPLES, MARIA, PAYLOADS, SCOPED, read

# --- texts ---------------------------------------------------------------------------------------------------


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


# --- files ---------------------------------------------------------------------------------------------------

IMAGE = {"to": Private(MARIA), "kind": MessageKind.IMAGE, "key": "ef_1", "media_id": "1003"}


def test_media_request_is_the_documented_body() -> None:
    """A file goes out by its id, with caption, name and key; equal arguments, equal bytes. Rule: M7, S21."""
    arguments: dict[str, Any] = {
        **IMAGE,
        "kind": MessageKind.DOCUMENT,
        "caption": Private("2ª via"),
        "filename": "boleto.pdf",
        "reply_to": "wamid.A",
    }
    body = media_request(**arguments)
    assert body == (
        b'{"messaging_product":"whatsapp","recipient_type":"individual","to":"5511987654321",'
        b'"context":{"message_id":"wamid.A"},"type":"document","document":{"id":"1003",'
        b'"caption":"2\xc2\xaa via","filename":"boleto.pdf"},"biz_opaque_callback_data":"ef_1"}'
    )
    assert body == media_request(**arguments)


@pytest.mark.parametrize("kind", ["image", "video", "audio", "document", "sticker"])
def test_each_kind_of_file_goes_out_by_id_or_by_link(kind: str) -> None:
    """Each kind has a member of its own, and nothing in it that was not given. Rule: S21."""
    link = "https://example.com/2-via.pdf?t=1"
    frame: dict[str, Any] = {"to": Private(SCOPED), "kind": MessageKind(kind), "key": "ef_1"}
    request = json.loads(media_request(**frame, link=link))
    assert (request["type"], request[kind]) == (kind, {"link": link})
    assert (request["recipient"], "to" in request, "context" in request) == (SCOPED, False, False)
    assert json.loads(media_request(**frame, media_id="1003"))[kind] == {"id": "1003"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"media_id": None}, "media_id: id_or_link"),
        ({"link": "https://example.com/a"}, "media_id: id_or_link"),
        ({"media_id": ""}, "media_id: malformed"),
        ({"media_id": "a b"}, "media_id: malformed"),
        ({"media_id": None, "link": ""}, "link: malformed"),
        ({"media_id": None, "link": "file:///etc/passwd"}, "link: malformed"),
        ({"media_id": None, "link": "https://"}, "link: malformed"),
        ({"media_id": None, "link": "https://example.com/2ª via"}, "link: malformed"),
        ({"kind": MessageKind.TEXT}, "kind: not_a_kind"),
        ({"kind": MessageKind.AUDIO, "caption": Private("Oi")}, "caption: not_carried"),
        ({"kind": MessageKind.STICKER, "caption": Private("Oi")}, "caption: not_carried"),
        ({"caption": Private("")}, "caption: empty"),
        ({"caption": Private("\ud83d")}, "caption: lone_surrogate"),
        ({"filename": "a.png"}, "filename: not_carried"),
        ({"kind": MessageKind.DOCUMENT, "filename": ""}, "filename: empty"),
        ({"kind": MessageKind.DOCUMENT, "filename": "a\nb"}, "filename: control_character at 1..2"),
        ({"to": Private("+55 11")}, "to: malformed"),
        ({"key": ""}, "key: empty"),
        ({"reply_to": ""}, "reply_to: malformed"),
    ],
)
def test_media_request_refuses_what_the_provider_cannot_take(arguments: dict[str, Any], problem: str) -> None:
    """A file without a source, with two, or with what its kind does not carry is refused. Rule: M6, M7, M14."""
    with pytest.raises(InvalidValue) as caught:
        media_request(**{**IMAGE, **arguments})
    assert str(caught.value) == problem


def test_media_request_tells_all_that_is_wrong() -> None:
    """Every bad argument is told at once, and none is shown. Rule: M14."""
    with pytest.raises(InvalidValue) as caught:
        media_request(
            to=Private(""),
            kind=MessageKind.AUDIO,
            key="",
            link="ftp://maria",
            caption=Private("maria"),
            filename="maria",
            reply_to="maria b",
        )
    assert [problem.path for problem in caught.value.problems] == [
        "key",
        "to",
        "reply_to",
        "link",
        "caption",
        "filename",
    ]
    assert "maria" not in repr(caught.value) + str(caught.value)


# --- templates -----------------------------------------------------------------------------------------------

TEMPLATE = {
    "to": Private(MARIA),
    "name": "boleto_vencendo",
    "language": "pt_BR",
    "parameters": (Private("Maria"), Private("10/03 😊")),
    "key": "ef_1",
}


def test_template_request_is_the_documented_body() -> None:
    """A template goes out by name and language, its parameters in order, as text. Rule: M5, M7."""
    arguments: dict[str, Any] = TEMPLATE
    body = template_request(**arguments)
    assert body == (
        b'{"messaging_product":"whatsapp","recipient_type":"individual","to":"5511987654321","type":"template",'
        b'"template":{"name":"boleto_vencendo","language":{"code":"pt_BR"},"components":[{"type":"body",'
        b'"parameters":[{"type":"text","text":"Maria"},{"type":"text","text":"10/03 \xf0\x9f\x98\x8a"}]}]},'
        b'"biz_opaque_callback_data":"ef_1"}'
    )
    assert body == template_request(**arguments)


def test_template_without_parameters_has_no_components() -> None:
    """A template that takes nothing is its name and language. Rule: M5."""
    arguments: dict[str, Any] = {**TEMPLATE, "parameters": (), "language": "en"}
    request = json.loads(template_request(**arguments))
    assert request["template"] == {"name": "boleto_vencendo", "language": {"code": "en"}}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"name": ""}, "name: not_a_template_name"),
        ({"name": "Boleto"}, "name: not_a_template_name"),
        ({"name": "boleto vencendo"}, "name: not_a_template_name"),
        ({"name": "a" * 513}, "name: not_a_template_name"),
        ({"name": "boleto\n"}, "name: not_a_template_name"),
        ({"language": ""}, "language: not_a_language"),
        ({"language": "pt-BR"}, "language: not_a_language"),
        ({"language": "português"}, "language: not_a_language"),
        ({"parameters": (Private("a"), Private(""))}, "parameters[1]: empty"),
        ({"parameters": (Private("\ud83d"),)}, "parameters[0]: lone_surrogate"),
        ({"parameters": (Private("a\nb"),)}, "parameters[0]: control_character at 1..2"),
        ({"parameters": (Private("\ta"),)}, "parameters[0]: control_character at 0..1"),
        ({"parameters": (Private("a" + " " * 5 + "b"),)}, "parameters[0]: too_many_spaces at 1..6"),
        (
            {"parameters": (Private("a"),) * (TEMPLATE_PARAMETERS + 1)},
            f"parameters: too_long ({TEMPLATE_PARAMETERS + 1}, at most {TEMPLATE_PARAMETERS})",
        ),
        ({"to": Private("+55 11")}, "to: malformed"),
        (
            {"key": "k" * (CALLBACK_LENGTH + 1)},
            f"key: too_long ({CALLBACK_LENGTH + 1}, at most {CALLBACK_LENGTH})",
        ),
    ],
)
def test_template_request_refuses_what_the_provider_cannot_take(
    arguments: dict[str, Any], problem: str
) -> None:
    """Names, languages and parameters that the provider would refuse are refused. Rule: M6, M14."""
    with pytest.raises(InvalidValue) as caught:
        template_request(**{**TEMPLATE, **arguments})
    assert str(caught.value) == problem


def test_template_takes_as_many_parameters_and_spaces_as_may_be() -> None:
    """The bounds themselves pass. Rule: M6."""
    arguments: dict[str, Any] = {
        **TEMPLATE,
        "parameters": (Private("a" + " " * 4 + "b"),) * TEMPLATE_PARAMETERS,
    }
    (component,) = json.loads(template_request(**arguments))["template"]["components"]
    assert len(component["parameters"]) == TEMPLATE_PARAMETERS


# --- answers -------------------------------------------------------------------------------------------------


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


@given(
    caption=st.none() | st.text(min_size=1).map(Private),
    key=st.text(min_size=1, max_size=CALLBACK_LENGTH),
    source=st.sampled_from([{"media_id": "1003"}, {"link": "https://example.com/a"}]),
)
def test_what_is_said_with_a_file_can_be_read_back(
    caption: Private | None, key: str, source: dict[str, str]
) -> None:
    """The request holds exactly the source, the caption and the key. Rule: M7, S21, S22."""
    request = json.loads(
        media_request(to=Private(MARIA), kind=MessageKind.VIDEO, key=key, caption=caption, **source)
    )
    said = {} if caption is None else {"caption": caption.reveal()}
    (where,) = source.items()
    assert request["video"] == {{"media_id": "id"}.get(where[0], where[0]): where[1], **said}
    assert request["biz_opaque_callback_data"] == key


@given(st.lists(st.from_regex(r"[^\s\ud800-\udfff]+", fullmatch=True).map(Private), max_size=5))
def test_parameters_keep_their_order(parameters: list[Private]) -> None:
    """Each parameter is in its place, as it was given. Rule: M5, S22."""
    arguments: dict[str, Any] = {**TEMPLATE, "parameters": tuple(parameters)}
    template = json.loads(template_request(**arguments))["template"]
    (component,) = template.get("components", [{"parameters": []}])
    assert [each["text"] for each in component["parameters"]] == [each.reveal() for each in parameters]
