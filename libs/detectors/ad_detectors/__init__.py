"""Anomaly detectors: arrays in, arrays out. Start at `ad_detectors.catalog` and `ad_detectors.model`."""
