"""The keys and words of a typed search, in Portuguese and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chatcore.search.conditions import Mark, Trait, When
from chatcore.text import fold
from chatcore.vocabulary import Direction, Locale, MessageKind, Part, Situation

__all__ = [
    "DATES",
    "KEYS",
    "MARKS",
    "MOMENTS",
    "OPERATORS",
    "OTHERS",
    "PARTS",
    "SPELLED",
    "TRAITS",
    "VALUES",
    "spelled",
]

_PT, _EN = Locale.PT_BR, Locale.EN

TRAITS: Final[Mapping[Trait, tuple[str, ...]]] = MappingProxyType(
    {
        Trait.SITUATION: ("situação", "situation", "status", "view"),
        Trait.AGENT: ("agente", "agent", "atendente", "responsável", "assignee"),
        Trait.DEPARTMENT: ("setor", "department", "departamento"),
        Trait.CHANNEL: ("canal", "channel"),
        Trait.TAG: ("etiqueta", "tag"),
        Trait.REASON: ("motivo", "reason"),
        Trait.PROTOCOL: ("protocolo", "protocol"),
        Trait.CONTACT: ("contato", "contact"),
        Trait.CUSTOMER: ("cliente", "customer"),
        Trait.DIRECTION: ("lado", "side"),
        Trait.KIND: ("tipo", "kind"),
    }
)
"""For each trait its keys: the first two are those it is written with, in Portuguese and in English."""

OTHERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("nome", "name"),
        "number": ("número", "number", "telefone", "phone"),
        "document": ("documento", "document", "cpf", "cnpj"),
        "is": ("está", "is", "é"),
        "field": ("campo", "field"),
    }
)
"""The keys that ask for no trait, by what they ask for."""

DATES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "since": ("desde", "since"),
        "after": ("depois", "after"),
        "before": ("antes", "before"),
        "until": ("até", "until"),
        "on": ("em", "on"),
    }
)
"""The keys that ask for a day: from it on, from the next on, before it, up to its end, on it."""

MOMENTS: Final[Mapping[When, tuple[str, ...]]] = MappingProxyType(
    {
        When.SENT: ("enviada", "sent"),
        When.STARTED: ("iniciada", "started"),
        When.OPENED: ("aberta", "opened"),
        When.CLOSED: ("fechada", "closed"),
        When.ACTIVE: ("ativa", "active"),
        When.WAITING: ("esperando", "waiting"),
    }
)
"""What stands before the key of a day: ``fechada.antes:2026-01-01``; without it, when a message was sent."""

MARKS: Final[Mapping[Mark, tuple[str, ...]]] = MappingProxyType(
    {
        Mark.WAITING: ("esperando", "waiting"),
        Mark.UNREAD: ("não-lida", "unread"),
        Mark.ASSIGNED: ("atribuída", "assigned"),
        Mark.BLOCKED: ("bloqueado", "blocked"),
        Mark.LINKED: ("vinculado", "linked"),
    }
)

VALUES: Final[Mapping[Trait, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        Trait.SITUATION: MappingProxyType(
            {
                Situation.QUEUE.value: ("fila", "queue"),
                Situation.OPEN.value: ("aberta", "open", "aberto", "abertos"),
                Situation.CLOSED.value: ("fechada", "closed", "fechado", "fechados"),
                Situation.BOT.value: ("robô", "bot"),
            }
        ),
        Trait.DIRECTION: MappingProxyType(
            {
                Direction.INBOUND.value: ("cliente", "inbound", "customer", "recebida"),
                Direction.OUTBOUND.value: ("nós", "outbound", "us", "enviada"),
                Direction.INTERNAL.value: ("nota", "internal", "note"),
            }
        ),
        Trait.KIND: MappingProxyType(
            {
                MessageKind.TEXT.value: ("texto", "text"),
                MessageKind.IMAGE.value: ("imagem", "image", "foto"),
                MessageKind.VIDEO.value: ("vídeo", "video"),
                MessageKind.AUDIO.value: ("áudio", "audio"),
                MessageKind.DOCUMENT.value: ("documento", "document", "arquivo"),
                MessageKind.STICKER.value: ("figurinha", "sticker"),
                MessageKind.TEMPLATE.value: ("modelo", "template"),
                MessageKind.NOTE.value: ("nota", "note"),
                MessageKind.UNKNOWN.value: ("desconhecido", "unknown"),
            }
        ),
    }
)
"""The values of the traits that are closed lists."""

PARTS: Final[Mapping[Trait, Part]] = MappingProxyType(
    {
        Trait.AGENT: Part.AGENT,
        Trait.DEPARTMENT: Part.DEPARTMENT,
        Trait.CHANNEL: Part.CHANNEL,
        Trait.TAG: Part.TAG,
        Trait.REASON: Part.REASON,
    }
)
"""The traits whose values are parts of the workspace, known by id or by name."""

OPERATORS: Final[Mapping[str, str]] = MappingProxyType(
    {"E": "and", "AND": "and", "OU": "or", "OR": "or", "NÃO": "not", "NAO": "not", "NOT": "not"}
)
"""The words between conditions: in capitals, since in small letters they are words like others."""

SPELLED: Final[Mapping[Locale, Mapping[str, str]]] = MappingProxyType(
    {_PT: MappingProxyType({"or": "OU"}), _EN: MappingProxyType({"or": "OR"})}
)


def spelled(names: tuple[str, ...], locale: Locale) -> str:
    """The key or word as it is written in a language."""
    return names[0] if locale is _PT else names[1]


def _by_spelling() -> dict[str, object]:
    keys: dict[str, object] = {}
    for table in (TRAITS, OTHERS, DATES):
        for meant, names in table.items():
            keys |= dict.fromkeys(map(fold, names), meant)
    return keys


KEYS: Final[Mapping[str, object]] = MappingProxyType(_by_spelling())
"""What each key means, by its folded spelling: a trait, or the name of something else to ask for."""
