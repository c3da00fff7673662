"""The things of the trade: five kinds of entity, and the values they are made of.

All are frozen, slotted and deeply immutable; each class checks its shape in one place, all misfits at once.
Entities change only by `evolve`; nothing here knows how.
"""

from __future__ import annotations

from typing import TypeAlias

from chatcore.entities.attachment import Attachment, Media, MediaPointer
from chatcore.entities.billing import Boleto, Bonus, Invoice, IssuedBoleto, IssuedInvoice
from chatcore.entities.capabilities import (
    AtMostOnce,
    BillingCapabilities,
    ChannelCapabilities,
    ContractsCapabilities,
    LooksUpByKey,
    MediaCapability,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.entities.contact import Address, Block, Contact
from chatcore.entities.conversation import Conversation, Details, Origin, Robot, Talk
from chatcore.entities.customers import Contract, Customer, Found
from chatcore.entities.demands import BoletoDemand, BonusDemand, Demand, InvoiceDemand, OrderDemand
from chatcore.entities.effect import Effect, Evidence, KeptStatus
from chatcore.entities.fields import Field, FieldValue, FieldValues, GivenValue
from chatcore.entities.hours import BusinessHours, Interval
from chatcore.entities.message import Edit, Extras, Message, Reaction
from chatcore.entities.parts import Agent, Channel, Department, Reason, Tag
from chatcore.entities.policies import AutomaticMessages, BillingPolicies, Policies
from chatcore.entities.replies import MessageTemplate, QuickReply
from chatcore.entities.scope import Scope
from chatcore.entities.workspace import Item, Workspace

__all__ = [
    "Address",
    "Agent",
    "AtMostOnce",
    "Attachment",
    "AutomaticMessages",
    "BillingCapabilities",
    "BillingPolicies",
    "Block",
    "Boleto",
    "BoletoDemand",
    "Bonus",
    "BonusDemand",
    "BusinessHours",
    "Channel",
    "ChannelCapabilities",
    "Contact",
    "Contract",
    "ContractsCapabilities",
    "Conversation",
    "Customer",
    "Demand",
    "Department",
    "Details",
    "Edit",
    "Effect",
    "Entity",
    "Evidence",
    "Extras",
    "Field",
    "FieldValue",
    "FieldValues",
    "Found",
    "GivenValue",
    "Interval",
    "Invoice",
    "InvoiceDemand",
    "IssuedBoleto",
    "IssuedInvoice",
    "Item",
    "KeptStatus",
    "LooksUpByKey",
    "Media",
    "MediaCapability",
    "MediaPointer",
    "Message",
    "MessageTemplate",
    "Nature",
    "OrderDemand",
    "Origin",
    "Policies",
    "QuickReply",
    "Reaction",
    "Reason",
    "RepeatsByKey",
    "ReportsByKey",
    "Robot",
    "Scope",
    "Tag",
    "Talk",
    "Workspace",
]

Entity: TypeAlias = Conversation | Contact | Message | Effect | Workspace
"""An entity of any kind: each has `id`, `version` (events folded so far) and `recorded_at` (its last event)."""
