"""The command table: for each command its ability, the shape of its facts, what admits it, and its rule.

One generic check reads the row, in this order: the module is contracted, the conversation is visible, the
actor is permitted, the situation admits the command. Then the rule runs. A command without a row cannot be
handled at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from chatcore import commands as c
from chatcore.commands import Command
from chatcore.entities import Conversation, Workspace
from chatcore.errors import (
    CompanyRefusal,
    NotAdmitted,
    NotContracted,
    NotFound,
    RuleFailed,
    VersionConflict,
)
from chatcore.rules import (
    arriving,
    billing,
    claiming,
    closing,
    configuring,
    contacts,
    customers,
    doubting,
    echoing,
    editing,
    granting,
    marking,
    merging,
    moving,
    orders,
    reasons,
    reporting,
    reviewing,
    settling,
    starting,
    tagging,
    taking,
    talking,
    timing,
)
from chatcore.rules.facts import (
    Decision,
    Facts,
    OnArrival,
    OnBoletos,
    OnBonus,
    OnContact,
    OnConversation,
    OnCustomer,
    OnEdit,
    OnEffect,
    OnInvoices,
    OnMark,
    OnMerge,
    OnMessage,
    OnReopening,
    OnStart,
    OnStatus,
    OnTalk,
    OnWorkspace,
)
from chatcore.rules.permissions import check_access, check_permitted
from chatcore.vocabulary import Ability, Actor, ActorKind, Module, Situation

__all__ = ["TABLE", "CompanyRule", "Row", "check_allowed", "check_contracted", "decide"]

_CHAT: Final = Module.CHAT
_PEOPLE_RETRY: Final = 10
_MACHINES_RETRY: Final = 60


@attrs.frozen(slots=True, kw_only=True, eq=False, repr=False)
class Row:
    """How one command is handled.

    `admits` is None for a command that is not about one conversation. `tries` bounds the retries with fresh
    facts when others were faster. `warnings` are the codes of what a person should know beforehand.
    """

    ability: Ability
    shape: type[Facts]
    rule: Callable[[Any, Any], Decision]
    admits: frozenset[Situation] | None = None
    tries: int = _PEOPLE_RETRY
    warnings: tuple[str, ...] = ()


CompanyRule: TypeAlias = Callable[[Command, Facts, Decision], CompanyRefusal | None]
"""A company's own rule: told what the core decided, it may only refuse. It must be a pure function."""

_LIVE: Final = frozenset({Situation.BOT, Situation.QUEUE, Situation.OPEN})
_OPEN: Final = frozenset({Situation.OPEN})
_CLOSED: Final = frozenset({Situation.CLOSED})
_ANY: Final = frozenset(Situation)


def _edit(command: c.EditConversation, facts: OnEdit, rules: tuple[CompanyRule, ...] = ()) -> Decision:
    """An edit is the commands it stands for, each by its own row and under the company's rules. Rule: S18."""
    return editing.edit(command, facts, lambda step: TABLE[type(step)].shape, partial(decide, rules=rules))


