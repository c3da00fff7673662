"""The index of words answers as looking at every text does, in the order asked for, whatever came before.

The reference looks for the needle in the canonical text of every message, as `matches` does, and sorts.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from itertools import islice

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.errors import InvalidValue
from chatcore.search.conditions import AllOf, AnyOf, Condition, Has, Not, Nothing, Says, Trait
from chatcore.search.index import _plans, _postings, _runs, _ways, words
from chatcore.search.index.words import WordIndex
from chatcore.testing.strategies import hostile_text
from chatcore.text import canonical, needle


@attrs.frozen
class Row:
    id: str
    home: str
    order: int
    text: str


class Reference:
    """Every text, looked at one by one."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], Row] = {}

    def newest(self, where: Condition, below: tuple[int, str] | None = None) -> list[str]:
        rows = sorted(self.rows.values(), key=lambda row: (-row.order, row.id))
        return [
            row.id
            for row in rows
            if (below is None or (-row.order, row.id) > (-below[0], below[1])) and self.is_so(where, row)
        ]

    def inside(self, home: str, where: Condition) -> list[str]:
        return [row.id for row in self.rows.values() if row.home == home and self.is_so(where, row)]

    def is_so(self, where: Condition, row: Row) -> bool:
        if isinstance(where, AllOf):
            return all(self.is_so(part, row) for part in where.parts)
        if isinstance(where, AnyOf):
            return any(self.is_so(part, row) for part in where.parts)
        if isinstance(where, Not):
            return not self.is_so(where.part, row)
        if isinstance(where, Says):
            return needle(where.words, prefix=where.prefix) in canonical(row.text)
        return not isinstance(where, Nothing) and told(where, row.id)


def told(leaf: Condition, id: str) -> bool:
    """What words cannot tell: here, whose id ends so."""
    assert isinstance(leaf, Has)
    assert id
    return id.endswith(leaf.value)


@contextlib.contextmanager
def narrowed() -> Iterator[None]:
    """Every measure so small that a few messages come to what else takes thousands."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in (
            (_ways, "_FIRST", 2),
            (_ways, "_MOST", 4),
            (_plans, "_FEW", 1),
            (_ways, "_TIMES", 1),
            (_ways, "_TWICE", 0),
            (_postings, "_FREQUENT", 2),
            (_postings, "_PACKED", 64),
            (_postings, "_FRESH", 1),
            (_runs, "LATE", 2),
            (words, "LONG", 4),
            (words, "KEPT", 6),
            (words, "GONE", 2),
        ):
            assert hasattr(module, name)
            patch.setattr(module, name, value)
        yield


SPOKEN = ("boleto", "Boletos", "não", "nao", "2ª", "via", "ac\u0327a\u0303o", "ação", "😀")
spoken = st.lists(st.sampled_from(SPOKEN), max_size=5).map(" ".join)
texts = st.one_of(spoken, spoken, spoken, st.lists(st.sampled_from(SPOKEN)).map(", ".join), hostile_text(6))
says = st.builds(
    Says,
    st.one_of(
        st.sampled_from(SPOKEN),
        st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=3).map(" ".join),
        st.sampled_from(("b", "bole", "a", "n", "2", "via b", "2a v")),
    ),
    prefix=st.booleans(),
)
conditions = st.recursive(
    st.one_of(
        says, says, says, st.just(Nothing()), st.builds(Has, st.just(Trait.AGENT), st.sampled_from("0123"))
    ),
    lambda part: st.one_of(
        part.map(Not),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=6,
)
homes = st.sampled_from(("cv_a", "cv_b", "cv_c"))
changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), homes, st.integers(-3, 3), texts),
        st.tuples(st.just("add"), homes, st.integers(-3, 3), texts),
        st.tuples(st.just("add"), homes, st.integers(-20, 20), texts),
        st.tuples(st.just("replace"), st.just(""), st.integers(0, 99), texts),
        st.tuples(st.just("remove"), st.just(""), st.integers(0, 99), st.just("")),
        st.tuples(st.just("move"), st.just(""), st.integers(0, 99), st.just("")),
    ),
    max_size=30,
)
Change = tuple[str, str, int, str]


def carry_out(steps: list[Change], index: WordIndex, reference: Reference, start: int = 0) -> None:
    """Do the same to both; an added text comes a little after or before the one added last."""
    for n, (what, home, number, text) in enumerate(steps, start):
        if what == "add":
            row = Row(f"{home}.{n}", home, n // 2 + number, text)
            reference.rows[row.order, row.id] = row
            index.add(row.id, row.home, row.order, row.text)
        elif reference.rows:
            key = sorted(reference.rows)[number % len(reference.rows)]
            old = reference.rows[key]
            if what == "replace":
                reference.rows[key] = attrs.evolve(old, text=text)
                index.replace(old.id, old.home, old.order, text)
            elif what == "move":
                reference.rows = {
                    (n + 1 if each == key else each[0], each[1]): attrs.evolve(row, order=n + 1)
                    if each == key
                    else row
                    for each, row in reference.rows.items()
                }
                index.move(old.id, old.home, old.order, n + 1)
            else:
                del reference.rows[key]
                index.remove(old.id, old.home, old.order)


def check(index: WordIndex, reference: Reference, where: Condition) -> None:
    expected = reference.newest(where)
    assert list(index.newest(where, holds=told)) == expected
    for home in ("cv_a", "cv_b", "cv_b", "cv_c", "cv_none"):
        assert index.inside(home, where, holds=told) == reference.inside(home, where)
    for order, id in sorted(reference.rows)[::5]:
        for below in ((order, id), (order, id + "x"), (order, "")):
            assert list(index.newest(where, below=below, holds=told)) == reference.newest(where, below)


@given(changes, changes, st.lists(conditions, min_size=1, max_size=4), st.booleans())
@settings(max_examples=150)
def test_it_answers_as_looking_at_every_text_does(
    before: list[Change], after: list[Change], asked: list[Condition], narrow: bool
) -> None:
    """Before and after changes, from any row on, inside a conversation and across all. Rule: S6."""
    with narrowed() if narrow else contextlib.nullcontext():
        index, reference = WordIndex(), Reference()
        carry_out(before, index, reference)
        for where in asked:
            check(index, reference, where)
        carry_out(after, index, reference, len(before))
        for where in asked:
            check(index, reference, where)


def world(seed: int, size: int, order: Callable[[random.Random, int], int]) -> tuple[WordIndex, Reference]:
    """A world of words of every frequency, and one conversation that has a third of it."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("abcdeé", k=chance.randint(1, 4))) for _ in range(300)]
    weights = [1 / (n + 1) for n in range(len(vocabulary))]
    index, reference = WordIndex(), Reference()
    for n in range(size):
        home = chance.choice(("cv_a", "cv_b", "cv_c", *(f"cv_{n}" for n in range(6))))
        text = " ".join(chance.choices(vocabulary, weights, k=chance.randint(0, 8)))
        row = Row(f"{home}.{n}", home, order(chance, n), text)
        reference.rows[row.order, row.id] = row
        index.add(row.id, row.home, row.order, row.text)
    return index, reference


