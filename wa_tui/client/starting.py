"""How a person starts the daemon of a state directory: the whole command."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from wa_tui.config.places import Places


class Installation(Protocol):
    """The part of a `wa_tui.config.Config` that names a daemon's place."""

    @property
    def socket(self) -> Path:
        """The daemon's socket."""

    @property
    def state_dir(self) -> Path:
        """Where its database and its log are."""

    @property
    def source(self) -> Path | None:
        """The configuration file, handed to a daemon that is started."""


def start_command(config: Installation, environ: Mapping[str, str], *, with_node: bool = False) -> str:
    """Return what starts the daemon for this state directory from any shell; what is so by default is left out."""
    where = {"WA_TUI_STATE_DIR": config.state_dir, "WA_TUI_SOCKET": config.socket}
    parts = [f"{name}={shlex.quote(str(path))}" for name, path in where.items() if environ.get(name)]
    if listen := environ.get("WA_TUI_LISTEN"):
        parts.append(f"WA_TUI_LISTEN={shlex.quote(listen)}")
    parts.append("wa-tui --daemon")
    if with_node:
        parts.append("--with-node")
    if config.source is not None and config.source != Places(environ).config_file:
        parts.append(f"--config {shlex.quote(str(config.source.absolute()))}")
    return " ".join(parts)


def interpreter() -> list[str]:
    """Return what runs a module as this process would: of the files that lie in the present directory, it takes none.

    Unless this process does, as `python -m wa_tui` in a checkout that is not installed.
    """
    here = sys.path[:1] in ([str(Path.cwd())], [""])
    return [sys.executable] if here else [sys.executable, "-P"]
