"""``hereabouts supplier``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, store_option

_EXAMPLE = "hereabouts supplier add acme --store store --consent-evidence contract.pdf --expires 2027-06-30"


@click.group("supplier", epilog=example(_EXAMPLE))
def command() -> None:
    """Say whose feeds may be taken in."""


@command.command("add", epilog=example(_EXAMPLE))
@click.argument("supplier")
@store_option
@click.option(
    "--consent-evidence",
    required=True,
    type=PATH,
    help="The document that is relied on; it is digested.",
)
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day on which this is in force.")
@click.option("--all-consented", is_flag=True, help="Its feeds need no consent column; the evidence says why.")
@json_option
def add(
    supplier: str, store: Path, consent_evidence: Path, expires: datetime, all_consented: bool, as_json: bool
) -> None:
    """Admit a supplier, or renew its admission."""
    from hereabouts.acts.suppliers import add_supplier

    admitted = add_supplier(supplier, store, consent_evidence, expires.date(), all_consented)
    if as_json:
        print_json(admitted)
    else:
        click.echo(f"supplier {admitted.id} is admitted until {admitted.expires}")
