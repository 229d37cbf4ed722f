"""Migrations: an older database is brought up to date, or refused as a whole and left as it was."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

from hereabouts.errors import UsageError
from hereabouts.state import open_state, reading, writing
from hereabouts.state.tables import REVISION, PlaceListRow, SupplierRow, WindowRow, Withdrawal


@pytest.fixture
def first(database: str) -> str:
    """A database as the first version made it."""
    engine = engine_of(database)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "hereabouts.state:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO suppliers VALUES ('acme', '00', 'terms.pdf', '2030-01-01', false, 5)"))
        connection.execute(text("INSERT INTO windows VALUES ('w', 0, 1, 'sealed', 5, 'version', NULL)"))
    return database


def engine_of(url: str) -> Engine:
    """The database without a word from us."""
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)


def add_store(url: str, layout: int) -> None:
    with engine_of(url).begin() as connection:
        row = "INSERT INTO store VALUES ('5eed', 0, 'UTC', 'P7D', '2024-01-01', 8, 500.0, :layout)"
        connection.execute(text(row), {"layout": layout})


def test_a_store_of_the_first_layout_is_refused_and_left_alone(first: str) -> None:
    """Its pings are in a form that is no longer read: half an upgrade would be worse than none."""

    def look() -> object:
        with engine_of(first).begin() as connection:
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
            tables = inspect(connection).get_table_names()
            return version, {name: len(inspect(connection).get_columns(name)) for name in tables}

    add_store(first, 1)
    before = look()
    for _ in range(2):
        with pytest.raises(UsageError, match=r"made by an earlier version of hereabouts.*hereabouts init"):
            open_state(first)
    assert look() == before


@pytest.mark.parametrize("layout", [None, 2])
def test_what_an_older_database_does_not_say_is_the_safe_thing(first: str, layout: int | None) -> None:
    """A supplier that was never assessed is not in force; a window was purged by no list."""
    if layout:
        add_store(first, layout)
    with reading(open_state(first)) as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
        supplier = session.get_one(SupplierRow, "acme")
        assert (supplier.assessed, supplier.source) == (dt.date(1970, 1, 1), "other")
        window = session.get_one(WindowRow, "w")
        assert (window.places_version, window.withdrawals_version, window.before) == (0, 0, None)


def test_a_new_window_begins_at_the_versions_in_force(database: str) -> None:
    """Whoever registers it: it was filled through the newest gates."""
    engine = open_state(database, create=True)

    def add(name: str) -> tuple[int, int]:
        with writing(engine) as session:
            session.add(WindowRow(name=name, start=0, end=1, status="open"))
        with reading(engine) as session:
            row = session.scalars(select(WindowRow).where(WindowRow.name == name)).one()
            return row.places_version, row.withdrawals_version

    assert add("a") == (0, 0)
    with writing(engine) as session:
        day = dt.date(2026, 1, 1)
        session.add_all(
            PlaceListRow(version=version, digest="00", assessed=day, added=0, summary={}) for version in (1, 2)
        )
        session.add(Withdrawal(version=1, requested=day, source="", digest="00", begun=0, receipt={}))
    assert add("b") == (2, 1)


def test_postgresql_too_is_told_that_one_measurement_is_paid_for_once() -> None:
    """The tables leave it to the migration: to say it there would load that dialect for every command."""
    config, said = Config(), io.StringIO()
    config.set_main_option("script_location", "hereabouts.state:migrations")
    step = ScriptDirectory.from_config(config).get_revision("0001")
    assert step is not None
    offline = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(offline):
        step.module.upgrade()
    (index,) = (line for line in said.getvalue().split(";") if "uq_charges_live" in line)
    assert index.strip().startswith("CREATE UNIQUE INDEX")
    assert index.strip().endswith("WHERE state <> 'void'")
