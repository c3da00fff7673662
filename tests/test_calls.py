"""How a desk calls its ports: what an adapter that breaks its contract leads to, on reads and on writes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import (
    SYSTEM,
    AsyncDesk,
    AsyncPorts,
    Close,
    ConversationQuery,
    Desk,
    MessageQuery,
    Outcome,
    Ports,
    SendMessage,
    Situation,
    Take,
)
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import AtMostOnce, LooksUpByKey
from chatcore.errors import (
    AlreadyTaken,
    AtCapacity,
    Conflict,
    ContractViolation,
    ErrorKind,
    OutcomeUnknown,
    Permanent,
    PortFailure,
    Temporary,
    VersionConflict,
)
from chatcore.memory import AsyncMemoryStorage, MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.ports import ChangeSet, ReadSet, SendRequest, Snapshot
from chatcore.rules.table import TABLE
from chatcore.search import ContactQuery, EffectQuery
from chatcore.vocabulary import ConversationId, EffectState, ReasonId
from tests.office import ANA, BETO, NOON, SUE, WHATSAPP, Office

STORAGE = (
    "read",
    "apply",
    "due",
    "conversations",
    "messages",
    "contacts",
    "effects",
    "stream",
    "changes",
    "count",
    "head",
    "forget",
)
MOVED = ReasonId("moved")


def adapter(port: object, **methods: Any) -> Any:
    """A port with some methods replaced; one given as None is missing."""

    class Adapter:
        def __getattr__(self, name: str) -> Any:
            if name in methods and methods[name] is None:
                raise AttributeError(name)
            return methods.get(name) or getattr(port, name)

    return Adapter()


async def coroutine_function(*_: object, **__: object) -> object:
    return None


def named(answer: Any) -> str:
    return getattr(answer, "__name__", repr(answer))


# --- at construction -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", STORAGE)
@pytest.mark.parametrize("bad", [None, coroutine_function, 7], ids=["missing", "async", "no method"])
def test_a_sync_desk_refuses_a_storage_that_does_not_fit(method: str, bad: Any) -> None:
    """A method that is missing, or async, is told at the construction, by name."""
    storage = adapter(MemoryStorage(), **{method: bad})
    with pytest.raises(ContractViolation) as caught:
        Desk(Ports(storage=storage))
    assert (caught.value.port, caught.value.method) == ("storage", method)
    assert caught.value.kind is ErrorKind.DEFECT


@pytest.mark.parametrize(
    ("method", "bad"),
    [("send", None), ("send", coroutine_function), ("send", 7), ("look_up", coroutine_function)],
)
def test_a_sync_desk_refuses_a_messaging_that_does_not_fit(method: str, bad: Any) -> None:
    """So it is for each messaging adapter, and for the optional look-up."""
    messaging = adapter(MemoryMessaging(), **{method: bad})
    with pytest.raises(ContractViolation) as caught:
        Desk(Ports(storage=MemoryStorage(), messaging={WHATSAPP: messaging}))
    assert (caught.value.port, caught.value.method) == ("messaging", method)


SIDES = {
    "contracts": ("find", "contracts", "open_order"),
    "billing": ("boletos", "invoices", "issue_boleto", "issue_invoice", "grant_bonus"),
}
EACH_METHOD = [pytest.param(side, method) for side, methods in SIDES.items() for method in methods]


@pytest.mark.parametrize(("side", "method"), [*EACH_METHOD, ("contracts", "look_up"), ("billing", "look_up")])
@pytest.mark.parametrize("bad", [None, coroutine_function, 7], ids=["missing", "async", "no method"])
def test_a_sync_desk_refuses_a_side_that_does_not_fit(side: str, method: str, bad: Any) -> None:
    """So it is for contracts and billing; a look-up may be missing there too."""
    port = adapter({"contracts": MemoryContracts, "billing": MemoryBilling}[side](), **{method: bad})
    ports: Any = {"storage": MemoryStorage(), side: port}
    if method == "look_up" and bad is not coroutine_function:
        Desk(Ports(**ports))
        return
    with pytest.raises(ContractViolation) as caught:
        Desk(Ports(**ports))
    assert (caught.value.port, caught.value.method) == (side, method)


@pytest.mark.parametrize(("side", "method"), EACH_METHOD)
def test_an_async_desk_refuses_a_side_that_lacks_a_method(side: str, method: str) -> None:
    """A method that is missing is told at the construction, by name."""
    port = adapter({"contracts": MemoryContracts, "billing": MemoryBilling}[side](), **{method: None})
    ports: Any = {"storage": AsyncMemoryStorage(), side: port}
    with pytest.raises(ContractViolation) as caught:
        AsyncDesk(AsyncPorts(**ports))
    assert (caught.value.port, caught.value.method) == (side, method)


@pytest.mark.parametrize("method", STORAGE)
def test_an_async_desk_refuses_a_storage_that_lacks_a_method(method: str) -> None:
    """A method that is missing is told at the construction, by name."""
    with pytest.raises(ContractViolation) as caught:
        AsyncDesk(AsyncPorts(storage=adapter(MemoryStorage(), **{method: None})))
    assert caught.value.method == method


def test_a_look_up_is_optional() -> None:
    """An adapter without the optional power is whole."""
    Desk(Ports(storage=MemoryStorage(), messaging={WHATSAPP: adapter(MemoryMessaging(), look_up=None)}))


class Unable(MemoryMessaging):
    """A messaging adapter whose capabilities are not what they ought to be."""

    answer: Any = None

    @property
    def capabilities(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    "answer", [None, 7, RuntimeError("no"), lambda: CAPABILITIES], ids=["None", "int", "raises", "method"]
)
def test_capabilities_that_are_none_break_the_contract(answer: Any) -> None:
    """Capabilities that cannot be asked, or are of another type, are one typed error, at once or later."""

    def use() -> None:
        messaging = Unable()
        messaging.answer = answer
        office = Office(messaging=messaging)
        office.taken()

    with pytest.raises(ContractViolation) as caught:
        use()
    assert (caught.value.port, caught.value.method) == ("messaging", "capabilities")


# --- reads ---------------------------------------------------------------------------------------------------

CV = ConversationId("cv_00000002")
READS: dict[str, Callable[[Desk], object]] = {
    "read": lambda desk: desk.conversation(CV, by=ANA),
    "due": lambda desk: desk.run_due(),
    "conversations": lambda desk: desk.conversations(ConversationQuery(), by=ANA),
    "messages": lambda desk: desk.messages(MessageQuery(conversation=CV), by=ANA),
    "contacts": lambda desk: desk.contacts(ContactQuery(), by=ANA),
    "effects": lambda desk: desk.effects(EffectQuery(conversation=CV), by=ANA),
    "stream": lambda desk: desk.timeline(CV, by=ANA),
    "changes": lambda desk: desk.feed(by=ANA),
    "count": lambda desk: desk.counts(by=ANA),
    "head": lambda desk: desk.view(ConversationQuery(), by=ANA),
}


def desk_over(office: Office, **methods: Any) -> Desk:
    """A desk over an office's storage with some methods replaced."""
    storage = adapter(office.storage, **methods)
    ports = Ports(storage=storage, messaging={WHATSAPP: office.messaging})
    return Desk(ports, clock=lambda: office.now, new_root=office.new_root)


