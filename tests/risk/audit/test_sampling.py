"""How densely devices are sampled, in quantiles over devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hereabouts.risk.audit.sampling import sampling
from hereabouts.windows import HOUR

if TYPE_CHECKING:
    from tests.risk.conftest import TracesOf

MONDAY = 1_709_510_400


def test_quantiles_are_means_of_twenty_devices_in_two_digits(traces_of: TracesOf) -> None:
    """Device k has k pings on each of two days, a minute apart."""
    rows = [
        (k, MONDAY + 86_400 * day + 60 * ping, 52.0, -1.0) for k in range(1, 602) for day in (0, 3) for ping in range(k)
    ]
    low, median, high, *gaps = sampling(traces_of(rows))
    assert (low.value, median.value, high.value) == (60.0, 300.0, 540.0)
    assert median.low is not None
    assert median.high is not None
    assert median.low < 300 < median.high
    assert median.n == 600
    assert [gap.value for gap in gaps] == [60.0, 60.0, 60.0]


def test_a_tenth_of_few_devices_is_not_told(traces_of: TracesOf) -> None:
    rows = [(k, MONDAY + 60 * ping, 52.0, -1.0) for k in range(100) for ping in range(5)]
    low, median, high, *_ = sampling(traces_of(rows))
    assert (low.value, median.value, high.value) == (None, 5.0, None)


def test_one_device_has_no_quantile_of_its_own(traces_of: TracesOf) -> None:
    """Hundred devices with five pings a day, and one with hundreds, which no end of an interval is."""
    rows = [(k, MONDAY + 60 * ping, 52.0, -1.0) for k in range(100) for ping in range(5)]
    odd = [(100, MONDAY + 60 * ping, 52.0, -1.0) for ping in range(900)]
    assert [f.high for f in sampling(traces_of(rows))] == [f.high for f in sampling(traces_of(rows + odd))]


def test_a_sealed_window_has_hours_and_no_pings(traces_of: TracesOf) -> None:
    rows = [(k, MONDAY + HOUR * hour, 52.0, -1.0) for k in range(100) for hour in range(7)]
    figures = sampling(traces_of(rows, 8, HOUR))
    assert len(figures) == 3
    assert figures[1].name.startswith("hours with presence")
    assert figures[1].value == 7.0
