"""What comes in: HTTP and dead letters."""
