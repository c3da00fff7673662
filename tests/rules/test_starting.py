"""Starting a conversation from the service's side."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import StartConversation
from chatcore.entities import AutomaticMessages, Policies
from chatcore.entities.conversation import Robot
from chatcore.errors import (
    AlreadyLive,
    AtCapacity,
    ChatcoreError,
    ContactBlocked,
    ContactMerged,
    InvalidValue,
    KindNotCarried,
    NotAMember,
    NotFound,
    NotPermitted,
    OptedOut,
    TextTooLong,
    WindowClosed,
    WrongParameters,
)
from chatcore.events import ContactCreated, Intended, MessageAdded, MessageWritten, Started
from chatcore.rules import decide
from chatcore.rules.protocols import protocol_number
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    Direction,
    MessageKind,
    Private,
    Situation,
)
from tests.given import (
    ADA,
    ADDRESS,
    ANA,
    AURO,
    CARLA,
    CHANNEL,
    HOUR,
    NOW,
    PHONE,
    ROBO,
    ROOT,
    SARA,
    after,
    blocked_contact,
    born,
    capabilities,
    changed,
    contact,
    conversation,
    granted,
    on_start,
    stocked,
    workspace,
)

NEW = f"cv_{ROOT}"
PROTOCOL = protocol_number(ROOT, NOW, "America/Sao_Paulo")
WITHOUT_WINDOW = capabilities(window=None)
STARTED = Started(
    contact="ct_1", channel="wa", address=PHONE, protocol=PROTOCOL, department="sup", assignee="ana"
)


def start(by: Actor = ANA, text: str | None = None, over: bool = False, loads: Any = None, **facts: Any) -> Any:
    command = StartConversation("wa", contact="ct_1", text=text, over_capacity=over)
    return decide(command, on_start(by, loads, **facts))


def refused(kind: type[ChatcoreError], *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        start(*args, **values)
    return vars(caught.value)


def test_it_opens_with_the_agent_who_asks() -> None:
    """As its assignee, with a protocol number. Rule: S3, L5, L11."""
    assert start() == ((NEW, STARTED),)
    assert born(NEW, STARTED).situation is Situation.OPEN


def test_a_number_nobody_knows_becomes_a_contact_first() -> None:
    """Rule: S3."""
    born_contact, started = start(contact=None)
    assert born_contact == (f"ct_{ROOT}", ContactCreated(addresses=(ADDRESS,)))
    assert started[1].contact == f"ct_{ROOT}"
    assert started[1].address == PHONE


def test_a_first_message_goes_at_once() -> None:
    """With seq 1, from the agent; to whom was not known until now as well. Rule: S3, M4."""
    started, (cv, added), (message, written), (effect, intended) = start(
        text="Bom dia", capabilities=WITHOUT_WINDOW
    )
    assert started == (NEW, STARTED)
    assert (cv, added) == (
        NEW,
        MessageAdded(message=f"{NEW}.1", seq=1, direction=Direction.OUTBOUND, human=True),
    )
    assert isinstance(written, MessageWritten)
    assert (message, written.body, written.author, written.effect) == (
        f"{NEW}.1",
        Private("Bom dia"),
        ANA,
        effect,
    )
    assert isinstance(intended, Intended)
    assert (intended.conversation, intended.contact, intended.message) == (NEW, "ct_1", message)
    assert after(born(NEW, STARTED), added).seq == 1
    assert len(start(text="Bom dia", contact=None, capabilities=WITHOUT_WINDOW)) == 5


def test_a_live_conversation_stands_in_the_way() -> None:
    """It is named, so that one can go there. Rule: L3."""
    live = conversation(Situation.OPEN, id="cv_7")
    assert refused(AlreadyLive, live=live) == {"conversation": "cv_7"}
    assert refused(AlreadyLive, live=live, contact=blocked_contact()) == {"conversation": "cv_7"}


def test_nothing_is_started_with_a_blocked_contact() -> None:
    """Rule: L21, S20."""
    assert refused(ContactBlocked, contact=blocked_contact()) == {}


def test_the_full_start_nothing_more() -> None:
    """It would be OPEN with them. Rule: L7."""
    assert refused(AtCapacity, loads={"ana": 2}) == {"agent": "ana", "open": 2, "limit": 2}
    assert refused(NotPermitted, over=True) == {"ability": Ability.OVER_CAPACITY}
    assert start(SARA, over=True, loads={"sara": 99})[0][1].assignee == "sara"


def test_outsiders_start_nothing_in_a_department() -> None:
    """Own departments, or the granted ability. Rule: section P, L7."""
    assert refused(NotAMember, CARLA) == {"agent": "carla", "department": "sup"}
    assert start(CARLA, department="fin")[0][1].department == "fin"
    ws = workspace(granted("carla", Ability.TAKE_ANYWHERE, departments=("fin",)))
    assert start(CARLA, workspace=ws)[0][1].assignee == "carla"


def test_who_may_take_nothing_starts_nothing() -> None:
    """They would have what they may not have; not even anywhere, nor above their limit. Rule: L7, L9."""
    for abilities in ((), (Ability.TAKE_ANYWHERE, Ability.OVER_CAPACITY)):
        ws = workspace(granted("ana", *abilities, withdrawn=(Ability.TAKE,)))
        assert refused(NotAMember, workspace=ws) == {"agent": "ana", "department": "sup"}
        assert refused(NotAMember, workspace=ws, over=bool(abilities)) == {"agent": "ana", "department": "sup"}


def test_a_first_message_needs_an_open_window() -> None:
    """Nobody wrote yet, so only a channel without a window takes it. Rule: M5."""
    assert refused(WindowClosed, text="Bom dia") == {"closed_at": None}
    assert start() == ((NEW, STARTED),)


def test_a_first_message_fits_the_channel() -> None:
    """Rule: M6."""
    short = capabilities(window=None, text_limit=3)
    assert refused(TextTooLong, text="Olá!", capabilities=short) == {"limit": 3, "actual": 4}


def test_the_window_of_the_last_conversation_is_still_open() -> None:
    """The window is the customer's on the channel, not the conversation's: a new one inherits it. Rule: M5."""
    last = conversation(Situation.CLOSED, window_until=NOW + HOUR)
    decision = start(text="Bom dia", last=last)
    assert decision[0][1].window_until == NOW + HOUR
    kinds = [type(event).__name__ for _, event in decision]
    assert kinds == ["Started", "MessageAdded", "MessageWritten", "Intended"]
    assert refused(WindowClosed, text="Bom dia", last=changed(last, window_until=NOW)) == {"closed_at": NOW}


# --- by an approved template ---------------------------------------------------------------------------------


def notify(template: str = "notice", *parameters: str, by: Actor = ANA, **facts: Any) -> Any:
    given = parameters or (("Maria", "12/03") if template == "notice" else ())
    command = StartConversation("wa", contact="ct_1", template=template, parameters=given)
    return decide(command, on_start(by, **{"workspace": stocked(), **facts}))


def unsent(kind: type[ChatcoreError], *args: Any, **values: Any) -> dict[str, Any]:
    with pytest.raises(kind) as caught:
        notify(*args, **values)
    return vars(caught.value)


def test_outside_the_window_a_template_opens_the_talk() -> None:
    """With seq 1, filled in for the screen, its parameters kept for the provider. Rule: S3, M5, M4."""
    started, (_, added), (message, written), (effect, intended) = notify()
    assert started == (NEW, STARTED)
    assert added == MessageAdded(message=f"{NEW}.1", seq=1, direction=Direction.OUTBOUND, human=True)
    assert written == MessageWritten(
        conversation=NEW,
        seq=1,
        channel="wa",
        kind=MessageKind.TEMPLATE,
        body=Private("Olá Maria, dia 12/03."),
        effect=f"ef_{ROOT}.1",
        author=ANA,
        template="notice",
        parameters=(Private("Maria"), Private("12/03")),
    )
    assert (intended.message, intended.contact, effect) == (message, "ct_1", f"ef_{ROOT}.1")
    assert len(notify(contact=None)) == 5


def test_a_template_opens_no_window() -> None:
    """Only a customer's message does. Rule: M5."""
    decision = notify()
    opened = after(born(NEW, STARTED), decision[1][1])
    assert opened.window_until is None


