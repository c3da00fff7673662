"""Who the contact is to the contracts side, and which contract counts. Rule: S5, S9, B1, B2.

1. A number nobody knows is looked up by an effect, when a conversation opens: exactly one customer links by
   itself, several become suggestions, a failure leaves it as it is and is tried again (B2).
2. What is done for a customer needs one linked, and a contract of theirs; asked again before it goes out.
3. Of several contracts the one pinned on the conversation counts, else the worst that is not cancelled (S5).
"""

from __future__ import annotations

from typing import Final

from chatcore.commands import PinContract
from chatcore.entities import Contact, Contract, Customer, Effect
from chatcore.errors import NotLinked, NotTheirs
from chatcore.events import ContractPinned, CustomerLinked, CustomersSuggested, Intended, Succeeded
from chatcore.limits import DELIVERY_DEADLINE
from chatcore.rules.facts import Decision, OnArrival, OnBonus, OnCustomer, OnStart, OnTalk
from chatcore.vocabulary import (
    ContactId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    EffectId,
    EffectKind,
    EffectState,
    Light,
)

__all__ = ["check_theirs", "counting", "customer_of", "found", "looking_up", "pin"]

_WORST_FIRST: Final = (Light.RED, Light.GREY, Light.GREEN)


def customer_of(facts: OnTalk) -> CustomerId:
    """The customer that the contact is linked to.

    Raises:
        NotLinked: to none. Rule: B2.
    """
    if facts.contact.customer is None:
        raise NotLinked
    return facts.contact.customer


def check_theirs(contract: ContractId, facts: OnCustomer | OnBonus) -> None:
    """Refuse a contract that is none of the customer's.

    Raises:
        NotTheirs: it is not. Rule: B2.
    """
    if all(each.id != contract for each in facts.contracts):
        raise NotTheirs(contract)


def pin(command: PinContract, facts: OnCustomer) -> Decision:
    """Say which contract a conversation is about.

    Raises:
        NotLinked, NotTheirs: there is no such contract to choose. Rule: B2.
    """
    if command.contract is not None:
        customer_of(facts)
        check_theirs(command.contract, facts)
    if command.contract == facts.conversation.contract:
        return ()
    return ((facts.conversation.id, ContractPinned(contract=command.contract)),)


def counting(contracts: tuple[Contract, ...], pinned: ContractId | None) -> Contract | None:
    """The contract that counts; None where there is none but cancelled ones. Rule: S5.

    One pinned that is none of theirs any more does not count. Of two equally bad ones the first by id does.
    """
    for contract in contracts:
        if contract.id == pinned:
            return contract
    running = [each for each in contracts if each.status is not ContractStatus.CANCELLED]
    return min(running, key=lambda each: (_WORST_FIRST.index(each.light), each.id), default=None)


def looking_up(
    known: Contact | None, contact: ContactId, conversation: ConversationId, facts: OnArrival | OnStart
) -> Decision:
    """The effect that looks up who a contact is, where nobody has said so yet. Rule: B2."""
    if not facts.finds or (known is not None and known.customer is not None):
        return ()
    intended = Intended(
        kind=EffectKind.FIND_CUSTOMER,
        conversation=conversation,
        contact=contact,
        due_at=facts.now,
        expires_at=facts.now + DELIVERY_DEADLINE,
    )
    return ((EffectId(f"ef_{facts.root}.customer"), intended),)


def found(effect: Effect, customers: tuple[Customer, ...], contact: Contact | None) -> Decision:
    """What a look-up leads to. Whom a person has linked meanwhile stays linked. Rule: B2."""
    if effect.state in (EffectState.SUCCEEDED, EffectState.CANCELLED, EffectState.FAILED):
        return ()
    done: Decision = ((effect.id, Succeeded()),)
    if contact is None or contact.customer is not None:
        return done
    if len(customers) == 1:
        return (*done, (contact.id, CustomerLinked(customer=customers[0].id)))
    if customers == contact.suggestions:
        return done
    return (*done, (contact.id, CustomersSuggested(customers=customers)))
