"""A manifest that lies about its window or about what was paid for is found, also where all else agrees with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.release.verify import check_release_folder, read_manifest

Content = dict[str, Any]


def failed(folder: Path, edit: Callable[[Content], object]) -> dict[str, str]:
    content = read_manifest(folder)
    edit(content)
    (folder / "release.json").write_text(json.dumps(content), encoding="utf-8")
    return {check.name: check.found for check in check_release_folder(folder) if not check.passed}


def payments(content: Content, statistic: str, part: str) -> list[Content]:
    found: list[Content] = content["measurement"]["payments"]
    return [p for p in found if p["statistic"] == statistic and str(p["part"]).partition("/")[0] == part]


def forge(payment: Content, squared: int) -> None:
    payment["squared_sensitivity"] = squared
    payment["noise_scale"] = scale_of(variance_for(squared, Fraction(payment["rho"])))


def test_fewer_hours_do_not_prove_less_noise(folder: Path) -> None:
    def edit(content: Content) -> None:
        content["window"]["hours"] = 1
        for payment in payments(content, "presence", "hours"):
            forge(payment, 1)

    assert "167" in failed(folder, edit)["window"]


def test_fewer_days_do_not_prove_less_noise(device_folder: Path) -> None:
    def edit(content: Content) -> None:
        content["window"]["name"] = "2024-03-25/2024-03-26"
        for payment in payments(content, "trips-per-device-day", "counts"):
            forge(payment, 1)

    assert "hours" in failed(device_folder, edit)["window"]


@pytest.mark.parametrize(
    ("key", "value"), [("start", "2024-03-26T00:00:00+01:00"), ("end", "2024-04-02T00:00:00+02:00")]
)
def test_ends_are_those_of_the_windows_name(folder: Path, key: str, value: str) -> None:
    assert key in failed(folder, lambda content: content["window"].update({key: value}))["window"]


@pytest.mark.parametrize(
    ("statistic", "part", "heir"),
    [("visitors", "norms", "cells"), ("visitors", "taken", "cells"), ("trip-lengths", "norms", "bins"),
     ("stay-durations", "taken", "bins")],
)  # fmt: skip
def test_what_was_had_without_paying_is_found(device_folder: Path, statistic: str, part: str, heir: str) -> None:
    """Its rho goes to another part, so that the sum is right: then the bound came from the exact numbers."""

    def edit(content: Content) -> None:
        gone, kept = payments(content, statistic, part)[0], payments(content, statistic, heir)[0]
        content["measurement"]["payments"].remove(gone)
        kept["rho"] = str(Fraction(kept["rho"]) + Fraction(gone["rho"]))
        forge(kept, kept["squared_sensitivity"])

    assert f"{part}" in failed(device_folder, edit)["parts"]


@pytest.mark.parametrize("part", ["norms", "totals"])
def test_flows_pay_for_bounds_and_totals(folder: Path, part: str) -> None:
    def edit(content: Content) -> None:
        content["measurement"]["payments"].remove(payments(content, "flows", part)[0])

    assert failed(folder, edit)["parts"] == f"flows {part} was not paid for"


def test_a_part_is_paid_for_once_and_is_of_its_size(device_folder: Path, folder: Path) -> None:
    def twice(content: Content) -> None:
        content["measurement"]["payments"].append(payments(content, "visitors", "norms")[0])

    def small(content: Content) -> None:
        payments(content, "flows", "totals")[0]["values"] = 1

    assert "2 times" in failed(device_folder, twice)["parts"]
    assert "has 1 values" in failed(folder, small)["parts"]
