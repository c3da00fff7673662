"""What crosses the ports: requests, and what a storage is given and answers.

A change set here is well-formed; whether a storage takes it is another matter. One that it takes in its turn
is found in `histories`.
"""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st

from chatcore.commands import Outcome
from chatcore.entities import Entity, Workspace
from chatcore.ports import (
    BoletoRequest,
    BonusRequest,
    ChangeSet,
    CustomerQuery,
    Due,
    FetchRequest,
    InvoiceRequest,
    ReadSet,
    Receipt,
    ReceiptRequest,
    SendRequest,
    ServiceOrderRequest,
    Snapshot,
    TallyChange,
    TemplateUse,
    Transcript,
    TranscriptLine,
    Write,
)
from chatcore.testing.strategies._billing import bonuses, order_words, periods
from chatcore.testing.strategies._brazil import brazilian_mobiles, phones, tax_ids
from chatcore.testing.strategies._entities import contacts, conversations, effects, messages
from chatcore.testing.strategies._events import envelopes
from chatcore.testing.strategies._ids import actors, command_ids, entity_ids, outside_ids, refs
from chatcore.testing.strategies._media import attachments, media_pointers
from chatcore.testing.strategies._texts import labels, private_lines
from chatcore.testing.strategies._times import moments
from chatcore.testing.strategies._workspaces import workspaces
from chatcore.vocabulary import Direction, MessageKind, Private

__all__ = [
    "boleto_requests",
    "bonus_requests",
    "change_sets",
    "customer_queries",
    "dues",
    "fetch_requests",
    "invoice_requests",
    "outcomes",
    "read_sets",
    "receipt_requests",
    "receipts",
    "send_requests",
    "service_order_requests",
    "snapshots",
    "tally_changes",
    "template_uses",
    "transcript_lines",
    "transcripts",
    "writes",
]


# --- messaging, contracts, billing ---------------------------------------------------------------------------


def _asked() -> dict[str, st.SearchStrategy[Any]]:
    """What every request says: its key, and until when."""
    return {"key": entity_ids("ef"), "deadline": moments()}


def template_uses() -> st.SearchStrategy[TemplateUse]:
    """An approved template, filled in. Rule: M5, M6."""
    languages, parameters = st.sampled_from(("pt_BR", "en")), st.lists(private_lines(), max_size=2).map(tuple)
    return st.builds(TemplateUse, name=labels(), language=languages, parameters=parameters)


def send_requests() -> st.SearchStrategy[SendRequest]:
    """A message to send: a text, a file, or a template."""
    rest: dict[str, Any] = {
        **_asked(),
        "account": outside_ids(),
        "to": brazilian_mobiles().map(Private),
        "text": private_lines(),
    }
    return st.one_of(
        st.builds(SendRequest, kind=st.just(MessageKind.TEXT), **rest),
        st.builds(SendRequest, kind=st.just(MessageKind.DOCUMENT), attachment=attachments(), **rest),
        st.builds(SendRequest, kind=st.just(MessageKind.TEMPLATE), template=template_uses(), **rest),
    )


def fetch_requests() -> st.SearchStrategy[FetchRequest]:
    """A file to fetch. Rule: M17."""
    return st.builds(FetchRequest, **_asked(), account=outside_ids(), pointer=media_pointers())


def receipt_requests() -> st.SearchStrategy[ReceiptRequest]:
    """A customer to be told that they were read. Rule: L23."""
    to = brazilian_mobiles().map(Private)
    return st.builds(ReceiptRequest, **_asked(), account=outside_ids(), to=to, provider_id=outside_ids())


def customer_queries() -> st.SearchStrategy[CustomerQuery]:
    """Customers by one key. Rule: B2."""
    return st.one_of(
        st.builds(CustomerQuery, document=tax_ids()),
        st.builds(CustomerQuery, phone=phones()),
        st.builds(CustomerQuery, name=private_lines()),
    )


def transcript_lines() -> st.SearchStrategy[TranscriptLine]:
    """One message of a transcript. Rule: B12."""
    return st.builds(
        TranscriptLine,
        at=moments(),
        direction=st.sampled_from(Direction),
        author=st.none() | actors(),
        kind=st.sampled_from(MessageKind),
        text=private_lines(),
    )


def transcripts() -> st.SearchStrategy[Transcript]:
    """What was said, as a service order takes it along. Rule: B12."""
    return st.builds(Transcript, st.lists(transcript_lines(), max_size=3).map(tuple), st.booleans())


def service_order_requests() -> st.SearchStrategy[ServiceOrderRequest]:
    """A service order to open. Rule: S17, B12."""
    return st.builds(
        ServiceOrderRequest,
        **_asked(),
        **order_words(),
        customer=st.none() | outside_ids(),
        contract=st.none() | outside_ids(),
        protocol=outside_ids(),
        requested_by=actors(),
        transcript=st.none() | transcripts(),
    )


def boleto_requests() -> st.SearchStrategy[BoletoRequest]:
    """A boleto to issue. Rule: S13."""
    ids = outside_ids()
    return st.builds(BoletoRequest, **_asked(), customer=ids, boleto=ids, document=st.booleans())


