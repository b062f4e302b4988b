"""What ingestion does, one verb a file."""
