"""What is learnt by parts, kept under names with prefixes in the arrays of the whole."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError

END = "\n"


def prefixed(prefix: str, arrays: Arrays) -> Arrays:
    """The arrays of a part under the names of the whole."""
    return {f"{prefix}_{name}": array for name, array in arrays.items()}


def part(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """The arrays of a part, as `prefixed` wrote them.

    >>> sorted(part("a", prefixed("a", {"x": np.zeros(1)}) | prefixed("b", {"x": np.ones(1)})))
    ['x']
    """
    start = f"{prefix}_"
    return {name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)}


def text_array(lines: tuple[str, ...]) -> NDArray[np.uint8]:
    """Lines of text as bytes, so that an artifact can hold them."""
    return np.frombuffer(END.join(lines).encode(), np.uint8).copy()


def text_lines(arrays: Mapping[str, NDArray[Any]], name: str) -> tuple[str, ...]:
    """The lines that `text_array` wrote."""
    try:
        return tuple(take(arrays, name, np.uint8, (None,)).tobytes().decode().split(END))
    except UnicodeDecodeError as error:
        raise DataError(f"array {name!r} is damaged: it must hold text in UTF-8") from error
