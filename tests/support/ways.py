"""The two clients under one handle, so that a specification is written once."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, closing
from itertools import islice
from typing import Any

import pytest

from anomaly_detection.client import tasks, threads


class Way(ABC):
    """A client; where there is somebody to patch them, its waits are written down and take no time."""

    client: Any
    driver: Any
    blocks: bool
    """Where rows are taken, nothing else of the thread goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
        self.waits: list[float] = []
        self.opened: list[Any] = []
        if monkeypatch is not None:
            monkeypatch.setattr(self.driver, "_wait", self._waiter(self.waits))

    def open(self, *arguments: Any, **options: Any) -> "Way":
        self.client = self.kind(*arguments, **options)
        self.opened.append(self.client)
        return self

    kind: Callable[..., Any]

    @abstractmethod
    def _waiter(self, waits: list[float]) -> Any:
        """What stands in for waiting."""

    @abstractmethod
    async def do(self, operation: Any, *arguments: Any, **options: Any) -> Any:
        """The result of an operation."""

    @abstractmethod
    async def take(self, items: Any, count: int | None = None) -> list[Any]:
        """The first of them, or all."""

    @abstractmethod
    async def at_once(self, operation: Any, times: int) -> list[Any]:
        """The same operation by many at a time."""

    @abstractmethod
    async def followed(self, items: Any, found: list[Any]) -> None:
        """All of them, while the test goes on."""

    @abstractmethod
    async def end(self) -> None:
        """Closes all that were opened."""


class ThreadsWay(Way):
    blocks = True
    kind = threads.Client
    driver = threads._Run

    def _waiter(self, waits: list[float]) -> Any:
        return lambda _run, seconds: waits.append(seconds)

    async def do(self, operation: Any, *arguments: Any, **options: Any) -> Any:
        return operation(*arguments, **options)

    async def take(self, items: Iterator[Any], count: int | None = None) -> list[Any]:
        with closing(items):
            return list(islice(items, count))

    async def at_once(self, operation: Any, times: int) -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(operation) for _ in range(times)))

    async def end(self) -> None:
        for client in self.opened:
            client.close()

    async def followed(self, items: Iterator[Any], found: list[Any]) -> None:
        await asyncio.to_thread(lambda: found.extend(items))


class TasksWay(Way):
    blocks = False
    kind = tasks.AsyncClient
    driver = tasks._Run

    def _waiter(self, waits: list[float]) -> Any:
        async def wait(_run: object, seconds: float) -> None:
            waits.append(seconds)

        return wait

    async def do(self, operation: Any, *arguments: Any, **options: Any) -> Any:
        return await operation(*arguments, **options)

    async def take(self, items: AsyncIterator[Any], count: int | None = None) -> list[Any]:
        found: list[Any] = []
        async with aclosing(items):
            while count is None or len(found) < count:
                try:
                    found.append(await anext(items))
                except StopAsyncIteration:
                    break
        return found

    async def at_once(self, operation: Any, times: int) -> list[Any]:
        return await asyncio.gather(*(operation() for _ in range(times)))

    async def end(self) -> None:
        for client in self.opened:
            await client.close()

    async def followed(self, items: AsyncIterator[Any], found: list[Any]) -> None:
        async for item in items:
            found += [item]
