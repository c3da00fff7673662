"""The first room: read what a command needs and freeze it into facts of its shape.

One batched read brings what the command names. A command that begins with an outside name (an address, a
provider's id, an effect), or needs whom a conversation is with, does another for what the first one named.
Nothing is decided here, but for what an address means.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from chatcore._engine.gathering import arrivals, conversations, customers, effects, settings
from chatcore._engine.gathering.reads import Asked, Gathered, Reads, Repeated
from chatcore.rules.facts import (
    Facts,
    OnArrival,
    OnBoletos,
    OnBonus,
    OnContact,
    OnConversation,
    OnCustomer,
    OnEdit,
    OnEffect,
    OnInvoices,
    OnMark,
    OnMerge,
    OnMessage,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)

__all__ = ["Asked", "Gathered", "Reads", "gather"]


async def gather(reads: Reads, asked: Asked) -> Gathered:
    """The facts for a command.

    Raises:
        NotFound: what the command names is not there.
        PortMissing: no adapter for the channel's kind.
        InvalidValue: an address is none.
    """
    try:
        return await _SHAPES[asked.row.shape](reads, asked)
    except Repeated as repeated:
        return Gathered(None, {}, repeated.receipt)


_SHAPES: Final[Mapping[type[Facts], Callable[[Reads, Asked], Awaitable[Gathered]]]] = {
    OnConversation: conversations.on_conversation,
    OnReopening: conversations.on_reopening,
    OnTalk: conversations.on_talk,
    OnStart: conversations.on_start,
    OnArrival: arrivals.on_arrival,
    OnStatus: arrivals.on_status,
    OnEffect: effects.on_effect,
    OnContact: settings.on_contact,
    OnWorkspace: settings.on_workspace,
    OnMessage: conversations.on_message,
    OnEdit: conversations.on_edit,
    OnMark: arrivals.on_mark,
    OnMerge: settings.on_merge,
    OnCustomer: customers.on_customer,
    OnBonus: customers.on_bonus,
    OnBoletos: customers.on_boletos,
    OnInvoices: customers.on_invoices,
}
