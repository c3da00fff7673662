"""The laws over any sequence of commands, with a provider that does its worst and a clock that jumps."""

from __future__ import annotations

import contextlib
import typing
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcore import Delivery
from chatcore.commands import (
    AddNote,
    AddTags,
    ArchiveItem,
    Assign,
    BlockContact,
    ChangeDepartment,
    ClaimEffect,
    Close,
    Dismiss,
    EditContact,
    EditConversation,
    Finding,
    FindingKind,
    GrantBonus,
    LinkCustomer,
    MarkRead,
    MergeContacts,
    OpenServiceOrder,
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
    ReturnToBot,
    ReturnToQueue,
    SendBoletos,
    SendInvoices,
    SendMedia,
    SendMessage,
    SendQuickReply,
    SendTemplate,
    SetFields,
    SetReason,
    SettleEffect,
    SettleReview,
    Take,
    Transfer,
    UnblockContact,
    UnlinkCustomer,
    Withdraw,
)
from chatcore.entities import (
    Bonus,
    Contact,
    Conversation,
    Effect,
    MediaPointer,
    Message,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import AlreadyAsked, ChatcoreError, EffectPending, InvalidValue, NotFound
from chatcore.events import Event, LookedUp
from chatcore.memory import Contents
from chatcore.testing.laws import assert_laws
from chatcore.testing.strategies import commands
from chatcore.transitions import MONEY_LIKE
from chatcore.vocabulary import (
    Actor,
    AgentId,
    BoletoId,
    ChannelId,
    ContractId,
    ConversationId,
    CustomerId,
    DeliveryStatus,
    EffectKind,
    EffectState,
    InvoiceId,
    MessageKind,
    Part,
    QuickReplyId,
    ReasonId,
    Situation,
    TagId,
    TemplateId,
)
from tests.laws.providers import MOODS, NATURES, Provider
from tests.laws.running import CATALOGUE, CONFIGURATIONS, PHONES, Run, errands, sequences
from tests.laws.steps import Step
from tests.worlds import (
    ADMIN,
    ANA,
    BETO,
    BOT,
    CARLA,
    DIEGO,
    PICTURE,
    SALES,
    SUPERVISOR,
    SUPPORT,
    World,
)

ACTORS = (ANA, BETO, CARLA, DIEGO, SUPERVISOR, BOT)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    nature=st.sampled_from(NATURES),
    first=st.sampled_from((0, 1, 2, 3, 4, 8)),
    steps=sequences(ACTORS, MOODS),
)
def test_every_law_holds_after_every_step(nature: Nature, first: int, steps: list[Step]) -> None:
    """Law: for any sequence of commands every entity equals the fold of its events, claims and tallies equal
    union and sum over states, every edge is in the table, and a refused command changes nothing at all.

    Rule: section L, L1, L2, L3, L7, L11, L12, L13, M4
    """
    run = Run(nature, CONFIGURATIONS[first], waiting=3)
    run.go(steps)


@pytest.mark.parametrize("nature", NATURES, ids=lambda nature: type(nature).__name__)
@pytest.mark.parametrize("first", [0, 3, 4, 7])
def test_every_law_holds_over_a_full_day(nature: Nature, first: int) -> None:
    """Law: the same, over a day in which everything happens: doubts, reopenings, blocks, anomalies, refusals.

    Rule: section L, L4, M1, M2, M3, M13
    """
    run = Run(nature, CONFIGURATIONS[first], waiting=3)
    for n, mood in enumerate(MOODS):
        run.go(
            [
                Step("behave", detail=(mood, "temporary", mood)),
                Step("take", None, pick=0),
                Step("send", None, pick=0, detail="Olá", flag=True),
                Step("send", None, pick=0, detail="Segue"),
                Step("report", pick=1, detail=DeliveryStatus.READ, flag=True),
                Step("close", None, pick=0, detail="slip"),
                Step("deliver", pick=5),
                Step("report", pick=0, detail=DeliveryStatus.SENT),
                Step("pass time", detail=timedelta(minutes=-9)),
                *(Step("arrive", pick=i, detail=100 + i) for i in range(5)),
                *(Step("arrive", pick=i + 1, detail=100 + i) for i in range(5)),
                Step("block", None, pick=1),
                *(Step("arrive", pick=i, detail=10 * n + i) for i in range(5)),
                Step("unblock", None, pick=1),
                Step("report", pick=2, detail=DeliveryStatus.FAILED, flag=True),
                Step("pass time", detail=timedelta(minutes=17)),
                Step("deliver", pick=5),
                Step("configure", pick=n),
                Step("assign", None, pick=2, detail=BETO),
                Step("start", None, pick=1, detail="Oi"),
            ]
        )
    run.come_to_rest()
    streams = run.world.contents().streams.values()
    happened = {type(envelope.event).__name__ for stream in streams for envelope in stream}
    assert happened >= {"Closed", "ContactUnblocked", "Doubted", "InboundRefused", "Postponed", "Taken"}
    assert ("Reopened" in happened) or not first


