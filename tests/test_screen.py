"""What a chat screen reads: views with their rows and counts, the panel, messages both ways, who is blocked.

The law of the panel stands here: what it says beforehand is what happens.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import (
    SYSTEM,
    Actor,
    Answer,
    Close,
    Configure,
    ConversationQuery,
    Desk,
    InvalidValue,
    MessageQuery,
    NotFound,
    Ports,
    SendMessage,
    Situation,
    Take,
    Verdict,
)
from chatcore import commands as c
from chatcore._engine.masking import masked
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import (
    Agent,
    Attachment,
    BillingCapabilities,
    BillingPolicies,
    Block,
    Bonus,
    ContractsCapabilities,
    Conversation,
    Entity,
    MediaPointer,
    Policies,
    Workspace,
)
from chatcore.errors import (
    AlreadyLive,
    CompanyRefusal,
    ContactMerged,
    MissingVariable,
    NotPermitted,
    ReasonRequired,
    TooManyTags,
)
from chatcore.limits import COUNT_ROWS, PAGE_ROWS, PREVIEW_LENGTH, TAGS, TRANSFERS
from chatcore.memory import MemoryBilling, MemoryContracts, MemoryMessaging, MemoryStorage
from chatcore.ports import ChangeSet, ReadSet, Receipt, Snapshot, TallyChange, Write
from chatcore.rules import offers
from chatcore.rules.invariants import claims_of, tallies_of
from chatcore.screen import Panel, Row, ViewPage
from chatcore.search import ContactQuery, EffectQuery, Order
from chatcore.testing.strategies import events
from chatcore.vocabulary import (
    Ability,
    AgentsRead,
    BoletoForm,
    BoletoState,
    BonusKind,
    CommandId,
    ContactId,
    ConversationId,
    Direction,
    MessageKind,
    Private,
    Role,
)
from tests import given as g
from tests.office import MARIA, NOON, WHATSAPP, Office

JOAO, CLARA = "5511912345678", "5511933334444"
ANA, BETO, CARLA, SARA, ADA, AURO, ROBO = g.ANA, g.BETO, g.CARLA, g.SARA, g.ADA, g.AURO, g.ROBO
BOTH, GINA, WANDA = Actor.agent("both"), Actor.agent("gina"), Actor.agent("wanda")

PEOPLE = (
    g.agent("ana", max_open=2),
    g.agent("beto", max_open=1),
    g.agent("both", Role.AUDITOR, Role.SUPERVISOR, departments=()),
    g.granted("gina", Ability.ASSIGN, Ability.TAKE_ANYWHERE, Ability.MERGE),
    g.agent("wanda", withdrawn=(Ability.BLOCK, Ability.EDIT_CONTACT, Ability.LINK, Ability.TAG)),
)


def screen(*agents: Agent, tags: int = 0, **policies: Any) -> Workspace:
    """The stocked workspace with the people of these tests; `tags` more tags than it has."""
    more = tuple(attrs.evolve(g.TAGS[0], id=f"t{n}", name=f"Etiqueta {n}") for n in range(tags))
    instead = {each.id: each for each in (*PEOPLE, *agents)}
    return g.stocked(*instead.values(), tags=(*g.TAGS, *more), policies=Policies(**policies))


@pytest.fixture
def office() -> Office:
    return Office(screen())


def on_the_bots(office: Office, address: str = CLARA) -> ConversationId:
    """A conversation with the bot."""
    arrival = attrs.evolve(office.arrival(address), channel=g.BOT_CHANNEL.id)
    conversation = office.desk.handle(arrival, by=SYSTEM).conversation
    assert conversation is not None
    return conversation


def view(office: Office, by: Actor = SARA, **query: Any) -> ViewPage:
    return office.desk.view(ConversationQuery(**query), by=by)


def row(office: Office, id: ConversationId, by: Actor = SARA) -> Row:
    """The one row of a conversation."""
    (found,) = (each for each in view(office, by).rows if each.id == id)
    return found


def text_of(row: Row) -> str:
    assert row.preview is not None
    return row.preview.text.reveal()


def contact_of(office: Office, id: ConversationId) -> ContactId:
    contact: ContactId = office.state(id).contact
    return contact


def rename(office: Office, id: ConversationId, name: str) -> None:
    office.desk.handle(c.EditContact(contact_of(office, id), name=name), by=SARA)


def placed(office: Office, *states: Entity) -> None:
    """Put entities into storage as they are, with what they claim and count."""
    root = CommandId(f"cm_placed{next(office.arrivals)}")
    tallies = [key for state in states for key in tallies_of(state)]
    office.storage.apply(
        ChangeSet(
            Receipt(root, NOON, c.Outcome(root)),
            writes=tuple(Write(state.id, 0, state, ()) for state in states),
            claims=tuple((claim, state.id) for state in states for claim in claims_of(state)),
            tallies=tuple(TallyChange(key, 1) for key in tallies),
        )
    )


# --- views ---------------------------------------------------------------------------------------------------


def one_of_each(office: Office) -> dict[Situation, ConversationId]:
    """A conversation in every situation."""
    closed = office.taken(ANA, "5511955556666")
    office.desk.handle(Close(closed, g.REASONS[0].id), by=ANA)
    return {
        Situation.QUEUE: office.waiting(MARIA),
        Situation.OPEN: office.taken(ANA, JOAO),
        Situation.CLOSED: closed,
        Situation.BOT: on_the_bots(office),
    }


def test_four_views_hide_nothing(office: Office) -> None:
    """Queue, open, closed and bot: each conversation is in the one view of its situation. Rule: S1."""
    each = one_of_each(office)
    shown = {s: [r.id for r in view(office, situation=s).rows] for s in Situation}
    assert shown == {situation: [id] for situation, id in each.items()}
    assert {r.id for r in view(office).rows} == set(each.values())


def test_a_view_is_filtered_by_agent(office: Office) -> None:
    """The filter by agent goes with the situation; the count follows it. Rule: S2."""
    mine, theirs = office.taken(ANA, MARIA), office.taken(BETO, JOAO)
    office.waiting(CLARA)
    for agent, id in (("ana", mine), ("beto", theirs)):
        assert [r.id for r in view(office, situation=Situation.OPEN, assignee=agent).rows] == [id]
        assert view(office, situation=Situation.QUEUE, assignee=agent).rows == ()
        counts = office.desk.counts(ConversationQuery(assignee=agent), by=SARA)
        assert (counts.queue, counts.open, counts.closed, counts.bot) == (0, 1, 0, 0)
    assert view(office, situation=Situation.OPEN, assignee="carla").rows == ()


def test_a_row_shows_what_a_list_shows(office: Office) -> None:
    """Name, preview, unread, waiting since, assignee, department, tags, block. Rule: S1, S7, L15, L23."""
    cv = office.waiting()
    since = office.now
    office.pass_time(minutes=3)
    office.arrive(text="Alguém?")
    rename(office, cv, "Maria")
    first = row(office, cv)
    assert (first.situation, first.version, first.changed_at) == (Situation.QUEUE, 3, office.now)
    assert (first.name, first.contact, first.channel) == (Private("Maria"), contact_of(office, cv), "wa")
    assert (first.unread, first.waiting_since, first.assignee, first.blocked) == (2, since, None, False)
    assert (first.department, first.tags, first.reason, first.light) == ("sup", (), None, None)
    assert (text_of(first), first.preview and first.preview.direction) == ("Alguém?", Direction.INBOUND)

    office.pass_time(minutes=1)
    office.desk.handle(Take(cv), by=ANA)
    office.desk.handle(c.AddTags(cv, ("vip", "fibre")), by=ANA)
    office.desk.handle(c.SetReason(cv, "slow"), by=ANA)
    office.desk.handle(SendMessage(cv, "Bom dia!"), by=ANA)
    office.desk.handle(c.BlockContact(first.contact), by=ANA)
    then = row(office, cv)
    assert (then.situation, then.assignee, then.unread, then.waiting_since) == (Situation.OPEN, "ana", 0, None)
    assert (then.tags, then.reason, then.blocked, then.changed_at) == (
        ("vip", "fibre"),
        "slow",
        True,
        office.now,
    )
    assert (text_of(then), then.preview and then.preview.direction) == ("Bom dia!", Direction.OUTBOUND)


def test_a_row_has_no_name_while_nobody_knows_it_and_no_preview_before_a_word(office: Office) -> None:
    """An unknown name and an empty conversation are shown as such. Rule: S1, S3."""
    cv = office.desk.handle(c.StartConversation("wa", address=MARIA), by=ANA).conversation
    assert cv is not None
    assert (row(office, cv).name, row(office, cv).preview) == (None, None)


# --- the preview ---------------------------------------------------------------------------------------------

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Oi", "Oi"),
        ("x" * PREVIEW_LENGTH, "x" * PREVIEW_LENGTH),
        ("x" * (PREVIEW_LENGTH + 1), "x" * PREVIEW_LENGTH),
        ("x" * (PREVIEW_LENGTH - 3) + FAMILY + "!", "x" * (PREVIEW_LENGTH - 3)),
        ("x" * (PREVIEW_LENGTH - len(FAMILY)) + FAMILY + "!", "x" * (PREVIEW_LENGTH - len(FAMILY)) + FAMILY),
        ("x" * (PREVIEW_LENGTH - 1) + "e\u0301!", "x" * (PREVIEW_LENGTH - 1)),
        ("x" * (PREVIEW_LENGTH - 1) + "🇧🇷", "x" * (PREVIEW_LENGTH - 1)),
    ],
    ids=["short", "just", "long", "torn family", "whole family", "accent", "flag"],
)
def test_a_preview_is_cut_between_characters(office: Office, text: str, shown: str) -> None:
    """No emoji, flag or accent is torn; the limit counts code points. Rule: S22."""
    cv = office.arrive(text=text).conversation
    assert cv is not None
    assert text_of(row(office, cv)) == shown


def test_a_preview_is_the_last_word_whoever_said_it(office: Office) -> None:
    """Customer, agent, a note to colleagues, a template, the phone itself: the last counts. Rule: S1, M15."""
    cv = office.taken()
    said: list[tuple[Any, Actor, str, Direction, MessageKind]] = [
        (SendMessage(cv, "Olá"), ANA, "Olá", Direction.OUTBOUND, MessageKind.TEXT),
        (c.AddNote(cv, "Cliente antigo"), ANA, "Cliente antigo", Direction.INTERNAL, MessageKind.NOTE),
        (office.arrival(text="Oi de novo"), SYSTEM, "Oi de novo", Direction.INBOUND, MessageKind.TEXT),
        (
            c.SendTemplate(cv, "notice", ("Maria", "10")),
            ANA,
            "Olá Maria, dia 10.",
            Direction.OUTBOUND,
            MessageKind.TEMPLATE,
        ),
        (
            c.SendMedia(cv, g.BOLETO, "Segue o boleto"),
            ANA,
            "Segue o boleto",
            Direction.OUTBOUND,
            MessageKind.DOCUMENT,
        ),
        (c.SendMedia(cv, g.PICTURE), ANA, "", Direction.OUTBOUND, MessageKind.IMAGE),
        (
            c.RecordEcho(channel="wa", address=MARIA, provider_id="e1", sent_at=office.now, text="Do celular"),
            SYSTEM,
            "Do celular",
            Direction.OUTBOUND,
            MessageKind.TEXT,
        ),
        (
            attrs.evolve(
                office.arrival(text=""),
                kind=MessageKind.IMAGE,
                text=None,
                media=MediaPointer(reference="media.1", mime="image/jpeg"),
            ),
            SYSTEM,
            "",
            Direction.INBOUND,
            MessageKind.IMAGE,
        ),
        (
            attrs.evolve(
                office.arrival(text=""), kind=MessageKind.UNKNOWN, text=None, raw=Private('{"poll": "x"}')
            ),
            SYSTEM,
            "",
            Direction.INBOUND,
            MessageKind.UNKNOWN,
        ),
    ]
    for command, by, text, direction, kind in said:
        office.desk.handle(command, by=by)
        preview = row(office, cv).preview
        assert preview is not None
        assert (preview.text.reveal(), preview.direction, preview.kind) == (text, direction, kind)


def test_a_preview_follows_what_the_customer_changed_and_took_back(office: Office) -> None:
    """An edited message shows its new text, one taken back none. Rule: M18."""
    cv = office.arrive(text="Segunda", id="w1").conversation
    assert cv is not None
    mark = {"channel": "wa", "address": MARIA, "sent_at": office.now, "target": "w1"}
    office.desk.handle(c.RecordEdit(provider_id="w2", text="Terça", **mark), by=SYSTEM)
    assert text_of(row(office, cv)) == "Terça"
    office.desk.handle(c.RecordRevocation(provider_id="w3", **mark), by=SYSTEM)
    assert text_of(row(office, cv)) == ""


# --- two contacts that are one -------------------------------------------------------------------------------


def three_spellings(office: Office) -> tuple[ConversationId, ConversationId, ConversationId]:
    """Closed conversations of three contacts, of whom the first turned out to be the second, that the third."""
    found = []
    for n, (number, name) in enumerate(((MARIA, "Maria"), (JOAO, "M. Silva"), (CLARA, "Maria Silva"))):
        cv = office.taken(ANA, number)
        rename(office, cv, name)
        office.pass_time(minutes=n)
        office.desk.handle(Close(cv, "moved"), by=ANA)
        found.append(cv)
    first, second, third = found
    for gone, into in ((first, second), (second, third)):
        office.desk.handle(c.MergeContacts(contact_of(office, gone), contact_of(office, into)), by=SARA)
    return first, second, third


def test_rows_of_merged_contacts_show_who_they_are(office: Office) -> None:
    """All conversations of a person bear that person's name and block, be it through a third. Rule: M11."""
    all_three = three_spellings(office)
    assert [row(office, cv).name for cv in all_three] == [Private("Maria Silva")] * 3
    alone = [
        office.desk.view(ConversationQuery(contact=contact_of(office, cv)), by=ANA, limit=1).rows[0]
        for cv in all_three
    ]
    assert [each.name for each in alone] == [Private("Maria Silva")] * 3
    kept = contact_of(office, all_three[2])
    office.desk.handle(c.BlockContact(kept), by=SARA)
    assert [row(office, cv).blocked for cv in all_three] == [True] * 3
    shown = view(office, contact=kept, situation=Situation.CLOSED, order=Order.CLOSED)
    assert [each.id for each in shown.rows] == list(reversed(all_three))
    assert office.desk.counts(ConversationQuery(contact=kept), by=SARA).closed == 3


