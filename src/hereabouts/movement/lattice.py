"""The hexagonal lattices that H3 lays on the 20 faces of an icosahedron: where on them a position falls.

H3 finds the cell of a position in two steps: the nearest face and the nearest lattice point (i, j) of that
face's gnomonic plane, then the index as a function of (face, i, j) alone. This module does the first step,
with dot products in place of H3's trigonometry and many positions at a time, and says where it cannot be certain to
agree with H3's arithmetic. The second step is left to H3 itself (:mod:`hereabouts.movement.cells`).

Source: Uber H3 4.5.0, ``src/h3lib/lib/faceijk.c`` (``_vec3ToHex2d``, ``_vec3ToClosestFace``), Apache License
2.0; the two tables are its ``faceCenterPoint`` and the first column of its ``faceAxesAzRadsCII``.
"""

from __future__ import annotations

import math

import numpy as np

from hereabouts.movement.kernel import Floats, UInt64s, inlined, vector_kernel

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

UNSURE, ELSEWHERE = np.uint64(0), np.uint64(1)
"""What stands in place of a key: H3 has to be asked; the position is on another face. (Keys begin at 2**56.)"""

_RADIANS = math.pi / 180.0
# Sine and cosine within 45 degrees of zero: fdlibm 5.3, k_sin.c and k_cos.c (Sun Microsystems, freely distributable).
_S1, _S2, _S3 = -1.66666666666666324348e-01, 8.33333333332248946124e-03, -1.98412698298579493134e-04
_S4, _S5, _S6 = 2.75573137070700676789e-06, -2.50507602534068634195e-08, 1.58969099521155010221e-10
_C1, _C2, _C3 = 4.16666666666666019037e-02, -1.38888888888741095749e-03, 2.48015872894767294178e-05
_C4, _C5, _C6 = -2.75573143513906633035e-07, 2.08757232129817482790e-09, -1.13596475577881948265e-11


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


@inlined
def _sine_and_cosine(degrees: float, quarters: float) -> tuple[float, float]:
    """Sine and cosine of an angle between -225 and 225 degrees, of which ``quarters`` is the nearest multiple of 90.

    Taking quarters off is exact, and the polynomials err by less than a unit in the last place.
    """
    x = (degrees - 90.0 * quarters) * _RADIANS
    xx = x * x
    sine = x + x * xx * (_S1 + xx * (_S2 + xx * (_S3 + xx * (_S4 + xx * (_S5 + xx * _S6)))))
    cosine = 1.0 - 0.5 * xx + xx * xx * (_C1 + xx * (_C2 + xx * (_C3 + xx * (_C4 + xx * (_C5 + xx * _C6)))))
    odd, sign = abs(quarters) == 1.0, (1.0 if quarters == 0.0 else -1.0)
    return (quarters * cosine if odd else sign * sine), (-quarters * sine if odd else sign * cosine)


