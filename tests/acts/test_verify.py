"""Verify: the folder speaks for itself, and the ledger is asked where it is given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import release, verify
from hereabouts.errors import BadInputError, UsageError

if TYPE_CHECKING:
    from tests.conftest import Site


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
    assert with_ledger[:-1] == checks
    assert (with_ledger[-1].name, with_ledger[-1].passed) == ("ledger", True)


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


def test_what_cannot_be_verified(released: Site, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"holds no release\.json"):
        verify(tmp_path)
    with pytest.raises(UsageError, match="is this a store"):
        verify(released.folder / "release", tmp_path)
