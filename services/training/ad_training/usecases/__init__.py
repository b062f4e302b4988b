"""What training does, one verb a file."""
