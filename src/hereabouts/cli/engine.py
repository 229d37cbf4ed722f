"""Options that say who has the work done."""

from __future__ import annotations

import click

engine_option = click.option(
    "--engine",
    type=click.Choice(["local", "spark"]),
    default="local",
    show_default=True,
    help="Who has the work done: this machine, or a Spark cluster.",
)
master_option = click.option("--master", metavar="URL", help="The Spark cluster, such as spark://HOST:7077.")
