"""Broken storages: what is asked for in a page, by filter, scope or condition."""

from __future__ import annotations

from typing import Any

import attrs

from chatcore.entities import Conversation, Message, Scope
from chatcore.search import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    ContactQuery,
    ConversationQuery,
    EffectQuery,
    Filled,
    Has,
    Is,
    Mark,
    MessageQuery,
    Not,
    Query,
    Reached,
    Trait,
    When,
    matches,
)
from chatcore.vocabulary import Situation
from tests.kit.plain import PlainStorage
from tests.kit.storages import storages

__all__ = ["BROKEN"]


class _Without(PlainStorage):
    """A filter of conversations is not looked at."""

    unseen: dict[str, Any]

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, ConversationQuery):
            query = attrs.evolve(query, **self.unseen)
        return super().chosen(query, thing)


class AlsoIgnored(_Without):
    """The contacts that turned out to be the one asked for are left out."""

    unseen = {"also": ()}  # noqa: RUF012


class ChannelIgnored(_Without):
    """The channel that is asked for is not looked at."""

    unseen = {"channel": None}  # noqa: RUF012


class DepartmentIgnored(_Without):
    """The department that is asked for is not looked at."""

    unseen = {"department": None}  # noqa: RUF012


class ScopeIgnored(_Without):
    """What a person may see is not looked at in pages of conversations."""

    unseen = {"scope": Scope(everything=True)}  # noqa: RUF012


class FalseIsNotAsked(PlainStorage):
    """`waiting=False` and `blocked=False` restrict nothing: the filter is tested by its truth."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, ConversationQuery) and not query.waiting:
            query = attrs.evolve(query, waiting=None)
        if isinstance(query, ContactQuery) and not query.blocked:
            query = attrs.evolve(query, blocked=None)
        return super().chosen(query, thing)


class AssigneeOrLast(PlainStorage):
    """Conversations of an agent are those they have, or had last."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, ConversationQuery) and query.assignee == thing.last_assignee:
            query = attrs.evolve(query, assignee=None)
        return super().chosen(query, thing)


class ScopeOfMessagesIgnored(PlainStorage):
    """What a person may see is not looked at in a search of messages."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, MessageQuery) and query.conversation is None:
            query = attrs.evolve(query, scope=Scope(everything=True))
        return super().chosen(query, thing)


class ScopeInsideIgnored(PlainStorage):
    """What a person may see is not looked at where the messages of one conversation are asked for."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, MessageQuery) and query.conversation is not None:
            query = attrs.evolve(query, scope=Scope(everything=True))
        return super().chosen(query, thing)


class _Scoped(PlainStorage):
    """A scope means something else."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        return scope.admits(conversation)

    def chosen(self, query: Any, thing: Any) -> bool:
        if not isinstance(query, ConversationQuery):
            return super().chosen(query, thing)
        everything = attrs.evolve(query, scope=Scope(everything=True))
        return super().chosen(everything, thing) and self.admits(query.scope, thing)


class ScopeWithoutLast(_Scoped):
    """A person does not see the conversations that they had last."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        if scope.assignee is not None and conversation.assignee != scope.assignee:
            return attrs.evolve(scope, assignee=None).admits(conversation)
        return scope.admits(conversation)


class ScopeOfWaitingAll(_Scoped):
    """Who may see what waits in a department sees what somebody has there, too."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        return scope.admits(conversation) or conversation.department in scope.waiting


class ScopeOfWaitingClosed(_Scoped):
    """Who may see what waits in a department sees what is closed there, too."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        in_department = conversation.department in scope.waiting and conversation.assignee is None
        return scope.admits(conversation) or in_department


class ScopeWithoutBot(_Scoped):
    """Who may see what the bot has does not see it."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        return attrs.evolve(scope, bot=False).admits(conversation)


class ScopeOfBotClosed(_Scoped):
    """Who may see what the bot has sees what nobody has, closed or not."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        nobodys = scope.bot and conversation.situation in (Situation.BOT, Situation.CLOSED)
        return scope.admits(conversation) or nobodys