def test_the_panel_of_a_merged_contact_is_about_who_they_are(office: Office) -> None:
    """History shows the person, and the person is who is edited from it. Rule: M11, S8."""
    first, _, third = three_spellings(office)
    panel = office.desk.panel(first, by=SARA)
    assert panel.contact == office.state(contact_of(office, third))
    assert panel.actions[c.EditContact].answer is Answer.ALLOWED
    office.desk.handle(c.EditContact(panel.contact.id, name="Maria S."), by=SARA)
    with pytest.raises(ContactMerged):
        office.desk.handle(c.EditContact(contact_of(office, first), name="Outra"), by=SARA)
    assert row(office, first).name == Private("Maria S.")


# --- counts --------------------------------------------------------------------------------------------------


def test_counts_say_how_many_each_view_has(office: Office) -> None:
    """The counts are those of the views, under every filter and for every person. Rule: S1, P."""
    one_of_each(office)
    office.taken(SARA, "5511977778888")
    for policy in AgentsRead:
        office.desk.handle(Configure(screen(agents_read=policy)), by=ADA)
        for by in (ANA, CARLA, GINA, SARA, AURO, ROBO, SYSTEM):
            for query in (
                ConversationQuery(),
                ConversationQuery(assignee="ana"),
                ConversationQuery(department="fin"),
                ConversationQuery(channel="bot"),
                ConversationQuery(situation=Situation.OPEN),
            ):
                counts = office.desk.counts(query, by=by)
                for situation in Situation:
                    shown = office.desk.view(attrs.evolve(query, situation=situation), by=by).rows
                    assert getattr(counts, situation.value) == len(shown)
                assert counts.at_most == COUNT_ROWS


