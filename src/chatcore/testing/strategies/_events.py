"""Well-formed events of every type, and envelopes of them; what they name need not be there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from chatcore import events as e
from chatcore.entities.demands import DEMANDS
from chatcore.entities.fields import as_values
from chatcore.testing.strategies._billing import customers, demands
from chatcore.testing.strategies._brazil import brazilian_mobiles
from chatcore.testing.strategies._capabilities import REPORTED
from chatcore.testing.strategies._entities import address_tuples, blocks, kept_statuses
from chatcore.testing.strategies._fields import values_given, values_kept
from chatcore.testing.strategies._ids import (
    actors,
    command_ids,
    entity_ids,
    event_ids,
    id_tuples,
    message_ids,
    outside_ids,
    refs,
)
from chatcore.testing.strategies._media import attachments, media
from chatcore.testing.strategies._policies import policies
from chatcore.testing.strategies._texts import labels, one_line_text, private_lines
from chatcore.testing.strategies._times import moments
from chatcore.testing.strategies._workspaces import items, workspaces
from chatcore.vocabulary import Direction, EffectKind, MessageKind, Part, Private, Trigger

__all__ = ["envelopes", "events"]

_Some: TypeAlias = Mapping[type[Any], st.SearchStrategy[Any]]

_EMPTY = (
    e.ReturnedToBot,
    e.MarkedRead,
    e.ContactUnblocked,
    e.CustomerUnlinked,
    e.MessageDoubted,
    e.AnomalyRecorded,
    e.DoubtDismissed,
    e.LeftUnconfirmed,
    e.Dismissed,
)


def events(*kinds: type[e.Event]) -> st.SearchStrategy[e.Event]:
    """An event of one of these types, or of any.

    Raises:
        KeyError: one of them is no event.
    """
    of_each = _of_each()
    return st.one_of(*(of_each[kind] for kind in kinds or of_each))


def envelopes(*kinds: type[e.Event]) -> st.SearchStrategy[e.Envelope]:
    """An event of one of these types, or of any, in its envelope, about an entity of any kind."""
    return st.builds(
        e.Envelope,
        id=event_ids(),
        ref=refs(),
        version=st.integers(1, 10_000),
        recorded_at=moments(),
        actor=actors(),
        command=command_ids(),
        correlation=st.none() | outside_ids(),
        causation=st.none() | event_ids(),
        schema=st.just(e.SCHEMA),
        event=events(*kinds),
    )


def _values() -> st.SearchStrategy[Any]:
    return values_given().map(lambda given: as_values(given))


@cache
def _of_each() -> _Some:
    empty = {kind: st.builds(kind) for kind in _EMPTY}
    return {**empty, **_of_conversations(), **_of_contacts(), **_of_messages(), **_of_work(), **_of_effects()}


def _of_conversations() -> _Some:
    b, ids, some_id, some_moment = st.builds, outside_ids(), st.none() | outside_ids(), st.none() | moments()
    address = brazilian_mobiles().map(Private)
    return {
        e.Started: b(
            e.Started,
            contact=entity_ids("ct"),
            channel=ids,
            address=address,
            protocol=st.integers(10**17, 10**18 - 1).map(str),
            department=ids,
            bot=st.booleans(),
            assignee=some_id,
            window_until=some_moment,
            quiet_until=some_moment,
        ),
        e.Queued: b(e.Queued, department=ids),
        e.Taken: b(e.Taken, assignee=ids),
        e.Transferred: b(e.Transferred, assignee=ids),
        e.Closed: b(e.Closed, reason=ids),
        e.Reopened: b(e.Reopened, assignee=some_id, window_until=some_moment, quiet_until=some_moment),
        e.DepartmentChanged: b(e.DepartmentChanged, department=ids),
        e.ReasonSet: b(e.ReasonSet, reason=ids),
        e.MessageAdded: b(
            e.MessageAdded,
            message=message_ids(),
            seq=st.integers(1, 10_000),
            direction=st.sampled_from(Direction),
            human=st.booleans(),
            window_until=some_moment,
            address=st.none() | address,
            bot=st.booleans(),
            trigger=st.none() | st.sampled_from(Trigger),
            quiet_until=some_moment,
        ),
        e.Tagged: b(e.Tagged, tags=id_tuples(min_size=1)),
        e.Untagged: b(e.Untagged, tags=id_tuples(min_size=1)),
        e.FieldsSet: b(e.FieldsSet, values=_values()),
        e.ContactReplaced: b(
            e.ContactReplaced,
            contact=entity_ids("ct"),
            window_until=some_moment,
            quiet_until=some_moment,
            waiting_since=some_moment,
            unread=st.integers(0, 100),
        ),
        e.ContractPinned: b(e.ContractPinned, contract=some_id),
        e.ActionRequested: b(e.ActionRequested, effect=entity_ids("ef"), kind=st.sampled_from(sorted(DEMANDS))),
    }


def _of_contacts() -> _Some:
    b, ids, contact = st.builds, outside_ids(), entity_ids("ct")
    name, some = st.none() | labels().map(Private), st.lists(customers(), max_size=3).map(tuple)
    return {
        e.ContactCreated: b(e.ContactCreated, addresses=address_tuples(), name=name),
        e.ContactBlocked: b(e.ContactBlocked, why=st.none() | one_line_text()),
        e.InboundRefused: b(e.InboundRefused, channel=ids, provider_id=ids),
        e.ContactEdited: b(e.ContactEdited, name=name, opted_out=st.booleans(), values=_values()),
        e.CustomerLinked: b(e.CustomerLinked, customer=ids),
        e.CustomersSuggested: b(e.CustomersSuggested, customers=some),
        e.ContactAbsorbed: b(
            e.ContactAbsorbed,
            contact=contact,
            addresses=address_tuples(),
            name=name,
            customer=st.none() | ids,
            fields=values_kept(),
            opted_out=st.booleans(),
            blocked=st.none() | blocks(),
            refused=st.integers(0, 10),
            merged=st.lists(contact, max_size=2, unique=True).map(tuple),
            suggestions=some,
        ),
        e.ContactMerged: b(e.ContactMerged, into=contact, channels=id_tuples()),
    }


def _of_messages() -> _Some:
    b, ids, at, line = st.builds, outside_ids(), moments(), private_lines()
    some_id, some_line, some_media = st.none() | ids, st.none() | line, st.none() | media()
    placed = {"conversation": entity_ids("cv"), "seq": st.integers(1, 10_000), "channel": ids}
    told = {**placed, "provider_id": ids, "sent_at": at, "flags": id_tuples(2), "raw": some_line}
    kinds = st.sampled_from([kind for kind in MessageKind if kind is not MessageKind.NOTE])
    mark = {"channel": ids, "provider_id": ids, "sent_at": at}
    said = {"kind": kinds, "body": line, "media": some_media}
    return {
        e.MessageReceived: b(e.MessageReceived, **told, **said, reply_to=st.none() | message_ids()),
        e.MessageEchoed: b(e.MessageEchoed, **told, **said),
        e.MessageWritten: b(
            e.MessageWritten,
            **placed,
            **said,
            effect=entity_ids("ef"),
            author=st.none() | actors(),
            automatic=st.none() | st.sampled_from(Trigger),
            template=some_id,
            parameters=st.lists(line, max_size=2).map(tuple),
            customer=some_id,
        ),
        e.NoteAdded: b(e.NoteAdded, **placed, body=line),
        e.MessageAccepted: b(e.MessageAccepted, provider_id=some_id),
        e.MessageNotSent: b(e.MessageNotSent, detail=ids),
        e.MessageResent: b(e.MessageResent, effect=entity_ids("ef")),
        e.StatusReported: b(
            e.StatusReported, status=st.sampled_from(REPORTED), occurred_at=at, failure=some_id
        ),
        e.MediaStored: b(e.MediaStored, attachment=attachments()),
        e.MediaLost: b(e.MediaLost, detail=ids),
        e.Reacted: b(e.Reacted, **mark, direction=st.sampled_from(Direction), emoji=some_line),
        e.MessageEdited: b(e.MessageEdited, **mark, body=line),
        e.MessageRevoked: b(e.MessageRevoked, **mark),
    }


def _of_work() -> _Some:
    b, part = st.builds, st.sampled_from(Part)
    return {
        e.WorkspaceConfigured: b(e.WorkspaceConfigured, workspace=workspaces()),
        e.ItemAdded: b(e.ItemAdded, item=items()),
        e.ItemChanged: b(e.ItemChanged, item=items()),
        e.ItemArchived: b(e.ItemArchived, part=part, id=outside_ids()),
        e.ItemRestored: b(e.ItemRestored, part=part, id=outside_ids()),
        e.ItemsOrdered: b(e.ItemsOrdered, part=part, ids=id_tuples(min_size=1)),
        e.PoliciesChanged: b(e.PoliciesChanged, policies=policies()),
    }


def _of_effects() -> _Some:
    b, ids, at = st.builds, outside_ids(), moments()
    some_id, some_moment = st.none() | ids, st.none() | at
    return {
        e.Intended: b(
            e.Intended,
            kind=st.sampled_from(EffectKind),
            expires_at=at,
            due_at=at,
            channel=some_id,
            agent=some_id,
            conversation=st.none() | entity_ids("cv"),
            contact=st.none() | entity_ids("ct"),
            message=st.none() | message_ids(),
            lane=some_id,
            position=st.integers(0, 10_000),
            reference=some_id,
            kept=st.lists(kept_statuses(), max_size=2).map(tuple),
            demand=st.none() | demands(),
        ),
        e.Claimed: b(e.Claimed, lease_until=at, at=some_moment),
        e.Postponed: b(e.Postponed, due_at=at, detail=some_id),
        e.Succeeded: b(e.Succeeded, reference=some_id),
        e.Failed: b(e.Failed, detail=ids),
        e.Cancelled: b(e.Cancelled, detail=ids),
        e.Doubted: b(e.Doubted, due_at=at, detail=ids, at=some_moment),
        e.LookedUp: b(e.LookedUp, due_at=at),
        e.StatusKept: b(e.StatusKept, report=kept_statuses()),
        e.EvidenceKept: b(e.EvidenceKept, finding=ids, reference=some_id, note=st.none() | private_lines()),
        e.SentToReview: b(e.SentToReview, guarded=st.booleans()),
    }
