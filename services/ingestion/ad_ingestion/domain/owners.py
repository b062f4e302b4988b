"""Whose unpublished batches are whose: a process names itself, and others can tell whether it is gone."""

import secrets
from dataclasses import dataclass

LEASE_SECONDS = 60.0
"""Longer than a publication may take; after it, a silent owner counts as gone."""


@dataclass(frozen=True, slots=True)
class Owner:
    host: str
    pid: int
    token: str

    @classmethod
    def new(cls, host: str, pid: int) -> "Owner":
        return cls(host[:100].replace("/", "-"), pid, secrets.token_hex(8))

    @classmethod
    def parse(cls, text: str) -> "Owner":
        host, pid, token = text.rsplit("/", 2)
        return cls(host, int(pid), token)

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.token}"


def is_gone(owner: Owner, me: Owner, *, alive: bool, age_seconds: float) -> bool:
    """`alive`: whether a process with the owner's number runs on this host."""
    if owner == me:
        return False
    if owner.host == me.host and (owner.pid == me.pid or not alive):
        return True
    return age_seconds > LEASE_SECONDS
