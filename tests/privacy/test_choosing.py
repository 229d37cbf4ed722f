"""Bounds from noisy norms: they follow the devices, and no phantom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.privacy.bounding import NORM_BINS
from hereabouts.privacy.choosing import NoisyNorms

Integers = NDArray[np.int64]
POWERS = {2**power for power in range(NORM_BINS)}


def histogram(**counts: int) -> Integers:
    """Devices by bin, ``b5=100`` for a hundred in the fifth."""
    found = np.zeros(NORM_BINS, dtype=np.int64)
    for name, count in counts.items():
        found[int(name[1:])] = count
    return found


any_histogram = st.lists(st.integers(-300, 5000), min_size=NORM_BINS, max_size=NORM_BINS).map(
    lambda counts: np.array(counts, dtype=np.int64)
)


@given(noisy=any_histogram, sd=st.floats(0.1, 500), entries=st.integers(1, 10**7), multiplier=st.floats(0.1, 1e5))
@settings(max_examples=150)
def test_whatever_the_noise_a_choice_is_one_that_the_proof_notes_know(
    noisy: Integers, sd: float, entries: int, multiplier: float
) -> None:
    """A histogram of nothing but noise below zero, too: a question has to be asked all the same."""
    norms = NoisyNorms(noisy, sd, entries)
    for bound in (norms.least_error(multiplier), norms.widest(multiplier)):
        assert bound in POWERS
        assert norms.most_taken(bound, multiplier) in POWERS
        assert 0.0 <= norms.spread(bound) < math.inf


def test_few_full_numbers_are_hardly_scaled() -> None:
    """Ten bins and ten thousand devices: less noise is not worth what would be cut off."""
    devices = histogram(b3=4000, b5=5000, b7=1000)
    assert NoisyNorms(devices, 50.0, 10).least_error(30.0) >= 64
    assert NoisyNorms(devices, 50.0, 10).least_error(30_000.0) == 1, "but with noise beyond all, it is"


def test_many_numbers_are_scaled_where_noise_has_stopped_getting_less() -> None:
    """All devices are of one length: to scale them to half of it would give half of the signal at half of the noise."""
    assert NoisyNorms(histogram(b6=10_000), 50.0, 9000).widest(30.0) in {32, 64}


def test_where_noise_is_nothing_bias_is_what_counts() -> None:
    devices = histogram(b0=5000, b4=5000, b8=200)
    assert NoisyNorms(devices, 50.0, 30).widest(1e-3) >= 256


def test_noise_in_the_bin_of_the_longest_raises_no_bound() -> None:
    """A hundred phantoms with vectors of 8,192 would weigh more than ten thousand devices with 32."""
    devices = histogram(b5=10_000)
    haunted = devices + histogram(b13=100)
    clean, wary = (NoisyNorms(noisy, 50.0, 9000) for noisy in (devices, haunted))
    assert wary.widest(30.0) == clean.widest(30.0)
    assert wary.spread(32) == clean.spread(32)
    assert NoisyNorms(haunted, 5.0, 9000).spread(32) > 0.5, "where they stand out, they are there"


def test_what_is_longer_than_a_vector_can_be_is_noise() -> None:
    haunted = histogram(b5=10_000, b9=2000)
    assert NoisyNorms(haunted, 50.0, 9000, longest=168).spread(32) == pytest.approx(
        NoisyNorms(histogram(b5=10_000), 50.0, 9000).spread(32)
    )
    kept = NoisyNorms(histogram(b8=10_000), 50.0, 9000, longest=168).counts
    assert kept[8] == 10_000, "the bin that holds the longest there can be is none of these"


def test_what_is_counted_of_what_was_taken_covers_most_devices() -> None:
    norms = NoisyNorms(histogram(b5=9000, b7=1000), 50.0, 10**6, longest=128)
    assert norms.most_taken(32, 10.0) >= 64, "128 entries scaled to the root of 32 lose 64"
    assert norms.most_taken(32, 1e6) == 1
    assert norms.most_taken(128, 10.0) == 1, "nothing is taken: whatever is paid for it, the least noise is best"


def test_where_norms_are_all_noise_bounds_are_large() -> None:
    """Six hundred devices seen through noise of 55: what cannot be seen must not be cut off, and taken for nothing."""
    few = NoisyNorms(histogram(b0=209, b1=96, b2=71, b3=80, b4=77, b5=36, b6=22, b7=9), 55.0, 8)
    assert few.least_error(35.0) >= 32
    assert NoisyNorms(few.noisy, 55.0, 8, longest=1).least_error(35.0) == 1, "unless they can have no more than one"
    assert NoisyNorms(100 * few.noisy, 55.0, 8).least_error(35.0) >= 64, "and of more devices they are seen"


def test_who_are_all_alike_are_scaled_alike() -> None:
    assert NoisyNorms(histogram(b6=500), 10.0, 9000).spread(4) == pytest.approx(0.0)
    assert NoisyNorms(histogram(b2=500, b8=500), 10.0, 9000).spread(4) > 0.1
