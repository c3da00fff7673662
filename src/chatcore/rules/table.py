"""The command table: for each command its ability, the shape of its facts, what admits it, and its rule.

One generic check reads the row, in this order: the module is contracted, the conversation is visible, the
actor is permitted, the situation admits the command. Then the rule runs. A command without a row cannot be
handled at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from chatcore.commands import (
    Assign,
    BlockContact,
    ChangeDepartment,
    ClaimEffect,
    Close,
    Command,
    Configure,
    MarkRead,
    ReceiveMessage,
    RecordStatus,
    Reopen,
    ReturnToBot,
    ReturnToQueue,
    SendMessage,
    SetReason,
    SettleEffect,
    StartConversation,
    Take,
    Transfer,
    UnblockContact,
)
from chatcore.entities import Conversation, Workspace
from chatcore.errors import NotAdmitted, NotContracted, VersionConflict
from chatcore.rules import (
    arriving,
    blocking,
    carrying,
    closing,
    configuring,
    moving,
    reasons,
    reporting,
    starting,
    taking,
    talking,
)
from chatcore.rules.facts import (
    Decision,
    Facts,
    OnArrival,
    OnContact,
    OnConversation,
    OnEffect,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)
from chatcore.rules.permissions import check_access, check_permitted
from chatcore.vocabulary import Ability, Actor, ActorKind, Module, Situation

__all__ = ["TABLE", "Row", "check_contracted", "decide"]

_CHAT: Final = Module.CHAT
_PEOPLE_RETRY: Final = 10
_MACHINES_RETRY: Final = 60


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class Row:
    """How one command is handled.

    `admits` is None for a command that is not about one conversation. `tries` bounds
    the retries with fresh facts when others were faster.
    """

    ability: Ability
    shape: type[Facts]
    rule: Callable[[Any, Any], Decision]
    admits: frozenset[Situation] | None = None
    tries: int = _PEOPLE_RETRY


_LIVE: Final = frozenset({Situation.BOT, Situation.QUEUE, Situation.OPEN})
_OPEN: Final = frozenset({Situation.OPEN})
_CLOSED: Final = frozenset({Situation.CLOSED})
_ANY: Final = frozenset(Situation)

TABLE: Final[Mapping[type[Command], Row]] = MappingProxyType(
    {
        StartConversation: Row(ability=Ability.START, shape=OnStart, rule=starting.start),
        Take: Row(ability=Ability.TAKE, shape=OnConversation, rule=taking.take, admits=_LIVE),
        Assign: Row(ability=Ability.ASSIGN, shape=OnConversation, rule=taking.assign, admits=_LIVE),
        Transfer: Row(ability=Ability.TRANSFER, shape=OnConversation, rule=moving.transfer, admits=_OPEN),
        ChangeDepartment: Row(
            ability=Ability.TRANSFER, shape=OnConversation, rule=moving.change_department, admits=_LIVE
        ),
        ReturnToQueue: Row(
            ability=Ability.QUEUE, shape=OnConversation, rule=moving.return_to_queue, admits=_LIVE
        ),
        ReturnToBot: Row(
            ability=Ability.TRANSFER, shape=OnConversation, rule=moving.return_to_bot, admits=_LIVE
        ),
        Reopen: Row(ability=Ability.REOPEN, shape=OnReopening, rule=moving.reopen, admits=_CLOSED),
        SetReason: Row(ability=Ability.REASON, shape=OnConversation, rule=reasons.set_reason, admits=_ANY),
        MarkRead: Row(ability=Ability.MARK_READ, shape=OnConversation, rule=moving.mark_read, admits=_LIVE),
        SendMessage: Row(ability=Ability.SEND, shape=OnTalk, rule=talking.send, admits=_LIVE),
        Close: Row(ability=Ability.CLOSE, shape=OnTalk, rule=closing.close, admits=_LIVE),
        BlockContact: Row(ability=Ability.BLOCK, shape=OnContact, rule=blocking.block),
        UnblockContact: Row(ability=Ability.BLOCK, shape=OnContact, rule=blocking.unblock),
        Configure: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.configure),
        ReceiveMessage: Row(
            ability=Ability.RECORD, shape=OnArrival, rule=arriving.receive, tries=_MACHINES_RETRY
        ),
        RecordStatus: Row(ability=Ability.RECORD, shape=OnStatus, rule=reporting.record, tries=_MACHINES_RETRY),
        ClaimEffect: Row(ability=Ability.DELIVER, shape=OnEffect, rule=carrying.claim),
        SettleEffect: Row(ability=Ability.DELIVER, shape=OnEffect, rule=carrying.settle, tries=_MACHINES_RETRY),
    }
)
"""One row per command."""


def check_contracted(actor: Actor, workspace: Workspace) -> None:
    """Refuse people and bots while the module is not contracted; what is recorded goes on. Rule: S23."""
    if _CHAT not in workspace.modules and actor.kind is not ActorKind.SYSTEM:
        raise NotContracted(_CHAT)


def decide(command: Command, facts: Facts, *, expected: int | None = None) -> Decision:
    """What a command leads to, given the facts: pure, and equal each time.

    `expected` is the version of the conversation that the caller saw. It is compared once the caller is known
    to be allowed to see it, and before anything else can refuse what they did not see.

    Raises:
        VersionConflict: the conversation is at another version.
        RuleViolation: a rule refuses it; nothing has happened.
        NotFound: what it names is not there for this actor.
        InvalidValue: a value in it does not fit the workspace.
        Conflict: the facts have moved past it.
    """
    row = TABLE[type(command)]
    actor, workspace = facts.actor, facts.workspace
    if _CHAT not in workspace.modules:
        check_contracted(actor, workspace)
    if row.admits is None:
        department = facts.department if type(facts) is OnStart else None
        check_permitted(row.ability, actor, workspace, department)
    else:
        conversation: Conversation = facts.conversation  # type: ignore[union-attr, assignment]
        check_access(row.ability, actor, facts.agent, workspace, conversation)
        if expected is not None and conversation.version != expected:
            raise VersionConflict(conversation.id, expected)
        if conversation.situation not in row.admits:
            raise NotAdmitted(type(command).__name__, conversation.situation)
    decision: Decision = row.rule(command, facts)
    return decision
