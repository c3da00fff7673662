"""Four processes on one database, some of them killed: what is left keeps every law."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chatcore_sqlalchemy import SqlStorage
from crew import Crew, Journal, desk_over
from sqlalchemy import Engine, create_engine, text

from chatcore.commands import Configure
from chatcore.entities import BonusDemand, Effect
from chatcore.events import Claimed
from chatcore.rules.invariants import claims_of, tallies_of
from chatcore.testing import PROVIDER
from chatcore.testing.laws import assert_laws, contents_of
from chatcore.vocabulary import SYSTEM, EffectKind, EffectState, Ref

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


class Follower:
    """Reads what changed while others write, as whoever feeds a broker does."""

    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._cursor: str | None = None
        self.followed: dict[Ref, int] = {}

    def step(self) -> int:
        """Read on; say how much there was. What came before may come again, nothing may be passed by."""
        page = self._storage.changes(after=self._cursor, limit=200)
        for envelope in page.rows:
            last = self.followed.get(envelope.ref, 0)
            assert envelope.version <= last + 1, f"{envelope.ref} went from {last} to {envelope.version}"
            self.followed[envelope.ref] = max(last, envelope.version)
        self._cursor = page.next
        return len(page.rows)


def test_what_four_processes_and_their_deaths_leave_keeps_every_law(
    engine: Engine, postgres_url: str, tmp_path: Path, commands: int
) -> None:
    """Folds are states, one conversation is live, numbers have no gap, nothing was done twice outside.

    Of every ten thousand commands about two hundred are cut off by the death of whoever was at them. What is in
    doubt afterwards is taken up by who comes next. Who follows `changes` meanwhile misses nothing, and reads of
    each thing in order. Rule: L3, M4, B11.
    """
    tenant, journal = "crew", Journal(tmp_path / "journal")
    storage = SqlStorage(engine, tenant)
    crew = Crew(postgres_url, tenant, tmp_path / "journal", size=4, seed=20260310)
    try:
        desk_over(storage, journal, random.Random(0), crew.now).handle(Configure(PROVIDER), by=SYSTEM)
        follower = Follower(storage)
        assert crew.work(commands, commands // 50, follower.step) >= commands
        now = crew.now()
    finally:
        crew.stop()
    engine.dispose()

    def clock() -> Any:
        return now

    desk = desk_over(storage, journal, random.Random(1), clock)
    for _ in range(2_000):
        report = desk.run_due(limit=100)
        if report.more:
            continue
        if report.next_at is None:
            break
        now = max(now, report.next_at) + timedelta(seconds=1)
    else:
        pytest.fail("it does not come to rest")

    contents = contents_of(storage)
    assert_laws(contents)
    while follower.step():
        pass
    assert follower.followed == {ref: len(stream) for ref, stream in contents.streams.items()}
    effects = {state.id: state for state in contents.states.values() if isinstance(state, Effect)}
    _nothing_twice(effects, journal)
    _nothing_left_behind(engine, tenant, contents)
    claims = Counter(
        envelope.ref
        for stream in contents.streams.values()
        for envelope in stream
        if isinstance(envelope.event, Claimed)
    )
    assert max(claims.values()) > 1, "no effect was ever taken up again: nobody died at the wrong moment"


def _nothing_twice(effects: dict[Any, Effect], journal: Journal) -> None:
    """Outside, each effect was done once at most; what is said to be done was."""
    done = Counter(journal.lines())
    assert [each for each, count in done.items() if count > 1] == []
    for effect in effects.values():
        what = {EffectKind.SEND_MESSAGE: "send", EffectKind.GRANT_BONUS: "grant"}.get(effect.kind)
        if what is not None and effect.state is EffectState.SUCCEEDED:
            assert done[what, effect.id] == 1, f"{effect.id} was not done"
    granted = Counter(
        (effect.demand.contract, effect.demand.period)
        for effect in effects.values()
        if isinstance(effect.demand, BonusDemand) and done["grant", effect.id]
    )
    assert max(granted.values(), default=0) <= 1, "two bonuses for a contract and a period"


def _nothing_left_behind(engine: Engine, tenant: str, contents: Any) -> None:
    """The tables hold no claim and no count that the states do not call for."""
    with engine.connect() as connection:
        claims = connection.execute(
            text("SELECT key, owner FROM claims WHERE tenant = :tenant AND since IS NULL"), {"tenant": tenant}
        )
        held = {(key, owner) for key, owner in claims}
        tallies = connection.execute(
            text("SELECT key, count FROM tallies WHERE tenant = :tenant AND count <> 0"), {"tenant": tenant}
        )
        counts = {row[0]: row[1] for row in tallies}
    states = contents.states.items()
    assert held == {(key, ref) for ref, state in states for key in claims_of(state)}
    assert counts == Counter(key for _, state in states for key in tallies_of(state))
