"""The hexagonal lattices that H3 lays on the 20 faces of an icosahedron: where on them a position falls.

H3 finds the cell of a position in two steps: the nearest face and the nearest lattice point (i, j) of that
face's gnomonic plane, then the index as a function of (face, i, j) alone. This module does the first step,
with dot products in place of H3's trigonometry, and says where it cannot be certain to agree with H3's
arithmetic. The second step is left to H3 itself (:mod:`hereabouts.movement.cells`).

Source: Uber H3 4.5.0, ``src/h3lib/lib/faceijk.c`` (``_vec3ToHex2d``, ``_vec3ToClosestFace``), Apache License
2.0; the two tables are its ``faceCenterPoint`` and the first column of its ``faceAxesAzRadsCII``.
"""

from __future__ import annotations

import math

import numpy as np

from hereabouts.movement.kernel import Floats, Int32s, Int64s, UInt64s, kernel

_FACE_CENTRES = np.array(
    [
        [0.2199307791404606, 0.6583691780274996, 0.7198475378926182],
        [-0.2139234834501421, 0.1478171829550703, 0.9656017935214205],
        [0.1092625278784797, -0.4811951572873210, 0.8697775121287253],
        [0.7428567301586791, -0.3593941678278028, 0.5648005936517033],
        [0.8112534709140969, 0.3448953237639384, 0.4721387736413930],
        [-0.1055498149613921, 0.9794457296411413, 0.1718874610009365],
        [-0.8075407579970092, 0.1533552485898818, 0.5695261994882688],
        [-0.2846148069787907, -0.8644080972654206, 0.4144792552473539],
        [0.7405621473854482, -0.6673299564565524, -0.0789837646326737],
        [0.8512303986474293, 0.4722343788582681, -0.2289137388687808],
        [-0.7405621473854481, 0.6673299564565524, 0.0789837646326737],
        [-0.8512303986474292, -0.4722343788582682, 0.2289137388687808],
        [0.1055498149613919, -0.9794457296411413, -0.1718874610009365],
        [0.8075407579970092, -0.1533552485898819, -0.5695261994882688],
        [0.2846148069787908, 0.8644080972654204, -0.4144792552473539],
        [-0.7428567301586791, 0.3593941678278027, -0.5648005936517033],
        [-0.8112534709140971, -0.3448953237639382, -0.4721387736413930],
        [-0.2199307791404607, -0.6583691780274996, -0.7198475378926182],
        [0.2139234834501420, -0.1478171829550704, -0.9656017935214205],
        [-0.1092625278784796, 0.4811951572873210, -0.8697775121287253],
    ]
)
"""Unit vectors of the faces' centres."""

_FACE_AZIMUTHS = np.array(
    [
        [5.619958268523939882, 5.760339081714187279, 0.780213654393430055, 0.430469363979999913],
        [6.130269123335111400, 2.692877706530642877, 2.982963003477243874, 3.532912002790141181],
        [3.494305004259568154, 3.003214169499538391, 5.930472956509811562, 0.138378484090254847],
        [0.448714947059150361, 0.158629650112549365, 5.891865957979238535, 2.711123289609793325],
        [3.294508837434268316, 3.804819692245439833, 3.664438879055192436, 2.361378999196363184],
    ]
).ravel()
"""Azimuth of each face's first axis from its centre, radians."""

_CLASS_III_ROTATION = math.asin(math.sqrt(3.0 / 28.0))
_RESOLUTION_0_SPACING = 0.38196601125010500003
"""Distance of neighbouring lattice points on the gnomonic plane at resolution 0."""

EDGE_GUARD = 1e-5
"""Nearer than this to a hexagon's edge, in lattice spacings (8 mm at resolution 8), H3 itself is asked."""
FACE_GUARD = 1e-9
"""Nearer than this to an edge between two faces (9 mm), H3 itself is asked."""
_CENTRE_ERROR = 1e-15
"""H3's error in radians, times the distance from a face's centre in radians: it takes acos(1 - r^2/2)."""

_HALF_ROOT_3 = math.sqrt(3.0) / 2.0
_OFFSET = 1 << 27
_HASH = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: spreads keys that differ in low bits only


def frame_of(resolution: int) -> Floats:
    """Lay out what the projection needs of each face, at one resolution.

    Returns
    -------
    float64[20, 19]
        Per face: its centre; the two axes of its plane, divided by the lattice's spacing; three normals,
        positive products with which mean nearer to this face than to each of its neighbours; the squared
        distance from the centre, in spacings, below which H3's own arithmetic is too coarse to be foretold.
    """
    spacing = _RESOLUTION_0_SPACING / math.sqrt(7.0) ** resolution
    azimuth = (_FACE_AZIMUTHS - (_CLASS_III_ROTATION if resolution % 2 else 0.0))[:, None]
    pole = np.array([0.0, 0.0, 1.0])
    north = pole - _FACE_CENTRES[:, 2:] * _FACE_CENTRES
    north /= np.linalg.norm(north, axis=1, keepdims=True)
    east = np.cross(north, _FACE_CENTRES)
    first = (np.cos(azimuth) * north + np.sin(azimuth) * east) / spacing
    second = (np.sin(azimuth) * north - np.cos(azimuth) * east) / spacing
    nearest = np.argsort(-(_FACE_CENTRES @ _FACE_CENTRES.T), axis=1)
    normals = [_FACE_CENTRES - _FACE_CENTRES[nearest[:, k]] for k in (1, 2, 3)]
    coarse = np.full((20, 1), (_CENTRE_ERROR / EDGE_GUARD / spacing**2) ** 2)
    return np.ascontiguousarray(np.hstack([_FACE_CENTRES, first, second, *normals, coarse]))


