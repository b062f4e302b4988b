"""What a service is to the process that hosts it: an application and components that start and stop."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import FastAPI


class Component(Protocol):
    """Something that runs beside the application: a database, a run loop, a pool."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """`components` start in this order and stop in reverse."""

    name: str
    app: FastAPI
    components: Sequence[Component] = field(default_factory=tuple)
