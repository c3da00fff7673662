"""Well-formed commands of every type; what they name need not be there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from chatcore import commands as c
from chatcore.entities import MediaPointer
from chatcore.entities.capabilities import MEDIA
from chatcore.limits import BOLETOS
from chatcore.testing.strategies._billing import bonuses, brought, order_words, periods
from chatcore.testing.strategies._brazil import brazilian_mobiles
from chatcore.testing.strategies._capabilities import REPORTED, boleto_forms
from chatcore.testing.strategies._fields import values_given
from chatcore.testing.strategies._ids import entity_ids, id_tuples, message_ids, outside_ids
from chatcore.testing.strategies._media import attachments, media_pointers
from chatcore.testing.strategies._policies import policies
from chatcore.testing.strategies._texts import hostile_text, labels, one_line_text
from chatcore.testing.strategies._times import moments
from chatcore.testing.strategies._workspaces import items, workspaces
from chatcore.vocabulary import ContactId, MessageKind, Part, Situation

__all__ = ["commands", "findings"]

_Some: TypeAlias = Mapping[type[Any], st.SearchStrategy[Any]]

_WITHOUT_FILE = tuple(
    kind for kind in MessageKind if kind not in MEDIA and kind not in (MessageKind.NOTE, MessageKind.TEMPLATE)
)


def commands(*kinds: type[c.Command]) -> st.SearchStrategy[c.Command]:
    """A command of one of these types, or of any.

    Raises:
        KeyError: one of them is no command.
    """
    of_each = _of_each()
    return st.one_of(*(of_each[kind] for kind in kinds or of_each))


@cache
def _of_each() -> _Some:
    return {**_of_talk(), **_of_life(), **_of_billing(), **_of_contacts(), **_of_work(), **_recorded()}


def _of_talk() -> _Some:
    """Starting, sending, and what is put on a conversation."""
    b, ids, line = st.builds, outside_ids(), one_line_text()
    conversation, contact, message = entity_ids("cv"), entity_ids("ct"), message_ids()
    over, parameters = st.booleans(), st.lists(line, max_size=3)
    kind = st.none() | st.sampled_from(sorted(MEDIA))
    return {
        c.StartConversation: st.one_of(
            b(c.StartConversation, ids, contact=contact, text=st.none() | line, over_capacity=over),
            b(c.StartConversation, ids, address=brazilian_mobiles(), department=st.none() | ids),
            b(c.StartConversation, ids, contact=contact, template=ids, parameters=parameters),
        ),
        c.SendMessage: b(c.SendMessage, conversation, line),
        c.SendTemplate: b(c.SendTemplate, conversation, ids, parameters),
        c.SendQuickReply: b(c.SendQuickReply, conversation, ids),
        c.SendMedia: b(c.SendMedia, conversation, attachments(), st.none() | line, kind=kind),
        c.AddNote: b(c.AddNote, conversation, line),
        c.AddTags: b(c.AddTags, conversation, id_tuples(min_size=1)),
        c.RemoveTags: b(c.RemoveTags, conversation, id_tuples(min_size=1)),
        c.SetFields: b(c.SetFields, conversation, values_given()),
        c.Resend: b(c.Resend, message),
        c.Dismiss: b(c.Dismiss, message),
    }


def _of_life() -> _Some:
    """The life cycle of a conversation, and its editing."""
    b, ids, over = st.builds, outside_ids(), st.booleans()
    conversation, some_id = entity_ids("cv"), st.none() | outside_ids()
    situation = st.none() | st.sampled_from(Situation)
    return {
        c.Take: b(c.Take, conversation, over_capacity=over),
        c.Assign: b(c.Assign, conversation, ids, over_capacity=over),
        c.Transfer: b(c.Transfer, conversation, ids, over_capacity=over),
        c.ChangeDepartment: b(c.ChangeDepartment, conversation, ids),
        **{kind: b(kind, conversation) for kind in (c.ReturnToQueue, c.ReturnToBot, c.MarkRead)},
        c.Reopen: b(c.Reopen, conversation, some_id, over_capacity=over),
        c.SetReason: b(c.SetReason, conversation, ids),
        c.EditConversation: st.one_of(
            b(
                c.EditConversation,
                conversation,
                customer=some_id,
                department=some_id,
                reason=some_id,
                situation=situation,
                over_capacity=over,
            ),
            b(c.EditConversation, conversation, to=ids, situation=st.sampled_from((None, Situation.OPEN))),
        ),
        c.Close: b(c.Close, conversation, some_id),
        **{kind: b(kind, conversation) for kind in (c.CloseIdle, c.TimeOutBot)},
        c.ReleaseConversation: b(c.ReleaseConversation, conversation, ids),
    }


def _of_billing() -> _Some:
    """What is asked of contracts and billing, and what is settled by people."""
    b, ids, line = st.builds, outside_ids(), one_line_text()
    conversation, effect, some_id = entity_ids("cv"), entity_ids("ef"), st.none() | outside_ids()
    boletos = id_tuples(BOLETOS, 1)
    return {
        c.PinContract: b(c.PinContract, conversation, some_id),
        c.SendBoletos: b(c.SendBoletos, conversation, boletos, forms=st.none() | boleto_forms()),
        c.SendInvoices: b(c.SendInvoices, conversation, boletos),
        c.GrantBonus: b(c.GrantBonus, conversation, ids, bonuses(), line, period=st.none() | periods()),
        c.OpenServiceOrder: b(
            c.OpenServiceOrder, conversation, **order_words(), contract=some_id, transcript=st.booleans()
        ),
        c.Withdraw: b(c.Withdraw, effect),
        c.SettleReview: b(c.SettleReview, effect, st.booleans(), line, reference=some_id),
    }


def _of_contacts() -> _Some:
    b, contact, line = st.builds, entity_ids("ct"), one_line_text()
    pairs = st.lists(contact.map(ContactId), min_size=2, max_size=2, unique=True)
    return {
        c.BlockContact: st.one_of(
            b(c.BlockContact, contact, st.none() | line),
            b(c.BlockContact, address=brazilian_mobiles(), why=st.none() | line),
        ),
        c.UnblockContact: b(c.UnblockContact, contact),
        c.UnlinkCustomer: b(c.UnlinkCustomer, contact),
        c.EditContact: b(
            c.EditContact,
            contact,
            name=st.none() | labels(),
            opted_out=st.none() | st.booleans(),
            fields=values_given(),
        ),
        c.LinkCustomer: b(c.LinkCustomer, contact, outside_ids()),
        c.MergeContacts: pairs.map(lambda pair: c.MergeContacts(*pair)),
    }


def _of_work() -> _Some:
    """The workspace's configuration."""
    b, part = st.builds, st.sampled_from(Part)
    return {
        c.Configure: b(c.Configure, workspaces()),
        c.AddItem: b(c.AddItem, items()),
        c.ChangeItem: b(c.ChangeItem, items()),
        c.ArchiveItem: b(c.ArchiveItem, part, outside_ids()),
        c.RestoreItem: b(c.RestoreItem, part, outside_ids()),
        c.OrderItems: b(c.OrderItems, part, id_tuples(min_size=1)),
        c.SetPolicies: b(c.SetPolicies, policies()),
    }


