"""Write docs/transitions.md from the tables in chatcore, so that the page cannot say anything else.

Run it with `python docs/make_diagrams.py`; a test compares the page with what this would write.
"""

from collections.abc import Iterable
from pathlib import Path

from chatcore.entities.effect import PORT_OF, REPEATABLE
from chatcore.errors import TransitionNotAllowed
from chatcore.events import Event, Reopened, Started
from chatcore.rules.table import TABLE
from chatcore.transitions import CONVERSATION, EFFECT, MONEY_LIKE, effect_state_after, situation_after
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    DepartmentId,
    EffectKind,
    EffectState,
    Private,
    Situation,
)

PAGE = Path(__file__).parent / "transitions.md"

Edge = tuple[str, str, str]
"""Where from, by what, where to; `[*]` is before the start."""

TOP = """\
# Transitions

Written by `docs/make_diagrams.py` from `chatcore.transitions` and `chatcore.rules.table`. Do not edit it.

A conversation is in one of four situations, an effect in one of nine states. Each moves by an event, along
an edge below, or not at all: what has no edge is refused with `TransitionNotAllowed`.
"""

EFFECT_NOTES = """\
`EvidenceKept` and `StatusKept` leave every state as it is.

An edge marked *money-like* is only for the kinds of effect that are, which are never done twice and never lost
silently; one marked *not money-like* only for all others. So a doubt about a message that stays ends in
UNCONFIRMED, where its assignee sees it, and one about a bonus in REVIEW, where a second person does. A success
that comes after the end is taken at its word where it is a message's; where it is money-like it goes to REVIEW,
and so does a second success under another name.
"""

KINDS_NOTES = """\
What is repeatable is done again after a doubt whatever the nature of the port's writes, and when nothing helps
it has failed. What goes through no port is inner work; it is taken up again until it is done. The rest goes by
the nature of its port: [What is promised](promises.md).
"""

ADMITS_NOTES = """\
A dash means that the command is not about one conversation, so no situation stands in its way.
"""


# --- the edges -----------------------------------------------------------------------------------------------


def _started(**how: object) -> Started:
    known = {
        "contact": ContactId("ct_1"),
        "channel": ChannelId("whatsapp"),
        "address": Private("5511987654321"),
        "protocol": "202611220000000001",
        "department": DepartmentId("suporte"),
    }
    return Started(**known, **how)  # type: ignore[arg-type]


ANA = AgentId("ana")
VARIANTS: dict[type[Event], dict[str, Event]] = {
    Started: {"": _started(), "to the bot": _started(bot=True), "with an assignee": _started(assignee=ANA)},
    Reopened: {"": Reopened(), "with an assignee": Reopened(assignee=ANA)},
}
"""The events that lead to different situations by what they say."""


def conversation_edges() -> list[Edge]:
    """The edges of a conversation, as the table has them."""
    edges = []
    for (origin, kind), to in CONVERSATION.items():
        for how, event in VARIANTS.get(kind, {}).items():
            by = f"{kind.__name__} {how}".strip()
            edges.append((_name(origin), by, situation_after(origin, event).name))
        if kind not in VARIANTS:
            edges.append((_name(origin), kind.__name__, to.name))
    return edges


def effect_edges() -> list[Edge]:
    """The edges of an effect; one that only some kinds have says which."""
    return [
        (_name(origin), f"{kind.__name__}{_mark(origin, kind)}", to.name)
        for (origin, kind), to in EFFECT.items()
    ]


def _mark(origin: EffectState | None, event: type[Event]) -> str:
    """Which kinds of effect have this edge: all of them, those that are money-like, or those that are not."""
    having = {kind for kind in EffectKind if _passes(kind, origin, event)}
    marks = {
        frozenset(EffectKind): "",
        MONEY_LIKE: " (money-like)",
        frozenset(EffectKind) - MONEY_LIKE: " (not money-like)",
    }
    return marks[frozenset(having)]


def _passes(kind: EffectKind, origin: EffectState | None, event: type[Event]) -> bool:
    """Whether an effect of a kind has this edge. Only an event's type counts here, so an empty one will do."""
    try:
        effect_state_after(kind, origin, object.__new__(event))
    except TransitionNotAllowed:
        return False
    return True


def _name(origin: Situation | EffectState | None) -> str:
    return "[*]" if origin is None else origin.name


# --- the page ------------------------------------------------------------------------------------------------


def diagram(edges: Iterable[Edge]) -> str:
    """A Mermaid state diagram; events between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for origin, by, to in edges:
        arrows.setdefault((origin, to), []).append(by)
    lines = [f"    {origin} --> {to}: {', '.join(by)}" for (origin, to), by in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def edge_table(edges: Iterable[Edge]) -> str:
    """The edges one by one."""
    rows = []
    for origin, by, to in edges:
        event, space, how = by.partition(" ")
        rows.append(["(none)" if origin == "[*]" else origin, f"`{event}`{space}{how}", to])
    return table(("from", "event", "to"), rows)


def kinds_table() -> str:
    """The kinds of effect: the port each goes through, and how careful it must be."""
    rows = []
    for kind in EffectKind:
        port = PORT_OF.get(kind)
        cells = (kind in MONEY_LIKE, kind in REPEATABLE)
        rows.append(
            [kind.name, "-" if port is None else str(port), *("yes" if cell else "no" for cell in cells)]
        )
    return table(("kind", "port", "money-like", "repeatable"), rows)


def admits_table() -> str:
    """Which situations admit each command, and the ability that it needs."""
    rows = []
    for command, row in TABLE.items():
        cells = (
            ["-"] * len(Situation)
            if row.admits is None
            else ["yes" if s in row.admits else "no" for s in Situation]
        )
        rows.append([f"`{command.__name__}`", f"`{row.ability}`", *cells])
    return table(("command", "ability", *(s.name for s in Situation)), rows)


def page() -> str:
    """The whole page."""
    conversation, effect = conversation_edges(), effect_edges()
    parts = [
        TOP,
        "## The conversation\n",
        diagram(conversation) + "\n",
        edge_table(conversation) + "\n",
        "## Which command a situation admits\n",
        admits_table() + "\n",
        ADMITS_NOTES,
        "## The effect\n",
        diagram(effect) + "\n",
        edge_table(effect) + "\n",
        EFFECT_NOTES,
        "## The kinds of effect\n",
        kinds_table() + "\n",
        KINDS_NOTES,
    ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
