"""What a person reads: every error, problem, member, event and command has its words in both languages."""

from __future__ import annotations

import ast
import enum
import pickle
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatcore
from chatcore import commands, errors, events, vocabulary
from chatcore.commands import FindingKind, Take
from chatcore.entities import Effect, Evidence
from chatcore.entities.message import UNSPECIFIED
from chatcore.errors import (
    AlreadyAsked,
    AlreadyTaken,
    AtCapacity,
    BonusOverLimit,
    ChatcoreError,
    CompanyRefusal,
    FieldsRequired,
    IdempotencyMismatch,
    InvalidValue,
    KindNotCarried,
    NotAdmitted,
    NotFound,
    NotOffered,
    NotPermitted,
    NotTheirs,
    Problem,
    RuleViolation,
    Temporary,
    TransitionNotAllowed,
    WindowClosed,
)
from chatcore.events import Taken
from chatcore.i18n import explain, label
from chatcore.i18n._en import EN
from chatcore.i18n._language import Language
from chatcore.i18n._pt_br import PT_BR
from chatcore.rules.billing import SENDABLE
from chatcore.rules.reviewing import to_find_out
from chatcore.rules.table import TABLE
from chatcore.screen import Review
from chatcore.vocabulary import (
    Ability,
    AgentId,
    BoletoForm,
    BonusKind,
    ContractId,
    ConversationId,
    EffectId,
    EffectState,
    FieldId,
    Private,
    Situation,
)
from tests.given import effect

LOCALES = ("pt_BR", "en")
LANGUAGES: dict[str, Language] = {"pt_BR": PT_BR, "en": EN}
BOTH = pytest.mark.parametrize("locale", LOCALES)
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PHONE = "11 98765-4321"

PACKAGE = Path(chatcore.__file__).parent
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}


# --- what there is to say ------------------------------------------------------------------------------------


def descendants(cls: type[ChatcoreError]) -> Iterator[type[ChatcoreError]]:
    yield cls
    for each in cls.__subclasses__():
        yield from descendants(each)


def error_classes() -> list[type[ChatcoreError]]:
    """Every error class of the package, wherever it is written; `testing` is for other people's tests."""
    for found in pkgutil.walk_packages(chatcore.__path__, "chatcore."):
        if not found.name.startswith("chatcore.testing"):
            import_module(found.name)
    ours = {cls for cls in descendants(ChatcoreError) if cls.__module__.split(".")[0] == "chatcore"}
    return sorted(ours, key=lambda cls: cls.code)


ERRORS = error_classes()
ENUMS = [
    found
    for found in vars(vocabulary).values()
    if isinstance(found, type)
    and issubclass(found, enum.Enum)
    and found.__module__.startswith(vocabulary.__name__)
]
INNER = {"EntityKind"}
"""Enumerations whose members are the names of classes, and which no person is shown."""
SHOWN = [found for found in ENUMS if found.__name__ not in INNER]
EVENTS: tuple[type, ...] = get_args(events.Event)
COMMANDS: tuple[type, ...] = get_args(commands.Command)


def sample(hint: object, empty: bool) -> object:
    """A value for an argument of an error; None where `empty` and the argument allows it."""
    options = get_args(hint)
    if type(None) in options:
        return None if empty else sample(next(each for each in options if each is not type(None)), empty)
    if getattr(hint, "__origin__", None) is tuple:
        return (sample(options[0], empty),)
    hint = getattr(hint, "__supertype__", hint)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    known: dict[object, object] = {
        str: "x1",
        int: 7,
        bool: True,
        datetime: NOON,
        timedelta: timedelta(seconds=30),
        Problem: Problem("text", "empty"),
    }
    return known.get(hint, "x1")


KNOWN = {"company_code": "acme:weekend"}
"""What an argument must look like, beyond its type."""


def samples(cls: type[ChatcoreError]) -> Iterator[ChatcoreError]:
    """One error of the class with every argument given, one with as many left out as may be."""
    hints = get_type_hints(cls.__init__)
    for empty in (False, True):
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for name, parameter in [*signature(cls.__init__).parameters.items()][1:]:
            value = KNOWN.get(name) or sample(hints.get(name), empty)
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[name] = value
            elif parameter.kind is parameter.VAR_POSITIONAL:
                positional += [] if empty or name not in hints else [value]
            elif parameter.kind is not parameter.VAR_KEYWORD:
                positional.append(value)
        yield cls(*positional, **named)


EACH = pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)


CODE = r"[a-z]+([_:][a-z0-9]+)*"


