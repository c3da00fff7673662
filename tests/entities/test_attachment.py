"""Files: what names one, what points at one, and what becomes of one; the bytes are never here."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any

import attrs
import pytest

from chatcore.entities import Attachment, Media, MediaPointer
from chatcore.errors import InvalidValue
from chatcore.limits import ATTACHMENT_BYTES, ID_LENGTH, NAME_LENGTH

HASH = "0123456789abcdef" * 4
LONG = "x" * (ID_LENGTH + 1)
VALID: dict[type, dict[str, Any]] = {
    Attachment: {"key": "files/1", "mime": "image/jpeg", "size": 10, "sha256": HASH, "name": "foto.jpg"},
    MediaPointer: {"reference": "m1", "mime": "image/jpeg", "sha256": HASH, "name": "foto.jpg"},
}
FILE, POINTER = Attachment(**VALID[Attachment]), MediaPointer(**VALID[MediaPointer])
BOTH = pytest.mark.parametrize("cls", VALID)


def made(cls: Any, **changes: Any) -> Any:
    return cls(**{**VALID[cls], **changes})


def problems(cls: Any, **changes: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a value is refused with."""
    with pytest.raises(InvalidValue) as caught:
        made(cls, **changes)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


@pytest.mark.parametrize(("cls", "name"), [(Attachment, "key"), (MediaPointer, "reference")])
@pytest.mark.parametrize(
    ("value", "code"), [("", "not_an_id"), ("a\nb", "not_an_id"), (None, "not_an_id"), (LONG, "too_long")]
)
def test_where_a_file_is_is_an_id(cls: Any, name: str, value: Any, code: str) -> None:
    """One printable line of bounded length, opaque here. Rule: M17."""
    assert problems(cls, **{name: value}) == [(name, code, None)]


@BOTH
@pytest.mark.parametrize(
    "mime",
    [
        "",
        "image",
        "image/",
        "/jpeg",
        "Image/JPEG",
        "image/jpeg; charset=x",
        "image/jpeg\n",
        " image/jpeg",
        "image/*",
        "imagé/jpeg",
        "image/jpeg/x",
        "x" * 65 + "/x",
        "x/" + "x" * 101,
        5,
        b"image/jpeg",
    ],
)
def test_a_type_is_a_plain_one(cls: Any, mime: Any) -> None:
    """In lower case, without parameters. Rule: M17, M6."""
    assert problems(cls, mime=mime) == [("mime", "not_a_mime_type", "M17")]


@pytest.mark.parametrize(
    "mime",
    [
        "image/jpeg",
        "audio/3gpp2",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "x" * 64 + "/" + "x" * 100,
        "application/x-7z+zip",
    ],
)
@BOTH
def test_every_type_there_is_is_taken(cls: Any, mime: str) -> None:
    """The longest too. Rule: M17."""
    assert made(cls, mime=mime).mime == mime


@BOTH
@pytest.mark.parametrize(
    "digest", ["", HASH[:-1], HASH + "0", HASH.upper(), HASH[:-1] + "g", HASH + "\n", 5, b""]
)
def test_a_hash_is_64_digits(cls: Any, digest: Any) -> None:
    """Lower-case hexadecimal. Rule: M17."""
    assert problems(cls, sha256=digest) == [("sha256", "not_a_sha256", "M17")]


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (0, "not_positive"),
        (-1, "not_positive"),
        (True, "not_positive"),
        (1.5, "not_positive"),
        (None, "not_positive"),
        ("1", "not_positive"),
        (ATTACHMENT_BYTES + 1, "too_long"),
        (10**30, "too_long"),
    ],
)
def test_a_size_is_a_count_of_bytes(size: Any, code: str) -> None:
    """At least one, and not beyond what any channel could carry. Rule: M17."""
    assert problems(Attachment, size=size) == [("size", code, "M17")]


