"""One daemon per state directory, and who holds a port."""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import socket
import stat
from pathlib import Path

from wa_tui.config import ConfigError, open_private


class Locked(Exception):
    """Another daemon runs in this state directory; ``pid`` is its process where it could be read."""

    def __init__(self, path: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid is not None else "another process"
        super().__init__(f"another daemon ({who}) runs in {path.parent}: `wa-tui` attaches to it")
        self.pid = pid


class PlaceTaken(Exception):
    """The daemon cannot listen where it should: two daemons must never heal one gateway."""


class Lock:
    """An exclusive lock on a state directory, held until `release` or the process's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `Locked`, OSError, and `ConfigError` for a link or another user's file."""
        fd = open_private(self._path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(fd, 32).decode(errors="replace").strip()
            os.close(fd)
            raise Locked(self._path, int(text) if text.isdigit() else None) from None
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._fd = fd

    def release(self) -> None:
        """Give the lock back."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def listen_tcp(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket. Raises `PlaceTaken`, naming the holder where it can be told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PlaceTaken(_why(host, port, error)) from error
    listener.setblocking(False)
    return listener


def listen_unix(path: Path, group: str | None) -> socket.socket:
    """Return a listening Unix socket, 0600, or 0660 for a group; a dead socket in its place is removed.

    Raises `PlaceTaken` where another program listens there, it cannot be made, or the group is no good, and
    `ConfigError` where what is in its place is no socket.
    """
    gid = _group_id(group) if group is not None else None
    _make_room(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        listener.bind(str(path))
        if gid is not None:
            os.chown(path, -1, gid)
            path.chmod(0o660)
    except OSError as error:
        listener.close()
        raise PlaceTaken(
            f"the socket {path} cannot be made ({error.strerror}); set WA_TUI_SOCKET to another path"
            + (
                f", and WA_TUI_SOCKET_GROUP to a group this user is in, not {group!r}"
                if gid is not None
                else ""
            )
        ) from error
    finally:
        os.umask(old)
    listener.listen(128)
    listener.setblocking(False)
    return listener


def _group_id(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise PlaceTaken(
            f"there is no group {group!r}: set WA_TUI_SOCKET_GROUP to one of `getent group`"
        ) from None


def _make_room(path: Path) -> None:
    """Remove a socket that nobody listens on; a daemon of another state directory may still live there."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ConfigError(f"{path} is there already and is no socket: set WA_TUI_SOCKET to another path")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        if probe.connect_ex(str(path)) == errno.ECONNREFUSED:
            path.unlink(missing_ok=True)
            return
    raise PlaceTaken(
        f"another program listens on {path}. If that is a wa-tui daemon, use it: `wa-tui --attach {path}`; "
        "else set WA_TUI_SOCKET to another path"
    )


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"cannot listen on {host}:{port}: {error.strerror}; set WA_TUI_LISTEN to another address"
    holder = port_holder(port)
    by = f" by {holder}" if holder else ""
    return (
        f"port {port} is held{by}. If that is a wa-tui daemon, use it: `wa-tui --attach {host}:{port}`; "
        f"else end it, or set WA_TUI_LISTEN to another port (and tell the Node service)"
    )


def port_holder(port: int) -> str | None:
    """Return who listens on a TCP port, as ``name (process N)``; ``None`` where it cannot be told."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir()):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                return f"{command.strip()[:80]} (process {process.name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
