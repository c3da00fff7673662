"""Orders of events that look harmless: each was once handled wrongly."""

from __future__ import annotations

import asyncio
import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest

from chatcore import Agent, AgentId, AsyncDesk, AsyncPorts, ConversationId, Delivery, Desk, Ports, Role
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.commands import (
    BlockContact,
    ChangeItem,
    Close,
    Configure,
    GrantBonus,
    MergeContacts,
    RecordResult,
    RecordStatus,
    Reopen,
    SendMessage,
    SettleReview,
    StartConversation,
    Take,
    Withdraw,
)
from chatcore.entities import (
    AtMostOnce,
    AutomaticMessages,
    BillingCapabilities,
    Bonus,
    BusinessHours,
    LooksUpByKey,
)
from chatcore.errors import (
    AlreadyAsked,
    ContactMerged,
    InvalidValue,
    NotAMember,
    NotContracted,
    NotFound,
    NotPermitted,
    Permanent,
    Temporary,
    VersionConflict,
    WindowClosed,
)
from chatcore.limits import LAST_ROWS
from chatcore.memory import (
    AsyncMemoryMessaging,
    AsyncMemoryStorage,
    MemoryBilling,
    MemoryMessaging,
    MemoryStorage,
)
from chatcore.ports import BonusRequest, SendRequest
from chatcore.search import ContactQuery, ConversationQuery, EffectQuery, MessageQuery, Says
from chatcore.vocabulary import (
    SYSTEM,
    Ability,
    Actor,
    ActorKind,
    AgentsRead,
    ChannelKind,
    DeliveryStatus,
    EffectId,
    EffectState,
    ReasonId,
    Situation,
)
from tests.office import ANA, BETO, MARIA, PROVIDER, SUE, SUPPORT, WA, Office
from tests.shop import HOME, Shop

MOVED = ReasonId("moved")
JOAO = "5511912345678"


def told(**policies: Any) -> Configure:
    return Configure(attrs.evolve(PROVIDER, policies=attrs.evolve(PROVIDER.policies, **policies)))


# --- who was merged, and who may be seen ---------------------------------------------------------------------

ONE, OTHER = "5511912345601", "5511912345602"


def two(**policies: Any) -> tuple[Office, Any, Any]:
    """Two contacts, each with a conversation; ana may merge."""
    agents = tuple(
        attrs.evolve(each, granted=(Ability.MERGE,)) if each.id == ANA.id else each for each in PROVIDER.agents
    )
    office = Office()
    office.desk.handle(Configure(attrs.evolve(told(**policies).workspace, agents=agents)), by=SYSTEM)
    one, other = office.taken(by=ANA, address=ONE), office.taken(by=BETO, address=OTHER)
    return office, office.state(one).contact, office.state(other).contact


@pytest.mark.parametrize("swapped", [False, True], ids=["the newer goes on", "the older goes on"])
def test_nothing_is_started_with_who_is_another_by_now(swapped: bool) -> None:
    """Whichever conversation closed at the merge; the refusal says who they are. Rule: M11, S3."""
    office, gone, kept = two(default_reason=MOVED)
    if swapped:
        gone, kept = kept, gone
    office.desk.handle(MergeContacts(gone, kept), by=SUE)
    with pytest.raises(ContactMerged) as refused:
        office.desk.handle(StartConversation(WA, contact=gone), by=SUE)
    assert refused.value.into == kept


def test_a_merge_tells_nothing_of_whom_one_may_not_see() -> None:
    """Named first or second, they are the same as somebody who is not there. Rule: P, M11."""
    office, mine, theirs = two(agents_read=AgentsRead.OWN)
    for hidden in (theirs, "ct_none"):
        for command in (MergeContacts(mine, hidden), MergeContacts(hidden, mine)):
            with pytest.raises(NotFound) as refused:
                office.desk.handle(command, by=ANA)
            assert (refused.value.what, refused.value.id) == ("contact", hidden)


