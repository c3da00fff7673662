"""The way of one command: gather, decide, evolve, commit.

Both desks run these coroutines. Over sync ports they never wait, so a sync desk finishes each in one step.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from chatcore import fingerprint as _fingerprint
from chatcore._engine.calls import StorageCalls
from chatcore._engine.committing import Prepared, prepare
from chatcore._engine.gathering import Asked, Reads, gather
from chatcore._engine.outside import Outside
from chatcore.answers import Answer, Observation, Verdict
from chatcore.commands import Command, Outcome
from chatcore.entities import Entity
from chatcore.errors import (
    ChatcoreError,
    Conflict,
    FieldsRequired,
    IdempotencyMismatch,
    InvalidValue,
    NotFound,
    OutcomeUnknown,
    PortFailure,
    ReasonRequired,
    RuleViolation,
    VersionConflict,
)
from chatcore.limits import KEY_LENGTH, STATUS_KEPT
from chatcore.moments import utc
from chatcore.ports import ReadSet, Receipt
from chatcore.rules.table import TABLE, CompanyRule, decide
from chatcore.vocabulary import (
    Actor,
    AgentId,
    CommandId,
    EventId,
    Ref,
)

__all__ = ["Done", "Engine", "check_actor", "verdict_of"]

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
        outside: Outside,
        *,
        clock: Callable[[], datetime],
        new_root: Callable[[], str],
        secret: bytes,
        available: Callable[[AgentId], bool],
        observe: Callable[[Observation], None] | None,
        rules: tuple[CompanyRule, ...],
    ) -> None:
        self.storage = storage
        self.outside = outside
        self.rules = rules
        self._clock = clock
        self.new_root = new_root
        self._secret = secret
        self._observe = observe
        self.reads = Reads(storage, outside, secret, available)

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
        if key is not None:
            _check_label("key", key)
        if correlation is not None:
            _check_label("correlation", correlation)
        if causation is not None:
            _check_label("causation", causation)
        if expected is not None and type(expected) is not int:
            raise InvalidValue.of("expected", "not_a_version")
        if expected is not None and row.admits is None:
            raise InvalidValue.of("expected", "not_about_a_conversation")
        print_ = None if key is None else _fingerprint.fingerprint(command, actor, secret=self._secret)
        name = type(command).__name__
        for tries_left in range(row.tries - 1, -1, -1):
            asked = Asked(command, actor, row, self.new_root(), self.now(), key)
            try:
                gathered = await gather(self.reads, asked)
                if gathered.facts is None:
                    assert gathered.receipt is not None
                    return Done(_replayed(gathered.receipt, key, print_))
                decision = decide(command, gathered.facts, expected=expected, rules=self.rules)
            except ChatcoreError as error:
                if (receipt := await self._receipt(key, error)) is not None:
                    return Done(_replayed(receipt, key, print_))
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

    async def _receipt(self, key: str | None, error: ChatcoreError) -> Receipt | None:
        """What a command with this key left meanwhile: what that one did is no reason to refuse this one."""
        if key is None or isinstance(error, PortFailure | IdempotencyMismatch):
            return None
        return (await self.storage.read(ReadSet(key=key))).receipt

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

    async def forget(self, before: datetime) -> int:
        """Drop what is only kept to recognise repeats; never what is younger than the rule allows."""
        before = utc(before, "before")
        if before > self.now() - STATUS_KEPT:
            raise InvalidValue.of("before", "too_recent", rule="M1")
        return await self.storage.forget(before=before)

    async def can(self, command: Command, actor: Actor) -> Verdict:
        """Gather and decide, and commit nothing."""
        row = TABLE.get(type(command))
        if row is None:
            raise InvalidValue.of("command", "unknown_command")
        check_actor(actor)
        asked = Asked(command, actor, row, self.new_root(), self.now(), None)
        try:
            gathered = await gather(self.reads, asked)
            assert gathered.facts is not None
            decision = decide(command, gathered.facts, rules=self.rules)
        except (RuleViolation, NotFound, Conflict, InvalidValue) as refusal:
            return verdict_of(refusal)
        return Verdict(Answer.ALLOWED, warnings=row.warnings, changes=bool(decision))


def check_actor(actor: object) -> None:
    """Who is behind a call is an `Actor`, whatever the caller holds."""
    if type(actor) is not Actor:
        raise InvalidValue.of("by", "not_an_actor")


def _replayed(receipt: Receipt, key: str | None, fingerprint: str | None) -> Outcome:
    if receipt.fingerprint != fingerprint:
        raise IdempotencyMismatch(key or "")
    return receipt.outcome


def _check_label(path: str, value: str) -> None:
    """An idempotency key or correlation id is one printable line of bounded length."""
    if type(value) is not str or not value or not value.isprintable():
        raise InvalidValue.of(path, "not_a_key")
    if len(value) > KEY_LENGTH:
        raise InvalidValue.of(path, "too_long", limit=KEY_LENGTH, actual=len(value))


def verdict_of(refusal: ChatcoreError) -> Verdict:
    """What a refusal means beforehand: that something is lacking, or that it would be refused."""
    if isinstance(refusal, ReasonRequired):
        return Verdict(Answer.NEEDS, ("reason", *(f"fields.{id}" for id in refusal.fields)), refusal)
    if isinstance(refusal, FieldsRequired):
        return Verdict(Answer.NEEDS, tuple(f"fields.{id}" for id in refusal.fields), refusal)
    return Verdict(Answer.REFUSED, (), refusal)
