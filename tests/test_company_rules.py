"""A company's own rules: they may only refuse, after the core's, wherever people and bots ask for something."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Answer, AsyncDesk, AsyncPorts, Delivery, Desk, Ports
from chatcore.channels.items import Batch, Inbound
from chatcore.commands import (
    ArchiveItem,
    BlockContact,
    ChangeDepartment,
    Close,
    Command,
    Configure,
    EditConversation,
    MarkRead,
    ReturnToQueue,
    SendMessage,
    SetReason,
    StartConversation,
    Take,
    Transfer,
)
from chatcore.entities import Effect
from chatcore.errors import (
    AlreadyTaken,
    CompanyRefusal,
    ErrorKind,
    InvalidValue,
    NotFound,
    NotPermitted,
    ReasonRequired,
    RuleFailed,
    RuleViolation,
)
from chatcore.events import Closed, Queued, ReasonSet, Taken, Transferred
from chatcore.i18n import explain
from chatcore.memory import AsyncMemoryMessaging, AsyncMemoryStorage, MemoryMessaging
from chatcore.rules.facts import Decision, Facts, OnConversation, OnTalk
from chatcore.rules.table import CompanyRule
from chatcore.vocabulary import (
    SYSTEM,
    Actor,
    AgentId,
    ChannelId,
    ChannelKind,
    ConversationId,
    DepartmentId,
    EffectState,
    MessageKind,
    Part,
    Private,
    ReasonId,
    Situation,
)
from tests.worlds import ADMIN, ANA, BETO, BOT, MARIA, NOON, SUPERVISOR, WORKSPACE, World, changed

SLIP = ReasonId("slip")


class Ruled(World):
    """A world whose desks have a company's rules."""

    def __init__(self, *rules: CompanyRule, **options: Any) -> None:
        self.rules = rules
        super().__init__(**options)

    def another_desk(self, **options: Any) -> Desk:
        return super().another_desk(**({"rules": self.rules} | options))