def asked_of(chance: random.Random, reference: Reference) -> Condition:
    """Something that some text says, in one way or other."""
    rows = [row for row in reference.rows.values() if len(row.text.split()) > 3]
    some, other = (chance.choice(rows).text.split() for _ in range(2))
    one = Says(some[0])
    return chance.choice(
        (
            one,
            Says(some[0][:1], prefix=True),
            Says(" ".join(some[:2])),
            Says(" ".join((some[1], some[2][:1])), prefix=True),
            one & Says(some[2]),
            one & Says(other[0]) & Says(some[2][:2], prefix=True),
            one & ~Says(some[1]),
            ~one,
            one | Says(" ".join(other[:2])),
            (one | Says(other[0])) & (Says(some[1]) | Has(Trait.AGENT, "7")),
            one & Has(Trait.AGENT, "1"),
            (Says(" ".join(some[:2])) | Says(" ".join(other[:2])))
            & Says(some[2])
            & Says(other[-1][0], prefix=True),
            Not(one | Says(other[0])),
        )
    )


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda _, n: n, id="in order"),
        pytest.param(lambda chance, n: n + chance.randint(-5, 5), id="a little late"),
        pytest.param(lambda chance, n: n // 100, id="clock of few ticks"),
        pytest.param(lambda _, n: -n, id="backwards"),
        pytest.param(lambda _, n: n - 400 if n > 800 else n, id="a clock that goes back"),
        pytest.param(lambda chance, n: chance.randint(0, 1_000), id="at random"),
    ],
)
def test_many_messages_come_in_any_order(order: Callable[[random.Random, int], int]) -> None:
    """However late they come, pages walk through all that is found, newest first, each once. Rule: S6."""
    index, reference = world(7, 1_600, order)
    chance = random.Random(8)
    for n in range(36):
        where = asked_of(chance, reference)
        expected = reference.newest(where)
        if n % 2:
            with narrowed():
                assert list(index.newest(where, holds=told)) == expected
        found: list[str] = []
        at: tuple[int, str] | None = None
        orders = {id: order for order, id in reference.rows}
        while page := list(islice(index.newest(where, below=at, holds=told), 170)):
            found += page
            at = orders[page[-1]], page[-1]
        assert found == expected
        for home in ("cv_a", "cv_a", "cv_1"):
            assert index.inside(home, where, holds=told) == reference.inside(home, where)


