"""Who may do what, and where: deny by default, roles, reaches, what is given and taken, and what one sees."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.entities import Conversation, Policies, Scope
from chatcore.entities.scope import EVERYTHING, NOTHING
from chatcore.errors import AgentInactive, ChatcoreError, NotAMember, NotFound, NotPermitted
from chatcore.rules.permissions import (
    PEOPLE,
    agent_behind,
    check_access,
    check_active,
    check_permitted,
    has_access,
    scope_of,
)
from chatcore.vocabulary import SYSTEM, Ability, Actor, AgentsRead, Role, Situation
from tests.given import (
    ADA,
    ANA,
    AURO,
    BETO,
    CARLA,
    ROBO,
    SARA,
    agent,
    conversation,
    granted,
    workspace,
)

AGENT, SUPERVISOR, ADMIN, AUDITOR = Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR
OPEN, QUEUE, BOT = Situation.OPEN, Situation.QUEUE, Situation.BOT

# Section P, typed out: how far each ability goes for each role. An empty cell is "no".
SECTION_P = """
ability       | agent       | supervisor | admin      | auditor
read          | everywhere  | everywhere | everywhere | everywhere
take          | departments | everywhere | everywhere |
take_anywhere | granted     | everywhere | everywhere |
start         | departments | everywhere | everywhere |
send          | own         | everywhere | everywhere |
note          | own         | everywhere | everywhere |
tag           | own         | everywhere | everywhere |
fill          | own         | everywhere | everywhere |
reason        | own         | everywhere | everywhere |
mark_read     | departments | everywhere | everywhere |
assign        | granted     | everywhere | everywhere |
transfer      | own         | everywhere | everywhere |
queue         | own         | everywhere | everywhere |
reopen        | own         | everywhere | everywhere |
over_capacity |             | everywhere |            |
close         | own         | everywhere | everywhere |
resolve_doubt | own         | everywhere | everywhere |
link          | everywhere  | everywhere | everywhere |
edit_contact  | everywhere  | everywhere | everywhere |
merge         | granted     | everywhere | everywhere |
block         | everywhere  | everywhere | everywhere |
configure     |             | granted    | everywhere |
pin           | own         | everywhere | everywhere |
send_boleto   | own         | everywhere |            |
send_invoice  | own         | everywhere |            |
grant_bonus   | own         | everywhere |            |
open_order    | own         | everywhere |            |
withdraw      | own         | everywhere | everywhere |
settle_review |             | everywhere | everywhere |
record        |             |            |            |
deliver       |             |            |            |
timed_work    |             |            |            |
"""


def cells() -> list[tuple[Ability, Role, str]]:
    head, *rows = [[c.strip() for c in line.split("|")] for line in SECTION_P.strip().splitlines()]
    return [
        (Ability(row[0]), Role(role), cell)
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    ]


def outcome(ability: Ability, by: Actor, ws: Any, *about: Any) -> type[ChatcoreError] | None:
    """The refusal's class; None when it passes."""
    try:
        if about and isinstance(about[0], Conversation):
            check_access(ability, by, agent_behind(by, ws), ws, *about)
        else:
            check_permitted(ability, by, ws, *[each for each in about if each])
    except ChatcoreError as error:
        return type(error)
    return None


@pytest.mark.parametrize(("ability", "role", "cell"), cells(), ids=lambda v: str(v) or "no")
def test_each_cell_of_section_p(ability: Ability, role: Role, cell: str) -> None:
    """Own, in one's department, elsewhere, and when granted: each as far as it goes. Rule: section P."""
    someone = agent("x", role)
    given = agent("x", role, granted=(ability,))
    own = conversation(OPEN, assignee="x", last_assignee="x")
    here = conversation(OPEN, assignee="beto", last_assignee="beto")
    elsewhere = conversation(QUEUE, department="fin")
    reached = [
        outcome(ability, Actor.agent("x"), workspace(who), about)
        for who in (someone, given)
        for about in (own, here, elsewhere)
    ]
    no = NotPermitted
    given_too = None if ability is Ability.TAKE_ANYWHERE else NotAMember
    assert (
        reached
        == {
            "": [no, no, no, no, no, no],
            "granted": [no, no, no, None, None, None],
            "own": [None, no, no, None, no, no],
            "departments": [None, None, NotAMember, None, None, given_too],
            "everywhere": [None] * 6,
        }[cell]
    )


