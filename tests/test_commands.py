"""Commands: plain values with a checked shape, all misfits at once; and the outcome that answers them."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore import commands
from chatcore.commands import (
    Assign,
    BlockContact,
    ChangeDepartment,
    ClaimEffect,
    Close,
    Configure,
    Finding,
    FindingKind,
    MarkRead,
    Outcome,
    ReceiveMessage,
    RecordStatus,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    SettleEffect,
    StartConversation,
    Take,
    Transfer,
    UnblockContact,
)
from chatcore.errors import InvalidValue
from chatcore.limits import ID_LENGTH
from chatcore.rules.table import TABLE
from chatcore.vocabulary import DeliveryStatus, MessageKind, Private
from tests.given import NOW, workspace
from tests.strategies import hostile_text

LONG = "x" * (ID_LENGTH + 1)
NAIVE = datetime(2026, 3, 10, 12, 0)
ELSEWHERE = NOW.astimezone(timezone(timedelta(hours=-3)))
RECEIVED: dict[str, Any] = {
    "channel": "wa",
    "address": "5511987654321",
    "provider_id": "wamid.1",
    "sent_at": NOW,
    "text": "Oi",
}
REPORTED: dict[str, Any] = {
    "channel": "wa",
    "provider_id": "wamid.1",
    "status": DeliveryStatus.SENT,
    "occurred_at": NOW,
}
DONE = Finding(kind=FindingKind.DONE, reference="wamid.1")

# A valid one of each, with every field that has a default given as well.
VALID: list[tuple[type, dict[str, Any]]] = [
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "department": "sup", "text": "Oi", "over_capacity": True},
    ),
    (StartConversation, {"channel": "wa", "address": "5511987654321"}),
    (Take, {"conversation": "cv_1", "over_capacity": True}),
    (Assign, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (Transfer, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (ChangeDepartment, {"conversation": "cv_1", "department": "fin"}),
    (ReturnToQueue, {"conversation": "cv_1"}),
    (ReturnToBot, {"conversation": "cv_1"}),
    (Reopen, {"conversation": "cv_1", "to": "ana", "over_capacity": True}),
    (SetReason, {"conversation": "cv_1", "reason": "moved"}),
    (MarkRead, {"conversation": "cv_1"}),
    (SendMessage, {"conversation": "cv_1", "text": "Oi"}),
    (Close, {"conversation": "cv_1", "reason": "moved"}),
    (BlockContact, {"contact": "ct_1", "why": "spam"}),
    (UnblockContact, {"contact": "ct_1"}),
    (Configure, {"workspace": workspace()}),
    (ReceiveMessage, {**RECEIVED, "kind": MessageKind.TEXT, "name": "Maria", "raw": "{}"}),
    (RecordStatus, {**REPORTED, "key": "ef_1", "failure": "131026"}),
    (ClaimEffect, {"effect": "ef_1"}),
    (SettleEffect, {"effect": "ef_1", "fence": 1, "finding": DONE}),
    (
        Finding,
        {"kind": FindingKind.NOT_DONE, "reference": "r", "detail": "d", "retry_after": timedelta(seconds=1)},
    ),
]


def problems(make: Any, /, *args: Any, **values: Any) -> list[tuple[str, str]]:
    """The paths and codes a construction is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def test_every_command_is_in_these_tests() -> None:
    """The table has a row for each command there is, and so have these tests."""
    assert {cls for cls, _ in VALID} - {Finding} == {*TABLE}
    named = {getattr(commands, name) for name in commands.__all__}
    assert {*TABLE} < named