class Codes:
    """The problem codes that the sources name, found by reading them; and what may be missing, is not offered,
    or is told of an effect.
    """

    def __init__(self, sources: dict[str, str]) -> None:
        self.found: dict[str, str] = {}
        self.unread: list[str] = []
        self.things: set[str] = set()
        self.offers: set[str] = set()
        self.told: set[str] = set()
        self._trees = {path: ast.parse(source) for path, source in sources.items()}
        self._calls = [
            (node, scope, tree)
            for tree in self._trees.values()
            for node, scope in self._walk(tree, None)
            if isinstance(node, ast.Call)
        ]
        self._calls_of: dict[str, list[tuple[ast.Call, Any, ast.Module]]] = {}
        for made in self._calls:
            self._calls_of.setdefault(ast.unparse(made[0].func).rpartition(".")[2], []).append(made)
        self._functions: dict[str, list[ast.FunctionDef]] = {}
        self._home: dict[int, ast.Module] = {}
        self._bound: dict[int, list[ast.AST]] = {}
        for tree in self._trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    self._functions.setdefault(node.name, []).append(node)
                    self._home[id(node)] = tree
        self._tables: dict[str, list[ast.AST]] = {}
        for tree in self._trees.values():
            for statement in tree.body:
                if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                    for target in (
                        statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                    ):
                        self._tables.setdefault(ast.unparse(target), []).append(statement.value)
        self._where = {id(tree): path for path, tree in self._trees.items()}
        for call, scope, tree in self._calls:
            if self._where[id(tree)] != "errors/base.py":
                self._read(call, scope, tree)

    def _walk(
        self, node: ast.AST, scope: ast.FunctionDef | ast.AsyncFunctionDef | None
    ) -> Iterator[tuple[ast.AST, ast.FunctionDef | ast.AsyncFunctionDef | None]]:
        for child in ast.iter_child_nodes(node):
            yield child, scope
            inner = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else scope
            yield from self._walk(child, inner)

    @staticmethod
    def _argument(call: ast.Call, name: str, place: int) -> ast.expr | None:
        named = next((each.value for each in call.keywords if each.arg == name), None)
        return named or (call.args[place] if len(call.args) > place else None)

    def _read(self, call: ast.Call, scope: Any, tree: ast.Module) -> None:
        where = f"{self._where[id(tree)]}:{call.lineno}"
        called = ast.unparse(call.func)
        if called == "NotFound" or called.endswith("missing"):
            for each in call.args:
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value:
                    self.things.add(each.value)
        if called == "NotOffered":
            self.offers |= self._offered(call.args[0], scope, tree)
        for each in call.keywords:
            if each.arg in ("detail", "finding"):
                said = self._strings(each.value, scope, tree, 0)
                self.told |= {code for code in said if re.fullmatch(CODE, code)}
        if called.rpartition(".")[2] != "Problem" and not called.endswith("InvalidValue.of"):
            return
        code = self._argument(call, "code", 1)
        codes = self._strings(code, scope, tree, 0)
        if not codes and not self._passed_on(code, scope):
            self.unread.append(f"{where}: {ast.unparse(call)}")
        for each in codes:
            self.found.setdefault(each, where)

    def _offered(self, node: ast.expr, scope: Any, tree: ast.Module) -> set[str]:
        """What is not offered; with a star for the member that ends it."""
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            return {f"{node.values[0].value}*"}
        return self._strings(node, scope, tree, 0)

    @staticmethod
    def _passed_on(node: ast.expr | None, scope: Any) -> bool:
        """Whether it is another problem's code, at first or second hand."""
        if isinstance(node, ast.Name) and scope is not None:
            given = [
                each.value
                for each in ast.walk(scope)
                if isinstance(each, ast.Assign) and any(binds(one, node.id) for one in each.targets)
            ]
            return bool(given) and all(Codes._passed_on(each, None) for each in given)
        return isinstance(node, ast.Attribute) and node.attr == "code"

    def _strings(self, node: ast.AST | None, scope: Any, tree: ast.Module, depth: int) -> set[str]:
        """The strings that an expression can come to, as far as the source tells."""
        if depth > 6:
            return set()
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp():
                branches = (node.body, node.orelse)
                return {each for one in branches for each in self._strings(one, scope, tree, depth)}
            case ast.BoolOp():
                return {each for one in node.values for each in self._strings(one, scope, tree, depth)}
            case ast.Subscript(value=ast.Name() as table):
                return self._values(table.id, None, tree, tree, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get")):
                return self._values(table.id, None, tree, tree, depth)
            case ast.Call(func=ast.Name() as function):
                return self._returned(function.id, depth)
            case ast.Name():
                return self._named(node.id, scope, tree, depth)
        return set()

    def _named(self, name: str, scope: Any, tree: ast.Module, depth: int) -> set[str]:
        if scope is not None:
            said = self._values(name, scope, scope, tree, depth)
            parameters = [each.arg for each in [*scope.args.posonlyargs, *scope.args.args]]
            named_only = [each.arg for each in scope.args.kwonlyargs]
            if name in parameters + named_only:
                place = parameters.index(name) if name in parameters else 99
                place -= parameters[0] in ("self", "cls") if parameters else 0
                said |= self._default(scope, name)
                for call, outer, other in self._calls_of.get(scope.name, []):
                    given_here = self._argument(call, name, place)
                    said |= self._strings(given_here, outer, other, depth + 1)
            if said:
                return said
        return self._values(name, None, tree, tree, depth)

    @staticmethod
    def _default(scope: ast.FunctionDef, name: str) -> set[str]:
        """What a parameter is where nothing is given for it."""
        given = dict(zip(reversed(scope.args.args), reversed(scope.args.defaults), strict=False))
        default = next((value for arg, value in given.items() if arg.arg == name), None)
        return (
            {default.value} if isinstance(default, ast.Constant) and isinstance(default.value, str) else set()
        )

    def _returned(self, name: str, depth: int) -> set[str]:
        """What the functions of this name say they return."""
        found: set[str] = set()
        for function in self._functions.get(name, []):
            if function.returns is not None and ast.unparse(function.returns) in ("str", "str | None"):
                for node in ast.walk(function):
                    if isinstance(node, ast.Return):
                        found |= self._strings(node.value, function, self._home[id(function)], depth + 1)
        return found

    def _bindings(self, within: ast.AST) -> list[ast.AST]:
        """Where a tree or a function gives a name something; found once."""
        known = self._bound.get(id(within))
        if known is None:
            kinds = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.comprehension)
            known = self._bound[id(within)] = [each for each in ast.walk(within) if isinstance(each, kinds)]
        return known

    def _values(
        self, name: str, scope: Any, within: ast.Module | ast.FunctionDef, tree: ast.Module, depth: int
    ) -> set[str]:
        """The code-like strings bound to a name, at first or second hand: by assignment or by a loop."""
        found: set[str] = set()
        for node in self._bindings(within):
            match node:
                case ast.Assign(targets=[target, *_], value=value) if binds(target, name):
                    found |= self._gathered(target, value, name, scope, within, tree, depth)
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.NamedExpr(target=target, value=value)
                    | ast.For(target=target, iter=value)
                    | ast.comprehension(target=target, iter=value)
                ) if binds(target, name):
                    found |= self._gathered(target, value, name, scope, within, tree, depth)
        return {each for each in found if re.fullmatch(CODE, each)}

    def _gathered(
        self,
        target: ast.expr,
        value: ast.expr,
        name: str,
        scope: Any,
        within: ast.AST,
        tree: ast.Module,
        depth: int,
    ) -> set[str]:
        """The strings in a value, in what its names were assigned, in the functions that it calls, and in the
        table that it is a row of.
        """
        if isinstance(target, ast.Name) and isinstance(value, ast.IfExp | ast.BoolOp | ast.Call):
            said = self._strings(value, scope, tree, depth + 1)
            if said or not isinstance(value, ast.Call):
                return said
        sources: list[ast.AST] = [value]
        if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            sources += self._tables.get(value.value.id, [])
        for each in ast.walk(value):
            if isinstance(each, ast.Name) and scope is not None:
                sources += [
                    node.value
                    for node in ast.walk(within)
                    if isinstance(node, ast.Assign) and any(binds(one, each.id) for one in node.targets)
                ]
            if isinstance(each, ast.Name):
                sources += self._functions.get(each.id, [])
        nodes = [each for one in sources for each in ast.walk(one)]
        if isinstance(target, ast.Tuple):
            place = next(i for i, each in enumerate(target.elts) if binds(each, name))
            rows = [
                each for each in nodes if isinstance(each, ast.Tuple) and len(each.elts) == len(target.elts)
            ]
            cells = [row.elts[place] for row in rows]
            return {each for cell in cells for each in self._strings(cell, scope, tree, depth + 1)}
        return {each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def binds(target: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(target))


CODES = Codes(SOURCES)

OFFERED = {
    "boleto:*": vocabulary.BoletoForm,
    "bonus:*": vocabulary.BonusKind,
    "find_by:*": vocabulary.CustomerKey,
}
"""What is offered by member of a list."""
OFFERS = {offer for offer in CODES.offers if offer not in OFFERED} | {
    vocabulary.PortKind.CONTRACTS.value,
    vocabulary.PortKind.BILLING.value,
    *(offer.replace("*", member.value) for offer, kind in OFFERED.items() for member in kind),
}

WORKING = ("_engine/", "entities/", "rules/")
TOLD = Codes({path: source for path, source in SOURCES.items() if path.startswith(WORKING)}).told | {
    UNSPECIFIED,
    *(kind.value for kind in FindingKind),
    *(state.value for state in vocabulary.BoletoState if state not in SENDABLE),
    *(cls.code for cls in descendants(errors.PortFailure)),
    *(cls.code for cls in (errors.KindNotCarried, errors.OptedOut, errors.WrongParameters)),
    *(cls.code for cls in (errors.MediaNotCarried, errors.MediaTooLarge)),
    *(cls.code for cls in (errors.CaptionNotCarried, errors.TextTooLong)),
}
"""What an effect's detail, or its evidence, can say in words of our own."""
FLAGS = {"line", "pix", "access_key"}
WARNINGS = {warning for row in TABLE.values() for warning in row.warnings}


def in_review(*references: str, guarded: bool) -> Effect:
    known = tuple(Evidence(NOON, "done", reference) for reference in references)
    return effect(EffectState.REVIEW, evidence=known, guarded=guarded)


FIND_OUT = {
    code
    for references in ((), ("b1",), ("b1", "b2"))
    for guarded in (True, False)
    for code in to_find_out(in_review(*references, guarded=guarded))
}


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"\{([^{}]*)\}", sentence))


