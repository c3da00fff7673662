"""What every language has to have words for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Language"]


class Language(NamedTuple):
    """One language's words; the plain sentences are for when an attribute of the full one is not known.

    * `things` is what may be missing, or not offered; `codes` what a screen shows as a code.
    * `outside` puts the `{code}` of something outside into words, `any_code` one that nothing is known of.
    * `moment` writes a moment; `point` stands before decimals; `day` and `days` count them.
    """

    errors: Mapping[str, str]
    plain_errors: Mapping[str, str]
    problems: Mapping[str, str]
    plain_problems: Mapping[str, str]
    any_problem: str
    members: Mapping[str, Mapping[str, str]]
    events: Mapping[str, str]
    commands: Mapping[str, str]
    things: Mapping[str, str]
    codes: Mapping[str, str]
    outside: Mapping[str, str]
    any_code: str
    moment: str
    point: str
    day: str
    days: str
