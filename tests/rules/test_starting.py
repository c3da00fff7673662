"""Starting a conversation from the service's side."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.commands import StartConversation
from chatcore.errors import (
    AlreadyLive,
    AtCapacity,
    ChatcoreError,
    ContactBlocked,
    NotAMember,
    NotPermitted,
    TextTooLong,
    WindowClosed,
)
from chatcore.events import ContactCreated, Intended, MessageAdded, MessageWritten, Started
from chatcore.rules import decide
from chatcore.rules.protocols import protocol_number
from chatcore.vocabulary import Ability, Actor, Direction, Private, Situation
from tests.given import (
    ADDRESS,
    ANA,
    CARLA,
    HOUR,
    NOW,
    PHONE,
    ROOT,
    SARA,
    after,
    blocked_contact,
    born,
    capabilities,
    changed,
    conversation,
    granted,
    on_start,
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