def test_counting_ends_at_a_thousand(office: Office) -> None:
    """A count of `at_most` stands for that many or more; fewer is exact. Rule: S1."""
    many = [
        g.conversation(Situation.QUEUE, id=f"cv_{n}", contact=f"ct_{n}", protocol=f"p{n}")
        for n in range(COUNT_ROWS + 1)
    ]
    some = [
        g.conversation(Situation.CLOSED, id=f"cv_c{n}", protocol=f"pc{n}", contact="ct_0") for n in range(7)
    ]
    placed(office, *many, *some)
    counts = office.desk.counts(by=SARA)
    assert (counts.queue, counts.closed, counts.at_most) == (COUNT_ROWS, 7, COUNT_ROWS)


# --- pages ---------------------------------------------------------------------------------------------------


def test_a_view_pages_without_gap_or_repeat(office: Office) -> None:
    """However small the pages, together they are the whole view once; a cursor belongs to one view."""
    ids = {office.waiting(f"55119123456{n:02d}") for n in range(7)}
    seen: list[ConversationId] = []
    cursor: str | None = None
    query = ConversationQuery(situation=Situation.QUEUE, order=Order.WAITING)
    while True:
        page = office.desk.view(query, by=ANA, limit=3, cursor=cursor)
        seen += [each.id for each in page.rows]
        cursor = page.next
        if cursor is None:
            break
        with pytest.raises(InvalidValue, match="foreign_cursor"):
            office.desk.view(attrs.evolve(query, situation=Situation.OPEN), by=ANA, cursor=cursor)
    assert len(seen) == len(ids)
    assert set(seen) == ids


@pytest.mark.parametrize("limit", [0, -1, PAGE_ROWS + 1, None, "3", True])
def test_a_page_has_bounds(office: Office, limit: Any) -> None:
    """A page of a view, and of the feed, is bounded like every page."""
    for read in (lambda: office.desk.view(ConversationQuery(), by=ANA, limit=limit),):
        with pytest.raises(InvalidValue, match="limit"):
            read()
    with pytest.raises(InvalidValue, match="limit"):
        office.desk.feed(by=ANA, limit=limit)


@pytest.mark.parametrize("query", [None, "queue", MessageQuery(conversation=ConversationId("cv_1"))])
def test_a_view_takes_a_query_for_conversations(office: Office, query: Any) -> None:
    """Another query, or none at all, is the caller's mistake."""
    with pytest.raises(InvalidValue, match="query"):
        office.desk.view(query, by=ANA)


@pytest.mark.parametrize(
    "holding", ["cv_1", [1], [None], ["cv_1", ""], [f"cv_{n}" for n in range(1_001)]], ids=str
)
def test_what_a_follower_holds_is_a_bounded_list_of_conversations(office: Office, holding: Any) -> None:
    """Anything else is the caller's mistake."""
    with pytest.raises(InvalidValue, match="holding"):
        office.desk.feed(by=ANA, holding=holding)


def test_messages_are_read_both_ways_from_one(office: Office) -> None:
    """From any message on, towards the newest and towards the oldest, page by page. Rule: M4, S6."""
    cv = office.waiting()
    for n in range(2, 10):
        office.arrive(text=f"Oi {n}")
    assert office.state(cv).seq == 9

    def seqs(limit: int, **query: Any) -> list[int]:
        found: list[int] = []
        cursor: str | None = None
        while True:
            asked = MessageQuery(conversation=cv, **query)
            page = office.desk.messages(asked, by=ANA, limit=limit, cursor=cursor)
            found += [message.seq for message in page.rows]
            cursor = page.next
            if cursor is None:
                return found

    for limit in (1, 2, 3, 50):
        assert seqs(limit) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
        assert seqs(limit, newest_first=True) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
        assert seqs(limit, start=7) == [7, 8, 9]
        assert seqs(limit, start=3, newest_first=True) == [3, 2, 1]
        assert seqs(limit, start=9) == [9]
        assert seqs(limit, start=1, newest_first=True) == [1]
        assert seqs(limit, start=10) == []
        assert seqs(limit, start=10, newest_first=True) == [9, 8, 7, 6, 5, 4, 3, 2, 1]


# --- who may see what ----------------------------------------------------------------------------------------


def may_see(office: Office, by: Actor, id: ConversationId, policy: AgentsRead) -> bool:
    """Section P, said once more in plain words. Rule: P."""
    conversation: Conversation = office.state(id)
    if by.kind.value == "bot":
        return conversation.situation is Situation.BOT
    if by in (SYSTEM, SARA, ADA, AURO, BOTH) or policy is AgentsRead.ALL:
        return True
    if by.id in (conversation.assignee, conversation.last_assignee):
        return True
    departments = next(a for a in office.state("ws").agents if a.id == by.id).departments
    if conversation.department not in departments:
        return False
    waits = conversation.situation in (Situation.QUEUE, Situation.BOT)
    return policy is AgentsRead.DEPARTMENTS or waits


