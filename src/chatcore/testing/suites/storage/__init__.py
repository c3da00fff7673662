"""The suite for adapters of the storage port: what `chatcore.ports.storage` promises, test by test.

from chatcore.testing.suites import StorageSuite

class TestMyStorage(StorageSuite):
    def make(self, tenant):
        return MyStorage(tenant)
"""

from __future__ import annotations

from chatcore.testing.suites.storage.claiming import ClaimingTests
from chatcore.testing.suites.storage.committing import CommittingTests
from chatcore.testing.suites.storage.counting import CountingTests
from chatcore.testing.suites.storage.following import FollowingTests
from chatcore.testing.suites.storage.forgetting import ForgettingTests
from chatcore.testing.suites.storage.keeping import KeepingTests
from chatcore.testing.suites.storage.keying import KeyingTests
from chatcore.testing.suites.storage.paging import PagingTests
from chatcore.testing.suites.storage.parting import PartingTests
from chatcore.testing.suites.storage.racing import RacingTests
from chatcore.testing.suites.storage.reading import ReadingTests
from chatcore.testing.suites.storage.searching import SearchingTests
from chatcore.testing.suites.storage.serving import ServingTests
from chatcore.testing.suites.storage.timing import TimingTests

__all__ = ["StorageSuite"]


class StorageSuite(
    ServingTests,
    RacingTests,
    KeepingTests,
    PartingTests,
    ForgettingTests,
    FollowingTests,
    SearchingTests,
    PagingTests,
    TimingTests,
    ReadingTests,
    CountingTests,
    ClaimingTests,
    KeyingTests,
    CommittingTests,
):
    """Subclass this, and give a storage of a tenant by `make`.

    It needs nothing but the port, and skips nothing: no promise of the port is optional. The tests of the last
    base run first, so what everything else rests on is shown first.
    """
