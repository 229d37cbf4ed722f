"""``hereabouts supplier``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, store_option

if TYPE_CHECKING:
    from hereabouts.rules.suppliers import Source

_EXAMPLE = "hereabouts supplier add acme --store store --consent-evidence contract.pdf --expires 2027-06-30"
_DAY = click.DateTime(["%Y-%m-%d"])


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
@click.option("--expires", required=True, type=_DAY, help="Last day on which this is in force.")
@click.option("--all-consented", is_flag=True, help="Its feeds need no consent column; the evidence says why.")
@click.option("--assessed", type=_DAY, help="Day of its assessment (today by default); it holds for a year.")
@click.option(
    "--source",
    type=click.Choice(["sdk", "bidstream", "other"]),
    default="sdk",
    show_default=True,
    help="Where its pings come from; what comes from ad auctions (bidstream) is refused.",
)
@json_option
def add(
    supplier: str,
    store: Path,
    consent_evidence: Path,
    expires: datetime,
    all_consented: bool,
    assessed: datetime | None,
    source: Source,
    as_json: bool,
) -> None:
    """Admit a supplier, or renew its admission."""
    from hereabouts.acts.suppliers import add_supplier

    day = assessed.date() if assessed else None
    admitted = add_supplier(supplier, store, consent_evidence, expires.date(), all_consented, day, source)
    if as_json:
        print_json(admitted)
    else:
        click.echo(f"supplier {admitted.id} is admitted until {admitted.last_day}")


@command.command("list", epilog=example("hereabouts supplier list --store store"))
@store_option
@json_option
def listed(store: Path, as_json: bool) -> None:
    """Show every supplier that was ever admitted, and whether its feeds may be taken in today."""
    from hereabouts.acts.suppliers import list_suppliers

    found = list_suppliers(store)
    if as_json:
        print_json(found)
        return
    for standing in found:
        known = standing.supplier
        state = "in force until" if standing.in_force else "not in force since"
        consent = "all consented" if known.all_consented else "consent by row"
        click.echo(f"{known.id}: {state} {known.last_day}, assessed {known.assessed}, {known.source}, {consent}")
    if not found:
        click.echo("no supplier was ever admitted: 'hereabouts supplier add' admits one")
