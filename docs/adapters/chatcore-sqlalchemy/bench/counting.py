"""How many statements a command takes, seen at the driver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from bench.recording import noted, recording_engine
from chatcore_sqlalchemy import SqlStorage, migrate
from postgres import Postgres

from chatcore import Actor, Delivery, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import Close, Command, Configure, ReceiveMessage, SendMessage, Take
from chatcore.memory import MemoryMessaging
from chatcore.testing import PROVIDER, Clock
from chatcore.vocabulary import SYSTEM, ChannelId, ChannelKind, ConversationId, Private, ReasonId, kind_of

__all__ = ["measure"]

ANA = Actor.agent("ana")
MORNING = "2026-03-10T09:00:00-03:00"


def measure() -> Iterator[tuple[str, str]]:
    """Each command with its statements: by their first word, and how many in all."""
    with Postgres({"fsync": "off"}) as server:
        engine = recording_engine(server.new("count"))
        migrate(engine)
        ports = Ports(
            storage=SqlStorage(engine, "counted"),
            messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging(CAPABILITIES)},
        )
        desk = Desk(ports, clock=Clock(MORNING), delivery=Delivery.LATER, secret=b"s")
        desk.handle(Configure(PROVIDER), by=SYSTEM)
        first = desk.handle(_arriving("1"), by=SYSTEM)
        conversation = next(ConversationId(ref) for ref, _ in first.changed if kind_of(ref) == "conversation")
        commands: tuple[tuple[Command, Actor], ...] = (
            (Take(conversation), ANA),
            (_arriving("2"), SYSTEM),
            (SendMessage(conversation, "Bom dia"), ANA),
            (Close(conversation, ReasonId("slow")), ANA),
        )
        for command, by in commands:
            sent = noted(partial(desk.handle, command, by=by))
            words = Counter(each.sql.split(None, 1)[0] for each in sent)
            each = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
            yield type(command).__name__, f"{len(sent)}: {each}"
        engine.dispose()


def _arriving(id: str) -> Command:
    return ReceiveMessage(
        channel=ChannelId("wa"),
        address=Private("5511987654321"),
        provider_id=f"wamid.{id}",
        sent_at=Clock(MORNING)(),
        text=Private("Minha internet caiu"),
    )
