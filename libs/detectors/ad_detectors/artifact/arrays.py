"""Plain arrays in NumPy's .npy format: written by NumPy, but read by a parser that knows nothing else.

`np.load` evaluates the header as Python and allocates what it declares; what it raises on hostile bytes is no
closed list.
"""

import io
import math
import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import ArtifactError

MAGIC = b"\x93NUMPY\x01\x00"
HEADER = re.compile(
    rb"\{'descr': '([<|][bfiu][1248])', 'fortran_order': False, 'shape': \(((?:\d{1,15}, ?)*(?:\d{1,15})?)\), \} *\n"
)


def write_npy(array: NDArray[Any]) -> bytes:
    """The bytes of a file for an array of booleans, integers or floats."""
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def read_npy(data: bytes, path: str) -> NDArray[Any]:
    """The array of such a file; `path` is named when it is none. Nothing is allocated before its size is checked."""
    found = None
    if data.startswith(MAGIC) and len(data) >= len(MAGIC) + 2:
        start = len(MAGIC) + 2
        body = start + struct.unpack("<H", data[len(MAGIC) : start])[0]
        found = HEADER.fullmatch(data, start, body)
    if found is None:
        raise ArtifactError(f"{path} is not an array of plain numbers in the format .npy, version 1")
    dtype = _dtype(found[1].decode(), path)
    shape = tuple(int(length) for length in found[2].split(b",") if length.strip())
    have, declared = len(data) - body, math.prod(shape) * dtype.itemsize
    if have != declared:
        raise ArtifactError(f"{path} is not an array: it declares {declared} bytes of numbers and has {have}")
    return np.frombuffer(data, dtype, offset=body).reshape(shape).copy()


def _dtype(text: str, path: str) -> np.dtype[Any]:
    try:
        return np.dtype(text)
    except TypeError as error:
        raise ArtifactError(f"{path} is not an array: there is no type {text}") from error
