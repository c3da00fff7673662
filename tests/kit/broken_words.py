"""Broken storages: what a search for words finds."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import combining, normalize

import attrs

from chatcore.entities import Contact, Message
from chatcore.ports import ChangeSet
from chatcore.search import Condition, MessageQuery, Named, Not, Says
from chatcore.text import canonical, fold, needle, words_of
from chatcore.vocabulary import MessageKind, Ref
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages
from tests.kit.tables import Database

__all__ = ["BROKEN"]

WORDS = re.compile(r"[^\W_]+")


class CaseSensitiveSearch(PlainStorage):
    """What was said is searched as it is written: only accents are taken off."""

    def said(self, asked: Says | Named, text: str) -> bool:
        bare = "".join(char for char in normalize("NFKD", text) if not combining(char))
        return needle(asked.words, prefix=asked.prefix) in f" {' '.join(WORDS.findall(bare))} "


class AccentSensitiveSearch(PlainStorage):
    """Accents count: what was said is put in lower case, and no more."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words, prefix=asked.prefix) in f" {' '.join(WORDS.findall(text.lower()))} "


class AsciiFolding(PlainStorage):
    """What is not ASCII is dropped before a text is searched."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return super().said(asked, text.encode("ascii", "ignore").decode())


class SubstringSearch(PlainStorage):
    """A word is found inside another one."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return " ".join(asked.words) in canonical(text)


class BlanksOnlyPartWords(PlainStorage):
    """Words are what stands between blanks, so that a comma belongs to the word before it."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words, prefix=asked.prefix) in f" {' '.join(fold(text).split())} "


class PrefixMissing(PlainStorage):
    """Half a last word finds nothing."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words) in canonical(text)


class PrefixAlways(PlainStorage):
    """The last word may always go on."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words, prefix=True) in canonical(text)


class PrefixOfEachWord(PlainStorage):
    """Each word may go on, and not the last one only."""

    def said(self, asked: Says | Named, text: str) -> bool:
        if not asked.prefix:
            return super().said(asked, text)
        words = words_of(text)
        return any(
            all(word.startswith(each) for word, each in zip(words[n:], asked.words, strict=False))
            and len(words) - n >= len(asked.words)
            for n in range(len(words))
        )


class PhraseNotAdjacent(PlainStorage):
    """Words are found wherever they stand in a text, and in any order."""

    def said(self, asked: Says | Named, text: str) -> bool:
        *first, last = asked.words
        told = canonical(text)
        return all(needle((word,)) in told for word in first) and needle((last,), prefix=asked.prefix) in told


class AnyWordWillDo(PlainStorage):
    """A text is found by one of the words."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return any(needle((word,), prefix=asked.prefix) in canonical(text) for word in asked.words)


class OnlyFirstWord(PlainStorage):
    """A text is found by the first of the words."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return needle(asked.words[:1], prefix=asked.prefix and len(asked.words) == 1) in canonical(text)


class StopWordsDropped(PlainStorage):
    """Short words of the language are not kept: who looks for them finds nothing."""

    def said(self, asked: Says | Named, text: str) -> bool:
        dropped = {"a", "o", "e", "de", "da", "do", "em", "um", "uma", "que", "nao"}
        words = tuple(word for word in asked.words if word not in dropped)
        told = " ".join(word for word in words_of(text) if word not in dropped)
        return bool(words) and needle(words, prefix=asked.prefix) in f" {told} "


class Stemmed(PlainStorage):
    """Words are cut to their stems, so that the plural finds the singular."""

    def said(self, asked: Says | Named, text: str) -> bool:
        words = tuple(word.rstrip("s") or word for word in asked.words)
        told = " ".join(word.rstrip("s") or word for word in words_of(text))
        return needle(words, prefix=asked.prefix) in f" {told} "


class DigitsApart(PlainStorage):
    """Digits are not part of a word: `2a` is two words."""

    def said(self, asked: Says | Named, text: str) -> bool:
        told = re.sub(r"(?<=\d)(?=[a-z])", " ", canonical(text))
        return needle(asked.words, prefix=asked.prefix) in told


class SymbolsDropped(PlainStorage):
    """An emoji is no word, and is not found."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return super().said(asked, "".join(char for char in text if char <= "\uffff"))


