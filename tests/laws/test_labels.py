"""The laws of labels: whatever is added, renamed, archived and brought back, no two can be confused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatcore.commands import AddItem, ArchiveItem, ChangeItem, Command, RestoreItem
from chatcore.entities import Department, Field, Item, QuickReply, Reason, Tag, Workspace
from chatcore.entities.workspace import PLACES, part_of
from chatcore.errors import InvalidValue, NotFound
from chatcore.limits import LABEL_LENGTH, TAG_LENGTH
from chatcore.rules import decide
from chatcore.text import fold, label_key, label_problems, look_key
from chatcore.vocabulary import FieldOn, Part
from tests.given import ADA, AGENTS, NOW, after, on_workspace

KINDS: dict[Part, int] = {
    Part.DEPARTMENT: LABEL_LENGTH,
    Part.REASON: LABEL_LENGTH,
    Part.TAG: TAG_LENGTH,
    Part.QUICK_REPLY: TAG_LENGTH,
    Part.FIELD: LABEL_LENGTH,
}
"""The kinds of part that are told apart by a label, and how long it may be."""


def made(part: Part, id: str, name: str) -> Item:
    """A part under this label. A field is asked of contacts or conversations, by its id."""
    if part is Part.DEPARTMENT:
        return Department(id=id, name=name)
    if part is Part.REASON:
        return Reason(id=id, name=name)
    if part is Part.TAG:
        return Tag(id=id, name=name)
    if part is Part.QUICK_REPLY:
        return QuickReply(id=id, shortcut=name, text="Olá")
    return Field(id=id, name=name, on=FieldOn.CONTACT if id == "a" else FieldOn.CONVERSATION)


LOOKS_ALIKE = (
    "oO0\u043e\u041e\u03bf\u039f\u0585",
    "iIl1|\u0456\u0406\u04cf\u03b9\u0399",
    "aA\u0430\u0410\u0391\u0251",
)
SAME_LETTER = (
    "e\u00e9E\u00c9\uff25\u24d4",
    "\ufb01fF\uff46",
    "\u00df\u1e9es",
    "\u017fS\u0455",
    "k\u212aK\u03ba",
)
NEARLY = (
    "-\u2013\u2014\u2010",
    "'`\u2019\u02bc",
    " \u00a0\u3000\u2003",
    "\u03b2bB\u0432",
    "\u0301\u0327",
    "😀❤\ufe0f",
)
HOSTILE = "\n\r\t\0\x1b\x85\u2028\u2029\u200b\u200d\u202e\u2066\ufeff\u00ad\ud800\udfff\u3164"

confusable = st.text("".join((*LOOKS_ALIKE, *SAME_LETTER, *NEARLY)), min_size=1, max_size=3)
hostile = st.text("".join((*LOOKS_ALIKE, *SAME_LETTER, HOSTILE)), max_size=4)
long = st.builds(
    lambda letter, size: letter * size,
    st.sampled_from(["x", "\ufb03", "e\u0301", "\ufdfa", "\u1e9b\u0323"]),
    st.sampled_from([2, 13, 14, 20, 21, 26, 27, 40, 41, 80, 81]),
)
names = (
    confusable
    | st.sampled_from(["Fibra β", "FIBRA B", "1º", "10", "IO", "Mudança", "mudanca"])
    | hostile
    | long
)


# --- one label -----------------------------------------------------------------------------------------------


@given(names | st.text(max_size=8))
@example("\u0130\u0131")
@example("\u1e9e\ufb03")
def test_folding_twice_changes_nothing(name: str) -> None:
    """Law: fold, label_key and look_key are idempotent, and each is a coarser identity than the one before:
    equal folds give equal keys, and equal keys equal looks. Rule: C1, C2
    """
    folded, key, look = fold(name), label_key(name), look_key(name)
    assert fold(folded) == folded
    assert label_key(key) == label_key(folded) == key
    assert look_key(look) == look_key(key) == look
    assert len(look) == len(key)


@given(st.sampled_from(list(KINDS)), names | st.text(max_size=8))
def test_a_label_accepted_is_printable_on_one_line(part: Part, name: str) -> None:
    """Law: whatever a part is called, it is one line with something to see in it, holds no control character
    and nothing that turns or hides text, can be encoded, has an identity, and keeps its limit after NFKC.

    Rule: C2
    """
    problems = label_problems(name, "shortcut" if part is Part.QUICK_REPLY else "name", KINDS[part])
    if problems:
        with pytest.raises(InvalidValue) as refused:
            made(part, "a", name)
        assert refused.value.problems == problems
        return
    item = made(part, "a", name)
    label = item.name
    assert label == name
    assert label.splitlines() == [label]
    assert label.encode()
    kinds = [unicodedata.category(c) for c in label]
    assert not {"Cc", "Cs", "Zl", "Zp"} & set(kinds)
    assert not {unicodedata.bidirectional(c) for c in label} & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI"}
    assert not set("\u200b\u2060\ufeff\u00ad\u3164") & set(label)
    assert any(not c.isspace() and kind != "Cf" for c, kind in zip(label, kinds, strict=True))
    assert label_key(label)
    assert max(len(label), len(unicodedata.normalize("NFKC", label))) <= KINDS[part]


# --- all labels of a workspace -------------------------------------------------------------------------------


def labels(ws: Workspace, part: Part) -> Iterator[tuple[object, str]]:
    """Every label of a kind, archived or not, with the place where it is told apart from others."""
    for item in getattr(ws, PLACES[part][0]):
        yield (item.on if isinstance(item, Field) else None), item.name


def assert_told_apart(ws: Workspace) -> None:
    for part in KINDS:
        here = list(labels(ws, part))
        for key in (label_key, look_key):
            seen = [(on, key(name)) for on, name in here]
            assert len(set(seen)) == len(seen), (part, here)


def fits(item: Item, ws: Workspace) -> bool:
    """Whether the label of an item is unlike all others of its kind; said here once more, the long way."""
    part = part_of(item)
    on = item.on if isinstance(item, Field) else None
    others = [
        other.name
        for other in getattr(ws, PLACES[part][0])
        if other.id != item.id and (not isinstance(other, Field) or other.on is on)
    ]
    return all(
        label_key(item.name) != label_key(other) and look_key(item.name) != look_key(other) for other in others
    )


START = Workspace(
    name="Provedor",
    agents=tuple(agent for agent in AGENTS if agent.id == "ada"),
    version=1,
    recorded_at=NOW,
)

one_part = st.sampled_from(list(KINDS))
some_id = st.sampled_from("abcde")
put = st.tuples(st.just("put"), one_part, some_id, names)
shelve = st.tuples(st.sampled_from(["archive", "restore"]), one_part, some_id, st.just(""))
steps = st.lists(put | put | shelve, max_size=25)


def asked(step: tuple[str, Part, str, str], ws: Workspace) -> Command | None:
    """The command of one step; None where no such part can even be made."""
    what, part, id, name = step
    if what != "put":
        return ArchiveItem(part, id) if what == "archive" else RestoreItem(part, id)
    problems = label_problems(name, "shortcut" if part is Part.QUICK_REPLY else "name", KINDS[part])
    if problems:
        with pytest.raises(InvalidValue) as refused:
            made(part, id, name)
        assert refused.value.problems == problems
        return None
    item = made(part, id, name)
    return AddItem(item) if ws.find(part, id) is None else ChangeItem(item)


@settings(max_examples=150)
@given(steps)
@example([("put", Part.TAG, "a", "VIP"), ("archive", Part.TAG, "a", ""), ("put", Part.TAG, "b", "vlP")])
@example([("put", Part.TAG, "a", "Boleto"), ("put", Part.TAG, "b", "x"), ("put", Part.TAG, "a", "x\u0301")])
def test_no_two_labels_are_ever_one(steps: list[tuple[str, Part, str, str]]) -> None:
    """Law: over any sequence of adding, renaming, archiving and bringing back, no two labels of a kind in the
    workspace are equal by label_key or by look_key, archived ones included; a part is refused exactly when its
    label is one of another's, and then the workspace is as it was.

    Rule: C1, C2, C3
    """
    ws = START
    for step in steps:
        command = asked(step, ws)
        if command is None:
            continue
        facts = on_workspace(ADA, workspace=ws)
        try:
            decision = decide(command, facts)
        except NotFound:
            assert isinstance(command, ArchiveItem | RestoreItem)
            assert ws.find(command.part, command.id) is None
            continue
        except InvalidValue as refused:
            assert isinstance(command, AddItem | ChangeItem)
            assert not fits(command.item, ws)
            (problem,) = refused.problems
            assert problem.path == ("shortcut" if isinstance(command.item, QuickReply) else "name")
            assert (problem.code, problem.rule) in (("repeated", "C1"), ("looks_like_another", "C2"))
            continue
        assert len(decision) <= 1
        for _, event in decision:
            ws = after(ws, event)
        if isinstance(command, AddItem | ChangeItem):
            assert fits(command.item, ws)
            assert ws.find(part_of(command.item), command.item.id) == command.item
        assert_told_apart(ws)
