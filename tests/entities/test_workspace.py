"""The workspace: one document of configuration, checked whole, looked up by id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest

from chatcore.entities import Agent, Channel, Department, Policies, Reason, Workspace
from chatcore.errors import InvalidValue
from chatcore.limits import ID_LENGTH, LABEL_LENGTH
from chatcore.vocabulary import WORKSPACE, Ability, AgentsRead, ChannelKind, Module, Role
from tests.given import AGENTS, CHANNEL, NOW, REASONS, workspace

SUP, FIN = Department(id="sup", name="Suporte"), Department(id="fin", name="Financeiro")
WHATSAPP = ChannelKind.WHATSAPP_CLOUD


def problems(make: Any, /, *args: Any, **values: Any) -> list[tuple[str, str]]:
    """The paths and codes a construction is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code) for problem in caught.value.problems]


def refused(**values: Any) -> list[tuple[str, str]]:
    return problems(Workspace, **{"name": "Provedor", "departments": (SUP, FIN), **values})


def a_department(**values: Any) -> Department:
    return Department(**{"id": "x", "name": "X", **values})


def a_reason(**values: Any) -> Reason:
    return Reason(**{"id": "moved", "name": "Mudança", **values})


def an_agent(**values: Any) -> Agent:
    return Agent(**{"id": "ana", "name": "Ana", **values})


def a_channel(**values: Any) -> Channel:
    return Channel(**{"id": "wa", "kind": WHATSAPP, "account": "1", "department": "sup", **values})


# --- what it is ----------------------------------------------------------------------------------------------


def test_an_empty_workspace_is_one_not_committed_yet() -> None:
    """Version 0, no moment, the chat contracted, times of São Paulo, everybody reads all. Rule: P."""
    new = Workspace(name="Provedor")
    assert (new.id, new.version, new.recorded_at) == (WORKSPACE, 0, None)
    assert (new.modules, new.time_zone) == ((Module.CHAT,), "America/Sao_Paulo")
    assert new.policies == Policies()
    assert new.policies.reopen_within is None
    assert new.policies.agents_read is AgentsRead.ALL


def test_things_are_found_by_id() -> None:
    """Departments, agents, reasons and channels, active or archived; what is not there is None."""
    ws = workspace()
    assert ws.department("fin") == FIN
    assert (ws.agent("davi"), ws.reason("old"), ws.channel("wa")) == (AGENTS[3], REASONS[2], CHANNEL)
    assert AGENTS[3].active is False
    assert REASONS[2].archived is True
    assert ws.department("x") is ws.agent("x") is ws.reason("x") is ws.channel("x") is None


def test_a_channel_is_found_by_its_account() -> None:
    """By the kind and the provider's id for the account, both together."""
    ws = workspace()
    assert ws.channel_of(WHATSAPP, "106540352242922") == ws.channel("wa")
    assert ws.channel_of(WHATSAPP, "other") is None


# --- every check refuses -------------------------------------------------------------------------------------

