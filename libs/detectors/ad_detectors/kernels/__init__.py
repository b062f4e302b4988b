"""Compiled loops. Every kernel has a slow, obvious twin in tests/oracles/ad_detectors."""
