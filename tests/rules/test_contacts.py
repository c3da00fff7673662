"""What is known of a contact: edited, linked to a customer, blocked by id or by number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from chatcore.commands import BlockContact, EditContact, LinkCustomer, UnblockContact, UnlinkCustomer
from chatcore.entities import Block, Contact, Field, Policies
from chatcore.errors import ContactMerged, InvalidValue, NotFound, NotPermitted
from chatcore.events import (
    ContactBlocked,
    ContactCreated,
    ContactEdited,
    ContactUnblocked,
    CustomerLinked,
    CustomerUnlinked,
)
from chatcore.limits import NAME_LENGTH, WHY_LENGTH
from chatcore.rules import decide
from chatcore.rules.contacts import check_standing
from chatcore.vocabulary import SYSTEM, Ability, Actor, FieldOn, Private
from tests.given import (
    ADA,
    ADDRESS,
    ANA,
    AURO,
    CT,
    CT2,
    FIELDS,
    HOUR,
    NOW,
    ROBO,
    ROOT,
    SARA,
    after,
    agent,
    blocked_contact,
    born,
    contact,
    on_contact,
    stocked,
)

WS = stocked(fields=(*FIELDS, Field(id="fax", name="Fax", on=FieldOn.CONTACT, archived=True)))
NAME = Private("Maria da Silva")


def told(command: Any, who: Contact | None, by: Actor = ANA, **facts: Any) -> Any:
    return decide(command, on_contact(who, by, **{"workspace": WS, **facts}))


# --- editing -------------------------------------------------------------------------------------------------


def test_a_contact_gets_a_name() -> None:
    """What is left out stays. Rule: S8, S18."""
    had = contact(opted_out=True, fields=(("cpf", Private("1")),))
    decision = told(EditContact(CT, name="Maria da Silva"), had)
    assert decision == ((CT, ContactEdited(name=NAME, opted_out=True)),)
    now = after(had, decision[0][1])
    assert (now.name, now.opted_out, now.fields) == (NAME, True, had.fields)
    assert (now.addresses, now.customer, now.blocked) == (had.addresses, None, None)


def test_a_contact_opts_out_and_in_again() -> None:
    """Rule: M16."""
    out = told(EditContact(CT, opted_out=True), contact(name=NAME))
    assert out == ((CT, ContactEdited(name=NAME, opted_out=True)),)
    now = after(contact(name=NAME), out[0][1])
    assert told(EditContact(CT, opted_out=False), now) == ((CT, ContactEdited(name=NAME, opted_out=False)),)


def test_the_fields_of_a_contact_are_filled_in() -> None:
    """What is not named stays; None takes a value away; only what changes happens. Rule: C9, L19."""
    had = contact(fields=(("cpf", Private("1")),))
    decision = told(EditContact(CT, fields={"since": date(2020, 1, 1), "cpf": "1"}), had)
    assert decision == ((CT, ContactEdited(name=None, opted_out=False, values=(("since", date(2020, 1, 1)),))),)
    now = after(had, decision[0][1])
    assert now.fields == (("cpf", Private("1")), ("since", date(2020, 1, 1)))
    gone = told(EditContact(CT, fields={"cpf": None}), now)
    assert gone == ((CT, ContactEdited(name=None, opted_out=False, values=(("cpf", None),))),)
    assert after(now, gone[0][1]).fields == (("since", date(2020, 1, 1)),)


def test_everything_is_edited_at_once() -> None:
    """Rule: S8, C9, M16."""
    command = EditContact(CT, name=NAME, opted_out=True, fields={"cpf": "2"})
    event = ContactEdited(name=NAME, opted_out=True, values=(("cpf", Private("2")),))
    assert told(command, contact()) == ((CT, event),)


@pytest.mark.parametrize(
    "command",
    [
        EditContact(CT),
        EditContact(CT, name=NAME),
        EditContact(CT, opted_out=True),
        EditContact(CT, fields={}),
        EditContact(CT, fields={"cpf": "1", "since": None}),
        EditContact(CT, name=NAME, opted_out=True, fields={"cpf": "1"}),
    ],
)
def test_editing_what_already_is_changes_nothing(command: EditContact) -> None:
    """Rule: L19."""
    assert told(command, contact(name=NAME, opted_out=True, fields=(("cpf", Private("1")),))) == ()


def test_all_misfits_of_the_fields_are_told_at_once() -> None:
    """Unknown, a conversation's, archived, of another type; nor does the name change then. Rule: C9, C3."""
    given = {"since": "ontem", "cpf": Decimal(5), "fax": "1", "plan": "100M", "x": None}
    with pytest.raises(InvalidValue) as error:
        told(EditContact(CT, name=NAME, fields=given), contact())
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [
        ("fields.cpf", "not_a_text", "C9"),
        ("fields.fax", "archived", "C3"),
        ("fields.plan", "unknown_field", "C9"),
        ("fields.since", "not_a_day", "C9"),
        ("fields.x", "unknown_field", "C9"),
    ]


