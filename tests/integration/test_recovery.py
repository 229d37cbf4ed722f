"""An attack on protected areas: nobody can work out what they withhold from all that is published beside it.

Exact figures are published by the real code, with nothing held back for being small or unsure;
every published row is a linear equation in what each resolution-7 cell held in each hour, and what the equations of
all plans together determine is read off their rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h3.api.numpy_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hereabouts.errors import RefusedError
from hereabouts.estimate.flows.levels import Flows
from hereabouts.estimate.flows.pairs import FlowEstimate
from hereabouts.estimate.presence.hours import HourlyEstimate
from hereabouts.estimate.reconcile import parent_positions
from hereabouts.hexagons import parents_of
from hereabouts.release.plan import Plan
from hereabouts.release.protected import Protection, protect
from hereabouts.release.region import Region
from hereabouts.release.tables.flows import flows_table
from hereabouts.release.tables.presence import presence_table
from hereabouts.rules.protected import ProtectedArea
from hereabouts.windows import Calendar, Window

Floats = NDArray[np.float64]
Cells = NDArray[np.uint64]

TWO_DAYS = Calendar.of("Europe/Paris", "P2D", None).at(1_711_400_000)
HERE = h3.latlng_to_cell(48.85, 2.35, 5)
SIXES = np.sort(np.asarray(h3.cell_to_children(HERE, 6), dtype=np.uint64))
BESIDE = np.uint64(h3.cell_to_children(min(c for c in h3.grid_disk(HERE, 1) if c != HERE), 6)[0])
#: A whole cell of resolution 5, and one of resolution 6 below its neighbour: 56 leaves.
GROUND = np.unique(
    np.concatenate([np.asarray(h3.cell_to_children(int(c), 7), dtype=np.uint64) for c in (*SIXES, BESIDE)])
)
#: The attacker is told every hour but these, two of each day: the fewer are unknown, the easier it is.
UNKNOWN = np.array([8, 17, 30, 41])
#: And all trips but those to these leaves, three each of three cells of resolution 6.
ENDS = np.concatenate([np.flatnonzero(parents_of(GROUND, 6) == six)[:3] for six in (SIXES[0], SIXES[1], BESIDE)])


def area(*cells: int | np.uint64, resolution: int = 6, period: str = "P1D", name: str = "corridor") -> ProtectedArea:
    return ProtectedArea(
        name=name,
        cells=tuple(h3.int_to_str(int(c)) for c in cells),
        finest_resolution=resolution,
        finest_period=period,
    )


def guard(*areas: ProtectedArea, leaves: Cells = GROUND, window: Window = TWO_DAYS) -> Protection:
    return protect(areas, Path(), Region(leaves), window)


def make_plan(resolutions: Sequence[int] = (5, 6, 7), periods: Sequence[str] = ("PT1H", "P1D", "P2D")) -> Plan:
    return Plan.model_validate(
        {
            "name": "attack",
            "purpose": "research",
            "region": {"cells": [h3.int_to_str(HERE)]},
            "window": TWO_DAYS.name,
            "epsilon": 1.0,
            "delta": 1e-6,
            "statistics": ["presence", "flows"],
            "presence": {"resolutions": resolutions, "periods": periods},
            "flows": {"resolutions": resolutions, "periods": ["P2D"]},
            "publish": {"minimum": 0.0, "max_relative_halfwidth": float("inf")},
        }
    )


_ENDS = ("origin", "destination")


# --- the attack ------------------------------------------------------------------------------------------------------

TRUTH = np.random.default_rng(3).integers(0, 500, (GROUND.size, TWO_DAYS.hours)).astype(float)
TRIPS = np.random.default_rng(4).integers(0, 90, (GROUND.size, GROUND.size)).astype(float)


def presence_equations(protection: Protection, plan: Plan) -> Floats:
    """What a release's presence says of the unknown hours: one row a published row, (rows, leaves x unknown hours)."""
    region = protection.region
    domains = {r: region.cells(r) for r in range(8)}
    held = np.isin(GROUND, region.leaves)
    exact = {}
    for resolution, cells in domains.items():
        hours = np.zeros((cells.size, TWO_DAYS.hours))
        np.add.at(hours, parent_positions(region.leaves, cells, resolution), TRUTH[held])
        sure = np.full((cells.size, 1), 1e-12)
        exact[resolution] = HourlyEstimate(hours, np.full(hours.shape, 1e-12), np.tile(sure, 2), sure)
    content = presence_table(exact, domains, TWO_DAYS, plan, protection).content
    starts = content["start"].cast("int64").to_numpy()
    equations, values = [], content["devices"].to_numpy()
    for place, (name, resolution, period) in enumerate(
        zip(content["cell"].to_pylist(), content["resolution"].to_pylist(), content["period"].to_pylist(), strict=True)
    ):
        when = TWO_DAYS.hour_starts() == starts[place]
        if period == "P1D":
            when = TWO_DAYS.day_of_hour == TWO_DAYS.day_of_hour[when][0]
        elif period == "P2D":
            when = np.ones(TWO_DAYS.hours, dtype=bool)
        if not when[UNKNOWN].any():
            continue
        inside = held & (parents_of(GROUND, resolution) == np.uint64(int(name, 16)))
        equation = np.outer(inside, when / when.sum())
        assert (equation * TRUTH).sum() == pytest.approx(values[place], abs=1e-3), "it says what we take it to say"
        equations.append(equation[:, UNKNOWN].ravel())
    return np.unique(np.array(equations).reshape(-1, GROUND.size * UNKNOWN.size), axis=0)


