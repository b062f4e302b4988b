"""A robust random cut tree of plain objects; boxes are found anew from the points below, whenever asked for."""

import math
from dataclasses import dataclass

import numpy as np

from tests.oracles.ad_detectors.draws import uniform


@dataclass
class Leaf:
    name: int
    point: np.ndarray

    @property
    def leaves(self):
        return [self]


@dataclass
class Cut:
    axis: int
    value: np.float32
    left: "Leaf | Cut"
    right: "Leaf | Cut"

    @property
    def leaves(self):
        return self.left.leaves + self.right.leaves


def box(node):
    points = np.array([leaf.point for leaf in node.leaves])
    return points.min(axis=0), points.max(axis=0)


def growth(node, point, weight):
    """How far a point lies outside of a node's box, by axis, weighted."""
    low, high = box(node)
    return np.maximum(np.maximum(low - point, point - high), np.float32(0)) * weight


def extents(node, point, weight):
    low, high = box(node)
    return sum(((high - low) * weight).tolist()), sum(growth(node, point, weight).tolist())


def insert(node, leaf, weight, key, step=0):
    """The node with a new leaf below it."""
    inside, outside = extents(node, leaf.point, weight)
    drawn = uniform(key, step)
    if drawn * (inside + outside) < outside:
        axis, value = place(node, leaf.point, weight, drawn * (inside + outside))
        return pair(node, leaf, axis, value)
    if isinstance(node, Leaf):
        return pair(node, leaf, 0, leaf.point[0])
    left = drawn < 0.5 if inside == 0 else leaf.point[node.axis] <= node.value
    if left:
        node.left = insert(node.left, leaf, weight, key, step + 1)
    else:
        node.right = insert(node.right, leaf, weight, key, step + 1)
    return node


def place(node, point, weight, target):
    low, high = box(node)
    beyond = growth(node, point, weight).tolist()
    axis = max(axis for axis, much in enumerate(beyond) if much > 0 and target >= sum(beyond[:axis]))
    target -= sum(beyond[:axis])
    start = point[axis] if point[axis] < low[axis] else high[axis]
    value = np.float32(float(start) + target / weight[axis])
    end = max(point[axis], low[axis])
    return axis, value if value < end else start


def pair(node, leaf, axis, value):
    return Cut(axis, value, leaf, node) if leaf.point[axis] <= value else Cut(axis, value, node, leaf)


def delete(node, name):
    """The node without a leaf; None for nothing left."""
    if isinstance(node, Leaf):
        return None if node.name == name else node
    node.left, node.right = delete(node.left, name), delete(node.right, name)
    return node if node.left and node.right else node.left or node.right


def score(node, point, weight, parts, depth=0):
    """The expected 1 / (depth + 1) of the cut that parts the point; parts collects it by feature."""
    inside, outside = extents(node, point, weight)
    if inside == outside == 0:
        return 1 / (depth + math.log2(len(node.leaves) + 1))
    apart = outside / (inside + outside)
    found, below = apart / (depth + 1), [0.0] * len(parts)
    if apart < 1:
        child = node.left if point[node.axis] <= node.value else node.right
        found += (1 - apart) * score(child, point, weight, below, depth + 1)
    for axis, beyond in enumerate(growth(node, point, weight)):
        own = apart / (depth + 1) * beyond / outside if outside > 0 else 0.0
        parts[axis % len(parts)] += own
    for feature, part in enumerate(below):
        parts[feature] += (1 - apart) * part
    return found
