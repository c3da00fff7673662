"""What the tests of a storage have in common: how one is made, and what its handles are."""

from __future__ import annotations

import itertools
from random import SystemRandom
from typing import Any, Final

from chatcore.ports import AsyncStorage, Storage
from chatcore.testing.suites._base import Suite

__all__ = ["StorageTests", "new_tenant"]

_RUN: Final = f"t{SystemRandom().getrandbits(48):012x}"
_NUMBERS: Final = itertools.count(1)


def new_tenant() -> str:
    """The name of a tenant that nobody ever used: a database need not be emptied between tests."""
    return f"{_RUN}x{next(_NUMBERS)}x"  # Whoever adds a digit meets no other name.


class StorageTests(Suite):
    """Tests of the storage port. Subclass `StorageSuite`, not this."""

    ports = (Storage, AsyncStorage)

    def make(self, tenant: str) -> Any:
        """Give a storage handle of this tenant; may be a coroutine, the storage sync or async.

        Two handles of one tenant are handles on the same data.
        """
        raise NotImplementedError(
            f"{type(self).__name__} needs `def make(self, tenant): return MyStorage(tenant)`, sync or async"
        )

    def storage(self, tenant: str | None = None) -> Storage:
        """The sync face of a storage: of a tenant that has nothing yet, or of the one named."""
        made: Any = self.make(new_tenant() if tenant is None else tenant)
        kept: Storage = self._keep(made)
        return kept

    def _sample(self) -> Storage:
        return self.storage()
