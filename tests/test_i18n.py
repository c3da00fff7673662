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
from types import MappingProxyType, ModuleType
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatcore
from chatcore import commands, errors, events, vocabulary
from chatcore.commands import Take
from chatcore.errors import (
    AlreadyTaken,
    AtCapacity,
    ChatcoreError,
    CompanyRefusal,
    FieldsRequired,
    IdempotencyMismatch,
    InvalidValue,
    KindNotCarried,
    NotAdmitted,
    NotFound,
    NotPermitted,
    Problem,
    RuleViolation,
    Temporary,
    TransitionNotAllowed,
    WindowClosed,
)
from chatcore.events import Taken
from chatcore.i18n import _en, _pt_br, explain, label
from chatcore.vocabulary import Ability, AgentId, ConversationId, FieldId, Private, Situation

LOCALES = ("pt_BR", "en")
LANGUAGES: dict[str, ModuleType] = {"pt_BR": _pt_br, "en": _en}
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


class Codes:
    """The problem codes that the sources name, found by reading them."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.found: dict[str, str] = {}
        self.unread: list[str] = []
        self.things: set[str] = set()
        self._trees = {path: ast.parse(source) for path, source in sources.items()}
        self._calls = [
            (node, scope, tree)
            for tree in self._trees.values()
            for node, scope in self._walk(tree, None)
            if isinstance(node, ast.Call)
        ]
        self._functions: dict[str, list[ast.AST]] = {}
        for tree in self._trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef):
                    self._functions.setdefault(node.name, []).append(node)
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
        if called.rpartition(".")[2] != "Problem" and not called.endswith("InvalidValue.of"):
            return
        code = self._argument(call, "code", 1)
        codes = self._strings(code, scope, tree, 0)
        if not codes and not (isinstance(code, ast.Attribute) and code.attr == "code"):
            self.unread.append(f"{where}: {ast.unparse(call)}")
        for each in codes:
            self.found.setdefault(each, where)

    def _strings(self, node: ast.AST | None, scope: Any, tree: ast.Module, depth: int) -> set[str]:
        """The strings that an expression can come to, as far as the source tells."""
        if depth > 4:
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
                return self._values(table.id, None, tree)
            case ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get")):
                return self._values(table.id, None, tree)
            case ast.Name():
                return self._named(node.id, scope, tree, depth)
        return set()

    def _named(self, name: str, scope: Any, tree: ast.Module, depth: int) -> set[str]:
        if scope is not None:
            said = self._values(name, scope, scope)
            parameters = [each.arg for each in [*scope.args.posonlyargs, *scope.args.args]]
            named_only = [each.arg for each in scope.args.kwonlyargs]
            if name in parameters + named_only:
                place = parameters.index(name) if name in parameters else 99
                place -= parameters[0] in ("self", "cls") if parameters else 0
                for call, outer, other in self._calls:
                    if ast.unparse(call.func).rpartition(".")[2] == scope.name:
                        given_here = self._argument(call, name, place)
                        said |= self._strings(given_here, outer, other, depth + 1)
            if said:
                return said
        return self._values(name, None, tree)

    def _values(self, name: str, scope: Any, within: ast.Module | ast.FunctionDef) -> set[str]:
        """The code-like strings bound to a name, at first or second hand: by assignment or by a loop."""
        found: set[str] = set()
        for node in ast.walk(within):
            match node:
                case ast.Assign(targets=[target, *_], value=value) if binds(target, name):
                    found |= self._gathered(target, value, name, scope, within)
                case (
                    ast.AnnAssign(target=target, value=ast.expr() as value)
                    | ast.NamedExpr(target=target, value=value)
                    | ast.For(target=target, iter=value)
                    | ast.comprehension(target=target, iter=value)
                ) if binds(target, name):
                    found |= self._gathered(target, value, name, scope, within)
        return {each for each in found if re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", each)}

    def _gathered(self, target: ast.expr, value: ast.expr, name: str, scope: Any, within: ast.AST) -> set[str]:
        """The strings in a value, in what its names were assigned, in the functions that it calls, and in the
        table that it is a row of.
        """
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
            nodes = [row.elts[place] for row in rows]
        return {each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def binds(target: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(target))


CODES = Codes(SOURCES)


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
    assert codes == set(language.ERRORS)
    assert set(language.PLAIN_ERRORS) <= codes


@BOTH
def test_every_problem_code_of_the_sources_has_a_sentence(locale: str) -> None:
    """The codes are read from the sources, so that a new one cannot be forgotten."""
    assert CODES.unread == []
    language = LANGUAGES[locale]
    assert {code: where for code, where in CODES.found.items() if code not in language.PROBLEMS} == {}
    assert set(language.PROBLEMS) - set(CODES.found) == set()
    assert set(language.PLAIN_PROBLEMS) <= set(language.PROBLEMS)


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
"""
    expected = """plain by_name one other looped looped_too listed listed_too late from_table from_table_too
        from_row from_row_too from_call from_call_too through_helper through_method""".split()
    seen = Codes({"example.py": source})
    assert sorted(seen.found) == sorted(expected)
    assert seen.unread == []
    assert Codes({"example.py": "def f(x):\n    Problem('p', x())"}).unread == [
        "example.py:2: Problem('p', x())"
    ]


