"""Scores every record once and publishes anomalies."""
