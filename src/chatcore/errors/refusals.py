"""The rules refuse."""

from __future__ import annotations

import re
from datetime import datetime

from chatcore.errors.base import ChatcoreError, ErrorKind, InvalidValue
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    FieldId,
    MessageId,
    MessageKind,
    Situation,
)

__all__ = [
    "AgentInactive",
    "AlreadyLive",
    "AlreadyTaken",
    "AtCapacity",
    "CaptionNotCarried",
    "CompanyRefusal",
    "ContactBlocked",
    "ContactMerged",
    "FieldsRequired",
    "KindNotCarried",
    "MediaNotCarried",
    "MediaTooLarge",
    "MissingVariable",
    "NoBot",
    "NoDefaultReason",
    "NotAMember",
    "NotAdmitted",
    "NotContracted",
    "NotInDoubt",
    "NotPermitted",
    "OptedOut",
    "ReasonRequired",
    "RuleViolation",
    "TextTooLong",
    "TooManyTags",
    "TooManyTransfers",
    "TransitionNotAllowed",
    "WindowClosed",
    "WrongParameters",
]


class RuleViolation(ChatcoreError):
    """A rule of the domain refuses a well-formed command."""

    code = "rule_violation"
    kind = ErrorKind.REFUSED
    sentence = "a rule refuses this"


class NotPermitted(RuleViolation):
    """This person has not the ability, here."""

    code = "not_permitted"
    kind = ErrorKind.NOT_ALLOWED
    rule = "P"
    sentence = "this needs the ability to {ability} here"

    def __init__(self, ability: str) -> None:
        self.ability = ability


class NotContracted(RuleViolation):
    """The module is not contracted: people's and bots' commands wait, what arrives is still recorded."""

    code = "not_contracted"
    kind = ErrorKind.NOT_CONTRACTED
    rule = "S23"
    sentence = "the module {module!r} is not contracted"

    def __init__(self, module: str) -> None:
        self.module = module


class NotAdmitted(RuleViolation):
    """The conversation's situation does not admit this command at all."""

    code = "not_admitted"
    rule = "L18"
    sentence = "a conversation that is {situation} does not admit {command}"

    def __init__(self, command: str, situation: Situation) -> None:
        self.command = command
        self.situation = situation


class TransitionNotAllowed(RuleViolation):
    """The table of section L has no such edge."""

    code = "transition_not_allowed"
    rule = "L"
    sentence = "nothing leads from {origin} by {event}"

    def __init__(self, origin: str | None, event: str) -> None:
        self.origin = origin
        self.event = event


class ReasonRequired(RuleViolation):
    """Closing needs a reason, and none is set; and `fields` that it needs whatever the reason. Rule: C9."""

    code = "reason_required"
    rule = "S19"
    sentence = "closing needs a reason"

    def __init__(self, fields: tuple[FieldId, ...] = ()) -> None:
        self.fields = fields


class NoDefaultReason(RuleViolation):
    """Something closes by itself, and the workspace has no default reason to close it with."""

    code = "no_default_reason"
    rule = "L10"
    sentence = "the workspace has no default reason to close with"


class AlreadyLive(RuleViolation):
    """This contact already has a live conversation on this channel."""

    code = "already_live"
    kind = ErrorKind.CONFLICT
    rule = "L3"
    sentence = "conversation {conversation} is live with this contact on this channel"

    def __init__(self, conversation: ConversationId) -> None:
        self.conversation = conversation


class AlreadyTaken(RuleViolation):
    """Somebody has the conversation already; the error says who."""

    code = "already_taken"
    kind = ErrorKind.CONFLICT
    rule = "L6"
    sentence = "agent {assignee!r} has this conversation"

    def __init__(self, conversation: ConversationId, assignee: AgentId) -> None:
        self.conversation = conversation
        self.assignee = assignee


class AtCapacity(RuleViolation):
    """The agent has as many open conversations as they may have."""

    code = "at_capacity"
    rule = "L7"
    sentence = "agent {agent!r} has {open} open conversations, at most {limit} are allowed"

    def __init__(self, agent: AgentId, open: int, limit: int) -> None:
        self.agent = agent
        self.open = open
        self.limit = limit


class AgentInactive(RuleViolation):
    """The agent is deactivated, so nothing can be given to them."""

    code = "agent_inactive"
    rule = "L9"
    sentence = "agent {agent!r} is inactive"

    def __init__(self, agent: AgentId) -> None:
        self.agent = agent


class NotAMember(RuleViolation):
    """The agent has no access to the conversation's department."""

    code = "not_a_member"
    rule = "L7"
    sentence = "agent {agent!r} is not a member of department {department!r}"

    def __init__(self, agent: AgentId, department: DepartmentId) -> None:
        self.agent = agent
        self.department = department


class TooManyTransfers(RuleViolation):
    """The conversation was transferred as often as one may be."""

    code = "too_many_transfers"
    rule = "L9"
    sentence = "a conversation is transferred at most {limit} times"

    def __init__(self, limit: int) -> None:
        self.limit = limit


