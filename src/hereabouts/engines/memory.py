"""Memory for batches that are all of about the same size: what one lets go, the next one takes."""

from __future__ import annotations

import ctypes

# Of glibc's malloc.h: whatever is larger than the second is asked of the system each time (32 MB is the most that it
# takes), and what is free beyond the first is given back to it.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES, _LARGEST_BYTES = 1 << 30, 32 << 20


def keep_freed_memory() -> bool:
    """Have this process keep up to 1 GiB of memory that it lets go, for its own later use.

    Else each batch's arrays are asked of the system anew, which hands them over page by page, cleared: a seventh of
    the time of sealing, and some of it waiting for the other thread. The most that is held at a time is not more.

    Returns
    -------
    bool
        Whether the C library has such a setting (glibc does); nothing is changed where it has not.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):
        return False
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)) and bool(mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES))
