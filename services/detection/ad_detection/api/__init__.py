"""What comes in: HTTP and consumers."""
