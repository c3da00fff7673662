"""A day at a service desk, step by step: what people, customers, the provider and the workers do.

Which steps come is drawn from a seed, and whom they happen to is picked among those that the answers named; so
two desks that answer alike live through the same day, and the first step that they answer differently is found.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Final

import attrs

from chatcore.answers import Delivery
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    AddNote,
    AddTags,
    ArchiveItem,
    BlockContact,
    ChangeDepartment,
    Close,
    Configure,
    EditContact,
    GrantBonus,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OpenServiceOrder,
    Outcome,
    PinContract,
    ReceiveMessage,
    RecordEdit,
    RecordReaction,
    RecordRevocation,
    RecordStatus,
    RemoveTags,
    Reopen,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SendQuickReply,
    SetFields,
    SettleReview,
    StartConversation,
    Take,
    Transfer,
    UnblockContact,
    Withdraw,
)
from chatcore.desk import Desk
from chatcore.entities import (
    AtMostOnce,
    BillingCapabilities,
    Bonus,
    Contract,
)
from chatcore.errors import ChatcoreError
from chatcore.memory import MemoryContracts
from chatcore.ports import Ports, Storage
from chatcore.testing.suites.storage._ledger import NOON
from chatcore.testing.suites.storage._service import Broken, Moody, workspace
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    BoletoForm,
    ChannelId,
    ChannelKind,
    ContactId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    DepartmentId,
    EffectId,
    FieldId,
    Part,
    Private,
    QuickReplyId,
    ReasonId,
    TagId,
)

__all__ = ["Day", "Told"]

PHONES: Final = (
    "5511987654321",
    "551187654321",
    "5511912345678",
    "5521998877665",
    "5531988776655",
    "5541977665544",
    "BR.13491208655302741918",
)
TEXTS: Final = ("Bom dia!", "Não recebi o boleto", "segunda via, por favor 😀", "100% 'certo'_\\", "já paguei")
ANA, BETO, CARLA, SOFIA, ALBA = (Actor.agent(id) for id in ("ana", "beto", "carla", "sofia", "alba"))
PEOPLE: Final = (ANA, BETO, CARLA, SOFIA, SOFIA, SOFIA)
HOME: Final = ContractId("k-1")
SUPPORT: Final = DepartmentId("support")


@attrs.frozen(slots=True)
class Told:
    """What was done, and the answer: an outcome, a report, or an error as its document."""

    what: str
    answer: object


class Day:
    """One day over a storage; `told` is everything that was answered."""

    def __init__(self, storage: Storage, seed: int) -> None:
        self.storage = storage
        self.now = NOON
        self.told: list[Told] = []
        self.conversations: list[ConversationId] = []
        self.contacts: list[ContactId] = []
        self.effects: list[EffectId] = []
        self._dice = Random(seed)
        self._roots = itertools.count(1)
        self._arrived: list[tuple[str, str, str]] = []
        self._messaging = Moody(CAPABILITIES)
        self._contracts = MemoryContracts(clock=self._clock)
        self._contracts.put(
            Contract(id=HOME, customer=CustomerId("cu-1"), status=ContractStatus.ACTIVE, as_of=NOON)
        )
        offers = BillingCapabilities(boletos=tuple(BoletoForm), invoices=True, bonus=AtMostOnce())
        self._billing = Broken(offers, clock=self._clock)
        self.desk = self._opened(storage)
        self._do(Configure(workspace()), SYSTEM)

    def _opened(self, storage: Storage) -> Desk:
        return Desk(
            Ports(
                storage=storage,
                messaging=dict.fromkeys(ChannelKind, self._messaging),
                contracts=self._contracts,
                billing=self._billing,
            ),
            delivery=Delivery.LATER,
            clock=self._clock,
            new_root=lambda: f"{next(self._roots):06d}",
            secret=b"only for tests",
        )

    def reopened(self, storage: Storage) -> None:
        """Go on at a new desk, over another handle."""
        self.storage = storage
        self.desk = self._opened(storage)

    def _clock(self) -> Any:
        return self.now

    def live(self, steps: int) -> None:
        """Live through so many steps, then let the workers do what is left."""
        kinds = [name for name, weight in _WEIGHTS.items() for _ in range(weight)]
        for phone, channel in ((PHONES[0], "wa"), (PHONES[2], "wa"), (PHONES[3], "bot")):
            self._arrives(phone, channel, f"in-{len(self._arrived)}")
        self._do(Take(self.conversations[0]), BETO)
        self._do(LinkCustomer(self.contacts[0], CustomerId("cu-1")), BETO)
        self._grant(self.conversations[0])
        for _ in range(steps):
            self.now += timedelta(microseconds=self._dice.choice((0, 1, 1_000_000)))
            getattr(self, f"_{self._dice.choice(kinds)}")()
        for _ in range(3):
            self.now += timedelta(hours=7)
            self._run_due()

    # --- answers ---------------------------------------------------------------------------------------------

    def _do(self, command: Any, by: Actor, **options: Any) -> Outcome | None:
        found = self._ask(
            f"{command!r} by {by.id} {options or ''}", lambda: self.desk.handle(command, by=by, **options)
        )
        if not isinstance(found, Outcome):
            return None
        for known, new in ((self.conversations, found.conversation), (self.contacts, found.contact)):
            if new is not None and new not in known:
                known.append(new)  # type: ignore[arg-type]
        self.effects += [id for id in found.effects if id not in self.effects]
        return found

    def _ask(self, what: str, act: Callable[[], object]) -> object:
        """Do something, and keep what was answered; the desk's errors are answers, too."""
        answer: object
        try:
            answer = act()
        except ChatcoreError as error:
            answer = type(error).__name__, error.document()
        self.told.append(Told(what, answer))
        return answer

    def _pick(self, known: list[Any], default: Any) -> Any:
        return self._dice.choice(known[-8:]) if known else default

    @property
    def _cv(self) -> ConversationId:
        return self._pick(self.conversations, ConversationId("cv_no"))  # type: ignore[no-any-return]

    @property
    def _ct(self) -> ContactId:
        return self._pick(self.contacts, ContactId("ct_no"))  # type: ignore[no-any-return]

    @property
    def _ef(self) -> EffectId:
        return self._pick(self.effects, EffectId("ef_no"))  # type: ignore[no-any-return]

    @property
    def _who(self) -> Actor:
        return self._dice.choice(PEOPLE)

    # --- steps -----------------------------------------------------------------------------------------------

    def _arrive(self) -> None:
        phone, channel = self._dice.choice(PHONES), self._dice.choice(("wa", "wa", "bot"))
        again = self._arrived and self._dice.random() < 0.1
        phone, channel, id = (
            self._dice.choice(self._arrived) if again else (phone, channel, f"in-{len(self._arrived)}")
        )
        self._arrives(phone, channel, id)

    def _arrives(self, phone: str, channel: str, id: str) -> None:
        self._arrived.append((phone, channel, id))
        arrival = ReceiveMessage(
            channel=ChannelId(channel),
            address=phone,
            provider_id=id,
            sent_at=self.now,
            text=self._dice.choice(TEXTS),
            name="Maria Silva",
        )
        self._do(arrival, SYSTEM)

    def _changed(self) -> dict[str, Any]:
        phone, channel, id = self._dice.choice(self._arrived)
        self._arrived.append((phone, channel, f"change-{len(self._arrived)}"))
        return {
            "channel": ChannelId(channel),
            "address": phone,
            "provider_id": self._arrived[-1][2],
            "sent_at": self.now,
            "target": id,
        }

    def _edit(self) -> None:
        self._do(RecordEdit(**self._changed(), text="corrigido: boleto"), SYSTEM)

    def _revoke(self) -> None:
        self._do(RecordRevocation(**self._changed()), SYSTEM)

    def _react(self) -> None:
        self._do(RecordReaction(**self._changed(), emoji="👍"), SYSTEM)

    def _take(self) -> None:
        key = self._dice.choice((None, None, None, None, "k1", "k2"))
        self._do(Take(self._cv), self._who, key=key)

    def _send(self) -> None:
        text = self._dice.choice(("Olá!", "later 1", "never 1", "broken 1", "Segue o boleto"))
        key = self._dice.choice((None, None, None, "k4", "k5"))
        self._do(SendMessage(self._cv, text), self._dice.choice((BETO, SOFIA)), key=key, correlation="c 1")

    def _close(self) -> None:
        reason = self._dice.choice((None, ReasonId("slow"), ReasonId("copy"), ReasonId("nope")))
        self._do(Close(self._cv, reason), SOFIA)

    def _reopen(self) -> None:
        self._do(Reopen(self._cv), SOFIA)

    def _move(self) -> None:
        cv, dice = self._cv, self._dice.randrange(6)
        moves = (
            Transfer(cv, AgentId(self._dice.choice(("ana", "beto", "carla")))),
            ReturnToQueue(cv),
            ReturnToBot(cv),
            ChangeDepartment(cv, DepartmentId(self._dice.choice(("support", "billing")))),
            MarkRead(cv),
            PinContract(cv, HOME),
        )
        self._do(moves[dice], SOFIA, expected=self._dice.choice((None, None, 3)))

    def _put(self) -> None:
        cv, dice = self._cv, self._dice.randrange(5)
        tags = (TagId(self._dice.choice(("vip", "complaint"))),)
        fields: Any = {FieldId("plan"): self._dice.choice(("100M", "500M", None))}
        puts = (AddTags(cv, tags), RemoveTags(cv, tags), SetFields(cv, fields), AddNote(cv, "ligar às 10h"))
        self._do(puts[dice] if dice < len(puts) else SendQuickReply(cv, QuickReplyId("hello")), self._who)

    def _start(self) -> None:
        phone = self._dice.choice(PHONES[:4])
        self._do(StartConversation(ChannelId("wa"), address=phone, department=SUPPORT), self._who)

    def _contact(self) -> None:
        contact, dice = self._ct, self._dice.randrange(4)
        name = Private(self._dice.choice(("João da Silva", "joana", "Zé 'D''Ávila' %")))
        commands = (
            EditContact(contact, name=name),
            LinkCustomer(contact, CustomerId("cu-1")),
            BlockContact(contact),
            UnblockContact(contact),
        )
        self._do(commands[dice], SOFIA)

    def _merge(self) -> None:
        one, other = self._ct, self._ct
        if one != other:
            self._do(MergeContacts(one, other), SOFIA)

    def _status(self) -> None:
        status = self._dice.choice((DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.FAILED))
        report = RecordStatus(
            channel=ChannelId("wa"),
            provider_id=f"out-{self._dice.randrange(1, 9)}",
            status=status,
            occurred_at=self.now,
            failure="131000" if status is DeliveryStatus.FAILED else None,
        )
        self._do(report, SYSTEM)

    def _ask_for(self) -> None:
        if self._dice.random() < 0.5:
            self._grant(self._cv)
        else:
            self._do(OpenServiceOrder(self._cv, "visit", "Sem sinal", "Desde ontem", transcript=True), SOFIA)

    def _grant(self, conversation: ConversationId) -> None:
        bonus = Bonus.amount(self._dice.choice(("10", "20")))
        period = self._dice.choice((None, "2026-04"))
        self._do(GrantBonus(conversation, HOME, bonus, "Ficou sem sinal", period=period), SOFIA)

    def _settle(self) -> None:
        if self._dice.random() < 0.3:
            self._do(Withdraw(self._ef), BETO)
        reviews = self._ask("the reviews", lambda: self.desk.reviews(by=SOFIA).rows)
        if isinstance(reviews, tuple) and reviews:
            review = self._dice.choice(reviews)
            self._do(SettleReview(review.effect.id, self._dice.random() < 0.5, "Visto no extrato"), ALBA)

    def _staff(self) -> None:
        agent = self._dice.choice(("ana", "beto"))
        self._do(self._dice.choice((ArchiveItem, RestoreItem, RestoreItem))(Part.AGENT, agent), ALBA)

    def _pass_time(self) -> None:
        self.now += timedelta(minutes=self._dice.choice((-5, 1, 20, 45, 300)))

    def _run_due(self) -> None:
        limit = self._dice.choice((1, 3, 50))
        self._ask(f"run_due, {limit} at most", lambda: self.desk.run_due(limit=limit))


_WEIGHTS: Final = {
    "arrive": 8,
    "take": 6,
    "send": 6,
    "run_due": 6,
    "close": 4,
    "move": 4,
    "put": 4,
    "status": 3,
    "pass_time": 3,
    "ask_for": 3,
    "contact": 2,
    "reopen": 2,
    "start": 2,
    "settle": 2,
    "edit": 1,
    "revoke": 1,
    "react": 1,
    "merge": 1,
    "staff": 1,
}
"""How often each step comes."""
