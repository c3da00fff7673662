"""Documents that are nearly right, and what must be true of whatever is read.

`python tests/serialization/fuzz.py [SECONDS] [SEED]` looks for a counterexample for as long as it is given, and
prints the bytes of one if there is.
"""

from __future__ import annotations

import copy
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from chatcore import limits, serialization  # noqa: E402
from chatcore.errors import NotDecodable, Problem  # noqa: E402
from chatcore.serialization import _json, decode, encode  # noqa: E402

GOLDEN = {path.stem: path.read_bytes() for path in sorted((ROOT / "tests/golden/v1").glob("*.json"))}
"""A document of every type, and some more."""

Answer = tuple[str, Any]
"""What reading gave: a value, or the problems."""

try:
    import orjson
except ImportError:
    orjson = None
PARSERS = [None] if orjson is None else [None, orjson]


@contextmanager
def parser(which: Any) -> Iterator[None]:
    """Read with orjson, or without it (None)."""
    before, _json.orjson = _json.orjson, which
    try:
        yield
    finally:
        _json.orjson = before


def answer(read: Callable[[bytes], Any], data: bytes) -> Answer:
    """What reading some bytes gives. Anything but `NotDecodable` is let through: it is the counterexample."""
    try:
        return "value", read(data)
    except NotDecodable as error:
        return "problems", error.problems


def exactly(data: bytes) -> Any:
    """Read the exact way, whatever the fast one says."""
    problems: tuple[Problem, ...] = ()
    try:
        return serialization._read_exactly(_json.parsed(data), None)
    except serialization.InvalidValue as error:
        problems = error.problems
    raise NotDecodable(*problems[: limits.DOCUMENT_PROBLEMS])


def agreed(data: bytes) -> Answer:
    """What all ways of reading some bytes say, and writing again what was read.

    Raises:
        AssertionError: they say different things.
    """
    told = answer(exactly, data)
    for which in PARSERS:
        with parser(which):
            assert answer(decode, data) == told
    if told[0] == "value":
        again = encode(told[1])
        assert decode(again) == told[1]
        assert encode(decode(again)) == again
    else:
        assert told[1]
    return told


# --- nearly right --------------------------------------------------------------------------------------------

ODD = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.0,
        1.5,
        1e400,
        float("nan"),
        "",
        "a",
        "12",
        "false",
        "abc",
        [],
        {},
        [[]],
        [None],
    ),
    *(1 << 63, (1 << 64) - 1, 1 << 64, -(1 << 63), -(1 << 63) - 1, 10**400),
    *("2026-03-10T12:00:00.000000Z", "2026-03-10T12:00:00-03:00", "2026-W11-2T12:00:00.000000Z", "2026-03-10"),
    *(
        "PT1S",
        "PT0.500000S",
        "-PT0S",
        "12.50",
        "NaN",
        "1E+3",
        "20.00",
        "\ud800",
        "\ud83d\ude00",
        "\0",
        "ct_1",
        "cv_1",
    ),
    *({"text": "x"}, {"number": "1"}, {"money": "1.00"}, {"day": "2026-03-10"}, {"type": "Take", "value": {}}),
    *(["a\ud83d", "\ude00b"], ["a", "b"], ["a"]),
)
"""What may stand where something else is wanted."""

BYTES = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\n",
    b"0",
    b"-",
    b"e1",
    b".5",
    b"\xff",
    b"\xef\xbb\xbf",
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a tree, the tree itself last."""
    steps: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))
    yield path


def changed_tree(tree: Any, lots: random.Random) -> Any:
    """A tree with one thing in it changed."""
    *way, last = lots.choice([path for path in places(tree) if path])
    within = tree
    for step in way:
        within = within[step]
    match lots.randrange(5):
        case 0 if isinstance(within, dict):
            del within[last]
        case 1 if isinstance(within, dict):
            within[lots.choice(("extra", "", "value", "type", "id", "11 98765-4321"))] = copy.deepcopy(
                lots.choice(ODD)
            )
        case 2 if isinstance(within, dict):
            members = list(within.items())
            lots.shuffle(members)
            within.clear()
            within.update(members)
        case 3 if isinstance(within, list):
            within.insert(last, copy.deepcopy(within[last]))
        case _:
            within[last] = copy.deepcopy(lots.choice(ODD))
    return tree


def changed_bytes(data: bytes, lots: random.Random) -> bytes:
    """Bytes with one place changed."""
    i, j = sorted(lots.randrange(len(data) + 1) for _ in range(2))
    match lots.randrange(6):
        case 0:
            return data[:i] + data[i + 1 :]
        case 1:
            return data[:i] + lots.choice(BYTES) + data[i:]
        case 2:
            return data[:i] + bytes((lots.randrange(256),)) + data[i + 1 :]
        case 3:
            return data[:i]
        case 4:
            return data[:i] + data[j:]
        case _:
            return data[:j] + data[i:]


def compact(tree: Any) -> bytes:
    """A tree as JSON, written as we do it; escaped where UTF-8 has no bytes for it."""
    try:
        return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(tree, separators=(",", ":")).encode()


def spelled(tree: Any, lots: random.Random) -> bytes:
    """A tree as JSON, in one of several ways to write it."""
    if lots.randrange(2):
        return compact(tree)
    if lots.randrange(2):
        return json.dumps(tree).encode()
    text = json.dumps(tree, ensure_ascii=False, separators=lots.choice(((", ", ": "), (" ,", " : "))))
    return text.encode("utf-8", "surrogatepass")


def nearly_right(seed: int) -> bytes:
    """A document with a few things changed; the same for the same seed."""
    lots = random.Random(seed)
    data = lots.choice(list(GOLDEN.values()))
    if lots.randrange(3):
        tree = json.loads(data)
        for _ in range(lots.choice((0, 1, 1, 1, 2, 3))):
            tree = changed_tree(tree, lots)
        data = spelled(tree, lots)
    if not lots.randrange(3):
        data = doubled(data, lots)
    for _ in range(lots.choice((0, 0, 1, 2))):
        data = changed_bytes(data, lots)
    return data


def doubled(data: bytes, lots: random.Random) -> bytes:
    """A document in which a member stands twice, perhaps with another value the second time."""
    starts = [i for i in range(len(data)) if data[i : i + 1] == b"{"]
    if not starts:
        return data
    i = lots.choice(starts) + 1
    head = data[i:].partition(b",")[0]
    key = head.partition(b":")[0]
    member = lots.choice((head, key + b":" + lots.choice((b"null", b"1", b'":"', b'"x"', b"[]", b"{}"))))
    return data[:i] + member + lots.choice((b",", b" , ")) + data[i:]


def main(seconds: float = 60, seed: int | None = None) -> int:
    """Look for a counterexample; 0 if there is none to be found in this time."""
    begun = time.monotonic()
    first = random.SystemRandom().randrange(1 << 40) if seed is None else seed
    print(f"seed {first}", flush=True)
    count = values = 0
    while time.monotonic() < begun + seconds:
        data = nearly_right(first + count)
        try:
            values += agreed(data)[0] == "value"
        except BaseException:
            print(f"seed {first + count}: {data!r}")
            raise
        count += 1
    print(f"{count} documents, {values} of them read")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
