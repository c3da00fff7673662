"""Editing a conversation: the commands it stands for, all of them or none; see also the law in `tests/laws`."""

from __future__ import annotations

from typing import Any

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
)
from chatcore.entities import AutomaticMessages, Policies
from chatcore.errors import (
    AgentInactive,
    AlreadyLive,
    AtCapacity,
    ChatcoreError,
    ContactMerged,
    FieldsRequired,
    InvalidValue,
    NoBot,
    NotAdmitted,
    NotAMember,
    NotContracted,
    NotFound,
    NotPermitted,
    ReasonRequired,
    TooManyTransfers,
    VersionConflict,
)
from chatcore.events import (
    Closed,
    CustomerLinked,
    DepartmentChanged,
    MessageWritten,
    Queued,
    ReasonSet,
    Reopened,
    ReturnedToBot,
    Taken,
    Transferred,
)
from chatcore.limits import TRANSFERS
from chatcore.rules import decide
from chatcore.rules.facts import OnContact, OnConversation, OnReopening, OnTalk
from chatcore.rules.table import TABLE
from chatcore.vocabulary import SYSTEM, Ability, Actor, AgentsRead, Role, Situation
from tests.given import (
    ANA,
    AURO,
    BETO,
    BOT_CHANNEL,
    CARLA,
    CHANNEL,
    CT,
    CV,
    NOW,
    ROBO,
    SARA,
    after,
    agent,
    changed,
    contact,
    conversation,
    granted,
    on_contact,
    on_conversation,
    on_edit,
    on_reopening,
    on_talk,
    required_field,
    workspace,
)

BOT, QUEUE, OPEN, CLOSED = Situation.BOT, Situation.QUEUE, Situation.OPEN, Situation.CLOSED
WITH_BOT = workspace(channels=(changed(CHANNEL, bot=True), BOT_CHANNEL))
C = "c-1"


class Case:
    """A conversation as it stands, who acts, and what else there is."""

    def __init__(
        self,
        by: Actor = SARA,
        situation: Situation = OPEN,
        changes: Any = None,
        *,
        workspace: Any = WITH_BOT,
        loads: Any = None,
        live: Any = None,
        known: Any = None,
        visible: bool = True,
    ) -> None:
        self.by = by
        self.having = conversation(situation, **(changes or {}))
        self.known = known or contact()
        self.common = {"workspace": workspace}
        self.loads, self.live, self.visible = loads, live, visible

    def edit(self, expected: int | None = None, **asked: Any) -> Any:
        facts = on_edit(self.having, self.by, self.loads, contact=self.known, live=self.live, **self.common)
        return decide(EditConversation(CV, **asked), facts, expected=expected)

    def facts(self, command: Any, having: Any, known: Any) -> Any:
        shape = TABLE[type(command)].shape
        if shape is OnContact:
            return on_contact(known, self.by, visible=self.visible, **self.common)
        if shape is OnTalk:
            return on_talk(having, self.by, contact=known, **self.common)
        if shape is OnReopening:
            return on_reopening(having, self.by, self.loads, live=self.live, **self.common)
        assert shape is OnConversation
        return on_conversation(having, self.by, self.loads, **self.common)

    def plainly(self, *commands: Any) -> Any:
        """What these commands lead to, one after another, each on what the one before it left."""
        having, known, decision = self.having, self.known, ()
        for command in commands:
            happened = decide(command, self.facts(command, having, known))
            having = after(having, *[event for ref, event in happened if ref == CV], by=self.by)
            known = after(known, *[event for ref, event in happened if ref == CT], by=self.by)
            decision += happened
        return decision

    def refused(self, *commands: Any, **asked: Any) -> ChatcoreError:
        """The refusal of an edit, which is that of the plain commands."""
        with pytest.raises(ChatcoreError) as plain:
            self.plainly(*commands)
        with pytest.raises(ChatcoreError) as edited:
            self.edit(**asked)
        assert type(edited.value) is type(plain.value)
        assert vars(edited.value) == vars(plain.value)
        return edited.value


# --- one thing -----------------------------------------------------------------------------------------------

LIVE = (BOT, QUEUE, OPEN)


