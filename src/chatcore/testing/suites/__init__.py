"""Suites for the adapters of each port: subclass one, say how your adapter is made, and run pytest.

    from chatcore.testing.suites import StorageSuite

    class TestMyStorage(StorageSuite):
        def make(self, tenant: str) -> MyStorage:
            return MyStorage(tenant)

`make` may be a coroutine, and the adapter sync or async: the tests are the same. Each test's docstring says
what to look for when it fails.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from chatcore.testing.suites._base import Suite
    from chatcore.testing.suites._writes import Failing, Reported
    from chatcore.testing.suites.billing import BillingSuite, Granted
    from chatcore.testing.suites.contracts import ContractsSuite, Opened
    from chatcore.testing.suites.messaging import MessagingSuite, Sent
    from chatcore.testing.suites.storage import StorageSuite

__all__ = [
    "BillingSuite",
    "ContractsSuite",
    "Failing",
    "Granted",
    "MessagingSuite",
    "Opened",
    "Reported",
    "Sent",
    "StorageSuite",
    "Suite",
]

_HOMES: Final = {
    "_base": ("Suite",),
    "_writes": ("Failing", "Reported"),
    "billing": ("BillingSuite", "Granted"),
    "contracts": ("ContractsSuite", "Opened"),
    "messaging": ("MessagingSuite", "Sent"),
    "storage": ("StorageSuite",),
}
_PARTS: Final = ("_bills", "_customers", "_natures", "_outcomes")
_HOME_OF: Final = {name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names}

# What an assertion compared is told only by modules that are loaded after this.
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in (*_HOMES, *_PARTS)))


def __getattr__(name: str) -> object:
    """Load a suite's module when it is first asked for."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
