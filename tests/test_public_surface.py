"""No home, no search: what anybody can ask for, and what they can be given (NO-HOME, NO-SEARCH).

Nothing gives out one device's places, its home, its work or its identifier; nothing takes a place and answers with
devices, and nothing takes a device and answers with places. So every name of an option, an argument, a field of a
result, a released column is held against a list. Adding to a list is a decision: it needs a reason beside it.
"""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pytest

from hereabouts import acts
from hereabouts.cli.main import cli
from hereabouts.feeds.profile import Profile
from hereabouts.release.claims import COLUMNS
from hereabouts.store.store import Store

SOURCE = Path(acts.__file__).resolve().parents[1]

#: All that a command or an act can be given.
MAY_BE_GIVEN = {
    # files and folders
    "claims", "data", "feeds", "folder", "keys", "out", "plan", "sample", "store", "consent_evidence",
    # what a regulated policy asks for: documents, keys and signatures of those who answer for a store, their words
    "document", "terms", "key", "officer_key", "signature", "statement", "purpose", "reason", "incidents", "lift",
    "up_to",
    # a public log: its folder, keys of those who sign it, and which entries of it are shown, by number, act and day
    "log", "log_key", "witnesses", "note", "first", "wanted", "number", "since",
    # a list of ids, to be removed and kept out: withdraw, which gives counts
    "id_file", "ids",
    # a list of places, at which nothing is to be kept: it gives places by category
    "places", "source", "mapping", "radius", "jurisdiction",
    # public configuration, dates, names that an operator chose
    "all_consented", "anchor", "assessed", "budget", "everything", "expires", "fresh", "ledger", "max_accuracy", "name",
    "policy", "profile", "requested", "resolution", "schedule", "supplier", "timezone", "until", "window",
    # made-up towns: how many, not who
    "day", "days", "devices", "form", "format", "pings_per_day", "publications", "seed", "start",
    # the region that a release was of, which is compared with what was measured: attack gives figures about all devices
    "area",
    # a shipped file of claims to begin with, printed
    "example",
    # who carries the work: this machine, or a cluster and its address; what comes out is the same
    "engine", "master",
    # how it is shown
    "as_json", "progress", "tile_url",
}  # fmt: skip

#: Parts of the name of a field that would say of whom, or where somebody is.
OF_SOMEBODY = {
    "cell", "cells", "device", "devices", "home", "homes", "identifier", "identifiers", "latitude", "longitude",
    "person", "pseudonym", "pseudonyms", "segment", "trace", "traces", "trajectory", "work",
}  # fmt: skip
HARMLESS = {
    ("DataSet", "devices"),  # how many an audit is about, in all: 20 at the least
    ("Sealed", "device_hours"),  # how many, in all
    ("FeedSummary", "devices"),  # how many were made up
    ("Proposal", "direct_identifiers"),  # columns of a sample that a feed must not be read with
    ("Schedule", "pseudonym_key_days"),  # for how long keys are kept
}

#: What a result can be made of. Arrays and tables, which could hold a row a device, are none of these.
PLAIN = {str, int, float, bool, type(None), Path, Fraction, dt.date, dt.datetime}
#: Configuration by name of column, and the store itself, which `init` gives to who has just made it.
OPAQUE = {Profile, Store}

FUNCTIONS = [getattr(acts, name) for name in acts.__all__]


def commands(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, *names, name)
    else:
        yield " ".join(names), command


def test_commands_and_acts_are_given_nothing_that_points_at_somebody() -> None:
    given = {parameter.name for _, command in commands(cli) for parameter in command.params}
    given |= {name for function in FUNCTIONS for name in inspect.signature(function).parameters}
    assert given - MAY_BE_GIVEN == set(), "nothing takes a place or a device and answers: is this one safe, and why?"


def test_ids_go_in_by_withdraw_alone() -> None:
    with_ids = {name for name, command in commands(cli) if {p.name for p in command.params} & {"id_file", "ids"}}
    assert with_ids == {"withdraw"}
    assert [f.__name__ for f in FUNCTIONS if "ids" in inspect.signature(f).parameters] == ["withdraw"]


def results() -> dict[type, list[str]]:
    """Every class that a result is made of, with its fields; plain ones without."""
    found: dict[type, list[str]] = {}
    for function in FUNCTIONS:
        _collect(typing.get_type_hints(function)["return"], found)
    return found


def _collect(kind: Any, found: dict[type, list[str]]) -> None:
    if typing.get_origin(kind) is typing.Literal:
        return
    if typing.get_origin(kind) is not None or isinstance(kind, types.UnionType):
        for part in typing.get_args(kind):
            if part is not Ellipsis:
                _collect(part, found)
    elif kind not in found and kind not in OPAQUE:
        found[kind] = list(getattr(kind, "__dataclass_fields__", {}))
        if not found[kind]:
            return
        hints = typing.get_type_hints(kind, vars(sys.modules[kind.__module__]))
        for name in found[kind]:
            _collect(hints[name], found)


def test_results_are_made_of_counts_and_words() -> None:
    made_of = {kind for kind, fields in results().items() if not fields}
    assert made_of - PLAIN == set(), "a result that holds arrays or tables could hold a row a device"


def test_no_field_of_a_result_is_about_somebody() -> None:
    named = {
        (kind.__name__, field)
        for kind, fields in results().items()
        for field in fields
        if OF_SOMEBODY & set(field.split("_"))
    }
    assert named - HARMLESS == set()


def test_released_columns_are_about_cells_and_crowds() -> None:
    assert COLUMNS == {
        "presence": ("cell", "resolution", "start", "period", "slot", "devices", "noise_sd", "ci95_low", "ci95_high"),
        "flows": (
            "origin", "destination", "resolution", "start", "period", "slot", "trips", "noise_sd", "ci95_low",
            "ci95_high",
        ),
        "visitors": ("cell", "resolution", "start", "period", "devices", "noise_sd", "ci95_low", "ci95_high"),
        "distributions": (
            "statistic", "bin_low", "bin_high", "unit", "devices_or_trips", "noise_sd", "ci95_low", "ci95_high",
        ),
    }  # fmt: skip


@pytest.mark.parametrize("module", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_is_named_for_a_home_or_a_workplace(module: Path) -> None:
    """Made-up people have homes; nobody else's is looked for."""
    if module.is_relative_to(SOURCE / "synthetic"):
        return
    named = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "arg", None)
        if isinstance(name, str) and re.search(r"(^|_)(homes?|workplaces?|commut\w*|residen\w*)($|_)", name.lower()):
            named.append(name)
    assert named == []


@pytest.mark.parametrize("word", ["latitude", "cell", "device_id", "near"])
def test_the_check_itself_would_see_a_search(word: str) -> None:
    assert word not in MAY_BE_GIVEN