def test_nothing_is_started_with_whom_one_may_not_see() -> None:
    """By their id: they do not exist. By their number, anybody may be written to. Rule: P, S3."""
    office, _, theirs = two(agents_read=AgentsRead.OWN)
    [open_one] = [c for c in office.contents.states.values() if getattr(c, "contact", None) == theirs]
    office.desk.handle(Close(open_one.id, MOVED), by=BETO)
    before = office.contents
    for hidden in (theirs, "ct_none"):
        with pytest.raises(NotFound) as refused:
            office.desk.handle(StartConversation(WA, contact=hidden), by=ANA)
        assert (refused.value.what, refused.value.id) == ("contact", hidden)
    assert office.contents == before
    assert office.desk.handle(StartConversation(WA, address=f"+{OTHER}"), by=ANA).conversation


# --- versions, and who may see -------------------------------------------------------------------------------


def test_a_version_tells_nothing_of_what_one_may_not_see() -> None:
    """A conversation out of sight is the same as none, whatever version is expected. Rule: P, S23."""
    office = Office()
    cv = office.taken()
    office.desk.handle(told(agents_read=AgentsRead.OWN), by=SYSTEM)
    for conversation in (cv, "cv_none"):
        with pytest.raises(NotFound):
            office.desk.handle(Take(conversation), by=BETO, expected=9)
    with pytest.raises(VersionConflict):
        office.desk.handle(Close(cv), by=ANA, expected=9)
    office.desk.handle(Configure(attrs.evolve(PROVIDER, modules=())), by=SYSTEM)
    with pytest.raises(NotContracted):
        office.desk.handle(Close(cv), by=ANA, expected=9)


def test_who_reads_their_own_only_may_still_take() -> None:
    """What waits in their departments is theirs to see; what others have is not. Rule: S4, P."""
    office = Office()
    office.desk.handle(told(agents_read=AgentsRead.OWN), by=SYSTEM)
    mine, theirs = office.waiting(), office.taken(by=BETO, address="5511912345678")
    rows = office.desk.conversations(ConversationQuery(), by=ANA).rows
    assert [row.id for row in rows] == [mine]
    assert office.desk.contact(rows[0].contact, by=ANA)
    with pytest.raises(NotFound):
        office.desk.contact(office.state(theirs).contact, by=ANA)
    with pytest.raises(NotPermitted):
        office.desk.contacts(ContactQuery(), by=ANA)
    office.desk.handle(Take(mine), by=ANA)
    with pytest.raises(NotFound):
        office.desk.conversation(mine, by=BETO)


# --- a clock that jumped ahead and was set right -------------------------------------------------------------


def test_a_clock_that_was_set_right_again_stops_nobody() -> None:
    """What is recorded stays in order; what is decided, sent and leased goes by the clock. Rule: L12, M5."""
    office = Office()
    cv = office.taken()
    office.pass_time(days=365)
    office.arrive()
    office.pass_time(days=-365)
    office.arrive()
    assert office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    assert office.sent == ["Olá"]
    late = office.another_desk(delivery="later")
    late.handle(SendMessage(cv, "Depois"), by=ANA)
    assert late.run_due().done == 1
    assert office.sent == ["Olá", "Depois"]
    times = [e.recorded_at for e in office.desk.timeline(cv, by=ANA)]
    assert times == sorted(times)


class Lost(MemoryMessaging):
    """Raises at the first send, and knows of nothing that was lost."""

    def __init__(self) -> None:
        super().__init__(attrs.evolve(CAPABILITIES, nature=LooksUpByKey(timedelta(minutes=1))))
        self.asked = 0

    def send(self, request: SendRequest, /) -> str:
        if not self.asked:
            raise RuntimeError("lost")
        return super().send(request)

    def look_up(self, key: Any, /) -> str | None:
        self.asked += 1
        return super().look_up(key)


def test_a_doubt_is_as_old_as_the_clock_says() -> None:
    """After a jump ahead and back a horizon runs from the doubt, not from the record a day ahead. Rule: L12."""
    lost = Lost()
    office = Office(messaging=lost)
    cv = office.taken()
    office.pass_time(days=1)
    office.arrive()
    office.pass_time(days=-1)
    (effect,) = office.desk.handle(SendMessage(cv, "Olá"), by=ANA).effects
    for _ in range(12):
        office.pass_time(seconds=20)
        office.desk.run_due()
    assert office.sent == ["Olá"]
    assert office.state(effect).state is EffectState.SUCCEEDED
    assert lost.asked < 10


