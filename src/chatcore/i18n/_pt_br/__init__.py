"""Brazilian Portuguese, by subject."""

from __future__ import annotations

from typing import Final

from chatcore.i18n._language import Language
from chatcore.i18n._pt_br.codes import ANY_CODE, CODES, OUTSIDE, THINGS
from chatcore.i18n._pt_br.deeds import COMMANDS, EVENTS
from chatcore.i18n._pt_br.errors import ERRORS, PLAIN_ERRORS
from chatcore.i18n._pt_br.members import MEMBERS
from chatcore.i18n._pt_br.problems import ANY_PROBLEM, PLAIN_PROBLEMS, PROBLEMS

__all__ = ["PT_BR"]

PT_BR: Final = Language(
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
    moment="{0:%d/%m/%Y} às {0:%H:%M} (UTC)",
    point=",",
    day="1 dia",
    days="{0} dias",
)
