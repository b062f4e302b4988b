"""Saves in one transaction what several partitions bring at the same time: a transaction costs more than an anomaly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ad_contracts.events import AnomalyDetected

Save = Callable[[Sequence[AnomalyDetected]], Awaitable[None]]


class JointSaving:
    """One transaction at a time. What comes while one is under way waits for it and shares the next."""

    def __init__(self, save: Save) -> None:
        self._save = save
        self._waiting: list[Sequence[AnomalyDetected]] = []
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def __call__(self, anomalies: Sequence[AnomalyDetected]) -> None:
        """Returns when they are saved. What fails together is tried alone, so nobody suffers for another's batch."""
        self._waiting.append(anomalies)
        if self._next is None:
            self._next = asyncio.create_task(self._save_waiting())
        try:
            # Its transaction goes on for the others when the partition of one of them is taken away.
            await asyncio.shield(self._next)
        except NotSaved as failure:
            if failure.alone:
                raise failure.reason from None
            await self._save(anomalies)

    async def _save_waiting(self) -> None:
        async with self._writing:
            batches, self._waiting, self._next = self._waiting, [], None
            try:
                await self._save([anomaly for batch in batches for anomaly in batch])
            except Exception as error:
                raise NotSaved(error, alone=len(batches) == 1) from error


class NotSaved(Exception):
    """A transaction failed, for one batch or for several."""

    def __init__(self, reason: Exception, *, alone: bool) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.alone = alone
