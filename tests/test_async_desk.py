"""The async desk and the sync one are the same desk: the same methods, the same body, the same answers."""

from __future__ import annotations

import ast
import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

import chatcore._engine
from chatcore import (
    SYSTEM,
    AsyncDesk,
    AsyncPorts,
    Close,
    Configure,
    ConversationQuery,
    Delivery,
    Desk,
    MessageQuery,
    Ports,
    SendMessage,
    Situation,
    Take,
)
from chatcore.entities import ChannelCapabilities
from chatcore.errors import AlreadyTaken
from chatcore.memory import MemoryMessaging, MemoryStorage
from chatcore.ports import (
    AsyncBilling,
    AsyncContracts,
    AsyncMessaging,
    AsyncStorage,
    AsyncSupportsLookUp,
    Billing,
    ChangeSet,
    Contracts,
    Due,
    Messaging,
    ReadSet,
    SendRequest,
    Snapshot,
    Storage,
    SupportsLookUp,
)
from chatcore.search import ContactQuery, EffectQuery, Page
from chatcore.vocabulary import EffectId, ReasonId
from tests.office import ANA, BETO, NOON, PROVIDER, WHATSAPP, FixedRoots, MoodyMessaging, Office, Scene, scripts

MOVED = ReasonId("moved")


class AsyncMemoryStorage:
    """The storage in memory, behind methods that really wait."""

    def __init__(self, memory: MemoryStorage) -> None:
        self.memory = memory

    async def read(self, wanted: ReadSet, /) -> Snapshot:
        await asyncio.sleep(0)
        return self.memory.read(wanted)

    async def apply(self, change: ChangeSet, /) -> None:
        await asyncio.sleep(0)
        self.memory.apply(change)
        await asyncio.sleep(0)

    async def due(self, **asked: Any) -> Due:
        await asyncio.sleep(0)
        return self.memory.due(**asked)

    async def conversations(self, query: Any, /, **asked: Any) -> Page[Any]:
        await asyncio.sleep(0)
        return self.memory.conversations(query, **asked)

    async def count(self, query: Any, /, **asked: Any) -> int:
        await asyncio.sleep(0)
        return self.memory.count(query, **asked)

    async def messages(self, query: Any, /, **asked: Any) -> Page[Any]:
        await asyncio.sleep(0)
        return self.memory.messages(query, **asked)

    async def contacts(self, query: Any, /, **asked: Any) -> Page[Any]:
        await asyncio.sleep(0)
        return self.memory.contacts(query, **asked)

    async def effects(self, query: Any, /, **asked: Any) -> Page[Any]:
        await asyncio.sleep(0)
        return self.memory.effects(query, **asked)

    async def stream(self, ref: Any, /, **asked: Any) -> tuple[Any, ...]:
        await asyncio.sleep(0)
        return self.memory.stream(ref, **asked)

    async def changes(self, **asked: Any) -> Page[Any]:
        await asyncio.sleep(0)
        return self.memory.changes(**asked)

    async def head(self) -> str:
        await asyncio.sleep(0)
        return self.memory.head()

    async def forget(self, **asked: Any) -> int:
        await asyncio.sleep(0)
        return self.memory.forget(**asked)


class AsyncMemoryMessaging:
    """Messaging in memory, behind methods that really wait."""

    def __init__(self, memory: MemoryMessaging) -> None:
        self.memory = memory

    @property
    def capabilities(self) -> ChannelCapabilities:
        return self.memory.capabilities

    async def send(self, request: SendRequest, /) -> str:
        await asyncio.sleep(0)
        id = self.memory.send(request)
        await asyncio.sleep(0)
        return id

    async def look_up(self, key: EffectId, /) -> str | None:
        await asyncio.sleep(0)
        return self.memory.look_up(key)


def async_desk(storage: MemoryStorage, messaging: MemoryMessaging, **options: Any) -> AsyncDesk:
    ports = AsyncPorts(
        storage=AsyncMemoryStorage(storage), messaging={WHATSAPP: AsyncMemoryMessaging(messaging)}
    )
    defaults: dict[str, Any] = {"clock": lambda: NOON, "new_root": FixedRoots()}
    return AsyncDesk(ports, **(defaults | options))


# --- the same answers ----------------------------------------------------------------------------------------


