"""What actions look at and act on: the fleet, the gateways, and the way in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from wa_tui.gateways import GatewayClient
from wa_tui.model.fleet import Fleet

from ..checking.checker import Checker
from ..clock import Clock
from ..recording.bus import Bus
from ..recording.recorder import Recorder
from ..starts import Starts


@dataclass(frozen=True, slots=True)
class ActionContext:
    """The parts of the daemon that a plan needs, and no others."""

    clients: Mapping[str, GatewayClient]
    fleet: Fleet
    recorder: Recorder
    bus: Bus
    clock: Clock
    checker: Checker
    starts: Starts
    look: Callable[[str], Awaitable[None]]
    """Asks a gateway for its health, and records that."""
    proof_window: Callable[[str], float]
    """Returns how old a proof may be on a gateway, in seconds."""
    is_calm: Callable[[str], bool]
    """Tells whether a gateway needs nobody to take care of it."""
    is_read_only: Callable[[str], bool]
    heals: bool
    """Whether healing brings back what can come back."""