def assert_a_sentence(said: str) -> None:
    assert said.endswith(".")
    assert not said.endswith("..")
    assert said[0].isupper()
    assert not set("{}\n") & set(said)
    assert "None" not in said


# --- nothing lacks its words ---------------------------------------------------------------------------------


@BOTH
def test_every_error_has_a_sentence_and_no_sentence_is_idle(locale: str) -> None:
    """An error without words in a language fails here, and so do words that no error needs."""
    language = LANGUAGES[locale]
    codes = {cls.code for cls in ERRORS}
    assert codes == set(language.errors)
    assert set(language.plain_errors) <= codes


@BOTH
def test_every_problem_code_of_the_sources_has_a_sentence(locale: str) -> None:
    """The codes are read from the sources, so that a new one cannot be forgotten."""
    assert CODES.unread == []
    language = LANGUAGES[locale]
    assert {code: where for code, where in CODES.found.items() if code not in language.problems} == {}
    assert set(language.problems) - set(CODES.found) == set()
    assert set(language.plain_problems) <= set(language.problems)


def test_the_reader_of_codes_sees_each_way_of_writing_one() -> None:
    """Plain, by name, by branch, through a loop, a table, a constant or a helper; and says what it cannot."""
    source = """
LATE = "late"
TABLE = {1: "from_table", 2: "from_table_too"}
ROWS: Mapping[int, tuple[type, str]] = {1: (int, "from_row"), 2: (str, "from_row_too")}
def f(x):
    Problem("p", "plain")
    errors.Problem("p", code="by_name")
    InvalidValue.of("p", "one" if x else "other")
    return [Problem(x, code) for code, found in (("looped", 1), ("looped_too", 2))]
def g(x, problem):
    found = (("listed", 1), ("listed_too", 2))
    bad = [Problem(x, code) for code, match in found if match]
    Problem("p", LATE)
    Problem("p", TABLE[x])
    Problem("p", problem.code)
    wanted, code = ROWS[x]
    Problem("p", code)
def h(x, use):
    for code, span in mistakes(use):
        Problem(x, code, span=span)
def mistakes(use):
    use["not_this"]
    found.append(("from_call", use.span()))
    yield "from_call_too", 1
def helper(path, code):
    return Problem(path, code)
class C:
    def method(self, path, *, code):
        return Problem(path, code)
    def use(self):
        helper("p", "through_helper")
        self.method("p", code="through_method")
def k(x, problem):
    code = problem.code
    Problem("p", code)
    raise NotOffered("plain") if x else NotOffered(f"by:{x}")
def m(x):
    end(detail="given")
    keep(finding="found:out" if x else None)
    end(detail=why(x) or "UNLIKE A CODE")
def why(x) -> str | None:
    return "returned" if x.state == "not_this" else None
def n(x, detail="by_default"):
    end(detail=detail)
"""
    expected = """plain by_name one other looped looped_too listed listed_too late from_table from_table_too
        from_row from_row_too from_call from_call_too through_helper through_method""".split()
    seen = Codes({"example.py": source})
    assert sorted(seen.found) == sorted(expected)
    assert seen.unread == []
    assert seen.offers == {"plain", "by:*"}
    assert seen.told == {"given", "found:out", "returned", "by_default"}
    assert Codes({"example.py": "def f(x):\n    Problem('p', x())"}).unread == [
        "example.py:2: Problem('p', x())"
    ]