def flow_equations(protection: Protection, plan: Plan) -> Floats:
    """What a release's flows say of the unknown trips: one row a published row, (rows, leaves x unknown ends)."""
    region = protection.region
    domains = {r: region.cells(r) for r in range(8)}
    held = np.flatnonzero(np.isin(GROUND, region.leaves))
    exact = {}
    for resolution, cells in domains.items():
        place = parent_positions(region.leaves, cells, resolution)
        sums = np.zeros((cells.size, cells.size))
        np.add.at(sums, (place[:, None], place[None, :]), TRIPS[np.ix_(held, held)])
        origin, destination = np.divmod(np.arange(cells.size**2), cells.size)
        trips = sums.ravel()
        exact[resolution] = Flows(origin, destination, FlowEstimate(trips, np.full(trips.size, 1e-12), trips, trips))
    content = flows_table(exact, domains, TWO_DAYS, plan, protection).content
    ends = [
        np.array([int(c, 16) for c in content[end].to_pylist()], dtype=np.uint64) for end in content.schema.names[:2]
    ]
    inside = np.isin(GROUND, region.leaves)
    equations = []
    for start, end, value in zip(*ends, content["trips"].to_pylist(), strict=True):
        resolution = h3.get_resolution(int(start))
        sides = [inside & (parents_of(GROUND, resolution) == side) for side in (start, end)]
        equation = np.outer(*sides).astype(float)
        assert (equation * TRIPS).sum() == pytest.approx(value)
        equations.append(equation[:, ENDS].ravel())
    return np.unique(np.array(equations).reshape(-1, GROUND.size * ENDS.size), axis=0)


def determined(equations: Floats, wanted: Floats) -> bool:
    """Whether a sum of unknowns follows from the equations: whether it is a combination of them."""
    if not equations.size:
        return False
    wanted = wanted.ravel()
    combination = np.linalg.lstsq(equations.T, wanted, rcond=1e-10)[0]
    return bool(np.abs(equations.T @ combination - wanted).max() < 1e-6)


def cells_hours(cells: NDArray[np.bool_], hours: Sequence[int] | slice = slice(None)) -> Floats:
    chosen = np.zeros(UNKNOWN.size)
    chosen[hours] = 1.0
    return np.outer(cells, chosen)


