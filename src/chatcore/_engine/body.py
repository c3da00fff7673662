"""The way of one command: gather, decide, evolve, commit. And the way of one effect: claim, call, settle.

Both desks run these coroutines. Over sync ports they never wait, so a sync desk finishes each in one step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeGuard

import attrs

from chatcore import fingerprint as _fingerprint
from chatcore._engine.calls import MessagingCalls, StorageCalls
from chatcore._engine.committing import Prepared, prepare
from chatcore._engine.gathering import Asked, Gathered, Reads, gather
from chatcore._shape import code_or
from chatcore.answers import Answer, Observation, Report, Verdict
from chatcore.commands import ClaimEffect, Command, Finding, FindingKind, Outcome, SettleEffect
from chatcore.entities import Conversation, Effect, Entity, Message
from chatcore.errors import (
    ChatcoreError,
    Conflict,
    EffectPending,
    IdempotencyMismatch,
    InvalidValue,
    NotFound,
    OutcomeUnknown,
    Permanent,
    PortMissing,
    ReasonRequired,
    RuleViolation,
    Temporary,
    VersionConflict,
)
from chatcore.limits import KEY_LENGTH, STATUS_KEPT
from chatcore.moments import utc
from chatcore.ports import ReadSet, SendRequest
from chatcore.rules.carrying import Step, next_step
from chatcore.rules.table import TABLE, decide
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    ChannelKind,
    CommandId,
    EffectId,
    EffectKind,
    EffectState,
    EventId,
    Ref,
)

__all__ = ["Done", "Engine", "check_actor"]

_APPLY_TRIES = 3


@attrs.define(eq=False, repr=False)
class Done:
    """A command's outcome, with the states its commit led to and those it was decided on."""

    outcome: Outcome
    states: Mapping[Ref, Entity] = attrs.field(factory=dict)
    known: Mapping[Ref, Entity] = attrs.field(factory=dict)


