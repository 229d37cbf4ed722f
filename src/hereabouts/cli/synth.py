"""``hereabouts synth``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, progress_bar

_EXAMPLE = "hereabouts synth --devices 20000 --days 7 --seed 1 --out feed"


@click.command("synth", epilog=example(_EXAMPLE))
@click.option("--devices", required=True, type=int, help="How many devices live in the town.")
@click.option("--days", required=True, type=int, help="How many days of pings.")
@click.option("--day", type=int, help="Only this day of them (1 is the first): large feeds a day at a time.")
@click.option("--seed", default=0, show_default=True, type=int, help="The same seed gives the same pings.")
@click.option("--out", required=True, type=PATH, help="Folder of the feed: new, or empty.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day (default 2024-03-04, a Monday).")
@click.option("--pings-per-day", default=14.3, show_default=True, type=float, help="Mean pings of a device in a day.")
@click.option("--format", "form", default="parquet", show_default=True, type=click.Choice(["parquet", "csv", "jsonl"]))
@json_option
def command(
    devices: int,
    days: int,
    day: int | None,
    seed: int,
    out: Path,
    start: datetime | None,
    pings_per_day: float,
    form: str,
    as_json: bool,
) -> None:
    """Make pings of a made-up town, with the columns of a feed."""
    from hereabouts.acts.synth import FIRST_DAY, synth

    expected = max(devices * (days if day is None else 1) * pings_per_day, 1.0)
    written = 0
    with progress_bar("pings") as tell:

        def told(rows: int) -> None:
            nonlocal written
            written += rows
            tell("synth", written, min(written / expected, 1.0))

        made = synth(
            devices,
            days,
            seed,
            out,
            start.date() if start else FIRST_DAY,
            pings_per_day,
            form,  # type: ignore[arg-type]  # click.Choice has checked it
            told,
            day,
        )
    if as_json:
        print_json({"out": out, "pings": made.pings, "devices": made.devices, "files": made.files})
    else:
        click.echo(f"{made.pings:,} pings of {made.devices:,} devices in {made.files} files: {out}")
