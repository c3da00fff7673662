"""The demo on a database: its process is killed in the middle of things, and the day ends as in memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import NotInstalled, Postgres

DAY = Path(__file__).parents[2] / "docs" / "examples" / "one_day.py"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The URL of a database, as people write it."""
    try:
        server = Postgres()
    except NotInstalled as missing:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL: {missing}", pytrace=False)
        pytest.skip(f"no PostgreSQL: {missing}")
    with server:
        yield server.new("day").replace("postgresql+psycopg:", "postgresql:")


def played(*arguments: str) -> list[str]:
    """What a run of the day prints."""
    run = subprocess.run(
        [sys.executable, str(DAY), *arguments], capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return run.stdout.splitlines()


@pytest.fixture(scope="module")
def in_memory() -> list[str]:
    """What the day prints without a database."""
    return played()


def is_the_same_day(url: str, in_memory: list[str]) -> None:
    """All that is told in memory is told on the database, in the same order, and three deaths besides."""
    told = played("--database", url)
    deaths = [line for line in told if "SIGKILL" in line]
    assert [line for line in told[:-1] if line not in deaths] == in_memory
    assert len(deaths) == 3
    assert told[-1] == "O serviço morreu 3 vezes, e enviou 2 mensagens: cada uma uma vez."


def test_the_day_on_sqlite_survives_three_deaths(tmp_path: Path, in_memory: list[str]) -> None:
    """Twice on the same file: the second day begins anew, beside the first."""
    for _ in range(2):
        is_the_same_day(f"sqlite:///{tmp_path}/day.db", in_memory)


def test_the_day_on_postgresql_survives_three_deaths(postgresql: str, in_memory: list[str]) -> None:
    is_the_same_day(postgresql, in_memory)


def test_a_database_that_is_not_there_ends_the_day_with_a_reason(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/nowhere/day.db"
    run = subprocess.run(
        [sys.executable, str(DAY), "--database", url], capture_output=True, text=True, timeout=120
    )
    assert run.returncode != 0
    assert "unable to open database file" in run.stderr
    assert run.stderr.endswith("The service ended by itself; above it says why.\n")
