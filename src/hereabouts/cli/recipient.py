"""``hereabouts recipient``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, officer_key_option, print_json, store_option

_EXAMPLE = (
    "hereabouts recipient add city --terms terms.pdf --expires 2027-06-30 --officer-key ines-private.pem --store store"
)


@click.group("recipient", epilog=example(_EXAMPLE))
def command() -> None:
    """Say who may be given releases, on which terms."""


@command.command("add", epilog=example(_EXAMPLE))
@click.argument("name")
@store_option
@click.option("--terms", required=True, type=PATH, help="What it agreed to; it is digested.")
@click.option(
    "--expires",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day on which it may be given a release.",
)
@officer_key_option
@json_option
def add(name: str, store: Path, terms: Path, expires: datetime, officer_key: Path | None, as_json: bool) -> None:
    """Register a recipient, or its new terms."""
    from hereabouts.acts.recipient import add_recipient

    added = add_recipient(name, store, terms, expires.date(), officer_key)
    if as_json:
        print_json(added)
    else:
        click.echo(f"{added.name} may be given releases until {added.expires}, on terms {added.version}")


@command.command("list", epilog=example("hereabouts recipient list --store store"))
@store_option
@json_option
def listed(store: Path, as_json: bool) -> None:
    """Show every recipient, and its last terms."""
    from hereabouts.acts.recipient import list_recipients

    found = list_recipients(store)
    if as_json:
        print_json(found)
        return
    for recipient in found:
        click.echo(f"{recipient.name}: terms {recipient.version} ({recipient.terms[:16]}) until {recipient.expires}")
    if not found:
        click.echo("nobody is registered: 'hereabouts recipient add' registers somebody")