# --- delivery ------------------------------------------------------------------------------------------------


class Moody(MemoryMessaging):
    """Raises what it is told to, once each, and then sends."""

    def __init__(self, *moods: Exception) -> None:
        super().__init__(attrs.evolve(CAPABILITIES, nature=AtMostOnce()))
        self.moods = list(moods)

    def send(self, request: SendRequest, /) -> str:
        if self.moods:
            raise self.moods.pop(0)
        return super().send(request)


def test_inline_goes_on_with_what_waited_in_the_lane() -> None:
    """Who came while another was on its way does not wait for `run_due`. Rule: M20."""
    office = Office(messaging=Moody(Temporary()))
    cv = office.taken()
    office.desk.handle(SendMessage(cv, "um"), by=ANA)
    office.desk.handle(SendMessage(cv, "dois"), by=ANA)
    assert office.sent == []
    office.pass_time(seconds=5)
    office.desk.handle(SendMessage(cv, "três"), by=ANA)
    assert office.sent == ["um", "dois", "três"]


@pytest.mark.parametrize("first", ["failed", "not done"])
def test_a_refusal_by_our_key_ends_what_would_be_tried_again(first: str) -> None:
    """It and "certainly not sent" may come in either order; the message is not sent again. Rule: M2."""
    office = Office(messaging=Moody(Temporary()))
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "um"), by=ANA).effects
    failed = RecordStatus(
        channel=WA,
        provider_id="wamid.x",
        status=DeliveryStatus.FAILED,
        occurred_at=office.now,
        key=effect,
        failure="131026",
    )
    office.desk.handle(failed, by=SYSTEM)
    office.pass_time(hours=1)
    office.desk.run_due()
    assert office.sent == []
    assert office.message_of(effect).status is DeliveryStatus.FAILED
    assert office.state(effect).state is EffectState.CANCELLED


def test_a_providers_sentence_is_no_code() -> None:
    """It may hold a phone, so neither the effect, the message nor the observer hears it."""
    seen: list[Any] = []
    office = Office(
        messaging=Moody(Permanent("Recipient 5511987654321 is not on WhatsApp")), observe=seen.append
    )
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "um"), by=ANA).effects
    assert office.state(effect).detail == office.message_of(effect).not_sent == "refused"
    assert "5511987654321" not in repr(seen)


def test_a_retry_after_of_a_wrong_kind_is_no_doubt() -> None:
    """Certainly not sent stays certain."""
    office = Office(messaging=Moody(Temporary(5)))  # type: ignore[arg-type]
    cv = office.taken()
    (effect,) = office.desk.handle(SendMessage(cv, "um"), by=ANA).effects
    assert office.state(effect).state is EffectState.INTENDED


def test_a_provider_that_names_two_messages_alike_makes_no_doubt() -> None:
    """Both were sent; the second has no name of its own, and the name is kept as evidence. Rule: M1, M2."""
    office = Office()
    cv = office.taken()
    (one,) = office.desk.handle(SendMessage(cv, "um"), by=ANA).effects
    ports = Ports(storage=office.storage, messaging={ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()})
    other = Desk(ports, clock=lambda: office.now)
    (two,) = other.handle(SendMessage(cv, "dois"), by=ANA).effects
    assert office.state(one).reference == "out-1"
    assert office.state(two).state is EffectState.SUCCEEDED
    assert [e.finding for e in office.state(two).evidence] == ["named_alike"]
    message = office.message_of(two)
    assert (message.status, message.provider_id) == (DeliveryStatus.SENT, None)


# --- arriving and starting -----------------------------------------------------------------------------------


def test_presence_that_cannot_be_told_is_no_presence() -> None:
    """A raising `available` neither loses a message nor stops the others. Rule: L4, L24."""

    def available(_: object) -> bool:
        raise RuntimeError("presence is down")

    office = Office(available=available)
    office.desk.handle(told(reopen_within=timedelta(hours=1), reopen_to_assignee=True), by=SYSTEM)
    cv = office.taken()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    assert office.arrive().conversation == cv
    assert office.state(cv).assignee is None


