"""Every public value of chatcore, by its class: `values` gives of some, or of all.

A value is what is compared, printed and kept: an attrs class, a member of an enum, a `Private`. Ports, desks,
errors and the facts of a decision are none.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar, get_args

from hypothesis import strategies as st

from chatcore import answers as a
from chatcore import br, ports, screen, search
from chatcore import entities as e
from chatcore import vocabulary as v
from chatcore.channels import items as channel
from chatcore.commands import Command, Finding, FindingKind, Outcome
from chatcore.entities.replies import VARIABLES
from chatcore.errors import ErrorKind, Problem
from chatcore.events import Envelope, Event
from chatcore.testing.strategies import (
    _answers,
    _arrivals,
    _billing,
    _brazil,
    _capabilities,
    _commands,
    _entities,
    _events,
    _fields,
    _ids,
    _media,
    _policies,
    _queries,
    _requests,
    _workspaces,
)
from chatcore.testing.strategies._texts import hostile_text, private_lines
from chatcore.text.repairing import Repaired, repair
from chatcore.text.templates import Template, parse_template

__all__ = ["kinds", "values"]

T = TypeVar("T")
_Some = dict[type[Any], st.SearchStrategy[Any]]


def values(*some: type[T]) -> st.SearchStrategy[T]:
    """A value of one of these classes; without any, of any class in `kinds`.

    Raises:
        KeyError: one of them is no class of values.
    """
    of_each = _of_each()
    return st.one_of(*(of_each[kind] for kind in some or of_each))


def kinds() -> tuple[type[Any], ...]:
    """Every class of public values."""
    return tuple(_of_each())


@cache
def _of_each() -> _Some:
    return {
        **{kind: st.sampled_from(kind) for kind in _enums()},
        **{kind: _commands.commands(kind) for kind in get_args(Command)},
        **{kind: _events.events(kind) for kind in get_args(Event)},
        **_words(),
        **_things(),
        **_asked(),
        **_crossing(),
        **_shown(),
    }


def _enums() -> Iterator[type[enum.Enum]]:
    for name in v.__all__:
        found = getattr(v, name)
        if isinstance(found, type) and issubclass(found, enum.Enum):
            yield found
    yield from (a.Answer, a.Delivery, br.LineKind, br.TaxIdKind, ErrorKind, FindingKind)
    yield from (search.Mark, search.Order, search.Trait, search.When)


def _words() -> _Some:
    return {
        v.Actor: _ids.actors(),
        v.Private: private_lines(),
        Repaired: hostile_text(8).map(lambda text: repair(text, 20)),
        Template: _policies.prepared_text().map(lambda text: parse_template(text, VARIABLES)),
        br.AccessKey: _brazil.access_keys(),
        br.DigitableLine: _brazil.digitable_lines(),
        br.Money: _brazil.money(),
        br.Phone: _brazil.phones(),
        br.PixCode: _brazil.pix_codes(),
        br.TaxId: _brazil.tax_ids(),
    }


def _things() -> _Some:
    """Entities, and what they are made of."""
    return {
        **{kind: _capabilities.natures(kind) for kind in get_args(e.Nature)},
        **{kind: _billing.demands(kind) for kind in get_args(e.Demand)},
        e.Address: _entities.addresses(),
        e.Agent: _workspaces.agents(),
        e.Attachment: _media.attachments(),
        e.AutomaticMessages: _policies.automatic_messages(),
        e.BillingCapabilities: _capabilities.billing_capabilities(),
        e.BillingPolicies: _policies.billing_policies(),
        e.Block: _entities.blocks(),
        e.Boleto: _billing.boletos(),
        e.Bonus: _billing.bonuses(),
        e.BusinessHours: _policies.business_hours(),
        e.Channel: _workspaces.channels(),
        e.ChannelCapabilities: _capabilities.channel_capabilities(),
        e.Contact: _entities.contacts(),
        e.Contract: _billing.contracts(),
        e.ContractsCapabilities: _capabilities.contracts_capabilities(),
        e.Conversation: _entities.conversations(),
        e.Customer: _billing.customers(),
        e.Department: _workspaces.departments(),
        e.Details: _entities.details(),
        e.Edit: _entities.edits(),
        e.Effect: _entities.effects(),
        e.Evidence: _entities.evidence(),
        e.Extras: _entities.extras(),
        e.Field: _fields.fields(),
        e.Found: _billing.found(),
        e.Interval: _policies.intervals(),
        e.Invoice: _billing.invoices(),
        e.IssuedBoleto: _billing.issued_boletos(),
        e.IssuedInvoice: _billing.issued_invoices(),
        e.KeptStatus: _entities.kept_statuses(),
        e.Media: _media.media(),
        e.MediaCapability: _capabilities.media_capabilities(),
        e.MediaPointer: _media.media_pointers(),
        e.Message: _entities.messages(),
        e.MessageTemplate: _workspaces.message_templates(),
        e.Origin: _entities.origins(),
        e.Policies: _policies.policies(),
        e.QuickReply: _workspaces.quick_replies(),
        e.Reaction: _entities.reactions(),
        e.Reason: _workspaces.reasons(),
        e.Robot: _entities.robots(),
        e.Scope: _entities.scopes(),
        e.Tag: _workspaces.tags(),
        e.Talk: _entities.talks(),
        e.Workspace: _workspaces.workspaces(),
    }


def _asked() -> _Some:
    """Queries and their conditions; what is found."""
    leaves = _queries.leaf_conditions()
    parts = st.lists(st.one_of(*leaves.values()), min_size=1, max_size=3).map(tuple)
    return {
        **leaves,
        search.AllOf: parts.map(search.AllOf),
        search.AnyOf: parts.map(search.AnyOf),
        search.Not: st.one_of(*leaves.values()).map(search.Not),
        search.ContactQuery: _queries.contact_queries(),
        search.ConversationQuery: _queries.conversation_queries(),
        search.EffectQuery: _queries.effect_queries(),
        search.MessageQuery: _queries.message_queries(),
        search.Hit: _queries.hits(),
        search.Occurrence: _queries.places(),
        search.Occurrences: _queries.occurrences(),
        search.Page: _queries.pages(),
    }


def _crossing() -> _Some:
    """What crosses the ports, either way."""
    return {
        **{kind: _arrivals.channel_items(kind) for kind in get_args(channel.Item)},
        channel.Batch: _arrivals.batches(),
        Envelope: _events.envelopes(),
        Finding: _commands.findings(),
        Outcome: _requests.outcomes(),
        ports.BoletoRequest: _requests.boleto_requests(),
        ports.BonusRequest: _requests.bonus_requests(),
        ports.ChangeSet: _requests.change_sets(),
        ports.CustomerQuery: _requests.customer_queries(),
        ports.Due: _requests.dues(),
        ports.FetchRequest: _requests.fetch_requests(),
        ports.InvoiceRequest: _requests.invoice_requests(),
        ports.ReadSet: _requests.read_sets(),
        ports.Receipt: _requests.receipts(),
        ports.ReceiptRequest: _requests.receipt_requests(),
        ports.SendRequest: _requests.send_requests(),
        ports.ServiceOrderRequest: _requests.service_order_requests(),
        ports.Snapshot: _requests.snapshots(),
        ports.TallyChange: _requests.tally_changes(),
        ports.TemplateUse: _requests.template_uses(),
        ports.Transcript: _requests.transcripts(),
        ports.TranscriptLine: _requests.transcript_lines(),
        ports.Write: _requests.writes(),
    }


def _shown() -> _Some:
    """What a desk answers with."""
    return {
        a.Ingested: _answers.ingested(),
        a.Observation: _answers.observations(),
        a.Report: _answers.reports(),
        a.Verdict: _answers.verdicts(),
        Problem: _answers.problems(),
        screen.BoletoRow: _answers.boleto_rows(),
        screen.Choices: _answers.choices(),
        screen.ContractLight: _answers.contract_lights(),
        screen.ContractsPage: _answers.contracts_pages(),
        screen.Counts: _answers.counts(),
        screen.EffectCounts: _answers.effect_counts(),
        screen.FeedPage: _answers.feed_pages(),
        screen.Panel: _answers.panels(),
        screen.Preview: _answers.previews(),
        screen.Review: _answers.reviews(),
        screen.Row: _answers.rows(),
        screen.ViewPage: _answers.view_pages(),
    }
