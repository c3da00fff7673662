"""Ids that carry their kind, the closed lists of words, and the wrapper around personal text."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.testing.strategies import hostile_text
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    Actor,
    ActorKind,
    BoletoForm,
    BoletoState,
    BonusKind,
    ContractStatus,
    CustomerKey,
    DeliveryStatus,
    EffectState,
    EntityKind,
    InvoiceModel,
    PortKind,
    Priority,
    Private,
    Role,
    Situation,
    kind_of,
    message_id,
)

SECRET = "11 98765-4321"


# --- ids -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("cv_0190", EntityKind.CONVERSATION),
        ("cv_0190.12", EntityKind.MESSAGE),
        ("ct_0190", EntityKind.CONTACT),
        ("ef_0190", EntityKind.EFFECT),
        ("ef_0190.12", EntityKind.EFFECT),
        (WORKSPACE, EntityKind.WORKSPACE),
    ],
)
def test_a_reference_carries_its_kind(ref: str, kind: EntityKind) -> None:
    """An id tells which kind of entity it names."""
    assert kind_of(ref) is kind


@pytest.mark.parametrize(
    "ref", ["", "x", "c", "CV_1", "ana", "control", "cvs_1", "efx", "wsx", "ws_", "wamid.1"]
)
def test_what_chatcore_did_not_make_is_no_reference(ref: str) -> None:
    """An id of somebody else's making names no entity."""
    with pytest.raises(ValueError, match="not a reference"):
        kind_of(ref)


@given(st.integers(1, 10**9))
def test_a_message_is_named_by_its_conversation_and_its_place(seq: int) -> None:
    """Law: a message's id is ``conversation.seq``, and it is a message's. Rule: M4."""
    id = message_id("cv_0190", seq)
    assert id == f"cv_0190.{seq}"
    assert kind_of(id) is EntityKind.MESSAGE


# --- closed lists --------------------------------------------------------------------------------------------


def test_situations_are_exactly_four() -> None:
    """Rule: S1, section L."""
    assert [*Situation] == ["bot", "queue", "open", "closed"]


def test_roles_are_those_of_the_permission_table() -> None:
    """Rule: section P; the bot is a caller of its own kind, and so is the system."""
    assert {*Role} == {"agent", "supervisor", "admin", "auditor"}
    assert {*ActorKind} == {"agent", "bot", "system"}


def test_delivery_has_the_ladder_and_two_ends_beside_it() -> None:
    """Rule: M2."""
    assert [*DeliveryStatus] == ["pending", "sent", "delivered", "read", "played", "failed", "unconfirmed"]


def test_effects_have_the_states_of_the_design() -> None:
    """The states of the effect table, and DISMISSED for a doubt that a person closed."""
    assert {*EffectState} == {
        "intended",
        "in_flight",
        "unknown",
        "succeeded",
        "failed",
        "cancelled",
        "review",
        "unconfirmed",
        "dismissed",
    }


def test_what_billing_and_contracts_speak_of_is_closed_too() -> None:
    """Rule: B1, B2, B3, B4, B7, B8, B12."""
    assert {*ContractStatus} == {"active", "suspended", "blocked", "cancelled", "pending", "unknown"}
    assert {*CustomerKey} == {"document", "phone", "name"}
    assert {*BoletoState} == {"open", "overdue", "paid", "cancelled"}
    assert {*BoletoForm} == {"document", "line", "pix"}
    assert {*InvoiceModel} == {"62", "21", "22", "nfse"}
    assert {*BonusKind} == {"amount", "percent", "days"}
    assert [*Priority] == ["low", "normal", "high", "urgent"]
    assert {*PortKind} == {"messaging", "contracts", "billing"}


# --- actors --------------------------------------------------------------------------------------------------


def test_actors_are_values_that_carry_no_rights() -> None:
    """An actor is a kind and an id, and nothing else; equal ones are one."""
    assert Actor.agent("ana") == Actor(ActorKind.AGENT, "ana") != Actor.bot("ana")
    assert SYSTEM.kind is ActorKind.SYSTEM
    assert [field.name for field in attrs.fields(Actor)] == ["kind", "id"]
    assert len({Actor.agent("ana"), Actor.agent("ana"), Actor.bot("ana")}) == 2
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SYSTEM.kind = ActorKind.AGENT  # type: ignore[misc]


# --- personal text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shown", [repr, str, "{}".format, "{:>40}".format, "{!r}".format, "%s".__mod__, "%r".__mod__]
)
def test_personal_text_never_shows(shown) -> None:  # type: ignore[no-untyped-def]
    """However it is printed, nothing of the text is seen; inside a container neither."""
    assert shown(Private(SECRET)) == "<redacted>"
    assert SECRET not in repr([{"phone": Private(SECRET)}, (Private(SECRET),)])


@given(hostile_text())
def test_what_goes_in_comes_out(text: str) -> None:
    """Law: Private(t).reveal() is t, whatever t holds; equality, hash, copies and pickles are those of t."""
    private = Private(text)
    assert private.reveal() is text
    assert private == Private(text)
    assert hash(private) == hash(Private(text))
    assert pickle.loads(pickle.dumps(private)) == copy.deepcopy(private) == private


def test_personal_text_equals_only_its_like() -> None:
    """A Private is never equal to the bare text, so the two cannot be mixed up unseen."""
    assert Private(SECRET) != SECRET
    assert Private(SECRET) != Private("other")
    assert SECRET not in {Private(SECRET)}


class Loud(str):
    """A str that is not just a str."""


@pytest.mark.parametrize("value", [None, 5, b"x", ["x"], 1.5, Private("x"), Loud("x")])
def test_personal_text_wraps_just_a_str(value: object) -> None:
    """Anything else is refused at once, without showing it."""
    with pytest.raises(TypeError, match="a Private wraps a str"):
        Private(value)  # type: ignore[arg-type]


def test_personal_text_cannot_be_changed() -> None:
    """It is frozen, and has no place for anything else."""
    private = Private(SECRET)
    for name in ("_text", "other"):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(private, name, "x")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del private._text
    assert not hasattr(private, "__dict__")
    assert private.reveal() == SECRET
