"""The one door for people and CI: `python -m nox` runs every check, `python -m nox -l` lists them."""

import os
import shutil
import zipfile
from pathlib import Path

import nox
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"

CI = bool(os.environ.get("CI"))
"""Whether nothing may be missing. Then each Python has its turn once: the first with the tree, the second with
the wheel, the third with the lowest dependencies. People run what they have."""

PYTHONS = ["3.11", "3.12", "3.13"]
ROOT = Path(__file__).parent
LOCK = "tests/requirements.lock"
ADAPTER = "docs/adapters/chatcore-sqlalchemy"
BY_USE = ("tests/test_*.py", "tests/br", "tests/channels", "tests/memory")
"""The tests that use the package from outside, and what stands on other packages; the rest is pure."""

BRIEF = {"HYPOTHESIS_PROFILE": "brief"}
"""Fewer random examples, where the same tests run in full elsewhere."""

nox.options.error_on_missing_interpreters = CI
nox.options.sessions = [
    *("lint", "types", "demo", "kit", "adapter", "services", "wheel", "minimums"),
    f"tests-{PYTHONS[0]}" if CI else "tests",
]

ON_EVERY_CORE = ("-n", "auto", "--dist", "worksteal")
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> tuple[str, ...]:
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests against the tree, on each Python that is installed; the slow ones on the first."""
    session.install("-c", LOCK, "-e", ".", *group("test"))
    quick = () if session.python == PYTHONS[0] else ("-m", "not slow")
    session.run("pytest", *quick, *ON_EVERY_CORE, *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check types strictly: the package, the typing examples in the tests, the docs' examples, the adapter."""
    session.install("-c", LOCK, "-e", ".", "-e", ADAPTER, *group("types"))
    session.run("mypy", "--strict", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install("-c", LOCK, *group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session(python=PYTHONS[1] if CI else None)
def wheel(session: nox.Session) -> None:
    """Build the wheel from the sdist, look inside, install it alone, and test what was installed."""
    place = Path(session.create_tmp()).resolve()
    shutil.rmtree(place)
    session.install("-c", LOCK, *group("wheel"))
    session.run("python", "-m", "build", "--installer", "pip", "--outdir", str(place / "dist"), silent=True)
    [built] = (place / "dist").glob("*.whl")
    check_contents(session, built)

    # The tests run in a copy without src/, by an interpreter that has only the wheel and what it asks for.
    for name in ("tests", "docs"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, place / name)
    session.run("python", "-m", "virtualenv", "--quiet", str(place / "venv"))
    python = str(place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    with session.chdir(place):
        pip = (python, "-m", "pip", "install", "--quiet", "-c", LOCK)
        session.run(*pip, str(built), external=True, silent=True)
        session.run(python, "-c", INSTALLED_ALONE, external=True)
        session.run(*pip, *group("test"), external=True, silent=True)
        used = sorted(str(path.relative_to(place)) for glob in BY_USE for path in place.glob(glob))
        session.run(
            *(python, "-m", "pytest", "-m", "not slow", *used, *ON_EVERY_CORE), external=True, env=BRIEF
        )


INSTALLED_ALONE = """
import sys, chatcore
assert chatcore.__file__.startswith(sys.prefix), f"not the wheel: {chatcore.__file__}"
"""


def check_contents(session: nox.Session, built: Path) -> None:
    """Refuse a wheel that holds anything but the package, whole, and its metadata."""
    with zipfile.ZipFile(built) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "chatcore").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    if held != wanted or "chatcore/py.typed" not in held:
        session.error(f"the wheel lacks {sorted(wanted - held)} and has besides {sorted(held - wanted)}")


@nox.session(python=PYTHONS[2] if CI else None)
def minimums(session: nox.Session) -> None:
    """Run the tests with the lowest versions the package says it works with."""
    constraints = Path(session.create_tmp()) / "minimums.txt"
    constraints.write_text("\n".join([*lowest_dependencies(session), *pins(group("test"))]), encoding="utf-8")
    session.install("-c", str(constraints), "-e", ".", *group("test"))
    used = sorted(str(path.relative_to(ROOT)) for glob in BY_USE for path in ROOT.glob(glob))
    session.run("pytest", "-m", "not slow", *used, *ON_EVERY_CORE, env=BRIEF)


def lowest_dependencies(session: nox.Session) -> list[str]:
    """Each declared dependency at its lower bound, as `name==version`."""
    lowest = []
    for line in PYPROJECT["project"]["dependencies"]:
        requirement = Requirement(line)
        bounds = [each.version for each in requirement.specifier if each.operator == ">="]
        if len(bounds) != 1:
            session.error(f"{line!r} needs one lower bound")
        lowest.append(f"{requirement.name}=={bounds[0]}")
    return lowest


def pins(tools: tuple[str, ...]) -> list[str]:
    """The lock's lines for these tools, and for nothing they or the package depend on."""
    names = {canonicalize_name(Requirement(tool).name) for tool in tools}
    lines = (ROOT / LOCK).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if canonicalize_name(line.partition("==")[0]) in names]


@nox.session
def kit(session: nox.Session) -> None:
    """Prove `chatcore.testing`: run its suites against adapters that are wrong in one way each."""
    session.install("-c", LOCK, "-e", ".", *group("test"))
    session.run("python", "tests/kit/run.py", *session.posargs)


@nox.session
def adapter(session: nox.Session) -> None:
    """Prove the SQLAlchemy adapter, sync and async, on SQLite and on a PostgreSQL of its own."""
    session.install("-c", LOCK, "-e", ".", "-e", ADAPTER, *group("adapter"))
    session.run("pytest", f"{ADAPTER}/tests", *ON_EVERY_CORE, *session.posargs)


@nox.session
def services(session: nox.Session) -> None:
    """Run the worked services of the docs: FastAPI and Celery."""
    session.install("-c", LOCK, "-e", ".", "-e", ADAPTER, *group("services"))
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Throw mutilated documents at `chatcore.serialization`, for `-- SECONDS [SEED]`."""
    session.install("-c", LOCK, "-e", ".", *group("test"))
    session.run("python", "tests/serialization/fuzz.py", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
    """Play one day of a service desk, and what else the docs show; `-- --database URL` plays the day on one."""
    if session.posargs:
        session.install("-c", LOCK, ".", f"./{ADAPTER}[postgresql]", *group("demo"))
        session.run("python", "docs/examples/one_day.py", *session.posargs)
        return
    session.install("-c", LOCK, ".", *group("demo"))
    session.run("python", "docs/examples/one_day.py")
    session.run("python", "docs/examples/the_screen.py", *session.posargs)
    session.run("python", "docs/examples/contracts_and_billing.py", *session.posargs)
    session.run("python", "docs/examples/searching.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed against its goals; options after `--`: `--json PATH`, `--only NAME`."""
    session.install("-c", LOCK, ".", *group("bench"))
    session.run("python", "tests/bench/run.py", *session.posargs)


@nox.session(name="bench-adapter")
def bench_adapter(session: nox.Session) -> None:
    """Measure the SQLAlchemy adapter on a PostgreSQL of its own; options after `--`."""
    session.install("-c", LOCK, ".", f"./{ADAPTER}[postgresql]")
    session.run("python", f"{ADAPTER}/bench/run.py", *session.posargs)


@nox.session(python=PYTHONS[0], reuse_venv=False)
def lock(session: nox.Session) -> None:
    """Write the lock anew: today's versions of everything that development and CI install."""
    theirs = nox.project.load_toml(ROOT / ADAPTER / "pyproject.toml")["project"]["dependencies"]
    wanted = [*PYPROJECT["project"]["dependencies"], *(line for line in theirs if line != "chatcore")]
    session.install("--upgrade", *wanted, *group("dev"))
    frozen = session.run("python", "-m", "pip", "freeze", silent=True) or ""
    found = sorted((line for line in frozen.splitlines() if "==" in line), key=str.lower)
    head = "# Versions for development and CI, written by `nox -s lock`. They do not bind the library's users."
    (ROOT / LOCK).write_text("\n".join([head, *found, ""]), encoding="utf-8")
