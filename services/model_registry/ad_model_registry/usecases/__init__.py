"""What the registry does, one verb a file."""
