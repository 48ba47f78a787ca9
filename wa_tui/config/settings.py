"""What is configured, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_URL = "http://localhost:3000"


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
class Config:
    """Everything that can be set; ``source`` is the file it was read from, if any."""

    gateways: tuple[GatewayConfig, ...]
    state_dir: Path
    socket: Path
    listen: tuple[str, int] = ("127.0.0.1", 8000)
    socket_group: str | None = None
    api_key: str | None = field(default=None, repr=False)
    """For the API over TCP; without one the generated one is used (`ensure_control_key`)."""
    read_only: bool = False
    title: str = ""
    intervals: Intervals = field(default_factory=Intervals)
    retention_days: int = 30
    offline_days: int = 7
    source: Path | None = None

    @property
    def database(self) -> Path:
        """The embedded store's file."""
        return self.state_dir / "wa_tui.db"
