"""A real daemon in its own process and its own state directory, for any test that goes through the front door."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.nursery import Program, run
from wa_tui.client import Client, DaemonGone, Tcp, Unix
from wa_tui.system.peers import user_name
from wa_tui.wire import EventView, GatewayView, SessionView

from .waiting import free_port, until, webhook

KEY = "test-key"
CONTROL_KEY = "control-key"
TESTER = user_name(os.geteuid())
"""Who acts through a daemon's socket."""
WEBHOOK = "/api/v1/sessions/webhook/"
ACTIVE = "/api/v1/sessions/active-sessions/"
_QUICK = {
    "WA_TUI_HEALTH_INTERVAL": "0.2",
    "WA_TUI_LIST_SYNC_INTERVAL": "0.3",
    "WA_TUI_STATUS_SYNC_INTERVAL": "2",
    "WA_TUI_QR_EXPIRY_INTERVAL": "0.3",
}


class Place(Protocol):
    """What a daemon is told of a gateway; `tests.simulated.Simulated` is one."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def api_key(self) -> str: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Nowhere:
    """A gateway that refuses connections."""

    name: str = "default"
    url: str = "http://127.0.0.1:9"
    api_key: str = KEY
    kind: str = "contract"


@dataclass
class RunningDaemon:
    """One daemon: its address is known before it runs, so that a gateway can be told; see `start`."""

    state_dir: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = 0
    key: str = KEY
    process: subprocess.Popen[bytes] | Program | None = None
    owner_end: int | None = None
    module: str = "wa_tui"
    """What Python runs."""
    more: tuple[str, ...] = ()
    """Arguments beside ``--daemon``."""

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = Client(Unix(self.socket), who=f"{TESTER}@test")
        self.web = httpx.AsyncClient(
            base_url=self.url,
            trust_env=False,
            verify=False,
            timeout=40,
            limits=httpx.Limits(max_connections=16),
        )

    @property
    def socket(self) -> Path:
        return self.state_dir / "wa_tui.sock"

    def over_tcp(self, key: str | None = CONTROL_KEY) -> Client:
        """Return a client over TCP, to be closed by who asks."""
        return Client(Tcp(self.url, key), who=f"{TESTER}@test")

    async def start(
        self, *gateways: Place, owned: bool = False, stdin: str | None = None, **environ: str
    ) -> RunningDaemon:
        """Run the daemon on these gateways (none: one that refuses connections) and wait until it answers.

        ``environ`` adds variables or replaces the quick intervals. ``owned`` gives it an owner's pipe: close
        it with `leave`. ``stdin`` is how a shell redirects its standard input.
        """
        self.environ |= self._configure(gateways or [Nowhere()]) | environ
        self.launch(owned=owned, stdin=stdin)
        await self.answering()
        return self

    def launch(self, *, owned: bool = False, stdin: str | None = None) -> None:
        """Run the daemon's command as configured, without waiting for it."""
        arguments, kept = ["--daemon", *self.more], []
        if owned:
            child_end, self.owner_end = os.pipe()
            arguments += ["--owner-fd", str(child_end)]
            kept = [child_end]
        environment = self.variables()
        with (self.state_dir / "daemon.log").open("ab") as output:
            if stdin is not None or "LD_PRELOAD" in environment:
                command = shlex.join([sys.executable, "-m", self.module, *arguments])
                self.process = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {command} {stdin or '</dev/null'}"],
                    env=environment,
                    stdout=output,
                    stderr=output,
                    pass_fds=kept,
                    start_new_session=True,
                )
            else:
                self.process = Program(
                    self.module,
                    *arguments,
                    environment=environment,
                    stdout=output,
                    stderr=output,
                    keeps=kept,
                    new_session=True,
                )
        for fd in kept:
            os.close(fd)

    def variables(self) -> dict[str, str]:
        """Return the environment of this daemon's processes, commands included."""
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("WA_TUI_", "NODE_"))
        }
        ours = {
            "WA_TUI_STATE_DIR": str(self.state_dir),
            "WA_TUI_LISTEN": f"127.0.0.1:{self.port}",
            "WA_TUI_API_KEY": CONTROL_KEY,
            "NODE_SERVICE_API_KEY": KEY,
            "XDG_CONFIG_HOME": str(self.state_dir),
        }
        return clean | ours | _QUICK | self.environ

    async def answering(self, seconds: float = 40.0) -> None:
        """Wait until the daemon answers; raises AssertionError with its log when it ended instead."""

        async def answers() -> bool:
            assert self.running, f"the daemon ended with {self.returncode}:\n{self.log()}"
            try:
                return (await self.client.status()).daemon.pid == self.pid
            except DaemonGone:
                return False

        await until(answers, seconds, lambda: f"no daemon answers:\n{self.log()}")

    async def restart(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the daemon with a signal, and run it again on the same state directory."""
        await self.end(number)
        self.launch()
        await self.answering()

    async def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 40.0) -> int:
        """Send a signal and return the exit code."""
        if self.process is not None and self.running:
            self.process.send_signal(number)
        return await self.ended(seconds)

    async def ended(self, seconds: float = 40.0) -> int:
        """Wait for the end of the process and return its exit code."""
        assert self.process is not None, "the daemon was not started"
        try:
            return await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the daemon does not end:\n{self.log()}") from None

    async def sigterm(self) -> int:
        return await self.end(signal.SIGTERM)

    async def kill(self) -> int:
        return await self.end(signal.SIGKILL)

    def leave(self) -> None:
        """Close the owner's end of the pipe, as an owner that is gone does."""
        if self.owner_end is not None:
            os.close(self.owner_end)
            self.owner_end = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "the daemon was not started"
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def returncode(self) -> int | None:
        return self.process.poll() if self.process is not None else None

    def log(self) -> str:
        """Return all that its processes said so far."""
        file = self.state_dir / "daemon.log"
        return file.read_text() if file.exists() else ""

    async def post_webhook(
        self,
        session_id: str,
        status: str,
        *,
        at: datetime | None = None,
        key: str | None = None,
        path: str = WEBHOOK,
        **fields: Any,
    ) -> httpx.Response:
        """Post one webhook of contract §2; ``at`` is its timestamp, now where none is given."""
        body = webhook(session_id, status, at=at, **fields)
        return await self.web.post(path, json=body, headers={"x-api-key": key or self.key})

    async def connected(self, *session_ids: str, **fields: Any) -> None:
        """Have sessions report that they are connected."""
        for session_id in session_ids:
            answer = await self.post_webhook(
                session_id, "connected", phoneNumber="15550001234", userId=1, **fields
            )
            assert answer.status_code == 200, answer.text

    async def active_sessions(self, key: str | None = None, path: str = ACTIVE) -> httpx.Response:
        """Ask what to restore, as a gateway does."""
        return await self.web.get(path, headers={"x-api-key": key or self.key})

    async def session(self, session_id: str, gateway: str | None = None) -> SessionView | None:
        """Return one session's view; ``None`` for an unknown one."""
        return next(
            (
                view
                for view in await self.client.sessions()
                if view.session_id == session_id and gateway in (None, view.gateway)
            ),
            None,
        )

    async def session_until(
        self, session_id: str, true: Callable[[SessionView], bool], seconds: float = 40.0
    ) -> SessionView:
        """Return a session's view as soon as it is as wanted."""
        seen: list[SessionView | None] = [None]

        async def found() -> SessionView | None:
            seen[0] = view = await self.session(session_id)
            return view if view is not None and true(view) else None

        return await until(found, seconds, lambda: f"{session_id} is {seen[0]}")

    async def gateway(self, name: str = "default") -> GatewayView:
        """Return one gateway's view."""
        return next(view for view in (await self.client.status()).gateways if view.name == name)

    async def gateway_until(self, true: Callable[[GatewayView], bool], name: str = "default") -> GatewayView:
        """Return a gateway's view as soon as it is as wanted."""

        async def found() -> GatewayView | None:
            view = await self.gateway(name)
            return view if true(view) else None

        return await until(found)

    async def event_until(self, true: Callable[[EventView], bool], seconds: float = 40.0) -> EventView:
        """Return the first event that is as wanted, as soon as there is one."""

        async def found() -> EventView | None:
            return next((event for event in await self.client.events(limit=5000) if true(event)), None)

        return await until(found, seconds)

    async def wa_tui(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a `wa-tui` command in this daemon's environment, and return what it said."""
        return await asyncio.to_thread(run, "wa_tui", *arguments, environment=self.variables() | environ)

    async def close(self) -> None:
        """End the process if it still runs, and close every connection."""
        self.leave()
        await self.client.close()
        await self.web.aclose()
        if self.process is not None:
            if self.running:
                self.process.terminate()
            try:
                await self.ended()
            except AssertionError:
                self.process.kill()
                self.process.wait()
                raise

    def _configure(self, gateways: Sequence[Place]) -> dict[str, str]:
        if len(gateways) == 1 and gateways[0].name == "default":
            return {"NODE_SERVICE_URL": gateways[0].url, "NODE_SERVICE_API_KEY": gateways[0].api_key}
        tables = [
            f'[[gateways]]\nname = "{each.name}"\nurl = "{each.url}"\napi_key = "{each.api_key}"\n'
            f'kind = "{each.kind}"\n'
            for each in gateways
        ]
        file = self.state_dir / "config.toml"
        file.write_text("\n".join(tables))
        return {"WA_TUI_CONFIG": str(file)}
