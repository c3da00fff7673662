"""What the README shows runs."""

from __future__ import annotations

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("n", range(len(EXAMPLES)))
def test_the_examples_run(n: int, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each on its own, over a database that is there."""
    names: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    source = EXAMPLES[n].replace("postgresql+psycopg://chat@db.example/chat", postgres_url)
    code = compile(source, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def go() -> None:
        if (rest := eval(code, names)) is not None:
            await rest
        if (rest := names["engine"].dispose()) is not None:
            await rest

    asyncio.run(go())
    assert "desk" in names
