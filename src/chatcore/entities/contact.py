"""The contact: a person the service talks with, known by addresses."""

from __future__ import annotations

from datetime import datetime

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, not_utc, switch_problems
from chatcore.entities.customers import Customer
from chatcore.entities.fields import FieldValues
from chatcore.errors import InvalidValue, Problem
from chatcore.limits import NAME_LENGTH
from chatcore.vocabulary import Actor, ChannelId, ContactId, CustomerId, Private, redacted

__all__ = ["Address", "Block", "Contact"]


@attrs.frozen(slots=True)
class Address:
    """One way to reach a contact.

    `key` is a keyed hash of the canonical address: equal for every spelling of it (M11), and of no use to
    whoever lacks the key. `exact` is the address as the channel gave it, which is where replies go (M10).
    """

    key: str
    exact: Private

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if not_id(self.key):
            bad.append(id_problem("key", self.key))
        if type(self.exact) is not Private:
            bad.append(Problem("exact", "not_private", "M10"))
        if bad:
            raise InvalidValue(*bad)


@attrs.frozen(slots=True)
class Block:
    """Who blocked a contact, when and why. Rule: S20."""

    by: Actor
    at: datetime
    why: str | None = attrs.field(default=None, repr=redacted)


@attrs.frozen(slots=True, kw_only=True)
class Contact:
    """A person the service talks with.

    * `customer` is who they are to the billing side; None while nobody linked them. Rule: S18, B2.
    * `suggestions` are the customers that this may be, where a look-up found several. Rule: B2.
    * `fields` are custom fields; `opted_out` stops marketing templates. Rule: C9, M16.
    * `refused` counts messages not received while blocked. Rule: M13.
    * `merged` are the contacts that turned out to be this one, `merged_into` whom this one turned out to be;
      then it can have no live conversation on the channels it is `silent_on`. Rule: M11, L3.
    """

    id: ContactId
    version: int
    recorded_at: datetime
    addresses: tuple[Address, ...]
    name: Private | None = None
    blocked: Block | None = None
    refused: int = 0
    customer: CustomerId | None = attrs.field(default=None, repr=redacted)
    fields: FieldValues = attrs.field(default=(), repr=redacted)
    opted_out: bool = False
    merged: tuple[ContactId, ...] = ()
    merged_into: ContactId | None = None
    silent_on: tuple[ChannelId, ...] = ()
    suggestions: tuple[Customer, ...] = ()

    def __attrs_post_init__(self) -> None:
        bad: list[Problem] = []
        if type(self.id) is not str or not self.id.startswith("ct_"):
            bad.append(Problem("id", "not_a_contact"))
        if type(self.version) is not int or self.version < 1:
            bad.append(Problem("version", "not_positive"))
        if not_utc(self.recorded_at):
            bad.append(Problem("recorded_at", "not_utc"))
        if type(self.addresses) is not tuple or not all(type(a) is Address for a in self.addresses):
            bad.append(Problem("addresses", "not_addresses", "M10"))
        elif len({a.key for a in self.addresses}) != len(self.addresses):
            bad.append(Problem("addresses", "repeated", "M11"))
        if self.name is not None:
            if type(self.name) is not Private:
                bad.append(Problem("name", "not_private"))
            elif not 0 < len(self.name.reveal()) <= NAME_LENGTH:
                bad.append(Problem("name", "wrong_length", limit=NAME_LENGTH, actual=len(self.name.reveal())))
        if self.blocked is not None and type(self.blocked) is not Block:
            bad.append(Problem("blocked", "not_a_block", "S20"))
        if type(self.refused) is not int or self.refused < 0:
            bad.append(Problem("refused", "negative", "M13"))
        if self.customer is not None and not_id(self.customer):
            bad.append(id_problem("customer", self.customer))
        if not_tuple_of(tuple, self.fields):
            bad.append(Problem("fields", "not_values", "C9"))
        if not_tuple_of(str, self.merged):
            bad.append(Problem("merged", "not_contacts", "M11"))
        if not_tuple_of(str, self.silent_on) or (self.silent_on and self.merged_into is None):
            bad.append(Problem("silent_on", "not_channels", "L3"))
        if self.merged_into is not None and (not_id(self.merged_into) or self.addresses):
            bad.append(Problem("merged_into", "merged_means_no_address", "M11"))
        if not_tuple_of(Customer, self.suggestions) or (self.suggestions and self.customer is not None):
            bad.append(Problem("suggestions", "not_customers", "B2"))
        bad += switch_problems(self, "opted_out")
        if bad:
            raise InvalidValue(*bad)
