"""The desk as a service uses it: commands and their answers, keys, versions, reads, and who is told what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given

from chatcore import (
    SYSTEM,
    Actor,
    Answer,
    Assign,
    BlockContact,
    ChatcoreError,
    Close,
    Configure,
    ConversationQuery,
    Delivery,
    Desk,
    InvalidValue,
    MergeContacts,
    MessageQuery,
    NotFound,
    Ports,
    Reopen,
    SendMessage,
    Situation,
    StartConversation,
    Take,
    UnblockContact,
    Workspace,
)
from chatcore.channels.items import Batch, Inbound, Unhandled
from chatcore.channels.whatsapp import read_webhook, signature_of
from chatcore.commands import ClaimEffect, Finding, FindingKind, RecordStatus, SettleEffect
from chatcore.entities import AutomaticMessages
from chatcore.errors import (
    AlreadyLive,
    AlreadyTaken,
    ErrorKind,
    IdempotencyMismatch,
    NotContracted,
    NotPermitted,
    ReasonRequired,
    VersionConflict,
)
from chatcore.limits import KEY_LENGTH
from chatcore.memory import MemoryStorage
from chatcore.ports import ReadSet, Snapshot
from chatcore.search import ContactQuery, EffectQuery
from chatcore.vocabulary import (
    Ability,
    AgentId,
    AgentsRead,
    ChannelId,
    ContactId,
    ConversationId,
    DeliveryStatus,
    EffectState,
    EventId,
    MessageKind,
    Private,
    ReasonId,
)
from tests.office import (
    ADMIN,
    ANA,
    BETO,
    MARIA,
    NOON,
    PROVIDER,
    SUE,
    WA,
    WHATSAPP,
    MoodyMessaging,
    Office,
    Scene,
    scripts,
)

PAYLOADS = Path(__file__).parent.parent / "docs" / "examples" / "payloads"
SECRET = b"not-a-real-app-secret"
MOVED = ReasonId("moved")
JOAO = "5511912345678"


@pytest.fixture
def office() -> Office:
    return Office()


def with_policies(**policies: Any) -> Workspace:
    return attrs.evolve(PROVIDER, policies=attrs.evolve(PROVIDER.policies, **policies))


def payload(name: str) -> Batch:
    body = (PAYLOADS / name).read_bytes()
    return read_webhook(body, signature=signature_of(body, SECRET), app_secret=SECRET)


# --- one conversation, as a new user would -------------------------------------------------------------------


def test_a_conversation_goes_from_webhook_to_history(office: Office) -> None:
    """A customer writes; an agent takes, answers, closes; each step shows in the reads. Rule: S1, S4."""
    desk = office.desk
    (came,) = desk.ingest(payload("01-maria-asks.json"))
    assert came.outcome is not None
    cv = came.outcome.conversation
    assert cv is not None
    (row,) = desk.conversations(ConversationQuery(situation=Situation.QUEUE), by=ANA).rows
    assert (row.id, row.unread, row.assignee) == (cv, 1, None)

    assert desk.handle(Take(cv), by=ANA).version_of(cv) == 3
    assert desk.handle(SendMessage(cv, "Olá, Maria!"), by=ANA).message == f"{cv}.2"
    closed = desk.handle(Close(cv, MOVED), by=ANA)
    assert closed.conversation == cv
    assert office.sent == ["Olá, Maria!", "Até logo!"]

    assert desk.conversation(cv, by=ANA).situation is Situation.CLOSED
    assert desk.contact(desk.conversation(cv, by=ANA).contact, by=ANA).refused == 0
    assert [e.version for e in desk.timeline(cv, by=ANA)] == [1, 2, 3, 4, 5, 6]
    assert [type(e.event).__name__ for e in desk.timeline(cv, by=ANA, after=2, limit=3)] == [
        "Taken",
        "MessageAdded",
        "MessageAdded",
    ]
    texts = [m.body.reveal() for m in desk.messages(MessageQuery(conversation=cv), by=ANA).rows]
    assert texts[1:] == ["Olá, Maria!", "Até logo!"]
    assert [m.status for m in desk.messages(MessageQuery(conversation=cv), by=ANA).rows[1:]] == [
        DeliveryStatus.SENT,
        DeliveryStatus.SENT,
    ]
    assert desk.workspace(by=ANA).name == "Provedor"
    (contact,) = desk.contacts(ContactQuery(), by=ANA).rows
    assert contact.id == row.contact
    assert {e.state for e in desk.effects(EffectQuery(conversation=cv), by=ANA).rows} == {EffectState.SUCCEEDED}


def test_pages_follow_one_another_without_gap_or_repeat(office: Office) -> None:
    """However small the pages, together they are the whole list, once."""
    ids = [office.waiting(f"55119123456{n:02d}") for n in range(7)]
    query, cursor, seen = ConversationQuery(), None, []
    while True:
        page = office.desk.conversations(query, by=ANA, limit=3, cursor=cursor)
        seen += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)
    other = office.desk.conversations(query, by=ANA, limit=3).next
    with pytest.raises(InvalidValue, match="foreign_cursor"):
        office.desk.contacts(ContactQuery(), by=ANA, cursor=other)


def test_each_item_of_a_batch_has_an_answer_and_none_blocks_the_others(office: Office) -> None:
    """An item of an unknown account fails by itself; what is not handled is passed through. Rule: M8."""
    good, unknown, odd = (
        Inbound(account, Private(MARIA), id, NOON, MessageKind.TEXT, Private("Oi"), None, None, None)
        if account
        else Unhandled(None, "change:x", Private("{}"))
        for account, id in (("106540352242922", "wamid.A"), ("999", "wamid.B"), ("", ""))
    )
    answers = office.desk.ingest(Batch(WHATSAPP, (unknown, odd, good)))
    assert [a.item for a in answers] == [unknown, odd, good]
    assert isinstance(answers[0].error, NotFound)
    assert (answers[0].error.what, answers[0].outcome) == ("channel", None)
    assert (answers[1].error, answers[1].outcome) == (None, None)
    assert answers[2].error is None
    assert answers[2].outcome is not None
    assert answers[2].outcome.conversation is not None


def test_a_batch_for_a_channel_configured_elsewhere_meanwhile_is_recorded(office: Office) -> None:
    """A desk that holds an older configuration reads the newer one before it calls an account unknown."""
    other = office.another_desk()
    other.workspace(by=ADMIN)
    channel = attrs.evolve(PROVIDER.channels[0], id=ChannelId("wa2"), account="222")
    office.desk.handle(Configure(attrs.evolve(PROVIDER, channels=(*PROVIDER.channels, channel))), by=ADMIN)
    item = Inbound("222", Private(MARIA), "wamid.A", NOON, MessageKind.TEXT, Private("Oi"), None, None, None)
    (answer,) = other.ingest(Batch(WHATSAPP, (item,)))
    assert answer.error is None


def test_what_a_person_may_not_see_does_not_exist(office: Office) -> None:
    """The error is the same as for a missing id, in reads and in commands. Rule: P."""
    cv = office.taken(by=BETO)
    office.desk.handle(Configure(with_policies(agents_read=AgentsRead.OWN)), by=ADMIN)
    ghost = ConversationId("cv_ghost")
    desk = office.desk
    with office.nothing_changes():
        for call in (
            lambda id: desk.conversation(id, by=ANA),
            lambda id: desk.messages(MessageQuery(conversation=id), by=ANA),
            lambda id: desk.timeline(id, by=ANA),
            lambda id: desk.panel(id, by=ANA),
            lambda id: desk.effects(EffectQuery(conversation=id), by=ANA),
            lambda id: desk.handle(Take(id), by=ANA),
            lambda id: desk.handle(Close(id, MOVED), by=ANA),
        ):
            for id in (cv, ghost):
                with pytest.raises(NotFound) as caught:
                    call(id)
                assert (caught.value.what, caught.value.id) == ("conversation", id)
    assert desk.conversations(ConversationQuery(), by=ANA).rows == ()
    assert [c.id for c in desk.conversations(ConversationQuery(), by=SUE).rows] == [cv]
    with pytest.raises(NotPermitted):
        desk.effects(EffectQuery(), by=ANA)


def test_merging_with_whom_one_may_not_see_is_merging_with_nobody(office: Office) -> None:
    """The error names who is missing, be they hidden or not there: in either place. Rule: P, M11."""
    mine, theirs = office.taken(by=ANA), office.taken(by=BETO, address=JOAO)
    ana = attrs.evolve(PROVIDER.agents[0], granted=(Ability.MERGE,))
    workspace = attrs.evolve(with_policies(agents_read=AgentsRead.OWN), agents=(ana, *PROVIDER.agents[1:]))
    office.desk.handle(Configure(workspace), by=ADMIN)
    me, hidden = (office.state(cv).contact for cv in (mine, theirs))
    with office.nothing_changes():
        for stranger in (hidden, ContactId("ct_ghost")):
            for command in (MergeContacts(me, stranger), MergeContacts(stranger, me)):
                with pytest.raises(NotFound) as caught:
                    office.desk.handle(command, by=ANA)
                assert (caught.value.what, caught.value.id) == ("contact", stranger)


def test_a_person_has_one_live_conversation_whoever_they_were_before(office: Office) -> None:
    """What is closed of a contact that is another now does not go on beside the live one. Rule: L3, M11."""
    old = office.taken()
    office.desk.handle(Close(old, MOVED), by=ANA)
    live = office.taken(by=SUE, address=JOAO)
    gone, kept = (office.state(cv).contact for cv in (old, live))
    office.desk.handle(MergeContacts(gone, kept), by=SUE)
    with office.nothing_changes(), pytest.raises(AlreadyLive) as caught:
        office.desk.handle(Reopen(old), by=ANA)
    assert caught.value.conversation == live


def fed(office: Office, by: Actor, limit: int = 3, after: str | None = None) -> tuple[list[Any], str | None]:
    """All that a feed brings from a cursor on, page by page, and the cursor after it."""
    events: list[Any] = []
    while True:
        page = office.desk.feed(by=by, after=after, limit=limit)
        if page.next == after:
            return events, after
        events += page.events
        after = page.next


def test_the_feed_tells_what_was_committed_since(office: Office) -> None:
    """Every event once, each stream in order; the last cursor finds what is committed later."""
    cv = office.taken()
    events, cursor = fed(office, SUE)
    streams = office.contents.streams
    assert {ref: tuple(e for e in events if e.ref == ref) for ref in streams} == streams
    assert len(events) == sum(map(len, streams.values()))
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
    later, _ = fed(office, SUE, after=cursor)
    assert [type(e.event).__name__ for e in later] == [
        "MessageAdded",
        "MessageWritten",
        "Intended",
        "Claimed",
        "Succeeded",
        "MessageAccepted",
    ]
    for bad in ("x", "-1", ""):
        with pytest.raises(InvalidValue):
            office.desk.feed(by=ANA, after=bad)


def test_the_feed_keeps_to_what_a_person_may_see(office: Office) -> None:
    """Events of what lies outside are left out, and the cursor still moves. Rule: P."""
    mine, theirs = office.taken(by=ANA), office.taken(by=BETO, address=JOAO)
    for cv, by in ((mine, ANA), (theirs, BETO)):
        office.desk.handle(SendMessage(cv, "Olá"), by=by)
    office.desk.handle(Configure(with_policies(agents_read=AgentsRead.OWN)), by=ADMIN)
    contents = office.contents
    for by, cv in ((ANA, mine), (BETO, theirs)):
        events, _ = fed(office, by, limit=2)
        homes = {getattr(contents.states[e.ref], "conversation", e.ref) for e in events}
        assert homes == {cv}
        assert {e.ref.partition("_")[0] for e in events} == {"cv", "ef"}
    assert fed(office, Actor.bot("robo"))[0] == []
    assert fed(office, SUE)[0] == [
        e for page in [office.storage.changes(after=None, limit=200)] for e in page.rows
    ]


def test_nobody_sets_the_scope_of_a_query_but_the_desk(office: Office) -> None:
    """A caller cannot widen what they see by asking for it. Rule: P."""
    from chatcore.entities import Scope

    for unasked in (
        {"scope": Scope(bot=True)},
        {"scope": Scope()},
        {"also": (ContactId("ct_1"),)},
    ):
        (name,) = unasked
        query = ConversationQuery(**unasked)
        for read in (office.desk.conversations, office.desk.view, office.desk.counts):
            with pytest.raises(InvalidValue) as caught:
                read(query, by=ANA)
            assert caught.value.problems[0].path == name


# --- idempotency keys ----------------------------------------------------------------------------------------


def test_the_same_key_gives_the_first_outcome_even_after_later_changes(office: Office) -> None:
    """Same key, actor and content: the very same first answer, whatever has happened since; nothing is done."""
    cv = office.taken()
    first = office.desk.handle(SendMessage(cv, "Olá"), by=ANA, key="k")
    office.desk.handle(SendMessage(cv, "E mais"), by=ANA)
    office.desk.handle(Close(cv, MOVED), by=ANA)
    with office.nothing_changes():
        assert office.desk.handle(SendMessage(cv, "Olá"), by=ANA, key="k") == first
        assert office.another_desk().handle(SendMessage(cv, "Olá"), by=ANA, key="k") == first


def keyed_commands(office: Office) -> list[tuple[Any, Actor]]:
    """One command of each kind that passes, one after the other."""
    cv = office.waiting()
    other = office.waiting(JOAO)
    contact = office.contents.states[cv].contact
    office.desk.handle(Take(other), by=ANA)
    sent = office.desk.handle(SendMessage(other, "Olá"), by=ANA, delivery=Delivery.LATER)
    (effect,) = sent.effects
    return [
        (Configure(PROVIDER), ADMIN),
        (office.arrival(), SYSTEM),
        (Assign(cv, AgentId("ana")), SUE),
        (SendMessage(cv, "Oi"), ANA),
        (Close(cv, MOVED), ANA),
        (BlockContact(contact), ANA),
        (UnblockContact(contact), ANA),
        (StartConversation(WA, address="+55 21 98765-4321"), ANA),
        (RecordStatus(channel=WA, provider_id="x", status=DeliveryStatus.SENT, occurred_at=NOON), SYSTEM),
        (ClaimEffect(effect), SYSTEM),
        (SettleEffect(effect, 2, Finding(kind=FindingKind.DONE, reference="r")), SYSTEM),
    ]


@pytest.mark.parametrize("n", range(11))
def test_a_key_works_for_every_command(n: int) -> None:
    """Whatever the command, repeating it with its key gives the first outcome and changes nothing."""
    office = Office()
    commands = keyed_commands(office)
    for command, by in commands[:n]:
        office.desk.handle(command, by=by, delivery=Delivery.LATER)
    command, by = commands[n]
    first = office.desk.handle(command, by=by, key="k", delivery=Delivery.LATER)
    with office.nothing_changes():
        assert office.desk.handle(command, by=by, key="k", delivery=Delivery.LATER) == first


def test_a_command_that_changes_nothing_is_answered_the_same_again(office: Office) -> None:
    """Asking with a key for what already is commits the answer alone. Rule: L19."""
    cv = office.taken()
    first = office.desk.handle(Take(cv), by=ANA, key="k")
    assert first.changed == ()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    with office.nothing_changes():
        assert office.desk.handle(Take(cv), by=ANA, key="k") == first


@pytest.mark.parametrize(
    ("text", "by"), [("Outra", ANA), ("Olá", SUE), ("olá", ANA)], ids=["content", "actor", "case"]
)
def test_a_key_used_for_another_content_or_actor_is_refused(office: Office, text: str, by: Actor) -> None:
    """A key stands for one content and one actor; another is a mismatch, and nothing changes."""
    cv = office.taken()
    office.desk.handle(SendMessage(cv, "Olá"), by=ANA, key="k")
    with office.nothing_changes(), pytest.raises(IdempotencyMismatch) as caught:
        office.desk.handle(SendMessage(cv, text), by=by, key="k")
    assert (caught.value.key, caught.value.kind) == ("k", ErrorKind.CONFLICT)


def test_a_refused_command_leaves_no_receipt(office: Office) -> None:
    """After a refusal the same key may be used again, for the same command or another. Rule: S19."""
    cv = office.taken()
    with office.nothing_changes(), pytest.raises(ReasonRequired):
        office.desk.handle(Close(cv), by=ANA, key="k")
    with office.nothing_changes(), pytest.raises(VersionConflict):
        office.desk.handle(Close(cv, MOVED), by=ANA, key="k", expected=1)
    assert office.desk.handle(Close(cv, MOVED), by=ANA, key="k").conversation == cv


def test_the_receipt_is_looked_up_before_anything_is_decided(office: Office) -> None:
    """A repeat is answered even where the command would be refused by now. Rule: S23, L7."""
    cv = office.waiting()
    first = office.desk.handle(Take(cv), by=ANA, key="k", expected=2)
    agents = (attrs.evolve(PROVIDER.agents[0], active=False), *PROVIDER.agents[1:])
    office.desk.handle(Configure(attrs.evolve(PROVIDER, agents=agents, modules=())), by=SYSTEM)
    with office.nothing_changes():
        assert office.desk.handle(Take(cv), by=ANA, key="k", expected=2) == first


def test_a_key_is_free_again_once_forgotten(office: Office) -> None:
    """Receipts live until they are forgotten; then the key stands for nothing."""
    cv = office.taken()
    first = office.desk.handle(Take(cv), by=ANA, key="k")
    office.pass_time(days=31)
    assert office.desk.forget(before=NOON + timedelta(days=1)) > 0
    assert office.desk.handle(Take(cv), by=ANA, key="k") != first


@pytest.mark.parametrize(
    ("key", "code"), [("", "not_a_key"), ("a\nb", "not_a_key"), (7, "not_a_key"), ("x" * 256, "too_long")]
)
def test_a_malformed_key_or_correlation_is_refused(office: Office, key: Any, code: str) -> None:
    """A key is one printable line of bounded length."""
    cv = office.waiting()
    for name in ("key", "correlation"):
        with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
            office.desk.handle(Take(cv), by=ANA, **{name: key})
        (problem,) = caught.value.problems
        assert (problem.path, problem.code) == (name, code)
    office.desk.handle(Take(cv), by=ANA, key="x" * KEY_LENGTH)


# --- expected versions, correlation --------------------------------------------------------------------------


def test_a_stale_expected_version_is_a_conflict(office: Office) -> None:
    """A command on a conversation seen at another version does nothing; at that version it passes."""
    cv = office.waiting()
    seen = office.desk.conversation(cv, by=ANA).version
    office.arrive(text="Alô?")
    for stale in (seen, seen + 2, 0):
        with office.nothing_changes(), pytest.raises(VersionConflict) as caught:
            office.desk.handle(Take(cv), by=ANA, expected=stale)
        assert (caught.value.ref, caught.value.expected) == (cv, stale)
    office.desk.handle(Take(cv), by=ANA, expected=seen + 1)


def test_deliveries_and_reports_do_not_move_the_expected_version(office: Office) -> None:
    """What happens to a message on its way does not disturb a person's edit."""
    cv = office.taken()
    sent = office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
    status = RecordStatus(channel=WA, provider_id="out-1", status=DeliveryStatus.READ, occurred_at=NOON)
    office.desk.handle(status, by=SYSTEM)
    office.desk.handle(Close(cv, MOVED), by=ANA, expected=sent.version_of(cv))


