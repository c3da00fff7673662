"""Every step of the storage is that of the storage in memory, whatever the steps and their order."""

from __future__ import annotations

import pytest
from chatcore_sqlalchemy import AsyncSqlStorage, SqlStorage
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Engine

from chatcore.testing.machine import storage_machine

ENGINES = (
    "sqlite",
    "sqlite_async",
    "read_committed",
    "serializable",
    "read_committed_async",
    "serializable_async",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENGINES)
def test_a_storage_does_what_the_model_does(name: str, request: pytest.FixtureRequest) -> None:
    """Sets that fit and that do not, races, leases, clocks, pages and searches: all as in memory."""
    engine = request.getfixturevalue(name)
    face = SqlStorage if isinstance(engine, Engine) else AsyncSqlStorage
    machine = storage_machine(lambda tenant: face(engine, tenant))
    run_state_machine_as_test(machine, settings=settings(machine.TestCase.settings, max_examples=5))