class EmptyScopeSeesAll(_Scoped):
    """A scope that names nothing restricts nothing."""

    def admits(self, scope: Scope, conversation: Conversation) -> bool:
        return scope == Scope() or scope.admits(conversation)


class EffectsOfAnyConversation(PlainStorage):
    """The conversation of an effect is not looked at."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, EffectQuery):
            query = attrs.evolve(query, conversation=None)
        return super().chosen(query, thing)


class ConversationByPrefix(PlainStorage):
    """The messages of a conversation are those whose id begins with its own, and so those of others, too."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if not isinstance(query, MessageQuery) or query.conversation is None:
            return super().chosen(query, thing)
        inside = thing.id.startswith(query.conversation)
        return inside and matches(attrs.evolve(query, conversation=None, start=None), thing, self.home(thing))

    def found(self, query: Query) -> list[Any]:
        rows = super().found(query)
        start = query.start if isinstance(query, MessageQuery) else None
        if start is None:
            return rows
        return [row for row in rows if (row.seq <= start if query.newest_first else row.seq >= start)]  # type: ignore[union-attr]


class StartLeftOut(PlainStorage):
    """The message that a page is to start from is left out."""

    def chosen(self, query: Any, thing: Any) -> bool:
        return super().chosen(query, thing) and not (
            isinstance(query, MessageQuery) and query.start is not None and thing.seq == query.start
        )


class StartIgnoresDirection(PlainStorage):
    """Newest first from a message on, there come those after it."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if not isinstance(query, MessageQuery) or query.start is None:
            return super().chosen(query, thing)
        rest = attrs.evolve(query, start=None)
        return super().chosen(rest, thing) and thing.seq >= query.start


class MergedStillListed(PlainStorage):
    """A contact that turned out to be another one is still listed."""

    def chosen(self, query: Any, thing: Any) -> bool:
        if isinstance(query, ContactQuery) and thing.merged_into is not None:
            return query.blocked in (None, thing.blocked is not None)
        return super().chosen(query, thing)


class NotOfNull(PlainStorage):
    """What has no value is neither so nor not so: the negation of a comparison with null leaves it out."""

    def holds(self, where: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(where, Not) and self._unknown(where.part, message, conversation, contact):
            return False
        return super().holds(where, message, conversation, contact)

    def _unknown(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Has) and conversation is not None:
            values = {
                Trait.AGENT: conversation.assignee,
                Trait.REASON: conversation.reason,
                Trait.CUSTOMER: contact and contact.customer,
            }
            return values.get(leaf.trait, leaf) is None
        if isinstance(leaf, Between) and conversation is not None:
            values = {When.CLOSED: conversation.closed_at, When.WAITING: conversation.waiting_since}  # type: ignore[dict-item]
            return values.get(leaf.when, leaf) is None  # type: ignore[call-overload, no-any-return]
        return False


class OrWithoutParentheses(PlainStorage):
    """Inside a condition of several parts, the parts of an `|` go without parentheses."""

    def holds(self, where: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(where, AllOf):
            for n, part in enumerate(where.parts):
                if isinstance(part, AnyOf):
                    before = AllOf((*where.parts[:n], part.parts[0]))
                    return any(
                        self.holds(each, message, conversation, contact)
                        for each in (before, *part.parts[1:-1], AllOf((part.parts[-1], *where.parts[n + 1 :])))
                    )
        return super().holds(where, message, conversation, contact)


class NotOfFirstPart(PlainStorage):
    """The negation of several parts is taken of the first one only."""

    def holds(self, where: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(where, Not) and isinstance(where.part, AllOf):
            first, *rest = where.part.parts
            return not self.holds(first, message, conversation, contact) and all(
                self.holds(part, message, conversation, contact) for part in rest
            )
        return super().holds(where, message, conversation, contact)


class _Leaf(PlainStorage):
    """One kind of leaf means something else."""


class UntilIncluded(_Leaf):
    """A moment at `until` counts as before it."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Between) and leaf.until is not None:
            later = attrs.evolve(leaf, until=leaf.until + leaf.until.resolution)
            return super().so(later, message, conversation, contact)
        return super().so(leaf, message, conversation, contact)