def test_every_ability_and_role_is_in_these_tests() -> None:
    """The code's table has the same cells."""
    table = {(a, r): reach.name.lower() for a, row in PEOPLE.items() for r, reach in row.items()}
    assert table == {(a, r): cell for a, r, cell in cells() if cell}
    assert {a for a, _, _ in cells()} == {*Ability} == {*PEOPLE}


def test_the_table_cannot_be_changed() -> None:
    """Neither a row nor a cell."""
    with pytest.raises(TypeError):
        PEOPLE[Ability.READ] = {}  # type: ignore[index]
    assert not [ability for ability, row in PEOPLE.items() if hasattr(row, "__setitem__")]


# --- the machines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ability", Ability)
def test_a_bot_acts_on_its_own_flow_only(ability: Ability) -> None:
    """Reads, sends, tags, says why, hands over, closes in BOT; nothing elsewhere or at large. Rule: L22, P."""
    allowed = ability in (
        Ability.READ,
        Ability.SEND,
        Ability.TAG,
        Ability.REASON,
        Ability.QUEUE,
        Ability.CLOSE,
    )
    assert outcome(ability, ROBO, workspace(), conversation(BOT)) is (None if allowed else NotPermitted)
    for situation in (QUEUE, OPEN, Situation.CLOSED):
        assert outcome(ability, ROBO, workspace(), conversation(situation)) is NotFound
    assert outcome(ability, ROBO, workspace()) is NotPermitted


@pytest.mark.parametrize("ability", Ability)
def test_a_bot_may_be_granted_three_things_and_nothing_else(ability: Ability) -> None:
    """Linking, boletos and invoices, "if granted": whatever else the policy names, it stays as it was.

    Rule: section P, L22
    """
    ws = workspace(policies=Policies(bot_granted=(ability,)))
    if ability in (Ability.LINK, Ability.SEND_BOLETO, Ability.SEND_INVOICE):
        assert outcome(ability, ROBO, ws) is None
        assert outcome(ability, ROBO, ws, conversation(BOT)) is None
    else:
        assert outcome(ability, ROBO, ws) is NotPermitted
        as_it_was = outcome(ability, ROBO, workspace(), conversation(BOT))
        assert outcome(ability, ROBO, ws, conversation(BOT)) is as_it_was
    for situation in (QUEUE, OPEN, Situation.CLOSED):
        assert outcome(ability, ROBO, ws, conversation(situation)) is NotFound


def test_what_bots_are_granted_is_for_bots() -> None:
    """People and the system have what is theirs. Rule: section P."""
    ws = workspace(agent("ana", withdrawn=(Ability.LINK,)), policies=Policies(bot_granted=(Ability.LINK,)))
    assert [outcome(Ability.LINK, by, ws) for by in (ANA, AURO, SYSTEM)] == [NotPermitted] * 3


@pytest.mark.parametrize("ability", Ability)
def test_the_system_has_what_rules_give_it(ability: Ability) -> None:
    """It records, delivers, runs timed work, closes, configures and reads, and that is all. Rule: section P."""
    given = (
        Ability.READ,
        Ability.CLOSE,
        Ability.CONFIGURE,
        Ability.RECORD,
        Ability.DELIVER,
        Ability.TIMED_WORK,
    )
    assert outcome(ability, SYSTEM, workspace(), conversation(QUEUE)) is (
        None if ability in given else NotPermitted
    )
    assert outcome(ability, SYSTEM, workspace()) is (None if ability in given else NotPermitted)