REFUSALS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"name": ""}, [("name", "empty")]),
    ({"name": 5}, [("name", "not_a_text")]),
    ({"name": "x" * (LABEL_LENGTH + 1)}, [("name", "too_long")]),
    ({"name": "a\u202eb"}, [("name", "bidi_character")]),
    ({"time_zone": "Brasilia"}, [("time_zone", "unknown_zone")]),
    ({"time_zone": "-03:00"}, [("time_zone", "unknown_zone")]),
    ({"time_zone": None}, [("time_zone", "unknown_zone")]),
    ({"version": -1}, [("version", "negative")]),
    ({"version": 1}, [("recorded_at", "not_utc")]),
    ({"version": 1, "recorded_at": datetime(2026, 3, 10)}, [("recorded_at", "not_utc")]),
    ({"recorded_at": NOW}, [("recorded_at", "not_utc")]),
    ({"departments": [SUP]}, [("departments", "not_a_tuple")]),
    ({"departments": ("sup",)}, [("departments", "not_a_tuple")]),
    ({"departments": (SUP, Department(id="sup", name="X"))}, [("departments[1].id", "repeated")]),
    ({"departments": (SUP, Department(id="x", name="SUPORTE "))}, [("departments[1].name", "repeated")]),
    ({"agents": "ana"}, [("agents", "not_a_tuple")]),
    ({"agents": (an_agent(), an_agent())}, [("agents[1].id", "repeated")]),
    ({"agents": (an_agent(departments=("sup", "x")),)}, [("agents[0].departments[1]", "unknown_department")]),
    ({"reasons": {}}, [("reasons", "not_a_tuple")]),
    ({"reasons": (a_reason(), a_reason(name="X"))}, [("reasons[1].id", "repeated")]),
    ({"reasons": (a_reason(), a_reason(id="x", name="MUDANCA"))}, [("reasons[1].name", "repeated")]),
    ({"reasons": (a_reason(departments=("x",)),)}, [("reasons[0].departments[0]", "unknown_department")]),
    ({"channels": None}, [("channels", "not_a_tuple")]),
    ({"channels": (a_channel(), a_channel(account="2"))}, [("channels[1].id", "repeated")]),
    ({"channels": (a_channel(), a_channel(id="x"))}, [("channels[1].account", "repeated")]),
    ({"channels": (a_channel(department="x"),)}, [("channels[0].department", "unknown_department")]),
    ({"modules": "chat"}, [("modules", "not_modules")]),
    ({"modules": ("chat",)}, [("modules", "not_modules")]),
    ({"modules": None}, [("modules", "not_modules")]),
    ({"policies": None}, [("policies", "not_policies")]),
    ({"version": "1"}, [("version", "negative")]),
    ({"id": "other"}, [("id", "not_a_workspace")]),
    (
        {
            "departments": [],
            "agents": [],
            "reasons": [],
            "channels": [],
            "modules": [],
            "policies": 5,
            "version": -1,
        },
        [
            ("departments", "not_a_tuple"),
            ("agents", "not_a_tuple"),
            ("reasons", "not_a_tuple"),
            ("channels", "not_a_tuple"),
            ("modules", "not_modules"),
            ("policies", "not_policies"),
            ("version", "negative"),
        ],
    ),
    ({"policies": Policies(default_reason="x")}, [("policies.default_reason", "unknown_reason")]),
    (
        {"policies": Policies(default_reason="moved"), "reasons": (a_reason(archived=True),)},
        [("policies.default_reason", "unknown_reason")],
    ),
]


