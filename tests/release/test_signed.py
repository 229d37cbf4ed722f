"""What is signed is what a plan asks for: every value of it, and nothing of how its file is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hereabouts.errors import BadInputError
from hereabouts.release.plan import Plan, load_plan
from hereabouts.release.region import region_of
from hereabouts.release.signed import plan_digest

PLAN = """\
name = "weekday movement"
purpose = "transport-planning"
region = { bbox = [-1.6, 52.0, -0.6, 52.6] }
window = "2024-03-04/2024-03-11"
epsilon = 1.0
delta = 1e-6
statistics = ["presence"]
"""
AREA = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'


def digest(folder: Path, text: str) -> str:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return plan_digest(load_plan(path))


def test_layout_is_no_matter(tmp_path: Path) -> None:
    other = "# for the board\n" + "\n".join(reversed(PLAN.splitlines())).replace("1e-6", "0.000001") + "\n"
    assert digest(tmp_path, other) == digest(tmp_path, PLAN)
    assert len(digest(tmp_path, PLAN)) == 64


@pytest.mark.parametrize(
    "change",
    [
        ("weekday", "weekend"),
        ("transport-planning", "research"),
        ("52.6", "52.61"),
        ("2024-03-04/2024-03-11", "2024-03-11/2024-03-18"),
        ("epsilon = 1.0", "epsilon = 1.1"),
        ("1e-6", "1e-7"),
        ('["presence"]', '["presence", "flows"]'),
        ("delta", 'recipients = ["city"]\ndelta'),
        ("delta", "finest_resolution = 6\npresence = { resolutions = [5] }\ndelta"),
        ("delta", 'justification = "streets"\ndelta'),
        ("delta", "publish = { minimum = 0 }\ndelta"),
        ("delta", "publish = { max_relative_halfwidth = inf }\ndelta"),
        ("delta", 'presence = { resolutions = [6, 7], periods = ["P7D"] }\ndelta'),
    ],
)
def test_any_value_matters(tmp_path: Path, change: tuple[str, str]) -> None:
    assert digest(tmp_path, PLAN.replace(*change)) != digest(tmp_path, PLAN)


def test_no_key_of_a_plan_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    assert set(load_plan(tmp_path / "plan.toml").model_dump(mode="json")) == set(Plan.model_fields)


def test_what_was_signed_is_what_is_measured(tmp_path: Path) -> None:
    """A file that is swapped between the two (a pipe, say, that gives another area each time) changes neither."""
    (tmp_path / "a.geojson").write_text(AREA)
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.replace("bbox = [-1.6, 52.0, -0.6, 52.6]", 'geojson = "a.geojson"'), encoding="utf-8")
    plan, fresh = load_plan(path), load_plan(path)
    signed = plan_digest(plan)
    (tmp_path / "a.geojson").write_text(AREA.replace("1, 1", "1, 2"))
    assert (plan_digest(plan), plan_digest(fresh) == signed) == (signed, False)
    assert region_of(plan.region).leaves.size < region_of(fresh.region).leaves.size


def test_of_an_areas_file_the_content_counts(tmp_path: Path) -> None:
    def of(file: str) -> str:
        return digest(tmp_path, PLAN.replace("bbox = [-1.6, 52.0, -0.6, 52.6]", f'geojson = "{file}"'))

    (tmp_path / "a.geojson").write_text(AREA)
    (tmp_path / "b.geojson").write_text(AREA)
    first = of("a.geojson")
    assert of("b.geojson") == first
    (tmp_path / "a.geojson").write_text(AREA.replace("[1, 1]", "[2, 2]"))
    assert of("a.geojson") != first
    with pytest.raises(BadInputError, match="the plan's region names it"):
        of("c.geojson")
