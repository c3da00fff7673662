"""Folding, cutting, repair and problems of texts. Rules: C1, C2, M14, S22."""

from __future__ import annotations

import pickle
import time
import unicodedata
from typing import Literal

import pytest
import regex  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.errors import Problem
from chatcore.testing.strategies import code_points, hostile_text, one_line_text
from chatcore.text import (
    Repaired,
    clusters,
    cut,
    fold,
    label_key,
    label_problems,
    outbound_problems,
    repair,
)

EVERY_CODE_POINT = [chr(code) for code in range(0x110000)]

FAMILY = "👩‍👩‍👧‍👦"
FLAG = "🇧🇷"


# --- folding -------------------------------------------------------------------------------------------------


def is_mark(c: str) -> bool:
    return unicodedata.category(c) == "Mn" or unicodedata.combining(c) != 0


def reference_fold(text: str) -> str:
    """Decompose, drop marks, fold case, compose; again until nothing changes."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not is_mark(c))
    folded = unicodedata.normalize("NFKC", bare.casefold())
    return folded if folded == text else reference_fold(folded)


@pytest.mark.slow
def test_every_code_point_folds_as_the_reference_says_and_only_once() -> None:
    """Law: fold(c) is the reference's, and fold(fold(c)) == fold(c), for every code point. Rule: C1."""
    wrong = [hex(ord(c)) for c in EVERY_CODE_POINT if not fold(c) == reference_fold(c) == fold(fold(c))]
    assert wrong == []


@given(hostile_text())
@example("\u1112" + "\u1161" + "\u11ab")
@example("\u09c7" + "\u09be")
@example("\U0001d16d\u0301\U0001d165")
def test_folding_is_the_reference_and_idempotent(text: str) -> None:
    """Law: fold is the reference, and fold(fold(x)) == fold(x), for every str. Rule: C1."""
    assert fold(text) == reference_fold(text)
    assert fold(fold(text)) == fold(text)


@given(st.lists(hostile_text(), min_size=8, max_size=12).map(lambda parts: "".join(parts) * 20))
def test_a_long_text_folds_as_a_short_one_does(text: str) -> None:
    """Law: the way taken for long texts gives the reference's result too. Rule: C1."""
    assert fold(text) == reference_fold(text)