def test_a_new_conversation_goes_where_the_channel_last_reached_them() -> None:
    """Not to the spelling somebody typed first. Rule: M10."""
    office = Office()
    first = office.desk.handle(StartConversation(WA, address="(11) 98765-4321"), by=ANA)
    office.arrive(address="551187654321")
    assert first.conversation is not None
    office.desk.handle(Close(first.conversation, MOVED), by=ANA)
    again = office.desk.handle(StartConversation(WA, contact=first.contact or "", text="Olá"), by=ANA)
    assert office.messaging.outbox[-1].to.reveal() == "551187654321"
    assert again.conversation != first.conversation


def test_who_has_two_numbers_is_written_to_at_the_one_that_was_chosen() -> None:
    """Whichever of them they wrote from last; with none chosen, at that one. Rule: M10, M11."""
    for chosen in (MARIA, JOAO):
        office, contact = closed_and_merged()
        start = StartConversation(WA, address=chosen, department=SUPPORT, text="Olá")
        begun: Any = office.desk.handle(start, by=ANA).conversation
        assert office.state(begun).contact == contact
        assert office.messaging.outbox[-1].to.reveal() == chosen
    office, contact = closed_and_merged()
    office.desk.handle(StartConversation(WA, contact=contact, department=SUPPORT, text="Olá"), by=ANA)
    assert office.messaging.outbox[-1].to.reveal() == JOAO


def closed_and_merged() -> tuple[Office, Any]:
    """Who turned out to be one person, with closed conversations; JOAO is where they last wrote from."""
    office = Office()
    contacts = []
    for address in (MARIA, JOAO):
        conversation = office.taken(ANA, address)
        office.desk.handle(Close(conversation, MOVED), by=ANA)
        contacts.append(office.state(conversation).contact)
        office.pass_time(hours=1)
    office.desk.handle(MergeContacts(*contacts), by=SUE)
    return office, contacts[1]


def test_a_window_is_the_persons_whichever_conversation_closed_last() -> None:
    """What closed last may be what they wrote in long ago. Rule: M5, M11."""
    office = Office()
    older = office.taken(ANA, MARIA)
    office.pass_time(hours=30)
    newer = office.taken(BETO, JOAO)
    office.desk.handle(Close(newer, MOVED), by=BETO)
    office.pass_time(minutes=1)
    office.desk.handle(Close(older, MOVED), by=ANA)
    contact, until = office.state(newer).contact, office.state(newer).window_until
    office.desk.handle(MergeContacts(office.state(older).contact, contact), by=SUE)
    start = StartConversation(WA, contact=contact, department=SUPPORT, text="Olá")
    begun = office.desk.handle(start, by=ANA).conversation
    assert begun is not None
    assert office.state(begun).window_until == until


def at_night() -> tuple[Office, Any, Any]:
    """A conversation closed days ago, and a later one, closed in the night that the customer was told of."""
    office = Office()
    hours, words = BusinessHours.of(weekdays="09:00-18:00"), AutomaticMessages(after_hours="Fechado.")
    office.desk.handle(told(hours=hours, automatic=words), by=SYSTEM)
    first = office.taken()
    office.desk.handle(Close(first, MOVED), by=ANA)
    office.pass_time(hours=60)
    second = office.waiting()
    assert office.sent == ["Fechado."]
    office.desk.handle(Close(second, MOVED), by=SUE)
    return office, first, second


def test_an_earlier_conversation_that_goes_on_knows_what_a_later_one_left() -> None:
    """The window the customer opened there, and that they were told of the night. Rule: M5, L20, H1."""
    office, first, second = at_night()
    office.desk.handle(Reopen(first), by=SUE)
    assert office.state(first).window_until == office.state(second).window_until > office.now
    assert office.arrive().conversation == first
    assert office.sent == ["Fechado."]
    office.desk.handle(SendMessage(first, "Olá"), by=SUE)
    assert office.sent == ["Fechado.", "Olá"]