def test_codes_are_really_read() -> None:
    """The list is not empty by accident."""
    assert {"too_long", "empty", "zero_width_character", "naive_moment", "not_an_id"} <= set(CODES.found)
    assert {"agent", "conversation", "effect"} <= CODES.things


@BOTH
def test_whatever_may_be_missing_has_a_name(locale: str) -> None:
    """`NotFound` and `NotOffered` say what is not there in the reader's own language; no word is idle."""
    assert CODES.offers >= OFFERED.keys()
    assert all(CODES.offers)
    things = CODES.things | {part.value for part in vocabulary.Part} | OFFERS
    assert set(LANGUAGES[locale].things) == things
    for offer in OFFERS:
        assert explain(NotOffered(offer), locale) != explain(NotOffered("gizmo"), locale)


@BOTH
def test_every_code_that_a_screen_shows_has_words_of_its_own(locale: str) -> None:
    """What a review knows and asks, why an effect failed, what does not hold, what is warned of. Rule: B11."""
    shown = TOLD | FIND_OUT | FLAGS | WARNINGS
    assert set(LANGUAGES[locale].codes) == shown
    assert set(LANGUAGES[locale].outside) == {FindingKind.REFUSED, FindingKind.NOT_DONE}
    labels = [label(code, locale) for code in shown]
    assert len(set(labels)) == len(labels)
    for said in labels:
        assert said == said.strip()
        assert not set("{}_") & set(said)


