"""``hereabouts officer``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, officer_key_option, print_json, store_option

_EXAMPLE = "hereabouts officer appoint ines --key ines-public.pem --store store"


@click.group("officer", epilog=example(_EXAMPLE))
def command() -> None:
    """Say who answers for a store."""


@command.command("appoint", epilog=example(_EXAMPLE))
@click.argument("name")
@store_option
@click.option("--key", required=True, type=PATH, help="Their Ed25519 public key, PEM.")
@officer_key_option
@json_option
def appoint(name: str, store: Path, key: Path, officer_key: Path | None, as_json: bool) -> None:
    """Appoint the officer; a successor is signed for with the key of the officer until now."""
    from hereabouts.acts.officer import appoint_officer

    appointed = appoint_officer(name, store, key, officer_key)
    if as_json:
        print_json(appointed)
    else:
        click.echo(f"{appointed.account} answers for this store, by the key {appointed.key}")


@command.command("show", epilog=example("hereabouts officer show --store store"))
@store_option
@json_option
def show(store: Path, as_json: bool) -> None:
    """Show who answers for a store."""
    from hereabouts.acts.officer import show_officer

    found = show_officer(store)
    if as_json:
        print_json(found)
    elif found is None:
        click.echo("nobody was appointed: 'hereabouts officer appoint' appoints somebody")
    else:
        click.echo(f"{found.account}, by the key {found.key}")
