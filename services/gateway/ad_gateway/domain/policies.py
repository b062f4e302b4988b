"""Within which limits a path is answered: one look-up a request."""

from dataclasses import dataclass
from typing import Literal

from ad_gateway.domain.owners import PLACES, PREFIX

LIGHT_SECONDS = 30.0
SMALL_BYTES = 2**20
Body = Literal["small", "data", "artifact"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is not said otherwise below: a small body of its own, an answer soon."""

    slow: bool = False
    """May take as long as GATEWAY_FORWARD_SECONDS."""
    body: Body = "small"
    """One that is small stands here as a whole; others are passed on as they come, up to what their service takes."""
    gzip: bool = False
    """Takes bodies with Content-Encoding: gzip, which the service inflates within its own limit."""
    secret: bool = False
    """Answers hold secrets: they are neither compressed nor kept."""
    keyed: bool = True
    """The gateway answers an Idempotency-Key; where not, the service does, for good."""


DEFAULT = Policy()
DATA = Policy(slow=True, body="data", keyed=False)
POLICIES = {
    ("auth", ""): Policy(secret=True, keyed=False),
    ("api-keys", ""): Policy(secret=True),
    ("users", "totp"): Policy(secret=True),
    ("tenants", ""): Policy(secret=True),
    ("tenants", "data"): Policy(slow=True),
    ("tenants", "objects"): Policy(slow=True),
    ("streams", "records"): Policy(slow=True, body="data", gzip=True, keyed=False),
    ("models", "versions"): Policy(slow=True, body="artifact", keyed=False),
    ("train", ""): DATA,
    ("detect", ""): DATA,
    ("deployments", ""): Policy(slow=True),
    ("rejected", ""): Policy(slow=True),
}
"""By the first part of the path and, after the name of a thing, the next one."""


def policy_of(path: str) -> Policy:
    first, part = _parts(path)
    return POLICIES.get((first, part)) or POLICIES.get((first, ""), DEFAULT)


def template_of(path: str) -> str:
    """The path without names, for metrics: as few as there are policies."""
    if path in PLACES:
        return path
    first, part = _parts(path)
    part = part if (first, part) in POLICIES else ""
    return f"{PREFIX}{first}/{{name}}/{part}" if part else f"{PREFIX}{first}"


def _parts(path: str) -> tuple[str, str]:
    first, _, rest = path.removeprefix(PREFIX).partition("/")
    return first, rest.partition("/")[2].partition("/")[0]
