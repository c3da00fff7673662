"""Events: past, frozen, redacted, each with one fold; and the envelope they travel in."""

from __future__ import annotations

import pickle
import typing
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

from chatcore import events
from chatcore.entities import Address, Attachment, Block, Customer, Media, MediaPointer, Policies, Tag
from chatcore.errors import TransitionNotAllowed
from chatcore.events import SCHEMA, Envelope, Event, Taken
from chatcore.evolve import evolve
from chatcore.testing.strategies import events as any_event
from chatcore.vocabulary import (
    SYSTEM,
    DeliveryStatus,
    Direction,
    EffectKind,
    EffectState,
    MessageKind,
    Part,
    Private,
    Situation,
    Trigger,
)
from tests.given import (
    ANA,
    ASKED,
    CT,
    CV,
    EF,
    MSG,
    NOW,
    born,
    contact,
    conversation,
    effect,
    envelope,
    inbound,
    keeper,
    kept,
    workspace,
)

WAMID = "wamid.HBgNNTUxMTk4NzY1NDMyMRUCABEYEjA2QjdGRjQ2AA=="
SECRET = Private("segredo")
FILE = Attachment(key=WAMID, mime="image/jpeg", size=1, sha256="0" * 64, name="segredo.jpg")
MEDIA = Media(pointer=MediaPointer(reference=WAMID, mime="image/jpeg", name="segredo.jpg"))

# One of each event, with every field given.
ALL: list[Any] = [
    events.Started(
        contact=CT,
        channel="wa",
        address=SECRET,
        protocol="1",
        department="sup",
        bot=True,
        assignee="ana",
        window_until=NOW,
        quiet_until=NOW,
    ),
    events.Queued(department="sup"),
    events.Taken(assignee="ana"),
    events.Transferred(assignee="ana"),
    events.ReturnedToBot(),
    events.Closed(reason="moved"),
    events.Reopened(assignee="ana", window_until=NOW, quiet_until=NOW),
    events.MessageAdded(
        message=MSG,
        seq=1,
        direction=Direction.INBOUND,
        human=True,
        window_until=NOW,
        address=SECRET,
        bot=True,
        trigger=Trigger.AFTER_HOURS,
        quiet_until=NOW,
    ),
    events.Tagged(tags=("vip", "late")),
    events.Untagged(tags=("vip",)),
    events.FieldsSet(values=(("plan", SECRET), ("gone", None))),
    events.ContactReplaced(
        contact="ct_2",
        address=Private("5511912345678"),
        window_until=NOW,
        quiet_until=NOW,
        waiting_since=NOW,
        unread=2,
    ),
    events.ContractPinned(contract="k1"),
    events.ActionRequested(effect=EF, kind=EffectKind.GRANT_BONUS),
    events.DepartmentChanged(department="fin"),
    events.ReasonSet(reason="moved"),
    events.MarkedRead(),
    events.ContactCreated(addresses=(Address("k", SECRET),), name=SECRET),
    events.ContactBlocked(why="spam"),
    events.ContactUnblocked(),
    events.InboundRefused(channel="wa", provider_id=WAMID),
    events.ContactEdited(name=SECRET, opted_out=True, values=(("plan", SECRET),)),
    events.CustomerLinked(customer="segredo"),
    events.CustomerUnlinked(),
    events.CustomersSuggested(customers=(Customer(id="segredo", name=SECRET, document=SECRET),)),
    events.ContactAbsorbed(
        contact="ct_2",
        addresses=(Address("k", SECRET),),
        name=SECRET,
        customer="segredo",
        fields=(("plan", SECRET),),
        opted_out=True,
        blocked=Block(ANA, NOW, "segredo"),
        refused=1,
        merged=("ct_2",),
        suggestions=(Customer(id="segredo", name=SECRET),),
    ),
    events.ContactMerged(into="ct_2", channels=("wa",)),
    events.MessageReceived(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.TEXT,
        body=SECRET,
        provider_id=WAMID,
        sent_at=NOW,
        flags=("cut",),
        raw=SECRET,
        media=MEDIA,
        reply_to="cv_1.7",
    ),
    events.MessageEchoed(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.IMAGE,
        body=SECRET,
        provider_id=WAMID,
        sent_at=NOW,
        flags=("cut",),
        raw=SECRET,
        media=MEDIA,
    ),
    events.NoteAdded(conversation=CV, seq=1, channel="wa", body=SECRET),
    events.MessageWritten(
        conversation=CV,
        seq=1,
        channel="wa",
        kind=MessageKind.TEXT,
        body=SECRET,
        effect=EF,
        author=ANA,
        automatic=Trigger.CLOSING,
        media=Media(attachment=FILE),
        template="late",
        parameters=(SECRET,),
        customer="segredo",
    ),
    events.MessageAccepted(provider_id=WAMID),
    events.MessageNotSent(detail="expired"),
    events.MessageDoubted(),
    events.StatusReported(status=DeliveryStatus.SENT, occurred_at=NOW, failure="1"),
    events.AnomalyRecorded(),
    events.MessageResent(effect="ef_2"),
    events.DoubtDismissed(),
    events.MediaStored(attachment=FILE),
    events.MediaLost(detail="expired"),
    events.Reacted(channel="wa", provider_id=WAMID, direction=Direction.INBOUND, emoji=SECRET, sent_at=NOW),
    events.MessageEdited(channel="wa", provider_id=WAMID, body=SECRET, sent_at=NOW),
    events.MessageRevoked(channel="wa", provider_id=WAMID, sent_at=NOW),
    events.WorkspaceConfigured(workspace=workspace()),
    events.ItemAdded(item=Tag(id="vip", name="VIP")),
    events.ItemChanged(item=Tag(id="vip", name="VIP")),
    events.ItemArchived(part=Part.REASON, id="slow"),
    events.ItemRestored(part=Part.REASON, id="old"),
    events.ItemsOrdered(part=Part.DEPARTMENT, ids=("fin", "sup")),
    events.PoliciesChanged(policies=Policies()),
    events.Intended(
        kind=EffectKind.KEEP_STATUS,
        channel="wa",
        agent="ana",
        expires_at=NOW,
        due_at=NOW,
        conversation=CV,
        contact=CT,
        message=None,
        lane="l",
        position=1,
        reference=WAMID,
        kept=(kept(DeliveryStatus.SENT),),
    ),
    *(
        events.Intended(
            kind=kind,
            agent="ana",
            expires_at=NOW,
            due_at=NOW,
            conversation=CV,
            contact=CT,
            lane="l",
            position=1,
            reference=WAMID,
            kept=(kept(DeliveryStatus.SENT),),
            demand=demand,
        )
        for kind, demand in ASKED.items()
    ),
    events.Claimed(lease_until=NOW, at=NOW),
    events.Postponed(due_at=NOW, detail="x"),
    events.Succeeded(reference=WAMID),
    events.Failed(detail="x"),
    events.Cancelled(detail="x"),
    events.Doubted(due_at=NOW, detail="x", at=NOW),
    events.LookedUp(due_at=NOW),
    events.LeftUnconfirmed(),
    events.SentToReview(guarded=False),
    events.Dismissed(),
    events.StatusKept(report=kept(DeliveryStatus.SENT)),
    events.EvidenceKept(finding="done", reference=WAMID, note=SECRET),
]
EACH = pytest.mark.parametrize("event", ALL, ids=lambda e: type(e).__name__)


