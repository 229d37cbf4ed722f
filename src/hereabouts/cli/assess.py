"""``hereabouts assess``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, officer_key_option, print_json, store_option

_EXAMPLE = (
    "hereabouts assess transport-planning assessment.pdf --expires 2027-06-30 --officer-key ines-private.pem "
    "--store store"
)


@click.command("assess", epilog=example(_EXAMPLE))
@click.argument("purpose")
@click.argument("document", type=PATH, metavar="FILE")
@store_option
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day on which it is in force.")
@officer_key_option
@json_option
def command(
    purpose: str, document: Path, store: Path, expires: datetime, officer_key: Path | None, as_json: bool
) -> None:
    """File the impact assessment of a purpose, which the officer approves."""
    from hereabouts.acts.assess import assess

    filed = assess(purpose, document, store, expires.date(), officer_key)
    if as_json:
        print_json(filed)
    else:
        click.echo(
            f"assessment {filed.number} of {filed.purpose} ({filed.digest[:16]}), approved by {filed.approver}, is in "
            f"force until {filed.expires}"
        )