def pairs(origins: NDArray[np.bool_], destinations: NDArray[np.bool_]) -> Floats:
    return np.outer(origins, destinations[ENDS]).astype(float)


def below(parent: int | np.uint64) -> NDArray[np.bool_]:
    return np.asarray(parents_of(GROUND, h3.get_resolution(int(parent))) == np.uint64(parent))


def naive(protection: Protection) -> Protection:
    """Withholds finer rows of the area alone: without the closure, beside which it is held."""

    class Naive(Protection):
        def withheld(self, cells: Cells, resolution: int, period: str, window: Window) -> NDArray[np.bool_]:
            (guarded,) = self.areas
            named = np.array([int(name, 16) for name in guarded.area.cells or ()], dtype=np.uint64)
            return np.isin(cells, named) & super().withheld(cells, resolution, period, window)

    return Naive(protection.region, protection.left_out, protection.areas)


def test_a_protected_leaf_is_not_recovered_from_all_else() -> None:
    secret = GROUND[below(SIXES[1])][2]
    protection = guard(area(secret))
    equations = presence_equations(protection, make_plan())
    for hours in (slice(None), [0], [0, 1], [0, 3]):
        assert not determined(equations, cells_hours(secret == GROUND, hours))
    assert determined(equations, cells_hours(below(SIXES[1]), [0, 1])), "its parent's days are published"
    assert not determined(equations, cells_hours(below(SIXES[1]), [0])), "its parent's hours are not"
    assert determined(equations, cells_hours(below(SIXES[0]), [0])), "the hours of others are"


def test_without_the_closure_the_attack_succeeds() -> None:
    """Parent minus siblings: for the leaf within its parent, and for its parent's hour within what is above it."""
    secret = GROUND[below(SIXES[1])][2]
    open_handed = presence_equations(naive(guard(area(secret))), make_plan())
    assert determined(open_handed, cells_hours(secret == GROUND, [0]))
    open_handed = presence_equations(naive(guard(area(SIXES[1]))), make_plan(resolutions=(5, 6)))
    assert determined(open_handed, cells_hours(below(SIXES[1]), [0]))


def test_without_the_closure_flows_are_recovered_too() -> None:
    """Either end counts: trips from the leaf, and to it."""
    secret = GROUND[ENDS[4]]
    leaf, parent, others = secret == GROUND, below(SIXES[1]), below(SIXES[0])
    assert parent[leaf].all()
    protection = guard(area(secret))
    open_handed = flow_equations(naive(protection), make_plan())
    assert determined(open_handed, pairs(leaf, others))
    assert determined(open_handed, pairs(others, leaf))
    equations = flow_equations(protection, make_plan())
    one = np.uint64(GROUND[ENDS[0]]) == GROUND
    for sides in ((leaf, others), (others, leaf), (leaf, one), (one, leaf), (leaf, leaf), (leaf, parent)):
        assert not determined(equations, pairs(*sides))
    assert determined(equations, pairs(parent, others)), "flows between parents are published"
    assert determined(equations, pairs(one, one)), "and fine ones of others"


def test_two_plans_whose_regions_differ_by_a_part_of_the_parent() -> None:
    """Differencing: the same figures with and without one leaf. A region that cuts the parent leaves it out."""
    secret = GROUND[below(SIXES[1])][2]
    protected = area(secret, period="PT1H")
    plan = make_plan()
    regions = [GROUND, GROUND[secret != GROUND], GROUND[secret == GROUND]]
    wanted = cells_hours(secret == GROUND, [0])
    bare = Protection(Region(regions[1]), 0, guard(protected).areas)
    stacked = np.vstack([presence_equations(p, plan) for p in (guard(protected), bare)])
    assert determined(stacked, wanted), "a region that cuts the parent would give the leaf away"
    cutting = guard(protected, leaves=regions[1])
    stacked = np.vstack([presence_equations(p, plan) for p in (guard(protected), cutting)])
    assert not determined(stacked, wanted)
    assert cutting.left_out == 6
    with pytest.raises(RefusedError) as refused:
        guard(protected, leaves=regions[2])
    assert refused.value.rule == "protected-area"


