"""The manifest is an allow-list: every key of it is expected, and nothing exact gets in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hereabouts.estimate.measurements import FlowLevel, Measurements, Payment, PresenceLevel
from hereabouts.privacy.accounting import delta_of, epsilon_of
from hereabouts.release import manifest as manifests
from hereabouts.release.manifest import Places, Run, Spending, digest_of, manifest, to_json, with_files
from hereabouts.release.plan import Area, Plan, Publish
from hereabouts.release.tables.rows import Level, Table
from hereabouts.rules.approvals import Approval
from hereabouts.rules.assessments import Assessment
from hereabouts.rules.grounds import Grounds
from hereabouts.rules.recipients import Recipient
from hereabouts.windows import Calendar, Window

#: Every key that a manifest may have. Adding one is a decision: it must be public, or carry noise that was paid for.
ALLOWED = {
    "format", "name", "purpose", "purpose_dpv", "policy", "measured", "code_version", "publisher",
    "log.key",
    "window.name", "window.start", "window.end", "window.timezone", "window.hours",
    "region.bbox.[]", "region_cells", "finest_resolution", "justification",
    "privacy.definition", "privacy.unit", "privacy.mechanism", "privacy.conversion",
    "privacy.epsilon", "privacy.delta", "privacy.rho",
    "privacy.restated.epsilon", "privacy.restated.delta", "privacy.restated.bound",
    "privacy.window_spent.epsilon", "privacy.window_spent.delta", "privacy.window_spent.rho",
    "privacy.window_budget.epsilon", "privacy.window_budget.delta", "privacy.window_budget.rho",
    "privacy.lifetime.epsilon", "privacy.lifetime.delta", "privacy.lifetime.rho", "privacy.lifetime.windows",
    "measurement.key",
    "measurement.payments.[].statistic", "measurement.payments.[].resolution", "measurement.payments.[].part",
    "measurement.payments.[].rho", "measurement.payments.[].squared_sensitivity",
    "measurement.payments.[].noise_scale", "measurement.payments.[].values",
    "statistics.presence.levels.[].resolution", "statistics.presence.levels.[].periods.[]",
    "statistics.presence.levels.[].noise_sd_hour", "statistics.presence.levels.[].rho",
    "statistics.flows.levels.[].resolution", "statistics.flows.levels.[].periods.[]",
    "statistics.flows.levels.[].published", "statistics.flows.levels.[].pairs_measured",
    "statistics.flows.levels.[].bound", "statistics.flows.levels.[].noise_sd", "statistics.flows.levels.[].rho",
    "publish.minimum", "publish.max_relative_halfwidth",
    "rows.presence.6/P1D.rows", "rows.presence.6/P1D.domain",
    "rows.presence.6/P7D.rows", "rows.presence.6/P7D.domain",
    "rows.presence.6/PT1H.rows", "rows.presence.6/PT1H.domain",
    "rows.presence.7/P1D.rows", "rows.presence.7/P1D.domain",
    "rows.presence.7/P7D.rows", "rows.presence.7/P7D.domain",
    "rows.presence.7/PT1H.rows", "rows.presence.7/PT1H.domain",
    "rows.flows.5/P7D.rows", "rows.flows.5/P7D.domain",
    "rows.flows.6/P7D.rows", "rows.flows.6/P7D.domain",
    "protected_areas.areas.[].name", "protected_areas.areas.[].finest_resolution",
    "protected_areas.areas.[].finest_period", "protected_areas.region_cells_left_out",
    "protected_areas.rows_withheld.presence.7/PT1H", "protected_areas.rows_withheld.flows.6/P7D",
    "sensitive_places.version", "sensitive_places.digest",
    # of accounts, keys and documents that a regulated policy asks for: nothing of it is made of rows
    "grounds.plan", "grounds.requester", "grounds.officer",
    "grounds.assessment.number", "grounds.assessment.purpose", "grounds.assessment.digest",
    "grounds.assessment.approver", "grounds.assessment.expires",
    "grounds.approval.plan", "grounds.approval.approver", "grounds.approval.key", "grounds.approval.signature",
    "grounds.recipients.[].name", "grounds.recipients.[].version", "grounds.recipients.[].terms",
    "grounds.recipients.[].expires",
    "stale", "notes.[]",
}  # fmt: skip


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every innermost value with its dotted key, places in a list as ``[]``."""
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, f"{path}.{key}" if path else str(key))]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part, f"{path}.[]")]
    return [(path, value)]