def test_every_law_holds_over_a_day_at_the_screen() -> None:
    """Law: the same, over a day in which everything that the screen offers is done, and every kind of event
    happens.

    Rule: L13, L16, L22, S5, S7, S8, S13, S14, S15, S17, S18, S21, B2, B11, C5, C9, M2, M9, M11, M12, M15,
    M17, M18
    """
    run = Run(ReportsByKey(), CONFIGURATIONS[8])
    world, do = run.world, run.do
    waiting = world.arrive(phone=PHONES[0])
    _screen(run, waiting)
    _doubts(run, waiting)
    _what_customers_do(run, waiting)
    _contracts_and_billing(run)
    _contacts(run)
    _timed(run)
    for command in CATALOGUE:
        with contextlib.suppress(InvalidValue, NotFound):
            do(command, ADMIN)
    run.come_to_rest()
    streams = world.contents().streams.values()
    happened = {type(envelope.event) for stream in streams for envelope in stream}
    missing = {*typing.get_args(Event)} - happened
    assert missing == {LookedUp}, "looking up is elsewhere"


def _screen(run: Run, cv: ConversationId) -> None:
    """What an agent does about a conversation they have."""
    do = run.do
    do(Take(cv), BETO)
    do(AddTags(cv, (TagId("vip"), TagId("fibre"))), BETO)
    do(RemoveTags(cv, (TagId("vip"),)), BETO)
    do(SetFields(cv, {"plan": "500M", "cause": "raio"}), BETO)
    do(AddNote(cv, "Ligar antes"), BETO)
    do(MarkRead(cv), BETO)
    do(SetReason(cv, ReasonId("slip")), BETO)
    do(SendTemplate(cv, TemplateId("notice"), ("10/03",)), BETO)
    do(SendQuickReply(cv, QuickReplyId("map")), BETO)
    do(SendMedia(cv, PICTURE, "Veja"), BETO)
    do(Transfer(cv, AgentId("sofia")), BETO)
    do(ChangeDepartment(cv, SALES), SUPERVISOR)
    do(EditConversation(cv, department=SUPPORT, customer=CustomerId("c-1"), to=AgentId("beto")), SUPERVISOR)
    run.world.desk.run_due()


def _doubts(run: Run, cv: ConversationId) -> None:
    """Two messages that nobody can tell about: one is sent again, one dismissed; a third is refused."""
    do, world = run.do, run.world
    for settle in (Resend, Dismiss):
        run.provider.moods = ["unknown, not done"]
        message = do(SendMessage(cv, "Chegou?"), BETO, delivery="inline").message
        world.pass_time(timedelta(hours=1))
        world.desk.run_due()
        assert message is not None
        assert world.state(message).unconfirmed
        do(settle(message), BETO, delivery="inline")
        assert not world.state(message).unconfirmed
    run.provider.moods = ["permanent"]
    do(SendMessage(cv, "E agora?"), BETO, delivery="inline")
    run.provider.moods = ["temporary"]
    effect = do(SendMessage(cv, "Alô?"), BETO, delivery="inline").effects[0]
    do(world.report(DeliveryStatus.READ, "out-unknown"))
    do(world.report(DeliveryStatus.DELIVERED, "out-unknown"))
    world.pass_time(timedelta(minutes=5))
    world.desk.run_due()
    fence = world.state(effect).fence
    do(SettleEffect(effect, fence, Finding(kind=FindingKind.DONE, reference="out-again")))
    do(world.report(DeliveryStatus.READ, f"out-{effect}"))


