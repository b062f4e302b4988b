"""Findings in plain Python: a list that grows by itself."""


def collected(rows, columns):
    return [[float(row)] * columns for row in range(rows)]