@pytest.mark.parametrize("step", [1, -1])
def test_messages_that_come_in_order_or_backwards_lie_in_few_runs(step: int) -> None:
    """Bringing in old messages, newest first, leaves no more places to search than their number has digits."""
    index = WordIndex()
    for n in range(2_000):
        index.add(f"cv_a.{n}", "cv_a", step * n, "boleto")
    assert len(index._runs) <= (1 if step == 1 else 12)
    assert len(list(index.newest(Says("boleto")))) == 2_000


def test_of_one_moment_the_smaller_id_comes_first() -> None:
    index = WordIndex()
    for id in ("cv_a.2", "cv_b.1", "cv_a.10", "cv_a.1"):
        index.add(id, id[:4], 5, "oi")
    found = ["cv_a.1", "cv_a.10", "cv_a.2", "cv_b.1"]
    assert list(index.newest(Says("oi"))) == list(index.newest(~Says("tchau"))) == found
    assert list(index.newest(Says("oi"), below=(5, "cv_a.10"))) == found[2:]


def test_only_what_is_accepted_is_told_and_no_more_is_asked_than_is_needed() -> None:
    index = WordIndex()
    for n in range(1_000):
        index.add(f"cv_a.{n:03}", "cv_a", n, "boleto")
    seen: list[str] = []

    def accept(id: str) -> bool:
        seen.append(id)
        return id.endswith("0")

    assert list(islice(index.newest(Says("boleto"), accept=accept), 2)) == ["cv_a.990", "cv_a.980"]
    assert len(seen) == 20


def test_a_text_that_was_taken_away_is_found_no_more_and_may_come_again() -> None:
    index = WordIndex()
    index.add("cv_a.1", "cv_a", 1, "boleto")
    index.remove("cv_a.1", "cv_a", 1)
    assert list(index.newest(Says("boleto"))) == list(index.newest(~Says("boleto"))) == []
    assert index.inside("cv_a", ~Says("boleto")) == []
    with pytest.raises(KeyError):
        index.replace("cv_a.1", "cv_a", 1, "boleto")
    index.add("cv_a.1", "cv_a", 1, "boleto pago")
    assert list(index.newest(Says("pago"))) == index.inside("cv_a", Says("boleto")) == ["cv_a.1"]


@pytest.mark.parametrize(
    ("id", "home", "order"),
    [("cv_a.1", "cv_a", 2), ("cv_a.2", "cv_a", 1), ("cv_a.1", "cv_b", 1), ("cv_a.1", "cv_c", 1)],
)
def test_what_is_not_there_cannot_be_changed(id: str, home: str, order: int) -> None:
    index = WordIndex()
    index.add("cv_a.1", "cv_a", 1, "boleto")
    index.add("cv_b.1", "cv_b", 3, "via")
    with pytest.raises(KeyError):
        index.replace(id, home, order, "outro")
    with pytest.raises(KeyError):
        index.remove(id, home, order)
    with pytest.raises(KeyError):
        index.move(id, home, order, 7)
    assert list(index.newest(Says("boleto"))) == ["cv_a.1"]


def test_moving_and_taking_away_again_and_again_leaves_no_more_than_there_is() -> None:
    """A message that comes up each time something is reported of it takes no more room for that."""
    index = WordIndex()
    for n in range(600):
        index.add(f"cv_a.{n:03}", "cv_a", n, "boleto")
    for n in range(6_000):
        index.move(f"cv_a.{n % 600:03}", "cv_a", n, n + 600)
    assert sum(map(len, index._runs)) < 2_000
    assert list(index.newest(Says("boleto"))) == [f"cv_a.{n:03}" for n in reversed(range(600))]
    assert index.inside("cv_a", Says("boleto")) == [f"cv_a.{n:03}" for n in range(600)]


def test_what_words_cannot_tell_is_refused_where_nobody_tells_it() -> None:
    index = WordIndex()
    index.add("cv_a.1", "cv_a", 1, "boleto")
    where = Says("boleto") & Has(Trait.AGENT, "ana")
    for ask in (index.newest, lambda where: index.inside("cv_a", where)):
        with pytest.raises(InvalidValue, match="not_asked_here"):
            ask(where)


def test_a_long_conversation_is_searched_by_its_own_index_and_answers_the_same_when_it_goes_on() -> None:
    """With more long conversations than are kept in mind, and edits in between. Rule: S6, M18."""
    with narrowed():
        index, reference = WordIndex(), Reference()
        chance = random.Random(3)
        for n in range(60):
            home = f"cv_{chance.choice('abc')}"
            carry_out([("add", home, 0, " ".join(chance.choices(SPOKEN, k=4)))], index, reference, n)
            if n % 7 == 0:
                carry_out([("replace", "", n, "via nova")], index, reference)
            for asked in (Says("boleto"), Says("via nova"), Says("bol", prefix=True) & ~Says("de")):
                assert index.inside(home, asked) == reference.inside(home, asked)
        assert len(index._own) < 3