def _what_customers_do(run: Run, cv: ConversationId) -> None:
    """Files that can be had and that cannot, reactions, edits, revocations, what comes from the phone."""
    do, world = run.do, run.world
    world.arrive("corpo", phone=PHONES[0], id="twice")
    do(world.arrival("outro corpo", phone=PHONES[0], id="twice"))
    for id, moods in (("photo", []), ("voice", ["permanent"])):
        run.provider.moods = moods
        arrival = ReceiveMessage(
            channel=ChannelId("wa"),
            address=PHONES[0],
            provider_id=id,
            sent_at=world.now,
            kind=MessageKind.IMAGE,
            media=MediaPointer(reference=id),
            reply_to="twice",
        )
        do(arrival, delivery="inline")
    about: Any = {"channel": ChannelId("wa"), "address": PHONES[0], "sent_at": world.now, "target": "photo"}
    do(RecordReaction(**about, provider_id="mark-1", emoji="👍"))
    do(RecordReaction(**about, provider_id="mark-2"))
    do(RecordEdit(**about, provider_id="mark-3", text="quer dizer"))
    do(RecordRevocation(**about, provider_id="mark-4"))
    del about["target"]
    do(RecordEcho(**about, provider_id="phone-1", text="Do celular"))
    [photo] = [m for m in world.of(Message) if m.provider_id == "photo"]
    assert (photo.media.attachment, photo.text.reveal()) == (PICTURE, "quer dizer")
    do(Close(cv, ReasonId("slip")), BETO)
    do(Reopen(cv), SUPERVISOR)


def _contracts_and_billing(run: Run) -> None:
    """A number that two customers have; one of them is sent what they owe, and given a bonus that nobody can
    tell about until it is reported after all."""
    do, world = run.do, run.world
    cv = world.arrive(phone=PHONES[3])
    world.desk.run_due()
    contact = world.state(cv).contact
    assert [customer.id for customer in world.state(contact).suggestions] == ["c-2", "c-3"]
    do(Take(cv), BETO)
    do(LinkCustomer(contact, CustomerId("c-2")), BETO)
    do(PinContract(cv, ContractId("k-3")), BETO)
    do(SendBoletos(cv, (BoletoId("b-4"),)), BETO, delivery="inline")
    do(SendInvoices(cv, (InvoiceId("n-2"),)), BETO, delivery="inline")
    order = do(OpenServiceOrder(cv, "visit", "Sem sinal", "Desde ontem"), BETO).effects[0]
    do(Withdraw(order), BETO)
    run.billing.moods = ["raises, done"]
    ten = Bonus.amount("10")
    bonus = do(GrantBonus(cv, ContractId("k-3"), ten, "Ficou sem sinal"), BETO, delivery="inline").effects[0]
    with pytest.raises(AlreadyAsked):
        do(GrantBonus(cv, ContractId("k-3"), ten, "De novo"), BETO)
    world.pass_time(timedelta(hours=1))
    world.desk.run_due()
    assert world.state(bonus).state is EffectState.REVIEW
    [(key, reference)] = run.billing.reports()
    do(RecordResult(effect=key, applied=True, reference=reference))
    do(SettleReview(bonus, True, "Está no extrato", reference=reference), SUPERVISOR)
    assert (key, world.state(bonus).state) == (bonus, EffectState.SUCCEEDED)
    assert [request.key for request in run.billing.bonuses] == [bonus]
    assert run.contracts.orders == []
    do(Close(cv, ReasonId("slip")), BETO)


def _contacts(run: Run) -> None:
    """Two spellings of one person, both with something live; edited, linked, blocked."""
    do, world = run.do, run.world
    one, other = (world.state(world.arrive(phone=phone)).contact for phone in (PHONES[2], PHONES[3]))
    world.arrive(phone=PHONES[2], channel="bot")
    do(EditContact(one, name="Maria", opted_out=True, fields={"cpf": "1"}), BETO)
    do(LinkCustomer(one, CustomerId("c-2")), BETO)
    do(UnlinkCustomer(one), BETO)
    do(BlockContact(one, "spam"), BETO)
    do(world.arrival(phone=PHONES[2]))
    do(UnblockContact(one), BETO)
    do(MergeContacts(one, other), SUPERVISOR)
    assert world.state(other).merged == (one,)


