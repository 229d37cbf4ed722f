"""What proof notes allow of visitors and distributions: which parts are paid for, and at which sensitivities.

Read from a manifest alone, which may be anybody's: each part's squared sensitivity must be one that its note gives
it, and what is said of a level or a histogram must be what was paid for it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import NORM_BINS, SCALE
from hereabouts.windows import Window

VISITORS, DISTRIBUTIONS = "visitors", "distributions"
PAID_BY_DEVICE = {VISITORS, *BINS}
"""The statistics that are spoken of here."""

# How often a device is in a histogram that is not scaled, by what that counts.
_ONCE, _A_DAY = "devices", "device-days"


def is_proved(payment: Mapping[str, Any], payments: Sequence[Mapping[str, Any]], window: Mapping[str, Any]) -> bool:
    """Whether the squared sensitivity of a payment for visitors or a distribution is what the notes give it.

    Parameters
    ----------
    payment
        One of them.
    payments
        All of the release.
    window
        What the manifest says of the window.
    """
    statistic, stated = payment["statistic"], payment["squared_sensitivity"]
    part = str(payment["part"]).partition("/")[0]
    mine = [str(other["part"]).partition("/")[0] for other in payments if other["statistic"] == statistic]
    # A vector of visitors has no more entries than the window has hours.
    most = {int(window["hours"])} if statistic == VISITORS else set()
    match part:
        case "norms":
            return bool(stated == (mine.count("cells") if statistic == VISITORS else 1))
        case "taken":
            return stated in {root**2 * SCALE**2 for root in {2**power for power in range(NORM_BINS)} | most}
        case "cells" | "bins":
            return stated in {bound * SCALE**2 for bound in {2**power for power in range(NORM_BINS)} | most}
        case "counts" if statistic in BINS:
            counted = {_ONCE: 1, _A_DAY: _days(window) ** 2}
            return bool(stated == counted.get(BINS[statistic].counted))
    return False


def _days(window: Mapping[str, Any]) -> int:
    first, after = (dt.date.fromisoformat(day) for day in str(window["name"]).split("/"))
    return int(Window(first, after, str(window["timezone"])).day_starts().size)


def wrong_visitors(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is said of visitors and is not what was paid for."""
    paid = {(p["resolution"], p["part"]): p for p in _paid(manifest, VISITORS)}
    levels = manifest["statistics"].get(VISITORS, {"levels": []})["levels"]
    told = {f"{level['resolution']}/{period}" for level in levels for period in level["periods"]}
    rows = manifest["rows"].get(VISITORS, {})
    if told != set(rows):
        yield f"visitors: got rows of {', '.join(rows)}, expected {', '.join(sorted(told))}"
    for level in levels:
        (period,) = level["periods"]
        payment = paid.pop((level["resolution"], f"cells/{period}"))
        paid.pop((level["resolution"], f"taken/{period}"), None)
        yield from _not_as_paid(f"visitors {level['resolution']}/{period}", level, payment, SCALE)
    yield from (f"visitors {part} was paid for and is of no level" for _, part in paid if part != "norms")


def wrong_distributions(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is said of distributions and is not what was paid for."""
    told = manifest["statistics"].get(DISTRIBUTIONS, {"histograms": []})["histograms"]
    named = [histogram["statistic"] for histogram in told]
    paid = {p["statistic"] for p in manifest["measurement"]["payments"]} & BINS.keys()
    if not sorted(named) == sorted(manifest["rows"].get(DISTRIBUTIONS, ())) == sorted(paid):
        yield f"distributions: told of {', '.join(named)}, paid for {', '.join(sorted(paid))}"
        return
    for histogram in told:
        name = histogram["statistic"]
        bins = BINS[name]
        if (list(bins.edges), bins.unit, bins.counted) != tuple(histogram[key] for key in ("edges", "unit", "counted")):
            yield f"{name}: its bins are not those of this version"
        payment = next(p for p in _paid(manifest, name) if p["part"] in ("bins", "counts"))
        yield from _not_as_paid(name, histogram, payment, SCALE if payment["part"] == "bins" else 1)


def _paid(manifest: Mapping[str, Any], statistic: str) -> list[Mapping[str, Any]]:
    return [p for p in manifest["measurement"]["payments"] if p["statistic"] == statistic]


def _not_as_paid(name: str, told: Mapping[str, Any], payment: Mapping[str, Any], unit: int) -> Iterator[str]:
    if told["rho"] != payment["rho"]:
        yield f"{name}: rho {told['rho']}, paid {payment['rho']}"
    for key, paid in (("noise_sd", payment["noise_scale"]), ("bound", payment["squared_sensitivity"] ** 0.5)):
        if not math.isclose(told[key] * unit, paid, rel_tol=1e-9):
            yield f"{name}: {key} {told[key]}, paid for {paid / unit}"
