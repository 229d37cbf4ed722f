"""The data sets of the accuracy benchmark, and one sealed store of each.

Real pings are not part of the project: whoever has them names their files. Made-up towns are always there.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.words import say

TOWN_START, TOWN_AFTER = "2024-03-04", "2024-03-11"
TOWN_SEED = 1
MOST, DELTA = 4, 1e-6  # what a window may spend: the most that the scaling study asks for
EDGE_DEGREES = 0.02  # more than the circumradius of an H3 cell of resolution 7


@dataclass(frozen=True)
class Dataset:
    """A feed, and the one window of seven days that is published from it.

    Parameters
    ----------
    name
        What the tables call it.
    feed
        File or folder of its pings.
    timezone
        Of the store's hours.
    first, after
        The window's first day and the day after its last (ISO dates of that time zone).
    bbox
        The region: west, south, east, north (degrees).
    profile
        Of the feed's columns.
    """

    name: str
    feed: Path
    timezone: str
    first: str
    after: str
    bbox: tuple[float, float, float, float]
    profile: str = "canonical"

    @property
    def window(self) -> str:
        return f"{self.first}/{self.after}"

    def digest(self) -> str:
        """SHA-256 over the feed and over what is published from it: what a kept result belongs to."""
        found = hashlib.sha256(json.dumps([self.timezone, self.window, self.bbox, self.profile]).encode())
        for path in sorted(self.feed.rglob("*")) if self.feed.is_dir() else [self.feed]:
            with path.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
        return found.hexdigest()


def tdrive(feed: Path) -> Dataset:
    """Taxis of Beijing, 2 to 8 February 2008."""
    box = (115.4, 39.4, 117.5, 41.1)
    return Dataset("T-Drive", feed, "Asia/Shanghai", "2008-02-02", "2008-02-09", box)


def foursquare(feed: Path) -> Dataset:
    """Check-ins of New York, the week that has most of them."""
    box = (-74.28, 40.55, -73.68, 40.99)
    return Dataset("Foursquare NYC", feed, "America/New_York", "2012-05-07", "2012-05-14", box, "foursquare")


def town(devices: int, folder: Path) -> Dataset:
    """A made-up town, whose pings are made where they are not there yet."""
    feed = folder / f"town-{devices}"
    if not feed.exists():
        say(f"making a town of {devices:,} devices")
        run("synth", "--devices", devices, "--days", 7, "--seed", TOWN_SEED, "--start", TOWN_START, "--out", feed)
    place = [pl.col(name) for name in ("longitude", "latitude")]
    found = pl.scan_parquet(feed / "*.parquet").select(
        *[column.min().name.prefix("min_") for column in place], *[column.max().name.prefix("max_") for column in place]
    )
    west, south, east, north = found.collect().row(0)
    corners = (west - EDGE_DEGREES, south - EDGE_DEGREES, east + EDGE_DEGREES, north + EDGE_DEGREES)
    box = (round(corners[0], 3), round(corners[1], 3), round(corners[2], 3), round(corners[3], 3))
    return Dataset(f"town of {devices:,}", feed, "UTC", TOWN_START, TOWN_AFTER, box)


def seal(data: Dataset, folder: Path) -> Path:
    """A sealed store of a data set, which nothing was spent from; one that is there already is taken."""
    store = folder / "store"
    done = folder / "sealed.json"
    if not done.exists():
        say(f"{data.name}: intake and seal")
        folder.mkdir(parents=True, exist_ok=True)
        record = folder / "record.txt"
        record.write_text("A supplier-level record: public research data, or made-up people.\n", encoding="utf-8")
        run(
            "init",
            store,
            "--timezone",
            data.timezone,
            "--window",
            "P7D",
            "--anchor",
            data.first,
            "--budget",
            MOST,
            DELTA,
        )
        evidence = ("--consent-evidence", record, "--expires", "2099-12-31", "--all-consented")
        run("supplier", "add", "bench", "--store", store, *evidence)
        run("intake", data.feed, "--store", store, "--supplier", "bench", "--profile", data.profile)
        done.write_text(run("seal", "--store", store, "--all", "--json"), encoding="utf-8")
    return store


def run(*words: object) -> str:
    """One of our commands, and what it printed."""
    command = [str(Path(sys.executable).with_name("hereabouts")), *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\nexited with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
