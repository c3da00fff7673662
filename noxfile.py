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
nox.options.error_on_missing_interpreters = bool(os.environ.get("CI"))
nox.options.sessions = ["lint", "types", "demo", "wheel", "minimums", "tests"]

PYTHONS = ["3.11", "3.12", "3.13"]
ROOT = Path(__file__).parent
LOCK = "tests/requirements.lock"
BY_USE = ("tests/test_*.py", "tests/br", "tests/memory", "tests/channels", "tests/testing")
"""The tests that use the package from outside, and what stands on other packages; the rest is pure."""

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
    """Check types strictly: the package, the typing examples in the tests, the docs' examples."""
    session.install("-c", LOCK, "-e", ".", *group("types"))
    session.run("mypy", "--strict", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install("-c", LOCK, *group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")


@nox.session
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
        session.run(python, "-m", "pytest", "-m", "not slow", *used, *ON_EVERY_CORE, external=True)


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


@nox.session(python=PYTHONS[0])
def minimums(session: nox.Session) -> None:
    """Run the tests with the lowest versions the package says it works with."""
    constraints = Path(session.create_tmp()) / "minimums.txt"
    constraints.write_text("\n".join([*lowest_dependencies(session), *pins(group("test"))]), encoding="utf-8")
    session.install("-c", str(constraints), "-e", ".", *group("test"))
    used = sorted(str(path.relative_to(ROOT)) for glob in BY_USE for path in ROOT.glob(glob))
    session.run("pytest", "-m", "not slow", *used, *ON_EVERY_CORE)


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
def demo(session: nox.Session) -> None:
    """Play one day of a service desk, from webhook payloads to delivered answers, and then the whole screen."""
    session.install("-c", LOCK, ".", *group("demo"))
    session.run("python", "docs/examples/one_day.py", *session.posargs)
    session.run("python", "docs/examples/the_screen.py", *session.posargs)
    session.run("python", "docs/examples/contracts_and_billing.py", *session.posargs)
    session.run("python", "docs/examples/searching.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure speed against its goals; options after `--`: `--json PATH`, `--only NAME`."""
    session.install("-c", LOCK, ".", *group("bench"))
    session.run("python", "tests/bench/run.py", *session.posargs)


@nox.session(python=PYTHONS[0], reuse_venv=False)
def lock(session: nox.Session) -> None:
    """Write the lock anew: today's versions of everything that development and CI install."""
    session.install("--upgrade", *PYPROJECT["project"]["dependencies"], *group("dev"))
    frozen = session.run("python", "-m", "pip", "freeze", silent=True) or ""
    found = sorted((line for line in frozen.splitlines() if "==" in line), key=str.lower)
    head = "# Versions for development and CI, written by `nox -s lock`. They do not bind the library's users."
    (ROOT / LOCK).write_text("\n".join([head, *found, ""]), encoding="utf-8")
