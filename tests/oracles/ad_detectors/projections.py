"""Loda's score of a row, line by line."""

import math


def score(row, standard, features, weights, edges, parts):
    """As PyOD looks a place up: the bin is the number of edges below it, without the two highest edges."""
    total = 0.0
    for line in range(len(features)):
        used = zip(features[line], weights[line], strict=True)
        place = sum(w * (row[f] - standard[0][f]) / standard[1][f] for f, w in used)
        low, high = edges[line][0], edges[line][-1]
        far = abs(place - (low + high) / 2) / ((high - low) / 2)
        found = sum(edge < place for edge in edges[line][:-2])
        total += parts[line][found] + (2 * math.log(min(far, 1e100)) if far > 1 else 0)
    return total / len(features) ** 2
