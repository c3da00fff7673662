"""What holds over everything a storage keeps, whatever was done: the laws, as one check.

The check looks at stored states and streams only, and works out anew what must follow from them: a state is the
fold of its stream, versions and message numbers have no gap, one conversation is live per contact and channel,
claims and tallies are those of the states, nothing was committed without its receipt, and more.

    >>> from chatcore.memory import MemoryStorage
    >>> assert_laws(contents_of(MemoryStorage()))
"""

from __future__ import annotations

from typing import Any

from chatcore.memory import Contents
from chatcore.testing.laws._contents import contents_of
from chatcore.testing.laws._streams import check_stream
from chatcore.testing.laws._things import (
    check_across,
    check_actions,
    check_contacts,
    check_conversations,
    check_inner_work,
    check_messages,
    check_receipts,
)
from chatcore.vocabulary import Ref

__all__ = ["Laws", "assert_laws", "contents_of"]


def assert_laws(contents: Contents) -> None:
    """Hold everything a storage keeps against the laws.

    Raises:
        AssertionError: one does not hold.
    """
    Laws().check(contents)


class Laws:
    """The same, again and again over one growing storage: what is still the same is not folded again."""

    def __init__(self) -> None:
        self._checked: dict[Ref, Any] = {}

    def check(self, contents: Contents) -> None:
        """Hold everything a storage keeps by now against the laws; raises as `assert_laws`."""
        assert contents.states.keys() == contents.streams.keys(), "each entity has a state and a stream"
        for ref, state in contents.states.items():
            if self._checked.get(ref) is not state:
                check_stream(ref, state, contents.streams[ref])
                self._checked[ref] = state
        check_receipts(contents)
        check_conversations(contents)
        check_messages(contents)
        check_contacts(contents)
        check_inner_work(contents)
        check_actions(contents)
        check_across(contents)
