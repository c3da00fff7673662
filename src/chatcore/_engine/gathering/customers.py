"""The facts of what is asked of contracts and billing for the customer.

The outside is asked only for who may ask, and only where a customer is linked.
"""

from __future__ import annotations

from typing import Any

from chatcore._engine.gathering.conversations import on_talk
from chatcore._engine.gathering.reads import Asked, Gathered, Reads, common, owner
from chatcore.commands import GrantBonus, OpenServiceOrder, PinContract
from chatcore.entities import Contract, Effect
from chatcore.errors import NotOffered
from chatcore.limits import COMMAND_READ
from chatcore.moments import local_day
from chatcore.rules.facts import OnBoletos, OnBonus, OnCustomer, OnInvoices, OnTalk
from chatcore.rules.granting import period_of
from chatcore.rules.invariants import beside, bonus_claim
from chatcore.rules.table import check_allowed
from chatcore.vocabulary import PortKind


async def on_customer(reads: Reads, asked: Asked) -> Gathered:
    command: PinContract | OpenServiceOrder = asked.command
    talk, gathered = await _talk(reads, asked, PortKind.CONTRACTS)
    contracts = () if command.contract is None else await _contracts(reads, asked, talk)
    offers = reads.outside.to_contracts().capabilities
    return _with(gathered, OnCustomer(contracts=contracts, offers=offers, **_all_of(talk, asked)))


async def on_bonus(reads: Reads, asked: Asked) -> Gathered:
    command: GrantBonus = asked.command
    talk, gathered = await _talk(reads, asked, PortKind.CONTRACTS, PortKind.BILLING)
    contracts = await _contracts(reads, asked, talk)
    period = command.period or period_of(local_day(asked.now, talk.workspace.time_zone))
    claim = bonus_claim(command.contract, period)
    read = await reads.read(owners=(claim, beside(claim)))
    rival = owner(Effect, read, claim) or owner(Effect, read, beside(claim))
    offers = reads.outside.to_billing().capabilities
    return _with(gathered, OnBonus(contracts=contracts, offers=offers, rival=rival, **_all_of(talk, asked)))


async def on_boletos(reads: Reads, asked: Asked) -> Gathered:
    talk, gathered = await _talk(reads, asked, PortKind.BILLING)
    port, customer = reads.outside.to_billing(), talk.contact.customer
    boletos = () if customer is None else await port.boletos(customer, asked.now + COMMAND_READ)
    return _with(gathered, OnBoletos(boletos=boletos, offers=port.capabilities, **_all_of(talk, asked)))


async def on_invoices(reads: Reads, asked: Asked) -> Gathered:
    talk, gathered = await _talk(reads, asked, PortKind.BILLING)
    port, customer = reads.outside.to_billing(), talk.contact.customer
    invoices = () if customer is None else await port.invoices(customer, asked.now + COMMAND_READ)
    return _with(gathered, OnInvoices(invoices=invoices, offers=port.capabilities, **_all_of(talk, asked)))


async def _talk(reads: Reads, asked: Asked, *ports: PortKind) -> tuple[OnTalk, Gathered]:
    """Whom it is about; who may not ask hears that before anything is asked outside."""
    gathered = await on_talk(reads, asked)
    talk = gathered.facts
    assert isinstance(talk, OnTalk)
    check_allowed(type(asked.command), talk)
    there = {PortKind.CONTRACTS: reads.outside.contracts, PortKind.BILLING: reads.outside.billing}
    for port in ports:
        if there[port] is None:
            raise NotOffered(port)
    return talk, gathered


async def _contracts(reads: Reads, asked: Asked, talk: OnTalk) -> tuple[Contract, ...]:
    customer = talk.contact.customer
    if customer is None:
        return ()
    port = reads.outside.to_contracts()
    return (await port.contracts((customer,), asked.now + COMMAND_READ))[customer]


def _all_of(talk: OnTalk, asked: Asked) -> dict[str, Any]:
    return {
        "conversation": talk.conversation,
        "contact": talk.contact,
        "capabilities": talk.capabilities,
        **common(asked, talk.workspace),
    }


def _with(gathered: Gathered, facts: OnCustomer | OnBonus | OnBoletos | OnInvoices) -> Gathered:
    return Gathered(facts, gathered.known)
