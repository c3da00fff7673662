"""A crew of processes that serve one tenant over one database, and an outside that keeps the books.

Each worker has an engine, a storage and a desk of its own. It does whatever comes to its mind, endlessly, and
tells of each command by a byte, so that who watches can count, and kill it at any moment. What goes out is
written down in a file by the outside itself, where no rollback and no death of a worker takes it back.

Time goes sixty times as fast as outside, so that what a killed worker left in its hands is taken up again soon.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import attrs
from chatcore_sqlalchemy import SqlStorage
from sqlalchemy import create_engine

from chatcore import Actor, Delivery, Desk, Ports
from chatcore.channels.whatsapp import CAPABILITIES as WHATSAPP
from chatcore.commands import (
    AddTags,
    Close,
    Command,
    GrantBonus,
    ReceiveMessage,
    Reopen,
    ReturnToQueue,
    SendMessage,
    Take,
    Transfer,
)
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Bonus,
    Contract,
    Conversation,
    Customer,
    LooksUpByKey,
)
from chatcore.errors import ChatcoreError, OutcomeUnknown, Permanent, Temporary
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging
from chatcore.ports import BonusRequest, SendRequest
from chatcore.search import ConversationQuery
from chatcore.vocabulary import (
    SYSTEM,
    AgentId,
    BoletoForm,
    ChannelId,
    ChannelKind,
    ContractId,
    ContractStatus,
    CustomerId,
    EffectId,
    Private,
    ReasonId,
    Situation,
    TagId,
)

__all__ = ["Crew", "Journal", "desk_over"]

PHONES = tuple(f"55119876{n:05d}" for n in range(14))
AGENTS = tuple(map(Actor.agent, ("ana", "beto", "sofia")))
SPEED = 60
HORIZON = timedelta(days=1)
"""Longer than any call is held up, in the time of the crew."""


class Journal:
    """What the outside did, one line each; a line is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, what: str, key: str) -> None:
        """Write down that it was done."""
        os.write(self._file, f"{what} {key}\n".encode())

    def lines(self) -> list[tuple[str, str]]:
        """All that was done, by whichever process asked."""
        return [(what, key) for what, _, key in map(_parted, self._path.read_text().splitlines())]


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(" ")


class _Outside:
    """An outside in moods: it does what it is asked, or loses the request, or the reply, or cannot now."""

    def __init__(self, journal: Journal, dice: random.Random) -> None:
        self._journal = journal
        self._dice = dice

    def write(self, what: str, key: str) -> str:
        mood = self._dice.random()
        if mood < 0.03:
            raise Temporary
        if mood < 0.06:
            raise OutcomeUnknown
        if mood < 0.08:
            raise Permanent("refused")
        self._journal.note(what, key)
        if mood < 0.11:
            raise ConnectionResetError("the reply was lost")
        return f"{what}-{key}"


class _Messaging(MemoryMessaging):
    """Sends at most once: it can neither repeat nor look up."""

    def __init__(self, outside: _Outside) -> None:
        super().__init__(attrs.evolve(WHATSAPP, nature=AtMostOnce()))
        self._outside = outside

    def send(self, request: SendRequest, /) -> str:
        return self._outside.write("send", request.key)


class _Billing(MemoryBilling):
    """Grants bonuses, which can be looked up by key."""

    def __init__(self, outside: _Outside, journal: Journal) -> None:
        forms = tuple(BoletoForm)
        super().__init__(BillingCapabilities(boletos=forms, invoices=True, bonus=LooksUpByKey(HORIZON)))
        self._outside, self._journal = outside, journal

    def grant_bonus(self, request: BonusRequest, /) -> str:
        return self._outside.write("grant", request.key)

    def look_up(self, key: EffectId, /) -> str | None:
        return f"grant-{key}" if ("grant", key) in self._journal.lines() else None


def _contracts() -> MemoryContracts:
    """Every second customer has a contract, and is known by their number."""
    contracts = MemoryContracts()
    for n, phone in enumerate(PHONES[::2]):
        customer = CustomerId(f"c-{n}")
        contracts.add(Customer(id=customer, name=Private(f"Maria {n}")), phones=[phone])
        contracts.put(
            Contract(
                id=ContractId(f"k-{n}"),
                customer=customer,
                status=ContractStatus.ACTIVE,
                as_of=datetime(2026, 3, 10, tzinfo=UTC),
            )
        )
    return contracts


def desk_over(storage: Any, journal: Journal, dice: random.Random, clock: Callable[[], datetime]) -> Desk:
    """A desk as each worker has one."""
    outside = _Outside(journal, dice)
    ports = Ports(
        storage=storage,
        messaging={ChannelKind.WHATSAPP_CLOUD: _Messaging(outside)},
        contracts=_contracts(),
        billing=_Billing(outside, journal),
    )
    return Desk(ports, clock=clock, secret=b"the crew's", delivery=Delivery.INLINE)