@pytest.mark.parametrize("policy", AgentsRead)
def test_every_read_keeps_to_what_a_person_may_see(policy: AgentsRead) -> None:
    """Views, counts, panels: what lies outside does not exist, as a missing id does not. Rule: P."""
    office = Office(screen())
    ids = list(one_of_each(office).values())
    ids += [office.taken(BETO, "5511900000001"), office.taken(GINA, "5511900000002")]
    ids.append(office.waiting("5511900000003"))
    office.desk.handle(c.ChangeDepartment(ids[-1], "fin"), by=SARA)
    old = office.taken(ANA, "5511900000004")
    office.desk.handle(c.Transfer(old, "gina"), by=SARA)
    office.desk.handle(c.ChangeDepartment(old, "fin"), by=SARA)
    ids.append(old)
    office.desk.handle(Configure(screen(agents_read=policy)), by=ADA)
    ghost = ConversationId("cv_ghost")
    for by in (ANA, BETO, CARLA, GINA, WANDA, SARA, ADA, AURO, BOTH, ROBO, SYSTEM):
        seen = {id for id in ids if may_see(office, by, id, policy)}
        assert {r.id for r in view(office, by).rows} == seen
        counts = office.desk.counts(by=by)
        assert counts.queue + counts.open + counts.closed + counts.bot == len(seen)
        for id in (*ids, ghost):
            if id in seen:
                assert office.desk.panel(id, by=by).conversation.id == id
                continue
            for read in (
                lambda id=id, by=by: office.desk.panel(id, by=by),
                lambda id=id, by=by: office.desk.conversation(id, by=by),
                lambda id=id, by=by: office.desk.messages(MessageQuery(conversation=id), by=by),
            ):
                with pytest.raises(NotFound) as caught:
                    read()
                assert (caught.value.what, caught.value.id) == ("conversation", id)


# --- blocked contacts ----------------------------------------------------------------------------------------


def test_the_list_of_blocked_contacts_says_who_when_and_why(office: Office) -> None:
    """Whoever may block reads it, and unblocks from it. Rule: S20, M13."""
    cv = office.taken()
    contact = contact_of(office, cv)
    office.waiting(JOAO)
    office.pass_time(minutes=5)
    office.desk.handle(c.BlockContact(contact, "Ofensas"), by=ANA)
    blocked = ContactQuery(blocked=True)
    for by in (ANA, BETO, SARA, ADA):
        (found,) = office.desk.contacts(blocked, by=by).rows
        assert (found.id, found.blocked) == (contact, Block(ANA, office.now, "Ofensas"))
    assert contact not in [each.id for each in office.desk.contacts(ContactQuery(blocked=False), by=SARA).rows]
    office.desk.handle(c.UnblockContact(contact), by=BETO)
    assert office.desk.contacts(blocked, by=ANA).rows == ()


def test_who_may_not_block_does_not_read_the_list(office: Office) -> None:
    """The ability withdrawn takes the list along. Rule: S20, P."""
    office.desk.handle(c.BlockContact(address=MARIA), by=ANA)
    with pytest.raises(NotPermitted):
        office.desk.contacts(ContactQuery(blocked=True), by=WANDA)
    with pytest.raises(NotPermitted):
        office.desk.contacts(ContactQuery(blocked=True), by=ROBO)


@pytest.mark.parametrize("policy", AgentsRead)
def test_the_list_is_whole_and_served_from_whatever_agents_read(policy: AgentsRead) -> None:
    """A number blocked before it ever wrote stands in the list, and is unblocked from there. Rule: S20."""
    office = Office(screen(agents_read=policy))
    cv = office.taken(BETO)
    office.desk.handle(c.BlockContact(contact_of(office, cv)), by=BETO)
    office.desk.handle(c.BlockContact(address=JOAO), by=BETO)
    listed = [each.id for each in office.desk.contacts(ContactQuery(blocked=True), by=ANA).rows]
    assert len(listed) == 2
    for contact in listed:
        office.desk.handle(c.UnblockContact(contact), by=ANA)
    assert office.desk.contacts(ContactQuery(blocked=True), by=ANA).rows == ()
    if policy is AgentsRead.OWN:
        with pytest.raises(NotPermitted):
            office.desk.contacts(ContactQuery(), by=ANA)


# --- what auditors read --------------------------------------------------------------------------------------

SECRETS = (
    MARIA,
    "Maria Silva",
    "Cobrança indevida",
    "Cobrança em dobro",
    "Bom dia, Maria",
    "Cliente difícil",
    "cus-4471",
    "529.982.247-25",
    "Ligar à tarde",
    "boleto-maria.pdf",
    "files/maria",
    "media.maria",
    "rg-maria.jpg",
    "wamid.MARIA1",
    "out-1",
    "ligou xingando",
    "Sra. Maria",
    "Anexo da Maria",
    '{"maria": 1}',
)


def a_rich_case() -> tuple[Office, ConversationId, ContactId]:
    """A conversation in which every room that may hold personal data holds some."""
    office = Office(screen())
    desk = office.desk
    cv = office.arrive(text="Cobrança indevida", id="wamid.MARIA1").conversation
    assert cv is not None
    contact = contact_of(office, cv)
    mark = {"channel": "wa", "address": MARIA, "sent_at": office.now, "target": "wamid.MARIA1"}
    desk.handle(c.RecordEdit(provider_id="wamid.MARIA2", text="Cobrança em dobro", **mark), by=SYSTEM)
    desk.handle(c.RecordReaction(provider_id="wamid.MARIA3", emoji="👍", **mark), by=SYSTEM)
    pointer = MediaPointer(reference="media.maria", mime="image/jpeg", name="rg-maria.jpg")
    picture = attrs.evolve(office.arrival(text="Anexo da Maria"), kind=MessageKind.IMAGE, media=pointer)
    desk.handle(picture, by=SYSTEM)
    odd = attrs.evolve(office.arrival(), kind=MessageKind.UNKNOWN, text=None, raw=Private('{"maria": 1}'))
    desk.handle(odd, by=SYSTEM)
    desk.handle(Take(cv), by=ANA)
    desk.handle(c.EditContact(contact, name="Maria Silva", fields={"cpf": "529.982.247-25"}), by=ANA)
    desk.handle(c.LinkCustomer(contact, "cus-4471"), by=ANA)
    desk.handle(c.SetFields(cv, {"notes": "Ligar à tarde", "visit": date(2026, 3, 12)}), by=ANA)
    desk.handle(c.AddTags(cv, ("vip",)), by=ANA)
    desk.handle(SendMessage(cv, "Bom dia, Maria"), by=ANA)
    desk.handle(c.AddNote(cv, "Cliente difícil"), by=ANA)
    slip = attrs.evolve(g.BOLETO, key="files/maria", name="boleto-maria.pdf")
    desk.handle(c.SendMedia(cv, slip), by=ANA)
    desk.handle(c.SendTemplate(cv, "notice", ("Sra. Maria", "10")), by=ANA)
    desk.handle(c.BlockContact(contact, "ligou xingando"), by=ANA)
    return office, cv, contact


def reads_of(office: Office, cv: ConversationId, contact: ContactId, by: Actor) -> dict[str, Any]:
    """Every read of the desk."""
    desk = office.desk
    return {
        "workspace": desk.workspace(by=by),
        "conversation": desk.conversation(cv, by=by),
        "contact": desk.contact(contact, by=by),
        "conversations": desk.conversations(ConversationQuery(), by=by),
        "messages": desk.messages(MessageQuery(conversation=cv), by=by),
        "contacts": desk.contacts(ContactQuery(), by=by),
        "blocked": desk.contacts(ContactQuery(blocked=True), by=by),
        "effects": desk.effects(EffectQuery(), by=by),
        "timeline": desk.timeline(cv, by=by),
        "view": desk.view(ConversationQuery(), by=by),
        "counts": desk.counts(by=by),
        "panel": desk.panel(cv, by=by),
        "feed": desk.feed(by=by, limit=PAGE_ROWS, holding=(cv,)),
    }


