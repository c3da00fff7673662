"""Tests of a port's one write that go for every nature: it is done as asked, and how it fails is told truly."""

from __future__ import annotations

import inspect
from functools import partial

import pytest

from chatcore.entities import LooksUpByKey
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.testing.suites._writes import SHORTLY, D, Failing, WriteSuite, told
from chatcore.vocabulary import EffectId

__all__ = ["OutcomeSuite"]


class OutcomeSuite(WriteSuite[D]):
    """What comes of a write, whatever is written."""

    # --- the adapter as such ----------------------------------------------------------------------------------

    def test_capabilities_are_a_value_and_cost_no_io(self) -> None:
        """`capabilities` is a property that gives a value of the port's type, the same each time.

        When this fails: decide what the adapter offers when it is made. chatcore asks before each message; a
        call to the outside in there would cost a round trip each time, and fail when the outside does.
        """
        port = self._sample()
        known = self._capabilities(port)
        assert port.capabilities == known, "capabilities changed between two looks at them"
        if Failing.UNREACHABLE in self.not_faked:
            return
        with self._failing(Failing.UNREACHABLE):
            try:
                again = port.capabilities
            except Exception as error:
                raise AssertionError(f"capabilities asks the outside: it raised {told(error)}") from error
        assert again == known, "capabilities asks the outside: they change when it is away"

    def test_optional_powers_fit_the_adapter(self) -> None:
        """Each optional power is as sync or async as the write; a nature that looks up has `look_up`.

        When this fails: make the method named `async def` in an async adapter and `def` in a sync one. An
        adapter that declares `LooksUpByKey` needs `look_up`, else each of its doubts ends with a person.
        """
        port = self._sample()
        waits = inspect.iscoroutinefunction(getattr(self._raw, self._does, None))
        for name in self._powers:
            power = getattr(self._raw, name, None)
            assert power is None or callable(power), f"{name} is no method"
            assert power is None or inspect.iscoroutinefunction(power) == waits, (
                f"{name} is {'not async' if waits else 'async'}, {self._does} is {'' if waits else 'not'}"
            )
        if isinstance(self._nature(port), LooksUpByKey):
            assert callable(getattr(self._raw, "look_up", None)), "declares LooksUpByKey and has no look_up"

    # --- when all is well -------------------------------------------------------------------------------------

    def test_a_write_is_done_once_and_named(self) -> None:
        """What is asked for is done once, as asked, and answered with the outside's own id for it.

        When this fails: the message names what differs. The answer must be the id that the outside's own
        screens and callbacks show, not one of the adapter's making.
        """
        port = self._sample()
        self._only_writing(port)
        self._succeed(port, self._asked())

    def test_writes_with_other_keys_are_other_writes(self) -> None:
        """However alike what they ask for and their keys are, each is done, and has an id of its own.

        When this fails: the key alone tells writes apart, whole. Look for a key that is cut to a length, for
        one compared by how it begins, and for what is found to be "the same" by its content.
        """
        port = self._sample()
        self._only_writing(port)
        key, mark = self._key(), self._unique()
        keys = [key, f"{key}0", f"{key}00", key.replace("ef_", "ef_0")]
        done = [self._succeed(port, self._asked(mark, key=EffectId(k))) for k in keys]
        references = [each.reference for each in done]
        assert len(set(references)) == len(keys), f"two writes with one id: {references}"

    def test_many_at_once_do_not_mix(self) -> None:
        """Eight threads, or tasks of an async adapter, write at once: each is done once, and answered its own.

        When this fails: keep what belongs to a call in its local variables. Look for requests or answers kept
        on the adapter, and for a client that must not be shared between threads.
        """
        port = self._sample()
        self._only_writing(port)
        requests = [self._asked() for _ in range(64)]
        before = len(self._all_done())

        def some(n: int) -> list[object]:
            return [getattr(port, self._does)(request) for request in requests[n::8]]

        answers = self._at_once([partial(some, n) for n in range(8)])
        for answer in answers:
            assert isinstance(answer, list), f"with several at once, {self._does} raised {told(answer)}"
        new = self._all_done()[before:]
        assert len(new) == len(requests), f"{len(requests)} were asked for at once, {len(new)} were {self._did}"
        by_reference = {each.reference: each for each in new}
        for n, part in enumerate(answers):
            assert isinstance(part, list)
            for request, reference in zip(requests[n::8], part, strict=True):
                assert reference in by_reference, f"{reference!r} is no id of anything that was {self._did}"
                wrong = list(self._misfits(request, by_reference.pop(reference)))
                assert not wrong, f"with several at once, one was taken for another: {'; '.join(wrong)}"

    def test_a_deadline_gone_by_does_no_harm(self) -> None:
        """Asked too late, the adapter does it or does not, and says which; it does not break.

        When this fails: what is left until the deadline may be nothing, or less. Most clients refuse a
        time-out below zero with an error of their own: raise Temporary before calling them.
        """
        port = self._sample()
        self._only_writing(port)
        self._try(port, self._asked(within=-SHORTLY))

    def test_what_is_not_offered_is_refused(self) -> None:
        """A write whose nature is None is refused with Permanent, and not done.

        When this fails: declare the nature of the write, `AtMostOnce()` if in doubt; or raise
        `Permanent("not_offered")` without asking the outside.
        """
        port = self._sample()
        if self._nature(port) is not None:
            pytest.skip(f"capabilities.{self._name} is declared")
        self._refused(port, self._asked(), f"capabilities.{self._name} is None")

    # --- when the outside fails -------------------------------------------------------------------------------

    @pytest.mark.parametrize("how", [Failing.UNREACHABLE, Failing.BUSY])
    def test_what_certainly_was_not_done_is_temporary(self, how: Failing) -> None:
        """Without a connection, or when the outside takes no more now: `Temporary`, and it works again later.

        When this fails: tell "could not connect", HTTP 429 and 503 from everything else your client raises.
        As OutcomeUnknown they would leave people with doubts that are none, as Permanent the message is lost.
        """
        port = self._sample()
        self._only_writing(port)
        request = self._asked(within=SHORTLY)
        with self._failing(how):
            tried = self._try(port, request)
        assert isinstance(tried.answer, Temporary), f"the outside was {how}: raise Temporary; it gave {tried}"
        self._succeed(port, self._asked(key=request.key))

    def test_what_is_refused_is_permanent(self) -> None:
        """A refusal of the outside is `Permanent` with its code, and nothing is done.

        When this fails: read the outside's error answers. As Temporary it would be tried again for nothing; as
        OutcomeUnknown a person would be asked about what is known. Give the code, never the sentence: that may
        hold a number or a name.
        """
        port = self._sample()
        self._only_writing(port)
        with self._failing(Failing.REFUSED):
            tried = self._try(port, self._asked(within=SHORTLY))
        assert isinstance(tried.answer, Permanent), f"the outside refused it: raise Permanent; it gave {tried}"

    def test_a_lost_reply_is_a_doubt(self) -> None:
        """Done, and the answer lost: `OutcomeUnknown`. Never `Temporary`, never done twice. Rule: B11.

        When this fails: whatever breaks after the request may have left is a doubt: a time-out while reading, a
        connection that ends early. Look for a client that repeats by itself, and turn that off for writes: only
        by `RepeatsByKey` may one be repeated, with its key.
        """
        port = self._sample()
        self._only_writing(port)
        request = self._asked(within=SHORTLY)
        with self._failing(Failing.LOST_REPLY):
            tried = self._try(port, request)
        assert tried.new, (
            f"after a lost reply `{self._did}` tells of nothing new: let `fail` lose the reply of what "
            f"is written, not of what is read before it"
        )
        assert isinstance(tried.answer, OutcomeUnknown), (
            f"it may have been done, and nobody knows: raise OutcomeUnknown; it gave {tried}"
        )

    @pytest.mark.parametrize("how", [Failing.NONSENSE, Failing.SILENT])
    def test_no_answer_to_be_read_is_a_doubt(self, how: Failing) -> None:
        """A broken answer, a failure on its side, or none by the deadline: `OutcomeUnknown`, and in time.

        When this fails: an answer that cannot be read, HTTP 500 too, says nothing of what was done. For SILENT
        give your client a time-out: what is left until `request.deadline`. Where the adapter asks for something
        else before it writes, say so in `reads_before`: failing there is Temporary.
        """
        port = self._sample()
        self._only_writing(port)
        with self._failing(how):
            tried = self._try(port, self._asked(within=SHORTLY))
        if self.reads_before and isinstance(tried.answer, Temporary):
            return
        assert isinstance(tried.answer, OutcomeUnknown), (
            f"the outside was {how}: it may have been done, raise OutcomeUnknown; it gave {tried}"
        )
