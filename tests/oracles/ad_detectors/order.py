"""A sorted list in plain Python."""


def insert_sorted(ordered, value):
    return sorted([*ordered, value])


def remove_sorted(ordered, value):
    left = list(ordered)
    left.remove(value)
    return left
