"""Look-alikes: which labels a reader can't tell apart, and which stay different. Rules: C1, C2."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.testing.strategies import hostile_text
from chatcore.text import label_key, look_key

ALIKE = [
    # Cyrillic
    ("Boleto", "B\u043eleto"),
    ("Boleto", "\u0412oleto"),
    ("boleto", "\u0432oleto"),
    ("BOLETO", "\u0412\u041eL\u0415\u0422\u041e"),
    ("Suporte", "\u0405u\u0440\u043ert\u0435"),
    ("Mudança", "\u041cud\u0430nça"),
    ("MUDANÇA", "\u041cUDAN\u0421\u0327A"),
    ("Cancelamento", "\u0421ancelamento"),
    ("Visita", "V\u0456s\u0456ta"),
    ("Fax", "Fa\u0445"),
    ("Hoje", "\u041d\u043e\u0458e"),
    ("Yasmin", "\u0423asmin"),
    ("Plano 3", "Plano \u0417"),
    ("Plano 6", "Plano \u0431"),
    # Greek
    ("Boleto", "\u0392oleto"),
    ("Boleto", "B\u03bfleto"),
    ("Zona", "\u0396ona"),
    ("NET", "\u039d\u0395\u03a4"),
    ("Matriz", "\u039catriz"),
    ("Instalação", "\u0399nstalação"),
    ("Plano", "\u03a1lan\u03bf"),
    ("Claro", "\u03f2laro"),
    # Armenian, Cherokee, Lisu, Coptic, small capitals, dotless i
    ("Sinal", "\u054final"),
    ("Online", "\u0585nline"),
    ("Dados", "\u13a0ados"),
    ("DADOS", "\u13a0\u13aa\u13a0O\u13da"),
    ("VIP", "\ua4e6I\ua4d1"),
    ("Novo", "\u2c9aovo"),
    ("Boleto", "\u0299\u1d0f\u029f\u1d07\u1d1b\u1d0f"),
    ("Fibra", "F\u0131bra"),
    # Width and style, which C1 folds already
    ("Fibra", "\uff26\uff29\uff22\uff32\uff21"),
    ("Fibra", "\U0001d405\U0001d422\U0001d41b\U0001d42b\U0001d41a"),
    # Digits, bars and letters
    ("Boleto", "B0leto"),
    ("Boleto", "Bo1eto"),
    ("Boleto", "Bo|eto"),
    ("Internet", "lnternet"),
    ("INTERNET", "1NTERNET"),
    ("Internet", "|nternet"),
    ("VIP", "VlP"),
    ("IPTV", "lPTV"),
    ("FIBRA", "FlBRA"),
    ("Wi-Fi", "Wl-Fl"),
    ("Plano 1", "Plano l"),
    ("Plano 1", "Plano I"),
    ("Plano 1", "plano |"),
    ("Plano 10", "Plano lO"),
    ("Plano 10", "Plano IO"),
    ("Plano 10", "Plano 1O"),
    ("500 mega", "5OO mega"),
    ("101", "IOI"),
    # Dashes, apostrophes, quotes and other marks
    ("Wi-Fi", "Wi\u2010Fi"),
    ("Wi-Fi", "Wi\u2011Fi"),
    ("Wi-Fi", "Wi\u2013Fi"),
    ("Wi-Fi", "Wi\u2014Fi"),
    ("Wi-Fi", "Wi\u2212Fi"),
    ("Caixa d'água", "Caixa d\u2019água"),
    ("Caixa d'água", "Caixa d\u2032água"),
    ("Caixa d'água", "Caixa d`água"),
    ('Plano "Ouro"', "Plano \u201cOuro\u201d"),
    ("Norte/Sul", "Norte\u2215Sul"),
    ("Nota: A", "Nota\u2236 A"),
    ("2x mais", "2\u00d7 mais"),
]

# The labels of a provider. No two of them may look alike.
ORDINARY = """
Boleto|Segunda via|Segunda via de boleto|2ª via|Mudança de plano|Mudança de endereço
Troca de titularidade|Fibra|Fibra β|Fibra B|Fibra α|Fibra γ|Fibra μ|Fibra M|Fibra ν|Fibra N|Fibra V
Fibra σ|Fibra O|Fibra Ω|Fibra π|Fibra ε|Fibra E|IPTV|TV|IP fixo|IPv4|IPv6|Wi-Fi|WiFi 5|Wi-Fi 6
Lentidão|Sem sinal|Sem internet|Sem sincronismo|Rompimento|Financeiro|Comercial|Suporte|Suporte N1
Suporte N2|Suporte N3|Retenção|Cancelamento|Agendamento|Visita técnica|Instalação|Instalações
Cliente|Clientes|Cliente novo|Cliente Fiel|Cai|Cal|Sai|Sal|Sul|Sala|Saia|Raio|Ralo|Tela|Teia|Plano
Piano|Multa|Muita|Meio|Melo|Pai|Pal|Ali|All|Mail|Mall|Lago|Iago|Lara|Iara|Vela|Veia|Bola|Boia
Estrela|Estreia|Plano 1|Plano 2|Plano 3|Plano 10|Plano 11|Plano 20|Plano 100|Plano 101|100 mega
200 mega|500 mega|600 mega|1 giga|10 giga|5G|4G|S|5|8|B|Z|2|Turma A|Turma B|Turma C|Turma D|modern
modem|clama|dama|vivo|uivo|São Paulo|São Luís|Sinal|Sinais|Local|Locais|Canal|Canais|Geral|Gerais
Fiel|Fiéis|Real|Reais|Mil|Mim|Fim|Fio|Filo|URA|VIP|LGPD|ONU|OLT|CTO|PPPoE|CGNAT|DDoS|SLA|NPS|PIX
Pós-venda|Pré-venda|Pesquisa de satisfação|Elogio|Reclamação|😀|😁|🔥|🔥 Urgente|Urgente|Urgente!
Urgente?|(Urgente)|Срочно|Оплата|Πληρωμή|東京|Москва
"""
LABELS = [label for line in ORDINARY.strip().split("\n") for label in line.split("|")]

# The scripts and signs of the first two planes, without Han, Hangul and private use.
BLOCKS = [
    (0, 0x3400),
    (0xA000, 0xAC00),
    (0xD7B0, 0xE000),
    (0xF900, 0x14400),
    (0x16800, 0x17000),
    (0x1B000, 0x20000),
]
CODE_POINTS = [chr(code) for first, end in BLOCKS for code in range(first, end)]

# What decides the last rules: letters, digits, bars, marks and Greek signs side by side.
close = st.text(
    "aeoilLIO01|258'`\u2019-\u2013 brnmvBN\u03b2\u03b5\u03bc\u03bd\u03c3\u0392\u043e\u0456\u04cf\u0412\u02b9_"
)
labels = st.one_of(close, hostile_text())


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_labels_that_a_reader_cannot_tell_apart_have_one_look(one: str, other: str) -> None:
    """Letters of other scripts, digits, bars, dashes and quotes are no way round a taken name. Rule: C2."""
    assert look_key(one) == look_key(other)


def test_no_two_ordinary_labels_look_alike() -> None:
    """Nobody is refused a label for a different word, a neighbouring number or a Greek sign. Rule: C2."""
    assert [pair for pair in combinations(LABELS, 2) if look_key(pair[0]) == look_key(pair[1])] == []


@given(
    labels,
    st.sampled_from([str.upper, str.lower, str.title, str.casefold]),
    st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]),
)
@example("Fibra \u0392", str.lower, "NFC")
@example("INTERNET", str.lower, "NFC")
@example("1\u00ba", str.lower, "NFKC")
def test_spellings_of_one_label_look_alike(
    text: str, cased: Callable[[str], str], form: Literal["NFC", "NFD", "NFKC", "NFKD"]
) -> None:
    """Law: label_key(x) == label_key(y) implies look_key(x) == look_key(y). Rule: C1, C2."""
    for spelling in (cased(text), normalize(form, text), f"  {text.replace(' ', '   ')} "):
        assert label_key(spelling) != label_key(text) or look_key(spelling) == look_key(text)
    assert look_key(label_key(text)) == look_key(text)


@given(labels)
@example("\u03b2|")
@example("\u03b2\u02b9")
@example("l1|Il")
@example("lll lala Ill 0l\u03b5")
def test_the_look_of_a_look_is_itself(text: str) -> None:
    """Law: look_key(look_key(x)) == look_key(x), and it is a label key of the same length. Rule: C2."""
    look = look_key(text)
    assert look_key(look) == look
    assert label_key(look) == look
    assert len(look) == len(label_key(text))


def test_every_code_point_has_a_lasting_look_that_prints_if_it_does() -> None:
    """Law: the look of each code point is its own look, and printable if the code point is. Rule: C2."""
    seen = [(c, look_key(c)) for c in CODE_POINTS]
    assert [c for c, look in seen if look_key(look) != look or len(look) != len(label_key(c))] == []
    assert [c for c, look in seen if c.isprintable() and not look.isprintable()] == []


@given(st.lists(st.sampled_from(ALIKE), min_size=1, max_size=6))
def test_phrases_of_words_that_look_alike_look_alike(pairs: list[tuple[str, str]]) -> None:
    """Law: labels look alike if each of their words does. Rule: C2."""
    assert look_key(" ".join(one for one, _ in pairs)) == look_key(" ".join(other for _, other in pairs))


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("", ""),
        (" \t ", ""),
        ("Fibra β", "fibra β"),
        ("Ação", "acao"),
        ("Urgente 😀", "urgente 😀"),
        ("10", "io"),
    ],
)
def test_a_look_is_a_folded_text(text: str, look: str) -> None:
    """What looks like nothing else is only folded. Rule: C1, C2."""
    assert look_key(text) == look
