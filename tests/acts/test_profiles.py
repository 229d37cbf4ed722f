from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.acts.profiles import check_profile, list_profiles, propose_profile, show_profile
from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.formats.sample import ROWS
from hereabouts.feeds.profiles import load_profile

ROW = {
    "device_id": "a", "timestamp": "2023-11-14T12:00:00Z", "latitude": 39.5, "longitude": 116.25, "consent": True,
}  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_proposal_that_was_confirmed_fits_the_feed(tmp_path: Path) -> None:
    sample = write(tmp_path / "a.jsonl", [ROW, ROW | {"latitude": 39.6}])
    own = tmp_path / "own.toml"
    own.write_text(propose_profile(sample).toml, encoding="utf-8")
    checked = check_profile(sample, str(own))
    assert (checked.profile, checked.accepted, checked.dropped) == ("new-feed", 1.0, {})
    assert checked.has_consent


def test_shares_of_the_first_rows_are_told_by_reason(tmp_path: Path) -> None:
    rows = [ROW, ROW | {"consent": False}, ROW | {"latitude": 95}, ROW | {"venue": "x"}]
    checked = check_profile(write(tmp_path / "a.jsonl", rows), "canonical")
    assert checked.accepted == 0.25
    assert checked.dropped == {"consent_refused": 0.25, "position": 0.25, "unreadable": 0.25}
    assert checked.warnings == ["1 names in its rows are unknown to the profile; rows with one are left out"]


def test_without_a_consent_column_rows_are_judged_as_if_the_supplier_had_a_record(tmp_path: Path) -> None:
    rows = [{name: value for name, value in ROW.items() if name != "consent"}]
    checked = check_profile(write(tmp_path / "a.jsonl", rows), "canonical")
    assert (checked.accepted, checked.has_consent) == (1.0, False)


def test_what_identifies_a_person_is_warned_of(tmp_path: Path) -> None:
    rows = [ROW | {"device_id": "a@b.org", "ip_address": "10.0.0.1"}]
    said = check_profile(write(tmp_path / "a.jsonl", rows), "canonical").warnings
    assert len(said) == 2
    assert "b.org" not in " ".join(said)


def test_a_large_file_is_looked_at_no_further_than_its_first_rows(tmp_path: Path) -> None:
    rows = [ROW] * ROWS + [ROW | {"consent": False}] * ROWS
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    assert check_profile(tmp_path / "a.parquet", "canonical").accepted == 1.0


def test_a_profile_that_does_not_fit_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("uid,lat,lng,datetime\n1,2,3,2023-11-14 12:00:00\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="missing columns: device_id"):
        check_profile(path, "canonical")
    assert check_profile(path, "scikit-mobility").accepted == 1.0


def test_shipped_profiles_are_listed_and_shown() -> None:
    names = [profile.name for profile in list_profiles()]
    assert {
        "canonical", "foursquare", "google-takeout", "movingpandas", "scikit-mobility", "trackintel", "veraset",
    } <= set(names)  # fmt: skip
    assert all(load_profile(name).name == name for name in names)
    assert 'device = "caid"' in show_profile("veraset")
    with pytest.raises(UsageError, match="the shipped ones are canonical"):
        show_profile("acme")
