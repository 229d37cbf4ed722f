"""``hereabouts budget``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import example, json_option, print_json, store_option

if TYPE_CHECKING:
    from hereabouts.acts.budget import Spent


@click.command("budget", epilog=example("hereabouts budget --store store"))
@store_option
@json_option
def command(store: Path, as_json: bool) -> None:
    """Show what was spent and what is left, per window and over a device's life."""
    from hereabouts.acts.budget import budget

    found = budget(store)
    if as_json:
        print_json(found)
        return
    click.echo(f"each window may spend epsilon {found.whole.epsilon:.4g} at delta {found.delta:g}")
    for window in found.windows:
        spent, left = window.spent.epsilon, window.left.epsilon
        stale = f"; {window.stale} of its measurements are stale, as its data changed" if window.stale else ""
        click.echo(f"{window.window}: epsilon {spent:.4g} spent{_tighter(window.spent)}, {left:.4g} left{stale}")
    click.echo("every other window has all of it left")
    life = f"{found.lifetime.epsilon:.4g}{_tighter(found.lifetime)}"
    click.echo(f"a device in every window has spent epsilon {life} over its life in this store")
    if found.sharing:
        stores = "one other store" if found.sharing == 1 else f"{found.sharing} other stores"
        click.echo(f"{stores} of this ledger took feeds of this one: what they spent is counted, and draws on it")
    click.echo("(costs add up in rho, not in epsilon; a device is not a person, who may have two)")


def _tighter(spent: Spent) -> str:
    """The tighter restatement beside what was paid, where it is smaller."""
    restated = f"{spent.restated:.4g}"
    return "" if restated == f"{spent.epsilon:.4g}" else f" ({restated} by a tighter bound)"
