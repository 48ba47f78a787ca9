"""Places that belong to their user alone: a state directory that others could write into would give them the daemon."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from pathlib import Path

from .errors import ConfigError

_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_ELSEWHERE = "set WA_TUI_STATE_DIR to a directory below it, which is made for this user alone"


def private_dir(path: Path) -> Path:
    """Return a state directory, made 0700 where it is missing.

    Others may read one, and a group has to where it may use the socket. Raises OSError, and `ConfigError` for one
    that is another user's or that others may write into.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.geteuid():
        raise ConfigError(
            f"the state directory {path} belongs to another user (uid {found.st_uid}, this is {os.geteuid()}): "
            f"run wa-tui as that user, or {_ELSEWHERE}"
        )
    if found.st_mode & _WRITABLE_BY_OTHERS:
        raise ConfigError(
            f"the state directory {path} may be written by others (mode {stat.S_IMODE(found.st_mode):o}): "
            f"chmod go-w {shlex.quote(str(path))}, or {_ELSEWHERE}"
        )
    return path


def open_private(path: Path, flags: int) -> int:
    """Return a descriptor of a file of this user's, made 0600 where ``flags`` create it; never follows a link.

    Raises OSError, and `ConfigError` for a link, another user's file and what is no file.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ConfigError(f"{path} is a symbolic link: somebody put it there; remove it") from None
        raise
    found = os.fstat(descriptor)
    wrong = "is no file" if not stat.S_ISREG(found.st_mode) else None
    if found.st_uid != os.geteuid():
        wrong = f"belongs to another user (uid {found.st_uid})"
    if wrong is not None:
        os.close(descriptor)
        raise ConfigError(f"{path} {wrong}; remove it")
    return descriptor
