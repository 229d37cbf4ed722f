"""What a plan buys: exact shares, noise as it is drawn, and the count from which the noise lets a row out."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from hereabouts.catalogue.distributions import DISTRIBUTIONS
from hereabouts.privacy.accounting import rho_of
from hereabouts.release.expected import Level, levels
from hereabouts.release.payments import Payment, payments
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection
from hereabouts.release.region import Region, region_of
from hereabouts.windows import Calendar

WINDOW = Calendar.of("Europe/Paris", "P7D", None).named("2024-03-04/2024-03-11")
RHO = rho_of(1.0, 1e-6)
EVERYTHING = ("presence", "visitors", "flows", *DISTRIBUTIONS)


def plan_of(**changes: Any) -> Plan:
    wanted = {
        "name": "movement",
        "purpose": "transport-planning",
        "region": {"bbox": [2.1, 48.7, 2.6, 49.0]},
        "window": WINDOW.name,
        "epsilon": 1.0,
        "delta": 1e-6,
        "statistics": EVERYTHING,
    }
    return Plan.model_validate(wanted | changes)


def natural(plan: Plan) -> dict[str, int | None]:
    most = {name: DISTRIBUTIONS[name].most for name in plan.distributions}
    return {name: None if of_days is None else of_days(7) for name, of_days in most.items()}


def bought(plan: Plan, region: Region | None = None) -> tuple[list[Payment], list[Level]]:
    protection = Protection(region or region_of(plan.region), 0, ())
    paid = payments(plan, WINDOW, protection.region, RHO, natural(plan))
    return paid, levels(plan, WINDOW, protection, paid)


def test_presence_of_an_hour_has_the_noise_of_all_hours_and_a_mean_has_less() -> None:
    paid, found = bought(
        plan_of(statistics=["presence"], presence={"resolutions": [7], "periods": ["PT1H", "P1D", "P7D"]})
    )
    (piece,) = paid
    sd = math.sqrt(WINDOW.hours / (2 * float(RHO)))
    assert piece.noise_sd == pytest.approx((sd, sd), rel=1e-9)
    by_period = {level.period: level for level in found}
    assert by_period["PT1H"].noise_sd == pytest.approx((sd, sd), rel=1e-9)
    assert by_period["P1D"].noise_sd == pytest.approx((sd / math.sqrt(24),) * 2, rel=1e-9)
    assert by_period["P7D"].noise_sd == pytest.approx((sd / math.sqrt(168),) * 2, rel=1e-9)
    assert [by_period[p].rows // by_period["P7D"].rows for p in ("PT1H", "P1D")] == [168, 7]


def test_a_typical_week_has_more_weekdays_than_weekends() -> None:
    _, found = bought(
        plan_of(statistics=["presence"], presence={"resolutions": [7], "periods": ["PT1H", "typical-week"]})
    )
    hour, week = found
    assert week.rows == 48 * hour.rows // 168
    assert week.noise_sd == pytest.approx((hour.noise_sd[0] / math.sqrt(5), hour.noise_sd[0] / math.sqrt(2)))


@pytest.mark.parametrize(("minimum", "halfwidth"), [(20, 0.5), (500, 0.5), (0, 0.1), (0, float("inf"))])
def test_a_row_is_published_from_where_its_interval_is_useful(minimum: float, halfwidth: float) -> None:
    _, found = bought(plan_of(publish={"minimum": minimum, "max_relative_halfwidth": halfwidth}))
    for level in found:
        start, sd = level.published_from[1], level.noise_sd[1]
        assert start >= minimum
        assert start == minimum or 1.96 * sd == pytest.approx(halfwidth * start)


def test_of_a_small_region_hours_are_likely_empty_and_the_window_is_not() -> None:
    region = region_of(plan_of().region)
    some = Region(region.leaves[:20])
    _, found = bought(plan_of(epsilon=1.0, statistics=["presence"], presence={"resolutions": [7]}), some)
    empty = {level.period: level.likely_empty for level in found}
    assert empty == {"PT1H": False, "P1D": False, "P7D": False}
    dear = [level for level in bought_for(some, RHO / 400) if level.likely_empty]
    assert {level.period for level in dear} == {"PT1H"}


def bought_for(region: Region, rho: Fraction) -> list[Level]:
    plan = plan_of(statistics=["presence"], presence={"resolutions": [7], "periods": ["PT1H", "P7D"]})
    protection = Protection(region, 0, ())
    return levels(plan, WINDOW, protection, payments(plan, WINDOW, region, rho, natural(plan)))


def test_flows_are_a_span_as_their_bound_is_chosen_privately() -> None:
    paid, found = bought(plan_of(statistics=["flows"], flows={"resolutions": [5]}))
    assert [piece.part for piece in paid] == ["norms", "totals", "pairs"]
    (level,) = found
    assert level.noise_sd[0] < level.noise_sd[1]
    cells = np.unique(region_of(plan_of().region).cells(5)).size
    assert level.rows == cells**2


def test_a_resolution_that_only_chooses_where_the_next_one_looks_has_no_rows() -> None:
    plan = plan_of(statistics=["flows"], flows={"resolutions": [7]}, region={"bbox": [0.5, 47.5, 4.5, 50.0]})
    paid, found = bought(plan)
    assert {piece.resolution for piece in paid if piece.part == "pairs"} >= {6, 7}
    assert {level.resolution for level in found} == {7}


def test_every_level_that_is_asked_for_is_expected_once() -> None:
    """Distributions are levels of their own: of the window, in bins."""
    periods = ["P1D", "P7D"]
    plan = plan_of(
        presence={"resolutions": [6, 7], "periods": [*periods, "PT1H", "typical-week", "hour-of-day"]},
        visitors={"resolutions": [6, 7], "periods": periods},
        flows={"resolutions": [5, 6], "periods": [*periods, "hour-of-day"]},
    )
    _, found = bought(plan)
    keys = [(level.statistic, level.resolution, level.period) for level in found]
    assert len(set(keys)) == len(keys)
    by_cell = {(s, r, p) for s in plan.by_cell for r in plan.levels(s).resolutions for p in plan.levels(s).periods}
    assert set(keys) == by_cell | {(name, None, "P7D") for name in plan.distributions}


def test_what_is_counted_is_said() -> None:
    _, found = bought(plan_of())
    counted = {level.statistic: level.counted for level in found}
    assert (counted["presence"], counted["flows"]) == ("devices", "trips")
    assert (counted["stay-durations"], counted["cells-per-device-day"]) == ("stays", "device-days")