def no_close_at_lunch(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    """Nothing is closed from noon to one o'clock, UTC."""
    closes = any(isinstance(event, Closed) for _, event in decision)
    return CompanyRefusal("acme:lunch") if closes and facts.now.hour == 12 else None


def polite(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    """Nobody shouts."""
    shouts = isinstance(command, SendMessage) and command.text.reveal().isupper()
    return CompanyRefusal("acme:polite") if shouts else None


def refuse_all(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    return CompanyRefusal("acme:never")


def refuse_events(*kinds: type) -> CompanyRule:
    """A rule that lets none of these happen."""

    def rule(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
        if any(type(event) in kinds for _, event in decision):
            return CompanyRefusal("acme:not_that")
        return None

    return rule


def taken(world: World, by: Actor = BETO) -> ConversationId:
    conversation = world.arrive()
    world.take(conversation, by)
    return conversation


def refused(world: World, command: Command, by: Actor = BETO, **options: Any) -> CompanyRefusal:
    """That a company's rule refuses a command, and that nothing changed."""
    before = world.seen()
    with pytest.raises(CompanyRefusal) as caught:
        world.do(command, by, **options)
    assert world.seen() == before
    return caught.value


# --- they refuse ---------------------------------------------------------------------------------------------


def test_a_rule_refuses_in_handle() -> None:
    """With a code of its own, as any rule does; nothing changes, no receipt, no effect."""
    world = Ruled(no_close_at_lunch)
    conversation = taken(world)
    error = refused(world, Close(conversation, SLIP), key="k")
    assert error.company_code == "acme:lunch"
    assert (error.code, error.kind) == ("company_refusal", ErrorKind.REFUSED)
    assert isinstance(error, RuleViolation)
    assert error.document()["details"] == {"company_code": "acme:lunch"}
    world.pass_time(timedelta(hours=1))
    world.do(Close(conversation, SLIP), BETO, key="k")
    assert world.state(conversation).situation is Situation.CLOSED


def test_a_rule_refuses_in_can() -> None:
    """The verdict carries the very refusal that handling would raise; nothing is committed."""
    world = Ruled(no_close_at_lunch)
    conversation = taken(world)
    before = world.seen()
    verdict = world.desk.can(Close(conversation, SLIP), by=BETO)
    assert (verdict.answer, verdict.needs) == (Answer.REFUSED, ())
    assert isinstance(verdict.refusal, CompanyRefusal)
    assert verdict.refusal.company_code == "acme:lunch"
    assert world.desk.can(SendMessage(conversation, "Olá"), by=BETO).answer is Answer.ALLOWED
    assert world.seen() == before
    world.pass_time(timedelta(hours=1))
    assert world.desk.can(Close(conversation, SLIP), by=BETO).answer is Answer.ALLOWED


def test_a_rule_refuses_in_the_panel() -> None:
    """The screen greys out what the company forbids here, with the company's own code."""
    world, free = Ruled(refuse_events(Queued)), World()
    for each in (world, free):
        conversation = taken(each)
        actions = each.desk.panel(conversation, by=BETO).actions
        verdict = actions[ReturnToQueue]
        if each is free:
            assert verdict.answer is Answer.ALLOWED
        else:
            assert verdict.answer is Answer.REFUSED
            assert isinstance(verdict.refusal, CompanyRefusal)
            assert verdict.refusal.company_code == "acme:not_that"
        assert actions[MarkRead].answer is Answer.ALLOWED


def test_of_several_rules_the_first_that_refuses_is_heard() -> None:
    """They are asked in the order given; those behind a refusal are not asked any more."""
    asked = []

    def listening(command: Command, facts: Facts, decision: Decision) -> None:
        asked.append(type(command).__name__)

    world = Ruled(listening, polite, refuse_events(Closed), listening)
    conversation = taken(world)
    asked.clear()
    assert refused(world, SendMessage(conversation, "OLHE")).company_code == "acme:polite"
    assert asked == ["SendMessage"]
    asked.clear()
    world.do(SendMessage(conversation, "Olhe"), BETO)
    assert asked == ["SendMessage", "SendMessage"]


def test_a_rule_is_told_what_the_core_decided() -> None:
    """Command, facts and decision, as the core's rules have them: enough to refuse by any of them."""
    told: list[tuple[Command, Facts, Decision]] = []

    def listening(command: Command, facts: Facts, decision: Decision) -> None:
        told.append((command, facts, decision))

    world = Ruled(listening)
    conversation = taken(world)
    world.do(Close(conversation, SLIP), BETO)
    (take, on_take, took), (close, on_close, closed) = told
    assert (type(take), type(close)) == (Take, Close)
    assert type(on_take) is OnConversation
    assert type(on_close) is OnTalk
    assert (on_close.actor, on_close.now, on_close.conversation.id) == (BETO, NOON, conversation)
    assert took[0][0] == conversation
    assert Closed(reason=SLIP) in [event for _, event in closed]


def test_bots_are_asked_too() -> None:
    """A bot is a caller like others. Rule: L22"""
    world = Ruled(polite)
    conversation = world.arrive(channel="bot")
    refused(world, SendMessage(conversation, "OI"), BOT)
    world.do(SendMessage(conversation, "Oi"), BOT)


# --- after the core's ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "by", "error"),
    [
        (lambda cv: Take(cv), ANA, AlreadyTaken),
        (lambda cv: Close(cv), BETO, ReasonRequired),
        (lambda cv: Close(cv, ReasonId("old")), BETO, InvalidValue),
        (lambda cv: Close(cv, SLIP), ANA, NotPermitted),
        (lambda cv: Take(ConversationId("cv_ghost")), ANA, NotFound),
        (lambda cv: ArchiveItem(Part.TAG, "x"), ANA, NotPermitted),
    ],
)
def test_what_the_core_refuses_is_refused_by_the_core(command: Any, by: Actor, error: type[Exception]) -> None:
    """A company's rule is not asked about what cannot be anyway, and hides nothing of why."""
    asked = []

    def listening(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
        asked.append(command)
        return None if isinstance(command, Take) else CompanyRefusal("acme:never")

    world = Ruled(listening)
    conversation = taken(world)
    asked.clear()
    before = world.seen()
    with pytest.raises(error):
        world.do(command(conversation), by)
    assert asked == []
    assert world.seen() == before


def test_what_changes_nothing_may_still_be_refused() -> None:
    """A rule is asked also where the core decided that there is nothing to do."""
    world = Ruled()
    conversation = taken(world)
    world.do(SetReason(conversation, SLIP), BETO)
    strict = world.another_desk(rules=[refuse_all])
    before = world.seen()
    with pytest.raises(CompanyRefusal):
        strict.handle(SetReason(conversation, SLIP), by=BETO)
    assert world.seen() == before


def test_a_repeat_by_key_is_answered_before_any_rule_is_asked() -> None:
    """What was committed once keeps its answer, whatever rules came since."""
    world = Ruled()
    conversation = taken(world)
    first = world.do(SendMessage(conversation, "OLHE"), BETO, key="k")
    strict = world.another_desk(rules=[polite])
    assert strict.handle(SendMessage(conversation, "OLHE"), by=BETO, key="k") == first


# --- never in the way of what arrives ------------------------------------------------------------------------


def test_what_arrives_and_what_is_due_is_never_refused() -> None:
    """The system records, delivers, sweeps and configures without asking. Rule: M14, S23, L13, L16"""
    policies = attrs.evolve(
        WORKSPACE.policies,
        default_reason=SLIP,
        close_after_idle=timedelta(hours=4),
        bot_timeout=timedelta(minutes=5),
    )
    free = World(changed(WORKSPACE, policies=policies))
    waiting = free.arrive()
    mine = free.arrive(phone="5511911112222")
    free.take(mine)
    effect = free.send(mine)
    bots = free.arrive(phone="5511933334444", channel="bot")
    free.do(ArchiveItem(Part.AGENT, "beto"), ADMIN)
    strict = free.another_desk(rules=[refuse_all])
    inbound = Inbound(
        WORKSPACE.channels[0].account,
        Private(MARIA),
        "wamid.X",
        NOON,
        MessageKind.TEXT,
        Private("Oi"),
        None,
        None,
        None,
    )
    [answer] = strict.ingest(Batch(ChannelKind.WHATSAPP_CLOUD, (inbound,)))
    assert answer.error is None
    strict.run_due()
    assert free.state(effect).state is EffectState.SUCCEEDED
    assert free.state(mine).situation is Situation.QUEUE
    free.pass_time(timedelta(hours=5))
    strict.run_due()
    assert free.state(bots).situation is Situation.QUEUE
    assert free.state(waiting).waiting_since is not None
    strict.handle(Configure(free.desk.workspace(by=SYSTEM)), by=SYSTEM)
    strict.handle(Close(waiting), by=SYSTEM)
    assert free.state(waiting).situation is Situation.CLOSED
    with pytest.raises(CompanyRefusal):
        strict.handle(BlockContact(address="+5511955556666"), by=SUPERVISOR)


def test_what_is_delivered_at_once_was_asked_about_once() -> None:
    """The command passes the rules; carrying out its effects is the system's own work."""
    asked = []

    def listening(command: Command, facts: Facts, decision: Decision) -> None:
        asked.append(type(command).__name__)

    world = Ruled(listening, delivery=Delivery.INLINE)
    conversation = taken(world)
    world.send(conversation)
    assert asked == ["Take", "SendMessage"]
    assert [e.state for e in world.of(Effect)] == [EffectState.SUCCEEDED]


# --- no back door --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "plain", "event"),
    [
        ({"situation": Situation.CLOSED, "reason": SLIP}, lambda cv: Close(cv, SLIP), Closed),
        ({"situation": Situation.QUEUE}, lambda cv: ChangeDepartment(cv, DepartmentId("billing")), Queued),
        ({"to": AgentId("sofia")}, lambda cv: Transfer(cv, AgentId("sofia")), Transferred),
        ({"reason": SLIP}, lambda cv: SetReason(cv, SLIP), ReasonSet),
    ],
)
def test_editing_a_conversation_does_not_go_around_a_rule(edit: Any, plain: Any, event: type) -> None:
    """What a rule refuses a command for, by what would happen, it refuses the edit for too. Rule: S18"""
    world = Ruled(refuse_events(event))
    conversation = taken(world)
    refused(world, plain(conversation), SUPERVISOR)
    refused(world, EditConversation(conversation, **edit), SUPERVISOR)
    assert world.desk.can(EditConversation(conversation, **edit), by=SUPERVISOR).answer is Answer.REFUSED


@pytest.mark.parametrize("kind", [SetReason, Close, Transfer, ChangeDepartment])
def test_nor_around_a_rule_about_a_command(kind: type) -> None:
    """A rule that knows commands by their class is asked about each one that an edit stands for. Rule: S18"""

    def rule(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
        return CompanyRefusal("acme:not_that") if type(command) is kind else None

    edits: dict[type, dict[str, Any]] = {
        SetReason: {"reason": SLIP, "department": DepartmentId("sales")},
        Close: {"situation": Situation.CLOSED, "reason": SLIP},
        Transfer: {"to": AgentId("sofia"), "reason": SLIP},
        ChangeDepartment: {"department": DepartmentId("sales"), "reason": SLIP},
    }
    world, free = Ruled(rule), World()
    refused(world, EditConversation(taken(world), **edits[kind]), SUPERVISOR)
    assert free.do(EditConversation(taken(free), **edits[kind]), SUPERVISOR).changed


def test_a_rule_about_the_edit_itself_is_asked_as_well() -> None:
    """It is a command like others."""

    def rule(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
        return CompanyRefusal("acme:no_edits") if isinstance(command, EditConversation) else None

    world = Ruled(rule)
    conversation = taken(world)
    assert refused(world, EditConversation(conversation, reason=SLIP)).company_code == "acme:no_edits"
    world.do(SetReason(conversation, SLIP), BETO)


# --- rules that break ----------------------------------------------------------------------------------------


def raises(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    raise KeyError("5511987654321")


def raises_ours(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    raise CompanyRefusal("acme:raised")


def raises_a_rule(command: Command, facts: Facts, decision: Decision) -> CompanyRefusal | None:
    raise ReasonRequired


def says_no(command: Command, facts: Facts, decision: Decision) -> Any:
    return False


def says_why(command: Command, facts: Facts, decision: Decision) -> Any:
    return "acme:lunch"


def gives_the_class(command: Command, facts: Facts, decision: Decision) -> Any:
    return CompanyRefusal


def gives_another(command: Command, facts: Facts, decision: Decision) -> Any:
    return NotPermitted("take")


def forgets_its_namespace(command: Command, facts: Facts, decision: Decision) -> Any:
    return CompanyRefusal("lunch")


async def waits(command: Command, facts: Facts, decision: Decision) -> None:
    return None


@pytest.mark.parametrize(
    "rule",
    [
        raises,
        raises_ours,
        raises_a_rule,
        says_no,
        says_why,
        gives_the_class,
        gives_another,
        forgets_its_namespace,
    ],
)
def test_a_rule_that_breaks_its_contract_refuses(rule: CompanyRule) -> None:
    """A rule that cannot be asked did not agree: a typed error names it, and nothing changed."""
    world = Ruled(rule)
    conversation = world.arrive()
    before = world.seen()
    for ask in (world.desk.handle, world.desk.can):
        with pytest.raises(RuleFailed) as caught:
            ask(Take(conversation), by=BETO)  # type: ignore[operator]
        assert caught.value.function == rule.__name__  # type: ignore[attr-defined]
        assert caught.value.kind is ErrorKind.DEFECT
        assert "5511987654321" not in repr(caught.value.document())
    assert world.seen() == before


def test_a_rule_in_an_object_is_named_by_its_class() -> None:
    """Anything that can be called may be a rule."""

    class Quota:
        def __call__(self, command: Command, facts: Facts, decision: Decision) -> Any:
            return 0

    world = Ruled(Quota())
    conversation = world.arrive()
    with pytest.raises(RuleFailed) as caught:
        world.do(Take(conversation), BETO)
    assert caught.value.function == "Quota"


@pytest.mark.parametrize(
    "rules", [None, 7, polite, [None], ["acme:lunch"], [polite, CompanyRefusal("acme:x")], [waits]]
)
def test_what_are_no_rules_are_refused_at_the_opening(rules: Any) -> None:
    """A desk is not opened over what could not be asked: a rule does not wait, under either desk."""
    world = World()
    with pytest.raises(InvalidValue) as caught:
        Desk(Ports(storage=world.storage), rules=rules)
    assert [(p.path, p.code) for p in caught.value.problems] == [("rules", "not_rules")]


def test_rules_may_come_from_any_iterable_and_are_taken_once() -> None:
    """A generator is read at the opening, and serves as long as the desk does."""

    def given() -> Iterable[CompanyRule]:
        yield polite

    world = World()
    conversation = taken(world)
    desk = world.another_desk(rules=given())
    for _ in range(2):
        with pytest.raises(CompanyRefusal):
            desk.handle(SendMessage(conversation, "OLHE"), by=BETO)


# --- told and kept -------------------------------------------------------------------------------------------


def test_a_refusal_can_be_pickled() -> None:
    """With its code, as every error of the tree."""
    world = Ruled(no_close_at_lunch)
    error = refused(world, Close(taken(world), SLIP))
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.company_code, copy.document()) == (
        CompanyRefusal,
        "acme:lunch",
        error.document(),
    )


SENTENCES = {
    "pt_BR": {"acme:lunch": "Ninguém encerra no almoço.", "company_refusal": "Regra {company_code}."},
    "en": {"acme:lunch": "Nobody closes at lunch."},
}


def test_a_refusal_is_told_in_the_companys_words() -> None:
    """`explain` takes the company's catalogue, one for each language; without a word there is a general one."""
    world = Ruled(no_close_at_lunch, polite)
    conversation = taken(world)
    lunch = refused(world, Close(conversation, SLIP))
    shout = refused(world, SendMessage(conversation, "OLHE"))
    assert explain(lunch, "pt_BR", SENTENCES["pt_BR"]) == "Ninguém encerra no almoço."
    assert explain(lunch, "en", catalogue=SENTENCES["en"]) == "Nobody closes at lunch."
    assert explain(shout, "pt_BR", SENTENCES["pt_BR"]) == "Regra acme:polite."
    for locale in ("pt_BR", "en"):
        assert "acme:polite" in explain(shout, locale)
    verdict = world.desk.can(Close(conversation, SLIP), by=BETO)
    assert verdict.refusal is not None
    assert explain(verdict.refusal, "en", SENTENCES["en"]) == "Nobody closes at lunch."


def test_starting_and_blocking_are_asked_about_as_well() -> None:
    """Not only what is about one conversation: every command has its facts."""
    world = Ruled(refuse_all)
    for command in (
        StartConversation(ChannelId("wa"), address="+5511912345678"),
        BlockContact(address="+5511912345678"),
    ):
        refused(world, command, SUPERVISOR)
    refused(world, ArchiveItem(Part.REASON, "slow"), ADMIN)


# --- over async ports ----------------------------------------------------------------------------------------


def test_an_async_desk_asks_the_rules_as_well() -> None:
    """In `handle`, in `can`, in the panel, and about what an edit stands for; nothing changed. Rule: S18."""
    world = World()
    conversation = world.arrive()
    ports = AsyncPorts(
        storage=AsyncMemoryStorage(world.storage),
        messaging={ChannelKind.WHATSAPP_CLOUD: AsyncMemoryMessaging(MemoryMessaging())},
    )
    desk = AsyncDesk(ports, clock=lambda: world.now, rules=[refuse_events(Taken)])
    before = world.storage.contents()

    async def asked() -> None:
        for command in (Take(conversation), EditConversation(conversation, situation=Situation.OPEN)):
            with pytest.raises(CompanyRefusal):
                await desk.handle(command, by=BETO)
            assert isinstance((await desk.can(command, by=BETO)).refusal, CompanyRefusal)
        panel = await desk.panel(conversation, by=BETO)
        assert isinstance(panel.actions[Take].refusal, CompanyRefusal)

    asyncio.run(asked())
    assert world.storage.contents() == before
