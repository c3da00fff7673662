"""Which events are expected, whether they are those that happened, and how both are written in a failure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, get_args

import attrs

from chatcore.events import Event
from chatcore.vocabulary import Actor, Private, Ref

__all__ = ["Expected", "Happened", "Like", "like", "lines", "show", "who", "why_not_among", "why_not_these"]

_EVENTS: Final = frozenset(get_args(Event))
_VALUE: Final = 100
"""Characters of one field's value that a failure shows."""


@attrs.frozen(slots=True, repr=False)
class Like:
    """Events of one kind with these values in these fields, whatever stands in the others; see `like`."""

    kind: type[Event]
    values: tuple[tuple[str, Any], ...] = ()

    def differences(self, event: Event) -> tuple[str, ...]:
        """The fields in which an event of this kind is not like this."""
        return tuple(name for name, value in self.values if getattr(event, name) != value)

    def matches(self, event: Event) -> bool:
        """Whether an event is like this."""
        return type(event) is self.kind and not self.differences(event)

    def __repr__(self) -> str:
        shown = [f"{name}={_value(self.kind, name, value)}" for name, value in self.values]
        return f"{self.kind.__name__}({', '.join(shown)})" if shown else self.kind.__name__


def like(kind: type[Event], /, **values: Any) -> Like:
    """What is expected of an event where not all its fields matter. Personal texts are given as plain ones.

        >>> from chatcore.events import MessageWritten
        >>> like(MessageWritten, seq=2, body="Bom dia!")
        MessageWritten(seq=2, body=<redacted: 8 characters>)

    Raises:
        TypeError: it is no event, or has no such field.
    """
    if kind not in _EVENTS:
        raise TypeError(f"like() takes a kind of event, from chatcore.events; {_named(kind)} is none")
    fields = attrs.fields_dict(kind)
    if unknown := sorted(values.keys() - fields.keys()):
        raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}; its fields are {', '.join(fields)}")
    return Like(kind, tuple((name, _as_kept(fields[name], value)) for name, value in values.items()))


def _as_kept(field: attrs.Attribute[Any], value: Any) -> Any:
    """A value as the event keeps it: personal where the event's is."""
    if "Private" not in str(field.type):
        return value
    if isinstance(value, tuple | list):
        return tuple(Private(each) if isinstance(each, str) else each for each in value)
    return Private(value) if isinstance(value, str) else value


Expected: TypeAlias = Event | type[Event] | Like
"""An event by its whole value, by its kind alone, or by some of its fields."""

Happened: TypeAlias = Sequence[tuple[Ref, Event]]
"""What a command led to, in order, each event with the entity it happened to."""


def _expected(thing: Expected, asker: str) -> Like:
    """An expectation in its one form.

    Raises:
        TypeError: it is none.
    """
    if isinstance(thing, Like):
        return thing
    if isinstance(thing, type) and thing in _EVENTS:
        return Like(thing)
    if type(thing) in _EVENTS:
        kind: Any = type(thing)
        fields = attrs.fields(kind)
        return Like(kind, tuple((f.name, _as_kept(f, getattr(thing, f.name))) for f in fields))
    raise TypeError(f"{asker}() takes events, from chatcore.events; {_named(thing)} is none")


def _named(thing: object) -> str:
    kind = thing if isinstance(thing, type) else type(thing)
    return f"{kind.__module__}.{kind.__qualname__}"


# --- in a failure's words ------------------------------------------------------------------------------------


def who(actor: Actor) -> str:
    """How an actor is named."""
    return actor.kind.value if actor.kind.value == actor.id else f"{actor.kind.value} {actor.id}"


def show(thing: object) -> str:
    """A command or an event on one line, without what it leaves at its default."""
    kind: Any = type(thing)
    shown = [
        f"{field.name}={_value(kind, field.name, getattr(thing, field.name))}"
        for field in attrs.fields(kind)
        if getattr(thing, field.name) != field.default
    ]
    return f"{kind.__name__}({', '.join(shown)})"


