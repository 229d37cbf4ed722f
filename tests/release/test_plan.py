"""A plan says what is measured, published and paid: whatever it gets wrong is named before anything is spent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hereabouts.errors import BadInputError, MachineError, UsageError
from hereabouts.release.plan import Plan, load_plan

SOUND = {
    "name": '"weekday-movement"',
    "purpose": '"transport-planning"',
    "region": "{ bbox = [115.4, 39.4, 117.5, 41.1] }",
    "window": '"2008-02-02/2008-02-09"',
    "epsilon": "1.0",
    "delta": "1e-6",
    "statistics": '["presence", "flows"]',
}

NINE = (
    "presence", "visitors", "flows", "trip-lengths", "trip-durations", "stay-durations", "trips-per-device-day",
    "cells-per-device-day", "radius-of-gyration",
)  # fmt: skip
ONE_OF = f"{', '.join(map(repr, NINE[:-1]))} or {NINE[-1]!r}"


def write(folder: Path, **keys: str | None) -> Path:
    """A sound plan but for these keys, as TOML; ``None`` leaves one out."""
    path = folder / "plan.toml"
    lines = (f"{key} = {value}" for key, value in (SOUND | keys).items() if value is not None)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_plan_of_the_contract_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        """
name = "weekday-movement"
purpose = "transport-planning"
region = { bbox = [115.4, 39.4, 117.5, 41.1] }
window = "2008-02-02/2008-02-09"
epsilon = 1.0
delta = 1e-6
finest_resolution = 7
statistics = ["presence", "flows"]
[presence]
resolutions = [7, 5, 6]
periods = ["PT1H", "P1D", "P7D"]
[flows]
resolutions = [5, 6]
periods = ["P7D"]
[publish]
minimum = 20
max_relative_halfwidth = 0.5
""",
        encoding="utf-8",
    )
    plan = load_plan(path)
    assert (plan.name, plan.purpose, plan.window) == (
        "weekday-movement", "transport-planning", "2008-02-02/2008-02-09",
    )  # fmt: skip
    assert plan.region.bbox == (115.4, 39.4, 117.5, 41.1)
    assert (plan.epsilon, plan.delta, plan.statistics) == (1.0, 1e-6, ("presence", "flows"))
    assert plan.levels("presence").resolutions == (5, 6, 7), "sorted"
    assert plan.levels("flows").periods == ("P7D",)
    assert (plan.publish.minimum, plan.publish.max_relative_halfwidth) == (20.0, 0.5)
    assert plan.justification is None


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path))
    assert plan.presence.resolutions == (6, 7)
    assert plan.flows.resolutions == (5, 6)
    assert plan.finest_resolution == 7
    assert (plan.publish.minimum, plan.publish.max_relative_halfwidth) == (20.0, 0.5)
    part = load_plan(write(tmp_path, presence="{ resolutions = [5] }"))
    assert part.presence.resolutions == (5,)
    given = load_plan(write(tmp_path, presence='{ periods = ["PT1H", "P7D", "P1D"] }'))
    assert part.presence.periods == given.presence.periods == ("P1D", "P7D", "PT1H"), "in one order, given or not"


def test_every_row_may_be_published(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, publish="{ minimum = 0, max_relative_halfwidth = inf }"))
    assert (plan.publish.minimum, plan.publish.max_relative_halfwidth) == (0.0, float("inf"))


def test_whole_numbers_are_numbers(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, epsilon="2", region="{ bbox = [115, 39, 117, 41] }"))
    assert (plan.epsilon, plan.region.bbox) == (2.0, (115.0, 39.0, 117.0, 41.0))


@pytest.mark.parametrize("window", ['["2008-02-02/2008-02-09"]', '"2008-02-02/2008-02-09"'])
def test_one_window_may_stand_in_a_list(tmp_path: Path, window: str) -> None:
    assert load_plan(write(tmp_path, window=window)).window == "2008-02-02/2008-02-09"


@pytest.mark.parametrize("key", SOUND)
def test_a_key_that_is_missing_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError, match=rf"plan\.toml is not a plan: {key}: Field required"):
        load_plan(write(tmp_path, **{key: None}))


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"colour": '"red"'}, "colour: Extra inputs are not permitted (got 'red')"),
        ({"trips": "{ minimum = 5 }"}, "trips: Extra"),
        ({"publish": "{ minimun = 5 }"}, "publish.minimun: Extra"),
        ({"presence": "{ resolution = [7] }"}, "presence.resolution: Extra"),
        ({"flows": '{ period = ["P7D"] }'}, "flows.period: Extra"),
        ({"region": "{ box = [1, 2, 3, 4] }"}, "region.box: Extra"),
    ],
)
def test_a_key_that_is_none_is_named(tmp_path: Path, keys: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError, match=re.escape(named)):
        load_plan(write(tmp_path, **keys))


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("name", '""', "name: String should have at least 1 character (got '')"),
        ("name", f'"{"x" * 201}"', "name: String should have at most 200"),
        ("name", "5", "name: Input should be a valid string (got 5)"),
        ("purpose", '""', "purpose: "),
        ("purpose", "true", "purpose: Input should be a valid string (got True)"),
        ("window", "2008-02-02", "window: Input should be a valid string"),
        ("window", "[7]", "window: Input should be a valid string (got 7)"),
        ("window", "[]", "window: this version releases one window at a time"),
        ("window", '["a/b", "c/d"]', "window: this version releases one window at a time: write one plan for each"),
        ("epsilon", "0", "epsilon is 0.0; expected more than 0 and at most 20"),
        ("epsilon", "-1.5", "epsilon is -1.5; expected"),
        ("epsilon", "21", "epsilon is 21.0; expected"),
        ("epsilon", "nan", "epsilon is nan; expected"),
        ("epsilon", "inf", "epsilon is inf; expected"),
        ("epsilon", '"1"', "epsilon: Input should be a valid number (got '1')"),
        ("epsilon", "true", "epsilon: Input should be a valid number (got True)"),
        ("delta", "0", "delta is 0.0; expected more than 0 and at most 0.001"),
        ("delta", "0.01", "delta is 0.01; expected"),
        ("delta", "nan", "delta is nan; expected"),
        ("delta", "inf", "delta is inf; expected"),
        ("delta", '"1e-6"', "delta: Input should be a valid number (got '1e-6')"),
        ("finest_resolution", "8", "finest_resolution: Input should be less than or equal to 7 (got 8)"),
        ("finest_resolution", "3", "finest_resolution: Input should be greater than or equal to 4 (got 3)"),
        ("finest_resolution", "7.0", "finest_resolution: Input should be a valid integer (got 7.0)"),
        ("finest_resolution", '"7"', "finest_resolution: Input should be a valid integer (got '7')"),
        ("visitors", "{ resolutions = [5, 3] }", "visitors.resolutions.1: Input should be greater than or equal to 4"),
        ("visitors", "{ periods = [] }", "visitors.periods: Tuple should have at least 1 item"),
        ("finest_resolution", "6", "presence asks for resolution 7, finer than finest_resolution 6"),
        ("justification", "7", "justification: Input should be a valid string (got 7)"),
        ("statistics", "[]", "statistics: Tuple should have at least 1 item"),
        ("statistics", '"presence"', "statistics: Input should be a valid tuple (got 'presence')"),
        ("statistics", "5", "statistics: Input should be a valid tuple (got 5)"),
        ("statistics", "[5]", f"statistics.0: Input should be {ONE_OF} (got 5)"),
        ("statistics", '[["presence"]]', f"statistics.0: Input should be {ONE_OF}"),
        ("statistics", '["presence", "homes"]', f"statistics.1: Input should be {ONE_OF} (got 'homes')"),
        ("statistics", '["flows", "flows"]', "statistics: got ['flows', 'flows']: name each once"),
        ("presence", "5", "presence: Input should be a valid dictionary"),
        ("presence", "{ resolutions = [] }", "presence.resolutions: Tuple should have at least 1 item"),
        ("presence", "{ resolutions = 7 }", "presence.resolutions: Input should be a valid tuple (got 7)"),
        ("presence", "{ resolutions = [6, 8] }", "presence.resolutions.1: Input should be less than or equal to 7"),
        ("presence", "{ resolutions = [3] }", "presence.resolutions.0: Input should be greater than or equal to 4"),
        ("presence", "{ resolutions = [6.5] }", "presence.resolutions.0: Input should be a valid integer"),
        ("presence", '{ resolutions = ["6"] }', "presence.resolutions.0: Input should be a valid integer (got '6')"),
        ("presence", "{ resolutions = [6, 6] }", "presence.resolutions: got [6, 6]: name each once"),
        ("presence", "{ periods = [] }", "presence.periods: Tuple should have at least 1 item"),
        ("presence", '{ periods = "P1D" }', "presence.periods: Input should be a valid tuple (got 'P1D')"),
        ("presence", "{ periods = [24] }", "presence.periods.0: Input should be a valid string (got 24)"),
        ("presence", '{ periods = ["P1D", "P1D"] }', "presence.periods: got ['P1D', 'P1D']: name each once"),
        ("flows", "{ resolutions = [] }", "flows.resolutions: Tuple should have at least 1 item"),
        ("flows", "{ periods = [] }", "flows.periods: Tuple should have at least 1 item"),
        ("publish", "{ minimum = -1 }", "publish.minimum: Input should be greater than or equal to 0 (got -1)"),
        ("publish", "{ minimum = nan }", "publish.minimum: Input should be a finite number (got nan)"),
        ("publish", "{ minimum = inf }", "publish.minimum: Input should be a finite number (got inf)"),
        ("publish", '{ minimum = "20" }', "publish.minimum: Input should be a valid number (got '20')"),
        ("publish", "{ max_relative_halfwidth = 0 }", "publish.max_relative_halfwidth: Input should be greater"),
        ("publish", "{ max_relative_halfwidth = nan }", "publish.max_relative_halfwidth: Input should be greater"),
        ("publish", "{ max_relative_halfwidth = -inf }", "publish.max_relative_halfwidth: Input should be greater"),
        ("region", "5", "region: Input should be a valid dictionary"),
        ("region", "{}", "region: expected exactly one of bbox, geojson, cells; got none"),
        ("region", '{ geojson = "a", cells = ["b"] }', "exactly one of bbox, geojson, cells; got geojson and cells"),
        ("region", "{ bbox = [1, 2, 3] }", "region.bbox.3: Field required"),
        ("region", "{ bbox = [1, 2, 3, 4, 5] }", "region.bbox: Tuple should have at most 4 items"),
        ("region", '{ bbox = ["1", 2, 3, 4] }', "region.bbox.0: Input should be a valid number (got '1')"),
        ("region", "{ bbox = [3, 2, 1, 4] }", "region: got bbox [3.0, 2.0, 1.0, 4.0], expected [west,"),
        ("region", "{ bbox = [1, 4, 3, 4] }", "region: got bbox [1.0, 4.0, 3.0, 4.0], expected"),
        ("region", "{ bbox = [-181, 2, 3, 4] }", "region: got bbox [-181.0, 2.0, 3.0, 4.0], expected"),
        ("region", "{ bbox = [1, 2, 3, 91] }", "region: got bbox [1.0, 2.0, 3.0, 91.0], expected"),
        ("region", "{ bbox = [1, nan, 3, 4] }", "region: got bbox [1.0, nan, 3.0, 4.0], expected"),
        ("region", "{ bbox = [1, 2, inf, 4] }", "region: got bbox [1.0, 2.0, inf, 4.0], expected"),
        ("region", '{ cells = "87" }', "region.cells: Input should be a valid tuple (got '87')"),
        ("region", "{ cells = [87] }", "region.cells.0: Input should be a valid string (got 87)"),
        ("region", "{ geojson = 5 }", "region.geojson: Input should be a valid string (got 5)"),
    ],
)  # fmt: skip
def test_a_value_that_is_wrong_is_named(tmp_path: Path, key: str, value: str, named: str) -> None:
    asked = {"statistics": '["presence", "visitors", "flows"]'} if key == "visitors" else {}
    with pytest.raises(UsageError, match=re.escape(named)):
        load_plan(write(tmp_path, **asked, **{key: value}))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        load_plan(write(tmp_path, name="5", delta='"x"', colour="1"))
    for key in ("name:", "delta:", "colour:"):
        assert key in str(refusal.value)


def test_a_plan_may_name_all_nine_statistics(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, statistics=str(list(NINE)).replace("'", '"')))
    assert plan.by_cell == NINE[:3]
    assert plan.distributions == NINE[3:]
    assert plan.measured().keys() == set(NINE)


def test_a_distribution_has_no_section(tmp_path: Path) -> None:
    """Its bins are public and the same for everyone."""
    asked = {"statistics": '["trip-lengths"]', "trip-lengths": "{ bins = [1, 2] }"}
    with pytest.raises(UsageError, match="trip-lengths: Extra inputs are not permitted"):
        load_plan(write(tmp_path, **asked))


def test_what_is_measured_is_what_noise_is_drawn_for(tmp_path: Path) -> None:
    """Periods of presence are means of hours; those of visitors are measured each for itself."""
    asked = '["presence", "visitors"]'
    some, more = (
        load_plan(
            write(
                tmp_path,
                statistics=asked,
                presence=f"{{ periods = {presence} }}",
                visitors=f"{{ resolutions = [5], periods = {visitors} }}",
            )
        ).measured()
        for presence, visitors in (('["PT1H"]', '["P7D"]'), ('["P1D", "typical-week"]', '["P1D", "P7D"]'))
    )
    assert some["presence"] == more["presence"] == ["6", "7"]
    assert (some["visitors"], more["visitors"]) == (["5", "P7D"], ["5", "P1D", "P7D"])


@pytest.mark.parametrize(
    "section",
    [
        {"flows": "{ resolutions = [99], nonsense = 1 }"},
        {"flows": "5"},
        {"visitors": '{ resolutions = [5], periods = ["P1M"] }'},
        {"trip-lengths": "{ anything = true }"},
        {"radius-of-gyration": "[1, 2]"},
    ],
)
def test_a_section_of_a_statistic_that_is_not_asked_for_is_ignored(tmp_path: Path, section: dict[str, str]) -> None:
    plan = load_plan(write(tmp_path, statistics='["presence"]', **section))
    assert plan.statistics == ("presence",)


def test_the_finest_resolution_holds_for_what_is_asked_alone(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, statistics='["flows"]', finest_resolution="6", presence="{ resolutions = [7] }"))
    assert plan.finest_resolution == 6


# --- periods ---------------------------------------------------------------------------------------------------------


def test_a_period_as_long_as_the_window_is_the_window(plan: Plan) -> None:
    plan.check_periods("P7D")


@pytest.mark.parametrize(
    ("statistic", "period", "offered"),
    [
        ("presence", "P14D", "P1D, P7D, PT1H, hour-of-day, typical-week"),
        ("presence", "PT15M", "P1D, P7D, PT1H, hour-of-day, typical-week"),
        ("presence", "P1W", "P1D, P7D, PT1H, hour-of-day, typical-week"),
        ("visitors", "PT1H", "P1D, P7D"),
        ("visitors", "hour-of-day", "P1D, P7D"),
        ("flows", "PT1H", "P1D, P7D, hour-of-day"),
        ("flows", "typical-week", "P1D, P7D, hour-of-day"),
    ],
)
def test_a_period_that_is_not_offered_is_named(tmp_path: Path, statistic: str, period: str, offered: str) -> None:
    section = {statistic: f'{{ periods = ["{period}"] }}'}
    plan = load_plan(write(tmp_path, statistics=f'["{statistic}"]', **section))
    said = f"got period {period} for {statistic}, expected one of {offered} (the window is P7D)"
    with pytest.raises(UsageError, match=re.escape(said)):
        plan.check_periods("P7D")


def test_periods_of_a_store_of_days(tmp_path: Path) -> None:
    """Its window is a day: daily and window are the same, and a week is not on offer."""
    plan = load_plan(write(tmp_path, presence='{ periods = ["PT1H", "P1D"] }', flows='{ periods = ["P1D"] }'))
    plan.check_periods("P1D")
    plan = load_plan(write(tmp_path, statistics='["flows"]', flows='{ periods = ["P7D"] }'))
    with pytest.raises(UsageError, match="got period P7D for flows"):
        plan.check_periods("P1D")


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_geojson_file_is_looked_for_beside_the_plan(tmp_path: Path) -> None:
    plan = load_plan(write(tmp_path, region='{ geojson = "area.geojson" }'))
    assert plan.region.geojson == str(tmp_path / "area.geojson")
    elsewhere = tmp_path / "elsewhere" / "area.geojson"
    assert load_plan(write(tmp_path, region=f'{{ geojson = "{elsewhere}" }}')).region.geojson == str(elsewhere)


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="there is no such plan"):
        load_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("content", [b"name = ", b"name = 'a'\nname = 'b'", b"\xff\xfe\x00", b'{"name": "json"}'])
def test_a_file_that_is_not_toml(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.toml").write_bytes(content)
    with pytest.raises(BadInputError, match="expected a plan in TOML"):
        load_plan(tmp_path / "plan.toml")


def test_a_folder_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="expected a plan in TOML"):
        load_plan(tmp_path)


def test_a_plan_that_may_not_be_read_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, **options: Any) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(MachineError, match=r"cannot read .*plan\.toml: Permission denied"):
        load_plan(tmp_path / "plan.toml")


def test_a_plan_does_not_change(plan: Plan) -> None:
    with pytest.raises(ValueError, match="frozen"):
        plan.epsilon = 2.0
