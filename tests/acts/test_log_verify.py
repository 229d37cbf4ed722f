"""Verify a log with its store at hand: state, commitments and ledger have to say the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import log_key, release, show_log, verify_log
from hereabouts.errors import UsageError
from hereabouts.log.note import COSIGNATURE, Signer, Verifier

if TYPE_CHECKING:
    from tests.conftest import Site


@pytest.fixture(scope="module")
def released(sealed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = sealed_site.copy(tmp_path_factory.mktemp("logged") / "site")
    release(site.plan(), site.store, site.folder / "release")
    return site


def failed(**given: object) -> dict[str, str]:
    return {check.name: check.found for check in verify_log(**given) if not check.passed}  # type: ignore[arg-type]


def test_a_log_is_sound_with_its_store_and_without(released: Site) -> None:
    with_store = verify_log(store=released.store)
    assert all(check.passed for check in with_store)
    assert [check.name for check in with_store] == ["checkpoint", "tree", "entries", "state", "commitments", "charges"]
    alone = verify_log(log=released.store / "log", log_key=log_key(released.store))
    assert [check.name for check in alone] == ["checkpoint", "tree", "entries"]
    assert all(check.passed for check in alone)
    unpinned = verify_log(log=released.store / "log")
    assert "nobody's signature was checked" in unpinned[0].found


def test_one_of_store_and_log_is_given(released: Site) -> None:
    for store, log in ((None, None), (released.store, released.store / "log")):
        with pytest.raises(UsageError, match="--store STORE or --log DIR"):
            verify_log(store, log)


def test_another_key_fails(released: Site) -> None:
    other = str(Signer.of("hereabouts/other", bytes(32)).verifier)
    assert "not one of the log" in failed(log=released.store / "log", log_key=other)["checkpoint"]


def test_a_witness_that_is_asked_for_has_to_have_signed(released: Site) -> None:
    witness = Signer.of("witness.example", bytes([7] * 32))
    key = str(Verifier(witness.name, witness.verifier.public, COSIGNATURE))
    assert failed(store=released.store, witnesses=[key]) == {"witness witness.example": "has not signed it"}


@pytest.mark.parametrize(
    ("change", "check", "found"),
    [
        ("UPDATE log_entries SET entry = CAST(replace(CAST(entry AS TEXT), 'acme', 'acne') AS BLOB) WHERE place = 4",
         "state", "another one in the store's state"),
        ("DELETE FROM log_entries WHERE place = (SELECT max(place) FROM log_entries)", "state", "state has"),
        ("DELETE FROM log_entries WHERE place = 1", "state", "lacks entry 1"),
        ("UPDATE log_entries SET document = CAST('another' AS BLOB) WHERE document IS NOT NULL",
         "commitments", "another document"),
        ("UPDATE charges SET rho = '1/99'", "charges", "charge 1 of the ledger is not in the log as it is"),
        ("UPDATE charges SET state = 'void'", "charges", ""),
        ("DELETE FROM charges", "charges", "charge 1 is in the log and not in the ledger"),
    ],
)  # fmt: skip
def test_what_the_store_says_otherwise_is_found(
    change: str, check: str, found: str, released: Site, tmp_path: Path
) -> None:
    site = released.copy(tmp_path / "site")
    site.sql(change)
    faults = failed(store=site.store)
    if not found:
        assert faults == {}, "a charge that was given back is logged as that by the next act: this one"
        return
    assert found in faults[check]


def test_an_altered_tile_is_named(released: Site, tmp_path: Path) -> None:
    log = shutil.copytree(released.store / "log", tmp_path / "log")
    size = len(show_log(log=log))
    bundle = log / f"tile/entries/000.p/{size}"
    bundle.write_bytes(bundle.read_bytes().replace(b'"release"', b'"retains"', 1))
    faults = failed(log=log)
    assert "is not what tile/0/000.p/" in faults["tree"]
    assert "knows no act" in faults["entries"]


def test_a_charge_that_a_killed_command_left_unlogged_is_logged_by_the_next_act(released: Site, tmp_path: Path) -> None:
    site = released.copy(tmp_path / "site")
    site.sql("INSERT INTO charges SELECT 99, store_id, 'w', 'k', rho, epsilon, delta, plan_name, state, created, "
             "measured_at, plan_key, data_version FROM charges LIMIT 1")  # fmt: skip
    assert failed(store=site.store) == {}
    assert show_log(site.store)[-1].facts["charge"] == 99
