"""The JSON Schema of documents, made from the shapes that read and write them, so that it cannot differ.

What a class demands beyond its fields' types it says itself; of that, the schema has the bounds that are known
beforehand: how long ids and texts of commands may be.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import NoneType, UnionType
from typing import Any, Final, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs

from chatcore import entities, errors
from chatcore.commands import Outcome
from chatcore.errors import ChatcoreError
from chatcore.events import Envelope
from chatcore.limits import (
    BOLETOS,
    ID_LENGTH,
    JUSTIFICATION_LENGTH,
    NAME_LENGTH,
    NOTE_TEXT,
    ORDER_DESCRIPTION,
    ORDER_SUBJECT,
    WHY_LENGTH,
)
from chatcore.serialization import _texts
from chatcore.serialization._forms import Choice, Either, Fixed, Leaf, Many, Maybe, OneOf, Record, Shape, Table
from chatcore.serialization._json import HIGHEST, LOWEST
from chatcore.serialization._shapes import fields_of, shape_of
from chatcore.serialization._tables import COMMANDS, CONDITIONS, EVENTS, KINDS, QUERIES, VERSION

__all__ = ["json_schema"]

Schema: TypeAlias = dict[str, Any]

_UNIONS: Final[Mapping[str, tuple[type[Any], ...]]] = {
    "Command": COMMANDS,
    "Condition": CONDITIONS,
    "Demand": get_args(entities.Demand),
    "Entity": get_args(entities.Entity),
    "Event": EVENTS,
    "Item": get_args(entities.Item),
    "Nature": get_args(entities.Nature),
    "Query": QUERIES,
    "Value": tuple(KINDS.values()),
}
"""Members of these are written with their tag, as ``{"type": …, "value": …}``."""

_DOCUMENTS: Final[Mapping[str, tuple[type[Any], ...]]] = {
    "CommandDocument": COMMANDS,
    "Document": tuple(KINDS.values()),
    "EnvelopeDocument": (Envelope,),
    "EventDocument": EVENTS,
    "OutcomeDocument": (Outcome,),
    "QueryDocument": QUERIES,
}
"""Whole documents that hold a value of one of these classes."""

_LEAVES: Final[Mapping[str, Schema]] = {
    "string": {"type": "string"},
    "text": {"type": "string"},
    "int": {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST},
    "bool": {"type": "boolean"},
    "moment": {"type": "string", "format": "date-time", "pattern": f"^{_texts.MOMENT}$"},
    "day": {"type": "string", "format": "date", "pattern": f"^{_texts.DAY}$"},
    "span": {"type": "string", "pattern": f"^{_texts.SPAN}$"},
    "number": {"type": "string", "pattern": f"^{_texts.NUMBER}$"},
    "money": {"type": "string", "pattern": f"^{_texts.MONEY}$"},
    "tax_id": {"type": "string", "pattern": f"^(?:{_texts.TAX_ID})$"},
}

_AN_ID: Final[Schema] = {"minLength": 1, "maxLength": ID_LENGTH}
_SOME: Final[Schema] = {"minItems": 1}
_BOUNDS: Final[Mapping[tuple[str, str], Schema]] = {
    ("AddNote", "text"): {"minLength": 1, "maxLength": NOTE_TEXT},
    ("AddTags", "tags"): _SOME,
    ("ArchiveItem", "id"): _AN_ID,
    ("BlockContact", "why"): {"minLength": 1, "maxLength": WHY_LENGTH},
    ("EditContact", "name"): {"minLength": 1, "maxLength": NAME_LENGTH},
    ("GrantBonus", "justification"): {"minLength": 1, "maxLength": JUSTIFICATION_LENGTH},
    ("GrantBonus", "period"): {"pattern": "^[0-9]{4}-(?:0[1-9]|1[0-2])$"},
    ("OpenServiceOrder", "description"): {"minLength": 1, "maxLength": ORDER_DESCRIPTION},
    ("OpenServiceOrder", "subject"): {"minLength": 1, "maxLength": ORDER_SUBJECT},
    ("OpenServiceOrder", "type"): _AN_ID,
    ("OrderItems", "ids"): _SOME,
    ("RemoveTags", "tags"): _SOME,
    ("RestoreItem", "id"): _AN_ID,
    ("SendBoletos", "boletos"): {"minItems": 1, "maxItems": BOLETOS},
    ("SendBoletos", "forms"): _SOME,
    ("SendInvoices", "invoices"): {"minItems": 1, "maxItems": BOLETOS},
    ("SendMessage", "text"): {"minLength": 1},
    ("SettleEffect", "fence"): {"minimum": 1},
    ("SettleReview", "evidence"): {"minLength": 1, "maxLength": JUSTIFICATION_LENGTH},
    ("StartConversation", "text"): {"minLength": 1},
}
"""What commands demand of a field besides its type; their ids are found by their types."""


def json_schema(*, prefix: str = "#/$defs/") -> Schema:
    """JSON Schema 2020-12 of everything that documents hold, and of errors, under ``$defs``.

    * Each class stands under its name, as it is inside a document; each union, like ``Command``, as tagged
      values; ``CommandDocument``, ``OutcomeDocument``, … and ``Document``, for any, are whole documents.
    * ``Error`` is what `ChatcoreError.document` tells; each error stands under its name with ``Error`` behind.

    `prefix` is what references begin with: for OpenAPI 3.1 give ``#/components/schemas/``, and put the
    definitions there.

        >>> json_schema()["$defs"]["Queued"]["properties"]
        {'department': {'type': 'string'}}
    """
    made = _Definitions(prefix)
    for kind in KINDS.values():
        made.of(shape_of(kind))
    for name, members in _UNIONS.items():
        made.definitions[name] = {"oneOf": [made.tagged(member) for member in members]}
    for name, members in _DOCUMENTS.items():
        made.definitions[name] = {"oneOf": [made.tagged(member, VERSION) for member in members]}
    for error in _errors():
        made.definitions[f"{error.__name__}Error"] = made.error_document(error)
    made.definitions["Error"] = {"oneOf": [made.ref(f"{error.__name__}Error") for error in _errors()]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": dict(sorted(made.definitions.items())),
    }


def _object(properties: Mapping[str, Schema], **more: Any) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _summary(thing: type[Any]) -> str:
    return inspect.getdoc(thing).partition("\n")[0]  # type: ignore[union-attr]


class _Definitions:
    """The definitions made so far."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.definitions: dict[str, Schema] = {}

    def ref(self, name: str) -> Schema:
        return {"$ref": f"{self.prefix}{name}"}

    def of(self, shape: Shape) -> Schema:
        """The schema of a shape; classes and closed lists are defined on the way."""
        match shape:
            case Leaf():
                return dict(_LEAVES[shape.name])
            case Choice():
                values = [member.value for member in shape.members]
                return self.defined(shape.members, {"type": "string", "enum": values})
            case Maybe():
                return _or_null(self.of(shape.some))
            case Many():
                return {"type": "array", "items": self.of(shape.item)}
            case Fixed():
                items = [self.of(item) for item in shape.items]
                length = {"minItems": len(items), "maxItems": len(items)}
                return {"type": "array", "prefixItems": items, "items": False, **length}
            case Table():
                return {"type": "array", "items": self.of(shape.pair)}
            case Either():
                return {"anyOf": [self.named(leaf) for leaf in shape.leaves.values()]}
            case OneOf():
                members = set(shape.members.values())
                name = next((name for name, union in _UNIONS.items() if set(union) == members), None)
                return (
                    self.ref(name)
                    if name
                    else {"oneOf": [self.tagged(each) for each in shape.members.values()]}
                )
            case Record():
                return self.record(shape.cls)
        raise TypeError

    def named(self, leaf: Leaf) -> Schema:
        """A value without fields, as it stands among others."""
        schema = self.of(leaf)
        return schema if schema["type"] != "string" else _object({leaf.name: schema})

    def tagged(self, kind: type[Any], version: int | None = None) -> Schema:
        """A value with its tag; with a version, the whole document."""
        head = {} if version is None else {"chatcore": {"const": version}}
        return _object({**head, "type": {"const": kind.__name__}, "value": self.ref(kind.__name__)})

    def defined(self, thing: type[Any], schema: Schema) -> Schema:
        self.definitions[thing.__name__] = {**schema, "description": _summary(thing)}
        return self.ref(thing.__name__)

    def record(self, cls: type[Any]) -> Schema:
        if cls.__name__ not in self.definitions:
            self.definitions[cls.__name__] = {}  # A class that holds its own kind finds itself here.
            properties = {
                name: _bounded(self.of(shape), _bounds(cls, name)) for name, shape in fields_of(cls).items()
            }
            self.defined(cls, _object(properties))
        return self.ref(cls.__name__)

    # --- errors ----------------------------------------------------------------------------------------------

    def error_document(self, error: type[ChatcoreError]) -> Schema:
        """What an error's document tells."""
        details = {name: self.detail(kind) for name, kind in _details(error).items()}
        properties: dict[str, Schema] = {
            "code": {"const": error.code},
            "kind": {"const": error.kind.value},
            "rule": {"const": error.rule},
            "message": {"type": "string"},
            "details": _object(details),
        }
        return _object(properties, description=_summary(error))

    def detail(self, kind: Any) -> Schema:
        """The schema of an error's attribute."""
        some = [part for part in _alternatives(kind) if part is not NoneType]
        if len(some) == 1:
            return _or_null(self.detail(some[0]))
        if get_origin(kind) is tuple:
            return {"type": "array", "items": self.detail(get_args(kind)[0])}
        if kind is timedelta:
            return {"type": "number"}  # In seconds.
        if kind is datetime:
            return {"type": "string", "format": "date-time"}
        if kind is errors.Problem:
            return self.problem_document()
        return self.of(shape_of(kind))

    def problem_document(self) -> Schema:
        """What a problem tells: what it has nothing to say about is left out."""
        text: Schema = {"type": "string"}
        number: Schema = {"type": "integer"}
        span: Schema = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
        properties = {"path": text, "code": text, "rule": text, "limit": number, "actual": number, "span": span}
        return self.defined(errors.Problem, {**_object(properties), "required": ["path", "code"]})


