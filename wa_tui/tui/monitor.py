"""What every screen is given: the fleet as it is shown, a clock, the names of keys, and how things look.

Screens, widgets and commands read it; only the app and what the app holds write it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wa_tui.client import DaemonClock
from wa_tui.config import Ui
from wa_tui.identity.capabilities import Capability
from wa_tui.keys.table import CHANGING, KEPT_HERE, NEEDED, Keymap, KeyNames, key_names
from wa_tui.text.counts import many
from wa_tui.tui.feed import Daemon
from wa_tui.tui.fleet.state import FleetState
from wa_tui.tui.presenters.outcomes import Notice
from wa_tui.tui.requests import Bulk
from wa_tui.tui.views import EVERYTHING, NamedView
from wa_tui.wire import GatewayView, LiveMessage, SessionKey, Snapshot
from wa_tui.wire.risk import Risk

LAST = "last"
"""The name of the view with the filter of last time."""


class Held:
    """The fleet as it really is, while the screen is held and shows it as it was."""

    def __init__(self, shown: FleetState) -> None:
        self.live = shown.copy()
        self.changed: set[SessionKey] = set()
        """Sessions that changed meanwhile."""
        self.changes = 0
        """How often one did."""

    def apply(self, message: LiveMessage) -> None:
        """Take in a message, out of sight."""
        self.live.apply(message)
        known = 1 if isinstance(message, Snapshot) else len(message.sessions) + len(message.removed)
        self.changes += known

    @property
    def caption(self) -> str:
        """What the screen says of it."""
        return f"paused · {many(self.changes, 'change')} held back"


class Monitor:
    """``where`` names the daemon while nothing is known of it, ``title`` the installation.

    Pictures, logs and reports are saved into ``pictures``; ``views`` are the configured ones that have names.
    """

    def __init__(
        self,
        clock: DaemonClock,
        *,
        ui: Ui,
        ascii: bool = False,
        read_only: bool = False,
        title: str = "",
        where: str = "the daemon",
        pictures: Path | None = None,
        keymap: Keymap | None = None,
        views: Sequence[NamedView] = (),
    ) -> None:
        self.clock = clock
        self.ui = ui
        self.ascii = ascii
        self.installation = title
        self.where = where
        self.pictures = pictures or Path.cwd()
        self.keymap: Keymap = keymap or {}
        self.views = tuple(views)
        self.last_view: NamedView | None = None
        """The sessions under the filter that was left the last time."""
        self.state = FleetState(clock)
        self.held: Held | None = None
        """The live fleet behind a held screen; ``None`` while the screen is not held."""
        self.daemon: Daemon | None = None
        """The daemon; screens read older events, messages and codes from it. ``None`` until `LiveFeed` has found it."""
        self.bulk: Bulk | None = None
        """The last action on many sessions, and what became of each."""
        self.called = ""
        """The line that says who began to need a person, while it is shown."""
        self.iso_times = False
        self._read_only = read_only
        self._key_names: dict[frozenset[str], KeyNames] = {}

    @property
    def live(self) -> FleetState:
        """The fleet as it is now, also while the screen shows it as it was."""
        return self.held.live if self.held is not None else self.state

    @property
    def read_only(self) -> bool:
        """Whether actions are refused: here, or by the daemon."""
        return self._read_only or (self.state.daemon is not None and self.state.daemon.read_only)

    @property
    def named_views(self) -> dict[str, NamedView]:
        """All views that have a name: the configured ones, everything, and the one left the last time."""
        last = (self.last_view,) if self.last_view is not None else ()
        return {view.name: view for view in (*self.views, EVERYTHING, *last)}

    def call(self, key: SessionKey) -> str:
        """What a person calls a session: its instance name and gateway."""
        return f"{self.state.label(key)} on {key[0]}"

    def refused_keys(self, gateway: str | None = None) -> frozenset[str]:
        """Return the ids of the keys that are refused, of a gateway's sessions or of all, for being read-only."""
        if self.read_only:
            return CHANGING
        known = self.state.gateways.get(gateway) if gateway is not None else None
        return CHANGING - KEPT_HERE if known is not None and known.read_only else frozenset()

    def offered_keys_without(self, gateway: str | None = None) -> frozenset[str]:
        """Return the ids of the keys that a key bar leaves out: refused ones, and what the gateway cannot do.

        Without a gateway it is what none of them can.
        """
        known = self.state.gateways
        there = [known[gateway]] if gateway in known else [*known.values()]
        lacking = {id for id, capability in NEEDED.items() if not _has_one_of(there, capability)}
        return self.refused_keys(gateway) | lacking

    def key_names(self, gateway: str | None = None) -> KeyNames:
        """Return what to press for each key's id, as it is mapped; ids that are refused there are missing."""
        return self._names_without(self.refused_keys(gateway))

    def key(self, id: str) -> str:
        """Return what to press for a key's id, as it is mapped."""
        return self._names_without(frozenset())[id]

    def _names_without(self, refused: frozenset[str]) -> KeyNames:
        if refused not in self._key_names:
            self._key_names[refused] = key_names(self.keymap, refused)
        return self._key_names[refused]

    def refusal(self, what: str, gateway: str | None = None, risk: Risk = Risk.GATEWAY) -> Notice | None:
        """Return why an action cannot be asked for now, of this gateway or at all; ``None`` where it can."""
        known = self.live.gateways.get(gateway) if gateway is not None else None
        if self.read_only and risk is not Risk.SAFE:
            whose = (
                "this monitor was started with --read-only" if self._read_only else "the daemon is read-only"
            )
            return Notice(f"refused, {whose}: {what}", "bad")
        if known is not None and known.read_only and risk is Risk.GATEWAY:
            return Notice(f"refused, gateway {known.name} is read-only: {what}", "bad")
        if self.daemon is None or not self.live.connected:
            reason = self.live.lost_reason or f"not connected to {self.where} yet"
            return Notice(f"not asked for, {reason}: {what}", "bad")
        return None


def _has_one_of(gateways: Sequence[GatewayView], capability: Capability) -> bool:
    """Tell whether one of these can do it; one that has not said yet what it is can at least be stopped."""
    stops = capability is Capability.STOP
    return any(each.can(capability) or (stops and each.kind is None) for each in gateways) or not gateways
