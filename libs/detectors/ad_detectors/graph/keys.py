"""Names of nodes to numbers, the same in every process and for ever."""

from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError


def hash_keys(keys: ArrayLike) -> NDArray[np.int64]:
    """64-bit hashes of names (BLAKE2b of the UTF-8 bytes); integers stay as they are.

    Among a million names two share a hash with a probability of 3e-8.

    Parameters
    ----------
    keys : array_like of shape (n,)
        Strings, bytes or integers.

    Examples
    --------
    >>> first, second, again = hash_keys(["10.0.0.1", "10.0.0.2", "10.0.0.1"]).tolist()
    >>> first == again, first == second
    (True, False)
    """
    array = np.asarray(keys)
    if array.ndim != 1:
        raise DataError(f"keys must be one-dimensional, got the shape {array.shape}")
    if array.dtype.kind in "iu":
        return np.ascontiguousarray(array.astype(np.uint64 if array.dtype.kind == "u" else np.int64)).view(
            np.int64
        )
    names = array.tolist()
    known = {name: _hashed(name) for name in set(names)}
    return np.array([known[name] for name in names], np.int64)


def _hashed(name: Any) -> int:
    if not isinstance(name, str | bytes | int):
        raise DataError(
            f"key {name!r} is of type {type(name).__name__}; valid are strings, bytes and integers"
        )
    if isinstance(name, int):
        return name
    data = name.encode() if isinstance(name, str) else name
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
