"""Tests of what a port's one write promises by its nature.

Each nature is proven by what follows from it: `RepeatsByKey` by the same key again, to the end of the
retention; `LooksUpByKey` by the look-up, once the horizon is over; `ReportsByKey` by the callbacks.
`AtMostOnce` promises nothing, so nothing but honesty is asked of it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import ClassVar

import pytest

from chatcore.entities import LooksUpByKey, RepeatsByKey, ReportsByKey
from chatcore.errors import OutcomeUnknown, Permanent
from chatcore.limits import CLAIM_LEASE, DOUBT_DEADLINE
from chatcore.testing.suites._outcomes import OutcomeSuite
from chatcore.testing.suites._writes import READS, SHORTLY, D, Failing, told
from chatcore.vocabulary import EffectId

__all__ = ["NatureSuite"]


class NatureSuite(OutcomeSuite[D]):
    """The tests that go for whatever is written."""

    many: ClassVar[int] = 120
    """How many other writes a look-up has to see past: more than the outside lists on a page."""

    # --- RepeatsByKey -----------------------------------------------------------------------------------------

    def test_by_repeats_the_same_key_is_done_once(self) -> None:
        """`RepeatsByKey`: the key again is not done again, and answered as the first time.

        When this fails: give the key to the outside wherever it takes one (an idempotency key, a reference of
        ours), and read its "already there" as the first answer, not as a refusal. An outside that does not
        know keys is `AtMostOnce`. A retention below chatcore's lease of 60 s is never used.
        """
        port = self._sample()
        nature = self._only_with(port, RepeatsByKey)
        assert nature.retention >= CLAIM_LEASE, (
            f"a key that is known for {nature.retention} is never repeated: declare AtMostOnce"
        )
        request = self._asked()
        first = self._succeed(port, request)
        for _ in range(2):
            tried = self._try(port, request, again=first)
            assert tried.answer == first.reference, f"the key again: answer as the first time; it gave {tried}"
            assert not tried.new, f"the key again was {self._did} again"

    def test_by_repeats_a_doubt_is_resolved(self) -> None:
        """`RepeatsByKey`: after a lost reply the key again answers the first one's id, and does nothing.

        When this fails: the key must reach the outside at the first attempt. One kept by the adapter when it
        has an answer knows nothing of answers that were lost.
        """
        port = self._sample()
        self._only_with(port, RepeatsByKey)
        request = self._asked(within=SHORTLY)
        with self._failing(Failing.LOST_REPLY):
            [first] = self._try(port, request).new
        tried = self._try(port, self._same(request), again=first)
        assert tried.answer == first.reference, f"the key again after a lost reply: {first!r}; it gave {tried}"
        assert not tried.new, f"the key again after a lost reply was {self._did} again"

    def test_by_repeats_a_key_is_known_to_the_end_of_the_retention(self) -> None:
        """`RepeatsByKey(retention)`: a second before the retention is over the key is still known. Rule: B11.

        When this fails: the retention is how long the *outside* remembers a key, as it promises. Declare less.
        """
        port = self._sample()
        nature = self._only_with(port, RepeatsByKey)
        request = self._asked()
        first = self._succeed(port, request)
        self._pass(nature.retention - timedelta(seconds=1))
        tried = self._try(port, self._same(request), again=first)
        assert tried.answer == first.reference, (
            f"at the end of {nature.retention} the key stands for {first.reference!r}; it gave {tried}"
        )
        assert not tried.new, f"before {nature.retention} are over the key was {self._did} again"

    def test_by_repeats_one_key_by_many_at_once_is_done_once(self) -> None:
        """`RepeatsByKey`: eight threads, or tasks, with one key: done once; each hears its id, or is in doubt.

        When this fails: look for "is the key there? then write": two ask before either writes. Where the
        outside says that the key is at work just now, that is OutcomeUnknown.
        """
        port = self._sample()
        self._only_with(port, RepeatsByKey)
        request = self._asked()
        before = len(self._all_done())
        answers = self._at_once([partial(getattr(port, self._does), request)] * 8)
        new = self._all_done()[before:]
        assert len(new) == 1, f"one key, eight at once: {len(new)} {self._did}"
        for answer in answers:
            assert isinstance(answer, OutcomeUnknown) or answer == new[0].reference, (
                f"one key, eight at once: it stands for {new[0].reference!r}, one heard {told(answer)}"
            )

    # --- LooksUpByKey -----------------------------------------------------------------------------------------

    def test_by_look_up_what_was_done_is_found_after_the_horizon(self) -> None:
        """`LooksUpByKey(horizon)`: once the horizon is over the key finds the id, and keeps finding it.

        When this fails: the key must stand on what the outside keeps, in a field it can be searched by. The
        horizon is how long a write may take until a search sees it; declare as much. "Absent" after it makes
        chatcore write again.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        request = self._asked()
        done = self._succeed(port, request)
        early = self._read(lambda: port.look_up(request.key))
        assert early in (None, done.reference), f"the key stands for {done.reference!r}, not {early!r}"
        self._pass(nature.horizon)
        for _ in range(2):
            found = self._read(lambda: port.look_up(request.key))
            assert found == done.reference, (
                f"{nature.horizon} after it was {self._did} as {done.reference!r} the key finds {found!r}"
            )
            if "pass_time" not in self.not_faked:
                self._pass(DOUBT_DEADLINE)

    def test_by_look_up_a_lost_reply_is_found(self) -> None:
        """`LooksUpByKey`: what was done and never answered is found like anything else. Rule: B11.

        When this fails: ask the outside. A note of the adapter's own, made when an answer comes, knows nothing
        of answers that were lost, nor does it outlive the process.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        request = self._asked(within=SHORTLY)
        with self._failing(Failing.LOST_REPLY):
            [done] = self._try(port, request).new
        self._pass(nature.horizon)
        found = self._read(lambda: port.look_up(request.key))
        assert found == done.reference, (
            f"done as {done.reference!r} with its reply lost; the key finds {found!r}"
        )

    def test_by_look_up_each_key_finds_its_own(self) -> None:
        """`LooksUpByKey`: of keys that begin alike each finds its own; a key never used finds None.

        When this fails: compare the whole key with what the outside's search brings: it may go by how a text
        begins, or by words. Answer None, and raise nothing, where there is none.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        key = self._key()
        keys = [EffectId(f"{key}12"), EffectId(f"{key}1")]
        asked = {k: self._succeed(port, self._asked(key=k)).reference for k in keys}
        self._pass(nature.horizon)
        found = {k: self._read(partial(port.look_up, k)) for k in asked}
        assert found == asked, f"keys that begin alike: they stand for {asked}, and find {found}"
        for never in (key, f"{key}123", f"{key}2", self._key()):
            stray = self._read(partial(port.look_up, never))
            assert stray is None, f"a key that was never used finds {stray!r}"

    def test_by_look_up_one_is_found_behind_many(self) -> None:
        """`LooksUpByKey`: what was done is found however much has been done since.

        When this fails: search by the key; where the outside only lists, read on past its first page.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        request = self._asked()
        done = self._succeed(port, request)
        for _ in range(self.many):
            getattr(port, self._does)(self._asked())
        self._pass(nature.horizon)
        found = self._read(lambda: port.look_up(request.key))
        assert found == done.reference, (
            f"with {self.many} done since, {done.reference!r} is not found: {found!r}"
        )

    def test_by_look_up_what_was_refused_is_not_found(self) -> None:
        """`LooksUpByKey`: what the outside refused is None, or `Permanent` where it can tell; never an id.

        When this fails: an outside may keep what it refused, with a state of its own. Read that state.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        request = self._asked(within=SHORTLY)
        with self._failing(Failing.REFUSED):
            self._try(port, request)
        self._pass(nature.horizon)
        answer = self._patiently(lambda: port.look_up(request.key), self.now())
        assert answer is None or isinstance(answer, Permanent), f"refused, and found as {told(answer)}"

    @pytest.mark.parametrize("how", READS)
    def test_by_look_up_who_cannot_tell_says_so(self, how: Failing) -> None:
        """`LooksUpByKey`: a look-up while the outside fails is `Temporary`, never None. Rule: B11.

        When this fails: None says "it was not done", and chatcore does it again. Look for an `except` that
        answers None, for a search that failed and is read as an empty one, and for a missing time-out.
        """
        port = self._sample()
        nature = self._only_with(port, LooksUpByKey)
        request = self._asked()
        self._succeed(port, request)
        self._pass(nature.horizon)
        self._cannot_tell(how, lambda _: port.look_up(request.key))

    # --- ReportsByKey -----------------------------------------------------------------------------------------

    def test_by_report_each_write_is_told_with_its_key(self) -> None:
        """`ReportsByKey`: callbacks name the key, as it was given, and the outside's id, of each write.

        When this fails: give the key to the outside in the field that comes back in its callbacks, whole and
        as it is; and read it there, not from an order in which things were asked for.
        """
        port = self._sample()
        self._only_with(port, ReportsByKey)
        asked: dict[str, str] = {}
        for _ in range(3):
            request = self._asked()
            asked[request.key] = self._succeed(port, request).reference
        told_of = self._applied()
        assert asked.items() <= told_of.items(), (
            f"done were {asked}; the callbacks tell, by key, {told_of}: a doubt could never be resolved"
        )

    def test_by_report_a_lost_reply_is_told(self) -> None:
        """`ReportsByKey`: what was done and never answered is reported like anything else. Rule: B11.

        When this fails: the callback must carry the key itself; an id that was never answered says nothing.
        """
        port = self._sample()
        self._only_with(port, ReportsByKey)
        request = self._asked(within=SHORTLY)
        with self._failing(Failing.LOST_REPLY):
            [done] = self._try(port, request).new
        told_of = self._applied()
        assert told_of.get(request.key) == done.reference, (
            f"done as {done.reference!r} with its reply lost; the callbacks tell, by key, {told_of}"
        )

    @pytest.mark.parametrize("how", [Failing.UNREACHABLE, Failing.BUSY, Failing.REFUSED])
    def test_by_report_what_was_not_done_is_not_told_as_done(self, how: Failing) -> None:
        """`ReportsByKey`: a callback about what was not done, if one comes, says `applied=False`.

        When this fails: read from the callback whether it tells of a success, not only that it came.
        """
        port = self._sample()
        self._only_with(port, ReportsByKey)
        request = self._asked(within=SHORTLY)
        with self._failing(how):
            self._try(port, request)
        assert request.key not in self._applied(), f"the outside was {how}, and the callback says it was done"
