"""``hereabouts claims``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, progress_bar


def _print_example(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Print the shipped claims, and do nothing else."""
    del parameter
    if wanted and not context.resilient_parsing:
        from hereabouts.risk.claims.stated import example as shipped

        click.echo(shipped(), nl=False)
        context.exit()


@click.command("claims", epilog=example("hereabouts claims CLAIMS.toml feed --out card"))
@click.argument("claims", type=PATH, metavar="CLAIMS.toml")
@click.argument("source", type=PATH)
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder of the report card; must not exist.")
@click.option("--profile", default="canonical", show_default=True, help="Of a feed: what its columns mean.")
@click.option("--window", metavar="FIRST/AFTER", help="Of a store: which sealed window; the last one by default.")
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_example,
    help="Print a file of claims, as they were made of bought data in 2020, and end.",
)
@json_option
def command(claims: Path, source: Path, out: Path, profile: str, window: str | None, as_json: bool) -> None:
    """Hold claims about a data set (a store, a feed, a release) against what is measured of it.

    Writes claims.html and claims.json, which are confidential: figures about the whole data set alone, computed on
    exact data, and not differentially private. Each claim holds, fails, or cannot be told from the data.
    """
    from hereabouts.acts.claims import claims as act

    with progress_bar("rows") as tell:
        done = act(claims, source, out, profile, window, tell)
    if as_json:
        print_json(done.to_json())
        return
    click.echo("confidential: computed on exact data, not differentially private, for the owner of the data")
    click.echo(f"{done.kind}: {done.name}")
    for card in done.cards:
        click.echo(f"  {card.found.verdict:<14}  {card.claim}: {card.words}")
    click.echo(f"report: {out / 'claims.html'}")