@pytest.mark.parametrize(
    ("situation", "asked", "command"),
    [
        *[(s, {"customer": C}, LinkCustomer(CT, C)) for s in Situation],
        *[(s, {"department": "fin"}, ChangeDepartment(CV, "fin")) for s in LIVE],
        *[(s, {"reason": "slow"}, SetReason(CV, "slow")) for s in Situation],
        (BOT, {"to": "beto"}, Assign(CV, "beto")),
        (QUEUE, {"to": "beto"}, Assign(CV, "beto")),
        (QUEUE, {"to": "sara"}, Take(CV)),
        (OPEN, {"to": "beto"}, Transfer(CV, "beto")),
        (CLOSED, {"to": "beto"}, Reopen(CV, "beto")),
        (BOT, {"situation": QUEUE}, ReturnToQueue(CV)),
        (OPEN, {"situation": QUEUE}, ReturnToQueue(CV)),
        (CLOSED, {"situation": QUEUE}, Reopen(CV)),
        (QUEUE, {"situation": BOT}, ReturnToBot(CV)),
        (OPEN, {"situation": BOT}, ReturnToBot(CV)),
        (BOT, {"situation": OPEN}, Take(CV)),
        (QUEUE, {"situation": OPEN}, Take(CV)),
        (CLOSED, {"situation": OPEN}, Reopen(CV, "sara")),
        *[(s, {"situation": CLOSED, "reason": "slow"}, Close(CV, "slow")) for s in LIVE],
        (CLOSED, {"situation": CLOSED, "reason": "slow"}, SetReason(CV, "slow")),
    ],
)
def test_each_field_is_its_own_command(situation: Situation, asked: Any, command: Any) -> None:
    """The same events, from each situation. Rule: S18, L17, L18."""
    case = Case(situation=situation)
    decision = case.edit(**asked)
    assert decision == case.plainly(command)
    assert decision


def test_a_reason_said_before_closes_as_well() -> None:
    """Rule: S18, S19."""
    case = Case(changes={"reason": "slow"})
    assert case.edit(situation=CLOSED) == ((CV, Closed(reason="slow")),)


def test_it_closes_with_the_closing_message() -> None:
    """Once, before the close. Rule: L10, S18."""
    words = workspace(policies=Policies(automatic=AutomaticMessages(closing="Até logo!")))
    case = Case(workspace=words)
    decision = case.edit(situation=CLOSED, reason="slow", customer=C)
    assert decision == case.plainly(LinkCustomer(CT, C), Close(CV, "slow"))
    assert [w.automatic for _, w in decision if isinstance(w, MessageWritten)] == ["closing"]


@pytest.mark.parametrize(
    ("situation", "asked"),
    [
        (OPEN, {}),
        (OPEN, {"to": "ana"}),
        (OPEN, {"situation": OPEN}),
        (OPEN, {"to": "ana", "situation": OPEN}),
        (QUEUE, {"situation": QUEUE}),
        (BOT, {"situation": BOT}),
        (CLOSED, {"situation": CLOSED}),
        (CLOSED, {"situation": CLOSED, "reason": "moved"}),
        (OPEN, {"department": "sup", "to": "ana"}),
        (OPEN, {"customer": "c-0", "situation": OPEN}),
    ],
)
def test_asking_for_what_already_is_changes_nothing(situation: Situation, asked: Any) -> None:
    """A form gives back what it showed. Rule: L19, S18."""
    assert Case(situation=situation, known=contact(customer="c-0")).edit(**asked) == ()


# --- several things ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("situation", "asked", "commands", "events"),
    [
        (
            QUEUE,
            {"customer": C, "department": "fin", "reason": "fin", "to": "carla"},
            (LinkCustomer(CT, C), ChangeDepartment(CV, "fin"), SetReason(CV, "fin"), Assign(CV, "carla")),
            [
                CustomerLinked(customer=C),
                DepartmentChanged(department="fin"),
                ReasonSet(reason="fin"),
                Taken(assignee="carla"),
            ],
        ),
        (
            OPEN,
            {"department": "fin", "to": "carla"},
            (ChangeDepartment(CV, "fin"), Assign(CV, "carla")),
            [Queued(department="fin"), Taken(assignee="carla")],
        ),
        (
            OPEN,
            {"department": "fin", "situation": OPEN},
            (ChangeDepartment(CV, "fin"), Take(CV)),
            [Queued(department="fin"), Taken(assignee="sara")],
        ),
        (
            OPEN,
            {"department": "fin", "situation": BOT, "reason": "fin"},
            (ChangeDepartment(CV, "fin"), SetReason(CV, "fin"), ReturnToBot(CV)),
            [Queued(department="fin"), ReasonSet(reason="fin"), ReturnedToBot()],
        ),
        (
            OPEN,
            {"department": "fin", "situation": CLOSED, "reason": "fin"},
            (ChangeDepartment(CV, "fin"), Close(CV, "fin")),
            [Queued(department="fin"), Closed(reason="fin")],
        ),
        (
            OPEN,
            {"reason": "slow", "to": "beto"},
            (SetReason(CV, "slow"), Transfer(CV, "beto")),
            [ReasonSet(reason="slow"), Transferred(assignee="beto")],
        ),
        (
            CLOSED,
            {"reason": "slow", "situation": QUEUE},
            (Reopen(CV), SetReason(CV, "slow")),
            [Reopened(), ReasonSet(reason="slow")],
        ),
        (
            CLOSED,
            {"department": "fin", "situation": OPEN, "reason": "fin"},
            (Reopen(CV, "sara"), ChangeDepartment(CV, "fin"), SetReason(CV, "fin")),
            [
                Reopened(assignee="sara"),
                DepartmentChanged(department="fin"),
                ReasonSet(reason="fin"),
            ],
        ),
    ],
)
def test_several_are_their_commands_one_after_another(
    situation: Situation, asked: Any, commands: Any, events: Any
) -> None:
    """A reason fits the department it comes to; what is closed goes on first. Rule: S18, C4, L8."""
    case = Case(situation=situation)
    decision = case.edit(**asked)
    assert decision == case.plainly(*commands)
    assert [event for _, event in decision] == events


