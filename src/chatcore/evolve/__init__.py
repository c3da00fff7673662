"""The fold: an entity's state is its events, one after another. There is no second way to change an entity.

`evolve` is total over the events in the tables and pure: the envelope brings the time and the actor. It only
moves personal values, never computes on them, so stored events can be redacted and folded again.

States are built directly, field by field: copying with changes is two to three times slower, and this is the
hottest path there is. What changes together stands in one builder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatcore.entities import Contact, Conversation, Effect, Entity, Message, Workspace
from chatcore.errors import TransitionNotAllowed
from chatcore.events import Envelope, Event
from chatcore.evolve import _contact, _conversation, _effect, _message, _workspace

__all__ = ["evolve", "fold"]

_BIRTHS: Mapping[type[Event], Callable[[Any, Envelope, Any], Entity]] = {
    **_conversation.BIRTHS,
    **_contact.BIRTHS,
    **_message.BIRTHS,
    **_workspace.BIRTHS,
    **_effect.BIRTHS,
}
_STEPS: Mapping[type[Entity], Mapping[type[Event], Callable[[Any, Envelope, Any], Entity]]] = {
    Conversation: _conversation.STEPS,
    Contact: _contact.STEPS,
    Message: _message.STEPS,
    Workspace: _workspace.STEPS,
    Effect: _effect.STEPS,
}


def evolve(state: Entity | None, envelope: Envelope) -> Entity:
    """The state after one more event; `state` None is before the first.

    Raises:
        TransitionNotAllowed: the event cannot follow on this state.
    """
    event = envelope.event
    step = (_BIRTHS if state is None else _STEPS[type(state)]).get(type(event))
    if step is None:
        raise TransitionNotAllowed(None if state is None else type(state).__name__, type(event).__name__)
    return step(state, envelope, event)


def fold(envelopes: Iterable[Envelope], state: Entity | None = None) -> Entity | None:
    """The state after all of these events."""
    for envelope in envelopes:
        state = evolve(state, envelope)
    return state
