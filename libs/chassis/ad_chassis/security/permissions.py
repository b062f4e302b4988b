"""What can be allowed: a closed list of permissions, and the scopes that stand for sets of them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args

Permission = Literal[
    "streams:read",
    "streams:write",
    "records:read",
    "records:write",
    "dead_letters:read",
    "dead_letters:write",
    "anomalies:read",
    "scores:read",
    "detectors:read",
    "detect:run",
    "replays:read",
    "replays:write",
    "replays:publish",
    "models:read",
    "models:write",
    "models:promote",
    "training:read",
    "training:write",
    "roles:read",
    "roles:write",
    "users:read",
    "users:write",
    "api_keys:read",
    "api_keys:write",
    "audit:read",
    "tokens:introspect",
    "tenants:read",
    "tenants:write",
    "metrics:read",
]
Scope = Literal["read", "write", "admin", "platform"]
PERMISSIONS: Mapping[Permission, str] = MappingProxyType(
    {
        "streams:read": "List streams, and see their settings, partitions and entities",
        "streams:write": "Create, change and delete streams",
        "records:read": "Read records back",
        "records:write": "Send records",
        "dead_letters:read": "See records that were not taken",
        "dead_letters:write": "Send such records again, and forget them",
        "anomalies:read": "List and follow anomalies and episodes",
        "scores:read": "Read the scores of a stream",
        "detectors:read": "Read the catalogue of detectors",
        "detect:run": "Score rows at once",
        "replays:read": "See replays and what they found",
        "replays:write": "Start, cancel and delete replays",
        "replays:publish": "Correct what was told live by what a replay found",
        "models:read": "List and download models, and see which scores what and how challengers do",
        "models:write": "Register and delete versions of models",
        "models:promote": "Choose the models that score a stream",
        "training:read": "See training jobs",
        "training:write": "Start and cancel training jobs",
        "roles:read": "See roles and what they allow",
        "roles:write": "Make, change and delete roles",
        "users:read": "List users",
        "users:write": "Make, change and delete users",
        "api_keys:read": "List API keys, without their secrets",
        "api_keys:write": "Make, change, rotate and delete API keys",
        "audit:read": "See who did what, in the audit log",
        "tokens:introspect": "Ask whether a token is good, and whose it is",
        "tenants:read": "See whether a tenant is suspended",
        "tenants:write": "Suspend a tenant, and admit it again",
        "metrics:read": "Read the metrics, which name the streams of all tenants",
    }
)
_ADMIN = frozenset(
    {
        *("roles:write", "users:read", "users:write", "api_keys:read", "api_keys:write"),
        *("audit:read", "tokens:introspect"),
    }
)
_PLATFORM = frozenset({"tenants:read", "tenants:write", "metrics:read"})
_WRITES = (":write", ":promote", ":publish")
_OF_DATA = [each for each in PERMISSIONS if each not in _ADMIN | _PLATFORM]
SCOPES: Mapping[Scope, frozenset[Permission]] = MappingProxyType(
    {
        "read": frozenset(each for each in _OF_DATA if not each.endswith(_WRITES)),
        "write": frozenset(each for each in _OF_DATA if each.endswith(_WRITES)),
        "admin": frozenset(each for each in PERMISSIONS if each in _ADMIN),
        "platform": frozenset(each for each in PERMISSIONS if each in _PLATFORM),
    }
)
"""Each permission belongs to exactly one scope, so none implies another."""
EVERYTHING: frozenset[Permission] = frozenset(get_args(Permission))
GRANTABLE: tuple[str, ...] = ("read", "write", "admin", *_OF_DATA, *sorted(_ADMIN))
"""What a tenant can give; what reaches beyond tenants belongs to the platform's own key."""


def expanded(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions that scopes and permissions stand for; what is not known stands for none."""
    return _expanded(frozenset(names))


@lru_cache(maxsize=1024)
def _expanded(names: frozenset[str]) -> frozenset[Permission]:
    found = {each for each in EVERYTHING if each in names}
    return frozenset(found.union(*(allowed for scope, allowed in SCOPES.items() if scope in names)))


def scopes_of(permissions: Iterable[str]) -> list[str]:
    """The shortest list that stands for these permissions, in order."""
    wanted = expanded(permissions)
    whole: list[Scope] = [scope for scope, allowed in SCOPES.items() if allowed <= wanted]
    return sorted([*whole, *(wanted - expanded(whole))])
