"""Plans: which ways lead to the texts of which a condition is so.

1. Where several things must all be so, what is so least often leads, and the rest is asked of what it leads to.
2. What must not be so leads nowhere, and what words cannot tell neither: if nothing else does, all texts are
   walked through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias, TypeGuard

from chatcore.errors import InvalidValue
from chatcore.search.conditions import AllOf, AnyOf, Condition, Not, Nothing, Says
from chatcore.search.index._homes import sought
from chatcore.search.index._ways import All, Begun, Each, Either, Listed, Plan, Said, Test, Texts, Words

__all__ = ["Holds", "Planner"]

Holds: TypeAlias = Callable[[Condition, str], bool]
"""Tells whether a condition that words cannot tell is so of the text of an id."""

_FEW: Final = 256
"""Words that may begin so, or texts that may be looked into, before it pays to look for something better."""


class Planner:
    """Plans searches of `size` texts. Without postings each text is looked into."""

    def __init__(self, texts: Texts, postings: Words | None, size: int, holds: Holds | None) -> None:
        self._texts, self._postings, self._size, self._holds = texts, postings, size, holds

    def plan(self, condition: Condition, so: bool = True) -> Plan:
        """The way to the texts of which a condition is so, or is not so.

        Raises:
            InvalidValue: ``not_asked_here`` for what words cannot tell, where nothing is there to tell it.
        """
        while isinstance(condition, Not):
            condition, so = condition.part, not so
        if _is_either(condition, so):
            return Either([self.plan(part, so) for part in condition.parts])
        if so and isinstance(condition, Says) and self._postings is not None and len(condition.words) == 1:
            [word] = condition.words
            if condition.prefix:
                return Begun(self._postings.beginning(word))
            return Listed(self._postings.of(word))
        return self._each(condition, so)

    def _each(self, condition: Condition, so: bool) -> Plan:
        postings = self._postings
        lists: list[Said] = []
        begun: list[Says] = []
        either: list[tuple[Condition, bool]] = []
        having: list[bytes] = []
        lacking: list[bytes] = []
        tests: list[Test] = []
        for part, wanted in _parts(condition, so):
            if isinstance(part, AllOf | AnyOf):
                either.append((part, wanted))
            elif isinstance(part, Nothing):
                if wanted:
                    return Listed(())
            elif not isinstance(part, Says):
                tests.append(self._test(part, wanted))
            elif not wanted:
                lacking.append(sought(part))
            elif postings is None:
                having.append(sought(part))
            elif part.prefix:
                begun.append(part)
                lists += [(postings.of(word), word, None) for word in part.words[:-1]]
            elif len(part.words) == 1:
                lists.append((postings.of(part.words[0]), part.words[0], sought(part)))
            else:
                having.append(sought(part))
                lists += [(postings.of(word), word, None) for word in set(part.words)]
        lists.sort(key=_length)
        way: Plan = Listed(lists[0][0]) if lists else All(self._size)
        beside = lists[1:]
        leads: Condition | None = None
        for says in begun:
            if postings is not None and way.cost > _FEW:
                held = postings.beginning(says.words[-1])
                other = Begun(held) if len(held) <= _FEW or not lists else way
                if other.cost < way.cost:
                    way, beside, leads = other, lists, says
        for part, wanted in either:
            if way.cost > _FEW and (other := self.plan(part, wanted)).cost < way.cost:
                way, beside, leads = other, lists, part
        having += [sought(says) for says in begun if says is not leads or len(says.words) > 1]
        tests += [self._test(part, wanted) for part, wanted in either if part is not leads]
        return Each(self._texts, postings, way, beside, having, lacking, tests)

    def _test(self, condition: Condition, so: bool) -> Test:
        """Tells of one text whether a condition is so, or is not so."""
        texts = self._texts
        while isinstance(condition, Not):
            condition, so = condition.part, not so
        if isinstance(condition, AllOf | AnyOf):
            tests = [self._test(part, so) for part in condition.parts]
            if _is_either(condition, so):
                return lambda number: any(test(number) for test in tests)
            return lambda number: all(test(number) for test in tests)
        if isinstance(condition, Says):
            wanted = sought(condition)
            return lambda number: texts.says(number, wanted) is so
        if isinstance(condition, Nothing):
            return lambda _: not so
        holds = self._holds
        if holds is None:
            raise InvalidValue.of("where", "not_asked_here")
        return lambda number: bool(id := texts.id(number)) and holds(condition, id) is so


def _is_either(condition: Condition, so: bool) -> TypeGuard[AllOf | AnyOf]:
    """Whether any part will do: of a combination, or of what it is not."""
    return isinstance(condition, AnyOf) if so else isinstance(condition, AllOf)


def _parts(condition: Condition, so: bool) -> Iterator[tuple[Condition, bool]]:
    """What must all be so, or not be so."""
    while isinstance(condition, Not):
        condition, so = condition.part, not so
    if isinstance(condition, AllOf | AnyOf) and not _is_either(condition, so):
        for part in condition.parts:
            yield from _parts(part, so)
    else:
        yield condition, so


def _length(said: Said) -> int:
    return len(said[0])
