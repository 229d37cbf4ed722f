"""What Alembic runs: the migrations, inside the transaction that ``open_state`` hands in."""

from __future__ import annotations

from alembic import context

from hereabouts.state.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
