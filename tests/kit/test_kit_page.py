"""The page tells what the kit has. That the tests it names catch what they should, `run.py` tells."""

from collections import Counter

from tests.kit.cases import BROKEN
from tests.kit.page import PAGE, rows_of

ROWS = rows_of(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_every_broken_adapter() -> None:
    """Each one that there is, in order, in its own words; write it anew: `python tests/kit/run.py --write`."""
    assert [(name, told) for name, (told, _) in ROWS.items()] == [(each.name, each.breakage) for each in BROKEN]


def test_each_broken_adapter_is_caught_by_tests_of_its_suite() -> None:
    """A line without a test, or with one that was renamed, is as good as none."""
    for each in BROKEN:
        _, tests = ROWS[each.name]
        assert tests, each.name
        assert [test for test in tests if not callable(getattr(each.suite, test, None))] == [], each.name


def test_there_are_enough_of_each() -> None:
    """Forty broken storages and ten other broken adapters at the least, no two of one name or one breakage."""
    ports = Counter(each.suite.ports[0].__name__ for each in BROKEN)
    assert ports["Storage"] >= 40
    assert sum(count for port, count in ports.items() if port != "Storage") >= 10
    assert len({each.name for each in BROKEN}) == len({each.breakage for each in BROKEN}) == len(BROKEN)
