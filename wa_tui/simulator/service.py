"""The life of a gateway's process: starts, restarts, and what it does by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.types import ASGIApp

from wa_tui.simulator.faces import FACES
from wa_tui.simulator.gateway import Gateway
from wa_tui.simulator.interference import Interference
from wa_tui.simulator.listener import Listener
from wa_tui.simulator.settings import GatewaySettings


class Service:
    """The process of a gateway: it starts, restores, checks its clients, stops and starts again."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.gateway = Gateway(settings)
        self.face = FACES[settings.kind](self.gateway)
        self.interference = Interference()
        self._listener: Listener | None = None
        self._life: set[asyncio.Task[None]] = set()
        self._later: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The address that clients use; only once bound."""
        assert self._listener is not None, "bind() comes first"
        return self._listener.url

    def bind(self, app: ASGIApp, host: str, port: int) -> None:
        """Take the port; raises OSError when somebody else has it."""
        self._listener = Listener(app, host, port)

    async def start(self) -> None:
        """Listen, and do what its kind does by itself: restore, check."""
        self.gateway.webhooks.cut_off = False
        await self._listening().open()
        for duty in (*self.face.duties(), self.gateway.traffic.run(self.gateway.clients)):
            _keep(self._life, duty)

    async def stop(self, spare: tuple[str, int] | None = None) -> None:
        """End as a process ends: connections, clients and unsent webhooks are gone."""
        for task in self._life:
            task.cancel()
        self._life = set()
        await self._listening().close(spare)
        self.gateway.forget_clients()

    async def restart(self, downtime: float, spare: tuple[str, int] | None = None) -> None:
        """Stop at once and start again after `downtime` seconds, with an uptime that begins at 0."""
        await self.stop(spare)
        self.after(downtime, self.begin_anew)

    async def cut_off(self, spare: tuple[str, int] | None = None) -> None:
        """Be out of reach in both directions while everything inside goes on."""
        self.gateway.webhooks.cut_off = True
        await self._listening().close(spare)

    async def come_back(self) -> None:
        """Be within reach again."""
        if self.gateway.webhooks.cut_off:
            self.gateway.webhooks.cut_off = False
            await self._listening().open()

    async def begin_anew(self) -> None:
        """Start after a stop, with an uptime that begins at 0."""
        if not self._life:
            self.gateway.started_at += self.gateway.uptime
            await self.start()

    def after(self, seconds: float, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `step` in `seconds`, whatever happens to the service until then."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            await step()

        _keep(self._later, wait())

    async def aclose(self) -> None:
        """Stop for good."""
        for task in self._later:
            task.cancel()
        await self.stop()
        await self.gateway.webhooks.aclose()

    def _listening(self) -> Listener:
        assert self._listener is not None, "bind() comes first"
        return self._listener


def _keep(tasks: set[asyncio.Task[None]], step: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(step)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
