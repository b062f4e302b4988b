"""VUS-PR, threshold by threshold and point by point."""

import math


def ranges(truth):
    found = []
    for at, value in enumerate(truth):
        if value and (at == 0 or not truth[at - 1]):
            found.append([at, at])
        if value:
            found[-1][1] = at
    return found


def soft_labels(truth, tolerance):
    labels = [float(value) for value in truth]
    for first, last in ranges(truth):
        for at in range(len(truth)):
            distance = max(first - at, at - last)
            if 0 < distance <= tolerance // 2:
                labels[at] += math.sqrt(1 - distance / tolerance)
    return [min(label, 1.0) for label in labels]


def widened(truth, tolerance):
    """The ranges with half of the tolerance on each side; those that meet are one."""
    joined = []
    reach = tolerance // 2
    for first, last in ((start - reach, end + reach) for start, end in ranges(truth)):
        if joined and joined[-1][1] >= first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return [(max(first, 0), min(last, len(truth) - 1)) for first, last in joined]


def area(truth, scores, tolerance, thresholds):
    soft, wide = soft_labels(truth, tolerance), widened(truth, tolerance)
    total, before = 0.0, 0.0
    for threshold in thresholds:
        alarm = [score >= threshold for score in scores]
        hits = sum(label for label, on in zip(soft, alarm, strict=True) if on)
        # Points inside of a range count as positives whether found or not, points at its edges only where found.
        positives = sum(label for label, on, real in zip(soft, alarm, truth, strict=True) if on or real)
        touched = sum(any(alarm[first : last + 1]) for first, last in wide)
        recall = min(hits / ((sum(truth) + positives) / 2), 1.0) * touched / len(wide)
        total += (recall - before) * hits / sum(alarm)
        before = recall
    return total


def vus_pr(truth, scores, window, count=250):
    ordered = sorted(scores, reverse=True)
    step = (len(scores) - 1) / (count - 1)
    thresholds = [ordered[int(k * step)] for k in range(count - 1)] + ordered[-1:]
    return sum(area(truth, scores, tolerance, thresholds) for tolerance in range(window + 1)) / (window + 1)
