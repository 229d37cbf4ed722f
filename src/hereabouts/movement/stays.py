"""Stays: where and when a device stood still (stay points).

From an anchor ping, all following ones within 200 m of it with no gap over 6 hours, if they span at least 20
minutes; the next anchor is the ping after the stay, or the next ping where there was none.

Source: Li, Zheng, Xie, Chen, Liu, Ma: Mining user similarity based on location history, ACM GIS 2008.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from hereabouts.movement.kernel import Floats, Int32s, Int64s, kernel, read_only, same_length

EARTH_RADIUS_METRES = 6_371_008.8
STAY_RADIUS_METRES = 200.0
STAY_SECONDS = 20 * 60
GAP_SECONDS = 6 * 3600

# The haversine of the radius: distances are compared before the last, monotonic step of the formula.
_RADIUS_HAVERSINE = math.sin(STAY_RADIUS_METRES / (2.0 * EARTH_RADIUS_METRES)) ** 2
# A difference in latitude that is farther than the radius by itself, with a margin for rounding.
_FAR_DEGREES = math.degrees(STAY_RADIUS_METRES / EARTH_RADIUS_METRES) * (1.0 + 1e-6)
# Below 85 degrees of latitude, pings within _FAR_DEGREES in latitude and one degree in longitude have a
# squared distance on the flat that errs by less than 0.04 % (their cosines differ by a factor of up to 1 +
# 3.2e-5 x tan 85, and sin x is x to 2.6e-5). So only pings within _FLAT_ERROR of the squared radius need
# the haversine itself.
_POLAR_NARROWING = math.cos(math.radians(85.0)) ** 2
_FLAT_ERROR = 0.002


class Stays(NamedTuple):
    """Stays of a batch, ordered by (device, start). Precise: for the window's own computation only."""

    device: Int32s
    """Code of the device in its batch."""
    start: Int64s
    """UTC second of the first ping."""
    end: Int64s
    """UTC second of the last ping."""
    latitude: Floats
    """Mean latitude of the stay's pings, WGS84 degrees."""
    longitude: Floats
    """Mean longitude, likewise; across the antimeridian the mean is taken along the short way."""


def stays(device: ArrayLike, time: ArrayLike, latitude: ArrayLike, longitude: ArrayLike) -> Stays:
    """Find the stays of each device.

    Linear for all that devices do in earnest. An anchor without a stay looks ahead less than 20 minutes, so
    the worst that made-up data can do is quadratic in one device's pings of 20 minutes.

    Parameters
    ----------
    device
        int32[n], codes, ascending.
    time
        int64[n], UTC seconds, ascending within a device.
    latitude, longitude
        float64[n], WGS84 degrees, finite.

    Raises
    ------
    ValueError
        If the columns differ in length.
    """
    devices = cast(Int32s, read_only(device, np.int32))
    times = cast(Int64s, read_only(time, np.int64))
    lat = cast(Floats, read_only(latitude, np.float64))
    lon = cast(Floats, read_only(longitude, np.float64))
    same_length(device=devices, time=times, latitude=lat, longitude=lon)
    return Stays(*_find_stays(devices, times, lat, lon))


@kernel
def _is_far(latitude: Floats, longitude: Floats, i: int, j: int, narrowing: float) -> bool:
    """Whether ping j is outside the radius of ping i; ``narrowing`` is the squared cosine of i's latitude."""
    north, east = latitude[j] - latitude[i], longitude[j] - longitude[i]
    if abs(north) > _FAR_DEGREES:
        return True
    if narrowing > _POLAR_NARROWING and abs(east) < 1.0:
        flat = north * north + narrowing * east * east
        if abs(flat - _FAR_DEGREES * _FAR_DEGREES) > _FLAT_ERROR * _FAR_DEGREES * _FAR_DEGREES:
            return bool(flat > _FAR_DEGREES * _FAR_DEGREES)
    a, b = math.radians(latitude[i]), math.radians(latitude[j])
    across, along = math.sin((b - a) / 2), math.sin(math.radians(east) / 2)
    return across * across + math.cos(a) * math.cos(b) * along * along > _RADIUS_HAVERSINE


@kernel
def _mean_place(latitude: Floats, longitude: Floats, first: int, after: int) -> tuple[float, float]:
    """Means of latitude and longitude, summed in order (so the same bits everywhere)."""
    north, east = 0.0, 0.0
    for k in range(first, after):
        turn = 0.0
        if longitude[k] - longitude[first] > 180.0:
            turn = -360.0
        elif longitude[k] - longitude[first] < -180.0:
            turn = 360.0
        north += latitude[k]
        east += longitude[k] + turn
    east /= after - first
    if east > 180.0:
        east -= 360.0
    elif east < -180.0:
        east += 360.0
    return north / (after - first), east


@kernel
def _find_stays(
    device: Int32s, time: Int64s, latitude: Floats, longitude: Floats
) -> tuple[Int32s, Int64s, Int64s, Floats, Floats]:
    n = time.size
    most = n // 2  # a stay has two pings at least, for it spans some time
    out_device = np.empty(most, np.int32)
    out_start, out_end = np.empty(most, np.int64), np.empty(most, np.int64)
    out_latitude, out_longitude = np.empty(most, np.float64), np.empty(most, np.float64)
    found, anchor = 0, 0
    # Where the last look ahead ended: at a ping too far away, or (for good) at a gap or at the next device.
    stop, for_good = 0, False
    while anchor < n:
        # What stopped an earlier anchor stops this one too, if it is too far from it as well: where that
        # leaves less than 20 minutes, there is no stay. Saves most of the looking ahead of a moving device.
        narrowing = math.cos(math.radians(latitude[anchor])) ** 2
        short = anchor < stop and time[stop - 1] - time[anchor] < STAY_SECONDS
        if short and (for_good or _is_far(latitude, longitude, anchor, stop, narrowing)):
            anchor += 1
            continue
        stop, for_good = anchor + 1, True
        while stop < n and device[stop] == device[anchor] and time[stop] - time[stop - 1] <= GAP_SECONDS:
            if _is_far(latitude, longitude, anchor, stop, narrowing):
                for_good = False
                break
            stop += 1
        if time[stop - 1] - time[anchor] < STAY_SECONDS:
            anchor += 1
            continue
        out_device[found], out_start[found], out_end[found] = device[anchor], time[anchor], time[stop - 1]
        out_latitude[found], out_longitude[found] = _mean_place(latitude, longitude, anchor, stop)
        found += 1
        anchor = stop
    return (  # copies, which let the unused ends go
        out_device[:found].copy(),
        out_start[:found].copy(),
        out_end[:found].copy(),
        out_latitude[:found].copy(),
        out_longitude[:found].copy(),
    )
