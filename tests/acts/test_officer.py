"""Who answers for a store, through the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import appoint_officer, show_officer
from hereabouts.errors import BadInputError, RefusedError
from tests.rules.conftest import public, write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_an_officer_and_a_successor(empty_site: Site, copy: Copy, tmp_path: Path) -> None:
    site = copy(empty_site)
    assert show_officer(site.store) is None
    (ines, ines_public), (_, noor_public) = write_keys(tmp_path, "ines"), write_keys(tmp_path, "noor")
    assert appoint_officer("ines", site.store, ines_public).key == public("ines")
    with pytest.raises(RefusedError, match="officer-key"):
        appoint_officer("noor", site.store, noor_public)
    appoint_officer("noor", site.store, noor_public, ines)
    found = show_officer(site.store)
    assert found is not None
    assert found.account == "noor"
    with pytest.raises(BadInputError, match="is none; expected an Ed25519 public key"):
        appoint_officer("omar", site.store, ines)