def test_a_template_that_does_not_fit_starts_nothing() -> None:
    """All its misfits, as when it is sent later. Rule: C3, M6, M16."""
    for template, problem in (("gone", ("archived", "C3")), ("other", ("other_channel", "M6"))):
        with pytest.raises(InvalidValue) as bad:
            notify(template)
        assert [(p.path, p.code, p.rule) for p in bad.value.problems] == [("template", *problem)]
    assert unsent(NotFound, "nothing") == {"what": "template", "id": "nothing"}
    assert unsent(WrongParameters, "notice", "Maria") == {"expected": 2, "actual": 1}
    without = capabilities(templates=False)
    assert unsent(KindNotCarried, capabilities=without) == {"message_kind": MessageKind.TEMPLATE}


def test_who_opted_out_gets_no_marketing() -> None:
    """A number nobody knows did not opt out. Rule: M16."""
    out = contact(opted_out=True)
    assert unsent(OptedOut, "offer", contact=out) == {}
    assert notify("notice", contact=out)
    assert notify("offer")
    assert notify("offer", contact=None)


# --- where, and with whom ------------------------------------------------------------------------------------


def test_nothing_starts_in_an_archived_place() -> None:
    """Neither on the channel nor in the department; both are told at once. Rule: C3, S3."""
    old_channel = changed(CHANNEL, archived=True)
    department = next(d for d in workspace().departments if d.id == "fin")
    ws = workspace(departments=(workspace().departments[0], changed(department, archived=True)))
    for facts, paths in (
        ({"channel": old_channel}, ["channel"]),
        ({"department": "fin"}, ["department"]),
        ({"channel": old_channel, "department": "fin"}, ["channel", "department"]),
    ):
        with pytest.raises(InvalidValue) as bad:
            start(SARA, workspace=ws, **facts)
        assert [(p.path, p.code, p.rule) for p in bad.value.problems] == [
            (path, "archived", "C3") for path in paths
        ]
    assert start(SARA, workspace=ws)