def test_the_codes_of_effects_are_really_read() -> None:
    """The lists are not empty by accident."""
    assert {"lease_expired", "withdrawn", "reviewed:applied", "unlinked", "expired", "another_one"} <= TOLD
    assert {"outcome_unknown", "overdue", "paid", "media_too_large"} <= TOLD
    assert {"was_it_applied", "was_it_applied_twice", "which_one_counts"} == FIND_OUT
    assert "may_arrive_twice" in WARNINGS


@BOTH
@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_of_its_own(kind: type[enum.Enum], locale: str) -> None:
    """Within one list no two members read the same."""
    labels = [label(member, locale) for member in kind]
    assert all(each and each == each.strip() for each in labels)
    assert len(set(labels)) == len(labels)
    assert set(LANGUAGES[locale].members[kind.__name__]) == {member.name for member in kind}


@BOTH
def test_no_other_list_has_labels(locale: str) -> None:
    """Words for a list that is no more are noticed."""
    assert set(LANGUAGES[locale].members) == {kind.__name__ for kind in SHOWN}


@BOTH
@pytest.mark.parametrize("classes", [EVENTS, COMMANDS], ids=["events", "commands"])
def test_every_event_and_command_has_a_label_of_its_own(classes: tuple[type, ...], locale: str) -> None:
    """By its class; what an agent did, or may do, never reads like something else."""
    labels = [label(each, locale) for each in classes]
    assert all(each and each == each.strip() for each in labels)
    assert len(set(labels)) == len(labels)
    language = LANGUAGES[locale]
    table = language.events if classes is EVENTS else language.commands
    assert set(table) == {each.__name__ for each in classes}


# --- the sentences -------------------------------------------------------------------------------------------


@EACH
@BOTH
def test_sentences_name_only_what_the_error_has(cls: type[ChatcoreError], locale: str) -> None:
    """Each placeholder is an attribute, and where one may be empty there is a sentence without it."""
    language = LANGUAGES[locale]
    for error in samples(cls):
        for table in (language.errors, language.plain_errors):
            assert placeholders(table.get(cls.code, "")) <= set(vars(error))
        unknown = {name for name in placeholders(language.errors[cls.code]) if getattr(error, name) is None}
        plain = placeholders(language.plain_errors.get(cls.code, ""))
        assert not unknown or (cls.code in language.plain_errors and not unknown & plain)


@pytest.mark.parametrize("table", ["errors", "plain_errors", "problems", "plain_problems"])
def test_the_two_languages_tell_the_same_facts(table: str) -> None:
    """For each code both sentences name the same attributes."""
    first, second = (getattr(language, table) for language in LANGUAGES.values())
    assert {code: placeholders(text) for code, text in first.items()} == {
        code: placeholders(text) for code, text in second.items()
    }


@BOTH
def test_problem_sentences_name_the_field_and_only_what_a_problem_has(locale: str) -> None:
    """The path always; sizes and places only where there is a sentence without them as well."""
    language = LANGUAGES[locale]
    fields = {each.name for each in attrs.fields(Problem)}
    for code, sentence in language.problems.items():
        assert "path" in placeholders(sentence) <= fields, code
        assert placeholders(sentence) == {"path"} or code in language.plain_problems, code
    for code, sentence in (language.plain_problems | {"any": language.any_problem}).items():
        assert placeholders(sentence) == {"path"}, code


@BOTH
def test_nothing_that_a_caller_typed_is_named(locale: str) -> None:
    """An id asked for, or an idempotency key, may be anything, a phone for one. Rule: P."""
    language = LANGUAGES[locale]
    named = {
        name
        for table in (language.errors, language.plain_errors)
        for name in placeholders("".join(table.values()))
    }
    assert not named & {"id", "key", "value", "text", "body", "address", "phone", "name", "contract"}
    assert PHONE not in explain(NotFound("contact", PHONE), locale)
    assert PHONE not in explain(NotTheirs(ContractId(PHONE)), locale)
    assert PHONE not in explain(IdempotencyMismatch(PHONE), locale)


@EACH
@BOTH
def test_every_error_explains_itself(cls: type[ChatcoreError], locale: str) -> None:
    """With all its attributes or without; and after a pickle just the same."""
    for error in samples(cls):
        said = explain(error, locale)
        assert_a_sentence(said)
        assert explain(pickle.loads(pickle.dumps(error)), locale) == said


