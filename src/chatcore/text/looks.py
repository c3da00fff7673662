"""Look-alikes: the key under which two labels look the same to a reader. Rule: C2.

1. The key is made from `label_key`, so two spellings of one label always look alike. Rule: C1.
2. A character that looks like an ASCII letter, digit or mark in either case becomes that one. Where the cases
   look like two letters, the capital counts: it is drawn as the Latin one, the small one only resembles it. The
   characters are those of Unicode's confusables (UTS #39, 17.0) in the basic plane, without the scripts written
   from right to left, plus small capitals, dashes and quotes.
3. A Greek letter whose small form is a sign of its own (beta, mu) stays where it stands alone, and is read by
   its capital inside a word: "Fibra β" is not "Fibra B", but a capital beta before "oleto" is a B.
4. Zero is read as o; one and the bar as l.
5. An l is read as i, because the capital I is drawn like it, where hardly any word has an l: with no vowel
   beside it ("lnternet", "VlP"), and in a word of digits, i, l and o only ("lO" and "IO" for 10). Everywhere
   else i and l are two letters, as one for both would refuse "Plano" beside "Piano", "Multa" beside "Muita".
6. Groups of letters are not compared: "rn" for m would refuse "modern" beside "modem".

Looking alike isn't transitive: "CAl" looks like "CAI", but is the label "Cal". So a key that never parts two
spellings of one label can't be exact. Unseen are a small l for a capital I next to a vowel, and a capital Greek
letter of point 3 standing alone. Refused without need are "1º" beside "10", as "1º" and "1O" are one label, and
short codes such as "PL" beside "PI".
"""

from __future__ import annotations

import re
from typing import Final

from chatcore.text.folding import label_key

__all__ = ["look_key"]


def look_key(text: str) -> str:
    r"""The look of a label: equal for two labels that a reader can't tell apart. Rule: C2.

    It has as many code points as the `label_key`. Equal label keys give equal look keys, and the look of a look
    is itself. It is for comparing, not for showing.

        >>> look_key("B\u043eleto") == look_key("B0LETO") == look_key("boleto")
        True
        >>> look_key("Fibra \u03b2") == look_key("Fibra B")
        False
    """
    key = label_key(text).translate(_LOOKS)
    if not key.isascii():
        key = re.sub(_GREEK_IN_WORD, _by_capital, key)
    return re.sub(_SEEN_AS_I, _as_i, key) if "l" in key else key


def _by_capital(letter: re.Match[str]) -> str:
    return _GREEK[letter[0]]


def _as_i(run: re.Match[str]) -> str:
    return run[0].replace("l", "i")


# The patterns are compiled when first needed, as importing has to be light.
_SEEN_AS_I: Final = r"\b[0-9ilo]++\b|(?<![aeiouyl])l++(?![aeiouy])"
_GREEK: Final = dict(
    zip("\u03b2\u03b3\u03b5\u03b6\u03b7\u03bc\u03bd\u03c3\u03c4\u03c5", "byezhmncty", strict=True)
)
_GREEK_IN_WORD: Final = "(?<=\\w)[{0}]|[{0}](?=\\w)".format("".join(_GREEK))