class LikePattern(PlainStorage):
    """Words go into a LIKE pattern as they are, on texts that are folded but not split into words."""

    def said(self, asked: Says | Named, text: str) -> bool:
        told = " ".join(text.lower().split())
        tail = "" if asked.prefix else r"\b"
        return re.search(rf"\b{re.escape(' '.join(asked.words))}{tail}", told) is not None


class UnderscoreIsLetter(PlainStorage):
    """An underscore belongs to a word, as it does in patterns."""

    def said(self, asked: Says | Named, text: str) -> bool:
        return super().said(asked, text.replace("_", "u"))


class OperatorsInWords(PlainStorage):
    """The words `or`, `and`, `not` and `near` are taken for operators of the search engine."""

    def said(self, asked: Says | Named, text: str) -> bool:
        words = tuple(word for word in asked.words if word not in ("or", "and", "not", "near"))
        return bool(words) and needle(words, prefix=asked.prefix) in canonical(text)


class LongTextsCutInIndex(PlainStorage):
    """Only the first thousand characters of a text are searched."""

    def text(self, message: Message) -> str:
        return super().text(message)[:1_000]


class EditedStillFound(PlainStorage):
    """A message is found by what it said before it was changed, too."""

    def text(self, message: Message) -> str:
        said = super().text(message)
        return said if message.extras.revoked_at is not None else f"{said}\n.\n{message.body.reveal()}"


class EditNotFound(PlainStorage):
    """A message is found by what it said first, and not by what it was changed to."""

    def text(self, message: Message) -> str:
        return "" if message.extras.revoked_at is not None else message.body.reveal()


class RevokedStillFound(PlainStorage):
    """A message that was taken back is still found by what it said."""

    def text(self, message: Message) -> str:
        return message.text.reveal()


class CaptionsUnsearched(PlainStorage):
    """Only messages that are nothing but text are searched, and not what is said with a file."""

    def text(self, message: Message) -> str:
        return super().text(message) if message.kind is MessageKind.TEXT else ""


class SearchBehind(PlainStorage):
    """What was said last is not searched yet: the index is made when a page is asked for, and then kept."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.index: dict[Ref, str] | None = None

    def found(self, query: Any) -> list[Any]:
        if isinstance(query, MessageQuery) and query.where is not None and self.index is None:
            messages = [each for each in self.things() if isinstance(each, Message)]
            self.index = {each.id: super(SearchBehind, self).text(each) for each in messages}
        return super().found(query)

    def text(self, message: Message) -> str:
        return (self.index or {}).get(message.id, "")


class OldNameStillFound(PlainStorage):
    """A contact is found by the first name they ever had."""

    def __init__(self, tenant: str, database: Database) -> None:
        super().__init__(tenant, database)
        self.names: dict[Ref, str] = {}

    def write_states(self, change: ChangeSet) -> None:
        super().write_states(change)
        for write in change.writes:
            if isinstance(write.state, Contact) and write.state.name is not None:
                self.names.setdefault(write.ref, write.state.name.reveal())

    def name(self, contact: Contact) -> str:
        return self.names.get(contact.id, "")


class NamesCaseSensitive(PlainStorage):
    """Names of contacts are compared as they are written."""

    def said(self, asked: Says | Named, text: str) -> bool:
        if isinstance(asked, Says):
            return super().said(asked, text)
        tail = "" if asked.prefix else r"\b"
        return re.search(rf"\b{re.escape(' '.join(asked.words))}{tail}", text) is not None


class NamesFromTheBeginning(PlainStorage):
    """A contact is found by the beginning of the name only, and not by the family name."""

    def said(self, asked: Says | Named, text: str) -> bool:
        if isinstance(asked, Says):
            return super().said(asked, text)
        return canonical(text).startswith(needle(asked.words, prefix=asked.prefix))


class NotSaysInWords(PlainStorage):
    """What does not say a word is looked for among the texts that have words at all."""

    def holds(self, where: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        negated = isinstance(where, Not) and isinstance(where.part, Says)
        if negated and message is not None and not words_of(self.text(message)):
            return False
        return super().holds(where, message, conversation, contact)


class SaysOnlyInsideConversation(PlainStorage):
    """Inside one conversation the words are not looked at."""

    def found(self, query: Any) -> list[Any]:
        if isinstance(query, MessageQuery) and query.conversation is not None:
            query = attrs.evolve(query, where=None)
        return super().found(query)


BROKEN = storages(vars())