def _timed(run: Run) -> None:
    """The bot is still, the customer is gone, the agent is deactivated."""
    do, world = run.do, run.world
    flow = world.arrive(phone=PHONES[4], channel="bot")
    world.pass_time(timedelta(minutes=11))
    world.desk.run_due()
    assert world.state(flow).situation is Situation.QUEUE
    do(Assign(flow, AgentId("carla")), SUPERVISOR)
    do(ArchiveItem(Part.AGENT, "carla"), ADMIN)
    world.desk.run_due()
    assert world.state(flow).situation is Situation.QUEUE
    do(ReturnToBot(flow), SUPERVISOR)
    do(SendMessage(flow, "Sou o robô"), BOT)
    do(ReturnToQueue(flow), BOT)
    world.pass_time(timedelta(hours=4))
    world.desk.run_due()
    assert world.state(flow).situation is Situation.CLOSED


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(nature=st.sampled_from(NATURES), steps=sequences(ACTORS, MOODS))
def test_messages_leave_in_order_and_every_delivery_ends(nature: Nature, steps: list[Step]) -> None:
    """Law: whatever happened, delivery comes to rest; messages were first tried in `seq` order; a key is done
    at most once where the provider promises anything, and one that says SUCCEEDED was done or reported so.

    Rule: M20
    """
    run = Run(nature, waiting=3)
    run.go(steps)
    run.come_to_rest()
    for order in run.first_asked().values():
        assert order == sorted(order)
    restless = {EffectState.INTENDED, EffectState.IN_FLIGHT, EffectState.UNKNOWN}
    assert [e for e in run.world.of(Effect) if e.state in restless] == []
    assert max(run.provider.applied.values(), default=0) <= 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(nature=st.sampled_from(NATURES), steps=errands(ACTORS, MOODS))
def test_what_is_asked_is_done_once_and_ends(nature: Nature, steps: list[Step]) -> None:
    """Law: whatever happens to customers, contracts, billing and time, the laws hold after each step; no key is
    applied twice, no contract gets two bonuses for one period, and in the end nothing is lost: what was done
    outside SUCCEEDED, or a second person sees it.

    Rule: B2, B8, B11
    """
    run = Run(nature, CONFIGURATIONS[4])
    run.serve()
    run.go(steps)
    run.come_to_rest()
    ended = {EffectState.SUCCEEDED, EffectState.FAILED, EffectState.CANCELLED, EffectState.REVIEW}
    asked = {effect.id: effect for effect in run.world.of(Effect) if effect.demand is not None}
    assert [effect for effect in asked.values() if effect.state not in ended] == []
    for request in (*run.contracts.orders, *run.billing.bonuses):
        assert asked[request.key].state in (EffectState.SUCCEEDED, EffectState.REVIEW)
    done = {request.key for request in (*run.contracts.orders, *run.billing.bonuses)}
    for effect in asked.values():
        if effect.kind in MONEY_LIKE and effect.state is EffectState.SUCCEEDED:
            assert effect.id in done


@settings(max_examples=60)
@given(command=commands(), by=st.sampled_from(ACTORS))
def test_a_command_about_what_is_not_there_changes_nothing(command: object, by: Actor) -> None:
    """Law: a refused command leaves storage, events and ports untouched. Rule: P"""
    world = World()
    world.arrive()
    before = world.seen()
    try:
        outcome = world.do(command, by)
    except ChatcoreError:
        assert world.seen() == before
    else:
        assert outcome.changed or world.seen() == before
        assert_laws(world.contents())


def test_a_message_delivered_at_once_waits_for_an_earlier_one() -> None:
    """A message that could leave at once stays while an earlier one of its conversation is not settled; doubt
    does not hold it.

    Rule: M20
    """
    provider = Provider(ReportsByKey(), ["temporary", "raises, done"])
    world = World(messaging=provider, delivery=Delivery.INLINE)
    conversation = world.arrive()
    world.take(conversation)
    first, second = world.send(conversation, "primeira"), world.send(conversation, "segunda")
    assert [request.key for request in provider.asked] == [first]
    with pytest.raises(EffectPending):
        world.do(ClaimEffect(second))
    world.pass_time(timedelta(seconds=5))
    world.desk.run_due()
    assert [request.key for request in provider.asked] == [first, first, second]
    assert [world.state(effect).state for effect in (first, second)] == [
        EffectState.UNKNOWN,
        EffectState.SUCCEEDED,
    ]


def test_a_moment_never_goes_back_within_a_conversation() -> None:
    """Where the clock goes back, the time of a conversation, its messages and its effects stands still.

    Rule: L12
    """
    world = World()
    conversation = world.arrive(id="first")
    effect = None
    world.take(conversation)
    for span in (timedelta(hours=-1), timedelta(hours=-2), timedelta(hours=5), timedelta(hours=-9)):
        world.pass_time(span)
        world.arrive(f"mais {span}")
        world.do(world.arrival(f"outro texto {span}", id="first"))
        effect = world.send(conversation)
        world.do(world.report(DeliveryStatus.READ, f"out-{effect}"))
        world.pass_time(span)
        world.desk.run_due()
        world.do(world.report(DeliveryStatus.READ, f"out-{effect}", key=effect))
    world.close(conversation)
    assert_laws(world.contents())
    assert effect is not None