def leaves(value: object) -> Iterator[object]:
    """Everything inside a value, however deep, with what is private revealed."""
    if isinstance(value, Private):
        yield value.reveal()
    elif isinstance(value, Mapping):
        yield from leaves(tuple(value.items()))
    elif isinstance(value, tuple | list | frozenset | set):
        for each in value:
            yield from leaves(each)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            if field.init:
                yield from leaves(getattr(value, field.name))
    elif isinstance(value, BaseException):
        yield from leaves(tuple(vars(value).values()))
    else:
        yield value


def texts(value: object) -> str:
    return "\n".join(leaf for leaf in leaves(value) if isinstance(leaf, str))


def facts(value: object) -> list[object]:
    """Ids, moments, counts and enumerations inside a value: what an audit follows."""
    kinds = ("cv_", "ct_", "ef_", "ev_", "cm_")
    return [
        leaf
        for leaf in leaves(value)
        if isinstance(leaf, datetime | int) or (isinstance(leaf, str) and leaf.startswith(kinds))
    ]


def test_auditors_read_everything_with_the_personal_data_taken_out() -> None:
    """No phone, name, word, document, note, reason of a block or provider's id in any read. Rule: P."""
    office, cv, contact = a_rich_case()
    whole = reads_of(office, cv, contact, SARA)
    for secret in SECRETS:
        assert secret in texts(whole), secret
    audited = reads_of(office, cv, contact, AURO)
    for name, read in audited.items():
        assert [secret for secret in SECRETS if secret in texts(read)] == [], name
        assert not [leaf for leaf in leaves(read) if isinstance(leaf, date) and not isinstance(leaf, datetime)]


@pytest.mark.parametrize(
    "name",
    [
        "conversation",
        "contact",
        "conversations",
        "messages",
        "contacts",
        "blocked",
        "effects",
        "timeline",
        "view",
        "counts",
        "feed",
    ],
)
def test_what_an_audit_follows_stays(name: str) -> None:
    """Ids, moments, counts and what happened are those everybody reads, in the same order. Rule: P."""
    office, cv, contact = a_rich_case()
    whole, audited = (reads_of(office, cv, contact, by)[name] for by in (SARA, AURO))

    def bare(read: object) -> list[object]:
        return [leaf for leaf in facts(read) if leaf is not True and leaf is not False]

    assert bare(audited) == bare(whole)
    assert type(audited) is type(whole)


def test_who_is_more_than_an_auditor_reads_what_they_need() -> None:
    """Of several roles the widest counts: nothing is masked. Rule: P."""
    office, cv, contact = a_rich_case()
    whole, read = (reads_of(office, cv, contact, by) for by in (SARA, BOTH))
    for name in whole:
        if name != "panel":
            assert read[name] == whole[name], name
    assert (read["panel"].conversation, read["panel"].contact) == (
        whole["panel"].conversation,
        whole["panel"].contact,
    )


@settings(max_examples=150)
@given(event=events())
def test_masking_leaves_no_private_text_in_any_event(event: Any) -> None:
    """Whatever happened, nothing printed as redacted is left; masking twice is masking once. Rule: P."""

    def hidden(value: object) -> Iterator[object]:
        if isinstance(value, Private):
            yield value.reveal()
        elif isinstance(value, tuple):
            for each in value:
                yield from hidden(each)
        elif attrs.has(type(value)):
            for field in attrs.fields(type(value)):
                inside = getattr(value, field.name)
                if not isinstance(field.repr, bool) and inside is not None:
                    yield inside
                elif field.init:
                    yield from hidden(inside)

    once = masked(event)
    assert type(once) is type(event)
    assert set(hidden(once)) <= {"***", ()}
    assert masked(once) == once


# --- the panel -----------------------------------------------------------------------------------------------


def test_the_panel_shows_the_conversation_and_its_contact(office: Office) -> None:
    """Whom it is with, when it began, why, who has it, its protocol, its tags. Rule: S8, S10, L11."""
    cv = office.taken()
    office.desk.handle(c.SetReason(cv, "slow"), by=ANA)
    rename(office, cv, "Maria")
    panel = office.desk.panel(cv, by=ANA)
    assert panel.conversation == office.desk.conversation(cv, by=ANA)
    assert panel.contact == office.desk.contact(panel.conversation.contact, by=ANA)
    assert (panel.conversation.reason, panel.conversation.assignee) == ("slow", "ana")
    assert panel.conversation.started_at == NOON
    assert panel.conversation.protocol
    assert set(panel.actions) == set(offers.ACTIONS)


def test_every_command_of_the_menu_has_a_verdict() -> None:
    """All that people do with one conversation or its contact. Rule: S7, S8, S11, S12, S16, S18-S21."""
    about_one = {
        getattr(c, name)
        for name in c.__all__
        if attrs.has(getattr(c, name))
        and {f.name for f in attrs.fields(getattr(c, name))} & {"conversation", "contact"}
    }
    timed_or_new = {c.StartConversation, c.ReleaseConversation, c.CloseIdle, c.TimeOutBot}
    assert set(offers.ACTIONS) == about_one - timed_or_new
    assert len(set(offers.ACTIONS)) == len(offers.ACTIONS)


def test_a_company_rule_speaks_in_the_panel() -> None:
    """What the company refuses is refused beforehand, with its own code."""

    def nobody_closes(command: Any, _: Any, __: Any) -> CompanyRefusal | None:
        return CompanyRefusal("acme:never") if isinstance(command, Close) else None

    office = Office(screen(), rules=(nobody_closes,))
    cv = office.taken()
    office.desk.handle(c.SetReason(cv, "moved"), by=ANA)
    verdict = office.desk.panel(cv, by=ANA).actions[Close]
    assert verdict.answer is Answer.REFUSED
    assert isinstance(verdict.refusal, CompanyRefusal)
    assert repr(verdict) == repr(office.desk.can(Close(cv), by=ANA))


def test_closing_asks_for_what_is_missing() -> None:
    """The reason first; with a reason, the fields it demands. Rule: S19, C9."""
    office = Office(g.with_fields(g.required_field("cause", reasons=("slow",))))
    cv = office.taken()
    assert office.desk.panel(cv, by=ANA).actions[Close].needs == ("reason",)
    office.desk.handle(c.SetReason(cv, "slow"), by=ANA)
    assert office.desk.panel(cv, by=ANA).actions[Close].needs == ("fields.cause",)
    office.desk.handle(c.SetFields(cv, {"cause": "chuva"}), by=ANA)
    assert office.desk.panel(cv, by=ANA).actions[Close].answer is Answer.ALLOWED


def test_choices_offer_who_is_there(office: Office) -> None:
    """Agents who could have it are offered; those the service calls present are marked. Rule: L7, L9, L24."""
    cv = office.taken()
    desk = office.another_desk(available=lambda agent: agent in ("beto", "davi", "ana"))
    choices = desk.panel(cv, by=ANA).choices
    offered = {agent.id for agent in choices.agents}
    assert {"beto", "gina", "sara", "ada"} <= offered
    assert offered.isdisjoint({"ana", "davi", "carla", "auro"})
    assert choices.available == {"beto"}


