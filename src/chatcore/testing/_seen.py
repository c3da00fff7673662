"""Everything kept and everything done outside at one moment, to tell whether something changed."""

from __future__ import annotations

import attrs

from chatcore.memory import Contents
from chatcore.testing._expecting import Happened, show
from chatcore.testing._outside import Met
from chatcore.vocabulary import CommandId

__all__ = ["Seen"]


@attrs.frozen(slots=True, repr=False)
class Seen:
    """What a storage keeps, and what the outside was asked for and did, at one moment."""

    contents: Contents
    met: Met

    def events_of(self, command: CommandId, before: Seen) -> Happened:
        """What a command led to since an earlier moment, in the order it was decided in."""
        known = before.contents.streams
        new = [
            envelope
            for ref, stream in self.contents.streams.items()
            for envelope in stream[len(known.get(ref, ())) :]
            if envelope.command == command
        ]
        new.sort(key=lambda envelope: int(envelope.id.rpartition(".")[2]))
        return tuple((envelope.ref, envelope.event) for envelope in new)

    def changes_since(self, before: Seen) -> tuple[str, ...]:
        """What is other than at an earlier moment, one thing a line; nothing, if nothing is."""
        if self == before:
            return ()
        now, then, rows = self.contents, before.contents, list[str]()
        for ref, stream in now.streams.items():
            new = stream[len(then.streams.get(ref, ())) :]
            rows += [f"{ref}: {show(envelope.event)}" for envelope in new]
        for field in attrs.fields(Contents):
            was, is_now = getattr(then, field.name), getattr(now, field.name)
            if was != is_now and field.name != "streams" and not (rows and field.name == "states"):
                rows.append(f"{field.name}: {len(was)} before, {len(is_now)} now")
        rows += self.met.changes_since(before.met)
        return tuple(rows) or ("events that were kept are others now",)
