"""Deliveries, retries and doubts by Celery: a beat that asks what is due, and any number of workers that do it.

`celery --app celery_worker worker --beat` starts both, from this folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache

from celery import Celery
from celery.schedules import crontab
from chatcore_sqlalchemy import SqlStorage, migrate
from kombu.exceptions import OperationalError
from sqlalchemy import Engine, create_engine

from chatcore import ChannelKind, Delivery, Desk, Outcome, Ports
from chatcore.commands import Command
from chatcore.memory import MemoryMessaging
from chatcore.ports import Messaging
from chatcore.vocabulary import Actor

__all__ = ["app", "desk", "engine", "forget", "handle", "messaging", "run_due"]

app = Celery("celery_worker", broker=os.environ.get("CELERY_BROKER_URL", "memory://localhost/"))
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,  # A task that its worker did not survive is done again, which does no harm here.
    worker_prefetch_multiplier=1,
    beat_schedule={
        # One that waited for longer than the next beat has nothing to add.
        "what is due": {"task": "desk.run_due", "schedule": 5.0, "options": {"expires": 5.0}},
        "what may be forgotten": {"task": "desk.forget", "schedule": crontab(hour="4", minute="0")},
    },
)

messaging: dict[ChannelKind, Messaging] = {ChannelKind.WHATSAPP_CLOUD: MemoryMessaging()}
"""Put your own adapter here; this one only keeps what it is given."""


@cache
def engine() -> Engine:
    """The database, opened by the first task of a process: a connection must not be shared with a fork."""
    opened = create_engine(os.environ["CHATCORE_DATABASE"])
    migrate(opened)
    return opened


@cache
def desk() -> Desk:
    """The desk of this process."""
    storage = SqlStorage(engine(), os.environ.get("CHATCORE_TENANT", "acme"))
    secret = os.environ.get("CHATCORE_SECRET", "").encode()
    return Desk(Ports(storage=storage, messaging=messaging), secret=secret, delivery=Delivery.LATER)


@app.task(name="desk.run_due")
def run_due(limit: int = 100) -> int:
    """Do what is due. Several workers may at once: each effect is claimed by one of them, in the database."""
    report = desk().run_due(limit=limit)
    if report.more and report.done:
        run_due.delay(limit)
    return report.done


@app.task(name="desk.forget")
def forget() -> int:
    """Drop what only tells repeats apart, once nobody repeats it any more."""
    return desk().forget(before=datetime.now(UTC) - timedelta(days=31))


def handle(command: Command, *, by: Actor, key: str | None = None) -> Outcome:
    """Commit a command in a web process, and let a worker carry out at once what it set going."""
    outcome = desk().handle(command, by=by, key=key)
    if outcome.effects:
        with suppress(OperationalError):  # The broker is away: the next beat finds what is due as well.
            run_due.apply_async(retry=False)
    return outcome
