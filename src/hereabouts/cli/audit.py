"""``hereabouts audit``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, progress_bar


@click.command("audit", epilog=example("hereabouts audit store --out audit"))
@click.argument("source", nargs=-1, required=True, type=PATH)
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder of the report; must not exist.")
@click.option("--profile", default="canonical", show_default=True, help="Of feeds: what their columns mean.")
@click.option("--window", metavar="FIRST/AFTER", help="Of a store: which sealed window; the last one by default.")
@click.option("--store", type=PATH, metavar="STORE", help="Of feeds: whose list of sensitive places to look at.")
@json_option
def command(
    source: tuple[Path, ...],
    out: Path,
    profile: str,
    window: str | None,
    store: Path | None,
    as_json: bool,
) -> None:
    """Measure how identifying a data set is: a store, or feeds.

    Writes audit.html and audit.json, which are confidential: figures about the whole data set alone, computed on exact
    data, and not differentially private.
    """
    from hereabouts.acts.audit import audit
    from hereabouts.report.confidential.page import rate

    with progress_bar("rows") as tell:
        done = audit(source, out, profile, window, store, tell)
    if as_json:
        print_json(done.to_json())
        return
    click.echo("confidential: computed on exact data, not differentially private, for the owner of the data")
    click.echo(f"{done.data_set.kind}, some {done.data_set.devices:,} devices: {done.data_set.name}")
    for question in done.questions:
        click.echo(f"  {question.name}: {rate(question.attack)}; beyond the control: {rate(question.risk)}")
    click.echo(f"report: {out / 'audit.html'}")
