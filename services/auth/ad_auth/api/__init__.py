"""What comes in: HTTP, and the clock."""
