"""Names of entities as bytes, and their hashes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels.names import Bytes, Entries, Whole, hash_names


@dataclass(frozen=True, slots=True)
class Names:
    """Distinct names of a batch, one after the other: name `i` is `data[starts[i]:starts[i + 1]]`, UTF-8."""

    data: Bytes
    starts: Whole
    hashes: Entries

    def __len__(self) -> int:
        return len(self.hashes)

    @classmethod
    def of(cls, names: Sequence[str]) -> "Names":
        text = "".join(names)
        data = np.frombuffer(bytearray(text, "utf-8"), dtype=np.uint8)
        # A character is a byte unless one of them is not ASCII.
        sizes = map(len, names if len(data) == len(text) else map(str.encode, names))
        starts = np.zeros(len(names) + 1, dtype=np.int64)
        starts[1:] = np.fromiter(sizes, np.int64, len(names))
        np.cumsum(starts, out=starts)
        hashes = np.empty(len(names), dtype=np.uint64)
        hash_names(data, starts, hashes)
        return cls(data, starts, hashes)