def test_an_expected_version_is_only_for_commands_on_a_conversation(office: Office) -> None:
    """Given with any other command it is malformed, and nothing changes."""
    commands = [command for command, _ in keyed_commands(office)]
    about = (Assign, SendMessage, Close)
    for command in commands:
        if isinstance(command, about):
            continue
        with office.nothing_changes(), pytest.raises(InvalidValue) as caught:
            office.desk.handle(command, by=SYSTEM, expected=1)
        (problem,) = caught.value.problems
        assert (problem.path, problem.code) == ("expected", "not_about_a_conversation")


def test_correlation_and_causation_reach_every_event_of_the_command(office: Office) -> None:
    """Each event a command led to carries the caller's mark and the event it reacts to. Rule: L12."""
    cv = office.taken()
    cause = office.desk.timeline(cv, by=ANA)[-1].id
    done = office.desk.handle(Close(cv, MOVED), by=ANA, correlation="req-7", causation=EventId(cause))
    events = [e for s in office.contents.streams.values() for e in s if e.command == done.command]
    assert {type(e.event).__name__ for e in events} == {"MessageAdded", "MessageWritten", "Intended", "Closed"}
    assert {(e.correlation, e.causation, e.actor) for e in events} == {("req-7", cause, ANA)}
    assert len({e.id for e in events}) == len(events)


