"""Verify: the folder speaks for itself, and the ledger is asked where it is given."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hereabouts.acts import release, verify
from hereabouts.acts.record import log_verifier
from hereabouts.errors import BadInputError, UsageError
from hereabouts.log.entries import Entry, contents
from hereabouts.log.note import Signer
from hereabouts.release.logged import PROOF
from hereabouts.release.verify import Check, read_manifest
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Site

STATISTICS = ["presence", "flows"]


@pytest.fixture(scope="module")
def released(sealed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = sealed_site.copy(tmp_path_factory.mktemp("verified") / "site")
    release(site.plan(), site.store, site.folder / "release")
    return site


def test_a_sound_release_passes_every_check(released: Site) -> None:
    checks = verify(released.folder / "release")
    assert all(check.passed for check in checks)
    names = [check.name for check in checks]
    assert {"files", "rho adds up", "epsilon and delta", "within the budget"} <= set(names)
    assert "ledger" not in names
    with_ledger = verify(released.folder / "release", released.store)
    assert [check for check in with_ledger[:-1] if check.name != "log"] == [c for c in checks if c.name != "log"]
    assert (with_ledger[-1].name, with_ledger[-1].passed) == ("ledger", True)


def logged(site: Site, log_key: str | None = None) -> Check:
    return next(check for check in verify(site.folder / "release", log_key=log_key) if check.name == "log")


def test_a_release_is_in_the_log_of_the_key_that_is_given(released: Site) -> None:
    key = str(log_verifier(Store(released.store)))
    assert logged(released).found.endswith("the signer is not pinned: give --log-key")
    pinned = logged(released, log_key=key)
    assert pinned.passed
    assert "pinned" not in pinned.found
    other = logged(released, log_key=str(Signer.of("hereabouts/other", bytes(32)).verifier))
    assert not other.passed
    assert "not signed by hereabouts/other" in other.found


def test_a_proof_of_another_release_does_not_do(released: Site, tmp_path: Path) -> None:
    site = released.copy(tmp_path / "site")
    release(site.plan(minimum=30), site.store, site.folder / "other")
    (site.folder / "release" / PROOF).write_bytes((site.folder / "other" / PROOF).read_bytes())
    assert "its manifest is another one" in logged(site).found
    (site.folder / "release" / PROOF).unlink()
    assert "was never logged" in logged(site).found


def test_the_same_release_is_logged_once_and_another_publication_anew(released: Site, tmp_path: Path) -> None:
    site = released.copy(tmp_path / "site")
    release(site.plan(), site.store, site.folder / "again")
    release(site.plan(minimum=30), site.store, site.folder / "other")
    entries = [Entry.from_bytes(content) for content in contents(Store(site.store).state)]
    assert [(e.act, e.facts.get("again")) for e in entries if e.act in ("charge", "release")] == [
        ("charge", None), ("release", False), ("release", True),
    ]  # fmt: skip
    for file in (site.folder / "release").iterdir():
        if file.name != PROOF:
            assert (site.folder / "again" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE charges SET state = 'void'", "has no charge"),
        ("UPDATE charges SET state = 'open'", ", open"),
        ("UPDATE charges SET rho = '1/99'", "rho 1/99"),
        ("DELETE FROM charges", "has no charge"),
    ],
)
def test_a_ledger_that_says_otherwise_fails(change: str, found: str, released: Site, tmp_path: Path) -> None:
    site = released.copy(tmp_path / "site")
    site.sql(change)
    check = verify(site.folder / "release", site.store)[-1]
    assert not check.passed
    assert found in check.found


@pytest.mark.parametrize("seed", range(6))
def test_what_a_manifest_says_was_spent_is_the_ledgers_entry_to_the_last_digit(
    seed: int, sealed_site: Site, tmp_path: Path
) -> None:
    """Random plans: the sum of the payments, the whole, and the charge are one fraction."""
    chance = np.random.default_rng(seed)
    site = sealed_site.copy(tmp_path / "site")
    plan = site.plan(
        statistics=chance.permutation(STATISTICS)[: chance.integers(1, len(STATISTICS), endpoint=True)].tolist(),
        resolutions=sorted(chance.permutation([4, 5, 6])[: chance.integers(1, 4)].tolist()),
        epsilon=chance.uniform(0.01, 1.9),
        delta=10 ** chance.uniform(-9, -6),
    )
    release(plan, site.store, site.folder / "release")
    manifest = read_manifest(site.folder / "release")
    paid = sum((Fraction(payment["rho"]) for payment in manifest["measurement"]["payments"]), Fraction(0))
    assert paid == Fraction(manifest["privacy"]["rho"]) == Fraction(manifest["privacy"]["window_spent"]["rho"])
    assert [Fraction(rho) for (rho,) in site.sql("SELECT rho FROM charges")] == [paid]
    assert Fraction(site.spent()) == paid
    assert [check.name for check in verify(site.folder / "release", site.store) if not check.passed] == []


def test_a_manifest_that_is_sound_but_not_what_was_charged_fails_by_the_ledger_alone(
    released: Site, tmp_path: Path
) -> None:
    """A ledger that is off by the last digit: nothing in the folder could tell."""
    site = released.copy(tmp_path / "site")
    ((rho,),) = site.sql("SELECT rho FROM charges")
    other = Fraction(rho) + Fraction(1, 10**30)
    assert float(other) == float(Fraction(rho))
    site.sql(f"UPDATE charges SET rho = '{other}'")  # noqa: S608 - a fraction
    checks = verify(site.folder / "release", site.store)
    assert [check.name for check in checks if not check.passed] == ["ledger"]


def test_what_cannot_be_verified(released: Site, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"holds no release\.json"):
        verify(tmp_path)
    with pytest.raises(UsageError, match="is this a store"):
        verify(released.folder / "release", tmp_path)
