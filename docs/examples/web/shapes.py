"""What a screen is told, as JSON: which fields of the core's values go out, and what of them is revealed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chatcore import Situation
from chatcore.answers import Answer, Verdict
from chatcore.screen import Panel
from chatcore.vocabulary import DeliveryStatus, Direction, Light, MessageKind, Private

__all__ = ["ChangesShown", "HitsShown", "MessagesShown", "Opened", "ViewShown"]


def _revealed(value: object) -> object:
    return value.reveal() if type(value) is Private else value


Revealed = Annotated[str, BeforeValidator(_revealed)]
"""Personal data, in the clear from here on: who may not read it gets it masked by the desk."""


class Shape(BaseModel):
    """Filled field by field from a value of the core's."""

    model_config = ConfigDict(from_attributes=True)


class PreviewShown(Shape):
    direction: Direction
    kind: MessageKind
    text: Revealed


class LightShown(Shape):
    light: Light
    alert: bool
    link: str | None


class RowShown(Shape):
    """One conversation, as a list shows it."""

    id: str
    version: int
    situation: Situation
    name: Revealed | None
    department: str
    assignee: str | None
    reason: str | None
    tags: list[str]
    unread: int
    waiting_since: datetime | None
    changed_at: datetime
    preview: PreviewShown | None
    light: LightShown | None


class ViewShown(Shape):
    """A page of a list; `feed` is where the stream of events goes on from what these rows show."""

    rows: list[RowShown]
    next: str | None
    feed: str


class MessageShown(Shape):
    id: str
    seq: int
    direction: Direction
    kind: MessageKind
    text: Revealed = Field(validation_alias="shown")
    at: datetime = Field(validation_alias="said_at")
    status: DeliveryStatus


class MessagesShown(Shape):
    """A page of messages."""

    rows: list[MessageShown]
    next: str | None


class HitShown(Shape):
    """A message that was found; `spans` are the places to highlight, in code points."""

    message: MessageShown
    spans: list[tuple[int, int]]


class HitsShown(Shape):
    """A page of what a search found."""

    rows: list[HitShown]
    next: str | None


class ActionShown(Shape):
    """Whether a command would pass now: yes, with these fields filled in, or refused with this code."""

    answer: Answer
    needs: list[str]
    refusal: str | None
    warnings: list[str]


class Opened(Shape):
    """One conversation opened: whom it is with, and what this person may do, by the name of the command."""

    id: str
    version: int
    situation: Situation
    assignee: str | None
    protocol: str | None
    name: Revealed | None
    actions: dict[str, ActionShown]
    feed: str

    @classmethod
    def of(cls, panel: Panel) -> Opened:
        conversation = panel.conversation
        return cls(
            id=conversation.id,
            version=conversation.version,
            situation=conversation.situation,
            assignee=conversation.assignee,
            protocol=conversation.protocol,
            name=_name(panel),
            actions={command.__name__: _action(verdict) for command, verdict in panel.actions.items()},
            feed=panel.feed,
        )


def _name(panel: Panel) -> str | None:
    name = panel.contact.name
    return None if name is None else name.reveal()


def _action(verdict: Verdict) -> ActionShown:
    return ActionShown(
        answer=verdict.answer,
        needs=list(verdict.needs),
        refusal=None if verdict.refusal is None else verdict.refusal.code,
        warnings=list(verdict.warnings),
    )


class ChangesShown(Shape):
    """What changed: rows as they stand now, those out of sight, and whether to read the lists again."""

    rows: list[RowShown]
    gone: list[str]
    refresh: bool
