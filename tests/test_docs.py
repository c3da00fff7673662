"""Every Python example runs: in README.md, in docs/, and in the package's docstrings.

A block with a title is a file, and is not run here: `test_how_to.py` writes those of a page and runs them.
"""

import doctest
import importlib
import io
import re
import sys
import textwrap
import types
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if "adapters" not in page.parts),
]
"""Every page; an adapter's own run among its tests, where what it stands on is installed."""

FLAGS = doctest.ELLIPSIS


class Block(NamedTuple):
    """A fenced block: its language, the line its first line stands on (from 1), and its text.

    With a `title` it is a file of that name, begun anew, or `continued`.
    """

    language: str
    line: int
    text: str
    title: str | None = None
    continued: bool = False


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown page, in order; an unclosed fence reaches to the end, as in Markdown."""
    lines = iter(enumerate(page.splitlines(keepends=True), start=1))
    for number, line in lines:
        opening = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        mark = opening[: len(opening) - len(opening.lstrip(opening[:1]))]
        if len(mark) < 3 or mark[0] not in "`~" or "`" in opening[len(mark) :]:
            continue
        body = []
        for _, inner in lines:
            closing = inner.strip()
            if len(closing) >= len(mark) and not closing.strip(mark[0]):
                break
            body.append(re.sub(rf"^ {{0,{indent}}}", "", inner))
        told = opening[len(mark) :].split() or [""]
        title = next((each[7:-1] for each in told if each.startswith('title="')), None)
        yield Block(told[0], number + 1, "".join(body), title, "continued" in told)


def run_doctest(test: doctest.DocTest) -> None:
    report = io.StringIO()
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.write, clear_globs=False)
    if report.getvalue():
        pytest.fail(report.getvalue(), pytrace=False)


def run_page(page: str, name: str) -> None:
    """Run a page's Python blocks one after the other in one module; raise at the first that fails."""
    module = types.ModuleType(f"page_{Path(name).stem}")
    sys.modules[module.__name__] = module
    try:
        for block in blocks(page):
            if block.language != "python" or block.title is not None:
                continue
            if block.text.lstrip().startswith(">>>"):
                parser = doctest.DocTestParser()
                test = parser.get_doctest(block.text, {}, module.__name__, name, block.line - 1)
                test.globs = vars(module)
                run_doctest(test)
            else:
                source = "\n" * (block.line - 1) + block.text
                exec(compile(source, name, "exec", dont_inherit=True), vars(module))
    finally:
        del sys.modules[module.__name__]


def modules() -> list[str]:
    """Every module of the package, by name, without importing any."""
    spec = find_spec("chatcore")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    paths = (path.relative_to(package.parent).with_suffix("") for path in sorted(package.rglob("*.py")))
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    run_page(page.read_text(encoding="utf-8"), str(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_example_escapes_by_another_spelling(page: Path) -> None:
    """Only blocks fenced as `python` run, so nothing else may look like Python."""
    other = {"py", "py3", "pycon", "python3", "python-repl", "Python", "{python}"}
    escaped = [
        block.line
        for block in blocks(page.read_text(encoding="utf-8"))
        if block.language in other or (block.language != "python" and block.text.lstrip().startswith(">>>"))
    ]
    assert escaped == []


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        run_doctest(test)


# --- the reader itself ---------------------------------------------------------------------------------------

FENCE = "```"


def page_of(*texts: str, language: str = "python") -> str:
    return "\n\n".join(f"Words.\n\n{FENCE}{language}\n{text}\n{FENCE}" for text in texts)


def test_blocks_of_a_page_share_their_names() -> None:
    run_page(page_of("x = 1", ">>> x + 1\n2\n>>> y = 3", "assert (x, y) == (1, 3)"), "page.md")


def test_classes_of_a_page_belong_to_a_module() -> None:
    run_page(page_of("import sys\nclass A: ...", "assert sys.modules[A.__module__].A is A"), "page.md")


def test_a_block_with_a_title_is_a_file() -> None:
    page = page_of("x = 1", language='python title="a.py"') + "\n\n"
    page += page_of("    1 / 0", language='python title="a.py" continued')
    assert [(each.title, each.continued, each.text) for each in blocks(page)] == [
        ("a.py", False, "x = 1\n"),
        ("a.py", True, "    1 / 0\n"),
    ]
    run_page(page, "page.md")


@pytest.mark.parametrize("bad", ["assert False", "x =", ">>> 1 + 1\n3", ">>> 1 / 0", ">>> x = 1\n>>> x\n2"])
def test_a_bad_block_fails(bad: str) -> None:
    with pytest.raises((AssertionError, SyntaxError, pytest.fail.Exception)):
        run_page(page_of("fine = 1", bad), "page.md")


def test_a_failure_names_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        run_page(page_of("fine = 1", "x ="), "page.md")
    assert (caught.value.filename, caught.value.lineno) == ("page.md", 10)


def test_other_languages_and_longer_fences_do_not_run() -> None:
    run_page(page_of("1 / 0", language="text") + f"\n\n````text\n{page_of('1 / 0')}\n````\n", "page.md")


def test_an_indented_block_is_read() -> None:
    page = textwrap.indent(page_of("for x in [1]:\n    assert x == 2"), "   ")
    with pytest.raises(AssertionError):
        run_page(page, "page.md")
