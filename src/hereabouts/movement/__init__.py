"""Movement kernels: pure functions over one device-sorted batch of pings -> presence, stays, trips.

What a device's hour, a stay or a trip *is* stands here and nowhere else; engines only carry batches. Every
function sees numpy arrays of whole devices and nothing else, so one device's rows never depend on another's,
and two threads may work on two batches at once: the compiled loops hold no Python lock.

The modules are imported by name, so that what needs no kernel does not load numba.
"""
