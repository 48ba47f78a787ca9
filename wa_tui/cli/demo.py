"""``wa-tui --demo``: the monitor on three simulated gateways of several kinds, in a throw-away state directory."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wa_tui.simulator.arguments import KEY_VARIABLE

from . import exits

if TYPE_CHECKING:
    from wa_tui.client import Client
    from wa_tui.config import Config, Ui

SEED = 7
FAREWELL_S = 5.0
"""How long the demo's daemon may take to end before its directory is removed under it."""

_LOOKS = {
    "WA_TUI_THEME",
    "WA_TUI_ASCII",
    "WA_TUI_MOUSE",
    "WA_TUI_BELL",
    "WA_TUI_NOTIFY",
    "WA_TUI_WINDOW_TITLE",
    "WA_TUI_HEADER_MESSAGES",
    "WA_TUI_VIEW",
}
_PREFIX = "wa-tui-demo-"
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STALE_S = 60.0

Gateways = list[dict[str, Any]]


def run(*, headless: bool = False, read_only: bool = False, look: Callable[[Ui], Ui] = lambda ui: ui) -> int:
    """Run the demo and return its exit code; everything it made is gone afterwards.

    ``look`` changes how the monitor looks.
    """
    _forget_settings()
    _sweep()
    if headless:
        # Until the daemon takes them for itself: what was made so far is given back then too.
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _leave)
    try:
        with (
            _directory() as directory,
            _simulator(port := _free_port(), key := secrets.token_urlsafe(16)) as gateways,
        ):
            config = _configure(directory, gateways, port, key)
            _record_past(config)
            if headless:
                from wa_tui.daemon.main import run as run_daemon

                return run_daemon(config, read_only=read_only)
            return _monitor(config, look(config.ui), read_only=read_only)
    except _NoRoom as error:
        sys.stderr.write(f"wa-tui: the demo has no room ({error}); set TMPDIR to a directory of your own\n")
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"wa-tui: the demo could not start: {error}\n")
    return exits.FAILED


class _NoRoom(Exception):
    """No directory could be made."""


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    """Make the demo's directory, and remove it however the demo ends. Raises `_NoRoom`."""
    made: Path | None = None
    try:
        # A signal may come as soon as it is there: it is taken once somebody is bound to remove it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            made = Path(tempfile.mkdtemp(prefix=_PREFIX))
        except OSError as error:
            raise _NoRoom(error.strerror) from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield made
    finally:
        if made is not None:
            _wait_for_daemon(made)
            shutil.rmtree(made, ignore_errors=True)


def _leave(*_: object) -> None:
    raise SystemExit(exits.OK)


def _monitor(config: Config, ui: Ui, *, read_only: bool) -> int:
    from wa_tui.client import find_or_start
    from wa_tui.tui.remembered import Resume
    from wa_tui.tui.run import run_monitor

    async def connect() -> Client:
        return await find_or_start(config, read_only=read_only)

    begin = Resume(view=ui.view)
    where = str(config.socket)
    return run_monitor(connect, read_only=read_only, title=config.title, where=where, ui=ui, resume=begin)


def _forget_settings() -> None:
    """The demo is not configured, but for its looks: nothing of the user's own gateways may reach it, or it them."""
    for name in set(os.environ) - _LOOKS:
        if name.startswith(("WA_TUI_", "NODE_SERVICE_")):
            del os.environ[name]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _simulator(port: int, key: str) -> Iterator[Gateways]:
    """Run the simulated gateways as a process of their own that cannot outlive us."""
    theirs, ours = os.pipe()
    command = [*_simulate(), "--control-plane", f"http://127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--parent-pipe", str(theirs)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[theirs],
        env={**os.environ, KEY_VARIABLE: key},
        start_new_session=True,
    )
    os.close(theirs)
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        if not line:
            said = process.stderr.read().decode(errors="replace").strip().splitlines()
            raise OSError(f"the simulator ended before it listened: {said[-1] if said else 'no word why'}")
        yield json.loads(line)["gateways"]
    finally:
        os.close(ours)
        process.terminate()
        process.wait(5)


def _simulate() -> list[str]:
    from wa_tui.client.starting import interpreter

    return [*interpreter(), "-m", "wa_tui.simulator", "--scenario", "demo", "--seed", str(SEED)]


def _configure(directory: Path, gateways: Gateways, port: int, key: str) -> Config:
    """Write the demo's own configuration file, which the daemon reads too."""
    from wa_tui.config import load

    lines = [
        'title = "demo"',
        f'listen = "127.0.0.1:{port}"',
        f"state_dir = {json.dumps(str(directory / 'state'))}",
    ]
    for gateway in gateways:
        lines += ["", "[[gateways]]"]
        lines += [f"name = {json.dumps(gateway['name'])}", f"url = {json.dumps(gateway['url'])}"]
        lines += [f"kind = {json.dumps(gateway['kind'])}", f"api_key = {json.dumps(key)}"]
    path = directory / "demo.toml"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return load(os.environ, path)


def _record_past(config: Config) -> None:
    import asyncio

    from .demo_history import record_past

    now = datetime.now(UTC)
    history = [*_simulate(), "--history", "--until", now.isoformat()]
    lines = subprocess.run(
        history, check=True, capture_output=True, text=True, timeout=30
    ).stdout.splitlines()
    config.state_dir.mkdir(mode=0o700)
    at = int(now.timestamp() * 1000)
    asyncio.run(record_past(config.database, config.traffic_database, lines, at))


def _sweep() -> None:
    """Remove the directories of demos that were killed."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            found = directory.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
            if ours and time.time() - found.st_mtime > _STALE_S and not _daemon_runs(directory):
                shutil.rmtree(directory, ignore_errors=True)


def _wait_for_daemon(directory: Path) -> None:
    """End the demo's daemon, for which nobody will come back, and wait until it has let go of its directory."""
    deadline = time.monotonic() + FAREWELL_S
    if _daemon_runs(directory):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((directory / "state" / "daemon.lock").read_text()), signal.SIGTERM)
    while _daemon_runs(directory) and time.monotonic() < deadline:
        time.sleep(0.02)


def _daemon_runs(directory: Path) -> bool:
    try:
        with (directory / "state" / "daemon.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
