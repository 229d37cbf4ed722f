"""Audit: how identifying a data set is, for its owner; nothing is kept of it but figures about the whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hereabouts.acts.place import check_place, place
from hereabouts.acts.purge import bring_up_to_date
from hereabouts.engines.memory import keep_freed_memory
from hereabouts.errors import UsageError
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.feeds.profiles.identifying import sample_warnings
from hereabouts.report.confidential.audit import audit_page
from hereabouts.risk.audit.precision import PositionSample
from hereabouts.risk.audit.result import Audit, Finding
from hereabouts.risk.audit.run import audited
from hereabouts.risk.audit.sensitive import PlaceVisits
from hereabouts.risk.reading import feed_traces, window_traces
from hereabouts.store.store import STATE, Store
from hereabouts.windows import Window

Progress = Callable[[str, int, float], None]

_READING = 0.4
"""Share of the work that reading is, about."""


def audit(
    source: Path | Sequence[Path],
    out: Path,
    profile: str = "canonical",
    window: str | None = None,
    store: Path | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Audit:
    """Measure how identifying a data set is, and write ``audit.html`` and ``audit.json``.

    Both are confidential: they are computed on exact data and not differentially private. They hold figures about the
    whole data set alone, none about fewer than 20 devices.

    Parameters
    ----------
    source
        A store's folder, or feeds: files, or folders of files.
    out
        Folder of the report; must not exist, or be empty.
    profile
        Of feeds: name of a shipped profile, or path of a TOML file with one.
    window
        Of a store: which window, ``FIRST/AFTER``; by default the last one that has pings. Devices have another
        pseudonym in each, so each is a data set of its own.
    store
        Of feeds: the store whose list of sensitive places is looked at. No other list is: what one that somebody drew
        up for a run tells, less what it tells without one of its places, would be who was there.
    seed
        The same seed samples the same devices and points.
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
    UsageError
        When the place is taken, there is no such profile or window, or a store and feeds are mixed.
    """
    check_place(out)
    keep_freed_memory()
    sources = [source] if isinstance(source, Path) else list(source)
    tell = progress or _silent
    stores = [path for path in sources if (path / STATE).exists()]
    if stores and len(sources) > 1:
        raise UsageError(f"got {len(sources)} sources, one of them a store: expected one store, or feeds alone")
    with place(out) as folder:
        if stores and store is not None:
            raise UsageError("got a store to audit and another for its list of places: a store is audited by its own")
        if stores:
            result = _of_store(stores[0], window, seed, tell)
        elif window is not None:
            raise UsageError(f"got window '{window}' for a feed: only a store has windows")
        else:
            result = _of_feeds(sources, profile, store, seed, tell)
        text = json.dumps(result.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / "audit.json").write_text(text + "\n", encoding="utf-8")
        (folder / "audit.html").write_text(audit_page(result), encoding="utf-8")
    return result


def _of_feeds(sources: Sequence[Path], profile: str, store: Path | None, seed: int, tell: Progress) -> Audit:
    mapping = load_profile(profile)
    feeds = [open_feed(file, mapping) for path in sources for file in feed_files(path)]
    warnings = sorted({warning for feed in feeds for warning in sample_warnings(feed)})
    sample = PositionSample(seed)
    listed = None if store is None else Store(store).places()[1]
    visits = PlaceVisits(listed) if listed is not None and len(listed) else None
    looks = [sample.look, *([] if visits is None else [visits.look])]
    traces = feed_traces(feeds, int(time.time()), looks, lambda rows, share: tell("read", rows, _READING * share))
    name = feeds[0].label if len(feeds) == 1 else f"{len(feeds):,} files"
    findings = [_identifiers(warnings), *_no_list(visits)]
    return audited(
        traces, "feed", f"{name}, read by profile '{mapping.name}'", sample, visits, findings, seed, _later(tell)
    )


def _of_store(path: Path, name: str | None, seed: int, tell: Progress) -> Audit:
    store = Store(path)
    sample = PositionSample(seed)
    with store.locked():
        bring_up_to_date(store)
        window, is_open = window_to_audit(store, name)
        listed = store.places()[1]
        visits = PlaceVisits(listed) if is_open and listed is not None and len(listed) else None
        looks = [sample.look, *([] if visits is None else [visits.look])]
        traces = window_traces(store, window, looks, lambda rows, share: tell("read", rows, _READING * share))
    kind = "open window" if is_open else "sealed window"
    kept = Finding(
        "direct identifiers",
        "The store keeps none: devices are keyed pseudonyms, another one in each window.",
        "layout of the store",
        "hereabouts",
    )
    gone = [] if is_open else [_sealed()]
    findings = [kept, *(gone or _no_list(visits))]
    return audited(traces, kind, f"window {window.name}", sample, visits, findings, seed, _later(tell))


def window_to_audit(store: Store, name: str | None) -> tuple[Window, bool]:
    """The window that is asked for, and whether it is open."""
    known = store.windows()
    if name is not None:
        wanted = store.calendar.named(name)
        known = [state for state in known if state.window == wanted]
    with_pings = [state for state in known if state.status != "sealed" or any((state.counts or {}).values())]
    if not with_pings:
        raise UsageError(f"store {store.path} has no pings in {name or 'any window'}: there is nothing to audit")
    return with_pings[-1].window, with_pings[-1].status != "sealed"


def _identifiers(warnings: Sequence[str]) -> Finding:
    text = "The first rows of the feed show no column of names, e-mail addresses, phone numbers or IP addresses."
    if warnings:
        text = " ".join(f"{warning[0].upper()}{warning[1:]}." for warning in warnings)
    return Finding(
        "direct identifiers", text, "names and first values of columns against patterns", "GDPR art. 4(1); hereabouts"
    )


def _no_list(visits: PlaceVisits | None) -> list[Finding]:
    if visits is not None:
        return []
    text = "No store with a list of sensitive places was named, so that nothing is known of who was seen at one."
    return [Finding("sensitive places", text, "none", "hereabouts rule SL-LIST")]


def _sealed() -> Finding:
    text = (
        "A sealed window has no positions, so that who was seen at a sensitive place cannot be told from it any more; "
        "pings at listed places were dropped before it was sealed, where the store had a list."
    )
    return Finding("sensitive places", text, "none", "hereabouts rule SL-BLOCK")


def _later(tell: Progress) -> Callable[[str, float], None]:
    return lambda doing, share: tell(doing, 0, _READING + (1 - _READING) * share)


def _silent(doing: str, rows: int, share: float) -> None:
    """Show no progress."""