def raising(error: BaseException) -> Callable[..., Any]:
    def method(*_: object, **__: object) -> Any:
        raise error

    return method


def answering(answer: Any) -> Callable[..., Any]:
    def method(*_: object, **__: object) -> Any:
        return answer() if callable(answer) else answer

    return method


class CallableObject:
    """A method that is an object with `__call__`, as partials and mocks are: it has no `__name__`."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, *_: object, **__: object) -> Any:
        raise self.error


BROKEN: dict[str, Callable[[], Any]] = {
    "raises": lambda: raising(RuntimeError("secret 5511987654321")),
    "raises KeyError": lambda: raising(KeyError("x")),
    "raises StopIteration": lambda: raising(StopIteration()),
    "answers None": lambda: answering(None),
    "answers another type": lambda: answering({"states": {}}),
    "answers an awaitable": lambda: answering(coroutine_function),
    "answers a future-like": lambda: answering(Later),
    "callable object raises": lambda: CallableObject(RuntimeError("no")),
    "partial raises": lambda: functools.partial(raising(RuntimeError("no")), 1),
}


class Later:
    def __await__(self) -> Any:
        yield


def collect(*answered: object) -> None:
    """A coroutine that was answered and never awaited warns now, not in some later test."""
    if coroutine_function in answered or "answers an awaitable" in answered:
        gc.collect()


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_read_that_breaks_its_contract_is_one_typed_error(method: str, broken: str) -> None:
    """Whatever it raises or answers, it is a ContractViolation that names the method; nothing changes."""
    office = Office()
    assert office.waiting() == CV
    desk = desk_over(office, **{method: BROKEN[broken]()})
    with office.nothing_changes(), pytest.raises(ContractViolation) as caught:
        READS[method](desk)
    assert caught.value.port == "storage"
    assert "5511987654321" not in str(caught.value) + repr(caught.value) + repr(caught.value.document())
    collect(broken)


@pytest.mark.parametrize("method", list(READS))
def test_the_error_names_the_method_of_the_port(method: str) -> None:
    """The name told is that of the port's method, whatever the adapter calls its function."""
    office = Office()
    office.waiting()
    desk = desk_over(office, **{method: raising(RuntimeError())})
    with pytest.raises(ContractViolation) as caught:
        READS[method](desk)
    assert caught.value.method == method


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize("error", [Temporary(timedelta(seconds=1)), Permanent("x"), Conflict()])
def test_an_error_of_the_tree_passes_as_it_is(method: str, error: Exception) -> None:
    """What an adapter says in the port's own errors reaches the caller unchanged."""
    office = Office()
    office.waiting()
    desk = desk_over(office, **{method: raising(error)})
    with office.nothing_changes(), pytest.raises(type(error)) as caught:
        READS[method](desk)
    assert caught.value is error


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_error_is_never_swallowed(stop: type[BaseException]) -> None:
    """An interrupt inside an adapter reaches the caller, from reads and from writes."""
    office = Office()
    cv = office.waiting()
    for method in ("read", "apply"):
        with office.nothing_changes(), pytest.raises(stop):
            desk_over(office, **{method: raising(stop())}).handle(Take(cv), by=ANA)


