"""What goes out: database, cache, files, argon2, signatures."""