class NoBot(RuleViolation):
    """The conversation's channel has no bot to return it to."""

    code = "no_bot"
    rule = "L5"
    sentence = "channel {channel!r} has no bot"

    def __init__(self, channel: ChannelId) -> None:
        self.channel = channel


class ContactBlocked(RuleViolation):
    """The contact is blocked, so nothing is sent to them."""

    code = "contact_blocked"
    rule = "L21"
    sentence = "the contact is blocked"


class WindowClosed(RuleViolation):
    """The channel's service window is shut: free-form messages do not pass."""

    code = "window_closed"
    rule = "M5"
    sentence = "the service window is shut"

    def __init__(self, closed_at: datetime | None) -> None:
        self.closed_at = closed_at


class TextTooLong(RuleViolation):
    """The channel cannot carry a text of this length."""

    code = "text_too_long"
    rule = "M6"
    sentence = "the text has {actual} characters, the channel carries {limit}"

    def __init__(self, limit: int, actual: int) -> None:
        self.limit = limit
        self.actual = actual


class MissingVariable(RuleViolation):
    """A text to be rendered uses a variable that has neither a value nor a fallback."""

    code = "missing_variable"
    rule = "C7"
    sentence = "the variable {variable!r} has neither a value nor a fallback"

    def __init__(self, variable: str) -> None:
        self.variable = variable


class KindNotCarried(RuleViolation):
    """The channel carries no messages of this kind."""

    code = "kind_not_carried"
    rule = "M6"
    sentence = "the channel carries no message of kind {message_kind}"

    def __init__(self, message_kind: MessageKind) -> None:
        self.message_kind = message_kind


class MediaNotCarried(RuleViolation):
    """The channel carries no file of this type, or not as this kind of media."""

    code = "media_not_carried"
    rule = "M6"
    sentence = "the channel carries no file of type {mime} this way"

    def __init__(self, mime: str) -> None:
        self.mime = mime


class MediaTooLarge(RuleViolation):
    """The channel cannot carry a file of this size; both in bytes."""

    code = "media_too_large"
    rule = "M6"
    sentence = "the file has {actual} bytes, the channel carries {limit}"

    def __init__(self, limit: int, actual: int) -> None:
        self.limit = limit
        self.actual = actual


class CaptionNotCarried(RuleViolation):
    """The channel carries no caption with this kind of media."""

    code = "caption_not_carried"
    rule = "M6"
    sentence = "the channel carries no caption with {message_kind}"

    def __init__(self, message_kind: MessageKind) -> None:
        self.message_kind = message_kind


class OptedOut(RuleViolation):
    """The contact wants no marketing messages."""

    code = "opted_out"
    rule = "M16"
    sentence = "the contact wants no marketing messages"


class WrongParameters(RuleViolation):
    """An approved template takes another number of parameters."""

    code = "wrong_parameters"
    rule = "M6"
    sentence = "the template takes {expected} parameters, {actual} were given"

    def __init__(self, expected: int, actual: int) -> None:
        self.expected = expected
        self.actual = actual


class TooManyTags(RuleViolation):
    """The conversation would have more tags than one may have."""

    code = "too_many_tags"
    rule = "C5"
    sentence = "a conversation has at most {limit} tags, this would make {actual}"

    def __init__(self, limit: int, actual: int) -> None:
        self.limit = limit
        self.actual = actual


class FieldsRequired(RuleViolation):
    """Closing needs custom fields that have no value yet; the error names all of them."""

    code = "fields_required"
    rule = "C9"
    sentence = "closing needs a value for {fields}"

    def __init__(self, fields: tuple[FieldId, ...]) -> None:
        self.fields = fields


class ContactMerged(RuleViolation):
    """The contact turned out to be another one; the error says which."""

    code = "contact_merged"
    kind = ErrorKind.CONFLICT
    rule = "M11"
    sentence = "this contact is contact {into} now"

    def __init__(self, into: ContactId) -> None:
        self.into = into


class NotInDoubt(RuleViolation):
    """Only a message in doubt can be sent once more, or its doubt dismissed."""

    code = "not_in_doubt"
    rule = "M2"
    sentence = "message {message} is not in doubt"

    def __init__(self, message: MessageId) -> None:
        self.message = message


class CompanyRefusal(RuleViolation):
    """A company's own rule refuses. `company_code` is in its own namespace: ``acme:no_weekend_close``."""

    code = "company_refusal"
    sentence = "the company's rule {company_code} refuses this"

    def __init__(self, company_code: str) -> None:
        if type(company_code) is not str or not re.fullmatch(_COMPANY_CODE, company_code):
            raise InvalidValue.of("company_code", "not_a_company_code")
        self.company_code = company_code


_COMPANY_CODE = r"[a-z][a-z0-9_]{0,39}:[a-z][a-z0-9_.]{0,79}"
