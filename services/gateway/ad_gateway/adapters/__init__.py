"""What goes out, one technology a file."""
