"""The closed tables: every kind of value that may stand alone in a document, and the members of each union.

A tag is the name of a class and says which one a value is of. Tags are never taken back or given to another
class: golden documents hold them. Nothing is looked for among subclasses: what is not here has no tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, get_args

from chatcore import commands, entities, events, ports, screen, search
from chatcore.vocabulary import Actor

__all__ = ["COMMANDS", "CONDITIONS", "EVENTS", "KINDS", "QUERIES", "VERSION"]

VERSION: Final = events.SCHEMA
"""The version that documents are written in."""

COMMANDS: Final[tuple[type[Any], ...]] = get_args(commands.Command)
EVENTS: Final[tuple[type[Any], ...]] = get_args(events.Event)
QUERIES: Final[tuple[type[Any], ...]] = get_args(search.Query)

CONDITIONS: Final[tuple[type[Any], ...]] = (
    search.AllOf,
    search.AnyOf,
    search.Not,
    search.Says,
    search.Named,
    search.Has,
    search.Is,
    search.Between,
    search.Filled,
    search.Reached,
    search.Numbered,
    search.Documented,
    search.Nothing,
)

_ENTITIES: Final[tuple[type[Any], ...]] = (
    *get_args(entities.Entity),
    *get_args(entities.Item),
    *get_args(entities.Demand),
    *get_args(entities.Nature),
    entities.Address,
    entities.Attachment,
    entities.AutomaticMessages,
    entities.BillingCapabilities,
    entities.BillingPolicies,
    entities.Block,
    entities.Boleto,
    entities.Bonus,
    entities.BusinessHours,
    entities.ChannelCapabilities,
    entities.Contract,
    entities.ContractsCapabilities,
    entities.Customer,
    entities.Details,
    entities.Edit,
    entities.Evidence,
    entities.Extras,
    entities.Found,
    entities.Interval,
    entities.Invoice,
    entities.IssuedBoleto,
    entities.IssuedInvoice,
    entities.KeptStatus,
    entities.Media,
    entities.MediaCapability,
    entities.MediaPointer,
    entities.Origin,
    entities.Policies,
    entities.Reaction,
    entities.Robot,
    entities.Scope,
    entities.Talk,
)

_PORTS: Final[tuple[type[Any], ...]] = (
    ports.BoletoRequest,
    ports.BonusRequest,
    ports.ChangeSet,
    ports.CustomerQuery,
    ports.Due,
    ports.FetchRequest,
    ports.InvoiceRequest,
    ports.ReadSet,
    ports.Receipt,
    ports.ReceiptRequest,
    ports.SendRequest,
    ports.ServiceOrderRequest,
    ports.Snapshot,
    ports.TallyChange,
    ports.TemplateUse,
    ports.Transcript,
    ports.TranscriptLine,
    ports.Write,
)

_SCREEN: Final[tuple[type[Any], ...]] = (
    screen.BoletoRow,
    screen.ContractLight,
    screen.ContractsPage,
    screen.Counts,
    screen.EffectCounts,
    screen.FeedPage,
    screen.Preview,
    screen.Review,
    screen.Row,
    screen.ViewPage,
)

_ALL: Final[tuple[type[Any], ...]] = (
    Actor,
    *_ENTITIES,
    *COMMANDS,
    commands.Finding,
    commands.Outcome,
    *EVENTS,
    events.Envelope,
    *QUERIES,
    *CONDITIONS,
    search.Hit,
    search.Occurrence,
    search.Occurrences,
    search.Page,
    *_PORTS,
    *_SCREEN,
)

KINDS: Final[Mapping[str, type[Any]]] = MappingProxyType({kind.__name__: kind for kind in _ALL})
"""Every kind of value that may stand alone, by its tag."""
