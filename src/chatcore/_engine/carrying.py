"""The way of one effect: claim, call, settle. Each is committed before the next begins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeGuard

from chatcore._engine.asking import ask, looked_up
from chatcore._engine.body import Done, Engine
from chatcore._engine.calls import MessagingCalls, WritingCalls
from chatcore._engine.sweeping import sweep
from chatcore.answers import Report
from chatcore.commands import ClaimEffect, Finding, FindingKind, SettleEffect
from chatcore.entities import Effect, Entity, LooksUpByKey, Nature
from chatcore.entities.effect import INNER, PORT_OF
from chatcore.errors import ChatcoreError, EffectPending, InvalidValue, PortMissing
from chatcore.ports import ReadSet
from chatcore.rules.steps import Step, nature_of, next_step
from chatcore.vocabulary import SYSTEM, EffectId, EffectKind, EffectState, PortKind

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
        born = [state for state in done.states.values() if _to_carry_out(state)]
        if not born:
            return
        for effect in born:
            await self._attempt(effect, partial(self._carry_out, born=born))
        for lane in dict.fromkeys(effect.lane for effect in born if effect.lane is not None):
            await self._drain(lane)

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
        port = self._port(effect)
        capabilities = port.capabilities if isinstance(port, MessagingCalls) else None
        nature = nature_of(effect.kind, self._engine.outside.declared(effect.kind, capabilities))
        step = next_step(effect, nature, now, asks=port is not None and port.asks)
        if step is Step.CLAIM:
            return await self._carry_out(effect)
        if step is Step.EXPIRE:
            await self._settle(effect, Finding(kind=FindingKind.DOUBT, detail="lease_expired"))
        elif step is Step.LOOK_UP and port is not None:
            await self._settle(effect, await looked_up(port, effect.id))
        elif step is Step.GIVE_UP:
            await self._settle(effect, await _asked_at_last(port, nature, effect))
        else:
            raise EffectPending(effect.id)
        return 1

    async def _carry_out(self, effect: Effect, born: list[Effect] | None = None) -> int:
        """Claim, call, settle; what the settlement gave birth to joins `born`, to be carried out next."""
        claimed = await self._engine.perform(ClaimEffect(effect.id), SYSTEM, correlation=effect.correlation)
        now = claimed.states.get(effect.id)
        if not isinstance(now, Effect) or now.state is not EffectState.IN_FLIGHT:
            return 1
        if now.kind in INNER:
            handled, finding = await sweep(self._engine, now)
            await self._settle(now, finding)
            return max(handled, 1)
        finding = await ask(self._engine, now, claimed.known)
        if finding.kind is not FindingKind.DONE:
            self._engine.note("port_failed", PORT_OF[now.kind].value, finding.detail)
        settled = await self._settle(now, finding)
        if born is not None:
            born += [state for state in settled.states.values() if _to_carry_out(state) and state.id != now.id]
        return 1

    async def _settle(self, effect: Effect, finding: Finding) -> Done:
        command = SettleEffect(effect.id, effect.fence, finding)
        return await self._engine.perform(command, SYSTEM, correlation=effect.correlation)

    def _port(self, effect: Effect) -> WritingCalls | None:
        """The adapter that an effect goes through; none for inner work."""
        if PORT_OF.get(effect.kind) is not PortKind.MESSAGING:
            return self._engine.outside.of(effect.kind, None)
        channel = None if effect.channel is None else self._engine.reads.held.channel(effect.channel)
        if channel is None:
            raise PortMissing(f"messaging:{effect.channel}")
        return self._engine.outside.to_channel(channel.kind)


def _to_carry_out(state: Entity) -> TypeGuard[Effect]:
    """Whether this is something new to be done outside; early statuses only wait."""
    return (
        type(state) is Effect
        and state.state is EffectState.INTENDED
        and state.kind in PORT_OF
        and state.kind is not EffectKind.KEEP_STATUS
    )


async def _asked_at_last(port: WritingCalls | None, nature: Nature, effect: Effect) -> Finding:
    """What is found out before a doubt is given up: nobody may have asked while no worker ran."""
    if port is not None and port.asks and isinstance(nature, LooksUpByKey):
        found = await looked_up(port, effect.id)
        if found.kind is not FindingKind.NOT_DONE:
            return found
    return Finding(kind=FindingKind.OVERDUE)
