"""The gates: what becomes of a row is a matter of that row, whatever batch it comes in."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.acts import intake, seal
from hereabouts.acts.gates import GatedBatch, Gates
from hereabouts.acts.places import add_places
from hereabouts.acts.withdraw import withdraw
from hereabouts.feeds.profiles import load_profile
from hereabouts.rules.suppliers import require_in_force
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Site

Row = tuple[str, str, float, float, bool]

TIMES = ["2024-02-27T12:00:00Z", "2024-03-05T12:00:00Z", "2024-03-06T00:00:01Z", "2024-03-12T00:00:00Z", "soon"]
POSITIONS = [(52.3, -1.1), (52.3006, -1.1), (52.4, -1.2), (0.0, 0.0)]
row = st.tuples(
    st.sampled_from(["a", "b", " gone ", "gone", "6D92078A-8246-4BA4-9B5B-76104861E7DC"]),
    st.sampled_from(TIMES),
    st.sampled_from([latitude for latitude, _ in POSITIONS]),
    st.sampled_from([longitude for _, longitude in POSITIONS]),
    st.booleans(),
)


@pytest.fixture(scope="module")
def gated_site(empty_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A store with a sealed window, two listed places and a withdrawn device."""
    site = empty_site.copy(tmp_path_factory.mktemp("gated") / "site")
    intake([site.csv([f"x,{TIMES[0]},52.4,-1.2,true"])], site.store, "acme")
    seal(site.store)
    places, gone = site.folder / "places.csv", site.folder / "gone.txt"
    places.write_text(
        "category,latitude,longitude,radius,margin\nmedical,52.3,-1.1,30,100\nreligious,52.3005,-1.1,10,100\n",
        encoding="utf-8",
    )
    gone.write_text("gone\n", encoding="utf-8")
    add_places(places, site.store)
    withdraw(site.store, gone)
    return site


def gates_of(site: Site) -> Gates:
    store = Store(site.store)
    supplier = require_in_force(store.state, "acme", dt.datetime.now(dt.UTC).date())
    return Gates(store, load_profile("canonical"), supplier)


@pytest.fixture(scope="module")
def gates(gated_site: Site) -> Gates:
    return gates_of(gated_site)


def batch(rows: list[Row]) -> pa.RecordBatch:
    columns = ["device_id", "timestamp", "latitude", "longitude", "consent"]
    kinds = [pa.string(), pa.string(), pa.float64(), pa.float64(), pa.bool_()]
    values = [[row[place] for row in rows] for place in range(len(columns))]
    return pa.record_batch([pa.array(v, kind) for v, kind in zip(values, kinds, strict=True)], columns)


def pings(found: GatedBatch) -> Counter[tuple[str, bytes]]:
    """Each ping's window and record."""
    return Counter(
        (keys.window.name, record.tobytes()) for keys, bucketed in found.windows for record in bucketed.records
    )


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(row, max_size=40))
def test_a_batch_is_the_sum_of_its_rows(gates: Gates, rows: list[Row]) -> None:
    whole = gates.pass_through(batch(rows))
    assert whole.rows == len(rows) == whole.dropped.total() + pings(whole).total()
    alone = [gates.pass_through(batch([row])) for row in rows]
    assert +whole.dropped == sum((+each.dropped for each in alone), Counter())
    assert whole.sensitive == sum((each.sensitive for each in alone), Counter())
    assert whole.sensitive.total() == whole.dropped["sensitive"]
    assert pings(whole) == sum((pings(each) for each in alone), Counter())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("gone", TIMES[0], 0.0, 0.0, False), "position"),
        (("gone", TIMES[0], 52.3, -1.1, False), "consent_refused"),
        (("gone", TIMES[0], 52.3, -1.1, True), "late"),
        (("gone", TIMES[1], 52.3, -1.1, True), "sensitive"),
        (("gone", TIMES[1], 52.4, -1.2, True), "withdrawn"),
        (("a", TIMES[1], 52.4, -1.2, True), None),
    ],
)
def test_the_first_gate_that_keeps_a_row_out_counts_it(gates: Gates, row: Row, reason: str | None) -> None:
    found = gates.pass_through(batch([row]))
    assert dict(+found.dropped) == ({} if reason is None else {reason: 1})
    assert len(pings(found)) == (reason is None)


def test_nothing_and_nothing_accepted(gates: Gates) -> None:
    for rows in ([], [("a", "never", 52.4, -1.2, True)], [("a", TIMES[0], 52.4, -1.2, True)]):
        assert gates.pass_through(batch(rows)).windows == []


def test_one_device_has_one_name_in_a_window_and_another_in_the_next(gates: Gates) -> None:
    rows: list[Row] = [("a", time, 52.4, -1.2, True) for time in (*TIMES[1:4], TIMES[2])]
    found = {keys.window.name: bucketed.records for keys, bucketed in gates.pass_through(batch(rows)).windows}
    names = {window: {record[:4].tobytes() for record in records} for window, records in found.items()}
    assert {window: len(each) for window, each in names.items()} == {
        "2024-03-04/2024-03-11": 1,
        "2024-03-11/2024-03-18": 1,
    }
    assert len(set.union(*names.values())) == 2


def test_keys_are_not_shown(gates: Gates) -> None:
    ((keys, _),) = gates.pass_through(batch([("a", TIMES[1], 52.4, -1.2, True)])).windows
    assert repr(keys) == "WindowKeys(2024-03-04/2024-03-11)"