# --- what comes from outside ---------------------------------------------------------------------------------


def findings() -> st.SearchStrategy[c.Finding]:
    """What may be found out about an effect that was tried."""
    return st.builds(
        c.Finding,
        kind=st.sampled_from(c.FindingKind),
        reference=st.none() | outside_ids(),
        detail=st.none() | outside_ids(),
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=1)),
        brought=st.none() | brought(),
    )


def _arriving(kind: Any, **content: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What a channel brings, about one customer and under a provider's id."""
    return st.builds(
        kind,
        channel=outside_ids(),
        address=brazilian_mobiles(),
        provider_id=outside_ids(),
        sent_at=moments(),
        **content,
    )


def _said() -> st.SearchStrategy[tuple[MessageKind, str | None, MediaPointer | None]]:
    """What a message from outside may be: words, something unknown, or a file with or without a caption."""
    return st.one_of(
        st.tuples(st.sampled_from(_WITHOUT_FILE), hostile_text(), st.none()),
        st.tuples(st.sampled_from(sorted(MEDIA)), st.none() | hostile_text(8), media_pointers()),
    )


def _saying(kind: type[Any]) -> Any:
    def make(said: tuple[MessageKind, str | None, MediaPointer | None], **values: Any) -> Any:
        return kind(kind=said[0], text=said[1], media=said[2], **values)

    return make


def _recorded() -> _Some:
    b, ids, some_id, effect = st.builds, outside_ids(), st.none() | outside_ids(), entity_ids("ef")
    raw = st.none() | hostile_text()
    return {
        c.ReceiveMessage: _arriving(
            _saying(c.ReceiveMessage),
            said=_said(),
            name=st.none() | hostile_text(4),
            raw=raw,
            reply_to=some_id,
        ),
        c.RecordEcho: _arriving(_saying(c.RecordEcho), said=_said(), raw=raw),
        c.RecordReaction: _arriving(c.RecordReaction, target=ids, emoji=st.none() | hostile_text(2)),
        c.RecordEdit: _arriving(c.RecordEdit, target=ids, text=hostile_text()),
        c.RecordRevocation: _arriving(c.RecordRevocation, target=ids),
        c.RecordStatus: b(
            c.RecordStatus,
            channel=ids,
            provider_id=ids,
            status=st.sampled_from(REPORTED),
            occurred_at=moments(),
            key=st.none() | effect,
            failure=some_id,
        ),
        c.ClaimEffect: b(c.ClaimEffect, effect),
        c.SettleEffect: b(c.SettleEffect, effect, st.integers(1, 100), findings()),
        c.RecordResult: st.one_of(
            b(c.RecordResult, effect=effect, applied=st.just(True), reference=some_id),
            b(c.RecordResult, effect=effect, applied=st.just(False), reference=some_id, failure=some_id),
        ),
    }
