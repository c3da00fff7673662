"""Text: folding, cutting, repair, templates, and what is wrong with a text.

1. Two spellings of one word fold to one key: width, case and accents do not count. Rule: C1.
2. A text is cut between grapheme clusters, so an emoji or an accented letter is whole or absent. Rule: S22.
3. What comes in is never refused: it is repaired and flagged. Rule: M14.
4. What goes out, and every label, is refused with the exact reason and place. Rule: C2, M14.
5. What a text is searched by is its folded words in a row. Rule: S6.
6. Variables are filled in by one pass, from a closed registry, and values are not read again. Rule: C7.

Lengths, limits and spans count code points; spans are half-open.
"""

from chatcore.text.cutting import clusters, cut
from chatcore.text.folding import fold, label_key
from chatcore.text.looks import look_key
from chatcore.text.problems import label_problems, outbound_problems
from chatcore.text.repairing import Repaired, repair
from chatcore.text.templates import Template, parse_template, render
from chatcore.text.words import canonical, needle, word_spans, words_of

__all__ = [
    "Repaired",
    "Template",
    "canonical",
    "clusters",
    "cut",
    "fold",
    "label_key",
    "label_problems",
    "look_key",
    "needle",
    "outbound_problems",
    "parse_template",
    "render",
    "repair",
    "word_spans",
    "words_of",
]
