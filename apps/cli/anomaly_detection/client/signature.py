"""Who calls: a key that stays, or tokens that are renewed."""

import threading
from typing import Protocol, runtime_checkable

from anomaly_detection.client.address import Address


@runtime_checkable
class TokenSource(Protocol):
    """Gives access tokens, such as `Login` does; called from any thread, and may block."""

    def token(self) -> str:
        """One that is good for a while."""

    def renewed(self, refused: str) -> str:
        """Another one than the one that the server refused."""


class Signature:
    """What signs the calls of a client in. However many are refused at once, one of them renews."""

    def __init__(self, address: Address, source: TokenSource | None = None) -> None:
        self._fixed = address.api_key
        self._source = source or address.login
        self._turn = threading.Lock()

    @property
    def renews(self) -> bool:
        return self._source is not None

    def token(self) -> str:
        return self._fixed if self._source is None else self._source.token()

    def renewed(self, refused: str) -> str:
        """Another token; the same one, if there is no other."""
        if self._source is None:
            return refused
        with self._turn:
            known = self._source.token()
            return known if known != refused else self._source.renewed(refused)
