"""Users, roles, keys and tokens."""
