"""What calls a person: noticed as it begins and ends, and told to a program, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wa_tui.config import Config
from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet
from wa_tui.model.registers import SessionKey
from wa_tui.wire import DaemonView, GatewayView, HealingView

from ..clock import Clock
from ..recording.bus import Bus
from ..recording.recorder import Recorder
from .hook import Hook, Pace
from .ledger import Ledger
from .memory import Memory
from .source import Source

__all__ = ["Hook", "hook_of"]

PACE = Pace()

TOLD = "needs.json"
"""The file of the state directory that holds what was told."""


def hook_of(
    config: Config,
    fleet: Fleet,
    recorder: Recorder,
    bus: Bus,
    clock: Clock,
    clients: Mapping[str, GatewayClient],
    healing: Callable[[SessionKey], HealingView | None],
    gateway: Callable[[str], GatewayView],
    daemon: Callable[[], DaemonView],
    *,
    whole: bool,
) -> Hook | None:
    """Return what runs the program of ``[hooks] needs``, ``None`` where there is none; see `Source`."""
    if not config.hooks.needs:
        return None
    memory = Memory(config.state_dir / TOLD)
    announced, unsure = memory.read()
    ledger = Ledger(announced, PACE.holds, unsure)
    source = Source(fleet, recorder, clock, clients, ledger, healing, gateway, daemon, whole=whole)
    bus.watch(source.listen)
    return Hook(config.hooks.needs, config.title, source, ledger, memory, clock, config.state_dir, PACE)
