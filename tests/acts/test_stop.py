"""One switch, through the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import appoint_officer, intake, resume, stop
from hereabouts.errors import RefusedError, UsageError
from tests.rules.conftest import write_keys

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


def test_a_stop_halts_intake_until_it_is_lifted(empty_site: Site, copy: Copy, tmp_path: Path) -> None:
    """Under any policy: who has no officer lifts it on their own word."""
    site = copy(empty_site)
    feed = site.csv(["a,2024-03-05T12:00:00Z,52.3,-1.1,true"])
    assert stop(site.store, "A doubt.").reason == "A doubt."
    with pytest.raises(RefusedError, match="intake is halted"):
        intake([feed], site.store, "acme")
    with pytest.raises(UsageError, match="in force already"):
        stop(site.store, "Another doubt.")
    resume(site.store)
    assert len(intake([feed], site.store, "acme")) == 1
    with pytest.raises(UsageError, match="nothing to lift"):
        resume(site.store)


def test_the_officer_lifts_it(empty_site: Site, copy: Copy, tmp_path: Path) -> None:
    site = copy(empty_site)
    mine, theirs = write_keys(tmp_path, "ines")
    appoint_officer("ines", site.store, theirs)
    stop(site.store, "A doubt.")
    with pytest.raises(RefusedError, match="officer-key"):
        resume(site.store)
    assert resume(site.store, mine).number == 1
