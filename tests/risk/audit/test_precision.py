"""The grid on which positions lie."""

from __future__ import annotations

import h3.api.numpy_int as h3
import numpy as np
import pytest

from hereabouts.movement.kernel import Floats
from hereabouts.risk.audit.precision import SAMPLE, PositionSample, precision_of, precision_of_cells
from hereabouts.risk.reading import Seen


def positions(n: int = 2_000) -> Floats:
    rng = np.random.default_rng(1)
    return np.column_stack([rng.uniform(50, 54, n), rng.uniform(-3, 1, n)])


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1e-5, "5 decimal places: they lie on a grid of 0.00001 degrees, some 1.1 m"),
        (1e-3, "3 decimal places: they lie on a grid of 0.001 degrees, some 111 m"),
        (5e-3, "3 decimal places: they lie on a grid of 0.005 degrees, some 556 m"),
        (0.1, "1 decimal place: they lie on a grid of 0.1 degrees, some 11 km"),
    ],
)
def test_rounded_positions_lie_on_a_grid(step: float, words: str) -> None:
    figure, finding = precision_of(np.rint(positions() / step) * step)
    assert figure.value == pytest.approx(step * 111_195)
    assert words in finding.text


def test_a_few_that_are_finer_do_not_hide_it() -> None:
    some = np.round(positions(), 2)
    some[:50] = positions()[:50]
    assert "2 decimal places" in precision_of(some)[1].text


def test_positions_that_were_not_rounded_have_no_grid() -> None:
    figure, finding = precision_of(positions())
    assert "more than seven" in finding.text
    assert figure.value == pytest.approx(0.011, rel=0.02)


def test_centres_of_hexagons_are_known_for_what_they_are() -> None:
    cells = [h3.latlng_to_cell(*position, 7) for position in positions(300).tolist()]
    figure, finding = precision_of(np.array([h3.cell_to_latlng(cell) for cell in cells]))
    assert "centres of H3 cells of resolution 7, some 2.4 km" in finding.text
    assert figure == precision_of_cells(7, 300)[0]


@pytest.mark.parametrize("finer", [1, 19])
def test_fewer_than_twenty_devices_do_not_turn_it(finer: int) -> None:
    some = np.round(positions(100), 2)
    coarse = precision_of(some)
    some[:finer] = positions(100)[:finer]
    assert precision_of(some) == coarse
    some[:20] = positions(100)[:20]
    assert precision_of(some) != coarse


def test_of_fewer_than_forty_devices_nothing_is_told() -> None:
    assert precision_of(positions(39))[0].value is None
    assert precision_of(positions(40))[0].value is not None


def test_each_device_has_one_position_however_many_pings_in_whatever_order() -> None:
    rng = np.random.default_rng(2)
    device, latitude, longitude = rng.integers(0, 9, 500).astype(np.int32), *rng.uniform(-1, 1, (2, 500))
    order, found = np.arange(500), []
    for batches in (1, 7):
        sample = PositionSample()
        for part in np.array_split(order, batches):
            sample.look(Seen(device[part], device[part].astype(np.int64), latitude[part], longitude[part]))
        found.append(sample.positions)
        order = rng.permutation(order)
    np.testing.assert_array_equal(found[0], found[1])
    whose = [int(device[(latitude == at[0]) & (longitude == at[1])][0]) for at in found[0]]
    assert whose == list(range(9))


def test_coarse_first_rows_do_not_hide_fine_ones() -> None:
    """Who sells the data chooses in which order they are."""
    sample, device = PositionSample(), np.arange(2_000, dtype=np.int32)
    now = np.zeros(2_000, np.int64)
    sample.look(Seen(device, now, *np.round(positions(), 1).T.copy()))
    for batch in range(19):
        sample.look(Seen(device, now, *(positions() + np.random.default_rng(batch).uniform(0, 1, (2_000, 2))).T.copy()))
    assert "more than seven" in precision_of(sample.positions)[1].text


def test_of_many_devices_a_sample_is_looked_at() -> None:
    sample, n = PositionSample(), 5 * SAMPLE // 2
    sample.look(Seen(np.arange(n, dtype=np.int32), np.zeros(n, np.int64), np.arange(float(n)), np.zeros(n)))
    assert SAMPLE // 2 <= len(sample.positions) <= SAMPLE
    assert sample.positions[-1, 0] > 0.99 * n
