"""From estimates to tables: which rows are useful, and how they are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.estimate.intervals import interval
from hereabouts.estimate.presence.hours import HourlyEstimate, means_over
from hereabouts.release.plan import Plan, Publish
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.presence import presence_table, slots_of
from hereabouts.release.tables.rows import Level, Table
from hereabouts.windows import Calendar, Window

Floats = NDArray[np.float64]
Domains = dict[int, NDArray[np.uint64]]

EVERYTHING = Publish(minimum=0.0, max_relative_halfwidth=float("inf"))


def small_plan(plan: Plan, publish: Publish, periods: tuple[str, ...] = ("PT1H",)) -> Plan:
    """Presence at resolution 7 and flows at 7, published by other rules."""
    presence = plan.presence.model_copy(update={"resolutions": (7,), "periods": periods})
    flows = plan.flows.model_copy(update={"resolutions": (7,), "periods": ("P1D",)})
    return plan.model_copy(update={"presence": presence, "flows": flows, "publish": publish})


def estimate(hours: Floats, sd: float, window: Window) -> HourlyEstimate:
    days = int(window.day_of_hour[-1]) + 1
    return HourlyEstimate(
        hours, np.full(hours.shape, sd**2), np.full((len(hours), days), sd**2), np.full((len(hours), 1), sd**2)
    )


def flows_of(trips: list[float], low: list[float], high: list[float]) -> dict[int, Flows]:
    size = len(trips)
    found = FlowEstimate(np.array(trips), np.full(size, 4.0), np.array(low), np.array(high))
    return {7: Flows(np.zeros(size, dtype=np.int64), np.arange(size), found)}


@pytest.fixture
def day() -> Window:
    return Calendar.of("Asia/Shanghai", "P1D", None).named("2008-02-05/2008-02-06")


@pytest.fixture
def three() -> Domains:
    return {7: np.unique(np.asarray(h3.grid_disk(h3.latlng_to_cell(48.85, 2.35, 7), 1), dtype=np.uint64))[:3]}


# --- columns ---------------------------------------------------------------------------------------------------------

PRESENCE_COLUMNS = {
    "cell": pa.string(),
    "resolution": pa.int8(),
    "start": pa.timestamp("s", tz="Europe/Paris"),
    "period": pa.string(),
    "slot": pa.string(),
    "devices": pa.float64(),
    "noise_sd": pa.float64(),
    "ci95_low": pa.float64(),
    "ci95_high": pa.float64(),
}
FLOW_COLUMNS = {
    "origin": pa.string(),
    "destination": pa.string(),
    "resolution": pa.int8(),
    "start": pa.timestamp("s", tz="Europe/Paris"),
    "period": pa.string(),
    "slot": pa.string(),
    "trips": pa.float64(),
    "noise_sd": pa.float64(),
    "ci95_low": pa.float64(),
    "ci95_high": pa.float64(),
}


@pytest.mark.parametrize(("name", "columns"), [("presence", PRESENCE_COLUMNS), ("flows", FLOW_COLUMNS)])
def test_columns_are_those_of_the_contract(
    tables: dict[str, Table], name: str, columns: dict[str, pa.DataType]
) -> None:
    schema = tables[name].content.schema
    assert {field.name: field.type for field in schema} == columns
    assert list(schema.names) == list(columns)
    content = tables[name].content
    assert {field.name for field in schema if content[field.name].null_count} == {"slot"}
    assert content["slot"].null_count == content.num_rows, "hours, days and windows have a start"


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_a_level_without_rows_has_the_same_columns(
    presence_found: dict[int, HourlyEstimate],
    flows_found: dict[int, Flows],
    domains: Domains,
    window: Window,
    plan: Plan,
    tables: dict[str, Table],
    name: str,
) -> None:
    strict = plan.model_copy(update={"publish": Publish(minimum=1e9)})
    empty = {
        "presence": presence_table(presence_found, domains, window, strict),
        "flows": flows_table(flows_found, domains, window, strict),
    }[name]
    assert empty.content.num_rows == 0
    assert empty.content.schema == tables[name].content.schema
    assert {level: count.rows for level, count in empty.levels.items()} == dict.fromkeys(tables[name].levels, 0)


def test_cells_are_named_as_h3_names_them(tables: dict[str, Table], domains: Domains) -> None:
    for resolution in (6, 7):
        names = {h3.int_to_str(cell) for cell in domains[resolution]}
        rows = tables["presence"].content.filter(pc.equal(tables["presence"].content["resolution"], resolution))
        assert set(rows["cell"].to_pylist()) <= names
    for column in ("origin", "destination"):
        names = {h3.int_to_str(cell) for resolution in (5, 6) for cell in domains[resolution]}
        assert set(tables["flows"].content[column].to_pylist()) <= names


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_one_row_is_one_key(tables: dict[str, Table], name: str) -> None:
    content = tables[name].content
    keys = content.select([c for c in content.column_names if c in ("cell", "origin", "destination")])
    for column in ("resolution", "period", "start"):
        keys = keys.append_column(column, content[column])
    assert keys.group_by(keys.column_names).aggregate([]).num_rows == content.num_rows > 0


@pytest.mark.parametrize("name", ["presence", "flows"])
def test_levels_count_their_rows(tables: dict[str, Table], name: str) -> None:
    content = tables[name].content
    for level, count in tables[name].levels.items():
        resolution, period = level.split("/")
        rows = pc.and_(pc.equal(content["resolution"], int(resolution)), pc.equal(content["period"], period))
        assert content.filter(rows).num_rows == count.rows <= count.domain
    assert sum(count.rows for count in tables[name].levels.values()) == content.num_rows


def test_levels_say_of_how_many(tables: dict[str, Table], domains: Domains) -> None:
    cells, coarse = domains[7].size, domains[5].size
    assert tables["presence"].levels["7/PT1H"].domain == cells * 167, "a spring week has an hour less"
    assert tables["presence"].levels["7/P1D"].domain == cells * 7
    assert tables["presence"].levels["7/P7D"].domain == cells
    assert tables["flows"].levels["5/P7D"].domain == coarse**2


# --- times -----------------------------------------------------------------------------------------------------------


def test_starts_are_instants_with_the_zone_of_the_store(tables: dict[str, Table], window: Window) -> None:
    content = tables["presence"].content
    zone = ZoneInfo("Europe/Paris")
    hourly = content.filter(pc.equal(content["period"], "PT1H"))["start"].to_pylist()
    first = dt.datetime(2024, 3, 25, tzinfo=zone)
    assert min(hourly) == first
    assert {start.utcoffset() for start in hourly} == {dt.timedelta(hours=1), dt.timedelta(hours=2)}
    elapsed = {int((start - first.astimezone(dt.UTC)).total_seconds()) for start in hourly}
    assert elapsed == {3600 * hour for hour in range(167)}, "every hour from the window's first second on"
    assert not any((s.day, s.hour) == (31, 2) for s in hourly), "an hour that the clocks skipped is none"


def test_days_begin_at_local_midnight_also_when_clocks_change(tables: dict[str, Table]) -> None:
    content = tables["presence"].content
    daily = set(content.filter(pc.equal(content["period"], "P1D"))["start"].to_pylist())
    assert {(s.month, s.day, s.hour, s.minute) for s in daily} == {(3, day, 0, 0) for day in range(25, 32)}
    whole = set(content.filter(pc.equal(content["period"], "P7D"))["start"].to_pylist())
    assert whole == {dt.datetime(2024, 3, 25, tzinfo=ZoneInfo("Europe/Paris"))}


@pytest.mark.parametrize(
    ("first", "after", "hours"), [("2024-03-31", "2024-04-01", 23), ("2024-10-27", "2024-10-28", 25)]
)
def test_the_mean_of_a_day_is_over_the_hours_it_has(
    plan: Plan, three: Domains, first: str, after: str, hours: int
) -> None:
    window = Calendar.of("Europe/Paris", "P1D", None).named(f"{first}/{after}")
    counts = np.arange(3 * hours, dtype=np.float64).reshape(3, hours) + 100.0
    table = presence_table(
        {7: estimate(counts, 1.0, window)}, three, window, small_plan(plan, EVERYTHING, ("PT1H", "P1D"))
    )
    daily = table.content.filter(pc.equal(table.content["period"], "P1D"))
    assert daily["devices"].to_pylist() == pytest.approx(counts.mean(axis=1))
    assert table.levels == {"7/PT1H": Level(3 * hours, 3 * hours), "7/P1D": Level(3, 3)}


def test_a_longer_period_is_the_mean_of_its_hours(
    presence_found: dict[int, HourlyEstimate], domains: Domains, window: Window, plan: Plan
) -> None:
    everything = plan.model_copy(update={"publish": EVERYTHING})
    content = presence_table(presence_found, domains, window, everything).content
    hours = presence_found[7].hours
    for period, expected in (("P1D", hours @ means_over(window.day_of_hour)), ("P7D", hours.mean(axis=1))):
        rows = pc.and_(pc.equal(content["period"], period), pc.equal(content["resolution"], 7))
        assert content.filter(rows)["devices"].to_numpy() == pytest.approx(expected.ravel(), abs=0.0006)


def test_starts_keep_their_zone_in_a_file(tables: dict[str, Table], tmp_path: pytest.TempPathFactory) -> None:
    path = str(tmp_path) + "/presence.parquet"
    pq.write_table(tables["presence"].content, path)
    read = pq.read_table(path)
    assert read.schema.field("start").type.tz == "Europe/Paris"
    assert read["start"].cast(pa.timestamp("s", tz="Europe/Paris")) == tables["presence"].content["start"]


# --- which rows ------------------------------------------------------------------------------------------------------


def published(values: list[float], sd: float, publish: Publish, plan: Plan, day: Window, three: Domains) -> list[float]:
    hours = np.zeros((3, 24))
    hours[0, : len(values)] = values
    table = presence_table({7: estimate(hours, sd, day)}, three, day, small_plan(plan, publish))
    return [float(value) for value in table.content["devices"].to_pylist()]


def test_rows_under_the_minimum_stay_inside_their_parent(plan: Plan, day: Window, three: Domains) -> None:
    found = published([19.99, 20.0, 20.01, 500.0], 0.1, Publish(), plan, day, three)
    assert found == [20.0, 20.01, 500.0]


def test_rows_that_are_too_unsure_stay_inside_their_parent(plan: Plan, day: Window, three: Domains) -> None:
    """At a deviation of 10, a half-width of half of the value is one of about 20 in 40 and a little more."""
    found = published([30.0, 38.0, 45.0, 100.0], 10.0, Publish(), plan, day, three)
    assert found == [45.0, 100.0]
    assert published([30.0, 45.0], 10.0, Publish(max_relative_halfwidth=2.0), plan, day, three) == [30.0, 45.0]


def test_the_wider_side_of_an_interval_counts(plan: Plan, day: Window, three: Domains) -> None:
    """Cut off at zero, half of an interval would look short."""
    flows = flows_of([100.0, 100.0, 100.0], [60.0, 40.0, 60.0], [140.0, 140.0, 160.0])
    found = flows_table(flows, three, day, small_plan(plan, Publish(max_relative_halfwidth=0.5)))
    assert found.content["destination"].to_pylist() == [f"{three[7][0]:x}"]


def test_everything_that_was_estimated_may_be_published(plan: Plan, day: Window, three: Domains) -> None:
    hours = np.zeros((3, 24))
    hours[0, 0] = 1e-4
    table = presence_table({7: estimate(hours, 50.0, day)}, three, day, small_plan(plan, EVERYTHING))
    assert table.content.num_rows == 72
    assert set(table.content["ci95_low"].to_pylist()) == {0.0}
    assert min(table.content["ci95_high"].to_pylist()) > 90.0, "a zero is as unsure as anything"


def test_an_unsure_row_is_kept_where_only_the_minimum_is_asked(plan: Plan, day: Window, three: Domains) -> None:
    unsure = Publish(minimum=20.0, max_relative_halfwidth=float("inf"))
    assert published([19.0, 21.0], 1000.0, unsure, plan, day, three) == [21.0]


def test_nothing_of_value_zero_passes_a_relative_rule(plan: Plan, day: Window, three: Domains) -> None:
    assert published([5.0], 0.01, Publish(minimum=0.0), plan, day, three) == [5.0]


# --- sets of hours ---------------------------------------------------------------------------------------------------


def test_a_typical_week_and_hours_of_the_day_are_means_of_their_hours(plan: Plan, three: Domains) -> None:
    """A week's 48 slots and a day's 24, without a start; means weighted by hours give the window's."""
    week = Calendar.of("Asia/Shanghai", "P7D", None).named("2008-02-04/2008-02-11")
    rng = np.random.default_rng(1)
    hours = rng.uniform(100.0, 200.0, (3, week.hours))
    asked = small_plan(plan, EVERYTHING, ("hour-of-day", "typical-week"))
    slots = slots_of(asked, week)
    variances = {period: np.full((3, int(slot.max()) + 1), 4.0) for period, slot in slots.items()}
    found = replace(estimate(hours, 2.0, week), slot_variance=variances)
    table = presence_table({7: found}, three, week, asked)
    assert table.levels == {"7/hour-of-day": Level(72, 72), "7/typical-week": Level(144, 144)}
    assert table.content["start"].null_count == table.content.num_rows
    rows = {(row["cell"], row["slot"]): row["devices"] for row in table.content.to_pylist()}
    first = f"{three[7][0]:x}"
    assert rows[first, "hour-08"] == pytest.approx(hours[0, 8::24].mean(), abs=0.001)
    assert rows[first, "weekday-08"] == pytest.approx(hours[0, 8:120:24].mean(), abs=0.001)
    assert rows[first, "weekend-23"] == pytest.approx(hours[0, [143, 167]].mean(), abs=0.001)
    assert sum(rows[first, f"hour-{hour:02d}"] for hour in range(24)) / 24 == pytest.approx(hours[0].mean(), abs=0.001)


