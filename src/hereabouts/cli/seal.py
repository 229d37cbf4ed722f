"""``hereabouts seal``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.engine import engine_option, master_option
from hereabouts.cli.output import example, json_option, print_json, progress_bar, store_option


@click.command("seal", epilog=example("hereabouts seal --store store"))
@store_option
@click.option("--all", "everything", is_flag=True, help="Seal windows that are not over too: later rows are refused.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Seal the windows that end by the start of this day.")
@engine_option
@master_option
@json_option
def command(
    store: Path, everything: bool, until: datetime | None, engine: str, master: str | None, as_json: bool
) -> None:
    """Close windows that are over: pings become presence, stays and trips, and are deleted."""
    from hereabouts.acts.seal import seal

    with progress_bar("buckets") as tell:
        done = seal(
            store,
            everything,
            until.date() if until else None,
            lambda window, buckets, of: tell(f"seal {window.name}", buckets, buckets / of),
            engine,
            master,
        )
    if as_json:
        print_json(done)
        return
    for window in done:
        counts = f"{window.pings:,} pings, {window.device_hours:,} device-hours, {window.trips:,} trips (confidential)"
        click.echo(f"{window.window}: {counts}")
    if not done:
        click.echo("no window is over and open: nothing to seal")
