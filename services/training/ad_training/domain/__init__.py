"""What a training job is, without any I/O."""
