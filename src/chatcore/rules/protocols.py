"""Protocol numbers: given at the opening of a conversation, unique, immutable. Rule: L11, R1.

A number is the day in the workspace's zone and ten digits drawn from the command's id root. It needs no
sequence: the number is claimed with the conversation, and the rare one that is taken is drawn anew.

    >>> from datetime import UTC, datetime
    >>> protocol_number("0190c0ffee", datetime(2026, 11, 22, 1, 30, tzinfo=UTC), "America/Sao_Paulo")
    '202611211613712299'
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from chatcore.moments import local_day

__all__ = ["protocol_number"]


def protocol_number(root: str, now: datetime, time_zone: str) -> str:
    """Eighteen digits: the local day, then ten from the root."""
    drawn = int.from_bytes(hashlib.blake2b(root.encode(), digest_size=8).digest()) % 10**10
    return f"{local_day(now, time_zone).isoformat().replace('-', '')}{drawn:010d}"