def invoice_requests() -> st.SearchStrategy[InvoiceRequest]:
    """A fiscal invoice to fetch. Rule: S14."""
    return st.builds(InvoiceRequest, **_asked(), customer=outside_ids(), invoice=outside_ids())


def bonus_requests() -> st.SearchStrategy[BonusRequest]:
    """A bonus to grant. Rule: S15, B8."""
    return st.builds(
        BonusRequest,
        **_asked(),
        customer=outside_ids(),
        contract=outside_ids(),
        bonus=bonuses(),
        period=periods(),
        justification=private_lines(),
        granted_by=actors(),
    )


# --- storage -------------------------------------------------------------------------------------------------


def outcomes() -> st.SearchStrategy[Outcome]:
    """The answer to a command, which may have changed nothing."""
    changed = st.lists(st.tuples(refs(), st.integers(1, 10_000)), max_size=3, unique_by=lambda pair: pair[0])
    return st.builds(Outcome, command_ids(), changed.map(tuple))


def receipts() -> st.SearchStrategy[Receipt]:
    """That a command was committed, under an idempotency key or without."""
    keyed = st.tuples(outside_ids(), outside_ids())
    return st.builds(
        lambda outcome, at, key: Receipt(outcome.command, at, outcome, *key),
        outcomes(),
        moments(),
        st.just(()) | keyed,
    )


def _entities() -> st.SearchStrategy[Entity]:
    return st.one_of(conversations(), contacts(), messages(), effects(), _recorded_workspaces())


def _recorded_workspaces() -> st.SearchStrategy[Workspace]:
    versions = st.integers(1, 1000)
    return st.builds(
        lambda workspace, version, at: attrs.evolve(workspace, version=version, recorded_at=at),
        workspaces(),
        versions,
        moments(),
    )


@st.composite
def writes(draw: st.DrawFn) -> Write:
    """One entity's step, by one event or two; what they say need not lead to the state."""
    state = draw(_entities())
    count = draw(st.integers(1, min(2, state.version)))
    first = state.version - count + 1
    some = [
        attrs.evolve(draw(envelopes()), ref=state.id, version=version)
        for version in range(first, state.version + 1)
    ]
    return Write(state.id, first - 1, state, tuple(some))


def _owned() -> st.SearchStrategy[Any]:
    keys = st.builds("{}:{}".format, st.sampled_from(("live", "address", "inbound")), outside_ids())
    return st.lists(st.tuples(keys, refs()), max_size=2, unique_by=lambda pair: pair[0]).map(tuple)


def tally_changes() -> st.SearchStrategy[TallyChange]:
    """A count that goes up, to a bound or without one, or down. Rule: L7."""
    bounds = st.none() | st.integers(1, 5)
    return st.builds(TallyChange, _tallies(), st.sampled_from((-1, 1)), bounds)


def _tallies() -> st.SearchStrategy[str]:
    return st.builds("open:{}".format, outside_ids())


def change_sets() -> st.SearchStrategy[ChangeSet]:
    """A well-formed change set."""
    versions = st.tuples(refs(), st.integers(0, 100))
    return st.builds(
        ChangeSet,
        receipt=receipts(),
        writes=st.lists(writes(), max_size=2, unique_by=lambda write: write.ref).map(tuple),
        reads=st.lists(versions, max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
        claims=_owned(),
        releases=_owned(),
        expiring=_owned(),
        tallies=st.lists(tally_changes(), max_size=2, unique_by=lambda each: each.key).map(tuple),
        seals=st.lists(st.tuples(_tallies(), st.booleans()), max_size=1).map(tuple),
    )


def read_sets() -> st.SearchStrategy[ReadSet]:
    """What to read in one go, from nothing to a little of everything."""
    keys = st.lists(outside_ids(), max_size=2, unique=True).map(tuple)
    return st.builds(
        ReadSet,
        refs=st.lists(refs(), max_size=3, unique=True).map(tuple),
        owners=keys,
        tallies=keys,
        lanes=keys,
        key=st.none() | outside_ids(),
        command=st.none() | command_ids(),
        workspace_after=st.none() | st.integers(0, 1000),
    )


def snapshots() -> st.SearchStrategy[Snapshot]:
    """What was read at one moment."""
    states = st.lists(_entities(), max_size=2).map(lambda some: {state.id: state for state in some})
    return st.builds(
        Snapshot,
        states=states,
        owners=st.dictionaries(outside_ids(), refs(), max_size=2),
        tallies=st.dictionaries(outside_ids(), st.integers(0, 10), max_size=2),
        heads=st.dictionaries(outside_ids(), effects(), max_size=1),
        receipt=st.none() | receipts(),
        committed=st.none() | receipts(),
        workspace=st.none() | _recorded_workspaces(),
    )


def dues() -> st.SearchStrategy[Due]:
    """Effects about which something is to be done, and when the next falls due."""
    return st.builds(Due, st.lists(effects(), max_size=2).map(tuple), st.none() | moments())
