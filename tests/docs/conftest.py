"""The worked services of the docs, run as they are; `nox -s services` installs what they need."""

import sys
from importlib.util import find_spec
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
ADAPTER = EXAMPLES.parent / "adapters" / "chatcore-sqlalchemy" / "tests"
sys.path[:0] = [str(EXAMPLES), str(ADAPTER)]

NEEDED = ("celery", "chatcore_sqlalchemy", "fastapi", "httpx", "uvicorn")
collect_ignore_glob = [] if all(find_spec(name) for name in NEEDED) else ["test_*.py"]
