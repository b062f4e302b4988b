"""Readers, stream schemas and columnar decoding of records."""
