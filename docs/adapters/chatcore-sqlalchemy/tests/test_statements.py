"""How many statements a command takes, for each is a way to the database and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from chatcore_sqlalchemy import SqlStorage
from sqlalchemy import Engine, event

from chatcore import Actor, Delivery, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import Close, Command, Configure, ReceiveMessage, SendMessage, Take
from chatcore.memory import MemoryMessaging
from chatcore.testing import PROVIDER, Clock
from chatcore.vocabulary import SYSTEM, ChannelId, ChannelKind, ConversationId, Private, ReasonId, kind_of

ANA = Actor.agent("ana")
MORNING = "2026-03-10T09:00:00-03:00"


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    """Counts the statements that an engine runs, by their first word, and its commits."""
    found: Counter[str] = Counter()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if (word := statement.split(None, 1)[0]) != "BEGIN":
            found[word] += 1

    def commit(_: Any) -> None:
        found["COMMIT"] += 1

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", commit)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "commit", commit)


@pytest.mark.parametrize("name", ["sqlite", "read_committed"])
def test_the_statements_of_a_command_are_those_that_the_readme_states(
    name: str, tenant: str, request: pytest.FixtureRequest
) -> None:
    """One transaction: receipt, states by table, events, claims, counts; and one read before it, or two.

    Two where what is needed is only known by what was read: the contact of a conversation, for one.
    """
    engine = request.getfixturevalue(name)
    ports = Ports(
        storage=SqlStorage(engine, tenant),
        messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging(CAPABILITIES)},
    )
    desk = Desk(ports, clock=Clock(MORNING), delivery=Delivery.LATER, secret=b"s")
    desk.handle(Configure(PROVIDER), by=SYSTEM)
    first = desk.handle(arriving("1"), by=SYSTEM)
    conversation = next(ConversationId(ref) for ref, _ in first.changed if kind_of(ref) == "conversation")

    def of(command: Command, by: Actor) -> dict[str, int]:
        with counted(engine) as found:
            desk.handle(command, by=by)
        return dict(sorted(found.items()))

    assert of(Take(conversation), ANA) == {"COMMIT": 1, "INSERT": 3, "SELECT": 1, "UPDATE": 1}
    assert of(arriving("2"), SYSTEM) == {"COMMIT": 1, "INSERT": 4, "SELECT": 2, "UPDATE": 1}
    assert of(SendMessage(conversation, "Bom dia"), ANA) == {"COMMIT": 1, "INSERT": 4, "SELECT": 2, "UPDATE": 1}
    assert of(Close(conversation, ReasonId("slow")), ANA) == {
        "COMMIT": 1,
        "DELETE": 1,
        "INSERT": 3,
        "SELECT": 2,
        "UPDATE": 1,
    }


def arriving(id: str) -> Command:
    return ReceiveMessage(
        channel=ChannelId("wa"),
        address=Private("5511987654321"),
        provider_id=f"wamid.{id}",
        sent_at=Clock(MORNING)(),
        text=Private("Minha internet caiu"),
    )