@EACH
def test_every_error_reads_differently_in_the_two_languages(cls: type[ChatcoreError]) -> None:
    """No sentence was left untranslated."""
    for error in samples(cls):
        assert explain(error, "pt_BR") != explain(error, "en")


@pytest.mark.parametrize(
    "cls", [cls for cls in ERRORS if not issubclass(cls, InvalidValue)], ids=lambda cls: cls.__name__
)
@BOTH
def test_every_error_is_told_with_what_it_holds(cls: type[ChatcoreError], locale: str) -> None:
    """The full sentence is the one that is said when every attribute is known, and has a word."""
    full = next(samples(cls))
    for name, word in {"what": "agent", "command": "Take", "ability": "take", "module": "chat"}.items():
        if name in vars(full):
            vars(full)[name] = word
    if "origin" in vars(full):
        vars(full)["origin"] = "open"
    pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(LANGUAGES[locale].errors[cls.code]))
    assert re.fullmatch(pattern, explain(full, locale))


@pytest.mark.parametrize("code", sorted(CODES.found))
@BOTH
def test_every_problem_explains_itself(code: str, locale: str) -> None:
    """With its size and place where they are known, and without."""
    for problem in (Problem("a[0].name", code, None, 40, 41, (2, 3)), Problem("a[0].name", code)):
        said = explain(InvalidValue(problem), locale)
        assert_a_sentence(said)
        assert "“a[0].name”" in said
        assert said != LANGUAGES[locale].any_problem.replace("{path}", "a[0].name")


def test_sentences_as_a_person_reads_them() -> None:
    """Names, sizes, situations, moments and spans in the reader's language."""
    taken = AlreadyTaken(ConversationId("cv_1"), AgentId("ana"))
    assert explain(taken) == explain(taken, "pt-BR") == "O atendente “ana” já assumiu esta conversa."
    assert explain(taken, "en") == "Agent “ana” has already taken this conversation."
    closed = NotAdmitted("Take", Situation.CLOSED)
    assert explain(closed) == "Não é possível assumir: a conversa está fechada."
    assert explain(closed, "en") == "It is not possible to take: the conversation is closed."
    full = AtCapacity(AgentId("ana"), 1, 1)
    assert explain(full) == "O atendente “ana” já está no limite de conversas abertas: tem 1, de 1."
    assert explain(NotFound("conversation", "cv_1")) == "Não há conversa com este identificador."
    assert explain(NotPermitted(Ability.TAKE)) == explain(NotPermitted("take"))
    assert "“assumir”" in explain(NotPermitted(Ability.TAKE))
    assert "10/03/2026 às 12:00 (UTC)" in explain(WindowClosed(NOON))
    assert "2026-03-10 12:00 (UTC)" in explain(WindowClosed(NOON), "en")
    assert "“em atendimento”" in explain(TransitionNotAllowed("open", "Taken"))
    assert "“feito”" in explain(TransitionNotAllowed(vocabulary.EffectState.SUCCEEDED, "Claimed"))
    lacking = FieldsRequired((FieldId("cpf"), FieldId("plan")))
    assert explain(lacking) == "Para fechar a conversa é preciso preencher: cpf, plan."
    assert explain(KindNotCarried(vocabulary.MessageKind.STICKER)).endswith("mensagens deste tipo: figurinha.")
    assert explain(NotFound("quick_reply", "x")) == "Não há resposta rápida com este identificador."
    assert explain(NotAdmitted("SendMedia", Situation.CLOSED)) == (
        "Não é possível enviar um arquivo: a conversa está fechada."
    )


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=30), "30 s"),
        (timedelta(milliseconds=1), "1 s"),
        (timedelta(seconds=90), "90 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(0), "0 s"),
    ],
)
def test_a_span_is_said_in_its_largest_even_unit(span: timedelta, said: str) -> None:
    """Never shorter than it is."""
    assert explain(Temporary(span), "en").endswith(f"try again in {said}.")


@pytest.mark.parametrize(
    ("kind", "limit", "portuguese", "english"),
    [
        (BonusKind.AMOUNT, "1234.50", "R$ 1.234,50", "R$ 1.234,50"),
        (BonusKind.AMOUNT, "20", "R$ 20,00", "R$ 20,00"),
        (BonusKind.PERCENT, "12.50", "12,5%", "12.5%"),
        (BonusKind.PERCENT, "100.00", "100%", "100%"),
        (BonusKind.DAYS, "1", "1 dia", "1 day"),
        (BonusKind.DAYS, "30", "30 dias", "30 days"),
        (BonusKind.DAYS, "many", "many", "many"),
        (BonusKind.AMOUNT, "much", "much", "much"),
    ],
)
def test_a_limit_is_said_in_what_it_is_counted_in(
    kind: BonusKind, limit: str, portuguese: str, english: str
) -> None:
    """Money as Brazilians write it, a percentage by the language, days counted. Rule: B8, B10."""
    refusal = BonusOverLimit(kind, limit)
    assert (
        explain(refusal)
        == f"O atendente pode conceder bônus de até {portuguese}; acima disso, só um supervisor."
    )
    assert explain(refusal, "en") == (
        f"An agent may grant a bonus of {english} at most; a supervisor may grant more."
    )
    assert explain(refusal, "en", {"bonus_over_limit": "At most {limit}!"}) == f"At most {english}!"


