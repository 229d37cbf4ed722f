"""``hereabouts withdraw``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, progress_bar, store_option

if TYPE_CHECKING:
    from hereabouts.acts.withdraw import WithdrawalReceipt


@click.command("withdraw", epilog=example("hereabouts withdraw ids.txt --store store --requested 2026-11-02"))
@click.argument("id_file", type=PATH, required=False)
@store_option
@click.option("--requested", type=click.DateTime(["%Y-%m-%d"]), help="Day on which it was asked for (today).")
@click.option("--source", default="", help="Who handed the list in, for the receipt; no name or id of a person.")
@json_option
def command(id_file: Path | None, store: Path, requested: datetime | None, source: str, as_json: bool) -> None:
    """Remove devices whose consent was withdrawn (ids, one a line), and keep them out; without a file: the receipts."""
    from hereabouts.acts.withdraw import list_withdrawals, withdraw

    if id_file is None:
        found = list_withdrawals(store)
        if as_json:
            print_json(found)
        for receipt in found if not as_json else ():
            _tell(receipt)
        return
    with progress_bar("files") as tell:
        done = withdraw(
            store,
            id_file,
            requested.date() if requested else None,
            source,
            lambda window, files, of: tell(f"purge {window.name}", files, files / of),
        )
    if as_json:
        print_json(done)
    else:
        _tell(done)


def _tell(receipt: WithdrawalReceipt) -> None:
    ids = f"{receipt.given:,} ids given, {receipt.invalid:,} of them invalid, {receipt.distinct:,} devices"
    click.echo(f"withdrawal {receipt.version}: {ids}, {receipt.again:,} withdrawn before (confidential)")
    if receipt.found_nowhere is None:
        click.echo("how many of the devices were found is not told: they are too few, or a file could not be read")
    else:
        click.echo(f"found in no window: {receipt.found_nowhere:,} of the {receipt.distinct:,} devices (confidential)")
    for window, rows in receipt.windows.items():
        tables = [f"{rows[table]:,} {table}" for table in ("pings", "presence", "stays", "trips") if table in rows]
        removed = ", ".join(tables) or "what there was"
        click.echo(f"{window}: removed {removed}; {rows['files_read_again']:,} files read again, nothing found")
    for window in receipt.unreachable:
        click.echo(f"{window}: not reached, as its pseudonym key is gone")
    if receipt.finished is None:
        click.echo("not finished: the next command on the store goes on with it")
    else:
        click.echo(f"finished {receipt.latency_days} days after it was requested; the devices are kept out from now on")
