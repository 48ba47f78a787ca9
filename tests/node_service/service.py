"""The bundled Node service in its own process, fenced in, as `tests.daemon.running` gives a daemon its gateways."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.daemon.waiting import free_port, until

from .chromium import EXECUTABLE, Process, browsers, flags, processes

KEY = "test-key"


@dataclass
class RunningService:
    """One service: its address is known before it runs, so that a daemon can be told; see `start`."""

    directory: Path
    profiles: Path
    standin_port: int
    name: str = "default"
    api_key: str = KEY
    kind: str = "contract"
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.web = httpx.AsyncClient(
            base_url=self.url, headers={"x-api-key": self.api_key}, trust_env=False, timeout=60.0
        )

    async def start(self, control_plane: str = "", **environ: str) -> RunningService:
        """Run it against a control plane and wait until it answers; ``environ`` adds variables."""
        if control_plane:
            self.environ["DJANGO_API_URL"] = control_plane
        self.environ |= environ
        self._launch()
        await until(self._answers, 15, lambda: f"the service does not answer:\n{self.log()}")
        return self

    def _launch(self) -> None:
        with self._log_file.open("ab") as output:
            self.process = subprocess.Popen(
                ["node", "src/main.js"],
                cwd=self.directory,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def variables(self) -> dict[str, str]:
        """Return the service's environment."""
        assert EXECUTABLE is not None
        ours = {
            "PORT": str(self.port),
            "API_KEY": self.api_key,
            "WWEBJS_DATA_PATH": str(self.profiles),
            "WWEBJS_WEB_VERSION_CACHE": "none",
            "PUPPETEER_EXECUTABLE_PATH": EXECUTABLE,
            "CHROMIUM_ARGS": "\n".join(flags(self.standin_port)),
        }
        return dict(os.environ) | ours | self.environ

    async def kill(self) -> None:
        """End it with SIGKILL: its browsers are on their own."""
        await self.end(signal.SIGKILL)

    async def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 40.0) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None, "the service was not started"
        self.process.send_signal(number)
        try:
            return await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the service does not end:\n{self.log()}") from None

    async def close(self) -> None:
        """End it if it still runs; by force when it takes too long."""
        await self.web.aclose()
        if self.process is None or self.process.poll() is not None:
            return
        try:
            await self.end()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    @property
    def pid(self) -> int:
        assert self.process is not None, "the service was not started"
        return self.process.pid

    def profile(self, session_id: str) -> Path:
        """Return where a session's credentials are."""
        return self.profiles / f"session-{session_id}"

    def browsers(self, session_id: str | None = None) -> list[Process]:
        """Return the browsers of one session or of all."""
        return browsers(self.profiles if session_id is None else self.profile(session_id))

    def renderers(self, session_id: str) -> list[Process]:
        """Return the processes of a session's pages."""
        return [each for each in processes(self.profile(session_id)) if each.kind == "renderer"]

    async def get(self, path: str) -> dict[str, Any]:
        """Return what a GET is answered."""
        answer: dict[str, Any] = (await self.web.get(path)).json()
        return answer

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Return what a POST is answered, refusals included."""
        answer: dict[str, Any] = (await self.web.post(path, json=body)).json()
        return answer

    async def init(self, session_id: str, user_id: int = 1) -> dict[str, Any]:
        """Start a session as a control plane does."""
        return await self.post("/api/session/init", sessionId=session_id, userId=user_id)

    async def status(self, session_id: str) -> dict[str, Any]:
        """Return what is checked of a session now."""
        return await self.get(f"/api/session/status/{session_id}")

    async def status_until(self, session_id: str, status: str, seconds: float = 40.0) -> dict[str, Any]:
        """Return a session's status as soon as it is as wanted."""
        seen: list[dict[str, Any]] = [{}]

        async def found() -> dict[str, Any] | None:
            seen[0] = await self.status(session_id)
            return seen[0] if seen[0]["status"] == status else None

        return await until(found, seconds, lambda: f"{session_id} is {seen[0]}, not {status}:\n{self.log()}")

    async def logged(self, text: str, seconds: float = 40.0, times: int = 1) -> None:
        """Wait until its log holds a text."""

        async def said() -> bool:
            return self.log().count(text) >= times

        await until(said, seconds, lambda: f"never logged {text!r}:\n{self.log()}")

    def log(self) -> str:
        """Return all that it said so far, in every run."""
        return self._log_file.read_text() if self._log_file.exists() else ""

    @property
    def _log_file(self) -> Path:
        return self.profiles / "service.log"

    async def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended with {self.process.poll()}:\n{self.log()}"
        try:
            return bool((await self.get("/health"))["success"])
        except httpx.TransportError:
            return False
