"""Level and mean excess of an entity's scores in plain Python."""

import math


class Excess:
    """The level that one score in 50 exceeds, and by how much on average; 300 rows of prior."""

    def __init__(self, most_rows=math.inf, rounded=float):
        self.most_rows = most_rows
        self.level, self.mean, self.rows, self.rounded = math.log10(50), 1 / math.log(10), 0, rounded

    def counted(self):
        return min(self.rows, self.most_rows) + 300

    def probability(self, score):
        if score <= self.level:
            return 50 ** -(score / self.level)
        once = self.level + self.mean * math.log(self.counted() / 50)
        if score <= once:
            return math.exp(-(score - self.level) / self.mean) / 50
        decay = max(self.mean, 1 / math.log(10))
        return max(math.exp(-(score - once) / decay) / self.counted(), 1e-300)

    def learn(self, score):
        counted = self.counted()
        beyond = score - self.level
        self.level += self.mean / counted * (49 if beyond > 0 else -1)
        if beyond > 0:
            self.mean += (min(beyond, 10 * self.mean) - self.mean) * 50 / counted
        self.level, self.mean = self.rounded(max(self.level, 0.05)), self.rounded(self.mean)
        self.rows += 1
