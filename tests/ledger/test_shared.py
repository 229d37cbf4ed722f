"""A shared ledger: made on purpose, told from any other, and never one that has forgotten what was spent."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from hereabouts.errors import MachineError, RefusedError, UsageError
from hereabouts.ledger.shared import OWN, absolute_url, ledger_in_force, open_ledger
from hereabouts.log.entries import append
from hereabouts.rules import policy
from hereabouts.state import open_state, sqlite_url, writing
from hereabouts.state.ledgers import LedgerFeed, LedgerIdentity
from hereabouts.state.tables import ChargeRow, Intake, StoreFacts, SupplierRow


def facts(ledger: str) -> StoreFacts:
    return StoreFacts(
        id="5eed",
        created=0,
        timezone="UTC",
        window="P7D",
        anchor=dt.date(2024, 1, 1),
        resolution=8,
        max_accuracy=500.0,
        layout=2,
        ledger=ledger,
    )


@pytest.fixture
def state(tmp_path: Path) -> Engine:
    """A store's state."""
    return open_state(sqlite_url(tmp_path / "state.sqlite"), create=True)


def test_it_is_the_same_one_whoever_opens_it(database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        (found,) = {identity for _, identity in pool.map(lambda _: open_ledger(database, create=True), range(4))}
    assert open_ledger(database)[1] == found


def test_another_database_is_another_ledger(tmp_path: Path) -> None:
    one, other = (open_ledger(sqlite_url(tmp_path / name), create=True)[1] for name in ("a", "b"))
    assert one != other


def test_one_that_is_not_there_is_not_made_by_the_way(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shared ledger cannot be opened"):
        open_ledger(sqlite_url(tmp_path / "ledger.sqlite"))
    assert list(tmp_path.iterdir()) == []


def test_a_state_without_an_identity_is_none(database: str) -> None:
    open_state(database, create=True)
    with pytest.raises(UsageError, match="holds none"):
        open_ledger(database)


def test_a_stores_state_is_none(state: Engine) -> None:
    with writing(state) as session:
        session.add(facts(OWN))
    with pytest.raises(UsageError, match="state of a store"):
        open_ledger(str(state.url), create=True)


def test_the_one_in_force(database: str, state: Engine) -> None:
    engine, identity = open_ledger(database, create=True)
    assert ledger_in_force(state, facts(OWN), OWN) is state
    assert ledger_in_force(state, facts(identity), database).url == engine.url


def test_another_one_than_the_store_was_made_with(database: str, state: Engine) -> None:
    """Each would give it a whole budget again."""
    _, identity = open_ledger(database, create=True)
    for bound, named in ((OWN, database), (identity, OWN), ("5eed", database)):
        with pytest.raises(RefusedError, match="what it has spent stands there") as refused:
            ledger_in_force(state, facts(bound), named)
        assert refused.value.rule == "ledger"


def test_one_that_was_made_anew_at_the_same_address(database: str, state: Engine) -> None:
    engine, identity = open_ledger(database, create=True)
    with writing(engine) as session:
        session.execute(delete(LedgerIdentity))
    open_ledger(database, create=True)
    with pytest.raises(RefusedError, match="made with ledger"):
        ledger_in_force(state, facts(identity), database)


def test_an_old_copy(database: str, state: Engine) -> None:
    """The store's log knows what was charged; where the ledger does not, it was put back."""
    engine, identity = open_ledger(database, create=True)
    said = {"charge": 1, "window": "w", "rho": "1/3", "epsilon": "1.0", "delta": "1e-06"}
    with writing(state) as session:
        append(session, "charge", said, subject="charge:1")
    with pytest.raises(MachineError, match="lacks 1 charges that this store's log has"):
        ledger_in_force(state, facts(identity), database)
    with writing(engine) as session:
        session.add(
            ChargeRow(
                id=1,
                store_id="5eed",
                window="w",
                measurement_key="k",
                rho="1/3",
                epsilon=1.0,
                delta=1e-6,
                plan_name="p",
                state="void",
                created=0,
            )
        )
    ledger_in_force(state, facts(identity), database)


def test_an_old_copy_that_knows_of_no_feed(database: str, state: Engine) -> None:
    """Who shares a feed with the store would not be known, and each would have a whole budget of it."""
    engine, identity = open_ledger(database, create=True)
    with writing(state) as session:
        day = dt.date(2024, 1, 1)
        session.add(
            SupplierRow(
                id="a",
                evidence_digest="",
                evidence_name="",
                expires=day,
                all_consented=True,
                added=0,
                assessed=day,
                source="sdk",
            )
        )
        session.flush()
        session.add(Intake(feed_digest="f", supplier="a", profile="canonical", started=0))
    with pytest.raises(MachineError, match="lacks feeds that this store has taken"):
        ledger_in_force(state, facts(identity), database)
    with writing(engine) as session:
        session.add(LedgerFeed(digest="f", store_id="5eed"))
    ledger_in_force(state, facts(identity), database)


def test_a_password_is_not_for_a_policy() -> None:
    with pytest.raises(UsageError, match="PGPASSFILE") as refused:
        open_ledger("postgresql://me:hunter2@127.0.0.1:1/ledger", create=True)
    assert "hunter2" not in str(refused.value)


def test_a_file_is_named_from_where_the_command_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_url("sqlite:///ledger.sqlite") == f"sqlite:///{tmp_path}/ledger.sqlite"
    for url in (OWN, "postgresql://me@host/db", "sqlite://", "sqlite:///:memory:", "sqlite:///a?mode=ro", "x y"):
        assert absolute_url(url) == url


def test_policies_mean_the_same_by_own() -> None:
    assert policy.OWN == OWN
