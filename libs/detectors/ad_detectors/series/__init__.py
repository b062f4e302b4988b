"""Detectors of time series: rows are consecutive points, one series a call."""