def test_who_turned_out_to_be_another_is_named() -> None:
    """The conversation would be with nobody. Rule: M11."""
    gone = contact(addresses=(), merged_into="ct_9")
    assert refused(ContactMerged, contact=gone) == {"into": "ct_9"}


def test_what_was_said_of_the_night_is_remembered() -> None:
    """The customer, who was told once that it is closed, is not told again in the new one. Rule: L20, H1."""
    last = conversation(Situation.CLOSED, robot=Robot(quiet_until=NOW + HOUR, turns=2))
    decision = start(last=last)
    assert decision[0][1].quiet_until == NOW + HOUR
    assert born(*decision[0]).talk.robot == Robot(quiet_until=NOW + HOUR)


def test_nothing_is_said_by_itself() -> None:
    """Nobody came, so nobody is greeted. Rule: L20."""
    words = AutomaticMessages(greeting="Olá", queued="Aguarde", after_hours="Fechado", closing="Tchau")
    ws = workspace(policies=Policies(automatic=words))
    assert start(workspace=ws, capabilities=WITHOUT_WINDOW) == ((NEW, STARTED),)


@pytest.mark.parametrize("by", [ROBO, SYSTEM, AURO])
def test_only_who_serves_starts_one(by: Actor) -> None:
    """It opens with a person as its assignee; no machine, no onlooker. Rule: S3, L22, section P."""
    assert refused(NotPermitted, by) == {"ability": Ability.START}
    assert start(ADA)[0][1].assignee == "ada"
