"""The catalogue: what parts a workspace takes in, how they change, and how they are shelved and ordered."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.commands import AddItem, ArchiveItem, ChangeItem, Command, OrderItems, RestoreItem, SetPolicies
from chatcore.entities import (
    Agent,
    Channel,
    Department,
    Field,
    Item,
    MessageTemplate,
    Policies,
    QuickReply,
    Reason,
    Tag,
    Workspace,
)
from chatcore.entities.workspace import PLACES, part_of
from chatcore.errors import InvalidValue, NotFound, NotPermitted, Problem
from chatcore.events import ItemAdded, ItemArchived, ItemChanged, ItemRestored, ItemsOrdered
from chatcore.limits import LABEL_LENGTH, PART_COUNT, TAG_LENGTH
from chatcore.rules import decide
from chatcore.rules.configuring import misfits
from chatcore.text import label_key, look_key
from chatcore.vocabulary import SYSTEM, Ability, Actor, ChannelKind, FieldOn, FieldType, Part, Role
from tests.given import ADA, ANA, AURO, NOW, ROBO, SARA, after, agent, on_workspace, stocked

WS = stocked()

NEW: dict[Part, Item] = {
    Part.DEPARTMENT: Department(id="new", name="Cobrança"),
    Part.AGENT: agent("new", Role.AGENT, Role.SUPERVISOR, granted=(Ability.ASSIGN,), max_open=3),
    Part.REASON: Reason(id="new", name="Dúvida", departments=("sup",)),
    Part.TAG: Tag(id="new", name="Urgente 🔥", colour="#ff0000", departments=("fin",)),
    Part.QUICK_REPLY: QuickReply(id="new", shortcut="bom dia", text="Bom dia!", agents=("ana",)),
    Part.TEMPLATE: MessageTemplate(id="new", channel="wa", name="novo", language="pt_BR", body="Oi {{1}}"),
    Part.FIELD: Field(id="new", name="Bairro", on=FieldOn.CONTACT, required_at_close=True, reasons=("moved",)),
    Part.CHANNEL: Channel(id="new", kind=ChannelKind.WHATSAPP_CLOUD, account="7", department="fin", bot=True),
}
"""A part of each kind that the workspace has not."""

HAVE: dict[Part, str] = {
    Part.DEPARTMENT: "fin",
    Part.AGENT: "beto",
    Part.REASON: "slow",
    Part.TAG: "vip",
    Part.QUICK_REPLY: "hello",
    Part.TEMPLATE: "notice",
    Part.FIELD: "plan",
    Part.CHANNEL: "wa",
}
"""A part of each kind that it has, and that may be shelved."""

EVERY_PART = pytest.mark.parametrize("part", list(Part))


def parts(ws: Workspace, part: Part) -> tuple[Item, ...]:
    found: tuple[Item, ...] = getattr(ws, PLACES[part][0])
    return found


def have(part: Part) -> Item:
    """The part of this kind that the tests change."""
    found = WS.find(part, HAVE[part])
    assert found is not None
    return found


def told(command: Command, ws: Workspace = WS, by: Actor = ADA) -> Any:
    return decide(command, on_workspace(by, workspace=ws))


def left(command: Command, ws: Workspace = WS) -> Workspace:
    """The workspace after a command that makes one event of it."""
    ((ref, event),) = told(command, ws)
    assert ref == "ws"
    now: Workspace = after(ws, event, by=ADA)
    return now


def refused(command: Command, ws: Workspace = WS) -> list[tuple[str, str, str | None]]:
    """Every problem a command is refused with."""
    with pytest.raises(InvalidValue) as error:
        told(command, ws)
    return [(p.path, p.code, p.rule) for p in error.value.problems]


def named(item: Item, name: str) -> Item:
    """The item under another name, shortcut or account: whatever it is told apart by."""
    field = "shortcut" if isinstance(item, QuickReply) else "name"
    changed: Item = attrs.evolve(item, **{field: name})
    return changed


# --- a part comes in, changes, is shelved, comes back --------------------------------------------------------


@EVERY_PART
def test_a_part_comes_in_as_the_last_of_its_kind(part: Part) -> None:
    """Whole, and nothing else changes. Rule: section C, C8."""
    item = NEW[part]
    assert told(AddItem(item)) == (("ws", ItemAdded(item=item)),)
    now = left(AddItem(item))
    assert parts(now, part) == (*parts(WS, part), item)
    assert now.find(part, "new") == item
    assert all(parts(now, other) == parts(WS, other) for other in Part if other is not part)
    assert (now.version, now.recorded_at) == (WS.version + 1, NOW)


@EVERY_PART
def test_adding_what_is_there_changes_nothing(part: Part) -> None:
    """The very same part, asked for again. Rule: L19."""
    assert told(AddItem(have(part))) == ()


@EVERY_PART
def test_an_id_belongs_to_one_part_of_its_kind(part: Part) -> None:
    """Another part under a taken id is refused, also where the taken one is away. Rule: C1."""
    taken = attrs.evolve(NEW[part], id=HAVE[part])
    assert refused(AddItem(taken)) == [("id", "repeated", "C1")]
    away = after(WS, ItemArchived(part=part, id=HAVE[part]))
    assert refused(AddItem(taken), away) == [("id", "repeated", "C1")]


def test_parts_of_different_kinds_may_share_an_id() -> None:
    """Rule: C1."""
    assert left(AddItem(Tag(id="moved", name="Mudança"))).tag("moved") is not None


def another(part: Part) -> Item:
    """Another version of the part that is there; a field stays what it is about and what it holds."""
    new, old = attrs.evolve(NEW[part], id=HAVE[part]), have(part)
    if isinstance(new, Field) and isinstance(old, Field):
        new = attrs.evolve(new, on=old.on, type=old.type, choices=old.choices)
    return new


@EVERY_PART
def test_a_part_changes_where_it_stands(part: Part) -> None:
    """Its place in the order stays, and nothing else changes. Rule: section C, C8."""
    new = another(part)
    assert told(ChangeItem(new)) == (("ws", ItemChanged(item=new)),)
    now = left(ChangeItem(new))
    assert parts(now, part) == tuple(new if item.id == new.id else item for item in parts(WS, part))
    assert all(parts(now, other) == parts(WS, other) for other in Part if other is not part)


def test_a_field_stays_what_it_is_about_and_what_it_holds() -> None:
    """Values are kept, so neither can change; all that does not fit is told at once. Rule: C9."""
    there = left(AddItem(Field(id="new", name="Bairro", on=FieldOn.CONTACT)))
    other = Field(id="new", name="VELOCIDADE", on=FieldOn.CONVERSATION, type=FieldType.NUMBER)
    bad = [("on", "unchangeable", "C9"), ("type", "unchangeable", "C9"), ("name", "repeated", "C1")]
    assert refused(ChangeItem(other), there) == bad
    assert misfits(other, there) == tuple(Problem(*problem) for problem in bad)


@EVERY_PART
def test_making_a_part_what_it_is_changes_nothing(part: Part) -> None:
    """Rule: L19."""
    assert told(ChangeItem(have(part))) == ()


@EVERY_PART
def test_a_part_is_shelved_and_stays_readable(part: Part) -> None:
    """Archived, an agent deactivated: all else about it stays, and its place. Rule: C3."""
    command = ArchiveItem(part, HAVE[part])
    event = ItemArchived(part=part, id=HAVE[part])
    assert told(command)[0] == ("ws", event)
    now = after(WS, event)
    flag = {"active": False} if part is Part.AGENT else {"archived": True}
    assert now.find(part, HAVE[part]) == attrs.evolve(have(part), **flag)
    assert [i.id for i in parts(now, part)] == [i.id for i in parts(WS, part)]
    assert told(command, now) == ()


@EVERY_PART
def test_a_part_comes_back_as_it_was(part: Part) -> None:
    """Rule: C3."""
    away = after(WS, ItemArchived(part=part, id=HAVE[part]))
    command = RestoreItem(part, HAVE[part])
    assert told(command, away) == (("ws", ItemRestored(part=part, id=HAVE[part])),)
    assert left(command, away).find(part, HAVE[part]) == have(part)


@EVERY_PART
def test_bringing_back_what_was_never_away_changes_nothing(part: Part) -> None:
    """Rule: L19."""
    assert told(RestoreItem(part, HAVE[part])) == ()


@EVERY_PART
def test_what_is_away_can_still_be_renamed(part: Part) -> None:
    """And stays away. Rule: C3."""
    away = after(WS, ItemArchived(part=part, id=HAVE[part]))
    old = away.find(part, HAVE[part])
    assert old is not None
    now = left(
        ChangeItem(named(old, "outro") if part is not Part.CHANNEL else attrs.evolve(old, bot=True)), away
    )
    new = now.find(part, HAVE[part])
    assert new != old
    assert told(ArchiveItem(part, HAVE[part]), now) == ()


@EVERY_PART
def test_what_is_not_there_is_not_found(part: Part) -> None:
    """The error names the kind and the id. Rule: section C."""
    for command in (ChangeItem(NEW[part]), ArchiveItem(part, "new"), RestoreItem(part, "new")):
        with pytest.raises(NotFound) as missing:
            told(command)
        assert (missing.value.what, missing.value.id) == (part.value, "new")


# --- order ---------------------------------------------------------------------------------------------------


@EVERY_PART
def test_parts_list_in_the_order_the_workspace_decides(part: Part) -> None:
    """Archived ones among them; asking for the order they have changes nothing. Rule: C8, L19."""
    ids = tuple(item.id for item in parts(WS, part))
    assert told(OrderItems(part, ids)) == ()
    assert told(OrderItems(part, ids[::-1])) == (("ws", ItemsOrdered(part=part, ids=ids[::-1])),)
    now = left(OrderItems(part, ids[::-1]))
    assert parts(now, part) == parts(WS, part)[::-1]
    assert all(parts(now, other) == parts(WS, other) for other in Part if other is not part)


@EVERY_PART
def test_an_order_names_each_part_once(part: Part) -> None:
    """One missing, one too many, one in place of another. Rule: C8."""
    ids = tuple(item.id for item in parts(WS, part))
    for wrong in (ids[1:], (*ids, "new"), (*ids[1:], "new")):
        if not wrong:
            continue
        with pytest.raises(InvalidValue) as error:
            told(OrderItems(part, wrong))
        assert error.value.problems == (Problem("ids", "not_all_of_them", "C8"),)


def test_an_order_is_kept_while_parts_come_and_go() -> None:
    """Whatever is added stands last; whatever is archived stands where it stood. Rule: C8."""
    now = left(OrderItems(Part.TAG, ("paper", "adsl", "fibre", "debt", "vip")))
    now = left(ArchiveItem(Part.TAG, "debt"), left(AddItem(NEW[Part.TAG]), now))
    assert [tag.id for tag in now.tags] == ["paper", "adsl", "fibre", "debt", "vip", "new"]


# --- who, and when -------------------------------------------------------------------------------------------

COMMANDS: list[Command] = [
    AddItem(NEW[Part.TAG]),
    ChangeItem(Tag(id="vip", name="Especial")),
    ArchiveItem(Part.TAG, "vip"),
    RestoreItem(Part.TAG, "adsl"),
    OrderItems(Part.TAG, ("debt", "vip", "fibre", "adsl", "paper")),
    SetPolicies(Policies(default_reason="moved")),
]
EVERY_COMMAND = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)


@EVERY_COMMAND
def test_nothing_is_added_to_what_is_not_configured(command: Command) -> None:
    """Rule: section C."""
    with pytest.raises(NotFound) as missing:
        told(command, Workspace(name="unconfigured"), SYSTEM)
    assert (missing.value.what, missing.value.id) == ("workspace", "ws")


@EVERY_COMMAND
def test_who_configures(command: Command) -> None:
    """An admin; a supervisor to whom it was given; nobody else of the house. Rule: section P."""
    assert told(command)
    trusted = stocked(agent("sara", Role.SUPERVISOR, departments=(), granted=(Ability.CONFIGURE,)))
    assert decide(command, on_workspace(SARA, workspace=trusted))
    for by in (SARA, ANA, AURO, ROBO):
        with pytest.raises(NotPermitted):
            told(command, by=by)


# --- names ---------------------------------------------------------------------------------------------------

LABELLED: dict[Part, tuple[str, str, list[str], list[str]]] = {
    Part.DEPARTMENT: (
        "fin",
        "name",
        ["Financeiro", "FINANCEIRO", " financeiro ", "Finánceiro", "Ｆｉｎａｎｃｅｉｒｏ"],
        ["Fin\u0430nceiro", "Financeir0"],
    ),
    Part.REASON: (
        "slow",
        "name",
        ["Lentidão", "LENTIDAO", "lentida\u0303o", "Lentidão  "],
        ["Lеntidão", "Lentid\u0430o", "LENT|DÃO"],
    ),
    Part.TAG: ("fibre", "name", ["Fibra β", "FIBRA Β", "fíbra  β", "ﬁbra β"], ["Fibrа β", "F\u0456bra β"]),
    Part.QUICK_REPLY: (
        "number",
        "shortcut",
        ["protocolo", "PROTOCOLO", "protocólo"],
        ["pr0t0c0lo", "рrotocolo"],
    ),
    Part.FIELD: (
        "speed",
        "name",
        ["Velocidade", "VELOCIDADE", "velocidáde"],
        ["Vel0cidade", "Velocidad\u0435"],
    ),
}
"""For each kind with labels: one that is there, its field, spellings of the same, and what looks like it."""

SAME = [
    (part, spelling, code)
    for part, (_, _, same, alike) in LABELLED.items()
    for code, spellings in (("repeated", same), ("looks_like_another", alike))
    for spelling in spellings
]
RULE = {"repeated": "C1", "looks_like_another": "C2"}


def fresh(part: Part, name: str) -> Item:
    """A new part under this name; a field where the labelled one is."""
    item = NEW[part]
    return named(attrs.evolve(item, on=FieldOn.CONVERSATION) if isinstance(item, Field) else item, name)


@pytest.mark.parametrize(("part", "spelling", "code"), SAME)
def test_one_name_for_one_thing(part: Part, spelling: str, code: str) -> None:
    """Case, accents, width and spaces make no other name, and neither does what only looks other.

    Adding is refused, and renaming too, whether the one renamed stands before or after. Rule: C1, C2
    """
    id, field, _, _ = LABELLED[part]
    expected = [(field, code, RULE[code])]
    assert refused(AddItem(fresh(part, spelling))) == expected
    placed = fresh(part, NEW[part].name if part is not Part.QUICK_REPLY else NEW[part].shortcut)
    with_new = left(AddItem(placed))
    assert refused(ChangeItem(fresh(part, spelling)), with_new) == expected
    first = left(OrderItems(part, ("new", *(i.id for i in parts(WS, part)))), with_new)
    assert refused(ChangeItem(fresh(part, spelling)), first) == expected
    assert misfits(fresh(part, spelling), first) == (Problem(field, code, RULE[code]),)
    assert first.find(part, "new") == placed
    assert first.find(part, id) == WS.find(part, id)


@pytest.mark.parametrize(("part", "spelling", "code"), SAME)
def test_a_name_that_is_away_is_taken_still(part: Part, spelling: str, code: str) -> None:
    """It stands on history, where two of them could not be told apart. Rule: C1, C2, C3."""
    id, field, _, _ = LABELLED[part]
    away = after(WS, ItemArchived(part=part, id=id))
    assert refused(AddItem(fresh(part, spelling)), away) == [(field, code, RULE[code])]
    archived = attrs.evolve(fresh(part, spelling), archived=True)
    assert refused(AddItem(archived)) == [(field, code, RULE[code])]


@pytest.mark.parametrize("part", LABELLED)
def test_a_part_may_be_spelled_otherwise(part: Part) -> None:
    """Its own name is not taken by itself: case and accents can be mended, and looks. Rule: C1, C2."""
    id, _, same, alike = LABELLED[part]
    item = WS.find(part, id)
    assert item is not None
    for spelling in (*same[1:], *alike):
        assert left(ChangeItem(named(item, spelling))).find(part, id) == named(item, spelling)


@pytest.mark.parametrize("part", LABELLED)
def test_names_are_told_apart_within_their_kind(part: Part) -> None:
    """A name that another kind of part has is free. Rule: C1."""
    for other, (_, _, same, _) in LABELLED.items():
        if other is not part:
            assert misfits(fresh(part, same[0]), WS) == ()


def test_a_contact_and_a_conversation_may_have_a_field_of_one_name() -> None:
    """They are shown apart. Rule: C1, C9."""
    assert left(AddItem(Field(id="new", name="Velocidade", on=FieldOn.CONTACT))).field("new") is not None
    assert refused(AddItem(Field(id="new", name="velocidade", on=FieldOn.CONVERSATION))) == [
        ("name", "repeated", "C1")
    ]


def test_mixed_scripts_as_such_are_fine() -> None:
    """ "Fibra β" and "Fibra B" are two plans, and a reader sees it. Rule: C2."""
    assert left(AddItem(Tag(id="new", name="Fibra B"))).tag("new") is not None


def test_agents_may_have_one_name() -> None:
    """Two people can be called Ana. Rule: C1."""
    assert left(AddItem(Agent(id="new", name="Ana"))).agent("new") is not None


def test_an_account_is_one_channel() -> None:
    """Also where the channel is archived: what arrives must find one only. Rule: C1, C3."""
    twin = attrs.evolve(NEW[Part.CHANNEL], account="106540352242922")
    assert refused(AddItem(twin)) == [("account", "repeated", "C1")]
    assert refused(AddItem(twin), left(ArchiveItem(Part.CHANNEL, "wa"))) == [("account", "repeated", "C1")]


def test_an_approved_template_is_one_of_its_channel_and_language() -> None:
    """The provider's name counts, not how it looks. Rule: C1, M6."""
    twin = MessageTemplate(id="new", channel="wa", name="aviso", language="pt_BR", body="Olá")
    assert refused(AddItem(twin)) == [("name", "repeated", "C1")]
    for changes in ({"language": "en"}, {"channel": "bot"}, {"name": "av1so"}, {"name": "aviso_"}):
        assert misfits(attrs.evolve(twin, **changes), WS) == ()