# --- can -----------------------------------------------------------------------------------------------------


def test_can_has_three_answers_and_commits_nothing(office: Office) -> None:
    """Allowed, needing a field, or refused with the very error that handling it would raise. Rule: S19."""
    cv = office.taken()
    with office.nothing_changes():
        allowed = office.desk.can(Close(cv, MOVED), by=ANA)
        needs = office.desk.can(Close(cv), by=ANA)
        refused = office.desk.can(Take(cv), by=BETO)
    assert (allowed.answer, bool(allowed), allowed.refusal) == (Answer.ALLOWED, True, None)
    assert (needs.answer, bool(needs), needs.needs) == (Answer.NEEDS, False, ("reason",))
    assert (refused.answer, bool(refused)) == (Answer.REFUSED, False)
    assert isinstance(refused.refusal, AlreadyTaken)
    assert refused.refusal.assignee == "ana"


@given(script=scripts(12), probe=scripts(6))
def test_can_says_what_handling_would_do(script: Any, probe: Any) -> None:
    """Law: `can` is ALLOWED exactly where `handle` passes, its refusal is the error, and it changes nothing."""
    storage, scene, messaging = MemoryStorage(), Scene(), MoodyMessaging()
    desk = Desk(Ports(storage=storage, messaging={WHATSAPP: messaging}), **scene.options())
    desk.handle(Configure(PROVIDER), by=SYSTEM)
    scene.play(desk, script)
    for step in probe:
        call = scene.call(step)
        if call is None or call[0] != "handle":
            continue
        (command,), by = call[1], call[2]["by"]
        before = storage.contents(), list(messaging.tries)
        verdict = desk.can(command, by=by)
        assert (storage.contents(), messaging.tries) == before
        try:
            desk.handle(command, by=by)
            refusal: ChatcoreError | None = None
        except ChatcoreError as error:
            refusal = error
        assert bool(verdict) is (refusal is None)
        assert repr(verdict.refusal) == repr(refusal)