def test_an_archived_field_can_only_be_emptied() -> None:
    """Rule: C3, C9."""
    had = contact(fields=(("fax", Private("1")),))
    assert told(EditContact(CT, fields={"fax": None}), had)[0][1].values == (("fax", None),)


def test_all_that_is_wrong_with_an_edit_is_told_when_it_is_made() -> None:
    """A name of one visible line, 200 code points at most; a switch that is one. Rule: S8, C9."""
    with pytest.raises(InvalidValue) as error:
        EditContact("", name="a\u202e" + "x" * NAME_LENGTH, opted_out="no", fields={"": "x", "cpf": ""})
    assert [(p.path, p.code) for p in error.value.problems] == [
        ("contact", "not_an_id"),
        ("fields", "not_an_id"),
        ("fields.cpf", "empty"),
        ("name", "too_long"),
        ("name", "bidi_character"),
        ("opted_out", "not_a_bool"),
    ]
    assert told(EditContact(CT, name="x" * NAME_LENGTH), contact())


# --- linking -------------------------------------------------------------------------------------------------


def test_a_contact_is_linked_to_a_customer() -> None:
    """Instead of whoever it was before. Rule: S18, B2."""
    for had in (contact(), contact(customer="9")):
        decision = told(LinkCustomer(CT, "17"), had)
        assert decision == ((CT, CustomerLinked(customer="17")),)
        assert after(had, decision[0][1]).customer == "17"


def test_a_contact_is_unlinked() -> None:
    """Rule: S18, B2."""
    decision = told(UnlinkCustomer(CT), contact(customer="17"))
    assert decision == ((CT, CustomerUnlinked()),)
    assert after(contact(customer="17"), decision[0][1]).customer is None


def test_linking_what_is_linked_changes_nothing() -> None:
    """Nor unlinking what is not. Rule: L19."""
    assert told(LinkCustomer(CT, "17"), contact(customer="17")) == ()
    assert told(UnlinkCustomer(CT), contact()) == ()


# --- blocking ------------------------------------------------------------------------------------------------


def test_a_contact_is_blocked_with_a_why() -> None:
    """Who did it, when and why is kept. Rule: S20."""
    decision = told(BlockContact(CT, "spam"), contact())
    assert decision == ((CT, ContactBlocked(why="spam")),)
    assert after(contact(), decision[0][1], by=ANA).blocked == Block(ANA, NOW, "spam")
    assert told(BlockContact(CT), contact()) == ((CT, ContactBlocked(why=None)),)


def test_a_contact_is_blocked_by_number() -> None:
    """The one who has the number, whatever spelling it was given in. Rule: S20, M11."""
    decision = told(BlockContact(address="+55 11 98765-4321", why="spam"), contact(), address=ADDRESS)
    assert decision == ((CT, ContactBlocked(why="spam")),)
    assert told(BlockContact(address="+55 11 98765-4321"), blocked_contact(), address=ADDRESS) == ()


def test_a_number_that_nobody_has_is_blocked() -> None:
    """It becomes a contact, and is blocked from its first moment. Rule: S20, M13."""
    decision = told(BlockContact(address="11987654321", why="spam"), None, address=ADDRESS)
    new = f"ct_{ROOT}"
    assert decision == (
        (new, ContactCreated(addresses=(ADDRESS,))),
        (new, ContactBlocked(why="spam")),
    )
    (_, created), (_, blocked) = decision
    now = after(born(new, created, by=ANA), blocked, by=ANA)
    assert (now.id, now.addresses, now.name, now.blocked) == (new, (ADDRESS,), None, Block(ANA, NOW, "spam"))


def test_a_contact_is_unblocked() -> None:
    """The count of what was refused stays. Rule: S20, M13."""
    had = blocked_contact(refused=3)
    decision = told(UnblockContact(CT), had)
    assert decision == ((CT, ContactUnblocked()),)
    now = after(had, decision[0][1])
    assert (now.blocked, now.refused) == (None, 3)


def test_blocking_who_is_blocked_changes_nothing() -> None:
    """Who blocked first, when and why, stays; nor does unblocking who is not. Rule: L19."""
    assert told(BlockContact(CT, "other"), blocked_contact(), SARA) == ()
    assert told(UnblockContact(CT), contact()) == ()
    again = after(blocked_contact(), ContactUnblocked(), ContactBlocked(why="other"), by=ANA)
    assert again.blocked == Block(ANA, NOW, "other")
    assert blocked_contact().blocked == Block(SARA, NOW - HOUR)


