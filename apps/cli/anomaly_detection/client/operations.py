"""An operation is described once, as steps; the client that it is called on decides how they are driven."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from anomaly_detection.client.effects import Items, Steps

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """The way of `Client`: a call returns when it is done."""


class Tasks:
    """The way of `AsyncClient`: a call is awaited."""


Way = TypeVar("Way", Threads, Tasks)


class Driver(Protocol):
    """Drives steps, in one of the two ways."""

    def run(self, steps: Steps[T]) -> Any:
        """What the steps end with; to be awaited where the way is that of tasks."""

    def each(self, items: Items[T]) -> Any:
        """What they find, as an iterator of the way."""


class Resource(Generic[Way]):
    """A group of operations."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver


class One(Generic[P, T]):
    """An operation with one result."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self.describe = describe

    @overload
    def __get__(self, resource: None, kind: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Threads], kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, resource: Resource[Tasks], kind: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, resource: Any, kind: type) -> Any:
        if resource is None:
            return self

        def operation(*args: P.args, **kwargs: P.kwargs) -> Any:
            return resource.driver.run(self.describe(resource, *args, **kwargs))

        return wraps(self.describe)(operation)


class Many(Generic[P, T]):
    """An operation that finds one thing after another, fetched as they are asked for."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Items[T]]) -> None:
        self.describe = describe

    @overload
    def __get__(self, resource: None, kind: type) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Threads], kind: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, resource: Resource[Tasks], kind: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, resource: Any, kind: type) -> Any:
        if resource is None:
            return self

        def operation(*args: P.args, **kwargs: P.kwargs) -> Any:
            return resource.driver.each(self.describe(resource, *args, **kwargs))

        return wraps(self.describe)(operation)


def one(describe: Callable[Concatenate[Any, P], Steps[T]]) -> One[P, T]:
    """Makes an operation of the steps to one result."""
    return One(describe)


def many(describe: Callable[Concatenate[Any, P], Items[T]]) -> Many[P, T]:
    """Makes an operation of the steps that find many."""
    return Many(describe)