# --- what is told, asked and kept ----------------------------------------------------------------------------


def test_the_observer_hears_without_personal_data() -> None:
    """It is told what was committed, refused and failed, in codes; never a phone, a name or a text."""
    heard: list[Any] = []
    office = Office(messaging=MoodyMessaging(), observe=heard.append)
    cv = office.taken()
    with pytest.raises(AlreadyTaken):
        office.desk.handle(Take(cv), by=BETO)
    office.desk.handle(SendMessage(cv, "never, Maria"), by=ANA)
    told = {(o.what, o.name, o.code) for o in heard}
    assert told >= {
        ("committed", "Configure", None),
        ("committed", "ReceiveMessage", None),
        ("committed", "Take", None),
        ("refused", "Take", "already_taken"),
        ("committed", "ClaimEffect", None),
        ("port_failed", "messaging", "131026"),
    }
    assert "Maria" not in repr(heard)
    assert MARIA not in repr(heard)


def test_an_observer_that_raises_changes_nothing() -> None:
    """Whatever the observer does, commands, deliveries and refusals go their way."""

    def grumble(_: object) -> None:
        raise RuntimeError("no")

    grumbled, quiet = Office(observe=grumble), Office()
    for office in (grumbled, quiet):
        cv = office.taken()
        office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
        with pytest.raises(AlreadyTaken):
            office.desk.handle(Take(cv), by=BETO)
        office.desk.handle(Close(cv, MOVED), by=ANA)
    assert grumbled.contents == quiet.contents
    assert grumbled.messaging.outbox == quiet.messaging.outbox


