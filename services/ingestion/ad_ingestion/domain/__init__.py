"""What ingestion decides, without I/O."""
