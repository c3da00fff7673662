"""The Celery worker: it does what is due, once, however many of it there are."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import celery_worker
import pytest
from celery.contrib.testing.worker import start_worker
from celery_worker import app, desk, forget, handle, run_due
from kombu.exceptions import OperationalError

from chatcore import (
    SYSTEM,
    Actor,
    Agent,
    Channel,
    ChannelKind,
    Configure,
    Department,
    ReceiveMessage,
    SendMessage,
    Take,
    Workspace,
)
from chatcore.memory import MemoryMessaging
from chatcore.ports import SendRequest
from chatcore.vocabulary import ConversationId, EffectState

ANA = Actor.agent("ana")
OURS = Workspace(
    name="Acme",
    departments=(Department(id="support", name="Support"),),
    agents=(Agent(id="ana", name="Ana", departments=("support",)),),
    channels=(Channel(id="wa", kind=ChannelKind.WHATSAPP_CLOUD, account="1065403", department="support"),),
)


class Counting(MemoryMessaging):
    """A provider that counts how often it is asked to send what."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def send(self, request: SendRequest, /) -> str:
        self.asked.append(request.key)
        return super().send(request)


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    """A desk over a database of its own, configured, with a customer whom Ana serves."""
    provider = Counting()
    monkeypatch.setenv("CHATCORE_DATABASE", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.setitem(celery_worker.messaging, ChannelKind.WHATSAPP_CLOUD, provider)
    desk().handle(Configure(OURS), by=SYSTEM)
    yield provider
    celery_worker.engine().dispose()
    desk.cache_clear()
    celery_worker.engine.cache_clear()


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Tasks are done where they are asked for."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def served(number: int = 1) -> ConversationId:
    """A customer has written, and Ana has taken the conversation."""
    arrived = desk().handle(
        ReceiveMessage(
            channel="wa",
            address=f"55119876543{number:02d}",
            provider_id=f"wamid.{number}",
            sent_at=datetime.now(UTC),
            text="Hi",
        ),
        by=SYSTEM,
    )
    assert arrived.conversation is not None
    desk().handle(Take(arrived.conversation), by=ANA)
    return arrived.conversation


def test_a_command_only_commits_and_the_task_delivers(provider: Counting, eagerly: None) -> None:
    desk().handle(SendMessage(served(), "Hello"), by=ANA)
    assert provider.asked == []
    assert run_due.delay().get() == 1
    assert [each.text.reveal() for each in provider.outbox] == ["Hello"]


def test_a_command_of_a_web_process_asks_a_worker_to_deliver(provider: Counting, eagerly: None) -> None:
    hello = SendMessage(served(), "Hello")
    first = handle(hello, by=ANA, key="click 1")
    assert [each.text.reveal() for each in provider.outbox] == ["Hello"]
    assert handle(hello, by=ANA, key="click 1") == first
    assert len(provider.asked) == 1


def test_the_task_may_be_done_again(provider: Counting, eagerly: None) -> None:
    """A task that its worker did not survive is done again: what was delivered is not."""
    desk().handle(SendMessage(served(), "Hello"), by=ANA)
    assert [run_due.delay().get() for _ in range(3)] == [1, 0, 0]
    assert len(provider.asked) == 1


def test_what_does_not_fit_into_one_task_goes_into_the_next(provider: Counting, eagerly: None) -> None:
    for n in range(1, 6):
        desk().handle(SendMessage(served(n), "Hello"), by=ANA)
    run_due.delay(2)
    assert len(provider.asked) == 5


def test_a_broker_that_is_away_does_not_fail_the_command(
    provider: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed stands, and the next beat delivers it."""

    def away(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(run_due, "apply_async", away)
    assert handle(SendMessage(served(), "Hello"), by=ANA).effects
    assert run_due() == 1
    assert len(provider.asked) == 1


def test_the_beat_asks_for_tasks_that_are_there() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks


def test_what_may_be_forgotten_is_no_recent_receipt(provider: Counting, eagerly: None) -> None:
    hello = SendMessage(served(), "Hello")
    first = handle(hello, by=ANA, key="click 1")
    assert forget.delay().get() == 0
    assert handle(hello, by=ANA, key="click 1") == first


@pytest.mark.slow
def test_several_workers_send_each_message_once(provider: Counting) -> None:
    """Four workers on one database, with the same tasks at once: each message reaches the provider once."""
    sent = [desk().handle(SendMessage(served(n), "Hello"), by=ANA).effects for n in range(1, 21)]
    with start_worker(app, pool="threads", concurrency=4, perform_ping_check=False, shutdown_timeout=30):
        done = threading.Event()
        for _ in range(12):
            run_due.delay(3)
        for _ in range(600):
            if len(provider.asked) >= len(sent):
                break
            done.wait(0.05)
    assert Counter(provider.asked) == Counter({effect: 1 for (effect,) in sent})
    assert desk().overview(by=SYSTEM).of(EffectState.SUCCEEDED) == len(sent)
