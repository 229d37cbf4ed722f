"""What was measured is kept to the last bit: it was paid for once."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hereabouts.estimate.measurements import FlowLevel, Measurements, Payment, PresenceLevel

integers = st.integers(-(2**62), 2**62)
positive = st.floats(min_value=1e-300, max_value=1e300)
resolutions = st.integers(0, 15)
rhos = st.fractions(min_value=0, max_value=100)

payments = st.builds(
    Payment,
    statistic=st.sampled_from(["presence", "flows"]),
    resolution=st.none() | resolutions,
    part=st.sampled_from(["hours", "norms", "totals", "pairs"]),
    rho=rhos,
    squared_sensitivity=st.integers(1, 10**30),
    noise_scale=positive,
    values=st.integers(0, 10**9),
)
presence = st.builds(
    PresenceLevel,
    resolution=resolutions,
    noisy=arrays(np.int64, st.tuples(st.integers(0, 5), st.integers(0, 5)), elements=integers),
    variance=positive,
)
flows = st.integers(0, 6).flatmap(
    lambda size: st.builds(
        FlowLevel,
        resolution=resolutions,
        asked=st.booleans(),
        pairs=arrays(np.int64, size, elements=integers),
        noisy=arrays(np.int64, size, elements=integers),
        variance=positive,
        unit=st.integers(1, 1000),
        totals=st.tuples(integers, integers),
        totals_variance=positive,
    )
)
measurements = st.builds(
    Measurements,
    payments=st.lists(payments, max_size=4).map(tuple),
    presence=st.lists(presence, max_size=3).map(tuple),
    flows=st.lists(flows, max_size=3).map(tuple),
)


def same(a: object, b: object) -> bool:
    """Equal field by field, arrays with their shape and type."""
    mine, other = vars(a), vars(b)
    if mine.keys() != other.keys() or type(a) is not type(b):
        return False
    for name, value in mine.items():
        if isinstance(value, np.ndarray):
            if value.dtype != other[name].dtype or not np.array_equal(value, other[name]):
                return False
        elif (type(value), value) != (type(other[name]), other[name]):
            return False
    return True


@given(kept=measurements)
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_what_was_written(kept: Measurements) -> None:
    found = Measurements.from_bytes(kept.to_bytes())
    for mine, other in (
        (kept.payments, found.payments),
        (kept.presence, found.presence),
        (kept.flows, found.flows),
    ):
        assert len(mine) == len(other)
        assert all(same(a, b) for a, b in zip(mine, other, strict=True))


def test_rho_stays_an_exact_fraction() -> None:
    paid = Payment("flows", None, "norms", Fraction(10**40 + 1, 3 * 10**41), 3, 2.5, 42)
    (found,) = Measurements.from_bytes(Measurements((paid,), (), ()).to_bytes()).payments
    assert found == paid
    assert isinstance(found.rho, Fraction)


def test_nothing_measured_is_kept_too() -> None:
    assert Measurements.from_bytes(Measurements((), (), ()).to_bytes()) == Measurements((), (), ())


def test_no_code_is_in_what_is_kept() -> None:
    """The file is read with pickles refused, and so is anything that hides one."""
    level = PresenceLevel(7, np.zeros((2, 3), dtype=np.int64), 1.0)
    content = Measurements((), (level,), ()).to_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        assert set(archive.files) == {"facts", "presence0.noisy"}
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.array([object()], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        Measurements.from_bytes(buffer.getvalue())


@pytest.mark.parametrize("bits", [8, 16, 32, 63])
def test_numbers_take_no_more_room_than_they_need_and_come_back_whole(bits: int) -> None:
    """At the very ends of each kind of integer, and one beyond them."""
    for ends in ([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1], [0, 2 ** (bits - 1)], [-(2 ** (bits - 1)) - 1, 0]):
        level = PresenceLevel(7, np.array([ends] * 4000), 1.0)
        content = Measurements((), (level,), ()).to_bytes()
        assert np.array_equal(Measurements.from_bytes(content).presence[0].noisy, level.noisy)
        if bits < 63 and ends[0] and ends[1]:
            assert len(content) < 8000 * bits // 8 + 2000
