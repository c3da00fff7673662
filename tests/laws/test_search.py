"""Laws of searching: storage in memory answers what `matches` and `sort_key` say, while everything moves.

The reference looks at everything: each conversation with its contact, each message with both, the contact as
who they are by now. Who asks through a desk gets that much of it which they may see.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.commands import (
    AddNote,
    AddTags,
    BlockContact,
    ChangeDepartment,
    EditContact,
    LinkCustomer,
    MergeContacts,
    RecordEdit,
    RecordRevocation,
    Reopen,
    ReturnToQueue,
    SetFields,
    SetPolicies,
    Transfer,
    UnblockContact,
)
from chatcore.entities import Contact, Conversation, Message, Scope
from chatcore.errors import AgentInactive, ChatcoreError, InvalidValue, NotFound, NotPermitted
from chatcore.rules.permissions import scope_of
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Order,
    Reached,
    Says,
    Trait,
    When,
    matches,
    sort_key,
)
from chatcore.vocabulary import (
    SYSTEM,
    WORKSPACE,
    Actor,
    AgentId,
    AgentsRead,
    ChannelId,
    ContactId,
    CustomerId,
    DeliveryStatus,
    DepartmentId,
    FieldId,
    Private,
    Situation,
    TagId,
)
from tests.worlds import ADMIN, ANA, AUDITOR, BETO, BOT, CARLA, DIEGO, NOON, SUPERVISOR, World

PHONES = ("5511987654321", "5521912345678", "5531998765432", "5541991234567", "551187654321")
TEXTS = (
    "Não recebi o boleto",
    "segunda via do BOLETO, por favor",
    "boleto boleto pago",
    "Bom dia! 😀",
    "a via",
    "...",
    "Já paguei a 2ª via",
)
NAMES = ("João da Silva", "Joana", "Maria João", "Ramón Silva", "silva")
DEPARTMENTS = ("support", "billing", "sales")

Step = tuple[Any, ...]


# --- worlds --------------------------------------------------------------------------------------------------


def steps() -> st.SearchStrategy[Step]:
    """What happens between two questions; whom it happens to is picked among those there are."""
    pick = st.integers(0, 9)
    who = st.sampled_from((ANA, BETO, CARLA, SUPERVISOR))
    text = st.sampled_from(TEXTS)
    arrive = st.tuples(st.just("arrive"), st.sampled_from(PHONES), st.sampled_from(("wa", "bot")), text)
    return st.one_of(
        arrive,
        arrive,
        arrive,
        st.tuples(st.just("take"), pick, who),
        st.tuples(st.just("take"), pick, who),
        st.tuples(st.just("send"), pick, text),
        st.tuples(st.just("note"), pick, text),
        st.tuples(st.just("close"), pick),
        st.tuples(st.just("reopen"), pick),
        st.tuples(st.just("requeue"), pick),
        st.tuples(st.just("transfer"), pick, st.sampled_from(("beto", "carla", "sofia"))),
        st.tuples(st.just("move"), pick, st.sampled_from(DEPARTMENTS)),
        st.tuples(st.just("tag"), pick, st.sampled_from(("vip", "fibre", "debt"))),
        st.tuples(st.just("fill"), pick, st.sampled_from(("100M", "500M"))),
        st.tuples(st.just("edit"), pick, text),
        st.tuples(st.just("revoke"), pick),
        st.tuples(st.just("report"), pick),
        st.tuples(st.just("rename"), pick, st.sampled_from(NAMES)),
        st.tuples(st.just("link"), pick, st.sampled_from(("cu-1", "cu-2"))),
        st.tuples(st.just("block"), pick, st.booleans()),
        st.tuples(st.just("merge"), pick, pick),
        st.tuples(st.just("time"), st.sampled_from((-90, -1, 0, 1, 40, 4000))),
    )


class Day:
    """A world, and what steps do to it; what is refused is no matter here."""

    def __init__(self) -> None:
        self.world = World()
        self.ids: dict[str, tuple[str, str]] = {}
        for n, text in enumerate(TEXTS[:3]):
            self.do(("arrive", PHONES[n], "wa", text))
            self.do(("rename", n, NAMES[n]))

    def of(self, kind: type[Any], n: int) -> Any:
        found = self.world.of(kind)
        return found[n % len(found)]

    def do(self, step: Step) -> None:
        self.world.pass_time(timedelta(seconds=1 if len(self.ids) % 3 else 0))
        name, *args = step
        with contextlib.suppress(ChatcoreError):
            getattr(self, f"_{name}")(*args)

    def _arrive(self, phone: str, channel: str, text: str) -> None:
        id = f"in-{len(self.ids)}"
        self.ids[id] = (phone, channel)
        self.world.do(self.world.arrival(text, phone=phone, channel=channel, id=id))

    def _take(self, n: int, by: Actor) -> None:
        self.world.take(self.of(Conversation, n).id, by)

    def _send(self, n: int, text: str) -> None:
        self.world.send(self.of(Conversation, n).id, text, SUPERVISOR)
        self.world.desk.run_due()

    def _note(self, n: int, text: str) -> None:
        self.world.do(AddNote(self.of(Conversation, n).id, text), SUPERVISOR)

    def _close(self, n: int) -> None:
        self.world.close(self.of(Conversation, n).id, SUPERVISOR)

    def _reopen(self, n: int) -> None:
        self.world.do(Reopen(self.of(Conversation, n).id), SUPERVISOR)

    def _requeue(self, n: int) -> None:
        self.world.do(ReturnToQueue(self.of(Conversation, n).id), SUPERVISOR)

    def _transfer(self, n: int, to: str) -> None:
        self.world.do(Transfer(self.of(Conversation, n).id, AgentId(to)), SUPERVISOR)

    def _move(self, n: int, department: str) -> None:
        self.world.do(ChangeDepartment(self.of(Conversation, n).id, DepartmentId(department)), SUPERVISOR)

    def _tag(self, n: int, tag: str) -> None:
        self.world.do(AddTags(self.of(Conversation, n).id, (TagId(tag),)), SUPERVISOR)

    def _fill(self, n: int, value: str) -> None:
        self.world.do(SetFields(self.of(Conversation, n).id, {FieldId("plan"): value}), SUPERVISOR)  # type: ignore[arg-type]

    def _changed(self, n: int) -> dict[str, Any]:
        target = list(self.ids)[n % len(self.ids)]
        phone, channel = self.ids[target]
        id = f"change-{self.world.contents().states[WORKSPACE].version}-{len(self.world.of(Message))}-{n}"
        return {
            "channel": ChannelId(channel),
            "address": phone,
            "provider_id": id,
            "sent_at": self.world.now,
            "target": target,
        }

    def _edit(self, n: int, text: str) -> None:
        self.world.do(RecordEdit(**self._changed(n), text=text))

    def _revoke(self, n: int) -> None:
        self.world.do(RecordRevocation(**self._changed(n)))

    def _report(self, n: int) -> None:
        message = self.of(Message, n)
        if message.provider_id is not None:
            self.world.do(self.world.report(DeliveryStatus.READ, message.provider_id))

    def _rename(self, n: int, name: str) -> None:
        self.world.do(EditContact(self.of(Contact, n).id, name=Private(name)), SUPERVISOR)

    def _link(self, n: int, customer: str) -> None:
        self.world.do(LinkCustomer(self.of(Contact, n).id, CustomerId(customer)), SUPERVISOR)

    def _block(self, n: int, on: bool) -> None:
        id = self.of(Contact, n).id
        self.world.do(BlockContact(id) if on else UnblockContact(id), SUPERVISOR)

    def _merge(self, n: int, into: int) -> None:
        self.world.do(MergeContacts(self.of(Contact, n).id, self.of(Contact, into).id), SUPERVISOR)

    def _time(self, minutes: int) -> None:
        self.world.pass_time(timedelta(minutes=minutes))


# --- questions -----------------------------------------------------------------------------------------------

WORDS = ("boleto", "bol", "via", "2a", "segunda via", "boleto boleto", "😀", "pago", "nunca")


def leaves(day: Day, about: str) -> st.SearchStrategy[Condition]:
    """Conditions that may be asked of conversations, messages or contacts of this world."""
    contacts = day.world.of(Contact)
    keys = sorted(address.key for contact in contacts for address in contact.addresses)
    word = st.sampled_from(("jo", "joao", "silva", "maria", "da silva", "silva da", "r"))
    found: list[st.SearchStrategy[Condition]] = [
        st.builds(Named, word, prefix=st.booleans()),
        st.builds(Reached, st.lists(st.sampled_from([*keys, "no-such"]), min_size=1, max_size=2).map(tuple)),
        st.builds(Filled, st.just(FieldId("plan")), st.sampled_from((Private("100M"), Private("500M")))),
        st.just(Nothing()),
        st.builds(Has, st.just(Trait.CUSTOMER), st.sampled_from(("cu-1", "cu-2"))),
        st.builds(Is, st.sampled_from((Mark.BLOCKED, Mark.LINKED))),
    ]
    if about == "contacts":
        return st.one_of(found)
    ids = [*(contact.id for contact in contacts), "ct_no"]
    protocols = [row.protocol for row in day.world.of(Conversation) if row.protocol]
    moments = st.sampled_from([NOON + timedelta(seconds=s) for s in (-3600, 0, 3, 7, 60, 3600, 9 * 10**5)])
    traits: dict[Trait, Any] = {
        Trait.SITUATION: [s.value for s in Situation],
        Trait.AGENT: ["ana", "beto", "carla", "sofia"],
        Trait.DEPARTMENT: DEPARTMENTS,
        Trait.CHANNEL: ["wa", "bot"],
        Trait.TAG: ["vip", "fibre"],
        Trait.REASON: ["slip"],
        Trait.CONTACT: ids,
        Trait.PROTOCOL: [*protocols, "0"],
    }
    whens = [when for when in When if when is not When.SENT or about == "messages"]
    if about == "messages":
        traits |= {Trait.DIRECTION: ["inbound", "outbound", "internal"], Trait.KIND: ["text", "note"]}
        found += [st.builds(Says, st.sampled_from(WORDS), prefix=st.booleans())] * 4
    found += [st.builds(Has, st.just(trait), st.sampled_from(values)) for trait, values in traits.items()]
    found += [
        st.builds(Is, st.sampled_from(tuple(Mark))),
        st.builds(Between, st.sampled_from(whens), since=moments, until=st.none() | moments),
        st.builds(Between, st.sampled_from(whens), until=moments),
    ]
    return st.one_of(found)


def conditions(day: Day, about: str) -> st.SearchStrategy[Condition]:
    """Conditions, and what they combine to."""

    def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)

    return st.recursive(leaves(day, about), combined, max_leaves=4)


def scopes() -> st.SearchStrategy[Scope]:
    """What somebody may see."""
    some = st.lists(st.sampled_from(DEPARTMENTS), max_size=2, unique=True).map(tuple)
    agent = st.sampled_from((None, AgentId("ana"), AgentId("beto")))
    narrow = st.builds(Scope, assignee=agent, departments=some, waiting=some, bot=st.booleans())
    return st.just(Scope(everything=True)) | narrow


def questions(day: Day) -> st.SearchStrategy[Any]:
    """Queries of each kind about this world."""

    def where(about: str) -> st.SearchStrategy[Condition | None]:
        return st.none() | conditions(day, about) | conditions(day, about)

    ids = [*(contact.id for contact in day.world.of(Contact)), ContactId("ct_no")]
    homes = [conversation.id for conversation in day.world.of(Conversation)]
    agents = st.sampled_from([None, None, AgentId("ana"), AgentId("beto"), AgentId("sofia")])
    also = st.lists(st.sampled_from(ids), max_size=2).map(tuple)
    conversations = st.builds(
        ConversationQuery,
        situation=st.sampled_from((None, None, *Situation)),
        assignee=agents,
        department=st.sampled_from((None, None, *map(DepartmentId, DEPARTMENTS))),
        contact=st.sampled_from((None, None, None, *ids)),
        also=st.just(()) | also,
        waiting=st.sampled_from((None, None, True, False)),
        channel=st.sampled_from((None, None, ChannelId("wa"))),
        order=st.sampled_from(tuple(Order)),
        where=where("conversations"),
        scope=scopes(),
    )
    everywhere = st.builds(MessageQuery, newest_first=st.booleans(), where=where("messages"), scope=scopes())
    inside = st.builds(
        MessageQuery,
        conversation=st.sampled_from(homes),
        newest_first=st.booleans(),
        start=st.sampled_from((None, None, 1, 2, 5, 99)),
        where=where("messages"),
        scope=scopes(),
    )
    contacts = st.builds(ContactQuery, blocked=st.sampled_from((None, True, False)), where=where("contacts"))
    return st.one_of(conversations, conversations, everywhere, everywhere, inside, contacts)


ALWAYS = (
    MessageQuery(),
    MessageQuery(where=Says("boleto")),
    ConversationQuery(where=Named("jo")),
    ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING),
    ContactQuery(where=Named("silva")),
)
"""What is asked in every round, so that each index is there before things move."""


# --- the reference -------------------------------------------------------------------------------------------


def reference(day: Day, query: Any) -> list[Any]:
    """What a query finds when everything is looked at."""
    states: dict[Any, Any] = day.world.contents().states

    def person(id: Any) -> Any:
        while states[id].merged_into is not None:
            id = states[id].merged_into
        return states[id]

    found = []
    for thing in states.values():
        conversation = contact = None
        if type(thing) is Message:
            conversation = states[thing.conversation]
            contact = person(conversation.contact)
        elif type(thing) is Conversation:
            contact = person(thing.contact)
        if matches(query, thing, conversation, contact):
            found.append(thing)
    return sorted(found, key=lambda thing: sort_key(query, thing))


def method_of(query: Any) -> str:
    kinds = {ConversationQuery: "conversations", MessageQuery: "messages", ContactQuery: "contacts"}
    return kinds[type(query)]


def walked(storage: Any, query: Any, limit: int) -> list[Any]:
    """All pages of a query, one after the other; each but the last one is full."""
    rows: list[Any] = []
    cursor = None
    while True:
        page = getattr(storage, method_of(query))(query, limit=limit, cursor=cursor)
        rows += page.rows
        cursor = page.next
        if cursor is None:
            assert len(page.rows) <= limit
            return rows
        assert len(page.rows) == limit


@settings(max_examples=15)
@given(data=st.data())
def test_memory_answers_what_matches_says(data: st.DataObject) -> None:
    """Law: whatever happened between two questions, the pages of an answer, joined, are all that matches in the
    order of its keys, each row once; and it is counted alike. Rule: S2, S6, M4, M11, M18.
    """
    day = Day()
    for _ in range(data.draw(st.integers(2, 4), "rounds")):
        for step in data.draw(st.lists(steps(), max_size=12), "steps"):
            day.do(step)
        drawn = data.draw(st.lists(questions(day), min_size=1, max_size=6), "questions")
        for query in (*ALWAYS, *drawn):
            expected = reference(day, query)
            limit = data.draw(st.sampled_from((1, 2, 3, 200)), "limit")
            assert walked(day.world.storage, query, limit) == expected
            if isinstance(query, ConversationQuery):
                for most in (0, 1, 3, 1000):
                    assert day.world.storage.count(query, at_most=most) == min(len(expected), most)


@settings(max_examples=20)
@given(data=st.data())
def test_what_stays_is_met_once_while_the_rest_moves(data: st.DataObject) -> None:
    """Law: while pages are turned, things come, go and change places; what matched all the time, where it was,
    is met exactly once, and nothing is met twice at one place.
    """
    day = Day()
    for step in data.draw(st.lists(steps(), min_size=4, max_size=15), "steps"):
        day.do(step)
    query = data.draw(questions(day), "question")
    turn = getattr(day.world.storage, method_of(query))
    met: list[tuple[tuple[int, str], str]] = []
    cursor = None
    stayed: dict[str, tuple[int, str]] | None = None
    while True:
        there = {thing.id: sort_key(query, thing) for thing in reference(day, query)}
        stayed = there if stayed is None else {id: key for id, key in stayed.items() if there.get(id) == key}
        page = turn(query, limit=2, cursor=cursor)
        met += [(sort_key(query, row), row.id) for row in page.rows]
        assert {row.id for row in page.rows} <= set(there)
        cursor = page.next
        if cursor is None or len(met) > 60:
            break
        for step in data.draw(st.lists(steps(), max_size=2), "between"):
            day.do(step)
    assert [key for key, _ in met] == sorted({key for key, _ in met})
    if cursor is None:
        places = [id for _, id in met]
        assert {id: places.count(id) for id in stayed} == dict.fromkeys(stayed, 1)


# --- who may see what ----------------------------------------------------------------------------------------

READERS = (ANA, BETO, CARLA, SUPERVISOR, ADMIN, AUDITOR, BOT, SYSTEM)


def seen(day: Day, query: Any, by: Actor) -> list[Any]:
    """What the reference finds of it within what somebody may see."""
    workspace = day.world.state(WORKSPACE)
    return reference(day, attrs.evolve(query, scope=scope_of(by, workspace)))


@settings(max_examples=8)
@given(data=st.data())
def test_nobody_finds_or_counts_what_they_may_not_see(data: st.DataObject) -> None:
    """Law: what a search finds for a person, and how many it counts, is what is within their scope, as the
    policy stands; an auditor reads it masked, and is told no places in it. Rule: S1, S2, S6, section P.
    """
    day = Day()
    for step in data.draw(st.lists(steps(), min_size=4, max_size=20), "steps"):
        day.do(step)
    policies = attrs.evolve(
        day.world.state(WORKSPACE).policies, agents_read=data.draw(st.sampled_from(tuple(AgentsRead)))
    )
    day.world.do(SetPolicies(policies))
    desk = day.world.desk
    said = MessageQuery(where=data.draw(st.none() | conditions(day, "messages"), "messages"))
    held = ConversationQuery(
        where=data.draw(st.none() | conditions(day, "conversations"), "conversations"),
        order=data.draw(st.sampled_from(tuple(Order)), "order"),
    )
    for by in READERS:
        hits = desk.search(said, by=by, limit=200).rows
        assert [hit.message.id for hit in hits] == [row.id for row in seen(day, said, by)]
        rows = desk.conversations(held, by=by, limit=200).rows
        expected = seen(day, held, by)
        assert [row.id for row in rows] == [row.id for row in expected]
        assert [row.id for row in desk.view(held, by=by, limit=200).rows] == [r.id for r in rows]
        counts = desk.counts(held, by=by)
        for situation in Situation:
            assert getattr(counts, situation) == sum(row.situation is situation for row in expected)
        if by == AUDITOR:
            assert all(not hit.spans for hit in hits)
            assert all("boleto" not in hit.message.shown.reveal().casefold() for hit in hits)


def test_who_may_not_read_finds_nothing() -> None:
    """Somebody inactive, or whom nobody knows, is refused before anything is searched. Rule: S6, section P."""
    day = Day()
    cv = day.of(Conversation, 0).id
    for by, error in ((DIEGO, AgentInactive), (Actor.agent("nobody"), NotFound)):
        for ask in (
            lambda by: day.world.desk.search("boleto", by=by),
            lambda by: day.world.desk.search("((", by=by),
            lambda by: day.world.desk.search(MessageQuery(where=Says("boleto")), by=by),
            lambda by: day.world.desk.occurrences(cv, "boleto", by=by),
            lambda by: day.world.desk.around(f"{cv}.1", by=by),
            lambda by: day.world.desk.counts(ConversationQuery(where=Named("jo")), by=by),
            lambda by: day.world.desk.contacts(ContactQuery(where=Named("jo")), by=by),
        ):
            with pytest.raises((error, NotPermitted)):
                ask(by)


def test_a_conversation_out_of_sight_is_not_there() -> None:
    """What lies in a conversation that a person may not see is as if it were not there. Rule: S6, section P."""
    day = Day()
    policies = attrs.evolve(day.world.state(WORKSPACE).policies, agents_read=AgentsRead.OWN)
    day.world.do(SetPolicies(policies))
    cv = day.of(Conversation, 0).id
    for ask in (
        lambda: day.world.desk.occurrences(cv, "boleto", by=CARLA),
        lambda: day.world.desk.around(f"{cv}.1", by=CARLA),
        lambda: day.world.desk.search(MessageQuery(conversation=cv, where=Says("boleto")), by=CARLA),
    ):
        with pytest.raises(NotFound):
            ask()
    assert day.world.desk.search("boleto", by=CARLA).rows == ()
    assert day.world.desk.search(f"contato:{day.of(Contact, 0).id}", by=CARLA).rows == ()
    assert len(day.world.desk.search("boleto", by=BETO).rows) == 3


def test_a_scope_is_not_for_a_person_to_set() -> None:
    """A scope given from outside is refused, whoever gives it. Rule: section P."""
    day = Day()
    for query in (MessageQuery(scope=Scope(bot=True)), MessageQuery(scope=Scope())):
        with pytest.raises(InvalidValue) as caught:
            day.world.desk.search(query, by=ADMIN)
        assert [problem.code for problem in caught.value.problems] == ["not_yours_to_set"]