def test_a_size_over_the_limit_says_both_numbers() -> None:
    """What there is and what there may be; the largest just fits. Rule: M17."""
    with pytest.raises(InvalidValue) as caught:
        made(Attachment, size=ATTACHMENT_BYTES + 1)
    [problem] = caught.value.problems
    assert (problem.limit, problem.actual) == (ATTACHMENT_BYTES, ATTACHMENT_BYTES + 1)
    assert made(Attachment, size=ATTACHMENT_BYTES).size == ATTACHMENT_BYTES
    assert made(Attachment, size=1).size == 1


@BOTH
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "empty"),
        ("a\0b", "control_character"),
        ("fatura\u202efdp.exe", "bidi_character"),
        ("a\u200bb", "zero_width_character"),
        ("x" * (NAME_LENGTH + 1), "too_long"),
        (5, "not_a_text"),
    ],
)
def test_a_name_is_a_label(cls: Any, name: Any, code: str) -> None:
    """What the customer sees does not pretend to be something else. Rule: M17, C2."""
    assert problems(cls, name=name) == [("name", code, "C2")]
    assert made(cls, name="x" * NAME_LENGTH).name == "x" * NAME_LENGTH
    assert made(cls, name=None).name is None


def test_all_misfits_are_told_at_once() -> None:
    """One error names every bad field. Rule: M17."""
    bad = {"mime": "", "sha256": "", "name": ""}
    assert [path for path, *_ in problems(Attachment, key="", size=0, **bad)] == [
        "key",
        "mime",
        "size",
        "sha256",
        "name",
    ]
    assert [path for path, *_ in problems(MediaPointer, reference="", **bad)] == [
        "reference",
        "mime",
        "sha256",
        "name",
    ]


def test_a_pointer_may_know_nothing_but_where() -> None:
    """What the provider does not say is missing, not made up. Rule: M17."""
    pointer = MediaPointer(reference="m1")
    assert (pointer.mime, pointer.sha256, pointer.name) == (None, None, None)
    with pytest.raises(TypeError):
        Attachment(key="f1")  # type: ignore[call-arg]


def test_a_file_is_to_be_fetched_or_stored_or_lost() -> None:
    """But never nowhere: it is pointed at, or kept. Rule: M17."""
    with pytest.raises(InvalidValue) as caught:
        Media(lost="expired")
    assert [(p.path, p.code, p.rule) for p in caught.value.problems] == [("attachment", "missing", "M17")]
    assert Media(pointer=POINTER).attachment is None
    assert Media(attachment=FILE).pointer is None
    assert Media(pointer=POINTER, attachment=FILE).lost is None
    assert Media(pointer=POINTER, lost="expired").lost == "expired"


def test_keys_and_names_do_not_print() -> None:
    """A key may be a path with a name in it, a file's name may be anything a customer wrote."""
    shown = repr(
        (made(Attachment, key="maria/1", name="maria.jpg"), MediaPointer(reference="maria", name="maria"))
    )
    assert "maria" not in shown
    assert "image/jpeg" in shown


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, set(), (None,), object())


@BOTH
def test_values_of_wrong_types_meet_one_error_only(cls: Any) -> None:
    """Whatever stands in a field, the only error is InvalidValue, and nothing mutable is let in."""
    for field in attrs.fields(cls):
        for hostile in HOSTILE:
            with contextlib.suppress(InvalidValue):
                hash(made(cls, **{field.name: hostile}))


@pytest.mark.parametrize(
    "thing", [FILE, POINTER, Media(pointer=POINTER, attachment=FILE)], ids=lambda t: type(t).__name__
)
def test_files_are_values(thing: Any) -> None:
    """Frozen, slotted, hashable, equal to their like, and they pickle."""
    twin = pickle.loads(pickle.dumps(thing))
    assert twin == thing
    assert hash(twin) == hash(thing)
    assert not hasattr(thing, "__dict__")
    for field in attrs.fields(type(thing)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, field.name, None)
