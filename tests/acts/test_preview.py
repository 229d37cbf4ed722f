"""Preview: what a release would cost and measure, from plan, policy, ledger and public facts alone."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from hereabouts.acts import preview, release
from hereabouts.acts.accounts import ledger_of
from hereabouts.catalogue.distributions import DISTRIBUTIONS
from hereabouts.errors import RefusedError
from hereabouts.privacy.accounting import rho_of
from hereabouts.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Copy, Site

FIRST = "2024-03-04/2024-03-11"
EVERYTHING = ["presence", "visitors", "flows", *DISTRIBUTIONS]


@pytest.fixture
def site(sealed_site: Site, copy: Copy) -> Site:
    return copy(sealed_site)


def test_what_a_new_plan_would_cost(site: Site) -> None:
    found = preview(site.plan(), site.store)
    assert (found.refused, found.again, found.stale) == (None, False, False)
    assert (found.epsilon, found.delta, found.rho) == (1.0, 1e-6, rho_of(1.0, 1e-6))
    assert found.left.rho == rho_of(2.0, 1e-6)
    assert found.left_after.rho == found.left.rho - found.rho
    assert sum(piece.rho for piece in found.payments) == found.rho
    assert found.draws == sum(piece.values for piece in found.payments) > 0


def test_it_changes_nothing(site: Site) -> None:
    before = site.state()
    preview(site.plan(), site.store)
    assert site.state() == before


def test_no_data_are_read(site: Site) -> None:
    """Whatever there is of pings, tables and measurements is gone, and it says the same."""
    before = preview(site.plan(), site.store)
    for folder in ("open", "sealed", "measurements"):
        shutil.rmtree(site.store / folder, ignore_errors=True)
    assert preview(site.plan(), site.store) == before


def test_it_does_not_depend_on_data(site: Site, town: Site, copy: Copy) -> None:
    """Sixty devices in two windows, and fifteen hundred in one."""
    other = copy(town)
    assert preview(site.plan(), site.store) == preview(other.plan(), other.store)


def test_a_window_that_nobody_was_in_looks_like_any_other(site: Site, empty_site: Site, copy: Copy) -> None:
    earlier = "2024-02-26/2024-03-04"
    here = preview(site.plan(window=earlier), site.store)
    assert here.refused is None
    assert [level.noise_sd for level in here.levels] == [
        level.noise_sd for level in preview(site.plan(), site.store).levels
    ]
    assert site.sql("SELECT count(*) FROM windows") == [(2,)]


def test_what_it_foresees_is_what_is_measured(town: Site, copy: Copy) -> None:
    site = copy(town)
    plan = site.plan(statistics=EVERYTHING)
    every_period = 'resolutions = [5]\nperiods = ["P1D", "P7D", "hour-of-day"]\n[visitors]\nperiods = ["P1D", "P7D"]\n'
    plan.write_text(plan.read_text().replace("[flows]\nresolutions = [5]\n", f"[flows]\n{every_period}"))
    found = preview(plan, site.store)
    release(plan, site.store, site.folder / "out")
    manifest = json.loads((site.folder / "out" / "release.json").read_text(encoding="utf-8"))
    said = {(p.statistic, p.resolution, p.part): p for p in found.payments}
    done = {(p["statistic"], p["resolution"], p["part"]): p for p in manifest["measurement"]["payments"]}
    assert said.keys() == done.keys()
    for key, payment in done.items():
        assert Fraction(payment["rho"]) == said[key].rho, key
        assert payment["values"] <= said[key].values, key
    (level,) = [level for level in manifest["statistics"]["presence"]["levels"] if level["resolution"] == 5]
    assert said["presence", 5, "hours"].noise_sd == pytest.approx((level["noise_sd_hour"],) * 2)
    rows: dict[str, dict[str, int]] = {table: {} for table in manifest["rows"]}
    for level in found.levels:
        if level.resolution is None:
            rows["distributions"][level.statistic] = level.rows
        else:
            rows[level.statistic][f"{level.resolution}/{level.period}"] = level.rows
    assert rows == {
        table: {key: count["domain"] for key, count in levels.items()} for table, levels in manifest["rows"].items()
    }


def test_what_was_measured_before_is_free(site: Site) -> None:
    release(site.plan(), site.store, site.folder / "out")
    found = preview(site.plan(minimum=0), site.store)
    assert (found.again, found.stale, found.refused) == (True, False, None)
    assert found.left_after == found.left


def test_it_is_stale_once_the_data_have_changed(site: Site) -> None:
    release(site.plan(), site.store, site.folder / "out")
    site.sql("UPDATE windows SET data_version = 'newer'")
    found = preview(site.plan(), site.store)
    assert (found.again, found.stale) == (True, True)


def test_a_measurement_that_is_paid_for_stays_free_when_nothing_is_left(site: Site) -> None:
    release(site.plan(epsilon=2.0), site.store, site.folder / "out")
    assert preview(site.plan(epsilon=2.0), site.store).refused is None
    other = preview(site.plan(), site.store)
    assert other.refused is not None
    assert (other.refused.rule, other.left.epsilon, other.left_after.epsilon) == ("budget", 0.0, 0.0)


def test_what_a_crash_left_open_is_given_back(site: Site) -> None:
    """As the next release would: of that charge nothing was kept."""
    budget = rho_of(2.0, 1e-6)
    ledger_of(Store(site.store)).reserve(FIRST, "key", budget, 2.0, 1e-6, "cut off")
    assert preview(site.plan(), site.store).left.rho == budget
    assert preview(site.plan(), site.store).refused is None


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "law-enforcement"},
        {"name": "deportation of migrants"},
        {"window": "2024-03-18/2024-03-25"},
        {"epsilon": 3.0},
    ],
    ids=str,
)
def test_it_names_the_rule_that_a_release_would_be_refused_by(site: Site, changes: dict[str, Any]) -> None:
    plan = site.plan(**changes)
    found = preview(plan, site.store).refused
    with pytest.raises(RefusedError) as refused:
        release(plan, site.store, site.folder / "out")
    assert found is not None
    assert (found.rule, found.reason) == (refused.value.rule, refused.value.reason)


def test_the_embargo_is_named_and_the_figures_are_there_all_the_same(site: Site) -> None:
    policy = site.store / "policy.toml"
    policy.write_text(policy.read_text().replace("embargo_days = 7", "embargo_days = 3650"))
    found = preview(site.plan(), site.store)
    assert found.refused is not None
    assert found.refused.rule == "embargo"
    assert found.levels


def protect(site: Site, finest: int, bbox: list[float]) -> None:
    policy = site.store / "policy.toml"
    lines = (
        "[[protected_areas]]",
        'name = "crossing"',
        f"bbox = {bbox}",
        f"finest_resolution = {finest}",
        'finest_period = "P1D"',
    )
    policy.write_text("\n".join([policy.read_text(), *lines, ""]))


def test_what_protected_areas_withhold_is_said(site: Site) -> None:
    protect(site, 5, [-1.11, 52.29, -1.09, 52.31])
    found = preview(site.plan(), site.store)
    assert found.protected == ["crossing"]
    withheld = {f"{level.statistic} {level.period}": level.withheld for level in found.levels}
    assert withheld["presence PT1H"] > 0
    assert withheld["presence P7D"] == 0


def test_a_region_of_which_nothing_may_be_measured_is_refused_at_once(site: Site) -> None:
    protect(site, 4, [-1.6, 52.0, -0.6, 52.6])
    with pytest.raises(RefusedError, match="protected-area"):
        preview(site.plan(), site.store)
