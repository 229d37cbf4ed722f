"""``hereabouts person``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, officer_key_option, print_json, store_option

_EXAMPLE = "hereabouts person add noor --key noor-public.pem --officer-key ines-private.pem --store store"


@click.group("person", epilog=example(_EXAMPLE))
def command() -> None:
    """Say who may run and approve plans: one person, one account, one key."""


@command.command("add", epilog=example(_EXAMPLE))
@click.argument("name")
@store_option
@click.option("--key", required=True, type=PATH, help="Their Ed25519 public key, PEM.")
@officer_key_option
@json_option
def add(name: str, store: Path, key: Path, officer_key: Path | None, as_json: bool) -> None:
    """Register a person by the name of their account."""
    from hereabouts.acts.person import add_person

    added = add_person(name, store, key, officer_key)
    if as_json:
        print_json(added)
    else:
        click.echo(f"{added.account} is registered, by the key {added.key}")


@command.command("remove", epilog=example("hereabouts person remove noor --store store"))
@click.argument("name")
@store_option
@json_option
def remove(name: str, store: Path, as_json: bool) -> None:
    """Take a person off the register: what they signed counts no more, and their key never again."""
    from hereabouts.acts.person import remove_person

    removed = remove_person(name, store)
    if as_json:
        print_json(removed)
    else:
        click.echo(f"{removed.account} is registered no more")


@command.command("list", epilog=example("hereabouts person list --store store"))
@store_option
@json_option
def listed(store: Path, as_json: bool) -> None:
    """Show who is registered."""
    from hereabouts.acts.person import list_people

    found = list_people(store)
    if as_json:
        print_json(found)
        return
    for person in found:
        click.echo(f"{person.account}, by the key {person.key}")
    if not found:
        click.echo("nobody is registered: 'hereabouts person add' registers somebody")