class Engine:
    """One tenant's desk, without its face."""

    def __init__(
        self,
        storage: StorageCalls,
        messaging: Mapping[ChannelKind, MessagingCalls],
        *,
        clock: Callable[[], datetime],
        new_root: Callable[[], str],
        secret: bytes,
        available: Callable[[AgentId], bool],
        observe: Callable[[Observation], None] | None,
    ) -> None:
        self.storage = storage
        self._messaging = messaging
        self._clock = clock
        self._new_root = new_root
        self._secret = secret
        self._observe = observe
        self.reads = Reads(storage, messaging, secret, available)

    def now(self) -> datetime:
        """The present moment, as the service's clock says it, in UTC."""
        return utc(self._clock(), "clock")

    def note(self, what: str, name: str, code: str | None = None) -> None:
        """Tell the observer; whatever it does, nothing changes here."""
        if self._observe is not None:
            with contextlib.suppress(Exception):
                self._observe(Observation(what, name, code))

    # --- one command -----------------------------------------------------------------------------------------

    async def perform(
        self,
        command: Command,
        actor: Actor,
        *,
        key: str | None = None,
        expected: int | None = None,
        correlation: str | None = None,
        causation: EventId | None = None,
    ) -> Done:
        """Handle one command up to its commit, again with fresh facts while others are faster."""
        row = TABLE.get(type(command))
        if row is None:
            raise InvalidValue.of("command", "unknown_command")
        check_actor(actor)
        for path, label in (("key", key), ("correlation", correlation), ("causation", causation)):
            if label is not None:
                _check_label(path, label)
        if expected is not None and type(expected) is not int:
            raise InvalidValue.of("expected", "not_a_version")
        if expected is not None and row.admits is None:
            raise InvalidValue.of("expected", "not_about_a_conversation")
        print_ = None if key is None else _fingerprint.fingerprint(command, actor, secret=self._secret)
        name = type(command).__name__
        for tries_left in range(row.tries - 1, -1, -1):
            asked = Asked(command, actor, row, self._new_root(), self.now(), key)
            try:
                gathered = await gather(self.reads, asked)
                if gathered.facts is None:
                    return Done(_replayed(gathered, key, print_))
                decision = decide(command, gathered.facts, expected=expected)
            except ChatcoreError as error:
                self.note("refused", name, error.code)
                raise
            if not decision and key is None:
                return Done(Outcome(CommandId(f"cm_{asked.root}")), {}, gathered.known)
            prepared = prepare(
                asked,
                gathered.facts,
                gathered.known,
                decision,
                fingerprint=print_,
                correlation=correlation,
                causation=causation,
            )
            try:
                await self._apply(prepared)
            except Conflict as conflict:
                self.note("conflict", name, conflict.code)
                if not tries_left:
                    raise
                continue
            except ChatcoreError as error:
                self.note("port_failed", "storage", error.code)
                raise
            self.note("committed", name)
            return Done(prepared.outcome, prepared.states, gathered.known)
        raise AssertionError("a row has at least one try")

    async def _apply(self, prepared: Prepared) -> None:
        """Commit; where storage cannot tell whether it did, its receipt tells, and the same set goes again.

        Going again is safe: the command's own id and the versions let it in once at most. A doubt ends only
        with the receipt, or with a version that has moved past the set for good; any other refusal of a later
        try says nothing of the first.

        Raises:
            OutcomeUnknown: it may have been committed, or may yet be; names the command.
        """
        command = prepared.outcome.command
        in_doubt = False
        for _ in range(_APPLY_TRIES):
            conflict: VersionConflict | None = None
            try:
                return await self.storage.apply(prepared.change)
            except VersionConflict as error:
                conflict = error
            except ChatcoreError as error:
                in_doubt = in_doubt or isinstance(error, OutcomeUnknown)
                if not in_doubt:
                    raise
            if in_doubt and await self._committed(command):
                return None
            if conflict is not None:
                raise conflict
        raise OutcomeUnknown(command)

    async def _committed(self, command: CommandId) -> bool:
        try:
            return (await self.storage.read(ReadSet(command=command))).committed is not None
        except ChatcoreError as error:
            raise OutcomeUnknown(command) from error

    async def can(self, command: Command, actor: Actor) -> Verdict:
        """Gather and decide, and commit nothing."""
        row = TABLE.get(type(command))
        if row is None:
            raise InvalidValue.of("command", "unknown_command")
        check_actor(actor)
        asked = Asked(command, actor, row, self._new_root(), self.now(), None)
        try:
            gathered = await gather(self.reads, asked)
            assert gathered.facts is not None
            decide(command, gathered.facts)
        except ReasonRequired as refusal:
            return Verdict(Answer.NEEDS, ("reason",), refusal)
        except (RuleViolation, NotFound, Conflict, InvalidValue) as refusal:
            return Verdict(Answer.REFUSED, (), refusal)
        return Verdict(Answer.ALLOWED)

    # --- one effect ------------------------------------------------------------------------------------------

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
                head = (await self.storage.read(ReadSet(lanes=(lane,)))).heads.get(lane)
            except ChatcoreError as error:
                self.note("port_failed", "storage", error.code)
                return
            if head is None or head.id in tried or head.state is not EffectState.INTENDED:
                return
            tried.add(head.id)
            if not await self._attempt(head, self._carry_out):
                return

    async def forget(self, before: datetime) -> int:
        """Drop what is only kept to recognise repeats; never what is younger than the rule allows."""
        before = utc(before, "before")
        if before > self.now() - STATUS_KEPT:
            raise InvalidValue.of("before", "too_recent", rule="M1")
        return await self.storage.forget(before=before)

    async def run_due(self, limit: int) -> Report:
        """Carry due effects one step on each, until none is due or `limit` are done."""
        if type(limit) is not int or limit < 1:
            raise InvalidValue.of("limit", "not_positive")
        await self.reads.workspace()
        done, tried = 0, set[EffectId]()
        while True:
            due = await self.storage.due(now=self.now(), limit=limit - done + len(tried) + 1)
            fresh = [effect for effect in due.effects if effect.id not in tried]
            if not fresh or done >= limit:
                return Report(done, bool(fresh), due.next_at)
            for effect in fresh[: limit - done]:
                if await self._attempt(effect, self._step):
                    done += 1
                else:
                    tried.add(effect.id)

    async def _attempt(self, effect: Effect, work: Callable[[Effect], Awaitable[None]]) -> bool:
        """Do some work about an effect. One that fails never stands in the way of the others."""
        try:
            await work(effect)
        except EffectPending:
            return False
        except ChatcoreError as error:
            self.note("effect_failed", effect.kind.value, error.code)
            return False
        return True

    async def _step(self, effect: Effect) -> None:
        """Whatever is to be done about an effect now."""
        port = self._port(effect)
        step = next_step(effect, port.capabilities.nature, self.now(), asks=port.asks)
        if step is Step.CLAIM:
            await self._carry_out(effect)
        elif step is Step.EXPIRE:
            await self._settle(effect, Finding(kind=FindingKind.DOUBT, detail="lease_expired"))
        elif step is Step.LOOK_UP:
            await self._settle(effect, await _looked_up(port, effect.id))
        elif step is Step.GIVE_UP:
            await self._settle(effect, Finding(kind=FindingKind.OVERDUE))
        else:
            raise EffectPending(effect.id)

    async def _carry_out(self, effect: Effect) -> None:
        """Claim, call, settle: each committed before the next begins."""
        claimed = await self.perform(ClaimEffect(effect.id), SYSTEM, correlation=effect.correlation)
        now = claimed.states.get(effect.id)
        if not isinstance(now, Effect) or now.state is not EffectState.IN_FLIGHT:
            return
        port = self._port(now)
        finding = await _sent(port, self._request(now, claimed.known))
        if finding.kind is not FindingKind.DONE:
            self.note("port_failed", "messaging", finding.detail)
        await self._settle(now, finding)

    async def _settle(self, effect: Effect, finding: Finding) -> None:
        command = SettleEffect(effect.id, effect.fence, finding)
        await self.perform(command, SYSTEM, correlation=effect.correlation)

    def _port(self, effect: Effect) -> MessagingCalls:
        channel = self.reads.held.channel(effect.channel)
        if channel is None or channel.kind not in self._messaging:
            raise PortMissing(f"messaging:{effect.channel}")
        return self._messaging[channel.kind]

    def _request(self, effect: Effect, known: Mapping[Ref, Entity]) -> SendRequest:
        message = next(s for s in known.values() if isinstance(s, Message))
        conversation = next(s for s in known.values() if isinstance(s, Conversation))
        channel = self.reads.held.channel(effect.channel)
        assert channel is not None
        assert effect.lease_until is not None
        return SendRequest(
            key=effect.id,
            account=channel.account,
            to=conversation.address,
            kind=message.kind,
            text=message.body,
            deadline=effect.lease_until,
        )


