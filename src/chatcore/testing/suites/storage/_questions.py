"""Questions about the town: every condition there is, each with values that match and values that nearly do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from chatcore.entities import FieldValue, Scope
from chatcore.search import Between, Condition, Filled, Has, Named, Reached, Says, Trait, When
from chatcore.testing.suites.storage._ledger import NOON
from chatcore.text import words_of
from chatcore.vocabulary import (
    AgentId,
    ChannelId,
    ContactId,
    ConversationId,
    DepartmentId,
    FieldId,
    Private,
    Situation,
)

__all__ = [
    "AGENTS",
    "CHANNELS",
    "DEPARTMENTS",
    "HOMES",
    "LATER",
    "PEOPLE",
    "SCOPES",
    "between",
    "filled",
    "message_traits",
    "names",
    "reached",
    "said",
    "traits",
]

HOMES: Final = tuple(map(ConversationId, ("cv_b", "cv_B", "cv_\U0001f600", "cv_no")))
AGENTS: Final = tuple(map(AgentId, ("ana", "Ana", "beto", "nobody")))
DEPARTMENTS: Final = tuple(map(DepartmentId, ("support", "sales", "Sales")))
CHANNELS: Final = tuple(map(ChannelId, ("wa", "Wa", "wb", "bot", "w%")))
PEOPLE: Final = tuple(map(ContactId, ("ct_0", "ct_4", "ct_6", "ct_8", "ct_B", "ct_b", "ct_no")))

SCOPES: Final = (
    Scope(),
    Scope(everything=True),
    Scope(assignee=AgentId("ana")),
    Scope(assignee=AgentId("beto"), bot=True),
    Scope(departments=(DepartmentId("sales"),)),
    Scope(departments=(DepartmentId("support"), DepartmentId("sales"))),
    Scope(waiting=(DepartmentId("sales"),)),
    Scope(assignee=AgentId("Ana"), waiting=(DepartmentId("support"),), bot=True),
    Scope(bot=True),
)

WORDS: Final = (
    "boleto",
    "Boleto",
    "bol",
    "oleto",
    "boletos",
    "via",
    "segunda via",
    "seg via",
    "via segunda",
    "segunda",
    "boleto boleto",
    "boleto por",
    "2a",
    "2ª",
    "nao",
    "não",
    "NÃO RECEBI",
    "a",
    "😀",
    "família",
    "👨",
    "🇧🇷",
    "100",
    "100%",
    "certo_ou",
    "por cento",
    "c:\\boletos",
    "aspas duplas",
    "drop table",
    "or",
    "and or not",
    "near",
    "OR AND NOT",
    "not*",
    "nu",
    "nulo",
    "e composto ou e",
    "largo",
    "istanbul",
    "σισυφος",
    "fim",
    "日本語のテキスト",
    "日本語",
    "한국어",
    "x" * 1000,
    "x" * 100,
    "fatura",
    "antes",
    "depois",
    "revogado",
    "relogio voltou",
    "financeiro",
    "segue",
    "nunca",
    "\ud800",
    "'",
    '"',
)
"""What is looked for; those that have no word in them nobody can ask for."""

NAMED: Final = (
    "jo",
    "joao",
    "JOÃO",
    "joão da",
    "da silva",
    "silva da",
    "silva",
    "maria",
    "ana",
    "ana maria",
    "d'ávila",
    "100%",
    "_x_",
    "zé",
    "wide",
    "drop table",
    "strasse",
    "stra",
    "lukasz",
    "łukasz",
    "😀",
    "r",
    "\ud800",
)


def _leaf(kind: type[Any], text: str, *, prefix: bool) -> Iterable[Condition]:
    """A condition for this text, if there is a word in it."""
    if words_of(text):
        yield kind(text, prefix=prefix)


def said() -> list[Condition]:
    """Words that a message says, whole and as a beginning."""
    return [leaf for text in WORDS for prefix in (False, True) for leaf in _leaf(Says, text, prefix=prefix)]


def names() -> list[Condition]:
    """Words of a name, likewise."""
    return [leaf for text in NAMED for prefix in (False, True) for leaf in _leaf(Named, text, prefix=prefix)]


def traits() -> list[Condition]:
    """What conversations and contacts have by name."""
    values: dict[Trait, tuple[str, ...]] = {
        Trait.SITUATION: tuple(Situation),
        Trait.AGENT: AGENTS,
        Trait.DEPARTMENT: DEPARTMENTS,
        Trait.CHANNEL: CHANNELS,
        Trait.TAG: ("vip", "Vip", "vi", "v%"),
        Trait.REASON: ("done", "Done", "same", "no"),
        Trait.CONTACT: PEOPLE,
        Trait.PROTOCOL: ("p-cv_b", "p-cv_B", "P-cv_b", "p-cv_\u00e9", "p-"),
        Trait.CUSTOMER: ("cu-1", "CU-1", "cu-2"),
    }
    return [Has(trait, value) for trait, some in values.items() for value in some]


def message_traits() -> list[Condition]:
    """What messages have by name."""
    traits = {
        Trait.DIRECTION: ("inbound", "outbound", "internal"),
        Trait.KIND: ("text", "note", "image", "audio"),
    }
    return [Has(trait, value) for trait, some in traits.items() for value in some]


def filled() -> list[Condition]:
    """Values of custom fields."""
    values: dict[str, tuple[FieldValue, ...]] = {
        "plan": (Private("100M"), Private("100m"), Private("'; --"), Private("100")),
        "since": (date(2026, 3, 1), date(2026, 3, 2)),
        "open": (True, False),
        "count": (Decimal("1.5"), Decimal("1.50"), Decimal(1), Decimal("1.500001"), Decimal(0)),
        "Plan": (Private("100M"),),
    }
    return [Filled(FieldId(field), value) for field, some in values.items() for value in some]


def reached() -> list[Condition]:
    """Keys of addresses."""
    keys = (
        ("key-0",),
        ("key-1", "key-3"),
        ("KEY-1",),
        ("key-4",),
        ("key-6",),
        ("key-é",),
        ("no", "key-2"),
        ("no",),
    )
    return [Reached(each) for each in keys]


def between(*whens: When) -> list[Condition]:
    """Spans of time, open and shut, for each of these moments."""
    found: list[Condition] = []
    for when in whens:
        for since, until in ((0, None), (None, 60), (60, 600), (0.000001, 60.000001), (10**7, None), (None, 0)):
            found.append(
                Between(
                    when,
                    since=None if since is None else NOON + timedelta(seconds=since),
                    until=None if until is None else NOON + timedelta(seconds=until),
                )
            )
    return found


LATER: Final = (When.STARTED, When.OPENED, When.CLOSED, When.ACTIVE, When.WAITING)
