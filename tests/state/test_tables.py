"""The tables and the migrations are two tellings of one schema."""

from __future__ import annotations

from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from hereabouts.state import approvals, ledgers, open_state, reading, writing
from hereabouts.state.tables import REVISION, Base, ChargeRow, ChargeState, Intake, SupplierRow, WindowRow


@pytest.fixture
def engine(database: str) -> Engine:
    return open_state(database, create=True)


def test_migrations_make_exactly_these_tables(engine: Engine) -> None:
    assert approvals.PersonRow.metadata is ledgers.LedgerFeed.metadata is Base.metadata  # all tables are among them
    with engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
        )
    assert differences == []


def test_the_revision_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "hereabouts.state:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def charge(state: ChargeState, store_id: str = "a") -> ChargeRow:
    return ChargeRow(
        store_id=store_id,
        window="w",
        measurement_key="k",
        rho="1/3",
        epsilon=1.0,
        delta=1e-6,
        plan_name="p",
        state=state,
        created=0,
    )


def test_the_database_itself_knows_one_live_charge_a_measurement(engine: Engine) -> None:
    with writing(engine) as session:
        session.add_all([charge("void"), charge("void"), charge("open"), charge("open", store_id="b")])
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(charge("measured"))


def test_the_database_itself_knows_the_states(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="ck_charges_state"), writing(engine) as session:
        session.add(charge("paid"))  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match="ck_windows_status"), writing(engine) as session:
        session.add(WindowRow(name="w", start=0, end=1, status="shut"))


def test_a_feed_is_taken_in_once(engine: Engine) -> None:
    def intake() -> Intake:
        return Intake(feed_digest="00", supplier="acme", profile="canonical", started=0)

    with writing(engine) as session:
        session.add(
            SupplierRow(
                id="acme",
                evidence_digest="00",
                evidence_name="terms.pdf",
                expires=date(2030, 1, 1),
                all_consented=False,
                added=0,
                assessed=date(2026, 1, 1),
                source="sdk",
            )
        )
        session.flush()
        session.add(intake())
    with pytest.raises(IntegrityError, match="feed_digest"), writing(engine) as session:
        session.add(intake())


def test_a_receipt_comes_back_as_it_was(engine: Engine) -> None:
    counts = {"pings": 3_000_000_000, "device_hours": 2, "trips": 1}
    with writing(engine) as session:
        session.add(WindowRow(name="w", start=-(2**40), end=2**40, status="sealed", sealed_at=5, counts=counts))
    with reading(engine) as session:
        row = session.get(WindowRow, "w")
    assert row is not None
    assert (row.counts, row.start, row.end) == (counts, -(2**40), 2**40)
