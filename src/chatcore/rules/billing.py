"""Sending boletos and fiscal invoices: which may go, in which forms, and the messages they go out as.

1. Only boletos that are OPEN or OVERDUE are ever sent, and invoices that stand: asked when deciding, and once
   more of what was issued (B3, B7).
2. A boleto goes in the forms wanted, as far as the port offers them and each can be had; a line or a code that
   does not hold is no form (B4, B5).
3. Issuing is an effect; what it brought goes out as messages, under the channel's rules at that moment (M5,
   M6).
4. A line and a code go alone in their messages, so that they can be copied.
"""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from chatcore.br import parse_line
from chatcore.commands import SendBoletos, SendInvoices
from chatcore.entities import (
    Attachment,
    Boleto,
    BoletoDemand,
    ChannelCapabilities,
    Contact,
    Conversation,
    Effect,
    Invoice,
    InvoiceDemand,
    IssuedBoleto,
    IssuedInvoice,
    Media,
)
from chatcore.errors import (
    InvalidValue,
    MediaNotCarried,
    MediaTooLarge,
    MissingVariable,
    NotFound,
    NothingToSend,
    NotOffered,
    NotSendable,
)
from chatcore.events import Cancelled, Failed, Succeeded
from chatcore.moments import local_day
from chatcore.rules.asking import asked
from chatcore.rules.customers import customer_of
from chatcore.rules.facts import Decision, OnBoletos, OnEffect, OnInvoices, OnTalk
from chatcore.rules.passing import check_passes, media_capability
from chatcore.rules.variables import Setting, day_written, filled
from chatcore.rules.writing import written
from chatcore.text import outbound_problems
from chatcore.vocabulary import BoletoForm, BoletoState, EffectKind, EffectState, MessageKind, Private

__all__ = ["SENDABLE", "delivered", "forms_of", "send_boletos", "send_invoices"]

SENDABLE = frozenset({BoletoState.OPEN, BoletoState.OVERDUE})
"""The states in which a boleto may be sent. Rule: B3."""

_Piece: TypeAlias = tuple[Private, MessageKind, Media | None]


def send_boletos(command: SendBoletos, facts: OnBoletos) -> Decision:
    """Have boletos issued, to be sent.

    Raises:
        NotLinked, NotOffered: there is no customer, or none of these forms. Rule: B2, B4.
        NotFound: a boleto is none of the customer's.
        NotSendable: some are paid or cancelled; all of them are named. Rule: B3.
        NothingToSend: some can be had in none of the forms. Rule: B4, B5.
        ContactBlocked, WindowClosed: nothing may go now. Rule: L21, M5.
    """
    customer = customer_of(facts)
    _check_goes(facts)
    wanted = _forms_wanted(command, facts)
    theirs = {boleto.id: boleto for boleto in facts.boletos}
    for id in command.boletos:
        if id not in theirs:
            raise NotFound("boleto", id)
    chosen = [theirs[id] for id in command.boletos]
    today = local_day(facts.now, facts.workspace.time_zone)
    if bad := tuple(boleto.id for boleto in chosen if boleto.state(today) not in SENDABLE):
        raise NotSendable(bad)
    forms = [forms_of(boleto, wanted) for boleto in chosen]
    if bad := tuple(boleto.id for boleto, some in zip(chosen, forms, strict=True) if not some):
        raise NothingToSend(bad)
    demands = [
        BoletoDemand(customer=customer, boleto=boleto.id, forms=some, contract=boleto.contract)
        for boleto, some in zip(chosen, forms, strict=True)
    ]
    return asked(EffectKind.ISSUE_BOLETO, demands, facts)


def _forms_wanted(command: SendBoletos, facts: OnBoletos) -> tuple[BoletoForm, ...]:
    """The forms asked for, else those preferred; of what is offered. Rule: B4."""
    offered = facts.offers.boletos
    if command.forms is not None:
        for form in command.forms:
            if form not in offered:
                raise NotOffered(f"boleto:{form}")
        return command.forms
    forms = tuple(form for form in facts.workspace.policies.billing.boleto_forms if form in offered)
    if not forms:
        raise NotOffered("boleto")
    return forms


def forms_of(boleto: Boleto, wanted: tuple[BoletoForm, ...]) -> tuple[BoletoForm, ...]:
    """The wanted forms that a boleto can be had in, in the order wanted. Rule: B4, B5."""
    there = boleto.forms
    return tuple(form for form in wanted if form in there)


def send_invoices(command: SendInvoices, facts: OnInvoices) -> Decision:
    """Have the documents of fiscal invoices fetched, to be sent.

    Raises:
        NotLinked, NotOffered: there is no customer, or no invoices are offered. Rule: B2.
        NotFound: an invoice is none of the customer's.
        NotSendable: some are cancelled; all of them are named. Rule: B7.
        ContactBlocked, WindowClosed: nothing may go now. Rule: L21, M5.
    """
    customer = customer_of(facts)
    _check_goes(facts)
    if not facts.offers.invoices:
        raise NotOffered("invoice")
    theirs = {invoice.id: invoice for invoice in facts.invoices}
    for id in command.invoices:
        if id not in theirs:
            raise NotFound("invoice", id)
    chosen = [theirs[id] for id in command.invoices]
    if bad := tuple(invoice.id for invoice in chosen if invoice.cancelled):
        raise NotSendable(bad)
    demands = [
        InvoiceDemand(customer=customer, invoice=invoice.id, contract=invoice.contract) for invoice in chosen
    ]
    return asked(EffectKind.ISSUE_INVOICE, demands, facts)


def _check_goes(facts: OnTalk) -> None:
    until = facts.conversation.window_until
    check_passes(MessageKind.DOCUMENT, facts.contact, facts.capabilities, until, facts.now)