@pytest.mark.parametrize("broken", [raising(RuntimeError()), answering(None), answering("3"), answering(True)])
def test_forgetting_is_a_write(broken: Any) -> None:
    """A `forget` that raises, or does not say how many, may have been done."""
    office = Office()
    office.pass_time(days=40)
    desk = desk_over(office, forget=broken)
    with pytest.raises(OutcomeUnknown):
        desk.forget(before=NOON)


# --- the commit ----------------------------------------------------------------------------------------------


class Wire(MemoryStorage):
    """A storage at the end of a line that fails, call by call.

    Each `apply` takes the next plan: ``done`` is done and answered; ``lost`` is not done, and raises; ``kept``
    is done, and raises all the same; ``late`` raises, and is done at the beginning of the next call but one,
    if it still fits; ``busy`` says it is certainly not done. Past the plans all is done.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plans: list[str] = []
        self.applied: list[ChangeSet] = []
        self.held: ChangeSet | None = None
        self.patience = 0
        self.down = 0

    def read(self, wanted: ReadSet, /) -> Snapshot:
        self._arrive()
        if wanted.command is not None and self.down:
            self.down -= 1
            raise Temporary
        return super().read(wanted)

    def apply(self, change: ChangeSet, /) -> None:
        self._arrive()
        self.applied.append(change)
        plan = self.plans.pop(0) if self.plans else "done"
        if plan == "busy":
            raise Temporary
        if plan == "late":
            self.held, self.patience = change, 1
        elif plan != "lost":
            super().apply(change)
        if plan != "done":
            raise ConnectionResetError("5511987654321")

    def _arrive(self) -> None:
        if self.held is None:
            return
        if self.patience:
            self.patience -= 1
            return
        late, self.held = self.held, None
        with contextlib.suppress(Conflict):
            super().apply(late)


def on_a_wire(*plans: str, down: int = 0) -> tuple[Office, Wire, ConversationId]:
    storage = Wire()
    office = Office(storage=storage)
    cv = office.waiting()
    storage.plans, storage.applied, storage.down = list(plans), [], down
    return office, storage, cv


@pytest.mark.parametrize(
    "plans",
    [
        ("kept",),
        ("lost",),
        ("lost", "kept"),
        ("lost", "lost"),
        ("late",),
        ("late", "lost"),
        ("late", "kept"),
    ],
)
@pytest.mark.parametrize("key", [None, "k"])
def test_an_unknown_commit_is_resolved_by_its_receipt(plans: tuple[str, ...], key: str | None) -> None:
    """Applied, not applied, or applied late: the command is done once, and its outcome is right."""
    office, storage, cv = on_a_wire(*plans)
    outcome = office.desk.handle(Take(cv), by=ANA, key=key)
    contents = office.contents
    assert outcome.version_of(cv) == 3
    assert contents.receipts[outcome.command].outcome == outcome
    assert [e.command for e in contents.streams[cv]][2:] == [outcome.command]
    assert contents.tallies == {"open:ana": 1}
    assert {c.receipt.command for c in storage.applied} == {outcome.command}


def test_a_commit_that_stays_unknown_says_so() -> None:
    """When no receipt ever tells, the caller hears that it may have been done, and can repeat it."""
    office, _, cv = on_a_wire("lost", "lost", "lost", "lost", "lost")
    with pytest.raises(OutcomeUnknown) as caught:
        office.desk.handle(Take(cv), by=ANA, key="k")
    assert caught.value.kind is ErrorKind.IN_DOUBT
    assert caught.value.command is not None
    assert office.contents.states[cv].version == 2
    office.storage.plans = []  # type: ignore[attr-defined]
    assert office.desk.handle(Take(cv), by=ANA, key="k").version_of(cv) == 3


def test_a_commit_that_is_certainly_not_done_is_not_repeated() -> None:
    """`Temporary` is the caller's to try again: nothing was done, nothing is done behind their back."""
    office, storage, cv = on_a_wire("busy")
    with office.nothing_changes(), pytest.raises(Temporary):
        office.desk.handle(Take(cv), by=ANA)
    assert len(storage.applied) == 1


