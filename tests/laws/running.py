"""Takes a world through a sequence of steps, and holds it against the laws after each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from chatcore.commands import (
    Assign,
    BlockContact,
    ChangeDepartment,
    Close,
    Configure,
    MarkRead,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.commands import UnblockContact as Unblock
from chatcore.entities import Contact, Conversation, Effect, Message, Nature, Policies, Workspace
from chatcore.errors import Conflict, InvalidValue, NotFound, RuleViolation
from chatcore.vocabulary import Actor, AgentId, ChannelId, DepartmentId, Direction, EffectKind, ReasonId, Ref
from tests.laws.holding import Laws
from tests.laws.providers import Provider
from tests.strategies import Step
from tests.worlds import SALES, SUPERVISOR, SUPPORT, WORKSPACE, World, changed

__all__ = ["CONFIGURATIONS", "Run"]

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
        policies=Policies(reopen_within=timedelta(days=2), reopen_to_assignee=True, closing_message="Até!"),
    ),
    changed(WORKSPACE, reasons=WORKSPACE.reasons[:2]),
    changed(WORKSPACE, modules=()),
    changed(WORKSPACE, policies=Policies(default_reason=ReasonId("slip"), closing_message="Fim.")),
)
"""What is configured on the way; the one that leaves out a reason is refused (C3)."""


class Run:
    """One run of a world over a provider of some nature; `waiting` customers have written when it begins."""

    def __init__(self, nature: Nature, first: Workspace = WORKSPACE, *, waiting: int = 0) -> None:
        self.provider = Provider(nature)
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
        delivery = "inline" if step.flag else "later"
        self.world.do(
            SendMessage(self._pick(step, Conversation), step.detail), self._by(step), delivery=delivery
        )

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

    # --- at the end ------------------------------------------------------------------------------------------

    def first_asked(self) -> dict[Ref, list[int]]:
        """For each conversation, the `seq` of its messages in the order the provider was first asked."""
        order: dict[Ref, list[int]] = {}
        effects = {e.id: e for e in self.world.of(Effect) if e.kind is EffectKind.SEND_MESSAGE}
        for key in dict.fromkeys(request.key for request in self.provider.asked):
            effect = effects[key]
            order.setdefault(effect.conversation, []).append(effect.position)
        return order
