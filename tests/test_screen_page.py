"""The page on the screen is not stale: every item is there, served by what exists, done by the example."""

import io
import re
import runpy
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import chatcore
from chatcore import commands, entities, search
from chatcore.desk import Desk
from chatcore.rules import configuring, tagging
from chatcore.rules.permissions import PEOPLE
from chatcore.rules.table import TABLE

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "screen.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (S\d+) \| (.+?) \| (.+?) \|$", PAGE, re.M)
TO_COME: set[str] = set()
"""Items whose commands and reads are not built yet."""

PAGES_OWN = {
    "Situation",
    "Row",
    "Panel",
    "light",
    "choices",
    "actions",
    "NotContracted",
    "newest_first",
    "suggestions",
    "start",
}


def names(text: str) -> set[str]:
    """The names between backticks, in parts."""
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[A-Za-z_]+", code)}


def test_every_item_of_the_screen_has_its_row_in_order() -> None:
    """S1 to S23, each once, each with what people call it. Rule: section S."""
    assert [item for item, _, _ in ROWS] == [f"S{n}" for n in range(1, 24)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_an_item_is_served_by_something_or_said_to_come(row: tuple[str, str, str]) -> None:
    """What is not served is marked as to come, and nothing else is."""
    item, _, served = row
    assert ("to come" in served) is (item in TO_COME)
    assert names(served) or item in TO_COME


def test_every_name_on_the_page_exists() -> None:
    """A command, a read of the desk, or a value of the public modules."""
    known = set(dir(chatcore)) | set(dir(Desk)) | set(dir(search)) | set(dir(entities)) | set(dir(commands))
    plain = {
        "assignee",
        "blocked",
        "True",
        "by",
        "command",
        "desk",
        "handle",
        "python",
        "where",
        "nox",
        "m",
        "s",
        "demo",
    }
    paths = {"chatcore", "rules", "configuring", "tagging", "misfits", "tag_misfits"}
    assert names(PAGE) - known - plain - paths - PAGES_OWN == set()


def test_the_pure_checks_named_on_the_page_are_there() -> None:
    """Who only wants the validation finds it where the page says. Rule: section C."""
    assert configuring.misfits.__module__ == "chatcore.rules.configuring"
    assert tagging.tag_misfits.__module__ == "chatcore.rules.tagging"


def test_no_button_lacks_its_command() -> None:
    """Every command that people may give is on the page."""
    for_people = {kind.__name__ for kind, row in TABLE.items() if PEOPLE[row.ability]}
    assert for_people - names(PAGE) == set()


def test_the_examples_do_each_item_once() -> None:
    """The demos name every item that is built, and end without an error; the one of searching is too large to
    be run here, and names its own. Rule: section S.
    """
    said = io.StringIO()
    with redirect_stdout(said):
        for example in ("the_screen.py", "contracts_and_billing.py"):
            runpy.run_path(str(DOCS / "examples" / example))
    searching = (DOCS / "examples" / "searching.py").read_text(encoding="utf-8")
    done = set(re.findall(r"\bS\d+\b", said.getvalue())) | set(re.findall(r'^item\("(S\d+)"', searching, re.M))
    assert done == {item for item, _, _ in ROWS} - TO_COME
