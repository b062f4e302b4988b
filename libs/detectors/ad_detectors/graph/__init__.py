"""Anomalies of who talks to whom. One file per detector, chosen by name through `ad_detectors.catalog`."""