def test_choices_follow_the_department(office: Office) -> None:
    """Reasons, tags, replies and agents are those of where it is now. Rule: C3, C4, C6, L9."""
    cv = office.taken(SARA)
    office.desk.handle(c.AddTags(cv, ("vip",)), by=SARA)

    def chosen(by: Actor) -> dict[str, list[str]]:
        choices = office.desk.panel(cv, by=by).choices
        return {
            name: [each.id for each in getattr(choices, name)]
            for name in ("reasons", "tags", "departments", "quick_replies", "templates")
        }

    in_support = chosen(SARA)
    assert in_support == {
        "reasons": ["moved", "slow", "sup"],
        "tags": ["fibre"],
        "departments": ["fin"],
        "quick_replies": ["hello", "number", "name", "map", "slip", "voice"],
        "templates": ["notice", "offer"],
    }
    assert chosen(ANA)["quick_replies"] == [*in_support["quick_replies"], "anas"]
    office.desk.handle(c.ChangeDepartment(cv, "fin"), by=SARA)
    assert chosen(SARA) == {
        **in_support,
        "reasons": ["moved", "slow", "fin", "sup"],
        "tags": ["debt"],
        "departments": ["sup"],
        "quick_replies": [*in_support["quick_replies"], "fin"],
    }
    office.desk.handle(c.EditContact(contact_of(office, cv), opted_out=True), by=SARA)
    assert chosen(SARA)["templates"] == ["notice"]


def test_a_full_agent_is_not_offered(office: Office) -> None:
    """Who has as many as they may is left out, until one of them closes. Rule: L7."""
    cv = office.waiting()
    assert "beto" in {a.id for a in office.desk.panel(cv, by=SARA).choices.agents}
    other = office.taken(BETO, JOAO)
    assert "beto" not in {a.id for a in office.desk.panel(cv, by=SARA).choices.agents}
    office.desk.handle(Close(other, "moved"), by=BETO)
    assert "beto" in {a.id for a in office.desk.panel(cv, by=SARA).choices.agents}


def test_a_closed_conversation_beside_a_live_one_is_not_reopened(office: Office) -> None:
    """The panel names what stands in the way, as the command would. Rule: L3."""
    closed = office.taken()
    office.desk.handle(Close(closed, "moved"), by=ANA)
    assert office.desk.panel(closed, by=ANA).actions[c.Reopen].answer is Answer.ALLOWED
    live = office.waiting()
    refusal = office.desk.panel(closed, by=ANA).actions[c.Reopen].refusal
    assert isinstance(refusal, AlreadyLive)
    assert refusal.conversation == live


def test_what_a_channel_does_not_carry_is_not_offered() -> None:
    """Without templates none is offered, and sending one is refused; nor a reply with such a file. Rule: M6."""
    plain = attrs.evolve(CAPABILITIES, templates=False, media=CAPABILITIES.media[:1])
    office = Office(screen(), messaging=MemoryMessaging(plain))
    cv = office.taken()
    panel = office.desk.panel(cv, by=ANA)
    assert panel.choices.templates == ()
    assert [r.id for r in panel.choices.quick_replies if r.attachment is not None] == ["map"]
    sending = office.desk.can(c.SendTemplate(cv, "offer"), by=ANA)
    assert repr(panel.actions[c.SendTemplate]) == repr(sending)
    assert sending.answer is Answer.REFUSED


def test_a_full_set_of_tags_offers_none() -> None:
    """With as many tags as there may be, none more is offered. Rule: C5."""
    office = Office(screen(tags=TAGS))
    cv = office.taken()
    office.desk.handle(c.AddTags(cv, tuple(f"t{n}" for n in range(TAGS - 1))), by=ANA)
    assert office.desk.panel(cv, by=ANA).choices.tags
    office.desk.handle(c.AddTags(cv, ("vip",)), by=ANA)
    panel = office.desk.panel(cv, by=ANA)
    assert panel.choices.tags == ()
    assert isinstance(panel.actions[c.AddTags].refusal, TooManyTags)
    assert panel.actions[c.RemoveTags].needs == ("tags",)