# --- how they are written --------------------------------------------------------------------------------------------


def test_figures_are_rounded_to_thousandths_and_intervals_outward(plan: Plan, day: Window, three: Domains) -> None:
    rng = np.random.default_rng(1)
    hours = rng.uniform(20.0, 5000.0, (3, 24))
    sd = 7.123456789
    table = presence_table({7: estimate(hours, sd, day)}, three, day, small_plan(plan, EVERYTHING)).content
    low, high = (end.ravel() for end in interval(hours, np.full(hours.shape, sd**2)))
    for column in ("devices", "noise_sd", "ci95_low", "ci95_high"):
        written = table[column].to_numpy()
        assert written == pytest.approx(np.round(written, 3), abs=1e-9)
    assert table["devices"].to_numpy() == pytest.approx(hours.ravel(), abs=0.0005001)
    assert table["noise_sd"].to_pylist() == [7.123] * 72
    assert (table["ci95_low"].to_numpy() <= low).all()
    assert (table["ci95_high"].to_numpy() >= high).all()
    assert table["ci95_low"].to_numpy() == pytest.approx(low, abs=0.0010001)
    assert table["ci95_high"].to_numpy() == pytest.approx(high, abs=0.0010001)


@pytest.mark.parametrize(("name", "value"), [("presence", "devices"), ("flows", "trips")])
def test_written_intervals_hold_their_values_and_nothing_is_negative(
    presence_found: dict[int, HourlyEstimate],
    flows_found: dict[int, Flows],
    domains: Domains,
    window: Window,
    plan: Plan,
    name: str,
    value: str,
) -> None:
    everything = plan.model_copy(update={"publish": EVERYTHING})
    content = {
        "presence": presence_table(presence_found, domains, window, everything),
        "flows": flows_table(flows_found, domains, window, everything),
    }[name].content
    low, middle, high = (content[column].to_numpy() for column in ("ci95_low", value, "ci95_high"))
    assert (low >= 0.0).all()
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (content["noise_sd"].to_numpy() >= 0.0).all()


def test_flows_are_written_as_estimated(plan: Plan, day: Window, three: Domains) -> None:
    table = flows_table(flows_of([50.0, 70.0], [40.0, 60.0], [60.0, 80.0]), three, day, small_plan(plan, Publish()))
    names = [f"{cell:x}" for cell in three[7]]
    start = dt.datetime(2008, 2, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert table.content.to_pylist() == [
        {
            "origin": names[0], "destination": names[place], "resolution": 7, "start": start, "period": "P1D",
            "slot": None, "trips": trips, "noise_sd": 2.0, "ci95_low": trips - 10.0, "ci95_high": trips + 10.0,
        }
        for place, trips in enumerate([50.0, 70.0])
    ]  # fmt: skip
    assert table.levels == {"7/P1D": Level(2, 9)}


def test_a_resolution_that_only_showed_the_way_is_not_published(
    flows_found: dict[int, Flows], domains: Domains, window: Window, plan: Plan
) -> None:
    only_six = plan.model_copy(update={"flows": plan.flows.model_copy(update={"resolutions": (6,)})})
    table = flows_table(flows_found, domains, window, only_six)
    assert set(table.content["resolution"].to_pylist()) == {6}
    assert set(table.levels) == {"6/P7D"}