# --- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cls", "values"), VALID, ids=lambda v: getattr(v, "__name__", ""))
def test_commands_are_plain_values(cls: Any, values: dict[str, Any]) -> None:
    """Equal when the same is asked, frozen, hashable, and they pickle."""
    command = cls(**values)
    assert command == cls(**values)
    assert hash(command) == hash(cls(**values))
    assert pickle.loads(pickle.dumps(command)) == command
    assert not hasattr(command, "__dict__")
    for field in attrs.fields(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(command, field.name, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Take("cv_1"), Take("cv_2")),
        (Take("cv_1"), Take("cv_1", over_capacity=True)),
        (Close("cv_1"), Close("cv_1", "moved")),
        (SendMessage("cv_1", "Oi"), SendMessage("cv_1", "oi")),
        (ClaimEffect("ef_1"), Take("ef_1")),
        (SettleEffect("ef_1", 1, DONE), SettleEffect("ef_1", 2, DONE)),
    ],
)
def test_commands_differ_when_they_ask_for_something_else(one: object, other: object) -> None:
    """Any field counts, and so does the class."""
    assert one != other


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (SendMessage("cv_1", "segredo"), "text"),
        (StartConversation("wa", address="segredo"), "address"),
        (StartConversation("wa", contact="ct_1", text="segredo"), "text"),
        (ReceiveMessage(**{**RECEIVED, "text": "segredo"}), "text"),
        (ReceiveMessage(**{**RECEIVED, "address": "segredo"}), "address"),
        (ReceiveMessage(**{**RECEIVED, "name": "segredo"}), "name"),
        (ReceiveMessage(**{**RECEIVED, "raw": "segredo"}), "raw"),
    ],
)
def test_personal_text_is_wrapped_on_the_way_in(command: Any, field: str) -> None:
    """A str becomes Private, a Private stays itself, and neither prints."""
    assert getattr(command, field) == Private("segredo")
    assert "segredo" not in repr(command)
    assert getattr(attrs.evolve(command, **{field: Private("segredo")}), field) == Private("segredo")


def test_what_is_asked_is_imperative_and_short_to_write() -> None:
    """The positional forms a service writes all day."""
    assert Take("cv_1") == Take(conversation="cv_1", over_capacity=False)
    assert Assign("cv_1", "ana") == Assign(conversation="cv_1", to="ana")
    assert Close("cv_1", "moved") == Close(conversation="cv_1", reason="moved")
    assert SendMessage("cv_1", "Oi") == SendMessage(conversation="cv_1", text=Private("Oi"))
    assert BlockContact("ct_1", "spam") == BlockContact(contact="ct_1", why="spam")


# --- shapes --------------------------------------------------------------------------------------------------

