"""Ordered views of conversations: the page of any view at once, however many conversations there are.

1. A *family* has the conversations in one order, one sequence for each value of what tells them apart:
   situation, department, both, who has them, whom they concern, or nothing at all. It is built when it is
   first needed.
2. A commit only notes which conversation moved, and its last known state; while there is no family, nothing.
   A family catches up with what moved before it answers. One that has not been asked until more moved than is
   worth catching up with is dropped, and built anew when it is needed again.
3. What a query fixes, in its fields or by `Has`, and what its scope admits, is a union of sequences. Usually it
   is one, and a page is a slice of it; several are merged as far as the page goes. What else a query asks for
   is asked of row after row by `accept`, which may take contacts to know.
4. L1 is made use of: a conversation has an assignee exactly when it is OPEN.

What is answered is what `matches` and `sort_key` say. Queries of one contact are better answered from the few
conversations of that contact. Nothing here is locked: who shares views among threads lets only one in at a
time, and not between a change of what `find` tells and the `moved` that goes with it.
"""

from __future__ import annotations

import enum
import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import Final, TypeAlias

from chatcore.entities import Conversation, Scope
from chatcore.search.conditions import AllOf, Has, Trait
from chatcore.search.index.blocks import Blocks, Position
from chatcore.search.query import ConversationQuery, Order, sort_key
from chatcore.vocabulary import AgentId, ConversationId, DepartmentId, Situation

__all__ = ["OrderedViews", "exact"]

FEW: Final = 1_000
SHARE: Final = 4
"""A family catches up with up to `FEW` moves, or with one for every `SHARE` conversations if that is more."""

_BOT, _QUEUE, _OPEN = Situation.BOT, Situation.QUEUE, Situation.OPEN
_UNTAKEN: Final = (_BOT, _QUEUE)
_SITUATIONS: Final = tuple(Situation)


class _By(enum.StrEnum):
    """What tells the sequences of a family apart."""

    NOTHING = "nothing"
    SITUATION = "situation"
    DEPARTMENT = "department"
    PLACE = "situation and department"
    ASSIGNEE = "assignee"
    CONCERNED = "situation and who has it, or had it last"


_NOTHING, _SITUATION, _ASSIGNEE = _By.NOTHING, _By.SITUATION, _By.ASSIGNEE
_DEPARTMENT, _PLACE, _CONCERNED = _By.DEPARTMENT, _By.PLACE, _By.CONCERNED

_Values: TypeAlias = tuple[Hashable, ...]


def _concerned(row: Conversation) -> _Values:
    now, last = row.assignee, row.last_assignee
    if now is None or now == last:
        return () if last is None else ((row.situation, last),)
    return ((row.situation, now),) if last is None else ((row.situation, now), (row.situation, last))


_VALUES: Final[dict[_By, Callable[[Conversation], _Values]]] = {
    _NOTHING: lambda row: (None,),
    _SITUATION: lambda row: (row.situation,),
    _DEPARTMENT: lambda row: (row.department,),
    _PLACE: lambda row: ((row.situation, row.department),),
    _ASSIGNEE: lambda row: () if row.assignee is None else (row.assignee,),
    _CONCERNED: _concerned,
}
"""The sequences of a family that a conversation stands in."""

_EMPTY: Final[Blocks[Conversation]] = Blocks()


