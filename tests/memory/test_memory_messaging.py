"""Messaging in memory: it keeps what it is given, once for each key."""

from __future__ import annotations

import threading
from datetime import timedelta

import attrs

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import RepeatsByKey
from chatcore.memory import MemoryMessaging
from chatcore.ports import Messaging, SendRequest, SupportsLookUp
from chatcore.vocabulary import EffectId, MessageKind, Private
from tests.office import NOON


def request(key: str = "ef_1", text: str = "Olá") -> SendRequest:
    return SendRequest(
        key=EffectId(key),
        account="106540352242922",
        to=Private("5511987654321"),
        kind=MessageKind.TEXT,
        text=Private(text),
        deadline=NOON + timedelta(minutes=1),
    )


def test_what_is_sent_is_kept_in_order() -> None:
    """The outbox holds each request as it came; each has an id of its own."""
    messaging = MemoryMessaging()
    assert [messaging.send(request(key)) for key in ("ef_1", "ef_2")] == ["out-1", "out-2"]
    assert messaging.outbox == [request("ef_1"), request("ef_2")]


def test_a_key_sent_twice_is_sent_once() -> None:
    """The same key gives the first id again, whatever the second request says."""
    messaging = MemoryMessaging()
    assert messaging.send(request()) == messaging.send(request(text="Outra")) == "out-1"
    assert [r.text.reveal() for r in messaging.outbox] == ["Olá"]


def test_a_send_can_be_looked_up_by_its_key() -> None:
    """A key that was sent gives its id, any other nothing."""
    messaging = MemoryMessaging()
    assert messaging.look_up(EffectId("ef_1")) is None
    messaging.send(request())
    assert messaging.look_up(EffectId("ef_1")) == "out-1"


def test_it_is_a_whole_adapter_of_the_capabilities_it_is_given() -> None:
    """By default it carries what WhatsApp carries, and it may declare any nature."""
    messaging: Messaging = MemoryMessaging()
    assert messaging.capabilities == CAPABILITIES
    assert isinstance(messaging, SupportsLookUp)
    other = attrs.evolve(CAPABILITIES, nature=RepeatsByKey(timedelta(hours=1)))
    assert MemoryMessaging(other).capabilities == other


def test_a_request_shows_no_personal_data() -> None:
    """Neither the address nor the text is printed."""
    assert "5511" not in repr(request())
    assert "Olá" not in repr(request())


def test_many_threads_with_one_key_send_once() -> None:
    """However many try at once, one message leaves for each key."""
    messaging = MemoryMessaging()
    start = threading.Barrier(8)
    ids: list[str] = []

    def work() -> None:
        start.wait()
        ids.extend(messaging.send(request(f"ef_{n}")) for n in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(messaging.outbox) == 50
    assert sorted(set(ids)) == sorted(f"out-{n}" for n in range(1, 51))
    assert len(ids) == 400
