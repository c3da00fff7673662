"""Searching in memory: ordered views, an index of words, an index of names, each made when first asked for.

What they answer is what `matches` says: an index gives candidates in order, and each is looked at once more
where the query asks for more than the index knows. All of it is called under the storage's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from heapq import nsmallest
from typing import Final

from chatcore.entities import Contact, Conversation, Entity, Message
from chatcore.search import (
    AllOf,
    Condition,
    ContactQuery,
    ConversationQuery,
    Has,
    MessageQuery,
    Named,
    Not,
    Nothing,
    Reached,
    Trait,
    matches,
    sort_key,
)
from chatcore.search.index.names import NameIndex
from chatcore.search.index.views import OrderedViews, exact
from chatcore.search.index.words import WordIndex
from chatcore.search.matching import holds
from chatcore.search.query import micros
from chatcore.vocabulary import ContactId, ConversationId, Ref

__all__ = ["Searches"]

_FEW: Final = 1_000
"""Contacts up to which their conversations are looked at one by one; for more, the view is walked."""


class Searches:
    """The indexes of one storage, over the states that it keeps."""

    def __init__(
        self,
        states: Mapping[Ref, Entity],
        conversations: Callable[[], Iterable[ConversationId]],
        of_contact: Callable[[ContactId], Iterable[ConversationId]],
        reached: Callable[[str], ContactId | None],
    ) -> None:
        self._states = states
        self._all = conversations
        self._of_contact = of_contact
        self._reached = reached
        self._views = OrderedViews(self._everything, self._conversation)
        self._words: WordIndex | None = None
        self._names: NameIndex | None = None

    # --- keeping up ------------------------------------------------------------------------------------------

    def moved(self, old: Entity | None, new: Entity) -> None:
        """Take in a step of an entity; costs next to nothing while nobody has searched."""
        if isinstance(new, Conversation):
            self._views.moved(new.id, old if isinstance(old, Conversation) else None)
        elif isinstance(new, Message):
            if self._words is not None:
                self._reworded(old if isinstance(old, Message) else None, new)
        elif isinstance(new, Contact) and self._names is not None:
            self._names.put(new.id, _name(old), _name(new))

    def _reworded(self, old: Message | None, new: Message) -> None:
        """Take in a message that came, or says something else now."""
        assert self._words is not None
        text = new.shown.reveal()
        if old is None:
            self._words.add(new.id, new.conversation, micros(new.said_at), text)
        elif old.shown.reveal() != text:
            self._words.replace(new.id, new.conversation, micros(new.said_at), text)

    # --- what things are -------------------------------------------------------------------------------------

    def _conversation(self, id: ConversationId) -> Conversation | None:
        state = self._states.get(id)
        return state if isinstance(state, Conversation) else None

    def _everything(self) -> Iterator[Conversation]:
        return (state for id in self._all() if (state := self._conversation(id)) is not None)

    def person(self, id: ContactId | None) -> Contact | None:
        """A contact as who they are by now. Rule: M11."""
        while id is not None:
            state = self._states.get(id)
            if not isinstance(state, Contact) or state.merged_into is None:
                return state if isinstance(state, Contact) else None
            id = state.merged_into
        return None

    def _matches(self, query: ConversationQuery, row: Conversation) -> bool:
        contact = None if query.where is None else self.person(row.contact)
        return matches(query, row, None, contact)

    def _accept(self, query: ConversationQuery) -> Callable[[Conversation], bool] | None:
        return None if exact(query) else partial(self._matches, query)

    # --- conversations ---------------------------------------------------------------------------------------

    def conversations(
        self, query: ConversationQuery, most: int, after: tuple[int, str] | None
    ) -> list[Conversation]:
        """The next rows of a view."""
        few = self._few(query)
        if few is None:
            return self._views.page(query, most, after, self._accept(query))
        keyed = ((sort_key(query, row), row) for row in few if self._matches(query, row))
        wanted = (pair for pair in keyed if after is None or pair[0] > after)
        return [row for _, row in nsmallest(most, wanted, key=lambda pair: pair[0])]

    def count(self, query: ConversationQuery, at_most: int) -> int:
        """How many there are, up to a bound."""
        few = self._few(query)
        if few is None:
            return self._views.count(query, at_most, self._accept(query))
        return min(sum(1 for row in few if self._matches(query, row)), at_most)

    def _few(self, query: ConversationQuery) -> list[Conversation] | None:
        """The conversations that may match, where a few contacts' will do; None where a view does better."""
        contacts: set[ContactId] | None = None
        if query.contact is not None:
            contacts = {query.contact, *query.also}
        elif query.where is not None:
            contacts = self._contacts(query.where)
        if contacts is None or len(contacts) > _FEW:
            return None
        ids = (id for contact in sorted(contacts) for id in self._of_contact(contact))
        return [row for id in ids if (row := self._conversation(id)) is not None]

    def _contacts(self, where: Condition) -> set[ContactId] | None:
        """The contacts of whom a condition may be so, with those they turned out to be; None if of anybody."""
        found: set[ContactId] | None = None
        for part in where.parts if isinstance(where, AllOf) else (where,):
            some: set[ContactId] | None = None
            if isinstance(part, Named):
                some = {ContactId(id) for id in self._named().candidates(part)}
            elif isinstance(part, Reached):
                some = {id for key in part.keys if (id := self._reached(key)) is not None}
            elif isinstance(part, Has) and part.trait is Trait.CONTACT:
                person = self.person(ContactId(part.value))
                some = {ContactId(part.value)} if person is None else {person.id}
            if some is not None:
                found = some if found is None else found & some
        if found is None:
            return None
        people = {id: self.person(id) for id in found}
        return {
            each for id, who in people.items() for each in ((id,) if who is None else (who.id, *who.merged))
        }

    def _named(self) -> NameIndex:
        if self._names is None:
            self._names = NameIndex()
            for state in self._states.values():
                if isinstance(state, Contact):
                    self._names.put(state.id, None, _name(state))
        return self._names

    # --- contacts --------------------------------------------------------------------------------------------

    def contacts(self, query: ContactQuery, all_of_them: Iterable[ContactId]) -> Iterator[Contact]:
        """The contacts that match, in any order."""
        some = None if query.where is None else self._contacts(query.where)
        for id in all_of_them if some is None else some:
            state = self._states.get(id)
            if isinstance(state, Contact) and matches(query, state):
                yield state

    # --- messages --------------------------------------------------------------------------------------------

    def messages(self, query: MessageQuery, most: int, after: tuple[int, str] | None) -> list[Message]:
        """The next messages that match."""
        words = self._worded()
        where = query.where if query.where is not None else _ANYTHING
        if query.conversation is None:
            below = None if after is None else (-after[0], after[1])
            ids: Iterable[str] = words.newest(where, below=below, accept=self._admits(query), holds=self._holds)
        else:
            found = words.inside(query.conversation, where, holds=self._holds)
            ids = sorted(found, key=_seq, reverse=query.newest_first)
        rows: list[Message] = []
        for id in ids:
            row = self._states[id]  # type: ignore[index]
            assert isinstance(row, Message)
            if query.conversation is not None and not self._wanted(query, row, after):
                continue
            rows.append(row)
            if len(rows) == most:
                break
        return rows

    def _wanted(self, query: MessageQuery, row: Message, after: tuple[int, str] | None) -> bool:
        """Whether a message of one conversation lies where the page goes on, and may be seen."""
        start = query.start
        if start is not None and (row.seq > start if query.newest_first else row.seq < start):
            return False
        if after is not None and sort_key(query, row) <= after:
            return False
        conversation = self._conversation(row.conversation)
        return query.scope.everything or (conversation is not None and query.scope.admits(conversation))

    def _admits(self, query: MessageQuery) -> Callable[[str], bool] | None:
        if query.scope.everything:
            return None
        scope, states = query.scope, self._states

        def admits(id: str) -> bool:
            message = states[id]  # type: ignore[index]
            assert isinstance(message, Message)
            conversation = self._conversation(message.conversation)
            return conversation is not None and scope.admits(conversation)

        return admits

    def _holds(self, leaf: Condition, id: str) -> bool:
        """Whether something is so of a message that words do not tell."""
        message = self._states[id]  # type: ignore[index]
        assert isinstance(message, Message)
        conversation = self._conversation(message.conversation)
        contact = None if conversation is None else self.person(conversation.contact)
        return holds(leaf, message, conversation, contact)

    def _worded(self) -> WordIndex:
        if self._words is None:
            self._words = WordIndex()
            for state in self._states.values():
                if isinstance(state, Message):
                    self._reworded(None, state)
        return self._words


_ANYTHING: Final = Not(Nothing())
"""What is so of every message."""


def _seq(id: str) -> int:
    """The number of a message in its conversation. Rule: M4."""
    return int(id.rpartition(".")[2])


def _name(state: Entity | None) -> str | None:
    return state.name.reveal() if isinstance(state, Contact) and state.name is not None else None