@pytest.fixture
def content(plan: Plan, window: Window, measured: Measurements, run: Run, tables: dict[str, Table]) -> dict[str, Any]:
    protected = {
        "areas": [{"name": "crossing", "finest_resolution": 6, "finest_period": "P1D"}],
        "region_cells_left_out": 3,
        "rows_withheld": {"presence": {"7/PT1H": 7}, "flows": {"6/P7D": 2}},
    }
    rests_on = Grounds(
        "91a7",
        "noor",
        "ines",
        Assessment(1, "transport-planning", "a55e", "ines", dt.date(2030, 1, 1)),
        Approval("91a7", "omar", "0b1c", "516e"),
        (Recipient("city", 1, "7e23", dt.date(2030, 1, 1)),),
    )
    told = dataclasses.replace(run, protected=protected, places=Places(4, "1157" * 16), grounds=rests_on.facts())
    return manifest(plan, window, 45, measured, told, {name: table.levels for name, table in tables.items()})


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_every_key_is_expected_and_none_is_missing(content: dict[str, Any]) -> None:
    assert {path for path, _ in leaves(content)} == ALLOWED


def test_where_nothing_is_protected_or_listed_it_says_that(
    plan: Plan, window: Window, measured: Measurements, run: Run
) -> None:
    found = manifest(plan, window, 45, measured, run, {})
    assert found["protected_areas"] == {"areas": [], "region_cells_left_out": 0, "rows_withheld": {}}
    assert (found["sensitive_places"], found["stale"]) == (None, False)
    assert found["grounds"] == manifests.NO_GROUNDS


def test_every_value_is_plain_json(content: dict[str, Any]) -> None:
    """No arrays, no fractions, no numbers of NumPy: what is written is what is read."""
    assert {type(value) for _, value in leaves(content)} <= {str, int, float, bool, type(None)}
    assert json.loads(to_json(content)) == content


def test_nothing_exact_gets_in(plan: Plan, window: Window, run: Run) -> None:
    """Numbers that stand for exact or unpublished ones are planted wherever the inputs have room for them."""
    planted = 777_000_111
    level = np.full((3, 5), planted, dtype=np.int64)
    measured = Measurements(
        (
            Payment("presence", 7, "hours", Fraction(1, 7), 167, 3.5, 15),
            Payment("flows", 6, "pairs", Fraction(1, 9), 4 * 256**2, 9.5, 3),
        ),
        (PresenceLevel(7, level, 12.25),),
        (FlowLevel(6, True, level[0, :3], level[1, :3], 90.25, 256, (planted, planted + 1) * 2, float(planted)),),
    )
    text = to_json(manifest(plan, window, 45, measured, run, {"presence": {"7/PT1H": Level(1, 15)}}))
    assert str(planted) not in text.replace("_", "").replace(",", "")
    assert str(planted + 1) not in text


def test_a_field_that_inputs_gain_does_not_get_in_by_itself(
    plan: Plan, window: Window, measured: Measurements, run: Run
) -> None:
    """Except for payments, whose every field is public: this test is where a new one is thought about."""
    assert {field.name for field in dataclasses.fields(Payment)} == {
        "statistic", "resolution", "part", "rho", "squared_sensitivity", "noise_scale", "values",
    }  # fmt: skip
    assert {field.name for field in dataclasses.fields(Level)} == {"rows", "domain"}


def test_a_plan_is_not_copied_whole(plan: Plan, window: Window, measured: Measurements, run: Run) -> None:
    """Where a geojson file lies on the owner's machine is nobody's business."""
    area = Area(geojson="/home/owner/secret-project/area.geojson")
    found = manifest(plan.model_copy(update={"region": area}), window, 45, measured, run, {})
    assert found["region"] == {"geojson": "area.geojson"}
    assert "secret-project" not in to_json(found)


# --- what it says ----------------------------------------------------------------------------------------------------


def test_the_window_is_stated_with_its_zone(content: dict[str, Any]) -> None:
    assert content["window"] == {
        "name": "2024-03-25/2024-04-01",
        "start": "2024-03-25T00:00:00+01:00",
        "end": "2024-04-01T00:00:00+02:00",
        "timezone": "Europe/Paris",
        "hours": 167,
    }


def test_a_zone_of_odd_minutes_is_stated_exactly(plan: Plan, measured: Measurements, run: Run) -> None:
    window = Calendar.of("Asia/Kathmandu", "P7D", None).named("2024-03-25/2024-04-01")
    assert manifest(plan, window, 1, measured, run, {})["window"]["start"] == "2024-03-25T00:00:00+05:45"


def test_regions_are_stated_as_the_plan_gave_them(plan: Plan, window: Window, measured: Measurements, run: Run) -> None:
    def region(area: Area) -> Any:
        return manifest(plan.model_copy(update={"region": area}), window, 45, measured, run, {})["region"]

    assert region(Area(bbox=(1.0, 2.0, 3.0, 4.0))) == {"bbox": [1.0, 2.0, 3.0, 4.0]}
    assert region(Area(cells=("851fb467fffffff",))) == {"h3": ["851fb467fffffff"]}