@pytest.mark.parametrize(("others", "known"), [(LAST_ROWS - 1, True), (LAST_ROWS, False)])
def test_so_many_conversations_are_asked_for_what_they_left(others: int, known: bool) -> None:
    """The last few that closed with one person, whoever they were then. Rule: M5, M11."""
    office = Office()
    wide = office.taken(ANA, MARIA)
    office.desk.handle(Close(wide, MOVED), by=ANA)
    start = StartConversation(WA, address=JOAO, department=SUPPORT)
    begun: Any = None
    for _ in range(others):
        office.pass_time(minutes=1)
        begun = office.desk.handle(start, by=ANA).conversation
        office.desk.handle(Close(begun, MOVED), by=ANA)
    office.desk.handle(MergeContacts(office.state(wide).contact, office.state(begun).contact), by=SUE)
    who = office.state(begun).contact
    again = StartConversation(WA, contact=who, department=SUPPORT)
    begun = office.desk.handle(again, by=ANA).conversation
    assert office.state(begun).window_until == (office.state(wide).window_until if known else None)


def test_who_could_not_have_it_starts_nothing() -> None:
    """Their ability to take was withdrawn. Rule: L7, L9."""
    office = Office()
    ana = attrs.evolve(PROVIDER.agents[0], withdrawn=(Ability.TAKE,))
    office.desk.handle(ChangeItem(ana), by=SYSTEM)
    start = StartConversation(WA, address=MARIA, department=SUPPORT)
    assert not office.desk.can(start, by=ANA)
    with office.nothing_changes(), pytest.raises(NotAMember):
        office.desk.handle(start, by=ANA)
    office.desk.handle(start, by=BETO)


def test_who_is_known_by_a_user_id_only_is_not_reached_on_another_channel() -> None:
    """That id means nothing there. Rule: M10, M11."""
    office = Office()
    channel = attrs.evolve(PROVIDER.channels[0], id="wb", account="2")
    office.desk.handle(Configure(attrs.evolve(PROVIDER, channels=(*PROVIDER.channels, channel))), by=SYSTEM)
    contact = office.arrive(address="BR.abc123").contact
    with office.nothing_changes(), pytest.raises(InvalidValue, match="not_on_this_channel"):
        office.desk.handle(StartConversation("wb", contact=contact), by=ANA)  # type: ignore[arg-type]


def test_a_late_webhook_does_not_shut_an_open_window() -> None:
    """The window is the customer's on the channel, whichever conversation they are in. Rule: M5."""
    office = Office()
    cv = office.taken()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    late = attrs.evolve(office.arrival(), sent_at=office.now - timedelta(hours=25))
    outcome = office.desk.handle(late, by=SYSTEM)
    assert outcome.conversation is not None
    assert outcome.conversation != cv
    office.desk.handle(Take(outcome.conversation), by=ANA)
    office.desk.handle(SendMessage(outcome.conversation, "Olá"), by=ANA)
    office.pass_time(hours=24)
    with pytest.raises(WindowClosed):
        office.desk.handle(SendMessage(outcome.conversation, "Olá"), by=ANA)


@pytest.mark.parametrize("id", ["5511987654321", "+55 (11) 98765-4321", "529.982.247-25", "12.345.678/0001-95"])
def test_a_number_given_for_an_id_is_not_repeated(id: Any) -> None:
    """Somebody took a phone or a document for an id: no error of ours shows it. Rule: section P."""
    office = Office()
    cv = office.waiting()
    for ask in (
        lambda: office.desk.handle(StartConversation(WA, contact=id), by=ANA),
        lambda: office.desk.conversation(id, by=ANA),
        lambda: office.desk.handle(Close(cv, id), by=Actor.agent("sue")),
    ):
        with pytest.raises(NotFound) as caught:
            ask()
        assert id not in f"{caught.value} {caught.value!r} {caught.value.document()}"
    assert NotFound("agent", "ana-12345678").id == "ana-12345678"


def test_an_effect_whose_message_is_gone_does_not_hold_up_the_others() -> None:
    """A storage that lost a message broke its contract; that effect fails, and the next goes out."""
    seen: list[Any] = []
    office = Office(delivery="later", observe=seen.append)
    lost, kept = office.taken(), office.taken(address="5511912345678")
    (gone,) = office.desk.handle(SendMessage(lost, "perdida"), by=ANA).effects
    office.desk.handle(SendMessage(kept, "Olá"), by=ANA)
    del office.storage._states[office.state(gone).message]
    assert office.desk.run_due().done == 1
    assert office.sent == ["Olá"]
    assert [o.code for o in seen if o.what == "effect_failed"] == ["contract_violation"]


