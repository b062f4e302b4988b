"""Passwords as argon2id hashes, a bounded number at a time: each takes its memory for as long as it runs."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ad_auth.adapters.breached_file import BreachedFile
from ad_auth.domain.credentials import new_secret
from ad_auth.settings import AuthSettings
from ad_chassis.errors import Unavailable

Answer = TypeVar("Answer")


class Argon2Passwords:
    """A component: threads, and a hash of nobody's password to compare with when there is no user."""

    def __init__(self, settings: AuthSettings, breached: BreachedFile | None = None) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_rounds,
            memory_cost=settings.password_memory_kib,
            parallelism=settings.password_lanes,
        )
        self._workers = settings.password_workers
        self._most = settings.password_workers + settings.password_queue
        self._waiting = 0
        self._threads: ThreadPoolExecutor | None = None
        self._nobody = ""
        self._breached = breached

    async def start(self) -> None:
        self._threads = ThreadPoolExecutor(self._workers, thread_name_prefix="argon2")
        self._nobody = await self.hash(new_secret())

    async def stop(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
        if self._breached is not None:
            self._breached.close()

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        same = await self._run(lambda: self._same(password_hash or self._nobody, password))
        return same and password_hash is not None

    async def leaked(self, password: str) -> bool:
        return self._breached is not None and await asyncio.to_thread(self._breached.holds, password)

    def outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)

    def _same(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if self._threads is None:
            raise Unavailable("auth is starting or stopping")
        if self._waiting >= self._most:
            raise Unavailable("too many logins at once; try again shortly")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