@pytest.mark.parametrize("plans", [("lost", "busy"), ("late", "busy"), ("kept", "busy")])
def test_a_later_certainty_does_not_cover_an_earlier_doubt(plans: tuple[str, ...]) -> None:
    """After one try that may have been done, "certainly not done" about the next is no answer to the caller.

    Either the receipt tells that it was done, or the caller hears that it may have been.
    """
    office, _, cv = on_a_wire(*plans)
    try:
        answer: object = office.desk.handle(Take(cv), by=ANA)
    except PortFailure as error:
        answer = error
    if isinstance(answer, Outcome):
        assert office.contents.receipts[answer.command].outcome == answer
    else:
        assert isinstance(answer, OutcomeUnknown)


@pytest.mark.parametrize("plan", ["kept", "lost"])
def test_a_doubt_that_cannot_be_looked_into_stays_a_doubt(plan: str) -> None:
    """Where the receipt cannot be read either, the caller hears that it may have been done."""
    office, _, cv = on_a_wire(plan, "lost", "lost", down=9)
    with pytest.raises(OutcomeUnknown) as caught:
        office.desk.handle(Take(cv), by=ANA)
    assert caught.value.command is not None


def test_an_unknown_commit_overtaken_by_another_is_decided_anew() -> None:
    """If it was not applied and somebody else was faster, the caller hears who. Rule: L6."""
    office, storage, cv = on_a_wire("lost")
    other = office.another_desk()

    def interfering(change: ChangeSet, /) -> None:
        storage.apply(change)

    calls = 0

    def apply(change: ChangeSet, /) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            other.handle(Take(cv), by=BETO)
        interfering(change)

    with pytest.raises(AlreadyTaken) as caught:
        desk_over(office, apply=apply).handle(Take(cv), by=ANA)
    assert caught.value.assignee == "beto"
    assert office.contents.tallies == {"open:beto": 1}


@pytest.mark.parametrize("answer", [coroutine_function, Later, False, 1, "done"])
@pytest.mark.parametrize("applies", [True, False])
def test_a_commit_that_answers_anything_is_held_against_its_receipt(answer: Any, applies: bool) -> None:
    """An `apply` answers nothing; one that does broke its contract, and only the receipt tells what it did."""
    office = Office()
    cv = office.waiting()

    def apply(change: ChangeSet, /) -> Any:
        if applies:
            office.storage.apply(change)
        return answer() if callable(answer) else answer

    desk = desk_over(office, apply=apply)
    if applies:
        assert desk.handle(Take(cv), by=ANA).version_of(cv) == 3
        assert len(office.contents.streams[cv]) == 3
    else:
        with office.nothing_changes(), pytest.raises(OutcomeUnknown):
            desk.handle(Take(cv), by=ANA)
    collect(answer)


