"""Streams, their schemas, and the records that come in."""
