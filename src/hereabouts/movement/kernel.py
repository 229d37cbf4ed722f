"""How the compiled loops are built, and the shape of the arrays that they are given.

One decorator, so that every kernel is compiled the same way: cached on disk, without Python's lock, without
licence to reorder floating-point arithmetic (two engines must agree). One door for arrays, so that every
kernel is compiled for one signature only, whether its input came from numpy or, read-only, from Arrow.

numba is loaded when the first kernel is called: what calls none does not wait for it (half a second).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float64]

_Result = TypeVar("_Result")
_BUILDING = threading.RLock()


def kernel(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Compile a function on its first call; the machine code is kept on disk for the next process.

    What is kept is renewed when the function's own file changes, and only then: so a kernel calls kernels
    and reads constants of its own file alone.
    """
    return cast("Callable[..., _Result]", _Kernel(function, cache=True))


def vector_kernel(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Compile like :func:`kernel`, but a division by zero gives what it gives in hardware, and is not looked for.

    The look would keep the compiler from working on several rows at once.
    """
    return cast("Callable[..., _Result]", _Kernel(function, cache=True, error_model="numpy"))


def inlined(function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Compile a function into each kernel that calls it: a call in a loop is another thing that keeps rows apart."""
    return cast("Callable[..., _Result]", _Kernel(function, error_model="numpy", inline="always"))


class _Kernel:
    """A function that is still to be compiled; its module holds it until one of its kernels is called."""

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function
        self.options = options
        self.built: Callable[..., Any] | None = None
        self.ready = False

    def __call__(self, *arguments: Any) -> Any:
        """Call the compiled function."""
        if not self.ready:
            with _BUILDING:
                _build_all(self.py_func.__globals__)
                self.ready = True
        return self.build()(*arguments)

    def build(self) -> Callable[..., Any]:
        """Hand the function to the compiler, which reads it when it is called."""
        import numba  # noqa: PLC0415 - see above

        if self.built is None:
            try:
                self.built = numba.njit(nogil=True, **self.options)(self.py_func)
            except RuntimeError:  # there is no folder that this user may keep machine code in
                self.built = numba.njit(nogil=True, **self.options | {"cache": False})(self.py_func)
        return self.built


def _build_all(names: dict[str, Any]) -> None:
    """Put what the compiler gave in the place of all kernels that a module holds: they call each other by name."""
    held = {name: found for name, found in names.items() if isinstance(found, _Kernel)}
    for name, found in held.items():
        names[name] = found.build()
    for found in held.values():
        if found.py_func.__globals__ is not names:
            _build_all(found.py_func.__globals__)


def read_only(values: ArrayLike, dtype: DTypeLike) -> NDArray[np.generic]:
    """Give a contiguous, read-only view of values as dtype, copied only where it must be.

    Raises
    ------
    TypeError
        If an array is of another kind: floats are not taken for integers, nor signed for unsigned ones.
    """
    array = values if isinstance(values, np.ndarray) else np.asarray(values, dtype)
    view = np.ascontiguousarray(array.astype(dtype, casting="same_kind", copy=False)).view()
    view.flags.writeable = False
    return view


def same_length(**columns: NDArray[np.generic]) -> int:
    """Give the common length of the columns.

    Raises
    ------
    ValueError
        If they differ: a kernel would read past the end of the shorter one.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one batch must be equally long, got {lengths}")
    return next(iter(lengths.values()))
