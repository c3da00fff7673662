"""English, by subject."""

from __future__ import annotations

from typing import Final

from chatcore.i18n._en.codes import ANY_CODE, CODES, OUTSIDE, THINGS
from chatcore.i18n._en.deeds import COMMANDS, EVENTS
from chatcore.i18n._en.errors import ERRORS, PLAIN_ERRORS
from chatcore.i18n._en.members import MEMBERS
from chatcore.i18n._en.problems import ANY_PROBLEM, PLAIN_PROBLEMS, PROBLEMS
from chatcore.i18n._language import Language

__all__ = ["EN"]

EN: Final = Language(
    errors=ERRORS,
    plain_errors=PLAIN_ERRORS,
    problems=PROBLEMS,
    plain_problems=PLAIN_PROBLEMS,
    any_problem=ANY_PROBLEM,
    members=MEMBERS,
    events=EVENTS,
    commands=COMMANDS,
    things=THINGS,
    codes=CODES,
    outside=OUTSIDE,
    any_code=ANY_CODE,
    moment="{0:%Y-%m-%d %H:%M} (UTC)",
    point=".",
    day="1 day",
    days="{0} days",
)