# Folded characters by the ASCII one they look like.
_ALIKE: Final = {
    '"': "\u02ba\u02ee\u201c\u201d\u201e\u201f\u275d\u275e\u3003\u301d\u301e\u301f",
    "'": (
        "\u02b9\u02bb\u02bc\u02bd\u02be\u02c8\u02ca\u02cb\u02f4\u055a\u055d\u2018\u2019\u201b\u2032\u2035"
        "\u275b\u275c"
    ),
    "(": "\u2768\u2772\u3014\ufd3e",
    ")": "\u2769\u2773\u3015\ufd3f",
    "*": "\u204e\u2217",
    "+": "\u16ed",
    ",": "\u201a\ua4f9",
    "-": "\u02d7\u2010\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b",
    ".": "\ua4f8\ua60e",
    "/": "\u1735\u2041\u2044\u2215\u2571\u27cb\u29f8\u3033\u31d3",
    ":": "\u02d0\u02f8\u0589\u16ec\u1803\u1809\u205a\u2236\ua4fd\ua789",
    "<": "\u02c2\u2039\u276e",
    "=": "\u1400\u2e40\u30a0\ua4ff",
    ">": "\u02c3\u203a\u276f",
    "\\": "\u2216\u27cd\u29f5\u29f9\u31d4",
    "^": "\u02c4\u02c6",
    "{": "\u2774",
    "}": "\u2775",
    "~": "\u2053\u223c",
    "2": "\u01a8\u03e9\u14bf\u1d24\ua645\ua6ef\ua75b",
    "3": "\u021d\u025c\u0292\u0437\u04e1\u0969\u0ae9\u10f3\u1d08\u2c9d\u2cc5\u2ccd\ua76b",
    "4": "\u13ce",
    "5": "\u01bd",
    "6": "\u03ed\u0431\u13ee\u2cd3\u2cdd",
    "8": "\u0223\u09ea\u0a6a",
    "9": "\u09ed\u0a67\u0b68\u0d6d\u2ccb\ua76f",
    "a": "\u0251\u03b1\u0430\u13aa\u15c5\u1d00\u237a\ua4ee",
    "b": "\u0185\u0299\u0432\u044c\u13cf\u13f4\u1472\u15af\u15f7\u2c83\ua4d0\ua7b5",
    "c": "\u0441\u1004\u105a\u13df\u1d04\u2ca5\ua4da",
    "d": "\u0501\u13a0\u13e7\u146f\u15de\u15ea\u1d05\ua4d2\ua4d3",
    "e": "\u0435\u04bd\u13ac\u1d07\u212e\u22ff\u2d39\ua4f0\uab32",
    "f": "\u0192\u03dd\u0584\u15b4\u1e9d\ua4dd\ua730\ua799\uab35",
    "g": "\u018d\u0261\u0262\u050d\u0581\u13c0\u13f3\u1d83\ua4d6",
    "h": "\u029c\u043d\u04bb\u0570\u13bb\u13c2\u157c\u2c8f\ua4e7",
    "i": "\u0131\u0269\u026a\u03b9\u0456\u0582\u13a5\u2373\u2c93\ua647",
    "j": "\u029d\u03f3\u0458\u13ab\u148d\u1d0a\ua4d9",
    "k": "\u0138\u03ba\u043a\u13e6\u16d5\u1d0b\u2c95\ua4d7",
    "l": "\u01c0\u029f\u04cf\u06f1\u13de\u14aa\u16c1\u2223\u23fd\u2502\u2503\u2cd1\u2d4f\ua4e1\ua4f2",
    "m": "\u03fb\u043c\u13b7\u15f0\u16d6\u1d0d\u2c99\ua4df",
    "n": "\u0274\u0578\u057c\u1260\u144e\u2229\u22c2\u2c9b\ua4e0\ua4f5",
    "o": (
        "\u03bf\u043e\u0585\u06f5\u0966\u09e6\u0a66\u0ae6\u0b20\u0b66\u0be6\u0c66\u0ce6\u0d20\u0d66\u0e50"
        "\u0ed0\u101d\u1040\u10ff\u12d0\u17e0\u1d0f\u1d11\u2c9f\u2d54\u3007\ua4f3\uab3d"
    ),
    "p": "\xfe\u01bf\u03c1\u03f8\u0440\u13e2\u146d\u1d18\u1d29\u2374\u2ca3\u2ccf\ua4d1",
    "q": "\u051b\u0563\u0566\u2d55",
    "r": "\u0280\u0433\u13a1\u13b1\u13d2\u1587\u1d26\u2c85\ua4e3\uab47\uab48",
    "s": "\u0455\u057f\u0d1f\u13d5\u13da\ua4e2\ua731",
    "t": "\u0442\u13a2\u1d1b\u22a4\u27d9\u2ca7\ua4d4",
    "u": "\u028b\u057d\u1200\u144c\u1d1c\u222a\u22c3\ua4f4\ua79f\uab4e\uab52",
    "v": "\u0475\u06f7\u13d9\u142f\u1d20\u2228\u22c1\u2d38\ua4e6\ua6df",
    "w": "\u026f\u0448\u0461\u051d\u0561\u13b3\u13c7\u13d4\u15ef\u1d21\u2cbd\ua4ea",
    "x": (
        "\xd7\u03c7\u0445\u1541\u157d\u166d\u166e\u16b7\u2573\u292b\u292c\u2a2f\u2cad\u2d5d\ua4eb\uab53\uab55"
    ),
    "y": "\u0263\u028f\u0443\u04af\u10e7\u13a9\u13bd\u1d8c\u1eff\u2ca9\ua4ec\uab5a",
    "z": "\u13c3\u1d22\ua4dc",
}
_LOOKS: Final = str.maketrans(
    "01|`" + "".join(_ALIKE.values()),
    "oll'" + "".join([seen * len(alike) for seen, alike in _ALIKE.items()]),
)
