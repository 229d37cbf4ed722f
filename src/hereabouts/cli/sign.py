"""``hereabouts sign``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, store_option


@click.command("sign", epilog=example("hereabouts sign plan.toml --key noor-private.pem --store store"))
@click.argument("plan", type=PATH)
@store_option
@click.option("--key", type=PATH, help="The approver's Ed25519 private key, PEM; it is read, and kept nowhere.")
@click.option("--signature", type=PATH, help="In place of a key: a file with a signature that was made elsewhere.")
@click.option("--statement", is_flag=True, help="Print what is to be signed elsewhere, and file nothing.")
@json_option
def command(plan: Path, store: Path, key: Path | None, signature: Path | None, statement: bool, as_json: bool) -> None:
    """Approve a plan, exactly as it is, by a signature; who signs is told by the key."""
    from hereabouts.acts.sign import plan_to_sign, sign

    if statement:
        said = plan_to_sign(plan, store)
        if as_json:
            print_json({"statement": said})
        else:
            click.echo(said, nl=False)
        return
    made = sign(plan, store, key, signature)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.approver} has signed the plan {made.plan[:16]}")
