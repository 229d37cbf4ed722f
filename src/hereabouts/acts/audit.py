"""Audit: how identifying a data set is, for its owner; nothing is kept of it but figures about the whole."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from hereabouts.acts.data_set import Progress, chosen_window, opened, part, write_report
from hereabouts.acts.place import check_place, place
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.acts.record import Said, acting, log
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.errors import UsageError
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.report.confidential.audit import audit_page
from hereabouts.risk.audit.precision import PositionSample, precision_of, precision_of_cells
from hereabouts.risk.audit.result import Audit, Finding
from hereabouts.risk.audit.run import audited
from hereabouts.risk.audit.sensitive import PlaceVisits
from hereabouts.risk.reading import feed_traces, named, window_traces
from hereabouts.store.looks import look
from hereabouts.store.store import STATE, Store

_READING = 0.4
"""Share of the work that reading is, about."""


def audit(
    source: Path | Sequence[Path],
    out: Path,
    profile: str = "canonical",
    window: str | None = None,
    store: Path | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Measure how identifying a data set is, and write ``audit.html`` and ``audit.json``.

    Both are confidential: they are computed on exact data and not differentially private. They hold figures about the
    whole data set alone, none about fewer than 20 devices, and numbers of devices to the nearest 20.

    Parameters
    ----------
    source
        A store's folder, or feeds: files, or folders of files.
    out
        Folder of the report; must not exist, or be empty.
    profile
        Of feeds: name of a shipped profile, or path of a TOML file with one.
    window
        Of a store: which sealed window, ``FIRST/AFTER``; by default the last one that has pings. Devices have another
        pseudonym in each, so each is a data set of its own.
    store
        Of feeds: the store whose list of sensitive places is looked at. No other list is, and a store is not held
        against its own, as it drops what is at a listed place.
    progress
        Told what is being done, how many rows were read, and what share of all that is.

    Returns
    -------
    Audit
        What ``audit.json`` says.

    Raises
    ------
    BadInputError
        When a feed or a list cannot be read, or there are fewer than 20 devices.
    MachineError
        When the machine refuses, or something of the store is missing.
    RefusedError
        When the window's data have changed since they were looked at (:mod:`hereabouts.store.looks`).
    UsageError
        When the place is taken, there is no such profile or sealed window, or a store and feeds are mixed.
    """
    check_place(out)
    keep_freed_memory()
    sources = [source] if isinstance(source, Path) else list(source)
    stores = [path for path in sources if (path / STATE).exists()]
    if stores and len(sources) > 1:
        raise UsageError(f"got {len(sources)} sources, one of them a store: expected one store, or feeds alone")
    if stores and store is not None:
        raise UsageError("got a store to audit and another for its list of places: that one is for feeds")
    if not stores and window is not None:
        raise UsageError(f"got window '{window}' for a feed: only a store has windows")
    with place(out) as folder:
        result = _of_store(stores[0], window, progress) if stores else _of_feeds(sources, profile, store, progress)
        write_report(folder, "audit", result.to_json(), audit_page(result))
    return result


def _of_feeds(sources: Sequence[Path], profile: str, store: Path | None, progress: Progress | None) -> Audit:
    feeds = opened(sources, profile)
    warnings = sorted({warning for feed in feeds for warning in sample_warnings(feed)})
    sample = PositionSample()
    listed = None if store is None else Store(store).places()[1]
    visits = PlaceVisits(listed) if listed is not None and len(listed) else None
    looks = [sample.look, *([] if visits is None else [visits.look])]
    read, then = part(progress, 0.0, _READING, rows=True), part(progress, _READING, 1.0)
    traces = feed_traces(feeds, int(time.time()), looks, lambda rows, share: read("read", rows, share))
    findings = [_identifiers(warnings), *([_no_list()] if visits is None else [])]
    return audited(
        traces, "feed", named(feeds), precision_of(sample.positions), visits, findings,
        lambda doing, share: then(doing, 0, share),
    )  # fmt: skip


def _of_store(path: Path, name: str | None, progress: Progress | None) -> Audit:
    read, then = part(progress, 0.0, _READING), part(progress, _READING, 1.0)
    said = Said()
    with acting(path, "audit", said) as store, store.locked():
        bring_up_to_date(store)
        window = chosen_window(store, name)
        said.facts = {} if name is None else {"window": window.name}
        log(store, "audit", said.facts, "begun")
        look(store, window)
        traces = window_traces(store, window, lambda rows, share: read("read", rows, share))
        has_list = store.place_register.newest() is not None
    grid = precision_of_cells(traces.resolution, traces.devices)
    return audited(
        traces, "sealed window", f"window {window.name}", grid, None, [_pseudonyms(), _dropped(has_list)],
        lambda doing, share: then(doing, 0, share),
    )  # fmt: skip


def _identifiers(warnings: Sequence[str]) -> Finding:
    text = "The first rows of the feed show no column of names, e-mail addresses, phone numbers or IP addresses."
    if warnings:
        text = " ".join(f"{warning[0].upper()}{warning[1:]}." for warning in warnings)
    return Finding(
        "direct identifiers", text, "names and first values of columns against patterns", "GDPR art. 4(1); hereabouts"
    )


def _pseudonyms() -> Finding:
    text = "The store keeps none: devices are keyed pseudonyms, another one in each window."
    return Finding("direct identifiers", text, "layout of the store", "hereabouts")


def _no_list() -> Finding:
    text = "No store with a list of sensitive places was named, so that nothing is known of who was seen at one."
    return Finding("sensitive places", text, "none", "hereabouts rule SL-LIST")


def _dropped(has_list: bool) -> Finding:
    text = (
        "The store has no list of sensitive places, so that nothing is known of who was seen at one, and nothing is "
        "dropped there."
    )
    if has_list:
        text = (
            "What is at a place of the store's list was dropped at intake, or when the place was listed: nobody is "
            "seen at one, whatever was there before."
        )
    return Finding("sensitive places", text, "none", "hereabouts rules SL-BLOCK, SL-PURGE")
