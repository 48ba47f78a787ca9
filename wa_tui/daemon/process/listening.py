"""The sockets that a daemon listens on: TCP on every loopback or one address, and a Unix socket."""

from __future__ import annotations

import errno
import grp
import os
import socket
import stat
from pathlib import Path

from wa_tui.config import ConfigError

from .holders import port_holder

_LOOPBACKS = ("127.0.0.1", "::1")
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
_BACKLOG = 2048
_TRIES = 20


class PlaceTaken(Exception):
    """The daemon cannot listen where it should, for now: two daemons must never heal one gateway.

    ``detail`` is what is in the way, ``advice`` what to do about it.
    """

    def __init__(self, detail: str, advice: str) -> None:
        super().__init__(f"{detail}; {advice}")
        self.detail = detail
        self.advice = advice


def listen_tcp(host: str, port: int) -> list[socket.socket]:
    """Return listening TCP sockets: one, or for ``localhost`` one on each loopback that this machine has.

    A client of ``localhost`` may take either (Node takes ``::1``). With port 0 both have the same free one. Raises
    `PlaceTaken`, naming the holder where it can be told, and `ConfigError` where no waiting helps.
    """
    if host != "localhost":
        return [_listen(host, port)]
    for _ in range(_TRIES):
        first = _listen(_LOOPBACKS[0], port)
        try:
            return [first, _listen(_LOOPBACKS[1], first.getsockname()[1])]
        except _NoSuchAddress:
            return [first]
        except PlaceTaken:
            first.close()
            if port != 0:
                raise
    raise PlaceTaken("no port is free on both 127.0.0.1 and ::1", "set WA_TUI_LISTEN to one of them")


def shown(listener: socket.socket) -> str:
    """Return where a TCP socket listens, as ``127.0.0.1:8000`` or ``[::1]:8000``."""
    host, port = listener.getsockname()[:2]
    return _shown(host, port)


class _NoSuchAddress(PlaceTaken):
    """This machine has no such address, at least not now."""


def _listen(host: str, port: int) -> socket.socket:
    listener = None
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise _refusal(host, port, error) from error
    listener.setblocking(False)
    return listener


def _refusal(host: str, port: int, error: OSError) -> Exception:
    place = _shown(host, port)
    if error.errno == errno.EADDRINUSE:
        holder = port_holder(port)
        by = f" by {holder}" if holder else ""
        return PlaceTaken(
            f"port {port} is held{by}",
            f"if that is a wa-tui daemon, use it: `wa-tui --attach {place}`; "
            "else end it, or set WA_TUI_LISTEN to another port (and tell the Node service)",
        )
    cause = f"cannot listen on {place}: {error.strerror}"
    if isinstance(error, PermissionError):
        return ConfigError(
            f"{cause}; set WA_TUI_LISTEN to a port from 1024 on, or give it CAP_NET_BIND_SERVICE"
        )
    kind = _NoSuchAddress if error.errno in _NO_IPV6 else PlaceTaken
    return kind(cause, "set WA_TUI_LISTEN to an address of this machine")


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class UnixDoor:
    """A listening Unix socket at its path, which goes with it. Raises as `listen_unix` does."""

    def __init__(self, path: Path, group: str | None) -> None:
        self.socket = listen_unix(path, group)
        self._path: Path | None = path

    def close(self) -> None:
        """Take it away, once: another daemon may have the path after that."""
        if self._path is not None:
            self.socket.close()
            self._path.unlink(missing_ok=True)
            self._path = None


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
        other = (
            f", and WA_TUI_SOCKET_GROUP to a group this user is in, not {group!r}" if gid is not None else ""
        )
        raise PlaceTaken(
            f"the socket {path} cannot be made ({error.strerror})",
            f"set WA_TUI_SOCKET to another path{other}",
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
            f"there is no group {group!r}", "set WA_TUI_SOCKET_GROUP to one of `getent group`"
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
        f"another program listens on {path}",
        f"if that is a wa-tui daemon, use it: `wa-tui --attach {path}`; else set WA_TUI_SOCKET to another path",
    )