@kernel
def is_on_face(frame: Floats, face: int, x: float, y: float, z: float) -> bool:
    """Whether the unit vector (x, y, z) certainly lies on a face; never true of what is not a number."""
    f = frame[face]
    return bool(
        f[9] * x + f[10] * y + f[11] * z > FACE_GUARD
        and f[12] * x + f[13] * y + f[14] * z > FACE_GUARD
        and f[15] * x + f[16] * y + f[17] * z > FACE_GUARD
    )


@kernel
def nearest_face(frame: Floats, x: float, y: float, z: float) -> int:
    """Number of the face whose centre is nearest to the unit vector (x, y, z)."""
    best, face = -2.0, 0
    for k in range(20):
        closeness = frame[k, 0] * x + frame[k, 1] * y + frame[k, 2] * z
        if closeness > best:
            best, face = closeness, k
    return face


@kernel
def lattice_key(frame: Floats, face: int, x: float, y: float, z: float) -> np.uint64:
    """Give face, i and j of the lattice point nearest to a unit vector on a face, in one number.

    Returns 0 where the vector is too near an edge, or the face's centre, to be certain of H3's choice.
    """
    f = frame[face]
    scale = 1.0 / (f[0] * x + f[1] * y + f[2] * z)
    u = (f[3] * x + f[4] * y + f[5] * z) * scale
    v = (f[6] * x + f[7] * y + f[8] * z) * scale
    # Nearest lattice point in cube coordinates (i + j + k = 0): round all, mend the one that moved most.
    j = v / _HALF_ROOT_3
    i = u - 0.5 * j
    k = -i - j
    i_near, j_near, k_near = math.floor(i + 0.5), math.floor(j + 0.5), math.floor(k + 0.5)
    i_off, j_off, k_off = abs(i_near - i), abs(j_near - j), abs(k_near - k)
    if i_off > j_off and i_off > k_off:
        i_near = -j_near - k_near
    elif j_off > k_off:
        j_near = -i_near - k_near
    # Distance to the nearest edge: edges lie halfway to the six neighbours, at 0, 60 and 120 degrees.
    du = u - (i_near + 0.5 * j_near)
    dv = (v - j_near * _HALF_ROOT_3) * _HALF_ROOT_3
    reach = max(abs(du), abs(0.5 * du + dv), abs(dv - 0.5 * du))
    if not (reach < 0.5 - EDGE_GUARD and u * u + v * v > f[18]):
        return np.uint64(0)
    upper = np.uint64(face + 1) << np.uint64(56) | np.uint64(i_near + _OFFSET) << np.uint64(28)
    return upper | np.uint64(j_near + _OFFSET)


@kernel
def _place(keys: UInt64s, key: np.uint64) -> np.uint64:
    """Where a key is in an open-addressed table (a power of two of places, 0 is empty), or would be put."""
    mask = np.uint64(keys.size - 1)
    place = (key * _HASH) >> np.uint64(32) & mask
    while keys[place] != key and keys[place] != 0:
        place = (place + np.uint64(1)) & mask
    return place


@kernel
def number_rows(
    frame: Floats,
    lat: Floats,
    lon: Floats,
    row: int,
    keys: UInt64s,
    numbers: Int32s,
    count: int,
    number: Int32s,
) -> tuple[int, int, Int64s]:
    """Number the hexagons of rows from ``row`` on until the table is half full; 0 where one is unsure.

    Parameters
    ----------
    frame
        :func:`frame_of` the resolution.
    lat, lon
        Positions, WGS84 degrees.
    row
        First row to number.
    keys, numbers
        Open-addressed hash table, a power of two of places; key 0 is an empty place. Filled here.
    count
        Next free number; the first is 1.
    number
        Filled here, for each row.

    Returns
    -------
    row, count, new_rows
        The row at which there was no more room, or the number of rows; the next free number; a row in each
        new hexagon, by number.
    """
    room = keys.size // 2 + 1
    new_rows = np.empty(max(room - count, 0), np.int64)
    new, face, last_key, last_number = 0, 0, np.uint64(0), np.int32(0)
    while row < lat.size:
        phi, theta = math.radians(lat[row]), math.radians(lon[row])
        x, y, z = math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi)
        key = np.uint64(0)
        if not is_on_face(frame, face, x, y, z):
            face = nearest_face(frame, x, y, z)
        if is_on_face(frame, face, x, y, z):
            key = lattice_key(frame, face, x, y, z)
        if key != last_key:
            last_key, last_number = key, np.int32(0)
            if key != 0:
                place = _place(keys, key)
                if keys[place] == 0:
                    if new == new_rows.size:
                        break
                    keys[place], numbers[place] = key, count + new
                    new_rows[new] = row
                    new += 1
                last_number = numbers[place]
        number[row] = last_number
        row += 1
    return row, count + new, new_rows[:new].copy()


@kernel
def enlarged(keys: UInt64s, numbers: Int32s) -> tuple[UInt64s, Int32s]:
    """Move a table of numbered keys into one of four times its size."""
    more_keys, more_numbers = np.zeros(keys.size * 4, np.uint64), np.zeros(keys.size * 4, np.int32)
    for old in range(keys.size):
        if keys[old] != 0:
            place = _place(more_keys, keys[old])
            more_keys[place], more_numbers[place] = keys[old], numbers[old]
    return more_keys, more_numbers
