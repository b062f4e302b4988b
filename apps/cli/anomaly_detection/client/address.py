"""Where the platform is, and the key or the login to it."""

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from anomaly_detection.client import DEFAULT_SERVER
from anomaly_detection.client.login import Login, login_at
from anomaly_detection.errors import ClientError
from anomaly_detection.folder import data_folder

ADMIN_KEY = "admin.key"
URL_VARIABLE, KEY_VARIABLE = "ANOMALY_DETECTION_URL", "ANOMALY_DETECTION_API_KEY"
API = "/api/v1"


@dataclass(frozen=True)
class Address:
    """The base address without a slash at its end, and a key or token, which no text shows; or the login."""

    url: str
    api_key: str = field(repr=False)
    login: Login | None = None
    found: str = ""
    """By what one is signed in, for people."""

    @property
    def api(self) -> str:
        """Where REST begins."""
        return self.url + API

    @property
    def feed(self) -> str:
        """The live feed of anomalies."""
        return f"ws{self.api.removeprefix('http')}/ws/anomalies"

    @property
    def headers(self) -> dict[str, str]:
        """What signs a request in now: the token of a login changes."""
        text = self.login.token() if self.login else self.api_key
        return {"Authorization": f"Bearer {text}"} if text else {}

    @property
    def clear_text(self) -> bool:
        """Whether a key that is sent there can be read on the way."""
        return self.url.startswith("http:") and not self.on_this_machine

    @property
    def on_this_machine(self) -> bool:
        """A proxy that the environment names is no way to this machine itself."""
        return is_loopback(self.url)


def address_of(server: str | None, api_key: str | None) -> Address:
    """Checks both before anything is sent; what is not given is looked for around here."""
    url = url_of(server)
    key = _variable(KEY_VARIABLE, "a login or admin.key") if api_key is None else api_key
    if key is not None:
        named = key == os.environ.get(KEY_VARIABLE)
        return Address(url, _checked_key(key), found=KEY_VARIABLE if named else "the key that was given")
    login = login_of(url)
    if login.path.is_file():
        return Address(url, "", login, "the login")
    path = _administrators_key(url)
    return Address(url, _checked_key(path.read_text("utf-8", errors="replace")), found=str(path))


def address_with(server: str | None, token: str) -> Address:
    """For calls with a token instead of a key, or with none to get one."""
    return Address(url_of(server), token)


def url_of(server: str | None) -> str:
    """The base address; the one that the environment names, unless one is given."""
    if server is None:
        server = _variable(URL_VARIABLE, DEFAULT_SERVER) or DEFAULT_SERVER
    return checked_url(server)


def login_of(url: str) -> Login:
    """The login at a server, whether there is one or not."""
    return login_at(url, trust_env=not is_loopback(url))


def checked_url(server: str) -> str:
    """The base address of what was typed."""
    server = server.strip()
    wrong = ClientError(f"{server!r} is not the address of a platform; give one such as {DEFAULT_SERVER}")
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise wrong
    if parts.query or parts.fragment or parts.username or not server.isascii() or " " in server:
        raise wrong
    return server.rstrip("/").removesuffix(API)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _variable(name: str, without: str) -> str | None:
    """Set but empty is a mistake, such as a variable in it that is not set; it must not mean someone else."""
    text = os.environ.get(name)
    if text is not None and not text.strip():
        raise ClientError(f"{name} is set but empty; give it a value, or unset it for {without}")
    return text


def _administrators_key(url: str) -> Path:
    """Never sent elsewhere by itself: a mistyped address must not get the key to everything."""
    if not is_loopback(url):
        raise ClientError(
            f"no API key for {url}: give --api-key (`api_key` in Python), set ANOMALY_DETECTION_API_KEY, "
            "or: anomaly_detection login"
        )
    path = data_folder().expanduser() / ADMIN_KEY
    if not path.is_file():
        raise ClientError(
            "no API key: give --api-key (`api_key` in Python), set ANOMALY_DETECTION_API_KEY, "
            "or sign in with anomaly_detection login "
            f"({path}, where `serve` on this machine leaves the administrator's, does not exist)"
        )
    return path


def _checked_key(text: str) -> str:
    """The message does not repeat the key."""
    key = text.strip()
    if not key:
        raise ClientError("the API key is empty; give one, or leave it out for a login or admin.key")
    if not (key.startswith("ad_") and key.count("_") >= 2 and key.isascii() and key.isprintable()):
        raise ClientError(
            "the API key is not one of this platform: they read ad_<environment>_<id>_<secret> or ad_<id>_<secret>"
        )
    return key