# --- roles, what is given, what is taken ---------------------------------------------------------------------


def test_the_widest_of_several_roles_counts() -> None:
    """One person may hold several. Rule: section P."""
    for roles in ((AGENT, SUPERVISOR), (SUPERVISOR, AGENT), (AUDITOR, AGENT, ADMIN)):
        ws = workspace(agent("ana", *roles))
        assert outcome(Ability.CLOSE, ANA, ws, conversation(QUEUE)) is None
    both = workspace(agent("ana", AUDITOR, AGENT))
    assert outcome(Ability.SEND, ANA, both, conversation(OPEN)) is None
    assert outcome(Ability.SEND, ANA, both, conversation(QUEUE)) is NotPermitted
    assert outcome(Ability.CONFIGURE, ANA, both) is NotPermitted


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("ability", Ability)
def test_what_was_taken_away_is_gone(ability: Ability, role: Role) -> None:
    """Whatever the role, and whatever was granted. Rule: section P."""
    someone = agent("ana", role, granted=(ability,), withdrawn=(ability,))
    gone = NotFound if ability is Ability.READ else NotPermitted  # Who may not read sees none to refuse.
    assert outcome(ability, ANA, workspace(someone), conversation(OPEN)) is gone
    assert outcome(ability, ANA, workspace(someone)) is NotPermitted


def test_taking_anywhere_may_be_granted() -> None:
    """Then other departments' conversations can be taken and started, by that agent. Rule: L7."""
    ws = workspace(granted("ana", Ability.TAKE_ANYWHERE))
    for ability in (Ability.TAKE, Ability.START):
        assert outcome(ability, ANA, ws, conversation(QUEUE, department="fin")) is None
        assert outcome(ability, BETO, ws, conversation(QUEUE, department="fin")) is NotAMember
        assert outcome(ability, ANA, ws, None, "fin") is None
        assert outcome(ability, BETO, ws, None, "fin") is NotAMember
        assert outcome(ability, BETO, ws, None, "sup") is None


def test_a_grant_taken_away_takes_nowhere_else() -> None:
    """Granted and withdrawn is withdrawn, for what rests on it too. Rule: section P, L7."""
    both = agent("ana", granted=(Ability.TAKE_ANYWHERE,), withdrawn=(Ability.TAKE_ANYWHERE,))
    ws = workspace(both)
    assert not has_access(both, "fin")
    assert outcome(Ability.TAKE, ANA, ws, conversation(QUEUE, department="fin")) is NotAMember
    assert outcome(Ability.START, ANA, ws, None, "fin") is NotAMember


def test_who_is_no_member_is_told_of_which_department() -> None:
    """Rule: L7."""
    ws = workspace()
    with pytest.raises(NotAMember) as refused:
        check_access(Ability.TAKE, CARLA, ws.agent(CARLA.id), ws, conversation(QUEUE))
    assert (refused.value.agent, refused.value.department) == ("carla", "sup")


def test_neither_conversation_nor_department_means_anywhere() -> None:
    """An agent who may take somewhere may take; one who may send only to their own may not just send."""
    assert outcome(Ability.TAKE, ANA, workspace()) is None
    assert outcome(Ability.SEND, ANA, workspace()) is NotPermitted


def test_access_is_membership_or_a_wider_reach() -> None:
    """Who may have conversations of a department. Rule: L7, L9."""
    assert has_access(agent("ana"), "sup")
    assert not has_access(agent("ana"), "fin")
    assert has_access(granted("ana", Ability.TAKE_ANYWHERE), "fin")
    assert has_access(agent("sara", SUPERVISOR, departments=()), "fin")
    assert has_access(agent("ada", ADMIN, departments=()), "fin")
    assert not has_access(agent("auro", AUDITOR, departments=()), "fin")
    assert not has_access(agent("sara", SUPERVISOR, departments=(), withdrawn=(Ability.TAKE_ANYWHERE,)), "fin")