class Counting(MemoryStorage):
    """A storage that keeps account of every call, and of how much each was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, int]] = []

    def read(self, wanted: ReadSet, /) -> Snapshot:
        asked = len(wanted.refs) + len(wanted.owners) + len(wanted.tallies) + len(wanted.lanes)
        self.calls.append(("read", asked))
        return super().read(wanted)

    def conversations(self, *args: Any, **asked: Any) -> Any:
        self.calls.append(("conversations", 1))
        return super().conversations(*args, **asked)

    def messages(self, *args: Any, **asked: Any) -> Any:
        self.calls.append(("messages", 1))
        return super().messages(*args, **asked)

    def stream(self, *args: Any, **asked: Any) -> Any:
        self.calls.append(("stream", 1))
        return super().stream(*args, **asked)

    def changes(self, *args: Any, **asked: Any) -> Any:
        self.calls.append(("changes", 1))
        return super().changes(*args, **asked)


@pytest.mark.parametrize(
    "read",
    [
        lambda desk, cv: desk.panel(cv, by=ANA),
        lambda desk, cv: desk.view(ConversationQuery(), by=ANA),
        lambda desk, cv: desk.counts(by=ANA),
    ],
    ids=["panel", "view", "counts"],
)
def test_a_screen_costs_the_same_after_ten_messages_and_ten_thousand(read: Callable[..., object]) -> None:
    """The port is called as often, and asked for as much, whatever was said before."""
    account = []
    for seq in (10, 10_000):
        storage = Counting()
        office = Office(screen(), storage=storage)
        conversation = g.conversation(Situation.OPEN, seq=seq, unread=seq)
        last = g.inbound(id=f"{g.CV}.{seq}", seq=seq, body=Private("Alô?"))
        placed(office, conversation, g.contact(), last)
        storage.calls.clear()
        read(office.desk, conversation.id)
        account.append(tuple(storage.calls))
    assert account[0] == account[1]
    assert len(account[0]) <= 4


# --- the law of the panel ------------------------------------------------------------------------------------

ACTORS = (ANA, BETO, CARLA, SARA, ADA, AURO, BOTH, GINA, WANDA, ROBO, SYSTEM)
PLAIN_TEXT = Private("Bom dia")
UNCARRIED = Attachment(key="files/9", mime="application/zip", size=9, sha256=g.SHA)


@attrs.frozen
class Case:
    """Where a conversation stands, and who opens its panel."""

    by: Actor
    situation: Situation
    owner: str
    department: str
    blocked: bool
    window_open: bool
    opted_out: bool
    policy: AgentsRead
    reason: bool
    tags: tuple[str, ...]
    transfers: int
    another_lives: bool
    merged: bool
    loads: tuple[str, ...]
    fields: bool
    channel: str
    sides: str
    limits: bool


CONTRACTS = g.contracts_offers()
SIDES: dict[str, tuple[ContractsCapabilities | None, BillingCapabilities | None]] = {
    "none": (None, None),
    "all": (CONTRACTS, g.billing_offers()),
    "contracts": (CONTRACTS, None),
    "billing": (None, g.billing_offers()),
    "reads": (ContractsCapabilities(), BillingCapabilities()),
    "some": (
        g.contracts_offers(transcripts=False),
        g.billing_offers(boletos=(BoletoForm.PIX,), invoices=False, bonus_kinds=(BonusKind.DAYS,)),
    ),
}
"""What contracts and billing offer; None where there is no such side."""


class Sided(Office):
    """An office with contracts and billing that offer what they are told to; cus-1 owes something."""

    def __init__(self, workspace: Workspace, sides: str) -> None:
        offers, billing = SIDES[sides]
        self.contracts = None if offers is None else MemoryContracts(offers)
        self.billing = None if billing is None else MemoryBilling(billing)
        mine: dict[str, Any] = {"customer": "cus-1"}
        if self.contracts is not None:
            self.contracts.put(g.contract("k1", **mine))
            self.contracts.put(g.contract("k2", customer="cus-2"))
        if self.billing is not None:
            for boleto in (g.boleto("b1", **mine), g.boleto("paid", label=BoletoState.PAID, **mine)):
                self.billing.put(boleto, g.BOLETO)
            for invoice in (g.invoice("n1", **mine), g.invoice("gone", cancelled=True, **mine)):
                self.billing.put(invoice, g.BOLETO)
        super().__init__(workspace)

    def another_desk(self, **options: Any) -> Desk:
        defaults: dict[str, Any] = {"clock": lambda: self.now, "new_root": self.new_root}
        ports = Ports(
            storage=self.storage,
            messaging={WHATSAPP: self.messaging},
            contracts=self.contracts,
            billing=self.billing,
        )
        return Desk(ports, **(defaults | options))


def cases() -> st.SearchStrategy[Case]:
    one_in_four = st.sampled_from((False, False, False, True))
    full = tuple(f"t{n}" for n in range(TAGS))
    return st.builds(
        Case,
        by=st.sampled_from(ACTORS),
        situation=st.sampled_from(Situation),
        owner=st.sampled_from(("ana", "ana", "beto", "gina", "sara")),
        department=st.sampled_from(("sup", "sup", "fin")),
        blocked=one_in_four,
        window_open=st.booleans(),
        opted_out=one_in_four,
        policy=st.sampled_from(AgentsRead),
        reason=st.booleans(),
        tags=st.sampled_from(((), ("vip",), ("adsl", "fibre"), full)),
        transfers=st.sampled_from((0, 1, TRANSFERS)),
        another_lives=st.booleans(),
        merged=st.booleans(),
        loads=st.sampled_from(((), ("beto",), ("ana", "ana"), ("ana", "beto"))),
        fields=one_in_four,
        channel=st.sampled_from(("wa", "bot")),
        sides=st.sampled_from(("all", *SIDES)),
        limits=st.booleans(),
    )


def stage(case: Case) -> Office:
    """An office in which it stands so."""
    workspace = screen(
        tags=TAGS,
        agents_read=case.policy,
        bot_granted=(Ability.LINK, Ability.SEND_BOLETO),
        billing=g.BILLING if case.limits else BillingPolicies(),
    )
    if case.fields:
        workspace = attrs.evolve(workspace, fields=(*workspace.fields, g.required_field("cause")))
    office = Sided(workspace, case.sides)
    is_open, closed = case.situation is Situation.OPEN, case.situation is Situation.CLOSED
    conversation = g.conversation(
        case.situation,
        channel=case.channel,
        department=case.department,
        assignee=case.owner if is_open else None,
        last_assignee=case.owner if is_open or closed else None,
        reason="moved" if closed or case.reason else None,
        window_until=NOON + g.HOUR if case.window_open else NOON - g.HOUR,
        tags=case.tags,
        transfers=case.transfers,
    )
    contact = g.contact(
        blocked=Block(SARA, NOON) if case.blocked else None,
        opted_out=case.opted_out,
        customer="cus-1" if case.reason else None,
    )
    people = [contact, g.other_contact()]
    if closed and case.merged:
        gone = g.contact(addresses=(), merged_into="ct_3")
        people = [gone, attrs.evolve(contact, id=ContactId("ct_3"), merged=(gone.id,)), g.other_contact()]
    lives = {f"cv_busy{n}": (f"ct_busy{n}", agent) for n, agent in enumerate(case.loads)}
    others = [
        g.conversation(Situation.OPEN, id=id, contact=ct, protocol=id, assignee=agent, last_assignee=agent)
        for id, (ct, agent) in lives.items()
    ]
    if closed and case.another_lives:
        person = people[-2].id
        others.append(g.conversation(id="cv_live", contact=person, channel=case.channel, protocol="live"))
    # The contact they may be merged with is one that whoever asks may see.
    place = Situation.BOT if case.by == ROBO else Situation.CLOSED
    others.append(
        g.conversation(
            place, id=g.CV2, contact=g.CT2, protocol="other", last_assignee=case.by.id, reason="moved"
        )
    )
    placed(office, conversation, *people, *others)
    return office


def whole(panel: Panel) -> dict[type, Any]:
    """The commands that lack nothing but what they are about."""
    cv, ct = panel.conversation.id, panel.contact.id
    about_contact = (c.EditContact, c.UnlinkCustomer, c.BlockContact, c.UnblockContact)
    about_conversation = (
        c.Take,
        c.ReturnToQueue,
        c.ReturnToBot,
        c.Reopen,
        c.MarkRead,
        c.Close,
    )
    return {**{k: k(cv) for k in about_conversation}, **{k: k(ct) for k in about_contact}}


def filled_in(panel: Panel, workspace: Workspace) -> Iterator[tuple[Any, bool]]:
    """Commands with every choice the workspace has, and whether the panel offers that choice."""
    cv, ct, choices = panel.conversation.id, panel.contact.id, panel.choices

    def each(offered: tuple[Any, ...], known: tuple[Any, ...]) -> Iterator[tuple[Any, bool]]:
        ids = {item.id for item in offered}
        assert ids <= {item.id for item in known}
        for item in known:
            yield item, item.id in ids

    for reason, offered in each(choices.reasons, workspace.reasons):
        yield c.SetReason(cv, reason.id), offered
    for tag, offered in each(choices.tags, workspace.tags):
        if int(tag.id[1:]) % 7 == 0 if tag.id[1:].isdecimal() else True:
            yield c.AddTags(cv, (tag.id,)), offered
    for department, offered in each(choices.departments, workspace.departments):
        yield c.ChangeDepartment(cv, department.id), offered
    for agent, offered in each(choices.agents, workspace.agents):
        yield c.Assign(cv, agent.id), offered
        yield c.Transfer(cv, agent.id), offered
    for reply, offered in each(choices.quick_replies, workspace.quick_replies):
        yield c.SendQuickReply(cv, reply.id), offered
    for template, offered in each(choices.templates, workspace.templates):
        parameters = tuple(str(n) for n in range(template.parameters))
        yield c.SendTemplate(cv, template.id, parameters), offered
    yield from asked_for(panel)
    yield c.SetReason(cv, "nowhere"), False
    yield c.AddTags(cv, ("nowhere",)), False
    yield c.ChangeDepartment(cv, "nowhere"), False
    yield c.Assign(cv, "nobody"), False
    yield c.Transfer(cv, "nobody"), False
    yield c.SendQuickReply(cv, "nowhere"), False
    yield c.SendTemplate(cv, "nowhere"), False
    yield c.SendMessage(cv, PLAIN_TEXT), True
    yield c.SendMedia(cv, g.BOLETO), True
    yield c.SendMedia(cv, UNCARRIED), False
    yield c.RemoveTags(cv, ("vip",)), True
    yield c.SetFields(cv, {"notes": "Ligar"}), True
    yield c.SetFields(cv, {"modem": "x"}), False
    yield c.AddNote(cv, "Ligar"), True
    yield c.LinkCustomer(ct, "cus-2"), True
    yield c.MergeContacts(ct, g.CT2), True


def asked_for(panel: Panel) -> Iterator[tuple[Any, bool]]:
    """What may be asked of contracts and billing, and whether the panel offers it."""
    cv, forms, limits = panel.conversation.id, panel.choices.boleto_forms, panel.choices.bonus_limits
    known = {contract.id for contract in panel.contracts}
    assert known <= {"k1"}
    for contract in ("k1", "k2", "nowhere"):
        yield c.PinContract(cv, contract), contract in known
    yield c.SendBoletos(cv, ("b1",)), True
    for form in BoletoForm:
        yield c.SendBoletos(cv, ("b1",), forms=(form,)), form in forms
    for boletos in (("paid",), ("b1", "paid"), ("nowhere",)):
        yield c.SendBoletos(cv, boletos), False
    for invoice in ("n1", "gone", "nowhere"):
        yield c.SendInvoices(cv, (invoice,)), invoice == "n1"
    plenty = (Bonus.amount("21"), Bonus.percent("1"), Bonus.days(6))
    for bonus in (*(limits or ()), *plenty):
        within = limits is None or any(limit.covers(bonus) for limit in limits)
        if limits is not None or bonus.kind in (BonusKind.DAYS,):
            yield c.GrantBonus(cv, "k1", bonus, "Ficou sem sinal"), within
        yield c.GrantBonus(cv, "nowhere", bonus, "Ficou sem sinal"), False
    yield c.OpenServiceOrder(cv, "visit", "Sem sinal", "Desde ontem"), True
    yield c.OpenServiceOrder(cv, "visit", "Sem sinal", "Desde ontem", contract="k2"), False


OF_AN_EDIT = (
    c.SetReason,
    c.ChangeDepartment,
    c.Transfer,
    c.Take,
    c.ReturnToQueue,
    c.Close,
    c.Reopen,
    c.LinkCustomer,
)
"""What an edit stands for: who may do none of it has no use for an edit."""


CASE_OF_ANA = Case(
    by=ANA,
    situation=Situation.OPEN,
    owner="ana",
    department="sup",
    blocked=False,
    window_open=True,
    opted_out=False,
    policy=AgentsRead.ALL,
    reason=False,
    tags=(),
    transfers=0,
    another_lives=False,
    merged=False,
    loads=(),
    fields=False,
    channel="wa",
    sides="all",
    limits=True,
)
"""A conversation of ana's, with nothing in the way."""


