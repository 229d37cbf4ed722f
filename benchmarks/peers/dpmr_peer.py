# mypy: ignore-errors
# (it runs where its own packages are, and ours are not)
"""dp-mobility-report (Kapp et al. 2022), user level, Laplace noise, pure ε.

Runs in its own environment (dpmr.txt), called as opendp_peer.py is. It publishes origin-destination flows of trips, and
visits per tile over everything that it is given. So flows are its own; presence is asked as visits per tile of one
report a period, each on a device's rows of that period and with an equal part of ε, every device-hour being a trip of
one record. Its windows of the day are of trip ends by weekday and weekend, which is no period of ours.
``limit`` is max_trips_per_user; it charges twice that for visits, as a trip has two ends.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from dp_mobility_report import DpMobilityReport
from dp_mobility_report import constants as const
from shapely.geometry import box

START = pd.Timestamp("2024-01-01")


def scale(job: dict[str, Any], setting: dict[str, Any]) -> float:
    """Of the noise: trips of a device × ends that count × reports that share ε."""
    return float(setting["limit"] * (1 if job["flows"] else 2) * job["parts"] / job["epsilon"])


def report(job: dict[str, Any], limit: int, records: pd.DataFrame, tiles: int, analysis: str) -> Any:
    """One analysis of one report, checked to have the noise that the search assumed."""
    places = {"tile_id": [str(tile) for tile in range(tiles)]}
    shapes = [box(0.001 * tile, 0, 0.001 * tile + 0.001, 0.001) for tile in range(tiles)]  # tile ids are in the records
    found = DpMobilityReport(
        records,
        gpd.GeoDataFrame(places, geometry=shapes, crs="EPSG:4326"),
        privacy_budget=job["epsilon"] / job["parts"],
        max_trips_per_user=limit,
        analysis_selection=[analysis],
        disable_progress_bar=True,
    ).report[analysis]
    noise = found.sensitivity / found.privacy_budget
    if not np.isclose(noise, scale(job, {"limit": limit})):
        raise ValueError(f"the report's noise has scale {noise}, expected {scale(job, {'limit': limit})}")
    return found.data


def records_of(device: Any, tile: Any, trip: Any, minute: Any) -> pd.DataFrame:
    """Records as the library wants them, with their tile already in them."""
    when = START + pd.to_timedelta(minute, unit="min")
    frame = pd.DataFrame({const.UID: device, const.TID: trip, const.DATETIME: when, const.TILE_ID: tile.astype(str)})
    return frame.assign(**{const.LAT: 0.0, const.LNG: 0.0})


def flows(job: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Flows of trips with two records each."""
    tiles = round(job["size"] ** 0.5)
    trip = np.arange(len(rows))
    ends = [
        records_of(rows["device"], tile, trip, np.full(len(rows), minute))
        for minute, tile in enumerate((rows["key"] // tiles, rows["key"] % tiles))
    ]
    records = pd.concat(ends, ignore_index=True)
    found = report(job, job["setting"]["limit"], records, tiles, const.OD_FLOWS)
    key = found[const.ORIGIN].astype(int) * tiles + found[const.DESTINATION].astype(int)
    return pd.DataFrame({"key": key, "value": found[const.FLOW].astype(float)})


def visits(job: dict[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    """Visits per tile, a report a period."""
    parts, tiles = job["parts"], job["size"] // job["parts"]
    found = []
    for part in range(parts):
        here = rows[rows["key"] % parts == part]
        if here.empty:
            continue  # it cannot report on nothing: nothing is published
        trip = np.arange(len(here))
        records = records_of(here["device"].to_numpy(), here["key"] // parts, trip, np.zeros(len(here)))
        told = report(job, job["setting"]["limit"], records, tiles, const.VISITS_PER_TILE)
        key = told[const.TILE_ID].astype(int) * parts + part
        found.append(pd.DataFrame({"key": key, "value": told["visits"].astype(float)}))
    return pd.concat(found, ignore_index=True)


def main() -> None:
    """Do the job."""
    warnings.simplefilter("ignore")
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if job["do"] == "describe":
        scales = [{"scale": scale(job, setting), "threshold": None} for setting in job["settings"]]
        Path(job["out"]).write_text(json.dumps(scales), encoding="utf-8")
        return
    rows = pd.read_parquet(job["rows"])
    (flows if job["flows"] else visits)(job, rows).to_parquet(job["out"])


if __name__ == "__main__":
    main()
