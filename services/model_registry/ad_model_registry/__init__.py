"""Models, immutable versions and deployments."""
