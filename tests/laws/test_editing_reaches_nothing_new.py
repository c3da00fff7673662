"""Editing a conversation is no back door: what it leads to and what it refuses, the plain commands do too.

A small world is walked through exhaustively, by the pure rules alone: an agent and a supervisor, two
departments of which the agent serves one, a channel with a bot, one contact. A place in it is what an edit can
change: situation, department, assignee, last assignee, reason, customer. Ids, times and versions are those of
the place, whatever way led there.

What an edit stands for is written down here once more, without a look at how it is done: one command for each
field given, in any order. A move to where it stands already falls away; what another command undid is asked for
once more; and at the end all that was asked for holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations, product
from typing import Any, NamedTuple

import pytest

from chatcore.commands import (
    Assign,
    ChangeDepartment,
    Close,
    EditConversation,
    LinkCustomer,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SetReason,
    Take,
    Transfer,
    UnlinkCustomer,
)
from chatcore.entities import Channel, Contact, Conversation, Department, Policies, Reason, Workspace
from chatcore.errors import ChatcoreError, NotFound
from chatcore.rules import decide
from chatcore.rules.facts import OnContact, OnConversation, OnEdit, OnReopening, OnTalk
from chatcore.rules.permissions import scope_of
from chatcore.rules.table import TABLE
from chatcore.vocabulary import SYSTEM, Ability, Actor, ChannelKind, Role, Situation
from tests.given import (
    CT,
    CV,
    NOW,
    after,
    agent,
    capabilities,
    contact,
    conversation,
    on_contact,
    on_conversation,
    on_edit,
    on_reopening,
    on_talk,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED

ANA, SARA, AURO, ROBO = Actor.agent("ana"), Actor.agent("sara"), Actor.agent("auro"), Actor.bot("robo")
ACTORS = (ANA, SARA, AURO, ROBO, SYSTEM)
AGENTS, DEPARTMENTS, REASONS, CUSTOMER = ("ana", "sara"), ("sup", "fin"), ("slow", "slip"), "c-1"

WORLD = Workspace(
    name="Provedor",
    version=1,
    recorded_at=NOW,
    departments=(Department(id="sup", name="Suporte"), Department(id="fin", name="Financeiro")),
    agents=(
        agent("ana"),
        agent("sara", Role.SUPERVISOR, departments=()),
        agent("auro", Role.AUDITOR, departments=()),
    ),
    reasons=(Reason(id="slow", name="Lentidão"), Reason(id="slip", name="Segunda via", departments=("fin",))),
    channels=(Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="1", department="sup", bot=True),),
    policies=Policies(default_reason="slow", bot_granted=(Ability.LINK,)),
)


class Place(NamedTuple):
    situation: Situation
    department: str
    assignee: str | None = None
    last_assignee: str | None = None
    reason: str | None = None
    customer: str | None = None


def where(having: Conversation, known: Contact) -> Place:
    return Place(
        having.situation,
        having.department,
        having.assignee,
        having.last_assignee,
        having.reason,
        known.customer,
    )


@cache
def stood(place: Place) -> tuple[Conversation, Contact]:
    """The conversation and the contact as they stand at a place."""
    values = place._asdict()
    customer = values.pop("customer")
    return conversation(**values), contact(customer=customer)


_CARRIED = capabilities()


@cache
def told(shape: type[Any], place: Place, by: Actor) -> Any:
    """What a rule of this shape is told at a place."""
    having, known = stood(place)
    if shape is OnConversation:
        return on_conversation(having, by, workspace=WORLD)
    if shape is OnReopening:
        return on_reopening(having, by, workspace=WORLD)
    if shape is OnContact:
        return on_contact(known, by, visible=scope_of(by, WORLD).admits(having), workspace=WORLD)
    make = {OnTalk: on_talk, OnEdit: on_edit}[shape]
    return make(having, by, contact=known, capabilities=_CARRIED, workspace=WORLD)


def led(command: Any, place: Place, by: Actor) -> Place:
    """Where a command leads from a place. Raises what refuses it."""
    having, known = stood(place)
    for ref, event in decide(command, told(TABLE[type(command)].shape, place, by)):
        if ref == CV:
            having = after(having, event, by=by)
        elif ref == CT:
            known = after(known, event, by=by)
    return where(having, known)


def attempted(command: Any, place: Place, by: Actor) -> Place | ChatcoreError:
    try:
        return led(command, place, by)
    except ChatcoreError as error:
        return error


step = cache(attempted)


# --- by plain commands ---------------------------------------------------------------------------------------

PLAIN: tuple[Any, ...] = (
    Take(CV),
    ReturnToQueue(CV),
    ReturnToBot(CV),
    Reopen(CV),
    *(make(CV, who) for make in (Assign, Transfer, Reopen) for who in AGENTS),
    *(ChangeDepartment(CV, department) for department in DEPARTMENTS),
    *(SetReason(CV, reason) for reason in REASONS),
    *(Close(CV, reason) for reason in (None, *REASONS)),
    LinkCustomer(CT, CUSTOMER),
    UnlinkCustomer(CT),
)
BIRTHS = (
    Place(BOT, "sup"),
    Place(OPEN, "sup", "ana", "ana"),
    *(Place(OPEN, department, "sara", "sara") for department in DEPARTMENTS),
)
"""A customer who writes comes to the bot; an agent starts one in their department, a supervisor in any."""


@cache
def reachable() -> dict[Place, None]:
    """The places that plain commands lead to, in the order they are found."""
    found, fresh = dict.fromkeys(BIRTHS), list(BIRTHS)
    while fresh:
        place = fresh.pop()
        for command, by in product(PLAIN, ACTORS):
            led_to = step(command, place, by)
            if isinstance(led_to, Place) and led_to not in found:
                found[led_to] = None
                fresh.append(led_to)
    return found


def test_the_world_is_small_and_whole() -> None:
    """Every situation is reached, in every department, with all that the rules allow. Rule: L1, L2."""
    places = reachable()
    assert {(p.situation, p.department, p.customer) for p in places} == {
        *product(Situation, DEPARTMENTS, (None, CUSTOMER))
    }
    assert not [p for p in places if (p.situation is OPEN) is (p.assignee is None)]
    assert {p.reason for p in places if p.situation is CLOSED} == {*REASONS}
    assert not [p for p in places if p.assignee == "ana" and p.department == "fin"]
    assert {p.last_assignee for p in places if p.situation is BOT} == {None, *AGENTS}
    assert 50 < len(places) < 150


# --- what an edit stands for ---------------------------------------------------------------------------------


def edits() -> Iterator[EditConversation]:
    """Every combination of what may be asked for."""
    moves: list[dict[str, Any]] = [{"situation": situation} for situation in (None, *Situation)]
    moves += [{"to": who, "situation": situation} for who in AGENTS for situation in (None, OPEN)]
    for department, reason, move in product((None, *DEPARTMENTS), (None, *REASONS), moves):
        yield EditConversation(CV, department=department, reason=reason, **move)


def fields_of(edit: EditConversation) -> tuple[str, ...]:
    """The fields given; `to` says all that `situation` could say beside it."""
    names = [n for n in ("customer", "department", "reason", "to", "situation") if getattr(edit, n) is not None]
    if edit.to is not None and edit.situation is not None:
        names.remove("situation")
    if edit.situation is CLOSED and "reason" in names:
        names.remove("reason")
    return tuple(names)


def is_as_asked(edit: EditConversation, place: Place) -> bool:
    return (
        edit.customer in (None, place.customer)
        and edit.department in (None, place.department)
        and edit.reason in (None, place.reason)
        and edit.to in (None, place.assignee)
        and edit.situation in (None, place.situation)
    )


def command_for(edit: EditConversation, name: str, place: Place, by: Actor) -> Any:
    """The plain command that a person at this place would give for one field."""
    if name == "customer":
        return LinkCustomer(CT, edit.customer)
    if name == "department":
        return ChangeDepartment(CV, edit.department)
    if name == "reason":
        return SetReason(CV, edit.reason)
    if name == "to":
        if place.situation in (OPEN, CLOSED):
            return (Transfer if place.situation is OPEN else Reopen)(CV, edit.to)
        return Take(CV) if edit.to == by.id else Assign(CV, edit.to)
    if edit.situation is CLOSED:
        return SetReason(CV, edit.reason) if place.situation is CLOSED else Close(CV, edit.reason)
    if edit.situation is BOT:
        return ReturnToBot(CV)
    if place.situation is CLOSED:
        return Reopen(CV) if edit.situation is QUEUE else Reopen(CV, by.id)
    return ReturnToQueue(CV) if edit.situation is QUEUE else Take(CV)


def by_hand(edit: EditConversation, place: Place, by: Actor) -> tuple[set[Place], list[ChatcoreError]]:
    """Where the orders of an edit's commands lead that do what was asked, and what refuses the others."""
    names = fields_of(edit)
    places: set[Place] = set()
    errors: list[ChatcoreError] = []
    for order in permutations(names):
        here: Place | ChatcoreError = place
        for n, name in enumerate((*order, *AGAIN)):
            assert isinstance(here, Place)
            if not is_to_do(edit, name, here, again=n >= len(order)):
                continue
            here = step(command_for(edit, name, here, by), here, by)
            if isinstance(here, ChatcoreError):
                errors.append(here)
                break
        else:
            assert isinstance(here, Place)
            assert is_as_asked(edit, here)
            places.add(here)
    return places, errors


