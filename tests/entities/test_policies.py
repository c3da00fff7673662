"""What a workspace decides about service, and what is said by itself: every check, and values all through."""

from __future__ import annotations

import contextlib
import pickle
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given

from chatcore.br import Money
from chatcore.entities import AutomaticMessages, BillingPolicies, Bonus, BusinessHours, Policies, Reason
from chatcore.entities.policies import DEFAULT, NOTHING_GRANTED, SILENT
from chatcore.errors import InvalidValue
from chatcore.limits import ID_LENGTH, TEMPLATE_LENGTH
from chatcore.testing.strategies import automatic_messages, billing_policies, policies
from chatcore.vocabulary import Ability, AgentsRead, BoletoForm, Trigger

HOUR = timedelta(hours=1)
HOURS = BusinessHours.of(weekdays="08:00-18:00")
GOODBYE = AutomaticMessages(closing="Até logo!")
FORMS = (BoletoForm.PIX, BoletoForm.DOCUMENT)
FULL: dict[str, Any] = {
    "reopen_within": HOUR,
    "reopen_to_assignee": True,
    "automatic": GOODBYE,
    "hours": HOURS,
    "default_reason": "moved",
    "close_after_idle": HOUR,
    "idle_spares_waiting": False,
    "bot_timeout": HOUR,
    "max_bot_turns": 3,
    "bot_granted": (Ability.LINK,),
    "agents_read": AgentsRead.OWN,
    "read_receipts": True,
    "billing": BillingPolicies(bonus_limits=(Bonus.days(5),)),
}


def problems(make: Any, /, **values: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a value is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(**values)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


REFUSALS: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    *(
        ({name: span}, [(name, "not_positive", rule)])
        for name, rule in (("reopen_within", "L4"), ("close_after_idle", "L16"), ("bot_timeout", "L22"))
        for span in (timedelta(0), -HOUR, 3600, "1h", True)
    ),
    *(
        ({name: value}, [(name, "not_a_bool", None)])
        for name in ("reopen_to_assignee", "idle_spares_waiting", "read_receipts")
        for value in (None, 1, "yes")
    ),
    *(
        ({"max_bot_turns": turns}, [("max_bot_turns", "not_positive", "L14")])
        for turns in (0, -1, 1.5, True, "3")
    ),
    ({"automatic": None}, [("automatic", "not_messages", "L20")]),
    ({"automatic": {"closing": "x"}}, [("automatic", "not_messages", "L20")]),
    ({"hours": "08:00-18:00"}, [("hours", "not_hours", "H1")]),
    ({"hours": HOURS.week}, [("hours", "not_hours", "H1")]),
    ({"default_reason": ""}, [("default_reason", "not_an_id", None)]),
    ({"default_reason": "x" * (ID_LENGTH + 1)}, [("default_reason", "too_long", None)]),
    ({"default_reason": None}, [("close_after_idle", "default_reason_required", "L16")]),
    ({"bot_granted": [Ability.LINK]}, [("bot_granted", "not_abilities", "P")]),
    ({"bot_granted": ("link",)}, [("bot_granted", "not_abilities", "P")]),
    ({"bot_granted": None}, [("bot_granted", "not_abilities", "P")]),
    *(
        ({"billing": billing}, [("billing", "not_policies", "B8")])
        for billing in (None, {}, BillingPolicies, GOODBYE)
    ),
    ({"agents_read": "own"}, [("agents_read", "not_a_policy", "P")]),
    ({"agents_read": None}, [("agents_read", "not_a_policy", "P")]),
]


