"""A corpus of chat messages in a Portuguese of sorts: the same on every machine, of any size.

1. Words are drawn by Zipf's law: a head of real words of the trade, and behind it words put together of
   syllables, a part of which have accents. Some words come in pairs that stand together more often than by
   chance, as "segunda via" does; one message in 30 has a number of its own. About 55 characters a message.
2. Half of the messages are written without accents. Some begin with a capital letter, have commas, end with a
   mark or an emoji. Every tokenizer that splits at what is neither letter nor digit finds the same words.
3. About 200 conversations go on at any moment, of 10 to 30 messages each. With 50,000 messages and more, one
   message in ten is of a conversation that goes on for 5,000.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from typing import NamedTuple
from unicodedata import category, normalize

SEED = 20260302
BEGUN = 1_770_000_000_000_000
"""Microseconds since the epoch: when the first message was recorded; then one about every second."""
LONG = 5_000
"""Messages of a long conversation."""
SORTS = 60_000
"""Words that there are, numbers aside."""

HEAD = """
de o a que e não do da em um para é com uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou
ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem
nas me esse eles estão você tinha foram essa num nem suas meu às minha têm numa pelos elas havia seja qual será
nós tenho lhe deles essas esses pelas este dele boleto internet fatura pagar via segunda contrato plano técnico
endereço sinal caiu lento roteador senha obrigado obrigada bom boa dia tarde noite olá oi favor preciso consigo
pagamento vencimento código barras pix comprovante desbloqueio confiança atendimento protocolo instalação visita
amanhã hoje ontem cancelar mudança velocidade mega fibra luz vermelha cabo aparelho reiniciar funcionando caindo
""".split()

TOGETHER = """
segunda via|bom dia|boa tarde|boa noite|por favor|código de barras|luz vermelha|mudança de endereço|não consigo
muito obrigado|sem sinal|desbloqueio de confiança|a internet|o boleto|visita técnica|sem internet|até amanhã
"""
PAIRS = tuple(TOGETHER.strip().replace("\n", "|").split("|"))

ONSETS = (
    "b",
    "c",
    "d",
    "f",
    "g",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "br",
    "ch",
    "lh",
    "pr",
    "tr",
    "qu",
    "ç",
)
RIMES = ("a", "e", "i", "o", "u", "ão", "á", "ê", "ar", "er", "os", "em", "al", "é", "in", "an", "ou", "ei")
LENGTHS = (2, 4, 6, 7, 8, 8, 9, 10, 11, 13, 17)
ENDS = ("", "", "", "", "", "", "", "", ".", ".", ".", "?", "?", "?", "!", "!!", "...", "...", "", " 😀")


class Message(NamedTuple):
    """A message: its id, the conversation it is of, when it was recorded, and what it says."""

    id: str
    home: str
    order: int
    text: str


@dataclass(slots=True)
class Home:
    """A conversation as it goes on: how many messages are left to come, and how many came."""

    name: str
    left: int
    seq: int = 0


def vocabulary() -> list[str]:
    """The words, the most frequent first."""
    chance = random.Random(SEED)
    known = dict.fromkeys(HEAD)
    while len(known) < SORTS:
        size = chance.choice((2, 2, 2, 3, 3, 4))
        known["".join(chance.choice(ONSETS) + chance.choice(RIMES) for _ in range(size))] = None
    return list(known)


def plain(text: str) -> str:
    """A text without accents."""
    return "".join(c for c in normalize("NFD", text) if category(c) != "Mn")


def corpus(size: int) -> Iterator[Message]:
    """So many messages, in the order of recording."""
    chance = random.Random(SEED + 1)
    written = vocabulary(), PAIRS
    plainly = [plain(word) for word in written[0]], [plain(pair) for pair in PAIRS]
    weights = list(accumulate(1 / (rank + 2.7) ** 1.07 for rank in range(SORTS)))
    names = (f"cv_{n:032x}" for n in count())
    going_on = [Home(next(names), chance.randint(10, 30)) for _ in range(200)]
    long = Home(next(names), LONG)
    for n in range(size):
        words, pairs = written if chance.random() < 0.5 else plainly
        said = chance.choices(words, cum_weights=weights, k=chance.choice(LENGTHS))
        if n % 3 == 0:
            said[len(said) // 2] = chance.choice(pairs)
        if n % 30 == 0:
            said[-1] = f"{chance.randrange(10**8):08}"
        text = (", " if n % 5 == 0 else " ").join(said)
        if n % 7 < 3:
            text = text[0].upper() + text[1:]
        if n % 10 == 0 and size >= 10 * LONG:
            home = long = long if long.left else Home(next(names), LONG)
        else:
            at = chance.randrange(len(going_on))
            if not going_on[at].left:
                going_on[at] = Home(next(names), chance.randint(10, 30))
            home = going_on[at]
        home.left -= 1
        home.seq += 1
        yield Message(f"{home.name}.{home.seq}", home.name, BEGUN + n * 1_000_003, text + ENDS[n % len(ENDS)])
