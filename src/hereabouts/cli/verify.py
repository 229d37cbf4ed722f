"""``hereabouts verify``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json
from hereabouts.errors import VerificationError


@click.command("verify", epilog=example("hereabouts verify release --store store"))
@click.argument("folder", type=PATH, metavar="DIR")
@click.option("--store", type=PATH, help="Compare with this store's ledger too.")
@click.option("--log-key", metavar="VKEY", help="Key of the log that it must be in ('hereabouts log key' says it).")
@json_option
def command(folder: Path, store: Path | None, log_key: str | None, as_json: bool) -> None:
    """Check a release: files, digests, parameters, its proof of being in the log, and with --store its ledger."""
    from hereabouts.acts.verify import verify

    checks = verify(folder, store, log_key)
    failed = [check for check in checks if not check.passed]
    if as_json:
        pinned = log_key is not None or store is not None
        print_json(
            {"sound": not failed, "ledger_compared": store is not None, "signer_pinned": pinned, "checks": checks}
        )
    else:
        for check in checks:
            click.echo(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.found}")
        if store is None:
            click.echo("the ledger was not compared: give --store to do so")
    if failed:
        raise VerificationError(f"{folder} is not sound: {', '.join(check.name for check in failed)}")
