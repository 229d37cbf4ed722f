"""The size and precision of a data set against what laws count: in paraphrase, and no legal advice."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import centres_of
from hereabouts.movement.kernel import Int64s, UInt64s, kernel, read_only
from hereabouts.risk.audit.result import Finding
from hereabouts.risk.figures import Figure, Procedure, count
from hereabouts.risk.traces import Traces
from hereabouts.rules.fewest import FEWEST

COUNT = Procedure("distinct identifiers", "hereabouts")
IN_BOXES = Procedure("devices seen in boxes around the United States", "28 CFR 202 (bulk precise geolocation)")
BULK_DEVICES = 1_000
"""28 CFR 202: precise geolocation of more than so many US devices is bulk, anonymised or not."""

FEET = 0.3048
RADII = {
    "California (1,850 ft)": 1_850 * FEET,
    "Virginia, Oregon and Connecticut (1,750 ft)": 1_750 * FEET,
}
"""Metres of the circle within which a position is precise geolocation."""

_BOXES = (
    (24.4, -125.0, 49.4, -66.9),
    (51.2, -180.0, 71.5, -129.9),
    (18.8, -178.4, 28.5, -154.7),
    (17.8, -67.4, 18.6, -64.5),
)
"""South, west, north, east: 48 states, Alaska, Hawaii, Puerto Rico. They hold parts of Canada and Mexico, too."""

_SEEN_AT = 5


def sizes(traces: Traces) -> tuple[Figure, ...]:
    """Count devices, and those that may be US ones."""
    return (
        count("devices", traces.devices, COUNT),
        count("devices seen in the United States, at most", _in_boxes(traces), IN_BOXES),
    )


def thresholds(us_devices: Figure, grid: Figure) -> tuple[Finding, ...]:
    """Hold a data set against the thresholds of laws.

    Parameters
    ----------
    us_devices
        The second one of :func:`sizes`.
    grid
        Width of the grid of positions, in metres.
    """
    said = "How finely positions are told is not known of so few devices"
    if grid.value is not None:
        precise = precise_in(grid.value)
        words = (f"{'precise' if law in precise else 'not precise'} in the law of {law}" for law in RADII)
        said = f"By their grid alone, positions are {'; '.join(words)}"
    told = us_devices.value
    if told is None:
        many = f"None of the devices, or fewer than {FEWEST}, was seen in the United States"
    else:
        boxes = "in boxes that hold parts of its neighbours"
        many = f"At most some {told:,.0f} devices were seen in the United States ({boxes})"
    bulk = f"more than {BULK_DEVICES:,} would be bulk, whether they are called anonymous or not"
    return (
        Finding(
            "precise geolocation",
            f"{said}.",
            "a field of the grid of positions is smaller than the circle that the law names",
            "state privacy laws: Cal. Civ. Code 1798.140; Virginia, Oregon, Connecticut; a paraphrase, no legal advice",
        ),
        Finding("bulk", f"{many}; {bulk}.", IN_BOXES.name, IN_BOXES.source),
    )


def precise_in(metres: float) -> tuple[str, ...]:
    """Tell in which laws positions on a grid of this width are precise."""
    return tuple(law for law, radius in RADII.items() if metres**2 < math.pi * radius**2)


def _in_boxes(traces: Traces) -> int:
    place, cells = traces.at(min(_SEEN_AT, traces.resolution))
    centre = centres_of(cells)
    inside = np.zeros(len(cells), np.bool_)
    for south, west, north, east in _BOXES:
        latitude, longitude = centre[:, 0], centre[:, 1]
        inside |= (latitude >= south) & (latitude <= north) & (longitude >= west) & (longitude <= east)
    points, starts = (
        cast(UInt64s, read_only(traces.points, np.uint64)),
        cast(Int64s, read_only(traces.starts, np.int64)),
    )
    return int(_seen_inside(points, starts, read_only(inside[place], np.bool_)))


@kernel
def _seen_inside(points: UInt64s, starts: Int64s, inside: NDArray[np.bool_]) -> int:
    """How many devices have a point in a cell that is inside."""
    count = 0
    for d in range(starts.size - 1):
        for row in range(starts[d], starts[d + 1]):
            if inside[points[row] & np.uint64(0xFFFFFFFF)]:
                count += 1
                break
    return count
