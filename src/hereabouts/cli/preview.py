"""``hereabouts preview``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, store_option
from hereabouts.errors import RefusedError

if TYPE_CHECKING:
    from rich.table import Table

    from hereabouts.acts.preview import Preview
    from hereabouts.release.payments import Span


@click.command("preview", epilog=example("hereabouts preview plan.toml --store store"))
@click.argument("plan", type=PATH)
@store_option
@json_option
def command(plan: Path, store: Path, as_json: bool) -> None:
    """Say what a plan would cost and how precise it would be, without touching data.

    Ends with exit code 3 where a release of the plan would be refused; what it would cost is said all the same.
    """
    from hereabouts.acts.preview import preview

    found = preview(plan, store)
    if as_json:
        print_json(found)
    else:
        _say(found)
    if found.refused is not None:
        raise RefusedError(found.refused.rule, found.refused.reason)


def _say(found: Preview) -> None:
    from rich.console import Console

    # Where nobody looks, a table has the room that it asks for.
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
    for line in _cost(found):
        console.print(line, markup=False)
    for table in (_measured(found), _expected(found)):
        console.print(table)
    for line in _notes(found):
        console.print(line, markup=False)


def _cost(found: Preview) -> list[str]:
    verdict = "would be released" if found.refused is None else f"would be refused by rule '{found.refused.rule}'"
    lines = [f"plan '{found.plan}' on window {found.window}: {verdict}"]
    if found.again:
        lines.append(f"it was measured before: nothing would be spent; epsilon {found.left.epsilon:.3g} is left")
        if found.stale:
            lines.append("what was measured is stale, as the data have changed since; --fresh measures anew, and pays")
    else:
        cost = f"costs epsilon {found.epsilon:g} at delta {found.delta:g} (rho {float(found.rho):.4g})"
        then = (
            f"{found.left_after.epsilon:.3g} would be left then"
            if found.rho <= found.left.rho
            else "that is too little"
        )
        lines.append(f"{cost} of the window's epsilon {found.left.epsilon:.3g} that is left; {then}")
        took = "under a second" if found.seconds < 1 else f"about {found.seconds:,.0f} s of one core"
        lines.append(f"draws {found.draws:,} numbers at the most, in {took}")
    lines.append(f"region: {found.leaves:,} cells of resolution 7")
    if found.protected:
        lines.append(
            f"protected areas withhold rows, whatever their figures: {', '.join(found.protected)}; "
            f"{found.left_out:,} cells of the plan's region are left out"
        )
    return lines


def _measured(found: Preview) -> Table:
    table = _table("What is measured", "share of rho", "numbers", "noise sd of one")
    for piece in found.payments:
        name = piece.part if piece.resolution is None else f"resolution {piece.resolution}, {piece.part}"
        noise = "-" if piece.noise_sd is None else _span(piece.noise_sd)
        table.add_row(f"{piece.statistic}, {name}", f"{piece.share:.1%}", f"{piece.values:,}", noise)
    return table


def _expected(found: Preview) -> Table:
    withheld = any(level.withheld for level in found.levels)
    columns = ("rows there can be", *(("withheld",) if withheld else ()), "noise sd", "published from", "crowd needed")
    table = _table("What to expect of rows", *columns)
    for level in found.levels:
        rows = f"{level.rows:,}", *((f"{level.withheld:,}",) if withheld else ())
        crowd = f"{_span(level.crowd)} {level.counted}"
        said = f"{crowd}: likely empty" if level.likely_empty else crowd
        name = f"{level.statistic} {level.resolution}/{level.period}" if level.resolution else level.statistic
        table.add_row(name, *rows, _span(level.noise_sd), _span(level.published_from), said)
    return table


def _notes(found: Preview) -> list[str]:
    wide = found.max_relative_halfwidth
    sure = "" if wide == float("inf") else f" whose interval is at most ±{wide:.0%} of the value"
    lines = [
        f"Published are rows of at least {found.minimum:g}{sure}: by the noise alone, from the count given on.",
        "Estimates are sharpened after that, which lets out smaller rows too. Spans: a bound is chosen privately, and",
        "they go from the least that there is to that of a busy feed.",
        "Crowd needed: in the whole region, for the busiest row to be published, if rows differ as sizes of towns do.",
    ]
    if any(level.likely_empty for level in found.levels):
        lines.append(
            "Likely empty: the region would have to hold more than it has room for, were it a city throughout."
        )
    return lines


def _table(title: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(title, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _span(span: Span) -> str:
    """Two digits, or three of a small number: what is foreseen is not known more closely."""
    least, most = (f"{value:,.0f}" if value >= 10 else f"{value:.2g}" for value in span)
    return least if least == most else f"{least} to {most}"
