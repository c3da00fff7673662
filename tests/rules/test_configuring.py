"""Configuring the workspace: all of it at once, and nothing in use is ever left out."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from chatcore.commands import Configure
from chatcore.entities import Department, Workspace
from chatcore.errors import InvalidValue, NotPermitted
from chatcore.events import WorkspaceConfigured
from chatcore.rules import decide
from chatcore.vocabulary import SYSTEM
from tests.given import ADA, AGENTS, REASONS, on_workspace, workspace


def test_the_first_configuration_comes_from_outside() -> None:
    """Before it nobody is anybody, so the system makes it. Rule: section P."""
    first = on_workspace(SYSTEM, workspace=Workspace(name="unconfigured"))
    assert decide(Configure(workspace()), first) == (("ws", WorkspaceConfigured(workspace=workspace())),)


def test_an_admin_changes_it() -> None:
    """Adding, renaming, archiving and deactivating. Rule: section P, C3."""
    fewer = workspace().departments
    new = workspace(name="Outro", departments=(*fewer, Department(id="new", name="Novo")))
    assert decide(Configure(new), on_workspace(ADA)) == (("ws", WorkspaceConfigured(workspace=new)),)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"agents": AGENTS[1:]}, ["agents[ana]"]),
        ({"reasons": REASONS[:-1]}, ["reasons[worst]"]),
        ({"channels": ()}, ["channels[wa]"]),
        (
            {"departments": (), "agents": (), "reasons": (), "channels": ()},
            [
                "departments[sup]",
                "departments[fin]",
                *(f"agents[{a.id}]" for a in AGENTS),
                *(f"reasons[{r.id}]" for r in REASONS),
                "channels[wa]",
            ],
        ),
    ],
)
def test_nothing_is_left_out(changes: dict[str, Any], expected: list[str]) -> None:
    """What was there once stays, archived or deactivated; every one left out is named. Rule: C3."""
    with pytest.raises(InvalidValue) as refused:
        decide(Configure(workspace(**changes)), on_workspace(ADA))
    assert [(p.path, p.code, p.rule) for p in refused.value.problems] == [
        (p, "left_out", "C3") for p in expected
    ]


def test_configuring_what_already_is_changes_nothing() -> None:
    """Whatever version the same configuration carries. Rule: L19."""
    same = attrs.evolve(workspace(), version=7)
    assert decide(Configure(same), on_workspace(ADA)) == ()


def test_what_is_contracted_comes_from_outside() -> None:
    """An admin neither locks the tenant out nor gives it more; the system does. Rule: S23."""
    less = workspace(modules=())
    with pytest.raises(NotPermitted):
        decide(Configure(less), on_workspace(ADA))
    assert decide(Configure(less), on_workspace(SYSTEM)) == (("ws", WorkspaceConfigured(workspace=less)),)