def test_refusals_of_contracts_and_billing_as_a_person_reads_them() -> None:
    """What is not offered in words, and which request was there before. Rule: B4, B8, B11."""
    assert explain(BonusOverLimit(BonusKind.DAYS, None)) == (
        "O atendente não pode conceder bônus deste tipo (dias); peça a um supervisor."
    )
    assert explain(NotOffered("boleto:pix")) == "Isto não está disponível aqui: Pix copia e cola de boleto."
    assert explain(NotOffered("find_by:name"), "en") == "This is not available here: finding customers by name."
    assert explain(NotOffered("gizmo"), "en") == "This is not available here."
    asked = AlreadyAsked(EffectId("ef_1"), EffectState.REVIEW)
    assert explain(asked) == "Isto já foi pedido antes (ef_1); situação do pedido: em revisão."
    assert explain(NotFound("boleto", "b1")) == "Não há boleto com este identificador."


def test_what_is_not_known_is_left_out() -> None:
    """No None and no word of the code reaches a person."""
    assert explain(WindowClosed(None), "en") == (
        "The channel's service window is closed; the customer has to write first."
    )
    assert explain(NotFound("gizmo", "g1"), "en") == "Not found."
    assert explain(NotAdmitted("Juggle", Situation.OPEN), "en") == (
        "The conversation's situation does not allow this."
    )
    assert explain(TransitionNotAllowed("Conversation", "Failed")) == "A situação atual não permite este passo."


def test_all_problems_are_told() -> None:
    """One sentence each, in their order, with the field's path."""
    error = InvalidValue(
        Problem("name", "too_long", "C2", 40, 41), Problem("text", "control_character", span=(3, 4))
    )
    assert explain(error, "en") == (
        "The field “name” is too long: 41, and the most is 40. The field “text” has a control character, at 4."
    )
    assert explain(InvalidValue.of("text", "surrogate", span=(3, 6)), "en").endswith("at 4-6.")
    assert explain(InvalidValue.of("body", "too_long"), "en") == "The field “body” is too long."
    assert explain(InvalidValue()) == "Há um valor inválido."


# --- a company's own -----------------------------------------------------------------------------------------


class NoFridays(RuleViolation):
    code = "acme.no_fridays"

    def __init__(self, department: str, customer: Private | None = None) -> None:
        self.department = department
        self.customer = customer


OWN = MappingProxyType({"acme.no_fridays": "{department} is shut on Fridays."})


@BOTH
def test_an_unknown_code_gives_way_to_what_stands_above_it(locale: str) -> None:
    """A company's error without a catalogue is told as what it is in general; never an exception."""
    assert explain(NoFridays("fin"), locale) == explain(RuleViolation(), locale)
    assert explain(InvalidValue.of("day", "acme.shut"), locale) == (
        LANGUAGES[locale].any_problem.replace("{path}", "day")
    )
    assert explain(KeyError("x"), locale) == explain(ChatcoreError(), locale)


def test_a_catalogue_has_the_words_for_a_companys_codes() -> None:
    """For its errors and its problems, with the error's own attributes."""
    assert explain(NoFridays("fin"), "en", OWN) == "fin is shut on Fridays."
    assert (
        explain(InvalidValue.of("day", "acme.shut"), "en", {"acme.shut": "{path} is shut."}) == "day is shut."
    )
    assert explain(RuleViolation(), "en", OWN) == "A rule does not allow this."


def test_a_companys_refusal_is_told_in_its_own_words() -> None:
    """By the code that the company's rule gave it; without words for that, as a rule of the company."""
    refusal = CompanyRefusal("acme:weekend")
    assert explain(refusal, "en", {"acme:weekend": "Not on weekends."}) == "Not on weekends."
    assert explain(refusal, "en", {"company_refusal": "Ask {company_code}."}) == "Ask acme:weekend."
    for unfit in ({}, {"acme:weekend": "{nothing}"}, {"acme:weekday": "Not on weekdays."}):
        assert explain(refusal, "en", unfit) == "A rule of the company does not allow this (acme:weekend)."


def test_a_child_of_a_companys_error_is_told_as_its_parent() -> None:
    """Codes are looked up the classes, nearest first."""

    class NoLateFridays(NoFridays):
        code = "acme.no_late_fridays"

    assert explain(NoLateFridays("fin"), "en", OWN) == "fin is shut on Fridays."


