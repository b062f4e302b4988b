"""Random numbers without state: a hash of a key and a counter, so that a replay draws the same ones."""

import numpy as np

from ad_detectors.kernels.compile import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
TO_UNIT = 2.0**-53


@kernel
def mixed(key: np.uint64, counter: int) -> np.uint64:
    """64 bits that look independent for each key and counter (the finalizer of SplitMix64)."""
    bits = key + (np.uint64(counter) + np.uint64(1)) * GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * SECOND
    return bits ^ (bits >> np.uint64(31))


@kernel
def uniform(key: np.uint64, counter: int) -> float:
    """A number from 0 to below 1."""
    return float(mixed(key, counter) >> np.uint64(11)) * TO_UNIT
