"""The record: versions of the policy, entries of the transparency log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
    )
    op.create_table(
        "log_entries",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("subject", name=op.f("uq_log_entries_subject")),
    )
    op.create_table(
        "people",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_people")),
        sa.UniqueConstraint("key", name=op.f("uq_people_key")),
    )
    op.create_table(
        "officers",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_officers")),
        sa.ForeignKeyConstraint(["person"], ["people.number"], name=op.f("fk_officers_person_people")),
    )
    op.create_table(
        "assessments",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("approver", sa.String(64), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("filed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_assessments")),
    )
    op.create_table(
        "approvals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_approvals")),
        sa.ForeignKeyConstraint(["person"], ["people.number"], name=op.f("fk_approvals_person_people")),
    )
    op.create_index(op.f("ix_approvals_plan"), "approvals", ["plan"])
    op.create_table(
        "recipients",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(64), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_recipients")),
    )
    op.create_table(
        "stop_orders",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lifted", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_stop_orders")),
    )
    op.create_table(
        "log_reviews",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reviewer", sa.String(64), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("incidents", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_reviews")),
    )
    op.add_column("windows", sa.Column("looked", sa.String(64), nullable=False, server_default=""))
    op.add_column("store", sa.Column("ledger", sa.Text(), nullable=False, server_default="own"))
    op.create_table(
        "ledger",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_table(
        "ledger_stores",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("budget", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_stores")),
    )
    op.create_table(
        "ledger_feeds",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("digest", "store_id", name=op.f("pk_ledger_feeds")),
    )
    op.create_index(op.f("ix_ledger_feeds_store_id"), "ledger_feeds", ["store_id"])


def downgrade() -> None:
    """There is no way back: an older version refuses the store instead."""
    raise NotImplementedError("a store is not downgraded: restore a backup made before the upgrade")