TABLE: Final[Mapping[type[Command], Row]] = MappingProxyType(
    {
        c.StartConversation: Row(ability=Ability.START, shape=OnStart, rule=starting.start),
        c.Take: Row(ability=Ability.TAKE, shape=OnConversation, rule=taking.take, admits=_LIVE),
        c.Assign: Row(ability=Ability.ASSIGN, shape=OnConversation, rule=taking.assign, admits=_LIVE),
        c.Transfer: Row(ability=Ability.TRANSFER, shape=OnConversation, rule=moving.transfer, admits=_OPEN),
        c.ChangeDepartment: Row(
            ability=Ability.TRANSFER, shape=OnConversation, rule=moving.change_department, admits=_LIVE
        ),
        c.ReturnToQueue: Row(ability=Ability.QUEUE, shape=OnTalk, rule=moving.return_to_queue, admits=_LIVE),
        c.ReturnToBot: Row(
            ability=Ability.TRANSFER, shape=OnConversation, rule=moving.return_to_bot, admits=_LIVE
        ),
        c.Reopen: Row(ability=Ability.REOPEN, shape=OnReopening, rule=moving.reopen, admits=_CLOSED),
        c.SetReason: Row(ability=Ability.REASON, shape=OnConversation, rule=reasons.set_reason, admits=_ANY),
        c.AddTags: Row(ability=Ability.TAG, shape=OnConversation, rule=tagging.add_tags, admits=_ANY),
        c.RemoveTags: Row(ability=Ability.TAG, shape=OnConversation, rule=tagging.remove_tags, admits=_ANY),
        c.SetFields: Row(ability=Ability.FILL, shape=OnConversation, rule=tagging.set_fields, admits=_ANY),
        c.AddNote: Row(ability=Ability.NOTE, shape=OnConversation, rule=tagging.add_note, admits=_ANY),
        c.MarkRead: Row(ability=Ability.MARK_READ, shape=OnConversation, rule=moving.mark_read, admits=_LIVE),
        c.SendMessage: Row(ability=Ability.SEND, shape=OnTalk, rule=talking.send, admits=_LIVE),
        c.SendTemplate: Row(ability=Ability.SEND, shape=OnTalk, rule=talking.send_template, admits=_LIVE),
        c.SendQuickReply: Row(ability=Ability.SEND, shape=OnTalk, rule=talking.send_quick_reply, admits=_LIVE),
        c.SendMedia: Row(ability=Ability.SEND, shape=OnTalk, rule=talking.send_media, admits=_LIVE),
        c.Resend: Row(
            ability=Ability.RESOLVE_DOUBT,
            shape=OnMessage,
            rule=doubting.resend,
            admits=_LIVE,
            warnings=("may_arrive_twice",),
        ),
        c.Dismiss: Row(ability=Ability.RESOLVE_DOUBT, shape=OnMessage, rule=doubting.dismiss, admits=_ANY),
        c.PinContract: Row(ability=Ability.PIN, shape=OnCustomer, rule=customers.pin, admits=_ANY),
        c.SendBoletos: Row(
            ability=Ability.SEND_BOLETO, shape=OnBoletos, rule=billing.send_boletos, admits=_LIVE
        ),
        c.SendInvoices: Row(
            ability=Ability.SEND_INVOICE, shape=OnInvoices, rule=billing.send_invoices, admits=_LIVE
        ),
        c.GrantBonus: Row(ability=Ability.GRANT_BONUS, shape=OnBonus, rule=granting.grant, admits=_LIVE),
        c.OpenServiceOrder: Row(
            ability=Ability.OPEN_ORDER, shape=OnCustomer, rule=orders.open_order, admits=_LIVE
        ),
        c.Withdraw: Row(ability=Ability.WITHDRAW, shape=OnEffect, rule=reviewing.withdraw, admits=_ANY),
        c.SettleReview: Row(
            ability=Ability.SETTLE_REVIEW, shape=OnEffect, rule=reviewing.settle_review, admits=_ANY
        ),
        c.EditConversation: Row(ability=Ability.READ, shape=OnEdit, rule=_edit, admits=_ANY),
        c.Close: Row(ability=Ability.CLOSE, shape=OnTalk, rule=closing.close, admits=_LIVE),
        c.EditContact: Row(ability=Ability.EDIT_CONTACT, shape=OnContact, rule=contacts.edit),
        c.LinkCustomer: Row(ability=Ability.LINK, shape=OnContact, rule=contacts.link),
        c.UnlinkCustomer: Row(ability=Ability.LINK, shape=OnContact, rule=contacts.unlink),
        c.MergeContacts: Row(ability=Ability.MERGE, shape=OnMerge, rule=merging.merge),
        c.BlockContact: Row(ability=Ability.BLOCK, shape=OnContact, rule=contacts.block),
        c.UnblockContact: Row(ability=Ability.BLOCK, shape=OnContact, rule=contacts.unblock),
        c.Configure: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.configure),
        c.AddItem: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.add_item),
        c.ChangeItem: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.change_item),
        c.ArchiveItem: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.archive_item),
        c.RestoreItem: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.restore_item),
        c.OrderItems: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.order_items),
        c.SetPolicies: Row(ability=Ability.CONFIGURE, shape=OnWorkspace, rule=configuring.set_policies),
        c.ReceiveMessage: Row(
            ability=Ability.RECORD, shape=OnArrival, rule=arriving.receive, tries=_MACHINES_RETRY
        ),
        c.RecordEcho: Row(ability=Ability.RECORD, shape=OnArrival, rule=echoing.echo, tries=_MACHINES_RETRY),
        c.RecordReaction: Row(ability=Ability.RECORD, shape=OnMark, rule=marking.react, tries=_MACHINES_RETRY),
        c.RecordEdit: Row(ability=Ability.RECORD, shape=OnMark, rule=marking.change, tries=_MACHINES_RETRY),
        c.RecordRevocation: Row(
            ability=Ability.RECORD, shape=OnMark, rule=marking.revoke, tries=_MACHINES_RETRY
        ),
        c.RecordStatus: Row(
            ability=Ability.RECORD, shape=OnStatus, rule=reporting.record, tries=_MACHINES_RETRY
        ),
        c.ClaimEffect: Row(ability=Ability.DELIVER, shape=OnEffect, rule=claiming.claim),
        c.SettleEffect: Row(
            ability=Ability.DELIVER, shape=OnEffect, rule=settling.settle, tries=_MACHINES_RETRY
        ),
        c.RecordResult: Row(
            ability=Ability.RECORD, shape=OnEffect, rule=settling.report, tries=_MACHINES_RETRY
        ),
        c.ReleaseConversation: Row(
            ability=Ability.TIMED_WORK,
            shape=OnConversation,
            rule=timing.release,
            admits=_ANY,
            tries=_MACHINES_RETRY,
        ),
        c.CloseIdle: Row(
            ability=Ability.TIMED_WORK, shape=OnTalk, rule=timing.close_idle, admits=_ANY, tries=_MACHINES_RETRY
        ),
        c.TimeOutBot: Row(
            ability=Ability.TIMED_WORK,
            shape=OnTalk,
            rule=timing.time_out_bot,
            admits=_ANY,
            tries=_MACHINES_RETRY,
        ),
    }
)
"""One row per command."""