def _value(kind: type, name: str, value: object) -> str:
    printer: Any = attrs.fields_dict(kind)[name].repr
    text = printer(value) if callable(printer) else _shown(value)
    return text if len(text) <= _VALUE else f"{text[: _VALUE - 1]}…"


def _shown(value: object) -> str:
    if isinstance(value, Private):
        return f"<redacted: {len(value.reveal())} characters>"
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Actor):
        return who(value)
    return repr(value)


def lines(happened: Happened) -> list[str]:
    """Each event on a line of its own, with the entity it happened to."""
    return [f"{show(event)}  on {ref}" for ref, event in happened]


def _numbered(rows: Iterable[str]) -> str:
    return "".join(f"\n    {n}. {row}" for n, row in enumerate(rows, 1)) or "\n    nothing"


def _account(wanted: Sequence[Like], happened: Happened, remarks: Sequence[str], title: str) -> str:
    pairs = zip(lines(happened), remarks, strict=True)
    rows = [f"{line}   <- {remark}" if remark else line for line, remark in pairs]
    return f"\n  {title}:{_numbered(map(repr, wanted))}\n  happened:{_numbered(rows)}"


def _difference(wanted: Like, event: Event) -> str:
    """How an event of the kind wanted is not the one wanted."""
    values, said = dict(wanted.values), []
    for name in wanted.differences(event):
        expected, actual = (_value(wanted.kind, name, v) for v in (values[name], getattr(event, name)))
        said.append(f"{name} is {actual}, not {expected}" if actual != expected else f"{name} is another")
    return "; ".join(said)


def why_not_these(expected: Sequence[Expected], happened: Happened) -> str | None:
    """Why these are not exactly the events that happened, in this order; None if they are."""
    wanted = [_expected(each, "then") for each in expected]
    events = [event for _, event in happened]
    if len(wanted) == len(events) and all(w.matches(e) for w, e in zip(wanted, events, strict=True)):
        return None
    remarks = [""] * len(events)
    for n, event in enumerate(events):
        if n >= len(wanted):
            remarks[n] = "not expected"
        elif type(event) is not wanted[n].kind:
            remarks[n] = f"not {wanted[n].kind.__name__}"
        else:
            remarks[n] = _difference(wanted[n], event)
    what = "led to other events than expected"
    if len(wanted) == len(events) and _pairs_up(wanted, events):
        what = "led to the events expected, in another order"
    missing = [repr(each) for each in wanted[len(events) :]]
    end = f"\n  missing at the end:{_numbered(missing)}" if missing and events else ""
    return f"{what}{_account(wanted, happened, remarks, 'expected')}{end}"


def _pairs_up(wanted: Sequence[Like], events: Sequence[Event]) -> bool:
    """Whether each event can be had for one expectation: the most particular ones choose first."""
    left = list(events)
    for each in sorted(wanted, key=lambda each: -len(each.values)):
        found = next((n for n, event in enumerate(left) if each.matches(event)), None)
        if found is None:
            return False
        del left[found]
    return True


def why_not_among(expected: Sequence[Expected], happened: Happened) -> str | None:
    """Why these are not among the events that happened, in this order; None if they are."""
    wanted = [_expected(each, "includes") for each in expected]
    at = 0
    for each in wanted:
        found = next((i for i in range(at, len(happened)) if each.matches(happened[i][1])), None)
        if found is None:
            account = _account(wanted, happened, [""] * len(happened), "expected among others")
            return f"did not lead to all that is expected: {_absence(each, happened, at)}{account}"
        at = found + 1
    return None


def _absence(wanted: Like, happened: Happened, at: int) -> str:
    if any(wanted.matches(event) for _, event in happened[:at]):
        return f"{wanted!r} happened too early, or not often enough"
    near = [_difference(wanted, event) for _, event in happened if type(event) is wanted.kind]
    if near:
        return f"{wanted!r} did not happen, only one whose {near[0]}"
    return f"{wanted!r} did not happen"
