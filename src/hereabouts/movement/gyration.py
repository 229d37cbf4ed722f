"""Radius of gyration: how far from its middle a device is, as the root mean square over its hours.

The middle is the mean of the places as points on the sphere, so that neither the antimeridian nor a pole is special;
distances are great-circle distances to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hereabouts.hexagons import EARTH_RADIUS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def radii_of_gyration(device: Integers, centre: Floats, devices: int) -> Floats:
    """The radius of each device in metres, shape (devices,); NaN for one without a row.

    Parameters
    ----------
    device
        Whose each row is, 0 to devices - 1, shape (rows,). A row is an hour, and all weigh the same.
    centre
        Where the device was in that hour: latitude and longitude in degrees, shape (rows, 2).
    devices
        How many devices there are.
    """
    hours = np.bincount(device, minlength=devices)
    weight = np.divide(1.0, hours, out=np.full(devices, np.nan), where=hours > 0)
    latitude, longitude = np.radians(centre).T
    points = np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=1
    )
    middle = np.stack([np.bincount(device, column, minlength=devices) for column in points.T], axis=1)
    length = np.linalg.norm(middle, axis=1)
    # Places all around the globe have no middle: any will do, and the first axis is one.
    nowhere = length < 1e-9
    middle[nowhere], length[nowhere] = (1.0, 0.0, 0.0), 1.0
    # From the chord: exact for places that are near, where the cosine of the angle is not.
    chord = np.linalg.norm(points - (middle / length[:, None])[device], axis=1)
    apart = 2.0 * EARTH_RADIUS * np.arcsin(np.minimum(chord / 2.0, 1.0))
    return np.asarray(np.sqrt(np.bincount(device, apart**2, minlength=devices) * weight))
