"""What a reader says it wants is what it gets."""

from typing import Any, assert_type

from chatcore.commands import Command, Outcome, Take
from chatcore.entities import Conversation
from chatcore.events import Envelope
from chatcore.search import Page
from chatcore.serialization import decode, encode, from_json, json_schema, to_json

data = encode("anything")

assert_type(data, bytes)
assert_type(decode(data), Any)
assert_type(decode(data, Conversation), Conversation)
assert_type(decode(data, Envelope, Outcome), Envelope | Outcome)
assert_type(decode(data, Take, Envelope, Outcome), Take | Envelope | Outcome)
assert_type(decode("{}", Command), Any)
assert_type(decode(data, Page).rows, tuple[Any, ...])
assert_type(from_json(to_json(Take), Take), Take)
assert_type(json_schema(), dict[str, Any])

decode(5)  # type: ignore[call-overload]
