"""A sorted sequence in blocks is a sorted list, whatever is put in and taken out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.search.index import blocks
from chatcore.search.index.blocks import Blocks

FEW = 8
"""Rows of a block here, so that small sequences have many of them."""


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_ROWS", FEW)
        yield


class Row(NamedTuple):
    """A row, and which writing of it."""

    id: str
    writing: int = 0


class Model:
    """The same as a dict."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str], Row] = {}

    def after(self, position: tuple[int, str] | None) -> list[tuple[int, Row]]:
        found = sorted(self.rows)
        start = 0 if position is None else bisect_right(found, position)
        return [(key[0], self.rows[key]) for key in found[start:]]


ids = st.text("abc", max_size=3)
numbers = st.integers(-3, 3) | st.sampled_from((-(2**63), 2**63 - 1))
keys = st.tuples(numbers, ids)
beyond = st.tuples(numbers | st.integers(-(10**30), 10**30), st.text(max_size=3))
changes = st.lists(st.tuples(st.sampled_from(("add", "add", "remove")), keys), max_size=120)


def hold(found: Blocks[Row], model: Model) -> None:
    """Everything that a sequence answers is what the model says."""
    everything = model.after(None)
    assert list(found) == [row for _, row in everything]
    assert len(found) == len(everything)
    assert bool(found) is bool(everything)
    assert list(found.walk(None)) == everything


@given(st.lists(keys, unique=True, max_size=60), beyond, st.integers(0, 30))
def test_made_of_pairs_in_any_order_it_gives_them_in_order(
    pairs: list[tuple[int, str]], position: tuple[int, str], most: int
) -> None:
    """From the first on or from beyond any position, be there a row or not; as many as asked for."""
    model = Model()
    model.rows = {key: Row(key[1]) for key in pairs}
    found = Blocks((number, Row(id)) for number, id in pairs)
    hold(found, model)
    for start in (None, position, *pairs):
        rest = model.after(start)
        assert found.after(start, most) == [row for _, row in rest[:most]]
        assert list(islice(found.walk(start), most)) == rest[:most]


@given(st.lists(keys, unique=True, max_size=40), changes, beyond)
def test_it_stays_in_order_whatever_is_put_in_and_taken_out(
    pairs: list[tuple[int, str]], changes: list[tuple[str, tuple[int, str]]], position: tuple[int, str]
) -> None:
    model = Model()
    model.rows = {key: Row(key[1]) for key in pairs}
    found = Blocks((number, Row(id)) for number, id in pairs)
    for writing, (change, key) in enumerate(changes, start=1):
        number, id = key
        if change == "add":
            found.add(number, Row(id, writing))
            model.rows[key] = Row(id, writing)
        else:
            assert found.remove(number, id) is (model.rows.pop(key, None) is not None)
        assert len(found) == len(model.rows)
    hold(found, model)
    assert found.after(position, 7) == [row for _, row in model.after(position)[:7]]


@settings(max_examples=40)
@given(st.permutations(range(60)), st.integers(0, 60))
def test_rows_of_one_number_go_by_id(order: list[int], kept: int) -> None:
    """A thousand that came at one moment are found, and taken out, as fast as any other."""
    found: Blocks[Row] = Blocks()
    for n in order:
        found.add(7, Row(f"{n:02}"))
    assert [row.id for row in found] == [f"{n:02}" for n in range(60)]
    for n in order[kept:]:
        assert found.remove(7, f"{n:02}")
    left = sorted(order[:kept])
    assert [row.id for row in found] == [f"{n:02}" for n in left]
    for n in range(60):
        assert [row.id for row in found.after((7, f"{n:02}"), 99)] == [f"{m:02}" for m in left if m > n]


@settings(max_examples=40)
@given(st.permutations(range(80)), st.permutations(range(80)), st.integers(0, 80))
def test_no_block_is_too_large_nor_two_side_by_side_nearly_empty(
    order: list[int], leaving: list[int], gone: int
) -> None:
    """What a page goes through is in proportion to its rows, also after most rows went."""
    found: Blocks[Row] = Blocks()
    for n in order:
        found.add(n, Row(str(n)))
    for n in leaving[:gone]:
        assert found.remove(n, str(n))
        sizes = [len(block) for block in found._rows]
        assert all(size < 2 * FEW for size in sizes)
        assert not any(a < FEW // 4 and b < FEW // 4 for a, b in pairwise(sizes))
    assert len(found) == 80 - gone


@pytest.mark.parametrize("step", [1, -1])
def test_blocks_that_empty_one_after_the_other_join_on_either_side(step: int) -> None:
    """Full blocks that are left with one row each, from either end on, leave no trail."""
    full = 2 * FEW - 1
    found = Blocks((n, Row(str(n))) for n in range(20 * full) if n % full < FEW)
    for n in range(20 * full):
        found.add(n, Row(str(n)))
    assert [len(block) for block in found._rows] == [full] * 20
    for n in range(20 * full)[::step]:
        if n % full:
            assert found.remove(n, str(n))
    assert [row.id for row in found] == [str(n * full) for n in range(20)]
    sizes = [len(block) for block in found._rows]
    assert not any(a < FEW // 4 and b < FEW // 4 for a, b in pairwise(sizes))
    for n in range(20):
        assert found.remove(n * full, str(n * full))
    assert not found
    assert found.after(None, 5) == found.after((3, ""), 5) == list(found.walk((3, ""))) == []


def test_a_number_beyond_64_bits_is_no_position_of_a_row_but_one_to_go_on_after() -> None:
    """A forged cursor may say any number: there is nothing beyond it, or everything."""
    found = Blocks((n, Row(str(n))) for n in range(9))
    assert found.after((10**30, ""), 5) == []
    assert [row.id for row in found.after((-(10**30), "zzz"), 2)] == ["0", "1"]
    with pytest.raises(OverflowError):
        found.add(2**63, Row("x"))
    assert len(found) == len(list(found)) == 9