# --- bounds --------------------------------------------------------------------------------------------------


def _bounds(cls: type[Any], name: str) -> Schema:
    if (cls.__name__, name) in _BOUNDS:
        return _BOUNDS[cls.__name__, name]
    return _AN_ID if cls in COMMANDS and _is_id(getattr(attrs.fields(cls), name).type) else {}


def _is_id(kind: Any) -> bool:
    """Whether a type is that of an id, or of none or one; ids are NewTypes."""
    return isinstance(kind, NewType) or any(isinstance(part, NewType) for part in _alternatives(kind))


def _alternatives(kind: Any) -> Iterable[Any]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else ()


def _bounded(schema: Schema, bounds: Schema) -> Schema:
    """A schema with bounds, put where they belong: not beside null."""
    if bounds and "anyOf" in schema:
        some, *others = schema["anyOf"]
        return {"anyOf": [{**some, **bounds}, *others]}
    return {**schema, **bounds}


# --- errors --------------------------------------------------------------------------------------------------


def _errors() -> list[type[ChatcoreError]]:
    found = [getattr(errors, name) for name in errors.__all__]
    return [each for each in found if isinstance(each, type) and issubclass(each, ChatcoreError)]


_TOLD: Final[Mapping[str, Mapping[str, Any]]] = {
    "ClaimTaken": {"claim": str},
    "InvalidValue": {"problems": tuple[errors.Problem, ...]},
    "NotASearch": {"problems": tuple[errors.Problem, ...], "suggestions": tuple[str, ...]},
    "NotDecodable": {"problems": tuple[errors.Problem, ...]},
}
"""The attributes of errors that are not just what they are made of."""


def _details(error: type[ChatcoreError]) -> Mapping[str, Any]:
    """An error's attributes and their types."""
    if error.__name__ in _TOLD:
        return _TOLD[error.__name__]
    if error.__init__ is Exception.__init__:
        return {}
    hints = get_type_hints(error.__init__)
    return {name: kind for name, kind in hints.items() if name != "return"}
