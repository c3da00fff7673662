"""The service of a day: a small provider, a moody channel, and a billing side that breaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs

from chatcore.entities import AutomaticMessages, Channel, Field, Workspace
from chatcore.errors import Permanent, Temporary
from chatcore.memory import MemoryBilling, MemoryMessaging
from chatcore.ports import SendRequest
from chatcore.testing.provider import PROVIDER
from chatcore.vocabulary import ChannelId, ChannelKind, DepartmentId, FieldId, FieldOn, ReasonId

__all__ = ["Broken", "Moody", "workspace"]


def workspace() -> Workspace:
    """The small provider, with a bot, a custom field, rooms that fill up, and timed work."""
    return attrs.evolve(
        PROVIDER,
        agents=tuple(attrs.evolve(agent, max_open=2 if agent.id == "ana" else 0) for agent in PROVIDER.agents),
        fields=(Field(id=FieldId("plan"), name="Plano", on=FieldOn.CONVERSATION),),
        channels=(
            *PROVIDER.channels,
            Channel(
                id=ChannelId("bot"),
                kind=ChannelKind.WHATSAPP_CLOUD,
                account="106540352242923",
                department=DepartmentId("billing"),
                bot=True,
            ),
        ),
        policies=attrs.evolve(
            PROVIDER.policies,
            reopen_within=timedelta(hours=1),
            default_reason=ReasonId("slow"),
            close_after_idle=timedelta(hours=20),
            bot_timeout=timedelta(minutes=40),
            automatic=AutomaticMessages(greeting="Olá!", closing="Até logo!"),
        ),
    )


class Moody(MemoryMessaging):
    """A channel that does to a text what it says: later, never, or a broken line."""

    def send(self, request: SendRequest, /) -> str:
        text = request.text.reveal()
        if text.startswith("later"):
            raise Temporary(timedelta(seconds=30))
        if text.startswith("never"):
            raise Permanent("131026")
        if text.startswith("broken"):
            raise RuntimeError("the line broke")
        return super().send(request)


class Broken(MemoryBilling):
    """A billing side that grants no bonus and does not say so."""

    def grant_bonus(self, request: Any, /) -> str:
        raise RuntimeError("the line broke")
