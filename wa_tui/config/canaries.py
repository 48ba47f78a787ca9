"""The canaries of a configuration: ``[[canary]]``, each a session that writes to another one."""

from __future__ import annotations

from .conversion import read_table
from .declaration import REQUIRED
from .errors import ConfigError
from .places import Places
from .settings import SETTINGS, CanaryConfig
from .tables import Table

_SETTINGS = tuple(setting for setting in SETTINGS if setting.name.startswith("canary."))


def read_canaries(table: Table, places: Places) -> tuple[CanaryConfig, ...]:
    """Return the canaries; raises `ConfigError` for one that lacks a session, has one twice, or is there twice."""
    canaries = tuple(_canary(each, places) for each in table.tables("canary"))
    ways = [(each.from_, each.to) for each in canaries]
    for way in ways:
        if ways.count(way) > 1:
            raise ConfigError(f"{table.file}: two canaries go from {way[0]} to {way[1]}: remove one of them")
    return canaries


def _canary(table: Table, places: Places) -> CanaryConfig:
    found = read_table(table, _SETTINGS, places)
    for setting in _SETTINGS:
        if setting.default == REQUIRED and setting.field not in found:
            raise ConfigError(f"{table.file}: {table.name} has no {setting.key}")
    canary = CanaryConfig(**found)
    if canary.from_ == canary.to:
        raise ConfigError(f"{table.file}: {table.name} goes from {canary.to} to itself: name two sessions")
    return canary
