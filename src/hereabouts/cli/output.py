"""How commands speak: results to stdout (for people, or as JSON), progress to stderr when it is a terminal."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

PATH = click.Path(path_type=Path, readable=False)
"""A path as it was given: what is wrong with it is said by what uses it, with the right exit code."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
store_option = click.option("--store", required=True, type=PATH, metavar="STORE", help="Folder of the store.")
officer_key_option = click.option(
    "--officer-key", type=PATH, help="The officer's private key, PEM, where there is an officer: read, kept nowhere."
)


def print_json(value: Any) -> None:
    """Print a result as one JSON document on stdout."""
    click.echo(json.dumps(value, default=_plain, indent=1, ensure_ascii=False))


def example(text: str) -> str:
    """An example for the end of a command's help."""
    return f"Example: {text}"


def feed_address(given: str) -> Path | str:
    """A path, or an address of object storage as it was given: a path would lose one of its slashes."""
    return given if "://" in given else Path(given)


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[str, float, float], None]]:
    """A bar on stderr while work goes on; nothing where stderr is no terminal.

    Gives a function that is told what is being done, how much of it (in units), and what share of all that is.
    """
    if not sys.stderr.isatty():
        yield lambda doing, amount, share: None  # noqa: ARG005 - it is told, and says nothing
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, rate="")

        def tell(doing: str, amount: float, share: float) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{amount / elapsed:,.0f} {unit}/s" if amount and elapsed > 0.5 else ""
            bar.update(task, description=doing, completed=share, rate=rate)

        yield tell


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A line on stderr that says which step is under way; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield lambda step: None  # noqa: ARG005 - it is told, and says nothing
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Fraction | Path | date):
        return str(value)
    raise TypeError(f"cannot print {type(value).__name__} as JSON")