@settings(max_examples=50)
@given(script=scripts())
def test_a_day_is_the_same_at_either_desk(script: Any) -> None:
    """Law: the same commands, over the same roots and clock, give equal answers, contents and sendings."""
    scene, storage, messaging = Scene(), MemoryStorage(), MoodyMessaging()
    desk = Desk(Ports(storage=storage, messaging={WHATSAPP: messaging}), **scene.options())
    desk.handle(Configure(PROVIDER), by=SYSTEM)
    answers = scene.play(desk, script)

    other, other_storage, other_messaging = Scene(), MemoryStorage(), MoodyMessaging()

    async def day() -> list[object]:
        adesk = async_desk(other_storage, other_messaging, **other.options())
        await adesk.handle(Configure(PROVIDER), by=SYSTEM)
        return await other.play_async(adesk, script)

    assert asyncio.run(day()) == answers
    assert other_storage.contents() == storage.contents()
    assert other_messaging.outbox == messaging.outbox
    assert other_messaging.tries == messaging.tries


def test_reads_are_the_same_at_either_desk() -> None:
    """Each read of the sync desk, awaited at the async one, gives an equal answer."""
    office = Office()
    cv = office.taken()
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
    office.desk.handle(Close(cv, MOVED), by=ANA)
    conversation = office.desk.conversation(cv, by=ANA)
    calls: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "workspace": ((), {"by": ANA}),
        "conversation": ((cv,), {"by": ANA}),
        "contact": ((conversation.contact,), {"by": ANA}),
        "conversations": ((ConversationQuery(situation=Situation.CLOSED),), {"by": ANA, "limit": 3}),
        "messages": ((MessageQuery(conversation=cv),), {"by": ANA, "limit": 2}),
        "contacts": ((ContactQuery(),), {"by": ANA}),
        "effects": ((EffectQuery(conversation=cv),), {"by": ANA}),
        "timeline": ((cv,), {"by": ANA, "after": 1, "limit": 2}),
        "feed": ((), {"by": ANA, "limit": 4, "holding": (cv,)}),
        "view": ((ConversationQuery(),), {"by": ANA, "limit": 2}),
        "counts": ((), {"by": ANA}),
        "panel": ((cv,), {"by": ANA}),
        "can": ((Take(cv),), {"by": ANA}),
        "run_due": ((), {"limit": 5}),
    }
    desk = async_desk(office.storage, office.messaging)

    async def ask() -> dict[str, object]:
        return {name: await getattr(desk, name)(*args, **kwargs) for name, (args, kwargs) in calls.items()}

    asked = asyncio.run(ask())
    for name, (args, kwargs) in calls.items():
        answer = getattr(office.desk, name)(*args, **kwargs)
        assert repr(answer) == repr(asked[name])


def test_of_two_agents_who_take_at_once_one_wins() -> None:
    """Commands that wait in between each other's reads and commits still keep the rules. Rule: L6."""
    office = Office()
    cv = office.waiting()
    desk = async_desk(office.storage, office.messaging, new_root=office.new_root)

    async def race() -> list[object]:
        return await asyncio.gather(
            desk.handle(Take(cv), by=ANA), desk.handle(Take(cv), by=BETO), return_exceptions=True
        )

    first, second = asyncio.run(race())
    assert not isinstance(first, BaseException)
    assert isinstance(second, AlreadyTaken)
    assert second.assignee == "ana"
    assert len(office.contents.streams[cv]) == 3


def test_many_messages_at_once_have_each_its_place() -> None:
    """Arrivals that interleave in one desk lose nothing: `seq` has no gap and no repeat. Rule: M1, M4."""
    office = Office()
    desk = async_desk(office.storage, office.messaging, new_root=office.new_root)
    arrivals = [office.arrival(text=str(n % 20), id=f"wamid.{n % 20}") for n in range(40)]

    async def storm() -> None:
        await asyncio.gather(*(desk.handle(arrival, by=SYSTEM) for arrival in arrivals))

    asyncio.run(storm())
    contents = office.contents
    messages = [state for ref, state in contents.states.items() if "." in ref]
    assert sorted(m.seq for m in messages) == list(range(1, 21))  # type: ignore[union-attr]
    assert len([ref for ref in contents.states if ref.startswith("ct_")]) == 1


def test_workers_that_run_at_once_send_each_message_once() -> None:
    """Any number of workers may carry out due work; each message leaves once, in order. Rule: M20."""
    office = Office(delivery=Delivery.LATER)
    cv = office.taken()
    for n in range(10):
        office.desk.handle(SendMessage(cv, str(n)), by=ANA)
    desks = [async_desk(office.storage, office.messaging, new_root=office.new_root) for _ in range(4)]

    async def work() -> None:
        for desk in desks:
            await desk.workspace(by=ANA)
        await asyncio.gather(*(desk.run_due() for desk in desks))

    asyncio.run(work())
    assert office.sent == [str(n) for n in range(10)]


