"""What calls a person: noticed as it begins and ends, and told to a program, once."""

from __future__ import annotations

from collections.abc import Callable

from wa_tui.model.registers import SessionKey
from wa_tui.wire import DaemonView, GatewayView, HealingView

from ..core import Core
from .hook import Hook, Pace
from .ledger import Ledger
from .memory import Memory
from .source import Source

__all__ = ["Hook", "hook_of"]

PACE = Pace()

TOLD = "needs.json"
"""The file of the state directory that holds what was told."""


def hook_of(
    core: Core,
    healing: Callable[[SessionKey], HealingView | None],
    gateway: Callable[[str], GatewayView],
    daemon: Callable[[], DaemonView],
    *,
    whole: bool,
) -> Hook | None:
    """Return what runs the program of ``[hooks] needs``, ``None`` where there is none; see `Source`."""
    config = core.config
    if not config.hooks.needs:
        return None
    memory = Memory(config.state_dir / TOLD)
    told, unsure = memory.read()
    ledger = Ledger(told, PACE.holds, unsure)
    source = Source(core, ledger, healing, gateway, daemon, whole=whole)
    core.bus.watch(source.listen)
    return Hook(config.hooks.needs, config.title, source, ledger, memory, core.clock, config.state_dir, PACE)