@inlined
def vector_of(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Unit vector of a position, WGS84 degrees taken as on a sphere, as H3 does."""
    sine, cosine = _sine_and_cosine(latitude, np.floor(latitude / 90.0 + 0.5))
    sine_east, cosine_east = _sine_and_cosine(longitude, np.floor(longitude / 90.0 + 0.5))
    return cosine * cosine_east, cosine * sine_east, sine


@vector_kernel
def nearest_face(frame: Floats, x: float, y: float, z: float) -> int:
    """Number of the face whose centre is nearest to the unit vector (x, y, z)."""
    best, face = -2.0, 0
    for k in range(20):
        closeness = frame[k, 0] * x + frame[k, 1] * y + frame[k, 2] * z
        if closeness > best:
            best, face = closeness, k
    return face


@vector_kernel
def face_keys(frame: Floats, face: int, latitude: Floats, longitude: Floats, keys: UInt64s) -> int:
    """Give face, i and j of the lattice point nearest to each position, in one number; all at once for one face.

    No branches and nothing kept from row to row: the compiler makes it work on several rows at a time.

    Parameters
    ----------
    frame
        :func:`frame_of` the resolution.
    face
        The face that the positions are taken to lie on.
    latitude, longitude
        Positions, WGS84 degrees.
    keys
        Filled here: :data:`UNSURE` where a position is too near an edge, or the face's centre, to be certain of H3's
        choice, and where it is none; :data:`ELSEWHERE` where it does not certainly lie on the face.

    Returns
    -------
    elsewhere
        How many positions do not certainly lie on the face.
    """
    c0, c1, c2, a0, a1, a2, b0, b1, b2 = _nine(frame[face, 0:9])
    l0, l1, l2, m0, m1, m2, n0, n1, n2 = _nine(frame[face, 9:18])
    coarse = frame[face, 18]
    upper = np.uint64(face + 1) << np.uint64(56)
    elsewhere = 0
    for row in range(latitude.size):
        x, y, z = vector_of(latitude[row], longitude[row])
        # On the face: nearer to its centre than to those of its three neighbours.
        inward = min(l0 * x + l1 * y + l2 * z, m0 * x + m1 * y + m2 * z, n0 * x + n1 * y + n2 * z)
        scale = 1.0 / (c0 * x + c1 * y + c2 * z)
        u = (a0 * x + a1 * y + a2 * z) * scale
        v = (b0 * x + b1 * y + b2 * z) * scale
        # Nearest lattice point in cube coordinates (i + j + k = 0): round all, mend the one that moved most.
        j = v / _HALF_ROOT_3
        i = u - 0.5 * j
        k = -i - j
        i_near, j_near, k_near = np.floor(i + 0.5), np.floor(j + 0.5), np.floor(k + 0.5)
        i_off, j_off, k_off = abs(i_near - i), abs(j_near - j), abs(k_near - k)
        mend_i = (i_off > j_off) & (i_off > k_off)
        mend_j = (j_off > k_off) & (not mend_i)
        i_near, j_near = (-j_near - k_near if mend_i else i_near), (-i_near - k_near if mend_j else j_near)
        # Distance to the nearest edge: edges lie halfway to the six neighbours, at 0, 60 and 120 degrees.
        du = u - (i_near + 0.5 * j_near)
        dv = (v - j_near * _HALF_ROOT_3) * _HALF_ROOT_3
        reach = max(abs(du), abs(0.5 * du + dv), abs(dv - 0.5 * du))
        there = (abs(latitude[row]) <= 90.0) & (abs(longitude[row]) <= 180.0)
        sure = (reach < 0.5 - EDGE_GUARD) & (u * u + v * v > coarse) & there
        key = upper | np.uint64(np.int64(i_near) + _OFFSET) << np.uint64(28) | np.uint64(np.int64(j_near) + _OFFSET)
        here = inward > FACE_GUARD
        keys[row] = (key if sure else UNSURE) if here else ELSEWHERE
        elsewhere += 0 if here else 1
    return elsewhere


@inlined
def _nine(values: Floats) -> tuple[float, float, float, float, float, float, float, float, float]:
    return (values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8])


@vector_kernel
def lattice_keys(frame: Floats, face: int, latitude: Floats, longitude: Floats, keys: UInt64s) -> int:
    """Give the keys of positions on any faces, as :func:`face_keys` does; give the face of the last one sought.

    ``face`` is the one to try first; a key is never :data:`ELSEWHERE` in the end.
    """
    count = face_keys(frame, face, latitude, longitude, keys)
    if count == 0:
        return face
    rest, found, next_row = np.empty(count, np.int64), np.empty(count, np.uint64), 0
    some_latitude, some_longitude = np.empty(count, np.float64), np.empty(count, np.float64)
    for row in range(keys.size):
        if keys[row] == ELSEWHERE:
            rest[next_row] = row
            next_row += 1
    passes = 0
    while count > 0:
        passes += 1
        for k in range(count):
            some_latitude[k], some_longitude[k] = latitude[rest[k]], longitude[rest[k]]
        face = nearest_face(frame, *vector_of(some_latitude[0], some_longitude[0]))
        face_keys(frame, face, some_latitude[:count], some_longitude[:count], found)
        if found[0] == ELSEWHERE:
            found[0] = UNSURE  # between two faces, or no position
        left = 0
        for k in range(count):
            if found[k] == ELSEWHERE and passes == len(frame):
                found[k] = UNSURE  # as many passes as there are faces: what is left lies between them
            keys[rest[k]] = found[k]
            if found[k] == ELSEWHERE:
                rest[left] = rest[k]
                left += 1
        count = left
    return face
