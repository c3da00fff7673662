"""That what a world is asked with is what it should be, and is there."""

from __future__ import annotations

from typing import Any, Final, get_args

from chatcore.commands import Command
from chatcore.testing._expecting import show, who
from chatcore.vocabulary import Actor

__all__ = ["check_command", "known"]

_COMMANDS: Final = frozenset(get_args(Command))


def check_command(command: object, by: object) -> str:
    """A command and its actor in words.

    Raises:
        TypeError: they are not what they should be.
    """
    if type(command) not in _COMMANDS:
        raise TypeError(
            f"{command!r} is no command: a world is set up and asked by values from chatcore.commands only"
        )
    if type(by) is not Actor:
        raise TypeError(f'by={by!r} is no actor: use world.agent("ana"), Actor.bot("robo") or SYSTEM')
    return f"{show(command)} by {who(by)}"


def known(items: tuple[Any, ...], id: str, what: str) -> Any:
    """The part with this id.

    Raises:
        AssertionError: there is none.
    """
    found = next((item for item in items if item.id == id), None)
    if found is None:
        there = ", ".join(repr(item.id) for item in items) or "none"
        raise AssertionError(f"there is no {what} {id!r} in this world; there is {there}")
    return found
