"""The rules: pure functions from a command and the facts to a decision, or a refusal.

A decision is a tuple of ``(ref, event)``. No port, no clock, no mutation; deciding twice gives equal results.
`table` has one row per command; the rules live in modules by subject.
"""

from __future__ import annotations

from chatcore.rules.table import decide

__all__ = ["decide"]
