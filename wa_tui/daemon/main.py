"""Runs the daemon: puts its parts together, waits for its end, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import uvloop

from wa_tui import descriptors
from wa_tui.config import Config, ConfigError, private_dir
from wa_tui.store import Store, StoreError, open_store

from .assembly import Daemon
from .clock import Clock, SystemClock
from .companion import Companion
from .doors import Doors
from .listening import PlaceTaken
from .lock import Lock, Locked
from .log_lines import LINE, OneLine
from .own_log import OwnLog
from .owner import Owner

log = logging.getLogger("wa_tui.daemon")

_IN_THE_WAY = (NotADirectoryError, FileExistsError, IsADirectoryError)
"""Something else is where the state directory is to be."""

DONE, FAILED, WRONG, ANOTHER_RUNS = 0, 1, 2, 4
"""Exit codes of `run`."""

LONGEST_END = 60.0
"""Seconds that an orderly end may take: a disk that hangs must not outlive who wants us gone."""


def run(
    config: Config,
    *,
    owner_fd: int | None = None,
    read_only: bool = False,
    companion: Companion | None = None,
) -> int:
    """Run a daemon until SIGTERM, SIGINT or SIGHUP, or until its owner is gone; returns its exit code.

    ``owner_fd`` is the read end of a pipe that closes when the owning monitor ends; ``companion`` runs beside it.
    """
    logging.basicConfig(handlers=[OwnLog(config.state_dir / "daemon.log")], level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(OneLine(LINE))
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
            return runner.run(_serve(config, owner_fd, read_only, companion))
    except Locked as error:
        return _say(error, ANOTHER_RUNS)
    except ConfigError as error:
        return _say(error, WRONG)
    except (PlaceTaken, StoreError, OSError) as error:
        return _say(error, FAILED)
    finally:
        lock.release()


def _prepare(state_dir: Path, lock: Lock) -> None:
    """Make the state directory and lock it. Raises `Locked`, OSError, and `ConfigError` for what stays wrong."""
    try:
        private_dir(state_dir)
        lock.acquire()
    except OSError as error:
        told = (
            f"the state directory {state_dir} cannot be used ({error.strerror}); "
            "set WA_TUI_STATE_DIR to a directory of your own"
        )
        # A disk may yet be mounted, or become writable again: who started us may try again.
        raise (ConfigError(told) if isinstance(error, _IN_THE_WAY) else OSError(told)) from error


def _say(error: Exception, code: int) -> int:
    sys.stderr.write(f"wa-tui: {error}\n")
    return code


async def _serve(config: Config, owner_fd: int | None, read_only: bool, companion: Companion | None) -> int:
    clock = SystemClock()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    ended = asyncio.create_task(stop.wait())
    doors = Doors(config, clock, stop, patient=owner_fd is None)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(ended.cancel)
        # Before anything is served: who finds us on the one socket finds us on the other.
        found = doors.tcp()
        if (unix := await doors.unix()) is None:
            return DONE
        stack.callback(unix.close)
        if (store := await _opened(config, clock, ended)) is None:
            return DONE
        stack.push_async_callback(store.close)
        loaded = await store.load()
        read_only = read_only or config.read_only
        daemon = Daemon(config, clock, store, loaded, read_only=read_only, companion=companion)
        owner = Owner(owner_fd, daemon.api, stop.set)
        if isinstance(found, PlaceTaken):
            daemon.wait_for(found)
        starting = asyncio.create_task(daemon.start(unix))
        await asyncio.wait({ended, starting}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            return DONE
        writer = await starting
        listeners = await doors.tcp_at_last(daemon.wait_for) if isinstance(found, PlaceTaken) else found
        if listeners is not None:
            await daemon.begin(listeners)
        owner.watch()
        return await _until_ended(daemon, ended, writer)


async def _until_ended(daemon: Daemon, ended: asyncio.Task[bool], writer: asyncio.Task[None]) -> int:
    """Wait for the end, or for the end of the recorder, and end in order; returns the exit code."""
    # What is there now stays: the collector would go through all of it again every few thousand webhooks.
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    await asyncio.wait({ended, writer}, return_when=asyncio.FIRST_COMPLETED)
    crashed = writer.done() and not ended.done()
    log.info("Stopping")
    _end_anyway()
    await daemon.stop()
    return FAILED if crashed else DONE


async def _opened(config: Config, clock: Clock, ended: asyncio.Task[bool]) -> Store | None:
    """Return the store, ``None`` if we were to end before it was open: reading it may take long."""
    halt = threading.Event()
    opening = asyncio.create_task(open_store(config.database, now=clock.now(), halt=halt))
    await asyncio.wait({ended, opening}, return_when=asyncio.FIRST_COMPLETED)
    if opening.done():
        return await opening
    halt.set()
    with contextlib.suppress(StoreError):
        await (await opening).close()
    return None


def _end_anyway() -> None:
    """End the process in a while, whatever an orderly end then waits for: what was acknowledged is stored."""
    timer = threading.Timer(LONGEST_END, os._exit, (FAILED,))
    timer.daemon = True
    timer.start()