def test_a_conflict_is_met_with_fresh_facts() -> None:
    """A person's command is tried again a few times while others are faster, then the conflict is told."""
    office = Office()
    cv = office.waiting()
    conflicts: list[ChangeSet] = []

    def apply(change: ChangeSet, /) -> None:
        if len(conflicts) < limit:
            conflicts.append(change)
            raise VersionConflict(cv, 2)
        office.storage.apply(change)

    limit = 4
    outcome = desk_over(office, apply=apply).handle(Take(cv), by=ANA)
    assert outcome.version_of(cv) == 3
    assert len({c.receipt.command for c in conflicts}) == 4
    office.desk.handle(Close(cv, MOVED), by=ANA)
    other = office.waiting("5511912345678")
    conflicts.clear()
    limit = 1000
    with office.nothing_changes(), pytest.raises(VersionConflict):
        desk_over(office, apply=apply).handle(Take(other), by=ANA)
    assert len(conflicts) == TABLE[Take].tries
    conflicts.clear()
    limit = TABLE[Take].tries * 3
    assert desk_over(office, apply=apply).handle(office.arrival(), by=SYSTEM).message is not None


def test_a_full_agent_told_by_the_commit_alone_hears_it_in_words() -> None:
    """A tally that fills between the read and the commit is met with fresh facts: at capacity. Rule: L7."""
    office = Office()
    cv, other = office.waiting(), office.waiting("5511912345678")
    second = office.another_desk()
    raced = False

    def apply(change: ChangeSet, /) -> None:
        nonlocal raced
        if not raced:
            raced = True
            second.handle(Take(other), by=BETO)
        office.storage.apply(change)

    with pytest.raises(AtCapacity):
        desk_over(office, apply=apply).handle(Take(cv), by=BETO)
    assert office.contents.tallies == {"open:beto": 1}


# --- sending -------------------------------------------------------------------------------------------------


class Odd(MemoryMessaging):
    """A messaging adapter that sends, and answers as it is told."""

    def __init__(self, answer: Any, nature: Any) -> None:
        super().__init__(attrs.evolve(CAPABILITIES, nature=nature))
        self.answer = answer
        self.look_up_answer: Any = None

    def send(self, request: SendRequest, /) -> Any:
        super().send(request)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer

    def look_up(self, key: Any, /) -> Any:
        answer = self.look_up_answer
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer


@pytest.mark.parametrize(
    "answer",
    [None, "", 7, b"out-1", coroutine_function, Later, RuntimeError("x"), KeyError("x"), OutcomeUnknown()],
    ids=named,
)
def test_a_send_that_does_not_answer_an_id_is_in_doubt(answer: Any) -> None:
    """Whatever it raises or answers, it may have gone: never sent again, and shown to a person."""
    office = Office(messaging=Odd(answer, AtMostOnce()))
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    assert office.contents.states[effect].state is EffectState.UNKNOWN  # type: ignore[union-attr]
    office.desk.run_due()
    assert office.contents.states[effect].state is EffectState.UNCONFIRMED  # type: ignore[union-attr]
    assert office.sent == ["Olá"]
    collect(answer)


@pytest.mark.parametrize(
    "answer", [7, coroutine_function, RuntimeError("x"), Temporary(), OutcomeUnknown(), ""], ids=named
)
def test_a_look_up_that_fails_leaves_the_doubt(answer: Any) -> None:
    """A look-up that cannot tell is asked again later; it neither sends again nor ends the effect."""
    messaging = Odd(RuntimeError("x"), LooksUpByKey(timedelta(minutes=1)))
    messaging.look_up_answer = answer
    office = Office(messaging=messaging)
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    office.pass_time(seconds=30)
    assert office.desk.run_due().done == 1
    state: Any = office.contents.states[effect]
    assert (state.state, state.due_at is not None and state.due_at > office.now) == (EffectState.UNKNOWN, True)
    messaging.look_up_answer = "out-1"
    office.now = state.due_at
    office.desk.run_due()
    assert office.contents.states[effect].state is EffectState.SUCCEEDED  # type: ignore[union-attr]
    assert office.sent == ["Olá"]
    collect(answer)