def test_every_event_is_in_these_tests() -> None:
    """The union, the module's names and this list are the same set."""
    named = {getattr(events, name) for name in events.__all__} - {SCHEMA, Envelope, Event}
    assert {type(event) for event in ALL} == {*typing.get_args(Event)} == named


@EACH
def test_events_are_values(event: Any) -> None:
    """Equal to their like, frozen, hashable, slotted, and they pickle."""
    twin = pickle.loads(pickle.dumps(event))
    assert twin == event
    assert hash(twin) == hash(event)
    assert not hasattr(event, "__dict__")
    for field in attrs.fields(type(event)):
        assert field.kw_only
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(event, field.name, None)


@EACH
def test_every_field_is_given_in_these_tests(event: Any) -> None:
    """So that a field added later cannot be forgotten here.

    A message that is kept early has none yet; what is asked of contracts or billing goes through no channel.
    """
    left_out = [
        field.name
        for field in attrs.fields(type(event))
        if field.default is not attrs.NOTHING and getattr(event, field.name) == field.default
    ]
    if type(event) is not events.Intended:
        assert left_out == []
    elif event.kind is EffectKind.KEEP_STATUS:
        assert left_out == ["message", "demand"]
    else:
        assert left_out == ["channel", "message"]


SECRETS: dict[EffectKind, Any] = {
    EffectKind.ISSUE_BOLETO: {"customer": "segredo"},
    EffectKind.ISSUE_INVOICE: {"customer": "segredo"},
    EffectKind.GRANT_BONUS: {"customer": "segredo", "justification": SECRET},
    EffectKind.OPEN_ORDER: {"customer": "segredo", "subject": SECRET, "description": SECRET},
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_asked_does_not_print_personal_data(kind: EffectKind) -> None:
    """Nor whom it is for."""
    demand = attrs.evolve(ASKED[kind], **SECRETS[kind])
    assert "segredo" not in repr(events.Intended(kind=kind, expires_at=NOW, due_at=NOW, demand=demand))


@settings(max_examples=50)
@given(any_event())
def test_any_event_is_a_value(event: Any) -> None:
    """Law: whatever an event holds, it hashes, and pickles to its like."""
    twin = pickle.loads(pickle.dumps(event))
    assert twin == event
    assert hash(twin) == hash(event)
    assert repr(twin) == repr(event)


@EACH
def test_events_do_not_print_personal_data(event: Any) -> None:
    """No body, no address, no name; nor a provider's id, which holds the customer's number."""
    assert "segredo" not in repr(event)
    assert WAMID not in repr(event)


def test_the_envelope_is_what_the_design_fixed() -> None:
    """Event id, reference, version, time, actor, command, correlation, causation, schema, and the event."""
    names = "id ref version recorded_at actor command correlation causation schema event"
    assert [field.name for field in attrs.fields(Envelope)] == names.split()
    assert SCHEMA == 1
    made = envelope(CV, 2, Taken(assignee="ana"), by=ANA)
    assert (made.ref, made.version, made.actor, made.recorded_at) == (CV, 2, ANA, NOW)
    assert pickle.loads(pickle.dumps(made)) == made


# --- each event belongs to the stream of one kind of entity --------------------------------------------------

BIRTHS = {
    "Started",
    "ContactCreated",
    "MessageReceived",
    "MessageEchoed",
    "MessageWritten",
    "NoteAdded",
    "Intended",
    "WorkspaceConfigured",
}
STREAMS = {
    "Conversation": "Queued Taken Transferred ReturnedToBot Closed Reopened DepartmentChanged ReasonSet "
    "MarkedRead MessageAdded Tagged Untagged FieldsSet ContactReplaced ContractPinned ActionRequested",
    "Contact": "ContactBlocked ContactUnblocked InboundRefused ContactEdited CustomerLinked CustomerUnlinked "
    "CustomersSuggested ContactAbsorbed ContactMerged",
    "Message": "MessageAccepted MessageNotSent MessageDoubted StatusReported AnomalyRecorded MessageResent "
    "DoubtDismissed MediaStored MediaLost Reacted MessageEdited MessageRevoked",
    "Workspace": "WorkspaceConfigured ItemAdded ItemChanged ItemArchived ItemRestored ItemsOrdered "
    "PoliciesChanged",
    "Effect": "Claimed Postponed Succeeded Failed Cancelled Doubted LookedUp LeftUnconfirmed SentToReview "
    "Dismissed StatusKept EvidenceKept",
}
STATES: dict[str, Any] = {
    "Conversation": conversation(),
    "Contact": contact(),
    "Message": inbound(),
    "Workspace": workspace(),
    "Effect": effect(),
}


def test_each_event_has_one_stream() -> None:
    """Together they are all events, and those of the streams but one are no births."""
    later = [name for names in STREAMS.values() for name in names.split()]
    assert len(later) == len({*later})
    assert {*later} | BIRTHS == {type(event).__name__ for event in ALL}


@EACH
def test_a_stream_begins_with_a_birth_only(event: Any) -> None:
    """Before the first event there is nothing that another one could follow on."""
    name = type(event).__name__
    if name in BIRTHS:
        ref = {"Started": CV, "ContactCreated": CT, "Intended": EF, "WorkspaceConfigured": "ws"}.get(name, MSG)
        assert born(ref, event).version == 1
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        born(CV, event)
    assert (refused.value.origin, refused.value.event) == (None, name)


@pytest.mark.parametrize("kind", STATES)
@EACH
def test_an_event_follows_in_its_own_stream_only(event: Any, kind: str) -> None:
    """On the state of another kind of entity, and on any state for a birth, it is refused."""
    state = STATES[kind]
    name = type(event).__name__
    if name in STREAMS[kind].split():
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        evolve(state, envelope(state.id, state.version + 1, event))
    assert refused.value.event == name


def test_the_system_is_behind_what_is_recorded() -> None:
    """An envelope names its actor, also where nobody of flesh was. Rule: L12."""
    assert envelope("ef_keeper", 2, events.Succeeded()).actor is SYSTEM
    assert keeper().state is EffectState.INTENDED
    assert conversation(Situation.OPEN).assignee == "ana"
