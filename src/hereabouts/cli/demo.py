"""``hereabouts demo``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, steps


@click.command("demo", epilog=example("hereabouts demo --out demo"))
@click.option(
    "--out",
    default=Path("demo"),
    show_default=True,
    type=PATH,
    help="Folder of the demo.",
)
@json_option
def command(out: Path, as_json: bool) -> None:
    """Make a small town's pings and take them all the way to a published release."""
    from hereabouts.acts.demo import demo

    with steps() as tell:
        made = demo(out, tell)
    if as_json:
        print_json(made)
        return
    taken, rows = (sum(getattr(receipt, name) for receipt in made.receipts) for name in ("taken", "rows"))
    sensitive = sum(sum(receipt.sensitive.values()) for receipt in made.receipts)
    click.echo(f"places   {made.places.places} sensitive places; no planted ping came past them")
    click.echo(f"intake   {taken:,} of {rows:,} made-up pings taken; {sensitive:,} were at a sensitive place")
    for window in made.sealed:
        click.echo(f"seal     {window.window}: {window.device_hours:,} device-hours, {window.trips:,} trips")
    for table, levels in made.released.rows.items():
        click.echo(f"release  {table}: " + ", ".join(f"{rows:,} rows at {level}" for level, rows in levels.items()))
    click.echo(f"budget   epsilon {made.released.spent:g} spent, {made.released.left:.3g} left in the window")
    passed = sum(check.passed for check in made.checks)
    click.echo(f"verify   {passed} of {len(made.checks)} checks passed")
    click.echo(f"audit    {made.audited}: how identifying the pings' sealed window is (confidential)")
    click.echo(f"attack   {made.attacked}: what known attacks on the release find (confidential)")
    click.echo(f"read     {made.report}")