@given(hostile_text(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_composed_and_decomposed_text_fold_alike(
    text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]
) -> None:
    """Law: fold(normalize(form, x)) == fold(x) for every normal form. Rule: C1."""
    assert fold(unicodedata.normalize(form, text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SITUAÇÃO", "situacao"),
        ("Situac\u0327a\u0303o", "situacao"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ılık", "ılık"),
        ("Søren Łódź Đà", "søren łodz đa"),
        ("ｆｉｂｒａ １００", "fibra 100"),
        ("n.º 2ª ½", "n.o 2a 1\u20442"),
        ("µ ΣΑΣ", "μ σασ"),
        ("a\xa0b", "a b"),
        ("Boa ☕ 👍🏽", "boa ☕ 👍🏽"),
        ("", ""),
    ],
)
def test_fold_examples(text: str, folded: str) -> None:
    """Width, case and accents are gone; letters without decomposition and emoji stay. Rule: C1, S6, S22."""
    assert fold(text) == folded


@given(hostile_text())
def test_a_label_key_is_stable_and_has_no_loose_space(text: str) -> None:
    """Law: label_key(label_key(x)) == label_key(x), and spaces at the ends do not count. Rule: C1."""
    key = label_key(text)
    assert label_key(key) == key
    assert key == " ".join(key.split())
    assert label_key(f"  {text}\t") == key


def test_labels_that_differ_in_case_accents_and_spaces_are_one() -> None:
    """Rule: C1."""
    assert label_key("Troca de Endereço") == label_key(" troca  de\u3000ENDERECO ")
    assert label_key("Fibra β") != label_key("Fibra B")


# --- clusters ------------------------------------------------------------------------------------------------


def known(text: str) -> bool:
    """Whether this interpreter's Unicode data has every code point; the oracle's may be younger."""
    return all(unicodedata.category(c) not in {"Cn", "Cs"} for c in text)


def oracle(text: str) -> list[str]:
    return list(regex.findall(r"\X", text))


def boundaries(pieces: list[str]) -> set[int]:
    ends, total = {0}, 0
    for piece in pieces:
        total += len(piece)
        ends.add(total)
    return ends


@given(hostile_text())
def test_clusters_join_to_the_text(text: str) -> None:
    """Law: "".join(clusters(x)) == x, and no cluster is empty. Rule: S22."""
    pieces = list(clusters(text))
    assert "".join(pieces) == text
    assert "" not in pieces


@given(hostile_text().filter(known))
@example("\u0915\u094d\u200d\u0937")
@example("\u0600" + FLAG + FLAG + "\U0001f1e7")
def test_no_boundary_lies_inside_a_grapheme_cluster(text: str) -> None:
    """Law: boundaries(clusters(x)) are among Unicode's own. Rule: S22."""
    assert boundaries(list(clusters(text))) <= boundaries(oracle(text))


@pytest.mark.slow
def test_no_code_point_is_torn_from_what_it_clings_to() -> None:
    """Law: the same for every character but CJK, after or before each kind. Rule: S22."""
    around = [
        ("a", ""),
        ("", "a"),
        ("👩\u200d", ""),
        ("\u0915\u094d", ""),
        ("\u1112", ""),
        ("\uac00", ""),
        ("\r", ""),
    ]
    torn = [
        (left, hex(ord(c)), right)
        for c in EVERY_CODE_POINT
        if known(c) and unicodedata.category(c) != "Co" and not unicodedata.name(c, "").startswith("CJK")
        for left, right in around
        if len(oracle(left + c + right)) < len(list(clusters(left + c + right)))
    ]
    assert torn == []


@given(st.text("ab é~\n\u0301\u0327\u200d\ufe0f\u20e3👩👧🔥❤👍🏽🇧🇷한\u1112\u1161\u11ab\r", max_size=30))
def test_for_usual_text_the_clusters_are_exactly_unicode_s(text: str) -> None:
    """Law: clusters(x) == Unicode's own, for Latin, marks, emoji, flags and Hangul. Rule: S22."""
    assert list(clusters(text)) == oracle(text)


@given(hostile_text(), st.integers(-1, 60))
def test_a_cut_is_the_longest_beginning_of_whole_clusters(text: str, limit: int) -> None:
    """Law: cut(x, n) is a prefix within n, made of whole clusters, and one more would not fit. Rule: S22."""
    short = cut(text, limit)
    assert text.startswith(short)
    assert len(short) <= max(limit, 0)
    fitting = [end for end in boundaries(list(clusters(text))) if 0 < end <= limit]
    assert len(short) == (max(fitting) if fitting else min(len(text), max(limit, 0)))


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Oi " + FAMILY, 5, "Oi "),
        ("Oi " + FAMILY, 10, "Oi " + FAMILY),
        ("Vai " + FLAG, 5, "Vai "),
        (FLAG * 3, 5, FLAG * 2),
        ("cafe\u0301!", 4, "caf"),
        ("a\r\nb", 2, "a"),
        ("ok👍🏽", 3, "ok"),
        ("1\ufe0f\u20e3", 2, "1\ufe0f"),
        ("한글", 1, "한"),
        ("\u1112\u1161\u11ab.", 3, "\u1112\u1161\u11ab"),
        ("abc", 0, ""),
    ],
)
def test_cut_examples(text: str, limit: int, short: str) -> None:
    """An emoji, a flag, an accented letter is whole or absent. Rule: S22."""
    assert cut(text, limit) == short


def test_a_text_within_the_limit_comes_back_itself() -> None:
    """Rule: S22."""
    text = "Olá " + FAMILY
    assert cut(text, len(text)) is text


