"""The messaging suite over adapters that are right, memory's and one over HTTP: sync, async, of each nature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import attrs
import pytest

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import (
    AtMostOnce,
    Attachment,
    ChannelCapabilities,
    LooksUpByKey,
    MediaPointer,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.memory import AsyncMemoryMessaging, MemoryMessaging
from chatcore.testing.suites import Failing, MessagingSuite, Reported, Sent
from tests.kit.http_messaging import HttpMessaging, HttpMessagingSuite

DAY = timedelta(days=1)
BARE = ChannelCapabilities(text_limit=160, nature=AtMostOnce())


class OverMemory(MessagingSuite):
    """What the suites over memory share."""

    not_faked: ClassVar[Mapping[str, str]] = dict.fromkeys(Failing, "memory never fails")
    offers: ClassVar[ChannelCapabilities] = CAPABILITIES

    def make(self) -> Any:
        return MemoryMessaging(self.offers)

    def sent(self, adapter: Any, /) -> Sequence[Sent]:
        return [
            Sent(
                reference=f"out-{n}",
                account=each.account,
                to=each.to.reveal(),
                kind=each.kind,
                text=each.text.reveal(),
                file=None if each.attachment is None else each.attachment.key,
                template=each.template,
            )
            for n, each in enumerate(self.memory(adapter).outbox, 1)
        ]

    def pass_time(self, adapter: Any, span: timedelta, /) -> None:
        """It has no clock: nothing is forgotten, and all is found at once."""

    def reports(self, adapter: Any, /) -> Sequence[Reported]:
        return [
            Reported(key=each.key, reference=f"out-{n}")
            for n, each in enumerate(self.memory(adapter).outbox, 1)
        ]

    def offer(self, adapter: Any, pointer: MediaPointer, content: bytes, /) -> None:
        assert pointer.mime is not None
        hashed = hashlib.sha256(content).hexdigest()
        file = Attachment(key=hashed, mime=pointer.mime, size=len(content), sha256=hashed)
        self.memory(adapter).files[pointer.reference] = file

    def receipts(self, adapter: Any, /) -> Sequence[str]:
        return [each.provider_id for each in self.memory(adapter).receipts]

    @staticmethod
    def memory(adapter: Any) -> MemoryMessaging:
        found = getattr(adapter, "messaging", adapter)
        assert isinstance(found, MemoryMessaging)
        return found


class TestMemory(OverMemory):
    pass


class TestMemoryAsync(OverMemory):
    async def make(self) -> Any:
        return AsyncMemoryMessaging(MemoryMessaging(self.offers))


class TestMemoryRepeats(OverMemory):
    offers = attrs.evolve(CAPABILITIES, nature=RepeatsByKey(DAY))


class TestMemoryLooksUp(OverMemory):
    offers = attrs.evolve(CAPABILITIES, nature=LooksUpByKey(DAY))


class TestMemoryBare(OverMemory):
    offers = BARE


class Repeats(HttpMessaging):
    offers = attrs.evolve(CAPABILITIES, nature=RepeatsByKey(DAY))


class LooksUp(HttpMessaging):
    offers = attrs.evolve(CAPABILITIES, nature=LooksUpByKey(timedelta(minutes=5)))


class Reports(HttpMessaging):
    offers = attrs.evolve(CAPABILITIES, nature=ReportsByKey())


class Bare(HttpMessaging):
    offers = BARE


class TestHttpRepeats(HttpMessagingSuite):
    adapter = Repeats


class TestHttpLooksUp(HttpMessagingSuite):
    adapter = LooksUp


class TestHttpLooksUpAsync(HttpMessagingSuite):
    adapter = LooksUp
    waits = True


class TestHttpReports(HttpMessagingSuite):
    adapter = Reports


class TestHttpAtMostOnce(HttpMessagingSuite):
    adapter = Bare


class TestHttpRepeatsAsync(HttpMessagingSuite):
    adapter = Repeats
    waits = True


# --- the hooks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("not_faked", "told"),
    [
        ({"brusy": "no quota in the fake"}, "not_faked names 'brusy'; there are busy, lost_reply, nonsense"),
        ({"sent": "too hard"}, "not_faked names 'sent'"),
        ({Failing.BUSY: " "}, "gives no reason for busy"),
    ],
)
def test_what_is_not_faked_has_a_name_and_a_reason(not_faked: dict[str, str], told: str) -> None:
    """A name that stands for nothing would skip nothing; what proves the most cannot be left out."""
    with pytest.raises(TypeError) as refused:
        type("TestMine", (MessagingSuite,), {"not_faked": not_faked, "__module__": __name__})
    assert told in str(refused.value)


def started(suite: type[MessagingSuite]) -> MessagingSuite:
    """A suite as a test begins with it."""
    made = suite()
    made._made = []
    return made


def test_a_hook_that_is_not_written_says_what_to_write() -> None:
    """The first thing a new author sees is which hook to write, and what for."""
    bare = started(MessagingSuite)
    for hook in ("make", "sent", "fail", "pass_time", "reports", "offer", "receipts"):
        arguments = [None] * {"make": 0, "fail": 2, "pass_time": 2, "offer": 3}.get(hook, 1)
        with pytest.raises(pytest.fail.Exception, match=f"MessagingSuite has no `{hook}`: "):
            getattr(bare, hook)(*arguments)


def test_what_is_not_faked_is_skipped_with_its_reason() -> None:
    """And only that: a failing that the fake has is run."""
    suite = started(TestMemory)
    with pytest.raises(pytest.skip.Exception, match="not faked: busy: memory never fails"):
        suite.test_what_certainly_was_not_done_is_temporary(Failing.BUSY)
    started(TestHttpReports).test_what_certainly_was_not_done_is_temporary(Failing.BUSY)


def test_a_fake_that_tells_the_wrong_thing_is_named() -> None:
    """A hook that answers with something else is the author's mistake, and is told as such."""

    class Careless(TestMemory):
        def sent(self, adapter: Any, /) -> Any:
            return [each.text for each in self.memory(adapter).outbox]

    with pytest.raises(AssertionError, match=r"sent\(\) gives Sent values, not <redacted>"):
        started(Careless).test_a_write_is_done_once_and_named()
