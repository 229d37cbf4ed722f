"""``hereabouts verify``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json
from hereabouts.errors import VerificationError


@click.command("verify", epilog=example("hereabouts verify release --store store"))
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("--store", type=PATH, help="Compare with this store's ledger too.")
@json_option
def command(folder: Path, store: Path | None, as_json: bool) -> None:
    """Check a release: its files, digests, parameters, and with --store its entry in the ledger."""
    from hereabouts.acts.verify import verify

    checks = verify(folder, store)
    failed = [check for check in checks if not check.passed]
    if as_json:
        print_json({"sound": not failed, "ledger_compared": store is not None, "checks": checks})
    else:
        for check in checks:
            click.echo(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.found}")
        click.echo("nobody's signature was checked: this version keeps no transparency log")
        if store is None:
            click.echo("the ledger was not compared: give --store to do so")
    if failed:
        raise VerificationError(f"{folder} is not sound: {', '.join(check.name for check in failed)}")
