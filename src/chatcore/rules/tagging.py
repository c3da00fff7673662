"""Tags, custom fields, notes: what people put on a conversation, open or closed. Rule: S7, C3-C5, C9, M15."""

from __future__ import annotations

from collections.abc import Container, Iterable

from chatcore.commands import AddNote, AddTags, RemoveTags, SetFields
from chatcore.entities import FieldValue, FieldValues, Workspace
from chatcore.entities.fields import misfit
from chatcore.errors import InvalidValue, Problem, TooManyTags
from chatcore.errors.base import shown
from chatcore.events import FieldsSet, MessageAdded, NoteAdded, Tagged, Untagged
from chatcore.limits import TAGS
from chatcore.rules.facts import Decision, OnConversation
from chatcore.vocabulary import DepartmentId, Direction, FieldId, FieldOn, TagId, message_id

__all__ = ["add_note", "add_tags", "field_misfits", "new_values", "remove_tags", "set_fields", "tag_misfits"]


def tag_misfits(
    tags: Iterable[TagId], department: DepartmentId, workspace: Workspace, there: Container[TagId] = ()
) -> list[Problem]:
    """Every reason why one of these tags cannot be chosen in a department, all of them. Rule: C3, C4.

    Those that are `there` already are not chosen.
    """
    bad: list[Problem] = []
    find = workspace.tag
    for i, id in enumerate(tags):
        if id in there:
            continue
        tag = find(id)
        if tag is None:
            bad.append(Problem(f"tags[{i}]", "unknown_tag", "C4"))
            continue
        if tag.archived:
            bad.append(Problem(f"tags[{i}]", "archived", "C3"))
        if tag.departments and department not in tag.departments:
            bad.append(Problem(f"tags[{i}]", "other_department", "C4"))
    return bad


def add_tags(command: AddTags, facts: OnConversation) -> Decision:
    """Put on the tags that are not there yet; with none of them new nothing happens. Rule: C5, L19.

    Raises:
        InvalidValue: some are not there, archived, or for other departments; all misfits at once.
        TooManyTags: it would have more than one may have. Rule: C5.
    """
    conversation = facts.conversation
    new = tuple(tag for tag in command.tags if tag not in conversation.tags)
    if not new:
        return ()
    bad = tag_misfits(command.tags, conversation.department, facts.workspace, conversation.tags)
    if bad:
        raise InvalidValue(*bad)
    count = len(conversation.tags) + len(new)
    if count > TAGS:
        raise TooManyTags(TAGS, count)
    return ((conversation.id, Tagged(tags=new)),)


def remove_tags(command: RemoveTags, facts: OnConversation) -> Decision:
    """Take off the tags that are there, archived or not. Rule: L19."""
    conversation = facts.conversation
    there = tuple(tag for tag in command.tags if tag in conversation.tags)
    return ((conversation.id, Untagged(tags=there)),) if there else ()


def field_misfits(
    values: Iterable[tuple[FieldId, FieldValue | None]], on: FieldOn, path: str, workspace: Workspace
) -> list[Problem]:
    """Every reason why one of these values does not fit its field, all of them. Rule: C9."""
    bad: list[Problem] = []
    for id, value in values:
        field, place = workspace.field(id), f"{path}.{shown(id)}"
        if field is None or field.on is not on:
            bad.append(Problem(place, "unknown_field", "C9"))
        elif value is not None:
            if field.archived:
                bad.append(Problem(place, "archived", "C3"))
            if (problem := misfit(field, value, place)) is not None:
                bad.append(problem)
    return bad


def new_values(
    given: tuple[tuple[FieldId, FieldValue | None], ...], old: FieldValues
) -> tuple[tuple[FieldId, FieldValue | None], ...]:
    """Those of the values given that change something; a yes is not the number one. Rule: L19."""
    have = dict(old)
    return tuple(
        (id, value) for id, value in given if type(have.get(id)) is not type(value) or have.get(id) != value
    )


def set_fields(command: SetFields, facts: OnConversation) -> Decision:
    """Fill in custom fields of a conversation.

    Raises:
        InvalidValue: some are not there, archived, or of another type; all misfits at once. Rule: C9.
    """
    conversation = facts.conversation
    bad = field_misfits(command.values, FieldOn.CONVERSATION, "values", facts.workspace)
    if bad:
        raise InvalidValue(*bad)
    new = new_values(command.values, conversation.fields)
    return ((conversation.id, FieldsSet(values=new)),) if new else ()


def add_note(command: AddNote, facts: OnConversation) -> Decision:
    """Leave a note in the course of the conversation; it goes nowhere and answers nobody. Rule: M15."""
    conversation = facts.conversation
    seq = conversation.seq + 1
    message = message_id(conversation.id, seq)
    added = MessageAdded(message=message, seq=seq, direction=Direction.INTERNAL)
    note = NoteAdded(conversation=conversation.id, seq=seq, channel=conversation.channel, body=command.text)
    return ((conversation.id, added), (message, note))