# --- what is no such thing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("secret", "abc"),
        ("secret", None),
        ("secret", b"x" * 65),
        ("delivery", 42),
        ("clock", None),
        ("observe", 3),
    ],
)
def test_a_desk_of_wrong_settings_is_not_opened(setting: str, value: Any) -> None:
    """It is told when the desk is made, not at the first message."""
    with pytest.raises(InvalidValue) as caught:
        Desk(Ports(storage=MemoryStorage()), **{setting: value})
    assert [problem.path for problem in caught.value.problems] == [setting]


def test_ports_are_of_the_desks_own_kind() -> None:
    """Sync ports for one, async ports for the other."""
    for desk, ports in (
        (Desk, None),
        (Desk, AsyncPorts(storage=AsyncMemoryStorage())),
        (AsyncDesk, Ports(storage=MemoryStorage())),
    ):
        with pytest.raises(InvalidValue, match="not_ports"):
            desk(ports)  # type: ignore[operator]


def test_reads_take_their_own_kind_of_query() -> None:
    """Another kind is the caller's mistake, not an empty page and not the storage's fault."""
    office = Office()
    office.waiting()
    desk = office.desk
    for read, query in (
        (desk.conversations, None),
        (desk.conversations, EffectQuery()),
        (desk.contacts, EffectQuery()),
        (desk.messages, ConversationQuery()),
        (desk.effects, ContactQuery()),
        (desk.ingest, None),
    ):
        with pytest.raises(InvalidValue):
            read(query) if read == desk.ingest else read(query, by=ANA)  # type: ignore[operator]


@pytest.mark.parametrize(
    "make",
    [
        lambda: ConversationQuery(situation="nope"),  # type: ignore[arg-type]
        lambda: ConversationQuery(order="waiting"),  # type: ignore[arg-type]
        lambda: ConversationQuery(assignee=""),  # type: ignore[arg-type]
        lambda: EffectQuery(state="nope"),  # type: ignore[arg-type]
        lambda: ContactQuery(blocked="yes"),  # type: ignore[arg-type]
        lambda: MessageQuery(conversation=""),  # type: ignore[arg-type]
    ],
)
def test_a_query_checks_its_shape(make: Any) -> None:
    """All at once, where it is made."""
    with pytest.raises(InvalidValue):
        make()


@pytest.mark.parametrize("of", [("agent", "ana"), (ActorKind.AGENT, ["x"]), (ActorKind.AGENT, "")])
def test_an_actor_is_a_kind_and_an_id(of: Any) -> None:
    """Anything else is nobody."""
    with pytest.raises(ValueError, match="an actor"):
        Actor(*of)


@pytest.mark.parametrize(
    ("name", "value"), [("causation", {"a": 1}), ("expected", "1"), ("correlation", "a\nb")]
)
def test_what_goes_with_a_command_has_its_shape(name: str, value: Any) -> None:
    """Nothing odd is committed into the events."""
    office = Office()
    cv = office.waiting()
    with office.nothing_changes(), pytest.raises(InvalidValue):
        office.desk.handle(Take(cv), by=ANA, **{name: value})


# --- the async twins of memory -------------------------------------------------------------------------------


def test_an_async_desk_over_memory() -> None:
    """The embedded ports serve both desks, over the same storage if need be."""
    office = Office()
    cv = office.waiting()
    storage, messaging = AsyncMemoryStorage(office.storage), AsyncMemoryMessaging()
    ports = AsyncPorts(storage=storage, messaging={ChannelKind.WHATSAPP_CLOUD: messaging})
    desk = AsyncDesk(ports, clock=lambda: office.now)

    async def day() -> None:
        await desk.handle(Take(cv), by=ANA)
        await desk.handle(SendMessage(cv, "Olá"), by=ANA)
        page = await desk.messages(MessageQuery(conversation=cv), by=ANA)
        assert [m.status for m in page.rows] == [DeliveryStatus.PENDING, DeliveryStatus.SENT]
        assert (await desk.feed(by=ANA)).rows
        assert await desk.run_due() is not None

    asyncio.run(day())
    assert [r.text.reveal() for r in messaging.outbox] == ["Olá"]
    assert office.state(cv).assignee == "ana"
    office.desk.handle(BlockContact(office.state(cv).contact), by=ANA)


