"""Validating twenty tags against a workspace of a thousand, against the same look-ups written by hand.

The other side has the tags in a dict, prepared beforehand, and asks the same three questions of each: is it
there, is it archived, may this department use it. It finds the same misfits and makes the same list of them.
"""

from __future__ import annotations

from itertools import repeat

import attrs

from chatcore import Tag
from chatcore.errors import Problem
from chatcore.rules.tagging import tag_misfits
from chatcore.vocabulary import DepartmentId, TagId
from tests.bench.measuring import Figure, batch, compare
from tests.bench.scene import DEPARTMENT, WORKSPACE

BATCH, ROUNDS, TAGS, ASKED = 500, 300, 1_000, 20
OTHER = DepartmentId("financeiro")

ALL = tuple(
    Tag(
        id=TagId(f"etiqueta-{n:04}"),
        name=f"Etiqueta {n:04}",
        departments=() if n % 3 else (DEPARTMENT, OTHER),
        archived=False,
    )
    for n in range(TAGS)
)
PLACE = attrs.evolve(WORKSPACE, tags=ALL)
PREPARED = {tag.id: tag for tag in ALL}
WANTED = tuple(tag.id for tag in ALL[:: TAGS // ASKED])


def ours(wanted: tuple[TagId, ...]) -> list[Problem]:
    """Ask the rule."""
    return tag_misfits(wanted, DEPARTMENT, PLACE)


def by_hand(wanted: tuple[TagId, ...]) -> list[Problem]:
    """Look each up in the dict."""
    bad: list[Problem] = []
    for i, id in enumerate(wanted):
        tag = PREPARED.get(id)
        if tag is None:
            bad.append(Problem(f"tags[{i}]", "unknown_tag", "C4"))
            continue
        if tag.archived:
            bad.append(Problem(f"tags[{i}]", "archived", "C3"))
        if tag.departments and DEPARTMENT not in tag.departments:
            bad.append(Problem(f"tags[{i}]", "other_department", "C4"))
    return bad


def measure() -> Figure:
    """How much more the rule costs."""

    def items() -> repeat[tuple[TagId, ...]]:
        return repeat(WANTED, BATCH)

    return compare(batch(ours, items), batch(by_hand, items), rounds=ROUNDS)