def test_a_look_up_that_knows_of_a_refusal_ends_the_doubt() -> None:
    """`Permanent` from a look-up means that the provider refused it. Rule: M2."""
    messaging = Odd(RuntimeError("x"), LooksUpByKey(timedelta(minutes=1)))
    messaging.look_up_answer = Permanent("131026")
    office = Office(messaging=messaging)
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    office.pass_time(seconds=30)
    office.desk.run_due()
    state: Any = office.contents.states[effect]
    assert (state.state, state.detail) == (EffectState.FAILED, "131026")


def test_a_failed_settlement_does_not_fail_the_command() -> None:
    """The outcome is fixed at the commit: storage failing during delivery leaves a claimed effect."""
    office, storage, cv = on_a_wire()
    office.desk.handle(Take(cv), by=ANA)
    storage.plans = ["done", "done", *["lost"] * 300]
    outcome = office.desk.handle(Close(cv, MOVED), by=ANA)
    assert office.desk.conversation(cv, by=SUE).situation is Situation.CLOSED
    (effect,) = outcome.effects
    assert office.contents.states[effect].state is EffectState.IN_FLIGHT  # type: ignore[union-attr]
    assert office.sent == ["Até logo!"]


# --- the async desk ------------------------------------------------------------------------------------------


def awaited(port: object, **methods: Any) -> Any:
    """An async adapter around a sync one, with some methods replaced."""

    class Adapter:
        def __getattr__(self, name: str) -> Any:
            if name in methods:
                return methods[name]
            method = getattr(port, name)
            if not callable(method):
                return method

            async def call(*args: object, **kwargs: object) -> object:
                await asyncio.sleep(0)
                return method(*args, **kwargs)

            return call

    return Adapter()


def run_async(office: Office, call: Callable[[AsyncDesk], Awaitable[object]], **methods: Any) -> object:
    ports = AsyncPorts(
        storage=awaited(office.storage, **methods), messaging={WHATSAPP: awaited(office.messaging)}
    )
    desk = AsyncDesk(ports, clock=lambda: office.now, new_root=office.new_root)

    async def main() -> object:
        return await call(desk)

    return asyncio.run(main())


async def raises_when_awaited(*_: object, **__: object) -> Any:
    await asyncio.sleep(0)
    raise RuntimeError("no")


async def answers_another_type(*_: object, **__: object) -> Any:
    return {"states": {}}


@pytest.mark.parametrize(
    "bad",
    [raises_when_awaited, answers_another_type, coroutine_function, answering(None), answering(Snapshot())],
    ids=["raises", "another type", "None", "sync None", "sync Snapshot"],
)
def test_an_async_read_that_breaks_its_contract_is_one_typed_error(bad: Any) -> None:
    """Awaited or not awaitable at all, a broken read is a ContractViolation."""
    office = Office()
    cv = office.waiting()
    with office.nothing_changes(), pytest.raises(ContractViolation):
        run_async(office, lambda desk: desk.conversation(cv, by=ANA), read=bad)


@pytest.mark.parametrize("bad", [raises_when_awaited, answering(None)], ids=["raises", "sync None"])
def test_an_async_commit_that_breaks_its_contract_is_unknown(bad: Any) -> None:
    """A commit that raises, or cannot be awaited, may have been done; its receipt says that it was not."""
    office = Office()
    cv = office.waiting()
    with office.nothing_changes(), pytest.raises(OutcomeUnknown):
        run_async(office, lambda desk: desk.handle(Take(cv), by=ANA), apply=bad)


def test_a_sync_storage_given_to_an_async_desk_is_told() -> None:
    """Even unchecked by a type checker, a sync adapter is one typed error at its first call."""
    office = Office()
    cv = office.waiting()
    desk = AsyncDesk(AsyncPorts(storage=office.storage), clock=lambda: office.now)  # type: ignore[arg-type]
    with office.nothing_changes(), pytest.raises(ContractViolation):
        asyncio.run(desk.conversation(cv, by=ANA))  # type: ignore[arg-type]