def test_all_that_is_wrong_with_a_block_is_told_when_it_is_made() -> None:
    """One contact or one number; a why that can be read. Rule: S20."""
    for about, expected in (
        ({}, [("contact", "contact_or_address")]),
        ({"contact": CT, "address": "11987654321"}, [("contact", "contact_or_address")]),
        ({"contact": "", "why": " "}, [("contact", "not_an_id"), ("why", "empty")]),
        ({"contact": CT, "why": "x" * (WHY_LENGTH + 1)}, [("why", "too_long")]),
        ({"contact": CT, "why": "a\0"}, [("why", "control_character")]),
        ({"address": 11987654321, "why": 5}, [("address", "not_a_text"), ("why", "not_a_text")]),
    ):
        with pytest.raises(InvalidValue) as error:
            BlockContact(**about)
        assert [(p.path, p.code) for p in error.value.problems] == expected
    assert told(BlockContact(CT, "x" * WHY_LENGTH), contact())


# --- who, and whom -------------------------------------------------------------------------------------------

COMMANDS: list[Any] = [
    EditContact(CT, name=NAME),
    LinkCustomer(CT, "17"),
    UnlinkCustomer(CT),
    BlockContact(CT, "spam"),
    UnblockContact(CT),
]
EVERY_COMMAND = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
NEEDS = {
    EditContact: Ability.EDIT_CONTACT,
    LinkCustomer: Ability.LINK,
    UnlinkCustomer: Ability.LINK,
    BlockContact: Ability.BLOCK,
    UnblockContact: Ability.BLOCK,
}


def ripe(command: Any) -> Contact:
    """A contact for whom the command changes something."""
    if isinstance(command, UnblockContact):
        return blocked_contact()
    return contact(customer="9")


@EVERY_COMMAND
def test_who_may(command: Any) -> None:
    """Whoever serves, unless it was taken away from them; nobody who only looks on. Rule: section P."""
    for by in (ANA, SARA, ADA):
        assert told(command, ripe(command), by)
    for by in (AURO, ROBO, SYSTEM):
        with pytest.raises(NotPermitted):
            told(command, ripe(command), by)
    less = stocked(agent("ana", withdrawn=(NEEDS[type(command)],)))
    with pytest.raises(NotPermitted) as denied:
        told(command, ripe(command), ANA, workspace=less)
    assert denied.value.ability == NEEDS[type(command)]


def test_a_bot_links_if_that_was_granted() -> None:
    """And nothing more. Rule: L22, P."""
    ws = stocked(policies=Policies(bot_granted=(Ability.LINK,)))
    assert told(LinkCustomer(CT, "17"), contact(), ROBO, workspace=ws)
    for command in (COMMANDS[0], COMMANDS[3]):
        with pytest.raises(NotPermitted):
            told(command, contact(), ROBO, workspace=ws)


@EVERY_COMMAND
def test_who_may_not_see_a_contact_finds_none(command: Any) -> None:
    """The error is that of a contact who is not there, and comes before any other. Rule: section P."""
    for by in (ANA, AURO):
        with pytest.raises(NotFound) as missing:
            told(command, contact(merged_into=CT2, addresses=()), by, visible=False)
        assert (missing.value.what, missing.value.id) == ("contact", CT)


@EVERY_COMMAND
def test_who_is_another_is_not_touched(command: Any) -> None:
    """The error says who they are now, also where nothing would have changed. Rule: M11."""
    gone = {"addresses": (), "merged_into": CT2}
    for who in (contact(**gone), blocked_contact(name=NAME, customer="17", **gone)):
        with pytest.raises(ContactMerged) as merged:
            told(command, who)
        assert merged.value.into == CT2


def test_who_is_nobody_else_may_be_touched() -> None:
    """Also who took others in. Rule: M11."""
    check_standing(contact(merged=(CT2,)))
    for command in COMMANDS:
        assert told(command, ripe(command))


def test_personal_data_does_not_show() -> None:
    """Neither in the commands nor in the events. Rule: section P."""
    said = [
        EditContact(CT, name="Maria", fields={"cpf": "Maria"}),
        BlockContact(why="Maria", address="Maria"),
        LinkCustomer(CT, "Maria"),
        told(EditContact(CT, name="Maria", fields={"cpf": "Maria"}), contact()),
        told(BlockContact(CT, "Maria"), contact()),
        told(LinkCustomer(CT, "Maria"), contact()),
    ]
    assert "Maria" not in repr(said)
