"""``hereabouts attack``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hereabouts.cli.output import PATH, example, json_option, print_json, steps, store_option

if TYPE_CHECKING:
    from hereabouts.risk.figures import Figure


@click.command("attack", epilog=example("hereabouts attack release --store store --out attack"))
@click.argument("folder", type=PATH, metavar="RELEASE_DIR")
@store_option
@click.option("--out", required=True, type=PATH, metavar="DIR", help="Folder of the report; must not exist.")
@click.option("--area", type=PATH, metavar="FILE", help="GeoJSON of the plan's region, where it was a file.")
@click.option("--seed", default=1, show_default=True, help="By which devices are drawn; noise has no seed.")
@click.option("--publications", default=60, show_default=True, help="How often it is published anew, in memory.")
@json_option
def command(
    folder: Path, store: Path, out: Path, area: Path | None, seed: int, publications: int, as_json: bool
) -> None:
    """Attack a release, for its owner: say how well somebody could tell whether a person is in it.

    Writes attack.html and attack.json, which are confidential: figures about all targets together, computed on exact
    data, and not differentially private. Nothing is spent.
    """
    from hereabouts.acts.attack import attack

    with steps() as tell:
        done = attack(folder, store, out, area, seed, publications, tell)
    if as_json:
        print_json(done.to_json())
        return
    click.echo("confidential: computed on exact data, not differentially private, for the owner of the data")
    for attempt in done.attempts:
        said = ", ".join(f"{each.way} {_in_short(each.area)}" for each in attempt.rates)
        most = "" if attempt.ceiling is None else f" (no more than {attempt.ceiling:.3f} in theory)"
        click.echo(f"{attempt.name}: area {said}{most}")
    for why in done.untried:
        click.echo(f"not tried: {why}")
    for test in done.canaries:
        click.echo(f"canary, {test.name}: {'MORE THAN CLAIMED' if test.flagged else 'as claimed'}")
    click.echo(f"report: {out / 'attack.html'}")


def _in_short(area: Figure) -> str:
    if area.value is not None:
        return f"{area.value:.3f}"
    return "not told" if area.low is None or area.high is None else f"{area.low:.3f} to {area.high:.3f}"
