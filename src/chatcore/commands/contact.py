"""What people ask about a contact."""

from __future__ import annotations

import attrs

from chatcore._shape import refuse
from chatcore.commands._checks import ids, private_or_none, required, switch
from chatcore.entities import FieldValue
from chatcore.entities.fields import as_values, value_problems
from chatcore.errors import Problem
from chatcore.limits import NAME_LENGTH, WHY_LENGTH
from chatcore.text import label_problems, outbound_problems
from chatcore.vocabulary import ContactId, CustomerId, FieldId, Private, redacted

__all__ = [
    "BlockContact",
    "EditContact",
    "LinkCustomer",
    "MergeContacts",
    "UnblockContact",
    "UnlinkCustomer",
]


@attrs.frozen(slots=True)
class BlockContact:
    """Receive nothing from, and send nothing to, a contact any more. Rule: S20, M13.

    Named by its id, or by a phone number in any spelling, which need not be known yet.
    """

    contact: ContactId | None = None
    why: str | None = attrs.field(default=None, repr=redacted)
    address: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)

    def __attrs_post_init__(self) -> None:
        bad = ids(contact=self.contact)
        if (self.contact is None) is (self.address is None):
            bad.append(Problem("contact", "contact_or_address", "S20"))
        if self.address is not None and type(self.address) is not Private:
            bad.append(Problem("address", "not_a_text"))
        if self.why is not None:
            bad += outbound_problems(self.why, "why")
            if type(self.why) is str and len(self.why) > WHY_LENGTH:
                bad.append(Problem("why", "too_long", limit=WHY_LENGTH, actual=len(self.why)))
        refuse(bad)


@attrs.frozen(slots=True)
class UnblockContact:
    """Let a contact's messages pass again. Rule: S20."""

    contact: ContactId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "contact"))


@attrs.frozen(slots=True)
class EditContact:
    """Change what is known of a contact; what is left out stays. Rule: S8, C9, M16.

    `opted_out` stops marketing templates. `fields` is given as a mapping, as in `SetFields`.
    """

    contact: ContactId
    name: Private | None = attrs.field(default=None, kw_only=True, converter=private_or_none)
    opted_out: bool | None = attrs.field(default=None, kw_only=True)
    fields: tuple[tuple[FieldId, FieldValue | None], ...] = attrs.field(
        default=(), kw_only=True, converter=as_values, repr=redacted
    )

    def __attrs_post_init__(self) -> None:
        bad = required(self, "contact") + value_problems(self.fields, "fields")
        if self.name is not None:
            text = self.name.reveal() if type(self.name) is Private else self.name
            bad += label_problems(text, "name", NAME_LENGTH)
        if self.opted_out is not None:
            bad += switch(self.opted_out, "opted_out")
        refuse(bad)


@attrs.frozen(slots=True)
class LinkCustomer:
    """Say who a contact is to the billing side; a number need not be registered there. Rule: S18, B2."""

    contact: ContactId
    customer: CustomerId = attrs.field(repr=redacted)

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "contact", "customer"))


@attrs.frozen(slots=True)
class UnlinkCustomer:
    """Say that it is open who a contact is to the billing side. Rule: S18."""

    contact: ContactId

    def __attrs_post_init__(self) -> None:
        refuse(required(self, "contact"))


@attrs.frozen(slots=True)
class MergeContacts:
    """Say that a contact is another one: two spellings of one person. Rule: M11.

    `contact` ends, and `into` has its addresses and its live conversations from now on. Where both have one on
    the same channel, the newer closes with the default reason.
    """

    contact: ContactId
    into: ContactId

    def __attrs_post_init__(self) -> None:
        bad = required(self, "contact", "into")
        if not bad and self.contact == self.into:
            bad.append(Problem("into", "same_contact", "M11"))
        refuse(bad)
