"""What a prepared text may say of the contact, the agent, the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.entities.replies import ALWAYS_KNOWN, VARIABLES
from chatcore.errors import InvalidValue, MissingVariable
from chatcore.rules.variables import Setting, filled
from chatcore.text.problems import outbound_problems
from chatcore.vocabulary import Locale, Private
from tests.given import CV, HOUR, NOW, TICK, contact, workspace

PROTOCOL = "202603101234567890"
SAO_PAULO = timedelta(hours=-3)


def setting(**changes: Any) -> Setting:
    values = {
        "workspace": workspace(),
        "now": NOW,
        "contact": contact(name=Private("Maria da Silva")),
        "conversation": CV,
        "protocol": PROTOCOL,
        "department": "sup",
        "agent": "ana",
        **changes,
    }
    return Setting(**values)


def text(name: str, fallback: str | None = None, **changes: Any) -> str:
    use = name if fallback is None else f"{name}|{fallback}"
    return filled("<{{" + use + "}}>", setting(**changes)).strip("<>")


VALUES = {
    "contact": "Maria da Silva",
    "first_name": "Maria",
    "agent": "Ana",
    "department": "Suporte",
    "protocol": PROTOCOL,
    "conversation": CV,
    "workspace": "Provedor",
    "date": "10/03/2026",
    "greeting": "Bom dia",
}


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_each_variable_has_its_value(name: str) -> None:
    """The whole registry; none is without a value here. Rule: C7."""
    assert text(name) == VALUES[name]


def test_the_registry_is_closed() -> None:
    """Rule: C7."""
    assert set(VALUES) == VARIABLES
    with pytest.raises(InvalidValue) as unknown:
        filled("Olá {{nome}}", setting())
    assert [(p.code, p.span) for p in unknown.value.problems] == [("unknown_variable", (6, 10))]


NOBODY = setting(contact=None, agent=None)


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_some_are_always_known(name: str) -> None:
    """With nobody there, those, and only those, have a value; the others name themselves. Rule: C7."""
    if name in ALWAYS_KNOWN:
        assert filled("{{" + name + "}}", NOBODY)
        return
    with pytest.raises(MissingVariable) as missing:
        filled("{{" + name + "}}", NOBODY)
    assert missing.value.variable == name
    assert filled("{{" + name + "|ninguém}}", NOBODY) == "ninguém"


@pytest.mark.parametrize(
    ("name", "whole", "first"),
    [
        (None, "-", "-"),
        (Private(" "), "-", "-"),
        (Private("Ana"), "Ana", "Ana"),
        (Private("  Zé  Roberto "), "Zé Roberto", "Zé"),
        (Private("Zé\nRoberto\r\n\tSilva"), "Zé Roberto Silva", "Zé"),
        (Private("\x07Ana\x1b \x85\x7fLima\0"), "Ana Lima", "Ana"),
        (Private("\ud83dAna"), "Ana", "Ana"),
        (Private("\x07\x9f"), "-", "-"),
    ],
    ids=["none", "blank", "one word", "spaces", "lines", "controls", "half a character", "controls only"],
)
def test_a_name_in_one_line_and_its_first_word(name: Any, whole: str, first: str) -> None:
    """What no message can hold is left out of it; where nothing is left, there is no name. Rule: C7, M14."""
    known = contact(name=name)
    assert text("contact", "-", contact=known) == whole
    assert text("first_name", "-", contact=known) == first


def test_who_is_not_there_any_more_has_no_name() -> None:
    """An agent of whom only the id is known; a department is then called by its id. Rule: C7, C3."""
    assert text("agent", "a equipe", agent="nobody") == "a equipe"
    assert text("department", department="gone") == "gone"


@pytest.mark.parametrize(
    ("hour", "pt", "en"),
    [
        (0, "Boa noite", "Good evening"),
        (5, "Bom dia", "Good morning"),
        (12, "Boa tarde", "Good afternoon"),
        (18, "Boa noite", "Good evening"),
    ],
)
def test_the_greeting_goes_by_the_workspaces_clocks(hour: int, pt: str, en: str) -> None:
    """From five, from noon, from six, each to the moment before the next. Rule: C7."""
    start = datetime(2026, 3, 10, hour, tzinfo=UTC) - SAO_PAULO
    before = {0: 18, 5: 0, 12: 5, 18: 12}[hour]
    english = workspace(locale=Locale.EN)
    assert text("greeting", now=start) == pt
    assert text("greeting", now=start, workspace=english) == en
    earlier = datetime(2026, 3, 10, before, tzinfo=UTC) - SAO_PAULO
    assert text("greeting", now=start - TICK) == text("greeting", now=earlier)


def test_the_date_is_the_day_where_the_workspace_is() -> None:
    """Two hours past midnight in UTC it is the day before in São Paulo. Rule: C7."""
    late = datetime(2026, 3, 11, 2, tzinfo=UTC)
    assert text("date", now=late) == "10/03/2026"
    assert text("date", now=late + HOUR) == "11/03/2026"
    assert text("date", now=late, workspace=workspace(time_zone="Asia/Tokyo")) == "11/03/2026"
    assert text("date", now=late, workspace=workspace(locale=Locale.EN)) == "2026-03-10"


def test_other_braces_are_plain_text() -> None:
    """Rule: C7."""
    plain = "{contact} %(contact)s ${contact} }} {"
    assert filled(plain, setting()) == plain


WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=40)


@given(WORDS.map(lambda s: s + "{{protocol}} {{contact|x}} %s {0}"))
def test_a_value_is_never_read_again(name: str) -> None:
    """Law: whatever a contact calls themselves comes out as it is. Rule: C7."""
    named = setting(contact=contact(name=Private(name)))
    assert filled("a{{contact}}b{{protocol}}c", named) == f"a{name}b{PROTOCOL}c"


@given(st.text(st.characters(), min_size=1, max_size=40))
def test_no_name_keeps_a_text_from_going_out(name: str) -> None:
    """Law: with any name, what is filled in holds nothing that no channel takes. Rule: C7, M14."""
    named = setting(contact=contact(name=Private(name)))
    assert outbound_problems(filled("Olá, {{contact|cliente}}!", named), "text") == ()
