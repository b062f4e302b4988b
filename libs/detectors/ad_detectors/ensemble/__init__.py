"""Several views of the same rows, made comparable and combined."""
