"""Who a contact is to the contracts side: the customer, and the contracts they have. Rule: S5, S9, B1, B2."""

from __future__ import annotations

import re
from datetime import datetime

import attrs

from chatcore._shape import id_problem, not_id, not_tuple_of, not_utc, refuse
from chatcore.errors import Problem
from chatcore.limits import CUSTOMERS, LABEL_LENGTH, LINK_LENGTH, NAME_LENGTH
from chatcore.text import label_problems
from chatcore.vocabulary import ContractId, ContractStatus, CustomerId, Light, Private, redacted

__all__ = ["Contract", "Customer", "Found"]

_HALTED = (ContractStatus.SUSPENDED, ContractStatus.BLOCKED)
_LINK = r"https?://[!-~]+"


@attrs.frozen(slots=True, kw_only=True)
class Customer:
    """Someone the contracts side knows. `document` is as it wants it shown, to tell two of one name apart."""

    id: CustomerId = attrs.field(repr=redacted)
    name: Private
    document: Private | None = None

    def __attrs_post_init__(self) -> None:
        bad = [id_problem("id", self.id)] if not_id(self.id) else []
        for name in ("name", "document"):
            text = getattr(self, name)
            if name == "document" and text is None:
                continue
            if type(text) is not Private:
                bad.append(Problem(name, "not_private", "B2"))
            elif not 0 < (size := len(text.reveal())) <= NAME_LENGTH:
                bad.append(Problem(name, "wrong_length", "B2", NAME_LENGTH, size))
        refuse(bad)


@attrs.frozen(slots=True)
class Found:
    """What a look-up of a customer brought: nobody, one, or several. Rule: B2."""

    customers: tuple[Customer, ...]

    def __attrs_post_init__(self) -> None:
        if not_tuple_of(Customer, self.customers) or len(self.customers) > CUSTOMERS:
            refuse([Problem("customers", "not_customers", "B2", CUSTOMERS)])


@attrs.frozen(slots=True, kw_only=True)
class Contract:
    """One contract of a customer, as it was read at `as_of`. Rule: S9, B1.

    * `status` is the contract's; `access` that of the access it gives, None where nothing tells.
    * `plan` is what it is called; `link` leads a person to it, http or https.
    """

    id: ContractId
    customer: CustomerId = attrs.field(repr=redacted)
    status: ContractStatus
    as_of: datetime
    access: ContractStatus | None = None
    plan: str | None = None
    link: str | None = attrs.field(default=None, repr=redacted)

    @property
    def light(self) -> Light:
        """RED where contract or access is blocked or suspended, GREEN where all is active, else GREY. Rule: B1.

        A cancelled contract is GREY, whatever became of its access.
        """
        if self.status is ContractStatus.CANCELLED:
            return Light.GREY
        if self.status in _HALTED or self.access in _HALTED:
            return Light.RED
        is_active = self.status is ContractStatus.ACTIVE and self.access in (None, ContractStatus.ACTIVE)
        return Light.GREEN if is_active else Light.GREY

    def __attrs_post_init__(self) -> None:
        bad = [id_problem(name, id) for name in ("id", "customer") if not_id(id := getattr(self, name))]
        if type(self.status) is not ContractStatus:
            bad.append(Problem("status", "not_a_status", "B1"))
        if self.access is not None and type(self.access) is not ContractStatus:
            bad.append(Problem("access", "not_a_status", "B1"))
        if not_utc(self.as_of):
            bad.append(Problem("as_of", "not_utc", "B1"))
        if self.plan is not None:
            bad += label_problems(self.plan, "plan", LABEL_LENGTH)
        if self.link is not None and (
            type(self.link) is not str or len(self.link) > LINK_LENGTH or not re.fullmatch(_LINK, self.link)
        ):
            bad.append(Problem("link", "not_a_link", "S5", LINK_LENGTH))
        refuse(bad)
