"""Conditions: values that combine, what they refuse, and what each means. Rules: S2, S6."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.br import parse_phone
from chatcore.entities import Scope
from chatcore.errors import InvalidValue
from chatcore.limits import QUERY_DEPTH, QUERY_PARTS, QUERY_TEXT, QUERY_WORDS
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    Documented,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Numbered,
    Reached,
    Says,
    Trait,
    When,
    matches,
)
from chatcore.search.conditions import UNRESOLVED, leaves
from chatcore.search.matching import holds
from chatcore.vocabulary import Direction, MessageKind, Private, Situation
from tests.given import (
    ADDRESS,
    CT,
    CV,
    DAY,
    HOUR,
    NOW,
    blocked_contact,
    contact,
    conversation,
    effect,
    inbound,
    outbound,
)

CPF = "529.982.247-25"
LEAVES: list[Condition] = [
    Says("boleto"),
    Says("segunda via", prefix=True),
    Named("joão"),
    Has(Trait.TAG, "vip"),
    Is(Mark.UNREAD),
    Between(When.SENT, since=NOW),
    Filled("plan", Private("100M")),
    Filled("visit", date(2026, 1, 1)),
    Filled("speed", Decimal("1.5")),
    Filled("solved", True),
    Reached(("k1",)),
    Numbered("(11) 98765-4321"),
    Documented(CPF),
    Nothing(),
]
conditions = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AllOf(tuple(some))),
        st.lists(parts, min_size=1, max_size=3).map(lambda some: AnyOf(tuple(some))),
        parts.map(Not),
    ),
    max_leaves=8,
)


def refusals(make: Any, *args: Any, **named: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidValue) as refused:
        make(*args, **named)
    return [(problem.path, problem.code) for problem in refused.value.problems]


# --- values --------------------------------------------------------------------------------------------------


@given(conditions)
def test_a_condition_is_a_value(condition: Condition) -> None:
    """Law: equal to its copies, hashed alike, and frozen."""
    for twin in (copy.deepcopy(condition), pickle.loads(pickle.dumps(condition))):
        assert twin == condition
        assert hash(twin) == hash(condition)
    assert len({condition, copy.copy(condition)}) == 1
    for field in attrs.fields(type(condition)):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(condition, field.name, None)


def test_conditions_combine() -> None:
    """Chains of one kind lie flat, and what is denied twice is not denied."""
    a, b, c = Says("a"), Says("b"), Says("c")
    assert a & b & c == a & (b & c) == AllOf((a, b, c))
    assert a | b | c == a | (b | c) == AnyOf((a, b, c))
    assert a & (b | c) == AllOf((a, AnyOf((b, c))))
    assert ~a == Not(a)
    assert ~~a == a
    assert list(leaves(~(a & (b | ~c)))) == [a, b, c]


@given(conditions, conditions)
def test_leaves_come_from_left_to_right(one: Condition, other: Condition) -> None:
    """Law: the leaves of a combination are those of its parts, in order."""
    for both in (one & other, one | other, AllOf((Not(one), other))):
        assert list(leaves(both)) == [*leaves(one), *leaves(other)]
    assert not any(isinstance(leaf, AllOf | AnyOf | Not) for leaf in leaves(one))


@pytest.mark.parametrize("text", ["Segunda  VIA", "segunda-via", "ｓegunda via!", ("Segunda", "VIA")])
def test_words_are_given_as_people_write_them(text: Any) -> None:
    """Case, accents, width and what stands between do not count. Rule: S6."""
    assert Says(text) == Says("segunda via")
    assert Says(text).words == Named(text).words == ("segunda", "via")
    assert (Says(text).prefix, Named(text).prefix) == (False, True)


def test_a_member_of_a_closed_list_is_its_value() -> None:
    """Given either way."""
    assert Has(Trait.SITUATION, Situation.QUEUE) == Has(Trait.SITUATION, "queue")
    assert type(Has(Trait.KIND, MessageKind.TEXT).value) is str


@pytest.mark.parametrize("hidden", [Filled("cpf", Private(CPF)), Numbered("(11) 98765-4321"), Documented(CPF)])
def test_what_is_personal_does_not_print(hidden: Condition) -> None:
    """Not by itself, nor inside a query."""
    for text in (repr(hidden), str(hidden), repr(ContactQuery(where=~hidden & Nothing()))):
        assert "98765" not in text
        assert "529" not in text


# --- what is refused -----------------------------------------------------------------------------------------


WRONG: list[Any] = [None, 5, 1.5, b"x", [], {}, {1}, True]


@pytest.mark.parametrize("wrong", [*WRONG, "x", Says, ()], ids=repr)
def test_only_conditions_combine(wrong: Any) -> None:
    """With any other thing, in any place, the refusal says so."""
    for make in (lambda: Says("a") & wrong, lambda: Says("a") | wrong):
        assert refusals(make) == [("where", "not_a_condition")]
    for kind in (AllOf, AnyOf):
        assert refusals(kind, wrong) == [("parts", "not_conditions")]
        assert refusals(kind, (Says("a"), wrong)) == [("parts", "not_conditions")]
    assert refusals(Not, wrong) == [("parts", "not_conditions")]
    for query in (ConversationQuery, MessageQuery, ContactQuery):
        if wrong is not None:
            assert refusals(query, where=wrong) == [("where", "not_a_condition")]


@pytest.mark.parametrize(
    ("make", "args", "named", "expected"),
    [
        *((kind, (wrong,), {}, [("words", "not_words")]) for kind in (Says, Named) for wrong in WRONG),
        (Says, (("a", 5),), {}, [("words", "not_words")]),
        (Says, ("a" * (QUERY_TEXT + 1),), {}, [("words", "not_words")]),
        (Says, ("a" * 1_000_000,), {}, [("words", "not_words")]),
        (Says, (("a",) * 1_000_000,), {}, [("words", "not_words")]),
        (Says, ("",), {}, [("words", "no_words")]),
        (Says, ((),), {}, [("words", "no_words")]),
        (Named, ("*%_\u0301\x00",), {}, [("words", "no_words")]),
        (Says, ("a " * (QUERY_WORDS + 1),), {}, [("words", "too_many")]),
        (Says, ("a",), {"prefix": 1}, [("prefix", "not_a_bool")]),
        (Says, ("",), {"prefix": None}, [("prefix", "not_a_bool"), ("words", "no_words")]),
        *((Has, (wrong, "x"), {}, [("trait", "not_a_trait")]) for wrong in [*WRONG, "tag"]),
        (Has, (Trait.TAG, 5), {}, [("value", "not_an_id")]),
        (Has, (Trait.TAG, ""), {}, [("value", "not_an_id")]),
        (Has, (Trait.TAG, "a\x00"), {}, [("value", "not_an_id")]),
        (Has, (Trait.SITUATION, "fila"), {}, [("value", "not_a_value")]),
        (Has, (Trait.KIND, "vip"), {}, [("value", "not_a_value")]),
        (Has, (Trait.DIRECTION, "in"), {}, [("value", "not_a_value")]),
        *((Is, (wrong,), {}, [("mark", "not_a_mark")]) for wrong in [*WRONG, "unread"]),
        *((Between, (wrong,), {"since": NOW}, [("when", "not_a_moment")]) for wrong in [*WRONG, "sent"]),
        (Between, (When.SENT,), {}, [("since", "since_or_until")]),
        (Between, (When.SENT,), {"since": datetime(2026, 1, 1)}, [("since", "not_utc")]),
        (Between, (When.SENT,), {"since": NOW, "until": "2026"}, [("until", "not_utc")]),
        (Between, (When.SENT,), {"until": date(2026, 1, 1)}, [("until", "not_utc")]),
        (Filled, ("f", None), {}, [("value", "not_a_value")]),
        (Filled, ("f", "text"), {}, [("value.f", "not_a_value")]),
        (Filled, ("f", datetime(2026, 1, 1, tzinfo=UTC)), {}, [("value.f", "not_a_value")]),
        (Filled, ("f", Decimal("NaN")), {}, [("value.f", "not_a_number")]),
        (Filled, (5, True), {}, [("value", "not_an_id")]),
        *((Reached, (wrong,), {}, [("keys", "not_keys")]) for wrong in [*WRONG, "k", (), ("",), (5,)]),
        (Numbered, ("123",), {}, [("number", "not_a_phone")]),
        (Numbered, (5,), {}, [("number", "not_a_phone")]),
        (Documented, ("123",), {}, None),
        (Documented, (5,), {}, [("document", "not_a_tax_id")]),
    ],
)
def test_a_wrong_value_is_refused_by_name(make: Any, args: Any, named: Any, expected: Any) -> None:
    """With a typed error, whatever it is."""
    found = refusals(make, *args, **named)
    assert expected is None or found == expected


def test_a_condition_has_bounds() -> None:
    """So many words, parts and levels, and not one more; however they were put together. Rule: S6."""
    assert len(Says("a " * QUERY_WORDS).words) == QUERY_WORDS
    most = AllOf((Says("a"),) * QUERY_PARTS)
    assert refusals(lambda: most & Says("b")) == [("parts", "too_many")]
    assert refusals(lambda: most | Says("b")) == [("parts", "too_many")]
    assert refusals(AnyOf, (Says("a"),) * 100_000) == [("parts", "too_many")]
    twice: Condition = Says("a")
    for _ in range(QUERY_PARTS.bit_length() - 1):
        twice = AllOf((twice, twice))
    assert refusals(AllOf, (twice, twice)) == [("parts", "too_many")]
    deep: Condition = Says("a")
    for _ in range(QUERY_DEPTH):
        deep = Not(deep)
    for make in (Not, lambda part: AllOf((part,)), lambda part: AnyOf((Says("b"), part))):
        assert refusals(make, deep) == [("parts", "too_deep")]
    assert holds(deep, inbound(body=Private("a")), None, None) is True


# --- where it may be asked -----------------------------------------------------------------------------------


OF_MESSAGES = [
    Says("a"),
    Has(Trait.DIRECTION, "inbound"),
    Has(Trait.KIND, "text"),
    Between(When.SENT, since=NOW),
]
OF_CONVERSATIONS = [
    Has(Trait.SITUATION, "queue"),
    *(
        Has(trait, "x")
        for trait in Trait
        if trait not in (Trait.SITUATION, Trait.DIRECTION, Trait.KIND, Trait.CUSTOMER)
    ),
    *(Is(mark) for mark in (Mark.WAITING, Mark.UNREAD, Mark.ASSIGNED)),
    *(Between(when, until=NOW) for when in When if when is not When.SENT),
]
OF_CONTACTS = [
    Named("a"),
    Reached(("k",)),
    Filled("f", True),
    Numbered("(11) 98765-4321"),
    Documented(CPF),
    Nothing(),
    Has(Trait.CUSTOMER, "x"),
    Is(Mark.BLOCKED),
    Is(Mark.LINKED),
]
ASKED = [
    (ContactQuery, OF_CONTACTS, [*OF_CONVERSATIONS, *OF_MESSAGES]),
    (ConversationQuery, [*OF_CONTACTS, *OF_CONVERSATIONS], OF_MESSAGES),
    (MessageQuery, [*OF_CONTACTS, *OF_CONVERSATIONS, *OF_MESSAGES], [Condition()]),
]


@pytest.mark.parametrize(("query", "taken", "refused"), ASKED)
def test_a_condition_is_asked_of_what_has_it(query: Any, taken: Any, refused: Any) -> None:
    """Of a thing and of what it belongs to, and of no other; wherever it stands in the condition. Rule: S2."""
    for condition in taken:
        assert query(where=condition).where == condition
        assert query(where=~condition & taken[0])
    for condition in refused:
        for where in (condition, ~condition, taken[0] & (taken[-1] | condition)):
            assert refusals(query, where=where) == [("where", "not_asked_here")]


def test_every_condition_is_in_one_list() -> None:
    """So that the test above leaves none out."""
    listed = [*OF_MESSAGES, *OF_CONVERSATIONS, *OF_CONTACTS]
    assert {leaf.trait for leaf in listed if isinstance(leaf, Has)} == set(Trait)
    assert {leaf.mark for leaf in listed if isinstance(leaf, Is)} == set(Mark)
    assert {leaf.when for leaf in listed if isinstance(leaf, Between)} == set(When)
    assert {*map(type, listed), AllOf, AnyOf, Not} == set(Condition.__subclasses__())


# --- what they mean ------------------------------------------------------------------------------------------


SAID = inbound(body=Private("Não recebi a Segunda Via"))
OURS = conversation(
    Situation.OPEN,
    tags=("vip",),
    reason="slow",
    fields=(("plan", Private("100M")),),
    recorded_at=NOW - 2 * HOUR,
)
WHO = contact(name=Private("João da Silva"), customer="c9", merged=("ct_old",), fields=(("cpf", Private("1")),))
YES: list[tuple[Condition, str]] = [
    (Says("segunda via"), "m"),
    (Says("nao rec", prefix=True), "m"),
    (Has(Trait.DIRECTION, Direction.INBOUND), "m"),
    (Has(Trait.KIND, MessageKind.TEXT), "m"),
    (Between(When.SENT, since=SAID.recorded_at), "m"),
    (Between(When.SENT, until=SAID.recorded_at + HOUR), "m"),
    (Has(Trait.SITUATION, Situation.OPEN), "v"),
    (Has(Trait.AGENT, "ana"), "v"),
    (Has(Trait.DEPARTMENT, "sup"), "v"),
    (Has(Trait.CHANNEL, "wa"), "v"),
    (Has(Trait.TAG, "vip"), "v"),
    (Has(Trait.REASON, "slow"), "v"),
    (Has(Trait.CONTACT, CT), "v"),
    (Has(Trait.PROTOCOL, "202603101234567890"), "v"),
    (Is(Mark.WAITING), "v"),
    (Is(Mark.UNREAD), "v"),
    (Is(Mark.ASSIGNED), "v"),
    *(
        (Between(when, since=NOW - 3 * HOUR, until=NOW), "v")
        for when in When
        if when not in (When.SENT, When.CLOSED)
    ),
    (Filled("plan", Private("100M")), "v"),
    (Filled("cpf", Private("1")), "c"),
    (Named("joao"), "c"),
    (Named("da sil"), "c"),
    (Named("silva", prefix=False), "c"),
    (Has(Trait.CUSTOMER, "c9"), "c"),
    (Is(Mark.LINKED), "c"),
    (Reached(("other", ADDRESS.key)), "c"),
]


@pytest.mark.parametrize(("condition", "needs"), YES, ids=repr)
def test_a_condition_holds_of_what_it_is_about(condition: Condition, needs: str) -> None:
    """Where that is there; without it, it is not so, and its denial is. Rule: S2, S6."""
    for there in ("mvc", "mv", "mc", "vc", "m", "v", "c", ""):
        things = (SAID if "m" in there else None, OURS if "v" in there else None, WHO if "c" in there else None)
        assert holds(condition, *things) is (needs in there)
        assert holds(~condition, *things) is (needs not in there)


NO: list[Condition] = [
    Says("via segunda"),
    Says("segund"),
    Says("recebi segunda"),
    Has(Trait.DIRECTION, Direction.OUTBOUND),
    Has(Trait.KIND, MessageKind.IMAGE),
    Between(When.SENT, until=SAID.recorded_at),
    Between(When.SENT, since=SAID.recorded_at + HOUR),
    Has(Trait.SITUATION, Situation.QUEUE),
    *(Has(trait, "other") for trait in Trait if trait not in (Trait.SITUATION, Trait.DIRECTION, Trait.KIND)),
    Between(When.CLOSED, since=NOW - 100 * DAY),
    *(Between(when, since=NOW) for when in When),
    *(Between(when, since=NOW, until=NOW - DAY) for when in When),
    Filled("plan", Private("500M")),
    Filled("other", Private("100M")),
    Named("joao silva"),
    Named("silv", prefix=False),
    Is(Mark.BLOCKED),
    Reached(("other",)),
    Nothing(),
]


@pytest.mark.parametrize("condition", NO, ids=repr)
def test_a_condition_does_not_hold_of_what_is_otherwise(condition: Condition) -> None:
    """With everything there; and its denial does."""
    assert holds(condition, SAID, OURS, WHO) is False
    assert holds(~condition, SAID, OURS, WHO) is True


def test_marks_are_of_what_stands_so() -> None:
    """Answered, read, taken by nobody, blocked, not linked; a moment that never came."""
    still = conversation(waiting_since=None, unread=0)
    assert [m for m in Mark if holds(Is(m), None, still, contact())] == []
    assert holds(Is(Mark.BLOCKED), None, None, blocked_contact())
    assert not holds(Between(When.WAITING, until=NOW), None, still, None)
    assert holds(Between(When.CLOSED, until=NOW), None, conversation(Situation.CLOSED), None)


def test_a_contact_is_found_under_who_they_were() -> None:
    """What was said to one that turned out to be another belongs to both. Rule: M11."""
    before = conversation(contact="ct_old")
    for id in ("ct_old", CT):
        assert holds(Has(Trait.CONTACT, id), None, before, WHO)
        assert holds(Has(Trait.CONTACT, id), None, OURS, WHO)
    assert not holds(Has(Trait.CONTACT, CT), None, before, None)
    assert not holds(Has(Trait.CONTACT, "ct_2"), None, before, WHO)


@given(conditions, conditions)
def test_combinations_mean_what_they_say(one: Condition, other: Condition) -> None:
    """Law: both, either, and what is not so."""
    if any(isinstance(leaf, UNRESOLVED) for each in (one, other) for leaf in leaves(each)):
        return
    a, b = (holds(each, SAID, OURS, WHO) for each in (one, other))
    assert holds(one & other, SAID, OURS, WHO) is (a and b)
    assert holds(one | other, SAID, OURS, WHO) is (a or b)
    assert holds(~one, SAID, OURS, WHO) is not a
    assert holds(~(one & other), SAID, OURS, WHO) is holds(~one | ~other, SAID, OURS, WHO)


@pytest.mark.parametrize(
    "leaf", [Numbered("(11) 98765-4321"), Documented(CPF), Condition()], ids=lambda leaf: type(leaf).__name__
)
def test_what_only_a_desk_can_tell_is_not_guessed(leaf: Condition) -> None:
    """Neither yes nor no."""
    assert refusals(holds, leaf, SAID, OURS, WHO) == [("where", "unresolved")]
    assert isinstance(leaf, UNRESOLVED) is (type(leaf) is not Condition)


@pytest.mark.parametrize("spelling", ["(11) 98765-4321", "+55 11 98765-4321", "5511987654321"])
def test_a_number_is_taken_in_any_spelling(spelling: str) -> None:
    """What is made of it is one. Rule: M11."""
    assert parse_phone(Numbered(spelling).number.reveal()) == parse_phone("+5511987654321")


# --- queries with a condition --------------------------------------------------------------------------------


def test_a_query_asks_for_all_it_says() -> None:
    """Its condition, and whatever else; with what the thing belongs to. Rule: S2."""
    vip, joao = Has(Trait.TAG, "vip"), Named("joa")
    assert matches(ConversationQuery(where=vip), OURS)
    assert not matches(ConversationQuery(where=vip, assignee="beto"), OURS)
    assert not matches(ConversationQuery(where=joao), OURS)
    assert matches(ConversationQuery(where=joao), OURS, None, WHO)
    assert matches(ContactQuery(where=joao), WHO)
    assert not matches(ContactQuery(where=joao, blocked=True), WHO)
    assert not matches(ContactQuery(where=joao), contact(merged_into="ct_2", addresses=()))
    asked = MessageQuery(where=Says("via") & vip & joao)
    assert matches(asked, SAID, OURS, WHO)
    assert not matches(asked, SAID, OURS)
    assert not matches(asked, outbound(), OURS, WHO)
    assert matches(attrs.evolve(asked, conversation=CV, start=1), SAID, OURS, WHO)
    assert not matches(attrs.evolve(asked, conversation=CV, start=2), SAID, OURS, WHO)
    assert not matches(attrs.evolve(asked, conversation="cv_2"), SAID, OURS, WHO)
    for other in (OURS, WHO, effect()):
        assert not matches(MessageQuery(), other, OURS, WHO)


@pytest.mark.parametrize(
    ("scope", "seen", "without"),
    [
        (Scope(everything=True), True, True),
        (Scope(), False, False),
        (Scope(assignee="ana"), True, False),
        (Scope(assignee="beto"), False, False),
        (Scope(departments=("sup",)), True, False),
        (Scope(departments=("fin",)), False, False),
    ],
)
def test_a_message_is_seen_where_its_conversation_is(scope: Scope, seen: bool, without: bool) -> None:
    """And where nobody can tell whose it is, only by who sees everything. Rule: P."""
    for query in (MessageQuery(scope=scope), MessageQuery(scope=scope, conversation=CV, where=Says("via"))):
        assert matches(query, SAID, OURS, WHO) is seen
        assert matches(query, SAID) is without


def test_a_start_is_inside_one_conversation() -> None:
    """Across conversations there is no number to go on from. Rule: M4."""
    assert refusals(MessageQuery, start=1) == [("start", "conversation_required")]
    assert MessageQuery(conversation=CV, start=1).start == 1
    wrong: Any = {"conversation": 5, "newest_first": 1, "start": 0, "where": 5, "scope": 5}
    assert {path for path, _ in refusals(MessageQuery, **wrong)} == set(wrong)
