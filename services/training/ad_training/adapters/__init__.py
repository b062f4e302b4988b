"""What goes out: database, events, other services, the process that fits."""
