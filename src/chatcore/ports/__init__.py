"""The ports: what the core asks of the outside, as structural protocols, sync and async.

Parameters are positional-only or keyword-only; the async twin of `X` is `AsyncX`, equal but for `async`. An
optional power is a protocol of its own. Asking for capabilities does no I/O.

What a port raises: `Temporary` (certainly not done), `OutcomeUnknown` (may be done), `Permanent` (refused), and
storage `Conflict`. Anything else an adapter raises is wrapped: on reads as `ContractViolation`, on writes as
`OutcomeUnknown`.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from chatcore.ports.billing import AsyncBilling, Billing, BoletoRequest, BonusRequest, InvoiceRequest
from chatcore.ports.contracts import (
    AsyncContracts,
    Contracts,
    CustomerQuery,
    ServiceOrderRequest,
    Transcript,
    TranscriptLine,
)
from chatcore.ports.messaging import (
    AsyncMessaging,
    AsyncSupportsFetch,
    AsyncSupportsLookUp,
    AsyncSupportsReceipts,
    FetchRequest,
    Messaging,
    ReceiptRequest,
    SendRequest,
    SupportsFetch,
    SupportsLookUp,
    SupportsReceipts,
    TemplateUse,
)
from chatcore.ports.storage import (
    AsyncStorage,
    ChangeSet,
    Due,
    ReadSet,
    Receipt,
    Snapshot,
    Storage,
    TallyChange,
    Write,
)
from chatcore.vocabulary import ChannelKind

__all__ = [
    "AsyncBilling",
    "AsyncContracts",
    "AsyncMessaging",
    "AsyncPorts",
    "AsyncStorage",
    "AsyncSupportsFetch",
    "AsyncSupportsLookUp",
    "AsyncSupportsReceipts",
    "Billing",
    "BoletoRequest",
    "BonusRequest",
    "ChangeSet",
    "Contracts",
    "CustomerQuery",
    "Due",
    "FetchRequest",
    "InvoiceRequest",
    "Messaging",
    "Ports",
    "ReadSet",
    "Receipt",
    "ReceiptRequest",
    "SendRequest",
    "ServiceOrderRequest",
    "Snapshot",
    "Storage",
    "SupportsFetch",
    "SupportsLookUp",
    "SupportsReceipts",
    "TallyChange",
    "TemplateUse",
    "Transcript",
    "TranscriptLine",
    "Write",
]


@attrs.frozen(slots=True, kw_only=True)
class Ports:
    """The adapters of a `Desk`; messaging has one per kind of channel. Contracts and billing may be missing."""

    storage: Storage
    messaging: Mapping[ChannelKind, Messaging] = attrs.field(factory=dict)
    contracts: Contracts | None = None
    billing: Billing | None = None


@attrs.frozen(slots=True, kw_only=True)
class AsyncPorts:
    """The adapters of an `AsyncDesk`; as in `Ports`."""

    storage: AsyncStorage
    messaging: Mapping[ChannelKind, AsyncMessaging] = attrs.field(factory=dict)
    contracts: AsyncContracts | None = None
    billing: AsyncBilling | None = None
