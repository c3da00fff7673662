"""What is prepared beforehand to be said: quick replies, and templates that a provider approved."""

from __future__ import annotations

import re
from typing import Final

import attrs

from chatcore._shape import refuse
from chatcore.entities._checking import id_problems, id_set_problems, part_problems
from chatcore.entities.attachment import Attachment
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import LABEL_LENGTH, TAG_LENGTH, TEMPLATE_LENGTH, TEMPLATE_PARAMETERS
from chatcore.text import outbound_problems, parse_template
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    DepartmentId,
    QuickReplyId,
    TemplateCategory,
    TemplateId,
)

__all__ = [
    "ALWAYS_KNOWN",
    "BOLETO_VARIABLES",
    "INVOICE_VARIABLES",
    "VARIABLES",
    "MessageTemplate",
    "QuickReply",
    "message_text_problems",
]

ALWAYS_KNOWN: Final = frozenset({"protocol", "conversation", "department", "workspace", "date", "greeting"})
"""The variables that have a value in every conversation. Rule: C7."""

VARIABLES: Final = ALWAYS_KNOWN | {"contact", "first_name", "agent"}
"""The closed registry: every variable a prepared text may use. Rule: C7.

``contact`` is the contact's name and ``first_name`` its first word; ``agent`` who has the conversation, or
else who sends; ``conversation`` its id; ``date`` and ``greeting`` go by the workspace's clocks.
"""


BOLETO_VARIABLES: Final = frozenset({"amount", "due_date"})
"""What the text that goes with a boleto may use besides. Rule: C7, S13."""

INVOICE_VARIABLES: Final = frozenset({"amount", "number", "issue_date"})
"""What the text that goes with a fiscal invoice may use besides. Rule: C7, S14."""


def message_text_problems(
    text: object, path: str, *, without_agent: bool = False, also: frozenset[str] = frozenset()
) -> list[Problem]:
    """What is wrong with a text that variables are filled into, those of `also` too. Rule: C7, M14.

    `without_agent` is for texts nobody is there to mend when they are sent: a variable that may have no value
    needs a fallback in them.
    """
    bad = list(outbound_problems(text, path))
    if not isinstance(text, str):
        return bad
    try:
        template = parse_template(text, VARIABLES | also, path)
    except InvalidValue as error:
        return bad + list(error.problems)
    if without_agent:
        bad += [
            Problem(path, "fallback_required", "C7", span=use.span(1))
            for name in template.bare_variables
            if name not in ALWAYS_KNOWN and name not in also - {"due_date"}
            for use in re.finditer(rf"\{{\{{\s*({name})\s*\}}\}}", text)
        ]
    return bad


@attrs.frozen(slots=True, kw_only=True)
class QuickReply:
    """A reply prepared beforehand (resposta rápida): a text, an attachment, or both. Rule: S16, C6, C7.

    `shortcut` is what agents find it by. No departments or agents means all; where both are given, either will
    do.
    """

    id: QuickReplyId
    shortcut: str
    text: str | None = None
    attachment: Attachment | None = None
    departments: tuple[DepartmentId, ...] = ()
    agents: tuple[AgentId, ...] = ()
    archived: bool = False

    @property
    def name(self) -> str:
        """What it is told apart by: its shortcut. Rule: C1."""
        return self.shortcut

    def allows(self, department: DepartmentId, agent: AgentId | None) -> bool:
        """Whether it may be used in this department, by this agent. Rule: C6."""
        if not self.departments and not self.agents:
            return True
        return department in self.departments or agent in self.agents

    def __attrs_post_init__(self) -> None:
        named = part_problems(self, TAG_LENGTH, "archived")
        bad = [attrs.evolve(each, path="shortcut") if each.path == "name" else each for each in named]
        bad += id_set_problems(self, "C6", "departments", "agents")
        if self.text is None and self.attachment is None:
            bad.append(Problem("text", "text_or_attachment", "C6"))
        if self.text is not None:
            bad += message_text_problems(self.text, "text")
        if self.attachment is not None and type(self.attachment) is not Attachment:
            bad.append(Problem("attachment", "not_an_attachment", "M17"))
        refuse(bad)


_PLACE: Final = r"\{\{([0-9]{1,2})\}\}"
_LANGUAGE: Final = r"[a-z]{2,3}(_[A-Z]{2})?"
_PROVIDERS_NAME: Final = r"[a-z0-9_]{1,512}"


@attrs.frozen(slots=True, kw_only=True)
class MessageTemplate:
    """A message that the provider of a channel approved; outside the window only such pass. Rule: M5, M6, M16.

    `name` and `language` are the provider's. `body` is its text, with places ``{{1}}``, ``{{2}}``, … for the
    parameters; it is what the screen shows, and the provider sends its own.
    """

    id: TemplateId
    channel: ChannelId
    name: str
    language: str
    body: str
    category: TemplateCategory = TemplateCategory.UTILITY
    archived: bool = False

    @property
    def parameters(self) -> int:
        """How many parameters it takes."""
        return max((int(place) for place in re.findall(_PLACE, self.body)), default=0)

    def filled(self, parameters: tuple[str, ...]) -> str:
        """The body with its parameters in their places; a parameter is not read again."""
        return re.sub(_PLACE, lambda place: parameters[int(place[1]) - 1], self.body)

    def __attrs_post_init__(self) -> None:
        bad = id_problems(self, "channel") + part_problems(self, LABEL_LENGTH * 8, "archived")
        if type(self.name) is str and not re.fullmatch(_PROVIDERS_NAME, self.name):
            bad.append(Problem("name", "not_a_template_name", "M6"))
        if type(self.language) is not str or not re.fullmatch(_LANGUAGE, self.language):
            bad.append(Problem("language", "not_a_language", "M6"))
        if type(self.category) is not TemplateCategory:
            bad.append(Problem("category", "not_a_category", "M16"))
        bad += outbound_problems(self.body, "body")
        if type(self.body) is str:
            if len(self.body) > TEMPLATE_LENGTH:
                bad.append(Problem("body", "too_long", "M6", TEMPLATE_LENGTH, len(self.body)))
            places = {int(place) for place in re.findall(_PLACE, self.body)}
            strays = len(re.findall(r"\{\{", self.body)) != len(re.findall(_PLACE, self.body))
            if strays or places != set(range(1, len(places) + 1)) or len(places) > TEMPLATE_PARAMETERS:
                bad.append(Problem("body", "places_not_counted", "M6"))
        refuse(bad)
