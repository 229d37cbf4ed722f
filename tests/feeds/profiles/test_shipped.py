"""Each shipped profile reads a file in its tool's own layout, and finds the pings that a canonical feed of them has."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hereabouts.errors import BadInputError, UsageError
from hereabouts.feeds.checks import Gate, check
from hereabouts.feeds.formats.readers import open_feed
from hereabouts.feeds.profiles import load_profile, shipped

GATE = Gate(max_accuracy=500.0, now=1_700_000_000, consent_by_supplier=True)
START = dt.datetime(2023, 11, 14, 12, tzinfo=dt.UTC)

Ping = tuple[str, dt.datetime, float, float, int]
"""Device, time, latitude, longitude, accuracy."""

PINGS: list[Ping] = [
    (device, START + dt.timedelta(seconds=61 * k), (414_216_106 + k) / 10**7, (-21_684_775 - k) / 10**7, 5 + k)
    for device in ("17", "18")
    for k in range(20)
]


def lines(names: list[str], rows: Sequence[list[object]], separator: str = ",") -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in [list[object](names), *rows])


def canonical() -> str:
    rows: list[list[object]] = [
        [device, "aaid", y, x, accuracy, time.isoformat(), "true", "", "false", "sdk", "10.0.0.1"]
        for device, time, y, x, accuracy in PINGS
    ]
    names = "device_id id_type latitude longitude horizontal_accuracy timestamp consent consent_framework"
    return lines([*names.split(), "limit_ad_tracking", "source_type", "ip_address"], rows)


def scikit_mobility(index: bool = True) -> str:
    """As pandas writes it, with its index: times without a zone."""
    rows: list[list[object]] = [
        [k, y, x, time.replace(tzinfo=None), device] for k, (device, time, y, x, _) in enumerate(PINGS)
    ]
    names = ["", "lat", "lng", "datetime", "uid"]
    return lines(names if index else names[1:], rows if index else [row[1:] for row in rows])


def trackintel_example() -> str:
    rows: list[list[object]] = [
        [k, device, time.isoformat().replace("+00:00", "Z"), y, x, 456, accuracy]
        for k, (device, time, y, x, accuracy) in enumerate(PINGS)
    ]
    return lines(["id", "user_id", "tracked_at", "latitude", "longitude", "elevation", "accuracy"], rows, ";")


def trackintel_written() -> str:
    """As write_positionfixes_csv writes them, after staypoints and triplegs were made."""
    rows: list[list[object]] = [
        [k, device, time, 456.0, accuracy, "", 3, x, y] for k, (device, time, y, x, accuracy) in enumerate(PINGS)
    ]
    names = [
        "id",
        "user_id",
        "tracked_at",
        "elevation",
        "accuracy",
        "staypoint_id",
        "tripleg_id",
        "longitude",
        "latitude",
    ]
    return lines(names, rows)


def movingpandas() -> str:
    rows: list[list[object]] = [
        [x, y, k, k, k, 1 + k // 10, device, f"{time:%Y-%m-%d %H:%M:%S}+00"]
        for k, (device, time, y, x, _) in enumerate(PINGS)
    ]
    return lines(["X", "Y", "fid", "id", "sequence", "trajectory_id", "tracker", "t"], rows, ";")


def veraset() -> str:
    rows: list[list[object]] = [
        [device, int(time.timestamp()), "aaid", "sp3", y, x, accuracy, "10.0.0.1", "ES"]
        for device, time, y, x, accuracy in PINGS
    ]
    names = "caid utc_timestamp id_type geo_hash latitude longitude horizontal_accuracy ip_address iso_country_code"
    return lines(names.split(), rows)


LAYOUTS: list[tuple[str, Callable[[], str]]] = [
    ("canonical", canonical),
    ("scikit-mobility", scikit_mobility),
    ("scikit-mobility", lambda: scikit_mobility(index=False)),
    ("trackintel", trackintel_example),
    ("trackintel", trackintel_written),
    ("movingpandas", movingpandas),
    ("veraset", veraset),
]


def found(path: Path, profile: str) -> list[tuple[str, int, float, float]]:
    """The accepted pings of a file."""
    known = load_profile(profile)
    pings: list[tuple[str, int, float, float]] = []
    for batch in open_feed(path, known).batches():
        one = check(batch, known, GATE)
        assert not any(one.counts.values())
        pings += zip(
            one.device.to_pylist(), one.time.tolist(), one.latitude.tolist(), one.longitude.tolist(), strict=True
        )
    return pings


def expected(device: str | None = None) -> list[tuple[str, int, float, float]]:
    return [(who, int(time.timestamp()), y, x) for who, time, y, x, _ in PINGS if device in (None, who)]


@pytest.mark.parametrize(("profile", "layout"), LAYOUTS)
def test_a_file_in_the_tools_layout_has_the_pings_of_a_canonical_one(
    profile: str, layout: Callable[[], str], tmp_path: Path
) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(layout(), encoding="utf-8")
    assert found(path, profile) == expected()


def test_foursquare_check_ins(tmp_path: Path) -> None:
    device, time, y, x, _ = zip(*PINGS, strict=True)
    table = {
        "device_id": pa.array(device, pa.large_string()),
        "timestamp": pa.array(time, pa.timestamp("ms", "UTC")),
        "latitude": y,
        "longitude": x,
        "venue": ["v"] * len(PINGS),
    }
    pq.write_table(pa.table(table), tmp_path / "feed.parquet")
    assert found(tmp_path / "feed.parquet", "foursquare") == expected()


def record(ping: Ping, **more: object) -> dict[str, object]:
    """A location record as Takeout has it since 2022."""
    _, time, y, x, accuracy = ping
    return {
        "latitudeE7": round(y * 10**7),
        "longitudeE7": round(x * 10**7),
        "accuracy": accuracy,
        "activity": [{"activity": [{"type": "STILL", "confidence": 79}], "timestamp": "2023-11-14T12:00:55.377Z"}],
        "source": "WIFI",
        "deviceTag": -1234567890,
        "activeWifiScan": {"accessPoints": [{"mac": "220676014124647", "strength": -34}]},
        "timestamp": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **more,
    }


def old_record(ping: Ping) -> dict[str, object]:
    """A location record as Takeout had it before 2022."""
    record_ = record(ping)
    del record_["timestamp"]
    return {"timestampMs": str(int(ping[1].timestamp() * 1000)), **record_}


@pytest.mark.parametrize("made", [record, old_record])
@pytest.mark.parametrize("indent", [None, 2])
def test_takeout_exports_of_two_participants(
    made: Callable[[Ping], dict[str, object]], indent: int | None, tmp_path: Path
) -> None:
    pings = []
    for device in ("17", "18"):
        path = tmp_path / f"{device}.json"
        document = {"locations": [made(ping) for ping in PINGS if ping[0] == device]}
        path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
        pings += found(path, "google-takeout")
        assert found(path, "google-takeout") == expected(device)
    assert pings == expected()


def test_a_takeout_export_under_its_own_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Records.json"
    path.write_text(json.dumps({"locations": [record(PINGS[0])]}), encoding="utf-8")
    with pytest.raises(UsageError, match="name each file after its participant"):
        found(path, "google-takeout")


def test_dirty_takeout_records_cost_themselves(tmp_path: Path) -> None:
    known = load_profile("google-takeout")
    records: list[object] = [record(PINGS[0]), {}, None, {"timestamp": "2023-11-14T12:00:00Z"}]
    records += [record(PINGS[1], latitudeE7="north"), record(PINGS[2], somethingNew=1), record(PINGS[3], accuracy=-1)]
    records += [record(PINGS[4], latitudeE7=4294967295), record(PINGS[5])]
    path = tmp_path / "17.json"
    path.write_text(json.dumps({"locations": records}), encoding="utf-8")
    feed = open_feed(path, known)
    (batch,) = feed.batches()
    checked = check(batch, known, GATE)
    assert checked.time.tolist() == [time for _, time, _, _ in (expected()[0], expected()[5])]
    counts = {reason: count for reason, count in checked.counts.items() if count}
    assert counts == {"unreadable": 5, "position": 1, "accuracy": 1}
    assert feed.unknown_columns == ["somethingNew"]


def test_a_takeout_export_that_is_cut_short_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "17.json"
    path.write_text(json.dumps({"locations": [record(ping) for ping in PINGS]})[:-40], encoding="utf-8")
    with pytest.raises(BadInputError, match="nothing of it was used"):
        list(open_feed(path, load_profile("google-takeout")).batches())


def test_stay_locations_of_scikit_mobility_are_no_pings(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(
        "uid,lat,lng,datetime,leaving_datetime\n1,2,3,2023-11-14 12:00:00,2023-11-14 13:00:00\n", encoding="utf-8"
    )
    with pytest.raises(BadInputError, match="unknown columns: leaving_datetime"):
        found(path, "scikit-mobility")


def test_no_shipped_profile_reads_what_identifies_a_person_or_asks_for_less_consent() -> None:
    for name, profile in shipped().items():
        assert not profile.direct_identifiers.intersection(profile.read), name
        assert (profile.consent is None) == (profile.consent_framework is None), name
        assert profile.consent_rule == load_profile("canonical").consent_rule, name
