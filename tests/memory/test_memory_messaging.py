"""Messaging in memory: it keeps what it is given, once for each key."""

from __future__ import annotations

import threading
from datetime import timedelta

import attrs
import pytest

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import Attachment, MediaPointer, RepeatsByKey
from chatcore.errors import Permanent
from chatcore.memory import MemoryMessaging
from chatcore.ports import (
    FetchRequest,
    Messaging,
    ReceiptRequest,
    SendRequest,
    SupportsFetch,
    SupportsLookUp,
    SupportsReceipts,
)
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
    assert isinstance(messaging, SupportsFetch)
    assert isinstance(messaging, SupportsReceipts)
    other = attrs.evolve(CAPABILITIES, nature=RepeatsByKey(timedelta(hours=1)))
    assert MemoryMessaging(other).capabilities == other


def test_a_file_is_fetched_as_often_as_it_is_asked_for() -> None:
    """By the provider's id for it; one that is not there can't be had any more. Rule: M17."""
    messaging = MemoryMessaging()
    picture = Attachment(key="files/1", mime="image/jpeg", size=5, sha256="0" * 64)
    messaging.files["media.1"] = picture

    def wanted(reference: str) -> FetchRequest:
        deadline = NOON + timedelta(minutes=1)
        pointer = MediaPointer(reference=reference)
        return FetchRequest(key=EffectId("ef_1"), account="1", pointer=pointer, deadline=deadline)

    assert messaging.fetch(wanted("media.1")) is messaging.fetch(wanted("media.1")) is picture
    with pytest.raises(Permanent):
        messaging.fetch(wanted("media.2"))
    assert "media.1" not in repr(wanted("media.1"))


def test_a_receipt_is_kept_and_shows_no_personal_data() -> None:
    """It names the customer's message that was read last. Rule: L23."""
    messaging = MemoryMessaging()
    receipt = ReceiptRequest(
        key=EffectId("ef_1"),
        account="106540352242922",
        to=Private("5511987654321"),
        provider_id="wamid.5511987654321",
        deadline=NOON,
    )
    messaging.mark_read(receipt)
    assert messaging.receipts == [receipt]
    assert "5511987654321" not in repr(receipt)


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
