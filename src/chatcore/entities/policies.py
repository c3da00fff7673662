"""What a workspace decides about service, as one value."""

from __future__ import annotations

from datetime import timedelta

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, refuse, switch_problems
from chatcore.entities.hours import BusinessHours
from chatcore.entities.replies import message_text_problems
from chatcore.errors import Problem
from chatcore.vocabulary import Ability, AgentsRead, ReasonId, Trigger

__all__ = ["DEFAULT", "AutomaticMessages", "Policies"]


@attrs.frozen(slots=True, kw_only=True)
class AutomaticMessages:
    """What is said by itself, each at its trigger; None: nothing. Rule: L10, L20, C7.

    Variables that may have no value need a fallback here: nobody is there to mend a text when it is sent.
    """

    greeting: str | None = None
    queued: str | None = None
    after_hours: str | None = None
    closing: str | None = None

    def at(self, trigger: Trigger) -> str | None:
        """The text for a trigger."""
        text: str | None = getattr(self, trigger.value)
        return text

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        for trigger in Trigger:
            if (text := self.at(trigger)) is not None:
                bad += message_text_problems(text, trigger.value, without_agent=True)
        refuse(bad)


SILENT = AutomaticMessages()
"""Nothing is said by itself."""


@attrs.frozen(slots=True, kw_only=True)
class Policies:
    """What a workspace decides about service.

    * `reopen_within`: a customer's message reopens the conversation closed less than this ago; None: never.
      With `reopen_to_assignee`, to its last assignee where possible. Rule: L4.
    * `automatic`: what is said by itself. Rule: L20.
    * `hours`: when the service is there; None: always. Rule: H1.
    * `default_reason`: used where the system closes. Rule: L10.
    * `close_after_idle`: a conversation in which nothing happened for that long is closed; None: never. With
      `idle_spares_waiting`, not while the customer waits for an answer. Needs a default reason. Rule: L16.
    * `bot_timeout`, `max_bot_turns`: a bot hands over when nothing happened for that long, or after that many
      messages of its own; None: never. `bot_granted`: what bots may do besides. Rule: L14, L22, P.
    * `read_receipts`: whether the customer is told that their messages were read. Rule: L23.
    * `agents_read`: which conversations agents may read. Rule: P.
    """

    reopen_within: timedelta | None = None
    reopen_to_assignee: bool = False
    automatic: AutomaticMessages = SILENT
    hours: BusinessHours | None = None
    default_reason: ReasonId | None = None
    close_after_idle: timedelta | None = None
    idle_spares_waiting: bool = True
    bot_timeout: timedelta | None = None
    max_bot_turns: int | None = None
    bot_granted: tuple[Ability, ...] = ()
    read_receipts: bool = False
    agents_read: AgentsRead = AgentsRead.ALL

    def __attrs_post_init__(self) -> None:
        bad = switch_problems(self, "reopen_to_assignee", "idle_spares_waiting", "read_receipts")
        for name, rule in (("reopen_within", "L4"), ("close_after_idle", "L16"), ("bot_timeout", "L22")):
            span = getattr(self, name)
            if span is not None and (type(span) is not timedelta or span <= timedelta(0)):
                bad.append(Problem(name, "not_positive", rule))
        turns: object = self.max_bot_turns
        if turns is not None and (type(turns) is not int or turns < 1):
            bad.append(Problem("max_bot_turns", "not_positive", "L14"))
        if type(self.automatic) is not AutomaticMessages:
            bad.append(Problem("automatic", "not_messages", "L20"))
        if self.hours is not None and type(self.hours) is not BusinessHours:
            bad.append(Problem("hours", "not_hours", "H1"))
        if self.default_reason is not None and not_id(self.default_reason):
            bad.append(id_problem("default_reason", self.default_reason))
        elif self.close_after_idle is not None and self.default_reason is None:
            bad.append(Problem("close_after_idle", "default_reason_required", "L16"))
        if not_tuple_of(Ability, self.bot_granted):
            bad.append(Problem("bot_granted", "not_abilities", "P"))
        if type(self.agents_read) is not AgentsRead:
            bad.append(Problem("agents_read", "not_a_policy", "P"))
        refuse(bad)


DEFAULT = Policies()
"""What holds until a workspace decides otherwise."""
