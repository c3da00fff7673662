"""What a condition is in SQL. What it means is `chatcore.search.matching.holds`, and the SQL means just that.

1. Every condition is exact: the rows that SQL finds need no second look, whatever is combined with ``&``,
   ``|`` and ``~``. So counting is left to the database too.
2. A row is a message ``m`` with its conversation ``c``, a conversation ``c``, or a contact ``p``. A condition
   on the contact of a conversation asks for ``p`` as who they are by now, through `contacts.person`. Rule:
   M11.
3. What does not apply is not so: a condition on what is NULL is not true, and what is not true is so under
   ``~``.
4. Indexes of words narrow down where a condition needs it to be fast. They are asked for beside what is
   exact, never instead of it, and never under ``~``: there they would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

import attrs

from chatcore.entities import Scope
from chatcore.errors import InvalidValue
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Not,
    Nothing,
    Reached,
    Says,
    Trait,
    When,
)
from chatcore.search.conditions import leaves
from chatcore.search.query import micros
from chatcore_sqlalchemy._words import LONGEST_TERM, filled, item, marker, needle_of, terms

__all__ = [
    "CONTACT_LEAVES",
    "MESSAGE_LEAVES",
    "ON_POSTGRESQL",
    "ON_SQLITE",
    "Asked",
    "Dialect",
    "needs_conversation",
    "parts_of",
]


class Dialect(Protocol):
    """What databases say differently."""

    sqlite: bool
    join: str
    """What joins, in the order written where the planner is told."""

    def holds(self, column: str, needle: str) -> str:
        """That a column holds a text."""

    def term(self, term: str, tenant: str, *, kind: str, prefix: bool) -> str:
        """A term of an index of words; `kind` is "" for a message's, "names" or "keys" for a contact's."""

    def all_of(self, terms: Iterable[str]) -> str:
        """That an index of words has each of these."""

    def any_of(self, terms: Iterable[str]) -> str:
        """That it has at least one of them."""


class _OnSqlite:
    sqlite = True
    join = "CROSS JOIN"

    def holds(self, column: str, needle: str) -> str:
        return f"instr({column}, {needle}) > 0"

    def term(self, term: str, tenant: str, *, kind: str, prefix: bool) -> str:
        quoted = f'"{term}" *' if prefix else f'"{term}"'
        return f"{kind} : {quoted}" if kind else quoted

    def all_of(self, terms: Iterable[str]) -> str:
        return f"({' AND '.join(terms)})"

    def any_of(self, terms: Iterable[str]) -> str:
        return f"({' OR '.join(terms)})"


class _OnPostgresql:
    sqlite = False
    join = "JOIN"

    def holds(self, column: str, needle: str) -> str:
        return f"strpos({column}, {needle}) > 0"

    def term(self, term: str, tenant: str, *, kind: str, prefix: bool) -> str:
        return f"'{marker(tenant)}{kind[:1]}{term[:LONGEST_TERM]}'{':*' if prefix else ''}"

    def all_of(self, terms: Iterable[str]) -> str:
        return f"({' & '.join(terms)})"

    def any_of(self, terms: Iterable[str]) -> str:
        return f"({' | '.join(terms)})"


ON_SQLITE: Final[Dialect] = _OnSqlite()
ON_POSTGRESQL: Final[Dialect] = _OnPostgresql()

_CONTACT: Final = """EXISTS (SELECT 1 FROM contacts AS g
    JOIN contacts AS p ON p.tenant = g.tenant AND p.id = g.person
    WHERE g.tenant = :tenant AND g.id = c.contact AND {})"""
"""That something is so of the contact of a conversation, as who they are by now."""

_COLUMNS: Final = {
    Trait.SITUATION: "c.situation",
    Trait.AGENT: "c.assignee",
    Trait.DEPARTMENT: "c.department",
    Trait.CHANNEL: "c.channel",
    Trait.REASON: "c.reason",
    Trait.PROTOCOL: "c.protocol",
    Trait.DIRECTION: "m.direction",
    Trait.KIND: "m.kind",
}
_MARKS: Final = {
    Mark.WAITING: "c.waiting_since IS NOT NULL",
    Mark.UNREAD: "c.unread",
    Mark.ASSIGNED: "c.assignee IS NOT NULL",
    Mark.BLOCKED: "p.blocked",
    Mark.LINKED: "p.customer IS NOT NULL",
}
MESSAGE_LEAVES: Final = (Says,)
CONTACT_LEAVES: Final = (Named, Reached)
"""The conditions that the index of messages tells, and that of contacts."""

_MOMENTS: Final = {
    When.STARTED: "c.started_at",
    When.OPENED: "c.by_opened",
    When.CLOSED: "c.closed_at",
    When.ACTIVE: "c.by_idle",
    When.WAITING: "c.waiting_since",
}


def parts_of(where: Condition | None) -> tuple[Condition, ...]:
    """What a condition asks for in any case."""
    if where is None:
        return ()
    return where.parts if isinstance(where, AllOf) else (where,)


def needs_conversation(where: Condition | None) -> bool:
    """Whether a condition asks for more than what a message itself tells."""
    of_messages = (Trait.DIRECTION, Trait.KIND)
    return where is not None and not all(
        isinstance(leaf, Says | Nothing)
        or (isinstance(leaf, Has) and leaf.trait in of_messages)
        or (isinstance(leaf, Between) and leaf.when is When.SENT)
        for leaf in leaves(where)
    )


@attrs.define(slots=True)
class Asked:
    """One statement in the making: the values it binds, and what is put into its text.

    With `contacts` it asks about contacts themselves.
    """

    dialect: Dialect
    tenant: str
    contacts: bool = False
    values: dict[str, object] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.values = {"tenant": self.tenant}

    def bound(self, value: object) -> str:
        """A place for a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def one_of(self, column: str, values: Iterable[str]) -> str:
        """That a column has one of some values, of which there is at least one."""
        places = [self.bound(value) for value in values]
        return f"{column} = {places[0]}" if len(places) == 1 else f"{column} IN ({', '.join(places)})"

    # --- permission ------------------------------------------------------------------------------------------

    def scope(self, scope: Scope) -> str | None:
        """That somebody may see a conversation; None if they may see all. Rule: P."""
        if scope.everything:
            return None
        ways = []
        if scope.assignee is not None:
            agent = self.bound(scope.assignee)
            ways.append(f"c.assignee = {agent} OR c.last_assignee = {agent}")
        if scope.departments:
            ways.append(self.one_of("c.department", scope.departments))
        if scope.waiting:
            untaken = "c.assignee IS NULL AND c.situation <> 'closed'"
            ways.append(f"({self.one_of('c.department', scope.waiting)} AND {untaken})")
        if scope.bot:
            ways.append("c.situation = 'bot'")
        return f"({' OR '.join(ways)})" if ways else "1 = 0"

    # --- what is exact ---------------------------------------------------------------------------------------

    def so(self, where: Condition, *, negated: bool = False) -> str:
        """That a condition is so, or that it is not."""
        if isinstance(where, Not):
            return self.so(where.part, negated=not negated)
        if isinstance(where, AllOf | AnyOf):
            word = " AND " if isinstance(where, AllOf) is not negated else " OR "
            return f"({word.join([self.so(part, negated=negated) for part in where.parts])})"
        leaf = self._leaf(where, narrow=not negated)
        if not negated:
            return leaf
        return f"NOT {leaf}" if leaf.startswith("EXISTS") else f"(({leaf}) IS NOT TRUE)"

    def _leaf(self, leaf: Condition, *, narrow: bool) -> str:
        if isinstance(leaf, Says):
            return self._holds("m.words", needle_of(leaf.words, prefix=leaf.prefix))
        if isinstance(leaf, Has):
            return self._has(leaf, narrow=narrow)
        if isinstance(leaf, Is):
            mark = _MARKS[leaf.mark]
            return self._contact(mark) if leaf.mark in (Mark.BLOCKED, Mark.LINKED) else mark
        if isinstance(leaf, Between):
            return self._between(leaf)
        if isinstance(leaf, Named | Reached):
            return self._contact(self.contact_leaf(leaf, narrow=narrow))
        if isinstance(leaf, Filled):
            value = item(filled(leaf.field, leaf.value))
            own = self._contact(self._holds("p.fields", value))
            return own if self.contacts else f"({self._holds('c.fields', value)} OR {own})"
        if isinstance(leaf, Nothing):
            return "1 = 0"
        raise InvalidValue.of("where", "unresolved")

    def _holds(self, column: str, needle: str) -> str:
        return self.dialect.holds(column, self.bound(needle))

    def _contact(self, so: str) -> str:
        return so if self.contacts else _CONTACT.format(so)

    def contact_leaf(self, leaf: Named | Reached, *, narrow: bool) -> str:
        """That a contact `p` has a name, or is reached at an address."""
        if isinstance(leaf, Named):
            exact = self._holds("p.names", needle_of(leaf.words, prefix=leaf.prefix))
        else:
            exact = " OR ".join(self._holds("p.keys", item(key)) for key in leaf.keys)
        if not narrow or self.dialect.sqlite:
            return f"({exact})"
        candidates = self.candidates(leaf, CONTACT_LEAVES)
        assert candidates is not None
        return f"({exact}) AND {self.among('p.tokens', candidates)}"

    def _has(self, leaf: Has, *, narrow: bool) -> str:
        if leaf.trait is Trait.CUSTOMER:
            return self._contact(f"p.customer = {self.bound(leaf.value)}")
        if leaf.trait is Trait.TAG:
            return self._holds("c.tags", item(leaf.value))
        if leaf.trait is Trait.CONTACT:
            id = self.bound(leaf.value)
            merged = self._contact(f"(p.id = {id} OR {self._holds('p.merged', item(leaf.value))})")
            return f"(c.contact = {id} OR {merged})"
        return f"{_COLUMNS[leaf.trait]} = {self.bound(leaf.value)}"

    def _between(self, leaf: Between) -> str:
        since = None if leaf.since is None else micros(leaf.since)
        until = None if leaf.until is None else micros(leaf.until)
        if leaf.when is When.SENT:  # The column has the number of the order: newest first.
            bounds = (("m.by_newest <=", since), ("m.by_newest >", until))
            return " AND ".join(f"{it} {self.bound(-at)}" for it, at in bounds if at is not None)
        column = _MOMENTS[leaf.when]
        bounds = ((f"{column} >=", since), (f"{column} <", until))
        return " AND ".join(f"{it} {self.bound(at)}" for it, at in bounds if at is not None)

    # --- what narrows down -----------------------------------------------------------------------------------

    def candidates(self, where: Condition | None, told: tuple[type, ...]) -> str | None:
        """What an index of words has of each row of which a condition is so; None where it cannot tell.

        `told` are the conditions that the index knows of: `MESSAGE_LEAVES` or `CONTACT_LEAVES`.
        """
        if isinstance(where, AllOf | AnyOf):
            each = [self.candidates(part, told) for part in where.parts]
            known = [one for one in each if one is not None]
            if isinstance(where, AllOf):
                return self.dialect.all_of(known) if known else None
            return self.dialect.any_of(known) if len(known) == len(each) else None
        if not isinstance(where, told):
            return None
        if isinstance(where, Says | Named):
            return self._terms(where.words, where.prefix, "" if isinstance(where, Says) else "names")
        assert isinstance(where, Reached)
        keys = [terms(item(key))[0] for key in where.keys]
        term, tenant = self.dialect.term, self.tenant
        return self.dialect.any_of([term(key, tenant, kind="keys", prefix=False) for key in keys])

    def among(self, column: str, candidates: str) -> str:
        """For PostgreSQL: that a row is among the candidates, or has more terms than can be kept."""
        either = f"{candidates} | '{marker(self.tenant)}'"
        return f"{column} @@ CAST({self.bound(either)} AS tsquery)"

    def _terms(self, words: tuple[str, ...], prefix: bool, kind: str) -> str:
        each = terms(needle_of(words, prefix=prefix))
        last, term, tenant = len(each) - 1, self.dialect.term, self.tenant
        return self.dialect.all_of(
            [term(word, tenant, kind=kind, prefix=prefix and n == last) for n, word in enumerate(each)]
        )
