"""The fake daemon as a process: one per socket, ends with its owner once no monitor is attached (design §2)."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import signal
import sys
from pathlib import Path

from tests.fake_daemon import FakeDaemon


async def _run(arguments: argparse.Namespace) -> int:
    lock = os.open(f"{arguments.socket}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("another daemon runs\n")
        return 4
    await asyncio.sleep(arguments.slow)
    if arguments.fail:
        sys.stderr.write(arguments.fail + "\n")
        return 1
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    async with FakeDaemon(arguments.socket) as daemon:
        if arguments.owner_fd is not None:
            loop.add_reader(arguments.owner_fd, ended.set)
        await ended.wait()
        while daemon.monitors:
            await asyncio.sleep(0.01)
    arguments.socket.unlink()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--owner-fd", type=int)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--fail")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
