"""Migrations of which the second fails."""
