"""Memory that was freed is kept for the next batch, in place of being given back to the system and zeroed again.

Every batch makes and drops arrays of a few megabytes. By default each of them costs the system's work twice, for
giving it out and for taking it back, while all threads wait for the one page table: a tenth of all time at intake.
"""

from __future__ import annotations

import ctypes
import functools

import pyarrow as pa

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGEST_ARRAY = 32 << 20  # the most that glibc takes for this figure
_KEPT = 1 << 30


@functools.cache
def keep_freed_memory() -> bool:
    """Have this process keep what it frees, up to a gigabyte; arrays of over 32 MB are given back as ever.

    Returns
    -------
    bool
        Whether that could be arranged: not without glibc, whose memory this is about.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    kept = all(
        mallopt(option, value)
        for option, value in (
            (_M_MMAP_THRESHOLD, _LARGEST_ARRAY),
            (_M_TRIM_THRESHOLD, _KEPT),
            # Threads hand arrays to each other: what one frees another must find.
            (_M_ARENA_MAX, 1),
        )
    )
    if kept:
        pa.set_memory_pool(pa.system_memory_pool())
    return kept