@pytest.mark.parametrize(("values", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_each_misfit_is_refused_at_its_path(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """Each with its code and rule. Rule: L4, L14, L16, L20, L22, L23, H1, B8, section P."""
    assert problems(Policies, **{**FULL, **values}) == expected


def test_all_misfits_are_told_at_once() -> None:
    """One error names every bad field."""
    wrong: dict[str, Any] = dict.fromkeys(FULL, "x")
    wrong["default_reason"] = 5
    assert {path for path, *_ in problems(Policies, **wrong)} == set(FULL)


def test_idle_closing_needs_a_default_reason() -> None:
    """Somebody has to say why it was closed, and nobody is there; without idle closing none is needed.

    Rule: L16, L2.
    """
    found = problems(Policies, close_after_idle=HOUR)
    assert found == [("close_after_idle", "default_reason_required", "L16")]
    assert Policies(close_after_idle=HOUR, default_reason="moved").close_after_idle == HOUR
    assert Policies(default_reason="moved").close_after_idle is None


def test_until_a_workspace_decides_nothing_happens_by_itself() -> None:
    """No reopening, closing, handing over, receipts or messages; all agents read all. Rule: L4, L16, L20, P."""
    assert Policies() == DEFAULT
    for name in (
        "reopen_within",
        "hours",
        "default_reason",
        "close_after_idle",
        "bot_timeout",
        "max_bot_turns",
    ):
        assert getattr(DEFAULT, name) is None
    assert (DEFAULT.reopen_to_assignee, DEFAULT.idle_spares_waiting, DEFAULT.read_receipts) == (
        False,
        True,
        False,
    )
    assert (DEFAULT.bot_granted, DEFAULT.agents_read) == ((), AgentsRead.ALL)
    assert DEFAULT.automatic == SILENT
    assert DEFAULT.billing == NOTHING_GRANTED == BillingPolicies()
    assert {trigger: SILENT.at(trigger) for trigger in Trigger} == dict.fromkeys(Trigger)


def test_every_policy_is_in_these_tests() -> None:
    """None is left out, and each can be decided otherwise."""
    assert {field.name for field in attrs.fields(Policies)} == set(FULL)
    assert {name: getattr(Policies(**FULL), name) for name in FULL} == FULL
    assert not [name for name, value in FULL.items() if getattr(DEFAULT, name) == value]


# --- boletos, invoices, bonuses ------------------------------------------------------------------------------

BILLED: dict[str, Any] = {
    "boleto_forms": FORMS,
    "boleto_text": "Boleto de {{amount}}, vence em {{due_date|breve}}. {{agent|}}",
    "invoice_text": "Nota {{number}} de {{issue_date}}: {{amount}}.",
    "bonus_limits": (Bonus.amount("20"), Bonus.percent("50"), Bonus.days(5)),
}


def test_until_a_workspace_decides_boletos_go_in_every_form_and_agents_grant_nothing() -> None:
    """And nothing is said with what is sent. Rule: B4, B8, C7."""
    assert NOTHING_GRANTED.boleto_forms == (BoletoForm.DOCUMENT, BoletoForm.PIX, BoletoForm.LINE)
    assert (NOTHING_GRANTED.boleto_text, NOTHING_GRANTED.invoice_text) == (None, None)
    assert NOTHING_GRANTED.bonus_limits == ()


def test_every_decision_about_billing_is_in_these_tests() -> None:
    """None is left out, and each can be decided otherwise."""
    assert {field.name for field in attrs.fields(BillingPolicies)} == set(BILLED)
    assert {name: getattr(BillingPolicies(**BILLED), name) for name in BILLED} == BILLED
    assert not [name for name, value in BILLED.items() if getattr(NOTHING_GRANTED, name) == value]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        *(
            ({"boleto_forms": forms}, [("boleto_forms", "not_forms", "B4")])
            for forms in ((), ("pix",), list(FORMS), BoletoForm.PIX, None)
        ),
        ({"boleto_forms": (BoletoForm.PIX, BoletoForm.PIX)}, [("boleto_forms", "repeated", "B4")]),
        *(
            ({"bonus_limits": limits}, [("bonus_limits", "not_bonuses", "B8")])
            for limits in ([Bonus.days(5)], (Money(2000),), (20,), Bonus.days(5), None)
        ),
        ({"bonus_limits": (Bonus.days(5), Bonus.days(6))}, [("bonus_limits", "repeated", "B8")]),
        *(
            ({name: text}, [(name, code, rule)])
            for name in ("boleto_text", "invoice_text")
            for text, code, rule in (
                ("", "empty", "M14"),
                ("a\0", "control_character", "M14"),
                (5, "not_a_text", "M14"),
                ("{{nome}}", "unknown_variable", "C7"),
                ("{{contact}}", "fallback_required", "C7"),
                ("{{agent}}", "fallback_required", "C7"),
            )
        ),
        ({"boleto_text": "{{due_date}}"}, [("boleto_text", "fallback_required", "C7")]),
        ({"boleto_text": "{{number}}"}, [("boleto_text", "unknown_variable", "C7")]),
        ({"invoice_text": "{{due_date|x}}"}, [("invoice_text", "unknown_variable", "C7")]),
    ],
)
def test_each_misfit_about_billing_is_refused(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """Some boletos have no due date, so it needs a fallback; the rest is always there. Rule: B4, B8, C7."""
    assert problems(BillingPolicies, **{**BILLED, **values}) == expected


def test_all_misfits_about_billing_are_told_at_once() -> None:
    """One error names every bad field."""
    assert {path for path, *_ in problems(BillingPolicies, **dict.fromkeys(BILLED, 5))} == set(BILLED)


# --- automatic messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("trigger", Trigger)
def test_each_trigger_has_its_text(trigger: Trigger) -> None:
    """Found by the trigger, and by no other. Rule: L20."""
    messages = AutomaticMessages(**{trigger.value: "Oi"})
    assert {each: messages.at(each) for each in Trigger} == {**dict.fromkeys(Trigger), trigger: "Oi"}


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize(
    ("text", "code", "rule"),
    [
        ("", "empty", "M14"),
        (" ", "empty", "M14"),
        ("a\0", "control_character", "M14"),
        (5, "not_a_text", "M14"),
        (["x"], "not_a_text", "M14"),
        ("x" * (TEMPLATE_LENGTH + 1), "too_long", "C7"),
        ("Olá, {{nome}}", "unknown_variable", "C7"),
        ("Olá, {{contact", "unterminated_variable", "C7"),
        ("Olá, {{contact}}", "fallback_required", "C7"),
        ("Olá, {{first_name}}", "fallback_required", "C7"),
        ("Sou {{agent}}", "fallback_required", "C7"),
    ],
)
def test_each_misfit_of_an_automatic_message_is_refused(
    trigger: Trigger, text: Any, code: str, rule: str
) -> None:
    """At its trigger; a variable that may have no value needs a fallback, as nobody is there. Rule: L20, C7."""
    assert problems(AutomaticMessages, **{trigger.value: text}) == [(trigger.value, code, rule)]


def test_all_texts_are_checked_at_once() -> None:
    """Each under its own trigger. Rule: L20."""
    found = problems(AutomaticMessages, greeting="", queued="{{x}}", after_hours="{{agent}}", closing=5)
    assert found == [
        ("greeting", "empty", "M14"),
        ("queued", "unknown_variable", "C7"),
        ("after_hours", "fallback_required", "C7"),
        ("closing", "not_a_text", "M14"),
    ]


def test_a_greeting_may_tell_the_protocol() -> None:
    """And what else is known in every conversation; the rest with a fallback. Rule: L11, L20, C7."""
    text = "{{greeting}}, {{first_name|cliente}}! Seu protocolo é {{protocol}}. {{agent|}}"
    assert AutomaticMessages(greeting=text).at(Trigger.GREETING) == text


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", "", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


@pytest.mark.parametrize("cls", [Policies, AutomaticMessages, BillingPolicies])
def test_values_of_wrong_types_meet_one_error_only(cls: Any) -> None:
    """Whatever stands in a field, the only error is InvalidValue, and nothing mutable is let in."""
    for field in attrs.fields(cls):
        for hostile in HOSTILE:
            with contextlib.suppress(InvalidValue):
                hash(cls(**{field.name: hostile}))


@given(policies((Reason(id="moved", name="Mudança"),)) | automatic_messages() | billing_policies())
def test_they_are_values(thing: Any) -> None:
    """Law: frozen, slotted, hashable, equal to their like, and they pickle."""
    twin = pickle.loads(pickle.dumps(thing))
    assert twin == thing
    assert hash(twin) == hash(thing)
    assert not hasattr(thing, "__dict__")
    for field in attrs.fields(type(thing)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, field.name, None)
