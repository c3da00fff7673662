"""docs/permissions.md says who may do what: just what the tables say, and just what is decided."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chatcore.entities import Agent, Conversation, Policies, Workspace
from chatcore.errors import ChatcoreError, NotAdmitted, NotAMember, NotFound, NotPermitted
from chatcore.rules.facts import OnContact, OnMerge, OnStart
from chatcore.rules.permissions import PEOPLE
from chatcore.rules.table import TABLE, check_allowed
from chatcore.vocabulary import SYSTEM, Ability, Actor, AgentsRead, Role, Situation
from tests.given import ROBO, about_one, agent, conversation, facts_of, workspace

DOCS = Path(__file__).parent.parent / "docs"
BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
NOWHERE = "\N{EN DASH}"
WIDTHS = (NOWHERE, "own", "departments", "everywhere")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = spec_from_file_location("make_permissions", DOCS / "make_permissions.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_tables_make_of_it(maker: ModuleType) -> None:
    """The permissions page is up to date; if not, run `python docs/make_permissions.py`. Rule: section P."""
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == maker.page()


def test_a_changed_table_makes_another_page(maker: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of yesterday's table would be noticed: a wider cell, a new power of bots or of the system."""
    before = maker.page()
    wider = {
        **PEOPLE,
        Ability.CLOSE: {**PEOPLE[Ability.CLOSE], Role.AUDITOR: PEOPLE[Ability.READ][Role.AUDITOR]},
    }
    for name, value in (("PEOPLE", wider), ("BOTS", frozenset({Ability.READ})), ("THE_SYSTEM", frozenset())):
        with monkeypatch.context() as patch:
            patch.setattr(maker, name, value)
            assert maker.page() != before


# --- what the page says --------------------------------------------------------------------------------------


def documented() -> dict[str, dict[str, str]]:
    """The cells of the page, by command and column."""
    found: dict[str, dict[str, str]] = {}
    head: list[str] = []
    for line in (DOCS / "permissions.md").read_text(encoding="utf-8").splitlines():
        row = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if row[:1] == ["command"]:
            head = row
        elif not row:
            head = []
        elif head and (name := re.fullmatch(r"`(\w+)`", row[0])):
            assert name[1] not in found, "a command has two rows"
            found[name[1]] = dict(zip(head, row, strict=True))
    return found


PAGE = documented()
EACH = pytest.mark.parametrize("command", TABLE, ids=lambda command: command.__name__)


def admitted(said: str) -> set[Situation]:
    """The situations that a cell of the page names."""
    if said == "any":
        return {*Situation}
    return set() if said == NOWHERE else {Situation[name] for name in said.split(", ")}


def test_the_page_has_every_command_and_column() -> None:
    """One row for each command, one column for each role, the bot and the system. Rule: section P."""
    assert PAGE.keys() == {command.__name__ for command in TABLE}
    columns = {"command", "ability", "bot", *Role, "system", "admitted in"}
    words = {*WIDTHS, "if granted"}
    for row in PAGE.values():
        assert row.keys() == columns
        assert {row[who] for who in columns - {"command", "ability", "admitted in"}} <= words


# --- what is decided -----------------------------------------------------------------------------------------

MINE, OTHERS = "xavier", "beto"
X = Actor.agent(MINE)
GRANTS = ("as it is", "granted", "withdrawn")
READERS = [((role,), reads) for role in Role for reads in AgentsRead]
READERS += [(pair, AgentsRead.OWN) for pair in itertools.combinations(Role, 2)]


def conversations() -> Iterator[Conversation]:
    """Own, another's and unassigned, open, waiting and closed, in one's department and in another."""
    for department in ("sup", "fin"):
        yield conversation(BOT, department=department)
        yield conversation(QUEUE, department=department)
        for who in (MINE, OTHERS):
            yield conversation(OPEN, department=department, assignee=who, last_assignee=who)
            yield conversation(CLOSED, department=department, last_assignee=who)
            yield conversation(QUEUE, department=department, last_assignee=who)
        yield conversation(CLOSED, department=department, last_assignee=None)


CONVERSATIONS = tuple(conversations())


def own(about: Conversation) -> bool:
    return (about.last_assignee if about.situation is CLOSED else about.assignee) == MINE


def seen(roles: tuple[Role, ...], reads: AgentsRead, about: Conversation) -> bool:
    """Whether the page lets somebody with these roles see a conversation, by the policy for agents."""
    if {*roles} != {Role.AGENT} or reads is AgentsRead.ALL:
        return True
    had = MINE in (about.assignee, about.last_assignee)
    if reads is AgentsRead.DEPARTMENTS:
        return had or about.department == "sup"
    waits = about.situation in (BOT, QUEUE)
    return had or (waits and about.department == "sup")


def width(row: dict[str, str], roles: tuple[Role, ...], grant: str) -> str:
    """How far the page lets somebody go: the widest cell of their roles, with what was granted or withdrawn."""
    if grant == "withdrawn":
        return NOWHERE
    granted = "everywhere" if grant == "granted" else NOWHERE
    said = [granted if row[role] == "if granted" else row[role] for role in roles]
    return max(said, key=WIDTHS.index)


