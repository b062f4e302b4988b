"""A row in units of scale, value by value."""


def scaled(row, scale):
    found = []
    for value, unit in zip(row, scale, strict=True):
        quotient = value / unit
        found.append(max(-1e100, min(1e100, quotient)))
    return found
