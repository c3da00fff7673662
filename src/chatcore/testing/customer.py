"""A person who writes to the service, and what the provider has of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from chatcore.br import Money
from chatcore.commands import ReceiveMessage
from chatcore.entities import Attachment, Boleto, Contract, Invoice
from chatcore.entities import Customer as Known
from chatcore.moments import local_day
from chatcore.vocabulary import (
    SYSTEM,
    BoletoId,
    ChannelId,
    ContactId,
    ContractId,
    ContractStatus,
    ConversationId,
    CustomerId,
    InvoiceId,
    InvoiceModel,
    Private,
)

if TYPE_CHECKING:
    from chatcore.testing.world import World

__all__ = ["Customer"]

_DOCUMENT: Final = Attachment(
    key="document", mime="application/pdf", size=20_000, sha256="0" * 64, name="documento.pdf"
)
_LINE: Final = "00190.50095 40144.816069 06809.350314 3 37370000000100"
_PIX: Final = Private(
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
"""Published examples that hold; whom they would pay, and what, has nothing to do with a boleto of a world."""


@attrs.frozen(eq=False)
class Customer:
    """A person with a phone, as `World.customer` makes one. Their name and phone are personal, and redacted.

    `id` is who they are to the contracts and billing sides, once these have something of them: `signs`, `owes`
    and `billed` see to that, and from then on their number is known there. So a contact is linked as soon as
    they write.
    """

    name: Private
    phone: Private
    channel: ChannelId
    id: CustomerId
    _world: World = attrs.field(repr=False)

    def message(self, text: str | None = "Oi", /, **details: Any) -> ReceiveMessage:
        """A message of theirs as the channel brings it now, for `World.when` with ``by=SYSTEM``.

        `details` are fields of `ReceiveMessage`: ``kind`` and ``media``, ``reply_to``, or the ``provider_id``
        of an earlier message, to have that come twice.
        """
        values = {
            "channel": self.channel,
            "address": self.phone,
            "name": self.name,
            "provider_id": self._world.new_provider_id(),
            "sent_at": self._world.clock.now,
            "text": text,
        }
        return ReceiveMessage(**{**values, **details})

    def writes(self, text: str | None = "Oi", /, **details: Any) -> ConversationId:
        """They write, now; gives the conversation that their message is in.

        Raises:
            AssertionError: it was not received: they are blocked, or it came before.
        """
        __tracebackhide__ = True
        conversation = self._world.given(self.message(text, **details), by=SYSTEM).conversation
        if conversation is None:
            raise AssertionError(
                "the message was not received: the contact is blocked, or it came before; to expect that, "
                "use world.when(customer.message(...), by=SYSTEM)"
            )
        return conversation

    @property
    def contact(self) -> ContactId:
        """The contact that the service knows them as.

        Raises:
            AssertionError: it does not know them yet.
        """
        return self._world.contact_at(self.channel, self.phone)

    # --- what the provider has of them -----------------------------------------------------------------------

    def signs(self, contract: str, /, **details: Any) -> ContractId:
        """They have this contract from now on, or it is like this from now on: active, without `details`.

        `details` are fields of `Contract`: ``maria.signs("c-1", access=ContractStatus.SUSPENDED)``.
        """
        active = ContractStatus.ACTIVE
        values = {"status": active, "access": active, "as_of": self._world.clock.now}
        signed = Contract(id=ContractId(contract), customer=self._known(), **{**values, **details})
        self._world.contracts.put(signed)
        return signed.id

    def owes(self, boleto: str, /, **details: Any) -> BoletoId:
        """They have this boleto from now on, or it is like this from now on.

        Without `details`, which are fields of `Boleto`, it is of R$ 100.00, due in ten days, and can be had in
        every form.
        """
        values = {"amount": Money(100_00), "due": self._today + timedelta(days=10), "line": _LINE, "pix": _PIX}
        owed = Boleto(id=BoletoId(boleto), customer=self._known(), **{**values, **details})
        self._world.billing.put(owed, _DOCUMENT if owed.document else None)
        return owed.id

    def billed(self, invoice: str, /, **details: Any) -> InvoiceId:
        """They have this fiscal invoice from now on, or it is like this from now on.

        Without `details`, which are fields of `Invoice`, it is of R$ 100.00, of today, on paper (NF model 21).
        """
        values = {
            "model": InvoiceModel.NF_21,
            "number": "1",
            "issued_on": self._today,
            "amount": Money(100_00),
        }
        issued = Invoice(id=InvoiceId(invoice), customer=self._known(), **{**values, **details})
        self._world.billing.put(issued, _DOCUMENT)
        return issued.id

    @property
    def _today(self) -> date:
        return local_day(self._world.clock.now, self._world.workspace.time_zone)

    def _known(self) -> CustomerId:
        """Who they are to the contracts side, which knows them by their number from now on."""
        self._world.contracts.add(Known(id=self.id, name=self.name), phones=[self.phone.reveal()])
        return self.id
