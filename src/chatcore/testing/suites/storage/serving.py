"""Serving: a desk over the adapter answers as one over memory, and leaves what must be there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chatcore.entities import Scope
from chatcore.memory import MemoryStorage
from chatcore.ports import ReadSet, Storage
from chatcore.screen import Panel
from chatcore.search import (
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Order,
    Query,
    Says,
    Trait,
)
from chatcore.testing.laws import assert_laws, contents_of
from chatcore.testing.suites.storage._asking import followed, walked
from chatcore.testing.suites.storage._base import StorageTests, new_tenant
from chatcore.testing.suites.storage._day import ALBA, CARLA, SOFIA, Day
from chatcore.vocabulary import (
    AgentId,
    DepartmentId,
    EffectState,
    FieldId,
    Private,
    Situation,
)

__all__ = ["ServingTests"]

STEPS = 90
"""Steps of a day."""


def _queries(day: Day) -> Iterator[Query]:
    """What may be asked of a day."""
    yield from (ConversationQuery(order=order) for order in Order)
    yield from (ConversationQuery(situation=each, order=Order.WAITING) for each in Situation)
    yield from (ConversationQuery(waiting=each, order=Order.IDLE) for each in (True, False))
    yield ConversationQuery(assignee=AgentId("ana"))
    yield ConversationQuery(scope=Scope(assignee=AgentId("beto"), waiting=(DepartmentId("billing"),), bot=True))
    for contact in day.contacts[:4]:
        yield ConversationQuery(contact=contact, order=Order.OPENED)
        yield ConversationQuery(contact=contact, also=tuple(day.contacts[:2]), order=Order.CLOSED)
    filled = Filled(FieldId("plan"), Private("100M"))
    for where in (
        Is(Mark.BLOCKED),
        Is(Mark.LINKED) | Named("jo"),
        Has(Trait.TAG, "vip") & ~Is(Mark.WAITING),
        filled,
    ):
        yield ConversationQuery(where=where, order=Order.OPENED)
        yield MessageQuery(where=where)
    yield from (ContactQuery(blocked=each) for each in (None, True, False))
    yield ContactQuery(where=Named("silva"))
    yield MessageQuery()
    yield MessageQuery(where=Says("boleto") & ~Has(Trait.DIRECTION, "outbound"))
    yield MessageQuery(where=Says("bol", prefix=True), scope=Scope(assignee=AgentId("ana")))
    for home in day.conversations[:3]:
        yield from (MessageQuery(conversation=home, newest_first=each) for each in (True, False))
        yield EffectQuery(conversation=home)
    yield from (EffectQuery(state=each) for each in (None, *EffectState))


def _screens(day: Day) -> Iterator[tuple[str, Any]]:
    """What people see at its end, but for cursors, which each storage makes as it likes."""
    desk = day.desk
    for by in (CARLA, SOFIA):
        yield f"the view of {by.id}", desk.view(ConversationQuery(), by=by).rows
        yield f"the counts of {by.id}", desk.counts(by=by)
        yield f"what {by.id} finds", desk.search("boleto", by=by).rows
        for home in day.conversations[:3]:
            panel = desk.panel(home, by=by)
            yield f"the panel of {home}", (panel.conversation, panel.contact, _verdicts(panel), panel.choices)
    yield "the overview", desk.overview(by=SOFIA)
    yield "the workspace", desk.workspace(by=ALBA)


def _verdicts(panel: Panel) -> dict[str, Any]:
    """Errors are compared by what they say."""
    return {
        command.__name__: (each.answer, each.needs, None if each.refusal is None else each.refusal.document())
        for command, each in panel.actions.items()
    }


class ServingTests(StorageTests):
    """Whole days at a `Desk` over `Storage`."""

    @pytest.mark.parametrize("seed", [1, 2])
    def test_a_day_at_the_desk_goes_as_over_memory(self, seed: int) -> None:
        """Every command, refusal and run of the workers is answered as over memory, and so is every question.

        When this fails: the first step that was answered differently is named. What is behind it is most often
        one of the promises that the other tests show one by one; look at them first.
        """
        memory = MemoryStorage()
        model, tenant = Day(memory, seed), new_tenant()
        model.live(STEPS)
        storage = self.storage(tenant)
        day = Day(storage, seed)
        day.live(STEPS)
        for n, (found, expected) in enumerate(zip(day.told, model.told, strict=False)):
            assert found == expected, f"step {n}, {expected.what}: answered otherwise than over memory"
        assert len(day.told) == len(model.told)
        _compare(day, model)
        other = self.storage(tenant)
        assert other.read(ReadSet(refs=tuple(day.conversations))) == storage.read(
            ReadSet(refs=tuple(day.conversations))
        )

    def test_what_a_day_leaves_is_lawful(self) -> None:
        """Folded events are the states, claims and counts are those of the states, nothing lacks its receipt.

        When this fails: a set was written in part, or something in it twice.
        """
        day = Day(self.storage(), 3)
        day.live(STEPS)
        model = Day(MemoryStorage(), 3)
        model.live(STEPS)
        _settled(day.storage, model.storage)
        assert_laws(contents_of(day.storage))

    def test_a_desk_opened_in_the_middle_goes_on(self) -> None:
        """A desk that is opened over another handle in the middle of a day answers as the first would have.

        When this fails: what a handle learnt is not in the database.
        """
        tenant = new_tenant()
        memory = MemoryStorage()
        model, day = Day(memory, 4), Day(self.storage(tenant), 4)
        for each in (model, day):
            each.live(STEPS // 3)
        model.reopened(memory)
        day.reopened(self.storage(tenant))
        for each in (model, day):
            each.live(STEPS // 3)
        assert day.told == model.told
        _settled(day.storage, model.storage)


def _settled(storage: Storage, model: Storage) -> None:
    """Wait until `changes` shows everything that it shows of memory."""
    expected = _all_changes(model)
    found, _ = followed(storage, expected)
    assert {envelope.id: envelope for envelope in found} == expected


def _all_changes(model: Storage) -> dict[Any, Any]:
    found, _ = followed(model, ())
    return {envelope.id: envelope for envelope in found}


def _compare(day: Day, model: Day) -> None:
    """Hold that a storage answers every question as memory does."""
    storage, memory = day.storage, model.storage
    _settled(storage, memory)
    contents, expected = contents_of(storage), contents_of(memory)
    for what in ("states", "streams", "claims", "tallies", "receipts"):
        assert getattr(contents, what) == getattr(expected, what), f"the {what} are not those that memory has"
    for n, query in enumerate(_queries(model)):
        limit = (1, 3, 200)[n % 3]
        assert walked(storage, query, limit) == walked(memory, query), query
        if isinstance(query, ConversationQuery | EffectQuery):
            for most in (1, 100):
                assert storage.count(query, at_most=most) == memory.count(query, at_most=most), query
    lanes = tuple(
        f"{home}:{port}" for home in model.conversations for port in ("messaging", "billing", "contracts")
    )
    wanted = ReadSet(lanes=lanes, workspace_after=0, key="k1")
    assert storage.read(wanted) == memory.read(wanted)
    for hours in (-24, 0, 1, 48):
        for limit in (1, 3, 200):
            now = model.now + timedelta(hours=hours)
            assert storage.due(now=now, limit=limit) == memory.due(now=now, limit=limit), (hours, limit)
    for (what, found), (_, shown) in zip(_screens(day), _screens(model), strict=True):
        assert found == shown, f"{what} is another than over memory"
    before = model.now - timedelta(hours=5)
    assert storage.forget(before=before) == memory.forget(before=before)
    assert storage.read(wanted) == memory.read(wanted)
