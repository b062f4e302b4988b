"""How the C library's allocator treats what is freed."""

import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGE_BYTES = 4 << 20
KEPT_BYTES = 64 << 20
OPERATORS_OWN = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")


def return_large_blocks() -> bool:
    """Large blocks go back to the kernel when they are freed; whether it was set, which glibc alone knows.

    By itself glibc learns from the first large block that is freed to keep all that are smaller, up to 32 MB, in a
    heap. Arrays that grow leave holes there that the next, larger ones do not fit into. Where an operator has said
    something about this, nothing is changed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None or any(name in os.environ for name in OPERATORS_OWN):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGE_BYTES) and mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))
