"""Takes a world through a sequence of steps, and holds it against the laws after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, TypeAlias

import attrs
from hypothesis import strategies as st

from chatcore.br import Money
from chatcore.commands import (
    AddItem,
    AddNote,
    AddTags,
    ArchiveItem,
    Assign,
    BlockContact,
    ChangeDepartment,
    ChangeItem,
    Close,
    Command,
    Configure,
    Dismiss,
    EditContact,
    EditConversation,
    GrantBonus,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OpenServiceOrder,
    OrderItems,
    Outcome,
    PinContract,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordResult,
    RecordRevocation,
    RemoveTags,
    Reopen,
    Resend,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendBoletos,
    SendInvoices,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetPolicies,
    SetReason,
    SettleReview,
    StartConversation,
    Take,
    Transfer,
    UnlinkCustomer,
    Withdraw,
)
from chatcore.commands import UnblockContact as Unblock
from chatcore.entities import (
    Attachment,
    AutomaticMessages,
    BillingPolicies,
    Boleto,
    Bonus,
    BusinessHours,
    Contact,
    Contract,
    Conversation,
    Customer,
    Effect,
    Field,
    Invoice,
    MediaPointer,
    Message,
    Nature,
    Policies,
    Reason,
    Tag,
    Workspace,
)
from chatcore.errors import (
    Conflict,
    InvalidValue,
    NotFound,
    Permanent,
    PortFailure,
    RuleViolation,
    Temporary,
)
from chatcore.testing.laws import Laws
from chatcore.testing.strategies import one_line_text
from chatcore.transitions import MONEY_LIKE
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    BoletoForm,
    BoletoId,
    BoletoState,
    ChannelId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    DepartmentId,
    Direction,
    EffectId,
    EffectKind,
    EffectState,
    FieldId,
    FieldOn,
    InvoiceId,
    InvoiceModel,
    MessageKind,
    Part,
    Private,
    QuickReplyId,
    ReasonId,
    Ref,
    Situation,
    TagId,
    TemplateId,
)
from tests.laws.providers import MoodyBilling, MoodyContracts, Provider
from tests.laws.steps import Step, steps
from tests.shop import LINE, PIX
from tests.worlds import ADMIN, BETO, NOON, PICTURE, SALES, SUPERVISOR, SUPPORT, WORKSPACE, World, changed

__all__ = ["CATALOGUE", "CONFIGURATIONS", "NOTHING_TIMED", "PHONES", "Run", "errands", "sequences"]

PHONES = ("5511987654321", "551187654321", "4791234567", "5511912345678", "BR.1234567890")
"""Customers' addresses: the first two are one number with and without its ninth digit (M11)."""


BILLED = BillingPolicies(
    boleto_text="Boleto de {{amount}}, vence em {{due_date|breve}}.",
    invoice_text="Nota {{number}}.",
    bonus_limits=(Bonus.amount("20"), Bonus.days(5)),
)
"""What agents may grant, and what is said with what is sent."""


def _with_agents(**fields: dict[str, Any]) -> Workspace:
    agents = tuple(changed(agent, **fields.get(agent.id, {})) for agent in WORKSPACE.agents)
    return changed(WORKSPACE, agents=agents)


CONFIGURATIONS = (
    WORKSPACE,
    _with_agents(ana={"active": False}, sofia={"active": False}),
    _with_agents(diego={"active": True}, beto={"max_open": 1}),
    changed(WORKSPACE, policies=Policies(reopen_within=timedelta(hours=2))),
    changed(
        WORKSPACE,
        policies=Policies(
            reopen_within=timedelta(days=2),
            reopen_to_assignee=True,
            automatic=AutomaticMessages(closing="Até!"),
            billing=BILLED,
        ),
    ),
    changed(WORKSPACE, reasons=WORKSPACE.reasons[:2]),
    changed(WORKSPACE, modules=()),
    changed(
        WORKSPACE,
        policies=Policies(default_reason=ReasonId("slip"), automatic=AutomaticMessages(closing="Fim.")),
    ),
    changed(
        WORKSPACE,
        policies=Policies(
            default_reason=ReasonId("slip"),
            automatic=AutomaticMessages(
                greeting="Olá, {{first_name|cliente}}! Protocolo {{protocol}}.",
                queued="Aguarde.",
                after_hours="Voltamos {{date}}.",
                closing="{{greeting}}, até logo!",
            ),
            hours=BusinessHours.of(weekdays="08:00-12:00, 13:00-18:00"),
            close_after_idle=timedelta(hours=3),
            idle_spares_waiting=False,
            bot_timeout=timedelta(minutes=10),
            max_bot_turns=2,
            read_receipts=True,
            billing=BILLED,
        ),
        fields=(
            *WORKSPACE.fields,
            Field(
                id=FieldId("why"),
                name="Porquê",
                on=FieldOn.CONVERSATION,
                required_at_close=True,
                departments=(SALES,),
            ),
        ),
    ),
)
"""What is configured on the way; the one that leaves out a reason is refused (C3)."""

