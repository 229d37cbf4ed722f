from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.formats.source import source_of
from hereabouts.feeds.profile import Profile
from hereabouts.feeds.profiles import load_profile
from hereabouts.feeds.profiles.proposal import Proposal, propose
from hereabouts.feeds.profiles.schema import profile_of


def proposed(path: Path, text: str) -> Proposal:
    path.write_text(text, encoding="utf-8")
    return propose(source_of(path))


def profile(proposal: Proposal) -> Profile:
    return profile_of(tomllib.loads(proposal.toml), "proposal")


def table(**columns: list[object]) -> str:
    rows = zip(*columns.values(), strict=True)
    return "".join(",".join(map(str, row)) + "\n" for row in [columns, *rows])


CANONICAL: dict[str, list[object]] = {
    "device_id": ["a", "a", "b"],
    "id_type": ["aaid"] * 3,
    "latitude": [39.5, 39.6, 39.7],
    "longitude": [116.1, 116.2, 116.3],
    "horizontal_accuracy": [5, 6, 7],
    "timestamp": ["2024-03-04T10:00:00Z"] * 3,
    "consent": ["true", "false", "true"],
    "limit_ad_tracking": ["false"] * 3,
    "source_type": ["sdk"] * 3,
    "ip_address": ["10.0.0.1"] * 3,
}


def test_a_canonical_feed_is_understood_and_the_canonical_profile_named(tmp_path: Path) -> None:
    proposal = proposed(tmp_path / "a.csv", table(**CANONICAL))
    found = profile(proposal)
    known = load_profile("canonical")
    for role in ("device", "latitude", "longitude", "time", "accuracy", "consent", "limit_ad_tracking", "source_type"):
        assert getattr(found, role) == getattr(known, role), role
    assert (found.ignored, found.direct_identifiers) == (known.ignored, known.direct_identifiers)
    assert proposal.open == []
    assert proposal.shipped == ["canonical"]
    assert "The shipped profile 'canonical' knows all columns" in proposal.toml


def test_units_halves_and_separators(tmp_path: Path) -> None:
    text = "user;date;time;lat_e7;lng_e7\n" + "7;2024-03-04;10:00:01;414216106;21684775\n" * 3
    found = profile(proposed(tmp_path / "a.csv", text))
    assert (found.time_parts, found.degrees_per_unit, found.separators) == (("date", "time"), 1e-7, (";",))


@pytest.mark.parametrize(("tick", "unit"), [(1, "s"), (10**3, "ms"), (10**6, "us")])
def test_the_unit_of_counts(tmp_path: Path, tick: int, unit: str) -> None:
    row = {"maid": "a", "ts": 1709546400 * tick, "lat": 1.5, "lon": 2.5}
    proposal = proposed(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert profile(proposal).time_unit == unit
    assert f"100 % of values are from 1990 to 2100 as {unit} since 1970" in proposal.toml


def test_a_takeout_export_is_known_and_its_device_left_to_a_person(tmp_path: Path) -> None:
    records = [{"latitudeE7": 414216106, "longitudeE7": 21684775, "timestamp": "2024-03-04T10:00:00Z", "deviceTag": 1}]
    proposal = proposed(tmp_path / "Records.json", json.dumps({"locations": records}))
    assert proposal.shipped == ["google-takeout"]
    assert any("device_from" in question for question in proposal.open)
    with pytest.raises(UsageError, match="expected exactly one"):
        profile(proposal)
    found = tomllib.loads(proposal.toml)
    assert (found["document"], found["degrees_per_unit"]) == ("locations", 1e-7)


def test_what_may_be_an_opt_out_is_left_to_a_person(tmp_path: Path) -> None:
    """Ignoring it would take in people who said no; a column that is named nowhere refuses the feed."""
    columns: dict[str, list[object]] = {**CANONICAL, "gpc": ["0"] * 3, "do_not_sell": ["1"] * 3, "venue": ["v"] * 3}
    proposal = proposed(tmp_path / "a.csv", table(**columns))
    assert proposal.ignored == ["id_type", "venue"]
    assert len(proposal.open) == 2
    assert not {"gpc", "do_not_sell"}.intersection(profile(proposal).unread | set(profile(proposal).read))


def test_direct_identifiers_are_found_by_name_and_by_value(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {**CANONICAL, "first_name": ["x"] * 3, "note": ["a@b.org"] * 3}
    proposal = proposed(tmp_path / "a.csv", table(**columns))
    assert proposal.direct_identifiers == ["ip_address", "first_name", "note"]
    assert '# "note": e-mail addresses (100 % of its first values look like them)' in proposal.toml


def test_consent_strings_say_their_framework(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        **CANONICAL,
        "consent": ["CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"] * 3,
        "consent_type": ["tcf"] * 3,
    }
    found = profile(proposed(tmp_path / "a.csv", table(**columns)))
    assert (found.consent, found.consent_rule.framework, found.consent_framework) == ("consent", "tcf", "consent_type")


def test_what_is_unsure_is_said(tmp_path: Path) -> None:
    row = {
        "id": 5,
        "user_id": 7,
        "t": "2024-03-04 10:00:00",
        "recorded_at": "2024-03-04 10:00:00",
        "lat": 6524379,
        "lon": 3379206,
    }
    proposal = proposed(tmp_path / "a.jsonl", json.dumps(row) + "\n" + json.dumps(row | {"user_id": 8}) + "\n")
    said = " ".join(proposal.unsure)
    for words in (
        "in range as E7 too",
        "times without a zone are read as UTC",
        "other columns hold times too",
        "no value comes twice",
        "other columns may be ids too",
        "no consent column",
    ):
        assert words in said
        assert words in proposal.toml


def test_what_is_not_found_is_left_to_a_person(tmp_path: Path) -> None:
    proposal = proposed(tmp_path / "a.csv", "a,b\n1,2\n")
    assert [question.partition(":")[0] for question in proposal.open] == ["latitude and longitude", "time", "device"]
    with pytest.raises(UsageError, match="key 'latitude' is missing"):
        profile(proposal)


def test_a_first_line_of_values_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="its first line holds values") as caught:
        proposed(tmp_path / "a.csv", "someone,2008-02-02 15:36:08,116.51172,39.92123\n")
    assert "someone" not in str(caught.value)


@pytest.mark.parametrize(("name", "text"), [("a.csv", "a,b\n"), ("a.jsonl", "null\n"), ("a.json", "[]")])
def test_a_file_without_rows_is_no_sample(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(BadInputError, match="no rows: expected at least one, to look at"):
        proposed(tmp_path / name, text)


SECRET = st.text("abcdefghij", min_size=12, max_size=12)


@settings(deadline=None)
@given(data=st.data())
def test_no_value_of_any_row_is_in_a_proposal(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = ["device_id", "latitude", "longitude", "timestamp", "consent", "email", "phone", "x", "gpc", 'q"\n#']
    rows = data.draw(
        st.lists(
            st.dictionaries(
                st.sampled_from(names), SECRET | SECRET.map(lambda text: f"{text}@b.org") | st.integers(10**7)
            ),
            min_size=1,
            max_size=4,
        )
    )
    path = tmp_path_factory.mktemp("propose") / "a.jsonl"
    text = "".join(json.dumps(row) + "\n" for row in rows)
    proposal = proposed(path, text)
    said = json.dumps(vars(proposal)) + proposal.toml
    values: list[Any] = [value for row in rows for value in row.values()]
    assert not [value for value in values if str(value) in said]
    tomllib.loads(proposal.toml)
