"""The workspace: one document of configuration, checked whole, looked up by id."""

from __future__ import annotations

import pickle
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

from chatcore.entities import (
    Agent,
    Channel,
    Department,
    Field,
    MessageTemplate,
    Policies,
    QuickReply,
    Reason,
    Tag,
    Workspace,
)
from chatcore.entities.workspace import PLACES, part_of
from chatcore.errors import InvalidValue
from chatcore.limits import LABEL_LENGTH, PART_COUNT
from chatcore.testing.strategies import hostile_text, workspaces
from chatcore.text import label_key, look_key
from chatcore.vocabulary import (
    WORKSPACE,
    Ability,
    AgentsRead,
    ChannelKind,
    FieldOn,
    Locale,
    Module,
    Part,
)
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


def a_tag(**values: Any) -> Tag:
    return Tag(**{"id": "vip", "name": "VIP", **values})


def a_reply(**values: Any) -> QuickReply:
    return QuickReply(**{"id": "hi", "shortcut": "ola", "text": "Olá!", **values})


def a_template(**values: Any) -> MessageTemplate:
    return MessageTemplate(
        **{"id": "late", "channel": "wa", "name": "late", "language": "pt_BR", "body": "Oi", **values}
    )


def a_field(**values: Any) -> Field:
    return Field(**{"id": "plan", "name": "Plano", "on": FieldOn.CONTACT, **values})


ONE_OF_EACH: dict[str, Any] = {
    "departments": (SUP,),
    "agents": (an_agent(),),
    "reasons": (a_reason(),),
    "tags": (a_tag(),),
    "quick_replies": (a_reply(),),
    "templates": (a_template(),),
    "fields": (a_field(),),
    "channels": (a_channel(),),
}


# --- what it is ----------------------------------------------------------------------------------------------


def test_an_empty_workspace_is_one_not_committed_yet() -> None:
    """Version 0, no moment, the chat contracted, times of São Paulo, everybody reads all. Rule: P."""
    new = Workspace(name="Provedor")
    assert (new.id, new.version, new.recorded_at) == (WORKSPACE, 0, None)
    assert (new.modules, new.time_zone) == ((Module.CHAT,), "America/Sao_Paulo")
    assert new.locale is Locale.PT_BR
    assert not [name for name in ONE_OF_EACH if getattr(new, name)]
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