CATALOGUE: tuple[Command, ...] = (
    AddItem(Tag(id=TagId("new"), name="Nova")),
    AddItem(Tag(id=TagId("newer"), name="vip")),
    AddItem(Reason(id=ReasonId("late"), name="Atraso")),
    ChangeItem(Tag(id=TagId("vip"), name="Ouro", departments=(SALES,))),
    ChangeItem(Tag(id=TagId("none"), name="Nenhuma")),
    ChangeItem(changed(WORKSPACE.agents[0], max_open=3)),
    ArchiveItem(Part.TAG, "fibre"),
    ArchiveItem(Part.REASON, "slip"),
    ArchiveItem(Part.AGENT, "beto"),
    ArchiveItem(Part.AGENT, "ana"),
    ArchiveItem(Part.DEPARTMENT, "sales"),
    ArchiveItem(Part.DEPARTMENT, "support"),
    ArchiveItem(Part.QUICK_REPLY, "hello"),
    RestoreItem(Part.TAG, "adsl"),
    RestoreItem(Part.AGENT, "beto"),
    RestoreItem(Part.AGENT, "ana"),
    RestoreItem(Part.AGENT, "diego"),
    OrderItems(Part.TAG, ("debt", "adsl", "fibre", "vip")),
    OrderItems(Part.TAG, ("debt", "new", "adsl", "fibre", "vip")),
    OrderItems(Part.TAG, ("debt",)),
    SetPolicies(CONFIGURATIONS[-1].policies),
    SetPolicies(CONFIGURATIONS[0].policies),
    SetPolicies(CONFIGURATIONS[3].policies),
)
"""How the workspace changes part by part; some of it is refused."""

NOTHING_TIMED = Policies()
"""No timed work, so that everything comes to rest."""

EDITS: tuple[dict[str, Any], ...] = (
    {"reason": ReasonId("slip")},
    {"department": SALES},
    {"department": SUPPORT, "situation": Situation.OPEN},
    {"customer": CustomerId("c-1"), "reason": ReasonId("slow"), "situation": Situation.CLOSED},
    {"to": AgentId("beto")},
    {"to": AgentId("carla"), "over_capacity": True},
    {"situation": Situation.QUEUE},
    {"situation": Situation.BOT},
    {"situation": Situation.OPEN},
    {"situation": Situation.CLOSED},
    {},
)
FILLED: tuple[dict[str, Any], ...] = (
    {"plan": "500M", "cause": "raio"},
    {"plan": None},
    {"why": "caro"},
    {"plan": "1G"},
    {"cpf": "123"},
)
FILES = (
    PICTURE,
    Attachment(key="files/2", mime="application/pdf", size=5, sha256="1" * 64),
    Attachment(key="files/3", mime="audio/ogg", size=5, sha256="2" * 64),
    Attachment(key="files/4", mime="application/x-tar", size=5, sha256="3" * 64),
    Attachment(key="files/5", mime="image/jpeg", size=9_000_000, sha256="4" * 64),
)


