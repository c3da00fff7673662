"""docs/transitions.md says what the tables say: no edge more, none less, none from an older day."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from chatcore.errors import TransitionNotAllowed
from chatcore.transitions import CONVERSATION, EFFECT, MONEY_LIKE, effect_state_after
from chatcore.vocabulary import EffectKind, EffectState, Situation

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


def marked(maker: ModuleType) -> dict[tuple[str, str], str]:
    """What the arrows of effects say of who has them, by where from and the event."""
    found = {}
    for origin, by, _ in maker.effect_edges():
        event, _, mark = by.partition(" ")
        found[origin, event] = mark
    return found


def test_an_arrow_says_which_kinds_of_effect_have_it(maker: ModuleType) -> None:
    """Money-like edges and those of all others are told apart, just as each is decided. Rule: B11."""
    marks = marked(maker)
    for origin, event in EFFECT:
        mark = marks["[*]" if origin is None else origin.name, event.__name__]
        for kind in EffectKind:
            wanted = mark == "" or (mark == "(money-like)") is (kind in MONEY_LIKE)
            try:
                effect_state_after(kind, origin, object.__new__(event))
            except TransitionNotAllowed:
                assert not wanted, (origin, event, kind)
            else:
                assert wanted, (origin, event, kind)
    assert set(marks.values()) == {"", "(money-like)", "(not money-like)"}


def test_the_drawn_arrows_carry_their_marks(maker: ModuleType) -> None:
    """In the diagram and in the table below it alike. Rule: B11."""
    page = maker.page()
    assert "    UNKNOWN --> REVIEW: SentToReview (money-like)\n" in page
    assert "    UNKNOWN --> UNCONFIRMED: LeftUnconfirmed (not money-like)\n" in page
    assert "| SUCCEEDED | `SentToReview` (money-like) | REVIEW |\n" in page
    assert "| FAILED | `Succeeded` (not money-like) | SUCCEEDED |\n" in page


def test_every_kind_of_effect_has_its_row(maker: ModuleType) -> None:
    """With its port, and whether it is money-like. Rule: B11."""
    rows = re.findall(r"^\| ([A-Z_]+) \| (-|[a-z]+) \| (yes|no) \| (yes|no) \|$", maker.page(), re.MULTILINE)
    assert [row[0] for row in rows] == [kind.name for kind in EffectKind]
    assert {row[0] for row in rows if row[2] == "yes"} == {kind.name for kind in MONEY_LIKE}
    assert ("GRANT_BONUS", "billing", "yes", "no") in rows
    assert ("CLOSE_IDLE", "-", "no", "no") in rows


def test_a_changed_table_makes_another_page(maker: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of yesterday's table would be noticed."""
    before = maker.page()
    monkeypatch.setattr(maker, "CONVERSATION", dict(list(CONVERSATION.items())[:-1]))
    assert maker.page() != before