class _Worker:
    """One process's work, until it is killed or told to stop."""

    def __init__(self, desk: Desk, dice: random.Random, clock: Callable[[], datetime]) -> None:
        self._desk, self._dice, self._clock = desk, dice, clock
        self._seen: Sequence[Conversation] = ()

    def step(self) -> None:
        """Do one thing; what the rules or the outside refuse is as good as done."""
        try:
            if self._dice.random() < 0.1:
                self._desk.run_due(limit=5)
            else:
                command, by = self._thought()
                self._desk.handle(command, by=by)
        except ChatcoreError:
            pass

    def _thought(self) -> tuple[Command, Actor]:
        dice = self._dice
        if dice.random() < 0.2 or not self._seen:
            situation = dice.choice((None, Situation.QUEUE, Situation.OPEN, Situation.OPEN))
            self._seen = self._desk.conversations(
                ConversationQuery(situation=situation), by=SYSTEM, limit=10
            ).rows
        if dice.random() < 0.25 or not self._seen:
            return self._written(), SYSTEM
        conversation = dice.choice(self._seen)
        by = Actor.agent(conversation.assignee) if conversation.assignee else dice.choice(AGENTS)
        id = conversation.id
        commands: tuple[Command, ...] = (
            Take(id),
            Take(id),
            SendMessage(id, f"Bom dia {dice.randrange(1000)}"),
            SendMessage(id, "Um momento, por favor."),
            SendMessage(id, "Já verifico."),
            Close(id, ReasonId("slow")),
            Transfer(id, AgentId(dice.choice(AGENTS).id or "ana")),
            ReturnToQueue(id),
            AddTags(id, (TagId("vip"),)),
            Reopen(id),
            GrantBonus(
                id, ContractId(f"k-{dice.randrange(7)}"), Bonus.amount("5"), "Sem sinal", period=self._period()
            ),
        )
        return dice.choice(commands), by

    def _period(self) -> str:
        return f"{self._clock():%Y-%m}"

    def _written(self) -> Command:
        """A customer's message; now and then one that came before."""
        n = self._dice.randrange(len(PHONES))
        return ReceiveMessage(
            channel=ChannelId("wa"),
            address=Private(PHONES[n]),
            provider_id=f"wamid.{n}.{self._dice.randrange(400)}",
            sent_at=self._clock(),
            text=Private("Minha internet caiu"),
        )


def _serve(url: str, tenant: str, seed: int, journal: Path, begun: float, told: int) -> None:
    dice = random.Random(seed)

    def clock() -> datetime:
        return datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(seconds=(time.time() - begun) * SPEED)

    engine = create_engine(url, pool_size=1)
    desk = desk_over(SqlStorage(engine, tenant), Journal(journal), dice, clock)
    worker = _Worker(desk, dice, clock)
    while True:
        worker.step()
        os.write(told, b".")


class Crew:
    """Workers over one database; whoever is killed is replaced."""

    def __init__(self, url: str, tenant: str, journal: Path, size: int, seed: int) -> None:
        self._begun = time.time()
        self._arguments = url, tenant, journal
        self._dice = random.Random(seed)
        self._told, self._tell = os.pipe()
        os.set_blocking(self._told, False)
        self._workers = [self._another() for _ in range(size)]

    def _another(self) -> BaseProcess:
        url, tenant, journal = self._arguments
        worker = multiprocessing.get_context("fork").Process(
            target=_serve,
            args=(url, tenant, self._dice.getrandbits(32), journal, self._begun, self._tell),
            daemon=True,
        )
        worker.start()
        return worker

    def work(self, commands: int, kills: int, meanwhile: Callable[[], object]) -> int:
        """Let so many commands be done, killing somebody so many times meanwhile; say how many were done."""
        done, deaths = 0, [commands * n // (kills + 1) for n in range(1, kills + 1)]
        while done < commands:
            time.sleep(0.002)
            meanwhile()
            with contextlib.suppress(BlockingIOError):
                done += len(os.read(self._told, 65_536))
            while deaths and done >= deaths[0]:
                deaths.pop(0)
                self._replace(self._dice.randrange(len(self._workers)))
            for n, worker in enumerate(self._workers):
                assert worker.is_alive(), (
                    f"a worker went home by itself, with {worker.exitcode}, after {done}: {n}"
                )
        self.stop()
        return done

    def _replace(self, n: int) -> None:
        _kill(self._workers[n])
        self._workers[n] = self._another()

    def now(self) -> datetime:
        """The time as the crew has it."""
        return datetime(2026, 3, 10, 12, tzinfo=UTC) + timedelta(seconds=(time.time() - self._begun) * SPEED)

    def stop(self) -> None:
        """Kill whoever is left: nobody goes home in order."""
        for worker in self._workers:
            _kill(worker)


def _kill(worker: BaseProcess) -> None:
    if worker.pid is not None and worker.is_alive():
        os.kill(worker.pid, signal.SIGKILL)
    worker.join()
