"""docs/transitions.md says what the tables say: no edge more, none less, none from an older day."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from chatcore.transitions import CONVERSATION, EFFECT
from chatcore.vocabulary import EffectState, Situation

DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = spec_from_file_location("make_diagrams", DOCS / "make_diagrams.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_tables_make_of_it(maker: ModuleType) -> None:
    """The transitions page is up to date; if not, run `python docs/make_diagrams.py`. Rule: section L."""
    assert (DOCS / "transitions.md").read_text(encoding="utf-8") == maker.page()


def test_the_diagrams_hold_every_edge(maker: ModuleType) -> None:
    """Each edge of both tables is an arrow, and each arrow joins two states that exist. Rule: section L."""
    states = {"[*]", *Situation.__members__, *EffectState.__members__}
    drawn = set()
    for line in maker.page().splitlines():
        if arrow := re.fullmatch(r"    (\S+) --> (\S+): (.+)", line):
            origin, to, labels = arrow.groups()
            assert {origin, to} <= states
            drawn |= {(origin, label.split(" ")[0]) for label in labels.split(", ")}
    edges = {
        ("[*]" if origin is None else origin.name, kind.__name__)
        for table in (CONVERSATION, EFFECT)
        for origin, kind in table
    }
    assert drawn == edges


def test_a_changed_table_makes_another_page(maker: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of yesterday's table would be noticed."""
    before = maker.page()
    monkeypatch.setattr(maker, "CONVERSATION", dict(list(CONVERSATION.items())[:-1]))
    assert maker.page() != before