cell_choices = st.sampled_from([int(c) for c in (*GROUND, *SIXES, BESIDE, np.uint64(HERE))])
areas_of = st.builds(
    lambda cells, resolution, period: area(*cells, resolution=resolution, period=period),
    st.lists(cell_choices, min_size=1, max_size=3, unique=True),
    st.sampled_from([4, 5, 5, 6, 6, 6]),
    st.sampled_from(["PT1H", "P1D", "window"]),
)
plans_of = st.tuples(
    st.builds(
        make_plan,
        st.lists(st.sampled_from([4, 5, 6, 7]), min_size=1, max_size=4, unique=True),
        st.lists(st.sampled_from(["PT1H", "P1D", "P2D"]), min_size=1, max_size=3, unique=True),
    ),
    st.lists(st.booleans(), min_size=GROUND.size, max_size=GROUND.size) | st.just([True] * GROUND.size),
)


@given(
    areas=st.lists(areas_of, min_size=1, max_size=2), plans=st.lists(plans_of, min_size=1, max_size=3), data=st.data()
)
@settings(max_examples=30, deadline=None)
def test_no_plans_together_give_away_more_of_a_parent_than_its_sums_over_periods(
    areas: list[ProtectedArea], plans: list[tuple[Plan, list[bool]]], data: st.DataObject
) -> None:
    """Moving devices within a parent and a period changes no equation, so nothing finer follows from any number."""
    presence, flows = [], []
    for plan, mask in plans:
        leaves = GROUND[np.array(mask)]
        if not leaves.size:
            continue
        try:
            protection = guard(*areas, leaves=leaves)
        except RefusedError:
            continue
        presence.append(presence_equations(protection, plan))
        flows.append(flow_equations(protection, plan))
    equations = np.vstack([np.zeros((1, GROUND.size * UNKNOWN.size)), *presence])
    trips = np.vstack([np.zeros((1, GROUND.size * ENDS.size)), *flows])
    for each in areas:
        parents = np.unique(parents_of(GROUND[_named(each)], each.finest_resolution))
        parent = below(data.draw(st.sampled_from([int(p) for p in parents])))
        one, other = (int(i) for i in data.draw(st.permutations(np.flatnonzero(parent).tolist()))[:2])
        move = np.zeros((GROUND.size, UNKNOWN.size))
        move[one, 0], move[other, 0] = 1.0, -1.0
        assert np.abs(equations @ move.ravel()).max() < 1e-12
        assert not determined(equations, cells_hours(np.arange(GROUND.size) == one))
        part = parent & np.array(data.draw(st.lists(st.booleans(), min_size=GROUND.size, max_size=GROUND.size)))
        if part.any() and (part != parent).any():
            assert not determined(equations, cells_hours(part)), "no sum of cells strictly within it"
            assert not determined(trips, pairs(part, parent | ~parent)), "nor their trips"
            if part[ENDS].any() and (part != parent)[ENDS].any():
                assert not determined(trips, pairs(parent | ~parent, part)), "nor trips to them"
        later = {"PT1H": None, "P1D": 1, "window": 3}[each.finest_period]
        if later is not None:
            move = np.zeros((GROUND.size, UNKNOWN.size))
            move[one, 0], move[one, later] = 1.0, -1.0
            assert np.abs(equations @ move.ravel()).max() < 1e-12
            assert not determined(equations, cells_hours(parent, [0]))


def _named(each: ProtectedArea) -> NDArray[np.bool_]:
    return np.asarray(np.any([below(int(name, 16)) for name in each.cells or ()], axis=0))