# --- who is acting -------------------------------------------------------------------------------------------


def test_the_agent_behind_an_actor() -> None:
    """Known and active; a bot and the system are nobody's agent, whatever their id."""
    ws = workspace()
    assert check_active(agent_behind(ANA, ws), ANA) is ws.agent("ana")
    for nobody in (Actor.agent("nobody"), Actor.bot("ana"), SYSTEM):
        assert agent_behind(nobody, ws) is None
        with pytest.raises(NotFound) as missing:
            check_active(None, nobody)
        assert (missing.value.what, missing.value.id) == ("agent", nobody.id)
    davi = Actor.agent("davi")
    with pytest.raises(AgentInactive) as inactive:
        check_active(agent_behind(davi, ws), davi)
    assert inactive.value.agent == "davi"


@pytest.mark.parametrize("ability", Ability)
def test_nobody_unknown_or_inactive_has_any_ability(ability: Ability) -> None:
    """They are told so where no conversation would be given away. Rule: section P."""
    assert outcome(ability, Actor.agent("nobody"), workspace()) is NotFound
    assert outcome(ability, Actor.agent("davi"), workspace()) is AgentInactive


# --- what one sees -------------------------------------------------------------------------------------------

OWN = Scope(assignee="ana", waiting=("sup",))
DEPARTMENTS = Scope(assignee="ana", departments=("sup",))


@pytest.mark.parametrize(
    ("policy", "seen"),
    [(AgentsRead.ALL, EVERYTHING), (AgentsRead.DEPARTMENTS, DEPARTMENTS), (AgentsRead.OWN, OWN)],
)
@pytest.mark.parametrize("roles", [(AGENT,), (AGENT, AGENT)], ids=["agent", "agent twice"])
def test_agents_read_by_policy(policy: AgentsRead, seen: Scope, roles: tuple[Role, ...]) -> None:
    """All, their departments, or their own; being an agent twice makes nobody see more. Rule: section P."""
    ws = workspace(agent("ana", *roles), policies=Policies(agents_read=policy))
    assert scope_of(ANA, ws) == seen


@pytest.mark.parametrize("policy", AgentsRead)
@pytest.mark.parametrize("by", [SARA, ADA, AURO, SYSTEM], ids=lambda a: a.id)
def test_others_read_everything(policy: AgentsRead, by: Actor) -> None:
    """Supervisors, admins, auditors and the system, whatever the policy for agents. Rule: section P."""
    assert scope_of(by, workspace(policies=Policies(agents_read=policy))) == EVERYTHING


@pytest.mark.parametrize("policy", AgentsRead)
def test_a_bot_reads_its_own_flow(policy: AgentsRead) -> None:
    """What is in BOT. Rule: section P, L22."""
    assert scope_of(ROBO, workspace(policies=Policies(agents_read=policy))) == Scope(bot=True)


@pytest.mark.parametrize("policy", AgentsRead)
def test_who_is_nobody_sees_nothing(policy: AgentsRead) -> None:
    """Unknown, inactive, or with reading taken away, whatever the role. Rule: section P."""
    ws = workspace(agent("sara", SUPERVISOR, withdrawn=(Ability.READ,)), policies=Policies(agents_read=policy))
    for by in (Actor.agent("nobody"), Actor.agent("davi"), SARA):
        assert scope_of(by, ws) == NOTHING


@pytest.mark.parametrize("ability", [Ability.REOPEN, Ability.REASON, Ability.TRANSFER])
def test_a_closed_conversation_is_its_last_assignees_own(ability: Ability) -> None:
    """Nobody has it, and who had it last may go on with it. Rule: section P, L18."""
    closed = conversation(Situation.CLOSED)
    assert outcome(ability, ANA, workspace(), closed) is None
    assert outcome(ability, BETO, workspace(), closed) is NotPermitted
