"""The way of one effect: claim, call, settle. Each is committed before the next begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TypeGuard

from chatcore._engine.body import Done, Engine
from chatcore._engine.calls import MessagingCalls
from chatcore._engine.sweeping import sweep
from chatcore._shape import code_or
from chatcore.answers import Report
from chatcore.commands import ClaimEffect, Finding, FindingKind, SettleEffect
from chatcore.entities import Conversation, Effect, Entity, Message, Workspace
from chatcore.entities.effect import INNER, REPEATABLE
from chatcore.errors import (
    ChatcoreError,
    EffectPending,
    InvalidValue,
    Permanent,
    PortMissing,
    Temporary,
)
from chatcore.ports import FetchRequest, ReadSet, ReceiptRequest, SendRequest, TemplateUse
from chatcore.rules.steps import Step, nature_of, next_step
from chatcore.vocabulary import SYSTEM, EffectId, EffectKind, EffectState, Ref

__all__ = ["Carrier"]


class Carrier:
    """Carries out the effects of one desk."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def deliver(self, done: Done) -> None:
        """Carry out at once what a command gave birth to. Its outcome stands, whatever comes of this.

        Then whatever waited behind it in its lane, or before it, as far as it is due: who came second while the
        first was on its way does not wait for `run_due`.
        """
        born = [state for state in done.states.values() if _to_send(state)]
        for effect in born:
            await self._attempt(effect, self._carry_out)
        for effect in born:
            if effect.lane is not None:
                await self._drain(effect.lane)

    async def _drain(self, lane: str) -> None:
        """Carry out a lane's heads, one after another, until one is not due or does not move."""
        tried: set[EffectId] = set()
        while True:
            try:
                head = (await self._engine.storage.read(ReadSet(lanes=(lane,)))).heads.get(lane)
            except ChatcoreError as error:
                self._engine.note("port_failed", "storage", error.code)
                return
            if head is None or head.id in tried or head.state is not EffectState.INTENDED:
                return
            tried.add(head.id)
            if not await self._attempt(head, self._carry_out):
                return

    async def run_due(self, limit: int) -> Report:
        """Carry due effects one step on each, until none is due or `limit` are done."""
        if type(limit) is not int or limit < 1:
            raise InvalidValue.of("limit", "not_positive")
        await self._engine.reads.workspace()
        done, tried = 0, set[EffectId]()
        while True:
            # One step of inner work may handle more than was asked for.
            most = max(limit - done, 0) + len(tried) + 1
            due = await self._engine.storage.due(now=self._engine.now(), limit=most)
            fresh = [effect for effect in due.effects if effect.id not in tried]
            if not fresh or done >= limit:
                return Report(done, bool(fresh), due.next_at)
            for effect in fresh[: limit - done]:
                steps = await self._attempt(effect, self._step)
                done += steps
                if not steps:
                    tried.add(effect.id)

    async def _attempt(self, effect: Effect, work: Callable[[Effect], Awaitable[int]]) -> int:
        """Do some work about an effect, and say how much. One that fails never stops the others."""
        try:
            return await work(effect)
        except EffectPending:
            return 0
        except ChatcoreError as error:
            self._engine.note("effect_failed", effect.kind.value, error.code)
            return 0

    async def _step(self, effect: Effect) -> int:
        """Whatever is to be done about an effect now."""
        now = self._engine.now()
        port = None if effect.kind in INNER else self._port(effect)
        nature = nature_of(effect, None if port is None else port.capabilities)
        step = next_step(effect, nature, now, asks=port is not None and port.asks)
        if step is Step.CLAIM:
            return await self._carry_out(effect)
        if step is Step.EXPIRE:
            await self._settle(effect, Finding(kind=FindingKind.DOUBT, detail="lease_expired"))
        elif step is Step.LOOK_UP and port is not None:
            await self._settle(effect, await _looked_up(port, effect.id))
        elif step is Step.GIVE_UP:
            await self._settle(effect, Finding(kind=FindingKind.OVERDUE))
        else:
            raise EffectPending(effect.id)
        return 1

    async def _carry_out(self, effect: Effect) -> int:
        """Claim, call, settle."""
        claimed = await self._engine.perform(ClaimEffect(effect.id), SYSTEM, correlation=effect.correlation)
        now = claimed.states.get(effect.id)
        if not isinstance(now, Effect) or now.state is not EffectState.IN_FLIGHT:
            return 1
        if now.kind in INNER:
            handled, finding = await sweep(self._engine, now)
            await self._settle(now, finding)
            return max(handled, 1)
        finding = await self._asked(now, claimed.known)
        if finding.kind is not FindingKind.DONE:
            self._engine.note("port_failed", "messaging", finding.detail)
        await self._settle(now, finding)
        return 1

    async def _asked(self, effect: Effect, known: Mapping[Ref, Entity]) -> Finding:
        """Ask the outside, and put what came of it into a finding."""
        port = self._port(effect)
        try:
            if effect.kind is EffectKind.FETCH_MEDIA:
                return Finding(
                    kind=FindingKind.DONE, attachment=await port.fetch(self._fetch_request(effect, known))
                )
            if effect.kind is EffectKind.SEND_RECEIPT:
                await port.mark_read(self._receipt_request(effect, known))
                return Finding(kind=FindingKind.DONE)
            return Finding(kind=FindingKind.DONE, reference=await port.send(self._request(effect, known)))
        except Temporary as error:
            wait = error.retry_after if type(error.retry_after) is timedelta else None
            return Finding(kind=FindingKind.NOT_DONE, detail=error.code, retry_after=wait)
        except Permanent as error:
            return Finding(kind=FindingKind.REFUSED, detail=code_or(error.reason, "refused"))
        except ChatcoreError as error:
            return Finding(kind=FindingKind.DOUBT, detail=error.code)

    async def _settle(self, effect: Effect, finding: Finding) -> None:
        command = SettleEffect(effect.id, effect.fence, finding)
        await self._engine.perform(command, SYSTEM, correlation=effect.correlation)

    def _port(self, effect: Effect) -> MessagingCalls:
        channel = None if effect.channel is None else self._engine.reads.held.channel(effect.channel)
        if channel is None or channel.kind not in self._engine.messaging:
            raise PortMissing(f"messaging:{effect.channel}")
        return self._engine.messaging[channel.kind]

    def _request(self, effect: Effect, known: Mapping[Ref, Entity]) -> SendRequest:
        message, conversation = _message(effect, known), _conversation(effect, known)
        assert effect.lease_until is not None
        return SendRequest(
            key=effect.id,
            account=self._account(effect),
            to=conversation.address,
            kind=message.kind,
            text=message.body,
            deadline=effect.lease_until,
            attachment=None if message.media is None else message.media.attachment,
            template=_template_use(message, self._engine.reads.held),
        )

    def _fetch_request(self, effect: Effect, known: Mapping[Ref, Entity]) -> FetchRequest:
        message = _message(effect, known)
        assert effect.lease_until is not None
        assert message.media is not None
        assert message.media.pointer is not None
        return FetchRequest(
            key=effect.id,
            account=self._account(effect),
            pointer=message.media.pointer,
            deadline=effect.lease_until,
        )

    def _receipt_request(self, effect: Effect, known: Mapping[Ref, Entity]) -> ReceiptRequest:
        message, conversation = _message(effect, known), _conversation(effect, known)
        assert effect.lease_until is not None
        assert message.provider_id is not None
        return ReceiptRequest(
            key=effect.id,
            account=self._account(effect),
            to=conversation.address,
            provider_id=message.provider_id,
            deadline=effect.lease_until,
        )

    def _account(self, effect: Effect) -> str:
        channel = None if effect.channel is None else self._engine.reads.held.channel(effect.channel)
        assert channel is not None
        return channel.account


