"""Broken storages: what is read in one go."""

from __future__ import annotations

from typing import Any

import attrs

from chatcore.entities import Entity
from chatcore.ports import ReadSet, Snapshot
from chatcore.vocabulary import WORKSPACE, Ref
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class OwnersWithoutStates(PlainStorage):
    """The states of owners are not read with them."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(wanted)
        asked = {ref: state for ref, state in found.states.items() if ref in wanted.refs}
        return attrs.evolve(found, states=asked)


class MissingStatesRaise(PlainStorage):
    """A state that is not there is a KeyError."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        for ref in wanted.refs:
            self.tables.states[ref]
        return super().read(wanted)


class MissingStatesAreNone(PlainStorage):
    """A state that is not there is in the snapshot, as None."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(wanted)
        return attrs.evolve(found, states={ref: found.states.get(ref) for ref in (*wanted.refs, *found.states)})


class MissingOwnersAreNone(PlainStorage):
    """A claim that nobody has is in the snapshot, as None."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(wanted)
        return attrs.evolve(found, owners={key: found.owners.get(key) for key in wanted.owners})


class DuplicatesRaise(PlainStorage):
    """A ref that is asked for twice is one row too few, and an error."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        if len(set(wanted.refs)) != len(wanted.refs) or len(set(wanted.owners)) != len(wanted.owners):
            raise ValueError("asked for twice")
        return super().read(wanted)


class LargeReadsCut(PlainStorage):
    """Of more than a hundred refs in one read only the first hundred are looked for."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        return super().read(attrs.evolve(wanted, refs=wanted.refs[:100]))


class WorkspaceAlways(PlainStorage):
    """The workspace is read whatever version is known already."""

    def workspace(self, after: int) -> Any:
        return self.state(WORKSPACE)


class WorkspaceNever(PlainStorage):
    """The workspace is only read where its ref is asked for."""

    def workspace(self, after: int) -> Any:
        return None


class WorkspaceKnownAgain(PlainStorage):
    """The workspace is read although it is at the very version that is known."""

    def workspace(self, after: int) -> Any:
        held = self.state(WORKSPACE)
        return held if held is not None and held.version >= after else None


class ReceiptsSwapped(PlainStorage):
    """The receipt of the command is given where that of the key is asked for."""

    def read(self, wanted: ReadSet, /) -> Snapshot:
        found = super().read(wanted)
        return attrs.evolve(found, receipt=found.committed, committed=found.receipt)


class RefsCaseInsensitive(PlainStorage):
    """Ids are compared without case, so that two that differ in case are one."""

    def _same(self, ref: Ref) -> Ref:
        return next((each for each in self.tables.states if each.lower() == ref.lower()), ref)

    def state(self, ref: Ref) -> Entity | None:
        return super().state(self._same(ref))

    def version(self, ref: Ref) -> int:
        return super().version(self._same(ref))


BROKEN = storages(vars())