def test_a_sync_desk_runs_inside_an_event_loop() -> None:
    """A sync desk never waits, so a running loop is nothing to it."""

    async def main() -> str | None:
        office = Office()
        return office.desk.conversation(office.taken(), by=ANA).assignee

    assert asyncio.run(main()) == "ana"


# --- the same shape ------------------------------------------------------------------------------------------


def public(cls: type) -> dict[str, Any]:
    return {
        name: member
        for name, member in vars(cls).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }


TWINS = [
    (Storage, AsyncStorage),
    (Messaging, AsyncMessaging),
    (SupportsLookUp, AsyncSupportsLookUp),
    (Contracts, AsyncContracts),
    (Billing, AsyncBilling),
    (Desk, AsyncDesk),
]


@pytest.mark.parametrize(("sync", "twin"), TWINS, ids=[twin.__name__ for _, twin in TWINS])
def test_twins_have_the_same_methods(sync: type, twin: type) -> None:
    """The same names in the same order: sync here, async there, and properties in both."""
    mine, theirs = public(sync), public(twin)
    assert list(mine) == list(theirs)
    assert mine
    for name, member in mine.items():
        assert not inspect.iscoroutinefunction(member)
        assert isinstance(theirs[name], property) or inspect.iscoroutinefunction(theirs[name])
        assert isinstance(theirs[name], property) is isinstance(member, property)


@pytest.mark.parametrize(
    ("sync", "twin", "name"), [(sync, twin, name) for sync, twin in TWINS for name in public(sync)]
)
def test_twins_take_the_same_and_give_the_same(sync: type, twin: type, name: str) -> None:
    """Parameters by name, kind, default and annotation, and the answer's annotation, are equal."""
    mine, theirs = (public(cls)[name] for cls in (sync, twin))
    if isinstance(mine, property):
        mine, theirs = mine.fget, theirs.fget
    assert inspect.signature(mine) == inspect.signature(theirs)


@pytest.mark.parametrize(
    ("sync", "twin", "name"), [(sync, twin, name) for sync, twin in TWINS for name in public(sync)]
)
def test_twins_are_documented_once(sync: type, twin: type, name: str) -> None:
    """The twin refers to the sync method's words, or says the very same."""
    mine, theirs = (inspect.getdoc(public(cls)[name]) for cls in (sync, twin))
    assert mine
    assert theirs in (mine, f"As `{sync.__name__}.{name}`.")


def test_the_desks_open_alike() -> None:
    """But for the ports, both are opened with the same options, and say the same of them."""
    mine, theirs = (inspect.signature(cls.__init__) for cls in (Desk, AsyncDesk))
    assert mine.parameters["ports"].annotation == "Ports"
    assert theirs.parameters["ports"].annotation == "AsyncPorts"
    rest = [{n: p for n, p in s.parameters.items() if n != "ports"} for s in (mine, theirs)]
    assert rest[0] == rest[1]
    words = [
        str(inspect.getdoc(cls.__init__)).replace(", or has an async one", "") for cls in (Desk, AsyncDesk)
    ]
    assert words[0] == words[1]


@pytest.mark.parametrize("port", [Storage, Messaging, SupportsLookUp, Contracts, Billing])
def test_parameters_of_ports_cannot_be_misnamed(port: type) -> None:
    """Each is positional-only or keyword-only, so an adapter's own names never matter, or always do."""
    for name, member in public(port).items():
        if isinstance(member, property):
            continue
        first, *others = inspect.signature(member).parameters.values()
        assert first.name == "self"
        for each in others:
            assert each.kind in (each.POSITIONAL_ONLY, each.KEYWORD_ONLY), (name, each.name)


@pytest.mark.parametrize(
    ("port", "handles"),
    [
        (Storage, ("storage", "_storage")),
        (Messaging, ("port", "messaging")),
        (SupportsLookUp, ("port",)),
        (Contracts, ("port", "to_contracts")),
        (Billing, ("port", "to_billing")),
    ],
)
def test_every_method_of_a_port_is_used(port: type, handles: tuple[str, ...]) -> None:
    """A method that the desk never calls would be work for every adapter's author, for nothing."""
    package = Path(str(chatcore._engine.__file__)).parent
    called = {
        node.attr
        for path in package.rglob("*.py")
        if path.name != "calls.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and _name_of(node.value) in handles
    }
    assert set(public(port)) - called == set()


def _name_of(node: ast.expr) -> str | None:
    """The last name of what stands before a dot: a variable, an attribute, or what is called."""
    if isinstance(node, ast.Call):
        node = node.func
    return getattr(node, "attr", getattr(node, "id", None))