def _to_send(state: Entity) -> TypeGuard[Effect]:
    return (
        type(state) is Effect and state.kind is EffectKind.SEND_MESSAGE and state.state is EffectState.INTENDED
    )


def check_actor(actor: object) -> None:
    """Who is behind a call is an `Actor`, whatever the caller holds."""
    if type(actor) is not Actor:
        raise InvalidValue.of("by", "not_an_actor")


def _replayed(gathered: Gathered, key: str | None, fingerprint: str | None) -> Outcome:
    receipt = gathered.receipt
    assert receipt is not None
    if receipt.fingerprint != fingerprint:
        raise IdempotencyMismatch(key or "")
    return receipt.outcome


def _check_label(path: str, value: str) -> None:
    """An idempotency key or correlation id is one printable line of bounded length."""
    if type(value) is not str or not value or not value.isprintable():
        raise InvalidValue.of(path, "not_a_key")
    if len(value) > KEY_LENGTH:
        raise InvalidValue.of(path, "too_long", limit=KEY_LENGTH, actual=len(value))


async def _sent(port: MessagingCalls, request: SendRequest) -> Finding:
    """Call the provider, and put what came of it into a finding."""
    try:
        return Finding(kind=FindingKind.DONE, reference=await port.send(request))
    except Temporary as error:
        wait = error.retry_after if type(error.retry_after) is timedelta else None
        return Finding(kind=FindingKind.NOT_DONE, detail=error.code, retry_after=wait)
    except Permanent as error:
        return Finding(kind=FindingKind.REFUSED, detail=code_or(error.reason, "refused"))
    except ChatcoreError as error:
        return Finding(kind=FindingKind.DOUBT, detail=error.code)


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
