"""One look (one-look): exact figures about a window are only ever made of one version of its data.

Figures of an audit, of claims and of attacks are exact, or nearly: dozens of them, each a function of every row. Made
before and after a withdrawal they would say, by whether they differ, whether the withdrawn device was there. No
rounding helps against that. So the first look at a window is remembered by the version of its data, and a later look at
another version is refused, before a row is read. That turns on versions alone, never on rows: a refusal says nothing.

For this a version has to change whenever a row does. Only sealed windows are looked at, and their rows change in two
ways:

- **Sealing** makes them. The window gets its first version in the transaction that calls it sealed
  (:meth:`hereabouts.store.store.Store.mark_sealed`), when its tables are complete. No row comes to it after that:
  intake drops those of sealed windows (``late``).
- **Purges**, of places and of withdrawn devices, take rows out. Each ends with another version, whether or not a row
  went (:func:`hereabouts.store.purges.finish`; versions are random, and none comes back). A list that is passed over
  (:func:`hereabouts.store.purges.passed_over`) reads and writes no row. Between its first row and its end a purge
  leaves rows of two versions under the old name: nobody looks then, for it is finished under the same lock before any
  look (:func:`hereabouts.acts.purge.bring_up_to_date`).

Retention deletes the tables of a window as a whole, by the calendar: what is left are no figures at all.

What this cannot see is another copy: a store that was copied, restored from a backup, or filled again from the same
feeds has looks of its own. Whoever has those has its rows as well.
"""

from __future__ import annotations

from hereabouts.errors import RefusedError
from hereabouts.state import writing
from hereabouts.state.tables import WindowRow
from hereabouts.store.store import Store
from hereabouts.windows import Window


def look(store: Store, window: Window) -> None:
    """Remember that exact figures are made of a window's data as they are now; see that they never were of others.

    Parameters
    ----------
    store
        The store, locked and brought up to date; it stays locked until the rows are read.
    window
        A sealed window that is registered.

    Raises
    ------
    RefusedError
        By rule one-look, when the data have changed since they were looked at.
    """
    with writing(store.state) as session:
        row = session.get_one(WindowRow, window.name)
        if row.looked not in ("", row.data_version):
            raise RefusedError(
                "one-look",
                f"exact figures about window {window.name} were made before, and its data have changed since "
                "(withdrawals, sensitive places): figures of now, beside those, would tell what changed, which may be "
                "one person; use the report that was made then, or a window that was not looked at yet",
            )
        row.looked = row.data_version
