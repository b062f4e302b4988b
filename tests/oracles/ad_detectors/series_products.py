"""Sums over windows, term by term."""


def window_products(series, weights):
    window, channels, outputs = len(weights), len(weights[0]), len(weights[0][0])
    return [
        [
            sum(series[at + o][c] * weights[o][c][k] for o in range(window) for c in range(channels))
            for k in range(outputs)
        ]
        for at in range(len(series) - window + 1)
    ]


def window_norms(series, weights, relief):
    """Per channel: each value times itself less its relieved projection."""
    window, channels = len(weights), len(weights[0])
    parts = []
    for at, sums in enumerate(window_products(series, weights)):
        explained = [
            [
                sum(r * s * w for r, s, w in zip(relief, sums, weights[o][c], strict=True))
                for c in range(channels)
            ]
            for o in range(window)
        ]
        parts.append(
            [
                sum(series[at + o][c] * (series[at + o][c] - explained[o][c]) for o in range(window))
                for c in range(channels)
            ]
        )
    return parts
