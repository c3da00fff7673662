"""A search as people type it: read, refused with its place, and written again. Rule: S6."""

from __future__ import annotations

import pickle
import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.errors import InvalidValue
from chatcore.i18n import explain
from chatcore.limits import QUERY_DEPTH, QUERY_PARTS, QUERY_TEXT
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Documented,
    Filled,
    Has,
    Is,
    Mark,
    Named,
    Not,
    NotASearch,
    Nothing,
    Numbered,
    Reached,
    Says,
    Trait,
    When,
    format_search,
    parse_search,
)
from chatcore.search.conditions import leaves
from chatcore.search.typed import underlined
from chatcore.search.typed.keys import DATES, KEYS, MARKS, MOMENTS, OPERATORS, OTHERS, PARTS, TRAITS, VALUES
from chatcore.testing.strategies import hostile_text
from chatcore.text import words_of
from chatcore.vocabulary import Locale, Private
from tests.given import stocked

OURS = stocked()
PT, EN = Locale.PT_BR, Locale.EN
BOTH = pytest.mark.parametrize("locale", Locale)
DAY = timedelta(days=1)


def read(text: str) -> Condition:
    return parse_search(text, OURS)


def begins(word: str) -> Says:
    return Says(word, prefix=True)


def outcome(text: str) -> Condition | NotASearch:
    """What a text is read as, or its refusal; anything else that is raised comes out."""
    try:
        return read(text)
    except NotASearch as error:
        return error


def refused(text: Any) -> NotASearch:
    with pytest.raises(NotASearch) as caught:
        parse_search(text, OURS)
    return caught.value


def refusal(text: str) -> tuple[str, str, tuple[str, ...]]:
    """The code, the text that is underlined, and the suggestions."""
    error = refused(text)
    (problem,) = error.problems
    assert problem.span is not None
    return problem.code, text[slice(*problem.span)], error.suggestions


# --- what is read --------------------------------------------------------------------------------------------


A, B, C = begins("a"), begins("b"), begins("c")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("bole", begins("bole")),
        ("  Não\t", begins("nao")),
        ('"Segunda  Via"', Says("segunda via")),
        ('~"segunda vi"', Says("segunda vi", prefix=True)),
        ('"bole"', Says("bole")),
        ("2ª-via", Says("2a via", prefix=True)),
        ("a b", A & B),
        ("a   b c", AllOf((A, B, C))),
        ("a E b", A & B),
        ("a AND b", A & B),
        ("a e b", AllOf((A, begins("e"), B))),
        ("a OU b", A | B),
        ("a OR b OU c", AnyOf((A, B, C))),
        ("a ou b", AllOf((A, begins("ou"), B))),
        ('a "OU" b', AllOf((A, Says("ou"), B))),
        ("a b OU c", (A & B) | C),
        ("a (b OU c)", A & (B | C)),
        ("((a))", A),
        ("(a b) c", AllOf((A, B, C))),
        ("-a", ~A),
        ("NÃO a", ~A),
        ("NA\u0303O a", ~A),
        ("NAO a", ~A),
        ("NOT a", ~A),
        ("não a", begins("nao") & A),
        ("NOT NOT a", A),
        ("NOT -a", A),
        ("-(a OU b) c", ~(A | B) & C),
        ('-"a b"', ~Says("a b")),
        ("a-b", Says("a b", prefix=True)),
        ("a - b", A & B),
        ("--a", A),
        ("E a", begins("e") & A),
        ("%", None),
        ("100%", begins("100")),
        ("de_tudo*", Says("de tudo", prefix=True)),
        ("[a-c]+.*$", Says("a c", prefix=True)),
        ("12:30", Says("12 30", prefix=True)),
        ("a: b", A & B),
        ("()", None),
        ("() a", A),
        ("\u0301", None),
        ("👍🏽", Says("👍 🏽", prefix=True)),
    ],
)
def test_what_is_typed_means(text: str, condition: Condition | None) -> None:
    """Words by their beginning, quotes whole, all of it, either, not; no patterns."""
    if condition is None:
        assert refusal(text)[0] == "no_words"
    else:
        assert read(text) == condition


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_search_is_read_however_its_letters_are_spelled(form: Any) -> None:
    """Keys, values, operators and words, decomposed too; the spans lie in what was typed."""
    text = "situação:fila está:não-lida NÃO lado:nós atrás"
    assert read(unicodedata.normalize(form, text)) == read(text)
    typed = unicodedata.normalize(form, "não situaçao:filé")
    assert refusal(typed)[:2] == ("unknown_value", unicodedata.normalize(form, "filé"))


