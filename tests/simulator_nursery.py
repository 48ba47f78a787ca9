"""Simulators that begin at once: a process that has imported all they need forks one for each request.

A worker of the suite has one such process, and its tests some 300 simulators, each a process of its own. As a program
(``python -m tests.simulator_nursery FD``) it reads requests from a socket: the simulator's arguments as JSON, a line,
with its standard output and its end of its parent's pipe.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import msgspec

_WELCOME = b"+"


@contextlib.contextmanager
def forked(*arguments: str) -> Iterator[list[dict[str, str]]]:
    """Run a simulator with ``arguments`` and yield the gateways it announces; it has ended afterwards."""
    said, output = os.pipe()
    child_end, parent_end = os.pipe()
    try:
        socket.send_fds(_nursery(), [msgspec.json.encode(arguments) + b"\n"], [output, child_end])
        assert _nursery().recv(1) == _WELCOME, "the nursery of the simulators has ended"
    finally:
        os.close(output)
        os.close(child_end)
    with open(said, "rb") as lines:  # noqa: PTH123  # a descriptor
        try:
            line = lines.readline()
            assert line, "the simulator ended before its first line"
            yield msgspec.json.decode(line)["gateways"]
        finally:
            os.close(parent_end)
            lines.read()  # to its end: what it said, and the simulator


@functools.cache
def _nursery() -> socket.socket:
    """Return the way to this process's nursery, which ends with it."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    theirs.close()
    return ours


def _serve(requests: socket.socket) -> int:
    """Fork simulators until nobody is there to ask for one; returns in each of them too, with its exit code."""
    from wa_tui.simulator.__main__ import main  # who asks for simulators needs nothing of them

    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, 1 << 16, 2)
        if not data:
            return 0
        output, pipe = descriptors
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(output, sys.stdout.fileno())
            os.close(output)
            return main([*msgspec.json.decode(data, type=list[str]), "--parent-pipe", str(pipe)])
        os.close(output)
        os.close(pipe)
        requests.send(_WELCOME)


if __name__ == "__main__":
    sys.exit(_serve(socket.socket(fileno=int(sys.argv[1]))))