@pytest.mark.parametrize(
    "monster",
    [
        "\u0301",
        FLAG[0],
        "👩\u200d",
        "\u0915\u094d",
        "\r\n",
        "\u0301\u0316",
        "\U0001d165\U0001d16d",
        "\u0600",
        "\0\ud83d",
    ],
)
def test_monsters_cost_time_in_proportion(monster: str) -> None:
    """100,000 clinging code points are cut, split, folded, repaired and judged within seconds. Rule: M14."""
    text = "a" + monster * (100_000 // len(monster))
    began = time.process_time()
    assert len(cut(text, 65_536)) in range(1, 65_537)
    assert sum(map(len, clusters(text))) == len(text)
    fold(text)
    assert len(repair(text, 65_536).text) <= 65_536
    outbound_problems(text, "text")
    assert Problem("name", "too_long", "C2", 40, len(text)) in label_problems(text, "name", 40)
    assert time.process_time() - began < 5


# --- repair --------------------------------------------------------------------------------------------------


@given(hostile_text(), st.integers(0, 60))
def test_repair_never_refuses_and_leaves_what_can_be_kept(text: str, limit: int) -> None:
    """Law: repair(x) can be stored, fits, and repair(repair(x)) changes nothing. Rule: M14."""
    repaired = repair(text, limit)
    assert "\0" not in repaired.text
    repaired.text.encode("utf-8")
    assert len(repaired.text) <= limit
    again = repair(repaired.text, limit)
    assert again.text is repaired.text
    assert again.flags == ()


@given(hostile_text(), st.integers(0, 60))
def test_flags_say_exactly_what_was_done(text: str, limit: int) -> None:
    """Law: no flags means the same object; a flag means that the text held its cause. Rule: M14."""
    repaired = repair(text, limit)
    assert (repaired.flags == ()) == (repaired.text is text)
    assert ("nul_removed" in repaired.flags) == ("\0" in text)
    assert any("surrogate" in flag for flag in repaired.flags) == any("\ud800" <= c <= "\udfff" for c in text)
    order = ("nul_removed", "surrogate_joined", "surrogate_replaced", "cut")
    assert repaired.flags == tuple(flag for flag in order if flag in repaired.flags)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("o\0i", Repaired("oi", ("nul_removed",))),
        ("oi \ud83d!", Repaired("oi \ufffd!", ("surrogate_replaced",))),
        ("oi \ude00\ud83d", Repaired("oi \ufffd\ufffd", ("surrogate_replaced",))),
        ("oi \ud83d\ude00", Repaired("oi 😀", ("surrogate_joined",))),
        ("Boa tarde " + FAMILY, Repaired("Boa tarde ", ("cut",))),
        ("\x00123456789012\ud83d", Repaired("123456789012", ("nul_removed", "surrogate_replaced", "cut"))),
        ("linha 1\r\n\t2", Repaired("linha 1\r\n\t2")),
        (f"{FLAG}{FAMILY}❤️", Repaired(f"{FLAG}{FAMILY}❤️")),
        ("", Repaired("")),
    ],
)
def test_repair_examples(text: str, repaired: Repaired) -> None:
    """Emoji survive byte for byte; halves of one character find each other. Rule: M14, S22."""
    assert repair(text, 12) == repaired


def test_a_repaired_text_shows_no_body_and_pickles() -> None:
    """Rule: M14."""
    repaired = repair("segredo\0", 100)
    assert "segredo" not in repr(repaired)
    assert pickle.loads(pickle.dumps(repaired)) == repaired


# --- problems ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Olá!", "Linha 1\nLinha 2\n\t- item", "👍🏽", FAMILY, "a\xa0b", "\u200fשלום", "❤️"]
)
def test_usual_outbound_text_has_no_problem(text: str) -> None:
    """Line feeds, tabs, emoji and other scripts pass. Rule: M14, S22."""
    assert outbound_problems(text, "text") == ()


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("", "empty", None),
        (" \n\t \xa0\u3000", "empty", None),
        ("\u200b\u2060\ufeff", "empty", None),
        ("a\0b", "control_character", (1, 2)),
        ("a\r\nb\x07", "control_character", (1, 2)),
        ("ok\x85", "control_character", (2, 3)),
        ("ok\x7f", "control_character", (2, 3)),
        ("😀\ud83d", "surrogate", (1, 2)),
        (None, "not_a_text", None),
        (b"oi", "not_a_text", None),
    ],
)
def test_outbound_text_is_refused_with_the_exact_reason(
    text: object, code: str, span: tuple[int, int] | None
) -> None:
    """Rule: M14."""
    assert outbound_problems(text, "closing.text") == (Problem("closing.text", code, "M14", span=span),)


