"""Starts the monitor on a daemon: the one that is named, or this state directory's."""

from __future__ import annotations

from wa_tui.client import Address, Client, find_or_start
from wa_tui.config import Config, ConfigError
from wa_tui.keys.keymap import keymap
from wa_tui.tui.remembered import NAME, Remembered, resumed, write
from wa_tui.tui.run import run_monitor
from wa_tui.tui.views import named_views

from . import exits
from .printing import complain


def run(address: Address | None, config: Config, *, read_only: bool, with_node: bool = False) -> int:
    """Run the monitor and return its exit code; without an address a daemon is started where none runs."""
    try:
        keys, views = keymap(config), named_views(config)
        ui, resume = resumed(config, [view.name for view in views])
    except ConfigError as error:
        complain(f"wa-tui: {error}")
        return exits.USAGE

    async def connect() -> Client:
        if address is None:
            return await find_or_start(config, read_only=read_only, with_node=with_node)
        return Client(address, read_only=read_only)

    def keep(left: Remembered) -> None:
        if problem := write(config.state_dir / NAME, resume.before, left):
            complain(f"wa-tui: {problem}")

    where = str(address or config.socket)
    return run_monitor(
        connect,
        read_only=read_only,
        title=config.title,
        where=where,
        ui=ui,
        keymap=keys,
        views=views,
        resume=resume,
        keep=keep,
    )
