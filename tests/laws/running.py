"""Takes a world through a sequence of steps, and holds it against the laws after each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

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
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OrderItems,
    Outcome,
    ReceiveMessage,
    RecordEcho,
    RecordEdit,
    RecordReaction,
    RecordRevocation,
    RemoveTags,
    Reopen,
    Resend,
    RestoreItem,
    ReturnToBot,
    ReturnToQueue,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetPolicies,
    SetReason,
    StartConversation,
    Take,
    Transfer,
    UnlinkCustomer,
)
from chatcore.commands import UnblockContact as Unblock
from chatcore.entities import (
    Attachment,
    AutomaticMessages,
    BusinessHours,
    Contact,
    Conversation,
    Effect,
    Field,
    MediaPointer,
    Message,
    Nature,
    Policies,
    Reason,
    Tag,
    Workspace,
)
from chatcore.errors import Conflict, InvalidValue, NotFound, Permanent, RuleViolation, Temporary
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    ChannelId,
    CustomerId,
    DepartmentId,
    Direction,
    EffectKind,
    FieldId,
    FieldOn,
    MessageKind,
    Part,
    QuickReplyId,
    ReasonId,
    Ref,
    Situation,
    TagId,
    TemplateId,
)
from tests.laws.holding import Laws
from tests.laws.providers import Provider
from tests.strategies import Step, one_line_text, steps
from tests.worlds import ADMIN, PICTURE, SALES, SUPERVISOR, SUPPORT, WORKSPACE, World, changed

__all__ = ["CATALOGUE", "CONFIGURATIONS", "NOTHING_TIMED", "PHONES", "Run", "sequences"]

PHONES = ("5511987654321", "551187654321", "4791234567", "5511912345678", "BR.1234567890")
"""Customers' addresses: the first two are one number with and without its ninth digit (M11)."""


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


def sequences(
    people: tuple[Actor, ...], moods: tuple[str, ...], longest: int = 40
) -> st.SearchStrategy[list[Step]]:
    """A sequence of everything that may be done; a step that the rules refuse is valid too."""
    pick, flag = st.integers(0, 7), st.booleans()
    who = st.none() | st.none() | st.sampled_from(people)

    def some(what: str, detail: st.SearchStrategy[Any] = st.none(), **fixed: Any) -> st.SearchStrategy[Step]:  # noqa: B008
        return st.builds(
            Step, st.just(what), **{"by": who, "pick": pick, "detail": detail, "flag": flag, **fixed}
        )

    def up_to(count: int) -> st.SearchStrategy[int]:
        return st.integers(0, count - 1)

    tags = st.lists(st.sampled_from(("vip", "fibre", "debt", "adsl", "nowhere")), min_size=1, max_size=3)
    screen = st.one_of(
        some("tag", tags.map(lambda some: tuple(dict.fromkeys(some)))),
        some("note", one_line_text(max_size=8)),
        some("fill", up_to(len(FILLED))),
        some("send file", up_to(len(FILES))),
        some("send template", up_to(4)),
        some("reply", st.sampled_from(("hello", "map", "sale", "old", "nowhere"))),
        some("edit", up_to(len(EDITS))),
        some("edit", up_to(len(EDITS))),
        some("resolve"),
        some("read"),
    )
    contacts = st.one_of(
        some("merge", st.integers(1, 3)),
        some("link", st.sampled_from((None, "c-1", "c-2"))),
        some("rename", st.none() | one_line_text(max_size=8).map(str.strip).filter(bool)),
    )
    outside = st.one_of(
        some("arrive with a file", up_to(4)),
        some("echo", up_to(10)),
        some("mark", up_to(20)),
        some("mark", up_to(20)),
    )
    timed = st.one_of(
        some("catalogue", up_to(len(CATALOGUE))),
        some("pass time", st.sampled_from((timedelta(minutes=11), timedelta(hours=4)))),
        some("deliver", pick=st.integers(1, 5)),
    )
    step = st.one_of(steps(people, moods), steps(people, moods), screen, contacts, outside, timed)
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
    """One run of a world over a provider of some nature; `waiting` customers have written when it begins."""

    def __init__(self, nature: Nature, first: Workspace = WORKSPACE, *, waiting: int = 0) -> None:
        self.provider = _Library(nature)
        self.world = World(first, messaging=self.provider)
        self.refused = 0
        self._laws = Laws()
        for n in range(waiting):
            self.world.arrive(phone=PHONES[n + 1], channel="bot" if n == 1 else "wa", id=f"first-{n}")
        self._laws.check(self.world.contents())

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
        except (RuleViolation, NotFound, InvalidValue, Conflict):
            self.refused += 1
            assert self.world.seen() == before, "a refused command changed something"
            return
        contents = self.world.contents()
        self._laws.check(contents)
        self._check_loads(before[0], step)

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
        missing = {Conversation: "cv_none", Contact: "ct_none", Message: "cv_none.1"}
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
        self.provider.moods = list(step.detail)

    def _deliver(self, step: Step) -> None:
        self.world.desk.run_due(limit=step.pick)

    def come_to_rest(self) -> None:
        """Let the provider behave, switch timed work off, and do what is due until nothing is left."""
        self.provider.moods = []
        self.world.do(SetPolicies(NOTHING_TIMED), SYSTEM)
        self.world.until_quiet(400)
        self._laws.check(self.world.contents())

    # --- at the end ------------------------------------------------------------------------------------------

    def first_asked(self) -> dict[Ref, list[int]]:
        """For each conversation, the `seq` of its messages in the order the provider was first asked."""
        order: dict[Ref, list[int]] = {}
        effects = {e.id: e for e in self.world.of(Effect) if e.kind is EffectKind.SEND_MESSAGE}
        for key in dict.fromkeys(request.key for request in self.provider.asked):
            effect = effects[key]
            order.setdefault(effect.conversation, []).append(effect.position)
        return order
