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


def chosen_window(store: Store, name: str | None) -> Window:
    """The sealed window that is asked for, whoever is in it, or the last one that was sealed with pings.

    Raises
    ------
    UsageError
        When there is none.
    """
    known = store.windows()
    if name is not None:
        wanted = store.calendar.named(name)
        known = [state for state in known if state.window == wanted]
    # Of the counts, `pings` are those of when it was sealed: which window is the last one does not change afterwards.
    sealed = [state for state in known if state.status == "sealed" and (name or (state.counts or {}).get("pings"))]
    if sealed:
        return sealed[-1].window
    if any(state.status != "sealed" for state in known):
        raise UsageError(
            f"store {store.path}: {f'window {name}' if name else 'every window that has pings'} is open, and grows row "
            "by row, so that figures of two days would tell of one row; seal it first ('hereabouts seal'), or give the "
            "feed itself"
        )
    raise UsageError(f"store {store.path} has no pings in {name or 'any window'}: there is nothing to measure")


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