SHAPES: list[tuple[Any, dict[str, Any], list[tuple[str, str]]]] = [
    (StartConversation, {"channel": "", "contact": "ct_1"}, [("channel", "not_an_id")]),
    (StartConversation, {"channel": "wa"}, [("contact", "contact_or_address")]),
    (
        StartConversation,
        {"channel": "wa", "contact": "ct_1", "address": "1"},
        [("contact", "contact_or_address")],
    ),
    (StartConversation, {"channel": "wa", "contact": LONG}, [("contact", "too_long")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "department": ""}, [("department", "not_an_id")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "text": ""}, [("text", "empty")]),
    (StartConversation, {"channel": "wa", "contact": "ct_1", "text": 5}, [("text", "not_a_text")]),
    (StartConversation, {"channel": "wa", "address": 5}, [("address", "not_a_text")]),
    (
        StartConversation,
        {"channel": "\n", "department": LONG, "text": "a\0"},
        [
            ("channel", "not_an_id"),
            ("department", "too_long"),
            ("contact", "contact_or_address"),
            ("text", "control_character"),
        ],
    ),
    (Take, {"conversation": ""}, [("conversation", "not_an_id")]),
    (Take, {"conversation": LONG}, [("conversation", "too_long")]),
    (Take, {"conversation": "cv\0"}, [("conversation", "not_an_id")]),
    (Assign, {"conversation": None, "to": None}, [("conversation", "not_an_id"), ("to", "not_an_id")]),
    (SendMessage, {"conversation": "cv_1", "text": ""}, [("text", "empty")]),
    (SendMessage, {"conversation": "cv_1", "text": " \u200b\n"}, [("text", "empty")]),
    (
        SendMessage,
        {"conversation": "cv_1", "text": "a\rb\ud800"},
        [("text", "control_character"), ("text", "surrogate")],
    ),
    (SendMessage, {"conversation": "", "text": None}, [("conversation", "not_an_id"), ("text", "not_a_text")]),
    (Close, {"conversation": "cv_1", "reason": ""}, [("reason", "not_an_id")]),
    (Close, {"conversation": "", "reason": 5}, [("conversation", "not_an_id"), ("reason", "not_an_id")]),
    (BlockContact, {"contact": ""}, [("contact", "not_an_id")]),
    (BlockContact, {"contact": "ct_1", "why": ""}, [("why", "empty")]),
    (BlockContact, {"contact": "", "why": 5}, [("contact", "not_an_id"), ("why", "not_a_text")]),
    (UnblockContact, {"contact": LONG}, [("contact", "too_long")]),
    (Configure, {"workspace": {"name": "x"}}, [("workspace", "not_a_workspace")]),
    (ReceiveMessage, {**RECEIVED, "channel": ""}, [("channel", "not_an_id")]),
    (ReceiveMessage, {**RECEIVED, "provider_id": LONG}, [("provider_id", "too_long")]),
    (ReceiveMessage, {**RECEIVED, "address": ""}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "address": LONG}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "address": 5}, [("address", "not_an_address")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": NAIVE}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": ELSEWHERE}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "sent_at": 1772000000}, [("sent_at", "not_utc")]),
    (ReceiveMessage, {**RECEIVED, "kind": "text"}, [("kind", "not_a_kind")]),
    (ReceiveMessage, {**RECEIVED, "text": None}, [("text", "missing")]),
    (ReceiveMessage, {**RECEIVED, "text": 5}, [("text", "not_a_text")]),
    (ReceiveMessage, {**RECEIVED, "name": 5, "raw": 5}, [("name", "not_a_text"), ("raw", "not_a_text")]),
    (
        RecordStatus,
        {**REPORTED, "channel": "", "provider_id": ""},
        [("channel", "not_an_id"), ("provider_id", "not_an_id")],
    ),
    (RecordStatus, {**REPORTED, "status": DeliveryStatus.PENDING}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "status": DeliveryStatus.UNCONFIRMED}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "status": "sent"}, [("status", "not_a_report")]),
    (RecordStatus, {**REPORTED, "occurred_at": NAIVE}, [("occurred_at", "not_utc")]),
    (RecordStatus, {**REPORTED, "key": ""}, [("key", "not_an_id")]),
    (ClaimEffect, {"effect": ""}, [("effect", "not_an_id")]),
    (SettleEffect, {"effect": "ef_1", "fence": 0, "finding": DONE}, [("fence", "not_positive")]),
    (SettleEffect, {"effect": "ef_1", "fence": True, "finding": DONE}, [("fence", "not_positive")]),
    (
        SettleEffect,
        {"effect": "", "fence": -1, "finding": "done"},
        [("effect", "not_an_id"), ("fence", "not_positive"), ("finding", "not_a_finding")],
    ),
    (Finding, {"kind": "done"}, [("kind", "not_a_kind")]),
]


@pytest.mark.parametrize(("cls", "values", "expected"), SHAPES)
def test_each_misfit_is_refused_at_its_path(
    cls: Any, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """All of a command's bad fields at once, each with its path and its code. Rule: M2, M8, M10, M14, S3."""
    assert problems(cls, **values) == expected


@given(hostile_text(max_pieces=8))
def test_a_customers_text_is_never_refused(text: str) -> None:
    """Law: ReceiveMessage takes any str as text, name and raw, and keeps it as it came. Rule: M14."""
    command = ReceiveMessage(**{**RECEIVED, "text": text, "name": text, "raw": text})
    assert (command.text, command.name, command.raw) == (Private(text),) * 3


def test_an_unknown_kind_needs_no_text() -> None:
    """Rule: M8."""
    command = ReceiveMessage(**{**RECEIVED, "kind": MessageKind.UNKNOWN, "text": None, "raw": "{}"})
    assert command.text is None


# --- wrong types ---------------------------------------------------------------------------------------------

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    b"x",
    [],
    ["x"],
    {},
    set(),
    ("x",),
    object(),
)
TAKES: dict[str, tuple[type, ...]] = {"bool": (bool,), "None": (type(None),)}


