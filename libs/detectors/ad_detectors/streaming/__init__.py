"""Streaming detectors: state per entity in plain arrays, no training."""
