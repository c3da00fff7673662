"""The configuration of a service: its parts, and the whole."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chatcore.entities import (
    Agent,
    Channel,
    Department,
    Item,
    MessageTemplate,
    QuickReply,
    Reason,
    Tag,
    Workspace,
)
from chatcore.testing.strategies._fields import fields
from chatcore.testing.strategies._ids import id_tuples, outside_ids
from chatcore.testing.strategies._media import attachments
from chatcore.testing.strategies._policies import abilities, policies, prepared_text
from chatcore.testing.strategies._texts import labels, one_line_text
from chatcore.text import look_key
from chatcore.vocabulary import ChannelKind, Locale, Role, TemplateCategory

__all__ = [
    "agents",
    "channels",
    "departments",
    "items",
    "message_templates",
    "quick_replies",
    "reasons",
    "tags",
    "workspaces",
]


def departments() -> st.SearchStrategy[Department]:
    """A team that conversations belong to. Rule: C1, C3."""
    return st.builds(Department, id=outside_ids(), name=labels(), archived=st.booleans())


def agents(departments: st.SearchStrategy[tuple[str, ...]] | None = None) -> st.SearchStrategy[Agent]:
    """A person who serves; `departments` are the tuples of ids to choose from. Rule: L7, P."""
    return st.builds(
        Agent,
        id=outside_ids(),
        name=labels(),
        roles=st.lists(st.sampled_from(Role), min_size=1, max_size=4, unique=True).map(tuple),
        departments=id_tuples() if departments is None else departments,
        granted=abilities(),
        withdrawn=abilities(),
        max_open=st.integers(0, 5),
        active=st.booleans(),
    )


def reasons(departments: st.SearchStrategy[tuple[str, ...]] | None = None) -> st.SearchStrategy[Reason]:
    """Why a conversation was held; `departments` are the tuples of ids to choose from. Rule: S11, C4."""
    within = id_tuples() if departments is None else departments
    return st.builds(Reason, id=outside_ids(), name=labels(), departments=within, archived=st.booleans())


def channels(
    department: st.SearchStrategy[str] | None = None, archived: st.SearchStrategy[bool] | None = None
) -> st.SearchStrategy[Channel]:
    """An account of a kind of channel; `department` are the ids to choose from. Rule: L5, C3."""
    return st.builds(
        Channel,
        id=outside_ids(),
        kind=st.sampled_from(ChannelKind),
        account=outside_ids(),
        department=outside_ids() if department is None else department,
        bot=st.booleans(),
        archived=st.booleans() if archived is None else archived,
    )


def tags(departments: st.SearchStrategy[tuple[str, ...]] | None = None) -> st.SearchStrategy[Tag]:
    """A mark on conversations. Rule: S7."""
    return st.builds(
        Tag,
        id=outside_ids(),
        name=labels(),
        colour=st.integers(0, 0xFFFFFF).map("#{:06x}".format),
        departments=id_tuples() if departments is None else departments,
        archived=st.booleans(),
    )


def quick_replies(
    departments: st.SearchStrategy[tuple[str, ...]] | None = None,
    agents: st.SearchStrategy[tuple[str, ...]] | None = None,
) -> st.SearchStrategy[QuickReply]:
    """A reply prepared beforehand: a text, a file, or both. Rule: C6."""
    contents = st.one_of(
        st.tuples(prepared_text(), st.none() | attachments()), st.tuples(st.none(), attachments())
    )
    return st.builds(
        lambda content, **values: QuickReply(text=content[0], attachment=content[1], **values),
        contents,
        id=outside_ids(),
        shortcut=labels(),
        departments=id_tuples() if departments is None else departments,
        agents=id_tuples() if agents is None else agents,
        archived=st.booleans(),
    )


def message_templates(channels: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[MessageTemplate]:
    """A message that a provider approved, with up to three places. Rule: M5, M6."""
    return st.builds(
        MessageTemplate,
        id=outside_ids(),
        channel=outside_ids() if channels is None else channels,
        name=st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=8),
        language=st.sampled_from(("pt_BR", "en", "es_AR")),
        body=st.builds(
            lambda words, count: words + "".join(f" {{{{{n}}}}}" for n in range(1, count + 1)),
            one_line_text(max_size=20),
            st.integers(0, 3),
        ),
        category=st.sampled_from(TemplateCategory),
        archived=st.booleans(),
    )


def items() -> st.SearchStrategy[Item]:
    """One part of a workspace, of any kind; what it refers to need not be there."""
    return st.one_of(
        departments(),
        agents(),
        reasons(),
        tags(),
        quick_replies(),
        message_templates(),
        fields(),
        channels(),
    )


def _few(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to so many things with ids and names that nothing else of the list has, nor looks like."""
    keys = (lambda x: x.id, lambda x: look_key(x.name))
    return st.lists(strategy, max_size=most, unique_by=keys).map(tuple)


def _some(things: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """The ids of some of these things."""
    ids = [thing.id for thing in things]
    return st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(())


@st.composite
def workspaces(draw: st.DrawFn) -> Workspace:
    """A valid configuration with parts of every kind, not committed yet."""
    teams = draw(_few(departments()))
    within = _some(teams)
    people, why = draw(_few(agents(within))), draw(_few(reasons(within)))
    live = [team.id for team in teams if not team.archived]
    gone = [team.id for team in teams if team.archived]
    channel: st.SearchStrategy[Channel] = st.nothing()
    if live:
        channel |= channels(st.sampled_from(live), archived=st.just(False))
    if gone:
        channel |= channels(st.sampled_from(gone), archived=st.just(True))
    lines: tuple[Channel, ...] = ()
    if teams:
        listed = st.lists(channel, max_size=3, unique_by=(lambda c: c.id, lambda c: c.account))
        lines = tuple(draw(listed))
    templates: tuple[MessageTemplate, ...] = ()
    if lines:
        template = message_templates(st.sampled_from([line.id for line in lines]))
        templates = tuple(draw(st.lists(template, max_size=2, unique_by=(lambda t: t.id, lambda t: t.name))))
    return Workspace(
        name=draw(labels()),
        time_zone=draw(st.sampled_from(("America/Sao_Paulo", "America/Manaus", "UTC"))),
        locale=draw(st.sampled_from(Locale)),
        departments=teams,
        agents=people,
        reasons=why,
        tags=draw(_few(tags(within))),
        quick_replies=draw(_few(quick_replies(within, _some(people)), 2)),
        templates=templates,
        fields=draw(_few(fields(within, _some(why)), 2)),
        channels=lines,
        policies=draw(policies(why)),
    )
