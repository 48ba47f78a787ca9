"""Runs the daemon: alone in its state directory, from its start to its exit code."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import uvloop

from wa_tui.config import Config, ConfigError, private_dir
from wa_tui.store import StoreError
from wa_tui.system import descriptors

from .lives import FAILED, Lives
from .process.listening import PlaceTaken
from .process.lock import Lock, Locked
from .process.log_lines import LogFormat
from .process.own_log import OwnLog, give_up_the_rest
from .process.sidecar import Sidecar

log = logging.getLogger("wa_tui.daemon")

_IN_THE_WAY = (NotADirectoryError, FileExistsError, IsADirectoryError)
"""Something else is where the state directory is to be."""

WRONG, ANOTHER_RUNS = 2, 4
"""Exit codes of `run`, beside those of `Lives`."""


def run(
    config: Config,
    *,
    owner_fd: int | None = None,
    read_only: bool = False,
    sidecar: Sidecar | None = None,
    log_format: str = "text",
) -> int:
    """Run a daemon until SIGTERM, SIGINT or SIGHUP, or until its owner is gone; returns its exit code.

    ``owner_fd`` is the read end of a pipe that closes when the owning monitor ends; ``sidecar`` runs beside it;
    ``log_format`` is a word of `LogFormat`.
    """
    logging.basicConfig(handlers=[OwnLog(config.state_dir / "daemon.log")], level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(LogFormat(log_format).formatter())
    logging.getLogger("wa_tui").setLevel(logging.INFO)
    # Jobs log their own failures; what is left is a job cancelled by our end.
    logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
    # A run that is longer than its interval is no trouble; it would be told with dates of a zone that means nothing.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    descriptors.raise_limit()
    lock = Lock(config.state_dir / "daemon.lock")
    try:
        _prepare(config.state_dir, lock)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_live(config, owner_fd, read_only, sidecar))
    except Locked as error:
        return _say(error, ANOTHER_RUNS)
    except ConfigError as error:
        return _say(error, WRONG)
    except (PlaceTaken, StoreError, OSError) as error:
        return _say(error, FAILED)
    finally:
        lock.release()
        give_up_the_rest()


def _prepare(state_dir: Path, lock: Lock) -> None:
    """Make the state directory and lock it. Raises `Locked`, OSError, and `ConfigError` for what stays wrong."""
    try:
        private_dir(state_dir)
        lock.acquire()
    except OSError as error:
        text = (
            f"the state directory {state_dir} cannot be used ({error.strerror}); "
            "set WA_TUI_STATE_DIR to a directory of your own"
        )
        # A disk may yet be mounted, or become writable again: who started us may try again.
        raise (ConfigError(text) if isinstance(error, _IN_THE_WAY) else OSError(text)) from error


def _say(error: Exception, code: int) -> int:
    sys.stderr.write(f"wa-tui: {error}\n")
    return code


async def _live(config: Config, owner_fd: int | None, read_only: bool, sidecar: Sidecar | None) -> int:
    return await Lives(config, owner_fd, read_only, sidecar).run()
