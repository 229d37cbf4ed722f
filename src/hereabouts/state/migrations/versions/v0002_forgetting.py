"""What forgetting needs: lists of places, withdrawals, retention; which of them a window has seen; staleness."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hereabouts.errors import UsageError

revision = "0002"
down_revision = "0001"

_LAYOUT = 2


def upgrade() -> None:
    """Add tables and columns; a store whose files are of the first layout is refused, and stays as it was."""
    if (op.get_bind().scalar(sa.text("SELECT min(layout) FROM store")) or _LAYOUT) < _LAYOUT:
        raise UsageError(
            "store made by an earlier version of hereabouts, whose files this one does not read: make a new store with "
            "'hereabouts init' and take its feeds in again"
        )
    op.add_column("suppliers", sa.Column("assessed", sa.Date(), nullable=False, server_default="1970-01-01"))
    op.add_column("suppliers", sa.Column("source", sa.String(16), nullable=False, server_default="other"))
    op.add_column("intakes", sa.Column("frames", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("intakes", _number("places_version"))
    op.add_column("windows", _number("places_version"))
    op.add_column("windows", _number("withdrawals_version"))
    op.add_column("windows", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("charges", sa.Column("plan_key", sa.String(64), nullable=False, server_default=""))
    op.add_column("charges", sa.Column("data_version", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "place_lists",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("assessed", sa.Date(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_place_lists")),
    )
    op.create_table(
        "place_tests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ran", sa.BigInteger(), nullable=False),
        sa.Column("places_version", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_tests")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("requested", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ran", sa.BigInteger(), nullable=False),
        sa.Column("schedule_digest", sa.String(64), nullable=False),
        sa.Column("keys_until", sa.BigInteger(), nullable=False),
        sa.Column("tables_until", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )


def downgrade() -> None:
    """There is no way back: an older version refuses the store instead."""
    raise NotImplementedError("a store is not downgraded: restore a backup made before the upgrade")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="0")
