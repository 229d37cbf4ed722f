"""The transparency report of a real store: from its log's folder alone, and from a sound one only."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hereabouts.acts import log_key, release, report_log
from hereabouts.errors import RefusedError, UsageError, VerificationError

if TYPE_CHECKING:
    from tests.conftest import Copy, Site


@pytest.fixture(scope="module")
def busy(sealed_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One release, the same again, and one that the budget refuses."""
    site = sealed_site.copy(tmp_path_factory.mktemp("busy") / "site")
    for out in ("one", "again"):
        release(site.plan(minimum=20 if out == "one" else 30), site.store, site.folder / out)
    with pytest.raises(RefusedError):
        release(site.plan(epsilon=2.0, name="too much"), site.store, site.folder / "refused")
    return site


def test_it_is_made_from_a_copy_of_the_log_alone(busy: Site, tmp_path: Path) -> None:
    key = log_key(busy.store)
    log = shutil.copytree(busy.store / "log", tmp_path / "log")
    made = report_log(tmp_path / "report", log=log, log_key=key)
    found = json.loads(made.document.read_text(encoding="utf-8"))
    assert found["totals"] == {"requests": 3, "released": 1, "again": 1, "refused": 1, "incidents": 0}
    assert [refusal["rule"] for refusal in found["refusals"]] == ["budget"]
    assert found["spent"]["whole"]["rho"] == busy.spent()
    assert found["spent"]["unpublished"] == []
    assert [each["supplier"] for each in found["suppliers"]] == ["acme", "trusted"]
    assert "3\u00a0requests for figures" in made.page.read_text(encoding="utf-8")
    of_store = report_log(tmp_path / "of store", store=busy.store)
    assert of_store.document.read_bytes() == made.document.read_bytes()


def test_a_log_that_is_not_sound_has_no_report(busy: Site, copy: Copy, tmp_path: Path) -> None:
    site = copy(busy)
    for tile in (site.store / "log/tile/0/000.p").iterdir():
        tile.write_bytes(bytes(len(tile.read_bytes())))
    with pytest.raises(VerificationError, match="nothing is reported from it"):
        report_log(tmp_path / "report", store=site.store)
    assert not (tmp_path / "report").exists()


def test_days_and_place_are_looked_at_first(busy: Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a first day and a last one"):
        report_log(tmp_path / "report", busy.store, since=dt.date(2026, 2, 1), until=dt.date(2026, 1, 1))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    with pytest.raises(UsageError, match="not an empty folder"):
        report_log(tmp_path / "full", busy.store)
    before = report_log(tmp_path / "before", busy.store, until=dt.date(2000, 1, 1))
    assert before.entries == 0
