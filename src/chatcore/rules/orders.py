"""Opening a service order for whom a conversation is with. Rule: S17, B11, B12.

It needs no customer: someone who is to become one may need a visit too. With a contract it does, and the
contract must be theirs (B2).
"""

from __future__ import annotations

from chatcore.commands import OpenServiceOrder
from chatcore.entities import OrderDemand
from chatcore.errors import NotOffered
from chatcore.rules.asking import asked
from chatcore.rules.customers import check_theirs, customer_of
from chatcore.rules.facts import Decision, OnCustomer
from chatcore.vocabulary import EffectKind

__all__ = ["open_order"]


def open_order(command: OpenServiceOrder, facts: OnCustomer) -> Decision:
    """Have a service order opened, with the conversation's protocol.

    Raises:
        NotOffered: the contracts side opens none, or takes no transcript.
        NotLinked, NotTheirs: the contract is none of the contact's. Rule: B2.
    """
    if facts.offers.orders is None:
        raise NotOffered("service_order")
    if command.transcript and not facts.offers.transcripts:
        raise NotOffered("transcript")
    if command.contract is not None:
        customer_of(facts)
        check_theirs(command.contract, facts)
    conversation = facts.conversation
    demand = OrderDemand(
        customer=facts.contact.customer,
        contract=command.contract,
        type=command.type,
        subject=command.subject,
        description=command.description,
        priority=command.priority,
        schedule=command.schedule,
        protocol=conversation.protocol,
        transcript=conversation.seq if command.transcript else 0,
    )
    return asked(EffectKind.OPEN_ORDER, (demand,), facts)