class _Family:
    """The conversations in one order, in sequences; `pending` has what moved since, by its last known state."""

    __slots__ = ("_number", "_values", "pending", "sequences")

    def __init__(self, order: Order, by: _By, rows: Iterable[Conversation]) -> None:
        plain = ConversationQuery(order=order)
        self._number: Callable[[Conversation], int] = lambda row: sort_key(plain, row)[0]
        self._values = _VALUES[by]
        self.pending: dict[ConversationId, Conversation | None] = {}
        grouped: defaultdict[Hashable, list[Conversation]] = defaultdict(list)
        for row in rows:
            for value in self._values(row):
                grouped[value].append(row)
        self.sequences = {
            value: Blocks((self._number(row), row) for row in rows) for value, rows in grouped.items()
        }

    def catch_up(self, find: Callable[[ConversationId], Conversation | None]) -> None:
        """Move what moved."""
        pending, self.pending = self.pending, {}
        for id, old in pending.items():
            self._move(id, old, find(id))

    def _move(self, id: ConversationId, old: Conversation | None, new: Conversation | None) -> None:
        sequences, number = self.sequences, 0
        values: _Values = ()
        if new is not None:
            number, values = self._number(new), self._values(new)
        if old is not None:
            left = self._number(old)
            for value in self._values(old):
                if left == number and value in values:
                    continue
                sequence = sequences[value]
                sequence.remove(left, id)
                if not sequence:
                    del sequences[value]
        if new is not None:
            for value in values:
                if (found := sequences.get(value)) is None:
                    found = sequences[value] = Blocks()
                found.add(number, new)