# --- contracts and billing -----------------------------------------------------------------------------------


def _bonus(conversation: ConversationId) -> GrantBonus:
    return GrantBonus(conversation, HOME, Bonus.amount("10"), "j")


def test_a_review_beside_another_bonus_lets_no_third_one_in() -> None:
    """Whatever becomes of the one that has the guard, nothing is granted while the review stands. Rule: B11."""
    shop = Shop()
    conversation = shop.opened()
    shop.desk = shop.another_desk(delivery=Delivery.LATER)
    [first] = shop.desk.handle(_bonus(conversation), by=ANA).effects
    shop.desk.handle(Withdraw(first), by=ANA)
    [second] = shop.desk.handle(_bonus(conversation), by=ANA).effects
    shop.desk.handle(RecordResult(effect=first, applied=True, reference="late"), by=SYSTEM)
    shop.desk.handle(Withdraw(second), by=ANA)
    with pytest.raises(AlreadyAsked) as refused:
        shop.desk.handle(_bonus(conversation), by=ANA)
    assert refused.value.effect == first
    shop.desk.handle(SettleReview(first, True, "seen", reference="late"), by=SUE)
    with pytest.raises(AlreadyAsked):
        shop.desk.handle(_bonus(conversation), by=ANA)


def test_a_doubt_is_looked_up_once_more_however_late_a_worker_comes() -> None:
    """No worker ran until long after the horizon; the provider still knows. Rule: B11."""

    class Dying(MemoryBilling):
        def grant_bonus(self, request: BonusRequest, /) -> str:
            super().grant_bonus(request)
            raise ConnectionError

    nature = LooksUpByKey(timedelta(minutes=1))
    shop = Shop(billing=Dying(BillingCapabilities(bonus=nature)))
    [effect] = shop.desk.handle(_bonus(shop.opened()), by=ANA).effects
    assert shop.state(effect).state is EffectState.UNKNOWN
    shop.pass_time(hours=5)
    shop.desk.run_due()
    assert shop.state(effect).state is EffectState.SUCCEEDED
    assert len(shop.billing.bonuses) == 1


def test_whoever_reads_masked_is_not_told_the_places_of_words() -> None:
    """A place would tell where in a masked text a guess stands. Rule: P, S6."""
    watched = attrs.evolve(
        PROVIDER, agents=(*PROVIDER.agents, Agent(id=AgentId("otto"), name="Otto", roles=(Role.AUDITOR,)))
    )
    office = Office(watched)
    conversation = office.waiting()
    assert [p.span for p in office.desk.occurrences(conversation, "oi", by=ANA)] == [(0, 2)]
    assert [p.span for p in office.desk.occurrences(conversation, "oi", by=Actor.agent("otto"))] == [(0, 0)]


def test_what_was_applied_has_not_failed() -> None:
    """A report that says both is refused, and nothing is dropped in silence. Rule: B11."""
    with pytest.raises(InvalidValue) as refused:
        RecordResult(effect=EffectId("ef_1"), applied=True, failure="no_funds")
    assert [(p.path, p.code) for p in refused.value.problems] == [("failure", "applied_or_failure")]


def test_a_query_that_came_from_elsewhere_is_asked_as_any_other() -> None:
    """It says what it is by its value, not by being made here. Rule: P."""
    office = Office()
    office.waiting()
    asked = pickle.loads(pickle.dumps(ConversationQuery(situation=Situation.QUEUE)))
    assert len(office.desk.conversations(asked, by=ANA).rows) == 1
    words = pickle.loads(pickle.dumps(MessageQuery(where=Says("oi"))))
    assert [hit.spans for hit in office.desk.search(words, by=ANA).rows] == [((0, 2),)]
