"""What a person may do with a conversation, and choose for it: the rules asked beforehand, for a screen.

An action that needs nothing more is decided for real. One that needs fields is checked as far as it can be
without them: the table's own check, and whatever else refuses it whoever fills in what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from chatcore import commands as c
from chatcore.commands import Command
from chatcore.entities import (
    Agent,
    BillingCapabilities,
    Bonus,
    ContractsCapabilities,
    Conversation,
    Department,
    MessageTemplate,
    QuickReply,
    Reason,
    Tag,
)
from chatcore.errors import (
    AlreadyTaken,
    AtCapacity,
    BonusOverLimit,
    KindNotCarried,
    MediaNotCarried,
    MediaTooLarge,
    NotFound,
    NotOffered,
    RuleViolation,
    TooManyTags,
    TooManyTransfers,
)
from chatcore.limits import TAGS, TRANSFERS
from chatcore.rules.capacity import check_capacity
from chatcore.rules.contacts import check_standing
from chatcore.rules.customers import customer_of
from chatcore.rules.editing import STANDS_FOR
from chatcore.rules.facts import OnPanel, reshaped
from chatcore.rules.passing import check_passes, media_capability, passes
from chatcore.rules.permissions import has_access
from chatcore.rules.table import TABLE, CompanyRule, check_allowed, decide
from chatcore.vocabulary import MessageKind, PortKind, Role, Situation, TemplateCategory

__all__ = [
    "ACTIONS",
    "agents",
    "bonus_limits",
    "departments",
    "quick_replies",
    "reasons",
    "tags",
    "templates",
    "try_action",
]

_WHOLE: Final[Mapping[type[Command], Callable[[OnPanel], Command]]] = MappingProxyType(
    {
        c.Take: lambda f: c.Take(f.conversation.id),
        c.ReturnToQueue: lambda f: c.ReturnToQueue(f.conversation.id),
        c.ReturnToBot: lambda f: c.ReturnToBot(f.conversation.id),
        c.Reopen: lambda f: c.Reopen(f.conversation.id),
        c.MarkRead: lambda f: c.MarkRead(f.conversation.id),
        c.Close: lambda f: c.Close(f.conversation.id),
        c.EditContact: lambda f: c.EditContact(f.contact.id),
        c.UnlinkCustomer: lambda f: c.UnlinkCustomer(f.contact.id),
        c.BlockContact: lambda f: c.BlockContact(f.contact.id),
        c.UnblockContact: lambda f: c.UnblockContact(f.contact.id),
    }
)
_SENDS: Final[Mapping[type[Command], MessageKind]] = MappingProxyType(
    {
        c.SendMessage: MessageKind.TEXT,
        c.SendQuickReply: MessageKind.TEXT,
        c.SendMedia: MessageKind.DOCUMENT,
        c.SendTemplate: MessageKind.TEMPLATE,
    }
)

ACTIONS: Final[tuple[type[Command], ...]] = (
    *_WHOLE,
    c.EditConversation,
    *_SENDS,
    c.Assign,
    c.Transfer,
    c.ChangeDepartment,
    c.SetReason,
    c.AddTags,
    c.RemoveTags,
    c.SetFields,
    c.AddNote,
    c.LinkCustomer,
    c.MergeContacts,
    c.PinContract,
    c.SendBoletos,
    c.SendInvoices,
    c.GrantBonus,
    c.OpenServiceOrder,
)
"""The commands about one conversation and its contact, which a panel has a verdict for."""


def try_action(
    kind: type[Command], facts: OnPanel, rules: tuple[CompanyRule, ...]
) -> tuple[tuple[str, ...], bool]:
    """The fields that an action still needs, if any; and whether it would change anything.

    Raises:
        RuleViolation, NotFound, Conflict, InvalidValue: the refusal a person would meet.
    """
    if kind is c.EditConversation:
        _check_editable(facts)
        return (), True
    make = _WHOLE.get(kind)
    conversation, contact = facts.conversation, facts.contact
    if make is not None:
        told = reshaped(facts, TABLE[kind].shape, conversation, contact)
        return (), bool(decide(make(facts), told, rules=rules))
    if TABLE[kind].admits is None:
        check_allowed(kind, reshaped(facts, TABLE[kind].shape, conversation, contact))
        check_standing(contact)
    else:
        check_allowed(kind, facts)
    _check_asked(kind, facts)
    sends = _SENDS.get(kind)
    if sends is MessageKind.TEMPLATE and not facts.capabilities.templates:
        raise KindNotCarried(sends)
    if sends is not None:
        check_passes(sends, contact, facts.capabilities, conversation.window_until, facts.now)
    _check_room(kind, conversation)
    return _lacking(kind), True


def _check_editable(facts: OnPanel) -> None:
    """Refuse an edit to who may do nothing of what it stands for. Rule: S18."""
    check_allowed(c.EditConversation, facts)
    refusals: list[RuleViolation] = []
    for kind in STANDS_FOR:
        try:
            check_allowed(kind, reshaped(facts, TABLE[kind].shape, facts.conversation, facts.contact))
        except RuleViolation as refusal:
            refusals.append(refusal)
        else:
            return
    raise refusals[0]


def _check_asked(kind: type[Command], facts: OnPanel) -> None:
    """Refuse what cannot be asked of contracts or billing, in the order the rules do. Rule: B2, B4, B7, B8."""
    if kind not in _OFFERED:
        return
    ports, what = _OFFERED[kind]
    there = {PortKind.CONTRACTS: facts.offers, PortKind.BILLING: facts.billing}
    for port in ports:
        if there[port] is None:
            raise NotOffered(port)
    is_pinned = kind is c.PinContract and facts.conversation.contract is not None
    if kind is not c.OpenServiceOrder and not is_pinned:
        customer_of(facts)
    if kind in (c.SendBoletos, c.SendInvoices):
        until = facts.conversation.window_until
        check_passes(MessageKind.DOCUMENT, facts.contact, facts.capabilities, until, facts.now)
    if not _is_offered(kind, facts.offers, facts.billing):
        raise NotOffered(what)
    if kind is c.GrantBonus and bonus_limits(facts) == ():
        assert facts.billing is not None
        raise BonusOverLimit(facts.billing.bonus_kinds[0], None)


def _is_offered(
    kind: type[Command], contracts: ContractsCapabilities | None, billing: BillingCapabilities | None
) -> bool:
    offers: Mapping[type[Command], object] = {
        c.PinContract: contracts,
        c.SendBoletos: billing and billing.boletos,
        c.SendInvoices: billing and billing.invoices,
        c.GrantBonus: billing and billing.bonus and billing.bonus_kinds,
        c.OpenServiceOrder: contracts and contracts.orders,
    }
    return bool(offers[kind])


_OFFERED: Final[Mapping[type[Command], tuple[tuple[PortKind, ...], str]]] = MappingProxyType(
    {
        c.PinContract: ((PortKind.CONTRACTS,), "contracts"),
        c.SendBoletos: ((PortKind.BILLING,), "boleto"),
        c.SendInvoices: ((PortKind.BILLING,), "invoice"),
        c.GrantBonus: ((PortKind.CONTRACTS, PortKind.BILLING), "bonus"),
        c.OpenServiceOrder: ((PortKind.CONTRACTS,), "service_order"),
    }
)
"""The ports that a command asks, and what it asks of them."""


def _check_room(kind: type[Command], conversation: Conversation) -> None:
    """Refuse what the conversation has no room for any more, or no need of, whatever is chosen."""
    if kind is c.Assign and conversation.assignee is not None:
        raise AlreadyTaken(conversation.id, conversation.assignee)
    if kind is c.Transfer and conversation.transfers >= TRANSFERS:
        raise TooManyTransfers(TRANSFERS)
    if kind is c.AddTags and len(conversation.tags) >= TAGS:
        raise TooManyTags(TAGS, len(conversation.tags) + 1)


def _lacking(kind: type[Command]) -> tuple[str, ...]:
    """The fields that a command of this kind cannot be made without, but for what it is about."""
    fields = attrs.fields(cast("type[Any]", kind))
    return tuple(
        field.name
        for field in fields
        if field.default is attrs.NOTHING and field.name not in ("conversation", "contact")
    )


# --- what may be chosen --------------------------------------------------------------------------------------


def reasons(facts: OnPanel) -> tuple[Reason, ...]:
    """The reasons that may be set here. Rule: C3, C4."""
    here = facts.conversation.department
    return tuple(reason for reason in facts.workspace.reasons if not reason.archived and reason.serves(here))


def tags(facts: OnPanel) -> tuple[Tag, ...]:
    """The tags that may be put on, and are not on yet; none where it is full. Rule: C3, C4, C5."""
    here, on = facts.conversation.department, facts.conversation.tags
    if len(on) >= TAGS:
        return ()
    return tuple(
        tag for tag in facts.workspace.tags if not tag.archived and tag.id not in on and tag.serves(here)
    )


def departments(facts: OnPanel) -> tuple[Department, ...]:
    """The other departments that it may belong to. Rule: C3."""
    here = facts.conversation.department
    return tuple(d for d in facts.workspace.departments if not d.archived and d.id != here)


def agents(facts: OnPanel) -> tuple[Agent, ...]:
    """The agents who could have it now: active, with access to its department, with room. Rule: L7, L9."""
    return tuple(agent for agent in facts.workspace.agents if _could_have(agent, facts))


def _could_have(agent: Agent, facts: OnPanel) -> bool:
    conversation = facts.conversation
    if not agent.active or agent.id == conversation.assignee or not has_access(agent, conversation.department):
        return False
    try:
        check_capacity(agent, facts.loads)
    except AtCapacity:
        return False
    return True


def quick_replies(facts: OnPanel) -> tuple[QuickReply, ...]:
    """The quick replies that this person may use here, and that the channel carries. Rule: C3, C6, M6."""
    if not _goes(facts, MessageKind.TEXT):
        return ()
    agent = None if facts.agent is None else facts.agent.id
    here = facts.conversation.department
    return tuple(
        reply
        for reply in facts.workspace.quick_replies
        if not reply.archived and reply.allows(here, agent) and _carried(reply, facts)
    )


def _carried(reply: QuickReply, facts: OnPanel) -> bool:
    if reply.attachment is None:
        return True
    try:
        media_capability(reply.attachment, None, facts.capabilities)
    except (MediaNotCarried, MediaTooLarge):
        return False
    return True


def templates(facts: OnPanel) -> tuple[MessageTemplate, ...]:
    """The approved templates that may go to this contact on this channel. Rule: M5, M16, C3."""
    if not facts.capabilities.templates or not _goes(facts, MessageKind.TEMPLATE):
        return ()
    return tuple(
        template
        for template in facts.workspace.templates
        if not template.archived
        and template.channel == facts.conversation.channel
        and not (facts.contact.opted_out and template.category is TemplateCategory.MARKETING)
    )


def bonus_limits(facts: OnPanel) -> tuple[Bonus, ...] | None:
    """What this person may grant at most, of each kind that is offered; None: without limit. Rule: B8."""
    if facts.billing is None or facts.billing.bonus is None or facts.agent is None:
        return ()
    try:
        check_allowed(c.GrantBonus, facts)
    except (RuleViolation, NotFound):
        return ()
    if Role.SUPERVISOR in facts.agent.roles:
        return None
    limits = facts.workspace.policies.billing.bonus_limits
    return tuple(limit for limit in limits if limit.kind in facts.billing.bonus_kinds)


def _goes(facts: OnPanel, kind: MessageKind) -> bool:
    """Whether anything of this kind may go to this contact now."""
    if facts.conversation.situation is Situation.CLOSED or facts.contact.blocked is not None:
        return False
    return passes(kind, facts.capabilities, facts.conversation.window_until, facts.now)