@pytest.mark.parametrize("present", [True, False])
def test_presence_decides_whether_a_conversation_comes_back_to_its_agent(present: bool) -> None:
    """A reopened conversation goes to its last assignee if the service says they are there. Rule: L4, L24."""
    asked: list[AgentId] = []

    def available(agent: AgentId) -> bool:
        asked.append(agent)
        return present

    reopening = with_policies(reopen_within=timedelta(hours=1), reopen_to_assignee=True)
    office = Office(reopening, available=available)
    cv = office.taken()
    office.desk.handle(Close(cv, MOVED), by=ANA)
    office.pass_time(minutes=5)
    assert office.arrive().conversation == cv
    conversation = office.desk.conversation(cv, by=ANA)
    assert conversation.situation is (Situation.OPEN if present else Situation.QUEUE)
    assert conversation.assignee == ("ana" if present else None)
    assert asked == ["ana"]


def test_the_secret_keys_the_addresses() -> None:
    """No stored key is the same under another secret, and none can be made without it. Rule: R4."""
    keys = []
    for secret in (b"", b"one", b"two"):
        office = Office(secret=secret)
        office.waiting()
        contents = office.contents
        (key,) = (claim for claim in contents.claims if claim.startswith("address:"))
        assert "8765" not in key
        keys.append(key)
        assert office.another_desk(secret=secret).handle(office.arrival(), by=SYSTEM).contact is None
        assert office.another_desk(secret=b"lost").handle(office.arrival(), by=SYSTEM).contact is not None
    assert len(set(keys)) == 3


