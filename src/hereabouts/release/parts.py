"""What a manifest must hold together: a window that is what its name says, and every part that a statistic takes.

The bounds that nature gives (hours, days) are read from the window, so a window that lies about its length would lend
a forged sensitivity its proof. And a bound or a ratio that nobody paid for was had from the exact numbers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from hereabouts.privacy.bins import BINS
from hereabouts.privacy.bounding import NORM_BINS
from hereabouts.windows import Window

Part = tuple[str, int | None, str]
"""Statistic, resolution and part of a payment."""


def wrong_window(told: Mapping[str, Any]) -> Iterator[str]:
    """What a manifest says of its window, and what does not follow from the window's name and time zone."""
    first, after = (dt.date.fromisoformat(day) for day in str(told["name"]).split("/"))
    window = Window(first, after, str(told["timezone"]))
    if told["hours"] != window.hours:
        yield f"got {told['hours']} hours, {window.name} has {window.hours}"
    for end, instant in (("start", window.start), ("end", window.end)):
        if dt.datetime.fromisoformat(told[end]).timestamp() != instant:
            yield f"got {end} {told[end]}, which is not that of {window.name} in {window.timezone}"


def wrong_parts(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Parts that were paid for and should not have been, or the other way round, or are of another size."""
    payments = manifest["measurement"]["payments"]
    paid = Counter((p["statistic"], p["resolution"], p["part"]) for p in payments)
    values = {(p["statistic"], p["resolution"], p["part"]): p["values"] for p in payments}
    due = dict(_due(manifest, payments))
    for part, count in paid.items():
        if part not in due or count > 1:
            yield f"{_name(part)} was paid for {count} times, expected {int(part in due)}"
    for part, size in due.items():
        if part not in paid:
            yield f"{_name(part)} was not paid for"
        elif size is not None and values[part] != size:
            yield f"{_name(part)} has {values[part]} values, expected {size}"


def _due(manifest: Mapping[str, Any], payments: Any) -> Iterator[tuple[Part, int | None]]:
    """Every part that this release takes, with the number of its values where that is known."""
    told = manifest["statistics"]
    for level in told.get("presence", {"levels": []})["levels"]:
        yield ("presence", level["resolution"], "hours"), None
    if "flows" in told:
        # Resolutions that only showed the way are told of by their payment alone.
        measured = [p["resolution"] for p in payments if (p["statistic"], p["part"]) == ("flows", "pairs")]
        yield ("flows", None, "norms"), (len(measured) + 1) * NORM_BINS
        yield ("flows", None, "totals"), 4 * len(measured)
        yield from ((("flows", resolution, "pairs"), None) for resolution in measured)
        for slot in told["flows"].get("slots", ()):
            yield ("flows", slot["resolution"], f"slot-norms/{slot['period']}"), NORM_BINS
            yield ("flows", slot["resolution"], f"slots/{slot['period']}"), None
    if "visitors" in told:
        levels = [(level["resolution"], period) for level in told["visitors"]["levels"] for period in level["periods"]]
        yield ("visitors", None, "norms"), len(levels) * NORM_BINS
        for resolution, period in levels:
            yield ("visitors", resolution, f"taken/{period}"), 1
            yield ("visitors", resolution, f"cells/{period}"), None
    for histogram in told.get("distributions", {"histograms": []})["histograms"]:
        name = histogram["statistic"]
        if BINS[name].counted in ("devices", "device-days"):
            yield (name, None, "counts"), len(BINS[name].edges)
        else:
            yield (name, None, "norms"), NORM_BINS
            yield (name, None, "taken"), 1
            yield (name, None, "bins"), len(BINS[name].edges)


def _name(part: Part) -> str:
    statistic, resolution, of = part
    return f"{statistic} {of}" if resolution is None else f"{statistic} {resolution} {of}"
