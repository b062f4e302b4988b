"""What an export of a tenant shows of auth's tables: nothing with which somebody could sign in."""

SHOWN = {
    "tenants": ("tenant", "created_at", "suspended_at", "quotas"),
    "users": ("id", "tenant", "username", "role", "created_at", "updated_at", "streams", "suspended_at"),
    "roles": ("tenant", "name", "permissions", "created_by", "created_at", "updated_at"),
    "api_keys": (
        "id",
        "tenant",
        "name",
        "role",
        "permissions",
        "streams",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
    ),
}
