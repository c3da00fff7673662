"""Histories: what a storage holds after commands were handled by a desk. Nothing in them was made up.

1. A history is a list of short steps, played over a small provider's desk in memory with a clock of its own and
   counted ids. The same steps lead to the same history; one with fewer of them is simpler.
2. A step that the rules refuse leaves nothing behind, as it should.
3. Everything goes through: queue, bot and closing, contacts that are blocked, linked and merged, bonuses and
   boletos, doubts and reviews.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import attrs
from hypothesis import strategies as st

from chatcore import commands as c
from chatcore.desk import Desk
from chatcore.entities import (
    Agent,
    AutomaticMessages,
    BillingPolicies,
    Bonus,
    Contract,
    Conversation,
    Customer,
    Effect,
    Message,
    Policies,
    Workspace,
)
from chatcore.errors import ChatcoreError, OutcomeUnknown
from chatcore.events import Envelope
from chatcore.memory import Contents, MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.ports import BonusRequest, ChangeSet, Ports, SendRequest
from chatcore.testing.clock import Clock
from chatcore.testing.provider import PROVIDER
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    ContactId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    EffectId,
    EffectState,
    Locale,
    Private,
    Ref,
    Situation,
)

__all__ = ["STEPS", "History", "histories", "play", "tenants"]

T = TypeVar("T")

_PEOPLE: Final = tuple(Actor.agent(id) for id in ("ana", "beto", "sofia", "alba"))
_NUMBERS: Final = ("5511987654321", "5511912345678", "5521998765432", "551133334444")
_TEXTS: Final = ("Oi", "Minha internet caiu", "Segunda via, por favor", "Obrigada! 👍")
_WA: Final = ChannelId("wa")
_SHOP: Final[Workspace] = attrs.evolve(
    PROVIDER,
    agents=(
        *PROVIDER.agents,
        Agent(id=AgentId("bia"), name="Bia", departments=(PROVIDER.departments[0].id,), max_open=1),
    ),
    policies=Policies(
        default_reason=PROVIDER.reasons[0].id,
        close_after_idle=timedelta(hours=2),
        reopen_within=timedelta(hours=1),
        automatic=AutomaticMessages(greeting="Olá! Já atendemos.", closing="Até logo!"),
        billing=BillingPolicies(bonus_limits=(Bonus.amount(20),)),
    ),
)
_REPORTS: Final = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED)

_Step = tuple[str, int, bool]


@attrs.frozen
class History:
    """What a storage took in, in order, and what it holds since: by `MemoryStorage`, which is the model.

    Apply the `changes` one after another to another storage, and it holds the same.
    """

    changes: tuple[ChangeSet, ...]
    contents: Contents

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        """Every event, in the order of the commits."""
        return tuple(each for change in self.changes for write in change.writes for each in write.events)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Every entity there is, in the order in which they came to be."""
        return tuple(self.contents.states)