@pytest.mark.parametrize(
    ("situation", "asked", "commands"),
    [
        (QUEUE, {"to": "ana", "reason": "slow"}, (Take(CV), SetReason(CV, "slow"))),
        (QUEUE, {"situation": OPEN, "reason": "slow"}, (Take(CV), SetReason(CV, "slow"))),
        (OPEN, {"department": "fin", "reason": "slow"}, (SetReason(CV, "slow"), ChangeDepartment(CV, "fin"))),
        (OPEN, {"to": "beto", "reason": "slow"}, (SetReason(CV, "slow"), Transfer(CV, "beto"))),
        (OPEN, {"situation": QUEUE, "reason": "slow"}, (SetReason(CV, "slow"), ReturnToQueue(CV))),
        (CLOSED, {"situation": OPEN, "reason": "slow"}, (Reopen(CV, "ana"), SetReason(CV, "slow"))),
    ],
)
def test_an_agent_says_why_while_it_is_theirs(situation: Situation, asked: Any, commands: Any) -> None:
    """After taking it, and before giving it away: in the order in which all of it may be done. Rule: S18, P."""
    case = Case(ANA, situation)
    assert case.edit(**asked) == case.plainly(*commands)


def test_no_order_gives_what_no_order_may() -> None:
    """To another department, for a reason of its own: only who has it there says so. Rule: S18, C4, P."""
    case = Case(ANA)
    for commands in (
        (ChangeDepartment(CV, "fin"), SetReason(CV, "fin")),
        (SetReason(CV, "fin"), ChangeDepartment(CV, "fin")),
    ):
        with pytest.raises((NotPermitted, InvalidValue)):
            case.plainly(*commands)
    error = case.refused(ChangeDepartment(CV, "fin"), SetReason(CV, "fin"), department="fin", reason="fin")
    assert vars(error) == {"ability": Ability.REASON}


def test_all_of_it_happens_or_nothing() -> None:
    """Whichever of them is refused. Rule: S18."""
    case = Case(ANA)
    good = {"customer": C, "reason": "slow"}
    assert len(case.edit(**good)) == 2
    error = case.refused(LinkCustomer(CT, C), SetReason(CV, "old"), customer=C, reason="old")
    assert isinstance(error, InvalidValue)
    case.refused(SetReason(CV, "slow"), Transfer(CV, "carla"), **good, to="carla")
    case.refused(ChangeDepartment(CV, "nowhere"), **good, department="nowhere")


def test_who_keeps_it_is_not_left_without_it_on_the_way() -> None:
    """Asked to be with ana, in a department she does not serve: refused, and not queued. Rule: S18, L8, L9."""
    case = Case(SARA)
    error = case.refused(ChangeDepartment(CV, "fin"), Assign(CV, "ana"), department="fin", to="ana")
    assert isinstance(error, NotAMember)
    assert vars(error) == {"agent": "ana", "department": "fin"}


# --- the guards ----------------------------------------------------------------------------------------------

MERGED = contact(addresses=(), merged_into="ct_9")
FULL = {"ana": 2}


