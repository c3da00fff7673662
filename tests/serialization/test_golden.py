"""What was written once is read for good: documents that stay as they are, one of every type at least."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from chatcore.events import SCHEMA
from chatcore.serialization import decode, encode
from chatcore.serialization._tables import KINDS, VERSION
from tests.serialization.fuzz import agreed

FOLDER = Path(__file__).parents[1] / "golden"
DOCUMENTS = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.json"))}


def told(version: str) -> dict[str, str]:
    """The digests that were written down of the documents of a version."""
    lines = (FOLDER / version / "DIGESTS").read_text(encoding="ascii").splitlines()
    return {f"{version}/{name}": digest for digest, _, name in (line.partition("  ") for line in lines)}


def test_golden_documents_are_never_changed_or_taken_away() -> None:
    """Each is what its digest says, and none is missing; a new one comes with a digest of its own.

    A change here means that what is kept somewhere cannot be read any more: put the documents back.
    """
    kept = {path: digest for folder in FOLDER.glob("v*") for path, digest in told(folder.name).items()}
    assert {path: hashlib.sha256(data).hexdigest() for path, data in DOCUMENTS.items()} == kept


def test_every_type_has_a_golden_document() -> None:
    """A new type needs one: run tests/golden/write.py."""
    assert {json.loads(data)["type"] for data in DOCUMENTS.values()} == set(KINDS)
    assert {f"v{VERSION}/{tag}.json" for tag in KINDS} <= set(DOCUMENTS)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_golden_document_is_read(path: str) -> None:
    """By every way of reading, as a value of its type; one of this version is written again as it was."""
    data = DOCUMENTS[path]
    kind, value = agreed(data)
    assert kind == "value"
    assert type(value) is KINDS[json.loads(data)["type"]]
    if path.startswith(f"v{VERSION}/"):
        assert encode(value) == data
        assert decode(data, type(value)) == value


def test_documents_are_written_in_the_version_of_events() -> None:
    """One number for all that is kept."""
    assert VERSION == SCHEMA
