"""Write the golden documents that are missing: `python tests/golden/write.py`.

A golden document is one that some release wrote, as its exact bytes. It is never written again and never taken
away: what was kept once has to be read for good. So this script only adds, for a type that has none yet, and
for the cases below; what is there is left as it is.

`v1/<type>.json` holds one value of each type, the fullest of many that were drawn; `v1/<type>-<case>.json` what
is worth keeping besides. `v1/DIGESTS` has the digest of every document.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: E402

from chatcore.commands import Finding, FindingKind, ReceiveMessage, SetFields, SettleEffect  # noqa: E402
from chatcore.entities import Bonus  # noqa: E402
from chatcore.events import SCHEMA, Closed, Envelope  # noqa: E402
from chatcore.search import Between, ConversationQuery, Has, Is, Mark, Says, Trait, When  # noqa: E402
from chatcore.serialization import encode  # noqa: E402
from chatcore.serialization._tables import KINDS, VERSION  # noqa: E402
from chatcore.testing import strategies  # noqa: E402
from chatcore.vocabulary import SYSTEM, Actor, Private  # noqa: E402

FOLDER = Path(__file__).parent / f"v{VERSION}"
DIGESTS = "DIGESTS"
DRAWS, LARGEST = 60, 4_000
"""Values drawn of each type, and bytes of the largest that is kept if there is a smaller one."""

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def cases() -> Iterator[tuple[str, Any]]:
    """What is worth keeping besides one of each."""
    arrived = {"channel": "wa", "address": "5511987654321", "provider_id": "wamid.1", "sent_at": NOON}
    yield (
        "ReceiveMessage-halves",
        ReceiveMessage(text="\ud83d lone, \ud83d\ude00 apart, 😀 whole\0\x1f\x7f", **arrived),
    )
    yield "ReceiveMessage-escapes", ReceiveMessage(text='"\\/\b\f\n\r\t\u2028é\U0001f1e7', **arrived)
    values = {"a": "text", "b": Decimal("12.50"), "c": date(2026, 2, 28), "d": True, "e": False, "f": None}
    yield "SetFields-each", SetFields("cv_1", values | {"g": Decimal("1E+3"), "h": Decimal("-0.000")})
    for bonus in (Bonus.amount("20.00"), Bonus.percent("12.5"), Bonus.days(7)):
        yield f"Bonus-{bonus.kind.value}", bonus
    for name, span in (("parts", timedelta(days=2, microseconds=5)), ("back", timedelta(seconds=-1.5))):
        finding = Finding(kind=FindingKind.NOT_DONE, retry_after=span)
        yield f"SettleEffect-{name}", SettleEffect("ef_1", 3, finding)
    moments = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    for name, moment in zip(("first", "last"), moments, strict=True):
        closed = Closed(reason="slow")
        yield (
            f"Envelope-{name}",
            Envelope("ev_1.0", "cv_1", 1, moment, SYSTEM, "cm_1", "corr", "ev_0.0", SCHEMA, closed),
        )
    asked = Says("segunda via") & ~(Has(Trait.TAG, "vip") | Is(Mark.WAITING)) & Between(When.ACTIVE, since=NOON)
    yield "AllOf-nested", asked
    yield "ConversationQuery-where", ConversationQuery(where=~Has(Trait.TAG, "vip"))
    yield "Actor-bot", Actor.bot("robô")
    yield "EvidenceKept-note", KINDS["EvidenceKept"](finding="looked", reference=None, note=Private("ok"))


def drawn(kind: type[Any]) -> bytes:
    """The document of the fullest value of a type, of a fixed number that are drawn."""
    found: list[bytes] = []

    @seed(20260310)
    @settings(
        max_examples=DRAWS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.values(kind))
    def draw(value: Any) -> None:
        found.append(encode(value))

    draw()
    fitting = [data for data in found if len(data) <= LARGEST] or [min(found, key=len)]
    return max(fitting, key=lambda data: (fullness(json.loads(data)), -len(data), data))


def fullness(tree: Any) -> int:
    """How many things in a document are neither null nor empty."""
    if isinstance(tree, dict):
        return sum(map(fullness, tree.values()))
    if isinstance(tree, list):
        return sum(map(fullness, tree)) if tree else 0
    return 0 if tree is None or tree == "" else 1


def main() -> None:
    """Add what is missing, and the digests of what was added."""
    FOLDER.mkdir(exist_ok=True)
    wanted = dict.fromkeys(KINDS) | dict(cases())
    for name, value in wanted.items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_bytes(drawn(KINDS[name]) if value is None else encode(value))
            print(f"added {path.name}")
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.json")}
    known = FOLDER / DIGESTS
    lines = known.read_text(encoding="ascii").splitlines() if known.exists() else []
    told = {line.partition("  ")[2] for line in lines}
    lines += [f"{digest}  {name}" for name, digest in sorted(digests.items()) if name not in told]
    known.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


if __name__ == "__main__":
    main()
