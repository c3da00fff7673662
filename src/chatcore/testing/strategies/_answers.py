"""What a desk answers with: verdicts, reports, and what a screen shows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from chatcore import commands as c
from chatcore.answers import Answer, Ingested, Observation, Report, Verdict
from chatcore.errors import (
    ChatcoreError,
    InvalidValue,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    Permanent,
    Problem,
    ReasonRequired,
    Temporary,
    VersionConflict,
)
from chatcore.screen import (
    Actions,
    BoletoRow,
    Choices,
    ContractLight,
    ContractsPage,
    Counts,
    EffectCounts,
    FeedPage,
    Panel,
    Preview,
    Review,
    Row,
    ViewPage,
)
from chatcore.testing.strategies._arrivals import channel_items
from chatcore.testing.strategies._billing import boletos, bonuses, contracts
from chatcore.testing.strategies._capabilities import boleto_forms
from chatcore.testing.strategies._entities import contacts, conversations, effects
from chatcore.testing.strategies._events import envelopes
from chatcore.testing.strategies._ids import entity_ids, id_tuples, outside_ids, refs
from chatcore.testing.strategies._requests import outcomes
from chatcore.testing.strategies._texts import labels, private_lines
from chatcore.testing.strategies._times import moments, spans
from chatcore.testing.strategies._workspaces import (
    agents,
    departments,
    message_templates,
    quick_replies,
    reasons,
    tags,
)
from chatcore.vocabulary import (
    Ability,
    BoletoState,
    Direction,
    EffectState,
    Light,
    MessageKind,
    Private,
    Situation,
)

__all__ = [
    "boleto_rows",
    "choices",
    "contract_lights",
    "contracts_pages",
    "counts",
    "effect_counts",
    "errors",
    "feed_pages",
    "ingested",
    "observations",
    "panels",
    "previews",
    "problems",
    "reports",
    "reviews",
    "rows",
    "verdicts",
    "view_pages",
]


def problems() -> st.SearchStrategy[Problem]:
    """One thing that is wrong with a value, with its place or without."""
    ends = st.lists(st.integers(0, 500), min_size=2, max_size=2, unique=True)
    return st.builds(
        Problem,
        path=labels(),
        code=outside_ids(),
        rule=st.none() | st.sampled_from(("M4", "L6", "B8")),
        limit=st.none() | st.integers(1, 1000),
        actual=st.none() | st.integers(1001, 2000),
        span=st.none() | ends.map(sorted).map(tuple),
    )


def errors() -> st.SearchStrategy[ChatcoreError]:
    """An error of each family that a caller meets."""
    return st.one_of(
        st.lists(problems(), min_size=1, max_size=3).map(lambda some: InvalidValue(*some)),
        st.builds(NotFound, st.just("conversation"), entity_ids("cv")),
        st.builds(NotPermitted, st.sampled_from(Ability)),
        st.builds(ReasonRequired),
        st.builds(VersionConflict, refs(), st.integers(0, 100)),
        st.builds(Temporary, st.none() | spans()),
        st.builds(OutcomeUnknown),
        st.builds(Permanent, outside_ids()),
    )


def verdicts() -> st.SearchStrategy[Verdict]:
    """Whether a command would pass: yes, with something filled in, or refused."""
    return st.one_of(
        st.builds(Verdict, st.just(Answer.ALLOWED), changes=st.booleans()),
        st.builds(Verdict, st.just(Answer.NEEDS), needs=id_tuples(2, 1), refusal=errors()),
        st.builds(Verdict, st.just(Answer.REFUSED), refusal=errors()),
    )


def reports() -> st.SearchStrategy[Report]:
    """What workers did."""
    return st.builds(Report, st.integers(0, 1000), st.booleans(), st.none() | moments())


def ingested() -> st.SearchStrategy[Ingested]:
    """What came of an item: an outcome, an error, or nothing."""
    return st.one_of(
        st.builds(Ingested, channel_items(), outcome=st.none() | outcomes()),
        st.builds(Ingested, channel_items(), error=errors()),
    )


def observations() -> st.SearchStrategy[Observation]:
    """Something that an operator may want to know."""
    what = st.sampled_from(("committed", "refused", "conflict", "port_failed", "effect_failed", "ignored"))
    return st.builds(Observation, what, labels(), st.none() | outside_ids())


# --- the screen ----------------------------------------------------------------------------------------------


def previews() -> st.SearchStrategy[Preview]:
    """The last thing said."""
    return st.builds(
        Preview,
        direction=st.sampled_from(Direction),
        kind=st.sampled_from(MessageKind),
        text=private_lines(),
    )


def contract_lights() -> st.SearchStrategy[ContractLight]:
    """The light beside a name. Rule: S5, B1."""
    return st.builds(
        ContractLight,
        light=st.sampled_from(Light),
        contract=st.none() | outside_ids(),
        as_of=st.none() | moments(),
        link=st.none() | st.just("https://erp.example/contracts/7"),
        failure=st.none() | outside_ids(),
    )


def rows() -> st.SearchStrategy[Row]:
    """One conversation as a view shows it. Rule: S1, S5, S7."""
    ids, some_id = outside_ids(), st.none() | outside_ids()
    return st.builds(
        Row,
        id=entity_ids("cv"),
        version=st.integers(1, 10_000),
        situation=st.sampled_from(Situation),
        contact=entity_ids("ct"),
        name=st.none() | labels().map(Private),
        blocked=st.booleans(),
        channel=ids,
        department=ids,
        assignee=some_id,
        reason=some_id,
        tags=id_tuples(),
        unread=st.integers(0, 50),
        waiting_since=st.none() | moments(),
        changed_at=moments(),
        preview=st.none() | previews(),
        light=st.none() | contract_lights(),
    )


def view_pages() -> st.SearchStrategy[ViewPage]:
    """A page of a view."""
    return st.builds(
        ViewPage, st.lists(rows(), max_size=2).map(tuple), st.none() | outside_ids(), outside_ids()
    )


def counts() -> st.SearchStrategy[Counts]:
    """How many conversations each view has. Rule: S1."""
    some: Any = st.integers(0, 100)
    return st.builds(Counts, queue=some, open=some, closed=some, bot=some, at_most=st.just(100))


def effect_counts() -> st.SearchStrategy[EffectCounts]:
    """How many effects stand in each state. Rule: B11."""
    each = st.tuples(*(st.tuples(st.just(state), st.integers(0, 100)) for state in EffectState))
    return st.builds(EffectCounts, counts=each, at_most=st.just(100))


def contracts_pages() -> st.SearchStrategy[ContractsPage]:
    """The contracts of a customer, and their light. Rule: S5, S9."""
    return st.builds(ContractsPage, st.lists(contracts(), max_size=2).map(tuple), st.none() | contract_lights())


def boleto_rows() -> st.SearchStrategy[BoletoRow]:
    """A boleto as it stands today. Rule: S13, B3, B4."""
    return st.builds(
        BoletoRow, boletos(), st.sampled_from(BoletoState), st.just(()) | boleto_forms(), st.just(())
    )


def reviews() -> st.SearchStrategy[Review]:
    """An effect that waits for a second person. Rule: B11."""
    return st.builds(Review, effects(), id_tuples(2), id_tuples(2))


def feed_pages() -> st.SearchStrategy[FeedPage]:
    """What changed since a cursor."""
    return st.builds(
        FeedPage,
        events=st.lists(envelopes(), max_size=2).map(tuple),
        rows=st.lists(rows(), max_size=2).map(tuple),
        gone=st.lists(entity_ids("cv"), max_size=2, unique=True).map(tuple),
        refresh=st.booleans(),
        next=outside_ids(),
    )


def choices() -> st.SearchStrategy[Choices]:
    """What may be chosen for one conversation. Rule: C4, L7, M16."""

    def some(things: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
        return st.lists(things, max_size=1).map(tuple)

    return st.builds(
        Choices,
        reasons=some(reasons()),
        tags=some(tags()),
        departments=some(departments()),
        agents=some(agents()),
        available=id_tuples().map(frozenset),
        quick_replies=some(quick_replies()),
        templates=some(message_templates()),
        boleto_forms=st.just(()) | boleto_forms(),
        bonus_limits=st.none() | some(bonuses()),
    )


def panels() -> st.SearchStrategy[Panel]:
    """One conversation opened on a screen. Rule: S8, S9, S10."""
    asked = st.sampled_from((c.Take, c.Close, c.SendMessage, c.GrantBonus))
    return st.builds(
        Panel,
        conversation=conversations(),
        contact=contacts(),
        contracts=st.lists(contracts(), max_size=2).map(tuple),
        light=st.none() | contract_lights(),
        actions=st.dictionaries(asked, verdicts(), max_size=3).map(Actions),
        choices=choices(),
        feed=outside_ids(),
    )
