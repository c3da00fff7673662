"""docs/glossary.md has every word the code is written in, so that it cannot go stale."""

import enum
import re
from pathlib import Path
from typing import get_args

import pytest

from chatcore import commands, entities, events, vocabulary

PAGE = Path(__file__).parent.parent / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]
NAMES = {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])}

ENUMS = [
    found
    for found in vars(vocabulary).values()
    if isinstance(found, type)
    and issubclass(found, enum.Enum)
    and found.__module__.startswith(vocabulary.__name__)
]
INNER = {"EntityKind"}
"""Enumerations whose members are the names of classes, which stand there themselves."""

WORDS = {
    *(member.name for found in ENUMS if found.__name__ not in INNER for member in found),
    *(command.__name__ for command in get_args(commands.Command)),
    *(event.__name__ for event in get_args(events.Event)),
    *(entity for entity in entities.__all__ if entity != "Entity"),
}


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_of_the_code_is_in_the_glossary(word: str) -> None:
    """Situations, roles, abilities, statuses, states, commands, events and entities all stand there."""
    assert word in NAMES


def test_the_words_it_must_hold_are_found() -> None:
    """The list of words is taken from the code, and is not empty by accident."""
    assert {"QUEUE", "SUPERVISOR", "PLAYED", "IN_FLIGHT", "Take", "Taken", "Workspace"} <= WORDS


def test_every_name_in_the_glossary_is_in_the_code() -> None:
    """A name that is no more is noticed: each stands in the package, plain or as a member."""
    from chatcore import answers, desk, ports

    modules = (vocabulary, entities, commands, events, answers, desk, ports)
    members = {member.name for found in ENUMS for member in found}
    for name in NAMES - members:
        owner, _, attribute = name.partition(".")
        found = next((getattr(module, owner) for module in modules if hasattr(module, owner)), None)
        assert found is not None, name
        assert not attribute or hasattr(found, attribute), name


def test_every_row_is_whole_and_in_its_place() -> None:
    """Each row has an English word, a Portuguese one, names and a meaning; they stand in alphabetical order."""
    assert all(len(row) == 4 and all(row) for row in ROWS)
    words = [row[0].casefold() for row in ROWS]
    assert words == sorted(words)
    assert len(set(words)) == len(words)
