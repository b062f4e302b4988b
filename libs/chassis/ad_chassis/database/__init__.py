"""The database: SQLite or PostgreSQL behind one asynchronous engine."""

from ad_chassis.database.columns import JsonDocument, UtcDateTime, new_metadata
from ad_chassis.database.engine import Database
from ad_chassis.database.scope import EVERY_TENANT, Scope
from ad_chassis.database.upsert import insert_new, upsert

__all__ = [
    "EVERY_TENANT",
    "Database",
    "JsonDocument",
    "Scope",
    "UtcDateTime",
    "insert_new",
    "new_metadata",
    "upsert",
]