@pytest.mark.parametrize(
    ("kind", "case", "asked", "command"),
    [
        (NotFound, Case(), {"department": "nowhere"}, ChangeDepartment(CV, "nowhere")),
        (NotFound, Case(), {"reason": "nothing"}, SetReason(CV, "nothing")),
        (NotFound, Case(), {"to": "nobody"}, Transfer(CV, "nobody")),
        (InvalidValue, Case(), {"reason": "worst"}, SetReason(CV, "worst")),
        (InvalidValue, Case(), {"situation": CLOSED, "reason": "worst"}, Close(CV, "worst")),
        (ReasonRequired, Case(), {"situation": CLOSED}, Close(CV)),
        (ReasonRequired, Case(ANA), {"situation": CLOSED}, Close(CV)),
        (AgentInactive, Case(), {"to": "davi"}, Transfer(CV, "davi")),
        (AgentInactive, Case(situation=QUEUE), {"to": "davi"}, Assign(CV, "davi")),
        (AgentInactive, Case(situation=CLOSED), {"to": "davi"}, Reopen(CV, "davi")),
        (NotAMember, Case(), {"to": "carla"}, Transfer(CV, "carla")),
        (NotAMember, Case(CARLA, QUEUE), {"situation": OPEN}, Take(CV)),
        (AtCapacity, Case(ANA, QUEUE, loads=FULL), {"situation": OPEN}, Take(CV)),
        (AtCapacity, Case(ANA, QUEUE, loads=FULL), {"to": "ana"}, Take(CV)),
        (AtCapacity, Case(situation=QUEUE, loads=FULL), {"to": "ana"}, Assign(CV, "ana")),
        (AtCapacity, Case(ANA, CLOSED, loads=FULL), {"situation": OPEN}, Reopen(CV, "ana")),
        (AlreadyLive, Case(situation=CLOSED, live=conversation(id="cv_7")), {"situation": QUEUE}, Reopen(CV)),
        (TooManyTransfers, Case(changes={"transfers": TRANSFERS}), {"to": "beto"}, Transfer(CV, "beto")),
        (NoBot, Case(workspace=workspace()), {"situation": BOT}, ReturnToBot(CV)),
        (ContactMerged, Case(known=MERGED), {"customer": C}, LinkCustomer(CT, C)),
        (NotAdmitted, Case(situation=CLOSED), {"department": "fin"}, ChangeDepartment(CV, "fin")),
        (NotAdmitted, Case(situation=CLOSED), {"situation": BOT}, ReturnToBot(CV)),
        (NotPermitted, Case(BETO), {"reason": "slow"}, SetReason(CV, "slow")),
        (NotPermitted, Case(BETO), {"department": "fin"}, ChangeDepartment(CV, "fin")),
        (NotPermitted, Case(BETO), {"to": "beto"}, Transfer(CV, "beto")),
        (NotPermitted, Case(BETO), {"situation": QUEUE}, ReturnToQueue(CV)),
        (NotPermitted, Case(BETO), {"situation": BOT}, ReturnToBot(CV)),
        (NotPermitted, Case(BETO), {"situation": CLOSED, "reason": "slow"}, Close(CV, "slow")),
        (NotPermitted, Case(BETO, CLOSED), {"situation": OPEN}, Reopen(CV, "beto")),
        (NotPermitted, Case(ANA, QUEUE), {"to": "beto"}, Assign(CV, "beto")),
        (NotPermitted, Case(ANA, CLOSED), {"to": "beto"}, Reopen(CV, "beto")),
        (NotPermitted, Case(AURO), {"customer": C}, LinkCustomer(CT, C)),
        (NotPermitted, Case(AURO, QUEUE), {"situation": OPEN}, Take(CV)),
        (NotPermitted, Case(ROBO, BOT), {"customer": C}, LinkCustomer(CT, C)),
        (NotPermitted, Case(ROBO, BOT), {"department": "fin"}, ChangeDepartment(CV, "fin")),
        (NotPermitted, Case(ROBO, BOT), {"to": "ana"}, Assign(CV, "ana")),
        (NotPermitted, Case(SYSTEM), {"reason": "slow"}, SetReason(CV, "slow")),
        (NotPermitted, Case(SYSTEM, CLOSED), {"situation": QUEUE}, Reopen(CV)),
        (
            FieldsRequired,
            Case(workspace=workspace(fields=(required_field(),))),
            {"situation": CLOSED, "reason": "slow"},
            Close(CV, "slow"),
        ),
    ],
    ids=lambda v: v.__name__ if isinstance(v, type) else "",
)
def test_each_guard_refuses_the_same_way(
    kind: type[ChatcoreError], case: Case, asked: Any, command: Any
) -> None:
    """The same error with the same words, alone and among others. Rule: S18, L7, L9, L18, P."""
    assert isinstance(case.refused(command, **asked), kind)
    with pytest.raises(ChatcoreError):
        case.edit(**{"customer": "c-2", **asked})


