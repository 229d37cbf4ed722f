"""``hereabouts stop``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import example, json_option, officer_key_option, print_json, store_option


@click.command("stop", epilog=example("hereabouts stop --reason investigation --store store"))
@store_option
@click.option("--reason", help="Why, in a sentence; confidential.")
@click.option("--lift", is_flag=True, help="Lift the order that is in force, by the officer's key.")
@officer_key_option
@json_option
def command(store: Path, reason: str | None, lift: bool, officer_key: Path | None, as_json: bool) -> None:
    """Halt intake and releases, until the officer lifts the order; withdrawals, purges and retention go on."""
    from hereabouts.acts.stop import resume, stop

    if lift == (reason is not None):
        raise click.UsageError("expected one of --reason TEXT, to stop, and --lift, to go on")
    order = resume(store, officer_key) if reason is None else stop(store, reason)
    if as_json:
        print_json(order)
    elif lift:
        click.echo(f"stop order {order.number} is lifted")
    else:
        click.echo(f"stop order {order.number} is in force: nothing is taken in, and nothing is released")