def slots() -> list[Any]:
    """Each field of each command, with a valid command around it."""
    return [
        pytest.param(cls, values, field, id=f"{cls.__name__}-{field.name}-{n}")
        for n, (cls, values) in enumerate(VALID)
        for field in attrs.fields(cls)
    ]


def fits(field: Any, value: Any) -> bool:
    """Whether a hostile value happens to be of the type its field declares."""
    if field.name == "fence":
        return type(value) is int and value > 0
    return any(type(value) in TAKES.get(part.strip(), ()) for part in str(field.type).split("|"))


@pytest.mark.parametrize(("cls", "values", "field"), slots())
def test_a_value_of_a_wrong_type_is_refused_by_name(cls: Any, values: dict[str, Any], field: Any) -> None:
    """In every field of every command, it meets InvalidValue, which names that field."""
    if cls is StartConversation and field.name in ("contact", "address") and field.name not in values:
        values = {k: v for k, v in values.items() if k not in ("contact", "address")}
    for value in HOSTILE:
        if fits(field, value):
            continue
        paths = {path for path, _ in problems(cls, **{**values, field.name: value})}
        assert field.name in paths, value


@pytest.mark.parametrize(("cls", "values"), VALID, ids=lambda v: getattr(v, "__name__", ""))
def test_a_field_too_many_or_too_few_is_a_programming_error(cls: Any, values: dict[str, Any]) -> None:
    """Python's own TypeError, as for any call."""
    with pytest.raises(TypeError):
        cls(**values, novelty=1)
    required = [f.name for f in attrs.fields(cls) if f.default is attrs.NOTHING]
    with pytest.raises(TypeError):
        cls(**{k: v for k, v in values.items() if k != required[0]})


# --- the outcome ---------------------------------------------------------------------------------------------


def test_an_outcome_says_what_was_changed() -> None:
    """Each entity with its version after, and short names for what is asked most."""
    outcome = Outcome(
        "cm_1", (("ct_1", 1), ("cv_1", 2), ("cv_1.1", 1), ("cv_1.2", 1), ("ef_1", 1), ("ef_2", 3))
    )
    assert outcome.contact == "ct_1"
    assert outcome.conversation == "cv_1"
    assert outcome.message == "cv_1.1"
    assert outcome.effects == ("ef_1", "ef_2")
    assert outcome.version_of("ef_2") == 3
    assert outcome.version_of("ef_3") is None


def test_an_outcome_that_changed_nothing_is_empty() -> None:
    """Asking for what already is succeeds with nothing. Rule: L19."""
    outcome = Outcome("cm_1")
    assert (outcome.changed, outcome.effects) == ((), ())
    assert outcome.contact is outcome.conversation is outcome.message is None
    assert outcome == Outcome("cm_1", ()) != Outcome("cm_2")


@given(st.text(max_size=300))
def test_ids_are_one_printable_line_of_bounded_length(id: str) -> None:
    """Law: an id is taken exactly when it is 1 to 255 printable code points."""
    if 0 < len(id) <= ID_LENGTH and id.isprintable():
        assert Take(id).conversation == id
    else:
        assert [path for path, _ in problems(Take, id)] == ["conversation"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("131026", "131026"),
        ("rate_limit", "rate_limit"),
        (LONG, "unspecified"),
        ("Recipient 5511987654321 is not on WhatsApp", "unspecified"),
        ("5511987654321", "unspecified"),
        ("", "unspecified"),
        (None, None),
    ],
)
def test_a_failure_keeps_a_code_and_no_sentence(given: Any, kept: str | None) -> None:
    """The failure counts, whatever the provider says of it; a sentence could hold a phone. Rule: M2."""
    assert RecordStatus(**{**REPORTED, "failure": given}).failure == kept
