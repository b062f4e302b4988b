"""Isolation trees walked one row at a time, as the paper says, straight from scikit-learn's arrays."""

import math

import numpy as np


def average_path_length(rows):
    """Equation 1 of Liu et al. 2008."""
    if rows <= 1:
        return 0.0
    if rows == 2:
        return 1.0
    return 2.0 * (math.log(rows - 1.0) + np.euler_gamma) - 2.0 * (rows - 1.0) / rows


def path_length(tree, row):
    """Splits from the root to the leaf, and what is to be expected within the leaf."""
    node, splits = 0, 0
    while tree.children_left[node] != -1:
        right = np.float32(row[tree.feature[node]]) > tree.threshold[node]
        node = tree.children_right[node] if right else tree.children_left[node]
        splits += 1
    return splits + average_path_length(tree.n_node_samples[node])


def scores(forest, rows):
    """2^(-mean path length / expected path length)."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    normal = average_path_length(forest.max_samples_)
    means = [sum(path_length(tree, row) for tree in trees) / len(trees) for row in rows]
    return np.array([2.0 ** -(mean / normal) for mean in means])


def expected_length(tree, node):
    """The mean path length of the training rows below a node."""
    if tree.children_left[node] == -1:
        return depth_of(tree, node) + average_path_length(tree.n_node_samples[node])
    left, right = tree.children_left[node], tree.children_right[node]
    weights = tree.n_node_samples[left], tree.n_node_samples[right]
    lengths = expected_length(tree, left), expected_length(tree, right)
    return (weights[0] * lengths[0] + weights[1] * lengths[1]) / sum(weights)


def depth_of(tree, wanted, node=0, depth=0):
    """How deep a node lies, found by searching for it."""
    if node == wanted:
        return depth
    for child in (tree.children_left[node], tree.children_right[node]):
        found = None if child == -1 else depth_of(tree, wanted, child, depth + 1)
        if found is not None:
            return found
    return None


def shortenings(forest, row):
    """By how much each split feature shortened the expected path, summed over the trees."""
    parts = np.zeros(len(row))
    for tree in (estimator.tree_ for estimator in forest.estimators_):
        node = 0
        while tree.children_left[node] != -1:
            right = np.float32(row[tree.feature[node]]) > tree.threshold[node]
            child = tree.children_right[node] if right else tree.children_left[node]
            parts[tree.feature[node]] += expected_length(tree, node) - expected_length(tree, child)
            node = child
    return parts
