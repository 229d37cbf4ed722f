"""What a store remembers between commands: one small database, its tables and their migrations.

Rows of devices never come here. Counts do (of an intake, of a sealed window): those are confidential.
"""

from __future__ import annotations

from hereabouts.state.database import open_state, reading, sqlite_url, writing

__all__ = ["open_state", "reading", "sqlite_url", "writing"]
