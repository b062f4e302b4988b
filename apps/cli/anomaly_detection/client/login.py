"""Who is signed in at which server: the tokens of `anomaly_detection login`, kept in a file for each address."""

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from anomaly_detection.client.problems import ServerError, raise_problem, unreachable
from anomaly_detection.errors import ClientError
from anomaly_detection.folder import config_folder

CLIENT = "cli"
GRANTS_PATH = "/api/v1/auth/token"
MARGIN_SECONDS = 60.0
"""Before its end an access token is renewed, so that no call begins with one that ends on its way."""
TIMEOUT = httpx2.Timeout(30.0, connect=5.0)


@dataclass(frozen=True)
class Tokens:
    """What a server gave; no text shows it."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    ends_at: float
    name: str = ""
    tenant: str = ""


@dataclass(frozen=True)
class Login:
    """The file of one server. Processes that renew at the same time take turns, and the later ones find new tokens."""

    url: str
    path: Path
    trust_env: bool = True

    def token(self) -> str:
        """An access token that is good for a while, renewed when it has to be."""
        return self._token(lambda known: time.time() < known.ends_at - MARGIN_SECONDS)

    def renewed(self, refused: str) -> str:
        """Another access token than the one that the server refused before its time."""
        return self._token(lambda known: known.access_token != refused)

    def _token(self, good: Callable[[Tokens], bool]) -> str:
        known = self.tokens()
        if good(known):
            return known.access_token
        with self._turn():
            known = self.tokens()
            if not good(known):
                known = self._renewed(known)
                self._write(known)
        return known.access_token

    def tokens(self) -> Tokens:
        try:
            return Tokens(**json.loads(self.path.read_text("utf-8")))
        except FileNotFoundError:
            raise ClientError(f"nobody is signed in at {self.url}: anomaly_detection login") from None
        except (ValueError, TypeError) as error:
            raise ClientError(
                f"{self.path} does not hold a login; remove it, then: anomaly_detection login"
            ) from error

    def keep(self, tokens: Tokens) -> None:
        with self._turn():
            self._write(tokens)

    def forget(self) -> None:
        """Makes the tokens worthless at the server, and removes them here whether or not it answers."""
        with self._turn():
            try:
                form = {"token": self.tokens().refresh_token, "client_id": CLIENT}
                post(self.url, "/api/v1/auth/revoke", form, trust_env=self.trust_env)
            finally:
                self.path.unlink(missing_ok=True)

    def _renewed(self, known: Tokens) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": known.refresh_token, "client_id": CLIENT}
        try:
            answer = post(self.url, GRANTS_PATH, form, trust_env=self.trust_env)
        except ServerError as error:
            if error.status == 400:
                raise ServerError(
                    f"the login at {self.url} has ended; sign in again: anomaly_detection login", 401
                ) from error
            raise
        return tokens_of(answer, known.name)

    def _write(self, tokens: Tokens) -> None:
        """Whole or not at all, and for its owner alone from its first moment."""
        number, draft = tempfile.mkstemp(dir=self.path.parent, prefix=".login.")
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(asdict(tokens), file)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(self.path)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path.with_suffix(".lock"), "w", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def login_at(url: str, *, trust_env: bool = True) -> Login:
    """Where the login at a server is kept, whether there is one or not."""
    return Login(url, config_folder() / "logins" / f"{quote(url, safe='')}.json", trust_env)


def tokens_of(answer: dict[str, Any], name: str = "") -> Tokens:
    """Of a token endpoint's answer."""
    try:
        return Tokens(
            answer["access_token"],
            answer["refresh_token"],
            time.time() + float(answer["expires_in"]),
            name,
            answer["tenant"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ServerError("the server did not answer with tokens; is that the platform's address?") from error


def post(url: str, path: str, form: dict[str, str], *, trust_env: bool) -> dict[str, Any]:
    """Sends a form without a key; the JSON of the answer, empty where there is none."""
    return _asked(url, "POST", path, form, trust_env)


def get(url: str, path: str, *, trust_env: bool) -> dict[str, Any]:
    """The JSON of what everybody may read."""
    return _asked(url, "GET", path, None, trust_env)


def _asked(url: str, method: str, path: str, form: dict[str, str] | None, trust_env: bool) -> dict[str, Any]:
    try:
        with httpx2.Client(timeout=TIMEOUT, trust_env=trust_env) as http:
            answer = http.request(method, url + path, data=form)
            raise_problem(answer)
            return dict(answer.json()) if answer.content else {}
    except httpx2.HTTPError as error:
        raise unreachable(url, error) from error
    except ValueError as error:
        raise ServerError(f"{url} did not answer as this platform does; is that its address?") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
