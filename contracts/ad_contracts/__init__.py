"""Topics, events and codecs that the services share."""
