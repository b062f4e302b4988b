"""Logins cannot exhaust threads or memory."""

import asyncio
import threading

import pytest

from ad_auth.adapters.argon2_passwords import Argon2Passwords
from ad_auth.settings import AuthSettings
from ad_chassis.errors import Unavailable

CHEAP = {"password_memory_kib": 8, "password_rounds": 1, "password_lanes": 1}


async def test_a_few_run_some_wait_and_the_rest_is_told_to_come_back(monkeypatch) -> None:
    passwords = Argon2Passwords(AuthSettings(**CHEAP, password_workers=2, password_queue=3))
    await passwords.start()
    gate, full = threading.Event(), threading.Event()
    running, most, lock = 0, 0, threading.Lock()

    def slow(password_hash: str, password: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 2:
                full.set()
        gate.wait(5)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "_same", slow)
    tasks = [asyncio.create_task(passwords.verify("hash", "password")) for _ in range(8)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert await asyncio.to_thread(full.wait, 5)
    gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(done) == 3
    assert [type(each) for each in outcomes] == [bool] * 5 + [Unavailable] * 3
    assert most == 2
    await passwords.stop()


async def test_nobody_has_a_password() -> None:
    passwords = Argon2Passwords(AuthSettings(**CHEAP))
    await passwords.start()
    assert not await passwords.verify(None, "")
    assert not await passwords.verify("no hash at all", "x")
    assert await passwords.verify(await passwords.hash("x\x00y"), "x\x00y")
    assert not await passwords.verify(await passwords.hash("x\x00y"), "x")
    await passwords.stop()
    with pytest.raises(Unavailable):
        await passwords.hash("x")