@pytest.mark.parametrize(("values", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_each_misfit_is_refused_at_its_path(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Rule: C1 (unique after folding), C2, C4 (departments that are there), H1 (zones), L4, L10."""
    assert refused(**values) == expected


def test_all_misfits_are_told_at_once() -> None:
    """One error names every bad field, in every part."""
    found = refused(
        name="",
        time_zone="x",
        recorded_at=NOW,
        departments=(SUP, Department(id="sup", name="suporte")),
        agents=(an_agent(departments=("x",)),),
        reasons=(a_reason(departments=("y",)),),
        channels=(a_channel(department="z"),),
        policies=Policies(default_reason="x"),
    )
    assert sorted(found) == [
        ("agents[0].departments[0]", "unknown_department"),
        ("channels[0].department", "unknown_department"),
        ("departments[1].id", "repeated"),
        ("departments[1].name", "repeated"),
        ("name", "empty"),
        ("policies.default_reason", "unknown_reason"),
        ("reasons[0].departments[0]", "unknown_department"),
        ("recorded_at", "not_utc"),
        ("time_zone", "unknown_zone"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Suporte", "SUPORTE"), ("Suporte", " suporte "), ("São Paulo", "SAO  PAULO"), ("ﬁbra", "Fibra")],
)
def test_names_are_one_after_folding(one: str, other: str) -> None:
    """Case, accents, width and spaces do not make another label. Rule: C1."""
    pair = (Department(id="a", name=one), Department(id="b", name=other))
    assert refused(departments=pair) == [("departments[1].name", "repeated")]


def test_two_agents_may_share_a_name() -> None:
    """People are told apart by their ids. Rule: C1 is about labels."""
    assert len(Workspace(name="P", agents=(an_agent(), an_agent(id="ana2"))).agents) == 2


def test_an_account_is_unique_within_its_kind_only_once() -> None:
    """Two channels never share one provider's account: what arrives would belong to both."""
    assert (
        len(
            Workspace(
                name="P", departments=(SUP,), channels=(a_channel(), a_channel(id="b", account="2"))
            ).channels
        )
        == 2
    )


# --- its parts -----------------------------------------------------------------------------------------------

PARTS: list[tuple[Any, dict[str, Any], list[tuple[str, str]]]] = [
    (a_department, {"id": ""}, [("id", "not_an_id")]),
    (a_department, {"id": "a\nb"}, [("id", "not_an_id")]),
    (a_department, {"id": 5}, [("id", "not_an_id")]),
    (a_department, {"id": "x" * (ID_LENGTH + 1)}, [("id", "too_long")]),
    (a_department, {"name": " "}, [("name", "empty")]),
    (a_department, {"id": None, "name": None}, [("id", "not_an_id"), ("name", "not_a_text")]),
    (a_department, {"name": "x" * (LABEL_LENGTH + 1)}, [("name", "too_long")]),
    (an_agent, {"id": " \n"}, [("id", "not_an_id")]),
    (an_agent, {"name": "a\0"}, [("name", "control_character")]),
    (an_agent, {"active": 1}, [("active", "not_a_bool")]),
    (a_reason, {"id": [], "name": "a\u200bb"}, [("id", "not_an_id"), ("name", "zero_width_character")]),
    (a_reason, {"archived": None}, [("archived", "not_a_bool")]),
    (a_channel, {"id": ""}, [("id", "not_an_id")]),
    (a_channel, {"account": ""}, [("account", "not_an_id")]),
    (a_channel, {"department": None}, [("department", "not_an_id")]),
    (a_channel, {"kind": "whatsapp_cloud"}, [("kind", "not_a_kind")]),
    (a_channel, {"bot": "yes"}, [("bot", "not_a_bool")]),
    (Policies, {"reopen_within": timedelta(0)}, [("reopen_within", "not_positive")]),
    (Policies, {"reopen_within": -timedelta(1)}, [("reopen_within", "not_positive")]),
    (Policies, {"reopen_within": 3600}, [("reopen_within", "not_positive")]),
    (Policies, {"reopen_to_assignee": 1}, [("reopen_to_assignee", "not_a_bool")]),
    (Policies, {"closing_message": ""}, [("closing_message", "empty")]),
    (Policies, {"closing_message": "a\0"}, [("closing_message", "control_character")]),
    (Policies, {"closing_message": 5}, [("closing_message", "not_a_text")]),
    (Policies, {"default_reason": ""}, [("default_reason", "not_an_id")]),
    (Policies, {"agents_read": "own"}, [("agents_read", "not_a_policy")]),
    (an_agent, {"departments": ["sup"]}, [("departments", "not_a_tuple")]),
    (an_agent, {"departments": (5,)}, [("departments", "not_a_tuple")]),
    (an_agent, {"roles": ()}, [("roles", "not_roles")]),
    (an_agent, {"roles": [Role.AGENT]}, [("roles", "not_roles")]),
    (an_agent, {"roles": ("agent",)}, [("roles", "not_roles")]),
    (an_agent, {"roles": None}, [("roles", "not_roles")]),
    (an_agent, {"granted": ["assign"]}, [("granted", "not_abilities")]),
    (an_agent, {"granted": ("assign",)}, [("granted", "not_abilities")]),
    (an_agent, {"withdrawn": ("block",)}, [("withdrawn", "not_abilities")]),
    (an_agent, {"max_open": -1}, [("max_open", "negative")]),
    (an_agent, {"max_open": 1.5}, [("max_open", "negative")]),
    (an_agent, {"max_open": True}, [("max_open", "negative")]),
    (
        an_agent,
        {"departments": [], "roles": (), "granted": [], "max_open": None},
        [
            ("departments", "not_a_tuple"),
            ("roles", "not_roles"),
            ("granted", "not_abilities"),
            ("max_open", "negative"),
        ],
    ),
    (a_reason, {"departments": ["sup"]}, [("departments", "not_a_tuple")]),
    (a_reason, {"departments": "sup"}, [("departments", "not_a_tuple")]),
    (a_reason, {"departments": (5,)}, [("departments", "not_a_tuple")]),
]


@pytest.mark.parametrize(("make", "values", "expected"), PARTS, ids=range(len(PARTS)))
def test_parts_check_their_own_shape(
    make: Any, values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """Tuples of the right things, counts that are counts; all at once. Rule: L7, C4, section P."""
    assert problems(make, **values) == expected


HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


def parts() -> list[tuple[type, dict[str, Any], str]]:
    good: list[tuple[type, dict[str, Any]]] = [
        (Department, {"id": "sup", "name": "Suporte"}),
        (Agent, {"id": "ana", "name": "Ana"}),
        (Reason, {"id": "moved", "name": "Mudança"}),
        (Channel, {"id": "wa", "kind": WHATSAPP, "account": "1", "department": "sup"}),
        (Policies, {}),
        (Workspace, {"name": "Provedor"}),
    ]
    return [(cls, values, f.name) for cls, values in good for f in attrs.fields(cls) if f.init]


def configured_with(cls: type, values: dict[str, Any]) -> Workspace:
    """A workspace that holds this one part."""
    part = cls(**values)
    if cls is Workspace:
        return part
    home = {"departments": (SUP,) if cls is not Department else (part,)}
    if cls is Policies:
        return Workspace(name="Provedor", policies=part, **home)
    place = {Agent: "agents", Reason: "reasons", Channel: "channels", Department: "departments"}[cls]
    return Workspace(**{"name": "Provedor", **home, place: (part,)})


@pytest.mark.parametrize(("cls", "values", "field"), parts(), ids=lambda p: p if isinstance(p, str) else "")
def test_a_configuration_of_wrong_types_is_refused_or_harmless(
    cls: type, values: dict[str, Any], field: str
) -> None:
    """Whatever a caller puts into a field, the only error is InvalidValue, and nothing mutable is let in."""
    for hostile in HOSTILE:
        try:
            made = configured_with(cls, {**values, field: hostile})
        except InvalidValue:
            continue
        hash(made)


def test_it_is_frozen_through_and_through() -> None:
    """Neither the document nor a part of it can be set, and all of it hashes."""
    ws = workspace()
    for thing in (ws, *ws.departments, *ws.agents, *ws.reasons, *ws.channels, ws.policies):
        hash(thing)
        assert not hasattr(thing, "__dict__")
        for field in attrs.fields(type(thing)):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(thing, field.name, None)


def test_equal_configurations_are_equal() -> None:
    """A workspace is its fields: how it was looked up in makes no difference."""
    assert workspace() == workspace()
    assert hash(workspace()) == hash(workspace())
    assert workspace() != workspace(name="Outro")
    assert "_agents" not in repr(workspace())


def test_an_ability_may_be_given_and_taken() -> None:
    """Granted and withdrawn are kept as they are; what they mean is for the rules."""
    both = an_agent(granted=(Ability.ASSIGN,), withdrawn=(Ability.BLOCK,))
    assert both.granted == (Ability.ASSIGN,)
    assert both.withdrawn == (Ability.BLOCK,)
