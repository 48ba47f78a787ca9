"""Adopting gateways' own lists where the store knows nothing: after a loss, and on the very first start.

When the store lost everything, nobody knows what to restore until each gateway's own list has been adopted.
"""

from __future__ import annotations

import asyncio

from wa_tui.store import StoreError

from ..recording.recorder import NotTaken
from .lists import GatewayAsleep, ListSync

PATIENCE = 5.0
"""Seconds that an answer waits for the adoption; the service gives up after 10."""


class Adoption:
    """Adopts the lists of those gateways that are added to it; where all was ``lost``, for as long as it takes."""

    def __init__(self, lists: ListSync, *, adopts: bool, lost: bool) -> None:
        self._lists = lists
        self._adopts = adopts
        self._lost = lost
        self._tried: dict[str, asyncio.Event] = {}
        """The gateways whose list is not adopted yet; each is set once it was asked for."""
        self._asleep: set[str] = set()
        """Those of them that did not answer when they were asked last."""
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def add(self, gateway: str) -> None:
        """Answer for a gateway; its list is to be adopted first where there is need for that."""
        if self._adopts:
            self._tried[gateway] = asyncio.Event()

    def begin(self, gateway: str) -> None:
        """Begin to adopt a gateway's list, where that is to be done."""
        if gateway in self._tried:
            self._tasks[gateway] = asyncio.create_task(self._adopt(gateway), name=f"adoption {gateway}")

    async def remove(self, gateway: str) -> None:
        """Give up adopting a gateway's list."""
        # What was not adopted stays unknown: nobody is told to restore nothing.
        task = self._tasks.pop(gateway, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def knows(self, gateway: str) -> bool:
        """Tell whether what the fleet has of a gateway is all there is, once its list was asked for or soon."""
        tried = self._tried.get(gateway)
        if tried is not None:
            try:
                async with asyncio.timeout(PATIENCE):
                    await tried.wait()
            except TimeoutError:
                pass
        return gateway not in self._tried or not self._lost

    def awaited(self) -> list[str]:
        """Return the gateways that answer, and whose list is still to come before they are told what to restore."""
        return [gateway for gateway in self._tried if gateway not in self._asleep]

    async def _adopt(self, name: str) -> None:
        while True:
            try:
                await self._lists.fetch(name)
            except (GatewayAsleep, NotTaken, StoreError) as error:
                if self._lost:
                    (self._asleep.add if isinstance(error, GatewayAsleep) else self._asleep.discard)(name)
                    await asyncio.sleep(1)
                    continue
                # Nothing was ever known: the list sync goes on trying, and nobody has to wait for it.
            self._asleep.discard(name)
            self._tried.pop(name).set()
            return
