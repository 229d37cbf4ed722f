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
    figure, finding = precision_of(np.rint(positions() / step) * step, 100)
    assert figure.value == pytest.approx(step * 111_195)
    assert words in finding.text


def test_a_few_that_are_finer_do_not_hide_it() -> None:
    some = np.round(positions(), 2)
    some[:50] = positions()[:50]
    assert "2 decimal places" in precision_of(some, 100)[1].text


def test_positions_that_were_not_rounded_have_no_grid() -> None:
    figure, finding = precision_of(positions(), 100)
    assert "more than seven" in finding.text
    assert figure.value == pytest.approx(0.011, rel=0.02)


def test_centres_of_hexagons_are_known_for_what_they_are() -> None:
    cells = [h3.latlng_to_cell(*position, 7) for position in positions(300).tolist()]
    figure, finding = precision_of(np.array([h3.cell_to_latlng(cell) for cell in cells]), 100)
    assert "centres of H3 cells of resolution 7, some 2.4 km" in finding.text
    assert figure == precision_of_cells(7, 100)[0]


def test_a_sample_is_drawn_evenly_from_all_batches() -> None:
    sample = PositionSample(1)
    for batch in range(20):
        n = 5_000
        sample.look(Seen(np.zeros(n, np.int32), np.full(n, float(batch)), np.zeros(n)))
    counts = np.bincount(sample.positions[:, 0].astype(int), minlength=20)
    assert counts.sum() == SAMPLE
    assert abs(counts - SAMPLE / 20).max() < 6 * (SAMPLE / 20) ** 0.5
