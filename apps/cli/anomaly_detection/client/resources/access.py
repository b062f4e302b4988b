"""Who may do what: users, roles and API keys."""

from collections.abc import Sequence
from typing import Any

from anomaly_detection.client.access_answers import ApiKey, NewApiKey, Role, User
from anomaly_detection.client.calling import call, create, pages, segment
from anomaly_detection.client.effects import Found, Items, Steps
from anomaly_detection.client.operations import Resource, Way, many, one


class Users(Resource[Way]):
    """People."""

    @one
    def create(self, /, username: str, *, password: str, role: str, **fields: Any) -> Steps[User]:
        """Adds a user; `streams` binds them to some."""
        return create("/users", {"username": username, "password": password, "role": role, **fields})

    @one
    def get(self, user_id: str) -> Steps[User]:
        """A user by the id."""
        return call("GET", f"/users/{segment(user_id)}")

    @one
    def change(self, /, user_id: str, **fields: Any) -> Steps[User]:
        """Changes `role`, `streams`, `password` or `suspended`."""
        return call("PATCH", f"/users/{segment(user_id)}", json=fields)

    @one
    def delete(self, user_id: str) -> Steps[None]:
        return call("DELETE", f"/users/{segment(user_id)}")

    @one
    def delete_totp(self, user_id: str) -> Steps[None]:
        """Takes the second factor of a user away who has lost it."""
        return call("DELETE", f"/users/{segment(user_id)}/totp")

    @one
    def log_in(self, username: str, password: str, *, tenant: str = "default") -> Steps[dict[str, Any]]:
        """Tokens for a password: `access_token` is what `Client(token=...)` takes."""
        body = {"grant_type": "password", "tenant": tenant, "username": username, "password": password}
        return call("POST", "/auth/token", json=body)

    @one
    def enrol_totp(self, password: str) -> Steps[dict[str, str]]:
        """Begins a second factor of the caller: `secret` and `uri` for the app."""
        return create("/users/me/totp", {"password": password})

    @one
    def confirm_totp(self, code: str) -> Steps[dict[str, list[str]]]:
        """Ends it with a first code of the app; answers `recovery_codes`."""
        return create("/users/me/totp/confirm", {"code": code})

    @one
    def remove_totp(self, code: str) -> Steps[None]:
        """Takes the second factor of the caller away, by a code of it or a recovery code."""
        return create("/users/me/totp/remove", {"code": code})

    @many
    def list(self, *, limit: int | None = None) -> Items[User]:
        return pages("/users", {}, limit)


class Roles(Resource[Way]):
    """Named sets of permissions."""

    @one
    def get(self, name: str) -> Steps[Role]:
        """A role and every single permission that it has."""
        return call("GET", _role(name))

    @one
    def permissions(self) -> Steps[dict[str, str]]:
        """Every permission that there is, and what it allows."""
        return _permissions()

    @one
    def delete(self, name: str) -> Steps[None]:
        return call("DELETE", _role(name))

    @many
    def list(self) -> Items[Role]:
        return _roles()

    @one
    def create(self, name: str, permissions: Sequence[str]) -> Steps[Role]:
        """Makes a role."""
        return create("/roles", {"name": name, "permissions": permissions})

    @one
    def change(self, name: str, permissions: Sequence[str]) -> Steps[Role]:
        """Gives a role other permissions."""
        return call("PUT", _role(name), json={"permissions": permissions})


class ApiKeys(Resource[Way]):
    """Keys of programs."""

    @one
    def create(self, /, name: str, **fields: Any) -> Steps[NewApiKey]:
        """Makes a key with a `role` or `permissions`; `streams` binds it to some, `expires_at` ends it."""
        return create("/api-keys", {"name": name, **fields})

    @one
    def get(self, key_id: str) -> Steps[ApiKey]:
        """A key by its id, without its secret."""
        return call("GET", f"/api-keys/{segment(key_id)}")

    @one
    def change(self, /, key_id: str, **fields: Any) -> Steps[ApiKey]:
        """Changes `name`, `role`, `permissions`, `streams` or `expires_at`."""
        return call("PATCH", f"/api-keys/{segment(key_id)}", json=fields)

    @one
    def rotate(self, key_id: str, *, overlap_seconds: int = 86_400) -> Steps[NewApiKey]:
        """Gives a key a new secret; the old one works for a while."""
        return create(f"/api-keys/{segment(key_id)}/rotate", {"overlap_seconds": overlap_seconds})

    @one
    def delete(self, key_id: str) -> Steps[None]:
        return call("DELETE", f"/api-keys/{segment(key_id)}")

    @many
    def list(self, *, limit: int | None = None) -> Items[ApiKey]:
        return pages("/api-keys", {}, limit)


def _role(name: str) -> str:
    return f"/roles/{segment(name)}"


def _roles() -> Items[Role]:
    page = yield from call("GET", "/roles")
    for role in page["items"]:
        yield Found(role)


def _permissions() -> Steps[dict[str, str]]:
    permissions: dict[str, str] = (yield from call("GET", "/roles"))["permissions"]
    return permissions
