"""Did the data change? One file per detector, chosen by name through `ad_detectors.catalog`."""
