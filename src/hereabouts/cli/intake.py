"""``hereabouts intake``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.engine import engine_option, master_option
from hereabouts.cli.output import example, feed_address, json_option, print_json, progress_bar, store_option

_EXAMPLE = "hereabouts intake feed/ --store store --supplier acme"


@click.command("intake", epilog=example(_EXAMPLE))
@click.argument("feeds", nargs=-1, required=True, type=feed_address, metavar="FEED...")
@store_option
@click.option("--supplier", required=True, help="Id of an admitted supplier.")
@click.option(
    "--profile",
    default="canonical",
    show_default=True,
    help="What the feed's columns mean: a shipped profile, or a TOML file.",
)
@engine_option
@master_option
@json_option
def command(
    feeds: tuple[Path | str, ...],
    store: Path,
    supplier: str,
    profile: str,
    engine: str,
    master: str | None,
    as_json: bool,
) -> None:
    """Take feeds into a store; a receipt says what was taken and dropped."""
    from hereabouts.acts.intake import intake

    with progress_bar("rows") as tell:
        receipts = intake(feeds, store, supplier, profile, tell, engine, master)
    for warning in dict.fromkeys(warning for receipt in receipts for warning in receipt.warnings):
        click.echo(f"hereabouts: warning: {warning}", err=True)
    if as_json:
        print_json([receipt.to_json() for receipt in receipts])
        return
    for receipt in receipts:
        if receipt.again:
            click.echo(f"{receipt.feed}: was taken in before; nothing was done")
        elif receipt.files:
            which = receipt.feed if receipt.files == 1 else f"{receipt.files:,} files, each named after its device"
            dropped = ", ".join(f"{count:,} {reason}" for reason, count in sorted(receipt.dropped.items())) or "none"
            click.echo(f"{which}: {receipt.taken:,} of {receipt.rows:,} rows taken; dropped: {dropped}")
    untold = sum(receipt.files == 0 for receipt in receipts)
    if untold and all(receipt.again or not receipt.files for receipt in receipts):
        click.echo(
            f"{untold:,} files, each named after its device: done; they are of too few devices to tell how many rows "
            "were taken and dropped"
        )
