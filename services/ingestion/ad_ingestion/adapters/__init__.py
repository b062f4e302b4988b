"""What goes out: the database, the lake, the log."""