@pytest.mark.parametrize("part", Part)
def test_parts_of_every_kind_are_found_by_id(part: Part) -> None:
    """By the kind, or by the kind's own look-up; under another kind the same id is nothing."""
    ws = Workspace(name="P", **ONE_OF_EACH)
    place, cls = PLACES[part]
    [item] = getattr(ws, place)
    assert type(item) is cls
    assert part_of(item) is part
    assert ws.find(part, item.id) == getattr(ws, part.value)(item.id) == item
    assert ws.find(part, "x") is getattr(ws, part.value)("x") is None
    assert [each for each in Part if ws.find(each, item.id) is not None] == [part]


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
        [("policies.default_reason", "archived")],
    ),
    (
        {"policies": Policies(default_reason="moved"), "reasons": (a_reason(departments=("sup",)),)},
        [("policies.default_reason", "other_department")],
    ),
    (
        {
            "policies": Policies(default_reason="moved"),
            "reasons": (a_reason(departments=("sup",), archived=True),),
        },
        [("policies.default_reason", "archived"), ("policies.default_reason", "other_department")],
    ),
    ({"locale": "pt_BR"}, [("locale", "not_a_locale")]),
    ({"locale": None}, [("locale", "not_a_locale")]),
    *(({name: [item]}, [(name, "not_a_tuple")]) for name, (item,) in ONE_OF_EACH.items()),
    *(
        ({name: (SUP,) if name != "departments" else (a_tag(),)}, [(name, "not_a_tuple")])
        for name in ONE_OF_EACH
    ),
    ({"tags": (a_tag(), a_tag(name="X"))}, [("tags[1].id", "repeated")]),
    ({"tags": (a_tag(), a_tag(id="x", name="vip "))}, [("tags[1].name", "repeated")]),
    ({"tags": (a_tag(), a_tag(id="x", name="V1P"))}, [("tags[1].name", "looks_like_another")]),
    ({"tags": (a_tag(departments=("sup", "x")),)}, [("tags[0].departments[1]", "unknown_department")]),
    ({"reasons": (a_reason(), a_reason(id="x", name="Mudаnça"))}, [("reasons[1].name", "looks_like_another")]),
    (
        {"departments": (SUP, Department(id="x", name="Supоrte"))},
        [("departments[1].name", "looks_like_another")],
    ),
    ({"quick_replies": (a_reply(), a_reply(shortcut="x"))}, [("quick_replies[1].id", "repeated")]),
    (
        {"quick_replies": (a_reply(), a_reply(id="x", shortcut="OLÁ"))},
        [("quick_replies[1].shortcut", "repeated")],
    ),
    (
        {"quick_replies": (a_reply(), a_reply(id="x", shortcut="0la"))},
        [("quick_replies[1].shortcut", "looks_like_another")],
    ),
    (
        {"quick_replies": (a_reply(departments=("x",), agents=("ana",)),)},
        [
            ("quick_replies[0].departments[0]", "unknown_department"),
            ("quick_replies[0].agents[0]", "unknown_agent"),
        ],
    ),
    ({"fields": (a_field(), a_field(name="X"))}, [("fields[1].id", "repeated")]),
    ({"fields": (a_field(), a_field(id="x", name="plano"))}, [("fields[1].name", "repeated")]),
    ({"fields": (a_field(), a_field(id="x", name="Plаno"))}, [("fields[1].name", "looks_like_another")]),
    (
        {"fields": (a_field(departments=("x",), reasons=("moved", "y")),), "reasons": (a_reason(),)},
        [("fields[0].departments[0]", "unknown_department"), ("fields[0].reasons[1]", "unknown_reason")],
    ),
    ({"templates": (a_template(),)}, [("templates[0].channel", "unknown_channel")]),
    (
        {"channels": (a_channel(),), "templates": (a_template(), a_template(name="x"))},
        [("templates[1].id", "repeated")],
    ),
    (
        {"channels": (a_channel(),), "templates": (a_template(), a_template(id="x"))},
        [("templates[1].name", "repeated")],
    ),
    (
        {"departments": (a_department(id="sup", archived=True),), "channels": (a_channel(),)},
        [("channels[0].department", "archived")],
    ),
    (
        {"tags": tuple(a_tag(id=f"t{n}", name=f"t{n}") for n in range(PART_COUNT + 1))},
        [("tags", "too_many")],
    ),
]