def test_the_budget_is_stated_for_the_release_the_window_and_a_devices_life(
    content: dict[str, Any], run: Run, plan: Plan
) -> None:
    privacy = content["privacy"]
    assert (privacy["epsilon"], privacy["delta"]) == (plan.epsilon, plan.delta)
    assert Fraction(privacy["rho"]) == run.rho
    for name, rho in (
        ("window_spent", run.spending.window),
        ("window_budget", run.spending.budget),
        ("lifetime", run.spending.lifetime),
    ):
        assert Fraction(privacy[name]["rho"]) == rho
        assert delta_of(rho, privacy[name]["epsilon"]) <= privacy[name]["delta"] == 1e-6
        assert privacy[name]["epsilon"] == epsilon_of(rho, 1e-6)
    assert privacy["lifetime"]["windows"] == 2


def test_a_window_of_which_nothing_was_spent_has_epsilon_zero(
    plan: Plan, window: Window, measured: Measurements, run: Run
) -> None:
    spending = Spending(Fraction(0), Fraction(1, 50), Fraction(0), 0, 1e-6)
    found = manifest(plan, window, 45, measured, dataclasses.replace(run, spending=spending), {})
    assert found["privacy"]["window_spent"] == {"epsilon": 0.0, "delta": 1e-6, "rho": "0"}


def test_every_payment_is_listed_and_they_add_up(content: dict[str, Any], measured: Measurements, run: Run) -> None:
    payments = content["measurement"]["payments"]
    assert len(payments) == len(measured.payments)
    assert sum(Fraction(payment["rho"]) for payment in payments) == run.rho
    assert payments[0] == vars(measured.payments[0]) | {"rho": str(measured.payments[0].rho)}


def test_noise_and_bounds_are_stated_in_devices_and_trips(content: dict[str, Any], measured: Measurements) -> None:
    for level, kept in zip(content["statistics"]["presence"]["levels"], measured.presence, strict=True):
        assert level["noise_sd_hour"] == pytest.approx(kept.variance**0.5)
    for flow, measured_flow in zip(content["statistics"]["flows"]["levels"], measured.flows, strict=True):
        assert flow["noise_sd"] == pytest.approx(measured_flow.variance**0.5 / 256)
        assert flow["bound"] == 2.0
        assert flow["pairs_measured"] == measured_flow.pairs.size


def test_flows_that_only_showed_the_way_say_so(plan: Plan, window: Window, measured: Measurements, run: Run) -> None:
    gate = dataclasses.replace(measured.flows[0], asked=False)
    found = manifest(plan, window, 45, dataclasses.replace(measured, flows=(gate, measured.flows[1])), run, {})
    first, second = found["statistics"]["flows"]["levels"]
    assert (first["published"], first["periods"]) == (False, [])
    assert (second["published"], second["periods"]) == (True, ["P7D"])


def test_statistics_that_were_not_measured_are_not_mentioned(
    plan: Plan, window: Window, measured: Measurements, run: Run
) -> None:
    no_flows = dataclasses.replace(measured, flows=())
    assert set(manifest(plan, window, 45, no_flows, run, {})["statistics"]) == {"presence"}
    assert manifest(plan, window, 45, Measurements((), (), ()), run, {})["statistics"] == {}


# --- how it is written -----------------------------------------------------------------------------------------------


def test_infinity_is_written_as_text(plan: Plan, window: Window, measured: Measurements, run: Run) -> None:
    """JSON has no word for it."""
    everything = plan.model_copy(update={"publish": Publish(minimum=0.0, max_relative_halfwidth=float("inf"))})
    found = manifest(everything, window, 45, measured, run, {})
    assert found["publish"] == {"minimum": 0.0, "max_relative_halfwidth": "inf"}

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads(to_json(found), parse_constant=refuse) == found


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_json_is_not_written(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": value})


def test_text_is_written_as_it_is_read(content: dict[str, Any]) -> None:
    text = to_json(content | {"name": 'Zürich – ö/"quoted"'})
    assert "Zürich" in text
    assert text.endswith("}\n")
    assert json.loads(text)["name"] == 'Zürich – ö/"quoted"'
    assert to_json(content) == to_json(json.loads(to_json(content))), "the same content is the same text"


def test_digests_are_of_every_other_file(tmp_path: Path, content: dict[str, Any]) -> None:
    (tmp_path / "b.parquet").write_bytes(b"b")
    (tmp_path / "a.md").write_bytes(b"")
    (tmp_path / manifests.NAME).write_bytes(b"not counted")
    found = with_files(content, tmp_path)
    assert found["files"] == {"a.md": hashlib.sha256(b"").hexdigest(), "b.parquet": hashlib.sha256(b"b").hexdigest()}
    assert list(found["files"]) == ["a.md", "b.parquet"]
    assert "files" not in content, "what it was given is left alone"
    assert digest_of(tmp_path / "b.parquet") == found["files"]["b.parquet"]
