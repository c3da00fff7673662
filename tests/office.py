"""A provider's service desk in memory, to test with: its clock is moved by hand, its ids are counted.

Also scripts: a day at the desk as data, played in the same words over a `Desk` and over an `AsyncDesk`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from chatcore import (
    SYSTEM,
    Actor,
    Agent,
    Assign,
    BlockContact,
    Channel,
    ChannelKind,
    ChatcoreError,
    Close,
    Configure,
    Delivery,
    Department,
    Desk,
    Policies,
    Ports,
    Reason,
    ReceiveMessage,
    Role,
    SendMessage,
    StartConversation,
    Take,
    UnblockContact,
    Workspace,
)
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import ClaimEffect, Outcome, RecordStatus
from chatcore.entities import AutomaticMessages, ChannelCapabilities
from chatcore.errors import Permanent, Temporary
from chatcore.memory import Contents, MemoryMessaging, MemoryStorage
from chatcore.ports import SendRequest
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    ReasonId,
    Ref,
)

__all__ = [
    "ADMIN",
    "ANA",
    "BETO",
    "MARIA",
    "NOON",
    "PROVIDER",
    "SUE",
    "WA",
    "WHATSAPP",
    "FixedRoots",
    "MoodyMessaging",
    "Office",
    "Scene",
    "scripts",
]

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WHATSAPP = ChannelKind.WHATSAPP_CLOUD
WA = ChannelId("wa")
MARIA = "5511987654321"
ANA, BETO, SUE, ADMIN = (Actor.agent(id) for id in ("ana", "beto", "sue", "adm"))
SUPPORT, SALES = DepartmentId("support"), DepartmentId("sales")

PROVIDER = Workspace(
    name="Provedor",
    departments=(Department(id=SUPPORT, name="Suporte"), Department(id=SALES, name="Vendas")),
    agents=(
        Agent(id=AgentId("ana"), name="Ana", departments=(SUPPORT,)),
        Agent(id=AgentId("beto"), name="Beto", departments=(SUPPORT,), max_open=1),
        Agent(id=AgentId("sue"), name="Sue", roles=(Role.SUPERVISOR,)),
        Agent(id=AgentId("adm"), name="Adm", roles=(Role.ADMIN,)),
        Agent(id=AgentId("gone"), name="Gone", departments=(SUPPORT,), active=False),
    ),
    reasons=(
        Reason(id=ReasonId("moved"), name="Mudança"),
        Reason(id=ReasonId("old"), name="Antigo", archived=True),
        Reason(id=ReasonId("sale"), name="Venda", departments=(SALES,)),
    ),
    channels=(Channel(id=WA, kind=WHATSAPP, account="106540352242922", department=SUPPORT),),
    policies=Policies(automatic=AutomaticMessages(closing="Até logo!")),
)


class FixedRoots:
    """Id roots that are counted, so that two desks given one each make the same ids."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return f"{next(self._numbers):08d}"


class MoodyMessaging(MemoryMessaging):
    """Messaging in memory that does to a text what the text names: ``later``, ``never`` or ``boom``."""

    def __init__(self, capabilities: ChannelCapabilities = CAPABILITIES) -> None:
        super().__init__(capabilities)
        self.tries: list[EffectId] = []

    def send(self, request: SendRequest, /) -> str:
        self.tries.append(request.key)
        text = request.text.reveal()
        if text.startswith("later"):
            raise Temporary(timedelta(seconds=30))
        if text.startswith("never"):
            raise Permanent("131026")
        if text.startswith("boom"):
            raise RuntimeError("the line broke")
        return super().send(request)


