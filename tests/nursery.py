"""Programs of ours that begin at once: a process that has imported what they need forks one for each request.

``python -m wa_tui`` takes a quarter of a second of a core until it does anything, and the suite starts some 2000 such
programs. A forked one is a process as any other, with its own environment, descriptors, signals and exit code; only its
imports are done. What is about the start itself uses `subprocess`.

A worker of the suite has one such process for each of `_PRELOADED` that it needs. As a program
(``python -m tests.nursery FD MODULE…``) it takes requests from a socket: a `_Request` as JSON with the descriptors that
the new process is to have, and as the last of them one for its exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import gc
import importlib
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

import msgspec

from wa_tui.cli.verbs import VERBS

_PRELOADED = {
    "wa_tui.simulator": ("wa_tui.simulator.__main__",),
    "wa_tui": (
        "wa_tui.daemon.main",
        *{f"wa_tui.cli.{verb.module}": None for verb in VERBS.values()},
        *("httpx", "anyio._backends._asyncio", "apscheduler.executors.asyncio", "uvicorn.lifespan.off"),
    ),
    "tests.tui": ("tests.tui.monitor", "tests.tui.stage", "textual.layouts.factory", "textual.scrollbar"),
}
"""By the beginning of a program's module: what is imported before it is asked for. The first that fits is taken, for
what has none a daemon's."""

Stream = int | IO[Any]
_EXIT = struct.Struct("i")
_LONGEST_S = 40
"""Seconds that a program may take that is waited for."""
_asking = threading.Lock()
"""Held from a request to its answer: commands are run in threads."""
_FIRST_FREE = 512
"""Descriptors below this one are for the new process."""


class _Request(msgspec.Struct):
    module: str
    arguments: list[str]
    environment: dict[str, str]
    descriptors: list[int]
    """What number each descriptor that comes along has in the new process: 0, 1, 2 and those that it keeps."""
    new_session: bool
    terminal: bool


class Program:
    """A running program, with what is needed here of `subprocess.Popen`.

    Its standard streams are descriptors or files; ``keeps`` are descriptors that it has under the same numbers. With
    ``terminal`` its standard input becomes its controlling terminal, in a session of its own.
    """

    def __init__(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream,
        stderr: Stream,
        keeps: Sequence[int] = (),
        new_session: bool = False,
        terminal: bool = False,
    ) -> None:
        self.returncode: int | None = None
        self._exit, told = socket.socketpair()
        nothing = os.open(os.devnull, os.O_RDWR)
        try:
            streams = [nothing if each == subprocess.DEVNULL else each for each in (stdin, stdout, stderr)]
            given = [each if isinstance(each, int) else each.fileno() for each in streams]
            request = _Request(
                module,
                list(arguments),
                dict(os.environ if environment is None else environment),
                [0, 1, 2, *keeps],
                new_session or terminal,
                terminal,
            )
            self.pid = _forked(request, [*given, *keeps, told.fileno()])
        finally:
            os.close(nothing)
            told.close()

    def poll(self) -> int | None:
        """Return the exit code, as `subprocess` has it, or ``None`` while the program runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code. Raises subprocess.TimeoutExpired."""
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, seconds: float | None) -> int | None:
        if select.select([self._exit], [], [], seconds)[0]:
            # It stays there: who waits in a thread and who asks meanwhile both see it.
            (self.returncode,) = _EXIT.unpack(self._exit.recv(_EXIT.size, socket.MSG_PEEK))
        return self.returncode


def run(
    module: str, *arguments: str, environment: Mapping[str, str], **streams: Stream
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and return what it said, as far as it had no other ``streams``.

    Raises subprocess.TimeoutExpired.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        said: dict[str, Stream] = {"stdout": out, "stderr": err}
        program = Program(module, *arguments, environment=environment, **said | streams)  # type: ignore[arg-type]
        try:
            code = program.wait(_LONGEST_S)
        except subprocess.TimeoutExpired:
            program.kill()
            raise
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess([*arguments], code, out.read().decode(), err.read().decode())


def _forked(request: _Request, descriptors: list[int]) -> int:
    """Have a process forked and return its number."""
    beginning = f"{request.module}."
    with _asking:
        nursery = _nursery(next((each for each in _PRELOADED if beginning.startswith(f"{each}.")), "wa_tui"))
        socket.send_fds(nursery, [msgspec.json.encode(request)], descriptors)
        answer = nursery.recv(32)
    assert answer, "the nursery has ended: what it said is above"
    return int(answer)


@functools.cache
def _nursery(of: str) -> socket.socket:
    """Return the way to one of this process's nurseries, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", __name__, str(theirs.fileno()), *_PRELOADED[of]]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
    theirs.close()
    return ours


def _serve(requests: socket.socket) -> _Request | None:
    """Fork for each request until nobody is there to ask; returns what to run in each new process."""
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, int] = {}
    while True:
        ready = select.select([requests, woken], [], [])[0]
        if woken in ready:
            woken.recv(1 << 12)
        while running and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            told = running.pop(ended[0])
            with contextlib.suppress(BrokenPipeError):  # nobody wants to know any more
                os.write(told, _EXIT.pack(os.waitstatus_to_exitcode(ended[1])))
            os.close(told)
        if requests not in ready:
            continue
        data, descriptors, _, _ = socket.recv_fds(requests, 1 << 18, 64)
        if not data:
            return None
        request = msgspec.json.decode(data, type=_Request)
        if (pid := os.fork()) == 0:
            signal.set_wakeup_fd(-1)
            for end in (requests, woken, waker):
                end.detach()
            _arrange(request, descriptors)
            return request
        *given, running[pid] = descriptors
        for descriptor in given:
            os.close(descriptor)
        requests.send(str(pid).encode())


def _arrange(request: _Request, descriptors: list[int]) -> None:
    """Make a forked process what a started one is."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    apart = [fcntl.fcntl(each, fcntl.F_DUPFD, _FIRST_FREE) for each in descriptors[:-1]]
    os.closerange(0, _FIRST_FREE)
    for each, number in zip(apart, request.descriptors, strict=True):
        os.dup2(each, number)
        os.close(each)
    if request.new_session:
        os.setsid()
    if request.terminal:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    # Not closed: as at any start of Python they stay until the process ends.
    stream = functools.partial(open, encoding=encoding or "utf-8", closefd=False)
    sys.stdin, sys.stdout = stream(0, errors=errors or None), stream(1, "w", errors=errors or None)
    sys.stderr = stream(2, "w", buffering=1, errors="backslashreplace")


def _main(descriptor: int, preloaded: list[str]) -> None:
    for module in preloaded:
        importlib.import_module(module)
    gc.freeze()
    # A Ctrl-C is for who asks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if request := _serve(socket.socket(fileno=descriptor)):
        sys.argv = [request.module, *request.arguments]
        # What is run is no module that others have imported.
        for name in (request.module, f"{request.module}.__main__"):
            if not hasattr(sys.modules.get(name), "__path__"):
                sys.modules.pop(name, None)
        try:
            runpy.run_module(request.module, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                _exit(end.code or 0)
            raise


def _exit(code: int) -> None:
    """End as Python does, but for freeing all that was imported, which costs as much as all the rest."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