@pytest.mark.parametrize(
    "sentence",
    [
        "{who} is out.",
        "{",
        "}",
        "{}",
        "{0}",
        "{department!r}",
        "{department.upper}",
        "{__class__}",
        "{{x}}",
        None,
        3,
    ],
)
def test_a_broken_catalogue_gives_way(sentence: Any) -> None:
    """A sentence that cannot be filled is not said, and nothing is raised."""
    assert explain(NoFridays("fin"), "en", {"acme.no_fridays": sentence}) == "A rule does not allow this."


def test_values_are_never_scanned_again() -> None:
    """A value that looks like a placeholder stays as it is."""
    assert explain(NoFridays("{customer}"), "en", OWN) == "{customer} is shut on Fridays."


def test_a_private_value_stays_hidden() -> None:
    """Even where a company's own sentence names it."""
    error = NoFridays("fin", Private(PHONE))
    assert explain(error, "en", {"acme.no_fridays": "Not for {customer}."}) == "Not for <redacted>."


def test_notes_that_others_left_are_not_told() -> None:
    """What somebody wrote on an error is not for us to show."""
    error = NoFridays("fin")
    error.add_note(PHONE)
    assert explain(error, "en", {"acme.no_fridays": "{__notes__}."}) == "A rule does not allow this."


@given(sentence=st.text(alphabet="{}adeprtmn_.! ", max_size=20), locale=st.sampled_from(LOCALES))
def test_explaining_never_fails(sentence: str, locale: str) -> None:
    """Law: unknown codes and broken sentences fall back to a general sentence, never an exception."""
    said = explain(NoFridays("fin"), locale, {"acme.no_fridays": sentence})
    assert said == explain(RuleViolation(), locale) or not set("{}") & set(said)


# --- labels and locales --------------------------------------------------------------------------------------


def test_labels_as_a_person_reads_them() -> None:
    """For members, and for events and commands by class or by instance."""
    assert label(Situation.OPEN) == label(Situation.OPEN, "pt-BR") == "em atendimento"
    assert label(Situation.OPEN, "en") == "open"
    assert label(Taken) == label(Taken(assignee=AgentId("ana"))) == "assumiu"
    assert label(Taken, "en") == "took"
    assert label(Take) == label(Take(ConversationId("cv_1"))) == "assumir"
    assert label(BoletoForm.LINE) == "linha digitável"


def test_codes_as_a_person_reads_them() -> None:
    """By the code; a provider's own code is named, alone or behind what it means. Rule: B11."""
    assert label("was_it_applied") == "se foi feito ou não"
    assert label("was_it_applied", "en") == "whether it was done"
    assert label("line") == "a linha digitável não confere"
    assert label("refused:unspecified") == "recusado (sem motivo informado)"
    assert label("not_done:temporary", "en") == "certainly not done (an outside service was unavailable)"
    assert label("refused:131047") == "recusado (código 131047)"
    assert label("131047") == "código 131047"
    assert label("acme:E42", "en") == "code acme:E42"
    assert label("refused:" + "E" * 64, "en") == f"refused (code {'E' * 64})"


@BOTH
def test_all_that_a_review_says_has_words(locale: str) -> None:
    """Whatever was found out, and whatever is asked, also with a provider's code. Rule: B11."""
    review = Review(
        in_review("b1", "b2", guarded=False),
        ("131047", "lease_expired", "done", "refused:E42", "reviewed:not_applied"),
        to_find_out(in_review("b1", "b2", guarded=False)),
    )
    said = [label(code, locale) for code in (*review.known, *review.find_out)]
    assert len(set(said)) == len(said) == 7
    assert all(said)


class Impostor(enum.Enum):
    OPEN = "open"


Impostor.__name__ = "Situation"


@pytest.mark.parametrize(
    "thing",
    [
        None,
        3,
        object,
        Situation,
        Impostor.OPEN,
        type("Taken", (), {}),
        events.Envelope,
        "",
        PHONE,
        "5511987654321",
        f"refused:{PHONE}",
        "Maria Silva",
        "E" * 65,
    ],
)
def test_what_has_no_label_is_refused(thing: object) -> None:
    """Also what only bears the name of something that has one, and a text that is no code. Rule: P."""
    with pytest.raises(InvalidValue) as caught:
        label(thing)
    assert caught.value.problems == (Problem("thing", "no_label"),)


@pytest.mark.parametrize("locale", ["pt", "PT_BR", "en_US", "", None, 3, ["en"]])
def test_an_unknown_locale_is_refused(locale: Any) -> None:
    """Rather than answered in a language nobody asked for."""
    for ask in (lambda: explain(ChatcoreError(), locale), lambda: label(Situation.OPEN, locale)):
        with pytest.raises(InvalidValue) as caught:
            ask()
        assert caught.value.problems == (Problem("locale", "unknown_locale"),)


def test_every_published_error_is_among_those_tested() -> None:
    """The list of classes is not empty by accident."""
    published = {getattr(errors, name) for name in errors.__all__}
    assert {each for each in published if isinstance(each, type) and issubclass(each, ChatcoreError)} <= set(
        ERRORS
    )