# --- what was issued -----------------------------------------------------------------------------------------


def delivered(
    effect: Effect, brought: IssuedBoleto | IssuedInvoice, facts: OnEffect, hindrance: str | None
) -> Decision:
    """What was issued goes out as messages, in one commit with the end of the effect; or it fails.

    `hindrance` is the code of why nothing may go out any more.
    """
    conversation, contact, capabilities = facts.conversation, facts.contact, facts.capabilities
    assert conversation is not None
    assert contact is not None
    assert capabilities is not None
    refusal = hindrance or _refusal(effect, brought, facts)
    pieces: tuple[_Piece, ...] = ()
    if refusal is None:
        pieces = _pieces(effect, brought, conversation, contact, capabilities, facts)
        refusal = None if pieces else "nothing_to_send"
    if refusal is not None:
        ended = Cancelled if effect.state is EffectState.INTENDED else Failed
        return ((effect.id, ended(detail=refusal)),)
    demand = effect.demand
    assert demand is not None
    decision: Decision = ((effect.id, Succeeded()),)
    for n, (body, kind, media) in enumerate(pieces, 1):
        decision += written(
            body,
            facts.now,
            facts.root,
            conversation.id,
            conversation.seq + n,
            contact.id,
            conversation.channel,
            author=effect.requested_by,
            kind=kind,
            media=media,
            customer=demand.customer,
        )
    return decision


def _refusal(effect: Effect, brought: IssuedBoleto | IssuedInvoice, facts: OnEffect) -> str | None:
    """The code of why what was issued is not sent: another one, or one that may not go. Rule: B3, B7."""
    demand, thing = effect.demand, brought.boleto if isinstance(brought, IssuedBoleto) else brought.invoice
    asked_for = demand.boleto if isinstance(demand, BoletoDemand) else None
    if isinstance(demand, InvoiceDemand):
        asked_for = demand.invoice  # type: ignore[assignment]
    if demand is None or thing.id != asked_for or thing.customer != demand.customer:
        return "another_one"
    if isinstance(thing, Invoice):
        return "cancelled" if thing.cancelled else None
    state = thing.state(local_day(facts.now, facts.workspace.time_zone))
    return None if state in SENDABLE else state.value


def _pieces(
    effect: Effect,
    brought: IssuedBoleto | IssuedInvoice,
    conversation: Conversation,
    contact: Contact,
    capabilities: ChannelCapabilities,
    facts: OnEffect,
) -> tuple[_Piece, ...]:
    """What is said, message by message: the document with its text, the code, the line."""
    text = _text(brought, conversation, contact, facts)
    demand = effect.demand
    forms = (
        forms_of(brought.boleto, demand.forms)
        if isinstance(brought, IssuedBoleto) and isinstance(demand, BoletoDemand)
        else (BoletoForm.DOCUMENT,)
    )
    pieces: list[_Piece] = []
    for form in forms:
        if form is BoletoForm.DOCUMENT:
            if brought.document is not None:
                pieces += _document(brought.document, text, capabilities)
        elif isinstance(brought, IssuedBoleto):
            body = _copyable(form, brought.boleto)
            if len(body.reveal()) <= capabilities.text_limit:
                pieces.append((body, MessageKind.TEXT, None))
    is_said = text is None or any(body == text for body, _, _ in pieces)
    if pieces and text is not None and not is_said and len(text.reveal()) <= capabilities.text_limit:
        pieces.insert(0, (text, MessageKind.TEXT, None))
    return tuple(pieces)


def _document(document: Attachment, text: Private | None, capabilities: ChannelCapabilities) -> list[_Piece]:
    """The document, with the text as its caption where one is carried; nothing if it cannot go. Rule: M6."""
    try:
        carried = media_capability(document, None, capabilities)
    except (MediaNotCarried, MediaTooLarge):
        return []
    has_room = text is not None and carried.captions and len(text.reveal()) <= capabilities.caption_limit
    caption = text if text is not None and has_room else Private("")
    return [(caption, carried.kind, Media(attachment=document))]


def _copyable(form: BoletoForm, boleto: Boleto) -> Private:
    if form is BoletoForm.PIX:
        assert boleto.pix is not None
        return boleto.pix
    assert boleto.line is not None
    return Private(parse_line(boleto.line).formatted())


def _text(
    brought: IssuedBoleto | IssuedInvoice, conversation: Conversation, contact: Contact, facts: OnEffect
) -> Private | None:
    """What the workspace says with it; None where nothing, or where a value is lacking. Rule: C7, L20."""
    policies, workspace = facts.workspace.policies.billing, facts.workspace
    text = policies.boleto_text if isinstance(brought, IssuedBoleto) else policies.invoice_text
    if text is None:
        return None
    requester = facts.effect.requested_by
    setting = Setting(
        workspace=workspace,
        now=facts.now,
        contact=contact,
        conversation=conversation.id,
        protocol=conversation.protocol,
        department=conversation.department,
        agent=conversation.assignee or requester.id,
    )
    more: dict[str, str | None]
    if isinstance(brought, IssuedBoleto):
        due: date | None = brought.boleto.due
        more = {
            "amount": brought.boleto.amount.written(),
            "due_date": None if due is None else day_written(due, workspace.locale),
        }
    else:
        invoice = brought.invoice
        more = {
            "amount": invoice.amount.written(),
            "number": invoice.number,
            "issue_date": day_written(invoice.issued_on, workspace.locale),
        }
    try:
        said = filled(text, setting, more)
    except (MissingVariable, InvalidValue):
        return None
    return None if outbound_problems(said, "text") else Private(said)
