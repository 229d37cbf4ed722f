"""From payments to queries: which tables they read, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hereabouts.estimate.measurements import Measurements, Payment
from hereabouts.privacy.accounting import rho_of
from hereabouts.privacy.bins import BINS
from hereabouts.release.region import Region
from hereabouts.risk.attack.queries import name_of, queries_of, tables_of
from hereabouts.windows import Window

if TYPE_CHECKING:
    from tests.risk.attack.conftest import Queries


def test_each_piece_has_a_name_and_a_noise(queries: Queries) -> None:
    found = queries(1.0)
    assert [name_of(query) for query in found] == [
        "presence at resolution 6 (hours)",
        "presence at resolution 7 (hours)",
        "visitors at resolution 7 by P1D (cells)",
        "flows at resolution 6 (pairs)",
    ]
    assert tables_of(found) == {"presence", "trips"}
    for query in found:
        assert query.noise_scale**2 * 2 * float(query.rho) >= query.squared_sensitivity


def test_distributions_are_queries_too(region: Region, window: Window) -> None:
    rho = rho_of(1.0, 1e-6)
    payments = (
        Payment("trip-lengths", None, "taken", rho, 1, 0.0, 0),
        Payment("trip-lengths", None, "bins", rho, 4 * 256 * 256, 0.0, 0),
        Payment("cells-per-device-day", None, "counts", rho, 4, 0.0, 0),
    )
    found, others = queries_of(Measurements(payments), region, window)
    assert [(query.size, query.squared_bound) for query in found] == [
        (len(BINS["trip-lengths"].edges), 4),
        (len(BINS["cells-per-device-day"].edges), None),
    ]
    assert others == ["trip-lengths (taken)"]
    assert tables_of(found) == {"presence", "trips"}
