"""From a manifest and its tables to ``report.html``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from hereabouts.report import words
from hereabouts.report.findings import findings
from hereabouts.report.geometry import CellShapes, View, region_view, shapes_of
from hereabouts.report.histograms import WIDTH, histograms
from hereabouts.report.levels import FLOWS, PRESENCE, VISITORS, Level, cells_by_resolution, read_levels
from hereabouts.report.manifest import DISTRIBUTIONS, ReleaseFacts, read_manifest
from hereabouts.report.missing import empty_distributions, gaps, not_asked
from hereabouts.report.page import render, tile_origin
from hereabouts.report.payload import build_payload, kept_flows
from hereabouts.report.promises import protected_areas, sensitive_places
from hereabouts.report.slots import day_label, span_label
from hereabouts.report.spending import spending
from hereabouts.report.tables import MOST_ROWS, largest_rows, level_summaries
from hereabouts.report.towns import Town, coordinates, towns_in

_TOWN_MARGIN = 0.15


def write_report(
    manifest: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    out: Path,
    *,
    tile_url: str | None = None,
) -> None:
    """Write the HTML report of a release: one file that opens offline and loads nothing.

    Parameters
    ----------
    manifest
        The content of ``release.json``.
    tables
        The released tables ``presence``, ``visitors``, ``flows`` and ``distributions``; any may be absent, others are
        ignored.
    out
        The file to write, replaced in one step.
    tile_url
        Address of background map tiles with ``{z}``, ``{x}``, ``{y}``. The only case in which the page loads
        anything: the host then learns that somebody reads the report, and which part of the map.

    Raises
    ------
    BadInputError
        The manifest or a table cannot be read.
    UsageError
        ``tile_url`` is not an address of tiles.
    """
    facts = read_manifest(manifest)
    levels = read_levels(tables, facts.window)
    host = None if tile_url is None else tile_origin(tile_url).partition("://")[2]
    cells = cells_by_resolution(levels)
    view = region_view(facts, list(cells.values()))
    shapes = {} if view is None else {res: shapes_of(some, res, view.middle) for res, some in cells.items()}
    towns = () if view is None else towns_in(view.grown(_TOWN_MARGIN))
    payload = build_payload(facts, levels, shapes, view or View(-180, -60, 180, 75), towns, tile_url)
    shown = histograms(tables.get(DISTRIBUTIONS), facts.minimum, facts.max_relative_halfwidth)
    lacking = gaps(facts, levels, shapes)
    context = _context(facts, levels, shapes, view, towns)
    context |= {
        "findings": findings(levels, shapes, towns, shown, lacking),
        "gaps": lacking,
        "not_asked": not_asked(facts),
        "empty_distributions": empty_distributions(facts, shown),
        "histograms": shown,
        "bar_width": WIDTH,
        "files": list(tables),
    }
    context["left_out"] = [_left_out(level, facts) for level in payload.left_out]
    context["drawn"] = {entry["statistic"] for entry in payload.model["levels"]}
    context["tile_host"] = host
    _replace(out, render(context, payload))


def _context(
    facts: ReleaseFacts,
    levels: tuple[Level, ...],
    shapes: dict[int, CellShapes],
    view: View | None,
    towns: tuple[Town, ...],
) -> dict[str, Any]:
    cut = [level for level in levels if level.statistic == FLOWS and level.rows > kept_flows(level).size]
    rows = {
        name: sum(level.rows for level in levels if level.statistic == name) for name in (PRESENCE, VISITORS, FLOWS)
    }
    return {
        "facts": facts,
        "about": _about(rows),
        "where": None if view is None else _where(facts, view, towns),
        "window": span_label(facts.window.start, facts.window.end),
        "zone": facts.window.zone.key,
        "made": None if facts.measured_at is None else day_label(facts.measured_at.date()),
        "presence_rows": rows[PRESENCE],
        "visitor_rows": rows[VISITORS],
        "flow_rows": rows[FLOWS],
        "levels": level_summaries(facts, levels, shapes),
        "largest": largest_rows(facts, levels, shapes, towns),
        "spending": spending(facts.privacy),
        "minimum": None if facts.minimum is None else words.figure(facts.minimum),
        "halfwidth": _halfwidth(facts.max_relative_halfwidth),
        "protected_areas": protected_areas(facts),
        "sensitive_places": sensitive_places(facts),
        "most_rows": MOST_ROWS,
        "cut_flows": [_left_out(level, facts) for level in cut],
        "epsilon": words.epsilon(facts.privacy.cost.epsilon),
    }


def _about(rows: dict[str, int]) -> str:
    """Return what a release is about, as the beginning of a sentence."""
    said = {
        PRESENCE: "how many devices were in each area",
        VISITORS: "how many different ones came there",
        FLOWS: "how many trips went between areas",
    }
    first, *others = [words for name, words in said.items() if rows[name]] or ["statistics of crowds"]
    return (
        (first[0].upper() + first[1:])
        + "".join(f", {words}" for words in others[:-1])
        + (f", and {others[-1]}" if others else "")
    )


def _where(facts: ReleaseFacts, view: View, towns: tuple[Town, ...]) -> str:
    inside = [t for t in towns if view.west <= t.longitude <= view.east and view.south <= t.latitude <= view.north]
    around = (
        f"around {inside[0].name}" if inside else f"around {coordinates(view.middle, (view.south + view.north) / 2)}"
    )
    box = f", {words.size(view)}" if facts.bbox is not None else ""
    return f"{around}{box}"


def _left_out(level: Level, facts: ReleaseFacts) -> str:
    period = words.period(level.period, facts.window, level.statistic)
    return f"{level.statistic}, {period}, H3 resolution {level.resolution} ({level.rows:,} rows)"


def _halfwidth(limit: float | None) -> str | None:
    """Return the limit as a percentage, or ``None`` where there is none."""
    return None if limit is None or limit == float("inf") else words.percent(limit)


def _replace(out: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = out.with_name(f".{out.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)