AGAIN = ("to", "situation", "reason")


def is_to_do(edit: EditConversation, name: str, place: Place, *, again: bool) -> bool:
    if getattr(edit, name) is None:
        return False
    if name == "to":
        return place.assignee != edit.to
    if name == "situation":
        gets_reason = not again and place.situation is CLOSED and edit.reason is not None
        return edit.to is None and (edit.situation is not place.situation or gets_reason)
    return not again or edit.reason != place.reason or name != "reason"


# --- the law -------------------------------------------------------------------------------------------------


def compare(edit: EditConversation, place: Place, by: Actor) -> bool:
    """Hold an edit against its plain commands; whether it passed."""
    led_to = attempted(edit, place, by)
    if not scope_of(by, WORLD).admits(stood(place)[0]):
        assert isinstance(led_to, NotFound), (edit, place, by, led_to)
        assert by_hand(edit, place, by)[0] <= {place}
        return False
    places, errors = by_hand(edit, place, by)
    if isinstance(led_to, Place):
        assert led_to in reachable(), (edit, place, by, led_to)
        assert led_to in places, (edit, place, by, led_to)
        return True
    assert not places, (edit, place, by, led_to)
    assert told_as(led_to) in map(told_as, errors), (edit, place, by, led_to)
    return False


def told_as(error: ChatcoreError) -> tuple[type[ChatcoreError], dict[str, Any]]:
    return type(error), vars(error)


@pytest.mark.parametrize("by", ACTORS, ids=lambda by: by.id)
def test_an_edit_does_what_its_commands_do_and_nothing_else(by: Actor) -> None:
    """Law: from every place, by everybody, every edit leads to a place that its plain commands lead to in some
    order, and is refused exactly where every order of them is, by what refuses one of them. Rule: S18, L18, P
    """
    passed = [compare(edit, place, by) for edit in edits() for place in reachable() if not place.customer]
    assert any(passed)
    assert not all(passed)


@pytest.mark.parametrize("by", ACTORS, ids=lambda by: by.id)
def test_who_the_customer_is_changes_nothing_else(by: Actor) -> None:
    """Law: the same, where the contact is linked as well. Rule: S18, B2"""
    together: tuple[dict[str, Any], ...] = (
        {},
        {"department": "fin"},
        {"reason": "slow"},
        {"situation": QUEUE},
        {"situation": CLOSED, "reason": "slip"},
        {"to": "sara", "reason": "slow"},
    )
    for more, place in product(together, reachable()):
        compare(EditConversation(CV, customer=CUSTOMER, **more), place, by)