def test_one_number_in_any_spelling_is_one_contact(office: Office) -> None:
    """With or without the ninth digit, a Brazilian mobile is the same contact. Rule: M11."""
    cv = office.waiting("5511987654321")
    assert office.waiting("551187654321") == cv
    with office.nothing_changes(), pytest.raises(AlreadyLive) as caught:
        office.desk.handle(StartConversation(WA, address="(11) 98765-4321"), by=ANA)
    assert caught.value.conversation == cv
    assert len(office.desk.contacts(ContactQuery(), by=ANA).rows) == 1


class Counting(MemoryStorage):
    """A storage that counts how often it is read, and how often the workspace comes out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.workspaces = 0

    def read(self, wanted: ReadSet, /) -> Snapshot:
        snapshot = super().read(wanted)
        self.reads += 1
        self.workspaces += snapshot.workspace is not None
        return snapshot


def test_the_workspace_is_not_read_again_while_its_version_stands() -> None:
    """A desk holds the configuration; only a newer one crosses the port again."""
    storage = Counting()
    office = Office(storage=storage)
    cv = office.waiting()
    storage.workspaces = 0
    office.desk.handle(Take(cv), by=ANA)
    for _ in range(5):
        office.arrive()
        office.desk.handle(SendMessage(cv, "Olá"), by=ANA)
        office.desk.conversation(cv, by=ANA)
    assert storage.workspaces == 0
    office.another_desk().handle(
        Configure(with_policies(automatic=AutomaticMessages(closing="Tchau!"))), by=ADMIN
    )
    storage.workspaces = 0
    office.desk.handle(Close(cv, MOVED), by=ANA)
    assert office.sent[-1] == "Tchau!"
    office.desk.workspace(by=ANA)
    assert storage.workspaces == 1


def test_a_take_reads_storage_once() -> None:
    """Gathering is one batched read, and a commit does not read."""
    storage = Counting()
    office = Office(storage=storage)
    cv = office.waiting()
    storage.reads = 0
    office.desk.handle(Take(cv), by=ANA, key="k")
    assert storage.reads == 1


def test_forgetting_keeps_what_is_young(office: Office) -> None:
    """Repeats are recognised for 30 days at least; a moment later than that is refused. Rule: M1."""
    office.arrive(id="wamid.A")
    with office.nothing_changes(), pytest.raises(InvalidValue, match="too_recent"):
        office.desk.forget(before=office.now)
    office.pass_time(days=30)
    with office.nothing_changes():
        assert office.desk.forget(before=NOON) == 0
    office.pass_time(seconds=1)
    assert office.desk.forget(before=NOON + timedelta(seconds=1)) == 3
    contents = office.contents
    assert (contents.expiring, contents.receipts) == ({}, {})


# --- what is not contracted ----------------------------------------------------------------------------------


@pytest.fixture
def lapsed(office: Office) -> tuple[Office, ConversationId]:
    """An office with a conversation in hand and a message due, whose module is not contracted any more."""
    (effect,) = office.written("Olá")
    office.desk.handle(Configure(attrs.evolve(PROVIDER, modules=())), by=SYSTEM)
    return office, office.state(effect).conversation


def test_peoples_commands_wait_while_the_module_is_not_contracted(
    lapsed: tuple[Office, ConversationId],
) -> None:
    """Each is refused with the one error that says so, also where what it names is not there. Rule: S23."""
    office, cv = lapsed
    contact = office.contents.states[cv].contact
    ghost = ConversationId("cv_ghost")
    commands: list[Any] = [
        Take(cv),
        Take(ghost),
        Assign(cv, AgentId("beto")),
        SendMessage(cv, "Oi"),
        Close(cv, MOVED),
        Close(ghost),
        BlockContact(contact),
        UnblockContact(ContactId("ct_ghost")),
        StartConversation(WA, address=JOAO),
        Configure(PROVIDER),
    ]
    with office.nothing_changes():
        for command in commands:
            for by in (ANA, SUE, ADMIN, Actor.bot("robo"), Actor.agent("nobody")):
                with pytest.raises(NotContracted) as caught:
                    office.desk.handle(command, by=by)
                assert (caught.value.kind, caught.value.module) == (ErrorKind.NOT_CONTRACTED, "chat")
                assert isinstance(office.desk.can(command, by=by).refusal, NotContracted)


def test_peoples_reads_wait_while_the_module_is_not_contracted(
    lapsed: tuple[Office, ConversationId],
) -> None:
    """Each read is refused with the same error. Rule: S23."""
    office, cv = lapsed
    desk = office.desk
    reads: list[Callable[[Actor], object]] = [
        lambda by: desk.workspace(by=by),
        lambda by: desk.conversation(cv, by=by),
        lambda by: desk.conversation(ConversationId("cv_ghost"), by=by),
        lambda by: desk.contact(ContactId("ct_ghost"), by=by),
        lambda by: desk.conversations(ConversationQuery(), by=by),
        lambda by: desk.messages(MessageQuery(conversation=cv), by=by),
        lambda by: desk.contacts(ContactQuery(), by=by),
        lambda by: desk.effects(EffectQuery(), by=by),
        lambda by: desk.effects(EffectQuery(conversation=cv), by=by),
        lambda by: desk.timeline(cv, by=by),
        lambda by: desk.feed(by=by),
        lambda by: desk.view(ConversationQuery(), by=by),
        lambda by: desk.counts(by=by),
        lambda by: desk.panel(cv, by=by),
        lambda by: desk.panel(ConversationId("cv_ghost"), by=by),
    ]
    for read in reads:
        for by in (ANA, ADMIN, Actor.bot("robo")):
            with pytest.raises(NotContracted):
                read(by)


def test_what_arrives_is_recorded_while_the_module_is_not_contracted(
    lapsed: tuple[Office, ConversationId],
) -> None:
    """Messages, reports and settlements are not lost; contracted again, they are there. Rule: S23."""
    office, cv = lapsed
    office.arrive(text="Alô?")
    assert office.desk.run_due().done == 1
    status = RecordStatus(channel=WA, provider_id="out-1", status=DeliveryStatus.READ, occurred_at=NOON)
    office.desk.handle(status, by=SYSTEM)
    office.desk.handle(Configure(PROVIDER), by=SYSTEM)
    rows = office.desk.messages(MessageQuery(conversation=cv), by=ANA).rows
    assert [(m.body.reveal(), m.status) for m in rows] == [
        ("Oi", DeliveryStatus.PENDING),
        ("Olá", DeliveryStatus.READ),
        ("Alô?", DeliveryStatus.PENDING),
    ]


@pytest.mark.parametrize("by", ["ana", None, ("agent", "ana"), 7])
def test_who_asks_is_an_actor(office: Office, by: Any) -> None:
    """An id alone does not tell a person from a bot: commands, `can` and reads say so at once."""
    cv = office.waiting()
    with office.nothing_changes():
        for ask in (
            lambda: office.desk.handle(Take(cv), by=by),
            lambda: office.desk.can(Take(cv), by=by),
            lambda: office.desk.conversation(cv, by=by),
            lambda: office.desk.feed(by=by),
            lambda: office.desk.view(ConversationQuery(), by=by),
            lambda: office.desk.counts(by=by),
            lambda: office.desk.panel(cv, by=by),
        ):
            with pytest.raises(InvalidValue) as caught:
                ask()
            assert caught.value.problems[0].path == "by"


@pytest.mark.parametrize("after", ["x", -1, None, 1.5])
def test_a_timeline_goes_on_after_a_version(office: Office, after: Any) -> None:
    """Anything else is the caller's mistake, not the storage's."""
    cv = office.waiting()
    with pytest.raises(InvalidValue) as caught:
        office.desk.timeline(cv, by=ANA, after=after)
    assert caught.value.problems[0].path == "after"


def test_a_correlation_goes_with_the_delivery(office: Office) -> None:
    """What a command sets going carries its mark to the end, also when a worker carries it out."""
    cv = office.taken()
    outcome = office.desk.handle(SendMessage(cv, "Olá"), by=ANA, correlation="req-1", delivery=Delivery.LATER)
    office.desk.run_due()
    streams = office.contents.streams
    assert outcome.message is not None
    marks = [e.correlation for ref in (*outcome.effects, outcome.message) for e in streams[ref]]
    assert len(marks) == 5
    assert set(marks) == {"req-1"}
