"""Isolation by nearest-neighbour ensembles as section 4 of Bandaragoda et al. says it; all distances squared."""

EPSILON = 2.0**-52


def squared(first, second):
    return sum((one - other) ** 2 for one, other in zip(first, second, strict=True))


def spheres(sample):
    """Centre, radius and ratio of each row of a sample."""
    radii, neighbors = [], []
    for at, center in enumerate(sample):
        apart = [(squared(center, other), place) for place, other in enumerate(sample) if place != at]
        radius, neighbor = min(apart)
        radii.append(radius)
        neighbors.append(neighbor)
    ratios = [
        1 - (radii[neighbor] + EPSILON) / (radius + EPSILON)
        for radius, neighbor in zip(radii, neighbors, strict=True)
    ]
    return list(zip(sample, radii, ratios, strict=True))


def isolation(sample, row):
    """The ratio of the smallest sphere that covers the row, and its centre; without one 1 and the nearest centre."""
    found = spheres(sample)
    covering = [sphere for sphere in found if squared(row, sphere[0]) <= sphere[1]]
    if not covering:
        return 1.0, min(sample, key=lambda center: squared(row, center))
    center, _, ratio = min(covering, key=lambda sphere: sphere[1])
    return ratio, center


def score(samples, row):
    return sum(isolation(sample, row)[0] for sample in samples) / len(samples)


def contributions(samples, row):
    """Each sample's ratio, shared by the squared differences from its centre."""
    parts = [0.0] * len(row)
    for sample in samples:
        ratio, center = isolation(sample, row)
        whole = squared(row, center)
        for feature, (value, other) in enumerate(zip(row, center, strict=True)):
            share = (value - other) ** 2 / whole if whole else 1 / len(row)
            parts[feature] += ratio / len(samples) * share
    return parts
