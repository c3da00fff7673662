"""How many examples a test draws: always the same ones, kept nowhere, made small when one fails."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

__all__ = ["drawn"]


def drawn(examples: int) -> settings:
    """The settings of a test that draws so many examples, however slow the storage is."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
