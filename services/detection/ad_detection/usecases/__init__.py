"""What the detection service does, one verb a file."""
