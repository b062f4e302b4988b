"""Batch detectors for tables: rows do not depend on each other."""