def test_an_auditor_is_offered_no_edit() -> None:
    """Who only reads sees the panel, and no way in. Rule: P, S8, S10, S18."""
    panel = stage(CASE_OF_ANA).desk.panel(ConversationId(g.CV), by=AURO)
    assert panel.actions[c.EditConversation].answer is Answer.REFUSED
    assert isinstance(panel.actions[c.EditConversation].refusal, NotPermitted)
    assert stage(CASE_OF_ANA).desk.panel(ConversationId(g.CV), by=ANA).actions[c.EditConversation]


def is_the_fields_fault(command: object, verdict: Verdict) -> bool:
    """Whether a refusal is about what was filled in, though it may be chosen."""
    if isinstance(command, c.SendQuickReply):
        return isinstance(verdict.refusal, MissingVariable)
    return isinstance(command, c.MergeContacts) and isinstance(verdict.refusal, ReasonRequired)


@settings(max_examples=200)
@given(case=cases())
def test_the_panel_says_what_would_happen(case: Case) -> None:
    """Law: every action has a verdict, and it is what `can` says of the command; choices are what passes.

    * Lacking nothing: the very same verdict.
    * NEEDS: with what is offered it passes, or is refused for the sake of what was filled in.
    * REFUSED: with what is offered it is refused, with the same error.
    * What is not offered is refused, or is so already. Rule: P, L18, B2, B3, B4, B7, B8, C3, C4, C5, C6, L7,
      L9, M5, M16.
    """
    office = stage(case)
    desk, cv, workspace = office.desk, ConversationId(g.CV), office.state("ws")
    with office.nothing_changes():
        if not may_see(office, case.by, cv, case.policy):
            with pytest.raises(NotFound) as caught:
                desk.panel(cv, by=case.by)
            for command in (Take(cv), Close(cv), c.EditConversation(cv), SendMessage(cv, PLAIN_TEXT)):
                assert repr(desk.can(command, by=case.by).refusal) == repr(caught.value)
            return
        panel = desk.panel(cv, by=case.by)
        assert set(panel.actions) == set(offers.ACTIONS)
        asked: set[type] = {c.EditConversation}
        if panel.actions[c.EditConversation].answer is Answer.REFUSED:
            assert all(panel.actions[kind].answer is Answer.REFUSED for kind in OF_AN_EDIT)
        for kind, command in whole(panel).items():
            asked.add(kind)
            assert repr(panel.actions[kind]) == repr(desk.can(command, by=case.by)), command
        for command, offered in filled_in(panel, workspace):
            kind = type(command)
            asked.add(kind)
            beforehand, verdict = panel.actions[kind], desk.can(command, by=case.by)
            assert beforehand.answer in (Answer.NEEDS, Answer.REFUSED)
            if not offered:
                assert not verdict or is_so_already(command, panel.conversation), command
            elif beforehand.answer is Answer.REFUSED:
                assert not verdict, command
                assert repr(verdict) == repr(beforehand) or is_the_fields_fault(command, verdict), command
            else:
                assert set(beforehand.needs) <= {field.name for field in attrs.fields(kind)}
                assert verdict or is_the_fields_fault(command, verdict), (command, verdict)
        assert asked == set(offers.ACTIONS)
        if panel.actions[Close].needs == ("reason",):
            for reason in panel.choices.reasons:
                verdict = desk.can(Close(cv, reason.id), by=case.by)
                assert verdict or verdict.needs == ("fields.cause",)
        if panel.actions[c.Reopen] and case.by in (SARA, ADA, BOTH):
            offered_to = {agent.id for agent in panel.choices.agents}
            for agent in workspace.agents:
                assert bool(desk.can(c.Reopen(cv, to=agent.id), by=case.by)) is (agent.id in offered_to)


def is_so_already(command: object, conversation: Conversation) -> bool:
    """Whether what is asked for is there: asking changes nothing. Rule: L19."""
    if isinstance(command, c.SetReason):
        return command.reason == conversation.reason
    if isinstance(command, c.AddTags):
        return set(command.tags) <= set(conversation.tags)
    return isinstance(command, c.ChangeDepartment) and command.department == conversation.department


def test_cases_reach_every_answer() -> None:
    """The law above is not empty: each verdict comes up for actions of both sorts."""
    seen = {
        (panel.actions[kind].answer, kind in whole(panel))
        for by, situation in itertools.product((ANA, SARA, AURO), Situation)
        for panel in [
            stage(attrs.evolve(CASE_OF_ANA, by=by, situation=situation)).desk.panel(ConversationId(g.CV), by=by)
        ]
        for kind in panel.actions
        if kind is not c.EditConversation
    }
    assert seen == {
        (Answer.ALLOWED, True),
        (Answer.NEEDS, True),
        (Answer.REFUSED, True),
        (Answer.NEEDS, False),
        (Answer.REFUSED, False),
    }


def test_the_panel_takes_its_feed_cursor_first(office: Office) -> None:
    """Who follows the feed from the panel's cursor hears all that it does not show."""
    cv = office.taken()
    panel = office.desk.panel(cv, by=ANA)
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
    page = office.desk.feed(by=ANA, after=panel.feed, holding=(cv,))
    assert type(page.events[0].event).__name__ == "MessageAdded"
    assert [each.id for each in page.rows] == [cv]
    assert page.events[0].version == panel.conversation.version + 1