CONTRACTS = tuple(
    Contract(id=ContractId(id), customer=CustomerId(customer), status=status, as_of=NOON)
    for id, customer, status in (
        ("k-1", "c-1", ContractStatus.ACTIVE),
        ("k-2", "c-1", ContractStatus.SUSPENDED),
        ("k-3", "c-2", ContractStatus.BLOCKED),
        ("k-4", "c-2", ContractStatus.CANCELLED),
    )
)
BOLETOS = tuple(
    Boleto(
        id=BoletoId(id),
        customer=CustomerId(customer),
        amount=Money(10_000),
        due=due,
        label=label,
        contract=ContractId(contract),
        line=LINE,
        pix=PIX,
    )
    for id, customer, contract, due, label in (
        ("b-1", "c-1", "k-1", date(2026, 3, 20), BoletoState.OPEN),
        ("b-2", "c-1", "k-2", date(2026, 3, 1), BoletoState.OPEN),
        ("b-3", "c-1", "k-1", date(2026, 2, 1), BoletoState.PAID),
        ("b-4", "c-2", "k-3", None, BoletoState.OPEN),
    )
)
INVOICES = tuple(
    Invoice(
        id=InvoiceId(id),
        customer=CustomerId(customer),
        model=InvoiceModel.NF_21,
        number=id,
        issued_on=date(2026, 3, 1),
        amount=Money(10_000),
        cancelled=cancelled,
    )
    for id, customer, cancelled in (("n-1", "c-1", False), ("n-2", "c-2", False), ("n-3", "c-1", True))
)
PDF = Attachment(key="files/6", mime="application/pdf", size=5, sha256="5" * 64, name="fatura.pdf")
PINS = (None, *(contract.id for contract in CONTRACTS), ContractId("nowhere"))
WANTED: tuple[tuple[tuple[str, ...], tuple[BoletoForm, ...] | None], ...] = (
    (("b-1",), None),
    (("b-1", "b-2"), (BoletoForm.PIX, BoletoForm.DOCUMENT)),
    (("b-4",), (BoletoForm.LINE,)),
    (("b-3",), None),
    (("nowhere",), None),
)
BONUSES: tuple[tuple[str, Bonus, str | None], ...] = (
    ("k-1", Bonus.amount("10"), None),
    ("k-1", Bonus.amount("20"), "2026-03"),
    ("k-1", Bonus.days(5), "2026-04"),
    ("k-3", Bonus.amount("10"), None),
    ("k-2", Bonus.percent("50"), None),
    ("k-1", Bonus.amount("10"), "2026-02"),
)
"""What is asked of billing; some of it is refused."""


_Some: TypeAlias = Callable[..., st.SearchStrategy[Step]]


def _some(people: tuple[Actor, ...]) -> _Some:
    """What makes steps of one kind, by any of these people."""
    who = st.none() | st.none() | st.sampled_from(people)

    def some(what: str, detail: st.SearchStrategy[Any] = st.none(), **fixed: Any) -> st.SearchStrategy[Step]:  # noqa: B008
        values = {"by": who, "pick": st.integers(0, 7), "detail": detail, "flag": st.booleans(), **fixed}
        return st.builds(Step, st.just(what), **values)

    return some


def _up_to(count: int) -> st.SearchStrategy[int]:
    return st.integers(0, count - 1)


def _asked(some: _Some) -> st.SearchStrategy[Step]:
    """What is asked of contracts and billing, and what becomes of it."""
    return st.one_of(
        some("pin", _up_to(len(PINS))),
        some("send boletos", _up_to(len(WANTED))),
        some("send boletos", _up_to(len(WANTED))),
        some("send invoices", _up_to(len(INVOICES))),
        some("grant", _up_to(len(BONUSES))),
        some("grant", _up_to(len(BONUSES))),
        some("order", st.sampled_from((None, "k-1", "k-3"))),
        some("withdraw"),
        some("settle"),
        some("call back"),
        some("pay", _up_to(len(BOLETOS))),
    )