# --- how long a name may be ----------------------------------------------------------------------------------

LIMITS: list[tuple[Part, str, int]] = [
    (Part.DEPARTMENT, "name", LABEL_LENGTH),
    (Part.AGENT, "name", LABEL_LENGTH),
    (Part.REASON, "name", LABEL_LENGTH),
    (Part.TAG, "name", TAG_LENGTH),
    (Part.QUICK_REPLY, "shortcut", TAG_LENGTH),
    (Part.FIELD, "name", LABEL_LENGTH),
]


def test_the_limits_are_those_of_the_rule() -> None:
    """Rule: C2."""
    assert (TAG_LENGTH, LABEL_LENGTH) == (40, 80)


@pytest.mark.parametrize(("part", "field", "limit"), LIMITS)
def test_a_name_has_its_limit_exactly(part: Part, field: str, limit: int) -> None:
    """Counted in code points, before and after NFKC, whichever are more. Rule: C2.

    A ligature becomes three letters, so a name can grow; letters with their accents apart can shrink.
    """
    grows, shrinks = "\ufb03", "e\u0301"
    fits = ["x" * limit, grows * (limit // 3) + "y" * (limit % 3), shrinks * (limit // 2), "😀" * limit]
    for name in fits:
        assert left(AddItem(named(NEW[part], name))).find(part, "new") == named(NEW[part], name)
    for name, actual in (
        ("x" * (limit + 1), limit + 1),
        (grows * (limit // 3) + "y" * (limit % 3 + 1), limit + 1),
        (shrinks * (limit // 2) + "x", limit + 1),
        ("\ufdfa" * 5, 90),
    ):
        with pytest.raises(InvalidValue) as error:
            named(NEW[part], name)
        assert error.value.problems == (Problem(field, "too_long", "C2", limit, actual),)


@pytest.mark.parametrize(("part", "field", "limit"), LIMITS)
@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("", ["empty"]),
        (" \u3000", ["empty"]),
        ("\u0301", ["empty"]),
        ("a\tb", ["control_character"]),
        ("a\nb", ["control_character"]),
        ("a\u2028b", ["control_character"]),
        ("a\u202eb", ["bidi_character"]),
        ("a\u200bb", ["zero_width_character"]),
        ("a\ud800b", ["surrogate"]),
        ("\0\u2066\ufeff\udfff", ["control_character", "bidi_character", "zero_width_character", "surrogate"]),
    ],
)
def test_a_name_is_one_visible_line(part: Part, field: str, limit: int, name: str, codes: list[str]) -> None:
    """Everything wrong with it is told at once. Rule: C2."""
    with pytest.raises(InvalidValue) as error:
        named(NEW[part], name)
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [(field, code, "C2") for code in codes]


@pytest.mark.parametrize(
    "colour", ["", "red", "#fff", "#FFFFFF", "#12345g", "#1234567", "#12345\n", " #123456", 7]
)
def test_a_tag_has_a_colour(colour: Any) -> None:
    """Written ``#rrggbb``, in lower case; recolouring is changing. Rule: C8."""
    with pytest.raises(InvalidValue) as error:
        Tag(id="new", name="Nova", colour=colour)
    assert error.value.problems == (Problem("colour", "not_a_colour", "C8"),)
    recoloured = Tag(id="vip", name="VIP", colour="#00ff7f")
    assert left(ChangeItem(recoloured)).tag("vip") == recoloured


def test_everything_wrong_with_a_part_by_itself_is_told_at_once() -> None:
    """Its id, its name, its colour, its departments. Rule: C2, C4, C8."""
    with pytest.raises(InvalidValue) as error:
        Tag(id="", name="a\u200b" + "x" * 40, colour="blue", departments=("sup", "sup"))
    assert [(p.path, p.code, p.rule) for p in error.value.problems] == [
        ("id", "not_an_id", None),
        ("name", "too_long", "C2"),
        ("name", "zero_width_character", "C2"),
        ("departments", "repeated", "C4"),
        ("colour", "not_a_colour", "C8"),
    ]


# --- what a part refers to -----------------------------------------------------------------------------------

UNKNOWN: list[tuple[Item, list[tuple[str, str, str]]]] = [
    (
        agent("new", departments=("sup", "x", "y")),
        [("departments[1]", "unknown_department", "C4"), ("departments[2]", "unknown_department", "C4")],
    ),
    (Reason(id="new", name="Nova", departments=("x",)), [("departments[0]", "unknown_department", "C4")]),
    (
        Tag(id="new", name="vip", departments=("x", "fin", "y")),
        [
            ("name", "repeated", "C1"),
            ("departments[0]", "unknown_department", "C4"),
            ("departments[2]", "unknown_department", "C4"),
        ],
    ),
    (
        QuickReply(id="new", shortcut="0la", text="Oi", departments=("x", "sup"), agents=("ana", "y", "z")),
        [
            ("shortcut", "looks_like_another", "C2"),
            ("departments[0]", "unknown_department", "C4"),
            ("agents[1]", "unknown_agent", "C6"),
            ("agents[2]", "unknown_agent", "C6"),
        ],
    ),
    (
        Field(
            id="new",
            name="PLANO",
            on=FieldOn.CONVERSATION,
            required_at_close=True,
            reasons=("x", "moved"),
            departments=("y", "sup"),
        ),
        [
            ("name", "repeated", "C1"),
            ("departments[0]", "unknown_department", "C4"),
            ("reasons[0]", "unknown_reason", "C9"),
        ],
    ),
    (
        MessageTemplate(id="new", channel="x", name="novo", language="pt_BR", body="Olá"),
        [("channel", "unknown_channel", "M6")],
    ),
    (
        Channel(id="new", kind=ChannelKind.WHATSAPP_CLOUD, account="106540352242922", department="x"),
        [("account", "repeated", "C1"), ("department", "unknown_department", "C4")],
    ),
]


@pytest.mark.parametrize(("item", "expected"), UNKNOWN, ids=lambda value: type(value).__name__)
def test_what_a_part_refers_to_has_to_be_there(item: Item, expected: list[tuple[str, str, str]]) -> None:
    """Departments, agents, reasons, channels; all misfits at once, when it comes and when it changes.

    Rule: C1, C2, C4, C6, C9, M6
    """
    part = part_of(item)
    assert refused(AddItem(item)) == expected
    assert (
        refused(
            ChangeItem(item), left(AddItem(fresh(part, NEW[part].name) if part is Part.FIELD else NEW[part]))
        )
        == expected
    )
    assert misfits(item, WS) == tuple(Problem(*problem) for problem in expected)


def test_a_part_may_refer_to_what_is_away() -> None:
    """A tag of an archived department is of use again when that comes back. Rule: C3."""
    ws = left(ArchiveItem(Part.DEPARTMENT, "fin"))
    for item in (
        Tag(id="new", name="Nova", departments=("fin",)),
        agent("new", departments=("fin",)),
        QuickReply(id="new", shortcut="nova", text="Oi", agents=("davi",)),
        Field(id="new", name="Nova", on=FieldOn.CONTACT, reasons=("old",)),
    ):
        assert misfits(item, ws) == ()


# --- what something that stands needs ------------------------------------------------------------------------

DEFAULTS = stocked(policies=Policies(default_reason="slow"))


def test_the_default_reason_is_not_shelved() -> None:
    """Neither archived nor changed into an archived one; another can be. Rule: L10, C3."""
    expected = [("policies.default_reason", "archived", "C3")]
    in_use = [("policies.default_reason", "in_use", "C3")]
    assert refused(ArchiveItem(Part.REASON, "slow"), DEFAULTS) == in_use
    assert refused(ChangeItem(Reason(id="slow", name="Lentidão", archived=True)), DEFAULTS) == expected
    assert left(ArchiveItem(Part.REASON, "moved"), DEFAULTS).reason("moved") is not None
    assert left(ArchiveItem(Part.REASON, "slow")).reason("slow") == Reason(
        id="slow", name="Lentidão", archived=True
    )


def test_the_default_reason_is_for_all_departments() -> None:
    """The system closes in any of them. Rule: L10, C4."""
    limited = Reason(id="slow", name="Lentidão", departments=("sup",))
    assert refused(ChangeItem(limited), DEFAULTS) == [("policies.default_reason", "other_department", "C4")]


def test_all_that_is_wrong_with_a_default_reason_is_told_at_once() -> None:
    """Archived, and for some departments. Rule: L10, C3, C4."""
    expected = [
        ("policies.default_reason", "archived", "C3"),
        ("policies.default_reason", "other_department", "C4"),
    ]
    limited = Reason(id="slow", name="Lentidão", departments=("sup",), archived=True)
    assert refused(ChangeItem(limited), DEFAULTS) == expected
    assert refused(SetPolicies(Policies(default_reason="worst"))) == expected


def test_the_department_of_a_channel_is_not_shelved() -> None:
    """What arrives goes there; every channel that needs it is named. Rule: C3."""
    expected = [("channels[0].department", "archived", "C3"), ("channels[1].department", "archived", "C3")]
    in_use = [("channels[0].department", "in_use", "C3"), ("channels[1].department", "in_use", "C3")]
    assert refused(ArchiveItem(Part.DEPARTMENT, "sup")) == in_use
    assert refused(ChangeItem(Department(id="sup", name="Suporte", archived=True))) == expected


def test_a_channel_goes_before_its_department_and_comes_back_after_it() -> None:
    """Rule: C3."""
    ws = WS
    for id in ("wa", "bot"):
        ws = left(ArchiveItem(Part.CHANNEL, id), ws)
    ws = left(ArchiveItem(Part.DEPARTMENT, "sup"), ws)
    assert refused(RestoreItem(Part.CHANNEL, "bot"), ws) == [("channels[1].department", "archived", "C3")]
    assert refused(AddItem(attrs.evolve(NEW[Part.CHANNEL], department="sup")), ws) == [
        ("department", "archived", "C3")
    ]
    ws = left(RestoreItem(Part.DEPARTMENT, "sup"), ws)
    for id in ("wa", "bot"):
        ws = left(RestoreItem(Part.CHANNEL, id), ws)
    assert parts(ws, Part.CHANNEL) == parts(WS, Part.CHANNEL)


# --- how many ------------------------------------------------------------------------------------------------


def test_a_kind_has_its_limit_exactly() -> None:
    """5,000 tags are fine, one more is refused. Rule: section C."""
    almost = stocked(tags=tuple(Tag(id=f"t{n}", name=f"Etiqueta {n}") for n in range(PART_COUNT - 1)))
    full = left(AddItem(NEW[Part.TAG]), almost)
    assert len(full.tags) == PART_COUNT
    with pytest.raises(InvalidValue) as error:
        told(AddItem(Tag(id="newer", name="Mais uma")), full)
    assert error.value.problems == (Problem("tags", "too_many", None, PART_COUNT, PART_COUNT + 1),)
    assert left(AddItem(NEW[Part.REASON]), full).reason("new") is not None


# --- validating without changing -----------------------------------------------------------------------------


@EVERY_PART
def test_a_part_is_validated_without_changing_anything(part: Part) -> None:
    """What fits has no misfits: as a new part, as itself, as another version of itself. Rule: section C."""
    assert misfits(NEW[part], WS) == ()
    assert misfits(have(part), WS) == ()
    assert misfits(another(part), WS) == ()


def test_a_part_is_validated_against_a_workspace_that_nobody_committed() -> None:
    """The check needs no engine and no storage: who only wants it, builds a workspace. Rule: section C."""
    loose = Workspace(name="Provedor", tags=(Tag(id="vip", name="VIP"),))
    assert misfits(Tag(id="new", name="Nova"), loose) == ()
    assert misfits(Tag(id="new", name="vip"), loose) == (Problem("name", "repeated", "C1"),)
    assert misfits(Department(id="sup", name="Suporte"), loose) == ()


def test_a_change_that_breaks_something_else_says_what() -> None:
    """The path is that of the whole workspace then. Rule: C3, C4."""
    assert misfits(Department(id="sup", name="FINANCEIRO", archived=True), WS) == (
        Problem("name", "repeated", "C1"),
        Problem("channels[0].department", "archived", "C3"),
        Problem("channels[1].department", "archived", "C3"),
    )


names = st.text("vVｖіiíIl1|рpPfF bBβ8оo0ÕaAрr", min_size=1, max_size=4) | st.sampled_from(
    ["VIP", "vip", "ＶＩＰ", "VІP", "V1P", "Fibra β", "fibra Β", "Fibra B", "ADSL", "Carne", "CARNÊ", "Nova"]
)


@given(
    st.sampled_from(["new", "vip", "debt", "paper"]),
    names,
    st.lists(st.sampled_from(["sup", "fin", "x", "y"]), unique=True, max_size=4),
    st.booleans(),
)
def test_validating_says_all_that_the_commands_would(
    id: str, name: str, departments: list[str], archived: bool
) -> None:
    """Law: misfits(item, workspace) is every clash with another label and every department that is not there,
    and AddItem or ChangeItem is refused with just these, or passes where there are none. Rule: C1, C2, C4
    """
    if not label_key(name):
        return
    item = Tag(id=id, name=name, departments=tuple(departments), archived=archived)
    others = [tag.name for tag in WS.tags if tag.id != id]
    expected = []
    if label_key(name) in map(label_key, others):
        expected.append(Problem("name", "repeated", "C1"))
    elif look_key(name) in map(look_key, others):
        expected.append(Problem("name", "looks_like_another", "C2"))
    for n, department in enumerate(departments):
        if department in ("x", "y"):
            expected.append(Problem(f"departments[{n}]", "unknown_department", "C4"))
    assert misfits(item, WS) == tuple(expected)
    command = AddItem(item) if WS.tag(item.id) is None else ChangeItem(item)
    if expected:
        with pytest.raises(InvalidValue) as error:
            told(command)
        assert error.value.problems == tuple(expected)
    else:
        assert told(command) == () or left(command).tag(item.id) == item
