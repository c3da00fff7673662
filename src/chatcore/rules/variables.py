"""Variables: what a prepared text may say of the contact, the agent, the day. Rule: C7, L20.

The registry is closed: `VARIABLES` in `entities.replies` has the names, and each has its value here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import attrs

from chatcore.entities import Contact, Workspace
from chatcore.entities.replies import VARIABLES
from chatcore.moments import local
from chatcore.text import Template, parse_template, render
from chatcore.vocabulary import AgentId, ConversationId, DepartmentId, Locale

__all__ = ["Setting", "day_written", "filled"]


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class Setting:
    """What a text is filled from. `agent` is who has the conversation, or else who sends."""

    workspace: Workspace
    now: datetime
    contact: Contact | None
    conversation: ConversationId
    protocol: str
    department: DepartmentId
    agent: AgentId | None

    def nameless(self) -> Setting:
        """The same, of a contact whose name is not known."""
        return Setting(
            workspace=self.workspace,
            now=self.now,
            contact=None,
            conversation=self.conversation,
            protocol=self.protocol,
            department=self.department,
            agent=self.agent,
        )


def filled(text: str, setting: Setting, more: Mapping[str, str | None] = MappingProxyType({})) -> str:
    """The text with its variables in their places; `more` are those of what it goes with.

    Raises:
        MissingVariable: one has neither a value nor a fallback.
    """
    template = _parsed(text, frozenset(more))
    asked = {name: more[name] if name in more else _VALUES[name](setting) for name in template.variables}
    return render(template, {name: value for name, value in asked.items() if value is not None})


def day_written(day: date, locale: Locale) -> str:
    """A day as a message says it."""
    return day.strftime(_DAYS[locale])


@lru_cache(maxsize=1024)
def _parsed(text: str, more: frozenset[str]) -> Template:
    return parse_template(text, VARIABLES | more)


def _contact(setting: Setting) -> str | None:
    """The contact's name, in one line; what no message can hold is left out of it. Rule: M14."""
    name = None if setting.contact is None else setting.contact.name
    if name is None:
        return None
    line = " ".join(re.sub(_UNSENDABLE, " ", name.reveal()).split())
    return line if any(c.isprintable() and c != " " for c in line) else ""


_UNSENDABLE: Final = "[\0-\x1f\x7f-\x9f\ud800-\udfff]"


def _first_name(setting: Setting) -> str | None:
    words = (_contact(setting) or "").split()
    return words[0] if words else None


def _agent(setting: Setting) -> str | None:
    agent = None if setting.agent is None else setting.workspace.agent(setting.agent)
    return None if agent is None else agent.name


def _department(setting: Setting) -> str:
    department = setting.workspace.department(setting.department)
    return setting.department if department is None else department.name


_DAYS: Final[Mapping[Locale, str]] = {Locale.PT_BR: "%d/%m/%Y", Locale.EN: "%Y-%m-%d"}
_GREETINGS: Final[Mapping[Locale, tuple[str, str, str]]] = {
    Locale.PT_BR: ("Bom dia", "Boa tarde", "Boa noite"),
    Locale.EN: ("Good morning", "Good afternoon", "Good evening"),
}
_MORNING, _NOON, _EVENING = 5, 12, 18


def _date(setting: Setting) -> str:
    return local(setting.now, setting.workspace.time_zone).strftime(_DAYS[setting.workspace.locale])


def _greeting(setting: Setting) -> str:
    """Good morning from 5, good afternoon from 12, good evening from 18 o'clock, on the workspace's clocks."""
    hour = local(setting.now, setting.workspace.time_zone).hour
    morning, afternoon, evening = _GREETINGS[setting.workspace.locale]
    if _MORNING <= hour < _NOON:
        return morning
    return afternoon if _NOON <= hour < _EVENING else evening


_VALUES: Final[Mapping[str, Callable[[Setting], str | None]]] = MappingProxyType(
    {
        "contact": _contact,
        "first_name": _first_name,
        "agent": _agent,
        "department": _department,
        "protocol": lambda setting: setting.protocol,
        "conversation": lambda setting: setting.conversation,
        "workspace": lambda setting: setting.workspace.name,
        "date": _date,
        "greeting": _greeting,
    }
)
