"""Processes that benchmarks measure: a real daemon, and the bare server beside it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.daemon.waiting import free_port

KEY = "bench"

BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), http="httptools", loop="uvloop", log_config=None,
            lifespan="off", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A process that listens, and a daemon's state directory."""

    process: subprocess.Popen[bytes]
    port: int
    state: Path

    def resident(self) -> float:
        """Return the resident memory in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


@contextlib.contextmanager
def bare() -> Iterator[Served]:
    """Run an app on the same server that answers 200 and stores nothing."""
    port = free_port()
    with _running([sys.executable, "-c", BARE, str(port)], port, Path(), {}) as served:
        yield served


@contextlib.contextmanager
def quick_gateway(sessions: int, delay_ms: float) -> Iterator[Served]:
    """Run a gateway that costs next to nothing."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.quick_gateway",
        str(port),
        str(sessions),
        str(delay_ms),
    ]
    with _running(command, port, Path(), {}) as served:
        yield served


@contextlib.contextmanager
def daemon(
    state: Path | None = None, gateway: str = "http://127.0.0.1:9", **environ: str
) -> Iterator[Served]:
    """Run a daemon on a state directory, or on a fresh one; its gateway refuses connections unless one is named."""
    with tempfile.TemporaryDirectory() as fresh:
        port, place = free_port(), state or Path(fresh)
        variables = {
            "WA_TUI_STATE_DIR": str(place),
            "XDG_CONFIG_HOME": str(place),
            "WA_TUI_LISTEN": f"127.0.0.1:{port}",
            "NODE_SERVICE_URL": gateway,
            "NODE_SERVICE_API_KEY": KEY,
        }
        with _running(
            [sys.executable, "-m", "wa_tui", "--daemon"], port, place, variables | environ
        ) as served:
            yield served


@contextlib.contextmanager
def _running(command: list[str], port: int, state: Path, environ: dict[str, str]) -> Iterator[Served]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WA_TUI_", "NODE_"))}
    process = subprocess.Popen(command, env=clean | environ, stderr=subprocess.DEVNULL)
    try:
        until_open(process, port)
        yield Served(process, port, state)
    finally:
        process.terminate()
        process.wait(60)


def until_open(process: subprocess.Popen[bytes], port: int, seconds: float = 30.0) -> None:
    """Wait until a process listens; raises RuntimeError when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None:
            raise RuntimeError(f"the process ended with {process.returncode}")
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port} after {seconds:g} s")