def _day() -> Contents:
    world = World(delivery="inline")
    conversation = world.arrive()
    world.take(conversation)
    world.send(conversation)
    return world.contents()


def _with_state(contents: Contents, kind: type, **fields: object) -> Contents:
    ref, state = next((r, s) for r, s in contents.states.items() if type(s) is kind)
    return attrs.evolve(contents, states={**contents.states, ref: attrs.evolve(state, **fields)})


def _without_last_event(contents: Contents, kind: type) -> Contents:
    ref = next(r for r, s in contents.states.items() if type(s) is kind)
    return attrs.evolve(contents, streams={**contents.streams, ref: contents.streams[ref][:-1]})


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda c: _with_state(c, Conversation, transfers=3),
        lambda c: _with_state(c, Contact, refused=1),
        lambda c: _with_state(c, Message, anomalies=1),
        lambda c: _with_state(c, Effect, attempts=9),
        lambda c: _without_last_event(c, Conversation),
        lambda c: _without_last_event(c, Effect),
        lambda c: attrs.evolve(c, claims=dict(list(c.claims.items())[1:])),
        lambda c: attrs.evolve(c, claims={**c.claims, "live:ct_x:wa": "cv_x"}),
        lambda c: attrs.evolve(c, tallies={}),
        lambda c: attrs.evolve(c, tallies={**c.tallies, "open:beto": 2}),
        lambda c: attrs.evolve(c, sealed=frozenset()),
        lambda c: attrs.evolve(c, receipts=dict(list(c.receipts.items())[1:])),
        lambda c: attrs.evolve(c, states={r: s for r, s in c.states.items() if not isinstance(s, Message)}),
    ],
)
def test_a_storage_that_breaks_a_law_is_caught(spoilt: object) -> None:
    """The check itself can fail: each way to spoil what is kept is seen."""
    contents = _day()
    assert_laws(contents)
    with pytest.raises(AssertionError):
        assert_laws(spoilt(contents))


def _bonus_day() -> Contents:
    run = Run(ReportsByKey(), CONFIGURATIONS[4])
    conversation = run.world.arrive(phone=PHONES[0])
    run.world.desk.run_due()
    run.do(Take(conversation), BETO)
    run.do(GrantBonus(conversation, ContractId("k-1"), Bonus.amount("10"), "Ficou sem sinal"), BETO)
    return run.world.contents()


def _bonus(contents: Contents, **changes: Any) -> Contents:
    """The contents with another bonus in the place of the one there is."""
    [ref] = [r for r, s in contents.states.items() if getattr(s, "demand", None) is not None]
    state = attrs.evolve(contents.states[ref], **changes)
    return attrs.evolve(contents, states={**contents.states, ref: state})


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda c: attrs.evolve(c, claims={k: r for k, r in c.claims.items() if not k.startswith("bonus:")}),
        lambda c: attrs.evolve(c, claims={**c.claims, "bonus:other": "ef_x"}),
        lambda c: _bonus(c, guarded=False),
        lambda c: _bonus(c, state=EffectState.CANCELLED),
        lambda c: _without_last_event(c, Conversation),
    ],
)
def test_a_storage_that_loses_a_bonus_or_its_guard_is_caught(spoilt: Any) -> None:
    """The check itself can fail here too. Rule: B8, B11."""
    contents = _bonus_day()
    assert_laws(contents)
    with pytest.raises(AssertionError):
        assert_laws(spoilt(contents))


def test_a_run_meets_refusals_and_still_gets_somewhere() -> None:
    """The runs above are worth something: in one, people are refused, doubts arise, and things get done."""
    run = Run(RepeatsByKey(CONFIGURATIONS[3].policies.reopen_within))
    run.go(
        [
            Step("arrive", pick=0, detail=1),
            Step("take", BETO),
            Step("take", ANA),
            Step("send", BETO, detail="Olá"),
            Step("behave", detail=("raises, done",)),
            Step("deliver", pick=5),
            Step("close", BETO),
            Step("close", BETO, detail="slip"),
        ]
    )
    assert run.refused == 2
    sends = [e.state for e in run.world.of(Effect) if e.kind is EffectKind.SEND_MESSAGE]
    assert sends == [EffectState.UNKNOWN, EffectState.INTENDED]
    with pytest.raises(NotFound):
        run.world.take(ConversationId("cv_nowhere"))
