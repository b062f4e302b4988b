"""What comes in: HTTP, events, and the queue."""