class Office:
    """A desk, its ports, and what a test does at it."""

    def __init__(
        self,
        workspace: Workspace = PROVIDER,
        *,
        messaging: MemoryMessaging | None = None,
        storage: MemoryStorage | None = None,
        **options: Any,
    ) -> None:
        self.now = NOON
        self.storage = MemoryStorage() if storage is None else storage
        self.messaging = MemoryMessaging() if messaging is None else messaging
        self.new_root = FixedRoots()
        self.arrivals = itertools.count(1)
        self.desk = self.another_desk(**options)
        self.desk.handle(Configure(workspace), by=SYSTEM)

    def another_desk(self, **options: Any) -> Desk:
        """A desk over the same ports, as another process of the service would open."""
        defaults: dict[str, Any] = {"clock": lambda: self.now, "new_root": self.new_root}
        return Desk(Ports(storage=self.storage, messaging={WHATSAPP: self.messaging}), **(defaults | options))

    @property
    def contents(self) -> Contents:
        return self.storage.contents()

    @property
    def sent(self) -> list[str]:
        """The texts that went out."""
        return [request.text.reveal() for request in self.messaging.outbox]

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def arrival(self, address: str = MARIA, text: str = "Oi", id: str | None = None) -> ReceiveMessage:
        return ReceiveMessage(
            channel=WA,
            address=address,
            provider_id=id or f"wamid.{next(self.arrivals)}",
            sent_at=self.now,
            text=text,
        )

    def arrive(self, address: str = MARIA, text: str = "Oi", id: str | None = None) -> Outcome:
        return self.desk.handle(self.arrival(address, text, id), by=SYSTEM)

    def waiting(self, address: str = MARIA) -> ConversationId:
        """A conversation in the queue."""
        conversation = self.arrive(address).conversation
        assert conversation is not None
        return conversation

    def taken(self, by: Actor = ANA, address: str = MARIA) -> ConversationId:
        """A conversation that an agent has."""
        conversation = self.waiting(address)
        self.desk.handle(Take(conversation), by=by)
        return conversation

    def state(self, ref: Ref) -> Any:
        """An entity as it stands."""
        return self.contents.states[ref]

    def message_of(self, effect: EffectId) -> Any:
        """The message that an effect carries out."""
        return self.state(self.state(effect).message)

    def written(self, *texts: str, address: str = MARIA) -> list[EffectId]:
        """Messages written in one conversation and not sent yet; their effects."""
        cv = self.taken(address=address)
        return [
            self.desk.handle(SendMessage(cv, text), by=ANA, delivery=Delivery.LATER).effects[0]
            for text in texts
        ]

    @contextlib.contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Hold that a block leaves everything kept, and everything sent, as it was."""
        before = self.contents, list(self.messaging.outbox)
        yield
        assert (self.contents, self.messaging.outbox) == before


# --- scripts -------------------------------------------------------------------------------------------------

_ADDRESSES = (MARIA, "551187654321", "5511912345678", "BR.13491208655302741918")
_TEXTS = ("Bom dia!", "later 1", "never 1", "boom 1", "x" * 5000)

Step = tuple[Any, ...]


def _steps() -> st.SearchStrategy[Step]:
    conversation = st.integers(0, 3)
    who = st.sampled_from((ANA, BETO, SUE))
    key = st.sampled_from((None, None, "k1", "k2"))
    status = st.sampled_from(
        (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED)
    )
    return st.one_of(
        st.tuples(st.just("arrive"), st.integers(0, 3), st.integers(0, 5)),
        st.tuples(st.just("arrive"), st.integers(0, 3), st.integers(0, 5)),
        st.tuples(st.just("take"), conversation, who, key),
        st.tuples(st.just("take"), conversation, who, key),
        st.tuples(st.just("assign"), conversation, who),
        st.tuples(st.just("send"), conversation, who, st.sampled_from(_TEXTS), key),
        st.tuples(st.just("send"), conversation, st.just(SUE), st.sampled_from(_TEXTS), key),
        st.tuples(st.just("close"), conversation, who, st.sampled_from((None, "moved", "old", "nope")), key),
        st.tuples(st.just("close"), conversation, st.just(SUE), st.just("moved"), st.none()),
        st.tuples(st.just("start"), who, st.integers(0, 2)),
        st.tuples(st.just("block"), conversation, st.booleans()),
        st.tuples(st.just("status"), st.integers(0, 4), status),
        st.tuples(st.just("claim"), st.integers(0, 2)),
        st.tuples(st.just("configure"), st.booleans()),
        st.tuples(st.just("pass_time"), st.sampled_from((-5, 1, 20, 60 * 25))),
        st.tuples(st.just("run_due"), st.integers(1, 3)),
        st.tuples(st.just("run_due"), st.just(50)),
    )


_OPENING: list[Step] = [("arrive", 0, 0), ("arrive", 2, 0), ("take", 0, ANA, None)]


def scripts(max_size: int = 25) -> st.SearchStrategy[list[Step]]:
    """A day at the desk: what people, customers, the provider and the workers do, one after the other."""
    return st.lists(_steps(), min_size=max_size // 3, max_size=max_size).map(lambda steps: _OPENING + steps)


@attrs.define
class Scene:
    """A script being played: the clock, and what is known so far of conversations, contacts and effects.

    `call` turns a step into the desk's method, its arguments and its keywords, or None where the step only
    moves the clock or has nobody to act on; `note` takes in what came of it.
    """

    now: datetime = NOON
    conversations: list[ConversationId] = attrs.Factory(list)
    contacts: list[ContactId] = attrs.Factory(list)
    effects: list[EffectId] = attrs.Factory(list)
    results: list[object] = attrs.Factory(list)

    def clock(self) -> datetime:
        return self.now

    def options(self) -> dict[str, Any]:
        """What a desk is opened with, to play this."""
        return {"clock": self.clock, "new_root": FixedRoots(), "delivery": Delivery.INLINE}

    def call(self, step: Step) -> tuple[str, tuple[Any, ...], dict[str, Any]] | None:
        name, *args = step
        return getattr(self, f"_{name}")(*args)  # type: ignore[no-any-return]

    def note(self, result: object) -> None:
        """Take in an answer, or the error that stood in its place."""
        if isinstance(result, ChatcoreError):
            self.results.append((type(result), result.document()))
            return
        self.results.append(result)
        if isinstance(result, Outcome):
            for known, found in (
                (self.conversations, result.conversation),
                (self.contacts, result.contact),
            ):
                if found is not None and found not in known:
                    known.append(found)  # type: ignore[arg-type]
            self.effects += [id for id in result.effects if id not in self.effects]

    def play(self, desk: Desk, script: list[Step]) -> list[object]:
        """Play over a sync desk, and give everything it answered."""
        for step in script:
            call = self.call(step)
            if call is not None:
                method, args, kwargs = call
                try:
                    self.note(getattr(desk, method)(*args, **kwargs))
                except ChatcoreError as error:
                    self.note(error)
        return self.results

    async def play_async(self, desk: Any, script: list[Step]) -> list[object]:
        """Play over an async desk, and give everything it answered."""
        for step in script:
            call = self.call(step)
            if call is not None:
                method, args, kwargs = call
                try:
                    self.note(await getattr(desk, method)(*args, **kwargs))
                except ChatcoreError as error:
                    self.note(error)
        return self.results

    def _handle(self, command: object, by: Actor, **kwargs: object) -> Any:
        return "handle", (command,), {"by": by, **kwargs}

    def _of(self, known: list[Any], n: int) -> Any:
        return known[n % len(known)] if known else None

    def _arrive(self, who: int, id: int) -> Any:
        command = ReceiveMessage(
            channel=WA,
            address=_ADDRESSES[who],
            provider_id=f"wamid.{who}.{id}",
            sent_at=self.now,
            text=f"Oi {id}",
        )
        return self._handle(command, SYSTEM)

    def _take(self, n: int, by: Actor, key: str | None) -> Any:
        id = self._of(self.conversations, n)
        return id and self._handle(Take(id), by, key=key)

    def _assign(self, n: int, by: Actor) -> Any:
        id = self._of(self.conversations, n)
        return id and self._handle(Assign(id, AgentId("beto")), by, correlation="c")

    def _send(self, n: int, by: Actor, text: str, key: str | None) -> Any:
        id = self._of(self.conversations, n)
        return id and self._handle(SendMessage(id, text), by, key=key)

    def _close(self, n: int, by: Actor, reason: str | None, key: str | None) -> Any:
        id = self._of(self.conversations, n)
        return id and self._handle(Close(id, None if reason is None else ReasonId(reason)), by, key=key)

    def _start(self, by: Actor, who: int) -> Any:
        return self._handle(StartConversation(WA, address=_ADDRESSES[who], department=SUPPORT), by)

    def _block(self, n: int, on: bool) -> Any:
        id = self._of(self.contacts, n)
        return id and self._handle(BlockContact(id) if on else UnblockContact(id), ANA)

    def _status(self, n: int, status: DeliveryStatus) -> Any:
        key = self._of(self.effects, n) if n % 2 else None
        failure = "131000" if status is DeliveryStatus.FAILED else None
        command = RecordStatus(
            channel=WA, provider_id=f"out-{n}", status=status, occurred_at=self.now, key=key, failure=failure
        )
        return self._handle(command, SYSTEM)

    def _claim(self, n: int) -> Any:
        id = self._of(self.effects, n)
        return id and self._handle(ClaimEffect(id), SYSTEM)

    def _configure(self, reopens: bool) -> Any:
        policies = attrs.evolve(
            PROVIDER.policies, reopen_within=timedelta(hours=2) if reopens else None, reopen_to_assignee=reopens
        )
        return self._handle(Configure(attrs.evolve(PROVIDER, policies=policies)), SYSTEM)

    def _pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def _run_due(self, limit: int) -> Any:
        return "run_due", (), {"limit": limit}
