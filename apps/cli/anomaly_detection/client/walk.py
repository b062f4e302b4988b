"""How far the steps of an operation are; without I/O, so that both clients walk alike."""

from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from anomaly_detection.client.effects import Effect, Found, Items, Steps
from anomaly_detection.client.problems import ServerError

T = TypeVar("T")


class Walk(Generic[T]):
    """The effect that is due, until there is a result. Leaving early lets the steps clean up."""

    def __init__(self, steps: Steps[T] | Items[T]) -> None:
        self._steps: Any = steps
        self.effect: Effect | Found[T] | None = None
        self.result: Any = None
        self.give(None)

    def give(self, value: Any) -> None:
        """What the effect gave; the next one is due."""
        try:
            self.effect = self._steps.send(value)
        except StopIteration as end:
            self.effect, self.result = None, end.value

    def fail(self, error: ServerError) -> None:
        """The effect failed; the steps may know what to do."""
        try:
            self.effect = self._steps.throw(error)
        except StopIteration as end:
            self.effect, self.result = None, end.value

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.close()
