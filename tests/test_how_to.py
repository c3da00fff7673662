"""The how-to pages do what they say: their files are written, and their commands print what stands there.

A block whose title is the path of a file here is a quotation, and stands in that file.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.test_docs import PAGES, ROOT, Block, blocks

SUMMARY = re.compile(r"^=+ (?P<outcomes>.+) in [\d.]+s( \(.+\))? =+$")
COMMAND = "$ python -m pytest "


def titled(page: Path) -> list[Block]:
    """The blocks of a page that are files, or stand in one."""
    return [block for block in blocks(page.read_text(encoding="utf-8")) if block.title is not None]


def quotes(block: Block) -> bool:
    return block.title is not None and "/" in block.title


QUOTING = [page for page in PAGES if any(map(quotes, titled(page)))]
BUILDING = [page for page in PAGES if not all(map(quotes, titled(page)))]


@pytest.mark.parametrize("page", QUOTING, ids=lambda page: page.stem)
def test_what_a_page_quotes_stands_in_the_file(page: Path) -> None:
    for block in filter(quotes, titled(page)):
        assert block.title is not None
        assert block.text in (ROOT / block.title).read_text(encoding="utf-8"), f"line {block.line}"


def printed(command: str, place: Path) -> tuple[int, list[str]]:
    """What a command prints where the files are, line by line."""
    arguments = [*command.removeprefix(COMMAND).split(), "-p", "no:cacheprovider", "--color=no"]
    unset = {"PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", ".", *arguments],
        cwd=place,
        env={name: value for name, value in os.environ.items() if name not in unset} | {"COLUMNS": "100"},
        text=True,
        encoding="utf-8",
        capture_output=True,
        timeout=240,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    return run.returncode, run.stdout.splitlines()


def outcomes(line: str) -> dict[str, str] | None:
    """How many tests failed, passed and so on, of a summary's line."""
    found = SUMMARY.match(line)
    return None if found is None else {what: n for n, what in re.findall(r"(\d+) (\w+)", found["outcomes"])}


def missing(told: str, lines: list[str]) -> Iterator[str]:
    """The lines of a page that were not printed, in this order.

    Of a line that ends in three dots only the beginning counts. In a summary only failures are counted: there
    may be more tests one day.
    """
    rest = iter(lines)
    for line in filter(None, (each.rstrip() for each in told.splitlines())):
        wanted = outcomes(line)
        if wanted is None:
            start = line.removesuffix("...")
            if not any(each.startswith(start) if start != line else each.rstrip() == line for each in rest):
                yield line
            continue
        got = outcomes(lines[-1]) or {}
        if got.keys() != wanted.keys() or got.get("failed") != wanted.get("failed"):
            yield line


@pytest.mark.slow
@pytest.mark.parametrize("page", BUILDING, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    """A reader who writes the files of a page and runs its commands sees what stands there."""
    steps = [
        block for block in blocks(page.read_text(encoding="utf-8")) if block.language != "python" or block.title
    ]
    runs = 0
    for block, after in pairwise([*steps, None]):
        assert block is not None
        if block.title is not None:
            with (tmp_path / block.title).open("a" if block.continued else "w", encoding="utf-8") as file:
                file.write("\n" + block.text if block.continued else block.text)
        elif block.language == "console" and block.text.startswith(COMMAND):
            assert after is not None
            assert after.language == "text", f"line {block.line}: what it prints is not told"
            code, lines = printed(block.text.strip(), tmp_path)
            lost = list(missing(after.text, lines))
            assert not lost, "\n".join([f"line {after.line}, not printed: {lost}", *lines])
            assert code == ("failed" in (outcomes(after.text.splitlines()[-1]) or {}))
            runs += 1
    assert runs, "nothing is run on this page"
