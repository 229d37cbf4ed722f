"""``hereabouts places``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, progress_bar, steps, store_option

_ADD = "hereabouts places add list.parquet --store store"
_jurisdiction = click.option("--jurisdiction", help="Law that widens margins, for example us-wa.")


@click.group("places", epilog=example(_ADD))
def command() -> None:
    """Say which places are sensitive: pings at them are never kept."""


@command.command("build", epilog=example("hereabouts places build country.osm.pbf --out list.parquet"))
@click.argument("source", type=PATH, metavar="OSM_EXTRACT|VENUES")
@click.option("--out", required=True, type=PATH, help="GeoParquet file to write.")
@click.option(
    "--mapping",
    default="osm",
    show_default=True,
    help="Which tags or kinds of venue are sensitive: osm, foursquare, or a TOML file.",
)
@click.option("--radius", default=0.0, show_default=True, help="Metres around a point that are its footprint.")
@_jurisdiction
@json_option
def build(source: Path, out: Path, mapping: str, radius: float, jurisdiction: str | None, as_json: bool) -> None:
    """Make a list from OpenStreetMap, or from a table of venues."""
    from hereabouts.acts.places import build_places

    with steps() as tell:
        tell(f"reading {source}")
        made = build_places(source, out, mapping, radius, jurisdiction)
    if as_json:
        print_json(made)
        return
    for category, forms in made.found.items():
        if sum(forms.values()):
            told = ", ".join(f"{count:,} {form}" for form, count in forms.items() if count)
            click.echo(f"{category:<28} {sum(forms.values()):>9,}  ({told})")
    click.echo(f"{'none of':<28} {', '.join(made.missing) or 'no category'}")
    for reason, count in made.left_out.items():
        click.echo(f"left out: {count:,} {reason}")
    click.echo(f"{made.file}: {made.places:,} places, digest {made.digest}")


@command.command("add", epilog=example(_ADD))
@click.argument("places", type=PATH, metavar="LIST")
@store_option
@click.option("--assessed", type=click.DateTime(["%Y-%m-%d"]), help="Day it was looked at; today by default.")
@_jurisdiction
@json_option
def add(places: Path, store: Path, assessed: datetime | None, jurisdiction: str | None, as_json: bool) -> None:
    """Add places to a store's list, and remove what it has of them."""
    from hereabouts.acts.places import add_places

    day: date | None = None if assessed is None else assessed.date()
    with progress_bar("files") as tell:
        added = add_places(
            places,
            store,
            day,
            jurisdiction,
            lambda window, done, of: tell(f"purge {window.name}", done, done / max(of, 1)),
        )
    if as_json:
        print_json(added)
        return
    click.echo(
        f"list of sensitive places: version {added.version}, {added.places:,} places, {added.added:,} of them new"
    )
    for window in added.purged:
        removed = ", ".join(f"{count:,} {table}" for table, count in window.removed.items() if count) or "nothing"
        click.echo(f"purged {window.window}: {removed} removed")


@command.command("list", epilog=example("hereabouts places list --store store"))
@store_option
@json_option
def show(store: Path, as_json: bool) -> None:
    """Say which list a store has, and whether it is due to be looked at."""
    from hereabouts.acts.places import list_places

    found = list_places(store)
    if as_json:
        print_json(found)
        return
    if found is None:
        click.echo("no list of sensitive places: add one by 'hereabouts places add LIST --store STORE'")
        return
    click.echo(f"version {found.version}, {found.places:,} places, digest {found.digest}")
    for category, count in found.counts.items():
        click.echo(f"  {category:<28} {count:>9,}")
    click.echo(f"none of: {', '.join(found.missing) or 'no category'}")
    state = "is overdue: look whether it is complete, and add it again" if found.overdue else f"is due by {found.due}"
    click.echo(f"assessed {found.assessed}; the next assessment {state}")


@command.command("test", epilog=example("hereabouts places test --store store"))
@store_option
@json_option
def test(store: Path, as_json: bool) -> None:
    """Plant canaries at every category, and prove that none passes."""
    from hereabouts.acts.place_test import prove_places

    with steps() as tell:
        tell("planting canaries")
        report = prove_places(store)
    if as_json:
        print_json(report)
        return
    click.echo(f"ran {report.ran}, list version {report.places_version}")
    for category, kinds in report.planted.items():
        click.echo(
            f"  {category:<28} " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()) + ": none passed"
        )
    click.echo(f"controls: {report.controls_passed} of {report.controls} passed; every count is right")
    for limit in report.limits:
        click.echo(f"not shown: {limit}")
