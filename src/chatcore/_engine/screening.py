"""What a screen shows, put together from states: rows with names and previews, the panel, what may be done.

Each costs a bounded number of batched reads, whatever was said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chatcore._engine.body import Engine, verdict_of
from chatcore._engine.customers import Told, told_of
from chatcore._engine.gathering.reads import Asked, common
from chatcore.answers import Answer, Verdict
from chatcore.commands import Command, EditConversation
from chatcore.entities import Contact, Conversation, Entity, Message, Workspace
from chatcore.errors import Conflict, ContractViolation, InvalidValue, NotFound, RuleFailed, RuleViolation
from chatcore.limits import PREVIEW_LENGTH
from chatcore.ports import ReadSet
from chatcore.rules import offers
from chatcore.rules.facts import OnPanel
from chatcore.rules.invariants import live_claim, load_tally
from chatcore.rules.permissions import has_access
from chatcore.rules.table import TABLE
from chatcore.screen import Actions, Choices, Panel, Preview, Row
from chatcore.text import cut
from chatcore.vocabulary import Actor, AgentId, Private, Ref, Situation, message_id

__all__ = ["panel_of", "rows_of"]


async def rows_of(engine: Engine, conversations: Iterable[Conversation]) -> tuple[Row, ...]:
    """The rows of these conversations, in their order: one batched read for names and previews."""
    wanted = tuple(conversations)
    refs: dict[Ref, None] = {}
    for each in wanted:
        refs[each.contact] = None
        if each.seq:
            refs[message_id(each.id, each.seq)] = None
    if not refs:
        return ()
    states = dict((await engine.storage.read(ReadSet(refs=tuple(refs)))).states)
    await _with_merged(engine, states)
    people = {each.id: _person(states.get(each.contact), states) for each in wanted}
    told = await told_of(engine, [person for person in people.values() if person is not None])
    return tuple(_row(each, people[each.id], states, told) for each in wanted)


async def _with_merged(engine: Engine, states: dict[Ref, Entity]) -> None:
    """Read whom the contacts turned out to be, be it through a third. Rule: M11."""
    while True:
        into = {s.merged_into for s in states.values() if isinstance(s, Contact) and s.merged_into is not None}
        wanted = tuple(sorted(into - states.keys()))
        found = (await engine.storage.read(ReadSet(refs=wanted))).states if wanted else {}
        if not found:
            return
        states.update(found)


def _person(contact: Entity | None, states: Mapping[Ref, Entity]) -> Contact | None:
    """The contact as who they are by now. Rule: M11."""
    while isinstance(contact, Contact) and contact.merged_into is not None:
        contact = states.get(contact.merged_into)
    return contact if isinstance(contact, Contact) else None


def _row(conversation: Conversation, known: Contact | None, states: Mapping[Ref, Entity], told: Told) -> Row:
    return Row(
        id=conversation.id,
        version=conversation.version,
        situation=conversation.situation,
        contact=conversation.contact if known is None else known.id,
        name=None if known is None else known.name,
        blocked=known is not None and known.blocked is not None,
        channel=conversation.channel,
        department=conversation.department,
        assignee=conversation.assignee,
        reason=conversation.reason,
        tags=conversation.tags,
        unread=conversation.unread,
        waiting_since=conversation.waiting_since,
        changed_at=conversation.recorded_at,
        preview=_preview(states.get(message_id(conversation.id, conversation.seq))),
        light=None if known is None else told.light(known, conversation),
    )


def _preview(message: Entity | None) -> Preview | None:
    if not isinstance(message, Message):
        return None
    shown = Private(cut(message.shown.reveal(), PREVIEW_LENGTH))
    return Preview(direction=message.direction, kind=message.kind, text=shown)


# --- the panel -----------------------------------------------------------------------------------------------


async def panel_of(engine: Engine, conversation: Conversation, by: Actor, feed: str) -> Panel:
    """One conversation opened: whom it is with, what may be done, and what may be chosen."""
    workspace = engine.reads.held
    counted = tuple(
        load_tally(agent.id)
        for agent in workspace.agents
        if agent.active and agent.max_open and has_access(agent, conversation.department)
    )
    claim = live_claim(conversation.contact, conversation.channel)
    own = load_tally(by.id)
    read = await engine.reads.read(
        refs=(conversation.contact,), owners=(claim,), tallies=tuple(dict.fromkeys((own, *counted)))
    )
    states = dict(read.states)
    await _with_merged(engine, states)
    contact = _person(states.get(conversation.contact), states)
    if contact is None:
        raise NotFound("contact", conversation.contact)
    if contact.id != conversation.contact:
        claim = live_claim(contact.id, conversation.channel)
        read = await engine.reads.read(owners=(claim,), tallies=tuple(read.tallies))
    live = read.states.get(read.owners.get(claim, conversation.id))
    window_until = quiet_until = None
    if conversation.situation is Situation.CLOSED:
        rows = await engine.reads.last_closed(contact, conversation.channel)
        key = engine.reads.addresses.inbound_key(conversation.channel, conversation.address)
        window_until, quiet_until = engine.reads.left_open(rows, conversation.channel, key)
    command = EditConversation(conversation.id)
    asked = Asked(command, by, TABLE[EditConversation], engine.new_root(), engine.now(), None)
    outside = engine.outside
    facts = OnPanel(
        offers=_offered(outside.contracts),
        billing=_offered(outside.billing),
        conversation=conversation,
        contact=contact,
        capabilities=engine.reads.capabilities_of(conversation.channel, workspace),
        live=live if isinstance(live, Conversation) and live.id != conversation.id else None,
        loads=engine.reads.loads(read),
        window_until=window_until,
        quiet_until=quiet_until,
        **common(asked, workspace),
    )
    actions = {kind: _tried(engine, kind, facts) for kind in offers.ACTIONS}
    told = await told_of(engine, [contact])
    return Panel(
        conversation=conversation,
        contact=contact,
        contracts=told.contracts(contact),
        light=told.light(contact, conversation),
        actions=Actions(actions),
        choices=_choices(engine, facts, workspace),
        feed=feed,
    )


def _offered(port: Any) -> Any:
    """What a port offers; nothing where it cannot say so. Rule: B1."""
    try:
        return None if port is None else port.capabilities
    except ContractViolation:
        return None


def _tried(engine: Engine, kind: type[Command], facts: OnPanel) -> Verdict:
    try:
        needs, changes = offers.try_action(kind, facts, engine.rules)
    except (RuleViolation, RuleFailed, NotFound, Conflict, InvalidValue) as refusal:
        return verdict_of(refusal)
    return Verdict(Answer.NEEDS, needs) if needs else Verdict(Answer.ALLOWED, changes=changes)


def _choices(engine: Engine, facts: OnPanel, workspace: Workspace) -> Choices:
    agents = offers.agents(facts)
    return Choices(
        reasons=offers.reasons(facts),
        tags=offers.tags(facts),
        departments=offers.departments(facts),
        agents=agents,
        available=frozenset(AgentId(a.id) for a in agents if engine.reads.is_available(a.id)),
        quick_replies=offers.quick_replies(facts),
        templates=offers.templates(facts),
        boleto_forms=() if facts.billing is None else facts.billing.boletos,
        bonus_limits=offers.bonus_limits(facts),
    )
