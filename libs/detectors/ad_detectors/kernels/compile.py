"""How every kernel is compiled: cached on disk, without the interpreter lock, exact arithmetic."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

from ad_detectors.kernels.sources import source_stamp

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile at the first call. No fastmath: replays must be bit-equal."""
    return _compiled(function, forceinline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A kernel that always becomes part of the one that calls it: a call that hands over arrays costs 10 ns."""
    return _compiled(function, forceinline=True)


def _compiled(function: Callable[P, R], *, forceinline: bool) -> Callable[P, R]:
    dispatcher = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=forceinline)(function)
    _watch_sources(dispatcher, function.__module__)
    return cast("Callable[P, R]", dispatcher)


def _watch_sources(dispatcher: Any, module: str) -> None:
    """Compile again when a kernel that is called has changed in another file.

    numba looks at the date of the one file where a function stands; machine code of an older release would go on
    running after an update. It has no public way to say so.
    """
    cache = dispatcher._cache  # noqa: SLF001
    if isinstance(cache, FunctionCache):
        cache._cache_file._source_stamp = source_stamp(module)  # noqa: SLF001
