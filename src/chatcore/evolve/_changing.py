"""Building the next state of what changes rarely: by name, from the old one. What is hot builds by hand."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

import attrs

from chatcore.entities import Contact, Workspace
from chatcore.events import Envelope

_E = TypeVar("_E", Contact, Workspace)


def changed(old: _E, envelope: Envelope, **changes: Any) -> _E:
    """The old state with some fields changed, at the version and the moment of the envelope."""
    cls = type(old)
    values = {name: getattr(old, name) for name in _names(cast("Hashable", cls))}
    return cls(**{**values, "version": envelope.version, "recorded_at": envelope.recorded_at, **changes})


@cache
def _names(cls: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cast("type[Any]", cls)) if field.init)