def errands(
    people: tuple[Actor, ...], moods: tuple[str, ...], longest: int = 30
) -> st.SearchStrategy[list[Step]]:
    """A sequence of what may be asked for a customer, while customers, time and the outside do their worst."""
    some = _some(people)
    around = st.one_of(
        some("link", st.sampled_from((None, "c-1", "c-2"))),
        some("merge", st.integers(1, 3)),
        some("block"),
        some("unblock"),
        some("pass time", st.sampled_from((timedelta(minutes=1), timedelta(hours=1), timedelta(hours=13)))),
        some("behave", st.lists(st.sampled_from(moods), min_size=2, max_size=4).map(tuple)),
        some("deliver", pick=st.integers(1, 5)),
        some("deliver", pick=st.integers(1, 5)),
    )
    whole = st.lists(st.none() | _asked(some) | _asked(some) | around, min_size=longest // 2, max_size=longest)
    return whole.map(lambda steps: [step for step in steps if step is not None])


def sequences(
    people: tuple[Actor, ...], moods: tuple[str, ...], longest: int = 40
) -> st.SearchStrategy[list[Step]]:
    """A sequence of everything that may be done; a step that the rules refuse is valid too."""
    some = _some(people)
    tags = st.lists(st.sampled_from(("vip", "fibre", "debt", "adsl", "nowhere")), min_size=1, max_size=3)
    screen = st.one_of(
        some("tag", tags.map(lambda named: tuple(dict.fromkeys(named)))),
        some("note", one_line_text(max_size=8)),
        some("fill", _up_to(len(FILLED))),
        some("send file", _up_to(len(FILES))),
        some("send template", _up_to(4)),
        some("reply", st.sampled_from(("hello", "map", "sale", "old", "nowhere"))),
        some("edit", _up_to(len(EDITS))),
        some("edit", _up_to(len(EDITS))),
        some("resolve"),
        some("read"),
    )
    contacts = st.one_of(
        some("merge", st.integers(1, 3)),
        some("link", st.sampled_from((None, "c-1", "c-2"))),
        some("rename", st.none() | one_line_text(max_size=8).map(str.strip).filter(bool)),
    )
    outside = st.one_of(
        some("arrive with a file", _up_to(4)),
        some("echo", _up_to(10)),
        some("mark", _up_to(20)),
        some("mark", _up_to(20)),
    )
    asked = _asked(some)
    timed = st.one_of(
        some("catalogue", _up_to(len(CATALOGUE))),
        some("pass time", st.sampled_from((timedelta(minutes=11), timedelta(hours=4)))),
        some("deliver", pick=st.integers(1, 5)),
    )
    step = st.one_of(steps(people, moods), steps(people, moods), screen, contacts, outside, asked, timed)
    whole = st.lists(st.none() | step, min_size=longest // 2, max_size=longest)
    return whole.map(lambda steps: [step for step in steps if step is not None])  # None is for shrinking.


class _Library(Provider):
    """The provider with its files: it fetches what customers send, in the next mood."""

    def fetch(self, request: Any, /) -> Any:
        mood = self._mood()
        if mood.startswith("temporary"):
            raise Temporary
        if mood == "permanent":
            raise Permanent("404")
        if mood.startswith(("unknown", "raises")):
            raise ConnectionResetError("the line is down")
        return {"file": 1} if mood.startswith("answers") else PICTURE


class Run:
    """One run of a world over an outside of some nature; `waiting` customers have written when it begins."""

    def __init__(self, nature: Nature, first: Workspace = WORKSPACE, *, waiting: int = 0) -> None:
        self.provider = _Library(nature)
        self.contracts, self.billing = MoodyContracts(nature), MoodyBilling(nature)
        for customer, phones in (("c-1", PHONES[:1]), ("c-2", PHONES[3:4]), ("c-3", PHONES[3:4])):
            self.contracts.add(Customer(id=CustomerId(customer), name=Private("Maria Silva")), phones=phones)
        for contract in CONTRACTS:
            self.contracts.put(contract)
        for thing in (*BOLETOS, *INVOICES):
            self.billing.put(thing, PDF)
        self.world = World(first, messaging=self.provider, contracts=self.contracts, billing=self.billing)
        self.refused = 0
        self._laws = Laws()
        for n in range(waiting):
            self.world.arrive(phone=PHONES[n + 1], channel="bot" if n == 1 else "wa", id=f"first-{n}")
        self._laws.check(self.world.contents())

    def serve(self) -> None:
        """Let the customer c-1 and one who is c-2 or c-3 have written, and be served."""
        for phone in (PHONES[0], PHONES[3]):
            conversation = self.world.arrive(phone=phone)
            self.world.until_quiet()
            self.do(Take(conversation), BETO)

    def go(self, steps: Iterable[Step]) -> None:
        """Take all these steps."""
        for step in steps:
            self.step(step)

    def do(self, command: Command, by: Actor = SYSTEM, **options: Any) -> Outcome:
        """Do one thing that is not refused; after it, the laws hold."""
        outcome = self.world.do(command, by, **options)
        self._laws.check(self.world.contents())
        return outcome

    def step(self, step: Step) -> None:
        """Take one step. One that is refused must change nothing; after any, the laws hold."""
        before = self.world.seen()
        try:
            self._perform(step)
        except (RuleViolation, NotFound, InvalidValue, Conflict, PortFailure):
            self.refused += 1
            assert self.world.seen() == before, "a refused command changed something"
            return
        contents = self.world.contents()
        self._laws.check(contents)
        self._check_loads(before[0], step)
        self.check_money()

    def check_money(self) -> None:
        """Law: no key is applied twice, and no contract gets two bonuses for one period (B11)."""
        done = Counter(request.key for request in (*self.contracts.orders, *self.billing.bonuses))
        assert max(done.values(), default=0) <= 1, "applied twice"
        given = Counter((request.contract, request.period) for request in self.billing.bonuses)
        assert max(given.values(), default=0) <= 1, "two bonuses for one contract and period"

    def _check_loads(self, before: Any, step: Step) -> None:
        """Law: no count of OPEN conversations passes `max_open`, or grows when sealed (L7, L13)."""
        after = self.world.contents()
        [workspace] = [s for s in after.states.values() if isinstance(s, Workspace)]
        for key, count in after.tallies.items():
            if count <= before.tallies.get(key, 0):
                continue
            agent = workspace.agent(AgentId(key.removeprefix("open:")))
            assert agent is not None
            assert agent.active, f"{agent.id} is inactive and got a conversation"
            if agent.max_open and not step.flag:
                assert count <= agent.max_open, f"{agent.id} is over capacity"

    # --- the steps -------------------------------------------------------------------------------------------

    def _perform(self, step: Step) -> None:
        getattr(self, "_" + step.what.replace(" ", "_"))(step)

    def _pick(self, step: Step, kind: type[Any]) -> Any:
        """One of the entities there are; one that is not there when there are none."""
        found = self.world.of(kind)
        missing = {Conversation: "cv_none", Contact: "ct_none", Message: "cv_none.1", Effect: "ef_none"}
        return found[-1 - step.pick % len(found)].id if found else missing[kind]

    def _by(self, step: Step) -> Actor:
        """Who takes the step: where nobody is named, whoever has the conversation, else the supervisor."""
        if step.by is not None:
            return step.by
        conversation = self.world.contents().states.get(self._pick(step, Conversation))
        assignee = getattr(conversation, "assignee", None)
        return SUPERVISOR if assignee is None or step.what == "assign" else Actor.agent(assignee)

    def _arrive(self, step: Step) -> None:
        arrival = self.world.arrival(
            f"mensagem {step.pick}",
            phone=PHONES[step.pick % len(PHONES)],
            channel="bot" if step.flag else "wa",
            id=f"in-{step.detail}",
        )
        self.world.do(arrival)

    def _take(self, step: Step) -> None:
        self.world.do(Take(self._pick(step, Conversation), over_capacity=step.flag), self._by(step))

    def _assign(self, step: Step) -> None:
        command = Assign(self._pick(step, Conversation), step.detail.id, over_capacity=step.flag)
        self.world.do(command, self._by(step))

    def _transfer(self, step: Step) -> None:
        command = Transfer(self._pick(step, Conversation), step.detail.id, over_capacity=step.flag)
        self.world.do(command, self._by(step))

    def _reopen(self, step: Step) -> None:
        to = None if step.detail is None else step.detail.id
        self.world.do(Reopen(self._pick(step, Conversation), to, over_capacity=step.flag), self._by(step))

    def _move(self, step: Step) -> None:
        conversation = self._pick(step, Conversation)
        commands = (
            ReturnToQueue(conversation),
            ReturnToBot(conversation),
            MarkRead(conversation),
            *(ChangeDepartment(conversation, id) for id in (SUPPORT, SALES, DepartmentId("nowhere"))),
        )
        self.world.do(commands[step.detail], self._by(step))

    def _say_why(self, step: Step) -> None:
        self.world.do(SetReason(self._pick(step, Conversation), ReasonId(step.detail)), self._by(step))

    def _send(self, step: Step) -> None:
        self._say(step, SendMessage(self._pick(step, Conversation), step.detail))

    def _close(self, step: Step) -> None:
        reason = None if step.detail is None else ReasonId(step.detail)
        delivery = "inline" if step.flag else "later"
        self.world.do(Close(self._pick(step, Conversation), reason), self._by(step), delivery=delivery)

    def _start(self, step: Step) -> None:
        known = {"contact": self._pick(step, Contact)} if step.pick % 2 else {"address": "+5511987654321"}
        command = StartConversation(
            ChannelId("wa"), text=None if step.pick < 5 else step.detail, over_capacity=step.flag, **known
        )
        self.world.do(command, self._by(step))

    def _block(self, step: Step) -> None:
        self.world.do(BlockContact(self._pick(step, Contact)), self._by(step))

    def _unblock(self, step: Step) -> None:
        self.world.do(Unblock(self._pick(step, Contact)), self._by(step))

    def _configure(self, step: Step) -> None:
        self.world.do(Configure(CONFIGURATIONS[step.pick % len(CONFIGURATIONS)]))

    def _tag(self, step: Step) -> None:
        kind = RemoveTags if step.flag else AddTags
        self.world.do(kind(self._pick(step, Conversation), step.detail), self._by(step))

    def _note(self, step: Step) -> None:
        self.world.do(AddNote(self._pick(step, Conversation), step.detail), self._by(step))

    def _fill(self, step: Step) -> None:
        values = FILLED[step.detail]
        if step.flag:
            self.world.do(EditContact(self._pick(step, Contact), fields=values), self._by(step))
        else:
            self.world.do(SetFields(self._pick(step, Conversation), values), self._by(step))

    def _send_file(self, step: Step) -> None:
        caption = "Veja" if step.pick % 2 else None
        self._say(step, SendMedia(self._pick(step, Conversation), FILES[step.detail], caption))

    def _send_template(self, step: Step) -> None:
        template = TemplateId(("notice", "offer", "nowhere", "notice")[step.detail])
        parameters = ("10/03",) if step.detail == 0 else ()
        self._say(step, SendTemplate(self._pick(step, Conversation), template, parameters))

    def _reply(self, step: Step) -> None:
        self._say(step, SendQuickReply(self._pick(step, Conversation), QuickReplyId(step.detail)))

    def _say(self, step: Step, command: Command) -> None:
        self.world.do(command, self._by(step), delivery="inline" if step.flag else "later")

    def _edit(self, step: Step) -> None:
        wanted = {**EDITS[step.detail], "over_capacity": step.flag}
        self.world.do(EditConversation(self._pick(step, Conversation), **wanted), self._by(step))

    def _resolve(self, step: Step) -> None:
        """Send a message again, or dismiss it: one in doubt where there is one."""
        messages = self.world.of(Message)
        doubted = [message for message in messages if message.unconfirmed] or messages
        message = doubted[step.pick % len(doubted)].id if doubted else "cv_none.1"
        self._say(step, Resend(message) if step.pick % 2 else Dismiss(message))

    def _pin(self, step: Step) -> None:
        self._ask(step, lambda conversation: PinContract(conversation, PINS[step.detail]))

    def _send_boletos(self, step: Step) -> None:
        boletos, forms = WANTED[step.detail]
        wanted = tuple(map(BoletoId, boletos))
        self._ask(step, lambda conversation: SendBoletos(conversation, wanted, forms=forms))

    def _send_invoices(self, step: Step) -> None:
        self._ask(step, lambda conversation: SendInvoices(conversation, (INVOICES[step.detail].id,)))

    def _grant(self, step: Step) -> None:
        id, bonus, period = BONUSES[step.detail]
        contract, why = ContractId(id), "Ficou sem sinal"
        self._ask(step, lambda conversation: GrantBonus(conversation, contract, bonus, why, period=period))

    def _order(self, step: Step) -> None:
        said: dict[str, Any] = {"type": "visit", "subject": "Sem sinal", "description": "Desde ontem"}
        said |= {"contract": step.detail, "transcript": bool(step.pick % 2)}
        self._ask(step, lambda conversation: OpenServiceOrder(conversation, **said))

    def _ask(self, step: Step, command: Callable[[ConversationId], Command]) -> None:
        """Ask something in a conversation that is served and has a customer, where there is one."""
        states = self.world.contents().states
        served = [
            each
            for each in self.world.of(Conversation)
            if each.assignee is not None and states[each.contact].customer is not None  # type: ignore[attr-defined]
        ]
        if not served:
            self._say(step, command(self._pick(step, Conversation)))
            return
        conversation = served[step.pick % len(served)]
        by = step.by or Actor.agent(conversation.assignee)
        self.world.do(command(conversation.id), by, delivery="inline" if step.flag else "later")

    def _asked_for(self, step: Step, *states: EffectState) -> Effect | None:
        """Something asked of contracts or billing, in one of these states where there is one."""
        asked = [effect for effect in self.world.of(Effect) if effect.demand is not None]
        fitting = [effect for effect in asked if effect.state in states] or asked
        return fitting[step.pick % len(fitting)] if fitting else None

    def _withdraw(self, step: Step) -> None:
        effect = self._asked_for(step, EffectState.INTENDED)
        self.world.do(Withdraw(EffectId("ef_none") if effect is None else effect.id), self._by(step))

    def _settle(self, step: Step) -> None:
        """Someone who has looked says what became of it."""
        effect = self._asked_for(step, EffectState.REVIEW)
        id = EffectId("ef_none") if effect is None else effect.id
        self.world.do(SettleReview(id, self._is_done(id), "Está no extrato"), self._by(step))

    def _is_done(self, effect: EffectId) -> bool:
        return any(request.key == effect for request in (*self.contracts.orders, *self.billing.bonuses))

    def _call_back(self, step: Step) -> None:
        """What the outside reports by key; or, where it does not, what became of one of the effects."""
        reports = [*self.contracts.reports(), *self.billing.reports()]
        for key, reference in reports:
            self.world.do(RecordResult(effect=key, applied=True, reference=reference))
        effect = self._asked_for(step, EffectState.FAILED, EffectState.UNKNOWN, EffectState.REVIEW)
        if not reports and effect is not None and effect.kind in MONEY_LIKE:
            applied = self._is_done(effect.id)
            told = {"reference": f"told-{step.pick}"} if applied else {"failure": "no_funds"}
            self.world.do(RecordResult(effect=effect.id, applied=applied, **told))

    def _pay(self, step: Step) -> None:
        """The customer pays meanwhile."""
        self.billing.put(attrs.evolve(BOLETOS[step.detail], label=BoletoState.PAID), PDF)

    def _read(self, step: Step) -> None:
        self.world.do(MarkRead(self._pick(step, Conversation)), self._by(step))

    def _merge(self, step: Step) -> None:
        """A contact turns out to be another; with itself it cannot even be asked for."""
        found = [contact.id for contact in self.world.of(Contact)] or ["ct_none"]
        gone, into = found[step.pick % len(found)], found[(step.pick + step.detail) % len(found)]
        self.world.do(MergeContacts(gone, into), step.by or SUPERVISOR)

    def _link(self, step: Step) -> None:
        contact = self._pick(step, Contact)
        command = UnlinkCustomer(contact) if step.detail is None else LinkCustomer(contact, step.detail)
        self.world.do(command, self._by(step))

    def _rename(self, step: Step) -> None:
        contact = self._pick(step, Contact)
        self.world.do(EditContact(contact, name=step.detail, opted_out=step.flag), self._by(step))

    def _catalogue(self, step: Step) -> None:
        self.world.do(CATALOGUE[step.detail], step.by or ADMIN)

    def _arrive_with_a_file(self, step: Step) -> None:
        """A customer's picture or voice message; a repeat now and then."""
        command = ReceiveMessage(
            channel=ChannelId("bot" if step.flag else "wa"),
            address=PHONES[step.pick % len(PHONES)],
            provider_id=f"file-{step.pick}-{step.detail}",
            sent_at=self.world.now,
            kind=MessageKind.AUDIO if step.detail else MessageKind.IMAGE,
            media=MediaPointer(reference=f"media-{step.detail}"),
            reply_to=f"in-{step.detail}",
        )
        self.world.do(command, delivery="inline" if step.detail % 2 else "later")

    def _echo(self, step: Step) -> None:
        """A message from the phone beside the service; of one of ours now and then."""
        ours = [m.provider_id for m in self.world.of(Message) if m.direction is Direction.OUTBOUND]
        known = [id for id in ours if id is not None]
        id = known[step.pick % len(known)] if step.detail == 0 and known else f"phone-{step.detail}"
        command = RecordEcho(
            channel=ChannelId("bot" if step.flag else "wa"),
            address=PHONES[step.pick % len(PHONES)],
            provider_id=id,
            sent_at=self.world.now,
            text="Do celular",
        )
        self.world.do(command)

    def _mark(self, step: Step) -> None:
        """A reaction, an edit or a revocation of a message that is known, or of nobody's."""
        named = [m for m in self.world.of(Message) if m.provider_id is not None]
        target = named[step.detail % len(named)] if named and step.pick else None
        about: dict[str, Any] = {
            "channel": ChannelId("wa") if target is None else target.channel,
            "address": PHONES[step.pick % len(PHONES)],
            "provider_id": f"mark-{step.detail}",
            "sent_at": self.world.now,
            "target": "nobodys" if target is None else target.provider_id,
        }
        commands: tuple[Command, ...] = (
            RecordReaction(**about, emoji="👍" if step.flag else None),
            RecordReaction(**about, emoji="❤️"),
            RecordEdit(**about, text=f"quer dizer {step.detail}"),
            RecordRevocation(**about),
        )
        self.world.do(commands[step.detail % len(commands)])

    def _report(self, step: Step) -> None:
        """A report on one of our messages, with its key or by its provider's id, or on nobody's message."""
        ours: list[Message] = [m for m in self.world.of(Message) if m.direction is Direction.OUTBOUND]
        message = ours[-1 - step.pick % len(ours)] if ours and step.pick else None
        effect = None if message is None else message.effect
        provider_id = self.provider.ids.get(effect, f"out-{effect}") if effect else "out-nobody"
        channel = "wa" if message is None else message.channel
        report = self.world.report(
            step.detail, provider_id, key=effect if step.flag else None, failure="131047", channel=channel
        )
        self.world.do(report)

    def _pass_time(self, step: Step) -> None:
        self.world.pass_time(step.detail)

    def _behave(self, step: Step) -> None:
        for side in (self.provider, self.contracts, self.billing):
            side.moods = list(step.detail)

    def _deliver(self, step: Step) -> None:
        self.world.desk.run_due(limit=step.pick)

    def come_to_rest(self) -> None:
        """Let the provider behave, switch timed work off, and do what is due until nothing is left."""
        for side in (self.provider, self.contracts, self.billing):
            side.moods = []
        self.world.do(SetPolicies(NOTHING_TIMED), SYSTEM)
        self.world.until_quiet(400)
        self._laws.check(self.world.contents())
        self.check_money()

    # --- at the end ------------------------------------------------------------------------------------------

    def first_asked(self) -> dict[Ref, list[int]]:
        """For each conversation, the `seq` of its messages in the order the provider was first asked."""
        order: dict[Ref, list[int]] = {}
        effects = {e.id: e for e in self.world.of(Effect) if e.kind is EffectKind.SEND_MESSAGE}
        for key in dict.fromkeys(request.key for request in self.provider.asked):
            effect = effects[key]
            order.setdefault(effect.conversation, []).append(effect.position)
        return order