@pytest.mark.parametrize(("trait", "names"), TRAITS.items())
def test_every_trait_has_its_keys(trait: Trait, names: tuple[str, ...]) -> None:
    """In Portuguese and English, in any case, with accents or without."""
    value = {Trait.AGENT: "ana", Trait.DEPARTMENT: "sup", Trait.CHANNEL: "wa", Trait.TAG: "vip"}.get(
        trait, "slow"
    )
    for name in names:
        for key in (name, name.upper(), unicodedata.normalize("NFD", name)):
            if trait not in VALUES:
                assert read(f"{key}:{value}") == Has(trait, value)
                continue
            for meant, words in VALUES[trait].items():
                for word in (*words, *map(str.upper, words)):
                    assert read(f"{key}:{word}") == read(f'{key}:"{word}"') == Has(trait, meant)


def test_every_key_and_value_is_there_once() -> None:
    """Every trait, mark, moment and value of a closed list; no spelling means two things."""
    assert (set(TRAITS), set(MARKS), set(MOMENTS)) == (set(Trait), set(Mark), set(When))
    for trait, known in VALUES.items():
        assert {Has(trait, value).value for value in known} == set(known)
        spelled = [word for names in known.values() for word in {" ".join(words_of(name)) for name in names}]
        assert len(spelled) == len(set(spelled))
    assert len(KEYS) == len(
        {" ".join(words_of(n)) for t in (TRAITS, OTHERS, DATES) for ns in t.values() for n in ns}
    )
    assert set(OPERATORS.values()) == {"and", "or", "not"}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        *(
            (f"{key}:{name}", Is(mark))
            for key in OTHERS["is"]
            for mark, names in MARKS.items()
            for name in names
        ),
        *((f"{key}:joa", Named("joa")) for key in OTHERS["name"]),
        ('nome:"joão da"', Named("joao da", prefix=False)),
        ('nome:~"joão da"', Named("joao da")),
        *((f'{key}:"(11) 98765-4321"', Numbered("(11) 98765-4321")) for key in OTHERS["number"]),
        *((f"{key}:529.982.247-25", Documented("52998224725")) for key in OTHERS["document"]),
        *((f"{key}.plan:100M", Filled("plan", Private("100M"))) for key in OTHERS["field"]),
        ("campo.Plano:100M", Filled("plan", Private("100M"))),
        ('campo.observacao:"duas palavras"', Filled("notes", Private("duas palavras"))),
        ("campo.velocidade:1,5", Filled("speed", Decimal("1.5"))),
        ("campo.velocidade:-2.50", Filled("speed", Decimal("-2.5"))),
        ("campo.visita:31/01/2026", Filled("visit", date(2026, 1, 31))),
        ("campo.since:2026-01-31", Filled("since", date(2026, 1, 31))),
        ("campo.cliente-desde:2026-01-31", Filled("since", date(2026, 1, 31))),
        *((f"campo.solved:{w}", Filled("solved", True)) for w in ("sim", "Yes", "s")),
        *((f"campo.solved:{w}", Filled("solved", False)) for w in ("não", "NO", "n")),
        ("agente:Ana", Has(Trait.AGENT, "ana")),
        ("setor:financeiro", Has(Trait.DEPARTMENT, "fin")),
        ('etiqueta:"fibra β"', Has(Trait.TAG, "fibre")),
        ("etiqueta:inadimplente", Has(Trait.TAG, "debt")),
        ("motivo:lentidao", Has(Trait.REASON, "slow")),
        ('motivo:"segunda via"', Has(Trait.REASON, "fin")),
        ("protocolo:2026-03/10", Has(Trait.PROTOCOL, "2026-03/10")),
        ("cliente:a:b", Has(Trait.CUSTOMER, "a:b")),
        ("cliente:-7", Has(Trait.CUSTOMER, "-7")),
        ("cliente:%_*", Has(Trait.CUSTOMER, "%_*")),
        ("-etiqueta:vip", ~Has(Trait.TAG, "vip")),
        ("(lado:cliente OU tipo:foto)", Has(Trait.DIRECTION, "inbound") | Has(Trait.KIND, "image")),
    ],
)
def test_keys_ask_for_what_things_are(text: str, condition: Condition) -> None:
    """By id or by name, in both languages; a value is what stands up to the next blank, or in quotes."""
    assert read(text) == condition


