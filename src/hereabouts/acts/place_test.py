"""Place test (SL-TEST): canaries at every category of a store's list, sent through the real intake and seal.

They go into a store of their own in a temporary folder, with the same list, hours and resolution: what is shown is
that the control works, and no made-up ping comes near the data.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hereabouts.acts.init import init
from hereabouts.acts.intake import Receipt, intake
from hereabouts.acts.record import acting
from hereabouts.acts.seal import seal
from hereabouts.acts.suppliers import add_supplier
from hereabouts.errors import UsageError, VerificationError
from hereabouts.feeds.ids.identifiers import pseudonyms
from hereabouts.feeds.places.canaries import Canaries, plant
from hereabouts.feeds.places.listing import PlaceList
from hereabouts.log.entries import append
from hereabouts.state import writing
from hereabouts.state.tables import PlaceTest
from hereabouts.store.keys import PSEUDONYMS
from hereabouts.store.sealed import TABLES, bucket_files, read_whole
from hereabouts.store.store import Store
from hereabouts.windows import Window

_MOST_PLACES = 40
"""Of one category."""
_PINGS = 7
_SECONDS_APART = 600
"""A device that stands still for an hour is a stay."""
_NOON = 12 * 3600
_SUPPLIER = "canaries"
_LIMITS = (
    f"of a category at most {_MOST_PLACES} places, taken evenly from the list, have canaries; the others have none",
    "the feed is one of hereabouts' own making, in the canonical profile: no supplier's profile or file is tested",
    "only intake and seal are tested: not the purge of windows that were taken in before a place was listed",
)


@dataclass(frozen=True)
class PlaceTestReport:
    """What became of planted pings.

    Attributes
    ----------
    ran
        When, UTC.
    places_version, digest
        Of the list.
    planted
        Canaries by category and by where they stood.
    dropped, expected
        Their pings as the receipt of the intake counts them, by category, and as they ought to be counted.
    leaked
        Canaries that are in a table of the sealed store, by category.
    controls, controls_passed
        Devices at no place, and those of them that are in the sealed store.
    passed
        No canary passed, every control did, and every count is right.
    limits
        What a report that passed does not say, in words.
    """

    ran: str
    places_version: int
    digest: str
    planted: dict[str, dict[str, int]]
    dropped: dict[str, int]
    expected: dict[str, int]
    leaked: dict[str, int]
    controls: int
    controls_passed: int
    passed: bool
    limits: list[str]

    def to_json(self) -> dict[str, Any]:
        """As JSON-like values."""
        return asdict(self)


def prove_places(store: Path) -> PlaceTestReport:
    """Prove that no ping at a listed place reaches a store, and file the report.

    Parameters
    ----------
    store
        The store's folder; nothing of it is changed but the register of reports.

    Raises
    ------
    UsageError
        When it has no list.
    VerificationError
        When a canary passed, a control did not, or a count is wrong; the report is filed all the same.
    """
    with acting(store, "places-test") as target:
        version, places = target.places()
        if places is None:
            raise UsageError(f"store {store} has no list of sensitive places: add one by 'hereabouts places add'")
        canaries = plant(places, _MOST_PLACES)
        with tempfile.TemporaryDirectory(prefix="hereabouts-canaries-") as folder:
            report = _sent(target, version, places, canaries, Path(folder))
        with target.locked(), writing(target.state) as session:
            session.add(PlaceTest(ran=int(time.time()), places_version=version, report=report.to_json()))
            # Canaries are made up: what became of them is no function of rows.
            append(session, "places-test", {"version": version, "passed": report.passed})
    if not report.passed:
        counts = "right" if report.dropped == report.expected else "wrong"
        raise VerificationError(
            f"the gate at sensitive places does not hold (SL-TEST): {sum(report.leaked.values())} of "
            f"{len(canaries.category)} canaries reached the store, {report.controls_passed} of {report.controls} "
            f"controls did, and counts by category are {counts}; the report is filed. Take nothing in "
            "until this is mended"
        )
    return report


def _sent(target: Store, version: int, places: PlaceList, canaries: Canaries, folder: Path) -> PlaceTestReport:
    """Send canaries and controls through intake and seal in a store of their own."""
    scratch, window = _scratch(target, places, folder)
    positions = np.vstack([canaries.position, canaries.controls])
    names = [f"{_SUPPLIER}-{number}" for number in range(len(positions))]
    feed = folder / "feed.parquet"
    _write(feed, names, positions, window)
    (receipt,) = intake([feed], scratch, _SUPPLIER)
    key = Store(scratch).keys.get(window.folder, PSEUDONYMS) if receipt.taken else b""
    seal(scratch)
    there = _in_tables(Store(scratch), window, names, key) if receipt.taken else np.zeros(len(names), bool)
    leaked = Counter(name for name, here in zip(canaries.category, there.tolist(), strict=False) if here)
    passed = int(there[len(canaries.category) :].sum())
    expected = {name: count * _PINGS for name, count in sorted(Counter(canaries.expected).items())}
    dropped = dict(sorted(receipt.sensitive.items()))
    right = dropped == expected and _others(receipt) == 0 and receipt.taken == len(canaries.controls) * _PINGS
    return PlaceTestReport(
        ran=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        places_version=version,
        digest=places.digest,
        planted=_planted(canaries),
        dropped=dropped,
        expected=expected,
        leaked=dict(leaked),
        controls=len(canaries.controls),
        controls_passed=passed,
        passed=bool(right and not leaked and passed == len(canaries.controls) > 0),
        limits=list(_LIMITS),
    )


def _scratch(target: Store, places: PlaceList, folder: Path) -> tuple[Path, Window]:
    """A store like another one, with its list, and its last window that is over."""
    facts = target.facts
    path = folder / "store"
    made = init(path, facts.timezone, facts.window, facts.anchor, facts.resolution, max_accuracy=facts.max_accuracy)
    today = dt.datetime.now(dt.UTC).date()
    with made.locked():
        made.place_register.add(places, today)
    evidence = folder / "evidence.txt"
    evidence.write_text("Canaries: no such device has ever been.\n", encoding="utf-8")
    add_supplier(_SUPPLIER, path, evidence, today, all_consented=True)
    calendar = made.calendar
    return path, calendar.window(calendar.number(calendar.at(int(time.time()))) - 1)


def _write(feed: Path, names: list[str], positions: np.ndarray[Any, Any], window: Window) -> None:
    """An hour of pings of devices that stand still."""
    times = window.start + _NOON + _SECONDS_APART * np.arange(_PINGS)
    table = pa.table(
        {
            "device_id": np.repeat(np.array(names), _PINGS),
            "timestamp": pa.array(np.tile(times, len(names)), pa.timestamp("s", "UTC")),
            "latitude": np.repeat(positions[:, 0], _PINGS),
            "longitude": np.repeat(positions[:, 1], _PINGS),
        }
    )
    pq.write_table(table, feed)


def _in_tables(store: Store, window: Window, names: list[str], key: bytes) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which devices have a row in a sealed table."""
    found: set[bytes] = set()
    for table in TABLES:
        for file in bucket_files(store.sealed_folder(window), table):
            found.update(read_whole(file, ["device"]).column("device").unique().to_pylist())
    codes = pseudonyms(pa.array(names), key).astype(">u8")
    return np.array([code.tobytes() in found for code in codes])


def _others(receipt: Receipt) -> int:
    """Rows that were dropped for another reason than a place."""
    return sum(receipt.dropped.values()) - sum(receipt.sensitive.values())


def _planted(canaries: Canaries) -> dict[str, dict[str, int]]:
    counts = Counter(zip(canaries.category, canaries.kind, strict=True))
    planted: dict[str, dict[str, int]] = {}
    for (category, kind), count in counts.items():
        planted.setdefault(category, {})[kind] = count
    return planted
