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
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    Direction,
    Light,
    MessageKind,
    Private,
    ReasonId,
    Situation,
    TagId,
)

if TYPE_CHECKING:
    from chatcore.answers import Verdict
    from chatcore.commands import Command
    from chatcore.entities import (
        Agent,
        Contact,
        Conversation,
        Department,
        MessageTemplate,
        QuickReply,
        Reason,
        Tag,
    )
    from chatcore.events import Envelope

__all__ = ["Actions", "Choices", "Counts", "FeedPage", "Panel", "Preview", "Row", "ViewPage"]


@attrs.frozen(slots=True, kw_only=True)
class Preview:
    """The last thing said, as a row shows it: `text` is cut; empty for a file without a caption."""

    direction: Direction
    kind: MessageKind
    text: Private


@attrs.frozen(slots=True, kw_only=True)
class Row:
    """One conversation as a view shows it. Rule: S1, S5, S7.

    `name` is None while nobody knows it; `changed_at` is its last change; `light` the state of the contract,
    None while unknown.
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
    light: Light | None = None


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

    `agents` could have it: active, with access, with room. Those the service calls present are in `available`.
    """

    reasons: tuple[Reason, ...]
    tags: tuple[Tag, ...]
    departments: tuple[Department, ...]
    agents: tuple[Agent, ...]
    available: frozenset[AgentId]
    quick_replies: tuple[QuickReply, ...]
    templates: tuple[MessageTemplate, ...]


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
    """One conversation opened on a screen. Rule: S8, S10.

    `actions` has a verdict for every command about the conversation or its contact: allowed, needing the
    fields that it lacks, or with the refusal a person would meet. About one message, `Resend` and `Dismiss`,
    ask `can`.
    """

    conversation: Conversation
    contact: Contact
    actions: Actions
    choices: Choices
    feed: str


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
