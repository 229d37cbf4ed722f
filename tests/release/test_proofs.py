"""Visitors and distributions in a manifest: a sound one passes, and whatever one changes in it is found."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hereabouts.privacy.accounting import scale_of, variance_for
from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import SCALE
from hereabouts.release.proofs import is_proved
from hereabouts.release.verify import check_release_folder, read_manifest
from tests.release.conftest import cover

WINDOW = {"name": "2024-03-25/2024-04-01", "timezone": "Europe/Paris", "hours": 167}
Edit = Callable[[dict[str, Any]], object]


def failed(folder: Path, edit: Edit | None = None) -> dict[str, str]:
    """The checks that fail once the manifest is edited, and what they found."""
    if edit is not None:
        content = read_manifest(folder)
        edit(content)
        cover(folder, content)
    return {check.name: check.found for check in check_release_folder(folder) if not check.passed}


def test_a_sound_release_passes_every_check(device_folder: Path) -> None:
    assert failed(device_folder) == {}
    names = {check.name for check in check_release_folder(device_folder)}
    assert {
        "noise of visitors norms", "noise of visitors 6 cells/P1D", "noise of trip-lengths bins",
        "noise of radius-of-gyration counts", "visitors: no child above its parent", "distributions: bins as told",
    } <= names  # fmt: skip


def payment(content: dict[str, Any], statistic: str, part: str) -> dict[str, Any]:
    found = (p for p in content["measurement"]["payments"] if (p["statistic"], p["part"]) == (statistic, part))
    return next(found)


@pytest.mark.parametrize(
    ("statistic", "part"),
    [
        ("visitors", "norms"),
        ("visitors", "cells/P1D"),
        ("visitors", "taken/P7D"),
        ("trip-lengths", "norms"),
        ("stay-durations", "bins"),
        ("trips-per-device-day", "counts"),
        ("radius-of-gyration", "counts"),
    ],
)
def test_noise_for_a_sensitivity_that_no_note_proves_is_found(device_folder: Path, statistic: str, part: str) -> None:
    """Less noise with a story for it: sensitivity and scale agree with each other."""

    def edit(content: dict[str, Any]) -> None:
        piece = payment(content, statistic, part)
        piece["squared_sensitivity"] = stated = piece["squared_sensitivity"] * 3 // 4 or 2
        piece["noise_scale"] = scale_of(variance_for(stated, Fraction(piece["rho"])))

    found = failed(device_folder, edit)
    assert any("no proof note" in told for told in found.values())


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content["statistics"]["visitors"]["levels"][0].update(noise_sd=1.0),
        lambda content: content["statistics"]["visitors"]["levels"][0].update(bound=0.5),
        lambda content: content["statistics"]["visitors"]["levels"][1].update(rho="1/1000000"),
        lambda content: content["statistics"]["distributions"]["histograms"][2].update(noise_sd=1.0),
        lambda content: content["statistics"]["distributions"]["histograms"][0].update(unit="miles"),
        lambda content: content["statistics"]["distributions"]["histograms"][0]["edges"].pop(),
        lambda content: content["statistics"]["distributions"]["histograms"].pop(),
        lambda content: content["rows"]["visitors"].pop("6/P7D"),
        lambda content: content["rows"]["distributions"].update({"homes": {"rows": 0, "domain": 3}}),
    ],
)
def test_what_is_said_and_was_not_paid_for_is_found(device_folder: Path, edit: Edit) -> None:
    assert "statistics as paid for" in failed(device_folder, edit)


@pytest.mark.parametrize(
    ("statistic", "part", "stated", "proved"),
    [
        ("visitors", "norms", 2, True),
        ("visitors", "norms", 1, False),
        ("visitors", "cells/P1D", 32 * SCALE**2, True),
        ("visitors", "cells/P1D", 167 * SCALE**2, True),  # the natural bound: the window's hours
        ("visitors", "cells/P1D", 168 * SCALE**2, False),
        ("visitors", "taken/P1D", (16 * SCALE) ** 2, True),
        ("visitors", "taken/P1D", 16 * SCALE**2 // 3, False),
        ("trip-lengths", "bins", 64 * SCALE**2, True),
        ("trip-lengths", "bins", 167 * SCALE**2, False),
        ("trip-lengths", "norms", 1, True),
        ("trip-lengths", "counts", 1, False),
        ("cells-per-device-day", "counts", 49, True),
        ("cells-per-device-day", "counts", 7, False),
        ("radius-of-gyration", "counts", 1, True),
        ("radius-of-gyration", "counts", 49, False),
        ("visitors", "homes", 1, False),
    ],
)
def test_sensitivities_are_those_of_the_notes(statistic: str, part: str, stated: int, proved: bool) -> None:
    others = [{"statistic": "visitors", "part": f"cells/{period}"} for period in ("P1D", "P7D")]
    one = {"statistic": statistic, "part": part, "squared_sensitivity": stated}
    assert is_proved(one, others, WINDOW) is proved


def test_every_distribution_is_known_here() -> None:
    for name, bins in BINS.items():
        natural = {"devices": 1, "device-days": 49}.get(bins.counted)
        if natural is not None:
            assert is_proved({"statistic": name, "part": "counts", "squared_sensitivity": natural}, [], WINDOW)
