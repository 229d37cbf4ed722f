"""``hereabouts release``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, steps, store_option


@click.command("release", epilog=example("hereabouts release plan.toml --store store --out release"))
@click.argument("plan", type=PATH)
@store_option
@click.option("--out", required=True, type=PATH, help="Folder of the release: new, or empty.")
@click.option("--tile-url", help="Map tiles for the report ({z}, {x}, {y}); it then needs a network.")
@click.option("--fresh", is_flag=True, help="Measure anew, and pay, if the data changed since this plan was measured.")
@json_option
def command(plan: Path, store: Path, out: Path, tile_url: str | None, fresh: bool, as_json: bool) -> None:
    """Publish what a plan asks for, paid from the window's budget."""
    from hereabouts.acts.release import release

    with steps() as tell:
        done = release(plan, store, out, tile_url, tell, fresh)
    if as_json:
        print_json(done)
        return
    for table, levels in done.rows.items():
        for level, rows in levels.items():
            click.echo(f"{table} {level}: {rows:,} rows")
    paid = "measured before, nothing was spent" if done.again else f"epsilon {done.spent:g} was spent"
    if done.stale:
        click.echo("stale: the data have changed since this plan was measured; --fresh measures anew, and pays")
    click.echo(f"{paid}; the window has epsilon {done.left:.3g} left")
    click.echo(f"read {done.folder / 'report.html'}")
