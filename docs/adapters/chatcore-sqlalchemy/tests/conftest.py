import os
from collections.abc import Iterator

import pytest
from chatcore_sqlalchemy import migrate, sqlite_engine
from hypothesis import settings
from postgres import NotInstalled, Postgres
from sqlalchemy import Engine, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from waiting import wait_for

from chatcore.testing.suites.storage._base import new_tenant

settings.register_profile("chatcore", settings.default, deadline=None)
settings.register_profile("brief", settings.get_profile("chatcore"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "brief"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--commands", type=int, default=1_500, help="commands that the crew of processes does")


@pytest.fixture
def commands(request: pytest.FixtureRequest) -> int:
    """How many commands the crew of processes does."""
    asked: int = request.config.getoption("--commands")
    return asked


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this run's own; without one its tests are skipped, but in CI nothing may be missing."""
    try:
        server = Postgres()
    except NotInstalled as missing:
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL: {missing}", pytrace=False)
        pytest.skip(f"no PostgreSQL: {missing}")
    with server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """A database with the tables of this version, for tests that use a tenant of their own."""
    url = postgres.new("chat")
    engine = create_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A SQLite file with the tables."""
    engine = sqlite_engine(tmp_path_factory.mktemp("sqlite") / "chat.db")
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_async(sqlite: Engine) -> Iterator[AsyncEngine]:
    """The same file, asynchronously."""
    engine = create_async_engine(sqlite.url.set(drivername="sqlite+aiosqlite"))
    yield engine
    wait_for(engine.dispose())


@pytest.fixture(scope="session")
def read_committed(postgres_url: str) -> Iterator[Engine]:
    """PostgreSQL as it comes."""
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def serializable(postgres_url: str) -> Iterator[Engine]:
    """PostgreSQL in its strictest isolation."""
    engine = create_engine(postgres_url, isolation_level="SERIALIZABLE")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def read_committed_async(postgres_url: str) -> Iterator[AsyncEngine]:
    """PostgreSQL as it comes, asynchronously."""
    engine = create_async_engine(postgres_url)
    yield engine
    wait_for(engine.dispose())


@pytest.fixture(scope="session")
def serializable_async(postgres_url: str) -> Iterator[AsyncEngine]:
    """PostgreSQL in its strictest isolation, asynchronously."""
    engine = create_async_engine(postgres_url, isolation_level="SERIALIZABLE")
    yield engine
    wait_for(engine.dispose())


@pytest.fixture
def tenant() -> str:
    """The name of a tenant that has nothing yet."""
    return new_tenant()
