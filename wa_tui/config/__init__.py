"""Settings: the environment over a TOML file over defaults, checked before anything starts."""

from __future__ import annotations

from .declaration import Setting
from .errors import ConfigError
from .keys import ensure_control_key, ensure_key, ensure_state_dir
from .loading import load
from .private import open_private, private_dir
from .settings import SETTINGS, CanaryConfig, Config, GatewayConfig, Healing, Hooks, Intervals, Ui, ViewConfig

__all__ = [
    "SETTINGS",
    "CanaryConfig",
    "Config",
    "ConfigError",
    "GatewayConfig",
    "Healing",
    "Hooks",
    "Intervals",
    "Setting",
    "Ui",
    "ViewConfig",
    "ensure_control_key",
    "ensure_key",
    "ensure_state_dir",
    "load",
    "open_private",
    "private_dir",
]
