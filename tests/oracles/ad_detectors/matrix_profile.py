"""The nearest windows, pair by pair."""


def window_distance(series, others, first, second, window):
    pairs = zip(series[first : first + window], others[second : second + window], strict=True)
    return sum((a - b) ** 2 for one, other in pairs for a, b in zip(one, other, strict=True))


def nearest_windows(series, others, window, count, shift, apart):
    found = []
    for first in range(len(series) - window + 1):
        usable = [
            (window_distance(series, others, first, second, window), second)
            for second in range(len(others) - window + 1)
            if abs(first + shift - second) >= apart
        ]
        places = [second for _, second in sorted(usable)[:count]]
        found.append(places + [-1] * (count - len(places)))
    return found