def test_all_problems_of_an_outbound_text_come_together() -> None:
    """Rule: M14."""
    codes = [problem.code for problem in outbound_problems("a\ud800b\x01", "text")]
    assert codes == ["control_character", "surrogate"]


@given(hostile_text())
def test_outbound_text_without_problems_needs_no_repair(text: str) -> None:
    """Law: what outbound_problems lets pass, repair would leave alone. Rule: M14."""
    if not outbound_problems(text, "text"):
        assert repair(text, len(text)).flags == ()
        assert text.strip()


@given(one_line_text())
def test_a_plain_line_passes_as_a_text_and_as_a_label(text: str) -> None:
    """Law: one line of Portuguese with emoji has no problem anywhere. Rule: C2, M14, S22."""
    assert outbound_problems(text, "text") == ()
    assert label_problems(text, "name", 80) == ()
    assert repair(text, 80).text is text


@pytest.mark.parametrize(
    "label",
    [
        "Fibra β",
        "2ª via",
        "Mudança de endereço",
        "VIP ❤️",
        f"Casal {FAMILY}",
        "👩🏽‍⚕️",
        "1️⃣ Primeiro",
        FLAG,
        "日本",
    ],
)
def test_usual_labels_have_no_problem(label: str) -> None:
    """Mixed scripts are fine, and so are emoji with their joiners and selectors. Rule: C2, S22."""
    assert label_problems(label, "name", 40) == ()


@pytest.mark.parametrize(
    ("label", "code", "span"),
    [
        ("", "empty", None),
        ("   ", "empty", None),
        ("\u0301", "empty", None),
        ("a\nb", "control_character", (1, 2)),
        ("a\tb", "control_character", (1, 2)),
        ("a\u2028b", "control_character", (1, 2)),
        ("\u202eabc", "bidi_character", (0, 1)),
        ("abc\u2069", "bidi_character", (3, 4)),
        ("bole\u200bto", "zero_width_character", (4, 5)),
        ("bole\u200dto", "zero_width_character", (4, 5)),
        ("bole\ufe0fto", "zero_width_character", (4, 5)),
        ("\u200d👩", "zero_width_character", (0, 1)),
        ("👩\u200d", "zero_width_character", (1, 2)),
        ("bole\xadto", "zero_width_character", (4, 5)),
        ("x\u3164", "zero_width_character", (1, 2)),
        ("a\ud800", "surrogate", (1, 2)),
        (7, "not_a_text", None),
    ],
)
def test_a_label_is_refused_with_the_exact_reason(
    label: object, code: str, span: tuple[int, int] | None
) -> None:
    """Rule: C2."""
    assert label_problems(label, "tags[0]", 40) == (Problem("tags[0]", code, "C2", span=span),)


def test_a_label_may_not_grow_past_its_limit_by_normalisation() -> None:
    """Rule: C2."""
    assert label_problems("x" * 40, "name", 40) == ()
    assert label_problems("x" * 41, "name", 40) == (Problem("name", "too_long", "C2", 40, 41),)
    assert label_problems("\ufdfa" * 3, "name", 40) == (Problem("name", "too_long", "C2", 40, 54),)


def test_all_problems_of_a_label_come_together() -> None:
    """Rule: C2."""
    codes = [problem.code for problem in label_problems("\0\u202e\u200b\ud800", "name", 3)]
    assert codes == ["too_long", "control_character", "bidi_character", "zero_width_character", "surrogate"]
    assert [p.code for p in label_problems(" \u200b", "name", 40)] == ["empty", "zero_width_character"]


@given(hostile_text(), code_points())
def test_a_label_without_problems_is_one_visible_line(text: str, extra: str) -> None:
    """Law: a label that passes has an identity, one line, no control, and fits after NFKC. Rule: C2."""
    label = text + extra
    if not label_problems(label, "name", 20):
        assert label_key(label)
        assert len(label.splitlines()) == 1
        assert max(len(label), len(unicodedata.normalize("NFKC", label))) <= 20
        assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in label)
