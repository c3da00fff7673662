"""What a chat screen shows, as frozen values: the rows of its views, the panel, live changes.

1. A view is a `ConversationQuery`: queue, open, closed and bot are its situations (S1), filtered as one likes
   (S2).
2. Every page carries the feed cursor it reflects: whoever follows the feed from there misses nothing.
3. A row says where it stands by itself; following the feed, put each row where its situation says, and take
   away what is `gone`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import attrs

from chatcore.vocabulary import (
    AgentId,
    BoletoForm,
    BoletoState,
    ChannelId,
    ContactId,
    ContractId,
    ConversationId,
    DepartmentId,
    Direction,
    EffectState,
    Light,
    MessageKind,
    Private,
    ReasonId,
    Situation,
    TagId,
    redacted,
)

if TYPE_CHECKING:
    from chatcore.answers import Verdict
    from chatcore.commands import Command
    from chatcore.entities import (
        Agent,
        Boleto,
        Bonus,
        Contact,
        Contract,
        Conversation,
        Department,
        Effect,
        MessageTemplate,
        QuickReply,
        Reason,
        Tag,
    )
    from chatcore.events import Envelope

__all__ = [
    "Actions",
    "BoletoRow",
    "Choices",
    "ContractLight",
    "ContractsPage",
    "Counts",
    "EffectCounts",
    "FeedPage",
    "Panel",
    "Preview",
    "Review",
    "Row",
    "ViewPage",
]


@attrs.frozen(slots=True, kw_only=True)
class Preview:
    """The last thing said, as a row shows it: `text` is cut; empty for a file without a caption."""

    direction: Direction
    kind: MessageKind
    text: Private


@attrs.frozen(slots=True, kw_only=True)
class ContractLight:
    """The state of a customer's contract, beside the name. Rule: S5, B1.

    `contract` is the one that counts, None where there is none; `as_of` when it was read, `link` where a person
    finds it. Where the contracts side could not tell, it is GREY, and `failure` is the code of why.
    """

    light: Light
    contract: ContractId | None = None
    as_of: datetime | None = None
    link: str | None = attrs.field(default=None, repr=redacted)
    failure: str | None = None

    @property
    def alert(self) -> bool:
        """Whether a person must see it: it is red."""
        return self.light is Light.RED


@attrs.frozen(slots=True)
class ContractsPage:
    """The contracts of whom a conversation is with, and the light that they make. Rule: S5, S9."""

    contracts: tuple[Contract, ...]
    light: ContractLight | None


@attrs.frozen(slots=True, kw_only=True)
class Row:
    """One conversation as a view shows it. Rule: S1, S5, S7.

    `name` is None while nobody knows it; `changed_at` is its last change; `light` the state of the contract,
    None where the contact is linked to no customer, or where there is no contracts side.
    """

    id: ConversationId
    version: int
    situation: Situation
    contact: ContactId
    name: Private | None
    blocked: bool
    channel: ChannelId
    department: DepartmentId
    assignee: AgentId | None
    reason: ReasonId | None
    tags: tuple[TagId, ...]
    unread: int
    waiting_since: datetime | None
    changed_at: datetime
    preview: Preview | None
    light: ContractLight | None = None


@attrs.frozen(slots=True)
class ViewPage:
    """A page of a view; `next` goes on, `feed` is the cursor of the feed that these rows reflect."""

    rows: tuple[Row, ...]
    next: str | None
    feed: str


@attrs.frozen(slots=True, kw_only=True)
class Counts:
    """How many conversations each view has, up to `at_most`, which stands for "that many or more". Rule: S1."""

    queue: int
    open: int
    closed: int
    bot: int
    at_most: int


@attrs.frozen(slots=True, kw_only=True)
class Choices:
    """What may be chosen for one conversation, by one person, now. Rule: C3, C4, C6, L7, L9, M16.

    `agents` could have it: active, with access, with room. Those the service calls present are in
    `available`. `boleto_forms` are offered. `bonus_limits` is what this person may grant at most, of the
    kinds offered; None: without limit. Rule: B4, B8.
    """

    reasons: tuple[Reason, ...]
    tags: tuple[Tag, ...]
    departments: tuple[Department, ...]
    agents: tuple[Agent, ...]
    available: frozenset[AgentId]
    quick_replies: tuple[QuickReply, ...]
    templates: tuple[MessageTemplate, ...]
    boleto_forms: tuple[BoletoForm, ...] = ()
    bonus_limits: tuple[Bonus, ...] | None = ()


class Actions(Mapping["type[Command]", "Verdict"]):
    """A verdict for each command, by its class: ``panel.actions[Close]``. Never changes; pickles, compares."""

    __slots__ = ("_verdicts",)
    _verdicts: dict[type[Command], Verdict]

    def __init__(self, verdicts: Mapping[type[Command], Verdict], /) -> None:
        object.__setattr__(self, "_verdicts", dict(verdicts))

    def __getitem__(self, command: type[Command], /) -> Verdict:
        return self._verdicts[command]

    def __iter__(self) -> Iterator[type[Command]]:
        return iter(self._verdicts)

    def __len__(self) -> int:
        return len(self._verdicts)

    def __repr__(self) -> str:
        return f"Actions({ {command.__name__: v for command, v in self._verdicts.items()} })"

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __reduce__(self) -> tuple[type[Actions], tuple[dict[type[Command], Verdict]]]:
        return Actions, (self._verdicts,)


@attrs.frozen(slots=True, kw_only=True)
class Panel:
    """One conversation opened on a screen. Rule: S8, S9, S10.

    `contracts` are the customer's, and `light` as in `Row`. Rule: S9.

    `actions` has a verdict for every command about the conversation or its contact: allowed, needing the
    fields that it lacks, or with the refusal a person would meet. About one message, `Resend` and `Dismiss`,
    ask `can`.
    """

    conversation: Conversation
    contact: Contact
    contracts: tuple[Contract, ...]
    light: ContractLight | None
    actions: Actions
    choices: Choices
    feed: str


@attrs.frozen(slots=True)
class BoletoRow:
    """A boleto as it stands today, and what it can be sent as: nothing where it may not be. Rule: S13, B3, B4.

    `flags` name what the billing side has of it that does not hold. Rule: B5.
    """

    boleto: Boleto
    state: BoletoState
    forms: tuple[BoletoForm, ...]
    flags: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class EffectCounts:
    """How many effects stand in each state, up to `at_most`: "that many or more". Rule: B11."""

    counts: tuple[tuple[EffectState, int], ...]
    at_most: int

    def of(self, state: EffectState) -> int:
        """How many stand in a state."""
        return dict(self.counts)[state]


@attrs.frozen(slots=True)
class Review:
    """An effect that waits for a second person: what is known of it, and what they must find out. Rule: B11.

    `known` are the findings kept as evidence, oldest first, after why it was in doubt. Both are codes that
    `i18n.label` has words for. Settle it with `SettleReview`.
    """

    effect: Effect
    known: tuple[str, ...]
    find_out: tuple[str, ...]


@attrs.frozen(slots=True, kw_only=True)
class FeedPage:
    """What changed since a cursor. A page may be empty and still have a `next`.

    * `events`: what happened, in order for each entity.
    * `rows`: each conversation that changed, as it stands now; it leaves every view that it does not match.
    * `gone`: of those the caller said to hold, what they may not see any more.
    * `refresh`: the configuration changed, and what they may see with it: read the views again.
    """

    events: tuple[Envelope, ...]
    rows: tuple[Row, ...]
    gone: tuple[ConversationId, ...]
    refresh: bool
    next: str
