"""The streaming detector `half_space_trees` in plain Python: rows are counted in boxes, not in nodes."""

import math

from tests.oracles.ad_detectors.alerts import Judge


class Entity:
    """Scores and learns row after row. `trees` gives the feature and threshold of each inner node."""

    def __init__(self, width, p, trees):
        self.p, self.judge, self.trees = p, Judge(p), trees
        self.rows, self.reference, self.due = [], [], 16
        self.middle, self.low, self.wide = [0.0] * width, [0.0] * width, [0.0] * width

    def placed(self, row):
        filled = [self.middle[i] if math.isnan(value) else value for i, value in enumerate(row)]
        scales = zip(filled, self.low, self.wide, strict=True)
        return [(value - low) / wide if wide else 0.0 for value, low, wide in scales]

    def density(self, tree, point):
        """-log2 of the relative density in a tree, and its parts by feature."""
        inside, node, parts = self.reference, 0, {}
        features, thresholds = self.trees.feature[tree], self.trees.threshold[tree]
        while node < len(features) and len(inside) > 0.1 * len(self.reference):
            feature, threshold = features[node], thresholds[node]
            right = point[feature] > threshold
            above = len(inside)
            inside = [other for other in inside if (other[feature] > threshold) == right]
            step = math.log2(above + 0.5) - math.log2(len(inside) + 0.5) - 1
            parts[feature] = parts.get(feature, 0.0) + step
            node = 2 * node + 1 + right
        return sum(parts.values()), parts

    def update(self, row, time_ms):
        width = len(row)
        scales = zip(self.middle, self.low, self.wide, strict=True)
        triples = [(m, low - w / 2, low + 1.5 * w) if w else (math.nan,) * 3 for m, low, w in scales]
        bounds = list(zip(*triples, strict=True))
        if all(math.isnan(value) for value in row):
            return self.judge.skip(width, bounds)
        raw, parts = math.nan, [0.0] * width
        if self.reference:
            point = self.placed(row)
            found = [self.density(tree, point) for tree in range(self.p.trees)]
            beyond = [math.log2(1 + max(-value, value - 1, 0.0)) for value in point]
            raw = 2 * math.sqrt(2 ** (sum(total for total, _ in found) / self.p.trees + sum(beyond)))
            sums = [sum(part.get(i, 0.0) for _, part in found) for i in range(width)]
            parts = [max(a + b * self.p.trees, 0.0) for a, b in zip(sums, beyond, strict=True)]
        said = self.judge.update(raw, parts, bounds)
        self.rows.append(row)
        if len(self.rows) == self.due:
            self.renew()
        return said

    def renew(self):
        window = self.rows[-self.p.window :]
        for i, column in enumerate(zip(*window, strict=True)):
            values = sorted(value for value in column if not math.isnan(value))
            if values:
                cut = int(0.02 * len(values))
                self.middle[i], self.low[i] = values[len(values) // 2], values[cut]
                high = values[len(values) - 1 - cut]
                self.wide[i] = max(high - self.low[i], 1e-9 * abs(self.middle[i]) + 1e-300)
        self.reference = [self.placed(row) for row in window]
        self.due += len(window)
