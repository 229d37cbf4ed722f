"""``hereabouts review``."""

from __future__ import annotations

from pathlib import Path

import click

from hereabouts.cli.output import example, json_option, officer_key_option, print_json, store_option


@click.command("review", epilog=example("hereabouts review --up-to 141 --officer-key ines-private.pem --store store"))
@store_option
@click.option("--up-to", required=True, type=int, metavar="N", help="Last entry of the log that was looked at, from 0.")
@click.option(
    "--incident", "incidents", multiple=True, metavar="TEXT", help="What was noted; confidential, but for how many."
)
@officer_key_option
@json_option
def command(store: Path, up_to: int, incidents: tuple[str, ...], officer_key: Path | None, as_json: bool) -> None:
    """Say that the log was reviewed, and what was noted."""
    from hereabouts.acts.review import review

    filed = review(store, up_to, incidents, officer_key)
    if as_json:
        print_json(filed)
    else:
        noted = "no incident" if not filed.incidents else f"{len(filed.incidents)} incidents"
        click.echo(f"review {filed.number} by {filed.reviewer}, up to entry {filed.up_to}: {noted}")
