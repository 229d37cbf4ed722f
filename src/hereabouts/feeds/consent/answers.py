"""What a consent column can say of one row."""

from __future__ import annotations

from typing import Final

YES: Final = 0
"""The person said yes."""

MISSING: Final = 1
"""Nothing is said."""

REFUSED: Final = 2
"""It is readable, and it is no yes."""

UNREADABLE: Final = 3
"""Something is said that is not wholly understood: too short, too long, garbled, or of an unknown kind."""
