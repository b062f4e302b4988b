"""Migrations of another service in the same database."""
