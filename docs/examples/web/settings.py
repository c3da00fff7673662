"""What a deployment decides: where things are kept, and who may come in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import attrs

from chatcore.entities import Workspace
from chatcore.serialization import decode
from chatcore.vocabulary import AgentId

__all__ = ["Settings"]


@attrs.frozen(kw_only=True)
class Settings:
    """The settings of the service of one tenant.

    * `database` is a SQLAlchemy URL with an async driver; None keeps everything in memory.
    * `workspace` configures a tenant that has no configuration yet.
    * `secret` keys the hashes that addresses are found by: give one, keep it, never change it.
    * `token` is what WhatsApp lets us send with; without one nothing leaves the house.
    * `app_secret` and `verify_token` are shared with WhatsApp; an empty secret opens no webhook.
    * `people` says whose a bearer token is. A real service asks its sign-in instead.
    * `stream_for` is how long one stream of events lasts before the screen has to ask again.
    """

    tenant: str = "acme"
    database: str | None = None
    workspace: Workspace | None = None
    secret: bytes = attrs.field(default=b"", repr=False)
    token: str = attrs.field(default="", repr=False)
    app_secret: bytes = attrs.field(default=b"", repr=False)
    verify_token: str = attrs.field(default="", repr=False)
    people: Mapping[str, AgentId] = attrs.field(factory=dict, repr=False)
    stream_for: timedelta = timedelta(minutes=10)

    @classmethod
    def from_environment(cls) -> Settings:
        """Read ``CHATCORE_TENANT``, and what else is told by its name below.

        ``CHATCORE_WORKSPACE`` is the path of a document of `chatcore.serialization`; ``CHATCORE_PEOPLE`` is
        written ``token=agent``, with blanks between.
        """

        def told(name: str, otherwise: str = "") -> str:
            return os.environ.get(f"CHATCORE_{name}", otherwise)

        document = told("WORKSPACE")
        pairs = (each.partition("=") for each in told("PEOPLE").split())
        return cls(
            tenant=told("TENANT", "acme"),
            database=told("DATABASE") or None,
            workspace=decode(Path(document).read_bytes(), Workspace) if document else None,
            secret=told("SECRET").encode(),
            token=told("TOKEN"),
            app_secret=told("APP_SECRET").encode(),
            verify_token=told("VERIFY_TOKEN"),
            people={token: AgentId(agent) for token, _, agent in pairs if token and agent},
        )
