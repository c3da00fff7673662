"""Runs the migrations on the connection that `chatcore_sqlalchemy.migrate` gives, in its transaction."""

from __future__ import annotations

from alembic import context
from chatcore_sqlalchemy._version import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], version_table=VERSION_TABLE, transactional_ddl=True
)
context.run_migrations()
