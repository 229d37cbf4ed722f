"""``hereabouts retain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import example, json_option, print_json, progress_bar, store_option

if TYPE_CHECKING:
    from hereabouts.acts.retain import Schedule


@click.command("retain", epilog=example("hereabouts retain --store store"))
@store_option
@click.option("--schedule", is_flag=True, help="Print the schedule, which is public, and do nothing.")
@json_option
def command(store: Path, schedule: bool, as_json: bool) -> None:
    """Keep to the retention schedule: seal overdue windows, destroy keys and tables past their time."""
    from hereabouts.acts.retain import retain, retention_schedule

    if schedule:
        days = retention_schedule(store)
        if as_json:
            print_json(days)
        else:
            _tell(days)
        return
    with progress_bar("buckets") as tell:
        done = retain(store, lambda window, buckets, of: tell(f"seal {window.name}", buckets, buckets / of))
    if as_json:
        print_json(done)
        return
    for window in done.sealed:
        click.echo(f"{window.window}: sealed, as it was overdue")
    for name in done.keys_destroyed:
        click.echo(f"{name}: pseudonym key destroyed")
    for name in done.tables_deleted:
        click.echo(f"{name}: tables deleted")
    click.echo(f"windows that ended by {done.keys_until} have no pseudonym key: nobody in them can be found by an id")
    if done.tables_until:
        click.echo(f"windows that ended by {done.tables_until} have no tables: they cannot be measured any more")


def _tell(days: Schedule) -> None:
    click.echo(f"retention schedule {days.digest[:16]}, in days after a window's end:")
    click.echo(f"  {days.open_days}: precise positions are deleted (the window is sealed, if it was not)")
    click.echo(
        f"  {days.pseudonym_key_days}: the pseudonym key is destroyed (no window can be joined with it by an id)"
    )
    if days.sealed_days:
        click.echo(f"  {days.sealed_days}: presence, stays and trips are deleted")
    else:
        click.echo("  presence, stays and trips (cells, hours and bins) are kept")
