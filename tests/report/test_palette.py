"""The claims of the palette, computed: even steps of lightness, order for colour-blind readers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from hereabouts.report.palette import SURENESS_LIMITS, SURENESS_RAMP, VALUE_RAMP

Matrix = NDArray[np.float64]

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> Matrix:
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Matrix) -> Matrix:
    """Ottosson 2020."""
    to_cones = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    return np.asarray(to_lab @ np.cbrt(to_cones @ np.clip(rgb, 0, 1)))


@pytest.mark.parametrize("ramp", [VALUE_RAMP, SURENESS_RAMP], ids=["value", "sureness"])
def test_lightness_goes_in_equal_steps(ramp: tuple[str, ...]) -> None:
    steps = np.diff([oklab(linear(colour))[0] for colour in ramp])
    assert np.ptp(steps) < 0.03
    assert abs(steps.mean()) > 0.09


@pytest.mark.parametrize("kind", DEFICIENCIES)
@pytest.mark.parametrize("ramp", [VALUE_RAMP, SURENESS_RAMP], ids=["value", "sureness"])
def test_neighbours_differ_and_keep_their_order_for_every_reader(ramp: tuple[str, ...], kind: str) -> None:
    seen = np.array([oklab(DEFICIENCIES[kind] @ linear(colour)) for colour in ramp])
    lightness = np.diff(seen[:, 0])
    assert (np.sign(lightness) == np.sign(lightness[0])).all()
    assert np.linalg.norm(np.diff(seen, axis=0), axis=1).min() > 0.05


def test_each_kind_of_sureness_has_a_colour() -> None:
    assert len(SURENESS_RAMP) == len(SURENESS_LIMITS) + 1
