"""Asking the outside about one effect, and putting what came of it into a finding."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import attrs

from chatcore._engine.body import Engine
from chatcore._engine.calls import MessagingCalls, WritingCalls
from chatcore._shape import code_or
from chatcore.br import parse_phone
from chatcore.commands import Finding, FindingKind
from chatcore.entities import (
    Attachment,
    BoletoDemand,
    BonusDemand,
    Channel,
    Conversation,
    Effect,
    Entity,
    Found,
    InvoiceDemand,
    IssuedBoleto,
    IssuedInvoice,
    Message,
    OrderDemand,
    Workspace,
)
from chatcore.errors import ChatcoreError, InvalidValue, Permanent, Temporary
from chatcore.limits import PAGE_ROWS, TRANSCRIPT_MESSAGES
from chatcore.ports import (
    BoletoRequest,
    BonusRequest,
    CustomerQuery,
    FetchRequest,
    InvoiceRequest,
    ReceiptRequest,
    SendRequest,
    ServiceOrderRequest,
    TemplateUse,
    Transcript,
    TranscriptLine,
)
from chatcore.search import MessageQuery
from chatcore.vocabulary import BoletoForm, Direction, EffectId, EffectKind, Ref

__all__ = ["ask", "looked_up"]


class _TooLate(Exception):
    """The lease ran out before the outside was asked."""


@attrs.frozen(slots=True, eq=False, repr=False)
class _Job:
    """One effect in hand: the engine, the effect as claimed, and what was read for the claim."""

    engine: Engine
    effect: Effect
    known: Mapping[Ref, Entity]

    @property
    def deadline(self) -> datetime:
        assert self.effect.lease_until is not None
        return self.effect.lease_until

    def check_lease(self) -> None:
        """Go on only while the lease lasts: asked last of all before the outside is. Raises `_TooLate`."""
        if self.engine.now() >= self.deadline:
            raise _TooLate

    @property
    def channel(self) -> Channel:
        channel = None if self.effect.channel is None else self.engine.reads.held.channel(self.effect.channel)
        assert channel is not None
        return channel

    @property
    def messaging(self) -> MessagingCalls:
        return self.engine.outside.to_channel(self.channel.kind)

    @property
    def message(self) -> Message:
        state = None if self.effect.message is None else self.known.get(self.effect.message)
        assert isinstance(state, Message)
        return state

    @property
    def conversation(self) -> Conversation:
        state = None if self.effect.conversation is None else self.known.get(self.effect.conversation)
        assert isinstance(state, Conversation)
        return state


async def ask(engine: Engine, effect: Effect, known: Mapping[Ref, Entity]) -> Finding:
    """Do what an effect asks for. A process that was held up past its lease does not ask any more."""
    job = _Job(engine, effect, known)
    try:
        job.check_lease()
        told = await _ASKS[effect.kind](job)
    except _TooLate:
        return Finding(kind=FindingKind.NOT_DONE, detail="lease_expired")
    except Temporary as error:
        wait = error.retry_after if type(error.retry_after) is timedelta else None
        return Finding(kind=FindingKind.NOT_DONE, detail=error.code, retry_after=wait)
    except Permanent as error:
        return Finding(kind=FindingKind.REFUSED, detail=code_or(error.reason, "refused"))
    except ChatcoreError as error:
        return Finding(kind=FindingKind.DOUBT, detail=error.code)
    if told is None or isinstance(told, str):
        return Finding(kind=FindingKind.DONE, reference=told)
    return Finding(kind=FindingKind.DONE, brought=told)


async def looked_up(port: WritingCalls, key: EffectId) -> Finding:
    """Look up by its key what became of an effect."""
    try:
        reference = await port.look_up(key)
    except Permanent as error:
        return Finding(kind=FindingKind.REFUSED, detail=code_or(error.reason, "refused"))
    except ChatcoreError as error:
        return Finding(kind=FindingKind.NOT_DONE, detail=error.code)
    if reference is None:
        return Finding(kind=FindingKind.ABSENT)
    return Finding(kind=FindingKind.DONE, reference=reference)


# --- messaging -----------------------------------------------------------------------------------------------


async def _send(job: _Job) -> str:
    message = job.message
    request = SendRequest(
        key=job.effect.id,
        account=job.channel.account,
        to=job.conversation.address,
        kind=message.kind,
        text=message.body,
        deadline=job.deadline,
        attachment=None if message.media is None else message.media.attachment,
        template=_template_use(message, job.engine.reads.held),
    )
    return await job.messaging.send(request)


def _template_use(message: Message, workspace: Workspace) -> TemplateUse | None:
    used = message.extras.template
    template = None if used is None else workspace.template(used)
    if template is None:
        return None
    return TemplateUse(name=template.name, language=template.language, parameters=message.extras.parameters)


async def _fetch(job: _Job) -> Attachment:
    media = job.message.media
    assert media is not None
    assert media.pointer is not None
    request = FetchRequest(
        key=job.effect.id, account=job.channel.account, pointer=media.pointer, deadline=job.deadline
    )
    return await job.messaging.fetch(request)


async def _mark_read(job: _Job) -> None:
    provider_id = job.message.provider_id
    assert provider_id is not None
    request = ReceiptRequest(
        key=job.effect.id,
        account=job.channel.account,
        to=job.conversation.address,
        provider_id=provider_id,
        deadline=job.deadline,
    )
    await job.messaging.mark_read(request)


# --- contracts -----------------------------------------------------------------------------------------------


async def _find(job: _Job) -> Found:
    """The customers with a number of the contact's; a channel's own user id is none. Rule: B2."""
    contact = job.engine.reads.standing_in(job.effect.contact, job.known)
    queries: list[CustomerQuery] = []
    for address in () if contact is None else contact.addresses:
        try:
            queries.append(CustomerQuery(phone=parse_phone(address.exact.reveal(), region=None)))
        except InvalidValue:
            continue
    return await job.engine.outside.to_contracts().look_for(queries, job.deadline)


async def _open_order(job: _Job) -> str:
    demand, effect = job.effect.demand, job.effect
    assert isinstance(demand, OrderDemand)
    request = ServiceOrderRequest(
        key=effect.id,
        customer=demand.customer,
        contract=demand.contract,
        type=demand.type,
        subject=demand.subject,
        description=demand.description,
        priority=demand.priority,
        protocol=demand.protocol,
        requested_by=effect.requested_by,
        deadline=job.deadline,
        schedule=demand.schedule,
        transcript=await _transcript(job, demand.transcript) if demand.transcript else None,
    )
    job.check_lease()  # Reading the transcript took its time.
    return await job.engine.outside.to_contracts().open_order(request)


async def _transcript(job: _Job, until: int) -> Transcript:
    """What was said up to a message, the last of it where it is long. Rule: B12, M15."""
    query = MessageQuery(conversation=job.conversation.id, newest_first=True, start=until)
    rows: list[Message] = []
    cursor: str | None = None
    while len(rows) < TRANSCRIPT_MESSAGES:
        try:
            page = await job.engine.storage.messages(query, PAGE_ROWS, cursor)
        except ChatcoreError:
            raise Temporary from None  # Nothing was asked of the outside yet.
        rows += page.rows
        cursor = page.next
        if cursor is None:
            break
    lines = tuple(
        TranscriptLine(
            at=row.said_at, direction=row.direction, author=row.author, kind=row.kind, text=row.shown
        )
        for row in reversed(rows[:TRANSCRIPT_MESSAGES])
        if row.direction is not Direction.INTERNAL
    )
    return Transcript(lines, cut=cursor is not None or len(rows) > TRANSCRIPT_MESSAGES)


# --- billing -------------------------------------------------------------------------------------------------


async def _issue_boleto(job: _Job) -> IssuedBoleto:
    demand = job.effect.demand
    assert isinstance(demand, BoletoDemand)
    request = BoletoRequest(
        key=job.effect.id,
        customer=demand.customer,
        boleto=demand.boleto,
        document=BoletoForm.DOCUMENT in demand.forms,
        deadline=job.deadline,
    )
    return await job.engine.outside.to_billing().issue_boleto(request)


async def _issue_invoice(job: _Job) -> IssuedInvoice:
    demand = job.effect.demand
    assert isinstance(demand, InvoiceDemand)
    request = InvoiceRequest(
        key=job.effect.id, customer=demand.customer, invoice=demand.invoice, deadline=job.deadline
    )
    return await job.engine.outside.to_billing().issue_invoice(request)


async def _grant_bonus(job: _Job) -> str:
    demand = job.effect.demand
    assert isinstance(demand, BonusDemand)
    request = BonusRequest(
        key=job.effect.id,
        customer=demand.customer,
        contract=demand.contract,
        bonus=demand.bonus,
        period=demand.period,
        justification=demand.justification,
        granted_by=job.effect.requested_by,
        deadline=job.deadline,
    )
    return await job.engine.outside.to_billing().grant_bonus(request)


_Told = str | Attachment | Found | IssuedBoleto | IssuedInvoice | None

_ASKS: Final[Mapping[EffectKind, Callable[[_Job], Awaitable[_Told]]]] = MappingProxyType(
    {
        EffectKind.SEND_MESSAGE: _send,
        EffectKind.FETCH_MEDIA: _fetch,
        EffectKind.SEND_RECEIPT: _mark_read,
        EffectKind.FIND_CUSTOMER: _find,
        EffectKind.OPEN_ORDER: _open_order,
        EffectKind.ISSUE_BOLETO: _issue_boleto,
        EffectKind.ISSUE_INVOICE: _issue_invoice,
        EffectKind.GRANT_BONUS: _grant_bonus,
    }
)
