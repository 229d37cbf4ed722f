"""What is measured, and where the report of it goes: the same for audits and for claims."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hereabouts.errors import UsageError
from hereabouts.feeds.formats.feed import Feed
from hereabouts.feeds.formats.readers import feed_files, open_feed
from hereabouts.feeds.profiles import load_profile
from hereabouts.store.store import Store
from hereabouts.windows import Window

Progress = Callable[[str, int, float], None]
"""Is told what is being done, how many rows of a feed were read, and what share of all that is."""


def opened(sources: Sequence[Path], profile: str) -> list[Feed]:
    """Open feeds: files, or folders of files.

    Raises
    ------
    BadInputError
        When one cannot be read.
    UsageError
        When there is no such profile.
    """
    mapping = load_profile(profile)
    return [open_feed(file, mapping) for path in sources for file in feed_files(path)]


def chosen_window(store: Store, name: str | None) -> tuple[Window, bool]:
    """The window that is asked for, whoever is in it, or the last one that has pings; and whether it is open.

    Raises
    ------
    UsageError
        When there is none.
    """
    known = store.windows()
    if name is None:
        known = [state for state in known if state.status != "sealed" or any((state.counts or {}).values())]
    else:
        wanted = store.calendar.named(name)
        known = [state for state in known if state.window == wanted]
    if not known:
        raise UsageError(f"store {store.path} has no pings in {name or 'any window'}: there is nothing to measure")
    return known[-1].window, known[-1].status != "sealed"


def write_report(folder: Path, stem: str, content: dict[str, Any], page: str) -> None:
    """Write ``STEM.json`` and ``STEM.html``; what is no number (NaN, infinity) cannot be in them."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / f"{stem}.json").write_text(text + "\n", encoding="utf-8")
    (folder / f"{stem}.html").write_text(page, encoding="utf-8")


def part(progress: Progress | None, begins: float, ends: float, *, rows: bool = False) -> Progress:
    """Give what is told of a part of the work, from one share of all to another.

    Parameters
    ----------
    progress
        What is told of the whole; nothing is where there is none.
    begins, ends
        The part.
    rows
        Whether rows are counted aloud: of a feed, which lies before whoever reads that, and not of a store.
    """

    def tell(doing: str, read: int, share: float) -> None:
        if progress is not None:
            progress(doing, read if rows else 0, begins + (ends - begins) * share)

    return tell
