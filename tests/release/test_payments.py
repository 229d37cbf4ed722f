"""What is measured for a plan: every grain of its rho, and noise as it is drawn."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hereabouts.catalogue.distributions import DISTRIBUTIONS
from hereabouts.privacy.accounting import rho_of
from hereabouts.release.payments import Payment, payments
from hereabouts.release.plan import Plan
from hereabouts.release.region import region_of
from hereabouts.windows import Calendar

WINDOW = Calendar.of("Europe/Paris", "P7D", None).named("2024-03-04/2024-03-11")
RHO = rho_of(1.0, 1e-6)
EVERYTHING = ("presence", "visitors", "flows", *DISTRIBUTIONS)


def bought(**changes: Any) -> list[Payment]:
    wanted = {
        "name": "movement",
        "purpose": "transport-planning",
        "region": {"bbox": [2.1, 48.7, 2.6, 49.0]},
        "window": WINDOW.name,
        "epsilon": 1.0,
        "delta": 1e-6,
        "statistics": EVERYTHING,
    }
    plan = Plan.model_validate(wanted | changes)
    most = {name: DISTRIBUTIONS[name].most for name in plan.distributions}
    natural = {name: None if of_days is None else of_days(7) for name, of_days in most.items()}
    return payments(plan, WINDOW, region_of(plan.region), RHO, natural)


@settings(max_examples=30, deadline=None)
@given(
    statistics=st.lists(st.sampled_from(EVERYTHING), min_size=1, unique=True),
    resolutions=st.sets(st.integers(4, 7), min_size=1),
    periods=st.sets(st.sampled_from(["P1D", "P7D", "hour-of-day"]), min_size=1),
)
def test_not_a_grain_of_rho_is_lost_or_made_up(statistics: list[str], resolutions: set[int], periods: set[str]) -> None:
    levels: dict[str, dict[str, Any]] = {name: {"resolutions": [*resolutions]} for name in ("presence", "visitors")}
    flows = {"resolutions": [*resolutions], "periods": [*periods]}
    paid = bought(statistics=statistics, **levels, flows=flows)
    assert sum((piece.rho for piece in paid), Fraction(0)) == RHO
    assert sum(piece.share for piece in paid) == pytest.approx(1)


def test_the_noise_of_a_natural_bound_is_known() -> None:
    (piece,) = bought(statistics=["radius-of-gyration"])
    sd = 1 / math.sqrt(2 * float(RHO))
    assert piece.noise_sd == pytest.approx((sd, sd), rel=1e-9)
    (daily,) = bought(statistics=["trips-per-device-day"])
    assert daily.noise_sd == pytest.approx((7 * sd, 7 * sd), rel=1e-9)


def test_the_noise_of_a_bound_that_is_chosen_privately_is_a_span() -> None:
    for piece in bought(statistics=["visitors", "trip-lengths"]):
        if piece.noise_sd is not None:
            assert piece.noise_sd[0] < piece.noise_sd[1]


def test_drawing_takes_longer_for_more_numbers() -> None:
    few, many = bought(statistics=["presence"], presence={"resolutions": [4, 7]})
    assert few.values < many.values
    assert few.seconds < many.seconds