def test_the_bot_hands_over_and_closes_its_own_flow() -> None:
    """With why, as it may by plain commands; granted, it says who the customer is. Rule: L22, P, S18."""
    case = Case(ROBO, BOT)
    assert case.edit(reason="slow", situation=QUEUE) == case.plainly(SetReason(CV, "slow"), ReturnToQueue(CV))
    assert case.edit(reason="slow", situation=CLOSED) == case.plainly(Close(CV, "slow"))
    ws = workspace(policies=Policies(bot_granted=(Ability.LINK,)))
    granted_case = Case(ROBO, BOT, workspace=ws)
    assert granted_case.edit(customer=C) == ((CT, CustomerLinked(customer=C)),)


def test_the_system_closes_with_the_default_reason() -> None:
    """And does nothing else by an edit. Rule: L10, P, S18."""
    case = Case(SYSTEM, workspace=workspace(policies=Policies(default_reason="slow")))
    assert case.edit(situation=CLOSED) == ((CV, Closed(reason="slow")),)


@pytest.mark.parametrize(
    ("situation", "asked"),
    [
        (QUEUE, {"to": "sara"}),
        (QUEUE, {"situation": OPEN}),
        (QUEUE, {"to": "ana"}),
        (OPEN, {"to": "beto"}),
        (CLOSED, {"to": "beto"}),
        (CLOSED, {"situation": OPEN}),
    ],
)
def test_who_may_goes_over_capacity(situation: Situation, asked: Any) -> None:
    """By each of the commands that give it to somebody; who may not is refused. Rule: L7, S18."""
    people = (agent("sara", Role.SUPERVISOR, max_open=1), agent("beto", max_open=1), agent("ana", max_open=1))
    ws = workspace(*people)
    loads = {"sara": 1, "beto": 1, "ana": 1}
    changes = {"assignee": "carla", "last_assignee": "carla"} if situation is OPEN else None
    case = Case(SARA, situation, changes, workspace=ws, loads=loads)
    with pytest.raises(AtCapacity):
        case.edit(**asked)
    assert case.edit(**asked, over_capacity=True)
    own = Case(ANA, QUEUE, workspace=ws, loads=loads)
    with pytest.raises(NotPermitted):
        own.edit(to="ana", over_capacity=True)


def test_what_one_may_not_see_one_may_not_edit() -> None:
    """Whatever is asked for, and be it nothing. Rule: P, S18."""
    ws = workspace(policies=Policies(agents_read=AgentsRead.OWN))
    for asked in ({}, {"customer": C}, {"to": "beto"}, {"reason": "nothing"}):
        with pytest.raises(NotFound) as unseen:
            Case(BETO, workspace=ws).edit(**asked)
        assert vars(unseen.value) == {"what": "conversation", "id": CV}


def test_what_is_withdrawn_or_granted_counts() -> None:
    """Rule: P, S18."""
    ws = workspace(agent("ana", withdrawn=(Ability.LINK,)))
    Case(ANA, workspace=ws).refused(LinkCustomer(CT, C), customer=C)
    ws = workspace(granted("ana", Ability.ASSIGN))
    case = Case(ANA, QUEUE, workspace=ws)
    assert case.edit(to="beto") == ((CV, Taken(assignee="beto")),)


def test_what_is_not_contracted_is_not_edited() -> None:
    """Rule: S23."""
    with pytest.raises(NotContracted):
        Case(workspace=workspace(modules=())).edit(reason="slow")


def test_an_expected_version_counts_for_the_whole() -> None:
    """It is compared once, before any of it. Rule: S18."""
    case = Case()
    assert case.edit(expected=case.having.version, reason="slow", to="beto")
    with pytest.raises(VersionConflict):
        case.edit(expected=case.having.version + 1, reason="slow", to="beto")


def test_an_assignee_means_open() -> None:
    """To give it to somebody and to the queue at once is no edit. Rule: L1, S18."""
    for situation in (BOT, QUEUE, CLOSED):
        with pytest.raises(InvalidValue) as bad:
            EditConversation(CV, to="beto", situation=situation)
        assert [(p.path, p.code, p.rule) for p in bad.value.problems] == [("to", "assignee_means_open", "L1")]
    assert Case().edit(to="beto", situation=OPEN) == Case().edit(to="beto")


def test_the_clock_may_be_behind_the_record() -> None:
    """Then the record's own time goes on. Rule: L12, S18."""
    ahead = Case(changes={"recorded_at": NOW.replace(year=2027)})
    assert len(ahead.edit(reason="slow", to="beto")) == 2