@cache
def people(ability: Ability) -> tuple[tuple[tuple[Role, ...], str, AgentsRead, Workspace], ...]:
    """Everybody there may be: their roles, what was granted or withdrawn, how far agents read."""
    found = []
    for (roles, reads), grant in itertools.product(READERS, GRANTS):
        someone = Agent(
            id=MINE,
            name="Xavier",
            roles=roles,
            departments=("sup",),
            granted=(ability,) if grant == "granted" else (),
            withdrawn=(ability,) if grant == "withdrawn" else (),
        )
        found.append((roles, grant, reads, workspace(someone, policies=Policies(agents_read=reads))))
    return tuple(found)


def answer(command: Any, by: Actor, about: Conversation, **facts: Any) -> type[ChatcoreError] | None:
    """What the check of the table answers; None where it lets pass."""
    told = facts_of(command, by, about, **facts)
    try:
        check_allowed(command, told)
    except ChatcoreError as error:
        return type(error)
    return None


def expected(reach: str, about: Conversation, situations: set[Situation]) -> type[ChatcoreError] | None:
    """What the page makes of a conversation that is seen."""
    if reach == NOWHERE or (reach == "own" and not own(about)):
        return NotPermitted
    if reach == "departments" and about.department != "sup":
        return NotAMember
    return None if about.situation in situations else NotAdmitted


@EACH
def test_people_may_do_what_the_page_says(command: Any) -> None:
    """Law: role x command x {own, another's, unassigned} x {granted, not, withdrawn}, decided for real, is the
    table as documented; so it is with two roles, in another department, and however far agents read.

    Rule: section P, L7, L18
    """
    row, ability = PAGE[command.__name__], TABLE[command].ability
    situations = admitted(row["admitted in"])
    for roles, grant, reads, ws in people(ability):
        reach = width(row, roles, grant)
        assert row["ability"] == f"`{ability}`"
        member = Role.AGENT in roles and {*roles} <= {Role.AGENT, Role.AUDITOR}
        for about in CONVERSATIONS if about_one(command) else CONVERSATIONS[:1]:
            case = (roles, grant, reads, about.situation, about.assignee, about.last_assignee, about.department)
            if not about_one(command):
                wanted = _elsewhere(command, reach, ws, member=member)
            elif not seen(roles, reads, about) or (ability is Ability.READ and grant == "withdrawn"):
                wanted = NotFound
            else:
                wanted = expected(reach, about, situations)
            assert answer(command, X, about, workspace=ws) is wanted, case


def _elsewhere(command: Any, reach: str, ws: Workspace, *, member: bool) -> type[ChatcoreError] | None:
    """What the page makes of a command that is about no conversation; in which department it starts counts."""
    if TABLE[command].shape is OnStart:
        elsewhere = answer(command, X, CONVERSATIONS[0], workspace=ws, department="fin")
        assert elsewhere is (NotPermitted if reach == NOWHERE else NotAMember if member else None)
    return NotPermitted if reach in (NOWHERE, "own") else None


@EACH
@pytest.mark.parametrize("grant", [False, True], ids=["not granted", "granted"])
def test_a_bot_may_do_what_the_page_says(command: Any, grant: bool) -> None:
    """Law: its own flow is what is in BOT; nothing else exists for it. Rule: section P, L22."""
    row, ability = PAGE[command.__name__], TABLE[command].ability
    ws = workspace(policies=Policies(bot_granted=(ability,) if grant else ()))
    for about in CONVERSATIONS:
        if not about_one(command):
            wanted = None if row["bot"] == "if granted" and grant else NotPermitted
        elif about.situation is not BOT:
            wanted = NotFound
        else:
            wanted = None if row["bot"] == "own" or (row["bot"] == "if granted" and grant) else NotPermitted
            if wanted is None and BOT not in admitted(row["admitted in"]):
                wanted = NotAdmitted
        assert answer(command, ROBO, about, workspace=ws) is wanted, about.situation


@EACH
def test_the_system_may_do_what_the_page_says(command: Any) -> None:
    """Law: everywhere, or nowhere. Rule: section P."""
    row = PAGE[command.__name__]
    for about in CONVERSATIONS:
        wanted: Any = NotPermitted if row["system"] == NOWHERE else None
        situations = admitted(row["admitted in"])
        if wanted is None and about_one(command) and about.situation not in situations:
            wanted = NotAdmitted
        assert answer(command, SYSTEM, about) is wanted, about.situation


@EACH
def test_what_is_not_seen_does_not_exist(command: Any) -> None:
    """Whatever the page says of who asks: nobody unknown or inactive, and no contact out of sight. Rule: P."""
    for who in (Actor.agent("nobody"), Actor.agent("davi")):
        for about in CONVERSATIONS:
            refused = answer(command, who, about)
            assert refused is not None
            if about_one(command):
                assert refused is NotFound
    if TABLE[command].shape in (OnContact, OnMerge):
        for role in Role:
            ws = workspace(agent(MINE, role, granted=(TABLE[command].ability,)))
            assert answer(command, X, CONVERSATIONS[0], workspace=ws, visible=False) is NotFound