def test_an_id_goes_before_a_name() -> None:
    """So what is written by id is read again as the same."""
    first, second = OURS.departments
    crossed = attrs.evolve(
        OURS, departments=(attrs.evolve(first, name="fin"), attrs.evolve(second, name="sup"))
    )
    assert parse_search("setor:fin", crossed) == Has(Trait.DEPARTMENT, "fin")


# --- days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-01-31", "31/01/2026"])
@pytest.mark.parametrize(
    ("when", "before"), [(When.SENT, None), *((w, n) for w, ns in MOMENTS.items() for n in ns)]
)
def test_days_are_those_of_the_workspace(day: str, when: When, before: str | None) -> None:
    """From midnight to midnight of its clocks: in São Paulo at three o'clock UTC."""
    start = datetime(2026, 1, 31, 3, tzinfo=UTC)
    expected = {
        "since": Between(when, since=start),
        "after": Between(when, since=start + DAY),
        "before": Between(when, until=start),
        "until": Between(when, until=start + DAY),
        "on": Between(when, since=start, until=start + DAY),
    }
    for relation, names in DATES.items():
        for name in names:
            assert read(f"{before}.{name}:{day}" if before else f"{name}:{day}") == expected[relation]


@pytest.mark.parametrize(
    ("zone", "day", "since", "hours"),
    [
        ("America/Sao_Paulo", "2018-11-04", datetime(2018, 11, 4, 3, tzinfo=UTC), 23),
        ("America/Sao_Paulo", "2018-02-17", datetime(2018, 2, 17, 2, tzinfo=UTC), 25),
        ("Europe/Lisbon", "2026-03-29", datetime(2026, 3, 29, tzinfo=UTC), 23),
        ("Pacific/Apia", "2011-12-30", datetime(2011, 12, 30, 10, tzinfo=UTC), 0),
        ("UTC", "2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone: str, day: str, since: datetime, hours: int) -> None:
    """Also where daylight time begins or ends, at midnight too, and where a day was left out. Rule: H1."""
    found = parse_search(f"em:{day}", stocked(time_zone=zone))
    assert found == Between(When.SENT, since=since, until=since + timedelta(hours=hours))


def test_a_moment_is_taken_as_it_is() -> None:
    """With its offset; a span of two moments is asked for with ``em``."""
    at, later = datetime(2026, 1, 31, 15, 30, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert read("desde:2026-01-31T12:30:00-03:00") == Between(When.SENT, since=at)
    assert read("fechada.antes:2026-01-31T15:30:00Z") == Between(When.CLOSED, until=at)
    assert read("em:2026-01-31T15:30:00Z..2026-02-01T00:00:00Z") == Between(When.SENT, since=at, until=later)


# --- what is refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "underlined_", "suggestions"),
    [
        ("", "no_words", "", ()),
        ("   ", "no_words", "   ", ()),
        ("*%_", "no_words", "*%_", ()),
        ('""', "no_words", '""', ()),
        ("a (b", "unmatched_bracket", "(", ()),
        ("a b)", "unmatched_bracket", ")", ()),
        ("a ) b", "unmatched_bracket", ")", ()),
        ('a "b c', "unclosed_quote", '"b c', ()),
        ('nome:"b', "unclosed_quote", '"b', ()),
        ("(a -)", "nothing_denied", "-", ()),
        ("a OU", "nothing_beside_or", "OU", ('"ou"',)),
        ("OR a", "nothing_beside_or", "OR", ('"or"',)),
        ("(a OU) b", "nothing_beside_or", "OU", ('"ou"',)),
        ("a OU OU b", "nothing_beside_or", "OU", ('"ou"',)),
        ("a E", "nothing_beside_and", "E", ('"e"',)),
        ("a AND OR b", "nothing_beside_and", "AND", ('"and"',)),
        ("NOT", "nothing_denied", "NOT", ('"not"',)),
        ("a (NÃO)", "nothing_denied", "NÃO", ('"não"',)),
        ("boleto antez:2026-01-01", "unknown_key", "antez:", None),
        ("etiketa:vip", "unknown_key", "etiketa:", ("etiqueta:",)),
        ("fechada.agente:ana", "unknown_key", "fechada.agente:", None),
        ("campo.nada:1", "unknown_key", "campo.nada:", None),
        ("https://x.example/a", "unknown_key", "https:", None),
        ("nome:(a)", "value_missing", "nome:", ()),
        ("etiqueta:vipp", "unknown_value", "vipp", ("vip",)),
        ('agente:"Anna B"', "unknown_value", '"Anna B"', None),
        ("situação:fil", "unknown_value", "fil", ("fila",)),
        ("está:esperand", "unknown_value", "esperand", ("esperando",)),
        ("nome:***", "no_words", "***", ()),
        ('protocolo:""', "not_an_id", '""', ()),
        ("número:123", "not_a_phone", "123", ()),
        ("antes:ontem", "not_a_day", "ontem", ("2026-01-31", "31/01/2026")),
        ("antes:2026-02-30", "not_a_day", "2026-02-30", ("2026-01-31", "31/01/2026")),
        ("antes:2026-1-1", "not_a_day", "2026-1-1", ("2026-01-31", "31/01/2026")),
        ("até:9999-12-31", "not_a_day", "9999-12-31", ("2026-01-31", "31/01/2026")),
        ("antes:٢٠٢٦-٠١-٠١", "not_a_day", "٢٠٢٦-٠١-٠١", ("2026-01-31", "31/01/2026")),
        ("em:2026-01-01T00:00:00Z", "not_a_day", "2026-01-01T00:00:00Z", ()),
        ("campo.velocidade:rápido", "not_a_number", "rápido", ()),
        ("campo.velocidade:NaN", "not_a_number", "NaN", ()),
        ("campo.solved:talvez", "not_yes_or_no", "talvez", ("sim", "não")),
        ("campo.visita:01/2026", "not_a_day", "01/2026", ("2026-01-31", "31/01/2026")),
        ('"' + "a " * 21 + '"', "too_many", '"' + "a " * 21 + '"', ()),
        ("(" * (QUERY_DEPTH + 1) + "a", "too_deep", "(", ()),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    text: str, code: str, underlined_: str, suggestions: tuple[str, ...] | None
) -> None:
    """And with what may have been meant."""
    found = refusal(text)
    assert found[:2] == (code, underlined_)
    assert suggestions is None or found[2] == suggestions


def test_a_suggestion_comes_first_that_is_nearest() -> None:
    """A key one letter off."""
    assert refusal("boleto antez:2026-01-01")[2][0] == "antes:"


@pytest.mark.parametrize("text", [None, 5, b"boleto", [], {}, {1}, True])
def test_another_type_is_refused(text: Any) -> None:
    """As a search that it is not."""
    (problem,) = refused(text).problems
    assert (problem.path, problem.code) == ("search", "not_a_text")


def test_a_search_has_bounds() -> None:
    """So many code points and conditions, and not one more."""
    assert read("a" * QUERY_TEXT)
    for size in (QUERY_TEXT + 1, 1_000_000):
        (problem,) = refused("a" * size).problems
        assert (problem.code, problem.limit, problem.actual) == ("too_long", QUERY_TEXT, size)
    assert len(list(leaves(read("a " * QUERY_PARTS)))) == QUERY_PARTS
    assert refusal("a " * QUERY_PARTS + "b")[:2] == ("too_many", "b")
    deep = "(a OU b -" * 9 + "c" + ")" * 9
    assert refusal(f"-{deep}")[0] == "too_deep"
    assert read("(" * QUERY_DEPTH + "a" + ")" * QUERY_DEPTH) == A


ALPHABET = [
    *"ab -()\"~:.*%_\\[]{}^$|?+<>/'",
    " ",
    "OU",
    " OU ",
    " NÃO ",
    " E ",
    "agente:",
    "etiqueta:vip",
    "campo.",
    "campo.velocidade:",
    "em:2026-01-31",
    "antes:",
    "T",
    "..",
    "número:",
    "cpf:",
    "nome:",
    "situação:",
    "\x00",
    "\u200b",
    "\u202e",
    "\u0301",
    "ﬁ",
    "а",
    "👩‍👧",
    "\ud800",
    "\n",
    "9999-12-31",
    "0001-01-01",
]
TYPED = st.lists(st.sampled_from(ALPHABET), max_size=30).map("".join) | st.text() | hostile_text()


@given(TYPED)
@example("-(a OU b " * 9 + "c" + ")" * 9)
@example("até:0001-01-01")
@example("em:0001-01-01T00:00:00+23:59..x")
@example("cpf:" + "1" * 900)
@example("campo.velocidade:" + "9" * 31)
@example("\x00")
def test_no_text_breaks_it(text: str) -> None:
    """Law: any text is a search, or is refused by its own error, with a place inside it; both can be told."""
    found = outcome(text)
    if isinstance(found, Condition):
        again(found)
        return
    for problem in found.problems:
        assert problem.path == "search"
        start, end = problem.span or (0, 0)
        assert 0 <= start <= end <= len(text)
        assert problem.span is not None or problem.code == "too_long"
        assert underlined(text, (start, end)).count("\n") == 1
    assert all(type(each) is str for each in found.suggestions)
    assert all(explain(found, locale) for locale in Locale)


@pytest.mark.parametrize(
    "text",
    [
        "(",
        ")",
        '"',
        "~",
        "-",
        ":",
        "a:",
        "a.",
        "é:",
        "( ",
        '" ',
        "- ",
        "a-",
        "-(",
        "\u0301",
        "NÃO ",
        "OU ",
        "\x00",
        "👩‍",
    ],
)
def test_the_work_grows_with_the_length(text: str) -> None:
    """Law: twice the text takes at most twice the steps, and some; what is longer than a search takes none."""
    steps = [_steps((text * 1_000_000)[:size]) for size in (QUERY_TEXT // 2, QUERY_TEXT, 1_000_000)]
    assert steps[1] <= 2 * steps[0] + 200
    assert steps[2] < 100


def _steps(text: str) -> int:
    """Calls made while a text is read."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        parse_search(text, OURS)
    except NotASearch:
        pass
    finally:
        sys.setprofile(before)
    return calls


@given(st.sampled_from(["antez:1", "a OU", "etiqueta:vipp", "situação:fil", "a NOT", "campo.solved:x"]))
def test_a_suggestion_fits_where_the_span_is(text: str) -> None:
    """Law: put in the place of what is underlined, it is no longer refused for that."""
    code, _, suggestions = refusal(text)
    (problem,) = refused(text).problems
    assert suggestions
    assert problem.span is not None
    start, end = problem.span
    for each in suggestions:
        mended = text[:start] + each + text[end:]
        found = outcome(mended)
        assert isinstance(found, Condition) or found.problems[0].code != code


def test_an_error_is_underlined() -> None:
    """On two lines, whatever blanks stand in the text; and it does not hold what was typed."""
    error = refused("a\tb\netiketa:x")
    (problem,) = error.problems
    assert problem.span is not None
    assert underlined("a\tb\netiketa:x", problem.span) == "a b etiketa:x\n    ^^^^^^^^"
    assert underlined("", (0, 0)) == "\n^"
    assert isinstance(error, InvalidValue)
    assert error.code == "not_a_search"
    for told in (str(error), repr(error.problems), str(error.document())):
        assert "etiketa" not in told


@pytest.mark.parametrize("text", ['nome:"Maria', 'a "Maria', "número:Maria", "campo.solved:Maria", "Maria OU"])
def test_a_refusal_does_not_hold_what_was_typed(text: str) -> None:
    """It may be somebody's name; and it is the same error after a journey."""
    error = refused(text)
    again = pickle.loads(pickle.dumps(error))
    assert (again.problems, again.suggestions) == (error.problems, error.suggestions)
    for told in (str(error), repr(error), str(error.document()), explain(error)):
        assert "aria" not in told


# --- what is written -----------------------------------------------------------------------------------------


def again(condition: Condition) -> None:
    """What is written of a condition that was read is read as the same, and written the same, in each language.

    Where it is too long to be typed, it is refused for just that.
    """
    for locale in Locale:
        written = format_search(condition, locale)
        if len(written) > QUERY_TEXT:
            assert refused(written).problems[0].code == "too_long"
            continue
        assert read(written) == condition
        assert format_search(read(written), locale) == written


@pytest.mark.parametrize(
    ("text", "portuguese", "english"),
    [
        ("boleto", "boleto", "boleto"),
        ('"Segunda  Via"', '"segunda via"', '"segunda via"'),
        ('~"Segunda vi"', '~"segunda vi"', '~"segunda vi"'),
        ("a AND b", "a b", "a b"),
        ("a OR b c", "a OU b c", "a OR b c"),
        ("(a OR b) c", "(a OU b) c", "(a OR b) c"),
        ("-(a b)", "-(a b)", "-(a b)"),
        ("NOT a", "-a", "-a"),
        ("agent:Ana", "agente:ana", "agent:ana"),
        ("view:closed", "situação:fechada", "situation:closed"),
        ("é:unread", "está:não-lida", "is:unread"),
        ("side:us kind:foto", "lado:nós tipo:imagem", "side:outbound kind:image"),
        ("closed.since:2026-01-31", "fechada.desde:2026-01-31T03:00:00Z", "closed.since:2026-01-31T03:00:00Z"),
        ("até:2026-01-31", "antes:2026-02-01T03:00:00Z", "before:2026-02-01T03:00:00Z"),
        (
            "on:2026-01-31 a",
            "em:2026-01-31T03:00:00Z..2026-02-01T03:00:00Z a",
            "on:2026-01-31T03:00:00Z..2026-02-01T03:00:00Z a",
        ),
        ('phone:"(11) 98765-4321"', 'número:"(11) 98765-4321"', 'number:"(11) 98765-4321"'),
        ("campo.solved:s", "campo.solved:sim", "field.solved:yes"),
        ("campo.solved:n", 'campo.solved:"não"', "field.solved:no"),
    ],
)
def test_a_search_is_written_in_each_language(text: str, portuguese: str, english: str) -> None:
    """The shortest way that is read as the same."""
    assert format_search(read(text)) == portuguese
    assert format_search(read(text), EN) == english


moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
words = st.sampled_from(["a", "não", "e", "ou", "not", "segunda via", "2ª", "👍🏽 x", "ø", "한국", "https"])
plain_ids = st.sampled_from(["x", "a b", "-x", "a:b", "~x", "(x)", "%", "é", "E"])
LEAVES = st.one_of(
    st.builds(Says, words, prefix=st.booleans()),
    st.builds(Named, words, prefix=st.booleans()),
    st.builds(Has, st.sampled_from([t for t in Trait if t not in VALUES and t not in PARTS]), plain_ids),
    st.sampled_from([Has(trait, value) for trait, known in VALUES.items() for value in known]),
    st.sampled_from(
        [
            Has(Trait.AGENT, "ana"),
            Has(Trait.DEPARTMENT, "fin"),
            Has(Trait.CHANNEL, "wa"),
            Has(Trait.TAG, "debt"),
        ]
    ),
    st.builds(Is, st.sampled_from(Mark)),
    st.builds(lambda w, s: Between(w, since=s), st.sampled_from(When), moments),
    st.builds(lambda w, u: Between(w, until=u), st.sampled_from(When), moments),
    st.builds(lambda w, s, u: Between(w, since=s, until=u), st.sampled_from(When), moments, moments),
    st.builds(Filled, st.just("notes"), plain_ids.map(Private)),
    st.builds(Filled, st.just("solved"), st.booleans()),
    st.builds(Filled, st.just("visit"), st.dates()),
    st.builds(Filled, st.just("speed"), st.decimals(-(10**6), 10**6, places=3)),
    st.sampled_from([Numbered("(11) 98765-4321"), Documented("529.982.247-25")]),
)
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AllOf(tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
        parts.map(Not),
    ),
    max_leaves=10,
)


def flat(condition: Condition) -> Condition:
    """The same meaning in one form: no combination of one, none in its own kind, nothing denied twice."""
    if isinstance(condition, Not):
        return ~flat(condition.part)
    if not isinstance(condition, AllOf | AnyOf):
        return condition
    kind, parts = type(condition), [flat(part) for part in condition.parts]
    together = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    return together[0] if len(together) == 1 else kind(tuple(together))


@given(TREES)
@example(Not(Not(Says("a"))))
@example(Not(AnyOf((Not(Says("a")),))))
@example(Not(Not(AllOf((Says("a"), Says("b"))))))
@example(Not(AllOf((Not(AllOf((Says("a"), Says("b")))),))))
def test_what_is_written_means_the_same(condition: Condition) -> None:
    """Law: read again it is the same condition, but for how its combinations nest; then it stays as it is."""
    for locale in Locale:
        written = format_search(condition, locale)
        if len(written) <= QUERY_TEXT:
            assert read(written) == flat(condition)
    again(flat(condition))


@BOTH
def test_the_deepest_condition_is_read_again(locale: Locale) -> None:
    """Brackets are taken as deep as conditions may lie."""
    deep: Condition = Says("a")
    for level in range(QUERY_DEPTH):
        deep = (AllOf if level % 2 else AnyOf)((deep, Says("b")))
    assert read(format_search(deep, locale)) == deep


@pytest.mark.parametrize(
    "condition",
    [Reached(("k",)), Nothing(), Has(Trait.CUSTOMER, 'a"b'), Filled("notes", Private('"')), Condition()],
    ids=lambda leaf: type(leaf).__name__,
)
def test_what_nobody_can_type_is_refused(condition: Condition) -> None:
    """What a desk made of a number or a document, and a quote inside a value."""
    with pytest.raises(InvalidValue) as caught:
        format_search(~condition & Says("a"))
    assert [(p.path, p.code) for p in caught.value.problems] == [("where", "not_typed")]