def test_codes_are_really_read() -> None:
    """The list is not empty by accident."""
    assert {"too_long", "empty", "zero_width_character", "naive_moment", "not_an_id"} <= set(CODES.found)
    assert {"agent", "conversation", "effect"} <= CODES.things


@BOTH
def test_whatever_may_be_missing_has_a_name(locale: str) -> None:
    """`NotFound` says what is not there in the reader's own language."""
    assert set(LANGUAGES[locale].THINGS) == CODES.things | {part.value for part in vocabulary.Part}


@BOTH
@pytest.mark.parametrize("kind", SHOWN, ids=lambda kind: kind.__name__)
def test_every_member_has_a_label_of_its_own(kind: type[enum.Enum], locale: str) -> None:
    """Within one list no two members read the same."""
    labels = [label(member, locale) for member in kind]
    assert all(each and each == each.strip() for each in labels)
    assert len(set(labels)) == len(labels)
    assert set(LANGUAGES[locale].MEMBERS[kind.__name__]) == {member.name for member in kind}


@BOTH
def test_no_other_list_has_labels(locale: str) -> None:
    """Words for a list that is no more are noticed."""
    assert set(LANGUAGES[locale].MEMBERS) == {kind.__name__ for kind in SHOWN}


@BOTH
@pytest.mark.parametrize("classes", [EVENTS, COMMANDS], ids=["events", "commands"])
def test_every_event_and_command_has_a_label_of_its_own(classes: tuple[type, ...], locale: str) -> None:
    """By its class; what an agent did, or may do, never reads like something else."""
    labels = [label(each, locale) for each in classes]
    assert all(each and each == each.strip() for each in labels)
    assert len(set(labels)) == len(labels)
    language = LANGUAGES[locale]
    table = language.EVENTS if classes is EVENTS else language.COMMANDS
    assert set(table) == {each.__name__ for each in classes}


# --- the sentences -------------------------------------------------------------------------------------------


@EACH
@BOTH
def test_sentences_name_only_what_the_error_has(cls: type[ChatcoreError], locale: str) -> None:
    """Each placeholder is an attribute, and where one may be empty there is a sentence without it."""
    language = LANGUAGES[locale]
    for error in samples(cls):
        for table in (language.ERRORS, language.PLAIN_ERRORS):
            assert placeholders(table.get(cls.code, "")) <= set(vars(error))
        unknown = {name for name in placeholders(language.ERRORS[cls.code]) if getattr(error, name) is None}
        plain = placeholders(language.PLAIN_ERRORS.get(cls.code, ""))
        assert not unknown or (cls.code in language.PLAIN_ERRORS and not unknown & plain)


@pytest.mark.parametrize("table", ["ERRORS", "PLAIN_ERRORS", "PROBLEMS", "PLAIN_PROBLEMS"])
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
    for code, sentence in language.PROBLEMS.items():
        assert "path" in placeholders(sentence) <= fields, code
        assert placeholders(sentence) == {"path"} or code in language.PLAIN_PROBLEMS, code
    for code, sentence in (language.PLAIN_PROBLEMS | {"any": language.ANY_PROBLEM}).items():
        assert placeholders(sentence) == {"path"}, code


@BOTH
def test_nothing_that_a_caller_typed_is_named(locale: str) -> None:
    """An id asked for, or an idempotency key, may be anything, a phone for one. Rule: P."""
    language = LANGUAGES[locale]
    named = {
        name
        for table in (language.ERRORS, language.PLAIN_ERRORS)
        for name in placeholders("".join(table.values()))
    }
    assert not named & {"id", "key", "value", "text", "body", "address", "phone", "name"}
    assert PHONE not in explain(NotFound("contact", PHONE), locale)
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
    "cls", [cls for cls in ERRORS if cls is not InvalidValue], ids=lambda cls: cls.__name__
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
    pattern = re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(LANGUAGES[locale].ERRORS[cls.code]))
    assert re.fullmatch(pattern, explain(full, locale))


@pytest.mark.parametrize("code", sorted(CODES.found))
@BOTH
def test_every_problem_explains_itself(code: str, locale: str) -> None:
    """With its size and place where they are known, and without."""
    for problem in (Problem("a[0].name", code, None, 40, 41, (2, 3)), Problem("a[0].name", code)):
        said = explain(InvalidValue(problem), locale)
        assert_a_sentence(said)
        assert "“a[0].name”" in said
        assert said != LANGUAGES[locale].ANY_PROBLEM.replace("{path}", "a[0].name")


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
        LANGUAGES[locale].ANY_PROBLEM.replace("{path}", "day")
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


class Impostor(enum.Enum):
    OPEN = "open"


Impostor.__name__ = "Situation"


@pytest.mark.parametrize(
    "thing", [None, "open", 3, object, Situation, Impostor.OPEN, type("Taken", (), {}), events.Envelope]
)
def test_what_has_no_label_is_refused(thing: object) -> None:
    """Also what only bears the name of something that has one."""
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
