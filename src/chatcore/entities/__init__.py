"""The things of the trade: five kinds of entity, and the values they are made of.

All are frozen, slotted and deeply immutable; each class checks its shape in one place, all misfits at once.
Entities change only by `evolve`; nothing here knows how.
"""

from __future__ import annotations

from typing import TypeAlias

from chatcore.entities.capabilities import (
    AtMostOnce,
    ChannelCapabilities,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.entities.contact import Address, Block, Contact
from chatcore.entities.conversation import Conversation, Origin, Talk
from chatcore.entities.effect import Effect, Evidence, KeptStatus
from chatcore.entities.message import Message
from chatcore.entities.scope import Scope
from chatcore.entities.workspace import Agent, Channel, Department, Policies, Reason, Workspace

__all__ = [
    "Address",
    "Agent",
    "AtMostOnce",
    "Block",
    "Channel",
    "ChannelCapabilities",
    "Contact",
    "Conversation",
    "Department",
    "Effect",
    "Entity",
    "Evidence",
    "KeptStatus",
    "LooksUpByKey",
    "Message",
    "Nature",
    "Origin",
    "Policies",
    "Reason",
    "RepeatsByKey",
    "ReportsByKey",
    "Scope",
    "Talk",
    "Workspace",
]

Entity: TypeAlias = Conversation | Contact | Message | Effect | Workspace
"""An entity of any kind: each has `id`, `version` (events folded so far) and `recorded_at` (its last event)."""