@pytest.mark.parametrize(("values", "expected"), REFUSALS, ids=range(len(REFUSALS)))
def test_each_misfit_is_refused_at_its_path(values: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Rule: C1 (unique after folding), C2 (no look-alikes), C3, C4 (departments that are there), C6, C9, H1
    (zones), M6, L4, L10.
    """
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
        tags=(a_tag(), a_tag()),
        quick_replies=(a_reply(agents=("w",)),),
        templates=(a_template(channel="x"),),
        fields=(a_field(reasons=("v",)),),
    )
    assert sorted(found) == [
        ("agents[0].departments[0]", "unknown_department"),
        ("channels[0].department", "unknown_department"),
        ("departments[1].id", "repeated"),
        ("departments[1].name", "repeated"),
        ("fields[0].reasons[0]", "unknown_reason"),
        ("name", "empty"),
        ("policies.default_reason", "unknown_reason"),
        ("quick_replies[0].agents[0]", "unknown_agent"),
        ("reasons[0].departments[0]", "unknown_department"),
        ("recorded_at", "not_utc"),
        ("tags[1].id", "repeated"),
        ("tags[1].name", "repeated"),
        ("templates[0].channel", "unknown_channel"),
        ("time_zone", "unknown_zone"),
    ]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"departments": (SUP, Department(id="x", name="SUPORTE"))}, "C1"),
        ({"tags": (a_tag(), a_tag(id="x", name="V1P"))}, "C2"),
        ({"tags": (a_tag(departments=("x",)),)}, "C4"),
        ({"quick_replies": (a_reply(agents=("x",)),)}, "C6"),
        ({"fields": (a_field(reasons=("x",)),)}, "C9"),
        ({"templates": (a_template(),)}, "M6"),
        ({"departments": (a_department(id="sup", archived=True),), "channels": (a_channel(),)}, "C3"),
        ({"policies": Policies(default_reason="x")}, "L10"),
        ({"modules": None}, "S23"),
        ({"recorded_at": NOW}, "L12"),
    ],
)
def test_a_misfit_names_its_rule(values: dict[str, Any], rule: str) -> None:
    """Where a rule stands behind a check, the problem says which."""
    with pytest.raises(InvalidValue) as caught:
        Workspace(**{"name": "P", **values})
    assert [problem.rule for problem in caught.value.problems] == [rule]


def test_as_many_parts_as_there_may_be() -> None:
    """The limit is exact, and says both numbers."""
    tags = tuple(a_tag(id=f"t{n}", name=f"t{n}") for n in range(PART_COUNT + 1))
    assert len(Workspace(name="P", tags=tags[:-1]).tags) == PART_COUNT
    with pytest.raises(InvalidValue) as caught:
        Workspace(name="P", tags=tags)
    assert [(p.limit, p.actual) for p in caught.value.problems] == [(PART_COUNT, PART_COUNT + 1)]


@given(hostile_text(4), hostile_text(4))
def test_two_labels_that_look_alike_never_coexist(one: str, other: str) -> None:
    """Law: of two labels both are taken exactly if neither is the other, nor looks like it. Rule: C1, C2."""
    try:
        tags = a_tag(id="a", name=one), a_tag(id="b", name=other)
    except InvalidValue:
        return
    if label_key(one) == label_key(other):
        assert refused(tags=tags) == [("tags[1].name", "repeated")]
    elif look_key(one) == look_key(other):
        assert refused(tags=tags) == [("tags[1].name", "looks_like_another")]
    else:
        assert Workspace(name="P", tags=tags).tags == tags


def test_archived_labels_keep_their_names() -> None:
    """They stay readable on history, so a new one may not read the same. Rule: C1, C2, C3."""
    tags = (a_tag(archived=True), a_tag(id="x", name="vip"))
    assert refused(tags=tags) == [("tags[1].name", "repeated")]


def test_a_label_is_unique_within_its_kind_only() -> None:
    """A tag may be named like a reason, and a field of contacts like one of conversations. Rule: C1, C9."""
    ws = Workspace(
        name="P",
        departments=(SUP,),
        tags=(a_tag(name="Suporte"),),
        reasons=(a_reason(name="Suporte"),),
        quick_replies=(a_reply(shortcut="Suporte"),),
        fields=(a_field(name="Suporte"), a_field(id="x", name="Suporte", on=FieldOn.CONVERSATION)),
    )
    assert len(ws.fields) == 2


def test_a_template_is_approved_per_channel_and_language() -> None:
    """The same name in another language, or on another channel, is another template. Rule: M6."""
    channels = (a_channel(), a_channel(id="wa2", account="2"))
    templates = (
        a_template(),
        a_template(id="b", language="en"),
        a_template(id="c", channel="wa2"),
    )
    assert (
        Workspace(name="P", departments=(SUP,), channels=channels, templates=templates).templates == templates
    )


def test_an_archived_department_has_archived_channels_only() -> None:
    """What arrives there is still recorded, and nothing is started. Rule: C3."""
    department = a_department(id="sup", archived=True)
    ws = Workspace(name="P", departments=(department,), channels=(a_channel(archived=True),))
    assert ws.channel_of(WHATSAPP, "1") == a_channel(archived=True)


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


# --- whatever it is made of ----------------------------------------------------------------------------------

HOSTILE = (None, True, 5, -1, 1.5, b"x", "x\0", [], ["x"], {}, {"x": 1}, set(), (None,), ([],), object())


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Workspace) if field.init])
def test_a_configuration_of_wrong_types_is_refused_or_harmless(name: str) -> None:
    """Whatever a caller puts into a field, the only error is InvalidValue, and nothing mutable is let in."""
    for hostile in HOSTILE:
        try:
            made = Workspace(**{"name": "Provedor", **ONE_OF_EACH, name: hostile})
        except InvalidValue:
            continue
        hash(made)


@settings(max_examples=25)
@given(workspaces())
def test_any_configuration_is_a_value(ws: Workspace) -> None:
    """Law: it hashes, pickles to its like, and finds each of its parts."""
    twin = pickle.loads(pickle.dumps(ws))
    assert twin == ws
    assert hash(twin) == hash(ws)
    for part, (place, _) in PLACES.items():
        assert all(twin.find(part, item.id) == item for item in getattr(ws, place))


def test_it_is_frozen_through_and_through() -> None:
    """Neither the document nor a part of it can be set, and all of it hashes."""
    ws = Workspace(name="P", **ONE_OF_EACH)
    for thing in (ws, *(item for items in ONE_OF_EACH.values() for item in items), ws.policies):
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
