"""Products of each window of a series with weights, without a matrix of windows.

The innermost loops run over outputs that do not depend on each other, so they are compiled to vector instructions
without a sum changing its order: the result of a window does not depend on the others of the call.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def window_products(series: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted sums of the windows: float64 of shape (n, outputs).

    Parameters
    ----------
    series : float64 of shape (n + window - 1, d)
    weights : float64 of shape (window, d, outputs)
    """
    window, channels, outputs = weights.shape
    sums = np.zeros((series.shape[0] - window + 1, outputs))
    for at in range(sums.shape[0]):
        for offset in range(window):
            for channel in range(channels):
                value, weight = series[at + offset, channel], weights[offset, channel]
                for output in range(outputs):
                    sums[at, output] += value * weight[output]
    return sums


@kernel
def window_norms(
    series: NDArray[np.float64],
    weights: NDArray[np.float64],
    sums: NDArray[np.float64],
    relief: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Per channel the part in |window|² less the sum of relief · sums²: float64 of shape (n, d).

    A direction given by the weights counts 1 - relief instead of 1 in the squared norm of the window.

    Parameters
    ----------
    series : float64 of shape (n + window - 1, d)
    weights : float64 of shape (window, d, outputs)
        Orthonormal over the first two axes.
    sums : float64 of shape (n, outputs)
        `window_products(series, weights)`.
    relief : float64 of shape (outputs,)
        From 0 to 1.
    """
    window, channels, outputs = weights.shape
    parts = np.zeros((series.shape[0] - window + 1, channels))
    for at in range(parts.shape[0]):
        for offset in range(window):
            for channel in range(channels):
                explained = 0.0
                for output in range(outputs):
                    explained += relief[output] * sums[at, output] * weights[offset, channel, output]
                value = series[at + offset, channel]
                parts[at, channel] += value * (value - explained)
    return parts