class SinceLeftOut(_Leaf):
    """A moment at `since` does not count."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Between) and leaf.since is not None:
            later = attrs.evolve(leaf, since=leaf.since + leaf.since.resolution)
            return super().so(later, message, conversation, contact)
        return super().so(leaf, message, conversation, contact)


class TagBySubstring(_Leaf):
    """Tags are kept in one text, and a tag is found in a longer one."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Has) and leaf.trait is Trait.TAG and conversation is not None:
            return leaf.value in ",".join(conversation.tags)
        return super().so(leaf, message, conversation, contact)


class OnlyFirstTag(_Leaf):
    """Only the first tag of a conversation is looked at."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Has) and leaf.trait is Trait.TAG and conversation is not None:
            return leaf.value in conversation.tags[:1]
        return super().so(leaf, message, conversation, contact)


class FieldsAsText(_Leaf):
    """Custom fields are compared as texts, so that the number 1 is the text 1 and yes is 1, too."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Filled):
            given = [pair for each in (conversation, contact) if each is not None for pair in each.fields]
            return (leaf.field, self._text(leaf.value)) in [(id, self._text(value)) for id, value in given]
        return super().so(leaf, message, conversation, contact)

    def _text(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(int(value))
        return str(value.reveal() if hasattr(value, "reveal") else value)


class FieldsOfContactsUnseen(_Leaf):
    """Custom fields are looked for in the conversation, and not in its contact."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        alone = isinstance(leaf, Filled) and conversation is not None
        return super().so(leaf, message, conversation, None if alone else contact)


class AnyFieldWithValue(_Leaf):
    """A value is found in whatever field it stands."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Filled):
            given = [value for each in (conversation, contact) if each is not None for _, value in each.fields]
            return leaf.value in given
        return super().so(leaf, message, conversation, contact)


class UnreadIsWaiting(_Leaf):
    """What is unread is taken for what waits for an answer."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        asked = Is(Mark.WAITING) if leaf == Is(Mark.UNREAD) else leaf
        return super().so(asked, message, conversation, contact)


class AddressOnlyFirst(_Leaf):
    """Of a contact's addresses only the first is looked at."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Reached) and contact is not None:
            return any(address.key in leaf.keys for address in contact.addresses[:1])
        return super().so(leaf, message, conversation, contact)


class ContactAsFirstKnown(PlainStorage):
    """A condition of a contact is asked of the one that a conversation began with, merged or not."""

    def person(self, id: Any) -> Any:
        return None if id is None else self.state(id)


class MergedContactsApart(_Leaf):
    """Conversations of a contact are not found by who that contact turned out to be."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Has) and leaf.trait is Trait.CONTACT:
            return conversation is not None and conversation.contact == leaf.value
        return super().so(leaf, message, conversation, contact)


class DirectionIgnored(_Leaf):
    """Who a message is from is not looked at."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Has) and leaf.trait is Trait.DIRECTION:
            return isinstance(message, Message)
        return super().so(leaf, message, conversation, contact)


class SentAsLastChanged(_Leaf):
    """When a message was sent is taken for when it last changed."""

    def so(self, leaf: Condition, message: Any, conversation: Any, contact: Any) -> bool:
        if isinstance(leaf, Between) and leaf.when is When.SENT and message is not None:
            message = attrs.evolve(message, first_recorded=None)
        return super().so(leaf, message, conversation, contact)


BROKEN = storages(vars())
