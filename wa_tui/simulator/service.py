"""The life of a gateway's process: starts, restarts, its own restoring and its health checks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import msgspec
from starlette.types import ASGIApp

from wa_tui.simulator.gateway import Gateway
from wa_tui.simulator.interference import Interference
from wa_tui.simulator.listener import Listener
from wa_tui.simulator.settings import GatewaySettings
from wa_tui.simulator.webhooks import http_client

_RESTORE_TIMEOUT = 10.0


class Service:
    """The process of a gateway: it starts, restores, checks its clients, stops and starts again."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.gateway = Gateway(settings)
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
        """Listen, and do what the service does by itself: restore after a while, check regularly."""
        self.gateway.webhooks.cut_off = False
        await self._listening().open()
        for duty in (self._restore(), self._check_health()):
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

    async def _restore(self) -> None:
        settings = self.gateway.settings
        await asyncio.sleep(settings.timing.restore_delay)
        url, headers = settings.active_sessions_url, {"x-api-key": settings.api_key}
        entry = self.gateway.log.add("webhook", "GET", httpx.URL(url).path, None)
        try:
            async with http_client(_RESTORE_TIMEOUT) as client:
                response = await client.get(url, headers=headers)
            entry.answered = response.status_code
            sessions = msgspec.json.decode(response.content)["data"]["sessions"]
        except httpx.HTTPError as error:
            entry.answered = type(error).__name__
            return
        except (msgspec.DecodeError, LookupError, TypeError):
            return
        await self.gateway.restore(sessions)

    async def _check_health(self) -> None:
        while True:
            await asyncio.sleep(self.gateway.timing.health_interval)
            self.gateway.check_health()


def _keep(tasks: set[asyncio.Task[None]], step: Coroutine[Any, Any, None]) -> None:
    task = asyncio.get_running_loop().create_task(step)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
