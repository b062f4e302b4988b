"""What an entity usually shows in each hour of the week, in two bytes an hour."""

import math

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

HOURS = 168
HOUR_MS = 3_600_000
NEWEST_WEIGHT = 0.2
LARGEST_COUNT = 32_767

Profile = NDArray[np.uint16]


@kernel
def hour_of_week(time_ms: int) -> int:
    """The hour of the week of an event time, 0 to 167, counted from the epoch (a Thursday, UTC)."""
    return (time_ms // HOUR_MS) % HOURS


@kernel
def packed(value: float) -> int:
    """A number in 16 bits, of 8 significant binary digits: sign, exponent, mantissa. 0 is for none."""
    mantissa, exponent = math.frexp(abs(value))
    digits = int(mantissa * 256.0 + 0.5) - 128
    if digits == 128:
        digits, exponent = 0, exponent + 1
    if value == 0.0 or exponent < -126:
        digits, exponent = 0, -127
    sign = 32_768 if value < 0.0 else 0
    return sign + (min(exponent, 127) + 128) * 128 + digits


@kernel
def unpacked(code: int) -> float:
    """The number that was packed."""
    exponent = (code % 32_768) // 128 - 128
    if exponent <= -127:
        return 0.0
    value = math.ldexp((code % 128 + 128) / 256.0, exponent)
    return -value if code >= 32_768 else value


@kernel
def close_hour(profile: Profile, hour: int, mean: float) -> None:
    """Put the mean of an hour that is over into the profile: a fifth of what is expected a week later."""
    old = int(profile[hour])
    if old != 0:
        before = unpacked(old)
        mean = before + NEWEST_WEIGHT * (mean - before)
    profile[hour] = packed(mean)


@kernel
def usual(profile: Profile, hour: int, mean: float, within: int, value: float) -> float:
    """The usual value of an hour; in an hour never seen before its mean so far, or the value itself."""
    code = int(profile[hour])
    if code != 0:
        return unpacked(code)
    return mean if within > 0 else value
