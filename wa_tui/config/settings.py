"""What is configured, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

DEFAULT_URL = "http://localhost:3000"

NOTICES = ("off", "osc9", "osc777")
"""How the monitor has the terminal show a desktop notice: not at all, or by which of its sequences."""

THEMES = ("dark", "light", "dark-colorblind", "light-colorblind", "ansi")
"""The monitor's themes; ``ansi`` has the terminal's own 16 colours."""


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file or variable, the key and the way out."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One gateway; without an ``api_key`` the generated one of the state directory is used (`ensure_key`)."""

    name: str
    url: str
    api_key: str | None = field(default=None, repr=False)
    webhook_key: str | None = field(default=None, repr=False)
    """What its webhooks carry, where that is not ``api_key``."""
    read_only: bool = False
    ca_file: Path | None = None
    """Authorities that its certificate may be from, besides the system's."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What a proxy before it wants to see."""
    basic_user: str | None = None
    basic_password: str = field(default="", repr=False)

    @property
    def basic(self) -> tuple[str, str] | None:
        """The user and the password for a proxy before it."""
        return None if self.basic_user is None else (self.basic_user, self.basic_password)


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often the jobs run, in seconds, and how long a restart's own restoring may pause (design §4)."""

    health: float = 10.0
    list_sync: float = 15.0
    status_sync: float = 300.0
    qr_expiry: float = 60.0
    cleanup: float = 86_400.0
    restore_grace: float = 45.0


@dataclass(frozen=True, slots=True)
class Healing:
    """How sessions that dropped are brought back (design §4); times in seconds."""

    enabled: bool = True
    at_once: int = 4
    """Clients started at once on one gateway, by people and by healing: each start is a browser.

    One more may be a person's, who does not wait for healing.
    """
    backoff_min: float = 5.0
    backoff_max: float = 300.0
    attempts_per_hour: int = 12
    """For each session; then a person is called."""
    flapping_drops: int = 5
    """A session that drops more often than that within the window is flapping."""
    flapping_window: float = 600.0
    breaker_failures: int = 5
    """Sessions in a row that do not start on one gateway before healing pauses there."""
    breaker_pause: float = 60.0
    stuck: float = 180.0
    """How long a client may start, or leave checks unanswered, before it is started anew."""


@dataclass(frozen=True, slots=True)
class Ui:
    """How the monitor looks and calls; nothing of it concerns the daemon."""

    theme: str = "dark"
    ascii: bool | None = None
    """``None``: where the locale is not UTF-8."""
    mouse: bool = True
    bell: bool = True
    quiet_hours: tuple[time, time] | None = None
    """From and to, local time: the bell is silent then."""
    notify: str = "off"
    """One of `NOTICES`: raised with the bell, also where that is off."""
    window_title: bool = True
    """Have the terminal's window say who needs a person."""
    interval: float = 0.25
    """Seconds between two frames with data, at least."""
    wide: bool = False
    """Begin with all columns."""
    view: str = ""
    """What to begin with; empty where the last monitor ended."""


@dataclass(frozen=True, slots=True)
class ViewConfig:
    """A named view of the sessions; the monitor knows its orders and columns, and checks them."""

    name: str
    filter: str = ""
    order: str = ""
    """A column's name; empty for trouble first."""
    reversed: bool = False
    columns: tuple[str, ...] = ()
    """None: those there is room for."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Programs of the operator's that the daemon runs: each is a program and its arguments, run without a shell."""

    needs: tuple[str, ...] = ()
    """Told what begins to need a person, and when that ends."""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set; ``source`` is the file it was read from, if any."""

    gateways: tuple[GatewayConfig, ...]
    state_dir: Path
    socket: Path
    listen: tuple[str, int] = ("localhost", 8000)
    """``localhost`` is every loopback of this machine."""
    socket_group: str | None = None
    api_key: str | None = field(default=None, repr=False)
    """For the API over TCP; without one the generated one is used (`ensure_control_key`)."""
    read_only: bool = False
    title: str = ""
    intervals: Intervals = field(default_factory=Intervals)
    healing: Healing = field(default_factory=Healing)
    hooks: Hooks = field(default_factory=Hooks)
    ui: Ui = field(default_factory=Ui)
    keys: Mapping[str, str] = field(default_factory=dict)
    """Other keys for the monitor's bindings, separated by commas, by the binding's id (``wa-tui keys``)."""
    views: tuple[ViewConfig, ...] = ()
    retention_days: int = 30
    offline_days: int = 7
    source: Path | None = None
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The names of what was set, by the file or the environment."""

    def is_read_only(self, gateway: str) -> bool:
        """Tell whether a gateway's actions are refused; the daemon itself may be read-only besides."""
        return any(each.read_only for each in self.gateways if each.name == gateway)

    @property
    def database(self) -> Path:
        """The embedded store's file."""
        return self.state_dir / "wa_tui.db"
