"""``hereabouts init``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from hereabouts.cli.output import PATH, example, json_option, print_json

_EXAMPLE = "hereabouts init store --timezone Europe/Paris --budget 2 1e-6"


@click.command("init", epilog=example(_EXAMPLE))
@click.argument("store", type=PATH)
@click.option("--timezone", default="UTC", show_default=True, help="IANA time zone of the store's hours.")
@click.option("--window", default="P7D", show_default=True, help="Length of a window, in whole days.")
@click.option("--anchor", type=click.DateTime(["%Y-%m-%d"]), help="Day that windows count from (default: ISO weeks).")
@click.option("--resolution", default=8, show_default=True, type=int, help="Finest H3 resolution that is kept.")
@click.option(
    "--budget",
    nargs=2,
    type=float,
    default=(2.0, 1e-6),
    show_default=True,
    metavar="EPSILON DELTA",
    help="Of each window.",
)
@click.option("--policy", default="research", show_default=True, type=click.Choice(["research", "regulated"]))
@click.option(
    "--ledger",
    default="own",
    show_default=True,
    metavar="URL",
    help="Database of a ledger that stores share: sqlite:///PATH or postgresql://USER@HOST/NAME.",
)
@click.option(
    "--keys",
    type=PATH,
    help="Folder of the keys (default: STORE.keys, beside the store).",
)
@click.option(
    "--max-accuracy",
    default=500.0,
    show_default=True,
    type=float,
    help="Worst horizontal accuracy taken, metres.",
)
@click.option(
    "--data",
    default="own",
    metavar="s3://BUCKET/PREFIX",
    help="Object storage in which pings and tables are to lie (default: the store's folder).",
)
@json_option
def command(
    store: Path,
    timezone: str,
    window: str,
    anchor: datetime | None,
    resolution: int,
    budget: tuple[float, float],
    policy: str,
    ledger: str,
    keys: Path | None,
    max_accuracy: float,
    data: str,
    as_json: bool,
) -> None:
    """Make a new store."""
    from hereabouts.acts.init import init

    day = anchor.date() if anchor else None
    made = init(store, timezone, window, day, resolution, budget, policy, ledger, keys, max_accuracy, data)
    if as_json:
        print_json({"store": store, "id": made.facts.id, "keys": made.keys.folder, "policy": made.policy.name})
    else:
        click.echo(f"store {store} (policy {made.policy.name}); its keys are in {made.keys.folder}: keep them apart")
