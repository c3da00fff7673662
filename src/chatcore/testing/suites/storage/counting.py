"""Tallies: counts that do not pass their bounds, and that a seal holds down."""

from __future__ import annotations

import pytest

from chatcore.errors import TallyFull
from chatcore.events import Closed, Taken, Transferred
from chatcore.ports import Storage, TallyChange
from chatcore.testing.suites.storage._asking import read
from chatcore.testing.suites.storage._base import StorageTests
from chatcore.testing.suites.storage._ledger import Ledger
from chatcore.testing.suites.storage._steps import configured, contact, conversation, told
from chatcore.vocabulary import AgentId, ReasonId

__all__ = ["CountingTests"]


def _counts(storage: Storage, *keys: str) -> dict[str, int]:
    return dict(read(storage, tallies=keys).tallies)


class CountingTests(StorageTests):
    """`Storage.apply`: tallies, bounds, seals."""

    def test_a_count_that_was_never_made_is_zero(self) -> None:
        """Every count that is asked for is answered, and one that nobody ever moved is 0.

        When this fails: fill in 0 for the keys that have no row.
        """
        ledger = Ledger(self.storage())
        assert _counts(ledger.storage, "t", "u") == {"t": 0, "u": 0}
        ledger.commit(tallies=(TallyChange("t", 1),))
        ledger.commit(tallies=(TallyChange("t", -1),))
        assert _counts(ledger.storage, "t", "u") == {"t": 0, "u": 0}

    @pytest.mark.parametrize("start", [0, 1, 3])
    def test_a_count_reaches_its_bound_and_does_not_pass_it(self, start: int) -> None:
        """Growth up to the bound passes, beyond it is refused, whether the count is new or not. Rule: L7.

        When this fails: put the bound into the statement that counts (`... WHERE count + :delta <= :at_most`),
        also into the one that makes a new count.
        """
        ledger = Ledger(self.storage())
        if start:
            ledger.commit(tallies=(TallyChange("t", start),))
        for delta in (5 - start, 4 - start):
            with pytest.raises(TallyFull) as caught:
                ledger.storage.apply(
                    ledger.change(tallies=(TallyChange("t", delta, 4 - (delta == 4 - start)),))
                )
            assert caught.value.key == "t"
            assert _counts(ledger.storage, "t") == {"t": start}
        ledger.commit(tallies=(TallyChange("t", 4 - start, 4),))
        assert _counts(ledger.storage, "t") == {"t": 4}
        with pytest.raises(TallyFull):
            ledger.storage.apply(ledger.change(tallies=(TallyChange("t", 1, 4),)))

    def test_a_bound_is_only_for_what_grows(self) -> None:
        """A count above a bound may shrink; without a bound it may grow beyond any. Rule: L7.

        When this fails: compare with `at_most` only where `delta` is above 0, and only where it is not None.
        """
        ledger = Ledger(self.storage())
        ledger.commit(tallies=(TallyChange("t", 3),))
        ledger.commit(tallies=(TallyChange("t", -1, 0),))
        ledger.commit(tallies=(TallyChange("t", 5),))
        assert _counts(ledger.storage, "t") == {"t": 7}
        ledger.commit(tallies=(TallyChange("t", 1, 8),))
        with pytest.raises(TallyFull):
            ledger.storage.apply(ledger.change(tallies=(TallyChange("t", 1, 8),)))
        ledger.commit(tallies=(TallyChange("t", 1, 9),))

    def test_a_sealed_count_shrinks_and_never_grows(self) -> None:
        """Behind a seal a count may only fall, whatever its bound, until the seal is lifted. Rule: L13.

        When this fails: look at the seal in the statement that counts, and only where the count grows.
        """
        ledger = Ledger(self.storage())
        ledger.commit(tallies=(TallyChange("t", 2),))
        ledger.commit(seals=(("t", True),))
        assert _counts(ledger.storage, "t") == {"t": 2}
        ledger.commit(tallies=(TallyChange("t", -1),))
        for bound in (None, 9):
            with pytest.raises(TallyFull) as caught:
                ledger.storage.apply(ledger.change(tallies=(TallyChange("t", 1, bound),)))
            assert caught.value.key == "t"
        ledger.commit(seals=(("t", True),))
        ledger.commit(seals=(("t", False),))
        ledger.commit(tallies=(TallyChange("t", 1),))
        assert _counts(ledger.storage, "t") == {"t": 2}

    def test_a_count_that_was_never_made_can_be_sealed(self) -> None:
        """A seal holds also where nothing was counted yet, and lifting one that is not there does nothing.

        When this fails: make the row of the count where there is none.
        """
        ledger = Ledger(self.storage())
        ledger.commit(seals=(("t", True), ("u", False)))
        assert _counts(ledger.storage, "t", "u") == {"t": 0, "u": 0}
        with pytest.raises(TallyFull):
            ledger.storage.apply(ledger.change(tallies=(TallyChange("t", 1),)))
        ledger.commit(tallies=(TallyChange("u", 1, 1),))
        assert _counts(ledger.storage, "t", "u") == {"t": 0, "u": 1}

    def test_counts_of_one_set_move_together(self) -> None:
        """Where one of several counts is full, none moves: a conversation leaves nobody without arriving.

        When this fails: roll back what was counted before the count that is full.
        """
        ledger = Ledger(self.storage())
        ledger.commit(tallies=(TallyChange("ana", 2), TallyChange("beto", 1)))
        moved = (TallyChange("ana", -1), TallyChange("beto", 1, 1), TallyChange("carla", 1))
        with pytest.raises(TallyFull) as caught:
            ledger.storage.apply(ledger.change(tallies=moved))
        assert caught.value.key == "beto"
        assert _counts(ledger.storage, "ana", "beto", "carla") == {"ana": 2, "beto": 1, "carla": 0}
        ledger.commit(tallies=(TallyChange("ana", -2), TallyChange("beto", 1, 2), TallyChange("carla", 3, 3)))
        assert _counts(ledger.storage, "ana", "beto", "carla") == {"ana": 0, "beto": 2, "carla": 3}

    def test_the_counts_of_agents_follow_their_conversations(self) -> None:
        """What the engine counts, seals and lifts as conversations move comes out as counted. Rule: L7, L13.

        When this fails: one of the statements above works alone, and not in a set with writes.
        """
        ledger = Ledger(self.storage())
        ledger.commit(configured(), contact("ct_a"))
        for n in range(3):
            ledger.commit(conversation(f"cv_{n}", channel=f"wa{n}"))
            ledger.commit(told(f"cv_{n}", Taken(assignee=AgentId("ana"))))
        assert _counts(ledger.storage, "open:ana", "open:beto") == {"open:ana": 3, "open:beto": 0}
        ledger.commit(configured(idle="ana"))
        ledger.commit(told("cv_0", Transferred(assignee=AgentId("beto"))))
        ledger.commit(told("cv_1", Closed(reason=ReasonId("done"))))
        assert _counts(ledger.storage, "open:ana", "open:beto") == {"open:ana": 1, "open:beto": 1}
        with pytest.raises(TallyFull):
            ledger.storage.apply(ledger.change(told("cv_0", Transferred(assignee=AgentId("ana")))))
        ledger.commit(configured())
        ledger.commit(told("cv_0", Transferred(assignee=AgentId("ana"))))
        assert _counts(ledger.storage, "open:ana", "open:beto") == {"open:ana": 2, "open:beto": 0}