def check_contracted(actor: Actor, workspace: Workspace) -> None:
    """Refuse people and bots while the module is not contracted; what is recorded goes on. Rule: S23."""
    if _CHAT not in workspace.modules and actor.kind is not ActorKind.SYSTEM:
        raise NotContracted(_CHAT)


def check_allowed(kind: type[Command], facts: Facts, *, expected: int | None = None) -> None:
    """The one check that reads a command's row: contracted, visible, permitted, admitted; before any rule.

    Raises:
        NotContracted, NotFound, NotPermitted, NotAMember, VersionConflict, NotAdmitted: as they say.
    """
    _check_row(TABLE[kind], kind, facts, expected)


def _check_row(row: Row, kind: type[Command], facts: Facts, expected: int | None) -> None:
    actor, workspace = facts.actor, facts.workspace
    if _CHAT not in workspace.modules:
        check_contracted(actor, workspace)
    if row.admits is None:
        if isinstance(facts, OnContact | OnMerge) and not facts.visible:
            raise NotFound("contact", "" if facts.contact is None else facts.contact.id)
        department = facts.department if type(facts) is OnStart else None
        check_permitted(row.ability, actor, workspace, department)
        return
    conversation: Conversation = facts.conversation  # type: ignore[union-attr, assignment]
    check_access(row.ability, actor, facts.agent, workspace, conversation)
    if expected is not None and conversation.version != expected:
        raise VersionConflict(conversation.id, expected)
    if conversation.situation not in row.admits:
        raise NotAdmitted(kind.__name__, conversation.situation)


def decide(
    command: Command, facts: Facts, *, expected: int | None = None, rules: tuple[CompanyRule, ...] = ()
) -> Decision:
    """What a command leads to, given the facts: pure, and equal each time.

    `rules` are a company's own. They run after the core's, for people and bots: what arrives is never refused.

    `expected` is the version of the conversation that the caller saw. It is compared once the caller is known
    to be allowed to see it, and before anything else can refuse what they did not see.

    Raises:
        VersionConflict: the conversation is at another version.
        RuleViolation: a rule refuses it; nothing has happened.
        NotFound: what it names is not there for this actor.
        InvalidValue: a value in it does not fit the workspace.
        Conflict: the facts have moved past it.
    """
    kind = type(command)
    row = TABLE[kind]
    _check_row(row, kind, facts, expected)
    decision: Decision
    if not rules or facts.actor.kind is ActorKind.SYSTEM:
        decision = row.rule(command, facts)
        return decision
    decision = (
        _edit(command, facts, rules)
        if isinstance(command, c.EditConversation) and isinstance(facts, OnEdit)
        else row.rule(command, facts)
    )
    for rule in rules:
        _ask(rule, command, facts, decision)
    return decision


def _ask(rule: CompanyRule, command: Command, facts: Facts, decision: Decision) -> None:
    """Ask one of the company's rules. One that breaks refuses: a rule that cannot be asked did not agree."""
    try:
        refusal = rule(command, facts, decision)
    except Exception as error:
        raise RuleFailed(_name_of(rule)) from error
    if isinstance(refusal, CompanyRefusal):
        raise refusal
    if refusal is not None:
        raise RuleFailed(_name_of(rule))


def _name_of(rule: object) -> str:
    return str(getattr(rule, "__name__", type(rule).__name__))