_OUTSIDE = (EffectKind.SEND_MESSAGE, *REPEATABLE)


def _to_send(state: Entity) -> TypeGuard[Effect]:
    return type(state) is Effect and state.kind in _OUTSIDE and state.state is EffectState.INTENDED


def _message(effect: Effect, known: Mapping[Ref, Entity]) -> Message:
    state = None if effect.message is None else known.get(effect.message)
    assert isinstance(state, Message)
    return state


def _conversation(effect: Effect, known: Mapping[Ref, Entity]) -> Conversation:
    state = None if effect.conversation is None else known.get(effect.conversation)
    assert isinstance(state, Conversation)
    return state


def _template_use(message: Message, workspace: Workspace) -> TemplateUse | None:
    used = message.extras.template
    template = None if used is None else workspace.template(used)
    if template is None:
        return None
    return TemplateUse(name=template.name, language=template.language, parameters=message.extras.parameters)


async def _looked_up(port: MessagingCalls, key: EffectId) -> Finding:
    try:
        reference = await port.look_up(key)
    except Permanent as error:
        return Finding(kind=FindingKind.REFUSED, detail=code_or(error.reason, "refused"))
    except ChatcoreError as error:
        return Finding(kind=FindingKind.NOT_DONE, detail=error.code)
    if reference is None:
        return Finding(kind=FindingKind.ABSENT)
    return Finding(kind=FindingKind.DONE, reference=reference)
