"""What scoring is made of, without I/O."""