class _Recording(MemoryStorage):
    """A storage that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[ChangeSet] = []

    def apply(self, change: ChangeSet, /) -> None:
        super().apply(change)
        self.taken.append(change)


class _Messaging(MemoryMessaging):
    """A channel whose answers get lost while `loses`."""

    loses = False

    def send(self, request: SendRequest, /) -> str:
        sent = super().send(request)
        if self.loses:
            raise OutcomeUnknown
        return sent


class _Billing(MemoryBilling):
    """A billing side whose answers get lost while `loses`."""

    loses = False

    def grant_bonus(self, request: BonusRequest, /) -> str:
        granted = super().grant_bonus(request)
        if self.loses:
            raise OutcomeUnknown
        return granted


class _NothingThere(Exception):
    """A step finds nothing to be done about."""


def _one(things: Sequence[T], pick: int) -> T:
    if not things:
        raise _NothingThere
    return things[pick % len(things)]


class _Player:
    """Plays steps over a desk. A step picks among what there is by its number."""

    def __init__(self) -> None:
        self.clock = Clock("2026-03-10T09:00:00-03:00")
        self.storage, self.messaging = _Recording(), _Messaging()
        self.contracts, self.billing = MemoryContracts(clock=self.clock), _Billing(clock=self.clock)
        roots, self._arrivals = itertools.count(1), itertools.count(1)
        self.desk = Desk(
            Ports(
                storage=self.storage,
                messaging=dict.fromkeys(ChannelKind, self.messaging),
                contracts=self.contracts,
                billing=self.billing,
            ),
            clock=self.clock,
            new_root=lambda: f"{next(roots):06d}",
            secret=b"only for tests",
        )
        for n, number in enumerate(_NUMBERS[:2], 1):
            customer = Customer(id=CustomerId(f"cu-{n}"), name=Private(f"Cliente {n}"))
            self.contracts.add(customer, phones=[number])
            self.contracts.put(
                Contract(
                    id=ContractId(f"c-{n}"),
                    customer=customer.id,
                    status=ContractStatus.ACTIVE,
                    as_of=self.clock.now,
                )
            )
        self.desk.handle(c.Configure(_SHOP), by=SYSTEM)

    def play(self, steps: list[_Step]) -> History:
        for name, pick, flag in steps:
            step: Callable[[int, bool], object] = getattr(self, f"_{name}")
            with contextlib.suppress(ChatcoreError, _NothingThere):
                step(pick, flag)
        return History(tuple(self.storage.taken), self.storage.contents())

    def _of(self, prefix: str, pick: int) -> Any:
        there = [ref for ref in self.storage.contents().states if ref.startswith(prefix) and "." not in ref]
        return _one(there, pick)

    def _conversation(self, pick: int, fit: Situation = Situation.OPEN) -> ConversationId:
        """A conversation, most often one in a situation that fits what is to be done."""
        there = self.storage.contents().states.values()
        fitting = [each.id for each in there if isinstance(each, Conversation) and each.situation is fit]
        if fitting and pick < 4:
            return fitting[pick % len(fitting)]
        return ConversationId(self._of("cv_", pick))

    def _contact(self, pick: int) -> ContactId:
        return ContactId(self._of("ct_", pick))

    def _do(self, command: c.Command, pick: int, flag: bool) -> None:
        """Have it done, most often by who has the conversation; with a key now and then."""
        by, key = _PEOPLE[pick % len(_PEOPLE)], f"key-{pick}" if flag else None
        about = self.storage.contents().states.get(getattr(command, "conversation", WORKSPACE))
        if pick < 3 and isinstance(about, Conversation) and about.assignee is not None:
            by = Actor.agent(about.assignee)
        self.desk.handle(command, by=by, key=key)

    # --- the steps -------------------------------------------------------------------------------------------

    def _arrives(self, pick: int, flag: bool) -> None:
        arrival = c.ReceiveMessage(
            channel=_WA,
            address=_NUMBERS[pick % len(_NUMBERS)],
            provider_id=f"in-{0 if flag else next(self._arrivals)}",
            sent_at=self.clock.now,
            text=_TEXTS[pick % len(_TEXTS)],
            name="Maria" if flag else None,
        )
        self.desk.handle(arrival, by=SYSTEM)

    def _takes(self, pick: int, flag: bool) -> None:
        self._do(c.Take(self._conversation(pick, Situation.QUEUE)), pick, flag)

    def _sends(self, pick: int, flag: bool) -> None:
        self._do(c.SendMessage(self._conversation(pick), _TEXTS[pick % len(_TEXTS)]), pick, flag)

    def _notes(self, pick: int, flag: bool) -> None:
        self._do(c.AddNote(self._conversation(pick), "Ligar amanhã"), pick, flag)

    def _tags(self, pick: int, flag: bool) -> None:
        kind = c.RemoveTags if flag else c.AddTags
        self._do(kind(self._conversation(pick), [PROVIDER.tags[0].id]), pick, False)

    def _passes(self, pick: int, flag: bool) -> None:
        to = AgentId("bia" if flag else "beto")
        kind = c.Assign if pick % 2 else c.Transfer
        self._do(kind(self._conversation(pick), to), pick, flag)

    def _queues(self, pick: int, flag: bool) -> None:
        self._do(c.ReturnToQueue(self._conversation(pick)), pick, flag)

    def _closes(self, pick: int, flag: bool) -> None:
        self._do(c.Close(self._conversation(pick), PROVIDER.reasons[pick % 2].id), pick, flag)

    def _reopens(self, pick: int, flag: bool) -> None:
        self._do(c.Reopen(self._conversation(pick, Situation.CLOSED)), pick, flag)

    def _starts(self, pick: int, flag: bool) -> None:
        self._do(c.StartConversation(_WA, address=_NUMBERS[pick % 4]), pick, flag)

    def _blocks(self, pick: int, flag: bool) -> None:
        contact = self._contact(pick)
        self._do(c.UnblockContact(contact) if flag else c.BlockContact(contact, "Ofensas"), pick, False)

    def _links(self, pick: int, flag: bool) -> None:
        contact = self._contact(pick)
        self._do(
            c.UnlinkCustomer(contact) if flag else c.LinkCustomer(contact, CustomerId("cu-2")), pick, False
        )

    def _merges(self, pick: int, flag: bool) -> None:
        self._do(c.MergeContacts(self._contact(pick), self._contact(pick + 1)), pick, flag)

    def _grants(self, pick: int, flag: bool) -> None:
        conversation, contract = self._conversation(pick), ContractId(f"c-{1 + pick % 2}")
        self._do(c.GrantBonus(conversation, contract, Bonus.amount(10), "Esperou"), pick, flag)

    def _reports(self, pick: int, flag: bool) -> None:
        status = c.RecordStatus(
            channel=_WA,
            provider_id=f"out-{pick}",
            status=_REPORTS[pick % len(_REPORTS)],
            occurred_at=self.clock.now,
            key=EffectId(self._of("ef_", pick)) if flag else None,
        )
        self.desk.handle(status, by=SYSTEM)

    def _resends(self, pick: int, flag: bool) -> None:
        doubtful = (DeliveryStatus.UNCONFIRMED, DeliveryStatus.FAILED)
        there = self.storage.contents().states.values()
        some = [each.id for each in there if isinstance(each, Message) and each.status in doubtful]
        self._do((c.Dismiss if flag else c.Resend)(_one(some, pick)), pick, False)

    def _settles(self, pick: int, flag: bool) -> None:
        there = self.storage.contents().states.values()
        some = [e.id for e in there if isinstance(e, Effect) and e.state is EffectState.REVIEW]
        self._do(c.SettleReview(_one(some, pick), flag, "Vi no sistema"), pick, False)

    def _configures(self, pick: int, flag: bool) -> None:
        locale = Locale.EN if flag else Locale.PT_BR
        self.desk.handle(c.Configure(attrs.evolve(_SHOP, locale=locale, name=f"Provedor {pick}")), by=SYSTEM)

    def _loses(self, pick: int, flag: bool) -> None:
        (self.billing if pick % 2 else self.messaging).loses = flag

    def _waits(self, pick: int, flag: bool) -> None:
        self.clock.advance(hours=1 + pick) if flag else self.clock.advance(seconds=30 * (1 + pick))

    def _works(self, pick: int, flag: bool) -> None:
        self.desk.run_due(limit=100 if flag else 1 + pick)


_OFTEN: Final = ("arrives", "takes", "sends", "works", "waits", "closes", "grants")
STEPS: Final = (
    *(_OFTEN * 3),
    *sorted(
        {"notes", "tags", "passes", "queues", "reopens", "starts", "blocks", "links", "merges"}
        | {"reports", "resends", "settles", "configures", "loses"}
    ),
)


def play(steps: list[_Step]) -> History:
    """What these steps lead to, from a desk at which nothing happened yet."""
    return _Player().play(steps)


def histories(max_steps: int = 30) -> st.SearchStrategy[History]:
    """What a storage holds after up to so many steps of people, customers, providers and workers.

    The workspace is always there; whatever else there is came about by commands.
    """
    step = st.tuples(st.sampled_from(STEPS), st.integers(0, 5), st.booleans())
    some = st.lists(st.none() | step | step, min_size=max_steps // 2, max_size=max_steps)
    taken = some.map(lambda steps: [each for each in steps if each is not None])  # None is for shrinking.
    return taken.map(lambda steps: play([("arrives", 0, False), *steps]))


def tenants(max_steps: int = 16) -> st.SearchStrategy[tuple[History, History]]:
    """Two tenants' histories that share ids: of entities, commands, claims, providers' messages, and keys.

    What is kept of one must never be seen, claimed, counted or found from the other.
    """
    return st.tuples(histories(max_steps), histories(max_steps))
