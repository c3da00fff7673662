"""The facts of a contact, and of the configuration."""

from __future__ import annotations

from chatcore._engine.gathering.reads import (
    Asked,
    Gathered,
    Reads,
    common,
    missing,
    one,
)
from chatcore.commands import (
    BlockContact,
    UnblockContact,
)
from chatcore.entities import (
    Contact,
    Entity,
)
from chatcore.rules.facts import (
    OnContact,
    OnWorkspace,
)
from chatcore.vocabulary import (
    Ref,
)


async def on_contact(reads: Reads, asked: Asked) -> Gathered:
    command: BlockContact | UnblockContact = asked.command
    read, workspace = await reads.first_read(asked, refs=(command.contact,))
    contact = one(Contact, read, command.contact)
    if contact is None:
        raise missing(asked, workspace, "contact", command.contact)
    return Gathered(OnContact(contact=contact, **common(asked, workspace)), read.states)


async def on_workspace(reads: Reads, asked: Asked) -> Gathered:
    _, workspace = await reads.first_read(asked)
    known: dict[Ref, Entity] = {workspace.id: workspace} if workspace.version else {}
    return Gathered(OnWorkspace(**common(asked, workspace)), known)