class OrderedViews:
    """The conversations that `everything` gives and `find` knows by id, in the order of any view."""

    __slots__ = ("_everything", "_families", "_find", "_noted", "_patience")

    def __init__(
        self,
        everything: Callable[[], Iterable[Conversation]],
        find: Callable[[ConversationId], Conversation | None],
    ) -> None:
        self._everything = everything
        self._find = find
        self._families: dict[tuple[Order, _By], _Family] = {}
        self._noted: dict[ConversationId, Conversation | None] = {}
        self._patience = FEW

    def moved(self, id: ConversationId, old: Conversation | None) -> None:
        """Note that a conversation is not any more what it was; None if there was none."""
        if self._families:
            noted = self._noted
            noted.setdefault(id, old)
            if len(noted) > self._patience:
                self._families, self._noted = {}, {}

    def page(
        self,
        query: ConversationQuery,
        most: int,
        after: Position | None = None,
        accept: Callable[[Conversation], bool] | None = None,
    ) -> list[Conversation]:
        """The next rows of a view, at most so many: the first ones, or those beyond a sort key.

        `accept` tells whether a row matches the query; unless the view is `exact`, it is asked of each row on
        the way. Without it, what is given may be more than what matches, in the order of the view.
        """
        wanted, exact = _plan(query)
        sequences = self._sequences(query.order, wanted)
        if exact or accept is None:
            if len(sequences) == 1:
                return sequences[0].after(after, most)
            return list(islice(_merged(sequences, after), most))
        return list(islice(filter(accept, _merged(sequences, after)), most))

    def count(
        self,
        query: ConversationQuery,
        at_most: int,
        accept: Callable[[Conversation], bool] | None = None,
    ) -> int:
        """How many rows a view has, counted up to `at_most`; `accept` as for a page.

        An `exact` view of one sequence is not gone through. The order does not matter: what is there is used.
        """
        wanted, exact = _plan(query)
        orders = (query.order, *(order for order, _ in self._families))
        order = next((o for o in orders if all((o, by) in self._families for by, _ in wanted)), query.order)
        sequences = self._sequences(order, wanted)
        if len(sequences) == 1 and (exact or accept is None):
            return min(len(sequences[0]), at_most)
        rows = _distinct(sequences)
        return sum(1 for _ in islice(rows if exact else filter(accept, rows), at_most))

    def _sequences(self, order: Order, wanted: _Wanted) -> list[Blocks[Conversation]]:
        """The sequences wanted, as they are by now."""
        if self._noted:
            self._hand_on()
        found = []
        for by, value in wanted:
            family = self._families.get((order, by))
            if family is None:
                family = self._build(order, by)
            elif family.pending:
                family.catch_up(self._find)
            found.append(family.sequences.get(value, _EMPTY))
        return found

    def _hand_on(self) -> None:
        """Hand what was noted on to the families, and drop those that fell too far behind."""
        noted, self._noted = self._noted, {}
        for key, family in list(self._families.items()):
            pending = family.pending
            for id, old in noted.items():
                pending.setdefault(id, old)
            if len(pending) > self._patience:
                del self._families[key]

    def _build(self, order: Order, by: _By) -> _Family:
        rows = list(self._everything())
        self._patience = max(FEW, len(rows) // SHARE)
        family = self._families[order, by] = _Family(order, by, rows)
        return family


def exact(query: ConversationQuery) -> bool:
    """Whether the rows of a view are all and only those that match, so that none need be looked at."""
    return _plan(query)[1]


# --- what a query looks at -----------------------------------------------------------------------------------

_Wanted: TypeAlias = tuple[tuple[_By, Hashable], ...]


def _plan(query: ConversationQuery) -> tuple[_Wanted, bool]:
    """The sequences whose union has all that match, and whether it has nothing else."""
    situation, department, assignee = query.situation, query.department, query.assignee
    scope = query.scope
    exact = query.where is None and query.waiting is None and query.channel is None and query.contact is None
    if query.where is not None:
        situation, department, assignee = _narrowed(query)
    if assignee is not None:
        if situation is not None and situation is not _OPEN:
            return (), True
        exact = exact and department is None and (scope.everything or scope.assignee == assignee)
        return ((_ASSIGNEE, assignee),), exact
    if scope.everything:
        return (_all_of(situation, department),), exact
    exact = exact and (department is None or scope.assignee is None)
    return tuple(dict.fromkeys(_admitted(scope, situation, department))), exact


def _narrowed(
    query: ConversationQuery,
) -> tuple[Situation | None, DepartmentId | None, AgentId | None]:
    """What a query fixes, by its own fields or else by what its condition asks for in any case."""
    situation, department, assignee = query.situation, query.department, query.assignee
    where = query.where
    for part in where.parts if isinstance(where, AllOf) else (where,):
        if not isinstance(part, Has):
            continue
        if part.trait is Trait.SITUATION:
            situation = situation or Situation(part.value)
        elif part.trait is Trait.DEPARTMENT:
            department = department or DepartmentId(part.value)
        elif part.trait is Trait.AGENT:
            assignee = assignee or AgentId(part.value)
    return situation, department, assignee


def _all_of(situation: Situation | None, department: DepartmentId | None) -> tuple[_By, Hashable]:
    """The one sequence of a situation, of a department, of both, or of everything."""
    if department is None:
        return (_NOTHING, None) if situation is None else (_SITUATION, situation)
    return (_DEPARTMENT, department) if situation is None else (_PLACE, (situation, department))


def _admitted(
    scope: Scope, situation: Situation | None, department: DepartmentId | None
) -> Iterator[tuple[_By, Hashable]]:
    """The sequences that a scope admits of a situation and a department; its agent's, of any department."""
    for each in scope.departments:
        if department in (None, each):
            yield _all_of(situation, each)
    for each in scope.waiting:
        if department in (None, each) and each not in scope.departments:
            yield from ((_PLACE, (s, each)) for s in _UNTAKEN if situation in (None, s))
    if scope.bot and situation in (None, _BOT):
        yield _all_of(_BOT, department)
    if scope.assignee is not None:
        yield from ((_CONCERNED, (s, scope.assignee)) for s in _SITUATIONS if situation in (None, s))


def _merged(sequences: list[Blocks[Conversation]], after: Position | None) -> Iterator[Conversation]:
    """The rows beyond a position, in order, each once."""
    if len(sequences) == 1:
        yield from (row for _, row in sequences[0].walk(after))
        return
    before = None
    for _, row in heapq.merge(*(each.walk(after) for each in sequences), key=_place):
        if row.id != before:
            yield row
        before = row.id


def _place(pair: tuple[int, Conversation]) -> Position:
    return pair[0], pair[1].id


def _distinct(sequences: list[Blocks[Conversation]]) -> Iterator[Conversation]:
    """The rows in any order, each once."""
    if len(sequences) == 1:
        yield from sequences[0]
        return
    seen: set[ConversationId] = set()
    for sequence in sequences:
        for row in sequence:
            if row.id not in seen:
                seen.add(row.id)
                yield row
